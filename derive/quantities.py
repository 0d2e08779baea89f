"""What a name means in a problem: from `dE/dw5`, `a2_1`, `delta2[1]@3` to keys.

An author's own names win; canonical names and their short forms follow. The
table of forms is DESIGN's "Names of quantities".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType

from derive.errors import AnswerError, did_you_mean
from derive.formula import Scope, parse
from derive.formula.nodes import ALIASES, FUNCTIONS, Derivative, Name, Node, walk
from derive.problem import Graph, Network, Place, Problem
from derive.shapes import Shape, entry

LAYERED = re.compile(r"(w|b|z|a|delta)_?(\d+)")
SHORT = re.compile(r"(w|b|z|a|delta)(\d+)_(\d+)(?:_(\d+))?")
NUMBERED = re.compile(r"(x|y|C)(?:_?(\d+))?")
BARE = re.compile(r"(w|b|z|a|delta)")
FORMS = (LAYERED, SHORT, NUMBERED)

LETTERS: Mapping[str, str] = MappingProxyType({"activation": "a", "weighted_input": "z", "target": "y"})
"""The canonical letter of each that [notation] may write otherwise; the cost's letter is an own name."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of the steps, or the total derivative of one by others.

    of  key of the quantity, or of what is differentiated
    by  keys of what it is differentiated by, in order; empty for a value
    """

    of: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names(Set[str]):
    """The names that a problem's formulas may use, tested by form: 23,860 weights need no list."""

    problem: Problem

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name in self.problem.own_names:
            return name in self.problem.own_names
        body = self.problem.body
        if not isinstance(body, Network):
            return False
        # A layer's number goes unsaid only where there is one layer.
        forms = (*FORMS, BARE) if body.depth == 1 else FORMS
        readings = (name, *_canonical_names(self.problem, name))
        return any(form.fullmatch(reading) for form in forms for reading in readings)

    def __iter__(self) -> Iterator[str]:
        names = list(self.problem.own_names)
        if isinstance(self.problem.body, Network):
            names += ["x", "y", "C"]
            names += [f"{letter}{l}" for l in range(1, self.problem.body.depth + 1) for letter in SHAPES]
            notation = self.problem.notation
            names += [notation.target]
            names += [
                f"{letter}{l}"
                for l in range(1, self.problem.body.depth + 1)
                for letter in (notation.weighted_input, notation.activation)
            ]
        yield from dict.fromkeys(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def scope_of(problem: Problem) -> Scope:
    """What a formula about this problem may name."""
    unspecified = frozenset(problem.body.functions) if isinstance(problem.body, Graph) else frozenset()
    return Scope(
        names=Names(problem),
        functions=FUNCTIONS,
        aliases={**ALIASES, **_activation_words(problem)},
        unspecified=unspecified,
        quantities=True,
    )


def _activation_words(problem: Problem) -> dict[str, str]:
    """sigma and the letter of [notation] for the activation that layers share, sigma2 for that of layer 2."""
    if not isinstance(problem.body, Network):
        return {}
    rules = {l: layer.activation.name for l, layer in enumerate(problem.body.layers, 1)}
    words = {f"sigma{l}": name for l, name in rules.items() if name in FUNCTIONS}
    shared = set(rules.values()) - {"identity"}
    if len(shared) == 1 and shared <= FUNCTIONS:
        words |= dict.fromkeys(filter(None, ("sigma", problem.notation.function)), *shared)
    return words


CANONICAL = re.compile(r"dC/d([wbza]\d{1,4}|[xy])\[(\d{1,6})(?:,(\d{1,6}))?\]")
"""A derivative as messages print it."""


def read(problem: Problem, text: str) -> Quantity:
    """The one quantity that a text names; AnswerError where it names none, or is a formula."""
    found = _at_once(problem, text)
    return _read(problem, text) if found is None else found


def _at_once(problem: Problem, text: str) -> Quantity | None:
    """What a canonical name means, without the grammar, which makes the same of it; None of another text.

    Names that the author gave may take it apart otherwise, and what is refused is refused with its place.
    """
    match = CANONICAL.fullmatch(text)
    if match is None or isinstance(problem.body, Graph):
        return None
    base, *index = match.groups()
    own = problem.own_names
    if "dC" in own or base in own or f"d{base}" in own:
        return None
    by = Name(base, tuple(int(number) for number in index if number is not None))
    try:
        return resolve(problem, Derivative(Name("C"), (by,)))
    except AnswerError:
        return None


def _read(problem: Problem, text: str) -> Quantity:
    """The same of any text, by the grammar."""
    try:
        node = parse(text, scope_of(problem))
    except AnswerError:
        _refuse_unknown(problem, text)
        raise
    if not isinstance(node, Name | Derivative):
        raise AnswerError(
            f"'{text}' is a formula; here the name of one quantity is expected, such as dC/dw1[1,1]"
        )
    if any(name.primes for name in ((node,) if isinstance(node, Name) else (node.of, *node.by))):
        raise AnswerError(f"'{text}' is the value after a step; leave the prime out here")
    return resolve(problem, node)


DERIVATIVE = re.compile(r"d([^\W\d]\w*)(?:\[[\d,]*\])?(?:@\w+)?/d([^\W\d]\w*)(?:\[[\d,]*\])?(?:@\w+)?")

WHOLE_ARRAY = re.compile(r"[WBZAXY]\d*")


def _refuse_unknown(problem: Problem, text: str) -> None:
    """Blame the name in a derivative that is none, and not its d; W1 is an array's name on a page."""
    match = DERIVATIVE.fullmatch(text)
    names = Names(problem)
    for name in match.groups() if match else ():
        entry_of = name[0].lower() + name[1:]
        if name in names or "d" in name[1:]:
            continue
        if WHOLE_ARRAY.fullmatch(name) and entry_of in names:
            example = f"{entry_of}[{'1,1' if name[0] == 'W' else '1'}]"
            raise AnswerError(f"'{name}' names a whole array; one entry is {example}, as in dC/d{example}")
        raise AnswerError(f"'{name}' is not in this problem{did_you_mean(name, names)}")


def check(problem: Problem, node: Node) -> None:
    """Raise AnswerError for the first name in a formula that means nothing here."""
    for part in walk(node):
        if isinstance(part, Name | Derivative):
            resolve(problem, part)


def at_sample(problem: Problem, name: Name, suffix: str) -> str:
    """The key of a name that is written for any sample, at one: a2[1] at "@3" is a2[1]@3."""
    single = replace(problem, x=problem.x[:1], y=problem.y[:1], tests=())
    key = resolve(single, name).of
    return key + suffix if key[0] in "xyza" else key


def resolve(problem: Problem, leaf: Name | Derivative) -> Quantity:
    """Keys for a name as written. Raises AnswerError with the reading that would be accepted."""
    if isinstance(leaf, Name):
        return _resolve_name(problem, leaf)
    of = _resolve_name(problem, leaf.of)
    by = tuple(_differentiable(problem, name) for name in leaf.by)
    return Quantity(of.of, of.by + by)


def _differentiable(problem: Problem, name: Name) -> str:
    if name.primes:
        raise AnswerError(
            f"'{name}' is a value after a step; the derivative there is written with the prime above, dC'/dw",
            name.column,
        )
    quantity = _resolve_name(problem, name)
    if quantity.by:
        raise AnswerError(f"'{name}' is itself a derivative; nothing is differentiated by it", name.column)
    return quantity.of


def _resolve_name(problem: Problem, name: Name) -> Quantity:
    if isinstance(problem.body, Graph):
        return _graph_name(problem, problem.body, name)
    own = problem.own_names.get(name.base)
    if isinstance(own, str) and not name.index:
        _refuse_sample(name)
        return Quantity(own)
    if isinstance(own, Place) and (own.letter == "C" or not name.index):
        _refuse_several(problem.body, own, name)
        place = Place(own.letter, own.layer, name.index or own.index)
    else:
        place = _place(problem, problem.body, name)
    return _keyed(problem, problem.body, place, name)


def _refuse_several(network: Network, own: Place, name: Name) -> None:
    """z_h1 and delta_h1 are one quantity only where unit h1 has one weighted input."""
    if own.letter not in ("z", "delta"):
        return
    places = network.layer(own.layer).read_by(own.index[0])
    if len(places) > 1:
        *most, last = (f"{own.letter}{own.layer}[{place}]" for place in places)
        raise AnswerError(
            f"'{name}': this unit has {len(places)} weighted inputs; write {', '.join(most)} or {last}",
            name.column,
        )


def _graph_name(problem: Problem, graph: Graph, name: Name) -> Quantity:
    if name.base not in problem.own_names:
        raise AnswerError(
            f"'{name.base}' is not in this problem{did_you_mean(name.base, problem.own_names)}", name.column
        )
    shape = graph.shape(name.base)
    if name.sample or (name.index and not shape):
        raise AnswerError(f"'{name}': names of a graph have no indices and no samples", name.column)
    return Quantity(entry(name.base, _filled_in(shape, name, name.index, name.base)))


def _place(problem: Problem, network: Network, name: Name) -> Place:
    """The place of the table that a canonical name or a short form means, in the page's letters or ours."""
    base = _base(problem, name)
    if match := NUMBERED.fullmatch(base):
        letter, number = match.groups()
        place = Place(letter, 0, (int(number),) if number and not name.index else name.index)
        return place if letter == "C" else Place(letter, 0, _filled(network, place, name))
    if match := SHORT.fullmatch(base):
        letter, layer, *digits = match.groups()
        index = _short_index(problem, network, letter, int(layer), digits, name)
        return _entry(network, letter, int(layer), index, name)
    if match := LAYERED.fullmatch(base):
        letter, number = match.groups()
        if network.depth == 1 and not name.index and (letter, number) != ("a", "0"):
            return _one_layer(problem, network, letter, number, name)
        return _entry(network, letter, int(number), name.index, name)
    if network.depth == 1 and (match := BARE.fullmatch(base)):
        return _entry(network, match[1], 1, name.index, name)
    if name.base in problem.own_names:
        raise AnswerError(f"'{name}': '{name.base}' is a single quantity; leave its index out", name.column)
    raise AnswerError(
        f"'{name.base}' is not in this problem{did_you_mean(name.base, Names(problem))}", name.column
    )


def _canonical_names(problem: Problem, name: str) -> dict[str, str]:
    """What a name in the page's letters is in ours, each with its role: t1 is y1 where the target is t."""
    found: dict[str, str] = {}
    for role, letter in LETTERS.items():
        written: str = getattr(problem.notation, role)
        rest = name.removeprefix(written)
        if written != letter and name.startswith(written) and re.fullmatch(r"(?:_?\d.*)?", rest):
            found[letter + rest] = role
    return found


def _base(problem: Problem, name: Name) -> str:
    """A name's base in our letters; refused where the page's letter is ours for something else."""
    found = _canonical_names(problem, name.base)
    if not found:
        return name.base
    ((base, role),) = found.items()
    ours = next((other for other, letter in LETTERS.items() if name.base[0] == letter), "")
    taken = ours or ("cost" if name.base.startswith("C") else "")
    if taken and any(form.fullmatch(name.base) for form in (*FORMS, BARE)):
        rest = name.base.removeprefix(getattr(problem.notation, role))
        marks = str(name).removeprefix(name.base)
        theirs = f"{getattr(problem.notation, taken)}{rest}"
        raise AnswerError(
            f"'{name}' is the {_said(role)} in this problem's notation, and elsewhere the {_said(taken)};"
            f" write {base}{marks} or {theirs}{marks}",
            name.column,
        )
    return base


def _said(role: str) -> str:
    return role.replace("_", " ")


def _entry(network: Network, letter: str, layer: int, index: tuple[int, ...], name: Name) -> Place:
    """A quantity of a layer; a0[k] is x[k]."""
    if (letter, layer) == ("a", 0):
        letter = "x"
    return Place(letter, layer, _filled(network, Place(letter, layer, index), name))


def _one_layer(problem: Problem, network: Network, letter: str, number: str, name: Name) -> Place:
    """In a one-layer network a joined number is the unit; for the w of a single unit, the input."""
    rows, inputs = SHAPES["w"](network, 1)
    if letter != "w" or (inputs == 1 and rows > 9):
        index: tuple[int, ...] = (int(number),) if letter != "w" else (int(number), 1)
    else:
        index = (1, int(number)) if rows == 1 else _apart(problem, network, "w", 1, number, name)
    return _entry(network, letter, 1, index, name)


def _short_index(
    problem: Problem, network: Network, letter: str, layer: int, digits: list[str | None], name: Name
) -> tuple[int, ...]:
    """`w2_12` and `w2_1_2`, in the order of the problem's own notation."""
    first, second = digits[0] or "", digits[1]
    if second is not None:
        return _to_from(problem, letter, (int(first), int(second)))
    if letter == "w" and len(first) > 1:
        return _apart(problem, network, letter, layer, first, name)
    return (int(first),)


def _apart(
    problem: Problem, network: Network, letter: str, layer: int, digits: str, name: Name
) -> tuple[int, ...]:
    """The 1 and 2 of `12`, where no index can have two digits."""
    if 1 <= layer <= network.depth and max(SHAPES["w"](network, layer)) > 9:
        raise AnswerError(f"'{name.base}': write the two indices apart, {letter}{layer}[j,k]", name.column)
    return _to_from(problem, letter, tuple(map(int, digits)))


def _to_from(problem: Problem, letter: str, index: tuple[int, ...]) -> tuple[int, ...]:
    """A weight's indices as keys have them, from the order in which the problem writes them."""
    return index[::-1] if letter == "w" and problem.notation.index == "from_to" else index


SHAPES: Mapping[str, Callable[[Network, int], tuple[int, ...]]] = MappingProxyType(
    {
        "w": lambda network, l: (network.widths[l], network.sizes[l - 1]),
        "b": lambda network, l: (network.widths[l],),
        "z": lambda network, l: (network.widths[l],),
        "a": lambda network, l: (network.sizes[l],),
        "delta": lambda network, l: (network.widths[l],),
    }
)


def _shape(network: Network, place: Place, name: Name) -> tuple[int, ...]:
    if place.letter in ("x", "y"):
        return (network.sizes[0 if place.letter == "x" else -1],)
    if not 1 <= place.layer <= network.depth:
        layers = f"layers are 1 to {network.depth}" if network.depth > 1 else "the only one is layer 1"
        raise AnswerError(
            f"'{name}': there is no layer {place.layer}; {layers}{_with_layer(network, name)}", name.column
        )
    if place.letter == "b" and network.layer(place.layer).biases is None:
        raise AnswerError(f"'{name}': layer {place.layer} has no biases", name.column)
    return SHAPES[place.letter](network, place.layer)


def _with_layer(network: Network, name: Name) -> str:
    """What `w12` may have meant in a network of several layers: `; did you mean w1_12 or w2_12?`."""
    match = re.fullmatch(r"w_?([1-9])([1-9])", name.base)
    if match is None or name.index:
        return ""
    indices = "".join(match.groups())
    names = [f"w{l}_{indices}" for l in range(1, network.depth + 1)]
    return f"; did you mean {', '.join(names[:-1])} or {names[-1]}?" if network.depth > 1 else ""


def _filled(network: Network, place: Place, name: Name) -> tuple[int, ...]:
    """All indices, those put in that can only be 1; checked against the shape."""
    letter = place.letter + (str(place.layer) if place.layer else "")
    return _filled_in(_shape(network, place, name), name, place.index, letter)


def _filled_in(shape: Shape, name: Name, index: tuple[int, ...], letter: str) -> tuple[int, ...]:
    """The index of one entry of an array of this shape, which messages call `letter`."""
    open_ends = [axis for axis, size in enumerate(shape) if size > 1]
    if len(open_ends) <= len(index) < len(shape):
        full = dict(zip(open_ends or range(len(index)), index, strict=True))
        index = tuple(full.get(axis, 1) for axis in range(len(shape)))
    if len(index) != len(shape):
        example = ",".join("1" for _ in shape)
        found = {0: "names a whole array", 1: "has one index"}.get(len(index), f"has {len(index)} indices")
        raise AnswerError(f"'{name}' {found}; one entry is {letter}[{example}]", name.column)
    if any(not 1 <= i <= size for i, size in zip(index, shape, strict=True)):
        most = ",".join(map(str, shape))
        raise AnswerError(f"'{name}' does not exist; the last one is {letter}[{most}]", name.column)
    return index


def _keyed(problem: Problem, network: Network, place: Place, name: Name) -> Quantity:
    """The key of a place, with its sample."""
    if place.letter in ("w", "b"):
        _refuse_sample(name)
        return Quantity(f"{place.letter}{place.layer}[{','.join(map(str, place.index))}]")
    if place.letter == "C":
        return Quantity(_cost_key(problem, network, place, name))
    suffix = _suffix(problem, name)
    if place.letter == "y" and suffix in problem.tested:
        raise AnswerError(f"'{name}': a test input has no target", name.column)
    if place.letter == "y" and not problem.y:
        raise AnswerError(f"'{name}': this problem has no targets", name.column)
    if place.letter == "delta":
        _need_objective(problem, name)
        return Quantity("C", (f"z{place.layer}[{place.index[0]}]{suffix}",))
    layer = place.layer or ""
    return Quantity(f"{place.letter}{layer}[{place.index[0]}]{suffix}")


def _cost_key(problem: Problem, network: Network, place: Place, name: Name) -> str:
    _need_objective(problem, name)
    suffix = _suffix(problem, name) if name.sample else None
    if suffix in problem.tested:
        raise AnswerError(f"'{name}': a test input has no cost", name.column)
    if not place.index:
        if suffix is None:
            return "C"
        return f"C{suffix or '@1'}" if suffix or network.l2 else "C"
    if network.cost is None:
        raise AnswerError(
            f"'{name}': this problem's output does not split into parts; ask for C", name.column
        )
    if len(place.index) != 1 or not 1 <= place.index[0] <= network.sizes[-1]:
        raise AnswerError(f"'{name}' does not exist; the last one is C[{network.sizes[-1]}]", name.column)
    return f"C[{place.index[0]}]{suffix or ''}"


def _need_objective(problem: Problem, name: Name) -> None:
    if not problem.objectives:
        raise AnswerError(
            f"'{name}': this problem has neither cost nor output, only a forward pass", name.column
        )


def _suffix(problem: Problem, name: Name) -> str:
    """The suffix of the sample that a name asks for; the only one may go unsaid."""
    samples = {str(i): suffix for i, suffix in enumerate(problem.samples, 1)}
    samples |= {suffix.removeprefix("@"): suffix for suffix in problem.tested}
    if name.sample is None:
        if len(problem.samples) == 1:
            return problem.samples[0]
        raise AnswerError(f"'{name}': which sample? {name}@1 to {name}@{len(problem.samples)}", name.column)
    if name.sample not in samples:
        known = "samples are" if len(samples) > 1 else "the only sample is"
        raise AnswerError(
            f"'{name}': there is no sample {name.sample}; {known} {_some(list(samples))}", name.column
        )
    return samples[name.sample]


def _some(names: Sequence[str]) -> str:
    """All of a few names, the ends of many."""
    return ", ".join(names if len(names) <= 12 else (*names[:3], "…", names[-1]))


def _refuse_sample(name: Name) -> None:
    if name.sample is not None:
        raise AnswerError(
            f"'{name}': a parameter is the same for every sample; leave '@{name.sample}' out", name.column
        )
