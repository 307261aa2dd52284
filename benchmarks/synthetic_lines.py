"""Write synthetic order lines as Parquet: the columns and flaws of Online Retail, at any size.

Run ``python benchmarks/synthetic_lines.py FOLDER --lines 1000000 --customers 50000``. Every value
is computed from a hash of its line's number, and every file is written by one thread: the same call
writes the same bytes, however many threads write. What the lines are like stands in
docs/benchmarks.md.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

LINES_PER_FILE = 1_000_000

SQL = """
copy (
    with
    -- ten lines are a block: two orders, of two to eight lines
    numbered as (
        select
            range // 10 as block,
            range % 10 as place,
            hash(range // 10, 'kind') % 1000 as draw,
            hash(range // 10, 'split') as spread
        from range($first, $last)
    ),
    drawn as (
        select
            *,
            draw < 57 as has_return,
            draw in (57, 58) as has_repeat,
            case when draw < 57 then 5 + spread % 4 when draw < 59 then 5 else 2 + spread % 7 end
                as split
        from numbered
    ),
    placed as (
        select
            block,
            place >= split and has_return as is_return,
            block * 2 + cast(place >= split and not has_repeat as integer) as order_number,
            -- a return or a repeated order has the customer and the lines of the order before it
            block * 2 + cast(place >= split and draw >= 59 as integer) as buyer,
            block * 10 + case when place >= split and draw < 59 then place - split else place end
                as item
        from drawn
    ),
    -- a few customers order most, and new ones come every day
    bought as (
        select
            *,
            cast(floor(
                $customers * (0.3 + 0.7 * block / $blocks)
                * power(hash(buyer, 'customer') / 18446744073709551616.0, 2)
            ) as bigint) as customer,
            hash(buyer, 'guest') % 1000 as guest
        from placed
    ),
    hashed as (
        select
            *,
            cast(least(hash(item, 'product') % 4000, hash(item, 'again') % 4000) as integer)
                as product,
            -- one customer in twenty is a trader
            cast(1 + hash(item, 'units') % 12 as integer)
            * case when hash(customer, 'trade') % 20 = 0 then 12 else 1 end as units,
            hash(item, 'flaw') % 10000 as flaw,
            case when is_return then cast(1 + hash(block, 'days') % 30 as integer) else 0 end
                as later,
            case when hash(customer, 'abroad') % 10 = 0 then hash(customer, 'country') % 37 end
                as abroad
        from bought
    )
    select
        case when is_return then 'C' when flaw = 0 then 'A' else '' end || (400000 + order_number)
            as "Invoice",
        case
            when flaw = 0 then 'B'
            when product = 7 and flaw between 100 and 149 then 'post'
            when product = 7 then 'POST'
            when flaw between 100 and 149 then (10000 + product) || chr(97 + product % 5)
            else (10000 + product) || chr(65 + product % 5)
        end as "StockCode",
        case when flaw not between 150 and 169 then
            'PRODUCT ' || product || ' IN COLOUR ' || product % 17
        end as "Description",
        case when flaw not in (1, 2) then case when is_return then -units else units end end
            as "Quantity",
        case when flaw not in (3, 4) then
            timestamp '2022-01-01 08:00:00' + to_days(later)
            + to_minutes(cast(floor(block * 1576800.0 / $blocks) as bigint))
        end as "InvoiceDate",
        round(cast(case
            when flaw = 0 then -10
            when flaw between 5 and 54 then 0
            else 0.25 + (hash(product, 'price') % 1000) * (hash(product, 'more') % 1000) / 50000.0
        end as double), 2) as "Price",
        case
            when guest < 92 then null
            when guest < 96 then ''
            when guest < 100 then 'nan'
            when flaw between 200 and 249 then (10000 + customer) || '.0'
            when flaw between 250 and 274 then (10000 + customer) || ' '
            else (10000 + customer) || ''
        end as "Customer ID",
        coalesce('Country ' || abroad, 'United Kingdom') as "Country"
    from hashed
) to '$file' (format parquet)
"""


def write_file(file: Path, first: int, last: int, lines: int, customers: int) -> None:
    """Write the lines from ``first`` to ``last``, of ``lines`` in three years, on one thread."""
    values = {
        "$first": first,
        "$last": last,
        "$blocks": lines // 10,
        "$customers": customers,
        "$file": file,
    }
    sql = SQL
    for name, value in values.items():
        sql = sql.replace(name, str(value))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(sql)


def write_lines(folder: Path, lines: int, customers: int, workers: int = 2) -> None:
    """Write order lines, a million to a file.

    Parameters
    ----------
    folder
        Where the files go; it exists.
    lines
        How many lines, a multiple of 10.
    customers
        How many customers there are; of those who came last, some never order.
    workers
        Files written at a time. What is written does not depend on it.

    Raises
    ------
    ValueError
        If lines are no multiple of 10, or there is no customer.
    """
    if lines < 10 or lines % 10 or customers < 1:
        raise ValueError(
            f"{lines} lines of {customers} customers: accepted are a multiple of 10 lines, and at"
            " least one customer."
        )
    with ThreadPoolExecutor(workers) as pool:
        files = [
            pool.submit(
                write_file,
                folder / f"lines_{first // LINES_PER_FILE:03}.parquet",
                first,
                min(first + LINES_PER_FILE, lines),
                lines,
                customers,
            )
            for first in range(0, lines, LINES_PER_FILE)
        ]
        for file in files:
            file.result()


def write_day(folder: Path, lines: int, customers: int) -> Path:
    """Write the day after all of ``write_lines``, a thousandth of its lines.

    Parameters
    ----------
    folder, lines, customers
        Those of ``write_lines``.

    Returns
    -------
    The file.
    """
    file = folder / "next_day.parquet"
    write_file(file, lines, lines + max(lines // 10_000, 1) * 10, lines, customers)
    return file


def main() -> None:
    """Read the command line and write the lines."""
    parser = argparse.ArgumentParser(description="Write synthetic order lines as Parquet.")
    parser.add_argument("folder", type=Path, help="folder to write to")
    parser.add_argument("--lines", type=int, default=1_000_000, help="a multiple of 10")
    parser.add_argument("--customers", type=int, default=50_000, help="customers there are")
    parser.add_argument("--workers", type=int, default=2, help="files written at a time")
    arguments = parser.parse_args()
    try:
        write_lines(arguments.folder, arguments.lines, arguments.customers, arguments.workers)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
