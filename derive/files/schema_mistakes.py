"""Reading raw tables into the schema, and pydantic's errors in our words.

A mistake in one place should not hide those elsewhere: what can be mended (a
key misspelled, a number that is none, a word not on the list) is mended and
reading goes on, so that the next stage can find its mistakes too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from derive.errors import Mistake, did_you_mean
from derive.files.mistakes import described, listed, path
from derive.files.schema import TABLES, File

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
        "units": 'names such as ["h1", "h2"], or a count',
        "activation": 'a rule such as "sigmoid", or a formula in z',
        "weights": "a row for each unit: [[0.15, 0.2], [0.25, 0.3]]",
        "biases": "a number or name for each unit, or false for none",
        "frozen": 'true, or names such as ["b1"]',
        "rule": 'a rule such as "sigmoid", or a formula in z',
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

ASIDE = frozenset({"training", "published", "questions"})
"""Tables in which a wrong entry can be left out without shaping anything else."""

Raw = dict[str, Any]


def read_tables(raw: Raw) -> tuple[File | None, list[Mistake]]:
    """The tables of a file and the mistakes of their form; None where too little is left to go on."""
    try:
        return File.model_validate(raw), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    mistakes = [_mistake(error) for error in errors if not _is_misspelled(error, errors)]
    mended = [_is_misspelled(error, errors) or _mend(raw, error) for error in errors]
    try:
        file = File.model_validate(raw)
    except ValidationError as error:
        # What was hidden: a misspelled key's content, for one, is looked into only under the right key.
        known = {mistake.where for mistake in mistakes}
        further = [_mistake(hidden) for hidden in error.errors(include_url=False)]
        return None, mistakes + [mistake for mistake in further if mistake.where not in known]
    return (file if all(mended) else None), mistakes


def _mistake(error: ErrorDetails) -> Mistake:
    where, context, found = path(*error["loc"]), error.get("ctx", {}), described(error["input"])
    match error["type"]:
        case "refused" | "number":
            return Mistake(where, context["found"], context["allowed"], context["fix"])
        case "extra_forbidden":
            return _unknown_key(error, where)
        case "missing":
            return Mistake(where, "missing", NEEDED[str(error["loc"][-1])])
        case "literal_error":
            words = re.findall("'([^']*)'", context["expected"])
            return Mistake(where, found + did_you_mean(str(error["input"]), words), listed(words))
        case "list_type" if isinstance(error["input"], dict) and _is_table(error):
            fix = f"write [[{'.'.join(map(str, error['loc']))}]], with two brackets on each side"
            return Mistake(where, "one table", "a list of tables", fix)
    wanted = WANTED[error["type"]].format(**context)
    if error["type"] in OF_FORM:
        wanted = NEEDED.get(str(error["loc"][-1]), wanted)
    return Mistake(where, found, wanted)


def _is_table(error: ErrorDetails) -> bool:
    """Whether an error is about a table of the schema, or about a list of such tables."""
    return error["loc"] in TABLES


def _unknown_key(error: ErrorDetails, where: str) -> Mistake:
    keys = TABLES[_table(error)].model_fields
    near = did_you_mean(str(error["loc"][-1]), keys)
    return Mistake(where, f"unknown key{near}", ", ".join(keys))


def _table(error: ErrorDetails) -> tuple[str, ...]:
    """The table in which an error lies, by its keys."""
    return tuple(part for part in error["loc"][:-1] if isinstance(part, str))


def _meant(error: ErrorDetails) -> str | None:
    """The key that a misspelled one stands for."""
    near = get_close_matches(str(error["loc"][-1]), list(TABLES[_table(error)].model_fields), n=1)
    return near[0] if near else None


def _is_misspelled(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a missing key is there under a wrong name, which is a mistake of its own."""
    return error["type"] == "missing" and any(
        other["type"] == "extra_forbidden"
        and other["loc"][:-1] == error["loc"][:-1]
        and _meant(other) == error["loc"][-1]
        for other in errors
    )


def _mend(raw: Raw, error: ErrorDetails) -> bool:
    """Puts something harmless in the place of a mistake, where that is possible."""
    *above, key = error["loc"]
    holder: Any = raw
    for part in above:
        holder = holder[part]
    match error["type"]:
        case "number":
            holder[key] = 1
        case "extra_forbidden":
            found, meant = holder.pop(key), _meant(error)
            if meant is not None and meant not in holder:
                holder[meant] = found
        case "literal_error":
            del holder[key]
        case "refused" if above and above[0] in ASIDE and key == "value":
            holder[key] = "0"
        case _ if above and above[0] in ASIDE and isinstance(holder, dict):
            holder.pop(key, None)
        case _:
            return False
    return True
