"""Slips in the four equations of backpropagation, and in what a cost adds to them.

delta[L] = dC/da[L] * phi'(z[L])            dC/db[l] = delta[l]
delta[l] = (W[l+1].T delta[l+1]) * phi'     dC/dW[l] = delta[l] a[l-1].T + lambda/n W[l]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from derive.expressions import ADJOINT
from derive.problem import Network
from derive.rules.kinds import A, K, Y, Z
from derive.slips.changes import (
    EXTRA,
    Key,
    Terms,
    above,
    own_slope,
    read_key,
    reading,
    reads,
    term_of,
    times,
    with_slope,
)
from derive.slips.differentiation import is_same
from derive.slips.kinds import Change, Place, Sweep
from derive.steps import BIAS, COST, WEIGHTED
from derive.sweep import adjoint

# -- which places ----------------------------------------------------------------------------------


def at_cost(_: Sweep, place: Place) -> bool:
    """Where the sweep begins: the slope of the cost, or of the formula that is differentiated."""
    if place.role in ("cost", "upstream"):
        return True
    of_sample = place.use.step.key.partition("@")[0] == place.of
    return place.role in ("local", "activation") and (place.is_top or of_sample)


def _in_network(sweep: Sweep, _: Place) -> bool:
    return sweep.network is not None


def own_function(sweep: Sweep, place: Place) -> bool:
    """An activation that reads one weighted input, its unit's own."""
    return _in_network(sweep, place) and place.role == "activation" and len(place.use.term.results) == 1


def couples(_: Sweep, place: Place) -> bool:
    """An activation that reads the weighted inputs of several units, as softmax does."""
    return place.role == "activation" and len(place.use.term.results) > 1


def of_weight(_: Sweep, place: Place) -> bool:
    """The share that a weighted input hands back to one of its weights."""
    return place.role == "input" and place.use.term.formula == WEIGHTED


def of_bias(_: Sweep, place: Place) -> bool:
    """The share that a weighted input hands back to its bias."""
    return place.role == "input" and place.use.term.formula == BIAS


def of_parameter_use(sweep: Sweep, place: Place) -> bool:
    """One of the places where a shared parameter is used, which hand their shares back to it."""
    return place.role == "use" and place.by in sweep.problem.parameter


def in_output_layer(sweep: Sweep, place: Place) -> bool:
    """A derivative by a quantity of the last layer."""
    return sweep.network is not None and _layer(place.by) == sweep.network.depth


def in_hidden_layer(sweep: Sweep, place: Place) -> bool:
    """A derivative by a quantity of any layer before the last."""
    return sweep.network is not None and _layer(place.by) < sweep.network.depth


def _layer(text: str) -> int:
    key = read_key(text)
    return 0 if key is None else key.layer


def routes(_: Sweep, place: Place) -> bool:
    """One of the ways on which a quantity reaches the cost; their shares are added."""
    return place.role in ("weight", "local", "cost")


# -- constant factors ------------------------------------------------------------------------------


def by_samples(power: int) -> Change:
    """n^power times what stands there, of the n samples that the cost reads: all, or those of a batch."""
    return lambda sweep, place: times(place, sp.Integer(_samples(sweep)) ** power)


def by_all_samples(power: int) -> Change:
    """n^power times what stands there, of the n samples that there are, whatever the cost reads."""
    return lambda sweep, place: times(place, sp.Integer(len(sweep.problem.x)) ** power)


def _samples(sweep: Sweep) -> int:
    """n; of a graph the rows of its first given matrix, which are the samples as a rule."""
    if sweep.network is not None:
        return sum(step.because == COST for step in sweep.forward.steps) or len(sweep.problem.x)
    shapes = getattr(sweep.problem.body, "shapes", {})
    return next((shape[0] for name, shape in shapes.items() if len(shape) == 2), 1)


def by_outputs(power: int) -> Change:
    """n[L]^power times what stands there; None in a graph, and for a missing 1/K that the cost has not."""

    def change(sweep: Sweep, place: Place) -> Terms:
        network = sweep.network
        if network is None or (power > 0 and not is_mean_over_outputs(network)):
            return None
        return times(place, sp.Integer(network.sizes[-1]) ** power)

    return change


def is_mean_over_outputs(network: Network) -> bool:
    """Whether the cost of a sample has 1/K in it."""
    return network.cost is not None and network.cost.part.has(K)


# -- the cost's slope ------------------------------------------------------------------------------


def value(_: Sweep, place: Place) -> Terms:
    """f in place of f'."""
    formula = place.use.term.formula
    return with_slope(place, formula.results[0] if formula.results else formula.expr)


def exchanged(_: Sweep, place: Place) -> Terms:
    """y and a exchanged, where that is more than a sign."""
    right = own_slope(place, usual=False)
    swapped = right.subs({A: Y, Y: A}, simultaneous=True)
    return None if is_same(swapped, -right) else with_slope(place, swapped)


def without_target(_: Sweep, place: Place) -> Terms:
    """a in place of a - y."""
    expr = own_slope(place).subs(Y, 0)
    return None if expr == 0 or (not expr.is_finite and not expr.free_symbols) else with_slope(place, expr)


# -- phi' ------------------------------------------------------------------------------------------


def at_activation(_: Sweep, place: Place) -> Terms:
    """phi'(a) for phi'(z)."""
    return with_slope(place, own_slope(place, usual=False).subs(Z, A))


def of_weighted_input(_: Sweep, place: Place) -> Terms:
    """z (1 - z) for a (1 - a)."""
    expr = own_slope(place)
    return with_slope(place, expr.subs(A, Z)) if expr.has(A) else None


def slope_of_layer(shift: int) -> Change:
    """phi' of the unit with the same number in another layer."""

    def change(sweep: Sweep, place: Place) -> Terms:
        own = read_key(place.by)
        if own is None:
            return None
        moved = {
            key.text: replace(key, layer=key.layer + shift).text
            for letter in "za"
            for key in [replace(own, letter=letter)]
        }
        read = {letter: moved[arg] for letter, arg in reads(place).items() if arg in moved}
        expr = own_slope(place)
        needed = [key for letter, key in read.items() if letter in expr.free_symbols]
        exists = own.layer + shift > 0 and needed and all(map(sweep.knows, needed))
        return with_slope(place, expr, read) if exists else None

    return change


def twice(_: Sweep, place: Place) -> Terms:
    """One more phi'; after a softmax, whose Jacobian holds it, one more a (1 - a)."""
    if not couples(_, place):
        return with_slope(place, own_slope(place) ** 2)
    units = dict(zip(place.use.term.args, place.use.term.results, strict=False))
    if place.by not in units:
        return None
    carried = dict(zip(place.term.formula.formals, place.term.args, strict=True))
    expr = place.term.formula.expr * EXTRA * (1 - EXTRA)
    return (term_of(expr, carried | {EXTRA: units[place.by]}),)


def slope_of(name: str, expr: sp.Expr) -> Change:
    """Another function's slope, in a."""

    def change(sweep: Sweep, place: Place) -> Terms:
        assert sweep.network is not None
        rule = sweep.network.layer(_layer(place.by)).activation
        return None if rule.name == name else with_slope(place, expr)

    return change


def one_minus(_: Sweep, place: Place) -> Terms:
    """1 - a for a (1 - a), or for 1 - a^2."""
    return with_slope(place, 1 - A) if own_slope(place) in (A * (1 - A), 1 - A**2) else None


def dot_product(sweep: Sweep, place: Place) -> Terms:
    """The sum over the layer of dC/da * phi', the same for every unit, for the product entry by entry."""
    own, carried = read_key(place.by), above(place)
    assert sweep.network is not None
    if own is None or not carried or sweep.network.layer(own.layer).width < 2:
        return None
    terms = []
    for j in range(1, sweep.network.layer(own.layer).width + 1):
        line = adjoint(place.of, replace(own, index=(j,)).text)
        found = sweep.places(line) if line in sweep.adjoints else ()
        if len(found) != 1:
            return None
        terms.append(found[0].term)
    return tuple(terms)


# -- the error carried back ------------------------------------------------------------------------


def transposed(sweep: Sweep, place: Place) -> Terms:
    """w[k,j] for w[j,k], and u[k,j] for an entry u[j,k] of a graph's array, where that is square."""
    return reading(sweep, place, {arg: _swapped(sweep, arg) for arg in place.others if "," in arg})


def _swapped(sweep: Sweep, text: str) -> str | None:
    name, _, index = text.removesuffix("]").partition("[")
    j, _, k = index.partition(",")
    if sweep.network is not None:
        l = _layer(text)
        square = l > 0 and sweep.network.widths[l] == sweep.network.sizes[l - 1]
    else:
        shape = getattr(sweep.problem.body, "shapes", {}).get(name, ())
        square = len(shape) == 2 and shape[0] == shape[1]
    return f"{name}[{k},{j}]" if square else text


def weights_of_layer(shift: int) -> Change:
    """W of another layer in the way back."""

    def change(sweep: Sweep, place: Place) -> Terms:
        moved = {
            arg: replace(key, layer=key.layer + shift).text for arg in place.others if (key := read_key(arg))
        }
        return reading(sweep, place, moved)

    return change


def error_of(letter: str, shift: int = 0) -> Change:
    """The adjoint of another quantity in place of delta: dC/da of the unit, or delta of another layer."""

    def change(sweep: Sweep, place: Place) -> Terms:
        carried, key = above(place).get(ADJOINT), read_key(place.use.step.key)
        if carried is None or key is None:
            return None
        other = replace(key, letter=letter, layer=key.layer + shift)
        if sweep.network is None or not 0 < other.layer <= sweep.network.depth:
            return None
        return reading(sweep, place, {carried: adjoint(place.of, other.text)})

    return change


def is_entrywise(sweep: Sweep, place: Place) -> bool:
    """Whether a route joins units of the same number, in layers of the same size."""
    below, up = read_key(place.by), read_key(place.use.step.key)
    if below is None or up is None or sweep.network is None:
        return True
    sizes = sweep.network.sizes
    return below.layer + 1 != up.layer or sizes[below.layer] != sizes[up.layer] or below.index == up.index


# -- the gradients of weights and biases -----------------------------------------------------------


def own_output(sweep: Sweep, place: Place) -> Terms:
    """delta[j] a_own[k] in place of delta[j] a_below[k], where a layer has as many outputs as inputs."""
    key = read_key(place.use.step.key)
    if key is None or sweep.network is None:
        return None
    sizes = sweep.network.sizes
    if sizes[key.layer] != sizes[key.layer - 1]:
        return None
    return _input_as(sweep, place, lambda below: replace(below, layer=below.layer + 1))


def weighted_input(sweep: Sweep, place: Place) -> Terms:
    """z for a of the layer below."""
    return _input_as(sweep, place, lambda key: replace(key, letter="z") if key.layer else key)


def _input_as(sweep: Sweep, place: Place, other: Callable[[Key], Key]) -> Terms:
    moved = {arg: other(key).text for arg in place.others if (key := read_key(arg))}
    return reading(sweep, place, moved)


def indices_exchanged(sweep: Sweep, place: Place) -> Terms:
    """delta[k] a[j] for delta[j] a[k], in a square layer."""
    carried, below, up = above(place).get(ADJOINT), read_key(place.others[0]), read_key(place.use.step.key)
    if carried is None or below is None or up is None or sweep.network is None:
        return None
    if sweep.network.widths[up.layer] != sweep.network.sizes[below.layer]:
        return None
    new = {
        carried: adjoint(place.of, replace(up, index=below.index).text),
        place.others[0]: replace(below, index=up.index).text,
    }
    return reading(sweep, place, new)


def parameter_itself(_: Sweep, place: Place) -> Terms:
    """delta w in place of delta a, and delta b for delta."""
    return (term_of(ADJOINT * EXTRA, above(place) | {EXTRA: place.by}),) if above(place) else None


def weight_for_bias(sweep: Sweep, place: Place) -> Terms:
    """delta a for delta, where the layer has one input."""
    key = read_key(place.use.step.key)
    if key is None or sweep.network is None or sweep.network.sizes[key.layer - 1] != 1:
        return None
    below = replace(key, letter="a", layer=key.layer - 1, index=(1,)).text
    return (term_of(ADJOINT * EXTRA, above(place) | {EXTRA: below}),) if above(place) else None


def _sample(place: Place) -> str:
    return place.use.step.key.partition("@")[2]


def only_sample(number: int) -> Change:
    """One sample's share for the sum over all; `number` counts as Python's indices do."""

    def change(sweep: Sweep, place: Place) -> Terms:
        places = sweep.places(place.key)
        return None if len(places) < 2 or _sample(places[number]) == _sample(place) else ()

    return change


def forgotten(sweep: Sweep, place: Place) -> Terms:
    """One of three samples or more left out; of two, that leaves the other one alone."""
    return () if len(sweep.places(place.key)) > 2 else None


# -- the L2 term -----------------------------------------------------------------------------------


def decayed_bias(sweep: Sweep, place: Place) -> Terms:
    """delta + lambda/n b, once; in no sweep that has no L2 term at all."""
    network, parameter = sweep.network, sweep.problem.parameter.get(place.by)
    is_bias = parameter is not None and not parameter.is_weight
    if network is None or "lambda" not in sweep.forward.uses or not is_bias or place.number:
        return None
    decay, rate, n = sp.symbols("b lambda n")
    return (place.term, term_of(rate * decay / n, {rate: "lambda", decay: place.by, n: "n"}))


# -- anywhere --------------------------------------------------------------------------------------


def on_the_way(sweep: Sweep, place: Place) -> bool:
    """Where a number may slip in: at phi', at a parameter, and at any step of a graph."""
    return place.role in ("activation", "input", "local") and not at_cost(sweep, place)


def averaged(_: Sweep, place: Place) -> Terms:
    """The mean of several terms for their sum."""
    return times(place, sp.Rational(1, place.terms))


def one_of_several(_: Sweep, place: Place) -> Terms:
    """One of three terms or more left out; of two, that leaves the other one alone."""
    return () if place.terms > 2 else None


def without_coefficient(_: Sweep, place: Place) -> Terms:
    """x^2 for 3 x^2, and x for 2 x."""
    coefficient, rest = own_slope(place, usual=False).as_coeff_Mul()
    return None if abs(coefficient) == 1 or rest == 1 else with_slope(place, sp.sign(coefficient) * rest)


def without_factor(number: int) -> Change:
    """One factor of a slope that has several, numbers not counted."""

    def change(_: Sweep, place: Place) -> Terms:
        coefficient, rest = own_slope(place, usual=False).as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        if not len(factors) > 1 or number >= len(factors):
            return None
        return with_slope(place, coefficient * sp.Mul(*factors[:number], *factors[number + 1 :]))

    return change
