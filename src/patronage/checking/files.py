"""What a file holds, before anything is known of its columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from patronage.checking.columns import Column
from patronage.landing.excel import as_text
from patronage.landing.files import is_parquet, normalise, read_text, stamp_of
from patronage.landing.quoting import sql_name, sql_paths, sql_text
from patronage.landing.records import find_header, plain, read_lines
from patronage.landing.report import Extract, Landed
from patronage.landing.texts import arrivals, prepare, read_all

DATE = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ,].*)?"
    r"|(19|20)\d{6}|\d{1,2}[ -][[:alpha:]]{3,9}[.]?[ -]\d{2,4}.*|[[:alpha:]]{3,9} \d{1,2},? \d{4}.*"
)
CURRENCY = r"(\p{Sc}|R\$|[A-Z]{3})?"
NUMBER = rf"[(]?[-+]?\s*{CURRENCY}\s*[-+]?[\d.,' \x{{A0}}]*\d[\d.,]*\s*{CURRENCY}\s*[-)]?"
EMAIL = r"[^@\s]+@[^@\s]+[.][^@\s]+"


class Look(NamedTuple):
    """What was seen in a file: words about it, and its columns."""

    words: list[str]
    columns: list[Column]


def look_at(connection: DuckDBPyConnection, path: Path, workshop: Path) -> Look:
    """Read a file to its end, and measure its columns.

    Parameters
    ----------
    connection
        A connection to a database of its own, with a schema ``raw``.
    path
        The file: text, plain or compressed, or Parquet.
    workshop
        A folder for copies.

    Returns
    -------
    What was seen.

    Raises
    ------
    RefusalError
        If it cannot be read, in one sentence.
    """
    name = str(path)
    stamp_of(name)
    if is_parquet(name):
        relation = f"read_parquet({sql_paths([name])})"
        headers = [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
        columns = {header: sql_name(header) for header in headers}
        count = connection.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608
        words = [f"Parquet, {count[0] if count else 0:,} rows"]
        return Look(words, measure(connection, relation, columns))
    with arrived(connection, name, workshop) as (extract, landed, table):
        words = describe(connection, landed, table)
        columns = {headers[0]: column for column, headers in extract.headers.items()}
        return Look(words, measure(connection, table, columns))


@contextmanager
def arrived(
    connection: DuckDBPyConnection, name: str, workshop: Path
) -> Iterator[tuple[Extract, Landed, str]]:
    """Read a file of text into a table as a build does, with all its columns.

    Headers that only case, spaces and signs tell apart are left out: no build could.
    """
    copy = workshop / "0.txt"
    source = as_text(connection, name, name, workshop / "workbook.csv")
    text = normalise(read_text(source, None, copy), copy)
    head = [line for _, line, _ in islice(read_lines(text), 20)]
    names = find_header(name, head, {}, ()).names
    spelt = [plain(header) for header in names]
    headers = {
        f"c{place}": [header]
        for place, header in enumerate(names)
        if header and spelt.count(plain(header)) == 1
    }
    extract = Extract("checked", "", name, is_file=True, headers=headers, is_mapped=True)
    landed = Landed(name, "text")
    reading = prepare(extract, text, landed)
    with arrivals(connection, extract) as table:
        read_all(connection, extract, [reading], table)
        yield extract, landed, f"raw.{sql_name(table)}"


def describe(connection: DuckDBPyConnection, landed: Landed, table: str) -> list[str]:
    """Say how a file of text was read, and what cannot be split into values."""
    delimiter = "tab" if landed.delimiter == "\t" else landed.delimiter
    words = [f"text in {landed.encoding}, delimiter {delimiter}, {landed.records:,} records"]
    rejected = connection.execute(
        f"select line, rejected_reason from {table} where rejected_reason is not null"  # noqa: S608
        " order by line limit 1"
    ).fetchone()
    if rejected:
        words.append(
            f"{landed.rejected_records:,} of them cannot be split into values, the first in line"
            f" {rejected[0]}: {rejected[1]}"
        )
    return words + ([landed.warning] if landed.warning else [])


def measure(connection: DuckDBPyConnection, relation: str, columns: dict[str, str]) -> list[Column]:
    """Count the values of each column, and those that look like dates, numbers and e-mails."""
    found = []
    for header, column in columns.items():
        counts = connection.execute(
            f"""
            select
                count(value), count(distinct value),
                count(*) filter (regexp_full_match(value, {sql_text(DATE)})),
                count(*) filter (regexp_full_match(value, {sql_text(NUMBER)})),
                count(*) filter (regexp_full_match(value, {sql_text(EMAIL)}))
            from (select nullif(trim({column}::varchar), '') as value from {relation}) as texts
            """  # noqa: S608
        ).fetchone()
        found.append(Column(header, *(counts or (0, 0, 0, 0, 0))))
    return found
