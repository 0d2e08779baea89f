"""The chain rule over matrix-valued steps, as one reverse sweep.

    dC/dX = sum over the steps S that read X of  (the adjoint of dX ↦ dS) dC/dS

Its cost is one visit a step, whatever the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from derive.matrix.differentials import Change, changes
from derive.matrix.expr import SCALAR, Array, Expr, Index, Ones, Size, plus
from derive.sweep import adjoint

ONE = Ones(SCALAR)

PASSED_ON = "passed on as it is"


@dataclass(frozen=True, slots=True)
class MatrixStep:
    """array = expr, because of what a reader knows it by."""

    array: Array
    expr: Expr
    because: str


@dataclass(frozen=True)
class MatrixProgram:
    """Steps in an order in which each can be computed.

    given  what the steps start from
    entry  the key that the scalar steps have for the entry of an array, by row and column from 1
    sizes  the numbers of the letters that shapes are written in
    """

    steps: tuple[MatrixStep, ...]
    given: tuple[Array, ...]
    entry: Callable[[str, Index, Index], str]
    sizes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def size(self, size: Size) -> int:
        """The number that a size is."""
        return size if isinstance(size, int) else self.sizes[size]

    @cached_property
    def by_key(self) -> Mapping[str, MatrixStep]:
        return {step.array.key: step for step in self.steps}

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        """Every array by its key."""
        return {array.key: array for array in (*self.given, *(step.array for step in self.steps))}


@dataclass(frozen=True, slots=True)
class Share:
    """What one appearance of an array hands back to it, by `change` in the differential of `step`.

    gradient  of the step, which is carried back
    """

    step: MatrixStep
    change: Change
    gradient: Expr
    expr: Expr

    @property
    def usual(self) -> Expr:
        """The same with slopes as books print them: a ⊙ (1 - a) for sigma'(z)."""
        return self.change.usual.carried_back(self.gradient)


@dataclass(frozen=True, slots=True)
class Use:
    """A step that reads an array, and the rules by which it hands back its share."""

    array: Array
    because: str


@dataclass(frozen=True, slots=True)
class Adjoint:
    """dC/dX: the sum of the shares; none: 0."""

    array: Array
    by: Array
    shares: tuple[Share, ...]

    @property
    def expr(self) -> Expr | None:
        """The sum of the shares; None where it is 0."""
        return plus(*(share.expr for share in self.shares)) if self.shares else None

    @property
    def because(self) -> str:
        """The rules of its shares, in a reader's words; several uses are added up."""
        rules = dict.fromkeys(rule for share in self.shares for rule in share.change.words)
        words = ", then ".join(rules) if len(self.shares) == 1 else ", ".join(rules)
        if self.uses:
            return f"sum over its uses: {words}" if words else "sum over its uses"
        return words or PASSED_ON

    @property
    def uses(self) -> tuple[Use, ...]:
        """Of an array that several steps read the rules by step, in the order of the terms; else none."""
        rules: dict[Array, dict[str, None]] = {}
        for share in self.shares:
            rules.setdefault(share.step.array, {}).update(dict.fromkeys(share.change.words))
        uses = tuple(Use(array, ", then ".join(words) or PASSED_ON) for array, words in rules.items())
        return uses if len(uses) > 1 else ()

    @property
    def usual(self) -> Expr | None:
        """The same in usual slopes."""
        return plus(*(share.usual for share in self.shares)) if self.shares else None


def matrix_sweep(program: MatrixProgram, output: str, wrt: Sequence[str]) -> tuple[Adjoint, ...]:
    """dC/dX for each X of `wrt` and for all that lies between, from the cost down.

    output  the key of a number
    """
    found: dict[str, list[Share]] = {output: []}
    changed = _live_changes(program, wrt)
    adjoints: list[Adjoint] = []
    for step in reversed(program.steps):
        key = step.array.key
        if key not in found:
            continue
        if key == output:
            gradient: Expr = ONE
        else:
            adjoints.append(_adjoint(output, step.array, found[key]))
            gradient = adjoints[-1].array
        for change in changed[key]:
            share = Share(step, change, gradient, change.carried_back(gradient))
            found.setdefault(change.array.key, []).append(share)
    given = (program.arrays[key] for key in wrt if key not in program.by_key)
    return (*adjoints, *(_adjoint(output, array, found.get(array.key, [])) for array in given))


def _adjoint(output: str, by: Array, shares: Sequence[Share]) -> Adjoint:
    return Adjoint(Array(adjoint(output, by.key), by.shape), by, tuple(shares))


def _live_changes(program: MatrixProgram, wrt: Sequence[str]) -> Mapping[str, Sequence[Change]]:
    """The terms of each step's differential in arrays that depend on some of `wrt`, these among them."""
    live, found = set(wrt), dict[str, Sequence[Change]]()
    for step in program.steps:
        found[step.array.key] = [change for change in changes(step.expr) if change.array.key in live]
        if found[step.array.key]:
            live.add(step.array.key)
    return found
