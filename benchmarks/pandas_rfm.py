"""RFM-R segments of Online Retail II in pandas and scikit-learn: what an analyst would write.

Run ``python benchmarks/pandas_rfm.py online_retail_II.csv.gz``. Prints
``segment,customers,revenue``; definitions are those of the warehouse.
"""

import sys
from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

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
FEATURES = ["recency_days", "frequency", "monetary", "return_rate_pct"]
RULES = {
    "High Returners": "return_rate_pct",
    "VIP Whales": "value",
    "Churned/Inactive": "recency_days",
    "Steady Customers": "value",
    "New/Occasional": "value",
}
SERVICE_CODES = Path(__file__).resolve().parents[1] / "seeds" / "reference" / "service_codes.csv"


def read_lines(path: str) -> pd.DataFrame:
    """Read the extract and keep the accepted lines."""
    texts = dict.fromkeys(["Invoice", "StockCode", "Description", "Customer ID", "Country"], "str")
    lines = pd.read_csv(path, dtype=texts, parse_dates=["InvoiceDate"]).rename(columns=COLUMNS)
    ids = lines["customer_id"].str.strip().str.removesuffix(".0")
    lines["customer_id"] = ids.mask(ids.isin(["", "0"]))

    # an order whose every distinct line occurs an even number of times arrived twice: keep half
    same_line = lines.groupby(pd.util.hash_pandas_object(lines, index=False))
    is_even = same_line["quantity"].transform("size") % 2 == 0
    is_repeated = is_even.groupby(lines["order_id"]).transform("all")
    repeated = lines[is_repeated]
    keys = list(COLUMNS.values())
    copies = repeated.groupby(keys, dropna=False)["quantity"].transform("size")
    surplus = repeated[repeated.groupby(keys, dropna=False).cumcount() >= copies // 2].index

    is_adjustment = lines["order_id"].str.startswith("A") | (lines["unit_price"] < 0)
    is_complete = lines[["order_id", "ordered_at", "quantity", "unit_price"]].notna().all(axis=1)
    return lines[is_complete & ~is_adjustment & (lines["unit_price"] > 0)].drop(
        surplus, errors="ignore"
    )


def measure_customers(lines: pd.DataFrame) -> pd.DataFrame:
    """Compute recency, frequency, monetary and return rate of every known customer."""
    codes = pd.read_csv(SERVICE_CODES)["product_id"]
    as_of = lines["ordered_at"].max().normalize() + pd.Timedelta(days=1)
    known = lines[lines["customer_id"].notna()].copy()
    is_purchase = known["quantity"] > 0
    is_merchandise = ~known["product_id"].str.strip().str.upper().isin(codes)
    units = known["quantity"].where(is_merchandise, 0)
    known["amount"] = known["quantity"] * known["unit_price"]
    known["purchased_at"] = known["ordered_at"].where(is_purchase)
    known["purchase_id"] = known["order_id"].where(is_purchase)
    known["units_purchased"] = units.clip(lower=0)
    known["units_returned"] = -units.clip(upper=0)
    customers = known.groupby("customer_id").agg(
        last_purchase=("purchased_at", "max"),
        last_activity=("ordered_at", "max"),
        frequency=("purchase_id", "nunique"),
        monetary=("amount", "sum"),
        units_purchased=("units_purchased", "sum"),
        units_returned=("units_returned", "sum"),
    )
    last = customers["last_purchase"].fillna(customers["last_activity"]).dt.normalize()
    customers["recency_days"] = (as_of - last).dt.days
    bought = customers["units_purchased"].clip(lower=1)
    customers["return_rate_pct"] = (100 * customers["units_returned"] / bought).round(6)
    customers["monetary"] = customers["monetary"].round(4)
    return customers


def name_clusters(centres: pd.DataFrame) -> dict[Hashable, str]:
    """Name each cluster by its centre in standard units; each rule takes the highest left."""
    rest = centres.assign(value=centres["frequency"] + centres["monetary"])
    names: dict[Hashable, str] = {}
    for name, column in RULES.items():
        highest = rest[column].idxmax()
        names[highest] = name
        rest = rest.drop(index=[highest])
    return names


def segment(customers: pd.DataFrame) -> pd.Series:
    """Cluster the customers who bought and kept something; the others are High Returners."""
    fitted = customers[(customers["frequency"] > 0) & (customers["monetary"] > 0)].sort_index()
    z_scores = StandardScaler().fit_transform(np.log1p(fitted[FEATURES]))
    model = KMeans(n_clusters=5, n_init=10, random_state=20).fit(z_scores)
    names = name_clusters(pd.DataFrame(model.cluster_centers_, columns=FEATURES))
    segments = pd.Series("High Returners", index=customers.index)
    segments[fitted.index] = pd.Series(model.labels_).map(names).to_numpy()
    return segments


def main() -> None:
    """Print segment, customers and net revenue."""
    customers = measure_customers(read_lines(sys.argv[1]))
    customers["segment"] = segment(customers)
    report = customers.groupby("segment")["monetary"].agg(["size", "sum"])
    print("segment,customers,revenue")
    for name, row in report.iterrows():
        print(f"{name},{row['size']:.0f},{row['sum']:.4f}")


if __name__ == "__main__":
    main()
