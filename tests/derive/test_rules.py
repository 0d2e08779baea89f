"""Every rule's usual slope is SymPy's own, and a wrong one is not believed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from derive.expressions import Formula, prove, slope, usual_slope
from derive.formula import Scope, parse
from derive.rules import ACTIVATIONS, COSTS, A, Activation, K, S, Y, Z, activation_of, cost_of
from derive.whole_functions import unspecified, written_out
from tests.kinds import RULES, every, thinned

WIDTHS = (1, 2, 3, 4, 5, 6)
POINTS = (sp.Rational(-7, 4), sp.Rational(1, 3), sp.Rational(9, 5))

# Beside its defaults every rule stands here with other parameters: none is true at alpha = 1 only.
OTHER = {
    "leaky_relu": {"alpha": Fraction("0.2")},
    "elu": {"alpha": Fraction("0.7")},
    "softplus": {"beta": Fraction(3)},
    "silu": {"beta": Fraction("1.702")},
    "hard_sigmoid": {"slope": Fraction("0.2"), "offset": Fraction("0.4")},
    "huber": {"delta": Fraction("1.345")},
    "maxout": {"pieces": Fraction(3)},
}


def settled(table):
    """Every row with its defaults, and with other parameters where it has any."""
    rows = [made for name, rule in table.items() for made in (rule.given(), rule.given(OTHER.get(name, {})))]
    return list(dict.fromkeys(rows))


def with_values(rule):
    return "-".join([rule.name, *map(str, rule.values)])


USUAL = [rule for rule in settled(ACTIVATIONS) if rule.usual is not None]
PLAIN = [rule for rule in ACTIVATIONS.values() if rule.usual is None]
COUPLED = [rule for rule in ACTIVATIONS.values() if rule.couples]


def by_name(rule):
    return rule.name


def formula_in(text: str, letters: set[str]):
    return parse(text, Scope(names=frozenset(letters)))


def value(expr: sp.Expr, at: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    return written_out(expr.xreplace(at)).evalf(40)


def usual_at(rule: Activation, width: int, position: int) -> tuple[sp.Expr, sp.Expr]:
    """The stated slope and SymPy's, both at a point where every unit's weighted input differs."""
    formula = rule.formula(width)
    zs = formula.formals[: len(formula.results)]
    point = {z: POINTS[0] + sp.Rational(3 * k, 7) for k, z in enumerate(zs)} | rule.numbers
    results = {}
    for k, result in enumerate(formula.results):
        exchanged = {
            formula.formals[0]: point[formula.formals[k]],
            formula.formals[k]: point[formula.formals[0]],
        }
        results[result] = formula.expr.xreplace(point | exchanged)
    stated = usual_slope(formula, position)
    assert set(stated.formals) == {*formula.formals, *formula.results}, "the usual form was not taken"
    return value(stated.expr, point | results), value(sp.diff(formula.expr, formula.formals[position]), point)


@pytest.mark.parametrize("rule", USUAL, ids=with_values)
def test_the_usual_slope_of_an_activation_is_proved(rule):
    """Books' φ′ is shown only because this holds."""
    assert prove(rule.formula(3), 0)


@pytest.mark.parametrize("rule", USUAL, ids=with_values)
def test_the_usual_slope_of_an_activation_has_sympy_s_value(rule):
    """The proof is checked by numbers, so that a prover that always says yes is found out."""
    stated, derived = usual_at(rule, 3, 0)
    assert abs(stated - derived) < sp.Float("1e-35")


@pytest.mark.parametrize("width", every(WIDTHS, 2))
@pytest.mark.parametrize("rule", COUPLED, ids=by_name)
def test_a_coupled_layer_s_slopes_are_proved_at_every_width(rule, width):
    """Softmax by its own and by every other unit's weighted input, one unit alone included."""
    assert all(prove(rule.formula(width), position) for position in range(width))


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("rule", COUPLED, ids=by_name)
def test_a_coupled_layer_s_slopes_have_sympy_s_values(rule, position):
    """−a_j a_k for the right k: an exchanged pair of units would show here."""
    stated, derived = usual_at(rule, 4, position)
    assert abs(stated - derived) < sp.Float("1e-35")


@pytest.mark.parametrize(
    "wrong",
    every([lambda usual: 2 * usual, lambda usual: -usual, lambda usual: usual + A], 3),
    ids=["2φ'", "-φ'", "φ'+a"],
)
@pytest.mark.parametrize("rule", USUAL, ids=with_values)
def test_a_wrong_usual_slope_is_not_believed(rule, wrong):
    """A slip in the table falls back to SymPy's derivative instead of reaching a page."""
    formula = replace(rule, usual=wrong(rule.usual)).formula(2)
    assert not prove(formula, 0)
    assert usual_slope(formula, 0) == slope(formula, 0)


@pytest.mark.parametrize("wrong", [A * Y, -A * (1 - Y), -Y, -(A**2)], ids=str)
@pytest.mark.parametrize("rule", COUPLED, ids=by_name)
def test_a_wrong_cross_slope_is_not_believed(rule, wrong):
    """The sign, the other unit's index and the Kronecker delta of softmax are all easily missed."""
    formula = replace(rule, cross=wrong).formula(3)
    assert not prove(formula, 1)
    assert usual_slope(formula, 1) == slope(formula, 1)


@pytest.mark.parametrize("rule", PLAIN, ids=by_name)
def test_a_rule_without_a_usual_slope_has_sympy_s(rule):
    """Nothing stated, nothing to prove."""
    formula = rule.formula(3)
    assert not prove(formula, 0)
    assert usual_slope(formula, 0) == slope(formula, 0)


USUAL_COSTS = [rule for rule in settled(COSTS) if rule.usual is not None]


@pytest.mark.parametrize("rule", USUAL_COSTS, ids=with_values)
def test_the_usual_slope_of_a_cost_is_proved(rule):
    """∂C/∂a as books print it."""
    assert prove(rule.formula, 0)
    assert usual_slope(rule.formula, 0).expr == rule.put_in(rule.usual)


@pytest.mark.parametrize("a", ["2/7", "19/20"])
@pytest.mark.parametrize("rule", USUAL_COSTS, ids=with_values)
def test_the_usual_slope_of_a_cost_has_sympy_s_value(rule, a):
    """The proof is checked by numbers."""
    point = rule.numbers | {A: sp.Rational(a), Y: sp.Rational(3, 5), K: sp.Integer(4)}
    assert abs(value(rule.usual, point) - value(sp.diff(rule.part, A), point)) < sp.Float("1e-35")


@pytest.mark.parametrize(
    "wrong",
    every([lambda usual: 2 * usual, lambda usual: -usual, lambda usual: usual + Y], 3),
    ids=["2C'", "-C'", "C'+y"],
)
@pytest.mark.parametrize("rule", USUAL_COSTS, ids=with_values)
def test_a_wrong_usual_slope_of_a_cost_is_not_believed(rule, wrong):
    """y − a for a − y, or the factor 2, would be the commonest slips."""
    formula = replace(rule, usual=wrong(rule.usual)).formula
    assert not prove(formula, 0)
    assert usual_slope(formula, 0) == slope(formula, 0)


@pytest.mark.parametrize("rule", COSTS.values(), ids=by_name)
def test_a_cost_reads_the_number_of_outputs_only_where_it_needs_it(rule):
    """K is an argument of the mean over outputs alone."""
    assert (K in rule.formula.formals) == rule.part.has(K)


KINKED = [rule for rule in settled(ACTIVATIONS) if rule.kinks]

# Where a unit has several z, the kink is at the second, which is above the third and all further ones.
FURTHER = {sp.Symbol(f"z_{k}"): sp.Rational(3 - k, 3) for k in range(2, 7)}


def in_one_z(rule, expr):
    """An expression in the unit's first z alone, with numbers for its further ones and its parameters."""
    return written_out(expr).subs(rule.numbers).xreplace(FURTHER)


def kinks_of(rule):
    return [(kink.at.xreplace(FURTHER), kink.slope) for kink in rule.kinks]


@pytest.mark.parametrize("rule", KINKED, ids=with_values)
def test_sympy_s_slope_at_a_kink_is_the_convention_of_the_row(rule):
    """The convention is printed from the row, and SymPy computes: they must be one."""
    derived = in_one_z(rule, slope(rule.formula(1), 0).expr)
    assert all(derived.subs(Z, at) == counts for at, counts in kinks_of(rule))


@pytest.mark.parametrize("rule", KINKED, ids=with_values)
def test_a_kink_is_where_the_function_or_its_slope_jumps(rule):
    """A convention is needed only where the two sides disagree."""
    phi = rule.formula(1).expr
    sides = [in_one_z(rule, side) for side in (phi, slope(rule.formula(1), 0).expr)]
    tiny = sp.Rational(1, 10**9)
    for at, _ in kinks_of(rule):
        jumps = [side.subs(Z, at + tiny) - side.subs(Z, at - tiny) for side in sides]
        assert any(abs(jump) > sp.Rational(1, 10) for jump in jumps)


@pytest.mark.parametrize("rule", settled(ACTIVATIONS), ids=with_values)
def test_every_jump_of_an_activation_is_a_kink_of_its_row(rule):
    """Where pieces meet with two slopes, the page must say which one counts."""
    derived = in_one_z(rule, slope(rule.formula(1), 0).expr)
    meets = {
        at
        for relation in derived.atoms(sp.core.relational.Relational)
        for at in [*FURTHER.values(), *sp.solve(sp.Eq(relation.lhs, relation.rhs), Z)]
        if at.is_number
    }
    tiny = sp.Rational(1, 10**9)
    jumps = {
        at for at in meets
        if abs(derived.subs(Z, at + tiny) - derived.subs(Z, at - tiny)) > sp.Rational(1, 10**6)
    }  # fmt: skip
    assert jumps <= {at for at, _ in kinks_of(rule)}


@pytest.mark.parametrize("y", [-1, 1])
@pytest.mark.parametrize("rule", [rule for rule in settled(COSTS) if rule.kinks], ids=with_values)
def test_sympy_s_slope_at_a_cost_s_kink_is_the_convention_of_the_row(rule, y):
    """Of the absolute error at a = y, of the hinge at y a = 1."""
    derived = written_out(slope(rule.formula, 0).expr).subs(rule.numbers)
    for kink in rule.kinks:
        assert derived.subs({A: kink.at.subs(Y, y), Y: y}) == kink.slope


@pytest.mark.parametrize("rule", [rule for rule in COSTS.values() if rule.couples], ids=by_name)
@pytest.mark.parametrize("outputs", [1, 2, 4])
def test_a_cost_on_logits_reads_every_output_of_its_sample(rule, outputs):
    """Part k with S put in; the other outputs follow a and y."""
    formula = rule.over(outputs)
    others = sp.symbols(f"a_2:{outputs + 1}")
    assert formula.formals == (A, Y, *others)
    assert formula.expr == rule.part.subs(S, rule.whole((A, *others)))


@pytest.mark.parametrize("rule", [*ACTIVATIONS.values(), *COSTS.values()], ids=by_name)
def test_a_rule_names_its_source(rule):
    """Whoever doubts a row can look it up."""
    assert rule.source


@pytest.mark.parametrize("table", [ACTIVATIONS, COSTS], ids=["activations", "costs"])
def test_every_parameter_of_a_rule_says_what_it_is(table):
    """A page and a message quote it; the default is a value that is allowed."""
    for rule in table.values():
        for parameter in rule.parameters:
            assert parameter.meaning
            assert parameter.allows(parameter.default)


@pytest.mark.parametrize("table", [ACTIVATIONS, COSTS], ids=["activations", "costs"])
def test_a_rule_is_found_by_its_name(table):
    """The key is the row's own name."""
    assert all(name == rule.name for name, rule in table.items())


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [2, 3, 5])
def test_a_maxout_unit_is_the_largest_of_its_own_weighted_inputs(pieces):
    """Whatever their order, and however many units there are beside it."""
    row = ACTIVATIONS["maxout"].given({"pieces": Fraction(pieces)})
    formula = row.formula(4)
    assert len(formula.formals) == row.pieces == pieces
    slopes = [written_out(slope(formula, k).expr) for k in range(pieces)]
    for top in range(pieces):
        point = {z: sp.Integer(7 if k == top else -k) for k, z in enumerate(formula.formals)}
        assert formula.expr.xreplace(point) == 7
        assert [expr.xreplace(point) for expr in slopes] == [k == top for k in range(pieces)]


def test_of_tied_pieces_the_first_has_the_slope():
    """As everywhere here for max; not one half for each."""
    formula = ACTIVATIONS["maxout"].given({"pieces": Fraction(3)}).formula(1)
    point = dict(zip(formula.formals, map(sp.Integer, (1, 2, 2)), strict=True))
    assert [written_out(slope(formula, k).expr).xreplace(point) for k in range(3)] == [0, 1, 0]


@pytest.mark.parametrize(
    "rule", [rule for rule in ACTIVATIONS.values() if rule.name != "maxout"], ids=by_name
)
def test_any_other_unit_has_one_weighted_input(rule):
    """Its layer has as many rows of weights as units."""
    assert rule.pieces == 1


def test_a_general_activation_has_a_general_slope():
    """φ′ of an unspecified φ stays φ′."""
    assert slope(ACTIVATIONS["general"].formula(1), 0).expr == unspecified("phi", 1)(Z)


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ("z^3 - 2*z", 3 * Z**2 - 2),
        ("exp(-z^2)", -2 * Z * sp.exp(-(Z**2))),
        ("log(1 + exp(z))", sp.exp(Z) / (1 + sp.exp(Z))),
        ("z*sigmoid(z)", 1 / (1 + sp.exp(-Z)) + Z * sp.exp(-Z) / (1 + sp.exp(-Z)) ** 2),
        ("sin(z) + cos(2*z)", sp.cos(Z) - 2 * sp.sin(2 * Z)),
    ],
)
def test_a_formula_activation_is_differentiated_by_sympy(text, derived):
    """The author's φ has no stated slope."""
    formula = activation_of(formula_in(text, {"z"})).formula(4)
    assert formula.formals == (Z,)
    assert sp.simplify(slope(formula, 0).expr - derived) == 0


@pytest.mark.parametrize(("at", "expected"), [(-2, sp.Rational(1, 9)), (0, 1), (2, sp.Rational(1, 9))])
def test_softsign_has_its_slope_through_the_kink_of_abs(at, expected):
    """z/(1 + |z|) is smooth at 0, where |z| is not: the convention for |z| must not spoil it."""
    formula = activation_of(formula_in("z/(1 + abs(z))", {"z"})).formula(1)
    assert slope(formula, 0).expr.subs(Z, at) == expected


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ("(y - a)^2", 2 * (A - Y)),
        ("(a - y)^4/4", (A - Y) ** 3),
        ("-y*log(a)", -Y / A),
        ("exp(a*y)", Y * sp.exp(A * Y)),
    ],
)
def test_a_formula_cost_is_differentiated_by_sympy(text, derived):
    """Of one output, in a and y."""
    formula = cost_of(formula_in(text, {"a", "y"})).formula
    assert formula.formals == (A, Y)
    assert sp.simplify(slope(formula, 0).expr - derived) == 0


def test_the_formulas_of_a_rule_are_made_once():
    """Every step of a layer shares one Formula, so each slope is derived once."""
    rule = ACTIVATIONS["softmax"]
    assert rule.formula(3) is rule.formula(3)
    assert rule.formula(3) is not rule.formula(4)


def test_a_rule_that_does_not_couple_reads_its_own_unit_only():
    """The width of the layer is none of sigmoid's business."""
    assert ACTIVATIONS["sigmoid"].formula(5) is ACTIVATIONS["sigmoid"].formula(1)


def test_proving_needs_every_result_put_in():
    """A usual form in terms of a is only equal once a stands for φ(z)."""
    formula = Formula(sp.exp(Z), (Z,), (A,), (A,))
    assert prove(formula, 0)
    assert not prove(replace(formula, usual=(A + 1,)), 0)


def test_a_parameter_of_zero_or_one_is_not_written():
    """Books write z/(1 + e^-z) for beta = 1; any other beta keeps its letter and is a quantity of the page."""
    plain, sharp = ACTIVATIONS["silu"].given(), ACTIVATIONS["silu"].given({"beta": Fraction(2)})
    assert (plain.written, len(plain.formula(1).formals)) == ((), 1)
    assert [str(formal) for formal in sharp.formula(1).formals] == ["z", "beta"]


def test_the_constants_of_selu_are_the_published_ones():
    """They make mean 0 and variance 1 a fixed point: alpha and scale by Klambauer's closed form, to 16 digits."""
    erfc, e, pi = sp.erfc, sp.E, sp.pi
    root, tail = sp.sqrt(e), erfc(1 / sp.sqrt(2))
    alpha = -sp.sqrt(2 / pi) / (tail * root - 1)
    under = 2 * erfc(sp.sqrt(2)) * e**2 + pi * tail**2 * e - 2 * (2 + pi) * tail * root + pi + 2
    scale = (1 - tail * root) * sp.sqrt(2 * pi) / sp.sqrt(under)
    row = ACTIVATIONS["selu"].given()
    for closed, (_, value) in zip((scale, alpha), row.settings, strict=True):
        assert abs(closed.evalf(40) - sp.Rational(value.numerator, value.denominator)) < sp.Float("1e-30")


KNOWN = [rule for rule in settled(ACTIVATIONS) if rule.range is not None]


def phi_of(rule, units):
    """phi of the first z, written out with its parameters' numbers.

    The other units stand at 1/3, 2/3, ...; a unit's own further z run along with it, below.
    """
    formula = rule.formula(units)
    others = {z: sp.Rational(k, 3) for k, z in enumerate(formula.formals[1 : len(formula.results)], 1)}
    further = {sp.Symbol(f"z_{k}"): Z - sp.Rational(k, 3) for k in range(2, rule.pieces + 1)}
    return written_out(formula.expr).subs(rule.numbers).xreplace(others | further)


@pytest.mark.parametrize(
    "rule", thinned([rule for rule in KNOWN if rule.limits is not None], RULES), ids=with_values
)
def test_the_limits_of_an_activation_are_sympy_s(rule):
    """What the page says of z -> -oo and z -> oo is not a memory but a limit."""
    phi = phi_of(rule, 3)
    # far out of a known sign, so that a formula in pieces is only the piece that counts
    out = sp.Dummy(positive=True)
    far = [sp.powsimp(phi.subs(Z, side * (100 + out))) for side in (-1, 1)]
    assert tuple(sp.limit(side, out, sp.oo) for side in far) == rule.limits


@pytest.mark.slow
@pytest.mark.parametrize("rule", KNOWN, ids=with_values)
def test_an_activation_stays_in_its_range_and_comes_near_its_ends(rule):
    """The sigmoid's range is open: (0, 1), not [0, 1]; a range stated too wide shows here too."""
    phi = phi_of(rule, 2)
    near = [sp.Rational(n, 32) for n in range(-128, 129)]
    values = [phi.subs(Z, z).evalf(60) for z in near] + [phi.subs(Z, z).evalf(1000) for z in (-400, 400)]
    assert all(holds(rule.range, value) for value in values)
    far = {sp.oo: lambda v: v > 100, -sp.oo: lambda v: v < -3}
    for end in (rule.range.inf, rule.range.sup):
        close = far.get(end, lambda v, end=end: abs(v - end) < sp.Rational(1, 300))
        assert any(close(value) for value in values)


def holds(values, number):
    """Whether a set holds a number; SymPy is slow to compare a float with a Lambert W."""
    if isinstance(values, sp.FiniteSet):
        return number in values
    low, high = values.inf.evalf(60), values.sup.evalf(60)
    above = low < number if values.left_open else low <= number
    return bool(above and (number < high if values.right_open else number <= high))
