"""Is an equation true of one problem?

    about(Subject(problem), "dE/dw5 = delta_o1*h1")     proved, or refuted at a point

Running letters take every value for which all of it exists. Where the problem states all its
numbers, sides that differ are shown at these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, pairwise, product

import numpy as np
from flint import arb

from derive.answers import (
    Shaper,
    TooManyIndicesError,
    Understood,
    about_sides,
    instantiate,
    open_letters,
    read_answer,
)
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Letter, Node, Number, Slope, walk
from derive.problem import Network, Problem
from derive.training.update_rules import RATE
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.caveats import OnAnEdge, caveats, has_slopes, on_an_edge
from numeric.answers.counterexample import differences, small_worlds, unspecified_letters
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.judged import Echoed
from numeric.answers.kinks import ON_AN_EDGE, across, apart
from numeric.answers.number import printed_numbers, rounds_to
from numeric.answers.quantities import look_up
from numeric.answers.reasons import Reason
from numeric.deciding.compare import Comparison, Difference, InWorld, compare, is_void, same_here
from numeric.deciding.values import PRECISIONS, UnluckyError
from numeric.deciding.worlds import Subject, World

MOST_INSTANCES = 400
"""Values of running letters that one claim is tried at."""

SHOWN = 24
"""Free numbers of a counterexample: of more, only those that the equation reads are listed."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

OWN_NUMBERS = Reason("with your numbers", "It is true with the numbers of this problem, and not with others.")

ROUNDED = Reason("rounded", "It is true to the digits that are printed; exactly the two sides differ.")

ORDER = ("false", "undecided", "true")


class MisfitError(AnswerError):
    """Sides of unlike shapes, at some value of the running letters."""


@dataclass(frozen=True)
class Claimed(Echoed):
    """The verdict on an equation.

    verdict         true, false, undecided or unreadable
    proof           identity, sampled, counterexample, or None
    counterexample  numbers at which the sides differ: the quantities, and then left and right
    where           of an unreadable one the column
    meant           the equation as it was understood
    """

    equation: str
    verdict: str
    proof: str | None = None
    why: tuple[Reason, ...] = ()
    counterexample: Mapping[str, str] | None = None
    where: tuple[int, str] | None = None
    meant: Understood | None = None

    @property
    def links(self) -> tuple[Node, ...]:
        """The sides, as they were understood."""
        return () if self.meant is None else self.meant.links


def about(subject: Subject, equation: str, asked: Node | None = None) -> Claimed:
    """Whether an equation is true of one problem.

    asked  what it is to tell, which is read as it is asked for
    """
    try:
        # With the equation as what is asked for, it may hold values after an update.
        reading = read_answer(subject.problem, equation, ask=equation, form="equation")
        if any(len(one.links) < 2 for one in reading.readings):
            raise AnswerError("a claim is an equation; there is no '=' in it")
        found = [about_reading(subject, equation, one) for one in reading.readings]
        if any(one.turned for one in reading.readings):
            _check_primes(found)
    except AnswerError as error:
        return _unreadable(equation, error)
    best = min(found, key=lambda one: ORDER[::-1].index(one.verdict))
    others = reading.own_slopes if best.verdict == "false" else ()
    kept = (one for one in others if asked is None or any(asked in walk(link) for link in one.links))
    turned = (about_reading(subject, equation, one) for one in kept)
    return next((one for one in turned if one.verdict == "true"), best)


def _check_primes(found: Sequence[Claimed]) -> None:
    """Refuse what is true of values after an update, and false where the same primes are transposes."""
    kinds = {(one.verdict, one.meant is not None and one.meant.turned) for one in found}
    if kinds >= {("true", False), ("false", True)}:
        raise AnswerError(
            "a prime is a transpose or marks a value after an update, and the claim is true of one of them"
            " only; write ^T for a transpose"
        )


def _unreadable(equation: str, error: AnswerError) -> Claimed:
    where = (error.column, str(error)) if error.column else None
    return Claimed(equation, "unreadable", why=(Reason("unreadable", str(error)),), where=where)


def about_reading(subject: Subject, equation: str, one: Understood) -> Claimed:
    """The first link of the chain that is false, at the first values of running letters that show it."""
    notes = tuple(Reason("reading", note) for note in one.notes)
    read = Claimed(equation, "true", "identity", meant=one)
    misfit = about_sides(one) if one.mistake is None else str(one.mistake)
    try:
        instances = [] if misfit and one.mistake is None else list(_shaped(subject.problem, one))
    except AnswerError as error:
        if one.mistake is None or any(
            isinstance(known, TooManyIndicesError) for known in (error, one.mistake)
        ):
            raise
        instances, misfit = [], str(error) if isinstance(error, MisfitError) else misfit
    if misfit and not instances:
        reason = Reason("shape", misfit)
        return replace(read, verdict="false", proof="counterexample", why=(reason, *notes))
    proofs, undecided, said = set[str | None](), "", dict[Reason, None]()
    for letters, links in instances:
        for place, (left, right) in enumerate(pairwise(links), 1):
            found = _by_squares(subject, left, right) or compare(subject, side(left), side(right))
            if found.same and found.proof == "sampled":
                found = across(subject, left, right, len(links) - 1) or found
            void = "" if found.same is not None else _without_value(subject, left, right)
            if void:
                reasons = (Reason("no value", void), *notes)
                return replace(read, verdict="false", proof="counterexample", why=reasons)
            held = _held_here(subject, left, right) if found.same is False else None
            if found.same is False and held is None:
                assert found.where is not None
                where = _shown(subject, left, right) or found.where
                told = false_equality(one, place) if len(links) > 2 else ()
                return _false(read, where, letters, (left, right), (*told, *notes))
            if held is not None:
                said |= dict.fromkeys(held)
                proofs.add("sampled")
                continue
            edge = apart(subject.own, left, right) if found.proof == "sampled" else None
            undecided = undecided or (ON_AN_EDGE if edge else "" if found.same is not None else found.why)
            proofs.add(found.proof)
    if undecided:
        reason = Reason("undecided", undecided.capitalize() + ".")
        return replace(read, verdict="undecided", proof=None, why=(reason, *notes))
    proof = "identity" if proofs == {"identity"} else "sampled"
    left_out = _on_an_edge(subject, instances) if "sampled" in proofs and not said else None
    if left_out is not None:
        false = _false(read, left_out.where, {}, left_out.sides, notes)
        first, *others = false.why
        at = replace(first, text=f"With {left_out.at} the{first.text.removeprefix('The')}")
        return replace(false, why=(at, *others))
    if not said:
        beside = (caveats(subject, links, is_sampled=proof == "sampled") for _, links in instances)
        said |= dict.fromkeys(reason for found in islice(beside, 1) for reason in found)
    return replace(read, proof=proof, why=(*said, *notes))


def _on_an_edge(subject: Subject, instances: Sequence[tuple[object, Sequence[Node]]]) -> OnAnEdge | None:
    """Where sides without a derivative in them differ at one number alone."""
    links = next((links for _, links in instances), ())
    return None if has_slopes(links) else on_an_edge(subject, links)


def _shaped(problem: Problem, one: Understood) -> Iterator[tuple[Mapping[str, int], list[Node]]]:
    """The instances of an equation; where shapes do not fit for every layer, those of each may."""
    for letters, links in _instances(problem, one.links):
        if one.mistake is None:
            yield letters, links
        elif not letters:
            raise one.mistake
        else:
            shaped = [Shaper(problem).shaped(link) for link in links]
            made = tuple(part.node for part in shaped)
            misfit = about_sides(replace(one, links=made, shapes=tuple(part.shape for part in shaped)))
            if misfit:
                at = ", ".join(f"{letter} = {value}" for letter, value in letters.items())
                raise MisfitError(f"At {at} {misfit}")
            yield letters, list(made)


def side(node: Node) -> InWorld:
    """One side of an equation as a value in each world."""
    return lambda world: squeezed(Evaluator(world)(node))


def _by_squares(subject: Subject, left: Node, right: Node) -> Comparison | None:
    """That products of norms are equal where their squares are, which have no roots; else None."""
    squares = _square(left), _square(right)
    if squares[0] is None or squares[1] is None:
        return None
    found = compare(subject, side(squares[0]), side(squares[1]))
    return found if found.same else None


def _square(node: Node) -> Node | None:
    """The square of a norm, or of a product of norms; None of anything else, which may be negative."""
    if not isinstance(node, Apply):
        return None
    if node.operation == "norm":
        return Apply("power", (node, Number(Fraction(2), "2")))
    factors = [_square(arg) for arg in node.args] if node.operation == "multiply" else [None]
    found = tuple(factor for factor in factors if factor is not None)
    return replace(node, args=found) if len(found) == len(factors) else None


def _without_value(subject: Subject, left: Node, right: Node) -> str:
    """That a side divides by 0 whatever is free; empty where none does."""
    left_void, right_void = (is_void(subject, side(node)) for node in (left, right))
    if not (left_void or right_void):
        return ""
    what = "It divides by 0 on both sides" if left_void and right_void else ""
    what = what or f"The {'left' if left_void else 'right'} side divides by 0"
    return f"{what} whatever the numbers are, so it has no value."


def _held_here(subject: Subject, left: Node, right: Node) -> tuple[Reason, ...] | None:
    """What is said of sides that differ in general and agree at the problem's own numbers; None if not.

    A printed decimal is as good as its digits.
    """
    reads = _reads(left) or _reads(right)
    world = subject.own or (None if reads else subject.world(0))
    if world is None:
        return None
    own = (OWN_NUMBERS,) if reads else ()
    if same_here(world, side(left), side(right)):
        return own
    for one, other in ((left, right), (right, left)):
        printed = printed_numbers(one)
        if any("." in text for text in printed) and rounds_to(world, side(other), printed):
            return own or (ROUNDED,)
    return None


def _shown(subject: Subject, left: Node, right: Node) -> Difference | None:
    """The problem's own numbers where it states all, else a point of small ones; None where none shows it."""
    sides = side(left), side(right)
    own = None if subject.own is None else _apart(subject.own, *sides)
    found = (where for world in small_worlds(subject) for where in differences(world, *sides))
    return own or next(found, None)


def _apart(world: World, left: InWorld, right: InWorld) -> Difference | None:
    """The first entry in which two sides differ in a world."""
    try:
        true, other = left(world), right(world)
        for index in np.ndindex(true.shape):
            pair = true.item(index), other.item(index)
            balls = [value.near(PRECISIONS[1]) for value in pair]
            if all(ball.is_finite() for ball in balls) and not balls[0].overlaps(balls[1]):
                return Difference(world, index, *pair)
    except UnluckyError:
        return None
    return None


def _reads(node: Node) -> bool:
    return any(isinstance(part, Letter | Slope) for part in walk(node))


def _instances(problem: Problem, links: Sequence[Node]) -> Iterator[tuple[Mapping[str, int], list[Node]]]:
    """The equation at every value of its running letters for which all of it exists.

    Raises AnswerError, of the last value that was tried, where there is none.
    """
    letters = sorted(frozenset[str]().union(*map(open_letters, links)))
    if not letters:
        look_up(problem, links)
        yield {}, list(links)
        return
    network = problem.body
    most = max(network.sizes) if isinstance(network, Network) else max(1, len(letters))
    depth = network.depth if isinstance(network, Network) else 1
    ranges = {"L": (depth,), "l": range(1, depth + 1)}
    choices = product(*(ranges.get(letter, range(1, most + 1)) for letter in letters))
    found, refused = 0, AnswerError("nothing of it exists here")
    for chosen in islice(choices, MOST_INSTANCES):
        at = dict(zip(letters, chosen, strict=True))
        made = [instantiate(link, at) for link in links]
        try:
            look_up(problem, made)
        except AnswerError as error:
            refused = error
            continue
        found += 1
        yield at, made
    if not found:
        raise refused


def _false(
    read: Claimed,
    where: Difference,
    letters: Mapping[str, int],
    sides: tuple[Node, Node],
    notes: tuple[Reason, ...],
) -> Claimed:
    at = ", ".join(f"{letter} = {value}" for letter, value in letters.items())
    entry = f"entry {', '.join(str(i + 1) for i in where.index)}" if where.index else ""
    place = ", ".join(filter(None, (at, entry)))
    numbers = _numbers(where, sides)
    said = hint = f"The sides differ{f' at {place}' if place else ''}"
    if numbers is not None:
        is_own = where.world is where.world.subject.own
        of_problem = "with this problem's numbers " if is_own else ""
        said += f": {of_problem}the left is {numbers['left']}, the right {numbers['right']}"
        # One of these may be what is asked for.
        hint = f"{hint} {of_problem}".rstrip() if is_own else said
    why = (Reason("counterexample", said + ".", hint + "."), *notes)
    return replace(read, verdict="false", proof="counterexample", why=why, counterexample=numbers)


def false_equality(one: Understood, place: int) -> tuple[Reason, ...]:
    """`The second equality is false: A = B.`"""
    shown = pasted(tree_of_links(one.problem, one.links[place - 1 : place + 1]))
    which = f"The {ORDINALS[place - 1]} equality" if place <= len(ORDINALS) else f"Equality {place}"
    which = "The equality" if len(one.links) == 2 else which
    return (Reason("false equality", f"{which} is false: {shown}."),)


def _numbers(where: Difference, sides: tuple[Node, Node]) -> dict[str, str] | None:
    """Both sides in digits that tell them apart, and the numbers of what the equation reads."""
    left, right = (value.near(PRECISIONS[1]) for value in (where.left, where.right))
    if not (left.is_finite() and right.is_finite()):
        return None
    digits = next((d for d in (6, 15, 40) if _short(left, d) != _short(right, d)), 40)
    given, subject = where.world.given, where.world.subject
    named = {parameter.key: parameter.name for parameter in subject.problem.parameters}
    read = [str(part) for side in sides for part in walk(side) if isinstance(part, Letter)]
    free = [key for key in given if key in subject.free_keys or (key == RATE and RATE in read)]
    keys = free if len(free) <= SHOWN else [key for key in free if key in read][:SHOWN]
    functions = dict.fromkeys(unspecified_letters(subject.problem), "tanh")
    shown = {named.get(key, key): _short(given[key].near(PRECISIONS[0]), 6) for key in keys}
    return functions | shown | {"left": _short(left, digits), "right": _short(right, digits)}


def _short(ball: arb, digits: int) -> str:
    """A number to so many digits, without zeros behind them."""
    text: str = ball.str(digits, radius=False)
    mantissa, e, exponent = text.partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e + exponent
