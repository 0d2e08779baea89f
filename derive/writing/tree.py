"""The formula tree: what stands on the page, before any format is chosen.

SymPy and the formula nodes say what a formula *is*; this tree says how it
*looks*: which letters, which fractions, which brackets. LaTeX, MathML and plain
text are three walks over it, so no two formats can disagree.

The nodes are data. The constructors below them know one thing, how tightly each
form binds,

    relation < sum < Σ < product < fraction < power < atom,

and put in exactly the brackets that this order demands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Ident:
    """A letter or a word. One letter is slanted unless `upright`; an upright word names a function."""

    text: str
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Num:
    """A decimal in ASCII, with a sign and an exponent where it has them: `0.10`, `-2.5e-11`."""

    text: str


@dataclass(frozen=True, slots=True)
class Op:
    """A sign between operands or before one, as its Unicode character."""

    text: str
    form: Literal["infix", "prefix"] = "infix"


@dataclass(frozen=True, slots=True)
class Row:
    """Items side by side."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Frac:
    """over / under, with a bar."""

    over: Tree
    under: Tree


@dataclass(frozen=True, slots=True)
class Script:
    """A base with a subscript, a superscript or both."""

    base: Tree
    sub: Tree | None = None
    sup: Tree | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """A body between two delimiters of `( [ { ⟨ |` or `‖`."""

    open: str
    body: Tree
    close: str


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Prime:
    """φ′, or φ″ with `count` 2."""

    base: Tree
    count: int = 1


Mark = Literal["hat", "bar", "tilde"]


@dataclass(frozen=True, slots=True)
class Accent:
    """A letter with a hat, a bar or a tilde over it: v̂."""

    base: Tree
    mark: Mark = "hat"


@dataclass(frozen=True, slots=True)
class Brace:
    """A body with a brace under it, and the label under the brace."""

    body: Tree
    label: Tree


@dataclass(frozen=True, slots=True)
class Under:
    """A body with a small note under it: a matrix with its shape."""

    body: Tree
    note: Tree


RoleName = Literal["cost", "activation", "weight", "input"]


@dataclass(frozen=True, slots=True)
class Role:
    """A factor of the chain rule, by the part it plays; writers that have colours show it."""

    role: RoleName
    body: Tree


@dataclass(frozen=True, slots=True)
class Sum:
    """The big Σ, with its limits."""

    body: Tree
    below: Tree | None = None
    above: Tree | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows (value, condition) behind a brace; the condition None reads "otherwise"."""

    rows: tuple[tuple[Tree, Tree | None], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function at its arguments: σ(z)."""

    function: Tree
    args: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of entries in square brackets."""

    rows: tuple[tuple[Tree, ...], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words within a formula."""

    text: str


Tree = (
    Ident | Num | Op | Row | Frac | Script | Fence | Root
    | Prime | Accent | Brace | Under | Role | Sum | Cases | Call | Matrix | Text
)  # fmt: skip

TIMES = Op("×")
DOT = Op("·")
JUXTAPOSED = Op("\u2062")  # Unicode's invisible times: a product that shows no sign
THIN = Op("\u2009")  # the same before ln or max, which want a little room
MINUS = Op("−", "prefix")
PARTIAL = Op("∂", "prefix")
TOTAL = Op("d", "prefix")


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and every node below it."""
    yield tree
    stack = [getattr(tree, field.name) for field in fields(tree)]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, Tree):
            yield from walk(part)


def is_tall(tree: Tree) -> bool:
    """Does a bracket around this have to grow?"""
    return any(isinstance(part, Frac | Sum | Cases | Matrix | Brace) for part in walk(tree))


class Binding(IntEnum):
    """How tightly a form holds together, loosest first."""

    RELATION = 0
    SUM = 1
    BIG_SUM = 2
    PRODUCT = 3
    FRACTION = 4
    POWER = 5
    ATOM = 6


_SIGN_BINDING: Mapping[str, Binding] = MappingProxyType(
    {
        **dict.fromkeys("=≠<>≤≥≈∈→⇒⇔,", Binding.RELATION),
        **dict.fromkeys("+−±", Binding.SUM),
        **dict.fromkeys(("·", "×", "⊙", "⊗", "/", "⋯", JUXTAPOSED.text, THIN.text), Binding.PRODUCT),
    }
)


_PREFIX_BINDING: Mapping[str, Binding] = MappingProxyType({"−": Binding.SUM, "d": Binding.POWER})


def _number_binding(number: Num) -> Binding:
    if number.text.startswith("-"):
        return Binding.SUM
    return Binding.PRODUCT if "e" in number.text else Binding.ATOM


def _row_binding(row: Row) -> Binding:
    signs = [item for item in row.items if isinstance(item, Op)]
    before = [sign.text for sign in signs if sign.form == "prefix"]
    prefixed = [_PREFIX_BINDING[sign] for sign in before if sign in _PREFIX_BINDING]
    between = [_SIGN_BINDING.get(sign.text, Binding.PRODUCT) for sign in signs if sign.form == "infix"]
    if not signs:
        return binding(row.items[0]) if len(row.items) == 1 else Binding.PRODUCT
    return min(prefixed + between, default=Binding.ATOM)


def _is_function_word(tree: Tree) -> bool:
    return isinstance(tree, Ident) and tree.upright and len(tree.text) > 1


_BINDING: Mapping[type, Callable[..., Binding]] = MappingProxyType(
    {
        Num: _number_binding,
        Row: _row_binding,
        Frac: lambda _: Binding.FRACTION,
        Script: lambda script: Binding.ATOM if script.sup is None else Binding.POWER,
        Root: lambda _: Binding.POWER,
        Prime: lambda _: Binding.POWER,
        Role: lambda role: binding(role.body),
        Under: lambda under: binding(under.body),
        Sum: lambda _: Binding.BIG_SUM,
        Cases: lambda _: Binding.RELATION,
        # ln(x)^n could be read as ln(x^n); σ(z)^n could not.
        Call: lambda call: Binding.POWER if _is_function_word(call.function) else Binding.ATOM,
    }
)


def binding(tree: Tree) -> Binding:
    """How tightly the outermost form of a tree holds together."""
    rule = _BINDING.get(type(tree))
    return rule(tree) if rule else Binding.ATOM


def bracketed(tree: Tree) -> Fence:
    """( tree )"""
    return Fence("(", tree, ")")


def _at_least(tree: Tree, level: Binding) -> Tree:
    return tree if binding(tree) >= level else bracketed(tree)


def negated(tree: Tree) -> Row:
    """−tree"""
    return Row((MINUS, _at_least(tree, Binding.BIG_SUM)))


def signed(term: Tree) -> tuple[bool, Tree]:
    """Whether a term of a sum opens with a minus and is no sum itself, and what follows the sign."""
    if isinstance(term, Row) and len(term.items) == 2 and term.items[0] == MINUS:
        return True, term.items[1]
    return False, term


def plus(*terms: Tree) -> Tree:
    """The sum in the order given: `plus(a, negated(b), c)` is a − b + c, and a + (−2) keeps its brackets."""
    first, *rest = terms
    if not rest:
        return first
    items: list[Tree] = [*_summands(first)]
    for term in rest:
        head, *tail = _summands(term)
        items += [Op("−"), *tail] if head == MINUS else [Op("+"), *_opened(head), *tail]
    return Row(tuple(items))


def _summands(term: Tree) -> tuple[Tree, ...]:
    """The terms and signs of a sum, or a single term in the brackets it needs."""
    if isinstance(term, Row) and binding(term) == Binding.SUM:
        return term.items
    return (_at_least(term, Binding.SUM),)


def _opened(term: Tree) -> tuple[Tree, ...]:
    """A term after a plus sign: a number with its own sign gets brackets."""
    return (_at_least(term, Binding.BIG_SUM),)


def product(*factors: Tree, sign: str | None = None) -> Tree:
    """The product in the order given, with brackets where they are needed.

    Without a `sign` letters stand side by side, and numbers beside numbers get ×.
    """
    if len(factors) == 1:
        return factors[0]
    first, *rest = factors
    if isinstance(first, Row) and len(first.items) == 2 and first.items[0] == MINUS:
        return negated(product(first.items[1], *rest, sign=sign))
    *inner, last = factors
    closed = [_at_least(factor, Binding.PRODUCT) for factor in inner]
    closed.append(_at_least(last, Binding.BIG_SUM))
    items: list[Tree] = [closed[0]]
    for left, right in pairwise(closed):
        items += [Op(sign) if sign else _between(left, right), right]
    return Row(tuple(items))


BOLD_ONE = Ident("𝟏")
"""The column of ones."""


def _between(left: Tree, right: Tree) -> Op:
    """The sign of multiplication that two neighbours need in order not to run together."""
    end, start = _edge(left, -1), _edge(right, 0)
    # what stands under a letter would run into its neighbour, and the brackets of two matrices touch
    noted = isinstance(_based(right.items[0] if isinstance(right, Row) else right), Under)
    matrices = any(isinstance(_based(side), Matrix) for side in (end, start))
    if noted or matrices:
        return THIN
    if isinstance(start, Num):
        return TIMES if isinstance(end, Num) else DOT
    if isinstance(end, Num) and _is_worked_exponential(right):
        return DOT  # 2 · e^{0.5}: beside its digits the e reads as a power of ten
    if _is_function_word(start):
        return DOT if _is_worked(left) and _is_worked(right) else THIN  # 0.5 · ln(0.8)
    fractions = isinstance(left, Frac) and isinstance(right, Frac)
    if fractions or (isinstance(left, Num) and _based(start) == BOLD_ONE):
        return DOT  # 0 · 𝟏ᵀ would read as 01
    words = [side for side in (end, start) if isinstance(side, Ident) and len(side.text) > 1]
    return DOT if words else JUXTAPOSED


def _based(tree: Tree) -> Tree:
    """What carries the scripts: the matrix of its transpose."""
    return _based(tree.base) if isinstance(tree, Script) else tree


def _is_worked_exponential(tree: Tree) -> bool:
    """e^{0.5}, or a product that begins with it: the exponent has numbers alone."""
    while isinstance(tree, Row | Role):
        tree = tree.items[0] if isinstance(tree, Row) else tree.body
    if not isinstance(tree, Script) or tree.base != Ident("e") or tree.sup is None:
        return False
    return _is_worked(tree.sup)


def _is_worked(tree: Tree) -> bool:
    """Whether it is of numbers alone, but for the names of functions."""
    return not any(isinstance(part, Ident) and not part.upright for part in walk(tree))


_EDGE: Mapping[type, Callable[..., Tree]] = MappingProxyType(
    {
        Row: lambda row, side: row.items[side],
        Frac: lambda frac, _: frac.over,
        # a bracket around a number is a number still: 0.4 × (−0.5)
        Fence: lambda fence, _: fence.body if isinstance(fence.body, Num) else fence,
        Script: lambda script, side: script.base if side == 0 else script,
        Call: lambda call, side: call.function if side == 0 else call,
        Prime: lambda prime, side: prime.base if side == 0 else prime,
        Role: lambda role, _: role.body,
        Brace: lambda brace, _: brace.body,
        Under: lambda under, _: under.body,
    }
)


def _edge(tree: Tree, side: Literal[0, -1]) -> Tree:
    """The node that a neighbour on the left (0) or on the right (-1) touches."""
    step = _EDGE.get(type(tree))
    inner = step(tree, side) if step else tree
    return tree if inner is tree else _edge(inner, side)


def quotient(over: Tree, under: Tree) -> Frac:
    """over / under"""
    return Frac(over, under)


def power(base: Tree, exponent: Tree) -> Tree:
    """base^exponent: a_{1}^{2} in one script, sin²(x) on the function's name."""
    if isinstance(base, Script) and base.sup is None:
        return Script(base.base, base.sub, exponent)
    whole = isinstance(exponent, Num) and exponent.text.isdecimal()
    if isinstance(base, Call) and _is_function_word(base.function) and whole:
        return Call(Script(base.function, sup=exponent), base.args)  # never sin^{-1}: that is the arcsine
    return Script(_at_least(base, Binding.ATOM), sup=exponent)


def summed(body: Tree, below: Tree | None = None, above: Tree | None = None) -> Sum:
    """Σ body, the body in brackets where it is itself a sum."""
    return Sum(_at_least(body, Binding.BIG_SUM), below, above)


def related(left: Tree, sign: str, right: Tree) -> Row:
    """left < right, and the like."""
    return Row((left, Op(sign), right))


def equals(*sides: Tree) -> Row:
    """a = b = c"""
    items: list[Tree] = [sides[0]]
    for side in sides[1:]:
        items += [Op("="), side]
    return Row(tuple(items))


def total(of: Tree, by: Tree) -> Frac:
    """dof/dby, the derivative over all routes."""
    return Frac(Row((TOTAL, _held(of))), Row((TOTAL, _held(by))))


def _held(tree: Tree) -> Tree:
    """What a differential is taken of, in brackets where it begins with a d of its own: d(dW₁)."""
    return bracketed(tree) if isinstance(tree, Row) and tree.items[0] == TOTAL else tree


def partial(of: Tree, *by: Tree, sign: Op = PARTIAL) -> Frac:
    """∂of/∂by; with several `by` the higher derivative, ∂²C/∂w₁∂w₂, and ∂²J/∂x² by the same twice."""
    first: Tree = sign if len(by) == 1 else Script(sign, sup=Num(str(len(by))))
    items: list[Tree] = []
    for one, group in groupby(map(_held, by)):
        count = sum(1 for _ in group)
        items += [sign, one if count == 1 else power(one, Num(str(count)))]
    return Frac(Row((first, _held(of))), Row(tuple(items)))
