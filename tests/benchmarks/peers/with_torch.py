"""PyTorch: autograd, and `gradcheck` slow and fast of a backward pass that returns a given gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.benchmarks.peers.calculus import Functions
from tests.benchmarks.peers.differencing import EACH, ONE
from tests.benchmarks.peers.kinds import Accepts, Checker, Engine
from tests.benchmarks.peers.nets import Net, flat


def library():
    """PyTorch on one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def functions(torch) -> Functions:
    """Its own names; softplus without the threshold from which on it is the identity."""
    return Functions(
        sigmoid=torch.sigmoid,
        tanh=torch.tanh,
        relu=torch.relu,
        softmax=lambda z: torch.softmax(z, dim=1),
        log_softmax=lambda z: torch.log_softmax(z, dim=1),
        softplus=lambda z: torch.logaddexp(z, torch.zeros_like(z)),
        log=torch.log,
        total=torch.sum,
    )


def stated(net: Net):
    """PyTorch, C as a function of the parameters' arrays, and these arrays."""
    torch = library()
    own, X, Y = functions(torch), torch.tensor(net.X), torch.tensor(net.Y)
    parts = [torch.tensor(part, requires_grad=True) for part in net.parts]
    return torch, lambda *arrays: own.cost(net, arrays, X, Y), parts


def gradient(net: Net) -> Callable[[], np.ndarray]:
    """torch.autograd.grad."""
    torch, cost, parts = stated(net)
    return lambda: flat([part.numpy() for part in torch.autograd.grad(cost(*parts), parts)])


def accepts(*, fast: bool) -> Callable[[Net], Accepts]:
    """gradcheck, with its defaults, of a Function whose backward pass hands back what is to be checked."""

    def made(net: Net) -> Accepts:
        torch, cost, parts = stated(net)

        def check(theirs: np.ndarray) -> bool:
            planted = [torch.tensor(part) for part in net.apart(theirs)]

            class Planted(torch.autograd.Function):
                @staticmethod
                def forward(_, *arrays):
                    return cost(*arrays)

                @staticmethod
                def backward(_, g):
                    return tuple(g * part for part in planted)

            return torch.autograd.gradcheck(Planted.apply, parts, fast_mode=fast, raise_exception=False)

        return check

    return made


CHECKERS = (
    Checker(name="PyTorch gradcheck", needs="torch", accepts=accepts(fast=False), looks_at=EACH),
    Checker(name="PyTorch, fast_mode", needs="torch", accepts=accepts(fast=True), looks_at=ONE),
)
ENGINES = (Engine(name="PyTorch", needs="torch", gradient=gradient),)
