"""What other languages write in formulas, and how it is written here.

np.sin(x)    sin(x)
W.dot(x)     W @ x
W.t          W.T
pow(x, 2)    x^2
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from types import MappingProxyType

MODULES = frozenset(
    {"np", "numpy", "math", "cmath", "torch", "tf", "keras", "jnp", "jax", "nn", "F", "sp", "sympy", "scipy"}
)
"""What functions are called from elsewhere."""

WRITTEN: Mapping[str, str] = MappingProxyType(
    {word: form for form, words in (
        ("max(u, v)", "maximum fmax"),
        ("min(u, v)", "minimum fmin"),
        ("abs(u)", "fabs absolute Abs"),
        ("u^v", "pow power"),
        ("u^2", "square sqr"),
        ("1/u", "reciprocal inv"),
        ("-u", "negative neg"),
        ("u*v", "multiply mul prod"),
        ("u/v", "divide div true_divide"),
        ("u + v", "add"),
        ("u - v", "subtract sub"),
        ("log(1 + u)", "log1p"),
        ("exp(u) - 1", "expm1"),
        ("log(u)/log(2)", "log2"),
        ("log(u)/log(10)", "log10"),
        ("1/cos(u)", "sec"),
        ("1/sin(u)", "csc cosec"),
        ("1/tan(u)", "cot"),
        ("sigmoid(u)", "expit logistic"),
        ("silu(u)", "swish"),
        ("step(u)", "heaviside"),
        ("max(u, 0.01*u)", "leaky_relu leakyrelu"),
        ("min(max(u, 0), 1)", "clip clamp"),
        ("u @ v", "dot matmul mm mv bmm"),
        ("u.T", "t T transpose"),
    ) for word in words.split()}
)  # fmt: skip
"""Others' functions and methods by their names, in terms of what they are given."""

OF_ARRAYS = frozenset({"u @ v", "u.T"})

_NO_CONDITIONS = "a formula has no conditions: max(u, v), relu(u) and step(u) choose"

SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "|": "an absolute value is written abs(u)",
        "<": _NO_CONDITIONS,
        ">": _NO_CONDITIONS,
        "\\": "LaTeX is not read here: sigma stands for \\sigma, u/v for \\frac{u}{v}",
    }
)
"""What is written here for others' signs."""

_OPERAND = re.compile(r"\b[uv]\b")


def about_dot(before: str, after: str, known: Set[str], *, arrays: bool) -> str:
    """What to say of the dot between two words.

    before  a module, or what has a method: a name, or the bracket that closes an expression
    after   a function, a constant or a method
    known   functions and constants
    """
    form = WRITTEN.get(after) or (f"{after}(u)" if after in known else "")
    if before in MODULES:
        said = f"functions stand alone here, without '{before}.'"
        if after in known:
            return f"{said}: write {after}"
        return f"{said}: {after} is written {form}" if form else f"{said}, and '{after}' is none of them"
    if not form or (form in OF_ARRAYS and not arrays):
        return f"'.{after}' cannot be read: names have no methods here"
    subjects = iter((before if before.isidentifier() else "…",))
    return f"'.{after}' cannot be read; write {_OPERAND.sub(lambda _: next(subjects, '…'), form)}"


def about_word(word: str, *, arrays: bool) -> str:
    """`; it is written max(u, v) here`, or nothing."""
    form = WRITTEN.get(word)
    if form is None or (form in OF_ARRAYS and not arrays):
        return ""
    return f"; it is written {form} here"
