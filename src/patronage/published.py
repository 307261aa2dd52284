"""The published file: where it is, and how everything that reads it opens it."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import duckdb

FORMAT_VERSION = 1
"""Readers refuse a published file of another version."""

WAREHOUSE = "warehouse/patronage.duckdb"
"""Where dbt writes unless PATRONAGE_DUCKDB_PATH names another file."""


class PublishError(Exception):
    """What stands in the way of publishing or of reading what is published, in one sentence."""


def default_paths(environment: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Name the warehouse and the published file, as the environment or the project has them."""
    warehouse = Path(environment.get("PATRONAGE_DUCKDB_PATH") or WAREHOUSE)
    published = environment.get("PATRONAGE_PUBLISHED_PATH")
    return warehouse, Path(published) if published else warehouse.with_name("published.duckdb")


def sql_text(value: str) -> str:
    """Quote a text for SQL."""
    return "'" + value.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """Cut a message to its first line."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def list_marts(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str = "marts"
) -> list[str]:
    """List the tables of the schema of the marts, in order."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
        " order by table_name",
        [database, schema],
    ).fetchall()
    return [name for (name,) in rows]


def connect_file(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a connection with a file of marts attached as ``published``, for reading only.

    Parameters
    ----------
    path
        A published file, or a warehouse.

    Returns
    -------
    The connection; the caller closes it.

    Raises
    ------
    PublishError
        The file is missing, or DuckDB cannot read it.
    """
    if not path.is_file():
        raise PublishError(f"there is no published file {path}; run patronage publish first")
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {sql_text(str(path))} as published (read_only)")
    except duckdb.Error as error:
        connection.close()
        raise PublishError(f"{path} is not a published file: {first_line(error)}") from error
    return connection


def connect_published(published: Path) -> duckdb.DuckDBPyConnection:
    """Open a connection with a published file attached as ``published``, for reading only.

    Parameters
    ----------
    published
        A file that ``patronage publish`` has written.

    Returns
    -------
    The connection; the caller closes it.

    Raises
    ------
    PublishError
        The file is missing, or is not a published file of this version.
    """
    connection = connect_file(published)
    try:
        row = connection.execute("select format_version from published.marts.build").fetchone()
    except duckdb.Error as error:
        connection.close()
        raise PublishError(f"{published} is not a published file: {first_line(error)}") from error
    if row is None or row[0] != FORMAT_VERSION:
        connection.close()
        found = "none" if row is None else row[0]
        raise PublishError(
            f"{published} has format version {found}; this program reads {FORMAT_VERSION}:"
            " publish again"
        )
    return connection


SEAL = b"\npatronage sha-256 %b\n"
"""What stands behind the last byte of a published file: the digest of all bytes before it."""

SEAL_BYTES = len(SEAL % (b"0" * 64))


def seal(path: Path) -> None:
    """Write the digest of a finished file behind its last byte, where DuckDB does not look.

    Parameters
    ----------
    path
        A DuckDB file that nobody has open.
    """
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0, os.SEEK_END)
        file.write(SEAL % digest.encode())


def copy_published(published: Path, target: BinaryIO) -> None:
    """Copy a published file, and hold that the copy is what ``patronage publish`` wrote.

    Parameters
    ----------
    published
        The published file; somebody may be writing it.
    target
        Where the copy goes.

    Raises
    ------
    PublishError
        The file is missing, is not a whole published file, or there is no room for the copy.
    """
    digest = hashlib.sha256()
    try:
        with published.open("rb") as source:
            left = os.fstat(source.fileno()).st_size - SEAL_BYTES
            while left > 0 and (part := source.read(min(left, 2**20))):
                left -= len(part)
                digest.update(part)
                target.write(part)
            found = source.read(SEAL_BYTES + 1)
        target.flush()
    except FileNotFoundError as error:
        raise PublishError(
            f"there is no published file {published}; run patronage publish first"
        ) from error
    except OSError as error:
        raise PublishError(f"{published} cannot be copied: {error.strerror}") from error
    if found != SEAL % digest.hexdigest().encode():
        raise PublishError(
            f"{published} is not a whole published file: publish again, or copy it again, to a name"
            " beside its place, and rename it"
        )


@contextmanager
def attached_published(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach a published file as ``published`` while the context lasts.

    Parameters and errors are those of ``connect_published``.

    Yields
    ------
    The connection.
    """
    with closing(connect_published(published)) as connection:
        yield connection
