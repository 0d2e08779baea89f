"""Printed equations by number: both sides in balls, against SymPy's derivatives."""
