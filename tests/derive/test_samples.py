"""Samples out of CSV files: exact decimals, columns by name or number, and every mistake with its cell."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from derive.errors import StatementError
from derive.files.limits import MOST_TERMS
from derive.files.load import load_problem

EXAM = "name,hours,age,pass\nAnn,0.1,20,0\nBob,2.50,31,1\n"
DATA = {"csv": "exam.csv", "inputs": ["hours", "age"], "targets": ["pass"]}


def stated(units=1, width=2, cost="squared_error", activation="identity", **data):
    """A network of one layer over [data]."""
    layer = {"units": units, "activation": activation, "weights": [[0] * width] * units, "biases": False}
    return {"network": {"inputs": width, "cost": cost, "layers": [layer]}, "data": {**DATA, **data}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """The current folder, from which the paths of a mapping count, with a CSV file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exam.csv").write_text(EXAM, encoding="utf-8")
    return tmp_path


def message(source) -> str:
    with pytest.raises(StatementError) as caught:
        load_problem(source)
    return str(caught.value)


def rows(*values):
    return tuple(tuple(map(Fraction, row)) for row in values)


# -- what is read ----------------------------------------------------------------------------------


def test_columns_are_named_as_in_the_first_row(folder):
    """In the order that the file asks for, whatever theirs is."""
    problem = load_problem(stated(inputs=["age", "hours"]))
    assert problem.x == rows((20, "0.1"), (31, "2.5"))
    assert problem.y == rows((0,), (1,))


def test_a_decimal_of_a_csv_file_is_exact(folder):
    """0.1 is 1/10, as in the problem file."""
    assert load_problem(stated()).x[0][0] == Fraction(1, 10)


def test_columns_that_are_all_numbered_have_no_row_of_names(folder):
    """The first row is a sample then."""
    (folder / "bare.csv").write_text("1,2,3\n4,5,6\n")
    problem = load_problem(stated(csv="bare.csv", inputs=[1, 3], targets=2))
    assert (problem.x, problem.y) == (rows((1, 3), (4, 6)), rows((2,), (5,)))


def test_a_name_and_a_number_may_stand_together(folder):
    """One name is enough to say that there is a row of them."""
    assert load_problem(stated(inputs=["hours", 3])).x == rows(("0.1", 20), ("2.5", 31))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_spreadsheets_write_is_read(folder, delimiter, end, mark):
    """Excel writes a byte order mark, semicolons in half of Europe, and rows of delimiters at the end."""
    text = EXAM.replace(",", delimiter).replace("\n", end) + delimiter * 3 + end + end
    (folder / "exam.csv").write_bytes(mark + text.encode())
    assert load_problem(stated()).x == rows(("0.1", 20), ("2.5", 31))


def test_quotes_enclose_delimiters_lines_and_quotes(folder):
    """As RFC 4180 has it; a quoted delimiter of the first row says nothing about the others."""
    (folder / "exam.csv").write_text('"hours; spent";age;pass\n0.1;"20";1\n')
    assert load_problem(stated(inputs=["hours; spent", "age"])).x == rows(("0.1", 20))
    (folder / "exam.csv").write_text('note,hours,age,pass\n"one, ""two""\nthree",1,2,3\n')
    assert load_problem(stated()).x == rows((1, 2))


def test_a_single_column_needs_no_delimiter(folder):
    """There is nothing to tell apart."""
    (folder / "exam.csv").write_text("hours\n1\n2\n")
    problem = load_problem(stated(width=1, cost=None) | {"data": {"csv": "exam.csv", "inputs": "hours"}})
    assert problem.x == rows((1,), (2,))


def test_labels_are_a_column(folder):
    """Names of samples are display only, so two may be alike."""
    assert load_problem(stated(labels="name")).labels == ("Ann", "Bob")
    assert load_problem(stated(labels=1)).labels == ("Ann", "Bob")


def test_test_inputs_are_the_same_columns_of_another_file(folder):
    """Or other ones, where the table says so."""
    (folder / "test.csv").write_text("age,hours,weeks\n40,3,9\n")
    assert load_problem(stated(test={"csv": "test.csv"})).tests == rows((3, 40))
    other = {"csv": "test.csv", "inputs": ["weeks", "age"]}
    assert load_problem(stated(test=other)).tests == rows((9, 40))


def test_a_column_of_class_names_becomes_one_target_an_output(folder):
    """The row's own class is 1, the others 0, in the order of `classes`."""
    (folder / "pets.csv").write_text("size,age,kind\n1,2,dog\n3,4,cat\n5,6,eel\n")
    data = {"csv": "pets.csv", "inputs": ["size", "age"], "targets": "kind", "classes": ["cat", "dog", "eel"]}
    problem = load_problem(stated(units=3, activation="softmax", cost="cross_entropy", **data))
    assert problem.y == rows((0, 1, 0), (1, 0, 0), (0, 0, 1))
    assert problem.classes == ("cat", "dog", "eel")


def test_two_classes_of_one_output_are_0_and_1(folder):
    """By their names or by the numbers themselves."""
    (folder / "exam.csv").write_text("hours,age,pass\n1,2,yes\n3,4,0\n5,6,no\n7,8,1\n")
    assert load_problem(stated(classes=["no", "yes"])).y == rows((1,), (0,), (0,), (1,))


def test_paths_count_from_the_folder_of_the_problem_file(folder, monkeypatch):
    """A problem and its data travel together; an absolute path is taken as it is."""
    inner = folder / "inner"
    inner.mkdir()
    toml = (
        '[network]\ninputs = 1\ncost = "squared_error"\n[[network.layers]]\nunits = 1\n'
        'activation = "identity"\n[data]\ncsv = "{}"\ninputs = "hours"\ntargets = "pass"\n'
    )
    for name in ("../exam.csv", str(folder / "exam.csv")):
        (inner / "net.toml").write_text(toml.format(name))
        monkeypatch.chdir("/")
        assert len(load_problem(inner / "net.toml").x) == 2


# -- what is refused -------------------------------------------------------------------------------

# the file's text, what [data] states beside it, and what the message must hold
MISTAKES = [
    ("hours,age,pass\n1,2,x\n", {}, ["data.csv, row 2, column 'pass': 'exam.csv': the text 'x'", "a number such"]),
    ("hours,age,pass\n1,,3\n", {}, ["row 2, column 'age': 'exam.csv': an empty cell"]),
    ("hours;age;pass\n1;0,5;3\n", {}, ["the text '0,5'", "write a decimal point: 0.5"]),
    ("hours,age,pass\n1,nan,3\n", {}, ["row 2, column 'age'", "the text 'nan'"]),
    ("hours,age,pass\n1,1e999,3\n", {}, ["a number beyond 10^400"]),
    ("hours,age,pass\n1,1/3,3\n", {}, ["the text '1/3'"]),
    ("hours,age,pass\n1,1e5e,3\n\n1,2,y\n", {}, ["row 2, column 'age'", "row 4, column 'pass'"]),
    ("hours,age,pass\n1,2\n", {}, ["data.csv, row 2: 'exam.csv': 2 fields; row 1 has 3", "3 in every row"]),
    ("hours,age,pass\n1,2,3,4\n", {}, ["4 fields", "put quotes around"]),
    ("hours,age;pass\n1,2,3\n", {}, ["the first row holds commas and semicolons", "save it with one of them"]),
    ("1,5;2,5;3\n", {"inputs": [1, 2], "targets": 3}, ["commas and semicolons", "points in decimals"]),
    ('hours,age,pass\n1,"2,3\n', {}, ["the fields cannot be told apart", "close every quote"]),
    ('hours,age,pass\n1,"2"x,3\n', {}, ["data.csv, line 2", "the fields cannot be told apart"]),
    ("", {}, ["'exam.csv': the file is empty"]),
    ("\n\n", {}, ["'exam.csv': the file is empty"]),
    ("hours,age,pass\n", {}, ["there are no rows under the names"]),
    ("hour,age,pass\n1,2,3\n", {}, ["there is no column 'hours'; did you mean 'hour'?", "'hour', 'age' or 'pass'"]),
    ("a,a,pass\n1,2,3\n", {}, ["there is no column 'hours'", "allowed: 'a' or 'pass'"]),
    ("hours,age,pass,age\n1,2,3,4\n", {}, ["2 columns are named 'age'", "give its number instead"]),
    ("1,2,3\n", {"inputs": [1, 4], "targets": 3}, ["there is no column 4", "1 to 3"]),
    ("a,b,c\n1,2,3\n", {"inputs": [1, 2], "targets": 3}, ["row 1, column 1", "the text 'a'", 'inputs = ["hours"]']),
    (EXAM, {"inputs": ["hours"]}, ["data.inputs: 1 column; the network has 2 inputs", "allowed: 2 columns"]),
    (EXAM, {"targets": ["pass", "age"]}, ["data.targets: 2 columns; the network has 1 target", "allowed: 1 column"]),
    (EXAM, {"inputs": [0, 1]}, ["data.inputs[1]: the number 0", "or its number from 1"]),
    (EXAM, {"inputs": []}, ["data.inputs", "an empty list"]),
    (EXAM, {"inputs": True}, ["data.inputs", "true"]),
    (EXAM, {"inputs": None}, ["data.inputs: missing", "columns of the file"]),
    (EXAM, {"targets": None}, ["data.targets: missing", "targets of every sample"]),
    (EXAM, {"targets": "name"}, ["the text 'Ann'", "where these are classes, list them"]),
    (EXAM, {"x": [[1, 2]]}, ["data.x: samples written out beside csv", "one of the two"]),
    (EXAM, {"y": [[1]]}, ["data.y: samples written out beside csv"]),
    (EXAM, {"csv": None}, ["data.x: missing", "data.inputs: columns, but no CSV file", "data.targets: columns"]),
    (EXAM, {"csv": None, "labels": "name"}, ["data.labels: the column name, but no CSV file"]),
    (EXAM, {"csv": 3}, ["data.csv: the number 3", "text, in quotes"]),
    (EXAM, {"labels": "nmae"}, ["there is no column 'nmae'; did you mean 'name'?"]),
    ("name,hours,age,pass\n,1,2,3\n", {"labels": "name"}, ["row 2, column 'name'", "an empty cell"]),
    (f"name,hours,age,pass\n{'n' * 61},1,2,3\n", {"labels": 1}, ["a name of 61 characters", "at most 60"]),
    (EXAM, {"labels": ["Ann"]}, ["data.labels: 1 label; x has 2 samples"]),
    (EXAM, {"labels": [""]}, ["data.labels[1]", "text of at most 60 characters"]),
    (EXAM, {"classes": ["a", "b", "c"]}, ["data.classes: 3 names; the network has 1 output", "two, for 0 and for 1"]),
    (EXAM, {"classes": ["a", "a"]}, ["data.classes[2]: 'a' is listed twice"]),
    (EXAM, {"classes": ["An", "Bob"], "targets": "name"}, ["'Ann' is none of the classes; did you mean 'An'?"]),
    (EXAM, {"test": {"csv": "none.csv"}}, ["data.test.csv: 'none.csv': there is no such file"]),
    (EXAM, {"test": {"csv": "exam.csv", "inputs": "age"}}, ["data.test.inputs: 1 column; the network has 2 inputs"]),
    (EXAM, {"test": {"cvs": "exam.csv"}}, ["data.test.cvs: unknown key; did you mean 'csv'?"]),
    (EXAM, {"csv": "exams.csv"}, ["data.csv: 'exams.csv': there is no such file", "from the folder of the problem"]),
    (EXAM, {"csv": "."}, ["this is a folder"]),
    (EXAM, {"csv": "a\0b"}, ["the file cannot be read"]),
    (EXAM, {"csv": "/dev/zero"}, ["more than 16 MB"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "data", "parts"), [pytest.param(*row, id=row[2][0][:60]) for row in MISTAKES]
)
def test_a_mistake_in_a_csv_file_is_placed_and_named(folder, text, data, parts):
    """File, row and column, what was found, and the way out."""
    (folder / "exam.csv").write_text(text, encoding="utf-8")
    source = stated(**data)
    source["data"] = {key: value for key, value in source["data"].items() if value is not None}
    found = message(source)
    assert [part for part in parts if part not in found] == []


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (EXAM.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\x00\x00", "binary"),
        ("hours,age,pass\n1,2,caf\xe9".encode("latin-1"), "line 2: 'exam.csv': the byte 0xe9 is no UTF-8"),
    ],
)
def test_a_csv_file_that_is_no_text_says_what_it_is(folder, data, part):
    """A workbook saved under the wrong name, or in an old encoding."""
    (folder / "exam.csv").write_bytes(data)
    assert part in message(stated())


def test_of_very_many_wrong_cells_the_first_are_listed(folder):
    """A wrong column would fill the screen otherwise."""
    (folder / "exam.csv").write_text("hours,age,pass\n" + "a,b,c\n" * 1000)
    text = message(stated())
    assert text.count("the text") == 20
    assert "1,990 more cells that cannot be read" in text


def test_a_message_repeats_only_a_short_piece_of_a_file(folder):
    """Whatever file somebody names, a message is not a way to print it."""
    (folder / "exam.csv").write_text("hours,age,pass\n1," + "secret" * 1000 + ",3\n")
    assert len(message(stated())) < 400
    (folder / "exam.csv").write_text(
        ",".join(f"{i}secret" * 1000 for i in range(100)) + "\n" + "1," * 99 + "1\n"
    )
    assert len(message(stated())) < 1500


def test_mistakes_beyond_the_samples_are_found_in_the_same_run(folder):
    """A wrong cell hides neither a wrong rule nor a wrong key."""
    (folder / "exam.csv").write_text("hours,age,pass\n1,x,3\n")
    source = stated(activation="sigmod") | {"titel": "x", "training": {"rate": 0}}
    text = message(source)
    assert [part for part in ("titel", "'sigmod'", "the text 'x'", "training.rate") if part not in text] == []


def test_a_file_that_cannot_be_read_is_one_mistake(folder):
    """What counts on the number of samples is not judged without them."""
    source = stated(csv="none.csv") | {
        "training": {"rate": 1, "batch": 2},
        "published": [{"quantity": "a1[1]@2", "value": "1"}],
    }
    assert message(source).startswith("the mapping: 1 mistake\n")


def test_a_target_that_does_not_suit_the_cost_is_placed_by_its_sample(folder):
    """Entropy is of probabilities."""
    (folder / "exam.csv").write_text("hours,age,pass\n1,2,1\n1,2,3\n")
    text = message(stated(activation="sigmoid", cost="binary_cross_entropy"))
    assert "data.targets[2][1]: the target 3" in text
    assert "0 <= y <= 1, as binary_cross_entropy assumes" in text


@pytest.mark.slow
def test_more_samples_than_can_be_verified_are_refused(folder):
    """With the number that is allowed for this network."""
    (folder / "exam.csv").write_text("hours,age,pass\n" + "1,2,3\n" * (MOST_TERMS // 5 + 1))
    source = stated(cost=None)
    source["network"]["output"] = "a1[1]"
    text = message(source)
    assert "20,001 samples, test inputs included" in text
    assert "at most 20,000 for a network of 2-1" in text


@pytest.mark.slow
def test_more_rows_than_any_network_takes_are_not_read(folder):
    """Sixteen megabytes hold millions of them."""
    (folder / "exam.csv").write_text("hours,age,pass\n" + "1,2,3\n" * (MOST_TERMS + 2))
    assert "more than 100,000 rows" in message(stated())
