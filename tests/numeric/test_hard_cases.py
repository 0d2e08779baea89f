"""Right verdicts where other checkers are wrong: every hard case against mpmath, and what `check` says of it.

The reference is the cost itself by its textbook definition, differentiated numerically by mpmath
with digits added until forty of the derivative stand still.
"""

import warnings
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest

from derive.problem import Network
from numeric.evidence import verify
from numeric.judging import checking
from numeric.judging.checking import check
from tests.kinds import every, thinned
from tests.numeric.definitions import LAYER, PARTS, PHI, WHOLE, parameters_of, parts_of
from tests.numeric.hard_cases import BY_NAME, CASES
from tests.numeric.plain_backprop import plain_backprop
from tests.numeric.planting import KINDS, Ground, judge, plant

SMALLEST = Fraction(2.0**-1022)
DIGITS = (120, 400, 1600, 2400)
"""A slope is believed where a quarter of so many digits shows it: e^-900 is, e^-10000 is only told to be small."""

NAMES = [case.name for case in CASES]
NETWORKS = [case.name for case in CASES if "network" in case.tables and not case.undecided]
DEFINED = {*PHI, *LAYER, "maxout", "log_softmax", *PARTS, *WHOLE}


def rules_of(tables):
    """What the layers and the cost of a file apply, by name where it is a rule's."""
    applied = [*(layer["activation"] for layer in tables["layers"]), tables["cost"]]
    return {rule if isinstance(rule, str) else rule["rule"] for rule in applied}


KNOWN = [name for name in NETWORKS if rules_of(BY_NAME[name].tables["network"]) <= DEFINED]
"""Those of rules that mpmath has a definition of; formulas are their own."""

QUICK = {
    "hidden sigmoid at 40",
    "hidden softplus at -40",
    "sigmoid at 30, y = 1, half_squared_error",
    "sigmoid at 1000, y = 0.5, binary_cross_entropy",
    "tanh at 40, y = 1, hinge",
    "softmax gap 40, y = 1, 0, 0, squared_error",
    "softmax gap 40, y = 0.5, 0.2, 0.3, binary_cross_entropy",
    "softmax gap 800, y = 0, 0, 1, cross_entropy",
    "y within 1e-12 of a sigmoid",
    "z = 1e8 x - 1e8 x'",
    "maxout, 1e-12 from a tie",
    "an input of 1e-310",
    "a gradient of 1e-400",
}
"""One of each kind of difficulty."""

SOME = [name for place, name in enumerate(KNOWN) if name in QUICK or place % 9 == 0]
"""For the slow loop; tests/benchmarks/hard_cases.py takes every one."""


def layer_of(rule, z):
    """The activations of a layer by their definition."""
    values = parameters_of(rule)
    if rule.name == "maxout":
        pieces = int(values["pieces"])
        return [max(z[i : i + pieces]) for i in range(0, len(z), pieces)]
    if rule.name == "log_softmax":
        return [mp.log(a) for a in LAYER["softmax"](z)]
    return LAYER["softmax"](z) if rule.name == "softmax" else [PHI[rule.name](u, **values) for u in z]


def number(fraction):
    return mp.mpf(fraction.numerator) / fraction.denominator


def cost_at(problem, values):
    """C from the parameters' values by key."""
    network, total = problem.body, mp.mpf(0)
    for x, y in zip(problem.x, problem.y, strict=True):
        a = [number(v) for v in x]
        for layer in network.layers:
            biases = layer.biases or [None] * len(layer.weights)
            z = [
                mp.fsum(values[key] * u for key, u in zip(row, a, strict=True)) + (values[b] if b else 0)
                for row, b in zip(layer.weights, biases, strict=True)
            ]
            a = layer_of(layer.activation, z)
        total += mp.fsum(parts_of(network.cost, a, [number(v) for v in y]))
    return total / (len(problem.x) if network.reduction == "mean" else 1)


def exactly(value):
    """A number of mpmath as a fraction."""
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction(int(mantissa)) * Fraction(2) ** exponent * (-1) ** sign


def derivative(problem, key):
    """dC/dw to forty digits; 0 where it is below 10^-330 and no digits stand still."""
    size = next(abs(p.value) for p in problem.parameters if p.key == key)
    # a step as large as the parameter may cross a kink
    steps = [digits for digits in DIGITS if not 0 < size < Fraction(1, 10 ** (digits // 3 - 1))]
    last = slope = None
    for fewer, digits in pairwise(steps):
        last, slope = slope or central(problem, key, fewer), central(problem, key, digits)
        if slope and last and abs(slope - last) * 10**40 <= abs(slope) > Fraction(1, 10 ** (fewer // 4)):
            return slope
    assert slope is not None
    assert abs(slope) * 10**330 < 1
    return Fraction(0)


def central(problem, key, digits):
    """With a step of a third of the digits: so many are left to what cancels, and twice as many to h^2; None where the cost has no value in so many."""
    with mp.workdps(digits):
        values, h = {p.key: number(p.value) for p in problem.parameters}, mp.mpf(10) ** (-digits // 3)
        up, down = (cost_at(problem, values | {key: values[key] + step}) for step in (h, -h))
        slope = (up - down) / (2 * h)
        return exactly(slope) if mp.isfinite(slope) else None


def test_every_case_has_a_name_of_its_own():
    """Of two that share one, only the second would be looked at where names are asked for."""
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []
    assert set(NAMES) >= QUICK


def has_its_verdict(case):
    """Agree, or undecided for the stated reason; and every number that is shown is a number."""
    evidence = verify(case.problem)
    if case.undecided:
        reasons = [row.note for row in evidence if row.verdict == "undecided"]
        return evidence.verdict == "undecided" and any(case.undecided in reason for reason in reasons)
    shown = [number for row in evidence for number in (row.backprop.value, row.backprop.error)]
    return evidence.agree and min(row.digits for row in evidence) >= 3 and np.isfinite(shown).all()


@pytest.mark.parametrize("name", every(NAMES[::2], 12))
def test_a_hard_case_gets_the_verdict_that_is_stated(name):
    """Saturation is no excuse, and a convention no evidence."""
    assert has_its_verdict(BY_NAME[name])


def complaints(problem):
    """Entries whose enclosure is not the correctly rounded truth, or whose backprop is off its claim or useless."""
    for row in verify(problem):
        truth = derivative(problem, row.entry[1])
        slack = abs(truth) / 10**28 if truth else Fraction(1, 10**400)
        if not row.symbolic.lo - slack <= truth <= row.symbolic.hi + slack:
            yield row.name, "the truth is not in the enclosure"
        if float(row.symbolic.mid) != float(truth):
            yield row.name, "the enclosure is not rounded correctly"
        off = abs(Fraction(row.backprop.value) - truth)
        if off > Fraction(row.backprop.error) + slack:
            yield row.name, "backprop is further off than it claims"
        if abs(truth) >= SMALLEST and off > abs(truth) / 1000:
            yield row.name, "backprop has fewer than three digits"


@pytest.mark.slow
@pytest.mark.parametrize("name", thinned(SOME, QUICK))
def test_the_enclosure_is_the_correctly_rounded_derivative(name):
    """By the definition, and backprop is as near to it as it claims."""
    assert list(complaints(BY_NAME[name].problem)) == []


@pytest.mark.parametrize("name", thinned(SOME, QUICK))
@pytest.mark.parametrize("fused", [True, False], ids=["p - y", "dC/da times slope"])
def test_a_plain_correct_backward_pass_is_never_wrong(name, fused):
    """Right, or imprecise with the form that loses the digits and the one to write; nan is no number."""
    problem = BY_NAME[name].problem
    with np.errstate(all="ignore"):
        result = check(plain_backprop(problem.body, fused=fused), problem)
    for entry in result:
        assert entry.verdict in {"agree", "imprecise"} or not np.isfinite(entry.value), str(result)
        assert entry.verdict == "agree" or "write" in entry.note


@pytest.fixture(scope="module")
def oracles():
    """PyTorch's autograd, where it is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch = pytest.importorskip("torch")
    from tests.numeric.test_oracles import pytorch_gradients

    return torch, pytorch_gradients


CLAMPED = "binary_cross_entropy"
"""PyTorch divides by max(a (1 - a), 1e-12) there: its gradient is another one."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in SOME if BY_NAME[n].tables["network"]["cost"] != CLAMPED])
def test_pytorch_is_never_wrong_where_it_returns_a_number(name, oracles):
    """Its textbook forms lose digits as anybody's do."""
    torch, gradients = oracles
    problem = BY_NAME[name].problem
    for entry in check({f"dC/d{key}": v for key, v in gradients(torch, problem).items()}, problem):
        assert entry.verdict in {"agree", "imprecise"} or not np.isfinite(entry.value)


@pytest.mark.slow
def test_pytorch_s_clamped_cross_entropy_is_wrong(oracles):
    """At z = -40 and y = 1 its slope is off by a factor of 200,000, and no rounding explains it."""
    torch, gradients = oracles
    problem = BY_NAME["sigmoid at -40, y = 1, binary_cross_entropy"].problem
    (entry,) = check({"dC/db2[1]": gradients(torch, problem)["b2[1]"]}, problem)
    assert entry.verdict == "wrong"
    assert float(entry.truth.mid) == pytest.approx(-1)


PLANTED = [name for name in sorted(QUICK) if isinstance(BY_NAME[name].problem.body, Network)]


@pytest.fixture
def unexplained(monkeypatch):
    """Verdicts alone: which slip makes a wrong number has tests of its own, and takes longer."""
    monkeypatch.setattr(checking, "explain", lambda _, wrong, *__: [None] * len(wrong))


@pytest.mark.usefixtures("unexplained")
@pytest.mark.parametrize("name", every(PLANTED, 4))
def test_a_planted_fault_is_refused_and_nothing_else_is(name):
    """One of each kind: wrong where it is beyond every float64 form, never accepted where beyond the stable one."""
    ground, rng = Ground(name, BY_NAME[name].problem), np.random.default_rng(7)
    assert ground.check(ground.right)
    assert ground.check({key: claim.value for key, claim in ground.stable.items()})
    planted = [fault for kind in KINDS if (fault := plant(ground, kind, rng))]
    found = [judge(ground, fault) for fault in planted]
    assert [fault.kind for fault, f in zip(planted, found, strict=True) if f.missed or f.spoilt] == []
    assert any(f.counts for f in found) or not any(ground.right.values())
