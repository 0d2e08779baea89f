"""Training in balls is plain gradient descent, whatever the batches, and says when it cannot follow."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.balls import training
from numeric.balls.enclosure import ENOUGH_BITS, enclosure
from numeric.balls.tape import Tape
from numeric.balls.training import DivergenceError, batches, follow
from numeric.evidence import verify
from numeric.training.learning import curve

X = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"], ["-0.4", "0.3"]]
Y = [["0.7"], ["0.1"], ["1"], ["0.4"]]
W1, B1 = [["0.5", "-0.25"], ["0.7", "0.2"]], ["0.3", "0.1"]
W2, B2 = [["0.4", "0.6"]], ["0.2"]


@pytest.fixture
def problem(network, layer):
    def make(
        rate="0.5",
        activation="tanh",
        output="sigmoid",
        reduction="sum",
        published=(),
        l2=0,
        frozen=False,
        **training,
    ):
        layers = [layer(activation, W1, B1, frozen=frozen), layer(output, W2, B2)]
        more = {"training": {"rate": rate, **training}, "published": list(published)}
        return network(layers, X, Y, reduction=reduction, l2=l2, more=more)

    return make


def descent(number, updates, exp, *, reduction="sum", l2=0, rows=None):
    """Gradient descent written again, in any arithmetic: `number` makes a number of a text."""
    W, b, V, c = (
        [[number(t) for t in row] for row in W1],
        [number(t) for t in B1],
        [number(t) for t in W2[0]],
        number(B2[0]),
    )
    rate = number("0.5")
    for chosen in rows or [range(4)] * updates:
        share = 1 / number(str(len(chosen))) if reduction == "mean" else number("1")
        decay = number(str(l2)) / number("4")
        gW, gb, gV, gc = [[0, 0], [0, 0]], [0, 0], [0, 0], 0
        for i in chosen:
            x, y = [number(t) for t in X[i]], number(Y[i][0])
            h = []
            for j in range(2):
                e = exp(2 * (W[j][0] * x[0] + W[j][1] * x[1] + b[j]))
                h.append((e - 1) / (e + 1))
            a = 1 / (1 + exp(-(V[0] * h[0] + V[1] * h[1] + c)))
            d = (a - y) * a * (1 - a) * share
            gc += d
            for j in range(2):
                gV[j] += d * h[j]
                dj = d * V[j] * (1 - h[j] ** 2)
                gb[j] += dj
                for k in range(2):
                    gW[j][k] += dj * x[k]
        for j in range(2):
            V[j] -= rate * (gV[j] + decay * V[j])
            b[j] -= rate * gb[j]
            for k in range(2):
                W[j][k] -= rate * (gW[j][k] + decay * W[j][k])
        c -= rate * gc
    return {
        **{f"w1[{j + 1},{k + 1}]": W[j][k] for j in range(2) for k in range(2)},
        **{f"b1[{j + 1}]": b[j] for j in range(2)},
        **{f"w2[1,{k + 1}]": V[k] for k in range(2)},
        "b2[1]": c,
    }


def floats(problem, updates):
    values = follow(problem, [updates]).at(updates).values
    return {
        p.key: float(values[p.key])
        if not hasattr(values[p.key], "p")
        else int(values[p.key].p) / int(values[p.key].q)
        for p in problem.parameters
    }


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("l2", [0, "0.3"])
def test_fifty_updates_are_those_of_plain_floats(problem, reduction, l2):
    """The same loop in float64 drifts by its rounding only."""
    found = floats(problem(reduction=reduction, l2=l2), 50)
    assert found == pytest.approx(descent(float, 50, np.exp, reduction=reduction, l2=l2), rel=1e-12)


@pytest.mark.parametrize("batch", ["online", 2, 3])
@pytest.mark.parametrize("seed", [None, 4])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_mini_batches_are_those_of_plain_floats(problem, batch, seed, reduction):
    """In file order or shuffled by the seed; a mean is over the batch, and the last batch may be short."""
    size = 1 if batch == "online" else batch
    training = {"batch": batch} | ({} if seed is None else {"seed": seed})
    stated = problem(reduction=reduction, **training)
    shuffle = np.random.default_rng(seed)
    rows = []
    while len(rows) < 50:
        order = np.arange(4) if seed is None else shuffle.permutation(4)
        rows += [order[i : i + size] for i in range(0, 4, size)]
    expected = descent(float, 50, np.exp, reduction=reduction, rows=rows[:50])
    assert floats(stated, 50) == pytest.approx(expected, rel=1e-12)


def test_three_updates_are_mpmaths_to_fifty_digits(problem):
    """Nothing of the digits is lost from one update to the next."""
    stated = problem()
    values = follow(stated, [3]).at(3).values
    with mp.workdps(60):
        for key, truth in descent(mp.mpf, 3, mp.exp).items():
            assert abs(mp.mpf(values[key].mid().str(60, radius=False)) - truth) < mp.mpf(10) ** -50


def test_an_epoch_visits_every_sample_once(problem):
    """Shuffled anew each time."""
    stream = iter(batches(problem(batch=2, seed=1)))
    first, second = ([*next(stream), *next(stream)] for _ in range(2))
    assert sorted(first) == sorted(second) == ["@1", "@2", "@3", "@4"]


def test_frozen_parameters_stay(problem):
    """They are derived, but not trained."""
    found = floats(problem(frozen=["W1"]), 5)
    assert found["w1[1,1]"] == 0.5
    assert found["b1[1]"] != 0.3


def test_a_shared_parameter_takes_the_sum_of_its_uses(network, layer):
    """One number, one update: w' = w - eta (x1 + x2) here."""
    more = {"training": {"rate": "0.1"}}
    problem = network([layer("identity", [["q", "q"]])], [[2, 3]], output="a1[1]", values={"q": 1}, more=more)
    assert floats(problem, 1) == {"shared q": 0.5}


RUNAWAY = {"z^2": "1000", "sin(z)": "100"}


@pytest.mark.slow
def test_figures_predictions_and_curve_share_one_run(monkeypatch):
    """The run that `verify` made for figures and predictions has the moments of the curve, too."""
    stated = load_problem("hours-of-study")
    evidence = verify(stated)
    monkeypatch.setattr(
        "numeric.training.learning.follow", lambda *_: pytest.fail("the training was run again")
    )
    drawn = curve(stated, evidence.course)
    assert (drawn[0].after, drawn[-1].after) == (0, stated.training.steps)
    assert drawn[0].cost.text() == evidence.cost.text()


def test_a_training_that_nobody_asked_for_is_run_for_its_curve(problem):
    """Verdicts on gradients need no training; a page does."""
    stated = problem(steps=5)
    evidence = verify(stated)
    assert evidence.course.states.keys() == {0}
    assert [moment.after for moment in curve(stated, evidence.course)] == list(range(6))


def test_figures_before_a_training_runs_away_have_their_verdicts(problem):
    """After 2 updates of a path that is lost before the 400th, everything is known."""
    figures = [{"quantity": "C", "after": after, "value": "0"} for after in (2, 400)]
    stated = problem("1000", "z^2", "identity", published=figures)
    early, late = verify(stated).published
    assert (early.verdict, late.verdict) == ("wrong", "unknown")


@pytest.mark.parametrize("activation", RUNAWAY)
@pytest.mark.slow
def test_training_that_runs_away_is_unknown_with_the_reason(problem, activation):
    """A square squared at every update, or a chaotic path: no wrong number, no endless run."""
    figure = {"quantity": "C", "after": 400, "value": "0.1"}
    stated = problem(RUNAWAY[activation], activation, "identity", published=[figure])
    (judgement,) = verify(stated).published
    assert judgement.verdict == "unknown"
    assert judgement.note
    assert not judgement.truth.defined


def test_states_that_cannot_be_enclosed_raise(problem):
    """The caller says which figures depend on them."""
    with pytest.raises(DivergenceError, match="400 updates"):
        follow(problem("100", "sin(z)", "identity"), [400]).at(400)


def test_the_last_batch_of_an_epoch_holds_what_is_left():
    """Three samples in batches of two: 1 and 2, then 3 alone, with a mean over one."""
    layer = {"units": 1, "activation": "identity", "weights": [["0.5"]], "biases": ["0.1"]}
    problem = load_problem(
        {
            "network": {"inputs": 1, "cost": "squared_error", "reduction": "mean", "layers": [layer]},
            "data": {"x": [[1], [2], [3]], "y": [[1], [0], [1]]},
            "training": {"rate": "0.1", "batch": 2},
        }
    )
    w, b = Fraction(1, 2), Fraction(1, 10)
    for batch in ([(1, 1), (2, 0)], [(3, 1)]):
        slopes = [(2 * (w * x + b - y) * x / len(batch), 2 * (w * x + b - y) / len(batch)) for x, y in batch]
        w -= sum(slope for slope, _ in slopes) / 10
        b -= sum(slope for _, slope in slopes) / 10
    state = follow(problem, [2]).at(2)
    assert [enclosure(state.values[key]).mid for key in ("w1[1,1]", "b1[1]")] == [w, b]


def test_the_entries_of_a_graph_s_vectors_are_trained():
    """w - eta w halves each entry, and L falls to a quarter."""
    stated = load_problem(
        {
            "graph": {"steps": ["L = sum(w*w)/2 + u^2/2"], "output": "L"},
            "values": {"w": [1, 2], "u": 4},
            "training": {"rate": "0.5", "steps": 2},
        }
    )
    after = follow(stated, [2]).at(2).values
    assert [enclosure(after[key]).mid for key in ("w[1]", "w[2]", "u")] == [Fraction(1, 4), Fraction(1, 2), 1]


def test_shuffled_batches_of_one_size_share_a_tape(problem, monkeypatch):
    """Nearly every one is new, and compiling them all would take longer than running them."""
    compiled = []
    made = Tape.of
    monkeypatch.setattr(Tape, "of", lambda *rest, **more: compiled.append(rest) or made(*rest, **more))
    follow(problem(batch=3, seed=4), [40])
    assert len(compiled) == 2  # three samples, and the one that is left


def test_an_update_works_nothing_that_no_other_reads(problem, monkeypatch):
    """Of ten thousand costs on the way none is asked for."""
    compiled = []
    made = Tape.of
    monkeypatch.setattr(Tape, "of", lambda *rest, **more: compiled.append(rest) or made(*rest, **more))
    follow(problem(), [2])
    ((program, _),) = compiled
    assert "C" not in program.by_key and "dC/dw1[1,1]" in program.by_key


def test_precision_is_raised_by_what_the_last_updates_lost():
    """The first ones lose many more bits than the others: here one each, and then a half."""
    lost = [(0, 0), (100, 100), (200, 150), (300, 200), (400, 250)]
    truly = 250 + 600 / 2
    assert truly + ENOUGH_BITS < training._enough(lost, 1000) < 1000
