"""How each quantity is written: the one place that turns a key into letters.

`[notation]` chooses the style, the order of a weight's indices and the letters;
everything printed asks here, so a page has one notation throughout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from derive.formula.nodes import names_in
from derive.problem import Graph, Network, Notation, Problem
from derive.quantities import SHAPES, at_sample
from derive.steps import UPSTREAM, rule_settings
from derive.writing.spelling import indexed, relative, spell, spell_of
from derive.writing.tree import (
    PARTIAL,
    TOTAL,
    Fence,
    Ident,
    Num,
    Op,
    Prime,
    Row,
    Script,
    Tree,
    bracketed,
    negated,
    partial,
    quotient,
    total,
)

KEY = re.compile(r"(w|b|z|a|x|y|C)(\d*)(?:\[(\w+)(?:,(\w+))?\])?(?:@(\w+))?")
"""An entry: letter, layer, indices, which are numbers or running letters, and sample."""

ARRAY = re.compile(r"([WbzaxyZAXY])(\d*)")
"""A whole layer's quantity: of one sample in small letters, of a batch in capital ones."""

Indices = tuple[int | str, ...]

Layer = int | str
"""A layer's number, or l, L or l+1 where it is left open."""

CONSTANTS: Mapping[str, Tree] = MappingProxyType(
    {
        "n": Ident("n"),
        "m": Ident("m"),
        "K": Ident("K"),
        "lambda": spell("lambda"),
        "eta": spell("eta"),
    }
)


def write(problem: Problem, key: str, *, primes: int = 0) -> Tree:
    """The letters of a quantity; `primes` marks the value after so many updates."""
    tree = _write(problem, key)
    return Prime(tree, primes) if primes else tree


def write_derivative(problem: Problem, of: str, *by: str) -> Tree:
    """∂of/∂by"""
    return partial(write(problem, of), *(write(problem, key) for key in by))


def write_total(problem: Problem, of: str, by: str) -> Tree:
    """The derivative over all routes: ∂C/∂w in a network, dJ/dx where ∂ is kept for one step's slope."""
    return partial(write(problem, of), write(problem, by), sign=total_sign(problem))


def total_sign(problem: Problem) -> Op:
    """d where a step may read both a quantity and what is computed from it: in a graph.

    In a network with a cost none does, so derivative and slope cannot be
    confused, and books write ∂C/∂w. An output formula can: a2·a1.
    """
    plain = isinstance(problem.body, Network) and not _reads_within(problem, problem.body)
    return PARTIAL if plain else TOTAL


def write_entry(problem: Problem, key: str) -> Tree:
    """An entry of a quantity, or of an adjoint: of dC/dz2[j] it is the error, δ."""
    of, is_adjoint, by = key.removeprefix("d").partition("/d")
    if not is_adjoint:
        return write(problem, key)
    if isinstance(problem.body, Network) and by.startswith("z") and of == "C":
        return _write(problem, by, letter="delta")
    # What a coupled rule hands on is one step's slope: ∂p_k/∂z_i, as (∂p/∂z)ᵀ in the matrix form.
    return (write_total if of in problem.objectives else write_derivative)(problem, of, by)


def write_array(problem: Problem, key: str) -> Tree:
    """A whole layer's quantity, W of layer 2 or the errors Δ of a batch; in a graph a vector or matrix."""
    of, is_adjoint, by = key.removeprefix("d").partition("/d")
    network = problem.body
    if isinstance(network, Graph):
        return total(_write(problem, of), _write(problem, by)) if is_adjoint else _write(problem, key)
    match = ARRAY.fullmatch(by if is_adjoint else key)
    if match is None:
        return _write(problem, key)
    letter, layer = match[1], int(match[2] or 0)
    if is_adjoint and letter not in "zZ":
        return partial(write_array(problem, of), write_array(problem, by))
    base = Ident("δ" if letter == "z" else "Δ") if is_adjoint else _array_letter(problem, letter)
    if network.depth == 1 or letter in "xXyY":
        return base
    return STYLES[problem.notation.style](base, layer, (), None)


def _array_letter(problem: Problem, letter: str) -> Tree:
    """The letter of [notation], a capital one for a batch."""
    written = spell(LETTERS[letter.lower()](problem.notation))
    if letter.islower() or not isinstance(written, Ident):
        return written
    return Ident(written.text.upper())


def _reads_within(problem: Problem, network: Network) -> bool:
    """Whether the output formula reads more than the last layer's activations."""
    names = names_in(network.output) if network.output is not None else ()
    return any(not at_sample(problem, name, "").startswith(f"a{network.depth}[") for name in names)


def _write(problem: Problem, key: str, letter: str = "") -> Tree:
    """The letters of a key; with another letter in place of its own."""
    body = problem.body
    if isinstance(body, Graph):
        return _of_graph(problem, body, key)
    if key in CONSTANTS:
        return CONSTANTS[key]
    own = _own_parameter(problem, key)
    if own:
        return _own_name(problem, body, own)
    return _write_placed(problem, body, key, letter)


def _write_placed(problem: Problem, network: Network, key: str, letter: str = "") -> Tree:
    """A quantity by its place in the layers, or a rule's parameter."""
    match = KEY.fullmatch(key)
    if match is None:
        return spell(setting_names(network).get(key, key))
    own_letter, layer, first, second, sample = match.groups()
    indices = _indices(first, second)
    return _quantity(problem, network, letter or own_letter, int(layer or 0), indices, sample)


def _of_graph(problem: Problem, graph: Graph, key: str) -> Tree:
    """A name, an entry, or what arrives at an output: its number, and G_Z of an array Z."""
    output = key.removeprefix(UPSTREAM)
    if output == key:
        return _graph_name(problem, graph, key)
    if output in graph.upstream:
        return _number(graph.upstream[output])
    return _graph_name(problem, graph, f"G_{output}")


def _indices(*written: str | None) -> Indices:
    return tuple(int(index) if index.isdecimal() else index for index in written if index)


def setting_names(network: Network) -> dict[str, str]:
    """The letters of the rules' parameters, by key: alpha; alpha_2 of layer 2 where layers differ."""
    settings = rule_settings(network)
    values: dict[str, set[Fraction]] = {}
    for setting in settings:
        values.setdefault(setting.letter, set()).add(setting.value)
    return {
        setting.key: f"{setting.letter}_{setting.layer}"
        if setting.layer and len(values[setting.letter]) > 1
        else setting.letter
        for setting in settings
    }


def _graph_name(problem: Problem, graph: Graph, key: str) -> Tree:
    """A graph's own name; an entry's indices stand below it: X_{21}, of `W1` after its digit, W_{1,21}.

    An index that can only be 1 is left out: b_2 of a single column.
    """
    name, _, index = key.partition("[")
    base = problem.spelled.get(name) or spell(name)
    if not index:
        return base
    indices = _indices(*index.removesuffix("]").split(","))
    sizes = graph.shape(name.removeprefix("G_")) or graph.shape(name)
    if len(sizes) == len(indices) == 2:
        indices = tuple(place for place, size in zip(indices, sizes, strict=True) if size > 1)
    return indexed(base, _listed(indices))


def _number(value: Fraction) -> Tree:
    size: Tree = Num(str(abs(value.numerator)))
    if value.denominator > 1:
        size = quotient(size, Num(str(value.denominator)))
    return negated(size) if value < 0 else size


def _own_parameter(problem: Problem, key: str) -> str | None:
    """The author's name of a parameter, in any style for a shared one; a use of that has its place's."""
    parameter = problem.parameter.get(key)
    if parameter is None or (parameter.shared and key != parameter.key):
        return None
    return parameter.own if parameter.shared or problem.notation.style == "names" else None


def _own_name(problem: Problem, network: Network, own: str) -> Tree:
    """The author's name; as it is given where a quantity of the table is written just like it.

    In one layer b1 of all units would be b₁, the use at the first of them.
    """
    tree = problem.spelled[own]
    match = _LIKE_AN_ENTRY.fullmatch(own)
    if match is None:
        return tree
    letter, digits = match.groups()
    pairs = [f"1,{digits}", f"{digits},1", ",".join(digits)] if letter == "w" else [digits]
    places = [(1, index) for index in pairs] + [(int(digits), "1,1" if letter == "w" else "1")]
    for layer, index in places:
        key = f"{letter}[{index}]" if letter in "xy" else f"{letter}{layer}[{index}]"
        known = key in problem.parameter if letter in "wb" else _exists(network, letter, layer, int(index))
        if known and not _own_parameter(problem, key) and _write_placed(problem, network, key) == tree:
            return Ident(own)
    return tree


_LIKE_AN_ENTRY = re.compile(r"([wbzaxy])_?([1-9]\d?)")


def _exists(network: Network, letter: str, layer: int, unit: int) -> bool:
    sizes = {"x": network.sizes[0], "y": network.sizes[-1]}
    if letter not in sizes and layer > network.depth:
        return False
    return unit <= (sizes[letter] if letter in sizes else SHAPES[letter](network, layer)[0])


def _quantity(
    problem: Problem, network: Network, letter: str, layer: int, indices: Indices, sample: str | None
) -> Tree:
    notation = problem.notation
    unit = _own_unit(network, letter, layer, indices) if notation.style == "names" else None
    if unit:
        named = problem.spelled[unit] if letter == "x" else spell_of(LETTERS[letter](notation), unit)
        return _scripted(named, None, sample_mark(sample, notation.style))
    base = spell(LETTERS[letter](notation))
    shown = _shown_indices(network, notation, letter, layer, indices)
    if network.depth == 1 or letter in ("x", "y", "C"):
        return _scripted(base, _listed(shown), sample_mark(sample, notation.style))
    return STYLES[notation.style](base, layer, shown, sample)


LETTERS: Mapping[str, Callable[[Notation], str]] = MappingProxyType(
    {
        "w": lambda _: "w",
        "b": lambda _: "b",
        "x": lambda _: "x",
        "z": lambda notation: notation.weighted_input,
        "a": lambda notation: notation.activation,
        "y": lambda notation: notation.target,
        "delta": lambda _: "delta",
        "C": lambda notation: notation.cost,
    }
)


def _own_unit(network: Network, letter: str, layer: int, indices: Indices) -> str | None:
    """The author's name of the unit or input that a quantity belongs to, and no other one of its letter."""
    if not indices or isinstance(indices[0], str):
        return None
    if letter == "x":
        return network.inputs[indices[0] - 1]
    if letter == "a" or (letter == "z" and network.layer(layer).activation.pieces == 1):
        return network.layer(layer).units[indices[0] - 1]
    return None


def _shown_indices(
    network: Network, notation: Notation, letter: str, layer: int, indices: Indices
) -> Indices:
    """The indices that a reader needs: none where there is only one unit, and of a weight in its order."""
    if letter == "w":
        to, origin = SHAPES["w"](network, layer)
        if to == 1 and (origin == 1 or network.depth == 1):
            return indices[1:] if origin > 1 else ()
        return indices[::-1] if notation.index == "from_to" else indices
    if letter == "C":
        return indices
    width = network.sizes[0 if letter == "x" else -1] if letter in "xy" else SHAPES[letter](network, layer)[0]
    return indices if width > 1 else ()


def _listed(indices: Indices) -> Tree | None:
    """jk side by side, with a comma where one has two digits or is itself counted: j + k - 1, s_k."""
    if not indices:
        return None
    numbers = [index for index in indices if isinstance(index, int)]
    apart = any(number > 9 for number in numbers) or any(_is_counted(index) for index in indices)
    if len(numbers) == len(indices) and not apart:
        return Num("".join(map(str, indices)))
    items: list[Tree] = [_index(indices[0])]
    for index in indices[1:]:
        items += [Op(","), _index(index)] if apart else [_index(index)]
    return items[0] if len(items) == 1 else Row(tuple(items))


def _is_counted(index: int | str) -> bool:
    return isinstance(index, str) and not index.isalpha()


def _index(index: int | str) -> Tree:
    """3, k, j + k - 1 or s_k"""
    if isinstance(index, int) or index.isdecimal():
        return Num(str(index))
    first, *rest = re.split("([+-])", index)
    if not rest:
        return spell(index) if _is_counted(index) else Ident(index)
    signs = {"+": Op("+"), "-": Op("−")}
    return Row((_index(first), *(signs.get(part) or _index(part) for part in rest)))


def sample_mark(sample: str | None, style: str) -> Tree | None:
    """(i), which is no power; [i] where brackets are round about a layer."""
    if sample is None:
        return None
    name: Tree = Num(sample) if sample.isdecimal() else Ident(sample, upright=len(sample) > 1)
    return Fence("[", name, "]") if style == "parenthesis" else bracketed(name)


def _scripted(base: Tree, sub: Tree | None, sup: Tree | None) -> Tree:
    if sub is None and sup is None:
        return base
    if isinstance(base, Script) and base.sup is None and sub is None:
        return Script(base.base, base.sub, sup)
    return Script(base, sub, sup)


def _layer(layer: Layer) -> Tree:
    """2, or l + 1 of a layer that is left open."""
    if isinstance(layer, int):
        return Num(str(layer))
    return relative(layer) or spell(layer)


def _superscript(base: Tree, layer: Layer, indices: Indices, sample: str | None) -> Tree:
    mark = sample_mark(sample, "superscript")
    number = _layer(layer)
    return _scripted(base, _listed(indices), Row((number, Op(","), mark)) if mark else number)


def _bracketed_superscript(base: Tree, layer: Layer, indices: Indices, sample: str | None) -> Tree:
    mark = sample_mark(sample, "parenthesis")
    number = bracketed(_layer(layer))
    return _scripted(base, _listed(indices), Row((number, mark)) if mark else number)


def _subscript(base: Tree, layer: Layer, indices: Indices, sample: str | None) -> Tree:
    listed = _listed(indices)
    number = _layer(layer)
    return _scripted(
        base, Row((number, Op(","), listed)) if listed else number, sample_mark(sample, "subscript")
    )


STYLES: Mapping[str, Callable[[Tree, Layer, Indices, str | None], Tree]] = MappingProxyType(
    {
        "superscript": _superscript,
        "names": _superscript,
        "parenthesis": _bracketed_superscript,
        "subscript": _subscript,
    }
)


def of_any_layer(problem: Problem, tree: Tree) -> Tree:
    """A formula in bare letters, z and a of whatever unit: (z)³, where z³ would be layer 3's."""
    body, style = problem.body, problem.notation.style
    if isinstance(body, Graph) or body.depth == 1 or style not in RAISED:
        return tree
    bare = [spell(letter(problem.notation)) for letter in LETTERS.values()]

    def inside(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(map(inside, part))
        if not isinstance(part, Tree):
            return part
        if isinstance(part, Script) and part.base in bare and part.sub is None and part.sup is not None:
            return Script(bracketed(part.base), sup=part.sup)
        return replace(part, **{field.name: inside(getattr(part, field.name)) for field in fields(part)})

    whole: Tree = inside(tree)
    return whole


RAISED = ("superscript", "names")
"""The styles in which a bare raised number is a layer."""
