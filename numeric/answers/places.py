"""What would have to stand at each place of a wrong answer to make it right.

An answer is f(u), with u the part at one place. What u would have to be follows from
what f(u) would have to be, sign by sign from the outside in:

    u + v = t    u = t - v          u v = t    u = t / v          -u  = t    u = -t
    u - v = t    v = u - t          u / v = t  v = u / t          u^T = t    u = t^T

entry by entry for arrays, and for an outer product u v^T where t has rank 1. Inside
functions, powers, sums and products of matrices nothing is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType

import numpy as np

from derive.formula.nodes import Apply, Node, operands, walk
from numeric.answers.residues import Everywhere, of_array, prime_of
from numeric.answers.working import Working
from numeric.deciding.nodes import Array
from numeric.deciding.rational import whole_exponent
from numeric.deciding.values import UnluckyError, powered
from numeric.deciding.worlds import World


@dataclass(frozen=True, eq=False)
class Place:
    """One part of an answer.

    is      its residues, in each world
    wanted  those that would make the whole answer right
    within  the operation whose operand it is, "" for the whole answer; `side` which operand
    """

    node: Node
    values: Everywhere
    wanted: Everywhere
    within: str = ""
    side: int = 0


@dataclass(frozen=True)
class Worked:
    """An answer worked out in several worlds, every part of it kept.

    arithmetic  in each world the residues of the parts of its arithmetic, where it is of single numbers
    """

    answer: Working
    worlds: tuple[World, ...]
    arithmetic: tuple[Mapping[int, int], ...]
    _known: dict[int, Everywhere | None] = field(default_factory=dict)

    @classmethod
    def out(cls, answer: Working, worlds: Sequence[World]) -> Worked | None:
        """None where the answer has no value in one of the worlds."""
        try:
            arithmetic = tuple(answer.residues(world) for world in worlds)
            if not all(arithmetic):
                for world in worlds:
                    answer.parts(world)
        except UnluckyError:
            return None
        return cls(answer, tuple(worlds), arithmetic)

    @cached_property
    def _parts(self) -> frozenset[int]:
        return frozenset(map(id, walk(self.answer.node)))

    def of(self, node: Node) -> Everywhere | None:
        """The residues of a part; None where there are none, as inside a sum."""
        if id(node) not in self._known:
            found = [self._residues(node, place) for place in range(len(self.worlds))]
            known = tuple(residues for residues in found if residues is not None)
            self._known[id(node)] = known if len(known) == len(found) else None
        return self._known[id(node)]

    def _residues(self, node: Node, place: int) -> Array | None:
        single = self.arithmetic[place].get(id(node))
        if single is not None:
            return np.array(single, dtype=object)
        values = self.answer.parts(self.worlds[place]).get(id(node))
        return None if values is None else of_array(values)

    def made(self, node: Node, place: int) -> Array | None:
        """The residues in one world of a formula that is made of parts of the answer, and perhaps of others.

        None where it has none. Raises ValueError where shapes do not meet.
        """
        if id(node) in self._parts:
            known = self.of(node)
            return None if known is None else known[place]
        prime = prime_of(self.worlds[place])
        if isinstance(node, Apply) and node.operation in _MADE:
            args = [self.made(arg, place) for arg in node.args]
            found = [arg for arg in args if arg is not None]
            return _MADE[node.operation](prime, *found) if len(found) == len(args) else None
        exponent = whole_exponent(node)
        base = None if exponent is None else self.arithmetic[place].get(id(operands(node)[0]))
        if base is not None and exponent is not None and (base or exponent >= 0):
            return np.array(powered(base, exponent, prime), dtype=object)
        try:
            return of_array(Working(node).once(self.worlds[place]))
        except UnluckyError:
            return None

    def places(self, node: Node, wanted: Everywhere) -> Iterator[Place]:
        """Every place that can be looked at, the outer ones first."""
        values = self.of(node)
        waiting = [] if values is None else [Place(node, values, wanted)]
        while waiting:
            place = waiting.pop()
            yield place
            waiting += list(self._below(place))[::-1]

    def _below(self, place: Place) -> Iterator[Place]:
        node = place.node
        if not isinstance(node, Apply) or node.operation not in _INVERSES:
            return
        values = [self.of(arg) for arg in node.args]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return
        for side, (arg, inverse) in enumerate(zip(node.args, _INVERSES[node.operation], strict=True)):
            wanted = [
                inverse(prime_of(world), place.wanted[i], *(value[i] for value in known))
                for i, world in enumerate(self.worlds)
            ]
            fitting = tuple(
                fitted for one, own in zip(wanted, known[side], strict=True)
                if one is not None and (fitted := _fitted(one, own.shape)) is not None
            )  # fmt: skip
            if len(fitting) == len(self.worlds):
                yield Place(arg, known[side], fitting, node.operation, side)


def factors_of(node: Node) -> Iterator[Node]:
    """The factors of a product of numbers, from left to right."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Apply) and part.operation in ("multiply", "negate"):
            waiting += part.args[::-1]
        else:
            yield part


# -- inverses --------------------------------------------------------------------------------------

_INVERSE = np.frompyfunc(lambda entry, prime: powered(entry, -1, prime), 2, 1)


def quotient(prime: int, u: Array, v: Array) -> Array | None:
    """u / v entry by entry; None where v has a 0."""
    if not all(v.flat):
        return None
    return np.asarray(u * _INVERSE(v, prime) % prime, dtype=object)


_Made = Callable[..., Array | None]
_MADE: Mapping[str, _Made] = MappingProxyType(
    {
        "add": lambda p, u, v: np.asarray((u + v) % p, dtype=object),
        "subtract": lambda p, u, v: np.asarray((u - v) % p, dtype=object),
        "multiply": lambda p, u, v: np.asarray(u * v % p, dtype=object),
        "hadamard": lambda p, u, v: np.asarray(u * v % p, dtype=object),
        "divide": quotient,
        "matmul": lambda p, u, v: np.asarray((u @ v) % p, dtype=object),
        "transpose": lambda _, u: u.T,
    }
)
"""Of prime and operands: what is made of these."""


def _fitted(wanted: Array, shape: tuple[int, ...]) -> Array | None:
    """The wanted array as one of this shape, where an operand that was stretched is the same throughout."""
    wanted = np.asarray(wanted, dtype=object)  # NumPy makes numbers of arrays without axes
    if wanted.shape == shape:
        return wanted
    if int(np.prod(shape)) == 1 and len(set(wanted.flat)) == 1:
        return np.full(shape, wanted.item(0), dtype=object)
    return None


def _outer(prime: int, wanted: Array, u: Array, v: Array, *, side: int) -> Array | None:
    """An operand of u v where u is a column and v a row."""
    if u.ndim != 2 or v.ndim != 2 or u.shape[1] != 1:
        return None
    other = (v if side == 0 else u).reshape((1, -1) if side == 0 else (-1, 1))
    found = quotient(prime, wanted, np.broadcast_to(other, wanted.shape))
    if found is None or found.shape != wanted.shape:
        return None
    first = found[:, :1] if side == 0 else found[:1, :]
    return first if bool(np.all(found == first)) else None


_Inverse = Callable[..., Array | None]
_INVERSES: Mapping[str, tuple[_Inverse, ...]] = MappingProxyType(
    {
        "add": (lambda p, t, _, v: (t - v) % p, lambda p, t, u, _: (t - u) % p),
        "subtract": (lambda p, t, _, v: (t + v) % p, lambda p, t, u, _: (u - t) % p),
        "multiply": (lambda p, t, _, v: quotient(p, t, v), lambda p, t, u, _: quotient(p, t, u)),
        "hadamard": (lambda p, t, _, v: quotient(p, t, v), lambda p, t, u, _: quotient(p, t, u)),
        "divide": (lambda p, t, _, v: t * v % p, lambda p, t, u, _: quotient(p, u, t)),
        "negate": (lambda p, t, _: -t % p,),
        "transpose": (lambda _, t, __: t.T,),
        "matmul": (partial(_outer, side=0), partial(_outer, side=1)),
    }
)
"""Of prime, wanted result and operands: what each operand would have to be."""
