"""Answers about costs, whole arrays, batches, graphs, numbers, and texts with two readings."""

from __future__ import annotations

from tests.answers.rows import Block

# fmt: off
ARRAYS = (
    Block(
        "Softmax with cross-entropy", "softmax", "dC/dz2[1]",
        right=("a2_1 - y1", "-(y1-a2_1)", r"a^2_1-y_1", "e^{z2_1}/(e^{z2_1}+e^{z2_2}) - y1", r"\frac{e^{z^2_1}}{\sum_k e^{z^2_k}} - y_1", "a2_1*y2 - y1*a2_2", "a2_1(1-y1) - y1*a2_2", "y2 - a2_2", "-dC/dz2_2", "-y1/a2_1*a2_1(1-a2_1) + y2/a2_2*a2_1*a2_2", "a2_1(y1+y2) - y1"),
        wrong=(("y1 - a2_1", "sign"), ("a2_1", "another quantity"), ("a2_1 - y2", "wrong quantity"), ("a2_2 - y2", "sign"), ("(a2_1-y1)a2_1(1-a2_1)", "slope taken twice"), ("-y1/a2_1", "another quantity"), ("-y1(1-a2_1)", "diagonal of the softmax only"), ("2(a2_1-y1)", "factor 2"), ("a2_1+y1", "wrong sign"), ("z2_1 - y1", "wrong quantity")),
    ),
    Block(
        "The cross-entropy itself", "softmax", "C",
        right=(r"-\sum_k y_k \ln a^2_k", "-(y_1*log(a2_1) + y_2*log(a2_2))"),
        wrong=((r"\sum_k y_k \ln a^2_k", "sign"), ("y_1*log(a2_1) + y_2*log(a2_2)", "sign")),
    ),
    Block(
        "Logistic regression with L2", "penalized", "dC/dW1",
        right=(r"\frac1n (A^1-Y) X^T + \frac{\lambda}{n} W^1",),
        wrong=((r"(A^1-Y) X^T + \lambda W^1", "missing 1/n"),),
    ),
    Block(
        "A whole layer by its joined number", "output layer", "dC/dW1",
        right=("(a1 - y) @ x.T", "delta1 @ x.T", "(a - y) @ x.T", r"\delta x^T"),
        wrong=(("(y - a) @ x.T", "sign"),),
        form="matrix",
    ),
    Block(
        "Its weighted inputs", "output layer", "z",
        right=("W1 @ x + b1", "W x + b", "W1 x + b"),
        wrong=(("W1 @ x - b", "bias subtracted"),),
        form="matrix",
    ),
    Block(
        "A joined number as the unit", "output layer", "dC/dw1[1,1]",
        right=("(a1 - y1) x1", "delta1 x1"),
        wrong=(("(a1 - y1) x2", "wrong quantity"),),
    ),
    Block(
        "Rows of a batch in a sum", "l2", "dC/dw2[1,1]",
        right=("1/m*sum((A2-Y)*A2*(1-A2)*A1[1]) + lambda/m*w2[1,1]", "mean((A2-Y)*A2*(1-A2)*A1[1]) + lambda/m*w2[1,1]"),
        wrong=(("1/m*sum((A2-Y)*A2*(1-A2)*A1[2]) + lambda/m*w2[1,1]", "wrong index"),),
    ),
    Block(
        "A weight below a softmax", "softmax", "dC/dw2[1,2]",
        right=("(a2_1-y1)a1_2", r"(a^2_1-y_1)a^1_2", "delta2_1 a1_2", "(a2_1-y1)*tanh(z1_2)"),
        wrong=(("(a2_1-y1)a1_1", "wrong quantity"), ("(a2_2-y2)a1_2", "sign"), ("(a2_1-y1)z1_2", "z for a in the weight gradient"), ("(a2_1-y1)a2_1(1-a2_1)a1_2", "slope taken twice"), ("(a2_1-y1)x_2", "wrong quantity"), ("(a2_1-y1)", "bias for weight gradient"), ("(a2_1-y1)w2_12", "parameter for its input")),
    ),
    Block(
        "A hidden unit below a softmax", "softmax", "dC/dw1[2,1]",
        right=("((a2_1-y1)w2_12+(a2_2-y2)w2_22)(1-a1_2^2)x1", r"\sum_k (a^2_k-y_k)w^2_{k2}\,(1-(a^1_2)^2)\,x_1", "(a2_1-y1)(w2_12-w2_22)(1-a1_2^2)x1"),
        wrong=(
            (r"\sum_{j=1}^{2} w^2_{2j} \delta^2_j (1-(a^1_2)^2) x_1", "wrong index"),
            ("(w2_11*(a2_1-y_1)+w2_21*(a2_2-y_2))*(1-a1_2^2)*x_1", "wrong index"),
            ("((a2_1-y1)w2_12+(a2_2-y2)w2_22)a1_2(1-a1_2)x1", "sigmoid's slope"), ("((a2_1-y1)w2_12+(a2_2-y2)w2_22)x1", "missing hidden slope"), ("((a2_1-y1)w2_12)(1-a1_2^2)x1", "first route only"), ("((a2_1-y1)w2_12+(a2_2-y2)w2_22)(1-a1_1^2)x1", "wrong index"), ("((a2_1-y1)w2_12+(a2_2-y2)w2_21)(1-a1_2^2)x1", "wrong quantity")),
    ),
    Block(
        "Softmax's slope", "softmax", "da2[1]/dz2[2]",
        right=("-a2_1 a2_2", r"-a^2_1a^2_2", "a2_1(0-a2_2)", "-a2_1(1-a2_1)"),
        wrong=(("a2_1 a2_2", "sign"), ("0", "a number"), ("a2_1(1-a2_2)", "wrong number"), ("a2_1(1-a2_1)", "sign"), ("-a2_1", "missing factor"), ("-a2_2^2", "wrong factor")),
    ),
    Block(
        "Binary cross-entropy", "binary", "dC/dw1[1,1]",
        right=("(a-y)x_1", "-(y-a)x_1", r"(\sigma(z)-y)x_1", r"\left(-\frac{y}{a}+\frac{1-y}{1-a}\right)a(1-a)x_1", "((1-y)a - y(1-a))x_1", r"\frac{a-y}{a(1-a)}\sigma'(z)x_1", "a x_1 - y x_1", "x1*(1/(1+exp(-w1*x1-w2*x2-b)) - y)"),
        wrong=(("(a-y)a(1-a)x_1", "slope taken twice"), ("(y-a)x_1", "sign"), ("(a-y)x_2", "wrong quantity"), ("(a-y)", "bias for weight gradient"), ("(a-y)/(a(1-a))x_1", "missing output slope"), ("(-y/a+(1-y)/(1-a))x_1", "missing output slope"), ("(-y/a-(1-y)/(1-a))a(1-a)x_1", "wrong sign"), ("-y/a*a(1-a)x_1", "wrong part"), ("(-y log(a) - (1-y)log(1-a))x_1", "wrong factor"), ("(z-y)x_1", "wrong quantity"), ("2(a-y)x_1", "factor 2"), ("(a-1)x_1", "wrong number")),
    ),
    Block(
        "Its slope by the output", "binary", "dC/da1[1]",
        right=("-y/a + (1-y)/(1-a)", "(a-y)/(a(1-a))", r"\frac{a-y}{a-a^2}", r"-\left(\frac ya - \frac{1-y}{1-a}\right)", "(1-y)/(1-a) - y/a"),
        wrong=(("y/a - (1-y)/(1-a)", "sign"), ("-y/a - (1-y)/(1-a)", "wrong sign"), ("-y/a", "counterexample"), ("a-y", "another quantity"), ("-y/a + (1-y)/(a-1)", "wrong sign"), ("-y a + (1-y)/(1-a)", "inverted factor"), ("-y/a + y/(1-a)", "counterexample"), ("-log(a)+log(1-a)", "counterexample")),
    ),
    Block(
        "Hinge", "hinge", "dC/dw1[1,1]",
        right=("-y*x_1 if y*a < 1 else 0", "-(y a < 1) y x_1", r"-y x_1 \mathbb 1_{1-ya>0}", r"\begin{cases}-yx_1 & ya<1\\ 0 & \text{otherwise}\end{cases}", "-y*(1-y*a>0)*x1", "np.where(y*a<1, -y*x1, 0)", "-(y*z<1)*y*x_1"),
        wrong=(("-y x_1", "counterexample"), ("(y a<1) y x_1", "sign"), ("-(y a<1) x_1", "missing factor"), ("-(y a>1) y x_1", "wrong comparison"), ("-(y a<1) y", "bias for weight gradient"), ("-(y a<1) y x_2", "wrong quantity"), ("-(a<1) y x_1", "counterexample"), ("0", "a number")),
    ),
    Block(
        "L2 on three samples", "l2", "dC/dw2[1,1]",
        right=("1/3*((a2@1-y@1)a2@1(1-a2@1)a1_1@1 + (a2@2-y@2)a2@2(1-a2@2)a1_1@2 + (a2@3-y@3)a2@3(1-a2@3)a1_1@3) + lambda/3*w2_11", "delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 + lambda/n*w2_11", "dC/db2[1]*0 + delta2[1]@1*a1[1]@1 + delta2[1]@2*a1[1]@2 + delta2[1]@3*a1[1]@3 + lambda*w2[1,1]/n"),
        wrong=(("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3", "missing L2 term"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 + lambda*w2_11", "L2 without 1/n"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 - lambda/n*w2_11", "sign of the L2 term"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 + lambda/(2n)*w2_11", "L2 term halved"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + lambda/n*w2_11", "a sample forgotten in dC/dw2[1,1] by z2[1]@3"), ("delta2@1 a1_1@1 + lambda/n*w2_11", "first sample only"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 + lambda/n*w2_11^2", "wrong exponent"), ("delta2@1 a1_1@1 + delta2@2 a1_1@2 + delta2@3 a1_1@3 + lambda/n*b2", "wrong quantity")),
            ),
    Block(
        "A hidden layer's error", "deep", "delta2",
        right=(r"(W^3)^T\delta^3 \odot \sigma'(z^2)", "(W3.T @ delta3) * sigma'(z2)", "W3.T @ delta3 * a2 * (1-a2)", "δ² = (W³)ᵀδ³ ⊙ σ′(z²)", r"\sigma'(z^2) \odot (W^3)^T\delta^3", r"\mathrm{diag}(\sigma'(z^2))(W^3)^T\delta^3", "W3.T*delta3*dsigma(z2)", "(delta3.T @ W3).T * a2 * (1-a2)", "np.dot(W3.T, delta3)*a2*(1-a2)", "np.multiply(W3.T @ delta3, dsigma(z2))", "δ3ᵀ W3 ⊙ σ'(z2)ᵀ", "W^{3T}\\delta^3 \\odot a^2 \\odot (1-a^2)", "(W3.T @ ((a3-y)*a3*(1-a3))) * a2*(1-a2)"),
        wrong=((r"(W^3)^T\delta^3", "missing hidden slope"), (r"W^3\delta^3 \odot \sigma'(z^2)", "shape"), (r"(W^3)^T\delta^3 \odot \sigma(z^2)", "phi for phi' in dC/dz2"), (r"-(W^3)^T\delta^3 \odot \sigma'(z^2)", "sign"), (r"(W^3)^T\delta^3 \odot \sigma'(z^1)", "shape"), (r"(W^3)^T\delta^3 \odot \sigma'(a^2)", "slope at the activation in dC/dz2"), (r"(W^3)^T(a^3-y) \odot \sigma'(z^2)", "missing output slope"), (r"\delta^3 \odot \sigma'(z^2)", "shape"), (r"(W^3)^T\delta^3 + \sigma'(z^2)", "sum for a product"), (r"2(W^3)^T\delta^3 \odot \sigma'(z^2)", "factor 2"), (r"(W^3)^T\delta^3 \odot z^2\odot(1-z^2)", "slope in z instead of a in dC/dz2"), (r"(W^3)^T(\delta^3 \odot \sigma'(z^2))", "shape"), ("(W3.T @ delta3) * a2", "phi for phi' in dC/dz2"), ("(W3.T @ delta3) * (1-a2)", "1 - a for the slope in dC/dz2"), ("(W3.T @ (y-a3)*a3*(1-a3)) * a2*(1-a2)", "shape"), ("(W3.T @ a3) * sigma'(z2)", "wrong part")),
        form="matrix",
    ),
    Block(
        "A weight matrix", "deep", "dC/dW2",
        right=("delta2 @ a1.T", r"\delta^2 (a^1)^T", "outer(delta2, a1)", r"\delta^2 \otimes a^1", "np.outer(delta2, a1)", "δ² (a¹)ᵀ", r"\frac{\partial C}{\partial z^2}(a^1)^T", "(a1 @ delta2.T).T", r"((W^3)^T\delta^3\odot\sigma'(z^2))(a^1)^T", "dC/dW2 = delta2 @ a1.T", "np.dot(delta2, a1.T)"),
        wrong=(("a1 @ delta2.T", "shape"), ("delta2 @ x.T", "shape"), ("delta2 @ z1.T", "z for a in the weight gradient"), ("-delta2 @ a1.T", "sign"), ("2 delta2 @ a1.T", "factor 2"), ("delta2", "shape"), (r"((W^3)^T\delta^3)(a^1)^T", "missing hidden slope"), (r"((W^3)^T\delta^3\odot\sigma(z^2))(a^1)^T", "phi for phi' in dC/dz2"), ("a2 @ a1.T", "wrong quantity"), ("delta2 @ a1.T + W2", "extra term"), ("delta2.T @ a1", "shape"), ("delta3 @ a2.T", "shape"), ("z2 @ a1.T", "wrong quantity"), ("(a2*(1-a2)) @ a1.T", "wrong part")),
        refused=(("delta2 @ a4.T", "layer 4"), ("delta2 @", "ends"), ("delta2 @@ a1", "")),
        form="matrix",
    ),
    Block(
        "A bias vector", "deep", "dC/db3",
        right=("delta3", r"(a^3-y)\odot\sigma'(z^3)", "(a3-y)*a3*(1-a3)", r"\nabla_{a^3} C \odot \sigma'(z^3)", "dC/dz3", "δ³", "-(y-a3)*a3*(1-a3)", r"\frac{\partial C}{\partial a^3}\odot\sigma'(z^3)"),
        wrong=(("a3-y", "missing output slope"), ("(y-a3)*a3*(1-a3)", "sign"), ("(a3-y)*a3", "phi for phi'"), ("(a3+y)*a3*(1-a3)", "wrong sign"), ("(a3-y)*sigma(z3)", "phi for phi'"), ("(a3-y)*(1-a3)", "1 - a for the slope"), ("2*(a3-y)*a3*(1-a3)", "factor 2"), ("delta2", "shape"), ("(a3-y)*a3*(1+a3)", "wrong sign"), ("a3*(1-a3)", "missing cost slope"), ("(a3-a3)*a3*(1-a3)", "wrong quantity"), ("(a3-y)/(a3*(1-a3))", "inverted factor"), ("(a3-y)**2*a3*(1-a3)", "wrong exponent")),
        form="matrix",
    ),
    Block(
        "Square layers, where a forgotten transpose still has a shape", "square", "delta1",
        right=("W2.T @ delta2 * sigma'(z1)", r"(W^2)^T\delta^2\odot\sigma'(z^1)", "(delta2.T @ W2).T * a1 * (1-a1)"),
        wrong=(("W2 @ delta2 * sigma'(z1)", "missing transpose"), ("W2.T @ delta2", "missing hidden slope"), ("W1.T @ delta2 * sigma'(z1)", "weights of the layer below"), ("W2.T @ delta2 * sigma'(z2)", "slope of the layer above"), ("delta2 * sigma'(z1)", "wrong quantity"), ("W2.T @ (a2-y) * sigma'(z1)", "missing output slope"), ("W2.T @ delta2 * delta2", "wrong quantity"), ("(W2.T + delta2) * sigma'(z1)", "shape")),
        form="matrix",
    ),
    Block(
        "Square weights", "square", "dC/dW2",
        right=("delta2 @ a1.T", "outer(delta2, a1)", "(a1 @ delta2.T).T"),
        wrong=(("a1 @ delta2.T", "transposed"), ("delta1 @ a1.T", "delta of the layer below"), ("delta2 @ a2.T", "wrong layer"), ("delta2 @ x.T", "wrong quantity"), ("delta2 @ z1.T", "z for a in the weight gradient"), ("delta2.T @ a1", "shape"), ("W2 * (delta2 @ a1.T)", "extra factor"), ("-delta2 @ a1.T", "sign")),
        form="matrix",
    ),
    Block(
        "A batch in columns, mean", "batch", "dC/dW2",
        right=("Delta2 A1^T", r"\frac1n((A^2-Y)\odot A^2\odot(1-A^2))(A^1)^T", "1/3*((A2-Y)*A2*(1-A2)) @ A1.T", "np.dot((A2-Y)*A2*(1-A2), A1.T)/n", "Delta2 @ A1.T", r"\frac1n\left((A^2-Y)\odot\sigma'(Z^2)\right)(A^1)^T"),
        wrong=(("((A2-Y)*A2*(1-A2)) @ A1.T", "missing 1/n"), ("1/n*(A2-Y) @ A1.T", "missing output slope"), ("1/n*((Y-A2)*A2*(1-A2)) @ A1.T", "sign"), ("Delta2.T @ A1", "shape"), ("A1 @ Delta2.T", "shape"), ("1/n*Delta2 @ A1.T", "extra 1/n"), ("Delta2 @ Z1.T", "z for a in the weight gradient"), ("Delta2 @ X.T", "shape")),
        form="matrix",
    ),
    Block(
        "The biases of a batch", "batch", "dC/db2",
        right=("np.sum(Delta2, axis=1)", "np.sum((A2-Y)*A2*(1-A2), axis=1, keepdims=True)/n", "1/3*np.sum((A2-Y)*A2*(1-A2), axis=1)", "delta2@1 + delta2@2 + delta2@3", "np.mean((A2-Y)*A2*(1-A2), axis=1)"),
        wrong=(("np.sum((A2-Y)*A2*(1-A2), axis=1)", "missing 1/n"), ("np.sum(Delta2, axis=0)", "shape"), ("Delta2", "shape"), ("np.mean(Delta2, axis=1)", "extra 1/n"), ("np.sum(A2-Y, axis=1)/n", "missing output slope"), ("delta2@1 + delta2@2", "missing term"), ("delta2@1", "first sample only"), ("-np.sum(Delta2, axis=1)", "sign")),
        form="matrix",
    ),
    Block(
        "One weight of a batch, sum", "summed", "dC/dw2[1,2]",
        right=("delta2_1@1 a1_2@1 + delta2_1@2 a1_2@2 + delta2_1@3 a1_2@3", "dC@1/dw2[1,2] + dC@2/dw2[1,2] + dC@3/dw2[1,2]", "(a2_1@1-y1@1)a2_1@1(1-a2_1@1)a1_2@1 + (a2_1@2-y1@2)a2_1@2(1-a2_1@2)a1_2@2 + (a2_1@3-y1@3)a2_1@3(1-a2_1@3)a1_2@3"),
        wrong=(("delta2_1@1 a1_2@1 + delta2_1@2 a1_2@2", "a sample forgotten in dC/dw2[1,2] by z2[1]@3"), ("(delta2_1@1 a1_2@1 + delta2_1@2 a1_2@2 + delta2_1@3 a1_2@3)/3", "extra 1/n"), ("delta2_1@1 a1_2@1", "first sample only"), ("delta2_1@3 a1_2@3", "last sample only"), ("delta2_1@1 a1_2@1 + delta2_1@2 a1_2@2 - delta2_1@3 a1_2@3", "sign in dC/da2[1]@3"), ("delta2_1@1 a1_2@1 + delta2_1@2 a1_2@2 + delta2_1@3 a1_2@2", "wrong quantity"), ("(delta2_1@1 + delta2_1@2 + delta2_1@3)*(a1_2@1 + a1_2@2 + a1_2@3)", "counterexample"), ("delta2_1@1 + delta2_1@2 + delta2_1@3", "bias for weight gradient")),
    ),
    Block(
        "A batch in rows", "rows", "dC/dW2",
        right=("A1.T @ Delta2", "A1^T ((A2-Y)*A2*(1-A2))", r"(A^1)^T\Delta^2", "np.dot(A1.T, (A2-Y)*A2*(1-A2))"),
        wrong=(("Delta2.T @ A1", "shape"), ("A1.T @ (A2-Y)", "missing output slope"), ("A1.T @ Delta2/n", "extra 1/n"), ("Delta2 @ A1.T", "shape"), ("A1.T @ ((Y-A2)*A2*(1-A2))", "sign"), ("X.T @ Delta2", "shape"), ("Z1.T @ Delta2", "z for a in the weight gradient")),
        form="matrix",
    ),
    Block(
        "A graph with a fork", "fork", "dJ/dx",
        right=("-sin(d)cos(a)2x - 6x sin(d)", "-sin(d)*(cos(a)*2*x + 6*x)", r"-\sin(d)(\cos(a)\cdot 2x+6x)", "dJ/dd dd/db db/da da/dx + dJ/dd dd/dc dc/dx", "-2x(cos(x^2)+3)sin(sin(x^2)+3x^2)", "-sin(sin(x**2)+3*x**2)*(2*x*cos(x**2)+6*x)", "dJ/db*db/dx + dJ/dc*dc/dx", r"\frac{dJ}{dd}\frac{dd}{dx}", "-2x sin d (cos a + 3)"),
        wrong=(("-sin(d)*cos(a)*2*x", "first route only"), ("-sin(d)*6*x", "only one route"), ("sin(d)*(cos(a)*2*x + 6*x)", "sign"), ("-cos(d)*(cos(a)*2*x + 6*x)", "wrong part"), ("-sin(d)*(cos(a)*2*x - 6*x)", "sign of a derivative of sine or cosine"), ("-sin(d)*(-cos(a)*2*x + 6*x)", "sign of a derivative of sine or cosine in dJ/da"), ("-sin(d)*(cos(a)*x + 6*x)", "factor 1/2 on the way in dJ/da"), ("-sin(d)*(cos(a)*2*x + 3*x)", "factor 1/2 on the way in dJ/dc"), ("-sin(d)*(cos(a) + 6*x)", "missing local slope in dJ/dx by a"), ("-sin(d)*(sin(a)*2*x + 6*x)", "function in place of its derivative in dJ/da"), ("-sin(d)", "another quantity"), ("-sin(d)*(cos(x)*2*x + 6*x)", "wrong argument"), ("-sin(d)*(cos(a)*2*x * 6*x)", "counterexample"), ("-sin(d)*(cos(a)*2*x + 6*x^2)", "exponent not lowered in dJ/dx by c"), ("cos(d)*(cos(a)*2*x+6*x)", "function in place of its derivative in dJ/dd"), ("-sin(d)*(cos(a)*2*x + 6)", "wrong number"), ("-sin(b)*(cos(a)*2*x + 6*x)", "wrong argument")),
        refused=(("-sin(d)*(cos(q)*2*x)", "'q'"), ("-sin(d", "never closed")),
    ),
    Block(
        "The logistic loss", "logistic", "dJ/dw",
        right=("x*(h-y)", "(h-y)x", "-(y-h)x", r"\left(-\frac yh+\frac{1-y}{1-h}\right)h(1-h)x", "dJ/dh*dh/dz*dz/dw", "dJ/dh dh/dz dz/dw = x (h - y)", "x*(1/(1+exp(-(w*x+b)))-y)", "x*dJ/db", "hx - yx"),
        wrong=(("x*(y-h)", "sign"), ("h-y", "missing local slope in dJ/dw"), ("x*(h-y)*h*(1-h)", "extra factor"), ("w*(h-y)", "wrong quantity"), ("x*(h+y)", "wrong sign"), ("x*h", "wrong quantity"), ("-y/h + (1-y)/(1-h)", "another quantity"), ("(-y/h + (1-y)/(1-h))*x", "missing local slope in dJ/dz"), ("(-y/h - (1-y)/(1-h))*h*(1-h)*x", "inner derivative left out"), ("x*(z-y)", "wrong quantity"), ("x*(h-y)/2", "factor 1/2"), ("x*x*(h-y)", "extra factor")),
    ),
    Block(
        "A slope within a graph", "logistic", "dJ/dh",
        right=("-(y/h) + (1-y)/(1-h)", "(h-y)/(h(1-h))", r"\frac{1-y}{1-h}-\frac yh"),
        wrong=(("y/h + (1-y)/(1-h)", "wrong sign"), ("-y/h - (1-y)/(1-h)", "inner derivative left out"), ("-y/h", "counterexample"), ("h-y", "another quantity"), ("-(y/h) + (1-y)/(1+h)", "wrong sign"), ("-(y/h) + (1+y)/(1-h)", "wrong sign")),
    ),
    Block(
        "A graph of arrays", "arrays", "dJ/dW2",
        right=("2/m * A1.T @ (D2*A2*(1-A2))", "A1.T @ (2*(A2-Y)*A2*(1-A2))/m", "np.dot(A1.T, D2*A2*(1-A2))*2/m", "(2/m)*A1.T@(D2*(A2-A2**2))"),
        wrong=(("1/m * A1.T @ (D2*A2*(1-A2))", "factor 1/2"), ("2 * A1.T @ (D2*A2*(1-A2))", "second factor of the slope left out in dJ/dD2"), ("2/m * A1.T @ D2", "outer derivative left out"), ("2/m * A1 @ (D2*A2*(1-A2))", "shape"), ("-2/m * A1.T @ (D2*A2*(1-A2))", "sign"), ("2/m * A1.T @ (D2*A2)", "function in place of its derivative"), ("2/m * A1.T @ (D2*A2*(1+A2))", "wrong sign"), ("2/m * (D2*A2*(1-A2)).T @ A1", "shape")),
        form="matrix",
    ),
    Block(
        "A quotient and a root", "quotient", "dJ/dv",
        right=("-3*s^2/(2*s)*u/v^2", "-3/2*s*u/v^2", "-1.5*s*q/v", r"-\frac{3}{2}\sqrt{\frac uv}\,\frac{u}{v^2}", "3s^2*1/(2sqrt(q))*(-u/v^2)"),
        wrong=(("3/2*s*u/v^2", "counterexample"), ("-3/2*s*u/v", "counterexample"), ("3*s^2*(-u/v^2)", "missing local slope in dJ/dq"), ("-3*s*u/v^2", "counterexample"), ("3/2*s*1/v", "counterexample"), ("-3/2*q*u/v^2", "differentiated inside the function"), ("-s^2/(2s)*u/v^2", "power rule without the exponent"), ("-3*s^2*2*s*u/v^2", "factor 2; function in place of its derivative")),
    ),
    Block(
        "Numbers", "valued", "dJ/dw",
        right=("2(wx-y)x", "2x(u-y)", "dJ/dw = 2(u-y)x = 6"),
        here=("6", "6.0", "6.00", "2*3*(u-y)", "2*3*(6-5)", "12/2", "6x/3", "2w+2", "u"),
        wrong=(("5", "size"), ("-6", "sign"), ("60", "decimal point"), ("3", "also consistent with"), ("2(wx-y)w", "wrong quantity"), ("6.1", "last digit"), ("0", "zero"), ("2(u+y)x", "wrong sign")),
    ),
    Block(
        "A number asked for", "seed004-alice", "dL/dw_1",
        right=("0.0215", "0.02147"),
        wrong=(("0.02150", "further digits"), ("-0.0215", "sign"), ("0.0214", "cut off"), ("0.021", "too few digits"), ("0.215", "decimal point"), ("0.0314", "one digit"), ("0.00215", "decimal point")),
        form="number",
    ),
    Block(
        "Two readings", "chain2", "da2[1]/dz2[1]",
        right=("(1/2)2a2(1-a2)", "a2(1-a2)", "a^2(1-a^2)", "1/(1/a2+1/(1-a2))"),
        wrong=(("a2(1-a2)^2", "wrong exponent"), ("a_2^2(1-a_2)", "wrong exponent"), ("a1(1-a1)", "slope of the layer below"), ("1/a2(1-a2)", "inverted factor")),
        refused=(("2/2a2(1-a2)", "read as"), ("a^{22}(1-a^2)", "layer 22"), ("a(1-a)", "which layer"), ("0,5", "can be read"), ("a2(1-a2", "never closed"), ("\\sigma^2(z^2)", "power")),
    ),
    Block(
        "Texts that are nothing", "chain2", "dC/dz2[1]",
        wrong=(("C", "another quantity"), ("z2", "another quantity"), ("a2", "another quantity"), ("1", "a number"), ("1/0", "no value"), ("0*(1/0)", "no value"), ("0/0", "no value"), ("1/(a2-a2)", "no value"), ("(a2-y)*2*a2*(1-a2) + 0/0", "no value")),
        refused=(("None", ""), ("oo", ""), ("nan", ""), ("True", ""), ("inf", ""), ("lambda: 0", ""), ("a2;y", ""), ("\x00", ""), ("...", "dots"), ("\\infty", "finite"), ("9**9**9", "digits"), ("import os", ""), ("((((", "never closed")),
        open=("log(-1)",),
    ),
)
# fmt: on
