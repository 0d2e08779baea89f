"""What a question may ask for: a quantity, a whole array, or a formula of quantities.

    dC/dw1[1,2]    one derivative       dC/dW1, delta2    all entries of one
    a2[1]          of any sample        w5'               after one update

Unlike a printed figure, which is one number, an answer may be a formula for
every sample and a matrix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from derive.errors import AnswerError
from derive.files.mistakes import Mistakes, path, shown
from derive.files.schema import QuestionTable
from derive.formula import parse
from derive.formula.nodes import Derivative, Name, walk
from derive.problem import Graph, Problem
from derive.quantities import Names, resolve, scope_of


@dataclass(frozen=True)
class AskedNames(Set[str]):
    """The names of a problem's quantities and of its whole arrays."""

    quantities: Names
    arrays: frozenset[str]

    def __contains__(self, name: object) -> bool:
        return name in self.quantities or name in self.arrays

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self.quantities, *sorted(self.arrays)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def check_questions(questions: Sequence[QuestionTable], mistakes: Mistakes) -> None:
    """An answer is given under one question's id, and judged by one measure."""
    first: dict[str, int] = {}
    for i, question in enumerate(questions):
        earlier = first.setdefault(question.id, i)
        if earlier != i:
            found = f"{shown(question.id)} is the id of question {earlier + 1} already"
            mistakes.add(path("questions", i, "id"), found, fix="give one of the two another id")
        if question.digits is not None and question.tolerance is not None:
            mistakes.add(path("questions", i), "both digits and tolerance", "one of the two")


def check_asked(i: int, text: str, problem: Problem, mistakes: Mistakes) -> None:
    """Question i asks for something that there is."""
    where = path("questions", i, "ask")
    scope = scope_of(problem)
    arrays = arrays_of(problem)
    scope = replace(scope, names=AskedNames(Names(problem), arrays))
    node = mistakes.reading(where, text, partial(parse, text, scope))
    if node is None:
        return
    leaves = [part for part in walk(node) if isinstance(part, Name | Derivative)]
    names = [name for leaf in leaves for name in ((leaf,) if isinstance(leaf, Name) else (leaf.of, *leaf.by))]
    if not leaves:
        mistakes.add(where, f"{shown(text)} asks for no quantity", 'a quantity such as "dC/dw1[1,1]"')
    for leaf in leaves:
        mistakes.reading(where, text, partial(_check_leaf, problem, leaf, arrays))
    latest = max((name.primes for name in names), default=0)
    if latest > 1:
        found = f"{shown(text)} asks for a value after {latest} updates"
        mistakes.add(where, found, "values before any update, or after one")
    elif problem.training is None and latest:
        found = f"{shown(text)} asks for a value after an update"
        mistakes.add(where, found, "values before any update", "add [training] with its rate")


def _check_leaf(problem: Problem, leaf: Name | Derivative, arrays: frozenset[str]) -> None:
    """Raises AnswerError for a name that means nothing here."""
    # An answer for any sample needs none to be named; its number for one does.
    of_any = problem if _sample(leaf) else replace(problem, x=problem.x[:1], y=problem.y[:1], tests=())
    try:
        resolve(of_any, leaf)
    except AnswerError:
        names = (leaf,) if isinstance(leaf, Name) else (leaf.of, *leaf.by)
        single = [name for name in names if name.index or name.base not in arrays]
        if len(single) == len(names):
            raise
        for name in single:
            resolve(of_any, name)


def _sample(leaf: Name | Derivative) -> bool:
    names = (leaf,) if isinstance(leaf, Name) else (leaf.of, *leaf.by)
    return any(name.sample for name in names)


def arrays_of(problem: Problem) -> frozenset[str]:
    """The names of whole arrays: W2, b2, z2, a2, delta2, x and y; of a batch Z2, A2, Delta2, X and Y."""
    body = problem.body
    if isinstance(body, Graph):
        return frozenset(name for name in problem.own_names if body.shape(name))
    letters = {"W", "z", "Z", "a", "A", problem.notation.weighted_input, problem.notation.activation}
    if problem.objectives:
        letters |= {"delta", "Delta"}
    names = {f"{letter}{l}" for l in range(1, body.depth + 1) for letter in letters}
    names |= {f"b{l}" for l in range(1, body.depth + 1) if body.layer(l).biases is not None}
    names |= {"x", "X", "a0", "A0"}
    return frozenset(names | ({"y", "Y", problem.notation.target} if problem.y else set()))
