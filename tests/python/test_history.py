"""The past, added up from months, is what a build of that day says; figures of concentration by a second formula."""

from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from conftest import ONLINE_RETAIL

from warehouse import build, query

pytestmark = pytest.mark.dbt

FIGURES = "shop, customer_id, recency_days, frequency, monetary, return_rate_pct"


def months_that_differ(present: Path, as_of: Path, month: str) -> tuple[int, int, int]:
    """Compare what two warehouses say of one month-end.

    ``as_of`` was built with the first day of the next month as its as-of date, ``present`` later.
    Returns the customers of ``as_of``, how many of them or of the back-filled month differ in a
    figure, and how many rows of all months up to it differ between the two histories.
    """
    with duckdb.connect() as connection:
        connection.execute(
            f"attach '{present}' as present (read_only); attach '{as_of}' as as_of (read_only)"
        )
        on_the_day = f"(select {FIGURES} from as_of.intermediate.int_customer_rfm)"
        history = "present.intermediate.int_customer_history"
        back_filled = f"(select {FIGURES} from {history} where month = '{month}')"
        earlier = f"(select * from {history} where month <= '{month}')"
        then = "as_of.intermediate.int_customer_history"
        row = connection.sql(
            f"select (select count(*) from {on_the_day}),"
            f" (select count(*) from (from {on_the_day} except all from {back_filled}))"
            f" + (select count(*) from (from {back_filled} except all from {on_the_day})),"
            f" (select count(*) from (from {earlier} except all from {then}))"
            f" + (select count(*) from (from {then} except all from {earlier}))"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def test_an_as_of_build_of_the_demo_equals_the_back_filled_month(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    select = ("--select", "+int_customer_rfm", "+int_customer_history")
    as_of = build(
        tmp_path / "as_of/warehouse.duckdb", ONLINE_RETAIL | {"as_of_date": "2025-03-01"}, *select
    )
    customers, figures, rows = months_that_differ(demo_warehouse, as_of, "2025-02-01")
    assert customers > 500
    assert (figures, rows) == (0, 0)


def test_an_as_of_build_of_online_retail_equals_the_back_filled_month(
    real_warehouse: Path, real_data: Path, tmp_path: Path
) -> None:
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "OnlineRetail.csv.gz"),
        "as_of_date": "2011-07-01",
    }
    as_of = build(
        tmp_path / "as_of/warehouse.duckdb",
        variables,
        "--select",
        "+int_customer_rfm",
        "+int_customer_history",
    )
    assert months_that_differ(real_warehouse, as_of, "2011-06-01") == (3002, 0, 0)


def test_the_last_month_of_an_as_of_build_is_its_present(tmp_path: Path) -> None:
    """Its own fit scores both, so that even the segments are the same."""
    as_of = build(tmp_path / "as_of/warehouse.duckdb", ONLINE_RETAIL | {"as_of_date": "2025-03-01"})
    moved = query(
        as_of,
        "select segmentation, to_segment, sum(customers) from marts.segment_migrations where month = '2025-02-01' group by all",
    )
    assert sorted(moved) == sorted(
        query(
            as_of,
            "select segmentation, segment, customers from marts.segments",
        )
    )
    assert query(as_of, "select max(month)::text from marts.segment_migrations") == [
        ("2025-02-01",)
    ]


def gini(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Mean absolute difference of all pairs / twice the mean (Gini 1912), for values of shape (n,)."""
    differences = np.abs(values[:, None] - values[None, :])
    return float(differences.mean() / (2 * values.mean()))


def compare_gini(warehouse: Path) -> None:
    """The Gini coefficient from ranks is that from all pairs of customers."""
    values = query(warehouse, "select monetary::double from marts.customers where monetary >= 0")
    expected = gini(np.array(values, dtype=np.float64)[:, 0])
    found = query(warehouse, "select distinct gini::double from marts.revenue_concentration")
    assert found == [(pytest.approx(expected, abs=1e-6),)]


def test_the_gini_coefficient_of_the_demo_is_that_of_all_pairs(demo_warehouse: Path) -> None:
    compare_gini(demo_warehouse)


def test_online_retail_has_its_known_concentration_and_cohorts(real_warehouse: Path) -> None:
    compare_gini(real_warehouse)
    deciles = query(
        real_warehouse,
        "select customers, cumulative_revenue_pct from marts.revenue_concentration where decile <= 2 order by decile",
    )
    assert [customers for customers, _ in deciles] == [438, 437]
    assert round(deciles[1][1], 2) == Decimal("73.85")
    assert query(
        real_warehouse,
        "select customers, active_customers from marts.cohort_retention where cohort = '2010-12-01' and months_after in (0, 1, 11)"
        " order by months_after",
    ) == [(885, 885), (885, 324), (885, 445)]
    top = query(
        real_warehouse,
        "select customers, high_returners, return_rank from marts.country_returns where return_rank <= 3 order by return_rank",
    )
    assert top == [(4, 2, 1), (9, 2, 2), (30, 4, 3)]
