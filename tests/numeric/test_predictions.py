"""Predictions are proven, and a class is said only where the enclosures prove it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.files.load import load_problem
from numeric.balls.enclosure import Enclosure
from numeric.evidence import verify
from numeric.training.predictions import chosen, predict
from tests.examples import evidence_of


def network(activation="sigmoid", units=1, cost="squared_error", weights=None, **more):
    """One layer over one input."""
    layer = {
        "units": units,
        "activation": activation,
        "weights": [["1"]] * (units if isinstance(units, int) else len(units))
        if weights is None
        else weights,
        "biases": False,
    }
    return {"network": {"inputs": 1, "cost": cost, "layers": [layer]}, **more}


def data(x, y, **more):
    return {"data": {"x": [[value] for value in x], "y": y, **more}}


def between(lo, hi):
    return Enclosure(Fraction(lo), Fraction(hi))


@pytest.mark.parametrize(
    ("outputs", "choice"),
    [
        ([between("0.4", "0.49")], 0),
        ([between("0.51", "0.6")], 1),
        ([between("0.49", "0.51")], None),
        ([between("0.5", "0.5")], None),
        ([between("0.1", "0.2"), between("0.3", "0.4"), between("0.2", "0.25")], 1),
        ([between("0.1", "0.35"), between("0.3", "0.4")], None),
        ([between("0.3", "0.3"), between("0.3", "0.3")], None),
        ([between("0.3", "0.35"), between("0.1", "0.3")], None),
        ([Enclosure(None, None, "no value")], None),
        ([Enclosure(None, None, "no value"), between("0.3", "0.4")], None),
    ],
)
def test_a_class_is_chosen_only_where_it_is_proven(outputs, choice):
    """A tie, an enclosure that holds 1/2 and a missing value are undecided, never guessed."""
    assert chosen(outputs) == choice


def test_a_unit_exactly_at_one_half_is_undecided():
    """sigmoid(0) is 1/2: the sample is neither right nor wrong."""
    (moment,) = predict(load_problem(network(**data([0, 1, -1], [[1], [1], [1]]))))
    assert [sample.choice for sample in moment.samples] == [None, 1, 0]
    assert (moment.right, moment.wrong, moment.undecided) == (1, 1, 1)


def test_a_tie_of_softmax_is_undecided():
    """Equal weights give equal outputs, whatever their last bits say."""
    problem = load_problem(network("softmax", 3, "cross_entropy", **data([1], [[1, 0, 0]])))
    (moment,) = predict(problem)
    assert moment.samples[0].choice is None
    assert moment.undecided == 1


def test_a_sample_without_one_largest_target_has_no_class():
    """It can be neither right nor wrong, so accuracy does not count it."""
    weights = [["1"], ["2"]]
    problem = load_problem(
        network("softmax", 2, "cross_entropy", weights, **data([1, 1], [["0.5", "0.5"], ["0.1", "0.9"]]))
    )
    (moment,) = predict(problem)
    assert (len(moment.judged), moment.right) == (1, 1)


@pytest.mark.parametrize(
    ("source", "classes"),
    [
        (network(**data([1], [[1]])), ("0", "1")),
        (network(**data([1], [["0.5"]])), ()),
        (network("tanh", **data([1], [[1]])), ()),
        (network("identity", **data([1], [[1]])), ()),
        (network("step", **data([1], [[1]])), ("0", "1")),
        (network("softmax", 2, **data([1], [[1, 0]])), ("1", "2")),
        (network("softmax", ["cat", "dog"], **data([1], [[1, 0]])), ("cat", "dog")),
        (network("sigmoid", 2, **data([1], [[1, 0]])), ()),
        (network("sigmoid", 2, **data([1], [[1, 0]], classes=["x", "y"])), ("x", "y")),
        (network("tanh", 1, **data([1], [[1]], classes=["no", "yes"])), ("no", "yes")),
    ],
)
def test_outputs_are_classes_where_they_can_be_nothing_else_or_the_file_says_so(source, classes):
    """A regression's output is no class, however near it comes to 1."""
    moments = predict(load_problem(source))
    assert (moments[0].classes if moments else ()) == classes


def test_a_network_with_free_numbers_predicts_nothing():
    """Its values are those of random points."""
    source = network(**data([1], [[1]], test=[[2]]))
    del source["network"]["layers"][0]["weights"]
    assert predict(load_problem(source)) == ()


def test_a_network_without_tests_and_classes_predicts_nothing():
    """The forward pass shows its outputs already."""
    assert predict(load_problem("mazur")) == ()


def test_a_forward_pass_alone_predicts_its_test_inputs():
    """No cost is needed for it."""
    source = network("identity", cost=None, data={"x": [[1]], "test": [["0.25"], [3]]})
    (moment,) = predict(load_problem(source))
    assert [test.outputs[0].mid for test in moment.tests] == [Fraction(1, 4), 3]


@pytest.mark.slow
def test_predictions_after_training_are_those_of_the_last_update():
    """Checked with PyTorch in float64, which shares nothing with us."""
    torch = pytest.importorskip("torch")
    problem = load_problem("iamtrask-11-lines")
    w = torch.tensor([[float(p.value) for p in problem.parameters]], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([[float(v) for v in row] for row in problem.x], dtype=torch.float64)
    y = torch.tensor([[float(v) for v in row] for row in problem.y], dtype=torch.float64)
    optimiser = torch.optim.SGD([w], lr=1.0)
    for _ in range(10_000):
        optimiser.zero_grad()
        ((y - torch.sigmoid(x @ w.T)) ** 2 / 2).sum().backward()
        optimiser.step()
    expected = torch.sigmoid(torch.cat([x, torch.tensor([[1.0, 0, 0]])]) @ w.T).flatten().tolist()
    before, after = predict(problem)
    assert (before.after, after.after) == (0, 10_000)
    found = [float(one.outputs[0].mid) for one in (*after.samples, *after.tests)]
    assert found == pytest.approx(expected, rel=1e-11)
    assert (before.right, after.right) == (2, 4)


@pytest.mark.slow
def test_every_output_is_proven():
    """Its bounds are closer than a float64 unit."""
    for moment in evidence_of("hours-of-study").predictions:
        for one in (*moment.samples, *moment.tests):
            assert one.outputs[0].radius < one.outputs[0].mid * Fraction(1, 10**16)


@pytest.mark.slow
def test_a_training_that_runs_away_predicts_nothing_after_it():
    """The weight is beyond all numbers that are said, and so is the output; nothing is chosen by it."""
    source = network("identity", **data([10], [[1]], test=[[1]], classes=["no", "yes"]))
    before, after = predict(load_problem(source | {"training": {"rate": 1000, "steps": 50_000}}))
    assert before.tests[0].choice == 1
    assert (after.tests[0].outputs[0].why, after.tests[0].choice) == ("beyond 10^19728", None)


def test_evidence_holds_the_predictions():
    """Pages, terminal and JSON read them there."""
    assert verify(load_problem(network(**data([1], [[1]])))).predictions[0].right == 1
