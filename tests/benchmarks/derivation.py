"""How long derivations take, beside other engines: all gradients, one weight's chain, growth with size.

    python tests/benchmarks/derivation.py [--sympy SECONDS]

Each row of the first table derives every gradient of a network and holds each as
an expression. SymPy's `diff` of the whole cost, weight by weight, then `cse`,
runs only where asked for, in a process that is ended after so many seconds.
CasADi and symengine stand in the table where they are installed.
"""

import argparse
import gc
import itertools
import multiprocessing
import sys
import time
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SMALL, WIDER, WIDE, LARGE = (4, 8, 8, 3), (8, 16, 16, 4), (64, 64, 64, 10), (784, 30, 10)
DEPTHS = (2, 4, 8, 16, 32, 64)


def problem_of(sizes):
    """A sigmoid network with half the squared error, every number free."""
    from derive import load_problem

    layers = [{"units": n, "activation": "sigmoid"} for n in sizes[1:]]
    return load_problem({"network": {"inputs": sizes[0], "cost": "half_squared_error", "layers": layers}})


def seconds(work, repeat=5):
    """The quickest of several runs, in seconds of the processor: other programs may be running."""
    times = []
    for _ in range(repeat):
        gc.collect()
        times.append(timed(work))
    return min(times)


def forgetful(work):
    """The work with SymPy's own memory emptied first, so that no expression is found ready."""
    from sympy.core.cache import clear_cache

    def run():
        clear_cache()
        return timed(work)

    return min(run() for _ in range(5))


# -- the engines -----------------------------------------------------------------------------------


def forward(sizes, symbol, exp):
    """C and the parameters, in any engine's scalars."""
    weights, a = [], [symbol(f"x{k}") for k in range(sizes[0])]
    for l, (m, n) in enumerate(itertools.pairwise(sizes), 1):
        rows = [[symbol(f"w{l}_{j}_{k}") for k in range(m)] for j in range(n)]
        biases = [symbol(f"b{l}_{j}") for j in range(n)]
        weights += [*itertools.chain(*rows), *biases]
        z = [
            sum((w * u for w, u in zip(row, a, strict=True)), b) for row, b in zip(rows, biases, strict=True)
        ]
        a = [1 / (1 + exp(-u)) for u in z]
    return sum((u - symbol(f"y{k}")) ** 2 / 2 for k, u in enumerate(a)), weights


def ours(sizes):
    """Steps, sweep and one SymPy expression for each derivative, in shared z, a and dC/dz."""
    from derive import derive_gradient

    problem = problem_of(sizes)
    return lambda: derive_gradient(problem).shared()


def casadi_scalar(sizes):
    """CasADi SX, built entry by entry in Python."""
    import casadi

    def derive():
        cost, weights = forward(sizes, casadi.SX.sym, casadi.exp)
        return casadi.gradient(cost, casadi.vertcat(*weights))

    return derive


def casadi_matrix(sizes):
    """CasADi MX: a graph of matrices."""
    import casadi

    def derive():
        a, weights = casadi.MX.sym("x", sizes[0]), []
        for m, n in itertools.pairwise(sizes):
            weights += [casadi.MX.sym("W", n, m), casadi.MX.sym("b", n)]
            a = 1 / (1 + casadi.exp(-(weights[-2] @ a + weights[-1])))
        error = a - casadi.MX.sym("y", sizes[-1])
        return [casadi.gradient(casadi.dot(error, error) / 2, w) for w in weights]

    return derive


def symengine_cse(sizes):
    """symengine: the whole cost by each weight, then common subexpressions."""
    import symengine

    def derive():
        cost, weights = forward(sizes, symengine.Symbol, symengine.exp)
        return symengine.cse([cost.diff(w) for w in weights])

    return derive


def sympy_cse(sizes):
    """SymPy: the same."""
    import sympy

    def derive():
        cost, weights = forward(sizes, sympy.Symbol, sympy.exp)
        return sympy.cse([sympy.diff(cost, w) for w in weights])

    return derive


def limited(work, limit):
    """The seconds that the work takes in a process of its own; None where it takes more than `limit`."""
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=lambda: queue.put(seconds(work, 1)))
    process.start()
    process.join(limit)
    if process.is_alive():
        process.terminate()
        process.join()
        return None
    return queue.get()


# -- the tables ------------------------------------------------------------------------------------


def row(name, *cells):
    print(f"{name:<46}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def shown(value):
    return (
        f"{value * 1e6:,.1f} us"
        if value < 1e-3
        else f"{value * 1e3:,.2f} ms"
        if value < 1
        else f"{value:,.1f} s"
    )


def all_gradients(limit):
    """Every gradient of 4-8-8-3."""
    work = ours(SMALL)
    first = timed(work)
    empty, again = forgetful(work), seconds(work)
    print("All 139 gradients of 4-8-8-3, each as an expression")
    row("backproof, SymPy's memory empty", shown(empty))
    row("backproof, the first one of a process", shown(first), "(with what it proves of sigmoid and cost)")
    row("backproof, again", shown(again))
    peers = (
        {"casadi SX, scalars": casadi_scalar, "casadi MX, matrices": casadi_matrix}
        if find_spec("casadi")
        else {}
    )
    peers |= {"symengine diff, cse": symengine_cse} if find_spec("symengine") else {}
    for name, peer in peers.items():
        row(name, shown(seconds(peer(SMALL), 3)))
    if limit:
        taken = limited(sympy_cse(SMALL), limit)
        ratio = f"{(taken or limit) / empty:,.0f} x"
        row("sympy diff of the whole cost, cse", shown(taken) if taken else f"> {limit} s", ratio)
        row("", "", f"{(taken or limit) / again:,.0f} x")


def one_chain():
    """One weight's chain, after the derivation was made."""
    from derive import derive_gradient

    print("\nOne weight's chain on demand, of weights not read before")
    row("network", "by key", "by name", "again")
    for sizes in (SMALL, WIDER, LARGE):
        derivation = derive_gradient(problem_of(sizes))
        derivation.shared()
        first, *keys = [key for key in derivation.problem.wrt if key.startswith("w1")][:31]
        by_key(derivation, first)
        chains = (
            min(timed(by_key, derivation, key) for key in keys[:15]),
            min(timed(by_name, derivation, key) for key in keys[15:]),
            timed(by_name, derivation, keys[-1]),
        )
        row("-".join(map(str, sizes)), *map(shown, chains))


def by_key(derivation, key):
    """The chain of one weight, asked for by the key of the code."""
    return derivation.gradient("C", key).expression


def by_name(derivation, key):
    """The same, asked for by a name that is read first."""
    return derivation[f"dC/d{key}"].expression


def timed(work, *args):
    """The seconds of one run."""
    start = time.process_time()
    work(*args)
    return time.process_time() - start


def growth():
    """Time an edge: steps, sweep, and every expression of it."""
    from derive.steps import one_sample
    from derive.sweep import sweep

    print("\nGrowth: the whole derivation, and what that is for one edge")
    row("network", "parameters", "steps", "sweep", "expressions", "per edge")
    sizes = [SMALL, WIDER, WIDE, LARGE, *((2,) * depth + (1,) for depth in DEPTHS)]
    for each in sizes:
        problem = problem_of(each)
        steps = forgetful(lambda problem=problem: one_sample(problem).uses)
        program = one_sample(problem)
        edges = sum(len(step.terms) for step in program.steps)
        swept = forgetful(lambda p=program, w=problem.wrt: sweep(p, "C", w, usual=True))
        whole = forgetful(ours(each))
        name = "-".join(map(str, each)) if len(each) < 6 else f"2-2-…-1, {len(each)} sizes"
        row(name, len(problem.wrt), shown(steps), shown(swept), shown(whole), shown(whole / edges))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sympy", type=int, default=0, metavar="SECONDS", help="run SymPy too, at most so long"
    )
    limit = parser.parse_args().sympy
    all_gradients(limit)
    one_chain()
    growth()


if __name__ == "__main__":
    main()
