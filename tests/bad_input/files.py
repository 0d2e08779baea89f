"""Whole malformed files: a right one with one edit, or nothing that was ever right."""

from __future__ import annotations

from importlib.resources import files

NETWORK, GRAPH = (
    (files("derive") / "patterns" / f"{kind}.toml").read_text(encoding="utf-8")
    for kind in ("network", "graph")
)


def network(*edits: tuple[str, str]) -> str:
    """The network that `backproof new` begins with, edited."""
    return edited(NETWORK, edits)


def graph(*edits: tuple[str, str]) -> str:
    """The graph that `backproof new --graph` begins with, edited."""
    return edited(GRAPH, edits)


def edited(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    """A text with pieces replaced, each of which it holds just once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def steps(*assignments: str, values: str = "x = 2", output: str = "J") -> str:
    """A small graph of its own."""
    lines = ",\n  ".join(f"'{text}'" for text in assignments)
    return f'[graph]\nsteps = [\n  {lines}]\noutput = "{output}"\n[values]\n{values}\n'


def neuron(cost: str, target: str, activation: str = "sigmoid", x: str = "1") -> str:
    """One unit, one sample."""
    return (
        f'[network]\ninputs = 1\ncost = "{cost}"\n'
        f'[[network.layers]]\nunits = 1\nactivation = "{activation}"\nweights = [[1]]\nbiases = false\n'
        f"[data]\nx = [[{x}]]\ny = [[{target}]]\n"
    )


SAMPLES = ", ".join(f"[{i}, 1]" for i in range(500))
TARGETS = ", ".join("[0.5]" for _ in range(500))
MANY = ("x = [[0.05, 0.1], [1, 0]]\ny = [[0.5], [0.25]]", f"x = [{SAMPLES}]\ny = [{TARGETS}]")
WIDE = "[network]\ninputs = 4000\n" + 2 * '[[network.layers]]\nunits = 4000\nactivation = "relu"\n'

# what is wrong, the file, and what the message must hold
FILES: list[tuple[str, str | bytes, list[str]]] = [
    # -- syntax ------------------------------------------------------------------------------------
    ("a curly quote", network(('"A small network"', "“A small network”")), ["line 7, column 10"]),
    ("a colon for =", network(("rate  = 0.5", "rate: 0.5")), ["column", "'rate: 0.5'", "write key = value"]),
    ("a semicolon", network(("rate  = 0.5", "rate  = 0.5;")), ["something follows a finished value"]),
    ("a missing comma", network(('["w1", "w2"],  ', '["w1" "w2"],  ')), ["a list without its closing bracket"]),
    ("YAML", "network:\n  inputs: 2\n", ["line 1, column 8", "a key without '='"]),
    ("JSON", '{"network": {"inputs": 2}}\n', ["line 1, column 1"]),
    ("one list of layers and tables of layers", network(("[[network.layers]]                  #", "[network.layers]                  #")), ["line 27", "each of several tables as [[name]]"]),
    ("a table twice", network(("[data]  ", "[values]\n[data]  ")), ["a table that is there already"]),
    ("UTF-16 by a shell", network().encode("utf-16-le"), ["not text but binary data"]),
    ("a Latin-1 letter", network(("A small network", "Ein Überblick")).encode("latin-1"), ["line 7", "0xdc"]),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ["not text but binary data"]),
    ("an endless file", b"#" * (16 * 1024 * 1024 + 1), ["more than 16 MB"]),
    # -- tables and keys ---------------------------------------------------------------------------
    ("a table for a number", network(("rate  = 0.5", "rate  = {start = 0.5}")), ["training.rate: a table"]),
    ("a number for a table", 'network = 3\n', ["network: the number 3", "a table"]),
    ("one published for several", network(('[[published]]                       #', "[published]    #"), ("[[published]]\nquantity = \"w5\"\nafter    = 1                        # counts updates\nvalue    = \"0.43099\"\n", "")), ["published: one table", "write [[published]]"]),
    ("one layer for several", '[network]\ninputs = 1\n[network.layers]\nunits = 1\n', ["network.layers: one table", "write [[network.layers]]"]),
    ("a key of another table", network(("steps = 1", 'reduction = "mean"')), ["training.reduction: unknown key"]),
    ("a key of what there is not", network(("l2        = 0  ", "dropout   = 0.5")), ["network.dropout: unknown key", "allowed: inputs", "nothing is left out at random"]),
    ("text for a list", graph(('wrt    = ["x"]', 'wrt    = "x"')), ["graph.wrt: the text 'x'", "a list of given names"]),
    ("a title that is a number", network(('"A small network"', "3")), ["title: the number 3", "text, in quotes"]),
    ("labels that are numbers", network(("y = [[0.5], [0.25]]", "y = [[0.5], [0.25]]\nlabels = [1, 2]")), ["data.labels[1]: the number 1", "text"]),
    # -- numbers -----------------------------------------------------------------------------------
    ("a weight that is nan", network(("-0.5]", "nan]")), ["network.layers[2].weights[1][2]: nan, which is not a number"]),
    ("an infinite rate", network(("rate  = 0.5", "rate  = inf")), ["training.rate: inf"]),
    ("a decimal comma in text", network(("w1 = 0.15", 'w1 = "0,15"')), ["values.w1: the text '0,15'", "a number such as"]),
    ("a fraction in text", network(("w1 = 0.15", 'w1 = "3/20"')), ["values.w1: the text '3/20'"]),
    ("a number of 10,000 digits", network(("w1 = 0.15", "w1 = 0." + "1" * 10_000)), ["values.w1", "more than 400 digits"]),
    ("half an update", network(("steps = 1", "steps = 1.5")), ["training.steps: the number 1.5", "a whole number"]),
    ("half a batch", network(('batch = "all"', "batch = 1.5")), ["training.batch: the number 1.5"]),
    ("no batch", network(('batch = "all"', "batch = 0")), ["training.batch: the number 0"]),
    ("a negative seed", network(('batch = "all"', "seed = -1")), ["training.seed", "0 or more"]),
    ("a published 1e999", network(('"0.43099"', '"1e999"')), ["published[2].value", "10^400"]),
    # -- shapes and sizes --------------------------------------------------------------------------
    ("a flat list of weights", network(('[["w5", -0.5]]', '["w5", -0.5]')), ["network.layers[2].weights: a list without rows", "[["]),
    ("one number for all weights", network(('[["w5", -0.5]]', "0.5")), ["network.layers[2].weights: the number 0.5", "a row for each unit"]),
    ("one number for all biases", network(('[0.1, "b"]', "0.1")), ["network.layers[1].biases: the number 0.1"]),
    ("no samples", network(("x = [[0.05, 0.1], [1, 0]]", "x = []")), ["data.x: an empty list", "samples such as"]),
    ("a sample of nothing", network(("x = [[0.05, 0.1], [1, 0]]", "x = [[], []]")), ["data.x[1]: an empty list", "at least one"]),
    ("an empty table of data", network(("x = [[0.05, 0.1], [1, 0]]\ny = [[0.5], [0.25]]", "")), ["data.x: missing"]),
    ("samples of different lengths", network(("[1, 0]]", "[1]]")), ["data.x[2]: 1 number; the network has 2 inputs"]),
    ("a file of nothing but comments", "# later\n", ["nothing is stated here"]),
    ("10,001 units", network(("units      = 1\n", "units      = 10001\n")), ["network.layers[2].units", "4,096"]),
    ("4,000 units three times", WIDE, ["32,000,000 weights", "at most 40,000"]),
    # -- formulas ----------------------------------------------------------------------------------
    ("2,000 brackets in a step", steps("J = " + "(" * 2000 + "x" + ")" * 2000), ["graph.steps[1]"]),
    ("2,000 brackets in a cost", network(('"half_squared_error"', '"' + "(" * 2000 + "a" + ")" * 2000 + '"')), ["network.cost"]),
    ("2,000 powers in a figure", network(('"dC/dw5"  ', '"w5' + "^2" * 2000 + '"')), ["published[1].quantity"]),
    ("a formula of 100,000 signs", steps("J = x" + "+x" * 50_000), ["graph.steps[1]"]),
    ("a power beyond reason", steps("J = x^1000000000"), ["graph.steps[1]"]),
    ("a number beyond reason", steps("J = x*1e99999"), ["graph.steps[1]"]),
    ("a softmax of a number", steps("J = softmax(x)"), ["graph.steps[1], column 5: x is a number, which has no softmax"]),
    ("a rule as a function of a graph", steps("J = leaky(x)"), ["graph.steps[1], column 5", "'leaky'"]),
    ("a Cyrillic x", steps("J = х^2"), ["graph.steps[1], column 5"]),
    ("a step that is empty", steps("", "J = x"), ["graph.steps[1], column 1: the step is empty", "a = x^2"]),
    ("a step without a name", steps("= x"), ["graph.steps[1]"]),
    ("a step with a number for a name", steps("2 = x"), ["graph.steps[1]"]),
    ("two = in a step", steps("J = a = x"), ["graph.steps[1]"]),
    ("a name of 41 letters", steps(f"{'a' * 41} = x", output="a" * 41), ["graph.steps[1]", "at most 40"]),
    ("a unit named like a function", network(('["h1", "h2"]', '["log", "h2"]')), ["'log' is a function"]),
    ("a weight named like an input", network(('[["w5", -0.5]]', '[["i1", -0.5]]'), ("w5 = 0.4", "i1 = 0.4")), ["'i1' names both"]),
    ("an activation of two letters", network(('"identity"', '"z*y"')), ["network.layers[2].activation", "'y'"]),
    ("a cost of z", network(('"half_squared_error"', '"(z - y)^2"')), ["network.cost", "'z'"]),
    ("softmax with the wrong cost's name", network(('"half_squared_error"', '"crossentropy"')), ["did you mean"]),
    # -- quantities --------------------------------------------------------------------------------
    ("a figure of a sample that is not there", network(("dC/dw5\"  ", 'a1[1]@9"')), ["published[1].quantity", "sample 9"]),
    ("a sample beyond 500", network(("dC/dw5\"  ", 'a1[1]@501"'), MANY), ["published[1].quantity", "samples are 1, 2, 3, …, 500"]),
    ("a figure of a sample that must be named", network(("dC/dw5\"  ", 'a1[1]"')), ["published[1].quantity", "@"]),
    ("a figure of a unit that is not there", network(("dC/dw5\"  ", 'a1[7]@1"')), ["published[1].quantity"]),
    ("a figure of a layer that is not there", network(("dC/dw5\"  ", 'a7[1]@1"')), ["published[1].quantity", "a7"]),
    ("a gradient of another cost's letter", network(("dC/dw5\"  ", 'dE/dw5"')), ["published[1].quantity", "E"]),
    # -- targets --------------------------------------------------------------------------------------
    ("a target of 2 for a probability", neuron("binary_cross_entropy", "2"), ["data.y[1][1]: the target 2", "0 <= y <= 1"]),
    ("a negative target of a share", neuron("cross_entropy", "-0.5", "identity"), ["data.y[1][1]: the target", "y >= 0"]),
]  # fmt: skip

# what is well stated and has no value; verify says undecided
UNDEFINED: list[tuple[str, str, list[str]]] = [
    ("the log of 0 in a graph", steps("J = log(x)", values="x = 0"), ["0 of 1 gradients agree", "has no value here"]),
    ("the log of a negative number", steps("a = x - 3", "J = log(a)"), ["0 of 1 gradients agree", "is not finite here"]),
    ("the root of a negative number", steps("J = sqrt(-x)"), ["0 of 1 gradients agree", "has no value here"]),
    ("a division by 0 in a graph", steps("J = 1/x", values="x = 0"), ["0 of 1 gradients agree", "has no value here"]),
    ("an overflow", steps("a = exp(x)", "b = exp(a)", "J = exp(b)", values="x = 100"), ["0 of 1 gradients agree", "has no value here"]),
    ("the log of 0 in a cost", neuron("binary_cross_entropy", "1", "relu", "-1"), ["0 of 1 gradients agree", "has no value here"]),
    ("the log of a saturated sigmoid", neuron("binary_cross_entropy", "0", "identity", "1"), ["0 of 1 gradients agree", "has no value here"]),
]  # fmt: skip
