"""RFM-R, scores, segments and their revenue in Polars and scikit-learn.

Run ``python benchmarks/polars_rfm.py 'FOLDER/*.parquet' FOLDER``, with Polars, which ``make bench``
installs beside the environment. Plans are lazy and run by the streaming engine. What is written is
what ``pandas_rfm.py`` writes.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from peer_fit import FEATURES, clusters_of, fit, in_sample

KEEP = ["StockCode", "Description", "Country", "Quantity", "Price", "InvoiceDate"]
SERVICE_CODES = Path(__file__).resolve().parents[1] / "seeds" / "reference" / "service_codes.csv"
SUMS = ("gross_amount", "accepted_amount")
UNITS = ("units_purchased", "units_returned")


def measure_orders(source: str) -> pl.DataFrame:
    """Sum the accepted lines of each order, and count orders that arrived twice once."""
    codes = pl.read_csv(SERVICE_CODES)["product_id"].to_list()
    code, quantity = pl.col("StockCode").str.to_uppercase(), pl.col("Quantity").cast(pl.Int64)
    customer_id = pl.col("Customer ID").str.strip_chars().str.strip_suffix(".0")
    is_accepted = (
        (pl.col("Price") > 0)
        & pl.col("InvoiceDate").is_not_null()
        & quantity.is_not_null()
        & ~(pl.col("Invoice").str.starts_with("A") & (code == "B"))
    )
    lines = pl.scan_parquet(source).select(
        order_id="Invoice",
        customer_id=pl.when(~customer_id.is_in(["", "0", "nan"])).then(customer_id),
        ordered_at="InvoiceDate",
        quantity=quantity,
        amount=(quantity * pl.col("Price")),
        units=pl.when(~code.is_in(codes)).then(quantity).otherwise(0),
        is_accepted=is_accepted,
        fingerprint=pl.struct(customer_id, *KEEP).hash(),
    )
    accepted, purchase = pl.col("is_accepted"), pl.col("is_accepted") & (pl.col("quantity") > 0)
    orders = lines.group_by("order_id").agg(
        customer_id=pl.col("customer_id").max(),
        ordered_at=pl.col("ordered_at").min(),
        is_repeated=pl.col("fingerprint").bitwise_xor() == 0,
        is_accepted=accepted.any(),
        is_purchase=purchase.any(),
        gross_amount=pl.when(purchase).then("amount").sum(),
        accepted_amount=pl.when(accepted).then("amount").sum(),
        units_purchased=pl.when(accepted).then(pl.col("units").clip(lower_bound=0)).sum(),
        units_returned=-pl.when(accepted).then(pl.col("units").clip(upper_bound=0)).sum(),
    )
    times = pl.when("is_repeated").then(2).otherwise(1)
    return (
        orders.filter("is_accepted")
        .with_columns(
            *(pl.col(name) / times for name in SUMS),
            *(pl.col(name) // times for name in UNITS),
            ordered_on=pl.col("ordered_at").dt.date(),
        )
        .collect(engine="streaming")
    )


def score(feature: pl.Expr) -> pl.Expr:
    """Return a score from 1 to 5 by the share of customers who are worse."""
    share = (feature.rank("min") - 1) / (pl.len() - 1).clip(lower_bound=1)
    return ((5 * share).floor() + 1).clip(upper_bound=5).cast(pl.Int64)


def measure_customers(orders: pl.DataFrame) -> pl.DataFrame:
    """Compute RFM-R and scores of every known customer."""
    as_of = orders.select(pl.col("ordered_on").max().dt.offset_by("1d"))
    last = pl.coalesce(pl.when("is_purchase").then("ordered_on").max(), pl.col("ordered_on").max())
    bought = pl.col("units_purchased").clip(lower_bound=1)
    return (
        orders.lazy()
        .filter(pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(
            recency_days=(pl.lit(as_of.item()) - last).dt.total_days(),
            frequency=pl.col("is_purchase").sum().cast(pl.Int64),
            monetary=pl.col("accepted_amount").sum().round(4),
            units_purchased=pl.col("units_purchased").sum(),
            units_returned=pl.col("units_returned").sum(),
        )
        .with_columns(return_rate_pct=(100 * pl.col("units_returned") / bought).round(6))
        .with_columns(
            recency_score=score(-pl.col("recency_days")),
            frequency_score=score(pl.col("frequency")),
            monetary_score=score(pl.col("monetary")),
        )
        .sort("customer_id")
        .collect(engine="streaming")
    )


def features_of(customers: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return the features, shape (customers, features)."""
    return np.column_stack([customers[name].cast(pl.Float64).to_numpy() for name in FEATURES])


def segment(customers: pl.DataFrame) -> pl.DataFrame:
    """Add each customer's cluster; 0 for those who bought nothing or kept nothing."""
    is_in_fit = (customers["frequency"] > 0) & (customers["monetary"] > 0)
    fitted = customers.filter(is_in_fit)
    features = features_of(fitted)
    learned = fit(features[in_sample(fitted["customer_id"], len(fitted))])
    clusters = np.zeros(len(customers), dtype=np.int64)
    clusters[is_in_fit.to_numpy()] = clusters_of(features, learned)
    return customers.with_columns(cluster_id=pl.Series(clusters))


def revenue_by_month(orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Sum orders by cluster and month; the cluster of guests is missing."""
    return (
        orders.lazy()
        .join(customers.lazy().select("customer_id", "cluster_id"), on="customer_id", how="left")
        .group_by("cluster_id", month=pl.col("ordered_on").dt.truncate("1mo"))
        .agg(
            customers=pl.col("customer_id").drop_nulls().n_unique(),
            orders=pl.col("is_purchase").sum(),
            gross_revenue=pl.col("gross_amount").sum(),
            revenue=pl.col("accepted_amount").sum(),
            units_purchased=pl.col("units_purchased").sum(),
            units_returned=pl.col("units_returned").sum(),
        )
        .collect(engine="streaming")
    )


def main() -> None:
    """Write customers, and revenue by cluster and month."""
    source, folder = sys.argv[1], Path(sys.argv[2])
    orders = measure_orders(source)
    customers = segment(measure_customers(orders))
    customers.write_parquet(folder / "customers.parquet")
    revenue_by_month(orders, customers).write_parquet(folder / "segment_revenue.parquet")


if __name__ == "__main__":
    main()
