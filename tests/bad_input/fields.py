"""Mistakes of a problem as changes of a right one, each with what its message must hold."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

from tests.bad_input.habits import ASKED, BESIDE_EACH_OTHER, HABITS, LEFT_OUT

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


# change, and what the message must hold
NETWORK_MISTAKES = [
    ({"training__rate": 0}, ["training.rate: the number 0", "a number above 0"]),
    ({"network__l2": -1}, ["network.l2: the number -1", "0 or more"]),
    ({"published__0__value": "0,5"}, ["the text '0,5'", "write a decimal point: 0.5"]),
    ({"published__0__quantity": "a1[1]@3"}, ["there is no sample 3; the only sample is 1"]),
    (
        {"network__inputs": 0, "dat": {"x": 1}, "data": LEFT_OUT},
        ["did you mean 'data'", "data.x: the number 1"],
    ),
    (
        {"questions": [{"id": "1", "ask": "C"}, {"id": "1", "ask": "C"}]},
        ["questions[2].id: '1' is the id of question 1 already"],
    ),
    (
        {"questions": [{"id": "1", "ask": "C", "digits": 3, "tolerance": "0.1"}]},
        ["questions[1]: both digits and tolerance", "one of the two"],
    ),
    (
        {
            "network__layers__1__weights": [[1, 2, 3]],
            "data__x": [[1]],
            "data__y": [[1, 2]],
            "published__0__quantity": "dC/dw9[9,9]",
        },
        ["W2 has 1 row of 3", "data.x[1]: 1 number", "data.y[1]: 2 numbers", "there is no layer 9"],
    ),
    ({"network__layers__0__weights": [["w1"], ["w3", "w4", "w2"]], "data__x": [[1]]}, ["2 mistakes"]),
    ({"network__cost": "huberr", "data__y": [[1, 2]]}, ["2 mistakes", "data.y[1]: 2 numbers"]),
    ({"titel": "x"}, ["titel: unknown key; did you mean 'title'?"]),
    ({"network__colour": 1}, ["network.colour: unknown key", "allowed: inputs, layers"]),
    ({"network__inputs": LEFT_OUT}, ["network.inputs: missing", "or a count"]),
    ({"network__inputs": 0}, ["network.inputs", "a count from 1"]),
    ({"network__inputs": 10**9}, ["network.inputs", "a count from 1 to 4,096"]),
    ({"network__inputs": True}, ["network.inputs: true", "names such as", "or a count"]),
    ({"network__inputs": ["i 1", "i2"]}, ["network.inputs[1]", "'i 1'", "a name"]),
    ({"network__layers": []}, ["network.layers: an empty list", "a [[network.layers]] table for each layer"]),
    ({"network__layers__1__units": LEFT_OUT}, ["network.layers[2].units: missing"]),
    (
        {"network__layers__0__activation": "sigmod"},
        ["'sigmod' is no activation; did you mean 'sigmoid'?", "relu"],
    ),
    ({"network__layers__0__activation": "z/(1 + "}, ["network.layers[1].activation, column"]),
    ({"network__layers__0__activation": "z/0"}, ["a division by 0 in 'z/0'"]),
    ({"network__layers__0__activation": 3}, ["network.layers[1].activation: the number 3", "a rule such as"]),
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
        {"network__layers__0__activation": {"rul": "sigmoid"}},
        ["network.layers[1].activation: unknown key 'rul'; did you mean 'rule'?"],
    ),
    ({"network__cost": {"rule": "huber", "delta": 0}}, ["network.cost.delta: huber's delta is 0"]),
    ({"network__cost": {"rule": "huber", "dleta": 1}}, ["network.cost.dleta", "did you mean 'delta'?"]),
    ({"network__cost": ["huber"]}, ["network.cost: a list", 'a rule such as "half_squared_error"']),
    ({"network__cost": "cross_entropy_from_logits"}, ["did you mean 'cross_entropy_on_logits'?"]),
    ({"network__cost": "half_squared"}, ["'half_squared' is no cost; did you mean 'half_squared_error'?"]),
    ({"network__cost": "(y - q)^2"}, ["network.cost, column 6", "'q'"]),
    ({"network__output": "a2[1]"}, ["an output beside a cost"]),
    ({"network__reduction": "average"}, ["network.reduction: the text 'average'", "sum or mean"]),
    ({"network__l2": -1}, ["network.l2: the number -"]),
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
    (
        {"network__layers__0__biases": ["b1"]},
        ["b1 has 1 number; layer 1 has 2 units", "a number or name for each unit"],
    ),
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
    ({"values__w1": 10**400}, ["values.w1: 100000000000…, a number of more than 400 digits"]),
    ({"values__w1": Decimal("1e401")}, ["values.w1: 1E+401, a number beyond 10^400"]),
    ({"values__w1": True}, ["values.w1: true", "a number such as"]),
    ({"values__w1": 1j}, ["values.w1: a value of type complex"]),
    ({"data__x": [["0.05"]]}, ["data.x[1]: 1 number; the network has 2 inputs"]),
    ({"data__x": [1, 2]}, ["data.x: a list without rows", "brackets of its own"]),
    ({"data__y": LEFT_OUT}, ["data.y: missing", "targets"]),
    ({"data__y": [[1], [2]]}, ["data.y: 2 samples; x has 1 sample"]),
    ({"data__y": [[1, 2]]}, ["data.y[1]: 2 numbers; the network has 1 output"]),
    ({"data__test": [[1]]}, ["data.test[1]: 1 number; the network has 2 inputs"]),
    ({"data__labels": ["Alice", "Bob"]}, ["data.labels: 2 labels; x has 1 sample"]),
    (
        {"network__cost": "binary_cross_entropy", "data__y": [[2]]},
        ["data.y[1][1]: the target 2", "0 <= y <= 1"],
    ),
    ({"network__cost": "cross_entropy", "data__y": [[-1]]}, ["data.y[1][1]: the target -1", "y >= 0"]),
    ({"training__rate": 0}, ["training.rate", "a number above 0"]),
    ({"training__steps": 0}, ["training.steps", "1 or more"]),
    ({"training__batch": 5}, ["training.batch: a batch of 5; [data] has 1 sample"]),
    ({"training__batch": "some"}, ["training.batch: the text 'some'", '"online"']),
    (
        {"training__beta1": "0.9"},
        ["training.beta1: the rule 'gradient_descent' has no beta1", 'take rule = "adam"'],
    ),
    ({"training__steps": 10**6}, ["training.steps: the number 1000000", "200,000 or less"]),
    ({"training__rule": "adams"}, ["training.rule: the text 'adams'; did you mean 'adam'?", "perceptron"]),
    ({"training__rule": "sgd"}, ["training.rule: the text 'sgd'", "gradient_descent, momentum, adam"]),
    (
        {"training": {"rate": 1, "momentum": "0.9"}},
        ["the rule 'gradient_descent' has no momentum", 'take rule = "momentum"'],
    ),
    (
        {"training": {"rule": "adam", "rate": 1, "convention": "classical"}},
        ["training.convention: the rule 'adam' has no convention", "beta1, beta2, epsilon, epsilon_place"],
    ),
    (
        {"training": {"rule": "momentum", "rate": 1, "epsilon": 1}},
        ["training.epsilon: the rule 'momentum' has no epsilon", "momentum, convention"],
    ),
    (
        {"training": {"rule": "momentum", "rate": 1, "momentum": 1}},
        ["training.momentum: the number 1", "from 0 up to, but not including, 1"],
    ),
    (
        {"training": {"rule": "momentum", "rate": 1, "momentum": "-0.1"}},
        ["training.momentum", "from 0 up to"],
    ),
    (
        {"training": {"rule": "momentum", "rate": 1, "momentum": "much"}},
        ["training.momentum: the text 'much'", "a number such as"],
    ),
    (
        {"training": {"rule": "momentum", "rate": 1, "convention": "nesterov"}},
        ["training.convention: the text 'nesterov'", "classical or averaged"],
    ),
    (
        {"training": {"rule": "Nesterov", "rate": 1}},
        ["training.rule: the text 'Nesterov'; did you mean 'momentum'?", "where the weights are"],
    ),
    ({"training": {"rule": "RMSprop", "rate": 1}}, ["did you mean 'adam'?", "adam with beta1 = 0"]),
    ({"training": {"rule": "adagrad", "rate": 1}}, ["did you mean 'adam'?", "there is no such rule here"]),
    (
        {"training": {"rule": "sgd", "rate": 1, "scheduler": "cosine"}},
        ["did you mean 'gradient_descent'?", "are set by batch", "one number for all updates"],
    ),
    ({"training": {"rule": "adam", "rate": 1, "beta1": 1}}, ["training.beta1: the number 1"]),
    ({"training": {"rule": "adam", "rate": 1, "beta2": "1.1"}}, ["training.beta2", "but not including, 1"]),
    ({"training": {"rule": "adam", "rate": 1, "epsilon": 0}}, ["training.epsilon", "a number above 0"]),
    (
        {"training": {"rule": "adam", "rate": 1, "epsilon_place": "under"}},
        ["training.epsilon_place: the text 'under'", "outside or inside"],
    ),
    ({"training": {"rule": "adam", "rate": 1, "beta3": 1}}, ["training.beta3: unknown key; did you mean"]),
    ({"training": {"rule": "adam"}}, ["training.rate: missing", "a number above 0"]),
    ({"training": {"rate": 1, "seed": -1}}, ["training.seed: the number -1", "0 or more"]),
    ({"training": {"rate": 1, "seed": "today"}}, ["training.seed: the text 'today'", "a whole number"]),
    ({"training": {"rate": 1, "batch": 0}}, ["training.batch: the number 0", '"online"']),
    (
        {"training": {"rule": "perceptron", "rate": 1}},
        [
            "training.rule: the rule 'perceptron' trains a single layer; this network has 2",
            "gradient_descent",
        ],
    ),
    (
        {"training": {"rule": "perceptron", "rate": 1, "momentum": "0.9"}},
        ["the rule 'perceptron' has no momentum", "trains a single layer"],
    ),
    ({"network__cost": LEFT_OUT, "published": []}, ["training: nothing to train for"]),
    (
        {"published__0__value": 0.1},
        ["published[1].value: the number 0.1", "value must be text, its digits matter"],
    ),
    ({"published__0__value": "about 3"}, ["published[1].value: the text 'about 3'"]),
    ({"published__0__quantity": "dC/dw77"}, ["published[1].quantity, column 5", "w77"]),
    ({"published__0__quantity": "dC//dw1"}, ["published[1].quantity, column 4"]),
    ({"published__0__after": -1}, ["published[1].after", "0 or more"]),
    ({"published__0__after": 10**9}, ["published[1].after", "200,000 or less"]),
    (
        {"network__layers__0__colour": "red", "network__layers__0__activation": "sigmod"},
        ["network.layers[1].colour: unknown key", "'sigmod' is no activation; did you mean 'sigmoid'?"],
    ),
    ({"published__0__after": 2, "training": None}, ["after 2 updates", "add [training]"]),
    ({"published__0__quantity": "w1'", "training": None}, ["after 1 update", "add [training]"]),
    ({"published__0__quantity": "w1'", "published__0__after": 2}, ["one prime for one update"]),
    ({"notation": {"style": "greek"}}, ["notation.style: the text 'greek'", "superscript"]),
    ({"notation": {"cost": "\\mathcal{L}"}}, ["notation.cost", "a short word of letters"]),
    ({"notation": {"cost": "z"}}, ["notation.cost: 'z' stands for the weighted input already"]),
    ({"questions": [{"id": "1a"}]}, ["questions[1].ask: missing"]),
    ({"graph": GRAPH["graph"]}, ["[network] and [graph] in one problem"]),
    ({"network": LEFT_OUT}, ["neither [network] nor [graph]"]),
    *BESIDE_EACH_OTHER,
    *HABITS,
    *ASKED,
]

GRAPH_MISTAKES = [
    ({"graph__steps": []}, ["graph.steps: an empty list", "assignments such as"]),
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
    (
        {"graph__steps": ["J = x", "", "K = 2 +"]},
        ["graph.steps[2], column 1: the step is empty", "steps[3], column 8"],
    ),
    (
        {"graph__steps": ["J = x", 3, "K = 2 +"], "graph__output": 3},
        ["3 mistakes", "graph.steps[2]: the number 3", "steps[3], column 8", "graph.output: the number 3"],
    ),
    ({"graph__steps": ["J = foo(x)", ""]}, ["2 mistakes", "its names are J, x;"]),
    ({"graph__y": 3}, ["graph.y: unknown key", "the value of a name stands in [values]: y = …"]),
    ({"graph__z": "x^2"}, ["graph.z: unknown key", "a step stands in the list: steps = ['z = …']"]),
    ({"graph__values": {"x": 2}}, ["graph.values: unknown key here", "a table of its own, [values]"]),
    (
        {"graph": {"step": ["J = x"], "output": "J"}},
        ["1 mistake", "graph.step: unknown key; did you mean 'steps'?"],
    ),
    ({"graph__steps": ["J = sum(W @ x)"], "values": 3}, ["1 mistake", "values: the number 3"]),
    ({"graph__steps": ["J = |x|"]}, ["'|' is not part of a formula; an absolute value is written abs(u)"]),
    (
        {"graph__steps": ["J = x if x > 0 else 0"]},
        ["'>' is not part of a formula; a formula has no conditions"],
    ),
    ({"graph__steps": ["J = \\sin(x)"]}, ["sigma stands for \\sigma"]),
    ({"graph__steps": ["J = W.t"]}, ["'.t' cannot be read; write W.T"]),
    ({"graph__steps": ["J = W.dot(x)"]}, ["'.dot' cannot be read; write W @ …"]),
    ({"graph__steps": ["J = (x + 1).sum()"]}, ["'.sum' cannot be read; write sum(…)"]),
    ({"graph__steps": ["J = np.sin(x)"]}, ["functions stand alone here, without 'np.': write sin"]),
    ({"graph__steps": ["J = F.mse_loss(x)"]}, ["without 'F.', and 'mse_loss' is none of them"]),
    ({"graph__steps": ["J = pow(x, 2)"]}, ["'pow' is not in this problem; it is written u^v here"]),
    ({"graph__functions": ["a"]}, ["graph.functions[1]: 'a' is defined by step 1 already"]),
    ({"graph__functions": ["x"]}, ["graph.functions[1]: 'x' is a given value already"]),
    ({"graph__functions": ["tanh"]}, ["graph.functions[1]: 'tanh' is a built-in function already"]),
    ({"graph__functions": ["f", "f"]}, ["graph.functions[2]: 'f' is listed twice"]),
    ({"graph__functions": ["f", "df"]}, ["graph.functions[2]: 'df' is the slope of f already"]),
    ({"graph__functions": ["f(x)"]}, ["graph.functions[1]: 'f(x)' as a name", "a name of at most 40"]),
    (
        {"graph__functions": ["phi"], "graph__steps": ["J = phy(x)"]},
        ["'phy' is not in", "did you mean 'phi'?"],
    ),
    ({"graph__functions": ["phi"], "graph__steps": ["J = phi(x, x)"]}, ["'phi' takes 1 operand, not 2"]),
    ({"graph__functions": ["phi"], "graph__steps": ["J = phi'''(x)"]}, ["'phi' with 3 primes"]),
    ({"graph__functions": ["phi"], "graph__steps": ["J = dphi'(x)"]}, ["'dphi' is a function: '(' follows"]),
    ({"graph__functions": ["phi"], "graph__steps": ["J = phi' x"]}, ["operand stands in brackets"]),
    ({"graph__functions": ["phi"], "graph__steps": ["J = phi*x"]}, ["'phi' is a function: '(' follows it"]),
    (
        {"graph__assume": ["x = 3"]},
        ["graph.assume[1]: 'x = 3': it does not hold: its left side is 2", "differ by 1"],
    ),
    ({"graph__assume": ["x + 1"]}, ["graph.assume[1], column 6: no '=' stands here"]),
    ({"graph__assume": ["x = y"]}, ["graph.assume[1], column 5: 'y' is not in this problem"]),
    ({"graph__assume": ["x = a"]}, ["graph.assume[1]: 'x = a': 'a' is defined by a step"]),
    ({"graph__assume": ["exp(x) = 1"]}, ["'exp' has no exact value", "whole powers"]),
    ({"graph__assume": ["x^0.5 = 1"]}, ["the power 0.5 is not exact"]),
    ({"graph__assume": ["x/(x - 2) = 1"]}, ["it divides by 0 here"]),
    ({"graph__assume": ["x^9999^9 = 1"]}, ["graph.assume[1]", "digits"]),
    ({"graph__assume": ["x^9999*x^9999*x^9999*x^9999*x^9999 = 1"]}, ["a number of more than"]),
    ({"graph__assume": ["x*x^2 = 1"], "values": LEFT_OUT}, ["it is not linear in x"]),
    (
        {"graph__assume": ["x = 1", "x = 2"], "values": LEFT_OUT},
        ["graph.assume[2]: 'x = 2': every value in it is fixed"],
    ),
    ({"graph__shapes": {"X": [5, 2]}}, ["graph.shapes.X: no step reads 'X'", "given names: x"]),
    ({"values__x": [1, 2]}, ["graph.output: 'J' is a vector of 2", "L = sum(J)"]),
    ({"values": {}}, ["'x' has no value", "add x = …"]),
    ({"values__a": 1}, ["values.a: 'a' is defined by step 1, 'a = x^2'"]),
    ({"data": {"x": [[1]]}}, ["data: [data] beside [graph]"]),
    ({"training": {"rate": 1, "batch": 2}}, ["training.batch", "a graph has no samples"]),
    (
        {"training": {"rate": 1, "rule": "perceptron"}},
        ["training.rule: the rule 'perceptron' trains a layer of step units, not a graph"],
    ),
    (
        {"graph__output": ["a", "J"], "training": {"rate": 1}},
        ["training: 2 outputs; an update follows the gradient of one", "upstream"],
    ),
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
    ("\n\nw = " + "1" * 5000, ["line 3: 111111111111…, a number of more than 400 digits"]),
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


PERCEPTRON = {
    "network": {
        "inputs": 1,
        "layers": [{"units": 1, "activation": "step", "weights": [[0]], "biases": [0]}],
    },
    "data": {"x": [[0], [1]], "y": [[0], [1]]},
    "training": {"rule": "perceptron", "rate": 1},
}
PERCEPTRON_MISTAKES = [
    (
        {"network__layers__0__activation": "sigmoid"},
        [
            "training.rule: the rule 'perceptron' trains units that jump",
            "sigmoid does not",
            'activation = "step"',
        ],
    ),
    (
        {"data__y": [[0], [2]]},
        ["data.y[2][1]: the rule 'perceptron' could never reach the target 2", "0 or 1"],
    ),
    ({"data__y": LEFT_OUT}, ["data.y: the rule 'perceptron' compares activations with targets"]),
    ({"data": LEFT_OUT}, ["data.y: the rule 'perceptron' compares", "give x and y in [data]"]),
    ({"network__layers__0__activation": "stepp"}, ["1 mistake", "did you mean 'step'?"]),
    ({"training__batch": 3}, ["training.batch: a batch of 3; [data] has 2 samples"]),
    ({"training__rule": "momentum"}, ["training: nothing to train for", 'rule = "perceptron"']),
    (
        {"training__epsilon": 1, "training__rate": 0},
        [
            "training.rate: the number ",
            "training.epsilon: the rule 'perceptron' has no epsilon",
        ],
    ),
]
