r"""Is an equation of free letters true: an identity of functions, or of matrices?

    tanh(x) = (e^x + e^-x)/(e^x - e^-x)     false: the right side is coth(x)
    (AB)^T = A^T B^T                        false: a transpose speaks of matrices
    AB = BA                                 false: true of numbers, and not of matrices
    A/B = A B^{-1}                          true of numbers: nobody divides by a matrix

With ^T, .T or @ in it capital letters are matrices, and small ones columns, or numbers where a
column does not fit. So they are where two capitals are multiplied, or one within a norm, and nothing
is done that is done with numbers alone; what is false of numbers needs no matrices to be so. Among
matrices I is the identity, so that AI = A, which is false of numbers, is true. What holds of all square
matrices is asked of squares of several sizes; where the equation exists for other shapes, it has to hold
there too. A formula that is differentiated, as in d(x^T A x)/dx = (A + A^T) x, is a step of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, product
from types import MappingProxyType

from derive.answers import Shaper, Understood, exchanged, read_answer, reshaped
from derive.errors import AnswerError, StatementError
from derive.files.load import load_problem
from derive.formula.answer_rules import SPELLED
from derive.formula.nodes import FUNCTIONS, Apply, Letter, Matrix, Node, Number, Slope, walk
from derive.formula.text import text_of
from derive.problem import Problem
from derive.rules import ACTIVATIONS
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

UPRIGHT = re.compile(r"\\(?:mathrm|operatorname|text)\s*\{\s*([A-Za-z]{3,})\s*\}")
"""The name of a function in LaTeX."""

CAPITALS = re.compile(r"(?<![\\A-Za-z])[A-Z]{2,4}(?![A-Za-z])")
"""A product of matrices, AA among them."""

INDICATOR = re.compile(
    r"\\math(?:bb|bf|ds)\s*(?:\{\s*[1I]\s*\}|[1I])\s*(?:_\s*)?(?:\\left\s*)?[\[{](?:\s*\\?\{)?([^\[\]{}\\]*)(?:\\?\}\s*)?(?:\\right\s*)?[\]}]"
)
"""1 where a condition holds: Iverson's brackets."""

DERIVATIVE = re.compile(r"(?<![A-Za-z])d[A-Za-z]?(?:\}|\s*/)|∂|\\partial(?![A-Za-z])")
"""A derivative of a letter belongs to a network."""

TRACE = re.compile(r"(?<![A-Za-z])(?:\\operatorname\s*\{\s*[Tt]r\s*\}|\\?[Tt]r)(?=\s*\([^=]*[A-Z])")
"""The trace of a matrix; of small letters tr is t r."""

_LATEX = frozenset({"frac", "tfrac", "dfrac", "left", "right", "cdot", "times", "d", "partial"})
_KNOWN = FUNCTIONS | SPELLED | {"sigma", "max", "min", "ln", "ReLU"}


def about_free_letters(equation: str) -> Claimed | None:
    """The verdict on an identity of free letters; None where it is not one, but speaks of a network."""
    plain, turned = TRANSPOSE.subn("^T ", INDICATOR.sub(r"[\1]", UPRIGHT.sub(r"\1", equation)))
    plain, traced = TRACE.subn("trace", plain)
    # LaTeX raises one token only: e^xe^y is e^x e^y.
    apart = re.sub(r"\^([A-Za-z0-9])(?=[A-Za-z\\])", r"^{\1} ", plain)
    of_vectors = "softmax" in apart
    names = _names(apart.replace("^T ", " "), _KNOWN | {"softmax", "sum"} if of_vectors else _KNOWN)
    if not names:
        return None
    written = apart.replace("\\sigma", "sigmoid").replace("sigma", "sigmoid")
    of_matrices = turned > 0 or traced > 0 or "@" in written
    if of_matrices and DERIVATIVE.search(written) and not _differentiates_formulas(names, written):
        return None
    if of_vectors:
        is_other = of_matrices or DERIVATIVE.search(written) or not all(map(str.islower, names))
        found = None if is_other else _of_arrays(names, written, _of_columns(names))
    else:
        found = _of_matrices(names, written) if of_matrices else _of_either(names, written)
    return None if found is None else replace(found, equation=equation)


def _names(text: str, known: frozenset[str]) -> list[str]:
    """The free letters of an identity; none where another word or an index stands in it."""
    words = {word.lstrip("\\") for word in WORD.findall(text)} - _LATEX - known
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
    if found.counterexample is None or len(names) != 1:
        return found
    named = _known_side(problem, written, names[0])
    return replace(found, why=(*named, *found.why))


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


# -- numbers, or matrices --------------------------------------------------------------------------


def _of_either(names: Sequence[str], written: str) -> Claimed | None:
    """The verdict where nothing but what is done with capitals tells whether they are matrices."""
    found = _of_numbers(names, written)
    capitals = [name for name in names if name.isupper()]
    is_true = found is not None and found.verdict == "true"
    has_identity = IDENTITY in capitals and len(capitals) > 1
    if found is None or not capitals or not (is_true or has_identity):
        return found
    one = _as_matrices(names, written)
    if one is None or (is_true and not any(_multiplies(part, capitals) for part in _operations(one))):
        return found
    shaper = Shaper(one.problem)
    is_of_matrices = all(_is_of_matrices(shaper, part) for part in _operations(one))
    of_matrices = _of_matrices(names, written) if is_of_matrices else None
    if of_matrices is None or of_matrices.verdict == "unreadable":
        are = "is read as a number" if len(capitals) == 1 else "are read as numbers"
        numbers = Reason("numbers", f"{', '.join(capitals)} {are}.")
        return replace(found, why=(*found.why, numbers)) if is_true else found
    if of_matrices.verdict == "true" or not is_true:
        return of_matrices
    known = "false" if of_matrices.verdict == "false" else "not known to be true"
    reason = Reason("numbers", f"True for numbers, {known} for matrices.")
    return replace(of_matrices, why=(reason, *of_matrices.why))


def _as_matrices(names: Sequence[str], written: str) -> Understood | None:
    """The equation with capitals as square matrices, where it can be read so."""
    for kinds in _kinds(names):
        shapes = _square(kinds, SQUARES[0])
        try:
            one = _read(_problem(names, shapes), shapes, written)
        except AnswerError:
            continue
        if one.mistake is None:
            return one
    return None


def _operations(one: Understood) -> Iterator[Apply]:
    yield from (part for link in one.links for part in walk(link) if isinstance(part, Apply))


def _multiplies(part: Apply, capitals: Sequence[str]) -> bool:
    """Whether a product is one of two capitals, or a norm is that of one."""
    each = [(_read_in([arg]) & {*capitals}) | _identity_in(arg) for arg in part.args]
    is_product = part.operation == "matmul" and all(each)
    return len(set().union(*each)) > 1 if is_product else part.operation == "norm" and any(each)


def _identity_in(node: Node) -> frozenset[str]:
    """The letter of the identity, where it is written out in a formula."""
    return frozenset(IDENTITY for part in walk(node) if isinstance(part, Matrix))


def _read_in(links: Sequence[Node]) -> frozenset[str]:
    """The letters that formulas read."""
    return frozenset(part.letter for link in links for part in walk(link) if isinstance(part, Letter))


def _is_of_matrices(shaper: Shaper, part: Apply) -> bool:
    """Whether an operation is one that is done to matrices, and not to numbers alone."""
    arrays = [not shaper.shaped(arg).is_number for arg in part.args]
    if part.operation in ("add", "subtract"):
        return arrays[0] == arrays[1]
    return part.operation in OF_MATRICES or not arrays[-1]


# -- matrices --------------------------------------------------------------------------------------

SQUARES = (2, 3)
OBLONG = ((2, 3), (3, 2))
MOST_LETTERS = 5
"""Of an equation of matrices: the shapes of each are tried with those of all others."""

IDENTITY = "I"

USUAL_NUMBERS = frozenset("ckmn")

OF_MATRICES = frozenset(
    {"negate", "multiply", "hadamard", "matmul", "transpose", "inverse", "norm", *ACTIVATIONS}
)
"""What is done to matrices beside adding them: activations entry by entry."""

MOST_EXPONENT, MOST_PARTS = 9, 500
"""Of a power of a matrix, which is written out as a product."""


Kinds = Mapping[str, str]
"""What each letter is: a matrix, a column, a vector as NumPy has them, or a number."""


def _of_matrices(names: Sequence[str], written: str) -> Claimed | None:
    """The verdict where free letters are matrices and columns; None where the text cannot be read."""
    return _of_arrays(names, written, _kinds(names))


def _of_arrays(names: Sequence[str], written: str, each: Iterator[Kinds]) -> Claimed | None:
    """The verdict where free letters are of the first kinds that fit."""
    if len(names) > MOST_LETTERS:
        return _refused(f"{len(names)} letters; an equation of arrays may have {MOST_LETTERS}")
    kinds = list(each)
    tried = [[_at(names, _square(kind, size), written) for size in SQUARES] for kind in kinds]
    fitting = next((place for place, found in enumerate(tried) if all(map(_fits, found))), None)
    if fitting is None:
        # What is said of the first kind tells which shapes do not meet, or what is not read.
        return tried[0][0]
    found = tried[fitting]
    others = (_at(names, shapes, written) for shapes in _oblong(kinds[fitting]))
    wide = [one for one in others if one is not None and one.verdict != "unreadable" and not _misfits(one)]
    false = next((one for one in (*found, *wide) if one is not None and one.verdict == "false"), None)
    first = found[0]
    assert first is not None
    said = _said(kinds[fitting], first)
    if false is not None:
        return replace(false, why=(*false.why, Reason("matrices", said)))
    if any(one is not None and one.verdict != "true" for one in (*found, *wide)):
        return replace(first, verdict="undecided", proof=None)
    square = "for square matrices of" if "matrix" in kinds[fitting].values() else "in"
    more = ", and for other shapes that fit" if wide and square != "in" else ""
    text = f"{said} It holds {square} two sizes{more}: strong evidence, and no proof for every size."
    return replace(first, proof="sampled", why=(Reason("sampled", text), *first.why))


def _kinds(names: Sequence[str]) -> Iterator[Kinds]:
    """What each letter can be: capitals are matrices; small letters columns, or numbers beside matrices."""
    small = [name for name in names if name.islower()]
    for chosen in product(("column", "number"), repeat=len(small)):
        if len(small) < len(names) or "number" not in chosen:
            yield dict.fromkeys(names, "matrix") | dict(zip(small, chosen, strict=True))
    if len(small) == len(names):
        yield dict.fromkeys(names, "matrix")


def _of_columns(names: Sequence[str]) -> Iterator[Kinds]:
    """Letters of a function of vectors: numbers by their usual letters, or where they are no vectors."""
    first = [("number", "vector") if name in USUAL_NUMBERS else ("vector", "number") for name in names]
    yield from (dict(zip(names, chosen, strict=True)) for chosen in product(*first) if "vector" in chosen)


def _square(kinds: Kinds, size: int) -> dict[str, Shape]:
    shapes: Mapping[str, Shape] = {"matrix": (size, size), "column": (size, 1), "vector": (size,)}
    return {name: shapes[kind] for name, kind in kinds.items() if kind in shapes}


def _oblong(kinds: Kinds) -> Iterator[dict[str, Shape]]:
    """Shapes with no square matrix in them."""
    shapes: Mapping[str, tuple[Shape, ...]] = {"matrix": OBLONG, "column": ((2, 1), (3, 1))}
    shaped = [name for name, kind in kinds.items() if kind in shapes]
    if not shaped:
        return
    for chosen in islice(product(*(shapes[kinds[name]] for name in shaped)), 2**MOST_LETTERS):
        yield dict(zip(shaped, chosen, strict=True))


def _at(names: Sequence[str], shapes: Mapping[str, Shape], written: str) -> Claimed | None:
    """The verdict at some shapes; None where the text cannot be read."""
    subject = Subject(_problem(names, shapes))
    try:
        first = _read(subject.problem, shapes, written)
        if len(first.links) < 2:
            return None
        if any(_differentiated(first)):
            stepped = _stepped(first, names, shapes)
            return replace(about_reading(Subject(stepped.problem), written, stepped), meant=first)
        return about_reading(subject, written, first)
    except (AnswerError, StatementError) as error:
        return _refused(str(error))


def _read(problem: Problem, shapes: Mapping[str, Shape], written: str) -> Understood:
    """The equation with powers of matrices as products. Raises AnswerError where it cannot be read."""
    apart = CAPITALS.sub(lambda product: " ".join(product[0]), written)
    one = read_answer(problem, apart, form="equation").readings[0]
    if "**" in written:
        return one
    parts = (part for link in one.unsettled for part in walk(link))
    by_formulas = [node for part in parts if isinstance(part, Slope) for node in (part.of, *part.by)]
    # What is differentiated becomes a step of a problem, in which I is a letter as others are.
    identity = frozenset({IDENTITY}) - _read_in(by_formulas)
    return reshaped(one, lambda node: _multiplied(node, shapes, identity))


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


def _multiplied(node: Node, shapes: Mapping[str, Shape], identity: frozenset[str]) -> Node:
    """The formula with A² as the product A A, of a matrix a power is no power of its entries, and with the
    identity for its letter.
    """
    if isinstance(node, Letter) and node.letter in identity:
        return _identity(shapes[IDENTITY])
    if not isinstance(node, Apply):
        return node
    args = tuple(_multiplied(arg, shapes, identity) for arg in node.args)
    node = replace(node, args=args)
    if node.operation != "power" or not _is_array(node.args[0], shapes):
        return node
    base, exponent = node.args
    times = _whole(exponent)
    if abs(times) not in range(1, MOST_EXPONENT + 1):
        raise AnswerError("of a matrix only the powers 1 to 9 and -1 to -9 are read here", node.column)
    found = base
    for _ in range(abs(times) - 1):
        found = Apply("juxtapose", (found, base), column=node.column)
    if len(tuple(islice(walk(found), MOST_PARTS))) == MOST_PARTS:
        raise AnswerError("written out, its powers are too long", node.column)
    return found if times > 0 else Apply("inverse", (found,), column=node.column)


def _whole(exponent: Node) -> int:
    """The number that an exponent is, as -1 in A^{-1}; 0 of another."""
    if isinstance(exponent, Apply) and exponent.operation == "negate":
        return -_whole(exponent.args[0])
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        return int(exponent.value)
    return 0


def _identity(shape: Shape) -> Matrix:
    """Raises AnswerError where it is not square."""
    if len({*shape}) > 1:
        raise AnswerError("the identity is square")
    zero, one = (Number(Fraction(digit), str(digit)) for digit in (0, 1))
    return Matrix(tuple(tuple(one if j == k else zero for k in range(shape[1])) for j in range(shape[0])))


def _is_array(node: Node, shapes: Mapping[str, Shape]) -> bool:
    return any(
        isinstance(part, Matrix) or (isinstance(part, Letter) and part.letter in shapes)
        for part in walk(node)
    )


def _fits(found: Claimed | None) -> bool:
    return found is not None and found.verdict != "unreadable" and not _misfits(found)


def _misfits(found: Claimed) -> bool:
    return any(reason.slip == "shape" for reason in found.why)


def _said(kinds: Kinds, found: Claimed) -> str:
    """`A, B are read as matrices, x as a column.`"""
    plural = {"matrix": "matrices", "column": "columns", "vector": "vectors", "number": "numbers"}
    identity = {IDENTITY} - _read_in(found.links)
    parts: list[str] = []
    for kind, many in plural.items():
        names = [name for name, own in kinds.items() if own == kind and name not in identity]
        if names:
            verb = ("are read " if len(names) > 1 else "is read ") if not parts else ""
            parts.append(f"{', '.join(names)} {verb}as {many if len(names) > 1 else f'a {kind}'}")
    if IDENTITY in kinds and identity:
        parts.append(f"{IDENTITY}{'' if parts else ' is read'} as the identity")
    norms = (part for link in found.links for part in walk(link) if isinstance(part, Apply))
    matrices = {name for name, kind in kinds.items() if kind == "matrix"}
    if any(part.operation == "norm" and _read_in(part.args) & matrices for part in norms):
        parts.append("‖ ‖ as the root of the sum of all squares")
    return f"{'; '.join(parts)}."


def _refused(text: str) -> Claimed:
    return Claimed("", "unreadable", why=(Reason("unreadable", text),))
