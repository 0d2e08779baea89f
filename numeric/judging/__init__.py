"""Judging other people's numbers: a gradient, a printed figure, and the slip that makes a wrong one."""
