"""Long trainings: the path of points that rounding leaves, and a bound of how far the true one is from it.

    x[n+1] = F(x[n]) + r[n]          points, F in balls: |r[n]| is known
    e[n+1] = J e[n] - r[n]           e = true path less points, J = F' between the two

Balls that hold a whole path widen by every dependence that they do not know of,
up to a bit an update; the true path forgets most of what it was moved by. So
here each update begins at a point, a few hundred bits are enough for ten
thousand of them, and the derivatives, of which a few digits would do, are those
of floats, over boxes that hold both point and truth: assumed to begin with, and
confirmed, update by update, by the errors that come out.

Source: Lohner (1987), Enclosing the solutions of ordinary initial and boundary value problems;
Hammel, Yorke and Grebogi (1987), Do numerical orbits of chaotic dynamical processes represent
true orbits?, J. Complexity 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from math import frexp, isfinite

import numpy as np
import numpy.typing as npt
from flint import arb, ctx

from numeric.balls.error_sets import ErrorSet, propagated
from numeric.balls.float_balls import (
    SMALLEST,
    UNIT,
    UP,
    FloatBalls,
    Floats,
    LimitError,
    Truths,
    within_limits,
)
from numeric.balls.jacobian import jacobian
from numeric.balls.operations import ball
from numeric.balls.points import SPARE_BITS, Machine, State, Update

APART = 2.0**-80
"""How far from a point the truth is assumed to be, entry by entry, in units."""

LONGEST = 512
"""How many updates are differentiated at once, at most."""

MOST_FLOATS = 1 << 23
"""Of the derivatives that are held at once."""

PILOTS = 16
"""The updates that the first units are found from."""

SQUARINGS = 6
"""Of the mean map, until its rows tell its slowest direction from the others."""

FAINT = 2.0**-400
"""What stands for 0 where a logarithm is taken."""

TOP = 900
"""The powers of two that errors may come to, in floats."""


@dataclass(frozen=True, eq=False)
class Shadow:
    """The states that were asked for, as far as the boxes were confirmed.

    lost  bits by updates made
    """

    states: Mapping[int, State]
    lost: Sequence[tuple[int, int]]


def shadowed(
    start: State,
    updates: Iterable[Update],
    handed_on: Mapping[str, str],
    watched: Sequence[str],
    wanted: Iterable[int],
    bits: int,
) -> Shadow:
    """The states after these numbers of updates, each above 0, from points of so many bits.

    start      all values before the first update
    handed_on  what an update reads, and the result that the next one reads in its place
    watched    what else an update computes that is small by cancellation, and so not left to floats

    Raises LimitError where balls of floats cannot say.
    """
    chosen, stream = sorted(set(wanted)), iter(updates)
    states, lost, made = dict[int, State](), [(0, 0)], 0
    with ctx.workprec(bits), within_limits():
        machines, stand = _Machines(start, handed_on, watched), _Stand.at(start, handed_on)
        first = next(stream)
        stream = chain([first], stream)
        for length in _lengths(chosen[-1], len(machines.of(first).instructions) * len(handed_on)):
            ctx.prec = min(bits, bits - lost[-1][1] + SPARE_BITS)
            path = _Path.of(stand, list(islice(stream, length)), machines)
            if not made:
                stand = _first_units(stand, path, machines)
            after, reaches, confirmed = _passed(stand, path, machines)
            for n in chosen:
                if made < n <= made + confirmed:
                    states[n] = path.state(handed_on, n - made, reaches[n - made])
            lost.append((made + confirmed, bits - path.known_bits(confirmed, reaches[confirmed])))
            if confirmed < length:
                break
            stand, made = after, made + length
    return Shadow(states, lost)


def _lengths(updates: int, derivatives: int) -> Iterator[int]:
    """Chunks as long as there is room for."""
    room = min(LONGEST, MOST_FLOATS // derivatives)
    if not room:
        raise LimitError("an update has too many derivatives")
    return (min(room, updates - made) for made in range(0, updates, room))


def _power_of_two(exponent: int) -> arb:
    return arb(2) ** exponent


def _radius(value: arb, scale: arb) -> float:
    """No less than the radius of a ball times a power of two, and 0 of none but a point."""
    return 0.0 if value.is_exact() else float(value.rad() * scale) * UP + SMALLEST


@dataclass
class _Machines:
    """The machine of every tape: all batches of one size share theirs."""

    start: State
    handed_on: Mapping[str, str]
    watched: Sequence[str]
    known: dict[int, Machine] = field(default_factory=dict)

    def of(self, update: Update) -> Machine:
        """Made where it is first asked for."""
        tape = update.tape
        if id(tape) not in self.known:
            self.known[id(tape)] = Machine.of(tape, self.start, self.handed_on, self.watched, update.given)
        return self.known[id(tape)]


@dataclass(frozen=True, eq=False)
class _Stand:
    """A point, and all that is known of the truth beside it.

    units     what an error is measured in, entry by entry: powers of two                    (D,)
    errors    in units times 2^exponent: floats do not hold what thousands of bits leave
    exact     where the point is the truth                                                   (D,)
    """

    point: Sequence[arb]
    units: Floats
    errors: ErrorSet
    exponent: int
    exact: Truths

    @classmethod
    def at(cls, start: State, handed_on: Mapping[str, str]) -> _Stand:
        values = [ball(start[key]) for key in handed_on]
        away = np.array([_radius(value, _power_of_two(ctx.prec)) for value in values])
        errors = ErrorSet.around(away)
        return cls([value.mid() for value in values], np.ones(len(values)), errors, -ctx.prec, away == 0)

    @property
    def limit(self) -> Floats:
        """What an error may come to within the boxes, or within floats."""
        limit: Floats = np.ldexp(self.units * APART, min(-self.exponent, TOP))
        return limit

    def measured(self, maps: Floats, sizes: Floats) -> _Stand:
        """The same in units in which maps like these enlarge no entry much more than another.

        These are the entries of Perron's vector of the mean map, as the sums of the rows of a high power of
        it; where they are nearly 0, no less than the entry itself.
        """
        power = np.abs(maps).mean(axis=0)
        for _ in range(SQUARINGS):
            power = np.maximum(power / (power.max() or 1), FAINT)
            power = power @ power
        perron = self.units * power.sum(axis=1)
        least = np.maximum(np.minimum(1, sizes), FAINT) / 256
        units = 2.0 ** np.round(np.log2(np.maximum(perron / perron.max(), least)))
        return replace(self, units=units, errors=self.errors.scaled(self.units / units))

    def levelled(self) -> _Stand:
        """The same with the exponent at which its errors are about 1."""
        more = frexp(float(self.errors.reach.max()))[1]
        return replace(self, errors=self.errors.lifted(-more), exponent=self.exponent + more)


@dataclass(frozen=True, eq=False)
class _Path:
    """A chunk of L updates of a point.

    points    before the first and after each
    floats    the same, rounded                                          (L + 1, D)
    rounding  what each update may be off by, times 2^-exponent          (L, D)
    watched   what else each computes: midpoint and radius, rounded      (L, W, 2)
    """

    updates: Sequence[Update]
    points: Sequence[Sequence[arb]]
    floats: Floats
    rounding: Floats
    watched: Floats
    exponent: int

    @classmethod
    def of(cls, stand: _Stand, updates: Sequence[Update], machines: _Machines) -> _Path:
        points, rounding, watched = [stand.point], list[list[float]](), list[list[tuple[float, float]]]()
        scale = _power_of_two(-stand.exponent)
        for update in updates:
            after, seen = machines.of(update).update(points[-1], update.given)
            points.append([value.mid() for value in after])
            rounding.append([_radius(value, scale) for value in after])
            watched.append([(float(value), float(value.rad())) for value in seen])
        floats = np.array([[float(value) for value in point] for point in points])
        if not np.isfinite(floats).all():
            raise LimitError("a path that floats do not hold")
        found = np.array(watched).reshape(len(updates), -1, 2)
        return cls(updates, points, floats, np.array(rounding), found, stand.exponent)

    def still(self, exact: Truths) -> Truths:
        """Which of the exact entries stay what they are, and are nothing too small for a float."""
        still = np.zeros(len(exact), bool)
        for place in map(int, np.flatnonzero(exact & (self.rounding == 0).all(axis=0))):
            first = self.points[0][place]
            sound = first == 0 or abs(float(first)) > SMALLEST
            still[place] = sound and all(point[place] == first for point in self.points)
        return still

    def sizes(self, still: Truths) -> Floats:
        """What the entries that move come to at most; 1 for the others."""
        sizes: Floats = np.where(still, 1, np.abs(self.floats).max(axis=0))
        return sizes

    def state(self, handed_on: Mapping[str, str], at: int, reach: Floats) -> State:
        """What is handed on after so many of these updates."""
        scale = _power_of_two(self.exponent)
        entries = zip(handed_on, self.points[at], reach.tolist(), strict=True)
        return {key: point + arb(0, far) * scale for key, point, far in entries}

    def known_bits(self, at: int, reach: Floats) -> int:
        """After the point, or of a number where it is large."""
        worst = float((reach / np.maximum(np.abs(self.floats[at]), 1)).max())
        return -frexp(worst)[1] - self.exponent if isfinite(worst) else 0


def _first_units(stand: _Stand, path: _Path, machines: _Machines) -> _Stand:
    """Measured by a few of the path's updates: every unit is 1 so far."""
    still, step = path.still(stand.exact), max(1, len(path.updates) // PILOTS)
    return stand.measured(_maps(stand, path, still, machines, step)[0], path.sizes(still))


def _passed(stand: _Stand, path: _Path, machines: _Machines) -> tuple[_Stand, Floats, int]:
    """Where a path leads to, how far the truth is from each of its points, and for how many that is sure.

    What does not move at all is held, if it is the truth: nothing is differentiated by it.
    """
    still = path.still(stand.exact)
    maps, error = _maps(stand, path, still, machines)
    errors, reaches = propagated(stand.errors, maps, error, path.rounding / stand.units * UP)
    reaches = np.where(still, 0, np.vstack([stand.errors.reach, reaches]) * stand.units)
    within = (reaches[:-1] <= stand.limit) & np.isfinite(reaches[1:])
    outside = np.flatnonzero(~within.all(axis=1))
    if len(outside):
        return stand, reaches, int(outside[0])
    after = replace(stand, point=path.points[-1], errors=errors, exact=still)
    return after.measured(maps, path.sizes(still)).levelled(), reaches, len(maps)


def _maps(
    stand: _Stand, path: _Path, still: Truths, machines: _Machines, step: int = 1
) -> tuple[Floats, Floats]:
    """The derivatives of the updates over their boxes, in units, and what they are off by.

    step  2 leaves every other update out, and so on

    (L, D, D)    (L, D)
    """
    floats, updates, size = path.floats[:-1:step], path.updates[::step], len(still)
    maps, error = np.zeros((len(updates), size, size)), np.zeros((len(updates), size))
    around = (2 * UNIT * np.abs(floats) + np.where(still, 0, APART * stand.units)) * UP
    moved_by = np.where(still, 0, stand.units)
    for tape in {id(update.tape): update.tape for update in updates}.values():
        places = np.array([n for n, update in enumerate(updates) if update.tape is tape])
        machine = machines.of(updates[places[0]])
        slots = dict(machine.fixed)
        for key in updates[places[0]].given:
            slots[tape.index[key]] = FloatBalls.of([updates[n].given[key] for n in places])
        for column, slot in enumerate(machine.inputs):
            slots[slot] = FloatBalls(floats[places, column], around[places, column])
        units = dict(zip(machine.inputs, moved_by.tolist(), strict=True))
        points = _points(machine, path, places * step)
        mid, off = jacobian(machine.instructions, slots, units, machine.results, points, APART)
        if mid[:, still].any() or off[:, still].any():
            raise LimitError("what does not move rests on what does")
        maps[places], error[places] = mid / stand.units[:, np.newaxis], off / stand.units
    return maps, error


def _points(machine: Machine, path: _Path, places: npt.NDArray[np.intp]) -> dict[int, FloatBalls]:
    """The values at these points that the path knows better than floats would compute them."""
    with np.errstate(under="ignore"):
        rounded = np.ldexp(path.rounding[places], path.exponent) * UP + SMALLEST
    after, watched = path.floats[1:][places], path.watched[places]
    results = {slot: FloatBalls(after[:, at], rounded[:, at]) for at, slot in enumerate(machine.results)}
    seen = enumerate(machine.watched)
    return {slot: FloatBalls(watched[:, at, 0], watched[:, at, 1]) for at, slot in seen} | results
