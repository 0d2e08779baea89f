"""The problems in which the rows of the table are read, and the nodes of a reading as text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from derive import load_problem
from derive.answers import Reading
from derive.formula.nodes import (
    Activation,
    Apply,
    Constant,
    Index,
    Letter,
    Matrix,
    Node,
    Slope,
    Sum,
    Unspecified,
)
from derive.formula.text import text_of
from derive.problem import Problem


def network(*sizes: int, act: str | tuple[str, ...] = "sigmoid", **more: Any) -> dict[str, Any]:
    acts = act if isinstance(act, tuple) else (act,) * (len(sizes) - 1)
    layers = [{"units": n, "activation": rule} for n, rule in zip(sizes[1:], acts, strict=True)]
    return {
        "title": "test",
        "network": {"inputs": sizes[0], "cost": "squared_error", "layers": layers},
        **more,
    }


def graph(*steps: str, output: str, **more: Any) -> dict[str, Any]:
    return {"title": "test", "graph": {"steps": [*steps], "output": output, **more}}


SAMPLES = {"x": [[1, 2], [3, 4], [5, 6]], "y": [[0, 1], [1, 0], [1, 1]]}
WHERE: Mapping[str, tuple[str, dict[str, Any] | str]] = MappingProxyType(
    {
        "N": ("one unit a layer, layers 1 and 2", network(1, 1, 1)),
        "one": ("a single unit with one input", network(1, 1)),
        "neuron": ("a single unit with two inputs", network(2, 1)),
        "2-2-2": ("two inputs, two hidden units, two outputs", network(2, 2, 2)),
        "deep": ("layers of 2, 3, 4 and 2", network(2, 3, 4, 2)),
        "relu": ("a single relu unit", network(1, 1, act="relu")),
        "mixed": ("tanh, then softmax", network(2, 3, 2, act=("tanh", "softmax"))),
        "softmax": ("three softmax units with cross-entropy", {**network(2, 3, act="softmax"), "network": {**network(2, 3, act="softmax")["network"], "cost": "cross_entropy"}}),
        "general": ("any φ", network(2, 3, 2, act="general")),
        "batch": ("2-3-2 with three samples", network(2, 3, 2, data=SAMPLES)),
        "rows": ("2-3-2, samples as rows", network(2, 3, 2, data=SAMPLES, notation={"samples": "rows"})),
        "from_to": ("2-2-2, w_{jk} from j to k", network(2, 2, 2, notation={"index": "from_to"})),
        "L": ("2-2-2 with the cost L", network(2, 2, 2, notation={"cost": "L"})),
        "letters": (
            "2-2-2 with the cost E, h for a, o for z, t for y",
            network(2, 2, 2, notation={"cost": "E", "activation": "h", "weighted_input": "o", "target": "t"}),
        ),
        "mazur": ("bundled: inputs i1, units h1 and o1, weights w1 to w8", "mazur"),
        "fork": (
            "a graph: J = cos(d), d = b + c, b = sin(a), a = x²",
            graph("a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)", output="J"),
        ),
        "logistic": (
            "a graph: J = −y ln h − (1 − y) ln(1 − h), h = sigmoid(z), z = w x + b",
            graph("z = w*x + b", "h = sigmoid(z)", "J = -y*log(h) - (1 - y)*log(1 - h)", output="J"),
        ),
        "arrays": (
            "a graph over a batch: A1 5×3, W2 3×2, Y 5×2",
            graph(
                "A2 = sigmoid(A1 @ W2)", "D2 = A2 - Y", "J = sum(D2*D2)/m", output="J",
                shapes={"A1": [5, 3], "W2": [3, 2], "Y": [5, 2]},
            ),
        ),
        "phi": ("a graph: J = φ(u), u = w x", graph("u = w*x", "J = phi(u)", output="J", functions=["phi"])),
    }
)  # fmt: skip


@cache
def problem(where: str) -> Problem:
    stated = WHERE[where][1]
    return load_problem(stated)


SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^", "matmul": "@", "hadamard": "⊙",
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "unequal": "!=", "both": "and",
}  # fmt: skip


def spelled(node: Node) -> str:
    """A node with every operation in brackets, and every letter by its canonical name."""
    match node:
        case Letter() | Index():
            return str(node)
        case Constant(name=name):
            return name
        case Slope(of=of, by=by):
            return f"d{len(by) if len(by) > 1 else ''}{spelled(of)}/" + "".join(f"d{letter}" for letter in by)
        case Activation(layer=layer, order=order, args=(arg,)):
            return f"φ{layer or ''}{chr(39) * order}({spelled(arg)})"
        case Unspecified(function=function, order=order, args=(arg,)):
            return f"{function}{chr(39) * order}({spelled(arg)})"
        case Sum(letter=letter, body=body, lower=lower, upper=upper):
            limits = "".join(f", {spelled(limit)}" for limit in (lower, upper) if limit is not None)
            return f"Σ({letter}{limits}: {spelled(body)})"
        case Matrix(rows=rows):
            return "[" + "; ".join(", ".join(map(spelled, row)) for row in rows) + "]"
        case Apply(operation="negate", args=(arg,)):
            return f"(-{spelled(arg)})"
        case Apply(operation="transpose", args=(arg,)):
            return f"{spelled(arg)}ᵀ"
        case Apply(operation=operation, args=(left, right)) if operation in SIGNS:
            return f"({spelled(left)} {SIGNS[operation]} {spelled(right)})"
        case Apply(operation=operation, args=args, axis=axis, places=places):
            keyword = f", axis={axis}" if axis is not None else ""
            return f"{operation}({', '.join((*map(spelled, args), *map(str, places)))}{keyword})"
        case _:
            return text_of(node)


def outermost(text: str) -> str:
    """The text without the brackets that hold all of it."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and at < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def read_as(reading: Reading) -> str:
    """Each reading's links, as the table has them."""
    return " | ".join(" = ".join(outermost(spelled(link)) for link in one.links) for one in reading.readings)
