"""Files of text: a table with one row per physical record."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
from duckdb import DuckDBPyConnection

from patronage.landing.files import Text, normalise, read_text, stamp_of
from patronage.landing.quoting import sql_name, sql_paths, sql_text, sql_texts
from patronage.landing.records import Header, Record, find_header, read_lines, read_records
from patronage.landing.refusals import RefusalError
from patronage.landing.report import Extract, Landed, at_once, kind_of, known_files, report

BATCH = 100_000
LONGEST_LINE = 16 << 20
"""DuckDB holds several lines of this length at a time; longer ones are read in Python."""


@dataclass(frozen=True)
class Reading:
    """A file whose records are to come in."""

    name: str
    text: Text
    header: Header
    landed: Landed

    @property
    def is_plain(self) -> bool:
        """Whether each line is one record as far as can be told without splitting it."""
        text = self.text
        is_odd = text.nuls or text.cr or text.escaped_quotes or text.bad_lines
        return not is_odd and not (text.lf and text.crlf) and self.header.line == 1

    @property
    def shape(self) -> tuple[Any, ...]:
        """What files must share to be read together."""
        return self.is_plain, self.header.delimiter, self.header.names, bool(self.text.crlf)

    def records(self, escape: str) -> Iterator[Record]:
        """Read the records one by one."""
        return read_records(read_lines(self.text), self.header, escape, self.name)


def land_texts(
    connection: DuckDBPyConnection, extract: Extract, paths: Mapping[str, str], workshop: Path
) -> list[str]:
    """Bring the records of new and changed files into the table ``raw.<name>``.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    extract
        The extract.
    paths
        By the name of each file, the path from which to read it.
    workshop
        A folder for copies.

    Returns
    -------
    What is new, in words.

    Raises
    ------
    RefusalError
        If a file cannot be read, or there are no rows.
    """
    kind = kind_of(connection, extract.name, extract.schema)
    known = known_files(connection, extract) if kind == "table" else {}
    landed, readings = [], []
    for number, (name, path) in enumerate(paths.items()):
        row = Landed(name, "text")
        landed.append(row)
        text = read_if_changed(extract, path, row, known.get(name), workshop / f"{number}.txt")
        if text is not None:
            readings.append(prepare(extract, text, row))
    with arrivals(connection, extract) as table:
        read_all(connection, extract, readings, table)
        if not any(row.row_count + row.rejected_records for row in landed):
            raise RefusalError(f"{extract.location} has no rows; at least one is needed.")
        kept = set(paths) - {reading.name for reading in readings}
        with at_once(connection):
            let_in(connection, extract, table, sorted(set(known) - kept) if kept else None)
            return report(connection, extract, landed)


def read_if_changed(
    extract: Extract, path: str, row: Landed, known: Mapping[str, Any] | None, copy: Path
) -> Text | None:
    """Read a file's text unless the file is the one that is known."""
    row.settle(stamp_of(path), extract.settings)
    if known is not None and known["stamp"] == row.stamp:
        row.stay(known)
        return None
    text = read_text(path, extract.encoding, copy)
    row.fingerprint = text.fingerprint
    is_same = known is not None and known["fingerprint"] == text.fingerprint
    if known is not None and is_same and known["stamp"].endswith(extract.settings):
        row.stay(known)
        copy.unlink(missing_ok=True)
        return None
    return normalise(text, copy)


def prepare(extract: Extract, text: Text, row: Landed) -> Reading:
    """Find the header of a text."""
    name = str(row.file)
    head = [line for _, line, _ in islice(read_lines(text), 20)]
    header = find_header(name, head, extract.accepted, extract.optional)
    row.encoding, row.delimiter, row.quote_escape = text.encoding, header.delimiter, '"'
    if not text.ends_in_a_line_end and text.lines > header.line:
        row.warning = f"{name} ends without a line end: its last record may be cut off"
    return Reading(name, text, header, row)


@contextmanager
def arrivals(connection: DuckDBPyConnection, extract: Extract) -> Iterator[str]:
    """Make a table in which records arrive, until all of them are there."""
    name = f"{extract.name}__arrivals"
    columns = "".join(f"{sql_name(column)} varchar, " for column in extract.headers)
    connection.execute(
        f"create or replace table {extract.at(name)}"
        f" (file varchar, line bigint, {columns}rejected_reason varchar, rejected_text varchar)"
    )
    try:
        yield name
    finally:
        connection.execute(f"drop table if exists {extract.at(name)}")


def let_in(
    connection: DuckDBPyConnection, extract: Extract, table: str, outdated: Sequence[str] | None
) -> None:
    """Put the records that have arrived in the place of those of outdated files.

    Parameters
    ----------
    connection
        A connection to the warehouse, in a transaction.
    extract
        The extract.
    table
        The table in which records have arrived.
    outdated
        Files that have changed or vanished; None if no file stays.
    """
    name, arrived = extract.at(extract.name), extract.at(table)
    if outdated is None:
        if kind := kind_of(connection, extract.name, extract.schema):
            connection.execute(f"drop {kind} {name}")
        connection.execute(f"alter table {arrived} rename to {sql_name(extract.name)}")
        return
    for file in outdated:
        connection.execute(f"delete from {name} where file = ?", [file])  # noqa: S608
    connection.execute(f"insert into {name} from {arrived}")


def read_all(
    connection: DuckDBPyConnection, extract: Extract, readings: Sequence[Reading], table: str
) -> None:
    """Read files together where they look alike, and on their own where that does not work."""
    in_order = sorted(readings, key=lambda reading: (reading.shape, reading.name))
    for (is_plain, *_), alike in groupby(in_order, key=lambda reading: reading.shape):
        group = list(alike)
        if is_plain and read_plainly(connection, extract, group, table):
            continue
        for reading in group:
            can_be_plain = is_plain and len(group) > 1
            if not (can_be_plain and read_plainly(connection, extract, [reading], table)):
                read_carefully(connection, extract, reading, table)


def read_plainly(
    connection: DuckDBPyConnection, extract: Extract, readings: Sequence[Reading], table: str
) -> bool:
    """Let DuckDB read files in which each line should be one record.

    It reads strictly. What shows that all went well is that there are as many rows as lines: a
    record that swallows the next line, and a line that is skipped, both make fewer.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    extract
        The extract.
    readings
        The files, all of one shape.
    table
        The table in which records arrive.

    Returns
    -------
    Whether all went well; if not, the rows are gone again.
    """
    arrived, header = extract.at(table), readings[0].header
    try:
        with in_order(connection):
            connection.execute(f"insert into {arrived} {plain_query(extract, readings)}")
    except duckdb.Error:
        return False
    column = next(column for column, place in header.places.items() if place is not None)
    files = sql_texts(reading.name for reading in readings)
    is_header = f"{sql_name(column)} in {sql_texts(header.names)}"
    counts = connection.execute(
        f"select file, count(*), count(case when {is_header} then 1 end) from {arrived}"  # noqa: S608
        f" where file in {files} group by file"
    ).fetchall()
    expected = {(reading.name, reading.text.lines - 1, 0) for reading in readings}
    if set(counts) != {counts for counts in expected if counts[1]}:
        connection.execute(f"delete from {arrived} where file in {files}")  # noqa: S608
        return False
    for reading in readings:
        reading.landed.row_count = reading.text.lines - 1
    return True


def plain_query(extract: Extract, readings: Sequence[Reading]) -> str:
    """Write the query that reads files as they are, and numbers their lines."""
    header = readings[0].header
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.names)))
    places = [header.places[column] for column in extract.headers]
    chosen = ", ".join("null" if place is None else f"c{place}" for place in places)
    line_end = "\\r\\n" if readings[0].text.crlf else "\\n"
    before, sources = 0, []
    for reading in readings:
        path = sql_text(str(reading.text.path))
        sources.append(f"({path}, {sql_text(reading.name)}, {before})")
        before += reading.text.lines - 1
    return f"""
    select sources.file, rows.place - sources.before + 1, {chosen}, null, null
    from (
        select *, row_number() over () as place
        from read_csv(
            {sql_paths(str(reading.text.path) for reading in readings)},
            auto_detect = false, header = true, columns = {{{columns}}}, filename = 'path',
            delim = {sql_text(header.delimiter)}, quote = '"', escape = '"', comment = '',
            new_line = '{line_end}', strict_mode = true, null_padding = false,
            max_line_size = {LONGEST_LINE}, buffer_size = {4 * LONGEST_LINE}
        )
    ) as rows
    inner join (values {", ".join(sources)}) as sources (path, file, before)
        on rows.path = sources.path
    """  # noqa: S608


@contextmanager
def in_order(connection: DuckDBPyConnection) -> Iterator[None]:
    """Let rows arrive in the order of the file, which profiles give up for speed."""
    setting = connection.execute("select current_setting('preserve_insertion_order')").fetchone()
    connection.execute("set preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"set preserve_insertion_order = {setting[0] if setting else True}")


def read_carefully(
    connection: DuckDBPyConnection, extract: Extract, reading: Reading, table: str
) -> None:
    """Read a file record by record, in Python.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    extract
        The extract.
    reading
        The file.
    table
        The table in which records arrive.
    """
    escape = reading.landed.quote_escape = find_escape(reading)
    nothing = (None,) * len(reading.header.names)
    places = [reading.header.places[column] for column in extract.headers]
    found = reading.records(escape)
    while batch := list(islice(found, BATCH)):
        values = list(zip(*(record.values or nothing for record in batch), strict=True))
        empty = (None,) * len(batch)
        columns = [
            pyarrow.array([reading.name] * len(batch), pyarrow.string()),
            pyarrow.array([record.line for record in batch], pyarrow.int64()),
            *(
                pyarrow.array(empty if place is None else values[place], pyarrow.string())
                for place in places
            ),
            pyarrow.array([record.reason for record in batch], pyarrow.string()),
            pyarrow.array([record.text for record in batch], pyarrow.string()),
        ]
        names = [f"c{place}" for place in range(len(columns))]
        connection.register("landing_batch", pyarrow.table(columns, names=names))
        connection.execute(f"insert into {extract.at(table)} from landing_batch")
        connection.unregister("landing_batch")
        rejected = sum(record.reason is not None for record in batch)
        reading.landed.rejected_records += rejected
        reading.landed.row_count += len(batch) - rejected


def find_escape(reading: Reading) -> str:
    """Find what makes a quotation mark an ordinary sign: what rejects fewer records."""
    if not reading.text.escaped_quotes:
        return '"'
    rejected = {
        sign: sum(record.reason is not None for record in reading.records(sign))
        for sign in ('"', "\\")
    }
    return min(rejected, key=lambda sign: rejected[sign])
