"""Gradients of any language's hand: what is read, and what is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from derive import StatementError
from reports.gradient_file import READERS, load_gradients


def message(path: Path) -> str:
    """What the author of a bad file reads."""
    with pytest.raises(StatementError) as caught:
        load_gradients(path)
    return str(caught.value)


def test_json_gives_numbers_and_arrays(tmp_path: Path) -> None:
    """One number a name, or nested lists of them."""
    path = tmp_path / "g.json"
    path.write_text('{"dC/dw1[1,1]": 0.5, "W2": [[1, -2e-3], [3, 4]]}', encoding="utf-8")
    gradients = load_gradients(path)
    assert gradients["dC/dw1[1,1]"] == 0.5
    np.testing.assert_array_equal(gradients["W2"], [[1, -2e-3], [3, 4]])


def test_a_byte_order_mark_is_no_hindrance(tmp_path: Path) -> None:
    """Some languages' writers put one before JSON."""
    path = tmp_path / "g.json"
    path.write_text('{"x": 1}', encoding="utf-8-sig")
    assert load_gradients(path)["x"] == 1


def test_an_integer_of_any_size_is_a_number(tmp_path: Path) -> None:
    """JSON knows no int64; 10^30 is float64's nearest, 10^400 its infinity."""
    path = tmp_path / "g.json"
    path.write_text(json.dumps({"x": 10**30, "y": 10**400}))
    gradients = load_gradients(path)
    assert (gradients["x"], gradients["y"]) == (1e30, float("inf"))


def test_npz_gives_arrays(tmp_path: Path) -> None:
    """Of any real kind of number, as float64."""
    np.savez(tmp_path / "g.npz", W1=np.array([[1, 2]], dtype=np.int32), b1=np.float32(0.5))
    gradients = load_gradients(tmp_path / "g.npz")
    assert {name: array.dtype.kind for name, array in gradients.items()} == {"W1": "f", "b1": "f"}
    assert gradients["b1"] == 0.5


def test_a_capital_suffix_is_the_same_suffix(tmp_path: Path) -> None:
    """Some systems write it so."""
    path = tmp_path / "G.JSON"
    path.write_text('{"x": 1}')
    assert load_gradients(path)["x"] == 1


BAD_JSON = {
    "nothing": ("", "line 1, column 1"),
    "no JSON": ('{"x": 1', "valid JSON"),
    "a list": ("[1, 2]", "no object with names"),
    "text": ('{"x": "one"}', "'x' is not made of real numbers"),
    "true": ('{"x": true}', "'x' is not made of real numbers"),
    "null": ('{"x": null}', "'x' is not made of real numbers"),
    "an object": ('{"x": {"y": 1}}', "'x' is not made of real numbers"),
    "ragged rows": ('{"W1": [[1, 2], [3]]}', "'W1' has rows of different lengths"),
    "too many brackets": ('{"x": ' + "[" * 200_000 + "]" * 200_000 + "}", "nested too deeply"),
    "many brackets": ('{"x": ' + "[" * 80 + "1" + "]" * 80 + "}", "'x'"),
}


@pytest.mark.parametrize(("text", "found"), BAD_JSON.values(), ids=BAD_JSON)
def test_json_that_holds_no_gradient_is_refused_in_words(tmp_path: Path, text: str, found: str) -> None:
    """The message names the file, what was found and what is allowed."""
    path = tmp_path / "g.json"
    path.write_text(text)
    said = message(path)
    assert str(path) in said
    assert found in said
    assert "allowed: " in said


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A picture is no gradient."""
    path = tmp_path / "g.json"
    path.write_bytes(b'{"\xff": 1}')
    assert "byte 2 is not UTF-8" in message(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 broken", b"\x93NUMPY\x01\x00"])
def test_an_npz_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever NumPy would raise for it."""
    path = tmp_path / "g.npz"
    path.write_bytes(content)
    assert "numpy.savez" in message(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    """Its list of names is whole, its contents are not."""
    path = tmp_path / "g.npz"
    np.savez_compressed(path, W1=np.arange(1000.0))
    whole = bytearray(path.read_bytes())
    whole[80:200] = bytes(120)
    path.write_bytes(whole)
    assert "cannot be read" in message(path)


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([1j]), np.array([True])], ids=str)
def test_an_array_of_anything_but_real_numbers_is_refused(tmp_path: Path, value: object) -> None:
    """An imaginary part would be dropped in silence."""
    np.savez(tmp_path / "g.npz", W1=np.asarray(value))
    assert "'W1' is not made of real numbers" in message(tmp_path / "g.npz")


class Trap:
    """Leaves a trace if a pickle of it is ever loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    """Loading one runs whatever its author wrote."""
    trace = tmp_path / "trace"
    np.savez(tmp_path / "g.npz", W1=np.array([Trap(trace)], dtype=object))
    assert "without pickled objects" in message(tmp_path / "g.npz")
    assert not trace.exists()


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    """What a reader exists for is what is allowed."""
    said = message(tmp_path / "g.csv")
    assert all(suffix in said for suffix in READERS)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    """Each has its own cure."""
    folder = tmp_path / "g.json"
    assert "there is no such file" in message(folder)
    folder.mkdir()
    assert "this is a folder" in message(folder)


def test_what_the_system_forbids_is_left_to_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions are nobody's mistake in the file, and have an exit code of their own."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError):
        load_gradients(tmp_path / "g.json")
