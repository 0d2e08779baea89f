r"""What the letters of an equation of arrays can be: matrices, columns, NumPy's vectors, or numbers.

A x = b         A capital is a matrix, and what stands right of a matrix is a column
x^T y, x ⊙ y    so is what is transposed, or multiplied entry by entry
(cA)^T = c A^T  another small letter is a column, or a number where a column does not fit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import TypeGuard

from derive.formula.nodes import Activation, Apply, Letter, Matrix, Node, Unspecified, walk
from derive.shapes import Shape

SQUARES = (2, 3)
OBLONG = ((2, 3), (3, 2))
MOST_LETTERS = 5
"""Of an equation of matrices: the shapes of each are tried with those of all others."""

IDENTITY = "I"

USUAL_NUMBERS = frozenset("ckmn")

PRODUCTS = frozenset({"juxtapose", "dot", "matmul", "multiply"})

Kinds = Mapping[str, str]
"""What each letter is: a matrix, a column, a vector as NumPy has them, or a number."""


def kinds_of(
    names: Sequence[str], vectors: frozenset[str] = frozenset(), *, numpy: bool = False
) -> Iterator[Kinds]:
    """What each letter can be, where some are known to be vectors, which in NumPy need not stand."""
    small = [name for name in names if name.islower()]
    of_vectors = ("column", "vector") if numpy else ("column",)
    each = [of_vectors if name in vectors else ("column", "number") for name in small]
    for chosen in product(*each):
        if len(small) < len(names) or vectors or "number" not in chosen:
            yield dict.fromkeys(names, "matrix") | dict(zip(small, chosen, strict=True))
    if len(small) == len(names) and not vectors:
        yield dict.fromkeys(names, "matrix")


def kinds_of_lists(names: Sequence[str], *, written_out: bool) -> Iterator[Kinds]:
    """Letters of a function of vectors: numbers by their usual letters, or where they are no vectors.

    written_out  whether a vector is written out, so that no letter need be one
    """
    first = [("number", "vector") if name in USUAL_NUMBERS else ("vector", "number") for name in names]
    each = (dict(zip(names, chosen, strict=True)) for chosen in product(*first))
    yield from (kinds for kinds in each if written_out or "vector" in kinds.values())


def usual(kinds: Kinds) -> int:
    """How many letters that usually are numbers are none."""
    return sum(name in USUAL_NUMBERS and kind != "number" for name, kind in kinds.items())


def square(kinds: Kinds, size: int) -> dict[str, Shape]:
    """A shape for each array, with square matrices of one size."""
    shapes: Mapping[str, Shape] = {"matrix": (size, size), "column": (size, 1), "vector": (size,)}
    return {name: shapes[kind] for name, kind in kinds.items() if kind in shapes}


def oblong(kinds: Kinds) -> Iterator[dict[str, Shape]]:
    """Shapes with no square matrix in them."""
    shapes: Mapping[str, tuple[Shape, ...]] = {"matrix": OBLONG, "column": ((2, 1), (3, 1))}
    shaped = [name for name, kind in kinds.items() if kind in shapes]
    if not shaped:
        return
    for chosen in islice(product(*(shapes[kinds[name]] for name in shaped)), 2**MOST_LETTERS):
        yield dict(zip(shaped, chosen, strict=True))


# -- which small letters are vectors ---------------------------------------------------------------


def vectors_in(links: Sequence[Node]) -> frozenset[str]:
    """Small letters right of a matrix, transposed, or multiplied entry by entry, in unsettled products."""
    found = set[str]()
    for part in (part for link in links for part in walk(link) if isinstance(part, Apply)):
        if part.operation in ("transpose", "hadamard", "diag"):
            found |= {letter for arg in part.args for letter in _terms(arg)}
        if part.operation in PRODUCTS and _ends_in_matrix(part.args[0]):
            found |= _first(part.args[1]) - USUAL_NUMBERS
    return frozenset(found)


def _first(node: Node) -> frozenset[str]:
    """The small letters that a factor begins with, numbers aside; of a multiple of a matrix none."""
    if not _is(node, *PRODUCTS):
        return _terms(node)
    if _ends_in_matrix(node):
        return frozenset()
    return (_first(node.args[0]) - USUAL_NUMBERS) or _first(node.args[1])


def _terms(node: Node) -> frozenset[str]:
    """The small letters that a sum is of."""
    if isinstance(node, Letter):
        return frozenset({node.letter} if node.letter.islower() and not node.index else ())
    if isinstance(node, Activation | Unspecified) or _is(node, "negate", "transpose", "power"):
        return _terms(node.args[0])
    if _is(node, "add", "subtract"):
        return _terms(node.args[0]) | _terms(node.args[1])
    return frozenset()


def _ends_in_matrix(node: Node) -> bool:
    """Whether the last factor of a product is a matrix."""
    if isinstance(node, Letter):
        return node.letter.isupper() and not node.index
    if _is(node, "negate", "transpose", "power", "inverse"):
        return _ends_in_matrix(node.args[0])
    if _is(node, "add", "subtract"):
        return any(map(_ends_in_matrix, node.args))
    return _ends_in_matrix(node.args[1]) if _is(node, *PRODUCTS) else isinstance(node, Matrix)


def _is(node: Node, *operations: str) -> TypeGuard[Apply]:
    return isinstance(node, Apply) and node.operation in operations


def divided(links: Sequence[Node]) -> Apply | None:
    """A division by a capital letter of what holds another letter: A/B."""
    for part in (part for link in links for part in walk(link)):
        if isinstance(part, Apply) and part.operation == "divide":
            above, below = map(letters_in, ([part.args[0]], [part.args[1]]))
            if _ends_in_matrix(part.args[1]) and above - below:
                return part
    return None


def letters_in(links: Sequence[Node]) -> frozenset[str]:
    """The letters that formulas read."""
    return frozenset(part.letter for link in links for part in walk(link) if isinstance(part, Letter))


# -- numbers among the factors ---------------------------------------------------------------------


def inner_first(node: Node, columns: frozenset[str]) -> Node:
    """The formula with brackets around x^T y in A x^T y, which is a number times A."""
    if not isinstance(node, Apply):
        return node
    node = replace(node, args=tuple(inner_first(arg, columns) for arg in node.args))
    if not _is(node, "juxtapose"):
        return node
    before, column = node.args
    if not _is(before, "juxtapose") or not _is_column(column, columns):
        return node
    first, row = before.args
    if not (_is(row, "transpose") and _is_column(row.args[0], columns)):
        return node
    return replace(before, args=(first, replace(node, args=(row, column))))


def _is_column(node: Node, columns: frozenset[str]) -> bool:
    return isinstance(node, Letter) and node.letter in columns
