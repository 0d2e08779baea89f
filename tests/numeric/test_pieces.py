"""Networks whose units have several weighted inputs: verdicts, ties, and somebody's own backward pass."""

from fractions import Fraction

import numpy as np
import pytest

from derive import load_problem
from numeric.evidence import verify
from numeric.judging.checking import check
from tests.kinds import every

PIECES = 3


def of_pieces(layer, network, weights, x=((1, 1),), y=((1,),)):
    """One hidden maxout layer over two inputs, without biases, below an identity."""
    units = len(weights) // PIECES
    hidden = layer({"rule": "maxout", "pieces": PIECES}, weights, units=units)
    return network([hidden, layer("identity", [[1] * units])], [*map(list, x)], [*map(list, y)])


def test_a_tie_of_the_largest_pieces_is_undecided_and_names_the_convention(layer, network):
    """No witness can prove a slope that is not there; the third piece, below both, has its 0."""
    evidence = verify(of_pieces(layer, network, [[1, 1], [2, 0], [0, 1]]))
    rows = {row.entry[1]: row for row in evidence}
    for key in ("w1[1,1]", "w1[1,2]", "w1[2,1]", "w1[2,2]"):
        assert rows[key].verdict == "undecided"
        assert "the first of them has slope 1, the others 0" in rows[key].note
    assert rows["w1[3,1]"].verdict == rows["w1[3,2]"].verdict == rows["w2[1,1]"].verdict == "agree"
    assert rows["w1[1,1]"].backprop.value == rows["w1[1,1]"].enclosure[0] == 1
    assert rows["w1[2,1]"].backprop.value == rows["w1[2,1]"].enclosure[0] == 0


def test_a_tie_below_the_largest_piece_decides_nothing(layer, network):
    """Which of two losers is larger is no matter: all slopes exist."""
    assert verify(of_pieces(layer, network, [[1, 1], [3, 0], [0, 2]])).agree


def above_a_dead_unit(layer, network, **values):
    """Pieces that read the 0 of a dead relu alone, so that each z is its own bias."""
    dead = layer("relu", [["-1"]])
    pieces = layer(
        {"rule": "maxout", "pieces": 2}, [["0.3"], ["-0.7"]], [*values] if values else ["c", "c"], units=1
    )
    return network([dead, pieces], [["0.7"]], [["0.1"]], values=values or {"c": "0.123"})


def test_pieces_that_tie_with_a_shared_bias_have_its_slope(layer, network):
    """Whatever c is, both pieces are c: the tie stays, and dC/dc is a - y = 0.123 - 0.1, no convention."""
    evidence = verify(above_a_dead_unit(layer, network))
    assert [(row.name, row.verdict) for row in evidence if row.verdict != "agree"] == []
    row = evidence["dC/dc"]
    assert row.symbolic.mid == Fraction(23, 1000)
    assert row.digits >= 9


def test_pieces_that_tie_with_biases_of_their_own_are_undecided_and_name_the_tie(layer, network):
    """Equal numbers with two names: each moves alone, and one side's slope is 1, the other's 0."""
    evidence = verify(above_a_dead_unit(layer, network, c="0.123", d="0.123"))
    for name in ("dC/dc", "dC/dd"):
        assert evidence[name].verdict == "undecided"
        assert "a2[1] is exactly at maxout's kink, a tie of a unit's largest pieces" in evidence[name].note


def test_a_step_across_a_tie_names_the_weighted_input(layer, network):
    """Of unit 2 the pieces are z1[4] to z1[6]; the one that is moved first is named."""
    evidence = verify(of_pieces(layer, network, [[5, 1], [2, 0], [0, 1], [0, 0], [3, 0], [1, 2]]))
    note = next(row.difference.why for row in evidence if row.entry[1] == "w1[6,1]")
    assert note.startswith("z1[5] is within the step of maxout's kink")


def maxout_backprop(fault=""):
    """Plain NumPy, as a student writes it; `fault`: the slope goes to every piece."""

    def backprop(x, y, weights, biases):
        (W1, W2), (b1, b2) = weights, biases
        z = (x @ W1.T + b1).reshape(len(x), -1, PIECES)
        a = z.max(axis=-1)
        delta = (a @ W2.T + b2) - y
        won = np.ones_like(z) if fault else (z == a[..., None]).astype(float)
        back = ((delta @ W2)[..., None] * won).reshape(len(x), -1)
        return [back.T @ x, delta.T @ a], [back.sum(axis=0), delta.sum(axis=0)]

    return backprop


@pytest.fixture
def problem(random_problem):
    rule = {"rule": "maxout", "pieces": PIECES}
    return random_problem(np.random.default_rng(2), [3, 2, 2], [rule, "identity"], samples=4)


def test_a_correct_backward_pass_through_maxout_is_accepted(problem):
    """Its arrays have a row for each piece: W1 is (6, 3)."""
    result = check(maxout_backprop(), problem)
    assert result, str(result)


def test_a_slope_that_goes_to_every_piece_is_caught(problem):
    """As if there were no max; the missing slope is what it is called."""
    result = check(maxout_backprop("every piece"), problem)
    assert not result
    assert "missing hidden slope" in {entry.slip for entry in result.entries if entry.verdict == "wrong"}


def test_arrays_with_a_row_for_each_unit_are_told_the_shape(problem):
    """Units and rows are easily taken for each other."""
    entry = next(
        entry for entry in check({"W1": np.zeros((2, 3))}, problem).entries if entry.verdict == "wrong"
    )
    assert "W1 has shape (2, 3); layer 1 needs (6, 3)" in str(entry)


TWICE = [
    ["c = tanh(a*b)", "J = max(c, c)*a"],
    ["c = a*b", "J = min(c, c, c)"],
    ["u = softmax(v)", "J = sum(max(u, u)*u)"],
]


@pytest.mark.parametrize("steps", every(TWICE, 3), ids=" ; ".join)
def test_the_largest_of_one_quantity_twice_is_that_quantity(steps):
    """Nothing else can take the lead, at whatever numbers: the slope is its own, with no convention."""
    wrt = ["v"] if "u" in steps[0] else ["a", "b"]
    shapes = {"shapes": {"v": [3]}} if wrt == ["v"] else {}
    assert verify(load_problem({"graph": {"steps": steps, "output": "J", "wrt": wrt, **shapes}})).agree


def test_quantities_that_tie_wherever_they_are_have_that_for_a_reason():
    """Two steps of one formula: the slope is known, but float64 rounds them apart; no kink and no cancellation."""
    steps = ["c = exp(a)*b", "d = exp(a)*b", "J = max(c, d)"]
    rows = verify(
        load_problem({"graph": {"steps": steps, "output": "J", "wrt": ["a"]}, "values": {"a": 2, "b": 3}})
    )
    (row,) = rows
    assert row.verdict == "undecided" and "a tie that moves along" in row.note
    assert float(row.symbolic.mid) == pytest.approx(3 * np.exp(2), rel=1e-15)
