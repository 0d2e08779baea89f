"""What a graph leaves open: functions that it does not specify, and values that follow from assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from derive.assumptions import Assumption, Solution, chosen, fixing, solve
from derive.files.mistakes import A_NAME, Mistakes, is_own_name, path, shown
from derive.files.schema import GraphTable
from derive.formula import Scope, parse_equation
from derive.formula.nodes import ALIASES, FUNCTIONS
from derive.formula.tokens import slope_name


def unspecified_functions(
    table: GraphTable, values: Mapping[str, Fraction], mistakes: Mistakes
) -> frozenset[str]:
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
    given: Sequence[str],
    defined: Mapping[str, int],
    values: Mapping[str, Fraction] | None,
    mistakes: Mistakes,
) -> tuple[tuple[Assumption, ...], Mapping[str, Fraction] | None]:
    """The assumptions with what each fixes, and all values; None where these are free."""
    read = [_assumption(i, text, given, defined, mistakes) for i, text in enumerate(table.assume)]
    places = [i for i, assumption in enumerate(read) if assumption is not None]
    assumptions = [assumption for assumption in read if assumption is not None]
    if values is None:
        solution = chosen(assumptions, given)
    else:
        solution = solve(assumptions, {name: values.get(name) for name in given})
    for i, error in sorted(solution.complaints.items()):
        where = path("graph", "assume", places[i])
        mistakes.add(where, f"{shown(assumptions[i].text)}: {error}", fix=error.fix)
    completed = None if values is None else {**values, **_following(solution, assumptions, values)}
    return fixing(assumptions, solution), completed


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
    i: int, text: str, given: Sequence[str], defined: Mapping[str, int], mistakes: Mistakes
) -> Assumption | None:
    """One equation in given values."""
    where = path("graph", "assume", i)
    scope = Scope(names=frozenset((*given, *defined)), aliases=ALIASES)
    sides = mistakes.reading(where, text, partial(parse_equation, text, scope))
    if sides is None:
        return None
    assumption = Assumption(text=text.strip(), left=sides[0], right=sides[1])
    steps = [name for name in assumption.names if name in defined]
    if steps:
        found = f"'{steps[0]}' is defined by a step"
        mistakes.add(where, f"{shown(text)}: {found}", "an equation in given values")
    return None if steps else assumption
