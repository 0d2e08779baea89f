"""Random networks of mixed layers: the five views of every gradient come to the same number.

    python tests/benchmarks/five_views.py [COUNT] [SEED]

closed form    every derivative that fits in LIMIT operations, in weights and data alone
chain          the routes of each sample, stage by stage, added up over the samples, with the L2 term
index form     every entry of every equation, written out
matrix form    the equations as matrices of balls
general theory the long product of each layer's weights, of one sample's cost

Each view is evaluated by itself, in ball arithmetic, and compared with the scalar
sweep. Prints how many derivatives each view was asked for and the worst digits.
"""

import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np
import sympy as sp

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "numeric")]

LIMIT = 4_000
ENOUGH = 30
VIEWS = ("closed", "chain", "index", "matrix", "theory")


def step_of(key, expr):
    """A step that computes an expression of quantities, named by their keys."""
    from derive.expressions import Formula
    from derive.steps import Step, Term

    symbols = tuple(sorted(expr.free_symbols, key=str))
    return Step(key, (Term(Formula(expr, symbols), tuple(s.name for s in symbols)),), "view")


def truth_of(problem):
    """dC/dw of every parameter by the scalar sweep."""
    from derive.steps import given_values, program_of
    from derive.sweep import adjoint, sweep
    from numeric.balls.enclosure import balls_of, enclose

    keys = [parameter.key for parameter in problem.parameters]
    program, given = program_of(problem), balls_of(given_values(problem))
    found = enclose(program.plus(sweep(program, "C", keys)), given, [adjoint("C", key) for key in keys])
    return {key: found[adjoint("C", key)] for key in keys}


def closed(problem, keys):
    """As many as fit."""
    from derive import derive_gradient
    from derive.steps import Program, given_values
    from derive.views.closed import TooLargeError
    from numeric.balls.enclosure import balls_of, enclose

    derivation, given = derive_gradient(problem), balls_of(given_values(problem))
    for key in keys:
        try:
            expr = derivation.gradient("C", key).closed_form(LIMIT).expression
        except TooLargeError:
            continue
        yield key, enclose(Program((step_of("value", sp.sympify(expr)),)), given, ["value"])["value"]


def chain(problem, keys):
    """Each sample's routes by themselves; then the sum over the samples."""
    from derive import derive_gradient
    from derive.steps import given_values
    from numeric.balls.enclosure import balls_of, enclose
    from numeric.balls.worked import given_of

    derivation, count = derive_gradient(problem), len(problem.x)
    gradients = {key: derivation.gradient("C", key) for key in keys}
    stages = {stage.by: stage for one in gradients.values() for stage in one.stages}
    program = derivation.program
    ordered = [step.key for step in reversed(program.steps) if step.key in stages]
    steps = [step_of(f"dC/d{by}", sp.sympify(stages[by].expression)) for by in (*ordered, *keys)]
    whole = given_values(problem)
    parts = [
        enclose(program.plus(steps), balls_of(given_of(derivation, i)), [f"dC/d{key}" for key in keys])
        for i in range(1, count + 1)
    ]
    body = problem.body
    share = Fraction(1, count) if body.reduction == "mean" else Fraction(1)
    for key in keys:
        found = [part[f"dC/d{key}"] for part in parts]
        if not all(one.defined for one in found):
            continue
        decay = body.l2 / count * whole[key] if problem.parameter[key].is_weight else 0
        lo, hi = (share * sum(getattr(one, end) for one in found) + decay for end in ("lo", "hi"))
        yield key, replace(found[0], lo=lo, hi=hi)


def index(problem, keys):
    """Every entry of every equation as a step of its own, then the parameter's view."""
    from derive import derive_gradient
    from derive.matrix.equations import matrix_view
    from derive.matrix.indexed import Entries
    from derive.steps import Program, given_values
    from numeric.balls.enclosure import balls_of, enclose
    from numeric.proofs.matrices import with_uses

    view, derivation = matrix_view(problem), derive_gradient(problem)
    read = Entries(view.program, letters=False)
    steps = []
    for equation in view.equations:
        rows, columns = map(view.program.size, equation.array.shape)
        for j in range(1, rows + 1):
            for k in range(1, columns + 1):
                key = read.name(equation.array, j, k).name
                steps.append(step_of(key, read.of(equation.forms[-1].expr, j, k)))
    steps += [step_of(f"view {key}", derivation.gradient("C", key).view("index").expression) for key in keys]
    given = dict(with_uses(problem, balls_of(given_values(problem))))
    found = enclose(Program(tuple(steps)), given, [f"view {key}" for key in keys])
    yield from ((key, found[f"view {key}"]) for key in keys)


def matrix(problem, keys):
    """The equations as matrices; a shared parameter adds its entries up."""
    from derive.matrix.equations import finder, matrix_view
    from numeric.proofs.matrices import values_of

    view, find = matrix_view(problem), finder(problem)
    values = values_of(problem, view)
    by = {equation.by.key: equation for equation in view.backward}
    shared = any(parameter.shared for parameter in problem.parameters if parameter.is_weight)
    for key in keys:
        parameter = problem.parameter[key]
        found = []
        for place in parameter.places:
            array, j, k = find(place)
            equation = by[array]
            lies = equation.array.shape != equation.by.shape
            found.append(values[equation.array.key].at(*((k, j) if lies else (j, k))))
        if not all(one.defined for one in found):
            continue
        decay = (
            problem.body.l2 / len(problem.x) * parameter.value
            if shared and parameter.is_weight
            else Fraction(0)
        )
        lo, hi = (sum(getattr(one, end) for one in found) + decay for end in ("lo", "hi"))
        yield key, replace(found[0], lo=lo, hi=hi)


def theory(problem, _):
    """The long product of each layer's weights, where the cost is one sample's and undivided."""
    from derive.steps import activation_keys, given_values, program_of
    from derive.sweep import sweep
    from derive.theory.product import long_product, sample_program
    from numeric.balls.enclosure import balls_of, enclose
    from numeric.proofs.matrices import with_uses

    if len(problem.x) != 1 or problem.body.l2:
        return
    given = dict(with_uses(problem, balls_of(given_values(problem))))
    program = program_of(problem)
    outputs = activation_keys(problem.body, problem.body.depth, "")
    program = program.plus(sweep(program, "C", outputs))  # the product begins at the cost's own slopes
    for l in range(1, problem.body.depth + 1):
        whole = long_product(problem, l)
        if whole is None:
            continue
        sides = whole.sides(sample_program(problem))
        steps = [step_of(left.name, right) for left, right in sides]
        found = enclose(program.plus(steps), given, [step.key for step in steps])
        yield from ((step.key.removeprefix("dC/d"), found[step.key]) for step in steps)


def agreed(left, right):
    """Digits in which two enclosures surely agree; all where neither has a value."""
    from numeric.balls.enclosure import relative_digits

    if not (left.defined and right.defined):
        return inf if left.defined == right.defined else -inf
    gap = max(left.hi, right.hi) - min(left.lo, right.lo)
    return relative_digits(gap, Fraction(1) if right.holds_zero else abs(right.mid))


def main(count=300, seed=1):
    import conftest
    from random_networks import drawn

    rng = np.random.default_rng(seed)
    asked, worst, apart = Counter(), dict.fromkeys(VIEWS, inf), []
    for number in range(count):
        problem = drawn(rng, conftest)
        if number % 2:
            problem = replace(
                problem, x=problem.x[:1], y=problem.y[:1], body=replace(problem.body, l2=Fraction(0))
            )
        truth = truth_of(problem)
        keys = [parameter.key for parameter in problem.parameters]
        chosen = list(rng.choice(keys, size=min(4, len(keys)), replace=False))
        for name in VIEWS:
            for key, value in globals()[name](problem, chosen if name == "closed" else keys):
                if key not in truth:
                    continue  # a use of a shared weight
                digits = agreed(value, truth[key])
                asked[name] += 1
                worst[name] = min(worst[name], digits)
                if digits < ENOUGH:
                    apart.append((number, name, key, digits))
    print(f"networks {count}, parameters per view: {dict(asked)}")
    print("worst digits:", {name: f"{digits:.1f}" for name, digits in worst.items()})
    for place in apart[:20]:
        print("  apart:", *place)
    return len(apart)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])) > 0)
