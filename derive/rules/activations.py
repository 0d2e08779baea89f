"""The activations, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, reduce
from types import MappingProxyType

import sympy as sp

from derive.rules.kinds import POSITIVE, A, Activation, Form, Kink, RuleParameter, Y, Z
from derive.whole_functions import Density, Larger, Logistic, Magnitude, Normal, unspecified

ALPHA, BETA, SCALE, SLOPE = sp.symbols("alpha beta scale slope", positive=True)
OFFSET = sp.Symbol("offset")

E = sp.exp(-Z)

NEGATIVE = sp.Interval.open(-sp.oo, 0)

GELU_CUBIC = sp.Rational("0.044715")

# The least values of phi, where phi' = 0, rounded down in their last digit.
GELU_LEAST = -sp.Rational("0.16997120747990366170")
GELU_TANH_LEAST = -sp.Rational("0.17004075057125405064")


def _at_0(slope: sp.Expr, when: sp.Basic = sp.true) -> tuple[Kink, ...]:
    return (Kink(at=sp.S.Zero, slope=slope, when=when),)


def _fixed(name: str, letter: str, digits: str, meaning: str) -> RuleParameter:
    value = Fraction(digits)
    allowed = sp.FiniteSet(sp.Rational(value.numerator, value.denominator))
    return RuleParameter(name=name, letter=letter, default=value, allowed=allowed, meaning=meaning)


def _apart(*factors: sp.Expr) -> sp.Expr:
    # SymPy would multiply two fractions to one.
    return sp.Mul(*factors, evaluate=False)


def _sum_of_exps(layer: tuple[sp.Expr, ...]) -> sp.Expr:
    return sp.Add(*(sp.exp(u) for u in layer))


@cache
def general(letter: str) -> Activation:
    """An unspecified differentiable function, by the letter that the page writes for it."""
    return Activation(
        name="general",
        title="an unspecified activation",
        letter=letter,
        phi=lambda z, _: unspecified(letter)(z),
        open=True,
        source="an unspecified differentiable function",
    )


_TO_THE_LEFT = RuleParameter(
    name="alpha",
    letter="alpha",
    default=Fraction(1),
    allowed=POSITIVE,
    meaning="φ goes to −α on the left",
)
_STEEPNESS = RuleParameter(
    name="beta", letter="beta", default=Fraction(1), allowed=POSITIVE, meaning="how sharp the bend at 0 is"
)

MOST_PIECES = 16
"""More could be had, and no page could show them."""

_PIECES = RuleParameter(
    name="pieces",
    letter=None,
    default=Fraction(2),
    allowed=sp.Range(2, MOST_PIECES + 1),
    meaning="how many weighted inputs a unit has: W and b have so many rows for each unit",
)

_ROWS = (
    Activation(
        name="identity",
        letter="id",
        phi=lambda z, _: z,
        usual=sp.Integer(1),
        range=sp.S.Reals,
        limits=(-sp.oo, sp.oo),
        source="Goodfellow et al. (2016), sec. 6.2.2.1",
    ),
    Activation(
        name="sigmoid",
        letter="sigma",
        phi=lambda z, _: 1 / (1 + sp.exp(-z)),
        usual=A * (1 - A),
        forms=(
            Form(expr=_apart(1 / (1 + E), E / (1 + E)), because="as two factors"),
            Form(expr=A * (1 - A), because="in terms of the function itself", since=(1 - A, E / (1 + E))),
        ),
        range=sp.Interval.open(0, 1),
        limits=(sp.S.Zero, sp.S.One),
        source="Nielsen (2015), ch. 1, eq. 3",
    ),
    Activation(
        name="tanh",
        letter="tanh",
        phi=lambda z, _: sp.tanh(z),
        usual=1 - A**2,
        forms=(Form(expr=1 - ((sp.exp(Z) - E) / (sp.exp(Z) + E)) ** 2, because="divided out"),),
        range=sp.Interval.open(-1, 1),
        limits=(sp.S.NegativeOne, sp.S.One),
        source="Goodfellow et al. (2016), sec. 6.3.2",
    ),
    Activation(
        name="relu",
        letter="ReLU",
        # sp.Max would give slope 1/2 at 0
        phi=lambda z, _: sp.Piecewise((z, z > 0), (0, True)),
        kinks=_at_0(sp.S.Zero),
        range=sp.Interval(0, sp.oo),
        limits=(sp.S.Zero, sp.oo),
        source="Goodfellow et al. (2016), sec. 6.3.1",
    ),
    Activation(
        name="leaky_relu",
        letter="LReLU",
        phi=lambda z, _: sp.Piecewise((z, z > 0), (ALPHA * z, True)),
        parameters=(
            RuleParameter(
                name="alpha",
                letter="alpha",
                default=Fraction("0.01"),
                allowed=POSITIVE,
                meaning="the slope on the left of 0",
            ),
        ),
        kinks=_at_0(ALPHA, sp.Ne(ALPHA, 1)),
        range=sp.S.Reals,
        limits=(-sp.oo, sp.oo),
        source="Maas, Hannun and Ng (2013), sec. 2; at 0 the slope is that of the left, as in PyTorch",
    ),
    Activation(
        name="elu",
        title="ELU",
        letter="ELU",
        phi=lambda z, _: sp.Piecewise((z, z > 0), (ALPHA * (sp.exp(z) - 1), True)),
        usual=sp.Piecewise((1, Z > 0), (A + ALPHA, True)),
        parameters=(_TO_THE_LEFT,),
        kinks=_at_0(ALPHA, sp.Ne(ALPHA, 1)),
        range=sp.Interval.open(-ALPHA, sp.oo),
        limits=(-ALPHA, sp.oo),
        source="Clevert, Unterthiner and Hochreiter (2016), eq. 15; at 0 the slope is that of the left",
    ),
    Activation(
        name="selu",
        title="SELU",
        letter="SELU",
        phi=lambda z, _: SCALE * sp.Piecewise((z, z > 0), (ALPHA * (sp.exp(z) - 1), True)),
        usual=sp.Piecewise((SCALE, Z > 0), (A + SCALE * ALPHA, True)),
        parameters=(
            _fixed("scale", "lambda", "1.0507009873554804934193349852946", "the slope on the right of 0"),
            _fixed("alpha", "alpha", "1.6732632423543772848170429916717", "φ goes to −λα on the left"),
        ),
        kinks=_at_0(SCALE * ALPHA),
        range=sp.Interval.open(-SCALE * ALPHA, sp.oo),
        limits=(-SCALE * ALPHA, sp.oo),
        source=(
            "Klambauer et al. (2017), eq. 2; the constants to the 32 digits of their code;"
            " at 0 the slope is that of the left"
        ),
    ),
    Activation(
        name="softplus",
        letter="softplus",
        phi=lambda z, _: sp.log(1 + sp.exp(BETA * z)) / BETA,
        usual=1 / (1 + sp.exp(-BETA * Z)),
        parameters=(_STEEPNESS,),
        range=POSITIVE,
        limits=(sp.S.Zero, sp.oo),
        source="Dugas et al. (2001)",
    ),
    Activation(
        name="softsign",
        letter="softsign",
        phi=lambda z, _: z / (1 + Magnitude(z)),
        usual=1 / (1 + Magnitude(Z)) ** 2,
        range=sp.Interval.open(-1, 1),
        limits=(sp.S.NegativeOne, sp.S.One),
        source="Bergstra et al. (2009); Glorot and Bengio (2010)",
    ),
    Activation(
        name="silu",
        title="SiLU",
        aliases=("swish",),
        letter="SiLU",
        phi=lambda z, _: z * Logistic(BETA * z),
        usual=BETA * A + Logistic(BETA * Z) * (1 - BETA * A),
        parameters=(_STEEPNESS,),
        range=sp.Interval(-sp.LambertW(sp.exp(-1)) / BETA, sp.oo),
        limits=(sp.S.Zero, sp.oo),
        source="Ramachandran, Zoph and Le (2017), swish; Elfwing, Uchibe and Doya (2018)",
    ),
    Activation(
        name="gelu",
        title="GELU",
        letter="GELU",
        phi=lambda z, _: z * Normal(z),
        usual=Normal(Z) + Z * Density(Z),
        range=sp.Interval(GELU_LEAST, sp.oo),
        limits=(sp.S.Zero, sp.oo),
        source="Hendrycks and Gimpel (2016), sec. 2",
    ),
    Activation(
        name="gelu_tanh",
        title="GELU by tanh",
        letter="GELU",
        phi=lambda z, _: z / 2 * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (z + GELU_CUBIC * z**3))),
        range=sp.Interval(GELU_TANH_LEAST, sp.oo),
        limits=(sp.S.Zero, sp.oo),
        source="Hendrycks and Gimpel (2016), sec. 2, the approximation by tanh",
    ),
    Activation(
        name="hard_sigmoid",
        letter="hardsigmoid",
        phi=lambda z, _: sp.Piecewise(
            (0, SLOPE * z + OFFSET <= 0), (1, SLOPE * z + OFFSET >= 1), (SLOPE * z + OFFSET, True)
        ),
        parameters=(
            RuleParameter(
                name="slope",
                letter=None,
                default=Fraction(1, 6),
                allowed=POSITIVE,
                meaning="the slope between the kinks",
            ),
            RuleParameter(
                name="offset",
                letter=None,
                default=Fraction(1, 2),
                allowed=sp.Interval(0, 1),
                meaning="the value at 0",
            ),
        ),
        kinks=(
            Kink(at=-OFFSET / SLOPE, slope=sp.S.Zero),
            Kink(at=(1 - OFFSET) / SLOPE, slope=sp.S.Zero),
        ),
        range=sp.Interval(0, 1),
        limits=(sp.S.Zero, sp.S.One),
        source=(
            "Howard et al. (2019), sec. 5.2: clip(z/6 + 1/2, 0, 1), as in PyTorch and Keras 3;"
            " older Keras has 0.2 z + 0.5"
        ),
    ),
    Activation(
        name="hard_tanh",
        letter="hardtanh",
        phi=lambda z, _: sp.Piecewise((-1, z <= -1), (1, z >= 1), (z, True)),
        kinks=(Kink(at=sp.S.NegativeOne, slope=sp.S.Zero), Kink(at=sp.S.One, slope=sp.S.Zero)),
        range=sp.Interval(-1, 1),
        limits=(sp.S.NegativeOne, sp.S.One),
        source="Collobert (2004); Goodfellow et al. (2016), sec. 6.3.3",
    ),
    Activation(
        name="softmax",
        letter="softmax",
        phi=lambda z, layer: sp.exp(z) / _sum_of_exps(layer),
        usual=A * (1 - A),
        cross=-A * Y,
        forms=(Form(expr=A - A**2, because="divided out"),),
        couples=True,
        range=sp.Interval.open(0, 1),
        limits=(sp.S.Zero, sp.S.One),
        source="Goodfellow et al. (2016), sec. 6.2.2.3",
    ),
    Activation(
        name="log_softmax",
        letter="logsoftmax",
        phi=lambda z, layer: z - sp.log(_sum_of_exps(layer)),
        usual=1 - sp.exp(A),
        cross=-sp.exp(Y),
        couples=True,
        range=NEGATIVE,
        limits=(-sp.oo, sp.S.Zero),
        source="Goodfellow et al. (2016), sec. 6.2.2.3, eq. 6.30",
    ),
    Activation(
        name="maxout",
        letter="maxout",
        phi=lambda _, own: reduce(Larger, own),
        parameters=(_PIECES,),
        own=_PIECES.symbol,
        kinks=(
            Kink(
                at=sp.Symbol("z_2"),
                slope=sp.S.One,
                words="a tie of a unit's largest pieces; there the first of them has slope 1, the others 0",
            ),
        ),
        range=sp.S.Reals,
        source="Goodfellow et al. (2013), Maxout networks, sec. 3; at a tie the first of the largest counts",
    ),
    Activation(
        name="step",
        letter="step",
        phi=lambda z, _: sp.Piecewise((1, z > 0), (0, True)),
        kinks=_at_0(sp.S.Zero),
        range=sp.FiniteSet(0, 1),
        limits=(sp.S.Zero, sp.S.One),
        source="Rosenblatt (1958); slope 0 wherever it exists",
    ),
    general("phi"),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({rule.name: rule for rule in _ROWS})
