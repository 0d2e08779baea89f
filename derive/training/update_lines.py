"""A rule's update of one parameter in one line, and what the first one comes to.

    w' = w - eta mhat/(sqrt(vhat) + epsilon)                          Adam
       = w - eta ((beta1 m + (1 - beta1) g)/(1 - beta1^t))/(...)      each line of the rule put in
       = w - eta g/(|g| + epsilon)                                    at first m = v = 0 and t = 1

An L2 term of the cost has a share (lambda/n) w in the gradient of a weight; by
gradient descent it shrinks the weight, which is called weight decay:

    w' = w - eta (g_0 + (lambda/n) w) = (1 - eta lambda/n) w - eta g_0
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.identities import proved
from derive.training.update_rules import GRADIENT_DESCENT, NUMBER, UpdateRule, formula_in
from derive.whole_functions import MeanRoot

REAL = sp.Symbol("g", real=True)
G, G_0, W = sp.Symbol("g"), sp.Symbol("g_0"), sp.Symbol("w")
ETA, LAMBDA, N = sp.symbols("eta lambda n")


@dataclass(frozen=True)
class UpdateLine:
    """w' = expr in the rule's letters.

    at_first  whether it holds for the first update only
    """

    expr: sp.Expr
    because: str
    at_first: bool = False


def written_out(rule: UpdateRule) -> tuple[UpdateLine, ...]:
    """The update of a rule of several lines in one, then its first update; none for a rule of one line."""
    if len(rule.lines) == 1:
        return ()
    return tuple(_written_out(rule))


def _written_out(rule: UpdateRule) -> Iterator[UpdateLine]:
    made = {sp.Symbol(new): _expr(text) for new, text in rule.lines}
    line = made.pop(sp.Symbol("w'"))
    yield UpdateLine(line, "the last line of the rule")
    while names := sorted(line.free_symbols & made.keys(), key=str):
        line = line.subs({name: made[name] for name in names}, simultaneous=True)
        yield UpdateLine(line, f"{_listed(names)} put in")
    before = {sp.Symbol(old): sp.S.Zero for old, _ in rule.states} | {sp.Symbol(NUMBER): sp.S.One}
    first = line.subs(before)
    if first != line:
        corrects = line.has(sp.Symbol(NUMBER))
        states = " = ".join(old for old, _ in rule.states)
        because = f"at the first update {states} = 0"
        yield UpdateLine(first, f"{because} and t = 1" if corrects else because, at_first=True)
        real = first.subs(G, REAL)
        if real.subs(REAL, G) != first:
            yield UpdateLine(real.subs(REAL, G), "the root of a square is the absolute value", at_first=True)


def _expr(text: str) -> sp.Expr:
    return formula_in(text)[0].expr.replace(MeanRoot, sp.sqrt)


def _listed(names: list[sp.Symbol]) -> str:
    """the corrected m and v, the new v"""
    kind = "corrected" if names[0].name.endswith("hat") else "new"
    return f"the {kind} {' and '.join(name.name[0] for name in names)}"


def weight_decay(rule: UpdateRule) -> tuple[UpdateLine, ...]:
    """Gradient descent where the cost has an L2 term, collected by w; none for other rules."""
    if rule != GRADIENT_DESCENT:
        return ()
    line = _expr(rule.lines[-1][1])
    share = G_0 + LAMBDA / N * W
    put_in = sp.Add(W, sp.Mul(-1, ETA, share, evaluate=False), evaluate=False)
    collected = (1 - ETA * LAMBDA / N) * W - ETA * G_0
    lines = (
        UpdateLine(line, "the rule"),
        UpdateLine(put_in, "the gradient of the L2 term apart"),
        UpdateLine(collected, "collected by the weight: it shrinks by the same share at each update"),
    )
    assert proved(put_in, line.subs(G, share)) and proved(collected, put_in), "a line that does not follow"
    return lines
