"""Any text is read or refused: limits on what a formula costs, and texts drawn at random."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import AnswerError
from derive.formula import Scope, parse
from derive.formula.nodes import (
    OPERATIONS,
    Apply,
    Constant,
    Derivative,
    Name,
    Node,
    Number,
    walk,
)
from derive.formula.parse import parse_links
from tests.scopes import GRAPH, NETWORK, bracketed, refusal, tokens_of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 10_001, "at most 10,000 are read"),
        ("x" * 101, "at most 100 are read"),
        ("dJ/" + "d" * 9_000, "at most 100 are read"),
        ("(" * 2_000 + "x" + ")" * 2_000, "deep"),
        ("(" * 2_000, "deep"),
        ("sin(" * 1_900 + "x" + ")" * 1_900, "deep"),
        ("-" * 2_000 + "x", "deep"),
        ("x^" * 2_000 + "x", "deep"),
        ("x+" * 2_000 + "x", "group"),
        ("9" * 401, "400 digits"),
        ("0." + "0" * 400 + "1", "400 digits"),
        ("1e400", "400 digits"),
        ("1e-" + "9" * 5_000, "400 digits"),
        ("x" + "⁹" * 500, "400 digits"),
    ],
)
def test_a_text_beyond_a_limit_is_refused(text, said):
    """The size of a text is settled before anything is made from it."""
    assert said in str(refusal(text))


@pytest.mark.parametrize(
    "repeated",
    [
        "MINUS",
        "SUMMATION",
        "LETTER PLUS",
        "LETTER HADAMARD",
        "LETTER POWER",
        "LETTER COMPARE",
        "LETTER COMPARE LETTER AND",
        "LETTER IF LETTER COMPARE LETTER ELSE",
        "FUNCTION OPEN LETTER COMMA",
    ],
)
def test_no_chain_of_signs_is_too_long_for_the_parser(repeated):
    """Whatever repeats, what is said is where it is too deep, or not closed; no stack overflows."""
    tokens = tokens_of(f"{repeated} " * 3_000 + "LETTER")
    with pytest.raises(AnswerError, match=r"more than 100 deep|the formula ends too early") as caught:
        parse_links(tokens, len(tokens) + 1)
    assert 1 <= caught.value.column <= len(tokens) + 1


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9",
        "9^9^9^9",
        "2^40000",
        "2^-40000",
        "(1/2)^40000",
        "(2*5)^(3*3337)",
        "(((9^99)^9)^9)^9",
        "2^(10^6/7)",
        "2^sqrt(10^30)",
        "2^max(1, 10^9)",
        "2^exp(100)",
        "2^(1/sin(1e-300))",
        "e^100000",
        "x^10001",
        "9^(10^500/10^499)",
    ],
)
def test_a_power_of_too_many_digits_is_refused(text):
    """Its exact value would fill the memory before anybody could look at it."""
    assert "10,000 digits" in str(refusal(text))


@pytest.mark.parametrize(
    "text",
    [
        "10^10000",
        "1^(10^100)",
        "(-1)^99999999",
        "(5/5)^99999999",
        "exp(10^9)^x",
        "0.999^2000",
        "(1 + 1/n)^n",
        "x^a^d^b",
        "2^(x*a*d*b*n*x)",
        "x^(10^3)",
        "x^(10^6/10^5)",
        "x^(1/0)",
        "x^(0^-1)",
        "exp(-x^2/2)",
        "(" * 100 + "x" + ")" * 100,
        "x" + "+x" * 100,
        "1e399",
        "1e-399",
    ],
)
def test_a_large_but_harmless_formula_is_read(text):
    """A limit bounds the cost of a formula, not its looks; what depends on a name is bounded by its value."""
    assert parse(text, GRAPH)


# any text at all

PIECES = [
    *"+-*/^()[],@'.²⁻·×−=  ",
    *["**", "0", "1", "12", "0.5", "2e-3", "9", "99999", "e", "pi", "σ", "π", "sin(", "max(", "sigma("],
    *["x", "y", "a1", "w2[1,2]", "@3", "@t1", "dC", "/", "d2C", "dw5", "dw5dw6", "d", "dd"],
]


def check_answer(text: str, scope: Scope) -> None:
    try:
        node = parse(text, scope)
    except AnswerError as error:
        assert str(error)
        assert 1 <= error.column <= len(text) + 1
    else:
        assert 2 * len(list(walk(node))) <= 3 * len(text), "the limit on characters bounds the nodes"


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.sampled_from([NETWORK, GRAPH]))
def test_any_text_over_the_alphabet_is_read_or_refused(text, scope):
    """No spelling, however odd, brings out anything but nodes or a message with a place."""
    check_answer(text, scope)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from([NETWORK, GRAPH]))
def test_any_unicode_text_is_read_or_refused(text, scope):
    """Control characters, lone surrogates and foreign digits included."""
    check_answer(text, scope)


NUMBERS = st.from_regex(r"[0-9]{1,5}(\.[0-9]{0,5})?(e-?[0-9])?", fullmatch=True).map(
    lambda text: Number(Fraction(text), text)
)
NAMES = st.builds(
    Name,
    st.sampled_from(sorted(NETWORK.names)),
    st.lists(st.integers(1, 30), max_size=2).map(tuple),
    st.none() | st.sampled_from(["1", "12", "t3"]),
    st.integers(0, 2),
)
LEAVES = (
    NUMBERS
    | st.sampled_from(["e", "pi"]).map(Constant)
    | NAMES
    | st.builds(Derivative, NAMES, st.lists(NAMES, min_size=1, max_size=3).map(tuple))
)


def operations(operand: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Any operation on such operands; an exponent holds a name, so that no power is refused for its size."""
    exponent = st.builds(lambda name, rest: Apply("add", (name, rest)), NAMES, operand)
    rows = [
        st.tuples(*[operand] * count).map(lambda args, name=row.name: Apply(name, args))
        for row in OPERATIONS.values()
        if row.name != "power"
        for count in {row.least, min(row.most, 3)}
    ]
    return st.one_of(*rows, st.builds(lambda base, n: Apply("power", (base, n)), operand, exponent))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.recursive(LEAVES, operations, max_leaves=15))
def test_what_is_printed_with_every_bracket_is_read_back(node):
    """Every tree that can be built can be written, and is then read as itself."""
    assert parse(bracketed(node), NETWORK) == node
