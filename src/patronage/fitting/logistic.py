"""Logistic regressions in standard units, each fitted only on what was known before its cutoff."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from patronage.fitting.numbers import (
    BoolArray,
    FloatArray,
    IntArray,
    round_floats,
    stack_tables,
    standardise,
)

MINIMUM_CLASS = 30
"""Fewer customers than this with (or without) the label give no fit."""
NORMAL_97_5 = 1.959963984540054
"""The 0.975 quantile of the normal distribution."""

COLUMNS = {
    "shop": "string",
    "model": "string",
    "periods_ago": "int64",
    "feature": "string",
    "centre": "float64",
    "scale": "float64",
    "coefficient": "float64",
    "coefficient_low": "float64",
    "coefficient_high": "float64",
    "coefficient_alone": "float64",
    "variance_inflation": "float64",
    "slope": "float64",
    "training_rows": "int64",
    "positives": "int64",
}
"""Columns of ``fit_all`` and their types, which a table without rows has, too."""

NO_FEATURES = ("shop", "model", "periods_ago", "customer_id", "is_positive")
"""Columns of training rows that are keys or the label; every other column is a feature."""


def fit_logistic(z_scores: FloatArray, labels: BoolArray) -> FloatArray:
    """Fit a logistic regression with a slight ridge penalty (C = 1 in standard units).

    Parameters
    ----------
    z_scores
        Shape (rows, features).
    labels
        Shape (rows,), both values among them.

    Returns
    -------
    Shape (1 + features,): the intercept, and the change of the log-odds per standard deviation.
    """
    model = LogisticRegression(solver="newton-cholesky", tol=1e-9)
    model.fit(z_scores, labels)
    return np.concatenate([model.intercept_, model.coef_[0]])


def standard_errors(
    z_scores: FloatArray,
    labels: BoolArray,
    coefficients: FloatArray,
    customers: IntArray,
) -> FloatArray:
    """Estimate the standard errors of a fit whose rows come in clusters, one per customer.

    The snapshots of one customer are not independent: their scores are summed before they are
    squared (Liang and Zeger 1986, equation 12, with the ridge penalty in the information, and n /
    (n - 1) for n customers).

    Parameters
    ----------
    z_scores, labels
        Those of ``fit_logistic``.
    coefficients
        What it returned.
    customers
        Shape (rows,): number of the customer, from 0.

    Returns
    -------
    Shape (1 + features,).
    """
    design = np.column_stack([np.ones(len(labels)), z_scores])
    probabilities = 1 / (1 + np.exp(-design @ coefficients))
    penalty = np.diag([0.0, *np.ones(z_scores.shape[1])])
    weights = probabilities * (1 - probabilities)
    inverse = np.linalg.inv(design.T @ (design * weights[:, None]) + penalty)
    residuals = labels - probabilities
    scores = np.column_stack([np.bincount(customers, column * residuals) for column in design.T])
    scores -= scores.mean(axis=0)
    between = scores.T @ scores * len(scores) / max(len(scores) - 1, 1)
    return np.sqrt((inverse @ between @ inverse).diagonal())


def inflate_variances(z_scores: FloatArray) -> FloatArray:
    """Say how much of a feature the others hold: 1 / (1 - R squared) of its regression on them.

    With ten times the variance the coefficient of a feature is what the others leave of it, and may
    have the other sign than the feature has alone (Belsley, Kuh and Welsch 1980, chapter 3).

    Parameters
    ----------
    z_scores
        Shape (rows, features): mean 0 and standard deviation 1, or 0 where nobody differs.

    Returns
    -------
    Shape (features,): 1 or more; not a number where nobody differs, or the others hold all of it.
    """
    correlations = z_scores.T @ z_scores / len(z_scores)
    varying = correlations.diagonal() > 0
    found = np.full(len(varying), np.nan)
    for feature in np.flatnonzero(varying):
        others = varying.copy()
        others[feature] = False
        shared = correlations[others, feature]
        weights = np.linalg.lstsq(correlations[np.ix_(others, others)], shared, rcond=None)[0]
        left = 1 - float(shared @ weights)
        if left > 1e-9:
            found[feature] = 1 / left
    return found


def fit_one(rows: pd.DataFrame, features: Sequence[str], *, intervals: bool) -> pd.DataFrame | None:
    """Fit one model of one shop.

    Parameters
    ----------
    rows
        One row per cutoff and customer: ``customer_id``, ``is_positive`` and the features; rows in
        an order that does not depend on how they were read.
    features
        Names of the features; those in which nobody differs get the coefficient 0.
    intervals
        Whether to compute intervals, and fits of each feature alone, too; null otherwise.

    Returns
    -------
    One row for the ``intercept`` and one per feature: ``feature``, ``centre``, ``scale``,
    ``coefficient`` (per standard deviation) with its interval, ``coefficient_alone`` (in a fit
    without the others), ``variance_inflation``, ``slope`` (per unit, the intercept's for features
    of 0), ``training_rows`` and ``positives``; None with fewer than ``MINIMUM_CLASS`` rows of
    either label.
    """
    labels = rows["is_positive"].to_numpy(dtype=np.bool_)
    positives = int(labels.sum())
    if min(positives, len(labels) - positives) < MINIMUM_CLASS:
        return None
    z_scores, centres, scales = standardise(rows[list(features)].to_numpy(dtype=np.float64))
    coefficients = fit_logistic(z_scores, labels)
    margins = np.full(len(coefficients), np.nan)
    alone = np.full(len(features), np.nan)
    if intervals:
        customers = pd.factorize(rows["customer_id"])[0]
        margins = NORMAL_97_5 * standard_errors(z_scores, labels, coefficients, customers)
        alone = np.array([fit_logistic(column[:, None], labels)[1] for column in z_scores.T])
    slopes = coefficients[1:] / scales
    intercept = coefficients[0] - float(centres @ slopes)
    return pd.DataFrame(
        {
            "feature": ["intercept", *features],
            "centre": [np.nan, *centres],
            "scale": [np.nan, *scales],
            "coefficient": coefficients,
            "coefficient_low": coefficients - margins,
            "coefficient_high": coefficients + margins,
            "coefficient_alone": [np.nan, *alone],
            "variance_inflation": [np.nan, *inflate_variances(z_scores)],
            "slope": [intercept, *slopes],
        }
    ).assign(training_rows=len(labels), positives=positives)


def fit_all(rows: pd.DataFrame) -> pd.DataFrame:
    """Fit every model of every shop, once for the present and once for each past cutoff.

    The fit for a cutoff sees earlier cutoffs only, whose labels were known by then.

    Parameters
    ----------
    rows
        One row per shop, model, cutoff and customer: ``shop``, ``model``, ``periods_ago`` (0 = the
        present, whose labels only ``descriptive`` knows), and the columns of ``fit_one``. Every
        column that is not in ``NO_FEATURES`` is a feature.

    Returns
    -------
    One row per shop, model, cutoff it is fitted for, and coefficient, columns as in ``COLUMNS``; no
    rows where there is too little data.
    """
    tables = []
    features = [name for name in rows.columns if name not in NO_FEATURES]
    ordered = rows.sort_values(["shop", "model", "periods_ago", "customer_id"])
    for (shop, model), of_model in ordered.groupby(["shop", "model"], sort=True):
        for periods_ago in range(int(of_model["periods_ago"].max()) + 1):
            known = of_model
            if model != "descriptive":
                known = of_model[of_model["periods_ago"] > periods_ago]
            fit = fit_one(known, features, intervals=periods_ago == 0)
            if fit is not None:
                tables.append(fit.assign(shop=str(shop), model=str(model), periods_ago=periods_ago))
    return round_floats(stack_tables(tables, COLUMNS))
