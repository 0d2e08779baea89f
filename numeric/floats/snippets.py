"""The stable forms as NumPy code, to be copied: what `rules` computes, without its claims.

Activations are given z : (units,) and leave a and slope, costs are given a and
y : (outputs,) and leave cost and slope, both (outputs,). Parameters stand first,
with their usual values. A test runs every one and holds it against proven
enclosures.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SIGMOID_OF_U = """\
# never overflows: u has its sign taken off
q = np.exp(-np.abs(u))
s = np.where(u > 0, 1, q) / (1 + q)
# 1 - s, without subtracting
t = np.where(u > 0, q, 1) / (1 + q)
"""

_EXPONENTIAL_UNIT = """\
left = np.minimum(z, 0)
# e^z - 1, without subtracting
a = scale * np.where(z > 0, z, alpha * np.expm1(left))
slope = scale * np.where(z > 0, 1, alpha * np.exp(left))
"""

_GAPS_OF_Z = """\
gap = z - z.max()
tail = np.log1p(np.exp(np.delete(gap, z.argmax())).sum())
"""

SNIPPETS: Mapping[str, str] = MappingProxyType(
    {
        "sigmoid": """\
# never overflows: z has its sign taken off
q = np.exp(-np.abs(z))
a = np.where(z > 0, 1, q) / (1 + q)
slope = q / (1 + q) ** 2
""",
        "tanh": """\
q = np.exp(-2 * np.abs(z))
a = np.tanh(z)
slope = 4 * q / (1 + q) ** 2
""",
        "elu": "alpha, scale = 1.0, 1.0\n" + _EXPONENTIAL_UNIT,
        "selu": "alpha = 1.6732632423543772\nscale = 1.0507009873554805\n" + _EXPONENTIAL_UNIT,
        "softplus": """\
beta = 1.0
q = np.exp(-np.abs(beta * z))
a = (np.maximum(beta * z, 0) + np.log1p(q)) / beta
slope = np.where(z > 0, 1, q) / (1 + q)
""",
        "silu": "beta = 1.0\nu = beta * z\n"
        + _SIGMOID_OF_U
        + """\
a = z * s
slope = s * (1 + u * t)
""",
        "gelu": """\
import math
# or scipy.special.erfc
erfc = np.vectorize(math.erfc)
# 1 + erf would round to 0 on the left
normal = erfc(-z / math.sqrt(2)) / 2
a = z * normal
density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
slope = normal + z * density
""",
        "gelu_tanh": "c = 2 * np.sqrt(2 / np.pi)\nu = c * z * (1 + 0.044715 * z * z)\n"
        + _SIGMOID_OF_U
        + """\
# (1 + tanh(u/2)) / 2 = s
a = z * s
slope = s * (1 + c * z * (1 + 3 * 0.044715 * z * z) * t)
""",
        "softmax": """\
# moved, so that the largest power is 1
e = np.exp(z - z.max())
a = e / e.sum()
# 1 - a, without subtracting
others = a @ (1 - np.eye(a.size))
# of each unit by its own z
slope = a * others
""",
        "log_softmax": _GAPS_OF_Z
        + """\
a = gap - tail
# of each unit by its own z
slope = np.exp(a) @ (1 - np.eye(a.size))
""",
        "binary_cross_entropy": """\
cost = -y * np.log(a) - (1 - y) * np.log1p(-a)
# a - y once, where they are near
slope = (a - y) / (a * (1 - a))
""",
        "binary_cross_entropy_on_logits": "u = a\n"
        + _SIGMOID_OF_U
        + """\
rest = np.log1p(q)
on, off = np.maximum(-a, 0) + rest, np.maximum(a, 0) + rest
cost = y * on + (1 - y) * off
slope = (1 - y) * s - y * t
""",
        "cross_entropy_on_logits": "z = a\n"
        + _GAPS_OF_Z
        + """\
cost = y * (tail - gap)
p = np.exp(gap - tail)
others = 1 - np.eye(p.size)
# p - y, where the targets add up to 1
slope = p * (y @ others) - y * (p @ others)
""",
        "kullback_leibler": """\
# 0 ln 0 = 0
some = np.where(y > 0, y, a)
near = np.abs(some - a) < a / 2
ratio = np.where(near, a, some) / a
gap = np.where(near, some - a, 0) / a
cost = y * np.where(near, np.log1p(gap), np.log(ratio))
slope = -y / a
""",
        "poisson": """\
cost = a - y * np.log(a)
slope = (a - y) / a
""",
    }
)
