"""Write synthetic order lines as Parquet: the columns and flaws of Online Retail, at any size.

Run ``python benchmarks/synthetic_lines.py FOLDER --millions 10``. Every value is computed from a
hash of its line's number, so that the same call writes the same lines. Ten lines make two orders
of two to eight lines; four orders, on average, make a customer, a few of whom order hundreds of
times. Of the orders, 2 % return what was bought in the one before, 10 % have no customer, and
0.1 % arrive a second time; of the lines, some cost nothing, are adjustments or lack their date.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

LINES_PER_FILE = 5_000_000

SQL = """
copy (
    with
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
    hashed as (
        select
            *,
            cast(least(hash(item, 'product') % 4000, hash(item, 'again') % 4000) as integer)
                as product,
            cast(1 + hash(item, 'units') % 12 as integer) as units,
            hash(item, 'flaw') % 10000 as flaw,
            case when is_return then cast(1 + hash(block, 'days') % 30 as integer) else 0 end
                as later,
            hash(buyer, 'customer') / 18446744073709551616.0 as share,
            hash(buyer, 'guest') % 10 = 0 as is_guest,
            case when hash(buyer, 'abroad') % 10 = 0 then hash(buyer, 'country') % 37 end as abroad
        from placed
    )
    select
        case when is_return then 'C' when flaw = 0 then 'A' else '' end || (400000 + order_number)
            as "Invoice",
        case when product = 7 then 'POST' else (10000 + product) || chr(65 + product % 5) end
            as "StockCode",
        'PRODUCT ' || product || ' IN COLOUR ' || product % 17 as "Description",
        case when is_return then -units else units end as "Quantity",
        case when flaw <> 1 then
            timestamp '2022-01-01 08:00:00' + to_days(later)
            + to_minutes(cast(floor(block * 1051200.0 / $blocks) as bigint))
        end as "InvoiceDate",
        cast(case
            when flaw = 0 then -10
            when flaw < 52 then 0
            else 0.25 + (hash(product, 'price') % 1000) * (hash(product, 'more') % 1000) / 50000.0
        end as decimal(10, 2)) as "Price",
        case when not is_guest then
            cast(10000 + cast(floor($customers * power(share, 1.6)) as bigint) as varchar)
        end as "Customer ID",
        coalesce('Country ' || abroad, 'United Kingdom') as "Country"
    from hashed
) to '$file' (format parquet)
"""


def write_file(folder: Path, first: int, lines: int) -> None:
    """Write one file, which begins with line ``first`` of ``lines``, on one thread."""
    values = {
        "$first": first,
        "$last": min(first + LINES_PER_FILE, lines),
        "$blocks": lines // 10,
        "$customers": lines // 20,
        "$file": folder / f"lines_{first // LINES_PER_FILE:03}.parquet",
    }
    sql = SQL
    for name, value in values.items():
        sql = sql.replace(name, str(value))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(sql)


def write_lines(folder: Path, lines: int, workers: int) -> None:
    """Write ``lines`` order lines (a multiple of 10) into ``folder``, five million to a file."""
    firsts = range(0, lines, LINES_PER_FILE)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda first: write_file(folder, first, lines), firsts))


def main() -> None:
    """Read the command line and write the lines."""
    parser = argparse.ArgumentParser(description="Write synthetic order lines as Parquet.")
    parser.add_argument("folder", type=Path, help="folder to write to")
    parser.add_argument("--millions", type=int, default=10, help="million lines")
    parser.add_argument("--workers", type=int, default=2, help="files written at a time")
    arguments = parser.parse_args()
    write_lines(arguments.folder, arguments.millions * 1_000_000, arguments.workers)


if __name__ == "__main__":
    main()
