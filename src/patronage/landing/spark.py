"""Raw extracts for Spark: checked and read as for DuckDB, by the process that runs dbt.

What is known of files, and the records of files of text, are kept in a DuckDB file of their own.
Spark reads the records from Parquet that is written beside it, and Parquet and relations where they
are.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from patronage.landing.extracts import land, refuse_foreign_relation
from patronage.landing.locations import find_files
from patronage.landing.quoting import sql_name, sql_text
from patronage.landing.refusals import RefusalError
from patronage.landing.report import Extract, Landed, at_once, kind_of, report
from patronage.landing.typed import find_columns, group_alike, refuse_types

ONE_AT_A_TIME = Lock()
"""dbt's threads bring extracts in at the same time, and the file has one writer."""


def land_request(session: Any, request: str, folder: Path) -> str:
    """Land the extract that a macro asks for.

    Parameters
    ----------
    session
        Spark's session.
    request
        The fields of ``Extract``, as JSON.
    folder
        Where landed records are kept; Spark reads them there, too.

    Returns
    -------
    JSON: ``problem``, a sentence or null, and ``news``, a list of texts.
    """
    extract = Extract(**json.loads(request))
    with open_landing(folder) as connection:
        try:
            is_there = session.catalog.tableExists(f"raw.{extract.name}")
            refuse_foreign_relation(connection, extract, is_there=is_there)
            if extract.is_file:
                news = land(connection, extract, folder / "workshop")
                if news or not is_there:
                    show(session, extract.name, read_files(connection, extract, folder))
            else:
                news = land_relation(session, connection, extract)
        except RefusalError as refusal:
            return json.dumps({"problem": str(refusal), "news": []})
    return json.dumps({"problem": None, "news": news})


def change_extracts(statement: str, folder: Path) -> None:
    """Change ``raw.extracts`` by a statement of DuckDB."""
    with open_landing(folder) as connection:
        connection.execute(statement)


def query_extracts(query: str, folder: Path) -> tuple[list[str], list[tuple[Any, ...]]] | None:
    """Ask ``raw.extracts`` by a query of DuckDB.

    Returns
    -------
    The names of the columns, and the rows; None where there is no such table.
    """
    with open_landing(folder) as connection:
        if not kind_of(connection, "extracts"):
            return None
        found = connection.execute(query)
        return [column[0] for column in found.description or ()], found.fetchall()


@contextmanager
def open_landing(folder: Path) -> Iterator[DuckDBPyConnection]:
    """Open the DuckDB file of what has been landed."""
    folder.mkdir(parents=True, exist_ok=True)
    with ONE_AT_A_TIME, duckdb.connect(str(folder / "landing.duckdb")) as connection:
        connection.execute("create schema if not exists raw")
        yield connection


def show(session: Any, name: str, query: str) -> None:
    """Make ``raw.<name>`` a view of Spark."""
    session.sql(f"create or replace view raw.{name} as {query}")


def write_parquet(connection: DuckDBPyConnection, name: str, folder: Path) -> str:
    """Write a table of the landing for Spark, and return what reads it there.

    Each time under a new name, because a query may be reading the last one; older ones go.
    """
    written = sorted(folder.absolute().glob(f"{name}-*.parquet"))
    for path in written[:-1]:
        path.unlink()
    number = int(written[-1].stem.rpartition("-")[2]) + 1 if written else 1
    path = folder.absolute() / f"{name}-{number:09}.parquet"
    connection.execute(f"copy raw.{sql_name(name)} to {sql_text(str(path))} (format parquet)")
    return f"select * from parquet.`file://{path}`"  # noqa: S608


def read_files(connection: DuckDBPyConnection, extract: Extract, folder: Path) -> str:
    """Write what reads an extract of files on Spark.

    Parameters
    ----------
    connection
        To the landing, which has brought the extract in.
    extract
        The extract.
    folder
        Where landed records are kept.

    Returns
    -------
    A query of Spark.
    """
    if kind_of(connection, extract.name) == "table":
        return write_parquet(connection, extract.name, folder)
    paths = list(find_files(connection, extract.location, folder))
    groups = group_alike(connection, extract, paths)
    return " union all ".join(
        select_columns(
            dict(zip(extract.headers, found, strict=True)),
            "_metadata.file_path",
            "_metadata.row_index + 1",
            f"parquet.`{location_of_all(group)}`",
        )
        for found, group in groups.items()
    )


def location_of_all(paths: Sequence[str]) -> str:
    """Write paths as one that Spark takes; their scheme has to stand before the brackets.

    >>> location_of_all(["s3://lake/lines/1.parquet", "s3://lake/lines/2.parquet"])
    's3a://lake/lines/{1.parquet,2.parquet}'
    """
    locations = [location_of(path) for path in paths]
    if len(locations) == 1:
        return locations[0]
    folder = os.path.commonprefix(locations).rpartition("/")[0]  # noqa: RUF071 - whole folders
    return f"{folder}/{{{','.join(location[len(folder) + 1 :] for location in locations)}}}"


def location_of(path: str) -> str:
    """Write a path as Spark takes it, whatever signs of a glob it holds."""
    url = re.sub("^s3://", "s3a://", path) if "://" in path else f"file://{Path(path).absolute()}"
    return re.sub(r"([\\{}\[\]*?,])", r"\\\1", url)


def select_columns(columns: Mapping[str, str | None], file: str, line: str, source: str) -> str:
    """Write the query of a view that has the columns of a table of text.

    Parameters
    ----------
    columns
        By column, its header in the source, or None where there is none.
    file, line
        What gives a row's file and line.
    source
        A relation of Spark.
    """
    values = [
        f"{'cast(null as string)' if header is None else quoted(header)} as {column}"
        for column, header in columns.items()
    ]
    return ", ".join(
        [
            f"select cast({file} as string) as file, cast({line} as bigint) as line",
            *values,
            "cast(null as string) as rejected_reason",
            f"cast(null as string) as rejected_text from {source}",
        ]
    )


def quoted(name: str) -> str:
    """Write a name as Spark takes it."""
    return "`" + name.replace("`", "``") + "`"


def land_relation(session: Any, connection: DuckDBPyConnection, extract: Extract) -> list[str]:
    """Make ``raw.<name>`` a view of a relation of Spark.

    Parameters
    ----------
    session
        Spark's session.
    connection
        To the landing.
    extract
        The extract.

    Returns
    -------
    What is new, in words.

    Raises
    ------
    RefusalError
        If the relation has no rows, or lacks a column or its type.
    """
    source = session.table(extract.location)
    headers = [field.name for field in source.schema.fields]
    places = find_columns(extract, headers, extract.location)
    refuse_types(extract, headers, types_of(source.schema.fields), places)
    landed = Landed(None, "seed" if extract.is_demo else "relation", row_count=source.count())
    if not extract.is_demo and not landed.row_count:
        raise RefusalError(f"{extract.location} has no rows; at least one is needed.")
    columns = {
        column: None if place is None else headers[place] for column, place in places.items()
    }
    show(session, extract.name, select_columns(columns, "null", "null", extract.location))
    with at_once(connection):
        return report(connection, extract, [landed])


def types_of(fields: Sequence[Any]) -> dict[str, str]:
    """Name the types of Spark's columns as DuckDB names them."""
    names = {"STRING": "VARCHAR"}
    types = {field.name: field.dataType.simpleString().upper() for field in fields}
    return {name: names.get(kind, kind) for name, kind in types.items()}
