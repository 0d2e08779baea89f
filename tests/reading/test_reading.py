"""Every row of the table is read as it says, and echoed so that it reads back as itself."""

from __future__ import annotations

import re

import pytest

from derive import load_problem
from derive.answers import Reader, Reading, Shaper, arithmetic, instantiate, range_of, read_answer
from derive.answers.shaped import Shaped
from derive.errors import AnswerError
from derive.formula.nodes import Apply, Letter, Slope, Sum, walk
from derive.problem import Network
from derive.quantities import read
from tests.reading.__main__ import lines
from tests.reading.claims import CLAIMS
from tests.reading.problems import WHERE, problem, read_as, spelled
from tests.reading.row import Row
from tests.reading.table import ROWS

READ = [row for row in ROWS if not row.refused]


def reading(row: Row) -> Reading:
    return read_answer(problem(row.where), row.text, ask=row.ask, form=row.form)


def name(row: Row) -> str:
    return f"{row.where}: {row.text}"


@pytest.mark.parametrize("row", READ, ids=name)
def test_a_text_is_read_as_its_row_says(row):
    """A text that is read as something else is judged for something that nobody wrote."""
    found = reading(row)
    assert read_as(found) == row.read
    assert next((str(one.mistake) for one in found.readings if one.mistake), "") == row.mistake
    assert (found.notes or ("",))[0] == row.note


@pytest.mark.parametrize("row", [row for row in ROWS if row.refused], ids=name)
def test_a_refusal_says_where_and_what_would_be_read(row):
    """A learner mends what a message points at."""
    with pytest.raises(AnswerError) as caught:
        reading(row)
    assert (str(caught.value), caught.value.column) == (row.refused, row.column)


def test_a_reader_reads_a_text_as_if_it_were_its_first():
    """What it remembers of words is what they mean, and not what stood beside them."""
    readers = {where: Reader(problem(where)) for where in WHERE}
    for row in (*READ, *READ[::-1]):
        again = readers[row.where].read(row.text, ask=row.ask, form=row.form)
        assert read_as(again) == row.read
        assert (again.notes or ("",))[0] == row.note


def test_a_letter_is_written_as_its_own_text_has_it():
    """What a reader remembers of a word is its meaning; messages point at how it was spelled."""
    reader = Reader(problem("N"))
    texts = ("yhat - 1", "ŷ - 1", "yhat + ŷ")
    read = [
        [one.written for one in walk(reader.read(text).readings[0].node) if isinstance(one, Letter)]
        for text in texts
    ]
    assert read == [["yhat"], ["ŷ"], ["yhat", "ŷ"]]


def test_arithmetic_of_numbers_is_settled_as_shapes_settle_it():
    """The short way and the long one lead to the same formulas."""
    met = 0
    for one in (one for row in READ for one in reading(row).readings):
        links = arithmetic.settled(one.problem, one.unsettled)
        shaper = Shaper(one.problem)
        if links is not None:
            assert [shaper.shaped(link) for link in one.unsettled] == [Shaped(link, ()) for link in links]
            met += 1
    assert met > 200


NO_ECHO = re.compile(
    r"[0-9]e-|axis|sigma_?[12]|np.multiply|'.*=|\*.*delta|\*a2|ones\(\(|\) @|\)\\mathbf 1|1\^T\("
    r"|dims?=|(?:sum|mean)\([^_]*[0-2]\)",
    re.IGNORECASE,
)
"""Powers of ten, axes and sums along them, the layer of a shared sigma, brackets within ⊙, updates: the echo says the same otherwise."""


def test_the_echo_reads_back_as_what_was_understood():
    """What a learner is shown is what is judged."""
    unlike = []
    for row in READ:
        if row.mistake or NO_ECHO.search(row.text):
            continue
        for one, said in zip(reading(row).readings, row.read.split(" | "), strict=True):
            again = read_as(read_answer(problem(row.where), one.latex, ask=row.ask, form=row.form))
            if said not in again.split(" | "):
                unlike.append((row.text, one.latex, again))
    assert unlike == []


def test_every_number_that_is_read_has_a_canonical_name():
    """A decider looks quantities up by their keys, and needs no text."""
    known = 0
    for row in READ:
        stated = problem(row.where)
        if not isinstance(stated.body, Network) or row.form == "equation" or len(stated.x) > 1:
            continue
        for one in reading(row).readings:
            parts = [part for link in one.links for part in walk(link)]
            letters = [part for part in parts if isinstance(part, Letter)]
            letters += [letter for part in parts if isinstance(part, Slope) for letter in part.by]
            for letter in letters:
                if not letter.index or letter.primes or any(isinstance(place, str) for place in letter.index):
                    continue
                read(stated, letter.key)
                known += 1
    assert known > 300


@pytest.mark.parametrize(
    ("claim", "stated", "text"), CLAIMS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_an_equation_that_an_article_prints_is_read(claim, stated, text):
    """True or false, it has to be understood before it can be judged."""
    found = read_answer(load_problem(stated), text, form="equation")
    assert len(found.readings[0].links) >= 2 or "> 0" in text
    assert found.latex


def test_a_claim_about_any_layer_is_one_about_each():
    """What is decided at sizes drawn at random is what the claim says there."""
    deep = problem("deep")
    text = r"\delta^{%s} = ((W^{%s})^T \delta^{%s}) \odot \sigma'(z^{%s})"
    general = read_answer(deep, text % ("l", "l+1", "l+1", "l"), form="equation")
    assert general.letters == {"l"}
    for l in (1, 2):
        concrete = read_answer(deep, text % (l, l + 1, l + 1, l), form="equation")
        links = [instantiate(link, {"l": l}) for link in general.readings[0].links]
        assert list(map(spelled, links)) == list(map(spelled, concrete.readings[0].links))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (r"\sum_k w^3_{1k} a^2_k", range(1, 5)),
        (r"\sum_{k=1}^{n_2} w^3_{1k} a^2_k", range(1, 5)),
        (r"\sum_{j=0}^{2} y_j", range(3)),
        (r"\sum_j \delta^L_j", range(1, 3)),
    ],
)
def test_a_sum_runs_over_the_indices_in_which_its_letter_stands(text, numbers):
    """A lower limit of 0 stays 0: that the index does not exist is for the decider to say."""
    deep = problem("deep")
    total = read_answer(deep, text).readings[0].node
    assert isinstance(total, Sum)
    assert range_of(deep, total) == numbers


def test_products_are_settled_where_shapes_fit():
    """A decider meets a product of matrices, one entry by entry, or one of numbers, never a spelling of it."""
    spellings = {"juxtapose", "dot", "cross"}
    for row in READ:
        for one in reading(row).readings:
            found = {part.operation for link in one.links for part in walk(link) if isinstance(part, Apply)}
            assert one.mistake is not None or not found & spellings


def test_the_accepted_notation_prints_as_markdown():
    """The documentation is the table."""
    text = "\n".join(lines())
    assert text.count("\n| `") >= len(ROWS) - len(WHERE)
    assert "\x00" not in text
