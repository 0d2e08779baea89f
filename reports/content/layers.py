"""A problem in whole layers, and then entry by entry: the matrix form and the index form.

Z = W A + b 𝟏ᵀ        Δ = ∂C/∂Z        ∂C/∂W = Δ Aᵀ
z_j = Σ_k w_jk a_k + b_j               ∂C/∂w_jk = Σ_i δ_j a_k

Both are read off one sweep over matrix-valued steps, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.problem import Graph
from reports.content.desk import Desk
from reports.content.forms.index_form import IndexForm
from reports.content.forms.matrix_form import MatrixForm
from reports.content.forms.wholes import Wholes
from reports.content.forms.words import Words
from reports.content.page import Block, Heading, Paragraph, Section

MOST_OUTPUTS = 3
"""Outputs of a graph that are carried back on the page."""


def layer_sections(desk: Desk) -> Iterator[Section]:
    """The two sections, of a network and of a graph that has vectors or matrices."""
    body = desk.problem.body
    if isinstance(body, Graph) and not body.shapes:
        return
    wholes = tuple(Wholes(desk, output) for output in desk.problem.objectives[:MOST_OUTPUTS])
    wholes = wholes or (Wholes(desk, None),)
    yield Section("matrix-form", ("All at once: the matrix form",), tuple(_matrix_form(wholes)))
    yield Section("index-form", ("Entry by entry: the index form",), tuple(_index_form(wholes)))


def _matrix_form(wholes: tuple[Wholes, ...]) -> Iterator[Block]:
    forms = tuple(map(MatrixForm, wholes))
    first, words = forms[0], Words(wholes[0].reading)
    yield Paragraph(words.how_to_read(), quiet=True)
    yield Heading(1, ("Forward",))
    yield from first.where_shared()
    yield from first.forward()
    if not wholes[0].view.backward:
        return
    for number, form in enumerate(forms, 2):
        yield Heading(number, form.back())
        if form is first:
            yield Paragraph(words.how_checked(), quiet=True)
        yield from form.backward()
        yield from form.shared()
    rest = first.problem.objectives[MOST_OUTPUTS:]
    if rest:
        yield Paragraph((f"The other outputs are carried back likewise: {', '.join(rest)}.",), quiet=True)


def _index_form(wholes: tuple[Wholes, ...]) -> Iterator[Block]:
    forms = tuple(map(IndexForm, wholes))
    yield Paragraph(Words(wholes[0].reading).which_letters(), quiet=True)
    yield from forms[0].where_shared()
    yield from forms[0].forward()
    for form in forms:
        yield from form.backward()
        yield from form.shared()
