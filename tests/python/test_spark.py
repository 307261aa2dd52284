"""On a cluster of Apache Spark the project gives the marts that it gives on DuckDB.

The cluster is real: a master and two workers, processes of their own with an executor each. The
tests need PySpark in a folder of its own (``make .venv/spark/.made``) and Java.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ONLINE_RETAIL
from spark_cluster import (
    build_on_spark,
    cluster,
    differing_rows,
    is_installed,
    tasks_by_executor,
)

from patronage.published import connect_published
from patronage.publishing.files import publish
from patronage.take_over import take_over
from warehouse import MARTS, PROJECT, build, query

pytestmark = [pytest.mark.dbt, pytest.mark.spark]
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running cluster."""
    if not is_installed():
        pytest.skip("Spark is not installed: make .venv/spark/.made, and Java 17 or 21")
    with cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture(scope="module")
def demo_on_spark(master: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo's three shops, built by the cluster."""
    folder = tmp_path_factory.mktemp("demo_on_spark")
    build_on_spark(folder, master, {}, *NO_TESTS)
    return folder


@pytest.fixture(scope="module")
def demo_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's three shops, built by DuckDB."""
    return build(tmp_path_factory.mktemp("demo_on_duckdb") / "warehouse.duckdb", {})


def dbt_on_duckdb(warehouse: Path, folder: Path, *args: str) -> None:
    """Run dbt with the target duckdb in a process of its own."""
    environment = os.environ | {
        "PATRONAGE_DUCKDB_PATH": str(warehouse), "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"), "DO_NOT_TRACK": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", *args]
    done = subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_cluster_gives_the_marts_of_duckdb(demo_on_spark: Path, demo_on_duckdb: Path) -> None:
    tasks = tasks_by_executor(demo_on_spark)
    assert len(tasks) == 2
    assert min(tasks.values()) > 100
    assert differing_rows(demo_on_duckdb, demo_on_spark) == {}
    assert set(MARTS) <= {path.name for path in (demo_on_spark / "spark/tables/marts.db").iterdir()}


def test_what_spark_has_built_is_published(
    demo_on_spark: Path, demo_on_duckdb: Path, tmp_path: Path
) -> None:
    warehouse, published, duck = (tmp_path / name for name in ("spark.duckdb", "published.duckdb", "duck.duckdb"))  # fmt: skip
    take_over(demo_on_spark / "spark", warehouse)
    dbt_on_duckdb(warehouse, tmp_path, "--select", "resource_type:function", *NO_TESTS)
    publish(warehouse, published)
    publish(demo_on_duckdb, duck)
    answers = []
    for file in (published, duck):
        with connect_published(file) as connection:
            answers.append(
                connection.execute(
                    "select shop, customer_id, published.marts.score_segment(shop, 'rfm_r', recency_days, frequency, monetary,"
                    " return_rate_pct) from published.marts.customers order by shop, customer_id"
                ).fetchall()
            )
    assert len(answers[0]) == len(answers[1]) > 2000
    for (*ours, score), (*theirs, other) in zip(*answers, strict=True):
        assert ours == theirs
        assert (score is None) == (other is None)
        if score is not None:
            assert score | {"confidence": None} == other | {"confidence": None}
            assert score["confidence"] == pytest.approx(other["confidence"], abs=1e-12)


def test_duckdb_continues_from_sparks_lines(
    master: str, real_data: Path, real_warehouse: Path, tmp_path: Path
) -> None:
    variables: dict[str, Any] = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "OnlineRetail.csv.gz")
    }
    build_on_spark(tmp_path, master, variables, "--select", "+tag:lines", *NO_TESTS)
    warehouse = tmp_path / "warehouse.duckdb"
    take_over(tmp_path / "spark", warehouse)
    assert query(warehouse, "select count(*) from intermediate.int_line_orders") == query(
        real_warehouse, "select count(*) from intermediate.int_line_orders"
    )
    dbt_on_duckdb(
        warehouse, tmp_path, "--vars", json.dumps(variables), "--exclude", "+tag:lines",
        "--exclude-resource-type", "test", "unit_test",
    )  # fmt: skip
    publish(warehouse, tmp_path / "published.duckdb")
