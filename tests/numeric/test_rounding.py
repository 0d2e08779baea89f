"""The claim of every operation holds, and is worth having.

Truths are computed with Fraction, or by mpmath to 700 digits, on operands anywhere
within their own claims.
"""

import math
import operator
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numeric.floats import rounding
from numeric.floats.rounding import (
    Rounded,
    in_doubt,
    is_zero,
    select,
    sigmoid_residual,
    squares,
    weigh,
    where,
)
from tests.kinds import every

DIGITS = 700
ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
FUNCTIONS = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "erf": mp.erf,
    "erfc": lambda x: mp.erfc(x) if x < 10**6 else mp.mpf(0),  # mpmath cannot reach 10^(-10^11)
    "sign": mp.sign,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
}
thoroughly = settings(max_examples=200, deadline=None, derandomize=True)

ordinary = st.floats(-10, 10) | st.integers(-50, 50).map(float) | st.floats(-800, 800)
extreme = st.floats(-1e308, 1e308) | st.sampled_from([0.0, 5e-324, 1e-308, -1e-300, 1e300, 2.0**53 + 2])
floats = ordinary | extreme
errors = st.sampled_from([0.0, 0.0, 5e-324, 1e-300, 1e-16, 1e-9, 1e-3, 1.0])
places = st.sampled_from([Fraction(-1), Fraction(-1, 2), Fraction(0), Fraction(1, 3), Fraction(1)])


@st.composite
def uncertain(draw, values=floats):
    """A claim and a true number somewhere within it."""
    value, error = draw(values), draw(errors)
    error = error * abs(value) if draw(st.booleans()) else error
    return Rounded(value, error), Fraction(value) + draw(places) * Fraction(error)


def holds(claim, truth):
    """|true - value| <= error, compared exactly."""
    if claim.error == math.inf:
        return True
    number = Fraction if isinstance(truth, Fraction) else mp.mpf
    return abs(truth - number(float(claim.value))) <= number(float(claim.error))


def precise(fraction):
    return mp.mpf(fraction.numerator) / fraction.denominator


@pytest.mark.parametrize("symbol", every(ARITHMETIC, 4))
@thoroughly
@given(uncertain(), uncertain())
def test_arithmetic_keeps_its_claim(symbol, left, right):
    """Whatever the operands, also where they cancel, underflow or overflow."""
    (x, true_x), (y, true_y) = left, right
    assume(not (symbol == "/" and true_y == 0))
    operation = ARITHMETIC[symbol]
    assert holds(operation(x, y), operation(true_x, true_y))


@pytest.mark.parametrize("symbol", every(ARITHMETIC, 4))
@thoroughly
@given(uncertain(ordinary), st.integers(-5, 5))
def test_arithmetic_keeps_its_claim_on_nearly_equal_numbers(symbol, left, units):
    """Cancellation loses the operands' digits and must say so."""
    x, true_x = left
    y = Rounded.exact(float(x.value) * (1 + units * 2.0**-52))
    true_y = Fraction(float(y.value))
    assume(not (symbol == "/" and true_y == 0))
    operation = ARITHMETIC[symbol]
    assert holds(operation(x, y), operation(true_x, true_y))


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@thoroughly
@given(uncertain())
def test_functions_keep_their_claim(name, operand):
    """4 ulp are enough for NumPy's functions, and the operand's error is carried rigorously."""
    x, true_x = operand
    claim = getattr(rounding, name)(x)
    if claim.error < np.inf:
        with mp.workdps(DIGITS):
            assert holds(claim, FUNCTIONS[name](precise(true_x)))


@thoroughly
@given(uncertain(), st.integers(-9, 9))
def test_integer_powers_keep_their_claim(operand, n):
    """Also of negative numbers, and of 0."""
    x, true_x = operand
    assume(n >= 0 or true_x != 0)
    assert holds(x**n, true_x**n)


@pytest.mark.slow
@thoroughly
@given(uncertain(st.floats(1e-300, 1e300) | st.floats(0.01, 10)), uncertain(st.floats(-20, 20)))
def test_real_powers_keep_their_claim(base, exponent):
    """Errors in base and exponent both move x^p."""
    (x, true_x), (p, true_p) = base, exponent
    claim = x**p
    if claim.error < np.inf:
        with mp.workdps(DIGITS):
            assert holds(claim, precise(true_x) ** precise(true_p))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(uncertain(), min_size=12, max_size=12), st.lists(uncertain(), min_size=12, max_size=12))
def test_batched_matrix_products_keep_their_claim(left, right):
    """(2, 2, 3) @ (2, 3, 2), entry by entry against exact sums."""
    A, B = (_stack(entries).reshape(*shape) for entries, shape in ((left, (2, 2, 3)), (right, (2, 3, 2))))
    true_A, true_B = (np.array([truth for _, truth in entries], dtype=object) for entries in (left, right))
    truth = true_A.reshape(2, 2, 3) @ true_B.reshape(2, 3, 2)
    claim = A @ B
    assert all(holds(claim[place], truth[place]) for place in np.ndindex(claim.shape))


@pytest.mark.parametrize("small", [5e-324, 1e-310, 3e-308])
def test_a_matrix_product_keeps_its_claim_where_a_subnormal_meets_a_huge_number(small):
    """Half a unit of a subnormal is no float, but 10^300 times it is."""
    claim = Rounded.exact([[1e300, 1e300 / 3]]) @ np.array([[small], [small * 1.7]])
    truth = Fraction(1e300) * Fraction(small) + Fraction(1e300 / 3) * Fraction(small * 1.7)
    assert holds(claim[0, 0], truth)


def test_a_quotient_keeps_its_claim_where_its_parts_are_tiny():
    """q e underflows, and divided by a tiny denominator it is the whole error."""
    y = Rounded(4e-245, 4e-259)
    assert holds(Rounded.exact(2e-313) / y, Fraction(2e-313) / (Fraction(4e-245) + Fraction(4e-259)))


@thoroughly
@given(st.lists(uncertain(), min_size=1, max_size=20))
def test_sums_keep_their_claim(entries):
    """In whatever order NumPy adds."""
    assert holds(_stack(entries).sum(), sum(truth for _, truth in entries))


@thoroughly
@given(st.lists(uncertain(), min_size=1, max_size=6))
def test_a_sum_of_squares_keeps_its_claim(numbers):
    """At once as number by number."""
    claims, truths = zip(*numbers, strict=True)
    x = Rounded(np.array([one.value for one in claims]), np.array([one.error for one in claims]))
    assert holds(squares(x), sum(true * true for true in truths))


@thoroughly
@given(
    uncertain(st.floats(-40, 40) | st.floats(-800, 800)),
    st.sampled_from([0.0, 1.0, 0.5, 0.01, -2.0]) | st.floats(-3, 3),
)
def test_what_a_sigmoid_leaves_of_its_target_keeps_its_claim(number, y):
    """By either form, also where it saturates."""
    x, true_x = number
    with mp.workdps(DIGITS):
        truth = 1 / (1 + mp.exp(-precise(true_x))) - mp.mpf(y)
        assert holds(sigmoid_residual(x, Rounded.exact(y)), truth)


@pytest.mark.slow
@thoroughly
@given(st.lists(st.integers(-(2**34), 2**34), min_size=4, max_size=4))
def test_multiples_of_a_small_unit_are_called_exact_only_where_they_are(counts):
    """Multiples of 2^-12 fill 53 bits sooner or later, in products first."""
    truth = [Fraction(count, 2**12) for count in counts]
    x = Rounded.of(truth)
    assert not x.error.any()
    assert holds(x.sum(), sum(truth))
    assert holds(x[0] * x[1], truth[0] * truth[1])
    assert holds(x[:2] @ x[2:], truth[0] * truth[2] + truth[1] * truth[3])


def _stack(entries):
    return Rounded([claim.value for claim, _ in entries], [claim.error for claim, _ in entries])


@thoroughly
@given(uncertain(ordinary), uncertain(ordinary), uncertain(ordinary))
def test_a_choice_covers_both_branches_where_its_sign_is_in_doubt(margin, above, below):
    """relu and its kin may be on either side of the kink."""
    (m, true_m), (x, true_x), (y, true_y) = margin, above, below
    assert holds(select(m, x, y), true_x if true_m > 0 else true_y)


@thoroughly
@given(st.fractions() | st.decimals(allow_nan=False, allow_infinity=False, places=30) | st.integers())
def test_exact_numbers_become_the_nearest_float_with_half_a_unit(number):
    """Claims start here: 0.1 is off by half a unit at most, 0.5 not at all."""
    claim, truth = Rounded.of(number), Fraction(number)
    assert holds(claim, truth)
    assert (claim.error == 0) == (Fraction(float(claim.value)) == truth)
    assert claim.error <= max(math.ulp(float(claim.value)) / 2, 5e-324)


def test_numbers_beyond_float64_claim_nothing():
    """10^400 is no float."""
    claim = Rounded.of([Fraction(10) ** 400, Fraction(-10) ** 401])
    assert claim.error.tolist() == [math.inf, math.inf]
    assert claim.value.tolist() == [math.inf, -math.inf]


def test_a_well_conditioned_chain_of_fifty_operations_claims_twelve_digits():
    """Bounds that are right but silly would leave every verdict undecided."""
    x = Rounded.of(Fraction(1, 10))
    for k in range(1, 11):
        x = rounding.sqrt(rounding.exp(rounding.sin(x * k)) / (x + 3)) + 1
    assert 0 < x.error < 1e-12 * abs(x.value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_exact_numbers_claim_fifteen_digits(name):
    """Only the function's own rounding is left."""
    claim = getattr(rounding, name)(Rounded.exact([0.3, 0.7, 0.01]))
    assert (claim.error < 2e-15 * np.abs(claim.value)).all()


def test_a_sum_knows_what_its_rounding_took():
    """1 + 2^-60 rounds to 1, and 2^-60 is what may be missing, not half a unit."""
    claim = Rounded.exact(1.0) + Rounded.exact(2.0**-60)
    assert claim.error == pytest.approx(2.0**-60)


@pytest.mark.parametrize(
    "exactly",
    [
        lambda x: 0 * x,
        lambda x: (x - x) * 0 + 3,
        lambda x: 0 / x,
        lambda x: Rounded.exact(0.1) + 0,
        lambda x: Rounded.exact([[0, 0.1]]) @ np.array([[0.3], [0.0]]),
        lambda x: Rounded.exact([[1.0, 1.0]]) @ np.array([[1.0], [-1.0]]) + 0,
        lambda x: Rounded.exact([0.0, 0.1, 0.0]).sum(),
        lambda x: Rounded.exact([1.5, -2.25, 3]).sum(),
        lambda x: Rounded.exact(-3.0) ** 3,
        lambda x: Rounded.exact(2.0) ** -2,
        lambda x: Rounded.exact(0.0) ** 0,
        lambda x: Rounded.exact(6.0) / 4,
        lambda x: rounding.exp(0 * x) + rounding.log(Rounded.exact(1.0)),
        lambda x: rounding.sigmoid(0 * x),
    ],
)
def test_what_is_exact_stays_exact(exactly):
    """A kink hit exactly is a convention; with an error of 1e-320 it would be a doubt."""
    assert not exactly(Rounded.of(Fraction(1, 10))).error.any()


@pytest.mark.parametrize(
    "undefined",
    [
        lambda: Rounded.exact(1e300) * 1e300,
        lambda: Rounded.exact(1e308) + 1e308,
        lambda: Rounded.exact(1.0) / 0,
        lambda: Rounded.exact(0.0) / 0,
        lambda: Rounded.exact(1.0) / Rounded(1e-9, 1e-9),
        lambda: Rounded.exact([[1e300]]) @ np.array([[1e300]]),
        lambda: Rounded.exact([1e308, 1e308]).sum(),
        lambda: rounding.exp(Rounded.exact(1e5)),
        lambda: rounding.log(Rounded.exact([0.0, -1.0])),
        lambda: rounding.log(Rounded(1e-9, 2e-9)),
        lambda: rounding.log1p(Rounded.exact([-1.0, -2.0])),
        lambda: rounding.sqrt(Rounded.exact(-1.0)),
        lambda: rounding.sqrt(Rounded(1e-9, 2e-9)),
        lambda: Rounded.exact([-2.0, 0.0]) ** 0.5,
        lambda: 0 * rounding.log(Rounded(1e-9, 2e-9)),
        lambda: select(rounding.log(Rounded.exact(-1.0)), 1.0, 0.0),
        lambda: Rounded.exact([np.inf, np.nan]),
    ],
)
def test_what_overflows_or_may_be_undefined_claims_nothing(undefined):
    """No number comes out of ln(-1), and no warning either."""
    assert np.isinf(undefined().error).all()


def test_an_exact_zero_weight_silences_an_undefined_term():
    """0 ln 0 = 0 in a cross-entropy with a one-hot target."""
    term = rounding.log(Rounded.exact([0.0, 1.0]))
    assert is_zero(weigh(Rounded.exact([0.0, 0.0]), term)).all()
    assert weigh(Rounded(0.0, 1e-300), term)[0].error == math.inf


def test_a_sign_is_in_doubt_where_the_claim_holds_zero_and_more():
    """Exactly 0 is not in doubt; neither is a claim clear of 0."""
    margin = Rounded([0.0, 0.0, 1.0, 1.0, -1.0], [0.0, 1e-9, 0.5, 1.0, 2.0])
    assert in_doubt(margin).tolist() == [False, True, False, True, True]


def test_an_exact_condition_chooses_entry_by_entry():
    """where adds no doubt of its own."""
    chosen = where(np.array([True, False]), Rounded([1.0, 2.0], [0.1, 0.2]), 5.0)
    assert chosen.value.tolist() == [1.0, 5.0]
    assert chosen.error.tolist() == [0.1, 0.0]


@pytest.mark.parametrize(
    "moved",
    [
        lambda x: x.T,
        lambda x: x.swapaxes(0, 1),
        lambda x: x.reshape(3, 2),
        lambda x: x[1, ::-1],
        lambda x: x[..., None],
        lambda x: x.broadcast_to((4, 2, 3)),
    ],
)
def test_errors_move_with_their_values(moved):
    """A claim without its entry would be another entry's claim."""
    values = np.arange(6.0).reshape(2, 3)
    claim = moved(Rounded(values, values / 1000))
    assert np.array_equal(claim.error, claim.value / 1000)
    assert claim.error.shape == claim.value.shape == claim.shape


def test_an_array_on_the_left_leaves_the_operation_to_the_claim():
    """NumPy would otherwise make an array of objects."""
    x = Rounded.exact([1.0, 2.0])
    for result in (np.ones(2) + x, np.ones(2) - x, np.ones(2) * x, np.ones(2) / x, np.ones((2, 2)) @ x):
        assert isinstance(result, Rounded)
        assert result.shape == (2,)


def test_errors_of_another_shape_are_refused():
    """Each number needs a claim of its own."""
    with pytest.raises(ValueError, match=r"shape \(2,\), their errors \(\)"):
        Rounded([1.0, 2.0], 0.0)


@pytest.mark.parametrize("name", ["exp", "expm1"])
def test_far_below_0_an_exponential_is_known_however_inexact_its_exponent_is(name):
    """Weighted inputs of 1e150 are known to 1e134, and e^-z to nothing that matters."""
    claim = getattr(rounding, name)(Rounded(np.array([-1e150, -60.0]), np.array([1e134, 20.0])))
    assert (claim.error <= 1e-15).all()
