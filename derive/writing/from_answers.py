"""An answer as it was understood, as a tree in the problem's own letters.

Nothing is sorted or simplified. What stands side by side is a product of matrices or
of numbers, and ⊙ one entry by entry, so that a reader sees which was understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from derive.formula.nodes import (
    Activation,
    Apply,
    Index,
    Letter,
    Node,
    Slope,
    Unspecified,
)
from derive.formula.nodes import Matrix as Written
from derive.formula.nodes import Sum as Total
from derive.notation import CONSTANTS, LETTERS, STYLES, Layer, write
from derive.problem import Network, Problem
from derive.writing.from_matrices import HADAMARD, transpose
from derive.writing.from_nodes import applied, tree_of_node
from derive.writing.spelling import relative, spell, unspecified_call
from derive.writing.tree import (
    PARTIAL,
    Call,
    Cases,
    Fence,
    Ident,
    Matrix,
    Num,
    Op,
    Prime,
    Row,
    Script,
    Text,
    Tree,
    bracketed,
    equals,
    negated,
    partial,
    power,
    product,
    quotient,
    related,
    summed,
)

_BATCHES = MappingProxyType({"X": "x", "Y": "y", "Z": "z", "A": "a", "Delta": "delta", "W": "w"})
_SIGNS = MappingProxyType(
    {
        "less": "<",
        "less_equal": "≤",
        "greater": ">",
        "greater_equal": "≥",
        "equal": "=",
        "unequal": "≠",
        "both": "∧",
    }
)
_PRODUCTS = frozenset({"multiply", "juxtapose", "dot", "cross", "matmul", "hadamard", "outer"})
_CONDITIONS = frozenset(_SIGNS)


def tree_of_links(problem: Problem, links: Sequence[Node]) -> Tree:
    """A = B = C"""
    trees = [_Answer(problem).tree(link) for link in links]
    return equals(*trees) if len(trees) > 1 else trees[0]


class _Answer:
    """The trees of one problem's answers."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def tree(self, node: Node) -> Tree:
        rule = _RULES.get(type(node))
        if rule is not None:
            return rule(self, node)
        return tree_of_node(node, lambda name: spell(str(name)))

    def letter(self, letter: Letter) -> Tree:
        tree = self._letter(replace(letter, primes=0))
        return Prime(tree, letter.primes) if letter.primes else tree

    def _letter(self, letter: Letter) -> Tree:
        network = self.problem.body
        name = letter.letter
        if name in CONSTANTS and not letter.layer:
            return CONSTANTS[name]
        if name == "n":
            return Script(Ident("n"), sub=self.layer(letter.layer))
        if not isinstance(network, Network) or (name not in LETTERS and name not in _BATCHES):
            return write(self.problem, letter.key)
        small = _BATCHES.get(name, name)
        is_open = isinstance(letter.layer, str) or any(isinstance(place, str) for place in letter.index)
        if letter.index and not is_open and small != "delta":
            return write(self.problem, letter.key)
        base = spell(LETTERS[small](self.problem.notation))
        if name in _BATCHES and isinstance(base, Ident):
            base = Ident("Δ" if small == "delta" else base.text.upper())
        index = letter.index
        if small == "w" and self.problem.notation.index == "from_to":
            index = index[::-1]
        if network.depth == 1 and letter.layer == 1 and index == (1,) * len(index):
            index = ()
        if not letter.layer or (network.depth == 1 and isinstance(letter.layer, int)):
            sub = Row(tuple(self.layer(place) for place in index)) if index else None
            sample = bracketed(spell(letter.sample)) if letter.sample else None
            return Script(base, sub, sample) if sub or sample else base
        if index and not any(isinstance(place, str) for place in index) and isinstance(letter.layer, int):
            sizes = network.widths[letter.layer] if small != "a" else network.sizes[letter.layer]
            index = index if sizes > 1 or small == "w" else ()
        return STYLES[self.problem.notation.style](base, letter.layer, index, letter.sample)

    def layer(self, place: Layer) -> Tree:
        """2, or l + 1"""
        return Num(str(place)) if isinstance(place, int) else relative(place) or Ident(place)

    def index(self, index: Index) -> Tree:
        return self.layer(index.counted)

    def slope(self, slope: Slope) -> Tree:
        by = [self.letter(letter) for letter in slope.by]
        if isinstance(slope.of, Letter):
            return partial(self.letter(slope.of), *by)
        above: Tree = PARTIAL if len(by) == 1 else Script(PARTIAL, sup=Num(str(len(by))))
        return Row((quotient(above, partial(PARTIAL, *by).under), bracketed(self.tree(slope.of))))

    def activation(self, node: Activation) -> Tree:
        (operand,) = (self.tree(arg) for arg in node.args)
        network = self.problem.body
        assert isinstance(network, Network)
        rules = [layer.activation for layer in network.layers]
        layer = node.layer
        letter = next((rule.letter for rule in rules if rule.name != "identity"), "sigma")
        if isinstance(layer, int):
            letter = rules[layer - 1].letter
        base: Tree = spell(self.problem.notation.function or letter)
        if isinstance(base, Ident) and len(base.text) > 1:
            base = Ident(base.text, upright=True)
        alike = {rule.values for rule in rules if rule.letter == letter}
        if layer is not None and (isinstance(layer, str) or len(alike) > 1):
            base = Script(base, sub=self.layer(layer)) if not isinstance(base, Script) else base
        return Call(Prime(base, node.order) if node.order else base, (operand,))

    def unspecified(self, node: Unspecified) -> Tree:
        return unspecified_call(node.function, node.order, tuple(self.tree(arg) for arg in node.args))

    def total(self, node: Total) -> Tree:
        below: Tree = Ident("x" if node.letter == "@" else node.letter)
        if node.lower is not None:
            below = related(below, "=", self.tree(node.lower))
        return summed(self.tree(node.body), below, self.tree(node.upper) if node.upper is not None else None)

    def matrix(self, node: Written) -> Tree:
        return Matrix(tuple(tuple(self.tree(entry) for entry in row) for row in node.rows))

    def apply(self, node: Apply) -> Tree:
        if node.operation in _SIGNS:
            left, right = (self.tree(arg) for arg in node.args)
            return related(left, _SIGNS[node.operation], right)
        if node.operation in _WHOLE:
            return _WHOLE[node.operation](self, node)
        parts = tuple(self._number_of(arg) for arg in node.args)
        if node.operation in _PRODUCTS:
            return self._product(node, parts)
        form = _FORMS.get(node.operation)
        if form is not None:
            return form(*parts)
        if node.operation in _ARRAY_WORDS:
            word: Tree = Ident(_ARRAY_WORDS[node.operation], upright=True)
            if node.axis is not None:
                word = Script(word, sub=Text(f"axis {node.axis}"))
            return Call(word, parts)
        return applied(node.operation, parts)

    def _number_of(self, node: Node) -> Tree:
        """A condition among numbers is 1 where it holds: [z > 0]."""
        tree = self.tree(node)
        is_condition = isinstance(node, Apply) and node.operation in _CONDITIONS
        return Fence("[", tree, "]") if is_condition else tree

    def _product(self, node: Apply, parts: tuple[Tree, ...]) -> Tree:
        if node.operation == "hadamard":
            closed = [
                bracketed(tree) if isinstance(arg, Apply) and arg.operation == "matmul" else tree
                for arg, tree in zip(node.args, parts, strict=True)
            ]
            return product(*closed, sign=HADAMARD)
        if node.operation == "outer":
            return product(parts[0], transpose(parts[1]))
        of_matrices = node.operation == "matmul"
        closed = [
            bracketed(tree) if _is_entrywise(arg, within=of_matrices) else tree
            for arg, tree in zip(node.args, parts, strict=True)
        ]
        return product(*closed)

    def _entry(self, node: Apply) -> Tree:
        """(W a)_1"""
        places = tuple(Num(str(place)) for place in node.places)
        return Script(bracketed(self.tree(node.args[0])), sub=Row(tuple(_separated(places))))

    def _ones(self, _: Apply) -> Tree:
        return Ident("𝟏")

    def _cases(self, node: Apply) -> Tree:
        pairs = list(zip(node.args[::2], node.args[1::2], strict=False))
        rows: list[tuple[Tree, Tree | None]] = [(self.tree(value), self.tree(when)) for value, when in pairs]
        if len(node.args) % 2:
            rows.append((self.tree(node.args[-1]), None))
        return Cases(tuple(rows))


def _separated(places: Sequence[Tree]) -> Iterator[Tree]:
    """1, 2"""
    for number, place in enumerate(places):
        if number:
            yield Op(",")
        yield place


def _is_entrywise(node: Node, *, within: bool) -> bool:
    """Whether a factor is a product entry by entry; `within`: or a multiple or a part of one."""
    if not isinstance(node, Apply):
        return False
    if within and node.operation in ("multiply", "divide"):
        return any(_is_entrywise(arg, within=True) for arg in node.args)
    return node.operation == "hadamard"


_FORMS: Mapping[str, Callable[..., Tree]] = MappingProxyType(
    {"transpose": transpose, **dict.fromkeys(("norm", "norm_2"), lambda body: Fence("‖", body, "‖"))}
    | {"inverse": lambda body: power(body, negated(Num("1")))}
)
_ARRAY_WORDS = MappingProxyType(
    {"sum": "sum", "mean": "mean", "var": "var", "softmax": "softmax", "log_softmax": "log-softmax"}
    | {"diag": "diag", "conv1d": "conv1d", "concat": "concat", "row": "row", "rows": "rows", "inner": "inner"}
    | {"trace": "tr", "length": "len"}
)
_WHOLE: Mapping[str, Callable[[_Answer, Apply], Tree]] = MappingProxyType(
    {"cases": _Answer._cases, "entry": _Answer._entry, "ones": _Answer._ones}
)
_RULES: Mapping[type, Callable[..., Tree]] = MappingProxyType(
    {
        Letter: _Answer.letter,
        Slope: _Answer.slope,
        Index: _Answer.index,
        Activation: _Answer.activation,
        Unspecified: _Answer.unspecified,
        Total: _Answer.total,
        Written: _Answer.matrix,
        Apply: _Answer.apply,
    }
)
