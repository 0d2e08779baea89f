"""Answers that sum over samples, and products whose vectors may lie or stand."""

from __future__ import annotations

from tests.answers.rows import Block

# fmt: off
SUMS = (
    Block(
        "A sum over samples", "line", "dC/dw",
        right=(r"\frac1n\sum_i(wx_i+b-y_i)x_i", r"\frac1n\sum_{i=1}^n(a_i-y_i)x_i", r"\frac13\sum_{i=1}^3(w x^{(i)}+b-y_i)x_i", r"\frac1n\sum_j(w*x@j+b-y@j)*x@j", "mean((w*x+b-y)*x)", "np.mean((w*x+b-y)*x)", "1/3*sum((a-y)*x)", r"\frac1n\sum_{i=1}^n(a-y)x", "np.mean((A-Y)*X)", "1/n*(A-Y) @ X.T", r"\sum_i\delta_i x_i", "((w*x_1+b-y_1)*x_1+(w*x_2+b-y_2)*x_2+(w*x_3+b-y_3)*x_3)/3", r"\frac1n\sum_i\frac{\partial C_i}{\partial w}"),
        here=(r"\frac{14w+6b-23}{3}", "((w+b-2)+2*(2w+b-3)+3*(3w+b-5))/3"),
        wrong=((r"\sum_i(wx_i+b-y_i)x_i", "missing 1/n"), (r"\frac1n\sum_i(wx_i+b-y_i)", "bias for weight gradient"), (r"\frac1n\sum_i(y_i-a_i)x_i", "sign"), (r"\frac1n\sum_{i=1}^n\delta_i x_i", "extra 1/n"), (r"\frac2n\sum_i(a_i-y_i)x_i", "factor 2"), ("(a-y)*x", "missing 1/n; first sample only"), ("sum((a-y)*x)", "missing 1/n; first sample only"), (r"\frac{14w+6b-24}{3}", "counterexample"), (r"\frac1n\sum_i(a_i-y_i)x_1", "counterexample"), (r"\frac12\sum_i(a_i-y_i)x_i", "wrong number")),
    ),
    Block(
        "A sum over samples with L2", "weighed", "dC/dw",
        right=(r"\frac1n\sum_i(wx_i+b-y_i)x_i+\frac{\lambda}{n}w", "mean((a-y)*x) + lambda/n*w", r"\frac1n\left(\sum_i(a_i-y_i)x_i+\lambda w\right)"),
        here=(r"\frac{14.1w+6b-23}{3}", r"\frac1n\sum_i(wx_i+b-y_i)x_i+\frac{0.1}{3}w", r"\frac1n\sum_i(wx_i+b-y_i)x_i+\frac{0.1}{n}w"),
        wrong=((r"\frac1n\sum_i(wx_i+b-y_i)x_i", "missing L2 term"), (r"\frac1n\sum_i(wx_i+b-y_i)x_i+\lambda w", "L2 without 1/n"), (r"\frac1n\sum_i(wx_i+b-y_i)x_i+0.1w", "wrong part"), (r"\frac{14.2w+6b-23}{3}", "counterexample")),
    ),
    Block(
        "Classes over samples", "classes", "dC/dW1",
        right=(r"\frac1n\sum_i(a_i-y_i)x_i^T", r"\frac1n\sum_{i=1}^n(\hat y_i-y_i)x_i^T", "(A-Y) @ X.T/4", r"\frac1n\sum_{i=1}^n(\mathrm{softmax}(Wx_i+b)-y_i)x_i^T", "(softmax(W @ X + b) - Y) @ X.T/n"),
        wrong=((r"\sum_i(a_i-y_i)x_i^T", "missing 1/n"), (r"\frac1n\sum_i x_i(a_i-y_i)^T", "shape"), (r"\frac1n\sum_i(y_i-a_i)x_i^T", "sign"), (r"\frac13\sum_i(a_i-y_i)x_i^T", "wrong number"), ("(softmax(W @ X + b, axis=1) - Y) @ X.T/n", "counterexample")),
    ),
    Block(
        "One weight over samples", "classes", "dC/dw1[1,2]",
        right=(r"\frac1n\sum_i(a_{i1}-y_{i1})x_{i2}", r"\frac14\sum_{i=1}^4(a_{i,1}-y_{i,1})x_{i,2}", r"\frac1n\sum_i(a_1^{(i)}-y_1^{(i)})x_2^{(i)}", "mean((a_1-y_1)*x_2)"),
        wrong=((r"\frac1n\sum_i(a_{i2}-y_{i2})x_{i1}", "another quantity"), (r"\sum_i(a_{i1}-y_{i1})x_{i2}", "missing 1/n")),
    ),
    Block(
        "A cost over samples and classes", "classes", "C",
        right=(r"-\frac1n\sum_i\sum_k y_{ik}\log a_{ik}", r"-\frac1n\sum_{i=1}^n\sum_{k=1}^K y_{ik}\ln a_{ik}", r"-\frac1n\sum_i\sum_k y_k^{(i)}\ln a_k^{(i)}", r"-\frac1n\sum_i y_i^T\log a_i", "-np.sum(Y*np.log(A))/4", r"\frac1n\sum_s C@s"),
        wrong=((r"-\sum_i\sum_k y_{ik}\log a_{ik}", "counterexample"),),
    ),
    Block(
        "A biases' sum over samples or units", "classes", "dC/db",
        right=(r"\frac1n\sum_i(a_i-y_i)", "np.mean(A-Y, axis=1)", "np.mean(a-y, axis=1)", r"\frac14\sum_{i=1}^4(a_i-y_i)"),
        wrong=((r"\sum_i(a_i-y_i)", "shape"), ("np.mean(A-Y)", "shape"), (r"\frac1n\sum_{i=1}^3(a_i-y_i)", "shape")),
    ),
    Block(
        "Rows and columns", "deep", "dC/dz2",
        right=("delta3 @ W3 * sigma'(z2)", r"(\delta^3)^T W^3 \odot \sigma'(z^2)", "np.dot(delta3, W3)*a2*(1-a2)", "(delta3.T @ W3).T * sigma'(z2)"),
        wrong=(("delta3 @ W3.T * sigma'(z2)", "shape"), ("W3 @ delta3 * sigma'(z2)", "shape"), ("delta3 @ W3", "shape"), ("delta3 @ W3 * sigma'(z1)", "shape"), ("delta3 @ a2", "shape")),
    ),
    Block(
        "A graph's outer product", "vectors", "dL/dW",
        right=("(z-t)x^T", r"(Wx+b-t)x^\top", "np.outer(z-t, x)", "(z-t) @ x.T", "(x(z-t)^T)^T", "zx^T-tx^T", "((z-t)^T)^T x^T"),
        wrong=(("x(z-t)^T", "shape"), ("(z-t)^T x^T", "shape"), ("(t-z)x^T", "sign"), ("(Wx-t)x^T", "counterexample"), ("np.outer(x, z-t)", "shape"), ("(z-t)", "shape"), ("2(z-t)x^T", "factor 2")),
    ),
    Block(
        "A leaky relu unit", "leaky", "dC/dw",
        right=(r"(a-y)\sigma'(z)x", "(a-y)*x*(1 if z>0 else 0.1)", r"(a-y)\frac az x"),
        wrong=(("(a-y)x", "missing output slope"), ("(a-y)*(z>0)*x", "wrong part"), (r"(a-y)\sigma(z)x", "phi for phi'"), ("(a-y)*x*(1 if z>0 else 0.2)", "wrong number")),
    ),
    Block(
        "Softmax in a graph", "word", "dL/dz",
        right=("p - [0, 1, 0]", "[p_1, p_2 - 1, p_3]", r"p-\begin{pmatrix}0\\1\\0\end{pmatrix}"),
        wrong=(("p", "another quantity"), ("[0, 1, 0] - p", "sign")),
    ),
    Block(
        "A shifted index", "kernel", "dL/dw[2]",
        right=(r"\sum_{i=1}^3(z_i-t_i)x_{i+1}", "(z_1-t_1)x_2+(z_2-t_2)x_3+(z_3-t_3)x_4"),
        wrong=((r"\sum_{i=1}^3(z_i-t_i)x_i", "another quantity"), (r"\sum_{i=1}^2(z_i-t_i)x_{i+1}", "one route left out in dL/dw[2] by z[3]"), (r"\sum_{i=1}^3(z_i-t_i)", "missing local slope in dL/dw")),
    ),
    Block(
        "A derivative before a product", "neuron", "dC/db1[1]",
        right=(r"\frac{d}{da}\frac12(a-y)^2\cdot\sigma'(z)", r"\frac{d}{da}\frac12(a-y)^2\frac{da}{dz}", r"\sigma'(z)\frac{d}{da}\tfrac12(a-y)^2"),
        wrong=((r"\frac{\partial}{\partial b}\frac12(\sigma(w_1x_1+w_2x_2+b)-y)^2", "restated"), (r"\frac{d}{da}(a-y)^2\cdot\frac{da}{dz}", "factor 2"), (r"\frac{d}{da}\frac12(a-y)^2", "missing output slope"), (r"\frac{d}{da}2(a-y)^2\cdot\sigma'(z)", "wrong quantity")),
        unread=((r"\frac{d}{da}0.5(y-a)^2\,a(1-a)", "write brackets"),),
    ),
    Block(
        "One update from one sample of several", "online", "w1[1,1]'",
        right=("w - eta*(a@1-y@1)*a@1*(1-a@1)*x@1", "w - eta*dC@1/dw", "w - eta*delta@1*x@1*4"),
        wrong=(
            ("w - eta*(a@1-y@1)*x@1", "missing output slope"), ("w - eta*(a@1-y@1)*a@1*(1-a@1)", "bias for weight gradient"), ("w - eta*(a@1-y@1)*a@1*x@1", "phi for phi'"),
            ("w - 2*eta*dC@1/dw", "factor 2"), ("w - eta*(a@1-y@1)*a@1*(1-a@1)*x@2", "wrong factor"), ("w - eta*dC/dw", "all samples"), ("w + eta*dC@1/dw", "step uphill"),
            ("w - eta*dC@2/dw", "another batch: sample 2"), ("w - eta*dC/db", "counterexample"),
        ),
    ),
    Block(
        "One update from two samples of four", "mini-batch", "w1[1,1]'",
        right=("w - eta/m*((a@1-y@1)*a@1*(1-a@1)*x@1 + (a@2-y@2)*a@2*(1-a@2)*x@2)", "w - eta/2*(dC@1/dw + dC@2/dw)"),
        wrong=(
            ("w - eta/2*((a@1-y@1)*x@1 + (a@2-y@2)*x@2)", "missing output slope"), ("w - eta/2*(dC@1/db + dC@2/db)", "bias for weight gradient"),
            ("w - eta/2*dC@1/dw", "first sample only"), ("w - eta/4*(dC@1/dw + dC@2/dw)", "factor 1/2"), ("w - eta*(dC@1/dw + dC@2/dw)", "factor 2"),
            ("w - eta*dC/dw", "all samples"), ("w - eta*dC/db", "counterexample"), ("w - eta/2*(dC@3/dw + dC@4/dw)", "another batch: samples 3, 4"),
        ),
    ),
    Block(
        "One update from three samples of four, with L2", "decaying", "w1[1,1]'",
        right=("w - eta*((dC@1/dw + dC@2/dw + dC@3/dw)/m + lambda/n*w)",),
        wrong=(
            ("w - eta*(dC@1/dw + dC@2/dw + dC@3/dw)/m", "missing L2 term"), ("w - eta*((dC@1/dw + dC@2/dw + dC@3/dw)/m + lambda*w)", "L2 without 1/n"),
            ("w - eta*((dC@1/dw + dC@2/dw + dC@3/dw) + lambda/n*w)", "missing 1/n"), ("w - eta*((dC@1/dw + dC@2/dw)/m + lambda/n*w)", "a sample forgotten in dC/dw1[1,1] by z1[1]@3"),
        ),
    ),
)
# fmt: on
