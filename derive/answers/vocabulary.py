"""What each word of an answer is in a problem: an own name, a letter with its marks, or a function.

The author's own names win. A word that is none of these is split where the whole of
it splits in one way into words that are: x1x2 is x1 times x2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from derive.answers.letters import BATCHES, Found, LetterReader, Script
from derive.answers.sizes import is_number
from derive.answers.suggestions import undoubled
from derive.errors import AnswerError
from derive.formula.answer_rules import SPELLED, Head
from derive.formula.nodes import (
    ALIASES,
    ARRAY_FUNCTIONS,
    FUNCTIONS,
    Apply,
    Counted,
    Letter,
    names_in,
    walk,
)
from derive.formula.tokens import GREEK
from derive.notation import KEY
from derive.problem import Graph, Network, Place, Problem
from derive.rules import ACTIVATIONS
from derive.training.update_rules import RATE

CONSTANTS = frozenset({"e", "pi"})
_SETTINGS = frozenset({"K", "m", "eta", "lambda"})
_OUTPUTS = frozenset({"yhat", "y_hat", "ypred", "y_pred", "Yhat", "Y_hat", "yhats", "y_hats"})
_TARGETS = frozenset({"y_true", "ytrue"})
_LETTER = re.compile(r"([A-Za-z]+)([0-9]*)")

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "net": "z",
        "out": "a", "output": "a", "outputs": "a", "o": "a", "pred": "a",
        "p": "p", "phat": "p", "prob": "p", "probs": "p",
        "target": "y", "targets": "y", "t": "y", "label": "y", "labels": "y",
    }
)  # fmt: skip
"""Words of the field for the weighted input, the output, a probability that is one, and the target.

Sources: Rumelhart, Hinton and Williams (1986), net, o and t; Mazur (2015), net, out and target.
"""

_SHIFTED = re.compile("[a-z][+-][0-9]{1,2}")
DERIVED = re.compile(r"(?:d_?(?P<before>[A-Za-z]\w*)|(?P<after>[A-Za-z]\w*?)_?(?:prime|derivative|grad))")
"""The slope of a function, by what stands before or behind its name: dsigma, sigma_prime."""

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **{
            word: word for word in (*FUNCTIONS, *ARRAY_FUNCTIONS, *ALIASES, *SPELLED, "norm", "diag", "inner")
        },
        **dict.fromkeys(("maximum", "fmax"), "max"),
        **dict.fromkeys(("minimum", "fmin"), "min"),
        **dict.fromkeys(("absolute", "fabs", "Abs"), "abs"),
        **dict.fromkeys(("expit", "logistic"), "sigmoid"),
        **dict.fromkeys(("ReLU", "Relu", "RELU"), "relu"),
        **dict.fromkeys(("mul",), "multiply"),
        **dict.fromkeys(("div", "true_divide"), "divide"),
        **dict.fromkeys(("pow",), "power"),
        **dict.fromkeys(("matmul", "mm", "mv"), "dot"),
        **dict.fromkeys(("ger",), "outer"),
        **dict.fromkeys(("tr", "Tr"), "trace"),
        **dict.fromkeys(("ifelse", "If"), "where"),
        **{word.capitalize(): word for word in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs")},
        **dict.fromkeys(("asarray", "tensor", "float"), "array"),
        **dict.fromkeys(("Sigmoid",), "sigmoid"),
        **dict.fromkeys(("Softmax",), "softmax"),
        "sub": "subtract",
        "ln": "log",
        "sgn": "sign",
        "th": "tanh",
        "vdot": "inner",
        "log_2": "log2",
        "log_10": "log10",
    }
)
"""Every function that may be called, by each of its spellings."""

_INITIALS = frozenset({"tr", "Tr"})
"""Functions whose words are t times r where these are names."""

_SHORT = _INITIALS | frozenset({"sign", "sgn", "th", "sec", "csc", "cot", "len", "shape", "float"})
CALLED = tuple(word for word in _WORDS if word not in _SHORT)
"""What a message offers for a word that is unknown; nearly any is near to a short one."""

_MOST_KNOWN = 10_000
"""Words with their marks whose meaning is remembered."""

_LONGEST_PIECE = 12
"""Letters of a word within a longer one."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of one problem; `by_sample`: the (3) of a^{(3)} is a sample, and no layer."""

    problem: Problem
    by_sample: bool = False
    _known: dict[tuple[object, ...], tuple[Found, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _bare: dict[tuple[str, str], Letter | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def reader(self) -> LetterReader | None:
        """Who reads letters with marks; a graph has its own names alone."""
        body = self.problem.body
        return LetterReader(self.problem, body, self.by_sample) if isinstance(body, Network) else None

    @cached_property
    def letters(self) -> Mapping[str, str]:
        """The canonical letter of each letter that the problem's network may be written in."""
        if self.reader is None:
            return {}
        notation = self.problem.notation
        theirs = {notation.activation: "a", notation.weighted_input: "z", notation.target: "y"}
        theirs |= {word.upper(): letter.upper() for word, letter in theirs.items() if len(word) == 1}
        ours = {letter: letter for letter in ("w", "b", "z", "a", "x", "y", "delta", "n", *BATCHES)}
        cost = {"C": "C"} if notation.cost != "C" else {}
        return ours | cost | theirs

    @cached_property
    def has_arrays(self) -> bool:
        """Whether anything here has several entries."""
        body = self.problem.body
        if isinstance(body, Graph):
            return any(body.shape(name) for name in self.problem.own_names)
        return len(self.problem.x) > 1 or max((*body.sizes, *body.widths)) > 1

    def own(self, word: str, scripts: Sequence[Script]) -> Found | None:
        """The author's own name that a word is, or a word with what stands below it: w_5 is w5."""
        names = self.problem.own_names
        sub = scripts[0].content.replace(",", "").strip("()") if scripts and scripts[0].kind == "sub" else ""
        bare = re.sub(r"[_{}]", "", sub)  # delta_{o_1} of the unit o1
        for spelling, used in ((f"{word}_{sub}", 1), (f"{word}{sub}", 1), (f"{word}_{bare}", 1), (word, 0)):
            if used == 0 and self._is_canonical(names.get(word), scripts):
                return None
            if (used == 0 or sub) and spelling in names:
                return self._named(spelling, names[spelling], scripts[used:], used)
        head, _, rest = scripts[0].content.partition(",") if sub else ("", "", "")
        if rest and f"{word}{head}" in names:  # W_{1,21} is W1[2,1]
            below = scripts[0]._replace(content=rest)
            return self._named(f"{word}{head}", names[f"{word}{head}"], (below, *scripts[1:]), 0)
        return None

    def _is_canonical(self, meant: Place | str | None, scripts: Sequence[Script]) -> bool:
        """Whether a parameter's own name with an index is a canonical name: w1[1,2] beside w1."""
        is_parameter = self.reader is not None and isinstance(meant, str)
        return is_parameter and bool(scripts) and scripts[0].kind == "index"

    def _named(self, name: str, meant: Place | str, scripts: Sequence[Script], used: int) -> Found:
        index: tuple[Counted, ...] = ()
        body = self.problem.body
        if isinstance(body, Graph):
            shape = body.shape(name)
            if scripts and scripts[0].kind in ("index", "sub") and shape:
                index = _indices(scripts[0].content)
                used += 1
                if len(index) != len(shape):
                    open_ends = [axis for axis, size in enumerate(shape) if size > 1]
                    given = dict(zip(open_ends, index, strict=False))
                    index = tuple(given.get(axis, 1) for axis in range(len(shape)))
                if any(
                    isinstance(i, int) and not 1 <= i <= size for i, size in zip(index, shape, strict=True)
                ):
                    last = ",".join(map(str, shape))
                    raise AnswerError(
                        f"'{name}[{scripts[0].content}]' does not exist; the last one is {name}[{last}]"
                    )
            return Found(Letter(name, 0, index), used)
        assert self.reader is not None
        if isinstance(meant, str):
            match = KEY.fullmatch(meant)
            if match is None:
                return Found(Letter(meant), used)
            places = tuple(int(place) for place in (match[3], match[4]) if place)
            return Found(Letter(match[1], int(match[2] or 0), places), used)
        sample = None
        for script in scripts:
            content = script.content.strip("()[]")
            if script.kind == "sample" or (
                content.isalnum()
                and ((script.kind == "sup" and script.content[0] in "([") or self._is_sample(meant, script))
            ):
                sample = content
                used += 1
            elif (
                meant.letter == "C"
                and script.kind in ("sub", "index")
                and re.fullmatch("[0-9]+|[a-z]", content)
            ):
                index = _indices(script.content)
                used += 1
            else:
                break
        return Found(self.reader.made(meant.letter, meant.layer, meant.index or index, sample, name), used)

    def _is_sample(self, meant: Place, script: Script) -> bool:
        """Whether x_i of a unit that the author calls x is its value for sample i."""
        is_place = script.content.isdigit() or len(script.content) == 1
        is_unit = meant.letter in "xyza" and bool(meant.index)
        return script.kind == "sub" and is_place and is_unit and len(self.problem.x) > 1

    def quantity(self, word: str, scripts: Sequence[Script]) -> tuple[Found, ...]:
        """What a word with its scripts names, in each way that is possible; empty where it names nothing.

        Raises AnswerError for a letter whose marks cannot be.
        """
        key = (word, *[(script.kind, script.content) for script in scripts])
        found = self._known.get(key)
        if found is None:
            found = self._looked_up(word, scripts)
            if len(self._known) < _MOST_KNOWN:
                self._known[key] = found
        return found

    def bare(self, word: str, text: str) -> Letter | None:
        """The one quantity that a word without scripts is, written as the text has it; else None."""
        key = (word, text)
        if key not in self._bare:
            try:
                found = self.quantity(word, ())
            except AnswerError:
                found = ()  # it needs scripts
            if len(self._bare) == _MOST_KNOWN:
                self._bare.clear()
            self._bare[key] = replace(found[0].letter, written=text) if len(found) == 1 else None
        return self._bare[key]

    def _looked_up(self, word: str, scripts: Sequence[Script]) -> tuple[Found, ...]:
        """The same of what is not known yet."""
        own = self._part_of_cost(word, scripts) or self.own(word, scripts)
        if own is not None:
            return (own,)
        if self.reader is None:
            is_rate = word == RATE and self.problem.training is not None
            return (Found(Letter(word), 0),) if is_rate else ()
        sub = scripts[0].content if scripts and scripts[0].kind == "sub" else ""
        for spelling, used in ((f"{word}_{sub}", 1), (word, 0)):
            if spelling in _OUTPUTS:
                return self._of_last("A" if spelling[0] == "Y" else "a", scripts[used:], used, word)
            if spelling in _TARGETS:
                found = self.reader.read("y", "", scripts[used:], word)
                return tuple(Found(one.letter, one.used + used, one.turned) for one in found)
        match = _LETTER.fullmatch(word)
        letter = self.letters.get(match[1]) if match else None
        if match is None or letter is None:
            return (Found(Letter(word), 0),) if word in _SETTINGS else ()
        written = word + "".join(_MARKS[script.kind].format(script.content) for script in scripts)
        return self.reader.read(letter, match[2], scripts, written)

    @cached_property
    def costs(self) -> frozenset[str]:
        """The words for what is differentiated."""
        body = self.problem.body
        return frozenset({self.problem.notation.cost, "C"} if isinstance(body, Network) else body.outputs)

    def _part_of_cost(self, word: str, scripts: Sequence[Script]) -> Found | None:
        """E_{total}, and E_{o1} of the output o1."""
        if word not in self.costs or not scripts or scripts[0].kind != "sub":
            return None
        found = self.own(word, scripts[1:]) or (self.quantity(word, scripts[1:]) or (None,))[0]
        if found is None:
            return None
        if scripts[0].content in ("total", "tot"):
            return replace(found, used=found.used + 1)
        place = self.unit(scripts[0].content)
        body = self.problem.body
        if place is None or not isinstance(body, Network) or place.layer != body.depth:
            return None
        return Found(replace(found.letter, index=place.index), found.used + 1)

    def unit(self, text: str) -> Place | None:
        """The activation that a unit's own name stands for: o1, written o_1 or o_{1} as well."""
        meant = self.problem.own_names.get(re.sub(r"[_{}()]", "", text))
        return meant if isinstance(meant, Place) and meant.letter == "a" else None

    def synonym(self, word: str, scripts: Sequence[Script]) -> tuple[Found, ...]:
        """What a word of the field names in a network that has no such letter: net_{o1}, t_k, p_1."""
        match = _LETTER.fullmatch(word)
        meant = SYNONYMS.get(match[1], "") if match else ""
        if match is None or not meant or self.reader is None:
            return ()
        sub = scripts[0].content if scripts and scripts[0].kind == "sub" else ""
        place = self.unit(sub) if sub else None
        depth = self.reader.network.depth
        if place is not None and (meant != "y" or place.layer == depth):
            layer = 0 if meant == "y" else place.layer
            letter = "a" if meant == "p" else meant
            return (Found(self.reader.made(letter, layer, place.index, None, word), 1),)
        if any(script.kind == "sup" and script.content[0] not in "(T" for script in scripts):
            return ()
        if meant == "y":
            return self.reader.read("y", match[2], scripts, word)
        if meant == "z" or (meant == "p" and not self._has_probabilities):
            return self.reader.read("z", match[2], scripts, word) if meant == "z" and depth == 1 else ()
        return self._of_last("a", scripts, 0, word, match[2])

    @cached_property
    def _has_probabilities(self) -> bool:
        """Whether the network's outputs lie between 0 and 1 wherever its cost has a value."""
        body = self.problem.body
        cost = body.cost if isinstance(body, Network) else None
        return cost is not None and cost.outputs.inf == 0 and cost.outputs.sup == 1

    def _of_last(
        self, letter: str, scripts: Sequence[Script], used: int, written: str, joined: str = ""
    ) -> tuple[Found, ...]:
        """The network's output, with the marks of a target."""
        assert self.reader is not None
        found = self.reader.read("y", joined, scripts, written)[0]
        depth = self.reader.network.depth
        made = self.reader.made(letter, depth, found.letter.index, found.letter.sample, written)
        return (Found(made, found.used + used, found.turned),)

    def depends(self, letter: Letter, named: Sequence[str]) -> bool:
        """Whether h(x) is h: the words in its brackets are what it is a function of, and no factor."""
        if isinstance(self.problem.body, Graph):
            read = self._read_by.get(letter.letter)
            if read is None:  # y(x): a target is one of inputs
                return letter.letter == self.problem.notation.target and all(name[0] == "x" for name in named)
            return bool(named) and set(named) <= read
        inputs = {"x", *(name for name in self.problem.body.inputs if name)}
        if letter.letter == "C":
            return True
        if letter.letter == "a":
            return set(named) <= inputs | {"z", self.problem.notation.weighted_input} or (
                letter.layer == self.problem.body.depth and set(named) <= inputs | {"w", "W", "b"}
            )
        return letter.letter in ("y", "z") and set(named) <= inputs

    def is_given(self, letter: Letter, by: Sequence[Letter]) -> bool:
        """Whether a quantity is for sure the same whatever others are that it is differentiated by."""
        if isinstance(self.problem.body, Graph):
            is_free = letter.letter not in self._read_by
        else:
            is_free = BATCHES.get(letter.letter, letter.letter) in ("x", "y") or letter.letter in _SETTINGS
        return is_free and letter.letter not in {one.letter for one in by}

    @cached_property
    def _read_by(self) -> Mapping[str, frozenset[str]]:
        """A graph's defined names, each with every name that it depends on."""
        found: dict[str, frozenset[str]] = {}
        body = self.problem.body
        for line in body.steps if isinstance(body, Graph) else ():
            bases = {name.base for name in names_in(line.node)}
            found[line.name] = frozenset(bases.union(*(found.get(base, frozenset()) for base in bases)))
        return found

    def function(self, word: str) -> str | Head | None:
        """What may be called by a word: an operation, or an activation or function differentiated."""
        head = self.heads.get(word)
        if head is not None:
            return head
        if word in _WORDS and not (word in _INITIALS and self.pieces(word, called=False)):
            return _WORDS[word]
        if word in self._letters_of_rules:
            return self._letters_of_rules[word]
        match = DERIVED.fullmatch(word)
        base = (match["before"] or match["after"]) if match else ""
        inner = self.function(base) if base and len(base) < len(word) else None
        return self.differentiated(inner, 1) if inner is not None else None

    @cached_property
    def _letters_of_rules(self) -> Mapping[str, str]:
        """The letters of books for what a graph calls: sigma of sigmoid."""
        body = self.problem.body
        if not isinstance(body, Graph):
            return {}
        called = {
            part.operation for line in body.steps for part in walk(line.node) if isinstance(part, Apply)
        }
        rules = (ACTIVATIONS[name] for name in called & FUNCTIONS & ACTIVATIONS.keys())
        return {rule.letter: rule.name for rule in rules if rule.letter and rule.letter not in _WORDS}

    def differentiated(self, called: str | Head, order: int) -> Head | None:
        """The same, differentiated so many times more; None for what has several operands."""
        if isinstance(called, Head):
            return Head(called.function, called.layer, called.order + order)
        return Head(called, None, order) if called in FUNCTIONS - {"max", "min"} else None

    @cached_property
    def heads(self) -> Mapping[str, Head]:
        """The words for activations: sigma, [notation]'s letter, sigma2 of layer 2, a rule's own name."""
        body = self.problem.body
        if isinstance(body, Graph):
            return {name: Head(name, None, 0) for name in body.functions}
        rules = [layer.activation for layer in body.layers]
        shared = {rule.name: rule for rule in rules if rule.name != "identity"}
        words = {rule.name: Head("", l, 0) for l, rule in enumerate(rules, 1) if rule.name not in _WORDS}
        taken = self.problem.own_names.keys() | self.letters.keys()
        own = (self.problem.notation.function, *(rule.letter for rule in rules if rule.letter not in _WORDS))
        usual = (letter for letter in ("sigma", "phi", "f", "g") if letter not in taken)
        for letter in filter(None, dict.fromkeys((*own, *usual))):
            words |= {f"{letter}{l}": Head("", l, 0) for l in range(1, body.depth + 1)}
            if len({(rule.name, rule.values) for rule in shared.values()}) <= 1:
                words[letter] = Head("", None, 0)
        return words

    def pieces(self, word: str, *, called: bool, scripts: Sequence[Script] = ()) -> list[tuple[str, ...]]:
        """Every way in which the whole of a word splits into two or more known words.

        called   the last one may be a function
        scripts  what marks the last one: z of yz^{2} has its layer there
        """
        ways: dict[int, list[tuple[str, ...]]] = {len(word): [()]}
        for start in range(len(word) - 1, -1, -1):
            found = [
                (word[start:end], *rest)
                for end in range(start + 1, min(start + _LONGEST_PIECE, len(word)) + 1)
                if ways.get(end)
                and self.is_piece(
                    word[start:end],
                    last=end == len(word),
                    called=called,
                    scripts=scripts if end == len(word) else (),
                )
                for rest in ways[end]
            ]
            ways[start] = found[:4]
        return [way for way in ways[0] if len(way) > 1]

    def is_piece(self, word: str, *, last: bool, called: bool, scripts: Sequence[Script] = ()) -> bool:
        """Whether a word is known; e and functions only where something can follow them."""
        if last and (word in CONSTANTS or (called and self.function(word) is not None)):
            return True
        try:
            return bool(self.quantity(word.translate(GREEK), scripts))
        except AnswerError:
            return False

    def doubled(self, word: str, pieces: Sequence[str]) -> str:
        """The t1 of tt1, where t is a whole array: nobody multiplies the two. Empty of other words."""
        single = undoubled(word)
        if single == word or not self.is_piece(single, last=True, called=False):
            return ""
        factors = [self.quantity(piece.translate(GREEK), ()) for piece in pieces[:-1]]
        is_array = any(found and not is_number(self.problem, found[0].letter) for found in factors)
        return single if is_array else ""

    def reads(self, word: str) -> bool:
        """Whether a word means anything here, alone or split."""
        return self.is_piece(word, last=True, called=True) or bool(self.pieces(word, called=False))


_MARKS = MappingProxyType(
    {"sub": "_{}", "sup": "^{}", "index": "[{}]", "sample": "@{}", "primes": "{}", "size": ".shape[{}]"}
    | {"slice": "({})"}
)


def _indices(content: str) -> tuple[Counted, ...]:
    parts = content.split(",") if "," in content or _SHIFTED.fullmatch(content) else list(content)
    if not all(part.isalnum() or _SHIFTED.fullmatch(part) for part in parts):
        raise AnswerError(f"'{content}' is no index")
    return tuple(int(part) if part.isdigit() else part for part in parts)
