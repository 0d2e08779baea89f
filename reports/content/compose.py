"""What the report of a problem says, in order.

verdict, wrong figures, drawing, derivations, all gradients, forward pass,
matrix form, index form, special cases, a training step, predictions,
published figures, how it was made
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derive.gradient import derive_gradient
from derive.notation import write
from derive.problem import Graph, Network, Problem
from derive.writing.tree import Tree
from numeric.balls.worked import Worksheet
from numeric.evidence import Evidence
from reports.content import page
from reports.content.derivations import derivations_of, sections_of
from reports.content.desk import Desk
from reports.content.evidence import side_by_side, what_tables_hold, worst_digits
from reports.content.forward import forward_section
from reports.content.layers import layer_sections
from reports.content.made import made_section, network_words
from reports.content.page import Address, Fact, Part, Prose, Report, Section
from reports.content.published import published_section, tally, wrong_section
from reports.content.samples import MOST_SAMPLES, sample_name, telling_sample
from reports.content.sheets.pair import output_section
from reports.content.special.collapse import collapse_section
from reports.content.special.composition import composition_section
from reports.content.special.fading import fading_section
from reports.content.special.logistic import logistic_section
from reports.content.special.regression import regression_section
from reports.content.special.unit_rule import unit_rule_section
from reports.content.statement import supposed
from reports.content.training.boundary import boundary_section
from reports.content.training.predictions import predictions_section
from reports.content.training.section import training_sections
from reports.content.values import RESULT_DIGITS, value_tree
from reports.content.wording import left_open
from reports.drawing.diagram import Diagram
from reports.drawing.graph import draw_graph
from reports.drawing.network import draw_network, drawn_weights


def compose(problem: Problem, evidence: Evidence) -> Report:
    """The report of a problem whose evidence has been gathered."""
    desk = _desk(problem, evidence)
    defining, after = _forward_placed(desk)
    sections = (
        defining,
        side_by_side(desk),
        after,
        *layer_sections(desk),
        unit_rule_section(desk),
        output_section(desk),
        fading_section(desk),
        collapse_section(desk),
        composition_section(desk),
        logistic_section(desk),
        regression_section(desk),
        *training_sections(desk),
        predictions_section(desk),
        boundary_section(desk),
        published_section(evidence),
        made_section(desk),
    )
    return Report(
        title=problem.title,
        lede=_lede(desk),
        facts=tuple(_facts(desk)),
        wrong=wrong_section(evidence),
        diagram=_diagram(desk),
        diagram_caption=_diagram_caption(desk),
        derivations=tuple(derivations_of(desk)),
        aside=_aside(desk),
        sections=tuple(section for section in sections if section is not None),
    )


def _forward_placed(desk: Desk) -> tuple[Section | None, Section | None]:
    """The forward pass: in a graph of arrays, whose names it defines, first; else behind the gradients."""
    body, forward = desk.problem.body, forward_section(desk)
    return (forward, None) if isinstance(body, Graph) and body.shapes else (None, forward)


def _desk(problem: Problem, evidence: Evidence) -> Desk:
    derivation = derive_gradient(problem)
    desk = Desk(problem, derivation, evidence, None, sections=sections_of(problem))
    if problem.is_free:
        return desk
    sheet = Worksheet.of(derivation, _taken_by(desk))
    if not derivation.batched:
        return replace(desk, worked=sheet.at(1))
    samples = tuple(sheet.at(i) for i in range(1, min(len(problem.x), MOST_SAMPLES) + 1))
    chosen = telling_sample(desk, samples)
    return replace(desk, worked=samples[chosen - 1], samples=samples, sample=chosen)


def _taken_by(desk: Desk) -> set[str]:
    """The given names by which the page has a derivative: of a network with thousands of weights few."""
    body = desk.problem.body
    drawn = (
        drawn_weights(body)
        if isinstance(body, Network)
        else (name for name in desk.problem.given_names if not body.shape(name))
    )
    return {by for _, by in desk.sections}.union(drawn)


# -- the top of the page ---------------------------------------------------------------------------


def _lede(desk: Desk) -> Prose:
    """One sentence that names network, activations, cost and source."""
    source = desk.problem.source.strip().rstrip(".")
    words: list[Part] = [network_words(desk.problem), "."]
    words += supposed(desk.problem)
    if source:
        words += [" Source: ", *_linked(source), "."]
    return tuple(words)


def _linked(source: str) -> Iterator[Part]:
    """The source's text with its web addresses apart."""
    for place, piece in enumerate(re.split(r"(https?://[^\s,;]+)", source)):
        if piece:
            yield Address(piece) if place % 2 else piece


def _facts(desk: Desk) -> Iterator[Fact]:
    evidence = desk.evidence
    rows = evidence.outcomes
    if rows:
        agree = sum(row.verdict == "agree" for row in rows)
        tone: page.Tone = "good" if evidence.agree else "bad" if evidence.verdict == "disagree" else "open"
        against = "" if evidence.agree else _against(evidence)
        yield Fact((f"{agree:,} of {len(rows):,} agree",), (f"gradients, three ways{against}",), tone)
    else:
        yield Fact(("forward pass only",), ("nothing is differentiated here",))
    if evidence.cost is not None:
        key = desk.problem.objectives[0]
        word = "total cost " if isinstance(desk.problem.body, Network) else "output "
        yield Fact((value_tree(evidence.cost, RESULT_DIGITS),), (word, write(desk.problem, key)))
    if rows and (worst := worst_digits(evidence)):
        yield Fact((worst,), ("proven by all three, at worst",))
    if evidence.published:
        wrong = any(judgement.verdict == "wrong" for judgement in evidence.published)
        yield Fact(tally(evidence.published), ("published figures",), "bad" if wrong else "strong")


def _against(evidence: Evidence) -> str:
    counts = {
        verdict: sum(row.verdict == verdict for row in evidence.outcomes)
        for verdict in ("disagree", "undecided")
    }
    return "; " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


# -- the drawing -----------------------------------------------------------------------------------


def _diagram(desk: Desk) -> Diagram | None:
    problem, body = desk.problem, desk.problem.body
    targets = {by: section for (of, by), section in desk.sections.items() if of == problem.objectives[0]}
    if isinstance(body, Graph):
        return draw_graph(problem, desk.derivation.program, desk.worked, targets)
    cost: Tree | None = desk.letter("C") if problem.objectives else None
    return draw_network(problem, body, desk.worked, cost, targets)


def _diagram_caption(desk: Desk) -> Prose:
    problem, body = desk.problem, desk.problem.body
    if isinstance(body, Graph) and body.shapes:
        numbers = " In the circle of a number, its value." if desk.worked else ""
        return (f"One circle for each vector and matrix, with its shape.{numbers}",)
    if not desk.worked:
        return (f"The letters of the derivations below; {left_open(problem)}.",)
    name = sample_name(desk, desk.sample)
    sample = f" Values are those of sample {name}." if desk.derivation.batched else ""
    if not problem.objectives:
        return (f"In each circle, its value.{sample}",)
    of = desk.letter(problem.objectives[0])
    back: page.Toned = page.Toned("cost", ("orange",))
    return (
        "In each circle, the forward value; under it, in ",
        back,
        ", what comes back: the derivative of ",
        of,
        f" by it.{sample}",
    )


def _aside(desk: Desk) -> Prose:
    total = len(desk.problem.objectives) * len(desk.problem.wrt)
    shown = len(desk.sections)
    words = (
        f"{shown} of {total:,} derivatives are derived here step by step; {what_tables_hold(desk)}."
        " The others follow the same lines."
    )
    return (*((words,) if shown < total else ()), *_two_signs(desk, " " if shown < total else ""))


def _two_signs(desk: Desk, before: str) -> Prose:
    """What tells d from ∂, where the derivations have both."""
    of_all = {desk.total_letter(of, by) for of, by in desk.sections}
    of_one = {desk.slope_letter(of, by) for of, by in desk.sections}
    if of_all <= of_one:
        return ()
    return (
        f"{before}A derivative with d goes along every route; one with ∂ is the slope of a single step, "
        "with whatever else that step reads held fixed.",
    )
