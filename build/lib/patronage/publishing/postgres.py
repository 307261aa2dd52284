"""Publish the marts to a schema of PostgreSQL, in one transaction."""

import tempfile
from functools import partial
from pathlib import Path

import duckdb
import psycopg
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateSchema, DropView

from patronage.published import PublishError, sql_text
from patronage.publishing.database_tables import NEW, VIEW, Mart, define_table, read_marts
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
    """Whether an error says that somebody else holds a lock."""
    return isinstance(error.orig, psycopg.errors.LockNotAvailable)


def copy_rows(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a table, from a temporary file that DuckDB writes.

    Texts are quoted and a null is not, so that no text is taken for a null.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"found a connection of {type(driver)}; accepted: psycopg's")
    name, columns = quoted(connection, table), quoted_columns(connection, table)
    statement = f"copy {name} ({columns}) from stdin (format csv, null '{NULL}')"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        source.execute(
            f"copy ({in_order(mart)}) to {sql_text(str(path))}"
            f" (format csv, header false, force_quote *, nullstr '{NULL}')"
        )
        with (
            path.open("rb") as file,
            driver.cursor() as cursor,
            cursor.copy(statement.encode()) as copy,
        ):
            while block := file.read(BLOCK):
                copy.write(block)


def lock_readers_out(connection: Connection, names: list[str], schema: str) -> None:
    """Lock those of some tables and views that are there, all or none."""
    inspector = inspect(connection)
    present = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    quote = connection.dialect.identifier_preparer.quote
    tables = [f"{quote(schema)}.{quote(name)}" for name in names if name in present]

    def attempt() -> None:
        with connection.begin_nested():  # an error gives back the locks that were taken
            connection.execute(
                text(f"lock table {', '.join(tables)} in access exclusive mode nowait")
            )

    if tables:
        retry(attempt, is_locked)


def rename(connection: Connection, thing: str, name: str, to: str, schema: str) -> None:
    """Rename a table or an index."""
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"alter {thing} {quote(schema)}.{quote(name)} rename to {quote(to)}"))


def read_grants(connection: Connection, schema: str) -> list[tuple[str, str, str, bool]]:
    """Read what was granted to others on the tables and the view: table, right, role, grantable."""
    rows = connection.execute(
        text(
            "select table_name, privilege_type, grantee, is_grantable = 'YES'"
            " from information_schema.table_privileges"
            " where table_schema = :schema and grantor = current_user and grantee <> current_user"
            " order by table_name, privilege_type, grantee"
        ),
        {"schema": schema},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def grant_again(
    connection: Connection, schema: str, grants: list[tuple[str, str, str, bool]]
) -> None:
    """Grant again what ``read_grants`` has read."""
    quote = connection.dialect.identifier_preparer.quote
    for name, right, role, is_grantable in grants:
        connection.execute(
            text(
                f"grant {right} on {quote(schema)}.{quote(name)}"
                f" to {'public' if role == 'PUBLIC' else quote(role)}"
                + (" with grant option" if is_grantable else "")
            )
        )


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
    if not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))
    marts = read_marts(source)
    refuse_foreign_tables(connection, marts, schema)
    tables = [define_table(mart, connection.dialect, schema) for mart in marts]
    new = [define_table(mart, connection.dialect, schema, NEW) for mart in marts]
    for mart, table in zip(marts, new, strict=True):
        create_and_load(connection, table, partial(copy_rows, source, mart, connection, table))
        connection.execute(text(f"analyze {quoted(connection, table)}"))
    view = create_view(tables)
    grants = read_grants(connection, schema)
    lock_readers_out(connection, [VIEW, *(table.name for table in tables)], schema)
    connection.execute(DropView(view.table, if_exists=True))
    for table, loaded in zip(tables, new, strict=True):
        table.drop(connection, checkfirst=True)
        rename(connection, "table", loaded.name, table.name, schema)
        if table.primary_key.name:
            name = str(table.primary_key.name)
            rename(connection, "index", name + NEW, name, schema)
        for index in table.indexes:
            rename(connection, "index", f"{index.name}{NEW}", str(index.name), schema)
    connection.execute(view)
    grant_again(connection, schema, grants)


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
