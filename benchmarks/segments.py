"""Segments as every side of a benchmark reports them, and whether two sides agree."""

from decimal import Decimal
from pathlib import Path

import duckdb

Segments = dict[str, tuple[int, Decimal]]
"""Customers and net revenue, to the penny, by name of the segment."""

PENNY = Decimal("0.01")
SQL = """
select segment, count(*), sum(monetary)
from marts.customers
where shop = 'online_retail'
group by segment
"""


def of_warehouse(path: Path) -> Segments:
    """Read the segments of the primary segmentation from a built warehouse."""
    with duckdb.connect(str(path), read_only=True) as warehouse:
        rows = warehouse.execute(SQL).fetchall()
    return {name: (customers, revenue.quantize(PENNY)) for name, customers, revenue in rows}


def of_output(output: str) -> Segments:
    """Read the segments from lines ``segment,customers,revenue`` below a header."""
    rows = [line.split(",") for line in output.strip().splitlines()[1:]]
    return {name: (int(number), Decimal(revenue).quantize(PENNY)) for name, number, revenue in rows}


def compare(warehouse: Segments, other: Segments, name: str) -> bool:
    """Print both sides by segment and whether they agree; return whether they do."""
    print(f"\n{'segment':<20}{'customers':>12}{name:>14}{'revenue':>20}{name:>20}")
    nothing = (0, Decimal(0))
    for segment in sorted(warehouse | other):
        ours, theirs = warehouse.get(segment, nothing), other.get(segment, nothing)
        mark = "" if ours == theirs else "   DIFFERS"
        print(f"{segment:<20}{ours[0]:>12,}{theirs[0]:>14,}{ours[1]:>20,}{theirs[1]:>20,}{mark}")
    agree = bool(warehouse) and warehouse == other
    verdict = "agree on" if agree else "DISAGREE about"
    print(f"Warehouse and {name} {verdict} segments, customers and revenue.")
    return agree
