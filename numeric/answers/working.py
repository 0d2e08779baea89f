"""A formula that somebody wrote, worked out once in each world that it is asked for in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from derive.expressions import SYMPY
from derive.formula.nodes import Index, Letter, Node, Slope, Sum, Unspecified, walk
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.deciding.nodes import Array, number
from numeric.deciding.rational import Rational
from numeric.deciding.worlds import World


@dataclass(eq=False)
class Working:
    """One formula in any world, worked out there once; `rational` is its arithmetic."""

    node: Node
    _values: dict[World, Array] = field(default_factory=dict)
    _parts: dict[World, Mapping[int, Array]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rational = Rational.of(self.node)

    def __call__(self, world: World) -> Array:
        """Its value, without axes of one entry. Raises UnluckyError where it has none."""
        known = self._values.get(world)
        if known is None:
            known = self._values[world] = self._value(world)
        return known

    @cached_property
    def read(self) -> tuple[Node, ...]:
        """Every part but those of its arithmetic."""
        return tuple(part for leaf in self.rational.leaves for part in walk(leaf))

    @cached_property
    def is_numeric(self) -> bool:
        """Whether it reads no quantity of the problem."""
        return not any(
            isinstance(part, Letter | Slope | Index | Sum)
            or (isinstance(part, Unspecified) and part.function not in SYMPY)
            for part in self.read
        )

    def once(self, world: World, parts: dict[int, Array] | None = None) -> Array:
        """Its value with all axes, where nobody asks for it again. Raises UnluckyError where it has none.

        parts  of formulas that share some, those that are known in this world, by their identity
        """
        single = self.single(world, parts)
        return Evaluator(world, parts=parts)(self.node) if single is None else single

    def single(self, world: World, parts: dict[int, Array] | None = None) -> Array | None:
        """Its value, where all that its arithmetic is done with are single numbers."""
        leaves = self._leaves(world, parts) if self.rational.steps else []
        value = self.rational.value([leaf.item() for leaf in leaves]) if leaves else None
        return None if value is None else number(value).reshape((1,) * max(leaf.ndim for leaf in leaves))

    def _leaves(self, world: World, parts: dict[int, Array] | None = None) -> list[Array]:
        """What its arithmetic is done with; nothing where some of it is an array."""
        run, found = Evaluator(world, parts=parts), list[Array]()
        for leaf in self.rational.leaves:
            found.append(run(leaf))
            if found[-1].size != 1:
                return []
        return found

    def _value(self, world: World) -> Array:
        single = self.single(world)
        return squeezed(self.parts(world)[id(self.node)] if single is None else single)

    def parts(self, world: World) -> Mapping[int, Array]:
        """The values of all parts by their identity, but for those within sums."""
        known = self._parts.get(world)
        if known is None:
            known = dict[int, Array]()
            Evaluator(world, parts=known)(self.node)
            self._parts[world] = known
        return known

    def residues(self, world: World) -> Mapping[int, int]:
        """Those of its arithmetic by the identity of parts; nothing where that is not of single numbers."""
        leaves = self._leaves(world) if self.rational.steps else []
        values = [leaf.item() for leaf in leaves if not leaf.ndim]
        if not values or len(values) < len(leaves) or self.rational.value(values) is None:
            return {}
        found = self.rational.residues(values, 0)
        return {part: found[place] for part, place in self.rational.places.items()}
