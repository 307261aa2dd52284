"""Whether a side of the benchmark has computed what the project has, customer by customer.

Run ``python benchmarks/agreement.py WAREHOUSE.duckdb OTHER``: a built warehouse, and a DuckDB file
of ``limit.py`` or a folder that a peer has written to. The exit code is 1 if they disagree.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import duckdb

SAME_SEGMENTS_PCT = 99.9

# the project: a warehouse
PROJECT_CUSTOMERS = """
select customers.*, greatest(segments.cluster_id, 0) as cluster_id
from marts.customers as customers
left join marts.customer_segments as segments
    on
        customers.shop = segments.shop
        and customers.customer_id = segments.customer_id
        and segments.segmentation = 'rfm_r'
where customers.shop = 'online_retail'
"""
PROJECT_REVENUE = """
select segment = 'Guest' as is_guest, month, orders, revenue, units_purchased, units_returned
from marts.segment_revenue
where shop = 'online_retail' and segmentation = 'rfm_r'
"""

# the others: clusters of the same order, and none for guests
OTHER_REVENUE = "select *, cluster_id is null as is_guest from $table"

CUSTOMERS = """
select
    count(ours.customer_id) as customers,
    count(theirs.customer_id) as others,
    count(*) filter (
        ours.recency_days = theirs.recency_days
        and ours.frequency = theirs.frequency
        and abs(ours.monetary - theirs.monetary) < 0.005
        and abs(ours.return_rate_pct - theirs.return_rate_pct) < 0.000002
    ) as same_rfm,
    count(*) filter (
        ours.recency_score = theirs.recency_score
        and ours.frequency_score = theirs.frequency_score
        and ours.monetary_score = theirs.monetary_score
    ) as same_scores,
    100.0e0 * count(*) filter (ours.cluster_id = theirs.cluster_id) / count(*)
        as same_segments_pct,
    100.0e0 * sum(abs(ours.monetary)) filter (ours.cluster_id = theirs.cluster_id)
    / sum(abs(ours.monetary)) as same_revenue_pct
from our_customers as ours
full join their_customers as theirs using (customer_id)
"""

MONTHS = """
select
    is_guest,
    cast(month as date) as month,
    cast(sum(orders) as double) as orders,
    round(cast(sum(revenue) as double), 2) as revenue,
    cast(sum(units_purchased) as double) as units_purchased,
    cast(sum(units_returned) as double) as units_returned
from $side
group by all
having sum(orders) > 0 or sum(revenue) <> 0
order by all
"""


class Agreement(NamedTuple):
    """How far two sides agree: customers with the same figures, and shares in percent."""

    customers: int
    others: int
    same_rfm: int
    same_scores: int
    same_segments_pct: float
    same_revenue_pct: float
    same_months: bool

    @property
    def holds(self) -> bool:
        """Whether RFM-R, scores and months are the same, and nearly all segments are."""
        same = {self.customers, self.others, self.same_rfm, self.same_scores}
        shares = self.same_segments_pct, self.same_revenue_pct
        return (
            self.customers > 0
            and len(same) == 1
            and self.same_months
            and min(shares) >= SAME_SEGMENTS_PCT
        )

    def sentence(self) -> str:
        """Say what was found."""
        return (
            f"{'agree' if self.holds else 'DISAGREE'}: of {self.customers:,} customers"
            f" (the other side {self.others:,}), RFM-R of {self.same_rfm:,} and scores of"
            f" {self.same_scores:,} are the same, {self.same_segments_pct:.3f} % are in the same"
            f" segment with {self.same_revenue_pct:.3f} % of the revenue; orders, units and revenue"
            f" by month are {'the same' if self.same_months else 'DIFFERENT'}"
        )


def compare(warehouse: Path, other: Path) -> Agreement:
    """Compare the project's core with what another side has written.

    Parameters
    ----------
    warehouse
        A built warehouse.
    other
        A DuckDB file of ``limit.py``, or a folder that a peer has written to.

    Returns
    -------
    How far they agree.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if other.is_dir():
            tables = [
                f"read_parquet('{table}{'/*.parquet' if table.is_dir() else ''}')"
                for table in (other / "customers.parquet", other / "segment_revenue.parquet")
            ]
        else:
            connection.execute(f"attach '{other}' as theirs (read_only)")
            tables = ["theirs.customers", "theirs.segment_revenue"]
        for name, sql in {
            "our_customers": PROJECT_CUSTOMERS,
            "our_revenue": PROJECT_REVENUE,
            "their_customers": f"select * from {tables[0]}",
            "their_revenue": OTHER_REVENUE.replace("$table", tables[1]),
        }.items():
            connection.execute(f"create temp view {name} as {sql}")
        relation = connection.sql(CUSTOMERS)
        counts = dict(zip(relation.columns, relation.fetchall()[0], strict=True))
        months = [
            connection.execute(MONTHS.replace("$side", f"{side}_revenue")).fetchall()
            for side in ("our", "their")
        ]
    return Agreement(**counts, same_months=months[0] == months[1])


def main() -> None:
    """Compare two sides, and say how far they agree."""
    found = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    print(found.sentence())
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
