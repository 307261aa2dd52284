"""What a finished build says, in a few lines."""

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from textwrap import indent

import duckdb

from patronage.published import PublishError, connect_file, first_line
from patronage.query import format_table

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

UNREADABLE = """
select
    shop,
    cast(sum(lines) filter (line_status = 'unreadable') as bigint),
    cast(sum(lines) as bigint)
from marts.data_quality
group by shop
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
        A published file or a warehouse; it is opened for reading only.

    Returns
    -------
    One row per shop and segment, the highest revenue of a shop first: shop, segment, customers,
    their share and their share of net revenue (percent), and median recency (days).

    Raises
    ------
    PublishError
        The file is missing, or holds no marts.
    """
    with closing(connect_file(path)) as connection:
        try:
            connection.execute("use published")
            return connection.execute(SEGMENTS).fetchall()
        except duckdb.Error as error:
            raise PublishError(f"{path} holds no marts: {first_line(error)}") from error


def read_unreadable(path: Path) -> dict[str, str]:
    """Say of each shop what share of its raw rows could not be read.

    Parameters and errors are those of ``read_segments``.

    Returns
    -------
    One sentence per shop.
    """
    with closing(connect_file(path)) as connection:
        connection.execute("use published")
        counts = connection.execute(UNREADABLE).fetchall()
    return {
        shop: f"{share_in_words(unreadable or 0, rows)} of {rows:,} raw rows could not be read."
        for shop, unreadable, rows in counts
    }


def share_in_words(part: int, whole: int) -> str:
    """Write a share in percent; a small one is not rounded to nothing."""
    share = 100 * part / max(whole, 1)
    return "less than 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def summarise(path: Path) -> Iterator[str]:
    """Say what each shop's segments are and what could not be read, and what to ask the marts next.

    Parameters and errors are those of ``read_segments``.

    Yields
    ------
    Lines to print.
    """
    segments, unreadable = read_segments(path), read_unreadable(path)
    for shop, of_shop in groupby(segments, key=lambda row: row[0]):
        rows = [
            (segment, f"{customers:,}", f"{share:.1f} %", f"{revenue:.1f} %", f"{recency:g} days")
            for _, segment, customers, share, revenue, recency in of_shop
        ]
        table = format_table(HEADER, rows, [False, True, True, True, True])
        yield f"{shop}\n{indent(table, '  ')}\n  {unreadable[shop]}\n"
    yield f"The marts are in {path}, schema marts. Try, by patronage query:\n{QUERIES}"
