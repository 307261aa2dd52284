"""Parquet files and relations: a view with the columns that a table of text has."""

from collections.abc import Mapping, Sequence

import duckdb
from duckdb import DuckDBPyConnection

from patronage.landing.files import fingerprint_of, stamp_of
from patronage.landing.quoting import sql_name, sql_paths
from patronage.landing.records import match
from patronage.landing.refusals import RefusalError
from patronage.landing.report import Extract, Landed, at_once, kind_of, known_files, report

TEXTS = ("VARCHAR", "ENUM")
NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE",
)  # fmt: skip
ACCEPTED = {
    "dates": (*TEXTS, *NUMBERS, "DATE", "TIMESTAMP"),
    "whole_numbers": (*TEXTS, *NUMBERS),
    "amounts": (*TEXTS, *NUMBERS),
    "ids": (*TEXTS, *NUMBERS, "UUID"),
    "texts": (*TEXTS, *NUMBERS, "UUID", "BOOLEAN", "DATE", "TIMESTAMP"),
}
"""Beginnings of the names of types that lose nothing, by what is read from a column."""


def land_relation(connection: DuckDBPyConnection, extract: Extract) -> list[str]:
    """Make ``raw.<name>`` a view of a relation.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    extract
        The extract.

    Returns
    -------
    What is new, in words.

    Raises
    ------
    RefusalError
        If the relation has no rows, or lacks a column or its type.
    """
    landed = Landed(None, "seed" if extract.is_demo else "relation")
    relation = ".".join(sql_name(part) for part in extract.location.replace('"', "").split("."))
    view = write_view(connection, extract, relation, "null", "null")
    counted = connection.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608
    landed.row_count = counted[0] if counted else 0
    return finish(connection, extract, view, [landed])


def land_parquet(
    connection: DuckDBPyConnection, extract: Extract, paths: Sequence[str]
) -> list[str]:
    """Make ``raw.<name>`` a view of Parquet files, each of which is read to its end once.

    Parameters, result and errors are those of ``land_relation``; paths are those of the files.
    """
    known = known_files(connection, extract)
    landed = []
    for path in paths:
        row = Landed(path, "parquet")
        landed.append(row)
        if "://" not in path:
            row.settle(stamp_of(path), extract.settings)
            if path in known and known[path]["stamp"] == row.stamp:
                row.stay(known[path])
                continue
            row.fingerprint = fingerprint_of(path)
        row.row_count = count_rows(connection, path)
    views = [
        write_view(
            connection,
            extract,
            f"read_parquet({sql_paths(group)}, union_by_name = true, filename = true,"
            " file_row_number = true)",
            "filename",
            "file_row_number + 1",
        )
        for group in group_alike(connection, extract, paths).values()
    ]
    return finish(connection, extract, " union all ".join(views), landed)


def group_alike(
    connection: DuckDBPyConnection, extract: Extract, paths: Sequence[str]
) -> dict[tuple[str | None, ...], list[str]]:
    """Put Parquet files together that have the same headers for the columns of an extract.

    An engine alone would fill a column that a file calls by another name with nulls.

    Returns
    -------
    By the headers, in the order of columns, None where an optional one is missing: the files.
    """
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for path in paths:
        described = connection.execute(f"describe from read_parquet({sql_paths([path])})")
        headers = [row[0] for row in described.fetchall()]
        places = find_columns(extract, headers, path).values()
        found = tuple(None if place is None else headers[place] for place in places)
        groups.setdefault(found, []).append(path)
    return groups


def find_columns(extract: Extract, headers: Sequence[str], where: str) -> dict[str, int | None]:
    """Find the place of each column among the headers, as ``match`` does, and say where not."""
    try:
        return match(headers, extract.accepted, extract.optional)
    except RefusalError as error:
        raise RefusalError(f"{where}: {error}") from None


def count_rows(connection: DuckDBPyConnection, path: str) -> int:
    """Read a Parquet file to its end, and return its number of rows.

    Raises
    ------
    RefusalError
        If it is no whole Parquet file.
    """
    source = f"read_parquet({sql_paths([path])})"
    try:
        columns = connection.execute(f"describe from {source}").fetchall()
        hashes = ", ".join(f"bit_xor(hash({sql_name(column[0])}))" for column in columns)
        counted = connection.execute(f"select count(*), {hashes} from {source}").fetchone()  # noqa: S608
    except duckdb.Error:
        raise RefusalError(
            f"{path} is no whole Parquet file; accepted: a whole one; copy or download it again."
        ) from None
    return int(counted[0]) if counted else 0


def write_view(
    connection: DuckDBPyConnection, extract: Extract, source: str, file: str, line: str
) -> str:
    """Write the query of the view, in the types of its source.

    Raises
    ------
    RefusalError
        If a column is missing, or its type loses what is to be read from it.
    """
    try:
        types = {row[0]: row[1] for row in connection.execute(f"describe from {source}").fetchall()}
    except duckdb.Error:
        raise RefusalError(
            f"{extract.location} cannot be read; accepted: a relation, or whole Parquet files."
        ) from None
    headers = list(types)
    places = find_columns(extract, headers, extract.location)
    refuse_types(extract, headers, types, places)
    columns = [
        f"{'cast(null as varchar)' if place is None else sql_name(headers[place])}"
        f" as {sql_name(column)}"
        for column, place in places.items()
    ]
    return ", ".join(
        [
            f"select cast({file} as varchar) as file, cast({line} as bigint) as line",
            *columns,
            "cast(null as varchar) as rejected_reason",
            f"cast(null as varchar) as rejected_text from {source}",
        ]
    )


def refuse_types(
    extract: Extract,
    headers: Sequence[str],
    types: Mapping[str, str],
    places: Mapping[str, int | None],
) -> None:
    """Refuse columns whose type loses what is to be read from them.

    Raises
    ------
    RefusalError
        For the first of them.
    """
    roles = {column: role for role, columns in extract.roles.items() for column in columns}
    for column, place in places.items():
        if place is None:
            continue
        kind, role = types[headers[place]], roles.get(column, "texts")
        if kind.endswith("]") or not kind.startswith(ACCEPTED[role]):
            accepted = {"dates": "times or text", "texts": "text", "ids": "text or numbers"}
            raise RefusalError(
                f"{extract.location}: column {headers[place]} is {kind}; accepted for {column}:"
                f" {accepted.get(role, 'numbers or text')}."
            )


def finish(
    connection: DuckDBPyConnection, extract: Extract, view: str, landed: Sequence[Landed]
) -> list[str]:
    """Replace ``raw.<name>`` by the view, and report."""
    if not extract.is_demo and not any(row.row_count for row in landed):
        raise RefusalError(f"{extract.location} has no rows; at least one is needed.")
    with at_once(connection):
        if kind_of(connection, extract.name, extract.schema) == "table":
            connection.execute(f"drop table {extract.at(extract.name)}")
        connection.execute(f"create or replace view {extract.at(extract.name)} as {view}")
        return report(connection, extract, landed)
