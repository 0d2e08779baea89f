"""Beginning a problem file: a right one from the start, and never over another."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from derive.files.json_schema import json_schema
from derive.files.schema import TABLES
from reports import new_file, placing
from reports.new_file import pattern
from tests.commands import Ran, run


@pytest.mark.parametrize("options", [(), ("--graph",)])
def test_a_new_file_verifies_as_it_stands(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Somebody who changes one thing at a time always knows which change was wrong."""
    path = tmp_path / "mine.toml"
    ran = run("new", *options, path)
    assert (ran.code, ran.out) == (0, "")
    assert str(path) in ran.err
    assert run("verify", path).code == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("kind", ["network", "graph"])
def test_a_pattern_is_read_at_once(kind: new_file.Kind) -> None:
    """It fits a screen or two, and a narrow editor; plain ASCII survives every shell's redirection."""
    lines = pattern(kind).splitlines()
    assert len(lines) <= 72
    assert max(map(len, lines)) <= 100
    assert pattern(kind).isascii()


def test_the_patterns_show_every_table_of_the_language() -> None:
    """What is not shown is not found."""
    shown = tomllib.loads(pattern("graph")) | tomllib.loads(pattern("network"))
    assert TABLES[()].model_fields.keys() <= shown.keys()


def test_a_dash_writes_to_stdout() -> None:
    """For a pipe."""
    assert run("new", "-") == Ran(0, pattern("network"), "")


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """An evening's work must not be lost to a word typed too quickly."""
    path = tmp_path / "mine.toml"
    path.write_text("kept")
    ran = run("new", path)
    assert ran.code == 2
    assert "this is there already, and was left as it is" in ran.err
    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_leads_nowhere_is_there_too(tmp_path: Path) -> None:
    """Its owner means something by it."""
    path = tmp_path / "mine.toml"
    path.symlink_to(tmp_path / "nowhere")
    assert run("new", path).code == 2
    assert path.is_symlink()


def test_a_file_that_comes_in_between_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the name is free is asked and decided in one step, also where links are unknown."""
    path = tmp_path / "mine.toml"

    def unknown(_self: Path, _target: Path) -> None:
        path.write_text("kept")
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unknown)
    assert run("new", path).code == 4
    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory sticks and shared folders have none."""

    def unknown(_self: Path, _target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unknown)
    placing.create(tmp_path / "a.toml", "whole")
    assert (tmp_path / "a.toml").read_text() == "whole"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["mine", "mine.tml", "mine.txt"])
def test_another_suffix_is_refused_with_advice(tmp_path: Path, name: str) -> None:
    """A file that no editor knows for TOML, and that `verify` takes for an example's name, helps nobody."""
    ran = run("new", tmp_path / name)
    assert ran.code == 2
    assert "fix: name it mine.toml" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_the_environments_fault(tmp_path: Path) -> None:
    """Folders are not made on the sly."""
    path = tmp_path / "none" / "mine.toml"
    ran = run("new", path)
    assert ran.code == 4
    assert str(path) in ran.err
    assert "fix: make the folder first" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_one_json_value() -> None:
    """`backproof schema > problem.schema.json`; plain ASCII, so that no shell's encoding can spoil it."""
    ran = run("schema")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.isascii()
    assert json.loads(ran.out) == json_schema()
