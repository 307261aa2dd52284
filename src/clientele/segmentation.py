"""Fits of KMeans segmentations: customers in, a small table of centroids out."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

FloatArray = npt.NDArray[np.float64]
Transform = Literal["log", "none"]

FEATURES = ("recency_days", "frequency", "monetary", "return_rate_pct")
RANDOM_SEED = 20
INITIALISATIONS = 10
DECIMALS = 9
"""Parameters are rounded to this, so that another processor's last bit does not change them."""

_log = logging.getLogger(__name__)


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


def standardise(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Subtract each column's mean and divide by its population standard deviation.

    Parameters
    ----------
    values
        Shape (customers, features).

    Returns
    -------
    z_scores
        Shape (customers, features).
    means, scales
        Shape (features,) each; the scale of a column without spread is 1.
    """
    means = values.mean(axis=0)
    scales = values.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    return (values - means) / scales, means, scales


def fit_kmeans(z_scores: FloatArray, clusters: int) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Fit KMeans (Lloyd 1982, k-means++ starts) with the same result at any number of threads.

    Parameters
    ----------
    z_scores
        Shape (customers, features), rows in an order that does not depend on how they were read.
    clusters
        Number of clusters.

    Returns
    -------
    centres
        Shape (clusters, features), in z-scores.
    labels
        Shape (customers,), the cluster of each customer.
    """
    with threadpool_limits(limits=1):
        model = KMeans(n_clusters=clusters, n_init=INITIALISATIONS, random_state=RANDOM_SEED).fit(
            z_scores
        )
    return model.cluster_centers_, model.labels_.astype(np.int64)


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
    customers: pd.DataFrame, features: Sequence[str], transform: Transform, clusters: int
) -> pd.DataFrame:
    """Fit one segmentation of one shop.

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

    Returns
    -------
    One row per cluster in canonical order, ``cluster_id`` from 1: ``customers`` in it, and per
    feature ``<feature>_centre`` and ``<feature>_scale`` in the feature's own (log) space; both are
    missing for a feature that is not used.
    """
    ordered = customers.sort_values("customer_id", kind="stable")
    values = transform_features(ordered[list(features)].to_numpy(dtype=np.float64), transform)
    z_scores, means, scales = standardise(values)
    z_centres, labels = fit_kmeans(z_scores, clusters)
    centres = pd.DataFrame(z_centres * scales + means, columns=list(features)).round(DECIMALS)
    order = canonical_order(centres)
    counts = np.bincount(labels, minlength=clusters)[order]
    table = pd.DataFrame(
        {"cluster_id": range(1, clusters + 1), "transform": transform, "customers": counts}
    )
    for feature in FEATURES:
        used = feature in features
        table[f"{feature}_centre"] = centres[feature].to_numpy()[order] if used else np.nan
        table[f"{feature}_scale"] = (
            round(float(scales[list(features).index(feature)]), DECIMALS) if used else np.nan
        )
    return table


def fit_all_centroids(
    customers: pd.DataFrame, segmentations: Mapping[str, Mapping[str, Any]], minimum_customers: int
) -> pd.DataFrame:
    """Fit every KMeans segmentation for every shop that has enough customers.

    Parameters
    ----------
    customers
        One row per shop and customer: ``shop``, ``customer_id`` and the features.
    segmentations
        By name: ``method``, ``features``, ``transform``, ``clusters``; methods other than
        ``kmeans`` are passed over.
    minimum_customers
        With fewer customers, or fewer different ones than clusters, a shop gets no centroids, and a
        warning says so.

    Returns
    -------
    One row per shop, segmentation and cluster, columns as in ``fit_centroids``; no rows if nothing
    could be fitted.
    """
    empty = pd.DataFrame(
        {
            "shop": pd.Series(dtype=str),
            "segmentation": pd.Series(dtype=str),
            "cluster_id": pd.Series(dtype=np.int64),
        }
        | {"transform": pd.Series(dtype=str), "customers": pd.Series(dtype=np.int64)}
        | {
            f"{feature}_{part}": pd.Series(dtype=np.float64)
            for feature in FEATURES
            for part in ("centre", "scale")
        }
    )
    fits = list(_fit_each(customers, segmentations, minimum_customers))
    return pd.concat(fits, ignore_index=True)[list(empty.columns)] if fits else empty


def _fit_each(
    customers: pd.DataFrame, segmentations: Mapping[str, Mapping[str, Any]], minimum_customers: int
) -> Iterator[pd.DataFrame]:
    for shop, of_shop in customers.groupby("shop", sort=True):
        for segmentation, config in segmentations.items():
            if config["method"] != "kmeans":
                continue
            different = len(of_shop[list(config["features"])].drop_duplicates())
            if len(of_shop) < minimum_customers or different < config["clusters"]:
                _log.warning(
                    "%s: no %s centroids, because %s customers (%s different) are too few to fit"
                    " %s clusters.",
                    shop, segmentation, len(of_shop), different, config["clusters"],
                )  # fmt: skip
                continue
            table = fit_centroids(
                of_shop, config["features"], config["transform"], config["clusters"]
            )
            table.insert(0, "shop", str(shop))
            table.insert(1, "segmentation", segmentation)
            yield table
