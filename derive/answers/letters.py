r"""Letters with their marks: from a^{(2)}_1, a2_1 and a2[1] to one `Letter`.

    a^2, a_2, a2, a^{(2)}, a^{[2]}    a number joined to a letter, or above it, is the layer
    a^2_1, a_1^{(2)}, a2_1            beside a layer, what stands below is the unit
    w^2_{12}, w2_12, w_{2,12}         to unit 1 from unit 2, in the order of [notation] index
    x_1, x^{(3)}, a^{[2](3)}          input 1; sample 3
    a_1, a^2 in a network of one layer    unit 1; a power

Where two of these are possible, both are returned, the more usual one first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from derive.errors import AnswerError
from derive.formula.nodes import Counted, Letter
from derive.problem import Network, Problem
from derive.quantities import SHAPES

WHOLE_PRODUCT = "whole product"
"""The choice between d/dx of one factor, and of all that follows; an equation has no choice."""

POWER_OR_LAYER = "power"
"""The choice between a_1^2, unit 1 of layer 2, and the square of a_1."""

_NUMBER = r"[0-9]{1,6}|[a-zL](?:[+-][0-9]{1,2})?"
_BARE = r"[0-9]{1,6}|[h-uL](?:[+-][0-9]{1,2})?"
"""Without brackets a^y is a power, and no layer y."""
_RAISED = re.compile(
    rf"(?:\((?P<paren>{_NUMBER})\)|\[(?P<square>{_NUMBER})\]|(?P<plain>{_BARE}))"
    r"(?:,?[(\[](?P<sample>[0-9]{1,6}|[a-z])[)\]])?"
    r"(?P<turned>,?\^?\{?\(?T\)?\}?)?"
)
_PAIR = re.compile(r"(?=.*[a-z])([0-9]{1,6}|[a-z]),?([0-9]{1,6}|[a-z])")
_PLACE = re.compile(r"[0-9]{1,6}|[a-z](?:[+-][0-9]{1,2})?")
_LAYER = re.compile(r"[0-9]{1,6}|[lL](?:[+-][0-9]{1,2})?")
BATCHES = {"X": "x", "Y": "y", "Z": "z", "A": "a", "Delta": "delta", "W": "w"}
"""Capital letters: a whole batch, or all weights of a layer."""


class Script(NamedTuple):
    """A mark behind a letter.

    kind     sub, sup, index, sample or primes
    content  its text without spaces: `(2)`, `11`, `3T`
    first    where its content begins among the lexemes, and `last` the place behind it
    stop     the place behind the whole mark
    """

    kind: str
    content: str
    first: int
    last: int
    stop: int
    column: int


@dataclass(frozen=True, slots=True)
class Found:
    """A letter, how many scripts it takes, and whether one of them transposes it."""

    letter: Letter
    used: int
    turned: bool = False


@dataclass(frozen=True, slots=True)
class _Marks:
    """The scripts that belong to a letter, by what they are."""

    joined: str
    sub: Script | None
    raised: re.Match[str] | None
    sub_first: bool
    index: Script | None
    sample: str | None
    used: int

    @property
    def layer(self) -> str:
        """What stands above, where it can be a layer."""
        match = self.raised
        return (match["paren"] or match["square"] or match["plain"]) if match else ""


@dataclass(frozen=True)
class LetterReader:
    """The letters of one network. `written` is the word as the answer has it, for messages.

    by_sample  a number in round brackets above an activation is its sample, and the layer the last
    """

    problem: Problem
    network: Network
    by_sample: bool = False

    @property
    def deep(self) -> bool:
        return self.network.depth > 1

    @property
    def has_samples(self) -> bool:
        return len(self.problem.x) > 1

    def read(self, letter: str, joined: str, scripts: Sequence[Script], written: str) -> tuple[Found, ...]:
        """What a letter with a joined number and scripts means. Raises AnswerError where it means nothing."""
        marks = self._with_sample_below(letter, self._marks(joined, scripts))
        if letter.lower() in ("x", "y") or letter == "C":
            return (self._unlayered(letter, marks, scripts, written),)
        if letter == "n":
            layer = joined or (marks.sub.content if marks.sub else "") or marks.layer
            if layer and not _LAYER.fullmatch(layer):
                raise AnswerError(f"'{written}' is the number of samples, and has no marks but a layer", 0)
            return (Found(Letter("n", _counted(layer) if layer else 0), marks.used if layer else 0),)
        return self._layered(letter, marks, scripts, written)

    def _marks(self, joined: str, scripts: Sequence[Script]) -> _Marks:
        sub = index = raised = sample = None
        sub_first = False
        used = 0
        for script in scripts:
            if script.kind == "sub" and sub is None and index is None:
                sub, sub_first = script, raised is None
            elif script.kind == "sub" and sub is not None and used and scripts[used - 1].kind == "sub":
                sub = script._replace(content=f"{sub.content},{script.content}")  # w2_1_2
            elif script.kind == "sup" and raised is None and (match := _RAISED.fullmatch(script.content)):
                raised = match
            elif script.kind == "index" and sub is None and index is None:
                index = script
            elif script.kind == "sample" and sample is None:
                sample = script.content
            else:
                break
            used += 1
        return _Marks(joined, sub, raised, sub_first, index, sample, used)

    def _with_sample_below(self, letter: str, marks: _Marks) -> _Marks:
        """x_{i1} and x_{ij}: of a number and a running letter the letter is the sample, of two the first."""
        match = _PAIR.fullmatch(marks.sub.content) if marks.sub else None
        has_layer = not self.deep or letter in ("x", "y") or bool(marks.joined or marks.layer)
        if match is None or letter not in BATCHES.values() or letter == "w" or marks.sample is not None:
            return marks
        if not (self.has_samples and has_layer):
            return marks
        unit, sample = (match[1], match[2]) if match[1].isdigit() else (match[2], match[1])
        below = marks.sub._replace(content=unit) if marks.sub else None
        return replace(marks, sub=below, sample=sample)

    def _without_power(self, marks: _Marks, scripts: Sequence[Script]) -> _Marks:
        """The marks before a script that is a power."""
        place = next((k for k, script in enumerate(scripts) if script.kind == "sup"), len(scripts))
        return self._marks(marks.joined, scripts[:place])

    def _unlayered(self, letter: str, marks: _Marks, scripts: Sequence[Script], written: str) -> Found:
        """x, y and C: a number is the index, and in brackets above it the sample."""
        raised = marks.raised
        if raised and not (raised["paren"] or raised["square"]):
            return self._unlayered(letter, self._without_power(marks, scripts), scripts, written)
        sample = marks.sample or (marks.layer or None)
        content = marks.joined or (marks.sub.content if marks.sub else "")
        pair = _PAIR.fullmatch(content) if letter in BATCHES else None
        places = pair.groups() if pair else (content,) if _PLACE.fullmatch(content) else ()
        index = self._index(marks) or tuple(map(_counted, places))
        if content and not index:
            raise AnswerError(f"'{written}': {content} is no index of it", 0)
        turned = bool(raised and raised["turned"])
        return Found(self.made(letter, 0, index, sample, written), marks.used, turned)

    def _layered(
        self, letter: str, marks: _Marks, scripts: Sequence[Script], written: str
    ) -> tuple[Found, ...]:
        raised = marks.raised
        if raised and self._is_power(marks):
            return self._layered(letter, self._without_power(marks, scripts), scripts, written)
        turned = bool(raised and raised["turned"])
        sample = marks.sample or (raised["sample"] if raised else None)
        above = marks.layer
        if above and self._is_sample(marks, above):
            sample, above = above, ""
        elif above and self.by_sample and letter == "a" and raised and raised["paren"] and not sample:
            index = self._below(letter, marks, written)
            return (Found(self.made(letter, self.network.depth, index, above, written), marks.used, turned),)
        if marks.joined and self.deep:
            layer, index = _counted(marks.joined), self._below(letter, marks, written)
        elif above:
            if (
                marks.sub_first
                and raised is not None
                and raised["plain"]
                and self._may_be_layer(letter, marks)
            ):
                return self._either(letter, marks, scripts, written)
            layer, index = _counted(above), self._below(letter, marks, written)
        elif not self.deep and marks.joined == "1" and letter in BATCHES and not (marks.sub or marks.index):
            layer, index = 1, ()  # W1 is the whole array, as files name it
        elif not self.deep:
            layer, index = 1, self._one_layer(letter, marks, written)
            if marks.joined == "0" and letter in "aA":
                layer, index = 0, self._below(letter, marks, written)
        else:
            layer, index = self._layer_below(letter, marks, written)
        return (Found(self.made(letter, layer, index, sample, written), marks.used, turned),)

    def _is_power(self, marks: _Marks) -> bool:
        """Whether what stands above is an exponent: of a2, or in a network of one layer."""
        raised = marks.raised
        if raised is None or raised["plain"] is None:
            return bool(raised and marks.joined and not self.has_samples)
        return bool(marks.joined) or (not self.deep and raised["plain"].isdigit() and raised["plain"] != "0")

    def _is_sample(self, marks: _Marks, above: str) -> bool:
        raised = marks.raised
        if raised is None or raised["plain"] or not self.has_samples or raised["sample"]:
            return False
        return bool(marks.joined) or (not self.deep and above[0] not in "lL" and above != "0")

    def _may_be_layer(self, letter: str, marks: _Marks) -> bool:
        """Whether the number below a letter of one index can be its layer, as in a_2^2."""
        of_sample = marks.raised is not None and marks.raised["sample"] is not None
        return (
            letter.lower() != "w" and marks.sub is not None and marks.sub.content.isdigit() and not of_sample
        )

    def _either(
        self, letter: str, marks: _Marks, scripts: Sequence[Script], written: str
    ) -> tuple[Found, ...]:
        """a_1^2: unit 1 of layer 2, or, where layer 1 is a single unit, the square of a_1."""
        found: list[Found] = []
        refused: list[AnswerError] = []
        assert marks.sub is not None
        below = _counted(marks.sub.content)
        ways: list[tuple[Counted, tuple[Counted, ...], int]] = [(_counted(marks.layer), (below,), marks.used)]
        if self._is_single(letter, marks.sub.content) and marks.layer != "1":  # nobody writes a power of 1
            ways.append((below, (), self._without_power(marks, scripts).used))
        for layer, index, used in ways:
            try:
                found.append(Found(self.made(letter, layer, index, marks.sample, written), used))
            except AnswerError as error:
                refused.append(error)
        if not found:
            raise refused[0]
        return tuple(found)

    def _is_single(self, letter: str, number: str) -> bool:
        layer = int(number)
        sizes = self.network.sizes if letter.lower() == "a" else self.network.widths
        return layer < len(sizes) and sizes[layer] == 1

    def _index(self, marks: _Marks) -> tuple[Counted, ...]:
        """Of brackets, in the order of the canonical names."""
        if marks.index is None:
            return ()
        return tuple(_counted(part) for part in marks.index.content.split(","))

    def _below(self, letter: str, marks: _Marks, written: str) -> tuple[Counted, ...]:
        """The indices below a letter whose layer is known already."""
        if marks.index is not None or marks.sub is None:
            return self._index(marks)
        content = marks.sub.content
        if letter.lower() != "w":
            if _PLACE.fullmatch(content):
                return (_counted(content),)
            if letter in BATCHES and (match := re.fullmatch(r"(\w),?(\w)", content)):
                return (_counted(match[1]), _counted(match[2]))
            raise AnswerError(f"'{written}': '{content}' is no index of a unit", marks.sub.column)
        return self._to_from(self._pair(content, marks.sub.column, written))

    def _pair(self, content: str, column: int, written: str) -> tuple[Counted, ...]:
        """j and k of jk, 12, 1,2 or 1_2."""
        parts = re.split("[,_]", content)
        if len(parts) == 1:
            if content.isdigit() and len(content) > 1 and max(self.network.widths) > 9:
                raise AnswerError(f"'{written}': write the two indices apart, as in w2[1,12]", column)
            parts = re.findall("[0-9]|[a-z]", content)
            if "".join(parts) != content:
                parts = []
        if not 1 <= len(parts) <= 2 or not all(_PLACE.fullmatch(part) for part in parts):
            raise AnswerError(f"'{written}': '{content}' is no pair of indices", column)
        return tuple(_counted(part) for part in parts)

    def _to_from(self, index: tuple[Counted, ...]) -> tuple[Counted, ...]:
        return index[::-1] if self.problem.notation.index == "from_to" else index

    def _one_layer(self, letter: str, marks: _Marks, written: str) -> tuple[Counted, ...]:
        """A joined number is the unit; of a single unit's weight the input."""
        if marks.joined and not marks.sub and marks.index is None:
            marks = replace(marks, sub=Script("sub", marks.joined, 0, 0, 0, 0))
        if letter != "w" or marks.sub is None or marks.index is not None:
            return self._below(letter, marks, written)
        rows, _ = SHAPES["w"](self.network, 1)
        if rows == 1 and _PLACE.fullmatch(marks.sub.content):
            return (1, _counted(marks.sub.content))
        return self._below(letter, marks, written)

    def _layer_below(self, letter: str, marks: _Marks, written: str) -> tuple[Counted, tuple[Counted, ...]]:
        """The layer of a_2 or W_{2,11}; refused where none is said."""
        content = marks.sub.content if marks.sub else ""
        if _LAYER.fullmatch(content) and (not content.isdigit() or int(content) <= self.network.depth):
            return _counted(content), self._index(marks)
        layer, _, rest = content.partition(",")
        if rest and _LAYER.fullmatch(layer) and (letter.lower() != "w" or len(rest) > 1):
            below = replace(marks, sub=marks.sub._replace(content=rest) if marks.sub else None)
            return _counted(layer), self._below(letter, below, written)
        column = marks.sub.column if marks.sub else 0
        layers = range(1, self.network.depth + 1)
        mark = f"_{content}" if content else ""
        names = [f"{letter}{l}{mark}" for l in (layers if len(layers) <= 4 else (1, 2))]
        offered = f"{', '.join(names[:-1])} or {names[-1]}"
        raise AnswerError(f"'{written}': which layer? write {offered}", column)

    def made(
        self, letter: str, layer: Counted, index: tuple[Counted, ...], sample: str | None, written: str
    ) -> Letter:
        """A letter that exists, its indices filled in where they can only be 1."""
        if letter in BATCHES:
            if len(index) == 2 and letter != "W":
                unit, of = index[::-1] if self.problem.notation.samples == "rows" else index
                index, sample = (unit,), str(of)
            if (letter == "W" and index) or (letter != "W" and (index or sample or not self.has_samples)):
                letter = BATCHES[letter]
        if letter == "a" and layer == 0:
            letter = "x"
        if letter == "A" and layer == 0:
            letter = "X"
        small = BATCHES.get(letter, letter)
        sample = self._sample(small, sample, written)
        if isinstance(layer, str):
            many = "W" if letter == "w" and not index else letter
            return Letter(many, layer, index, sample)
        return self._placed(letter, small, layer, index, sample, written)

    def _placed(
        self,
        letter: str,
        small: str,
        layer: int,
        index: tuple[Counted, ...],
        sample: str | None,
        written: str,
    ) -> Letter:
        if small == "C":
            outputs = self.network.sizes[-1]
            if len(index) > 1 or any(isinstance(place, int) and not 1 <= place <= outputs for place in index):
                raise AnswerError(f"'{written}' does not exist; the last one is C[{outputs}]", 0)
            return Letter("C", 0, index, sample)
        shape = self._shape(small, layer, written)
        if letter in BATCHES and letter != "W":
            return Letter(letter, layer)
        open_ends = [axis for axis, size in enumerate(shape) if size > 1]
        if index and len(open_ends) == len(index) < len(shape):
            given = dict(zip(open_ends, index, strict=True))
            index = tuple(given.get(axis, 1) for axis in range(len(shape)))
        if not index and not open_ends:
            index = (1,) * len(shape)
        if not index:
            column = letter == "w" and not self.deep and shape[0] == 1
            return Letter("w" if column else {"w": "W"}.get(letter, letter), layer, (), sample)
        if sample is None and self._is_of_sample(small, shape, index):
            return Letter(small, layer, (1,), str(index[0]))
        name = f"{small}{layer or ''}"
        if len(index) != len(shape):
            example = ",".join("1" for _ in shape)
            found = "1 index" if len(index) == 1 else f"{len(index)} indices"
            raise AnswerError(f"'{written}' has {found}; one entry is {name}[{example}]", 0)
        if any(isinstance(i, int) and not 1 <= i <= size for i, size in zip(index, shape, strict=True)):
            if 0 in index:
                raise AnswerError(f"'{written}': indices count from 1 here", 0)
            most = ",".join(map(str, shape))
            raise AnswerError(f"'{written}' does not exist; the last one is {name}[{most}]", 0)
        return Letter(small, layer, index, sample)

    def _shape(self, small: str, layer: int, written: str) -> tuple[int, ...]:
        network = self.network
        if small in ("x", "y"):
            if small == "y" and network.cost is None and not self.problem.y:
                raise AnswerError(f"'{written}': this problem has no targets", 0)
            return (network.sizes[0 if small == "x" else -1],)
        if not 1 <= layer <= network.depth:
            layers = f"layers are 1 to {network.depth}" if self.deep else "the only one is layer 1"
            hint = _power(small, layer, network) or self._of_sample(small, layer)
            raise AnswerError(f"'{written}': there is no layer {layer}; {layers}{hint}", 0)
        if small == "b" and network.layer(layer).biases is None:
            raise AnswerError(f"'{written}': layer {layer} has no biases", 0)
        return SHAPES[small](network, layer)

    def _is_of_sample(self, small: str, shape: tuple[int, ...], index: tuple[Counted, ...]) -> bool:
        """Whether a number below a letter of one unit is its sample: x_2 of one input."""
        if small in ("w", "b") or shape != (1,) or not self.has_samples or len(index) != 1:
            return False
        return isinstance(index[0], int) and 1 < index[0] <= len(self.problem.x)

    def _of_sample(self, letter: str, number: int) -> str:
        """What a^{(3)} may have meant: `; of sample 3 write a2@3`."""
        if not self.has_samples or letter in ("w", "b") or number > len(self.problem.x):
            return ""
        return f"; of sample {number} write {letter}{self.network.depth}@{number}"

    def _sample(self, small: str, sample: str | None, written: str) -> str | None:
        if sample is None:
            return None
        if small in ("w", "b"):
            raise AnswerError(
                f"'{written}': a parameter is the same for every sample; leave the sample out", 0
            )
        if sample.isalpha():
            return sample
        known = [*range(1, max(len(self.problem.x), 1) + 1)]
        if sample.startswith("t") and int(sample[1:]) in range(1, len(self.problem.tests) + 1):
            return sample
        if sample.startswith("t") or int(sample) not in known:
            raise AnswerError(f"'{written}': there is no sample {sample}; they are 1 to {known[-1]}", 0)
        return sample if self.has_samples else None


def _power(letter: str, layer: int, network: Network) -> str:
    """What a^22 may have meant: `; for a power write (a2)^2`."""
    first, rest = int(str(layer)[0]), str(layer)[1:]
    if rest and 1 <= first <= network.depth:
        return f"; for a power write ({letter}{first})^{rest}"
    return ""


def _counted(text: str) -> Counted:
    return int(text) if text.isdigit() else text
