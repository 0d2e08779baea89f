"""Which slips concern a derivative: each row at all its places, in one layer, in one line, in one term.

Only the lines that the derivative is computed from are looked at, and only as
far as whoever asks goes on reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.errors import AnswerError
from derive.functions import function_names
from derive.notation import write, write_derivative, write_total
from derive.problem import Network, Problem
from derive.quantities import read
from derive.slips.changes import read_key
from derive.slips.kinds import (
    EVERYWHERE,
    GRAINS,
    HIDDEN,
    LAYER,
    LINE,
    TERM,
    Made,
    Mistake,
    Place,
    Slip,
    Sweep,
    group_of,
    is_hidden,
    parts_of,
)
from derive.slips.table import MISTAKES
from derive.steps import Step, Term, program_of, share_of_a_sample, thin_program
from derive.sweep import adjoint, sweep
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.spelling import spell
from derive.writing.tree import Call, Prime, Tree, equals, plus


def swept(
    problem: Problem,
    of: str,
    by: Iterable[str],
    batch: Sequence[str] | None = None,
    *,
    thin: bool = False,
    alone: bool = False,
) -> Sweep:
    """The sweep down to these quantities, in usual slopes, and through all that slips of it may read.

    Of a network that is every unit: one weight of each unit of the first layer leads through all others.

    batch  the suffixes of the samples that the cost reads; None for all
    thin   of all samples: leave out what a network's first layer adds up besides these, as z1 is known
    alone  of a batch the first sample and its share of C, without an L2 term
    """
    body = problem.body
    through = tuple(row[0] for row in body.layers[0].weights) if isinstance(body, Network) else problem.wrt
    wrt = tuple(dict.fromkeys((*by, *through)))
    if alone:
        program = share_of_a_sample(problem, frozenset(wrt) if thin else None)
    else:
        program = thin_program(problem, frozenset(wrt)) if thin else program_of(problem, batch=batch)
    return Sweep.of(problem, program.plus(sweep(program, of, wrt, usual=True)))


def slips(problem: Problem, quantity: str) -> Iterator[PlacedSlip]:
    """The slips that concern a first derivative, by any of its names. Raises AnswerError for other names."""
    asked = read(problem, quantity)
    if len(asked.by) != 1:
        raise AnswerError(f"'{quantity}' is no first derivative; one is dC/dw1[1,1]")
    return slips_of(swept(problem, asked.of, asked.by), (adjoint(asked.of, asked.by[0]),))


@dataclass(frozen=True, kw_only=True)
class PlacedSlip(Slip):
    """A slip made somewhere: `edit` is the program with it, `edited` the lines that it spoils.

    family    the name of its row; `grain` how much of the sweep has it
    sentence  what `text` says of it wherever it is made; `here` in which layers that is, "" if in all
    """

    family: str
    grain: str
    made: Made
    sweep: Sweep
    keys: tuple[str, ...]
    sentence: str
    here: str

    @property
    def edited(self) -> tuple[EditedLine, ...]:
        """The lines with the mistake in them, of those that the derivative is computed from."""
        adjoints = self.sweep.adjoints
        steps = ((adjoints[key], self.made.step(self.sweep, adjoints[key])) for key in self.reached)
        return tuple(EditedLine(self.sweep.problem, step) for right, step in steps if step is not right)

    @property
    def reached(self) -> tuple[str, ...]:
        return self.sweep.reached(self.keys)


@dataclass(frozen=True)
class EditedLine:
    """A line of the derivation with a mistake in it."""

    problem: Problem
    step: Step

    @property
    def expression(self) -> sp.Expr:
        """The wrong right-hand side, in symbols named by the quantities' keys."""
        return sp.Add(*(_named(term) for term in self.step.terms))

    @property
    def tree(self) -> Tree:
        """The wrong equation in the problem's letters."""
        return equals(_letters(self.problem, self.step.key), plus(*map(self._term, self.step.terms)))

    def _term(self, term: Term) -> Tree:
        names = dict(zip(term.formula.formals, term.args, strict=True))
        return tree_of(term.formula.expr, lambda symbol: _letters(self.problem, names[symbol]))

    @property
    def latex(self) -> str:
        return latex(self.tree)

    def __str__(self) -> str:
        return plain(self.tree)


def _named(term: Term) -> sp.Expr:
    return term.formula.expr.xreplace(dict(zip(term.formula.formals, map(sp.Symbol, term.args), strict=True)))


def _letters(problem: Problem, key: str) -> Tree:
    parts = parts_of(key)
    return write(problem, key) if parts is None else write_total(problem, *parts)


# -- enumerating -----------------------------------------------------------------------------------


def slips_of(found: Sweep, keys: Iterable[str], grains: Iterable[str] = GRAINS) -> Iterator[PlacedSlip]:
    """Every slip that can change one of these adjoints: the wider before the narrower, the commoner first."""
    wanted = tuple(keys)
    reached = [place for key in found.reached(wanted) for place in found.places(key)]
    known: set[frozenset[tuple[str, int, tuple[Term, ...]]]] = set()
    for grain in grains:
        for mistake in MISTAKES:
            if (LAYER if grain == HIDDEN else grain) not in mistake.grains:
                continue
            concerned = [place for place in reached if grain != HIDDEN or is_hidden(found, place)]
            possible = [place for place in concerned if mistake.at(found, place) is not None]
            for made, places in _SPLITS[grain](mistake, possible):
                edited = frozenset(
                    (place.key, place.number, mistake.at(found, place) or ()) for place in places
                )
                if edited and edited not in known:
                    known.add(edited)
                    yield _placed(found, wanted, made, places)


def _everywhere(mistake: Mistake, places: list[Place]) -> Iterator[tuple[Made, list[Place]]]:
    yield Made(mistake), places


def _layers(mistake: Mistake, places: list[Place]) -> Iterator[tuple[Made, list[Place]]]:
    for layer, own in _grouped((group_of(place.by), place) for place in places).items():
        yield Made(mistake, layer=layer), own


def _hidden(mistake: Mistake, places: list[Place]) -> Iterator[tuple[Made, list[Place]]]:
    """All hidden layers, where there are several."""
    if len({group_of(place.by) for place in places}) > 1:
        yield Made(mistake, hidden=True), places


def _lines(mistake: Mistake, places: list[Place]) -> Iterator[tuple[Made, list[Place]]]:
    for line, own in _grouped((place.key, place) for place in places).items():
        yield Made(mistake, line=line), own


def _single(mistake: Mistake, places: list[Place]) -> Iterator[tuple[Made, list[Place]]]:
    for place in places:
        yield Made(mistake, line=place.key, number=place.number), [place]


def _grouped(pairs: Iterable[tuple[str, Place]]) -> dict[str, list[Place]]:
    groups: dict[str, list[Place]] = {}
    for name, place in pairs:
        groups.setdefault(name, []).append(place)
    return groups


_SPLITS = MappingProxyType(
    {EVERYWHERE: _everywhere, HIDDEN: _hidden, LAYER: _layers, LINE: _lines, TERM: _single}
)


# -- naming ----------------------------------------------------------------------------------------


def _placed(found: Sweep, keys: tuple[str, ...], made: Made, places: list[Place]) -> PlacedSlip:
    mistake, first = made.mistake, places[0]
    name, sentence, here = mistake.name, mistake.said(found.problem, first.of), ""
    if made.layer:
        name = f"{mistake.name} in d{first.of}/d{made.layer.removeprefix('shared ')}"
        here = layer_in_words(found.problem, first.of, made.layer)
    elif made.hidden:
        name, here = f"{mistake.name} in the hidden layers", "in the hidden layers"
    text = f"{sentence} Here it is so {here} only." if here else sentence
    if made.line:
        several = made.number is not None and first.terms > 1
        name = f"{mistake.name} in {made.line}" + (f" by {first.use.step.key}" if several else "")
        text = f"{_told(found, mistake, first)} {text}"
    return PlacedSlip(
        name=name,
        text=text,
        edit=made,
        family=mistake.name,
        grain=made.grain,
        made=made,
        sweep=found,
        keys=keys,
        sentence=sentence if here else text,
        here=here,
    )


def _told(found: Sweep, mistake: Mistake, place: Place) -> str:
    """The row's sentence for one place, in the reader's notation."""
    show = found.problem
    return mistake.here.format(
        factor=plain(factor_tree(show, place)),
        line=plain(write_total(show, place.of, place.by)),
        step=plain(write(show, place.use.step.key)),
        sample=place.use.step.key.partition("@")[2],
    )


def factor_tree(problem: Problem, place: Place) -> Tree:
    """The slope of a place as a reader knows it: phi'(z), the weight, the input, else ds/dq."""
    key, body = read_key(place.by), problem.body
    if place.role in ("weight", "input") and place.others:
        return write(problem, place.others[0])
    if place.role == "activation" and key is not None and isinstance(body, Network):
        rule = body.layer(key.layer).activation
        if not rule.couples:
            letter = function_names(body, problem.notation)[key.layer - 1]
            return Call(Prime(spell(letter)), (write(problem, place.by),))
    return write_derivative(problem, place.use.step.key, place.by)


WORDS: Mapping[str, str] = MappingProxyType(
    {"w": "in the weights' gradients of layer {}", "b": "in the biases' gradients of layer {}"}
)


def layer_in_words(problem: Problem, of: str, layer: str) -> str:
    """Where a mistake is that was made throughout one group of quantities: z2, w1, a graph's X."""
    key = read_key(f"{layer}[1]")
    if isinstance(problem.body, Network) and key is not None and key.layer:
        return WORDS.get(key.letter, "in layer {}").format(key.layer)
    return f"in {plain(write_total(problem, of, layer))}"
