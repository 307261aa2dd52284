"""The limit of the warehouse: the same segments in straight SQL on DuckDB, and nothing else.

Run ``python benchmarks/bare_pipeline.py 'FOLDER/*.parquet' WAREHOUSE.duckdb``. Orders in one pass,
RFM-R per customer, KMeans on a sample, every customer scored by the nearest centre, revenue by
segment and month. No texts to trim, no statuses to report, no product-level returns, no tests:
the Parquet is trusted. Prints ``segment,customers,revenue``, and the seconds per step to stderr.
"""

import os
import sys
import time
from itertools import pairwise

import duckdb
import pandas as pd

from patronage.fitting.kmeans import FEATURES, fit_centroids

ORDERS = """
create table orders as
with
judged as (
    select
        *,
        cast(Quantity * Price as decimal(18, 4)) as amount,
        Invoice not like 'A%' and Price > 0 and InvoiceDate is not null as accepted,
        StockCode <> 'POST' as goods
    from read_parquet('$source')
),
summed as (
    select
        Invoice as order_id,
        max("Customer ID") as customer_id,
        cast(min(InvoiceDate) as date) as ordered_on,
        case when bit_xor(hash(
            "Customer ID", StockCode, Description, Country, Quantity, Price, InvoiceDate
        )) = 0 then 2 else 1 end as times,
        count(*) filter (accepted) as lines,
        count(*) filter (accepted and Quantity > 0) as purchase_lines,
        sum(amount) filter (accepted and Quantity > 0) as gross,
        sum(amount) filter (accepted) as net,
        sum(Quantity) filter (accepted and goods and Quantity > 0) as bought,
        -sum(Quantity) filter (accepted and goods and Quantity < 0) as returned
    from judged
    group by Invoice
)
select
    order_id, customer_id, ordered_on, purchase_lines > 0 as is_purchase,
    cast(coalesce(gross, 0) * case times when 2 then 0.5 else 1 end as decimal(18, 4)) as gross,
    cast(net * case times when 2 then 0.5 else 1 end as decimal(18, 4)) as net,
    cast(coalesce(bought, 0) // times as bigint) as bought,
    cast(coalesce(returned, 0) // times as bigint) as returned
from summed
where lines > 0
"""

CUSTOMERS = """
create table customers as
with
summed as (
    select
        customer_id,
        coalesce(max(ordered_on) filter (is_purchase), max(ordered_on)) as last_on,
        count(*) filter (is_purchase) as frequency,
        cast(sum(net) as decimal(18, 4)) as monetary,
        sum(bought) as bought,
        sum(returned) as returned
    from orders
    where customer_id is not null
    group by customer_id
)
select
    customer_id, frequency, monetary,
    (select max(ordered_on) + 1 from orders) - last_on as recency_days,
    round(100.0e0 * returned / greatest(bought, 1), 6) as return_rate_pct
from summed
"""

SAMPLE = """
select
    customer_id, recency_days, frequency,
    cast(monetary as double) as monetary, return_rate_pct
from customers
where
    frequency > 0 and monetary > 0
    and md5_number_lower(customer_id) / 18446744073709551616.0 * (
        select count(*) from customers where frequency > 0 and monetary > 0
    ) < 200000
"""

SCORES = """
create table scores as
with distances as (
    select
        customer_id, monetary,
        case when frequency > 0 and monetary > 0 then [$distances] end as d
    from customers
)
select
    customer_id, monetary,
    case when d is null then 'High Returners' else [$names][list_position(d, list_min(d))] end
        as segment
from distances
"""

REVENUE = """
create table segment_revenue as
select
    coalesce(segment, 'Guest') as segment,
    date_trunc('month', ordered_on) as month,
    count(distinct orders.customer_id) as customers,
    count(*) filter (is_purchase) as orders,
    sum(gross) as gross_revenue,
    sum(net) as revenue,
    sum(bought) as units_purchased,
    sum(returned) as units_returned
from orders
left join scores using (customer_id)
group by 1, 2
"""

SEGMENTS = "select segment, count(*), sum(monetary) from scores group by segment order by segment"


def distance(centre: "pd.Series[float]") -> str:
    """Return the SQL of a customer's squared distance to a centre, in standard units."""
    terms = [
        f"power((ln(1 + greatest({name}, 0)) - {centre[f'{name}_centre']!r}e0)"
        f" / {centre[f'{name}_scale']!r}e0, 2)"
        for name in FEATURES
    ]
    return " + ".join(terms)


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


def main() -> None:
    """Run the steps and print the segments."""
    source, path = sys.argv[1:3]
    connection = duckdb.connect(path)
    connection.execute(f"set threads = {os.environ.get('PATRONAGE_THREADS', '2')}")
    connection.execute("set preserve_insertion_order = false")
    marks = [("start", time.perf_counter())]

    def step(name: str, sql: str) -> None:
        connection.execute(sql)
        marks.append((name, time.perf_counter()))

    step("orders", ORDERS.replace("$source", source))
    step("customers", CUSTOMERS)
    centroids = fit_centroids(connection.execute(SAMPLE).df(), FEATURES, "log", 5)
    marks.append(("fit", time.perf_counter()))
    distances = ", ".join(distance(row) for _, row in centroids.iterrows())
    names = ", ".join(f"'{name}'" for name in names_of(centroids))
    step("scores", SCORES.replace("$distances", distances).replace("$names", names))
    step("segment_revenue", REVENUE)
    print("segment,customers,revenue")
    for segment, customers, revenue in connection.execute(SEGMENTS).fetchall():
        print(f"{segment},{customers},{revenue}")
    for (_, before), (name, after) in pairwise(marks):
        print(f"{name}: {after - before:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
