"""What a build would say of a file: dbt reads it into a warehouse that is thrown away."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from patronage.checking.columns import WANTED
from patronage.landing.quoting import sql_name

PROFILE = """
patronage:
  target: trial
  outputs:
    trial:
      type: duckdb
      path: {path}
      threads: 1
      plugins: [{{module: patronage.landing}}]
"""


def try_reading(variables: Mapping[str, Any], project: Path, folder: Path) -> list[str]:
    """Let dbt bring a mapped shop's file in and read it, and say what came of it.

    Parameters
    ----------
    variables
        The var ``shops``, with the shop alone.
    project
        The folder of the dbt project.
    folder
        A folder for the warehouse, which its owner removes.

    Returns
    -------
    Sentences: why the build would stop, or how values are read and which cannot be.
    """
    (shop, entry), *_ = variables["shops"].items()
    warehouse = folder / "trial.duckdb"
    (folder / "profiles.yml").write_text(PROFILE.format(path=json.dumps(str(warehouse))))
    said = run_dbt(
        ["run", "--select", f"stg_mapped__{entry['grain']}", "--profile", "patronage"],
        variables,
        project,
        folder,
    )
    refused = [line for line in said if line.startswith(("var ", "vars "))]
    if refused:
        return [f"A build would stop: {sentence}" for sentence in refused]
    if not any(line.endswith("Completed successfully") for line in said):
        return [f"A build would stop; dbt run --select stg_mapped__{entry['grain']} says why."]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return list(describe_values(connection, shop, entry["grain"], entry["columns"]))


def run_dbt(
    arguments: list[str], variables: Mapping[str, Any], project: Path, folder: Path
) -> list[str]:
    """Run dbt in a process of its own, with files of its own; return the lines that it said."""
    done = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()",
            "--no-use-colors", "--log-level-file", "none", "--no-version-check", *arguments,
            "--project-dir", str(project), "--profiles-dir", str(folder),
            "--target-path", str(folder / "target"), "--vars", json.dumps(variables),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | {"DO_NOT_TRACK": "1"},
    )  # fmt: skip
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def describe_values(
    connection: duckdb.DuckDBPyConnection, shop: str, grain: str, columns: Mapping[str, str]
) -> Iterator[str]:
    """Say how dates and numbers are read, and of each column what is missing or unreadable."""
    (schema,) = connection.execute(
        "select table_schema from information_schema.tables where table_name = ?",
        [f"stg_mapped__{grain}"],
    ).fetchall()[0]
    table = f"{shop}_{grain}"
    styles = connection.execute(
        "select date_order, decimal_sign from raw.extracts where extract = ?", [table]
    ).fetchall()[0]
    for word, style in zip(("Dates", "Numbers"), styles, strict=True):
        if style:
            yield f"{word} are read by {str(style).replace('_', ' ')}."
    for column, header in columns.items():
        is_date = WANTED[grain][column].kind == "dates"
        spread = f", min({column})::varchar, max({column})::varchar" if is_date else ""
        is_unreadable = f"raw_value is not null and {column} is null"
        counts = connection.execute(
            f"""
            select
                count(*),
                count(*) filter (raw_value is null),
                count(*) filter ({is_unreadable}),
                min(line) filter ({is_unreadable}),
                arg_min(raw_value, line) filter ({is_unreadable})
                {spread}
            from (
                select
                    staged.{column},
                    staged.line,
                    nullif(trim(landed.{column}::varchar), '') as raw_value
                from {sql_name(schema)}.stg_mapped__{grain} as staged
                inner join raw.{sql_name(table)} as landed using (file, line)
            )
            """  # noqa: S608
        ).fetchone()
        yield from describe_column(header, counts or ())


def describe_column(header: str, counts: tuple[Any, ...]) -> Iterator[str]:
    """Say in words what was counted of a column, where there is anything to say."""
    rows, empty, unreadable, line, value, *spread = counts
    if spread:
        yield f"{header}: from {spread[0]} to {spread[1]}."
    if empty:
        yield f"{header}: {empty:,} of {rows:,} are empty."
    if unreadable:
        yield f"{header}: {unreadable:,} cannot be read, the first in line {line}: {value}."
