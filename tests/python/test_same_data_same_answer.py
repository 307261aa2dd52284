"""Same data, same answer: at any row order, at any number of threads, at any later day."""

import csv
import random
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from conftest import ONLINE_RETAIL

from warehouse import PROJECT, assert_same, build, differences, query

DEMO_LINES = PROJECT / "seeds/demo/online_retail/demo_online_retail_order_lines.csv"


def write_lines(
    path: Path, keep: slice = slice(None), shuffle: int | None = None, until: datetime | None = None
) -> Path:
    """Write the demo's lines as a file of their own: shuffled, or only those dated before a day."""
    with DEMO_LINES.open(encoding="utf-8", newline="") as source:
        header, *lines = list(csv.reader(source))
    if shuffle is not None:
        random.Random(shuffle).shuffle(lines)
    if until is not None:
        lines = [line for line in lines if is_before(line[4], until)]
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *lines[keep]])
    return path


def is_before(text: str, day: datetime) -> bool:
    """Whether a date of the extract lies before a day; a date that cannot be read counts as such."""
    try:
        return datetime.strptime(text.strip(), "%m/%d/%Y %H:%M") < day
    except ValueError:
        return True


@pytest.mark.parametrize(
    ("dbt_threads", "threads"),
    [
        pytest.param(1, 1, marks=pytest.mark.exhaustive),
        pytest.param(1, 4, marks=pytest.mark.exhaustive),
        (4, 4),
    ],
)
def test_row_order_and_threads_change_nothing(
    demo_warehouse: Path, tmp_path: Path, dbt_threads: int, threads: int
) -> None:
    """Of dbt and of DuckDB; the warehouse to compare with was built with two of each."""
    lines = write_lines(tmp_path / "shuffled.csv", shuffle=dbt_threads + threads)
    variables = ONLINE_RETAIL | {"online_retail_order_lines": str(lines)}
    warehouse = build(
        tmp_path / "shuffled/warehouse.duckdb", variables, threads=threads, dbt_threads=dbt_threads
    )
    assert_same(demo_warehouse, warehouse)


def test_shuffled_real_lines_on_one_thread_change_nothing(
    real_warehouse: Path, real_data: Path, tmp_path: Path
) -> None:
    shuffled = tmp_path / "shuffled.parquet"
    duckdb.sql(
        f"copy (from read_csv('{real_data}/OnlineRetail.csv.gz', encoding = 'latin-1', all_varchar = true)"
        f" order by hash(InvoiceNo, StockCode, Quantity)) to '{shuffled}'"
    )
    variables = ONLINE_RETAIL | {"online_retail_order_lines": str(shuffled)}
    warehouse = build(tmp_path / "shuffled/warehouse.duckdb", variables, threads=1)
    assert_same(real_warehouse, warehouse)


@pytest.mark.dbt
def test_an_as_of_date_gives_what_a_build_on_that_day_gave(tmp_path: Path) -> None:
    earlier = write_lines(tmp_path / "earlier.csv", until=datetime(2025, 3, 1))
    on_the_day = build(
        tmp_path / "on_the_day/warehouse.duckdb",
        ONLINE_RETAIL | {"online_retail_order_lines": str(earlier), "as_of_date": "2025-03-01"},
    )
    looking_back = build(
        tmp_path / "looking_back/warehouse.duckdb", ONLINE_RETAIL | {"as_of_date": "2025-03-01"}
    )
    found = differences(
        on_the_day, looking_back, ("customers", "customer_segments", "segments", "segment_revenue")
    )
    assert set(found.values()) == {0}
    assert query(
        looking_back,
        "select lines > 0 from marts.data_quality where line_status = 'after_as_of_date'",
    ) == [(True,)]


def test_functions_work_in_a_file_attached_under_another_name(demo_warehouse: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo_warehouse}' as elsewhere (read_only)")
        wrong = connection.sql(
            "select count(*) from elsewhere.marts.customers where segment is distinct from elsewhere.marts.segment_of("
            "shop, 'rfm_r', recency_days, frequency, monetary, return_rate_pct)"
        ).fetchone()
        unknown = connection.sql(
            "select elsewhere.marts.segment_of('nowhere', 'rfm_r', 30, 4, 2500, 0)"
        ).fetchone()
    assert wrong == (0,)
    assert unknown == (None,)
