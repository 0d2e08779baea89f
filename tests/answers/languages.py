"""Answers in the manners of MATLAB, Julia, NumPy, PyTorch, Word and PDFs, and with letters of their own."""

from __future__ import annotations

from tests.answers.rows import Block

# fmt: off
LANGUAGES = (
    Block(
        "A transpose as MATLAB has it", "deep", "dC/dW2",
        right=("delta2*a1'", "δ2 * transpose(a1)", "(W3'*delta3).*a2.*(1 - a2)*a1'", "delta2[:, None]*a1[None, :]", "delta2[:, np.newaxis]*a1", "delta2.unsqueeze(1) @ a1.unsqueeze(0)", "delta2.view(-1,1) * a1.view(1,-1)", "torch.ger(delta2, a1)", "δ² a¹⊤", r"\delta^2 (a^1)^{\prime}"),
        wrong=(("delta1*a2", "shape"), ("torch.ger(a1, delta2)", "shape"), ("a1[:, None]*delta2[None, :]", "shape")),
        refused=(("delta2'*a1", "after one update"), ("a1*delta2'", "after one update"), ("delta2[None, :]*a1[:, None]", "outer product"), ("delta2[:, None]*a1[:, None]", "outer product"), ("delta2[:, 0]*a1", "from 0 in Python")),
    ),
    Block(
        "The same of a square layer", "square", "dC/dW2",
        right=("delta2*a1'",),
        wrong=(("a1*delta2'", "transposed"),),
    ),
    Block(
        "A hidden error in Julia", "deep", "delta2",
        right=("(W3' * δ3) .* a2 .* (1 .- a2)", "(W3'δ3) .* σ'.(z2)", "(W₃' * δ₃) .* σ.(z₂) .* (1 .- σ.(z₂))", "W3.mT @ delta3 * a2 * (1 - a2)", "torch.mv(W3.t(), delta3)*a2*(1 - a2)"),
        wrong=(("(W3' * δ3) .* σ.(z2)", "phi for phi' in dC/dz2"), ("(W3' * δ3) .* a2 .* (1 .+ a2)", "wrong sign")),
        refused=(("(W3*delta3)'.*a2.*(1-a2)", "transpose"), ("(W3' * delta3) * a2'", "after one update")),
    ),
    Block(
        "Products of arrays where a prime transposes", "vectors", "dL/dx",
        right=("W'*(z - t)", "(z - t)'*W", "W.permute(1, 0) @ (z - t)"),
        wrong=(("-W'*(z - t)", "sign"), ("W'*(t - z)", "sign"), ("W'*z", "counterexample")),
        refused=(("W'.*(z - t)", "no name of this problem"),),
    ),
    Block(
        "Places as MATLAB has them", "2-2-2", "dC/dw1[1,2]",
        right=("(delta2(1)*W2(1,1) + delta2(2)*W2(2,1))*a1(1)*(1 - a1(1))*x(2)", r"\sum_j (\sigma(z^2)_j - y_j)\sigma'(z^2)_j w^2_{j1}\sigma'(z^1_1)x_2", "∑_(k=1)^2▒〖δ_k^((2)) w_k1^((2))〗 σ^' (z_1^((1)) ) x_2", "sum_(k=1)^2 delta_k^(2) w_(k1)^(2) sigma'(z_1^(1)) x_2", "Σ_k δ_k^2 w_{k1}^2 σ'(z_1^1) x_2"),
        wrong=(("(delta2(1)*W2(1,1) + delta2(2)*W2(1,2))*a1(1)*(1 - a1(1))*x(2)", "missing transpose"), ("(delta2(1)*W2(1,1) + delta2(2)*W2(2,1))*a1(1)*(1 - a1(1))*x(1)", "wrong quantity"), (r"\sum_j (\sigma(z^2)_j - y_j)\sigma'(z^2)_j w^2_{1j}\sigma'(z^1_1)x_2", "missing transpose"), ("sum_(k=1)^1 delta_k^(2) w_(k1)^(2) sigma'(z_1^(1)) x_2", "first route only")),
        refused=(("(W2[:,0].T @ delta2)*a1[0]*(1-a1[0])*x[1]", "from 0 in Python"), ("delta2(0)*W2(0,0)*a1(0)*x(1)", "count from 1")),
    ),
    Block(
        "A place where a vector is asked for", "linear", "dC/dW1",
        right=("2*(a-y)*x'", "2*(a - y)*x (1)"),
        wrong=(("2*(a-y)*x(1)", "shape"),),
    ),
    Block(
        "Axes by their numbers", "batch", "dC/db2",
        right=("np.sum((A2-Y)*A2*(1-A2), 1)/m", "((A2-Y)*A2*(1-A2)).mean(1)", "sum((A2-Y).*A2.*(1-A2), 2)/m", "torch.sum((A2-Y)*A2*(1-A2), dim=1)/m", "sum((A2 .- Y).*A2.*(1 .- A2), dims=2)/m"),
        wrong=(("np.sum((A2-Y)*A2*(1-A2), 0)/m", "shape"), ("((A2-Y)*A2*(1-A2)).sum(1)", "missing 1/n"), ("sum((A2 .- Y).*A2.*(1 .- A2), dims=1)/m", "shape")),
        refused=(("sum((A2-Y).*A2.*(1-A2), 1)/m", "can be axis 1"),),
    ),
    Block(
        "Steps of a program", "batch", "dC/dW2",
        right=("dZ2 = (A2-Y)*A2*(1-A2)\ndW2 = np.dot(dZ2, A1.T)/m", "dZ2 = A2 - Y; dZ2 *= A2*(1-A2); 1/m*np.dot(dZ2, A1.T)", "m = 3; np.dot((A2-Y)*A2*(1-A2), A1.T)/m"),
        wrong=(("dZ2 = (A2-Y)*A2*(1-A2)\ndW2 = np.dot(dZ2, A1.T)", "missing 1/n"), ("dZ2 = (A2-Y)*A2\ndW2 = np.dot(dZ2, A1.T)/m", "phi for phi'"), ("m = 4; np.dot((A2-Y)*A2*(1-A2), A1.T)/m", "false equality")),
        refused=(("dZ2 = (A2-Y)*A2*(1-A2)\ndW1 = np.dot(dZ2, A1.T)/m", "dW1"), ("1/m*np.dot(dZ2, A1.T)", "dZ2")),
    ),
    Block(
        "Letters that are defined", "neuron", "dC/dw1[1,1]",
        right=(r"\delta x_1, \text{ where } \delta = (a-y)a(1-a)", "d*x1 where d = (a-y)*a*(1-a)", "let d = a - y; d*a*(1-a)*x1", "u v x_1, where u = a - y and v = a(1-a)", r"(a-y)\sigma'(z)x_1 \text{ where } z = w^T x + b", "(a-y)a(1-a)x_1 where sigma(z) = 1/(1+e^{-z})", "dw_1 = (a-y)a(1-a)x_1"),
        wrong=((r"\delta x_1, \text{ where } \delta = (a-y)", "false equality"), ("d*a*(1-a)*x1, where d = y-a", "sign"), ("let d = a - y; d*a*x1", "phi for phi'"), ("(a-y)a(1-a)x_1, where z = w_1 x_1 + w_2 x_2", "false equality"), ("(a-y)a(1-a)x_1 where sigma(z) = 1/(1+e^{z})", "false equality"), ("d where d = dC/dw1", "restated")),
        refused=(("d*a*(1-a)*x1 where d = (a-y)*d", "'d' is not"), ("(a-y)a(1-a)x_1 where a2 = 7", "nothing reads it"), ("dw_2 = (a-y)a(1-a)x_1", "dw"), ("(a-y)a(1-a)x_1, where y = 1/2y", "brackets")),
    ),
    Block(
        "What is copied from PDFs and Word", "neuron", "dC/dw1[1,1]",
        right=("(𝑎−𝑦)𝜎′(𝑧)𝑥1", "𝛿𝑥1", "(y ̂-y) y ̂(1-y ̂ ) x_1", "(a \u00ad− y)a(1 − a)x1", "(del C)/(del a) (del a)/(del z) x_1", "(hat y - y) hat y (1 - hat y) x_1", "〖(a-y)〗 a(1-a)x_1", "(a .- y) .* a .* (1 .- a) .* x[1]"),
        wrong=(("(𝑎−𝑦)𝜎(𝑧)𝑥1", "phi for phi'"), ("(y ̂+y) y ̂(1-y ̂ ) x_1", "wrong sign"), ("(del C)/(del a) x_1", "missing output slope")),
        refused=(("(a-y)aˆ2x1", "CIRCUMFLEX"),),
    ),
    Block(
        "Means under a bar", "line", "dC/dw1[1,1]",
        right=(r"w\overline{x^2} + b\overline{x} - \overline{xy}", r"\overline{(wx+b-y)x}"),
        wrong=((r"\bar a\bar x - \bar y\bar x", "counterexample"), (r"w\overline{x}^2 + b\overline{x} - \overline{xy}", "counterexample")),
        refused=((r"\bar w", "wbar"), (r"\overline{w x + b", "never closed")),
    ),
)
# fmt: on
