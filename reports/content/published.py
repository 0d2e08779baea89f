"""The figures that a source prints, each beside the true value and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from derive.formula.nodes import Derivative, Name
from derive.notation import write, write_derivative, write_total
from derive.problem import Figure, Problem
from derive.quantities import resolve
from derive.writing.from_nodes import tree_of_node
from derive.writing.tree import Tree
from numeric.decimals import as_decimal, digit_count, rounded
from numeric.evidence import Evidence
from numeric.judging.published import Judgement
from reports.content.desk import in_line
from reports.content.page import Column, Marked, Paragraph, Prose, Section, Table, Tone, Toned
from reports.content.values import signed
from reports.content.wording import capitalised, counted
from reports.numbers import agreeing

TONES: Mapping[str, Tone] = MappingProxyType(
    {"right": "good", "rounding": "open", "wrong": "bad", "unknown": "open"}
)

FEW_WRONG = 12
"""More wrong figures than this stand in the full table only, with a sentence at the top."""


def wrong_section(evidence: Evidence) -> Section | None:
    """The wrong figures, to stand near the top; None where there are none."""
    wrong = [judgement for judgement in evidence.published if judgement.verdict == "wrong"]
    if not wrong:
        return None
    columns = (
        Column(("figure",), 0.17),
        Column(("printed",), 0.16),
        Column(("is",), 0.17),
        Column(("why",), 0.5),
    )
    shown = wrong[:FEW_WRONG]
    firsts = {judgement.slip: judgement for judgement in reversed(shown)}
    rows = tuple(
        (
            _named(evidence.problem, judgement),
            (_printed(judgement),),
            (_true(judgement),),
            _why(judgement, again=judgement is not firsts[judgement.slip]),
        )
        for judgement in shown
    )
    more = f" The first {FEW_WRONG} stand here, all of them below." if len(wrong) > FEW_WRONG else ""
    caption = Paragraph(
        (
            f"Of {counted(len(evidence.published), 'printed number')} {_are(len(wrong))} not what exact "
            f"arithmetic gives.{more}",
        ),
        quiet=True,
    )
    heading = (
        f"{capitalised(counted(len(wrong), 'figure'))} in print {'is' if len(wrong) == 1 else 'are'} wrong"
    )
    return Section("wrong", (heading,), (caption, Table("wrong", "wrong figures", columns, rows)))


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def published_section(evidence: Evidence) -> Section | None:
    """Every figure in the order of the file."""
    if not evidence.published:
        return None
    columns = (
        Column(("figure",), 0.2),
        Column(("printed",), 0.2),
        Column(("true value",), 0.22),
        Column(("verdict",), 0.1),
        Column(("remark",), 0.28),
    )
    rows = tuple(
        (
            _named(evidence.problem, judgement),
            (_printed(judgement),),
            (_true(judgement),),
            (Toned(TONES[judgement.verdict], (judgement.verdict,)),),
            _remark(judgement),
        )
        for judgement in evidence.published
    )
    caption = (
        "A printed figure stands for half a unit either side of its last place. "
        "“Right”: the true value rounds to it. "
        "“Rounding”: it is reached when the pass is worked with rounded intermediates, as the remark says. "
        "“Wrong”: anything else."
    )
    blocks = (Paragraph((caption,), quiet=True), Table("published", "published figures", columns, rows))
    return Section("published", ("Every published figure, judged",), blocks)


def _named(problem: Problem, judgement: Judgement) -> Prose:
    """E after 1 update"""
    figure = judgement.figure
    if not figure.after:
        return (in_line(figure_tree(problem, figure)),)
    return (
        in_line(figure_tree(problem, figure)),
        f" after {figure.after:,} update{'' if figure.after == 1 else 's'}",
    )


def figure_tree(problem: Problem, figure: Figure) -> Tree:
    """What a figure is of, in the page's letters."""
    if isinstance(figure.node, Derivative) and len(figure.node.by) == 1:
        quantity = resolve(problem, figure.node)
        return write_total(problem, quantity.of, quantity.by[0])
    return tree_of_node(figure.node, _letters(problem))


def _letters(problem: Problem) -> Callable[[Name], Tree]:
    def letter(name: Name) -> Tree:
        quantity = resolve(problem, name)
        if quantity.by:
            return write_derivative(problem, quantity.of, *quantity.by)
        return write(problem, quantity.of, primes=name.primes)

    return letter


def _texts(judgement: Judgement) -> tuple[str, str]:
    """The printed figure in ASCII and the true value with two digits more, written alike."""
    text = judgement.figure.printed
    true = rounded(judgement.truth.mid, digit_count(text) + 2)
    style = "e" if set(text.lower()) & set("e×*") else "f"
    figure, exact = (f"{number:{style}}".replace("e+", "e") for number in (as_decimal(text), true))
    return figure, exact


def _split(judgement: Judgement) -> tuple[str, str, int]:
    printed, true = _texts(judgement)
    return printed, true, len(agreeing(true, printed)[0])


def _printed(judgement: Judgement) -> Marked:
    if not judgement.truth.defined:
        return Marked("", judgement.figure.printed)
    printed, _, length = _split(judgement)
    if judgement.verdict == "right":
        return _marked(printed, len(printed))
    return _marked(printed, length)


def _true(judgement: Judgement) -> Marked:
    if not judgement.truth.defined:
        return Marked("", "unknown")
    _, true, _ = _split(judgement)
    return _marked(true, len(true))


def _marked(text: str, length: int) -> Marked:
    mantissa, _, power = text.partition("e")
    return Marked(signed(mantissa[:length]), signed(mantissa[length:]), signed(power))


def _why(judgement: Judgement, *, again: bool) -> Prose:
    """The reason, where a slip of the derivation gives exactly this figure; in full the first time."""
    if judgement.slip and again:
        return (Toned("strong", (capitalised(judgement.slip),)), ", as above.")
    if judgement.slip:
        return (Toned("strong", (capitalised(judgement.slip),)), ". ", judgement.note)
    return (capitalised(judgement.note), ".")


def _remark(judgement: Judgement) -> Prose:
    return (judgement.slip or judgement.note,)


def tally(judgements: Sequence[Judgement]) -> Prose:
    """26 right, 1 rounding, 4 wrong"""
    counts = {verdict: sum(j.verdict == verdict for j in judgements) for verdict in TONES}
    words = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    return (", ".join(words),)
