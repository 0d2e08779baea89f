r"""Is an equation of free letters true: an identity of functions, or of matrices?

    tanh(x) = (e^x + e^-x)/(e^x - e^-x)     false: the right side is coth(x)
    (AB)^T = A^T B^T                        false: a transpose speaks of matrices
    AB = BA                                 true of numbers, and told that it is false of matrices

With ^T, .T or @ in it capital letters are matrices, and small ones columns, or numbers where a
column does not fit. What holds of all square matrices is asked of squares of several sizes; where the
equation exists for other shapes, it has to hold there too. A formula that is differentiated, as in
d(x^T A x)/dx = (A + A^T) x, is a step of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from types import MappingProxyType

from derive.answers import Shaper, Understood, exchanged, read_answer, reshaped
from derive.errors import AnswerError, StatementError
from derive.files.load import load_problem
from derive.formula.answer_rules import SPELLED
from derive.formula.nodes import FUNCTIONS, Apply, Letter, Node, Number, Slope, walk
from derive.formula.text import text_of
from derive.problem import Problem
from derive.shapes import Shape
from numeric.answers.equation import Claimed, about, about_reading, side
from numeric.answers.kinks import across
from numeric.answers.reasons import Reason
from numeric.deciding.compare import compare
from numeric.deciding.worlds import Subject

WORD = re.compile(r"\\?[A-Za-z]+")
TRANSPOSE = re.compile(
    r"\^\s*(?:T\b|T(?=[A-Z\\])|\\(?:top|intercal)(?![A-Za-z])|\{\s*(?:T|\\top|\\intercal)\s*\})|\.T\b|ᵀ"
)
"""How a transpose is written."""

INDICATOR = re.compile(
    r"\\math(?:bb|bf|ds)\s*(?:\{\s*[1I]\s*\}|[1I])\s*(?:_\s*)?(?:\\left\s*)?[\[{](?:\s*\\?\{)?([^\[\]{}\\]*)(?:\\?\}\s*)?(?:\\right\s*)?[\]}]"
)
"""1 where a condition holds: Iverson's brackets."""

DERIVATIVE = re.compile(r"(?<![A-Za-z])d[A-Za-z]?(?:\}|\s*/)|∂|\\partial(?![A-Za-z])")
"""A derivative of a letter belongs to a network."""

TRACE = re.compile(r"(?<![A-Za-z])(?:\\operatorname\s*\{\s*[Tt]r\s*\}|\\?[Tt]r)(?=\s*\([^=]*[A-Z])")
"""The trace of a matrix; of small letters tr is t r."""

_LATEX = frozenset({"frac", "tfrac", "dfrac", "left", "right", "cdot", "times", "d", "partial"})
_KNOWN = FUNCTIONS | SPELLED | {"sigma", "max", "min", "ln"}


def about_free_letters(equation: str) -> Claimed | None:
    """The verdict on an identity of free letters; None where it is not one, but speaks of a network."""
    plain, turned = TRANSPOSE.subn("^T ", INDICATOR.sub(r"[\1]", equation))
    plain, traced = TRACE.subn("trace", plain)
    # LaTeX raises one token only: e^xe^y is e^x e^y.
    apart = re.sub(r"\^([A-Za-z0-9])(?=[A-Za-z\\])", r"^{\1} ", plain)
    names = _names(apart.replace("^T ", " ")) if turned else _names(apart)
    if not names:
        return None
    written = apart.replace("\\sigma", "sigmoid").replace("sigma", "sigmoid")
    of_matrices = turned > 0 or traced > 0 or "@" in written
    if of_matrices and DERIVATIVE.search(written) and not _differentiates_formulas(names, written):
        return None
    found = _of_matrices(names, written) if of_matrices else _of_numbers(names, written)
    return None if found is None else replace(found, equation=equation)


def _names(text: str) -> list[str]:
    """The free letters of an identity; none where another word or an index stands in it."""
    words = {word.lstrip("\\") for word in WORD.findall(text)} - _LATEX - _KNOWN
    is_other = any(len(word) > (4 if word.isupper() else 2) for word in words) or re.search(
        r"[\^_]\{?[(\[]?[lL]|_", text
    )
    return [] if is_other else sorted({letter for word in words for letter in word.removeprefix("d")} - {"e"})


def _problem(names: Sequence[str], shapes: Mapping[str, Shape], *steps: str) -> Problem:
    """A problem that has these letters, those with a shape as arrays, and these steps beside."""
    total = " + ".join(f"sum({name})" if name in shapes else name for name in names)
    sizes = {"shapes": {name: list(shape) for name, shape in shapes.items()}} if shapes else {}
    graph = {"steps": [*steps, f"the_sum = {total}"], "output": "the_sum", **sizes}
    return load_problem({"title": "free letters", "graph": graph})


# -- numbers ---------------------------------------------------------------------------------------

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "tanh({x})": "tanh", "1/tanh({x})": "coth", "sinh({x})": "sinh", "cosh({x})": "cosh",
        "1/cosh({x})": "sech", "1/sinh({x})": "csch", "sigmoid({x})": "the sigmoid", "exp({x})": "e^x",
        "exp(-{x})": "e^(-x)", "1/cosh({x})^2": "the slope of tanh", "1 - tanh({x})^2": "the slope of tanh",
        "sigmoid({x})*(1 - sigmoid({x}))": "the slope of the sigmoid", "sin({x})": "sin", "cos({x})": "cos",
        "-sin({x})": "-sin", "-cos({x})": "-cos", "tan({x})": "tan", "1": "1", "0": "0",
        "sigmoid(-{x})": "the sigmoid of -x", "tanh({x}/2)": "tanh(x/2)", "relu({x})": "relu",
    }
)  # fmt: skip
"""Functions by which the right side of a false identity may be known."""


def _of_numbers(names: Sequence[str], written: str) -> Claimed | None:
    problem = _problem(names, {})
    found = about(Subject(problem), written)
    if found.verdict == "unreadable":
        return None
    if found.verdict == "true":
        return replace(found, why=(*found.why, *_as_matrices(names, written)))
    if found.verdict != "false" or len(names) != 1:
        return found
    named = _known_side(problem, written, names[0])
    return replace(found, why=(*named, *found.why))


def _as_matrices(names: Sequence[str], written: str) -> Iterator[Reason]:
    """That capital letters are read as numbers, where the equation is false of matrices."""
    capitals = [name for name in names if name.isupper()]
    of_matrices = _of_matrices(names, written) if capitals else None
    if of_matrices is None or of_matrices.verdict not in ("false", "unreadable"):
        return
    are = "is read as a number" if len(capitals) == 1 else "are read as numbers"
    of_these = "; of matrices it is false" if of_matrices.counterexample else ""
    yield Reason("numbers", f"{', '.join(capitals)} {are}{of_these}.")


def _known_side(problem: Problem, equation: str, name: str) -> Iterator[Reason]:
    """What the right side is, where it is a function with a name."""
    right = read_answer(problem, equation, form="equation").readings[0].links[-1]
    subject = Subject(problem)
    for form, known in KNOWN.items():
        other = read_answer(problem, form.format(x=name)).readings[0].node
        found = compare(subject, side(right), side(other))
        if found.same and found.proof == "sampled":
            found = across(subject, right, other) or found
        if found.same:
            yield Reason("another function", f"The right side is {known}.")
            return


# -- matrices --------------------------------------------------------------------------------------

SQUARES = (2, 3)
OBLONG = ((2, 3), (3, 2))
MOST_LETTERS = 5
"""Of an equation of matrices: the shapes of each are tried with those of all others."""

MOST_EXPONENT, MOST_PARTS = 9, 500
"""Of a power of a matrix, which is written out as a product."""


def _of_matrices(names: Sequence[str], written: str) -> Claimed | None:
    """The verdict where free letters are matrices and columns; None where the text cannot be read."""
    if len(names) > MOST_LETTERS:
        return _refused(f"{len(names)} letters; an equation of matrices may have {MOST_LETTERS}")
    kinds = list(_kinds(names))
    tried = [[_at(names, _square(kind, size), written) for size in SQUARES] for kind in kinds]
    fitting = next((place for place, found in enumerate(tried) if all(map(_fits, found))), None)
    if fitting is None:
        # What is said of the first kind tells which shapes do not meet, or what is not read.
        return tried[0][0]
    found = tried[fitting]
    others = (_at(names, shapes, written) for shapes in _oblong(kinds[fitting]))
    wide = [one for one in others if one is not None and one.verdict != "unreadable" and not _misfits(one)]
    false = next((one for one in (*found, *wide) if one is not None and one.verdict == "false"), None)
    if false is not None:
        return replace(false, why=(*false.why, Reason("matrices", _said(kinds[fitting]))))
    first = found[0]
    assert first is not None
    if any(one is not None and one.verdict != "true" for one in (*found, *wide)):
        return replace(first, verdict="undecided", proof=None)
    square = "for square matrices of" if "matrix" in kinds[fitting].values() else "in"
    more = ", and for other shapes that fit" if wide and square != "in" else ""
    text = (
        f"{_said(kinds[fitting])} It holds {square} two sizes{more}:"
        " strong evidence, and no proof for every size."
    )
    return replace(first, proof="sampled", why=(Reason("sampled", text), *first.why))


def _kinds(names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """What each letter can be: capitals are matrices; small letters columns, or numbers beside matrices."""
    small = [name for name in names if name.islower()]
    for chosen in product(("column", "number"), repeat=len(small)):
        if len(small) < len(names) or "number" not in chosen:
            yield dict.fromkeys(names, "matrix") | dict(zip(small, chosen, strict=True))
    if len(small) == len(names):
        yield dict.fromkeys(names, "matrix")


def _square(kinds: Mapping[str, str], size: int) -> dict[str, Shape]:
    shapes = {"matrix": (size, size), "column": (size, 1)}
    return {name: shapes[kind] for name, kind in kinds.items() if kind in shapes}


def _oblong(kinds: Mapping[str, str]) -> Iterator[dict[str, Shape]]:
    """Shapes with no square matrix in them."""
    shapes: Mapping[str, tuple[Shape, ...]] = {"matrix": OBLONG, "column": ((2, 1), (3, 1))}
    shaped = [name for name, kind in kinds.items() if kind in shapes]
    for chosen in islice(product(*(shapes[kinds[name]] for name in shaped)), 2**MOST_LETTERS):
        yield dict(zip(shaped, chosen, strict=True))


def _at(names: Sequence[str], shapes: Mapping[str, Shape], written: str) -> Claimed | None:
    """The verdict at some shapes; None where the text cannot be read."""
    subject = Subject(_problem(names, shapes))
    by_entry = "**" in written
    try:
        readings = read_answer(subject.problem, written, form="equation").readings
        if any(len(one.links) < 2 for one in readings):
            return None
        first = readings[0] if by_entry else reshaped(readings[0], lambda node: _multiplied(node, shapes))
        if any(_differentiated(first)):
            stepped = _stepped(first, names, shapes)
            return replace(about_reading(Subject(stepped.problem), written, stepped), meant=first)
        return about_reading(subject, written, first)
    except (AnswerError, StatementError) as error:
        return _refused(str(error))


def _differentiates_formulas(names: Sequence[str], written: str) -> bool:
    """Whether every derivative in an equation is that of a formula."""
    shapes = _square(next(_kinds(names)), SQUARES[0])
    try:
        one = read_answer(_problem(names, shapes), written, form="equation").readings[0]
    except AnswerError:
        return False
    slopes = [part for link in one.unsettled for part in walk(link) if isinstance(part, Slope)]
    return bool(slopes) and len(slopes) == len(list(_differentiated(one)))


def _differentiated(one: Understood) -> Iterator[Slope]:
    """The derivatives of formulas."""
    parts = (part for link in one.unsettled for part in walk(link))
    yield from (part for part in parts if isinstance(part, Slope) and not isinstance(part.of, Letter))


def _stepped(one: Understood, names: Sequence[str], shapes: Mapping[str, Shape]) -> Understood:
    """The reading with each formula that is differentiated as a step of its own, which has a letter."""
    shaper, steps, letters = Shaper(one.problem), list[str](), list[tuple[Slope, Slope]]()
    for slope in dict.fromkeys(_differentiated(one)):
        formula = shaper.shaped(slope.of)
        by = [size for letter in slope.by for size in shapes.get(letter.letter, ()) if size > 1]
        if len(by) + sum(size > 1 for size in formula.shape) > 2:
            raise AnswerError("a number is differentiated by arrays here, or a column by a column")
        text = text_of(formula.node)
        letters.append((slope, replace(slope, of=Letter(f"formula_{len(steps) + 1}"))))
        steps.append(f"{letters[-1][1].of} = {f'sum({text})' if formula.is_number else text}")
    problem = _problem(names, shapes, *steps)
    return reshaped(replace(one, problem=problem), lambda node: exchanged(node, letters))


def _multiplied(node: Node, shapes: Mapping[str, Shape]) -> Node:
    """The formula with A² as the product A A: of a matrix a power is no power of its entries."""
    if not isinstance(node, Apply):
        return node
    node = replace(node, args=tuple(_multiplied(arg, shapes) for arg in node.args))
    if node.operation != "power" or not _is_array(node.args[0], shapes):
        return node
    base, exponent = node.args
    if not isinstance(exponent, Number) or exponent.value not in range(1, MOST_EXPONENT + 1):
        raise AnswerError("of a matrix only the powers 1 to 9 are read here", node.column)
    found = base
    for _ in range(int(exponent.value) - 1):
        found = Apply("juxtapose", (found, base), column=node.column)
    if len(tuple(islice(walk(found), MOST_PARTS))) == MOST_PARTS:
        raise AnswerError("written out, its powers are too long", node.column)
    return found


def _is_array(node: Node, shapes: Mapping[str, Shape]) -> bool:
    return any(isinstance(part, Letter) and part.letter in shapes for part in walk(node))


def _fits(found: Claimed | None) -> bool:
    return found is not None and found.verdict != "unreadable" and not _misfits(found)


def _misfits(found: Claimed) -> bool:
    return any(reason.slip == "shape" for reason in found.why)


def _said(kinds: Mapping[str, str]) -> str:
    """`A, B are read as matrices, x as a column.`"""
    plural = {"matrix": "matrices", "column": "columns", "number": "numbers"}
    parts: list[str] = []
    for kind, many in plural.items():
        names = [name for name, own in kinds.items() if own == kind]
        if names:
            verb = ("are read " if len(names) > 1 else "is read ") if not parts else ""
            parts.append(f"{', '.join(names)} {verb}as {many if len(names) > 1 else f'a {kind}'}")
    return f"{'; '.join(parts)}."


def _refused(text: str) -> Claimed:
    return Claimed("", "unreadable", why=(Reason("unreadable", text),))
