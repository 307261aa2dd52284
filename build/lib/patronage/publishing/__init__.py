"""Publish a finished build: to files, to databases, to object storage."""
