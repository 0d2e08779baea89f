"""What a reader calls a sample, a test input, a class, and a moment of training."""

from __future__ import annotations

from derive.problem import Network, Problem
from numeric.training.predictions import Predictions

NO_CLASS = "undecided"


def sample_name(problem: Problem, suffix: str) -> str:
    """Of `@3` its number, 3, or the author's label with it, Alice (3); of `@t1` test 1."""
    if suffix in problem.tested:
        return f"test {suffix.removeprefix('@t')}"
    number = int(suffix.removeprefix("@") or 1)
    if not problem.labels:
        return str(number)
    label = problem.labels[number - 1]
    return label if len(problem.x) == 1 else f"{label} ({number})"


def array_of(problem: Problem, key: str) -> str:
    """What a parameter or an entry belongs to: a layer's weights or biases, a graph's matrix."""
    parameter = problem.parameter.get(key)
    return (parameter.places[0] if parameter else key).partition("[")[0]


def whole_array(problem: Problem, array: str) -> str:
    """The array's own name: W2 of w2, a graph's X of X."""
    return array.capitalize() if isinstance(problem.body, Network) and array.startswith("w") else array


def class_name(predictions: Predictions, choice: int | None) -> str:
    """The name of a class that was chosen."""
    return NO_CLASS if choice is None else predictions.classes[choice]


def moment(after: int) -> str:
    """after 1 update, after 10,000 updates; nothing before the first."""
    return f"after {after:,} update{'' if after == 1 else 's'}" if after else ""


def accuracy(predictions: Predictions) -> str:
    """16 of 20 samples right (80%), 3 wrong, 1 undecided"""
    total = len(predictions.judged)
    counts = (("wrong", predictions.wrong), ("undecided", predictions.undecided))
    against = "".join(f", {count:,} {word}" for word, count in counts if count)
    share = f"{100 * predictions.right / total:.3g}%"
    return f"{predictions.right:,} of {total:,} sample{'' if total == 1 else 's'} right ({share}){against}"


def missed(problem: Problem, predictions: Predictions) -> tuple[str, ...]:
    """The samples whose class is not the one that is predicted, by name."""
    return tuple(
        sample_name(problem, sample.suffix) for sample in predictions.judged if sample.choice != sample.target
    )
