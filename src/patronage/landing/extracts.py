"""Raw extracts into the warehouse: each file read once, each physical record one row."""

import shutil
from pathlib import Path

from duckdb import DuckDBPyConnection

from patronage.landing.excel import as_text
from patronage.landing.files import is_parquet
from patronage.landing.locations import find_files
from patronage.landing.refusals import RefusalError
from patronage.landing.report import Extract, kind_of
from patronage.landing.texts import land_texts
from patronage.landing.typed import land_parquet, land_relation


def land(connection: DuckDBPyConnection, extract: Extract, workshop: Path) -> list[str]:
    """Bring a raw extract into ``raw.<name>``, and write into ``raw.extracts`` how it was read.

    Files of text become rows of a table, each physical record one, with its file and line; files
    that have not changed since they were landed stay. Parquet and relations become a view.

    Parameters
    ----------
    connection
        A connection to the warehouse, without an open transaction.
    extract
        The extract.
    workshop
        A folder for copies, which is made and removed.

    Returns
    -------
    What is new, in words: nothing if nothing has changed.

    Raises
    ------
    RefusalError
        If the extract cannot be read without a decision, in one sentence; the warehouse is as it
        was then.
    """
    is_there = kind_of(connection, extract.name, extract.schema) is not None
    refuse_foreign_relation(connection, extract, is_there=is_there)
    if not extract.is_file:
        return land_relation(connection, extract)
    shutil.rmtree(workshop, ignore_errors=True)
    try:
        workshop.mkdir(parents=True)
        paths = {
            name: as_text(connection, name, path, workshop / f"workbook-{number}.csv")
            for number, (name, path) in enumerate(
                find_files(connection, extract.location, workshop).items()
            )
        }
        parquet = [name for name, path in paths.items() if is_parquet(path)]
        if not parquet:
            return land_texts(connection, extract, paths, workshop)
        if other := next((name for name in paths if name not in parquet), None):
            raise RefusalError(
                f"{parquet[0]} is Parquet and {other} is not; accepted: files of one kind."
            )
        return land_parquet(connection, extract, parquet)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def refuse_foreign_relation(
    connection: DuckDBPyConnection, extract: Extract, *, is_there: bool
) -> None:
    """Never replace a table or view that somebody else has made.

    Parameters
    ----------
    connection
        A connection to where ``raw.extracts`` is.
    extract
        The extract.
    is_there
        Whether there is a relation ``raw.<name>``.

    Raises
    ------
    RefusalError
        If ``raw.<name>`` is there and ``raw.extracts`` does not know it.
    """
    is_ours = connection.execute(
        f"select 1 from {extract.at('extracts')} where extract = ?",  # noqa: S608
        [extract.name],
    ).fetchone()
    table = f"{extract.schema}.{extract.name}"
    if is_there and not is_ours:
        raise RefusalError(
            f"{table} is there and was not made from a raw extract; accepted: another schema or"
            f" name for it, because the raw extract is brought into {table}."
        )
