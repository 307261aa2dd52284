"""Publish the marts of a finished build: one DuckDB file and one Parquet file per mart, at once.

Readers open the published file only. It is written beside its place and put there by one rename, so
that a reader sees one build or the next, whole, and neither waits for the other.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from patronage.published import (
    FORMAT_VERSION,
    PublishError,
    first_line,
    list_marts,
    seal,
    sql_text,
)


def last_build(connection: duckdb.DuckDBPyConnection) -> tuple[str, datetime]:
    """Find the build that the marts of an attached warehouse are of.

    Parameters
    ----------
    connection
        To the warehouse, attached as ``warehouse``.

    Returns
    -------
    Id and start (UTC) of the last build.

    Raises
    ------
    PublishError
        There is no build; or one did not succeed since everything was last built with success.
    """
    try:
        builds = connection.execute(
            "select build_id, started_at, status, is_whole from warehouse.raw.builds"
            " order by started_at desc, build_id"
        ).fetchall()
    except duckdb.CatalogException:
        builds = []
    for build_id, started_at, status, is_whole in builds:
        if status != "success":
            raise PublishError(
                f"build {build_id} of {started_at:%Y-%m-%d %H:%M} UTC is {status}; only"
                " a build of all without an error or a failed test is published: run dbt build"
            )
        if is_whole:
            return str(builds[0][0]), builds[0][1]
    raise PublishError("the warehouse holds no build of everything; run dbt build first")


@contextmanager
def attached_warehouse(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach a warehouse as ``warehouse``, for reading only.

    Parameters
    ----------
    warehouse
        The file that dbt writes.

    Yields
    ------
    The connection.

    Raises
    ------
    PublishError
        The file is missing, is no warehouse, or is being written.
    """
    if not warehouse.is_file():
        raise PublishError(
            f"there is no warehouse {warehouse}; run dbt build, or name another file"
        )
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql_text(str(warehouse))} as warehouse (read_only)")
        except duckdb.Error as error:
            raise PublishError(
                f"the warehouse {warehouse} cannot be opened: {first_line(error)}"
            ) from error
        yield connection


EXTRACTS = """
select
    shop,
    extract as raw_table,
    bool_or(is_demo) as is_demo,
    count(file) as files,
    cast(sum(records) as bigint) as records,
    cast(sum(rejected_records) as bigint) as rejected_records,
    max(previous_records) as previous_records,
    string_agg(distinct encoding, ', ' order by encoding) as encodings,
    max(date_order) as date_order,
    max(decimal_sign) as decimal_sign,
    max(time_zone) as time_zone,
    min(warning) as warning,
    max(landed_at) as landed_at
from warehouse.raw.extracts
group by shop, extract
order by shop, extract
"""
"""What came in, one row per raw table: DEMO DATA or not, records, and how they were read."""


def copy_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the functions of the warehouse's marts in the published file."""
    functions = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where database_name = 'warehouse' and schema_name = 'marts' and function_type = 'macro'"
        " order by function_name"
    ).fetchall()
    for name, parameters, definition in functions:
        connection.execute(
            f"create macro published.marts.{name}({', '.join(parameters)}) as ({definition})"
        )


def write_database(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Write the marts, the functions and what is known of the build to a new file.

    Parameters
    ----------
    connection
        To the warehouse, attached as ``warehouse``.
    path
        Where to write; there is nothing yet.

    Returns
    -------
    Id of the build.
    """
    build_id, built_at = last_build(connection)
    connection.execute(f"attach {sql_text(str(path))} as published")
    connection.execute("begin")
    connection.execute("create schema published.marts")
    for mart in list_marts(connection, "warehouse"):
        connection.execute(
            f'create table published.marts."{mart}" as from warehouse.marts."{mart}"'
        )
    copy_functions(connection)
    connection.execute(f"create table published.marts.extracts as {EXTRACTS}")
    connection.execute(
        "create table published.marts.mart_keys as"
        " select mart, place, column_name from warehouse.raw.mart_keys order by mart, place"
    )
    connection.execute(
        "create table published.marts.build as select ? as build_id, ?::timestamp as built_at,"
        " ?::timestamp as published_at, ? as patronage_version, ?::integer as format_version",
        [
            build_id,
            built_at,
            datetime.now(UTC).replace(tzinfo=None),
            version("patronage"),
            FORMAT_VERSION,
        ],
    )
    connection.execute("commit")
    connection.execute("checkpoint published")
    return build_id


def copy_to_parquet(connection: duckdb.DuckDBPyConnection, mart: str, target: str) -> None:
    """Write a published table to a Parquet file, here or in object storage."""
    connection.execute(
        f'copy (from published.marts."{mart}") to {sql_text(target)}'
        " (format parquet, compression zstd)"
    )


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    """Write each published table to ``<folder>/<table>.parquet``."""
    for mart in list_marts(connection, "published"):
        copy_to_parquet(connection, mart, f"{folder}/{mart}.parquet")


def replace_folder(link: Path, new: Path) -> None:
    """Point a symbolic link to a new folder, at once; remove the folders before the last one.

    Parameters
    ----------
    link
        The link; a reader that goes through it finds all files of one build.
    new
        A folder beside it.
    """
    if link.is_dir() and not link.is_symlink():
        raise PublishError(f"{link} is a folder of something else; move it, or publish elsewhere")
    last = link.resolve() if link.is_symlink() else None
    pointer = link.with_name(f".{link.name}-link-{os.getpid()}")
    pointer.symlink_to(new.name)
    pointer.replace(link)
    for folder in link.parent.glob(f".{link.name}-*"):
        if (
            folder.is_dir()
            and not folder.is_symlink()
            and folder.resolve() not in (new.resolve(), last)
        ):
            shutil.rmtree(folder, ignore_errors=True)


def publish(warehouse: Path, published: Path) -> str:
    """Publish the marts of a warehouse.

    Parameters
    ----------
    warehouse
        The file that dbt writes.
    published
        The file that readers open; the Parquet files are written to the folder of the same name
        without its suffix.

    Returns
    -------
    Id of the published build.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; what was published before is still there.
    """
    if published.resolve() == warehouse.resolve():
        raise PublishError(f"{published} is the warehouse itself; publish to another file")
    folder = published.with_suffix("")
    new_file = published.with_name(f".{published.name}-{os.getpid()}")
    new_folder = folder.with_name(f".{folder.name}-{os.getpid()}-{datetime.now(UTC):%H%M%S%f}")
    try:
        new_folder.mkdir(parents=True)
        new_file.unlink(missing_ok=True)
        with attached_warehouse(warehouse) as connection:
            build_id = write_database(connection, new_file)
            write_parquet(connection, str(new_folder))
        seal(new_file)
        with new_file.open("rb+") as file:
            os.fsync(file.fileno())
        replace_folder(folder, new_folder)
        new_file.replace(published)
    except (OSError, duckdb.Error) as error:
        shutil.rmtree(new_folder, ignore_errors=True)
        raise PublishError(
            f"{published} could not be written, and is as it was before: {first_line(error)}"
        ) from error
    except PublishError:
        shutil.rmtree(new_folder, ignore_errors=True)
        raise
    finally:
        new_file.unlink(missing_ok=True)
        new_file.with_name(new_file.name + ".wal").unlink(missing_ok=True)
    return build_id
