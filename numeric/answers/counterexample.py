"""A point at which a wrong answer and the right one differ, in numbers that can be read.

    With a = 0.731 and y = -1 it is 0.144, and it should be 0.34.
    With the numbers of this problem it is 0.144, and it should be 0.34.

What is given takes the values 1, -1, 2, 1/2, ...; what follows from it is shown to three
digits, and so are both values, which differ by a twentieth at least. An unspecified function stands
for tanh there. Where an answer reads more quantities than a line holds, the point is that of the
problem, which a reader can put in as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from itertools import islice

import numpy as np
import sympy as sp

from derive.answers import open_letters
from derive.formula.nodes import Letter, Node, Slope, operands
from derive.notation import write
from derive.problem import Network, Problem
from derive.steps import given_values
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.evaluate import Evaluator
from numeric.answers.reasons import Reason
from numeric.deciding.compare import Difference, InWorld
from numeric.deciding.formulas import Formulas
from numeric.deciding.tower import tower
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

SMALL = tuple(map(Fraction, ("1", "1/2", "-1", "2", "-1/2", "3/2", "3")))
STRIDES = (3, 5, 2)
MOST_POINTS, MOST_SHOWN = 8, 5
READABLE = (Fraction(1, 100), Fraction(1000))
"""Smaller or larger values are passed over."""

HUGE = 1e300
"""Larger values are shown as such."""

GAPS = (0.05, 0.0005)
"""By how much both values differ, relatively: to the eye, and where that is nowhere so, in five digits."""

Told = tuple[World, Mapping[str, str]]
"""A world with what is said of its point; nothing of the problem's own."""


def counterexample(
    small: Sequence[World], own: World | None, truth: InWorld, answer: InWorld, node: Node
) -> Iterator[Reason]:
    """The first of these worlds where both have values that differ; nothing where none does.

    small  at points that can be told where the answer reads few quantities; `own` the problem's
    """
    read = cache(partial(_values, node=node))
    here: list[Told] = [] if own is None else [(own, {})]
    looks: tuple[tuple[Iterable[Told], float, bool], ...] = (
        *((((world, read(world)) for world in small if read(world)), gap, True) for gap in GAPS),
        *((here, gap, False) for gap in GAPS),
        *((((world, _first_given(world)) for world in small), gap, True) for gap in GAPS),
        *((((world, _first_given(world)) for world in small), gap, False) for gap in GAPS),
    )
    found = (
        _said(where, given, gap)
        for points, gap, readable in looks
        for world, given in points
        for where in differences(world, truth, answer, gap, readable=readable)
    )
    yield from islice(found, 1)


def small_worlds(subject: Subject) -> tuple[World, ...]:
    """Points of small numbers; those of every second one are positive."""
    return tuple(_small(subject, number) for number in range(MOST_POINTS))


def _small(subject: Subject, number: int) -> World:
    formulas = _Shown(tower(HEIGHT), f"small {number}".encode())
    stride = STRIDES[number % len(STRIDES)]

    def chosen(place: int, _: str) -> Value:
        value = SMALL[(place * stride + number) % len(SMALL)]
        return formulas.constant(abs(value) if number % 2 else value)

    return World.at(subject, formulas, number, chosen)


class _Shown(Formulas):
    """Formulas in which an unspecified function is tanh."""

    def any_function(self, letter: str, order: int, u: Value) -> Value:
        del letter
        expr, symbol = _tanh(order)
        return self(expr, {symbol: u})


@cache
def _tanh(order: int) -> tuple[sp.Expr, sp.Symbol]:
    symbol = sp.Symbol("u")
    return sp.diff(sp.tanh(symbol), symbol, order), symbol


def differences(
    world: World, truth: InWorld, answer: InWorld, gap: float = GAPS[0], *, readable: bool = True
) -> Iterator[Difference]:
    """The entries in which two formulas differ in a world by as much; those alone that are `readable`."""
    try:
        true, own = truth(world), answer(world)
        for index in np.ndindex(true.shape):
            pair = true.item(index), own.item(index)
            if _differ(*pair, gap, readable=readable):
                yield Difference(world, index, *pair)
    except UnluckyError:
        return


def _differ(true: Value, own: Value, least: float, *, readable: bool) -> bool:
    balls = [value.near(PRECISIONS[0]) for value in (true, own)]
    if not all(ball.is_finite() for ball in balls):
        return False
    low, high = map(float, READABLE) if readable else (0.0, math.inf)
    numbers = [min(abs(float(ball.mid())), HUGE) for ball in balls]
    within = all(number == 0 or low < number < high for number in numbers)
    gap = min(abs(float((balls[0] - balls[1]).mid())), HUGE)
    return within and gap > least * max(numbers)


def _shown(value: Value, digits: int = 3) -> str:
    number = float(value.near(PRECISIONS[0]).mid())
    if number == 0 and not _is_zero(value):
        return "nearly 0"
    if abs(number) >= HUGE:
        return "larger than 10^300" if number > 0 else "smaller than −10^300"
    return format(number, f".{digits}g").replace("-", "−")


def _is_zero(value: Value) -> bool:
    try:
        return value.number == 0 or value.at(0) == 0
    except (UnluckyError, TooDeepError):
        return False


def _said(where: Difference, given: Mapping[str, str], gap: float) -> Reason:
    entry = f" in entry {', '.join(str(i + 1) for i in where.index)}" if where.index else ""
    functions = [f"{name} = tanh" for name in unspecified_letters(where.world.subject.problem)]
    values = [" = ".join(filter(None, pair)) for pair in given.items()]
    digits = 3 if gap == GAPS[0] else 5
    point = _listed([*functions, *(values or ["the numbers of this problem"])])
    found, belongs = (_shown(value, digits) for value in (where.right, where.left))
    text = f"With {point} it is {found}{entry}, and"
    # At the numbers of the problem the right value could be given as the answer.
    hint = "" if given else f"{text} that is not what is asked for."
    return Reason("counterexample", f"{text} it should be {belongs}.", hint)


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _values(world: World, node: Node) -> Mapping[str, str]:
    """The quantities that the answer reads, where these are few single numbers."""
    letters = list(dict.fromkeys(_read_by(node)))
    if len(letters) > MOST_SHOWN or any(map(open_letters, letters)):
        return {}
    found = {}
    for letter in letters:
        try:
            value = Evaluator(world)(letter)
        except UnluckyError:
            return {}
        if value.size != 1:
            return {}
        found[pasted(tree_of_links(world.subject.problem, (letter,)))] = _shown(value.item())
    return found


def _first_given(world: World) -> Mapping[str, str]:
    """The first of the quantities that are given; how the others go on is not told."""
    problem = world.subject.problem
    keys = [key for key in given_values(problem) if key in world.subject.free_keys]
    first = {pasted(write(problem, key)): _shown(world[key]) for key in keys[:MOST_SHOWN]}
    return {**first, "so on": ""} if len(keys) > MOST_SHOWN else first


def _read_by(node: Node) -> Iterator[Node]:
    """The quantities and the derivatives that a formula reads: of ∂C/∂w neither C nor w."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Letter | Slope):
            yield part
        else:
            waiting += reversed(operands(part))


def unspecified_letters(problem: Problem) -> list[str]:
    """The letters of the functions that stand for any."""
    body = problem.body
    if isinstance(body, Network):
        general = any(layer.activation.name == "general" for layer in body.layers)
        return [problem.notation.function or "φ"] if general else []
    return list(body.functions)
