"""JAX and autograd, which trace NumPy code, each with its own `check_grads`; and CasADi, which has none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.benchmarks.peers.calculus import Functions
from tests.benchmarks.peers.differencing import EACH, ONE
from tests.benchmarks.peers.kinds import Accepts, Checker, Engine, compared
from tests.benchmarks.peers.nets import Net


def raises_nothing(check: Callable[[], None]) -> bool:
    """What `check_grads` says by raising or not."""
    try:
        check()
    except AssertionError:
        return False
    return True


# -- JAX -------------------------------------------------------------------------------------------


def in_jax(net: Net):
    """C as a function of one vector."""
    import jax
    import jax.numpy as jnp

    own = Functions(
        sigmoid=jax.nn.sigmoid,
        tanh=jnp.tanh,
        relu=jax.nn.relu,
        softmax=jax.nn.softmax,
        log_softmax=jax.nn.log_softmax,
        softplus=jax.nn.softplus,
        log=jnp.log,
        total=jnp.sum,
    )
    return lambda theta: own.cost(net, net.apart(theta), net.X, net.Y)


def jax_gradient(net: Net) -> Callable[[], np.ndarray]:
    """jit(grad), compiled beforehand."""
    import jax

    gradient = jax.jit(jax.grad(in_jax(net)))
    return lambda: np.asarray(gradient(net.theta))


def jax_accepts(net: Net) -> Accepts:
    """check_grads in reverse mode, of a function whose gradient is handed to it."""
    import jax
    from jax.test_util import check_grads

    cost = in_jax(net)

    def check(theirs: np.ndarray) -> bool:
        @jax.custom_vjp
        def planted(theta):
            return cost(theta)

        planted.defvjp(lambda theta: (cost(theta), None), lambda _, g: (g * theirs,))
        return raises_nothing(lambda: check_grads(planted, (net.theta,), order=1, modes=["rev"]))

    return check


# -- autograd --------------------------------------------------------------------------------------


def in_autograd(net: Net):
    """C as a function of one vector."""
    import autograd.numpy as anp

    def softmax(z):
        e = anp.exp(z - anp.max(z, axis=1, keepdims=True))
        return e / anp.sum(e, axis=1, keepdims=True)

    def log_softmax(z):
        z = z - anp.max(z, axis=1, keepdims=True)
        return z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))

    own = Functions(
        sigmoid=lambda z: 1 / (1 + anp.exp(-z)),
        tanh=anp.tanh,
        relu=lambda z: anp.maximum(z, 0.0),
        softmax=softmax,
        log_softmax=log_softmax,
        softplus=lambda z: anp.logaddexp(0.0, z),
        log=anp.log,
        total=anp.sum,
    )
    return lambda theta: own.cost(net, net.apart(theta), net.X, net.Y)


def autograd_gradient(net: Net) -> Callable[[], np.ndarray]:
    """autograd.grad."""
    from autograd import grad

    gradient = grad(in_autograd(net))
    return lambda: gradient(net.theta)


def autograd_accepts(net: Net) -> Accepts:
    """check_grads in reverse mode, of a primitive whose gradient is handed to it."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    cost = in_autograd(net)

    def check(theirs: np.ndarray) -> bool:
        planted = primitive(cost)
        defvjp(planted, lambda _, theta: lambda g: g * theirs)
        return raises_nothing(lambda: check_grads(planted, modes=["rev"], order=1)(net.theta))

    return check


# -- CasADi ----------------------------------------------------------------------------------------


def casadi_gradient(net: Net) -> Callable[[], np.ndarray]:
    """A compiled graph of matrices, and its gradient."""
    import casadi as ca

    def softmax(z):
        e = ca.exp(z - ca.mmax(z))
        return e / ca.sum2(e)

    own = Functions(
        sigmoid=lambda z: 1 / (1 + ca.exp(-z)),
        tanh=ca.tanh,
        relu=lambda z: ca.fmax(z, 0),
        softmax=softmax,
        log_softmax=lambda z: z - ca.logsumexp(z.T),
        softplus=lambda z: ca.fmax(z, 0) + ca.log1p(ca.exp(-ca.fabs(z))),
        log=ca.log,
        total=lambda v: ca.sum1(ca.sum2(v)),
    )
    theta = ca.MX.sym("theta", net.theta.size)
    # CasADi lays matrices out column by column
    parts = [ca.reshape(theta[place], shape[1], shape[0]).T for place, shape in net.places]
    cost = own.cost(net, parts, ca.DM(net.X), ca.DM(net.Y))
    gradient = ca.Function("gradient", [theta], [ca.gradient(cost, theta)])
    return lambda: np.ravel(np.array(gradient(net.theta)))


CHECKERS = (
    Checker(name="JAX check_grads", needs="jax", accepts=jax_accepts, looks_at=ONE),
    Checker(name="autograd check_grads", needs="autograd", accepts=autograd_accepts, looks_at=ONE),
    Checker(name="CasADi", needs="casadi", accepts=compared(casadi_gradient), looks_at=EACH),
)
ENGINES = (
    Engine(name="JAX", needs="jax", gradient=jax_gradient),
    Engine(name="autograd", needs="autograd", gradient=autograd_gradient),
    Engine(name="CasADi", needs="casadi", gradient=casadi_gradient),
)
