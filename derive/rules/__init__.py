"""Activations and costs: everything that is true of a rule is one row here.

SymPy differentiates `phi` and `part`. What a row states as its usual slope is
what books print; nobody believes it before `expressions.prove` did. The
numbers' side keeps its own table of slopes, written by hand, and the two meet
only in the tests and in the evidence.

`kinds` says what a row holds; `activations` and `costs` are the tables;
`stated` makes rows of a problem's own formulas.
"""

from derive.rules.activations import ACTIVATIONS, general
from derive.rules.costs import COSTS
from derive.rules.kinds import (
    A,
    Activation,
    Cost,
    Form,
    K,
    Kink,
    RuleParameter,
    S,
    Targets,
    Y,
    Z,
)
from derive.rules.stated import activation_of, cost_of

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "A",
    "Activation",
    "Cost",
    "Form",
    "K",
    "Kink",
    "RuleParameter",
    "S",
    "Targets",
    "Y",
    "Z",
    "activation_of",
    "cost_of",
    "general",
]
