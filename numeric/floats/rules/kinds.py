"""What the tables of hand-written rules hold. Every function takes the rule's parameters by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Self, TypeVar

from numeric.floats.rounding import Rounded

T = TypeVar("T")
Numbers = Callable[..., Rounded]
Margins = Callable[..., tuple[Rounded, ...]]


def smooth(*_: Rounded, **__: Rounded) -> tuple[Rounded, ...]:
    """The margins of what has no kink: none."""
    return ()


def after(first: Callable[[Rounded, Rounded], Rounded], then: Callable[..., T]) -> Callable[..., T]:
    """then(first(a, y), **parameters) of a and y."""

    def form(a: Rounded, y: Rounded, **parameters: Rounded) -> T:
        return then(first(a, y), **parameters)

    return form


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    def given(self, parameters: Mapping[str, Rounded]) -> Self:
        """The row with its parameters put into every function."""
        if not parameters:
            return self
        functions = {field.name: getattr(self, field.name) for field in fields(self)}
        bound = {name: partial(f, **parameters) for name, f in functions.items() if callable(f)}
        return replace(self, **bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation(_Row):
    """How a layer of units answers its weighted inputs z : (..., units), or (..., units p) where each has p.

    value(z)    a = phi(z) : (..., units)
    pull(z, g)  J^T g, J = da/dz: what a slope g in a is worth in z
    slope(z)    phi'(z), where each unit answers its own z only
    margins(z)  what changes sign at a kink, one for each kink, shaped like z
    """

    name: str
    value: Numbers
    pull: Numbers
    slope: Numbers | None = None
    margins: Margins = smooth


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summed(_Row):
    """A sum over outputs: its parts (..., K), and their sum `at_once` (...) where that has its own form."""

    parts: Numbers
    at_once: Numbers | None = None

    def total(self, of: Rounded, y: Rounded) -> Rounded:
        """The sum of the parts, (...)."""
        return self.parts(of, y).sum(axis=-1) if self.at_once is None else self.at_once(of, y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(_Summed):
    """A cost that is a sum over outputs: parts(a, y) and their slopes d(sum of parts)/da, all (..., K).

    margins(a, y)  what changes sign at a kink, and `kink` says what that is
    """

    name: str
    slope: Numbers
    margins: Margins = smooth
    kink: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(_Summed):
    """A cost straight from the last z, past an activation that would saturate: parts(z, y), delta = dC/dz."""

    activation: str
    cost: str
    delta: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Textbook(_Row):
    """`form` is what textbooks write and loses digits, `stable` what to write in its place."""

    form: str
    stable: str

    @property
    def advice(self) -> str:
        return f"{self.form} loses these digits, write {self.stable}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Textbook(_Textbook):
    """An activation as textbooks write it: the claims of value(z) and of pull(z, a, g) say what it may lose.

    value  where it is another form than that of the stable row
    """

    name: str
    pull: Numbers
    value: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookCost(_Textbook):
    """The slope of a cost as textbooks write it, slope(a, y)."""

    name: str
    slope: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookResidual(_Textbook):
    """a - y of rounded outputs, by activation."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookOutput(_Textbook):
    """dC/dz of the last layer from its rounded outputs: delta(a, y)."""

    activation: str
    cost: str
    delta: Numbers
