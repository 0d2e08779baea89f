"""One sample after another: the same numbers as of all samples at once, in the memory of one."""

import numpy as np
import pytest

from derive.gradient import derive_gradient
from derive.steps import given_values, program_of
from numeric.balls.enclosure import balls_of, enclose
from numeric.balls.first_layer import WIDE, first_sums
from numeric.balls.samples import OneSample
from numeric.balls.worked import Worksheet


@pytest.fixture
def problem(random_problem):
    return random_problem(
        np.random.default_rng(4), [3, 4, 2], ["tanh", "softmax"], samples=3, reduction="mean"
    )


def test_each_sample_has_the_values_that_all_steps_give_it(problem):
    """Otherwise a page would show one sample's outputs beside another's cost."""
    given = balls_of(given_values(problem))
    one = OneSample.of(problem, ("a2[1]", "a2[2]", "C"))
    for suffix in problem.samples:
        together = enclose(program_of(problem), given, [f"{key}{suffix}" for key in one.keys])
        found = one.at(suffix, given)
        assert [found[key] for key in one.keys] == [together[f"{key}{suffix}"] for key in one.keys]


def test_what_a_worksheet_leaves_out_changes_nothing_in_the_rest(problem):
    """A large page asks for few of the derivatives."""
    derivation = derive_gradient(problem)
    few, everything = Worksheet.of(derivation, ["w1[2,3]"]).at(2), Worksheet.of(derivation).at(2)
    assert ("C", "w1[2,3]") in few.totals
    assert ("C", "w1[1,1]") not in few.totals
    assert ("C", "z1[4]") in few.totals
    assert len(few.totals) < len(everything.totals)
    assert dict(few.values) == dict(everything.values)
    assert dict(few.totals).items() <= dict(everything.totals).items()
    assert dict(few.locals).items() <= dict(everything.locals).items()


@pytest.mark.parametrize("samples", [1, 2])
def test_the_sums_of_a_wide_first_layer_are_those_of_its_steps(random_problem, samples):
    """One product of integers for 784 x 30 connections, and not a digit less."""
    problem = random_problem(np.random.default_rng(4), [WIDE, 2, 1], ["tanh", "sigmoid"], samples=samples)
    given = balls_of(given_values(problem))
    sums = first_sums(problem, given)
    assert sums.keys() == {f"z1[{j}]{suffix}" for j in (1, 2) for suffix in problem.samples}
    assert sums == enclose(program_of(problem), given, sums).balls
    worked, key = (
        Worksheet.of(derive_gradient(problem), ["w1[2,3]"]).at(samples),
        f"z1[2]{problem.samples[-1]}",
    )
    assert worked.values["z1[2]"] == enclose(program_of(problem), given, [key])[key]


def test_of_few_inputs_or_open_numbers_no_sum_is_known(problem, random_problem):
    """The steps themselves say what there is to say."""
    wide = random_problem(np.random.default_rng(4), [WIDE, 2, 1], ["tanh", "sigmoid"])
    given = balls_of(given_values(wide))
    del given["w1[2,7]"]
    assert first_sums(problem, balls_of(given_values(problem))) == first_sums(wide, given) == {}
