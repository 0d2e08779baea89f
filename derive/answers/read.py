"""One answer, read: what it says in each way in which it can be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, pairwise
from typing import NamedTuple

from derive.answers import arithmetic
from derive.answers.definitions import by_lines, may_define, parted, without_name
from derive.answers.einsum import written_out
from derive.answers.instances import instantiate, open_letters
from derive.answers.letters import WHOLE_PRODUCT
from derive.answers.lexemes import Lexeme, lexemes_of
from derive.answers.partials import own_slopes, said_of
from derive.answers.points import at_points
from derive.answers.prose import without_prose
from derive.answers.samples import exchanged, gathers, over_samples, turns
from derive.answers.shaped import Shaped, described, wanted_shape
from derive.answers.shapes import Shaper
from derive.answers.spoken import spoken
from derive.answers.tagging import Tagger
from derive.answers.turning import as_place, in_vain
from derive.answers.vocabulary import Vocabulary
from derive.answers.walk import SECOND, TURNED
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Letter, Node, Number, Slope, Sum, walk
from derive.formula.parse import parse_links
from derive.problem import Network, Problem
from derive.shapes import Shape
from derive.writing.from_answers import tree_of_links
from derive.writing.latex import latex
from derive.writing.plain import pasted
from derive.writing.tree import Tree

FORMS = frozenset({"expression", "number", "matrix", "equation", "code"})


@dataclass(frozen=True)
class Understood:
    """One way in which an answer can be meant.

    links    the formulas of A = B = C, in order; the first may be what the question asks for
    shapes   of each link: () of a number, (n, 1) of a column, (m, n); None where it has none
    mistake  where shapes do not fit: what is said of it
    notes    what was read otherwise than it is written
    unsettled  the links before their products were settled
    given    what it says besides, of the problem's quantities: where δ = (a − y) a (1 − a)
    turned   whether a prime that can mark a value after an update is read as a transpose
    """

    problem: Problem = field(repr=False, compare=False)
    links: tuple[Node, ...]
    shapes: tuple[Shape | None, ...]
    mistake: AnswerError | None
    notes: tuple[str, ...]
    unsettled: tuple[Node, ...] = field(default=(), repr=False, compare=False)
    given: tuple[Understood, ...] = field(default=(), repr=False, compare=False)
    turned: bool = False

    @property
    def node(self) -> Node:
        """The last link: the answer itself, where what is asked for stands in front."""
        return self.links[-1]

    @property
    def shape(self) -> Shape | None:
        return self.shapes[-1]

    @cached_property
    def tree(self) -> Tree:
        """What was understood, in the problem's own letters."""
        return tree_of_links(self.problem, self.links)

    @cached_property
    def latex(self) -> str:
        """The same for a page."""
        return latex(self.tree)

    @cached_property
    def plain(self) -> str:
        """The same as a line of Unicode."""
        return pasted(self.tree)


@dataclass(frozen=True)
class Reading:
    """An answer as it was understood.

    readings  each way in which it can be meant, the most usual one first
    letters   running letters that are left open, as in a claim about any layer: l, L, j
    asked     the shape of what is asked for; None where it has none
    """

    text: str
    readings: tuple[Understood, ...]
    letters: frozenset[str]
    asked: Shape | None = None

    @property
    def latex(self) -> str:
        """The echo of the first reading."""
        return self.readings[0].latex

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of any reading, each once."""
        return tuple(dict.fromkeys(note for one in self.readings for note in one.notes))

    @property
    def turns(self) -> Iterator[Understood]:
        """Ways in which the text can be meant that count only where they are right.

        Sums that may run over samples do so, vectors that do not fit neither lie nor stand, and in a
        graph a derivative is that of a step alone.
        """
        of_networks = [one for one in self.readings if isinstance(one.problem.body, Network)]
        for one in of_networks:
            *before, last = one.unsettled
            ways = [(one.unsettled, True)] if one.mistake is not None or gathers(last) else []
            ways += [((*before, turned), False) for turned in turns(one.problem, last)]
            for links, loose in ways:
                turned = _compared(_shaped(one.problem, links, loose=loose), self.asked)
                if turned.mistake is None and turned.links != one.links:
                    yield replace(turned, given=one.given)
        yield from self.own_slopes

    @property
    def own_slopes(self) -> Iterator[Understood]:
        """The ways in which derivatives are those of a graph's steps alone."""
        for one in self.readings:
            yield from (self._with_own(one, slopes) for slopes in own_slopes(one.links, one.problem))

    def _with_own(self, one: Understood, slopes: tuple[Slope, ...]) -> Understood:
        """The reading with these derivatives as those of their steps alone; no shape changes."""
        links = one.links
        for slope in slopes:
            links = tuple(exchanged(link, [(slope, replace(slope, own=True))]) for link in links)
        return replace(one, links=links, notes=(*one.notes, *said_of(one.problem, slopes)))


def read_answer(problem: Problem, text: str, *, ask: str | None = None, form: str = "expression") -> Reading:
    """What one text says about a problem; of many, a `Reader` learns the words once."""
    return Reader(problem).read(text, ask=ask, form=form)


@dataclass(eq=False)
class Reader:
    """Reads answers about one problem; what it learns of words and questions serves all of them."""

    problem: Problem
    _asked: dict[str, Understood] = field(default_factory=dict)

    @cached_property
    def words(self) -> Vocabulary:
        return Vocabulary(self.problem)

    @cached_property
    def _by_sample(self) -> Vocabulary:
        return Vocabulary(self.problem, by_sample=True)

    def read(self, text: str, *, ask: str | None = None, form: str = "expression") -> Reading:
        """What a text says.

        ask    what the question asks for, as in its file; a prime in it lets the answer have primes
        form   expression, number, matrix, equation or code; only an equation may leave layers open

        Raises AnswerError, with the column, for a text that cannot be read.
        """
        if form not in FORMS:
            raise ValueError(f"'{form}' is no form of an answer; there are {', '.join(sorted(FORMS))}")
        text_of_lines = by_lines(text) if "\n" in text else text
        defines = "=" in text and may_define(text_of_lines)
        text_of_lines = without_prose(text_of_lines, self.words.reads, defines=defines)
        lexemes = at_points(written_out(lexemes_of(text_of_lines)))
        if not lexemes:
            raise AnswerError("the answer is empty", 1)
        what = None if ask is None or form == "equation" else self._what(ask)
        asked = None if what is None else what.shape
        claims: tuple[tuple[Lexeme, ...], ...] = ()
        if defines:
            split = parted(lexemes, lambda name: self._tagger(name).is_known())
            lexemes, claims = split.main, split.claims
        by = self._by_what(what) if what is not None and "=" in text else ()
        if by:
            lexemes = without_name(lexemes, self.words, lambda name: (self._tagger(name).quantity(),) == by)
        primed, is_open = "'" in (ask or ""), form == "equation"
        try:
            readings = self._readings(_Text(lexemes, len(text) + 1, asked, primed, is_open, ask or ""))
            given = tuple(
                self._definition(_Text(claim, len(text) + 1, None, primed, is_open)) for claim in claims
            )
        except AnswerError as error:
            raise AnswerError(str(error), error.column or _column_of(str(error), lexemes)) from None
        if what is not None and primed:
            readings = [_assigned(one, what.node) for one in readings]
        readings = [replace(one, given=given) for one in readings] if given else readings
        letters: frozenset[str] = frozenset()
        if form == "equation":  # others leave none open
            letters = letters.union(*(open_letters(link) for one in readings for link in one.links))
        return Reading(text, tuple(readings), letters, asked)

    def _definition(self, text: _Text) -> Understood:
        """A definition of what the problem has. Raises AnswerError where it can be meant in two ways."""
        one, *others = self._readings(text)
        if others:
            raise AnswerError(
                f"It can be read as {one.plain} or {others[0].plain}; write brackets", text.lexemes[0].column
            )
        return one

    def _readings(self, text: _Text) -> list[Understood]:
        """With (3) above an activation as a layer; where no layer can be meant as a sample of the output."""
        found, refused = _tried(self.words, text)
        reader = self.words.reader
        may_be_sample = reader is not None and reader.deep and reader.has_samples
        if may_be_sample and (refused or any(_is_torn(link) for one in found for link in one.links)):
            by_sample, _ = _tried(self._by_sample, text)
            found = by_sample or found
        if not found:
            raise refused or AssertionError("neither read nor refused")
        return found

    def _tagger(self, lexemes: Sequence[Lexeme]) -> Tagger:
        return Tagger(self.words, lexemes, frozenset(), primed=True)

    def _what(self, ask: str) -> Understood:
        """What is asked for."""
        if ask not in self._asked:
            links = parse_links(self._tagger(lexemes_of(ask)).tagged(), len(ask) + 1)
            self._asked[ask] = _understood(self.problem, links, is_open=True)
        return self._asked[ask]

    def _by_what(self, what: Understood) -> tuple[Letter, ...]:
        """By what the cost is differentiated, where a slope of it is asked for."""
        slope = what.node
        return slope.by if isinstance(slope, Slope) and str(slope.of) in self.words.costs else ()


def _compared(one: Understood, asked: Shape | None, ask: str = "") -> Understood:
    """The reading, with a mistake where its shape is not the one that is asked for, lying or standing."""
    shape = one.shape
    if shape == asked or asked is None or shape is None or one.mistake or same_shape(shape, asked):
        return one
    found = described(one.problem, Shaped(one.node, shape))
    if all(size == 1 for size in asked):
        entries = _entries(one.node, shape)
        hint = f"; its entries are {entries}" if entries else ""
        layer, body = ask.removesuffix("1"), one.problem.body
        is_unit = isinstance(body, Network) and body.depth == 1 and ask not in one.problem.own_names
        if is_unit and layer != ask and layer.isalpha():  # z1 is its first unit
            hint = f"; {ask} is that of unit 1 here, and {layer} that of the layer"
        return replace(one, mistake=AnswerError(f"{found}, and one number is asked for{hint}"))
    return replace(one, mistake=AnswerError(f"{found}; what is asked for {wanted_shape(asked)}"))


def _assigned(one: Understood, asked: Node) -> Understood:
    """The reading with w' for the w on the left of w := w - η ∂C/∂w, where w' is asked for."""
    first = one.links[0]
    if len(one.links) == 1 or not isinstance(asked, Letter) or replace(asked, primes=0) != first:
        return one
    note = f"{spoken(one.problem, first)} on the left is read as its value after the update"
    return replace(
        one,
        links=(asked, *one.links[1:]),
        unsettled=(asked, *one.unsettled[1:]),
        notes=(*one.notes, note),
    )


def reshaped(one: Understood, change: Callable[[Node], Node]) -> Understood:
    """The same reading with other formulas, whose products are settled anew."""
    return _shaped(one.problem, tuple(map(change, one.unsettled)))


def same_shape(u: Shape, v: Shape) -> bool:
    """Whether shapes agree: a vector may lie or stand, and what has one entry is a number."""
    return u == v or [size for size in u if size > 1] == [size for size in v if size > 1]


def about_sides(one: Understood) -> str:
    """The first two sides of an equality that are of unlike shapes, in words; empty where there are none."""
    for left, right in pairwise(zip(one.links, one.shapes, strict=True)):
        if left[1] is not None and right[1] is not None and not same_shape(left[1], right[1]):
            sides = (Shaped(left[0], left[1]), Shaped(right[0], right[1]))
            return ", and ".join(described(one.problem, side) for side in sides)
    return ""


def _entries(node: Node, shape: Shape) -> str:
    """`a1_1, a1_2` of the vector a1."""
    if not isinstance(node, Letter) or not isinstance(node.layer, int) or node.letter == "W":
        return ""
    first, second, *_ = (f"{node.letter}{node.layer or ''}_{place}" for place in range(1, max(shape) + 1))
    return f"{first}, {second}{', …' * (max(shape) > 2)}"


def _column_of(message: str, lexemes: tuple[Lexeme, ...]) -> int:
    """Where the word that a message quotes stands; 0 where it does not."""
    word = message.split("'")[1] if message.count("'") > 1 else ""
    return next((lexeme.column for lexeme in lexemes if lexeme.value == word), 0)


class _Text(NamedTuple):
    """What is read, and what is known of the question.

    end      the column behind the text
    asked    the shape of what is asked for; None where it has none
    primed   whether a prime may mark a value after an update
    is_open  whether running letters may be left open
    ask      what is asked for, as its file has it
    """

    lexemes: tuple[Lexeme, ...]
    end: int
    asked: Shape | None
    primed: bool
    is_open: bool
    ask: str = ""


def _readings(words: Vocabulary, text: _Text) -> list[Understood]:
    """Each way of reading that is a formula; of those whose shapes fit all, else the first."""
    seen: list[tuple[Node, ...]] = []
    found: list[Understood] = []
    refused: list[AnswerError] = []
    second: list[Understood] = []
    choices: list[frozenset[str]] = [frozenset()]
    for chosen in choices:
        tagger = Tagger(words, text.lexemes, chosen, primed=text.primed)
        try:
            links = parse_links(tagger.tagged(), text.end)
            is_whole = WHOLE_PRODUCT not in tagger.met  # of an equation d/dx takes the whole product
            if links not in seen and (is_whole or not text.is_open):
                seen.append(links)
                notes, stretches = tuple(tagger.notes), bool(tagger.turned) or tagger.sliced
                one = _understood(
                    words.problem, links, is_open=text.is_open, notes=notes, stretches=stretches
                )
                one = replace(_compared(one, text.asked, text.ask), turned=TURNED in chosen)
                is_second = TURNED in chosen and one.mistake
                if tagger.turned and (is_second or in_vain(words.problem, links, tagger.turned)):
                    raise next(iter(tagger.turned.values()))
                place = as_place(words.problem, links, tagger.placed) if tagger.placed else None
                if place is not None:
                    raise place
                found.append(one)
                second += [one] if chosen & SECOND else []
        except AnswerError as error:
            refused.append(error)
        if not chosen:
            choices += _subsets(tagger.met)
    if not found:
        raise refused[0]
    fitting = [one for one in found if one.mistake is None]
    usual = [one for one in fitting if one not in second]
    return _distinct(usual or fitting or found[:1])


def _tried(words: Vocabulary, text: _Text) -> tuple[list[Understood], AnswerError | None]:
    """The readings with one vocabulary, or why there are none."""
    try:
        return _readings(words, text), None
    except AnswerError as error:
        return [], error


def _is_torn(node: Node) -> bool:
    """Whether a letter of a Σ is a layer in one place and a sample in another."""
    for total in (part for part in walk(node) if isinstance(part, Sum)):
        leaves = [leaf for leaf in walk(total) if isinstance(leaf, Letter)]
        if {total.letter} <= {leaf.layer for leaf in leaves} & {leaf.sample for leaf in leaves}:
            return True
    return False


def _subsets(met: set[str]) -> Iterator[frozenset[str]]:
    for count in range(1, len(met) + 1):
        yield from map(frozenset, combinations(sorted(met), count))


def _distinct(readings: list[Understood]) -> list[Understood]:
    """Each reading once; products that are grouped otherwise are the same."""
    if len(readings) == 1:
        return readings
    unlike = dict[str, Understood]()
    for one in readings:
        unlike.setdefault(one.latex, one)
    return list(unlike.values())


def _understood(
    problem: Problem,
    links: tuple[Node, ...],
    *,
    is_open: bool,
    notes: tuple[str, ...] = (),
    stretches: bool = False,
) -> Understood:
    numbers = arithmetic.settled(problem, links)
    if numbers is not None:
        return Understood(problem, numbers, ((),) * len(links), None, notes, links)
    if not is_open:
        links = _closed(problem, links)
    links = tuple(over_samples(problem, link) for link in links)
    return _shaped(problem, links, general=is_open, notes=notes, stretches=stretches)


def _shaped(
    problem: Problem,
    links: tuple[Node, ...],
    *,
    loose: bool = False,
    general: bool = False,
    notes: tuple[str, ...] = (),
    stretches: bool = False,
) -> Understood:
    shaper = Shaper(problem, loose=loose, general=general, stretches=stretches)
    settled: list[Node] = []
    shapes: list[Shape | None] = []
    mistake: AnswerError | None = None
    for link in links:
        try:
            shaped = shaper.shaped(link)
        except AnswerError as error:
            mistake = mistake or error
            settled.append(link)
            shapes.append(None)
        else:
            settled.append(shaped.node)
            shapes.append(shaped.shape)
    said = (*notes, *shaper.notes, *_about_numbers(settled))
    return Understood(problem, tuple(settled), tuple(shapes), mistake, said, links)


def _closed(problem: Problem, links: tuple[Node, ...]) -> tuple[Node, ...]:
    """The links with L as the last layer. Raises AnswerError where another letter is left open."""
    body = problem.body
    left = sorted(frozenset[str]().union(*map(open_letters, links)))
    if "L" in left and isinstance(body, Network):
        links = tuple(instantiate(link, {"L": body.depth}) for link in links)
        left.remove("L")
    if left:
        raise AnswerError(
            f"'{left[0]}' is left open here; a running letter belongs to a sum or a general claim"
        )
    return links


def _about_numbers(links: list[Node]) -> Iterator[str]:
    """What 2e^{-3} is: 2 exp(−3), and not 0.002."""
    for part in (part for link in links for part in walk(link)):
        if not (isinstance(part, Apply) and part.operation == "multiply" and len(part.args) == 2):
            continue
        number, power = part.args
        if isinstance(number, Number) and isinstance(power, Apply) and power.operation == "exp":
            (exponent,) = power.args
            digits = (
                exponent.args[0]
                if isinstance(exponent, Apply) and exponent.operation == "negate"
                else exponent
            )
            if isinstance(digits, Number):
                sign = "-" if digits is not exponent else ""
                yield (
                    f"{number.text}e^{{{sign}{digits.text}}} is {number.text} times exp({sign}{digits.text});"
                    f" a power of ten is written {number.text}e{sign}{digits.text}"
                )
