"""Statements about any layer, at one network: a few layers of a few units, with symbols for entries.

phi and C stay any functions: C reads all entries of a^L at once. Every quantity
that a line names gets its meaning here from the forward pass and SymPy's own
differentiation of it alone; so what the sweep says of delta^l is not used to
check what it says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Generic, TypeVar

import sympy as sp

from derive.identities import proved
from derive.matrix.expr import Array, Expr, Index
from derive.matrix.indexed import SAMPLES, Entries
from derive.matrix.sweep import MatrixProgram
from derive.theory.equations import Equation
from derive.theory.names import ENTRY, LABEL, as_errors, renamed, written_out
from derive.theory.proofs import EntryProof, PairProof
from derive.theory.scheme import Fragment, Label, Scheme, entry, layers
from derive.whole_functions import AnyCost

Sides = tuple[sp.Expr, sp.Expr]
"""What a line says to be equal, in names of entries."""

SAMPLE_COUNT = 2

Value = TypeVar("Value")


@dataclass(frozen=True)
class Place:
    """Layer l of a network of these sizes, n_0 to n_L, as a scheme makes it."""

    scheme: Scheme
    sizes: tuple[int, ...]
    l: int

    @property
    def depth(self) -> int:
        """L"""
        return len(self.sizes) - 1

    @property
    def labels(self) -> Iterator[Label]:
        """Every layer by all its names: l + 1, L, 2."""
        for letter, number in (("l", self.l), ("L", self.depth), ("", 0)):
            yield from (Label(letter, layer - number) for layer in range(self.depth + 1))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """What every size is, by its letter: n_l, n_l+1, n_L, n_2, n."""
        sizes = {f"n_{label}": self.sizes[self.layer(str(label))] for label in self.labels}
        return {**sizes, str(SAMPLES): SAMPLE_COUNT, "1": 1}

    @cached_property
    def read(self) -> Entries:
        """Writes entries of any layer out."""
        arrays = tuple(self.scheme.array(letter, label) for label in self.labels for letter in "Wbza")
        return Entries(MatrixProgram((), arrays, entry, self.numbers), letters=False)

    def layer(self, label: str) -> int:
        """The number of a layer that is named by its letter."""
        match = LABEL.fullmatch(label)
        assert match is not None, f"{label} names a layer"
        return {"l": self.l, "L": self.depth, "": 0}[match[1]] + int(match[2] or 0)

    def key(self, key: str) -> str:
        """An array's key with the layer's number."""
        return f"{key[0]}{self.layer(key[1:])}" if key[1:] else key

    @cached_property
    def program(self) -> MatrixProgram:
        """All layers, without a cost."""
        steps = tuple(layers(self.scheme, self.depth))
        fragment = Fragment(steps, (), ())
        return MatrixProgram(steps, fragment.given, entry, self.numbers)

    @property
    def outputs(self) -> Array:
        """The last layer's activations."""
        return self.scheme.array("a", Label("", self.depth))

    @property
    def adds(self) -> tuple[Array, ...]:
        """The numbers that the cost holds of the parameters themselves."""
        return tuple(step.array for step in self.program.steps if step.array.key.startswith("R"))

    def entries(self, array: Array) -> Iterator[tuple[int, int]]:
        """Rows and columns of an array."""
        rows, columns = (range(1, self.numbers[str(size)] + 1) for size in array.shape)
        return product(rows, columns)

    # -- what lines say ----------------------------------------------------------------------------

    def of_entries(self, proof: EntryProof) -> Iterator[tuple[Sides, ...]]:
        """Each line of a proof by entries, for every unit j and k."""
        letters = proof.equation.place
        for line in proof.lines:
            found = []
            for place in self.entries(proof.equation.by):
                numbers: dict[str, Index] = {
                    letter: number
                    for letter, number in zip(letters, place, strict=True)
                    if isinstance(letter, str)
                }
                left, right = (
                    renamed(written_out(side, self.numbers), numbers) for side in (proof.left, line.side)
                )
                found.append((left, right))
            yield tuple(found)

    def of_differentials(self, proof: PairProof) -> Iterator[tuple[Sides, ...]]:
        """Each line of a proof by differentials, which is one number."""
        for line in proof.lines:
            yield ((sp.Symbol("dC"), self.read.of(line.expr, 1, 1)),)

    def of_equation(self, equation: Equation, expr: Expr) -> tuple[Sides, ...]:
        """array = expr, for every entry."""
        return tuple(
            (self.read.of(equation.array, *at), as_errors(self.read.of(expr, *at)))
            for at in self.entries(equation.array)
        )


class Meaning(ABC, Generic[Value]):
    """What every name in a line means at a place; the entries of arrays have the place's own keys."""

    def __init__(self, place: Place, fragment: Fragment) -> None:
        self.place, self.fragment = place, fragment
        self._known: dict[str, Value] = {}

    @abstractmethod
    def value(self, key: str) -> Value:
        """Of an entry of a layer, or of n and lambda."""

    @abstractmethod
    def slope(self, of: str, by: str) -> Value:
        """Of an entry, or of the cost, by an entry while all below that is held."""

    @abstractmethod
    def change(self, of: str) -> Value:
        """dX of an entry, or dC, as the fragment's `by` moves.

        Of an entry only through the fragment's own steps: what they are given is held.
        """

    def named(self, name: str) -> Value:
        """What a name means: a value, a slope, an error, a differential."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Value:
        if name.startswith("delta"):
            letter = "Z" if self.place.scheme.batch else "z"
            return self.slope("C", self._key(name.replace("delta", letter, 1)))
        if not name.startswith("d"):
            return self.value(self._key(name) if "[" in name else name)
        of, is_slope, by = name.removeprefix("d").partition("/d")
        above = of if of == "C" else self._key(of)
        return self.slope(above, self._key(by)) if is_slope else self.change(above)

    def _key(self, name: str) -> str:
        match = ENTRY.fullmatch(name)
        assert match is not None, f"{name} is one entry"
        return entry(self.place.key(match["letter"] + match["label"]), match["row"], match["column"])

    @cached_property
    def moving(self) -> Mapping[str, Array]:
        """What the fragment is differentiated by, by the place's keys."""
        return {self.place.key(array.key): array for array in self.fragment.by}

    def held(self, of: str) -> frozenset[str]:
        """What does not follow when `of` changes."""
        given = (self.place.key(array.key) for array in self.fragment.given)
        return frozenset(given).difference(self.moving) if of != "C" else frozenset()


class Proving(Meaning[sp.Expr]):
    """In symbols: every entry of a^{l-1}, W and b is one, and phi and C are any functions."""

    def __init__(self, place: Place, fragment: Fragment) -> None:
        super().__init__(place, fragment)
        self._passes = passes_at(place)

    def proves(self, sides: Sides) -> bool:
        """Whether both sides are the same formula."""
        return _same(*map(self.meaning, sides))

    def meaning(self, expr: sp.Expr) -> sp.Expr:
        """The expression in given entries alone."""
        return expr.xreplace({symbol: self.named(symbol.name) for symbol in expr.free_symbols})

    def value(self, key: str) -> sp.Expr:
        return self._passes.run(frozenset())[key] if "[" in key else sp.Symbol(key)

    def slope(self, of: str, by: str) -> sp.Expr:
        return self._passes.slope(of, by, frozenset())

    def change(self, of: str) -> sp.Expr:
        if of.partition("[")[0] in self.moving:
            return sp.Symbol(f"d{of}")
        places = (entry(key, *at) for key, array in self.moving.items() for at in self.place.entries(array))
        held = self.held(of).union(self.moving)
        return sp.Add(*(self._passes.slope(of, by, held) * sp.Symbol(f"d{by}") for by in places))


@lru_cache(maxsize=1024)
def _same(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether two formulas are proved equal, mostly once multiplied out; many lines come to the same two."""
    return bool(sp.expand_mul(left - right) == 0) or proved(left, right)


class Passes:
    """The forward passes at a place in symbols, and the slopes, which many lines read."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._runs: dict[frozenset[str], Mapping[str, sp.Expr]] = {}
        self._slopes: dict[tuple[str, str, frozenset[str]], sp.Expr] = {}

    def slope(self, of: str, by: str, held: frozenset[str]) -> sp.Expr:
        """SymPy's derivative, what is held and the entry's whole array as symbols."""
        if (of, by, held) not in self._slopes:
            run = self.run(held | {by.partition("[")[0]})
            self._slopes[of, by, held] = sp.diff(run[of], sp.Symbol(by)).xreplace(self._values(run))
        return self._slopes[of, by, held]

    def _values(self, run: Mapping[str, sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
        """What entries that are held in a run come to."""
        values = self.run(frozenset())
        return {sp.Symbol(key): values[key] for key, value in run.items() if value == sp.Symbol(key)}

    def run(self, held: frozenset[str]) -> Mapping[str, sp.Expr]:
        """A forward pass from layer l up, in which the arrays of `held` keep their symbols."""
        if held not in self._runs:
            self._runs[held] = self._passed(held)
        return self._runs[held]

    def _passed(self, held: frozenset[str]) -> Mapping[str, sp.Expr]:
        place = self.place
        read = Entries(place.program, letters=False)
        values: dict[sp.Symbol, sp.Expr] = {}
        for step in place.program.steps:
            key = step.array.key
            below = place.layer(key[1:]) < place.l
            for at in place.entries(step.array):
                symbol = sp.Symbol(entry(key, *at))
                free = below or key in held
                values[symbol] = symbol if free else read.of(step.expr, *at).xreplace(values)
        for array in place.program.given:
            values |= {(own := sp.Symbol(entry(array.key, *at))): own for at in place.entries(array)}
        outputs = place.outputs
        cost = AnyCost(*(values[sp.Symbol(entry(outputs.key, *at))] for at in place.entries(outputs)))
        cost += sp.Add(*(values[sp.Symbol(entry(number.key, 1, 1))] for number in place.adds))
        return {symbol.name: value for symbol, value in values.items()} | {"C": cost}


@lru_cache(maxsize=32)
def passes_at(place: Place) -> Passes:
    """The same ones for every equation of a place."""
    return Passes(place)
