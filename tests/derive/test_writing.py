"""Formulas on the page: the tree, its brackets and order, and its LaTeX and plain text."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction

import pytest
import sympy as sp

from derive.formula.nodes import OPERATIONS, Apply, Constant, Derivative, Name, Number
from derive.whole_functions import unspecified
from derive.writing.from_nodes import tree_of_node
from derive.writing.from_sympy import Order, tree_of
from derive.writing.latex import COLOURS, PREAMBLE, SYMBOLS, escape, latex
from derive.writing.plain import plain
from derive.writing.spelling import GREEK, spell
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
    total,
)

A, B, X, Z = (Ident(letter) for letter in "abxz")
LN = Ident("ln", upright=True)
HIGHER_W = Script(Ident("W"), sup=plus(Ident("l"), Num("1")))

TREES: list[tuple[Tree, str, str]] = [
    (partial(Ident("E"), spell("w5")), r"\frac{\partial E}{\partial w_{5}}", "∂E/∂w5"),
    (
        partial(Ident("C"), spell("w1"), spell("w2")),
        r"\frac{\partial^{2}C}{\partial w_{1}\partial w_{2}}",
        "∂²C/∂w1∂w2",
    ),
    (
        Brace(Role("cost", partial(Ident("E"), A)), Num("-0.217072")),
        r"\underbrace{\frac{\partial E}{\partial a}}_{-0.217072}",
        "∂E/∂a [−0.217072]",
    ),
    (
        product(partial(Ident("E"), A), partial(A, Z)),
        r"\frac{\partial E}{\partial a} \cdot \frac{\partial a}{\partial z}",
        "∂E/∂a·∂a/∂z",
    ),
    (Num("-1.5e-11"), r"-1.5 \times 10^{-11}", "−1.5 × 10⁻¹¹"),
    (product(Num("0.75"), plus(Num("1"), negated(Num("0.75")))), "0.75(1 - 0.75)", "0.75·(1 − 0.75)"),
    (product(Num("0.4"), Num("-0.5")), r"0.4 \times (-0.5)", "0.4 × (−0.5)"),
    (product(A, Num("2")), r"a \cdot 2", "a·2"),
    # beside its digits an e would read as a power of ten; a coefficient of letters stands as in a book
    (product(Num("1"), power(Ident("e"), Num("-0.5"))), r"1 \cdot e^{-0.5}", "1·e^(−0.5)"),
    (product(Num("2"), power(Ident("e"), negated(Z))), "2e^{-z}", "2·e^(−z)"),
    (product(Num("2"), Frac(Num("3"), Num("4"))), r"2 \times \frac{3}{4}", "2 × 3/4"),
    (product(negated(A), B), "-ab", "−a·b"),
    (product(spell("out"), spell("rate")), r"\mathrm{out} \cdot \mathrm{rate}", "out·rate"),
    # numbers beside ln have a dot, letters stand as in a book
    (product(Num("0.5"), Call(LN, (Num("0.8"),))), r"0.5 \cdot \ln(0.8)", "0.5·ln(0.8)"),
    (product(A, Call(LN, (X,))), r"a\ln(x)", "a·ln(x)"),
    (product(plus(A, B), Call(Prime(Ident("φ")), (Z,))), r"(a + b)\varphi'(z)", "(a + b)·φ′(z)"),
    (product(A, B, sign="⊙"), r"a \odot b", "a ⊙ b"),
    (plus(A, negated(plus(B, X)), Num("-3")), "a - (b + x) + (-3)", "a − (b + x) + (−3)"),
    (plus(A, plus(negated(B), X)), "a - b + x", "a − b + x"),
    (negated(Num("-0.35")), "-(-0.35)", "−(−0.35)"),
    (power(plus(A, B), Num("2")), "(a + b)^{2}", "(a + b)²"),
    (power(spell("a1"), Num("2")), "a_{1}^{2}", "a₁²"),
    (power(power(A, Num("2")), Num("3")), "(a^{2})^{3}", "(a²)³"),
    (power(Num("-0.5"), Num("2")), "(-0.5)^{2}", "(−0.5)²"),
    (power(Num("1e-9"), Num("2")), r"(1 \times 10^{-9})^{2}", "(1 × 10⁻⁹)²"),
    (power(quotient(A, B), Num("2")), r"\left(\frac{a}{b}\right)^{2}", "(a/b)²"),
    (power(Call(Ident("tanh", upright=True), (Z,)), Num("2")), r"\tanh^{2}(z)", "tanh²(z)"),
    (power(Call(Ident("sin", upright=True), (Z,)), Num("-1")), r"(\sin(z))^{-1}", "(sin(z))⁻¹"),
    (power(Ident("e"), negated(Z)), "e^{-z}", "e^(−z)"),
    (quotient(plus(A, B), product(Num("2"), X)), r"\frac{a + b}{2x}", "(a + b)/(2·x)"),
    (Root(plus(A, B)), r"\sqrt{a + b}", "√(a + b)"),
    (Fence("|", Z, "|"), r"\lvert z\rvert", "|z|"),
    (Prime(Script(Ident("w"), Num("12"), Num("2"))), "{w_{12}^{2}}'", "w₁₂²′"),
    (Prime(Ident("φ"), 2), r"\varphi''", "φ″"),
    (Script(Accent(Ident("v")), Num("1")), r"{\hat{v}}_{1}", "v\u0302_1"),
    (Accent(Ident("θ"), "tilde"), r"\tilde{\theta}", "θ\u0303"),
    (Prime(Script(Ident("φ"), Num("1"))), r"\varphi_{1}'", "φ1′"),
    # a d that belongs to a name is held apart from that of the derivative
    (total(Ident("J"), spell("dW1")), r"\frac{\mathrm{d}J}{\mathrm{d}(\mathrm{d}W_{1})}", "dJ/d(dW1)"),
    (power(spell("dW1"), Num("2")), r"(\mathrm{d}W_{1})^{2}", "(dW1)²"),
    (power(Accent(Ident("m")), Num("2")), r"{\hat{m}}^{2}", "m\u0302²"),
    (power(Prime(Ident("σ")), Num("2")), r"(\sigma')^{2}", "(σ′)²"),
    (
        product(Script(bracketed(HIGHER_W), sup=Ident("⊤")), Ident("δ")),
        r"(W^{l + 1})^{\top}\delta",
        "(W^(l + 1))ᵀ·δ",
    ),
    (summed(product(Ident("w"), A), Ident("k")), r"\sum_{k} wa", "Σ_k w·a"),
    (
        summed(plus(A, B), equals(Ident("k"), Num("1")), Ident("n")),
        r"\sum_{k = 1}^{n} (a + b)",
        "Σ_(k = 1..n) (a + b)",
    ),
    (product(summed(A, Ident("k")), B), r"\left(\sum_{k} a\right)b", "(Σ_k a)·b"),
    (product(B, summed(A, Ident("k"))), r"b\sum_{k} a", "b·Σ_k a"),
    (
        Cases(((Z, related(Z, ">", Num("0"))), (Num("0"), None))),
        r"\begin{cases} z & \text{if } {z > 0} \\ 0 & \text{otherwise} \end{cases}",
        "{z if z > 0; 0 otherwise}",
    ),
    (
        Matrix(((A, Num("-1")), (Op("⋯"), quotient(A, B)))),
        r"\left[\begin{array}{cc} a & -1 \\ \cdots & \frac{a}{b} \end{array}\right]",
        "[a, −1; ⋯, a/b]",
    ),
    (Row((related(Z, "≥", Num("0")), Text(" and "), A)), r"z \ge 0\text{ and }a", "z ≥ 0 and a"),
]


@pytest.mark.parametrize(("tree", "tex", "_"), TREES)
def test_a_tree_is_written_as_this_latex(tree, tex, _):
    """The strings are what authors paste into their own papers."""
    assert latex(tree) == tex


@pytest.mark.parametrize(("tree", "_", "text"), TREES)
def test_a_tree_is_written_as_this_text(tree, _, text):
    """In a terminal brackets have to say what bars and raised letters say on the page."""
    assert plain(tree) == text


@pytest.mark.parametrize("role", COLOURS)
def test_a_role_is_coloured_only_where_asked(role):
    """KaTeX and a bare document know nothing of our colours."""
    tree = Role(role, A)
    assert (latex(tree), latex(tree, colour=True)) == ("a", rf"\textcolor{{{COLOURS[role][0]}}}{{a}}")


NAMES = [
    ("w5", "w_{5}"),
    ("w12", "w_{12}"),
    ("i1", "i_{1}"),
    ("E", "E"),
    ("sigma", r"\sigma"),
    ("delta2", r"\delta_{2}"),
    ("φ", r"\varphi"),
    ("out", r"\mathrm{out}"),
    ("net_o1", r"\mathrm{net}_{\mathrm{o}1}"),
    ("a_h1", r"a_{\mathrm{h}1}"),
    ("x_k", "x_{k}"),
    ("w1_jk", r"w_{1, \mathrm{jk}}"),
    ("E_total", r"E_{\mathrm{total}}"),
]


@pytest.mark.parametrize(("name", "tex"), NAMES)
def test_a_name_is_spelled_with_its_digits_as_a_subscript(name, tex):
    """A page shows w₅ where the file says w5."""
    assert latex(spell(name)) == tex


HOSTILE = [
    ("$x$", r"\textrm{\$x\$}"),
    (r"\input{/etc/passwd}", r"\textrm{\textbackslash{}input\{/etc/passwd\}}"),
    ("100%", r"\textrm{100\%}"),
    ("a&b#", r"\textrm{a\&b\#}"),
    ("_", r"\textrm{\_}"),
    ("x__y", r"\textrm{x\_\_y}"),
    ("~^", r"\textrm{\textasciitilde{}\textasciicircum{}}"),
    ("^^5cinput", r"\textrm{\textasciicircum{}\textasciicircum{}5cinput}"),
    ("<b>", r"\textrm{\textless{}b\textgreater{}}"),
    ("a--b|`\"'", r"\textrm{a-{}-b\textbar{}{`}'''}"),
    ("é", r"\textrm{\'{e}}"),
    ("中", "\\textrm{[U+4E2D]}"),
    ("σ–λ—", "\\textrm{$\\sigma$\\textendash{}$\\lambda$\\textemdash{}}"),
    ("x\x1b[31m", "\\textrm{x[U+FFFD][31m}"),
    ("a\nb", r"\textrm{a b}"),
    ("\\end{document}\u202e", "\\textrm{\\textbackslash{}end\\{document\\}[U+FFFD]}"),
]


@pytest.mark.parametrize(("name", "tex"), HOSTILE)
def test_a_hostile_name_is_only_text_in_latex(name, tex):
    """A name from a file can be anything; none may act as a command or leave the formula."""
    assert latex(spell(name)) == tex


def test_a_control_character_never_reaches_the_terminal():
    """An escape sequence in a name would be obeyed, and a bidi mark would reverse the line."""
    assert plain(spell("x\x1b[31m\u202ey")) == "x\ufffd[31m\ufffdy"


@pytest.mark.parametrize("name", GREEK)
def test_every_greek_name_has_a_command_of_its_own(name):
    """Two letters with one command could not be told apart on a page."""
    command = SYMBOLS[GREEK[name]]
    assert command.startswith("\\")
    assert sum(SYMBOLS[letter] == command for letter in GREEK.values()) == 1


a, b, n, t, w, x, y, z = sp.symbols("a b n t w x y z")
e = sp.Symbol("e")
w1, x1, w2, x2, w10 = sp.symbols("w1 x1 w2 x2 w10")
phi = unspecified("phi")

eta, lam = sp.symbols("eta lambda")

EXPRESSIONS: list[tuple[sp.Expr, str]] = [
    (a - t, "a - t"),
    (1 - a, "1 - a"),
    (a * (1 - a), "a(1 - a)"),
    ((t - a) ** 2 / 2, r"\frac{1}{2}(t - a)^{2}"),
    ((a - y) ** 2 / (2 * n), r"\frac{(a - y)^{2}}{2n}"),
    (3 * x / 4, r"\frac{3}{4}x"),
    # the rate of an L2 term stands before what it multiplies, and alone as it is
    (lam * w / n, r"\frac{\lambda}{n}w"),
    (-lam * w / n, r"-\frac{\lambda}{n}w"),
    (lam * (w**2 + x**2) / (2 * n), r"\frac{\lambda}{2n}(w^{2} + x^{2})"),
    (w - w * eta * lam / n, r"w - \frac{\eta\lambda}{n}w"),
    (1 - eta * lam / n, r"1 - \frac{\eta\lambda}{n}"),
    (-sp.Rational(3, 4), r"-\frac{3}{4}"),
    (-2 * x, "-2x"),
    (b + w1 * x1 + w2 * x2, "w_{1}x_{1} + w_{2}x_{2} + b"),
    (w10 * x1 + w2 * x2, "w_{2}x_{2} + w_{10}x_{1}"),
    (1 + 2 * x + x**2, "x^{2} + 2x + 1"),
    (1 / (1 + sp.exp(-z)), r"\frac{1}{1 + e^{-z}}"),
    (sp.exp(-z) / (1 + sp.exp(-z)) ** 2, r"\frac{e^{-z}}{(1 + e^{-z})^{2}}"),
    (sp.exp(e), r"\exp(e)"),
    (-(y * sp.log(a) + (1 - y) * sp.log(1 - a)), r"-y\ln(a) - (1 - y)\ln(1 - a)"),
    ((1 - y) / (1 - a) - y / a, r"\frac{1 - y}{1 - a} - \frac{y}{a}"),
    (1 - sp.tanh(z) ** 2, r"1 - \tanh^{2}(z)"),
    (z / (1 + sp.Abs(z)), r"\frac{z}{1 + \lvert z\rvert}"),
    (sp.sqrt(x) + 1 / sp.sqrt(x), r"\sqrt{x} + \frac{1}{\sqrt{x}}"),
    (x ** sp.Rational(3, 2), r"x^{\frac{3}{2}}"),
    (x**-y, "x^{-y}"),
    (2 * sp.pi * x, r"2\pi x"),
    (sp.cos(x**2) * 2 * x, r"2x\cos(x^{2})"),
    (sp.Max(0, z) + sp.Min(1, z), r"\max(0, z) + \min(1, z)"),
    (sp.diff(sp.Abs(sp.Symbol("r", real=True))), r"\operatorname{sign}(r)"),
    (phi(z), r"\varphi(z)"),
    ((a - y) * sp.diff(phi(z), z), r"(a - y)\varphi'(z)"),
    (sp.diff(phi(z), z, 2), r"\varphi''(z)"),
    (sp.diff(phi(w * x), x), r"w\varphi'(wx)"),
    (sp.diff(phi(w * x), x, 2), r"w^{2}\varphi''(wx)"),
    (
        sp.Piecewise((z, z > 0), (0, True)),
        r"\begin{cases} z & \text{if } {z > 0} \\ 0 & \text{otherwise} \end{cases}",
    ),
    (
        sp.Piecewise((1, sp.And(z >= -1, z <= 1)), (0, sp.Or(sp.Eq(z, 3), z < -2))),
        r"\begin{cases} 1 & \text{if } {z \ge -1\text{ and }z \le 1} \\ "
        r"0 & \text{if } {z = 3\text{ or }z < -2} \end{cases}",
    ),
]


@pytest.mark.parametrize(("expr", "tex"), EXPRESSIONS, ids=lambda value: str(value)[:40])
def test_an_expression_is_printed_in_the_order_of_a_book(expr, tex):
    """SymPy sorts for itself; a reader expects a − t, letters before sums, and ½ in front."""
    assert latex(tree_of(expr, lambda symbol: spell(symbol.name))) == tex


NUMBERS = {"a": "0.75", "t": "0.01", "w": "-0.5", "x": "2", "z": "-0.35", "b": "-0.35", "y": "1.5e-9"}

WITH_NUMBERS: list[tuple[sp.Expr, str]] = [
    (a - t, "0.75 − 0.01"),
    (a * (1 - a), "0.75·(1 − 0.75)"),
    (w * x + b, "(−0.5) × 2 + (−0.35)"),
    (x * x * a, "0.75 × 2²"),
    (a - z, "0.75 − (−0.35)"),
    (w**2, "(−0.5)²"),
    (2 * x, "2 × 2"),
    (x * y, "2 × 1.5 × 10⁻⁹"),
    (sp.exp(-z), "e^(−(−0.35))"),
    (a / (2 * x), "0.75/(2 × 2)"),
]


@pytest.mark.parametrize(("expr", "text"), WITH_NUMBERS, ids=str)
def test_numbers_put_in_stand_where_the_letters_stood(expr, text):
    """The line with numbers is the line with letters, made unambiguous by × and brackets."""
    assert plain(tree_of(expr, lambda symbol: Num(NUMBERS[symbol.name]))) == text


def test_letters_of_equal_standing_follow_the_rank():
    """A report puts the weight before its input whatever they are called."""
    order = {"x1": 1, "w1": 2}
    by_order = Order(of_factors=lambda symbol: order[symbol.name])
    tree = tree_of(w1 * x1, lambda symbol: spell(symbol.name), by_order)
    assert latex(tree) == "x_{1}w_{1}"


@pytest.mark.parametrize("expr", [sp.Float("0.5"), sp.gamma(z), sp.I, sp.oo, sp.Integral(z, z)], ids=str)
def test_a_class_without_a_rule_is_refused_by_name(expr):
    """A formula that is silently misprinted is worse than none."""
    with pytest.raises(TypeError, match=type(expr).__name__):
        tree_of(expr, lambda symbol: spell(symbol.name))


def test_a_product_whose_order_matters_is_refused():
    """Letters are sorted, which would be false of matrices."""
    p, q = sp.symbols("p q", commutative=False)
    with pytest.raises(TypeError, match="order matters"):
        tree_of(q * p, lambda symbol: spell(symbol.name))


def apply(operation: str, *args) -> Apply:
    return Apply(operation, args)


P, Q, R = Name("p"), Name("q"), Name("r")
HALF = Number(Fraction(1, 2), "0.50")

NODES = [
    (HALF, "0.50"),
    (Number(Fraction(1, 500), "2E-3"), r"2 \times 10^{-3}"),
    (Constant("pi"), r"\pi"),
    (Name("w", (1, 2)), "w"),
    (Derivative(P, (Q,)), r"\frac{\partial p}{\partial q}"),
    (apply("subtract", P, apply("subtract", Q, R)), "p - (q - r)"),
    (apply("subtract", apply("subtract", P, Q), R), "p - q - r"),
    (apply("add", apply("negate", P), Q), "-p + q"),
    (apply("multiply", apply("add", P, Q), R), "(p + q)r"),
    (apply("multiply", Q, apply("multiply", P, HALF)), r"qp \cdot 0.50"),
    (apply("divide", apply("divide", P, Q), R), r"\frac{\frac{p}{q}}{r}"),
    (apply("power", apply("negate", P), Q), "(-p)^{q}"),
    (apply("negate", apply("power", P, Q)), "-p^{q}"),
    (apply("power", apply("power", P, Q), R), "(p^{q})^{r}"),
    (apply("exp", apply("negate", P)), "e^{-p}"),
    (apply("abs", P), r"\lvert p\rvert"),
    (apply("sqrt", P), r"\sqrt{p}"),
    (apply("max", P, Q), r"\max(p, q)"),
    (apply("log", P), r"\ln(p)"),
    (apply("relu", P), r"\operatorname{ReLU}(p)"),
]


@pytest.mark.parametrize(("node", "tex"), NODES, ids=lambda value: str(value)[:40])
def test_what_somebody_wrote_is_echoed_in_their_order(node, tex):
    """An answer is shown as it was understood, not as SymPy would sort it."""
    assert latex(tree_of_node(node, lambda name: spell(name.base))) == tex


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_every_operation_of_the_grammar_can_be_written(operation):
    """An operation that parses but cannot be shown would break the echo of an answer."""
    tree = tree_of_node(Apply(operation.name, (P, Q, R)[: operation.least]), lambda name: spell(name.base))
    assert "p" in latex(tree)


@pytest.mark.slow
def test_pdflatex_accepts_everything_that_is_written(tmp_path):
    """Only amsmath, amssymb and xcolor are promised, and one bad formula loses a whole page."""
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        pytest.skip("pdflatex is not installed")
    formulas = [latex(tree, colour=colour) for tree, _, _ in TREES for colour in (False, True)]
    formulas += [latex(Role(role, A), colour=True) for role in COLOURS]
    formulas += [tex for _, tex in (*NAMES, *HOSTILE, *EXPRESSIONS, *NODES)]
    formulas += [*filter(None, SYMBOLS.values())]
    prose = escape("".join(map(chr, range(0x20, 0x250))) + "“…” ‘ℓ’ – — ∂E/∂w₅ = −0.5")
    body = "\n\n".join(f"${formula}$" for formula in formulas)
    source = (
        f"\\documentclass{{article}}\n{PREAMBLE}\n\\begin{{document}}\n{body}\n\n{prose}\n\\end{{document}}\n"
    )
    (tmp_path / "formulas.tex").write_text(source, encoding="ascii")
    command = [pdflatex, "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "formulas.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Missing character" not in (tmp_path / "formulas.log").read_text(encoding="latin-1")
