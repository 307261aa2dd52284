"""Shops that the var ``shops`` maps give what a shop with a model of its own gives."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from test_bad_input import problems, refuse
from test_readme import copy_project

from warehouse import PROJECT, build, query

pytestmark = pytest.mark.dbt

DEMO = PROJECT / "seeds/demo"
LINES = DEMO / "online_retail/demo_online_retail_order_lines.csv"
HEADERS = {
    "order_id": ("InvoiceNo", "Order No"),
    "product_id": ("StockCode", "Article"),
    # a header that is the name of another column: what the var names is meant
    "product_name": ("Description", "customer_id"),
    "quantity": ("Quantity", "Pieces"),
    "ordered_at": ("InvoiceDate", "When"),
    "unit_price": ("UnitPrice", "Each"),
    "customer_id": ("CustomerID", "Client (e-mail)"),
    "country": ("Country", "Where to"),
}
"""By column: its header in the extract of Online Retail, and another."""


def write_lines(path: Path, headers: list[str]) -> Path:
    """Write the demo's lines under other headers, without the bad debts that only its model knows."""
    with LINES.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[1:]
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(
            [headers, *(row for row in rows if not row[0].startswith("A"))]
        )
    return path


def project_with_service_codes(folder: Path) -> Path:
    """Copy the project, whose service codes hold for the mapped shop, too."""
    project = copy_project(folder)
    codes = project / "seeds/reference/service_codes.csv"
    header, *lines = codes.read_text(encoding="utf-8").splitlines()
    mapped = [line.replace("online_retail", "till") for line in lines]
    codes.write_text("\n".join([header, *lines, *mapped, ""]), encoding="utf-8")
    return project


def write_orders(folder: Path) -> None:
    """Join the tables of the demo's marketplace to one file of orders, as Parquet."""
    tables = {
        name: f"read_csv('{DEMO}/olist/demo_olist_{name}.csv', all_varchar = true)"
        for name in ("orders", "customers", "order_payments", "order_items")
    }
    duckdb.sql(
        f"""
        select
            order_id as "Order", customer_unique_id as "Buyer", customer_state as "Region", order_status as "Status",
            order_purchase_timestamp::timestamp as "Placed",
            (select sum(payment_value::decimal(18, 2)) from {tables["order_payments"]} as p where p.order_id = o.order_id) as "Paid",
            (select count(*) from {tables["order_items"]} as i where i.order_id = o.order_id) as "Items"
        from {tables["orders"]} as o join {tables["customers"]} using (customer_id)
        """
    ).write_parquet(str(folder / "orders.parquet"))


SHOPS = [("online_retail", "till"), ("olist", "market")]
"""Demo shops, each with the mapped shop that has the same data under other headers."""


@pytest.fixture(scope="module")
def four_shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Path]:
    """A folder for a warehouse, the vars of two demo shops and two mapped ones, and the project."""
    folder = tmp_path_factory.mktemp("mapped")
    own = write_lines(folder / "own.csv", [own for own, _ in HEADERS.values()])
    write_lines(folder / "till.csv", [other for _, other in HEADERS.values()])
    write_orders(folder)
    variables = {
        "shops": {
            "online_retail": "order_lines",
            "till": {
                "grain": "order_lines",
                "files": f"{folder}/till*.csv",
                "columns": {column: other for column, (_, other) in HEADERS.items()},
            },
            "olist": "orders",
            "market": {
                "grain": "orders",
                "files": f"{folder}/orders.parquet",
                "columns": {
                    "order_id": "Order", "customer_id": "Buyer", "state": "Region", "order_status": "Status",
                    "ordered_at": "placed", "amount": "Paid", "units": "Items",
                },
            },
        },
        "accepted_order_statuses": {"olist": ["delivered"], "market": ["delivered"]},
        "online_retail_order_lines": str(own),
    }  # fmt: skip
    project = project_with_service_codes(folder / "project")
    return folder / "build/warehouse.duckdb", variables, project


def build_models(four_shops: tuple[Path, dict[str, Any], Path], *models: str) -> Path:
    """Build models and all before them."""
    warehouse, variables, project = four_shops
    selected = [f"+{model}" for model in models]
    return build(warehouse, variables, "--select", *selected, project=project)


def assert_same_shop(warehouse: Path, relation: str, own: str, mapped: str) -> None:
    """Hold that two shops have the same rows."""
    # Olist's country stands in its model
    names = "'shop', 'country'" if own == "olist" else "'shop'"
    columns = f"columns(column_name -> column_name not in ({names}))"
    rows = {
        shop: f"(select {columns} from {relation} where shop = '{shop}')" for shop in (own, mapped)
    }
    assert query(warehouse, f"select count(*) > 0 from {rows[own]}") == [(True,)]
    for one, other in ((own, mapped), (mapped, own)):
        assert query(warehouse, f"from {rows[one]} except all from {rows[other]} limit 3") == []


def test_a_mapped_shop_is_the_same_shop(
    four_shops: tuple[Path, dict[str, Any], Path],
) -> None:
    warehouse = build_models(four_shops, "int_customer_rfm", "data_quality")
    for own, mapped in SHOPS:
        for relation in ("int_orders", "int_customer_rfm"):
            assert_same_shop(warehouse, f"intermediate.{relation}", own, mapped)
        assert_same_shop(warehouse, "marts.data_quality", own, mapped)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("own", "mapped"), SHOPS)
def test_a_mapped_shop_has_the_same_segments(
    four_shops: tuple[Path, dict[str, Any], Path], own: str, mapped: str
) -> None:
    warehouse = build_models(four_shops, "customers", "segments", "shop_months")
    for mart in ("customers", "segments", "shop_months"):
        assert_same_shop(warehouse, f"marts.{mart}", own, mapped)


def test_a_mapping_that_cannot_be_used_is_refused_before_any_model_runs(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("No,Client,Day,Total\n1,a,2024-01-02,3.50\n", encoding="utf-8")
    columns = {"order_id": "No", "customer_id": "Client", "ordered_at": "Day", "amount": "Total"}
    right = {"grain": "orders", "files": str(orders), "columns": columns}
    wrong: dict[str, Any] = {
        "online_retail": right,
        "Till 1": right,
        "no_files": {"grain": "orders", "columns": columns},
        "no_grain": right | {"grain": "baskets", "colour": "red"},
        "no_amount": right | {"columns": {"order_id": "No", "customer_id": 7, "paid": "Total"}},
        "no_columns": right | {"columns": "No"},
        "no_price": {"grain": "order_lines", "files": " ", "columns": columns | {"quantity": "Pieces"}},
        "nowhere": right | {"files": "no/such.csv"},
        "other_headers": right | {"columns": columns | {"amount": "Sum"}},
        "nothing": 5,
    }  # fmt: skip
    keys, grains = "grain, files, columns", "order_lines, orders, customers"
    needed = "order_id, customer_id, ordered_at, amount"
    accepted = f"{needed}, returned_amount, units, units_returned, order_status, country, state"
    files = "a path, glob or URL of csv, csv.gz or parquet, or a relation"
    assert problems(refuse(tmp_path, {"shops": wrong})) == [
        "var shops.online_retail: found a mapping, and model stg_online_retail__order_lines; accepted: a name that no"
        " model begins with, because a shop has one or the other.",
        "var shops: found Till 1; accepted: names of small letters, digits and _, the first of them a letter.",
        f"var shops.no_files: found no files; accepted: {keys}.",
        f"var shops.no_grain: found colour; accepted: {keys}.",
        f"var shops.no_grain.grain: found baskets; accepted: {grains}.",
        "var shops.no_amount.columns.customer_id: found 7; accepted: the header of a column, as a text.",
        f"var shops.no_amount.columns: found paid; accepted: {accepted}.",
        f"var shops.no_amount.columns: found no ordered_at; accepted: mappings that name {needed}.",
        f"var shops.no_amount.columns: found no amount; accepted: mappings that name {needed}.",
        "var shops.no_columns.columns: found No; accepted: a mapping from columns to headers of the files, such as"
        " {order_id: Order No}.",
        f"var shops.no_price.files: found  ; accepted: {files}.",
        "var shops.nothing: found 5; accepted: order_lines, orders, customers, or a mapping with grain, files and columns.",
        f"var shops.nowhere: no file matches no/such.csv; accepted are {files}.",
        f"var shops.other_headers: {orders}, line 1: no column for amount: found No, Client, Day, Total; accepted: Sum.",
    ]


def test_what_a_mapped_file_does_not_say_is_counted(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    rows = ["1,a,2024-01-02,3.50", "2,a,2024-01-03,", "3,b,2024-01-04,free", "4,,2024-01-05,2"]
    orders.write_text("\n".join(["No,Client,Day,Total", *rows, ""]), encoding="utf-8")
    columns = {"order_id": "No", "customer_id": "Client", "ordered_at": "Day", "amount": "Total"}
    shop = {"grain": "orders", "files": str(orders), "columns": columns}
    warehouse = build(
        tmp_path / "mapped/warehouse.duckdb",
        {"shops": {"desk": shop}},
        "--select", "+int_checked_orders",
    )  # fmt: skip
    assert query(
        warehouse,
        "select row_status, order_id, customer_id from intermediate.int_checked_orders order by order_id",
    ) == [
        ("accepted", "1", "a"),
        ("unpaid", "2", "a"),
        ("unreadable", "3", "b"),
        ("accepted", "4", None),
    ]
