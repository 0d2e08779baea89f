"""Somebody's gradient: a right one is accepted, a wrong one is caught and its slip is named."""

import numpy as np
import pytest

from derive.errors import AnswerError
from derive.files.load import load_problem
from numeric.evidence import verify
from numeric.judging.checking import (
    SHOWN,
    Disagreement,
    _made,
    assert_gradients_agree,
    check,
    paragraphs,
)
from numeric.judging.theirs import _floats
from tests.kinds import every

SHAPES = {
    "2-2-2": ([2, 2, 2], 1, "sum"),
    "3-4-4-2": ([3, 4, 4, 2], 1, "sum"),
    "3-4-4-2, batch": ([3, 4, 4, 2], 5, "sum"),
    "3-4-4-2, mean of a batch": ([3, 4, 4, 2], 5, "mean"),
}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def numpy_backprop(fault="", reduction="sum"):
    """Plain NumPy over rows, as a student writes it, with one fault."""

    def backprop(x, y, weights, biases):
        a = [x]
        for W, b in zip(weights, biases, strict=True):
            a.append(sigmoid(a[-1] @ W.T + b))
        delta = (a[-1] - y) * (FACTORS.get(fault, lambda n: 1.0)(len(x)))
        delta = delta / (len(x) if reduction == "mean" else 1)
        grad_W, grad_b = [None] * len(weights), [None] * len(weights)
        for l in range(len(weights), 0, -1):
            last = l == len(weights)
            if fault != ("missing output slope" if last else "missing hidden slope"):
                delta = delta * a[l] * (1 - a[l])
            wrong_layer = fault == "wrong layer" and a[l].shape == a[l - 1].shape
            grad_W[l - 1] = delta.T @ a[l if wrong_layer else l - 1]
            grad_b[l - 1] = delta.sum(axis=0)
            if fault == "bias for weight gradient":
                grad_W[l - 1] = np.repeat(grad_b[l - 1][:, None], a[l - 1].shape[1], axis=1)
            W = weights[l - 1]
            square = W.shape[0] == W.shape[1]
            back = delta @ (W.T if fault == "missing transpose" and square else W)
            delta = delta[:, -1:] * W[-1:] if fault == "only one route" else back
        if fault == "transposed":
            grad_W = [G.T for G in grad_W]
        return grad_W, grad_b

    return backprop


FACTORS = {
    "sign": lambda n: -1.0,
    "factor 2": lambda n: 2.0,
    "factor 1/2": lambda n: 0.5,
    "missing 1/n": float,
    "extra 1/n": lambda n: 1.0 / n,
}
FAULTS = (
    *FACTORS,
    "missing output slope",
    "missing hidden slope",
    "wrong layer",
    "bias for weight gradient",
    "missing transpose",
    "only one route",
    "transposed",
)


SLOW = {"3-4-4-2", "3-4-4-2, batch"}


@pytest.fixture(params=[pytest.param(s, marks=pytest.mark.slow if s in SLOW else ()) for s in SHAPES])
def stated(request, random_problem):
    sizes, samples, reduction = SHAPES[request.param]
    rng = np.random.default_rng(5)
    more = {"samples": samples, "reduction": reduction}
    return random_problem(rng, sizes, ["sigmoid"] * (len(sizes) - 1), **more), samples, reduction


@pytest.fixture
def problem(random_problem):
    return random_problem(np.random.default_rng(6), [3, 4, 2], ["sigmoid", "sigmoid"], samples=3)


def test_a_correct_backward_pass_is_accepted(stated):
    """Every entry within the error that float64 may make."""
    problem, _, reduction = stated
    result = check(numpy_backprop(reduction=reduction), problem)
    assert result, str(result)
    assert len(result.entries) == sum(len(p.places) for p in problem.parameters)
    assert_gradients_agree(numpy_backprop(reduction=reduction), problem)


def test_accepted_is_the_verdict_on_all_entries(problem):
    """`assert check(…).accepted` must be able to fail."""
    assert check(numpy_backprop(), problem).accepted is True
    assert check(numpy_backprop("sign"), problem).accepted is False


def test_a_message_is_wrapped_under_the_label_of_its_slip(problem):
    """At 80 columns no word breaks, whoever prints it."""
    result = check(numpy_backprop("missing output slope"), problem)
    *_, first, second = lines = str(result).splitlines()
    assert max(map(len, lines)) <= 79
    assert first.startswith("likely slip: missing output slope. ")
    assert second == " " * len("likely slip: ") + second.strip()
    assert f"{first} {second.strip()}" == [*paragraphs(result)][-1]


def test_of_many_wrong_numbers_only_those_shown_are_made_entries(problem, monkeypatch):
    """A layer of 784 x 30 with one slip is told in as many entries as the message has."""
    made = []
    monkeypatch.setattr("numeric.judging.checking._made", lambda *parts: made.append(parts) or _made(*parts))
    result = check(numpy_backprop("sign"), problem)
    assert "likely slip: sign." in str(result)
    assert len(made) == SHOWN < len(result.failing)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught_and_named(stated, fault):
    """Every entry that it changes is wrong, and each is explained by that fault."""
    problem, samples, reduction = stated
    if samples == 1 and fault.endswith("1/n"):
        return  # with one sample n is 1 and nothing is wrong
    with pytest.raises(Disagreement, match=f"likely slip: {fault}"):
        assert_gradients_agree(numpy_backprop(fault, reduction), problem)
    failures = check(numpy_backprop(fault, reduction), problem).failures
    assert {entry.slip for entry in failures} == {fault}
    assert {entry.verdict for entry in failures} == {"wrong"}


def columns(x, y, weights, biases):
    grad_W, grad_b = numpy_backprop()(x.T, y.T, weights, [b[:, 0] for b in biases])
    return grad_W, [b[:, None] for b in grad_b]


def single(x, y, weights, biases):
    assert x.ndim == 1
    return numpy_backprop()(x[None], y[None], weights, biases)


def as_lists(x, y, weights, biases):
    return [[array.tolist() for array in arrays] for arrays in numpy_backprop()(x, y, weights, biases)]


@pytest.mark.parametrize(
    ("samples", "backprop"), [("columns", columns), ("single", single), ("rows", as_lists)]
)
def test_every_habit_of_calling_is_understood(samples, backprop, problem):
    """Samples as columns, one at a time, and results as lists."""
    assert check(backprop, problem, samples=samples)


def truths(problem):
    return {row.entry[1]: float(row.symbolic.mid) for row in verify(problem)}


def arrays(problem):
    sizes, true = problem.body.sizes, truths(problem)
    found = {}
    for l in range(1, len(sizes)):
        found[f"W{l}"] = np.array(
            [[true[f"w{l}[{j + 1},{k + 1}]"] for k in range(sizes[l - 1])] for j in range(sizes[l])]
        )
        found[f"b{l}"] = np.array([true[f"b{l}[{j + 1}]"] for j in range(sizes[l])])
    return found


@pytest.mark.parametrize("prefix", ["", "dC/d"])
def test_whole_arrays_are_taken_by_name(problem, prefix):
    """As W1 or as dC/dW1."""
    assert check({prefix + name: array for name, array in arrays(problem).items()}, problem)


class OfAGraph:
    """A tensor that belongs to a graph of derivatives: NumPy may not read it."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return self.values


def test_a_tensor_that_still_belongs_to_a_graph_is_taken(problem):
    """As create_graph=True leaves it."""
    assert check({name: OfAGraph(array) for name, array in arrays(problem).items()}, problem)


def test_a_form_that_keeps_no_digit_is_told_so(network, layer):
    """a(1 - a) is 0 at z = 40, where the slope is e^-40."""
    saturated = network([layer("sigmoid", [["40"]], ["0"])], [["1"]], [["0"]])
    (entry,) = check({"w1[1,1]": 0.0}, saturated).entries
    assert entry.verdict == "imprecise"
    assert entry.note.endswith("no digit of the truth is left here")


def test_own_names_are_taken_beside_canonical_ones(network, layer):
    """What the author calls w5 is an entry like any other."""
    layers = [layer("sigmoid", [["w5", "0.2"]], ["bias"])]
    problem = network(
        layers,
        [["0.5", "1"]],
        [["0.3"]],
        values={"w5": "0.4", "bias": "0.1"},
        more={"notation": {"cost": "E"}},
    )
    true = truths(problem)
    assert check({"dE/dw5": true["w1[1,1]"], "dC/dw1[1,2]": true["w1[1,2]"], "bias": true["b1[1]"]}, problem)


def test_a_graphs_callable_is_taken_with_named_or_ordered_slopes(graph):
    """In the order of wrt, or by name."""
    problem = graph(["z = x*y + x"], {"x": 2, "y": 3})
    assert check(lambda x, y: {"dz/dx": y + 1, "dz/dy": x}, problem)
    assert check(lambda x, y: (y + 1, x), problem)
    assert not check(lambda x, y: (x, y + 1), problem)


BAD = {
    "an empty mapping": ({}, "no gradient to compare"),
    "a name that is not there": ({"dC/dw9[1,1]": 1.0}, "no layer 9"),
    "an entry that is not there": ({"dC/dw1[9,1]": 1.0}, "does not exist"),
    "a layer that is not there": ({"W3": np.zeros((2, 2))}, "no layer 3"),
    "a result without biases": (lambda *_: [np.zeros((4, 3))], r"\(grad_weights, grad_biases\)"),
    "a missing array": (lambda x, y, W, b: (W[:1], b), "1 arrays for W; there are 2 layers"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_gradient_that_cannot_be_compared_is_refused(case, problem):
    """Never an empty comparison that passes."""
    theirs, message = BAD[case]
    with pytest.raises(AnswerError, match=message):
        check(theirs, problem)


def test_a_wrong_shape_is_named_with_the_right_one(problem):
    """The message says which array and what it should be."""
    with pytest.raises(Disagreement, match=r"W1 has shape \(3, 3\); layer 1 needs \(4, 3\)"):
        assert_gradients_agree({"W1": np.zeros((3, 3))}, problem)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_a_finite_number_is_wrong(number, problem):
    """nan is within no bound."""
    (entry,) = check({"dC/dw1[1,1]": number}, problem)
    assert (entry.verdict, entry.note) == ("wrong", "not a finite number")


CHANGES = {
    "1 + 1e-9": lambda g: g * (1 + 1e-9),
    "0.999": lambda g: g * 0.999,
    "negated": lambda g: -g,
    "zeroed": lambda g: 0.0,
}


@pytest.mark.parametrize(
    "sizes", [[2, 2, 2], *(pytest.param(n, marks=pytest.mark.slow) for n in ([4, 8, 3], [3, 2, 2, 2]))]
)
@pytest.mark.parametrize("activation", every(["sigmoid", "tanh"], 2))
def test_every_single_entry_fault_is_caught_and_no_right_entry_is_blamed(sizes, activation, random_problem):
    """Correctly rounded gradients pass; a billionth more does not, on any entry."""
    problem = random_problem(np.random.default_rng(8), sizes, [activation] * (len(sizes) - 1), samples=2)
    true = {f"dC/d{place}": value for place, value in truths(problem).items()}
    assert check(true, problem)
    for name, change in CHANGES.items():
        caught = check({place: change(value) for place, value in true.items()}, problem).failures
        assert len(caught) == len(true), name


SATURATED = {"hidden z = 30": (30, "0.2"), "hidden z = 40": (40, "0.2"), "output z = 30": ("0.3", 30)}


@pytest.mark.parametrize("case", every(SATURATED, 3))
def test_no_fault_is_agreed_to_where_float64_is_lost(case, network, layer):
    """An all-zero or a negated gradient is not within a bound that proves nothing."""
    hidden, output = SATURATED[case]
    layers = [
        layer("sigmoid", [["0.5"], ["0.3"]], [hidden, "0.1"]),
        layer("sigmoid", [["0.4", "0.6"]], [output]),
    ]
    problem = network(layers, [["0.5"]], [[1]])
    true = {f"dC/d{place}": value for place, value in truths(problem).items()}
    assert check(true, problem)
    for change in ("0.999", "negated", "zeroed"):
        for place, value in true.items():
            assert not check({place: CHANGES[change](value)}, problem)


def test_the_textbook_slope_at_saturation_is_imprecise_and_rtol_accepts_it(network, layer):
    """a(1 - a) loses its digits at z = 30; the note says what to write."""
    layers = [layer("sigmoid", [["0.5"]], [30]), layer("sigmoid", [["0.4"]], ["0.2"])]
    problem = network(layers, [["0.5"]], [["0.7"]])
    result = check(numpy_backprop(), problem)
    assert {entry.verdict for entry in result.failures} == {"imprecise"}
    assert all("a(1-a) loses these digits" in entry.note for entry in result.failures)
    assert check(numpy_backprop(), problem, rtol=1e-9)


def test_float32_is_recognised_and_rtol_accepts_it(problem):
    """Eight digits are near the truth, but no float64."""
    single_precision = {name: array.astype(np.float32) for name, array in arrays(problem).items()}
    result = check(single_precision, problem)
    assert not result
    assert all("float32" in entry.note for entry in result.failures)
    assert check(single_precision, problem, rtol=1e-4)


@pytest.mark.parametrize("slope", [0.0, 1.0, 0.5])
def test_at_a_kink_another_convention_is_not_wrong(slope, network, layer):
    """relu's slope at exactly 0 is anybody's choice; ours passes, others are undecided."""
    layers = [layer("relu", [["0.5"]], ["-0.25"]), layer("identity", [["0.4"]], ["0.2"])]
    problem = network(layers, [["0.5"]], [["0.7"]])
    (entry,) = check({"dC/db1[1]": slope * 0.4 * (0.2 - 0.7)}, problem)
    assert entry.verdict == ("agree" if slope == 0 else "undecided")
    assert ("relu's kink" in entry.note) == (slope != 0)


BESIDE_A_KINK = {
    "relu": "relu(x + y - 0.3)",
    "relu, of exact sums": "relu(x + y + 0.2 - 0.5)",
    "abs": "abs(x + y - 0.3)",
    "with a slope of its own": "2000*relu(x + y - 0.3) - 3*x",
}


@pytest.mark.parametrize("formula", BESIDE_A_KINK.values(), ids=BESIDE_A_KINK)
def test_at_a_kink_behind_inexact_decimals_only_the_convention_agrees(formula):
    """0.1 + 0.2 - 0.3 is 0: the bound of backprop spans the jump of the slope, and so says nothing."""
    tables = {"graph": {"steps": [f"J = {formula}"], "output": "J"}, "values": {"x": "0.1", "y": "0.2"}}
    problem = load_problem({"title": "kink", **tables})
    truth = -3.0 if "3*x" in formula else 0.0
    assert check({"dJ/dx": truth}, problem)
    for value in (1.0, -0.5, 0.37, -1.0, truth + 1e-9):
        (entry,) = check({"dJ/dx": value}, problem)
        assert entry.verdict == "undecided"
        assert "exactly at a kink" in entry.note


def test_next_to_a_kink_a_bound_that_spans_both_slopes_proves_no_zero():
    """1e-20 beside it the slope is 0 for sure, and nothing that float64 finds is known."""
    steps = ["J = relu(x + y - 0.30000000000000000001)"]
    tables = {"graph": {"steps": steps, "output": "J"}, "values": {"x": "0.1", "y": "0.2"}}
    problem = load_problem({"title": "near a kink", **tables})
    assert check({"dJ/dx": 0.0}, problem)
    (entry,) = check({"dJ/dx": 0.37}, problem)
    assert entry.verdict == "undecided"


def test_underflow_to_zero_is_the_right_rounding(network, layer):
    """The true gradient is 1e-349; float64's nearest number is 0."""
    problem = network([layer("sigmoid", [["0.5"]], [800])], [["0.5"]], [[1]], cost="binary_cross_entropy")
    assert check({"dC/dw1[1,1]": 0.0}, problem)


def test_a_report_shows_numbers_and_the_sentence_of_the_slip(problem):
    """What a failing test prints is enough to mend the code."""
    text = str(check(numpy_backprop("sign"), problem))
    assert "22 of 26" not in text
    assert "26 of 26 gradient entries do not agree" in text
    assert "The sign is turned" in text
    assert "yours" in text
    assert "… and 14 more" in text


SILU = {
    "s(1 + z(1-s))": lambda z, s: s * (1 + z * (1 - s)),
    "s + zs(1-s)": lambda z, s: s + z * (s * (1 - s)),
    "a + s(1-a)": lambda z, s: z * s + s * (1 - z * s),
}


@pytest.mark.parametrize("form", SILU.values(), ids=SILU)
def test_the_slope_of_silu_as_books_write_it_is_imprecise_and_named(form, network, layer):
    """PyTorch's own form loses two digits at z = 17, and all forms where e^-z overflows."""
    for z in (17.0, 30.0, -720.0):
        problem = network([layer("silu", [[1]], False)], [[str(z)]], [[0]])
        with np.errstate(over="ignore"):
            s = sigmoid(z)
        (entry,) = check({"dC/dw1[1,1]": z * s * form(z, s) * z}, problem)
        assert entry.verdict in {"agree", "imprecise"}
        assert entry.verdict == "agree" or "loses these digits" in entry.note


def test_one_number_that_is_nearly_right_among_right_ones_is_no_float32(problem):
    """Whoever raised rtol for it would let a fault pass."""
    true = numpy_backprop()(*_floats(problem, problem.body))
    true[0][0][1, 1] *= 1 + 1e-6
    (entry,) = check(lambda *_: true, problem).failures
    assert entry.note == "near the truth, but not to float64's accuracy, as the others are"


def test_below_float64s_range_a_zero_agrees(network, layer):
    """The slope at -745 is 5e-324: digits there are nobody's."""
    layers = [layer("sigmoid", [["0.5"]], [-745]), layer("identity", [["0.9"]], ["0.1"])]
    problem = network(layers, [["0.5"]], [["3.5"]])
    (entry,) = check({"dC/dw1[1,1]": 0.0}, problem)
    assert (entry.verdict, entry.note) == ("agree", "below float64's range")


def test_pytorchs_straight_softplus_is_named(network, layer):
    """Its value beyond 20 is z, which is off by 2e-9 parts of nothing that rounding explains."""
    problem = network([layer("softplus", [[1]], False)], [["20.5"]], [[0]])
    (entry,) = check({"dC/dw1[1,1]": 20.5 * 20.5}, problem)
    assert "PyTorch's softplus is z beyond its threshold of 20" in entry.note


def test_what_float32_loses_to_cancellation_is_accepted_under_an_rtol(random_problem):
    """Entries that nearly cancel over a batch are known beside the largest of their array alone."""
    problem = random_problem(np.random.default_rng(8), [3, 4, 2], ["sigmoid", "sigmoid"], samples=30)

    def backprop(x, y, weights, biases):
        rows = np.float32(x), np.float32(y), list(map(np.float32, weights)), list(map(np.float32, biases))
        return numpy_backprop()(*rows)

    assert check(backprop, problem, rtol=1e-6)
    for l in (0, 1):
        for change in (1e-3, -1e-3):
            arrays = backprop(*_floats(problem, problem.body))
            arrays[0][l][0, 0] += change * np.abs(arrays[0][l]).max()
            assert not check(lambda *_, found=arrays: found, problem, rtol=1e-4)


@pytest.mark.parametrize("found", ["abc", "0.1", None, 1j, [[0.5, None]]])
def test_what_is_no_number_is_named(found):
    """A gradient file from another language may hold anything, and NumPy reads None as nan."""
    with pytest.raises(AnswerError, match=r"'dE/dw5' is not made of numbers: .*; allowed: a real number"):
        check({"dE/dw5": found}, load_problem("mazur"))


def test_a_name_that_means_nothing_is_answered_with_those_that_do():
    """The reader of a gradient file has no list of names at hand."""
    with pytest.raises(
        AnswerError, match=r"'dE/dq': .*allowed: dE/dw1, .* and 4 more; whole arrays: W1, b1, W2"
    ):
        check({"dE/dq": 1.0}, load_problem("mazur"))


def test_a_single_samples_gradient_has_no_l2_term_in_it(random_problem):
    """The term is added once to the mean; whoever adds it for each sample is told that it is doubled."""
    more = {"samples": 3, "reduction": "mean", "l2": "0.3"}
    problem = random_problem(np.random.default_rng(9), [2, 3, 2], ["sigmoid", "sigmoid"], **more)

    def with_l2(x, y, weights, biases):
        grad_W, grad_b = single(x, y, weights, biases)
        return [grad + 0.1 * W for grad, W in zip(grad_W, weights, strict=True)], grad_b

    assert check(single, problem, samples="single")
    assert {entry.slip for entry in check(with_l2, problem, samples="single").failures} == {"L2 term doubled"}
