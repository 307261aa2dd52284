"""Tables of the lifetime models: parameters, expectations, and how sure they are by segment."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from patronage.fitting.lifetime import (
    PurchaseParameters,
    ValueParameters,
    alive_probability,
    expected_purchases,
    fit_purchases,
    fit_values,
)
from patronage.fitting.numbers import (
    RANDOM_SEED,
    BoolArray,
    FloatArray,
    IntArray,
    round_floats,
    stack_tables,
)

BOOTSTRAPS = 100
KEYS = ["repeats", "last_time_days", "age_days"]

PARAMETER_COLUMNS = {
    "shop": "string",
    "periods_ago": "int64",
    "r": "float64",
    "alpha_days": "float64",
    "a": "float64",
    "b": "float64",
    "log_likelihood": "float64",
    "p": "float64",
    "q": "float64",
    "v": "float64",
    "customers": "int64",
    "problem": "string",
}
EXPECTATION_COLUMNS = {
    "shop": "string",
    "periods_ago": "int64",
    "repeats": "int64",
    "last_time_days": "int64",
    "age_days": "int64",
    "horizon_days": "int64",
    "alive_probability": "float64",
    "expected_purchase_days": "float64",
    "tested_horizon_days": "int64",
    "tested_purchase_days": "float64",
}
INTERVAL_COLUMNS = {
    "shop": "string",
    "segment": "string",
    "customers": "int64",
    "expected_purchase_days": "float64",
    "expected_purchase_days_low": "float64",
    "expected_purchase_days_high": "float64",
    "expected_revenue": "float64",
    "expected_revenue_low": "float64",
    "expected_revenue_high": "float64",
}
"""Columns of the three tables and their types, which a table without rows has, too."""


def _times(groups: pd.DataFrame) -> tuple[IntArray, FloatArray, FloatArray]:
    return (
        groups["repeats"].to_numpy(dtype=np.int64),
        groups["last_time_days"].to_numpy(dtype=np.float64),
        groups["age_days"].to_numpy(dtype=np.float64),
    )


def _some(
    times: tuple[IntArray, FloatArray, FloatArray], chosen: BoolArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    repeats, last_time, age = times
    return repeats[chosen], last_time[chosen], age[chosen]


def _purchase_parameters(fit: Mapping[Hashable, Any]) -> PurchaseParameters:
    return PurchaseParameters(
        fit["r"], fit["alpha_days"], fit["a"], fit["b"], fit["log_likelihood"]
    )


def fit_lifetimes(customers: pd.DataFrame, minimum_customers: int) -> pd.DataFrame:
    """Fit MBG/NBD and Gamma-Gamma for every shop and cutoff.

    Parameters
    ----------
    customers
        One row per shop, cutoff and customer with a purchase: ``shop``, ``periods_ago``,
        ``customer_id``, ``repeats``, ``last_time_days``, ``age_days``, ``mean_value``.
    minimum_customers
        With fewer customers there is no fit.

    Returns
    -------
    One row per shop and cutoff: the parameters, and in ``problem`` why they are not to be used;
    null where they are. Where no purchase has a positive value, p, q and v are null.
    """
    tables = []
    for (shop, periods_ago), rows in customers.groupby(["shop", "periods_ago"], sort=True):
        of_cutoff = rows.sort_values("customer_id")
        found: dict[str, Any] = {"shop": shop, "periods_ago": periods_ago, "customers": len(rows)}
        groups = of_cutoff.groupby(KEYS, sort=True).size().reset_index(name="customers")
        if len(rows) < minimum_customers:
            found["problem"] = f"too little data: fewer than {minimum_customers} customers"
        elif groups["repeats"].max() < 1:
            found["problem"] = "too little data: nobody has bought on a second day"
        else:
            found |= _fit_shop(of_cutoff, groups)
        tables.append(pd.DataFrame([found]))
    return round_floats(stack_tables(tables, PARAMETER_COLUMNS))


def _fit_shop(customers: pd.DataFrame, groups: pd.DataFrame) -> dict[str, Any]:
    """Fit both models to the customers of one cutoff; without amounts only how often they buy."""
    weights = groups["customers"].to_numpy(dtype=np.float64)
    try:
        fit = fit_purchases(*_times(groups), weights)
    except ValueError as error:
        return {"problem": f"customers' days of purchase cannot be: {error}"}
    found: dict[str, Any] = {"r": fit.r, "alpha_days": fit.alpha}
    found |= {"log_likelihood": fit.log_likelihood}
    found |= {"a": fit.a, "b": fit.b} if fit.has_dropout else {}
    mean_value = customers["mean_value"].to_numpy(dtype=np.float64, na_value=np.nan)
    has_value = np.isfinite(mean_value) & (mean_value > 0)
    value = None
    if has_value.any():
        purchases = customers["repeats"].to_numpy(dtype=np.int64) + 1
        value = fit_values(purchases[has_value], mean_value[has_value])
        found |= {"p": value.p, "q": value.q, "v": value.v}
    if not fit.has_dropout:
        found["problem"] = (
            "no customer can be seen to leave: the likelihood of MBG/NBD has no maximum of use, "
            "its limit is NBD; more history is needed"
        )
    elif value is not None and value.q <= 1:
        found["problem"] = "the mean value of a purchase is not finite in Gamma-Gamma"
    return found


def expect_lifetimes(
    groups: pd.DataFrame, parameters: pd.DataFrame, horizon_days: int, past_horizon_days: int
) -> pd.DataFrame:
    """Compute P(alive) and the purchases to expect, once for customers who are alike.

    Parameters
    ----------
    groups
        One row per shop, cutoff and kind of customer: ``shop``, ``periods_ago``, ``repeats``,
        ``last_time_days``, ``age_days``.
    parameters
        Result of ``fit_lifetimes``; shops and cutoffs with a problem are passed over.
    horizon_days, past_horizon_days
        How far to look ahead from the present, and from past cutoffs.

    Returns
    -------
    The rows of ``groups`` with ``horizon_days``, ``alive_probability``, ``expected_purchase_days``,
    and ``tested_purchase_days`` in ``tested_horizon_days``: in as many past horizons as have passed
    since the cutoff, at most ``horizon_days``; 0 at the present.
    """
    longest = max(horizon_days // past_horizon_days, 1)
    tables = []
    usable = parameters[parameters["problem"].isna()].sort_values(["shop", "periods_ago"])
    for fit in usable.to_dict("records"):
        mine = (groups["shop"] == fit["shop"]) & (groups["periods_ago"] == fit["periods_ago"])
        of_fit = groups[mine].sort_values(KEYS)
        horizon = horizon_days if fit["periods_ago"] == 0 else past_horizon_days
        tested_horizon = min(fit["periods_ago"], longest) * past_horizon_days
        purchases = _purchase_parameters(fit)
        tables.append(
            of_fit.assign(
                tested_horizon_days=tested_horizon,
                tested_purchase_days=expected_purchases(
                    purchases, *_times(of_fit), float(tested_horizon)
                ),
                horizon_days=horizon,
                alive_probability=alive_probability(purchases, *_times(of_fit)),
                expected_purchase_days=expected_purchases(
                    purchases, *_times(of_fit), float(horizon)
                ),
            )
        )
    return round_floats(stack_tables(tables, EXPECTATION_COLUMNS))


def expected_values(
    value: ValueParameters, purchases: FloatArray, mean_value: FloatArray
) -> FloatArray:
    """Compute the mean value of a customer's purchases to come (Fader and Hardie 2013, eq. 5).

    Parameters
    ----------
    value
        A fit with q above 1.
    purchases, mean_value
        Shape (customers,), as in ``fit_values``; a mean below 0, or none, counts as 0.

    Returns
    -------
    Shape (customers,).
    """
    total = purchases * np.fmax(mean_value, 0)
    return np.asarray(value.p * (value.v + total) / (value.p * purchases + value.q - 1))


def bootstrap_segments(
    customers: pd.DataFrame, parameters: pd.DataFrame, horizon_days: int
) -> pd.DataFrame:
    """Say how sure the expected purchases and revenue of each segment are.

    Parameters
    ----------
    customers
        One row per shop and customer, or of ``customers`` who are alike and whom no fit has read
        (``is_in_sample`` false): these, ``segment``, and the columns of ``fit_lifetimes``.
    parameters
        Result of ``fit_lifetimes``; shops with a problem are passed over.
    horizon_days
        How far to look ahead.

    Returns
    -------
    One row per shop and segment, columns as in ``INTERVAL_COLUMNS``.
    """
    tables = []
    usable = parameters[parameters["problem"].isna() & (parameters["periods_ago"] == 0)]
    for fit in usable.sort_values("shop").to_dict("records"):
        rows = customers[(customers["shop"] == fit["shop"]) & customers["segment"].notna()]
        if not rows.empty:
            intervals = _bootstrap_shop(rows.sort_values("customer_id"), fit, float(horizon_days))
            tables.append(intervals.assign(shop=fit["shop"]))
    return round_floats(stack_tables(tables, INTERVAL_COLUMNS))


def _bootstrap_shop(
    rows: pd.DataFrame, fit: Mapping[Hashable, Any], horizon: float
) -> pd.DataFrame:
    """Draw customers with replacement, fit MBG/NBD anew, and sum over the drawn of each segment.

    The 95 % percentile intervals hold the choice of customers and the error of the purchase
    parameters, not that of Gamma-Gamma. Customers whom no fit has read are in the totals, and the
    intervals are those of the others in proportion: null where a segment has none.
    """
    segment, names = pd.factorize(rows["segment"], sort=True)
    is_drawn = rows["is_in_sample"].to_numpy(dtype=bool)
    drawn_from = rows[is_drawn]
    times, kind = _kinds(drawn_from)
    values = _values(drawn_from, fit)
    fitted = _purchase_parameters(fit)
    random = np.random.default_rng(RANDOM_SEED)

    def sums(purchases: PurchaseParameters, drawn: FloatArray, is_there: BoolArray) -> FloatArray:
        expected = np.zeros(len(is_there))
        expected[is_there] = expected_purchases(purchases, *_some(times, is_there), horizon)
        return _sum_by(segment[is_drawn], len(names), expected[kind] * drawn, values)

    samples = []
    for _ in range(BOOTSTRAPS):
        draws = random.integers(0, len(drawn_from), len(drawn_from))
        drawn = np.bincount(draws, minlength=len(drawn_from)).astype(np.float64)
        weights = np.bincount(kind, drawn, minlength=len(times[0])).astype(np.float64)
        is_there = weights > 0
        fit_of_sample = fit_purchases(*_some(times, is_there), weights[is_there], start=fitted)
        samples.append(sums(fit_of_sample, drawn, is_there))
    of_sample = sums(fitted, np.ones(len(drawn_from)), np.ones(len(times[0]), dtype=bool))
    customers = rows["customers"].to_numpy(dtype=np.float64)
    all_times, all_kinds = _kinds(rows)
    orders = expected_purchases(fitted, *all_times, horizon)[all_kinds] * customers
    totals = _sum_by(segment, len(names), orders, _values(rows, fit))
    ratio = np.divide(totals, of_sample, out=np.full_like(totals, np.nan), where=of_sample > 0)
    low, high = np.percentile(np.array(samples), [2.5, 97.5], axis=0) * ratio
    return pd.DataFrame(
        {
            "segment": names,
            "customers": np.bincount(segment, customers),
            "expected_purchase_days": totals[0],
            "expected_purchase_days_low": low[0],
            "expected_purchase_days_high": high[0],
            "expected_revenue": totals[1],
            "expected_revenue_low": low[1],
            "expected_revenue_high": high[1],
        }
    )


def _kinds(rows: pd.DataFrame) -> tuple[tuple[IntArray, FloatArray, FloatArray], IntArray]:
    """List the kinds of customers that MBG/NBD cannot tell apart, and number each row's."""
    kinds = rows[KEYS].drop_duplicates().sort_values(KEYS).reset_index(drop=True)
    numbered = kinds.reset_index(names="kind")
    kind = rows[KEYS].merge(numbered, on=KEYS, how="left")["kind"].to_numpy(dtype=np.int64)
    return _times(kinds), kind


def _values(rows: pd.DataFrame, fit: Mapping[Hashable, Any]) -> FloatArray:
    """Compute the mean value of the purchases to come of each row."""
    return expected_values(
        ValueParameters(fit["p"], fit["q"], fit["v"], np.nan),
        rows["repeats"].to_numpy(dtype=np.float64) + 1,
        rows["mean_value"].to_numpy(dtype=np.float64),
    )


def _sum_by(segment: IntArray, segments: int, orders: FloatArray, values: FloatArray) -> FloatArray:
    """Sum purchases, and what they are worth, by the number of the segment."""
    return np.array(
        [np.bincount(segment, weights, segments) for weights in (orders, orders * values)]
    )
