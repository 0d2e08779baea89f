"""Why a value after an update is wrong: a slip of the update itself, or of the gradient that it reads.

w - g, w + eta g, -eta g    the update with a slip in it gives exactly the answer
(w - answer)/eta            of gradient descent, the gradient that was put in; explained as one
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from derive.slips import READ_EARLY, UPDATE_SLIPS
from derive.steps import Program
from derive.training.update import rule_of, update_program, updated
from derive.training.update_rules import GRADIENT_DESCENT, RATE
from numeric.answers.explain import MOST_REASONS, MOST_TRIED, SMOOTH, Asked, Explainer
from numeric.answers.reasons import Reason
from numeric.answers.residues import Signature, signature
from numeric.deciding.compare import InWorld
from numeric.deciding.nodes import Array
from numeric.deciding.updates import first_batch
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World


@dataclass(eq=False)
class UpdateExplainer:
    """Explains answers to what some parameters are after one update.

    keys  of the parameters, in the order of what is asked for
    """

    subject: Subject
    keys: tuple[str, ...]

    def why(self, answer: InWorld) -> tuple[Reason, ...]:
        """Reasons, the surest first; none where nothing is proved."""
        return tuple(islice(self._updates(answer), MOST_REASONS)) or self._gradients(answer)

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """Worlds in which the truth has a value."""
        tried = (self.subject.world(number) for number in range(MOST_TRIED))
        return tuple(islice((world for world in tried if self._after(world) is not None), SMOOTH))

    def _after(self, world: World) -> Signature | None:
        return signature(world.value(key, after=True) for key in self.keys)

    def _updates(self, answer: InWorld) -> Iterator[Reason]:
        found = [_answered(answer, world) for world in self.worlds]
        if None in found or len(found) < SMOOTH:
            return
        for name, (text, made) in self._slipped.items():
            if list(made) == found:
                yield Reason(name, text)

    @cached_property
    def _slipped(self) -> dict[str, tuple[str, list[Signature | None]]]:
        """Each slip's sentence, and what the parameters are in each world by an update with it."""
        problem = self.subject.problem
        batch = first_batch(problem)
        right = update_program(problem, batch)
        found = {
            name: (slip.text, self._by(slip.edit(problem, right))) for name, slip in UPDATE_SLIPS.items()
        }
        found[READ_EARLY.name] = (READ_EARLY.text, [self._before(world) for world in self.worlds])
        if batch is not None:
            read = ", ".join(suffix.removeprefix("@") for suffix in batch)
            text = (
                f"The gradient is that of all samples; the first update reads the cost of {_samples(read)}."
            )
            found["all samples"] = (text, self._by(update_program(problem)))
        return found

    def _by(self, program: Program) -> list[Signature | None]:
        steps = program.only(map(updated, self.keys)).steps
        made = (world.under(steps) for world in self.worlds)
        return [signature(world[updated(key)] for key in self.keys) for world in made]

    def _before(self, world: World) -> Signature | None:
        return signature(world[key] for key in self.keys)

    def _gradients(self, answer: InWorld) -> tuple[Reason, ...]:
        """The answer's gradient, where the rule is w - eta g and g that of all samples."""
        problem = self.subject.problem
        if rule_of(problem).lines != GRADIENT_DESCENT.lines or first_batch(problem) is not None:
            return ()
        asked = Asked(problem.objectives[0], self.keys)

        def gradient(world: World) -> Array:
            after = answer(world)
            before = np.array([world[key] for key in self.keys], dtype=object).reshape(after.shape)
            return np.asarray((before - after) / world[RATE], dtype=object)

        reasons = Explainer(self.subject, asked).why(gradient)
        return tuple(Reason(reason.slip, f"In the gradient: {reason.text}") for reason in reasons)


def _samples(read: str) -> str:
    return f"samples {read} alone" if "," in read else f"sample {read} alone"


def _answered(answer: InWorld, world: World) -> Signature | None:
    try:
        return signature(answer(world).flat)
    except UnluckyError:
        return None
