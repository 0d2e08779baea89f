"""One frozen Problem from the tables of a file.

The body comes first, then the samples; what names quantities (the output
formula and the published figures) is read last, in the names that the problem
then has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from derive.files.build_asked import check_asked, check_questions
from derive.files.build_graph import build_graph
from derive.files.build_network import build_network
from derive.files.build_parameters import loses_names
from derive.files.build_shapes import numbers_only
from derive.files.build_training import build_training
from derive.files.limits import check_differences, check_samples
from derive.files.mistakes import Mistakes, counted, path, shown
from derive.files.samples import Samples
from derive.files.schema import FigureTable, File, NetworkTable, NotationTable
from derive.formula import parse
from derive.formula.nodes import Derivative, Name, Node, Number, walk
from derive.problem import Figure, Network, Notation, Problem, Question
from derive.quantities import resolve, scope_of
from derive.rules import Cost, general

ANY_OUTPUT = Number(Fraction(0), "0")


def build(file: File, samples: Samples | None, name: str, mistakes: Mistakes) -> Problem | None:
    """The problem that a file states; None where a mistake leaves no names to read the rest in.

    samples  those of its [data], or None where it has none
    """
    if file.network is not None and loses_names(file.network):
        # A formula may read what has no place now, and is not judged.
        network = file.network.model_copy(update={"output": None})
        file = file.model_copy(
            update={"network": network, "training": None, "published": [], "questions": []}
        )
    check_questions(file.questions, mistakes)
    problem = _body(file, name, mistakes)
    if problem is not None and file.network is not None:
        problem = _with_samples(file.network, samples, problem, mistakes)
    if problem is None:
        return None
    if file.training is not None:
        problem = replace(problem, training=build_training(file.training, problem, mistakes))
    for i, question in enumerate(file.questions):
        check_asked(i, question.ask, problem, mistakes)
    figures = [_figure(i, table, problem, mistakes) for i, table in enumerate(file.published)]
    return replace(
        problem,
        published=tuple(figure for figure in figures if figure is not None),
        questions=tuple(Question(**dict(table)) for table in file.questions),
    )


def _body(file: File, name: str, mistakes: Mistakes) -> Problem | None:
    """The problem with its network or graph, without samples yet."""
    common = partial(
        Problem,
        name=name,
        title=file.title or name,
        source=file.source,
        notation=check_notation(file.notation, mistakes),
    )
    if (file.network is None) == (file.graph is None):
        found = (
            "neither [network] nor [graph]"
            if file.network is None
            else "[network] and [graph] in one problem"
        )
        mistakes.add("", found, "one of the two")
        return None
    if file.graph is not None:
        if file.data is not None:
            mistakes.add(
                "data", "[data] beside [graph]", fix="give the values of a graph's names in [values]"
            )
        graph = build_graph(file.graph, file.values, mistakes)
        return None if graph is None else common(body=graph[0], given=graph[1])
    if file.network is not None:
        numbers = numbers_only(file.values, mistakes)
        network = build_network(file.network, file.notation.cost, numbers, mistakes)
        if network is None:
            return None
        return common(body=_lettered(network[0], file.notation.function), parameters=network[1])
    return None


def _lettered(network: Network, function: str | None) -> Network:
    """The network with an unspecified activation written as [notation] says."""
    if function is None:
        return network
    layers = tuple(
        replace(layer, activation=general(function)) if layer.activation.open else layer
        for layer in network.layers
    )
    return replace(network, layers=layers)


def check_notation(table: NotationTable, mistakes: Mistakes) -> Notation:
    """The letters, each different from the others and from those of the table of names."""
    owners = {"x": "inputs", "w": "weights", "b": "biases", "d": "differentials", "delta": "errors"}
    letters = ("cost", "activation", "weighted_input", "target", "function")
    # What is written comes after what is taken for granted, so that the blame falls on it.
    for key in sorted(letters, key=table.model_fields_set.__contains__):
        letter = getattr(table, key)
        if letter in owners:
            mistakes.add(
                path("notation", key), f"'{letter}' stands for the {owners[letter]} already", "another letter"
            )
        elif letter is not None:
            owners[letter] = key.replace("_", " ")
    return Notation(**table.model_dump(exclude={"function"}), function=table.function or "")


def _with_samples(
    table: NetworkTable, data: Samples | None, problem: Problem, mistakes: Mistakes
) -> Problem | None:
    """The problem with its data, or one free sample where none are given, and with its output formula."""
    body = problem.body
    if not isinstance(body, Network):
        return problem
    free: Problem = replace(problem, x=((None,) * body.sizes[0],), y=((None,) * body.sizes[-1],))
    needs_targets = body.cost is not None
    if table.output is not None and body.cost is None:
        # Any output will do while its own names are read: it lets C be known, and refused.
        output, read = _output(table.output, replace(free, body=replace(body, output=ANY_OUTPUT)), mistakes)
        if output is None:
            return None
        body = replace(body, output=output)
        needs_targets = any(key.startswith("y[") for key in read)
    in_layers = body.output is None and not any(parameter.shared for parameter in problem.parameters)
    passed = len(data.x) + len(data.tests) if data else 1
    check_samples(body.sizes, body.widths, passed, mistakes, in_layers=in_layers)
    if body.cost is not None or body.output is not None:
        everywhere = body.output is not None
        samples = len(data.x) if data else 1
        check_differences(
            body.sizes, body.widths, samples, mistakes, everywhere=everywhere, in_layers=in_layers
        )
    if data is None:
        return replace(free, body=body, y=free.y if needs_targets else ())
    _check_data(data, body, mistakes)
    if needs_targets and data.y is None:
        mistakes.add(data.targets, "missing", "targets of every sample: the cost or output reads them")
    return replace(
        problem,
        body=body,
        x=tuple(map(tuple, data.x)),
        y=tuple(map(tuple, data.y or ())),
        tests=tuple(map(tuple, data.tests)),
        labels=tuple(data.labels),
        classes=tuple(data.classes),
    )


def _output(text: str, problem: Problem, mistakes: Mistakes) -> tuple[Node | None, list[str]]:
    """The formula that is differentiated instead of a cost, and the keys that it reads."""
    where = "network.output"
    node = mistakes.reading(where, text, partial(parse, text, scope_of(problem)))
    read: list[str] = []
    for leaf in () if node is None else _leaves(node):
        quantity = mistakes.reading(where, text, partial(resolve, problem, leaf))
        if quantity is None:
            continue
        marked = isinstance(leaf, Name) and (leaf.primes or leaf.sample)
        if marked or quantity.by or quantity.of.startswith("C"):
            found = f"'{leaf}' is not a value of the forward pass, which an output is made of"
            mistakes.add(where, found, "x, y, z, a, weights and biases, without samples and primes")
        read.append(quantity.of)
    return node, read


def _leaves(node: Node) -> Iterator[Name | Derivative]:
    return (part for part in walk(node) if isinstance(part, Name | Derivative))


def _check_data(data: Samples, network: Network, mistakes: Mistakes) -> None:
    """Samples as wide as the network, a target and a label for each, and targets that suit the cost."""
    inputs, outputs = (network.sizes[0], "input"), (network.sizes[-1], "output")
    tables = (("x", data.x, inputs), ("y", data.y or [], outputs), ("test", data.tests, inputs))
    for key, rows, (width, noun) in tables:
        for i, row in enumerate(rows):
            if len(row) != width:
                found = f"{counted(len(row), 'number')}; the network has {counted(width, noun)}"
                mistakes.add(path("data", key, i), found, f"{width} in each sample")
    counts = (("y", "sample", len(data.y or data.x)), ("labels", "label", len(data.labels or data.x)))
    for key, noun, count in counts:
        if count != len(data.x):
            found = f"{counted(count, noun)}; x has {counted(len(data.x), 'sample')}"
            mistakes.add(path("data", key), found, "as many as in x")
    if network.cost is not None:
        _check_targets(data, network.cost, mistakes)


def _check_targets(data: Samples, cost: Cost, mistakes: Mistakes) -> None:
    for i, row in enumerate(data.y or []):
        for k, target in enumerate(row):
            if not cost.targets.allow(target):
                mistakes.add(
                    f"{data.targets}{path(i, k)}",
                    f"the target {target} of output {k + 1} of sample {i + 1}",
                    f"{cost.targets}, as {cost.name} assumes",
                )


def _figure(i: int, table: FigureTable, problem: Problem, mistakes: Mistakes) -> Figure | None:
    """A published figure, every name in it known to the problem."""
    where = path("published", i, "quantity")
    node = mistakes.reading(where, table.quantity, partial(parse, table.quantity, scope_of(problem)))
    if node is None:
        return None
    primes = 0
    for leaf in _leaves(node):
        mistakes.reading(where, table.quantity, partial(resolve, problem, leaf))
        names = (leaf,) if isinstance(leaf, Name) else (leaf.of, *leaf.by)
        primes = max(primes, *(name.primes for name in names))
    if problem.training is None and (primes or table.after):
        found = f"{shown(table.quantity)} is read after {counted(table.after or primes, 'update')}"
        mistakes.add(where, found, "figures before any update", "add [training] with its rate")
    elif primes > 1 or (primes and table.after):
        found = f"{shown(table.quantity)} with after = {table.after}"
        mistakes.add(where, found, "one prime for one update, or after = … and no prime")
    return Figure(text=table.quantity, node=node, after=table.after, printed=table.value)
