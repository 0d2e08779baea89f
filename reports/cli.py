"""The command line: `backproof report`, `verify`, `examples`.

Results go to stdout, messages to stderr. Everything heavy is imported inside
the command that needs it, so `--help` is quick.

Exit codes: 0 all holds; 1 something is wrong; 2 bad input; 3 undecided or
unknown; 4 environment; 130/143 interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from derive.problem import Problem
    from numeric.checking import Checked
    from numeric.evidence import Evidence

OK, WRONG, BAD_INPUT, UNDECIDED, ENVIRONMENT = range(5)
WORST_FIRST = (ENVIRONMENT, BAD_INPUT, WRONG, UNDECIDED, OK)
TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    name="backproof",
    help="Derive every gradient of a small network, verify it three ways, and judge what others printed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ProblemArgument = Annotated[
    str, typer.Argument(metavar="PROBLEM", help="a TOML file, or a bundled example's name")
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON value on stdout; messages go to stderr")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"backproof {version('backproof')}")
        raise typer.Exit


@app.callback()
def backproof(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show the version")
    ] = False,
) -> None:
    """Derive every gradient of a small network, verify it three ways, and judge what others printed."""


@app.command()
def report(
    problem: ProblemArgument,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="the suffix chooses: .html .tex .md .json; several are allowed",
        ),
    ] = None,
) -> None:
    """Write the derivation report of a problem; by default HTML in the current folder."""
    from reports.render import check_suffix, render

    loaded = _load(problem)
    outs = out or [Path(f"{loaded.name}.html")]
    for path in outs:
        check_suffix(path)
    with _progress(f"deriving and verifying {loaded.name}"):
        for path in outs:
            render(loaded, path)
    for path in outs:
        typer.echo(f"wrote {path}", err=True)


@app.command()
def verify(
    problems: Annotated[
        list[str], typer.Argument(metavar="PROBLEM...", help="TOML files, or names of bundled examples")
    ],
    gradients: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="somebody's own gradients, JSON or npz, judged against ours"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the three witnesses to every gradient, and a verdict on every published figure."""
    from reports.gradient_file import load_gradients

    theirs = None if gradients is None else load_gradients(gradients)
    codes: list[int] = []
    results: list[dict[str, Any]] = []
    for name in problems:
        with _judging(name, codes):
            loaded = _load(name)
            with _progress(f"verifying {loaded.name}"):
                evidence, checked = _evidence(loaded, theirs)
            codes += [_code(evidence), *([] if checked is None else [OK if checked else WRONG])]
            if as_json:
                from reports.results import as_json as result
                from reports.results import checked_json

                results.append(
                    result(evidence) | ({} if checked is None else {"checked": checked_json(checked)})
                )
            else:
                from reports.terminal import print_evidence

                print_evidence(evidence, checked)
    if as_json:
        typer.echo(json.dumps(results, indent=2, ensure_ascii=False))
    raise typer.Exit(next((code for code in WORST_FIRST if code in codes), OK))


@app.command()
def examples(as_json: JsonOption = False) -> None:
    """List the bundled examples, with a line each."""
    from derive import bundled, load_problem

    loaded = [load_problem(name) for name in bundled()]
    if as_json:
        rows = [
            {"name": problem.name, "title": problem.title, "source": problem.source} for problem in loaded
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from reports.terminal import print_examples

    print_examples(loaded)


def _load(name: str) -> Problem:
    from derive import load_problem

    return load_problem(name)


def _evidence(problem: Problem, theirs: Mapping[str, Any] | None) -> tuple[Evidence, Checked | None]:
    from numeric import check
    from numeric import verify as witness

    return witness(problem), None if theirs is None else check(theirs, problem)


def _code(evidence: Evidence) -> int:
    """The exit code that one problem's evidence asks for."""
    verdicts = {judgement.verdict for judgement in evidence.published} | {evidence.verdict}
    if verdicts & {"wrong", "disagree"}:
        return WRONG
    return UNDECIDED if verdicts & {"unknown", "undecided"} else OK


@contextmanager
def _judging(name: str, codes: list[int]) -> Iterator[None]:
    """One problem of several: what goes wrong with it is said, and the others go on."""
    from derive.errors import AnswerError, StatementError

    try:
        yield
    except (StatementError, AnswerError) as error:
        codes.append(BAD_INPUT)
        _say(str(error) if isinstance(error, StatementError) else f"{name}: {error}")
    except OSError as error:
        codes.append(ENVIRONMENT)
        _say(_environment(error))


@contextmanager
def _progress(text: str) -> Iterator[None]:
    """A spinner while somebody is watching."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def _environment(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def _say(message: str) -> None:
    typer.echo(f"backproof: {message}", err=True)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every expected failure is a message and an exit code, not a traceback."""
    from derive.errors import AnswerError, StatementError

    signal.signal(signal.SIGTERM, _terminated)
    try:
        app(args=None if arguments is None else list(arguments))
    except (StatementError, AnswerError) as error:
        _say(str(error))
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader of our output left; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except OSError as error:
        _say(_environment(error))
        sys.exit(ENVIRONMENT)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
