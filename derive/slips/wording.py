"""A slip's sentence in the letters of a problem: σ′(z), ∂E/∂a, (t − a)² for phi'(z), dC/da, (y - a)^2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from derive.notation import LETTERS
from derive.problem import Network, Problem
from derive.writing.plain import plain
from derive.writing.spelling import spell

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "delta = (W^T delta) * phi'(z)": "δ = (Wᵀ·δ) ⊙ {phi}′({z})",
        "delta = dC/da * phi'(z)": "δ = ∂{C}/∂{a}·{phi}′({z})",
        "phi'(phi(z))": "{phi}′({phi}({z}))",
        "phi'(z)": "{phi}′({z})",
        "phi(z)": "{phi}({z})",
        "phi'": "{phi}′",
        "W^T delta": "Wᵀ·δ",
        "dC/da": "∂{C}/∂{a}",
        "dC/dw": "∂{C}/∂w",
        "delta": "δ",
        "lambda/(2n) w^2": "λ/(2n)·w²",
        "lambda/n w": "λ/n·w",
        "lambda/n": "λ/n",
        "1/2 (y - a)^2": "½({y} − {a})²",
        "(y - a)^2": "({y} − {a})²",
        "2(a - y)": "2({a} − {y})",
        "a - y": "{a} − {y}",
        "y - a": "{y} − {a}",
        "-a_j a_k": "−{a}_j·{a}_k",
        "a(1 - a)": "{a}(1 − {a})",
        "1 - a^2": "1 − {a}²",
        "1 - a": "1 − {a}",
        "e^(-z)": "e^(−{z})",
        "w - eta dC/dw": "w − η·∂{C}/∂w",
        "w + eta dC/dw": "w + η·∂{C}/∂w",
        "w - eta v'": "w − η·v′",
        "w + v'": "w + v′",
        "mu v - eta g": "μ·v − η·g",
        "mu v + (1 - mu) g": "μ·v + (1 − μ)·g",
        "v' =": "v′ =",
        "w' =": "w′ =",
        "1 - beta1^t": "1 − β₁^t",
        "1 - beta2^t": "1 − β₂^t",
        "1 - beta1": "1 − β₁",
        "1 - beta2": "1 − β₂",
        "1 - beta": "1 − β",
        "beta1": "β₁",
        "beta2": "β₂",
        "with beta,": "with β,",
        "sqrt(v) + epsilon": "√v + ε",
        "sqrt(v + epsilon)": "√(v + ε)",
        "epsilon": "ε",
    }
)
"""How the tables write a formula, and how a reader does."""

_LONGEST_FIRST = "|".join(re.escape(phrase) for phrase in sorted(PHRASES, key=len, reverse=True))
_PHRASE = re.compile(rf"(?<![\w(])(?:{_LONGEST_FIRST})(?!\w)")


def in_letters(problem: Problem, text: str) -> str:
    """A slip's sentence with its formulas in the letters of the problem; of a graph only the signs."""
    letters = _letters(problem)
    return _PHRASE.sub(lambda found: PHRASES[found[0]].format_map(letters), text)


def _letters(problem: Problem) -> Mapping[str, str]:
    notation, body = problem.notation, problem.body
    usual = {small: plain(spell(LETTERS[small](notation))) for small in ("a", "y", "z")}
    cost = plain(spell(notation.cost or "C"))
    if not isinstance(body, Network):
        return {**usual, "C": problem.objectives[0] if problem.objectives else cost, "phi": "φ"}
    rules = {rule.letter for rule in (layer.activation for layer in body.layers) if rule.name != "identity"}
    letter = notation.function or (rules.pop() if len(rules) == 1 else "")
    return {**usual, "C": cost, "phi": plain(spell(letter)) if letter else "φ"}
