"""The sections of the matrix form and the index form, on pages of every format."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from derive import load_problem
from derive.writing.latex import latex
from derive.writing.plain import plain
from numeric import verify
from reports import render
from reports.content import compose
from reports.content.layers import layer_sections
from reports.content.page import Chain, Heading, Paragraph, Strides

HEADINGS = ("All at once: the matrix form", "Entry by entry: the index form")


def sections(problem):
    evidence = verify(problem)
    return tuple(layer_sections(compose._desk(problem, evidence)))


def graph(steps, output, given=None, **more):
    statement = {"graph": {"steps": steps, "output": output, **more}}
    return load_problem(statement | ({"values": given} if given is not None else {}))


GIVEN = {"W": [[1, 2], [3, 4]], "x": ["0.5", "0.6"], "V": [1, 2]}


@pytest.mark.parametrize("suffix", ["html", "md", "tex"])
@pytest.mark.slow
def test_every_format_has_both_sections(tmp_path, suffix):
    """A teacher's handout and a learner's page say the same."""
    path = tmp_path / f"page.{suffix}"
    render(load_problem("hours-of-study"), path)
    text = path.read_text(encoding="utf-8")
    assert all(heading in text for heading in HEADINGS)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
@pytest.mark.parametrize("name", ["mazur", "cs231n-softmax"])
def test_the_sections_compile(tmp_path, name):
    """Shapes under letters, cases and matrices within functions are LaTeX that runs."""
    render(load_problem(name), tmp_path / "page.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-600:]


def test_what_nothing_reads_has_the_derivative_0():
    """A given array that the output does not depend on is said to be independent, not left out."""
    matrix, _ = sections(graph(["z = W @ x", "p = sum(z)", "D = V*V"], "p", GIVEN))
    lines = [block for block in matrix.blocks if isinstance(block, Strides)]
    assert [line.lines[0].because for line in lines].count(("independent",)) == 1


def test_every_output_is_carried_back():
    """Two outputs have two parts, each with its own lines."""
    matrix, index = sections(graph(["z = W @ x", "p = sum(z)", "q = sum(z^2)"], ["p", "q"], GIVEN))
    assert sum(isinstance(block, Heading) for block in matrix.blocks) == 3
    assert sum(isinstance(block, Strides) for block in matrix.blocks) == 2 * 4
    assert sum(isinstance(block, Strides) for block in index.blocks) == 3 + 2 * 4


def test_of_many_outputs_the_others_are_named():
    """Three are shown; what is left out is said."""
    steps = ["z = W @ x", *(f"p{i} = sum(z^{i})" for i in range(1, 5))]
    matrix, _ = sections(graph(steps, [f"p{i}" for i in range(1, 5)], GIVEN))
    words = [block.words for block in matrix.blocks if isinstance(block, Paragraph)]
    assert any("p4" in "".join(part for part in prose if isinstance(part, str)) for prose in words)


def test_a_forward_pass_alone_has_no_way_back():
    """Without a cost there is nothing to differentiate."""
    layers = [{"units": 2, "activation": "sigmoid"}]
    matrix, index = sections(load_problem({"network": {"inputs": 2, "layers": layers}}))
    assert not any(isinstance(block, Strides) for block in matrix.blocks)
    assert any(isinstance(block, Strides) for block in index.blocks)


def test_without_numbers_matrices_are_written_out_in_letters():
    """W x + b as [w11 w12; w21 w22][x1; x2] + [b1; b2]; a large one with dots."""
    layers = [{"units": 2, "activation": "sigmoid"}, {"units": 9, "activation": "sigmoid"}]
    problem = load_problem({"network": {"inputs": 2, "cost": "squared_error", "layers": layers}})
    matrix, _ = sections(problem)
    text = " ".join(
        latex(piece.body) for block in matrix.blocks if isinstance(block, Chain) for piece in block.pieces
    )
    assert "w_{11}^{1} & w_{12}^{1}" in text
    assert "w_{91}^{2} & w_{92}^{2}" in text
    assert "w_{71}^{2}" not in text


def test_no_line_of_a_page_is_left_unchecked():
    """Each line says `proved` and its digits."""
    for section in sections(load_problem("hours-of-study")):
        lines = [line for block in section.blocks if isinstance(block, Strides) for line in block.lines]
        assert all(line.because for line in lines)
        checks = [line.check for line in lines if line.because != ("in numbers",)]
        assert checks
        assert all("30 digits" in check[-1] and len(check) == 3 for check in checks)


def test_a_shared_parameter_has_its_equation_in_both_sections():
    """Its derivative adds up its uses and, once, its L2 term; where it stands is said beside."""
    layer = {"activation": "tanh", "biases": False}
    layers = [
        {**layer, "units": 2, "weights": [["u", "v"], ["v", "u"]]},
        {**layer, "units": 1, "weights": [["u", "s"]]},
    ]
    network = {"inputs": 2, "cost": "half_squared_error", "l2": "0.3", "layers": layers}
    problem = load_problem({"network": network})
    for section in sections(problem):
        found = {plain(block.lhs): block for block in section.blocks if isinstance(block, Strides)}
        uses, written, *_ = found["∂C/∂u"].lines
        assert plain(uses.formula) == "∂C/∂w₁₁¹ + ∂C/∂w₂₂¹ + ∂C/∂w₁₁² + λ/n·u"
        assert plain(written.formula) == "δ₁¹·x1 + δ₂¹·x2 + δ²·a₁¹ + λ/n·u"
        assert [len(line.check) for line in (uses, written)] == [3, 3]
    matrix, index = sections(problem)
    assert "R = λ/(2·n)·(u² + v²)" in words(matrix)
    chains = [block for block in index.blocks if isinstance(block, Chain)]
    assert "w₁₁¹ = w₂₂¹ = w₁₁²" in plain(chains[0].pieces[0].body)


def test_a_value_too_small_for_the_first_precision_is_not_said_to_be_0():
    """e^-1000 of a mask: 434 zeros behind the point, and then its digits, which are checked too."""
    steps = ["A = softmax(S, axis=1)", "L = sum(A * G)"]
    given = {"S": [[0, -1000], [0, 0]], "G": [[1, 2], [3, 4]]}
    matrix, _ = sections(graph(steps, "L", given, wrt=["S"]))
    lines = {plain(block.lhs): block.lines for block in matrix.blocks if isinstance(block, Strides)}
    first, *_, numbers = next(lines for name, lines in lines.items() if name.startswith("dL/dS"))
    assert "30 digits" in first.check[-1]
    assert "−5.07596 × 10⁻⁴³⁵" in plain(numbers.formula)


def words(section):
    return " ".join(
        part if isinstance(part, str) else plain(part)
        for block in section.blocks
        if isinstance(block, Paragraph)
        for part in block.words
    )


def test_indices_that_a_matrix_turns_are_explained():
    """With from_to the entry in row j and column k is w_kj; with samples as rows it is so no longer."""
    network = {"inputs": 2, "cost": "squared_error", "layers": [{"units": 2, "activation": "tanh"}]}
    problem = {"network": network, "notation": {"index": "from_to", "layout": "numerator"}}
    said = words(sections(load_problem(problem))[0])
    assert "in row  j  and column  k  stands  w_kj" in said
    assert "the transposed shape of what it is taken by" in said
    rows = {"network": network, "notation": {"index": "from_to", "samples": "rows"}}
    assert "stands  w" not in words(sections(load_problem(rows))[0])


def test_what_takes_entries_is_said_where_it_is_used():
    """e, S, s and the bracket have no other place where a reader could learn them."""
    matrix, index = sections(load_problem("embedding"))
    assert "1 in row 2 and 0 elsewhere" in words(matrix)
    assert "takes rows 3, 1, 3" in words(matrix)
    assert "= (3, 1, 3)" in words(index)
    assert "[i = 2] is 1" in words(index)
