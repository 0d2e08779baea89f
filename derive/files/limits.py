"""How large a network may be: as large as all three witnesses can answer for within about a minute.

    weights       every one is a quantity with a name, and has a row of its own
    terms         of the sums of one sample's forward pass, times the samples: W a + b, phi(z), C
    moved values  a finite difference moves one parameter, and with it every later activation; under
                  an output formula the whole network

A network comes as its sizes, n[0], n[1], ..., n[L], and its widths, the rows of W[1], ..., W[L] behind
n[0]: n[l], or p n[l] under an activation of p pieces.

A network whose parameters have one use each, under a cost, is worked in whole layers; others entry by
entry. Measured on one busy core: 784-30-10 with 32 samples takes 3 to 5 seconds in layers, and its page
15; entry by entry a hundred thousand terms take 15 to 45, and twenty million moved values 45 to 90.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.files.mistakes import Mistakes, counted

MOST_WEIGHTS = 40_000
MOST_TERMS, MOST_MOVED = 100_000, 20_000_000
"""Entry by entry."""

MOST_IN_LAYERS = 8
"""So many times as much is possible in whole layers."""


def has_too_many_weights(sizes: Sequence[int], widths: Sequence[int], mistakes: Mistakes) -> bool:
    """Whether a network is too large by itself, which is then said."""
    count = weights_in(sizes, widths)
    if count > MOST_WEIGHTS:
        found = f"{count:,} weights in a network of {_shape(sizes)} units, inputs first"
        allowed = f"at most {MOST_WEIGHTS:,}: each is derived, and has a row of its own"
        mistakes.add("network.layers", found, allowed, "take fewer units or inputs, such as 784-30-10")
    return count > MOST_WEIGHTS


def check_samples(
    sizes: Sequence[int], widths: Sequence[int], samples: int, mistakes: Mistakes, *, in_layers: bool
) -> None:
    """A network can pass only so many samples and test inputs."""
    terms = MOST_TERMS * (MOST_IN_LAYERS if in_layers else 1)
    most = max(1, terms // (weights_in(sizes, widths) + 3 * sum(widths[1:])))
    if samples > most:
        found = f"{counted(samples, 'sample')}, test inputs included"
        allowed = f"at most {most:,} for a network of {_shape(sizes)} units"
        mistakes.add("data", found, allowed, "take a part of them, or fewer units")


def check_differences(
    sizes: Sequence[int],
    widths: Sequence[int],
    samples: int,
    mistakes: Mistakes,
    *,
    everywhere: bool,
    in_layers: bool,
) -> None:
    """Finite differences move every parameter, in each sample, and can move only so much.

    W[l], b[l] : n[l] (n[l-1] + 1) parameters, each of which moves n[l] + ... + n[L] weighted inputs,
    or p times as many of either

    everywhere  an output formula may read any quantity, so each parameter moves the whole network
    in_layers   whether the network is worked in whole layers
    """
    most = MOST_MOVED * (MOST_IN_LAYERS if in_layers else 1)
    parameters = [width * (inputs + 1) for inputs, width in zip(sizes, widths[1:], strict=False)]
    if everywhere:
        moved = sum(parameters) * (sum(parameters) + samples * sum(widths[1:]))
    else:
        moved = samples * sum(count * sum(widths[l:]) for l, count in enumerate(parameters, 1))
    if moved > most:
        found = (
            f"too large to verify: to move each of {sum(parameters):,} weights and biases a little,"
            f" {moved:,} activations must be computed"
        )
        allowed = f"at most {most:,}, with {counted(samples, 'sample')} through {_shape(sizes)} units"
        mistakes.add("network.layers", found, allowed, "take fewer units, layers or samples")


def weights_in(sizes: Sequence[int], widths: Sequence[int]) -> int:
    """How many weights a network has."""
    return sum(inputs * width for inputs, width in zip(sizes, widths[1:], strict=False))


def _shape(sizes: Sequence[int]) -> str:
    return "-".join(map(str, sizes))
