"""Outside witnesses: the same gradient by somebody else's automatic differentiation, on request."""
