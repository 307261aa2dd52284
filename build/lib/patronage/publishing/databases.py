"""What publishing to a database is on every server: readers see one build or the next, whole.

The new tables are loaded beside those that are read, and put in their place at once.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import URL, Connection, NullPool, Table, create_engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.schema import CreateTable, CreateView, SetTableComment

from patronage.published import PublishError, attached_published
from patronage.publishing.database_tables import COMMENT, NEW, OLD, VIEW, Mart, define_view

CONNECT_SECONDS = 10
PATIENCE_SECONDS = 60.0
"""How long to wait for a moment in which nobody reads the tables that make way."""

BUSY = "another patronage publish is writing there; wait until it is done"

PASSWORD = "PATRONAGE_DATABASE_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class Server:
    """A kind of database server.

    Attributes
    ----------
    schemes
        How its addresses may begin; the first one stands in sentences.
    driver
        SQLAlchemy's name of it and of its driver.
    error
        What the driver raises.
    options
        What the driver is connected with.
    """

    schemes: tuple[str, ...]
    driver: str
    error: type[Exception]
    options: Mapping[str, Any]

    @property
    def errors(self) -> tuple[type[Exception], type[Exception]]:
        """What SQLAlchemy and the driver raise."""
        return (SQLAlchemyError, self.error)

    def one_sentence(self, error: BaseException, password: str | None = None) -> str:
        """Cut the message of a driver to its first line, without the password."""
        cause = getattr(error, "orig", None) or error
        is_numbered = isinstance(cause, self.error) and len(cause.args) == 2
        message = str(cause.args[1] if is_numbered else cause)
        line = (message.strip().splitlines() or [type(cause).__name__])[0].strip()
        return line.replace(password, "***") if password else line


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


def parse_url(server: Server, address: str) -> URL:
    """Parse the address of a database.

    Parameters
    ----------
    server
        The kind of server it has to be on.
    address
        Such as ``postgresql://user@host:5432/database``.

    Raises
    ------
    PublishError
        It is no such address, or holds a password; the sentence does not repeat it.
    """
    wanted = f"{server.schemes[0]}://user@host/database"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise PublishError(f"--url is not an address like {wanted}") from error
    if url.password is not None or any("passw" in option.lower() for option in url.query):
        raise PublishError(
            "--url holds a password, which other users of the machine can see: leave it out, and"
            f" set {PASSWORD} or name a --password-file"
        )
    if url.drivername not in server.schemes or not url.database:
        raise PublishError(f"--url is not an address like {wanted}")
    return url.set(drivername=server.driver)


@contextmanager
def connected(server: Server, url: URL, place: str) -> Iterator[Connection]:
    """Connect to a database.

    Parameters
    ----------
    server
        Its kind.
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
    options = {"connect_timeout": CONNECT_SECONDS, **server.options}
    try:
        connection = create_engine(url, poolclass=NullPool, connect_args=options).connect()
    except (*server.errors, OSError, RuntimeError, TypeError) as error:
        # RuntimeError: a package is missing for the server's kind of login;
        # TypeError: the URL has an option that the driver does not know
        raise PublishError(
            f"{place} cannot be connected to: {server.one_sentence(error, password)}"
        ) from error
    try:
        yield connection
    except server.errors as error:
        raise PublishError(
            f"{place} could not be written, and is as it was before:"
            f" {server.one_sentence(error, password)}"
        ) from error
    finally:
        with suppress(*server.errors):
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


def retry(attempt: Callable[[], object], is_locked: Callable[[OperationalError], bool]) -> None:
    """Try to take locks without waiting for them, again and again.

    Who waits for a lock while holding others can bring a reader to a deadlock, and its query to an
    error; who does not wait cannot.

    Parameters
    ----------
    attempt
        What to do; if it fails it leaves no lock behind.
    is_locked
        Whether an error says that somebody else holds a lock.

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


def publish_to_database(
    server: Server,
    published: Path,
    address: str,
    password_file: Path | None,
    write: Callable[[duckdb.DuckDBPyConnection, Connection], None],
) -> tuple[str, str]:
    """Publish a published file to a database.

    Parameters
    ----------
    server
        Kind of the database's server.
    published
        The file that ``patronage publish`` has written.
    address
        URL of the database, without a password.
    password_file
        The file that holds the password; None = look at the environment.
    write
        Writes the marts: from the published file, attached as ``published``, to the database.

    Returns
    -------
    Id of the build, and the database and host that it was published to.

    Raises
    ------
    PublishError
        In one sentence what stands in the way; what readers saw before they see still.
    """
    url = parse_url(server, address)
    password = read_password(password_file)
    if password:
        url = url.set(password=password)
    place = f"database {url.database} on {url.host or 'this machine'}"
    with attached_published(published) as source, connected(server, url, place) as connection:
        try:
            ((build_id,),) = source.sql("select build_id from published.marts.build").fetchall()
            write(source, connection)
        except (duckdb.Error, OSError) as error:
            raise PublishError(
                f"{published} cannot be read into {place}, which is as it was before:"
                f" {server.one_sentence(error)}"
            ) from error
    return str(build_id), place
