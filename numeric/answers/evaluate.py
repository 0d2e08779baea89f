"""What somebody wrote, as values of a world: the nodes of `derive.answers` on whole arrays.

    W2, delta2, Z2      arrays of the quantities of their entries, shaped as the answer reads them
    dC/dW2, da2/dz2     arrays of derivatives
    phi'(z2)            SymPy's derivative of the layer's rule, entry by entry
    sum_k, [j = k], cases

A network's vectors are columns, or rows where samples are; a graph's arrays are NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, reduce
from types import MappingProxyType

import numpy as np
import sympy as sp
from flint import arb

from derive.answers import instantiate, range_of
from derive.answers.shapes import Shaper
from derive.errors import AnswerError
from derive.expressions import SYMPY, expression
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
)
from derive.problem import Network, Problem
from derive.quantities import Quantity
from derive.rules import Activation as Rule
from derive.shapes import ALONG_THE_LAST
from derive.whole_functions import unspecified
from numeric.answers.quantities import entries_of, quantity_at, with_sums
from numeric.deciding import values
from numeric.deciding.formulas import branched
from numeric.deciding.nodes import CONSTANTS, Array, applied, entrywise, number
from numeric.deciding.values import UnluckyError, Value
from numeric.deciding.worlds import Subject, World
from numeric.decimals import digit_count, half_unit

MOST_WORK, OWN_WORK = 500, 4
"""Operations on numbers that one evaluation of an answer may take, and how many times as many beside these as
the problem itself with its derivatives."""


class TooMuchWorkError(AnswerError):
    """An answer that is short, and long when it is written out."""


@dataclass
class Meter:
    """The operations on numbers that an evaluation has taken."""

    taken: int = 0

    def add(self, subject: Subject, work: int) -> None:
        """Before this much more is done. Raises TooMuchWorkError where that is too much."""
        self.taken += work
        if self.taken > MOST_WORK:
            most = MOST_WORK + OWN_WORK * sum(len(step.terms) for step in subject.program.steps)
            if self.taken > most:
                text = f"written out number by number it takes more than {most:,} operations"
                raise TooMuchWorkError(f"{text}; write it with fewer")


def _work(node: Apply, args: Sequence[Array]) -> int:
    """How many operations on numbers it takes to apply a node to arrays."""
    sizes = [arg.size for arg in args]
    if node.operation in ("matmul", "outer") and len(args) == 2:
        inner = args[0].shape[-1] if node.operation == "matmul" and args[0].ndim else 1
        return sizes[0] * sizes[1] // max(inner, 1)
    return max(sizes, default=1)


@dataclass(eq=False)
class Evaluator:
    """Evaluates answers in one world.

    sample      whose values a quantity without a sample has: "2", or "" for the only or the first one
    as_printed  whether a decimal is all that rounds to it, and not its exact value
    digits      of how many digits at least such a decimal is; what has fewer is exact
    parts       the values of parts that are known, by their identity; all parts are added to them but
                those within sums
    meter       of the work that is done
    """

    world: World
    sample: str = ""
    as_printed: bool = False
    digits: int = 0
    parts: dict[int, Array] | None = None
    meter: Meter = field(default_factory=Meter)

    @property
    def problem(self) -> Problem:
        return self.world.subject.problem

    def __call__(self, node: Node) -> Array:
        """The value of a node. Raises UnluckyError where it has none in this world."""
        known = None if self.parts is None else self.parts.get(id(node))
        if known is not None:
            return known
        value = _RULES[type(node)](self, node)
        if self.parts is not None:
            self.parts[id(node)] = value
        return value

    def number(self, node: Number) -> Array:
        """An exact number, or where decimals are as printed an interval of half a unit in the last place."""
        formulas = self.world.formulas
        if not self.as_printed or "." not in node.text or digit_count(node.text) < self.digits:
            return number(formulas.constant(node.value))
        half = half_unit(node.text)
        return number(values.free(formulas.fields, node.text, formulas.seed, _interval(node.value, half)))

    # -- quantities --------------------------------------------------------------------------------

    def letter(self, letter: Letter) -> Array:
        known = self.world.letters.get((letter, self.sample))
        if known is None:
            known = self.world.letters[letter, self.sample] = self._each(letter, self._quantity)
        return known

    def _each(self, letter: Letter, value: Callable[[Letter], Value]) -> Array:
        """A value for every entry of a letter, in the shape in which answers have it."""
        shape, entries = entries_of(self.problem, letter)
        made = np.empty(len(entries), dtype=object)
        made[:] = [value(entry) for entry in entries]
        return made.reshape(shape)

    def _quantity(self, letter: Letter) -> Value:
        quantity = self._named(letter)
        return self.world.value(quantity.of, quantity.by, after=letter.primes > 0)

    def _named(self, letter: Letter) -> Quantity:
        known = self.world.subject.named.get((letter, self.sample))
        if known is None:
            known = quantity_at(self.problem, letter, self.sample)
            self.world.subject.named[letter, self.sample] = known
        return known

    def slope(self, slope: Slope) -> Array:
        """An entry for each letter that it is taken by; of a column a row for each of its entries."""
        if slope.own:
            return number(self._of_step_alone(slope))
        if not slope.by:
            return self(slope.of)
        if len(slope.by) == 1 and not slope.by[0].index:
            return self._by_array(slope.of, slope.by[0])
        if isinstance(slope.of, Letter):
            return self._each(slope.of, lambda source: self._derivative(source, slope.by))
        return number(self._derivative(slope.of, slope.by))

    def _of_step_alone(self, slope: Slope) -> Value:
        """The slope of a graph's step by what it reads, all else held."""
        world, (by,) = self.world, slope.by
        step = world.subject.program.by_key[str(slope.of)]
        shares = []
        for term in step.terms:
            expr, formals = term.formula.expr, term.formula.formals
            letters = dict(zip(formals, (world[arg] for arg in term.args), strict=True))
            read = [formal for formal, arg in zip(formals, term.args, strict=True) if arg == str(by)]
            shares += [world.formulas(sp.diff(expr, formal), letters) for formal in read]
        return values.total(shares)

    def _by_array(self, of: Node, by: Letter) -> Array:
        shape, sources = entries_of(self.problem, of) if isinstance(of, Letter) else ((), [of])
        if len(sources) == 1:
            found = self._each(by, lambda entry: self._derivative(sources[0], (entry,)))
            turned = self.problem.notation.layout == "numerator" and found.ndim == 2 and min(found.shape) > 1
            return found.T if turned else found
        _, columns = entries_of(self.problem, by)
        made = np.empty((len(sources), len(columns)), dtype=object)
        for j, source in enumerate(sources):
            made[j] = [self._derivative(source, (column,)) for column in columns]
        return made.reshape(shape) if len(columns) == 1 else made

    def _derivative(self, of: Node, by: tuple[Letter, ...]) -> Value:
        """The total derivative of a quantity, or of a formula by the chain rule over what it reads."""
        if isinstance(of, Letter):
            source = self._named(of)
            keys = tuple(self._named(letter).of for letter in by)
            primed = any(letter.primes for letter in (of, *by))
            return self.world.value(source.of, source.by + keys, after=primed)
        if len(by) != 1:
            raise UnluckyError("a second derivative of a formula is not taken")
        parts = with_sums(self.problem, of)
        leaves = dict.fromkeys(part for part in parts if isinstance(part, Letter))
        symbols = {str(leaf): sp.Symbol(str(leaf)) for leaf in leaves}
        expr = self._expression(of, symbols)
        letters = {symbols[str(leaf)]: self._quantity(leaf) for leaf in leaves}
        shares = [
            self.world.formulas(sp.diff(expr, symbols[str(leaf)]), letters) * self._derivative(leaf, by)
            for leaf in leaves
        ]
        return values.total(shares) if shares else self.world.formulas.constant(0)

    def _expression(self, node: Node, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
        """A number's formula for SymPy. Raises UnluckyError for what it has none of."""
        if isinstance(node, Letter):
            return symbols[str(node)]
        if isinstance(node, Number | Constant):
            return expression(node, symbols)
        if isinstance(node, Sum):
            places = range_of(self.problem, node)
            args = [instantiate(node.body, {node.letter: place}) for place in places]
        elif isinstance(node, Apply | Activation | Unspecified):
            args = list(node.args)
        else:
            raise UnluckyError("this is not differentiated in an answer")
        return self._function(node)(*(self._expression(arg, symbols) for arg in args))

    def _function(self, node: Node) -> Callable[..., sp.Expr]:
        """What a node does to its operands, for SymPy."""
        if isinstance(node, Activation):
            rule = self._rule(node.layer)
            if rule.couples or rule.own != 1:
                raise UnluckyError("its slope is no number")
            expr, formal = _derivative_of(rule, node.order)
            return lambda u: expr.xreplace({formal: u})
        if isinstance(node, Unspecified) and node.function in SYMPY:
            named, letter = _named(node.function, node.order)
            return lambda u: named.xreplace({letter: u})
        if isinstance(node, Unspecified):
            return unspecified(node.function, node.order)
        operation = node.operation if isinstance(node, Apply) else ""
        found = _IN_SYMPY.get(type(node), SYMPY.get({"hadamard": "multiply"}.get(operation, operation)))
        if found is None:
            raise UnluckyError(f"{operation} is not differentiated in an answer")
        return found

    # -- functions ---------------------------------------------------------------------------------

    def activation(self, node: Activation) -> Array:
        rule = self._rule(node.layer)
        (operand,) = (self(arg) for arg in node.args)
        formula = self.world.formulas
        if rule.couples:
            return self._coupled(rule, node.order, operand)
        if rule.own != 1:
            raise UnluckyError("it reads several weighted inputs of its own")
        return entrywise(lambda u: formula(*_slope(rule, node.order, u)), operand)

    def _rule(self, layer: object) -> Rule:
        network = self.problem.body
        assert isinstance(network, Network), "a graph has no layers"
        if isinstance(layer, int):
            return network.layer(layer).activation
        rules = {one.activation for one in network.layers if one.activation.name != "identity"}
        if len(rules) != 1:
            raise UnluckyError("the layers have several activations")
        return rules.pop()

    def _coupled(self, rule: Rule, order: int, operand: Array) -> Array:
        """Each unit reads the whole layer."""
        if order:
            raise UnluckyError("its slope is a matrix")
        units = list(operand.flat)
        expr, formals = _stated(rule, len(units))
        made = np.empty(len(units), dtype=object)
        for j, own in enumerate(units):
            read = (own, *(other for k, other in enumerate(units) if k != j))
            made[j] = self.world.formulas(expr, dict(zip(formals, read, strict=False)))
        return made.reshape(operand.shape)

    def unspecified(self, node: Unspecified) -> Array:
        """A graph's own function, or the derivative of a named one."""
        (operand,) = (self(arg) for arg in node.args)
        formulas = self.world.formulas
        if node.function in SYMPY:
            expr, symbol = _named(node.function, node.order)
            return entrywise(lambda u: formulas(expr, {symbol: u}), operand)
        return entrywise(lambda u: formulas.any_function(node.function, node.order, u), operand)

    def sum(self, total: Sum) -> Array:
        """Over the numbers that the running letter takes, or over the samples."""
        places = range_of(self.problem, total)
        if total.letter == "@":
            terms = [replace(self, sample=str(place), parts=None)(total.body) for place in places]
        else:
            run = replace(self, parts=None)
            terms = [run(instantiate(total.body, {total.letter: place})) for place in places]
        if not terms:
            return self._filled(total, self.world.formulas.constant(0))
        while len(terms) > 1:  # two by two, so that no value rests on thousands of others in a row
            terms = [reduce(np.add, terms[place : place + 2]) for place in range(0, len(terms), 2)]
        return np.asarray(terms[0], dtype=object)

    def matrix(self, matrix: Matrix) -> Array:
        rows = [[self(entry).item() for entry in row] for row in matrix.rows]
        made = np.empty((len(rows), len(rows[0])), dtype=object)
        for j, row in enumerate(rows):
            made[j] = row
        return made.ravel() if matrix.flat else made

    # -- operations --------------------------------------------------------------------------------

    def apply(self, node: Apply) -> Array:
        if node.operation == "cases":
            return self._cases(node)
        args = [self(arg) for arg in node.args]
        self.meter.add(self.world.subject, _work(node, args))
        if node.operation == "entry":  # by the axes of several entries: a vector may lie or stand
            return number(squeezed(args[0])[tuple(place - 1 for place in node.places)])
        if node.operation in ALONG_THE_LAST and node.axis is None:
            node = replace(node, axis=self._units(args[0]))
        rule = _OPERATIONS.get(node.operation)
        return applied(self.world.formulas, node, args) if rule is None else rule(self, *args)

    def _units(self, x: Array) -> int | None:
        """The axis along which a network's units stand; a graph's arrays have NumPy's last."""
        if not isinstance(self.problem.body, Network) or x.ndim < 2:
            return None
        return 1 if self.problem.notation.samples == "rows" or x.shape[0] == 1 else 0

    def _cases(self, node: Apply) -> Array:
        """The first value whose condition holds; conditions of arrays choose entry by entry."""
        count = len(node.args) // 2
        choices, conditions = node.args[: 2 * count : 2], [self(test) for test in node.args[1::2][:count]]
        otherwise = node.args[2 * count :]
        if not any(condition.ndim for condition in conditions):
            held = (value for value, test in zip(choices, conditions, strict=True) if _holds(test.item()))
            for chosen in (*held, *otherwise):
                found = entrywise(branched, self(chosen))
                return found if found.ndim else self._filled(node, found.item())
            raise UnluckyError("no case holds here")
        if not otherwise:
            raise UnluckyError("cases of arrays say what holds otherwise")
        made = self(otherwise[0])
        for value, test in reversed(list(zip(choices, conditions, strict=True))):
            made = entrywise(lambda c, u, v: branched(u if _holds(c) else v), test, self(value), made)
        return made

    def _filled(self, node: Node, value: Value) -> Array:
        """One value in the shape of a node: a 0 that is a case beside an array is one of zeros, and so
        is a sum of no arrays.
        """
        return np.full(Shaper(self.problem).shaped(node).shape, value, dtype=object)

    def condition(self, holds: Callable[[int], bool], u: Array, v: Array) -> Array:
        """1 where a comparison holds, by the sign of u - v, else 0."""
        formulas = self.world.formulas

        def decided(left: Value, right: Value) -> Value:
            return branched(formulas.constant(int(holds(values.sign(left - right)))))

        return entrywise(decided, u, v)

    def norm(self, u: Array) -> Array:
        squares = values.total(entry * entry for entry in u.flat)
        return number(values.root(self.world.formulas.seed, squares))


_IN_SYMPY: Mapping[type, Callable[..., sp.Expr]] = MappingProxyType({Sum: sp.Add})


def _holds(condition: Value) -> bool:
    return condition.at(0) == 1


@cache
def _derivative_of(rule: Rule, order: int) -> tuple[sp.Expr, sp.Symbol]:
    expr, formals = _stated(rule, 1)
    return sp.diff(expr, formals[0], order), formals[0]


def _stated(rule: Rule, units: int) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """The rule's formula with the numbers of its parameters, and its letters."""
    formula = rule.formula(units)
    return formula.expr.subs(rule.numbers), formula.formals


def _slope(rule: Rule, order: int, u: Value) -> tuple[sp.Expr, dict[sp.Symbol, Value]]:
    """SymPy's derivative of the rule, and what its letter stands for."""
    expr, symbol = _derivative_of(rule, order)
    return expr, {symbol: u}


@cache
def _named(function: str, order: int) -> tuple[sp.Expr, sp.Symbol]:
    symbol = sp.Symbol("u")
    return sp.diff(SYMPY[function](symbol), symbol, order), symbol


def _interval(value: Fraction, half: Fraction) -> Callable[[int], arb]:
    return lambda bits: values.near(value - half, bits).union(values.near(value + half, bits))


def squeezed(array: Array) -> Array:
    """The array without its axes of one entry: a vector may lie or stand."""
    return array.squeeze()


def _condition(holds: Callable[[int], bool]) -> Callable[..., Array]:
    return lambda run, u, v: run.condition(holds, u, v)


def _both(run: Evaluator, u: Array, v: Array) -> Array:
    formulas = run.world.formulas
    return entrywise(lambda p, q: branched(formulas.constant(int(_holds(p) and _holds(q)))), u, v)


def _diagonal(run: Evaluator, u: Array) -> Array:
    entries = list(u.flat)
    made = np.full((len(entries),) * 2, run.world.formulas.constant(0), dtype=object)
    made[np.diag_indices(len(entries))] = entries
    return made


def _inverse(run: Evaluator, u: Array) -> Array:
    """By Gauss and Jordan, with no rows exchanged: at random points no pivot is 0."""
    size = len(u)
    rows: Array = np.hstack([u, _diagonal(run, np.full(size, run.world.formulas.constant(1), dtype=object))])
    for k in range(size):
        rows[k] = rows[k] / rows[k, k]
        for j in {*range(size)} - {k}:
            rows[j] = rows[j] - rows[k] * rows[j, k]
    return rows[:, size:]


_OPERATIONS: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {
        "hadamard": lambda _, u, v: entrywise(Value.__mul__, u, v),
        "less": _condition(lambda sign: sign < 0),
        "less_equal": _condition(lambda sign: sign <= 0),
        "greater": _condition(lambda sign: sign > 0),
        "greater_equal": _condition(lambda sign: sign >= 0),
        "equal": _condition(lambda sign: sign == 0),
        "unequal": _condition(lambda sign: sign != 0),
        "both": _both,
        "norm": Evaluator.norm,
        "diag": _diagonal,
        "inverse": _inverse,
    }
)

_RULES: Mapping[type, Callable[..., Array]] = MappingProxyType(
    {
        Letter: Evaluator.letter,
        Slope: Evaluator.slope,
        Activation: Evaluator.activation,
        Unspecified: Evaluator.unspecified,
        Sum: Evaluator.sum,
        Matrix: Evaluator.matrix,
        Apply: Evaluator.apply,
        Number: Evaluator.number,
        Constant: lambda run, node: number(CONSTANTS[node.name](run.world.formulas)),
    }
)
