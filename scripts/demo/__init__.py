"""Generators of the three demo shops."""
