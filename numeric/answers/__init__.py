"""Judging answers: formulas, numbers and chains of equalities, and why a wrong one is wrong."""
