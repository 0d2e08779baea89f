"""What a question asks for: its formula, its entries by their quantities, and what only names it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from derive.answers import Understood, read_answer
from derive.answers.sizes import is_number
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Letter, Node, Slope, operands, walk
from derive.problem import Network, Problem
from derive.quantities import Quantity
from derive.steps import program_of
from derive.training.update import trained
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.explain import Asked
from numeric.answers.quantities import SAMPLED, entries_of, look_up, quantity_at
from numeric.answers.working import Working

COST = "C"
GIVEN = frozenset({"x", "X", "y", "Y", "n", "m", "K"})
"""Letters of numbers that a network's file gives."""

Entry = tuple[Quantity, bool]
"""A quantity, and whether it is that after an update."""


@dataclass(frozen=True, eq=False)
class Target:
    """What a question asks for, as the answers' own notation reads it."""

    problem: Problem
    ask: str
    read: Understood
    _shared: dict[Node, bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, problem: Problem, ask: str) -> Target:
        """Raises AnswerError for what is no quantity, array or formula of the problem."""
        read = read_answer(problem, ask, ask=ask).readings[0]
        if ask.isalpha() and not isinstance(read.node, Letter | Slope):
            raise AnswerError(f"'{ask}' is no quantity here; ask for one such as {_example(problem)}", 1)
        if read.mistake is not None:
            raise read.mistake
        look_up(problem, read.links)
        if not any(isinstance(part, Letter | Slope) for part in walk(read.node)):
            raise AnswerError(f"'{ask}' asks for no quantity; ask for one such as {_example(problem)}", 1)
        return cls(problem, ask, read)

    @property
    def node(self) -> Node:
        return self.read.node

    @cached_property
    def size(self) -> int:
        """How many numbers are asked for."""
        return len(self.entries) or int(np.prod(self.read.shape or ()))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Each entry as a file would name it."""
        node = self.node
        if isinstance(node, Letter):
            return tuple(str(entry) for entry in entries_of(self.problem, node)[1])
        if isinstance(node, Slope) and len(node.by) == 1 and self.size > 1:
            return tuple(str(Slope(node.of, (entry,))) for entry in entries_of(self.problem, node.by[0])[1])
        return (str(node),) if isinstance(node, Slope) else (self.ask,)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The quantities of what is asked for; none of a formula."""
        return tuple(_entries(self.problem, self.node))

    @cached_property
    def parts(self) -> tuple[Target, ...]:
        """Itself; of a formula the quantities that it reads."""
        if self.entries:
            return (self,)
        leaves = dict.fromkeys(part for part in walk(self.node) if isinstance(part, Letter | Slope))
        inner = {part.of for part in leaves if isinstance(part, Slope)}
        return tuple(
            Target(self.problem, str(leaf), replace(self.read, links=(leaf,), shapes=((),)))
            for leaf in leaves
            if leaf not in inner and _entries(self.problem, leaf)
        )

    def is_itself(self, link: Node) -> bool:
        """Whether a side of an equality is what is asked for."""
        return link == self.node or (
            bool(self.entries) and tuple(_entries(self.problem, link)) == self.entries
        )

    def restates(self, side: Working) -> bool:
        """Whether a side reads the very quantity that is asked for, so that it says nothing of it."""
        if not self.entries:
            return side.node == self.node
        return any(self.shares_entries(part) for part in side.read if isinstance(part, (Letter, Slope)))

    def shares_entries(self, part: Node) -> bool:
        """Whether a letter or a derivative is some of what is asked for, looked up once for all answers."""
        known = self._shared.get(part)
        if known is None:
            known = self._shared[part] = not self._own.isdisjoint(self._entries_of(part))
        return known

    def is_beside(self, link: Node) -> bool:
        """Whether a side is a step of a graph on which what is differentiated does not rest."""
        if self.derivatives is None or not isinstance(link, Letter) or isinstance(self.problem.body, Network):
            return False
        program = program_of(self.problem)
        keys = [quantity.of for quantity, _ in self._entries_of(link)]
        return program.by_key.keys() >= {*keys} and self.derivatives.of not in program.after(keys)

    def is_beside_itself(self, side: Working) -> bool:
        """Whether all that a side says is other derivatives that are left to be worked out, or other costs.

        dE/dw2 i1/i2 for dE/dw1, dE/db for delta, the sum of E_k for E: times given numbers alone. It is no
        step of the chain rule, as none goes through a parameter; but x dC/db is for dC/dw, as x delta is.
        """
        leaves = list(_outermost(side.node))
        if not isinstance(self.problem.body, Network) or not leaves:
            return False
        if isinstance(self.node, Letter) and self.node.letter == COST:
            return all(isinstance(leaf, Letter) and leaf.letter == COST for leaf in leaves)
        asked = self.derivatives
        slopes = [leaf for leaf in leaves if isinstance(leaf, Slope)]
        if asked is None or not slopes or not all(_is_given(leaf) for leaf in leaves if leaf not in slopes):
            return False
        by = {one.letter.lower() for slope in slopes for one in slope.by}
        is_by_weights = all(self._key(key)[0] == "w" for key in asked.by)
        backwards = {"w"} if is_by_weights else {"w", "b"}
        return by <= backwards and all(str(slope.of) == asked.of for slope in slopes)

    def _key(self, key: str) -> str:
        """The network's own name of what a key names."""
        parameter = self.problem.parameter.get(key)
        return key if parameter is None else parameter.key

    def count(self, link: Node) -> int:
        """How many of the entries that are asked for a letter or a derivative is."""
        return len(self._own.intersection(self._entries_of(link)))

    def unworked(self, side: Working) -> tuple[Slope, ...]:
        """The derivatives of formulas, by the one quantity by which one is asked for: d/dw (½(a − y)²)."""
        asked = self.derivatives
        if asked is None or len(asked.by) != 1:
            return ()
        return tuple(
            part
            for part in side.read
            if isinstance(part, Slope)
            and not isinstance(part.of, Letter)
            and [quantity_at(self.problem, one).of for one in part.by if self._is_one(one)] == [*asked.by]
        )

    def _is_one(self, letter: Letter) -> bool:
        """Whether a letter is one quantity: no whole array, and nothing in it left open."""
        return is_number(self.problem, letter) and _is_closed(letter)

    def stepped(self, link: Node) -> str | None:
        """The parameter whose value after a step by its own gradient, which is asked for, a formula is."""
        asked = self.derivatives
        if asked is None or not isinstance(link, Apply) or link.operation not in ("subtract", "add"):
            return None
        before, step = link.args
        keys = tuple(_parameter(self.problem, of.of) for of, after in self._entries_of(before) if not after)
        is_it = keys == asked.by and self.restates(Working(step))
        return pasted(tree_of_links(self.problem, (before,))) if is_it else None

    @cached_property
    def _own(self) -> frozenset[Entry]:
        return frozenset(self.entries)

    def _entries_of(self, part: Node) -> list[Entry]:
        return [] if isinstance(part, Slope) and part.own else _entries(self.problem, part)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The keys of the quantities of the forward pass that are asked for, where it is these."""
        known = {step.key for step in program_of(self.problem).steps}
        keys = tuple(quantity.of for quantity, after in self.entries if not after and not quantity.by)
        return keys if len(keys) == len(self.entries) and known.issuperset(keys) else ()

    @cached_property
    def derivatives(self) -> Asked | None:
        """The first derivatives of one quantity that are asked for, where it is these."""
        quantities = [quantity for quantity, after in self.entries if not after]
        if not quantities or len(quantities) < len(self.entries):
            return None
        of = quantities[0].of
        if any(len(one.by) != 1 or one.of != of for one in quantities):
            return None
        return Asked(of, tuple(one.by[0] for one in quantities))

    @cached_property
    def updated(self) -> tuple[str, ...]:
        """The parameters whose values after an update are asked for, where it is these."""
        keys = tuple(_parameter(self.problem, one.of) for one, after in self.entries if after and not one.by)
        is_all = len(keys) == len(self.entries) and set(keys) <= set(trained(self.problem))
        return keys if is_all else ()

    @property
    def is_of_any_sample(self) -> bool:
        """Whether it has another value for every sample, and does not say of which."""
        if not isinstance(self.problem.body, Network) or len(self.problem.x) < 2:
            return False
        letters = [part for part in walk(self.node) if isinstance(part, Letter)]
        letters += [one for part in walk(self.node) if isinstance(part, Slope) for one in part.by]
        return any(one.letter in SAMPLED and one.sample is None for one in letters)


def _outermost(node: Node) -> Iterator[Letter | Slope]:
    """What a formula reads, a derivative as a whole."""
    if isinstance(node, Letter | Slope):
        yield node
        return
    for part in operands(node):
        yield from _outermost(part)


def _is_given(leaf: Node) -> bool:
    """Whether a letter is a given number: an input, a target, or a count."""
    return isinstance(leaf, Letter) and leaf.letter in GIVEN


def _example(problem: Problem) -> str:
    """A quantity of a problem, that can be asked for."""
    body = problem.body
    if isinstance(body, Network):
        return f"d{problem.notation.cost}/dw1[1,1]" if problem.objectives else "a1[1]"
    return f"d{body.outputs[0]}/d{body.wrt[0]}" if body.wrt else body.defined[-1]


def _parameter(problem: Problem, key: str) -> str:
    parameter = problem.parameter.get(key)
    return key if parameter is None else parameter.key


def reads_beside(link: Node, slopes: tuple[Slope, ...]) -> bool:
    """Whether a formula reads a quantity outside of these derivatives."""
    waiting = [link]
    while waiting:
        part = waiting.pop()
        if part in slopes:
            continue
        if isinstance(part, Letter | Slope):
            return True
        waiting += operands(part)
    return False


def _entries(problem: Problem, node: Node) -> list[Entry]:
    """The quantities that a letter or a derivative is, entry by entry; none of anything else."""
    if isinstance(node, Letter) and _is_closed(node):
        return [(quantity_at(problem, one), one.primes > 0) for one in entries_of(problem, node)[1]]
    if not isinstance(node, Slope) or not isinstance(node.of, Letter):
        return []
    if not all(map(_is_closed, (node.of, *node.by))):
        return []
    after = any(letter.primes for letter in (node.of, *node.by))
    sources = [quantity_at(problem, one) for one in entries_of(problem, node.of)[1]]
    if len(node.by) > 1:
        keys = tuple(quantity_at(problem, one).of for one in node.by)
        return [(Quantity(of.of, of.by + keys), after) for of in sources]
    by = [quantity_at(problem, one).of for one in entries_of(problem, node.by[0])[1]]
    return [(Quantity(of.of, (*of.by, key)), after) for of in sources for key in by]


def _is_closed(letter: Letter) -> bool:
    places = (letter.layer, *letter.index)
    return all(isinstance(place, int) for place in places) and not (letter.sample or "").isalpha()
