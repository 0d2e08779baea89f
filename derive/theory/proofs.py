"""The two proofs of each equation, line by line, each line with its rule.

By entries, as Nielsen has it:

    delta^l_j = dC/dz^l_j = Σ_k dC/dz^{l+1}_k dz^{l+1}_k/dz^l_j = ...

By differentials:

    dC = <delta^{l+1}, dz^{l+1}> = <delta^{l+1}, W^{l+1} da^l> = <(W^{l+1})^T delta^{l+1}, da^l> = ...

The second is read off the engine's differentials, one linear map a line; so it
is there for every step. What stands beside dX in its last line is the gradient.

Source: Nielsen (2015), ch. 2; Magnus and Neudecker (2019), Matrix Differential Calculus, ch. 5 and 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.matrix.differentials import (
    Map,
    Multiple,
    Multiplied,
    Sloped,
    SpreadOver,
    ThroughJacobian,
    Turned,
    Weighted,
    changes,
)
from derive.matrix.expr import SCALAR, Array, Expr, inner, plus
from derive.matrix.indexed import Entries
from derive.matrix.sweep import ONE, MatrixStep
from derive.sweep import adjoint
from derive.theory.equations import ERRORS, Equation
from derive.theory.names import ENTRY, as_errors, delta, renamed
from derive.theory.scheme import Fragment
from derive.whole_functions import Summed

Reason = tuple[str | sp.Expr | Expr, ...]
"""Words, with formulas between them."""

Pair = tuple[Expr, Expr]
"""<U, V>, the sum over entries of U V."""


# -- by entries ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A right side as one entry, in sums of symbolic length."""

    side: sp.Expr
    because: Reason


@dataclass(frozen=True)
class EntryProof:
    """left = line = line = ..., for any units j and k."""

    equation: Equation
    left: sp.Expr
    lines: tuple[EntryLine, ...]


def by_entries(equation: Equation) -> EntryProof:
    """The proof of an equation of one sample, whose fragment the cost reads at one array."""
    return EntryProof(equation, as_errors(equation.entry[0]), tuple(_by_entries(equation)))


def _by_entries(equation: Equation) -> Iterator[EntryLine]:
    read = Entries(equation.fragment.program, letters=True)
    (top,) = equation.fragment.reads
    over, within = [letter for letter in "kmq" if letter not in equation.place][:2]
    own, above = read.of(equation.by, *equation.place), read.of(top, over, 1)
    gradient = sp.Symbol(adjoint("C", str(above)))
    error = sp.Symbol(delta(gradient.name))

    def summed(*factors: sp.Expr) -> sp.Expr:
        return Summed(sp.Mul(*factors), sp.Symbol(over), sp.Symbol(str(top.shape[0])))

    if equation.name in ERRORS:
        yield EntryLine(equation.entry[0], ("definition of the error",))
    local: sp.Expr = _slope(above, own)
    yield EntryLine(summed(gradient, local), ("chain rule over all ", sp.Symbol(over)))
    if error != gradient:
        yield EntryLine(summed(error, local), ("definition of the error",))
    moved = _moved(equation)
    if moved is not None:
        step = read.of(equation.fragment.program.by_key[top.key].expr, over, 1)
        step = step.replace(lambda part: isinstance(part, Summed), lambda part: _lettered(part, within))
        local = _term_by_term(step, moved, own)
        yield EntryLine(summed(error, local), ("derivative of ", above, " = ", step, ", term by term"))
    (single,) = (symbol for symbol in local.free_symbols if _is_slope(symbol))
    line, reason = _picked(summed(error, local), single)
    yield EntryLine(line, reason)
    if equation.name in ERRORS:
        slopes = _slopes(equation.fragment, equation.by.key, read)
        yield EntryLine(line := line.xreplace(slopes), ("derivative of the activation",))
    final = as_errors(equation.entry[1])
    if line != final:
        yield EntryLine(final, ("what does not depend on ", sp.Symbol(over), " stands before the sum"))


def _moved(equation: Equation) -> Array | None:
    """What moves in the weighted input that is read; None where the activation itself is read."""
    made = {step.array for step in equation.fragment.steps}
    (top,) = equation.fragment.reads
    reads = [change.array for change in changes(equation.fragment.program.by_key[top.key].expr)]
    if equation.name not in ERRORS:
        return equation.by
    return next((array for array in reads if array in made), None)


def _slope(of: sp.Expr, by: sp.Expr) -> sp.Symbol:
    """The derivative of one entry by another, as a symbol."""
    return sp.Symbol(adjoint(str(of), str(by)))


def _is_slope(symbol: sp.Symbol) -> bool:
    return "]/d" in symbol.name


def _lettered(whole: sp.Basic, letter: str) -> sp.Expr:
    """The same sum over another letter."""
    body, old, size = whole.args
    return Summed(renamed(body, {old.name: letter}), sp.Symbol(letter), size)


def _term_by_term(expr: sp.Expr, moved: Array, by: sp.Expr) -> sp.Expr:
    """The derivative of a sum of products in which the entries of one array move, each to the first power."""
    if isinstance(expr, sp.Add):
        return sp.Add(*(_term_by_term(term, moved, by) for term in expr.args))
    if isinstance(expr, Summed):
        body = _term_by_term(expr.args[0], moved, by)
        return Summed(body, *expr.args[1:]) if body != 0 else body
    moving = {symbol: _slope(symbol, by) for symbol in expr.free_symbols if _is_of(symbol, moved)}
    return expr.xreplace(moving) if moving else sp.S.Zero


def _is_of(symbol: sp.Symbol, array: Array) -> bool:
    return bool(symbol.name.partition("[")[0] == array.key)


def _picked(expr: sp.Expr, single: sp.Symbol) -> tuple[sp.Expr, Reason]:
    """The sums without the terms in which a slope is 0 since it is that of another entry."""
    above, below = (ENTRY.fullmatch(name) for name in single.name.removeprefix("d").split("/d"))
    assert above is not None and below is not None, "a slope is of one entry by another"
    kept = {above[at]: below[at] for at in ("row", "column") if above[at] != below[at]}

    def left(part: sp.Basic) -> sp.Basic:
        if isinstance(part, Summed) and part.args[1].name in kept:
            return left(part.args[0])
        return part.func(*map(left, part.args)) if part.args else part

    same = sp.Symbol(adjoint(below[0], below[0]))
    line = renamed(left(expr), kept).xreplace({same: sp.S.One})
    reason: list[str | sp.Expr] = [single, " is 0 unless "]
    for place, pair in enumerate(kept.items()):
        reason += [*([" and "] if place else []), sp.Eq(*map(sp.Symbol, pair), evaluate=False)]
    return line, tuple(reason)


def _slopes(fragment: Fragment, key: str, read: Entries) -> Mapping[sp.Symbol, sp.Expr]:
    """da_j/dz_j in the activation's own terms."""
    step = next(step for step in fragment.steps for change in changes(step.expr) if change.array.key == key)
    (change,) = changes(step.expr)
    (sloped,) = change.maps
    assert isinstance(sloped, Sloped), "an activation of one sample, entry by entry"
    z, a = (read.name(array, "j", 1) for array in (change.array, step.array))
    return {_slope(a, z): read.of(sloped.by, "j", 1)}


# -- by differentials ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PairLine:
    """A right side as a sum of <U, V>."""

    side: tuple[Pair, ...]
    because: Reason

    @property
    def expr(self) -> Expr:
        """The same as one number."""
        return plus(*(inner(*pair) for pair in self.side))


@dataclass(frozen=True)
class PairProof:
    """dC = line = line = ..., while all that is given but `fragment.by` is held."""

    fragment: Fragment
    lines: tuple[PairLine, ...]


@dataclass(frozen=True, slots=True)
class _Term:
    """<gradient, maps applied in turn to d array>"""

    gradient: Expr
    array: Array
    maps: tuple[Map, ...] = ()

    @property
    def pair(self) -> Pair:
        moved: Expr = differential(self.array)
        for linear in self.maps:
            moved = linear(moved)
        return self.gradient, moved

    @property
    def shifted(self) -> _Term:
        """The last map's adjoint on the other side."""
        if not self.maps:
            return self
        return _Term(self.maps[-1].adjoint(self.gradient), self.array, self.maps[:-1])


def differential(array: Array) -> Array:
    """dX"""
    return Array(f"d{array.key}", array.shape)


def by_differentials(fragment: Fragment) -> PairProof:
    """dC in the differentials of what the fragment is differentiated by."""
    return PairProof(fragment, tuple(_by_differentials(fragment)))


def _by_differentials(fragment: Fragment) -> Iterator[PairLine]:
    terms = [_Term(ONE, number) for number in fragment.adds]
    terms += [_Term(Array(adjoint("C", top.key), top.shape), top) for top in reversed(fragment.reads)]
    yield PairLine(tuple(term.pair for term in terms), _first_reason(fragment))
    steps = {step.array: step for step in fragment.steps}
    live = {*fragment.by}
    for step in fragment.steps:
        if any(change.array in live for change in changes(step.expr)):
            live.add(step.array)
    while any(term.array in steps for term in terms):
        read = [steps[term.array] for term in terms if term.array in steps]
        terms = [part for term in terms for part in _expanded(term, steps, live)]
        reason: list[str | Expr] = ["differential of "]
        for place, step in enumerate(read):
            reason += [*([" and "] if place else []), step.array, " = ", step.expr]
        yield PairLine(tuple(term.pair for term in terms), tuple(reason))
        while any(term.maps for term in terms):
            rules = dict.fromkeys(ADJOINTS[type(term.maps[-1])] for term in terms if term.maps)
            terms = [term.shifted for term in terms]
            yield PairLine(tuple(term.pair for term in terms), (", ".join(rules),))
        joined = _joined(terms)
        if len(joined) < len(terms):
            terms = joined
            yield PairLine(tuple(term.pair for term in terms), ("terms of one differential taken together",))


def _first_reason(fragment: Fragment) -> Reason:
    """What dC is to begin with."""
    parts: list[str | Expr] = []
    for place, read in enumerate((*fragment.adds, *reversed(fragment.reads))):
        parts += [*([" and "] if place else []), read]
    return (Array("C", SCALAR), " changes through ", *parts, " alone")


def _expanded(term: _Term, steps: Mapping[Array, MatrixStep], live: Iterable[Array]) -> Iterator[_Term]:
    """The term with its array's own differential put in; what is held does not move."""
    if term.array not in steps:
        yield term
        return
    for change in changes(steps[term.array].expr):
        if change.array in live:
            yield _Term(term.gradient, change.array, change.maps)


def _joined(terms: Iterable[_Term]) -> list[_Term]:
    gathered: dict[Array, list[Expr]] = {}
    for term in terms:
        gathered.setdefault(term.array, []).append(term.gradient)
    return [_Term(plus(*gradients), array) for array, gradients in gathered.items()]


ADJOINTS: Mapping[type, str] = MappingProxyType(
    {
        Multiplied: "a factor goes over as its transpose",
        Weighted: "a factor entry by entry goes over as it is",
        Multiple: "a number goes over as it is",
        Turned: "a transpose goes over as a transpose",
        SpreadOver: "a sum over entries",
        Sloped: "a factor entry by entry goes over as it is",
        ThroughJacobian: "a Jacobian goes over as its transpose",
    }
)
"""What each map becomes on the other side of <U, V>."""
