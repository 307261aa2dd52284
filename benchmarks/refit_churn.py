"""Measure refit churn: how many customers a new fit names differently on the same features.

Run ``python benchmarks/refit_churn.py [WAREHOUSE.duckdb]``. The warehouse holds Online Retail II as
the shop online_retail; without one it is built from the folder that ``CLIENTELE_REAL_DATA`` names.
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
import pandas as pd
from bare_pipeline import names_of
from measure import measure_dbt

from clientele.segmentation import FEATURES, fit_centroids, nearest_centres, transform_features

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


def build(folder: Path) -> Path:
    """Build what the benchmark reads of the warehouse."""
    extract = Path(os.environ["CLIENTELE_REAL_DATA"], "online_retail_II.csv.gz").resolve()
    data = {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": str(extract)}
    measure_dbt(["run", "--select", "+int_fit_customers", "--vars", json.dumps(data)], folder)
    return folder / "warehouse.duckdb"


def read_weeks(warehouse: Path) -> dict[date, pd.DataFrame]:
    """Return RFM-R of the customers whom fits learn from, by as-of date, the last being the warehouse's own."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.sql(AS_OF).fetchone()
        assert row is not None, "the warehouse has no shop online_retail"
        days = [row[0] - timedelta(weeks=week) for week in range(WEEKS, -1, -1)]
        weeks = {day: connection.sql(CUSTOMERS.replace("$as_of", str(day))).df() for day in days}
        own = connection.sql(FIT_CUSTOMERS).df()
    pd.testing.assert_frame_equal(weeks[days[-1]], own, check_dtype=False)
    return weeks


def names_by(fit: pd.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    """Name each customer as the warehouse's scoring function does."""
    scales = fit[[f"{name}_scale" for name in FEATURES]].to_numpy()[0]
    centres = fit[[f"{name}_centre" for name in FEATURES]].to_numpy()
    values = transform_features(customers[list(FEATURES)].to_numpy(), "log")
    labels, _ = nearest_centres(values / scales, centres / scales)
    return np.array(names_of(fit))[labels]


def main() -> None:
    """Fit both variants week by week and print their churn side by side."""
    with tempfile.TemporaryDirectory() as folder:
        weeks = read_weeks(Path(sys.argv[1]) if len(sys.argv) > 1 else build(Path(folder)))
    anew: list[float] = []
    ours: list[float] = []
    excess: list[float] = []
    searched = kept = None
    print(f"{'as of':<12}{'customers':>10}{'searched anew':>16}{'from the last fit':>20}{'inertia above':>16}")
    for day, customers in weeks.items():
        before_searched, before_kept = searched, kept
        searched = fit_centroids(customers, FEATURES, "log", 5)
        kept = fit_centroids(customers, FEATURES, "log", 5, before_kept)
        if before_searched is None or before_kept is None:
            continue
        for churn, before, after in ((anew, before_searched, searched), (ours, before_kept, kept)):
            churn.append(100 * float((names_by(before, customers) != names_by(after, customers)).mean()))
        excess.append(100 * float(kept["inertia"].sum() / searched["inertia"].sum() - 1))
        print(f"{day!s:<12}{len(customers):>10,}{anew[-1]:>14.2f} %{ours[-1]:>18.2f} %{excess[-1]:>14.3f} %")
    print(f"{'median':<22}{median(anew):>14.2f} %{median(ours):>18.2f} %{median(excess):>14.3f} %")
    print(f"{'maximum':<22}{max(anew):>14.2f} %{max(ours):>18.2f} %{max(excess):>14.3f} %")
    assert searched is not None and kept is not None
    apart = 100 * float((names_by(searched, customers) != names_by(kept, customers)).mean())
    print(f"after {WEEKS} weeks the two name {apart:.2f} % of the customers differently")
    met = median(ours) <= MEDIAN_BAR and max(ours) <= MAXIMUM_BAR
    print(f"bar: median <= {MEDIAN_BAR} %, maximum <= {MAXIMUM_BAR} %: {'met' if met else 'MISSED'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
