"""Formulas on the page: one small tree, and writers that walk it."""
