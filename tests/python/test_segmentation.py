"""The fit: a table of centroids that does not depend on row order, and none where there is too little data."""

import logging

import numpy as np
import pandas as pd
import pytest

from clientele.segmentation import (
    FEATURES,
    canonical_order,
    fit_all_centroids,
    fit_centroids,
    standardise,
    transform_features,
)

RFM_R = {
    "rfm_r": {"method": "kmeans", "features": list(FEATURES), "transform": "log", "clusters": 3}
}


@pytest.fixture
def customers() -> pd.DataFrame:
    """Three groups of 100 customers, far apart."""
    random = np.random.default_rng(7)
    groups = [(200, 1, 50, 0.0), (20, 4, 900, 0.0), (5, 30, 20_000, 30.0)]
    rows = np.vstack([np.array(group) * random.lognormal(0, 0.1, (100, 4)) for group in groups])
    table = pd.DataFrame(rows, columns=list(FEATURES))
    return table.assign(shop="s", customer_id=[f"{number:03}" for number in range(300)])


def test_log_counts_negative_values_as_zero() -> None:
    values = np.array([[-5.0, 0.0, np.e - 1]])
    np.testing.assert_allclose(transform_features(values, "log"), [[0.0, 0.0, 1.0]])
    np.testing.assert_array_equal(transform_features(values, "none"), values)


def test_a_column_without_spread_has_scale_1() -> None:
    z_scores, means, scales = standardise(np.array([[1.0, 2.0], [3.0, 2.0]]))
    np.testing.assert_allclose(z_scores, [[-1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose((means, scales), ([2.0, 2.0], [1.0, 1.0]))


def test_clusters_are_numbered_by_value() -> None:
    centres = pd.DataFrame(
        {"recency_days": [5.0, 1.0, 2.0], "frequency": [1.0, 9.0, 1.0], "monetary": [3.0, 7.0, 3.0]}
    )
    assert canonical_order(centres) == [1, 2, 0]


def test_planted_groups_are_found(customers: pd.DataFrame) -> None:
    table = fit_centroids(customers, FEATURES, "log", 3)
    assert table["cluster_id"].tolist() == [1, 2, 3]
    assert table["customers"].tolist() == [100, 100, 100]
    np.testing.assert_allclose(np.expm1(table["monetary_centre"]), [20_000, 900, 50], rtol=0.05)


def test_row_order_does_not_matter(customers: pd.DataFrame) -> None:
    shuffled = customers.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        fit_centroids(customers, FEATURES, "log", 5),
        fit_centroids(shuffled, FEATURES, "log", 5),
        check_exact=True,
    )


def test_a_feature_that_is_not_used_has_no_centre(customers: pd.DataFrame) -> None:
    table = fit_centroids(customers, ["recency_days", "monetary"], "none", 2)
    assert table["frequency_centre"].isna().all()
    assert table["recency_days_centre"].notna().all()


def test_too_few_customers_give_no_centroids_and_a_warning(
    customers: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        table = fit_all_centroids(customers.head(99), RFM_R, minimum_customers=100)
    assert table.empty
    assert "s: no rfm_r centroids, because 99 customers" in caplog.text
    fitted = fit_all_centroids(customers, RFM_R, minimum_customers=100)
    assert list(table.columns) == list(fitted.columns)


def test_customers_all_alike_give_no_centroids(customers: pd.DataFrame) -> None:
    alike = customers.assign(recency_days=1.0, frequency=1.0, monetary=5.0, return_rate_pct=0.0)
    assert fit_all_centroids(alike, RFM_R, minimum_customers=100).empty
