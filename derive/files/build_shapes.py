"""A graph's vectors and matrices: their numbers, and the shape of every name.

    X = [[1, 2], [3, 4]]     in [values]: a matrix by rows, a vector [1, 2], a number
    X = [5, 2]               in [graph.shapes]: 5 rows of 2, where no values are given

The shape of a step follows from those of what it reads. A step whose shape has
a mistake has none, and nothing is said of the steps that read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from derive.arrays import MOST_EDGES, MOST_LEAVES, edges, widest
from derive.errors import did_you_mean
from derive.files.exact import exact
from derive.files.fields import A_NUMBER, Listed
from derive.files.mistakes import Mistakes, described, listed, path, shown
from derive.files.schema import GraphTable
from derive.problem import Assignment
from derive.shapes import Shape, entries, infer, sized

MOST_ENTRIES = 50_000
"""Numbers of one vector or matrix."""

MOST_MOVED = 5 * 10**8
"""Products and sums of all finite differences together: a minute or two."""

AN_ARRAY = "a number, a vector such as [1, 2], or a matrix by rows such as [[1, 2], [3, 4]]"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A value row by row, with its shape; no shape where its rows or numbers have mistakes."""

    shape: Shape | None
    numbers: tuple[Fraction, ...]

    def entries(self, name: str) -> Iterator[tuple[str, Fraction]]:
        """Each number with its key."""
        return zip(() if self.shape is None else entries(name, self.shape), self.numbers, strict=True)


def numbers_only(
    values: Mapping[str, Fraction | Listed] | None, mistakes: Mistakes
) -> Mapping[str, Fraction] | None:
    """The values of a network's names, each one number."""
    if values is None:
        return None
    numbers: dict[str, Fraction] = {}
    for name, value in values.items():
        if isinstance(value, list):
            mistakes.add(path("values", name), "a list", "one number for each name of a network")
        numbers[name] = Fraction(0) if isinstance(value, list) else value
    return numbers


def read_values(values: Mapping[str, Fraction | Listed], mistakes: Mistakes) -> dict[str, Numbers]:
    """The values of a graph's names: numbers, vectors and matrices."""
    return {name: _numbers(path("values", name), value, mistakes) for name, value in values.items()}


def numbers_by_key(values: Mapping[str, Numbers] | None) -> Mapping[str, Fraction] | None:
    """Every number with its key, those of vectors and matrices by entry."""
    if values is None:
        return None
    return {key: number for name, value in values.items() for key, number in value.entries(name)}


def given_shapes(
    table: GraphTable, given: Sequence[str], values: Mapping[str, Numbers] | None
) -> dict[str, Shape]:
    """The shapes of the given names; a number, as far as nothing says more."""
    stated = {name: value.shape or () for name, value in (values or {}).items()}
    return {name: stated.get(name, table.shapes.get(name, ())) for name in given}


def _numbers(where: str, value: Fraction | Listed, mistakes: Mistakes) -> Numbers:
    """One value; every mistake in it at its own place."""
    before = len(mistakes)
    if isinstance(value, Fraction):
        return Numbers((), (value,))
    rows = [row for row in value if isinstance(row, list)]
    if not value or [] in rows:
        mistakes.add(where, "a list without numbers", AN_ARRAY)
    elif rows and len(rows) < len(value):
        mistakes.add(where, "rows beside single numbers", AN_ARRAY)
    elif any(isinstance(number, list) for row in rows for number in row):
        mistakes.add(where, "lists within lists within a list", AN_ARRAY)
    elif len({len(row) for row in rows}) > 1:
        lengths = [str(len(row)) for row in rows]
        found = f"rows of {', '.join(lengths[:-1])} and {lengths[-1]} numbers"
        mistakes.add(where, found if len(rows) <= 8 else "rows of different lengths", "rows of one length")
    elif sum(map(len, rows)) > MOST_ENTRIES or len(value) > MOST_ENTRIES:
        mistakes.add(where, f"more than {MOST_ENTRIES:,} numbers", f"at most {MOST_ENTRIES:,}")
    if len(mistakes) > before:
        return Numbers(None, ())
    shape = (len(value), len(rows[0])) if rows else (len(value),)
    numbers = tuple(_number(f"{where}{place}", number, mistakes) for place, number in _placed(value))
    return Numbers(None, ()) if len(mistakes) > before else Numbers(shape, numbers)


def _placed(value: Listed) -> Iterator[tuple[str, object]]:
    """Each number with its place: `[2][3]`, row by row."""
    for i, row in enumerate(value, 1):
        if isinstance(row, list):
            yield from ((f"[{i}][{j}]", number) for j, number in enumerate(row, 1))
        else:
            yield f"[{i}]", row


def _number(where: str, value: object, mistakes: Mistakes) -> Fraction:
    try:
        number = exact(value)
    except ValueError as error:
        mistakes.add(where, str(error), A_NUMBER)
        return Fraction(0)
    if number is None:
        mistakes.add(where, described(value), A_NUMBER)
    return number or Fraction(0)


def shapes_of(
    table: GraphTable,
    steps: Sequence[Assignment],
    given: Sequence[str],
    defined: Mapping[str, int],
    values: Mapping[str, Numbers] | None,
    mistakes: Mistakes,
) -> dict[str, Shape | None]:
    """The shape of every name, given or defined; None where a mistake leaves it unknown."""
    shapes: dict[str, Shape | None] = {name: table.shapes.get(name, ()) for name in given}
    if values is not None:
        shapes |= {name: values[name].shape if name in values else None for name in given}
    _check_table(table, given, defined, values, mistakes)
    total = 0
    for i, step in enumerate(steps):
        where = path("graph", "steps", i)
        known = {name: shape for name, shape in shapes.items() if shape is not None}
        shape, wrong = infer(step.node, known)
        shapes[step.name] = shape
        for error in wrong:
            mistakes.refused(where, step.text, error)
        if shape is None:
            continue
        if widest(step.node, known) > MOST_LEAVES:
            found = f"each entry reads {widest(step.node, known):,} numbers within one function"
            fix = f"give the product or sum within it a step of its own; at most {MOST_LEAVES:,} are read"
            mistakes.add(where, f"{found} (in {shown(step.text)})", fix=fix)
            continue
        total += edges(step.node, known)
        if total > MOST_EDGES:
            found = f"the steps up to here come to more than {MOST_EDGES:,} products and sums of numbers"
            fix = "give what stands inside a function a step of its own, or take smaller matrices"
            mistakes.add(where, found, fix=fix)
            return shapes
    moved = sum(prod(shape) for name in given if (shape := shapes[name]) and name in (table.wrt or given))
    if moved * total > MOST_MOVED:
        found = f"{moved:,} numbers to differentiate by, each moved through {total:,} products and sums"
        fix = "list in graph.wrt only what you ask for: weights, not data"
        mistakes.add("graph.wrt", found, fix=fix)
    return shapes


def _check_table(
    table: GraphTable,
    given: Sequence[str],
    defined: Mapping[str, int],
    values: Mapping[str, Numbers] | None,
    mistakes: Mistakes,
) -> None:
    """[graph.shapes] is about given names, agrees with their values, and holds no more than is worked."""
    for name, shape in table.shapes.items():
        where = path("graph", "shapes", name)
        if name in defined:
            found = f"'{name}' is defined by step {defined[name]}, and its shape follows from that"
            mistakes.add(where, found, fix="leave it out")
        elif name not in given:
            found = f"no step reads {shown(name)}{did_you_mean(name, given)}"
            mistakes.add(where, found, f"given names: {listed(given) if given else 'there are none'}")
        elif prod(shape) > MOST_ENTRIES:
            mistakes.add(where, f"{prod(shape):,} numbers", f"at most {MOST_ENTRIES:,}")
        stated = values[name].shape if values is not None and name in values else None
        if stated is not None and stated != shape:
            mistakes.add(where, f"{sized(shape)}, but the value of '{name}' is {sized(stated)}")


def upstream_of(
    table: GraphTable, shapes: Mapping[str, Shape | None], mistakes: Mistakes
) -> dict[str, Fraction]:
    """The weight of each entry of the outputs; a number counts for every entry of an array."""
    weights: dict[str, Fraction] = {}
    for name in table.output:
        shape = shapes.get(name)
        if shape is None:
            continue
        if name in table.upstream:
            weights |= _weights(name, table.upstream[name], shape, mistakes)
        elif not table.upstream and prod(shape) > 1:
            mistakes.add(
                "graph.output",
                f"'{name}' is {sized(shape)}, and one number is differentiated",
                fix=f"add a step such as L = sum({name}), or give [graph.upstream] {name} = …",
            )
    return weights


def _weights(name: str, value: Fraction | Listed, shape: Shape, mistakes: Mistakes) -> dict[str, Fraction]:
    where = path("graph", "upstream", name)
    stated = _numbers(where, value, mistakes)
    if stated.shape is None:
        return {}
    if stated.shape == ():
        return dict.fromkeys(entries(name, shape), stated.numbers[0])
    if stated.shape != shape:
        mistakes.add(
            where,
            f"{sized(stated.shape)}; '{name}' is {sized(shape)}",
            "the same shape, or one number for all",
        )
        return {}
    return dict(stated.entries(name))
