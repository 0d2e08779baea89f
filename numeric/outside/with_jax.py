"""JAX's names for the operations, in float64 on the CPU.

Its 64-bit mode is on while a gradient is computed, and as it was before afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf, xlog1py, xlogy

from numeric.outside.library import Library, Operation, Tensor

if TYPE_CHECKING:
    from numeric.outside.library import Floats


def _array(values: Any) -> Tensor:
    return jnp.asarray(values, dtype=jnp.float64)


def _jacobian(
    f: Callable[[Mapping[str, Tensor]], Tensor], values: Mapping[str, Floats]
) -> Mapping[str, Floats]:
    with jax.enable_x64(True), jax.default_device(jax.devices("cpu")[0]):
        found = jax.jit(jax.jacrev(f))({name: _array(value) for name, value in values.items()})
        return {name: np.asarray(slopes, dtype=np.float64) for name, slopes in found.items()}


def _slope(f: Operation) -> Operation:
    found: Operation = jax.grad(lambda z: f(z).sum())
    return found


def _huber(a: Tensor, y: Tensor, delta: float) -> Tensor:
    r = jnp.abs(a - y)
    return jnp.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()


def _squares(a: Tensor, y: Tensor) -> Tensor:
    return ((a - y) ** 2).sum()


ACTIVATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "identity": lambda z: z,
        "sigmoid": jax.nn.sigmoid,
        "tanh": jnp.tanh,
        "relu": jax.nn.relu,
        "step": lambda z: jnp.heaviside(z, 0.0),
        "leaky_relu": lambda z, alpha: jax.nn.leaky_relu(z, negative_slope=alpha),
        "elu": lambda z, alpha: jax.nn.elu(z, alpha=alpha),
        "selu": lambda z, **_: jax.nn.selu(z),
        "softplus": lambda z, beta: jax.nn.softplus(beta * z) / beta,
        "softsign": jax.nn.soft_sign,
        "silu": lambda z, beta: z * jax.nn.sigmoid(beta * z),
        "gelu": lambda z: jax.nn.gelu(z, approximate=False),
        "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
        "hard_sigmoid": lambda z, slope, offset: jnp.clip(slope * z + offset, 0.0, 1.0),
        "hard_tanh": jax.nn.hard_tanh,
        "softmax": lambda z: jax.nn.softmax(z, axis=-1),
        "log_softmax": lambda z: jax.nn.log_softmax(z, axis=-1),
        "maxout": lambda z, pieces: z.reshape(len(z), -1, int(pieces)).max(-1),
    }
)

COSTS: Mapping[str, Operation] = MappingProxyType(
    {
        "half_squared_error": lambda a, y: _squares(a, y) / 2,
        "squared_error": _squares,
        "mean_squared_error": lambda a, y: _squares(a, y) / a.shape[1],
        "half_mean_squared_error": lambda a, y: _squares(a, y) / (2 * a.shape[1]),
        "absolute_error": lambda a, y: jnp.abs(a - y).sum(),
        "huber": _huber,
        "hinge": lambda a, y: jax.nn.relu(1 - y * a).sum(),
        "cross_entropy": lambda a, y: -xlogy(y, a).sum(),
        "cross_entropy_on_logits": lambda a, y: -(y * jax.nn.log_softmax(a, axis=-1)).sum(),
        "binary_cross_entropy": lambda a, y: -(xlogy(y, a) + xlog1py(1 - y, -a)).sum(),
        "binary_cross_entropy_on_logits": lambda a, y: (jax.nn.softplus(a) - y * a).sum(),
        "kullback_leibler": lambda a, y: (xlogy(y, y) - xlogy(y, a)).sum(),
        "poisson": lambda a, y: (a - xlogy(y, a)).sum(),
    }
)

ENTRYWISE: Mapping[str, Operation] = MappingProxyType(
    {
        "add": jnp.add,
        "subtract": jnp.subtract,
        "multiply": jnp.multiply,
        "divide": jnp.divide,
        "power": jnp.power,
        "negate": jnp.negative,
        "exp": jnp.exp,
        "log": jnp.log,
        "sqrt": jnp.sqrt,
        "sin": jnp.sin,
        "cos": jnp.cos,
        "tan": jnp.tan,
        "sinh": jnp.sinh,
        "cosh": jnp.cosh,
        "erf": erf,
        "abs": jnp.abs,
        "max": lambda *x: reduce(jnp.maximum, x),
        "min": lambda *x: reduce(jnp.minimum, x),
        **{
            name: ACTIVATIONS[name]
            for name in ("identity", "sigmoid", "tanh", "relu", "step", "softsign", "gelu")
        },
        "softplus": jax.nn.softplus,
        "silu": jax.nn.silu,
    }
)

ALONG: Mapping[str, Operation] = MappingProxyType(
    {
        "sum": jnp.sum,
        "mean": jnp.mean,
        "var": jnp.var,
        "softmax": jax.nn.softmax,
        "log_softmax": jax.nn.log_softmax,
    }
)

LIBRARY = Library(
    name="jax",
    version=str(jax.__version__),
    array=_array,
    jacobian=_jacobian,
    slope=_slope,
    activations=ACTIVATIONS,
    costs=COSTS,
    entrywise=ENTRYWISE,
    along=ALONG,
    joined=lambda x, axis=0: jnp.concatenate(x, axis=axis),
)
