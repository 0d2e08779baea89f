"""Answers in the manners of MATLAB, Julia, NumPy, PyTorch, Word and PDFs, and with letters of their own."""

from __future__ import annotations

from tests.answers.rows import Block

# fmt: off
LANGUAGES = (
    Block(
        "A sum over samples by ones", "batch", "dC/db2",
        right=("Delta2*ones(3,1)", "Delta2 @ np.ones((3, 1))"),
        wrong=(("Delta2*ones(2,1)", "shape"), ("Delta1*ones(3,1)", "shape")),
        form="matrix",
    ),
    Block(
        "A number by slices, whose products are of matrices", "matrices", "dL/dW[1,2]",
        right=("X(:,1)'*((A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))", "((A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))'*X(:,1)", "sum(X(:,1).*(A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))", "sum(X(:,1)*(A(:,2)-Y(:,2))*A(:,2)*(1-A(:,2)))", "X(:,1) @ ((A(:,2)-Y(:,2))*A(:,2)*(1-A(:,2)))"),
        wrong=(("X(:,1)*((A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))'", "shape"), ("((A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))*X(:,1)'", "shape"), ("X(:,1)*((A(:,2)-Y(:,2)).*A(:,2).*(1-A(:,2)))", "shape"), ("X(:,1)*dL/dZ'", "shape")),
    ),
    Block(
        "A row times a column", "matrices", "Z[1,2]",
        right=("X(1,:)*W(:,2)", "X(1,:) @ W(:,2)", "sum(X(1,:).*W(:,2)')", "dot(X(1,:), W(:,2))"),
        wrong=(("W(:,2)*X(1,:)", "shape"), ("X(1,:).*W(:,2)", "shape"), ("X(1,:)'*W(:,2)", "shape"), ("X(1,:)'*W(:,2)'", "shape"), ("X(2,:)*W(:,2)", "another quantity")),
        refused=(("(X*W)(1,2)", "[1,2]"), ("(X(1,:)*W)(2)", "[2]"), ("W(1,:)(2)", "[2]"), ("sum(X,2)(1)", "[1]")),
    ),
    Block(
        "Transposes of derivatives by a prime", "matrices", "dL/dW",
        right=("X'*dL/dZ", "(dL/dZ'*X)'"),
        wrong=(("X*dL/dZ'", "shape"), ("dL/dZ'*X", "shape"), ("X'*(A-Y)", "missing local slope in dL/dZ")),
        form="matrix",
    ),
    Block(
        "Rows of inputs in time", "recurrent", "h1",
        right=("tanh(U*X(1,:)' + W*h0 + b)", "tanh(U*X(1,:)^T + W*h0 + b)", "tanh(U @ X(1,:) + W @ h0 + b)", "tanh(U*transpose(X(1,:)) + W*h0 + b)"),
        wrong=(("tanh(U*X(2,:)' + W*h0 + b)", "counterexample"),),
        form="matrix",
    ),
    Block(
        "Columns times rows", "recurrent", "dL/dU",
        right=("(dL/dh3 .* (1-h3.^2)) * X(3,:) + (dL/dh2 .* (1-h2.^2)) * X(2,:) + (dL/dh1 .* (1-h1.^2)) * X(1,:)", "outer(dL/dh3*(1-h3**2), X(3,:)) + outer(dL/dh2*(1-h2**2), X(2,:)) + outer(dL/dh1*(1-h1**2), X(1,:))"),
        wrong=(("outer(dL/dh3*(1-h3**2), U)", "shape"), ("outer(dL/dh3, [[1,2],[3,4]])", "shape")),
        form="matrix",
    ),
    Block(
        "A transpose of a transpose's product", "recurrent", "dL/dh3",
        right=("((y-t)'*V)'", "V'*(y-t)"),
        form="matrix",
    ),
    Block(
        "MATLAB's dimension 2, which keeps a column", "attention", "dL/dS",
        right=("A .* (dL/dA - sum(A .* dL/dA, 2))",),
        wrong=(("A .* (dL/dA - sum(A .* dL/dA, axis=1))", "counterexample"),),
        form="matrix",
    ),
    Block(
        "The product of two vectors in NumPy", "2-2-2", "C",
        right=("(a2-y)@(a2-y)/2", "0.5*(a2-y)@(a2-y)", "-0.5*(y-a2)@(a2-y)", "np.dot(a2-y, a2-y)/2", "0.5*(a2-y)'*(a2-y)"),
        wrong=(("(a2-y)@(a2-y)", "shape"), ("0.5*(a2-y)*(a2-y)'", "shape"), ("(a2-y)@(a1-y)/2", "shape")),
    ),
    Block(
        "A transpose as MATLAB has it", "deep", "dC/dW2",
        right=("delta2*a1'", "δ2 * transpose(a1)", "(W3'*delta3).*a2.*(1 - a2)*a1'", "delta2[:, None]*a1[None, :]", "delta2[:, np.newaxis]*a1", "delta2.unsqueeze(1) @ a1.unsqueeze(0)", "delta2.view(-1,1) * a1.view(1,-1)", "torch.ger(delta2, a1)", "δ² a¹⊤", r"\delta^2 (a^1)^{\prime}"),
        wrong=(("delta2'*a1", "shape"), ("a1*delta2'", "shape"), ("delta1*a2", "shape"), ("torch.ger(a1, delta2)", "shape"), ("a1[:, None]*delta2[None, :]", "shape")),
        refused=(("a1'", "after one update"), ("delta2[None, :]*a1[:, None]", "outer product"), ("delta2[:, None]*a1[:, None]", "outer product"), ("delta2[:, 0]*a1", "from 0 in Python")),
    ),
    Block(
        "The same of a square layer", "square", "dC/dW2",
        right=("delta2*a1'",),
        wrong=(("a1*delta2'", "transposed"),),
    ),
    Block(
        "A hidden error in Julia", "deep", "delta2",
        right=("(W3' * δ3) .* a2 .* (1 .- a2)", "(W3'δ3) .* σ'.(z2)", "(W₃' * δ₃) .* σ.(z₂) .* (1 .- σ.(z₂))", "W3.mT @ delta3 * a2 * (1 - a2)", "torch.mv(W3.t(), delta3)*a2*(1 - a2)"),
        wrong=(("(W3' * δ3) .* σ.(z2)", "phi for phi' in dC/dz2"), ("(W3' * δ3) .* a2 .* (1 .+ a2)", "wrong sign"), ("(W3*delta3)'.*a2.*(1-a2)", "shape"), ("(W3' * delta3) * a2'", "shape")),
    ),
    Block(
        "Products of arrays where a prime transposes", "vectors", "dL/dx",
        right=("W'*(z - t)", "(z - t)'*W", "W.permute(1, 0) @ (z - t)"),
        wrong=(("-W'*(z - t)", "sign"), ("W'*(t - z)", "sign"), ("W'*z", "counterexample"), ("W'.*(z - t)", "shape")),
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
    Block(
        "A column beside a row, stretched as in MATLAB, and einsum", "deep", "dC/dW2",
        right=("delta2 .* a1'", "a1' .* delta2", "(W3'*delta3).*a2.*(1 - a2).*a1'", "np.einsum('i,j->ij', delta2, a1)", 'torch.einsum("i,j", delta2, a1)', "np.einsum('j,i', a1, delta2)", "np.einsum('ba', np.outer(a1, delta2))"),
        wrong=(("2*delta2 .* a1'", "factor 2"), ("-delta2 .* a1'", "sign"), ("np.einsum('j,i->ij', delta2, a1)", "shape"), ("np.einsum('j,i', delta2, a1)", "shape"), ("np.einsum('i,j->ij', delta2, z1)", "z for a in the weight gradient"), ("delta2 .* a1", "shape"), ("delta2 .* a2'", "shape")),
        refused=(("np.einsum('i,j,k->ij', delta2, a1, x)", "outer(u, v)"), ("np.einsum('i,j->ij', delta2)", "outer(u, v)")),
        form="matrix",
    ),
    Block(
        "The same of a square layer", "square", "dC/dW2",
        right=("delta2 .* a1'", "a1'.*delta2", "np.einsum('j,i->ij', a1, delta2)"),
        wrong=(("a1 .* delta2'", "transposed"), ("np.einsum('j,i', delta2, a1)", "transposed"), ("np.einsum('ba', np.outer(delta2, a1))", "transposed")),
        form="matrix",
    ),
    Block(
        "Products by their subscripts", "vectors", "dL/dx",
        right=("np.einsum('ij,i->j', W, z - t)", "np.einsum('ij,i', W, z - t)", "np.einsum('ji,j', W, z - t)", "einsum('j,ji->i', z - t, W)", "einsum('ij,j->i', W.T, z - t)"),
        wrong=(("einsum('ij,i->j', W, z)", "counterexample"), ("einsum('ij,j->i', W, x)", "shape"), ("-einsum('ij,i', W, z - t)", "sign")),
        form="matrix",
    ),
    Block(
        "Columns and rows by slices", "2-2-2", "dC/dz1[1]",
        right=("W2(:,1)'*delta2*a1(1)*(1 - a1(1))", "sum(W2(:,1).*delta2)*a1(1)*(1 - a1(1))", "dot(W2(:, 1), delta2)*a1_1*(1 - a1_1)", "(W2[1][1]*delta2[1] + W2[2][1]*delta2[2])*a1[1]*(1 - a1[1])", r"W^{(2)}(:,1)^T \delta^2 \sigma'(z^1_1)", r"(W^{2T}\delta^2)_1 a^1_1(1-a^1_1)", r"\left[(W^2)^T\delta^2\right]_1 \sigma'(z^1_1)", "(W2.T @ delta2)[1]*a1[1]*(1 - a1[1])"),
        wrong=(("W2(:,2)'*delta2*a1(1)*(1 - a1(1))", "wrong index"), ("W2(1,:)*delta2*a1(1)*(1 - a1(1))", "missing transpose"), (r"(W^{2T}\delta^2)_2 a^1_1(1-a^1_1)", "wrong part"), ("(W2[1][1]*delta2[1] + W2[1][2]*delta2[2])*a1[1]*(1 - a1[1])", "missing transpose")),
        refused=(("W2[:,1].T @ delta2*a1[1]*(1-a1[1])", "(:,1) in round brackets"), ("W2(:,0)'*delta2", "from 0 in Python"), ("W2(:,3)'*delta2", "the last one is W2(:,2)"), ("a1[1:2]", "left out in Python"), ("(W2*W1)(:,1)", "behind a name"), ("a1[1][1]*delta2[1]", "has 2 indices")),
    ),
    Block(
        "Samples by slices", "summed", "dC/dW2",
        right=("sum_i Delta2(:,i)*A1(:,i)'", r"\sum_i Delta2[:,i] A1[:,i]^T", "Delta2(:,1)*A1(:,1)' + Delta2(:,2)*A1(:,2)' + Delta2(:,3)*A1(:,3)'"),
        wrong=(("Delta2(:,1)*A1(:,1)' + Delta2(:,2)*A1(:,2)'", "counterexample"), ("sum_i A1(:,i)*Delta2(:,i).T", "shape"), ("sum_i A1(:,i)*Delta2(:,i)'", "shape")),
        form="matrix",
    ),
    Block(
        "Rows of a batch by slices", "summed", "dC/db2[1]",
        right=("sum(Delta2(1,:))", "sum((A2(1,:) - Y(1,:)).*A2(1,:).*(1 - A2(1,:)))"),
        wrong=(("sum(Delta2(2,:))", "wrong index"), ("sum(Delta2(:,1))", "counterexample")),
    ),
    Block(
        "Slices where samples are rows", "rows", "dC/db2[1]",
        right=("sum(Delta2(:,1))",),
        wrong=(("sum(Delta2(:,2))", "wrong index"),),
        refused=(("W2(:,1)", "two ways"),),
    ),
    Block(
        "Traces and norms of Frobenius", "arrays", "J",
        right=(r"\frac1m\|D2\|_F^2", r"\frac1m\operatorname{tr}(D2^T D2)", r"\frac1m\mathrm{tr}(D2 D2^T)", "np.trace(D2.T @ D2)/m", "np.einsum('ij,ij->', D2, D2)/m", "einsum('ij,ij', D2, D2)/m", "np.einsum('ij,ji', D2, D2.T)/m"),
        wrong=((r"\|D2\|_F^2", "counterexample"), (r"\frac1m\|D2\|_F", "counterexample"), (r"\frac1m\|D2\|_1", "counterexample"), (r"\frac2m\operatorname{tr}(D2^T D2)", "counterexample"), ("tr(D2)/m", "shape")),
        refused=((r"\frac1m\|D2\|_\infty", "an answer is finite"), (r"\frac1m\|D2\|_3", "a norm is read with 2 or F"), (r"\frac1m\sum_{i=1}^m\sum_j D2_{ij}^2", "'m' is no number here"), (r"\frac1m\sum_i\sum_j D2^2_{ij}", "A_{ij}^2")),
    ),
    Block(
        "A cost by the norm of what is missed", "2-2-2", "C",
        right=(r"\frac12\|y-a^2\|_2^2", r"\frac12\left\|y-a^2\right\|_F^2", r"\frac12\operatorname{tr}((y-a^2)(y-a^2)^T)", "1/2*trace((y-a2)*(y-a2)')"),
        wrong=((r"\frac12\|y-a^2\|_1^2", "counterexample"), (r"\frac12\|y-a^2\|_1", "counterexample"), (r"\operatorname{tr}((y-a^2)(y-a^2)^T)", "factor 2 in the cost")),
    ),
    Block(
        "Signs in ASCIIMath", "neuron", "dC/dw1[1,1]",
        right=("(a-y) xx a xx (1-a) xx x_1", "(a-y) times a times (1-a) times x_1", "(a-y) cdot a cdot (1-a) cdot x_1", "(del C)/(del a) xx sigma'(z) xx x_1", "frac(a-y)(1) a(1-a)x_1", "(a-y)*sqrt(a^2)*(1-a)*x_1"),
        wrong=(("(a-y) xx a xx (1-a)", "bias for weight gradient"), ("(a-y) xx a xx (1-a) xx x_2", "wrong quantity")),
        refused=(("(a-y)a(1-a)xx_1", "did you mean 'x'"), ("xx", "did you mean 'x'")),
    ),
    Block(
        "Words around a formula", "neuron", "dC/dw1[1,1]",
        right=(r"\text{the answer is } (a-y)a(1-a)x_1", "The answer is (a-y)a(1-a)x_1", "Answer: (a-y)a(1-a)x_1", "so (a-y)a(1-a)x_1", r"\therefore (a-y)a(1-a)x_1", "dC/dw_1 is (a-y)a(1-a)x_1", "the result is d*x1 where d = (a-y)*a*(1-a)", "result = (a-y)*a*(1-a); result*x1"),
        wrong=(("the answer is (a-y)a(1-a)", "bias for weight gradient"), ("so (y-a)a(1-a)x_1", "sign"), ("result = (a-y)*a; result*x1", "phi for phi'")),
        refused=(("(a-y)a(1-a)x_1 by the chain rule", "word of a sentence"), ("I think (a-y)a(1-a)x_1", "'I' is not"), ("the answer is", "word of a sentence"), (r"\text{so we use } (a-y)x_1", "prose"), ("(a-y)*arctan(z)", "no inverse"), (r"\arcsin(z)", "no inverse"), ("dcost/dz*x_1", "the cost is C here"), ("dC/dw_1: x_1", "':'")),
    ),
    Block(
        "Words around a number", "valued", "dJ/dw",
        right=("the answer is 6", "≈ 6", "6 approx.", "so 6", "6, rounded", "6 rounded to 2 d.p.", "6 rounded to 3 s.f.", "the gradient is 6", "I get 6", "= 6 (to 3 decimal places)", r"\text{approximately } 6", "ans = 6", "6 (exact)"),
        wrong=(("the answer is 7", "size"), ("7 approx.", "size"), ("so -6", "sign")),
        refused=(("6 units", "word of a sentence"), ("6 rounded down", "word of a sentence"), ("the answer is 6 (+ 1)", "can be added"), ("7 5/7", "operator is missing"), ("dL/du*x", "what is differentiated here is J")),
        form="number",
    ),
)
# fmt: on
