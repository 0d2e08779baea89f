"""Deciding whether two formulas are the same: in prime fields first, in balls where those do not reach."""
