"""What a quantity reaches, in words: w₁ feeds hidden unit h₁, and h₁ feeds both outputs."""

from __future__ import annotations

from collections.abc import Sequence

from derive.gradient import Route, Stage
from derive.notation import KEY
from derive.problem import Network, Place
from derive.writing.spelling import spell
from reports.content.desk import Desk
from reports.content.page import Part, Prose
from reports.content.samples import sample_name
from reports.content.wording import counted, listed, said, spelled

MOST_NAMED = 6
"""More readers than this are counted, not named."""


def in_words(desk: Desk, stage: Stage) -> Prose:
    """The question, what the quantity feeds, and by how many routes or ways it is felt."""
    of, by = desk.letter(stage.of), desk.letter(stage.by)
    if not stage.routes:
        return (of, " does not depend on ", by, ": no route leads there, and the derivative is 0.")
    question = said("How fast does {of} change when {by} changes? ", of=of, by=by)
    if len(stage.routes) > 1:
        feeds = _readers(desk, _readers_of(stage))
        words = f"{{by}} feeds {{feeds}}: {ways(stage)} back from {{of}}. Add what they bring."
        return (*question, *said(words, by=by, feeds=feeds, of=of))
    route = stage.routes[0]
    if route.head is None:
        words = "{by} can reach {of} along one route only: {path}. Multiply the slope of every link."
        return (*question, *said(words, by=by, of=of, path=_path(desk, route)))
    above = desk.derivation.stage(stage.of, route.head)
    words = (
        "{by} feeds {named}, and {unit} feeds {feeds}. "
        f"So there are {ways(above)} back from {{of}} to {{head}}: add them, then go on down to {{by}}."
    )
    return (
        *question,
        *said(
            words,
            of=of,
            by=by,
            named=_unit(desk, route.head, named=True),
            unit=_unit(desk, route.head),
            feeds=_readers(desk, _readers_of(above)),
            head=desk.letter(route.head),
        ),
    )


def ways(stage: Stage) -> str:
    """two routes, where each leads all the way; two ways, where one of them parts again"""
    parts_again = any(route.head for route in stage.routes)
    return counted(len(stage.routes), "way" if parts_again else "route")


def _readers_of(stage: Stage) -> list[str]:
    return [route.factors[-1].of for route in stage.routes]


def one_sample_words(desk: Desk, *, others_follow: bool = False) -> Prose:
    """Whose cost is derived, where the whole cost is more than that, and whose numbers stand there."""
    cost = desk.letter("C")
    if not desk.derivation.batched:
        added = ", which is added below" if others_follow else ""
        return (cost, f" is the cost without its L2 term{added}.")
    which = "the other" if len(desk.samples) == len(desk.problem.x) else "more"
    follow = f"; {which} samples follow below" if others_follow else ""
    why = "; more of the derivatives before it are 0" if desk.sample > 1 else ""
    name = sample_name(desk, desk.sample)
    numbers = f" The numbers are those of sample {name}{why}{follow}." if desk.worked else ""
    return (
        cost,
        f" is one sample’s cost; the sample’s other quantities are written without its mark.{numbers}",
    )


def _path(desk: Desk, route: Route) -> Prose:
    """w₅ → z → a → E, with a place to break a line after each arrow."""
    words: list[Part] = [desk.letter(route.factors[-1].by)]
    for factor in reversed(route.factors):
        words += [" → ", desk.letter(factor.of)]
    return tuple(words)


def _unit(desk: Desk, key: str, *, named: bool = False) -> Prose:
    """h₁ of a network that names its units, with what it is where `named`; else the quantity's letter."""
    body = desk.problem.body
    place = _unit_place(key) if isinstance(body, Network) else None
    if not isinstance(body, Network) or place is None or _is_piece(body, place):
        return (desk.letter(key),)
    own = body.layer(place.layer).units[place.index[0] - 1]
    what = f"{_kind(body, place)} unit "
    if own:
        return (what, spell(own)) if named else (spell(own),)
    return (what, str(place.index[0]), " (", desk.letter(key), ")") if named else (desk.letter(key),)


def _unit_place(key: str) -> Place | None:
    """The unit that a network's weighted input or activation belongs to; None for other quantities."""
    match = KEY.fullmatch(key)
    if match is None or match[1] not in ("z", "a") or not match[3]:
        return None
    return Place(match[1], int(match[2]), (int(match[3]),))


def _is_piece(network: Network, place: Place) -> bool:
    """Whether it is one of several weighted inputs of its unit."""
    return place.letter == "z" and network.layer(place.layer).activation.pieces > 1


def _kind(network: Network, place: Place) -> str:
    if place.layer == network.depth:
        return "output"
    return "hidden" if network.depth == 2 else f"layer {place.layer}’s"


def _readers(desk: Desk, keys: Sequence[str]) -> Prose:
    """both outputs, all four units of layer 2, or the quantities by name"""
    whole = _whole_layer(desk, keys)
    if whole:
        return (whole,)
    if len(keys) > MOST_NAMED:
        return (f"{spelled(len(keys))} quantities, ", *_unit(desk, keys[0]), " to ", *_unit(desk, keys[-1]))
    return listed([_unit(desk, key) for key in keys])


def _whole_layer(desk: Desk, keys: Sequence[str]) -> str:
    """In words, where the readers are exactly the units of one layer."""
    body = desk.problem.body
    if not isinstance(body, Network):
        return ""
    places = [place for place in map(_unit_place, keys) if place is not None]
    if len(places) != len(keys) or len(keys) < 2:
        return ""
    layers = {(place.letter, place.layer) for place in places}
    layer = places[0].layer
    if len(layers) > 1 or len(keys) != body.sizes[layer] or _is_piece(body, places[0]):
        return ""
    every = "both" if len(keys) == 2 else f"all {spelled(len(keys))}"
    if layer == body.depth:
        return f"{every} outputs"
    return f"{every} hidden units" if body.depth == 2 else f"{every} units of layer {layer}"
