"""Linear and logistic regression: what statistics proves of them holds of the bundled examples."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from derive.files.load import load_problem
from derive.steps import given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import balls_of, enclose
from numeric.evidence import verify
from tests.examples import evidence_of


def at(problem, **values):
    """The problem with other numbers for its parameters, by their names."""
    return replace(
        problem, parameters=tuple(replace(p, value=values.get(p.name, p.value)) for p in problem.parameters)
    )


def columns(problem):
    return [row[0] for row in problem.x], [row[0] for row in problem.y]


def least_squares(xs, ys):
    """Slope and intercept by the normal equations, exactly."""
    n, sx, sy = len(xs), sum(xs), sum(ys)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return slope, (sy - slope * sx) / n


def test_anscombes_numbers_have_the_statistics_that_he_gave_them():
    """Mean of x 9 and sum of squares 110, exactly; mean of y 7.50 to two places."""
    xs, ys = columns(load_problem("anscombe-1"))
    assert (len(xs), Fraction(sum(xs), 11), sum((x - 9) ** 2 for x in xs)) == (11, 9, 110)
    assert round(float(sum(ys) / 11), 2) == 7.50


def test_at_the_least_squares_line_the_gradient_is_exactly_zero():
    """Where the normal equations hold; 5501/11000 is no decimal, so nothing but exact arithmetic says so."""
    problem = load_problem("anscombe-1")
    slope, intercept = least_squares(*columns(problem))
    assert slope == Fraction(5501, 11000)
    assert (f"{float(slope):.3f}", f"{float(intercept):.2f}") == ("0.500", "3.00")
    rows = list(verify(at(problem, slope=slope, intercept=intercept)))
    assert [(row.symbolic.lo, row.symbolic.hi) for row in rows] == [(0, 0), (0, 0)]


@pytest.mark.slow
def test_beside_the_least_squares_line_the_gradient_is_not_zero():
    """Or the test above could not fail."""
    problem = load_problem("anscombe-1")
    slope, intercept = least_squares(*columns(problem))
    rows = verify(at(problem, slope=slope + Fraction(1, 10**30), intercept=intercept))
    assert not any(row.symbolic.holds_zero for row in rows)


@pytest.mark.slow
def test_the_gradient_of_linear_regression_is_the_mean_of_residual_times_input():
    """dC/dw = (1/n) sum x (w x + b - y), in fractions."""
    problem = load_problem("anscombe-1")
    xs, ys = columns(problem)
    w, b = Fraction(2, 7), Fraction(-3)
    evidence = verify(at(problem, slope=w, intercept=b))
    residuals = [w * x + b - y for x, y in zip(xs, ys, strict=True)]
    expected = {
        "dC/dslope": sum(r * x for r, x in zip(residuals, xs, strict=True)) / 11,
        "dC/dintercept": sum(residuals) / 11,
    }
    assert {row.name: row.symbolic.mid for row in evidence} == expected


@pytest.mark.parametrize(("w", "b"), [("1.5", "-4.1"), ("0", "0"), ("-2.5", "7.25")])
def test_the_gradient_of_logistic_regression_is_the_mean_of_error_times_input(w, b):
    """dC/dw = (1/n) sum x (a - y): the slopes of sigmoid and of cross-entropy cancel."""
    problem = load_problem({**HOURS, "values": {"w": w, "b": b}})
    program, given = program_of(problem), balls_of(given_values(problem))
    activations = enclose(program, given, [f"a1[1]{suffix}" for suffix in problem.samples])
    errors = [
        activations[f"a1[1]{suffix}"].mid - y[0] for suffix, y in zip(problem.samples, problem.y, strict=True)
    ]
    steps = sweep(program, "C", problem.wrt)
    by_w, by_b = (adjoint("C", key) for key in problem.wrt)
    found = enclose(program.plus(steps), given, (by_w, by_b))
    expected = sum(e * x[0] for e, x in zip(errors, problem.x, strict=True)) / 20
    assert abs(found[by_w].mid - expected) <= abs(expected) * Fraction(1, 10**25)
    assert abs(found[by_b].mid - sum(errors) / 20) <= abs(sum(errors)) * Fraction(1, 10**25)


STUDY = load_problem("hours-of-study")
HOURS = {
    "network": {
        "inputs": 1,
        "cost": "binary_cross_entropy",
        "reduction": "mean",
        "layers": [{"units": 1, "activation": "sigmoid", "weights": [["w"]], "biases": ["b"]}],
    },
    "data": {"x": STUDY.x, "y": STUDY.y},
}


def test_training_comes_to_the_maximum_of_the_likelihood():
    """Newton's method in floats finds the published coefficients, and the gradient vanishes there."""
    x, y = (np.array([float(value) for value in column]) for column in columns(STUDY))
    design, beta = np.stack([x, np.ones_like(x)], axis=1), np.zeros(2)
    for _ in range(20):
        p = 1 / (1 + np.exp(-design @ beta))
        beta += np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]), design.T @ (y - p))
    assert [f"{value:.4f}" for value in beta] == ["1.5046", "-4.0777"]
    values = {"w": Fraction(beta[0]), "b": Fraction(beta[1])}
    rows = verify(load_problem({**HOURS, "values": values}))
    assert max(abs(row.symbolic.mid) for row in rows) < 1e-14


def test_the_predictions_of_the_published_logistic_regression_are_counted():
    """Four of the twenty students are on the wrong side of 2.7 hours, before and after training."""
    before, after = evidence_of("hours-of-study").predictions
    counts = [(moment.after, moment.right, moment.wrong, moment.undecided) for moment in (before, after)]
    assert counts == [(0, 16, 4, 0), (500, 16, 4, 0)]
    assert [test.choice for test in after.tests] == [0, 0, 1, 1, 1]
