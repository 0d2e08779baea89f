"""Formulas: a text, read within a scope of names, becomes one tree of a closed set of nodes.

    parse("(y - a)^2", scope)              a formula rule, a published quantity
    parse_assignment("a = x^2", scope)     a step of a graph
    parse_equation("p + q = 1", scope)     an assumption of a graph

`tokens` tells every word apart by the scope's names, `grammar` holds how tightly each
sign binds, `precedence` reads by that, `limits` bounds what a text may cost, `nodes` is
what comes out.
"""

from derive.formula.parse import parse, parse_assignment, parse_equation
from derive.formula.tokens import Scope

__all__ = ["Scope", "parse", "parse_assignment", "parse_equation"]
