"""Long trainings are proven by points and a bound of what is beside them: the bound holds, and is narrow."""

import operator
from fractions import Fraction
from itertools import islice

import mpmath as mp
import numpy as np
import pytest

from derive.files.load import load_problem
from derive.training.update_rules import UPDATE_RULES
from numeric.balls import operations, shadowing, training
from numeric.balls.enclosure import enclosure
from numeric.balls.error_sets import ErrorSet, propagated
from numeric.balls.float_balls import SURELY, FloatBalls, LimitError, within_limits
from numeric.balls.jacobian import OPERATIONS, jacobian
from numeric.balls.operations import FUNCTIONS, Branch
from numeric.balls.shadowing import shadowed
from numeric.balls.training import follow

X = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"], ["-0.4", "0.3"]]
Y = [["0.7"], ["0.1"], ["1"], ["0.4"]]
W1, B1, W2, B2 = [["0.5", "-0.25"], ["0.7", "0.2"]], ["0.3", "0.1"], [["0.4", "0.6"]], ["0.2"]


def problem(activation="tanh", x=X, biases=B1, **training):
    layers = [
        {"units": 2, "activation": activation, "weights": W1, "biases": biases},
        {"units": 1, "activation": "sigmoid", "weights": W2, "biases": B2},
    ]
    tables = {
        "network": {"inputs": 2, "cost": "half_squared_error", "layers": layers},
        "data": {"x": x, "y": Y},
        "training": {"rate": "0.05", **training},
    }
    return load_problem(tables)


def file_of(rule):
    """What a file says of a rule."""
    return {"rule": rule.name, **(dict([rule.variant]) if rule.variant else {})}


def along_points(stated, moments):
    return training._Run(stated, training.unchanged).along_points(moments)


def fractions(balls):
    return [
        (Fraction(float(m)) - Fraction(float(r)), Fraction(float(m)) + Fraction(float(r)))
        for m, r in zip(balls.mid, balls.rad, strict=True)
    ]


# -- balls of floats -------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_balls_of_floats_hold_every_exact_result(operation):
    """At all four corners, in fractions, of a thousand random pairs of balls."""
    rng = np.random.default_rng(1)
    u, v = (FloatBalls(rng.normal(size=1000), 2.0 ** rng.integers(-60, -8, 1000)) for _ in range(2))
    far = np.abs(v.mid) > 0.01
    u, v = (FloatBalls(one.mid[far], one.rad[far]) for one in (u, v))
    found = u * v.reciprocal() if operation is operator.truediv else operation(u, v)
    for (low, high), us, vs in zip(fractions(found), fractions(u), fractions(v), strict=True):
        corners = [operation(a, b) for a in us for b in vs]
        assert low <= min(corners)
        assert max(corners) <= high


def test_roots_of_balls_of_floats_hold_those_of_their_ends():
    """Squared in fractions; the root of exactly 0 is exactly that, and of what may be negative none."""
    rng = np.random.default_rng(5)
    mid = 2.0 ** rng.uniform(-60, 60, 1000)
    balls = FloatBalls(mid, mid * 2.0 ** rng.uniform(-60, -1e-6, 1000))
    for (low, high), (least, most) in zip(fractions(balls.root()), fractions(balls), strict=True):
        assert max(low, 0) ** 2 <= least
        assert most <= high**2
    assert FloatBalls.exactly(0.0).root().is_zero
    with pytest.raises(LimitError, match="root"):
        FloatBalls(np.array([0.5]), np.array([0.6])).root()


def test_numbers_that_floats_do_not_hold_are_said_so():
    """A subnormal number is not as near to the true one as half a unit of its own."""
    tiny, huge = FloatBalls.exactly(1e-200), FloatBalls.exactly(1e200)
    for one in (tiny, huge):
        with pytest.raises(LimitError), within_limits():
            one * one
    with pytest.raises(LimitError, match="holds 0"):
        FloatBalls(np.array([0.5]), np.array([0.5])).reciprocal()


@pytest.mark.parametrize("relation", SURELY)
def test_a_comparison_is_sure_only_where_it_holds_everywhere(relation):
    """Of balls that overlap, touch, are apart, and of equal points."""
    ends = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (2.0, 0.5), (-2.0, 0.5), (4.0, 0.0)]
    for a, r in ends:
        for b, s in ends:
            gap = FloatBalls(np.array([a]), np.array([r])) - FloatBalls(np.array([b]), np.array([s]))
            if SURELY[relation](gap).all():
                corners = [(a + i * r, b + j * s) for i in (-1, 0, 1) for j in (-1, 0, 1)]
                assert all(relation(u, v) for u, v in corners)
    point = FloatBalls.exactly(0.0)
    assert bool(SURELY[relation](point)) == relation(0, 0)


# -- derivatives -----------------------------------------------------------------------------------


def test_every_operation_of_a_tape_has_a_row():
    """A function that is added to the tape is added here."""
    arithmetic = {
        operations.add,
        operations.multiply,
        operations.reciprocal,
        operations.power,
        operations.square_root,
        operations.identity,
    }
    assert set(OPERATIONS) == {*FUNCTIONS.values(), *arithmetic}


def slope_at(function, args, moving=0):
    """The derivative by one argument, over a box about points: middle and error."""
    slots = {
        place: FloatBalls(np.array([value, value]), np.array([0.0, 1e-3 * (place == moving)]))
        for place, value in enumerate(args)
    }
    code = [(function, len(args), tuple(range(len(args))))]
    points = {len(args): OPERATIONS[function].value(*(slots[place] for place in range(len(args))))}
    mid, error = jacobian(code, slots, {moving: 1.0}, [len(args)], points, 1e-3)
    return mid[:, 0, 0], error[:, 0]


@pytest.mark.parametrize("name", FUNCTIONS, ids=lambda name: name.__name__)
def test_the_slope_of_a_function_is_mpmaths_over_the_whole_box(name):
    """At a point nearly to the last bit; over a box at its ends, too."""
    known = getattr(mp, name.__name__, mp.sqrt)
    mid, error = slope_at(FUNCTIONS[name], [0.3])
    assert error[0] < 1e-14
    for at in (0.299, 0.2995, 0.3, 0.301):
        assert abs(mid[1] - mp.diff(known, at)) <= error[1]
    assert abs(mid[0] - mp.diff(known, 0.3)) <= error[0] + 1e-14
    assert error[1] < 0.02


@pytest.mark.parametrize(
    "function, moving, slope",
    [
        (operations.add, 1, 1.0),
        (operations.multiply, 0, 1.5),
        (operations.power, 0, 1.5 * 0.3**0.5),
    ],
)
def test_the_slope_by_an_operand_is_the_textbooks(function, moving, slope):
    """d(u v)/du = v, d(u^p)/du = p u^(p - 1), here at u = 0.3 and v = p = 1.5."""
    mid, error = slope_at(function, [0.3, 1.5], moving)
    assert abs(mid[0] - slope) < 1e-14
    assert error[0] < 1e-14


def test_a_box_that_straddles_a_kink_is_not_differentiated():
    """Its two sides have different slopes; away from it, each box has its own."""
    branch = Branch("r", 0, operator.gt, operator.le, set(), set())
    zero, u = FloatBalls.exactly(0.0), FloatBalls(np.array([1.0, -1.0]), np.array([0.5, 0.5]))
    code = [(branch, 2, (0, 1, 0, 1))]
    points = {2: FloatBalls(np.array([1.0, 0.0]), np.zeros(2))}
    mid, _ = jacobian(code, {0: u, 1: zero}, {0: 1.0}, [2], points, 0.5)
    assert mid[:, 0, 0].tolist() == [1, 0]
    with pytest.raises(LimitError, match="kink"):
        jacobian(code, {0: FloatBalls(u.mid, np.array([0.5, 1.5])), 1: zero}, {0: 1.0}, [2], points, 0.5)


# -- errors ----------------------------------------------------------------------------------------


def test_errors_stay_within_their_reach_and_do_not_wrap():
    """Of 960 turns by a radian, with what each adds; in plain intervals the bound grows like 1.38^n."""
    rng = np.random.default_rng(2)
    turn = np.array([[np.cos(1), -np.sin(1), 0.1], [np.sin(1), np.cos(1), 0], [0, 0, 0.5]])
    maps = turn + 0.001 * rng.normal(size=(960, 3, 3))
    off, rounding = np.full((960, 3), 1e-9), np.full((960, 3), 1e-8)
    _, reaches = propagated(ErrorSet.around(np.full(3, 1e-3)), maps, off, rounding)
    largest = np.zeros((960, 3))
    for _ in range(50):
        e = rng.choice([-1e-3, 1e-3], 3)
        for n in range(960):
            e = (maps[n] + rng.choice([-1e-9, 1e-9], (3, 3))) @ e + rng.choice([-1e-8, 1e-8], 3)
            largest[n] = np.maximum(largest[n], np.abs(e))
    assert (largest <= reaches).all()
    assert (reaches < 20 * largest.max()).all()


def test_units_that_are_far_apart_enlarge_no_error():
    """The turns of the plane seen in units 2^40 apart: a box turned with its axes would wrap at each."""
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    units = np.array([1, 2.0**-40])
    maps = np.broadcast_to(turn * units / units[:, np.newaxis], (500, 2, 2))
    start = ErrorSet.around(np.array([1, 2.0**40]))
    _, reaches = propagated(start, maps, np.zeros((500, 2)), np.zeros((500, 2)))
    assert (reaches < 4 * start.reach).all()


def support(errors, direction):
    """The largest inner product of an error with a direction: of a convex set, it says all."""
    axes, slack = mp.matrix(errors.axes.tolist()), mp.matrix(errors.slack.tolist())
    return mp.norm(axes.T * direction) + sum(abs(h) * s for h, s in zip(direction, slack, strict=True))


@pytest.mark.parametrize("bits, wider", [(40, 2), (0, 64)], ids=["faint", "any"])
def test_what_is_gathered_holds_what_it_was_in_every_direction(bits, wider):
    """Of ellipsoids as flat as 2^-30, across what is flat and at the corners of boxes; faint ones cost little."""
    rng = np.random.default_rng(3)
    with mp.workdps(60):
        for _ in range(10):
            axes = np.linalg.qr(rng.normal(size=(3, 3)))[0] * 2.0 ** -rng.integers(0, 30, 3)
            old = ErrorSet(axes, 2.0 ** -rng.integers(bits, 50, 3))
            new = old.gathered()
            for row in [*rng.normal(size=(10, 3)), *np.linalg.inv(axes), *np.eye(3), 1 / old.slack]:
                direction = mp.matrix(row.tolist())
                assert 1 <= support(new, direction) / support(old, direction) < wider


def test_a_box_that_is_long_beside_a_flat_ellipsoid_widens_no_other_side():
    """Where the box is eight times the ellipsoid, one factor for all sides would make all three times as wide."""
    old = ErrorSet(np.diag([1, 2.0**-20]), np.array([2.0**-40, 2.0**-17]))
    widened = old.gathered().reach / old.reach
    assert (widened >= 1).all()
    assert widened[0] < 1.01
    assert widened[1] < 16


# -- trainings -------------------------------------------------------------------------------------

RULES = [file_of(rule) for rule in UPDATE_RULES if not rule.sample]


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: "-".join(rule.values()))
@pytest.mark.parametrize("batch", ["online", 3])
def test_points_and_plain_balls_enclose_the_same(rule, batch):
    """Either proves its own; of a rational number more than the first thirty digits are the same."""
    stated = problem(batch=batch, **rule, seed=4)
    moments = [100, 101, 165]
    found = along_points(stated, moments)
    plain, _ = training._Run(stated, training.unchanged).attempt(moments, 2048)
    for n in moments:
        for key in training.carried_over(stated):
            one, other = enclosure(found[n].values[key]), enclosure(plain[n].values[key])
            assert one.lo <= other.hi and other.lo <= one.hi, (n, key)
            assert other.radius < one.radius < Fraction(1, 10**40)


def test_a_bound_that_outgrows_its_boxes_proves_nothing_more():
    """Points of 84 bits leave room for a few roundings: what comes after is not said."""
    run = training._Run(problem(), training.unchanged)
    begun, _ = run.attempt([32], 256)
    updates = islice(run.updates(), 32, None)
    shadow = shadowed(begun[32].values, updates, run.handed_on, [], [1, 400], 84)
    assert set(shadow.states) == {1}
    assert 0 < shadow.lost[-1][0] < 400


def test_maps_however_steep_prove_nothing_and_raise_nothing():
    """1e200 twice is no float: from there on nothing is said."""
    maps, none = np.tile(np.eye(2) * 1e200, (8, 1, 1)), np.zeros((8, 2))
    _, reaches = propagated(ErrorSet.around(np.full(2, 1e-30)), maps, none, none)
    assert np.isinf(reaches[1:]).all()


def descent(updates):
    """Gradient descent on one tanh unit, in 2,000 digits; by hand."""
    with mp.workdps(2000):
        w, b, x, y, rate = mp.mpf("0.5"), mp.mpf("0.3"), mp.mpf("0.7"), mp.mpf("0.9"), mp.mpf("0.1")
        for _ in range(updates):
            a = mp.tanh(w * x + b)
            delta = (a - y) * (1 - a * a)
            w, b = w - rate * delta * x, b - rate * delta
        return w, b


@pytest.mark.slow
def test_the_truth_is_where_mpmath_finds_it_to_2000_digits():
    """Within the radius, which is not a thousand times too wide."""
    layer = {"units": 1, "activation": "tanh", "weights": [["0.5"]], "biases": ["0.3"]}
    stated = load_problem(
        {
            "network": {"inputs": 1, "cost": "half_squared_error", "layers": [layer]},
            "data": {"x": [["0.7"]], "y": [["0.9"]]},
            "training": {"rate": "0.1"},
        }
    )
    values = along_points(stated, [150])[150].values
    with mp.workdps(2000):
        for key, truth in zip(("w1[1,1]", "b1[1]"), descent(150), strict=True):
            found = enclosure(values[key])
            mid, radius = (mp.mpf(f.numerator) / f.denominator for f in (found.mid, found.radius))
            assert abs(mid - truth) <= radius < 10_000 * abs(mid - truth)


@pytest.mark.parametrize("rule", ["gradient_descent", "adam"])
def test_what_never_moves_is_known_exactly(rule):
    """An input that is always 0 moves none of its weights, and under Adam divides 0 by epsilon."""
    stated = problem(x=[[row[0], 0] for row in X], rule=rule)
    values = along_points(stated, [200])[200].values
    assert enclosure(values["w1[1,2]"]).lo == enclosure(values["w1[1,2]"]).hi == Fraction(-1, 4)
    assert enclosure(values["w1[1,1]"]).radius > 0


def test_units_with_kinks_are_followed_between_them():
    """relu, also of a z that is exactly 0 to begin with."""
    stated = problem("relu", x=[[0, 0], *X[1:]], biases=[0, "0.1"], batch=2)
    found = along_points(stated, [300])[300].values
    plain, _ = training._Run(stated, training.unchanged).attempt([300], 2048)
    for key in training.carried_over(stated):
        one, other = enclosure(found[key]), enclosure(plain[300].values[key])
        assert one.lo <= other.hi and other.lo <= one.hi


def test_where_floats_cannot_say_plain_balls_do(monkeypatch):
    """The course is the same, only later."""

    def fail(*_):
        raise LimitError("a box straddles a kink")

    stated = problem(batch="online")
    values = follow(stated, [600]).at(600).values
    monkeypatch.setattr(shadowing, "shadowed", fail)
    again = follow(stated, [600]).at(600).values
    assert enclosure(values["b2[1]"]).text(25) == enclosure(again["b2[1]"]).text(25)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule, truth, bits",
    [
        ({"rule": "gradient_descent", "rate": "0.5"}, "1.87125186034293497782250814466", 256),
        ({"rule": "momentum", "rate": "0.5"}, "1.74066700868460222131329928848", 256),
        ({"rule": "adam", "rate": "0.01"}, "2.38459051634765186498665422967", 896),
    ],
    ids=lambda part: part["rule"] if isinstance(part, dict) else "",
)
def test_ten_thousand_updates_are_known_to_thirty_digits(rule, truth, bits):
    """The digits that plain balls of six and of sixteen thousand bits proved; Adam's are of 3,000-bit points."""
    weights, biases = (
        ([["0.15", "0.2"], ["0.25", "0.3"]], [["0.4", "0.45"], ["0.5", "0.55"]]),
        ("0.35", "0.6"),
    )
    layers = [
        {"units": 2, "activation": "sigmoid", "weights": w, "biases": [b, b]}
        for w, b in zip(weights, biases, strict=True)
    ]
    stated = load_problem(
        {
            "network": {"inputs": 2, "cost": "half_squared_error", "layers": layers},
            "data": {
                "x": [["0.05", "0.1"], ["0.5", "-0.3"], ["-0.7", "0.9"], ["0.8", "0.6"]],
                "y": [["0.01", "0.99"], ["0.4", "0.2"], ["0.9", "0.6"], ["0.3", "0.7"]],
            },
            "training": rule,
        }
    )
    state = follow(stated, [10_000]).at(10_000)
    assert enclosure(state.values["w1[1,1]"]).text() == truth
    assert state.bits == bits
