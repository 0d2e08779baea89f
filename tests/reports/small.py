"""Small problems for the command line, and the command line in the tests' own process."""

from __future__ import annotations

from collections.abc import Callable

from tests.commands import Ran

PUBLISHED = '[[published]]\nquantity = "y"\nvalue = '
DOUBLE = '[graph]\nsteps = ["y = 2*x"]\noutput = "y"\n[values]\nx = 3\n'

PROBLEMS = {
    "right": DOUBLE + PUBLISHED + '"6"\n',
    "wrong": DOUBLE + PUBLISHED + '"7"\n',
    "steep": '[graph]\nsteps = ["y = 3*x"]\noutput = "y"\n[values]\nx = 3\n',
    "kink": '[graph]\nsteps = ["y = relu(x)"]\noutput = "y"\n[values]\nx = 0\n',
    "free": '[graph]\nsteps = ["y = x^2"]\noutput = "y"\n' + PUBLISHED + '"1.25"\n',
    "broken": '[graph]\nsteps = ["y = x +"]\noutput = "y"\n',
    "neuron": """
[network]
inputs = 2
cost   = "half_squared_error"
[[network.layers]]
units      = 1
activation = "identity"
weights    = [[0.5, 0.25]]
biases     = [0.125]
[data]
x = [[1, 2]]
y = [[3]]
""",
}
"""Small problems by what is to be said of them; the neuron's a is 1.125, so its delta is -1.875."""

Run = Callable[..., Ran]
