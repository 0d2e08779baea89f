"""A part of an answer as a message names it: in the letters of its problem, as the echo writes it."""

from __future__ import annotations

from derive.formula.nodes import Matrix, Node
from derive.problem import Problem
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted


def spoken(problem: Problem, node: Node) -> str:
    """(W³)ᵀ·δ³; it can be read back as an answer, but for a matrix written out, which is named as such."""
    return "the matrix" if isinstance(node, Matrix) else pasted(tree_of_links(problem, (node,)))
