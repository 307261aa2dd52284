"""What patronage take-over copies from Spark's folder, and what a build of DuckDB makes of it.

The folders are as a build on Spark leaves them; no test needs Spark.
"""

from pathlib import Path

import duckdb
import pytest

from patronage.published import PublishError
from patronage.take_over import take_over
from warehouse import build, query


def spark_folder(folder: Path, tables: dict[str, str], extracts: str) -> Path:
    """Write tables, by ``schema/name`` a query, and the query of ``raw.extracts``."""
    (folder / "landing").mkdir(parents=True)
    with duckdb.connect(str(folder / "landing/landing.duckdb")) as connection:
        connection.execute(f"create schema raw; create table raw.extracts as {extracts}")
        for table, rows in tables.items():
            path = folder / "tables" / table.replace("/", ".db/")
            path.mkdir(parents=True)
            connection.execute(f"copy ({rows}) to '{path}/part-0.parquet'")
    return folder


def builds(*status: str) -> str:
    """The rows of one build on Spark, one for each status that it has had."""
    return (
        "select 'one' as build_id, timestamp '2026-01-01' as started_at, status, false as is_whole"
        f" from (select unnest({list(status)}) as status)"
    )


def test_only_a_build_that_has_succeeded_is_taken_over(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with pytest.raises(PublishError, match="holds no table that Spark has built"):
        take_over(tmp_path / "nothing", warehouse)
    tables = {"raw/builds": builds("unfinished", "failed")}
    folder = spark_folder(tmp_path / "spark", tables, "select 'a' as extract")
    with pytest.raises(PublishError, match="is failed; accepted: one without an error"):
        take_over(folder, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        assert connection.execute("select * from duckdb_tables()").fetchall() == []


def test_records_that_duckdb_has_are_forgotten(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema raw; create table raw.extracts as from (values ('files'), ('only_here')) as found (extract);"
            "create table raw.files as select 'yesterday' as line; create view raw.parquet as select 1 as line;"
            "create table raw.only_here as select 1 as line; create table raw.demo_files as select 1 as line"
        )
    tables = {
        "raw/builds": builds("unfinished", "success"),
        "intermediate/int_line_orders": "select 1 as x",
    }
    extracts = "from (values ('files'), ('parquet')) as found (extract)"
    assert take_over(spark_folder(tmp_path / "spark", tables, extracts), warehouse) == 2
    assert query(warehouse, "select extract from raw.extracts order by all") == [
        ("files",),
        ("parquet",),
    ]
    assert query(
        warehouse,
        "select table_name from information_schema.tables where table_schema = 'raw' order by all",
    ) == [("builds",), ("demo_files",), ("extracts",)]


@pytest.mark.dbt
def test_a_build_without_the_lines_is_whole_only_after_a_take_over(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create view intermediate.int_line_orders as select 1 as x")
    arguments = ("--exclude", "+tag:lines", "--resource-type", "seed")
    last = "select is_whole, status from raw.builds order by started_at desc, status limit 1"
    build(warehouse, {}, *arguments)
    assert query(warehouse, last) == [(False, "success")]
    tables = {
        "raw/builds": builds("unfinished", "success"),
        "intermediate/int_line_orders": "select 1 as x",
    }
    extracts = "from (select '' as extract) where false"
    take_over(spark_folder(tmp_path / "spark", tables, extracts), warehouse)
    build(warehouse, {}, *arguments)
    assert query(warehouse, last) == [(True, "success")]
