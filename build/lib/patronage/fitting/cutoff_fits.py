"""The segmentations as of past cutoffs: fits that know nothing of what followed."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from patronage.fitting.kmeans import FEATURES, FEW_STARTS, Transform, fit_centroids, match_clusters
from patronage.fitting.numbers import empty_table, stack_tables

COLUMNS: dict[str, Any] = {
    "shop": "string",
    "periods_ago": "int64",
    "segmentation": "string",
    "cluster_id": "int64",
    "transform": "string",
    "customers": "int64",
    **{f"{feature}_{part}": "float64" for feature in FEATURES for part in ("centre", "scale")},
}
"""Columns of ``fit_cutoffs`` and their types, which a table without rows has, too."""

_log = logging.getLogger(__name__)


def fit_cutoffs(
    customers: pd.DataFrame, centroids: pd.DataFrame, minimum_customers: int
) -> pd.DataFrame:
    """Fit every KMeans segmentation anew for the customers of every past cutoff.

    A fit has the features, the transform and the number of clusters of today's, and starts from
    nothing. Only the numbers of its clusters are today's: each is that of the cluster of today
    which it is paired with (``match_clusters``), so that it goes by the same name.

    Parameters
    ----------
    customers
        One row per shop, cutoff and customer in the fit: ``shop``, ``periods_ago``,
        ``customer_id`` and the features as of the cutoff.
    centroids
        Today's fits, as ``fit_all_centroids`` returns them.
    minimum_customers
        With fewer customers, or fewer different ones than clusters, a cutoff gets no centroids, and
        a warning says so.

    Returns
    -------
    One row per shop, cutoff, segmentation and cluster: the columns in ``COLUMNS``.
    """
    today = {str(shop): of_shop for shop, of_shop in centroids.groupby("shop", sort=True)}
    tables = []
    for _, of_cutoff in customers.groupby(["shop", "periods_ago"], sort=True):
        shop, periods_ago = str(of_cutoff["shop"].iloc[0]), int(of_cutoff["periods_ago"].iloc[0])
        fits = today.get(shop, empty_table({"segmentation": "string"}))
        for segmentation, fit in fits.groupby("segmentation", sort=True):
            features = [name for name in FEATURES if fit[f"{name}_centre"].notna().all()]
            different = len(of_cutoff[features].drop_duplicates())
            if len(of_cutoff) < minimum_customers or different < len(fit):
                _log.warning(
                    "%s: no %s centroids %s periods ago, because %s customers (%s different) are"
                    " too few to fit %s clusters.",
                    shop, segmentation, periods_ago, len(of_cutoff), different, len(fit),
                )  # fmt: skip
                continue
            table = fit_as_today(of_cutoff, fit, features)
            tables.append(
                table.assign(shop=shop, periods_ago=periods_ago, segmentation=str(segmentation))
            )
    return stack_tables(tables, COLUMNS)


def fit_as_today(customers: pd.DataFrame, fit: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Fit one segmentation of one cutoff, and number its clusters as today's.

    Parameters
    ----------
    customers
        One row per customer: ``customer_id`` and the features. Row order does not matter.
    fit
        Today's fit: one row per cluster.
    features
        Names of its features.

    Returns
    -------
    What ``fit_centroids`` returns, with today's numbers.
    """
    last = fit.sort_values("cluster_id")
    transform: Transform = "log" if last["transform"].iloc[0] == "log" else "none"
    table = fit_centroids(customers, features, transform, len(last), starts=FEW_STARTS)
    centres = [f"{feature}_centre" for feature in features]
    # in standard units of the cutoff's customers; where zero lies does not change a distance
    scales = table[[f"{feature}_scale" for feature in features]].to_numpy(dtype=np.float64)[0]
    order = match_clusters(
        table[centres].to_numpy(dtype=np.float64) / scales,
        last[centres].to_numpy(dtype=np.float64) / scales,
    )
    return table.iloc[order].assign(cluster_id=last["cluster_id"].to_numpy())
