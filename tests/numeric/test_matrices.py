"""The engine of matrices by number: differentials, Jacobians, and whole problems against the scalar sweep."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat, ctx

from derive import load_problem
from derive.expressions import Formula
from derive.files.load import bundled
from derive.matrix.coupled import LOGITS, PULLED_BACK
from derive.matrix.differentials import changes
from derive.matrix.equations import Equation, Form, matrix_view
from derive.matrix.expr import (
    SCALAR,
    Array,
    Coupled,
    CoupledRule,
    Entrywise,
    Jacobian,
    all_ones,
    hadamard,
    plus,
    product,
    scaled,
    total,
    transposed,
    turned,
)
from derive.matrix.proof import proofs
from derive.matrix.sweep import MatrixProgram
from derive.problem import Graph
from derive.rules import ACTIVATIONS
from derive.rules.kinds import Y
from numeric.balls.matrices import evaluate
from numeric.proofs.matrices import check_forms, instances, narrowed, values_of
from tests.kinds import every_row

BITS = 512
DIGITS = 30
ENOUGH = arb(10) ** -DIGITS

U, V = sp.symbols("u v")
ARRAYS = [
    Array("A", (2, 3)),
    Array("B", (3, 2)),
    Array("D", (2, 2)),
    Array("c", (2, 1)),
    Array("s", SCALAR),
]
EMPTY = MatrixProgram((), (), lambda key, *_: key)


def drawn(rng, shape):
    return arb_mat([[arb(float(x)) for x in row] for row in rng.uniform(0.3, 1.2, size=shape)])


def values(exprs, given):
    """Each expression at the given arrays."""
    equations = [Equation(Array(f"E{i}", one.shape), (Form(one, ""),)) for i, one in enumerate(exprs)]
    found = evaluate(EMPTY, equations, given, {}, BITS)
    return [found[f"E{i}", 0] for i in range(len(exprs))]


def dot(u, v):
    return sum((u[j, k] * v[j, k] for j in range(u.nrows()) for k in range(u.ncols())), arb(0))


def is_close(left, right):
    return abs((left - right).mid()) < ENOUGH * (1 + abs(right.mid()))


def coupled(letter, arg, rows, extra=()):
    """A rule that reads whole columns, or rows, by the letter of its row in the table."""
    size = arg.shape[1 if rows else 0]
    by_letter = {rule.letter: rule.formula for rule in ACTIVATIONS.values()} | {LOGITS.words: LOGITS.over}
    others = {j: (j, *(k for k in range(1, size + 1) if k != j)) for j in range(1, size + 1)}
    rule = CoupledRule(
        letter, lambda: by_letter[letter](size), size, (Y,) if extra else (), others.__getitem__
    )
    return Coupled(rule, arg, extra, arg.shape, rows=rows)


def a_matrix(rng, shape, depth):
    """A random expression of a shape: sums, products, transposes, functions, numbers before matrices."""
    known = [array for array in ARRAYS if array.shape == shape]
    if depth == 0:
        return known[rng.integers(len(known))] if known else all_ones(shape)
    middle = int(rng.integers(2, 4))
    ways = [
        lambda: plus(a_matrix(rng, shape, depth - 1), scaled(sp.Rational(-2, 3), a_matrix(rng, shape, 0))),
        lambda: hadamard(a_matrix(rng, shape, depth - 1), a_matrix(rng, shape, depth - 1)),
        lambda: transposed(a_matrix(rng, shape[::-1], depth - 1)),
        lambda: product(
            a_matrix(rng, (shape[0], middle), depth - 1), a_matrix(rng, (middle, shape[1]), depth - 1)
        ),
        lambda: Entrywise(Formula(sp.sin(U), (U,)), (a_matrix(rng, shape, depth - 1),), shape),
        lambda: Entrywise(Formula(sp.exp(U / 9) * V, (U, V)), (a_matrix(rng, shape, 0), ARRAYS[-1]), shape),
        lambda: hadamard(total(a_matrix(rng, (2, 2), depth - 1)), a_matrix(rng, shape, 0)),
        lambda: coupled("softmax", a_matrix(rng, shape, depth - 1), rows=bool(rng.integers(2))),
    ]
    return ways[rng.integers(len(ways))]()


SHAPES = {(2, 3), (3, 2), (2, 2)}


@pytest.mark.parametrize("seed", range(24))
def test_a_differential_is_the_change_and_its_maps_carry_back_by_their_adjoints(seed):
    """<G, dE> by the terms is what moving the arrays does, and Σ <carried back, dX>: the chain rule."""
    rng = np.random.default_rng(seed)
    expr = a_matrix(rng, sorted(SHAPES)[seed % 3], 3)
    given = {array.key: drawn(rng, array.shape) for array in ARRAYS}
    moves = {f"d{key}": drawn(rng, (value.nrows(), value.ncols())) for key, value in given.items()}
    given |= moves | {"G": drawn(rng, expr.shape)}
    g = Array("G", expr.shape)
    terms = list(changes(expr))
    moved = [Array(f"d{change.array.key}", change.array.shape) for change in terms]
    forth = [change.term(dx) for change, dx in zip(terms, moved, strict=True)]
    back = [change.carried_back(g) for change in terms]
    with ctx.workprec(BITS):
        h = arb(2) ** -120
        ends = [
            {**given, **{a.key: given[a.key] + side * h * given[f"d{a.key}"] for a in ARRAYS}}
            for side in (1, -1)
        ]
        high, low = (values([expr], end)[0] for end in ends)
        change = dot(given["G"], (high - low) * (1 / (2 * h)))
        found = values([*forth, *back], given)
        by_terms = sum((dot(given["G"], one) for one in found[: len(terms)]), arb(0))
        assert is_close(by_terms, change)
        for one, carried, dx in zip(found, found[len(terms) :], moved, strict=False):
            assert is_close(dot(carried, given[dx.key]), dot(given["G"], one))


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("letter", PULLED_BACK)
def test_a_jacobian_put_in_is_the_jacobian(letter, rows):
    """Jᵀg as books print it, a ⊙ (g - 1 aᵀg), is Jᵀg by SymPy's own derivatives of one entry."""
    rng = np.random.default_rng(7)
    arg, g, y = Array("A", (3, 4)), Array("G", (3, 4)), Array("Y", (3, 4))
    of = coupled(letter, arg, rows, (y,) if letter == LOGITS.words else ())
    given = {key: drawn(rng, (3, 4)) for key in "AGY"}
    closed, generic = values([PULLED_BACK[letter](of, g), Jacobian(of, g, True, arg.shape)], given)
    with ctx.workprec(BITS):
        assert all(is_close(closed[j, k], generic[j, k]) for j in range(3) for k in range(4))


def unsound(problem):
    """The forms that are not the scalar derivative to 30 digits, and those that are not proved."""
    low, open_ = [], []
    for output in problem.objectives:
        checked = check_forms(problem, output)
        view = matrix_view(problem, output)
        proved = proofs(problem, view, output)
        low += [place for place, one in checked.items() if one.digits < DIGITS]
        places = [(one.array.key, number) for one in view.backward for number in range(len(one.forms))]
        open_ += [place for place in places if place not in proved]
    return low, open_


LAYERS = [
    (["sigmoid", "tanh"], "half_squared_error"),
    (["softmax", "log_softmax"], "squared_error"),
    (["maxout", "softmax"], "cross_entropy"),
    (["identity", "relu"], "cross_entropy_on_logits"),
    (["general", "sigmoid"], "binary_cross_entropy"),
    (["elu"], "huber"),
]
TURNS = [{}, {"samples": "rows"}, {"layout": "numerator"}, {"samples": "rows", "layout": "numerator"}]


def network(activations, cost, notation, samples, hidden=3, **more):
    """A small network with a number for everything, and targets that sum to 1."""
    sizes = [2, hidden, 2] if len(activations) > 1 else [2, 2]
    layers = [
        {
            "units": n,
            "activation": rule,
            **({"weights": {"seed": n}, "biases": {"seed": 9 + n}} if samples else {}),
        }
        for n, rule in zip(sizes[1:], activations, strict=True)
    ]
    data = {"data": {"x": [["0.5", "-0.2"], ["-0.3", "0.9"], ["0.1", "0.7"]][:samples]}} if samples else {}
    if samples:
        data["data"]["y"] = [["0.4", "0.6"], ["1", "0"], ["0", "1"]][:samples]
    return load_problem(
        {"network": {"inputs": 2, "cost": cost, "layers": layers, **more}, "notation": notation, **data}
    )


@pytest.mark.parametrize("notation", TURNS, ids=str)
@pytest.mark.parametrize(("activations", "cost"), every_row(LAYERS, 3))
def test_the_matrix_form_is_the_scalar_sweep(activations, cost, notation):
    """Both orientations and both layouts; in symbols, of one sample with an L2 term, and of a mean over three."""
    samples, more = {
        0: (0, {}),
        1: (1, {"l2": "0.1", "reduction": "mean"}),
        2: (3, {"reduction": "mean"}),
        3: (3, {"l2": "0.1"}),
    }[TURNS.index(notation)]
    if "general" in activations:
        samples = 0
    assert unsound(network(activations, cost, notation, samples, **more)) == ([], [])


GRAPHS = [
    ["z = W @ x", "p = sum(z^2)"],
    ["Z = X @ W.T + b", "A = softmax(Z, axis=1)", "L = -mean(sum(Y*log(A), axis=1))"],
    [
        "m = mean(X, axis=0, keepdims=True)",
        "D = X - m",
        "v = mean(D^2, axis=0)",
        "L = sum((D/sqrt(v + 0.1))^3)",
    ],
    ["z = s*W @ x + s", "q = exp(s)*sum(outer(z, x))/(1 + s^2)"],
    ["L = -sum(Y*log_softmax(X @ W.T, axis=1))"],
]
GIVEN = {
    "X": [[1, 2], ["0.5", -1], ["0.2", "0.3"]],
    "W": [[1, "0.5"], ["0.2", "-0.3"]],
    "Y": [[1, 0], ["0.3", "0.7"], [0, 1]],
    "x": ["0.4", "-0.7"],
    "b": ["0.1", "0.2"],
    "s": "0.7",
}


def graph(steps, **more):
    text = " ".join(steps)
    given = {
        name: value for name, value in GIVEN.items() if name in text.replace("exp", "").replace("axis", "")
    }
    output = steps[-1].partition(" =")[0]
    return load_problem({"graph": {"steps": steps, "output": output, **more}, "values": given})


@pytest.mark.parametrize("steps", GRAPHS, ids=" ; ".join)
def test_the_matrix_form_of_a_graph_is_the_scalar_sweep(steps):
    """Broadcasting, axes, scalars among arrays, and rules that couple within a line."""
    assert unsound(graph(steps)) == ([], [])


def test_shared_weights_are_decayed_once():
    """C = cost + R with each shared weight once in R; the form of C is checked like any other."""
    problem = load_problem(
        {
            "network": {
                "inputs": 2,
                "cost": "half_squared_error",
                "l2": "0.5",
                "layers": [
                    {"units": 2, "activation": "tanh", "weights": [["u", "v"], ["u", "u"]], "biases": False}
                ],
            },
            "values": {"u": "0.3", "v": "-0.4"},
            "data": {"x": [["0.5", "-0.2"]], "y": [["0.4", "0.6"]]},
        }
    )
    assert unsound(problem) == ([], [])
    bare = replace(problem, body=replace(problem.body, l2=Fraction(0)))
    with_penalty, without = (values_of(one, matrix_view(one))["C"].at(1, 1).mid for one in (problem, bare))
    assert abs(with_penalty - without - Fraction(1, 4) * (Fraction(9, 100) + Fraction(16, 100))) < Fraction(
        1, 10**30
    )


def test_a_formula_for_the_output_reads_single_entries():
    """e_jᵀ A e_i; what it does not read has the derivative 0."""
    problem = load_problem(
        {
            "network": {
                "inputs": 2,
                "output": "a1[1]*w1[1,1]",
                "layers": [{"units": 2, "activation": "sigmoid"}, {"units": 2, "activation": "tanh"}],
            }
        }
    )
    assert unsound(problem) == ([], [])
    forms = {equation.array.key: equation.forms for equation in matrix_view(problem).backward}
    assert forms["dC/dW2"] == ()


def has_arrays(problem):
    return not isinstance(problem.body, Graph) or bool(problem.body.shapes)


QUICK = ("cs231n-softmax", "mazur")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in bundled()]
)
def test_every_bundled_example_is_proved_in_matrices(name):
    """Each line of each matrix section that users can open at once."""
    problem = load_problem(name)
    if has_arrays(problem):
        assert unsound(instances(problem)[0] if problem.is_free else problem) == ([], [])


def slipped(equation, view):
    """Wrong equations of a hidden error: each a slip that books and students make."""
    w, above = view.program.arrays["W2"], Array("dC/dZ2", ("n_2", "n"))
    z, a = (view.program.arrays[key] for key in ("Z1", "A1"))
    (change, *_) = changes(view.program.by_key["A1"].expr)
    right = hadamard(product(transposed(w), above), change.maps[-1].by)
    assert right == equation.forms[0].expr, "what is made wrong here is the equation itself"
    return {
        "no transpose": hadamard(product(replace(w, shape=turned(w.shape)), above), change.maps[-1].by),
        "phi for phi'": hadamard(product(transposed(w), above), a),
        "slope left out": product(transposed(w), above),
        "wrong point": hadamard(product(transposed(w), above), z),
        "another factor": scaled(sp.Rational(1, 2), right),
    }


def test_a_slip_is_not_proved():
    """A proof that cannot fail proves nothing: none of these is, and the right equation is."""
    problem = network(["sigmoid", "sigmoid"], "half_squared_error", {}, 3, hidden=2, reduction="mean")
    view = matrix_view(problem)
    (hidden,) = (one for one in view.backward if one.array.key == "dC/dZ1")
    wrong = slipped(hidden, view)
    with_slips = replace(hidden, forms=(hidden.forms[0], *(Form(expr, name) for name, expr in wrong.items())))
    (slope,) = (one for one in view.backward if one.array.key == "dC/dA2")
    without_n = replace(slope, forms=(*slope.forms, Form(slope.forms[0].expr.arg, "1/n left out")))
    changed = {hidden.array.key: with_slips, slope.array.key: without_n}
    backward = tuple(changed.get(one.array.key, one) for one in view.backward)
    proved = proofs(problem, replace(view, backward=backward), "C")
    assert [number for key, number in proved if key == "dC/dZ1"] == [0]
    assert [number for key, number in proved if key == "dC/dA2"] == [0]


def test_a_wide_network_is_checked_narrower():
    """784-30-10 with a hundred samples would be millions of scalar edges, and says nothing that 4-4-4 does not."""
    layers = [{"units": 30, "activation": "sigmoid"}, {"units": 10, "activation": "softmax"}]
    problem = load_problem({"network": {"inputs": 784, "cost": "cross_entropy", "layers": layers}})
    assert narrowed(problem).body.sizes == (4, 4, 4)
    assert min(one.digits for one in check_forms(problem).values()) >= DIGITS
