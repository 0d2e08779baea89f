"""A network of any depth, one layer at a time: its steps in letters, and what is cut out of it.

    z^l = W^l a^{l-1} + b^l        a^l = phi(z^l)        C = C(a^L)

A scheme says how a layer's step differs from this. A fragment is a few steps
around layer l, with the gradients of what the cost reads beyond them put in as
given: C changes by <dC/dz^{l+1}, dz^{l+1}>, whatever the layers above are.

Source: Nielsen (2015), ch. 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula
from derive.matrix.differentials import changes
from derive.matrix.expr import (
    SCALAR,
    Array,
    Coupled,
    CoupledRule,
    Entrywise,
    Expr,
    Index,
    Ones,
    Shape,
    inner,
    plus,
    product,
    scaled,
    total,
    transposed,
    turned,
)
from derive.matrix.network import LAMBDA, N
from derive.matrix.sweep import MatrixProgram, MatrixStep
from derive.rules import ACTIVATIONS
from derive.rules.kinds import A, Z
from derive.sweep import adjoint
from derive.whole_functions import P, unspecified

OUTPUTS = 2
"""How many units a softmax layer is written for; its equations are the same for any number."""

SEVERAL = 2
"""Stands for a size that is left open: any number but 1, so that a sum over it stays a sum."""

TANH = sp.tanh(P)


@dataclass(frozen=True, slots=True)
class Label:
    """A layer by its letter, `l` or `L + 1`, or where there is no letter by its number."""

    letter: str
    shift: int = 0

    def __add__(self, layers: int) -> Label:
        return Label(self.letter, self.shift + layers)

    def __sub__(self, layers: int) -> Label:
        return self + -layers

    def __str__(self) -> str:
        if not self.letter:
            return str(self.shift)
        return f"{self.letter}{self.shift:+d}" if self.shift else self.letter

    @property
    def exists(self) -> bool:
        """Whether it may be a layer, the input among them: a number below 0 is none."""
        return bool(self.letter) or self.shift >= 0


HERE, LAST = Label("l"), Label("L")


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How the layers are made.

    bias     W a + b, not W a
    softmax  the last layer's activation
    batch    samples as the columns of Z, A; `rows`: as their rows, with W [in][out]
    decay    C has the term lambda/(2n) times the squares of all weights
    shared   two layers, l and l + 1, have the same W and b
    skip     a^{l-2} is added to z^l
    letter   the activation's
    phi      what takes its place where numbers are wanted, in P
    """

    bias: bool = True
    softmax: bool = False
    batch: bool = False
    rows: bool = False
    decay: bool = False
    shared: bool = False
    skip: bool = False
    letter: str = "phi"
    phi: sp.Expr = TANH

    def array(self, letter: str, label: Label) -> Array:
        """W, b, z or a of a layer, with its shape; of a batch Z or A."""
        units, below = f"n_{label}", f"n_{label - 1}"
        if self.shared and letter in "Wb":
            return Array(letter, ("n_l", "n_l-1" if letter == "W" else 1))
        if letter == "W":
            return Array(f"W{label}", (below, units) if self.rows else (units, below))
        if letter == "b" or not self.batch:
            return Array(f"{letter}{label}", (units, 1))
        shape: Shape = (units, "n")
        return Array(f"{letter.upper()}{label}", turned(shape) if self.rows else shape)

    def weighted_input(self, label: Label) -> MatrixStep:
        """z = W a + b, or what this scheme has in its place."""
        w, b, below = self.array("W", label), self.array("b", label), self.array("a", label - 1)
        terms = [product(below, w) if self.rows else product(w, below)]
        if self.bias:
            terms.append(self._spread(b))
        if self.skip and (label - 2).exists:
            terms.append(self.array("a", label - 2))
        return MatrixStep(self.array("z", label), plus(*terms), "weighted input")

    def _spread(self, b: Array) -> Expr:
        """b for every sample: b 1^T, or 1 b^T."""
        if not self.batch:
            return b
        ones = Ones(("n", 1))
        return product(ones, transposed(b)) if self.rows else product(b, transposed(ones))

    def activation(self, label: Label, *, last: bool) -> MatrixStep:
        """a = phi(z), entry by entry; of a softmax layer the whole column."""
        z, a = self.array("z", label), self.array("a", label)
        if last and self.softmax:
            return MatrixStep(a, Coupled(_softmax(), z, (), z.shape, self.rows, a), "activation")
        phi = unspecified(self.letter, 0, self.phi)
        return MatrixStep(a, Entrywise(Formula(phi(Z), (Z,)), (z,), z.shape), "activation")

    def decay_of(self, label: Label) -> MatrixStep:
        """R^l, what the cost holds of W^l itself: lambda/(2n) times the sum of its squares."""
        w, square = self.array("W", label), Formula(A**2, (A,))
        squares = total(Entrywise(square, (w,), w.shape))
        return MatrixStep(Array(f"R{label}", SCALAR), scaled(LAMBDA / (2 * N), squares), "L2 term")


def _softmax() -> CoupledRule:
    formula = ACTIVATIONS["softmax"].formula(OUTPUTS)

    def reads(j: int) -> tuple[int, ...]:
        return (j, *(k for k in range(1, OUTPUTS + 1) if k != j))

    return CoupledRule("softmax", lambda: formula, OUTPUTS, (), reads)


@dataclass(frozen=True)
class Fragment:
    """Some steps, what the cost reads of them, and what it is differentiated by.

    adds   numbers that the cost itself adds up
    """

    steps: tuple[MatrixStep, ...]
    reads: tuple[Array, ...]
    by: tuple[Array, ...]
    adds: tuple[Array, ...] = ()

    @cached_property
    def program(self) -> MatrixProgram:
        """The steps, and the cost as far as it moves: the sum of <dC/dS, S> over what it reads."""
        terms = [inner(Array(adjoint("C", read.key), read.shape), read) for read in self.reads]
        whole = plus(*terms, *self.adds)
        steps = (*self.steps, MatrixStep(Array("C", SCALAR), whole, "cost"))
        arrays = (*self.given, *(step.array for step in self.steps))
        sizes = dict.fromkeys((size for array in arrays for size in map(str, array.shape)), SEVERAL)
        return MatrixProgram(steps, self.given, entry, sizes)

    @cached_property
    def given(self) -> tuple[Array, ...]:
        """What the steps start from."""
        made = {step.array for step in self.steps}
        read = {change.array: None for step in self.steps for change in changes(step.expr)}
        return tuple(array for array in read if array not in made)


def entry(key: str, row: Index, column: Index) -> str:
    """The name of an entry, `Wl+1[j,k]`."""
    return f"{key}[{row},{column}]"


def last_layer(scheme: Scheme, label: Label = LAST) -> Fragment:
    """a^L = phi(z^L), and C that reads a^L."""
    step = scheme.activation(label, last=True)
    return Fragment((step,), (step.array,), (scheme.array("z", label),))


def hidden_layer(scheme: Scheme, label: Label = HERE) -> Fragment:
    """a^l = phi(z^l) and the weighted inputs that read it."""
    readers = [scheme.weighted_input(label + 1), *([scheme.weighted_input(label + 2)] if scheme.skip else [])]
    steps = (scheme.activation(label, last=False), *readers)
    return Fragment(steps, tuple(reader.array for reader in readers), (scheme.array("z", label),))


def parameters(scheme: Scheme, label: Label = HERE) -> Fragment:
    """The weighted inputs that read W^l and b^l."""
    labels = (label, label + 1) if scheme.shared else (label,)
    steps = tuple(map(scheme.weighted_input, labels))
    by = (scheme.array("W", label), *([scheme.array("b", label)] if scheme.bias else []))
    decay = (scheme.decay_of(label),) if scheme.decay else ()
    return Fragment(
        (*steps, *decay), tuple(step.array for step in steps), by, tuple(step.array for step in decay)
    )


def layers(scheme: Scheme, depth: int) -> Iterator[MatrixStep]:
    """All the steps of a network of this depth, from layer 1 up."""
    for number in range(1, depth + 1):
        yield scheme.weighted_input(Label("", number))
        yield scheme.activation(Label("", number), last=number == depth)
        if scheme.decay:
            yield scheme.decay_of(Label("", number))


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "plain": Scheme(),
        "no bias": Scheme(bias=False),
        "softmax": Scheme(softmax=True),
        "columns": Scheme(batch=True),
        "rows": Scheme(batch=True, rows=True),
        "decay": Scheme(decay=True),
        "shared": Scheme(shared=True),
        "skip": Scheme(skip=True),
    }
)
"""The steps whose equations are derived, by name."""
