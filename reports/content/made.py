"""How a page was made: the network in words, the rules with their sources, conventions at kinks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from derive.formula.nodes import Apply, Node, walk
from derive.problem import Graph, Network, Problem
from derive.whole_functions import CONVENTIONS
from reports.content.desk import Desk
from reports.content.page import Block, Paragraph, Prose, Section
from reports.content.rules import conventions, rules_table
from reports.content.wording import capitalised, counted, spelled


def network_words(problem: Problem) -> str:
    """A 2–2–2 network, sigmoid throughout, half squared error"""
    body = problem.body
    if isinstance(body, Graph):
        names = problem.given_names
        noun = "given array" if names and all(map(body.shape, names)) else "given value"
        outputs = len(body.outputs)
        kind = counted(outputs, "output") if outputs > 1 else "one output"
        return f"A graph of {counted(len(body.steps), 'step')} from {counted(len(names), noun)} to {kind}"
    sizes = "–".join(map(str, body.sizes))
    samples = f", {spelled(len(problem.x))} samples" if len(problem.x) > 1 else ""
    return f"A {sizes} network, {_activation_words(body)}{_cost_words(body)}{samples}"


def _activation_words(network: Network) -> str:
    every = [layer.activation.words for layer in network.layers]
    names = [name for name, _ in groupby(every)]
    if len(names) == 1:
        return f"{names[0]} throughout" if len(every) > 1 else names[0]
    return ", ".join(names[:-1]) + f" and {names[-1]}"


def _cost_words(network: Network) -> str:
    if network.cost is not None:
        decay = " with an L2 term" if network.l2 else ""
        return f", {network.cost.words}{decay}"
    return ", its output differentiated" if network.output is not None else ", forward pass only"


FREE = (
    "Every slope is SymPy’s own derivative of the formula shown. Numbers or functions are free here, so the "
    "derivatives were compared with backpropagation and with finite differences at random points, drawn "
    "inside the rules’ domains."
)
WORKED = (
    "Every slope is SymPy’s own derivative of the formula shown, evaluated exactly or in ball arithmetic, "
    "whose error is proven. Backprop runs in float64 with hand-written slopes and a running error bound; "
    "finite differences see values of the cost only. Numbers are shown rounded, and nothing is computed "
    "from a rounded one."
)
FORWARD_ONLY = (
    "Nothing is differentiated here. Every value is computed exactly or in ball arithmetic, whose error is "
    "proven. Numbers are shown rounded, and nothing is computed from a rounded one."
)
STATED = "Nothing is differentiated here. Numbers or functions are free, so nothing is computed either."


def made_section(desk: Desk) -> Section:
    """The last section: how numbers came about, sources, conventions."""
    blocks: list[Block] = [Paragraph((_how_made(desk),))]
    body = desk.problem.body
    stated: list[Prose] = []
    if isinstance(body, Network):
        blocks.append(rules_table(desk.problem, body))
        stated += conventions(desk.problem, body) if desk.problem.objectives else ()
    named = dict.fromkeys(_operations(desk.problem))
    stated += [
        (f"{capitalised(CONVENTIONS[name])}, by convention.",) for name in named if name in CONVENTIONS
    ]
    if stated:
        words = [part for sentence in stated for part in (" ", *sentence)]
        blocks.append(Paragraph(("Conventions:", *words)))
    return Section("made", ("How this page was made",), tuple(blocks))


def _how_made(desk: Desk) -> str:
    if desk.problem.objectives:
        return WORKED if desk.worked else FREE
    return FORWARD_ONLY if desk.worked else STATED


def _operations(problem: Problem) -> Iterator[str]:
    """The names of all rules and operations that the problem applies."""
    body = problem.body
    nodes: list[Node] = []
    if isinstance(body, Graph):
        nodes += [step.node for step in body.steps]
    else:
        nodes += [layer.activation.node for layer in body.layers if layer.activation.node is not None]
        nodes += [body.cost.node] if body.cost is not None and body.cost.node is not None else []
        nodes += [body.output] if body.output is not None else []
    for node in nodes:
        yield from (part.operation for part in walk(node) if isinstance(part, Apply))
