"""Print what a finished build says: ``python -m patronage.summary [path]``."""

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import duckdb

DEFAULT_PATH = "warehouse/patronage.duckdb"
HEADER = ("segment", "customers", "share", "revenue share", "median recency")

SEGMENTS = """
select
    shop,
    coalesce(segment, 'Unsegmented') as segment,
    count(*) as customers,
    100.0 * count(*) / sum(count(*)) over (partition by shop) as customers_pct,
    100.0 * sum(monetary) / sum(sum(monetary)) over (partition by shop) as revenue_pct,
    median(recency_days) as median_recency_days
from marts.customers
group by shop, segment
order by shop, revenue_pct desc, segment
"""

QUERIES = """\
select * from marts.segments order by shop, segmentation, revenue desc;
select segment, month, revenue from marts.segment_revenue order by month, segment;
select marts.segment_of('online_retail', 'rfm_r', 30, 4, 2500, 0);"""


def read_segments(path: Path) -> list[tuple[str, str, int, float, float, float]]:
    """Read the segments of the primary segmentation.

    Parameters
    ----------
    path
        The warehouse file; it is opened for reading only.

    Returns
    -------
    One row per shop and segment, the highest revenue of a shop first: shop, segment, customers,
    their share and their share of net revenue (percent), and median recency (days).

    Raises
    ------
    duckdb.Error
        The file is missing, or holds no marts.
    """
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(SEGMENTS).fetchall()


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align a table: the first column to the left, the others to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    return "\n".join(
        "  " + row[0].ljust(widths[0]) + "".join(
            "  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        )
        for row in table
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the segments of every shop, where the marts are, and queries to try next.

    Returns
    -------
    0, or 1 if the file is no warehouse that can be read.
    """
    parser = argparse.ArgumentParser(prog="patronage.summary", description=__doc__)
    default = os.environ.get("PATRONAGE_DUCKDB_PATH", DEFAULT_PATH)
    parser.add_argument("path", nargs="?", type=Path, default=Path(default), help="warehouse file")
    path: Path = parser.parse_args(arguments).path
    if not path.is_file():
        print(f"There is no warehouse at {path}; make build makes one.", file=sys.stderr)
        return 1
    try:
        segments = read_segments(path)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        print(f"{path} cannot be read as a patronage warehouse: {reason}", file=sys.stderr)
        return 1
    for shop, of_shop in groupby(segments, key=lambda row: row[0]):
        rows = [
            (segment, f"{customers:,}", f"{share:.1f} %", f"{revenue:.1f} %", f"{recency:g} days")
            for _, segment, customers, share, revenue, recency in of_shop
        ]
        print(f"{shop}\n{format_table(HEADER, rows)}\n")
    print(f"The marts are in {path}, schema marts. Try:\n{QUERIES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
