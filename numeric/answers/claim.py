"""Is an equation true: of one problem, or of every network?

    claim(problem, "dE/dw5 = delta_o1*h1")             proved, or refuted at a point
    claim(None, r"\\delta^l = (W^{l+1})^T \\delta^{l+1} \\odot \\sigma'(z^l)")
    claim(None, "tanh(x) = (e^x + e^-x)/(e^x - e^-x)")  false: the right side is coth(x)

A claim about every network is tried on networks of several depths, with all widths
different and with all equal, an unspecified activation and several costs: so its proof is
never more than sampled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from derive.files.load import load_problem
from derive.formula.nodes import Letter, Slope, walk
from derive.formula.tokens import quoted
from derive.problem import Problem
from numeric.answers.equation import ORDER, Claimed, about
from numeric.answers.free_letters import about_free_letters
from numeric.answers.reasons import Reason
from numeric.deciding.worlds import Subject


def claim(problem: Problem | None, equation: str) -> Claimed:
    """Whether an equation is true of a problem; with none, of every network, or of all numbers."""
    said = _other_than_equation(equation)
    if said:
        return Claimed(equation, "unreadable", why=(Reason("unreadable", said),))
    if problem is not None:
        return about(Subject(problem), equation)
    return about_free_letters(equation) or _about_every_network(equation)


ASSIGNMENT = re.compile(r":=|\\(?:leftarrow|gets)(?![A-Za-z])|←")
RELATION = re.compile(r"[<>!]=?|[≤≥≠]|\\(?:n?leq?|n?geq?|lt|gt|neq?|leqslant|geqslant)(?![A-Za-z])")
"""Signs between two sides that are no equality."""

ASSIGNED = (
    "{sign} assigns a value, and a claim is an equation: of an update write w' = w - eta*dC/dw,"
    " with a prime on the new value"
)
UNEQUAL = "an inequality is not judged here; a claim is an equation, as in A = B"


def _other_than_equation(text: str) -> str:
    """What is said of an assignment or an inequality; empty of anything else."""
    assigned = ASSIGNMENT.search(text)
    if assigned is not None:
        return ASSIGNED.format(sign=quoted(assigned[0]))
    without, count = RELATION.subn("", text)
    return UNEQUAL if count and "=" not in without and "≈" not in without else ""


# -- every network ---------------------------------------------------------------------------------

SIZES = ((2, 3, 4, 2), (3, 3, 3, 3), (2, 1, 3, 2, 4), (1, 1, 1), (2, 2, 2))
"""Inputs, then units by layer: all different, all the same, deeper, one each, and few enough to be shown."""

COSTS = ("half_squared_error", "(a - y)^4/4 + a*y^2")
"""A claim that needs the first is told so."""

SHOWN_COSTS: Mapping[str, str] = MappingProxyType(
    dict(zip(COSTS, ("Σ ½(y − a)²", "Σ (¼(a − y)⁴ + a·y²)"), strict=True))
)


@cache
def _every(sizes: tuple[int, ...], cost: str) -> Subject:
    return Subject(_network(sizes, cost))


def _network(sizes: tuple[int, ...], cost: str) -> Problem:
    layers: list[dict[str, Any]] = [{"units": n, "activation": "general"} for n in sizes[1:]]
    return load_problem(
        {"title": "a network", "network": {"inputs": sizes[0], "cost": cost, "layers": layers}}
    )


Net = tuple[tuple[int, ...], str]
"""The sizes and the cost of a network."""


def _about_every_network(equation: str) -> Claimed:
    nets: list[Net] = [(sizes, cost) for cost in COSTS for sizes in SIZES]
    found = {net: about(_every(*net), equation) for net in nets}
    readable = {net: one for net, one in found.items() if one.verdict != "unreadable"}
    if not readable:
        return next(iter(found.values()))
    worst = min(readable, key=lambda net: (ORDER.index(readable[net].verdict), *_by_size(net, readable[net])))
    # A network of one unit a layer reads W as w: what is echoed is the reading of matrices.
    one = replace(readable[worst], meant=next(iter(readable.values())).meant)
    if not any(isinstance(part, Letter | Slope) for link in one.links for part in walk(link)):
        return one  # of numbers alone
    if one.verdict == "true":
        return replace(one, proof="sampled", why=(_of_samples(list(readable)), *one.why))
    return _refuted(one, worst, readable) if one.verdict == "false" else one


def _refuted(one: Claimed, net: Net, readable: Mapping[Net, Claimed]) -> Claimed:
    """A claim that is false in a network, with what is to be said of its cost and of shapes in others."""
    usual = [other.verdict for (_, cost), other in readable.items() if cost == COSTS[0]]
    shapes = list(_about_shapes(readable))
    numbers = [_where(net)] if one.counterexample is not None else []
    own = [reason for reason in one.why if not shapes or reason.slip != "shape"]
    why = [*shapes, *own, *numbers]
    if usual and set(usual) == {"true"}:
        why.insert(0, Reason("cost", "It holds for the cost ½(y − a)², but not for every cost."))
    network = {"units": _units(net), "C": SHOWN_COSTS[net[1]]}
    shown = None if one.counterexample is None else network | dict(one.counterexample)
    return replace(one, why=tuple(dict.fromkeys(why)), counterexample=shown)


def _about_shapes(readable: Mapping[Net, Claimed]) -> Iterator[Reason]:
    """Where the shapes of the two sides do not fit, which tells more than any numbers."""
    for net, one in readable.items():
        misfit = next((reason for reason in one.why if reason.slip == "shape"), None)
        if misfit is not None:
            where = "" if "n_" in misfit.text else f"In a network of {_units(net)} units "
            yield Reason("shape", f"{where}{misfit.text.removesuffix('.')}.")
            return


def _by_size(net: Net, one: Claimed) -> tuple[bool, int, int]:
    """The smallest network first that shows numbers, with the usual cost."""
    sizes, cost = net
    return one.counterexample is None, COSTS.index(cost), sum(sizes)


def _of_samples(tried: Sequence[Net]) -> Reason:
    nets = ", ".join(dict.fromkeys(map(_units, tried)))
    text = (
        f"It holds, with any φ, in networks of {nets} units and for two costs, at random points:"
        " strong evidence, and no proof for every size."
    )
    return Reason("sampled", text)


def _where(net: Net) -> Reason:
    text = f"These numbers are of a network of {_units(net)} units with the cost C = {SHOWN_COSTS[net[1]]}."
    return Reason("network", text)


def _units(net: Net) -> str:
    """2-3-4-2"""
    return "-".join(map(str, net[0]))
