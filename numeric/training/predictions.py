"""What a network predicts: its outputs, proven, and the class that they choose.

    of K outputs     the class whose a[L][j] is the largest
    of one output    class 1 where a[L][1] > 1/2, class 0 where it is less

A choice is made where the enclosures prove it. Outputs that tie, or an
enclosure that holds 1/2, leave it undecided: it is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from derive.problem import Network, Problem, Value
from derive.steps import activation_keys
from numeric.balls.enclosure import Enclosure
from numeric.balls.operations import Ball
from numeric.balls.samples import OneSample
from numeric.balls.training import Course, DivergenceError, follow

HALF = Fraction(1, 2)
PROBABILITIES = sp.Interval(0, 1)


@dataclass(frozen=True)
class Prediction:
    """The outputs for one sample, `@3`, or for one test input, `@t1`.

    outputs  a[L], each proven                                  (n[L],)
    choice   the class that they choose, from 0; None where undecided, or no classes
    target   the class that the sample has; None likewise, and for test inputs
    """

    suffix: str
    outputs: tuple[Enclosure, ...]
    choice: int | None = None
    target: int | None = None


@dataclass(frozen=True)
class Predictions:
    """Everything that is predicted after so many updates.

    samples  of a network for classes the samples too
    classes  their names; none where the outputs are no classes
    why      where there are no predictions: the training that cannot be followed
    """

    after: int
    samples: tuple[Prediction, ...] = ()
    tests: tuple[Prediction, ...] = ()
    classes: tuple[str, ...] = ()
    why: str = ""

    @property
    def judged(self) -> tuple[Prediction, ...]:
        """The samples that have a class."""
        return tuple(sample for sample in self.samples if sample.target is not None)

    @property
    def right(self) -> int:
        return sum(sample.choice == sample.target for sample in self.judged)

    @property
    def undecided(self) -> int:
        return sum(sample.choice is None for sample in self.judged)

    @property
    def wrong(self) -> int:
        return len(self.judged) - self.right - self.undecided


def predict(problem: Problem, course: Course | None = None) -> tuple[Predictions, ...]:
    """What a network predicts as it is given and, where it is trained, after its last update.

    Nothing where there are neither test inputs nor classes, or where a number is free.

    course  the training at `moments_of_predictions`, where it has been run already
    """
    network = problem.body
    moments = moments_of_predictions(problem)
    if not isinstance(network, Network) or not moments:
        return ()
    course = course or follow(problem, moments)
    return tuple(_after(problem, network, n, course) for n in sorted(moments))


def moments_of_predictions(problem: Problem) -> frozenset[int]:
    """The updates after which it is said what a network predicts."""
    network = problem.body
    if not isinstance(network, Network) or problem.is_free:
        return frozenset()
    if not problem.tests and not class_names(problem, network):
        return frozenset()
    training = problem.training
    if training is None or all(parameter.frozen for parameter in problem.parameters):
        return frozenset({0})
    return frozenset({0, training.steps})


def _after(problem: Problem, network: Network, moment: int, course: Course) -> Predictions:
    try:
        given = course.at(moment).values
    except DivergenceError as error:
        return Predictions(moment, why=str(error))
    return _predicted(problem, network, class_names(problem, network), moment, given)


def class_names(problem: Problem, network: Network) -> tuple[str, ...]:
    """The names of the outputs' classes, of a single output those of 0 and 1; none where they are no classes.

    Outputs are classes where the file names these, where a layer such as softmax makes one
    distribution of them, and where a single one lies between targets that are all 0 or 1.
    """
    if problem.classes:
        return problem.classes
    last = network.layer(network.depth)
    if last.size > 1:
        coupled = last.activation.couples
        names = tuple(name or str(j) for j, name in enumerate(last.units, 1)) if coupled else ()
    else:
        names = ("0", "1") if problem.y and all(row[0] in (0, 1) for row in problem.y) else ()
    # what the outputs reach is asked last: sets take SymPy a millisecond
    reach = last.activation.range if names else None
    return names if reach is not None and reach.is_subset(PROBABILITIES) else ()


def _predicted(
    problem: Problem, network: Network, classes: tuple[str, ...], after: int, given: Mapping[str, Ball]
) -> Predictions:
    samples = problem.samples if classes else ()
    keys = activation_keys(network, network.depth, "")
    one = OneSample.of(problem, keys)
    targets = {suffix: _class_of(row) for suffix, row in zip(problem.samples, problem.y, strict=False)}

    def made(suffix: str) -> Prediction:
        found = one.at(suffix, given)
        outputs = tuple(map(found.__getitem__, keys))
        return Prediction(suffix, outputs, chosen(outputs) if classes else None, targets.get(suffix))

    return Predictions(after, tuple(map(made, samples)), tuple(map(made, problem.tested)), classes)


def chosen(outputs: Sequence[Enclosure]) -> int | None:
    """The class that the outputs prove; None where they leave it undecided."""
    bounds = [(value.lo, value.hi) for value in outputs if value.lo is not None and value.hi is not None]
    if len(bounds) < len(outputs):
        return None
    if len(bounds) == 1:
        ((lo, hi),) = bounds
        return 1 if lo > HALF else 0 if hi < HALF else None
    best = max(range(len(bounds)), key=lambda j: bounds[j][0])
    beaten = all(hi < bounds[best][0] for j, (_, hi) in enumerate(bounds) if j != best)
    return best if beaten else None


def _class_of(targets: Sequence[Value]) -> int | None:
    """The class of a sample's targets, which are exact."""
    return chosen([Enclosure(target, target) for target in targets])
