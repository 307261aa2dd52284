"""The limit of the warehouse: the columns of its core in straight SQL on DuckDB, and nothing else.

Run ``python benchmarks/limit.py 'FOLDER/*.parquet' FILE.duckdb``. Orders in one pass, RFM-R per
customer, scores, KMeans, the rules, customers, figures by segment, revenue by segment and month.
It reads the synthetic lines and is written for their flaws: no date or number is doubted, nothing
that was refused is counted, nothing is tested or described. Prints the seconds of each step.
"""

import os
import sys
import time
from itertools import pairwise

import duckdb
import numpy as np
from peer_fit import FEATURES, Fit, fit

ORDERS = """
create table orders as
with
judged as (
    select
        Invoice,
        case
            when "Customer ID" in ('', 'nan') then null
            when suffix("Customer ID", '.0') then left("Customer ID", -2)
            when suffix("Customer ID", ' ') then rtrim("Customer ID")
            else "Customer ID"
        end as customer_id,
        Country as country,
        InvoiceDate as ordered_at,
        Quantity as quantity,
        cast(Price as decimal(18, 4)) * Quantity as amount,
        Price > 0
        and InvoiceDate is not null
        and Quantity is not null
        and not (StockCode = 'B' and prefix(Invoice, 'A')) as accepted,
        StockCode not in ('POST', 'post') as goods,
        hash(
            customer_id, StockCode, Description, Country, Quantity, Price, InvoiceDate
        ) as fingerprint
    from read_parquet('$source')
),
summed as (
    select
        Invoice as order_id,
        max(customer_id) as customer_id,
        max(country) as country,
        min(ordered_at) as ordered_at,
        bit_xor(fingerprint) = 0 as is_repeated,
        count(*) filter (accepted) as accepted_lines,
        count(*) filter (accepted and quantity > 0) as purchase_lines,
        sum(quantity) filter (accepted and goods and quantity > 0) as units_purchased,
        -sum(quantity) filter (accepted and goods and quantity < 0) as units_returned,
        sum(amount) filter (accepted and quantity > 0) as gross_amount,
        -sum(amount) filter (accepted and quantity < 0) as returned_amount
    from judged
    group by Invoice
)
select
    order_id, customer_id, country, cast(ordered_at as date) as ordered_on, ordered_at, is_repeated,
    accepted_lines // times as accepted_lines,
    purchase_lines // times as purchase_lines,
    cast(coalesce(units_purchased, 0) // times as bigint) as units_purchased,
    cast(coalesce(units_returned, 0) // times as bigint) as units_returned,
    cast(coalesce(gross_amount, 0) * part as decimal(18, 4)) as gross_amount,
    cast(coalesce(returned_amount, 0) * part as decimal(18, 4)) as returned_amount,
    cast((coalesce(gross_amount, 0) - coalesce(returned_amount, 0)) * part as decimal(18, 4))
        as accepted_amount
from (
    select
        *,
        case when is_repeated then 2 else 1 end as times,
        case when is_repeated then 0.5 else 1 end as part
    from summed
)
where accepted_lines > 0
"""

RFM = """
create table rfm as
with summed as (
    select
        customer_id,
        arg_max(country, row(ordered_at, order_id)) as country,
        count(*) filter (purchase_lines > 0) as frequency,
        count(*) filter (returned_amount > 0) as return_orders,
        cast(sum(accepted_amount) as decimal(18, 4)) as monetary,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_revenue,
        cast(sum(returned_amount) as decimal(18, 4)) as returned_revenue,
        cast(sum(units_purchased) as bigint) as units_purchased,
        cast(sum(units_returned) as bigint) as units_returned,
        min(ordered_on) filter (purchase_lines > 0) as first_ordered_on,
        max(ordered_on) filter (purchase_lines > 0) as last_ordered_on,
        max(ordered_on) as last_active_on
    from orders
    where customer_id is not null
    group by customer_id
)
select
    * exclude (last_active_on),
    as_of_date,
    as_of_date - coalesce(last_ordered_on, last_active_on) as recency_days,
    cast(100.0e0 * units_returned / greatest(units_purchased, 1) as decimal(18, 6))
        as return_rate_pct,
    frequency > 0 and monetary > 0 as is_in_fit
from summed
cross join (select max(ordered_on) + 1 as as_of_date from orders)
"""

SCORES = """
create table scores as
select
    customer_id,
    cast(least(floor(5 * percent_rank() over (order by recency_days desc)) + 1, 5) as integer)
        as recency_score,
    cast(least(floor(5 * percent_rank() over (order by frequency)) + 1, 5) as integer)
        as frequency_score,
    cast(least(floor(5 * percent_rank() over (order by monetary)) + 1, 5) as integer)
        as monetary_score
from rfm
"""

SAMPLE = """
select cast($features as double)
from rfm
cross join (select count(*) as customers from rfm where is_in_fit)
where
    is_in_fit
    and (
        customers <= 200000
        or md5_number_lower(customer_id) / 18446744073709551616.0 * customers < 200000
    )
order by customer_id
"""

CLUSTERS = """
create table clusters as
select
    customer_id,
    case when is_in_fit then list_position(d, list_min(d)) else 0 end as cluster_id,
    case when is_in_fit then 1 - list_min(d) / list_sort(d)[2] end as confidence
from (select customer_id, is_in_fit, [$distances] as d from rfm)
"""

# the rules of dbt_project.yml
CUSTOMERS = """
create table customers as
select
    *,
    concat(recency_score, frequency_score, monetary_score) as rfm_code,
    cast(cast(gross_revenue as double) / nullif(frequency, 0) as decimal(18, 2))
        as average_order_value,
    case
        when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'Champions'
        when recency_score <= 2 and frequency_score >= 4 and monetary_score >= 4
            then 'Cannot Lose Them'
        when recency_score >= 3 and frequency_score >= 3 and monetary_score >= 3
            then 'Loyal Customers'
        when recency_score <= 2 and frequency_score >= 3 then 'At Risk'
        when monetary_score = 5 then 'Big Spenders'
        when recency_score >= 4 and frequency_score >= 2 then 'Potential Loyalists'
        when recency_score = 5 then 'New Customers'
        when recency_score = 4 then 'Promising'
        when recency_score = 3 and frequency_score >= 2 then 'Need Attention'
        when recency_score = 3 then 'About to Sleep'
        when recency_score = 2 then 'Hibernating'
        else 'Lost Customers'
    end as rule_segment
from rfm
inner join scores using (customer_id)
inner join clusters using (customer_id)
"""

SEGMENTS = """
create table segments as
select
    cluster_id,
    count(*) as customers,
    sum(monetary) as revenue,
    sum(gross_revenue) as gross_revenue,
    sum(frequency) as orders,
    sum(return_orders) as return_orders,
    sum(units_purchased) as units_purchased,
    sum(units_returned) as units_returned,
    median(recency_days) as median_recency_days,
    median(frequency) as median_frequency,
    median(monetary) as median_monetary
from customers
group by rollup(cluster_id)
"""

REVENUE = """
create table segment_revenue as
with months as (
    select
        customer_id,
        date_trunc('month', ordered_on) as month,
        count(*) filter (purchase_lines > 0) as orders,
        sum(gross_amount) as gross_revenue,
        sum(returned_amount) as returned_revenue,
        sum(accepted_amount) as revenue,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from orders
    group by all
)
select
    cluster_id,
    month,
    count(customer_id) as customers,
    sum(orders) as orders,
    sum(gross_revenue) as gross_revenue,
    sum(returned_revenue) as returned_revenue,
    sum(revenue) as revenue,
    sum(units_purchased) as units_purchased,
    sum(units_returned) as units_returned
from months
left join clusters using (customer_id)
group by all
"""


def distances(fitted: Fit) -> str:
    """Return the SQL of a customer's distances to the centres, in standard units.

    Parameters
    ----------
    fitted
        What ``peer_fit.fit`` has returned.
    """
    z_scores = ", ".join(
        f"ln(1 + greatest(cast({name} as double), 0)) / {scale!r}e0"
        for name, scale in zip(FEATURES, fitted.scales.tolist(), strict=True)
    )
    centres = (fitted.centres / fitted.scales).tolist()
    return ", ".join(f"list_distance([{z_scores}], {centre!r}::double[])" for centre in centres)


def main() -> None:
    """Run the steps, and print how long each took."""
    source, path = sys.argv[1:3]
    connection = duckdb.connect(path)
    connection.execute(f"set threads = {os.environ.get('PATRONAGE_THREADS', '2')}")
    connection.execute("set preserve_insertion_order = false")
    if limit := os.environ.get("PATRONAGE_MEMORY_LIMIT"):
        connection.execute(f"set memory_limit = '{limit}'")
    marks = [("start", time.perf_counter())]

    def step(name: str, sql: str) -> None:
        connection.execute(sql)
        marks.append((name, time.perf_counter()))

    step("orders", ORDERS.replace("$source", source))
    step("rfm", RFM)
    step("scores", SCORES)
    columns = " as double), cast(".join(FEATURES)
    sample = connection.execute(SAMPLE.replace("$features", columns)).fetchnumpy()
    fitted = fit(np.column_stack(list(sample.values())))
    marks.append(("fit", time.perf_counter()))
    step("clusters", CLUSTERS.replace("$distances", distances(fitted)))
    step("customers", CUSTOMERS)
    step("segments", SEGMENTS)
    step("segment_revenue", REVENUE)
    connection.close()
    for (_, before), (name, after) in pairwise(marks):
        print(f"{name}: {after - before:.1f} s")


if __name__ == "__main__":
    main()
