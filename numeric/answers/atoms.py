"""What a derivation is made of, each part with its name and its value in a world: slopes and quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from derive.expressions import usual_slope
from derive.formula.nodes import Activation, Letter, Node, Slope
from derive.notation import write, write_total
from derive.problem import Network, Problem
from derive.slips.changes import read_key
from derive.slips.kinds import Place, Sweep, parts_of
from derive.slips.places import factor_tree
from derive.steps import given_values, is_setting
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.evaluate import Evaluator
from numeric.deciding.compare import InWorld
from numeric.deciding.nodes import Array
from numeric.deciding.values import Value
from numeric.deciding.worlds import World

CONSTANTS = frozenset({"n", "K", "lambda", "m"})
"""Keys of numbers that stand for themselves."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "x": "an input",
        "y": "a target",
        "w": "a weight",
        "b": "a bias",
        "z": "a weighted input",
        "a": "an activation",
    }
)
"""Of quantities of a network, by their letters."""

MOST_SAMPLES = 8
"""Of which single columns are known by name."""


@dataclass(frozen=True)
class Atom:
    """One part: its name as the page writes it, and its value in any world.

    key   of a quantity, "" of a slope or a derivative
    kind  of a quantity what sort of thing it is, for whoever is to find out which one
    slope of a derivative on the way its key
    """

    name: str
    value: Callable[[World], Value]
    key: str = ""
    kind: str = ""
    slope: str = ""

    @property
    def of_kind(self) -> str:
        """The kind as the end of a sentence."""
        return f": {self.kind}." if self.kind else "."


def atoms_of(problem: Problem, sweep: Sweep, keys: tuple[str, ...]) -> Iterator[Atom]:
    """The slopes along a derivation, the derivatives on its way, then all quantities that it could read."""
    reached = sweep.reached(keys)
    yield from {atom.name: atom for key in reached for atom in _slopes(problem, sweep, key)}.values()
    for key in reached:
        parts = parts_of(key)
        if parts is not None and key not in keys:
            yield Atom(pasted(write_total(problem, *parts)), _quantity(key), slope=key)
    for key in dict.fromkeys((*given_values(problem), *(step.key for step in sweep.forward.steps))):
        if not is_setting(key) and key not in CONSTANTS:
            yield Atom(pasted(write(problem, key)), _quantity(key), key, _kind(problem, key))


def route_of(problem: Problem, sweep: Sweep, keys: tuple[str, ...]) -> Iterator[Atom]:
    """The factors of a derivation from the cost on, where it has one route; else none."""
    found: list[Atom] = []
    for key in sweep.reached(keys):
        places = sweep.places(key)
        if len(places) > 1:
            return
        found += [Atom(pasted(factor_tree(problem, place)), _slope(place)) for place in places]
    yield from found[::-1]


def arrays_of(problem: Problem) -> Iterator[tuple[str, InWorld]]:
    """The arrays that an answer may name, and phi'(z) of each layer, with what they are in a world."""
    for node in _array_nodes(problem):
        yield pasted(tree_of_links(problem, (node,))), partial(_evaluated, node)


def _evaluated(node: Node, world: World) -> Array:
    return Evaluator(world)(node)


def _array_nodes(problem: Problem) -> Iterator[Node]:
    body = problem.body
    if not isinstance(body, Network):
        yield from (Letter(name) for name in problem.own_names if body.shape(name))
        return
    letters = ("X", "Y", "Z", "A", "Delta") if len(problem.x) > 1 else ("x", "y", "z", "a", "delta")
    inputs, targets, *units = letters
    yield Letter(inputs)
    if body.cost is not None:
        yield Letter(targets)
    for l in range(1, body.depth + 1):
        yield Letter("W", l)
        if body.layer(l).biases is not None:
            yield Letter("b", l)
        yield from (Letter(letter, l) for letter in units)
        if len(problem.x) > 1:
            few = range(1, min(len(problem.x), MOST_SAMPLES) + 1)
            yield from (Letter(letter, l, (), str(i)) for letter in ("z", "a", "delta") for i in few)
        elif body.cost is not None:
            yield Slope(Letter("C"), (Letter("a", l),))
        if not body.layer(l).activation.couples:
            yield Activation(l, 1, (Letter(units[0], l),))


def _quantity(key: str) -> Callable[[World], Value]:
    return lambda world: world[key]


def _kind(problem: Problem, key: str) -> str:
    read = read_key(key) if isinstance(problem.body, Network) else None
    if read is None:
        return "a quantity"
    kind = KINDS.get(key[0], "a quantity")
    return f"{kind} of layer {read.layer}" if read.layer else kind


def _slopes(problem: Problem, sweep: Sweep, key: str) -> Iterator[Atom]:
    """The local slopes that the uses in one line hand back: phi'(z), a weight, an input, ds/dq."""
    for place in sweep.places(key):
        yield Atom(pasted(factor_tree(problem, place)), _slope(place))


def _slope(place: Place) -> Callable[[World], Value]:
    formula = usual_slope(place.use.term.formula, place.use.position)
    read = (*place.use.term.args, *place.use.term.results)[: len(formula.formals)]

    def value(world: World) -> Value:
        letters = {formal: world[key] for formal, key in zip(formula.formals, read, strict=True)}
        return world.formulas(formula.expr, letters)

    return value
