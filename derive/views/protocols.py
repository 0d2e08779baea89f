"""What a view reads of a derivative, and of all derivatives of a problem.

`derive.gradient` makes both and hands them to the views, which therefore know
them by what they have, and not by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Protocol

from derive.problem import Problem
from derive.quantities import Quantity
from derive.steps import Program
from derive.views.higher import Swept
from derive.views.letters import Letters
from derive.views.lines import Line, View
from derive.views.reduction import Reduction
from derive.views.routes import Route, Stage
from derive.writing.tree import Tree


class GradientLike(View, Protocol):
    """One derivative: its stages, how samples are added, and how it is written."""

    @property
    def problem(self) -> Problem: ...

    @property
    def quantity(self) -> Quantity: ...

    @property
    def order(self) -> int: ...

    @property
    def swept(self) -> Swept: ...

    @property
    def stages(self) -> tuple[Stage, ...]: ...

    @property
    def routes(self) -> tuple[Route, ...]: ...

    @property
    def reduction(self) -> Reduction: ...

    @property
    def total(self) -> tuple[Line, ...]: ...

    @property
    def letters(self) -> Letters: ...

    @property
    def name(self) -> str: ...

    @property
    def by(self) -> str: ...

    @property
    def lhs(self) -> Tree: ...

    @property
    def rhs(self) -> Tree: ...

    @property
    def named(self) -> Tree: ...

    @property
    def whole(self) -> Tree: ...


class DerivationLike(Sized, Protocol):
    """Every derivative of a problem, on request."""

    @property
    def problem(self) -> Problem: ...

    @property
    def program(self) -> Program: ...

    def __iter__(self) -> Iterator[GradientLike]: ...

    def gradient(self, of: str, *by: str) -> GradientLike: ...
