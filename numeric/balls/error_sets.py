"""What is left of an error after many linear maps, in coordinates that turn with it.

    e[n+1] = J[n] e[n] + r[n],       |r[n]| <= rounding
    e[n]   = Q z[n],                 |z[n]| <= extent

Bounds of the coordinates of e itself would grow by all that each map merely
turns ("wrapping"). So the maps of a block are multiplied first, and after each
block Q is made anew: the orthogonal factor of what they did to the longest
edges of the old set. The errors of that arithmetic are bounded by norms and
added to the extent.

Source: Lohner (1987), Enclosing the solutions of ordinary initial and boundary value problems, sec. 3;
Neumaier (1993), The wrapping effect, ellipsoid arithmetic, stability and confidence regions;
Nedialkov, Jackson and Corliss (1999), Validated solutions of initial value problems, sec. 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numeric.balls.float_balls import SMALLEST, UNIT, UP, Floats, LimitError

FAR = 2.0**900
"""Errors that floats will not hold much longer."""


@dataclass(frozen=True, eq=False)
class ErrorSet:
    """All e = axes z with |z| <= extent, entry by entry.

    axes : (D, D)    extent : (D,)
    """

    axes: Floats
    extent: Floats

    @property
    def reach(self) -> Floats:
        """What the entries of an error are not larger than."""
        bound: Floats = (np.abs(self.axes) @ self.extent + SMALLEST) * UP
        return bound

    def scaled(self, factor: Floats) -> ErrorSet:
        """Each entry of the errors times a power of two."""
        return ErrorSet(factor[:, np.newaxis] * self.axes, self.extent)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The maps J[n] of B blocks, K in each, as floats within a bound, and what is added after each map.

    maps      J[n], about                                                    (B, K, D, D)
    error     what the entries of a row are off by at most                   (B, K, D)
    rounding  what the added vectors are not larger than                     (B, K, D)
    """

    maps: Floats
    error: Floats
    rounding: Floats


def propagated(errors: ErrorSet, blocks: Blocks) -> tuple[ErrorSet, Floats]:
    """The errors after all maps, and what they are not larger than after each: (B K, D).

    From where they are FAR on, nothing is said.
    """
    count, length, size, _ = blocks.maps.shape
    reaches = np.full((count, length, size), np.inf)
    with np.errstate(under="ignore"):  # SMALLEST is far more than all that is lost so
        products, off, added = _products(blocks)
        for block in range(count):
            turned = products[block] @ errors.axes
            spoiled = _spoiled(products[block], off[block], errors)
            reaches[block] = (np.abs(turned) @ errors.extent + spoiled + added[block]) * UP
            if reaches[block].max() > FAR:
                break
            errors = _renewed(turned[-1], (spoiled[-1] + added[block, -1]) * UP, errors.extent)
    return errors, reaches.reshape(count * length, size)


def _products(blocks: Blocks) -> tuple[Floats, Floats, Floats]:
    """J[k] ... J[0] of each block for every k, the norm of what each is off by, and what is added by then.

    The norm is the largest sum of a row.
    """
    count, length, size, _ = blocks.maps.shape
    gamma = (size + 2) * UNIT
    products = np.empty_like(blocks.maps)
    off, added = np.zeros((count, length)), np.zeros((count, length, size))
    product, product_off = np.broadcast_to(np.eye(size), (count, size, size)), np.zeros(count)
    gathered = np.zeros((count, size))
    for k in range(length):
        each, error = blocks.maps[:, k], blocks.error[:, k]
        steep = np.abs(each)
        norm, own = steep.sum(axis=2).max(axis=1), size * error.max(axis=1)
        before = np.abs(product).sum(axis=2).max(axis=1)
        product_off = ((norm + own) * product_off + (own + gamma * norm) * before + SMALLEST) * UP
        product = each @ product
        gathered = _mapped(steep, error, gathered) + blocks.rounding[:, k]
        products[:, k], off[:, k], added[:, k] = product, product_off, gathered
    return products, off, added


def _mapped(steep: Floats, error: Floats, vectors: Floats) -> Floats:
    """|J| v for each block, at most."""
    straight = (steep @ vectors[:, :, np.newaxis])[:, :, 0]
    bound: Floats = (straight + error * vectors.sum(axis=1, keepdims=True) + SMALLEST) * UP
    return bound


def _spoiled(products: Floats, off: Floats, errors: ErrorSet) -> Floats:
    """What rounding may hide of each product times the errors: (K, D)."""
    size = len(errors.extent)
    reach = errors.reach
    rounded = (size + 2) * UNIT * (np.abs(products) @ reach)
    bound: Floats = (rounded + off[:, np.newaxis] * reach.max() + SMALLEST) * UP
    return bound


def _renewed(turned: Floats, spoiled: Floats, extent: Floats) -> ErrorSet:
    """A set that holds turned z + s for all |z| <= extent and |s| <= spoiled.

    With Q orthogonal but for rounding, Q^-1 = Q.T + G, where G = (I - Q.T Q) Q^-1.
    """
    size = len(extent)
    gamma = (size + 2) * UNIT
    lengths = np.linalg.norm(turned, axis=0) * extent
    axes = np.linalg.qr(turned[:, np.argsort(-lengths)])[0]
    across = np.abs(axes.T)
    skew = np.abs(np.eye(size) - axes.T @ axes) + gamma * (across @ across.T)
    lopsided = skew.sum(axis=1).max() * UP
    width = across.sum(axis=1).max() * UP
    if not lopsided < 0.5:
        raise LimitError("axes that are not orthogonal")
    inverse_off = lopsided * width / (1 - lopsided) * UP
    moved = np.abs(turned) @ extent * UP
    new = np.abs(axes.T @ turned) @ extent + gamma * (across @ moved) + across @ spoiled
    return ErrorSet(axes, (new + inverse_off * (moved + spoiled).max() + SMALLEST) * UP)
