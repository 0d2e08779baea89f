"""What a floating-point witness says: a value, and the error it can claim.

Of one entry that is a `Claim`. A witness that speaks of many at once says it in
columns, so that 23,860 entries cost four arrays and not as many objects; each
is made into a `Claim` when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Entry = tuple[str, str]
"""A gradient entry: the keys of what is differentiated and of what it is differentiated by."""

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claim:
    """|truth - value| <= error; an infinite error claims nothing, and `why` says what is in the way.

    step  the step of a difference, None for other witnesses
    """

    value: float
    error: float
    why: str = ""
    step: float | None = None


Claims = Mapping[Entry, Claim]


@dataclass(frozen=True, eq=False)
class Columns(Claims):
    """Claims side by side: entry i is within error[i] of value[i].

    entries  (n,), in the order of the arrays
    value    (n,)
    error    (n,), infinite where nothing is claimed
    step     (n,) of a difference, None for other witnesses
    why      what is in the way, by position; only where something is
    """

    entries: tuple[Entry, ...]
    value: Column
    error: Column
    step: Column | None = None
    why: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def position(self) -> Mapping[Entry, int]:
        """Where each entry stands in the arrays."""
        return {entry: i for i, entry in enumerate(self.entries)}

    def __getitem__(self, entry: Entry) -> Claim:
        i = self.position[entry]
        step = None if self.step is None else float(self.step[i])
        return Claim(float(self.value[i]), float(self.error[i]), self.why.get(i, ""), step)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
