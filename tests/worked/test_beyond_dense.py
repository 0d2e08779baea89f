"""Normalisation, convolution, shortcuts, attention, embeddings and recurrence, against PyTorch's own layers."""

import tomllib
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.evidence import verify

TABLE = tomllib.loads((Path(__file__).parent / "beyond_dense.toml").read_text(encoding="utf-8"))


def layer_norm(torch, X, gamma, beta, T, epsilon):
    Y = torch.nn.functional.layer_norm(X, X.shape[1:], gamma, beta, float(epsilon))
    return torch.nn.functional.mse_loss(Y, T)


def batch_norm(torch, X, gamma, beta, T, epsilon):
    Y = torch.nn.functional.batch_norm(
        X, None, None, weight=gamma, bias=beta, training=True, eps=float(epsilon)
    )
    return torch.nn.functional.mse_loss(Y, T)


def conv1d(torch, x, w, b, u, c, t):
    z = torch.nn.functional.conv1d(x[None, None], w[:, None], b[:, 0])
    return (u @ torch.relu(z)[0].mean(dim=1) + c - t) ** 2 / 2


def residual_block(torch, x, W1, b1, W2, b2, t):
    f = torch.nn.functional.linear(torch.relu(torch.nn.functional.linear(x, W1, b1)), W2, b2)
    return ((torch.relu(x + f) - t) ** 2).sum() / 2


def attention(torch, X, WQ, WK, WV, T, d):
    out = torch.nn.functional.scaled_dot_product_attention(X @ WQ, X @ WK, X @ WV)
    return torch.nn.functional.mse_loss(out, T)


def embedding(torch, E, U):
    h = torch.nn.functional.embedding(torch.tensor([2, 0, 2]), E).mean(dim=0)
    return torch.nn.functional.cross_entropy(U @ h, torch.tensor(1))


def recurrent(torch, X, h0, U, W, b, V, c, t):
    cell = torch.nn.RNN(2, 2, dtype=torch.float64)
    zero = torch.zeros_like(b)
    state = {"weight_ih_l0": U, "weight_hh_l0": W, "bias_ih_l0": b, "bias_hh_l0": zero}
    _, last = torch.func.functional_call(cell, state, (X, h0[None]))
    return ((V @ last[0] + c - t) ** 2).sum() / 2


MODELS = {
    "layer-norm": layer_norm,
    "batch-norm": batch_norm,
    "conv1d": conv1d,
    "residual-block": residual_block,
    "attention": attention,
    "embedding": embedding,
    "recurrent": recurrent,
}


@cache
def evidence_of(name):
    return verify(load_problem(name))


def ours(name):
    """The proven gradients, an array for each name."""
    problem, found = load_problem(name), {}
    for row in evidence_of(name):
        base = row.entry[1].partition("[")[0]
        found.setdefault(base, []).append(float(row.symbolic.mid))
    return {base: np.reshape(numbers, problem.body.shape(base)) for base, numbers in found.items()}


def theirs(torch, name):
    """PyTorch's autograd through its own layer, in float64."""
    problem = load_problem(name)
    leaves = {
        base: torch.tensor(
            np.reshape(
                [float(problem.given[key]) for key in problem.body.keys(base)], problem.body.shape(base)
            ),
            dtype=torch.float64,
            requires_grad=True,
        )
        for base in problem.given_names
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MODELS[name](torch, **leaves).backward()
    return {base: leaves[base].grad.numpy() for base in problem.body.wrt}


def farthest(found, expected):
    """The largest relative difference; 0 is met by 0 only."""
    pairs = [(found[base].ravel(), np.ravel(expected[base])) for base in expected]
    u, v = (np.concatenate(side) for side in zip(*pairs, strict=True))
    assert ((u == 0) == (v == 0)).all()
    return max(abs(u[v != 0] / v[v != 0] - 1))


@pytest.mark.parametrize("name", MODELS)
def test_three_witnesses_agree_on_every_gradient(name):
    """And nothing is left undecided."""
    assert {(row.verdict, row.note) for row in evidence_of(name)} == {("agree", "")}


@pytest.mark.parametrize("name", MODELS)
def test_the_gradients_are_those_that_pytorch_printed(name):
    """On any machine: what PyTorch 2.13 found in float64, to 15 digits."""
    assert ours(name).keys() == TABLE[name].keys()
    assert farthest(ours(name), TABLE[name]) < 1e-12


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.slow
def test_pytorch_s_own_layer_has_the_same_gradients(name):
    """Layers as their library has them, not our formula read twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own import warns, which is none of our business
        torch = pytest.importorskip("torch")
    assert farthest(ours(name), theirs(torch, name)) < 1e-12
