"""What is said of an answer that is right, or can be, with the numbers of its problem alone."""

from __future__ import annotations

from numeric.answers.reasons import Reason

OWN_NUMBERS = Reason(
    "with your numbers",
    "It is right with the numbers of this problem; as a formula of the quantities it is another one.",
)
OWN_RATE = Reason("with your numbers", "It is right, with the learning rate of this problem as a number.")
OWN_L2 = Reason(
    "with your numbers", "It is right, with the strength of L2, λ or λ/m of this problem, as a number."
)
ZERO_HERE = Reason(
    "no value", "With the numbers of this problem it divides by 0; everywhere else it is what is asked for."
)
ONE_SIDE = Reason(
    "with your numbers",
    "It is right with the numbers of this problem, and wherever it was tried; but it chooses by a comparison"
    " that fell the same way everywhere.",
)
NUMBER_WITH_OWN = Reason("with your numbers", "It is right with the numbers of this problem.")
CONSTANT = Reason(
    "a number", "This is a number; what is asked for changes with the quantities that it reads."
)
