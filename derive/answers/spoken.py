"""A part of an answer as a message names it: W², (W²)ᵀδ²."""

from __future__ import annotations

from derive.formula.nodes import Activation, Apply, Letter, Matrix, Node, Slope, Sum
from derive.formula.text import text_of

_RAISED = str.maketrans("0123456789+-lL", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡᴸ")
_GREEK = {"delta": "δ", "Delta": "Δ"}
_PRODUCTS = frozenset({"multiply", "juxtapose", "dot", "cross", "matmul"})


def said(node: Node) -> str:
    """A short Unicode form; long parts are named by their outermost letters."""
    match node:
        case Letter(letter=letter, layer=layer, index=()) if layer:
            return f"{_GREEK.get(letter, letter)}{str(layer).translate(_RAISED)}"
        case Slope(of=of, by=by):
            return f"∂{said(of)}/" + "".join(f"∂{said(letter)}" for letter in by)
        case Activation(order=order, args=(operand,)):
            return f"σ{'′' * order}({said(operand)})"
        case Sum(letter=letter, body=body):
            return f"Σ_{letter} {said(body)}"
        case Matrix():
            return "the matrix"
    return _applied(node) if isinstance(node, Apply) else text_of(node)


def _applied(node: Apply) -> str:
    parts = [said(arg) for arg in node.args]
    if node.operation == "transpose":
        return f"({parts[0]})ᵀ"
    if node.operation in _PRODUCTS:
        return " ".join(
            f"({part})" if _is_sum(arg) else part for part, arg in zip(parts, node.args, strict=True)
        )
    if node.operation == "hadamard":
        return " ⊙ ".join(
            f"({part})" if _is_sum(arg) else part for part, arg in zip(parts, node.args, strict=True)
        )
    if node.operation in _SIGNS:
        return f"{parts[0]} {_SIGNS[node.operation]} {parts[1]}"
    return f"{node.operation}({', '.join(parts)})"


_SIGNS = {
    "add": "+",
    "subtract": "−",
    "divide": "/",
    "power": "^",
    "less": "<",
    "less_equal": "≤",
    "equal": "=",
}


def _is_sum(node: Node) -> bool:
    return isinstance(node, Apply) and node.operation in ("add", "subtract")
