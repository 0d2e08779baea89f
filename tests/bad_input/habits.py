"""Mistakes of a network that stand beside each other, and those of people who come from other programs."""

from __future__ import annotations

LEFT_OUT = object()
"""In the place of a value: the key is not there."""

# change, and what the message must hold: what cannot be read hides nothing else
BESIDE_EACH_OTHER = [
    (
        {
            "network__inputs": 0,
            "network__cost": "huberr",
            "network__layers__0__activation": "rleu",
            "training__beta1": "0.9",
        },
        ["4 mistakes", "a count from 1", "mean 'huber'?", "mean 'relu'?", 'take rule = "adam"'],
    ),
    (
        {
            "network__layers__0__weights": 3,
            "network__layers__1__weights": [[1, 2, 3]],
            "data__x": [[1]],
            "network__layers__1__activation": "rleu",
        },
        ["4 mistakes", "layers[1].weights: the number 3", "W2 has 1 row of 3", "data.x[1]", "mean 'relu'?"],
    ),
    (
        {"data__y": 4, "network__layers__1__biases": [1, 2]},
        ["2 mistakes", "data.y: the number 4", "b2 has 2 numbers"],
    ),
    (
        {"network__inputs": ["i 1", "i2"], "data__x": [[1]]},
        ["2 mistakes", "network.inputs[1]: the text 'i 1'", "data.x[1]"],
    ),
    (
        {"questions": [{"id": "1"}, {"id": "1", "ask": 3}], "network__cost": "huberr"},
        ["4 mistakes", "questions[1].ask: missing", "questions[2].id", "mean 'huber'?"],
    ),
    (
        {"values__w2": LEFT_OUT, "network__layers__0__units": ["h1", "h1"], "training__epsilon": 1},
        ["3 mistakes", "'w2' has no value", "'h1' names both", "has no epsilon"],
    ),
]

HABITS = [
    (
        {"network__layers__0__alpha": 2, "training": {"steps": 1}},
        ["2 mistakes", "training.rate: missing", 'put it beside its rule: activation = {rule = "leaky_relu"'],
    ),
    (
        {"network__loss": "BCELoss", "network__cost": LEFT_OUT},
        ["2 mistakes", "network.loss: unknown key; did you mean 'cost'?", "mean 'binary_cross_entropy'?"],
    ),
    (
        {"network__cost": "mse"},
        [
            "mean 'mean_squared_error'?",
            "it is the mean over outputs; the sum is squared_error, half of it",
        ],
    ),
    ({"network__cost": "mae"}, ["mean 'absolute_error'?", '"abs(y - a)/2"']),
    ({"network__cost": "nll_loss"}, ["mean 'cross_entropy'?", 'after log_softmax write cost = "-y*a"']),
    ({"network__cost": "CrossEntropyLoss"}, ["mean 'cross_entropy'?", "cross_entropy_on_logits (PyTorch's)"]),
    ({"network__cost": "KLDivLoss"}, ["mean 'kullback_leibler'?"]),
    ({"network__layers__1__activation": "linear"}, ["mean 'identity'?"]),
    ({"network__layers__1__activation": "Logistic"}, ["mean 'sigmoid'?"]),
    ({"network__layers__1__activation": "ReLU"}, ["mean 'relu'?"]),
    (
        {"training": {"lr": 1, "optimizer": "SGD"}},
        ["3 mistakes", "'rate'?", "'rule'?", "'gradient_descent'?"],
    ),
    ({"training": {"rate": 1, "epochs": 9}}, ["mean 'steps'?", 'an epoch is one with batch = "all", else']),
    (
        {"training": {"rate": 1, "weight_decay": 1}},
        ["training.weight_decay: unknown key here; it belongs to [network], as 'l2'", "move it there"],
    ),
    (
        {"network__layers__1": {"neurons": 1, "activation": "tanh", "W": [[1, 2]], "bias": [1]}},
        ["3 mistakes", "'units'?", "'weights'?", "'biases'?"],
    ),
    (
        {"network__x": [[1, 2]], "network__y": [[1]], "data": LEFT_OUT},
        ["2 mistakes", "network.x: unknown key here; it belongs to [data]"],
    ),
    (
        {"inputs": 2, "network__inputs": LEFT_OUT},
        ["inputs: unknown key here; it belongs to [network] or [data]", "1 mistake"],
    ),
    (
        {"network__layers__0__activation": "elu", "network__layers__0__alpha": "2"},
        ["'alpha' is a parameter of a rule", 'activation = {rule = "elu", alpha = …}'],
    ),
    (
        {"network__cost": 3},
        ["network.cost: the number 3", "half_squared_error", '{rule = "huber", delta = 1}'],
    ),
    ({"network__layers__1__activation": "nn.ReLU()"}, ["'nn.ReLU()' is no activation; did you mean 'relu'?"]),
    ({"network__layers__1__activation": "leaky_relu(z)"}, ["did you mean 'leaky_relu'?"]),
    ({"network__cost": "mse(y, a)"}, ["'mse(y, a)' is no cost; did you mean 'mean_squared_error'?"]),
    ({"network__layers": [2, 1]}, ["network.layers[1]: the number 2", "a [[network.layers]] table, with"]),
    (
        {"network__layers__0__weights": {"w1": 1, "w2": 2}},
        ["2 mistakes", "weights.w1: unknown key", 'so do names, [["w1", "w2"]], that [values] gives'],
    ),
    (
        {"network__cost_function": "mse"},
        ["1 mistake", "network.cost_function: unknown key", "cost is there already: leave one out"],
    ),
    ({"network__cost": {"delta": 1}}, ["network.cost.rule: missing", "half_squared_error"]),
    ({"network__layers__0__activation": "np.maximum(0, z)"}, ["without 'np.': maximum is written max(u, v)"]),
    ({"network__layers__0__activation": "z.T"}, ["'.T' cannot be read: names have no methods here"]),
    ({"network__inputs": 10**50}, ["the number 100000000000… of 51 signs"]),
]

ASKED = [
    ({"questions": [{"id": "1", "ask": "dC/dw9"}]}, ["questions[1].ask, column 5: 'w9'", "no layer 9"]),
    ({"questions": [{"id": "1", "ask": "W3"}]}, ["questions[1].ask, column 1: 'W3'", "W1, W2"]),
    ({"questions": [{"id": "1", "ask": "dE/dw1"}]}, ["'dE' is not in this problem; the cost is C here"]),
    ({"questions": [{"id": "1", "ask": "2"}]}, ["'2' asks for no quantity", "dC/dw1[1,1]"]),
    ({"questions": [{"id": "1", "ask": "dC/db2"}]}, ["'b2': layer 2 has no biases"]),
    ({"questions": [{"id": "1", "ask": "w1'"}], "training": None}, ["asks for a value after an update"]),
    (
        {"network__cost": LEFT_OUT, "network__output": "C"},
        ["network.output: 'C' is not a value of the forward pass"],
    ),
    ({"network__cost": LEFT_OUT, "network__output": "a3[1]"}, ["network.output, column 1", "a3"]),
]
