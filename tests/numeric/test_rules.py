"""Every hand-written value and slope against mpmath's own derivative of the definition.

References are the textbook definitions, differentiated numerically with 800 digits:
more than e^-800 and 1e300 need.
"""

import mpmath as mp
import numpy as np
import pytest

from numeric.floats.rounding import Rounded
from numeric.floats.rules import ACTIVATIONS, COSTS, OUTPUTS, TEXTBOOK

DIGITS = 800
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
UNITWISE = [name for name, rule in ACTIVATIONS.items() if rule.slope]


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def softmax(z):
    e = [mp.exp(z_k - max(z)) for z_k in z]
    return [e_k / mp.fsum(e) for e_k in e]


def silent(weight, term):
    return weight * term() if weight else mp.mpf(0)


PHI = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": mp.tanh,
    "relu": lambda z: max(z, mp.mpf(0)),
    "step": lambda z: mp.mpf(z > 0),
}
PARTS = {
    "half_squared_error": lambda a, y, K: (y - a) ** 2 / 2,
    "squared_error": lambda a, y, K: (y - a) ** 2,
    "mean_squared_error": lambda a, y, K: (y - a) ** 2 / K,
    "binary_cross_entropy": lambda a, y, K: (
        -silent(y, lambda: mp.log(a)) - silent(1 - y, lambda: mp.log(1 - a))
    ),
    "cross_entropy": lambda a, y, K: -silent(y, lambda: mp.log(a)),
}
LAYER = {"sigmoid": lambda z: [sigmoid(z_k) for z_k in z], "softmax": softmax}


def numbers(row):
    return [mp.mpf(number) for number in row]


def parts_of(cost, a, y):
    return [PARTS[cost](a_k, mp.mpf(y_k), len(a)) for a_k, y_k in zip(a, y, strict=True)]


def partial(f, x, k):
    """df/dx_k of a function of a list."""
    return mp.diff(lambda x_k: f([*x[:k], x_k, *x[k + 1 :]]), x[k])


def holds(claim, truth):
    return abs(truth - mp.mpf(float(claim.value))) <= mp.mpf(float(claim.error))


def sharp(claim, digits=13):
    return (claim.error <= 10.0**-digits * np.abs(claim.value)).all()


def test_every_activation_and_cost_has_a_reference_here():
    """A row nobody checks would be believed."""
    assert set(PHI) == set(UNITWISE)
    assert set(PHI) | {"softmax"} == set(ACTIVATIONS)
    assert set(PARTS) == set(COSTS)


@pytest.mark.parametrize("name", UNITWISE)
@pytest.mark.parametrize("point", POINTS)
def test_the_value_and_slope_of_a_unit_are_those_of_its_definition(name, point):
    """Also where the unit is saturated, and at the ends of a claim on z."""
    rule = ACTIVATIONS[name]
    z = Rounded([point, point], [0.0, abs(point) * 1e-9])
    value, slope = rule.value(z), rule.slope(z)
    with mp.workdps(DIGITS):
        for claim, true_slope, end in ((0, 0, 0), (1, 1, -1), (1, 1, 1)):
            t = mp.mpf(point) + end * mp.mpf(float(z.error[1]))
            assert holds(value[claim], PHI[name](t))
            assert holds(slope[true_slope], mp.diff(PHI[name], t))


@pytest.mark.parametrize("name", UNITWISE)
def test_the_slope_of_an_exact_z_keeps_thirteen_digits(name):
    """e^-40 is not lost in 1 - 1."""
    z = Rounded.exact([0.3, -0.3, 5.0, -5.0, 40.0, -40.0, 300.0, -300.0])
    assert sharp(ACTIVATIONS[name].slope(z))
    assert sharp(ACTIVATIONS[name].value(z))


@pytest.mark.parametrize("name", UNITWISE)
def test_a_unit_pulls_a_slope_back_by_its_own(name):
    """J is diagonal, so J^T g is g phi'(z)."""
    z, g = Rounded.exact([0.3, -2.0, 40.0]), Rounded.exact([2.0, -3.0, 5.0])
    rule = ACTIVATIONS[name]
    assert np.array_equal(rule.pull(z, g).value, (g * rule.slope(z)).value)


@pytest.mark.parametrize("z", LAYERS)
def test_softmax_and_its_pull_are_those_of_its_definition(z):
    """a_j e-348 is there too; J^T g is the slope of sum_j g_j a_j."""
    g = (1.0, -2.0, 0.5)
    value = ACTIVATIONS["softmax"].value(Rounded.exact(z))
    pulled = ACTIVATIONS["softmax"].pull(Rounded.exact(z), Rounded.exact(g))
    with mp.workdps(DIGITS):
        for k in range(3):
            assert holds(value[k], softmax(numbers(z))[k])
            assert holds(pulled[k], partial(lambda z: mp.fdot(g, softmax(z)), numbers(z), k))


@pytest.mark.parametrize("gap", [1.0, 40.0, 300.0])
def test_softmax_and_its_pull_keep_thirteen_digits_at_any_gap(gap):
    """a_top sum_k a_k (g_top - g_k) does not pass through 1 - 1."""
    z, g = Rounded.exact([[gap, 0.0, 0.25]]), Rounded.exact([[1.0, -2.0, 0.5]])
    assert sharp(ACTIVATIONS["softmax"].value(z))
    assert sharp(ACTIVATIONS["softmax"].pull(z, g))


@pytest.mark.parametrize("rule", COSTS.values(), ids=lambda rule: rule.name)
@pytest.mark.parametrize("a", [(0.3, 0.6, 0.1), (1e-100, 0.5, 1 - 2**-52), (1e-8, 1e-16, 0.999)])
@pytest.mark.parametrize("y", TARGETS)
def test_a_cost_and_its_slope_are_those_of_its_definition(rule, a, y):
    """One-hot targets and others, outputs next to 0 and 1."""
    parts = rule.parts(Rounded.exact(a), Rounded.exact(y))
    slope = rule.slope(Rounded.exact(a), Rounded.exact(y))
    with mp.workdps(DIGITS):
        for k in range(len(a)):
            assert holds(parts[k], parts_of(rule.name, numbers(a), y)[k])
            assert holds(slope[k], partial(lambda a: mp.fsum(parts_of(rule.name, a, y)), numbers(a), k))
    assert sharp(parts, 14)
    assert sharp(slope, 14)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_a_target_of_exactly_zero_silences_its_logarithm(name):
    """0 ln 0 = 0, where floats say nan."""
    a, y = Rounded.exact([0.0, 1.0]), Rounded.exact([0.0, 1.0])
    assert COSTS[name].parts(a, y).value.tolist() == [0.0, 0.0]
    assert np.isfinite(COSTS[name].slope(a, y).error).all()


@pytest.mark.parametrize("rule", OUTPUTS.values(), ids=lambda rule: rule.cost)
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
    assert np.isfinite(parts.error).all()
    assert np.isfinite(delta.error).all()


@pytest.mark.parametrize("rule", OUTPUTS.values(), ids=lambda rule: rule.cost)
@pytest.mark.parametrize("gap", [1.0, 40.0, 300.0])
def test_delta_and_cost_keep_thirteen_digits_when_the_output_is_right(rule, gap):
    """a - y is 1 - 1 there, and -ln a is ln 1."""
    z, y = Rounded.exact([gap, -gap, -gap]), Rounded.exact([1.0, 0.0, 0.0])
    delta = rule.delta(z, y)
    assert sharp(delta)
    assert delta.value.all()
    assert sharp(rule.parts(z, y)[0])


@pytest.mark.parametrize("rule", OUTPUTS.values(), ids=lambda rule: rule.cost)
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
    rule, z = ACTIVATIONS[name], Rounded.exact([0.0])
    for claim in (rule.value(z), rule.slope(z)):
        assert (claim.value.item(), claim.error.item()) == (at_zero, 0.0)


@pytest.mark.parametrize("z", [1e-12, -1e-12, 0.0])
def test_where_the_kink_is_in_doubt_the_claim_covers_both_sides(z):
    """relu's slope may be 0 or 1, step's value too."""
    near = Rounded([z], [1e-11])
    for claim in (ACTIVATIONS["relu"].slope(near), ACTIVATIONS["step"].value(near)):
        assert claim.value - claim.error <= 0
        assert claim.value + claim.error >= 1


def test_only_rules_with_a_kink_have_a_margin():
    """What changes sign at a kink of relu and step is z."""
    z = Rounded.exact([1.0, -2.0])
    kinked = {name: rule.margin(z) for name, rule in ACTIVATIONS.items() if rule.margin}
    assert kinked == {"relu": z, "step": z}


@pytest.mark.parametrize("name", TEXTBOOK)
@pytest.mark.parametrize("size", [0.3, 5.0, 18.0, 40.0])
def test_the_textbook_form_claims_what_it_may_lose(name, size):
    """The true J^T g is within its claim, which is sharp where nothing cancels."""
    z, g = Rounded.exact([[size, -size, 0.0]]), Rounded.exact([[1.0, -2.0, 0.5]])
    rule = ACTIVATIONS[name]
    plain, stable = TEXTBOOK[name].pull(rule.value(z), g), rule.pull(z, g)
    assert (np.abs(plain.value - stable.value) <= plain.error + stable.error).all()
    assert sharp(plain) == (size == 0.3)


@pytest.mark.parametrize(("name", "size"), [("sigmoid", 30.0), ("tanh", 15.0), ("softmax", 30.0)])
def test_the_textbook_form_admits_that_it_loses_digits_at_saturation(name, size):
    """Six of sixteen digits and more are gone at z = 30, in plain float64 and in the claim."""
    z, g = Rounded.exact([[size, 0.0]]), Rounded.exact([[1.0, -2.0]])
    rule = ACTIVATIONS[name]
    plain, stable = TEXTBOOK[name].pull(rule.value(z), g)[0, 0], rule.pull(z, g)[0, 0]
    assert plain.error > 1e-4 * abs(stable.value)
    assert stable.error < 1e-13 * abs(stable.value)


def test_every_textbook_form_says_what_to_write_instead():
    """Shown to whoever's gradient lost digits."""
    assert set(TEXTBOOK) <= set(ACTIVATIONS)
    for row in TEXTBOOK.values():
        assert row.form
        assert row.stable
        assert row.form != row.stable
