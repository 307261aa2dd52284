"""Shops that enter by orders and by customers."""

import csv
import random
from decimal import Decimal
from pathlib import Path

import pytest

from warehouse import PROJECT, build, differences, query, run_dbt

pytestmark = pytest.mark.dbt

OLIST_TABLES = ("orders", "order_items", "order_payments", "customers")
PERSONS = PROJECT / "seeds/demo/department_store/demo_department_store_customers.csv"


@pytest.fixture(scope="session")
def olist_warehouse(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Olist's four tables as published, with every dbt test."""
    extracts = {
        f"olist_{table}": f"{real_data}/olist_{table}_dataset.csv.gz" for table in OLIST_TABLES
    }
    variables = {"shops": {"olist": "orders"}} | extracts
    return build(tmp_path_factory.mktemp("olist") / "olist/warehouse.duckdb", variables, tests=True)


def test_olist_gives_its_known_figures(olist_warehouse: Path) -> None:
    orders = dict(query(olist_warehouse, "select line_status, lines from marts.data_quality"))
    assert orders == {
        "accepted": 96_477, "unpaid": 1, "shipped": 1_107, "canceled": 625, "unavailable": 609, "invoiced": 314,
        "processing": 301, "created": 5, "approved": 2,
    }  # fmt: skip
    persons = query(
        olist_warehouse,
        "select count(*), sum(frequency), sum(monetary), count(*) filter (frequency > 1), count(distinct state)"
        " from marts.customers",
    )
    assert persons == [(93_358, 96_478, Decimal("15422461.77"), 2_801, 27)]


def test_olist_has_segments_without_returns(olist_warehouse: Path) -> None:
    found = query(
        olist_warehouse,
        "select segment, customers from marts.segments where segmentation = 'rfm_value'",
    )
    assert {segment for segment, _ in found} == {
        "High-Ticket Buyers", "Repeat Buyers", "Recent Low-Value", "Dormant Low-Value",
    }  # fmt: skip
    unpaid = query(
        olist_warehouse,
        "select segment, is_returner from marts.customers join marts.segments using (shop, segment)"
        " where monetary = 0 and is_primary",
    )
    assert [is_returner for _, is_returner in unpaid] == [False]


def test_what_customers_did_next_contradicts_no_name(olist_warehouse: Path) -> None:
    variables = {"shops": {"olist": "orders"}}
    held = run_dbt(
        "test", olist_warehouse, variables, "--select", "assert_names_hold_what_they_say"
    )
    assert " WARN=0 ERROR=0 SKIP=0" in held.stdout


def test_raw_tables_of_a_shop_are_named_together(tmp_path: Path) -> None:
    result = run_dbt("build", tmp_path / "mixed/warehouse.duckdb", {"olist_orders": "orders.csv"})
    assert result.returncode != 0
    said = " ".join(result.stdout.split())
    assert (
        "found none, but olist_orders is named; accepted: all raw tables of shop olist or none of them"
        in said
    )


def test_persons_keep_their_new_id_at_any_row_order(tmp_path: Path) -> None:
    with PERSONS.open(encoding="utf-8", newline="") as source:
        header, *rows = list(csv.reader(source))
    warehouses = []
    for number in range(2):
        random.Random(number).shuffle(rows)
        extract = tmp_path / f"{number}.csv"
        with extract.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([header, *rows])
        variables = {
            "shops": {"department_store": "customers"},
            "department_store_customers": str(extract),
        }
        warehouse = tmp_path / f"{number}/warehouse.duckdb"
        warehouses.append(
            build(
                warehouse,
                variables,
                "--select",
                "+customers",
                "+customer_segments",
                "base_department_store__repeated_ids",
            )
        )
    assert differences(*warehouses, marts=("customers", "customer_segments")) == {
        "customers": 0,
        "customer_segments": 0,
    }
    assert query(
        warehouses[0], "select count(*), count(distinct customer_id) from marts.customers"
    ) == [(700, 700)]
    assert query(
        warehouses[0],
        "select rows_with_repeated_id_pct, ids_that_look_like_updates from staging.base_department_store__repeated_ids",
    ) == [(Decimal("27"), 0)]


def test_premium_is_an_overlay_that_sums_to_the_segments(tmp_path: Path) -> None:
    warehouse = build(
        tmp_path / "store/warehouse.duckdb",
        {"shops": {"department_store": "customers"}},
        "--select",
        "+premium_overlay",
        "+segments",
        "--indirect-selection=cautious",
        tests=True,
    )
    assert query(
        warehouse,
        "select count(*) from (select segmentation, segment, sum(customers), sum(revenue) from marts.premium_overlay"
        " group by all except all select segmentation, segment, customers, revenue from marts.segments)",
    ) == [(0,)]
