"""A library that differentiates by itself, as a table of what it calls each operation.

One row for each library; a table is imported when its library is asked for, and so is the library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command line reads this module before it needs numbers
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Tensor = Any
"""A library's own array of float64."""

Operation = Callable[..., Tensor]

TABLES: Mapping[str, str] = MappingProxyType(
    {"torch": "numeric.outside.with_torch", "jax": "numeric.outside.with_jax"}
)
"""Where the table of each library stands, by the name that it is installed and imported by."""


class MissingLibraryError(ImportError):
    """A library that was asked for is not installed; the message says how to install it."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """What is needed of a library, in its own words.

    array        its array of these floats
    jacobian     (f, values): the derivatives of a vector f(values) : (m,) by each value : (m, *its shape)
    slope        the derivative of an entrywise function, as a function again
    activations  of z : (samples, weighted inputs) and the rule's parameters
    costs        of a, y : (samples, outputs) and the rule's parameters, each a sum over all of them
    entrywise    the operations of `derive.formula.nodes.OPERATIONS`
    along        those that run along an axis, or over several: of x and `axis`, some of `keepdims` too
    joined       several arrays, one after another along `axis`
    """

    name: str
    version: str
    array: Callable[[Any], Tensor]
    jacobian: Callable[[Callable[[Mapping[str, Tensor]], Tensor], Mapping[str, Floats]], Mapping[str, Floats]]
    slope: Callable[[Operation], Operation]
    activations: Mapping[str, Operation]
    costs: Mapping[str, Operation]
    entrywise: Mapping[str, Operation]
    along: Mapping[str, Operation]
    joined: Operation


def library(name: str) -> Library:
    """The table of a library. Raises MissingLibraryError where it is not installed."""
    require(name)
    table = import_module(TABLES[name]).LIBRARY
    assert isinstance(table, Library), "a table module holds LIBRARY"
    return table


def require(name: str) -> None:
    """Raise MissingLibraryError where a library is not installed."""
    if find_spec(name) is None:
        raise MissingLibraryError(
            f"the witness {name} is not installed\n    fix: pip install 'backproof[{name}]'", name=name
        )
