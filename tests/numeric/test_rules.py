"""Every hand-written value and slope against mpmath's own derivative of the definition.

References are the textbook definitions, differentiated numerically with 800 digits:
more than e^-800 and 1e300 need.
"""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from derive.rules import ACTIVATIONS as ROWS
from derive.rules import COSTS as COST_ROWS
from numeric.floats.network import cost_rule, unit_rule
from numeric.floats.rounding import Rounded
from numeric.floats.rules import ACTIVATIONS, COSTS, OUTPUTS
from tests.kinds import RULES, every, thinned
from tests.numeric.definitions import (
    LAYER,
    PARTS,
    PHI,
    WHOLE,
    log_sum_exp,
    numbers,
    parts_of,
    phi_of,
    softmax,
)

DIGITS = 800
FEW_DIGITS = 120
"""Enough where neither e^-800 nor 1e300 is near."""

SATURATED = (40.0, -40.0, 800.0, -800.0)
POINTS = (0.3, -0.3, 1.7, -5.0, *SATURATED, 1e-8, -1e-8, 1e-300, -1e-300, 1e300, -1e300)
LAYERS = (
    (0.3, -1.2, 2.0),
    (40.0, 0.0, -3.0),
    (800.0, 0.0, 1.0),
    (1e-300, -1e-300, 0.0),
    (1e300, 0.0, -1e300),
)
TARGETS = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.25, 0.5, 0.125))
OTHER = {
    "leaky_relu": {"alpha": Fraction("0.2")},
    "elu": {"alpha": Fraction("0.7")},
    "softplus": {"beta": Fraction(2)},
    "silu": {"beta": Fraction("1.702")},
    "hard_sigmoid": {"slope": Fraction("0.2"), "offset": Fraction("0.4")},
    "huber": {"delta": Fraction("0.345")},
}


def with_parameters(rows, names):
    """Every row with its defaults, and with other parameters where it has any."""
    made = [row for name in names for row in (rows[name].given(), rows[name].given(OTHER.get(name, {})))]
    return list(dict.fromkeys(made))


def digits_at(*points):
    """The digits that a reference needs there."""
    return FEW_DIGITS if all(p == 0 or 1e-20 < abs(p) < 100 for p in points) else DIGITS


def shown(row):
    return "-".join([row.name, *(f"{float(value):.4g}" for value in row.values)])


UNITWISE = with_parameters(ROWS, [name for name, rule in ACTIVATIONS.items() if rule.slope])
COST_CASES = with_parameters(COST_ROWS, COSTS)
OUTPUT_CASES = [
    row.given({p.name: Rounded.of(v) for p, v in COST_ROWS[row.cost].settings}) for row in OUTPUTS.values()
]


def partial(f, x, k):
    """df/dx_k of a function of a list."""
    return mp.diff(lambda x_k: f([*x[:k], x_k, *x[k + 1 :]]), x[k])


def holds(claim, truth):
    return abs(truth - mp.mpf(float(claim.value))) <= mp.mpf(float(claim.error))


def sharp(claim, digits=13):
    return (claim.error <= 10.0**-digits * np.abs(claim.value)).all()


def test_every_activation_and_cost_has_a_reference_here():
    """A row nobody checks would be believed."""
    assert set(PHI) == {row.name for row in UNITWISE}
    assert set(PHI) | {"softmax", "log_softmax", "maxout"} == set(ACTIVATIONS) == set(ROWS) - {"general"}
    assert set(PARTS) | set(WHOLE) == set(COSTS) == set(COST_ROWS)


@pytest.mark.parametrize("row", every(UNITWISE, 4), ids=shown)
def test_the_value_and_slope_of_a_unit_are_those_of_its_definition(row):
    """Also where the unit is saturated, and at the ends of a claim on z."""
    rule, phi = unit_rule(row), phi_of(row)
    for point in POINTS:
        z = Rounded([point, point], [0.0, abs(point) * 1e-9])
        value, slope = rule.value(z), rule.slope(z)
        with mp.workdps(digits_at(point)):
            for claim, true_slope, end in ((0, 0, 0), (1, 1, -1), (1, 1, 1)):
                t = mp.mpf(point) + end * mp.mpf(float(z.error[1]))
                assert holds(value[claim], phi(t)), (point, end)
                assert holds(slope[true_slope], mp.diff(phi, t)), (point, end)


HARD = (30.0, -30.0, 40.0, -40.0, 1000.0, -1000.0, 0.0, 1e-12, -1e-12, 1e-300, -1e-300)


def hard_points(row):
    """Where digits are lost, and at and just beside every kink."""
    kinks = [float(kink.at) for kink in row.kinks]
    beside = [np.nextafter(kink, side * np.inf) for kink in kinks for side in (-1, 1)]
    return dict.fromkeys([*HARD, *kinks, *beside])


@pytest.mark.parametrize("row", thinned(UNITWISE, RULES), ids=shown)
def test_claims_hold_and_are_sharp_where_digits_are_lost(row):
    """Against mpmath at 60 digits and more; a claim may be wide only where z is a kink's own float."""
    rule, phi = unit_rule(row), phi_of(row)
    kinks = {float(kink.at): kink for kink in row.kinks}
    for z in hard_points(row):
        near = any(abs(z - kink) < 1e-13 for kink in kinks)
        value, slope = rule.value(Rounded.exact(z)), rule.slope(Rounded.exact(z))
        with mp.workdps(digits_at(z, *(z - kink for kink in kinks))):
            exact = kinks.get(z)
            at_kink = exact is not None and exact.at == Fraction(z)
            true_slope = mp.mpf(str(exact.slope.evalf(60))) if at_kink else mp.diff(phi, mp.mpf(z))
            assert holds(value, phi(mp.mpf(z)))
            assert holds(slope, true_slope) or (exact is not None and not at_kink)
            for claim, truth in ((value, phi(mp.mpf(z))), (slope, true_slope)):
                if not near:
                    room = mp.mpf("1e-12") * abs(truth) if abs(truth) > 1e-280 else mp.mpf("1e-280")
                    assert claim.error <= room, (z, truth)


@pytest.mark.parametrize("row", UNITWISE, ids=shown)
def test_the_slope_of_an_exact_z_keeps_thirteen_digits(row):
    """e^-40 is not lost in 1 - 1."""
    far = (-8.0,) if "gelu" in row.name else (-40.0, -300.0)  # gelu(-40) is below the smallest float
    z = Rounded.exact([0.3, -0.3, 5.0, -5.0, 40.0, 300.0, *far])
    assert sharp(unit_rule(row).slope(z))
    assert sharp(unit_rule(row).value(z))


@pytest.mark.parametrize("row", UNITWISE, ids=shown)
def test_a_unit_pulls_a_slope_back_by_its_own(row):
    """J is diagonal, so J^T g is g phi'(z)."""
    z, g = Rounded.exact([0.3, -2.0, 40.0]), Rounded.exact([2.0, -3.0, 5.0])
    rule = unit_rule(row)
    assert np.array_equal(rule.pull(z, g).value, (g * rule.slope(z)).value)


@pytest.mark.parametrize("z", every(LAYERS, 3))
def test_log_softmax_and_its_pull_are_those_of_its_definition(z):
    """ln a of the top unit is -e^-40, not ln 1."""
    g = (1.0, -2.0, 0.5)
    value = ACTIVATIONS["log_softmax"].value(Rounded.exact(z))
    pulled = ACTIVATIONS["log_softmax"].pull(Rounded.exact(z), Rounded.exact(g))

    def layer(z):
        return [z_k - log_sum_exp(z) for z_k in z]

    with mp.workdps(digits_at(*z)):
        for k in range(3):
            assert holds(value[k], layer(numbers(z))[k])
            assert holds(pulled[k], partial(lambda z: mp.fdot(g, layer(z)), numbers(z), k))
    assert max(map(abs, z)) > 500 or sharp(value)


@pytest.mark.parametrize("z", every(LAYERS, 3))
def test_softmax_and_its_pull_are_those_of_its_definition(z):
    """a_j e-348 is there too; J^T g is the slope of sum_j g_j a_j."""
    g = (1.0, -2.0, 0.5)
    value = ACTIVATIONS["softmax"].value(Rounded.exact(z))
    pulled = ACTIVATIONS["softmax"].pull(Rounded.exact(z), Rounded.exact(g))
    with mp.workdps(digits_at(*z)):
        for k in range(3):
            assert holds(value[k], softmax(numbers(z))[k])
            assert holds(pulled[k], partial(lambda z: mp.fdot(g, softmax(z)), numbers(z), k))


MAXOUT = [ROWS["maxout"].given({"pieces": Fraction(p)}) for p in (2, 3, 6)]


@pytest.mark.parametrize("row", MAXOUT, ids=shown)
def test_maxout_and_its_pull_are_exact_for_exact_pieces(row):
    """Every z of six pieces, in units of 2, 3 and 6: the largest is handed on, and g to it alone."""
    z = np.random.default_rng(5).permuted(np.tile(np.arange(-3.0, 3.0), (40, 1)), axis=1)
    n = 6 // row.pieces
    g = np.arange(1.0, n + 1)
    groups = z.reshape(40, n, row.pieces)
    largest = groups == groups.max(axis=-1, keepdims=True)
    rule = unit_rule(row)
    value, pulled = (
        rule.value(Rounded.exact(z)),
        rule.pull(Rounded.exact(z), Rounded.exact(np.tile(g, (40, 1)))),
    )
    assert np.array_equal(value.value, groups.max(axis=-1))
    assert np.array_equal(pulled.value, (largest * g[:, None]).reshape(40, 6))
    assert not value.error.any()
    assert not pulled.error.any()


def test_of_exactly_tied_pieces_the_first_has_the_whole_slope():
    """The convention of the row, without doubt: z comes from exact data."""
    z, g = Rounded.exact([[1.0, 2.0, 2.0]]), Rounded.exact([[5.0]])
    pulled = unit_rule(MAXOUT[1]).pull(z, g)
    assert (pulled.value.tolist(), pulled.error.tolist()) == ([[0.0, 5.0, 0.0]], [[0.0, 0.0, 0.0]])


@pytest.mark.parametrize("gap", [1e-12, -1e-12, 0.0])
def test_where_a_tie_of_pieces_is_in_doubt_the_claims_cover_every_order(gap):
    """Either of the two may be the largest; the third is not, and its 0 stays sharp."""
    z, g = Rounded([[1.0 + gap, 1.0, -4.0]], [[1e-11, 1e-11, 0.0]]), Rounded.exact([[5.0]])
    rule = unit_rule(MAXOUT[1])
    value, pulled = rule.value(z), rule.pull(z, g)
    for one, other in ((1 + gap - 9e-12, 1 + 9e-12), (1 + gap + 9e-12, 1 - 9e-12)):
        assert holds(value[0, 0], max(mp.mpf(one), mp.mpf(other)))
    for k in range(2):
        assert holds(pulled[0, k], mp.mpf(0))
        assert holds(pulled[0, k], mp.mpf(5))
    assert (pulled.value[0, 2], pulled.error[0, 2]) == (0.0, 0.0)


@pytest.mark.parametrize("row", MAXOUT, ids=shown)
def test_a_margin_of_maxout_changes_its_sign_where_the_largest_piece_does(row):
    """And where a smaller one overtakes another one, which is no kink, none does."""
    rng = np.random.default_rng(6)
    for here, there in rng.integers(-4, 5, (200, 2, row.pieces)).astype(float):
        if max(map(list(here).count, here)) > 1 or max(map(list(there).count, there)) > 1:
            continue
        (before,), (after,) = (unit_rule(row).margins(Rounded.exact(z)) for z in (here, there))
        changed = (np.sign(before.value) != np.sign(after.value)).any()
        assert changed == (here.argmax() != there.argmax())


@pytest.mark.parametrize("gap", [1.0, 40.0, 300.0])
def test_softmax_and_its_pull_keep_thirteen_digits_at_any_gap(gap):
    """a_top sum_k a_k (g_top - g_k) does not pass through 1 - 1."""
    z, g = Rounded.exact([[gap, 0.0, 0.25]]), Rounded.exact([[1.0, -2.0, 0.5]])
    assert sharp(ACTIVATIONS["softmax"].value(z))
    assert sharp(ACTIVATIONS["softmax"].pull(z, g))


@pytest.mark.parametrize("row", thinned(COST_CASES, RULES), ids=shown)
@pytest.mark.parametrize("a", every([(1e-100, 0.5, 1 - 2**-52), (0.3, 0.6, 0.1), (1e-8, 1e-16, 0.999)], 3))
def test_a_cost_and_its_slope_are_those_of_its_definition(row, a):
    """One-hot targets and others, outputs next to 0 and 1."""
    for y in TARGETS:
        assert_cost_is_as_defined(row, a, y)


def assert_cost_is_as_defined(row, a, y):
    rule = cost_rule(row)
    parts = rule.parts(Rounded.exact(a), Rounded.exact(y))
    slope = rule.slope(Rounded.exact(a), Rounded.exact(y))
    with mp.workdps(digits_at(*a)):
        for k in range(len(a)):
            assert holds(parts[k], parts_of(row, numbers(a), y)[k])
            assert holds(slope[k], partial(lambda a: mp.fsum(parts_of(row, a, y)), numbers(a), k))
        assert holds(rule.total(Rounded.exact(a), Rounded.exact(y)), mp.fsum(parts_of(row, numbers(a), y)))
    assert sharp(parts, 14)
    # sigma(a) - y has no more digits than its terms where a logit of 0 meets a target of 1/2
    assert sharp(slope, 14) or ("logits" in row.name and (slope.error < 2e-15).all())


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_a_target_of_exactly_zero_silences_its_logarithm(name):
    """0 ln 0 = 0, where floats say nan."""
    a, y = Rounded.exact([0.0, 1.0]), Rounded.exact([0.0, 1.0])
    assert COSTS[name].parts(a, y).value.tolist() == [0.0, 0.0]
    assert np.isfinite(COSTS[name].slope(a, y).error).all()


@pytest.mark.slow
@pytest.mark.parametrize("rule", OUTPUT_CASES, ids=lambda rule: f"{rule.activation}-{rule.cost}")
@pytest.mark.parametrize("z", LAYERS)
@pytest.mark.parametrize("y", TARGETS)
def test_a_cost_straight_from_z_is_the_cost_of_the_activation(rule, z, y):
    """Targets need not add up to 1; a gap of 1e300 needs no logarithm of 0."""
    parts = rule.parts(Rounded.exact(z), Rounded.exact(y))
    delta = rule.delta(Rounded.exact(z), Rounded.exact(y))

    def terms(z):
        return parts_of(rule.cost, LAYER[rule.activation](z), y)

    with mp.workdps(DIGITS):
        reachable = max(map(abs, z)) < 1000  # beyond, 1 - a needs more digits than 800
        for k in range(len(z) if reachable else 0):
            assert holds(parts[k], terms(numbers(z))[k])
            assert holds(delta[k], partial(lambda z: mp.fsum(terms(z)), numbers(z), k))
        total = rule.total(Rounded.exact(z), Rounded.exact(y))
        assert not reachable or holds(total, mp.fsum(terms(numbers(z))))
    assert np.isfinite(parts.error).all()
    assert np.isfinite(delta.error).all()


SILENT_AT_0 = {
    *(("sigmoid", cost) for cost in ("cross_entropy", "kullback_leibler", "hinge")),
    ("tanh", "hinge"),
}
"""Where a target of 0 takes all weight from its own output."""


@pytest.mark.parametrize("rule", OUTPUT_CASES, ids=lambda rule: f"{rule.activation}-{rule.cost}")
@pytest.mark.parametrize("gap", every([300.0, 40.0, 1.0], 3))
def test_delta_and_cost_keep_thirteen_digits_when_the_output_is_right(rule, gap):
    """a - y is 1 - 1 there, and -ln a is ln 1."""
    gap = gap if "entropy" in rule.cost or "leibler" in rule.cost else min(gap, 150.0)  # e^-600 squared is 0
    z, y = Rounded.exact([gap, -gap, -gap]), Rounded.exact([1.0, 0.0, 0.0])
    delta = rule.delta(z, y)
    assert sharp(delta)
    reads = y.value > 0 if (rule.activation, rule.cost) in SILENT_AT_0 else y.value >= 0
    assert delta.value[reads].all()
    assert sharp(rule.parts(z, y)[0])


@pytest.mark.parametrize("rule", every(OUTPUT_CASES, 3), ids=lambda rule: f"{rule.activation}-{rule.cost}")
def test_claims_straight_from_z_hold_at_the_ends_of_claims_on_z(rule):
    """The branch taken by z's value is an identity on either side of 0."""
    z, y = Rounded([1e-3, -1e-3, 0.5], [5e-3, 5e-3, 1e-3]), (0.25, 0.5, 0.125)
    parts, delta = rule.parts(z, Rounded.exact(y)), rule.delta(z, Rounded.exact(y))

    def terms(z):
        return parts_of(rule.cost, LAYER[rule.activation](z), y)

    with mp.workdps(50):
        for signs in np.ndindex(2, 2, 2):
            t = [mp.mpf(v) + (2 * s - 1) * mp.mpf(e) for v, e, s in zip(z.value, z.error, signs, strict=True)]
            for k in range(3):
                assert holds(parts[k], terms(t)[k])
                assert holds(delta[k], partial(lambda z: mp.fsum(terms(z)), t, k))


def test_a_saturated_softmax_passes_on_no_error_of_its_own_top_unit():
    """g_top - g_top and z_top - z_top are 0, though neither is known to more than ten digits."""
    rows = np.array([[40.0, 1.0, -3.0], [1.0, -2.0, 0.5], [1.0, 0.0, 0.0]])
    z, g, y = (Rounded(row, np.abs(row) * 1e-10) for row in rows)
    assert sharp(ACTIVATIONS["softmax"].pull(z, g), digits=7)
    assert sharp(OUTPUTS["softmax", "cross_entropy"].parts(z, y)[0], digits=7)


@pytest.mark.parametrize(("name", "at_zero"), [("relu", 0.0), ("step", 0.0)])
def test_at_exactly_zero_the_convention_holds_without_doubt(name, at_zero):
    """z = 0 from exact data is a convention, printed as one."""
    rule, z = unit_rule(ROWS[name].given()), Rounded.exact([0.0])
    for claim in (rule.value(z), rule.slope(z)):
        assert (claim.value.item(), claim.error.item()) == (at_zero, 0.0)


@pytest.mark.parametrize("z", [1e-12, -1e-12, 0.0])
def test_where_the_kink_is_in_doubt_the_claim_covers_both_sides(z):
    """relu's slope may be 0 or 1, step's value too."""
    near = Rounded([z], [1e-11])
    for claim in (ACTIVATIONS["relu"].slope(near), ACTIVATIONS["step"].value(near)):
        assert claim.value - claim.error <= 0
        assert claim.value + claim.error >= 1


@pytest.mark.parametrize("row", UNITWISE, ids=shown)
def test_a_margin_changes_its_sign_at_each_kink_of_the_row_and_nowhere_else(row):
    """The differences' table of kinks is that of the row, parameters and all."""
    rule = unit_rule(row)
    at = [float(kink.at) for kink in row.kinks]
    grid = sorted({*np.linspace(-7.03, 7.01, 200), *(k + d for k in at for d in (-1e-9, 1e-9))})
    signs = [tuple(float(np.sign(m.value)) for m in rule.margins(Rounded.exact(z))) for z in grid]
    changes = [(a + b) / 2 for a, b, s, t in zip(grid, grid[1:], signs, signs[1:], strict=False) if s != t]
    assert changes == pytest.approx(sorted(at), abs=1e-8)
