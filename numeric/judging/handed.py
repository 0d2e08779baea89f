"""A gradient's arrays, those that were handed in beside the right ones, for tests of all entries at once.

What was done to a whole array is seen in it as a whole: a guess is an array too,
and holds where it gives all wrong entries and spoils none that is right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from derive.problem import Graph, Network, Problem
from derive.quantities import SHAPES
from derive.shapes import Shape, entries
from numeric.balls.truths import Truths
from numeric.floats.backprop import LayerGradients, layer_gradients
from numeric.floats.claims import Entry
from numeric.floats.network import arrays_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

RELATIVE = 1e-9
NEARER = 1000


@dataclass(frozen=True, eq=False)
class Array:
    """The gradient by one array; all fields have its shape.

    name    w1, b1, a graph's X
    layer   of w1 and b1; 0 in a graph
    theirs  what was handed in where it is wrong, the truth elsewhere
    right   the float64 next to each entry
    wrong   where theirs is wrong
    sound   where it is right, so that nothing was done to it
    """

    of: str
    name: str
    layer: int
    theirs: Floats
    right: Floats
    wrong: Flags
    sound: Flags

    @property
    def is_weights(self) -> bool:
        """Whether these are a matrix."""
        return self.theirs.ndim == 2

    @cached_property
    def telling(self) -> int:
        """How many wrong entries are not 0."""
        return int((self.wrong & (self.theirs != 0)).sum())

    @cached_property
    def largest(self) -> tuple[int, ...]:
        """Where the truth is largest, of the wrong entries."""
        place = np.argmax(np.where(self.wrong, np.abs(self.right), -1.0))
        return tuple(int(i) for i in np.unravel_index(place, self.right.shape))

    def holds(self, guess: Floats) -> bool:
        """Whether a guess gives every wrong entry, much nearer than the truth does, and leaves what is right.

        One entry refutes most guesses.
        """
        at = self.largest
        if guess.shape != self.theirs.shape or not _near(guess[at], self.theirs[at]):
            return False
        gap, far = np.abs(self.theirs - guess), np.abs(self.theirs - self.right)
        made = _near(guess, self.theirs)
        return bool(np.all(np.where(self.wrong, made & (NEARER * gap < far), made | ~self.sound)))

    def keeps(self, guess: Floats) -> bool:
        """Whether a guess is what is right."""
        return guess.shape == self.right.shape and bool(np.all(_near(guess, self.right)))


def _near(guess: Floats, theirs: Floats) -> Flags:
    close: Flags = np.abs(theirs - guess) <= RELATIVE * np.abs(guess)
    return close


@dataclass(frozen=True)
class Samples:
    """A network's gradient by samples.

    layers  delta[l] (n, widths[l]) and a[l] (n, units[l]), of which it is made
    share   lambda/n times each parameter of an array
    decay   the L2 term of it: that share where a weight has no other use, 0 elsewhere
    """

    layers: LayerGradients
    share: Mapping[str, Floats]
    decay: Mapping[str, Floats]

    @classmethod
    def of(cls, problem: Problem, network: Network) -> Samples:
        arrays, rate = arrays_of(problem, network), float(network.l2) / len(problem.x)
        values = {f"w{l}": W.value for l, W in arrays.W.items()}
        values |= {f"b{l}": b.value for l, b in arrays.b.items() if b is not None}
        share = {name: rate * value for name, value in values.items()}
        decay = {
            name: np.where(_decays(problem, name, value.shape), value, 0.0) for name, value in share.items()
        }
        return cls(layer_gradients(problem, network), share, decay)

    def delta(self, array: Array) -> Floats:
        """(n, widths[l]) of the layer of an array."""
        return self.layers.delta[array.layer].value

    def part(self, array: Array, s: int) -> Floats:
        """What sample s adds to an array, its share of a mean."""
        delta = self.delta(array)[s]
        return np.outer(delta, self.layers.a[array.layer - 1].value[s]) if array.is_weights else delta

    def at(self, array: Array) -> Floats:
        """(n,) what each sample adds to the entry at which most guesses fail."""
        first, *second = array.largest
        delta = self.delta(array)[:, first]
        return delta * self.layers.a[array.layer - 1].value[:, second[0]] if second else delta

    def rest(self, array: Array) -> Floats:
        """What no sample adds: the L2 term."""
        return self.decay[array.name]


def _decays(problem: Problem, name: str, shape: Shape) -> Flags:
    """Which entries of an array have an L2 term; the share of one use of several has none."""
    single = {parameter.key for parameter in problem.parameters if not parameter.shared}
    own = [name.startswith("w") and key in single for key in entries(name, shape)]
    return np.array(own, dtype=np.bool_).reshape(shape)


@dataclass(frozen=True, eq=False)
class Theirs:
    """All numbers in columns, in the order of the truths.

    theirs  what was handed in where it is wrong, the truth elsewhere
    right   the float64 next to each truth
    wrong   where theirs is wrong; sound where it is right
    """

    truths: Truths
    theirs: Floats
    right: Floats
    wrong: Flags
    sound: Flags

    @classmethod
    def beside(cls, truths: Truths, places: Places, values: Floats, right: Collection[Entry]) -> Theirs:
        """The numbers that are wrong, put among the right ones."""
        nearest = truths.nearest.copy()
        for i in np.flatnonzero(np.isnan(nearest)).tolist():
            if (truth := truths.at(i)).defined:
                nearest[i] = float(truth.mid)
        theirs, wrong, sound = nearest.copy(), np.zeros(len(nearest), bool), np.zeros(len(nearest), bool)
        theirs[places], wrong[places] = values, True
        sound[[truths.position[entry] for entry in right]] = True
        return cls(truths, theirs, nearest, wrong, sound)


@dataclass(frozen=True)
class Handed:
    """The arrays of one objective's gradient of which all entries are known.

    places  where each array's entries stand among the truths
    """

    problem: Problem
    of: str
    arrays: Mapping[str, Array]
    places: Mapping[str, Places]

    @classmethod
    def of_objective(cls, problem: Problem, of: str, columns: Theirs) -> Handed:
        """The columns taken apart into arrays."""
        position = columns.truths.position
        arrays, places = dict[str, Array](), dict[str, Places]()
        for name, layer, shape in _shapes(problem):
            found = [position.get((of, key), -1) for key in entries(name, shape)]
            if -1 not in found:
                at = places[name] = np.array(found, dtype=np.int64).reshape(shape)
                parts = (columns.theirs[at], columns.right[at], columns.wrong[at], columns.sound[at])
                arrays[name] = Array(of, name, layer, *parts)
        return cls(problem, of, arrays, places)

    @property
    def network(self) -> Network | None:
        body = self.problem.body
        return body if isinstance(body, Network) else None

    @cached_property
    def samples(self) -> Samples | None:
        """By samples, of a network that has nothing but a cost."""
        network = self.network
        if network is None or network.cost is None:
            return None
        return Samples.of(self.problem, network)

    @property
    def l2(self) -> bool:
        """Whether there is an L2 term."""
        return bool(self.network and self.network.l2)

    def decay(self, array: Array) -> Iterator[Floats]:
        """The L2 term of an array, where there is one at all."""
        if self.l2 and self.samples:
            yield self.samples.rest(array)


def _shapes(problem: Problem) -> Iterator[tuple[str, int, Shape]]:
    """The arrays of parameters with their layers; of a graph all that is given."""
    body = problem.body
    if isinstance(body, Graph):
        yield from ((name, 0, body.shape(name)) for name in problem.given_names)
        return
    for l, layer in enumerate(body.layers, 1):
        for letter in "w" if layer.biases is None else "wb":
            yield f"{letter}{l}", l, SHAPES[letter](body, l)
