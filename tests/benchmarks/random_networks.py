"""Two hundred random networks: the three witnesses and PyTorch, entry by entry.

    python tests/benchmarks/random_networks.py [COUNT] [SEED]

Depth 1 to 4, widths 1 to 6, every activation and cost and formulas of both,
batches of 1 to 5, sums and means, L2 terms, shared and missing biases, random
parameters of rules. Networks with formulas of their own are not compared with PyTorch.
"""

import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "numeric")]


def helpers():
    """The generator of the suite, and its PyTorch oracle."""
    import conftest
    import test_oracles

    return conftest, test_oracles


def drawn(rng, conftest):
    """A network whose outputs lie where its cost is defined; every other one of rules without formulas."""
    from derive.rules import ACTIVATIONS, COSTS
    from numeric.floats.network import arrays_of, forward

    named = rng.random() < 0.5
    rules = [name for name in ACTIVATIONS if name != "general"]
    while True:
        sizes = [int(n) for n in rng.integers(1, 7, size=rng.integers(2, 6))]
        activations = [
            conftest.drawn_rule(rng, ACTIVATIONS, str(rng.choice(rules)))
            if named
            else conftest.any_activation(rng)
            for _ in sizes[1:]
        ]
        cost = conftest.drawn_rule(rng, COSTS, str(rng.choice([*COSTS]))) if named else conftest.any_cost(rng)
        problem = conftest.make_random(
            rng,
            sizes,
            activations,
            cost,
            samples=int(rng.integers(1, 6)),
            reduction=str(rng.choice(["sum", "mean"])),
            l2=conftest.decimals(rng, 0, 1) if rng.random() < 0.3 else 0,
            shared=bool(rng.random() < 0.3),
            bias=bool(rng.random() < 0.8),
        )
        run = forward(problem.body, arrays_of(problem, problem.body))
        outputs = run.a[problem.body.depth].value.ravel()
        if all(Fraction(float(a)) in problem.body.cost.outputs for a in outputs):
            return problem


def pytorch_difference(problem, evidence, oracles, torch):
    """The worst difference from PyTorch, relative to the largest entry; None for formulas of our own."""
    rules = [*(layer.activation for layer in problem.body.layers), problem.body.cost]
    if torch is None or any(rule.node is not None for rule in rules):
        return None
    theirs = oracles.pytorch_gradients(torch, problem)
    ours = {row.entry[1]: float(row.symbolic.mid) for row in evidence if row.symbolic.defined}
    largest = max(map(abs, ours.values())) or 1.0
    return max(abs(theirs[key] - value) for key, value in ours.items()) / largest


def main(count=200, seed=1):
    from numeric.evidence import verify

    try:
        import torch
    except ImportError:
        torch = None
    conftest, oracles = helpers()
    rng = np.random.default_rng(seed)
    verdicts, refereed, entries, worst, compared, least = Counter(), 0, 0, 0.0, 0, 99
    for _ in range(count):
        problem = drawn(rng, conftest)
        evidence = verify(problem)
        verdicts[evidence.verdict] += 1
        entries += len(evidence.rows)
        refereed += sum("referee" in row.note for row in evidence)
        least = min([least, *(row.digits for row in evidence if row.verdict == "agree")])
        for row in evidence:
            if row.verdict != "agree":
                rules = [layer.activation.name for layer in problem.body.layers]
                print(f"  {row.verdict}: {rules} {problem.body.cost.name} {row.name}: {row.note}")
        difference = pytorch_difference(problem, evidence, oracles, torch)
        if difference is not None:
            compared, worst = compared + 1, max(worst, difference)
    print(f"networks {count}, entries {entries}")
    print("verdicts", dict(verdicts), f"least digits {least}, entries with the referee {refereed}")
    print(f"PyTorch: networks {compared}, worst relative difference {worst:.2g}")
    return verdicts["disagree"]


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
