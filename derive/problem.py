"""A problem, as one frozen value.

A network's quantities have one canonical name each, which is their key
everywhere in the code: `w2[1,2]`, `b2[1]`, `z2[1]`, `a2[1]`, `x[1]`, `y[1]`,
`C`; with several samples `z2[1]@3`, with test inputs `z2[1]@t1`. A parameter
that is used several times has a key of its own, `shared b1`, and each use is a
quantity that equals it. Names that the author gave stand beside the keys and
are looked up in `derive.quantities`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from derive.assumptions import Assumption
from derive.formula.nodes import Apply, Node
from derive.rules import Activation, Cost
from derive.shapes import Shape, entries
from derive.training.update_rules import GRADIENT_DESCENT, UpdateRule
from derive.unspecified import StandIn
from derive.writing.spelling import told_apart
from derive.writing.tree import Tree

Value = Fraction | None
"""An exact number, or None where the problem leaves it free."""


@dataclass(frozen=True, kw_only=True)
class Notation:
    """How the page writes quantities (DESIGN, problem files)."""

    style: str = "superscript"
    index: str = "to_from"
    layout: str = "denominator"
    samples: str = "columns"
    cost: str = "C"
    activation: str = "a"
    weighted_input: str = "z"
    target: str = "y"
    function: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A letter of the table of quantities with its layer and indices, before the sample is known."""

    letter: str
    layer: int = 0
    index: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One number that training may change.

    key     canonical name of its only use, or `shared NAME`
    own     the author's name for it, or None
    places  canonical names of its uses, in order
    """

    key: str
    own: str | None
    value: Value
    frozen: bool
    places: tuple[str, ...]

    @property
    def shared(self) -> bool:
        return len(self.places) > 1

    @property
    def name(self) -> str:
        """What messages call it: the author's name where there is one."""
        return self.own or self.key

    @property
    def is_weight(self) -> bool:
        return any(place.startswith("w") for place in self.places)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """z = W a + b, a = phi(z), for n units with m inputs and p weighted inputs each.

    units    own names, None for a unit that was only counted              (n,)
    weights  key of the parameter at each connection, unit by unit         (n p, m)
    biases   key of the parameter of each weighted input, None: no biases  (n p,)

    p is 1 but for activations of several pieces (maxout).
    """

    units: tuple[str | None, ...]
    activation: Activation
    weights: tuple[tuple[str, ...], ...]
    biases: tuple[str, ...] | None

    @property
    def size(self) -> int:
        """How many units: n."""
        return len(self.units)

    @property
    def width(self) -> int:
        """How many weighted inputs: n p."""
        return len(self.weights)

    def read_by(self, j: int) -> tuple[int, ...]:
        """The weighted inputs of unit j; both are counted from 1."""
        pieces = self.activation.pieces
        return tuple(range((j - 1) * pieces + 1, j * pieces + 1))


@dataclass(frozen=True, kw_only=True)
class Network:
    """Layers 1..L over the inputs, and what is differentiated.

    cost       a rule, or None
    output     a formula in the network's quantities, differentiated instead of a cost
    reduction  of the samples' costs: sum or mean
    l2         lambda of the L2 term lambda/(2n) * (sum of squared weights)
    """

    inputs: tuple[str | None, ...]
    layers: tuple[Layer, ...]
    cost: Cost | None = None
    output: Node | None = None
    reduction: str = "sum"
    l2: Fraction = Fraction(0)

    @property
    def depth(self) -> int:
        return len(self.layers)

    @property
    def sizes(self) -> tuple[int, ...]:
        """n[0], n[1], ..., n[L]."""
        return (len(self.inputs), *(layer.size for layer in self.layers))

    @property
    def widths(self) -> tuple[int, ...]:
        """The inputs, then how many weighted inputs layers 1..L have: n[l] where a unit has one."""
        return (len(self.inputs), *(layer.width for layer in self.layers))

    def layer(self, l: int) -> Layer:
        """Layer l, counted from 1 as on the page."""
        return self.layers[l - 1]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One line of a graph: name = node."""

    name: str
    node: Node
    text: str


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Assignments in order; every name that no line defines is given.

    outputs      what is differentiated, each by itself
    upstream     instead: the weights of one sum of the outputs' entries, by key; empty for none
    wrt          the names by which it is differentiated
    functions    unspecified functions, each with what stands in for it; None: nothing does
    assumptions  what the given values satisfy
    shapes       of the names that are vectors (n,) or matrices (m, n); other names are numbers
    """

    steps: tuple[Assignment, ...]
    outputs: tuple[str, ...]
    upstream: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    wrt: tuple[str, ...] = ()
    functions: Mapping[str, StandIn | None] = field(default_factory=lambda: MappingProxyType({}))
    assumptions: tuple[Assumption, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def defined(self) -> tuple[str, ...]:
        """The names that the lines define."""
        return tuple(line.name for line in self.steps)

    def shape(self, name: str) -> Shape:
        """(m, n) of a matrix, (n,) of a vector, () of a number."""
        return self.shapes.get(name, ())

    def mean_beside(self, name: str) -> str | None:
        """Of a line that is a variance the name of a line before it that is the mean of the same numbers."""
        place = self.defined.index(name)
        variance = self.steps[place].node
        if not isinstance(variance, Apply) or variance.operation != "var":
            return None
        mean = replace(variance, operation="mean")
        return next((line.name for line in self.steps[:place] if line.node == mean), None)

    def keys(self, *names: str) -> tuple[str, ...]:
        """The keys of these names: of an array one for each entry, row by row."""
        return tuple(key for name in names for key in entries(name, self.shape(name)))


@dataclass(frozen=True, kw_only=True)
class Training:
    """`steps` updates by a rule at `rate`, on all samples, one at a time, or in batches.

    batch     number of samples an update reads; None for all
    settings  the rule's other numbers, by their keys in the file
    """

    rule: UpdateRule = GRADIENT_DESCENT
    settings: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    rate: Fraction
    steps: int = 1
    batch: int | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that a source prints.

    text     the quantity as the file states it
    node     the same, parsed; its names are looked up in `derive.quantities`
    after    how many updates were made before it was read
    printed  the figure's own text: its digits matter
    """

    text: str
    node: Node
    after: int
    printed: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that is asked of whoever does the homework.

    id         answers are given under it
    ask        the quantity, array or formula that is asked for, as the file states it
    form       what an answer is: expression, number, matrix, equation or code
    points     what a correct answer is worth
    digits     a number is the true value rounded to so many significant digits; or
    tolerance  within this relative error
    """

    id: str
    ask: str
    form: str = "expression"
    points: Fraction = Fraction(1)
    digits: int | None = None
    tolerance: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Everything that a problem file says.

    body    the network or the graph
    given   the values of a graph's given names, of an array by entry; None where free
    x, y    samples by inputs and by outputs; empty where none are given
    tests   inputs that are only predicted
    labels  names of the samples, for display
    classes names of the outputs' classes in their order, of a single output those of 0 and 1; may be none
    """

    name: str
    title: str
    source: str
    body: Network | Graph
    notation: Notation = field(default_factory=Notation)
    parameters: tuple[Parameter, ...] = ()
    given: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    x: tuple[tuple[Value, ...], ...] = ()
    y: tuple[tuple[Value, ...], ...] = ()
    tests: tuple[tuple[Value, ...], ...] = ()
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    training: Training | None = None
    published: tuple[Figure, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The samples' suffixes: ("",) for a single one, ("@1", "@2", ...) for several."""
        return ("",) if len(self.x) == 1 else tuple(f"@{i}" for i in range(1, len(self.x) + 1))

    @property
    def tested(self) -> tuple[str, ...]:
        """The test inputs' suffixes: ("@t1", ...)."""
        return tuple(f"@t{i}" for i in range(1, len(self.tests) + 1))

    @cached_property
    def given_names(self) -> tuple[str, ...]:
        """A graph's given names, an array's once."""
        return tuple(dict.fromkeys(key.partition("[")[0] for key in self.given))

    @cached_property
    def parameter(self) -> Mapping[str, Parameter]:
        """Parameters by key and by each of their uses."""
        by_place = {place: p for p in self.parameters for place in p.places}
        return MappingProxyType(by_place | {p.key: p for p in self.parameters})

    @cached_property
    def own_names(self) -> Mapping[str, Place | str]:
        """The names that the author gave: places of the table, or keys."""
        if isinstance(self.body, Graph):
            objectives = (self.upstream_key,) if self.body.upstream else self.body.outputs
            return {name: name for name in (*self.given_names, *self.body.defined, *objectives)}
        names: dict[str, Place | str] = {self.notation.cost: Place("C")}
        names |= {name: Place("x", 0, (k,)) for k, name in enumerate(self.body.inputs, 1) if name}
        letters = [("a", "a"), ("z", "z"), ("delta", "delta")]
        letters += [("a", self.notation.activation), ("z", self.notation.weighted_input)]
        for l, layer in enumerate(self.body.layers, 1):
            for j, name in enumerate(layer.units, 1):
                if name:
                    names |= {f"{written}_{name}": Place(letter, l, (j,)) for letter, written in letters}
                    names[name] = Place("a", l, (j,))
        return names | {parameter.own: parameter.key for parameter in self.parameters if parameter.own}

    @cached_property
    def spelled(self) -> Mapping[str, Tree]:
        """How the names that the author gave are written, no two alike and none like an array's entry."""
        if isinstance(self.body, Network):
            own = [*self.body.inputs, *(parameter.own for parameter in self.parameters)]
            return told_apart(name for name in own if name)
        arrays = [name for name in (*self.given_names, *self.body.defined) if self.body.shape(name)]
        return told_apart((*self.given_names, *self.body.defined, *self.body.functions), arrays)

    @property
    def objectives(self) -> tuple[str, ...]:
        """Keys of what is differentiated: C, a graph's outputs, or their upstream sum."""
        if isinstance(self.body, Graph):
            return (self.upstream_key,) if self.body.upstream else self.body.keys(*self.body.outputs)
        return ("C",) if self.body.cost or self.body.output else ()

    @property
    def upstream_key(self) -> str:
        """The name of the sum of a graph's outputs weighted by the gradients from upstream."""
        taken = {*(self.body.defined if isinstance(self.body, Graph) else ()), *self.given_names}
        return "C" if "C" not in taken else "C_upstream"

    @property
    def wrt(self) -> tuple[str, ...]:
        """Keys of what the objectives are differentiated by: parameters, or a graph's given names."""
        if isinstance(self.body, Graph):
            return self.body.keys(*self.body.wrt)
        return tuple(parameter.key for parameter in self.parameters)

    @property
    def is_free(self) -> bool:
        """Whether some number or function is open, so that the derivation is verified at random points."""
        return self.has_free_numbers or bool(self.open_functions)

    @property
    def has_free_numbers(self) -> bool:
        """Whether some number is open."""
        # `None in` would ask each fraction whether it equals None
        return any(value is None for value in self._numbers)

    @property
    def has_no_numbers(self) -> bool:
        """Whether every number is open."""
        return all(value is None for value in self._numbers)

    @property
    def _numbers(self) -> list[Value]:
        """Of all parameters, given values, samples and test inputs."""
        rows = [value for row in (*self.x, *self.y, *self.tests) for value in row]
        return [p.value for p in self.parameters] + list(self.given.values()) + rows

    @property
    def open_functions(self) -> tuple[str, ...]:
        """The names of the functions that are unspecified."""
        if isinstance(self.body, Graph):
            return tuple(name for name, stand_in in self.body.functions.items() if stand_in is None)
        rules = (layer.activation for layer in self.body.layers)
        return tuple(dict.fromkeys(rule.letter for rule in rules if rule.open))
