"""The four fundamental equations, as the sweep over a fragment gives them.

    delta^L = dC/da^L ⊙ phi'(z^L)                      (BP1)
    delta^l = ((W^{l+1})^T delta^{l+1}) ⊙ phi'(z^l)    (BP2)
    dC/db^l = delta^l                                  (BP3)
    dC/dW^l = delta^l (a^{l-1})^T                      (BP4)

None of them is typed in: a scheme with another step has other ones.

Source: Nielsen (2015), ch. 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from derive.matrix.expr import Array, Expr, Index, put_in, transposed, turned
from derive.matrix.indexed import SAMPLES, Entries
from derive.matrix.sweep import matrix_sweep
from derive.theory.scheme import HERE, LAST, Fragment, Label, Scheme, hidden_layer, last_layer, parameters

ERRORS = ("BP1", "BP2")


@dataclass(frozen=True)
class Equation:
    """array = expr, the gradient of C by `by`.

    name      BP1, BP2, BP3 or BP4
    usual     the same in the layer's own values, where books write it so: softmax without its Jacobian
    fragment  the steps that it is swept from
    """

    name: str
    array: Array
    by: Array
    expr: Expr
    usual: Expr
    fragment: Fragment
    scheme: Scheme

    @property
    def place(self) -> tuple[Index, Index]:
        """Row and column of one entry by running letters: unit j, with unit k or sample i."""
        rows, columns = self.by.shape
        if columns == 1:
            return "j", 1
        if SAMPLES in (rows, columns):
            return ("i", "j") if rows == SAMPLES else ("j", "i")
        return ("k", "j") if self.scheme.rows else ("j", "k")

    @property
    def entry(self) -> tuple[sp.Expr, sp.Expr]:
        """One entry of both sides, in sums of symbolic length."""
        read = Entries(self.fragment.program, letters=True)
        return read.of(self.array, *self.place), read.of(self.expr, *self.place)

    def laid_out(self, layout: str) -> Equation:
        """In the numerator layout a gradient has the transpose's shape; the errors stay as they are."""
        if layout != "numerator" or self.name in ERRORS:
            return self
        lying = Array(self.array.key, turned(self.array.shape))
        return replace(self, array=lying, expr=transposed(self.expr), usual=transposed(self.usual))


def fundamental(scheme: Scheme, here: Label = HERE, last: Label = LAST) -> Iterator[Equation]:
    """BP1 to BP4; without a bias there is no BP3."""
    yield swept("BP1", scheme, last_layer(scheme, last))
    yield swept("BP2", scheme, hidden_layer(scheme, here))
    cut = parameters(scheme, here)
    if scheme.bias:
        yield swept("BP3", scheme, cut, cut.by[1])
    yield swept("BP4", scheme, cut, cut.by[0])


def swept(name: str, scheme: Scheme, fragment: Fragment, by: Array | None = None) -> Equation:
    """The gradient by one array, what lies between it and what the cost reads put in."""
    by = by or fragment.by[0]
    made = {step.array for step in fragment.steps}
    found = matrix_sweep(fragment.program, "C", [by.key])
    (own,) = (one for one in found if one.by == by)
    between = [one for one in found if one.by in made - {by, *fragment.reads}]
    known = {one.array.key: _some(one.expr) for one in between}
    usual = {one.array.key: _some(one.usual) for one in between}
    expr, told = put_in(_some(own.expr), known), put_in(_some(own.usual), usual)
    return Equation(name, own.array, by, expr, told, fragment, scheme)


def _some(expr: Expr | None) -> Expr:
    assert expr is not None, "the cost depends on all that a fragment is differentiated by"
    return expr
