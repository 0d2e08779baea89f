"""How texts are read as formulas: precedence, names, derivatives, refusals, limits."""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import AnswerError
from derive.formula import Scope, parse, parse_assignment
from derive.formula.grammar import IN_FRONT, SIGNS
from derive.formula.nodes import (
    OPERATIONS,
    Apply,
    Constant,
    Derivative,
    Name,
    Number,
    Sum,
    Unspecified,
    walk,
)
from derive.formula.parse import parse_links
from tests.scopes import GRAPH, NETWORK, bracketed, refusal, tokens_of


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("x + y*z1", "(x + (y * z1))"),
        ("x - y - z1", "((x - y) - z1)"),
        ("x/y/z1", "((x / y) / z1)"),
        ("x/y*z1", "((x / y) * z1)"),
        ("-x^2", "(-(x ^ 2))"),
        ("(-x)^2", "((-x) ^ 2)"),
        ("-x*y", "((-x) * y)"),
        ("x*-y", "(x * (-y))"),
        ("x - -y", "(x - (-y))"),
        ("+x", "x"),
        ("x^y^z1", "(x ^ (y ^ z1))"),
        ("x**y**2", "(x ^ (y ^ 2))"),
        ("x^-2", "(x ^ (-2))"),
        ("2^-x^2", "(2 ^ (-(x ^ 2)))"),
        ("x^-y*a", "((x ^ (-y)) * a)"),
        ("2*x^2*3", "((2 * (x ^ 2)) * 3)"),
        ("sin(x)^2", "(sin(x) ^ 2)"),
        ("max(x, -y)", "max(x, (-y))"),
        ("((x))", "x"),
        ("1/(1+e^0.3775)", "(1 / (1 + (e ^ 0.3775)))"),
        ("z1/(1 + abs(z1))", "(z1 / (1 + abs(z1)))"),
        ("(y - a)^2", "((y - a) ^ 2)"),
    ],
)
def test_operations_bind_as_on_the_page(text, meaning):
    """The fully bracketed form leaves no doubt about which operand belongs to which sign."""
    assert bracketed(parse(text, NETWORK)) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("x²", "(x ^ 2)"),
        ("-x²", "(-(x ^ 2))"),
        ("x²^3", "((x ^ 2) ^ 3)"),
        ("2^x²", "(2 ^ (x ^ 2))"),
        ("5×10⁻⁴", "(5 * (10 ^ (-4)))"),
        ("x·y − a⋅b", "((x * y) - (a * b))"),
        ("σ(z1)", "sigmoid(z1)"),
        ("δ2", "delta2"),
        ("π", "pi"),
        ("w5′", "w5'"),
    ],
)
def test_unicode_means_what_its_ascii_form_means(text, meaning):
    """A superscript is raised over what it touches only, so x²^3 is (x²)³."""
    assert bracketed(parse(text, NETWORK)) == meaning


def test_no_operand_is_drawn_to_both_sides_alike():
    """A tie would be settled silently, and the text would have two readings."""
    rules = [*SIGNS.values(), *IN_FRONT.values()]
    assert {rule.right for rule in rules} & {rule.left for rule in SIGNS.values()} == set()


WRITTEN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def bracketed_by_python(node):
    if isinstance(node, ast.BinOp):
        sides = bracketed_by_python(node.left), bracketed_by_python(node.right)
        return f"({sides[0]} {WRITTEN[type(node.op)]} {sides[1]})"
    if isinstance(node, ast.UnaryOp):
        operand = bracketed_by_python(node.operand)
        return f"(-{operand})" if isinstance(node.op, ast.USub) else operand
    return node.id


OPERANDS = st.sampled_from(["x", "y", "-x", "- -y", "+a", "(x", "-(y", "x)", "a)"])
"""No numbers: a power of those may be too large to be read."""
BETWEEN = st.sampled_from(["+", "-", "*", "/", "**"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(OPERANDS, BETWEEN), max_size=8), OPERANDS)
def test_python_reads_the_same_signs_alike(before, last):
    """A parser that nobody here wrote: where it finds a formula we find the same one, else none."""
    text = " ".join([*(f"{operand} {sign}" for operand, sign in before), last])
    try:
        expected = bracketed_by_python(ast.parse(text, mode="eval").body)
    except SyntaxError:
        refusal(text)
    else:
        assert bracketed(parse(text, NETWORK)) == expected


@pytest.mark.parametrize(
    "before",
    ["", "LETTER PLUS", "LETTER TIMES", "LETTER HADAMARD", "MINUS", "LETTER TIMES MINUS MINUS", "SUMMATION"],
)
def test_a_sum_over_a_letter_takes_in_all_that_is_multiplied_after_it(before):
    """As on the page, where Σ has no brackets: a Σ b c + d."""
    (link,) = parse_links(
        tokens_of(f"{before} SUMMATION LETTER TIMES LETTER HADAMARD LETTER PLUS LETTER"), 99
    )
    sums = [node for node in walk(link) if isinstance(node, Sum)]
    assert link.operation == "add"
    assert {node.body.operation for node in sums if not isinstance(node.body, Sum)} == {"hadamard"}


@pytest.mark.parametrize(
    "before", ["PLUS", "MINUS PLUS", "LETTER POWER", "LETTER POWER MINUS", "LETTER HADAMARD LETTER TIMES"]
)
def test_a_sum_over_a_letter_stands_behind_no_sign_that_binds_tightly(before):
    """2^Σ… would take what follows into the exponent, which nobody means who writes it."""
    tokens = tokens_of(f"{before} SUMMATION LETTER")
    with pytest.raises(AnswerError, match="'SUMMATION' cannot follow") as caught:
        parse_links(tokens, 99)
    assert caught.value.column == len(tokens) - 1


# numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.15", Fraction(3, 20)),
        (".5", Fraction(1, 2)),
        ("3.", Fraction(3)),
        ("2e-3", Fraction(1, 500)),
        ("1E5", Fraction(100000)),
        ("1.5e+2", Fraction(150)),
        ("007", Fraction(7)),
    ],
)
def test_a_number_is_exact_and_keeps_its_text(text, value):
    """0.15 is 3/20, not the float next to it, and is printed as it was written."""
    assert parse(text, NETWORK) == Number(value, text)


def test_a_number_with_an_exponent_is_a_number_even_where_e_is_a_name():
    """2e-3 is how programs write 1/500; nobody writes 2e - 3 so."""
    assert parse("2e-3", Scope(frozenset({"e"}))) == Number(Fraction(1, 500), "2e-3")


# names


@pytest.mark.parametrize("word", ["e", "pi"])
def test_a_constant_gives_way_to_a_name(word):
    """e and pi are ordinary names once a problem has them."""
    assert parse(word, Scope(frozenset())) == Constant(word)
    assert parse(word, Scope(frozenset({word}))) == Name(word)


@pytest.mark.parametrize("word", sorted(GRAPH.names))
def test_every_name_of_a_graph_is_an_ordinary_name(word):
    """In a graph d, n and dx are quantities like any other."""
    assert parse(word, GRAPH) == Name(word)


@pytest.mark.parametrize("function", sorted(GRAPH.functions))
def test_every_function_is_called_by_its_name(function):
    """A row of the table of operations is all that a function needs."""
    operands = ["x"] * OPERATIONS[function].least
    assert parse(f"{function}({', '.join(operands)})", GRAPH) == Apply(function, tuple(map(Name, operands)))


def test_a_name_wins_over_a_function():
    """A graph's own name is that name, whatever it is elsewhere."""
    assert parse("step*2", Scope(frozenset({"step"}))).args[0] == Name("step")


def test_a_greek_letter_that_is_a_name_is_that_name():
    """Only a letter that names nothing stands for its English name."""
    assert parse("σ", Scope(frozenset({"σ", "sigma"}))) == Name("σ")


def test_a_name_knows_its_column():
    """Later mistakes about a name point at it."""
    assert [part.column for part in walk(parse("x + dC/dw5", NETWORK)) if isinstance(part, Name)] == [1]
    derivative = parse("x + dC/dw5", NETWORK).args[1]
    assert (derivative.of.column, derivative.by[0].column) == (6, 9)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a1[1]", Name("a1", (1,))),
        ("w2[1,2]", Name("w2", (1, 2))),
        ("w2[ 1 , 12 ]", Name("w2", (1, 12))),
        ("C@3", Name("C", (), "3")),
        ("a1[1]@t1", Name("a1", (1,), "t1")),
        ("w5'", Name("w5", primes=1)),
        ("w2[1,2]''", Name("w2", (1, 2), primes=2)),
        ("a1[1]@3'", Name("a1", (1,), "3", 1)),
        ("a1[1]'@3", Name("a1", (1,), "3", 1)),
        ("a_h1", Name("a_h1")),
        ("net_o1", Name("net_o1")),
    ],
)
def test_a_quantity_is_taken_apart(text, name):
    """Index, sample and primes are parts of the name, not operations."""
    assert parse(text, NETWORK) == name


@pytest.mark.parametrize("text", ["x[1]", "x@1", "x'", "dx/da", "x]"])
def test_names_of_a_graph_have_no_marks(text):
    """Where only plain names exist, an index or a differential is a mistake."""
    refusal(text, Scope(frozenset({"x", "a"})))


# derivatives


@pytest.mark.parametrize(
    ("text", "of", "by"),
    [
        ("dE/dw5", Name("E"), [Name("w5")]),
        ("dg2/da", Name("g2"), [Name("a")]),
        ("dg2/dd3", Name("g2"), [Name("d3")]),
        ("dJ/dJ", Name("J"), [Name("J")]),
        ("dC/dw2[1,2]", Name("C"), [Name("w2", (1, 2))]),
        ("dC@3/dw2[1,2]", Name("C", (), "3"), [Name("w2", (1, 2))]),
        ("dC[1]/da1[1]", Name("C", (1,)), [Name("a1", (1,))]),
        ("da2[1]/dz2[1]", Name("a2", (1,)), [Name("z2", (1,))]),
        ("dC/dz2[1]@3", Name("C"), [Name("z2", (1,), "3")]),
        ("dnet_o1/da_h1", Name("net_o1"), [Name("a_h1")]),
        ("d2C/dw1[1,1]dw2[1,2]", Name("C"), [Name("w1", (1, 1)), Name("w2", (1, 2))]),
        ("d2E/dw5dw6", Name("E"), [Name("w5"), Name("w6")]),
        ("d2J/dddd3", Name("J"), [Name("d"), Name("d3")]),
        ("d3J/db db db", Name("J"), [Name("b")] * 3),
        ("d3J/db3", Name("J"), [Name("b")] * 3),
        ("d3J/db2dd3", Name("J"), [Name("b"), Name("b"), Name("d3")]),
        ("d3J/dd3 db^2", Name("J"), [Name("d3"), Name("b"), Name("b")]),
        ("d2C/dw1[1,1]²", Name("C"), [Name("w1", (1, 1))] * 2),
        ("dE/dδ2", Name("E"), [Name("delta2")]),
    ],
)
def test_a_derivative_is_one_quantity(text, of, by):
    """Of the names that could follow a d, the scope's longest wins: dw5dw6, d3 before d."""
    assert parse(text, NETWORK) == Derivative(of, tuple(by))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("dJ/dd*dd/db", "(dJ/dd * dd/db)"),
        ("-dC/dz2[1]", "(-dC/dz2[1])"),
        ("dC/dw5/2", "(dC/dw5 / 2)"),
        ("x^dC/dw5", "(x ^ dC/dw5)"),
        ("dC/dw5^2", "(dC/dw5 ^ 2)"),
        ("x/dC/dw5", "(x / dC/dw5)"),
    ],
)
def test_a_derivative_binds_closer_than_any_sign(text, meaning):
    """The stroke of a derivative is part of its name."""
    assert bracketed(parse(text, NETWORK)) == meaning


def test_a_name_wins_over_a_derivative():
    """With both dJ and dx named, dJ/dx divides one by the other."""
    scope = Scope(frozenset({"J", "x", "dJ", "dx"}), quantities=True)
    assert parse("dJ/dx", scope) == Apply("divide", (Name("dJ"), Name("dx")))


def test_below_the_stroke_a_differential_wins_over_a_name():
    """dJ names nothing, so dJ/dx is the derivative by x although something is named dx."""
    scope = Scope(frozenset({"J", "x", "dx"}), quantities=True)
    assert parse("dJ/dx*dx", scope) == Apply("multiply", (Derivative(Name("J"), (Name("x"),)), Name("dx")))


def test_the_longest_name_below_the_stroke_wins():
    """dxdy is by xdy where that is a name; two differentials only where it is not."""
    names = frozenset({"J", "x", "y"})
    longest = parse("dJ/dxdy", Scope(names | {"xdy"}, quantities=True))
    assert longest == Derivative(Name("J"), (Name("xdy"),))
    assert parse("d2J/dxdy", Scope(names, quantities=True)) == Derivative(Name("J"), (Name("x"), Name("y")))


class Layered(Set[str]):
    """Names known by their form, of which only one is listed."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and re.fullmatch(r"[aw]\d+(_\d+)?", name) is not None

    def __iter__(self):
        return iter(["a1"])

    def __len__(self):
        return 1


@pytest.mark.parametrize("text", ["w2_12", "dw2_12/da1_1", "d2a3/dw2_12dw2_13"])
def test_names_may_be_known_by_their_form(text):
    """A network of many thousand weights need not list them."""
    assert str(parse(text, Scope(Layered(), quantities=True))) == text


def test_a_message_offers_what_the_names_list():
    """A set that tests by form cannot be searched for what is near."""
    error = refusal("aa1", Scope(Layered(), quantities=True))
    assert "did you mean 'a1'?" in str(error)


# assignments


def test_an_assignment_is_split_at_its_sign():
    """The scope need not hold the name that is being given a value."""
    name, formula = parse_assignment(" q = x^2", GRAPH)
    assert (name, bracketed(formula)) == ("q", "(x ^ 2)")


@pytest.mark.parametrize("name", ["e", "d", "pi", "net_o1", "σ"])
def test_an_assignment_may_name_any_word_that_is_not_a_function(name):
    """e and pi are only constants as long as nobody defines them."""
    assert parse_assignment(f"{name} = 3", GRAPH)[0] == name


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a x", 4, "no '='"),
        ("", 1, "the step is empty"),
        ("= x", 1, "one plain name"),
        (" a[1] = x", 2, "one plain name, not 'a[1]'"),
        ("2a = x", 1, "one plain name"),
        ("sin = x", 1, "'sin' is a function"),
        ("a = x = b", 7, "another"),
        ("a == x", 4, "another"),
        ("q =", 4, "empty"),
        ("q = 2x", 6, "write 2*x"),
        ("q = (x", 5, "column 5 is never closed"),
    ],
)
def test_a_bad_assignment_is_refused_where_it_goes_wrong(text, column, said):
    """Columns count within the whole step, not within its right-hand side."""
    with pytest.raises(AnswerError) as caught:
        parse_assignment(text, GRAPH)
    assert (caught.value.column, said in str(caught.value)) == (column, True), str(caught.value)


# refusals


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "empty"),
        ("  ", 1, "empty"),
        ("sgima(x)", 1, "'sgima' is not in this problem; did you mean 'sigma'?"),
        ("x + dw9", 5, "did you mean"),
        ("dC/dw9", 4, "'dw9' is not in this problem"),
        ("qqq", 1, "its names are C, E, J"),
        ("sin", 4, "'sin' is a function"),
        ("sin x", 5, "'sin' is a function: '(' follows it, not 'x'"),
        ("sin(x, y)", 1, "'sin' takes 1 operand, not 2"),
        ("ln(x, y)", 1, "'ln' takes 1 operand, not 2"),
        ("max(x)", 1, "'max' takes 2 to 64 operands, not 1"),
        ("sin()", 5, "nothing stands between the brackets"),
        ("()", 2, "nothing stands between the brackets"),
        ("(x", 1, "the '(' at column 1 is never closed"),
        ("((x)", 1, "the '(' at column 1 is never closed"),
        ("x)", 2, "the ')' at column 2 closes nothing"),
        ("(x]", 3, "the ']' at column 3 cannot close the '(' at column 1"),
        ("a1[1", 3, "the '[' at column 3 is never closed"),
        ("x +", 4, "the formula ends after '+'"),
        ("x + * y", 5, "'*' cannot follow '+'"),
        ("* x", 1, "'*' cannot begin a formula"),
        ("2x", 2, "write 2*x"),
        ("2dC/dw5", 2, "write 2*dC"),
        ("x y", 3, "write x*y"),
        ("x(1-x)", 2, "'x' is not a function; for a product write x*(…)"),
        ("2(x)", 2, "write 2*(…)"),
        ("(x)(y)", 4, "an operator is missing between ')' and '('"),
        ("2 3", 3, "between the numbers '2' and '3'"),
        ("1.2.3", 4, "between the numbers '1.2' and '.3'"),
        ("0,5", 2, "0.5 or as the two numbers 0 and 5"),
        ("sin(0,5)", 6, "0.5 or as the two numbers 0 and 5"),
        ("1,000", 2, "1.000 or as the whole number 1000"),
        ("x,y", 2, "',' separates operands"),
        ("x = 1", 3, "'=' belongs to a step"),
        ("x % y", 3, "'%' is not part of a formula"),
        ("{x}", 1, "did you mean '('?"),
        ("х + 1", 1, "CYRILLIC SMALL LETTER HA"),
        ("х + 1", 1, "did you mean 'x'?"),
        ("x – y", 3, "(EN DASH) is not part of a formula; did you mean '-'?"),
        ("ａ", 1, "FULLWIDTH LATIN SMALL LETTER A) is not part of a formula; did you mean 'a'?"),
        ("Ε", 1, "written with Greek letters; did you mean 'E'"),
        ("x\x1b[31m", 2, "U+001B is not part of a formula"),
        (".", 1, "'.' stands alone"),
        ("a1@", 3, "'@' stands alone"),
        ("a1@0", 3, "samples are counted from 1"),
        ("a1[0]", 4, "indices are whole numbers from 1"),
        ("a1[1.5]", 4, "indices are whole numbers from 1"),
        ("a1[i]", 4, "indices are whole numbers from 1"),
        ("a1[]", 4, "indices are whole numbers from 1"),
        ("a1[1+1]", 5, "cannot stand in an index"),
        ("2@3", 2, "'@3' marks a quantity's name and cannot follow '2'"),
        ("dC", 3, "'dC' is half of a derivative"),
        ("dC + 1", 4, "'dC' is half of a derivative"),
        ("dC/x", 4, "below 'dC' stands a differential"),
        ("1/dw5", 6, "'dw5' is half of a derivative"),
        ("d2C/dw5", 1, "'d2C' takes 2 differentials below the stroke, not 1"),
        ("dC/dw5dw6", 7, "a second derivative is written d2C/dxdy"),
    ],
)
def test_a_refusal_names_the_place_and_the_way_out(text, column, said):
    """Whoever wrote the text can mend it from the message alone."""
    error = refusal(text)
    assert (error.column, said in str(error)) == (column, True), str(error)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("dd/de", Derivative(Name("d"), (Name("e"),))),
        ("dd/d", Apply("divide", (Name("dd"), Name("d")))),
        ("dd", Name("dd")),
        ("d2d/dedd", Derivative(Name("d"), (Name("e"), Name("d")))),
    ],
)
def test_a_name_that_begins_like_a_differential_is_one_above_a_differential_only(text, read):
    """Where dd, d and e are names, dd/de has one reading: below its stroke stands no name."""
    assert parse(text, Scope(names=frozenset({"dd", "d", "e"}), quantities=True)) == read


@pytest.mark.parametrize(
    ("text", "order"),
    [("phi(x)", 0), ("phi'(x)", 1), ("dphi(x)", 1), ("φ″(x)", 2), ("phi''(x)", 2), ("dφ(x)", 1)],
)
def test_an_unspecified_function_is_called_with_its_order(text, order):
    """phi, phi', dphi and phi'' in every spelling."""
    scope = Scope(names=frozenset({"x"}), unspecified=frozenset({"phi"}))
    assert parse(text, scope) == Unspecified("phi", order, (Name("x"),))


def test_a_comma_between_numbers_separates_operands_where_a_function_takes_several():
    """max(0,5) has one reading; the comma of sin(0,5) can only be a decimal one."""
    assert bracketed(parse("max(0,5)", NETWORK)) == "max(0, 5)"


@pytest.mark.parametrize("scope", [{"functions": frozenset({"phi"})}, {"aliases": {"phi": "psi"}}])
def test_a_scope_refuses_functions_without_an_operation(scope):
    """A tree may hold rows of the table of operations only."""
    with pytest.raises(ValueError, match="no functions"):
        Scope(frozenset({"x"}), **scope)


# limits
