"""`verify --gradients`: somebody's own gradients from a file, judged against each problem."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.commands import Ran
from tests.reports.small import Run

GRADIENTS = {"W1": [[-1.875, -3.75]], "b1": [-1.875]}
"""The neuron's, by hand."""


Given = Callable[[Any], str]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Writes a gradient file as JSON and gives its path."""

    def write(content: Any) -> str:
        path = tmp_path / "theirs.json"
        path.write_text(json.dumps(content))
        return str(path)

    return write


def checked(ran: Ran, place: int = 0) -> list[dict[str, Any]]:
    """The entries that were judged against one problem."""
    entries: list[dict[str, Any]] = json.loads(ran.out)[place]["checked"]
    return entries


def test_true_gradients_from_json_agree(run: Run, files: Mapping[str, str], given: Given) -> None:
    """Whole arrays a layer, or single entries."""
    for content in (GRADIENTS, {"dC/dw1[1,2]": -3.75}):
        ran = run("verify", files["neuron"], "--json", "--gradients", given(content))
        assert ran.code == 0
        assert {entry["verdict"] for entry in checked(ran)} == {"agree"}


def test_true_gradients_from_npz_agree(run: Run, files: Mapping[str, str], tmp_path: Path) -> None:
    """As NumPy saves them."""
    np.savez(tmp_path / "theirs.npz", W1=GRADIENTS["W1"], b1=GRADIENTS["b1"])
    ran = run("verify", files["neuron"], "--json", "--gradients", tmp_path / "theirs.npz")
    assert ran.code == 0
    assert [entry["verdict"] for entry in checked(ran)] == ["agree"] * 3


def test_a_wrong_gradient_exits_with_1_and_names_the_slip(
    run: Run, files: Mapping[str, str], given: Given
) -> None:
    """The problem itself is all right, so the code is the gradient's."""
    ran = run("verify", files["neuron"], "--json", "--gradients", given({"W1": [[1.875, 3.75]]}))
    assert ran.code == 1
    assert [(entry["verdict"], entry["slip"]) for entry in checked(ran)] == [("wrong", "sign")] * 2


def test_an_array_of_the_wrong_shape_is_wrong_and_says_so(
    run: Run, files: Mapping[str, str], given: Given
) -> None:
    """It is theirs that is wrong, not the file."""
    ran = run("verify", files["neuron"], "--gradients", given({"W1": [[1, 2, 3]]}))
    assert ran.code == 1
    assert "W1 has shape (1, 3); layer 1 needs (1, 2)" in ran.out


def test_a_name_that_means_nothing_is_bad_input_and_the_evidence_stays(
    run: Run, files: Mapping[str, str], given: Given
) -> None:
    """What was asked of the problem itself is answered."""
    ran = run("verify", files["neuron"], "--gradients", given({"dC/dw7[1,1]": 1}))
    assert ran.code == 2
    assert "w7" in ran.err
    assert "3 of 3 gradients agree" in ran.out


def test_nothing_to_compare_is_bad_input(run: Run, files: Mapping[str, str], given: Given) -> None:
    """An empty comparison never passes."""
    ran = run("verify", files["neuron"], "--gradients", given({}))
    assert ran.code == 2
    assert "no gradient to compare" in ran.err


def test_a_gradient_file_is_judged_against_each_problem(
    run: Run, files: Mapping[str, str], given: Given
) -> None:
    """The same name may be right for one and wrong for the other."""
    ran = run("verify", files["right"], files["steep"], "--json", "--gradients", given({"dy/dx": 2}))
    assert [checked(ran, place)[0]["verdict"] for place in (0, 1)] == ["agree", "wrong"]


def test_a_gradient_file_that_cannot_be_read_leaves_the_problems_verified(
    run: Run, files: Mapping[str, str], tmp_path: Path
) -> None:
    """stdout stays one JSON value, and the code says that something was not done."""
    ran = run("verify", files["right"], "--json", "--gradients", tmp_path / "none.json")
    assert ran.code == 2
    assert [set(result) & {"checked"} for result in json.loads(ran.out)] == [set()]
