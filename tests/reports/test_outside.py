"""`verify --witness`: a further column, a further key, and what becomes of the exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from numeric.outside import library as shelf
from reports.cli import ENVIRONMENT, OK, WRONG, Outside
from tests.reports.small import Run


def test_the_choices_are_the_libraries_that_there_are() -> None:
    """The command line cannot import the table before it is needed."""
    assert tuple(Outside) == tuple(shelf.TABLES)


def test_a_further_column_stands_beside_the_three(run: Run, files: Mapping[str, str]) -> None:
    """With its library's version and its count above."""
    torch = pytest.importorskip("torch")
    done = run("verify", files["neuron"], "--witness", "torch")
    assert done.code == OK
    assert f"torch {torch.__version__}: 3 of 3 gradients agree" in done.out
    head = next(line for line in done.out.splitlines() if "symbolic" in line)
    assert head.split() == ["symbolic", "backprop", "difference", "torch", "digits", "verdict"]
    assert max(map(len, done.out.splitlines())) <= 80


def test_json_has_its_key_only_when_asked(run: Run, files: Mapping[str, str]) -> None:
    """Programs that read the three witnesses see no change."""
    pytest.importorskip("torch")
    plain, asked = (
        json.loads(run("verify", files["neuron"], "--json", *more).out)[0]["gradients"]
        for more in ((), ("--witness", "torch"))
    )
    assert [one.pop("torch") for one in asked] == [
        {"value": value, "verdict": "agree", "note": ""} for value in ("-1.875", "-3.75", "-1.875")
    ]
    assert asked == plain


def test_a_missing_library_is_a_matter_of_the_environment(
    run: Run, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said at once, before anything is verified, with what to type."""
    monkeypatch.setattr(shelf, "find_spec", lambda _: None)
    done = run("verify", files["neuron"], "--witness", "jax")
    assert (done.code, done.out) == (ENVIRONMENT, "")
    assert "pip install 'backproof[jax]'" in done.err


def test_an_outside_witness_that_is_wrong_is_something_wrong(
    run: Run, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code says so, the verdict of the three does not."""
    pytest.importorskip("torch")
    table = shelf.library("torch")
    broken = replace(table, activations={"identity": lambda z: 2 * z})
    monkeypatch.setattr("numeric.outside.consult.library", lambda _: broken)
    done = run("verify", files["neuron"], "--witness", "torch")
    assert done.code == WRONG
    assert "3 of 3 gradients agree" in done.out.splitlines()[1]
    assert "wrong: dC/dw1[1,1], dC/dw1[1,2], dC/db1[1]" in done.out
