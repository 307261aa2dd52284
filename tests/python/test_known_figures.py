"""The published extracts give the figures that are known of them, however they are stored."""

from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ONLINE_RETAIL, unpack_days

from patronage.fitting.kmeans import (
    FEATURES,
    canonical_order,
    fit_kmeans,
    transform_features,
)
from patronage.fitting.numbers import standardise
from warehouse import build, differences, query

pytestmark = pytest.mark.dbt


def test_online_retail_gives_its_known_figures(real_warehouse: Path) -> None:
    lines = dict(query(real_warehouse, "select line_status, lines from marts.data_quality"))
    assert lines == {
        "accepted": 539_385, "zero_price": 2_515, "repeated": 6, "adjustment": 3, "unreadable": 0, "after_as_of_date": 0,
    }  # fmt: skip
    assert query(
        real_warehouse,
        "select sum(monetary), count(*), count(*) filter (frequency > 0), count(*) filter (monetary <= 0 or frequency = 0),"
        " sum(frequency), max(return_rate_pct), arg_max(customer_id, return_rate_pct), count(*) filter (frequency = 0)"
        " from marts.customers",
    ) == [(Decimal("8300139.5040"), 4371, 4338, 54, 18_532, Decimal("28200"), "15823", 33)]
    assert query(
        real_warehouse,
        "select avg(frequency), avg(recency_days), min(as_of_date)::text from marts.customers where frequency > 0",
    ) == [(pytest.approx(4.272015, abs=5e-7), pytest.approx(93.0595, abs=5e-5), "2011-12-10")]
    assert query(
        real_warehouse,
        "select sum(revenue) from marts.segment_revenue where segmentation = 'rfm_r' and segment = 'Guest'",
    ) == [(Decimal("1458739.2300"),)]
    top_share = query(
        real_warehouse,
        "select sum(monetary) filter (place <= ceil(0.2 * customers)) / sum(monetary) from (select monetary,"
        " row_number() over (order by monetary desc) as place, count(*) over () as customers from marts.customers)",
    )
    assert top_share == [(pytest.approx(0.7385, abs=5e-5),)]


def test_counting_repeated_orders_in_full_gives_the_published_revenue(
    real_data: Path, tmp_path: Path
) -> None:
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "OnlineRetail.csv.gz"),
        "count_repeated_orders_once": False,
    }
    warehouse = build(tmp_path / "in_full/warehouse.duckdb", variables, tests=True)
    assert query(
        warehouse,
        "select sum(revenue) filter (segment <> 'Guest'), sum(revenue) filter (segment = 'Guest') from marts.segment_revenue"
        " where segmentation = 'rfm_r'",
    ) == [(Decimal("8300065.8140"), Decimal("1458744.1800"))]


@pytest.mark.real
@pytest.mark.parametrize("extract", ["real_warehouse", "two_year_warehouse"])
def test_both_extracts_give_the_five_segments(extract: str, request: pytest.FixtureRequest) -> None:
    warehouse = request.getfixturevalue(extract)
    segments = dict(
        query(
            warehouse,
            "select segment, (customers_pct, revenue_pct) from marts.segments where segmentation = 'rfm_r'",
        )
    )
    assert set(segments) == {
        "New/Occasional", "Steady Customers", "VIP Whales", "Churned/Inactive", "High Returners",
    }  # fmt: skip
    customers_pct, revenue_pct = segments["VIP Whales"]
    assert 14.5 < customers_pct < 17.5
    assert 62 < revenue_pct < 71


def test_online_retail_ii_counts_its_overlap_once(two_year_warehouse: Path) -> None:
    repeated = "select count(*) from intermediate.int_line_orders where is_repeated"
    assert query(two_year_warehouse, repeated) == [(1_098,)]
    assert query(two_year_warehouse, "select sum(lines) from marts.data_quality") == [(1_067_371,)]


@pytest.mark.exhaustive
def test_daily_files_and_parquet_give_what_the_one_file_gives(
    real_warehouse: Path, real_data: Path, tmp_path: Path
) -> None:
    unpack_days(real_data, tmp_path / "by-day")
    by_day = str(tmp_path / "by-day" / "*.csv")
    duckdb.sql(
        f"copy (select * from read_csv('{by_day}', types = {{'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'}}))"
        f" to '{tmp_path}/typed.parquet'"
    )
    for extract in (by_day, f"{tmp_path}/typed.parquet"):
        variables = ONLINE_RETAIL | {"online_retail_order_lines": extract}
        warehouse = build(tmp_path / f"{len(extract)}/warehouse.duckdb", variables)
        assert set(differences(real_warehouse, warehouse).values()) == {0}, extract


@pytest.mark.parametrize(
    ("recency_days", "frequency", "monetary", "segment"),
    [
        (5, 15, 25_000, "Loyal High-Value"),
        (15, 2, 800, "Potential Loyalists"),
        (60, 3, 3_000, "Occasional Buyers"),
        (250, 1, 400, "Churn Risk"),
    ],
)
def test_four_customers_of_rfm_behaviour_get_their_names(
    real_warehouse: Path, recency_days: int, frequency: int, monetary: int, segment: str
) -> None:
    call = f"marts.segment_of('online_retail', 'rfm_behaviour', {recency_days}, {frequency}, {monetary}, 0)"
    assert query(real_warehouse, f"select {call}") == [(segment,)]


@pytest.mark.real
@pytest.mark.parametrize(
    ("extract", "most_renamed"),
    [
        ("real_warehouse", 0.01),
        pytest.param("two_year_warehouse", 0.001, marks=pytest.mark.exhaustive),
    ],
)
def test_another_seed_renames_hardly_anybody(
    extract: str, most_renamed: float, request: pytest.FixtureRequest
) -> None:
    customers = query(
        request.getfixturevalue(extract),
        f"select {', '.join(FEATURES)} from marts.customers where frequency > 0 and monetary > 0"
        " order by customer_id",
    )
    z_scores, *_ = standardise(transform_features(np.array(customers, dtype=float), "log"))
    labels = []
    for seed in range(20, 30):
        centres, found, _ = fit_kmeans(z_scores, 5, seed=seed)
        order = canonical_order(pd.DataFrame(centres, columns=list(FEATURES)))
        labels.append(np.argsort(order)[found])
    assert max(np.mean(found != labels[0]) for found in labels) <= most_renamed
