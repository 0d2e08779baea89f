"""What a graph assumes of its given values, and the values that follow.

    p + q = 1,   c_0 + c_1 u_1 + ... + c_k u_k = 0

An assumption is linear in the values u that are not fixed when it is read. In
the order of the file each is reduced by those before it and solved, exactly,
for the last of its values that is still open; with none open it is checked.
Assumptions hold of the point, not of the derivatives: dJ/dq moves q alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType

from derive.formula.nodes import Apply, Name, Node, Number, names_in, walk

MOST_BITS = 40_000
"""Of a numerator or denominator: about 12,000 digits."""

SHOWN_BITS = 80
"""Longer numbers are told by their length."""

MOST_TRIED = 12
"""Values of one free assumption of which it is asked whether it is linear in them, the last ones."""

RULES = "numbers, given names, + - * / and whole powers"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """left = right, as the author wrote it.

    fixes  the given value that is computed from it; None where it is only checked
    """

    text: str
    left: Node
    right: Node
    fixes: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The values that it is about, in order of appearance."""
        return tuple(dict.fromkeys(str(name) for side in (self.left, self.right) for name in names_in(side)))


class AssumptionError(ValueError):
    """An assumption that cannot be used at these values; `fix` says what to do."""

    def __init__(self, found: str, fix: str = "") -> None:
        self.fix = fix
        super().__init__(found)


@dataclass(frozen=True)
class Affine:
    """constant + sum of slope times open value; no slope is 0."""

    constant: Fraction
    slopes: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))

    def __add__(self, other: Affine) -> Affine:
        names = dict.fromkeys((*self.slopes, *other.slopes))
        slopes = {name: self.slopes.get(name, 0) + other.slopes.get(name, 0) for name in names}
        return _bounded(self.constant + other.constant, slopes)

    def scaled(self, factor: Fraction) -> Affine:
        return _bounded(self.constant * factor, {name: slope * factor for name, slope in self.slopes.items()})

    def put(self, name: str, value: Affine) -> Affine:
        """With another form in the place of one open value."""
        if name not in self.slopes:
            return self
        rest = {other: slope for other, slope in self.slopes.items() if other != name}
        return Affine(self.constant, rest) + value.scaled(self.slopes[name])


def _bounded(constant: Fraction, slopes: Mapping[str, Fraction | int]) -> Affine:
    kept = {name: Fraction(slope) for name, slope in slopes.items() if slope}
    if max(map(_bits, (constant, *kept.values()))) > MOST_BITS:
        raise AssumptionError(f"a number of more than {MOST_BITS // 4 + 2_000:,} digits comes up")
    return Affine(constant, kept)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _multiplied(left: Affine, right: Affine) -> Affine:
    if left.slopes and right.slopes:
        raise _not_linear(left, right)
    return left.scaled(right.constant) if left.slopes else right.scaled(left.constant)


def _divided(left: Affine, right: Affine) -> Affine:
    if right.slopes:
        raise _not_linear(right)
    if right.constant == 0:
        raise AssumptionError("it divides by 0 here")
    return left.scaled(1 / right.constant)


def _raised(base: Affine, exponent: Affine) -> Affine:
    if exponent.slopes:
        raise _not_linear(exponent)
    power = exponent.constant
    if power.denominator != 1:
        raise AssumptionError(f"the power {written(power)} is not exact", f"write it with {RULES}")
    if base.slopes:
        if power in (0, 1):
            return base if power else Affine(Fraction(1))
        raise _not_linear(base)
    if abs(power) * _bits(base.constant) > MOST_BITS:
        raise AssumptionError(f"a power of more than {MOST_BITS // 4 + 2_000:,} digits comes up")
    if base.constant == 0 and power < 0:
        raise AssumptionError("it divides by 0 here")
    return Affine(base.constant**power.numerator)


def _not_linear(*parts: Affine) -> AssumptionError:
    names = tuple(dict.fromkeys(name for part in parts for name in part.slopes))
    together = f", which {'are' if len(names) > 1 else 'is'} not fixed before it"
    return AssumptionError(
        f"it is not linear in {' and '.join(names)}{together}", "give one of these values, or fix it first"
    )


OPERATIONS: Mapping[str, Callable[..., Affine]] = MappingProxyType(
    {
        "add": lambda left, right: left + right,
        "subtract": lambda left, right: left + right.scaled(Fraction(-1)),
        "negate": lambda operand: operand.scaled(Fraction(-1)),
        "multiply": _multiplied,
        "divide": _divided,
        "power": _raised,
    }
)


def affine(node: Node, values: Mapping[str, Affine]) -> Affine:
    """A side of an assumption in the values that are open. Raises AssumptionError."""
    made: list[Affine] = []
    for part in walk(node):
        match part:
            case Number(value=number):
                made.append(Affine(number))
            case Name():
                made.append(values[str(part)])
            case Apply(operation=operation, args=args) if operation in OPERATIONS:
                operands = made[-len(args) :]
                del made[-len(args) :]
                made.append(OPERATIONS[operation](*operands))
            case _:
                word = getattr(part, "operation", "") or getattr(part, "name", "") or str(part)
                raise AssumptionError(f"'{word}' has no exact value", f"write it with {RULES}")
    return made.pop()


@dataclass(frozen=True)
class Solution:
    """All values, or what is in the way.

    values      the given values and those that follow from them
    fixes       for each assumption the value that it fixes, or None
    complaints  by the assumption's place, what is wrong with it
    """

    values: Mapping[str, Fraction]
    fixes: tuple[str | None, ...]
    complaints: Mapping[int, AssumptionError]


def solve(assumptions: Sequence[Assumption], given: Mapping[str, Fraction | None]) -> Solution:
    """The values that assumptions give to those given values that are None."""
    forms = {
        name: Affine(Fraction(0), {name: Fraction(1)}) if value is None else Affine(value)
        for name, value in given.items()
    }
    fixes: list[str | None] = []
    complaints: dict[int, AssumptionError] = {}
    for i, assumption in enumerate(assumptions):
        try:
            fixed = _fixed(assumption, forms)
        except AssumptionError as error:
            complaints[i], fixed = error, None
        fixes.append(None if fixed is None else fixed[0])
        if fixed is not None:
            name, value = fixed
            forms = {other: form.put(name, value) for other, form in forms.items()}
    values = {name: form.constant for name, form in forms.items() if not form.slopes}
    return Solution(values, tuple(fixes), complaints)


def _fixed(assumption: Assumption, forms: Mapping[str, Affine]) -> tuple[str, Affine] | None:
    """The open value that an assumption fixes, and its form; None where it is true as it stands."""
    left, right = (affine(side, forms) for side in (assumption.left, assumption.right))
    difference = left + right.scaled(Fraction(-1))
    if not difference.slopes:
        _check(assumption, forms, left, right)
        return None
    own = [name for name in assumption.names if name in difference.slopes]
    name = (own or list(difference.slopes))[-1]
    rest = {other: slope for other, slope in difference.slopes.items() if other != name}
    return name, Affine(difference.constant, rest).scaled(-1 / difference.slopes[name])


def _check(assumption: Assumption, forms: Mapping[str, Affine], left: Affine, right: Affine) -> None:
    """An assumption in which nothing is open must hold. Raises AssumptionError."""
    still_open = [name for name in assumption.names if forms[name].slopes]
    if still_open and all(name in forms[name].slopes for name in still_open):
        only = still_open[-1]
        raise AssumptionError(f"the coefficient of {only} is 0 here, so no value of {only} follows")
    gap = left.constant - right.constant
    if gap and (still_open or left.slopes):
        raise AssumptionError(f"it contradicts those before it: its sides then differ by {written(abs(gap))}")
    if gap:
        sides = f"its left side is {written(left.constant)}, its right side {written(right.constant)}"
        raise AssumptionError(
            f"it does not hold: {sides}; they differ by {written(abs(gap))}", "correct a value"
        )


def chosen(assumptions: Sequence[Assumption], names: Sequence[str]) -> Solution:
    """Which value each assumption fixes where all are free, tried out at one point in general position.

    Of the values in which it is linear, and that none before it fixes, it is the last one.
    """
    point = {name: Fraction(i + 2, 2 * i + 5) for i, name in enumerate(names)}
    free: dict[str, Fraction | None] = dict(point)
    unfit: dict[int, AssumptionError] = {}
    for i, assumption in enumerate(assumptions):
        still_open = [name for name in assumption.names if free[name] is not None]
        near = {name: point[name] for name in assumption.names}
        candidates = still_open[: -MOST_TRIED - 1 : -1]
        fixed = next((n for n in candidates if not solve((assumption,), {**near, n: None}).complaints), None)
        if fixed is not None:
            free[fixed] = None
        elif still_open:
            unfit[i] = AssumptionError(
                f"it is not linear in {' or '.join(candidates[::-1])}, or has no value"
            )
        else:
            unfit[i] = AssumptionError("every value in it is fixed by the assumptions before it")
    solution = solve(assumptions, free)
    return replace(solution, complaints={**solution.complaints, **unfit})


def fixing(assumptions: Sequence[Assumption], solution: Solution) -> tuple[Assumption, ...]:
    """The assumptions with what each of them fixes."""
    return tuple(replace(a, fixes=name) for a, name in zip(assumptions, solution.fixes, strict=True))


def written(value: Fraction) -> str:
    """A number in a message: 1.1, or 1/3, or how long it is."""
    if _bits(value) > SHOWN_BITS:
        return f"a number of about {int(_bits(value) * 0.30103):,} digits"
    places = next((n for n in range(SHOWN_BITS) if 10**n % value.denominator == 0), None)
    if places is None:
        return str(value)
    with localcontext(prec=SHOWN_BITS):
        return str(Decimal(value.numerator * (10**places // value.denominator)).scaleb(-places))
