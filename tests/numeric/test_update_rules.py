"""Momentum, Adam and the perceptron's rule in balls, against loops that nobody here derived."""

from fractions import Fraction

import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.balls.enclosure import enclosure
from numeric.balls.training import follow
from numeric.evidence import verify
from numeric.training.learning import visits

X = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"], ["-0.4", "0.3"]]
Y = [["0.7"], ["0.1"], ["1"], ["0.4"]]
W, B = [["0.5", "-0.25"]], ["0.3"]
LAYER = {"units": 1, "activation": "tanh", "weights": W, "biases": B}


def problem(published=(), x=X, y=Y, layer=LAYER, **training):
    tables = {
        "network": {"inputs": 2, "cost": "half_squared_error", "layers": [layer]},
        "data": {"x": x, "y": y},
        "training": {"rate": "0.1", **training},
        "published": list(published),
    }
    return load_problem(tables)


def gradient(p):
    """Of Σ ½(y − tanh(x·w + b))², by hand."""
    x, y = np.array(X, float), np.array(Y, float)[:, 0]
    a = np.tanh(x @ p[:2] + p[2])
    delta = (a - y) * (1 - a**2)
    return np.append(delta @ x, delta.sum())


def classical(p, n, rate=0.1, mu=0.9):
    v = np.zeros(3)
    for _ in range(n):
        v = mu * v - rate * gradient(p)
        p = p + v
    return p


def averaged(p, n, rate=0.1, mu=0.9):
    v = np.zeros(3)
    for _ in range(n):
        v = mu * v + (1 - mu) * gradient(p)
        p = p - rate * v
    return p


def adam(p, n, inside=0.0, outside=1e-8, rate=0.1, b1=0.9, b2=0.999, corrected=True):
    m, v = np.zeros(3), np.zeros(3)
    for t in range(1, n + 1):
        g = gradient(p)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        c1, c2 = (1 - b1**t, 1 - b2**t) if corrected else (1, 1)
        p = p - rate * (m / c1) / (np.sqrt(v / c2 + inside) + outside)
    return p


LOOPS = {
    "classical": ({"rule": "momentum"}, classical),
    "averaged": ({"rule": "momentum", "convention": "averaged"}, averaged),
    "momentum 0.5": ({"rule": "momentum", "momentum": "0.5"}, lambda p, n: classical(p, n, mu=0.5)),
    "adam": ({"rule": "adam"}, adam),
    "adam inside": (
        {"rule": "adam", "epsilon_place": "inside", "epsilon": "0.001"},
        lambda p, n: adam(p, n, inside=1e-3, outside=0),
    ),
    "adam with its own betas": (
        {"rule": "adam", "beta1": "0.8", "beta2": "0.99"},
        lambda p, n: adam(p, n, b1=0.8, b2=0.99),
    ),
}
START = np.array([0.5, -0.25, 0.3])


def trained_floats(stated, updates):
    values = follow(stated, [updates]).at(updates).values
    return np.array([float(enclosure(values[parameter.key]).mid) for parameter in stated.parameters])


@pytest.mark.parametrize("training, loop", LOOPS.values(), ids=LOOPS)
def test_a_hundred_updates_are_those_of_plain_floats(training, loop):
    """The same loop in float64 drifts by its rounding only."""
    assert trained_floats(problem(**training), 100) == pytest.approx(loop(START, 100), rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["momentum", "averaged", "adam"])
def test_a_hundred_updates_are_pytorch_s(rule):
    """Which damps all updates but the first; so its buffers begin at 0 here."""
    torch = pytest.importorskip("torch")
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    x, y = (torch.tensor(np.array(rows, float)) for rows in (X, Y))
    if rule == "adam":
        optimiser = torch.optim.Adam([p], lr=0.1)
    else:
        optimiser = torch.optim.SGD([p], lr=0.1, momentum=0.9, dampening=0.9 * (rule == "averaged"))
        optimiser.state[p]["momentum_buffer"] = torch.zeros_like(p)
    for _ in range(100):
        optimiser.zero_grad()
        (((y[:, 0] - torch.tanh(x @ p[:2] + p[2])) ** 2).sum() / 2).backward()
        optimiser.step()
    training = LOOPS["classical" if rule == "momentum" else rule][0]
    assert trained_floats(problem(**training), 100) == pytest.approx(p.detach().numpy(), rel=1e-11)


def test_momentum_of_rational_numbers_is_exact():
    """w = 2, C = ½w²: v = −0.2, w = 1.8; v = −0.18 − 0.18, w = 1.44."""
    layer = {"units": 1, "activation": "identity", "weights": [[2, 0]], "biases": False}
    stated = problem(x=[[1, 0]], y=[[0]], layer=layer, rule="momentum")
    values = [enclosure(follow(stated, [n]).at(n).values["w1[1,1]"]) for n in (1, 2)]
    assert [(value.lo, value.hi) for value in values] == [(Fraction(9, 5),) * 2, (Fraction(36, 25),) * 2]


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_a_weight_without_gradient_stays_under_adam(place):
    """0/(0 + ε) is 0: an input of 0 moves no weight, exactly."""
    layer = {**LAYER, "weights": [["0.5", "0.125"]]}
    stated = problem(x=[["0.5", 0]], y=[["0.7"]], layer=layer, rule="adam", epsilon_place=place)
    value = enclosure(follow(stated, [20]).at(20).values["w1[1,2]"])
    assert value.lo == value.hi == Fraction(1, 8)


def test_a_gradient_that_is_0_but_not_exactly_so_is_no_end_of_adam():
    """Its ball holds 0, and the mean of its squares reaches below 0: the root must not fail for that."""
    layer = {"units": 1, "activation": "exp(z)", "weights": [[1, 0]], "biases": False}
    two = {"units": 1, "activation": "log(z)", "weights": [[1]], "biases": False}
    stated = load_problem(
        {
            "network": {"inputs": 2, "cost": "half_squared_error", "layers": [layer, two]},
            "data": {"x": [[1, 0]], "y": [[1]]},
            "training": {"rule": "adam", "rate": "0.1"},
        }
    )
    value = enclosure(follow(stated, [1]).at(1).values["w1[1,1]"])
    assert value.defined
    assert value.lo <= 1 <= value.hi


@pytest.mark.slow
def test_long_trainings_lose_no_digits():
    """The enclosures of a thousand updates still say thirty digits."""
    for rule in ("momentum", "adam"):
        values = follow(problem(rule=rule), [1000]).at(1000).values
        assert all(len(enclosure(values[f"w1[1,{k}]"]).text(30).strip("-0.")) >= 29 for k in (1, 2))


# -- slips -----------------------------------------------------------------------------------------


def printed(value):
    return f"{value:.9f}"


SLIPPED = {
    "classical printed for averaged": (
        {"rule": "momentum", "convention": "averaged"},
        classical(START, 3)[0],
        "classical and averaged momentum exchanged",
    ),
    "averaged printed for classical": (
        {"rule": "momentum"},
        averaged(START, 3)[0],
        "classical and averaged momentum exchanged",
    ),
    "uncorrected": ({"rule": "adam"}, adam(START, 3, corrected=False)[0], "no bias correction"),
    "inside printed for outside": (
        {"rule": "adam", "epsilon": "0.001"},
        adam(START, 3, inside=1e-3, outside=0)[0],
        "epsilon in the other place",
    ),
    "early": ({"rule": "adam"}, adam(START, 2)[0], "read one update early"),
}


@pytest.mark.parametrize("training, value, slip", SLIPPED.values(), ids=SLIPPED)
def test_a_wrong_figure_is_matched_to_the_slip_that_makes_it(training, value, slip):
    """The loops above make the slip, in plain floats."""
    figure = {"quantity": "w1[1,1]", "after": 3, "value": printed(value)}
    (judgement,) = verify(problem([figure], **training)).published
    assert (judgement.verdict, judgement.slip) == ("wrong", slip)


@pytest.mark.parametrize("training, loop", LOOPS.values(), ids=LOOPS)
def test_a_right_figure_is_right_under_every_rule(training, loop):
    """After one update by its prime, after three by `after`."""
    figures = [
        {"quantity": "w1[1,2]'", "value": printed(loop(START, 1)[1])},
        {"quantity": "b1[1]", "after": 3, "value": printed(loop(START, 3)[2])},
    ]
    assert [j.verdict for j in verify(problem(figures, **training)).published] == ["right"] * 2


@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_already_updated_weights_in_the_hidden_step_are_found_under_every_rule(rule):
    """Mazur's own slip, made with another rule: the hidden gradients read w′ of the output layer."""
    raw = {
        "network": {
            "inputs": 1,
            "cost": "half_squared_error",
            "layers": [
                {"units": 1, "activation": "identity", "weights": [[2]], "biases": False},
                {"units": 1, "activation": "identity", "weights": [[3]], "biases": False},
            ],
        },
        "data": {"x": [[1]], "y": [[0]]},
    }
    settings = {"rule": "momentum", "rate": "0.01"}
    if rule == "adam":
        settings = {"rule": "adam", "rate": "0.01", "epsilon": "1"}
    # δ = a = 6: dC/dw2 = 12, dC/dw1 = 6 w2 = 18, and 6 w2′ where the slip was made
    new = 3 - 0.01 * 12 if rule == "momentum" else 3 - 0.01 * 12 / 13
    slope = 6 * new
    wrong = 2 - 0.01 * slope if rule == "momentum" else 2 - 0.01 * slope / (slope + 1)
    figure = {"quantity": "w1[1,1]'", "value": f"{wrong:.12f}"}
    (judgement,) = verify(load_problem(raw | {"training": settings, "published": [figure]})).published
    assert (judgement.verdict, judgement.slip) == ("wrong", "hidden step with already-updated weights")


# -- the perceptron --------------------------------------------------------------------------------


def gate(targets, steps=24, **training):
    layer = {"units": 1, "activation": "step", "weights": [[0, 0]], "biases": [0]}
    return load_problem(
        {
            "network": {"inputs": 2, "layers": [layer]},
            "data": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[target] for target in targets]},
            "training": {"rule": "perceptron", "rate": 1, "steps": steps, **training},
        }
    )


def by_hand(targets, updates, order=(0, 1, 2, 3)):
    """Rosenblatt's rule in whole numbers: (w1, w2, b) after each update."""
    x = [(0, 0), (0, 1), (1, 0), (1, 1)]
    w, rows = [0, 0, 0], []
    for n in range(updates):
        i = order[n % 4]
        p, q = x[i]
        error = targets[i] - int(w[0] * p + w[1] * q + w[2] > 0)
        w = [w[0] + error * p, w[1] + error * q, w[2] + error]
        rows.append(tuple(w))
    return rows


@pytest.mark.parametrize("targets", [(0, 0, 0, 1), (0, 1, 1, 1), (0, 1, 1, 0)], ids=["and", "or", "xor"])
def test_every_update_of_a_perceptron_is_that_of_whole_numbers(targets):
    """Exactly, sample by sample."""
    found = [
        tuple(row.after[key].mid for key in ("w1[1,1]", "w1[1,2]", "b1[1]"))
        for row in visits(gate(targets), 24)
    ]
    assert found == by_hand(targets, 24)


def test_a_perceptron_learns_and():
    """After update 18 all four samples are right, and an epoch changes nothing any more."""
    rows = visits(load_problem("perceptron-and"), 24)
    assert [row.number for row in rows if not row.is_right(1)][-1] == 18
    assert [rows[-1].after[key].mid for key in ("w1[1,1]", "w1[1,2]", "b1[1]")] == [2, 1, -2]


def test_a_perceptron_never_learns_xor():
    """No line parts its samples: each of 50 epochs changes something (Minsky and Papert, 1969)."""
    rows = visits(gate((0, 1, 1, 0), steps=200), 200)
    wrong = {(row.number - 1) // 4 for row in rows if not row.is_right(1)}
    assert wrong == set(range(50))


def test_a_z_of_exactly_0_is_known_as_a_convention():
    """The first z of weights 0 is where the step jumps; later ones are clear of it."""
    tied = [row.number for row in visits(load_problem("perceptron-and"), 24) if row.tied]
    assert tied[:4] == [1, 2, 3, 4]
    assert 5 not in tied


def test_a_batch_of_a_perceptron_adds_all_its_corrections():
    """All four samples at weights 0: only (1, 1) is wrong under AND."""
    values = follow(gate((0, 0, 0, 1), batch="all"), [1]).at(1).values
    assert [int(values[key].p) for key in ("w1[1,1]", "w1[1,2]", "b1[1]")] == [1, 1, 1]


def test_a_shared_bias_of_two_units_takes_both_corrections():
    """One number, two uses: b′ = b + 1 + 1."""
    layer = {"units": 2, "activation": "step", "weights": [[0], [0]], "biases": ["b", "b"]}
    stated = load_problem(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "values": {"b": 0},
            "data": {"x": [[1]], "y": [[1, 1]]},
            "training": {"rule": "perceptron", "rate": 1},
        }
    )
    assert int(follow(stated, [1]).at(1).values["shared b"].p) == 2


def test_a_frozen_weight_of_a_perceptron_stays():
    """Its bias is trained all the same."""
    layer = {"units": 1, "activation": "step", "weights": [[0]], "biases": [0], "frozen": ["W1"]}
    stated = load_problem(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "data": {"x": [[1]], "y": [[1]]},
            "training": {"rule": "perceptron", "rate": "0.5"},
        }
    )
    values = follow(stated, [1]).at(1).values
    assert [enclosure(values[key]).mid for key in ("w1[1,1]", "b1[1]")] == [0, Fraction(1, 2)]


# -- graphs ----------------------------------------------------------------------------------------


def test_a_graph_trains_what_it_is_differentiated_by():
    """J = (w x − 1)², dJ/dw = 2(w x − 1)x = 20: w′ = 3 − 0.1 · 20, and x stays."""
    stated = load_problem(
        {
            "graph": {"steps": ["J = (w*x - 1)^2"], "output": "J", "wrt": ["w"]},
            "values": {"w": 3, "x": 2},
            "training": {"rate": "0.1"},
            "published": [{"quantity": "w'", "value": "1"}, {"quantity": "J", "after": 1, "value": "1"}],
        }
    )
    assert [judgement.verdict for judgement in verify(stated).published] == ["right", "right"]


def test_shuffling_is_the_same_in_every_run():
    """Each epoch is the next `permutation` of one `default_rng(seed)` of NumPy's."""
    first, second = ([row.sample for row in visits(gate((0, 0, 0, 1), seed=3), 12)] for _ in range(2))
    rng = np.random.default_rng(3)
    assert first == second == [f"@{i + 1}" for _ in range(3) for i in rng.permutation(4)]


@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_a_training_that_runs_away_is_unknown_with_the_reason(rule):
    """No wrong digits, no endless run."""
    layer = {"units": 1, "activation": "z^2", "weights": [[2, 1]], "biases": [1]}
    figure = {"quantity": "C", "after": 400, "value": "0.1"}
    (judgement,) = verify(problem([figure], layer=layer, rule=rule, rate="1000")).published
    if rule == "momentum":
        assert (judgement.verdict, judgement.truth.defined) == ("unknown", False)
        assert judgement.note
    else:  # an Adam step is never much longer than its rate
        assert judgement.truth.defined


def test_a_moment_does_not_depend_on_those_after_it():
    """What is known after 5 updates does not depend on whether 200 more were asked for."""
    stated = problem(rule="adam")
    alone, together = follow(stated, [5]).at(5), follow(stated, [5, 200]).at(5)
    assert float(enclosure(alone.values["w1[1,1]"]).mid) == float(enclosure(together.values["w1[1,1]"]).mid)
