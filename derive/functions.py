"""The letter of each layer's activation function: one function, one letter, and the other way round.

    sigma                in every layer of sigmoid units; f where [notation] says function = "f"
    phi_1, phi_2         two layers with formulas of their own, which share the letter phi
    LReLU_1, LReLU_2     leaky ReLUs of different slopes

A rule that reads a whole layer has a word, softmax, and the identity needs no letter: both keep theirs.
"""

from __future__ import annotations

from collections.abc import Hashable

from derive.formula.nodes import Apply, walk
from derive.problem import Graph, Network, Notation
from derive.rules import Activation


def function_names(network: Network, notation: Notation) -> tuple[str, ...]:
    """How each layer's function is called, by the first layer's on; `spell` writes it."""
    rules = [layer.activation for layer in network.layers]
    letters = [_letter(rule, notation) for rule in rules]
    kinds: dict[str, set[Hashable]] = {}
    for letter, rule in zip(letters, rules, strict=True):
        kinds.setdefault(letter, set()).add(_function(rule))
    return tuple(
        f"{letter}_{l}" if len(kinds[letter]) > 1 and not rule.open else letter
        for l, (letter, rule) in enumerate(zip(letters, rules, strict=True), 1)
    )


def any_layer_name(network: Network, notation: Notation) -> str:
    """That of a hidden layer, whichever: their common one, else with an l for the layer's number."""
    rules = [layer.activation for layer in network.layers[:-1]]
    letters = list(dict.fromkeys(_letter(rule, notation) for rule in rules))
    if len(letters) > 1:
        return f"{notation.function or 'phi'}_l"
    (letter,) = letters
    return letter if letter in function_names(network, notation)[:-1] else f"{letter}_l"


def logistic_name(network: Network, notation: Notation) -> str | None:
    """What 1/(1 + e^-u) is called; None where sigma is some other function of the problem."""
    names = function_names(network, notation)
    for name, layer in zip(names, network.layers, strict=True):
        if layer.activation.name == "sigmoid":
            return name
    return None if "sigma" in names else "sigma"


def logistic_in(graph: Graph) -> str | None:
    """The same in a graph, where sigma is known only if some step applies it."""
    applied = {part.operation for line in graph.steps for part in walk(line.node) if isinstance(part, Apply)}
    return "sigma" if applied & {"sigmoid", "silu"} else None


def _letter(rule: Activation, notation: Notation) -> str:
    """A function of one weighted input has the letter of [notation]."""
    named = rule.couples or rule.pieces > 1 or rule.name == "identity"
    return rule.letter if named or not notation.function else notation.function


def _function(rule: Activation) -> Hashable:
    """What tells two rules apart: the letter is no part of it."""
    return rule.name, rule.values, rule.node
