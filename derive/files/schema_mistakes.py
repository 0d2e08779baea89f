"""Reading raw tables into the schema, and pydantic's errors in our words.

A mistake in one place should not hide those elsewhere. What can be mended (a
key misspelled, a number that is none, a word not on the list) is mended; in the
place of the rest stands something harmless, and the place is told, so that the
next stage can find its mistakes too and lays none to the stand-in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from derive.errors import Mistake
from derive.files.elsewhere import CHOICE_WORDS, meant
from derive.files.mistakes import described, listed, path
from derive.files.schema import TABLES, File
from derive.files.unknown_keys import Place, table_of, unknown_key

WANTED: Mapping[str, str] = MappingProxyType(
    {
        "string_type": "text, in quotes",
        "string_too_short": "text that is not empty",
        "int_type": "a whole number",
        "list_type": "a list",
        "dict_type": "a table",
        "model_type": "a table",
        "too_short": "at least one entry",
        "greater_than_equal": "{ge} or more",
        "less_than_equal": "{le:,} or less",
    }
)
"""What is allowed, by pydantic's type of error."""

NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "inputs": 'names such as ["i1", "i2"], or a count',
        "layers": "a [[network.layers]] table for each layer",
        "layers[]": "a [[network.layers]] table, with its units and its activation",
        "units": 'names such as ["h1", "h2"], or a count',
        "activation": 'a rule such as "sigmoid", or a formula in z',
        "weights": "a row for each unit: [[0.15, 0.2], [0.25, 0.3]]; or {seed = 0}, which draws them",
        "biases": "a number or name for each unit, or false for none",
        "frozen": 'true, or names such as ["b1"]',
        "activation.rule": 'a rule such as "sigmoid", or a formula in z',
        "cost.rule": 'a rule such as "half_squared_error", or a formula of one output in a and y',
        "steps": 'assignments such as ["a = x^2", "J = cos(a)"]',
        "output": "the name of the step that is differentiated",
        "wrt": 'a list of given names such as ["x"]',
        "csv": 'the name of a file, such as "samples.csv"',
        "x": "samples such as [[0.05, 0.10]]",
        "y": "samples such as [[0.01, 0.99]]",
        "rate": "a number above 0",
        "quantity": 'a quantity such as "dC/dw1[1,1]"',
        "value": 'the printed number as text, such as "0.0820"',
        "id": 'a short text such as "1a"',
        "ask": 'a quantity such as "dC/dw1[1,1]"',
    }
)
"""What belongs under a key, where that says more than its type."""

OF_FORM = frozenset({"list_type", "dict_type", "model_type", "too_short"})
"""Types of errors about something that is no entry of the kind at all."""

ASIDE = frozenset({"title", "source", "training", "published", "questions"})
"""Tables in which a wrong entry shapes nothing else."""

A_LAYER = {"units": 1, "activation": "identity"}

HARMLESS: Mapping[str, object] = MappingProxyType(
    {
        "inputs": 1,
        "layers": [A_LAYER],
        "units": 1,
        "activation": "identity",
        "steps": [""],
        "output": "_",
        "csv": "_",
        "rate": 1,
        "quantity": "0",
        "value": "0",
        "id": "_",
        "ask": "0",
    }
)
"""For a key that its table needs: what has the right form. What else is wrong with it is not said."""

HARMLESS_ENTRIES: Mapping[str, object] = MappingProxyType(
    {
        "inputs": None,
        "units": None,
        "layers": A_LAYER,
        "steps": "",
        "published": {"quantity": "0", "value": "0"},
        "questions": {"id": "_", "ask": "0"},
    }
)
"""The same for an entry of a list, by the list's key."""

AS_A_WHOLE = frozenset({"activation", "cost", "weights", "biases", "frozen"})
"""What is left out altogether where one of its parts cannot be read."""

MOST_ROUNDS = 8
"""Of reading and mending; each finds only what the one before had hidden."""

Raw = dict[str, Any]


class Reading(NamedTuple):
    """What could be read of a file's tables.

    file      the tables, something harmless in each place of `lost`; None where nothing helps
    mistakes  of their form
    lost      the places of which nothing is known, but that they are wrong
    """

    file: File | None
    mistakes: list[Mistake]
    lost: list[Place]


def read_tables(raw: Raw) -> Reading:
    """The tables of a file, mended where they are wrong, and the mistakes of their form."""
    mistakes: list[Mistake] = []
    lost: list[Place] = []
    for _ in range(MOST_ROUNDS):
        try:
            return Reading(File.model_validate(raw), mistakes, lost)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        # What was hidden comes to light: a misspelled key's content is looked into only under the right key.
        known = {mistake.where for mistake in mistakes}
        errors = [error for error in errors if not _is_misspelled(raw, error, errors)]
        found = [_mistake(raw, error) for error in errors]
        mistakes += [mistake for mistake in found if mistake.where not in known]
        unread = [error["loc"] for error in errors if not _mend(raw, error)]
        for place in unread:
            _leave_out(raw, place)
        lost += unread
    return Reading(None, mistakes, lost)


def _mistake(raw: Raw, error: ErrorDetails) -> Mistake:
    where, context, found = path(*error["loc"]), error.get("ctx", {}), described(error["input"])
    match error["type"]:
        case "refused" | "number":
            return Mistake(where, context["found"], context["allowed"], context["fix"])
        case "extra_forbidden":
            return unknown_key(error["loc"], _holder(raw, error["loc"])).mistake
        case "missing":
            return Mistake(where, "missing", _needed(error["loc"]))
        case "literal_error":
            words = re.findall("'([^']*)'", context["expected"])
            ours = meant(str(error["input"]), words, CHOICE_WORDS.get(_keys(error["loc"]), {}))
            asked, fix = (ours.asked, ours.note) if ours else ("", "")
            return Mistake(where, found + asked, listed(words), fix)
        case "list_type" if isinstance(error["input"], dict) and error["loc"] in TABLES:
            fix = f"write [[{'.'.join(map(str, error['loc']))}]], with two brackets on each side"
            return Mistake(where, "one table", "a list of tables", fix)
    wanted = WANTED[error["type"]].format(**context)
    if error["type"] in OF_FORM:
        wanted = _needed(error["loc"]) or wanted
    return Mistake(where, found, wanted)


def _needed(loc: Place) -> str:
    """What belongs at a place, where NEEDED says it of its key or of its key within a table."""
    *above, key = loc
    if isinstance(key, int):
        return NEEDED.get(f"{above[-1]}[]", "")
    return NEEDED.get(".".join(_keys(loc)[-2:])) or NEEDED.get(key, "")


def _keys(loc: Place) -> tuple[str, ...]:
    return tuple(part for part in loc if isinstance(part, str))


def _is_misspelled(raw: Raw, error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a missing key is there under a wrong name or in a wrong table, a mistake of its own."""
    return error["type"] == "missing" and any(
        other["type"] == "extra_forbidden"
        and error["loc"] in unknown_key(other["loc"], _holder(raw, other["loc"])).places
        for other in errors
    )


def _mend(raw: Raw, error: ErrorDetails) -> bool:
    """Whether a mistake can be mended so that nothing is lost that others could hang on."""
    loc, kind = error["loc"], error["type"]
    holder = _holder(raw, loc)
    match kind:
        case "number":
            holder[loc[-1]] = 1
        case "extra_forbidden":
            places = unknown_key(loc, holder).places[:1]
            found = holder.pop(loc[-1])
            for place in places:
                if len(loc) == 1 and len(place) == 2:
                    raw.setdefault(str(place[0]), {})
                if isinstance(table := _holder(raw, place), dict):
                    table.setdefault(str(place[-1]), found)
            # What states neither a file nor a seed is no source of numbers.
            return bool(holder) or loc[-2:-1] not in (("weights",), ("biases",))
        case "literal_error":
            del holder[loc[-1]]
        case _:
            return False
    return True


def _holder(raw: Raw, loc: Place) -> Any:
    """The table or list that holds a place; None where something else was put there."""
    holder: Any = raw
    for part in loc[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return None
    return holder


def _leave_out(raw: Raw, place: Place) -> None:
    """Something harmless, or nothing, in the place of what cannot be read."""
    whole = next((i for i, part in enumerate(place) if part in AS_A_WHOLE), len(place) - 1)
    place = place[: whole + 1]
    holder, key = _holder(raw, place), place[-1]
    if isinstance(holder, list) and isinstance(key, int):
        if place[-2] in HARMLESS_ENTRIES:
            holder[key] = HARMLESS_ENTRIES[str(place[-2])]
        else:
            _leave_out(raw, place[:-1])
    elif isinstance(holder, dict):
        field = TABLES[table].model_fields.get(str(key)) if (table := table_of(place)) in TABLES else None
        if field is not None and field.is_required():
            holder[key] = HARMLESS[str(key)]
        else:
            holder.pop(key, None)
        if key in ("weights", "biases"):
            holder.pop("frozen", None)  # whose names may have stood there
    elif len(place) > 1:
        _leave_out(raw, place[:-1])  # a shorthand, which has no parts in the file
