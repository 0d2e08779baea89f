"""An answer at numbers for its running letters: δ^l at l = 2 is δ².

instantiate(node, {"l": 2, "L": 3})    letters that are not given stay open
range_of(problem, sum)                 over what a Σ runs, where its limits are numbers
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from derive.answers.letters import BATCHES
from derive.errors import AnswerError
from derive.formula.nodes import (
    Activation,
    Apply,
    Counted,
    Index,
    Letter,
    Matrix,
    Node,
    Number,
    Slope,
    Sum,
    Unspecified,
    operands,
    walk,
)
from derive.problem import Network, Problem
from derive.quantities import SHAPES

MOST_PARTS = 4_000
"""Of a formula with its sums written out."""


_NONE = frozenset[str]()


def counted(place: Counted, values: Mapping[str, int]) -> Counted:
    """2 of l at l = 2, 3 of l+1; what is not given stays."""
    if isinstance(place, int) or place[0] not in values:
        return place
    return values[place[0]] + int(place[1:] or 0)


def open_letters(node: Node) -> frozenset[str]:
    """The running letters of a node that no Σ in it binds: l, j, k."""
    if isinstance(node, Letter):
        if not node.index and node.sample is None and isinstance(node.layer, int):
            return _NONE
        sample = node.sample if node.sample is not None and node.sample.isalpha() else 0  # t1 is a test input
        return frozenset(place[0] for place in (node.layer, *node.index, sample) if isinstance(place, str))
    inner = _NONE
    for part in operands(node):
        inner |= open_letters(part)
    if isinstance(node, Slope):
        return inner.union(*map(open_letters, node.by))
    if isinstance(node, Index):
        return frozenset(node.counted[0])
    if isinstance(node, Activation) and isinstance(node.layer, str):
        return inner | {node.layer[0]}
    return inner - {node.letter} if isinstance(node, Sum) else inner


def instantiate(node: Node, values: Mapping[str, int]) -> Node:
    """The node with numbers for running letters; a Σ keeps its own letter."""
    rule = _RULES.get(type(node))
    return rule(node, values) if rule is not None else node


def _slope(slope: Slope, values: Mapping[str, int]) -> Node:
    by = tuple(_letter(letter, values) for letter in slope.by)
    return replace(slope, of=instantiate(slope.of, values), by=by)


def _index(index: Index, values: Mapping[str, int]) -> Node:
    place = counted(index.counted, values)
    return Number(Fraction(place), str(place)) if isinstance(place, int) else Index(place)


def _sum(total: Sum, values: Mapping[str, int]) -> Node:
    kept = {letter: value for letter, value in values.items() if letter != total.letter}
    lower, upper = (None if one is None else instantiate(one, kept) for one in (total.lower, total.upper))
    return Sum(total.letter, instantiate(total.body, kept), lower, upper)


def _matrix(matrix: Matrix, values: Mapping[str, int]) -> Node:
    return replace(matrix, rows=tuple(tuple(instantiate(one, values) for one in row) for row in matrix.rows))


def _activation(node: Activation, values: Mapping[str, int]) -> Node:
    layer = None if node.layer is None else counted(node.layer, values)
    return Activation(layer, node.order, tuple(instantiate(arg, values) for arg in node.args))


def _operation(node: Apply | Unspecified, values: Mapping[str, int]) -> Node:
    return replace(node, args=tuple(instantiate(arg, values) for arg in node.args))


def _letter(letter: Letter, values: Mapping[str, int]) -> Letter:
    sample = letter.sample
    if sample is not None and sample in values:
        sample = str(values[sample])
    index = tuple(counted(place, values) for place in letter.index)
    layer = counted(letter.layer, values)
    if isinstance(letter.layer, str) and layer == 0 and letter.letter in ("a", "A"):  # a^{l-1} at l = 1
        return Letter("x" if letter.letter == "a" else "X", 0, index, sample, letter.primes)
    return Letter(letter.letter, layer, index, sample, letter.primes)


_RULES: Mapping[type, Callable[..., Node]] = MappingProxyType(
    {
        Letter: _letter,
        Slope: _slope,
        Index: _index,
        Sum: _sum,
        Matrix: _matrix,
        Activation: _activation,
        Apply: _operation,
        Unspecified: _operation,
    }
)


def range_of(problem: Problem, total: Sum) -> range:
    """The numbers that the letter of a Σ takes: its limits, or every index that it stands in.

    Raises AnswerError where a limit is no number yet, the letter stands in indices of several sizes,
    or there are too many numbers for any sum to be written out.
    """
    lower, upper = _limits(problem, total)
    if upper - lower + 1 > MOST_PARTS:
        raise AnswerError(f"written out, its sums have more than {MOST_PARTS:,} parts")
    return range(lower, upper + 1)


def _limits(problem: Problem, total: Sum) -> tuple[int, int]:
    if total.letter == "@":
        return 1, max(len(problem.x), 1)
    sizes = set(sizes_of(problem, total.body, total.letter))
    lower = 1 if total.lower is None else _limit(problem, total.lower)
    if total.upper is not None:
        return lower, _limit(problem, total.upper)
    if len(sizes) != 1:
        found = "no index" if not sizes else f"indices of {' and '.join(map(str, sorted(sizes)))}"
        raise AnswerError(f"the sum over {total.letter} has {found}; write its limits")
    return lower, sizes.pop()


def _limit(problem: Problem, node: Node) -> int:
    if isinstance(node, Number) and node.value.denominator == 1:
        return int(node.value)
    if isinstance(node, Apply) and node.operation in ("add", "subtract"):  # m-1
        first, second = (_limit(problem, arg) for arg in node.args)
        return first + second if node.operation == "add" else first - second
    network = problem.body
    if isinstance(node, Letter):
        size = (
            _size(problem, network, node) if isinstance(network, Network) else problem.given.get(node.letter)
        )
        if size is not None and size.denominator == 1:
            return int(size)
    if isinstance(node, Index) and node.counted == "L" and isinstance(network, Network):
        return network.depth
    named = f"'{node}'" if isinstance(node, Letter | Index) else "a limit of this sum"
    raise AnswerError(f"{named} is no number here, so this sum has no end; write the number, or no limits")


def _size(problem: Problem, network: Network, letter: Letter) -> int | None:
    """n_2 of a layer, n and m of the samples, K of the outputs."""
    if letter.letter == "n" and isinstance(letter.layer, int) and letter.layer:
        return network.sizes[letter.layer] if letter.layer <= network.depth else None
    if letter.letter in ("n", "m"):
        return max(len(problem.x), 1)
    return network.sizes[-1] if letter.letter == "K" else None


def sizes_of(problem: Problem, body: Node, letter: str) -> Iterator[int]:
    """The sizes of the indices in which a letter stands."""
    network = problem.body
    leaves = [part for part in walk(body) if isinstance(part, Letter)]
    leaves += [one for part in walk(body) if isinstance(part, Slope) for one in part.by]
    for leaf in leaves:
        if leaf.sample == letter:
            yield max(len(problem.x), 1)
        shape = _shape(problem, leaf) if isinstance(network, Network) else network.shape(leaf.letter)
        for place, size in zip(leaf.index, shape, strict=False):
            if place == letter:
                yield size


def _shape(problem: Problem, leaf: Letter) -> tuple[int, ...]:
    network = problem.body
    assert isinstance(network, Network)
    small = BATCHES.get(leaf.letter, leaf.letter)
    if small in ("x", "y", "C"):
        return (network.sizes[0 if small == "x" else -1],)
    layer = network.depth + int(leaf.layer[1:] or 0) if isinstance(leaf.layer, str) else leaf.layer
    if isinstance(leaf.layer, str) and leaf.layer[0] != "L":
        return ()
    if not 0 <= layer <= network.depth:
        raise AnswerError(f"there is no layer {layer}: layers are 1 to {network.depth}")
    return SHAPES[small](network, layer) if small in SHAPES else ()
