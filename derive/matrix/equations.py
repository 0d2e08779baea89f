"""The equations of a pass, forward and back, each in the forms that a book would print.

    δ^L = ∂C/∂a^L ⊙ σ'(z^L) = (a^L - y) ⊙ a^L ⊙ (1 - a^L)
    δ^l = ((W^{l+1})^T δ^{l+1}) ⊙ σ'(z^l)

The gradient by a hidden layer's activations has no name of its own: it is put
into the error that rests on it, and has an equation of its own where it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from derive.matrix.coupled import summed, told
from derive.matrix.differentials import ThroughJacobian
from derive.matrix.entrywise import cancelled
from derive.matrix.expr import (
    Array,
    Expr,
    Hadamard,
    Plus,
    Scaled,
    Shape,
    hadamard,
    plus,
    put_in,
    scaled,
    transposed,
    turned,
)
from derive.matrix.graph import graph_program, place_of
from derive.matrix.network import WHOLE, layers_of, network_program
from derive.matrix.sweep import Adjoint, MatrixProgram, Use, matrix_sweep
from derive.problem import Graph, Network, Problem
from derive.rules import ACTIVATIONS, Activation, Cost
from derive.rules.costs import ONE_HOT

PARAMETER = re.compile(r"[Wb]\d+")

SLOPE = "the slope in its usual form"


@dataclass(frozen=True, slots=True)
class Form:
    """One right side of an equation, and the rule that gives it; `{W2}` in a rule is that array's letter.

    sums_to_one  whether it holds because the targets of a sample sum to 1
    uses         the steps whose shares are its terms, where several are added up
    """

    expr: Expr
    because: str
    sums_to_one: bool = False
    uses: tuple[Use, ...] = ()


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
    wrt     arrays whose gradients are wanted besides those by all parameters or by a graph's `wrt`: x, Y, a1
    """
    if isinstance(problem.body, Graph):
        program = graph_program(problem)
        wanted = tuple(dict.fromkeys((*problem.body.wrt, *wrt)))
        adjoints = matrix_sweep(program, output or problem.objectives[0], wanted)
        backward = tuple(_plain(one, one.because, one.uses) for one in adjoints)
        return MatrixView(program, _forward(program), backward)
    batch, rows = len(problem.x) > 1, problem.notation.samples == "rows"
    program = network_program(problem, batch=batch, rows=rows)
    parameters = (array.key for array in program.given if PARAMETER.fullmatch(array.key))
    wanted = tuple(dict.fromkeys((*parameters, *wrt)))
    adjoints = matrix_sweep(program, "C", wanted) if problem.objectives else ()
    backward = tuple(_of_network(problem, adjoints, wrt))
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


def _plain(adjoint: Adjoint, because: str, uses: tuple[Use, ...] = ()) -> Equation:
    """An adjoint as the sweep has it, then with slopes in their usual form."""
    forms = tuple(_forms(adjoint.expr, adjoint.usual, because, _usual_because(adjoint)))
    if uses:
        forms = (replace(forms[0], uses=uses), *forms[1:])
    return Equation(adjoint.array, forms, adjoint.by)


def _usual_because(adjoint: Adjoint) -> str:
    """Why the usual form holds: what the Jacobian is, where one is put in."""
    maps = (linear for share in adjoint.shares for linear in share.change.maps)
    return next((told(linear.of) for linear in maps if isinstance(linear, ThroughJacobian)), SLOPE)


def _forms(expr: Expr | None, usual: Expr | None, because: str, then: str = SLOPE) -> Iterator[Form]:
    if expr is not None:
        yield Form(expr, because)
    if usual is not None and usual != expr:
        yield Form(usual, then)


def _of_network(problem: Problem, adjoints: tuple[Adjoint, ...], wrt: Collection[str]) -> Iterator[Equation]:
    """From the last layer to the first: δ, then the gradients of its W and b."""
    network = problem.body
    assert isinstance(network, Network), "a graph has no layers"
    by_layer = {(_place(one.by)): one for one in adjoints}
    above: Mapping[str, Expr] = {}
    for l in range(network.depth, 0, -1):
        activations, error = by_layer.get(("a", l)), by_layer.get(("z", l))
        if activations is not None and error is not None:
            first = activations.shares[0].step.array.key == "C"
            if first:
                yield _of_cost(network, activations)
            else:
                above = {activations.array.key: _some(activations.expr)}
                if activations.by.key in wrt:
                    yield _plain(activations, "the weighted inputs are linear in the activations")
            yield _error(problem, network.layer(l).activation, error, above, activations if first else None)
        for letter in "wb":
            if (letter, l) in by_layer:
                yield _of_given(by_layer[letter, l], letter)
    for letter in "xy":
        if (letter, 0) in by_layer:
            yield _of_given(by_layer[letter, 0], letter)


def _of_cost(network: Network, activations: Adjoint) -> Equation:
    """∂C/∂a: of a cost, and of a formula that stands for it, which other steps may read besides."""
    if network.cost is None:
        return _plain(
            activations, "all that reads it" if len(activations.shares) > 1 else "derivative of {C}"
        )
    return Equation(
        activations.array, (Form(_some(activations.usual), "derivative of the cost"),), activations.by
    )


def _error(
    problem: Problem, rule: Activation, error: Adjoint, above: Mapping[str, Expr], last: Adjoint | None
) -> Equation:
    """δ of a layer; `last` is ∂C/∂a of the output layer, which is put in and may cancel."""
    expr, usual = (put_in(_some(side), above) for side in (error.expr, error.usual))
    then = _usual_because(error)
    if then == SLOPE and rule.name not in ACTIVATIONS:
        then = "derivative of the activation"
    because = error.because if then != SLOPE and expr == usual else "chain rule through the activation"
    forms = [*_forms(expr, usual, because, then)]
    cost = problem.body.cost if isinstance(problem.body, Network) else None
    if last is not None and cost is not None:
        whole = put_in(usual, {last.array.key: _some(last.usual)})
        shorter = cancelled(whole)
        forms.append(Form(whole, "the derivative of the cost put in"))
        forms += [Form(shorter, "cancelled")] if shorter != whole else []
        one = cancelled(shorter, _known_ones(problem, cost, last.array.shape))
        forms += [Form(one, "the targets of a sample sum to 1", True)] if one != shorter else []
    return Equation(error.array, tuple(forms), error.by)


def _known_ones(problem: Problem, cost: Cost, shape: Shape) -> frozenset[Expr]:
    """1 1^T y, where a cost's targets sum to 1 over the outputs and those of the file do."""
    given = [row for row in problem.y if None not in row]
    if cost.targets is not ONE_HOT or any(sum(filter(None, row)) != 1 for row in given):
        return frozenset()
    rows = problem.notation.samples == "rows"
    y = Array("Y" if len(problem.x) > 1 else "y", shape)
    return frozenset({summed(y, rows=rows)})


def _of_given(adjoint: Adjoint, letter: str) -> Equation:
    """∂C/∂W, ∂C/∂b, ∂C/∂x or ∂C/∂y: through the weighted input first, then C itself (its L2 term)."""
    shares = sorted(adjoint.shares, key=lambda share: share.step.array.key == "C")
    reasons = dict.fromkeys(_REASONS[share.step.array.key == "C", letter] for share in shares)
    because = " and ".join(reason.format(own=adjoint.by.key) for reason in reasons)
    expr, usual = (
        plus(*sides) if sides else None
        for sides in ([share.expr for share in shares], [share.usual for share in shares])
    )
    return Equation(adjoint.array, tuple(_forms(expr, usual, because)), adjoint.by)


def _place(array: Array) -> tuple[str, int]:
    """w and 2 of W2"""
    match = WHOLE.fullmatch(array.key)
    assert match is not None, f"{array.key} is a quantity of a layer"
    return match[1].lower(), int(match[2] or 0)


def _some(expr: Expr | None) -> Expr:
    assert expr is not None, "every layer is on the way to the cost"
    return expr


_REASONS: Mapping[tuple[bool, str], str] = MappingProxyType(
    {
        (False, "w"): "the weighted input is linear in {{{own}}}",
        (False, "b"): "the weighted input is linear in {{{own}}}",
        (False, "x"): "the weighted input is linear in the inputs",
        (True, "w"): "{{C}} reads {{{own}}} itself",
        (True, "b"): "{{C}} reads {{{own}}} itself",
        (True, "x"): "{{C}} reads the inputs itself",
        (True, "y"): "derivative of the cost",
    }
)
"""Why a step hands something back to what is given: whether the step is C, and the letter.

What stands in braces in a reason is the key of an array.
"""


def _in_numerator_layout(equations: tuple[Equation, ...]) -> Iterator[Equation]:
    """Gradients as the transposes of what they belong to; errors stay columns."""
    lying = {
        one.array.key: Array(one.array.key, turned(one.array.shape))
        for one in equations
        if one.by is not None and _place(one.by)[0] != "z"
    }
    standing = {key: transposed(array) for key, array in lying.items()}
    for one in equations:
        forms = tuple(replace(form, expr=put_in(form.expr, standing)) for form in one.forms)
        if one.array.key in lying:
            forms = tuple(replace(form, expr=_lying(form.expr)) for form in forms)
        yield Equation(lying.get(one.array.key, one.array), forms, one.by)


def _lying(expr: Expr) -> Expr:
    """The transpose, of a sum term by term and of a product entry by entry factor by factor."""
    if isinstance(expr, Plus):
        return plus(*map(_lying, expr.terms))
    if isinstance(expr, Hadamard):
        return hadamard(*map(_lying, expr.factors))
    if isinstance(expr, Scaled):
        return scaled(expr.coefficient, _lying(expr.arg))
    return transposed(expr)
