"""RFM-R, scores, segments and their revenue in PySpark on this machine, and scikit-learn.

Run ``python benchmarks/pyspark_rfm.py 'FOLDER/*.parquet' FOLDER``, where PySpark 4 and Java are
installed. What is written is what ``pandas_rfm.py`` writes.
"""

import csv
import os
import sys
from pathlib import Path

import numpy as np
from peer_fit import FEATURES, FIT_ROWS, Fit, fit
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f

SERVICE_CODES = Path(__file__).resolve().parents[1] / "seeds" / "reference" / "service_codes.csv"
KEEP = ("StockCode", "Description", "Country", "Quantity", "Price", "InvoiceDate")
MONEY = "decimal(18, 4)"


def start() -> SparkSession:
    """Start Spark in this process, with as many threads as the project's DuckDB has."""
    threads = os.environ.get("PATRONAGE_THREADS", "2")
    return (
        SparkSession.builder.master(f"local[{threads}]")
        .config("spark.driver.memory", os.environ.get("PATRONAGE_MEMORY_LIMIT", "4g").lower())
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )


def measure_orders(spark: SparkSession, source: str) -> DataFrame:
    """Sum the accepted lines of each order, and count orders that arrived twice once."""
    with SERVICE_CODES.open(encoding="utf-8") as file:
        codes = [row["product_id"] for row in csv.DictReader(file)]
    code, quantity = f.upper("StockCode"), f.col("Quantity")
    customer_id = f.regexp_replace(f.trim("Customer ID"), r"\.0$", "")
    columns = [customer_id, *map(f.col, KEEP)]
    nothing = [f.coalesce(column.cast("string"), f.lit("\u0001")) for column in columns]
    lines = spark.read.parquet(source).select(
        f.col("Invoice").alias("order_id"),
        f.when(~customer_id.isin("", "0", "nan"), customer_id).alias("customer_id"),
        f.col("InvoiceDate").alias("ordered_at"),
        (f.col("Price").cast(MONEY) * quantity).alias("amount"),
        quantity.alias("quantity"),
        f.when(~code.isin(codes), quantity).otherwise(0).alias("units"),
        (
            (f.col("Price") > 0)
            & f.col("InvoiceDate").isNotNull()
            & quantity.isNotNull()
            & ~(f.col("Invoice").startswith("A") & (code == "B"))
        ).alias("is_accepted"),
        f.xxhash64(*nothing).alias("fingerprint"),
    )
    accepted = f.col("is_accepted")
    purchase = accepted & (f.col("quantity") > 0)

    def total(condition: Column, value: Column) -> Column:
        return f.coalesce(f.sum(f.when(condition, value)), f.lit(0))

    orders = lines.groupBy("order_id").agg(
        f.max("customer_id").alias("customer_id"),
        f.to_date(f.min("ordered_at")).alias("ordered_on"),
        f.when(f.bit_xor("fingerprint") == 0, 2).otherwise(1).alias("times"),
        f.max(accepted).alias("is_accepted"),
        f.max(purchase).alias("is_purchase"),
        total(purchase, f.col("amount")).alias("gross_amount"),
        total(accepted, f.col("amount")).alias("accepted_amount"),
        total(purchase, f.col("units")).alias("units_purchased"),
        total(accepted & (f.col("units") < 0), -f.col("units")).alias("units_returned"),
    )
    sums = ("gross_amount", "accepted_amount", "units_purchased", "units_returned")
    return orders.where("is_accepted").select(
        "order_id",
        "customer_id",
        "ordered_on",
        "is_purchase",
        *((f.col(name) / f.col("times")).cast(MONEY).alias(name) for name in sums),
    )


def measure_customers(orders: DataFrame) -> DataFrame:
    """Compute RFM-R and scores of every known customer."""
    as_of = orders.agg(f.max("ordered_on")).collect()[0][0]
    last = f.coalesce(f.max(f.when(f.col("is_purchase"), f.col("ordered_on"))), f.max("ordered_on"))
    customers = (
        orders.where("customer_id is not null")
        .groupBy("customer_id")
        .agg(
            (f.datediff(f.lit(as_of), last) + 1).alias("recency_days"),
            f.sum(f.col("is_purchase").cast("int")).alias("frequency"),
            f.sum("accepted_amount").cast(MONEY).alias("monetary"),
            f.sum("units_purchased").cast("double").alias("units_purchased"),
            f.sum("units_returned").cast("double").alias("units_returned"),
        )
    )
    bought = f.greatest(f.col("units_purchased"), f.lit(1))

    def score(order: Column) -> Column:
        share = f.percent_rank().over(Window.orderBy(order))
        return f.least(f.floor(5 * share) + 1, f.lit(5)).alias("score")

    return customers.select(
        "*",
        f.round(100 * f.col("units_returned") / bought, 6).alias("return_rate_pct"),
        score(f.desc("recency_days")).alias("recency_score"),
        score(f.asc("frequency")).alias("frequency_score"),
        score(f.asc("monetary")).alias("monetary_score"),
    )


def learn(customers: DataFrame) -> Fit:
    """Fit on the same sample as the project, by the last eight bytes of MD5, lowest first."""
    fitted = customers.where("frequency > 0 and monetary > 0")
    count = fitted.count()
    if count > FIT_ROWS:
        groups, backwards = "(..)" * 8, "".join(f"${number}" for number in range(8, 0, -1))
        last = f.regexp_replace(f.substring(f.md5("customer_id"), 17, 16), groups, backwards)
        share = f.conv(last, 16, 10).cast("double") / 2.0**64
        fitted = fitted.where(share * count < FIT_ROWS)
    features = [f.col(name).cast("double") for name in FEATURES]
    columns = fitted.orderBy("customer_id").select(*features).toArrow().columns
    return fit(np.column_stack([column.to_numpy() for column in columns]))


def segment(customers: DataFrame, fitted: Fit) -> DataFrame:
    """Add each customer's cluster; 0 for those who bought nothing or kept nothing."""
    z_scores = [
        f.log1p(f.greatest(f.col(name).cast("double"), f.lit(0.0))) / scale
        for name, scale in zip(FEATURES, fitted.scales.tolist(), strict=True)
    ]
    squares = [
        sum((z - part) ** 2 for z, part in zip(z_scores, centre, strict=True))
        for centre in (fitted.centres / fitted.scales).tolist()
    ]
    distances = f.array(*squares)
    nearest = f.array_position(distances, f.array_min(distances)).cast("int")
    is_in_fit = (f.col("frequency") > 0) & (f.col("monetary") > 0)
    return customers.withColumn("cluster_id", f.when(is_in_fit, nearest).otherwise(0))


def revenue_by_month(orders: DataFrame, customers: DataFrame) -> DataFrame:
    """Sum orders by cluster and month; the cluster of guests is missing."""
    placed = orders.join(customers.select("customer_id", "cluster_id"), "customer_id", "left")
    return placed.groupBy("cluster_id", f.trunc("ordered_on", "month").alias("month")).agg(
        f.countDistinct("customer_id").alias("customers"),
        f.sum(f.col("is_purchase").cast("int")).alias("orders"),
        f.sum("gross_amount").alias("gross_revenue"),
        f.sum("accepted_amount").alias("revenue"),
        f.sum("units_purchased").alias("units_purchased"),
        f.sum("units_returned").alias("units_returned"),
    )


def main() -> None:
    """Write customers, and revenue by cluster and month."""
    source, folder = sys.argv[1], sys.argv[2]
    spark = start()
    spark.sparkContext.setLogLevel("ERROR")
    orders = measure_orders(spark, source).cache()
    customers = measure_customers(orders).cache()
    segmented = segment(customers, learn(customers)).cache()
    segmented.write.mode("overwrite").parquet(f"{folder}/customers.parquet")
    revenue_by_month(orders, segmented).write.mode("overwrite").parquet(
        f"{folder}/segment_revenue.parquet"
    )
    spark.stop()


if __name__ == "__main__":
    main()
