"""The demo seeds can be written again, and carry the flaws that the generator documents.

Everything is counted from the csv files alone; only the documented rates come from the generator.
"""

import csv
import runpy
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds" / "demo"
FLAWS: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "demo" / "flaws.py"))["FLAWS"]

ORDER_LINES_HEADER = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)
SERVICES = ("POST", "DOT", "C2", "M", "D", "S", "B", "BANK CHARGES", "AMAZONFEE")

LARGEST_PACK = 300

Row = dict[str, str]


class Line(NamedTuple):
    """A readable order line."""

    order: str
    customer: str
    country: str
    product: str
    is_merchandise: bool
    quantity: int
    price: Decimal
    at: datetime


def read(table: str) -> list[Row]:
    with (SEEDS / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def clean_id(text: str) -> str:
    trimmed = text.strip().removesuffix(".0")
    return "" if trimmed == "0" else trimmed


def parse(row: Row) -> Line | None:
    """Return the line, or None if a value that it needs is missing or not readable."""
    code = row["StockCode"].strip().upper()
    if not row["InvoiceNo"]:
        return None
    try:
        return Line(
            order=row["InvoiceNo"],
            customer=clean_id(row["CustomerID"]),
            country=row["Country"],
            product=code,
            is_merchandise=not code.startswith(("GIFT", "TEST")) and code not in SERVICES,
            quantity=int(row["Quantity"]),
            price=Decimal(row["UnitPrice"]),
            at=datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M"),
        )
    except (ValueError, InvalidOperation):
        return None


ORDER_LINES = read("online_retail/demo_online_retail_order_lines.csv")
LINES = [line for line in map(parse, ORDER_LINES) if line]
SOLD = [line for line in LINES if line.price > 0 and not line.order.startswith("A")]
OLIST_ORDERS = read("olist/demo_olist_orders.csv")
OLIST_ITEMS = read("olist/demo_olist_order_items.csv")
OLIST_PAYMENTS = read("olist/demo_olist_order_payments.csv")
OLIST_CUSTOMERS = read("olist/demo_olist_customers.csv")
STORE_CUSTOMERS = read("department_store/demo_department_store_customers.csv")
SHOPIFY_ROWS = read("shopify/demo_shopify_orders.csv")


def share(flags: Iterable[bool]) -> float:
    counted = [*flags]
    return sum(counted) / len(counted)


def units_by_customer() -> dict[str, tuple[int, int]]:
    """Return the units of merchandise that each known customer bought and returned."""
    units: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in SOLD:
        if line.customer and line.is_merchandise:
            bought, returned = units[line.customer]
            bought, returned = bought + max(line.quantity, 0), returned + max(-line.quantity, 0)
            units[line.customer] = (bought, returned)
    return units


def lines_per_order() -> dict[str, Counter[tuple[str, ...]]]:
    """Return how often each line occurs in each order."""
    orders: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in ORDER_LINES:
        if row["InvoiceNo"]:
            orders[row["InvoiceNo"]][tuple(row.values())] += 1
    return orders


def count_online_retail() -> dict[str, float]:
    ids = {row["InvoiceNo"]: row["CustomerID"] for row in ORDER_LINES if row["InvoiceNo"]}
    units = units_by_customer().values()
    orders = lines_per_order().values()
    repeated = [order for order in orders if set(order.values()) == {2}]
    countries: dict[str, set[str]] = defaultdict(set)
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    merchandise = [line for line in SOLD if line.is_merchandise]
    for line in LINES:
        countries[line.customer].add(line.country)
    for line in merchandise:
        prices[line.product][line.price] += 1
    usual = {product: max(seen, key=lambda p: (seen[p], p)) for product, seen in prices.items()}
    return {
        "guest_lines": share(not clean_id(row["CustomerID"]) for row in ORDER_LINES),
        "guest_orders_with_id_0": sum(text == "0" for text in ids.values()),
        "orders_with_decimal_id": sum(text.endswith(".0") for text in ids.values()),
        "orders_with_spaced_id": sum(text != text.strip() for text in ids.values()),
        "customers_in_two_countries": sum(len(c) > 1 for who, c in countries.items() if who),
        "cancelled_lines": share(line.order.startswith("C") for line in LINES),
        "customers_returning_everything": sum(bought == back > 0 for bought, back in units),
        "customers_returning_thousands": sum(back > 50 * bought > 0 for bought, back in units),
        "customers_only_returning": sum(bought == 0 < back for bought, back in units),
        "service_lines": share(not line.is_merchandise for line in LINES),
        "odd_service_codes": sum(
            row["StockCode"] != row["StockCode"].strip().upper()
            and row["StockCode"].strip().upper() in SERVICES
            for row in ORDER_LINES
        ),
        "discounted_lines": share(line.price < usual[line.product] for line in merchandise),
        "zero_price_lines": sum(line.price == 0 for line in LINES),
        "adjustment_lines": sum(line.order.startswith("A") or line.price < 0 for line in LINES),
        "mistyped_quantities": len(
            {line.order for line in LINES if line.quantity > 2 * LARGEST_PACK}
        ),
        "unreadable_lines": sum(parse(row) is None for row in ORDER_LINES),
        "repeated_orders": len(repeated),
        "repeated_lines": sum(
            times > 1 for order in orders if order not in repeated for times in order.values()
        ),
    }


def count_olist() -> dict[str, float]:
    people = Counter(row["customer_unique_id"] for row in OLIST_CUSTOMERS)
    payments = Counter(row["order_id"] for row in OLIST_PAYMENTS)
    delivered = [row for row in OLIST_ORDERS if row["order_status"] == "delivered"]
    return {
        "people_with_several_orders": share(orders > 1 for orders in people.values()),
        "orders_not_delivered": 1 - len(delivered) / len(OLIST_ORDERS),
        "orders_with_several_payments": share(times > 1 for times in payments.values()),
        "delivered_orders_without_payment": sum(not payments[r["order_id"]] for r in delivered),
    }


def count_department_store() -> dict[str, float]:
    ids = Counter(row["customer_id"] for row in STORE_CUSTOMERS)
    alike = Counter((row["customer_id"], row["first_purchase_date"]) for row in STORE_CUSTOMERS)
    return {
        "rows_with_shared_id": share(ids[row["customer_id"]] > 1 for row in STORE_CUSTOMERS),
        "pairs_with_same_id_and_first_date": sum(times == 2 for times in alike.values()),
        "rows_without_subscription": sum(not r["subscription_status"] for r in STORE_CUSTOMERS),
    }


def count_shopify() -> dict[str, float]:
    first_rows = [row for row in SHOPIFY_ROWS if row["Total"]]
    orders = {row["Name"]: row for row in first_rows}.values()
    return {
        "till_orders": share(not row["Email"] for row in orders),
        "odd_emails": sum(row["Email"] != row["Email"].strip().lower() for row in orders),
        "cancelled_orders": share(bool(row["Cancelled at"]) for row in orders),
        "unpaid_orders": share(row["Financial Status"] in {"pending", "voided"} for row in orders),
        "refunded_orders": share(row["Refunded Amount"] != "0.00" for row in orders),
        "orders_exported_twice": len(first_rows) - len(orders),
    }


COUNTED = count_online_retail() | count_olist() | count_department_store() | count_shopify()


def test_writing_the_seeds_again_gives_the_same_bytes(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "generate_demo_seeds.py"
    subprocess.run([sys.executable, str(script), "--output", str(tmp_path)], check=True)
    written = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.csv")}
    assert written.keys() == {path.relative_to(SEEDS) for path in SEEDS.rglob("*.csv")}
    for name, path in written.items():
        assert path.read_bytes() == (SEEDS / name).read_bytes(), name


def test_every_flaw_is_counted() -> None:
    assert COUNTED.keys() == FLAWS.keys()


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_as_frequent_as_documented(flaw: str) -> None:
    assert COUNTED[flaw] == pytest.approx(FLAWS[flaw].rate, abs=FLAWS[flaw].tolerance)


def test_the_seeds_stay_small() -> None:
    paths = [*SEEDS.rglob("*.csv")]
    assert sum(path.read_bytes().count(b"\n") for path in paths) in range(24_000, 28_000)
    assert sum(path.stat().st_size for path in paths) < 3_000_000
    assert len(ORDER_LINES) in range(19_000, 21_000)
    assert len({line.customer for line in LINES}) in range(1_150, 1_250)
    assert len(OLIST_ORDERS) in range(1_050, 1_150)
    assert len({row["customer_unique_id"] for row in OLIST_CUSTOMERS}) in range(1_000, 1_100)
    assert len(STORE_CUSTOMERS) in range(650, 750)


def test_order_lines_look_like_the_published_extract() -> None:
    raw = (SEEDS / "online_retail/demo_online_retail_order_lines.csv").read_bytes()
    assert raw.startswith(ORDER_LINES_HEADER.encode() + b"\n")
    assert b"\r" not in raw
    names = "".join(row["Description"] for row in ORDER_LINES)
    assert "," in names
    assert '"' in names
    assert not names.isascii()


def test_the_shop_has_a_calendar() -> None:
    days = [line.at.date() for line in SOLD]
    assert (min(days).isoformat(), max(days).isoformat()) == ("2023-12-01", "2025-11-30")
    assert 5 not in {day.weekday() for day in days}
    revenue: Counter[tuple[int, int]] = Counter()
    for line in SOLD:
        year = line.at.year - 2023 if line.at.month == 12 else line.at.year - 2024
        revenue[year, line.at.month] += round(line.price * line.quantity)
    first, second = (sum(revenue[year, month] for month in range(1, 13)) for year in (0, 1))
    assert 1.1 < second / first < 1.5
    autumn = [revenue[year, month] for year in (0, 1) for month in (10, 11)]
    others = [revenue[year, month] for year in (0, 1) for month in range(1, 10)]
    assert min(autumn) > max(others)


def test_returns_follow_purchases_at_the_same_price() -> None:
    bought = {(line.customer, line.product, line.price) for line in SOLD if line.quantity > 0}
    back = [line for line in SOLD if line.quantity < 0 and line.is_merchandise]
    assert share((line.customer, line.product, line.price) in bought for line in back) > 0.97


def test_a_few_customers_bring_most_of_the_revenue() -> None:
    spent: Counter[str] = Counter()
    for line in SOLD:
        if line.customer:
            spent[line.customer] += round(line.price * line.quantity)
    ranked = sorted(spent.values(), reverse=True)
    assert 0.6 < sum(ranked[: len(ranked) // 8]) / sum(ranked) < 0.75


def test_a_visible_group_returns_much() -> None:
    rates = [100 * back / bought for bought, back in units_by_customer().values() if bought]
    assert 0.06 < share(rate > 10 for rate in rates) < 0.1


def test_olist_payments_sum_to_price_and_freight() -> None:
    charged: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for row in OLIST_ITEMS:
        charged[row["order_id"]] += cents(row["price"]) + cents(row["freight_value"])
    for row in OLIST_PAYMENTS:
        paid[row["order_id"]] += cents(row["payment_value"])
    assert all(paid[order] == charged[order] for order in paid.keys() & charged.keys())
    assert {row["customer_id"] for row in OLIST_ORDERS} == {
        row["customer_id"] for row in OLIST_CUSTOMERS
    }


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def test_department_store_customers_add_up() -> None:
    for row in STORE_CUSTOMERS:
        spent = cents(row["average_order_value"]) * int(row["number_of_orders"])
        assert cents(row["total_spend"]) == spent
        assert row["first_purchase_date"] <= row["last_purchase_date"]


def test_department_store_customers_who_share_an_id_are_different_persons() -> None:
    ordered = sorted(STORE_CUSTOMERS, key=lambda row: row["customer_id"])
    for one, other in pairwise(ordered):
        if one["customer_id"] == other["customer_id"]:
            assert one["age"] != other["age"]
            assert one["gender"] != other["gender"]
            assert one["country"] != other["country"]


def test_two_shops_have_ids_in_common() -> None:
    """A join that forgets the shop has to find somebody: else no test of the demo can see it."""
    lines = read("online_retail/demo_online_retail_order_lines.csv")
    for table, column, lender in (
        ("customers", "customer_unique_id", "CustomerID"),
        ("orders", "order_id", "InvoiceNo"),
        ("order_items", "product_id", "StockCode"),
    ):
        own = {row[column] for row in read(f"olist/demo_olist_{table}.csv")}
        shared = own & {row[lender] for row in lines}
        assert 0.4 < len(shared) / len(own) < 0.6
