"""Lines of one array that are read off one of them: what a slip gives at every entry of a layer."""

import numpy as np
import pytest

from derive.slips import EVERYWHERE, LAYER, Made, slips_of, swept
from derive.sweep import adjoint
from numeric.balls.enclosure import enclosure
from numeric.balls.truths import Numbers
from numeric.judging.alike import ACCURATE, by_array, examples
from numeric.judging.batch import Batch
from numeric.judging.slipped import Slipped


@pytest.fixture(params=[1, 2])
def numbers(request, random_problem, monkeypatch):
    """A square layer among others, and decay; z1 is known as of a wide network."""
    monkeypatch.setattr("numeric.balls.first_layer.WIDE", 1)
    more = {"samples": request.param, "reduction": "mean", "l2": "0.3"}
    return Numbers(
        random_problem(np.random.default_rng(5), [3, 4, 4, 2], ["tanh", "sigmoid", "softplus"], **more)
    )


def keys_of(numbers):
    return [parameter.key for parameter in numbers.problem.parameters]


def slipped(numbers, keys, *, thin):
    sweep = swept(numbers.problem, "C", keys, thin=thin)
    given = numbers.given | (numbers.first_sums if thin else {})
    return Slipped.of(sweep, given, [adjoint("C", key) for key in keys])


def test_one_line_tells_what_each_slip_gives_at_every_entry(numbers):
    """What the whole sweep gives, entry by entry, whatever is slipped in: both enclose it, this one closely."""
    arrays = by_array(keys_of(numbers))
    few = [key for keys in arrays.values() for key in examples(keys)]
    thin, whole = slipped(numbers, few, thin=True), slipped(numbers, keys_of(numbers), thin=False)
    told = 0
    for slip in slips_of(thin.sweep, [adjoint("C", key) for key in few], (EVERYWHERE, LAYER)):
        single = whole.under(slip.made)
        for keys in arrays.values():
            found = thin.whole(slip.made, "C", keys, examples(keys))
            told += len(found)
            for key, value in found.items():
                right = single.get(adjoint("C", key), whole.values[adjoint("C", key)])
                one, other = enclosure(value), enclosure(right)
                assert one.lo <= other.hi and other.lo <= one.hi, (slip.name, key)
                assert one.radius <= abs(one.mid) / 2**ACCURATE * 2, (slip.name, key)
    assert told > 1_000


def test_an_array_whose_lines_are_not_alike_is_told_by_none(numbers):
    """A mistake in one weight's line is not that of the others."""
    keys = by_array(keys_of(numbers))["w2"]
    thin = slipped(numbers, examples(keys), thin=True)
    own = adjoint("C", examples(keys)[0])
    mistake = next(
        slip.made.mistake for slip in slips_of(thin.sweep, [own]) if slip.family == "parameter for its input"
    )
    assert len(thin.whole(Made(mistake), "C", keys, examples(keys))) == len(keys)
    assert thin.whole(Made(mistake, line=own), "C", keys, examples(keys)) == {}


@pytest.mark.parametrize(("samples", "l2"), [(1, "0"), (3, "0"), (1, "0.3"), (3, "0.3")])
def test_the_sweep_of_one_sample_tells_what_each_slip_gives_of_all(samples, l2, random_problem, monkeypatch):
    """Singly and in whole arrays, what the sweep over all samples gives; 1/n and the L2 term are outside."""
    monkeypatch.setattr("numeric.balls.first_layer.WIDE", 1)
    more = {"samples": samples, "reduction": "mean", "l2": l2}
    numbers = Numbers(
        random_problem(np.random.default_rng(7), [3, 4, 4, 2], ["tanh", "sigmoid", "softplus"], **more)
    )
    arrays = by_array(keys_of(numbers))
    few = [key for keys in arrays.values() for key in examples(keys)]
    batch, whole = Batch.of(numbers, "C", few), slipped(numbers, keys_of(numbers), thin=False)
    by_family = {
        (slip.family, slip.made.layer): slip
        for slip in slips_of(batch.sweep, batch.keys, (EVERYWHERE, LAYER))
    }
    told = 0
    for slip in by_family.values():
        single = whole.under(slip.made)
        found = batch.under(slip.made)
        for name, keys in arrays.items():
            found |= {
                adjoint("C", key): v
                for key, v in batch.whole(slip.made, "C", keys, examples(arrays[name])).items()
            }
        for key, value in found.items():
            right = enclosure(single.get(key, whole.values[key]))
            assert abs(enclosure(value).mid - right.mid) <= abs(right.mid) / 10**9 + right.radius, (
                slip.name,
                key,
            )
        told += len(found)
    assert told > 1_000
