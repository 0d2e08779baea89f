"""Given matrices are multiplied exactly, in whatever form they are kept."""

from fractions import Fraction

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat

from numeric.balls.loaded import Loaded
from numeric.balls.truths import Numbers

MATRICES = {
    "decimals": ([[fmpq(3, 20), fmpq(-7, 100)], [fmpq(0), fmpq(9, 1000)]], [[fmpq(1, 2)], [fmpq(-3, 4)]]),
    "of no common denominator": (
        [[fmpq(1, 3), fmpq(-2, 7)], [fmpq(5, 11), fmpq(1)]],
        [[fmpq(1, 13)], [fmpq(4)]],
    ),
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_product_of_integers_is_the_product_of_the_fractions(name):
    """Entry by entry, by Python's own fractions."""
    left, right = MATRICES[name]
    found = Loaded(fmpq_mat(left)).integers @ Loaded(fmpq_mat(right)).integers
    rows, column = ([[Fraction(int(u.p), int(u.q)) for u in row] for row in side] for side in (left, right))
    truth = [sum(w * x for w, (x,) in zip(row, column, strict=True)) for row in rows]
    assert [Fraction(int(u.p), int(u.q)) for u in found.entries()] == truth


def test_balls_are_no_integers():
    """Nor are fractions whose denominators have nothing in common: their product would grow without end."""
    assert Loaded(arb_mat(1, 1, [arb(0.5, 0.25)])).integers is None
    assert Loaded(fmpq_mat(1, 2, [fmpq(1, 3**2000), fmpq(1, 5**2000)])).integers is None


def test_a_moved_weight_is_not_the_given_one(network, layer):
    """The cost beside a point is computed from the weight there, and not from the integers of the point."""
    problem = network([layer("tanh", [["0.5", "-0.25"]], ["0.1"])], [["0.3", "0.7"]], [["0.2"]])
    layers = Numbers(problem).layers
    key = "w1[1,2]"
    here, moved = layers.costs(key, [fmpq(-1, 4), fmpq(1, 4)], 128)
    other = network([layer("tanh", [["0.5", "0.25"]], ["0.1"])], [["0.3", "0.7"]], [["0.2"]])
    assert here.overlaps(layers.cost)
    assert moved.overlaps(Numbers(other).layers.cost)
    assert not moved.overlaps(here)
