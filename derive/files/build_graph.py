"""A graph of assignments from its table.

    a = x^2,  b = sin(a),  c = 3 x^2,  d = b + c,  J = cos(d)

Steps are computed in the order in which they stand, so each reads only given
names and steps before it. A name that no step defines is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from derive.errors import did_you_mean
from derive.expressions import CONSTANTS
from derive.files.build_formula import is_defined
from derive.files.build_free import assumed, unspecified_functions
from derive.files.build_shapes import (
    Numbers,
    given_shapes,
    numbers_by_key,
    read_values,
    shapes_of,
    upstream_of,
)
from derive.files.fields import Listed
from derive.files.mistakes import A_NAME, Mistakes, is_own_name, listed, path, shown
from derive.files.schema import GraphTable
from derive.formula import Scope, parse_assignment
from derive.formula.nodes import ALIASES, ARRAY_FUNCTIONS, FUNCTIONS, names_in
from derive.formula.tokens import KEYWORD, TRANSPOSE, slope_name
from derive.problem import Assignment, Graph, Value

# A number first, so that the e of 1e5 is no word; what a bracket follows is a function or a slip.
_WORD = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?P<word>[^\W\d]\w*)(?!\w|['′]*\s*\()")


def build_graph(
    table: GraphTable, stated: Mapping[str, Fraction | Listed] | None, mistakes: Mistakes
) -> tuple[Graph, Mapping[str, Value]] | None:
    """The graph and the values of its given names; None where either has a mistake."""
    before = len(mistakes)
    values = None if stated is None else read_values(stated, mistakes)
    functions = unspecified_functions(table, values or {}, mistakes)
    steps = steps_of(table, values or {}, functions, mistakes)
    if len(steps) == len(table.steps):
        _check_order(steps, mistakes)
    defined: dict[str, int] = {}
    for i, step in enumerate(steps, 1):
        defined.setdefault(step.name, i)
    read = [name.base for step in steps for name in names_in(step.node)]
    given = [name for name in dict.fromkeys([*read, *(values or ())]) if name not in defined]
    if len(steps) == len(table.steps):
        sizes = given_shapes(table, given, values)
        assumptions, following = assumed(table, sizes, defined, numbers_by_key(values), mistakes)
        if values is not None:
            values = {**values, **{name: Numbers((), (number,)) for name, number in following.items()}}
        _check_values(steps, given, defined, values, mistakes)
        _check_outputs(table, defined, mistakes)
        _check_wrt(table, given, defined, mistakes)
        shapes = shapes_of(table, steps, given, defined, values, mistakes)
        upstream = upstream_of(table, shapes, mistakes)
    if len(mistakes) > before:
        return None
    graph = Graph(
        steps=steps,
        outputs=tuple(table.output),
        upstream=MappingProxyType(upstream),
        wrt=tuple(dict.fromkeys(given if table.wrt is None else table.wrt)),
        functions=MappingProxyType(dict.fromkeys(table.functions)),
        assumptions=assumptions,
        shapes=MappingProxyType({name: shape for name, shape in shapes.items() if shape}),
    )
    numbers: dict[str, Value] = dict.fromkeys(graph.keys(*given))
    for name, value in (values or {}).items():
        numbers.update(value.entries(name))
    return graph, MappingProxyType(numbers)


def steps_of(
    table: GraphTable, values: Iterable[str], functions: frozenset[str], mistakes: Mistakes
) -> tuple[Assignment, ...]:
    """The assignments that can be read, in order."""
    targets = {text.partition("=")[0].strip() for text in table.steps}
    defined = (targets - {""}) | set(values) | table.shapes.keys()
    texts = [KEYWORD.sub("", TRANSPOSE.sub("", text.partition("=")[2])) for text in table.steps]
    words = {match["word"] for text in texts for match in _WORD.finditer(text) if match["word"]}
    called = FUNCTIONS | functions | {slope_name(name) for name in functions}
    names = frozenset((defined | words - CONSTANTS.keys() - ALIASES.keys()) - called)
    scope = Scope(
        names=names,
        functions=FUNCTIONS | ARRAY_FUNCTIONS - names - functions,
        aliases=ALIASES,
        unspecified=functions,
        arrays=True,
    )
    steps: list[Assignment] = []
    for i, text in enumerate(table.steps):
        where = path("graph", "steps", i)
        if (assignment := mistakes.reading(where, text, partial(parse_assignment, text, scope))) is None:
            continue
        name, node = assignment
        unfit = [word for word in (name, *(read.base for read in names_in(node))) if not is_own_name(word)]
        if unfit:
            mistakes.add(where, f"{shown(unfit[0])} as a name", A_NAME)
        elif is_defined(where, text, node, mistakes):
            steps.append(Assignment(name=name, node=node, text=text.strip()))
    return tuple(steps)


def _check_order(steps: Sequence[Assignment], mistakes: Mistakes) -> None:
    """No step is defined twice, and none reads itself or a later one."""
    number: dict[str, int] = {}
    for i, step in enumerate(steps, 1):
        if number.setdefault(step.name, i) != i:
            found = f"'{step.name}' is defined by step {number[step.name]} already"
            mistakes.add(path("graph", "steps", i - 1), found, fix="give one of the two another name")
    reads = {step.name: [name.base for name in names_in(step.node) if name.base in number] for step in steps}
    cycles: set[frozenset[str]] = set()
    for i, step in enumerate(steps, 1):
        for name in reads[step.name]:
            if number[name] < i:
                continue
            way = _way(reads, name, step.name)
            if not way:
                found = f"'{name}' is used in step {i} but defined in step {number[name]}"
                mistakes.add(path("graph", "steps", i - 1), found, fix="order the steps")
            elif frozenset(way) not in cycles:
                cycles.add(frozenset(way))
                found = f"a cycle: {' → '.join([step.name, *way])}"
                mistakes.add(
                    path("graph", "steps", i - 1), found, "steps that read given names and earlier steps"
                )


def _way(reads: Mapping[str, Sequence[str]], start: str, goal: str) -> list[str]:
    """The shortest way along what steps read, both ends included; empty where there is none."""
    reached: dict[str, str | None] = {start: None}
    frontier = [start]
    for name in frontier:
        if name == goal:
            break
        for read in reads[name]:
            if read not in reached:
                reached[read] = name
                frontier.append(read)
    way: list[str] = []
    at: str | None = goal if goal in reached else None
    while at is not None:
        way.append(at)
        at = reached[at]
    return way[::-1]


def _check_values(
    steps: Sequence[Assignment],
    given: Sequence[str],
    defined: Mapping[str, int],
    values: Mapping[str, Numbers] | None,
    mistakes: Mistakes,
) -> None:
    """Every given name has its value, or there is no [values] and all are free."""
    if values is None:
        return
    for name in values:
        if name in FUNCTIONS or not is_own_name(name):
            mistakes.add(
                path("values", name), f"{shown(name)} as a name", f"{A_NAME}; not the name of a function"
            )
        elif name in defined:
            found = f"'{name}' is defined by step {defined[name]}, {shown(steps[defined[name] - 1].text)}"
            mistakes.add(path("values", name), found, fix="leave the value or the step out")
    for name in given:
        if name not in values:
            known = [*defined, *values]
            mistakes.add(
                "values",
                f"'{name}' has no value{did_you_mean(name, known)}",
                fix=f"add {name} = …, or define it by a step",
            )


def _check_outputs(table: GraphTable, defined: Mapping[str, int], mistakes: Mistakes) -> None:
    """Outputs are steps, each once; upstream weighs every output and nothing else."""
    for i, name in enumerate(table.output):
        where = path("graph", "output", i) if len(table.output) > 1 else "graph.output"
        if name not in defined:
            mistakes.add(
                where, f"no step defines {shown(name)}{did_you_mean(name, defined)}", listed(list(defined))
            )
        elif name in table.output[:i]:
            mistakes.add(where, f"'{name}' is listed twice", fix="leave one out")
    for name in table.upstream:
        if name not in table.output:
            mistakes.add(path("graph", "upstream", name), "no output has this name", listed(table.output))
    for name in table.output if table.upstream else ():
        if name not in table.upstream:
            mistakes.add(
                "graph.upstream",
                f"the output '{name}' has no weight",
                fix=f"add {name} = 1, or 0 to leave it out",
            )


def _check_wrt(
    table: GraphTable, given: Sequence[str], defined: Mapping[str, int], mistakes: Mistakes
) -> None:
    """The outputs are differentiated by given names only."""
    for i, name in enumerate(table.wrt or ()):
        if name in defined:
            found = f"'{name}' is defined by step {defined[name]}"
        elif name not in given:
            found = f"no step reads {shown(name)}{did_you_mean(name, given)}"
        else:
            continue
        mistakes.add(
            path("graph", "wrt", i), found, f"given names: {listed(given) if given else 'there are none'}"
        )
