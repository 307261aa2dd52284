"""How good each number of clusters is, and which one the evidence favours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score

from patronage.fitting.kmeans import (
    FEW_STARTS,
    Transform,
    fit_kmeans,
    nearest_centres,
    transform_features,
)
from patronage.fitting.numbers import RANDOM_SEED, FloatArray, IntArray, standardise

NUMBERS = range(2, 11)
"""Numbers of clusters that are compared."""
AUTO_NUMBERS = range(3, 7)
"""Numbers among which ``clusters: auto`` picks."""
AUTO_MARGIN = 0.01
"""How much higher a silhouette has to be for ``clusters: auto`` to change its mind."""
CUSTOMERS = 5_000
"""Above this number of customers all figures are those of a hash sample of this size."""
DIFFERENT_CUSTOMERS = 30
"""With fewer different customers ten clusters of a bootstrap sample mean nothing."""
BOOTSTRAPS = 10
BOOTSTRAP_STARTS = 5
"""Fewer starts end in local optima, which would then look like unstable clusters."""

COLUMNS = {
    "clusters": np.int64,
    "customers": np.int64,
    "inertia": np.float64,
    "silhouette": np.float64,
    "calinski_harabasz": np.float64,
    "davies_bouldin": np.float64,
    "stability": np.float64,
    "smallest_cluster_customers": np.int64,
    "is_elbow": np.bool_,
    "is_best_silhouette": np.bool_,
}


def mean_silhouettes(z_scores: FloatArray, labellings: Sequence[IntArray]) -> list[float]:
    """Compute the mean silhouette width (Rousseeuw 1987) of several clusterings.

    Each distance is measured once for all of them.

    Parameters
    ----------
    z_scores
        Shape (customers, features).
    labellings
        Each of shape (customers,): the cluster of each customer, from 0, no cluster empty.

    Returns
    -------
    One mean per clustering, -1 to 1; a customer alone in a cluster counts as 0.
    """
    members = [np.eye(labels.max() + 1)[labels] for labels in labellings]
    blocks = np.array_split(z_scores, max(1, len(z_scores) // 1_000))
    sums = np.vstack([cdist(block, z_scores) @ np.hstack(members) for block in blocks])
    customers = np.arange(len(z_scores))
    means, first = [], 0
    for labels, member in zip(labellings, members, strict=True):
        counts = member.sum(axis=0)
        distances = sums[:, first : first + len(counts)]
        first += len(counts)
        own = distances[customers, labels] / np.maximum(counts[labels] - 1, 1)
        others = distances / counts
        others[customers, labels] = np.inf
        nearest = others.min(axis=1)
        widths = (nearest - own) / np.maximum(np.maximum(nearest, own), 1e-300)
        means.append(float(np.where(counts[labels] > 1, widths, 0.0).mean()))
    return means


def find_elbow(inertias: Sequence[float]) -> int:
    """Find the elbow of a falling curve: the point furthest below its chord.

    The chord goes from the first to the last point, and both axes are scaled to 0 to 1 first
    (Satopää et al. 2011, "Finding a Kneedle in a Haystack"). The first of equal points wins.

    Parameters
    ----------
    inertias
        Inertia for consecutive numbers of clusters.

    Returns
    -------
    Position of the elbow.
    """
    curve = np.asarray(inertias, dtype=np.float64)
    span = max(curve[0] - curve[-1], 1e-300)
    chord = 1 - np.arange(len(curve)) / (len(curve) - 1)
    return int(np.argmax(chord - (curve - curve[-1]) / span))


def bootstrap_stability(z_scores: FloatArray, labels: IntArray) -> float:
    """Measure whether other samples of such customers would be cut the same way (Hennig 2007).

    Each bootstrap sample is clustered anew, all customers go to its nearest centre, and this
    clustering is compared with the original one by the adjusted Rand index (Hubert and Arabie
    1985).

    Parameters
    ----------
    z_scores
        Shape (customers, features).
    labels
        Shape (customers,), the original clustering, from 0.

    Returns
    -------
    Mean adjusted Rand index over ``BOOTSTRAPS`` samples: 1 = always the same clusters, 0 = as by
    chance.
    """
    random = np.random.default_rng(RANDOM_SEED)
    clusters = int(labels.max()) + 1
    indices = []
    for number in range(BOOTSTRAPS):
        sample = z_scores[random.integers(0, len(z_scores), len(z_scores))]
        centres, _, _ = fit_kmeans(sample, clusters, starts=BOOTSTRAP_STARTS, seed=number)
        indices.append(adjusted_rand_score(labels, nearest_centres(z_scores, centres)[0]))
    return float(np.mean(indices))


def compare_numbers(z_scores: FloatArray) -> tuple[pd.DataFrame, list[IntArray]]:
    """Fit every number of clusters and compare inertia and silhouette.

    Parameters
    ----------
    z_scores
        Shape (customers, features).

    Returns
    -------
    table
        One row per number of clusters: ``clusters``, ``inertia``, ``silhouette``, ``is_elbow``,
        ``is_best_silhouette``.
    labellings
        The clustering of each row, shape (customers,) each.
    """
    fits = [fit_kmeans(z_scores, clusters, FEW_STARTS) for clusters in NUMBERS]
    labellings = [labels for _, labels, _ in fits]
    table = pd.DataFrame(
        {"clusters": list(NUMBERS), "inertia": [inertia for _, _, inertia in fits]}
    ).round(4)
    table["silhouette"] = np.round(mean_silhouettes(z_scores, labellings), 6)
    table["is_elbow"] = table.index == find_elbow(table["inertia"].tolist())
    table["is_best_silhouette"] = table.index == table["silhouette"].idxmax()
    return table, labellings


def choose_number(compared: pd.DataFrame, last_number: int | None = None) -> int:
    """Pick the number of clusters for ``clusters: auto``.

    The last fit's number, without one the elbow, moved into ``AUTO_NUMBERS`` if it lies outside;
    the number beside it if its silhouette is higher by more than ``AUTO_MARGIN`` (the higher of the
    two, if both are).

    Parameters
    ----------
    compared
        The table of ``compare_numbers``.
    last_number
        Number of clusters of the last fit, which customers know by now; None if there is none.

    Returns
    -------
    Number of clusters.
    """
    silhouettes = compared.set_index("clusters")["silhouette"]
    start = last_number or int(compared.loc[compared["is_elbow"], "clusters"].iloc[0])
    start = min(max(start, AUTO_NUMBERS[0]), AUTO_NUMBERS[-1])
    beside = [number for number in (start - 1, start + 1) if number in AUTO_NUMBERS]
    best = max(beside, key=lambda number: float(silhouettes[number]))
    return best if silhouettes[best] > silhouettes[start] + AUTO_MARGIN else start


def z_scores_of_sample(
    customers: pd.DataFrame, features: Sequence[str], transform: Transform
) -> FloatArray | None:
    """Bring at most ``CUSTOMERS`` customers into the standard units in which clusters are sought.

    Parameters
    ----------
    customers
        One row per customer of one shop: ``customer_id``, ``sample_share`` (a hash of the id, from
        0 to 1) and the features.
    features, transform
        See ``patronage.fitting.kmeans.fit_centroids``.

    Returns
    -------
    Shape (customers, features in which they differ); None if fewer than ``DIFFERENT_CUSTOMERS`` of
    them differ.
    """
    sample = (
        customers.sort_values(["sample_share", "customer_id"])
        .head(CUSTOMERS)
        .sort_values("customer_id")
    )
    values = transform_features(sample[list(features)].to_numpy(dtype=np.float64), transform)
    if len(np.unique(values, axis=0)) < DIFFERENT_CUSTOMERS:
        return None
    z_scores, _, _ = standardise(values[:, np.ptp(values, axis=0) > 0])
    return z_scores


def diagnose(z_scores: FloatArray) -> pd.DataFrame:
    """Diagnose every number of clusters for one shop and one set of features.

    Parameters
    ----------
    z_scores
        Shape (customers, features).

    Returns
    -------
    One row per number of clusters, columns as in ``COLUMNS``.
    """
    table, labellings = compare_numbers(z_scores)
    table["customers"] = len(z_scores)
    table["calinski_harabasz"] = [
        round(calinski_harabasz_score(z_scores, labels), 6) for labels in labellings
    ]
    table["davies_bouldin"] = [
        round(davies_bouldin_score(z_scores, labels), 6) for labels in labellings
    ]
    table["stability"] = [round(bootstrap_stability(z_scores, labels), 6) for labels in labellings]
    table["smallest_cluster_customers"] = [np.bincount(labels).min() for labels in labellings]
    return table[list(COLUMNS)]


def diagnose_all(
    customers: pd.DataFrame,
    segmentations: Mapping[str, Mapping[str, Any] | None],
    minimum_customers: int,
) -> pd.DataFrame:
    """Diagnose every KMeans segmentation of every shop that has enough customers.

    Parameters
    ----------
    customers
        One row per shop and customer: ``shop``, and the columns of ``z_scores_of_sample``.
    segmentations
        By name: ``method``, ``features``, ``transform``; what has another method, or is None, is
        passed over.
    minimum_customers
        A shop with fewer customers gets no rows.

    Returns
    -------
    One row per shop, segmentation and number of clusters, columns as in ``COLUMNS``; no rows where
    there is too little data.
    """
    columns = {"shop": str, "segmentation": str} | COLUMNS
    tables = [pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})]
    for shop, of_shop in customers.groupby("shop", sort=True):
        known: dict[bytes, pd.DataFrame] = {}
        for segmentation, config in segmentations.items():
            if not config or config.get("method") != "kmeans" or len(of_shop) < minimum_customers:
                continue
            z_scores = z_scores_of_sample(of_shop, config["features"], config["transform"])
            if z_scores is None:
                continue
            # segmentations that differ only in their names, or in what nobody differs in
            key = z_scores.tobytes()
            known[key] = known[key] if key in known else diagnose(z_scores)
            tables.append(known[key].assign(shop=str(shop), segmentation=segmentation))
    return pd.concat([table[list(columns)].astype(columns) for table in tables], ignore_index=True)
