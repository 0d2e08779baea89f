"""The closed form: a derivative in weights and data alone, every step between put in.

It grows with the number of paths through the network, two or three times with
each layer. So its operations are counted before anything is built,

    size(q) = sum over the terms of q of  (own operations + sizes of what they read),

times the pieces that a condition compares; that is

one visit an edge; and where there are too many the chain view is named, which
has the same derivative in a line for each quantity. Products stay factored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import prod
from types import MappingProxyType
from typing import NamedTuple

import sympy as sp

from derive.errors import AnswerError
from derive.expressions import Formula, at
from derive.functions import logistic_in, logistic_name
from derive.problem import Network
from derive.steps import Program, Step
from derive.sweep import adjoint
from derive.views.lines import WIDTH, Line, Proof, Shown, aligned
from derive.views.protocols import GradientLike
from derive.views.reduction import of_sample, unsampled
from derive.views.routes import Factor, Stage
from derive.views.sampled import is_identity, proof_by_numbers
from derive.views.settled import NOTHING, Settled, settled
from derive.whole_functions import Logistic, unspecified
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.tree import Tree, equals

MOST_OPERATIONS = 1_000
"""A page of LaTeX; a hidden weight of a 2-2-2 network takes two hundred."""

CLOSED_WITHIN = 100
"""Operations, counted before anything is built, up to which both forms are built to be compared."""

CHECKED: Mapping[Proof, str] = MappingProxyType(
    {"sampled": "; to 30 digits at random points", "none": "; not verified"}
)
"""What a reader is told of a formula that is not proved."""


class TooLargeError(AnswerError):
    """A closed form would have more operations than its reader allows."""

    def __init__(self, name: str, operations: int, limit: int, *, asked: str = "closed_form") -> None:
        self.operations, self.limit = operations, limit
        shown = f"{operations:,}" if operations < 10**12 else f"about 10^{len(str(operations)) - 1}"
        super().__init__(
            f"{name} in one formula would have {shown} operations; the limit is {limit:,}. Read"
            f' .view("chain"), which has the same derivative step by step, or ask for'
            f" {asked}(limit=…) with a larger limit"
        )


@dataclass(frozen=True, eq=False)
class Closing:
    """Steps and stages put into one another, counted first and built on demand.

    free     quantities that are kept as letters although steps define them
    settled  stages that are known to come to less than the sum over their routes
    """

    program: Program
    free: frozenset[str] = frozenset()
    settled: Settled = NOTHING

    def operations(self, stages: tuple[Stage, ...]) -> int:
        """How many operations the last stage has with everything put in, before any simplification."""
        sizes = self._sizes(self._read_by(stages))
        whole: dict[str, int] = {}
        for stage in stages:
            known = self.settled.of(stage.of, stage.by)
            if known is not None:
                read = (sizes.get(symbol.name, LETTER).operations for symbol in known.free_symbols)
                whole[stage.by] = int(known.count_ops()) + sum(read)
                continue
            terms = [
                whole.get(route.head or "", 0) + sum(_slope_size(factor, sizes) for factor in route.factors)
                for route in stage.routes
            ]
            signs = sum(len(route.factors) - (route.head is None) for route in stage.routes)
            whole[stage.by] = sum(terms) + signs + max(len(terms) - 1, 0)
        return whole[stages[-1].by]

    def size(self, key: str) -> int:
        """How many operations a quantity has with everything put in."""
        return self._sizes((key,)).get(key, LETTER).operations

    def _read_by(self, stages: tuple[Stage, ...]) -> set[str]:
        """The quantities that the slopes are formulas in."""
        known = [self.settled.of(stage.of, stage.by) for stage in stages]
        summed = (stage for stage, expr in zip(stages, known, strict=True) if expr is None)
        factors = (factor for stage in summed for factor in stage.factors)
        read = {key for factor in factors for term in factor.slopes for key in term.args}
        return read | {symbol.name for expr in known if expr is not None for symbol in expr.free_symbols}

    def _sizes(self, keys: Iterable[str]) -> Mapping[str, Size]:
        sizes: dict[str, Size] = {}
        for step in self._needed(keys):
            terms = [
                _size(term.formula, [sizes.get(arg, LETTER) for arg in term.args]) for term in step.terms
            ]
            operations = sum(term.operations for term in terms) + max(len(terms) - 1, 0)
            cases = prod(term.cases for term in terms)
            sizes[step.key] = LETTER if step.key in self.free else Size(operations, cases)
        return sizes

    def _needed(self, keys: Iterable[str]) -> tuple[Step, ...]:
        return self.program.only(keys).ordered().steps

    def values(self, keys: Iterable[str]) -> dict[str, sp.Expr]:
        """Each step's formula with everything put in, of all that these quantities are computed from."""
        values: dict[str, sp.Expr] = {}
        for step in self._needed(keys):
            terms = (at(term.formula, [_value(values, arg) for arg in term.args]) for term in step.terms)
            values[step.key] = sp.Symbol(step.key) if step.key in self.free else sp.Add(*terms)
        return values

    def expression(self, stages: tuple[Stage, ...]) -> sp.Expr:
        """The last stage's derivative in what no step defines."""
        values = self.values(self._read_by(stages))
        known = {sp.Symbol(key): value for key, value in values.items()}
        for stage in stages:
            head = sp.Symbol(adjoint(stage.of, stage.by))
            settled = self.settled.of(stage.of, stage.by)
            whole = stage.expression if settled is None else settled
            known[head] = sp.factor_terms(_put_in(whole, known), sign=False)
        return known[sp.Symbol(adjoint(stages[-1].of, stages[-1].by))]


def _put_in(expr: sp.Expr, known: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The expression with what is known, numbers first.

    Of 0 times a long formula SymPy would find out whether that is finite, which may take minutes; of
    0 times a letter it takes no time.
    """
    numbers = {symbol: value for symbol, value in known.items() if value.is_number}
    return expr.xreplace(numbers).xreplace(known)


def _slope_size(factor: Factor, sizes: Mapping[str, Size]) -> int:
    read = ([sizes.get(key, LETTER) for key in term.args] for term in factor.slopes)
    return sum(_size(term.formula, args).operations for term, args in zip(factor.slopes, read, strict=True))


def _value(values: Mapping[str, sp.Expr], key: str) -> sp.Expr:
    return values.get(key, sp.Symbol(key))


class Size(NamedTuple):
    """How long a formula is, and of how many pieces: those of what a condition compares multiply."""

    operations: int
    cases: int


LETTER = Size(0, 1)


def _size(formula: Formula, sizes: list[Size]) -> Size:
    """That of a formula whose arguments have these; SymPy writes a condition on pieces out, case by case."""
    own, appearances, branches = _counts(formula)
    read = [(count, size) for count, size in zip(appearances, sizes, strict=True) if count]
    cases = prod(size.cases for _, size in read)
    operations = own + sum(count * size.operations for count, size in read)
    return Size(operations * cases if branches > 1 else operations, branches * cases)


@cache
def _counts(formula: Formula) -> tuple[int, tuple[int, ...], int]:
    """A formula's own operations, how often each formal stands in it, and how many pieces it has."""
    leaves = [part for part in sp.preorder_traversal(formula.expr) if part.is_Symbol]
    branches = prod(len(part.args) for part in formula.expr.atoms(sp.Piecewise))
    return int(formula.expr.count_ops()), tuple(leaves.count(formal) for formal in formula.formals), branches


def as_functions(expr: sp.Expr, name: str | None = "sigma") -> sp.Expr:
    """Each 1/(1 + e^-u) by its name, sigma(u), which a reader takes in at a glance; as it is without one."""
    if name is None:
        return expr
    logistic = Logistic if name == "sigma" else unspecified(name)
    return expr.replace(_is_logistic, lambda part: logistic(-_exponent(part.base)) ** -part.exp)


def _is_logistic(part: sp.Basic) -> bool:
    if not (isinstance(part, sp.Pow) and part.exp.is_Integer and part.exp < 0 and part.base.is_Add):
        return False
    return len(part.base.args) == 2 and part.base.args[0] == 1 and isinstance(part.base.args[1], sp.exp)


def _exponent(base: sp.Add) -> sp.Expr:
    return base.args[1].exp


@dataclass(frozen=True, eq=False)
class ClosedForm(Shown):
    """A derivative in one formula: of weights and data alone, or of quantities that are kept as letters.

    limit       how many operations its reader allows
    operations  how many it has, before SymPy puts any of them together
    closing     how its steps are put into one another
    """

    gradient: GradientLike
    limit: int
    operations: int
    closing: Closing

    @classmethod
    def of(cls, gradient: GradientLike, limit: int, kept: Iterable[str] = ()) -> ClosedForm:
        """Counted here, built when it is read. Raises TooLargeError beyond the limit."""
        known = settled(gradient.problem) if gradient.order == 1 else NOTHING
        closing = Closing(gradient.swept.routes.program, frozenset(kept), known)
        operations = closing.operations(gradient.stages)
        if operations > limit:
            raise TooLargeError(gradient.name, operations, limit, asked=_asked(closing.free))
        return cls(gradient, limit, operations, closing)

    @property
    def kept(self) -> frozenset[str]:
        """Keys of steps that are not put in."""
        return self.closing.free

    @property
    def assumed(self) -> Settled:
        """What it uses of the targets; nothing where no output error is on its way."""
        used = any(self.closing.settled.of(stage.of, stage.by) for stage in self.gradient.stages)
        return self.closing.settled if used else NOTHING

    @cached_property
    def one(self) -> sp.Expr:
        """One sample's, which is the whole one but for batches and an L2 term."""
        return self.closing.expression(self.gradient.stages)

    @property
    def expression(self) -> sp.Expr:
        """The whole derivative, each sample's quantities in symbols of their own."""
        gradient, reduction = self.gradient, self.gradient.reduction
        if not gradient.total:
            return of_sample(self.one, reduction.each)
        whole = self.operations * len(reduction.samples)
        if whole > self.limit:
            name = f"{gradient.name}, over all samples,"
            raise TooLargeError(name, whole, self.limit, asked=_asked(self.kept))
        return reduction.expression(lambda sample: of_sample(self.one, sample))

    @cached_property
    def proof(self) -> Proof:
        """How it is known to be SymPy's own derivative of what is differentiated, every step put in."""
        gradient = self.gradient
        if not gradient.routes:
            return "rule"
        of, *by = map(unsampled, (gradient.quantity.of, *gradient.quantity.by))
        program = gradient.swept.routes.program
        assumed = self.assumed
        free, closed = Closing(program, frozenset(by)), replace(self.closing, free=frozenset())
        if closed.operations(gradient.stages) <= CLOSED_WITHIN:
            objective = free.values((of,)).get(of, sp.Symbol(of))
            expected = sp.diff(objective, *map(sp.Symbol, by))
            values = {sp.Symbol(key): value for key, value in closed.values((of, *by, *self.kept)).items()}
            sides = (side.xreplace(values).xreplace(assumed.last) for side in (self.one, expected))
            if is_identity(*sides):
                return "identity"
        return proof_by_numbers(self.one, program, of, by, assumed.targets)

    @property
    def steps(self) -> tuple[Line, ...]:
        """One line, and the one that adds the samples and the L2 term."""
        gradient = self.gradient
        mark = gradient.reduction.mark if gradient.total and gradient.reduction.batched else self._each
        because = "every derivative put in" if self.kept else "every step put in"
        because += "; the targets of a sample sum to 1" if self.assumed.targets else ""
        said = because + CHECKED.get(self.proof, "")
        return (Line(gradient.lhs, self._tree(mark), said, self.proof), *gradient.total)

    @property
    def _each(self) -> str:
        return self.gradient.reduction.each

    def _tree(self, mark: str) -> Tree:
        """One sample's formula, in the letters of that sample."""
        letters = self.gradient.letters
        body, notation = self.gradient.problem.body, self.gradient.problem.notation
        name = logistic_name(body, notation) if isinstance(body, Network) else logistic_in(body)
        shown = as_functions(of_sample(self.one, mark), name)
        return tree_of(shown, lambda symbol: letters.quantity(symbol.name))

    @property
    def tree(self) -> Tree:
        """The whole derivative: Σ_i over the samples, and the L2 term."""
        gradient, reduction = self.gradient, self.gradient.reduction
        if not gradient.total:
            return self._tree(self._each)
        return reduction.tree(lambda mark: self._tree(mark if reduction.batched else ""))

    @property
    def latex(self) -> str:
        return latex(equals(self.gradient.whole if self.gradient.total else self.gradient.lhs, self.tree))

    def text(self, width: int = WIDTH) -> str:
        return aligned(self.steps, width)


def _asked(kept: frozenset[str]) -> str:
    """The method that a larger limit is given to."""
    return "forward_form" if kept else "closed_form"
