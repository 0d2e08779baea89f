"""Equations that articles print, true and false ones, each in a problem that has its letters."""

from __future__ import annotations

from typing import Any

from tests.reading.problems import graph, network

ONE = network(1, 1)
CHAIN = network(1, 1, 1)
DEEP = network(2, 3, 4, 2)
NEURON = network(2, 1)
ERRORS = network(2, 3, 2, notation={"cost": "E", "weighted_input": "o"})
OUTPUT = network(2, 1, notation={"cost": "E", "weighted_input": "o"})
NAMED = network(2, 2, 1, notation={"function": "f"})
FORK = graph("a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)", output="J")
LOGISTIC = graph("z = w*x + b", "h = sigmoid(z)", "J = -y*log(h) - (1 - y)*log(1 - h)", output="J")

CLAIMS: tuple[tuple[str, dict[str, Any] | str, str], ...] = (
    ("c002", NEURON, "z = sum_i w_i x_i + b > 0"),
    ("c003", NEURON, "z = w . x + b"),
    ("c003", NEURON, "a = sigma(z)"),
    ("c015", DEEP, "dC/dW^l = a^{l-1} . dC/dz^l = dC/dz^l . a^{l-1}"),
    ("c015", DEEP, "dC/dW^l = delta^l (a^{l-1})^T"),
    ("c016", DEEP, "dC/db^l = delta^l"),
    ("c018", graph("u = 2*x", "y = u^2", output="y"), "dy/dx = dy/du du/dx"),
    ("c019", DEEP, "C = (1/2)||y - a^L||^2 = (1/2) sum_j (y_j - a_j^L)^2"),
    ("c021", DEEP, "a^l = sigma(w^l a^{l-1} + b^l)"),
    ("c028", DEEP, "dC/dw^l = da^l/dw^l . dC/da^l"),
    ("c029", CHAIN, "dz^2/dw^2 = d(a^1 w^2)/dw^2 = a^1"),
    ("c030", CHAIN, "da^2/dz^2 = sigma'(z^2)"),
    ("c032", CHAIN, "dC/dw^2 = a^1 * sigma'(z^2) * (a^2 - y)"),
    ("c033", CHAIN, "dC/dw^1 = a^0 * sigma'(z^1) * (a^2 - y) . sigma'(z^2) . w^2"),
    ("c034", CHAIN, "da^2/da^1 = sigma'(z^2) . w^2"),
    ("c038", ONE, "sigma(x) = 1/(1+e^{-x})"),
    ("c039", network(1, 1, act="relu"), "ReLU(x) = max(0, x)"),
    ("c044", ONE, "C(w,b) = (1/(2n)) sum_x ||y(x) - a||^2"),
    ("c056", DEEP, "a^(1) = sigma(W^(1) a^(0) + b^(1))"),
    ("c057", DEEP, "a^3 = sigma(W3 sigma(W2 sigma(W1 X + b1) + b2) + b3)"),
    ("c058", ONE, "sigma(x) = (e^x + e^{-x})/(e^x - e^{-x})"),
    ("c058", ONE, "tanh(x) = (e^x - e^{-x})/(e^x + e^{-x})"),
    ("c063", ONE, "C = (Yhat - Y)^2/(2n) = (1/(2n)) sum_{i=0}^n (yhat_i - y_i)^2"),
    ("c066", ERRORS, "do_j^k/dw_ij^k = a_i^{k-1}"),
    ("c067", ERRORS, "dE/dw_ij^k = delta_j^k a_i^{k-1}"),
    ("c068", OUTPUT, "delta_j = (a_j - y) sigma'(o_j)"),
    ("c069", ERRORS, "delta_j^k = sum_l dE/do_l^{k+1} do_l^{k+1}/do_j^k"),
    ("c070", ERRORS, "delta_j^k = sum_l delta_l^{k+1} do_j^{k+1}/do_j^k"),
    ("c073", ERRORS, "delta_j^k = sigma'(o_j^k) sum_l delta_l^{k+1} w_lj^{k+1}"),
    ("c073", ERRORS, "delta_j^k = sigma'(o_j^k) sum_l w_jl^{k+1} delta_l^{k+1}"),
    ("c078", network(2, 1, notation={"function": "f"}), "y_pred = f(x_1 w_1 + x_2 w_2 + b)"),
    ("c080", NAMED, "f(3) = 0.9526"),
    ("c083", network(1, 1, notation={"function": "f"}), "f'(x) = e^{-x}/(1+e^{-x})^2 = f(x)(1-f(x))"),
    ("c084", "seed004-alice", "dy_pred/dh_1 = w_5 f'(w_5 h_1 + w_6 h_2 + b_3)"),
    ("c085", "seed004-alice", "dh_1/dw_1 = x_1 f'(w_1 x_1 + w_2 x_2 + b_1)"),
    ("c087", "seed004-alice", "dL/db_1 = dL/dy_pred . dy_pred/dh_1 . dh_1/db_1"),
    ("c088", "seed004-alice", "dL/dw_1 = -0.952 * 0.249 * -0.0904 = 0.0214"),
    ("c089", "seed004-alice", "h_1 = w_1 x_1 + w_2 x_2 + b_1"),
    ("c090", NAMED, "f(-3)(1-f(-3)) = 0.047*(1-0.047) = 0.044791"),
    ("c091", FORK, "J = cos(d)"),
    ("c091", FORK, "dJ/dd = -sin(d)"),
    ("c092", FORK, "db/da = cos(a)"),
    ("c092", FORK, "dc/dx = 6x"),
    ("c093", FORK, "dJ/dx = dJ/dd dd/db db/da da/dx + dJ/dd dd/dc dc/dx"),
    ("c096", LOGISTIC, "dJ/dh = -(y/h) + (1-y)/(1-h)"),
    ("c098", LOGISTIC, "dJ/dw = dJ/dh dh/dz dz/dw = x (h - y)"),
    ("c099", LOGISTIC, "dJ/db = h - y"),
)
