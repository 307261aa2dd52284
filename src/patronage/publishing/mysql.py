"""Publish the marts to a database of MySQL or MariaDB.

Rows are replaced in one transaction where the columns are as they were. A statement that changes
columns ends a transaction there: then one statement swaps all tables.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pymysql
from pymysql.constants import ER
from sqlalchemy import Connection, Table, bindparam, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable, DropTable, DropView

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
    Found,
    Server,
    comment,
    create_view,
    find_tables,
    in_order,
    publish_to_database,
    quoted,
    replace_rows,
    retry,
)

SERVER = Server(
    schemes=("mysql", "mariadb"), driver="mysql+pymysql", error=pymysql.MySQLError, options={}
)

BATCH = 5_000
"""Rows that are in memory at once."""

HANGING = """
select concat('foreign key ', constraint_name, ' of ', table_schema, '.', table_name)
from information_schema.key_column_usage
where referenced_table_name is not null
and (table_schema = database() and table_name in :tables
    or referenced_table_schema = database() and referenced_table_name in :tables)
union all
select concat('trigger ', trigger_name, ' of ', event_object_table)
from information_schema.triggers
where event_object_schema = database() and event_object_table in :tables
union all
select concat('index ', index_name, ' of ', table_name)
from information_schema.statistics
where table_schema = database() and table_name in :tables
and index_name <> 'PRIMARY' and index_name not in :indexes
order by 1
limit 1
"""
"""What of a user's hangs on some tables, and would be lost with them."""


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
    quote = connection.dialect.identifier_preparer.quote
    name, columns = quoted(connection, table), ", ".join(quote(column) for column in mart.columns)
    values = ", ".join(["%s"] * len(mart.columns))
    statement = f"insert into {name} ({columns}) values ({values})"  # noqa: S608 - quoted names
    for batch in read_rows(source, mart):
        connection.exec_driver_sql(statement, batch)


def load(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a new table, and then make its indexes: faster than to keep them up."""
    connection.execute(CreateTable(table))
    insert_rows(source, mart, connection, table)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        index.create(connection)


def drop_tables(connection: Connection, tables: list[Table]) -> None:
    """Drop those of some tables that are there."""
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))


def clear_away(connection: Connection, tables: list[Table]) -> None:
    """Drop what is free within a second each; the start of the next publish drops the rest.

    The session may still have the wait of the last attempt to swap, which on MariaDB is none.
    """
    with suppress(*SERVER.errors):
        connection.exec_driver_sql("set session lock_wait_timeout = 1")
    for table in tables:
        with suppress(*SERVER.errors):
            drop_tables(connection, [table])


def when_free(connection: Connection, statement: Callable[[], object]) -> None:
    """Execute a statement that needs a moment without readers."""
    least = 0 if getattr(connection.dialect, "is_mariadb", False) else 1  # MySQL knows no zero

    def attempt(wait: float) -> None:
        seconds = max(least, round(wait))
        connection.exec_driver_sql(f"set session lock_wait_timeout = {seconds}")
        statement()

    retry(attempt, is_locked)


def read_columns(connection: Connection) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read type, collation and place in the key of all columns of all tables."""
    columns: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, column, *properties in connection.execute(
        text(
            "select columns.table_name, columns.column_name, column_type, columns.collation_name,"
            " coalesce(seq_in_index, '') from information_schema.columns as columns"
            " left join information_schema.statistics as statistics"
            " on statistics.table_schema = columns.table_schema"
            " and statistics.table_name = columns.table_name"
            " and statistics.column_name = columns.column_name"
            " and statistics.index_name = 'PRIMARY'"
            " where columns.table_schema = database()"
        )
    ):
        columns.setdefault(str(name), {})[str(column)] = tuple(map(str, properties))
    return columns


def list_changed(connection: Connection, tables: list[Table], found: Found) -> list[Table]:
    """List the tables that are there with other columns than those of the build."""
    columns = read_columns(connection)
    changed = []
    for table in tables:
        present = columns.get(table.name, {})
        ours = {name: present[name] for name in present if found.is_ours(table.name, name)}
        if present and ours != columns[table.name + NEW]:
            changed.append(table)
    return changed


def what_hangs(connection: Connection, tables: list[Table]) -> list[str]:
    """Describe what of a user's hangs on some tables: the first of it, or nothing."""
    lists = {
        "tables": [table.name for table in tables],
        "indexes": [str(index.name) for table in tables for index in table.indexes],
    }
    statement = text(HANGING).bindparams(*(bindparam(name, expanding=True) for name in lists))
    return [str(row[0]) for row in connection.execute(statement, lists)]


def refuse_what_hangs(
    connection: Connection, tables: list[Table], changed: str, found: Found
) -> None:
    """Refuse to swap tables that would lose something of a user's.

    Raises
    ------
    PublishError
        The sentence names one such thing.
    """
    names = {table.name for table in tables}
    hanging = what_hangs(connection, tables) + [
        f"column {column} of {table}"
        for table, column in found.comments
        if column and table in names and not found.is_ours(table, column)
    ]
    if hanging:
        raise PublishError(
            f"the columns of {changed} have changed, so that all tables are swapped: drop"
            f" {hanging[0]}, publish, and make it again"
        )


def swap_tables(connection: Connection, tables: list[Table], found: Found) -> None:
    """Put the new tables in the place of those that are read, by one statement."""
    quote, renames = connection.dialect.identifier_preparer.quote, []
    for table in tables:
        if found.has_table(table.name):
            renames.append((table.name, table.name + OLD))
        renames.append((table.name + NEW, table.name))
    if renames:
        statement = "rename table " + ", ".join(
            f"{quote(before)} to {quote(after)}" for before, after in renames
        )
        when_free(connection, lambda: connection.exec_driver_sql(statement))


def add_indexes(connection: Connection, tables: list[Table]) -> None:
    """Make the indexes that tables lack."""
    inspector = inspect(connection)
    for table in tables:
        present = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if index.name not in present:
                when_free(connection, partial(index.create, connection))


def replace_all_rows(connection: Connection, tables: list[Table], loaded: list[Table]) -> None:
    """Make the rows of some tables those of others, in one transaction."""
    connection.exec_driver_sql("start transaction")
    try:
        for table, new in zip(tables, loaded, strict=True):
            replace_rows(connection, table, new)
    except BaseException:
        with suppress(*SERVER.errors):
            connection.exec_driver_sql("rollback")
        raise
    connection.exec_driver_sql("commit")


def read_view(connection: Connection, name: str) -> str | None:
    """Read the definition of a view; None = it is not there, or may not be read."""
    definition = connection.execute(
        text(
            "select view_definition from information_schema.views"
            " where table_schema = database() and table_name = :name"
        ),
        {"name": name},
    ).scalar()
    return str(definition) if definition else None


def renew_view(connection: Connection, tables: list[Table]) -> None:
    """Create the view, or replace it if it is another one; otherwise leave it to its readers."""
    trial, view = (create_view(tables, name, None) for name in (VIEW + NEW, VIEW))
    try:
        connection.execute(trial)
        present, wanted = read_view(connection, VIEW), read_view(connection, VIEW + NEW)
        connection.execute(DropView(trial.table))
        if present is None or present != wanted:
            when_free(connection, lambda: connection.execute(view))
    except (*SERVER.errors, PublishError) as error:
        raise PublishError(
            f"the marts are published, but not the view {VIEW}: {SERVER.one_sentence(error)}"
        ) from error


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
    found = find_tables(connection, marts, None)
    tables = [define_table(mart, dialect, None) for mart in marts]
    new = [define_table(found.keep_comments(mart), dialect, None, NEW) for mart in marts]
    leftovers = new + [define_table(mart, dialect, None, OLD) for mart in marts]
    trial = create_view(new, VIEW + NEW, None)
    connection.execute(text("set session sql_mode = 'STRICT_ALL_TABLES'"))
    if hanging := what_hangs(connection, leftovers):  # before version 1, keys went with a swap
        raise PublishError(
            f"an earlier publish has left a table behind that cannot be dropped: drop {hanging[0]},"
            " publish, and make it again"
        )
    drop_tables(connection, leftovers)  # of a run that was killed
    try:
        for mart, table in zip(marts, new, strict=True):
            load(source, mart, connection, table)
        connection.execute(trial)  # who may make this view may make the other
        connection.execute(DropView(trial.table))
        changed = list_changed(connection, tables, found)
        if changed:
            refuse_what_hangs(connection, tables, changed[0].name, found)
            swap_tables(connection, tables, found)
        else:
            update_tables(connection, marts, tables, new, found)
        renew_view(connection, tables)
    finally:
        with suppress(*SERVER.errors):
            connection.execute(DropView(trial.table, if_exists=True))
        clear_away(connection, leftovers)


def update_tables(
    connection: Connection,
    marts: list[Mart],
    tables: list[Table],
    loaded: list[Table],
    found: Found,
) -> None:
    """Replace the rows of the tables that are there, and put the others in their place."""
    places = [place for place, table in enumerate(tables) if found.has_table(table.name)]
    present = [tables[place] for place in places]
    add_indexes(connection, present)
    for place in places:
        for statement in comment(marts[place], tables[place], found):
            when_free(connection, partial(connection.execute, statement))
    replace_all_rows(connection, present, [loaded[place] for place in places])
    swap_tables(connection, [table for table in tables if table not in present], found)


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
