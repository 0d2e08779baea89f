"""The symbolic witness's numbers: programs of steps in ball arithmetic, proven to any precision."""
