"""What may stand in one field of a problem file.

Numbers become exact fractions while they are read, and every shorthand (a count
for names, a word for a table) is written out. Beside each reader stands its form
as JSON Schema, so that an editor and the reader cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from derive.errors import did_you_mean
from derive.files.exact import NUMBER_PATTERN, decimal_of, exact
from derive.files.mistakes import A_NAME, NAME_PATTERN, described, is_own_name, shown

MOST_UNITS = 4_096
"""Of one layer, and of inputs: beyond it nobody reads the derivation unit by unit."""

LONGEST_LABEL = 60
LARGEST_SEED = 2**64

MOST_UPDATES = 200_000
"""Of a training: each is proven in ball arithmetic, a thousand in about a tenth of a second."""

Listed = list[Any]
"""A vector's numbers or a matrix's rows, not looked into yet."""

A_NUMBER = "a number such as 3, 0.15 or 1e-3"
A_FIGURE = 'text such as "0.0820", "-1." or "1.2×10^-3"'

AN_ACTIVATION = 'a rule such as "sigmoid", or {rule = "leaky_relu", alpha = 0.1}, or a formula in z'
A_COST = 'a rule such as "half_squared_error", or {rule = "huber", delta = 1}, or a formula in a and y'

_LETTER = "[A-Za-z][A-Za-z_]{0,15}"


def refusal(found: str, allowed: str = "", fix: str = "") -> PydanticCustomError:
    """A mistake in our own words; pydantic adds the place."""
    return PydanticCustomError("refused", "{found}", {"found": found, "allowed": allowed, "fix": fix})


def unusable(found: str, allowed: str = A_NUMBER) -> PydanticCustomError:
    """A mistake about a single number: with any other in its place, reading can go on."""
    return PydanticCustomError("number", "{found}", {"found": found, "allowed": allowed, "fix": ""})


def _number(value: object, allowed: str = A_NUMBER) -> Fraction:
    try:
        number = exact(value)
    except ValueError as error:
        raise unusable(str(error), allowed) from None
    if number is None:
        raise unusable(described(value), allowed)
    return number


def _number_at_least_0(value: object) -> Fraction:
    number = _number(value)
    if number < 0:
        raise unusable(described(value), "0 or more")
    return number


def _number_above_0(value: object) -> Fraction:
    number = _number(value)
    if number <= 0:
        raise unusable(described(value), "a number above 0")
    return number


def _share(value: object) -> Fraction:
    """The part of an average that the past keeps."""
    number = _number(value)
    if not 0 <= number < 1:
        raise unusable(described(value), "a number from 0 up to, but not including, 1")
    return number


def _number_or_name(value: object) -> Fraction | str:
    """An entry of weights or biases. Text that states a number is that number."""
    if isinstance(value, str) and is_own_name(value):
        return value
    return _number(value, f"{A_NUMBER}, or a name given in [values]")


def _number_or_list(value: object) -> Fraction | Listed:
    """A value of a name; the lists of a graph's vectors and matrices are read with its shapes."""
    return value if isinstance(value, list) else _number(value)


def _shape(value: object) -> tuple[int, ...]:
    """The size of each axis of a vector or a matrix."""
    sizes = value if isinstance(value, list) else []
    if not 1 <= len(sizes) <= 2 or not all(type(size) is int and 1 <= size <= MOST_UNITS for size in sizes):
        raise refusal(
            described(value) if not sizes else f"the list {sizes!r:.40}",
            f"[n] for a vector of n numbers, [m, n] for m rows of n; each size from 1 to {MOST_UNITS:,}",
        )
    return tuple(sizes)


def _name(value: object) -> str:
    if not isinstance(value, str) or not is_own_name(value):
        raise refusal(described(value), A_NAME)
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_LETTER, value):
        raise refusal(described(value), 'a short word of letters, such as "E" or "loss"')
    return value


def by_kind(kind: type | UnionType, special: Any, usual: Any) -> PlainValidator:
    """Reads what is of a kind as `special`, all else as `usual`.

    pydantic's own unions put the names of their branches into a mistake's place.
    """

    @cache
    def adapter(is_special: bool) -> TypeAdapter[Any]:
        """Made when the first value is read: most files have none of most kinds."""
        return TypeAdapter(special if is_special else usual)

    def read(value: object) -> Any:
        return adapter(isinstance(value, kind)).validate_python(value, strict=True)

    return PlainValidator(read, json_schema_input_type=special | usual)


def _column(value: object) -> str | int:
    """A column of a CSV file: its name in the first row, or its number."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise refusal(
        described(value), "a column's name in the file's first row, such as \"hours\", or its number from 1"
    )


def _label(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_LABEL:
        raise refusal(described(value), f"text of at most {LONGEST_LABEL} characters")
    return value.strip()


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_SEED:
        raise unusable(described(value), "a whole number from 0 to 2^64 - 1")
    return value


def _count_or_names(value: object) -> object:
    """A count as so many units without names."""
    if isinstance(value, list) and len(value) > MOST_UNITS:
        raise refusal(f"{len(value):,} names", f"at most {MOST_UNITS:,}", "leave units out")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    if not isinstance(value, int) or not 1 <= value <= MOST_UNITS:
        raise refusal(described(value), f"a count from 1 to {MOST_UNITS:,}, or a list of names")
    return [None] * value


def in_rows(whole: str, part: str) -> Callable[[object], object]:
    """Refuses one row where a list of rows is meant."""

    def check(value: object) -> object:
        if isinstance(value, list) and value and not any(isinstance(row, list) for row in value):
            raise refusal(
                "a list without rows", whole, f"give each {part} brackets of its own: [[0.05, 0.10]]"
            )
        return value

    return check


def without_biases(value: object) -> object:
    """The biases as a list: empty for false, which means none."""
    if value is True:
        raise refusal("true", "a list; false for a layer without biases; left out, they stay symbolic")
    return [] if value is False else value


def frozen_names(value: object) -> object:
    """The names of frozen parameters: None for all of a layer, empty for false."""
    written_out: dict[object, object] = {True: None, False: []}
    return written_out[value] if isinstance(value, bool) else value


def batch_size(value: object) -> int | None:
    """The number of samples that an update reads; None for all."""
    if value in ("all", "online"):
        return 1 if value == "online" else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refusal(described(value), '"all", "online", or the number of samples in a batch')
    return value


def rule_table(allowed: str) -> Callable[[object], object]:
    """A rule's name or formula as a table of it alone."""

    def read(value: object) -> object:
        if isinstance(value, str):
            return {"rule": value}
        if not isinstance(value, dict | None):
            raise refusal(described(value), allowed)
        for key in value or {}:
            meant = did_you_mean(str(key), ("rule",))
            if meant and value is not None and "rule" not in value:
                raise refusal(f"unknown key {shown(str(key))}{meant}", allowed)
        return value

    return read


def one_or_more(value: object) -> object:
    """One text as a list of one."""
    return [value] if isinstance(value, str) else value


def _columns(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


def figure_text(value: object) -> str:
    """A figure's text, as its source prints it."""
    if not isinstance(value, str):
        raise refusal(
            described(value), A_FIGURE, "put quotes around it: value must be text, its digits matter"
        )
    try:
        number = decimal_of(value)
    except ValueError as error:
        raise refusal(str(error), A_FIGURE) from None
    if number is None:
        point = value.replace(",", ".").strip()
        is_comma = re.fullmatch(r"\s*[+\-−]?[0-9]*,[0-9]+\s*", value) is not None
        raise refusal(described(value), A_FIGURE, f"write a decimal point: {point}" if is_comma else "")
    return value.strip()


A_NUMBER_FORM: Mapping[str, Any] = MappingProxyType(
    {"type": ["number", "string"], "pattern": f"^{NUMBER_PATTERN}$"}
)


def _number_schema(**bounds: int) -> WithJsonSchema:
    """A number, or text that states one."""
    return WithJsonSchema({**A_NUMBER_FORM, **bounds})


def matching(pattern: str) -> WithJsonSchema:
    """Text that a pattern matches as a whole."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def named(rules: Iterable[str]) -> WithJsonSchema:
    """A rule by its name, which an editor can propose, or any formula."""
    return WithJsonSchema({"anyOf": [{"enum": list(rules)}, {"type": "string", "minLength": 1}]})


Exact = Annotated[Fraction, PlainValidator(_number), _number_schema()]
NotNegative = Annotated[Fraction, PlainValidator(_number_at_least_0), _number_schema(minimum=0)]
AboveZero = Annotated[Fraction, PlainValidator(_number_above_0), _number_schema(exclusiveMinimum=0)]
Share = Annotated[Fraction, PlainValidator(_share), _number_schema(minimum=0, exclusiveMaximum=1)]
OwnName = Annotated[str, PlainValidator(_name), matching(NAME_PATTERN)]
Entry = Annotated[
    Fraction | str,
    PlainValidator(_number_or_name),
    WithJsonSchema({"type": ["number", "string"], "pattern": f"^({NAME_PATTERN}|{NUMBER_PATTERN})$"}),
]
Letter = Annotated[str, PlainValidator(_letter), matching(_LETTER)]
Size = Annotated[int, Field(ge=1)]
Text = Annotated[str, StringConstraints(min_length=1)]
Filled = Annotated[str, StringConstraints(pattern=r"\S")]
Value = Annotated[
    Fraction | Listed,
    PlainValidator(_number_or_list),
    WithJsonSchema({"anyOf": [dict(A_NUMBER_FORM), {"type": "array"}]}),
]
Row = Annotated[list[Exact], Field(min_length=1)]
Column = Annotated[str | int, PlainValidator(_column, json_schema_input_type=Size | Filled)]
ShortText = Annotated[str, StringConstraints(pattern=r"\S", max_length=LONGEST_LABEL)]
AnySeed = Annotated[int, Field(ge=0, lt=LARGEST_SEED)]
Label = Annotated[
    str,
    PlainValidator(_label, json_schema_input_type=ShortText),
]
Seed = Annotated[int, PlainValidator(_seed, json_schema_input_type=AnySeed)]
Rows = Annotated[list[Row], BeforeValidator(in_rows("a list of samples", "sample")), Field(min_length=1)]
Columns = Annotated[
    list[Column],
    BeforeValidator(_columns, json_schema_input_type=Column | list[Column]),
    Field(min_length=1),
]
Count = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Sizes = Annotated[
    tuple[int, ...],
    PlainValidator(_shape, json_schema_input_type=Annotated[list[Count], Field(min_length=1, max_length=2)]),
]
Names = Annotated[list[OwnName], Field(min_length=1)]
Units = Annotated[
    list[OwnName | None],
    BeforeValidator(_count_or_names, json_schema_input_type=Count | Names),
    Field(min_length=1),
]
