"""Random graphs of matrices: PyTorch's autograd finds the same gradient of every entry."""

import math
import warnings
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from derive.files.load import load_problem
from derive.formula import Scope, parse
from derive.formula.nodes import ARRAY_FUNCTIONS, FUNCTIONS
from derive.shapes import infer
from numeric.evidence import verify
from numeric.floats.backprop import backprop

UNARY = [
    "tanh({})", "sigmoid({})", "relu({})", "({})**2", "exp({}/3)", "sin({})", "abs({})", "-({})", "{}.T",
    "softmax({})", "log_softmax({})", "softmax({}, axis=0)", "log(1 + ({})**2)", "sqrt(1 + ({})**2)",
    "sum({}, axis=0)", "mean({}, axis=-1)", "sum({}, axis=1, keepdims=true)", "mean({}, axis=0, keepdims=true)",
    "sum({})", "mean({})", "var({})", "var({}, axis=0)", "var({}, axis=1, keepdims=true)", "row({}, 2)",
    "rows({}, 2, 1, 2)", "entry({}, 1)", "entry({}, 2, 1)",
]  # fmt: skip
BINARY = [
    "{} + {}", "{} - {}", "({}) * ({})", "({}) @ ({})", "({}).T @ ({})", "({}) @ ({}).T", "max({}, {})",
    "({})/(2 + ({})**2)", "outer({}, {})", "conv1d({}, {})", "concat({}, {})", "concat({}, {}, axis=1)",
]  # fmt: skip


def random_matrix_graph(rng, steps=6):
    """A graph of random shapes and operations that fit them: its steps and its values."""
    sizes = rng.integers(1, 4, size=3)
    shapes = {name: tuple(map(int, rng.choice(sizes, size=rng.choice([0, 1, 2, 2])))) for name in "ABCDE"}
    values = {name: decimals(rng, shape) for name, shape in shapes.items()}
    lines = []
    while len(lines) < steps:
        names = list(shapes)
        form = str(rng.choice([*UNARY, *BINARY, *BINARY]))
        used = rng.choice([*names, *[names[-1]] * 3], size=form.count("{}"), replace=True)
        if len(set(used)) < len(used) and form.startswith("max"):
            continue  # where both are one name they tie everywhere
        text, name = form.format(*used), f"S{len(lines) + 1}"
        scope = Scope(names=frozenset(shapes), functions=FUNCTIONS | ARRAY_FUNCTIONS, arrays=True)
        shape, _ = infer(parse(text, scope), shapes)
        if shape is not None:
            lines, shapes[name] = [*lines, f"{name} = {text}"], shape
    parts = [f"mean(S{i}*S{i})" if shapes[f"S{i}"] else f"S{i}" for i in range(1, steps + 1)]
    return [*lines, f"L = {' + '.join(parts)}"], values


def decimals(rng, shape):
    if not shape:
        return Fraction(int(rng.integers(-1500, 1500)), 1000)
    return [decimals(rng, shape[1:]) for _ in range(shape[0])]


def pytorch_gradients(torch, steps, values):
    """Every entry's derivative by PyTorch's autograd, Python itself reading the steps."""

    def reduced(function):
        return lambda x, axis=None, keepdims=False: (
            function(x) if axis is None else function(x, dim=axis, keepdim=keepdims)
        )

    def correlated(x, w):
        """Every row a channel with a filter of its own; what is one for all is repeated."""
        rows = max(len(x.reshape(-1, x.shape[-1])), len(w.reshape(-1, w.shape[-1])))
        channels = x.expand(rows, x.shape[-1])[None]
        filters = w.expand(rows, w.shape[-1])[:, None]
        found = torch.nn.functional.conv1d(channels, filters, groups=rows)[0]
        return found if max(x.ndim, w.ndim) == 2 else found[0]

    words = {
        name: getattr(torch, name) for name in ("tanh", "sigmoid", "relu", "exp", "sin", "abs", "log", "sqrt")
    }
    words |= {
        "sum": reduced(torch.sum),
        "mean": reduced(torch.mean),
        "var": reduced(partial(torch.var, correction=0)),
        "conv1d": correlated,
        "concat": lambda *x, axis=0: torch.cat(x, dim=axis),
        "row": lambda x, i: x[i - 1],
        "rows": lambda x, *places: x[[i - 1 for i in places]],
        "entry": lambda x, *places: x[tuple(i - 1 for i in places)],
        "max": torch.maximum,
        "outer": torch.outer,
    }
    words |= {
        "softmax": lambda x, axis=-1: torch.softmax(x, dim=axis),
        "log_softmax": lambda x, axis=-1: torch.log_softmax(x, dim=axis),
        "true": True,
    }
    leaves = {
        name: torch.tensor(
            np.array(value, dtype=object).astype(float), dtype=torch.float64, requires_grad=True
        )
        for name, value in values.items()
    }
    known = dict(leaves)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # .T of a vector is on its way out of PyTorch
        for line in steps:
            name, _, text = line.partition(" = ")
            known[name] = eval(text, words | known)
        known["L"].backward()
    found = {}
    for name, leaf in leaves.items():
        slopes = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        for index in np.ndindex(slopes.shape):
            mark = f"[{','.join(str(i + 1) for i in index)}]" if index else ""
            found[f"{name}{mark}"] = float(slopes[index])
    return found


@pytest.fixture(scope="module")
def torch():
    """PyTorch, where it is installed; its own import warns, which is none of our business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("torch")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_pytorch_has_the_same_gradient_of_a_random_graph(seed, torch):
    """Shapes, broadcasting and axes as others understand them."""
    steps, values = random_matrix_graph(np.random.default_rng(seed))
    theirs = pytorch_gradients(torch, steps, values)
    problem = load_problem({"graph": {"steps": steps, "output": "L"}, "values": values})
    pushed = {key: claim for (_, key), claim in backprop(problem).items()}
    evidence = verify(problem)
    assert {row.verdict for row in evidence} <= {"agree", "undecided"}
    largest = max(map(abs, theirs.values()), default=1.0)
    for row in evidence:
        key = row.entry[1]
        assert float(row.symbolic.mid) == pytest.approx(theirs[key], rel=1e-10, abs=1e-12 * largest)
        if math.isfinite(pushed[key].error):
            assert abs(pushed[key].value - theirs[key]) <= pushed[key].error + 1e-12 * (1 + largest)
