"""How honest, and how modest, the claims of float64's central differences are.

    python tests/benchmarks/difference_claims.py [ENTRIES] [SEED]

Random networks of every activation and cost, of depth 1 to 4 and batches of 1 to 3,
whose weights are drawn at scales from 1e-8 to 1e8. Each difference is held against
the enclosure of the derivative, which is right to the last digit. Printed are the
claims that the truth lies outside of, which must be none, and how many times the
claim is larger than the error, by rule.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "numeric")]

SCALES = (1, 1, 1, 1e-2, 1e-4, 1e-8, 1e2, 1e4, 1e8)
UNIT = 2.0**-53
FARTHEST = 1e4
"""Weighted inputs farther out are not drawn: e^(-z^2) would be a number of 10^16 digits."""


def stated(rng):
    """A random problem, with the rules that it is made of."""
    import conftest

    from derive.rules import ACTIVATIONS, COSTS

    sizes = [int(n) for n in rng.integers(1, 6, size=rng.integers(2, 6))]
    names = [name for name in ACTIVATIONS if name != "general"]
    rules = [str(rng.choice(names)) for _ in sizes[1:]]
    cost = str(rng.choice([*COSTS]))
    layers, scale = [], float(rng.choice(SCALES))
    for n, m, rule in zip(sizes[1:], sizes, rules, strict=False):
        rows = n * conftest.pieces_of(rule)
        weights = (scale ** rng.random() * rng.standard_normal((rows, m))).tolist()
        biases = conftest.decimals(rng, -1, 1, rows) if rng.random() < 0.8 else False
        layers.append(conftest.make_layer(rule, weights, biases, units=n))
    samples = int(rng.integers(1, 4))
    few = conftest.few_targets(cost)
    y = [[float(rng.choice(few)) for _ in range(sizes[-1])] for _ in range(samples)] if few else None
    y = y or rng.dirichlet(np.ones(sizes[-1]), samples).round(3).tolist()
    x = conftest.decimals(rng, -1, 1, samples, sizes[0])
    reduction, l2 = str(rng.choice(["sum", "mean"])), "0.5" if rng.random() < 0.1 else 0
    return conftest.make_network(layers, x, y, cost=cost, reduction=reduction, l2=l2), {*rules, cost}


def drawn(rng):
    """The same, where no weighted input is too far out."""
    from numeric.floats.network import arrays_of, forward

    while True:
        problem, rules = stated(rng)
        z = forward(problem.body, arrays_of(problem, problem.body)).z.values()
        if all((np.abs(part.value) < FARTHEST).all() for part in z):
            return problem, rules


def truths(problem):
    """Every gradient that has a value, to 60 digits, by entry."""
    from derive.steps import given_values, program_of
    from derive.sweep import adjoint, sweep
    from numeric.balls.enclosure import balls_of, enclose

    program, by = program_of(problem), problem.wrt
    enclosures = enclose(
        program.plus(sweep(program, "C", by)),
        balls_of(given_values(problem)),
        ["C", *(adjoint("C", key) for key in by)],
    )
    if not enclosures["C"].defined:
        return {}
    found = {key: enclosures[adjoint("C", key)] for key in by}
    return {("C", key): found[key].mid for key in by if found[key].defined}


def claims(entries: int, seed: int) -> Iterator[tuple[set[str], float, float, float]]:
    """Rules, value, true error and claimed error of so many claims."""
    from numeric.floats import moved_units
    from numeric.floats.differences import differences

    moved_units.FEW = 0  # so that the bounds are the units' in small networks too
    rng, count = np.random.default_rng(seed), 0
    while count < entries:
        problem, rules = drawn(rng)
        moved = differences(problem)
        for entry, truth in truths(problem).items():
            claim = moved[entry]
            count += 1
            away = float(abs(type(truth)(claim.value) - truth)) if claim.error < np.inf else np.inf
            yield rules, float(truth), away, claim.error


def main(entries=100_000, seed=1):
    ratios, claimed, silent, outside = defaultdict(list), [], 0, 0
    for rules, value, away, error in claims(entries, seed):
        if error == np.inf:
            silent += 1
            continue
        outside += away > error
        if away > error:
            print(f"  outside: {sorted(rules)} {value:.17g} is {away:.3g} away, claimed {error:.3g}")
        claimed.append(error / abs(value) if value else 0.0)
        if away > UNIT * abs(value):
            for rule in rules:
                ratios[rule].append(error / away)
            ratios["all"].append(error / away)
    for rule, found in sorted(ratios.items(), key=lambda row: np.median(row[1])):
        print(f"{rule:32}{len(found):8} claim / error: median {np.median(found):10.4g}")
    print(f"entries {entries}, outside {outside}, nothing claimed {silent / entries:.2%}")
    print(f"claimed relative error: median {np.median(claimed):.2g}")
    return outside


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])) > 0)
