"""The fits of a build: each from the last fit of its shop and segmentation, or an earlier one."""

import hashlib
import logging
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from patronage.fitting.cluster_diagnostics import choose_number, compare_numbers, z_scores_of_sample
from patronage.fitting.kmeans import FEATURES, fit_centroids
from patronage.fitting.numbers import DECIMALS, empty_table, stack_tables

COLUMNS: dict[str, Any] = {
    "shop": "string",
    "segmentation": "string",
    "cluster_id": "int64",
    "fit_id": "string",
    "last_fit_id": "string",
    "transform": "string",
    "customers": "int64",
    "changed_customers": "int64",
    "inertia": "float64",
    **{f"{feature}_{part}": "float64" for feature in FEATURES for part in ("centre", "scale")},
    "fitted_on": "date32[day][pyarrow]",
}
"""Columns of ``fit_all_centroids`` and their types, which a table without rows has, too."""

_log = logging.getLogger(__name__)


def fit_all_centroids(
    customers: pd.DataFrame,
    segmentations: Mapping[str, Mapping[str, Any] | None],
    minimum_customers: int,
    history: pd.DataFrame | None = None,
    score_with_fits: Collection[str] = (),
) -> pd.DataFrame:
    """Fit every KMeans segmentation for every shop that has enough customers.

    Parameters
    ----------
    customers
        One row per shop and customer: ``shop``, ``customer_id``, ``sample_share``, ``as_of_date``
        and the features.
    segmentations
        By name: ``method``, ``features``, ``transform``, ``clusters`` (a number or ``auto``);
        what has another method, or is None, is passed over.
    minimum_customers
        With fewer customers, or fewer different ones than clusters, a shop gets no centroids, and a
        warning says so.
    history
        Earlier results of this function, one below the other, and ``fit_number`` (in the order in
        which they were added); ``find_last_fit`` says which of them a fit starts from.
    score_with_fits
        Fits of the history that are returned as they are; their shops and segmentations are not
        fitted.

    Returns
    -------
    One row per shop, segmentation and cluster: ``fit_id``, ``last_fit_id`` (the fit it started
    from), ``fitted_on`` (the shop's as-of date), and the columns of ``fit_centroids``; no rows if
    nothing could be fitted.
    """
    earlier = empty_table(COLUMNS) if history is None else history
    tables = []
    for shop, of_shop in customers.groupby("shop", sort=True):
        fitted_on = pd.Timestamp(of_shop["as_of_date"].iloc[0])
        for segmentation, config in segmentations.items():
            if not config or config.get("method") != "kmeans":
                continue
            fits = earlier[(earlier["shop"] == shop) & (earlier["segmentation"] == segmentation)]
            kept = fits[fits["fit_id"].isin(list(score_with_fits))]
            if not kept.empty:
                tables.append(kept)
                continue
            last_fit = find_last_fit(fits, config, fitted_on)
            clusters = choose_clusters(of_shop, config, last_fit)
            different = len(of_shop[list(config["features"])].drop_duplicates())
            if len(of_shop) < minimum_customers or clusters is None or different < clusters:
                _log.warning(
                    "%s: no %s centroids, because %s customers (%s different) are too few to fit %s"
                    " clusters.",
                    shop, segmentation, len(of_shop), different, config["clusters"],
                )  # fmt: skip
                continue
            if last_fit is not None and len(last_fit) != clusters:
                last_fit = None
            table = fit_centroids(
                of_shop, config["features"], config["transform"], clusters, last_fit
            )
            table = table.assign(shop=str(shop), segmentation=segmentation, fitted_on=fitted_on)
            table["fit_id"] = name_fit(table)
            table["last_fit_id"] = None if last_fit is None else last_fit["fit_id"].iloc[0]
            tables.append(table)
    return stack_tables(tables, COLUMNS)


def choose_clusters(
    customers: pd.DataFrame, config: Mapping[str, Any], last_fit: pd.DataFrame | None
) -> int | None:
    """Return the number of clusters that is configured, or that the evidence favours (``auto``).

    Parameters
    ----------
    customers
        One row per customer of the shop, columns as in ``z_scores_of_sample``.
    config
        ``features``, ``transform`` and ``clusters`` of the segmentation.
    last_fit
        Rows of the last fit: one per cluster.

    Returns
    -------
    Number of clusters; None for ``auto`` where there is too little data for a choice.
    """
    if config["clusters"] != "auto":
        return int(config["clusters"])
    z_scores = z_scores_of_sample(customers, config["features"], config["transform"])
    if z_scores is None:
        return None
    compared, _ = compare_numbers(z_scores)
    return choose_number(compared, None if last_fit is None else len(last_fit))


def find_last_fit(
    history: pd.DataFrame, config: Mapping[str, Any], fitted_on: pd.Timestamp
) -> pd.DataFrame | None:
    """Find the fit that a new one starts from: the newest of an earlier day in its line of history.

    The line holds the fits of one kind that were made when there was none of a later day. A fit
    that was made afterwards looks back, and nothing starts from it: what a day starts from is
    settled once it was built, whatever is built later.

    Parameters
    ----------
    history
        The fits of one shop and segmentation.
    config
        ``features``, ``transform`` and ``clusters`` of the segmentation.
    fitted_on
        Day of the new fit. A fit of the same day is not earlier: building twice on one day gives
        one result.

    Returns
    -------
    Its rows, or None if there is none.
    """
    kinds = [rows for _, rows in history.groupby("fit_id") if is_of_kind(rows, config)]
    start, newest = None, pd.Timestamp.min
    for rows in sorted(kinds, key=lambda rows: int(rows["fit_number"].iloc[0])):
        day = pd.Timestamp(rows["fitted_on"].iloc[0])
        if newest <= day < fitted_on:
            start = rows
        newest = max(newest, day)
    return start


def is_of_kind(fit: pd.DataFrame, config: Mapping[str, Any]) -> bool:
    """Whether a fit has the features, the transform and the number of clusters of a segmentation.

    Parameters
    ----------
    fit
        Its rows: one per cluster.
    config
        ``features``, ``transform`` and ``clusters``; ``auto`` is any number.
    """
    features = {feature for feature in FEATURES if fit[f"{feature}_centre"].notna().all()}
    return (
        features == set(config["features"])
        and bool((fit["transform"] == config["transform"]).all())
        and (config["clusters"] == "auto" or int(config["clusters"]) == len(fit))
    )


def name_fit(table: pd.DataFrame) -> str:
    """Name a fit by shop, segmentation, day and a hash of its parameters: an id is one fit alone.

    Parameters
    ----------
    table
        What ``fit_centroids`` returned, with ``shop``, ``segmentation`` and ``fitted_on``.

    Returns
    -------
    Such as ``online_retail.rfm_r.2011-12-10.0a1b2c3d``.
    """
    parameters = ["cluster_id", "transform"]
    parameters += [f"{feature}_{part}" for feature in FEATURES for part in ("centre", "scale")]
    text = table[parameters].to_csv(index=False, float_format=f"%.{DECIMALS}f")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    first = table.iloc[0]
    return f"{first['shop']}.{first['segmentation']}.{first['fitted_on'].date()}.{digest}"
