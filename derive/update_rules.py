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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from derive.expressions import MeanRoot

W, G, V, M, X, Y, A = sp.symbols("w g v m x y a")
W_NEW, V_NEW, M_NEW = sp.symbols("w' v' m'")
M_HAT, V_HAT = sp.symbols("mhat vhat")
ETA, MU, BETA1, BETA2, EPSILON, T = sp.symbols("eta mu beta1 beta2 epsilon t")

SETTINGS: Mapping[str, sp.Symbol] = MappingProxyType(
    {"momentum": MU, "beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON}
)
"""The numbers that a rule may read besides the rate, by their keys in [training]."""

Lines = tuple[tuple[sp.Symbol, sp.Expr], ...]


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """How one update makes w' of w.

    name      what a file calls it
    words     what a reader calls it
    lines     (symbol, expression), in the order in which they are computed; w' is the last
    states    what one update hands to the next: (before, after), 0 before the first
    settings  the keys of [training] that it reads besides the rate, and their defaults
    variant   the key and the word that tell it from a rule of the same name, or None
    sample    what each sample adds to w', in y, a, x; None where the rule reads a gradient
    batch     how many samples an update reads where the file does not say; None for all
    """

    name: str
    words: str
    lines: Lines
    source: str
    states: tuple[tuple[sp.Symbol, sp.Symbol], ...] = ()
    settings: tuple[tuple[str, Fraction], ...] = ()
    variant: tuple[str, str] | None = None
    sample: sp.Expr | None = None
    batch: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of [training] that only this rule, or one of its name, has."""
        return (*dict(self.settings), *(self.variant[:1] if self.variant else ()))

    @property
    def symbols(self) -> frozenset[sp.Symbol]:
        """Everything that its formulas read."""
        found = {symbol for _, expr in self.lines for symbol in expr.free_symbols}
        return frozenset(found | (set() if self.sample is None else self.sample.free_symbols))


GRADIENT_DESCENT = UpdateRule(
    name="gradient_descent",
    words="gradient descent",
    lines=((W_NEW, W - ETA * G),),
    source="Nielsen (2015), ch. 1, eq. 16 and 17",
)

CLASSICAL = UpdateRule(
    name="momentum",
    words="gradient descent with momentum",
    lines=((V_NEW, MU * V - ETA * G), (W_NEW, W + V_NEW)),
    states=((V, V_NEW),),
    settings=(("momentum", Fraction(9, 10)),),
    variant=("convention", "classical"),
    source="Polyak (1964); Sutskever et al. (2013), eq. 1 and 2",
)

AVERAGED = replace(
    CLASSICAL,
    words="gradient descent with averaged momentum",
    lines=((V_NEW, MU * V + (1 - MU) * G), (W_NEW, W - ETA * V_NEW)),
    variant=("convention", "averaged"),
    source="Ng, Improving Deep Neural Networks (2017), week 2: gradient descent with momentum",
)


def _adam(step: sp.Expr, place: str) -> UpdateRule:
    return UpdateRule(
        name="adam",
        words="Adam",
        lines=(
            (M_NEW, BETA1 * M + (1 - BETA1) * G),
            (V_NEW, BETA2 * V + (1 - BETA2) * G**2),
            (M_HAT, M_NEW / (1 - BETA1**T)),
            (V_HAT, V_NEW / (1 - BETA2**T)),
            (W_NEW, W - step),
        ),
        states=((M, M_NEW), (V, V_NEW)),
        settings=(
            ("beta1", Fraction(9, 10)),
            ("beta2", Fraction(999, 1000)),
            ("epsilon", Fraction(1, 10**8)),
        ),
        variant=("epsilon_place", place),
        source="Kingma and Ba (2015), algorithm 1" + ("" if place == "outside" else "; ε within the root"),
    )


ADAM = _adam(ETA * M_HAT / (MeanRoot(V_HAT) + EPSILON), "outside")
ADAM_INSIDE = _adam(ETA * M_HAT / MeanRoot(V_HAT + EPSILON), "inside")

PERCEPTRON = UpdateRule(
    name="perceptron",
    words="the perceptron’s rule",
    lines=((W_NEW, W),),
    sample=ETA * (Y - A) * X,
    batch=1,
    source="Rosenblatt (1958); Mitchell (1997), sec. 4.4.2",
)

UPDATE_RULES = (GRADIENT_DESCENT, CLASSICAL, AVERAGED, ADAM, ADAM_INSIDE, PERCEPTRON)
"""Of the rules of one name the first is the default."""


def uncorrected(rule: UpdateRule) -> UpdateRule:
    """The rule with mhat = m' and vhat = v': the correction for the start at 0 left out."""
    lines = tuple(
        (new, expr.replace(lambda part: part.is_Pow and part.exp == T, lambda _: sp.Integer(0)))
        for new, expr in rule.lines
    )
    return replace(rule, lines=lines)
