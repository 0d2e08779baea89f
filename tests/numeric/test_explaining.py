"""A slip that is planted by hand is recognised by its name, from numbers alone."""

import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.evidence import verify
from numeric.judging.checking import check
from tests.kinds import every


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def backprop_with(**plant):
    """Plain NumPy over rows, tanh below and sigmoid on top, with what is planted in place of a line."""

    def line(name, right, *given):
        return plant[name](*given) if name in plant else right(*given)

    def backprop(x, y, weights, biases):
        z1 = x @ weights[0].T + biases[0]
        a1 = np.tanh(z1)
        z2 = a1 @ weights[1].T + biases[1]
        a2 = sigmoid(z2)
        error = line("cost", lambda a, y, n: (a - y) / n, a2, y, len(x))
        slope2 = line("slope2", lambda z, a: a * (1 - a), z2, a2)
        delta2 = error * slope2
        back = line("back", lambda d, W, e, V: d @ W, delta2, weights[1], error, weights[0])
        delta1 = line("delta1", lambda back, z, a, z2, a2: back * (1 - a**2), back, z1, a1, z2, a2)
        grad_W = [
            line("W", lambda d, a, *_: d.T @ a, d, a, *rest)
            for d, a, *rest in (
                (delta1, x, x, weights[0], back, delta2),
                (delta2, a1, z1, weights[1], error, delta1),
            )
        ]
        grad_b = [
            line("b", lambda d, *_: d.sum(axis=0), d, b, e)
            for d, b, e in zip((delta1, delta2), biases, (back, error), strict=True)
        ]
        return grad_W, grad_b

    return backprop


PLANTED = {
    "extra 1/K": {"cost": lambda a, y, n: (a - y) / (3 * n)},
    "cost for its slope": {"cost": lambda a, y, n: (a - y) ** 2 / 2 / n},
    "missing cost slope": {"cost": lambda a, y, n: np.ones_like(a) / n},
    "target left out": {"cost": lambda a, y, n: a / n},
    "phi for phi' in dC/dz2": {"slope2": lambda z, a: a},
    "phi for phi' in dC/dz1": {"delta1": lambda back, z, a, *_: back * a},
    "slope at the activation in dC/dz2": {"slope2": lambda z, a: sigmoid(a) * (1 - sigmoid(a))},
    "slope in z instead of a in dC/dz2": {"slope2": lambda z, a: z * (1 - z)},
    "slope in z instead of a in dC/dz1": {"delta1": lambda back, z, *_: back * (1 - z**2)},
    "slope taken twice in dC/dz2": {"slope2": lambda z, a: (a * (1 - a)) ** 2},
    "slope of the layer above": {"delta1": lambda back, z, a, z2, a2: back * (1 - a2**2)},
    "sigmoid's slope": {"delta1": lambda back, z, a, *_: back * a * (1 - a)},
    "tanh's slope": {"slope2": lambda z, a: 1 - a**2},
    "1 - a for the slope in dC/dz1": {"delta1": lambda back, z, a, *_: back * (1 - a)},
    "dot product for the entrywise one in dC/dz1": {
        "delta1": lambda back, z, a, *_: np.repeat((back * (1 - a**2)).sum(1)[:, None], 3, axis=1)
    },
    "missing weight": {"back": lambda d, W, *_: np.repeat(d.sum(1)[:, None], 3, axis=1)},
    "weights of the layer below": {"back": lambda d, W, e, V: d @ V},
    "error without its slope": {"back": lambda d, W, e, V: e @ W},
    "first route only": {"back": lambda d, W, *_: d[:, :1] * W[:1]},
    "routes averaged": {"back": lambda d, W, *_: d @ W / 3},
    "diagonal of the weights only": {"back": lambda d, W, *_: d * np.diag(W)},
    "transposed": {"W": lambda d, a, *_: (d.T @ a).T},
    "input for weight gradient": {"W": lambda d, a, *_: np.ones_like(d).T @ a},
    "z for a in the weight gradient": {"W": lambda d, a, z, *_: d.T @ z},
    "parameter for its input": {
        "W": lambda d, a, z, W, *_: W * d.sum(0)[:, None],
        "b": lambda d, b, _: b * d.sum(0),
    },
    "dC/da for delta": {"W": lambda d, a, z, W, e, _: e.T @ a, "b": lambda d, b, e: e.sum(0)},
    "delta of the layer above in dC/dw1": {"W": lambda d, a, z, W, e, other: (other if a is z else d).T @ a},
    "first sample only": {"W": lambda d, a, *_: d[:1].T @ a[:1], "b": lambda d, *_: d[0]},
    "last sample only": {"W": lambda d, a, *_: d[-1:].T @ a[-1:], "b": lambda d, *_: d[-1]},
    "sign on the way in dC/db": {"b": lambda d, *_: -d.sum(axis=0)},
    "missing 1/n on the way in dC/dw": {"W": lambda d, a, *_: 4 * d.T @ a},
}


@pytest.fixture(scope="module")
def square():
    """Three units everywhere, so that nothing is caught by its shape; four samples, a mean."""
    draw = np.random.default_rng(11)

    def rows(*shape):
        return np.round(draw.uniform(-1.5, 1.5, shape), 3).astype(str).tolist()

    layers = [
        {"units": 3, "activation": rule, "weights": rows(3, 3), "biases": rows(3)}
        for rule in ("tanh", "sigmoid")
    ]
    network = {"inputs": 3, "cost": "half_squared_error", "reduction": "mean", "layers": layers}
    return load_problem({"network": network, "data": {"x": rows(4, 3), "y": rows(4, 3)}})


def test_the_right_gradient_is_nobody_s_slip(square):
    """What agrees is not explained."""
    result = check(backprop_with(), square)
    assert result
    assert {entry.slip for entry in result} == {None}


@pytest.mark.parametrize("name", every(PLANTED, 11))
def test_a_planted_slip_is_recognised(name, square):
    """By one name for every entry that it spoils; where it has no name for all layers, by one a layer."""
    result = check(backprop_with(**PLANTED[name]), square)
    assert not result
    found = {entry.slip for entry in result.failures}
    assert all(slip is not None and slip.startswith(name) for slip in found), found
    assert len(found) == 1 or name.startswith(("sign on the way", "missing 1/n on the way"))


def test_a_gradient_that_is_only_off_is_no_slip(square):
    """A slip that leaves an entry as it is does not explain why that is a little off."""
    right = backprop_with()

    def off(*given):
        grad_W, grad_b = right(*given)
        return [W * (1 + 1e-11) for W in grad_W], grad_b

    assert {entry.slip for entry in check(off, square).failures} == {None}


def deep_network(layers, *, l2="0", samples=32):
    """Layers of three tanh units, a mean over samples, and its right backpropagation with a change of phi'."""
    draw = np.random.default_rng(5)

    def rows(*shape):
        return np.round(draw.uniform(-1.5, 1.5, shape), 3).astype(str).tolist()

    body = [
        {"units": 3, "activation": "tanh", "weights": rows(3, 3), "biases": rows(3)} for _ in range(layers)
    ]
    network = {"inputs": 3, "cost": "half_squared_error", "reduction": "mean", "layers": body, "l2": l2}
    problem = load_problem({"network": network, "data": {"x": rows(samples, 3), "y": rows(samples, 3)}})

    def backprop_of(change):
        def backprop(x, y, weights, biases):
            a = [x]
            for W, b in zip(weights, biases, strict=True):
                a.append(np.tanh(a[-1] @ W.T + b))
            delta, grad_W, grad_b = (a[-1] - y) / len(x) * (1 - a[-1] ** 2), [], []
            for l in range(layers - 1, -1, -1):
                grad_W.insert(0, delta.T @ a[l] + float(l2) / len(x) * weights[l])
                grad_b.insert(0, delta.sum(axis=0))
                delta = delta @ weights[l] * change(l, 1 - a[l] ** 2)
            return grad_W, grad_b

        return backprop

    return problem, backprop_of


@pytest.mark.parametrize("l2", ["0", "0.3"])
def test_a_slip_in_all_hidden_layers_is_one(l2):
    """It has one name for all of them, also beside an L2 term and with many samples."""
    problem, backprop_of = deep_network(4, l2=l2)
    result = check(backprop_of(lambda _, slope: slope**2), problem)
    assert {entry.slip for entry in result.failures} == {"slope taken twice in the hidden layers"}
    assert all(entry.why.endswith("Here it is so in the hidden layers only.") for entry in result.failures)


def test_where_something_else_is_wrong_too_nothing_is_so_in_one_layer_only():
    """A slip in layer 2 and a bias that was never stored."""
    problem, backprop_of = deep_network(4)

    def two(*given):
        grad_W, grad_b = backprop_of(lambda l, slope: slope**2 if l == 2 else slope)(*given)
        return grad_W, [*grad_b[:3], 0 * grad_b[3]]

    why = {entry.slip: entry.why for entry in check(two, problem).failures}
    assert set(why) == {"slope taken twice in dC/dz2", "never assigned in dC/db4"}
    assert not any("only" in text for text in why.values())


def test_in_a_deep_network_a_slip_is_found_in_its_layer():
    """The layers above it are right, so that no slip is looked for there."""
    problem, backprop_of = deep_network(9, samples=7)
    result = check(backprop_of(lambda l, slope: slope**2 if l == 2 else slope), problem)
    assert {entry.slip for entry in result.failures} == {"slope taken twice in dC/dz2"}


def test_numbers_that_are_off_by_little_of_themselves_are_held_against_no_slip(monkeypatch):
    """One factor next to 1 is said, and nothing is evaluated for it."""
    problem, backprop_of = deep_network(3)
    monkeypatch.setattr("numeric.judging.explaining.slips_of", lambda *_: pytest.fail("a slip was tried"))

    def off(*given):
        return [
            [part * (1 + 3e-6) for part in parts] for parts in backprop_of(lambda _, slope: slope)(*given)
        ]

    assert {entry.slip for entry in check(lambda *given: tuple(off(*given)), problem).failures} == {
        "common factor"
    }


# -- graphs, by formulas differentiated by hand ----------------------------------------------------

SLIPPED = {
    "inner derivative left out": (["J = sin(x^2)"], np.cos(0.7**2)),
    "power rule without the exponent": (["J = x^3"], 0.7**2),
    "exponent not lowered": (["J = x^3"], 3 * 0.7**3),
    "function in place of its derivative": (["J = tanh(2*x)"], 2 * np.tanh(1.4)),
    "derivative at the function's value": (
        ["J = sigmoid(x)"],
        sigmoid(sigmoid(0.7)) * (1 - sigmoid(sigmoid(0.7))),
    ),
    "differentiated inside the function": (["J = sin(x^2)"], np.cos(1.4)),
    "sign": (["J = cos(x)"], np.sin(0.7)),
    "minus lost in the derivative": (["J = x^2 - exp(x)"], 1.4 + np.exp(0.7)),
    "exponential by the power rule": (["J = exp(3*x)"], 3 * 2.1 * np.exp(1.1)),
    "first term of the product rule only": (["J = x^2*sin(x)"], 1.4 * np.sin(0.7)),
    "last term of the product rule only": (["J = x^2*sin(x)"], 0.49 * np.cos(0.7)),
    "product of the derivatives": (["J = x^2*sin(x)"], 1.4 * np.cos(0.7)),
    "quotient rule with a plus": (["J = sin(x)/x"], (0.7 * np.cos(0.7) + np.sin(0.7)) / 0.49),
    "quotient rule without the square": (["J = sin(x)/x"], (0.7 * np.cos(0.7) - np.sin(0.7)) / 0.7),
    "quotient of the derivatives": (["J = x^2/sin(x)"], 1.4 / np.cos(0.7)),
    "only one route": (["a = x^2", "b = sin(x)", "J = a*b"], 0.49 * np.cos(0.7)),
    "first route only": (["a = x^2", "b = sin(x)", "J = a*b"], 1.4 * np.sin(0.7)),
    "missing constant factor": (["a = x^5", "J = 3*sin(a)"], np.cos(0.7**5) * 5 * 0.7**4),
    "missing local slope in dJ/da": (["a = x^2", "b = exp(a)", "J = b^2"], 1.4 * 2 * np.exp(0.49)),
    "chain not continued in dJ/dx": (["a = x^2 + x", "b = exp(a)", "J = b^2"], 2.4),
}


@pytest.mark.parametrize("name", every(SLIPPED, 4))
def test_a_slip_of_a_graph_is_recognised_in_code_and_in_print(name, graph):
    """One list explains a gradient that is handed in and a figure that is printed."""
    steps, wrong = SLIPPED[name]
    problem = graph(steps, {"x": "0.7"})
    (entry,) = check({"dJ/dx": wrong}, problem)
    assert (entry.verdict, (entry.slip or "").startswith(name)) == ("wrong", True), entry.slip
    printed = {"quantity": "dJ/dx", "value": f"{wrong:.12f}"}
    tables = {"graph": {"steps": steps, "output": "J"}, "values": {"x": "0.7"}, "published": [printed]}
    (judgement,) = verify(load_problem(tables)).published
    assert (judgement.verdict, judgement.slip) == ("wrong", entry.slip)


def test_the_fewer_digits_a_figure_has_the_fewer_slips_explain_it(graph):
    """Tried slips times relative width stays below a thousandth; else the figure is only consistent."""
    tables = {"graph": {"steps": ["J = x^2/sin(x)"], "output": "J"}, "values": {"x": "0.5"}}
    wrong = 1 / np.cos(0.5)
    for digits, slip in ((9, "quotient of the derivatives"), (4, None)):
        figure = {"quantity": "dJ/dx", "value": f"{wrong:.{digits}f}"}
        (judgement,) = verify(load_problem({**tables, "published": [figure]})).published
        assert (judgement.verdict, judgement.slip) == ("wrong", slip)
        assert "quotient of the derivatives" in judgement.note or slip


def test_a_gradient_s_slip_is_found_behind_the_weight_after_one_step(network, layer):
    """Sources print w', not the gradient: without phi' it is w - eta (a - y) x."""
    a = sigmoid(0.5 * 0.75 + 0.1)
    figure = {"quantity": "w1[1,1]'", "value": f"{0.5 - 0.5 * (a - 0.2) * 0.75:.10f}"}
    more = {"published": [figure], "training": {"rate": "0.5"}}
    problem = network([layer("sigmoid", [["0.5"]], ["0.1"])], [["0.75"]], [["0.2"]], more=more)
    (judgement,) = verify(problem).published
    assert (judgement.verdict, judgement.slip) == ("wrong", "missing output slope")


UPDATES = {
    "step uphill": 0.5 + 0.25 * 0.75,
    "rate left out": 0.5 - 0.75,
    "rate applied twice": 0.5 - 0.25**2 * 0.75,
}


@pytest.mark.parametrize("name", UPDATES)
def test_a_slip_of_the_step_is_recognised(name, graph):
    """w' = w - eta dJ/dw, with dJ/dw = 0.75."""
    tables = {
        "graph": {"steps": ["J = w*x"], "output": "J", "wrt": ["w"]},
        "values": {"w": "0.5", "x": "0.75"},
        "training": {"rate": "0.25"},
        "published": [{"quantity": "w'", "value": f"{UPDATES[name]:.8f}"}],
    }
    (judgement,) = verify(load_problem(tables)).published
    assert (judgement.verdict, judgement.slip) == ("wrong", name)
