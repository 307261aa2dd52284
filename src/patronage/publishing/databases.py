"""What publishing to a database is on every server: readers see one build or the next, whole.

The build is loaded beside the tables that are read. Their rows become those of the build in one
transaction, and what hangs on the tables stays.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    Table,
    and_,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    make_url,
    or_,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.schema import CreateView, SetColumnComment, SetTableComment

from patronage.published import PublishError, attached_published
from patronage.publishing.database_tables import (
    COMMENT,
    COMMENTS,
    NEW,
    OLD,
    VIEW,
    Mart,
    define_table,
    define_view,
)

CONNECT_SECONDS = 10
PATIENCE_SECONDS = 60.0
"""How long to wait for a moment in which nobody reads the tables whose columns change."""

LONGEST_WAIT = 0.8
"""Seconds to stand in the queue for locks: servers look for a deadlock after one."""

LONGEST_PAUSE = 4.0
"""Seconds between two tries."""

STILL_REFERENCED = {"23503", 1217, 1451}
"""Codes of PostgreSQL and MySQL for a row that a foreign key points to."""

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


def remedy(error: BaseException) -> str:
    """Tell what to do where rows that go are pointed to by a foreign key; otherwise nothing."""
    cause = getattr(error, "orig", None) or error
    if STILL_REFERENCED & {getattr(cause, "sqlstate", None), *cause.args[:1]}:
        return "; the build has rows no longer that are pointed to: let the key cascade or set null"
    return ""


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
            f" {server.one_sentence(error, password)}{remedy(error)}"
        ) from error
    finally:
        with suppress(*server.errors):
            connection.close()


def create_view(tables: list[Table], name: str, schema: str | None) -> CreateView:
    """Make the statement that creates the view, or replaces it.

    Parameters
    ----------
    tables
        The marts that it is over; their names may end with ``NEW``.
    name, schema
        Of the view.
    """
    by_name = {table.name.removesuffix(NEW): table for table in tables}
    selected = define_view(by_name["customers"], by_name["segments"])
    return CreateView(selected, name, schema=schema, or_replace=True)


def in_order(mart: Mart) -> str:
    """Query a mart in the order of its key, in which a database loads it fastest."""
    order = ", ".join(f'"{column}"' for column in mart.key) or "all"
    return f'from {mart.place}."{mart.name}" order by {order}'


def quoted(connection: Connection, table: Table) -> str:
    """Quote the name of a table, with its schema, for ``exec_driver_sql``."""
    return connection.dialect.identifier_preparer.format_table(table)


@dataclass(frozen=True)
class Found:
    """What stands in a database before a build is published to it.

    Attributes
    ----------
    comments
        By table and column, the comments that are there; under the empty name those of tables.
    written
        The comments that were written last.
    """

    comments: Mapping[tuple[str, str], str]
    written: Mapping[tuple[str, str], str]

    def has_table(self, name: str) -> bool:
        """Whether a table is there."""
        return (name, "") in self.comments

    def is_ours(self, table: str, column: str) -> bool:
        """Whether a column is of an earlier build: a table of before version 1 is so in whole."""
        return (table, column) in self.written or (table, "") not in self.written

    def comments_to_write(self, mart: Mart) -> dict[str, str]:
        """List the comments of a mart that differ, but those that a user wrote."""
        different = {}
        for column, comment in mart.comments.items():
            place = (mart.name, column)
            present = self.comments.get(place, "")
            last = self.written.get(place, "" if column else COMMENT)
            if present != comment and present in ("", last):
                different[column] = comment
        return different

    def keep_comments(self, mart: Mart) -> Mart:
        """Give a mart the comments that users wrote."""
        ours = self.comments_to_write(mart)
        return replace(
            mart,
            comments={
                column: comment
                if column in ours
                else self.comments.get((mart.name, column), comment)
                for column, comment in mart.comments.items()
            },
        )


def find_tables(connection: Connection, marts: list[Mart], schema: str | None) -> Found:
    """Look for the tables of an earlier build, and refuse what this program has not written.

    Raises
    ------
    PublishError
        A table of a mart's name is there, and is somebody else's; or the view is.
    """
    inspector = inspect(connection)
    comments: dict[tuple[str, str], str] = {}
    for (_, name), comment in inspector.get_multi_table_comment(schema=schema).items():
        comments[name, ""] = comment["text"] or ""
    for (_, name), columns in inspector.get_multi_columns(schema=schema).items():
        comments |= {(name, column["name"]): column.get("comment") or "" for column in columns}
    written: dict[tuple[str, str], str] = {}
    if (COMMENTS, "comment") in comments:
        (mart,) = (mart for mart in marts if mart.name == COMMENTS)
        registry = define_table(mart, connection.dialect, schema)
        written = {(row[0], row[1]): row[2] for row in connection.execute(select(registry))}
    present = {name for name, column in comments if not column}
    named_ours = {mart.name + ending for mart in marts for ending in ("", NEW, OLD)} - {COMMENTS}
    foreign = [
        name
        for name in sorted(named_ours & present)
        if (name, "") not in written and not comments[name, ""].endswith(COMMENT)
    ]
    if VIEW in inspector.get_view_names(schema=schema) and "build" not in present:
        foreign.append(VIEW)
    if foreign:
        raise PublishError(
            f"there already is a {foreign[0]} that patronage has not written:"
            " publish to a schema or a database of its own"
        )
    return Found(comments, written)


def comment(mart: Mart, table: Table, found: Found) -> list[SetColumnComment | SetTableComment]:
    """Make the statements that comment a table and its columns, but not over users' comments."""
    return [
        SetColumnComment(table.c[column]) if column else SetTableComment(table)
        for column in found.comments_to_write(mart)
    ]


def replace_rows(connection: Connection, table: Table, loaded: Table) -> None:
    """Make the rows of a table those of another one, and touch none that are the same.

    Rows that stay are updated and not deleted, so that foreign keys may point to them.

    Parameters
    ----------
    connection
        In a transaction.
    table
        The table that is read.
    loaded
        The table that holds the build.

    Raises
    ------
    PublishError
        The table does not have the build's rows afterwards.
    """
    key = table.primary_key.columns.keys()
    others = [name for name in loaded.columns.keys() if name not in key]  # noqa: SIM118 - columns
    if not key:
        connection.execute(delete(table))
        connection.execute(insert(table).from_select(loaded.columns.keys(), select(loaded)))
    else:
        is_same = and_(*(table.c[name] == loaded.c[name] for name in key))
        in_build = select(loaded.c[key[0]]).where(is_same).correlate(table).exists()
        in_table = select(table.c[key[0]]).where(is_same).correlate(loaded).exists()
        connection.execute(delete(table).where(~in_build))
        if others:
            is_changed = or_(*(table.c[name].is_distinct_from(loaded.c[name]) for name in others))
            values = {name: loaded.c[name] for name in others}
            connection.execute(update(table).where(is_same, is_changed).values(values))
        added = select(loaded).where(~in_table).order_by(*(loaded.c[name] for name in key))
        connection.execute(insert(table).from_select(loaded.columns.keys(), added))
    found, wanted = (
        connection.execute(select(func.count()).select_from(counted)).scalar()
        for counted in (table, loaded)
    )
    if found != wanted:
        raise PublishError(
            f"{table.name} would have {found} rows and the build has {wanted}: drop what changes"
            " the rows that are written to it (a trigger, a rule, row security), and publish again"
        )


def retry(
    attempt: Callable[[float], object], is_locked: Callable[[OperationalError], bool]
) -> None:
    """Try to take locks that readers hold: stand in the queue for them, then let readers pass.

    Who waits for a lock holds up the readers that come after it, and can bring one that waits for
    another lock to a deadlock: so it waits for less than a second, and then pauses longer.

    Parameters
    ----------
    attempt
        What to do, given how many seconds to wait; if it fails it leaves no lock behind.
    is_locked
        Whether an error says that somebody else holds a lock.

    Raises
    ------
    PublishError
        Readers held the tables all the time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    wait = 0.1
    while True:
        try:
            attempt(min(wait, LONGEST_WAIT))
        except OperationalError as error:
            if not is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise PublishError(
                    "more than rows changes, and readers have held the tables for"
                    f" {PATIENCE_SECONDS:.0f} seconds: end their transactions, and publish again"
                ) from error
            time.sleep(min(wait, LONGEST_PAUSE, PATIENCE_SECONDS))
            wait *= 2
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
