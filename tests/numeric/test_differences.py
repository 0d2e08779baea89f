"""Central differences claim what their secants show, and nothing at a kink."""

import math

import numpy as np
import pytest

from numeric.balls.enclosure import nearest_float
from numeric.evidence import verify
from numeric.floats.differences import differences
from numeric.floats.rounding import Rounded
from numeric.floats.secants import UNSETTLED, Secants, claims_of, search
from tests.kinds import every

OFFSETS = np.array([0.5, -0.5, 1.0, -1.0, 2.0, -2.0])


def claim_of(C, at, h=2.0**-10, error=0.0):
    values = np.array([[C(at + offset * h) for offset in OFFSETS]])
    return claims_of(Secants(Rounded(values, np.full((1, 6), error)), np.array([h]), {}))[0]


@pytest.mark.parametrize(
    ("C", "slope"), [(math.exp, math.exp(0.7)), (math.sin, math.cos(0.7)), (lambda w: w**3, 3 * 0.49)]
)
def test_the_claim_holds_the_slope(C, slope):
    """Truncation is no more than the last change of the secants."""
    claim = claim_of(C, 0.7)
    assert abs(claim.value - slope) <= claim.error < 1e-5


def test_a_jump_of_the_second_derivative_is_in_the_claim():
    """Softsign at 0: the secants 1/(1 + h) shrink about twofold, and |far - near| is less than the error."""
    claim = claim_of(lambda w: w / (1 + abs(w)), 0.0, 2.0**-10, 5e-10)
    assert abs(claim.value - 1) <= claim.error < 1e-2


def test_halving_the_step_quarters_the_error():
    """The error is h^2 C'''/6."""
    errors = [claim_of(math.exp, 0.7, h).error for h in (2.0**-8, 2.0**-9)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_round_off_of_the_cost_is_in_the_claim():
    """Two values that may be off by e make a slope that may be off by e/h."""
    assert claim_of(math.exp, 0.7, 2.0**-10, 1e-6).error > 1e-6 * 2**10


@pytest.mark.parametrize(
    "C", [lambda w: abs(w) ** 0.5, lambda w: math.nan, lambda w: math.copysign(1, w - 0.001)]
)
def test_where_secants_do_not_settle_nothing_is_claimed(C):
    """A root, an undefined value and a jump."""
    claim = claim_of(C, 1e-4)
    assert claim.error == math.inf
    assert claim.why


@pytest.mark.parametrize(
    ("steep", "round_off", "tried"), [(1e5, 0.0, {-13, -17, -21}), (0.0, 1e-9, {-13, -9, -5})]
)
def test_no_step_is_tried_in_vain(steep, round_off, tried):
    """Where truncation is all that a claim lacks no larger one, and for round-off no smaller one."""
    asked = []

    def probe(exponent, points):
        asked.append(exponent)
        h = np.full(len(points), 2.0**exponent)
        values = steep * (h[:, None] * OFFSETS) ** 3 + h[:, None] * OFFSETS
        return claims_of(Secants(Rounded(values, np.full(values.shape, round_off)), h, {}))

    found = search(1, probe, lambda: round_off)
    assert set(asked) == tried
    assert abs(found.value[0] - 1) <= found.error[0] < 1e-5


def test_a_crossed_kink_is_named(network, layer):
    """And no number is claimed there."""
    problem = network([layer("relu", [["0.5"]], ["-0.249999999999"])], [["0.5"]], [["0.7"]])
    claim = differences(problem)["C", "w1[1,1]"]
    assert (claim.error, claim.why) == (math.inf, "z1[1] is within the step of relu's kink")


def test_two_kinks_of_the_cost_are_no_evidence(network, layer):
    """abs(y - a) at y = a: the two sides cancel to 0, which is no slope."""
    layers = [layer("identity", [["0.5"], ["0.25"]])]
    problem = network(layers, [[1]], [["0.5", "0.7"]], cost="abs(y - a)")
    claims = differences(problem)
    assert "the cost" in claims["C", "w1[1,1]"].why
    assert UNSETTLED not in claims["C", "w1[1,1]"].why


@pytest.mark.parametrize("activation", every(["relu", "tanh", "sigmoid", "softmax", "sin(z) + z^2"], 4))
def test_every_claim_holds_the_true_gradient(activation, random_problem):
    """Three hundred entries, each within its own error."""
    rng = np.random.default_rng(9)
    for _ in range(5):
        problem = random_problem(rng, [3, 4, 2], [activation, "sigmoid"], samples=2)
        moved = differences(problem)
        for row in verify(problem):
            claim, truth = moved[row.entry], nearest_float(row.symbolic.mid)
            assert abs(claim.value - truth) <= claim.error + math.ulp(truth)


def test_a_shared_parameter_moves_everywhere_at_once(network, layer):
    """C = (q x)^2 q-fold: 3 q^2 and not q^2."""
    problem = network(
        [layer("identity", [["q"]]), layer("identity", [["q"]]), layer("identity", [["q"]])],
        [[1]],
        output="a3[1]",
        values={"q": "0.5"},
    )
    claim = differences(problem)["C", "shared q"]
    assert abs(claim.value - 0.75) <= claim.error < 1e-6
