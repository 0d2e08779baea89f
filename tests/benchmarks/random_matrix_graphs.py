"""A hundred random graphs of vectors and matrices: the three witnesses and PyTorch, entry by entry.

    python tests/benchmarks/random_matrix_graphs.py [COUNT] [SEED]

Numbers, vectors and matrices of sizes 1 to 3, six steps of any operation whose
shapes fit. PyTorch gets the same text, read by Python.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "numeric")]


def main(count=100, seed=1):
    import test_arrays
    import test_random_graphs as suite

    from numeric.evidence import verify

    rng = np.random.default_rng(seed)
    verdicts, entries, worst = Counter(), 0, 0.0
    for _ in range(count):
        steps, values = suite.random_matrix_graph(rng)
        evidence = verify(test_arrays.stated(steps, values))
        theirs = suite.pytorch_gradients(torch, steps, values)
        largest = max(map(abs, theirs.values())) or 1.0
        verdicts[evidence.verdict] += 1
        entries += len(evidence.rows)
        for row in evidence:
            worst = max(worst, abs(float(row.symbolic.mid) - theirs[row.entry[1]]) / largest)
        if evidence.verdict != "agree":
            note = next(row.note for row in evidence if row.verdict != "agree")
            print(f"  {evidence.verdict}: {steps} {note}")
    print(f"graphs {count}, entries {entries}, verdicts {dict(verdicts)}")
    print(f"PyTorch: worst relative difference {worst:.2g}")
    return verdicts["disagree"]


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
