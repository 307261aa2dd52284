"""Publish the marts to a PostgreSQL or MySQL database: readers see one build or the next, whole.

The new tables are loaded beside those that are read, and put in their place at once.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pymysql
from pymysql.constants import ER
from sqlalchemy import URL, Connection, NullPool, Table, create_engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.schema import (
    CreateSchema,
    CreateTable,
    CreateView,
    DropTable,
    DropView,
    SetTableComment,
)

from patronage.publishing.database_tables import (
    COMMENT,
    NEW,
    OLD,
    VIEW,
    Mart,
    define_table,
    define_view,
    read_marts,
    refuse_long_keys,
)
from patronage.publishing.files import PublishError, attached_published, sql_text

BATCH = 5_000
"""Rows that are in memory at once, for MySQL."""

BLOCK = 2**20
"""Bytes that are sent at once."""

NULL = r"\N"
"""What stands for a null between DuckDB and PostgreSQL."""

CONNECT_SECONDS = 10
PATIENCE_SECONDS = 60.0
"""How long to wait for a moment in which nobody reads the tables that make way."""

BUSY = "another patronage publish is writing there; wait until it is done"

PASSWORD = "PATRONAGE_DATABASE_PASSWORD"  # noqa: S105 - the variable's name
DRIVERS = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
SCHEMES = {"postgres": ("postgres", "postgresql"), "mysql": ("mysql", "mariadb")}
DRIVER_ERRORS = (SQLAlchemyError, psycopg.Error, pymysql.MySQLError)


def read_password(path: Path | None) -> str | None:
    """Read the password from a file, or else from the environment.

    Parameters
    ----------
    path
        A file that holds the password alone; None = look at ``PATRONAGE_DATABASE_PASSWORD``.

    Raises
    ------
    PublishError
        The file cannot be read.
    """
    if path is None:
        return os.environ.get(PASSWORD)
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"the password file {path} cannot be read") from error


def parse_url(kind: str, address: str) -> URL:
    """Parse the address of a database.

    Parameters
    ----------
    kind
        ``postgres`` or ``mysql``.
    address
        Such as ``postgresql://user@host:5432/database``.

    Raises
    ------
    PublishError
        It is no such address, or holds a password; the sentence does not repeat it.
    """
    wanted = f"{SCHEMES[kind][-1 if kind == 'postgres' else 0]}://user@host/database"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise PublishError(f"--url is not an address like {wanted}") from error
    if url.password is not None or any("passw" in option.lower() for option in url.query):
        raise PublishError(
            "--url holds a password, which other users of the machine can see: leave it out, and"
            f" set {PASSWORD} or name a --password-file"
        )
    if url.drivername not in SCHEMES[kind] or not url.database:
        raise PublishError(f"--url is not an address like {wanted}")
    return url.set(drivername=DRIVERS[kind])


def one_sentence(error: BaseException, password: str | None) -> str:
    """Cut the message of a driver to its first line, without the password."""
    cause = getattr(error, "orig", None) or error
    is_pymysql = isinstance(cause, pymysql.MySQLError) and len(cause.args) == 2
    message = str(cause.args[1] if is_pymysql else cause)
    line = (message.strip().splitlines() or [type(cause).__name__])[0].strip()
    return line.replace(password, "***") if password else line


@contextmanager
def connected(url: URL, place: str) -> Iterator[Connection]:
    """Connect to a database.

    Parameters
    ----------
    url
        Of the database, with the password.
    place
        How a sentence names it.

    Yields
    ------
    The connection.

    Raises
    ------
    PublishError
        The database cannot be reached, or what is done with it fails.
    """
    password = None if url.password is None else str(url.password)
    options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    if url.drivername == DRIVERS["postgres"]:
        options["client_encoding"] = "utf8"  # the server says what its encoding does not have
    try:
        connection = create_engine(url, poolclass=NullPool, connect_args=options).connect()
    except (*DRIVER_ERRORS, OSError, RuntimeError, TypeError) as error:
        # RuntimeError: a package is missing for the server's kind of login;
        # TypeError: the URL has an option that the driver does not know
        raise PublishError(
            f"{place} cannot be connected to: {one_sentence(error, password)}"
        ) from error
    try:
        yield connection
    except DRIVER_ERRORS as error:
        raise PublishError(
            f"{place} could not be written, and is as it was before:"
            f" {one_sentence(error, password)}"
        ) from error
    finally:
        with suppress(*DRIVER_ERRORS):
            connection.close()


def create_view(tables: list[Table], suffix: str = "") -> CreateView:
    """Make the statement that creates the view, or replaces it, over some tables of the marts."""
    by_name = {table.name.removesuffix(suffix): table for table in tables}
    return CreateView(
        define_view(by_name["customers"], by_name["segments"]),
        VIEW + suffix,
        schema=tables[0].schema,
        or_replace=True,
    )


def in_order(mart: Mart) -> str:
    """Query a mart in the order of its key, in which a database loads it fastest."""
    order = ", ".join(f'"{column}"' for column in mart.key) or "all"
    return f'from published.marts."{mart.name}" order by {order}'


def create_and_load(connection: Connection, table: Table, load: Callable[[], None]) -> None:
    """Create a table, load it, and then make its indexes: faster than to keep them up."""
    connection.execute(CreateTable(table))
    connection.execute(SetTableComment(table))
    load()
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        index.create(connection)


def read_rows(source: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[list[tuple[Any, ...]]]:
    """Read a mart in batches, in the order of its key."""
    rows = source.execute(in_order(mart))
    while batch := rows.fetchmany(BATCH):
        yield batch


def quoted(connection: Connection, table: Table) -> str:
    """Quote the name of a table, with its schema."""
    return connection.dialect.identifier_preparer.format_table(table)


def quoted_columns(connection: Connection, table: Table) -> str:
    """Quote the names of a table's columns."""
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(column.name) for column in table.columns)


def refuse_foreign_tables(connection: Connection, marts: list[Mart], schema: str | None) -> None:
    """Refuse to replace what this program has not written.

    Raises
    ------
    PublishError
        A table of a mart's name is there, and is somebody else's; or the view is.
    """
    inspector = inspect(connection)
    comments = {
        name: comment["text"]
        for (_, name), comment in inspector.get_multi_table_comment(schema=schema).items()
    }
    ours = {mart.name + ending for mart in marts for ending in ("", NEW, OLD)}
    foreign = [name for name in sorted(ours & set(comments)) if comments[name] != COMMENT]
    if VIEW in inspector.get_view_names(schema=schema) and "build" not in comments:
        foreign.append(VIEW)
    if foreign:
        raise PublishError(
            f"there already is a {foreign[0]} that patronage has not written:"
            " publish to a schema or a database of its own"
        )


def is_locked(error: OperationalError) -> bool:
    """Whether an error says that somebody else holds a lock."""
    if isinstance(error.orig, psycopg.errors.LockNotAvailable):
        return True
    return (
        isinstance(error.orig, pymysql.MySQLError)
        and bool(error.orig.args)
        and error.orig.args[0] in (ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK)
    )


def retry(attempt: Callable[[], object]) -> None:
    """Try to take locks without waiting for them, again and again.

    Who waits for a lock while holding others can bring a reader to a deadlock, and its query to an
    error; who does not wait cannot.

    Parameters
    ----------
    attempt
        What to do; if it fails it leaves no lock behind.

    Raises
    ------
    PublishError
        Readers held the tables all the time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            attempt()
        except OperationalError as error:
            if not is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise PublishError(
                    f"readers have held the tables for {PATIENCE_SECONDS:.0f} seconds without a"
                    " pause: end their transactions, and publish again"
                ) from error
            time.sleep(0.02)
        else:
            return


def copy_rows(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a table of PostgreSQL, from a temporary file that DuckDB writes.

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
    """Lock those of some tables and views of PostgreSQL that are there, all or none."""
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
        retry(attempt)


def rename(connection: Connection, thing: str, name: str, to: str, schema: str) -> None:
    """Rename a table or an index of PostgreSQL."""
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


def publish_postgres(
    source: duckdb.DuckDBPyConnection, connection: Connection, schema: str
) -> None:
    """Publish to a schema of PostgreSQL, in one transaction.

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


def insert_rows(
    source: duckdb.DuckDBPyConnection, mart: Mart, connection: Connection, table: Table
) -> None:
    """Load a mart into a table of MySQL."""
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
    """Put the new tables of MySQL in the place of those that are read, by one statement."""
    present = inspect(connection).get_table_names()
    renames = []
    for table, loaded, former in zip(tables, new, old, strict=True):
        if table.name in present:
            renames.append((table, former))
        renames.append((loaded, table))
    statement = "rename table " + ", ".join(
        f"{quoted(connection, before)} to {quoted(connection, after)}" for before, after in renames
    )
    retry(lambda: connection.execute(text(statement)))


def publish_mysql(source: duckdb.DuckDBPyConnection, connection: Connection) -> None:
    """Publish to a database of MySQL or MariaDB, where one statement swaps all tables.

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
            retry(lambda: connection.execute(view))
        except (*DRIVER_ERRORS, PublishError) as error:
            raise PublishError(
                f"the marts are published, but not the view {VIEW}: {one_sentence(error, None)}"
            ) from error
    finally:
        with suppress(*DRIVER_ERRORS):  # what cannot be dropped now is dropped at the next start
            connection.execute(DropView(trial.table, if_exists=True))
            drop_tables(connection, new + old)


def publish_to_database(
    published: Path, kind: str, address: str, schema: str, password_file: Path | None
) -> tuple[str, str]:
    """Publish a published file to a database.

    Parameters
    ----------
    published
        The file that ``patronage publish`` has written.
    kind
        ``postgres`` or ``mysql``.
    address
        URL of the database, without a password.
    schema
        Where the tables stand in PostgreSQL.
    password_file
        The file that holds the password; None = look at the environment.

    Returns
    -------
    Id of the build, and the database and host that it was published to.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; what readers saw before they see still.
    """
    url = parse_url(kind, address)
    password = read_password(password_file)
    if password:
        url = url.set(password=password)
    place = f"database {url.database} on {url.host or 'this machine'}"
    with attached_published(published) as source, connected(url, place) as connection:
        try:
            ((build_id,),) = source.sql("select build_id from published.marts.build").fetchall()
            if kind == "postgres":
                with connection.begin():
                    publish_postgres(source, connection, schema)
            else:
                publish_mysql(source, connection.execution_options(isolation_level="AUTOCOMMIT"))
        except (duckdb.Error, OSError) as error:
            raise PublishError(
                f"{published} cannot be read into {place}, which is as it was before:"
                f" {one_sentence(error, None)}"
            ) from error
    return str(build_id), place
