"""Publish the marts to a database of MySQL or MariaDB, where one statement swaps all tables."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pymysql
from pymysql.constants import ER
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import DropTable, DropView

from patronage.published import PublishError
from patronage.publishing.database_tables import (
    NEW,
    OLD,
    VIEW,
    Mart,
    define_table,
    read_marts,
    refuse_long_keys,
)
from patronage.publishing.databases import (
    BUSY,
    Server,
    create_and_load,
    create_view,
    in_order,
    publish_to_database,
    quoted,
    quoted_columns,
    refuse_foreign_tables,
    retry,
)

SERVER = Server(
    schemes=("mysql", "mariadb"), driver="mysql+pymysql", error=pymysql.MySQLError, options={}
)

BATCH = 5_000
"""Rows that are in memory at once."""


def is_locked(error: OperationalError) -> bool:
    """Whether an error says that somebody else holds a lock."""
    return (
        isinstance(error.orig, pymysql.MySQLError)
        and bool(error.orig.args)
        and error.orig.args[0] in (ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK)
    )


def read_rows(source: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[list[tuple[Any, ...]]]:
    """Read a mart in batches, in the order of its key."""
    rows = source.execute(in_order(mart))
    while batch := rows.fetchmany(BATCH):
        yield batch


def insert_rows(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a table."""
    name, columns = quoted(connection, table), quoted_columns(connection, table)
    values = ", ".join(["%s"] * len(table.columns))
    statement = f"insert into {name} ({columns}) values ({values})"  # noqa: S608 - quoted names
    for batch in read_rows(source, mart):
        connection.exec_driver_sql(statement, batch)


def drop_tables(connection: Connection, tables: list[Table]) -> None:
    """Drop those of some tables that are there."""
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))


def swap_tables(
    connection: Connection, tables: list[Table], new: list[Table], old: list[Table]
) -> None:
    """Put the new tables in the place of those that are read, by one statement."""
    present = inspect(connection).get_table_names()
    renames = []
    for table, loaded, former in zip(tables, new, old, strict=True):
        if table.name in present:
            renames.append((table, former))
        renames.append((loaded, table))
    statement = "rename table " + ", ".join(
        f"{quoted(connection, before)} to {quoted(connection, after)}" for before, after in renames
    )
    retry(lambda: connection.execute(text(statement)), is_locked)


def write_marts(source: duckdb.DuckDBPyConnection, connection: Connection) -> None:
    """Write the marts to a database.

    Parameters
    ----------
    source
        To the published file, attached as ``published``.
    connection
        To the database, in autocommit.
    """
    dialect = connection.dialect
    marts = read_marts(source)
    refuse_long_keys(source, marts)
    if not connection.execute(
        text("select get_lock(concat('patronage.', md5(database())), 0)")
    ).scalar():
        raise PublishError(BUSY)
    refuse_foreign_tables(connection, marts, None)
    tables = [define_table(mart, dialect, None) for mart in marts]
    new = [define_table(mart, dialect, None, NEW) for mart in marts]
    old = [define_table(mart, dialect, None, OLD) for mart in marts]
    view, trial = create_view(tables), create_view(new, NEW)
    connection.execute(text("set session sql_mode = 'STRICT_ALL_TABLES'"))
    # 0 = do not wait; the least that MySQL knows is a second
    seconds = 0 if getattr(dialect, "is_mariadb", False) else 1
    drop_tables(connection, new + old)  # of a run that was killed
    try:
        for mart, table in zip(marts, new, strict=True):
            create_and_load(
                connection, table, partial(insert_rows, source, mart, connection, table)
            )
        connection.execute(trial)  # who may make this view may make the other
        connection.execute(DropView(trial.table))
        connection.execute(text(f"set session lock_wait_timeout = {seconds}"))
        swap_tables(connection, tables, new, old)
        try:
            retry(lambda: connection.execute(view), is_locked)
        except (*SERVER.errors, PublishError) as error:
            raise PublishError(
                f"the marts are published, but not the view {VIEW}: {SERVER.one_sentence(error)}"
            ) from error
    finally:
        with suppress(*SERVER.errors):  # what cannot be dropped now is dropped at the next start
            connection.execute(DropView(trial.table, if_exists=True))
            drop_tables(connection, new + old)


def publish_to_mysql(published: Path, address: str, password_file: Path | None) -> tuple[str, str]:
    """Publish a published file to a database of MySQL or MariaDB.

    Parameters
    ----------
    published, address, password_file
        As of ``publish_to_database``.

    Returns
    -------
    Id of the build, and the database and host that it was published to.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; what readers saw before they see still.
    """

    def write(source: duckdb.DuckDBPyConnection, connection: Connection) -> None:
        write_marts(source, connection.execution_options(isolation_level="AUTOCOMMIT"))

    return publish_to_database(SERVER, published, address, password_file, write)
