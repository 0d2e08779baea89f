"""One notation a page: every symbol that stands on it is one that the table of notation writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import pytest

from derive import derive_gradient, load_problem
from derive.notation import LETTERS, RAISED, sample_mark, setting_names, write_array, write_entry
from derive.problem import Network, Problem
from derive.theory.letters import Letters
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.latex import latex
from derive.writing.spelling import spell
from derive.writing.tree import Ident, Num, Script, Tree
from numeric.evidence import verify
from reports.content.compose import compose

RUNNING = ("j", "k", "m")
OPEN = ("l", "l+1", "l-1", "L")
VIEWS = ("chain", "forward", "closed", "matrix", "index")


def problem(notation: Mapping[str, str], activations: tuple[Any, ...], **network: Any) -> Problem:
    """Two inputs, two units a layer and one at the end; three samples with mean and L2 unless said."""
    samples = network.pop("samples", 3)
    units = [2] * (len(activations) - 1) + [1]
    layers: list[dict[str, Any]] = []
    for n, activation in zip(units, activations, strict=True):
        weights = [[0.3 * (j + 1) - 0.5 * k + 0.1 * len(layers) for k in range(2)] for j in range(n)]
        layers.append({"units": n, "activation": activation, "weights": weights, "biases": [0.1] * n})
    body = {"inputs": 2, "cost": "half_squared_error", "layers": layers, "reduction": "mean", "l2": 0.3}
    data = {"x": [[0.5, 0.2], [0.1, -0.3], [0.7, 0.4]][:samples], "y": [[1], [0], [0.5]][:samples]}
    return load_problem(
        {
            "notation": dict(notation),
            "network": {**body, **network},
            "data": data,
            "training": {"rate": 0.5},
        }
    )


FORMULAS = ("z/(1 + abs(z))", "z^3", "tanh")
LEAKY = tuple({"rule": "leaky_relu", "alpha": alpha} for alpha in (0.1, 0.2))
OWN = {"cost": "J", "activation": "h", "weighted_input": "s", "target": "t", "function": "f"}

CASES: Mapping[str, Problem] = {
    "parenthesis": problem({"style": "parenthesis", "index": "from_to", "layout": "numerator"}, FORMULAS[:2]),
    "superscript": problem({}, FORMULAS),
    "subscript": problem({"style": "subscript", "samples": "rows", **OWN}, ("sigmoid", "tanh", "sigmoid")),
    "one layer": problem({"style": "parenthesis", **OWN}, ("sigmoid",), cost="binary_cross_entropy"),
    "huber": problem(OWN, LEAKY, cost={"rule": "huber", "delta": 0.5}, samples=1),
    "straight": problem({"style": "subscript"}, ("identity", "identity", "sigmoid")),
}


QUICK, *SLOW = CASES


def names() -> Problem:
    return load_problem("mazur")


# -- what the table writes -------------------------------------------------------------------------


def keys(of: Problem) -> list[str]:
    """Every quantity of the problem, with numbers and with running letters for units and samples."""
    network = of.body
    assert isinstance(network, Network)
    samples = ("", "@i", *(f"@{i}" for i in range(1, len(of.x) + 1)))
    units = [*range(1, 1 + max(network.widths)), *RUNNING]
    entries = [f"{letter}[{j}]" for letter in ("x", "y", "C") for j in units]
    pairs = [f"w{l}[{j},{k}]" for l in range(1, network.depth + 1) for j, k in product(units, units)]
    biases = [f"b{l}[{j}]" for l in range(1, network.depth + 1) for j in units]
    for l, letter in product(range(1, network.depth + 1), ("z", "a", "dC/dz")):
        entries += [f"{letter}{l}[{j}]" for j in units]
    own = [parameter.key for parameter in of.parameters]
    return [*own, *pairs, *biases, *(key + sample for key in ["C", *entries] for sample in samples)]


@cache
def table(name: str) -> frozenset[Tree]:
    """What a page may hold: entries, arrays, and statements about layer l or about a layer left out."""
    of = names() if name == "names" else CASES[name]
    network = of.body
    assert isinstance(network, Network)
    problems = [of]
    if of.notation.style == "names":
        problems.append(replace(of, notation=replace(of.notation, style="superscript")))
    found = {write_entry(one, key) for one in problems for key in keys(one) if key in numbered(one, key)}
    letters = Letters(of.notation)
    for letter, l in product("WbzaZAxXyY", range(1, network.depth + 1)):
        found.add(write_array(of, f"{letter}{l}" if letter not in "xXyY" else letter))
    found |= {write_array(of, f"dC/d{letter}{l}") for letter in "zZ" for l in range(1, network.depth + 1)}
    for l in (*OPEN, *map(str, range(1, network.depth + 1))):
        found |= {letters.array(f"{letter}{l}") for letter in "WbzaZA"}
        found |= {letters.array(f"dC/d{letter}{l}") for letter in "zZ"}
    for letter, index in product(("w", "b", "z", "a", "y", "x", "C", "delta"), (*RUNNING, "1", "2")):
        found |= {letters.unplaced(letter, index), marked(of, letters.unplaced(letter, index))}
        found |= {letters.unplaced(letter, index, other) for other in RUNNING if letter == "w"}
    found |= {marked(of, letter_of(of, letter)) for letter in ("a", "y", "z", "x")}
    if network.depth == 1 or of.notation.style not in RAISED:  # else w² is layer 2's
        found |= {letter_of(of, letter) for letter in ("a", "y", "z", "w")}
    found |= {spell(name) for name in setting_names(network).values()}
    return frozenset({*found, Script(spell(of.notation.cost), Num("0"))})


def numbered(of: Problem, key: str) -> tuple[str, ...]:
    """The key itself where it exists: a name of the author's belongs to units that there are."""
    return (
        (key,)
        if of.notation.style != "names" or not any(f"[{r}" in key or f",{r}" in key for r in RUNNING)
        else ()
    )


def letter_of(of: Problem, letter: str) -> Tree:
    return spell(LETTERS[letter](of.notation))


def marked(of: Problem, tree: Tree) -> Tree:
    """With the mark of sample i."""
    base, sub = (tree.base, tree.sub) if isinstance(tree, Script) else (tree, None)
    return Script(base, sub, sample_mark("i", of.notation.style))


# -- what stands on a page -------------------------------------------------------------------------


def trees(part: Any) -> Iterator[Tree]:
    """Every formula within a report, a section or a block."""
    if isinstance(part, Tree):
        yield part
    elif isinstance(part, tuple | list):
        for item in part:
            yield from trees(item)
    elif isinstance(part, Mapping):
        yield from trees(list(part.values()))
    elif is_dataclass(part):
        for field in fields(part):
            yield from trees(getattr(part, field.name))


def symbols(tree: Any, letters: frozenset[str]) -> Iterator[Script]:
    """The letters of quantities with whatever stands below and above them."""
    if isinstance(tree, Script) and isinstance(tree.base, Ident) and tree.base.text in letters:
        yield tree
    elif isinstance(tree, tuple):
        for part in tree:
            yield from symbols(part, letters)
    elif isinstance(tree, Tree):
        for field in fields(tree):
            yield from symbols(getattr(tree, field.name), letters)


def of_quantities(of: Problem) -> frozenset[str]:
    """The letters that quantities are written with."""
    own = [letter_of(of, letter) for letter in LETTERS]
    small = [letter.text for letter in own if isinstance(letter, Ident)]
    return frozenset({*small, *(letter.upper() for letter in small), "δ", "Δ", "W"})


def is_written(tree: Script, allowed: frozenset[Tree]) -> bool:
    """Whether the table writes it, or it is a power or the transpose of what the table writes."""
    bare: Tree = Script(tree.base, tree.sub) if tree.sub else tree.base
    return tree in allowed or ((isinstance(tree.sup, Num) or tree.sup == TRANSPOSED) and bare in allowed)


@cache
def page(name: str) -> tuple[Tree, ...]:
    """All formulas of a problem's page and of the views of its first gradient."""
    of = names() if name == "names" else CASES[name]
    gradient = next(iter(derive_gradient(of)))
    views = (gradient.view(view).steps for view in VIEWS if view != "closed")
    return (*trees(compose(of, verify(of))), *trees([list(view) for view in views]))


@pytest.mark.parametrize(
    "name", [QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in (*SLOW, "names"))]
)
def test_every_symbol_of_a_page_is_written_by_the_table(name: str) -> None:
    """A quantity that is written in a second way somewhere would be two for its reader."""
    of = names() if name == "names" else CASES[name]
    found = {symbol for tree in page(name) for symbol in symbols(tree, of_quantities(of))}
    assert len(found) > 10
    assert sorted(latex(symbol) for symbol in found if not is_written(symbol, table(name))) == []
