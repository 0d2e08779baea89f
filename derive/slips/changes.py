"""What can stand at a place instead: the elementary edits from which the tables are made.

A term is adjoint * slope. Each edit names what it reads, so that it may take
either factor, put another in its place, or read another quantity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from derive.expressions import ADJOINT, Formula, slope, usual_slope
from derive.slips.kinds import Change, Place, Sweep
from derive.steps import ONE, Term

Terms = tuple[Term, ...] | None
EXTRA = sp.Symbol("another factor")

KEY = re.compile(r"(w|b|z|a|x)(\d*)\[(\d+)(?:,(\d+))?\](@\w+)?")


@dataclass(frozen=True, slots=True)
class Key:
    """A network's quantity taken apart: w2[1,2], z1[2]@3; the inputs are the activations of layer 0."""

    letter: str
    layer: int
    index: tuple[int, ...]
    sample: str = ""

    @property
    def text(self) -> str:
        letter = "x" if self.letter == "a" and self.layer == 0 else f"{self.letter}{self.layer}"
        return f"{letter}[{','.join(map(str, self.index))}]{self.sample}"


@cache
def read_key(text: str) -> Key | None:
    """The parts of a key; None for one that is no unit's, no weight's and no bias's."""
    match = KEY.fullmatch(text)
    if match is None:
        return None
    letter, layer, first, second, sample = match.groups()
    index = tuple(int(i) for i in (first, second) if i)
    return Key("a" if letter == "x" else letter, int(layer or 0), index, sample or "")


@cache
def _lean(expr: sp.Expr, formals: tuple[sp.Symbol, ...]) -> tuple[Formula, tuple[int, ...]]:
    """The formula in the formals that it has, and their positions."""
    free = expr.free_symbols
    kept = tuple(i for i, formal in enumerate(formals) if formal in free)
    return Formula(expr, tuple(formals[i] for i in kept)), kept


def term_of(expr: sp.Expr, named: Mapping[sp.Symbol, str]) -> Term:
    """An expression applied to the quantities that its symbols name, and to no others."""
    formula, kept = _lean(expr, tuple(named))
    args = tuple(named.values())
    return Term(formula, tuple(args[i] for i in kept))


def lean(term: Term) -> Term:
    """The term applied to no more than its expression reads."""
    return term_of(term.formula.expr, dict(zip(term.formula.formals, term.args, strict=True)))


def above(place: Place) -> dict[sp.Symbol, str]:
    """The adjoint that the place carries on; nothing where the use is what is differentiated."""
    named = dict(zip(place.term.formula.formals, place.term.args, strict=True))
    return {ADJOINT: named[ADJOINT]} if ADJOINT in named else {}


def reads(place: Place) -> dict[sp.Symbol, str]:
    """What the use reads, and what it is, by the formals and results of its formula."""
    term = place.use.term
    return dict(
        zip((*term.formula.formals, *term.formula.results), (*term.args, *term.results), strict=False)
    )


def own_slope(place: Place, *, usual: bool = True) -> sp.Expr:
    """ds/dq, as books print it or as SymPy has it."""
    return (usual_slope if usual else slope)(place.use.term.formula, place.use.position).expr


def with_slope(place: Place, expr: sp.Expr, named: Mapping[sp.Symbol, str] | None = None) -> tuple[Term]:
    """adjoint * expr, where `expr` stands for the slope."""
    carried = above(place)
    return (term_of(ADJOINT * expr if carried else expr, carried | dict(reads(place) | dict(named or {}))),)


# -- changes that any place may have ---------------------------------------------------------------


def scaled(factor: sp.Expr) -> Change:
    """The term times a number."""
    return lambda _, place: times(place, factor)


def times(place: Place, factor: sp.Expr) -> Terms:
    """The term times a number; None for the factor 1."""
    if factor == 1:
        return None
    formula = _scaled(place.term.formula.expr, factor, place.term.formula.formals)
    return (Term(formula, place.term.args),)


@cache
def _scaled(expr: sp.Expr, factor: sp.Expr, formals: tuple[sp.Symbol, ...]) -> Formula:
    return Formula(factor * expr, formals)


def bare(_: Sweep, place: Place) -> Terms:
    """The adjoint alone, without its slope; 1 where nothing is carried on."""
    carried = above(place)
    return (term_of(ADJOINT, carried) if carried else Term(ONE, ()),)


def alone(_: Sweep, place: Place) -> Terms:
    """The slope alone, without the adjoint."""
    return (term_of(own_slope(place), reads(place)),) if above(place) else None


def dropped(*_: object) -> Terms:
    """Nothing: the route is left out."""
    return ()


def reading(sweep: Sweep, place: Place, new: Mapping[str, str | None]) -> Terms:
    """The same term of other quantities; None where one of them does not exist."""
    if not new or not all(key and sweep.knows(key) for key in new.values()):
        return None
    args = tuple(new.get(arg) or arg for arg in place.term.args)
    return None if args == place.term.args else (replace(place.term, args=args),)


# -- where a change applies ------------------------------------------------------------------------

Test = Callable[[Sweep, Place], bool]


def where(*tests: Test) -> Callable[[Change], Change]:
    """The change at the places that pass all tests."""

    def limited(change: Change) -> Change:
        def made(sweep: Sweep, place: Place) -> Terms:
            return change(sweep, place) if all(test(sweep, place) for test in tests) else None

        return made

    return limited


def role(*names: str) -> Test:
    """Places whose slope plays one of these parts."""
    return lambda _, place: place.role in names


def kept(change: Callable[[Sweep, Place], bool]) -> Change:
    """Only those routes are kept of which the test is true, of several."""
    return lambda sweep, place: None if place.terms < 2 or change(sweep, place) else ()
