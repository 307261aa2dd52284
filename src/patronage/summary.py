"""What a finished build says, in a few lines."""

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from textwrap import indent
from typing import Any

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

SHOPS = """
select
    shop,
    concat(
        case when shop_name <> shop then concat(shop_name, ' (', shop, ')') else shop end,
        ': ',
        format('{:,}', customers),
        ' customers, net revenue ',
        format('{:,.0f}', cast(customer_revenue as double)),
        coalesce(' ' || currency, ''),
        ', as of ',
        as_of_date
    )
from marts.shops
"""

UNREADABLE = """
select
    shop,
    cast(sum(lines) filter (line_status = 'unreadable') as bigint),
    cast(sum(lines) as bigint)
from marts.data_quality
group by shop
"""

EXTRACT_TABLES = """
select
    concat(table_schema, '.', table_name),
    case when table_schema = 'marts' then 'raw_table' else 'extract' end
from information_schema.columns
where table_schema in ('marts', 'raw') and table_name = 'extracts' and column_name = 'is_demo'
order by table_schema
"""

SOURCES = """
select shop, bool_or(is_demo), cast(sum(records) as bigint), cast(sum(before) as bigint)
from (
    select
        shop,
        bool_or(is_demo) as is_demo,
        sum(records) as records,
        max(previous_records) as before
    from {table}
    group by shop, {name}
) as raw_tables
group by shop
"""

QUERIES = """\
select * from marts.segments order by shop, segmentation, revenue desc;
select segment, month, revenue from marts.segment_revenue order by month, segment;
select marts.segment_of('online_retail', 'rfm_r', 30, 4, 2500, 0);"""


def read_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the marts of a file.

    Parameters
    ----------
    path
        A published file or a warehouse; it is opened for reading only.
    query
        SQL; the file is the catalogue in use.

    Returns
    -------
    The rows of the answer.

    Raises
    ------
    PublishError
        The file is missing, or holds no marts.
    """
    with closing(connect_file(path)) as connection:
        try:
            connection.execute("use published")
            return connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise PublishError(f"{path} holds no marts: {first_line(error)}") from error


def read_unreadable(path: Path) -> dict[str, str]:
    """Say of each shop what share of its raw rows could not be read.

    Parameters and errors are those of ``read_rows``.

    Returns
    -------
    One sentence per shop.
    """
    return {
        shop: f"{share_in_words(unreadable or 0, rows)} of {rows:,} raw rows could not be read."
        for shop, unreadable, rows in read_rows(path, UNREADABLE)
    }


def share_in_words(part: int, whole: int) -> str:
    """Write a share in percent; a small one is not rounded to nothing."""
    share = 100 * part / max(whole, 1)
    return "less than 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def read_sources(path: Path) -> dict[str, str]:
    """Say of each shop what its figures are made of: DEMO DATA, or so many raw records.

    Parameters and errors are those of ``read_rows``.

    Returns
    -------
    One sentence per shop that has raw tables.
    """
    tables = read_rows(path, EXTRACT_TABLES)
    counts = (
        read_rows(path, SOURCES.format(table=tables[0][0], name=tables[0][1])) if tables else []
    )
    return {
        shop: "DEMO DATA: no var names a raw extract."
        if is_demo
        else f"{records:,} raw records" + (f"; {before:,} in the build before." if before else ".")
        for shop, is_demo, records, before in counts
    }


def summarise(path: Path) -> Iterator[str]:
    """Say what each shop's segments are and what could not be read, and what to ask the marts next.

    Parameters and errors are those of ``read_rows``.

    Yields
    ------
    Lines to print.
    """
    segments, shops = read_rows(path, SEGMENTS), dict(read_rows(path, SHOPS))
    unreadable, sources = read_unreadable(path), read_sources(path)
    for shop, of_shop in groupby(segments, key=lambda row: row[0]):
        rows = [
            (segment, f"{customers:,}", f"{share:.1f} %", f"{revenue:.1f} %", f"{recency:g} days")
            for _, segment, customers, share, revenue, recency in of_shop
        ]
        table = format_table(HEADER, rows, [False, True, True, True, True])
        notes = [unreadable[shop], *filter(None, [sources.get(shop)])]
        yield f"{shops[shop]}\n{indent(table, '  ')}\n{indent(chr(10).join(notes), '  ')}\n"
    yield f"The marts are in {path}, schema marts. Try, by patronage query:\n{QUERIES}"
    site = path.with_name("site") / "index.html"
    if site.is_file():
        yield f"The boards are in {site}: open it in a browser."
