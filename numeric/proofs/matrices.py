"""The matrix form by number: every form of every equation, as matrices, against the scalar derivatives.

The equations do not know how wide a layer is. So of a wide network they are
checked on the same network with narrower layers, at random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import inf

from flint import arb, arb_mat, ctx, fmpq

from derive.matrix.equations import MatrixView, matrix_view
from derive.matrix.expr import Array
from derive.matrix.network import PENALTY
from derive.problem import Layer, Network, Parameter, Problem
from derive.steps import given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import ENOUGH_BITS, Enclosure, balls_of, enclose, enclosure, relative_digits
from numeric.balls.matrices import Balls, evaluate
from numeric.balls.operations import Ball, ball
from numeric.sampling import concrete

PRECISIONS = (256, 512, 1024, 2048, 4096)
WIDEST, MOST_SAMPLES = 4, 3
"""Units of a layer, and samples, of the narrowed network."""

MOST_EDGES = 20_000
"""A network of more connections, over all its samples, is checked narrowed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The digits in which a form is the scalar derivative, at the worst, and at how many entries."""

    digits: float
    entries: int


def check_forms(problem: Problem, output: str = "C") -> Mapping[tuple[str, int], Checked]:
    """Each form of each equation, forward and back, by its array's key and its place.

    At the problem's numbers; where these are free, or too many, at random ones. A
    form that is nowhere defined there has no digits.
    """
    return _worst([_checked(instance, output) for instance in instances(problem)])


def instances(problem: Problem) -> tuple[Problem, ...]:
    """The problem itself, or what stands for it where numbers are free or too many."""
    chosen = narrowed(problem) if is_wide(problem) else problem
    return concrete(chosen) if chosen.is_free else (chosen,)


def is_wide(problem: Problem) -> bool:
    """Whether a network is checked with narrower layers; one that has a formula for its output is not."""
    network = problem.body
    if not isinstance(network, Network) or network.output is not None:
        return False
    edges = sum(layer.width * len(layer.weights[0]) for layer in network.layers)
    return edges * max(1, len(problem.x)) > MOST_EDGES


def narrowed(problem: Problem) -> Problem:
    """The same network with narrower layers, fewer samples and free numbers."""
    network = problem.body
    assert isinstance(network, Network), "a graph has no layers"
    sizes = [min(size, WIDEST) for size in network.sizes]
    layers = tuple(_layer(l, layer, sizes) for l, layer in enumerate(network.layers, 1))
    keys = [key for layer in layers for row in layer.weights for key in row]
    keys += [key for layer in layers for key in layer.biases or ()]
    count = min(len(problem.x), MOST_SAMPLES)
    free = [(None,) * size for size in (sizes[0], sizes[-1])]
    return replace(
        problem,
        body=replace(network, inputs=free[0], layers=layers),
        parameters=tuple(Parameter(key=k, own=None, value=None, frozen=False, places=(k,)) for k in keys),
        x=(free[0],) * count,
        y=(free[1],) * count if problem.y else (),
        tests=(),
        labels=(),
        classes=(),
        training=None,
        published=(),
    )


def _layer(l: int, layer: Layer, sizes: list[int]) -> Layer:
    rows = sizes[l] * layer.activation.pieces
    return replace(
        layer,
        units=(None,) * sizes[l],
        weights=tuple(
            tuple(f"w{l}[{j},{k}]" for k in range(1, sizes[l - 1] + 1)) for j in range(1, rows + 1)
        ),
        biases=None if layer.biases is None else tuple(f"b{l}[{j}]" for j in range(1, rows + 1)),
    )


@dataclass(frozen=True, slots=True)
class Numbers:
    """An array's numbers; each is enclosed when it is asked for, by row and column from 1."""

    shape: tuple[int, int]
    at: Callable[[int, int], Enclosure]


def values_of(problem: Problem, view: MatrixView) -> Mapping[str, Numbers]:
    """What the equations come to at the problem's numbers, which must all be known; arrays by their keys."""
    given = balls_of(given_values(problem))
    forms = _settled(problem, view, given)
    uses = with_uses(problem, given)
    found = {array.key: _given_numbers(view, array, uses) for array in view.program.given}
    for equation in view.equations:
        shape = _shape(view, equation.array)
        value = forms[equation.array.key, 0] if equation.forms else arb_mat(*shape)
        found[equation.array.key] = Numbers(shape, partial(_enclosed, value))
    return found


def _given_numbers(view: MatrixView, array: Array, values: Mapping[str, Ball]) -> Numbers:
    return Numbers(_shape(view, array), lambda j, k: enclosure(values[view.program.entry(array.key, j, k)]))


def _enclosed(value: Balls, j: int, k: int) -> Enclosure:
    return enclosure(value[j - 1, k - 1])


def _shape(view: MatrixView, array: Array) -> tuple[int, int]:
    rows, columns = map(view.program.size, array.shape)
    return rows, columns


def _settled(
    problem: Problem, view: MatrixView, given: Mapping[str, Ball]
) -> Mapping[tuple[str, int], Balls]:
    """Every form, at the least precision at which all entries are known, or at the last one.

    A softmax's e^-1000 leaves 0 to 77 digits at the first, and is no 0.
    """
    forms: Mapping[tuple[str, int], Balls] = {}
    for bits in PRECISIONS:
        forms = evaluate(view.program, view.equations, _starts(problem, view, given, bits), given, bits)
        if all(_is_known(entry) for value in forms.values() for entry in value.entries()):
            break
    return forms


def _is_known(entry: Ball) -> bool:
    """Whether it has its digits, or no value at all."""
    if isinstance(entry, fmpq) or not entry.is_finite():
        return True
    return entry.is_exact() or entry.rel_accuracy_bits() >= ENOUGH_BITS


def with_uses(problem: Problem, given: Mapping[str, Ball], bits: int = PRECISIONS[0]) -> Mapping[str, Ball]:
    """The given values, with those of a shared parameter at each of its uses, and the L2 term of these."""
    network = problem.body
    values = {**given, **{place: given[one.key] for place, one in problem.parameter.items()}}
    if isinstance(network, Network) and network.l2:
        with ctx.workprec(bits):
            squares = sum(
                (ball(given[one.key]) ** 2 for one in problem.parameters if one.is_weight and one.shared),
                arb(0),
            )
            values[PENALTY] = ball(given["lambda"]) / (2 * ball(given["n"])) * squares
    return values


def _starts(problem: Problem, view: MatrixView, given: Mapping[str, Ball], bits: int) -> dict[str, Balls]:
    """The arrays that the steps start from."""
    values = with_uses(problem, given, bits)
    with ctx.workprec(bits):
        return {array.key: _filled(_names(view, array), values) for array in view.program.given}


def _worst(found: list[Mapping[tuple[str, int], Checked]]) -> Mapping[tuple[str, int], Checked]:
    """At the worst over the instances; a form that some instance does not have counts where it stands."""
    worst: dict[tuple[str, int], Checked] = {}
    for checked in found:
        for place, one in checked.items():
            before = worst.get(place, one)
            worst[place] = Checked(min(before.digits, one.digits), one.entries)
    return worst


def _checked(problem: Problem, output: str) -> Mapping[tuple[str, int], Checked]:
    view = matrix_view(problem, output)
    program, given = program_of(problem), balls_of(given_values(problem))
    names = {one.by.key: _names(view, one.by) for one in view.backward if one.by}
    forms = _settled(problem, view, given)
    wrt = [key for rows in names.values() for row in rows for key in row]
    results = {one.array.key: _names(view, one.array) for one in view.forward}
    wanted = [key for rows in results.values() for row in rows for key in row]
    wanted += [adjoint(output, key) for key in wrt]
    truth = enclose(program.plus(sweep(program, output, wrt)), given, wanted)
    found = {}
    for one in (*view.forward, *view.backward):
        rows = results[one.array.key] if one.by is None else _adjoints(output, names[one.by.key])
        if one.by and one.array.shape != one.by.shape:
            rows = [list(column) for column in zip(*rows, strict=True)]
        for number in range(len(one.forms)):
            value = forms[one.array.key, number]
            digits = [
                agreed(enclosure(value[j, k]), truth[key])
                for j, row in enumerate(rows)
                for k, key in enumerate(row)
            ]
            found[one.array.key, number] = Checked(min(digits), len(digits))
    return found


def _adjoints(output: str, names: list[list[str]]) -> list[list[str]]:
    return [[adjoint(output, key) for key in row] for row in names]


def _names(view: MatrixView, array: Array) -> list[list[str]]:
    """The keys of the scalar steps for an array's entries, row by row."""
    rows, columns = _shape(view, array)
    return [[view.program.entry(array.key, j, k) for k in range(1, columns + 1)] for j in range(1, rows + 1)]


def _filled(names: list[list[str]], given: Mapping[str, Ball]) -> Balls:
    return arb_mat([[ball(given[key]) for key in row] for row in names])


def agreed(left: Enclosure, truth: Enclosure) -> float:
    """Digits in which the two surely agree; none where they are apart, all where neither has a value."""
    if left.lo is None or left.hi is None or truth.lo is None or truth.hi is None:
        return inf if left.defined == truth.defined else -inf
    gap = max(left.hi, truth.hi) - min(left.lo, truth.lo)
    return relative_digits(gap, Fraction(1) if truth.holds_zero else abs(truth.mid))
