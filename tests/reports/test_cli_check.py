"""`backproof check` and `claim`: answers from files and from the prompt, for people and for programs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from derive import load_problem
from numeric.answers.judge import Examiner
from reports.answers import files
from reports.answers.asking import Marker
from reports.answers.files import sheets
from reports.answers.sheets import Given, sheet
from tests.commands import ROOT, run

RIGHT = "(o1 - t1)*o1*(1 - o1)*h1"
REASON = {
    "type": "object",
    "properties": {"slip": {"type": "string"}, "text": {"type": "string"}},
    "required": ["slip", "text"],
    "additionalProperties": False,
}
WHERE = {
    "type": ["object", "null"],
    "properties": {"column": {"type": "integer", "minimum": 1}, "text": {"type": "string"}},
    "required": ["column", "text"],
}
ANSWERS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "student": {"type": ["string", "null"]},
            "question": {"type": "string"},
            "verdict": {"enum": ["correct", "incorrect", "unreadable", "undecided"]},
            "proof": {"enum": ["identity", "sampled", "counterexample", None]},
            "read": {"type": "string"},
            "why": {"type": "array", "items": REASON},
            "where": WHERE,
            "points": {"type": "number", "minimum": 0},
        },
        "required": ["student", "question", "verdict", "proof", "read", "why", "where", "points"],
        "additionalProperties": False,
    },
}
CLAIM = {
    "type": "object",
    "properties": {
        "equation": {"type": "string"},
        "read": {"type": "string"},
        "verdict": {"enum": ["true", "false", "undecided", "unreadable"]},
        "proof": {"enum": ["identity", "sampled", "counterexample", None]},
        "why": {"type": "array", "items": REASON},
        "counterexample": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
        "where": WHERE,
    },
    "required": ["equation", "read", "verdict", "proof", "why", "counterexample"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal as wide as the contract's."""
    monkeypatch.setenv("COLUMNS", "80")


# -- verdicts --------------------------------------------------------------------------------------


SHEET = [
    {"student": "Ada", "answers": {"1a": RIGHT, "1b": 0.0822}},
    {"student": "Bob", "answers": {"1a": "(o1 - t1)*sgima(o1)", "2": "(delta_o1*w5)*h1*(1 - h1)*i1", "9": "1"}},
    {"student": "\x1b[31mEve", "answers": {"1a": "h1", "3": [[1]]}},
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class's sheet: right, wrong, unreadable, to no question, and no answer at all."""
    file = tmp_path_factory.mktemp("class") / "class.json"
    file.write_text(json.dumps(SHEET))
    return file


def test_json_is_one_list_in_the_order_given_and_the_rest_is_judged(path: Path) -> None:
    """Programs read stdout alone; what could not be judged is told beside it, and by the exit code."""
    ran = run("check", "mazur", path, "--json")
    found = json.loads(ran.out)
    jsonschema.validate(found, ANSWERS)
    assert [(one["student"], one["question"], one["verdict"], one["points"]) for one in found] == [
        ("Ada", "1a", "correct", 2),
        ("Ada", "1b", "correct", 1),
        ("Bob", "1a", "unreadable", 0),
        ("Bob", "2", "incorrect", 0),
        ("\x1b[31mEve", "1a", "incorrect", 0),
    ]
    assert found[2]["where"]["column"] == 11
    assert found[3]["why"][0]["slip"] == "first route only"
    assert ran.code == 2
    assert "[2].answers.'9': there is no question '9'" in ran.err
    assert "the questions are 1a, 1b, 2, 3, 4a, 4b, 5" in ran.err
    assert "[3].answers.'3': a list" in ran.err


def test_a_terminal_shows_what_was_written_and_understood_and_the_sums(path: Path) -> None:
    """Within 80 columns, with a ^ under the unreadable place, and nobody's name commands the terminal."""
    ran = run("check", "mazur", path)
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in ran.out
    assert "�[31mEve" in lines
    written = next(i for i, line in enumerate(lines) if "sgima(o1)" in line)
    assert lines[written + 1].index("^") == lines[written].index("sgima")
    assert "    read as  (a_o1 − t1)·a_o1·(1 − a_o1)·a_h1" in lines
    assert lines[-3:] == ["Ada: 3 of 12 points", "Bob: 0 of 12 points", "�[31mEve: 0 of 12 points"]


def test_the_right_answer_is_shown_only_where_it_is_asked_for() -> None:
    """A learner may try again."""
    question = ("check", "mazur", "--question", "2", "i1")
    hidden, shown = run(*question), run(*question, "--reveal")
    assert (hidden.code, shown.code) == (0, 0)
    assert "0.000438567" not in hidden.out
    assert "right    ∂E/∂a_h1 = " in shown.out
    assert "∂E/∂w1 = ∂E/∂a_h1·a_h1·(1 − a_h1)·i1" in shown.out
    assert "number   0.0004385677" in shown.out
    wrong = ("check", "mazur", "--question", "1a", "(o1 - t1)*o1*(1 - o1)*h2")
    assert "'h2' stands where another one of its kind belongs: look at its index." in run(*wrong).out
    assert "'h2' stands where a_h1 belongs." in run(*wrong, "--reveal").out
    assert run("check", "mazur", "--question", "4a", "i1", "--reveal").out.count("w5′ = w5 − η·∂E/∂w5") == 1


def test_every_question_of_a_bundled_example_has_a_right_answer_to_show() -> None:
    """Homework that its own author's program cannot answer would be marked by nothing."""
    folder = ROOT / "derive" / "examples"
    asked = [file.stem for file in folder.glob("*.toml") if "[[questions]]" in file.read_text()]
    assert {"mazur", "seed004-logistic"} <= set(asked)
    for name in asked:
        marker = Marker(load_problem(name), reveal=True)
        for question in marker.problem.questions:
            marked = marker.mark(Given(None, question.id, question.ask))
            assert marked.judged.verdict != "correct", "to name it once more is no answer"
            assert marked.right is not None, question
            assert marked.right.plain, question


def test_a_quantity_is_a_question_where_the_file_has_none_of_that_name() -> None:
    """Most problems have no questions."""
    ran = run("check", "ng-computation-graph", "--question", "dJ/db", "3*c", "--json")
    (found,) = json.loads(ran.out)
    jsonschema.validate([found], ANSWERS)
    assert found["verdict"] == "correct"
    assert (found["student"], found["question"]) == (None, "dJ/db")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mazur",), "1a: dE/dw5, as expression"),
        (("attention",), "ask for a quantity by its name, as in --question dL/dX"),
        (("attention", "--question", "1a", "x"), "this problem has no [[questions]]"),
        (("mazur", "--question", "1c", "x"), "the questions are 1a, 1b, 2, 3, 4a, 4b, 5"),
        (("nowhere", "--question", "1a", "x"), "there is no such file"),
        (("mazur", "none.json"), "there is no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_who_asks_for_nothing_that_is_there_is_told_how_to_ask(arguments: tuple[str, ...], said: str) -> None:
    """The message is the manual that people read."""
    ran = run("check", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_what_was_judged_before_an_interrupt_is_written(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Ctrl-C after an hour of a large class must leave valid JSON."""
    judge, calls = Examiner.judge, []

    def interrupted(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise SystemExit(130)
        return judge(*given)

    monkeypatch.setattr(Examiner, "judge", interrupted)
    ran = run("check", "mazur", path, "--json")
    assert ran.code == 130
    assert len(json.loads(ran.out)) == 2


def test_what_the_system_forbids_is_its_fault(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Not the author's, so the exit code is another, and the other files are judged."""
    opened = Path.open

    def forbidden(self: Path, *given: Any, **more: Any) -> Any:
        if self.name == "secret.json":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *given, **more)

    monkeypatch.setattr(Path, "open", forbidden)
    ran = run("check", "mazur", "secret.json", path, "--json")
    assert ran.code == 4
    assert "Permission denied" in ran.err
    assert len(json.loads(ran.out)) == 5


# -- files -----------------------------------------------------------------------------------------


GIVEN = [("Zoë", "1a", "a*b"), ("Zoë", "1b", "0.0820")]
OBJECT = '{"student": "Zoë", "answers": {"1a": "a*b", "1b": 0.0820}}'
FORMATS: dict[str, tuple[str, bytes]] = {
    "json": (".json", OBJECT.encode()),
    "a list": (".json", f"[{OBJECT}]".encode()),
    "lines": (".jsonl", f"{OBJECT}\n\n".encode()),
    "lines called json": (".json", OBJECT.replace(', "1b": 0.0820', "").encode() + b"\n" + OBJECT.replace('"1a": "a*b", ', "").encode()),
    "toml": (".toml", 'student = "Zoë"\nanswers = {1a = "a*b", 1b = 0.0820}'.encode()),
    "csv": (".csv", "Student,question,Answer\nZoë,1a,a*b\nZoë,1b,0.0820\n".encode()),
    "spreadsheet": (".csv", "student;question;answer\r\nZoë;1a;a*b\r\nZoë;1b;0.0820\r\n".encode("utf-16")),
    "marked": (".json", b"\xef\xbb\xbf" + OBJECT.encode()),
    "any json": ("", OBJECT.encode()),
    "any csv": ("", "student,question,answer\nZoë,1a,a*b\nZoë,1b,0.0820\n".encode()),
    "any toml": ("", 'student = "Zoë"\nanswers = {1a = "a*b", 1b = 0.0820}'.encode()),
}  # fmt: skip


def read(given: list[Given]) -> list[tuple[str | None, str, str]]:
    return [(one.student, one.question, one.text) for one in given]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_the_same(kind: str) -> None:
    """A number keeps the digits that it was written with."""
    suffix, content = FORMATS[kind]
    made = sheet("class", content, suffix)
    assert read(made.answers) == GIVEN
    assert not made.mistakes


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "no json": (".json", b'{"answers": {', "line 1, column 14: this is no JSON"),
    "a number": (".json", b"7", "the number '7'"),
    "deep": (".json", b"[" * 100_000, "brackets nested too deeply"),
    "a key twice": (".json", b'{"answers": {"1a": "1", "1a": "2"}}', "the key '1a' stands there twice"),
    "no answers": (".json", b'{"student": "Ada"}', "answers: there are no answers"),
    "another key": (".json", b'{"answers": {}, "grade": 1}', "grade: there is no such key"),
    "a list for a text": (".json", b'[{"answers": {"3": [[1]]}}]', "[1].answers.'3': a list"),
    "true": (".json", b'{"answers": {"3": true}}', "answers.'3': true"),
    "a long name": (".json", json.dumps({"student": "x" * 300, "answers": {}}).encode(), "300 characters"),
    "one line": (".jsonl", b'nope\n{"answers": {"1a": 5}}', "line 1, column 1: this is no JSON"),
    "no toml": (".toml", b"student = Ada", "no value can be read"),
    "a long number": (".toml", b'answers = {"1a" = ' + b"9" * 5000 + b"}", "more than 400 digits"),
    "Latin-1": (".csv", "student,question,answer\nZoë,1,2".encode("latin-1"), "byte 27 is not UTF-8"),
    "bare answers": (".json", b'{"1a": "1", "1b": "2"}', "its keys are '1a', '1b'"),
    "UTF-16 turned": (
        ".csv",
        b"\xff\xfe" + "student,question,answer\nA,1,2".encode("utf-16-be"),
        "it is in UTF-16",
    ),
    "UTF-16 unmarked": (".csv", "student,question,answer\nA,1,2".encode("utf-16-le"), "it is in UTF-16"),
    "a wide table": (".csv", b"student,1a,1b\nAda,1,2", "with rows such as Ada,1a,"),
    "no columns": (".csv", b"name,q\nx,y", "no column 'question' and no column 'answer'"),
    "a comma too many": (".csv", b"student,question,answer\nx,1a,f(a,b)", "row 2: 4 fields"),
    "only names": (".csv", b"student,question,answer\n", "there are no answers in it"),
    "an empty list": (".json", b"[]", "there are no answers in it"),
    "no question": (".csv", b"student,question,answer\nx,,1", "row 2: no question"),
    "nulls": (".csv", b"question,answer\n\x00,\x00\x1b", ""),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_broken_file_is_a_mistake_with_its_place(kind: str) -> None:
    """Never a traceback, and what is right beside it stays."""
    suffix, content, said = REFUSED[kind]
    made = sheet("class", content, suffix)
    assert said in "\n".join(map(str, made.mistakes))
    assert bool(made.answers) == (kind in ("one line", "nulls"))


def archive(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries:
            target.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[str, bytes], str]:
    def write(name: str, content: bytes) -> str:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return str(target)

    return write


Stored = Callable[[str, bytes], str]
ONE = b'{"answers": {"1a": "a"}}'


def test_an_archive_is_read_within_limits_and_its_names_are_only_names(
    monkeypatch: pytest.MonkeyPatch, stored: Stored
) -> None:
    """What unpacks to a thousand times its size, leads out of its folder or holds another, is told."""
    monkeypatch.setattr(files, "MOST_BYTES", 20_000)
    entries = [
        ("../../up.json", ONE),
        ("bomb.json", b" " * 1_000_000),
        ("in.zip", b""),
        ("__MACOSX/x.json", b"{"),
    ]
    found = list(sheets([stored("class.zip", archive(*entries))]))
    assert [
        (len(one.answers), [str(mistake).split("\n")[0] for mistake in one.mistakes]) for one in found
    ] == [
        (1, []),
        (0, ["more than 20,000 bytes"]),
        (0, ["an archive within an archive"]),
    ]
    (whole,) = sheets([stored("cut.zip", archive(("a.json", ONE))[:-30])])
    assert "cannot be read" in str(whole.mistakes[0])


def test_a_folder_gives_its_files_by_name_and_a_file_s_name_is_who_wrote_it(
    tmp_path: Path, stored: Stored
) -> None:
    """Where it does not say; what is hidden, linked or of another kind is left."""
    for name in ("b/bea.json", "ada.json", ".git.json", "notes.txt"):
        stored(name, ONE)
    (tmp_path / "link.json").symlink_to(tmp_path / "notes.txt")
    assert [one.student for found in sheets([str(tmp_path)]) for one in found.answers] == ["ada", "bea"]


# -- claims ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a2 - y", "it begins with 'a2 - y'"),
        ("Ada;1;a2 - y", "it begins with 'Ada;1;a2 - y'"),
        ("student,question,answer", "there are no answers in it"),
    ],
)
def test_what_is_no_sheet_is_shown_beside_what_is_expected(text: str, said: str) -> None:
    """An answer alone is given with --question, and no file of TOML was meant."""
    (mistake,) = sheet("standard input", text.encode()).mistakes
    assert mistake.found == said
    assert "question" in mistake.allowed


def test_who_gave_no_name_beside_others_is_summed_up_as_such(tmp_path: Path) -> None:
    """Together would be the sum of all."""
    file = tmp_path / "rows.csv"
    file.write_text("student;question;answer\nAda;1a;1\n;1a;2\n")
    lines = run("check", "mazur", file).out.splitlines()
    assert lines[-2:] == ["Ada: 0 of 12 points", "without a name: 0 of 12 points"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("mazur", "dE/dw5 = delta_o1*h1"), 0),
        (("mazur", "dE/dw5 = delta_o1*h2"), 1),
        (("mazur", "dE/dw5 = "), 2),
        (("mazur", "log(-1 - h1^2) = h1"), 3),
        (("cos(x)^2 + sin(x)^2 = 1",), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_claim_s_exit_code_is_its_verdict(arguments: tuple[str, ...], code: int) -> None:
    """True, false, unreadable, undecided."""
    ran = run("claim", *arguments, "--json")
    jsonschema.validate(json.loads(ran.out), CLAIM)
    assert ran.code == code


@pytest.mark.parametrize("equation", ["-dE/dw5 = -delta_o1*h1", "-h1 = -a_h1"])
def test_an_equation_may_begin_with_a_minus(equation: str) -> None:
    """It is no option, even where a letter of it would be one: -h."""
    assert run("claim", "mazur", equation).code == 0
    assert run("claim", "mazur", "--json", equation).code == 0


def test_a_false_claim_is_refuted_by_numbers_that_anybody_can_put_in() -> None:
    """All that the network is given, and both sides."""
    ran = run("claim", "mazur", "dE/dw5 = delta_o1*h2", "--json")
    found = json.loads(ran.out)["counterexample"]
    assert {"w1", "w8", "b2", "x[2]", "y[1]", "left", "right"} <= found.keys()


@pytest.mark.parametrize("arguments", [("mazur",), ("a", "b", "c = d"), ("mazurr", "a = b")])
def test_what_is_no_claim_is_bad_input(arguments: tuple[str, ...]) -> None:
    """A problem without an equation, three things, and a problem that does not exist."""
    ran = run("claim", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("backproof: ")
