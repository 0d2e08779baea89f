"""Updates run one after another from slots that stay, against the same tape run anew each time."""

from itertools import islice

import pytest
from flint import arb, ctx, fmpq

from derive.files.load import load_problem
from numeric.balls.repeated import Repeated
from numeric.balls.training import _Run, unchanged

BITS = 256
LAYERS = [
    {"units": 2, "weights": [["0.5", "-0.25"], ["-0.7", "-0.2"]], "biases": ["0.3", "-2"]},
    {"units": 1, "weights": [["0.4", "0.6"]], "biases": ["0.2"]},
]
X, Y = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"]], [["0.7"], ["0.1"], ["1"]]


def states(activation, output="sigmoid", **training):
    """After each of twenty updates: from slots that stay, and of the tape run anew."""
    layers = [{**LAYERS[0], "activation": activation}, {**LAYERS[1], "activation": output}]
    network = {"inputs": 2, "cost": "half_squared_error", "layers": layers}
    run = _Run(
        load_problem({"network": network, "data": {"x": X, "y": Y}, "training": {"rate": "0.3", **training}}),
        unchanged,
    )
    values, point, repeated = dict(run.start), [run.start[key] for key in run.handed_on], {}
    for update in islice(run.updates(), 20):
        with ctx.workprec(BITS):
            made = repeated.setdefault(id(update.tape), Repeated.of(update.tape, run.start, run.handed_on))
            point = made.run(point, update.given)
        anew = update.tape.run({**values, **update.given}, BITS)
        values |= {key: anew[new] for key, new in run.handed_on.items()}
        yield point, [values[key] for key in run.handed_on]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(
    "training", [{}, {"batch": 2}, {"rule": "adam", "batch": "online"}], ids=["all", "batches", "adam"]
)
def test_every_ball_is_that_of_the_tape_and_as_narrow(activation, training):
    """A number that was made a ball once, and an operation that asks nothing, change no value."""
    for found, expected in states(activation, **training):
        for one, other in zip(found, expected, strict=True):
            assert arb(one).overlaps(arb(other))
            assert arb(one).rad() <= 4 * arb(other).rad()


def test_fractions_stay_fractions_as_long_as_they_are_short():
    """Of rational formulas the first updates are exact; later on all is balls, on both ways alike."""
    kinds = set()
    for found, expected in states("identity", output="identity"):
        assert [type(value) for value in found] == [type(value) for value in expected]
        assert all(one == other for one, other in zip(found, expected, strict=True) if isinstance(one, fmpq))
        kinds |= set(map(type, found))
    assert kinds == {fmpq, arb}
