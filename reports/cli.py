"""The command line: `backproof report`, `verify`, `check`, `claim`, `examples`, `new`, `schema`.

Results go to stdout, messages to stderr. Everything heavy is imported inside
the command that needs it, so `--help` is quick.
"""

from __future__ import annotations

import errno
import gc
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from derive.problem import Problem
    from numeric.evidence import Evidence
    from numeric.judging.checking import Checked
    from numeric.outside.consult import Testimony
    from reports.answers.results import AnswerList
    from reports.answers.screen import AnswerScreen
    from reports.results import JsonList
    from reports.terminal import Terminal

OK, WRONG, BAD_INPUT, UNDECIDED, ENVIRONMENT = range(5)
"""Exit codes; a signal that ends the program adds 128 to its number: 130, 143."""

OUTCOMES = {
    ENVIRONMENT: "cannot be opened",
    BAD_INPUT: "bad input",
    WRONG: "wrong",
    UNDECIDED: "undecided",
    OK: "all right",
}
"""What a problem of several came to; the first that occurred is the exit code of `verify`."""

KEPT = 1_000_000
"""Objects that are made before the collector looks for garbage: a command keeps nearly all that it makes.

A short one comes to its end before.
"""

CLAIMED = {"true": OK, "false": WRONG, "unreadable": BAD_INPUT, "undecided": UNDECIDED}
"""The exit code of `claim` by its verdict."""

app = typer.Typer(
    name="backproof",
    help="Derive every gradient of a small network, verify it three ways, and judge what others printed.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ProblemArgument = Annotated[
    str, typer.Argument(metavar="PROBLEM", help="a TOML file, or a bundled example's name")
]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROBLEM",
        help="a TOML file, a bundled example's name, a rule's (sigmoid), or four-equations",
    ),
]


class Outside(StrEnum):
    """The libraries that can be asked: the rows of `numeric.outside.library`."""

    TORCH = "torch"
    JAX = "jax"


WitnessOption = Annotated[
    list[Outside] | None,
    typer.Option(
        "--witness", help="the same gradients by another library's autograd; may be given for each of them"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON value on stdout; messages go to stderr")]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

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
    problem: SubjectArgument,
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
    """Write a problem's derivation report, a rule's sheet, or the four equations; by default HTML here."""
    from derive import Problem
    from numeric import verify as witness
    from reports.rendering import check_suffix, render
    from reports.subjects import subject_of

    with _permitted(problem):
        subject = subject_of(problem)
    outs = out or [Path(f"{subject.name}.html")]
    for path in outs:
        check_suffix(path)
    evidence = None
    if isinstance(subject, Problem):
        with _progress(f"deriving and verifying {subject.name}") as tell:
            evidence = witness(subject, tell=tell)
    for path in outs:
        with _progress(f"writing {path}"):
            render(subject, path, evidence=evidence)
        _say(f"wrote {path}")


@app.command()
def verify(
    problems: Annotated[
        list[str], typer.Argument(metavar="PROBLEM...", help="TOML files, or names of bundled examples")
    ],
    gradients: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="somebody's own gradients, JSON or npz, judged against ours"),
    ] = None,
    witness: WitnessOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the three witnesses to every gradient, and a verdict on every published figure."""
    from numeric import verify as gather
    from numeric.outside.library import require

    outside = tuple(dict.fromkeys(witness or ()))
    for library in outside:
        require(library)

    screen, codes, theirs = _screen(as_json), list[int](), None
    if gradients is not None:
        from reports.gradient_file import load_gradients

        with _collecting(codes, str(gradients)):
            theirs = load_gradients(gradients)
    for name in problems:
        with _collecting(codes, name):
            problem, checked = _load(name), None
            with _progress(f"verifying {problem.name}") as tell:
                evidence = gather(problem, tell=tell)
                testimonies = _consulted(evidence, outside)
            screen.evidence(evidence, testimonies)
            if theirs is not None:
                from numeric import check

                with _about(gradients):
                    checked = check(theirs, problem)
                screen.checked(checked)
            codes.append(_code(evidence, checked, testimonies))
    counts = [f"{codes.count(code)} {outcome}" for code, outcome in OUTCOMES.items() if code in codes]
    screen.close(f"{len(problems)} problems: {', '.join(reversed(counts))}" if len(problems) > 1 else "")
    raise typer.Exit(next(code for code in OUTCOMES if code in codes))


@app.command()
def check(
    problem: ProblemArgument,
    answers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ANSWERS", help="TOML, JSON, CSV, a folder or zip of these; - for standard input"
        ),
    ] = None,
    question: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ID TEXT", help="one answer: to a question of the file, or to dC/dw1[1,1]"),
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="show the right answers, and what belongs in a wrong place")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read answers to a problem's questions, judge them, and say what is wrong with each."""
    from derive.errors import AnswerError
    from reports.answers.asking import Marker, how_to_ask
    from reports.answers.files import sheets
    from reports.answers.sheets import Given, Sheet

    stated, codes = _load(problem), list[int]()
    if question is None and not answers:
        raise AnswerError(how_to_ask(stated))
    own = [Sheet("--question", [Given(None, *question)])] if question is not None else []
    screen, marker, numbers = _answer_screen(as_json), Marker(stated, reveal=reveal), count(1)
    try:
        for sheet in (*own, *sheets(answers or ())):
            for given in sheet.answers:
                with _collecting(codes, ", ".join(filter(None, (sheet.name, given.where)))):
                    with _progress(f"judging answer {next(numbers)}"):
                        marked = marker.mark(given)
                    screen.answer(marked)
            with _collecting(codes, sheet.name):
                sheet.complain()
    finally:
        screen.finish(marker.most)
    raise typer.Exit(next(code for code in OUTCOMES if code in (*codes, OK)))


class _Claiming(TyperCommand):
    """A command whose equation may begin with a minus sign: -a = b is no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        equations = [arg for arg in args if arg.startswith("-") and not arg.startswith("--") and "=" in arg]
        if "--" not in args:
            args = [*(arg for arg in args if arg not in equations), "--", *equations]
        return super().parse_args(ctx, args)


@app.command(cls=_Claiming)
def claim(
    equation: Annotated[
        list[str],
        typer.Argument(
            metavar="[PROBLEM] EQUATION",
            help="mazur 'dE/dw5 = delta_o1*h1'",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Is an equation true: of a problem, or with none of every network, or of all numbers?"""
    from numeric.answers.claim import claim as decide
    from reports.answers.asking import split_claim

    name, text = split_claim(equation)
    problem = None if name is None else _load(name)
    with _progress("deciding"):
        found = decide(problem, text)
    _answer_screen(as_json).claim(found)
    raise typer.Exit(CLAIMED[found.verdict])


@app.command()
def examples(as_json: JsonOption = False) -> None:
    """List the bundled examples, with a line each."""
    from derive import bundled, load_problem

    _screen(as_json).examples([load_problem(name) for name in bundled()])


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to write, .toml; - for stdout")],
    graph: Annotated[
        bool, typer.Option("--graph", help="a graph of assignments instead of a network")
    ] = False,
) -> None:
    """Begin a problem file: a commented one that verifies as it stands, to be changed to yours."""
    from reports.new_file import begin, pattern

    kind: Literal["network", "graph"] = "graph" if graph else "network"
    if str(file) == "-":
        typer.echo(pattern(kind), nl=False)
        return
    begin(file, kind)
    _say(f"wrote {file}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of problem files, with which editors complete, explain and check them."""
    import json

    from derive.files.json_schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


def _screen(as_json: bool) -> Terminal | JsonList:
    """What shows the results: to programs, or to people."""
    if as_json:
        from reports.results import JsonList

        return JsonList()
    from reports.terminal import Terminal

    return Terminal()


def _answer_screen(as_json: bool) -> AnswerScreen | AnswerList:
    """What shows verdicts on answers: to programs, or to people."""
    if as_json:
        from reports.answers.results import AnswerList

        return AnswerList()
    from reports.answers.screen import AnswerScreen

    return AnswerScreen()


def _load(name: str) -> Problem:
    """The problem of a file or a bundled name; PermissionError where a file may not be read."""
    from derive import load_problem

    with _permitted(name):
        return load_problem(name)


@contextmanager
def _permitted(name: str) -> Iterator[None]:
    """PermissionError, and no mistake of its author, where a file may not be read."""
    from derive import StatementError

    try:
        yield
    except StatementError:
        _require_permission(Path(name))
        raise


def _require_permission(path: Path) -> None:
    """What the system forbids is no mistake of the file's author."""
    try:
        path.open("rb").close()
    except PermissionError:
        raise
    except (OSError, ValueError):
        return


def _consulted(evidence: Evidence, outside: Sequence[Outside]) -> list[Testimony]:
    """What each of these libraries has to say."""
    if not outside:
        return []
    from numeric import consult

    return [consult(evidence, library) for library in outside]


def _code(evidence: Evidence, checked: Checked | None, testimonies: Sequence[Testimony]) -> int:
    """The exit code that one problem asks for; of an outside witness only what is wrong counts."""
    verdicts = {judgement.verdict for judgement in evidence.published} | {evidence.verdict}
    outside_wrong = any(testimony.wrong for testimony in testimonies)
    if verdicts & {"wrong", "disagree"} or (checked is not None and not checked) or outside_wrong:
        return WRONG
    return UNDECIDED if verdicts & {"unknown", "undecided"} else OK


@contextmanager
def _about(path: Path | None) -> Iterator[None]:
    """Blame the file of what cannot be used, not only the problem that it is for."""
    from derive.errors import AnswerError

    try:
        yield
    except AnswerError as error:
        raise AnswerError(f"{path}: {error}") from None


@contextmanager
def _collecting(codes: list[int], name: str) -> Iterator[None]:
    """One input of several: what goes wrong with it is said, and the others go on."""
    from derive.errors import AnswerError, StatementError

    try:
        yield
    except StatementError as error:
        codes.append(BAD_INPUT)
        _say(str(error))
    except AnswerError as error:
        codes.append(BAD_INPUT)
        _say(f"{name}: {error}")
    except OSError as error:
        codes.append(ENVIRONMENT)
        _say(_environment(error))


@contextmanager
def _progress(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner while somebody is watching, with the stage that the work is told to be at."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    from derive.writing.plain import printable

    with Console(stderr=True).status(Text(printable(text))) as status:
        yield lambda stage: status.update(Text(printable(f"{text}: {stage}")))


REMEDIES = {
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "part of this path is a file; name a folder there",
    errno.EISDIR: "this is a folder; name a file in it",
    errno.EACCES: "choose a place that you may use, or ask for the right to it",
    errno.EPERM: "choose a place that you may use, or ask for the right to it",
    errno.EROFS: "choose a place that can be written to",
    errno.ENOSPC: "make room there, or choose another place",
    errno.EDQUOT: "make room there, or choose another place",
    errno.EFBIG: "choose a place that takes larger files",
    errno.ENAMETOOLONG: "choose a shorter name",
}
"""How to mend what the system refuses, by its number for it."""


def _environment(error: OSError) -> str:
    """What the system refused and where; what has no name is the output of the command itself."""
    fix = REMEDIES.get(error.errno or 0)
    refused = f"{error.filename or 'the output'}: {error.strerror or error}"
    return f"{refused}\n    fix: {fix}" if fix else refused


def _say(message: str) -> None:
    """A message to the person, whatever names it quotes."""
    from derive.writing.plain import printable

    typer.echo("backproof: " + "\n".join(map(printable, message.split("\n"))), err=True)


def _stopped(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _prepare_process() -> None:
    """Signals end the program quietly; a character that the terminal lacks is shown as another."""
    gc.set_threshold(KEPT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stopped)
    if hasattr(signal, "SIGPIPE"):  # the reader of our output left; other systems have no such signal
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every expected failure is a message and an exit code, not a traceback."""
    _prepare_process()
    from derive.errors import AnswerError, StatementError
    from numeric.outside.library import MissingLibraryError

    try:
        try:
            app(args=None if arguments is None else list(arguments))
        finally:
            sys.stdout.flush()  # here a full disk can still be reported
    except (StatementError, AnswerError) as error:
        _say(str(error))
        sys.exit(BAD_INPUT)
    except MissingLibraryError as error:
        _say(str(error))
        sys.exit(ENVIRONMENT)
    except OSError as error:
        _say(_environment(error))
        sys.exit(ENVIRONMENT)
