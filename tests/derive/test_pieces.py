"""Units of several weighted inputs: rows of W and b, names, steps, and what a file's mistakes are told."""

from __future__ import annotations

from typing import Any

import pytest

from derive import StatementError
from derive.errors import AnswerError
from derive.files.limits import weights_in
from derive.files.load import load_problem
from derive.notation import write
from derive.problem import Network, Problem
from derive.quantities import Quantity, read
from derive.steps import program_of
from derive.writing.plain import plain


def network(layer: dict[str, Any], **tables: Any) -> Problem:
    """Three inputs, a maxout layer, and one output."""
    maxout = {"units": ["h1", "h2"], "activation": {"rule": "maxout", "pieces": 3}} | layer
    layers = [maxout, {"units": 1, "activation": "sigmoid"}]
    return load_problem({"network": {"inputs": 3, "cost": "half_squared_error", "layers": layers}, **tables})


def refused(layer: dict[str, Any]) -> str:
    with pytest.raises(StatementError) as caught:
        network(layer)
    return str(caught.value)


PROBLEM = network({})
BODY = PROBLEM.body
assert isinstance(BODY, Network)


def test_a_layer_has_as_many_rows_as_pieces():
    """Sizes count units, widths weighted inputs; the layer above reads the units."""
    assert BODY.sizes == (3, 2, 1)
    assert BODY.widths == (3, 6, 1)
    assert [len(row) for row in BODY.layer(1).weights] == [3] * 6
    assert [len(row) for row in BODY.layer(2).weights] == [2]
    assert len(BODY.layer(1).biases or ()) == 6


def test_a_unit_reads_consecutive_rows():
    """Rows 1 to 3 belong to unit 1, rows 4 to 6 to unit 2."""
    steps = program_of(PROBLEM).by_key
    read_by = [[term.args for term in steps[f"a1[{j}]"].terms] for j in (1, 2)]
    assert read_by == [[("z1[1]", "z1[2]", "z1[3]")], [("z1[4]", "z1[5]", "z1[6]")]]


@pytest.mark.parametrize("name", ["w1[6,3]", "b1[6]", "z1[6]", "a1[2]", "w2[1,2]"])
def test_every_weighted_input_has_a_name(name):
    """Up to the last row; activations stop at the last unit."""
    assert read(PROBLEM, name).of == name


@pytest.mark.parametrize("name", ["w1[7,1]", "b1[7]", "z1[7]", "a1[3]", "delta1[7]", "w2[1,3]"])
def test_what_is_beyond_the_last_row_is_refused(name):
    """The message names the last one that there is."""
    with pytest.raises(AnswerError, match="does not exist; the last one is"):
        read(PROBLEM, name)


def test_a_unit_s_name_is_its_activation():
    """Of which there is one, whatever the number of pieces."""
    assert read(PROBLEM, "h2") == read(PROBLEM, "a_h2") == Quantity("a1[2]")


@pytest.mark.parametrize(
    ("name", "written"),
    [("z_h2", "z1[4], z1[5] or z1[6]"), ("delta_h1", "delta1[1], delta1[2] or delta1[3]")],
)
def test_the_weighted_input_of_a_unit_that_has_several_is_refused(name, written):
    """It would be a guess which one is meant, so all are named."""
    with pytest.raises(AnswerError) as caught:
        read(PROBLEM, name)
    assert str(caught.value) == f"'{name}': this unit has 3 weighted inputs; write {written}"


@pytest.mark.parametrize("style", ["superscript", "names"])
def test_pages_write_each_weighted_input_by_its_row(style):
    """The unit's own name would stand for three quantities."""
    problem = network({}, notation={"style": style})
    letters = [plain(write(problem, f"z1[{i}]")) for i in range(1, 7)]
    assert len(set(letters)) == 6
    assert letters[3] == plain(write(PROBLEM, "z1[4]"))


def test_one_unit_of_several_pieces_shows_their_indices():
    """A single unit needs none, its weighted inputs do."""
    problem = network({"units": 1})
    assert "1" not in plain(write(problem, "a1[1]")).removeprefix("a^1")
    assert len({plain(write(problem, f"z1[{i}]")) for i in (1, 2, 3)}) == 3


def test_too_few_rows_are_told_how_many_there_should_be():
    """Two rows for two units is the likely mistake."""
    told = refused({"weights": [[1, 2, 3], [4, 5, 6]], "biases": [1, 2]})
    assert "network.layers[1].weights: W1 has 2 rows of 3 numbers" in told
    assert "6 rows of 3: layer 1 has 2 units of 3 pieces and 3 inputs" in told
    assert "b1 has 2 numbers; layer 1 has 2 units of 3 pieces" in told
    assert "each piece of each unit" in told


def test_a_turned_matrix_is_told_to_be_turned_round():
    """A column for each piece is another library's habit."""
    told = refused({"weights": [[1] * 6] * 3})
    assert "turn the matrix round: a row holds the weights into one piece of each unit" in told


@pytest.mark.parametrize("pieces", [1, 0, -2, 17, "1.5"])
def test_a_number_of_pieces_that_cannot_be_is_the_only_mistake(pieces):
    """How many rows there should be is not known then, and nothing is said of them."""
    told = refused({"activation": {"rule": "maxout", "pieces": pieces}, "weights": [[1, 2, 3]] * 5})
    assert "1 mistake" in told
    assert "network.layers[1].activation.pieces" in told
    assert "a whole number from 2 to 16" in told


def test_pieces_are_two_where_nothing_is_said():
    """As in the paper's figures."""
    body = network({"activation": "maxout"}).body
    assert isinstance(body, Network)
    assert body.widths == (3, 4, 1)


def test_a_seed_draws_every_row():
    """Weights and biases of all pieces, each drawn by itself."""
    problem = network({"weights": {"seed": 3}, "biases": {"seed": 3}})
    drawn = [p.value for p in problem.parameters if p.key.startswith(("w1", "b1"))]
    assert len(drawn) == 6 * 3 + 6
    assert len(set(drawn)) > 20


def test_the_limit_on_weights_counts_rows():
    """W[1] : (6, 3), W[2] : (1, 2)."""
    assert weights_in(BODY.sizes, BODY.widths) == 6 * 3 + 2
    told = refused({"units": 1000, "activation": {"rule": "maxout", "pieces": 16}})
    assert "weights in a network of 3-1000-1" in told
