"""The rules by which training changes a parameter w: each is one row.

    gradient descent      w' = w - eta g
    momentum, classical   v' = mu v - eta g               w' = w + v'
    momentum, averaged    v' = mu v + (1 - mu) g          w' = w - eta v'
    Adam                  m' = beta1 m + (1 - beta1) g    mhat = m'/(1 - beta1^t)
                          v' = beta2 v + (1 - beta2) g^2  vhat = v'/(1 - beta2^t)
                          w' = w - eta mhat/(sqrt(vhat) + epsilon)
    perceptron            w' = w + eta (y - a) x, for every sample that is read

g is the gradient of the cost that the update reads, t the number of the update,
from 1; every state (v, m) begins at 0. Update, training and page read these rows.

The classical convention is that of Polyak (1964), Sutskever et al. (2013) and
Keras; PyTorch's v' = mu v + g, w' = w - eta v' is the same at a constant rate,
with its v the -1/eta of this one. The averaged one is taught by Ng, and is
PyTorch's with dampening = mu, but for the first update, which PyTorch leaves
undamped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property

import sympy as sp

from derive.expressions import Formula, formula_of
from derive.formula import Scope, parse
from derive.formula.nodes import Node
from derive.whole_functions import MeanRoot

LETTERS = frozenset({"w", "g", "v", "m", "vhat", "mhat", "y", "a", "x", "t"})
RATE, NUMBER = "eta", "t"

SYMBOLS = {"momentum": "mu", "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon"}
"""The letters of the numbers that a rule may read besides the rate, by their keys in [training]."""

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """How one update makes w' of w.

    name      what a file calls it
    words     what a reader calls it
    lines     (letter, formula), in the order in which they are computed; w' is the last
    states    what one update hands to the next: (before, after), 0 before the first
    settings  the keys of [training] that it reads besides the rate, and their defaults
    variant   the key and the word that tell it from a rule of the same name, or None
    sample    what each sample adds to w', in y, a, x; "" where the rule reads a gradient
    batch     how many samples an update reads where the file does not say; None for all
    """

    name: str
    words: str
    lines: Lines
    source: str
    states: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, Fraction], ...] = ()
    variant: tuple[str, str] | None = None
    sample: str = ""
    batch: int | None = None

    @cached_property
    def letters(self) -> frozenset[str]:
        """What stands for something of each parameter's own besides w and g: v, v', mhat."""
        made = {new for new, _ in self.lines} | {old for old, _ in self.states}
        return frozenset(made - {"w'"})

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of [training] that only this rule, or one of its name, has."""
        return (*dict(self.settings), *(self.variant[:1] if self.variant else ()))


@cache
def node_of(text: str) -> Node:
    """A row's formula, as it is printed."""
    return parse(text, Scope(names=LETTERS | {RATE} | set(SYMBOLS.values()), quantities=True))


@cache
def formula_in(text: str) -> tuple[Formula, tuple[str, ...]]:
    """A row's formula in formal symbols, and their letters; its roots are of means of squares."""
    formula, leaves = formula_of(node_of(text))
    half = sp.Rational(1, 2)
    expr = formula.expr.replace(
        lambda part: part.is_Pow and abs(part.exp) == half, lambda part: MeanRoot(part.base) ** (2 * part.exp)
    )
    return replace(formula, expr=expr), tuple(map(str, leaves))


GRADIENT_DESCENT = UpdateRule(
    name="gradient_descent",
    words="gradient descent",
    lines=(("w'", "w - eta*g"),),
    source="Nielsen (2015), ch. 1, eq. 16 and 17",
)

CLASSICAL = UpdateRule(
    name="momentum",
    words="gradient descent with momentum",
    lines=(("v'", "mu*v - eta*g"), ("w'", "w + v'")),
    states=(("v", "v'"),),
    settings=(("momentum", Fraction(9, 10)),),
    variant=("convention", "classical"),
    source="Polyak (1964); Sutskever et al. (2013), eq. 1 and 2",
)

AVERAGED = replace(
    CLASSICAL,
    words="gradient descent with averaged momentum",
    lines=(("v'", "mu*v + (1 - mu)*g"), ("w'", "w - eta*v'")),
    variant=("convention", "averaged"),
    source="Ng (2017), Improving Deep Neural Networks, week 2",
)

ADAM = UpdateRule(
    name="adam",
    words="Adam",
    lines=(
        ("m'", "beta1*m + (1 - beta1)*g"),
        ("v'", "beta2*v + (1 - beta2)*g^2"),
        ("mhat", "m'/(1 - beta1^t)"),
        ("vhat", "v'/(1 - beta2^t)"),
        ("w'", "w - eta*mhat/(sqrt(vhat) + epsilon)"),
    ),
    states=(("m", "m'"), ("v", "v'")),
    settings=(
        ("beta1", Fraction(9, 10)),
        ("beta2", Fraction(999, 1000)),
        ("epsilon", Fraction(1, 10**8)),
    ),
    variant=("epsilon_place", "outside"),
    source="Kingma and Ba (2015), algorithm 1",
)

ADAM_INSIDE = replace(
    ADAM,
    words="Adam with ε within the root",
    lines=(*ADAM.lines[:-1], ("w'", "w - eta*mhat/sqrt(vhat + epsilon)")),
    variant=("epsilon_place", "inside"),
)

PERCEPTRON = UpdateRule(
    name="perceptron",
    words="the perceptron’s rule",
    lines=(("w'", "w"),),
    sample="eta*(y - a)*x",
    batch=1,
    source="Rosenblatt (1958); Mitchell (1997), sec. 4.4.2",
)

UPDATE_RULES = (GRADIENT_DESCENT, CLASSICAL, AVERAGED, ADAM, ADAM_INSIDE, PERCEPTRON)
"""Of the rules of one name the first is the default."""


def uncorrected(rule: UpdateRule) -> UpdateRule:
    """The rule with mhat = m' and vhat = v': nothing is divided by 1 - beta^t."""
    return replace(rule, lines=tuple((new, text.partition("/(1 - ")[0]) for new, text in rule.lines))
