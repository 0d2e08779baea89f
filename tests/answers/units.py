"""Answers about single units, chains of units, and small networks in their own and the usual names."""

from __future__ import annotations

from tests.answers.rows import Block

# fmt: off
UNITS = (
    Block(
        "A sigmoid unit", "neuron", "dC/dw1[1,1]",
        right=(
            "(a-y)a(1-a)x_1", "(a - y)*a*(1 - a)*x1", r"(a-y)\sigma'(z)x_1", r"\delta x_1", "-(y-a)a(1-a)x_1",
            "(a-y)(a-a^2)x_1", "x_1 a^2 - a^3 x_1 - y a x_1 + y a^2 x_1", "(a-y)σ(z)(1-σ(z))x₁",
            r"(a-y)\frac{e^{-z}}{(1+e^{-z})^2}x_1", r"\frac{(a-y)x_1}{4\cosh^2(z/2)}", "(a-y)*x1/(4*cosh(z/2)^2)",
            r"\frac{\partial C}{\partial a}\frac{\partial a}{\partial z}x_1", "dC/dz * x1", "x_1 dC/db",
            r"(\sigma(w_1x_1+w_2x_2+b)-y)\sigma'(w_1x_1+w_2x_2+b)x_1", "(a−y)·a·(1−a)·x₁",
            "dC/dw_1 = (a-y)a(1-a)x_1", r"\frac{dC}{dw_1} = (a-y)\,a\,(1-a)\,x_1", "(a - y) * dsigma(z) * x1",
            r"\left(a-y\right)\left(1-a\right)a\cdot x_1", "(1/(1+exp(-z)) - y)*exp(-z)/(1+exp(-z))**2*x1",
            "$(a-y)a(1-a)x_1$", "(a-y)*a*x1 - (a-y)*a**2*x1", "1/2*2*(a-y)*a*(1-a)*x_1",
            r"\frac12\cdot 2(a-y)a(1-a)x_1", "(ŷ - y)ŷ(1-ŷ)x_1", "(y_pred - y_true)*y_pred*(1 - y_pred)*x1",
            "(a^2-y^2)/(a+y)*a*(1-a)*x_1", "0.5*(a-y)*(1-tanh(z/2)^2)*x_1/2",
        ),
        wrong=(
            ("dC/dw_2 * x_1/x_2", "restated"),
            ("(a-y)x_1", "missing output slope"), ("(y-a)a(1-a)x_1", "sign"), ("(a-y)a(1-a)", "bias for weight gradient"), ("(a-y)a(1-a)x_2", "wrong quantity"),
            ("2(a-y)a(1-a)x_1", "factor 2"), (r"(a-y)\sigma(z)x_1", "phi for phi'"), (r"(a-y)\sigma'(a)x_1", "slope at the activation"),
            ("(a-y)z(1-z)x_1", "slope in z instead of a"), ("(a-y)(1-a)x_1", "1 - a for the slope"), ("(a-y)(1-a^2)x_1", "tanh's slope"), ("a*a(1-a)x_1", "target left out"),
            ("(a+y)a(1-a)x_1", "wrong sign"), ("(a-y)a(1+a)x_1", "wrong sign"), ("(a-y)^2a(1-a)x_1", "wrong exponent"), ("x_1", "input for weight gradient"),
            ("(a-y)a(1-a)w_1", "parameter for its input"), ("(a-y)a(1-a)b", "wrong quantity"), ("(a-y)a(1-a)/x_1", "inverted factor"), ("(a-y)a(1-a)x_1^2", "wrong exponent"),
            ("(a-y)a(1-a)x_1+b", "extra term"), ("(a-y)a(1-a)(x_1+1)", "sum for a product"), ("-(a-y)x_1", "sign; missing output slope"), ("a(1-a)x_1", "missing cost slope"),
            ("(a-y)a(1-a)x_1*(1+1e-12)", "wrong number"), ("(a-y)a(1-a)x_1 + 1e-13*x_1", "wrong number"), ("(a-y)*a*(1-a)*x1 + exp(-1000*(x1**2+1))", "extra term"),
            ("(a-y)a(2-a)x_1", "wrong number"), ("(1-y)a(1-a)x_1", "wrong number"), (r"(a-y)\sigma''(z)x_1", "extra prime"), ("½(a-y)²a(1-a)x_1", "cost for its slope"),
            ("(a-y)a^2(1-a)^2x_1", "slope taken twice"), ("(y-a)x_1", "sign; missing output slope"), ("0", "a number"), ("7", "a number"), (r"\delta", "bias for weight gradient"), (r"\delta w_1", "parameter for its input"),
        ),
        refused=(
            ("(a-y)a(1-a)x_3", "x"), ("(a-y)*sgima'(z)*x1", "sigma"), ("(a-y)a(1-a)x_1)", "closes nothing"),
            ("(a-y)a(1-a", "never closed"), ("", "empty"), ("a3", "does not exist"), ("(а-y)x_1", "CYRILLIC"),
            ("__import__('os').system('x')", "_"), ("9**9**9", "digits"), ("a2'", ""), ("(a-y) a (1-a) x_1 ±", ""),
        ),
    ),
    Block(
        "Its bias", "neuron", "dC/db1[1]",
        right=("(a-y)a(1-a)", r"\delta", "dC/dz", r"(a-y)\sigma'(z)", "(a-y)*a*(1-a)*1"),
        wrong=((r"\frac{\partial C}{\partial w_2}/x_2", "restated"), ("dC/dw_1/x_1", "restated"), ("(a-y)", "missing output slope"), ("(a-y)a(1-a)x_1", "another quantity"), ("(a-y)a(1-a)b", "parameter for its input"), ("(y-a)a(1-a)", "sign"), ("a(1-a)", "missing cost slope"), ("1", "a number"), ("(a-y)a", "phi for phi'"), ("2(a-y)a(1-a)", "factor 2")),
    ),
    Block(
        "Terms that are zero where numbers are small", "neuron", "dC/db1[1]",
        right=(
            "(a-y)a(1-a) + max(0,a-2)", "(a-y)a(1-a) + max(0,a-1)", "(a-y)a(1-a)*(a>0)", "(a-y)*|a|*(1-a)", "(a-y)a(1-a) + max(0,-1-z^2)", "(a-y)a(1-a) + max(0, sin(x_1) - 2 - cos(x_1^2))",
        ),
        wrong=(
            ("(a-y)a(1-a) + max(0,x_1-50)", "counterexample"), ("(a-y)a(1-a) + max(0,z-1000)", "counterexample"),
            ("(a-y)a(1-a) + (w_1 > 1000000)", "counterexample"), ("(a-y)a(1-a) + (0.4 < w_1)*(w_1 < 0.40001)", "counterexample"),
            ("(a-y)a(1-a) + |b-1000| - 1000 + b", "counterexample"), ("(a-y)a(1-a) + sqrt((b-1000)^2) - 1000 + b", "counterexample"),
            ("(a-y)a(1-a) + (b^2 < 1e-12)", "counterexample"), ("(a-y)a(1-a) + max(0,a-0.9999)", "counterexample"),
            ("(a-y)a(1-a) * (1 + sin(pi*w_1*1000000)*1e-30)", "wrong number"),
        ),
        open=("(a-y)a(1-a) + max(0, 2e-3 - (x_1 - 7)^2 - 0.9*(w_1 - 3)^2 - (w_2 - 5)^2)",),
    ),
    Block(
        "A slope by itself", "neuron", "da1[1]/dz1[1]",
        right=("a(1-a)", r"\sigma'(z)", "e^{-z}/(1+e^{-z})^2", "1/(2+e^z+e^{-z})", "(1-tanh(z/2)^2)/4", "a - a^2", r"\sigma(z)\sigma(-z)", "a(1-a) = a - a^2", "1/(e^(z/2)+e^(-z/2))^2"),
        wrong=(("d(1/(1+e^{-z}))/dz", "restated"), ("a", "phi for phi'"), ("1-a", "1 - a for the slope"), ("1-a^2", "tanh's slope"), ("a(1+a)", "wrong sign"), ("-a(1-a)", "sign"), ("e^{-z}/(1+e^{-z})", "1 - a for the slope"), ("z(1-z)", "slope in z instead of a"), ("a(a-1)", "sign")),
    ),
    Block(
        "The cost's slope", "neuron", "dC/da1[1]",
        right=("a-y", "-(y-a)", "a - y", r"-(y-\hat y)", "(a^2-y^2)/(a+y)", r"\hat y - y"),
        wrong=(("y-a", "sign"), ("2(a-y)", "factor 2"), ("a+y", "wrong sign"), ("(a-y)^2", "wrong exponent"), ("1/2(a-y)^2", "cost for its slope"), ("a", "target left out"), ("1-y", "wrong number")),
    ),
    Block(
        "A layer without biases", "unbiased", "dC/dw2[1,1]",
        right=("(a2 - y) a1_1", r"\delta^2 a^1_1"),
        wrong=(("a2 - y", "bias for weight gradient"), ("(a2 - y) a1_2", "wrong quantity"), ("(a2 - a1_1) a1_1", "wrong quantity")),
        refused=(("(a2 - y) a1_1 + b2", "no biases"),),
    ),
    Block(
        "A tanh unit", "tanh", "dC/dw1[1,1]",
        right=(
            "(a-y)(1-a^2)x", "(a-y)(1-a)(1+a)x", r"(a-y)(1-\tanh^2(z))x", "(a-y)/cosh(z)**2*x", "(a-y)*x*(1-tanh(z)**2)",
            r"(a-y)\tanh'(z)x", r"\frac{4(a-y)x}{(e^z+e^{-z})^2}", "(a-y)x - (a-y)xa^2",
            "(tanh(wx+b)-y)(1-tanh(wx+b)^2)x", "x(a-y)(1-a²)",
        ),
        wrong=(
            ("(a-y)a(1-a)x", "sigmoid's slope"), ("(a-y)(1-a)x", "1 - a for the slope"), ("(a-y)(1+a^2)x", "wrong sign"), ("(a-y)x", "missing output slope"), ("(y-a)(1-a^2)x", "sign"),
            ("(a-y)(1-z^2)x", "slope in z instead of a"), ("(a-y)tanh(z)x", "phi for phi'"), ("(a-y)(1-a^2)", "bias for weight gradient"), ("(a-y)(1-a^2)^2x", "slope taken twice"), ("(a-y)/cosh(z)x", "wrong exponent"),
            ("(a-y)(1-y^2)x", "wrong part"), ("(a-y)(1-a^2)w", "parameter for its input"),
        ),
    ),
    Block(
        "A relu unit", "relu", "dC/dw1[1,1]",
        right=(
            "(a-y)*(z>0)*x", r"(a-y)\mathbb 1_{z>0}x", "(a-y)*x if z>0 else 0", r"\begin{cases}(a-y)x & z>0\\0 & \text{otherwise}\end{cases}",
            "(a-y)*relu'(z)*x", "(a-y)*step(z)*x", "np.where(z>0, (a-y)*x, 0)", "(a-y)*(a>0)*x", "(a-y)[z>0]x",
            "(max(0,z)-y)*(z>0)*x", "(a-y)x(1+z/|z|)/2", "(a-y)*(wx+b>0)*x",
        ),
        wrong=(
            ("(a-y)x", "missing output slope"), ("(y-a)*(z>0)*x", "sign"), ("(a-y)*(z>0)", "bias for weight gradient"), ("(a-y)*relu(z)*x", "phi for phi'"), ("(a-y)*(z<0)*x", "wrong comparison"),
            ("2(a-y)*(z>0)*x", "factor 2"), ("(a-y)*z*x", "counterexample"), ("(a-y)*(z>0)*w", "parameter for its input"), ("a*(z>0)*x", "target left out"), ("(z>0)*x", "missing cost slope"), ("(a-y)*(x>0)*x", "wrong argument"), ("sqrt(z^2)*(a-y)x", "counterexample"),
        ),
    ),
    Block(
        "A linear unit", "linear", "dC/dw1[1,2]",
        right=("2(a-y)x_2", "2(z-y)x_2", "2x_2(w_1x_1+w_2x_2+b-y)", "-2(y-a)x_2", "2a x_2 - 2y x_2", "2(w \\cdot x + b - y)x_2", "2 x2 (ŷ−y)", r"2\left(\sum_j w_j x_j + b - y\right)x_2", "dC/da x_2"),
        wrong=(("(a-y)x_2", "factor 1/2"), ("2(y-a)x_2", "sign"), ("2(a-y)x_1", "wrong quantity"), ("2(a-y)", "bias for weight gradient"), ("2(a-y)w_2", "parameter for its input"), ("2(w_1x_1+w_2x_2-y)x_2", "wrong part"), ("2(w_1x_1-w_2x_2+b-y)x_2", "wrong sign"), ("2(a-y)a(1-a)x_2", "sigmoid's slope"), ("(a-y)^2x_2", "cost for its slope")),
    ),
    Block(
        "A chain of units with any φ", "chain", "dC/dw1[1,1]",
        right=(
            r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_1)x", "delta3 w3 φ'(z2) w2 φ'(z1) x", r"\delta_1 x", r"\delta^1 a^0",
            r"\delta^{(2)} w^{(2)} \phi'(z^{(1)}) x", "dC/da3*da3/dz3*dz3/da2*da2/dz2*dz2/da1*da1/dz1*dz1/dw1",
            r"\frac{\partial C}{\partial a^3}\frac{\partial a^3}{\partial a^1}\frac{\partial a^1}{\partial w^1}", "dC/db1 * x", "x*dC/dz1",
            r"x\,\phi'(z^1)\,w^2\,\phi'(z^2)\,w^3\,\phi'(z^3)\,(a^3-y)", "(a3 - y)*phi'(z3)*w3*phi'(z2)*w2*phi'(w1*x+b1)*x",
        ),
        wrong=(
            (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2 x", "dC/da for delta"), (r"(a_3-y)\phi'(z_3)w_3w_2\phi'(z_1)x", "missing hidden slope in dC/dz2"), (r"(a_3-y)w_3\phi'(z_2)w_2\phi'(z_1)x", "missing output slope"),
            (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)\phi'(z_1)x", "missing weight in dC/da1"), (r"(a_3-y)\phi'(z_3)w_2\phi'(z_2)w_3\phi'(z_1)w_2", "wrong quantity"),
            (r"(a_3-y)\phi(z_3)w_3\phi'(z_2)w_2\phi'(z_1)x", "phi for phi' in dC/dz3"), (r"(a_3-y)\phi'(z_3)w_3\phi(z_2)w_2\phi'(z_1)x", "phi for phi' in dC/dz2"),
            (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_2)x", "slope of the layer above in dC/dz1"), (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_1)a_1", "wrong layer"),
            (r"(y-a_3)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_1)x", "sign"), (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_1)", "bias for weight gradient"),
            (r"(a_2-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi'(z_1)x", "wrong quantity"), (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_1\phi'(z_1)x", "weights of the layer below in dC/da1"),
            (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2a_1(1-a_1)x", "sigmoid's slope in dC/dz1"), (r"(a_3-y)\phi'(a_3)w_3\phi'(z_2)w_2\phi'(z_1)x", "slope at the activation in dC/dz3"),
            (r"(a_3-y)\phi'(z_3)w_3\phi'(z_2)w_2\phi''(z_1)x", "extra prime"), (r"(a_3-y)(w_3)(w_2)x", "missing output slope; missing hidden slope"), (r"\delta_2 x", "delta of the layer above"), (r"\delta_3w_3\phi'(z_2)x", "delta of the layer above"),
            (r"(a_3-y)\phi'(z_3)+w_3\phi'(z_2)w_2\phi'(z_1)x", "sum for a product"),
        ),
    ),
    Block(
        "Two sigmoid units", "chain2", "dC/dw1[1,1]",
        right=(
            "2(a2-y)a2(1-a2)w2 a1(1-a1)x", "2(a_2-y)a_2(1-a_2)w_2a_1(1-a_1)x", r"2(a^2-y)\sigma'(z^2)w^2\sigma'(z^1)x",
            "2*(a2-y)*(a2-a2**2)*w2*(a1-a1**2)*x", "dC/da2 * da2/da1 * da1/dw1", "w2 delta2 sigma'(z1) x", "delta1 x",
            "dC/dw2/a1*w2*a1(1-a1)x", "-2(y-a2)a2(1-a2)w2a1(1-a1)x",
        ),
        wrong=(
            ("2(a2-y)a2(1-a2)w2 a1 x", "phi for phi' in dC/dz1"), ("2(a2-y)a2(1-a2)w2 x", "missing hidden slope"), ("2(a2-y)w2a1(1-a1)x", "missing output slope"), ("(a2-y)a2(1-a2)w2a1(1-a1)x", "factor 1/2"),
            ("2(a2-y)a2(1-a2)a1(1-a1)x", "missing weight"), ("2(a2-y)a2(1-a2)w1a1(1-a1)x", "weights of the layer below"), ("2(a2-y)a2(1-a2)w2a1(1-a1)a1", "wrong layer"), ("2(a1-y)a2(1-a2)w2a1(1-a1)x", "wrong quantity"),
            ("2(a2-y)a2(1-a2)w2a1(1-a2)x", "wrong quantity"), ("2(a2-y)a1(1-a1)w2a1(1-a1)x", "slope of the layer below"), ("2(a2-y)a2(1-a1)w2a1(1-a1)x", "wrong quantity"), ("2(a2-y)a2(1-a2)w2a1(1-a1)", "bias for weight gradient"),
            ("2(a2-y)a2(1-a2)w2a1(1+a1)x", "wrong sign"), ("2(a2+y)a2(1-a2)w2a1(1-a1)x", "wrong sign"), ("3(a2-y)a2(1-a2)w2a1(1-a1)x", "wrong number"), ("2(a2-y)a2(1-a2)w2a1(1-a1)/x", "inverted factor"),
            ("(a2-y)^2a2(1-a2)w2a1(1-a1)x", "cost for its slope"), ("2(a2-y)a2w2a1x", "phi for phi'"), ("2(a2-y)+a2(1-a2)w2a1(1-a1)x", "sum for a product"),
        ),
        refused=(("2(a-y)a(1-a)wx", "which layer"), ("2(a_2-y)a_2(1-a_2)w_2a_1(1-a_1)x_0", "x"), ("2(a2 - y", "never closed")),
    ),
    Block(
        "Mazur's output weight", "mazur", "dE/dw5",
        right=(
            "(o1-t1)*o1*(1-o1)*h1", "-(t1-o1)*o1*(1-o1)*h1", "(o1 - y1)*o1*(1 - o1)*h1", "delta_o1*h1", r"\delta_{o1} h_1", "dE/do1 * o1*(1-o1) * h1",
            "dE/dz_o1 * h1", r"\frac{\partial E}{\partial o_1}\frac{\partial o_1}{\partial z_{o1}}h_1", "(a2_1-y1)a2_1(1-a2_1)a1_1", "h_1 o_1(1-o_1)(o_1-t_1)", r"\frac{\partial E}{\partial w_5} = (o_1-t_1)o_1(1-o_1)h_1",
            "dE/dw6*h1/h2", "(o1-t1)*h1/(4*cosh(z_o1/2)^2)",
        ),
        wrong=(
            ("(o1-t2)*o1*(1-o1)*h1", "wrong quantity"), ("(o2-t2)*o2*(1-o2)*h1", "another quantity"), ("(o1-t1)*o1*(1-o1)*h2", "wrong quantity"), ("(t1-o1)*o1*(1-o1)*h1", "sign"), ("(o1-t1)*h1", "missing output slope"), ("(o1-t1)*o1*(1-o1)", "bias for weight gradient"),
            ("(o1-t1)*o1*(1-o1)*w5", "parameter for its input"), ("(o1-t1)*o1*(1-o1)*i1", "wrong quantity"), ("(o1-t1)*o1*(1-o2)*h1", "wrong quantity"), ("(o1-t1)*o2*(1-o1)*h1", "wrong quantity"), ("(o1-t1)*h1*(1-h1)*h1", "slope of the layer below"), ("2*(o1-t1)*o1*(1-o1)*h1", "factor 2"), ("delta_o2*h1", "wrong quantity"), ("dE/do1*h1", "missing output slope"),
            ("(o1-t1)*o1*(1-o1)*h1*h2", "extra factor"), ("(o1-t1)*o1*(1-o1)*h1 + (o2-t2)*o2*(1-o2)*h1", "dot product for the entrywise one"),
        ),
        here=("(o1-0.01)*o1*(1-o1)*h1",),
    ),
    Block(
        "Mazur's hidden weight", "mazur", "dE/dw1",
        right=(
            "(delta_o1*w5 + delta_o2*w7)*h1*(1-h1)*i1", r"(\delta_{o1}w_5+\delta_{o2}w_7)h_1(1-h_1)i_1", "delta_h1*i1", "((o1-t1)*o1*(1-o1)*w5 + (o2-t2)*o2*(1-o2)*w7)*h1*(1-h1)*i1",
            "delta_o1*w5*h1*(1-h1)*i1 + delta_o2*w7*h1*(1-h1)*i1", "dE/dh1*h1*(1-h1)*i1", "dE/dz_h1 i1",
            "(dE/dz_o1*w5+dE/dz_o2*w7)*(h1-h1^2)*i1",
        ),
        wrong=(
            ("dE/dw2*i1/i2", "restated"),
            ("delta_o1*w5*h1*(1-h1)*i1", "first route only"), ("delta_o2*w7*h1*(1-h1)*i1", "only one route"), ("(delta_o1*w5+delta_o2*w6)*h1*(1-h1)*i1", "missing transpose"), ("(delta_o1*w5+delta_o2*w8)*h1*(1-h1)*i1", "wrong quantity"), ("(delta_o1*w5-delta_o2*w7)*h1*(1-h1)*i1", "sign in dC/da2[2]"),
            ("(delta_o1*w5+delta_o2*w7)*i1", "missing hidden slope"), ("(delta_o1*w5+delta_o2*w7)*h1*(1-h1)", "bias for weight gradient"), ("(delta_o1*w5+delta_o2*w7)*h1*(1-h1)*i2", "wrong quantity"), ("(delta_o1*w5+delta_o2*w7)*h1*(1-h2)*i1", "wrong quantity"), ("(delta_o1+delta_o2)*h1*(1-h1)*i1", "missing weight"),
            ("(delta_o1*w5+delta_o2*w7)/2*h1*(1-h1)*i1", "factor 1/2"), ("((o1-t1)*w5+(o2-t2)*w7)*h1*(1-h1)*i1", "missing output slope"), ("((o1-t1)*o1*(1-o1)*w5+(o2-t2)*w7)*h1*(1-h1)*i1", "missing output slope in dC/dz2[2]"), ("((o1-t1)*o1*(1-o1)*w5+(o2-t1)*o2*(1-o2)*w7)*h1*(1-h1)*i1", "wrong quantity"),
            ("((t1-o1)*o1*(1-o1)*w5+(o2-t2)*o2*(1-o2)*w7)*h1*(1-h1)*i1", "sign in dC/da2[1]"), ("((o1-t1)*o1*(1-o1)*w5+(o2-t2)*o2*(1-o1)*w7)*h1*(1-h1)*i1", "wrong quantity"), ("(delta_o1*w1+delta_o2*w2)*h1*(1-h1)*i1", "wrong part"),
        ),
    ),
    Block(
        "2-2-2 by canonical names", "2-2-2", "dC/dw1[2,1]",
        right=(
            "(delta2[1]*w2[1,2] + delta2[2]*w2[2,2])*a1[2]*(1-a1[2])*x[1]", r"\left(\sum_k w^2_{k2}\delta^2_k\right)a^1_2(1-a^1_2)x_1", "delta1_2 x1", r"\delta^{(1)}_2 x_1", r"\delta^1_2\,a^0_1",
            r"\sum_{k=1}^{2}\delta^2_k w^2_{k2}\,\sigma'(z^1_2)\,x_1", "(delta2_1 w2_12 + delta2_2 w2_22) sigma'(z1_2) x1", r"\frac{\partial C}{\partial z^1_2}x_1",
            "dC/da1[2]*a1[2]*(1-a1[2])*x[1]",
        ),
        wrong=(
            (r"\left(\sum_k w^2_{2k}\delta^2_k\right)a^1_2(1-a^1_2)x_1", "missing transpose"), (r"\left(\sum_k w^2_{k1}\delta^2_k\right)a^1_2(1-a^1_2)x_1", "wrong index"), ("delta1_1 x1", "wrong quantity"), ("delta1_2 x2", "wrong quantity"), ("delta1_1 x2", "transposed"), ("delta2_2 x1", "delta of the layer above"),
            (r"\left(\sum_k w^2_{k2}\delta^2_k\right)x_1", "missing hidden slope"), (r"w^2_{22}\delta^2_2\,a^1_2(1-a^1_2)x_1", "only one route"), (r"\left(\sum_k w^2_{k2}\delta^2_k\right)a^1_1(1-a^1_1)x_1", "wrong index"), (r"\left(\sum_k w^2_{k2}(a^2_k-y_k)\right)a^1_2(1-a^1_2)x_1", "missing output slope"), ("(w2_12+w2_22)a1_2(1-a1_2)x1", "wrong part"),
        ),
        refused=(("w_{12}", "which layer"), ("delta1_3 x1", ""), ("delta1_2 x3", ""), ("a1_2(1-a1_2)x_j", "left open")),
    ),
    Block(
        "A step that reads x itself and through another", "direct", "dJ/dx",
        right=(
            r"\frac{\partial J}{\partial w}\left(\frac{\partial w}{\partial v}\frac{\partial v}{\partial u}\frac{\partial u}{\partial x} + \frac{\partial w}{\partial x}\right)",
            "dJ/dw*(dw/dv*dv/du*du/dx + dw/dx)", "dJ/dw*dw/dx", "(y v + 2x)/w", r"\frac1w \frac{d}{dx}(e^{xy}+x^2)",
        ),
        wrong=(
            ("dJ/dw*(dw/dv*dv/du*du/dx - dw/dx)", "sign; only one route"), (r"\frac{d}{dx}\ln(e^{xy}+x^2)", "restated"), (r"\frac{d}{dx} J", "restated"),
            (r"2\frac{d}{dx} (\frac12 \ln(e^{xy}+x^2))", "restated"), (r"\frac{d}{dx}\ln(e^{xy}+x^2) \cdot x/x", "restated"),
        ),
    ),
    Block(
        "A slope at a kink, where it is a convention", "kink", "dC/db1[1]",
        right=("(a-y)*(z>0)", "delta", r"(a-y)\sigma'(z)", "(a-y)*step(z)"),
        here=("0", "(a-y)*(z>0)*2"),
        wrong=(("a-y", "missing output slope"), ("(a-y)*(z>=0)/2", "factor 1/2"), ("(a-y)*(z>=0)*x", "weight for bias gradient")),
        open=("(a-y)*(z>=0)", "(a-y)*(1 if z>=0 else 0)", "-1", "-1/2"),
    ),
    Block(
        "An error at a kink", "kink", "dC/dz1[1]", form="equation",
        right=("dC/dz = (a-y)*(z>0)",), here=("dC/dz = 0",), open=("dC/dz = (a-y)*(z>=0)", "dC/dz = -1"),
    ),
    Block(
        "A value at a kink, which is no convention", "kink", "a1[1]",
        right=("z*(z>=0)", "z*(z>0)", "max(0, z)"), here=("0",), wrong=(("z*(z>0) + 5*(z>=0)*(z<=0)", "counterexample"), ("1", "size")),
    ),
    Block(
        "A comparison beside the right one", "relu", "dC/dw1[1,1]",
        right=("(a-y)*(z>0)*x", "(a-y)*(a>0)*x", "(a-y)*(2*z>0)*x"),
        wrong=(
            ("(a-y)*(z>0.01)*x", "counterexample"), ("(a-y)*(z>1e-6)*x", "counterexample"), ("(a-y)*(z>-1e-60)*x", "counterexample"),
            ("(a-y)*(a>0.001)*x", "counterexample"), ("(a-y)*(z>0)*min(x,1000)", "counterexample"), ("(a-y)*(z>0)*x*((z>1)+(z<=1.001))", "counterexample"),
        ),
    ),
    Block(
        "A margin beside the right one", "hinge", "dC/dw1[1,1]",
        right=("-y*x1*(y*a<1)",), wrong=(("-y*x1*(y*a<0.999)", "counterexample"), ("-y*x1*(y*a<1.001)", "counterexample"), ("-y*x1*(C>0.001)", "counterexample")),
    ),
    Block(
        "A slope of a leaky unit", "leaky", "dC/db1[1]",
        right=("(a-y)*np.where(z>0, 1, 0.1)",), wrong=(("(a-y)*np.where(z>0.01, 1, 0.1)", "counterexample"),),
    ),
    Block(
        "An equation for a derivative over two routes", "direct", "dw/dx", form="equation",
        right=("dw/dx = y*v + 2*x",), wrong=(("dw/dx = 2*x", "only one route"),),
    ),
    Block(
        "A unit without a cost", "nnfs-relu-neuron", "dC/dw1[1,1]",
        right=("(z>0)*x1", "dC/dz*x1", "x_1*(1 if z>0 else 0)", "relu'(z)*x1"), here=("x1", "1"),
        wrong=(("x2", "another quantity"), ("relu(z)*x1", "phi for phi'"), ("(z<0)*x1", "wrong comparison"), ("(z>0)*x2", "wrong index"), ("0", "zero")),
    ),
    Block(
        "Its weight after an update", "nnfs-relu-neuron", "w1[1,1]'",
        right=("w1 - eta*dC/dw1",), here=("w1[1,1] - 0.001*x1", "-3.001"),
        wrong=(("w1 + eta*dC/dw1", "step uphill"), ("w1 - dC/dw1", "rate left out"), ("w1 - eta*dC/dw2", "another quantity"), ("w1 - eta*x2", "another quantity")),
    ),
    Block(
        "An update as an assignment", "mazur", "w5'",
        right=("w5 := w5 - eta*delta_o1*h1", r"w_5 \leftarrow w_5 - \eta \delta_{o1} h_1", "w5 = w5 - eta*delta_o1*h1", r"w_5^{(t+1)} = w_5^{(t)} - \eta \delta_{o1} h_1", "w5_new = w5_old - eta*delta_o1*h1"),
        wrong=(("w5 := w5 + eta*delta_o1*h1", "step uphill"), ("w5", "read one update early")),
        refused=(("w5 -= eta*delta_o1*h1", "in place"),),
    ),
    Block(
        "An equation for a number", "mazur", "dE/dw5", form="equation",
        here=("dE/dw5 = 0.0822", "0.082167 = dE/dw5", "dE/dw5 = (o1-t1)*o1*(1-o1)*h1 = 0.08"),
        wrong=(
            ("dE/dw5 = 0.1", "too few digits to explain"), ("0.08 = dE/dw5", "too few digits"), ("dE/dw5 = 0.0823", "rounded too early"), ("dE/dw5 = -0.0822", "sign"),
            ("dE/dw5 = 0.7", "too few digits to explain"), ("dE/dw5 = 1/12", "size"), ("2*dE/dw5 = 0.164", "another equation"), ("dE/dw5 = [1, 2]", "shape"),
        ),
    ),
    Block(
        "An equation for a whole layer's error", "mazur", "delta1", form="equation",
        right=(r"\delta^1 = (W^2)^T\delta^2 \odot \sigma'(z^1)", r"\delta^1_j = \sum_k w^2_{kj}\delta^2_k a^1_j(1-a^1_j)", r"\delta^1 = \frac{\partial E}{\partial a^1} \odot \sigma'(z^1)", r"\delta^l = (W^{l+1})^T\delta^{l+1} \odot \sigma'(z^l)"),
        wrong=((r"\delta^1_1 = 0.00877135", "one entry"), (r"\delta_{h1} = (\delta_{o1} w_5+\delta_{o2} w_7) h_1(1-h_1)", "one entry"), (r"\delta^1 = \frac{\partial E}{\partial b^1}", "restated"), (r"\delta^1 = dE/dW1 * [1/i1; 0]", "restated")),
    ),
    Block(
        "The cost by its parts", "mazur", "E",
        right=("0.5*(t1-o1)^2+0.5*(t2-o2)^2", r"\frac12\sum_k(t_k-o_k)^2"),
        wrong=((r"\sum_k E_k", "restated"), ("E_{o1}+E_{o2}", "restated")),
    ),
    Block(
        "An equation for a slope of the cost", "chain2", "delta2", form="equation",
        right=(
            "delta2 = 2(a2-y)*sigma'(z2)", "2(a2-y)*a2*(1-a2) = delta2", r"(\delta^2)^T = 2(a2-y)*a2*(1-a2)", "dC/dz2 = 2(a2-y)*a2*(1-a2)", "delta2 = dC/dw2/a1",
            r"\delta^L = 2(a^L-y)\sigma'(z^L)",
        ),
        wrong=(
            ("delta2 = dC/db2", "restated"),
            ("delta1 = delta2*w2*sigma'(z1)", "another equation"), ("delta2 = 1*delta2", "restated"), ("delta2 = delta2 + 0*x", "restated"),
            ("delta2 = delta2*a2/a2", "restated"), ("delta2 = dC/dw2/a1 = delta2", "restated"), ("w2*delta2 = dC/da1", "another equation"),
            ("delta2 = delta2", "restated"), ("delta2 = dC/dz2", "restated"), (r"\delta^l = \frac{\partial C}{\partial z^l}", "restated"), ("dC/dw2 = delta2*a1", "another equation"),
        ),
    ),
    Block(
        "A term that is zero wherever it was tried", "valued", "dJ/dw",
        here=("2(u-y)x + max(0, 2e-3 - (x-70)^2 - (w-3)^2)", "2(u-y)x + max(0, x-50)"),
    ),
    Block(
        "A chain of numbers", "valued", "dJ/dw", form="number",
        right=("2*1*3 = 6", "2*(2*3 - 5)*3 = 2*3 = 6", "1.9*3.2 = 6.0", "60/10 = 6"),
        wrong=(("2*2*3 = 6", "false equality"), ("2+2 = 5 = 6", "false equality"), ("0.5*0.8 = 6.0", "false equality")),
    ),
    Block(
        "One bias for two layers", "shared", "dC/db",
        right=("delta1 + delta2", "delta2 + delta2 w2 sigma'(z1)", "delta2(1 + w2 a1(1-a1))", "(a2-y)a2(1-a2)(1+w2a1(1-a1))"),
        wrong=(("delta2", "last use only"), ("delta1", "first use only"), ("(delta1+delta2)/2", "factor 1/2"), ("delta1*delta2", "product for a sum"), ("delta2(1 + w2 a1)", "phi for phi' in dC/dz1"), ("delta1 - delta2", "sign on the way in dC/db2"), ("delta2(1 + w1 a1(1-a1))", "weights of the layer below")),
    ),
    Block(
        "A maxout unit", "maxout", "dC/da1[1]",
        right=("a-y", "max(z1[1], z1[2]) - y"),
        wrong=(("y-a", "sign"), ("z1[1]-y", "wrong quantity"), ("min(z1[1], z1[2]) - y", "wrong choice"), ("2(a-y)", "factor 2")),
    ),
    Block(
        "A piece of a maxout unit", "maxout", "dC/dw1[1,1]",
        right=("(a-y)*(z1[1]>z1[2])*x", "(a-y)x if z1[1]>z1[2] else 0", "delta1[1]*x"),
        wrong=(("(a-y)*x", "missing output slope"), ("(a-y)*(z1[2]>z1[1])*x", "wrong comparison"), ("(a-y)*(z1[1]>0)*x", "counterexample"), ("(y-a)*(z1[1]>z1[2])*x", "sign"), ("(a-y)*(z1[1]>z1[2])", "bias for weight gradient"), ("delta1[2]*x", "another quantity")),
    ),
)
# fmt: on
