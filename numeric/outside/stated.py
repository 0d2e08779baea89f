"""What a problem states, computed in somebody else's arrays: forward only; slopes are the library's affair.

    z[l] = a[l-1] W[l]^T + b[l],   a[l] = phi(z[l]),   C = sum or mean of the costs + lambda/(2n) sum w^2

or a graph's lines in their order. Nothing is read here of our own slopes, symbolic or written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from derive.formula.nodes import Apply, Constant, Name, Node, Number, Unspecified, names_in, walk
from derive.problem import Graph, Network, Problem
from derive.quantities import at_sample
from derive.rules import Activation, Cost
from derive.shapes import axes_of, joined_axis
from derive.unspecified import StandIn
from numeric.floats.claims import Entry
from numeric.outside.library import Library, Operation, Tensor

CONSTANTS: Mapping[str, float] = MappingProxyType({"e": np.e, "pi": np.pi})

Values = Mapping[str, Tensor]
Functions = Mapping[str, StandIn | None]
ALONG = frozenset({"sum", "mean", "var", "softmax", "log_softmax"})
KEEPING = frozenset({"sum", "mean", "var"})
"""Operations after which an axis may stay."""


def gradient(library: Library, problem: Problem) -> Mapping[Entry, float]:
    """Every gradient entry of a problem whose numbers are known, by the library's own differentiation."""
    body = problem.body
    if not problem.objectives or not problem.wrt:
        return {}
    if isinstance(body, Graph):
        return _of_graph(library, problem, body)
    numbers = np.array([float(parameter.value or 0) for parameter in problem.parameters])
    found = library.jacobian(lambda values: _cost(library, problem, body, values["w"]), {"w": numbers})
    keys = (parameter.key for parameter in problem.parameters)
    return {("C", key): float(slope) for key, slope in zip(keys, found["w"][0], strict=True)}


# -- networks --------------------------------------------------------------------------------------


def _cost(library: Library, problem: Problem, network: Network, w: Tensor) -> Tensor:
    """C : (1,) from the parameters w : (parameters,), in the problem's order."""
    place = {parameter.key: i for i, parameter in enumerate(problem.parameters)}
    x, y = (library.array([[float(v or 0) for v in row] for row in rows]) for rows in (problem.x, problem.y))
    zs: dict[int, Tensor] = {}
    activations: dict[int, Tensor] = {0: x}
    for l, layer in enumerate(network.layers, 1):
        W = w[np.array([[place[key] for key in row] for row in layer.weights])]
        zs[l] = activations[l - 1] @ W.T
        if layer.biases is not None:
            zs[l] = zs[l] + w[np.array([place[key] for key in layer.biases])]
        activations[l] = _activation(library, layer.activation, zs[l])
    if network.cost is not None:
        total = _cost_sum(library, network.cost, activations[network.depth], y)
    else:
        assert network.output is not None
        tables = {"x": {0: x}, "y": {0: y}, "z": zs, "a": activations}
        values = _output_values(problem, network.output, tables, w, place)
        total = (evaluated(library, network.output, values) + 0 * x[:, 0]).sum()
    count = len(problem.x)
    decayed = np.array([i for i, parameter in enumerate(problem.parameters) if parameter.is_weight])
    decay = (w[decayed] ** 2).sum() * (float(network.l2) / (2 * count))
    return (total / (count if network.reduction == "mean" else 1) + decay).reshape(1)


def _activation(library: Library, rule: Activation, z: Tensor) -> Tensor:
    if rule.node is not None:
        return evaluated(library, rule.node, {"z": z}) + 0 * z
    return library.activations[rule.name](z, **_settings(rule))


def _cost_sum(library: Library, rule: Cost, a: Tensor, y: Tensor) -> Tensor:
    if rule.node is not None:
        return (evaluated(library, rule.node, {"a": a, "y": y}) + 0 * a).sum()
    return library.costs[rule.name](a, y, **_settings(rule))


def _settings(rule: Activation | Cost) -> dict[str, float]:
    return {parameter.name: float(value) for parameter, value in rule.settings}


def _output_values(
    problem: Problem,
    output: Node,
    tables: Mapping[str, Mapping[int, Tensor]],
    w: Tensor,
    place: Mapping[str, int],
) -> Values:
    """What a formula in the network's quantities reads: a number, or one for each sample."""
    values = {}
    for name in names_in(output):
        key = at_sample(problem, name, "")
        if key in place:
            values[str(name)] = w[place[key]]
            continue
        head, _, index = key.partition("[")
        layer = tables[head[0]][int(head[1:] or 0)]
        values[str(name)] = layer[:, int(index.rstrip("]")) - 1]
    return values


# -- graphs ----------------------------------------------------------------------------------------


def _of_graph(library: Library, problem: Problem, graph: Graph) -> Mapping[Entry, float]:
    given = {
        name: np.array([float(problem.given[key] or 0) for key in graph.keys(name)]).reshape(
            graph.shape(name)
        )
        for name in problem.given_names
    }

    def objectives(leaves: Values) -> Tensor:
        """All that is differentiated, one after another."""
        values = dict(leaves)
        for line in graph.steps:
            values[line.name] = evaluated(library, line.node, values, graph.functions)
        outputs = library.joined([(values[name] + library.array(0.0)).reshape(-1) for name in graph.outputs])
        if not graph.upstream:
            return outputs
        weights = library.array([float(graph.upstream[key]) for key in graph.keys(*graph.outputs)])
        return (outputs * weights).sum().reshape(1)

    found = library.jacobian(objectives, given)
    return {
        (of, by): float(slope)
        for name in graph.wrt
        for of, slopes in zip(problem.objectives, found[name], strict=True)
        for by, slope in zip(graph.keys(name), np.ravel(slopes), strict=True)
    }


# -- formulas --------------------------------------------------------------------------------------


def evaluated(library: Library, node: Node, values: Values, functions: Functions | None = None) -> Tensor:
    """The value of a formula at the values of its names."""
    stack: list[Tensor] = []
    for part in walk(node):
        match part:
            case Number(value=number):
                stack.append(library.array(float(number)))
            case Constant(name=name):
                stack.append(library.array(CONSTANTS[name]))
            case Name():
                stack.append(values[str(part)])
            case Apply() | Unspecified():
                operands = stack[len(stack) - len(part.args) :]
                del stack[len(stack) - len(part.args) :]
                stack.append(_operation(library, part, functions or {})(*operands))
            case _:
                raise TypeError(f"{part} is no quantity of a forward pass")
    return stack.pop()


def _operation(library: Library, node: Apply | Unspecified, functions: Functions) -> Operation:
    if isinstance(node, Unspecified):
        return _stand_in(library, functions[node.function], node.order)
    if node.operation in SHAPED:
        return SHAPED[node.operation](library, node)
    if node.operation in ALONG:
        return _along(library, node)
    return library.entrywise[node.operation]


def _stand_in(library: Library, function: StandIn | None, order: int) -> Operation:
    """What stands in for an unspecified function, differentiated by the library so many times."""
    assert function is not None, "an unspecified function has values where something stands in for it"
    formula = function.node

    def found(z: Tensor) -> Tensor:
        return evaluated(library, formula, {"z": z})

    for _ in range(order):
        found = library.slope(found)
    return found


def _along(library: Library, node: Apply) -> Operation:
    kept = {"keepdims": node.keepdims} if node.operation in KEEPING else {}
    return lambda x: library.along[node.operation](x, axis=axes_of(node, x.ndim), **kept)


def _conv1d(x: Tensor, w: Tensor) -> Tensor:
    """c[i] = x[i] w[1] + ... + x[i+k-1] w[k], for each row; no flip and no padding."""
    k = w.shape[-1]
    places = x.shape[-1] - k + 1
    return sum(x[..., i : i + places] * w[..., i : i + 1] for i in range(k))


def _at(node: Apply) -> tuple[int, ...]:
    return tuple(place - 1 for place in node.places)


SHAPED: Mapping[str, Callable[[Library, Apply], Operation]] = MappingProxyType(
    {
        "matmul": lambda _, __: lambda x, y: x @ y,
        "transpose": lambda _, __: lambda x: x.T if x.ndim == 2 else x,
        "outer": lambda _, __: lambda u, v: u[:, None] * v[None, :],
        "conv1d": lambda _, __: _conv1d,
        "concat": lambda library, node: lambda *x: library.joined(list(x), axis=joined_axis(node, x[0].ndim)),
        "row": lambda _, node: lambda x: x[_at(node)[0]],
        "rows": lambda _, node: lambda x: x[np.array(_at(node))],
        "entry": lambda _, node: lambda x: x[_at(node)],
    }
)
"""Operations that every library of arrays writes alike: products, transposes and indexing."""
