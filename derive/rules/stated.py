"""Rules that a problem states by a formula of its own."""

from __future__ import annotations

from derive.expressions import expression
from derive.formula.nodes import Node
from derive.rules.kinds import A, Activation, Cost, Y


def activation_of(node: Node) -> Activation:
    """A rule from a formula in z: `z/(1 + abs(z))`."""
    return Activation(
        name="formula",
        title="an activation formula of its own",
        letter="phi",
        phi=lambda z, _: expression(node, {"z": z}),
        source="the problem's own formula",
        node=node,
    )


def cost_of(node: Node) -> Cost:
    """A rule from a formula of one output in a and y: `(y - a)^2`."""
    return Cost(
        name="formula",
        title="a cost formula of its own",
        part=expression(node, {"a": A, "y": Y}),
        source="the problem's own formula",
        node=node,
    )
