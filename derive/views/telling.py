"""The lines of a derivation.

First order: the chain rule in letters, the slope of each factor, and what comes
of putting one into the other.

    dC/dw = dC/da da/dz dz/dw,    dC/da = a - y, ...,    dC/dw = (a - y) a(1 - a) x

Second order: what the first sweep found are steps like any others, one line
each, and they are differentiated again. A slope that stands in such a line
already is put in at once; only what is new, the slope of a slope, is a line.

    dC/da = a - y,    dC/dz = dC/da a(1 - a),    dC/dw = dC/dz x
    d(dC/dz)/da = dC/da (1 - 2a)
    d(dC/dw)/da = x a(1 - a) + x dC/da (1 - 2a)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from derive.problem import Problem
from derive.views.higher import Swept
from derive.views.letters import Letters
from derive.views.lines import Line, Proof
from derive.views.routes import Factor, Stage
from derive.writing.tree import Num, Tree

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "cost": "derivative of the cost",
        "activation": "derivative of the activation",
        "weight": "the weighted input is linear in the activation",
        "input": "the weighted input is linear in the weight",
        "local": "derivative of the step",
        "parameter": "derivative by a parameter of the rule",
        "upstream": "gradient from upstream",
        "carried": "linear in the derivative above it",
        "slope": "derivative of a slope",
        "use": "the use is the shared parameter itself",
    }
)
"""Why a factor is what it is, by the part it plays."""


def in_letters(stage: Stage, lhs: Tree, letters: Letters) -> Iterator[Line]:
    """A stage with the chain rule in letters, each factor's slope, and both together."""
    if not stage.routes:
        yield _without_routes(stage, lhs)
        return
    yield Line(lhs, letters.chain(stage), _rule(stage))
    yield from (_slope(factor, letters) for factor in stage.factors)
    yield Line(lhs, letters.substituted(stage), "substitution", "substitution")
    yield from _shorter(stage, lhs, letters)


def put_in(stage: Stage, lhs: Tree, letters: Letters, swept: Swept) -> Iterator[Line]:
    """A stage of a second derivative: the slopes that are new, and the chain rule with all of them put in."""
    if not stage.routes:
        yield _without_routes(stage, lhs)
        return
    yield from (_slope(factor, letters) for factor in stage.factors if _is_new(factor, swept))
    yield Line(lhs, letters.substituted(stage), _rule(stage), _proof(stage))
    yield from _shorter(stage, lhs, letters)


def definitions(swept: Swept, letters: Letters) -> Iterator[Line]:
    """What is differentiated again, and all derivatives that it is computed from, as the steps have them."""
    program = swept.routes.program
    needed = program.before((swept.key,))
    for key, (of, by) in swept.taken.items():
        if key in needed:
            step, stage = program.by_key[key], swept.routes.stage(of, by)
            slopes = stage.factors
            alone = len(slopes) == 1 and stage.routes[0].head is None
            because = reason(letters.problem, slopes[0]) if alone else step.because
            yield Line(letters.total(of, by), letters.step(step), because, _proof(stage))


def _is_new(factor: Factor, swept: Swept) -> bool:
    """Whether a slope has to be told: no coefficient in a line above, and more than a letter."""
    if factor.role == "carried" or factor.expression.is_Symbol or factor.expression.is_number:
        return False
    return factor.role == "slope" or factor.by not in {by for _, by in swept.taken.values()}


def _without_routes(stage: Stage, lhs: Tree) -> Line:
    itself = stage.of == stage.by
    return Line(lhs, Num("1" if itself else "0"), "itself" if itself else "independent")


def _slope(factor: Factor, letters: Letters) -> Line:
    proof: Proof = "identity" if factor.proved else "none"
    slope = letters.slope(factor.of, factor.by)
    return Line(slope, letters.formula(factor), reason(letters.problem, factor), proof)


def _proof(stage: Stage) -> Proof:
    """How a stage is known with its slopes put in: each of them is proved."""
    return "identity" if all(factor.proved for factor in stage.factors) else "none"


def _rule(stage: Stage) -> str:
    return "sum over routes" if len(stage.routes) > 1 else "chain rule"


def _shorter(stage: Stage, lhs: Tree, letters: Letters) -> Iterator[Line]:
    shorter = letters.simplified(stage)
    if shorter is not None:
        yield Line(lhs, shorter, "simplification", "identity")


def reason(problem: Problem, factor: Factor) -> str:
    """Why a factor is what it is; a weighted input reads weights, biases, activations and inputs."""
    parameter = problem.parameter.get(factor.by)
    bias = factor.by.startswith("b") if parameter is None else not parameter.is_weight
    if factor.role == "input" and bias:
        return "the weighted input is linear in the bias"
    if factor.role == "weight" and factor.by.startswith("x["):
        return "the weighted input is linear in the input"
    return REASONS[factor.role]


def telling(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines that say something: not dC/dy = dC/dy, and not the line before once more."""
    before = None
    for line in lines:
        if line.lhs != line.rhs and (line.lhs, line.rhs) != before:
            yield line
            before = line.lhs, line.rhs
