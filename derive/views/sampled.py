"""A formula of a derivative, compared with the quantity itself at points as if drawn at random.

    dC/dw       (C(w + h) - C(w - h)) / 2h,    h = 10^-40
    d2C/dw dv   the same difference of that difference, and so on

The quantity is computed step by step, values only, with so many digits that the
differences lose none that count: clear of kinks they are the derivative to
eighty digits, whatever the functions. So the comparison reads no derivative,
SymPy's or another, and costs one visit an edge. What agrees in thirty digits at
several points is sampled, and not proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

import mpmath as mp
import sympy as sp

from derive.identities import proved
from derive.steps import Program, Step, Term
from derive.views.evaluated import value_at
from derive.views.lines import Proof

PROVED_WITHIN = 60
"""Operations up to which SymPy proves two forms equal in a moment."""

POINTS = 3
GOLDEN, SCALE = 618_033_989, 10**9
DIGITS = 50
APART = 40
"""The decimals of h. A difference loses as many digits, and leaves out what is of the size of h^2."""

CLOSE = mp.mpf("1e-30")

Point = Mapping[str, mp.mpf]
Moved = Mapping[str, Sequence[Step]]
"""The steps that change with a quantity, for each by which is differentiated."""


def is_identity(expr: sp.Expr, expected: sp.Expr) -> bool:
    """Whether two expressions are short enough to be proved the same, and are."""
    return max(expr.count_ops(), expected.count_ops()) <= PROVED_WITHIN and proved(expr, expected)


def proof_by_numbers(
    expr: sp.Expr, program: Program, of: str, by: Sequence[str], shares: Sequence[str] = ()
) -> Proof:
    """How it is known that an expression is the derivative of `of` by each of `by`, keys of the steps.

    shares  quantities that sum to 1 at every point that is tried
    """
    keys = {symbol.name for symbol in expr.free_symbols}
    steps = program.only((of, *by, *keys)).ordered().steps
    read = {arg for step in steps for term in step.terms for arg in term.args}
    given = {*read, of, *by, *keys} - {step.key for step in steps}
    moved = {key: _moved_by(key, program, steps) for key in by}
    with mp.workdps(DIGITS + 2 * APART * len(by)):
        return _verdict(_agrees(expr, steps, moved, of, by, point) for point in _points(given, shares))


def _moved_by(key: str, program: Program, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that change with a quantity, itself left out."""
    after = program.after((key,)) - {key}
    return [step for step in steps if step.key in after]


def _agrees(
    expr: sp.Expr, steps: Sequence[Step], moved: Moved, of: str, by: Sequence[str], point: Point
) -> bool | None:
    """Whether the expression is the difference, in thirty digits; None where one has no value."""
    try:
        here = _computed(steps, point)
        return _close(_at(expr, here), _difference(moved, here, of, by))
    except ArithmeticError:
        return None


def _close(one: mp.mpf, other: mp.mpf) -> bool:
    return bool(abs(one - other) <= CLOSE * max(abs(one), abs(other), 1))


def _difference(moved: Moved, here: Point, of: str, by: Sequence[str]) -> mp.mpf:
    """The central difference, by the last quantity, of that by those before it."""
    if not by:
        return here[of]
    *before, last = by
    h = mp.mpf(10) ** -APART
    shifted = (_computed(moved[last], {**here, last: here[last] + step}) for step in (h, -h))
    up, down = (_difference(moved, there, of, before) for there in shifted)
    return (up - down) / (2 * h)


def _computed(steps: Iterable[Step], given: Point) -> Point:
    """The values of all steps, each from those before it."""
    values = dict(given)
    for step in steps:
        values[step.key] = mp.fsum(_term(term, values) for term in step.terms)
    return values


def _term(term: Term, values: Point) -> mp.mpf:
    read = (values[arg] for arg in term.args)
    return value_at(term.formula.expr, dict(zip(term.formula.formals, read, strict=True)))


def _at(expr: sp.Expr, values: Point) -> mp.mpf:
    return value_at(expr, {symbol: values[symbol.name] for symbol in expr.free_symbols})


def _verdict(agreed: Iterable[bool | None]) -> Proof:
    found = list(agreed)
    return "sampled" if any(found) and False not in found else "none"


def _points(keys: Iterable[str], shares: Sequence[str]) -> Iterator[Point]:
    """Points between 0 and 1, as if drawn at random: fractional parts of the golden ratio's multiples."""
    ordered = sorted(keys)
    for place in range(POINTS):
        numbers = count(1 + place * len(ordered))
        point = {key: mp.mpf(next(numbers) * GOLDEN % SCALE) / SCALE for key in ordered}
        if shares:
            *others, last = shares
            point[last] = 1 - mp.fsum(point[key] for key in others)
        yield point
