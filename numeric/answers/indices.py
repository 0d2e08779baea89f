r"""An answer that is right but for indices: exchanged, or another number throughout.

    \sum_j w^2_{2j} \delta^2_j      w^2_{j2} belongs there
    w2_11 d_1 + w2_21 d_2           w2_12 and w2_22 belong there
    (…)(1 - a1_1^2)                 a1_2 belongs there

The letters may stand within sums and powers, where no place says what is wanted: the whole
answer with the others in it is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from derive.answers import exchanged
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Letter, Node, walk
from derive.problem import Network
from numeric.answers.edits import Edited
from numeric.answers.quantities import look_up
from numeric.answers.reasons import Reason

MOST_EDITS = 60

Exchange = Mapping[Letter, Letter]
"""Letters, each with the one that may belong in its place."""


def indices(answer: Edited) -> Iterator[Reason]:
    """What is said of the exchanges of indices that make the answer right."""
    body = answer.problem.body
    if not answer.places or not isinstance(body, Network):
        return
    letters = [part for part in dict.fromkeys(walk(answer.node)) if isinstance(part, Letter) and part.index]
    made = islice(_exchanges(answer.node, letters, range(1, max(body.sizes) + 1)), MOST_EDITS)
    known = set[Letter]()
    for pairs, node in made:
        if _exists(answer, node, known) and answer.fits(answer.places[0], node):
            yield _said(answer, pairs)


def _exchanges(node: Node, letters: Sequence[Letter], entries: range) -> Iterator[tuple[Exchange, Node]]:
    """One letter or several of an array throughout; then one letter, in one power or difference alone."""
    single = [{letter: other} for letter in letters for other in _others(letter, entries)]
    for pairs in (*single, *_together(letters, entries)):
        yield pairs, exchanged(node, pairs.items())
    for part in dict.fromkeys(walk(node)):
        if isinstance(part, Apply) and part.operation in ("power", "subtract"):
            for pairs in single:
                changed = exchanged(part, pairs.items())
                if changed != part:
                    yield pairs, exchanged(node, [(part, changed)])


def _others(letter: Letter, entries: range) -> Iterator[Letter]:
    """The letter with its indices exchanged, and with another number in one place."""
    if letter.index[::-1] != letter.index:
        yield replace(letter, index=letter.index[::-1])
    for place, own in enumerate(letter.index):
        if isinstance(own, int):
            yield from (_at(letter, place, entry) for entry in entries if entry != own)


def _together(letters: Sequence[Letter], entries: range) -> Iterator[Exchange]:
    """Letters of one array that have a number in common, with another instead; and all of it turned."""
    for name in dict.fromkeys((letter.letter, letter.layer) for letter in letters):
        alike = [letter for letter in letters if (letter.letter, letter.layer) == name]
        turned = {letter: replace(letter, index=letter.index[::-1]) for letter in alike}
        if any(own != other for own, other in turned.items()):
            yield turned
        for place, own in dict.fromkeys(pair for letter in alike for pair in enumerate(letter.index)):
            same = [letter for letter in alike if letter.index[place : place + 1] == (own,)]
            if len(same) > 1 and isinstance(own, int):
                for entry in entries:
                    yield {letter: _at(letter, place, entry) for letter in same}


def _at(letter: Letter, place: int, entry: int) -> Letter:
    return replace(letter, index=(*letter.index[:place], entry, *letter.index[place + 1 :]))


def _exists(answer: Edited, node: Node, known: set[Letter]) -> bool:
    try:
        look_up(answer.problem, (node,), known)
    except AnswerError:
        return False
    return True


def _said(answer: Edited, pairs: Exchange) -> Reason:
    stands, belongs = ", ".join(map(answer.quoted, pairs)), ", ".join(map(answer.said, pairs.values()))
    is_one = len(pairs) == 1
    turned = all(own.index == other.index[::-1] != other.index for own, other in pairs.items())
    why = " the indices are exchanged" if turned else " it is the index that differs"
    verbs = ("stands", "belongs") if is_one else ("stand", "belong")
    look = f"look at the {'order of the indices' if turned else 'index'}"
    hint = f"{stands} {'is' if is_one else 'are'} not what belongs there: {look}."
    return Reason("wrong index", f"{stands} {verbs[0]} where {belongs} {verbs[1]}:{why}.", hint)
