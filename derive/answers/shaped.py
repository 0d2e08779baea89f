"""A part of an answer with its shape, and what messages say of it.

W² is 2×3    δ² has 2 entries    a layer that is left open has n_l
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, cast

from derive.answers.spoken import spoken
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Node
from derive.problem import Problem
from derive.shapes import Part, Shape, product, sized

OPEN_SIZES = MappingProxyType({"l": 1_000_000, "L": 2_000_000})
STEP = 1_000
"""Between the stand-ins for n[l] and n[l+1]."""


def stand_in(letter: str) -> int:
    """The size of a layer that is left open, which no other has."""
    return OPEN_SIZES.get(letter, 3_000_000 + STEP * STEP * ord(letter))


def is_open(shape: Shape, letter: str) -> bool:
    """Whether a shape is that of a layer which a letter leaves open: of W^l, or b^{l+1}."""
    return any(abs(size - stand_in(letter)) < STEP * STEP // 2 for size in shape)


class TooManyIndicesError(AnswerError):
    """Something that is no matrix, and is neither right nor wrong for that."""


class NoSuchEntryError(TooManyIndicesError):
    """A place in something that does not have it, or ones of which nothing says how many."""


@dataclass(frozen=True, slots=True)
class Spoken(Part):
    """A part of an answer, which messages name in the problem's letters."""

    problem: Problem

    def __str__(self) -> str:
        return spoken(self.problem, self.node)


class Shaped(NamedTuple):
    """A part of an answer with its products settled, and its shape.

    lies  whether it is a vector that was transposed, as shapes do not tell of a graph's vectors
    """

    node: Node
    shape: Shape
    lies: bool = False

    @property
    def is_number(self) -> bool:
        return all(size == 1 for size in self.shape)


def is_turned(part: Shaped) -> bool:
    """Whether it is written as a transpose."""
    return isinstance(part.node, Apply) and part.node.operation == "transpose"


def turned(part: Shaped) -> Shaped:
    """The transpose; of a transpose what it was."""
    node = cast(Apply, part.node).args[0] if is_turned(part) else Apply("transpose", (part.node,))
    return Shaped(node, part.shape[::-1], is_vector(part.shape) and not part.lies)


def is_vector(shape: Shape) -> bool:
    """Whether it has one axis that is longer than 1, at most."""
    return len(shape) == 1 or min(shape, default=0) == 1


# -- what is said of it --------------------------------------------------------------------------


def described(problem: Problem, part: Shaped) -> str:
    """`W² is 2×3`, `δ² has 2 entries`"""
    shape, name = part.shape, spoken(problem, part.node)
    if len(shape) == 2 and shape[0] == 1:
        return f"{name} is a row of {_size(shape[1])}"
    if shape and (len(shape) == 1 or shape[1] == 1):
        return f"{name} has {_size(shape[0])} entries"
    return f"{name} is {_size(shape[0])}×{_size(shape[1])}" if shape else f"{name} is {sized(shape)}"


def both(problem: Problem, u: Shaped, v: Shaped) -> str:
    """`W² is 2×3 and δ² has 2 entries`"""
    return f"{described(problem, u)} and {described(problem, v)}"


def about_product(problem: Problem, u: Shaped, v: Shaped) -> str:
    """Why a product of matrices does not exist, and one of the same two that does."""
    made = spoken(problem, Apply("matmul", (u.node, v.node)))
    text = f"{both(problem, u, v)}: the product {made} does not exist"
    for left, right in ((turned(u), v), (u, turned(v)), (v, u)):
        shape = product(left.shape, right.shape)
        if shape is not None:
            other = Shaped(Apply("matmul", (left.node, right.node)), shape)
            return f"{text}; {described(problem, other)}"
    return text


def about_meeting(problem: Problem, u: Shaped, v: Shaped) -> str:
    """Why two do not go together entry by entry."""
    return f"{both(problem, u, v)}: they do not meet entry by entry"


def _size(size: int) -> str:
    """3, or n_l of a layer that is left open."""
    for letter, base in OPEN_SIZES.items():
        offset, rest = divmod(size - base + STEP * 100, STEP)
        if rest == 0 and abs(offset - 100) <= 100:
            return f"n_{letter}" if offset == 100 else f"n_{{{letter}{offset - 100:+d}}}"
    return str(size)


def wanted_shape(shape: Shape) -> str:
    """`has 2 entries`, `is 4×3`"""
    sizes = [size for size in shape if size > 1]
    return f"has {sizes[0]} entries" if len(sizes) == 1 else f"is {sized(shape)}"
