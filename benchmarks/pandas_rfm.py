"""RFM-R, scores, segments and their revenue in pandas and scikit-learn, as an analyst would.

Run ``python benchmarks/pandas_rfm.py SOURCE FOLDER``. SOURCE is a glob of Parquet files, or the
extract of Online Retail II (csv.gz). FOLDER gets ``customers.parquet`` and
``segment_revenue.parquet``; definitions are those of the warehouse.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from peer_fit import FEATURES, clusters_of, fit, in_sample

COLUMNS = {
    "Invoice": "order_id",
    "StockCode": "product_id",
    "Description": "product_name",
    "Quantity": "quantity",
    "InvoiceDate": "ordered_at",
    "Price": "unit_price",
    "Customer ID": "customer_id",
    "Country": "country",
}
TEXTS = ("Invoice", "StockCode", "Description", "Customer ID", "Country")
NOBODY = ["", "0", "nan"]
SERVICE_CODES = Path(__file__).resolve().parents[1] / "seeds" / "reference" / "service_codes.csv"
SUMS = ["gross_amount", "accepted_amount", "units_purchased", "units_returned"]


def read_lines(source: str) -> pd.DataFrame:
    """Read the extract, and clean the customers' ids."""
    if source.endswith(".parquet"):
        folder, files = Path(source).parent, Path(source).name
        lines = pd.concat([pd.read_parquet(file) for file in sorted(folder.glob(files))])
        lines = lines.reset_index(drop=True)
    else:
        lines = pd.read_csv(source, dtype=dict.fromkeys(TEXTS, "str"), parse_dates=["InvoiceDate"])
    lines = lines.rename(columns=COLUMNS)
    ids = lines["customer_id"].str.strip().str.removesuffix(".0")
    lines["customer_id"] = ids.mask(ids.isin(NOBODY))
    return lines


def repeated_orders(lines: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell of each order, in the order in which they first occur, whether it arrived twice.

    So it did if each of its lines occurs an even number of times: their hashes cancel.
    """
    codes, orders = pd.factorize(lines["order_id"])
    hashes = pd.util.hash_pandas_object(lines, index=False).to_numpy()
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(orders)))
    return np.asarray(np.bitwise_xor.reduceat(hashes[order], starts) == 0)


def measure_orders(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum the accepted lines of each order, and count orders that arrived twice once."""
    ids = lines["order_id"].unique()
    repeated = set(ids[repeated_orders(lines)])
    codes = pd.read_csv(SERVICE_CODES)["product_id"]
    product_ids = lines["product_id"].str.upper()
    is_adjustment = lines["order_id"].str.startswith("A") & (product_ids == "B")
    is_complete = lines["ordered_at"].notna() & lines["quantity"].notna()
    accepted = lines[is_complete & ~is_adjustment & (lines["unit_price"] > 0)].copy()
    quantity = accepted["quantity"].astype("int64")
    units = quantity.where(~product_ids[accepted.index].isin(codes), 0)
    accepted["accepted_amount"] = quantity * accepted["unit_price"]
    accepted["gross_amount"] = accepted["accepted_amount"].clip(lower=0)
    accepted["units_purchased"] = units.clip(lower=0)
    accepted["units_returned"] = -units.clip(upper=0)
    accepted["is_purchase"] = quantity > 0
    orders = accepted.groupby("order_id", sort=False).agg(
        customer_id=("customer_id", "first"),
        ordered_at=("ordered_at", "min"),
        is_purchase=("is_purchase", "any"),
        **{name: (name, "sum") for name in SUMS},
    )
    times = np.where(orders.index.isin(repeated), 2, 1)
    orders[SUMS] = orders[SUMS].div(times, axis=0)
    orders["ordered_on"] = orders["ordered_at"].dt.normalize()
    return orders


def measure_customers(orders: pd.DataFrame) -> pd.DataFrame:
    """Compute recency, frequency, monetary and return rate of every known customer."""
    as_of = orders["ordered_on"].max() + pd.Timedelta(days=1)
    known = orders[orders["customer_id"].notna()].copy()
    known["purchased_on"] = known["ordered_on"].where(known["is_purchase"])
    customers = known.groupby("customer_id").agg(
        last_purchase=("purchased_on", "max"),
        last_activity=("ordered_on", "max"),
        frequency=("is_purchase", "sum"),
        monetary=("accepted_amount", "sum"),
        units_purchased=("units_purchased", "sum"),
        units_returned=("units_returned", "sum"),
    )
    last = customers["last_purchase"].fillna(customers["last_activity"])
    customers["recency_days"] = (as_of - last).dt.days
    bought = customers["units_purchased"].clip(lower=1)
    customers["return_rate_pct"] = (100 * customers["units_returned"] / bought).round(6)
    customers["monetary"] = customers["monetary"].round(4)
    return customers.sort_index()


def score(customers: pd.DataFrame) -> None:
    """Add scores from 1 to 5 by the share of customers who are worse."""
    for name, feature in (
        ("recency_score", -customers["recency_days"]),
        ("frequency_score", customers["frequency"]),
        ("monetary_score", customers["monetary"]),
    ):
        share = (feature.rank(method="min") - 1) / max(len(customers) - 1, 1)
        customers[name] = np.minimum(np.floor(5 * share) + 1, 5).astype("int64")


def segment(customers: pd.DataFrame) -> None:
    """Add each customer's cluster; 0 for those who bought nothing or kept nothing."""
    fitted = customers[(customers["frequency"] > 0) & (customers["monetary"] > 0)]
    features = fitted[list(FEATURES)].to_numpy(dtype=np.float64)
    learned = fit(features[in_sample(fitted.index, len(fitted))])
    customers["cluster_id"] = 0
    customers.loc[fitted.index, "cluster_id"] = clusters_of(features, learned)


def revenue_by_month(orders: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Sum orders by cluster and month; the cluster of guests is missing."""
    placed = orders.assign(
        cluster_id=orders["customer_id"].map(customers["cluster_id"]).astype("Int64"),
        month=orders["ordered_on"].dt.to_period("M").dt.to_timestamp(),
    )
    return (
        placed.groupby(["cluster_id", "month"], dropna=False)
        .agg(
            customers=("customer_id", "nunique"),
            orders=("is_purchase", "sum"),
            gross_revenue=("gross_amount", "sum"),
            revenue=("accepted_amount", "sum"),
            units_purchased=("units_purchased", "sum"),
            units_returned=("units_returned", "sum"),
        )
        .reset_index()
    )


def main() -> None:
    """Write customers, and revenue by cluster and month."""
    source, folder = sys.argv[1], Path(sys.argv[2])
    orders = measure_orders(read_lines(source))
    customers = measure_customers(orders)
    score(customers)
    segment(customers)
    customers.reset_index().to_parquet(folder / "customers.parquet")
    revenue_by_month(orders, customers).to_parquet(folder / "segment_revenue.parquet")


if __name__ == "__main__":
    main()
