"""Fits: tables in, small tables of parameters out; pure and typed, no dbt, files or databases."""
