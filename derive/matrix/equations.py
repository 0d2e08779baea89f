"""The equations of a pass, forward and back, each in the forms that a book would print.

    δ^L = ∂C/∂a^L ⊙ σ'(z^L) = (a^L - y) ⊙ a^L ⊙ (1 - a^L)
    δ^l = ((W^{l+1})^T δ^{l+1}) ⊙ σ'(z^l)

The gradient by a hidden layer's activations has no name of its own: it is put
into the error that rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from derive.matrix.expr import Array, Expr, put_in, transposed, turned
from derive.matrix.graph import graph_program, place_of
from derive.matrix.network import WHOLE, layers_of, network_program
from derive.matrix.sweep import Adjoint, MatrixProgram, matrix_sweep
from derive.problem import Graph, Network, Problem

PARAMETER = re.compile(r"[Wb]\d+")


@dataclass(frozen=True, slots=True)
class Form:
    """One right side of an equation, and the rule that gives it."""

    expr: Expr
    because: str


@dataclass(frozen=True, slots=True)
class Equation:
    """array = form = form = ...; no form: 0.

    by  what the adjoint is the derivative by; None for a step of the forward pass
    """

    array: Array
    forms: tuple[Form, ...]
    by: Array | None = None


@dataclass(frozen=True)
class MatrixView:
    """A problem in whole layers, or in whole arrays: what is computed forward and what is carried back."""

    program: MatrixProgram
    forward: tuple[Equation, ...]
    backward: tuple[Equation, ...]

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All, in an order in which each can be computed."""
        return (*self.forward, *self.backward)


def matrix_view(problem: Problem, output: str | None = None, wrt: Sequence[str] = ()) -> MatrixView:
    """The equations of a problem; of a network with several samples those of the whole batch.

    output  of a graph the number that is differentiated; the first objective where it is left out
    wrt     arrays whose gradients are wanted besides those by all parameters or by a graph's `wrt`: x, Y
    """
    if isinstance(problem.body, Graph):
        program = graph_program(problem)
        wanted = tuple(dict.fromkeys((*problem.body.wrt, *wrt)))
        adjoints = matrix_sweep(program, output or problem.objectives[0], wanted)
        backward = tuple(_plain(one, "chain rule") for one in adjoints)
        return MatrixView(program, _forward(program), backward)
    batch, rows = len(problem.x) > 1, problem.notation.samples == "rows"
    program = network_program(problem, batch=batch, rows=rows)
    parameters = (array.key for array in program.given if PARAMETER.fullmatch(array.key))
    wanted = tuple(dict.fromkeys((*parameters, *wrt)))
    adjoints = matrix_sweep(program, "C", wanted) if problem.objectives else ()
    backward = tuple(_of_network(problem.body, adjoints))
    if problem.notation.layout == "numerator":
        backward = tuple(_in_numerator_layout(backward))
    return MatrixView(program, _forward(program), backward)


def finder(problem: Problem) -> Callable[[str], tuple[str, int, int]]:
    """The array of an entry, its row and column, by the key that the scalar steps give it."""
    if isinstance(problem.body, Graph):
        return place_of
    return layers_of(problem, batch=len(problem.x) > 1, rows=problem.notation.samples == "rows").place


def _forward(program: MatrixProgram) -> tuple[Equation, ...]:
    return tuple(Equation(step.array, (Form(step.expr, step.because),)) for step in program.steps)


def _plain(adjoint: Adjoint, because: str) -> Equation:
    """An adjoint as the sweep has it, then with slopes in their usual form."""
    return Equation(adjoint.array, tuple(_forms(adjoint.expr, adjoint.usual, because)), adjoint.by)


def _forms(expr: Expr | None, usual: Expr | None, because: str) -> Iterator[Form]:
    if expr is not None:
        yield Form(expr, because)
    if usual is not None and usual != expr:
        yield Form(usual, "the slope in its usual form")


def _of_network(network: Network, adjoints: tuple[Adjoint, ...]) -> Iterator[Equation]:
    """From the last layer to the first: δ, then the gradients of its W and b."""
    by_layer = {(_place(one.by)): one for one in adjoints}
    above: Mapping[str, Expr] = {}
    for l in range(network.depth, 0, -1):
        activations = by_layer.get(("a", l))
        error = by_layer.get(("z", l))
        if activations is None or error is None:
            continue
        if l == network.depth or activations.shares[0].step.array.key == "C":
            yield _plain(activations, REASONS["cost"])
        else:
            above = {activations.array.key: _some(activations.expr)}
        expr, usual = (put_in(_some(side), above) for side in (error.expr, error.usual))
        yield Equation(error.array, tuple(_forms(expr, usual, REASONS["z"])), error.by)
        for letter in "wb":
            if (letter, l) in by_layer:
                yield _plain(by_layer[letter, l], REASONS[letter])
    for letter in "xy":
        if (letter, 0) in by_layer:
            yield _plain(by_layer[letter, 0], REASONS[letter])


def _place(array: Array) -> tuple[str, int]:
    """w and 2 of W2"""
    match = WHOLE.fullmatch(array.key)
    assert match is not None, f"{array.key} is a quantity of a layer"
    return match[1].lower(), int(match[2] or 0)


def _some(expr: Expr | None) -> Expr:
    assert expr is not None, "every layer is on the way to the cost"
    return expr


REASONS: Mapping[str, str] = MappingProxyType(
    {
        "cost": "derivative of the cost",
        "z": "chain rule through the activation",
        "w": "the weighted input is linear in W",
        "b": "the weighted input is linear in b",
        "x": "the weighted input is linear in the inputs",
        "y": "derivative of the cost",
    }
)


def _in_numerator_layout(equations: tuple[Equation, ...]) -> Iterator[Equation]:
    """Gradients as the transposes of what they belong to; errors stay columns."""
    lying = {
        one.array.key: Array(one.array.key, turned(one.array.shape))
        for one in equations
        if one.by is not None and _place(one.by)[0] != "z"
    }
    standing = {key: transposed(array) for key, array in lying.items()}
    for one in equations:
        forms = tuple(Form(put_in(form.expr, standing), form.because) for form in one.forms)
        if one.array.key in lying:
            forms = tuple(Form(transposed(form.expr), form.because) for form in forms)
        yield Equation(lying.get(one.array.key, one.array), forms, one.by)
