"""One fit of one KMeans segmentation: customers in, a small table of centroids out."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from patronage.fitting.numbers import (
    DECIMALS,
    RANDOM_SEED,
    FloatArray,
    IntArray,
    standardise,
)

Transform = Literal["log", "none"]

FEATURES = ("recency_days", "frequency", "monetary", "return_rate_pct")
STARTS = 250
"""With ten, another seed ends in another local optimum and renames .2 % of Online Retail II."""
FEW_STARTS = 10
"""For fits that are compared or averaged and give nobody a name."""
START_ROWS = 10_000
"""Above this number of customers the starts are tried on so many of them."""
MOST_STEPS = 1_000
REFIT_MARGIN = 0.01
"""By how much of the inertia a new search has to be better than a step from the last fit."""


def transform_features(values: FloatArray, transform: Transform) -> FloatArray:
    """Bring features into the space in which the clusters are sought.

    Parameters
    ----------
    values
        Shape (customers, features), in the features' own units.
    transform
        ``"log"`` takes ln(1 + x), negative values counting as 0; ``"none"`` leaves the values as
        they are.

    Returns
    -------
    Array of the same shape.
    """
    return np.log1p(np.maximum(values, 0.0)) if transform == "log" else values


def fit_kmeans(
    z_scores: FloatArray, clusters: int, starts: int = STARTS, seed: int = RANDOM_SEED
) -> tuple[FloatArray, IntArray, float]:
    """Fit KMeans (Lloyd 1982, k-means++ starts) until no customer changes the cluster.

    Stopped earlier, as scikit-learn does by default, another seed names 3 % of the customers of
    Online Retail differently.

    Parameters
    ----------
    z_scores
        Shape (customers, features), rows in an order that does not depend on how they were read.
    clusters
        Number of clusters.
    starts
        Number of k-means++ starts, of which the best is kept; above ``START_ROWS`` customers they
        are tried on every second, third … customer, and the best goes on with all.
    seed
        Seed of the starts.

    Returns
    -------
    centres
        Shape (clusters, features), in z-scores.
    labels
        Shape (customers,), the cluster of each customer.
    inertia
        Sum of the squared distances of the customers to their centres.
    """
    some = z_scores[:: -(-len(z_scores) // START_ROWS)]
    model = KMeans(
        n_clusters=clusters, n_init=starts, random_state=seed, tol=0, max_iter=MOST_STEPS
    ).fit(some)
    if len(some) < len(z_scores):
        model = KMeans(
            n_clusters=clusters, init=model.cluster_centers_, n_init=1, tol=0, max_iter=MOST_STEPS
        ).fit(z_scores)
    return model.cluster_centers_, model.labels_.astype(np.int64), float(model.inertia_)


def nearest_centres(z_scores: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """Find the nearest centre of each customer.

    Parameters
    ----------
    z_scores
        Shape (customers, features).
    centres
        Shape (clusters, features), in the same units.

    Returns
    -------
    labels
        Shape (customers,), the position of the nearest centre; the first one where two are equally
        near.
    squares
        Shape (customers,), the squared distance to it.
    """
    squares = cdist(z_scores, centres, "sqeuclidean")
    labels = squares.argmin(axis=1)
    return labels, squares[np.arange(len(labels)), labels]


def move_centres(z_scores: FloatArray, centres: FloatArray) -> FloatArray | None:
    """Move each centre to the mean of the customers it is nearest to: one step of Lloyd (1982).

    Parameters
    ----------
    z_scores
        Shape (customers, features).
    centres
        Shape (clusters, features), in the same units.

    Returns
    -------
    The moved centres in the same order and shape; None if a centre has no customers.
    """
    labels, _ = nearest_centres(z_scores, centres)
    counts = np.bincount(labels, minlength=len(centres))
    if counts.min() == 0:
        return None
    sums = [np.bincount(labels, weights=column, minlength=len(centres)) for column in z_scores.T]
    return np.column_stack(sums) / counts[:, None]


def match_clusters(centres: FloatArray, last_centres: FloatArray) -> list[int]:
    """Pair new clusters with the last fit's: the squared distances sum to the least.

    That is the Hungarian method (Kuhn 1955).

    Parameters
    ----------
    centres
        Shape (clusters, features), in z-scores.
    last_centres
        The same shape and units: the last fit's centres.

    Returns
    -------
    Positions of the new clusters in the order of the last fit's.
    """
    _, positions = linear_sum_assignment(cdist(last_centres, centres, "sqeuclidean"))
    return [int(position) for position in positions]


def canonical_order(centres: pd.DataFrame) -> list[int]:
    """Order clusters by their centres alone: the most valuable, frequent and recent come first.

    Parameters
    ----------
    centres
        One row per cluster, columns named as the features.

    Returns
    -------
    Positions of the rows in canonical order.
    """
    keys = [
        name
        for name in ("monetary", "frequency", "recency_days", "return_rate_pct")
        if name in centres
    ]
    ascending = [name in ("recency_days", "return_rate_pct") for name in keys]
    ordered = centres.reset_index(drop=True).sort_values(keys, ascending=ascending, kind="stable")
    return [int(position) for position in ordered.index]


def fit_centroids(
    customers: pd.DataFrame,
    features: Sequence[str],
    transform: Transform,
    clusters: int,
    last_fit: pd.DataFrame | None = None,
    starts: int = STARTS,
) -> pd.DataFrame:
    """Fit one segmentation of one shop, from the last fit where there is one.

    The last fit's centres take one step towards today's customers (``move_centres``), so that
    customers keep their cluster unless the data moved. If a new search describes today's customers
    better by more than ``REFIT_MARGIN`` of the inertia, it takes over, its clusters matched to the
    last fit's (``match_clusters``).

    Parameters
    ----------
    customers
        One row per customer: ``customer_id`` and the features. Row order does not matter.
    features
        Names of the features, a subset of ``FEATURES``.
    transform
        See ``transform_features``.
    clusters
        Number of clusters.
    last_fit
        What this function returned for an earlier day, with the same features, transform and number
        of clusters; None numbers the clusters in canonical order.
    starts
        See ``fit_kmeans``.

    Returns
    -------
    One row per cluster, ``cluster_id`` from 1: ``customers`` in it, ``changed_customers`` of these
    whom the last fit puts in another cluster (0 without a last fit), ``inertia`` (their squared
    distances in standard units), and per feature ``<feature>_centre`` and ``<feature>_scale`` in
    the feature's own (log) space; missing for a feature that is not used.
    """
    ordered = customers.sort_values("customer_id", kind="stable")
    values = transform_features(ordered[list(features)].to_numpy(dtype=np.float64), transform)
    z_scores, means, scales = standardise(values)
    z_centres, _, inertia = fit_kmeans(z_scores, clusters, starts)
    if last_fit is None:
        order = canonical_order(
            pd.DataFrame(z_centres * scales + means, columns=list(features)).round(DECIMALS)
        )
        z_centres, last_labels = z_centres[order], None
    else:
        last_centres, last_scales = (
            last_fit.sort_values("cluster_id")[
                [f"{feature}_{part}" for feature in features]
            ].to_numpy(dtype=np.float64)
            for part in ("centre", "scale")
        )
        last_z_centres = (last_centres - means) / scales
        moved = move_centres(z_scores, last_z_centres)
        if (
            moved is not None
            and nearest_centres(z_scores, moved)[1].sum() <= (1 + REFIT_MARGIN) * inertia
        ):
            z_centres = moved
        else:
            z_centres = z_centres[match_clusters(z_centres, last_z_centres)]
        last_labels, _ = nearest_centres(values / last_scales[0], last_centres / last_scales[0])
    labels, squares = nearest_centres(z_scores, z_centres)
    changed = np.zeros(len(labels), dtype=bool) if last_labels is None else labels != last_labels
    table = pd.DataFrame(
        {
            "cluster_id": range(1, clusters + 1),
            "transform": transform,
            "customers": np.bincount(labels, minlength=clusters),
            "changed_customers": np.bincount(labels[changed], minlength=clusters),
            "inertia": np.bincount(labels, weights=squares, minlength=clusters).round(DECIMALS),
        }
    )
    centres = (z_centres * scales + means).round(DECIMALS)
    for feature in FEATURES:
        used = feature in features
        column = list(features).index(feature) if used else 0
        table[f"{feature}_centre"] = centres[:, column] if used else np.nan
        table[f"{feature}_scale"] = round(float(scales[column]), DECIMALS) if used else np.nan
    return table
