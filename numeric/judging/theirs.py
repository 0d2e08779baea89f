"""Somebody's gradient, whatever it came as, taken apart into named entries.

A callable is called with the problem's numbers as float64; a mapping names
single entries (`dC/dw1[1,2]`, `dE/dw5`) or whole arrays (`W1`, `dC/db2`; in a
graph each of its own vectors and matrices).
Arrays and callables are per use: a shared parameter has one entry a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from derive.errors import AnswerError, did_you_mean
from derive.problem import Graph, Network, Problem
from derive.quantities import SHAPES, read
from derive.shapes import Shape, entries, met, sized
from derive.sweep import adjoint
from numeric.floats.claims import Entry
from numeric.judging.rows import names_of

Gradient = Callable[..., Any] | Mapping[str, Any]

NUMBERS = "a real number, or a full array of them"
REAL = "biuf"
NO_NUMBER = (str, bytes, complex)

SHOWN = 6
"""So many names are listed."""

ARRAY = re.compile(r"(?:d\w+/d)?([WbB])(\d+)")


@dataclass(frozen=True, slots=True)
class Given:
    """One number of theirs.

    name   as messages call it
    entry  the derivative that it should be
    shape  what is wrong with the array that it came in, where it has no place
    """

    name: str
    entry: Entry | None
    value: float
    shape: str = ""
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """The numbers of an array that has the shape it should have, with the derivatives they should be."""

    entries: Sequence[Entry]
    values: npt.NDArray[np.float64]


Part = Given | Whole


@dataclass(frozen=True)
class Handed(Sequence[Given]):
    """All their numbers side by side; one of them is made a `Given` when somebody asks for it.

    entries  (n,) the derivative that each should be, None where it has no place
    values   (n,)
    single   those that came one by one, by their places
    """

    entries: Sequence[Entry | None]
    values: npt.NDArray[np.float64]
    single: Mapping[int, Given]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Handed:
        entries, values, single = list[Entry | None](), list[npt.NDArray[np.float64]](), dict[int, Given]()
        for part in parts:
            if isinstance(part, Given):
                single[len(entries)] = part
                entries.append(part.entry)
                values.append(np.array([part.value]))
            else:
                entries += part.entries
                values.append(part.values)
        return cls(entries, np.concatenate(values) if values else np.zeros(0), single)

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, index: int) -> Given: ...

    @overload
    def __getitem__(self, index: slice) -> list[Given]: ...

    def __getitem__(self, index: int | slice) -> Given | list[Given]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        entry = self.entries[index]
        if entry is None or index in self.single:
            return self.single[index]
        return Given(adjoint(*entry), entry, float(self.values[index]))


def entries_of(theirs: Gradient, problem: Problem, samples: str) -> Handed:
    """All their numbers. Raises AnswerError for names that mean nothing here, and for no numbers at all."""
    if callable(theirs):
        found = Handed.of(_called(theirs, problem, samples))
    else:
        found = Handed.of(part for name, value in theirs.items() for part in _named(problem, name, value))
    if not found:
        raise AnswerError("there is no gradient to compare: the mapping or the lists are empty")
    return found


def _called(theirs: Callable[..., Any], problem: Problem, samples: str) -> Iterator[Part]:
    if isinstance(problem.body, Graph):
        yield from _called_graph(theirs, problem, problem.body)
        return
    call = CALLS.get(samples)
    if call is None:
        raise AnswerError(f"samples='{samples}'{did_you_mean(samples, CALLS)} allowed: {', '.join(CALLS)}")
    grad_W, grad_b = _pair(call(theirs, problem, problem.body))
    for letter, arrays in (("W", grad_W), ("b", grad_b)):
        if len(arrays) != problem.body.depth:
            raise AnswerError(
                f"{len(arrays)} arrays for {letter}; there are {problem.body.depth} layers, one for each"
            )
        for l, array in enumerate(arrays, 1):
            if letter == "b" and problem.body.layer(l).biases is None:
                continue
            yield from _array(problem, problem.body, letter, l, array)


def _pair(result: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise AnswerError(
            f"backprop returned {type(result).__name__}; it should return (grad_weights, grad_biases)"
        )
    return result[0], result[1]


def _floats(problem: Problem, network: Network) -> tuple[Any, Any, list[Any], list[Any]]:
    """x (samples, inputs), y (samples, outputs), weights (n[l], n[l-1]) and biases (n[l],), as float64."""
    value = {parameter.key: parameter.value for parameter in problem.parameters}

    def array(keys: Any) -> npt.NDArray[np.float64]:
        return np.array([[float(value[k] or 0) for k in row] for row in keys], dtype=np.float64)

    x = np.array([[float(v or 0) for v in row] for row in problem.x])
    y = np.array([[float(v or 0) for v in row] for row in problem.y]) if problem.y else None
    weights = [array(layer.weights) for layer in network.layers]
    biases = [None if layer.biases is None else array([layer.biases])[0] for layer in network.layers]
    return x, y, weights, biases


def _call_rows(theirs: Callable[..., Any], problem: Problem, network: Network) -> Any:
    return theirs(*_floats(problem, network))


def _call_columns(theirs: Callable[..., Any], problem: Problem, network: Network) -> Any:
    x, y, weights, biases = _floats(problem, network)
    columns = [None if b is None else b[:, None] for b in biases]
    return theirs(x.T, None if y is None else y.T, weights, columns)


def _call_single(theirs: Callable[..., Any], problem: Problem, network: Network) -> Any:
    """One call a sample, for the gradient of its own cost; the results are reduced as the problem says,
    and the L2 term, which is in none of them, is added."""
    x, y, weights, biases = _floats(problem, network)
    share = 1 / len(x) if network.reduction == "mean" else 1.0
    total_W = [float(network.l2) / len(x) * W for W in weights]
    total_b = [None if b is None else np.zeros_like(b) for b in biases]
    for i, row in enumerate(x):
        grad_W, grad_b = _pair(theirs(row, None if y is None else y[i], weights, biases))
        total_W = [total + share * _array_of(part) for total, part in zip(total_W, grad_W, strict=True)]
        total_b = [
            None if total is None else total + share * _array_of(part)
            for total, part in zip(total_b, grad_b, strict=True)
        ]
    return total_W, total_b


CALLS: Mapping[str, Callable[[Callable[..., Any], Problem, Network], Any]] = {
    "rows": _call_rows,
    "columns": _call_columns,
    "single": _call_single,
}


def _called_graph(theirs: Callable[..., Any], problem: Problem, graph: Graph) -> Iterator[Part]:
    """A callable of the given values by name, arrays as arrays.

    It returns {name: slope}, or the slopes in the order of wrt.
    """
    values = {name: _graph_value(problem, graph, name) for name in problem.given_names}
    result = theirs(**values)
    if not isinstance(result, Mapping):
        slopes = _in_order(result, graph)
        if len(slopes) != len(graph.wrt):
            raise AnswerError(
                f"{len(slopes)} numbers were returned; there are {len(graph.wrt)}: {', '.join(graph.wrt)}"
            )
        result = dict(zip(graph.wrt, slopes, strict=True))
    for name, value in result.items():
        yield from _named(problem, str(name), value)


def _graph_value(problem: Problem, graph: Graph, name: str) -> float | npt.NDArray[np.float64]:
    numbers = [float(problem.given[key] or 0) for key in graph.keys(name)]
    return np.array(numbers).reshape(graph.shape(name)) if graph.shape(name) else numbers[0]


def _in_order(result: Any, graph: Graph) -> Sequence[Any]:
    """What was returned for each name of wrt: of several arrays a tuple or a list, of one name itself."""
    if not any(map(graph.shape, graph.wrt)):
        return list(np.atleast_1d(_numbers("the result", result)))
    if len(graph.wrt) == 1 and not (isinstance(result, tuple | list) and len(result) == 1):
        return [result]
    if not isinstance(result, tuple | list):
        names = ", ".join(graph.wrt)
        raise AnswerError(f"{type(result).__name__} was returned; a tuple has one array for each of {names}")
    return result


def _named(problem: Problem, name: str, value: Any) -> Iterator[Part]:
    """An entry, or a whole array of them."""
    match, value = ARRAY.fullmatch(name), _numbers(name, value)
    if isinstance(problem.body, Graph) and (whole := _whole(problem, problem.body, name)):
        yield from _graph_array(problem.body, name, *whole, value)
        return
    if isinstance(problem.body, Network) and match and name not in problem.own_names and value.ndim > 0:
        letter, l = match.group(1).replace("B", "b"), int(match.group(2))
        if not 1 <= l <= problem.body.depth:
            raise AnswerError(f"'{name}': there is no layer {l}; layers are 1 to {problem.body.depth}")
        yield from _array(problem, problem.body, letter, l, value)
        return
    of, by = _entry_of(problem, name)
    if value.size != 1:
        raise AnswerError(f"'{name}' is one number, but its value has shape {value.shape}")
    yield Given(name, (of, by), float(value.reshape(())))


def _entry_of(problem: Problem, name: str) -> Entry:
    """The derivative that a name stands for; `w1[1,1]` is the cost's by it."""
    try:
        quantity = read(problem, name)
    except AnswerError as error:
        known = [names_of(problem, (of, by))[0] for of in problem.objectives for by in problem.wrt]
        raise AnswerError(f"'{name}': {error}; allowed: {_some_of(known)}{_arrays_of(problem)}") from error
    return (quantity.of, quantity.by[0]) if quantity.by else (problem.objectives[0], quantity.of)


def _some_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _arrays_of(problem: Problem) -> str:
    """The names of whole arrays, where there are any."""
    if isinstance(problem.body, Network):
        numbered = enumerate(problem.body.layers, 1)
        names = [name for l, layer in numbered for name in (f"W{l}", *([f"b{l}"] if layer.biases else []))]
    else:
        names = list(filter(problem.body.shape, problem.body.wrt))
    return f"; whole arrays: {_some_of(names)}" if names else ""


def _whole(problem: Problem, graph: Graph, name: str) -> tuple[str, str] | None:
    """Of `W1` or `dL/dW1` the objective and the array; None where it names no whole array."""
    if graph.shape(name):
        return problem.objectives[0], name
    of, _, by = name.partition("/d")
    return (read(problem, of[1:]).of, by) if of.startswith("d") and graph.shape(by) else None


def _graph_array(graph: Graph, name: str, of: str, by: str, value: Any) -> Iterator[Part]:
    """The entries of one array; a vector may come as a row or a column."""
    array, shape = _numbers(name, value), graph.shape(by)
    if array.size == shape[0] and len(shape) == 1 and sorted(array.shape) in ([shape[0]], [1, shape[0]]):
        array = array.reshape(shape)
    if array.shape != shape:
        transposed = len(shape) == 2 and array.shape == shape[::-1]
        text = f"{by} is {sized(shape)}, and its gradient has the same shape; this has shape {array.shape}"
        yield Given(name, None, float("nan"), text + _way_out(array.shape, shape), transposed)
        return
    yield Whole([(of, key) for key in graph.keys(by)], array.ravel())


def _way_out(found: Shape, shape: Shape) -> str:
    """What makes an array of one shape one of another: a transpose, or the sum over its copies."""
    if len(shape) == 2 and found == shape[::-1]:
        return "; transpose it"
    if len(found) == 2 and met(found, shape) == found:
        axis = 0 if len(shape) == 1 or shape[0] == 1 else 1
        return f"; each of its numbers was used several times: add up over axis {axis}"
    return ""


def _array_of(value: Any) -> npt.NDArray[Any]:
    """As NumPy has it; of a tensor of PyTorch's without its graph, as NumPy takes no other."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def _numbers(name: str, value: Any) -> npt.NDArray[np.float64]:
    """As float64: a text, None or a complex number that NumPy would make one of is none."""
    try:
        array = _array_of(value)
        if array.dtype.kind in REAL:
            return array.astype(np.float64, copy=False)
        wrong = [item for item in array.ravel().tolist() if item is None or isinstance(item, NO_NUMBER)]
        found = f"{wrong[0]!r} stands in it" if wrong else ""
        real = None if wrong else array.astype(np.float64)
    except (TypeError, ValueError) as error:
        found, real = str(error), None
    if real is None:
        raise AnswerError(f"'{name}' is not made of numbers: {found}; allowed: {NUMBERS}")
    return real


def _array(problem: Problem, network: Network, letter: str, l: int, value: Any) -> Iterator[Part]:
    """The entries of one layer's array, by the canonical names of their places."""
    del problem
    array = _numbers(f"{letter}{l}", value)
    shape = SHAPES[letter.lower()](network, l)
    if letter == "b" and array.shape in {(shape[0], 1), (1, shape[0])}:
        array = array.reshape(shape)
    if array.shape != shape:
        text = f"{letter}{l} has shape {array.shape}; layer {l} needs {shape}"
        yield Given(f"{letter}{l}", None, float("nan"), text, array.shape == shape[::-1])
        return
    yield Whole([("C", place) for place in entries(f"{letter.lower()}{l}", shape)], array.ravel())
