"""Fits for dbt's Python models, and what reads the marts: publishing, the API, the command."""
