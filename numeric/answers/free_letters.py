r"""Is an equation of free letters true: an identity of functions, or of matrices?

    tanh(x) = (e^x + e^-x)/(e^x - e^-x)     false: the right side is coth(x)
    (AB)^T = A^T B^T                        false: a transpose speaks of matrices
    AB = BA                                 false: true of numbers, and not of matrices
    A x = x A                               false: so is what stands right of a matrix a column
    A/B = A B^{-1}                          asked how it is meant: it is true of numbers

With ^T, .T, @, ⊙ or ‖·‖_F in it capital letters are matrices, and small ones columns, or numbers where a
column does not fit. So they are where two capitals are multiplied, one by a small letter right of it, or
one within a norm, and nothing is done that is done with numbers alone; what is false of numbers needs no
matrices to be so. Among matrices I is the identity, so that AI = A, which is false of numbers, is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from derive.answers import Shaper, Understood, read_answer
from derive.answers.spoken import spoken
from derive.errors import AnswerError
from derive.formula.answer_rules import SPELLED
from derive.formula.nodes import FUNCTIONS, Apply, Matrix, Node, walk
from derive.problem import Problem
from numeric.answers.equation import Claimed, about, side
from numeric.answers.free_arrays import (
    OF_MATRICES,
    differentiates_formulas,
    free_problem,
    of_arrays,
    of_matrices,
    read,
    vectors_of,
)
from numeric.answers.free_kinds import (
    IDENTITY,
    SQUARES,
    divided,
    kinds_of,
    kinds_of_lists,
    letters_in,
    square,
)
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

INDICATOR = re.compile(
    r"\\math(?:bb|bf|ds)\s*(?:\{\s*[1I]\s*\}|[1I])\s*(?:_\s*)?(?:\\left\s*)?[\[{](?:\s*\\?\{)?([^\[\]{}\\]*)(?:\\?\}\s*)?(?:\\right\s*)?[\]}]"
)
"""1 where a condition holds: Iverson's brackets."""

DERIVATIVE = re.compile(r"(?<![A-Za-z])d[A-Za-z]?(?:\}|\s*/)|∂|\\partial(?![A-Za-z])")
"""A derivative of a letter belongs to a network."""

TRACE = re.compile(r"(?<![A-Za-z])(?:\\operatorname\s*\{\s*[Tt]r\s*\}|\\?[Tt]r)(?=\s*\([^=]*[A-Z])")
"""The trace of a matrix; of small letters tr is t r."""

OF_ARRAYS = re.compile(r"\\odot(?![A-Za-z])|⊙|(?:\\\||‖|\\[rR]?[vV]ert\b)\s*_\s*\{?\s*F|diag\s*\(")
"""Signs of arrays: a product entry by entry, the norm of a matrix, a diagonal."""

AN_ENTRY = re.compile(r"(?<=[)\]])_\{?\d\}?")
BELOW = re.compile(
    rf"{AN_ENTRY.pattern}|(?<=[|‖])_\{{?[F2]\}}?|(?:(?<=[A-Z])|(?<=\\sum))_\{{?[ijk](?:,?[ijk])?\}}?"
)
"""What stands below a list, a norm, a matrix or a sum, and is no letter of its own."""

LIST = re.compile(r"softmax\s*\(\s*\[")
"""A vector that is written out."""

_LATEX = frozenset({"frac", "tfrac", "dfrac", "left", "right", "cdot", "times", "d", "partial", "odot"})
_KNOWN = FUNCTIONS | SPELLED | {"sigma", "max", "min", "ln", "ReLU"}


def about_free_letters(equation: str) -> Claimed | None:
    """The verdict on an identity of free letters; None where it is not one, but speaks of a network."""
    plain, turned = TRANSPOSE.subn("^T ", INDICATOR.sub(r"[\1]", UPRIGHT.sub(r"\1", equation)))
    plain, traced = TRACE.subn(" trace", plain)
    # LaTeX raises one token only: e^xe^y is e^x e^y.
    apart = re.sub(r"\^([A-Za-z0-9])(?=[A-Za-z\\])", r"^{\1} ", plain)
    are_arrays = turned + traced > 0 or "@" in apart or OF_ARRAYS.search(apart) is not None
    of_vectors = "softmax" in apart
    known = _KNOWN | {"softmax", "sum", "diag"} if of_vectors or are_arrays else _KNOWN
    names = _names(
        (BELOW if are_arrays or of_vectors else AN_ENTRY).sub("", apart.replace("^T ", " ")), known
    )
    written = apart.replace("\\sigma", "sigmoid").replace("sigma", "sigmoid")
    if names == [] and ("sigmoid" in written or of_vectors):
        return _named(about(Subject(free_problem(["x"], {})), written), equation)
    if not names:
        return None
    if are_arrays and DERIVATIVE.search(written) and not differentiates_formulas(names, written):
        return None
    if of_vectors:
        is_other = are_arrays or DERIVATIVE.search(written) or not all(map(str.islower, names))
        kinds = kinds_of_lists(names, written_out=LIST.search(written) is not None)
        found = None if is_other else of_arrays(names, written, [*kinds])
    else:
        found = of_matrices(names, written) if are_arrays else _of_either(names, written)
    return _named(found, equation)


def _named(found: Claimed | None, equation: str) -> Claimed | None:
    return None if found is None else replace(found, equation=equation)


def _names(text: str, known: frozenset[str]) -> list[str] | None:
    """The free letters of an identity; None where another word or an index stands in it."""
    words = {word.lstrip("\\") for word in WORD.findall(text)} - _LATEX - known
    is_other = any(len(word) > (4 if word.isupper() else 2) for word in words) or re.search(
        r"[\^_]\{?[(\[]?[lL]|_", text
    )
    if is_other:
        return None
    return sorted({letter for word in words for letter in word.removeprefix("d")} - {"e"})


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
    problem = free_problem(names, {})
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
    quotient = divided(found.links)
    if is_true and quotient is not None:
        assert found.meant is not None
        return _of_quotient(found, spoken(found.meant.problem, quotient))
    is_of_matrices = _is_of_vectors(names, written)
    if not is_of_matrices:
        one = _as_matrices(names, written)
        if one is None or (is_true and not any(_multiplies(part, capitals) for part in _operations(one))):
            return found
        shaper = Shaper(one.problem)
        is_of_matrices = all(_is_of_matrices(shaper, part) for part in _operations(one))
    judged = of_matrices(names, written) if is_of_matrices else None
    if judged is None or judged.verdict == "unreadable":
        are = "is read as a number" if len(capitals) == 1 else "are read as numbers"
        numbers = Reason("numbers", f"{', '.join(capitals)} {are}.")
        return replace(found, why=(*found.why, numbers)) if is_true else found
    if judged.verdict == "true" or not is_true:
        return judged
    known = "false" if judged.verdict == "false" else "not known to be true"
    reason = Reason("numbers", f"True for numbers, {known} for matrices.")
    return replace(judged, why=(reason, *judged.why))


def _of_quotient(found: Claimed, quotient: str) -> Claimed:
    """What is asked of a division by a capital."""
    text = (
        f"{quotient} is true of numbers here, and of matrices it can mean a product with the inverse on"
        " either side; write small letters, or A B^{-1} or B^{-1} A"
    )
    return Claimed(found.equation, "unreadable", why=(Reason("unreadable", text),))


def _is_of_vectors(names: Sequence[str], written: str) -> bool:
    """Whether matrices are multiplied by columns, and nothing is done that is done with numbers alone."""
    if {name for name in names if name.isupper()} == {IDENTITY} or not vectors_of(names, written):
        return False
    shapes = square(next(kinds_of(names)), SQUARES[0])
    links = read(free_problem(names, shapes), shapes, written).unsettled
    done = {part.operation for link in links for part in walk(link) if isinstance(part, Apply)}
    return done <= OF_MATRICES | {"add", "subtract", "juxtapose", "dot"}


def _as_matrices(names: Sequence[str], written: str) -> Understood | None:
    """The equation with capitals as square matrices, where it can be read so."""
    for kinds in kinds_of(names):
        shapes = square(kinds, SQUARES[0])
        try:
            one = read(free_problem(names, shapes), shapes, written)
        except AnswerError:
            continue
        if one.mistake is None:
            return one
    return None


def _operations(one: Understood) -> Iterator[Apply]:
    yield from (part for link in one.links for part in walk(link) if isinstance(part, Apply))


def _multiplies(part: Apply, capitals: Sequence[str]) -> bool:
    """Whether a product is one of two capitals, or a norm is that of one."""
    each = [(letters_in([arg]) & {*capitals}) | _identity_in(arg) for arg in part.args]
    is_product = part.operation == "matmul" and all(each)
    return len(set().union(*each)) > 1 if is_product else part.operation == "norm" and any(each)


def _identity_in(node: Node) -> frozenset[str]:
    """The letter of the identity, where it is written out in a formula."""
    return frozenset(IDENTITY for part in walk(node) if isinstance(part, Matrix))


def _is_of_matrices(shaper: Shaper, part: Apply) -> bool:
    """Whether an operation is one that is done to matrices, and not to numbers alone."""
    arrays = [not shaper.shaped(arg).is_number for arg in part.args]
    if part.operation in ("add", "subtract"):
        return arrays[0] == arrays[1]
    return part.operation in OF_MATRICES or not arrays[-1]
