"""The schema for editors: it refuses what the reader refuses for its form, and nothing else."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from derive.files.json_schema import json_schema
from derive.files.load import bundled
from derive.files.schema import TABLES, File, RuleTable
from derive.files.schema_mistakes import read_tables
from derive.files.toml import tables_of
from derive.rules import ACTIVATIONS, COSTS
from tests.kinds import every

SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
TEXTS = {
    path.name: path.read_text(encoding="utf-8")
    for folder in ("examples", "patterns")
    for path in (files("derive") / folder).iterdir()
    if path.name.endswith(".toml")
}
PATTERNS = {path.name for path in (files("derive") / "patterns").iterdir()}
"""These have every key; of the examples a few places each will do."""

TAPLO = shutil.which("taplo", path=str(Path(sys.executable).parent))

CHANGES = (True, False, 0, 1, -1, 3, 0.5, "0.5", "word", "two words", "", [], [1], [[1]], ["w"], {}, {"a": 1})
"""What is put in the place of a value, to see whether both refuse it or neither does.

Of a number in text the schema knows the form only: "-1" passes where a number must not be below 0.
"""


def accepts(raw: Any) -> bool:
    """Whether the schema does."""
    return bool(VALIDATOR.is_valid(raw))


def reads(raw: dict[str, Any]) -> bool:
    """Whether the form of a file's tables is right to the reader."""
    return not read_tables(deepcopy(raw))[1]


def keys(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of every table with its schema."""
    if isinstance(schema, dict):
        for key, part in schema.get("properties", {}).items():
            yield f"{where}.{key}", part
        for key, part in schema.items():
            yield from keys(part, where if key in ("properties", "items", "anyOf") else f"{where}.{key}")
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part, where)


KEYS = list(keys(SCHEMA))


def places(value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of everything inside a file's tables."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*where, key)
        yield from places(item, (*where, key))


def changed(raw: dict[str, Any], where: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The tables with another value in one place."""
    made = deepcopy(raw)
    holder: Any = made
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = value
    return made


def test_the_schema_is_one_that_editors_know() -> None:
    """Taplo knows draft 7, and passes over what stands beside a reference."""
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "$ref" not in json.dumps(SCHEMA)


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_file_has_no_complaint(name: str) -> None:
    """Red lines under a right file teach people to look away."""
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(TEXTS[name]))] == []


def test_every_key_of_every_table_is_in_the_schema() -> None:
    """The tests below loop over the schema's keys, and would hold of an empty one."""
    found = {name.rpartition(".")[2] for name, _ in keys(SCHEMA)}
    rules = (*ACTIVATIONS.values(), *COSTS.values())
    parameters = {parameter.name for rule in rules for parameter in rule.parameters}
    assert {key for table in TABLES.values() for key in table.model_fields} | parameters == found


def test_every_key_has_a_title_and_a_description() -> None:
    """An editor shows it; it is the text under the key's field in derive.files.schema."""
    assert [name for name, schema in KEYS if not schema.get("title")] == []
    assert [name for name, schema in KEYS if len(schema.get("description", "").strip()) <= 10] == []


def test_every_key_says_what_may_stand_there() -> None:
    """A validator without its form in the schema's words would let anything pass."""
    assert [name for name, schema in KEYS if not {"type", "enum", "anyOf"} & schema.keys()] == []


def test_no_table_has_keys_of_its_readers_choice() -> None:
    """A misspelled key is what an editor is best at finding; only a rule's row knows its parameters."""
    for table in (table for table in TABLES.values() if not issubclass(table, RuleTable)):
        assert table.model_config.get("extra") == "forbid"
    assert all(part["additionalProperties"] is False for _, part in keys(SCHEMA) if "properties" in part)
    assert SCHEMA["additionalProperties"] is False


@pytest.mark.parametrize(
    ("key", "rules"),
    [(".activation", ACTIVATIONS), (".rule", ACTIVATIONS), (".rule", COSTS), (".cost", COSTS)],
)
def test_rules_are_proposed_by_name_and_formulas_are_let_pass(key: str, rules: dict[str, object]) -> None:
    """Completion needs the names; "z/(1 + abs(z))" must not be underlined."""
    proposed = [
        part["enum"]
        for name, schema in keys(SCHEMA)
        if name.endswith(key)
        for part in (schema.get("anyOf", []))
        + [inner for part in schema.get("anyOf", []) for inner in part.get("anyOf", [])]
        if "enum" in part
    ]
    assert list(rules) in proposed
    assert accepts(changed(tomllib.loads(TEXTS["network.toml"]), ("network", "cost"), "(y - a)^4"))


def test_every_way_to_write_a_number_passes() -> None:
    """Both use one pattern for numbers in text."""
    for text in ("3.", ".50", "-1e-5", "−1", "+ 2", "1.20×10^-3", "1*10**{5}", "1E{−3}", " 7 "):
        raw = {"network": {"inputs": 1, "layers": [{"units": 1, "activation": "tanh", "biases": [text]}]}}
        assert (reads(raw), accepts(raw)) == (True, True), text


@pytest.mark.parametrize("name", every(TEXTS, 4))
def test_reader_and_schema_agree_whatever_a_value_is_changed_to(name: str) -> None:
    """Neither refuses what the other takes: at any place of any right file, for any kind of value."""
    raw, chance = tomllib.loads(TEXTS[name]), random.Random(7)
    everywhere = list(places(raw))
    places_tried = 12 if name in PATTERNS else 3
    for where in chance.sample(everywhere, min(places_tried, len(everywhere))):
        for value in CHANGES:
            made = changed(raw, where, value)
            assert reads(made) == accepts(made), (where, value)


@pytest.mark.parametrize("name", every(TEXTS, 4))
def test_an_unknown_key_is_refused_in_every_table(name: str) -> None:
    """By both, however deep it stands."""
    raw = tomllib.loads(TEXTS[name])
    free = {("values",), ("graph", "upstream")}
    for where in [(), *places(raw)]:
        holder: Any = raw
        for key in where:
            holder = holder[key]
        if isinstance(holder, dict) and where not in free:
            made = changed(raw, (*where, "colour"), "red")
            assert not reads(made), where
            assert not accepts(made), where


def test_a_number_may_be_a_float_to_an_editor_and_a_decimal_to_us() -> None:
    """Each reads TOML with a library of its own."""
    raw = tables_of("[values]\nx = 0.5")
    assert raw["values"]["x"] == Decimal("0.5")
    assert reads(raw)
    assert accepts({"values": {"x": 0.5}})


# -- an editor's own checker ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Right files beside the schema that their first line names."""
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "problem.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return tmp_path


def linted(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """What Taplo says of files; it is what TOML plugins of editors run."""
    assert TAPLO is not None
    return subprocess.run(
        [TAPLO, "lint", "--colors", "never", *names], cwd=folder, capture_output=True, text=True, check=False
    )


needs_taplo = pytest.mark.skipif(TAPLO is None, reason="needs taplo, of the extra 'dev'")


@needs_taplo
def test_an_editors_checker_passes_every_right_file(folder: Path) -> None:
    """Their first line names the schema beside them, and that is enough to find it."""
    done = linted(folder, *TEXTS)
    assert done.returncode == 0, done.stderr
    assert f"found files total={len(bundled()) + 2}" in done.stderr


@needs_taplo
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reduction =", "reducton =", "'reducton' was unexpected"),
        ('["h1", "h2"]', '["h 1", "h2"]', '"h 1" does not match'),
        ("rate  = 0.5", "rate  = true", "true is not of types"),
        ('value    = "-0.06197"', "value    = -0.06197", 'is not of type "string"'),
        ('style = "superscript"', 'style = "greek"', '"greek" is not one of'),
    ],
)
def test_an_editors_checker_names_a_mistake(folder: Path, old: str, new: str, said: str) -> None:
    """So the schema was found and read, or the test above would hold in vain."""
    text = TEXTS["network.toml"]
    assert old in text
    (folder / "network.toml").write_text(text.replace(old, new), encoding="utf-8")
    done = linted(folder, "network.toml")
    assert done.returncode == 1
    assert said in done.stdout + done.stderr


def test_the_schema_is_of_whole_files() -> None:
    """Its root is the table that the reader begins with."""
    assert SCHEMA["properties"].keys() == File.model_fields.keys()


def test_an_editor_proposes_the_parameters_of_rules() -> None:
    """alpha = … stands in no table of its own; its meaning is shown all the same."""
    layer = json_schema()["properties"]["network"]["properties"]["layers"]["items"]["properties"]
    table = next(form for form in layer["activation"]["anyOf"] if form.get("type") == "object")
    for row in ACTIVATIONS.values():
        for parameter in row.parameters:
            assert table["properties"][parameter.name]["description"]
