"""What can be judged of a file of which not everything can be read.

Two ways, which may find the same mistake:

    as far as it is built   a network whose sizes are known is built without what could not be read
                            and without all that names quantities, which may have stood there
    field by field          a rule's name, a step's syntax, a training's keys need nothing around them
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.files.build import check_notation
from derive.files.build_asked import check_questions
from derive.files.build_free import unspecified_functions
from derive.files.build_graph import steps_of
from derive.files.build_network import rules_of
from derive.files.build_training import check_keys, chosen_rule
from derive.files.mistakes import Mistakes
from derive.files.schema import File
from derive.files.schema_mistakes import ASIDE
from derive.files.unknown_keys import Place

LEAVE_SIZES = frozenset({"weights", "biases", "frozen", "cost", "output", "reduction", "l2"})
"""Keys of [network] and its layers without which the number of units is known all the same."""


def rest_of(file: File, lost: Sequence[Place]) -> File | None:
    """The file without what hangs on places that could not be read; None where sizes hang on them.

    All shapes of a graph do, on its values and on each other.
    """
    shaping = [place for place in lost if place[0] not in ASIDE]
    if not shaping and ("training",) not in lost:
        return file
    rest: dict[str, object] = {"published": [], "questions": []}
    if shaping:
        if file.network is None or not all(_leaves_sizes(place) for place in shaping):
            return None
        rest |= {"values": None, "training": None}
        rest["network"] = file.network.model_copy(update={"output": None})
        if any(place[0] == "data" for place in shaping):
            rest["data"] = None
    return file.model_copy(update=rest)


def _leaves_sizes(place: Place) -> bool:
    """Whether the sizes of a network are known without what stands in a place."""
    if place[0] == "network":
        is_name = isinstance(place[-1], int) and place[-2] in ("inputs", "units")
        return is_name or any(part in LEAVE_SIZES for part in place)
    return place[0] in ("notation", "values", "data")


def judge_alone(file: File, lost: Sequence[Place], mistakes: Mistakes) -> None:
    """Adds the mistakes of single fields that are not found yet."""
    found = Mistakes(mistakes)
    check_notation(file.notation, found)
    check_questions(file.questions, found)
    if file.network is not None:
        rules_of(file.network, found)
    if file.graph is not None and not any(place[:2] == ("graph", "functions") for place in lost):
        functions = unspecified_functions(file.graph, file.values or {}, found)
        steps_of(file.graph, file.values or {}, functions, found)
    if file.training is not None:
        check_keys(file.training, chosen_rule(file.training), found)
    for mistake in found[len(mistakes) :]:
        if mistake not in mistakes:
            mistakes.append(mistake)
