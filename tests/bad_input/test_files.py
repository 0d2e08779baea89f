"""Every malformed file gets its message through the real command line, and nothing else."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from jsonschema import Draft7Validator

from derive.errors import StatementError
from derive.files.json_schema import json_schema
from derive.files.schema_mistakes import read_tables
from derive.files.toml import tables_of
from tests.bad_input.fields import GRAPH, NETWORK
from tests.bad_input.files import graph, network
from tests.bad_input.table import BAD_INPUT, TABLE, BadFile
from tests.bad_input.toml import toml_of
from tests.commands import Ran, run, started
from tests.kinds import every

ROWS = pytest.mark.parametrize("row", every(TABLE, 4), ids=[row.wrong[:60] for row in TABLE])
FOREIGN = (
    "Traceback",
    "Error:",
    "pydantic",
    "tomllib",
    "NoneType",
    "Fraction(",
    "Decimal(",
    "<class",
)
"""Words of Python and its libraries, which mean nothing to the person who wrote the file."""

SIZES = (
    "not a number that one can compute with",
    "of more than 400 digits",
    "beyond 10^400",
    "the text '1.1'",
    "the text '-0.1'",
)
"""What the reader alone says of numbers: a schema knows neither nan, nor digits, nor the size of a text."""

VALIDATOR = Draft7Validator(json_schema())


@pytest.mark.parametrize("text", [toml_of(NETWORK), toml_of(GRAPH), network(), graph()])
def test_the_files_that_the_table_damages_are_right_themselves(tmp_path: Path, text: str) -> None:
    """Otherwise a row could hold because of a mistake that it does not make."""
    path = tmp_path / "net.toml"
    path.write_text(text, encoding="utf-8")
    assert run("verify", path).code in (0, 1)


@dataclass(frozen=True)
class Outcome:
    """What `backproof verify` made of a row, in which folder, and what stood there afterwards."""

    ran: Ran
    folder: Path
    left: dict[str, bytes]


@cache
def outcome(row: BadFile) -> Outcome:
    """Each row is verified once, for all tests of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        ran = row.verified(folder)
        return Outcome(ran, folder, {path.name: path.read_bytes() for path in folder.iterdir()})


@ROWS
def test_a_malformed_file_gets_its_message_and_exit_code(row: BadFile) -> None:
    """Place, what was found and the way out, in our words; nothing else is printed."""
    ran = outcome(row).ran
    said = ran.err if row.code == BAD_INPUT else ran.out
    assert ran.code == row.code
    assert [part for part in row.says if part not in said] == []
    assert [word for word in FOREIGN if word in ran.err + ran.out] == []
    if row.code == BAD_INPUT:
        assert ran.out == ""
        assert ran.err.startswith(f"backproof: {outcome(row).folder / 'net.toml'}: ")


@pytest.mark.slow
def test_a_malformed_file_stays_as_it_is() -> None:
    """It is somebody's work, however wrong; and nothing is put beside it."""
    assert [row.wrong for row in TABLE if outcome(row).left != {"net.toml": row.data}] == []


@pytest.mark.slow
def test_an_editor_underlines_what_the_reader_refuses_for_its_form() -> None:
    """Unknown keys and wrong types are seen while the file is written; and nothing right is underlined."""
    assert [row.wrong for row in TABLE if not is_underlined_rightly(row)] == []


def is_underlined_rightly(row: BadFile) -> bool:
    """Whether the schema refuses a file just where the reader does; of no file that is not even TOML."""
    try:
        raw = tables_of(row.data.decode())
    except (StatementError, UnicodeDecodeError):
        return True
    # As an editor sees them: decimals as floats, dates as text.
    floats = json.loads(json.dumps(raw, default=lambda v: float(v) if isinstance(v, Decimal) else str(v)))
    wrong = [str(mistake) for mistake in read_tables(raw)[1]]
    by_size = any(size in text for text in wrong for size in SIZES)
    return by_size or VALIDATOR.is_valid(floats) == (not wrong)


@pytest.mark.slow
def test_the_lines_of_a_message_fit_a_screen() -> None:
    """Long texts of the file are cut around the mistake; only lists of what is allowed may be long."""
    long = [
        line
        for row in TABLE
        for line in outcome(row).ran.err.replace(str(outcome(row).folder), "").splitlines()
        if len(line) > 130 and not line.startswith("    allowed: ") and "functions are" not in line
    ]
    assert long == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["verify", "report"])
def test_a_process_of_its_own_says_the_same(command: str, tmp_path: Path) -> None:
    """The tests above run in this process, where something may be set up that a shell has not."""
    path = tmp_path / "net.toml"
    path.write_text(network(("reduction =", "reducton =")), encoding="utf-8")
    with (
        started(command, path, "--json", stdin=subprocess.DEVNULL)
        if command == "verify"
        else started(command, path, "-o", tmp_path / "page.html") as process
    ):
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert json.loads(out or "[]") == []
    assert "did you mean 'reduction'?" in err.decode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.toml"]
