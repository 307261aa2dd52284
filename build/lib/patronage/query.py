"""Answer a query on the published file, as a table for people or as CSV."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import duckdb

from patronage.published import connect_published, first_line

BATCH = 10_000
"""Rows that are in memory at once for CSV."""

NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,\d+\)|FLOAT|DOUBLE")
"""Types whose values stand to the right in a table."""

Row = tuple[str | None, ...]


class QueryError(Exception):
    """What is wrong with a query, in one sentence."""


@dataclass(frozen=True)
class Answer:
    """What a query has found, in DuckDB's own texts.

    Attributes
    ----------
    columns
        Their names.
    are_numbers
        Of each column, whether it holds numbers.
    batches
        The rows, some thousand at a time.
    """

    columns: list[str]
    are_numbers: list[bool]
    batches: Iterator[list[Row]]


def fetch(relation: duckdb.DuckDBPyRelation) -> Iterator[list[Row]]:
    """Fetch the rows of a relation as texts; null stays None.

    Raises
    ------
    QueryError
        A value cannot be computed.
    """
    try:
        texts = relation.project("cast(columns(*) as varchar)")
        while batch := texts.fetchmany(BATCH):
            yield batch
    except duckdb.Error as error:
        raise QueryError(first_line(error)) from error


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """Ask a published file.

    Parameters
    ----------
    connection
        To the file, attached as ``published``. From here on it reaches no other file.
    sql
        A query of DuckDB, in which ``marts.customers`` is a table and ``marts.segment_of`` a
        function; the schema may be left out.

    Raises
    ------
    QueryError
        DuckDB does not take it, or it has no rows to show.
    """
    connection.execute("use published.marts")
    connection.execute("set enable_external_access = false")  # no copy, attach or install
    try:
        relation = connection.sql(sql)
    except duckdb.Error as error:
        raise QueryError(first_line(error)) from error
    if relation is None:
        raise QueryError('that is not a query: ask for rows, such as "from marts.segments"')
    are_numbers = [NUMBER.fullmatch(str(kind)) is not None for kind in relation.types]
    return Answer(relation.columns, are_numbers, fetch(relation))


def format_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], are_numbers: Sequence[bool]
) -> str:
    """Align a table, each column as wide as its longest cell: numbers to the right.

    Parameters
    ----------
    header, rows
        Cells without line breaks.
    are_numbers
        Of each column, whether it holds numbers.
    """
    table = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, are_numbers, strict=True)
        )
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def table_cell(text: str | None) -> str:
    """Show a value in a table: null as NULL, and a line break as a backslash and a letter."""
    return "NULL" if text is None else text.replace("\r", r"\r").replace("\n", r"\n")


def csv_cell(text: str | None) -> str:
    """Write a value as CSV (RFC 4180): null is empty, an empty text is a pair of quotes."""
    if text is None:
        return ""
    return '"' + text.replace('"', '""') + '"' if not text or re.search('[",\r\n]', text) else text


def table_lines(answer: Answer) -> Iterator[str]:
    """Write an answer as an aligned table, with the number of its rows below."""
    rows = [[table_cell(text) for text in row] for batch in answer.batches for row in batch]
    header = [table_cell(column) for column in answer.columns]
    yield format_table(header, rows, answer.are_numbers)
    yield f"({len(rows)} {'row' if len(rows) == 1 else 'rows'})"


def csv_lines(answer: Answer) -> Iterator[str]:
    """Write an answer as CSV with a header, batch by batch."""
    first = next(answer.batches, [])  # before anything is written: a wrong query writes nothing
    yield ",".join(map(csv_cell, answer.columns))
    for batch in chain([first], answer.batches):
        yield from (",".join(map(csv_cell, row)) for row in batch)


def answer_query(published: Path, sql: str, *, as_csv: bool) -> Iterator[str]:
    """Answer a query on a published file.

    Parameters
    ----------
    published
        A file that ``patronage publish`` has written; it is opened for reading only.
    sql
        As of ``ask``.
    as_csv
        Whether to write CSV; a table otherwise.

    Yields
    ------
    Lines to print.

    Raises
    ------
    PublishError
        The file cannot be read.
    QueryError
        The query cannot be answered.
    """
    with closing(connect_published(published)) as connection:
        answer = ask(connection, sql)
        yield from csv_lines(answer) if as_csv else table_lines(answer)
