"""Formulas in Rounded arithmetic: their values, and their slopes by reverse mode.

One row of `NODE_RULES` for each operation of the formula grammar. With f = op(x_1, ..., x_n)
and g the slope of the result in f, the row's pull gives the slope in every operand,

    g_i = g  df/dx_i,

in a form that stays accurate; a name's slope is the sum over its appearances, and over
the copies of it where it was stretched. The operations of `numeric.floats.array_nodes` on
vectors and matrices stand beside these, which work entry by entry. No symbolic derivative
is read.

Conventions: |x| has slope 0 at exactly 0; where arguments of max or min tie, the first one
has it all; relu and step are those of `numeric.floats.rules`.

Source: Griewank and Walther, Evaluating Derivatives (2008), ch. 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from types import MappingProxyType

from derive.errors import AnswerError, did_you_mean
from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, Unspecified, walk
from derive.unspecified import StandIn
from numeric.floats.array_nodes import ARRAY_RULES, ArrayRule, Operands, Ranks, Use, along, levelled
from numeric.floats.rounding import (
    Rounded,
    clip,
    cos,
    cosh,
    erf,
    exp,
    log,
    select,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    weigh,
)
from numeric.floats.rules import ACTIVATIONS, TEXTBOOK, Activation
from numeric.floats.rules.kinds import smooth
from numeric.floats.stable_forms import stable
from numeric.floats.stand_ins import derivative

TWO_OVER_ROOT_PI = Rounded.of(Fraction("1.1283791670955125738961589031215451716881"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRule:
    """One operation on numbers.

    value(*x)    the result
    pull(g, *x)  the slope in every operand, of a slope g in the result
    textbook     pull(z, a, g) as textbooks write it, where that is another form
    margins(*x)  what changes sign at a kink, and `kink` says what that is; none by default
    """

    value: Callable[..., Rounded]
    pull: Callable[..., Operands]
    textbook: Callable[..., Rounded] | None = None
    margins: Callable[..., Operands] = lambda *_: ()
    kink: str = ""


# -- the rows --------------------------------------------------------------------------------------


def _divide_pull(g: Rounded, x: Rounded, y: Rounded) -> Operands:
    share = g / y
    return share, -share * (x / y)


def _power_pull(g: Rounded, x: Rounded, p: Rounded) -> Operands:
    """d x^p / dx = p x^(p-1), which is 0 for p = 0 even at x = 0; d x^p / dp = x^p ln x."""
    return g * weigh(p, x ** (p - 1)), g * (x**p * log(x))


def _sqrt_pull(g: Rounded, x: Rounded) -> Operands:
    return (g / (2 * sqrt(x)),)


def _erf_pull(g: Rounded, x: Rounded) -> Operands:
    """d erf x / dx = 2/sqrt(pi) e^(-x^2), which is far below the smallest float beyond 1000."""
    near = clip(x, -1000.0, 1000.0)
    return (g * (TWO_OVER_ROOT_PI * exp(-near * near)),)


def _larger(x: Rounded, y: Rounded) -> Rounded:
    """max(x, y), the first of equals."""
    return select(y - x, y, x)


def _largest(*x: Rounded) -> Rounded:
    return reduce(_larger, x)


def _lead(*x: Rounded) -> Iterator[Rounded]:
    """By how much each argument after the first beats the largest before it."""
    leader = x[0]
    for challenger in x[1:]:
        yield challenger - leader
        leader = leader if challenger is leader else _larger(leader, challenger)


def _largest_pull(g: Rounded, *x: Rounded) -> Operands:
    """All of g to the winner: whoever takes the lead takes it from those before."""
    shares: list[Rounded] = [g]
    for lead in _lead(*x):
        shares = [select(lead, 0.0, share) for share in shares] + [select(lead, g, 0.0)]
    return tuple(shares)


def _negated(x: Operands) -> Operands:
    """Each operand's negative; what stands there twice is one number after it as before."""
    negative = {id(operand): -operand for operand in x}
    return tuple(negative[id(operand)] for operand in x)


def _of_activation(rule: Activation, **parameters: Fraction) -> NodeRule:
    """The row of a unit-wise activation, which is that of a layer."""
    numbers = {name: Rounded.of(value) for name, value in parameters.items()}
    unit = rule.given(numbers)
    return NodeRule(
        value=unit.value,
        pull=lambda g, z: (unit.pull(z, g),),
        textbook=TEXTBOOK[rule.name].given(numbers).pull if rule.name in TEXTBOOK else None,
        margins=unit.margins,
        kink="" if rule.margins is smooth else f"{rule.name}'s argument",
    )


NODE_RULES: Mapping[str, NodeRule] = MappingProxyType(
    {
        "add": NodeRule(value=lambda x, y: x + y, pull=lambda g, *_: (g, g)),
        "subtract": NodeRule(value=lambda x, y: x - y, pull=lambda g, *_: (g, -g)),
        "multiply": NodeRule(value=lambda x, y: x * y, pull=lambda g, x, y: (g * y, g * x)),
        "divide": NodeRule(value=lambda x, y: x / y, pull=_divide_pull),
        "power": NodeRule(value=lambda x, p: x**p, pull=_power_pull),
        "negate": NodeRule(value=lambda x: -x, pull=lambda g, _: (-g,)),
        "exp": NodeRule(value=exp, pull=lambda g, x: (g * exp(x),)),
        "log": NodeRule(value=log, pull=lambda g, x: (g / x,)),
        "sqrt": NodeRule(value=sqrt, pull=_sqrt_pull),
        "sin": NodeRule(value=sin, pull=lambda g, x: (g * cos(x),)),
        "cos": NodeRule(value=cos, pull=lambda g, x: (-g * sin(x),)),
        "abs": NodeRule(
            value=abs,
            pull=lambda g, x: (g * sign(x),),
            margins=lambda x: (x,),
            kink="abs's argument",
        ),
        "max": NodeRule(
            value=_largest,
            pull=_largest_pull,
            margins=lambda *x: tuple(_lead(*x)),
            kink="max's arguments differ by",
        ),
        "min": NodeRule(
            value=lambda *x: -_largest(*_negated(x)),
            pull=lambda g, *x: _largest_pull(g, *_negated(x)),
            margins=lambda *x: tuple(_lead(*_negated(x))),
            kink="min's arguments differ by",
        ),
        "tan": NodeRule(value=tan, pull=lambda g, x: (g * (1 + tan(x) ** 2),)),
        "sinh": NodeRule(value=sinh, pull=lambda g, x: (g * cosh(x),)),
        "cosh": NodeRule(value=cosh, pull=lambda g, x: (g * sinh(x),)),
        "erf": NodeRule(value=erf, pull=_erf_pull),
        **{
            name: _of_activation(ACTIVATIONS[name])
            for name in ("identity", "sigmoid", "tanh", "relu", "step", "softsign", "gelu")
        },
        **{name: _of_activation(ACTIVATIONS[name], beta=Fraction(1)) for name in ("softplus", "silu")},
    }
)

CONSTANTS: Mapping[str, Rounded] = MappingProxyType(
    {
        "e": Rounded.of(Fraction("2.7182818284590452353602874713526624977572")),
        "pi": Rounded.of(Fraction("3.1415926535897932384626433832795028841972")),
    }
)


# -- whole formulas --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the names of a graph stand for, where that is more than a number.

    ranks      2 of matrices, 1 of vectors; axes in front of so many hold points, and broadcast
    functions  what stands in for each unspecified function
    """

    ranks: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, StandIn | None] = field(default_factory=dict)


NUMBERS = Meaning()
"""All names are numbers: every axis of their values is one of points side by side."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One node of a formula with its operands' values and ranks, and its own."""

    node: Node
    operands: Operands
    ranks: Ranks
    value: Rounded
    rank: int


def evaluate(
    node: Node,
    values: Mapping[str, Rounded],
    meaning: Meaning = NUMBERS,
    *,
    textbook: bool = False,
) -> Rounded:
    """The value of a formula at the values of its names, keyed by `str(Name)`.

    textbook  operation by operation as it is written, and not in stable forms

    Raises AnswerError for a name without a value and for a derivative.
    """
    return _record(node if textbook else stable(node), values, meaning)[-1].value


def pull(
    node: Node,
    values: Mapping[str, Rounded],
    g: Rounded,
    meaning: Meaning = NUMBERS,
    *,
    textbook: bool = False,
) -> dict[str, Rounded]:
    """The slope in each name of a formula, of a slope g in its result; each shaped like the name's value.

    Where there are vectors and matrices, at a single point.

    textbook  the formula as it is written, and slopes of activations as textbooks write them, a(1 - a)

    Raises AnswerError for a name without a value and for a derivative.
    """
    tape = _record(node if textbook else stable(node), values, meaning)
    waiting = [g.broadcast_to(tape[-1].value.shape)]
    slopes: dict[str, Rounded] = {}
    for line in reversed(tape):
        slope = _summed_to(line.value.shape, waiting.pop())
        if isinstance(line.node, Apply | Unspecified):
            waiting.extend(_pulled(line, line.node, slope, meaning, textbook))
        elif isinstance(line.node, Name):
            name = str(line.node)
            slopes[name] = slopes[name] + slope if name in slopes else slope
    return slopes


def _pulled(
    line: _Line, node: Apply | Unspecified, slope: Rounded, meaning: Meaning, textbook: bool
) -> Operands:
    rule = _rule(node, meaning)
    if isinstance(rule, NodeRule):
        if textbook and rule.textbook is not None:
            return (rule.textbook(*line.operands, line.value, slope),)
        return rule.pull(slope, *line.operands)
    assert isinstance(node, Apply)
    use = Use(node, line.ranks)
    if textbook and node.operation in TEXTBOOK:
        return (along(use, TEXTBOOK[node.operation].pull, *line.operands, line.value, slope),)
    return rule.pull(use, slope, *line.operands)


def margins(
    node: Node, values: Mapping[str, Rounded], meaning: Meaning = NUMBERS
) -> list[tuple[str, Rounded]]:
    """What must keep its sign for no kink to be crossed: a short text and the margin, for every kink inside.

    Raises AnswerError for a name without a value and for a derivative.
    """
    return [
        (rule.kink, margin)
        for line in _record(stable(node), values, meaning)
        if isinstance(line.node, Apply) and line.node.operation in NODE_RULES
        for rule in (NODE_RULES[line.node.operation],)
        for margin in rule.margins(*line.operands)
    ]


def has_kinks(node: Node) -> bool:
    """Whether a formula applies anything that has a kink."""
    operations = {part.operation for part in walk(node) if isinstance(part, Apply)}
    return any(NODE_RULES[name].kink for name in operations & NODE_RULES.keys())


def largest(node: Node, values: Mapping[str, Rounded], meaning: Meaning) -> int:
    """How many numbers the largest value has that a formula passes through."""
    return max(line.value.value.size for line in _record(stable(node), values, meaning))


def _rule(node: Apply | Unspecified, meaning: Meaning) -> NodeRule | ArrayRule:
    """The row of an operation; of an unspecified function that of its stand-in, which has no kinks."""
    if isinstance(node, Apply):
        return ARRAY_RULES.get(node.operation) or NODE_RULES[node.operation]
    stand_in, order = meaning.functions[node.function], node.order
    assert stand_in is not None
    return NodeRule(
        value=lambda z: derivative(stand_in, order, z),
        pull=lambda g, z: (g * derivative(stand_in, order + 1, z),),
    )


def _record(node: Node, values: Mapping[str, Rounded], meaning: Meaning) -> list[_Line]:
    """Every node with its value, operands first: what reverse mode reads backwards."""
    tape: list[_Line] = []
    stack: list[tuple[Rounded, int]] = []
    for part in walk(node):
        if isinstance(part, Apply | Unspecified):
            first = len(stack) - len(part.args)
            operands, of = zip(*stack[first:], strict=True)
            del stack[first:]
            line = _applied(part, operands, of, meaning)
        else:
            rank = meaning.ranks.get(str(part), 0) if isinstance(part, Name) else 0
            line = _Line(part, (), (), _leaf(part, values), rank)
        stack.append((line.value, line.rank))
        tape.append(line)
    return tape


def _applied(node: Apply | Unspecified, operands: Operands, ranks: Ranks, meaning: Meaning) -> _Line:
    rule = _rule(node, meaning)
    if isinstance(rule, ArrayRule):
        assert isinstance(node, Apply)
        use = Use(node, ranks)
        return _Line(node, operands, ranks, rule.value(use, *operands), rule.rank(use))
    rank = max(ranks)
    level = tuple(levelled(x, own, rank) for x, own in zip(operands, ranks, strict=True))
    return _Line(node, level, ranks, rule.value(*level), rank)


def _leaf(part: Node, values: Mapping[str, Rounded]) -> Rounded:
    match part:
        case Number(value=number):
            return Rounded.of(number)
        case Constant(name=name):
            return CONSTANTS[name]
        case Name() if str(part) in values:
            return values[str(part)]
        case Name():
            raise AnswerError(f"'{part}' has no value here{did_you_mean(str(part), values)}", part.column)
        case Derivative(of=of):
            raise AnswerError(f"'{part}' is a derivative; this formula may only read values", of.column)
        case _:
            raise TypeError(f"{type(part).__name__} has no value in floats")


def _summed_to(shape: tuple[int, ...], slope: Rounded) -> Rounded:
    """The slope in a value of this shape that was broadcast: the sum over its copies."""
    new = slope.ndim - len(shape)
    copied = (new + axis for axis, size in enumerate(shape) if size == 1 != slope.shape[new + axis])
    axes = (*range(new), *copied)
    return slope.sum(axis=axes, keepdims=True).reshape(*shape) if axes else slope
