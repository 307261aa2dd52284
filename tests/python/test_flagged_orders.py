"""Flagged orders are the ones that the rules name, computed here a second time, and their words are true."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from warehouse import query

RULES = ("unusual_amount", "large_quantity", "unmatched_return", "repeated_order", "high_returner")


def table(warehouse: Path, sql: str) -> pd.DataFrame:
    """The rows of a query as a data frame."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).df()


def number(text: str) -> float:
    """The number that a text writes with commas."""
    return float(text.replace(",", ""))


def amounts_far_from_usual(orders: pd.DataFrame) -> dict[str, float]:
    """Order id -> robust z-score (Iglewicz and Hoaglin, 1993) of every order that the rule of amounts flags."""
    logs = pd.Series(np.log(orders["amount"].abs()), index=orders.index)
    purchases = (orders["purchase_lines"] > 0) & (orders["amount"] > 0)
    found = {}
    usual = {}
    for customer, own in logs[purchases].groupby(orders["customer_id"][purchases]):
        spread = float(np.median(np.abs(own - np.median(own))))
        if len(own) >= 10 and spread > 0:
            usual[customer] = (float(np.median(own)), spread)
    centre = float(np.median(logs[purchases]))
    of_shop = (centre, float(np.median(np.abs(logs[purchases] - centre))))
    for order, log in zip(orders.itertuples(), logs, strict=True):
        middle, spread = usual.get(order.customer_id, of_shop)
        z, distance = 0.6745 * (log - middle) / spread, log - middle
        low = (
            order.amount > 0 and order.customer_id in usual and z < -3.5 and distance <= -np.log(50)
        )
        if (z > 3.5 and distance >= np.log(3)) or low:
            found[str(order.order_id)] = round(z, 6)
    return found


def test_amounts_are_flagged_as_a_second_computation_says(real_warehouse: Path) -> None:
    orders = table(
        real_warehouse,
        "select order_id, customer_id, purchase_lines, accepted_amount::double as amount from intermediate.int_orders"
        " where accepted_amount <> 0",
    )
    flagged = dict(
        query(
            real_warehouse,
            "select order_id, robust_z::double from intermediate.int_unusual_amount_flags",
        )
    )
    assert flagged == pytest.approx(amounts_far_from_usual(orders), abs=2e-6)


def test_returns_are_flagged_as_a_second_computation_says(real_warehouse: Path) -> None:
    lines = table(
        real_warehouse,
        "select order_id, customer_id, product_id, quantity, ordered_at from intermediate.int_order_lines"
        " where line_status = 'accepted' and is_merchandise and customer_id is not null",
    )
    amounts = query(
        real_warehouse,
        "select order_id, sum(-quantity * unit_price) from intermediate.int_order_lines"
        " where line_status = 'accepted' and quantity < 0 group by order_id",
    )
    worth_a_look = {order for order, amount in amounts if amount >= 20}
    first = (
        lines[lines["quantity"] > 0]
        .groupby(["customer_id", "product_id"])["ordered_at"]
        .min()
        .rename("first")
    )
    returns = lines[lines["quantity"] < 0].join(first, on=["customer_id", "product_id"])
    start = pd.Timestamp("2010-12-01") + pd.Timedelta(days=90)
    unmatched = returns[
        ~(returns["first"] <= returns["ordered_at"])
        & (returns["ordered_at"] >= start)
        & returns["order_id"].isin(worth_a_look)
    ]
    words = query(
        real_warehouse, "select order_id, reason from intermediate.int_unmatched_return_flags"
    )
    units = {order: number(reason.split(" ")[0]) for order, reason in words}
    assert units == (-unmatched.groupby("order_id")["quantity"].sum()).to_dict()


def test_quantities_are_flagged_as_a_second_computation_says(real_warehouse: Path) -> None:
    lines = table(
        real_warehouse,
        "select order_id, product_id, quantity from intermediate.int_order_lines"
        " where line_status = 'accepted' and is_merchandise",
    )
    bought = lines[lines["quantity"] > 0]
    by_product = bought.groupby("product_id")["quantity"]
    usual = by_product.quantile(0.5, interpolation="lower")[by_product.size() >= 10]
    compared = (
        lines["product_id"]
        .map(usual)
        .fillna(bought["quantity"].quantile(0.5, interpolation="lower"))
    )
    large = set(lines["order_id"][lines["quantity"].abs() >= 100 * compared])
    flagged = query(real_warehouse, "select order_id from intermediate.int_large_quantity_flags")
    assert {order for (order,) in flagged} == large


def test_the_orders_that_were_cancelled_minutes_later_come_first(real_warehouse: Path) -> None:
    found = query(
        real_warehouse,
        "select order_id, priority, reasons from marts.flagged_orders"
        " where order_id in ('541431', 'C541433', '581483', 'C581484') order by order_id",
    )
    assert [(order, priority) for order, priority, _ in found] == [
        ("541431", 1), ("581483", 1), ("C541433", 1), ("C581484", 1),
    ]  # fmt: skip
    assert found[0][2] == (
        "amount 77,183.60, 254.0 times the shop's usual; 74,215 units of 23166, 9,276.9 times the product's usual 8"
    )
    assert found[3][2].startswith(
        "168,469.60 returned, 554.5 times the shop's usual order; 80,995 units of 23843 returned"
    )


@pytest.mark.dbt
@pytest.mark.real
@pytest.mark.parametrize(
    ("extract", "counts", "flagged"),
    [
        ("real_warehouse", (115, 297, 108, 6, 138), 644),
        ("two_year_warehouse", (278, 571, 236, 980, 109), 2_102),
    ],
)
def test_few_orders_are_flagged(
    extract: str, counts: tuple[int, ...], flagged: int, request: pytest.FixtureRequest
) -> None:
    warehouse = request.getfixturevalue(extract)
    found = tuple(
        query(warehouse, f"select count(*) from intermediate.int_{rule}_flags")[0][0]
        for rule in RULES
    )
    assert found == counts
    assert query(
        warehouse,
        "select (select count(*) from marts.flagged_orders), (select count(*) from marts.flagged_orders)"
        " between 0.01 * count(*) and 0.05 * count(*) from intermediate.int_orders where accepted_lines > 0",
    ) == [(flagged, True)]


def test_the_demo_shows_every_rule_and_every_priority(demo_warehouse: Path) -> None:
    for rule in RULES:
        assert query(demo_warehouse, f"select count(*) > 0 from intermediate.int_{rule}_flags") == [
            (True,)
        ], rule
    assert query(
        demo_warehouse, "select distinct priority from marts.flagged_orders order by 1"
    ) == [(1,), (2,), (3,)]


def test_the_words_about_a_customer_are_true(real_warehouse: Path) -> None:
    customers = table(
        real_warehouse,
        "select customer_id, segment_reason, recency_days, frequency, monetary::double as monetary, units_purchased,"
        " units_returned, returned_revenue::double as returned_revenue from marts.customers",
    )
    orders = table(
        real_warehouse,
        "select distinct customer_id, ordered_on from intermediate.int_orders where purchase_lines > 0"
        " and customer_id is not null order by all",
    )
    gaps = orders.groupby("customer_id")["ordered_on"].apply(
        lambda days: days.diff().dt.days.dropna()
    )
    usual = {who: of.median() for who, of in gaps.groupby(level=0) if len(of) >= 2}
    with_gap = 0
    for who in customers.itertuples():
        words = str(who.segment_reason)
        if who.frequency == 0:
            assert words.startswith("no purchase in the data; ")
            assert (
                f"; {who.returned_revenue:,.2f} paid back; last seen {who.recency_days} day"
                in words
            )
            continue
        assert re.match(rf"{who.recency_days} days? since last order", words)
        gap = re.search(r"usual gap ([0-9.]+)\)", words)
        assert (float(gap[1]) if gap else None) == usual.get(who.customer_id)
        with_gap += gap is not None
        place = re.search(r"spend in the (top|bottom) (\d+) %", words)
        assert place
        above = customers["monetary"] >= who.monetary
        below = customers["monetary"] <= who.monetary
        share = 100 * float((above if place[1] == "top" else below).mean())
        assert share <= int(place[2]) < share + 1 + 1e-9
        returned = re.search(r"([0-9,]+|none) of ([0-9,]+) items? returned", words)
        if returned:
            counts = (0 if returned[1] == "none" else number(returned[1]), number(returned[2]))
            assert counts == (who.units_returned, who.units_purchased)
        else:
            assert who.units_returned > who.units_purchased or who.units_purchased == 0
    assert with_gap > 1_000
