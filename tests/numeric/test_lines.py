"""Lines of a derivation in balls: right ones agree to 30 digits, wrong ones do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from derive.rules import ACTIVATIONS, COSTS, Z
from derive.sheet import Sheet, sheet_of
from numeric.proofs.lines import ENOUGH_DIGITS, checks
from tests import kinds
from tests.kinds import thinned

RULES = (*ACTIVATIONS.values(), *COSTS.values())
SIGMA = 1 / (1 + sp.exp(-Z))


def with_last_line(sheet: Sheet, expr: sp.Expr) -> Sheet:
    """The sheet with another right side in the first derivation's last line."""
    first, *others = sheet.derived
    *lines, last = first.lines
    return replace(sheet, derived=(replace(first, lines=(*lines, replace(last, expr=expr))), *others))


@pytest.mark.parametrize("rule", thinned(RULES, kinds.RULES), ids=lambda rule: rule.name)
@pytest.mark.slow
def test_every_line_of_every_sheet_holds_by_number(rule):
    """At two points of its branch or more, to 30 digits or exactly."""
    sheet = sheet_of(rule)
    for derived in sheet.derived:
        found = checks(sheet, derived)
        assert len(found) == len(derived.lines)
        assert all(check.digits >= ENOUGH_DIGITS and check.points >= 2 for check in found)


@pytest.mark.parametrize(
    "wrong",
    [SIGMA * (1 + SIGMA), -SIGMA * (1 - SIGMA), SIGMA * (1 - SIGMA) * (1 + sp.Rational(1, 10**20)), sp.nan],
    ids=["sign", "turned", "20th digit", "no value"],
)
def test_a_wrong_line_does_not_hold(wrong):
    """Even where the prover let it pass."""
    sheet = with_last_line(sheet_of(ACTIVATIONS["sigmoid"]), wrong)
    *right, last = checks(sheet, sheet.derived[0])
    assert last.digits < ENOUGH_DIGITS
    assert all(check.digits >= ENOUGH_DIGITS for check in right)


def test_a_line_that_no_point_was_found_for_is_not_checked():
    """No evidence is no agreement."""
    sheet = sheet_of(ACTIVATIONS["relu"])
    branch = replace(sheet.derived[0].branch, where=None, when=sp.false)
    (check,) = checks(sheet, replace(sheet.derived[0], branch=branch))
    assert (check.points, check.digits) == (0, float("-inf"))


def test_a_branch_beyond_the_usual_points_is_looked_into():
    """The points lie in the branch, however far off it is."""
    sheet = sheet_of(ACTIVATIONS["relu"])
    for where in (sp.Interval.open(9, 10), sp.Interval.open(90, sp.oo), sp.Interval.open(-sp.oo, -90)):
        branch = replace(sheet.derived[1].branch, where=where)
        (check,) = checks(sheet, replace(sheet.derived[1], branch=branch))
        assert check.points >= 2
