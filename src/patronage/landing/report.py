"""What is known of raw extracts and their files: the table ``raw.extracts``."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from duckdb import DuckDBPyConnection

from patronage.landing.files import Stamp
from patronage.landing.quoting import sql_name

KEPT = (
    "fingerprint", "encoding", "delimiter", "quote_escape", "row_count", "rejected_records",
    "warning",
)  # fmt: skip
"""Fields that stay as they are while a file's bytes do."""


@dataclass(frozen=True)
class Extract:
    """A raw extract as the project describes it.

    Attributes
    ----------
    name
        The raw table: the var that says where it comes from, and its name in the schema.
    shop
        The shop to which it belongs.
    location
        A path or glob of files, or a relation.
    is_file
        Whether the location is one of files.
    headers
        By column, the headers that are accepted for it.
    is_demo
        Whether the location is the demo seed.
    is_mapped
        Whether the headers are the only ones: a column's own name is none of them.
    optional
        Columns that may be missing.
    roles
        Columns by what is read from them: ``dates``, ``whole_numbers``, ``amounts``, ``ids``.
    encoding
        What the var ``extract_encodings`` says, or None.
    schema
        Where raw tables are, and the table ``extracts``.
    """

    name: str
    shop: str
    location: str
    is_file: bool
    headers: Mapping[str, Sequence[str]]
    is_demo: bool = False
    is_mapped: bool = False
    optional: Sequence[str] = ()
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    encoding: str | None = None
    schema: str = "raw"

    def at(self, table: str) -> str:
        """Write the name of a table of the schema."""
        return f"{sql_name(self.schema)}.{sql_name(table)}"

    @property
    def accepted(self) -> dict[str, list[str]]:
        """By column, all headers that are accepted for it."""
        return {
            column: [*headers] if self.is_mapped else [column, *headers]
            for column, headers in self.headers.items()
        }

    @property
    def settings(self) -> str:
        """What decides how a file is read, in eight hexadecimal digits."""
        shape = repr((sorted(self.headers.items()), sorted(self.optional), self.encoding))
        return blake2b(shape.encode(), digest_size=4).hexdigest()


@dataclass
class Landed:
    """A row of ``raw.extracts``: one file, and how it was read."""

    file: str | None
    format: str
    stamp: str | None = None
    bytes: int | None = None
    modified_at: datetime | None = None
    fingerprint: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote_escape: str | None = None
    row_count: int = 0
    rejected_records: int = 0
    warning: str | None = None

    @property
    def records(self) -> int:
        """Physical records."""
        return self.row_count + self.rejected_records

    def settle(self, stamp: Stamp, settings: str) -> None:
        """Note what the file looks like from outside."""
        self.stamp, self.bytes = f"{stamp.text} {settings}", stamp.bytes
        self.modified_at = stamp.modified_at

    def stay(self, known: Mapping[str, Any]) -> None:
        """Take over what is known of a file whose bytes have not changed."""
        for name in KEPT:
            setattr(self, name, known[name])


@contextmanager
def at_once(connection: DuckDBPyConnection) -> Iterator[None]:
    """Let what is written appear together or not at all."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def kind_of(connection: DuckDBPyConnection, name: str, schema: str = "raw") -> str | None:
    """Tell whether ``<schema>.<name>`` is a table, a view or not there."""
    row = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchone()
    return None if row is None else "view" if row[0] == "VIEW" else "table"


def known_files(connection: DuckDBPyConnection, extract: Extract) -> dict[str, dict[str, Any]]:
    """Read what the last landing wrote about each file of the extract."""
    found = connection.execute(
        f"select * from {extract.at('extracts')} where extract = ? and file is not null",  # noqa: S608
        [extract.name],
    )
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["file"]: row for row in rows}


def report(connection: DuckDBPyConnection, extract: Extract, landed: Sequence[Landed]) -> list[str]:
    """Write the rows of ``raw.extracts``, and say in words what is new.

    Parameters
    ----------
    connection
        A connection to the warehouse, in a transaction.
    extract
        The extract.
    landed
        Its files.

    Returns
    -------
    What is new, in words: nothing if nothing has changed, and what was decided stands.
    """
    known = known_files(connection, extract)
    before, location = last_landing(connection, extract)
    gone = set(known) - {row.file for row in landed}
    new = [
        row
        for row in landed
        if row.fingerprint is None
        or row.fingerprint != known.get(str(row.file), {}).get("fingerprint")
    ]
    if not new and not gone and location == extract.location:
        stay(connection, extract, landed, before)
        return []
    extracts = extract.at("extracts")
    connection.execute(f"delete from {extracts} where extract = ?", [extract.name])  # noqa: S608
    fields = {
        "extract": extract.name,
        "shop": extract.shop,
        "location": extract.location,
        "is_demo": extract.is_demo,
        "previous_records": before,
        "landed_at": datetime.now(UTC).replace(tzinfo=None),
    }
    for row in landed:
        values = fields | asdict(row) | {"records": row.records}
        connection.execute(
            f"insert into {extracts} ({', '.join(values)})"  # noqa: S608
            f" values ({', '.join('?' * len(values))})",
            list(values.values()),
        )
    return news(landed, before, len(new), len(gone))


def last_landing(connection: DuckDBPyConnection, extract: Extract) -> tuple[int | None, str | None]:
    """Read how many records the last landing brought, and from where."""
    row = connection.execute(
        f"select sum(records), max(location) from {extract.at('extracts')} where extract = ?",  # noqa: S608
        [extract.name],
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def stay(
    connection: DuckDBPyConnection, extract: Extract, landed: Sequence[Landed], before: int | None
) -> None:
    """Note that nothing has changed since the last landing."""
    extracts = extract.at("extracts")
    connection.execute(
        f"update {extracts} set previous_records = ? where extract = ?",  # noqa: S608
        [before, extract.name],
    )
    for row in landed:
        connection.execute(
            f"update {extracts} set stamp = ?, modified_at = ? where extract = ? and file = ?",  # noqa: S608
            [row.stamp, row.modified_at, extract.name, row.file],
        )


def news(landed: Sequence[Landed], before: int | None, new: int, gone: int) -> list[str]:
    """Say in words what a landing brought."""
    records = f"{sum(row.records for row in landed):,} records"
    words = [records if before is None else f"{records} ({before:,} in the last build)"]
    if len(landed) > 1 or gone:
        words.append(f"{len(landed):,} files, {new:,} of them new or changed")
    if gone:
        words.append(f"{gone:,} gone")
    if rejected := sum(row.rejected_records for row in landed):
        words.append(f"{rejected:,} of the records cannot be split into values")
    return words
