"""Equations that articles print, each in a problem that states what the article assumes, with the verdict."""

from __future__ import annotations

from typing import Any

from tests.answers.rows import graph, network

FROM_TO = {"cost": "E", "weighted_input": "o", "index": "from_to"}
ONE = network(1, 1)
CHAIN = network(1, 1, 1)
CHAINS = network(1, 1, 1, 1, act="general")
DEEP = network(2, 3, 4, 2)
NEURON = network(2, 1)
SQUARE = network(3, 3, 3, notation=FROM_TO)
LAYERS = network(2, 3, 2, notation=FROM_TO)
OUTPUT = network(2, 1, notation=FROM_TO)
FEED = network(2, 1, notation={"function": "f"})
MEAN = network(1, 1, reduction="mean", data={"x": [[1], [2], [3]], "y": [[0], [1], [1]]})
BATCH = network(
    2, 2, 2, reduction="mean", data={"x": [[1, 2], [0, -1], [-2, 0]], "y": [[1, 0], [0, 1], [1, 1]]}
)
FORK = graph("a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)", output="J")
GATED = graph(
    "Z = X @ W",
    "A = sigmoid(Z)",
    "L = sum((A - Y)**2)/2",
    output="L",
    shapes={"X": [4, 3], "W": [3, 2], "Y": [4, 2]},
)
SCALED = graph("a = M @ v", "w = 2*a", "L = sum(w**2)", output="L", shapes={"M": [2, 2], "v": [2]})
ROUTES = graph("u = x*y", "v = exp(u)", "w = v + x^2", "J = log(w)", output="J")
LOGISTIC = graph("z = w*x + b", "h = sigmoid(z)", "J = -y*log(h) - (1 - y)*log(1 - h)", output="J")

CLAIMS: tuple[tuple[str, dict[str, Any] | str, str, str], ...] = (
    ("c002", NEURON, "z = sum_i w_i x_i + b > 0", "false"),
    ("c002", NEURON, "z = sum_i w_i x_i + b", "true"),
    ("c003", NEURON, "z = w . x + b", "true"),
    ("c003", NEURON, "a = sigma(z)", "true"),
    ("c013", graph("u = A @ B", "J = sum(u)", output="J", shapes={"A": [2, 2], "B": [2, 2]}), "dJ/dB = A.T @ dJ/du", "true"),
    ("c013", graph("u = A @ B", "J = sum(u)", output="J", shapes={"A": [2, 2], "B": [2, 2]}), "dJ/dB = A @ dJ/du", "false"),
    ("c015", DEEP, "dC/dW^l = a^{l-1} . dC/dz^l = dC/dz^l . a^{l-1}", "false"),
    ("c015", DEEP, "dC/dW^l = delta^l (a^{l-1})^T", "true"),
    ("c016", DEEP, "dC/db^l = delta^l", "true"),
    ("sum over an own name", GATED, r"\sum_{i=1}^4 A_{i2} = \sum_{i=1}^4 X_{i2}", "false"),
    ("sum over an own name", GATED, r"\sum_i A_{i2} = A_{12} + A_{22} + A_{32} + A_{42}", "true"),
    ("sum over an own name", GATED, r"dL/dW[1,2] = \sum_i X_{i1} (A_{i2} - Y_{i2}) A_{i2} (1 - A_{i2})", "true"),
    ("sum over an own name", SCALED, r"\sum_k a_k = a_1 + a_2", "true"),
    ("sum over an own name", SCALED, r"\sum_k w_k = 2 \sum_k a_k", "true"),
    ("sum over an own name", "attention", r"\sum_j A_{1j} = 1", "true"),
    ("sum over an own name", "dlai-propagate-columns", r"\sum_{i=1}^3 A_{1i} = \sum_{i=1}^3 X_{1i}", "false"),
    ("sums", GATED, r"\sum_{i,j} A_{ij} = sum(A)", "true"),
    ("sums", GATED, r"\sum_{i=1}^{4-1} A_{i1} = A_{11} + A_{21} + A_{31}", "true"),
    ("sums", "mazur", r"E = \sum_{o} \frac12 (target_o - out_o)^2", "true"),
    ("sums", "dlai-propagate-columns", r"cost = -\frac1m\sum_{i=1}^m (Y_i \log A_i + (1 - Y_i) \log(1 - A_i))", "true"),
    ("sums", BATCH, "dC/db2[1] = sum(Delta2[1])", "true"),
    ("sums", BATCH, "dC/db2[1] = mean(Delta2[1])", "false"),
    ("c018", graph("u = 2*x", "y = u^2", output="y"), "dy/dx = dy/du du/dx", "true"),
    ("c019", DEEP, "C = (1/2)||y - a^L||^2 = (1/2) sum_j (y_j - a_j^L)^2", "true"),
    ("c021", DEEP, "a^l = sigma(w^l a^{l-1} + b^l)", "true"),
    ("c028", CHAINS, "dC/dw^l = da^l/dw^l . dC/da^l", "true"),
    ("c028", DEEP, "dC/dw^l = da^l/dw^l . dC/da^l", "unreadable"),
    ("c029", CHAIN, "dz^2/dw^2 = d(a^1 w^2)/dw^2 = a^1", "true"),
    ("c030", CHAIN, "da^2/dz^2 = sigma'(z^2)", "true"),
    ("c032", CHAIN, "dC/dw^2 = a^1 * sigma'(z^2) * (a^2 - y)", "true"),
    ("c033", CHAIN, "dC/dw^1 = a^0 * sigma'(z^1) * (a^2 - y) . sigma'(z^2) . w^2", "true"),
    ("c034", CHAIN, "da^2/da^1 = sigma'(z^2) . w^2", "true"),
    ("chain rule", ROUTES, "dw/dx = 2*x", "true"),
    ("chain rule", ROUTES, "dw/dx = y*v + 2*x", "true"),
    ("chain rule", ROUTES, "dJ/dx = dJ/dw*(dw/dv*dv/du*du/dx + dw/dx)", "true"),
    ("chain rule", ROUTES, "dw/dx = 3*x", "false"),
    ("c038", ONE, "sigma(x) = 1/(1+e^{-x})", "true"),
    ("c039", network(1, 1, act="relu"), "ReLU(x) = max(0, x)", "true"),
    ("c044", MEAN, "C(w,b) = (1/(2n)) sum_x ||y(x) - a||^2", "true"),
    ("c056", DEEP, "a^(1) = sigma(W^(1) a^(0) + b^(1))", "true"),
    ("c057", DEEP, "a^3 = sigma(W3 sigma(W2 sigma(W1 X + b1) + b2) + b3)", "true"),
    ("c058", ONE, "tanh(x) = (e^x + e^{-x})/(e^x - e^{-x})", "false"),
    ("c058", ONE, "tanh(x) = (e^x - e^{-x})/(e^x + e^{-x})", "true"),
    ("c063", MEAN, "C = (1/(2n)) sum_{i=0}^n (yhat^{(i)} - y^{(i)})^2", "unreadable"),
    ("c063", MEAN, "C = (1/(2n)) sum_{i=1}^n (yhat^{(i)} - y^{(i)})^2", "true"),
    ("c066", LAYERS, "do_j^k/dw_ij^k = a_i^{k-1}", "true"),
    ("c067", LAYERS, "dE/dw_ij^k = delta_j^k a_i^{k-1}", "true"),
    ("c068", OUTPUT, "delta_j = (a_j - y) sigma'(o_j)", "true"),
    ("c069", LAYERS, "delta_j^k = sum_l dE/do_l^{k+1} do_l^{k+1}/do_j^k", "true"),
    ("c070", LAYERS, "delta_j^k = sum_l delta_l^{k+1} do_j^{k+1}/do_j^k", "false"),
    ("c073", SQUARE, "delta_j^k = sigma'(o_j^k) sum_l delta_l^{k+1} w_lj^{k+1}", "false"),
    ("c073", SQUARE, "delta_j^k = sigma'(o_j^k) sum_l w_jl^{k+1} delta_l^{k+1}", "true"),
    ("c073", LAYERS, "delta_j^k = sigma'(o_j^k) sum_l w_jl^{k+1} delta_l^{k+1}", "true"),
    ("c078", FEED, "y_pred = f(x_1 w_1 + x_2 w_2 + b)", "true"),
    ("c080", FEED, "f(3) = 0.9526", "true"),
    ("c083", network(1, 1, notation={"function": "f"}), "f'(x) = e^{-x}/(1+e^{-x})^2 = f(x)(1-f(x))", "true"),
    ("c084", "seed004-alice", "dy_pred/dh_1 = w_5 f'(w_5 h_1 + w_6 h_2 + b_3)", "true"),
    ("c085", "seed004-alice", "dh_1/dw_1 = x_1 f'(w_1 x_1 + w_2 x_2 + b_1)", "true"),
    ("c087", "seed004-alice", "dL/db_1 = dL/dy_pred . dy_pred/dh_1 . dh_1/db_1", "true"),
    ("c088", "seed004-alice", "dL/dw_1 = -0.952 * 0.249 * -0.0904 = 0.0214", "false"),
    ("c089", "seed004-alice", "h_1 = w_1 x_1 + w_2 x_2 + b_1", "false"),
    ("c089", "seed004-alice", "h_1 = f(w_1 x_1 + w_2 x_2 + b_1)", "true"),
    ("c090", FEED, "f(-3)(1-f(-3)) = 0.047*(1-0.047) = 0.044791", "false"),
    ("c091", FORK, "J = cos(d)", "true"),
    ("c091", FORK, "dJ/dd = -sin(d)", "true"),
    ("c092", FORK, "db/da = cos(a)", "true"),
    ("c092", FORK, "dc/dx = 6x", "true"),
    ("c093", FORK, "dJ/dx = dJ/dd dd/db db/da da/dx + dJ/dd dd/dc dc/dx", "true"),
    ("c094", FORK, "dJ/dx = dJ/dd dd/dc dc/db db/da da/dx", "false"),
    ("c096", LOGISTIC, "dJ/dh = -(y/h) + (1-y)/(1-h)", "true"),
    ("c098", LOGISTIC, "dJ/dw = dJ/dh dh/dz dz/dw = x (h - y)", "true"),
    ("c099", LOGISTIC, "dJ/db = h - y", "true"),
)  # fmt: skip

OF_FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    ("tanh(x) = (e^x + e^-x)/(e^x - e^-x)", "false", "coth"),
    ("tanh(x) = (e^x - e^-x)/(e^x + e^-x)", "true", ""),
    ("sigma(x) = (e^x + e^-x)/(e^x - e^-x)", "false", "coth"),
    ("sigma(x) = e^x/(1 + e^x)", "true", ""),
    ("sigma(-x) = 1 - sigma(x)", "true", ""),
    ("sigma(2x) = 2 sigma(x)", "false", ""),
    ("tanh(x) = 2 sigma(2x) - 1", "true", ""),
    ("cosh(x)^2 - sinh(x)^2 = 1", "true", ""),
    ("sin(x)^2 = 1 - cos(x)", "false", ""),
    ("ln(x y) = ln(x) + ln(y)", "true", ""),
    ("max(x, y) = (x + y + |x - y|)/2", "true", ""),
    ("sqrt(x^2) = x", "false", ""),
    ("max(0, x - 1000) = 0", "false", ""),
    ("max(0, x^2) = x^2", "true", ""),
    (r"\max(0,x) = x\,\mathbb 1_{x>0}", "true", ""),
    (r"\max(0,x) = x\,\mathbb{1}_{\{x>0\}}", "true", ""),
    (r"\max(0,x) = x\,\mathbf 1[x<0]", "false", ""),
    (r"\sum_{i=1}^{1000000000} x = x", "unreadable", ""),
    (r"\sum_{i=1}^{1000} x = 1000 x", "true", ""),
    ("relu(z) = z*(z>0.001)", "false", "The sides differ"),
    ("|z| = z(2[z>0.0001]-1)", "false", "The sides differ"),
    ("relu'(z) = [z>0.001]", "false", "The sides differ"),
    (r"max(u,v) = max(u,v)*(u>-10^{-5})+max(u,v)*(u<=-10^{-4})", "false", "The sides differ"),
    ("relu(z) = z*(z>0)", "true", ""),
    ("sign(z) = 2[z>0]-1", "true", "with z = 0 the sides differ"),
    (r"\log(x^2) = 2\log(x)", "true", "where both sides have a value"),
    (r"\log|x| = \log x", "true", "where both sides have a value"),
    (r"e^{\log x} = x", "true", "where both sides have a value"),
    (r"\sqrt{x}^2 = x", "true", "where both sides have a value"),
    (r"\pi = 3.14159265", "true", "to the digits that are printed"),
    ("1/3 = 0.3333333333", "true", "to the digits that are printed"),
    ("1/3 = 0.3333333334", "false", "The sides differ"),
    (r"\pi = 3.14159266", "false", "The sides differ"),
    ("sign(z) = z/|z|", "true", ""),
    ("sign(z)^2 = 1", "true", "with z = 0 the sides differ"),
    ("1/0 = 1", "false", "The left side divides by 0"),
    ("x = x/(x - x)", "false", "The right side divides by 0"),
)
"""Identities of functions, with what the right side is where it is another one."""

OF_EVERY_NETWORK: tuple[tuple[str, str], ...] = (
    (r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)", "true"),
    (r"\delta^l = (W^{l+1} \delta^{l+1}) \odot \sigma'(z^l)", "false"),
    (r"\delta^L = \nabla_a C \odot \sigma'(z^L)", "true"),
    (r"\delta^L = (a^L - y) \odot \sigma'(z^L)", "false"),
    (r"\frac{\partial C}{\partial b^l_j} = \delta^l_j", "true"),
    (r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j", "true"),
    (r"\frac{\partial C}{\partial w^l_{jk}} = a^{l}_k \delta^l_j", "false"),
    (r"\frac{\partial C}{\partial W^l} = (\delta^l)^T a^{l-1}", "false"),
    (r"\frac{\partial C}{\partial W^l} = (a^{l-1})^T \delta^l", "false"),
    (r"\frac{\partial C}{\partial W^l} = \delta^l \odot a^{l-1}", "false"),
    (r"\frac{\partial C}{\partial W^l} = \delta^l \cdot a^{l-1}", "false"),
)

OF_MATRICES: tuple[tuple[str, str, str], ...] = (
    ("(AB)^T = A^T B^T", "false", "A, B are read as matrices."),
    (r"(WX)^{\top} = W^\top X^\top", "false", "W, X are read as matrices."),
    ("A^T = A", "false", "A is read as a matrix."),
    ("A @ B = B @ A", "false", "A, B are read as matrices."),
    ("A^T A = A A^T", "false", "A is read as a matrix."),
    ("u^T v = u v^T", "false", "u, v are read as"),
    ("(AB)^T = B^T A^T", "true", "and for other shapes that fit"),
    ("(ABC)^T = C^T B^T A^T", "true", "and for other shapes that fit"),
    ("x^T A x = x^T A^T x", "true", "A is read as a matrix; x as a column."),
    ("(cA)^T = c A^T", "true", "A is read as a matrix; c as a number."),
    ("(A^2)^T = (A^T)^2", "true", "square matrices of two sizes:"),
    ("A.T @ B = (B.T @ A).T", "true", "A, B are read as matrices."),
    ("d(x^T A x)/dx = (A + A^T) x", "true", "A is read as a matrix; x as a column."),
    ("d(x^T A x)/dx = 2 A x", "false", "A is read as a matrix; x as a column."),
    (r"\frac{\partial a^T W b}{\partial W} = a b^T", "true", "and for other shapes that fit"),
    (r"\frac{\partial a^T W b}{\partial W} = b a^T", "false", "W is read as a matrix; a, b as columns."),
    ("∂((A x - b)ᵀ(A x - b))/∂x = 2 Aᵀ(A x - b)", "true", "A is read as a matrix; b, x as columns."),
    ("d/dx(x^T x) = 2x", "true", "x is read as a column."),
    ("d(A^T B)/dA = B", "unreadable", "a number is differentiated by arrays here"),
    ("(A^T)^{-1} = (A^{-1})^T", "true", "A is read as a matrix."),
    (
        "(A^T)^{12} = (A^{12})^T",
        "unreadable",
        "of a matrix only the powers 1 to 9 and -1 to -9 are read here",
    ),
    ("((((A^9)^9)^9)^9)^T = A", "unreadable", "written out, its powers are too long"),
    ("AB = BA", "false", "True for numbers, false for matrices."),
    ("(A+B)^2 = A^2+2AB+B^2", "false", "True for numbers, false for matrices."),
    ("(A+B)^2 = A^2+AB+BA+B^2", "true", "A, B are read as matrices."),
    ("(AB)^{-1} = A^{-1}B^{-1}", "false", "True for numbers, false for matrices."),
    ("(AB)^{-1} = B^{-1}A^{-1}", "true", "square matrices of two sizes:"),
    ("A^{-1} A = I = AA^{-1}", "true", "A is read as a matrix; I as the identity."),
    ("AI = IA", "false", "A, I are read as matrices."),
    (r"\|Ax\| = \|A\|\|x\|", "false", "x as a column; ‖ ‖ as the root of the sum of all squares."),
    (r"\|cA\| = |c| \|A\|", "true", "c as a number; ‖ ‖ as the root of the sum of all squares."),
    (r"\sigma(AB) = \sigma(BA)", "false", "True for numbers, false for matrices."),
    ("AB/C = A(B/C)", "true", "A, B, C are read as numbers."),
    ("e^{A+B} = e^A e^B", "true", "A, B are read as numbers."),
    ("(1+R)^2 = 1+2R+R^2", "true", ""),
    ("A + B = B + A", "true", ""),
    ("softmax(z) = softmax(z+1)", "true", "z is read as a vector. It holds in two sizes"),
    ("softmax(z+c) = softmax(z)", "true", "z is read as a vector; c as a number."),
    ("softmax(z) = exp(z)/sum(exp(z))", "true", "z is read as a vector."),
    ("softmax(z) = softmax(2z)", "false", "z is read as a vector."),
    ("softmax(-z) = 1 - softmax(z)", "false", "z is read as a vector."),
)
"""Equations of free letters that a transpose or @ makes matrices, with what is said of it."""
