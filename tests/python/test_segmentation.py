"""One fit: a table of centroids that does not depend on row order, and that starts from the last fit where there is one."""

import numpy as np
import pandas as pd
import pytest

from patronage.fitting.kmeans import (
    FEATURES,
    canonical_order,
    fit_centroids,
    match_clusters,
    move_centres,
    nearest_centres,
    transform_features,
)
from patronage.fitting.numbers import standardise


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


def test_a_centre_moves_to_the_mean_of_its_customers() -> None:
    customers = np.array([[0.0, 0.0], [2.0, 0.0], [10.0, 4.0]])
    moved = move_centres(customers, np.array([[9.0, 9.0], [0.0, 1.0]]))
    assert moved is not None
    np.testing.assert_array_equal(moved, [[10.0, 4.0], [1.0, 0.0]])
    assert move_centres(customers, np.array([[0.0, 0.0], [99.0, 99.0]])) is None


def test_the_nearest_centre_is_found_and_the_first_wins_a_draw() -> None:
    labels, squares = nearest_centres(
        np.array([[0.0], [4.0], [5.0]]), np.array([[1.0], [3.0], [7.0]])
    )
    assert labels.tolist() == [0, 1, 1]
    assert squares.tolist() == [1.0, 1.0, 4.0]


def test_clusters_are_matched_so_that_all_distances_together_are_least() -> None:
    # the first of the last fit's is nearest to the new 0, too, but then the second would get the far one
    assert match_clusters(np.array([[1.0], [-2.0]]), np.array([[0.0], [2.0]])) == [1, 0]


def renumbered(table: pd.DataFrame) -> pd.DataFrame:
    """The same fit with its clusters numbered in another order than the canonical one."""
    return table.iloc[[2, 0, 1]].assign(cluster_id=[1, 2, 3]).reset_index(drop=True)


def test_a_refit_of_the_same_customers_keeps_every_number(customers: pd.DataFrame) -> None:
    last_fit = renumbered(fit_centroids(customers, FEATURES, "log", 3))
    pd.testing.assert_frame_equal(
        fit_centroids(customers, FEATURES, "log", 3, last_fit), last_fit, atol=1e-8
    )


def test_a_refit_takes_one_step_while_the_last_fit_still_describes_the_customers() -> None:
    ids = [f"{number:03}" for number in range(101)]
    customers = pd.DataFrame({"customer_id": ids, "monetary": np.arange(101.0)})
    last_fit = pd.DataFrame(
        {"cluster_id": [1, 2], "monetary_centre": [22.0, 72.0], "monetary_scale": 30.0}
    )
    refit = fit_centroids(customers, ["monetary"], "none", 2, last_fit)
    # the border lies at 47: the means of 0 to 46 or 47, and of the rest
    np.testing.assert_allclose(refit["monetary_centre"], [23.25, 74.0], atol=0.3)
    anew = fit_centroids(customers, ["monetary"], "none", 2)
    assert anew["monetary_centre"].min() > 24
    assert anew["inertia"].sum() < refit["inertia"].sum() < 1.01 * anew["inertia"].sum()


def test_a_search_takes_over_where_the_last_fit_no_longer_describes_the_customers(
    customers: pd.DataFrame,
) -> None:
    # the middle group is gone and the most valuable one has come apart: one step of Lloyd cannot follow
    groups = [(200, 1, 50, 0.0), (5, 30, 20_000, 30.0), (5, 300, 900_000, 30.0)]
    random = np.random.default_rng(8)
    rows = np.vstack([np.array(group) * random.lognormal(0, 0.1, (100, 4)) for group in groups])
    later = pd.DataFrame(rows, columns=list(FEATURES)).assign(customer_id=customers["customer_id"])
    last_fit = renumbered(fit_centroids(customers, FEATURES, "log", 3))
    refit = fit_centroids(later, FEATURES, "log", 3, last_fit)
    assert refit["inertia"].sum() == pytest.approx(
        fit_centroids(later, FEATURES, "log", 3)["inertia"].sum()
    )
    # the poorest cluster is 1 by its last number, not 3 by the canonical order
    assert refit["monetary_centre"].idxmin() == 0
    assert last_fit["monetary_centre"].idxmin() == 0


def test_a_refit_counts_who_changed_cluster() -> None:
    last_fit = pd.DataFrame(
        {"cluster_id": [1, 2], "monetary_centre": [12.0, 0.0], "monetary_scale": 1.0}
    )
    customers = pd.DataFrame(
        {"customer_id": list("abcdefg"), "monetary": [0.0, 0.0, 0.0, 5.5, 9.0, 9.0, 9.0]}
    )
    refit = fit_centroids(customers, ["monetary"], "none", 2, last_fit)
    # the step would leave the centres at 9 and 1.375, which is worse by more than the margin
    np.testing.assert_allclose(refit["monetary_centre"], [8.125, 0.0], atol=1e-8)
    assert refit["customers"].tolist() == [4, 3]
    assert refit["changed_customers"].tolist() == [1, 0]
    assert fit_centroids(customers, ["monetary"], "none", 2)["changed_customers"].tolist() == [0, 0]


def test_inertia_is_that_of_its_customers() -> None:
    table = pd.DataFrame(
        {"customer_id": list("abcd"), "monetary": [0.0, 2.0, 10.0, 12.0], "frequency": [1.0] * 4}
    )
    fit = fit_centroids(table, ["monetary", "frequency"], "none", 2)
    assert fit["monetary_centre"].tolist() == [11.0, 1.0]
    assert fit["inertia"].tolist() == pytest.approx([2 / 26, 2 / 26])
