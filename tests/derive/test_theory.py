"""The four fundamental equations: what is derived is the textbook's, and a slip does not verify."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from derive import derive_gradient, load_problem
from derive.matrix.expr import Product, Transposed, put_in
from derive.problem import Notation, Problem
from derive.theory.braces import braces_of
from derive.theory.cases import case_rule
from derive.theory.equations import Equation, fundamental
from derive.theory.letters import Letters
from derive.theory.names import as_errors, renamed, written_out
from derive.theory.product import general_product, long_product
from derive.theory.proofs import by_differentials, by_entries
from derive.theory.scheme import LAST, SCHEMES, Label, Scheme
from derive.theory.worked import Place, Proving
from derive.writing.plain import plain

PLAIN = Letters(Notation())

NIELSEN = {
    "BP1": ("δ^L = ∇_aC ⊙ φ′(z^L)", "δ_j^L = ∂C/∂a_j^L·φ′(z_j^L)"),
    "BP2": (
        "δ^l = ((W^(l + 1))ᵀ·δ^(l + 1)) ⊙ φ′(z^l)",
        "δ_j^l = φ′(z_j^l)·Σ_(k = 1..n_(l + 1)) w_kj^(l + 1)·δ_k^(l + 1)",
    ),
    "BP3": ("∂C/∂b^l = δ^l", "∂C/∂b_j^l = δ_j^l"),
    "BP4": ("∂C/∂W^l = δ^l·(a^(l − 1))ᵀ", "∂C/∂w_jk^l = δ_j^l·a_k^(l − 1)"),
}
"""Nielsen (2015), ch. 2, in both forms."""

CHANGED = {
    "no bias": {},
    "softmax": {"BP1": "δ^L = (∂a^L/∂z^L)ᵀ·∇_aC"},
    "columns": {
        "BP1": "Δ^L = ∇_AC ⊙ φ′(Z^L)",
        "BP2": "Δ^l = ((W^(l + 1))ᵀ·Δ^(l + 1)) ⊙ φ′(Z^l)",
        "BP3": "∂C/∂b^l = Δ^l·𝟏",
        "BP4": "∂C/∂W^l = Δ^l·(A^(l − 1))ᵀ",
    },
    "rows": {
        "BP1": "Δ^L = ∇_AC ⊙ φ′(Z^L)",
        "BP2": "Δ^l = (Δ^(l + 1)·(W^(l + 1))ᵀ) ⊙ φ′(Z^l)",
        "BP3": "∂C/∂b^l = (Δ^l)ᵀ·𝟏",
        "BP4": "∂C/∂W^l = (A^(l − 1))ᵀ·Δ^l",
    },
    "decay": {"BP4": "∂C/∂W^l = λ/n·W^l + δ^l·(a^(l − 1))ᵀ"},
    "shared": {
        "BP2": "δ^l = (Wᵀ·δ^(l + 1)) ⊙ φ′(z^l)",
        "BP3": "∂C/∂b = δ^(l + 1) + δ^l",
        "BP4": "∂C/∂W = δ^(l + 1)·(a^l)ᵀ + δ^l·(a^(l − 1))ᵀ",
    },
    "skip": {"BP2": "δ^l = (δ^(l + 2) + (W^(l + 1))ᵀ·δ^(l + 1)) ⊙ φ′(z^l)"},
}
"""What another step makes of them; what is not listed stays."""


def equation(name: str, scheme: Scheme | None = None) -> Equation:
    return next(one for one in fundamental(scheme or Scheme()) if one.name == name)


def written(one: Equation, letters: Letters = PLAIN) -> str:
    return f"{plain(letters.matrix(one.array))} = {plain(letters.matrix(one.expr))}"


@pytest.mark.parametrize("name", NIELSEN)
def test_each_equation_is_the_textbook_s_in_both_forms(name):
    """For whole layers, and entry by entry."""
    one = equation(name)
    left, right = (plain(PLAIN.entries(as_errors(side))) for side in one.entry)
    assert (written(one), f"{left} = {right}") == NIELSEN[name]


@pytest.mark.parametrize("name", CHANGED)
def test_another_step_gives_its_own_equations(name):
    """Swept from the changed step; the equations that it does not touch stay as they were."""
    letters = Letters(Notation(), SCHEMES[name].rows)
    found = {one.name: written(one, letters) for one in fundamental(SCHEMES[name])}
    kept = {key: forms[0] for key, forms in NIELSEN.items() if key in found}
    assert found == kept | CHANGED[name]
    assert ("BP3" in found) == (name != "no bias")


def test_softmax_is_written_without_its_jacobian_too():
    """J^T g in the layer's own activations."""
    usual = equation("BP1", SCHEMES["softmax"]).usual
    assert plain(PLAIN.matrix(usual)) == "a^L ⊙ (∇_aC − 𝟏·𝟏ᵀ·(a^L ⊙ ∇_aC))"


def test_the_numerator_layout_transposes_gradients_and_leaves_errors():
    """∂C/∂W has the shape of the transpose of W."""
    laid = {one.name: written(one.laid_out("numerator")) for one in fundamental(Scheme())}
    assert laid["BP4"] == "∂C/∂W^l = a^(l − 1)·(δ^l)ᵀ"
    assert laid["BP2"] == NIELSEN["BP2"][0]


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        (Notation(style="parenthesis"), "δ_j^(l) = φ′(z_j^(l))·Σ_(k = 1..n_(l + 1)) "),
        (Notation(style="subscript", index="from_to"), "δ_(l, j) = φ′(z_(l, j))·Σ_(k = 1..n_(l + 1)) "),
        (Notation(weighted_input="net"), "δ_j^l = φ′(net_j^l)·Σ_(k = 1..n_(l + 1)) "),
    ],
)
def test_the_reader_s_notation_is_followed(notation, expected):
    """Style, order of indices and letters are the table's."""
    letters = Letters(notation)
    left, right = (plain(letters.entries(as_errors(side))) for side in equation("BP2").entry)
    assert f"{left} = {right}".startswith(expected)
    assert ("_(l + 1, jk)" in right) == (notation.index == "from_to")


@pytest.mark.parametrize("name", NIELSEN)
def test_a_proof_by_entries_ends_in_what_the_sweep_gives(name):
    """The two are made apart: one by the chain rule over units, one from whole layers."""
    one = equation(name)
    assert by_entries(one).lines[-1].side == as_errors(one.entry[1])


@pytest.mark.parametrize("name", SCHEMES)
def test_a_proof_by_differentials_ends_in_what_the_sweep_gives(name):
    """Of every step: what stands beside dX is the gradient by X."""
    for one in fundamental(SCHEMES[name]):
        last = by_differentials(one.fragment).lines[-1].side
        beside = {moved.key: gradient for gradient, moved in last}
        assert beside[f"d{one.by.key}"] == one.expr


def test_every_line_has_a_reason_of_its_own():
    """No two lines of a proof with the same formula, none without a reason."""
    for one in fundamental(Scheme()):
        lines = by_entries(one).lines
        assert len({line.side for line in lines}) == len(lines)
        assert all(line.because for line in lines)


# -- planted slips ---------------------------------------------------------------------------------

SMALL = Place(Scheme(), (1, 2, 2), 1)


def proves(one: Equation) -> bool:
    proving = Proving(SMALL, one.fragment)
    return all(map(proving.proves, SMALL.of_equation(one, one.expr)))


def test_phi_for_its_slope_is_not_proved():
    """delta^L = ∇_aC ⊙ phi(z^L)."""
    right = equation("BP1")
    phi = Scheme().activation(LAST, last=True).expr
    gradient, _ = right.expr.factors
    assert proves(right)
    assert not proves(replace(right, expr=replace(right.expr, factors=(gradient, phi))))


def test_a_missing_transpose_is_not_proved():
    """(W^{l+1} delta^{l+1}) ⊙ phi'(z^l), which fits where layers are equally wide."""
    right = equation("BP2")
    weighted, slope = right.expr.factors
    assert isinstance(weighted, Product)
    w, error = weighted.factors
    assert isinstance(w, Transposed)
    wrong = replace(right.expr, factors=(replace(weighted, factors=(w.arg, error)), slope))
    assert proves(right)
    assert not proves(replace(right, expr=wrong))


@pytest.mark.slow
def test_the_weights_of_another_layer_are_not_proved():
    """delta^l (a^l)^T in place of delta^l (a^{l-1})^T."""
    right = equation("BP4")
    here, below = (Scheme().array("a", Label("l", shift)) for shift in (0, -1))
    place = Place(Scheme(), (2, 2, 2), 1)
    proving = Proving(place, right.fragment)
    assert all(map(proving.proves, place.of_equation(right, right.expr)))
    wrong = put_in(right.expr, {below.key: here})
    assert not any(map(proving.proves, place.of_equation(right, wrong)))


# -- the long product, and cases -------------------------------------------------------------------


def problem(notation: dict[str, str] | None = None, *activations: str, cost: str = "half_squared_error"):
    layers = [{"units": 2, "activation": name} for name in activations or ("sigmoid", "sigmoid")]
    stated = {"network": {"inputs": 2, "cost": cost, "layers": layers}, "notation": notation or {}}
    return load_problem(stated)


def factors(stated: Problem, l: int = 1) -> list[str]:
    whole = long_product(stated, l)
    assert whole is not None
    return [plain(factor) for factor in braces_of(stated).factors(whole)]


def test_the_general_product_runs_from_the_loss_to_the_layer():
    """Its braces say what each factor is."""
    whole, inside = general_product(Scheme())
    words = [factor.words for factor in whole.factors]
    assert words == [
        "hidden activation",
        "linear transform",
        "hidden activation",
        "",
        "linear transform",
        "output activation",
        "loss gradient",
        "weight gradient",
    ]
    assert plain(PLAIN.matrix(inside)) == "(W^L)ᵀ·(∇_aC ⊙ φ′(z^L))"


def test_a_problem_s_product_has_its_own_layers():
    """An identity layer has no slope, and softmax a Jacobian."""
    assert factors(problem(None, "identity", "softmax")) == [
        "(W²)ᵀ [linear transform]",
        "(∂a²/∂z²)ᵀ [output activation]",
        "∂C/∂a² [loss gradient]",
        "xᵀ [weight gradient]",
    ]


def test_the_product_in_the_numerator_layout_is_read_from_the_other_end():
    """Every factor transposed."""
    found = factors(problem({"layout": "numerator"}))
    assert [found[0], *found[2:]] == [
        "x [weight gradient]",
        "D² [output activation]",
        "W² [linear transform]",
        "D¹ [hidden activation]",
    ]


def test_the_product_of_rows_is_read_from_the_other_end_too():
    """x^T first: a sample's gradient is a row that W^T and D meet from the right."""
    assert factors(problem({"samples": "rows"}, "sigmoid", "softmax")) == [
        "xᵀ [weight gradient]",
        "∂C/∂a² [loss gradient]",
        "(∂a²/∂z²) [output activation]",
        "(W²)ᵀ [linear transform]",
        "D¹ [hidden activation]",
    ]


@pytest.mark.parametrize("rows", [False, True])
def test_the_loss_gradient_lies_in_the_numerator_layout(rows):
    """As the page's matrix form has it: no transpose at its letter, and shapes that multiply."""
    found = factors(problem({"layout": "numerator", "samples": "rows" if rows else "columns"}))
    assert "∂C/∂a² [loss gradient]" in found
    assert found[-1 if rows else 0] == "x [weight gradient]"


@pytest.mark.parametrize("output", ["a2[1]*a1[1]", "a2[1] + w1[1,1]", "x[1]"])
def test_a_formula_with_more_than_one_route_or_none_has_no_single_product(output):
    """A hidden layer read beside the last one, a weight read beside its layer, no layer at all."""
    layers = [{"units": 1, "activation": "tanh"}] * 2
    stated = {"network": {"inputs": 1, "output": output, "layers": layers}}
    assert long_product(load_problem(stated)) is None


@pytest.mark.parametrize(
    ("activations", "expected"),
    [
        (
            ("sigmoid", "sigmoid"),
            "{(a_j − y_j)·σ′(z_j) if j is an output unit; σ′(z_j)·Σ_k w_kj·δ_k if j is a hidden unit}",
        ),
        (
            ("tanh", "sigmoid", "identity"),
            "{a_j − y_j if j is an output unit; σ′(z_j)·Σ_k w_kj·δ_k if j is a unit of layer 2; "
            "tanh′(z_j)·Σ_k w_kj·δ_k if j is a unit of layer 1}",
        ),
    ],
)
def test_the_rule_by_cases_has_the_problem_s_own_cost_and_activations(activations, expected):
    """Layers whose rule reads the same share a case."""
    rule = case_rule(problem(None, *activations))
    assert rule is not None
    assert plain(rule.tree) == expected


def test_softmax_with_cross_entropy_is_told_as_what_they_come_to_together():
    """Of one sample's cost, whatever the reduction; for targets that do not add up to 1 with their sum."""
    stated = problem(None, "tanh", "softmax", cost="cross_entropy")
    mean = replace(stated, body=replace(stated.body, reduction="mean", l2=Fraction(1, 10)))
    odd = replace(stated, y=((Fraction(1), Fraction(1, 2)),))
    rules = {name: case_rule(one) for name, one in (("sum", stated), ("mean", mean), ("odd", odd))}
    output = {name: plain(rule.cases[0].tree) for name, rule in rules.items()}
    assert output == {"sum": "a_j − y_j", "mean": "a_j − y_j", "odd": "a_j·Σ_k y_k − y_j"}
    assert [rule.total for rule in rules.values()] == [1, 1, None]


@pytest.mark.parametrize(
    ("cost", "activation"),
    [
        ("cross_entropy_on_logits", "identity"),
        ("cross_entropy_on_logits", "tanh"),
        ("binary_cross_entropy_on_logits", "identity"),
    ],
)
def test_the_error_of_logits_is_sympy_s_derivative_of_the_whole_cost(cost, activation):
    """For targets that add up to 1 in the short form, for others in the long one; of three outputs."""
    layers = [{"units": 3, "activation": activation}]
    for y in (["1/2", "1/3", "1/6"], ["1/2", "1/3", "1/4"]):
        targets = list(map(Fraction, y))
        stated = load_problem(
            {"network": {"inputs": 1, "cost": cost, "layers": layers}, "data": {"x": [[1]], "y": [targets]}}
        )
        rule = case_rule(stated)
        assert rule is not None
        numbers = {f"y[{k}]": sp.Rational(value) for k, value in enumerate(targets, 1)}
        numbers |= {f"z1[{k}]": sp.Rational(k, 3) for k in (1, 2, 3)}
        outputs = {
            f"a1[{k}]": sp.tanh(sp.Rational(k, 3)) if activation == "tanh" else sp.Rational(k, 3)
            for k in (1, 2, 3)
        }
        shown = written_out(renamed(rule.cases[0].entry, {"j": 2}), {"n_1": 3})
        found = shown.subs({sp.Symbol(key): value for key, value in (numbers | outputs).items()})
        closed = derive_gradient(stated)["dC/dz1[2]"].view("forward").expression
        expected = closed.subs({sp.Symbol(key): value for key, value in (numbers | outputs).items()})
        assert abs(sp.N(found - expected, 40)) < sp.Float("1e-30")


@pytest.mark.parametrize(
    ("activations", "spans"),
    [
        (("tanh", "sigmoid"), {"none", "next"}),
        (("tanh", "softmax"), {"outputs", "next"}),
        (("softmax", "tanh", "sigmoid"), {"none", "next", "own and next"}),
    ],
)
def test_each_case_says_what_its_sums_run_over(activations, spans):
    """A Jacobian sums over its own layer, weights over the next one."""
    rule = case_rule(problem(None, *activations))
    assert rule is not None
    assert rule.spans == spans
    assert all(("Σ" in plain(case.tree)) == (case.span != "none") for case in rule.cases)


def test_the_rule_by_cases_follows_the_order_of_a_weight_s_indices():
    """w_jk from j to k."""
    rule = case_rule(problem({"index": "from_to", "target": "t"}))
    assert rule is not None
    assert "w_jk" in plain(rule.tree)
    assert "t_j" in plain(rule.tree)
