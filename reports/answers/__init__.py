"""Answers at the prompt: reading them from files, judging them, and showing what was found."""
