"""The closed set of nodes that every formula text becomes.

Nothing that a user writes is ever evaluated: text is tokenised, parsed into
these frozen nodes, and only they travel on. SymPy expressions, NumPy values and
balls are made from them by one table each, keyed by `Apply.operation`. The first
six are what a file's formulas hold; an answer has `Letter` for `Name`, and may
hold the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number, with the text that stated it: 0.10 is 1/10, printed 0.10."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """e or pi, where the problem has no name of its own so spelled."""

    name: str


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity's name as written, taken apart but not yet looked up.

    `w2[1,2]@3'` has base w2, index (1, 2), sample "3" and one prime. `column` is
    where it began, from 1; it takes no part in equality.
    """

    base: str
    index: tuple[int, ...] = ()
    sample: str | None = None
    primes: int = 0
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        index = f"[{','.join(map(str, self.index))}]" if self.index else ""
        sample = f"@{self.sample}" if self.sample is not None else ""
        return f"{self.base}{index}{sample}{chr(39) * self.primes}"


@dataclass(frozen=True, slots=True)
class Derivative:
    """The total derivative of one quantity by others: `dC/dw1[1,1]`, `d2C/dw1[1,1]dw2[1,2]`."""

    of: Name
    by: tuple[Name, ...]

    def __str__(self) -> str:
        order = str(len(self.by)) if len(self.by) > 1 else ""
        return f"d{order}{self.of}/" + "".join(f"d{name}" for name in self.by)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation of `OPERATIONS` or `ARRAY_OPERATIONS` on its operands.

    axis      along which entries are added up or joined, or None: all of them, or the first
    keepdims  the axis stays, with size 1
    places    which rows or entries are taken, counted from 1 as on the page
    column    where its sign or name stands, from 1; it takes no part in equality
    """

    operation: str
    args: tuple[Node, ...]
    axis: int | None = None
    keepdims: bool = False
    places: tuple[int, ...] = ()
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unspecified:
    """An unspecified function, or its derivative of some order, of one operand: phi''(u) has order 2."""

    function: str
    order: int
    args: tuple[Node, ...]


Counted = int | str
"""A place that is counted from 1, or from a running letter: 2, l, L-1, k."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A quantity that is looked up already: a letter of the table with its layer, indices and sample.

    letter  w b z a x y C delta; W, and X Y Z A Delta of a batch; n m eta lambda; a graph's or an
            author's own name, or the key of a shared parameter
    layer   0 where it has none, or for `n`, where it is not the size of a layer
    index   of one entry; empty for a number, or for the whole array
    sample  as in `@3`; None: the only one, or any
    primes  of the value after so many updates
    written as somebody wrote it, for messages that point at it
    """

    letter: str
    layer: Counted = 0
    index: tuple[Counted, ...] = ()
    sample: str | None = None
    primes: int = 0
    written: str = field(default="", compare=False, repr=False)

    @property
    def key(self) -> str:
        """Its canonical name: `w2[1,2]`, `z2[1]@3`, `W2`, `delta2[1]`, `zl[j]`."""
        layer = self.layer or ""
        index = f"[{','.join(map(str, self.index))}]" if self.index else ""
        sample = f"@{self.sample}" if self.sample is not None else ""
        return f"{self.letter}{layer}{index}{sample}{chr(39) * self.primes}"

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class Slope:
    """The total derivative of a quantity, or of a formula, by letters: dC/dW2, d(a1*w2)/dw2.

    own  whether it is that of a graph's step alone, with all else that the step reads held
    """

    of: Node
    by: tuple[Letter, ...]
    own: bool = False

    def __str__(self) -> str:
        order = str(len(self.by)) if len(self.by) > 1 else ""
        return f"d{order}{self.of}/" + "".join(f"d{letter}" for letter in self.by)


@dataclass(frozen=True, slots=True)
class Index:
    """A running letter in the place of a number, as in [j = k]."""

    counted: str

    def __str__(self) -> str:
        return self.counted


@dataclass(frozen=True, slots=True)
class Activation:
    """The activation of a layer, or its derivative of some order, at one operand, entry by entry.

    layer  None: the one that all layers share but those of identity
    """

    layer: Counted | None
    order: int
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a body over a running letter, from lower to upper: None is all that there are.

    With the letter "@" it runs over the samples, and the body's quantities have none of their own.
    """

    letter: str
    body: Node
    lower: Node | None = None
    upper: Node | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A vector (one column) or matrix that is written out, row by row.

    flat  whether it is a vector of one axis, as a graph has them
    """

    rows: tuple[tuple[Node, ...], ...]
    flat: bool = False


Node = (  # fmt: skip
    Number
    | Constant
    | Name
    | Derivative
    | Apply
    | Unspecified
    | Letter
    | Slope
    | Index
    | Activation
    | Sum
    | Matrix
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What may be applied: its name, how many operands, and whether text writes it as a call.

    places  how many places at most are named after the operands: row(E, 3) has one; at least one if any
    """

    name: str
    least: int
    most: int
    call: bool
    places: int = 0


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        row.name: row
        for row in (
            Operation("add", 2, 2, call=False),
            Operation("subtract", 2, 2, call=False),
            Operation("multiply", 2, 2, call=False),
            Operation("divide", 2, 2, call=False),
            Operation("power", 2, 2, call=False),
            Operation("negate", 1, 1, call=False),
            Operation("exp", 1, 1, call=True),
            Operation("log", 1, 1, call=True),
            Operation("sqrt", 1, 1, call=True),
            Operation("sin", 1, 1, call=True),
            Operation("cos", 1, 1, call=True),
            Operation("tan", 1, 1, call=True),
            Operation("sinh", 1, 1, call=True),
            Operation("cosh", 1, 1, call=True),
            Operation("erf", 1, 1, call=True),
            Operation("abs", 1, 1, call=True),
            Operation("max", 2, 64, call=True),
            Operation("min", 2, 64, call=True),
            Operation("identity", 1, 1, call=True),
            Operation("sigmoid", 1, 1, call=True),
            Operation("tanh", 1, 1, call=True),
            Operation("relu", 1, 1, call=True),
            Operation("step", 1, 1, call=True),
            Operation("softplus", 1, 1, call=True),
            Operation("softsign", 1, 1, call=True),
            Operation("silu", 1, 1, call=True),
            Operation("gelu", 1, 1, call=True),
        )
    }
)

FUNCTIONS: frozenset[str] = frozenset(row.name for row in OPERATIONS.values() if row.call)

ARRAY_OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        row.name: row
        for row in (
            Operation("matmul", 2, 2, call=False),
            Operation("transpose", 1, 1, call=False),
            Operation("sum", 1, 1, call=True),
            Operation("mean", 1, 1, call=True),
            Operation("var", 1, 1, call=True),
            Operation("softmax", 1, 1, call=True),
            Operation("log_softmax", 1, 1, call=True),
            Operation("outer", 2, 2, call=True),
            Operation("conv1d", 2, 2, call=True),
            Operation("concat", 2, 64, call=True),
            Operation("row", 1, 1, call=True, places=1),
            Operation("rows", 1, 1, call=True, places=512),
            Operation("entry", 1, 1, call=True, places=2),
        )
    }
)
"""What may be applied to vectors and matrices only; all of `OPERATIONS` works entry by entry."""

ANSWER_OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        row.name: row
        for row in (
            Operation("less", 2, 2, call=False),
            Operation("less_equal", 2, 2, call=False),
            Operation("greater", 2, 2, call=False),
            Operation("greater_equal", 2, 2, call=False),
            Operation("equal", 2, 2, call=False),
            Operation("unequal", 2, 2, call=False),
            Operation("both", 2, 2, call=False),
            Operation("cases", 2, 32, call=True),
            Operation("norm", 1, 1, call=True),
            Operation("norm_2", 1, 1, call=False),
            Operation("inner", 2, 2, call=True),
            Operation("ones", 0, 1, call=True),
            Operation("length", 1, 1, call=True),
            Operation("diag", 1, 1, call=True),
            Operation("juxtapose", 2, 2, call=False),
            Operation("dot", 2, 2, call=False),
            Operation("cross", 2, 2, call=False),
            Operation("hadamard", 2, 2, call=False),
        )
    }
)
"""What answers alone may hold. The last four are how a product is spelled; shapes tell which it is.

less … both    conditions, with greater, equal, unequal; as a number 1 where they hold and 0 elsewhere
cases          value, condition, value, condition, ..., value otherwise
norm_2         ‖u‖₂, which is the norm of a vector alone; shapes tell
inner          of two vectors, lying or standing
length         how many there are along its axis, of an array's rows or columns; shapes tell
ones           of as many entries as fit, of `places`, or of as many as its operand has; shapes tell
"""

ONES = Apply("ones", ())
"""A vector of as many ones as fit."""

ARRAY_FUNCTIONS: frozenset[str] = frozenset(row.name for row in ARRAY_OPERATIONS.values() if row.call)

EVERY_OPERATION: Mapping[str, Operation] = MappingProxyType(
    {**OPERATIONS, **ARRAY_OPERATIONS, **ANSWER_OPERATIONS}
)

AXIS_FUNCTIONS: frozenset[str] = frozenset({"sum", "mean", "var", "softmax", "log_softmax", "concat"})
"""Functions that may be given an axis."""

ALIASES: Mapping[str, str] = MappingProxyType({"ln": "log"})
"""Other spellings of functions that every formula may use."""


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including this one, operands first; no recursion, so depth is no hazard."""
    if type(node) not in _OPERANDS:
        return iter((node,))
    found, waiting = [], [node]
    while waiting:  # each before its operands, and these from right to left: the order wanted, backwards
        current = waiting.pop()
        found.append(current)
        rule = _OPERANDS.get(type(current))
        if rule is not None:
            waiting += rule(current)
    return reversed(found)


def operands(node: Node) -> tuple[Node, ...]:
    """What stands directly below a node, from left to right."""
    rule = _OPERANDS.get(type(node))
    return () if rule is None else rule(node)


_OPERANDS: Mapping[type, Callable[..., tuple[Node, ...]]] = MappingProxyType(
    {
        **dict.fromkeys((Apply, Unspecified, Activation), lambda node: node.args),
        Slope: lambda slope: (slope.of,),
        Sum: lambda total: tuple(part for part in (total.body, total.lower, total.upper) if part is not None),
        Matrix: lambda matrix: tuple(entry for row in matrix.rows for entry in row),
    }
)


def names_in(node: Node) -> tuple[Name, ...]:
    """The names a formula reads, each once, in order of appearance."""
    return tuple(dict.fromkeys(part for part in walk(node) if isinstance(part, Name)))


def leaves_in(node: Node) -> tuple[Name | Derivative, ...]:
    """The quantities a formula reads, derivatives among them, each once, in order of appearance."""
    return tuple(dict.fromkeys(part for part in walk(node) if isinstance(part, Name | Derivative)))
