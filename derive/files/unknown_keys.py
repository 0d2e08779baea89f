"""A key that its table does not have: which one is meant, and where that belongs.

lr = 0.5     in [training]   rate, as other programs call it
raet = 0.5   in [training]   rate, misspelled
rate = 0.5   in [network]    a key of [training]
alpha = 0.1  in a layer      a parameter of its activation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake
from derive.files.elsewhere import ABSENT, KEY_WORDS, Ours, bare, meant, same
from derive.files.mistakes import is_own_name, listed, number_shown, path
from derive.files.schema import TABLES
from derive.rules import ACTIVATIONS, COSTS, Activation, Cost

Place = tuple[str | int, ...]
Keys = tuple[str, ...]

HEADERS: Mapping[Keys, str] = MappingProxyType(
    {
        ("network",): "[network]",
        ("network", "layers"): "[[network.layers]]",
        ("graph",): "[graph]",
        ("data",): "[data]",
        ("training",): "[training]",
        ("published",): "[[published]]",
        ("questions",): "[[questions]]",
        ("notation",): "[notation]",
        (): "the top of the file, before all tables",
    }
)
"""The tables that a file writes with a header, in the order in which a key is looked for."""

RULES: Mapping[Keys, tuple[str, Mapping[str, Activation] | Mapping[str, Cost]]] = MappingProxyType(
    {("network", "layers"): ("activation", ACTIVATIONS), ("network",): ("cost", COSTS)}
)
"""The key of a table that takes a rule, and the rules with their parameters."""

ROOT_FIELDS: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        str: ("title", "source"),
        list: ("published", "questions"),
        dict: tuple(key for key in TABLES[()].model_fields if key not in ("title", "source")),
    }
)
"""The keys outside of all tables, by what stands under them."""

IN_LISTS = frozenset({("network", "layers"), ("published",), ("questions",)})
"""Of these there may be several, so a key that stands elsewhere may be meant for any."""

OF_PROGRAMS: tuple[Keys, ...] = (("network",), ("network", "layers"), ("data",), ("training",))
"""The tables for which other programs have words too; the others are our own."""

MOST_HOMES = 2


@dataclass(frozen=True)
class Home:
    """Where an unknown key belongs.

    table  the keys of its table
    ours   what it is called there, and what is different about it
    """

    table: Keys
    ours: Ours


@dataclass(frozen=True)
class Unknown:
    """What is said of an unknown key, and the places that its value may be meant for, the likeliest first."""

    mistake: Mistake
    places: tuple[Place, ...] = ()


def unknown_key(loc: Place, holder: Mapping[str, Any]) -> Unknown:
    """A key that its table, `holder`, should not have."""
    table, key, where = table_of(loc), str(loc[-1]), path(*loc)
    value, allowed = holder[key], ", ".join(TABLES[table].model_fields)
    if (rule := _with_parameter(table, key, holder)) is not None:
        found = f"unknown key; '{key}' is a parameter of a rule"
        return Unknown(Mistake(where, found, allowed, f"put it beside its rule: {rule}"))
    if (fix := _as_number_or_step(table, key, value)) is not None:
        return Unknown(Mistake(where, "unknown key", allowed, fix))
    homes = _homes(table, key, value)
    if not homes:
        return Unknown(Mistake(where, "unknown key", allowed, ABSENT.get(bare(key), "")))
    ours = homes[0].ours
    if homes[0].table == table:
        is_there = ours.name in holder and not isinstance(value, list)
        fix = f"{ours.name} is there already: leave one out" if is_there else ours.note
        place = (*loc[:-1], ours.name)
        return Unknown(Mistake(where, f"unknown key{ours.asked}", allowed, fix), (place,))
    places = tuple((*home.table, home.ours.name) for home in homes if home.table not in IN_LISTS)
    if homes[0].table == () and isinstance(value, dict | list):
        fix = f"write it as a table of its own, [{ours.name}]"
        return Unknown(Mistake(where, "unknown key here", allowed, fix), places)
    headers = listed([HEADERS[home.table] for home in homes[:MOST_HOMES]])
    called = "" if ours.name == key else f", as '{ours.name}'"
    found = f"unknown key here; it belongs to {headers}{called}"
    note = f"; {ours.note}" if ours.note else ""
    return Unknown(Mistake(where, found, allowed, f"move it there{note}"), places)


def _homes(table: Keys, key: str, value: object) -> list[Home]:
    """The tables where a key may belong: its own one under a right name, else others."""
    fields = ROOT_FIELDS[_kind(value)] if table == () else tuple(TABLES[table].model_fields)
    ours = same(key, fields, KEY_WORDS.get(table, {}))
    if ours is not None and ours.name in fields:
        return [Home(table, ours)]
    others = [other for other in HEADERS if other != table and table in HEADERS]
    exact = [Home(other, Ours(key)) for other in others if key in TABLES[other].model_fields]
    if exact:
        return exact
    near = meant(key, fields, {})
    if near is not None:
        return [Home(table, near)]
    words = ((other, same(key, TABLES[other].model_fields, KEY_WORDS[other])) for other in OF_PROGRAMS)
    elsewhere = [Home(other, word) for other, word in words if word is not None and other in others]
    return elsewhere[:1]


def _kind(value: object) -> type:
    return next((kind for kind in (dict, list) if isinstance(value, kind)), str)


def _with_parameter(table: Keys, key: str, holder: Mapping[str, Any]) -> str | None:
    """`activation = {rule = "leaky_relu", alpha = 0.1}` where a rule's parameter stands beside the rule."""
    if table not in RULES:
        return None
    place, rows = RULES[table]
    having = [row.name for row in rows.values() if any(p.name == key for p in row.parameters)]
    if not having:
        return None
    stated = holder.get(place)
    value = holder[key]
    number = number_shown(value) if isinstance(value, int | float | Decimal) else "…"
    return f'{place} = {{rule = "{stated if stated in having else having[0]}", {key} = {number}}}'


def _as_number_or_step(table: Keys, key: str, value: object) -> str | None:
    """The fix for a name's number in a table of structure, or for a step that stands as a key."""
    if table[-1:] in (("weights",), ("biases",)) and not meant(key, TABLES[table].model_fields, {}):
        return 'numbers stand in rows, [[0.15, 0.2]], and so do names, [["w1", "w2"]], that [values] gives'
    is_key = meant(key, TABLES[table].model_fields, KEY_WORDS.get(table, {})) is not None
    if table != ("graph",) or is_key or not is_own_name(key):
        return None
    if isinstance(value, int | float | Decimal | list):
        return f"the value of a name stands in [values]: {key} = …"
    return f"a step stands in the list: steps = ['{key} = …']" if isinstance(value, str) else None


def table_of(loc: Place) -> Keys:
    """The table in which a place lies, by its keys."""
    return tuple(part for part in loc[:-1] if isinstance(part, str))
