"""Thousands of entries at once: whole layers in balls, and verdicts by columns, say what one entry at a time does."""

import math
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

import derive.matrix.coupled
import derive.matrix.differentials
from derive.rules import ACTIVATIONS, COSTS
from numeric.balls.double_words import DoubleWords
from numeric.balls.enclosure import enclosure, nearest_float
from numeric.balls.referee import Referee
from numeric.balls.truths import Numbers
from numeric.evidence import verify
from numeric.floats.claims import Columns
from numeric.judging import rows as judging
from numeric.judging.checking import NEARLY, UNLIKE_OTHERS, _entry, check
from tests.examples import ALL, evidence_of
from tests.kinds import RULES, thinned

KNOWN = [rule for rule in ACTIVATIONS.values() if rule.name != "general"]


# -- which float64 ---------------------------------------------------------------------------------


def drawn(rng, *shape):
    """Balls of numbers over many magnitudes, known to 120 bits."""
    with ctx.workprec(128):
        sizes = rng.normal(size=shape) * 2.0 ** rng.integers(-60, 60, shape)
        return arb_mat(
            [[arb(value).exp() if abs(value) < 50 else arb(value) for value in row] for row in sizes]
        )


def test_double_words_round_a_product_as_exact_fractions_do():
    """A float64 is named only where both ends of the exact enclosure round to it."""
    rng = np.random.default_rng(1)
    left, right = drawn(rng, 12, 3), drawn(rng, 3, 40)
    named = (DoubleWords.of(left) @ DoubleWords.of(right)).nearest()
    with ctx.workprec(400):
        exact = left * right
    for index in np.ndindex(named.shape):
        truth = enclosure(exact[index])
        assert math.isnan(named[index]) or nearest_float(truth.lo) == named[index] == nearest_float(truth.hi)
    assert np.isfinite(named).mean() > 0.95


@pytest.mark.parametrize("offset", [0.0, 2.0**-110, -(2.0**-110)])
def test_a_number_between_two_float64_is_given_to_neither(offset):
    """1 + 2^-53 is a tie: what lies nearer to it than the bound tells has no float64."""
    with ctx.workprec(200):
        tie = arb_mat([[arb(1) + arb(2) ** -53 + arb(offset)]])
    assert math.isnan(DoubleWords.of(tie).nearest()[0, 0])


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_a_product_beyond_the_range_of_float64_has_none(size):
    """Underflow and overflow leave no bound that could be trusted."""
    factor = DoubleWords.of(arb_mat([[arb(size)]]))
    assert math.isnan((factor * factor).nearest()[0, 0])


def test_a_ball_around_0_is_not_said_to_be_0():
    """What cancelled may be anything as small: gelu at -30 is 1e-196, and at 128 bits all that is known is 0 ± 1e-38."""
    near, zero = arb(0, 2.0**-128), arb(0)
    found = DoubleWords.of(arb_mat([[near, zero]])).nearest()[0]
    assert math.isnan(found[0]) and found[1] == 0


# -- whole layers ----------------------------------------------------------------------------------


def both_ways(problem):
    """The gradient by layers, and by the scalar tape."""
    numbers = Numbers(problem)
    entries = [("C", key) for key in problem.wrt]
    truths, tape = numbers.truths(entries), numbers.derivatives(entries)
    return [
        (truths.at(i), nearest, tape[f"dC/d{by}"])
        for i, ((_, by), nearest) in enumerate(zip(entries, truths.nearest, strict=True))
    ]


def assert_same(problem):
    for found, nearest, truth in both_ways(problem):
        assert (found.lo == found.hi) == (truth.lo == truth.hi)
        assert max(found.lo, truth.lo) <= min(found.hi, truth.hi)
        assert found.text() == truth.text()
        assert math.isnan(nearest) or nearest_float(truth.lo) == nearest == nearest_float(truth.hi)


@pytest.mark.parametrize("rule", thinned(KNOWN, RULES), ids=lambda rule: rule.name)
def test_layers_enclose_what_the_scalar_steps_enclose(rule, random_problem):
    """The same slopes of SymPy, in another order of operations: exact where that is exact, and as sharp."""
    rng = np.random.default_rng(3)
    assert_same(random_problem(rng, [3, 4, 2], [rule.name, "tanh"], samples=2, reduction="mean", l2=0.1))


@pytest.mark.parametrize("cost", thinned(COSTS.values(), RULES), ids=lambda cost: cost.name)
def test_layers_start_from_every_cost(cost, random_problem):
    """Also from those that read all outputs at once."""
    rng = np.random.default_rng(4)
    last = "softmax" if cost.name == "cross_entropy" else "sigmoid"
    assert_same(random_problem(rng, [2, 3, 3], ["tanh", last], cost.name, samples=2))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax", "gelu", "relu", "identity"])
def test_common_layers_are_evaluated_as_a_whole(activation, random_problem):
    """Not those that are a fraction here and none there, as elu is: one matrix holds one kind of number."""
    problem = random_problem(np.random.default_rng(3), [3, 4, 2], ["tanh", activation], samples=2)
    assert Numbers(problem).layers is not None


def test_rational_layers_stay_exact(random_problem):
    """A network of relus on decimals has gradients that are fractions, through a batch and an L2 term."""
    problem = random_problem(
        np.random.default_rng(5), [3, 4, 2], ["relu", "identity"], samples=3, reduction="mean", l2=0.1
    )
    assert all(found.lo == found.hi for found, *_ in both_ways(problem))


def test_jacobians_are_those_of_sympys_slopes(random_problem, monkeypatch):
    """The closed form of softmax that books print has no say in what witnesses it."""
    problem = random_problem(
        np.random.default_rng(6), [2, 3, 3], ["tanh", "softmax"], "cross_entropy", samples=2
    )
    wrong = MappingProxyType(dict.fromkeys(derive.matrix.coupled.PULLED_BACK, lambda of, g: g))
    monkeypatch.setattr(derive.matrix.differentials, "PULLED_BACK", wrong)
    assert_same(problem)


def test_a_network_at_a_kink_is_left_to_the_scalar_steps(network, layer):
    """There the tape knows the unit that sits on it."""
    layers = [layer("relu", [["0.5", "0.25"]], [0]), layer("tanh", [["0.3"]], ["0.1"])]
    assert Numbers(network(layers, [["0.5", "-1"]], [["0.4"]])).layers is None


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "relu"])
def test_the_referee_rules_alike_over_layers_and_over_scalar_steps(activation, random_problem):
    """A difference of values of C to 60 digits, however these are computed; it meets the slope."""
    problem = random_problem(np.random.default_rng(10), [2, 3, 2], [activation, "tanh"], samples=2)
    numbers = Numbers(problem)
    whole = Referee.at(numbers)
    alone = Referee.of(numbers.program, numbers.given, problem.objectives)
    for key in problem.wrt[::3]:
        one, other, truth = whole.rule("C", key), alone.rule("C", key), numbers.truths([("C", key)]).at(0)
        assert not one.why and not other.why and one.step == other.step
        assert abs(one.value - other.value) <= one.error + other.error
        assert abs(one.value - truth.mid) <= one.error + truth.radius
        assert one.error <= 10 * other.error + Fraction(1, 10**40)
    assert "tape" not in vars(whole), "no scalar steps were made"


# -- verdicts in columns ---------------------------------------------------------------------------


def assert_rows_are_as_in_fractions(rows):
    for i in np.flatnonzero(rows.clear >= 0).tolist():
        assert rows[i] == judging._row(rows, i)


@pytest.mark.parametrize("example", ALL)
def test_a_clear_verdict_is_the_one_of_exact_fractions(example):
    """Verdict, digits and note, entry by entry."""
    rows = evidence_of(example).rows
    if isinstance(rows, judging.Bench):
        assert_rows_are_as_in_fractions(rows)


def test_most_entries_of_a_saturated_network_are_clear_too(random_problem):
    """Whoever judged all of them in fractions would never see columns fail."""
    problem = random_problem(np.random.default_rng(7), [6, 8, 3], ["sigmoid", "tanh"], samples=2)
    rows = verify(problem).rows
    assert (rows.clear >= 0).mean() > 0.8
    assert_rows_are_as_in_fractions(rows)


CLAIMS = {
    "as it is": (0.0, 0.0, 8),
    "off by less than its error": (1e-9, 0.0, 8),
    "off by more than its error": (3e-9, 0.0, -1),
    "too wide": (0.0, 1e-2, -1),
    "nan": (math.nan, 0.0, -1),
    "of infinite error": (0.0, math.inf, -1),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_only_a_claim_that_surely_holds_the_truth_is_clear(claim):
    """All else is for fractions to decide."""
    off, wider, digits = CLAIMS[claim]
    one = (("C", "w"),)
    sure = Columns(one, np.array([0.7]), np.array([2e-9]))
    told = Columns(one, np.array([0.7 + off]), np.array([2e-9 + wider]))
    for pair in ((sure, told), (told, sure)):
        assert judging._clear_digits(np.array([0.7]), np.array([1.0]), *pair) == digits


FACTORS = (1, 1 + 2**-52, 1 + 1e-15, 1 + 1e-13, 1 + 1e-9, 1.0001, 0.5, -1, 0, 1e300, math.nan)


@pytest.mark.parametrize("rtol", [None, 1e-3])
def test_somebodys_numbers_are_judged_alike_in_columns_and_one_by_one(rtol, random_problem):
    """From exactly right to nan; only what is nearly right is told beside the others that it is no float32."""
    problem = random_problem(np.random.default_rng(8), [3, 4, 2], ["sigmoid", "sigmoid"])
    true = [(row.entry[1], float(row.symbolic.mid)) for row in verify(problem)]
    theirs = {key: value * FACTORS[i % len(FACTORS)] for i, (key, value) in enumerate(true)}
    (judged,) = check(theirs, problem, rtol=rtol).judged
    for i, entry in enumerate(judged):
        alone = _entry(judged.found[i], judged.truths, judged.bounds, rtol)
        assert entry.note == (UNLIKE_OTHERS if alone.note == NEARLY else alone.note)
        assert replace(entry, slip=None, why="", note=alone.note) == alone


def test_the_margin_of_the_columns_covers_half_a_unit(random_problem):
    """The truth lies beside the float64 it rounds to: a claim that ends between them is not clear."""
    truth = np.array([1.0])
    half = math.ulp(1.0) / 2
    tight = Columns((("C", "w"),), truth, np.array([half * (1 - 2**-20)]))
    wide = Columns((("C", "w"),), truth, np.array([half * (1 + 2**-20)]))
    one = np.array([1.0])
    assert judging._clear_digits(truth, one, tight, wide) == -1
    assert judging._clear_digits(truth, one, wide, wide) == math.floor(-math.log10(float(Fraction(2 * half))))


def test_whoever_waits_is_told_each_stage_before_it_begins(random_problem):
    """In the order of the work, so that the last one told is the one that takes long."""
    told = []
    verify(random_problem(np.random.default_rng(9), [1, 1], ["tanh"]), tell=told.append)
    assert told[:3] == ["the symbolic gradient", "backpropagation", "finite differences"]
    assert len(told) == len(set(told)) == 5


@pytest.mark.parametrize("name", ["seed004-alice", "seed004-cosine-graph"])
def test_an_outcome_says_what_its_row_says(name):
    """A page counts outcomes, and lists rows of the same evidence."""
    evidence = evidence_of(name)
    said = [(row.entry, row.verdict, row.digits, row.note) for row in evidence.rows]
    assert [(one.entry, one.verdict, one.digits, one.note) for one in evidence.outcomes] == said
