"""What the commands promise to a shell: exit codes, streams, signals, and quiet failures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from derive import bundled
from reports.cli import OUTCOMES, main
from tests.reports.small import Run

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from reports.cli import main; main()")


def environment(**more: str) -> Mapping[str, str]:
    """This process's environment, with the packages of this checkout and plain output."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TERM": "xterm", **more}


def started(*arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """The command as a process of its own."""
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen([*PROGRAM, *arguments], env=environment(), **kept)


# -- usage -----------------------------------------------------------------------------------------


def test_help_imports_neither_sympy_nor_numpy() -> None:
    """Help has to be quick, and these two are what takes the time."""
    script = (
        "import sys\nfrom reports.cli import main\ntry:\n    main(['--help'])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert "verify" in done.stdout
    assert not {"sympy", "numpy", "pydantic", "rich"} & set(done.stderr.split())


@pytest.mark.parametrize("command", ["report", "verify", "check", "claim", "examples", "new", "schema"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    """-h is help, as --help is."""
    ran = run(command, "-h")
    assert ran.code == 0
    assert "Usage: backproof" in ran.out or f" {command} " in ran.out


def test_the_version_is_the_distributions(run: Run) -> None:
    """People report it with their questions."""
    ran = run("--version")
    assert ran.code == 0
    assert ran.out.startswith("backproof ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("verify", "--nonsense", "mazur"),
        ("verify",),
        ("report",),
        ("report", "mazur", "extra"),
    ],
    ids=" ".join,
)
def test_a_command_that_does_not_exist_is_bad_input(run: Run, arguments: tuple[str, ...]) -> None:
    """A misspelt option must not look like a result."""
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Error" in ran.err


# -- exit codes of verify --------------------------------------------------------------------------


VERDICTS = [("right", 0), ("neuron", 0), ("wrong", 1), ("broken", 2), ("kink", 3), ("free", 3)]


@pytest.mark.parametrize(("name", "code"), VERDICTS)
def test_the_exit_code_says_what_was_found(run: Run, files: Mapping[str, str], name: str, code: int) -> None:
    """Right, wrong, bad input, undecided at a kink, unknown with free numbers: scripts ask for no more."""
    assert run("verify", files[name]).code == code


@pytest.mark.slow
def test_wrong_published_figures_of_a_bundled_example_exit_with_1(run: Run) -> None:
    """The best-known worked example prints four of them."""
    assert run("verify", "mazur").code == 1


def test_an_unknown_name_is_bad_input_and_a_near_one_is_proposed(run: Run) -> None:
    """Names are typed by hand."""
    ran = run("verify", "mazurr")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'mazur'" in ran.err


def test_a_missing_file_is_bad_input(run: Run, tmp_path: Path) -> None:
    """The path is what is wrong with it."""
    ran = run("verify", tmp_path / "none.toml")
    assert ran.code == 2
    assert "there is no such file" in ran.err


def test_a_folder_is_bad_input(run: Run, tmp_path: Path) -> None:
    """It is said to be one, without a traceback."""
    ran = run("verify", tmp_path)
    assert ran.code == 2
    assert "this is a folder" in ran.err


def test_a_file_that_may_not_be_read_is_the_environments_fault(
    run: Run, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote it has nothing to mend in it."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    ran = run("verify", files["right"])
    assert ran.code == 4
    assert "Permission denied" in ran.err


MIXED = [
    (("right", "kink"), 3),
    (("kink", "wrong", "right"), 1),
    (("wrong", "broken", "kink"), 2),
    (("broken", "right"), 2),
    (("right", "neuron"), 0),
]


@pytest.mark.parametrize(("names", "code"), MIXED, ids=[" ".join(names) for names, _ in MIXED])
def test_verify_finishes_every_problem_and_exits_with_the_first_of_4_2_1_3_0(
    run: Run, files: Mapping[str, str], names: tuple[str, ...], code: int
) -> None:
    """One broken file of a folder hides nothing about the others."""
    ran = run("verify", "--json", *(files[name] for name in names))
    assert ran.code == code
    found = [result["problem"] for result in json.loads(ran.out)]
    assert found == [name for name in names if name != "broken"]


def test_the_order_of_severity_is_4_2_1_3_0() -> None:
    """What the environment refused says least about the problems, so it comes first."""
    assert tuple(OUTCOMES) == (4, 2, 1, 3, 0)


def test_several_problems_end_with_a_summary(run: Run, files: Mapping[str, str]) -> None:
    """Nobody counts verdicts over pages of them."""
    ran = run("verify", files["wrong"], files["right"], "nonesuch")
    assert ran.out.splitlines()[-1] == "3 problems: 1 all right, 1 wrong, 1 bad input"


# -- streams ---------------------------------------------------------------------------------------


def test_json_is_one_value_and_messages_go_to_stderr(run: Run) -> None:
    """A program reads stdout whatever happened."""
    ran = run("verify", "--json", "nonesuch")
    assert json.loads(ran.out) == []
    assert "nonesuch" in ran.err


def test_examples_are_listed_with_name_title_and_source(run: Run) -> None:
    """All of them, and nothing else."""
    rows = json.loads(run("examples", "--json").out)
    assert [row["name"] for row in rows] == list(bundled())
    assert all(set(row) == {"name", "title", "source"} for row in rows)


def test_output_without_a_terminal_has_no_control_characters(run: Run) -> None:
    """Neither colours nor a progress bar belong in a file."""
    ran = run("verify", "cs231n-mul", "nonesuch")
    assert "\x1b" not in ran.out + ran.err
    assert "verifying" not in ran.err


class Screen(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def in_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> str:
    """What the command writes to a terminal on stdout."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    with pytest.raises(SystemExit):
        main(list(arguments))
    return screen.getvalue()


@pytest.mark.usefixtures("run")
def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of NO_COLOR would hold in vain without it."""
    assert "\x1b[" in in_a_terminal(monkeypatch, "verify", "cs231n-mul")


@pytest.mark.usefixtures("run")
def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """See no-color.org; bold is styling, too, and goes with it."""
    written = in_a_terminal(monkeypatch, "verify", "cs231n-mul", NO_COLOR="1")
    assert "agree" in written
    assert "\x1b" not in written


@pytest.mark.slow
def test_a_terminal_without_the_signs_still_gets_the_words() -> None:
    """ASCII has no ✓; the verdict must arrive all the same."""
    done = subprocess.run(
        [*PROGRAM, "verify", "cs231n-mul"],
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=True,
    )
    assert b"2 of 2 gradients agree" in done.stdout
    assert done.stderr == b""


# -- interruptions ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
)
def test_a_signal_in_the_middle_of_verify_ends_it_quietly(number: signal.Signals, code: int) -> None:
    """The shell's convention, and no traceback; the first line shows that work was under way."""
    with started("verify", *["cs231n-mul"] * 5000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")


@pytest.mark.slow
def test_a_reader_that_leaves_ends_verify_quietly() -> None:
    """`backproof verify … | head -1` shows one line, and nothing about pipes."""
    with started("verify", *["cs231n-mul"] * 5000) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == -signal.SIGPIPE


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_full_disk_is_the_environments_fault() -> None:
    """A result that was not written must not pass for one."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "examples"], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 4
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


# -- report ----------------------------------------------------------------------------------------


def test_report_writes_into_the_current_folder_by_default(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example's name with .html, said on stderr; stdout stays free."""
    monkeypatch.chdir(tmp_path)
    ran = run("report", "cs231n-mul")
    assert (ran.code, ran.out) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["cs231n-mul.html"]
    assert "cs231n-mul.html" in ran.err


def test_report_exits_with_0_whatever_the_page_says(
    run: Run, files: Mapping[str, str], tmp_path: Path
) -> None:
    """The work was done; a wrong figure is the page's to tell."""
    assert run("report", files["wrong"], "-o", tmp_path / "a.html").code == 0


def test_a_suffix_that_no_page_has_is_bad_input(run: Run, tmp_path: Path) -> None:
    """Nothing is written, not even what came before it."""
    ran = run("report", "cs231n-mul", "-o", tmp_path / "a.html", "-o", tmp_path / "a.exe")
    assert ran.code == 2
    assert ".exe" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_the_environments_fault(run: Run, tmp_path: Path) -> None:
    """Folders are not made on the sly."""
    ran = run("report", "cs231n-mul", "-o", tmp_path / "none" / "a.html")
    assert ran.code == 4
    assert "none" in ran.err


def test_a_path_that_is_a_folder_is_the_environments_fault(run: Run, tmp_path: Path) -> None:
    """And it stays what it was."""
    folder = tmp_path / "a.html"
    folder.mkdir()
    ran = run("report", "cs231n-mul", "-o", folder)
    assert ran.code == 4
    assert folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


def test_an_existing_file_is_whole_after_a_failure(
    run: Run, files: Mapping[str, str], tmp_path: Path
) -> None:
    """A report that cannot be made damages nothing."""
    page = tmp_path / "a.html"
    page.write_text("kept")
    assert run("report", files["broken"], "-o", page).code == 2
    assert page.read_text() == "kept"


def test_a_missing_folder_is_named_by_the_file_that_was_asked_for(run, tmp_path):
    """The temporary name beside it is nobody's business."""
    out = tmp_path / "nowhere" / "page.html"
    ran = run("report", "cs231n-mul", "-o", str(out))
    assert ran.code == 4
    assert str(out) in ran.err
    assert ".part" not in ran.err


# -- sheets of rules -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rule_s_name_writes_its_sheet(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, as HTML, unless told otherwise; several files at once, as for problems."""
    monkeypatch.chdir(tmp_path)
    assert run("report", "relu").code == 0
    assert run("report", "hinge", "-o", "hinge.md", "-o", "hinge.json").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hinge.json", "hinge.md", "relu.html"]


def test_a_misspelt_rule_is_bad_input_with_the_right_one_beside_it(run: Run) -> None:
    """Examples and rules are both looked through."""
    ran = run("report", "sigmod")
    assert (ran.code, ran.out) == (2, "")
    assert "no such file, and no example or rule of that name; did you mean 'sigmoid'?" in ran.err


def test_a_rule_is_no_problem_to_verify(run: Run) -> None:
    """It has no numbers of its own, so only `report` knows it."""
    assert run("verify", "sigmoid").code == 2


def test_the_list_of_examples_says_that_rules_have_sheets(run: Run) -> None:
    """To people; programs get the examples and nothing else."""
    assert "backproof report sigmoid" in run("examples").out
    assert "backproof report" not in run("examples", "--json").out
