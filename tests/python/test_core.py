"""Selector core: RFM-R and segments as the complete build gives them, and nothing of earlier orders."""

from pathlib import Path

import duckdb
import pytest
from conftest import ONLINE_RETAIL

from patronage.publishing.files import publish
from warehouse import build, copy_of, query

NOT_IN_IT = {
    "customers": {
        "matched_return_rate_pct", "shrunk_return_rate_pct", "high_value_probability", "churn_probability",
        "alive_probability", "expected_purchase_days", "expected_revenue", "past_revenue",
    },
    "segments": {"mean_return_rate_pct", "mean_return_rate_pct_difference_pct"},
}  # fmt: skip
"""Columns that are null after a build of the core."""
TOLD_BY_RETURNS = {"segments": {"key_traits"}}
MARTS = ("customers", "segments", "customer_segments", "segment_revenue", "score_edges", "data_quality", "shops")  # fmt: skip


def assert_is_the_core_of(core: Path, whole: Path) -> None:
    """Each column of each mart of the core is that of the whole, or null as it has to be."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{core}' as core (read_only)")
        connection.execute(f"attach '{whole}' as whole (read_only)")
        for mart in MARTS:
            columns = {row[0] for row in connection.sql(f"describe core.marts.{mart}").fetchall()}
            empty = NOT_IN_IT.get(mart, set())
            for column in empty:
                assert connection.sql(f"select count({column}) from core.marts.{mart}").fetchall() == [(0,)]  # fmt: skip
            same = ", ".join(sorted(columns - empty - TOLD_BY_RETURNS.get(mart, set())))
            for one, other in (("core", "whole"), ("whole", "core")):
                differing = connection.sql(
                    f"select {same} from {one}.marts.{mart}"
                    f" except all select {same} from {other}.marts.{mart}"
                )
                assert differing.fetchall() == [], (mart, one)


@pytest.mark.dbt
def test_the_core_alone_is_that_of_the_whole_and_is_published(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    warehouse = build(
        tmp_path / "core/warehouse.duckdb", ONLINE_RETAIL, "--selector", "core", tests=True
    )
    assert_is_the_core_of(warehouse, demo_warehouse)
    assert query(
        warehouse,
        "select count(*) from duckdb_tables() where table_name in ('int_matched_returns', 'int_customer_predictions')",
    ) == [(0,)]
    assert query(warehouse, "select distinct is_whole from raw.builds") == [(True,)]
    published = tmp_path / "published.duckdb"
    publish(warehouse, published)
    assert query(published, "select count(segment), count(*) from marts.customers") == query(
        demo_warehouse, "select count(segment), count(*) from marts.customers"
    )
    assert query(
        published,
        "select count(*) from marts.customers where segment != marts.segment_of(shop, 'rfm_r', recency_days, frequency,"
        " monetary, return_rate_pct)",
    ) == [(0,)]


@pytest.mark.dbt
def test_predictions_of_earlier_orders_are_not_set_beside_new_ones(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    known = (
        "select shop, customer_id, churn_probability, past_revenue, matched_return_rate_pct, shrunk_return_rate_pct"
        " from marts.customers order by all"
    )
    warehouse = copy_of(demo_warehouse, tmp_path / "whole")
    build(warehouse, ONLINE_RETAIL, "--selector", "core")
    assert_is_the_core_of(warehouse, demo_warehouse)
    assert query(warehouse, "select is_whole from raw.builds order by started_at desc limit 1") == [
        (False,)
    ]
    # where orders stay as they are, what is known of them is set beside them
    build(warehouse, ONLINE_RETAIL, "--select", "int_customer_rfm", "customers")
    assert query(warehouse, known) == query(demo_warehouse, known)
