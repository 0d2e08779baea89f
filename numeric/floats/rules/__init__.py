"""Values and slopes of activations and costs, written by hand in forms that lose nothing.

Tables, keyed by the names of the rows of `derive.rules`:

    ACTIVATIONS  a = phi(z), and what a slope in a is worth in z
    COSTS        the parts of a cost, and their slopes in a
    OUTPUTS      a cost straight from the last z, for pairs that would lose digits on the way
    TEXTBOOK     values and slopes as textbooks write them, with what those may lose,
                 and likewise TEXTBOOK_COSTS, TEXTBOOK_OUTPUTS and RESIDUALS_OF_A

No symbolic derivative is read here: agreement with one is evidence. A rule's
parameters are handed on by name, each with the error of its nearest float.

Source: Higham (2002), ch. 1; Goodfellow et al. (2016), sec. 4.1, 6.2.
"""

from numeric.floats.rules.activations import ACTIVATIONS
from numeric.floats.rules.costs import COSTS, RESIDUALS
from numeric.floats.rules.kinds import Activation, Cost, Output, Textbook, TextbookCost, TextbookOutput
from numeric.floats.rules.outputs import FROM_Z, OUTPUTS
from numeric.floats.rules.textbook import RESIDUALS_OF_A, TEXTBOOK, TEXTBOOK_COSTS, TEXTBOOK_OUTPUTS

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "FROM_Z",
    "OUTPUTS",
    "RESIDUALS",
    "RESIDUALS_OF_A",
    "TEXTBOOK",
    "TEXTBOOK_COSTS",
    "TEXTBOOK_OUTPUTS",
    "Activation",
    "Cost",
    "Output",
    "Textbook",
    "TextbookCost",
    "TextbookOutput",
]
