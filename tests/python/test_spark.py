"""On a cluster of Apache Spark the project gives the marts that it gives on DuckDB.

The cluster is real: a master and two workers, processes of their own with an executor each. The
tests need PySpark in a folder of its own (``make .venv/spark/.made``) and Java.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ONLINE_RETAIL
from spark_cluster import (
    MARTS_ON_SPARK,
    cluster,
    dbt,
    dbt_on_spark,
    differing_rows,
    is_installed,
    tasks_by_executor,
)

from patronage.published import connect_published
from patronage.publishing.files import publish
from patronage.take_over import take_over
from warehouse import MARTS, build

pytestmark = [pytest.mark.dbt, pytest.mark.spark]
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
TEXTS = [
    "2010-12-01 08:26:00", "2010-12-01T08:26", "2010/12/1 8:26", "2010.12.01", "20101201", "20101201 082600", "201012010826",
    "2010-12-01 08:26:00.123", "2010-02-30", "2010-12-01 8:26 AM", "2010-12-01 12:26 pm", "12/1/2010 8:26", "1/12/10 8:26",
    "12/31/98", "31/12/98 23:59:59", "12-1-2010", "12/1/2010 8:26PM", "12/1/2010 13:26 PM", "12/1/2010 0:26 AM", "10/12/11",
    "99/1/2", "69/1/2", "68/1/2", "7/1/2", "7/1/123", "1 Jul 3", "123 Jul 1", "0/1/2010", "12/1/2010 24:00", "12/1/2010 8:61", "12/1/2010 8:26:59.5",
    "Wed, 1st Dec. 2010", "December 1, 2010", "1-Dec-10", "Sept 5 2010", "5 September 2010 3:04 PM", "2010 Dec 5",
    "1 Juneuary 2010", "31 Feb 2010", "Mon 3 Jan 2011 08:26:00.250", "2010-12-01T08:26:00Z", "2010-12-01 08:26:00+01:00",
    "2010-12-01 08:26-0330", "2010-12-01 08:26:00.5 GMT", "40513", "40513,5", "soon", "", "  12/1/2010  ",
    "\u00a012/1/2010 8:26\u200b", "1.0", "1,5", "1.234", "1,234.56", "1.234,56", "(5.00)", "5-", "£5.00", "€ 1 234,50",
    "1\u00a0234.5", "10 kr", "10 ZŁ", "1e3", "17.6", "6.000", "12345678901234.5678", "123456789012345678901", ".5",
    "\u22125", "1'000.5", "NaN", "null", "'quoted'", "back\\slash", "guest", " 0.00 ", "A123", "12.10",
]  # fmt: skip
READ = """
select
    value,
    {% for order in date_orders() %}
    cast({{ parse_timestamp('value', order, 'America/New_York') }} as {{ dbt.type_string() }}) as {{ order }},
    {% endfor %}
    {% for sign in ['point', 'comma'] %}
    cast({{ parse_number('value', sign, true) }} as {{ dbt.type_string() }}) as number_{{ sign }},
    cast({{ parse_whole_number('value', sign, false) }} as {{ dbt.type_string() }}) as whole_{{ sign }},
    {% endfor %}
    cast({{ read_as('value', 'integer') }} as {{ dbt.type_string() }}) as as_integer,
    cast({{ read_as('value', money_type()) }} as {{ dbt.type_string() }}) as as_money,
    {{ currency_of('value') }} as currency,
    {{ read_text('value') }} as as_text,
    {{ read_id('value') }} as as_id,
    {{ missing_to_null('value') }} as as_known,
    {{ missing_customer_to_null('value') }} as as_customer,
    cast({{ number_words('cast(length(value) as double) * 1234.5 / 4', 2) }} as {{ dbt.type_string() }}) as words
from (
    values
    {% for text in var('texts') %}({{ sql_text(text) }}){{ ',' if not loop.last }}{% endfor %}
) as texts (value)
"""
"""What reads texts, over TEXTS."""


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running cluster."""
    if not is_installed():
        pytest.skip("Spark is not installed: make .venv/spark/.made, and Java 17 or 21")
    with cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture(scope="module")
def demo_on_spark(master: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo's three shops, built by the cluster.

    A build that was killed while it wrote ``customers`` has left files there.
    """
    folder = tmp_path_factory.mktemp("demo_on_spark")
    left = folder / "spark/tables/marts.db/customers/_temporary"
    left.mkdir(parents=True)
    said = dbt_on_spark(folder, master, {}, "build", *NO_TESTS)
    assert "marts.db/customers, which a build that was killed has left" in said
    assert not left.exists()
    return folder


@pytest.fixture(scope="module")
def demo_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's three shops, built by DuckDB."""
    return build(tmp_path_factory.mktemp("demo_on_duckdb") / "warehouse.duckdb", {})


def assert_both_executors_worked(folder: Path) -> None:
    tasks = tasks_by_executor(folder)
    assert len(tasks) == 2
    assert min(tasks.values()) > 100


def dbt_on_duckdb(warehouse: Path, *args: str) -> None:
    """Build with the target duckdb in a process of its own."""
    environment = {"PATRONAGE_DUCKDB_PATH": str(warehouse)}
    dbt(warehouse.parent, environment, "build", *args, *NO_TESTS)


def test_the_cluster_gives_the_marts_of_duckdb(demo_on_spark: Path, demo_on_duckdb: Path) -> None:
    assert_both_executors_worked(demo_on_spark)
    assert set(MARTS) <= {path.name for path in (demo_on_spark / "spark/tables/marts.db").iterdir()}
    assert differing_rows(demo_on_duckdb, f"{demo_on_spark}/{MARTS_ON_SPARK}") == {}


@pytest.mark.exhaustive
def test_the_cluster_gives_the_marts_of_online_retail(
    master: str, real_data: Path, real_warehouse: Path, tmp_path: Path
) -> None:
    variables: dict[str, Any] = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "OnlineRetail.csv.gz")
    }
    dbt_on_spark(tmp_path, master, variables, "build", *NO_TESTS)
    assert_both_executors_worked(tmp_path)
    assert differing_rows(real_warehouse, f"{tmp_path}/{MARTS_ON_SPARK}") == {}


@pytest.mark.exhaustive
def test_duckdb_continues_from_sparks_lines(
    demo_on_spark: Path, demo_on_duckdb: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    take_over(demo_on_spark / "spark", warehouse)
    dbt_on_duckdb(warehouse, "--exclude", "+tag:lines")
    publish(warehouse, tmp_path / "published.duckdb")
    assert differing_rows(demo_on_duckdb, f"{tmp_path}/published/{{mart}}.parquet") == {}


@pytest.mark.exhaustive
def test_what_spark_has_built_is_published(
    demo_on_spark: Path, demo_on_duckdb: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    take_over(demo_on_spark / "spark", warehouse)
    dbt_on_duckdb(warehouse, "--select", "resource_type:function")
    publish(warehouse, tmp_path / "published.duckdb")
    assert differing_rows(demo_on_duckdb, f"{tmp_path}/published/{{mart}}.parquet") == {}
    publish(demo_on_duckdb, tmp_path / "duckdb.duckdb")
    ours, theirs = (scores_of(tmp_path / f"{name}.duckdb") for name in ("published", "duckdb"))
    assert ours.keys() == theirs.keys()
    assert len(ours) > 2000
    for customer, score in ours.items():
        other = theirs[customer]
        assert score | {"confidence": None} == other | {"confidence": None}
        assert score["confidence"] == pytest.approx(other["confidence"], abs=1e-12)


def scores_of(published: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Score every customer by the function of a published file."""
    with connect_published(published) as connection:
        rows = connection.execute(
            "select shop, customer_id, published.marts.score_segment(shop, 'rfm_r', recency_days, frequency, monetary,"
            " return_rate_pct) as score from published.marts.customers where score is not null"
        ).fetchall()
    return {(shop, customer_id): score for shop, customer_id, score in rows}


@pytest.mark.exhaustive
def test_both_engines_read_texts_alike(master: str, tmp_path: Path) -> None:
    command = ("--quiet", "show", "--inline", READ, "--limit", "-1", "--output", "json")
    variables = {"texts": TEXTS}
    on_duckdb = dbt(
        tmp_path,
        {"PATRONAGE_DUCKDB_PATH": str(tmp_path / "warehouse.duckdb")},
        *command,
        "--vars",
        json.dumps(variables),
    )
    ours, theirs = (
        {row["value"]: row for row in json.loads(said[said.index("{") :])["show"]}
        for said in (dbt_on_spark(tmp_path, master, variables, *command), on_duckdb)
    )
    assert len(theirs) == len(TEXTS)
    assert ours == theirs
