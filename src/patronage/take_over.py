"""Take over what Spark has built: its tables, copied into a DuckDB warehouse.

DuckDB continues from there: with the models after the lines, or with publishing.
"""

from pathlib import Path

import duckdb

from patronage.published import PublishError, first_line, sql_text

LANDING = "landing/landing.duckdb"
"""Beside Spark's tables: the DuckDB file that holds ``raw.extracts`` (patronage.landing.spark)."""


def take_over(folder: Path, warehouse: Path) -> int:
    """Copy every table that Spark has built into a warehouse, in one transaction.

    Parameters
    ----------
    folder
        What PATRONAGE_SPARK_PATH names: ``tables`` with a folder per schema, and ``landing``.
    warehouse
        The file that dbt writes with DuckDB; made if it is missing.

    Returns
    -------
    The number of tables.

    Raises
    ------
    PublishError
        Spark has built nothing there, or the warehouse cannot be written.
    """
    tables = find_tables(folder)
    if not tables:
        raise PublishError(
            f"{folder} holds no table that Spark has built; accepted: the folder that"
            " PATRONAGE_SPARK_PATH named when dbt build --target spark ran"
        )
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"attach {sql_text(str(folder / LANDING))} as landing (read_only)")
            connection.begin()
            for (schema, name), files in tables.items():
                copy_table(connection, schema, name, files)
            refuse_failed_build(connection, folder)
            connection.execute("create schema if not exists raw")
            forget_records(connection)
            connection.execute("create or replace table raw.extracts as from landing.raw.extracts")
            connection.commit()
    except duckdb.Error as error:
        raise PublishError(
            f"Spark's tables cannot be taken over into {warehouse}: {first_line(error)}"
        ) from error
    return len(tables)


def find_tables(folder: Path) -> dict[tuple[str, str], list[str]]:
    """Name the files of each table, by its schema and name."""
    tables: dict[tuple[str, str], list[str]] = {}
    for path in sorted(folder.glob("tables/*.db/*/*.parquet")):
        tables.setdefault((path.parts[-3].removesuffix(".db"), path.parts[-2]), []).append(
            str(path)
        )
    return tables


def copy_table(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, files: list[str]
) -> None:
    """Put a table into the warehouse, in the place of one of that name."""
    connection.execute(f'create schema if not exists "{schema}"')
    drop_relation(connection, schema, name)
    connection.execute(
        f'create table "{schema}"."{name}" as'
        f" from read_parquet([{', '.join(sql_text(file) for file in files)}])"
    )


def drop_relation(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    """Drop a table or view of the warehouse, if it is there."""
    kinds = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{name}"')


def forget_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the raw records that DuckDB has brought in: ``raw.extracts`` will say what Spark has.

    A build of DuckDB that reads an extract again brings it in anew.
    """
    names = "select distinct extract from landing.raw.extracts"
    is_known = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database()"
        " and schema_name = 'raw' and table_name = 'extracts'"
    ).fetchone()
    if is_known:
        names += " union select extract from raw.extracts"
    for (name,) in connection.execute(names).fetchall():
        drop_relation(connection, "raw", name)


def refuse_failed_build(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Refuse what Spark's last build has left, unless it succeeded.

    Raises
    ------
    PublishError
        It did not.
    """
    (status,) = connection.execute(
        "select coalesce(max(status) filter (status <> 'unfinished'), 'unfinished') from raw.builds"
        " where started_at = (select max(started_at) from raw.builds)"
    ).fetchone() or ("unfinished",)
    if status != "success":
        raise PublishError(
            f"the last build in {folder} is {status}; accepted: one without an error or a failed"
            " test: run dbt build --target spark"
        )
