r"""What was taken for another thing: an answer that is right once that is put right throughout.

    \frac1m \sum_i …          m is the size of a batch, which is 1 here, and n = 3
    np.where(z > 0, 1, 0.01)  the rule's slope is 0.1
    \sum_i (a^(i) - y^(1))    the same target in every term
    min(0.1 z, z)             max belongs there
    … + \lambda/n b           biases are not in L2

Each is put right in the answer, which is then compared as any answer is; so a number that happens to be
another one squared is called what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from derive.answers import exchanged
from derive.formula.nodes import Apply, Letter, Node, Number, Sum, walk
from derive.problem import Network, Problem
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.reasons import Reason, quoted
from numeric.answers.working import Working
from numeric.deciding.compare import InWorld, compare, same_here
from numeric.deciding.updates import batch_size
from numeric.deciding.worlds import Subject

MOST_TRIED = 24
MOST_PARTS = 250

BATCH, SAMPLES, BIAS = "m", "n", "b"
OF_L2 = frozenset({"lambda", BATCH, SAMPLES, BIAS})
"""The letters of a bias's share in L2, if it had one."""

USUAL = frozenset(map(Fraction, ("0", "1", "2", "1/2")))
"""Numbers that stand in formulas for many reasons."""

OTHER = {"max": "min", "min": "max"}


@dataclass(frozen=True)
class TakenFor:
    """One wrong answer, and what is asked for."""

    subject: Subject
    truth: InWorld
    node: Node

    def reasons(self) -> Iterator[Reason]:
        """What is said of each change that makes the answer right."""
        for other, reason in islice(self._changes(), MOST_TRIED):
            if self._is_right(Working(other)):
                yield reason

    @property
    def problem(self) -> Problem:
        return self.subject.problem

    def _is_right(self, answer: Working) -> bool:
        own = self.subject.own
        is_here = own is not None and same_here(own, self.truth, answer)
        return compare(self.subject, self.truth, answer).same is True or is_here

    def _changes(self) -> Iterator[tuple[Node, Reason]]:
        parts = tuple(islice(walk(self.node), MOST_PARTS))
        if len(parts) < MOST_PARTS:
            for change in _CHANGES:
                yield from ((other, reason) for other, reason in change(self, parts) if other != self.node)

    def counts(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, Reason]]:
        """n for m."""
        read = (part for part in parts if isinstance(part, Letter))
        letters = {part for part in read if (part.letter, part.layer) == (BATCH, 0)}
        if not isinstance(self.problem.body, Network) or batch_size(self.problem) == len(self.problem.x):
            return
        counted = f"m counts the samples of a batch, and is {batch_size(self.problem)} here"
        reason = Reason(
            "size of the batch", f"{counted}; of all samples there are n = {len(self.problem.x)}."
        )
        yield exchanged(self.node, [(letter, Letter(SAMPLES)) for letter in letters]), reason

    def numbers_of_rules(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, Reason]]:
        """The number of an activation's rule for one that is written out."""
        body = self.problem.body
        layers = body.layers if isinstance(body, Network) else ()
        own = {value for layer in layers for _, value in layer.activation.settings} - USUAL
        written = dict.fromkeys(part for part in parts if isinstance(part, Number) and part.value not in own)
        for stands in written:
            for value in sorted(own):
                decimal = f"{float(value):g}"
                belongs = Number(value, decimal if Fraction(decimal) == value else str(value))
                said = f"{stands.text} stands where the activation's own number belongs"
                reason = Reason("wrong number", f"{said}, {self._said(belongs)}.", f"{said}.")
                yield exchanged(self.node, [(stands, belongs)]), reason

    def samples(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, Reason]]:
        """The running sample of a sum for one that is the same in every term."""
        for total in (part for part in parts if isinstance(part, Sum)):
            letters = dict.fromkeys(part for part in walk(total.body) if isinstance(part, Letter))
            if not any(letter.sample == total.letter for letter in letters):
                continue
            for stands in (one for one in letters if (one.sample or "").isdecimal()):
                belongs = Letter(stands.letter, stands.layer, stands.index, total.letter, stands.primes)
                said = f"{quoted(stands, self._said(stands))} is of the same sample in every term of the sum"
                reason = Reason("wrong sample", f"{said}; {self._said(belongs)} belongs there.", f"{said}.")
                body = exchanged(total.body, [(stands, belongs)])
                summed = Sum(total.letter, body, total.lower, total.upper)
                yield exchanged(self.node, [(total, summed)]), reason

    def choices(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, Reason]]:
        """max for min, and min for max."""
        applied = (part for part in parts if isinstance(part, Apply))
        for part in dict.fromkeys(part for part in applied if part.operation in OTHER):
            other = Apply(OTHER[part.operation], part.args, column=part.column)
            said = f"In {self._said(part)}, {part.operation} stands where"
            text, hint = f"{said} {other.operation} belongs.", f"{said} another choice belongs."
            yield exchanged(self.node, [(part, other)]), Reason("wrong choice", text, hint)

    def biases(self, parts: tuple[Node, ...]) -> Iterator[tuple[Node, Reason]]:
        """The sum without a term in which a bias stands and nothing but what L2 has beside its weights."""
        body = self.problem.body
        has_l2 = isinstance(body, Network) and bool(body.l2)
        for part in parts if has_l2 else ():
            if isinstance(part, Apply) and part.operation in ("add", "subtract"):
                rest, term = part.args
                if _is_of_a_bias(term):
                    text = "L2 adds up the squares of the weights alone; there is no term of it for a bias."
                    yield exchanged(self.node, [(part, rest)]), Reason("bias in L2", text)

    def _said(self, node: Node) -> str:
        return pasted(tree_of_links(self.problem, (node,)))


def _is_of_a_bias(term: Node) -> bool:
    letters = {part.letter for part in walk(term) if isinstance(part, Letter)}
    return BIAS in letters and letters <= OF_L2


_Change = Callable[[TakenFor, tuple[Node, ...]], Iterator[tuple[Node, Reason]]]

_CHANGES: tuple[_Change, ...] = (
    TakenFor.counts,
    TakenFor.numbers_of_rules,
    TakenFor.samples,
    TakenFor.choices,
    TakenFor.biases,
)
