"""The shop ``shopify``: from the order exports of its admin to orders."""

import csv
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from warehouse import PROJECT, build, query, run_dbt

pytestmark = pytest.mark.dbt

# the columns of the admin's export, in its order, as public samples have them
HEADER_LINE = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,"
    "Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,"
    "Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,"
    "Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,Receipt Number,Duties,Billing Province Name,"
    "Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)
HEADER = HEADER_LINE.split(",")
DAY = "2024-03-01 10:15:00 -0500"


def order(name: str, email: str, status: str, total: str, quantity: int = 1, **others: str) -> dict[str, str]:  # fmt: skip
    """Write the first row of an order."""
    first = {
        "Name": name, "Email": email, "Financial Status": status, "Currency": "USD", "Total": total, "Created at": DAY,
        "Lineitem quantity": str(quantity), "Lineitem name": 'Plate, 8"', "Refunded Amount": "0.00", "Billing Country": "US",
        "Notes": "two\nlines",
    }  # fmt: skip
    return first | {key.replace("_", " "): value for key, value in others.items()}


def item(name: str, email: str, quantity: int) -> dict[str, str]:
    """Write a row of a further item."""
    return {"Name": name, "Email": email, "Created at": DAY, "Lineitem quantity": str(quantity)}


def write(path: Path, *rows: dict[str, str]) -> None:
    """Write an export."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Two exports that overlap: the second knows what became of the orders of the first."""
    write(
        tmp_path / "orders_export_1.csv",
        order("#1001", " Ada@Example.com ", "paid", "60.00", 2),
        item("#1001", "ada@example.com", 1),
        order("#1002", "bo@example.com", "pending", "20.00"),
        order("#1003", "bo@example.com", "paid", "30.00", Cancelled_at=DAY),
        order("#1004", "bo@example.com", "voided", "40.00"),
        order("#1005", "", "paid", "50.00"),
    )
    write(
        tmp_path / "orders_export_2.csv",
        order("#1001", "ada@example.com", "partially_refunded", "60.00", 2, Refunded_Amount="20.00"),
        item("#1001", "ada@example.com", 1),
        order("#1002", "bo@example.com", "paid", "20.00"),
        order("#1006", "ada@example.com", "refunded", "10.00", Refunded_Amount="10.00"),
        item("#1007", "ada@example.com", 1),
        order("#1008", "ada@example.com", "paid", "ten"),
    )  # fmt: skip
    return tmp_path


def build_orders(exports: Path, **variables: Any) -> Path:
    """Build the orders of the exports."""
    variables = {
        "shops": {"shopify": "orders"},
        "shopify_orders": f"{exports}/orders_export_*.csv",
    } | variables
    warehouse = exports / "orders/warehouse.duckdb"
    return build(warehouse, variables, "--select", "+int_checked_orders")


def hash_of(email: str) -> str:
    return hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()


def test_orders_are_counted_once_and_as_what_became_of_them(exports: Path) -> None:
    ada, bo = hash_of("ada@example.com"), hash_of("bo@example.com")
    found = query(
        build_orders(exports),
        "select order_id, customer_id, row_status, amount, returned_amount, units, units_returned"
        " from intermediate.int_checked_orders order by order_id, row_status",
    )
    assert found == [
        # 20.00 of 60.00 pays for one of three units
        ("#1001", ada, "accepted", Decimal(60), Decimal(20), 3, 1),
        ("#1001", ada, "repeated", Decimal(60), Decimal(20), 3, 1),
        ("#1002", bo, "accepted", Decimal(20), Decimal(0), 1, 0),
        ("#1002", bo, "repeated", Decimal(20), Decimal(0), 1, 0),
        ("#1003", bo, "cancelled", Decimal(30), Decimal(0), 1, 0),
        ("#1004", bo, "voided", Decimal(40), Decimal(0), 1, 0),
        ("#1005", None, "accepted", Decimal(50), Decimal(0), 1, 0),
        ("#1006", ada, "accepted", Decimal(10), Decimal(10), 1, 1),
        ("#1007", ada, "unreadable", Decimal(0), Decimal(0), 1, 0),
        ("#1008", ada, "unreadable", Decimal(0), Decimal(0), 1, 0),
    ]
    days = "select distinct ordered_at::varchar from intermediate.int_checked_orders"
    assert query(exports / "orders/warehouse.duckdb", days) == [("2024-03-01 15:15:00",)]


def test_a_var_shows_the_addresses(exports: Path) -> None:
    warehouse = build_orders(exports, hash_shopify_emails=False)
    customers = "select distinct customer_id from intermediate.int_checked_orders order by all"
    assert query(warehouse, customers) == [("ada@example.com",), ("bo@example.com",), (None,)]


def test_two_currencies_are_refused_or_separated(exports: Path) -> None:
    write(
        exports / "orders_export_3.csv",
        order("#1009", "ada@example.com", "paid", "70.00", Currency="EUR"),
    )
    variables = {
        "shops": {"shopify": "orders"},
        "shopify_orders": f"{exports}/orders_export_*.csv",
        "shop_currencies": {"olist": "BRL"},
    }
    warehouse = exports / "refused/warehouse.duckdb"
    refused = run_dbt("build", warehouse, variables, "--select", "+int_checked_orders")
    assert refused.returncode != 0
    assert (
        "shop shopify: found orders in several currencies (7 in USD, 1 in EUR); accepted: one, because their sums would mean"
        " nothing, or var shop_currencies: {shopify: USD}, and orders in another are counted and left out then."
    ) in " ".join(" ".join(refused.failures).split())
    separated = build_orders(exports, shop_currencies={"shopify": "USD"})
    assert query(
        separated,
        "select row_status from intermediate.int_checked_orders where order_id = '#1009'",
    ) == [("in EUR",)]


def test_the_demo_has_the_columns_of_the_export() -> None:
    with (PROJECT / "seeds/demo/shopify/demo_shopify_orders.csv").open(encoding="utf-8") as seed:
        names = next(csv.reader(seed))
    assert set(names) <= set(HEADER)
    assert names == sorted(names, key=HEADER.index)
