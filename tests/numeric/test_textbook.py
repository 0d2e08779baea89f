"""Textbook forms: what they claim to lose, they may lose, and no more."""

import numpy as np
import pytest

from derive.rules import ACTIVATIONS as ROWS
from derive.rules import COSTS as COST_ROWS
from numeric.floats.lossy import advice
from numeric.floats.network import cost_rule, textbook_rule, unit_rule
from numeric.floats.rounding import Rounded
from numeric.floats.rules import (
    ACTIVATIONS,
    FROM_Z,
    OUTPUTS,
    RESIDUALS_OF_A,
    TEXTBOOK,
    TEXTBOOK_COSTS,
    TEXTBOOK_OUTPUTS,
)
from tests.kinds import every
from tests.numeric.hard_cases import BY_NAME

# What a cost of the right output alone hands back: 1 - p loses its digits where p is 1.
ARRIVING = {"log_softmax": (1.0, 0.0, 0.0)}
LOSES_FROM = {"softsign": 1000.0, "silu": 1000.0}
"""The quotient rule and a + s(1 - a) lose one digit for each of z; all others are lost by z = 8."""


def sharp(claim, digits=13):
    return (claim.error <= 10.0**-digits * np.abs(claim.value)).all()


def meet(one, other):
    """Whether two claims on the same numbers overlap."""
    return bool((np.abs(one.value - other.value) <= one.error + other.error).all())


@pytest.mark.parametrize("name", TEXTBOOK)
@pytest.mark.parametrize("size", every([18.0, 0.3, 8.0, 40.0, 1e5], 4))
def test_the_textbook_form_claims_what_it_may_lose(name, size):
    """The true J^T g is within its claim, which is sharp where nothing cancels."""
    z, g = Rounded.exact([[size, -size, 0.0]]), Rounded.exact([ARRIVING.get(name, (1.0, -2.0, 0.5))])
    rule, row = unit_rule(ROWS[name].given()), textbook_rule(ROWS[name].given())
    plain, stable = row.pull(z, rule.value(z), g), rule.pull(z, g)
    assert meet(plain, stable)
    assert sharp(plain) == (size < LOSES_FROM.get(name, 1.0))


SATURATED = [
    ("sigmoid", 30.0), ("tanh", 15.0), ("softmax", 30.0), ("elu", -30.0), ("selu", -30.0),
    ("softplus", -30.0), ("gelu", -8.0), ("gelu_tanh", -8.0), ("log_softmax", 30.0), ("softsign", 1e13),
    ("silu", 1e13),
]  # fmt: skip


@pytest.mark.parametrize(("name", "size"), SATURATED)
def test_the_textbook_form_admits_that_it_loses_digits_at_saturation(name, size):
    """Six of sixteen digits and more are gone at z = 30, in plain float64 and in the claim."""
    z, g = Rounded.exact([[size, 0.0]]), Rounded.exact([ARRIVING.get(name, (1.0, -2.0))[:2]])
    rule, row = unit_rule(ROWS[name].given()), textbook_rule(ROWS[name].given())
    plain, stable = row.pull(z, rule.value(z), g)[0, 0], rule.pull(z, g)[0, 0]
    assert plain.error > 1e-4 * abs(stable.value)
    assert stable.error < 1e-13 * abs(stable.value)


LOST_VALUE = {"elu": -1e-9, "selu": -1e-9, "log_softmax": 30.0, "sigmoid": -720.0, "silu": -720.0}
"""e^z - 1 cancels next to 0, the others far from it; 1/(1 + e^-z) is 0 where e^-z overflows."""


@pytest.mark.parametrize("name", [name for name, row in TEXTBOOK.items() if row.value])
def test_a_textbook_value_claims_what_it_may_lose(name):
    """ln(1 + e^z) keeps few digits of e^-30, and none of e^-40."""
    rule, row = unit_rule(ROWS[name].given()), textbook_rule(ROWS[name].given())
    for z in (0.3, -3.0, 8.0, -8.0, 40.0, -40.0, 1000.0, -1000.0):
        layer = Rounded.exact([[z, 0.25]])
        assert meet(row.value(layer), rule.value(layer)), z
        assert np.isfinite(row.value(layer).error).all()
    lost = Rounded.exact([[LOST_VALUE.get(name, -8.0), 0.25]])
    assert row.value(lost).error[0, 0] > 1e-13 * abs(rule.value(lost).value[0, 0])


@pytest.mark.parametrize("name", TEXTBOOK_COSTS)
def test_a_textbook_slope_of_a_cost_claims_what_it_may_lose(name):
    """-y/a + (1-y)/(1-a) cancels beside y, p - y where the class is right."""
    rule, row = cost_rule(COST_ROWS[name].given()), TEXTBOOK_COSTS[name]
    logits = "logits" in name
    lost = [[40.0, -40.0]] if logits else [[0.5 + 1e-9, 0.25]]
    y = Rounded.exact([[1.0, 0.0]] if logits else [[0.5, 0.25]])
    for a in ([[0.3, 0.6]], [[0.9999, 1e-9]], lost):
        assert meet(row.slope(Rounded.exact(a), y), rule.slope(Rounded.exact(a), y))
    a = Rounded.exact(lost)
    assert row.slope(a, y).error[0, 0] > 1e3 * rule.slope(a, y).error[0, 0]


@pytest.mark.parametrize("pair", TEXTBOOK_OUTPUTS, ids="-".join)
@pytest.mark.parametrize("gap", [0.5, 20.0, 40.0, 1000.0])
def test_a_textbook_delta_claims_what_it_may_lose(pair, gap):
    """p - y, right class and wrong: finite at every gap, and all digits gone where p rounds to 1."""
    row, fused = TEXTBOOK_OUTPUTS[pair], OUTPUTS[pair]
    z = Rounded.exact([[gap, -gap, 0.0]])
    a = ACTIVATIONS[pair[0]].value(z)
    for y in ([[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]], [[0.5, 0.25, 0.25]]):
        plain, stable = row.delta(a, Rounded.exact(y)), fused.delta(z, Rounded.exact(y))
        assert meet(plain, stable)
        assert np.isfinite(plain.error).all()
    right = Rounded.exact([[1.0, 0.0, 0.0]])
    if gap >= 40:
        assert row.delta(a, right).error[0, 0] > abs(fused.delta(z, right).value[0, 0])


def test_every_textbook_form_says_what_to_write_instead():
    """Shown to whoever's gradient lost digits."""
    assert set(TEXTBOOK) <= set(ACTIVATIONS)
    assert set(TEXTBOOK_COSTS) <= set(COST_ROWS)
    assert set(TEXTBOOK_OUTPUTS) <= set(OUTPUTS)
    assert set(RESIDUALS_OF_A) == set(FROM_Z)
    tables = (TEXTBOOK, TEXTBOOK_COSTS, TEXTBOOK_OUTPUTS, RESIDUALS_OF_A)
    for row in (row for table in tables for row in table.values()):
        assert row.form
        assert row.stable
        assert row.form != row.stable


ADVICE = {
    "hidden sigmoid at 40": ["a(1-a)"],
    "hidden softsign at -1000": ["1/(1+|z|) - |z|/(1+|z|)^2"],
    "hidden softplus at -40": ["ln(1+e^{βz})/β"],
    "sigmoid at 40, y = 1, binary_cross_entropy": ["a-y"],
    "sigmoid at 40, y = 1, squared_error": ["a(1-a)", "a-y"],
    "softmax gap 40, y = 1, 0, 0, cross_entropy": ["p-y"],
    "identity at 40, y = 1, binary_cross_entropy_on_logits": ["σ(z)-y"],
    "a dead relu": [],
}


@pytest.mark.parametrize("case", ADVICE)
def test_only_forms_that_lose_digits_here_are_named(case):
    """tanh at 0.3 is as good as ever, and its reader needs no advice."""
    forms = [part.split(" loses")[0] for part in advice(BY_NAME[case].problem).split("; ") if part]
    assert len(forms) == len(ADVICE[case])
    assert all(form.startswith(start) for form, start in zip(forms, ADVICE[case], strict=True))
