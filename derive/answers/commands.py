r"""What LaTeX commands are in formulas: letters, signs, functions, fonts and spaces.

Each command is one row: the kind of lexeme that it stands for, and its value. What
only changes how a formula looks is a space.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon"
    " phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_FUNCTIONS = (
    "exp ln log sin cos tan sec csc cot sinh cosh tanh coth sech csch max min sgn sign diag norm abs"
    " softmax sigmoid relu ReLU tr Tr arcsin arccos arctan"
)
_SPACES = (
    "left right middle displaystyle textstyle scriptstyle limits nolimits quad qquad hfill hspace"
    " big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm boxed ensuremath"
    " bf rm it sf tt cal allowbreak nonumber notag strut phantom mathstrut mleft mright"
)
_FONTS = (
    "mathbf mathrm mathit mathsf mathcal mathbb mathtt boldsymbol bm pmb vec text textbf textrm textit"
    " operatorname mathop mathord mathbin overrightarrow underline"
)


def _rows(kind: str, table: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Each command of a table: its kind, and what it stands for."""
    return {
        f"\\{command}": (kind, value) for value, commands in table.items() for command in commands.split()
    }


COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    _rows("WORD", {name: name for name in (*_GREEK.split(), *_FUNCTIONS.split())})
    | _rows("WORD", {"phi": "varphi", "epsilon": "varepsilon", "theta": "vartheta", "rho": "varrho"})
    | _rows("WORD", {"l": "ell", "T": "top intercal transp", "sigma": "varsigma", "i": "imath", "j": "jmath"})
    | _rows("SPACE", {"": f"{_SPACES} , ; : ! / > ( ) [ ]"})
    | {"\\ ": ("SPACE", ""), "\\\n": ("SPACE", ""), "\\%": ("PERCENT", ""), "\\_": ("SUB", "")}
    | _rows("FONT", {"": _FONTS})
    | _rows("ACCENT", {"hat": "hat widehat", "bar": "bar overline", "tilde": "tilde widetilde", "dot": "dot"})
    | _rows("FRAC", {"": "frac dfrac tfrac cfrac"})
    | _rows("QUOTIENT", {"∂": "pdv", "d": "dv"})
    | _rows("ROOT", {"": "sqrt"})
    | _rows("SUMMATION", {"": "sum"})
    | _rows("PARTIAL", {"": "partial"})
    | _rows("NABLA", {"": "nabla"})
    | _rows("PRIMES", {"'": "prime"})
    | _rows("DOT", {"": "cdot bullet"})
    | _rows("CROSS", {"": "times"})
    | _rows("TIMES", {"": "ast"})
    | _rows("HADAMARD", {"": "odot circ star"})
    | _rows("OUTER", {"": "otimes"})
    | _rows("DIVIDE", {"": "div oslash"})
    | _rows("LEFT_ANGLE", {"": "langle"})
    | _rows("RIGHT_ANGLE", {"": "rangle"})
    | _rows("NOTED", {"": "underbrace overbrace"})
    | _rows("EQUALS", {"": "approx simeq equiv doteq", ":=": "coloneqq leftarrow gets"})
    | _rows(
        "COMPARE", {"<": "lt", ">": "gt", "<=": "le leq leqslant", ">=": "ge geq geqslant", "!=": "ne neq"}
    )
    | _rows("AND", {"": "land wedge"})
    | _rows("BAR", {"": "lvert rvert vert mid"})
    | _rows("NORM", {"": "| Vert lVert rVert"})
    | _rows("OPEN", {"(": "lparen", "[": "lbrack", "{": "{ lbrace"})
    | _rows("CLOSE", {"(": "rparen", "[": "rbrack", "{": "} rbrace"})
    | _rows("BEGIN", {"": "begin"})
    | _rows("END", {"": "end"})
    | {"\\\\": ("ROW", "")}
)

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ldots", "dots", "cdots", "dotsc", "dotsb"), "write out what the dots stand for"),
        **dict.fromkeys(("prod", "int", "lim", "oint"), "write it out, or with a sum"),
        "infty": "an answer is finite",
        "pm": "write the sign that is meant",
        "mp": "write the sign that is meant",
        **dict.fromkeys(
            ("newcommand", "def", "input", "include", "write", "usepackage"), "write the formula itself"
        ),
    }
)
"""Commands that are known and not read, each with the way out."""

MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array"})
CASES = frozenset({"cases", "dcases", "rcases"})
DISPLAYS = frozenset(
    f"{name}{star}"
    for name in (
        "equation",
        "align",
        "aligned",
        "displaymath",
        "math",
        "gather",
        "gathered",
        "split",
        "multline",
    )
    for star in ("", "*")
)
"""Environments that set a formula off, or on several lines."""

CONDITION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("if", "for", "when", "where", "falls", "si"), "SPACE"),
        **dict.fromkeys(("otherwise", "else", "sonst", "elsewhere", "sinon"), "OTHERWISE"),
        "and": "AND",
    }
)
"""What the words of a case's condition are."""
