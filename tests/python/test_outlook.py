"""What segments foretell, by a second path: orders counted in pandas, other formulas, scikit-learn's own fit."""

from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from patronage.fitting.cutoff_fits import fit_cutoffs
from patronage.fitting.kmeans import fit_centroids
from warehouse import query

HORIZON = 90
KEY = ["periods_ago", "customer_id"]
FEATURES = ["recency_days", "frequency", "monetary", "return_rate_pct"]


def frame(warehouse: Path, sql: str) -> pd.DataFrame:
    """Rows of a query."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).df()


@pytest.fixture(scope="module")
def cutoffs(demo_warehouse: Path) -> pd.DataFrame:
    """One row per past cutoff and customer, counted from orders."""
    orders = frame(
        demo_warehouse,
        "select customer_id, ordered_on, purchase_lines > 0 as is_purchase, units_purchased, units_returned,"
        " accepted_amount::double as amount from intermediate.int_orders"
        " where customer_id is not null and accepted_lines > 0",
    )
    days = query(
        demo_warehouse,
        "select periods_ago, cutoff_on from intermediate.int_prediction_cutoffs where periods_ago > 0",
    )
    tables = []
    for periods_ago, day in days:
        cutoff, end = pd.Timestamp(day), pd.Timestamp(day + timedelta(days=HORIZON))
        before = orders[orders["ordered_on"] < cutoff]
        after = orders[(orders["ordered_on"] >= cutoff) & (orders["ordered_on"] < end)]
        purchases = before[before["is_purchase"]].groupby("customer_id")["ordered_on"]
        sums = before.groupby("customer_id")[["amount", "units_purchased", "units_returned"]].sum()
        table = pd.DataFrame(
            {
                "recency_days": (cutoff - purchases.max()).dt.days,
                "frequency": purchases.size(),
            }
        ).join(sums)
        table["return_rate_pct"] = (
            100 * table["units_returned"] / table["units_purchased"].clip(lower=1)
        )
        bought = after[after["is_purchase"]].groupby("customer_id").size()
        next_sums = after.groupby("customer_id")[["amount", "units_returned"]].sum()
        table["bought_again"] = (bought.reindex(table.index).fillna(0) > 0).astype(float)
        table["next_revenue"] = next_sums["amount"].reindex(table.index).fillna(0.0)
        table["returned"] = next_sums["units_returned"].reindex(table.index).fillna(0) > 0
        tables.append(
            table.rename(columns={"amount": "monetary"})
            .reset_index()
            .assign(periods_ago=periods_ago)
        )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def segments(demo_warehouse: Path) -> pd.DataFrame:
    """The segment of each customer at each cutoff, by segmentation."""
    return frame(
        demo_warehouse,
        "select periods_ago, customer_id, segmentation, segment from intermediate.int_cutoff_segments",
    )


def test_the_outlook_is_what_orders_say(
    demo_warehouse: Path, cutoffs: pd.DataFrame, segments: pd.DataFrame
) -> None:
    found = frame(demo_warehouse, "select * from marts.segment_outlook")
    joined = segments.merge(cutoffs, on=KEY, how="outer", validate="many_to_one")
    assert joined.notna().all().all()
    grouped = joined.groupby(["segmentation", "segment"])
    expected = pd.DataFrame(
        {
            "customers": grouped.size(),
            "bought_again_pct": 100 * grouped["bought_again"].mean(),
            "next_revenue": grouped["next_revenue"].sum(),
            "next_revenue_per_customer": grouped["next_revenue"].mean(),
            "next_return_pct": 100 * grouped["returned"].mean(),
        }
    )
    total = cutoffs["next_revenue"].sum()
    expected["next_revenue_pct"] = 100 * expected["next_revenue"] / total
    at_cutoffs = joined.groupby(["segmentation", "segment", "periods_ago"])
    shares = 100 * at_cutoffs["bought_again"].mean()
    expected["cutoffs"] = shares.groupby(level=[0, 1]).size()
    expected["lowest_bought_again_pct"] = shares.groupby(level=[0, 1]).min()
    expected["highest_bought_again_pct"] = shares.groupby(level=[0, 1]).max()
    means = at_cutoffs["next_revenue"].mean()
    expected["lowest_next_revenue_per_customer"] = means.groupby(level=[0, 1]).min()
    expected["highest_next_revenue_per_customer"] = means.groupby(level=[0, 1]).max()
    found = found.set_index(["segmentation", "segment"]).loc[expected.index, expected.columns]
    assert len(expected) > 20
    np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=0, atol=0.0051)


@pytest.mark.parametrize(
    ("segmentation", "features", "clusters"),
    [("rfm_r", FEATURES, 5), ("rfm_behaviour", FEATURES[:3], 4)],
)
def test_segments_of_a_cutoff_are_those_of_a_fit_of_the_cutoff(
    cutoffs: pd.DataFrame,
    segments: pd.DataFrame,
    segmentation: str,
    features: list[str],
    clusters: int,
) -> None:
    of_segmentation = segments[segments["segmentation"] == segmentation]
    for periods_ago, table in cutoffs[cutoffs["monetary"] > 0].groupby("periods_ago"):
        values = np.log1p(table[features].to_numpy(dtype=np.float64))
        z_scores = StandardScaler().fit_transform(values)
        best = KMeans(clusters, n_init=30, random_state=1).fit(z_scores).inertia_
        at_cutoff = of_segmentation[of_segmentation["periods_ago"] == periods_ago]
        names = table.merge(at_cutoff, on=KEY, validate="one_to_one")["segment"].to_numpy()
        found = sum(
            float(((z_scores[names == name] - z_scores[names == name].mean(axis=0)) ** 2).sum())
            for name in set(names)
        )
        assert found == pytest.approx(best, rel=0.01), (segmentation, periods_ago)


def test_gini_is_that_of_the_covariance_with_ranks(
    demo_warehouse: Path, cutoffs: pd.DataFrame
) -> None:
    """Lerman and Yitzhaki (1984): the coefficient is twice a covariance with the ranks, over the mean."""
    earlier = set(cutoffs["periods_ago"])
    for ranking, scores in {
        "monetary": cutoffs["monetary"],
        "recency": -cutoffs["recency_days"],
    }.items():
        ginis = []
        for periods_ago, table in cutoffs.assign(score=scores.round(4)).groupby("periods_ago"):
            if int(str(periods_ago)) + 1 not in earlier:
                continue
            revenue = table["next_revenue"].clip(lower=0).to_numpy()
            ranks = rankdata(table["score"]) / len(table)
            ginis.append(2 * np.cov(revenue, ranks, bias=True)[0, 1] / revenue.mean())
        assert query(
            demo_warehouse,
            "select cutoffs, gini::double, lowest_gini::double, highest_gini::double from marts.segmentation_outlook"
            f" where ranking = '{ranking}'",
        ) == [
            (
                len(ginis),
                pytest.approx(float(np.mean(ginis)), abs=2e-6),
                pytest.approx(min(ginis), abs=2e-6),
                pytest.approx(max(ginis), abs=2e-6),
            )
        ]


def test_every_way_to_rank_is_compared(demo_warehouse: Path) -> None:
    rankings = query(
        demo_warehouse,
        "select kind, ranking from marts.segmentation_outlook where kind <> 'model' order by all",
    )
    assert rankings == [
        ("figure", "monetary"), ("figure", "recency"), ("figure", "rfm_sum"), ("segmentation", "rfm_behaviour"),
        ("segmentation", "rfm_lifecycle"), ("segmentation", "rfm_r"), ("segmentation", "rfm_rules"),
        ("segmentation", "rfm_value"),
    ]  # fmt: skip


def test_clusters_of_a_cutoff_bear_the_numbers_of_todays() -> None:
    groups = pd.DataFrame(
        {
            "customer_id": [f"{number:03}" for number in range(120)],
            "recency_days": np.repeat([5.0, 100.0, 300.0], 40) + np.tile(np.arange(40) / 40, 3),
            "frequency": np.repeat([20.0, 3.0, 1.0], 40),
            "monetary": np.repeat([9000.0, 700.0, 50.0], 40),
            "return_rate_pct": 0.0,
        }
    )
    features = FEATURES[:3]
    today = fit_centroids(groups, features, "log", 3)
    today = today.assign(cluster_id=[3, 1, 2], shop="s", segmentation="x")
    past = groups.assign(shop="s", periods_ago=1, recency_days=groups["recency_days"] * 0.8)
    few = groups.head(50).assign(shop="s", periods_ago=2)
    found = fit_cutoffs(pd.concat([past, few]), today, 100)
    assert set(found["periods_ago"]) == {1}
    by_number = found.set_index("cluster_id")["monetary_centre"]
    assert [round(float(np.expm1(by_number[number]))) for number in (3, 1, 2)] == [9000, 700, 50]
    assert found["return_rate_pct_centre"].isna().all()


def test_segments_of_online_retail_ii_come_true(two_year_warehouse: Path) -> None:
    outlook = {
        segment: (float(bought), float(revenue))
        for segment, bought, revenue in query(
            two_year_warehouse,
            "select segment, bought_again_pct, next_revenue_pct from marts.segment_outlook"
            " where segmentation = 'rfm_r' and cutoffs = 6",
        )
    }
    found_elsewhere = {
        "VIP Whales": (82, 62.4), "Steady Customers": (46, 19.4), "New/Occasional": (41, 7.5),
        "High Returners": (32, 4.2), "Churned/Inactive": (19, 6.6),
    }  # fmt: skip
    assert outlook.keys() == found_elsewhere.keys()
    for segment, figures in found_elsewhere.items():
        assert outlook[segment] == pytest.approx(figures, abs=0.75), segment
