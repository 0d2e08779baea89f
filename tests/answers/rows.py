"""What a row of the table of answers is, and the problems in which rows stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from derive import load_problem
from derive.problem import Problem, Question
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged


@dataclass(frozen=True)
class Row:
    """One answer: its problem and question, the verdict, and the slip or what is said beside it."""

    where: str
    ask: str
    text: str
    verdict: str
    note: str = ""
    form: str = "expression"


@dataclass(frozen=True)
class Block:
    """The answers to one question.

    right   in every spelling
    wrong   each with the slip that it is explained by; "counterexample" where none is known
    refused each with words of the message
    unread  right ones that are refused
    here    right with the problem's own numbers alone
    open    undecided
    """

    title: str
    where: str
    ask: str
    right: tuple[str, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    here: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    form: str = "expression"

    def rows(self) -> Iterator[Row]:
        yield from (self._row(text, "correct") for text in self.right)
        yield from (self._row(text, "correct", "with your numbers") for text in self.here)
        yield from (self._row(text, "incorrect", slip) for text, slip in self.wrong)
        yield from (self._row(text, "unreadable", said) for text, said in (*self.refused, *self.unread))
        yield from (self._row(text, "undecided") for text in self.open)

    def _row(self, text: str, verdict: str, note: str = "") -> Row:
        return Row(self.where, self.ask, text, verdict, note, self.form)


def network(
    *sizes: int, act: Any = "sigmoid", cost: str = "half_squared_error", **more: Any
) -> dict[str, Any]:
    """A network of one activation, or of one for each layer."""
    acts = act if isinstance(act, tuple) else (act,) * (len(sizes) - 1)
    layers = [{"units": n, "activation": rule} for n, rule in zip(sizes[1:], acts, strict=True)]
    tables = {name: more.pop(name) for name in ("data", "notation", "values") if name in more}
    return {
        "title": "answers",
        "network": {"inputs": sizes[0], "cost": cost, "layers": layers, **more},
        **tables,
    }


def graph(*steps: str, output: str, **more: Any) -> dict[str, Any]:
    tables = {name: more.pop(name) for name in ("values",) if name in more}
    return {"title": "answers", "graph": {"steps": [*steps], "output": output, **more}, **tables}


SAMPLES = {"x": [[1, 2], [3, 4], [5, 6]], "y": [[0, 1], [1, 0], [1, 1]]}
POINTS = {"x": [[1], [2], [3]], "y": [[2], [3], [5]]}
CLASSES = {"x": [[1, 2], [3, 1], [0, 1], [2, 2]], "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]}
SHARED = {
    "title": "answers",
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [
            {"units": 1, "activation": "sigmoid", "biases": ["b"]},
            {"units": 1, "activation": "sigmoid", "biases": ["b"]},
        ],
    },
}

KINK = {
    "title": "answers",
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "relu", "weights": [["2"]], "biases": ["-3"]}],
    },
    "data": {"x": [["1.5"]], "y": [[1]]},
}

BATCHES = {"x": [["1.5"], ["0.5"], [2], [1]], "y": [[0], [1], [0], [1]]}


def trained_by(size: int, **more: Any) -> dict[str, Any]:
    """A network of one sigmoid unit on four samples, so many of which an update reads."""
    made = network(1, 1, reduction="mean", data=BATCHES, **more)
    return made | {"training": {"rate": "0.2", "batch": size}}


MATRICES = graph(
    "Z = X @ W",
    "A = sigmoid(Z)",
    "L = sum((A - Y)**2)/2",
    output="L",
    values={
        "X": [[1, 2, 3], ["0.5", -1, 2], ["-0.3", "0.4", "0.7"], [1, 0, -1]],
        "W": [["0.1", "0.2"], ["0.3", "-0.4"], ["0.5", "0.6"]],
        "Y": [[1, 0], [0, 1], [1, 1], [0, 0]],
    },
)

UNBIASED = {
    "title": "answers",
    "network": {
        "inputs": 2,
        "cost": "half_squared_error",
        "layers": [
            {"units": 2, "activation": "sigmoid"},
            {"units": 1, "activation": "identity", "biases": False},
        ],
    },
}

WHERE: Mapping[str, tuple[str, dict[str, Any] | str]] = MappingProxyType(
    {
        "neuron": ("a sigmoid unit with two inputs, cost ½(y − a)²", network(2, 1)),
        "tanh": ("a tanh unit, cost ½(y − a)²", network(1, 1, act="tanh")),
        "relu": ("a relu unit, cost ½(y − a)²", network(1, 1, act="relu")),
        "output layer": ("2-3 with softmax and cross-entropy, one sample", network(2, 3, act="softmax", cost="cross_entropy")),
        "linear": ("an identity unit with two inputs, cost (y − a)²", network(2, 1, act="identity", cost="squared_error")),
        "chain": ("one unit a layer, any φ, three layers, cost ½(y − a)²", network(1, 1, 1, 1, act="general")),
        "chain2": ("one sigmoid unit a layer, two layers, cost (y − a)²", network(1, 1, 1, cost="squared_error")),
        "mazur": ("bundled: 2-2-2, names i1, h1, o1, w1 to w8", "mazur"),
        "2-2-2": ("2-2-2, sigmoid, cost ½ Σ (y − a)²", network(2, 2, 2)),
        "deep": ("2-3-4-2, sigmoid, cost ½ Σ (y − a)²", network(2, 3, 4, 2)),
        "square": ("3-3-3, sigmoid, cost ½ Σ (y − a)²", network(3, 3, 3)),
        "softmax": ("2-3-2, tanh, then softmax with cross-entropy", network(2, 3, 2, act=("tanh", "softmax"), cost="cross_entropy")),
        "binary": ("two inputs, a sigmoid unit, binary cross-entropy", network(2, 1, cost="binary_cross_entropy")),
        "hinge": ("two inputs, an identity unit, hinge", network(2, 1, act="identity", cost="hinge")),
        "l2": ("2-2-1 with λ = 0.1 on three samples", network(2, 2, 1, l2=0.1, reduction="mean", data={"x": [[1, 2], [3, 4], [5, 6]], "y": [[0], [1], [1]]})),
        "batch": ("2-3-2 with three samples, mean", network(2, 3, 2, reduction="mean", data=SAMPLES)),
        "summed": ("2-3-2 with three samples, sum", network(2, 3, 2, data=SAMPLES)),
        "rows": ("2-3-2 with three samples as rows, sum", network(2, 3, 2, data=SAMPLES, notation={"samples": "rows"})),
        "unbiased": ("2-2-1, sigmoid, then identity without a bias", UNBIASED),
        "maxout": ("a maxout unit of two pieces", network(1, 1, act={"rule": "maxout", "pieces": 2})),
        "shared": ("one sigmoid unit a layer, one bias b for both", SHARED),
        "fork": ("J = cos(d), d = b + c, b = sin(a), c = 3x², a = x²", graph("a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)", output="J")),
        "direct": ("J = ln w, w = v + x², v = eᵘ, u = x y", graph("u = x*y", "v = exp(u)", "w = v + x^2", "J = log(w)", output="J")),
        "logistic": ("J = −y ln h − (1 − y) ln(1 − h), h = σ(z), z = w x + b", graph("z = w*x + b", "h = sigmoid(z)", "J = -y*log(h) - (1 - y)*log(1 - h)", output="J")),
        "arrays": ("A2 = σ(A1 W2), J = Σ (A2 − Y)²/m", graph("A2 = sigmoid(A1 @ W2)", "D2 = A2 - Y", "J = sum(D2*D2)/m", output="J", shapes={"A1": [5, 3], "W2": [3, 2], "Y": [5, 2]})),
        "quotient": ("q = u/v, s = √q, J = s³", graph("q = u/v", "s = sqrt(q)", "J = s^3", output="J")),
        "valued": ("J = (w x − y)², w = 2, x = 3, y = 5", graph("u = w*x", "J = (u - y)^2", output="J", values={"w": 2, "x": 3, "y": 5})),
        "line": ("w x + b on three samples, cost ½(y − a)², mean", network(1, 1, act="identity", reduction="mean", data=POINTS)),
        "weighed": ("w x + b on three samples, cost ½(y − a)², mean, λ = 1/10", network(1, 1, act="identity", reduction="mean", l2=Decimal("0.1"), data=POINTS)),
        "classes": ("2-3 with softmax and cross-entropy on four samples, mean", network(2, 3, act="softmax", cost="cross_entropy", reduction="mean", data=CLASSES)),
        "penalized": ("two inputs, a sigmoid unit, binary cross-entropy on three samples, mean, λ = 1/10", network(2, 1, cost="binary_cross_entropy", reduction="mean", l2=Decimal("0.1"), data={"x": [[1, 2], [3, -1], [0, 1]], "y": [[1], [0], [1]]})),
        "online": ("a sigmoid unit on four samples, each with an update of its own", trained_by(1)),
        "mini-batch": ("a sigmoid unit on four samples, two in an update, mean", trained_by(2)),
        "decaying": ("a sigmoid unit on four samples, three in an update, mean, λ = 1/10", trained_by(3, l2=Decimal("0.1"))),
        "kink": ("a relu unit exactly at its kink: w = 2, b = −3, x = 3/2, y = 1", KINK),
        "leaky": ("a leaky relu unit, slope 1/10 below 0", network(1, 1, act={"rule": "leaky_relu", "alpha": Decimal("0.1")})),
        "matrices": ("Z = X W, A = σ(Z), L = ½ Σ (A − Y)², four rows", MATRICES),
        "recurrent": ("bundled: three steps in time", "recurrent"),
        "attention": ("bundled: one head of attention", "attention"),
        "vectors": ("z = W x + b, L = ½ Σ (z − t)²", graph("z = W@x + b", "L = sum((z - t)**2)/2", output="L", shapes={"W": [3, 4], "x": [4], "b": [3], "t": [3]})),
        "word": ("p = softmax(z), L = −ln p2", graph("p = softmax(z)", "L = -log(entry(p, 2))", output="L", shapes={"z": [3]})),
        "kernel": ("z = conv1d(x, w), L = ½ Σ (z − t)²", graph("z = conv1d(x, w)", "L = sum((z - t)**2)/2", output="L", shapes={"x": [5], "w": [3], "t": [3]})),
        "nnfs-relu-neuron": ("bundled: a relu unit with three inputs and no cost, one update", "nnfs-relu-neuron"),
        "seed004-alice": ("bundled: a 2-2-1 network, one sample", "seed004-alice"),
    }
)  # fmt: skip


@cache
def problem(where: str) -> Problem:
    return load_problem(WHERE[where][1])


@cache
def examiner(where: str) -> Examiner:
    return Examiner(problem(where))


def judged(row: Row) -> Judged:
    return examiner(row.where).judge(Question(id="q", ask=row.ask, form=row.form), row.text)
