"""Columns that a var carries from the files to customers and to lists."""

import csv
from pathlib import Path

import pytest

from patronage.cli import main
from patronage.publishing.files import publish
from warehouse import build, query, run_dbt

pytestmark = pytest.mark.dbt

HEADER = ["Order No", "Mail", "When", "Total", "City", "Source"]
ORDERS = [
    ["1", "a@example.com", "2024-01-01", "10.00", "Oslo", "web"],
    ["2", "a@example.com", "2024-02-01", "20.00", "Bergen", ""],
    ["3", "b@example.com", "2024-01-05", "5.00", "Paris", "shop"],
    ["4", "c@example.com", "2024-03-05", "7.00", "", " "],
]
COLUMNS = {"order_id": "Order No", "customer_id": "Mail", "ordered_at": "When", "amount": "Total"}


def test_the_latest_values_reach_customers_and_lists(tmp_path: Path) -> None:
    extract = tmp_path / "orders.csv"
    with extract.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([HEADER, *ORDERS])
    columns = COLUMNS | {"city": "City", "channel": "Source"}
    variables = {
        "shops": {"till": {"grain": "orders", "files": str(extract), "columns": columns}},
        "customer_attributes": ["city", "channel"],
    }
    warehouse = build(tmp_path / "till/warehouse.duckdb", variables)
    published = tmp_path / "published.duckdb"
    publish(warehouse, published)
    assert query(published, "select customer_id, city, channel from marts.customers order by all") == [
        ("a@example.com", "Bergen", "web"),
        ("b@example.com", "Paris", "shop"),
        ("c@example.com", None, None),
    ]  # fmt: skip
    assert query(
        published,
        "select column_name, comment like 'Latest %' from duckdb_columns() where table_name = 'customers'"
        " order by column_index desc limit 3",
    ) == [("channel", True), ("city", True), ("as_of_date", False)]
    assert query(
        warehouse,
        "select count(*) from duckdb_constraints() where table_name = 'customers' and constraint_type = 'CHECK'",
    ) > [(10,)]
    ((segment,),) = query(
        published, "select rule_segment from marts.customers where customer_id = 'a@example.com'"
    )
    target = tmp_path / "list.csv"
    wanted = ["--shop", "till", "--segmentation", "rfm_rules", "--segment", segment]
    where = ["--to", str(target), "--published", str(published)]
    assert main(["export", *wanted, "--columns", "city,channel", *where]) == 0
    header, *rows = target.read_text(encoding="utf-8").splitlines()
    assert header == "shop,customer_id,city,channel"
    assert "till,a@example.com,Bergen,web" in rows


def test_names_that_are_taken_are_refused(tmp_path: Path) -> None:
    taken = ["monetary", "country", "City", "city", "city"]
    result = run_dbt("build", tmp_path / "warehouse.duckdb", {"customer_attributes": taken})
    for name in ("monetary", "country", "City", "city"):
        assert f"var customer_attributes: found {name}; accepted: names of small letters" in (
            result.stdout
        )
