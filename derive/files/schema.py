"""The problem file as tables: which keys there are, and what may stand in them.

This is the border, and all of pydantic that there is. `derive.files.build` makes one
frozen Problem of these tables; numbers become exact fractions while they are
read, and every shorthand (a count for names, a word for a table) is written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from derive.errors import did_you_mean
from derive.files.exact import decimal_of, exact
from derive.files.mistakes import A_NAME, described, is_own_name, shown

MOST_UNITS = 10_000
"""Of one layer: beyond it nobody reads the derivation unit by unit."""

MOST_UPDATES = 200_000
"""Of a training: each is proven in ball arithmetic, a thousand in about a tenth of a second."""

A_NUMBER = "a number such as 3, 0.15 or 1e-3"
A_FIGURE = 'text such as "0.0820", "-1." or "1.2×10^-3"'

A_RULE = 'a rule such as "sigmoid", or {rule = "leaky_relu", alpha = 0.1}, or a formula'

_LETTER = re.compile(r"[A-Za-z][A-Za-z_]{0,15}")


class Table(BaseModel):
    """A table of the file: no key beyond its own, no value silently converted."""

    model_config = ConfigDict(strict=True, extra="forbid")


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
        raise unusable("a number below 0", "0 or more")
    return number


def _number_above_0(value: object) -> Fraction:
    number = _number(value)
    if number <= 0:
        raise unusable("a number that is not above 0", "a number above 0")
    return number


def _number_or_name(value: object) -> Fraction | str:
    """An entry of weights or biases. Text that states a number is that number."""
    if isinstance(value, str) and is_own_name(value):
        return value
    return _number(value, f"{A_NUMBER}, or a name given in [values]")


def _name(value: object) -> str:
    if not isinstance(value, str) or not is_own_name(value):
        raise refusal(described(value), A_NAME)
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or not _LETTER.fullmatch(value):
        raise refusal(described(value), 'a short word of letters, such as "E" or "loss"')
    return value


def _count_or_names(value: object) -> object:
    """A count as so many units without names."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    if not isinstance(value, int) or not 1 <= value <= MOST_UNITS:
        raise refusal(described(value), f"a count from 1 to {MOST_UNITS:,}, or a list of names")
    return [None] * value


def _not_yet(kind: type, allowed: str) -> Callable[[object], object]:
    """Refuses by its type what is in the language of problem files but cannot be read yet."""

    def check(value: object) -> object:
        if isinstance(value, kind):
            raise refusal(f"{described(value)} is not supported yet", allowed)
        return value

    return check


def _rows(value: object) -> object:
    if isinstance(value, list) and value and not any(isinstance(row, list) for row in value):
        raise refusal(
            "a list of numbers", "a list of samples", "give each sample brackets of its own: [[0.05, 0.10]]"
        )
    return value


def _biases(value: object) -> object:
    if value is True:
        raise refusal("true", "a list; false for a layer without biases; left out, they stay symbolic")
    return [] if value is False else value


def _frozen(value: object) -> object:
    written_out: dict[object, object] = {True: None, False: []}
    return written_out[value] if isinstance(value, bool) else value


def _batch(value: object) -> int | None:
    if value in ("all", "online"):
        return 1 if value == "online" else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refusal(described(value), '"all", "online", or the number of samples in a batch')
    return value


def _training_rule(value: object) -> object:
    if value in ("momentum", "adam"):
        raise refusal(f"the rule '{value}' is not supported yet", "'gradient_descent'")
    return value


def _rule(value: object) -> object:
    """A rule's name or formula as a table of it alone."""
    if isinstance(value, str):
        return {"rule": value}
    if not isinstance(value, dict | None):
        raise refusal(described(value), A_RULE)
    for key in value or {}:
        meant = did_you_mean(str(key), ("rule",))
        if meant and value is not None and "rule" not in value:
            raise refusal(f"unknown key {shown(str(key))}{meant}", A_RULE)
    return value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _printed(value: object) -> str:
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
        raise refusal(described(value), A_FIGURE)
    return value.strip()


_WRITTEN_OUT = BeforeValidator(_not_yet(dict, "numbers or names, written out"))

Exact = Annotated[Fraction, PlainValidator(_number)]
NotNegative = Annotated[Fraction, PlainValidator(_number_at_least_0)]
OwnName = Annotated[str, PlainValidator(_name)]
Entry = Annotated[Fraction | str, PlainValidator(_number_or_name)]
Letter = Annotated[str, PlainValidator(_letter)]
Text = Annotated[str, StringConstraints(min_length=1)]
Value = Annotated[Exact, BeforeValidator(_not_yet(list, "one number for each name"))]
Row = Annotated[list[Exact], Field(min_length=1)]
Rows = Annotated[list[Row], BeforeValidator(_rows), Field(min_length=1)]
Units = Annotated[list[OwnName | None], BeforeValidator(_count_or_names), Field(min_length=1)]


class NotationTable(Table):
    """[notation]: how the page writes quantities."""

    style: Literal["superscript", "parenthesis", "subscript", "names"] = "superscript"
    index: Literal["to_from", "from_to"] = "to_from"
    layout: Literal["denominator", "numerator"] = "denominator"
    samples: Literal["columns", "rows"] = "columns"
    cost: Letter = "C"
    activation: Letter = "a"
    weighted_input: Letter = "z"
    target: Letter = "y"
    function: Letter | None = None


class RuleTable(Table):
    """A rule by name with its parameters: {rule = "leaky_relu", alpha = 0.1}.

    Which parameters there are, the rule's own row knows.
    """

    model_config = ConfigDict(strict=True, extra="allow")
    __pydantic_extra__: dict[str, Exact] = Field(init=False)

    rule: Text

    @property
    def parameters(self) -> dict[str, Fraction]:
        return self.__pydantic_extra__


class LayerTable(Table):
    """weights: [unit][input]; biases: [] for none; frozen: None for every parameter of the layer."""

    units: Units
    activation: Annotated[RuleTable, BeforeValidator(_rule)]
    weights: Annotated[list[list[Entry]] | None, _WRITTEN_OUT] = None
    biases: Annotated[list[Entry] | None, _WRITTEN_OUT, BeforeValidator(_biases)] = None
    frozen: Annotated[list[str] | None, BeforeValidator(_frozen)] = []


class NetworkTable(Table):
    """[network]: inputs, layers, and what is differentiated."""

    inputs: Units
    layers: Annotated[list[LayerTable], Field(min_length=1)]
    cost: Annotated[RuleTable | None, BeforeValidator(_rule)] = None
    output: Text | None = None
    reduction: Literal["sum", "mean"] = "sum"
    l2: NotNegative = Fraction(0)


class GraphTable(Table):
    """[graph]: assignments, and what is differentiated by what."""

    steps: Annotated[list[Text], Field(min_length=1)]
    output: Annotated[list[Text], BeforeValidator(_one_or_more), Field(min_length=1)]
    upstream: dict[str, Exact] = {}
    wrt: list[str] | None = None


class DataTable(Table):
    """[data]: samples by inputs and by outputs."""

    x: Rows
    y: Rows | None = None
    test: Rows = []
    labels: list[str] = []


class TrainingTable(Table):
    """[training]: the rule of the updates, its rate and its batches."""

    rule: Annotated[Literal["gradient_descent"], BeforeValidator(_training_rule)] = "gradient_descent"
    rate: Annotated[Fraction, PlainValidator(_number_above_0)]
    steps: Annotated[int, Field(ge=1)] = 1
    batch: Annotated[int | None, PlainValidator(_batch)] = None
    seed: Annotated[int, Field(ge=0)] | None = None


class FigureTable(Table):
    """[[published]]: one figure that a source prints."""

    quantity: Text
    value: Annotated[str, PlainValidator(_printed)]
    after: Annotated[int, Field(ge=0, le=MOST_UPDATES)] = 0


class QuestionTable(Table):
    """[[questions]]: one question of a homework."""

    id: Text
    ask: Text
    form: Literal["expression", "number", "matrix", "equation", "code"] = "expression"
    points: NotNegative = Fraction(1)
    digits: Annotated[int, Field(ge=1)] | None = None
    tolerance: NotNegative | None = None


class File(Table):
    """A whole problem file."""

    title: str = ""
    source: str = ""
    notation: NotationTable = NotationTable()
    network: NetworkTable | None = None
    graph: GraphTable | None = None
    values: dict[str, Value] | None = None
    data: DataTable | None = None
    training: TrainingTable | None = None
    published: list[FigureTable] = []
    questions: list[QuestionTable] = []


TABLES: dict[tuple[str, ...], type[Table]] = {
    (): File,
    ("notation",): NotationTable,
    ("network",): NetworkTable,
    ("network", "layers"): LayerTable,
    ("network", "layers", "activation"): RuleTable,
    ("network", "cost"): RuleTable,
    ("graph",): GraphTable,
    ("data",): DataTable,
    ("training",): TrainingTable,
    ("published",): FigureTable,
    ("questions",): QuestionTable,
}
"""The tables by their keys from the root, for naming what a key could have been."""

LATER: dict[tuple[str, ...], frozenset[str]] = {
    ("graph",): frozenset({"functions", "assume", "shapes"}),
    ("data",): frozenset({"csv", "inputs", "targets"}),
    ("training",): frozenset({"momentum", "convention", "beta1", "beta2", "epsilon", "epsilon_place"}),
}
"""Keys that are in the language of problem files but cannot be read yet."""
