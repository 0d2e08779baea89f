"""Every mistake of a problem is found, placed and worded for the person who made it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy as sp

from derive.errors import StatementError
from derive.files.elsewhere import ACTIVATION_WORDS, COST_WORDS, KEY_WORDS, UPDATE_WORDS, bare
from derive.files.load import load_problem
from derive.files.schema import TABLES
from derive.rules import ACTIVATIONS, COSTS
from derive.training.update_rules import UPDATE_RULES
from tests.bad_input.fields import (
    GRAPH,
    GRAPH_MISTAKES,
    LEFT_OUT,
    NETWORK,
    NETWORK_MISTAKES,
    PERCEPTRON,
    PERCEPTRON_MISTAKES,
    changed,
)


def message(source) -> str:
    with pytest.raises(StatementError) as caught:
        load_problem(source)
    return str(caught.value)


def rows(table):
    return [pytest.param(change, parts, id=parts[0][:50]) for change, parts in table]


def test_the_problems_that_the_tables_change_are_right_themselves():
    """Otherwise a row could pass because of a mistake that it does not make."""
    assert load_problem(NETWORK).published
    assert load_problem(GRAPH).given
    assert load_problem(PERCEPTRON).training


@pytest.mark.parametrize(("change", "parts"), rows(NETWORK_MISTAKES))
def test_a_mistake_in_a_network_is_placed_and_named(change, parts):
    """Path, what was found and the way out stand in one message."""
    text = message(changed(NETWORK, **change))
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(("change", "parts"), rows(GRAPH_MISTAKES))
def test_a_mistake_in_a_graph_is_placed_and_named(change, parts):
    """Path, what was found and the way out stand in one message."""
    text = message(changed(GRAPH, **change))
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(("change", "parts"), rows(PERCEPTRON_MISTAKES))
def test_a_mistake_about_a_perceptron_is_placed_and_named(change, parts):
    """Its rule needs no cost, and says of whatever else it cannot train why."""
    text = message(changed(PERCEPTRON, **change))
    assert [part for part in parts if part not in text] == []


def test_a_folder_is_not_a_problem(tmp_path: Path):
    """A path may be one level short."""
    assert "this is a folder" in message(tmp_path)


def test_a_file_that_may_not_be_read_says_why(tmp_path: Path, monkeypatch):
    """The system's own reason is the most precise one."""
    path = tmp_path / "net.toml"
    path.write_text("title = 'a'")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "the file cannot be read: Permission denied" in message(path)


def test_a_file_beyond_all_reason_is_not_read_to_its_end():
    """A device never ends."""
    assert "more than 16 MB" in message("/dev/zero")


@pytest.mark.parametrize("name", ["mazzur", "no/such/file.toml", "x" * 5000, "a\0b"])
def test_an_unknown_file_or_example_is_told_so(name):
    """Neither a traceback nor a guess."""
    text = message(name)
    assert "no such file" in text or "the path cannot be used" in text


def test_an_unknown_example_names_a_near_one():
    """`backproof examples` lists all of them."""
    text = message("mazzur")
    assert "did you mean 'mazur'?" in text
    assert "backproof examples" in text


def test_a_rule_is_no_problem_and_its_sheet_is_named():
    """`verify sigmoid` is a natural thing to try after `report sigmoid`."""
    assert "`backproof report sigmoid` writes its sheet" in message("sigmoid")


def words_of_ours():
    for table, words in (
        (ACTIVATIONS, ACTIVATION_WORDS),
        (COSTS, COST_WORDS),
        ({rule.name for rule in UPDATE_RULES}, UPDATE_WORDS),
        *((TABLES[keys].model_fields, words) for keys, words in KEY_WORDS.items()),
    ):
        yield from ((table, word, ours) for word, ours in words.items())


def test_what_another_program_calls_so_is_there_under_our_name():
    """A proposed name that is refused in turn would send its reader in a circle."""
    assert [ours.name for table, _, ours in words_of_ours() if ours.name not in table] == []


def test_words_of_other_programs_are_kept_as_they_are_compared():
    """One with a sign or a capital would never be found."""
    assert [word for _, word, _ in words_of_ours() if word != bare(word)] == []


ASKED = (
    "C",
    "dC/dW1",
    "delta2",
    "Delta1",
    "Z2",
    "X",
    "y",
    "b1",
    "a1[1]",
    "dC/db1",
    "da2/dz2",
    "w1'",
    "-dC/dz2[1]",
)


def test_a_question_asks_for_quantities_formulas_and_whole_arrays():
    """An answer may be a matrix, or an expression that holds for every sample."""
    questions = [{"id": str(i), "ask": ask} for i, ask in enumerate(ASKED)]
    two = {"x": [[0, 1], [1, 0]], "y": [[0], [1]]}
    load_problem(changed(NETWORK, data=two, questions=questions))
    graph = {"steps": ["Y = W @ X", "L = sum(Y)"], "output": "L", "shapes": {"W": [2, 3], "X": [3]}}
    load_problem({"graph": graph, "questions": [{"id": "1", "ask": "dL/dW"}, {"id": "2", "ask": "Y"}]})


@pytest.mark.parametrize("source", [3, None, [1], {1: 2}, {}])
def test_what_is_no_problem_at_all_is_refused(source):
    """A caller's mistake reads like a file's."""
    assert "mistake" in message(source) or "a path, an example's name, or a mapping" in message(source)


def test_a_mapping_that_holds_itself_is_refused():
    """The walk down ends at a fixed depth."""
    endless: dict[str, object] = {}
    endless["values"] = endless
    assert "nested too deep" in message(endless)


def test_all_mistakes_of_a_file_come_in_one_run():
    """A wrong key or number does not hide a wrong shape, rule or name elsewhere."""
    text = message(
        changed(
            NETWORK,
            titel="x",
            network__layers__0__activation="sigmod",
            network__layers__1__weights=[[float("nan")]],
            values__w9=1,
            training__rate=0,
        )
    )
    for part in (
        "titel",
        "'sigmod'",
        "weights[1][1]: nan",
        "W2 has 1 row of 1 number",
        "values.w9",
        "training.rate",
    ):
        assert part in text
    assert text.startswith("the mapping: 6 mistakes")


def test_a_misspelled_required_key_is_one_mistake():
    """The key is there, under a wrong name; that it is missing too would be noise."""
    text = message(changed(NETWORK, network__inputs=LEFT_OUT, network__input=["i1", "i2"]))
    assert text.startswith("the mapping: 1 mistake\n")
    assert "did you mean 'inputs'?" in text


def test_hostile_names_arrive_as_text():
    """An escape sequence in a key must not reach the terminal."""
    assert "\x1b" not in message(changed(NETWORK, **{"\x1b[31mred": 1}))


@pytest.mark.parametrize("cost", [cost for cost in COSTS.values() if cost.targets.values != sp.S.Reals])
def test_a_target_that_a_cost_does_not_assume_is_refused_with_its_place(cost):
    """log 0 and a margin of neither class are found before anything is computed."""
    text = message(changed(NETWORK, network__cost=cost.name, data__y=[[-1.5]]))
    assert "the target -3/2 of output 1 of sample 1\n" in text
    assert f"{cost.targets}, as {cost.name} assumes" in text
