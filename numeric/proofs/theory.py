"""Statements about any layer, by number: every derivative from values of the forward pass alone.

    dC/dx ~ (C(x + h) - C(x - h))/(2h)

In numbers of 150 digits h can be so small that what a central difference leaves
out, of the order of h^2, stands far behind the digits that are compared. No
symbolic derivative is read here, but for phi' and a Jacobian where the line
itself names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from itertools import cycle
from math import inf
from types import MappingProxyType
from typing import Literal

import numpy as np
import sympy as sp
from flint import arb, arb_mat, ctx

from derive.expressions import Formula
from derive.matrix.equations import Equation, Form
from derive.matrix.expr import SCALAR, Array, Entrywise, Expr, Size, inner, plus, total
from derive.matrix.sweep import MatrixProgram, MatrixStep
from derive.rules.kinds import A, Y
from derive.steps import Program, Step, Term
from derive.theory.equations import fundamental
from derive.theory.names import ENTRY
from derive.theory.product import product_at
from derive.theory.proofs import by_differentials, by_entries
from derive.theory.scheme import Fragment, Label, Scheme, parameters
from derive.theory.worked import Meaning, Place, Proving, Sides
from derive.unspecified import StandIn
from numeric.balls.matrices import Balls, evaluate
from numeric.balls.operations import Ball, ball, exact
from numeric.balls.tape import Tape

BITS = 512
STEP = arb(2) ** -128
ENOUGH_DIGITS = 30

CONSTANTS: Mapping[str, Ball] = {"n": exact(Fraction(3)), "lambda": exact(Fraction(7, 10))}
VALUE = "value"


@dataclass(frozen=True)
class Point:
    """Random numbers for what a place's network is given, and its directions, drawn by a seed."""

    place: Place
    seed: int

    @cached_property
    def program(self) -> MatrixProgram:
        """The layers with a cost in which every output meets every other one."""
        program = self.place.program
        outputs = self.place.outputs
        y, c = (Array(key, outputs.shape) for key in ("y", "c"))
        square, cube = Formula((A - Y) ** 2, (A, Y)), Formula(A**3, (A,))
        cost: Expr = plus(
            total(Entrywise(square, (outputs, y), outputs.shape)),
            Entrywise(cube, (inner(c, outputs),), SCALAR),
        )
        cost = plus(cost, *self.place.adds)
        steps = (*program.steps, MatrixStep(Array("C", SCALAR), cost, "cost"))
        return MatrixProgram(steps, (*program.given, y, c), program.entry, program.sizes)

    @cached_property
    def given(self) -> Mapping[str, Balls]:
        """A number in (-1, 1), with three decimals, for every entry."""
        draw = np.random.default_rng(self.seed)
        return {array.key: self.drawn(draw, array.shape) for array in self.program.given}

    def directions(self, arrays: Mapping[str, Array]) -> dict[str, Balls]:
        """Where each array goes when it moves."""
        draw = np.random.default_rng((self.seed, 1))
        return {key: self.drawn(draw, array.shape) for key, array in arrays.items()}

    def drawn(self, draw: np.random.Generator, shape: tuple[Size, Size]) -> Balls:
        """A matrix of such numbers."""
        rows, columns = (self.place.numbers[str(size)] for size in shape)
        drawn = draw.integers(-999, 1000, size=(rows, columns))
        return _matrix([[Fraction(int(number), 1000) for number in row] for row in drawn])

    @cached_property
    def values(self) -> Mapping[str, Balls]:
        """Every array, the cost among them."""
        return self.passed({})

    def passed(self, held: Mapping[str, Balls]) -> Mapping[str, Balls]:
        """The forward pass in which some arrays are what they are set to."""
        steps = tuple(step for step in self.program.steps if step.array.key not in held)
        forward = tuple(Equation(step.array, (Form(step.expr, step.because),)) for step in steps)
        given = {**self.given, **held}
        made = evaluate(self.program, forward, given, CONSTANTS, BITS)
        return given | {key: value for (key, _), value in made.items()}


def _matrix(rows: list[list[Fraction]]) -> Balls:
    with ctx.workprec(BITS):
        return arb_mat([[ball(exact(number)) for number in row] for row in rows])


class Measuring(Meaning[arb]):
    """In numbers, at one point."""

    def __init__(self, point: Point, fragment: Fragment) -> None:
        super().__init__(point.place, fragment)
        self.point = point
        self.directions = point.directions(self.moving)

    def digits(self, sides: Sides) -> float:
        """The digits in which both sides agree; infinite where nothing is between them."""
        with ctx.workprec(BITS):
            left, right = map(self.meaning, sides)
            gap, size = abs((left - right).mid()), max(abs(left.mid()), abs(right.mid()))
            return inf if gap == 0 else -float((gap / size).log() / arb(10).log())

    def meaning(self, expr: sp.Expr) -> arb:
        """The expression's value."""
        symbols = tuple(sorted(expr.free_symbols, key=str))
        keys = tuple(symbol.name for symbol in symbols)
        given: dict[str, Ball] = {key: self.named(key) for key in keys}
        tape = Tape.of(Program((Step(VALUE, (Term(Formula(expr, symbols), keys),), "line"),)), given)
        return ball(tape.run(given, BITS)[VALUE])

    def value(self, key: str) -> arb:
        return _at(self.point.values, key) if "[" in key else ball(CONSTANTS[key])

    def slope(self, of: str, by: str) -> arb:
        name, row, column = _entry(by)
        array = self.point.values[name]
        unit = arb_mat(array.nrows(), array.ncols())
        unit[row, column] = arb(1)
        return self._difference(of, {name: unit}, {})

    def change(self, of: str) -> arb:
        held = {key: self.point.values[key] for key in self.held(of)}
        return self._difference(of, self.directions, held)

    def _difference(self, of: str, along: Mapping[str, Balls], held: Mapping[str, Balls]) -> arb:
        """(f(x + h d) - f(x - h d))/(2h), of an entry or of the cost."""
        with ctx.workprec(BITS):
            ahead, behind = (
                _at(self.point.passed({**held, **self._moved(along, h)}), of) for h in (STEP, -STEP)
            )
            return (ahead - behind) / (2 * STEP)

    def _moved(self, along: Mapping[str, Balls], h: arb) -> dict[str, Balls]:
        return {key: self.point.values[key] + arb_mat(direction) * h for key, direction in along.items()}


def _entry(key: str) -> tuple[str, int, int]:
    """`W2[1,3]` as array, row and column, from 0; a number is its own only entry."""
    match = ENTRY.fullmatch(key)
    if match is None:
        return key, 0, 0
    return match["letter"] + match["label"], int(match["row"]) - 1, int(match["column"]) - 1


def _at(values: Mapping[str, Balls], key: str) -> arb:
    name, row, column = _entry(key)
    return ball(values[name][row, column])


# -- every line ------------------------------------------------------------------------------------

SIZES: Mapping[str, tuple[tuple[tuple[int, ...], int], ...]] = MappingProxyType(
    {
        "plain": (((2, 3, 2), 1), ((1, 2, 2, 2), 2), ((2, 1, 3, 2), 1)),
        "shared": (((2, 2, 2), 1),),
        "skip": (((2, 2, 2, 2, 2), 2),),
    }
)
"""The networks at which a scheme's lines are checked: n_0 to n_L, and l."""

SMALL = (((1, 2, 2), 1),)

STAND_INS = tuple(
    StandIn(name, coefficients).expr
    for name, coefficients in (
        ("tanh", ()),
        ("softplus", ()),
        ("cubic", (Fraction(1, 3), Fraction(2, 5), Fraction(4, 5))),
    )
)
"""What phi is where numbers are wanted, in turn."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How a line stood: proved at every entry, and the digits in which both sides agree at the worst."""

    proved: bool
    digits: float
    entries: int

    @property
    def holds(self) -> bool:
        return self.proved and self.digits >= ENOUGH_DIGITS

    def __and__(self, other: Checked) -> Checked:
        """Both together."""
        digits, entries = min(self.digits, other.digits), self.entries + other.entries
        return Checked(self.proved and other.proved, digits, entries)


@dataclass(frozen=True)
class Verified:
    """What was found of one equation, of its other forms, and of the lines of its proofs.

    lying  in the numerator layout
    """

    equation: Checked
    usual: Checked
    lying: Checked
    by_entries: tuple[Checked, ...] = ()
    by_differentials: tuple[Checked, ...] = ()


Proofs = Collection[Literal["entries", "differentials"]]
"""Which proofs are checked; that by entries is there for one sample, entry by entry."""


class Witness:
    """Symbols and numbers at one place, for lines about one fragment."""

    def __init__(self, place: Place, fragment: Fragment) -> None:
        self._proving = Proving(place, fragment)
        self._measuring = Measuring(Point(place, SEED), fragment)
        self._found: dict[Sides, Checked] = {}

    def __call__(self, sides: Iterable[Sides]) -> Checked:
        return reduce(Checked.__and__, map(self._checked, sides))

    def _checked(self, sides: Sides) -> Checked:
        """One entry; the lines of an equation and its forms in other layouts say the same of many."""
        if sides not in self._found:
            digits = self._measuring.digits(sides)
            proved = digits >= ENOUGH_DIGITS and self._proving.proves(sides)
            self._found[sides] = Checked(proved, digits, 1)
        return self._found[sides]


SEED = 20150101


def places_of(name: str, scheme: Scheme) -> Iterator[Place]:
    """The networks at which a scheme is checked, each with another phi."""
    for (sizes, l), phi in zip(SIZES.get(name, SMALL), cycle(STAND_INS)):
        yield Place(replace(scheme, phi=phi), sizes, l)


def verify_equation(name: str, scheme: Scheme, equation: str, proofs: Proofs = ()) -> Verified:
    """One equation of a scheme, with its proofs line by line, at every place.

    name  the scheme's, which says at what places
    """
    return reduce(_together, (_at_place(place, equation, proofs) for place in places_of(name, scheme)))


def _at_place(place: Place, name: str, proofs: Proofs) -> Verified:
    (equation,) = (one for one in fundamental(place.scheme) if one.name == name)
    witness, lying = Witness(place, equation.fragment), equation.laid_out("numerator")
    entries = place.of_entries(by_entries(equation)) if "entries" in proofs else ()
    pairs = by_differentials(equation.fragment)
    changes = place.of_differentials(pairs) if "differentials" in proofs else ()
    return Verified(
        witness(place.of_equation(equation, equation.expr)),
        witness(place.of_equation(equation, equation.usual)),
        witness(place.of_equation(lying, lying.expr)),
        tuple(map(witness, entries)),
        tuple(map(witness, changes)),
    )


def _together(one: Verified, other: Verified) -> Verified:
    def both(left: tuple[Checked, ...], right: tuple[Checked, ...]) -> tuple[Checked, ...]:
        return tuple(a & b for a, b in zip(left, right, strict=True))

    return Verified(
        one.equation & other.equation,
        one.usual & other.usual,
        one.lying & other.lying,
        both(one.by_entries, other.by_entries),
        both(one.by_differentials, other.by_differentials),
    )


DEPTHS = ((2, 2), (2, 3, 2), (1, 2, 3, 2))


def verify_product(scheme: Scheme) -> Checked:
    """The long product from layer 1, in networks of one to three layers, and its nested form."""
    found = []
    for sizes in DEPTHS:
        place, here, last = Place(scheme, sizes, 1), Label("", 1), Label("", len(sizes) - 1)
        whole, cut = product_at(scheme, here, last), parameters(scheme, here)
        (weights,) = (one for one in fundamental(scheme, here, last) if one.name == "BP4")
        witness = Witness(place, cut)
        found += [witness(whole.sides(place.program)), witness(place.of_equation(weights, whole.nested))]
    return reduce(Checked.__and__, found)
