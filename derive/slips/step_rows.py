"""The rows of slips that any step may have: a number that slips in, a factor of the chain that is lost."""

from __future__ import annotations

import sympy as sp

from derive.slips import networks as at
from derive.slips.changes import alone, bare, role, scaled, where
from derive.slips.kinds import LAYER, TERM, Mistake

on_the_way = where(at.on_the_way)
of_parameters = where(role("input"))
steps = where(role("local"))

ON_THE_WAY = (
    Mistake(
        name="sign on the way",
        text="A sign was turned on the way back.",
        here="The sign of {factor} was turned in {line}.",
        change=on_the_way(scaled(sp.Integer(-1))),
        grains=(LAYER, TERM),
    ),
    Mistake(
        name="factor 2 on the way",
        text="A factor 2 came in on the way back.",
        here="There is a factor 2 too many in {line}.",
        change=on_the_way(scaled(sp.Integer(2))),
        grains=(LAYER,),
    ),
    Mistake(
        name="factor 1/2 on the way",
        text="A factor 2 was lost on the way back.",
        here="A factor 2 was lost in {line}.",
        change=on_the_way(scaled(sp.Rational(1, 2))),
        grains=(LAYER,),
    ),
    Mistake(
        name="missing 1/n on the way",
        text="In one layer a 1/n is missing.",
        here="A 1/n is missing in {line}.",
        change=of_parameters(at.by_samples(1)),
        grains=(LAYER,),
    ),
    Mistake(
        name="extra 1/n on the way",
        text="One layer's gradient was divided by n once more.",
        here="There is a 1/n too many in {line}.",
        change=of_parameters(at.by_samples(-1)),
        grains=(LAYER,),
    ),
)

GRAPH_STEPS = (
    Mistake(
        name="missing local slope",
        text="A factor of the chain was left out: each step hands back what it receives times its own slope.",
        here="{factor} was left out of {line}.",
        change=steps(bare),
        grains=(LAYER, TERM),
    ),
    Mistake(
        name="chain not continued",
        text="This is one step's own slope; the chain rule multiplies it by the derivative by that step.",
        here="{factor} stands alone in {line}, without the derivative by {step}.",
        change=steps(alone),
        grains=(LAYER, TERM),
    ),
    Mistake(
        name="missing constant factor",
        text="A constant factor of the slope was left out.",
        here="The constant factor of {factor} was left out of {line}.",
        change=steps(at.without_coefficient),
        grains=(LAYER, TERM),
    ),
    *(
        Mistake(
            name=f"{which} factor of the slope left out",
            text="A factor of the step's slope was left out.",
            here="A factor of {factor} was left out of {line}.",
            change=steps(at.without_factor(number)),
            grains=(LAYER, TERM),
        )
        for number, which in enumerate(("first", "second", "third"))
    ),
    Mistake(
        name="missing upstream gradient",
        text="The gradient that arrives at the output was left out; everything is multiplied by it.",
        here="The gradient from upstream was left out of {line}.",
        change=where(role("upstream"))(bare),
    ),
)
