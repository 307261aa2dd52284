"""Raw extracts into the warehouse: each file read once, each physical record one row."""

import glob
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
from duckdb import DuckDBPyConnection

from patronage.landing import files, records
from patronage.landing.refusals import RefusalError

BATCH = 100_000
LONGEST_LINE = 16 << 20
"""DuckDB holds several lines of this length at a time; longer ones are read in Python."""


@dataclass(frozen=True)
class Extract:
    """A raw extract as the project describes it.

    Attributes
    ----------
    name
        The raw table: the var that says where it comes from, and its name in schema ``raw``.
    location
        A path or glob of files, or a relation.
    is_file
        Whether the location is one of files.
    headers
        By column, the headers that are accepted for it.
    is_demo
        Whether the location is the demo seed.
    optional
        Columns that may be missing.
    roles
        Columns by what is read from them: ``dates``, ``whole_numbers``, ``amounts``, ``ids``.
    encoding
        What the var ``extract_encodings`` says, or None.
    """

    name: str
    location: str
    is_file: bool
    headers: Mapping[str, Sequence[str]]
    is_demo: bool = False
    optional: Sequence[str] = ()
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    encoding: str | None = None

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


def land(connection: DuckDBPyConnection, extract: Extract, workshop: Path) -> list[str]:
    """Bring a raw extract into ``raw.<name>``, and write into ``raw.extracts`` how it was read.

    Files of text become rows of a table, each physical record one, with its file and line; files that have not changed
    since they were landed stay. Parquet and relations become a view.

    Parameters
    ----------
    connection
        A connection to the warehouse, without an open transaction.
    extract
        The extract.
    workshop
        A folder for copies, which is made and removed.

    Returns
    -------
    What is new, in words: nothing if nothing has changed.

    Raises
    ------
    RefusalError
        If the extract cannot be read without a decision, in one sentence; the warehouse is as it was then.
    """
    shutil.rmtree(workshop, ignore_errors=True)
    try:
        workshop.mkdir(parents=True)
        return _land(connection, extract, workshop)
    finally:
        connection.execute(f"drop table if exists {_arrivals(extract)}")
        shutil.rmtree(workshop, ignore_errors=True)


@contextmanager
def _at_once(connection: DuckDBPyConnection) -> Iterator[None]:
    """Let what is written appear together or not at all."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _arrivals(extract: Extract) -> str:
    """The table in which records arrive, until all of them are there."""
    return f"raw.{_name(extract.name + '__arrivals')}"


def _land(connection: DuckDBPyConnection, extract: Extract, workshop: Path) -> list[str]:
    _refuse_foreign_relation(connection, extract)
    if not extract.is_file:
        return _view(
            connection,
            extract,
            extract.location,
            [Landed(None, "seed" if extract.is_demo else "relation")],
        )
    paths = find_files(connection, extract.location, workshop)
    parquet = [name for name, path in paths.items() if files.is_parquet(path)]
    if parquet and len(parquet) < len(paths):
        other = next(name for name in paths if name not in parquet)
        raise RefusalError(
            f"{parquet[0]} is Parquet and {other} is not; accepted: files of one kind."
        )
    if parquet:
        return _view_of_parquet(connection, extract, parquet)
    return _table_of_text(connection, extract, paths, workshop)


def _refuse_foreign_relation(connection: DuckDBPyConnection, extract: Extract) -> None:
    """Never replace a table or view that somebody else has made."""
    is_there = _kind_of(connection, extract.name)
    is_ours = connection.execute(
        "select 1 from raw.extracts where extract = ?", [extract.name]
    ).fetchone()
    if is_there and not is_ours:
        raise RefusalError(
            f"raw.{extract.name} is there and was not made from a raw extract; accepted: another schema or name for it, because"
            f" the raw extract is brought into raw.{extract.name}."
        )


def _kind_of(connection: DuckDBPyConnection, name: str) -> str | None:
    row = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = 'raw' and table_name = ?",
        [name],
    ).fetchone()
    return None if row is None else "view" if row[0] == "VIEW" else "table"


def find_files(connection: DuckDBPyConnection, location: str, workshop: Path) -> dict[str, str]:
    """List the files of a location by name, in order, with where to read each.

    Text that is elsewhere is fetched into the workshop.
    """
    if "://" in location:
        return _fetch(connection, location, workshop)
    if os.path.lexists(location):
        files.stamp_of(location)
        return {location: location}
    try:
        found = [
            row[0]
            for row in connection.execute(
                "select file from glob(?) order by file", [location]
            ).fetchall()
        ]
    except duckdb.Error:
        found = []
    if not found:
        raise RefusalError(
            f"no file matches {location}; accepted are a path, glob or URL of csv, csv.gz or parquet, or a relation."
        )
    return {path: path for path in found}


def _fetch(connection: DuckDBPyConnection, location: str, workshop: Path) -> dict[str, str]:
    """Find files in an object storage or on a web server, and fetch those that are text."""
    accepted = "accepted: a location that DuckDB's extension httpfs can read with the credentials of the profile"
    try:
        connection.execute("load httpfs")
    except duckdb.Error:
        raise RefusalError(
            f"{location} needs DuckDB's extension httpfs, which is not installed; accepted: a path, or a target that has it (s3)."
        ) from None
    try:
        urls = [location]
        if not location.startswith("http"):
            urls = [
                row[0]
                for row in connection.execute(
                    "select file from glob(?) order by file", [location]
                ).fetchall()
            ]
        if urls and urls[0].lower().split("?")[0].endswith(".parquet"):
            return {url: url for url in urls}
        fetched = {}
        for number, url in enumerate(urls):
            copy = workshop / f"{number}" / Path(url.split("?")[0]).name
            copy.parent.mkdir()
            connection.execute(
                f"copy (select content from read_blob({_text(url)})) to {_text(str(copy))} (format blob)"
            )
            fetched[url] = str(copy)
    except duckdb.Error as error:
        raise RefusalError(
            f"{location} cannot be fetched ({_first_line(error)}); {accepted}."
        ) from None
    if not urls:
        raise RefusalError(f"no file matches {location}; {accepted}.")
    return fetched


def _first_line(error: Exception) -> str:
    return (
        str(error)
        .split("\n", maxsplit=1)[0]
        .removeprefix("IO Error: ")
        .removeprefix("HTTP Error: ")
        .rstrip(". ")
    )


# Parquet and relations -----------------------------------------------------------------------------------------------


def _view_of_parquet(
    connection: DuckDBPyConnection, extract: Extract, paths: Sequence[str]
) -> list[str]:
    known = _known_files(connection, extract)
    landed = []
    for path in paths:
        stamp = None if "://" in path else files.stamp_of(path)
        text = None if stamp is None else f"{stamp.text} {extract.settings}"
        row = Landed(path, "parquet", text)
        if stamp is not None:
            row.bytes, row.modified_at = stamp.bytes, stamp.modified_at
            if known.get(path, {}).get("stamp") == text:
                landed.append(_known(known[path], row))
                continue
            row.fingerprint = files.fingerprint_of(path)
        row.row_count = _check_parquet(connection, path)
        landed.append(row)
    source = f"read_parquet({_list(paths)}, union_by_name = true, filename = true, file_row_number = true)"
    return _view(connection, extract, source, landed)


def _check_parquet(connection: DuckDBPyConnection, path: str) -> int:
    """Read a file of Parquet to its end once; returns its number of rows."""
    try:
        columns = connection.execute(
            f"describe select * from read_parquet({_list([path])})"
        ).fetchall()
        hashes = ", ".join(f"bit_xor(hash({_name(column[0])}))" for column in columns)
        row = connection.execute(
            f"select count(*), {hashes} from read_parquet({_list([path])})"
        ).fetchone()
    except duckdb.Error:
        raise RefusalError(
            f"{path} is no whole Parquet file; accepted: a whole one; copy or download it again."
        ) from None
    assert row is not None
    return int(row[0])


ACCEPTED_TYPES = {
    "dates": (
        "VARCHAR",
        "ENUM",
        "DATE",
        "TIMESTAMP",
        "INT",
        "DOUBLE",
        "FLOAT",
        "DECIMAL",
        "UINT",
        "BIGINT",
        "HUGEINT",
    ),
    "whole_numbers": (
        "VARCHAR",
        "ENUM",
        "INT",
        "BIGINT",
        "HUGEINT",
        "SMALLINT",
        "TINYINT",
        "U",
        "DECIMAL",
        "DOUBLE",
        "FLOAT",
    ),
    "amounts": (
        "VARCHAR",
        "ENUM",
        "INT",
        "BIGINT",
        "HUGEINT",
        "SMALLINT",
        "TINYINT",
        "U",
        "DECIMAL",
        "DOUBLE",
        "FLOAT",
    ),
    "ids": (
        "VARCHAR",
        "ENUM",
        "INT",
        "BIGINT",
        "HUGEINT",
        "SMALLINT",
        "TINYINT",
        "U",
        "DECIMAL",
        "DOUBLE",
        "FLOAT",
        "UUID",
    ),
}
"""Beginnings of the names of types that lose nothing, by what is read from a column."""

NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "GEOMETRY")


def _view(
    connection: DuckDBPyConnection, extract: Extract, source: str, landed: list[Landed]
) -> list[str]:
    """Make ``raw.<name>`` a view with the columns that a table of text has, in the types of the source."""
    try:
        described = connection.execute(f"describe select * from {source}").fetchall()
    except duckdb.Error:
        raise RefusalError(
            f"{extract.location} cannot be read; accepted: a relation, or whole Parquet files."
        ) from None
    names = [row[0] for row in described]
    places = _places(extract, names)
    roles = {column: role for role, columns in extract.roles.items() for column in columns}
    for column, place in places.items():
        if place is not None:
            kind, accepted = described[place][1], ACCEPTED_TYPES.get(roles.get(column, ""))
            is_nested = kind.endswith("]") or kind.startswith(NESTED)
            if is_nested or (accepted and not kind.startswith(accepted)):
                raise RefusalError(
                    f"{extract.location}: column {names[place]} is {kind}; accepted for {column}: "
                    f"{'times or text' if roles.get(column) == 'dates' else 'numbers or text'}."
                )
    is_parquet = landed[0].file is not None
    if not is_parquet:
        row = connection.execute(f"select count(*) from {source}").fetchone()
        landed[0].row_count = int(row[0]) if row else 0
    if not extract.is_demo and not sum(found.row_count for found in landed):
        raise RefusalError(f"{extract.location} has no rows; at least one is needed.")
    columns = ",\n    ".join(
        [
            f"{'filename' if is_parquet else 'cast(null as varchar)'} as file",
            f"{'file_row_number + 1' if is_parquet else 'cast(null as bigint)'} as line",
            *(
                f"{'cast(null as varchar)' if place is None else _name(names[place])} as {_name(column)}"
                for column, place in places.items()
            ),
            "cast(null as varchar) as rejected_reason",
            "cast(null as varchar) as rejected_text",
        ]
    )
    with _at_once(connection):
        if _kind_of(connection, extract.name) == "table":
            connection.execute(f"drop table raw.{_name(extract.name)}")
        connection.execute(
            f"create or replace view raw.{_name(extract.name)} as\nselect\n    {columns}\nfrom {source}"
        )
        return _report(connection, extract, landed)


def _places(extract: Extract, names: Sequence[str]) -> dict[str, int | None]:
    try:
        return records.match(names, extract.headers, extract.optional)
    except RefusalError as error:
        raise RefusalError(f"{extract.location}: {error}") from None


# Text ----------------------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """A file that is being landed."""

    name: str
    text: files.Text
    header: records.Header
    landed: Landed

    @property
    def is_plain(self) -> bool:
        """Whether each line is one record as far as can be told without splitting it."""
        text = self.text
        is_odd = (
            text.nuls or text.cr or text.escaped_quotes or text.bad_lines or (text.lf and text.crlf)
        )
        return not is_odd and self.header.line == 1 and text.lines > 1

    @property
    def shape(self) -> tuple[Any, ...]:
        """What files must share to be read together."""
        return self.is_plain, self.header.delimiter, self.header.names, bool(self.text.crlf)


def _table_of_text(
    connection: DuckDBPyConnection, extract: Extract, paths: Mapping[str, str], workshop: Path
) -> list[str]:
    known = (
        _known_files(connection, extract) if _kind_of(connection, extract.name) == "table" else {}
    )
    landed, readings = [], []
    for number, (name, path) in enumerate(paths.items()):
        row, reading = _look_at(extract, name, path, known.get(name), workshop / f"{number}.txt")
        landed.append(row)
        if reading is not None:
            readings.append(reading)
    columns = "".join(f"{_name(column)} varchar, " for column in extract.headers)
    connection.execute(
        f"create or replace table {_arrivals(extract)}"
        f" (file varchar, line bigint, {columns}rejected_reason varchar, rejected_text varchar)"
    )
    readings.sort(key=lambda reading: (reading.shape, reading.name))
    for (is_plain, *_), together in groupby(readings, key=lambda reading: reading.shape):
        group = list(together)
        if not (is_plain and _read_plainly(connection, extract, group)):
            for reading in group:
                if (
                    len(group) == 1
                    or not is_plain
                    or not _read_plainly(connection, extract, [reading])
                ):
                    _read_carefully(connection, extract, reading)
    if not sum(row.row_count + row.rejected_records for row in landed):
        raise RefusalError(f"{extract.location} has no rows; at least one is needed.")
    kept = set(paths) - {reading.name for reading in readings}
    with _at_once(connection):
        _let_in(connection, extract, sorted(set(known) - kept), are_some_kept=bool(kept))
        return _report(connection, extract, landed)


def _look_at(
    extract: Extract, name: str, path: str, known: Mapping[str, Any] | None, copy: Path
) -> tuple[Landed, "_Reading | None"]:
    """Look at a file, and prepare its reading if it has changed since it was landed."""
    stamp = files.stamp_of(path)
    row = Landed(name, "text", f"{stamp.text} {extract.settings}", stamp.bytes, stamp.modified_at)
    if known is not None and known["stamp"] == row.stamp:
        return _known(known, row), None
    text = files.read_text(path, extract.encoding, copy)
    row.fingerprint = text.fingerprint
    if (
        known is not None
        and known["fingerprint"] == text.fingerprint
        and known["stamp"].endswith(extract.settings)
    ):
        copy.unlink(missing_ok=True)
        return _known(known, row), None
    return row, _prepare(extract, name, text, row, copy)


def _prepare(extract: Extract, name: str, text: files.Text, row: Landed, copy: Path) -> _Reading:
    """Find the header of a text, and write the text anew if DuckDB could not read it as it is."""
    files.normalise(text, copy)
    head = [
        line
        for _, line, _ in islice(
            records.read_lines(text.path, are_split_at_carriage_returns=_ends_by_return(text)), 20
        )
    ]
    header = records.find_header(name, head, extract.headers, extract.optional)
    row.encoding, row.delimiter, row.quote_escape = text.encoding, header.delimiter, '"'
    if not text.ends_in_a_line_end and text.lines > header.line:
        row.warning = f"{name} ends without a line end: its last record may be cut off"
    return _Reading(name, text, header, row)


def _ends_by_return(text: files.Text) -> bool:
    return text.cr > 0 and not text.lf and not text.crlf


def _let_in(
    connection: DuckDBPyConnection,
    extract: Extract,
    outdated: Sequence[str],
    *,
    are_some_kept: bool,
) -> None:
    """Put the records that have arrived in the place of those of changed and vanished files."""
    table = f"raw.{_name(extract.name)}"
    if are_some_kept:
        for name in outdated:
            connection.execute(f"delete from {table} where file = ?", [name])
        connection.execute(f"insert into {table} select * from {_arrivals(extract)}")
        return
    kind = _kind_of(connection, extract.name)
    if kind is not None:
        connection.execute(f"drop {kind} {table}")
    connection.execute(f"alter table {_arrivals(extract)} rename to {_name(extract.name)}")


def _read_plainly(
    connection: DuckDBPyConnection, extract: Extract, readings: Sequence[_Reading]
) -> bool:
    """Let DuckDB read files in which each line should be one record.

    It reads strictly. What shows that all went well is that there are as many rows as lines: a record that swallows the
    next line, and a line that is skipped, both make fewer.

    Returns
    -------
    Whether all went well; if not, the rows are gone again.
    """
    header, table = readings[0].header, _arrivals(extract)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.names)))
    chosen = ", ".join(
        "null" if place is None else f"c{place}"
        for place in (header.places[column] for column in extract.headers)
    )
    line_end = "\\r\\n" if readings[0].text.crlf else "\\n"
    before, sources = 0, []
    for reading in readings:
        sources.append(f"({_text(str(reading.text.path))}, {_text(reading.name)}, {before})")
        before += reading.text.lines - 1
    paths = [str(reading.text.path) for reading in readings]
    statement = f"""
    insert into {table}
    select sources.file, rows.place - sources.before + 1, {chosen}, null, null
    from (
        select *, row_number() over () as place
        from read_csv(
            {_list(paths)}, auto_detect = false, header = true, columns = {{{columns}}}, delim = {_text(header.delimiter)},
            quote = '"', escape = '"', comment = '', new_line = '{line_end}',
            strict_mode = true, null_padding = false, max_line_size = {LONGEST_LINE}, buffer_size = {4 * LONGEST_LINE},
            filename = 'path'
        )
    ) as rows
    inner join (values {", ".join(sources)}) as sources (path, file, before) on rows.path = sources.path
    """
    try:
        with _in_order(connection):
            connection.execute(statement)
    except duckdb.Error:
        return False
    column = next(column for column, place in header.places.items() if place is not None)
    counts = connection.execute(
        f"select file, count(*), count(case when {_name(column)} in {_tuple(header.names)} then 1 end) from {table}"
        f" where file in {_tuple([reading.name for reading in readings])} group by file"
    ).fetchall()
    expected = {(reading.name, reading.text.lines - 1, 0) for reading in readings}
    if set(counts) != expected:
        connection.execute(
            f"delete from {table} where file in {_tuple([reading.name for reading in readings])}"
        )
        return False
    for reading in readings:
        reading.landed.row_count = reading.text.lines - 1
    return True


@contextmanager
def _in_order(connection: DuckDBPyConnection) -> Iterator[None]:
    """Let rows arrive in the order of the file, which profiles give up for speed."""
    setting = connection.execute("select current_setting('preserve_insertion_order')").fetchone()
    connection.execute("set preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"set preserve_insertion_order = {setting[0] if setting else True}")


def _read_carefully(connection: DuckDBPyConnection, extract: Extract, reading: _Reading) -> None:
    """Read a file record by record, in Python."""
    escape = '"'
    if reading.text.escaped_quotes:
        rejected = {
            sign: sum(record.reason is not None for record in _records_of(reading, sign))
            for sign in ('"', "\\")
        }
        escape = min(('"', "\\"), key=lambda sign: rejected[sign])
    reading.landed.quote_escape = escape
    width = len(reading.header.names)
    nothing = (None,) * width
    chosen = [reading.header.places[column] for column in extract.headers]
    for batch in _batches(_records_of(reading, escape)):
        values = list(zip(*(record.values or nothing for record in batch), strict=True))
        empty = (None,) * len(batch)
        columns = [
            pyarrow.array([reading.name] * len(batch), pyarrow.string()),
            pyarrow.array([record.line for record in batch], pyarrow.int64()),
            *(
                pyarrow.array(empty if place is None else values[place], pyarrow.string())
                for place in chosen
            ),
            pyarrow.array([record.reason for record in batch], pyarrow.string()),
            pyarrow.array([record.text for record in batch], pyarrow.string()),
        ]
        table = pyarrow.table(columns, names=[f"c{place}" for place in range(len(columns))])
        connection.register("landing_batch", table)
        connection.execute(f"insert into {_arrivals(extract)} select * from landing_batch")
        connection.unregister("landing_batch")
        counts = Counter(record.reason is None for record in batch)
        reading.landed.row_count += counts[True]
        reading.landed.rejected_records += counts[False]


def _records_of(reading: _Reading, escape: str) -> Iterator[records.Record]:
    lines = records.read_lines(
        reading.text.path, are_split_at_carriage_returns=_ends_by_return(reading.text)
    )
    return records.read_records(lines, reading.header, escape, reading.name)


def _batches(found: Iterator[records.Record]) -> Iterator[list[records.Record]]:
    while batch := list(islice(found, BATCH)):
        yield batch


# What is known of files ----------------------------------------------------------------------------------------------

KEPT = (
    "stamp", "bytes", "modified_at", "fingerprint", "encoding", "delimiter", "quote_escape", "row_count", "rejected_records", "warning",
)  # fmt: skip


def _known_files(connection: DuckDBPyConnection, extract: Extract) -> dict[str, dict[str, Any]]:
    """What the last landing wrote about each file of the extract."""
    found = connection.execute(
        f"select file, format, landed_at, {', '.join(KEPT)} from raw.extracts where extract = ? and file is not null",
        [extract.name],
    )
    names = [column[0] for column in found.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def _known(known: Mapping[str, Any], now: Landed) -> Landed:
    """The row of a file whose bytes have not changed."""
    row = Landed(now.file, now.format, **{name: known[name] for name in KEPT})
    row.stamp, row.bytes, row.modified_at = now.stamp, now.bytes, now.modified_at
    return row


def _report(
    connection: DuckDBPyConnection, extract: Extract, landed: Sequence[Landed]
) -> list[str]:
    """Write the rows of ``raw.extracts``, and say in words what is new."""
    known = _known_files(connection, extract)
    row = connection.execute(
        "select sum(records), max(location) from raw.extracts where extract = ?", [extract.name]
    ).fetchone()
    before, location = row or (None, None)
    gone = set(known) - {found.file for found in landed}
    new = [
        found
        for found in landed
        if found.fingerprint is None
        or found.fingerprint != known.get(str(found.file), {}).get("fingerprint")
    ]
    if not new and not gone and location == extract.location:
        connection.execute(
            "update raw.extracts set previous_records = ? where extract = ?", [before, extract.name]
        )
        for found in landed:
            connection.execute(
                "update raw.extracts set stamp = ? where extract = ? and file = ?",
                [found.stamp, extract.name, found.file],
            )
        return []
    landed_at = datetime.now(UTC).replace(tzinfo=None)
    connection.execute("delete from raw.extracts where extract = ?", [extract.name])
    connection.executemany(
        f"insert into raw.extracts (extract, location, file, format, is_demo, records, previous_records, landed_at, {', '.join(KEPT)})"
        f" values ({', '.join('?' * (8 + len(KEPT)))})",
        [
            [
                extract.name, extract.location, found.file, found.format, extract.is_demo, found.row_count + found.rejected_records,
                before, landed_at, *(getattr(found, name) for name in KEPT),
            ]
            for found in landed
        ],
    )  # fmt: skip
    now = sum(found.row_count + found.rejected_records for found in landed)
    parts = [
        f"{now:,} records" + (f" ({before:,} in the last build)" if before is not None else "")
    ]
    if len(landed) > 1 or gone:
        parts.append(
            f"{len(landed):,} files, {len(new):,} of them new or changed"
            + (f", {len(gone):,} gone" if gone else "")
        )
    rejected = sum(found.rejected_records for found in landed)
    if rejected:
        parts.append(f"{rejected:,} of the records cannot be split into values")
    return parts


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _list(paths: Iterable[str]) -> str:
    """A list of paths that DuckDB takes as they are, whatever signs of a glob they hold."""
    return (
        "[" + ", ".join(_text(path if "://" in path else glob.escape(path)) for path in paths) + "]"
    )


def _tuple(values: Iterable[str]) -> str:
    return "(" + ", ".join(_text(value) for value in values) + ")"
