"""Any network: the four fundamental equations for L layers, a general phi and a general cost.

    steps of one layer -> fragment -> sweep -> BP1 to BP4 -> proofs, line by line

The steps are those of `derive.matrix`, with letters for layers. Another step
gives its own equations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.problem import Notation


@dataclass(frozen=True)
class Theory:
    """The subject of the page, in one notation."""

    notation: Notation = field(default_factory=Notation)

    name = "four-equations"
