"""Measure refit churn: how many customers a new fit names differently on the same features.

Run ``python benchmarks/refit_churn.py [WAREHOUSE.duckdb]``. The warehouse holds Online Retail II as
the shop online_retail; without one it is built from the folder that ``PATRONAGE_REAL_DATA`` names.
RFM-R of the last 27 weeks gives 26 refits of rfm_r, each variant starting from the same first fit:

- searched anew: a plain KMeans each week, its clusters named by the rules;
- from the last fit: what the warehouse does (``fit_centroids`` with the last fit).

Churn of a week = share of its customers whom this week's fit names differently than last week's
fit, both asked about this week's figures. The exit code is 1 if the bar is missed.
"""

import json
import os
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from measure import measure_dbt

from patronage.fitting.kmeans import FEATURES, fit_centroids, nearest_centres, transform_features

WEEKS = 26
MEDIAN_BAR, MAXIMUM_BAR = 1.5, 5.0

CUSTOMERS = """
select
    customer_id,
    cast(
        cast('$as_of' as date) - max(ordered_on) filter (purchase_lines > 0) as double
    ) as recency_days,
    cast(count(*) filter (purchase_lines > 0) as double) as frequency,
    cast(cast(sum(accepted_amount) as decimal(18, 4)) as double) as monetary,
    round(
        100.0e0 * sum(units_returned) / greatest(sum(units_purchased), 1), 6
    ) as return_rate_pct
from intermediate.int_orders
where
    shop = 'online_retail'
    and customer_id is not null
    and accepted_lines > 0
    and ordered_on < '$as_of'
group by customer_id
having count(*) filter (purchase_lines > 0) > 0 and sum(accepted_amount) > 0
order by customer_id
"""

AS_OF = "select as_of_date from intermediate.int_as_of_dates where shop = 'online_retail'"

FIT_CUSTOMERS = f"""
select customer_id, {", ".join(FEATURES)}
from intermediate.int_fit_customers
where shop = 'online_retail'
order by customer_id
"""


def names_of(centroids: pd.DataFrame) -> list[str]:
    """Name each cluster by its centre: each rule takes the highest that is left."""
    value = sum(centroids[f"{name}_centre"] / centroids[f"{name}_scale"] for name in FEATURES[1:3])
    rest = centroids.assign(value=value)
    names = pd.Series("", index=rest.index)
    for name, column in {
        "High Returners": "return_rate_pct_centre",
        "VIP Whales": "value",
        "Churned/Inactive": "recency_days_centre",
        "Steady Customers": "value",
        "New/Occasional": "value",
    }.items():
        highest = rest[column].sort_values(ascending=False).index[0]
        names[highest] = name
        rest = rest.drop(index=highest)
    return list(names)


def build(folder: Path) -> Path:
    """Build what the benchmark reads of the warehouse."""
    extract = Path(os.environ["PATRONAGE_REAL_DATA"], "online_retail_II.csv.gz").resolve()
    data = {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": str(extract)}
    options = ["--select", "+int_fit_customers", "--vars", json.dumps(data)]
    measure_dbt(["build", *options, "--exclude-resource-type", "test", "unit_test"], folder)
    return folder / "warehouse.duckdb"


def read_weeks(warehouse: Path) -> dict[date, pd.DataFrame]:
    """Return RFM-R of the customers whom fits learn from, by as-of date.

    The last date is the warehouse's own, and its customers must be those of the warehouse.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        as_of: date = connection.sql(AS_OF).fetchall()[0][0]
        days = [as_of - timedelta(weeks=week) for week in range(WEEKS, -1, -1)]
        weeks = {day: connection.sql(CUSTOMERS.replace("$as_of", str(day))).df() for day in days}
        own = connection.sql(FIT_CUSTOMERS).df()
    pd.testing.assert_frame_equal(weeks[as_of], own, check_dtype=False)
    return weeks


def names_by(fit: pd.DataFrame, customers: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Name each customer as the warehouse's scoring function does."""
    scales = fit[[f"{name}_scale" for name in FEATURES]].to_numpy()[0]
    centres = fit[[f"{name}_centre" for name in FEATURES]].to_numpy()
    values = transform_features(customers[list(FEATURES)].to_numpy(), "log")
    labels, _ = nearest_centres(values / scales, centres / scales)
    return np.array(names_of(fit))[labels]


def apart(one: pd.DataFrame, other: pd.DataFrame, customers: pd.DataFrame) -> float:
    """Return the percentage of customers whom two fits name differently."""
    return 100 * float((names_by(one, customers) != names_by(other, customers)).mean())


def main() -> None:
    """Fit both variants week by week and print their churn side by side."""
    with tempfile.TemporaryDirectory() as folder:
        weeks = read_weeks(Path(sys.argv[1]) if len(sys.argv) > 1 else build(Path(folder)))
    first, *later = weeks
    searched = kept = fit_centroids(weeks[first], FEATURES, "log", 5)
    plain, ours, excess = [], [], []
    print("refit churn in % of the customers; inertia in % above that of the fit searched anew")
    print(
        f"{'as of':<12}{'customers':>10}{'searched anew':>16}{'from the last fit':>20}{'above':>9}"
    )
    for day in later:
        customers, before_searched, before_kept = weeks[day], searched, kept
        searched = fit_centroids(customers, FEATURES, "log", 5)
        kept = fit_centroids(customers, FEATURES, "log", 5, before_kept)
        plain.append(apart(before_searched, searched, customers))
        ours.append(apart(before_kept, kept, customers))
        excess.append(100 * float(kept["inertia"].sum() / searched["inertia"].sum() - 1))
        print(f"{day!s:<12}{len(customers):>10,}", end="")
        print(f"{plain[-1]:>16.2f}{ours[-1]:>20.2f}{excess[-1]:>9.3f}")
    for name, of in (("median", median), ("maximum", max)):
        print(f"{name:<22}{of(plain):>16.2f}{of(ours):>20.2f}{of(excess):>9.3f}")
    print(f"in the end the two differ for {apart(searched, kept, customers):.2f} % of customers")
    met = median(ours) <= MEDIAN_BAR and max(ours) <= MAXIMUM_BAR
    print(f"bar: median {MEDIAN_BAR} %, maximum {MAXIMUM_BAR} %: {'met' if met else 'MISSED'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
