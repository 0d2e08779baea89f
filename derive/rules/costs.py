"""The costs, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from derive.rules.kinds import POSITIVE, A, Cost, K, Kink, RuleParameter, S, Targets, Y
from derive.whole_functions import Magnitude, SelfLog

DELTA = sp.Symbol("delta", positive=True)

SHARES = Targets("0 <= y <= 1", sp.Interval(0, 1))
ONE_HOT = Targets("y >= 0 with sum 1", sp.Interval(0, sp.oo), total=1)
COUNTS = Targets("y >= 0", sp.Interval(0, sp.oo))
SIGNS = Targets("y = 1 or y = -1", sp.FiniteSet(-1, 1))


def _twice(difference: sp.Expr) -> sp.Expr:
    # SymPy would multiply 2(a - y) out to 2a - 2y, which no book prints.
    return sp.Mul(2, difference, evaluate=False)


def _log_sum_exp(outputs: Sequence[sp.Expr]) -> sp.Expr:
    return sp.log(sp.Add(*(sp.exp(a) for a in outputs)))


_ROWS = (
    Cost(
        name="half_squared_error",
        part=(Y - A) ** 2 / 2,
        usual=A - Y,
        source="Nielsen (2015), ch. 1, eq. 6",
    ),
    Cost(
        name="squared_error",
        part=(Y - A) ** 2,
        usual=_twice(A - Y),
        source="Bishop (2006), sec. 1.1",
    ),
    Cost(
        name="mean_squared_error",
        part=(Y - A) ** 2 / K,
        usual=sp.Mul(2, A - Y, 1 / K, evaluate=False),
        source="Goodfellow et al. (2016), sec. 5.1.4",
    ),
    Cost(
        name="half_mean_squared_error",
        part=(Y - A) ** 2 / (2 * K),
        usual=(A - Y) / K,
        source="the mean over the K outputs of Nielsen (2015), ch. 1, eq. 6",
    ),
    Cost(
        name="absolute_error",
        part=Magnitude(A - Y),
        usual=sp.Piecewise((1, A > Y), (-1, A < Y), (0, True)),
        kinks=(Kink(at=Y, slope=sp.S.Zero),),
        source="Bishop (2006), sec. 1.5.5, eq. 1.91 with q = 1; slope 0 at a = y, as in PyTorch",
    ),
    Cost(
        name="huber",
        title="Huber cost",
        part=sp.Piecewise(
            ((A - Y) ** 2 / 2, Magnitude(A - Y) <= DELTA), (DELTA * (Magnitude(A - Y) - DELTA / 2), True)
        ),
        usual=sp.Piecewise((A - Y, Magnitude(A - Y) <= DELTA), (DELTA, A > Y), (-DELTA, True)),
        parameters=(
            RuleParameter(
                name="delta",
                letter="delta_H",  # δ alone is an error
                default=Fraction(1),
                allowed=POSITIVE,
                meaning="the error beyond which the cost grows linearly",
            ),
        ),
        source="Huber (1964), sec. 4; Hastie, Tibshirani and Friedman (2009), eq. 10.23, times 1/2",
    ),
    Cost(
        name="hinge",
        title="hinge cost",
        part=sp.Piecewise((1 - Y * A, Y * A < 1), (0, True)),
        usual=sp.Piecewise((-Y, Y * A < 1), (0, True)),
        kinks=(Kink(at=1 / Y, slope=sp.S.Zero),),
        targets=SIGNS,
        source="Cortes and Vapnik (1995); Bishop (2006), sec. 7.1.2; slope 0 at y a = 1",
    ),
    Cost(
        name="binary_cross_entropy",
        part=-Y * sp.log(A) - (1 - Y) * sp.log(1 - A),
        usual=(A - Y) / (A * (1 - A)),
        outputs=sp.Interval.open(0, 1),
        targets=SHARES,
        source="Nielsen (2015), ch. 3, eq. 57",
    ),
    Cost(
        name="binary_cross_entropy_on_logits",
        aliases=("binary_cross_entropy_with_logits",),
        part=sp.log(1 + sp.exp(A)) - Y * A,
        usual=1 / (1 + sp.exp(-A)) - Y,
        targets=SHARES,
        source="Goodfellow et al. (2016), sec. 6.2.2.2: the cross-entropy of sigmoid(a), a a logit",
    ),
    Cost(
        name="cross_entropy",
        part=-Y * sp.log(A),
        usual=-Y / A,
        outputs=sp.Interval.Lopen(0, 1),
        targets=ONE_HOT,
        source="Goodfellow et al. (2016), sec. 6.2.2.3",
    ),
    Cost(
        name="cross_entropy_on_logits",
        aliases=("cross_entropy_with_logits",),
        part=Y * (S - A),
        whole=_log_sum_exp,
        targets=ONE_HOT,
        source="Goodfellow et al. (2016), sec. 6.2.2.3, eq. 6.30: the cross-entropy of softmax(a), a logits",
    ),
    Cost(
        name="kullback_leibler",
        title="Kullback–Leibler divergence",
        part=SelfLog(Y) - Y * sp.log(A),
        usual=-Y / A,
        outputs=POSITIVE,
        targets=ONE_HOT,
        source="Kullback and Leibler (1951), sec. 2: y ln(y/a), with 0 ln 0 = 0",
    ),
    Cost(
        name="poisson",
        title="Poisson cost",
        part=A - Y * sp.log(A),
        usual=1 - Y / A,
        outputs=POSITIVE,
        targets=COUNTS,
        source="McCullagh and Nelder (1989), ch. 6, without the terms in y alone",
    ),
)

COSTS: Mapping[str, Cost] = MappingProxyType({rule.name: rule for rule in _ROWS})
