"""Shops that give totals of lines, or money back for orders, keep them to the penny for every customer."""

import csv
import random
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from test_readme import copy_project

from warehouse import build, query, run_dbt

pytestmark = pytest.mark.dbt

DAYS = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
PENNY = Decimal("0.01")

LINE_MODEL = """
select
    order_id,
    customer_id,
    product_id,
    product_name,
    cast(null as varchar) as country,
    cast(round(cast(weight_kg as decimal(18, 4))) as integer) as quantity,
    cast(total as decimal(18, 4)) as amount,
    cast(day as timestamp) as ordered_at
from read_csv('{path}', all_varchar = true)
"""
ORDER_MODEL = """
select
    order_id,
    customer_id,
    cast(null as varchar) as country,
    cast(null as varchar) as state,
    cast(null as varchar) as order_status,
    cast(units as bigint) as units,
    cast(amount as decimal(18, 4)) as amount,
    cast(units_returned as bigint) as units_returned,
    cast(returned_amount as decimal(18, 4)) as returned_amount,
    cast(day as timestamp) as ordered_at
from read_csv('{path}', all_varchar = true)
"""


def money(amount: Decimal) -> Decimal:
    """Round to pennies, as a till does."""
    return amount.quantize(PENNY, rounding=ROUND_HALF_UP)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def weighed_lines() -> list[dict[str, Any]]:
    """Lines of a grocer: weights of a few grams to a tank of fuel in millilitres, discounts, returns of a tenth."""
    rng, lines = random.Random(7), []
    for number in range(3000):
        weight = Decimal(rng.choice([rng.randint(10, 3000), rng.randint(3_000, 89_638_000)])) / 1000
        price, discount = Decimal(rng.randint(1, 2999)) / 1000, Decimal(rng.randint(0, 30)) / 100
        total = money(weight * price * (1 - discount))
        sign = -1 if number % 10 == 9 else 1
        lines.append(
            {
                "order_id": f"o{number // 3}", "customer_id": f"c{number // 3 % 150}", "product_id": f"p{number % 40}",
                "product_name": "", "weight_kg": sign * weight, "total": sign * total, "day": DAYS[number // 3 % len(DAYS)],
            }
        )  # fmt: skip
    return lines


def orders_with_returns() -> list[dict[str, Any]]:
    """Orders of a wholesaler: of every fifth some came back, every fiftieth is a return of its own."""
    rng, orders = random.Random(11), []
    for number in range(900):
        amount, units = Decimal(rng.randint(100, 99_999)) / 100, rng.randint(1, 40)
        is_return, came_back = number % 50 == 49, number % 5 == 0
        orders.append(
            {
                "order_id": f"w{number}", "customer_id": f"b{number % 150}",
                "units": -units if is_return else units, "amount": -amount if is_return else amount,
                "units_returned": units // 2 if came_back else "",
                "returned_amount": money(amount / 3) if came_back else "", "day": DAYS[number % len(DAYS)],
            }
        )  # fmt: skip
    return orders


def entry(project: Path, name: str, sql: str) -> None:
    """Write a shop's entry model into a copy of the project."""
    folder = project / "models/staging" / name.split("__", maxsplit=1)[0].removeprefix("stg_")
    folder.mkdir()
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")


@pytest.fixture(scope="module")
def own_shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project with two shops of its own, and the warehouse that was built from it with every dbt test."""
    folder = tmp_path_factory.mktemp("totals")
    project = copy_project(folder / "project")
    lines = write(folder / "lines.csv", weighed_lines())
    orders = write(folder / "orders.csv", orders_with_returns())
    entry(project, "stg_grocer__order_lines", LINE_MODEL.format(path=lines))
    entry(project, "stg_wholesaler__orders", ORDER_MODEL.format(path=orders))
    variables = {"shops": {"grocer": "order_lines", "wholesaler": "orders"}}
    return project, build(folder / "own/warehouse.duckdb", variables, tests=True, project=project)


def sums(
    rows: list[dict[str, Any]], amount: Callable[[dict[str, Any]], Decimal]
) -> dict[str, Decimal]:
    """Sum an amount by customer."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row["customer_id"]] += amount(row)  # type: ignore[assignment]
    return {customer: Decimal(total) for customer, total in found.items()}


def figures(warehouse: Path, shop: str, column: str) -> dict[str, Decimal]:
    """A column of the mart customers, by customer."""
    return dict(
        query(warehouse, f"select customer_id, {column} from marts.customers where shop = '{shop}'")
    )


def test_totals_of_lines_are_kept_to_the_penny(own_shops: tuple[Path, Path]) -> None:
    lines, warehouse = weighed_lines(), own_shops[1]
    assert any(line["total"] and abs(line["weight_kg"]) < Decimal("0.5") for line in lines)
    expected: dict[str, Callable[[dict[str, Any]], Decimal]] = {
        "monetary": lambda line: line["total"],
        "gross_revenue": lambda line: max(line["total"], Decimal(0)),
        "returned_revenue": lambda line: max(-line["total"], Decimal(0)),
    }
    for column, amount in expected.items():
        assert figures(warehouse, "grocer", column) == sums(lines, amount)
    counted = dict(
        query(
            warehouse,
            "select line_status, lines from marts.data_quality where shop = 'grocer' and lines > 0",
        )
    )
    free = sum(line["total"] == 0 for line in lines)
    assert counted == Counter(accepted=len(lines) - free, zero_price=free)


def test_money_back_for_orders_is_returned_revenue(own_shops: tuple[Path, Path]) -> None:
    orders, warehouse = orders_with_returns(), own_shops[1]
    expected: dict[str, Callable[[dict[str, Any]], Decimal]] = {
        "gross_revenue": lambda order: max(order["amount"], Decimal(0)),
        "returned_revenue": lambda order: (
            Decimal(order["returned_amount"] or 0) + max(-order["amount"], Decimal(0))
        ),
        "monetary": lambda order: order["amount"] - Decimal(order["returned_amount"] or 0),
        "units_purchased": lambda order: Decimal(max(order["units"], 0)),
        "units_returned": lambda order: (
            Decimal(order["units_returned"] or 0) + max(-order["units"], 0)
        ),
        "frequency": lambda order: Decimal(order["amount"] > 0),
    }
    for column, amount in expected.items():
        assert figures(warehouse, "wholesaler", column) == sums(orders, amount)
    rates = query(
        warehouse,
        "select count(*), count(*) filter (abs(return_rate_pct - 100.0 * units_returned / greatest(units_purchased, 1)) < 0.000001),"
        " count(*) filter (units_returned > 0) from marts.customers where shop = 'wholesaler'",
    )
    ((customers, with_rate, with_returns),) = rates
    assert customers == with_rate == 150
    assert with_returns > 0


def test_an_entry_model_without_a_needed_column_is_named(
    own_shops: tuple[Path, Path], tmp_path: Path
) -> None:
    project = own_shops[0]
    model = project / "models/staging/wholesaler/stg_wholesaler__orders.sql"
    whole = model.read_text(encoding="utf-8")
    model.write_text(whole.replace("cast(day as timestamp) as ordered_at", "day"), encoding="utf-8")
    try:
        refused = run_dbt(
            "build", tmp_path / "needed/warehouse.duckdb", {"shops": {"wholesaler": "orders"}},
            "--exclude-resource-type", "test", "unit_test", project=project,
        )  # fmt: skip
    finally:
        model.write_text(whole, encoding="utf-8")
    assert (
        "model stg_wholesaler__orders: found no column ordered_at; accepted: a model with the columns order_id"
        in " ".join("\n".join(refused.failures).split())
    )
