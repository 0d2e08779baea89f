"""The matrix form and the index form as a reader sees them: a textbook's letters, in each notation."""

from __future__ import annotations

import pytest
import sympy as sp

from derive import derive_gradient, load_problem
from derive.matrix.equations import matrix_view
from derive.matrix.proof import proofs
from derive.matrix.reading import Reading, shared_apart
from derive.whole_functions import Summed
from derive.writing.plain import plain

LAYERS = [{"units": 3, "activation": "sigmoid"}, {"units": 2, "activation": "sigmoid"}]


def reading(notation=None, data=None, layers=LAYERS, cost="half_squared_error"):
    problem = load_problem(
        {
            "network": {"inputs": 2, "cost": cost, "layers": layers},
            "notation": notation or {},
            **({"data": data} if data else {}),
        }
    )
    return Reading(problem, matrix_view(problem))


def lines(read, key):
    """The right sides of an equation: in whole arrays, and for one entry."""
    (equation,) = (one for one in read.view.equations if one.array.key == key)
    whole = [plain(read.whole(form.expr)) for form in equation.forms]
    entries = [plain(read.entry(entry)) for _, entry in read.in_letters(equation)]
    return plain(read.entry(read.left(equation, letters=True, at=read.at(equation)))), whole, entries


@pytest.mark.parametrize(
    ("notation", "error"),
    [
        ({}, "δ_j¹ = σ′(z_j¹)·Σ_(k = 1..n2) w_kj²·δ_k²"),
        ({"index": "from_to"}, "δ_j¹ = σ′(z_j¹)·Σ_(k = 1..n2) w_jk²·δ_k²"),
        ({"style": "parenthesis"}, "δ_j^(1) = σ′(z_j^(1))·Σ_(k = 1..n2) w_kj^(2)·δ_k^(2)"),
        ({"style": "subscript"}, "δ_(1, j) = σ′(z_(1, j))·Σ_(k = 1..n2) w_(2, kj)·δ_(2, k)"),
        ({"weighted_input": "net"}, "δ_j¹ = σ′(net_j¹)·Σ_(k = 1..n2) w_kj²·δ_k²"),
    ],
    ids=str,
)
def test_the_hidden_error_by_index_is_the_textbooks(notation, error):
    """Nielsen's BP2 for one unit, with the letters and the order of indices that the reader asked for."""
    left, _, (first, *_) = lines(reading(notation), "dC/dz1")
    assert f"{left} = {first}" == error


def test_the_equations_in_matrices_are_the_textbooks():
    """BP1 to BP4 of the problem's own steps, the output error down to activations and targets."""
    read = reading()
    assert lines(read, "dC/dz2")[1] == [
        "∂C/∂a² ⊙ σ′(z²)",
        "∂C/∂a² ⊙ a² ⊙ (1 − a²)",
        "(a² − y) ⊙ a² ⊙ (1 − a²)",
    ]
    assert lines(read, "dC/dz1")[1][0] == "((W²)ᵀ·δ²) ⊙ σ′(z¹)"
    assert lines(read, "dC/dW1")[1] == ["δ¹·xᵀ"]
    assert lines(read, "dC/db1")[1] == ["δ¹"]
    assert lines(read, "C")[1] == ["1/2·𝟏ᵀ·(y − a²)²"]
    assert lines(read, "C")[2] == ["1/2·Σ_(k = 1..n2) (y_k − a_k²)²"]


@pytest.mark.parametrize(
    ("output", "cost", "last"),
    [
        ("sigmoid", "binary_cross_entropy", "a² − y"),
        ("softmax", "cross_entropy", "a² − y"),
        ("identity", "cross_entropy_on_logits", "softmax(a²) − y"),
        ("identity", "squared_error", "2·(a² − y)"),
    ],
)
def test_an_output_that_fits_its_cost_leaves_the_difference(output, cost, last):
    """What cancels is cancelled, and softmax's needs targets that sum to 1 only in its last step."""
    layers = [LAYERS[0], {"units": 2, "activation": output}]
    read = reading(layers=layers, cost=cost)
    (error,) = (one for one in read.view.backward if one.array.key == "dC/dz2")
    assert plain(read.whole(error.forms[-1].expr)) == last
    assert [form.sums_to_one for form in error.forms][:-1] == [False] * (len(error.forms) - 1)
    assert error.forms[-1].sums_to_one == (cost.startswith("cross_entropy"))


BATCH = {"x": [[1, 2], [3, 4]], "y": [["0.2", "0.8"], ["0.2", "0.9"]]}


def test_targets_that_do_not_sum_to_one_are_not_said_to():
    """Smoothed or wrong labels: the last step would be false, and is not printed."""
    layers = [{**one, "weights": {"seed": 1}, "biases": {"seed": 2}} for one in LAYERS]
    layers[1]["activation"] = "softmax"
    read = reading(data=BATCH, layers=layers, cost="cross_entropy")
    assert lines(read, "dC/dZ2")[1][-1] == "A² ⊙ (𝟏·𝟏ᵀ·Y) − Y"


@pytest.mark.parametrize(
    ("notation", "weighted", "gradient"),
    [
        ({}, "W¹·X + b¹·𝟏ᵀ", "Δ¹·Xᵀ"),
        ({"samples": "rows"}, "X·W¹ + 𝟏·(b¹)ᵀ", "Xᵀ·Δ¹"),
        ({"layout": "numerator"}, "W¹·X + b¹·𝟏ᵀ", "X·(Δ¹)ᵀ"),
        ({"samples": "rows", "layout": "numerator"}, "X·W¹ + 𝟏·(b¹)ᵀ", "(Δ¹)ᵀ·X"),
    ],
    ids=str,
)
def test_a_batch_stands_as_the_reader_has_it(notation, weighted, gradient):
    """Samples as columns or rows, gradients as their arrays or lying; for one entry j is always the unit."""
    read = reading(notation, BATCH)
    assert lines(read, "Z1")[1] == [weighted]
    left, (whole, *_), (entry, *_) = lines(read, "dC/dW1")
    assert whole == gradient
    assert (left, entry) == ("∂C/∂w_jk¹", "Σ_(i = 1..n) δ_j^(1, (i))·x_k^(i)")


def test_maxout_has_no_letters_and_is_written_out():
    """A maximum over its own pieces has no formula in j; the first entry is written by numbers."""
    read = reading(layers=[{"units": 2, "activation": "maxout"}, LAYERS[1]])
    (equation,) = (one for one in read.view.forward if one.array.key == "a1")
    assert list(read.in_letters(equation)) == []
    assert plain(read.entry(read.written_out(equation, (1, 1)))) == "max(z₁¹, z₂¹)"


def test_a_sum_runs_over_what_depends_on_its_letter_alone():
    """½ Σ (y - a)², and of a batch the samples outside: no factor hides within a sum."""
    read = reading(data=BATCH)
    (equation,) = (one for one in read.view.forward if one.array.key == "C")
    ((_, entry),) = read.in_letters(equation)
    (outer,) = (part for part in entry.args if isinstance(part, Summed))
    assert [str(size) for size in (outer.args[2], outer.args[0].args[2])] == ["n", "n_2"]


def graph(steps, values, output="L"):
    problem = load_problem({"graph": {"steps": steps, "output": output}, "values": values})
    return Reading(problem, matrix_view(problem, output))


def test_rows_by_a_list_have_one_formula_in_letters():
    """Row 3 is used twice: its gradient is the sum over the places where the list has it."""
    read = graph(["H = rows(E, 3, 1, 3)", "L = sum(H**2)"], {"E": [[1, 2], [3, 4], [5, 6], [7, 8]]})
    assert lines(read, "H")[2] == ["E_(s_i, j)"]
    assert lines(read, "dL/dE")[2] == ["Σ_(k = 1..3) dL/dH_kj·[i = s_k]"]


def test_a_convolution_has_one_formula_in_letters():
    """The places run with the filter: x_{j+k-1}; a weight's gradient is again a correlation."""
    values = {"x": [1, 2, 3, 4], "w": [[1, 2], [3, 4]], "b": [[1], [2]]}
    read = graph(["z = conv1d(x, w) + b", "L = sum(z**2)"], values)
    assert lines(read, "z")[2] == ["Σ_(k = 1..2) w_ik·x_(j + k − 1) + b_i"]
    assert lines(read, "dL/dw")[2] == ["Σ_(k = 1..3) dL/dz_ik·x_(k + j − 1)"]
    assert lines(read, "dL/dx")[2] == [
        "Σ_(k = max(1, i − 2)..min(2, i)) Σ_(m = 1..2) w_mk·dL/dz_(m, i − k + 1)"
    ]


def test_a_vector_with_an_entry_for_each_column_carries_the_columns_letter():
    """m_j in Z_ij - m_j is m_j where it is defined; factors and terms stand as in the matrix form."""
    steps = ["Z = X @ W", "m = mean(Z, axis=0)", "D = Z - m", "L = sum(D**2)"]
    read = graph(steps, {"X": [[1, 2], [3, 4]], "W": [[1, 2], [3, 5]]})
    left, _, entries = lines(read, "m")
    assert (left, entries) == ("m_j", ["1/2·Σ_(k = 1..2) Z_kj"])
    (product, *_) = (one for one in read.view.forward if one.array.key == "Z")
    assert plain(read.shown(product, 0)) == "Σ_(k = 1..2) X_ik·W_kj"
    assert plain(read.first_shown(product)) == "X11·W11 + X12·W21"


def test_the_jacobian_of_many_rows_is_no_matrix():
    """Each row has its own; of one vector it is a matrix and may be written."""
    read = graph(["A = softmax(S, axis=1)", "L = sum(A**2)"], {"S": [[1, 2], [3, 4]]})
    assert lines(read, "dL/dS")[1] == ["A ⊙ (dL/dA − (A ⊙ dL/dA)·𝟏·𝟏ᵀ)"]
    alone = graph(["a = softmax(s)", "L = sum(a**2)"], {"s": [1, 2]})
    assert lines(alone, "dL/ds")[1][0] == "(∂a/∂s)ᵀ·dL/da"


def test_each_line_of_a_graph_has_its_rule():
    """What a reader has to know to go from one line to the next."""
    read = graph(["h = tanh(W @ x)", "g = tanh(W @ h)", "L = sum(g)"], {"W": [[1, 2], [3, 4]], "x": [1, 2]})
    found = {one.array.key: one.forms[0].because for one in read.view.backward}
    assert found["dL/dg"] == "sum over entries"
    assert found["dL/dh"] == "derivative of tanh entry by entry, then matrix product"
    assert found["dL/dW"] == "sum over its uses: derivative of tanh entry by entry, matrix product"
    assert lines(read, "dL/dh")[1] == ["Wᵀ·(dL/dg ⊙ (1 − g²))"]


@pytest.mark.parametrize("data", [1, 2], ids=["one sample", "batch"])
def test_the_gradient_by_a_hidden_activation_has_an_equation_of_its_own(data):
    """On the way to a weight it is put into the error; where it is asked for, it is the answer."""
    problem = load_problem(
        {
            "network": {
                "inputs": 2,
                "cost": "half_squared_error",
                "layers": [{"units": 2, "activation": "tanh"}] * 2,
            },
            "data": {"x": [[1, 2], [3, 4]][:data], "y": [[0, 1], [1, 0]][:data]},
        }
    )
    gradient = derive_gradient(problem)["dC/da1[2]" + ("@2" if data > 1 else "")]
    whole, own = gradient.view("matrix").steps[-2:]
    assert plain(whole.rhs) == ("(W²)ᵀ·Δ²" if data > 1 else "(W²)ᵀ·δ²")
    assert plain(own.rhs) == ("w₁₂²·δ₁^(2, (2)) + w₂₂²·δ₂^(2, (2))" if data > 1 else "w₁₂²·δ₁² + w₂₂²·δ₂²")
    assert gradient.view("index").expression == gradient.view("matrix").expression


NORMALISED = {
    "steps": [
        "mu = mean(X, axis=0)",
        "v = var(X, axis=0)",
        "N = (X - mu)/sqrt(v + epsilon)",
        "E = exp(N)",
        "L = sum(E)",
    ],
    "output": "L",
    "wrt": ["X"],
    "shapes": {"X": [2, 2]},
}


def test_a_normalisation_s_matrix_form_divides_by_the_variance_not_by_its_root_squared():
    """What is repeated for every row is computed once, and then squared: (1 √(v + ε)ᵀ)² is 1 (v + ε)ᵀ."""
    gradient = derive_gradient(load_problem({"graph": NORMALISED}))["dL/dX[1,1]"]
    shown = "\n".join(plain(line.rhs) for line in gradient.view("matrix").steps)
    assert "√(v + ε·𝟏))ᵀ)²" not in shown
    assert "−1/2·(dL/dN ⊙ (X − 𝟏·μᵀ))ᵀ·𝟏/(v + ε·𝟏)^(3/2)" in shown
    assert "−(dL/dN)ᵀ·𝟏/√(v + ε·𝟏)" in shown


@pytest.mark.parametrize(("axis", "keepdims"), [(0, "false"), (0, "true"), (1, "true")])
def test_what_a_sum_does_not_run_along_stands_before_it_and_is_proved(axis, keepdims):
    """Every form of a normalisation, along rows or columns, is what the scalar sweep gives."""
    steps = [s.replace("axis=0", f"axis={axis}, keepdims={keepdims}") for s in NORMALISED["steps"]]
    problem = load_problem({"graph": NORMALISED | {"steps": steps, "shapes": {"X": [2, 3]}}})
    view = matrix_view(problem)
    found = proofs(problem, view, "L")
    assert all((one.array.key, k) in found for one in view.backward for k in range(len(one.forms)))
    (v,) = (one for one in view.backward if one.by.key == "v")
    assert plain(Reading(problem, view).whole(v.forms[-1].expr)).endswith("^(3/2)")


def test_an_exponential_s_matrix_form_ends_in_its_own_name():
    """dL/dN = dL/dE ⊙ E, as in the chain view; and so by index."""
    gradient = derive_gradient(load_problem({"graph": NORMALISED}))["dL/dX[1,1]"]
    for view, shown in (("matrix", "dL/dE ⊙ E"), ("index", "dL/dE_ij·E_ij")):
        assert any(plain(line.rhs).endswith(shown) for line in gradient.view(view).steps), view


def test_a_sum_that_is_written_out_has_what_its_terms_share_before_it():
    """-(u + v)/(2 (v + ε)^(3/2)), and not a fraction over a fraction for each of them."""
    u, v, s = sp.symbols("u v s", positive=True)
    assert shared_apart((u / s**2 + v / s**2) / (2 * s)) == (u + v) / (2 * s**3)
    assert shared_apart(u * v + v) == u * v + v
    half = sp.Mul(sp.Rational(1, 2), u + v, evaluate=False)
    assert shared_apart(half) == half
