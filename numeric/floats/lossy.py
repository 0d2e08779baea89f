"""Which textbook forms lose digits in a pass, and what to write instead.

A form is named where its claim is ten times as wide as that of the stable one, at any
unit of any sample; every other form is as good here, and nobody needs to be told.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from derive.formula.nodes import Apply, walk
from derive.problem import Network, Problem
from numeric.floats.network import (
    Pass,
    arrays_of,
    cost_name,
    cost_rule,
    forward,
    output_rule,
    textbook_cost_slope,
    textbook_output,
    textbook_rule,
    unit_rule,
)
from numeric.floats.rounding import Bools, Floats, Rounded
from numeric.floats.rules import FROM_Z, RESIDUALS, RESIDUALS_OF_A, TEXTBOOK, TEXTBOOK_COSTS
from numeric.floats.rules.textbook import OVERFLOW

A_DIGIT = 10

OVERFLOWS = f"1/(1+e^{{-z}}) overflows below z = {OVERFLOW}, write e^z/(1+e^z) there"

LOGISTIC = frozenset({"sigmoid", "silu"})

THRESHOLD = 20
"""PyTorch's, in units of 1/beta."""


def advice(problem: Problem, times: float = A_DIGIT) -> str:
    """The sentences about all forms that lose digits; of a graph about all that it applies.

    times  by how much the claim of a form is wider than that of the stable one
    """
    network = problem.body
    found = _of_network(problem, network, times) if isinstance(network, Network) else _of_graph(problem)
    return "; ".join(dict.fromkeys(found))


def peculiarities(problem: Problem) -> str:
    """What libraries compute that is near the function and not the function, as far as it matters here."""
    return "; ".join(dict.fromkeys(_peculiar(problem)))


def _peculiar(problem: Problem) -> Iterator[str]:
    for name, z in _applied(problem):
        if name == "softplus" and (z > THRESHOLD).any():
            yield f"PyTorch's softplus is z beyond its threshold of {THRESHOLD}"
        if name == "hard_sigmoid":
            yield "PyTorch's hardsigmoid has a slope of 1/6 rounded to float32"


def _applied(problem: Problem) -> Iterator[tuple[str, Floats]]:
    """The activations by name, with what they are applied to; of a graph that is not looked up."""
    network = problem.body
    if isinstance(network, Network):
        run = forward(network, arrays_of(problem, network))
        for l, layer in enumerate(network.layers, 1):
            steepness = {parameter.name: float(value) for parameter, value in layer.activation.settings}
            yield layer.activation.name, run.z[l].value * steepness.get("beta", 1.0)
        return
    for line in network.steps:
        for part in walk(line.node):
            if isinstance(part, Apply):
                yield part.operation, np.array(np.inf)


def _of_graph(problem: Problem) -> Iterator[str]:
    assert not isinstance(problem.body, Network)
    for line in problem.body.steps:
        applied = (part.operation for part in walk(line.node) if isinstance(part, Apply))
        yield from (TEXTBOOK[name].advice for name in applied if name in TEXTBOOK)


def _of_network(problem: Problem, network: Network, times: float) -> Iterator[str]:
    arrays = arrays_of(problem, network)
    run = forward(network, arrays, textbook=True)
    below = network.depth - 1 if textbook_output(network) else network.depth
    for l in range(1, below + 1):
        row = textbook_rule(network.layer(l).activation)
        if network.layer(l).activation.name in LOGISTIC and (run.z[l].value < OVERFLOW).any():
            yield OVERFLOWS
        if row and _layer_loses(network, l, run, times):
            yield row.advice
    if arrays.Y is not None:
        yield from _of_cost(network, run, arrays.Y, times)


def _layer_loses(network: Network, l: int, run: Pass, times: float) -> bool:
    """Whether a value or a slope of the layer is known worse; every unit has a slope to pull back."""
    rule = network.layer(l).activation
    row, stable, z = textbook_rule(rule), unit_rule(rule), run.z[l]
    assert row is not None
    a = stable.value(z)
    arriving = Rounded.exact(np.broadcast_to(np.arange(1.0, a.shape[-1] + 1), a.shape))
    slopes = _worse(row.pull(z, a, arriving), stable.pull(z, arriving), times)
    return bool(slopes.any() or (row.value is not None and _worse(row.value(z), a, times).any()))


def _of_cost(network: Network, run: Pass, y: Rounded, times: float) -> Iterator[str]:
    """The last delta where the pair has a form of its own, else the residual or the cost's slope."""
    L, cost = network.depth, network.cost
    assert cost is not None
    activation, z, a = network.layer(L).activation.name, run.z[L], run.a[L]
    output, fused = textbook_output(network), output_rule(network)
    if output and fused:
        if _worse(output.delta(a, y), fused.delta(z, y), times).any():
            yield output.advice
    elif fused and activation in FROM_Z and cost_name(cost) in RESIDUALS:
        if _worse(a - y, FROM_Z[activation](z, y), times).any():
            yield RESIDUALS_OF_A[activation].advice
    elif (
        cost.name in TEXTBOOK_COSTS
        and _worse(textbook_cost_slope(cost, a, y), cost_rule(cost).slope(a, y), times).any()
    ):
        yield TEXTBOOK_COSTS[cost_name(cost)].advice


def way_round(problem: Problem) -> str:
    """What to write where dC/da itself is not finite, since an output was rounded to 0 or 1."""
    network = problem.body
    if not isinstance(network, Network) or network.cost is None or output_rule(network) is None:
        return ""
    arrays, row = arrays_of(problem, network), textbook_output(network)
    assert arrays.Y is not None
    outputs = forward(network, arrays).a[network.depth]
    if row is None or np.isfinite(cost_rule(network.cost).slope(outputs, arrays.Y).error).all():
        return ""
    return f"dC/da is not finite where a is rounded to 0 or 1, write dC/dz = {row.stable} at once"


def _worse(plain: Rounded, stable: Rounded, times: float) -> Bools:
    return np.asarray(plain.error > times * stable.error)
