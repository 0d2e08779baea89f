"""Sections that only some networks have."""
