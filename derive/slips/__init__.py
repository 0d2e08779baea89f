"""The slips that people make in a derivation, each a one-place edit of it with a name and a sentence.

A slip's wrong value is computed by the same evaluators from the edited steps,
so a wrong figure or gradient is matched to the slip that produces exactly it.
"""

from derive.slips.forward import FORWARD_SLIPS
from derive.slips.kinds import (
    EVERYWHERE,
    GRAINS,
    HIDDEN,
    LAYER,
    LINE,
    TERM,
    Edit,
    Made,
    MadeBoth,
    Slip,
    Sweep,
)
from derive.slips.places import PlacedSlip, layer_in_words, slips, slips_of, swept
from derive.slips.table import GRADIENT_SLIPS, MISTAKES
from derive.slips.updates import (
    ALREADY_UPDATED,
    EPSILON_ELSEWHERE,
    MOMENTUM_EXCHANGED,
    NO_BIAS_CORRECTION,
    RATE_LEFT_OUT,
    RATE_TWICE,
    READ_EARLY,
    UPDATE_PAIRS,
    UPDATE_SLIPS,
    UPHILL,
)

__all__ = [
    "ALREADY_UPDATED",
    "EPSILON_ELSEWHERE",
    "EVERYWHERE",
    "FORWARD_SLIPS",
    "GRADIENT_SLIPS",
    "GRAINS",
    "HIDDEN",
    "LAYER",
    "LINE",
    "MISTAKES",
    "MOMENTUM_EXCHANGED",
    "NO_BIAS_CORRECTION",
    "RATE_LEFT_OUT",
    "RATE_TWICE",
    "READ_EARLY",
    "TERM",
    "UPDATE_PAIRS",
    "UPDATE_SLIPS",
    "UPHILL",
    "Edit",
    "Made",
    "MadeBoth",
    "PlacedSlip",
    "Slip",
    "Sweep",
    "layer_in_words",
    "slips",
    "slips_of",
    "swept",
]
