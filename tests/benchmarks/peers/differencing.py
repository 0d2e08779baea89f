"""Checks by differences of float64: SciPy's, numdifftools', and the loop of the course notes.

SciPy's returns a norm, which its users hold against 1e-6; the loop is that of CS231n, whose
notes ask for a relative error below 1e-7 in double precision; numdifftools' gradient is
compared by `numpy.testing.assert_allclose`.

Source: Karpathy, CS231n, "Gradient checks"; scipy.optimize.check_grad; numdifftools.Gradient.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.benchmarks.peers.calculus import cost_of
from tests.benchmarks.peers.kinds import Accepts, Checker, Engine, compared
from tests.benchmarks.peers.nets import Net

NORM = 1e-6
STEP = 1e-5
RELATIVE = 1e-7


def by_loop(net: Net) -> Callable[[], np.ndarray]:
    """(C(w + h) - C(w - h)) / 2h, weight after weight."""
    cost = cost_of(net)

    def gradient() -> np.ndarray:
        theta, found = net.theta.copy(), np.empty_like(net.theta)
        for i, kept in enumerate(net.theta):
            theta[i] = kept + STEP
            above = cost(theta)
            theta[i] = kept - STEP
            below = cost(theta)
            theta[i] = kept
            found[i] = (above - below) / (2 * STEP)
        return found

    return gradient


def loop_accepts(net: Net) -> Accepts:
    """|a - n| / max(|a|, |n|), entry by entry."""
    gradient = by_loop(net)

    def check(theirs: np.ndarray) -> bool:
        numeric = gradient()
        size = np.maximum(np.abs(theirs), np.abs(numeric))
        return bool((np.abs(theirs - numeric) <= RELATIVE * size).all())

    return check


def scipy_accepts(direction: str) -> Callable[[Net], Accepts]:
    """check_grad along every axis, or along one random direction."""

    def accepts(net: Net) -> Accepts:
        from scipy.optimize import check_grad

        cost = cost_of(net)
        return lambda theirs: check_grad(cost, lambda _: theirs, net.theta, direction=direction, rng=0) < NORM

    return accepts


def by_scipy(net: Net) -> Callable[[], np.ndarray]:
    """approx_fprime, forward differences."""
    from scipy.optimize import approx_fprime

    cost = cost_of(net)
    return lambda: approx_fprime(net.theta, cost)


def by_numdifftools(net: Net) -> Callable[[], np.ndarray]:
    """Richardson's extrapolation over many steps."""
    from numdifftools import Gradient

    gradient = Gradient(cost_of(net))
    return lambda: np.atleast_1d(gradient(net.theta))


EACH, ONE = "every entry", "one random direction"

CHECKERS = (
    Checker(name="SciPy check_grad", needs="scipy", accepts=scipy_accepts("all"), looks_at=EACH),
    Checker(name="SciPy, random", needs="scipy", accepts=scipy_accepts("random"), looks_at=ONE),
    Checker(
        name="numdifftools",
        needs="numdifftools",
        accepts=compared(by_numdifftools),
        looks_at=EACH,
        most=1000,
    ),
    Checker(name="course-note loop", accepts=loop_accepts, looks_at=EACH),
)
ENGINES = (
    Engine(name="loop", gradient=by_loop),
    Engine(name="SciPy", needs="scipy", gradient=by_scipy),
    Engine(name="numdifftools", needs="numdifftools", gradient=by_numdifftools),
)
