"""Thousands of faults planted in the gradients of thirty networks, hard cases among them.

    python tests/benchmarks/planted_faults.py [COUNT] [SEED] [--peers]

Prints by kind and by network how many faults were planted, how many were missed, and how
many right gradients were refused: both must be 0. A planted number that is proved to be
what a correct backward pass may return is no fault; so many are counted and left out.
With --peers the same gradients are given to PyTorch's gradcheck, slow and fast, as the
backward pass of a function of its own.
"""

import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "numeric")]

HARD = (
    "hidden sigmoid at 30",
    "hidden sigmoid at 40",
    "hidden tanh at 1000",
    "hidden gelu at -30",
    "hidden softplus at -40",
    "hidden elu at -40",
    "hidden silu at 40",
    "sigmoid at 30, y = 1, half_squared_error",
    "sigmoid at -40, y = 0, squared_error",
    "sigmoid at 40, y = 1, binary_cross_entropy",
    "sigmoid at 1000, y = 0.5, binary_cross_entropy",
    "tanh at 20, y = 1, squared_error",
    "softmax gap 40, y = 1, 0, 0, squared_error",
    "softmax gap 40, y = 1, 0, 0, cross_entropy",
    "softmax gap 800, y = 0, 0, 1, cross_entropy",
    "softmax gap 40, y = 0.5, 0.2, 0.3, binary_cross_entropy",
    "identity gap 40, y = 1, 0, 0, cross_entropy_on_logits",
    "y within 1e-12 of a sigmoid",
    "z = 1e8 x - 1e8 x'",
    "weights of 1e-8 and 1e8",
    "relu 1e-9 from its kink",
    "a dead relu",
    "32 samples that nearly cancel",
    "x = 0",
)
RANDOM = (
    ([2, 2, 2], ["sigmoid", "sigmoid"], "half_squared_error", {}),
    ([3, 4, 4, 2], ["tanh", "relu", "sigmoid"], "squared_error", {"samples": 4, "reduction": "mean"}),
    ([3, 3, 3], ["gelu", "softmax"], "cross_entropy", {"samples": 5, "l2": "0.3"}),
    ([4, 8, 8, 3], ["sigmoid", "tanh", "softmax"], "cross_entropy", {}),
    ([2, 3, 1], ["maxout", "sigmoid"], "binary_cross_entropy", {"samples": 3}),
    ([2, 3, 2], ["elu", "tanh"], "huber", {"samples": 2, "shared": True}),
)


def grounds(seed):
    """The thirty networks."""
    import conftest
    from hard_cases import BY_NAME
    from planting import Ground

    rng = np.random.default_rng([seed, 0])
    yield from (Ground(name, BY_NAME[name].problem) for name in HARD)
    for sizes, activations, cost, more in RANDOM:
        name = f"{'-'.join(map(str, sizes))} {activations[0]} {cost}"
        yield Ground(name, conftest.make_random(rng, sizes, activations, cost, **more))


def right_gradients(ground):
    """What must not be refused: rounded correctly, and as stable backprop has it."""
    yield ground.right
    yield {key: claim.value for key, claim in ground.stable.items()}


MODES = {"gradcheck": False, "gradcheck fast": True}


class Peers:
    """gradcheck on a function whose backward pass returns a gradient of ours."""

    def __init__(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import test_oracles
            import torch
        self.torch, self.oracles = torch, test_oracles

    def accepts(self, ground, gradient, *, fast):
        torch = self.torch
        keys = [*ground.right]
        start = torch.tensor([float(p.value) for p in ground.problem.parameters], dtype=torch.float64)
        planted = torch.tensor([gradient[key] for key in keys], dtype=torch.float64)
        cost = self.cost

        class Planted(torch.autograd.Function):
            @staticmethod
            def forward(ctx, parameters):
                return cost(ground.problem, parameters)

            @staticmethod
            def backward(ctx, g):
                return g * planted

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.autograd.gradcheck(
                Planted.apply, (start.requires_grad_(),), fast_mode=fast, raise_exception=False
            )

    def cost(self, problem, parameters):
        leaves = {p.key: parameters[i] for i, p in enumerate(problem.parameters)}
        return self.oracles.pytorch_cost(self.torch, problem, leaves)


def table(title, counts):
    print(f"\n{title:60} planted missed no fault refused")
    for name, row in counts.items():
        print(f"{name[:60]:60} {row['planted']:7} {row['missed']:6} {row['no fault']:8} {row['refused']:7}")


def main(count=5000, seed=1, *, peers=False):
    from planting import KINDS, judge, plant

    from numeric.judging import checking

    # Which slip makes a wrong number is a question of its own, and takes longer than the verdict.
    checking.explain = lambda _, wrong, *__: [None] * len(wrong)
    start, rng = time.perf_counter(), np.random.default_rng([seed, 1])
    networks = list(grounds(seed))
    kinds, places = ({name: Counter() for name in names} for names in (KINDS, [g.name for g in networks]))
    rivals, others = (Peers() if peers else None), Counter()
    for ground in networks:
        for right in right_gradients(ground):
            places[ground.name]["refused"] += not ground.check(right)
            for mode, fast in MODES.items() if rivals else ():
                others[mode, "right"] += 1
                others[mode, "refused"] += not rivals.accepts(ground, right, fast=fast)
    planted = 0
    while planted < count:
        ground, kind = networks[int(rng.integers(len(networks)))], str(rng.choice([*KINDS]))
        fault = plant(ground, kind, rng)
        if fault is None:
            continue
        found = judge(ground, fault)
        for row in (kinds[kind], places[ground.name]):
            row["planted"] += found.counts
            row["imprecise"] += found.counts and found.imprecise
            row["no fault"] += not found.counts
            row["missed"] += bool(found.missed)
            row["refused"] += bool(found.spoilt)
        planted += found.counts
        if found.missed or found.spoilt:
            print(f"  {ground.name}: {kind}: missed {found.missed} refused {found.spoilt}")
        for mode, fast in MODES.items() if rivals and found.counts else ():
            others[mode, "planted"] += 1
            others[mode, "missed"] += rivals.accepts(ground, fault.gradient, fast=fast)
    table("kind of fault", kinds)
    table("network", places)
    missed = sum(row["missed"] for row in kinds.values())
    refused = sum(row["refused"] for row in places.values())
    said = sum(row["imprecise"] for row in kinds.values())
    print(f"\nfaults {planted}, missed {missed}, right entries refused {refused}")
    print(
        f"  of these {said} within a textbook form's bound, refused as imprecise or undecided, the rest wrong"
    )
    print(f"  {sum(row['no fault'] for row in kinds.values())} more were proved to be no faults")
    for mode in MODES if rivals else ():
        print(
            f"{mode}: missed {others[mode, 'missed']} of {others[mode, 'planted']} faults,"
            f" refused {others[mode, 'refused']} of {others[mode, 'right']} right gradients"
        )
    print(f"{time.perf_counter() - start:.0f} s")
    return missed + refused


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if not word.startswith("-")]
    raise SystemExit(main(*numbers, peers="--peers" in sys.argv))
