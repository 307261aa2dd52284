"""Publish the marts to a schema of PostgreSQL, in one transaction."""

import tempfile
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateSchema, CreateTable, DropView

from patronage.published import PublishError, sql_text
from patronage.publishing.database_tables import (
    NEW,
    TEMPORARY,
    VIEW,
    Mart,
    define_table,
    read_marts,
)
from patronage.publishing.databases import (
    BUSY,
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
from patronage.publishing.postgres_columns import (
    Change,
    alter,
    drop_columns,
    find_changes,
)

SERVER = Server(
    schemes=("postgresql", "postgres"),
    driver="postgresql+psycopg",
    error=psycopg.Error,
    options={"client_encoding": "utf8"},  # the server says what its encoding does not have
)

BLOCK = 2**20
"""Bytes that are sent at once."""

NULL = r"\N"
"""What stands for a null between DuckDB and PostgreSQL."""


def is_locked(error: OperationalError) -> bool:
    """Whether an error says that the time was up in which to get a lock."""
    return isinstance(error.orig, psycopg.errors.QueryCanceled)


def copy_rows(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a table, from a temporary file that DuckDB writes.

    Texts are quoted and a null is not, so that no text is taken for a null.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"found a connection of {type(driver)}; accepted: psycopg's")
    statement = sql.SQL("copy {} ({}) from stdin (format csv, null {})").format(
        sql.Identifier(str(table.schema), table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        sql.Literal(NULL),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        source.execute(
            f"copy ({in_order(mart)}) to {sql_text(str(path))}"
            f" (format csv, header false, force_quote *, nullstr '{NULL}')"
        )
        with path.open("rb") as file, driver.cursor() as cursor, cursor.copy(statement) as copy:
            while block := file.read(BLOCK):
                copy.write(block)


def load(
    source: duckdb.DuckDBPyConnection, marts: list[Mart], connection: Connection
) -> list[Table]:
    """Load marts into temporary tables, which go with the transaction."""
    tables = []
    for mart in marts:
        table = define_table(mart, connection.dialect, TEMPORARY, NEW)
        connection.execute(CreateTable(table))
        copy_rows(source, mart, connection, table)
        connection.exec_driver_sql(f"analyze {quoted(connection, table)}")
        tables.append(table)
    return tables


def lock_readers_out(connection: Connection, tables: list[str]) -> None:
    """Lock some tables and views, whose names are quoted, all or none."""

    def attempt(wait: float) -> None:
        with connection.begin_nested():  # an error gives back the locks that were taken
            # not lock_timeout, which counts for each table anew
            connection.exec_driver_sql(f"set local statement_timeout = {round(1000 * wait)}")
            connection.exec_driver_sql(f"lock table {', '.join(tables)} in access exclusive mode")
            connection.exec_driver_sql("set local statement_timeout to default")

    retry(attempt, is_locked)


def read_view(connection: Connection, schema: str, name: str) -> str | None:
    """Read the definition of a view; None = it is not there."""
    return connection.execute(
        text(
            "select pg_get_viewdef(pg_class.oid) from pg_class"
            " inner join pg_namespace on relnamespace = pg_namespace.oid"
            " where nspname = :schema and relname = :name"
        ),
        {"schema": schema, "name": name},
    ).scalar()


def renew_view(connection: Connection, tables: list[Table], schema: str) -> None:
    """Create the view, or replace it if it is another one; otherwise leave it to its readers."""
    trial = create_view(tables, VIEW + NEW, TEMPORARY)
    connection.execute(trial)
    own = "select nspname from pg_namespace where oid = pg_my_temp_schema()"
    temporary = str(connection.execute(text(own)).scalar())
    present = read_view(connection, schema, VIEW)
    wanted = read_view(connection, temporary, VIEW + NEW)
    connection.execute(DropView(trial.table))
    if present == wanted:
        return
    view = create_view(tables, VIEW, schema)
    if present is not None:
        lock_readers_out(connection, [quoted(connection, view.table)])
    try:
        connection.execute(view)
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InvalidTableDefinition):
            raise PublishError(
                f"the view {VIEW} gets other columns: drop it, publish, and grant again on it"
            ) from error
        raise


def change_tables(
    connection: Connection, changes: list[Change], tables: dict[Table, Table], schema: str
) -> None:
    """Change the columns of tables, and then their rows, while nobody reads them.

    Parameters
    ----------
    connection
        In the transaction.
    changes
        Of the columns.
    tables
        The tables of the marts, and those that hold the build.
    schema
        Where the tables stand.
    """
    if not changes:
        return
    locked = [change.table for change in changes]
    if read_view(connection, schema, VIEW):  # it may be replaced afterwards
        locked.append(create_view(list(tables), VIEW, schema).table)
    lock_readers_out(connection, [quoted(connection, table) for table in locked])
    for change in changes:
        alter(connection, change)
        replace_rows(connection, change.table, tables[change.table])


def write_marts(source: duckdb.DuckDBPyConnection, connection: Connection, schema: str) -> None:
    """Write the marts to a schema.

    Parameters
    ----------
    source
        To the published file, attached as ``published``.
    connection
        To the database; the caller commits.
    schema
        Where the tables stand; it is made where it is missing.
    """
    if not connection.execute(
        text("select pg_try_advisory_xact_lock(hashtext('patronage.' || :schema))"),
        {"schema": schema},
    ).scalar():
        raise PublishError(BUSY)
    # rows that a policy hides would stay: rather an error
    connection.exec_driver_sql("set local row_security = off")
    if not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))
    marts = read_marts(source)
    found = find_tables(connection, marts, schema)
    tables = [define_table(mart, connection.dialect, schema) for mart in marts]
    loaded = dict(zip(tables, load(source, marts, connection), strict=True))
    changes = find_changes(connection, tables, found, schema)
    changed = [change.table for change in changes]
    for table in tables:
        if not found.has_table(table.name):
            connection.execute(CreateTable(table))
        if table not in changed:
            replace_rows(connection, table, loaded[table])
    change_tables(connection, changes, loaded, schema)
    renew_view(connection, tables, schema)
    for change in changes:
        drop_columns(connection, change.table, change.gone)
    for mart, table in zip(marts, tables, strict=True):
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection, checkfirst=True)
        for statement in comment(mart, table, found):
            connection.execute(statement)
        connection.exec_driver_sql(f"analyze {quoted(connection, table)}")


def publish_to_postgres(
    published: Path, address: str, schema: str, password_file: Path | None
) -> tuple[str, str]:
    """Publish a published file to a schema of PostgreSQL.

    Parameters
    ----------
    published, address, password_file
        As of ``publish_to_database``.
    schema
        Where the tables stand; it is made where it is missing.

    Returns
    -------
    Id of the build, and the database and host that it was published to.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; what readers saw before they see still.
    """

    def write(source: duckdb.DuckDBPyConnection, connection: Connection) -> None:
        with connection.begin():
            write_marts(source, connection, schema)

    return publish_to_database(SERVER, published, address, password_file, write)
