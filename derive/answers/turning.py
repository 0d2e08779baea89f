"""A prime as MATLAB and Julia have it: A' is the transpose, and between arrays * is the product of matrices.

    delta2*a1'    (A - Y)'*X    W3'*delta3 .* a2

A prime marks a value after an update, a derivative too, so it is taken for a transpose only behind an array,
and not where a whole answer is one letter with it. A slice in round brackets, X(:,1), makes * that product
too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from derive.answers.shapes import Shaper
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Node, walk
from derive.formula.tokens import Token
from derive.problem import Problem

_PRODUCTS = frozenset({"juxtapose", "multiply", "hadamard", "matmul", "dot"})


def with_products(tokens: Iterable[Token]) -> list[Token]:
    """The tokens with every * as the product of matrices that it is beside such a transpose.

    It is that of factors side by side: of two columns, u @ v has a value in NumPy, and u * v none in MATLAB.
    """
    return [token._replace(kind="BESIDE") if token.kind == "TIMES" else token for token in tokens]


def in_vain(problem: Problem, links: Sequence[Node], turned: Mapping[int, AnswerError]) -> bool:
    """Whether any of the transposes, which stand at these columns, is of a number or of a mere letter."""
    left = set(turned)
    for part in (part for link in links for part in walk(link)):
        for operand in map(_without_sign, part.args if isinstance(part, Apply) else ()):
            if isinstance(operand, Apply) and operand.operation == "transpose" and operand.column in left:
                if _is_number(problem, operand.args[0]):
                    return True
                left.remove(operand.column)
    return any(isinstance(one, Apply) and one.column in left and _is_mere(one.args[0]) for one in links)


def _is_number(problem: Problem, node: Node) -> bool:
    """Whether it is one, and no array of one entry; of what has no shape nothing is known."""
    try:
        return not Shaper(problem).shaped(node).shape
    except AnswerError:
        return False


def _is_mere(node: Node) -> bool:
    return not any(isinstance(part, Apply) and part.operation in _PRODUCTS for part in walk(node))


def as_place(problem: Problem, links: Sequence[Node], placed: Mapping[int, str]) -> AnswerError | None:
    """Why W(1,:)(2) is refused: a number in brackets, at these columns, behind an array is a place in it."""
    for part in (part for link in links for part in walk(link)):
        if not (isinstance(part, Apply) and part.operation == "juxtapose" and part.column in placed):
            continue
        if not _is_number(problem, part.args[0]):
            place = placed[part.column]
            said = f"'({place})' can be an entry or a factor here; write [{place}], or * before it"
            return AnswerError(said, part.column)
    return None


def _without_sign(node: Node) -> Node:
    while isinstance(node, Apply) and node.operation == "negate":
        node = node.args[0]
    return node
