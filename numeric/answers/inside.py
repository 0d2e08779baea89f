"""One-place edits of an answer where no place says what would have to stand there.

Within a comparison, a function, or one factor of a product of matrices nothing can be solved
for. There each edit is made, and the whole answer is worked again in every world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from types import MappingProxyType

from derive.formula.nodes import Apply, Letter, Node, walk
from derive.problem import Graph, Problem
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.evaluate import squeezed
from numeric.answers.reasons import Reason, quoted
from numeric.answers.residues import Signature, signature
from numeric.answers.working import Working
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import World

MOST_EDITS = 120
MOST_PARTS = 250
MOST_LETTERS = 24
"""Quantities that are tried in the place of another."""

TURNED: Mapping[str, str] = MappingProxyType(
    {
        "less": "greater",
        "greater": "less",
        "less_equal": "greater_equal",
        "greater_equal": "less_equal",
        "add": "subtract",
        "subtract": "add",
    }
)
SIGNS: Mapping[str, str] = MappingProxyType({"add": "−", "subtract": "+"})
"""What belongs there instead of a sum's sign."""

OPAQUE = frozenset(
    {"sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "sigmoid", "abs", "relu", "max", "min"}
)
COMPARISONS = TURNED.keys() - SIGNS.keys()


@dataclass(frozen=True)
class Inside:
    """A wrong answer, the worlds, and what it should be in each."""

    problem: Problem
    node: Node
    worlds: Sequence[World]
    truths: Sequence[Signature]

    def reasons(self) -> Iterator[Reason]:
        """Each edit that makes the answer right in every world."""
        for other, reason in islice(self._edits(), MOST_EDITS):
            if self._is_right(other):
                yield reason()

    def _edits(self) -> Iterator[tuple[Node, Callable[[], Reason]]]:
        """Each edit, with what makes a sentence of it."""
        letters = single_letters(self.problem)
        parts = tuple(islice(walk(self.node), MOST_PARTS))
        applied = [part for part in parts if isinstance(part, Apply)]
        for part in applied:
            if part.operation in TURNED:
                turned = replace(part, operation=TURNED[part.operation])
                yield _exchanged(self.node, part, turned), partial(self._of_sign, part)
        for part in applied:
            if part.operation not in OPAQUE | COMPARISONS:
                continue
            for number, arg in enumerate(part.args):
                for other in letters if isinstance(arg, Letter) else ():
                    args = (*part.args[:number], other, *part.args[number + 1 :])
                    edited = _exchanged(self.node, part, replace(part, args=args))
                    yield edited, partial(self._of_argument, part, arg, other)

    def _of_sign(self, part: Apply) -> Reason:
        if part.operation in SIGNS:
            sign = "+" if part.operation == "add" else "−"
            whole = f"In {self._said(part)} the {sign}"
            text = f"{whole} should be a {SIGNS[part.operation]}."
            return Reason("wrong sign", text, f"{whole} is not what belongs there.")
        return Reason("wrong comparison", f"In {self._said(part)} the comparison is the wrong way round.")

    def _of_argument(self, part: Apply, stands: Node, belongs: Node) -> Reason:
        found = f"In {self._said(part)}, {quoted(stands, self._said(stands))} stands where"
        text = f"{found} {self._said(belongs)} belongs."
        return Reason("wrong argument", text, f"{found} another quantity belongs.")

    def _said(self, node: Node) -> str:
        return pasted(tree_of_links(self.problem, (node,)))

    def _is_right(self, other: Node) -> bool:
        answer = Working(other)
        for world, truth in zip(self.worlds, self.truths, strict=True):
            try:
                found = squeezed(answer.once(world))
            except (UnluckyError, ValueError, LookupError):
                return False
            if signature(found.flat) != truth:
                return False
        return True


def _exchanged(node: Node, part: Node, other: Node) -> Node:
    """A formula with another part."""
    if node is part:
        return other
    if not isinstance(node, Apply):
        return node
    return replace(node, args=tuple(_exchanged(arg, part, other) for arg in node.args))


def single_letters(problem: Problem) -> tuple[Letter, ...]:
    """Single quantities that could stand in the place of another."""
    body = problem.body
    if isinstance(body, Graph):
        names = (name for name in problem.own_names if not body.shape(name))
        return tuple(Letter(name) for name in islice(names, MOST_LETTERS))
    if len(problem.x) > 1:
        return ()
    units = (
        Letter(letter, l, (j,))
        for l, count in enumerate(body.widths)
        if l
        for letter in ("z", "a")
        for j in range(1, count + 1)
    )
    return tuple(islice(units, MOST_LETTERS))
