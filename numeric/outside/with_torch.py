"""PyTorch's names for the operations, in float64 on the CPU.

Its own functions where it has them. Three are written out: `binary_cross_entropy` bounds its slope
(a - y)/(a (1 - a)) by 10^12, `softplus` is a straight line beyond a threshold, and `hardsigmoid` has the
slope 1/6 of float32, also in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch

from numeric.outside.library import Library, Operation, Tensor

if TYPE_CHECKING:
    from numeric.outside.library import Floats

F = torch.nn.functional


def _array(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64, device="cpu")


def _jacobian(
    f: Callable[[Mapping[str, Tensor]], Tensor], values: Mapping[str, Floats]
) -> Mapping[str, Floats]:
    leaves = {name: _array(value).clone().requires_grad_() for name, value in values.items()}
    outputs = f(leaves)
    rows = [_slopes(output, list(leaves.values())) for output in outputs]
    return {
        name: torch.stack(list(column)).detach().numpy()
        for name, column in zip(leaves, zip(*rows, strict=True), strict=True)
    }


def _slopes(output: Tensor, leaves: list[Tensor]) -> list[Tensor]:
    """Of one number by each leaf; of a constant, 0."""
    if not output.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(output, leaves, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, found, strict=True)]


def _slope(f: Operation) -> Operation:
    def found(z: Tensor) -> Tensor:
        at = z if z.requires_grad else z.clone().requires_grad_()
        value = f(at)
        if not value.requires_grad:
            return torch.zeros_like(at)
        return torch.autograd.grad(value.sum(), at, create_graph=True)[0]

    return found


def _softplus(z: Tensor, beta: float) -> Tensor:
    return torch.logaddexp(beta * z, torch.zeros_like(z)) / beta


def _silu(z: Tensor, beta: float) -> Tensor:
    return z * torch.sigmoid(beta * z)


def _step(z: Tensor) -> Tensor:
    return (z > 0).to(z) + 0 * z


ACTIVATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "identity": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "step": _step,
        "leaky_relu": lambda z, alpha: F.leaky_relu(z, negative_slope=alpha),
        "elu": F.elu,
        "selu": lambda z, **_: F.selu(z),
        "softplus": _softplus,
        "softsign": F.softsign,
        "silu": _silu,
        "gelu": F.gelu,
        "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
        "hard_sigmoid": lambda z, slope, offset: F.hardtanh(slope * z + offset, 0, 1),
        "hard_tanh": F.hardtanh,
        "softmax": lambda z: torch.softmax(z, dim=-1),
        "log_softmax": lambda z: torch.log_softmax(z, dim=-1),
        "maxout": lambda z, pieces: z.reshape(len(z), -1, int(pieces)).max(-1).values,
    }
)

COSTS: Mapping[str, Operation] = MappingProxyType(
    {
        "half_squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum") / 2,
        "squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum"),
        "mean_squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum") / a.shape[1],
        "half_mean_squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum") / (2 * a.shape[1]),
        "absolute_error": lambda a, y: F.l1_loss(a, y, reduction="sum"),
        "huber": lambda a, y, delta: F.huber_loss(a, y, reduction="sum", delta=delta),
        "hinge": lambda a, y: torch.relu(1 - y * a).sum(),
        "cross_entropy": lambda a, y: -torch.xlogy(y, a).sum(),
        "cross_entropy_on_logits": lambda a, y: F.cross_entropy(a, y, reduction="sum"),
        "binary_cross_entropy": lambda a, y: -(torch.xlogy(y, a) + torch.special.xlog1py(1 - y, -a)).sum(),
        "binary_cross_entropy_on_logits": lambda a, y: F.binary_cross_entropy_with_logits(
            a, y, reduction="sum"
        ),
        "kullback_leibler": lambda a, y: (torch.xlogy(y, y) - torch.xlogy(y, a)).sum(),
        "poisson": lambda a, y: (a - torch.xlogy(y, a)).sum(),
    }
)

ENTRYWISE: Mapping[str, Operation] = MappingProxyType(
    {
        "add": torch.add,
        "subtract": torch.sub,
        "multiply": torch.mul,
        "divide": torch.div,
        "power": torch.pow,
        "negate": torch.neg,
        "exp": torch.exp,
        "log": torch.log,
        "sqrt": torch.sqrt,
        "sin": torch.sin,
        "cos": torch.cos,
        "tan": torch.tan,
        "sinh": torch.sinh,
        "cosh": torch.cosh,
        "erf": torch.erf,
        "abs": torch.abs,
        "max": lambda *x: reduce(torch.maximum, x),
        "min": lambda *x: reduce(torch.minimum, x),
        **{name: ACTIVATIONS[name] for name in ("identity", "sigmoid", "tanh", "relu", "step", "softsign")},
        "softplus": lambda z: _softplus(z, 1.0),
        "silu": F.silu,
        "gelu": F.gelu,
    }
)

ALONG: Mapping[str, Operation] = MappingProxyType(
    {
        "sum": lambda x, axis, keepdims: x.sum(dim=axis, keepdim=keepdims),
        "mean": lambda x, axis, keepdims: x.mean(dim=axis, keepdim=keepdims),
        "var": lambda x, axis, keepdims: x.var(dim=axis, keepdim=keepdims, correction=0),
        "softmax": lambda x, axis: torch.softmax(x, dim=axis[0]),
        "log_softmax": lambda x, axis: torch.log_softmax(x, dim=axis[0]),
    }
)

LIBRARY = Library(
    name="torch",
    version=str(torch.__version__),
    array=_array,
    jacobian=_jacobian,
    slope=_slope,
    activations=ACTIVATIONS,
    costs=COSTS,
    entrywise=ENTRYWISE,
    along=ALONG,
    joined=lambda x, axis=0: torch.cat(x, dim=axis),
)
