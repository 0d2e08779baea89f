"""Training on a page: the rule with its numbers, what the first update was to do, and how it goes on.

v' = mu v - eta dC/dw = 0.9 x 0 - 0.5 x 0.0822 = -0.0411
w' = w + v'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import sympy as sp

from derive.notation import write, write_total
from derive.problem import Network, Problem, Training
from derive.steps import Step
from derive.training.update import key_of, setting, trained, update_program, updated
from derive.training.update_rules import NUMBER, RATE, SYMBOLS, UpdateRule, node_of
from derive.writing.from_nodes import tree_of_node
from derive.writing.from_terms import tree_of_term
from derive.writing.tree import Tree, equals, plus
from numeric.balls.training import Course, DivergenceError, batches
from numeric.training.first_update import FirstUpdate
from numeric.training.learning import Moment, Visit, along_curve, curve, visits
from numeric.training.record import record
from reports import names
from reports.content.desk import Desk, elided
from reports.content.page import (
    Block,
    Chain,
    Column,
    Figure,
    Line,
    Lines,
    Paragraph,
    Part,
    Piece,
    Prose,
    Section,
    Table,
)
from reports.content.training.cases import sample_cases
from reports.content.training.chain_line import chain_line_section
from reports.content.training.course import course
from reports.content.training.predicted import predicted_section
from reports.content.training.reach import reach_section
from reports.content.training.update_line import rule_letter, update_line_section
from reports.content.values import FACTOR_DIGITS, RESULT_DIGITS, value_tree
from reports.content.wording import listed, spelled
from reports.numbers import number_tree

MOST_LINES = 80
MOST_NAMED = 4
MOST_ROWS = 11
MOST_VISITS, MOST_COLUMNS = 40, 9
FEW_PARAMETERS = 5
LARGEST_DRAWN, SMALLEST_DRAWN = 10**300, Fraction(1, 10**300)

SHORT = 2
"""A rule of no more lines than these is written out for every parameter."""


def training_sections(desk: Desk) -> Iterator[Section | None]:
    """The first update, what it was predicted to do, and how training goes on."""
    problem = desk.problem
    if problem.training is None or not trained(problem):
        return
    first = desk.evidence.first_update if desk.worked else None
    yield _update_section(problem, problem.training, first)
    if first is None:
        return
    yield update_line_section(problem, first)
    yield chain_line_section(desk, first)
    yield predicted_section(problem, first)
    if problem.training.steps > 1:
        course = (
            desk.evidence.course
            if problem.training.rule.sample
            else along_curve(problem, desk.evidence.course)
        )
        yield _going_on(problem, problem.training, course)
        yield reach_section(problem, record(problem, course=course))


# -- the first update ------------------------------------------------------------------------------


def _update_section(problem: Problem, training: Training, first: FirstUpdate | None) -> Section:
    """The rule, and its lines for the parameters: in letters alone where numbers are free."""
    rule = training.rule
    heading = f"One step of {rule.words}"
    keys = trained(problem)
    batch = next(iter(batches(problem)))
    program = update_program(problem, batch)
    pairs = [
        (key, new)
        for place, key in enumerate(keys)
        for new, _ in (rule.lines if place == 0 or len(rule.lines) <= SHORT else rule.lines[-1:])
    ]
    lines = tuple(
        _line(problem, key, program.by_key[key_of(problem, new, key)], first)
        for key, new in pairs[:MOST_LINES]
    )
    blocks: list[Block] = [Paragraph(_words(problem, training, batch), quiet=True)]
    if len(rule.lines) > 1 or rule.sample:
        blocks += _rule_chains(rule)
    if rule.sample:
        blocks += sample_cases(problem, rule)
    heads = ("after the step", "formula", "numbers put in", "value")
    blocks.append(Lines(heads if first else heads[:2], lines, heading.lower()))
    if len(pairs) > MOST_LINES:
        words = f"… and {len(pairs) - MOST_LINES:,} more, computed alike."
        blocks.append(Paragraph((words,), quiet=True))
    return Section("training", (heading,), tuple(blocks))


def update_equations(rule: UpdateRule) -> tuple[Tree, ...]:
    """The rule's lines in its own letters, g being the gradient; the last one gives w'."""
    return tuple(equals(rule_letter(new), formula) for new, formula in _update_formulas(rule))


def _rule_chains(rule: UpdateRule) -> Iterator[Chain]:
    """The rule's lines, one below the other."""
    for new, formula in _update_formulas(rule):
        yield Chain((Piece("", rule_letter(new)), Piece("=", formula)), kind="route")


def _update_formulas(rule: UpdateRule) -> Iterator[tuple[str, Tree]]:
    for new, text in rule.lines:
        formula = tree_of_node(node_of(text), lambda name: rule_letter(str(name)))
        if rule.sample and new == "w'":
            formula = plus(formula, tree_of_node(node_of(rule.sample), lambda name: rule_letter(str(name))))
        yield new, formula


def _line(problem: Problem, key: str, step: Step, first: FirstUpdate | None) -> Line:
    """A line of the rule for one parameter: letters, and where there are any numbers and value."""
    letters = _letters(problem, key)

    def letter(key: str) -> Tree:
        return letters[key] if key in letters else write(problem, key)

    def written(leaf: Callable[[str], Tree]) -> Tree:
        return elided(plus(*(tree_of_term(term, leaf) for term in step.terms)))

    if first is None:
        return Line(letter(step.key), written(letter), None, None)
    numbers = written(lambda key: value_tree(first.value(key), FACTOR_DIGITS))
    value = value_tree(first.value(step.key), RESULT_DIGITS)
    return Line(letter(step.key), written(letter), numbers, value)


def _letters(problem: Problem, key: str) -> Mapping[str, Tree]:
    """How the keys of a parameter's update are written."""
    assert problem.training is not None
    rule = problem.training.rule
    own = {key_of(problem, name, key): rule_letter(name, write(problem, key)) for name in rule.letters}
    found = own | {setting(name): rule_letter(name) for name in (RATE, NUMBER, *SYMBOLS.values())}
    found |= {key: write(problem, key), updated(key): write(problem, key, primes=1)}
    if not rule.sample:
        found[key_of(problem, "g", key)] = write_total(problem, problem.objectives[0], key)
    return found


def _words(problem: Problem, training: Training, batch: Sequence[str] | None) -> Prose:
    rule = training.rule
    numbers: list[Prose] = [(equals(rule_letter(RATE), number_tree(training.rate)),)]
    numbers += [
        (equals(rule_letter(SYMBOLS[key]), number_tree(value)),) for key, value in training.settings.items()
    ]
    if rule.sample:
        words: Prose = (
            "No gradient is needed: each weight takes the error of its unit times its input, "
            "which is nothing where the unit is right; ",
        )
    else:
        words = ("Every gradient is taken at the same point, before any weight moves; ",)
    words += (*listed(numbers), ".")
    if rule.states:
        states: list[Prose] = [(rule_letter(old),) for old, _ in rule.states]
        begin = "begins" if len(states) == 1 else "begin"
        words += (" ", *listed(states), f" {begin} at 0; ", rule_letter("g"), " is the gradient.")
    if any("^t" in text for _, text in rule.lines):
        words += (" ", rule_letter(NUMBER), " is the number of the update, here 1.")
    if batch is not None:
        words += _batch_words(problem, rule, batch)
    frozen = [parameter for parameter in problem.parameters if parameter.frozen]
    if frozen:
        named: list[Prose] = [(write(problem, parameter.key),) for parameter in frozen[:MOST_NAMED]]
        more = f" and {len(frozen) - MOST_NAMED} more" if len(frozen) > MOST_NAMED else ""
        words += (" Not trained: ", *listed(named), f"{more}.")
    return words


def _batch_words(problem: Problem, rule: UpdateRule, batch: Sequence[str]) -> Prose:
    which = ", ".join(names.sample_name(problem, suffix) for suffix in batch)
    if rule.sample and len(batch) == 1:
        return (f" The first update reads sample {which}.",)
    own = "" if rule.sample else "; the gradient is its own"
    return (f" The first update reads a batch of {spelled(len(batch))} ({which}){own}.",)


# -- how training goes on --------------------------------------------------------------------------


def _going_on(problem: Problem, training: Training, course: Course) -> Section | None:
    """The curve of the cost, or what a perceptron meets at each sample."""
    try:
        if not training.rule.sample:
            return _curve_section(problem, training, course)
        return _visits_section(problem) if training.batch == 1 else None
    except DivergenceError as error:
        words = Paragraph((f"Not shown: {error}.",))
        return Section("going-on", (f"Training for {training.steps:,} updates",), (words,))


def _curve_section(problem: Problem, training: Training, known: Course) -> Section | None:
    """C after so many updates, drawn and as a table, where it has values that can be drawn."""
    found = [
        moment
        for moment in curve(problem, known)
        if moment.cost.defined and abs(moment.cost.mid) < LARGEST_DRAWN
    ]
    if len(found) < 2:
        return None
    cost, last = write(problem, problem.objectives[0]), found[-1].after
    points = [
        (moment.after, float(moment.cost.mid) if abs(moment.cost.mid) > SMALLEST_DRAWN else 0.0)
        for moment in found
    ]
    what = "The whole cost " if isinstance(problem.body, Network) else "The output "
    words: list[Part] = [what, cost, " after each update, exact and then rounded."]
    if last < training.steps:
        words.append(f" Only the first {last:,} of {training.steps:,} updates are followed here.")
    heading = f"How training goes on: {last:,} updates"
    blocks = (
        Paragraph(tuple(words), quiet=True),
        Figure(course(cost, points), ()),
        _moments_table(problem, found),
    )
    return Section("going-on", (heading,), blocks)


def _moments_table(problem: Problem, found: Sequence[Moment]) -> Table:
    """Some of the moments, with the parameters where there are few: what a regression was made for."""
    keys = trained(problem) if len(trained(problem)) <= FEW_PARAMETERS else ()
    chosen = sorted({round(place * (len(found) - 1) / (MOST_ROWS - 1)) for place in range(MOST_ROWS)})
    rows = tuple(
        (
            (f"{moment.after:,}",),
            (value_tree(moment.cost, RESULT_DIGITS),),
            *((value_tree(moment.parameters[key], RESULT_DIGITS),) for key in keys),
        )
        for moment in (found[place] for place in chosen)
    )
    heads = [write(problem, problem.objectives[0]), *(write(problem, key) for key in keys)]
    columns = (
        Column(("after so many updates",), 0.3),
        *(Column((head,), 0.7 / len(heads)) for head in heads),
    )
    return Table("curve", f"its course over {found[-1].after:,} updates", columns, rows)


def _visits_section(problem: Problem) -> Section | None:
    """Sample by sample: z, a, the target, and the weights that are left."""
    assert isinstance(problem.body, Network)
    units = problem.body.sizes[-1]
    keys = trained(problem)
    if 2 + 3 * units + len(keys) > MOST_COLUMNS:
        return None
    rows = visits(problem, MOST_VISITS)
    seen = [f"{letter}[{j}]" for j in range(1, units + 1) for letter in ("z1", "a1", "y")]
    heads = [write(problem, key) for key in seen]
    heads += [write(problem, key, primes=1) for key in keys]
    columns = (
        Column(("update",), 0.1),
        Column(("sample",), 0.1),
        *(Column((head,), 0.78 / len(heads), right=True) for head in heads),
    )
    table = tuple(
        (
            (str(row.number),),
            (names.sample_name(problem, row.sample),),
            *((value_tree(row.values[key]),) for key in seen),
            *((value_tree(row.after[key]),) for key in keys),
        )
        for row in rows
    )
    words: list[Part] = ["Weights change only where a unit is wrong. "]
    words += _settled(problem, rows, [row.number for row in rows if not row.is_right(units)])
    words += _ties(problem, [row.number for row in rows if row.tied])
    heading = f"How training goes on: {len(rows):,} updates"
    blocks = (Paragraph(tuple(words), quiet=True), Table("visits", heading.lower(), columns, table))
    return Section("going-on", (heading,), blocks)


def _settled(problem: Problem, rows: Sequence[Visit], wrong: Sequence[int]) -> Iterator[Part]:
    """Whether every sample was met, and right, since the last change; then nothing changes any more."""
    last = wrong[-1] if wrong else 0
    since = {row.sample for row in rows if row.number > last}
    if since == set(problem.samples):
        yield (
            f"After update {last} every sample is right, and nothing changes any more."
            if last
            else ("Every sample is right from the start.")
        )
    else:
        yield f"After {len(rows)} updates it is not settled: update {last} still changed something."


def _ties(problem: Problem, tied: Sequence[int]) -> Iterator[Part]:
    """Where z was exactly 0, the activation is a convention of its rule."""
    if not tied or not isinstance(problem.body, Network):
        return
    rule = problem.body.layer(1).activation
    which = ", ".join(map(str, tied[:MOST_COLUMNS])) + (" and more" if len(tied) > MOST_COLUMNS else "")
    for kink in rule.kinks:
        yield f" At z = {kink.at} the {rule.name} is {rule.phi(sp.Integer(kink.at), ())}, by convention; "
        yield f"z was exactly there at update {which}."
