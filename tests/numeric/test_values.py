"""Any formula in a problem's quantities has a proven value."""

from fractions import Fraction

import mpmath
import pytest

from derive.errors import AnswerError
from derive.files.load import load_problem
from numeric.sampling import concrete
from numeric.values import value_of

MAZUR = load_problem("mazur")
GRAPH = load_problem(
    {
        "graph": {"steps": ["a = sigmoid(x)", "J = a^2*phi(x)"], "output": "J", "functions": ["phi"]},
        "values": {"x": 2},
    }
)


@pytest.mark.parametrize("text", ["dE/dw5", "-2*dE/dw5 + w5*E", "d2E/dw5dw5", "(o1 - t1)*o1*(1 - o1)*h1"])
def test_a_value_is_proven_to_thirty_digits(text):
    """Precision is raised for the formula itself, not for what it reads."""
    value = value_of(MAZUR, text)
    assert value.radius <= abs(value.mid) / 10**30


def test_a_difference_that_cancels_is_proven_too():
    """1 - sigmoid(1000) is not 0: its 434 zeros are no obstacle."""
    saturated = load_problem({"graph": {"steps": ["a = sigmoid(z)"], "output": "a"}, "values": {"z": 1000}})
    value = value_of(saturated, "1 - a")
    with mpmath.workdps(40):
        assert mpmath.almosteq(mpmath.log(mpmath.mpf(1) * value.mid.numerator / value.mid.denominator), -1000)
    assert value.lo > 0


def test_a_formula_may_call_an_unspecified_function_of_an_instance():
    """There tanh stands for phi, and tanh' for phi'."""
    point = concrete(GRAPH)[0]
    found = value_of(point, "phi'(x) - (1 - tanh(x)^2)")
    assert abs(found.mid) + found.radius < Fraction(1, 10**100)


def test_a_formula_that_is_not_defined_has_no_value():
    """And the reason is told."""
    assert not value_of(MAZUR, "1/(w5 - w5)").defined


def test_values_after_an_update_are_refused():
    """They are the training's."""
    with pytest.raises(AnswerError, match="after an update"):
        value_of(MAZUR, "w5'")
