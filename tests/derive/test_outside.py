"""Weights out of npz archives and out of seeds."""

from __future__ import annotations

import io
import struct
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from derive.errors import StatementError
from derive.files.limits import MOST_IN_LAYERS, MOST_MOVED, MOST_WEIGHTS
from derive.files.load import load_problem
from derive.files.seeds import drawn_biases, drawn_weights

W1 = np.array([[0.1, -2.5, 3.0], [4.0, 5.5, 1e-300]])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """The current folder, from which the paths of a mapping count."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stated(weights, biases=False, sizes=(3, 2)):
    """A network whose first layer has these parameters."""
    layers = [{"units": n, "activation": "tanh"} for n in sizes[1:]]
    layers[0] |= {"weights": weights, "biases": biases}
    return {"network": {"inputs": sizes[0], "layers": layers}}


def from_npz(key="W1", **more):
    return {"npz": "w.npz", "key": key, **more}


def message(source) -> str:
    with pytest.raises(StatementError) as caught:
        load_problem(source)
    return str(caught.value)


def values(problem, letter):
    return [p.value for p in problem.parameters if p.key.startswith(letter)]


# -- npz -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_float_of_an_archive_is_its_exact_binary_value(folder, save, dtype, order):
    """It is what the author's own program computes with, in whatever order the bytes lie."""
    array = np.asarray([[0.1, -2.5, 3.0], [4.0, 5.5, 2.0**-9]], dtype=dtype, order=order)
    save(folder / "w.npz", W1=array)
    expected = [Fraction(float(value)) for row in array for value in row]
    assert values(load_problem(stated(from_npz())), "w1") == expected


@pytest.mark.parametrize("dtype", ["i1", "u8", "i8"])
def test_integers_are_themselves(folder, dtype):
    """Beyond 2^53 too, where floats are not."""
    array = np.full((2, 3), np.iinfo(dtype).max, dtype=dtype)
    np.savez(folder / "w.npz", W1=array)
    assert values(load_problem(stated(from_npz())), "w1") == [int(np.iinfo(dtype).max)] * 6


@pytest.mark.parametrize("shape", [(2,), (2, 1), (1, 2)])
def test_biases_may_be_a_vector_a_column_or_a_row(folder, shape):
    """Books write columns, NumPy vectors."""
    np.savez(folder / "w.npz", W1=W1, b1=np.array([1.5, -2.0]).reshape(shape))
    assert values(load_problem(stated(from_npz(), from_npz("b1"))), "b1") == [Fraction(3, 2), -2]


def test_the_paths_of_a_file_count_from_its_folder(folder, monkeypatch):
    """Wherever the command is called."""
    np.savez(folder / "w.npz", W1=W1)
    (folder / "net.toml").write_text(
        '[network]\ninputs = 3\n[[network.layers]]\nunits = 2\nactivation = "tanh"\n'
        'weights = {npz = "w.npz", key = "W1"}\nbiases = false\n'
    )
    monkeypatch.chdir("/")
    assert values(load_problem(folder / "net.toml"), "w1")[0] == Fraction(0.1)


ARRAYS = {
    "W1": W1, "flat": np.zeros(6), "turned": W1.T, "words": np.array(["a"] * 6).reshape(2, 3),
    "bools": np.zeros((2, 3), bool), "complex": np.zeros((2, 3), complex), "b1": np.zeros(2),
    "things": np.array([[None] * 3] * 2, dtype=object), "long": np.zeros((2, 3), np.longdouble),
    "gaps": np.array([[1, 2, 3], [4, np.nan, 6.0]]), "ends": np.array([[np.inf, 2, 3], [4, 5, 6.0]]),
    "record": np.zeros((2, 3), [("é", "f8")]), "when": np.zeros((2, 3), "M8[s]"),
}  # fmt: skip

# weights, biases, and what the message must hold
MISTAKES = [
    (from_npz("W2"), False, ["network.layers[1].weights: 'w.npz': there is no array 'W2'", "'W1', 'flat', 'turned'"]),
    (from_npz("turned"), False, ["'turned' has shape (3, 2); the layer has 2 units with 3 inputs", "turned=turned.T"]),
    (from_npz("flat"), False, ["'flat' has shape (6,)", "so it should be (2, 3)"]),
    (from_npz(), from_npz("W1"), ["biases: 'w.npz': 'W1' has shape (2, 3); the layer has 2 units", "(2,)"]),
    (from_npz("words"), False, ["'words' has elements of type '<U1'", "float64, float32"]),
    (from_npz("bools"), False, ["'bools' has elements of type '|b1'", 'bools.astype("float64")']),
    (from_npz("complex"), False, ["'complex' has elements of type '<c16'"]),
    (from_npz("things"), False, ["'things' has elements of type '|O'"]),
    (from_npz("long"), False, ["'long' has elements of type '<f16'"]),
    (from_npz("when"), False, ["'when' has elements of type '<M8[s]'"]),
    (from_npz("record"), False, ["'record' has elements of type"]),
    (from_npz("gaps"), False, ["'gaps' has at [2, 2] nan, which is not a number"]),
    (from_npz("ends"), False, ["'ends' has at [1, 1] inf"]),
    ({"npz": "w.npz"}, False, ["weights.key: missing", "the name of an array"]),
    ({"npz": "v.npz", "key": "W1"}, False, ["'v.npz': there is no such file"]),
    ({"npz": ".", "key": "W1"}, False, ["this is a folder"]),
    ({"npz": "/dev/zero", "key": "W1"}, False, ["more than 16 MB"]),
    ({"npz": "w.npy", "key": "W1"}, False, ["a single array (npy), which has no name", 'np.savez("w.npz", W1=W1)']),
    ({"npz": "w.txt", "key": "W1"}, False, ["no npz archive, or a damaged one"]),
    ({"npz": "cut.npz", "key": "W1"}, False, ["no npz archive, or a damaged one"]),
    ({"npz": "empty.npz", "key": "W1"}, False, ["there is no array 'W1'", "none is in it"]),
    ({"npz": "bomb.npz", "key": "W1"}, False, ["unpacks to 100,000,000 bytes", "at most 40,000 numbers"]),
    ({"npz": "liar.npz", "key": "W1"}, False, ["'W1' has shape (1000000000, 1000)"]),
    ({"npz": "short.npz", "key": "W1"}, False, ["the array 'W1' ends too early"]),
    ({"npz": "deep.npz", "key": "W1"}, False, ["the array 'W1' cannot be read"]),
    ({"npz": "long.npz", "key": "W1"}, False, ["the array 'W1' cannot be read"]),
    ({"npz": "gap.npz", "key": "W1"}, False, ["the array 'W1' cannot be read"]),
    ({"npz": "locked.npz", "key": "W1"}, False, ["no npz archive, or a damaged one"]),
    ({"npz": 3, "key": "W1"}, False, ["weights.npz: the number 3", "text, in quotes"]),
    ({}, False, ["weights: neither npz nor seed", '{npz = "file.npz", key = "W1"} or {seed = 0}']),
    ({"npz": "w.npz", "seed": 1}, False, ["weights: both npz and seed"]),
    ({"seed": 1, "key": "W1"}, False, ["weights.key: a key beside a seed"]),
    ({"seed": -1}, False, ["weights.seed: the number -1", "a whole number from 0"]),
    ({"seed": 2**64}, False, ["weights.seed", "a whole number from 0 to 2^64 - 1"]),
    ({"seed": 0.5}, False, ["weights.seed: the number 0.5"]),
    ({"seed": True}, False, ["weights.seed: true"]),
    ({"sed": 1}, False, ["weights.sed: unknown key; did you mean 'seed'?"]),
    (from_npz(), {"npz": "w.npz", "key": "B1"}, ["biases: 'w.npz': there is no array 'B1'"]),
]  # fmt: skip


def npy(shape: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """An npy file whose header states this shape."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header))
    return b"\x93NUMPY" + version + size + header + body


def write_archives(folder: Path) -> None:
    """Every file that the table of mistakes names."""
    np.savez(folder / "w.npz", **ARRAYS)
    np.save(folder / "w.npy", W1)
    (folder / "w.txt").write_text("0.1 0.2")
    (folder / "cut.npz").write_bytes((folder / "w.npz").read_bytes()[:-30])
    members = {
        "liar": npy("(1000000000, 1000)"),
        "gap": npy("(2 3, 4)"),
        "short": npy("(2, 3)", b"12345678"),
        "deep": npy("(" * 900),
        "long": npy("(" + "1," * 20_000 + ")", version=b"\x02\x00"),
        "bomb": b"\0" * 100_000_000,
    }
    for name, content in members.items():
        with zipfile.ZipFile(folder / f"{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("W1.npy", content)
    with zipfile.ZipFile(folder / "empty.npz", "w") as archive:
        archive.writestr("readme.txt", "")
    locked = bytearray((folder / "short.npz").read_bytes())
    locked[6] |= 1  # the flag of an encrypted member, here and in the directory at the end
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (folder / "locked.npz").write_bytes(bytes(locked))


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> Path:
    """A folder with all of them."""
    path: Path = tmp_path_factory.mktemp("archives")
    write_archives(path)
    return path


@pytest.mark.parametrize(
    ("weights", "biases", "parts"), [pytest.param(*row, id=row[2][0][:60]) for row in MISTAKES]
)
def test_a_mistake_in_a_source_of_weights_is_placed_and_named(archives, monkeypatch, weights, biases, parts):
    """Field, file and array, what was found, and the way out."""
    monkeypatch.chdir(archives)
    found = message(stated(weights, biases))
    assert [part for part in parts if part not in found] == []


def test_no_damage_to_an_archive_ends_in_a_traceback(folder):
    """Every byte is turned over once; what is then read is either the same numbers or refused."""
    stream = io.BytesIO()
    np.savez(stream, W1=W1)
    whole = stream.getvalue()
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        (folder / "w.npz").write_bytes(bytes(broken))
        try:
            problem = load_problem(stated(from_npz()))
        except StatementError:
            continue
        assert values(problem, "w1") == [Fraction(float(value)) for value in W1.ravel()]


def test_mistakes_of_several_arrays_come_in_one_run(folder):
    """The file is read once, its mistakes stand at each place that names it."""
    text = message(stated(from_npz(), from_npz("b1")))
    assert "weights: 'w.npz': there is no such file" in text
    assert "biases: 'w.npz': there is no such file" in text


# -- seeds -----------------------------------------------------------------------------------------


def test_a_seed_gives_these_numbers_on_every_machine():
    """They stand in printed exercises; PCG64's stream of integers is guaranteed by NumPy."""
    problem = load_problem(stated({"seed": 0}, {"seed": 0}))
    assert [str(float(value)) for value in values(problem, "w1") + values(problem, "b1")] == SEED_0


SEED_0 = ["0.9756", "-0.1933", "0.3596", "0.3114", "-0.5957", "0.8501", "0.1954", "0.6999"]


def test_an_entry_is_the_streams_integer_scaled_to_the_range():
    """floor(u (2R + 1) / 2^64) - R, computed here with Python's own integers."""
    reach = 10954  # floor(10^4 sqrt(6/5))
    raw = np.random.PCG64(np.random.SeedSequence(7, spawn_key=(1, 0))).random_raw(6)
    expected = [Fraction(int(u) * (2 * reach + 1) // 2**64 - reach, 10**4) for u in raw]
    assert [value for row in drawn_weights(7, 1, 2, 3) for value in row] == expected


def test_the_numbers_of_a_seed_fill_glorots_range():
    """Uniform between -r and r with r = sqrt(6/(inputs + units)): mean 0 and variance r^2/3."""
    flat = np.array(drawn_weights(3, 1, 100, 100), dtype=float).ravel()
    r = (6 / 200) ** 0.5
    assert abs(flat).max() <= r
    assert abs(flat).max() > 0.999 * r
    assert abs(flat.mean()) < 4 * r / 3**0.5 / 100
    assert flat.var() == pytest.approx(r**2 / 3, rel=0.05)


def test_the_numbers_of_a_seed_are_short_decimals():
    """What the page prints is exactly what is used."""
    drawn = [*drawn_weights(5, 2, 1, 10)[0], *drawn_biases(5, 2, 10, 10)]
    assert all((value * 10**4).denominator == 1 for value in drawn)


def test_every_array_has_a_stream_of_its_own():
    """One seed for a whole network gives no two layers alike, nor weights that are biases."""
    first, second = drawn_weights(1, 1, 4, 4), drawn_weights(1, 2, 4, 4)
    assert first != second
    assert first[0] != drawn_biases(1, 1, 4, 4)
    assert first == drawn_weights(1, 1, 4, 4) != drawn_weights(2, 1, 4, 4)


# -- limits ----------------------------------------------------------------------------------------


def test_a_network_of_too_many_weights_is_refused_before_they_are_drawn():
    """4,096 squared of them would take a minute and gigabytes."""
    text = message(stated({"seed": 1}, sizes=(4096, 4096)))
    assert "16,777,216 weights in a network of 4096-4096" in text
    assert f"at most {MOST_WEIGHTS:,}" in text


@pytest.mark.parametrize("count", [4097, ["u"] * 4097])
def test_a_layer_of_too_many_units_is_refused(count):
    """Counted or named."""
    source = stated(None)
    del source["network"]["layers"][0]["weights"]
    source["network"]["layers"][0]["units"] = count
    assert "4,096" in message(source)


@pytest.mark.slow
def test_a_network_that_differences_cannot_move_in_time_is_refused():
    """A weight moves its own unit and all layers above."""
    source = stated({"seed": 1}, sizes=(1, 4096, 8, 8))
    source["network"]["cost"] = "squared_error"
    source["data"] = {"x": [[1]] * 20, "y": [[1] * 8] * 20}
    text = message(source)
    assert "with 20 samples through 1-4096-8-8 units" in text
    assert f"at most {MOST_MOVED * MOST_IN_LAYERS:,}" in text


def test_an_output_formula_allows_smaller_networks_only():
    """It may read any quantity, so every parameter moves the whole network."""
    source = stated({"seed": 1}, sizes=(784, 10))
    source["network"]["output"] = "a1[1]"
    assert "with 1 sample through 784-10 units" in message(source)
    source = stated({"seed": 1}, sizes=(200, 10))
    source["network"]["output"] = "a1[1]"
    assert load_problem(source).objectives == ("C",)


@pytest.mark.slow
def test_a_handwriting_network_is_allowed():
    """784-30-10 is what the best-known book trains."""
    source = stated({"seed": 1}, {"seed": 1}, sizes=(784, 30, 10))
    source["network"]["cost"] = "half_squared_error"
    assert len(load_problem(source).parameters) == 23_860
