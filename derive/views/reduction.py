"""From one sample's derivative to that of the whole cost.

dC/dw = sum over i of dC_i/dw      or 1/n of it,      + lambda/n w with an L2 term
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from derive.notation import write
from derive.problem import Graph, Problem
from derive.steps import SQUARED_WEIGHT
from derive.writing.tree import Ident, Num, Tree, plus, product, quotient, summed

OWN = re.compile(r"[xyza]\d*\[\d+\]")
"""A quantity that each sample has of its own; its cost besides, which may be the whole one."""

_IN_ADJOINT = re.compile(r"(?:(?<=d)|^)([xyza]\d*\[\d+\]|C(?:\[\d+\])?)(?![\w@])")


def unsampled(key: str) -> str:
    """A quantity's key without its sample: z2[1] of z2[1]@3."""
    return key.partition("@")[0]


def suffix(key: str) -> str:
    """The sample's mark alone: @3; empty where there is none."""
    return key.removeprefix(unsampled(key))


def of_sample(expr: sp.Expr, sample: str, marked: Collection[str] = ()) -> sp.Expr:
    """The same formula in a sample's own quantities, and in the derivatives of its own cost.

    marked  the costs that are not the whole one; they are marked where quantities are not, too
    """

    if not sample and not marked:
        return expr

    def mark(match: re.Match[str]) -> str:
        return match[1] + (sample or "@1" if match[1] in marked else sample)

    symbols = {symbol: sp.Symbol(_IN_ADJOINT.sub(mark, symbol.name)) for symbol in expr.free_symbols}
    return expr.xreplace({symbol: own for symbol, own in symbols.items() if symbol != own})


@dataclass(frozen=True)
class Reduction:
    """How a derivative of `of` by all of `by`, keys of the whole problem, comes from one sample's."""

    problem: Problem
    of: str
    by: tuple[str, ...]

    @property
    def batched(self) -> bool:
        return len(self.problem.x) > 1

    @cached_property
    def marked(self) -> frozenset[str]:
        """The costs of which one sample's is not the whole one, so that it needs a mark."""
        body = self.problem.body
        if isinstance(body, Graph) or not (self.batched or body.l2):
            return frozenset()
        parts = (f"C[{k}]" for k in range(1, body.sizes[-1] + 1))
        return frozenset(("C", *parts) if self.batched else ("C",))

    @property
    def mark(self) -> str:
        """What one sample's cost is marked with: C@2 if asked for, C@i in a batch, C@1 beside an L2 term."""
        return suffix(self.of) or ("@i" if self.batched else "@1")

    @property
    def each(self) -> str:
        """The sample that is asked for, which its quantities are marked with where there are several."""
        return suffix(self.of) if self.batched else ""

    @property
    def needed(self) -> bool:
        return "@" not in self.of and self.of in self.marked

    @property
    def because(self) -> str:
        return "derivative of a sum" if self.batched else "the cost has an L2 term"

    @cached_property
    def bound(self) -> tuple[str, ...]:
        """The samples that the quantities in `by` belong to; parameters belong to all."""
        if isinstance(self.problem.body, Graph):
            return ()
        return tuple(dict.fromkeys(suffix(key) for key in self.by if key not in self.problem.parameter))

    @property
    def apart(self) -> bool:
        """Whether two belong to different samples, so that neither is computed from the other."""
        whole = self.of.startswith("C") and (not suffix(self.of) or not self.batched)
        known = self.problem.samples if whole else (suffix(self.of),)
        return len(self.bound) > 1 or any(sample not in known for sample in self.bound)

    @property
    def samples(self) -> tuple[str, ...]:
        """The suffixes of the samples whose costs have this derivative."""
        return self.bound or self.problem.samples

    @property
    def _averaged(self) -> bool:
        body = self.problem.body
        return self.batched and not isinstance(body, Graph) and body.reduction == "mean"

    def tree(self, one: Callable[[str], Tree]) -> Tree:
        """(1/n) Σ_i ∂C_i/∂w + (λ/n) w, where `one` writes a sample's term: (1/n) ∂C_3/∂z_3 of one alone."""
        if len(self.samples) > 1:
            total: Tree = summed(one("@i"), Ident("i"))
        else:
            total = one(self.samples[0] or "@1")
        if self._averaged:
            total = product(quotient(Num("1"), Ident("n")), total)
        decay = self._decay_tree()
        return plus(total, decay) if decay else total

    def _decay_tree(self) -> Tree | None:
        """(λ/n) w, of the second derivative λ/n"""
        left = self._decay().free_symbols
        if not left:
            return None
        share = quotient(write(self.problem, "lambda"), write(self.problem, "n"))
        return product(share, write(self.problem, self.by[0])) if sp.Symbol(self.by[0]) in left else share

    def _decay(self) -> sp.Expr:
        """The derivative of the L2 term, which holds each shared weight itself, and not its uses."""
        body, (key, *others) = self.problem.body, self.by
        parameter = self.problem.parameter.get(key)
        held = parameter is not None and parameter.is_weight and key == parameter.key
        if isinstance(body, Graph) or not body.l2 or self.of != "C" or not held or {key, *others} != {key}:
            return sp.S.Zero
        letters = map(sp.Symbol, (key, "lambda", "n"))
        term = SQUARED_WEIGHT.expr.xreplace(dict(zip(SQUARED_WEIGHT.formals, letters, strict=True)))
        return sp.diff(term, sp.Symbol(key), len(self.by))

    def expression(self, one: Callable[[str], sp.Expr]) -> sp.Expr:
        """The same in symbols named by keys, the samples written out."""
        total = sp.Add(*map(one, self.samples))
        return (total / sp.Symbol("n") if self._averaged else total) + self._decay()
