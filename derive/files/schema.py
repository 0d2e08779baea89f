"""The problem file as tables: which keys there are, and what may stand in them.

This is the border, and all of pydantic that there is. `derive.files.build` makes one
frozen Problem of these tables; numbers become exact fractions while they are
read, and every shorthand (a count for names, a word for a table) is written out.

Editors get the same tables as a JSON Schema (derive.files.json_schema). So what a
validator takes is stated beside it in the schema's words, and the text under a key
is the help that an editor shows for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from types import UnionType
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
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
from derive.rules import ACTIVATIONS, COSTS

MOST_UNITS = 4_096
"""Of one layer, and of inputs: beyond it nobody reads the derivation unit by unit."""

LONGEST_LABEL = 60
LARGEST_SEED = 2**64

MOST_UPDATES = 200_000
"""Of a training: each is proven in ball arithmetic, a thousand in about a tenth of a second."""

A_NUMBER = "a number such as 3, 0.15 or 1e-3"
A_FIGURE = 'text such as "0.0820", "-1." or "1.2×10^-3"'

A_RULE = 'a rule such as "sigmoid", or {rule = "leaky_relu", alpha = 0.1}, or a formula'

_LETTER = "[A-Za-z][A-Za-z_]{0,15}"


class Table(BaseModel):
    """A table of the file: no key beyond its own, no value silently converted."""

    model_config = ConfigDict(strict=True, extra="forbid", use_attribute_docstrings=True)


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


def _name(value: object) -> str:
    if not isinstance(value, str) or not is_own_name(value):
        raise refusal(described(value), A_NAME)
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_LETTER, value):
        raise refusal(described(value), 'a short word of letters, such as "E" or "loss"')
    return value


def _by_kind(kind: type | UnionType, special: Any, usual: Any) -> PlainValidator:
    """Reads what is of a kind as `special`, all else as `usual`.

    pydantic's own unions put the names of their branches into a mistake's place.
    """
    of_kind, of_others = TypeAdapter[Any](special), TypeAdapter[Any](usual)

    def read(value: object) -> Any:
        adapter = of_kind if isinstance(value, kind) else of_others
        return adapter.validate_python(value, strict=True)

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


def _not_yet(kind: type, allowed: str) -> Callable[[object], object]:
    """Refuses by its type what is in the language of problem files but cannot be read yet."""

    def check(value: object) -> object:
        if isinstance(value, kind):
            raise refusal(f"{described(value)} is not supported yet", allowed)
        return value

    return check


def _rows(whole: str, part: str) -> Callable[[object], object]:
    """Refuses one row where a list of rows is meant."""

    def check(value: object) -> object:
        if isinstance(value, list) and value and not any(isinstance(row, list) for row in value):
            raise refusal(
                "a list without rows", whole, f"give each {part} brackets of its own: [[0.05, 0.10]]"
            )
        return value

    return check


def _biases(value: object) -> object:
    if value is True:
        raise refusal("true", "a list; false for a layer without biases; left out, they stay symbolic")
    return [] if value is False else value


def _frozen(value: object) -> object:
    written_out: dict[object, object] = {True: None, False: []}
    return written_out[value] if isinstance(value, bool) else value


def _batch(value: object) -> int | None:
    """The number of samples that an update reads; None for all."""
    if value in ("all", "online"):
        return 1 if value == "online" else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refusal(described(value), '"all", "online", or the number of samples in a batch')
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


def _columns(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


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


def _number_schema(**bounds: int) -> WithJsonSchema:
    """A number, or text that states one."""
    return WithJsonSchema({"type": ["number", "string"], "pattern": f"^{NUMBER_PATTERN}$", **bounds})


def _matching(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def _named(rules: Iterable[str]) -> WithJsonSchema:
    """A rule by its name, which an editor can propose, or any formula."""
    return WithJsonSchema({"anyOf": [{"enum": list(rules)}, {"type": "string", "minLength": 1}]})


Exact = Annotated[Fraction, PlainValidator(_number), _number_schema()]
NotNegative = Annotated[Fraction, PlainValidator(_number_at_least_0), _number_schema(minimum=0)]
AboveZero = Annotated[Fraction, PlainValidator(_number_above_0), _number_schema(exclusiveMinimum=0)]
Share = Annotated[Fraction, PlainValidator(_share), _number_schema(minimum=0, exclusiveMaximum=1)]
OwnName = Annotated[str, PlainValidator(_name), _matching(NAME_PATTERN)]
Entry = Annotated[
    Fraction | str,
    PlainValidator(_number_or_name),
    WithJsonSchema({"type": ["number", "string"], "pattern": f"^({NAME_PATTERN}|{NUMBER_PATTERN})$"}),
]
Letter = Annotated[str, PlainValidator(_letter), _matching(_LETTER)]
Size = Annotated[int, Field(ge=1)]
Text = Annotated[str, StringConstraints(min_length=1)]
Filled = Annotated[str, StringConstraints(pattern=r"\S")]
Value = Annotated[Exact, BeforeValidator(_not_yet(list, "one number for each name"))]
Row = Annotated[list[Exact], Field(min_length=1)]
Column = Annotated[str | int, PlainValidator(_column, json_schema_input_type=Size | Filled)]
ShortText = Annotated[str, StringConstraints(pattern=r"\S", max_length=LONGEST_LABEL)]
AnySeed = Annotated[int, Field(ge=0, lt=LARGEST_SEED)]
Label = Annotated[
    str,
    PlainValidator(_label, json_schema_input_type=ShortText),
]
Seed = Annotated[int, PlainValidator(_seed, json_schema_input_type=AnySeed)]
Rows = Annotated[list[Row], BeforeValidator(_rows("a list of samples", "sample")), Field(min_length=1)]
Columns = Annotated[
    list[Column],
    BeforeValidator(_columns, json_schema_input_type=Column | list[Column]),
    Field(min_length=1),
]
Count = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Names = Annotated[list[OwnName], Field(min_length=1)]
Units = Annotated[
    list[OwnName | None],
    BeforeValidator(_count_or_names, json_schema_input_type=Count | Names),
    Field(min_length=1),
]


class NotationTable(Table):
    """How the page writes quantities."""

    style: Literal["superscript", "parenthesis", "subscript", "names"] = "superscript"
    """superscript w^2_{jk}, parenthesis w^{(2)}_{jk}, subscript W_{2,jk}, or the names given below."""
    index: Literal["to_from", "from_to"] = "to_from"
    """The order of a weight's indices: to_from, w_{jk} to unit j from unit k; or from_to."""
    layout: Literal["denominator", "numerator"] = "denominator"
    """denominator: dC/dW is shaped like W; numerator: like its transpose."""
    samples: Literal["columns", "rows"] = "columns"
    """A batch in matrix form: columns, A = W X + b 1ᵀ; rows, A = X W + 1 bᵀ."""
    cost: Letter = "C"
    """The letter of the cost."""
    activation: Letter = "a"
    """The letter of activations."""
    weighted_input: Letter = "z"
    """The letter of weighted inputs."""
    target: Letter = "y"
    """The letter of targets."""
    function: Letter | None = None
    """The letter of activation functions."""


class RuleTable(Table):
    """A rule by name with its parameters: {rule = "leaky_relu", alpha = 0.1}.

    Which parameters there are, the rule's own row knows.
    """

    model_config = ConfigDict(strict=True, extra="allow")
    __pydantic_extra__: dict[str, Exact] = Field(init=False)

    rule: Annotated[Text, _named(ACTIVATIONS)]
    """A rule's name, or a formula in z."""

    @property
    def parameters(self) -> dict[str, Fraction]:
        return self.__pydantic_extra__


class SourceTable(Table):
    """Where the numbers of one array come from: {npz = "file.npz", key = "W1"}, or {seed = 0}."""

    npz: Text | None = None
    """An npz archive, from the folder of the problem file."""
    key: Text | None = None
    """The array in the archive."""
    seed: Seed | None = None
    """Draws the numbers: uniform, of four decimals, within ±√(6/(inputs + units))."""


UnitRows = Annotated[list[list[Entry]], BeforeValidator(_rows("a row for each unit", "row"))]
Matrix = Annotated[list[list[Entry]] | SourceTable, _by_kind(dict, SourceTable, UnitRows)]
Vector = Annotated[list[Entry] | SourceTable, _by_kind(dict, SourceTable, list[Entry])]


class LayerTable(Table):
    """One layer: its units, their activation, their weights and biases."""

    units: Units
    """Names of the units, ["h1", "h2"], or a count."""
    activation: Annotated[
        RuleTable,
        BeforeValidator(_rule, json_schema_input_type=RuleTable | Annotated[str, _named(ACTIVATIONS)]),
    ]
    """A rule's name, or a formula in z: "z/(1 + abs(z))"; "general" is an unspecified φ."""
    weights: Matrix | None = None
    """A row for each unit, with a number or a name of [values] for each input; left out: symbolic."""
    biases: Annotated[
        Vector | None, BeforeValidator(_biases, json_schema_input_type=Vector | Literal[False])
    ] = None
    """A number or a name for each unit; false: none; left out: symbolic."""
    frozen: Annotated[
        list[str] | None, BeforeValidator(_frozen, json_schema_input_type=list[str] | bool)
    ] = []
    """Parameters that are not trained, but derived all the same: true for all of the layer, or names."""


class NetworkTable(Table):
    """A network of layers, and what is differentiated: a cost, an output, or nothing."""

    inputs: Units
    """Names of the inputs, ["i1", "i2"], or a count."""
    layers: Annotated[list[LayerTable], Field(min_length=1)]
    """The layers in order, from the first hidden one to the outputs."""
    cost: Annotated[
        RuleTable | None,
        BeforeValidator(_rule, json_schema_input_type=RuleTable | Annotated[str, _named(COSTS)]),
    ] = None
    """A rule's name, or a formula of one output in a and y, summed over the outputs: "(y - a)^2"."""
    output: Text | None = None
    """Instead of a cost: the quantity or formula that is differentiated, such as "a2[1]"."""
    reduction: Literal["sum", "mean"] = "sum"
    """Whether C is the sum or the mean over the samples."""
    l2: NotNegative = Fraction(0)
    """The factor λ of the term λ/(2n) Σ w² over n samples."""


class GraphTable(Table):
    """Assignments in order, and what is differentiated by what."""

    steps: Annotated[list[str], Field(min_length=1)]
    """Assignments, each of given names and earlier steps: "a = x^2", "J = cos(a)"."""
    output: Annotated[
        list[Text],
        BeforeValidator(_one_or_more, json_schema_input_type=Text | list[Text]),
        Field(min_length=1),
    ]
    """The step that is differentiated, or several."""
    upstream: dict[str, Exact] = {}
    """The factor of each output, as it arrives from behind: {p = 1, q = -2}."""
    wrt: list[str] | None = None
    """The given names to differentiate by; left out: all of them."""
    functions: list[str] = []
    """Unspecified differentiable functions: "phi" lets the steps call phi(u), phi'(u) and phi''(u)."""
    assume: list[str] = []
    """Equations between given values, each solved for one that is not fixed: "p + q = 1"."""


class TestTable(Table):
    """Test inputs from a CSV file; from the same columns as the samples unless it says otherwise."""

    csv: Text
    """The file, from the folder of the problem file."""
    inputs: Columns | None = None
    """The columns of the inputs, by name or number; left out: those of the samples."""


class DataTable(Table):
    """Samples, one row each, written out or as columns of a CSV file."""

    x: Rows = []
    """Inputs: a row for each sample, [[0.05, 0.10]]."""
    y: Rows | None = None
    """Targets: a row for each sample, [[0.01, 0.99]]."""
    csv: Text | None = None
    """In place of x and y: a CSV file, from the folder of the problem file."""
    inputs: Columns | None = None
    """The CSV file's columns of inputs, by their names in its first row or by number."""
    targets: Columns | None = None
    """The CSV file's columns of targets."""
    test: Annotated[list[list[Fraction]] | TestTable, _by_kind(dict, TestTable, Rows)] = []
    """Inputs that are only predicted: rows, or {csv = "test.csv"}."""
    labels: Annotated[list[str] | str | int, _by_kind(str | int, Column, list[Label])] = []
    """Names of the samples, or the CSV file's column that holds them."""
    classes: list[Label] = []
    """Names of the outputs' classes in their order; of a single output those of 0 and 1."""


class TrainingTable(Table):
    """How the parameters are updated; a number that is left out is the rule's own."""

    rule: Literal["gradient_descent", "momentum", "adam", "perceptron"] = "gradient_descent"
    """The rule of the updates."""
    rate: AboveZero
    """The learning rate."""
    steps: Annotated[int, Field(ge=1, le=MOST_UPDATES)] = 1
    """How many updates are shown."""
    batch: Annotated[
        int | None, PlainValidator(_batch, json_schema_input_type=Literal["all", "online"] | Size)
    ] = None
    """The samples of one update: "all", "online" (one at a time), or a number of them."""
    seed: Annotated[int, Field(ge=0)] | None = None
    """Shuffles the samples before each epoch; left out: in the order of the file."""
    momentum: Share | None = None
    """Momentum: the share of the velocity that is kept."""
    convention: Literal["classical", "averaged"] | None = None
    """Momentum: whether the gradient is added to the velocity, or averaged with it."""
    beta1: Share | None = None
    """Adam: the share of the first moment that is kept."""
    beta2: Share | None = None
    """Adam: the share of the second moment that is kept."""
    epsilon: AboveZero | None = None
    """Adam: what keeps the divisor above 0."""
    epsilon_place: Literal["outside", "inside"] | None = None
    """Adam: whether epsilon is added to the root, or to what stands under it."""


class FigureTable(Table):
    """A figure that a source prints: it gets a verdict."""

    quantity: Text
    """What is printed: "dC/dw1[1,2]", a name of the file, or a formula of such quantities."""
    value: Annotated[str, PlainValidator(_printed), _matching(NUMBER_PATTERN)]
    """The number as printed, in quotes, because its digits matter: "0.0820"."""
    after: Annotated[int, Field(ge=0, le=MOST_UPDATES)] = 0
    """How many updates come before it."""


class QuestionTable(Table):
    """A question of a homework."""

    id: Text
    """A short text that answers are given under: "1a"."""
    ask: Text
    """The quantity that is asked for: "dC/dw1[1,2]"."""
    form: Literal["expression", "number", "matrix", "equation", "code"] = "expression"
    """What an answer is."""
    points: NotNegative = Fraction(1)
    """What a correct answer is worth."""
    digits: Annotated[int, Field(ge=1)] | None = None
    """A number must be the true value rounded to so many significant digits."""
    tolerance: NotNegative | None = None
    """Instead of digits: the relative error that a number may have."""


class File(Table):
    """A problem for backproof: a small network or a graph, with its numbers."""

    title: str = ""
    """The title of the page."""
    source: str = ""
    """Where the problem comes from: author, year, address."""
    notation: NotationTable = NotationTable()
    """How the page writes quantities."""
    network: NetworkTable | None = None
    """A network of layers; instead of a graph."""
    graph: GraphTable | None = None
    """A graph of assignments; instead of a network."""
    values: dict[str, Value] | None = None
    """A number for each name of the weights and biases, or for each given name of a graph; exact."""
    data: DataTable | None = None
    """The samples of a network."""
    training: TrainingTable | None = None
    """How the parameters are updated."""
    published: list[FigureTable] = []
    """Figures that a source prints: each gets a verdict."""
    questions: list[QuestionTable] = []
    """Questions of a homework."""


TABLES: dict[tuple[str, ...], type[Table]] = {
    (): File,
    ("notation",): NotationTable,
    ("network",): NetworkTable,
    ("network", "layers"): LayerTable,
    ("network", "layers", "activation"): RuleTable,
    ("network", "layers", "weights"): SourceTable,
    ("network", "layers", "biases"): SourceTable,
    ("network", "cost"): RuleTable,
    ("graph",): GraphTable,
    ("data",): DataTable,
    ("data", "test"): TestTable,
    ("training",): TrainingTable,
    ("published",): FigureTable,
    ("questions",): QuestionTable,
}
"""The tables by their keys from the root, for naming what a key could have been."""

LATER: dict[tuple[str, ...], frozenset[str]] = {
    ("graph",): frozenset({"shapes"}),
}
"""Keys that are in the language of problem files but cannot be read yet."""
