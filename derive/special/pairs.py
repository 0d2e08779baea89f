"""The output layer's activation and the cost together: the slope by the weighted input.

    dC/dz_j = dC/da_j da_j/dz_j                        a unit that reads its own z only
    dC/dz_j = sum over k of dC/da_k da_k/dz_j          softmax: every a_k reads z_j
            = g_j a_j (1 - a_j) - sum over k != j of g_k a_k a_j
            = a_j (sum of y) - y_j                     cross-entropy: g_k = -y_k/a_k
            = a_j - y_j                                since the targets add up to 1

A line is a term of unit j and a sum over the other units k; two such lines are
equal for any number of outputs where both terms are, and where an assumption
sum of y = 1 is used, the difference is a multiple of it. So each line is proved
from the one before, and the first by SymPy's derivatives of rule and cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from derive.expressions import results_of, usual_slope
from derive.rules import A as A_J
from derive.rules import Activation, Cost, K, S
from derive.rules import Y as Y_J
from derive.rules import Z as Z_J
from derive.sheet import UNITS
from derive.whole_functions import Logistic

__all__ = ["A_J", "SHARE", "TARGETS", "Y_J", "Z_J", "Pair", "Terms"]

A_K, Y_K = sp.symbols("a_k y_k")
SHARE = sp.Symbol("p")
"""dS/da_j, where a cost reads all outputs in S."""
TARGETS = sp.Symbol("sum of y")
"""The targets of a sample added up, whatever they come to."""


@dataclass(frozen=True)
class Terms:
    """own + the sum of `other` over the units k that are not j."""

    own: sp.Expr
    other: sp.Expr = sp.S.Zero

    def times(self, factor: sp.Expr) -> Terms:
        return Terms(_product(self.own, factor), _product(self.other, factor))

    def over_all(self) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
        """rest, c and t of rest + c (sum of t over all k), c of unit j and t of unit k; None: mixed."""
        mine: list[sp.Expr] = []
        theirs: list[sp.Expr] = []
        for factor in sp.Mul.make_args(sp.factor_terms(self.other)):
            reads = factor.free_symbols & {A_K, Y_K}
            if reads and factor.free_symbols & {A_J, Y_J, Z_J, SHARE}:
                return None
            (theirs if reads else mine).append(factor)
        c, t = sp.Mul(*mine), sp.Mul(*theirs)
        rest = sp.expand(self.own - c * t.subs({A_K: A_J, Y_K: Y_J}, simultaneous=True))
        return _as_in_books(_shortest(sp.factor(rest), rest)), c, t


@dataclass(frozen=True)
class Pair:
    """An activation of the output layer and the cost that reads it.

    Not both read all outputs: a cost on logits has softmax in itself.
    """

    activation: Activation
    cost: Cost

    def __post_init__(self) -> None:
        assert self.is_possible(self.activation, self.cost), "a cost on logits reads no softmax"

    @staticmethod
    def is_possible(activation: Activation, cost: Cost) -> bool:
        return not (activation.couples and cost.couples)

    @property
    def name(self) -> str:
        return f"{self.activation.name}+{self.cost.name}"

    @property
    def couples(self) -> bool:
        """Whether dC/dz_j is a sum over the outputs."""
        return self.activation.couples or self.cost.couples

    @cached_property
    def outer(self) -> Terms:
        """dC/da_j: where the cost's parts read all outputs, the others' parts move too."""
        part = self.cost.put_in(self.cost.part)
        if not self.cost.couples:
            return Terms(usual_slope(self.cost.formula, 0).expr)
        reached = SHARE * sp.diff(part, S)
        others = reached.subs({A_J: A_K, Y_J: Y_K}, simultaneous=True)
        return Terms(sp.diff(part, A_J) + reached, others)

    @cached_property
    def inner(self) -> Terms:
        """da_j/dz_j, and da_k/dz_j of the other units."""
        formula = self.activation.formula(UNITS)
        own = usual_slope(formula, 0).expr
        if not self.activation.couples:
            return Terms(own.subs(formula.expr, A_J) if not own.is_number else own)
        # The row's cross slope is that of the first unit by the second one's z.
        first, second = formula.results[:2]
        cross = usual_slope(formula, 1).expr.subs({first: A_K, second: A_J}, simultaneous=True)
        return Terms(own, cross)

    @cached_property
    def settled(self) -> Terms:
        """dC/da_j, its sum over the outputs gone where the targets add up to a number."""
        return self._with_total(self.outer) if self.cost.couples else self.outer

    @cached_property
    def product(self) -> Terms:
        """dC/dz_j with both slopes put in, nothing else rewritten."""
        if not self.activation.couples:
            return self.settled.times(self.inner.own)
        slope_k = self.outer.own.subs({A_J: A_K, Y_J: Y_K}, simultaneous=True)
        return Terms(_product(self.outer.own, self.inner.own), _product(slope_k, self.inner.other))

    @cached_property
    def simplified(self) -> Terms:
        """The same with what cancels in each term cancelled."""
        return Terms(_reduced(self.product.own), _reduced(self.product.other))

    @property
    def is_derived(self) -> bool:
        """Whether both slopes are formulas, not in pieces; else they keep their letters."""
        return not any(slope.has(sp.Piecewise) for slope in (self.outer.own, self.inner.own))

    @cached_property
    def total(self) -> int | None:
        """What the sum of the targets is taken to be, where the derivation needs it; else None."""
        if not self.couples or not self.is_derived:
            return None
        collected = (self.outer if self.cost.couples else self.simplified).over_all()
        return 1 if collected is not None and collected[2] == Y_K else None

    @property
    def is_assumed(self) -> bool:
        """Whether the cost's row states this sum of its targets; else it is an "if"."""
        return self.total is not None and self.total == self.cost.targets.total

    @cached_property
    def result(self) -> Terms:
        """The last line, with the assumption used where there is one."""
        return self._with_total(self.simplified) if self.activation.couples else self.simplified

    @property
    def unassumed(self) -> Terms:
        """The result for any targets: what the last line is without the assumption."""
        collected = (self.outer if self.cost.couples else self.simplified).over_all()
        if self.total is None or collected is None:
            return self.result
        rest, c, _ = collected
        return Terms(rest + c * TARGETS).times(self.inner.own if self.cost.couples else sp.S.One)

    def _with_total(self, terms: Terms) -> Terms:
        collected = terms.over_all() if self.total is not None else None
        if collected is None or self.total is None:
            return terms
        rest, c, _ = collected
        return Terms(_shortest(rest + self.total * c, sp.expand(rest + self.total * c)))

    @property
    def comes_together(self) -> bool:
        """Whether what is left is an error times a constant: the slope of the activation is gone."""
        left = self.result
        weight = sp.diff(left.own, Y_J)
        letters = {A_J, Y_J, Z_J, SHARE}
        return self.is_derived and left.other == 0 and weight != 0 and not weight.free_symbols & letters


def _product(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    # 2(a - y) times 1 would come back multiplied out.
    return left if right == 1 else right if left == 1 else left * right


def _reduced(expr: sp.Expr) -> sp.Expr:
    """What cancels cancelled; as it stands where that makes nothing shorter."""
    shorter = _as_in_books(_shortest(expr, sp.factor(sp.cancel(expr))))
    return shorter.subs(1 / (1 + sp.exp(-A_J)), Logistic(A_J))


def _shortest(*forms: sp.Expr) -> sp.Expr:
    """The form with the fewest operations, the first of equal ones."""
    return min(forms, key=length)


def length(expr: sp.Expr) -> int:
    """Operations, but for signs: -y(1 - a) is as short as y(a - 1)."""
    return int(
        expr.count_ops(visual=True)
        .subs({sp.Symbol("NEG"): 0})
        .replace(lambda part: part.is_Symbol, lambda _: sp.S.One)
    )


DIFFERENCES = tuple(d for a, y in ((A_J, Y_J), (A_K, Y_K)) for d in (a - y, 1 - a))


def _as_in_books(expr: sp.Expr) -> sp.Expr:
    """The product with its factors y - a and a - 1 turned round."""
    turned = {-difference: difference for difference in DIFFERENCES}
    apart = [(factor, *factor.as_base_exp()) for factor in sp.Mul.make_args(expr)]
    odd = [place for place, (_, base, exponent) in enumerate(apart) if base in turned and exponent.is_odd]
    if not odd:
        return expr
    factors = (turned[b] ** e if place in odd else factor for place, (factor, b, e) in enumerate(apart))
    return sp.Mul((-1) ** len(odd), *factors)


# -- for so many outputs ---------------------------------------------------------------------------


def inputs_of(units: int = UNITS) -> tuple[sp.Symbol, ...]:
    """z_1, ..., z_n and y_1, ..., y_n."""
    return (*sp.symbols(f"z_1:{units + 1}"), *sp.symbols(f"y_1:{units + 1}"))


@lru_cache(maxsize=256)
def activations(pair: Pair, units: int = UNITS) -> tuple[sp.Expr, ...]:
    """a_1, ..., a_n in the weighted inputs."""
    rule = pair.activation
    formula = rule.formula(units)
    zs = inputs_of(units)[:units]
    if not rule.couples:
        return tuple(formula.expr.subs(rule.numbers).subs(Z_J, z) for z in zs)
    named = dict(zip(formula.formals, zs, strict=False))
    return tuple(result.subs(named, simultaneous=True) for result in results_of(formula))


def cost_of_sample(pair: Pair, units: int = UNITS) -> sp.Expr:
    """C in the weighted inputs and targets of so many outputs."""
    outputs, targets = activations(pair, units), inputs_of(units)[units:]
    part = pair.cost.part.subs(pair.cost.numbers).subs(K, units)
    if pair.cost.whole is not None:
        part = part.subs(S, pair.cost.whole(outputs))
    return sp.Add(
        *(part.subs({A_J: a, Y_J: y}, simultaneous=True) for a, y in zip(outputs, targets, strict=True))
    )


def at_unit(pair: Pair, terms: Terms, units: int, unit: int) -> sp.Expr:
    """A line for one unit of so many, in a_1, ..., a_n, y_1, ..., y_n and what is left of the z."""
    outputs = sp.symbols(f"a_1:{units + 1}")
    given = inputs_of(units)
    own: dict[sp.Symbol, sp.Expr] = {**pair.activation.numbers, **pair.cost.numbers, K: sp.Integer(units)}
    own |= {A_J: outputs[unit - 1], Y_J: given[units + unit - 1], Z_J: given[unit - 1]}
    own[TARGETS] = sp.Add(*given[units:])
    if pair.cost.whole is not None:
        own[SHARE] = sp.diff(pair.cost.whole(outputs), outputs[unit - 1])
    others = (
        terms.other.xreplace({**own, A_K: outputs[k], Y_K: given[units + k]})
        for k in range(units)
        if k != unit - 1
    )
    return sp.Add(terms.own.xreplace(own), *others)


def concrete(pair: Pair, terms: Terms, units: int = UNITS, unit: int = 1) -> sp.Expr:
    """The same in weighted inputs and targets."""
    outputs = dict(zip(sp.symbols(f"a_1:{units + 1}"), activations(pair, units), strict=True))
    return at_unit(pair, terms, units, unit).xreplace(outputs)
