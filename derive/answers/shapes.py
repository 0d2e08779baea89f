"""The shape of an answer, and which product each of its products is.

    columns     x, b, z, a, delta of one sample are columns (n, 1), W is (n[l], n[l-1]);
                where samples are rows, all of it is transposed
    u v, u @ v  a product of matrices
    u * v       entry by entry; where that does not fit and the product of matrices does, that
    u ⊙ v       entry by entry
    u · v       a product of matrices; of two columns uᵀ v

A layer that is left open, l, has a size of its own that meets no other. In a graph the
rules are NumPy's (derive.shapes). What has one entry is a number, whatever it is written as.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from math import prod
from types import MappingProxyType

from derive.answers.arithmetic import PRODUCTS
from derive.answers.instances import MOST_PARTS, instantiate, range_of
from derive.answers.ones import ONE, PRODUCTS_OF_MATRICES, Ones, added_up, ones_of, written_out
from derive.answers.samples import GATHERING, gathered, is_gathered
from derive.answers.shaped import (
    NoSuchEntryError,
    Shaped,
    Spoken,
    TooManyIndicesError,
    about_meeting,
    about_product,
    both,
    described,
    is_open,
    is_turned,
    is_vector,
    turned,
)
from derive.answers.sizes import shape_of_letter
from derive.answers.spoken import spoken
from derive.errors import AnswerError
from derive.formula.nodes import (
    Activation,
    Apply,
    Constant,
    Letter,
    Matrix,
    Node,
    Number,
    Slope,
    Sum,
    Unspecified,
    walk,
)
from derive.problem import Graph, Network, Problem
from derive.shapes import Part, Shape, met, product, shape_of, sized

_ENTRYWISE = frozenset({"add", "subtract", "multiply", "hadamard", "divide", "power"})
"""Operations of two, in which ones are 1."""


@dataclass
class Shaper:
    """Shapes of one reading; `notes` says where a product was not read as it is written.

    has_ones  whether a vector of ones has been met
    loose  vectors neither lie nor stand, as NumPy has them: δ @ W is δᵀ W, and a row meets a column;
           the sum and the mean of a number are over the samples
    general  in an equation the sum of a number of each sample is over the samples
    stretches  a column and a row meet entry by entry in a matrix, as in MATLAB and Julia, and of two columns
               there is no product
    """

    problem: Problem
    notes: list[str] = field(default_factory=list)
    loose: bool = False
    general: bool = False
    stretches: bool = False
    has_ones: bool = field(default=False, init=False)

    def shaped(self, node: Node) -> Shaped:
        """A node with its products settled. Raises AnswerError where shapes do not fit."""
        found = self._shaped(node)
        ones = ones_of(found.node) if self.has_ones else None
        if ones is None:
            return found
        if not found.shape:
            raise NoSuchEntryError("nothing here says how many ones these are; write np.ones(3), or 1")
        if prod(found.shape) > MOST_PARTS:
            count = f"{prod(found.shape):,} ones"
            raise TooManyIndicesError(f"these are {count}; at most {MOST_PARTS:,} are written out")
        written = Shaped(written_out(found.shape), found.shape)
        return written if ones.factor is None else self._scaled(ones.factor, written)

    def _shaped(self, node: Node) -> Shaped:
        """The same, but ones stay what they are until they meet something."""
        rule = _RULES.get(type(node))
        return rule(self, node) if rule is not None else Shaped(node, ())

    # -- leaves ----------------------------------------------------------------------------------

    def letter(self, letter: Letter) -> Shaped:
        return Shaped(letter, shape_of_letter(self.problem, letter))

    def slope(self, slope: Slope) -> Shaped:
        """Of a number shaped like what it is taken by; of a column by a column a row for each entry."""
        of = self.shaped(slope.of)
        by = [shape_of_letter(self.problem, letter) for letter in slope.by]
        wide = [shape for shape in by if any(size > 1 for size in shape)]
        node = replace(slope, of=of.node)
        if by and not isinstance(slope.of, Letter) and not (of.is_number and self._is_of_numbers(slope.of)):
            raise TooManyIndicesError(
                f"{spoken(self.problem, slope)} differentiates a formula of whole arrays;"
                " write it for one entry"
            )
        if not wide:
            return Shaped(node, of.shape)
        is_matrix = sum(size > 1 for size in of.shape) > 1
        if len(by) > 1 or is_matrix or (not of.is_number and (len(wide[0]) < 2 or min(wide[0]) > 1)):
            raise TooManyIndicesError(
                f"{spoken(self.problem, slope)} has more than two indices;"
                " write one entry of it, or one of its columns"
            )
        if of.is_number:
            turned = self.problem.notation.layout == "numerator" and len(wide[0]) == 2
            return Shaped(node, wide[0][::-1] if turned else wide[0])
        return Shaped(node, (max(of.shape), max(wide[0])))

    def _is_of_numbers(self, node: Node) -> bool:
        shapes = (shape_of_letter(self.problem, part) for part in walk(node) if isinstance(part, Letter))
        return all(size == 1 for shape in shapes for size in shape)

    def matrix(self, matrix: Matrix) -> Shaped:
        rows = [[self.shaped(entry) for entry in row] for row in matrix.rows]
        if any(not entry.is_number for row in rows for entry in row):
            raise AnswerError("the entries of a matrix that is written out are numbers")
        node = Matrix(tuple(tuple(entry.node for entry in row) for row in rows), self._is_vector(matrix))
        return Shaped(node, (len(rows),) if node.flat else (len(rows), len(rows[0])))

    def _is_vector(self, matrix: Matrix) -> bool:
        """Whether [u, v] is a vector without axes of a graph, which has no column of that size."""
        body = self.problem.body
        is_column = len(matrix.rows[0]) == 1 < len(matrix.rows)
        return is_column and isinstance(body, Graph) and (len(matrix.rows), 1) not in body.shapes.values()

    def sum(self, total: Sum) -> Shaped:
        body = self.shaped(total.body)
        return Shaped(replace(total, body=body.node), self._of_terms(total, body))

    def _of_terms(self, total: Sum, body: Shaped) -> Shape:
        """The one shape that all terms have: of Σ_l b^l there is none where the layers differ in size."""
        if not is_open(body.shape, total.letter):
            return body.shape
        shaper = replace(self, notes=[])
        try:
            terms = [instantiate(total.body, {total.letter: k}) for k in range_of(self.problem, total)]
            shapes = dict.fromkeys(shaper.shaped(term).shape for term in terms)
        except AnswerError as error:
            raise TooManyIndicesError(str(error), error.column) from None
        if len(shapes) > 1:
            found = " and ".join(map(sized, shapes))
            raise AnswerError(
                f"the terms of {spoken(self.problem, total)} are no arrays of one shape: {found}"
            )
        return next(iter(shapes), ())

    def called(self, node: Activation | Unspecified) -> Shaped:
        (operand,) = (self.shaped(arg) for arg in node.args)
        return Shaped(replace(node, args=(operand.node,)), operand.shape)

    # -- operations ------------------------------------------------------------------------------

    def apply(self, node: Apply) -> Shaped:
        parts = [self._shaped(arg) for arg in node.args]
        args = tuple(part.node for part in parts)
        node = Apply(node.operation, args, node.axis, node.keepdims, node.places, node.column)
        try:
            if node.operation == "ones":
                self.has_ones = True
                return Shaped(node, self._of_ones(node, *parts))
            if self.has_ones and any(ones_of(part.node) for part in parts):
                return self._with_ones(node, parts)
            return self._applied(node, parts)
        except AnswerError as error:
            raise type(error)(str(error), error.column or node.column) from None

    def _applied(self, node: Apply, parts: list[Shaped]) -> Shaped:
        if node.operation == "power" and node.args[0] == Constant("e"):
            return Shaped(Apply("exp", node.args[1:], column=node.column), parts[1].shape)
        rule = _OPERATIONS.get(node.operation)
        if rule is not None:
            return rule(self, node, *parts)
        if node.operation in PRODUCTS:
            return self._product(node, *parts)
        if node.operation in ("sum", "mean", "var") and isinstance(self.problem.body, Network):
            node = replace(node, keepdims=node.axis is not None)  # columns stay columns
        if node.operation in GATHERING and parts[0].is_number:
            is_total = self.loose or (self.general and is_gathered(self.problem, node))
            return Shaped(gathered(node) if is_total else parts[0].node, ())
        if node.operation == "concat" or node.axis is not None or node.operation in _OF_ARRAYS:
            return Shaped(node, shape_of(node, self._named(*parts)))
        return Shaped(node, self._met(*parts), any(part.lies for part in parts))

    def _named(self, *parts: Shaped) -> list[Part]:
        return [Spoken(part.node, part.shape, self.problem) for part in parts]

    def _of_ones(self, node: Apply, *like: Shaped) -> Shape:
        """The shape of ones; () of those that are as many as fit."""
        if like or len(node.places) != 1 or isinstance(self.problem.body, Graph):
            return like[0].shape if like else node.places
        column = (*node.places, 1)
        return column[::-1] if self.problem.notation.samples == "rows" else column

    def _with_ones(self, node: Apply, parts: list[Shaped]) -> Shaped:
        """1 entry by entry; beside a matrix the sum of its rows or columns."""
        if node.operation == "transpose":
            return Shaped(node, parts[0].shape[::-1])
        ones = [ones_of(part.node) for part in parts]
        others = [part for part, one in zip(parts, ones, strict=True) if one is None]
        if node.operation in PRODUCTS and len(others) == 1 and others[0].is_number:
            sized = next(part for part in parts if part is not others[0])
            return Shaped(replace(node, operation="multiply"), sized.shape)
        if node.operation in PRODUCTS_OF_MATRICES and len(others) == 1:
            right = ones[1]
            if right is not None:
                return self._by_ones(node, others[0], Shaped(parts[1].node, parts[1].shape), right, 1)
            assert ones[0] is not None
            return self._by_ones(node, others[0], parts[0], ones[0], 0)
        if all(part.is_number for part in others) or node.operation not in _ENTRYWISE:
            parts = [self.shaped(part.node) for part in parts]
        else:
            try:
                self._met(*others, *(part for part in parts if ones_of(part.node) and part.shape))
            except AnswerError:
                if node.operation != "multiply" or len(others) != 1 or ones[1] is None:
                    raise
                self._note_product(node)
                return self._by_ones(node, others[0], parts[1], ones[1], 1)
            parts = [
                part if one is None else Shaped(one.factor or ONE, ())
                for part, one in zip(parts, ones, strict=True)
            ]
        return self._applied(replace(node, args=tuple(part.node for part in parts)), parts)

    def _by_ones(self, node: Apply, other: Shaped, part: Shaped, ones: Ones, side: int) -> Shaped:
        """A 1, 1ᵀ A, or 1 · a; ones stand on `side` 1, the right, or on 0."""
        lies = len(part.shape) == 1 or (part.shape[0] == 1 < part.shape[1] if part.shape else ones.lies)
        column = len(other.shape) == 2 and other.shape[1] == 1
        if side == 1 and lies and column and not part.shape:
            return self._scaled(ones.factor, other)  # b 1ᵀ stretches over the samples
        is_inner = node.operation == "dot" and column
        if not is_inner and len(other.shape) > 1 and lies == (side == 1):
            raise AnswerError(
                f"{described(self.problem, other)}: ones beside it stand on the right, or lie on the left"
            )
        axis = 0 if is_inner else side
        size = other.shape[axis if len(other.shape) > 1 else 0]
        if part.shape and max(part.shape) != size:
            raise AnswerError(f"{described(self.problem, other)}, and these are {max(part.shape)} ones")
        keeps = isinstance(self.problem.body, Network)
        return self._scaled(ones.factor, Shaped(*added_up(other.node, other.shape, axis, keeps=keeps)))

    def _scaled(self, factor: Node | None, part: Shaped) -> Shaped:
        return part if factor is None else Shaped(Apply("multiply", (factor, part.node)), part.shape)

    def _product(self, node: Apply, u: Shaped, v: Shaped) -> Shaped:
        """A number times anything, entry by entry, or a product of matrices."""
        if u.is_number or v.is_number:
            other = v if u.is_number else u
            return Shaped(replace(node, operation="multiply"), other.shape, other.lies)
        if node.operation == "outer" or self._is_column_by_row(node, u, v):
            return self._outer(node, u, v)
        if node.operation == "inner":
            return self._inner(node, u, v)
        met = self._entrywise if node.operation in ("multiply", "hadamard") else self._of_matrices
        return met(node, u, v)

    def _entrywise(self, node: Apply, u: Shaped, v: Shaped) -> Shaped:
        """u ⊙ v; u * v too, or the product of matrices where that alone fits."""
        if self.stretches and is_vector(u.shape) and is_vector(v.shape) and u.lies != v.lies:
            return self._outer(node, *((v, u) if u.lies else (u, v)))
        shape = self._fits(u.shape, v.shape)
        if shape is not None:
            return Shaped(replace(node, operation="hadamard"), shape, u.lies or v.lies)
        if self.loose and u.shape == v.shape[::-1] and u.lies != v.lies:
            column, other = (u, turned(v)) if u.shape[1] == 1 else (turned(u), v)
            return Shaped(replace(node, operation="hadamard", args=(column.node, other.node)), column.shape)
        matrix = product(u.shape, v.shape)
        if node.operation == "hadamard" or matrix is None:
            raise AnswerError(about_meeting(self.problem, u, v))
        return Shaped(self._note_product(node), matrix)

    def _note_product(self, node: Apply) -> Apply:
        """u * v as the product of matrices, which is said."""
        whole = replace(node, operation="matmul")
        self.notes.append(
            f"{spoken(self.problem, whole)} is read as the product of matrices:"
            " entry by entry they do not fit"
        )
        return whole

    def _of_matrices(self, node: Apply, u: Shaped, v: Shaped) -> Shaped:
        """u v; of two columns, u · v is uᵀ v, and where vectors do not lie, δ @ W is δᵀ W."""
        is_flat = len(u.shape) == 1 == len(v.shape)
        is_strict = self.stretches and is_flat and node.operation == "juxtapose"
        ways = [] if is_strict and u.lies == v.lies else [(u, v)]
        is_inner = node.operation == "dot" or (self.loose and node.operation == "matmul")
        if is_inner and u.shape == v.shape and min(u.shape) == 1:
            ways.append((turned(u), v) if u.shape[1:] == (1,) else (u, turned(v)))
        is_loose = self.loose and node.operation in ("matmul", "dot")
        if is_loose and (min(u.shape) == 1) != (min(v.shape) == 1):
            ways.append((turned(u), v) if min(u.shape) == 1 else (u, turned(v)))
        for left, right in ways:
            shape = product(left.shape, right.shape)
            if shape is not None:
                lies = is_vector(shape) and (left.lies or right.lies)
                return Shaped(replace(node, operation="matmul", args=(left.node, right.node)), shape, lies)
        raise AnswerError(about_product(self.problem, u, v))

    def _inner(self, node: Apply, u: Shaped, v: Shaped) -> Shaped:
        """uᵀ v of two vectors of one length."""
        if any(len(part.shape) == 2 and min(part.shape) > 1 for part in (u, v)) or max(u.shape) != max(
            v.shape
        ):
            raise AnswerError(f"an inner product is of two vectors of one length; {both(self.problem, u, v)}")
        row = turned(u) if u.shape[1:] == (1,) else u
        column = turned(v) if len(v.shape) == 2 and v.shape[0] == 1 else v
        return Shaped(Apply("matmul", (row.node, column.node), column=node.column), ())

    def _outer(self, node: Apply, u: Shaped, v: Shaped) -> Shaped:
        """u vᵀ"""
        if isinstance(self.problem.body, Graph):
            u, v = (turned(part) if is_turned(part) else part for part in (u, v))
            node = replace(node, operation="outer", args=(u.node, v.node))
            return Shaped(node, shape_of(node, self._named(u, v)))
        if min(u.shape) > 1 or min(v.shape) > 1:
            raise AnswerError(f"an outer product is of two vectors; {both(self.problem, u, v)}")
        column = u if u.shape[1] == 1 else turned(u)
        row = v if v.shape[0] == 1 else turned(v)
        return Shaped(
            Apply("matmul", (column.node, row.node), column=node.column), (max(u.shape), max(v.shape))
        )

    def _is_column_by_row(self, node: Apply, u: Shaped, v: Shaped) -> bool:
        """Whether u vᵀ is written of a graph's vectors; NumPy, whose vectors do not lie, has u @ v.T too."""
        if not isinstance(self.problem.body, Graph) or len(u.shape) != 1 or len(v.shape) != 1:
            return False
        is_row = v.lies and not u.lies
        return is_row and (u.shape != v.shape or node.operation in ("juxtapose", "dot") or self.stretches)

    def _met(self, first: Shaped, *others: Shaped) -> Shape:
        together = first
        for other in others:
            shape = self._fits(together.shape, other.shape)
            if shape is None:
                raise AnswerError(about_meeting(self.problem, together, other))
            together = Shaped(other.node if other.shape == shape else together.node, shape)
        return together.shape

    # -- where shapes meet -----------------------------------------------------------------------

    def _fits(self, u: Shape, v: Shape) -> Shape | None:
        """The shape of two that meet entry by entry; a column beside a row does not."""
        for number, other in ((u, v), (v, u)):
            if all(size == 1 for size in number):
                return other
        if u == v:
            return u
        if isinstance(self.problem.body, Network) and not self._spans_samples(u, v):
            return None
        shape = met(u, v)
        return shape if shape in (u, v) else None

    def _spans_samples(self, u: Shape, v: Shape) -> bool:
        """Whether one is a batch, which a column meets sample by sample: W A + b."""
        samples = len(self.problem.x)
        side = 0 if self.problem.notation.samples == "rows" else 1
        return samples > 1 and any(len(shape) == 2 and shape[side] == samples for shape in (u, v))


_MOST_ON_A_DIAGONAL = 400
"""Entries that are written out; the stand-in for a layer that is left open is far beyond."""

_OF_ARRAYS = frozenset({"sum", "mean", "var", "softmax", "log_softmax", "conv1d", "row", "rows", "entry"})


def _diagonal(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    if part.is_number:
        return Shaped(part.node, ())
    if len(part.shape) == 2 and min(part.shape) > 1:
        raise AnswerError(f"diag makes a matrix of a vector, and {described(shaper.problem, part)}")
    return Shaped(node, (max(part.shape),) * 2)


def _euclidean(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    """The root of the sum of squares of a vector; of a matrix ‖A‖₂ is another norm."""
    if len(part.shape) == 2 and min(part.shape) > 1:
        name = spoken(shaper.problem, part.node)
        raise TooManyIndicesError(
            f"the 2-norm of the matrix {name} is its spectral norm, which is not read;"
            " for the root of the sum of all squares write \\|…\\|_F, or the sum"
        )
    return Shaped(replace(node, operation="norm"), ())


def _length(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    """The size along an axis, as a number."""
    axis = node.axis or 0
    if axis >= len(part.shape):
        raise NoSuchEntryError(f"{described(shaper.problem, part)}, and it has no axis {axis}")
    return Shaped(Number(Fraction(part.shape[axis]), str(part.shape[axis])), ())


def _entry(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    """An entry of a vector, which may lie or stand, or of a matrix."""
    places = node.places
    if part.is_number and set(places) == {1}:
        return Shaped(part.node, ())
    if len(places) == len(part.shape):
        places = tuple(
            place for place, size in zip(places, part.shape, strict=True) if (place, size) != (1, 1)
        )
    wide = [size for size in part.shape if size > 1]
    if len(places) != len(wide) or any(place > size for place, size in zip(places, wide, strict=True)):
        shown = ",".join(map(str, node.places))
        raise NoSuchEntryError(f"{described(shaper.problem, part)}; it has no entry [{shown}]")
    return Shaped(replace(node, places=places), ())


def _inverse(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    """Of a square matrix; of a number one over it."""
    if part.is_number:
        return Shaped(Apply("divide", (ONE, part.node), column=node.column), ())
    if len(part.shape) != 2 or len({*part.shape}) > 1:
        raise AnswerError(f"{described(shaper.problem, part)}; only a square matrix has an inverse")
    return Shaped(node, part.shape)


def _trace(shaper: Shaper, node: Apply, part: Shaped) -> Shaped:
    """The sum of the entries on the diagonal."""
    if part.is_number:
        return Shaped(part.node, ())
    if len(part.shape) != 2 or part.shape[0] != part.shape[1]:
        raise AnswerError(
            f"tr adds up the diagonal of a square matrix, and {described(shaper.problem, part)}"
        )
    if part.shape[0] > _MOST_ON_A_DIAGONAL:
        raise TooManyIndicesError("this trace has too many entries, or as many as a layer that is left open")
    entries = [
        Apply("entry", (part.node,), places=(k, k), column=node.column) for k in range(1, part.shape[0] + 1)
    ]
    return Shaped(reduce(lambda total, one: Apply("add", (total, one)), entries), ())


def _transposed(_: Shaper, node: Apply, part: Shaped) -> Shaped:
    if part.is_number:
        return Shaped(part.node, part.shape)
    return Shaped(node, part.shape[::-1], is_vector(part.shape) and not part.lies)


_OPERATIONS: Mapping[str, Callable[..., Shaped]] = MappingProxyType(
    {
        "norm": lambda _, node, __: Shaped(node, ()),
        "norm_2": _euclidean,
        "diag": _diagonal,
        "transpose": _transposed,
    }
    | {"entry": _entry, "length": _length, "inverse": _inverse, "trace": _trace}
)


_RULES: Mapping[type, Callable[..., Shaped]] = MappingProxyType(
    {
        Letter: Shaper.letter,
        Slope: Shaper.slope,
        Matrix: Shaper.matrix,
        Sum: Shaper.sum,
        Activation: Shaper.called,
        Unspecified: Shaper.called,
        Apply: Shaper.apply,
    }
)
