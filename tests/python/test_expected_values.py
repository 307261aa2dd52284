"""Figures that are computed a second time, by other means, from what the warehouse says of customers."""

from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from test_var_rules import VARS

from patronage.fitting.kmeans import FEATURES

pytestmark = pytest.mark.dbt


def table(warehouse: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).df()


@pytest.mark.parametrize("segmentation", ["rfm_r", "rfm_value"])
def test_confidence_is_one_less_the_nearest_over_the_second_distance(
    demo_warehouse: Path, segmentation: str
) -> None:
    fit = table(
        demo_warehouse,
        f"select * from models.segment_centroids where segmentation = '{segmentation}' order by cluster_id",
    )
    scored = table(
        demo_warehouse,
        f"select {', '.join(FEATURES)}, cluster_id, confidence, scored.segment, second_nearest_segment"
        " from marts.customers join marts.customer_segments as scored using (shop, customer_id)"
        f" where segmentation = '{segmentation}' and cluster_id > 0 order by customer_id",
    )
    used = [feature for feature in FEATURES if fit[f"{feature}_centre"].notna().all()]
    values = scored[used].to_numpy(dtype=float)
    if fit["transform"].iloc[0] == "log":
        values = np.log1p(np.maximum(values, 0))
    scales = fit[[f"{feature}_scale" for feature in used]].to_numpy(dtype=float)[0]
    centres = fit[[f"{feature}_centre" for feature in used]].to_numpy(dtype=float)
    distances = np.linalg.norm((values[:, None, :] - centres[None]) / scales, axis=2)
    places = np.argsort(distances, axis=1)
    nearest, second = np.sort(distances, axis=1)[:, :2].T
    assert scored["confidence"].to_numpy() == pytest.approx(1 - nearest / second, abs=1e-9)
    assert (scored["cluster_id"].to_numpy() == places[:, 0] + 1).all()
    names = dict(zip(scored["cluster_id"], scored["segment"], strict=True))
    assert scored["second_nearest_segment"].tolist() == [names[place + 1] for place in places[:, 1]]


@pytest.mark.parametrize(
    ("measure", "score", "ascending"),
    [
        ("recency_days", "recency_score", False),
        ("frequency", "frequency_score", True),
        ("monetary", "monetary_score", True),
    ],
)
def test_a_score_is_a_fifth_of_the_customers(
    demo_warehouse: Path, measure: str, score: str, ascending: bool
) -> None:
    customers = table(demo_warehouse, "select * from marts.customers")
    ranks = customers[measure].astype(float).rank(method="min", ascending=ascending) - 1
    fifths = np.minimum(np.floor(5 * ranks / (len(customers) - 1)) + 1, 5)
    assert customers[score].tolist() == fifths.astype(int).tolist()


def test_return_costs_are_those_of_returned_units_and_orders_with_returns(
    demo_warehouse: Path,
) -> None:
    found = table(
        demo_warehouse,
        "select segment, revenue, units_returned, return_orders, revenue_after_return_costs"
        " from marts.segments where segmentation = 'rfm_r'",
    )
    for row in found.itertuples():
        costs = row.units_returned * Decimal(str(VARS["handling_cost_per_returned_unit"]))
        costs += row.return_orders * Decimal(str(VARS["handling_cost_per_return_order"]))
        assert Decimal(str(row.revenue)) - costs == pytest.approx(
            Decimal(str(row.revenue_after_return_costs)), abs=Decimal("0.01")
        )
    returned = table(
        demo_warehouse,
        "select count(distinct order_id) as orders from intermediate.int_orders"
        " where customer_id is not null and returned_amount > 0",
    )
    assert found["return_orders"].sum() == returned["orders"].iloc[0]


def test_shrunk_return_rates_have_the_prior_of_kleinman(demo_warehouse: Path) -> None:
    """Moments of the beta-binomial with equal weights (Kleinman 1973)."""
    customers = table(
        demo_warehouse,
        "select units_purchased, matched_units_returned, shrunk_return_rate_pct from intermediate.int_customer_rfm",
    ).astype(float)
    buyers = customers[customers["units_purchased"] > 0]
    rates = buyers["matched_units_returned"] / buyers["units_purchased"]
    mean, number = rates.mean(), len(rates)
    spread = ((rates - mean) ** 2).sum()
    chance = mean * (1 - mean) * (1 - 1 / number)
    inverse_units = (1 / buyers["units_purchased"]).sum()
    correlation = (spread - chance * inverse_units) / (chance * (number - inverse_units))
    prior_units = (1 - correlation) / correlation
    expected = (customers["matched_units_returned"] + mean * prior_units) / (
        customers["units_purchased"] + prior_units
    )
    assert customers["shrunk_return_rate_pct"].to_numpy() == pytest.approx(
        100 * expected.to_numpy(), abs=1e-4
    )
