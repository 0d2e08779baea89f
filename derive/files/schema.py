"""The problem file as tables: which keys there are, and what may stand in them.

This is the border, and all of pydantic that there is. `derive.files.build` makes one
frozen Problem of these tables; numbers become exact fractions while they are
read, and every shorthand (a count for names, a word for a table) is written out.

Editors get the same tables as a JSON Schema (derive.files.json_schema). So what a
validator takes is stated beside it in the schema's words, and the text under a key
is the help that an editor shows for it. A table is made ready when it is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from derive.files.exact import NUMBER_PATTERN
from derive.files.fields import (
    A_COST,
    A_NUMBER_FORM,
    AN_ACTIVATION,
    MOST_UPDATES,
    AboveZero,
    Column,
    Columns,
    Entry,
    Exact,
    Label,
    Letter,
    NotNegative,
    Rows,
    Seed,
    Share,
    Size,
    Sizes,
    Text,
    Units,
    Value,
    batch_size,
    by_kind,
    figure_text,
    frozen_names,
    in_rows,
    matching,
    named,
    one_or_more,
    rule_table,
    without_biases,
)
from derive.rules import ACTIVATIONS, COSTS, Activation, Cost


class Table(BaseModel):
    """A table of the file: no key beyond its own, no value silently converted."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


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

    rule: Text
    """A rule's name, or a formula."""

    @property
    def parameters(self) -> dict[str, Fraction]:
        return self.__pydantic_extra__


def _parameters_of(rows: Mapping[str, Activation] | Mapping[str, Cost]) -> Callable[[dict[str, Any]], None]:
    """Adds to a table's JSON Schema the parameters that its rules have, for an editor to propose."""

    def add(schema: dict[str, Any]) -> None:
        for row in rows.values():
            for parameter in row.parameters:
                known = schema["properties"].setdefault(parameter.name, {**A_NUMBER_FORM, "description": ""})
                known["description"] += f"Of {row.words}: {parameter.meaning}. "

    return add


class ActivationTable(RuleTable):
    """An activation by name with its parameters: {rule = "leaky_relu", alpha = 0.1}."""

    model_config = ConfigDict(json_schema_extra=_parameters_of(ACTIVATIONS))

    rule: Annotated[Text, named(ACTIVATIONS)]
    """A rule's name, or a formula in z."""


class CostTable(RuleTable):
    """A cost by name with its parameters: {rule = "huber", delta = 1}."""

    model_config = ConfigDict(json_schema_extra=_parameters_of(COSTS))

    rule: Annotated[Text, named(COSTS)]
    """A rule's name, or a formula of one output in a and y."""


class SourceTable(Table):
    """Where the numbers of one array come from: {npz = "file.npz", key = "W1"}, or {seed = 0}."""

    npz: Text | None = None
    """An npz archive, from the folder of the problem file."""
    key: Text | None = None
    """The array in the archive."""
    seed: Seed | None = None
    """Draws the numbers: uniform, of four decimals, within ±√(6/(inputs + units))."""


UnitRows = Annotated[list[list[Entry]], BeforeValidator(in_rows("a row for each unit", "row"))]
Matrix = Annotated[list[list[Entry]] | SourceTable, by_kind(dict, SourceTable, UnitRows)]
Vector = Annotated[list[Entry] | SourceTable, by_kind(dict, SourceTable, list[Entry])]


class LayerTable(Table):
    """One layer: its units, their activation, their weights and biases."""

    units: Units
    """Names of the units, ["h1", "h2"], or a count."""
    activation: Annotated[
        ActivationTable,
        BeforeValidator(
            rule_table(AN_ACTIVATION),
            json_schema_input_type=ActivationTable | Annotated[str, named(ACTIVATIONS)],
        ),
    ]
    """A rule's name, or a formula in z: "z/(1 + abs(z))"; "general" is an unspecified φ."""
    weights: Matrix | None = None
    """A row for each unit, or for each piece of each unit of a maxout, with a number or a name of
    [values] for each input; left out: symbolic."""
    biases: Annotated[
        Vector | None, BeforeValidator(without_biases, json_schema_input_type=Vector | Literal[False])
    ] = None
    """A number or a name for each row of the weights; false: none; left out: symbolic."""
    frozen: Annotated[
        list[str] | None, BeforeValidator(frozen_names, json_schema_input_type=list[str] | bool)
    ] = []
    """Parameters that are not trained, but derived all the same: true for all of the layer, or names."""


class NetworkTable(Table):
    """A network of layers, and what is differentiated: a cost, an output, or nothing."""

    inputs: Units
    """Names of the inputs, ["i1", "i2"], or a count."""
    layers: Annotated[list[LayerTable], Field(min_length=1)]
    """The layers in order, from the first hidden one to the outputs."""
    cost: Annotated[
        CostTable | None,
        BeforeValidator(rule_table(A_COST), json_schema_input_type=CostTable | Annotated[str, named(COSTS)]),
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
        BeforeValidator(one_or_more, json_schema_input_type=Text | list[Text]),
        Field(min_length=1),
    ]
    """The step that is differentiated, or several."""
    upstream: dict[str, Value] = {}
    """The factor of each output, as it arrives from behind: {p = 1, q = -2}; of an array for each entry."""
    wrt: list[str] | None = None
    """The given names to differentiate by; left out: all of them."""
    functions: list[str] = []
    """Unspecified differentiable functions: "phi" lets the steps call phi(u), phi'(u) and phi''(u)."""
    assume: list[str] = []
    """Equations between given values, each solved for one that is not fixed: "p + q = 1"."""
    shapes: dict[str, Sizes] = {}
    """Shapes of given vectors, [n], and matrices, [rows, columns], that have no values."""


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
    test: Annotated[list[list[Fraction]] | TestTable, by_kind(dict, TestTable, Rows)] = []
    """Inputs that are only predicted: rows, or {csv = "test.csv"}."""
    labels: Annotated[list[str] | str | int, by_kind(str | int, Column, list[Label])] = []
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
        int | None, PlainValidator(batch_size, json_schema_input_type=Literal["all", "online"] | Size)
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
    value: Annotated[str, PlainValidator(figure_text), matching(NUMBER_PATTERN)]
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
    ("network", "layers", "activation"): ActivationTable,
    ("network", "layers", "weights"): SourceTable,
    ("network", "layers", "biases"): SourceTable,
    ("network", "cost"): CostTable,
    ("graph",): GraphTable,
    ("data",): DataTable,
    ("data", "test"): TestTable,
    ("training",): TrainingTable,
    ("published",): FigureTable,
    ("questions",): QuestionTable,
}
"""The tables by their keys from the root, for naming what a key could have been."""
