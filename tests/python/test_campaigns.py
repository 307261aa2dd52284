"""What campaigns have brought is told from chance, on campaigns whose effect is known."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from warehouse import build, query

CAMPAIGNS = 120
CONTACTED, HELD_OUT = 150, 50
EFFECT = 3.0
"""Every second campaign multiplies what its customers spend by this."""


def simulated(folder: Path) -> dict[str, object]:
    """Write orders and campaigns: 200 customers each, of whom 40 % buy for lognormal amounts."""
    random = np.random.default_rng(7)
    size = CONTACTED + HELD_OUT
    campaign = np.repeat(np.arange(CAMPAIGNS), size)
    is_held_out = np.tile(np.arange(size) >= CONTACTED, CAMPAIGNS)
    customer = np.arange(1, CAMPAIGNS * size + 1)  # 0 is nobody
    pd.DataFrame(
        {
            "shop": "online_retail",
            "campaign": [f"campaign {number}" for number in campaign],
            "customer_id": customer,
            "sent_on": "2024-03-01",
            "is_held_out": is_held_out,
        }
    ).to_csv(folder / "campaigns.csv", index=False)
    buys = random.random(len(customer)) < 0.4
    spent = random.lognormal(3, 1, len(customer))
    spent = np.where((campaign % 2 == 1) & ~is_held_out, EFFECT * spent, spent).round(2)
    lines = pd.DataFrame(
        {
            "InvoiceNo": customer,
            "StockCode": "10001",
            "Description": "THING",
            "Quantity": 1,
            "InvoiceDate": "2024-03-15 12:00:00",
            "UnitPrice": spent,
            "CustomerID": customer,
            "Country": "France",
        }
    )[buys]
    last = lines.iloc[:1].assign(InvoiceNo="last", InvoiceDate="2024-12-01 12:00:00", UnitPrice=1)
    pd.concat([lines, last]).to_csv(folder / "lines.csv", index=False)
    return {
        "shops": {"online_retail": "order_lines"},
        "online_retail_order_lines": str(folder / "lines.csv"),
        "campaigns": str(folder / "campaigns.csv"),
    }


@pytest.mark.dbt
def test_intervals_hold_the_effect_and_nothing_is_found_where_there_is_none(tmp_path: Path) -> None:
    variables = simulated(tmp_path)
    warehouse = build(tmp_path / "campaigns.duckdb", variables, "--select", "+campaign_results")
    rows = query(
        warehouse,
        "select cast(substr(campaign, 10) as integer) % 2 = 1, verdict,"
        " revenue_per_customer_difference_lower, revenue_per_customer_difference_upper,"
        " contacted_customers, held_out_customers from marts.campaign_results",
    )
    assert len(rows) == CAMPAIGNS
    assert {row[4:] for row in rows} == {(CONTACTED, HELD_OUT)}
    judged = [row for row in rows if row[1] != "too few to tell"]
    assert len(judged) > 0.95 * CAMPAIGNS  # of 50 held out, 10 have to buy
    mean = 0.4 * np.exp(3.5)
    held, paid, lost = {}, {}, {}
    for has_effect in (False, True):
        group = [row for row in judged if row[0] == has_effect]
        effect = (EFFECT - 1) * mean if has_effect else 0
        held[has_effect] = np.mean([low <= effect <= high for _, _, low, high, *_ in group])
        paid[has_effect] = np.mean([row[1] == "paid" for row in group])
        lost[has_effect] = np.mean([row[1] == "lost" for row in group])
    assert held[False] >= 0.9
    assert held[True] >= 0.9
    assert paid[False] <= 0.05
    assert lost[True] == 0
    assert paid[True] > 0.4

    contacted = query(
        warehouse,
        "select sum(contacted_revenue + held_out_revenue) from marts.campaign_results",
    )
    spent = duckdb.sql(
        f"select sum(UnitPrice::decimal(18, 4)) from read_csv('{tmp_path}/lines.csv')"
        " where InvoiceNo <> 'last'"
    ).fetchall()
    assert contacted == spent
