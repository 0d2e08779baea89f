r"""Is an equation of free letters true that are matrices, columns, or vectors?

What holds of all square matrices is asked of squares of several sizes; where the equation exists for other
shapes, it has to hold there too. Among matrices I is the identity. A formula that is differentiated, as in
d(x^T A x)/dx = (A + A^T) x, is a step of its own. What has no shapes that fit is false, and so is a column
that is said to be a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise

from derive.answers import Shaper, Understood, exchanged, read_answer, reshaped
from derive.answers.shaped import Shaped, described
from derive.errors import AnswerError, StatementError
from derive.files.load import load_problem
from derive.formula.nodes import Apply, Letter, Matrix, Node, Number, Slope, walk
from derive.formula.text import text_of
from derive.problem import Problem
from derive.rules import ACTIVATIONS
from derive.shapes import Shape
from numeric.answers.equation import Claimed, about_reading
from numeric.answers.free_kinds import (
    IDENTITY,
    MOST_LETTERS,
    SQUARES,
    Kinds,
    inner_first,
    kinds_of,
    letters_in,
    oblong,
    square,
    usual,
    vectors_in,
)
from numeric.answers.reasons import Reason
from numeric.deciding.worlds import Subject

CAPITALS = re.compile(r"(?<![\\A-Za-z])[A-Z]{2,4}(?![A-Za-z])")
"""A product of matrices, AA among them."""

OF_MATRICES = frozenset(
    {"negate", "multiply", "hadamard", "matmul", "transpose", "inverse", "norm", *ACTIVATIONS}
)
"""What is done to matrices beside adding them: activations entry by entry."""

MOST_EXPONENT, MOST_PARTS = 9, 500
"""Of a power of a matrix, which is written out as a product."""


def free_problem(names: Sequence[str], shapes: Mapping[str, Shape], *steps: str) -> Problem:
    """A problem that has these letters, those with a shape as arrays, and these steps beside."""
    total = " + ".join(f"sum({name})" if name in shapes else name for name in names)
    sizes = {"shapes": {name: list(shape) for name, shape in shapes.items()}} if shapes else {}
    graph = {"steps": [*steps, f"the_sum = {total}"], "output": "the_sum", **sizes}
    return load_problem({"title": "free letters", "graph": graph})


def of_matrices(names: Sequence[str], written: str) -> Claimed | None:
    """The verdict where free letters are matrices and columns; None where the text cannot be read."""
    vectors = vectors_of(names, written)
    return of_arrays(names, written, [*kinds_of(names, vectors, numpy="@" in written)], stands=bool(vectors))


def vectors_of(names: Sequence[str], written: str) -> frozenset[str]:
    """The letters that can only be vectors; none where the text cannot be read."""
    shapes = square(next(kinds_of(names)), SQUARES[0])
    try:
        return vectors_in(read(free_problem(names, shapes), shapes, written).unsettled)
    except AnswerError:
        return frozenset()


def of_arrays(
    names: Sequence[str], written: str, kinds: Sequence[Kinds], *, stands: bool = False
) -> Claimed | None:
    """The verdict where free letters are of the first kinds that fit.

    stands  whether a column and a row are unlike
    """
    if len(names) > MOST_LETTERS:
        return _refused(f"{len(names)} letters; an equation of arrays may have {MOST_LETTERS}")
    tried = [[_at(names, square(each, size), written, stands=stands) for size in SQUARES] for each in kinds]
    fitting = next((place for place, found in enumerate(tried) if all(map(_fits, found))), None)
    if fitting is None:
        # What is said of the most usual kinds tells which shapes do not meet, or what is not read.
        place = min(range(len(kinds)), key=lambda place: usual(kinds[place]))
        first = tried[place][0]
        if first is None or first.verdict == "unreadable" or not stands:
            return first
        return replace(first, why=(*first.why, Reason("matrices", _said(kinds[place], first))))
    found = tried[fitting]
    others = (_at(names, shapes, written, stands=stands) for shapes in oblong(kinds[fitting]))
    wide = [one for one in others if one is not None and one.verdict != "unreadable" and not _misfits(one)]
    false = next((one for one in (*found, *wide) if one is not None and one.verdict == "false"), None)
    first = found[0]
    assert first is not None
    said = _said(kinds[fitting], first)
    if false is not None:
        return replace(false, why=(*false.why, Reason("matrices", said)))
    if any(one is not None and one.verdict != "true" for one in (*found, *wide)):
        return replace(first, verdict="undecided", proof=None)
    where = "for square matrices of" if "matrix" in kinds[fitting].values() else "in"
    more = ", and for other shapes that fit" if wide and where != "in" else ""
    text = f"{said} It holds {where} two sizes{more}: strong evidence, and no proof for every size."
    return replace(first, proof="sampled", why=(Reason("sampled", text), *first.why))


def _at(
    names: Sequence[str], shapes: Mapping[str, Shape], written: str, *, stands: bool = False
) -> Claimed | None:
    """The verdict at some shapes; None where the text cannot be read."""
    subject = Subject(free_problem(names, shapes))
    try:
        first = read(subject.problem, shapes, written)
        if len(first.links) < 2:
            return None
        if any(_differentiated(first)):
            stepped = _stepped(first, names, shapes)
            return replace(about_reading(Subject(stepped.problem), written, stepped), meant=first)
        found = about_reading(subject, written, first)
        lying = _lying(first) if stands and found.verdict != "false" else ""
        if lying:
            return replace(found, verdict="false", proof="counterexample", why=(Reason("shape", lying),))
        return found
    except AnswerError as error:
        return _refused(str(error))
    except StatementError:
        return _refused("what is differentiated here is no formula that a derivative is known of")


def _lying(one: Understood) -> str:
    """The first two sides of which one is a column and the other a row, in words; empty without such."""
    each = zip(one.links, one.shapes, strict=True)
    parts = [Shaped(node, shape) for node, shape in each if shape is not None]
    for left, right in pairwise(parts):
        if not left.is_number and left.shape != right.shape:
            return ", and ".join(described(one.problem, part) for part in (left, right))
    return ""


def read(problem: Problem, shapes: Mapping[str, Shape], written: str) -> Understood:
    """The equation with powers of matrices as products. Raises AnswerError where it cannot be read."""
    apart = CAPITALS.sub(lambda product: " ".join(product[0]), written)
    one = read_answer(problem, apart, form="equation").readings[0]
    if "**" in written:
        return one
    parts = (part for link in one.unsettled for part in walk(link))
    by_formulas = [node for part in parts if isinstance(part, Slope) for node in (part.of, *part.by)]
    # What is differentiated becomes a step of a problem, in which I is a letter as others are.
    identity = frozenset({IDENTITY}) - letters_in(by_formulas)
    columns = frozenset(name for name, shape in shapes.items() if shape[1:] == (1,))
    return reshaped(one, lambda node: _multiplied(inner_first(node, columns), shapes, identity))


def differentiates_formulas(names: Sequence[str], written: str) -> bool:
    """Whether every derivative in an equation is that of a formula."""
    shapes = square(next(kinds_of(names)), SQUARES[0])
    try:
        one = read_answer(free_problem(names, shapes), written, form="equation").readings[0]
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
        text = text_of(_without_norms(formula.node))
        text = f"sum({text})" if formula.is_number and formula.shape else text
        letters.append((slope, replace(slope, of=Letter(f"formula_{len(steps) + 1}"))))
        steps.append(f"{letters[-1][1].of} = {text}")
    problem = free_problem(names, shapes, *steps)
    return reshaped(replace(one, problem=problem), lambda node: exchanged(node, letters))


def _without_norms(node: Node) -> Node:
    """The formula with the root of the sum of all squares for a norm, as a step has it."""
    if not isinstance(node, Apply):
        return node
    args = tuple(map(_without_norms, node.args))
    if node.operation != "norm":
        return replace(node, args=args)
    squares = Apply("power", (*args, Number(Fraction(2), "2")))
    return Apply("sqrt", (Apply("sum", (squares,)),))


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
    identity = {IDENTITY} - letters_in(found.links)
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
    if any(part.operation == "norm" and letters_in(part.args) & matrices for part in norms):
        parts.append("‖ ‖ as the root of the sum of all squares")
    return f"{'; '.join(parts)}."


def _refused(text: str) -> Claimed:
    return Claimed("", "unreadable", why=(Reason("unreadable", text),))
