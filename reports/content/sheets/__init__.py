"""Pages of a rule or an output pair by itself."""
