"""Networks and graphs as one thing: an ordered list of named steps.

    z1[1] = w1[1,1] x[1] + w1[1,2] x[2] + b1[1]
    a1[1] = sigma(z1[1])
    ...
    C     = 1/2 (y[1] - a2[1])^2 + 1/2 (y[2] - a2[2])^2

A step is a sum of terms; a term applies a formula to quantities that are known
by then. Everything else reads this list: the sweep differentiates it, the
evaluators compute it, the page prints it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import starmap

import sympy as sp

from derive.arrays import array_steps
from derive.composed import step_formula
from derive.expressions import Formula, formula_of
from derive.formula.nodes import Name, Node, names_in
from derive.problem import Graph, Network, Problem, Value
from derive.quantities import at_sample
from derive.rules import Activation, Cost, K

W, A, B, U, N, LAMBDA = sp.symbols("w a b u n lambda")

COST = "cost"
"""What a step is that computes one sample's cost."""

WEIGHTED = Formula(W * A, (W, A), roles=("input", "weight"))
BIAS = Formula(B, (B,), roles=("input",))
SAME = Formula(U, (U,), roles=("use",))
MEAN = Formula(U / N, (U, N), roles=("mean", "mean"))
SQUARED_WEIGHT = Formula(LAMBDA * W**2 / (2 * N), (W, LAMBDA, N), roles=("decay",) * 3)
MULTIPLE = Formula(N * U, (U, N), roles=("upstream", "upstream"))
ONE = Formula(sp.Integer(1), ())

UPSTREAM = "upstream "
"""Begins the key of the gradient that arrives at an output."""


@dataclass(frozen=True, slots=True)
class Term:
    """A formula applied: `args` name its formals, `results` what it may also be printed in."""

    formula: Formula
    args: tuple[str, ...]
    results: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """key = the sum of terms, because of what a reader knows it by. No terms: 0."""

    key: str
    terms: tuple[Term, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Use:
    """A quantity's appearance: as argument `position` of a term of a step."""

    step: Step
    term: Term
    position: int


@dataclass(frozen=True)
class Program:
    """Steps in an order in which each can be computed."""

    steps: tuple[Step, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Step]:
        return {step.key: step for step in self.steps}

    @cached_property
    def uses(self) -> Mapping[str, Sequence[Use]]:
        """Where each quantity is read, in the order of the steps."""
        found: dict[str, list[Use]] = {}
        for step in self.steps:
            for term in step.terms:
                for position, arg in enumerate(term.args):
                    found.setdefault(arg, []).append(Use(step, term, position))
        return found

    def users(self, key: str) -> tuple[str, ...]:
        """The steps that read a quantity, each once."""
        return tuple(dict.fromkeys(use.step.key for use in self.uses.get(key, ())))

    def before(self, keys: Iterable[str], *, results: bool = False) -> set[str]:
        """The quantities that these are computed from, themselves among them.

        results  also those that a term is only printed in: of a softmax the other activations
        """
        seen, stack = set[str](), list(keys)
        while stack:
            key = stack.pop()
            if key in seen:
                continue
            seen.add(key)
            for term in self.by_key[key].terms if key in self.by_key else ():
                stack.extend((*term.args, *term.results) if results else term.args)
        return seen

    def after(self, keys: Iterable[str]) -> set[str]:
        """The quantities that are computed from these, themselves among them."""
        seen, stack = set[str](), list(keys)
        while stack:
            key = stack.pop()
            if key not in seen:
                seen.add(key)
                stack.extend(use.step.key for use in self.uses.get(key, ()))
        return seen

    def only(self, keys: Iterable[str]) -> Program:
        """The steps that are needed for these quantities, in whatever form their slopes are printed."""
        needed = self.before(keys, results=True)
        return Program(tuple(step for step in self.steps if step.key in needed))

    def without(self, keys: Collection[str]) -> Program:
        """The steps whose values somebody does not know already."""
        return Program(tuple(step for step in self.steps if step.key not in keys)) if keys else self

    def ordered(self) -> Program:
        """The same steps, each after all that it reads."""
        done: dict[str, Step] = {}
        stack = list(reversed(self.steps))
        while stack:
            step = stack[-1]
            read = (arg for term in step.terms for arg in term.args)
            waiting = [self.by_key[arg] for arg in read if arg in self.by_key and arg not in done]
            if step.key in done or not waiting:
                done.setdefault(step.key, stack.pop())
            else:
                stack += waiting
        return Program(tuple(done.values()))

    def plus(self, steps: Iterable[Step]) -> Program:
        return Program((*self.steps, *steps))


def program_of(problem: Problem, *, batch: Sequence[str] | None = None) -> Program:
    """All steps of a problem, over all samples and test inputs.

    batch  the suffixes of the samples that C sums over, for a mini-batch
    """
    if isinstance(problem.body, Graph):
        return Program(tuple(_graph_steps(problem, problem.body)))
    return Program(tuple(_network_steps(problem, problem.body, batch)))


def thin_program(problem: Problem, weights: Collection[str]) -> Program:
    """The steps of a network's samples, of the first layer's weights with these alone.

    A wide network has nearly all its terms there. Whoever leaves some out knows the sums, z1.
    """
    network = problem.body
    assert isinstance(network, Network), "a graph's steps are all needed"
    forward = (step for suffix in problem.samples for step in _forward(network, suffix, only=weights))
    return Program((*forward, *_costs(problem, network, None)))


def share_of_a_sample(problem: Problem, weights: Collection[str] | None = None) -> Program:
    """The steps of a network's first sample and its share of C, to which those of all others are alike.

    weights  of the first layer's, these alone; None for all
    """
    network, suffix = problem.body, problem.samples[0]
    assert isinstance(network, Network), "a graph has no samples"
    if len(problem.x) == 1:
        return program_of(problem) if weights is None else thin_program(problem, weights)
    own = Step(f"C{suffix}", _cost_terms(problem, network, suffix), COST)
    share = Step("C", _reduced(network, [own.key], "n"), "reduction")
    return Program((*_forward(network, suffix, only=weights), own, share))


def one_sample(problem: Problem, *, by_use: bool = False) -> Program:
    """The steps of a single sample and its own cost, as a derivation shows them.

    A shared parameter is read directly, so that it has a route for each use, or
    `by_use` through the places that equal it; reduction and L2 are the whole
    problem's business.
    """
    if isinstance(problem.body, Graph):
        return program_of(problem)
    single = first_sample(problem)
    network = single.body
    assert isinstance(network, Network), "a network's first sample has the network"
    places = _places(problem) if by_use else ()
    forward = _forward(network, "", direct=not by_use)
    return Program((*places, *forward, *(_costs(single, network, None) if problem.objectives else ())))


def first_sample(problem: Problem) -> Problem:
    """A network's problem with its first sample alone, whose own cost is C: not reduced, without L2 term."""
    assert isinstance(problem.body, Network), "a graph has no samples"
    network = replace(problem.body, reduction="sum", l2=Fraction(0))
    return replace(problem, body=network, x=problem.x[:1], y=problem.y[:1], tests=())


def given_values(problem: Problem) -> dict[str, Value]:
    """The numbers that the steps start from, by key; None where free."""
    if isinstance(problem.body, Graph):
        return dict(problem.given) | {
            f"{UPSTREAM}{name}": value for name, value in problem.body.upstream.items()
        }
    values: dict[str, Value] = {parameter.key: parameter.value for parameter in problem.parameters}
    rows = (
        ("x", problem.samples, problem.x),
        ("y", problem.samples, problem.y),
        ("x", problem.tested, problem.tests),
    )
    for letter, suffixes, samples in rows:
        for suffix, row in zip(suffixes, samples, strict=False):
            values |= {f"{letter}[{k}]{suffix}": value for k, value in enumerate(row, 1)}
    values |= {setting.key: setting.value for setting in rule_settings(problem.body)}
    return values | {
        "n": Fraction(len(problem.x)),
        "K": Fraction(problem.body.sizes[-1]),
        "lambda": problem.body.l2,
    }


def stand_ins_of(problem: Problem) -> dict[str, sp.Expr]:
    """What stands in for the unspecified functions of a graph, where something does."""
    functions = problem.body.functions if isinstance(problem.body, Graph) else {}
    return {name: function.expr for name, function in functions.items() if function}


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter that a rule's formula reads by its letter: a quantity of the steps, though no unit's.

    key    "alpha of layer 2", "delta of the cost"
    layer  0 for the cost
    """

    key: str
    letter: str
    value: Fraction
    layer: int


_OF = " of "
"""Stands in the key of a setting and, as no name holds a space, in no other."""


def is_setting(key: str) -> bool:
    """Whether this is the key of a rule's setting."""
    return _OF in key


def settings_of(rule: Activation | Cost, layer: int = 0) -> tuple[Setting, ...]:
    """The settings of one layer's activation, or of the cost, in the order of the formula's formals."""
    place = f"layer {layer}" if layer else "the cost"
    return tuple(
        Setting(f"{parameter.name}{_OF}{place}", parameter.letter or parameter.name, value, layer)
        for parameter, value in rule.written
    )


def rule_settings(network: Network) -> tuple[Setting, ...]:
    """The settings of all rules of a network."""
    layers = (settings_of(layer.activation, l) for l, layer in enumerate(network.layers, 1))
    cost = () if network.cost is None else settings_of(network.cost)
    return (*(setting for settings in layers for setting in settings), *cost)


def activation_keys(network: Network, l: int, suffix: str) -> tuple[str, ...]:
    """The activations of layer l of one sample; of layer 0 the inputs."""
    letter = "x" if l == 0 else f"a{l}"
    return tuple(f"{letter}[{k}]{suffix}" for k in range(1, network.sizes[l] + 1))


def _graph_steps(problem: Problem, graph: Graph) -> Iterator[Step]:
    stand_ins = stand_ins_of(problem)
    for line in graph.steps:
        if graph.shape(line.name) or any(graph.shape(name.base) for name in names_in(line.node)):
            mean = graph.mean_beside(line.name)
            entries = array_steps(line.name, line.node, graph.shapes, stand_ins, mean)
            yield from (Step(key, tuple(starmap(Term, terms)), "definition") for key, terms in entries)
            continue
        formula, names = step_formula(line.node, stand_ins)
        results = (line.name,) if formula.results else ()
        yield Step(line.name, (Term(formula, tuple(map(str, names)), results),), "definition")
    if graph.upstream:
        terms = tuple(Term(MULTIPLE, (name, f"{UPSTREAM}{name}")) for name in graph.upstream)
        yield Step(problem.upstream_key, terms, "gradients from upstream")


def _network_steps(problem: Problem, network: Network, batch: Sequence[str] | None) -> Iterator[Step]:
    yield from _places(problem)
    for suffix in (*problem.samples, *problem.tested):
        yield from _forward(network, suffix)
    if problem.objectives:
        yield from _costs(problem, network, batch)


def _places(problem: Problem) -> Iterator[Step]:
    """Each use of a shared parameter, as a quantity that equals it."""
    for parameter in problem.parameters:
        if parameter.shared:
            yield from (Step(place, (Term(SAME, (parameter.key,)),), "use") for place in parameter.places)


def _forward(
    network: Network, suffix: str, *, direct: bool = False, only: Collection[str] | None = None
) -> Iterator[Step]:
    """z and a of every layer for one sample.

    direct  reads shared parameters without their places
    only    the weights of the first layer whose terms are wanted
    """

    def read(letter: str, place: str, key: str) -> str:
        return key if direct else f"{letter}{place}"

    for l, layer in enumerate(network.layers, 1):
        below = activation_keys(network, l - 1, suffix)
        zs = tuple(f"z{l}[{j}]{suffix}" for j in range(1, layer.width + 1))
        activations = activation_keys(network, l, suffix)
        for j, z in enumerate(zs, 1):
            weights = (read(f"w{l}", f"[{j},{k}]", key) for k, key in enumerate(layer.weights[j - 1], 1))
            pairs = zip(weights, below, strict=True)
            wanted = pairs if l > 1 or only is None else (pair for pair in pairs if pair[0] in only)
            terms = [Term(WEIGHTED, pair) for pair in wanted]
            if layer.biases is not None:
                terms.append(Term(BIAS, (read(f"b{l}", f"[{j}]", layer.biases[j - 1]),)))
            yield Step(z, tuple(terms), "weighted input")
        formula = layer.activation.formula(layer.size)
        set_to = tuple(setting.key for setting in settings_of(layer.activation, l))
        for j, a in enumerate(activations):
            own = tuple(zs[i - 1] for i in layer.read_by(j + 1))
            yield Step(a, (_activation_term(formula, own, zs, activations, j, set_to),), "activation")


def _activation_term(
    formula: Formula,
    own: tuple[str, ...],
    zs: Sequence[str],
    activations: Sequence[str],
    j: int,
    set_to: tuple[str, ...],
) -> Term:
    """The unit's own quantities first, then, where the rule couples, those of the others; then parameters."""
    others = [k for k in range(len(activations)) if k != j][: len(formula.results) - 1]
    args = (*own, *(zs[k] for k in others), *set_to)
    return Term(formula, args, tuple(activations[k] for k in (j, *others)))


def _costs(problem: Problem, network: Network, batch: Sequence[str] | None) -> Iterator[Step]:
    """C@i of every sample, C[k] of every output, and C."""
    samples = problem.samples if batch is None else tuple(batch)
    divisor = "n" if batch is None else "m"
    single = len(samples) == 1 and not network.l2 and batch is None
    if batch is not None:
        yield Step("m", (Term(Formula(sp.Integer(len(samples)), ()), ()),), "samples of the batch")
    terms = {suffix: _cost_terms(problem, network, suffix) for suffix in samples}
    for suffix in samples:
        yield Step("C" if single else f"C{suffix or '@1'}", terms[suffix], COST)
    for k in range(network.sizes[-1] if network.cost is not None else 0):
        keys = [f"C[{k + 1}]{suffix}" for suffix in samples]
        parts = [Step(key, (terms[s][k],), "one output's cost") for key, s in zip(keys, samples, strict=True)]
        if len(samples) == 1:
            yield replace(parts[0], key=f"C[{k + 1}]")
            continue
        yield from parts
        yield Step(f"C[{k + 1}]", _reduced(network, keys, divisor), "reduction")
    if single:
        return
    decay = (
        tuple(Term(SQUARED_WEIGHT, (place, "lambda", "n")) for place in _decayed(problem))
        if network.l2
        else ()
    )
    yield Step(
        "C", _reduced(network, [f"C{suffix or '@1'}" for suffix in samples], divisor) + decay, "reduction"
    )


def _reduced(network: Network, keys: Sequence[str], divisor: str) -> tuple[Term, ...]:
    if network.reduction == "mean":
        return tuple(Term(MEAN, (key, divisor)) for key in keys)
    return tuple(Term(SAME, (key,)) for key in keys)


def _decayed(problem: Problem) -> tuple[str, ...]:
    """The weights of the L2 term: each shared one once, frozen ones included."""
    return tuple(parameter.key for parameter in problem.parameters if parameter.is_weight)


def _cost_terms(problem: Problem, network: Network, suffix: str) -> tuple[Term, ...]:
    if network.cost is None:
        return (output_term(problem, network.output, suffix),) if network.output is not None else ()
    outputs = activation_keys(network, network.depth, suffix)
    formula = network.cost.over(len(outputs))
    set_to = tuple(setting.key for setting in settings_of(network.cost))
    return tuple(
        Term(formula, _cost_args(network.cost, outputs, k, f"y[{k + 1}]{suffix}") + set_to)
        for k in range(len(outputs))
    )


def _cost_args(cost: Cost, outputs: Sequence[str], k: int, target: str) -> tuple[str, ...]:
    """An output with its target and the number of outputs, and, where the cost couples, the other outputs."""
    reads = (outputs[k], target, "K") if cost.part.has(K) else (outputs[k], target)
    return (*reads, *outputs[:k], *outputs[k + 1 :]) if cost.couples else reads


def output_term(problem: Problem, output: Node, suffix: str) -> Term:
    """The formula that is differentiated instead of a cost, for one sample."""
    formula, leaves = formula_of(output)
    return Term(formula, tuple(at_sample(problem, name, suffix) for name in leaves if isinstance(name, Name)))
