"""Ball arithmetic over a program's steps: the symbolic witness's evaluator.

A program is compiled once into a flat tape of operations, each distinct one a
single time, and run at any precision. Rational parts stay exact (fmpq); the
rest are balls (arb): a midpoint and a radius that provably hold the value.

Source: Johansson (2017), Arb: efficient arbitrary-precision midpoint-radius
interval arithmetic, IEEE Trans. Computers 66(8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial, reduce

import sympy as sp
from flint import ctx, fmpq
from sympy.core.relational import Relational

from derive.steps import Program, Term
from derive.whole_functions import UnspecifiedFunction, Whole
from numeric.balls.operations import (
    CONDITIONS,
    CONSTANTS,
    FOLDS,
    FUNCTIONS,
    UNDEFINED,
    Ball,
    Branch,
    Tie,
    add,
    identity,
    multiply,
    power,
    reciprocal,
    square_root,
)
from numeric.balls.scaled import ZERO, Scaled, in_parts

Widen = Callable[[Ball], Ball]

Instruction = tuple[Callable[..., Ball], int, tuple[int, ...]]

Two = Callable[[Ball, Ball], Ball]

Order = tuple[tuple[sp.Basic, Two | None, tuple[int, ...]], ...]
"""The parts of an expression, each after its operands: what folds these, and at which places they stand."""


Number = Ball | Scaled
"""What a slot holds: one ball, or its parts."""


class Moved(dict[int, Number]):
    """The slots that differ from those of another run; the others are read there."""

    def __init__(self, base: Slots) -> None:
        super().__init__()
        self.base = base

    def __missing__(self, slot: int) -> Number:
        return self.base[slot]


Slots = list[Ball] | list[Scaled] | Moved


@dataclass(slots=True)
class Run:
    """The values of one run, by slot; look them up by a quantity's key.

    bits  the precision, at which numbers that were kept in parts are put together
    """

    slots: Slots
    index: Mapping[str, int]
    straddled: frozenset[str]
    ties: frozenset[Tie]
    bits: int
    in_parts: bool = False

    @property
    def tied(self) -> frozenset[str]:
        """The steps that sit exactly on an edge."""
        return frozenset(key for key, _ in self.ties)

    def __getitem__(self, key: str) -> Ball:
        value = self.slots[self.index[key]]
        return value.at(self.bits) if isinstance(value, Scaled) else value


@dataclass(slots=True)
class Tape:
    """A compiled program.

    marked  results of steps have slots of their own, so that they can be widened
    """

    marked: bool = False
    code: list[Instruction] = field(default_factory=list)
    constants: list[tuple[int, Callable[[], Ball]]] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    steps: set[int] = field(default_factory=set)
    size: int = 0
    _readers: dict[int, list[int]] = field(default_factory=dict)
    _known: dict[object, int] = field(default_factory=dict)
    _straddled: set[str] = field(default_factory=set)
    _ties: set[Tie] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program, given: Iterable[str], *, marked: bool = False) -> Tape:
        """Compile; `given` are the keys whose values each run is handed."""
        tape = cls(marked=marked)
        for key in given:
            tape.index[key] = tape._slot()
            tape.given.append(key)
        for step in program.steps:
            terms = [tape._term(step.key, term) for term in step.terms]
            slot = tape._fold(add, terms) if terms else tape._constant(sp.Integer(0))
            if marked:
                slot = tape._emit(identity, (slot,), known=None)
                tape.steps.add(slot)
            tape.index[step.key] = slot
        return tape

    def run(
        self,
        values: Mapping[str, Ball],
        bits: int,
        *,
        each: Widen | None = None,
        widen: Widen | None = None,
    ) -> Run:
        """All values at `bits` of precision.

        each   widens the result of every single operation (float64's rounding)
        widen  widens the result of every step (a page's rounding); needs `marked`
        """
        self._straddled.clear()
        self._ties.clear()
        slots: list[Ball] = [UNDEFINED] * self.size
        steps = self.steps
        with ctx.workprec(bits):
            slots[: len(self.given)] = [values[key] for key in self.given]
            for slot, constant in self.constants:
                slots[slot] = constant()
            for function, slot, args in self.code:
                slots[slot] = function(*[slots[arg] for arg in args])
                rounded = widen if slot in steps else each
                if rounded is not None:
                    slots[slot] = rounded(slots[slot])
        return Run(slots, self.index, frozenset(self._straddled), frozenset(self._ties), bits)

    def run_in_parts(self, values: Mapping[str, Ball], bits: int) -> Run:
        """All values, of numbers that keep their logarithm: slower, and good where a ball is no longer."""
        self._straddled.clear()
        self._ties.clear()
        slots = [ZERO] * self.size
        with ctx.workprec(bits):
            slots[: len(self.given)] = [Scaled.from_ball(values[key]) for key in self.given]
            for slot, constant in self.constants:
                slots[slot] = Scaled.from_ball(constant())
            for function, slot, args in self.code:
                slots[slot] = in_parts(function)(*[slots[arg] for arg in args])
        straddled, ties = frozenset(self._straddled), frozenset(self._ties)
        return Run(slots, self.index, straddled, ties, bits, in_parts=True)

    def side_by_side(
        self, columns: Mapping[str, Sequence[Ball]], count: int
    ) -> tuple[Mapping[str, Sequence[Ball]], bool]:
        """All quantities at `count` points at once, operation by operation, at the precision that is set.

        columns  the given values, of every point

        Besides whether some branch sat on an edge, or could not be decided.
        """
        self._straddled.clear()
        self._ties.clear()
        slots: list[Sequence[Ball]] = [()] * self.size
        for name in self.given:
            slots[self.index[name]] = columns[name]
        for slot, constant in self.constants:
            slots[slot] = [constant()] * count
        for function, slot, args in self.code:
            slots[slot] = list(map(function, *(slots[arg] for arg in args)))
        found = {key: slots[slot] for key, slot in self.index.items()}
        return found, bool(self._straddled or self._ties)

    def moved(self, base: Run, key: str, values: Iterable[Ball], bits: int) -> Iterator[Run]:
        """The run with each of these values for one given key; only what rests on it is computed again."""
        behind = self._resting_on(self.index[key])
        kept = frozenset(tie for tie in base.ties if tie[1] not in behind)
        code = [self._operation_of(place, base.in_parts) for place in sorted(behind)]
        for value in values:
            self._straddled.clear()
            self._ties.clear()
            slots = Moved(base.slots)
            slots[self.index[key]] = Scaled.from_ball(value) if base.in_parts else value
            with ctx.workprec(bits):
                for function, slot, args in code:
                    slots[slot] = function(*[slots[arg] for arg in args])
            straddled, ties = base.straddled | self._straddled, kept | self._ties
            yield Run(slots, self.index, straddled, ties, bits, base.in_parts)

    def _operation_of(self, place: int, parted: bool) -> tuple[Callable[..., Number], int, tuple[int, ...]]:
        """What stands at a place on the tape, for numbers in one piece or in parts."""
        function, slot, args = self.code[place]
        return in_parts(function) if parted else function, slot, args

    def reads(self, key: str) -> bool:
        """Whether an instruction has this given key among its operands."""
        return any(self.index[key] in args for _, _, args in self.code)

    def code_behind(self, keys: Iterable[str]) -> list[Instruction]:
        """The instructions that these quantities are computed by, in their order."""
        needed, found = {self.index[key] for key in keys}, list[Instruction]()
        for instruction in reversed(self.code):
            if instruction[1] in needed:
                needed.update(instruction[2])
                found.append(instruction)
        return found[::-1]

    def _resting_on(self, slot: int) -> set[int]:
        """The places on the tape at which something is computed from a slot, near or far."""
        if not self._readers:
            for place, (_, _, args) in enumerate(self.code):
                for arg in args:
                    self._readers.setdefault(arg, []).append(place)
        found, waiting = set[int](), [slot]
        while waiting:
            new = set(self._readers.get(waiting.pop(), ())) - found
            found |= new
            waiting += [self.code[place][1] for place in new]
        return found

    def _slot(self) -> int:
        self.size += 1
        return self.size - 1

    def _emit(self, function: Callable[..., Ball], args: tuple[int, ...], known: object) -> int:
        """The slot of an operation; a known one is not computed again."""
        if known is not None and known in self._known:
            return self._known[known]
        slot = self._slot()
        self.code.append((function, slot, args))
        if known is not None:
            self._known[known] = slot
        return slot

    def _constant(self, value: sp.Expr) -> int:
        if value not in self._known:
            slot = self._slot()
            if value in CONSTANTS:
                self.constants.append((slot, CONSTANTS[value]))
            else:
                number = fmpq(int(value.p), int(value.q))
                self.constants.append((slot, lambda: number))
            self._known[value] = slot
        return self._known[value]

    def _binary(self, function: Two, left: int, right: int) -> int:
        known = (function, left, right) if left <= right else (function, right, left)
        return self._emit(function, (left, right), known)

    def _fold(self, function: Two, slots: Iterable[int]) -> int:
        return reduce(partial(self._binary, function), slots)

    def _term(self, key: str, term: Term) -> int:
        bound = {formal: self.index[arg] for formal, arg in zip(term.formula.formals, term.args, strict=True)}
        return self._expression(term.formula.expr, bound, key)

    def _expression(self, expr: sp.Expr, bound: Mapping[sp.Symbol, int], key: str) -> int:
        """The slot of an expression, of which every part has one."""
        slots: list[int] = []
        for part, fold, places in _order(expr):
            if not places and part in bound:
                slots.append(bound[part])
                continue
            args = [slots[at] for at in places]
            slots.append(self._operation(part, args, key) if fold is None else self._fold(fold, args))
        return slots[-1]

    def _operation(self, part: sp.Basic, args: list[int], key: str) -> int:
        if part.is_Pow:
            return self._power(part, args)
        if part.func in FUNCTIONS:
            return self._emit(FUNCTIONS[part.func], (args[0],), (part.func, args[0]))
        if isinstance(part, sp.Piecewise):
            return self._piecewise(part, args, key)
        if isinstance(part, Whole | UnspecifiedFunction):
            return self._expression(part.body, dict(zip(part.formals, args, strict=True)), key)
        if part.is_Rational or part in CONSTANTS:
            return self._constant(part)
        raise TypeError(f"{type(part).__name__} has no value in ball arithmetic")

    def _power(self, part: sp.Pow, args: list[int]) -> int:
        if part.exp.is_Integer:
            slot = self._repeated(args[0], abs(int(part.exp)))
            return slot if part.exp > 0 else self._emit(reciprocal, (slot,), (reciprocal, slot))
        if part.exp == sp.Rational(1, 2):
            return self._emit(square_root, (args[0],), (square_root, args[0]))
        return self._emit(power, (args[0], args[1]), (power, args[0], args[1]))

    def _repeated(self, base: int, n: int) -> int:
        """base^n by squaring."""
        slot = base
        for bit in f"{n:b}"[1:]:
            slot = self._binary(multiply, slot, slot)
            if bit == "1":
                slot = self._binary(multiply, slot, base)
        return slot

    def _piecewise(self, part: sp.Piecewise, args: list[int], key: str) -> int:
        """Selections from the last branch to the first; a branch whose condition fails has no say."""
        operands = dict(zip(_operands(part), args, strict=True))
        chosen = self._constant(sp.nan)
        for branch in reversed(part.args):
            chosen = self._choice(branch.cond, operands, operands[branch.expr], chosen, key)
        return chosen

    def _choice(
        self, condition: sp.Basic, operands: Mapping[sp.Basic, int], then: int, otherwise: int, key: str
    ) -> int:
        """`then` where the condition holds: one selection for each relation in it."""
        if condition in (sp.true, sp.false):
            return then if condition == sp.true else otherwise
        choose = partial(self._choice, operands=operands, key=key)
        match condition:
            case sp.ITE(args=(test, yes, no)):
                return choose(
                    test,
                    then=choose(yes, then=then, otherwise=otherwise),
                    otherwise=choose(no, then=then, otherwise=otherwise),
                )
            case sp.And(args=parts):
                return reduce(lambda held, test: choose(test, then=held, otherwise=otherwise), parts, then)
            case sp.Or(args=parts):
                return reduce(
                    lambda failed, test: choose(test, then=then, otherwise=failed), parts, otherwise
                )
            case sp.Not(args=(test,)):
                return choose(test, then=otherwise, otherwise=then)
        holds, fails = CONDITIONS[type(condition)]
        select = Branch(key, len(self.code), holds, fails, self._straddled, self._ties)
        slots = (operands[condition.lhs], operands[condition.rhs], then, otherwise)
        return self._emit(select, slots, ("select", holds, *slots, key))


@lru_cache(maxsize=4096)
def _order(expr: sp.Expr) -> Order:
    """Operands first, without recursion, each distinct one once; the expression itself is the last.

    Found once for all tapes: networks use few formulas many times, and slips spoil few of them.
    """
    places: dict[sp.Basic, int] = {}
    stack, order = [expr], list[tuple[sp.Basic, Two | None, tuple[int, ...]]]()
    while stack:
        part = stack[-1]
        operands = _operands(part)
        waiting = [operand for operand in operands if operand not in places]
        if part not in places and not waiting:
            places[part] = len(order)
            order.append((part, FOLDS.get(part.func), tuple(places[operand] for operand in operands)))
        if waiting:
            stack.extend(waiting)
        else:
            stack.pop()
    return tuple(order)


def _operands(part: sp.Basic) -> tuple[sp.Basic, ...]:
    if isinstance(part, sp.Piecewise):
        conditions = (node for branch in part.args for node in sp.preorder_traversal(branch.cond))
        sides = [side for node in conditions if isinstance(node, Relational) for side in node.args]
        return tuple(dict.fromkeys([branch.expr for branch in part.args] + sides))
    return tuple(part.args)
