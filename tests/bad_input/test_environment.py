"""What the system refuses: a message with the place and the way out, exit code 4, and nothing damaged."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

import pytest

from tests.commands import PROGRAM, environment, run, started

COMMANDS = {
    "report": lambda path: ("report", "cs231n-mul", "-o", path.with_suffix(".html")),
    "new": lambda path: ("new", path.with_suffix(".toml")),
}
WRITING = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
ENVIRONMENT = 4

SLOW = """
import sys, time
from pathlib import Path
from reports.cli import main

def replace(self, target):
    print("written", flush=True)
    time.sleep(60)

Path.replace = replace
main()
"""
"""The command line that stops for a minute when a page is written, but not yet in its place."""


def names(folder: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


# -- places --------------------------------------------------------------------------------------------


@WRITING
def test_a_place_below_a_file_says_so(command, tmp_path: Path) -> None:
    """No right of anybody, root's included, makes a file a folder."""
    (tmp_path / "file").write_text("kept")
    ran = run(*command(tmp_path / "file" / "mine"))
    assert ran.code == ENVIRONMENT
    assert str(tmp_path / "file" / "mine") in ran.err
    assert "fix: part of this path is a file" in ran.err
    assert (tmp_path / "file").read_text() == "kept"


@WRITING
@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.EACCES, "choose a place that you may use"),
        (errno.EROFS, "choose a place that can be written to"),
        (errno.ENOSPC, "make room there"),
        (errno.EDQUOT, "make room there"),
    ],
    ids=errno.errorcode.get,
)
def test_a_folder_that_takes_no_file_says_why(
    command, number: int, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only folder, a read-only disk, a full one: the system's reason, the place, the way out."""

    def refuse(**_: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / ".beside.part"))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    ran = run(*command(tmp_path / "mine"))
    assert ran.code == ENVIRONMENT
    assert f"{tmp_path / 'mine'}." in ran.err
    assert os.strerror(number) in ran.err
    assert f"fix: {fix}" in ran.err
    assert ".part" not in ran.err
    assert names(tmp_path) == []


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
@WRITING
def test_a_read_only_folder_says_so(command, tmp_path: Path) -> None:
    """The test above in earnest, for whoever is not root."""
    tmp_path.chmod(0o500)
    ran = run(*command(tmp_path / "mine"))
    tmp_path.chmod(0o700)
    assert ran.code == ENVIRONMENT
    assert "Permission denied" in ran.err


def test_a_name_that_is_too_long_says_so(tmp_path: Path) -> None:
    """File systems end at 255 bytes."""
    ran = run("new", tmp_path / f"{'a' * 300}.toml")
    assert ran.code == ENVIRONMENT
    assert "fix: choose a shorter name" in ran.err
    assert names(tmp_path) == []


# -- writes that break off -------------------------------------------------------------------------------


class Breaking(TextIOWrapper):
    """A file whose disk is full, or gone, when its text arrives there."""

    number = errno.ENOSPC

    def flush(self) -> None:
        raise OSError(self.number, os.strerror(self.number))


@pytest.fixture(params=[errno.ENOSPC, errno.EIO, errno.EDQUOT], ids=errno.errorcode.get)
def broken_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Writing succeeds until the text leaves the program's own memory."""

    usual = os.fdopen

    def fdopen(handle: int, *_: object, **__: object) -> TextIOWrapper:
        file = Breaking(usual(handle, "wb"), encoding="utf-8")
        file.number = request.param
        return file

    monkeypatch.setattr(os, "fdopen", fdopen)
    return request.param


@WRITING
def test_a_disk_that_fills_up_leaves_nothing_behind(command, broken_disk: int, tmp_path: Path) -> None:
    """Neither half a file under the final name nor a whole one beside it."""
    ran = run(*command(tmp_path / "mine"))
    assert ran.code == ENVIRONMENT
    assert f"{tmp_path / 'mine'}." in ran.err
    assert os.strerror(broken_disk) in ran.err
    assert names(tmp_path) == []


def test_a_disk_that_fills_up_leaves_the_old_page(broken_disk: int, tmp_path: Path) -> None:
    """A page that was good yesterday is good today."""
    page = tmp_path / "page.html"
    page.write_text("kept")
    assert run("report", "cs231n-mul", "-o", page).code == ENVIRONMENT
    assert page.read_text() == "kept"
    assert names(tmp_path) == ["page.html"]


@pytest.mark.slow
@pytest.mark.parametrize("room", [0, 20_000])
def test_a_file_that_may_not_grow_leaves_the_old_page(room: int, tmp_path: Path) -> None:
    """A real write that breaks off in the middle, for root as well: the system's limit on a file's size."""
    page = tmp_path / "page.html"
    page.write_text("kept")
    done = subprocess.run(
        [*PROGRAM, "report", "cs231n-mul", "-o", str(page)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert done.returncode == ENVIRONMENT
    assert f"{page}: File too large" in done.stderr.decode()
    assert "fix: choose a place that takes larger files" in done.stderr.decode()
    assert page.read_text() == "kept"
    assert names(tmp_path) == ["page.html"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
@pytest.mark.parametrize(
    "command",
    [("verify", "--json", "cs231n-mul"), ("verify", "cs231n-mul"), ("new", "-"), ("schema",)],
    ids=" ".join,
)
def test_an_output_that_is_full_is_said(command: tuple[str, ...]) -> None:
    """A program that reads half a JSON value must learn that it is half."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, *command], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == ENVIRONMENT
    assert b"the output: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("schema",), ("examples",), ("verify", *["cs231n-mul"] * 9)], ids=lambda c: c[0]
)
def test_a_reader_that_leaves_after_a_line_hears_nothing(command: tuple[str, ...]) -> None:
    """`| head -1` is no mistake."""
    with started(*command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, -signal.SIGPIPE)


# -- signals ---------------------------------------------------------------------------------------------


def stopped(page: Path, number: signal.Signals) -> int:
    """The exit code of a report that is stopped when its page is written, but not in its place."""
    program = (sys.executable, "-c", SLOW)
    with started("report", "cs231n-mul", "-o", page, program=program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert err == b""
    return process.returncode


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_old_page_and_no_litter(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """What was written beside it goes with the program."""
    page = tmp_path / "page.html"
    page.write_text("kept")
    assert stopped(page, number) == code
    assert page.read_text() == "kept"
    assert names(tmp_path) == ["page.html"]


@pytest.mark.slow
def test_a_kill_leaves_the_old_page_and_one_hidden_file(tmp_path: Path) -> None:
    """Nobody can tidy up after that; the name of what is left says what it is, and the next run works."""
    page = tmp_path / "page.html"
    page.write_text("kept")
    assert stopped(page, signal.SIGKILL) == -signal.SIGKILL
    assert page.read_text() == "kept"
    litter, kept = names(tmp_path)
    assert kept == "page.html"
    assert litter.startswith(".page.html.")
    assert litter.endswith(".part")
    assert run("report", "cs231n-mul", "-o", page).code == 0
    assert page.read_text().startswith("<!doctype html>")
