"""The evidence for a number of clusters: each figure against its definition, and the published ones of Online Retail."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from patronage.fitting.cluster_diagnostics import (
    COLUMNS,
    bootstrap_stability,
    choose_number,
    diagnose,
    diagnose_all,
    find_elbow,
    mean_silhouettes,
    z_scores_of_sample,
)
from patronage.fitting.kmeans import FEATURES
from warehouse import query

SEGMENTATIONS = {
    "planted": {"method": "kmeans", "features": ["recency_days", "monetary"], "transform": "none"}
}


def planted(customers: int, groups: int) -> pd.DataFrame:
    """Customers of one shop in well separated groups on a circle."""
    random = np.random.default_rng(5)
    angles = 2 * np.pi * (np.arange(customers) % groups) / groups
    return pd.DataFrame(
        {
            "shop": "s",
            "customer_id": [f"{number:06}" for number in range(customers)],
            "sample_share": random.permutation(customers) / customers,
            "recency_days": 50 + 20 * np.cos(angles) + random.normal(0, 1, customers),
            "monetary": 50 + 20 * np.sin(angles) + random.normal(0, 1, customers),
        }
    )


def test_silhouettes_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    points = random.normal(size=(2_345, 3))
    labellings = [random.integers(0, clusters, len(points)) for clusters in (2, 5, 9)]
    labellings.append(
        np.minimum(np.arange(len(points)), 3)
    )  # three customers alone in their clusters
    expected = [silhouette_score(points, labels) for labels in labellings]
    np.testing.assert_allclose(mean_silhouettes(points, labellings), expected, atol=1e-12)


def test_the_elbow_lies_furthest_below_the_chord() -> None:
    assert find_elbow([100, 50, 20, 15, 10, 5, 0]) == 2
    assert find_elbow([100, 30, 20, 15, 10, 5, 0]) == 1
    assert find_elbow([4, 3, 2, 1, 0]) == 0  # a straight line: the first of equals


def test_planted_groups_are_stable_and_cuts_through_noise_are_not() -> None:
    groups = z_scores_of_sample(planted(400, 4), ["recency_days", "monetary"], "none")
    assert groups is not None
    assert bootstrap_stability(groups, np.arange(400) % 4) == 1.0
    noise = np.random.default_rng(2).normal(size=(400, 2))
    assert bootstrap_stability(noise, np.arange(400) % 4) == pytest.approx(0, abs=0.02)


def test_the_planted_number_is_elbow_and_best_silhouette() -> None:
    table = diagnose_all(planted(400, 4), SEGMENTATIONS, minimum_customers=100).set_index(
        "clusters"
    )
    assert table.index.tolist() == list(range(2, 11))
    assert table.index[table["is_elbow"]].tolist() == [4]
    assert table.index[table["is_best_silhouette"]].tolist() == [4]
    assert table.loc[4, "smallest_cluster_customers"] == 100
    assert table.loc[4, "stability"] == 1.0
    assert table["calinski_harabasz"].idxmax() == 4
    assert table["davies_bouldin"].idxmin() == 4


@pytest.mark.parametrize(
    ("elbow", "silhouettes", "last_number", "chosen"),
    [
        (
            4,
            {3: 0.34, 4: 0.33, 5: 0.32, 6: 0.9},
            None,
            4,
        ),  # 3 is better by 0.01, no more; 6 is not beside the elbow
        (4, {3: 0.341, 4: 0.33, 5: 0.35}, None, 5),  # both beside are better: the better of them
        (2, {2: 0.9, 3: 0.3, 4: 0.2}, None, 3),  # moved into the range, and not out of it again
        (9, {5: 0.3, 6: 0.3, 7: 0.9}, None, 6),
        (4, {4: 0.33, 5: 0.32, 6: 0.32}, 5, 5),  # the last fit's number stays while it is as good
        (4, {4: 0.34, 5: 0.32, 6: 0.32}, 5, 4),
    ],
)
def test_auto_takes_the_elbow_unless_a_number_beside_it_is_clearly_better(
    elbow: int, silhouettes: dict[int, float], last_number: int | None, chosen: int
) -> None:
    table = pd.DataFrame({"clusters": range(2, 11)})
    table["silhouette"] = table["clusters"].map(silhouettes).fillna(0.0)
    table["is_elbow"] = table["clusters"] == elbow
    assert choose_number(table, last_number) == chosen


def test_row_order_does_not_matter() -> None:
    customers = planted(300, 3)
    shuffled = customers.sample(frac=1, random_state=1)
    one, other = (
        diagnose_all(table, SEGMENTATIONS, minimum_customers=100) for table in (customers, shuffled)
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_above_5000_customers_those_with_the_smallest_hashes_are_drawn() -> None:
    customers = planted(6_000, 4)
    sample = z_scores_of_sample(customers, ["monetary"], "none")
    expected = customers.loc[customers["sample_share"] < 5_000 / 6_000, "monetary"]
    assert sample is not None
    np.testing.assert_allclose(sample[:, 0], (expected - expected.mean()) / expected.std(ddof=0))


def test_too_little_data_gives_no_rows() -> None:
    assert diagnose_all(planted(99, 4), SEGMENTATIONS, minimum_customers=100).empty
    alike = planted(400, 4).assign(recency_days=1.0, monetary=lambda table: table.index % 29)
    nothing = diagnose_all(alike, SEGMENTATIONS, minimum_customers=100)
    assert nothing.empty
    assert list(nothing.columns) == ["shop", "segmentation", *COLUMNS]
    assert len(diagnose_all(alike.assign(monetary=alike.index % 30), SEGMENTATIONS, 100)) == 9


def test_online_retail_has_its_published_figures(real_warehouse: Path) -> None:
    with duckdb.connect(str(real_warehouse), read_only=True) as connection:
        purchasers = connection.sql(
            "select customer_id, 0.0 as sample_share, recency_days, frequency, gross_revenue as monetary"
            " from intermediate.int_customer_rfm where frequency > 0"
        ).df()
    assert len(purchasers) == 4_338
    z_scores = z_scores_of_sample(purchasers, FEATURES[:3], "log")
    assert z_scores is not None
    table = diagnose(z_scores)
    assert table["silhouette"].head(4).tolist() == pytest.approx(
        [0.4326, 0.3377, 0.3355, 0.3182], rel=0.01
    )
    assert table["inertia"].head(4).tolist() == pytest.approx(
        [6474.1, 4856.5, 3924.5, 3268.2], rel=0.01
    )
    assert choose_number(table) == 4


def test_online_retail_says_that_its_segments_touch(real_warehouse: Path) -> None:
    assert query(
        real_warehouse,
        "select clusters, customers, silhouette::double, stability::double, smallest_cluster_pct > 5, verdict not like '%cuts%'"
        " from marts.cluster_diagnostics where segmentation = 'rfm_r' and is_in_use",
    ) == [(5, 4_317, pytest.approx(0.295, abs=0.005), pytest.approx(0.8, abs=0.05), True, True)]


def test_what_nobody_differs_in_changes_nothing() -> None:
    customers = planted(300, 3).assign(return_rate_pct=0.0)
    more = {"method": "kmeans", "features": ["recency_days", "monetary", "return_rate_pct"]}
    table = diagnose_all(customers, SEGMENTATIONS | {"more": more | {"transform": "none"}}, 100)
    one, other = (
        of.drop(columns="segmentation").reset_index(drop=True)
        for _, of in table.groupby("segmentation")
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)
