"""MathML: exact elements, their arity, and names that stay text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
import sympy as sp

from derive.whole_functions import unspecified
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.spelling import spell
from derive.writing.tree import (
    Accent,
    Brace,
    Call,
    Cases,
    Fence,
    Frac,
    Ident,
    Matrix,
    Num,
    Op,
    Prime,
    Role,
    Root,
    Row,
    Script,
    Sum,
    Text,
    Tree,
    bracketed,
    equals,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
    related,
    summed,
)
from reports.writers.mathml import ROLE_CLASSES, math_element, mathml
from tests.kinds import every

A, B, W, Z = (Ident(letter) for letter in "abwz")
LN = Ident("ln", upright=True)

EXACT: list[tuple[Tree, str]] = [
    (Ident("σ"), "<mi>σ</mi>"),
    (Ident("h", upright=True), '<mi mathvariant="normal">h</mi>'),
    (spell("out"), "<mi>out</mi>"),
    (spell("w5"), "<msub><mi>w</mi><mn>5</mn></msub>"),
    (spell("a_h1"), '<msub><mi>a</mi><mrow><mi mathvariant="normal">h</mi><mn>1</mn></mrow></msub>'),
    (Num("0.40"), "<mn>0.40</mn>"),
    (Num("-0.5"), "<mrow><mo>−</mo><mn>0.5</mn></mrow>"),
    (
        Num("1.5e-11"),
        "<mrow><mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>11</mn></mrow></msup></mrow>",
    ),
    (Accent(Ident("v")), '<mover accent="true"><mi>v</mi><mo>^</mo></mover>'),
    (Accent(Ident("x"), "bar"), '<mover accent="true"><mi>x</mi><mo>¯</mo></mover>'),
    (Prime(Ident("σ")), '<mrow><mi>σ</mi><mo form="postfix">′</mo></mrow>'),
    (
        partial(Ident("E"), A),
        "<mfrac><mrow><mo>∂</mo><mi>E</mi></mrow><mrow><mo>∂</mo><mi>a</mi></mrow></mfrac>",
    ),
    (
        Brace(A, Num("-1")),
        '<munder><munder><mrow><mi>a</mi><mspace depth="1.15em"/></mrow><mo>⏟</mo></munder>'
        "<mrow><mo>−</mo><mn>1</mn></mrow></munder>",
    ),
    (product(A, B), "<mrow><mi>a</mi><mo>\u2062</mo><mi>b</mi></mrow>"),
    (
        Call(LN, (A,)),
        '<mrow><mi>ln</mi><mo>\u2061</mo><mrow><mo stretchy="false">(</mo><mi>a</mi>'
        '<mo stretchy="false">)</mo></mrow></mrow>',
    ),
    (
        bracketed(quotient(A, B)),
        "<mrow><mo>(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>)</mo></mrow>",
    ),
    (Script(W, Num("12"), Num("2")), "<msubsup><mi>w</mi><mn>12</mn><mn>2</mn></msubsup>"),
    (
        summed(A, Ident("k"), Ident("n")),
        '<mrow><munderover><mo form="prefix">∑</mo><mi>k</mi><mi>n</mi></munderover><mi>a</mi></mrow>',
    ),
    (Text(" and "), "<mtext>&#xA0;and&#xA0;</mtext>"),
]


@pytest.mark.parametrize(("tree", "element"), EXACT, ids=lambda value: str(value)[:40])
def test_a_tree_is_written_as_this_element(tree, element):
    """Browsers do not complain of bad MathML, so the elements are pinned here."""
    assert mathml(tree) == element


a, n, t, w, x, y, z = sp.symbols("a n t w x y z")
phi = unspecified("phi")
HIGHER = plus(Ident("l"), Num("1"))

FORMULAS: list[Tree] = [
    *(tree for tree, _ in EXACT),
    *(
        tree_of(expr, leaf)
        for leaf in (lambda symbol: spell(symbol.name), lambda _: Num("-0.35"))
        for expr in (
            a * (1 - a),
            (a - y) ** 2 / (2 * n),
            -(y * sp.log(a) + (1 - y) * sp.log(1 - a)),
            1 / (1 + sp.exp(-z)),
            sp.sqrt(x**2 + 1) - x ** sp.Rational(3, 2),
            1 - sp.tanh(z) ** 2,
            (a - t) * sp.diff(phi(w * x), x),
            sp.Piecewise((z, z > 0), (-z, sp.And(z < -1, z > -2)), (0, True)),
            sp.diff(phi(w * x), x, 2),
        )
    ),
    equals(
        partial(Ident("E"), spell("w5")),
        product(
            *(Role(role, Brace(partial(Ident("E"), A), Num("-2.5e-11"))) for role in ROLE_CLASSES), sign="·"
        ),
    ),
    product(Script(bracketed(Script(Ident("W"), sup=HIGHER)), sup=Ident("⊤")), Ident("δ")),
    product(Call(Prime(Ident("φ")), (Script(Z, sup=Ident("l")),)), summed(product(W, A), Ident("k"))),
    power(Prime(Ident("σ"), 2), Num("2")),
    Script(Prime(Script(W, Num("1"))), sup=Num("2")),
    Matrix(((A, Num("-1")), (Op("⋮"), quotient(A, B)))),
    Cases(((Z, related(Z, "≥", Num("0"))), (negated(Z), None))),
    Fence("‖", Root(plus(A, B)), "‖"),
    Call(Ident("max", upright=True), (A, B, Frac(A, B))),
    Sum(A),
    Sum(A, above=Ident("n")),
    Script(A),
]

CHILDREN = {
    "mfrac": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
    "semantics": 2,
}


def local_name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


@pytest.mark.parametrize("tree", every(FORMULAS, 3), ids=latex)
def test_every_structure_has_exactly_its_children(tree):
    """A label that is two nodes instead of one is set beside the fraction, without a word of warning."""
    wrong = [
        (local_name(element), len(element))
        for element in ElementTree.fromstring(math_element(tree)).iter()
        if len(element) != CHILDREN.get(local_name(element), len(element))
    ]
    assert wrong == []


def test_the_formulas_above_use_every_structure():
    """The count of children says nothing of an element that never occurs."""
    used = {
        local_name(element)
        for tree in FORMULAS
        for element in ElementTree.fromstring(math_element(tree)).iter()
    }
    assert used >= CHILDREN.keys()


@pytest.mark.parametrize("tree", every(FORMULAS, 3), ids=latex)
def test_a_prime_is_never_a_superscript(tree):
    """Fonts draw ′ raised already; in <msup> it is raised twice."""
    raised = [element[-1] for element in ElementTree.fromstring(mathml(tree)).iter() if element.tag == "msup"]
    assert not any("′" in (sup.text or "") for sup in raised)


@pytest.mark.parametrize(("role", "name"), ROLE_CLASSES.items())
def test_a_role_is_a_class_for_the_page_to_colour(role, name):
    """The colour itself is the style sheet's, which has two themes."""
    assert mathml(Role(role, A)) == f'<mrow class="{name}"><mi>a</mi></mrow>'


def test_display_sets_the_same_element_large():
    """A fraction in a running line is small; in the chain of factors it must be legible."""
    assert mathml(A, display=True) == '<mstyle displaystyle="true"><mi>a</mi></mstyle>'


def test_the_element_carries_its_own_latex():
    """Whoever copies the formula gets its source, `<` and `&` intact."""
    tree = related(spell("<&"), "<", Num("1"))
    annotation = ElementTree.fromstring(math_element(tree, display=True))[0][1]
    assert annotation.text == latex(tree)


HOSTILE = [
    "<script>alert(1)</script>",
    "a&b",
    '"><img src=x>',
    "]]>",
    "x\x00\x1b",
    "\ud800",
    "\u202e",
    "\ufffe",
    "$\\",
    "",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    "node", [spell, Text, lambda name: Script(A, Ident(name)), Num], ids=["spell", "Text", "Script", "Num"]
)
def test_a_hostile_name_is_only_text(name, node):
    """Names come from files that anybody may have written; no element may come of them."""
    page = ElementTree.fromstring(f"<page>{mathml(node(name))}</page>")
    assert {element.tag for element in page.iter()} <= {
        "page",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "msub",
        "msup",
    }


def test_a_hostile_name_is_shown_whole():
    """Escaped is not the same as dropped: the reader sees what the file says."""
    assert "".join(ElementTree.fromstring(mathml(Row((spell("<b>&"), A)))).itertext()) == "<b>&a"
