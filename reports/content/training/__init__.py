"""Sections about training and what it predicts."""
