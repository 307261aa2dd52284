"""Publish the marts of a finished build: a DuckDB file, Parquet files and a site, at once.

Readers open the published file only. A build is written beside it and put into use by one rename
(``patronage.publishing.place``), so that a reader sees one build or the next, whole, and neither
waits for the other.
"""

from collections.abc import Callable, Iterator
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
from patronage.publishing.place import (
    Place,
    check_place,
    drop_build,
    keep,
    locked,
    start_build,
    use_build,
)
from patronage.publishing.schemas import Schemas, find_schemas


def last_build(connection: duckdb.DuckDBPyConnection, schemas: Schemas) -> tuple[str, datetime]:
    """Find the build that the marts of an attached warehouse are of.

    Parameters
    ----------
    connection
        To the warehouse, attached as ``warehouse``.
    schemas
        Its schemas.

    Returns
    -------
    Id and start (UTC) of the last build.

    Raises
    ------
    PublishError
        There is no build; or one did not succeed since everything was last built with success.
    """
    builds = connection.execute(
        "select build_id, started_at,"  # noqa: S608 - a schema that find_schemas has found
        " coalesce(max(status) filter (status <> 'unfinished'), 'unfinished'), is_whole"
        f' from warehouse."{schemas.raw}".builds group by build_id, started_at, is_whole'
        " order by started_at desc, build_id"
    ).fetchall()
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
from warehouse."{raw}".extracts
group by shop, extract
order by shop, extract
"""
"""What came in, one row per raw table: DEMO DATA or not, records, and how they were read."""


ROWS_READ_AT_ONCE = 16_384
"""Rows of a table that DuckDB reads or skips together, by their least and greatest values."""

STORAGE_VERSION = "v1.0.0"
"""Which DuckDB a published file is readable from, whichever writes it."""


def copy_marts(connection: duckdb.DuckDBPyConnection, schemas: Schemas) -> None:
    """Copy the marts to the published file, each in the order of its key.

    Who looks for one of a million customers then reads some thousand rows. A table without a key is
    a mart, too, in the schema ``marts``; in the schema of another project it is that project's own.
    """
    keys = dict(
        connection.execute(
            "select mart,"  # noqa: S608 - as above
            " string_agg('\"' || column_name || '\"', ', ' order by place)"
            f' from warehouse."{schemas.raw}".mart_keys group by mart'
        ).fetchall()
    )
    for mart in list_marts(connection, "warehouse", schemas.marts):
        if mart in keys or schemas.marts == "marts":
            order = keys.get(mart, "all")
            connection.execute(
                f'create table published.marts."{mart}" as'
                f' from warehouse."{schemas.marts}"."{mart}" order by {order}'
            )


COMMENTS = """
select concat('table published.marts."', table_name, '"'), comment
from duckdb_tables()
where
    database_name = 'warehouse' and schema_name = $marts and comment is not null
    and table_name in (select table_name from duckdb_tables() where database_name = 'published')
union all
select concat('column published.marts."', table_name, '"."', column_name, '"'), comment
from duckdb_columns()
where
    database_name = 'warehouse' and schema_name = $marts and comment is not null
    and table_name in (select table_name from duckdb_tables() where database_name = 'published')
"""
"""What the comments of the warehouse's marts and of their columns are on, and what they say."""


def copy_comments(connection: duckdb.DuckDBPyConnection, schemas: Schemas) -> None:
    """Write what dbt says of the marts and their columns to the published file."""
    comments = connection.execute(COMMENTS, {"marts": schemas.marts}).fetchall()
    statements = [
        f"comment on {what} is {sql_text(' '.join(text.split()))}" for what, text in comments
    ]
    connection.execute(";".join(statements))


def copy_functions(connection: duckdb.DuckDBPyConnection, schemas: Schemas) -> None:
    """Create the functions of the warehouse's marts in the published file."""
    functions = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where database_name = 'warehouse' and schema_name = ? and function_type = 'macro'"
        " order by function_name",
        [schemas.marts],
    ).fetchall()
    for name, parameters, definition in functions:
        connection.execute(
            f"create macro published.marts.{name}({', '.join(parameters)}) as ({definition})"
        )


def write_database(connection: duckdb.DuckDBPyConnection, path: Path, schemas: Schemas) -> str:
    """Write the marts, the functions and what is known of the build to a new file.

    Parameters
    ----------
    connection
        To the warehouse, attached as ``warehouse``.
    path
        Where to write; there is nothing yet.
    schemas
        Those of the warehouse; in the file, the marts' is ``marts``.

    Returns
    -------
    Id of the build.
    """
    build_id, built_at = last_build(connection, schemas)
    connection.execute(
        f"attach {sql_text(str(path))} as published"
        f" (row_group_size {ROWS_READ_AT_ONCE}, storage_version '{STORAGE_VERSION}')"
    )
    connection.execute("begin")
    connection.execute("create schema published.marts")
    copy_marts(connection, schemas)
    copy_comments(connection, schemas)
    copy_functions(connection, schemas)
    connection.execute(
        f"create table published.marts.extracts as {EXTRACTS.format(raw=schemas.raw)}"
    )
    connection.execute(
        "create table published.marts.mart_keys as"  # noqa: S608 - as above
        f' select mart, place, column_name from warehouse."{schemas.raw}".mart_keys'
        " order by mart, place"
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


Draw = Callable[[Path, Path], None]
"""Draws the boards of a published file as a site, into a folder that is not there yet."""


@contextmanager
def new_build(published: Path, *, draws_site: bool) -> Iterator[Place]:
    """Write a build and put it into use, or leave everything as it was.

    Parameters
    ----------
    published
        The file that readers open.
    draws_site
        Whether the build will have a site of its own.

    Yields
    ------
    The place, in whose folder ``unfinished`` the build is to be written.

    Raises
    ------
    PublishError
        In one sentence what stands in the way.
    """
    place = Place(published)
    try:
        check_place(place, draws_site=draws_site)
        with locked(place):
            try:
                start_build(place)
                yield place
                use_build(place)
            except BaseException:
                drop_build(place)
                raise
    except (OSError, duckdb.Error) as error:
        raise PublishError(
            f"{published} could not be written, and is as it was before: {first_line(error)}"
        ) from error


def publish(
    warehouse: Path, published: Path, draw: Draw | None = None, schema: str | None = None
) -> str:
    """Publish the marts of a warehouse.

    Parameters
    ----------
    warehouse
        The file that dbt writes.
    published
        The file that readers open; the Parquet files are written to the folder of the same name
        without its suffix.
    draw
        Draws the site that is put beside the file; None = the site of the last build stays.
    schema
        Of the marts in the warehouse; None = it holds those of one target only.

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
    with attached_warehouse(warehouse) as connection:
        schemas = find_schemas(connection, schema)
        last_build(connection, schemas)
    with new_build(published, draws_site=draw is not None) as place:
        file = place.unfinished / published.name
        with attached_warehouse(warehouse) as connection:
            build_id = write_database(connection, file, schemas)
            write_parquet(connection, str(place.unfinished / place.folder.name))
        seal(file)
        if draw is None:
            keep(place, place.site)
        else:
            draw(file, place.unfinished / place.site.name)
    return build_id


def publish_site(published: Path, draw: Draw) -> Path:
    """Draw the site of what is published, and put it beside the file.

    Parameters
    ----------
    published
        The file that readers open.
    draw
        Draws the site.

    Returns
    -------
    The site.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; the site is as it was before.
    """
    place = Place(published)
    if not place.is_ours(place.file):
        raise PublishError(
            f"patronage publish has not put {published} there, so that no site can be put beside"
            " it; name a folder by --to"
        )
    with new_build(published, draws_site=True):
        keep(place, place.file)
        keep(place, place.folder)
        draw(place.unfinished / published.name, place.unfinished / place.site.name)
    return place.site
