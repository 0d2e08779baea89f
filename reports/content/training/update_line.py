"""The update in one line: the rule's lines put together, its first update, and L2 as weight decay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import inf

import sympy as sp

from derive.notation import write, write_total
from derive.problem import Network, Problem
from derive.rules.kinds import rational
from derive.training.update import key_of, rule_of, trained, updated
from derive.training.update_lines import ETA, G_0, LAMBDA, N, UpdateLine, W, weight_decay, written_out
from derive.training.update_rules import ADAM, SYMBOLS
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import Num, Prime, Script, Tree, equals, partial, plus
from numeric.balls.enclosure import Enclosure
from numeric.proofs.lines import ENOUGH_DIGITS, agreed
from numeric.training.first_update import FirstUpdate, line_values
from reports.content.page import Block, Line, Lines, Paragraph, Prose, Section, Stride, Strides, Toned
from reports.content.values import FACTOR_DIGITS, RESULT_DIGITS, value_tree
from reports.numbers import number_tree

HEADS = ("after the step", "formula", "numbers put in", "value")


def rule_letter(name: str, sub: Tree | None = None) -> Tree:
    """A letter of a rule: v', mhat, beta1; `sub` says whose it is."""
    if name.endswith("'"):
        return Prime(rule_letter(name.removesuffix("'"), sub))
    base = spell(name)
    return base if sub is None else Script(base, sub)


def update_line_section(problem: Problem, first: FirstUpdate) -> Section | None:
    """The section of a rule of several lines, or of descent with an L2 term; None where one line says all."""
    rule, keys = rule_of(problem), trained(problem)
    if isinstance(problem.body, Network) and problem.body.l2:
        weights = [key for key in keys if problem.parameter[key].is_weight]
        key, lines = (weights[0], weight_decay(rule)) if weights else (keys[0], ())
    else:
        key, lines = keys[0], ()
    lines = lines or written_out(rule)
    if not lines or not isinstance(problem.body, Network):
        return None
    made = first.value(updated(key))
    values = line_values(problem, first, key, [line.expr for line in lines])
    digits = (agreed(made, value) for value in values)
    found = tuple((line, n) for line, n in zip(lines, digits, strict=True) if n >= ENOUGH_DIGITS)
    blocks = tuple(_blocks(problem, first, key, found)) if found else ()
    return Section("update-line", ("The update in one line",), blocks) if found else None


def _blocks(
    problem: Problem, first: FirstUpdate, key: str, found: tuple[tuple[UpdateLine, float], ...]
) -> Iterator[Block]:
    letters, (final, _) = _letters(problem, key), found[-1]
    decays = final.expr.has(G_0)
    yield Paragraph(tuple(_words(problem, key, decays)), quiet=True)
    strides = tuple(
        Stride(_tree(line.expr, letters), (line.because,), _checked(digits)) for line, digits in found
    )
    yield Strides(letters["w'"], strides, "the update line by line")
    last = _tree(final.expr, letters)
    numbers = _tree(final.expr, _numerals(problem, first, key))
    value = value_tree(first.value(updated(key)), RESULT_DIGITS)
    yield Lines(HEADS, (Line(letters["w'"], last, numbers, value),), "the last line with its numbers")
    if decays:
        yield Paragraph(tuple(_decay_words(problem)))
    if rule_of(problem).name == ADAM.name:
        yield Paragraph(tuple(_correction_words(problem)))


def _checked(digits: float) -> Prose:
    """The digits in which a line gives what the update above gave, step by step."""
    how = "exactly" if digits == inf else f"{ENOUGH_DIGITS} digits"
    return (Toned("good", ("holds",)), f", {how}")


def _words(problem: Problem, key: str, decays: bool) -> Iterator[str | Tree]:
    yield from ("For ", write(problem, key), "; the other parameters alike")
    if decays:
        yield from (", but for biases, which the L2 term does not hold. ", _apart(problem))
        yield " is the cost without that term"
    yield "."


def _decay_words(problem: Problem) -> Iterator[str | Tree]:
    """Each step multiplies a weight by 1 − ηλ/n = 0.999 before it descends."""
    assert problem.training is not None and isinstance(problem.body, Network)
    share = 1 - problem.training.rate * problem.body.l2 / len(problem.x)
    decay = tree_of(1 - ETA * LAMBDA / N, lambda symbol: spell(symbol.name))
    yield from ("Each step multiplies the weight by ", equals(decay, number_tree(share)))
    yield " before it descends: the L2 term is a decay of the weights."


def _correction_words(problem: Problem) -> Iterator[str | Tree]:
    """m and v begin at 0; without the corrections the first step would have another length."""
    assert problem.training is not None
    first, second = (rational(1 - problem.training.settings[name]) for name in ("beta1", "beta2"))
    letters = sp.symbols("beta1 beta2")
    ratio = tree_of((1 - letters[0]) / sp.sqrt(1 - letters[1]), lambda symbol: spell(symbol.name))
    size = Fraction(str(sp.N(first / sp.sqrt(second), 20)))
    yield from ("The divisions by ", tree_of(1 - letters[0] ** sp.Symbol("t"), lambda s: spell(s.name)))
    yield from (" and ", tree_of(1 - letters[1] ** sp.Symbol("t"), lambda s: spell(s.name)))
    yield " make up for the start at 0: without them the first step would be "
    yield from (equals(ratio, number_tree(size, 4)), " times as long, but for ε.")


def _apart(problem: Problem) -> Tree:
    return Script(spell(problem.notation.cost), sub=Num("0"))


def _letters(problem: Problem, key: str) -> Mapping[str, Tree]:
    """How each letter of the lines is written for this parameter."""
    rule = rule_of(problem)
    own: dict[str, Tree] = {name: rule_letter(name, write(problem, key)) for name in rule.letters}
    gradient = write_total(problem, problem.objectives[0], key)
    return own | {
        "w": write(problem, key),
        "w'": write(problem, key, primes=1),
        "g": gradient,
        "g_0": partial(_apart(problem), write(problem, key)),
    }


def _numerals(problem: Problem, first: FirstUpdate, key: str) -> Mapping[str, Tree]:
    training = problem.training
    assert training is not None and isinstance(problem.body, Network)
    gradient = first.value(key_of(problem, "g", key))
    found: dict[str, Tree] = {
        "w": value_tree(first.value(key), FACTOR_DIGITS),
        "g": value_tree(gradient, FACTOR_DIGITS),
        "eta": number_tree(training.rate),
        "lambda": number_tree(problem.body.l2),
        "n": Num(str(len(problem.x))),
    }
    found |= {SYMBOLS[name]: number_tree(value) for name, value in training.settings.items()}
    decay = problem.body.l2 / max(len(problem.x), 1) * first.value(key).mid
    if gradient.lo is not None and gradient.hi is not None:
        without = Enclosure(gradient.lo - decay, gradient.hi - decay)
        found["g_0"] = value_tree(without, FACTOR_DIGITS)
    return found


def _tree(expr: sp.Expr, letters: Mapping[str, Tree]) -> Tree:
    """The line with the weight first, as books have it: w + μv − ηg."""

    def leaf(symbol: sp.Symbol) -> Tree:
        return letters.get(symbol.name) or rule_letter(symbol.name)

    terms = [term for term in sp.Add.make_args(expr) if term != W]
    if len(terms) == len(sp.Add.make_args(expr)):
        terms.sort(key=lambda term: not term.has(W))
        return plus(*(tree_of(term, leaf) for term in terms))
    return plus(leaf(W), tree_of(sp.Add(*terms, evaluate=False) if len(terms) > 1 else terms[0], leaf))
