"""Look at a file before any build, and write the var that maps it."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from patronage.checking.columns import NEEDED, Guess, guess_columns, guess_grain
from patronage.checking.files import look_at
from patronage.checking.trial import try_reading


def check_file(path: Path, project: Path) -> Iterator[str]:
    """Say what a file holds, which column is which and why, and what could not be read.

    Parameters
    ----------
    path
        The file: text or Parquet.
    project
        The folder of the dbt project that would build from it.

    Returns
    -------
    Lines to print; the last are the var to paste.

    Raises
    ------
    RefusalError
        If the file cannot be read, in one sentence.
    """
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("create schema raw")
        look = look_at(connection, path, Path(folder))
        yield f"{path}: {'; '.join(look.words)}."
        grain, reason = guess_grain(look.columns)
        guesses = guess_columns(look.columns, grain)
        yield f"A row is taken for one of {grain}: {reason}."
        for column, guess in guesses.items():
            yield f"  {column}: {guess.header} ({guess.reason})"
        used = {guess.header for guess in guesses.values()}
        if rest := [column.header for column in look.columns if column.header not in used]:
            yield f"  not used: {', '.join(rest)}"
        missing = missing_columns(grain, guesses)
        variables = var_of(path, grain, guesses)
        if missing:
            yield f"Not found: {', '.join(missing)}; name them in the var below."
        elif (project / "dbt_project.yml").is_file():
            yield from try_reading(variables, project, Path(folder))
        yield from write_var(variables, missing)


def missing_columns(grain: str, guesses: dict[str, Guess]) -> list[str]:
    """List the columns that a shop needs and that were not found."""
    missing = [column for column in NEEDED[grain] if column not in guesses]
    if grain == "order_lines" and not {"unit_price", "amount"} & guesses.keys():
        missing.append("unit_price")
    return missing


def var_of(path: Path, grain: str, guesses: dict[str, Guess]) -> dict[str, Any]:
    """Make the var ``shops`` of a file, which gives the shop its name."""
    name = re.sub(r"[^a-z0-9]+", "_", path.name.split(".")[0].lower()).strip("_")
    shop = name if name[:1].isalpha() else f"shop_{name}".rstrip("_")
    columns = {column: guess.header for column, guess in guesses.items()}
    return {"shops": {shop: {"grain": grain, "files": str(path), "columns": columns}}}


def write_var(variables: dict[str, Any], missing: list[str]) -> Iterator[str]:
    """Write the var as YAML, line by line."""
    (shop, entry), *_ = variables["shops"].items()
    yield "shops:"
    yield f"  {shop}:"
    yield f"    grain: {entry['grain']}"
    yield f"    files: {quoted(entry['files'])}"
    yield "    columns:"
    for column, header in entry["columns"].items():
        yield f"      {column}: {quoted(header)}"
    for column in missing:
        yield f'      {column}: ""  # which one is it?'


def quoted(text: str) -> str:
    """Write a text as YAML, on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
