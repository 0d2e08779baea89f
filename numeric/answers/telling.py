"""Whether a true equation says what a question asks for, and does not only name it once more."""

from __future__ import annotations

from derive.answers import open_letters
from derive.formula.nodes import Letter, Node, Slope, walk
from numeric.answers.reasons import Reason
from numeric.answers.target import Target

RESTATED = Reason("restated", "That only names what is asked for once more; say what it comes to.")

_TOLD = "The equation is true, but it does not say what {} is."


def not_told(target: Target, links: tuple[Node, ...]) -> tuple[Reason, ...]:
    """Why an equation does not say what is asked for; nothing where one side is that, another tells."""
    sides = [_is_kind(target, link) for link in links]
    others = [link for link, is_own in zip(links, sides, strict=True) if not is_own]
    if not any(sides) or not others:
        return (Reason("another equation", _TOLD.format(target.read.plain)),)
    named = {link for link, is_own in zip(links, sides, strict=True) if is_own}
    again = all(any(part in named for part in walk(other)) for other in others)
    return (RESTATED,) if again or (sides[0] and sides[-1]) else ()


def _is_kind(target: Target, link: Node) -> bool:
    """Whether a side is what is asked for, some of its entries, or that of any layer or entry."""
    asked = target.node
    if isinstance(asked, Slope) and isinstance(link, Slope):
        is_like = link.of == asked.of and [one.letter for one in link.by] == [one.letter for one in asked.by]
    else:
        is_like = isinstance(asked, Letter) and isinstance(link, Letter) and link.letter == asked.letter
    return is_like and (bool(open_letters(link) | open_letters(asked)) or target.shares_entries(link))
