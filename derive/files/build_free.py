"""What a graph leaves open: functions that it does not specify, and values that follow from assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial

from derive.arrays import written_out
from derive.assumptions import Assumption, Solution, chosen, fixing, solve
from derive.files.mistakes import A_NAME, Mistakes, is_own_name, path, shown
from derive.files.schema import GraphTable
from derive.formula import Scope, parse_equation
from derive.formula.nodes import ALIASES, ARRAY_FUNCTIONS, FUNCTIONS, names_in
from derive.formula.text import text_of
from derive.formula.tokens import slope_name
from derive.shapes import Shape, entries, infer, sized


def unspecified_functions(table: GraphTable, values: Iterable[str], mistakes: Mistakes) -> frozenset[str]:
    """The names under `functions`, none of which, nor its slope's, means anything else."""
    steps = [text.partition("=")[0].strip() for text in table.steps]
    owners = dict.fromkeys((*FUNCTIONS, *ALIASES), "a built-in function")
    owners |= dict.fromkeys(values, "a given value")
    owners |= {name: f"defined by step {i}" for i, name in reversed(list(enumerate(steps, 1)))}
    listed = set[str]()
    for i, name in enumerate(table.functions):
        where = path("graph", "functions", i)
        if not is_own_name(name):
            mistakes.add(where, f"{shown(name)} as a name", A_NAME)
            continue
        if name in listed:
            mistakes.add(where, f"'{name}' is listed twice", fix="leave one out")
            continue
        listed.add(name)
        for word, meaning in ((name, "it"), (slope_name(name), f"the slope of {name}")):
            if word in owners:
                found = f"'{word}' is {owners[word]} already, and {meaning} would be called so too"
                mistakes.add(where, found, fix="give one of the two another name")
        owners |= {name: "an unspecified function", slope_name(name): f"the slope of {name}"}
    return frozenset(name for name in table.functions if is_own_name(name))


def assumed(
    table: GraphTable,
    sizes: Mapping[str, Shape],
    defined: Mapping[str, int],
    values: Mapping[str, Fraction] | None,
    mistakes: Mistakes,
) -> tuple[tuple[Assumption, ...], Mapping[str, Fraction]]:
    """The assumptions with what each fixes, and the values that follow from them.

    sizes   the shapes of the given names
    values  those of the file, of arrays by entry; None where they are free
    """
    read = [_assumption(i, text, sizes, defined, mistakes) for i, text in enumerate(table.assume)]
    places = [i for i, assumption in enumerate(read) if assumption is not None]
    assumptions = [assumption for assumption in read if assumption is not None]
    keys = [key for name, shape in sizes.items() for key in entries(name, shape)]
    if values is None:
        solution = chosen(assumptions, keys)
    else:
        solution = solve(assumptions, {key: values.get(key) for key in keys})
    for i, error in sorted(solution.complaints.items()):
        where = path("graph", "assume", places[i])
        mistakes.add(where, f"{shown(assumptions[i].text)}: {error}", fix=error.fix)
    following = {} if values is None else _following(solution, assumptions, values)
    return fixing(assumptions, solution), following


def _following(
    solution: Solution, assumptions: Sequence[Assumption], values: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """The values that were not given; 0 for those of which a mistake or another missing value is named."""
    unsure = {name for i in solution.complaints for name in assumptions[i].names}
    unsure |= {name for name in solution.fixes if name is not None}
    return {name: Fraction(0) for name in unsure if name not in values} | {
        name: value for name, value in solution.values.items() if name not in values
    }


def _assumption(
    i: int, text: str, sizes: Mapping[str, Shape], defined: Mapping[str, int], mistakes: Mistakes
) -> Assumption | None:
    """One equation between numbers, made of given values."""
    where, before = path("graph", "assume", i), len(mistakes)
    names = frozenset((*sizes, *defined))
    scope = Scope(names=names, functions=FUNCTIONS | ARRAY_FUNCTIONS - names, aliases=ALIASES, arrays=True)
    sides = mistakes.reading(where, text, partial(parse_equation, text, scope))
    if sides is None:
        return None
    steps = [name.base for side in sides for name in names_in(side) if name.base in defined]
    if steps:
        found = f"{shown(text)}: '{steps[0]}' is defined by a step"
        mistakes.add(where, found, "an equation in given values")
        return None
    for side in sides:
        shape, wrong = infer(side, sizes)
        for error in wrong:
            mistakes.refused(where, text, error)
        if shape:
            found = f"{shown(text)}: '{text_of(side)}' is {sized(shape)}"
            mistakes.add(where, found, "an equation between numbers, such as sum(y) = 1")
    if len(mistakes) > before:
        return None
    left, right = (written_out(side, sizes) for side in sides)
    return Assumption(text=text.strip(), left=left, right=right)
