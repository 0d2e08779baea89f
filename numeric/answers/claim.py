"""Is an equation true: of one problem, or of every network?

    claim(problem, "dE/dw5 = delta_o1*h1")             proved, or refuted at a point
    claim(None, r"\\delta^l = (W^{l+1})^T \\delta^{l+1} \\odot \\sigma'(z^l)")
    claim(None, "tanh(x) = (e^x + e^-x)/(e^x - e^-x)")  false: the right side is coth(x)

A claim about every network is tried on networks of several depths, with all widths
different and with all equal, an unspecified activation and several costs: so its proof is
never more than sampled. Running letters take every value for which all of it exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise, product
from types import MappingProxyType
from typing import Any

from flint import arb

from derive.answers import (
    Shaper,
    TooManyIndicesError,
    Understood,
    about_sides,
    instantiate,
    open_letters,
    read_answer,
)
from derive.errors import AnswerError
from derive.files.load import load_problem
from derive.formula.nodes import FUNCTIONS, Letter, Node, Slope, walk
from derive.problem import Network, Problem
from derive.training.update_rules import RATE
from numeric.answers.counterexample import differences, small_worlds, unspecified_letters
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.kinks import across
from numeric.answers.number import printed_number, rounds_to
from numeric.answers.quantities import look_up
from numeric.answers.reasons import Reason
from numeric.deciding.compare import Difference, InWorld, compare, same_here
from numeric.deciding.values import PRECISIONS
from numeric.deciding.worlds import Subject

MOST_INSTANCES = 400
"""Values of running letters that one claim is tried at."""

SHOWN = 24
"""Free numbers of a counterexample: of more, only those that the equation reads are listed."""

ORDER = ("false", "undecided", "true")


@dataclass(frozen=True)
class Claimed:
    """The verdict on an equation.

    verdict         true, false, undecided or unreadable
    proof           identity, sampled, counterexample, or None
    counterexample  numbers at which the sides differ: the quantities, and then left and right
    where           of an unreadable one the column
    meant           the equation as it was understood
    """

    equation: str
    verdict: str
    proof: str | None = None
    why: tuple[Reason, ...] = ()
    counterexample: Mapping[str, str] | None = None
    where: tuple[int, str] | None = None
    meant: Understood | None = None

    @property
    def read(self) -> str:
        """The equation as it was understood, in LaTeX."""
        return "" if self.meant is None else self.meant.latex

    @property
    def echo(self) -> str:
        """The same as a line of Unicode."""
        return "" if self.meant is None else self.meant.plain

    @property
    def links(self) -> tuple[Node, ...]:
        """The sides, as they were understood."""
        return () if self.meant is None else self.meant.links


def claim(problem: Problem | None, equation: str) -> Claimed:
    """Whether an equation is true of a problem; with none, of every network, or of all numbers."""
    if problem is not None:
        return about(Subject(problem), equation)
    return _about_functions(equation) or _about_every_network(equation)


# -- one problem -----------------------------------------------------------------------------------


def about(subject: Subject, equation: str) -> Claimed:
    """Whether an equation is true of one problem."""
    try:
        # With the equation as what is asked for, it may hold values after an update.
        reading = read_answer(subject.problem, equation, ask=equation, form="equation")
        if any(len(one.links) < 2 for one in reading.readings):
            raise AnswerError("a claim is an equation; there is no '=' in it")
        found = [_understood(subject, equation, one) for one in reading.readings]
    except AnswerError as error:
        return _unreadable(equation, error)
    return min(found, key=lambda one: ORDER[::-1].index(one.verdict))


def _unreadable(equation: str, error: AnswerError) -> Claimed:
    where = (error.column, str(error)) if error.column else None
    return Claimed(equation, "unreadable", why=(Reason("unreadable", str(error)),), where=where)


def _understood(subject: Subject, equation: str, one: Understood) -> Claimed:
    """The first link of the chain that is false, at the first values of running letters that show it."""
    notes = tuple(Reason("reading", note) for note in one.notes)
    read = Claimed(equation, "true", "identity", meant=one)
    misfit = about_sides(one) if one.mistake is None else str(one.mistake)
    try:
        instances = [] if misfit and one.mistake is None else list(_shaped(subject.problem, one))
    except AnswerError as error:
        if one.mistake is None or isinstance(error, TooManyIndicesError):
            raise
        instances = []
    if misfit and not instances:
        reason = Reason("shape", misfit)
        return replace(read, verdict="false", proof="counterexample", why=(reason, *notes))
    proofs, undecided = set[str | None](), ""
    for letters, links in instances:
        for left, right in pairwise(links):
            found = compare(subject, _side(left), _side(right))
            if found.same and found.proof == "sampled":
                found = across(subject, left, right) or found
            if found.same is False and not _true_here(subject, left, right):
                assert found.where is not None
                where = _readable(subject, left, right) or found.where
                return _false(read, where, letters, (left, right), notes)
            undecided = undecided or ("" if found.same is not None else found.why)
            proofs.add(found.proof)
    if undecided:
        reason = Reason("undecided", undecided.capitalize() + ".")
        return replace(read, verdict="undecided", proof=None, why=(reason, *notes))
    return replace(read, proof="identity" if proofs == {"identity"} else "sampled", why=notes)


def _shaped(problem: Problem, one: Understood) -> Iterator[tuple[Mapping[str, int], list[Node]]]:
    """The instances of an equation; where shapes do not fit for every layer, those of each may."""
    for letters, links in _instances(problem, one.links):
        if one.mistake is None:
            yield letters, links
        elif not letters:
            raise one.mistake
        else:
            yield letters, [Shaper(problem).shaped(link).node for link in links]


def _side(node: Node) -> InWorld:
    return lambda world: squeezed(Evaluator(world)(node))


def _true_here(subject: Subject, left: Node, right: Node) -> bool:
    """Whether sides that differ in general agree at the problem's own numbers: an equation of numbers.

    A printed decimal is as good as its digits.
    """
    world = subject.own or (subject.world(0) if not _reads(left) and not _reads(right) else None)
    if world is None:
        return False
    if same_here(world, _side(left), _side(right)):
        return True
    for side, other in ((left, right), (right, left)):
        printed = printed_number(side)
        if printed is not None and "." in printed and rounds_to(world, _side(other), printed):
            return True
    return False


def _readable(subject: Subject, left: Node, right: Node) -> Difference | None:
    """A point of small numbers at which two sides differ; None where none shows it."""
    sides = _side(left), _side(right)
    found = (where for world in small_worlds(subject) for where in differences(world, *sides))
    return next(found, None)


def _reads(node: Node) -> bool:
    return any(isinstance(part, Letter | Slope) for part in walk(node))


def _instances(problem: Problem, links: Sequence[Node]) -> Iterator[tuple[Mapping[str, int], list[Node]]]:
    """The equation at every value of its running letters for which all of it exists.

    Raises AnswerError, of the last value that was tried, where there is none.
    """
    letters = sorted(frozenset[str]().union(*map(open_letters, links)))
    if not letters:
        look_up(problem, links)
        yield {}, list(links)
        return
    network = problem.body
    most = max(network.sizes) if isinstance(network, Network) else max(1, len(letters))
    depth = network.depth if isinstance(network, Network) else 1
    ranges = {"L": (depth,), "l": range(1, depth + 1)}
    choices = product(*(ranges.get(letter, range(1, most + 1)) for letter in letters))
    found, refused = 0, AnswerError("nothing of it exists here")
    for chosen in islice(choices, MOST_INSTANCES):
        at = dict(zip(letters, chosen, strict=True))
        made = [instantiate(link, at) for link in links]
        try:
            look_up(problem, made)
        except AnswerError as error:
            refused = error
            continue
        found += 1
        yield at, made
    if not found:
        raise refused


def _false(
    read: Claimed,
    where: Difference,
    letters: Mapping[str, int],
    sides: tuple[Node, Node],
    notes: tuple[Reason, ...],
) -> Claimed:
    at = ", ".join(f"{letter} = {value}" for letter, value in letters.items())
    entry = f"entry {', '.join(str(i + 1) for i in where.index)}" if where.index else ""
    place = ", ".join(filter(None, (at, entry)))
    numbers = _numbers(where, sides)
    said = f"The sides differ{f' at {place}' if place else ''}"
    if numbers is not None:
        said += f": the left is {numbers['left']}, the right {numbers['right']}"
    why = (Reason("counterexample", said + "."), *notes)
    return replace(read, verdict="false", proof="counterexample", why=why, counterexample=numbers)


def _numbers(where: Difference, sides: tuple[Node, Node]) -> dict[str, str] | None:
    """Both sides in digits that tell them apart, and the numbers of what the equation reads."""
    left, right = (value.near(PRECISIONS[1]) for value in (where.left, where.right))
    if not (left.is_finite() and right.is_finite()):
        return None
    digits = next((d for d in (6, 15, 40) if _short(left, d) != _short(right, d)), 40)
    given, subject = where.world.given, where.world.subject
    named = {parameter.key: parameter.name for parameter in subject.problem.parameters}
    read = [str(part) for side in sides for part in walk(side) if isinstance(part, Letter)]
    free = [key for key in given if key in subject.free_keys or (key == RATE and RATE in read)]
    keys = free if len(free) <= SHOWN else [key for key in free if key in read][:SHOWN]
    functions = dict.fromkeys(unspecified_letters(subject.problem), "tanh")
    shown = {named.get(key, key): _short(given[key].near(PRECISIONS[0]), 6) for key in keys}
    return functions | shown | {"left": _short(left, digits), "right": _short(right, digits)}


def _short(ball: arb, digits: int) -> str:
    """A number to so many digits, without zeros behind them."""
    text: str = ball.str(digits, radius=False)
    mantissa, e, exponent = text.partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e + exponent


# -- every network ---------------------------------------------------------------------------------

SIZES = ((2, 3, 4, 2), (3, 3, 3, 3), (2, 1, 3, 2, 4), (1, 1, 1), (2, 2, 2))
"""Inputs, then units by layer: all different, all the same, deeper, one each, and few enough to be shown."""

COSTS = ("half_squared_error", "(a - y)^4/4 + a*y^2")
"""A claim that needs the first is told so."""

SHOWN_COSTS: Mapping[str, str] = MappingProxyType(
    dict(zip(COSTS, ("Σ ½(y − a)²", "Σ (¼(a − y)⁴ + a·y²)"), strict=True))
)


@cache
def _every(sizes: tuple[int, ...], cost: str) -> Subject:
    return Subject(_network(sizes, cost))


def _network(sizes: tuple[int, ...], cost: str) -> Problem:
    layers: list[dict[str, Any]] = [{"units": n, "activation": "general"} for n in sizes[1:]]
    return load_problem(
        {"title": "a network", "network": {"inputs": sizes[0], "cost": cost, "layers": layers}}
    )


Net = tuple[tuple[int, ...], str]
"""The sizes and the cost of a network."""


def _about_every_network(equation: str) -> Claimed:
    nets: list[Net] = [(sizes, cost) for cost in COSTS for sizes in SIZES]
    found = {net: about(_every(*net), equation) for net in nets}
    readable = {net: one for net, one in found.items() if one.verdict != "unreadable"}
    if not readable:
        return next(iter(found.values()))
    worst = min(readable, key=lambda net: (ORDER.index(readable[net].verdict), *_by_size(net, readable[net])))
    # A network of one unit a layer reads W as w: what is echoed is the reading of matrices.
    one = replace(readable[worst], meant=next(iter(readable.values())).meant)
    if one.verdict == "true":
        return replace(one, proof="sampled", why=(_of_samples(list(readable)), *one.why))
    return _refuted(one, worst, readable) if one.verdict == "false" else one


def _refuted(one: Claimed, net: Net, readable: Mapping[Net, Claimed]) -> Claimed:
    """A claim that is false in a network, with what is to be said of its cost and of shapes in others."""
    usual = [other.verdict for (_, cost), other in readable.items() if cost == COSTS[0]]
    why = [*_about_shapes(readable), *one.why, _where(net)]
    if usual and set(usual) == {"true"}:
        why.insert(0, Reason("cost", "It holds for the cost ½(y − a)², but not for every cost."))
    network = {"units": _units(net), "C": SHOWN_COSTS[net[1]]}
    shown = None if one.counterexample is None else network | dict(one.counterexample)
    return replace(one, why=tuple(dict.fromkeys(why)), counterexample=shown)


def _about_shapes(readable: Mapping[Net, Claimed]) -> Iterator[Reason]:
    """Where the shapes of the two sides do not fit, which tells more than any numbers."""
    for net, one in readable.items():
        misfit = next((reason for reason in one.why if reason.slip == "shape"), None)
        if misfit is not None:
            where = "" if "n_" in misfit.text else f"In a network of {_units(net)} units "
            yield Reason("shape", f"{where}{misfit.text}.".replace("..", "."))
            return


def _by_size(net: Net, one: Claimed) -> tuple[bool, int, int]:
    """The smallest network first that shows numbers, with the usual cost."""
    sizes, cost = net
    return one.counterexample is None, COSTS.index(cost), sum(sizes)


def _of_samples(tried: Sequence[Net]) -> Reason:
    nets = ", ".join(dict.fromkeys(map(_units, tried)))
    text = (
        f"It holds, with any φ, in networks of {nets} units and for two costs, at random points:"
        " strong evidence, and no proof for every size."
    )
    return Reason("sampled", text)


def _where(net: Net) -> Reason:
    text = f"These numbers are of a network of {_units(net)} units with the cost C = {SHOWN_COSTS[net[1]]}."
    return Reason("network", text)


def _units(net: Net) -> str:
    """2-3-4-2"""
    return "-".join(map(str, net[0]))


# -- functions -------------------------------------------------------------------------------------

WORD = re.compile(r"\\?[A-Za-z]+")
_LATEX = frozenset({"frac", "tfrac", "dfrac", "left", "right", "cdot", "times", "d"})
KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "tanh({x})": "tanh", "1/tanh({x})": "coth", "sinh({x})": "sinh", "cosh({x})": "cosh",
        "1/cosh({x})": "sech", "1/sinh({x})": "csch", "sigmoid({x})": "the sigmoid", "exp({x})": "e^x",
        "exp(-{x})": "e^(-x)", "1/cosh({x})^2": "the slope of tanh", "1 - tanh({x})^2": "the slope of tanh",
        "sigmoid({x})*(1 - sigmoid({x}))": "the slope of the sigmoid", "sin({x})": "sin", "cos({x})": "cos",
        "-sin({x})": "-sin", "-cos({x})": "-cos", "tan({x})": "tan", "1": "1", "0": "0",
        "sigmoid(-{x})": "the sigmoid of -x", "tanh({x}/2)": "tanh(x/2)", "relu({x})": "relu",
    }
)  # fmt: skip
"""Functions by which the right side of a false identity may be known."""


def _about_functions(equation: str) -> Claimed | None:
    """An identity of functions of free numbers; None where it is not one, but speaks of a network."""
    # LaTeX raises one token only: e^xe^y is e^x e^y.
    apart = re.sub(r"\^([A-Za-z0-9])(?=[A-Za-z\\])", r"^{\1} ", equation)
    words = {word.lstrip("\\") for word in WORD.findall(apart)} - _LATEX
    known = FUNCTIONS | {"sigma", "max", "min", "ln"}
    names = sorted(
        {letter for word in words - known if len(word) <= 2 for letter in word.removeprefix("d")} - {"e"}
    )
    if not names or any(len(word) > 2 for word in words - known) or re.search(r"[\^_]\{?[(\[]?[lL]|_", apart):
        return None
    steps = [f"the_sum = {' + '.join(names)}"]
    problem = load_problem({"title": "functions", "graph": {"steps": steps, "output": "the_sum"}})
    written = apart.replace("\\sigma", "sigmoid").replace("sigma", "sigmoid")
    found = replace(about(Subject(problem), written), equation=equation)
    if found.verdict == "unreadable":
        return None
    if found.verdict != "false" or len(names) != 1:
        return found
    named = _known_side(problem, written, names[0])
    return replace(found, why=(*named, *found.why))


def _known_side(problem: Problem, equation: str, name: str) -> Iterator[Reason]:
    """What the right side is, where it is a function with a name."""
    right = read_answer(problem, equation, form="equation").readings[0].links[-1]
    subject = Subject(problem)
    for form, known in KNOWN.items():
        other = read_answer(problem, form.format(x=name)).readings[0].node
        if compare(subject, _side(right), _side(other)).same:
            yield Reason("another function", f"The right side is {known}.")
            return
