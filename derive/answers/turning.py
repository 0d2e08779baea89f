"""A prime as MATLAB and Julia have it: A' is the transpose, and between arrays * is the product of matrices.

    delta2*a1'    (A - Y)'*X    W3'*delta3 .* a2

A prime marks a value after an update, a derivative too, so it is taken for a transpose only behind an array
that is multiplied, where the shapes then fit.
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
    """The tokens with every * as the product of matrices that it is beside such a transpose."""
    return [token._replace(kind="MATMUL") if token.kind == "TIMES" else token for token in tokens]


def in_vain(problem: Problem, links: Sequence[Node], turned: Mapping[int, AnswerError]) -> bool:
    """Whether any of the transposes, which stand at these columns, is of a number or is not multiplied."""
    left = set(turned)
    for part in (part for link in links for part in walk(link)):
        if isinstance(part, Apply) and part.operation in _PRODUCTS:
            for operand in map(_without_sign, part.args):
                if isinstance(operand, Apply) and operand.operation == "transpose" and operand.column in left:
                    if Shaper(problem).shaped(operand.args[0]).is_number:
                        return True
                    left.remove(operand.column)
    return bool(left)


def _without_sign(node: Node) -> Node:
    while isinstance(node, Apply) and node.operation == "negate":
        node = node.args[0]
    return node
