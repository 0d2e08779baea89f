"""The index form is proved line by line, and a wrong line is not."""

from __future__ import annotations

import pytest
import sympy as sp

from derive import load_problem
from derive.matrix.equations import matrix_view
from derive.matrix.index_proof import EntryLines, index_proofs
from derive.matrix.indexed import Entries
from derive.matrix.placed import Placed
from derive.matrix.proof import forward_proofs
from derive.matrix.reading import Reading
from numeric.proofs.entries import check_entries
from tests.kinds import every

EXAMPLES = ("mazur", "attention", "batch-norm", "conv1d", "embedding", "cs231n-softmax")


def reading(name):
    problem = load_problem(name)
    return Reading(problem, matrix_view(problem))


@pytest.mark.parametrize("name", every(EXAMPLES, 3))
def test_every_line_of_the_index_form_is_proved(name):
    """Sums over letters, places that run with a filter, lists of rows, a softmax's slopes."""
    read = reading(name)
    found = index_proofs(read)
    assert found
    assert all(found.values())
    assert forward_proofs(read.problem, read.view) == {one.array.key for one in read.view.forward}


class Turned(Reading):
    """Prints w_jk where w_kj is meant."""

    def in_letters(self, equation):
        for number, entry in super().in_letters(equation):
            yield number, entry.xreplace({sp.Symbol("w2[k,j]"): sp.Symbol("w2[j,k]")})


def test_a_line_with_its_indices_exchanged_is_not_proved(monkeypatch):
    """Σ_k w_jk δ_k for Σ_k w_kj δ_k has the right letters and the wrong value."""
    read = reading("mazur")
    wrong = index_proofs(Turned(read.problem, read.view))
    assert [key for (key, _), holds in wrong.items() if not holds] == ["dC/dz1", "dC/dz1"]
    monkeypatch.setattr("numeric.proofs.entries.Reading", Turned)
    digits = check_entries(read.problem)
    assert {key for (key, _), found in digits.items() if found < 30} == {"dC/dz1"}


def test_a_line_is_held_against_its_array_at_its_corners():
    """Four entries of a large matrix, all of a small one."""
    read = reading("mazur")
    places = [line.at for line in EntryLines(read) if line.equation.array.key == "dC/dW1"]
    assert places == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_line_at_one_place_is_written_out():
    """Σ_k w_jk x_k + b_j at j = 2."""
    read = reading("mazur")
    entries = Entries(read.view.program, letters=True)
    (first, *_) = read.view.forward
    placed = Placed(entries)(entries.of(first.forms[0].expr, "j", 1), {"j": 2})
    w1, w2, x1, x2, b = map(sp.Symbol, ("w1[2,1]", "w1[2,2]", "x[1]", "x[2]", "b1[2]"))
    assert placed == w1 * x1 + w2 * x2 + b
