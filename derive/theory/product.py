"""The gradient by W^l as one long product, from the loss down to the layer.

    dC/dW^l = D^l (W^{l+1})^T D^{l+1} ... (W^L)^T D^L ∇_aC (a^{l-1})^T,    D^l = diag(phi'(z^l))

Its factors are the adjoints of the maps that the sweep walked, in their order:
nothing but BP2 put into itself, from BP1 up to BP4. Where samples are rows, z is
a row and W is [in][out], and the same factors stand from right to left:

    dC/dW^l = (a^{l-1})^T ∇_aC D^L (W^L)^T ... D^{l+1} (W^{l+1})^T D^l

Source: Nielsen (2015), ch. 2; Goodfellow et al. (2016), sec. 6.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import Literal

import sympy as sp

from derive.matrix.differentials import Map, Multiplied, Sloped, ThroughJacobian
from derive.matrix.expr import Array, Expr, Unit, put_in, transposed, turned
from derive.matrix.indexed import Entries
from derive.matrix.network import network_program
from derive.matrix.sweep import Adjoint, MatrixProgram, matrix_sweep
from derive.problem import Network, Problem
from derive.steps import first_sample
from derive.sweep import adjoint
from derive.theory.scheme import HERE, LAST, Fragment, Label, Scheme, hidden_layer, last_layer, parameters

Kind = Literal["slope", "jacobian", "weights", "loss", "below", "dots"]

WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "slope": "activation",
        "jacobian": "activation",
        "weights": "linear transform",
        "loss": "loss gradient",
        "below": "weight gradient",
        "dots": "",
    }
)


@dataclass(frozen=True, slots=True)
class Factor:
    """One matrix of the product.

    expr   the matrix; of a slope the column, or row, that stands on the diagonal; None of a Jacobian
           and of dots
    layer  the layer's letter or number
    last   whether it is the last layer's
    linear the map whose adjoint it is, of a Jacobian
    lies   of a Jacobian whether it stands untransposed
    """

    kind: Kind
    layer: str
    expr: Expr | None = None
    last: bool = False
    linear: ThroughJacobian | None = None
    lies: bool = False

    @property
    def turned(self) -> Factor:
        """The transpose; a diagonal matrix is its own."""
        if self.kind == "slope":
            return self
        expr = None if self.expr is None else transposed(self.expr)
        return replace(self, expr=expr, lies=self.linear is not None and not self.lies)

    def put_in(self, known: Mapping[str, Expr]) -> Factor:
        """The same with arrays written otherwise."""
        return self if self.expr is None else replace(self, expr=put_in(self.expr, known))

    @property
    def words(self) -> str:
        """What stands under its brace."""
        place = ("output " if self.last else "hidden ") if self.kind in ("slope", "jacobian") else ""
        return f"{place}{WORDS[self.kind]}"


@dataclass(frozen=True)
class LongProduct:
    """array = nested = the product of the factors.

    nested  the same with Hadamard products, one within the other
    """

    array: Array
    factors: tuple[Factor, ...]
    nested: Expr

    def laid_out(self, layout: str, *, lying: Array | None = None) -> LongProduct:
        """In the numerator layout the transpose: the factors' transposes, from right to left.

        lying  a gradient that in this layout has the transpose's shape itself, as the loss gradient has
        """
        if layout != "numerator":
            return self
        array = Array(self.array.key, turned(self.array.shape))
        known = {lying.key: transposed(Array(lying.key, turned(lying.shape)))} if lying else {}
        factors = tuple(factor.put_in(known).turned for factor in reversed(self.factors))
        return LongProduct(array, factors, transposed(put_in(self.nested, known)))

    def sides(self, program: MatrixProgram) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """Every entry of the gradient and of the factors multiplied out, with the sizes of this program."""
        read = Entries(program, letters=False)
        whole = sp.Matrix([[1]])
        for place, factor in enumerate(self.factors):
            matrix = self._matrix(read, factor)
            whole = matrix if place == 0 else whole * matrix
        rows, columns = whole.shape
        return tuple(
            (read.name(self.array, j, k), whole[j - 1, k - 1])
            for j in range(1, rows + 1)
            for k in range(1, columns + 1)
        )

    def _matrix(self, read: Entries, factor: Factor) -> sp.Matrix:
        if factor.linear is not None:
            whole = self._jacobian(read, factor.linear)
            return whole if factor.lies else whole.T
        assert factor.expr is not None, "a product with dots has no entries"
        rows, columns = map(read.program.size, factor.expr.shape)
        entries = [[read.of(factor.expr, j, k) for k in range(1, columns + 1)] for j in range(1, rows + 1)]
        return sp.diag(*chain(*entries)) if factor.kind == "slope" else sp.Matrix(entries)

    def _jacobian(self, read: Entries, linear: ThroughJacobian) -> sp.Matrix:
        """J, a row for each unit vector that its transpose carries back."""
        rows = linear.of.rows
        above, below = (shape[1 if rows else 0] for shape in (linear.of.shape, linear.of.arg.shape))
        units = [Unit((above, 1), k) for k in range(1, read.program.size(above) + 1)]
        carried = [linear.adjoint(transposed(unit) if rows else unit) for unit in units]
        places = [(1, j) if rows else (j, 1) for j in range(1, read.program.size(below) + 1)]
        return sp.Matrix([[read.of(one, *place) for place in places] for one in carried])


# -- of any network --------------------------------------------------------------------------------

DOTS = "⋯"
"""The key of the layers that are left out."""


def general_product(scheme: Scheme) -> tuple[LongProduct, Expr]:
    """From layer L down to layer l, and what stands between the dots of its nested form."""
    upper = [*_swept(last_layer(scheme)), *_swept(hidden_layer(scheme, LAST - 1))[:1]]
    lower = [*_swept(hidden_layer(scheme, HERE + 1))[1:], *_swept(hidden_layer(scheme))]
    above = scheme.array("a", HERE + 1)
    gap = {adjoint("C", above.key): Array(DOTS, above.shape)}
    factors = (*_factors(lower, LAST), Factor("dots", DOTS), *_factors(upper, LAST))
    loss = Array(adjoint("C", scheme.array("a", LAST).key), scheme.array("a", LAST).shape)
    whole = _finished(_of_weights(scheme, HERE), factors, loss, _nested(lower, gap))
    return whole, _nested(upper, {})[upper[-1].array.key]


def product_at(scheme: Scheme, here: Label, last: Label) -> LongProduct:
    """From one numbered layer down to another, without dots."""
    labels = [Label("", number) for number in range(last.shift - 1, here.shift - 1, -1)]
    hidden = (one for label in labels for one in _swept(hidden_layer(scheme, label)))
    adjoints = [*_swept(last_layer(scheme, last)), *hidden]
    a = scheme.array("a", last)
    loss = Array(adjoint("C", a.key), a.shape)
    return _finished(_of_weights(scheme, here), _factors(adjoints, last), loss, _nested(adjoints, {}))


def _swept(fragment: Fragment) -> list[Adjoint]:
    """The adjoints that a fragment adds, from the top down."""
    found = matrix_sweep(fragment.program, "C", [array.key for array in fragment.by])
    return [one for one in found if one.by not in fragment.reads]


def _of_weights(scheme: Scheme, label: Label) -> Adjoint:
    return next(one for one in _swept(parameters(scheme, label)) if one.by == scheme.array("W", label))


def _nested(adjoints: Sequence[Adjoint], known: Mapping[str, Expr]) -> dict[str, Expr]:
    """Each adjoint with those above it put in."""
    found = dict(known)
    for one in adjoints:
        assert one.expr is not None, "every layer is on the way to the cost"
        found[one.array.key] = put_in(one.expr, found)
    return found


def _factors(adjoints: Sequence[Adjoint], last: Label) -> tuple[Factor, ...]:
    """The adjoint of every map, the lowest layer's first."""
    return tuple(
        _factor(linear, one, last) for one in reversed(adjoints) for linear in one.shares[0].change.maps
    )


def _factor(linear: Map, one: Adjoint, last: Label) -> Factor:
    layer = LAYER.sub("", one.by.key)
    if isinstance(linear, Sloped):
        return Factor("slope", layer, linear.by, layer == str(last))
    if isinstance(linear, ThroughJacobian):
        return Factor("jacobian", layer, None, layer == str(last), linear, lies=linear.of.rows)
    assert isinstance(linear, Multiplied), "a layer's step is W a + b, or a W + b"
    return Factor("weights", layer, transposed(_beside(linear)))


LAYER = re.compile("^[A-Za-z]")
"""What stands before the layer in a key."""


def _finished(
    weights: Adjoint, factors: tuple[Factor, ...], loss: Array, known: Mapping[str, Expr]
) -> LongProduct:
    """The product with its ends: the loss gradient, and the activations that the weights multiply."""
    (linear,) = weights.shares[0].change.maps
    assert weights.expr is not None and isinstance(linear, Multiplied)
    ends = (Factor("loss", "", loss), Factor("below", "", transposed(_beside(linear))))
    whole = (*factors, *ends)
    rows = linear.left is not None  # of a W the activations stand to the left
    return LongProduct(weights.array, whole[::-1] if rows else whole, put_in(weights.expr, known))


def _beside(linear: Multiplied) -> Expr:
    """The one factor of a product that is held."""
    (held,) = (factor for factor in (linear.left, linear.right) if factor is not None)
    return held


# -- of a problem ----------------------------------------------------------------------------------


def long_product(problem: Problem, l: int = 1) -> LongProduct | None:
    """dC/dW^l of one sample's cost, through the problem's own layers, in its shapes and its layout.

    None where there is no single product: for a graph, and for a formula that
    reads two layers, or a weight, or not this layer at all.
    """
    network = problem.body
    if not isinstance(network, Network) or not problem.objectives:
        return None
    found = matrix_sweep(sample_program(problem), "C", [f"W{l}", f"z{l}"])
    *adjoints, weights = (one for one in found if one.by.key[0] in "azW")
    if any(len(one.shares) != 1 for one in (*adjoints, weights)) or not adjoints:
        return None
    outputs, *below = adjoints
    last = Label("", network.depth)
    whole = _finished(weights, _factors(below, last), outputs.array, _nested(below, {}))
    return whole.laid_out(problem.notation.layout, lying=outputs.array)


def sample_program(problem: Problem) -> MatrixProgram:
    """One sample's pass forward and its own cost: a column, or where samples are rows a row."""
    return network_program(first_sample(problem), batch=False, rows=problem.notation.samples == "rows")
