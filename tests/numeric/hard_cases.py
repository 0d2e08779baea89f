"""Networks and graphs at which other checkers are wrong, each with what must come out.

A row is a problem as a file states it. `undecided` is empty where every entry must agree,
and else part of the reason that the page must give: a convention at a kink, a value that
does not exist, a number beyond float64. Numbers are text, and stand for exactly what they say.

    saturated units     a(1 - a), 1 - a^2, p - y and ln p lose every digit
    cancelling sums     z = 1e8 x - 1e8 x', y beside a, samples against each other
    kinks and ties      within 1e-9 of them, and exactly there
    the ends of float64 subnormal numbers, underflow, overflow
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.files.load import load_problem
from derive.problem import Problem


@dataclass(frozen=True)
class Case:
    """A problem, and the reason why something in it is undecided; none where every entry agrees."""

    name: str
    tables: Mapping[str, Any] = field(repr=False)
    undecided: str = ""

    @property
    def problem(self) -> Problem:
        return load_problem({"title": self.name, **self.tables})


Layer = tuple[Any, ...]


def network(name: str, *layers: Layer, x: Any, y: Any, undecided: str = "", **stated: Any) -> Case:
    """Layers are (activation, W, b); W and b as files have them."""
    rows = [
        {"units": len(W) // p, "activation": phi, "weights": W, "biases": b}
        for phi, W, b, p in ((*layer, 1)[:4] for layer in layers)
    ]
    stated = {"cost": "half_squared_error"} | stated
    tables = {"network": {"inputs": len(x[0]), "layers": rows, **stated}, "data": {"x": x, "y": y}}
    return Case(name, tables, undecided)


def graph(name: str, *steps: str, undecided: str = "", **values: Any) -> Case:
    output = steps[-1].partition("=")[0].strip()
    return Case(name, {"graph": {"steps": [*steps], "output": output}, "values": values}, undecided)


X, Y = [["0.5", "1"]], [["0.7"]]
W1, W2 = [["0.5", "-0.25"], ["0.3", "0.2"]], [["0.4", "0.6"]]


def words(phi: Any) -> str:
    """A rule's name with its parameters."""
    return phi if isinstance(phi, str) else " ".join(map(str, phi.values()))


def hidden(phi: Any, z: str, name: str = "", **stated: Any) -> Case:
    """A first layer whose first unit is at z, up to its weights of about 1."""
    layers = ((phi, W1, [z, "0.1"]), ("tanh", W2, ["0.2"]))
    return network(name or f"hidden {words(phi)} at {z}", *layers, **{"x": X, "y": Y} | stated)


def output(phi: str, z: str, y: str, cost: str, name: str = "", **stated: Any) -> Case:
    """One unit at z exactly, behind a hidden one."""
    layers = (("tanh", [["0.5"]], ["-0.25"]), (phi, [["0.75"]], [z]))
    return network(
        name or f"{phi} at {z}, y = {y}, {cost}", *layers, x=[["0.5"]], y=[[y]], cost=cost, **stated
    )


def classes(gap: str, y: list[str], cost: str, phi: str = "softmax", **stated: Any) -> Case:
    """Three classes, of which the first is ahead by about the gap."""
    layers = (("tanh", [["0.5"]], ["0.1"]), (phi, [["0.4"], ["0.1"], ["0.2"]], [gap, "0", "1"]))
    name = f"{phi} gap {gap}, y = {', '.join(y)}, {cost}"
    return network(name, *layers, x=[["0.5"]], y=[y], cost=cost, **stated)


def single(name: str, phi: Any, w: str, y: str, cost: str, undecided: str = "", x: str = "1") -> Case:
    """One unit without bias: a = phi(w x)."""
    return network(name, (phi, [[w]], False), x=[[x]], y=[[y]], cost=cost, undecided=undecided)


UNITS = (
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "silu",
    "gelu",
    "gelu_tanh",
    "hard_sigmoid",
    "hard_tanh",
    {"rule": "silu", "beta": "1.7"},
    {"rule": "softplus", "beta": "3"},
    {"rule": "elu", "alpha": "0.3"},
)
FAR = ("40", "-40", "1000", "-1000")
RIGHT, WRONG, BETWEEN = ["1", "0", "0"], ["0", "0", "1"], ["0.5", "0.2", "0.3"]
SQUARED = ("half_squared_error", "squared_error", "mean_squared_error", "huber", "absolute_error")


def saturated() -> Iterator[Case]:
    for phi in UNITS:
        for z in ("30", "-30", *FAR):
            yield hidden(phi, z)
    for phi in UNITS:
        for w in ("1e-300", "-1e-300"):
            yield single(f"{words(phi)} at z = {w}", phi, w, "0.7", "half_squared_error")
    for phi, low in (("sigmoid", "0"), ("tanh", "-1")):
        for z in ("20", "30", "-30", *FAR):
            for y in ("1", low, "0.5"):
                for cost in SQUARED:
                    yield output(phi, z, y, cost)
    for z in FAR:
        for y in ("0", "1", "0.5", "0.3"):
            yield output("sigmoid", z, y, "binary_cross_entropy")
            yield output("identity", z, y, "binary_cross_entropy_on_logits")
    for phi in ("sigmoid", "tanh"):
        for z in ("40", "-40", "1000"):
            for y in ("1", "-1"):
                yield output(phi, z, y, "hinge")
    for z in FAR:
        for cost in ("cross_entropy", "kullback_leibler", "poisson"):
            yield output("sigmoid", z, "1", cost)
    for gap in ("40", "-40", "800", "-800"):
        for y in (RIGHT, WRONG, BETWEEN):
            for cost in ("binary_cross_entropy", "poisson"):
                yield classes(gap, y, cost)
        yield classes(gap, ["1", "-1", "-1"], "hinge")
        yield classes(gap, RIGHT, "-y*a", "log_softmax")
    for gap in ("40", "-40", "800", "-800", "1e4", "-1e4"):
        for y in (RIGHT, WRONG, BETWEEN):
            for cost in ("half_squared_error", "squared_error", "cross_entropy", "kullback_leibler"):
                yield classes(gap, y, cost)
            yield classes(gap, y, "cross_entropy_on_logits", "identity")
            yield classes(gap, y, "squared_error", "log_softmax")


FORMULAS = (
    "1/(1+exp(-z))",
    "e^z/(e^z+1)",
    "log(1+exp(z))",
    "(exp(z)-exp(-z))/(exp(z)+exp(-z))",
    "z/(1+exp(-z))",
    "2/(1+exp(-2*z))-1",
    "exp(-z^2)",
)
COST_FORMULAS = ("(y-a)^2/2", "-(y*ln(a)+(1-y)*ln(1-a))", "-y*log(a)-(1-y)*log(1-a)")


def typed() -> Iterator[Case]:
    """Rules spelled out as formulas."""
    for phi in FORMULAS:
        for z in ("30", "-30", *FAR):
            yield hidden(phi, z)
    for cost in COST_FORMULAS:
        for z in ("30", *FAR):
            yield output("sigmoid", z, "1", cost)
    yield graph("log of 1 - sigma, typed", "z = log(1 - 1/(1 + exp(-x)))", x="800")
    yield graph("log of a sigmoid", "z = log(sigmoid(x))", x="-800")


def cancelling() -> Iterator[Case]:
    yield single("y within 1e-12 of a", "identity", "0.5", "0.500000000001", "half_squared_error")
    yield single("y within 1e-12 of a sigmoid", "sigmoid", "0.3", "0.574442516810659", "squared_error")
    yield single("y within 1e-12 of a tanh", "tanh", "0.3", "0.291312612450591", "squared_error")
    yield network(
        "z = 1e8 x - 1e8 x'",
        ("tanh", [["1e8", "-1e8"], ["1e8", "-1e8"]], ["0.3", "0.1"]),
        ("identity", W2, ["0.2"]),
        x=[["0.300000001", "0.3"]],
        y=Y,
    )
    yield network(
        "weights of 1e-8 and 1e8",
        ("tanh", [["1e-8", "1e8"], ["1e8", "-1e-8"]], ["0.3", "0.1"]),
        ("identity", W2, ["0.2"]),
        x=X,
        y=Y,
    )
    signs = [["1"] if i % 2 else ["-1"] for i in range(32)]
    yield network(
        "32 samples that nearly cancel",
        ("tanh", [["0.5"], ["0.4"]], ["0", "0"]),
        ("identity", [["0.3", "0.2"]], ["0"]),
        x=[[f"{0.5 if i % 2 else -0.5}00000{i:03}"] for i in range(32)],
        y=signs,
        reduction="mean",
    )
    yield network(
        "32 samples that cancel exactly",
        ("tanh", [["0.5"], ["0.4"]], ["0", "0"]),
        ("identity", [["0.3", "0.2"]], ["0"]),
        x=[["0.5"] if i % 2 else ["-0.5"] for i in range(32)],
        y=signs,
        reduction="mean",
    )


def kinks() -> Iterator[Case]:
    for z in ("1e-9", "-1e-9"):
        for phi in ("relu", "leaky_relu", "selu"):
            yield hidden(phi, z, f"{phi} {z} from its kink", x=[["0.5", "1"]])
    yield hidden("relu", "0", "relu at its kink", undecided="exactly at relu's kink")
    yield hidden("relu", "-3", "a dead relu")
    layers = (("relu", W1, ["-3", "-3"]), ("tanh", W2, ["0.2"]))
    yield network("all relus dead", *layers, x=X, y=Y)
    yield single("hinge at its kink", "identity", "1", "1", "hinge", "kink")
    yield single("hinge 1e-12 from its kink", "identity", "1.000000000001", "1", "hinge")
    yield single("hinge 1e-12 inside", "identity", "0.999999999999", "1", "hinge")
    yield single("huber at its corner", "identity", "1.5", "0.5", "huber")
    yield single("huber 1e-12 beyond its corner", "identity", "1.500000000001", "0.5", "huber")
    yield single("absolute error at its kink", "identity", "0.5", "0.5", "absolute_error", "kink")
    yield single("absolute error 1e-12 off", "identity", "0.500000000001", "0.5", "absolute_error")
    yield network(
        "maxout, tied",
        ("maxout", [["0.5", "0.25"], ["0.25", "0.5"]], False, 2),
        x=[["1", "1"]],
        y=Y,
        undecided="maxout's kink",
    )
    yield network(
        "maxout, 1e-12 from a tie",
        ("maxout", [["0.5", "0.25"], ["0.25", "0.500000000001"]], False, 2),
        x=[["1", "1"]],
        y=Y,
    )
    yield graph("max, tied", "z = max(x, y)", x="1", y="1", undecided="tie")
    yield graph("max 1e-12 from a tie", "z = max(x, y)*x", x="1", y="1.000000000001")
    yield graph("relu of a difference 1e-9 from its kink", "z = relu(x - y)*x", x="1.000000001", y="1")


def zeros() -> Iterator[Case]:
    yield network("x = 0", ("tanh", W1, ["0.3", "0.1"]), ("sigmoid", W2, ["0.2"]), x=[["0", "0"]], y=Y)
    yield single("y = a", "identity", "0.5", "0.5", "half_squared_error")
    zero = [["0", "0"], ["0", "0"]]
    yield network("all weights 0", ("tanh", zero, ["0", "0"]), ("tanh", [["0", "0"]], ["0"]), x=X, y=Y)


def ends_of_range() -> Iterator[Case]:
    yield single("an input of 1e-310", "sigmoid", "0.5", "0.7", "half_squared_error", x="1e-310")
    yield single("a weight of 1e-320", "sigmoid", "1e-320", "0.7", "half_squared_error")
    yield single("a weight of 1e-400", "sigmoid", "1e-400", "0.7", "half_squared_error")
    yield single("1e-200 of 1e-200", "tanh", "1e-200", "0.7", "half_squared_error", x="1e-200")
    yield network(
        "a gradient of 1e-400",
        ("identity", [["1e-200"]], False),
        ("identity", [["1e-200"]], False),
        x=[["1e-200"]],
        y=[["1"]],
    )
    yield single("a product beyond 1e308", "identity", "1e200", "0", "squared_error", "overflow", x="1e200")
    yield graph("exp(-1000)", "z = exp(-x)", x="1000")
    yield graph("exp(1000)", "z = exp(x)", x="1000", undecided="overflow")
    yield graph("exp(-1000) times 2 and x", "a = exp(-x)", "z = 2*a*x", x="1000")
    yield graph("erf far out", "z = erf(x)", x="30")
    yield graph("erf near 0", "z = erf(x)", x="1e-300")
    yield graph(
        "1 - p of a saturated p", "p = sigmoid(x)", "z = log(1 - p)", x="30", undecided="cancellation"
    )
    yield graph("tan near its pole", "z = tan(x)", x="1.57079632")
    yield graph("sqrt of 1e-300", "z = sqrt(x)", x="1e-300")
    yield graph("sinh and cosh far out", "z = sinh(x)/cosh(x)", x="300", undecided="cancellation")


def logarithms() -> Iterator[Case]:
    for a in ("1e-300", "1e-16", "0.999999999999"):
        for y in ("0", "1", "0.5"):
            yield single(f"binary cross-entropy, a = {a}, y = {y}", "identity", a, y, "binary_cross_entropy")
    for a in ("1e-300", "1e-16", "0.999999999999"):
        yield single(f"cross-entropy, a = {a}", "identity", a, "1", "cross_entropy")
        yield single(f"Kullback-Leibler, a = {a}", "identity", a, "1", "kullback_leibler")
        yield single(f"poisson, a = {a}", "identity", a, "0.5", "poisson")
    yield single("poisson, a = y + 1e-11", "identity", "3.00000000001", "3", "poisson")
    yield single("poisson at softplus(-40)", "softplus", "-40", "0", "poisson")
    yield single("poisson at softplus(-40), y = 2", "softplus", "-40", "2", "poisson")


CASES = (*saturated(), *typed(), *cancelling(), *kinks(), *zeros(), *ends_of_range(), *logarithms())
BY_NAME = {case.name: case for case in CASES}
