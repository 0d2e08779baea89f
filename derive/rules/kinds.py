"""What a row says of an activation or a cost.

A row is stated in symbols: z, a, y, K and its parameters. `given` hands back
the same row with numbers for the parameters; from then on its kinks, range,
limits and domain are numbers too, and its formula reads each parameter that has
a letter as a quantity of its own, as a page shows it: a = alpha z, alpha = 0.01.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property
from typing import Self

import sympy as sp

from derive.expressions import Formula
from derive.formula.nodes import Node

Z, A, Y, K, S = sp.symbols("z a y K S")

POSITIVE = sp.Interval.open(0, sp.oo)


@dataclass(frozen=True, kw_only=True)
class RuleParameter:
    """A number that a rule may be given: `{rule = "leaky_relu", alpha = 0.1}`.

    letter   how a formula writes it; None: its number is put in at once
    default  its value where the file gives none
    allowed  the values that it may have
    meaning  what it does, in a few words
    """

    name: str
    letter: str | None
    default: Fraction
    allowed: sp.Set
    meaning: str

    @property
    def symbol(self) -> sp.Symbol:
        """What rows are stated in; known to be positive where no other value is allowed."""
        return parameter_symbol(self.name, self.allowed)

    @property
    def fixed(self) -> bool:
        """Whether it has its published value and no other."""
        return isinstance(self.allowed, sp.FiniteSet) and len(self.allowed) == 1

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return isinstance(self.allowed, sp.Range)

    def allows(self, value: Fraction) -> bool:
        return rational(value) in self.allowed


def parameter_symbol(name: str, allowed: sp.Set) -> sp.Symbol:
    """The symbol of a parameter with these values."""
    return sp.Symbol(name, positive=True if allowed.is_subset(POSITIVE) else None)


def rational(value: Fraction) -> sp.Rational:
    """The same number as SymPy knows it."""
    return sp.Rational(value.numerator, value.denominator)


@dataclass(frozen=True, kw_only=True)
class Kink:
    """A point where the derivative does not exist, and the value that convention gives it.

    at     a z; of a cost an a
    when   the condition on the parameters under which there is a kink: elu has none at alpha = 1
    words  what it is and what counts there, where `at` is no number
    """

    at: sp.Expr
    slope: sp.Expr
    when: sp.Basic = sp.true
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The derivative rewritten, on its way to the usual form; shown only after it was proved.

    expr     in z and a; factors that are to stand apart in an unevaluated product
    because  what is done
    since    both sides of an identity that it rests on, proved likewise
    """

    expr: sp.Expr
    because: str
    since: tuple[sp.Expr, sp.Expr] | None = None


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """What activations and costs have in common.

    name        as files give it; `aliases` are read too
    title       what a reader calls it, where that is not the name in words
    source      where it is stated
    parameters  what may be set; `values` are theirs, in the same order, empty for the defaults
    kinks       where the slope is a convention
    forms       of the slope by z, or by a, from SymPy's to the usual one, in this order
    node        the author's text, for a formula rule
    """

    name: str
    source: str
    title: str = ""
    aliases: tuple[str, ...] = ()
    parameters: tuple[RuleParameter, ...] = ()
    values: tuple[Fraction, ...] = ()
    kinks: tuple[Kink, ...] = ()
    forms: tuple[Form, ...] = ()
    node: Node | None = None

    def given(self, values: Mapping[str, Fraction] | None = None) -> Self:
        """The row with its parameters' numbers, the default where none is given."""
        if not self.parameters:
            return self
        chosen = values or {}
        settled = replace(self, values=tuple(chosen.get(p.name, p.default) for p in self.parameters))
        numbers = settled.numbers
        kinks = tuple(
            Kink(at=kink.at.subs(numbers), slope=kink.slope.subs(numbers), words=kink.words)
            for kink in self.kinks
            if kink.when.subs(numbers) == sp.true
        )
        return replace(settled, kinks=kinks)

    @property
    def words(self) -> str:
        """What a reader calls the rule: leaky relu, SiLU, an unspecified activation."""
        return self.title or self.name.replace("_", " ")

    @property
    def numbers(self) -> dict[sp.Symbol, sp.Rational]:
        """The parameters' values by their symbols."""
        return {p.symbol: rational(v) for p, v in self.settings}

    @property
    def settings(self) -> tuple[tuple[RuleParameter, Fraction], ...]:
        """Each parameter with its value."""
        values = self.values or tuple(parameter.default for parameter in self.parameters)
        return tuple(zip(self.parameters, values, strict=True))

    @property
    def written(self) -> tuple[tuple[RuleParameter, Fraction], ...]:
        """The parameters that formulas read by a letter; one that is 0 or 1 is put in, as books do."""
        return tuple((p, v) for p, v in self.settings if p.letter and v not in (0, 1))

    def put_in(self, expr: sp.Expr) -> sp.Expr:
        """The expression with the numbers of all other parameters."""
        kept = {p.symbol for p, _ in self.written}
        return expr.subs({symbol: v for symbol, v in self.numbers.items() if symbol not in kept})


@dataclass(frozen=True, kw_only=True)
class Activation(_Rule):
    """a = phi(z).

    phi      of a unit's own weighted input, the first of several, and of all that it reads:
             its own ones, or where it couples those of its whole layer
    usual    phi' as books print it, in z and a: by the unit's own z
    cross    the same by another unit's z, where `couples`; its activation is Y here
    couples  whether each unit reads the whole layer (softmax)
    own      how many weighted inputs a unit has of its own, in the parameters (maxout)
    letter   how the function is written: a Greek name or a word
    domain   the z at which phi is defined; `kinks` where phi' is a convention
    range    the values that phi takes, or None where phi is not known
    limits   of phi as z goes to -oo and to oo, the other units' z held fixed, or None likewise
    open     whether nothing but differentiability is known of phi
    """

    letter: str
    phi: Callable[[sp.Expr, tuple[sp.Expr, ...]], sp.Expr]
    usual: sp.Expr | None = None
    cross: sp.Expr | None = None
    couples: bool = False
    own: sp.Expr = sp.S.One
    domain: sp.Set = sp.S.Reals
    range: sp.Set | None = None
    limits: tuple[sp.Expr, sp.Expr] | None = None
    open: bool = False

    def __hash__(self) -> int:
        """By name and parameters, which tell rules apart; SymPy is slow to hash a domain."""
        return hash((self.name, self.values))

    def given(self, values: Mapping[str, Fraction] | None = None) -> Self:
        settled = super().given(values)
        if settled is self:
            return self
        numbers = settled.numbers
        low, high = self.limits or (None, None)
        return replace(
            settled,
            domain=self.domain.subs(numbers),
            range=None if self.range is None else self.range.subs(numbers),
            limits=None if low is None or high is None else (low.subs(numbers), high.subs(numbers)),
        )

    @cached_property
    def pieces(self) -> int:
        """How many weighted inputs a unit has of its own."""
        return int(self.own.subs(self.numbers))

    def formula(self, units: int) -> Formula:
        """phi for the first of `units` units; the others follow in the formals when it couples.

        After a unit's weighted input come its further ones. Last come the parameters that have
        letters.
        """
        return _activation_formula(self, units if self.couples else 1)


@cache
def _activation_formula(rule: Activation, units: int) -> Formula:
    zs = (Z, *sp.symbols(f"z_2:{units * rule.pieces + 1}"))
    results = (A, *sp.symbols(f"a_2:{units + 1}"))
    letters = tuple(p.symbol for p, _ in rule.written)
    cross = (None if rule.cross is None else rule.cross.subs(Y, other) for other in results[1:])
    return Formula(
        rule.put_in(rule.phi(Z, zs)),
        zs + letters,
        results,
        (*(usual if usual is None else rule.put_in(usual) for usual in (rule.usual, *cross)),)
        + (None,) * (len(zs) - units + len(letters)),
        ("activation",) * len(zs) + ("parameter",) * len(letters),
        node=rule.node,
        tidy=rule.node is not None,
    )


@dataclass(frozen=True)
class Targets:
    """What a cost assumes of a target.

    sentence  for messages and pages: "0 <= y <= 1"
    values    what one target may be
    total     what the targets of a sample add up to; None: anything. It is needed only by
              derivations in symbols, and given targets may differ
    """

    sentence: str
    values: sp.Set
    total: int | None = None

    def allow(self, target: Fraction) -> bool:
        return _allowed(self.values, target)

    @property
    def takes_few(self) -> bool:
        """Whether a target is one of a few numbers: 1 or -1."""
        return isinstance(self.values, sp.FiniteSet)

    def __str__(self) -> str:
        return self.sentence


@cache
def _allowed(values: sp.Set, target: Fraction) -> bool:
    # Of a thousand targets most are the same few numbers, and SymPy is slow to look into a set.
    return rational(target) in values


ANY_NUMBER = Targets("any number", sp.S.Reals)


@dataclass(frozen=True, kw_only=True)
class Cost(_Rule):
    """The cost of one sample is the sum of `part` over the K outputs.

    part     of an activation a, its target y and K, and of S = `whole`(all a) where each part reads
             every output of the sample (a cost on logits)
    usual    d part / da as books print it
    outputs  the a at which it is defined; `targets` what it assumes of y
    """

    part: sp.Expr
    usual: sp.Expr | None = None
    whole: Callable[[Sequence[sp.Expr]], sp.Expr] | None = None
    outputs: sp.Set = sp.S.Reals
    targets: Targets = field(default=ANY_NUMBER)

    def __hash__(self) -> int:
        """By name and parameters, which tell rules apart; SymPy is slow to hash a domain."""
        return hash((self.name, self.values))

    @property
    def couples(self) -> bool:
        """Whether one output's part reads the other outputs."""
        return self.whole is not None

    @property
    def formula(self) -> Formula:
        """`part` of a single output."""
        return self.over(1)

    def over(self, outputs: int) -> Formula:
        """`part` of one of so many outputs, in a, y, K where it reads that, the other a where it couples,
        and the parameters that have letters.
        """
        return _cost_formula(self, outputs if self.couples else 1)


@cache
def _cost_formula(rule: Cost, outputs: int) -> Formula:
    others = sp.symbols(f"a_2:{outputs + 1}")
    letters = tuple(p.symbol for p, _ in rule.written)
    reads = (A, Y, K) if rule.part.has(K) else (A, Y)
    part = rule.part if rule.whole is None else rule.part.subs(S, rule.whole((A, *others)))
    formals = reads + others + letters
    usual = None if rule.usual is None else rule.put_in(rule.usual)
    return Formula(
        rule.put_in(part),
        formals,
        usual=(usual,) + (None,) * (len(formals) - 1),
        roles=("cost",) * (len(formals) - len(letters)) + ("parameter",) * len(letters),
        node=rule.node,
        tidy=rule.node is not None,
    )
