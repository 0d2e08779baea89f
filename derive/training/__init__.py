"""Training rules: each update as a step, as lines, and in one line."""
