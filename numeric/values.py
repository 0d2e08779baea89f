"""Any formula in a problem's quantities, as a proven value: `a1*phi'(z2)*(a2 - y)`, `d2C/dw1[1,1]dw1[1,2]`.

The formula becomes one more step behind those of the problem and of the
derivatives that it reads, so that precision is raised for its own value.
"""

from __future__ import annotations

from derive.errors import AnswerError
from derive.expressions import formula_of
from derive.formula import parse
from derive.formula.nodes import Derivative, Name
from derive.problem import Problem
from derive.quantities import resolve, scope_of
from derive.steps import Step, Term, given_values, program_of, stand_ins_of
from derive.sweep import derivative
from numeric.balls.enclosure import Enclosure, balls_of, enclose

VALUE = "the value"


def value_of(problem: Problem, text: str) -> Enclosure:
    """The formula's value where all numbers and functions of the problem are known, before any update.

    Raises AnswerError for a formula that means nothing here.
    """
    formula, leaves = formula_of(parse(text, scope_of(problem)), stand_ins=stand_ins_of(problem))
    program, keys = program_of(problem), list[str]()
    for leaf in leaves:
        if _primes(leaf):
            raise AnswerError(f"'{leaf}' is the value after an update; here values are read before any")
        quantity = resolve(problem, leaf)
        program, key = derivative(program, quantity.of, quantity.by)
        keys.append(key)
    program = program.plus((Step(VALUE, (Term(formula, tuple(keys)),), "formula"),))
    return enclose(program, balls_of(given_values(problem)), (VALUE,))[VALUE]


def _primes(leaf: Name | Derivative) -> int:
    return max(name.primes for name in ((leaf,) if isinstance(leaf, Name) else (leaf.of, *leaf.by)))
