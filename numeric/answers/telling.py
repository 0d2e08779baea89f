"""Whether a true equation says what a question asks for, and does not only name it once more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from derive.answers import open_letters
from derive.formula.nodes import Apply, Letter, Node, Slope, walk
from derive.problem import Network, Problem
from numeric.answers.reasons import Reason
from numeric.answers.target import Target
from numeric.answers.working import Working

RESTATED = Reason("restated", "That only names what is asked for once more; say what it comes to.")

BUILT_ON = Reason("restated", "That is written with what is asked for itself; say what that comes to.")
NEIGHBOUR = Reason(
    "restated", "That is written with what is left to be worked out just as well; say what it comes to."
)
GIVEN_AWAY = Reason(
    "restated", "That only names a step of the problem that works it out; say what it comes to."
)
VOID = Reason("no value", "It divides by 0 whatever the numbers are, so it has no value.")

_TOLD = "The equation is true, but it does not say what {} is."


def not_told(target: Target, links: tuple[Node, ...]) -> tuple[Reason, ...]:
    """Why an equation does not say what is asked for; nothing where one side is that, another tells."""
    links = tuple(_in_deltas(target.problem, link) for link in links)
    sides = [_is_kind(target, link) for link in links]
    if all(sides):
        return (RESTATED,)
    others = [link for link, is_own in zip(links, sides, strict=True) if not is_own]
    if not any(sides) or not others:
        return (Reason("another equation", _TOLD.format(target.read.plain)),)
    named = {link for link, is_own in zip(links, sides, strict=True) if is_own}
    again = all(any(part in named for part in walk(other)) for other in others)
    if again or (sides[0] and sides[-1]):
        return (RESTATED,)
    if all(target.is_beside_itself(Working(other)) for other in others):
        return (NEIGHBOUR,)
    return tuple(_partly(target, named))


def _partly(target: Target, named: Collection[Node]) -> Iterator[Reason]:
    """That what an equation tells is not all that is asked for."""
    count = sum(map(target.count, named))
    if target.size > 1 and not any(map(open_letters, named)) and 0 < count < target.size:
        told = "one" if count == 1 else str(count)
        said = f"This is {told} of the {target.size} entries of {target.read.plain}, and all are asked for."
        yield Reason("one entry", said)


def _in_deltas(problem: Problem, link: Node) -> Node:
    """A side with dC/dz as delta, which it is defined to be, and as it stands where it is transposed."""
    if isinstance(link, Apply) and link.operation == "transpose":
        return _in_deltas(problem, link.args[0])
    if not isinstance(link, Slope) or not isinstance(problem.body, Network):
        return link
    is_delta = str(link.of) in problem.objectives and [by.letter for by in link.by] == ["z"]
    return replace(link.by[0], letter="delta") if is_delta else link


def _is_kind(target: Target, link: Node) -> bool:
    """Whether a side is what is asked for, some of its entries, or that of any layer or entry."""
    asked = _in_deltas(target.problem, target.node)
    if isinstance(asked, Slope) and isinstance(link, Slope):
        is_like = link.of == asked.of and [one.letter for one in link.by] == [one.letter for one in asked.by]
    else:
        is_like = isinstance(asked, Letter) and isinstance(link, Letter) and link.letter == asked.letter
    return is_like and (bool(open_letters(link) | open_letters(asked)) or target.shares_entries(link))
