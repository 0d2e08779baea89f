"""The stable forms as NumPy code, to be copied: what `rules` computes, without its claims.

Activations are given z : (units,) and leave a and slope, costs are given a and
y : (outputs,) and leave cost and slope. A test runs every one of them and holds
it against proven enclosures.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SNIPPETS: Mapping[str, str] = MappingProxyType(
    {
        "sigmoid": """\
q = np.exp(-np.abs(z))  # never overflows
a = np.where(z > 0, 1, q) / (1 + q)
slope = q / (1 + q) ** 2
""",
        "tanh": """\
q = np.exp(-2 * np.abs(z))
a = np.tanh(z)
slope = 4 * q / (1 + q) ** 2
""",
        "softmax": """\
e = np.exp(z - z.max())  # the largest is 1
a = e / e.sum()
others = a @ (1 - np.eye(a.size))  # 1 - a, without subtracting
slope = a * others  # of each unit by its own z
""",
        "binary_cross_entropy": """\
cost = -y * np.log(a) - (1 - y) * np.log1p(-a)
slope = (1 - y) / (1 - a) - y / a
""",
    }
)
