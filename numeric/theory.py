"""Statements about any layer, by number: every derivative from values of the forward pass alone.

    dC/dx ~ (C(x + h) - C(x - h))/(2h)

In numbers of 150 digits h can be so small that what a central difference leaves
out, of the order of h^2, stands far behind the digits that are compared. No
symbolic derivative is read here, but for phi' and a Jacobian where the line
itself names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf
from random import Random

import sympy as sp
from flint import arb, arb_mat, ctx

from derive.expressions import Formula
from derive.matrix.equations import Equation, Form, MatrixView
from derive.matrix.expr import SCALAR, Array, Entrywise, Expr, Size, inner, plus, total
from derive.matrix.sweep import MatrixProgram, MatrixStep
from derive.rules.kinds import A, Y
from derive.steps import Program, Step, Term
from derive.theory.names import ENTRY
from derive.theory.scheme import Fragment
from derive.theory.worked import Meaning, Place, Sides
from numeric.balls.matrices import Balls, evaluate
from numeric.balls.tape import Ball, Tape, ball, exact

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
        draw = Random(self.seed)
        return {array.key: self.drawn(draw, array.shape) for array in self.program.given}

    def drawn(self, draw: Random, shape: tuple[Size, Size]) -> Balls:
        rows, columns = (self.place.numbers[str(size)] for size in shape)
        return _matrix([[Fraction(draw.randint(-999, 999), 1000) for _ in range(columns)] for _ in range(rows)])

    @cached_property
    def values(self) -> Mapping[str, Balls]:
        """Every array, the cost among them."""
        return self.passed({})

    def passed(self, held: Mapping[str, Balls]) -> Mapping[str, Balls]:
        """The forward pass in which some arrays are what they are set to."""
        steps = tuple(step for step in self.program.steps if step.array.key not in held)
        forward = tuple(Equation(step.array, (Form(step.expr, step.because),)) for step in steps)
        given = {**self.given, **held}
        made = evaluate(MatrixView(self.program, forward, ()), given, CONSTANTS, BITS)
        return given | {key: value for (key, _), value in made.items()}


def _matrix(rows: list[list[Fraction]]) -> Balls:
    with ctx.workprec(BITS):
        return arb_mat([[ball(exact(number)) for number in row] for row in rows])


class Measuring(Meaning[arb]):
    """In numbers, at one point."""

    def __init__(self, point: Point, fragment: Fragment) -> None:
        super().__init__(point.place, fragment)
        self.point = point
        draw = Random(~point.seed)
        self.directions = {key: point.drawn(draw, array.shape) for key, array in self.moving.items()}
        self._known: dict[str, arb] = {}

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
        given: dict[str, Ball] = {}
        for key in keys:
            if key not in self._known:
                self._known[key] = self.named(key)
            given[key] = self._known[key]
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
        return {key: self.point.values[key] + direction * h for key, direction in along.items()}


def _entry(key: str) -> tuple[str, int, int]:
    """`W2[1,3]` as array, row and column, from 0; a number is its own only entry."""
    match = ENTRY.fullmatch(key)
    if match is None:
        return key, 0, 0
    return match["letter"] + match["label"], int(match["row"]) - 1, int(match["column"]) - 1


def _at(values: Mapping[str, Balls], key: str) -> arb:
    name, row, column = _entry(key)
    return values[name][row, column]
