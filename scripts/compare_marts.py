"""Compare the marts of warehouses or published files: ``compare_marts.py FILE FILE [FILE …]``.

Each file is compared with the first one, every row of every mart both ways. What a build says of
itself (its id, its time) is left out.
"""

import sys
from pathlib import Path

import duckdb

OF_ONE_BUILD = ("build", "mart_keys")


def names_of_marts(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """Name the tables of the schema ``marts`` in an attached database."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'marts'",
        [database],
    ).fetchall()
    return {str(name) for (name,) in rows if name not in OF_ONE_BUILD}


def count_differences(one: Path, other: Path) -> dict[str, int]:
    """Count the rows of each mart that are in one file and not in the other, both ways.

    Parameters
    ----------
    one, other
        Files with a schema ``marts``.

    Returns
    -------
    Rows by mart.

    Raises
    ------
    ValueError
        If a mart is in one of the files only.
    """
    with duckdb.connect() as connection:
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        marts, others = names_of_marts(connection, "one"), names_of_marts(connection, "other")
        if marts != others:
            raise ValueError(f"only one of {one} and {other} has {', '.join(marts ^ others)}")
        counts = {}
        for mart in sorted(marts):
            found = 0
            for here, there in (("one", "other"), ("other", "one")):
                rows = f"(from {here}.marts.{mart} except all from {there}.marts.{mart})"
                found += len(connection.sql(f"select 1 from {rows}").fetchall())
            counts[mart] = found
    return counts


def main(files: list[Path]) -> int:
    """Print what differs; return 1 if anything does."""
    status = 0
    for other in files[1:]:
        differing = {
            mart: rows for mart, rows in count_differences(files[0], other).items() if rows
        }
        print(f"{files[0]} and {other}: {differing or 'the marts are equal'}")
        status = 1 if differing else status
    return status


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
