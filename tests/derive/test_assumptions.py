"""What is assumed of given values fixes the missing ones, exactly, or is checked."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.assumptions import Assumption, solve, written
from derive.errors import StatementError
from derive.files.load import load_problem
from derive.formula import Scope, parse_equation


def problem(*assume, values=None, step="J = p*q*r"):
    table = {"graph": {"steps": [step], "output": "J", "assume": list(assume)}}
    return load_problem(table if values is None else {**table, "values": values})


def assumption(text, names="pqr"):
    left, right = parse_equation(text, Scope(names=frozenset(names)))
    return Assumption(text=text, left=left, right=right)


@pytest.mark.parametrize(
    ("assume", "values", "found"),
    [
        (["p + q = 1"], {"p": "0.3", "r": 1}, {"q": "0.7"}),
        (["p*q = 1"], {"p": 3, "r": 1}, {"q": "1/3"}),
        (["2*p^2 - q/p = 1"], {"p": "0.5", "r": 1}, {"q": "-1/4"}),
        (["p + q = 1", "r = p*q"], {"p": "0.3"}, {"q": "0.7", "r": "0.21"}),
        (["p + q + r = 1", "p = 2*q"], {"r": "0.1"}, {"p": "0.6", "q": "0.3"}),
        (["p - q = 0.2", "p + q = 1"], {"r": 0}, {"p": "0.6", "q": "0.4"}),
        (["p = 2", "p*q = 1", "r = q"], {}, {"p": "2", "q": "1/2", "r": "1/2"}),
    ],
    ids=str,
)
def test_a_missing_value_is_computed_exactly(assume, values, found):
    """A Fraction, whatever the order in which the equations fix it."""
    known = problem(*assume, values=values).given
    assert {name: known[name] for name in found} == {name: Fraction(text) for name, text in found.items()}


def test_a_derivative_treats_the_values_as_independent():
    """dJ/dq moves q alone, although p + q = 1."""
    given_names = problem("p + q = 1", values={"p": "0.3", "r": 1})
    assert given_names.wrt == ("p", "q", "r")


@pytest.mark.parametrize(
    ("assume", "values", "said"),
    [
        (
            ["p + q = 1"],
            {"p": "0.3", "q": "0.8", "r": 1},
            "its left side is 1.1, its right side 1; they differ by 0.1",
        ),
        (["p*q = 1"], {"p": 0, "r": 1}, "the coefficient of q is 0 here"),
        (["p*q + q^2 = 1"], {"p": 2, "r": 1}, "it is not linear in q"),
        (["p*q = 1", "p = 2"], {"r": 1}, "it is not linear in p and q"),
        (["p + q = 1", "p + q = 2"], {"r": 1}, "it contradicts those before it: its sides then differ by 1"),
        (["p + q = 1"], {"r": 1}, "'p' has no value"),
        (["p + q = 1"], {"p": 1}, "'r' has no value"),
    ],
    ids=str,
)
def test_an_assumption_that_fixes_nothing_is_refused(assume, values, said):
    """False, not linear, contradictory, or with a coefficient 0: each is named."""
    with pytest.raises(StatementError) as caught:
        problem(*assume, values=values)
    assert said in str(caught.value)
    assert len(caught.value.mistakes) == 1


def test_a_free_assumption_fixes_the_last_value_that_it_can():
    """The others are drawn."""
    fixed = [a.fixes for a in problem("p + q = 1", "r*q = p").body.assumptions]
    assert fixed == ["q", "p"]


@pytest.mark.slow
@given(st.lists(st.fractions(-9, 9, max_denominator=9), min_size=5, max_size=5))
def test_what_is_solved_satisfies_the_equations(numbers):
    """For any coefficients: both equations hold of the values, or a reason is given."""
    p, c, d, e, f = numbers
    texts = (f"p*q*({c}) + r = {d}", f"q - ({e})*r = {f}*p")
    equations = [assumption(text) for text in texts]
    solution = solve(equations, {"p": p, "q": None, "r": None})
    if not solution.complaints:
        q, r = solution.values["q"], solution.values["r"]
        assert (p * q * c + r, q - e * r) == (d, f * p)


@pytest.mark.parametrize(
    ("value", "text"), [("1.1", "1.1"), ("1/3", "1/3"), ("-0.05", "-0.05"), ("12", "12"), ("-1/8", "-0.125")]
)
def test_a_number_is_written_as_a_decimal_where_it_is_one(value, text):
    """0.1 says more than 1/10."""
    assert written(Fraction(value)) == text


def test_a_long_number_is_told_by_its_length():
    """No message of ten thousand digits, and no ValueError of int's."""
    assert written(Fraction(10**5000)) == "a number of about 5,000 digits"
