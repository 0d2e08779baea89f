"""The one list of slips: whatever explains a wrong answer, figure or gradient asks it.

Rows stand in the order in which they are tried, the commonest first: a number
is matched to a row only while chance is ruled out, and every row that was tried
before it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derive.slips.differentiation import DIFFERENTIATION
from derive.slips.kinds import EVERYWHERE, Made, Mistake, Slip
from derive.slips.network_rows import NETWORKS
from derive.slips.step_rows import GRAPH_STEPS, ON_THE_WAY

MISTAKES: tuple[Mistake, ...] = (*NETWORKS, *DIFFERENTIATION, *ON_THE_WAY, *GRAPH_STEPS)

GRADIENT_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {
        mistake.name: Slip(name=mistake.name, text=mistake.text, edit=Made(mistake))
        for mistake in MISTAKES
        if EVERYWHERE in mistake.grains
    }
)
"""Each row that can be made throughout a derivation, made throughout."""
