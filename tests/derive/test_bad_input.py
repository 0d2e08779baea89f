"""Every mistake of a problem file is found, placed and worded for the person who made it."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
import sympy as sp

from derive.errors import StatementError
from derive.files.load import load_problem
from derive.rules import COSTS

NETWORK = {
    "network": {
        "inputs": ["i1", "i2"],
        "cost": "half_squared_error",
        "layers": [
            {
                "units": ["h1", "h2"],
                "activation": "sigmoid",
                "weights": [["w1", "w2"], ["w3", "w4"]],
                "biases": ["b1", "b1"],
            },
            {"units": 1, "activation": "sigmoid", "weights": [[0.5, 0.25]], "biases": False},
        ],
    },
    "values": {"w1": "0.15", "w2": "0.2", "w3": "0.25", "w4": "0.3", "b1": "0.35"},
    "data": {"x": [["0.05", "0.1"]], "y": [["0.01"]]},
    "training": {"rate": "0.5"},
    "published": [{"quantity": "dC/dw1", "value": "0.1"}],
}
GRAPH = {"graph": {"steps": ["a = x^2", "J = cos(a)"], "output": "J"}, "values": {"x": 2}}
LEFT_OUT = object()


def changed(base, **changes):
    """A copy of a mapping with entries put in at paths such as network__layers__0__units."""
    made = deepcopy(base)
    for where, value in changes.items():
        *above, key = (int(part) if part.isdigit() else part for part in where.split("__"))
        holder = made
        for part in above:
            holder = holder[part]
        if value is LEFT_OUT:
            del holder[key]
        else:
            holder[key] = value
    return made


def message(source) -> str:
    with pytest.raises(StatementError) as caught:
        load_problem(source)
    return str(caught.value)


# change, and what the message must hold
NETWORK_MISTAKES = [
    ({"titel": "x"}, ["titel: unknown key; did you mean 'title'?"]),
    ({"network__colour": 1}, ["network.colour: unknown key", "allowed: inputs, layers"]),
    ({"network__inputs": LEFT_OUT}, ["network.inputs: missing", "or a count"]),
    ({"network__inputs": 0}, ["network.inputs", "a count from 1"]),
    ({"network__inputs": 10**9}, ["network.inputs", "a count from 1 to 10,000"]),
    ({"network__inputs": True}, ["network.inputs: true", "a list"]),
    ({"network__inputs": ["i 1", "i2"]}, ["network.inputs[1]", "'i 1'", "a name"]),
    ({"network__layers": []}, ["network.layers", "at least one"]),
    ({"network__layers__1__units": LEFT_OUT}, ["network.layers[2].units: missing"]),
    (
        {"network__layers__0__activation": "sigmod"},
        ["'sigmod' is no activation; did you mean 'sigmoid'?", "relu"],
    ),
    ({"network__layers__0__activation": "z/(1 + "}, ["network.layers[1].activation, column"]),
    ({"network__layers__0__activation": "z/0"}, ["a division by 0 in 'z/0'"]),
    (
        {"network__layers__0__activation": {"rule": "sigmoid", "alpha": 1}},
        ["activation.alpha: sigmoid has no parameter 'alpha'"],
    ),
    (
        {"network__layers__0__activation": {"rule": "elu", "alhpa": 1}},
        ["activation.alhpa: elu has no parameter 'alhpa'; did you mean 'alpha'?"],
    ),
    (
        {"network__layers__0__activation": {"rule": "leaky_relu", "alpha": -1}},
        ["network.layers[1].activation.alpha: leaky_relu's alpha is -1", "a number above 0"],
    ),
    (
        {"network__layers__0__activation": {"rule": "selu", "alpha": 2}},
        ["selu's alpha is 2", "its published value 1.67"],
    ),
    (
        {"network__layers__0__activation": {"rule": "hard_sigmoid", "offset": 2}},
        ["hard_sigmoid's offset is 2", "a number from 0 to 1"],
    ),
    (
        {"network__layers__0__activation": {"rule": "z^2", "alpha": 2}},
        ["activation.alpha: a formula has no parameters"],
    ),
    ({"network__layers__0__activation": {"rule": "elu", "alpha": "x"}}, ["activation.alpha: the text 'x'"]),
    ({"network__layers__0__activation": {"alpha": 1}}, ["activation.rule: missing", "a rule such as"]),
    (
        {"network__layers__0__activation": 3},
        ["network.layers[1].activation: the number 3", 'a rule such as "sigmoid"'],
    ),
    (
        {"network__layers__0__activation": {"rul": "sigmoid"}},
        ["network.layers[1].activation: unknown key 'rul'; did you mean 'rule'?"],
    ),
    ({"network__cost": {"rule": "huber", "delta": 0}}, ["network.cost.delta: huber's delta is 0"]),
    ({"network__cost": {"rule": "huber", "dleta": 1}}, ["network.cost.dleta", "did you mean 'delta'?"]),
    ({"network__cost": ["huber"]}, ["network.cost: a list", 'a rule such as "sigmoid"']),
    ({"network__cost": "cross_entropy_from_logits"}, ["did you mean 'cross_entropy_on_logits'?"]),
    ({"network__cost": "half_squared"}, ["'half_squared' is no cost; did you mean 'half_squared_error'?"]),
    ({"network__cost": "(y - q)^2"}, ["network.cost, column 6", "'q'"]),
    ({"network__output": "a2[1]"}, ["an output beside a cost"]),
    ({"network__reduction": "average"}, ["network.reduction: the text 'average'", "sum or mean"]),
    ({"network__l2": -1}, ["network.l2: a number below 0"]),
    (
        {"network__layers__1__weights": [[1, 2, 3], [4, 5, 6]]},
        [
            "network.layers[2].weights: W2 has 2 rows of 3 numbers",
            "layer 2 has 1 unit and 2 inputs",
            "1 row of 2",
        ],
    ),
    ({"network__layers__1__weights": [[1], [2]]}, ["W2 has 2 rows of 1 number", "turn the matrix round"]),
    ({"network__layers__0__weights": [["w1", "w2"], ["w3"]]}, ["W1 has 2 rows, with 2 and 1 numbers"]),
    (
        {"network__layers__0__weights__0__1": float("nan")},
        ["network.layers[1].weights[1][2]: nan", "a number such as"],
    ),
    (
        {"network__layers__0__weights__1__0": "w 3"},
        ["network.layers[1].weights[2][1]: the text 'w 3'", "[values]"],
    ),
    ({"network__layers__0__weights": {"npz": "w.npz"}}, ["weights: a table is not supported yet"]),
    ({"network__layers__0__biases": ["b1"]}, ["b1 has 1 number; layer 1 has 2 units, so it should have 2"]),
    ({"network__layers__0__biases": True}, ["biases: true", "false for a layer without biases"]),
    ({"network__layers__0__frozen": ["b7"]}, ["frozen[1]: layer 1 has no parameter 'b7'"]),
    (
        {"network__layers__0__units": ["h1", "h1"]},
        ["'h1' names both unit 1 of layer 1 and unit 2 of layer 1"],
    ),
    (
        {"network__layers__0__units": ["w1", "h2"]},
        ["'w1' names both unit 1 of layer 1 and the parameter w1[1,1]"],
    ),
    ({"network__layers__0__units": ["exp", "h2"]}, ["units[1]: 'exp' is a function", "choose another name"]),
    ({"network__inputs": ["a_h1", "i2"]}, ["'a_h1' names both input 1 and a quantity of unit 1 of layer 1"]),
    ({"network__layers__1__units": ["C"]}, ["'C' names both the cost and unit 1 of layer 2"]),
    (
        {"values__w2": LEFT_OUT},
        ["network.layers[1].weights[1][2]: 'w2' has no value", "add w2 = … to [values]"],
    ),
    ({"values__w9": 1}, ["values.w9: no weight or bias is named 'w9'"]),
    ({"values__i1": 1}, ["values.i1", "give an input's values in [data] x"]),
    ({"values__w1": float("inf")}, ["values.w1: inf, which is not a number"]),
    ({"values__w1": 10**400}, ["values.w1: a number of more than 400 digits"]),
    ({"values__w1": Decimal("1e401")}, ["values.w1: a number beyond 10^400"]),
    ({"values__w1": True}, ["values.w1: true", "a number such as"]),
    ({"values__w1": 1j}, ["values.w1: a value of type complex"]),
    ({"data__x": [["0.05"]]}, ["data.x[1]: 1 number; the network has 2 inputs"]),
    ({"data__x": [1, 2]}, ["data.x: a list of numbers", "brackets of its own"]),
    ({"data__y": LEFT_OUT}, ["data.y: missing", "targets"]),
    ({"data__y": [[1], [2]]}, ["data.y: 2 samples; x has 1"]),
    ({"data__y": [[1, 2]]}, ["data.y[1]: 2 numbers; the network has 1 output"]),
    ({"data__test": [[1]]}, ["data.test[1]: 1 number; the network has 2 inputs"]),
    ({"data__labels": ["Alice", "Bob"]}, ["data.labels: 2 samples; x has 1"]),
    ({"data__csv": "file.csv"}, ["data.csv: 'csv' is not supported yet"]),
    (
        {"network__cost": "binary_cross_entropy", "data__y": [[2]]},
        ["data.y[1][1]: the target 2", "0 <= y <= 1"],
    ),
    ({"network__cost": "cross_entropy", "data__y": [[-1]]}, ["data.y[1][1]: the target -1", "y >= 0"]),
    ({"training__rate": 0}, ["training.rate", "a number above 0"]),
    ({"training__steps": 0}, ["training.steps", "1 or more"]),
    ({"training__batch": 5}, ["training.batch: a batch of 5; [data] has 1 sample"]),
    ({"training__batch": "some"}, ["training.batch: the text 'some'", '"online"']),
    ({"training__rule": "adam"}, ["training.rule: the rule 'adam' is not supported yet"]),
    ({"training__beta1": "0.9"}, ["training.beta1: 'beta1' is not supported yet"]),
    ({"network__cost": LEFT_OUT, "published": []}, ["training: nothing to train for"]),
    (
        {"published__0__value": 0.1},
        ["published[1].value: the number 0.1", "value must be text, its digits matter"],
    ),
    ({"published__0__value": "about 3"}, ["published[1].value: the text 'about 3'"]),
    ({"published__0__quantity": "dC/dw77"}, ["published[1].quantity, column 5", "w77"]),
    ({"published__0__quantity": "dC//dw1"}, ["published[1].quantity, column 4"]),
    ({"published__0__after": -1}, ["published[1].after", "0 or more"]),
    ({"published__0__after": 10**9}, ["published[1].after", "200000 or less"]),
    (
        {"network__layers__0__colour": "red", "network__layers__0__activation": "sigmod"},
        ["network.layers[1].colour: unknown key", "'sigmod' is no activation; did you mean 'sigmoid'?"],
    ),
    ({"published__0__after": 2, "training": None}, ["after 2 updates", "add [training]"]),
    ({"published__0__quantity": "w1'", "training": None}, ["after 1 update", "add [training]"]),
    ({"published__0__quantity": "w1'", "published__0__after": 2}, ["one prime for one update"]),
    ({"notation": {"style": "greek"}}, ["notation.style: the text 'greek'", "superscript"]),
    ({"notation": {"cost": "\\mathcal{L}"}}, ["notation.cost", "a short word of letters"]),
    ({"notation": {"cost": "z"}}, ["'z' stands for the cost already"]),
    ({"questions": [{"id": "1a"}]}, ["questions[1].ask: missing"]),
    ({"graph": GRAPH["graph"]}, ["[network] and [graph] in one problem"]),
    ({"network": LEFT_OUT}, ["neither [network] nor [graph]"]),
    (
        {"network__cost": LEFT_OUT, "network__output": "C"},
        ["network.output: 'C' is not a value of the forward pass"],
    ),
    ({"network__cost": LEFT_OUT, "network__output": "a3[1]"}, ["network.output, column 1", "a3"]),
]

GRAPH_MISTAKES = [
    ({"graph__steps": []}, ["graph.steps", "at least one"]),
    ({"graph__steps": ["x^2"]}, ["graph.steps[1], column", "no '='"]),
    (
        {"graph__steps": ["J = a", "a = b", "b = x"]},
        ["'a' is used in step 1 but defined in step 2", "order the steps"],
    ),
    ({"graph__steps": ["a = b", "b = a", "J = a*x"]}, ["a cycle: a → b → a"]),
    ({"graph__steps": ["J = J + x"]}, ["a cycle: J → J"]),
    ({"graph__steps": ["J = x", "J = 2*x"]}, ["graph.steps[2]: 'J' is defined by step 1 already"]),
    ({"graph__steps": ["exp = x", "J = x"]}, ["graph.steps[1], column 1: 'exp' is a function"]),
    ({"graph__steps": ["J = foo(x)"]}, ["graph.steps[1], column", "'foo'"]),
    ({"graph__steps": ["J = x/(1 - 1)"]}, ["a division by 0"]),
    ({"graph__steps": ["J = max(sqrt(2 - 3), x)"]}, ["the root of a negative number"]),
    ({"graph__steps": ["J = x*ln(-1)"]}, ["the log of 0 or less"]),
    ({"graph__steps": ["J = sn(x)"]}, ["did you mean 'sin'?"]),
    ({"graph__output": "K"}, ["graph.output: no step defines 'K'", "a or J"]),
    ({"graph__output": ["J", "J"]}, ["graph.output[2]: 'J' is listed twice"]),
    ({"graph__upstream": {"J": 1, "q": 2}}, ["graph.upstream.q: no output has this name"]),
    ({"graph__output": ["a", "J"], "graph__upstream": {"J": 1}}, ["the output 'a' has no weight"]),
    ({"graph__wrt": ["a"]}, ["graph.wrt[1]: 'a' is defined by step 1", "given names: x"]),
    ({"graph__wrt": ["xx"]}, ["graph.wrt[1]: no step reads 'xx'"]),
    ({"graph__functions": ["phi"]}, ["graph.functions: 'functions' is not supported yet"]),
    ({"graph__shapes": {"X": [5, 2]}}, ["graph.shapes: 'shapes' is not supported yet"]),
    ({"values__x": [1, 2]}, ["values.x: a list is not supported yet"]),
    ({"values": {}}, ["'x' has no value", "add x = …"]),
    ({"values__a": 1}, ["values.a: 'a' is defined by step 1, 'a = x^2'"]),
    ({"data": {"x": [[1]]}}, ["data: [data] beside [graph]"]),
    ({"training": {"rate": 1, "batch": 2}}, ["training.batch", "a graph has no samples"]),
    ({"published": [{"quantity": "dJ/dq", "value": "1"}]}, ["published[1].quantity, column", "q"]),
]

TEXTS = [
    ("", ["nothing is stated here"]),
    ("# only a comment", ["nothing is stated here"]),
    ('title = "a"\nw1 = 0,15', ["line 2, column 7", "'w1 = 0,15'", "0.5 for 0,5"]),
    ("w1 = ,5", ["line 1, column 6: no value can be read"]),
    ("w1", ["line 1, the last: a key without '='"]),
    ("x = [1, 2", ["a list without its closing bracket"]),
    ("x = {a = 1", ["a table without its closing brace"]),
    ("[data", ["a table's name without its closing bracket"]),
    ("[data]\n[data]", ["line 2", "a table that is there already"]),
    ("a = 1\na = 2", ["a key that has a value already"]),
    ('title = "abc', ["text without its closing quote"]),
    ('title = "\\sigma"', ["a backslash between double quotes", "single quotes"]),
    ("x = " + "[" * 2000, ["line 1: brackets nested too deep"]),
    ("x = " + "[" * 50 + "]" * 50, ["nested too deep"]),
    ("\n\nw = " + "1" * 5000, ["line 3: a number of more than 400 digits"]),
    ("[values]\nw = 1e99999999999999999999", ["values.w: a number beyond 10^400"]),
    ("[values]\nw = nan", ["values.w: nan, which is not a number"]),
    ("[values]\nw = 2020-01-01", ["values.w: a date or a time"]),
]

BYTES = [
    (b"\xef\xbb\xbftitle = 'a'", "byte order mark"),
    ("title = 'a'".encode("utf-16"), "UTF-16"),
    (b"\x7fELF\x00\x01", "binary"),
    (b"title = 'ok'\nsource = '\xe9'", "line 2: the byte 0xe9 is no UTF-8 text"),
]


def rows(table):
    return [pytest.param(change, parts, id=parts[0][:50]) for change, parts in table]


def test_the_problems_that_the_tables_change_are_right_themselves():
    """Otherwise a row could pass because of a mistake that it does not make."""
    assert load_problem(NETWORK).published
    assert load_problem(GRAPH).given


@pytest.mark.parametrize(("change", "parts"), rows(NETWORK_MISTAKES))
def test_a_mistake_in_a_network_is_placed_and_named(change, parts):
    """Path, what was found and the way out stand in one message."""
    text = message(changed(NETWORK, **change))
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(("change", "parts"), rows(GRAPH_MISTAKES))
def test_a_mistake_in_a_graph_is_placed_and_named(change, parts):
    """Path, what was found and the way out stand in one message."""
    text = message(changed(GRAPH, **change))
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(("written", "parts"), rows(TEXTS))
def test_a_mistake_of_syntax_is_shown_with_its_line(tmp_path: Path, written, parts):
    """The file's name comes first; tomllib's own words and tracebacks stay inside."""
    path = tmp_path / "net.toml"
    path.write_text(written)
    text = message(path)
    assert text.startswith(f"{path}: ")
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(("data", "part"), BYTES)
def test_a_file_that_is_no_text_says_what_it_is(tmp_path: Path, data, part):
    """Editors and exports write such files without telling."""
    path = tmp_path / "net.toml"
    path.write_bytes(data)
    assert part in message(path)


def test_a_folder_is_not_a_problem(tmp_path: Path):
    """A path may be one level short."""
    assert "this is a folder" in message(tmp_path)


def test_a_file_that_may_not_be_read_says_why(tmp_path: Path, monkeypatch):
    """The system's own reason is the most precise one."""
    path = tmp_path / "net.toml"
    path.write_text("title = 'a'")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "the file cannot be read: Permission denied" in message(path)


def test_a_file_beyond_all_reason_is_not_read_to_its_end():
    """A device never ends."""
    assert "more than 16 MB" in message("/dev/zero")


@pytest.mark.parametrize("name", ["mazzur", "no/such/file.toml", "x" * 5000, "a\0b"])
def test_an_unknown_file_or_example_is_told_so(name):
    """Neither a traceback nor a guess."""
    text = message(name)
    assert "no such file" in text or "the path cannot be used" in text


def test_an_unknown_example_names_a_near_one():
    """`backproof examples` lists all of them."""
    text = message("mazzur")
    assert "did you mean 'mazur'?" in text
    assert "backproof examples" in text


@pytest.mark.parametrize("source", [3, None, [1], {1: 2}, {}])
def test_what_is_no_problem_at_all_is_refused(source):
    """A caller's mistake reads like a file's."""
    assert "mistake" in message(source) or "a path, an example's name, or a mapping" in message(source)


def test_a_mapping_that_holds_itself_is_refused():
    """The walk down ends at a fixed depth."""
    endless: dict[str, object] = {}
    endless["values"] = endless
    assert "nested too deep" in message(endless)


def test_all_mistakes_of_a_file_come_in_one_run():
    """A wrong key or number does not hide a wrong shape, rule or name elsewhere."""
    text = message(
        changed(
            NETWORK,
            titel="x",
            network__layers__0__activation="sigmod",
            network__layers__1__weights=[[float("nan")]],
            values__w9=1,
            training__rate=0,
        )
    )
    for part in (
        "titel",
        "'sigmod'",
        "weights[1][1]: nan",
        "W2 has 1 row of 1 number",
        "values.w9",
        "training.rate",
    ):
        assert part in text
    assert text.startswith("the mapping: 6 mistakes")


def test_a_misspelled_required_key_is_one_mistake():
    """The key is there, under a wrong name; that it is missing too would be noise."""
    text = message(changed(NETWORK, network__inputs=LEFT_OUT, network__input=["i1", "i2"]))
    assert text.startswith("the mapping: 1 mistake\n")
    assert "did you mean 'inputs'?" in text


def test_hostile_names_arrive_as_text():
    """An escape sequence in a key must not reach the terminal."""
    assert "\x1b" not in message(changed(NETWORK, **{"\x1b[31mred": 1}))


@pytest.mark.parametrize("cost", [cost for cost in COSTS.values() if cost.targets.values != sp.S.Reals])
def test_a_target_that_a_cost_does_not_assume_is_refused_with_its_place(cost):
    """log 0 and a margin of neither class are found before anything is computed."""
    text = message(changed(NETWORK, network__cost=cost.name, data__y=[[-1.5]]))
    assert f"the target -3/2 of output 1 of sample 1; {cost.name} assumes {cost.targets}" in text
