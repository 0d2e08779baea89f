"""Every hard case: its verdict, its truth by mpmath, and what `check` says of plain code.

    python tests/benchmarks/hard_cases.py [PART OF A NAME]

Prints how many cases have the verdict that is stated and enclosures that mpmath confirms,
and what `check` makes, entry by entry, of a correct gradient from plain NumPy (with p - y,
and with dC/da times a slope) and from PyTorch's autograd. A number of plain NumPy that is
called wrong, and a verdict that is not the stated one, is a failure.
"""

import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]


def pytorch():
    """PyTorch and its gradient of a problem; None where it is not installed."""
    from tests.numeric.test_oracles import pytorch_gradients

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import torch
        except ImportError:
            return None
    return lambda problem: {f"dC/d{key}": v for key, v in pytorch_gradients(torch, problem).items()}


def judged(gradient, problem):
    """What each number was called; one that is no number apart."""
    from numeric.judging.checking import check

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for entry in check(gradient, problem):
            yield entry.verdict if np.isfinite(entry.value) else "no number"


def main(part=""):
    from tests.numeric.hard_cases import CASES
    from tests.numeric.plain_backprop import plain_backprop
    from tests.numeric.test_hard_cases import KNOWN, complaints, has_its_verdict

    start, theirs = time.perf_counter(), pytorch()
    stated, said, confirmed, failed = Counter(), {}, 0, 0
    for case in (case for case in CASES if part in case.name):
        problem = case.problem
        stated["undecided" if case.undecided else "agree"] += 1
        found = [] if has_its_verdict(case) else [("", "another verdict")]
        if case.name in KNOWN:
            confirmed += 1
            found += complaints(problem)
            gradients = {
                "NumPy, p - y": plain_backprop(problem.body),
                "NumPy, dC/da": plain_backprop(problem.body, fused=False),
                **({"PyTorch": theirs(problem)} if theirs else {}),
            }
            for whose, gradient in gradients.items():
                verdicts = Counter(judged(gradient, problem))
                said[whose] = said.get(whose, Counter()) + verdicts
                if verdicts["wrong"] and whose != "PyTorch":
                    found.append(("", f"{whose} is called wrong"))
        failed += bool(found)
        for entry, complaint in found:
            print(f"  {case.name}: {entry} {complaint}")
    print(f"cases {sum(stated.values())}, stated as {dict(stated)}, failed {failed}")
    print(f"enclosures confirmed by mpmath in {confirmed} networks")
    for whose, verdicts in said.items():
        print(f"{whose:13}", ", ".join(f"{verdict} {count}" for verdict, count in sorted(verdicts.items())))
    print(f"{time.perf_counter() - start:.0f} s")
    return failed


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
