"""Names say what is true, and nothing depends on how they are written."""

from pathlib import Path

import duckdb
import pytest
from conftest import ONLINE_RETAIL
from test_readme import copy_project

from warehouse import build, copy_of, query, run_dbt

pytestmark = pytest.mark.dbt

HOLDS = ("--select", "assert_names_hold_what_they_say")
FIGURES = (
    "select * from marts.country_returns order by all",
    "select order_id, priority, order_amount from marts.flagged_orders order by all",
    "select segment_order, is_returner, customers, revenue, key_traits from marts.segments"
    " where segmentation = 'rfm_r' order by all",
)
RENAMED = {"High Returners": "Frequent Senders", "Steady Customers": "Regulars"}


@pytest.mark.real
@pytest.mark.parametrize("extract", ["real_warehouse", "two_year_warehouse"])
def test_what_customers_did_next_contradicts_no_name(
    extract: str, request: pytest.FixtureRequest
) -> None:
    held = run_dbt("test", request.getfixturevalue(extract), ONLINE_RETAIL, *HOLDS)
    assert " WARN=0 ERROR=0 SKIP=0" in held.stdout


def test_a_contradicted_name_is_said_with_its_figures(demo_warehouse: Path, tmp_path: Path) -> None:
    held = run_dbt("test", demo_warehouse, ONLINE_RETAIL, *HOLDS)
    assert " WARN=0 ERROR=0 SKIP=0" in held.stdout
    warehouse = copy_of(demo_warehouse, tmp_path / "swapped")
    swap(warehouse)
    warned = run_dbt("test", warehouse, ONLINE_RETAIL, *HOLDS)
    assert warned.returncode == 0
    assert "WARN=1" in warned.stdout


def swap(warehouse: Path) -> None:
    """Give the best and the worst segment each other's name."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update marts.segment_outlook set segment = case segment when 'VIP Whales' then"
            " 'Churned/Inactive' else 'VIP Whales' end where segmentation = 'rfm_r'"
            " and segment in ('VIP Whales', 'Churned/Inactive')"
        )


def test_renaming_segments_and_another_primary_segmentation_change_no_figure(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    for name in (
        "models/intermediate/segments/int_rfm_r_names.sql",
        "seeds/reference/segment_meanings.csv",
    ):
        text = (project / name).read_text(encoding="utf-8")
        for old, new in RENAMED.items():
            assert old in text
            text = text.replace(old, new)
        (project / name).write_text(text, encoding="utf-8")
    variables = ONLINE_RETAIL | {"primary_segmentation": "rfm_value"}
    renamed = build(tmp_path / "renamed/warehouse.duckdb", variables, project=project)
    for figures in FIGURES:
        assert query(renamed, figures) == query(demo_warehouse, figures)
    assert query(
        renamed,
        "select sum(high_returners), count(distinct segment) from marts.country_returns,"
        " (select segment from marts.segments where segment = 'Frequent Senders')",
    ) == [
        (
            *query(demo_warehouse, "select sum(high_returners) from marts.country_returns")[0],
            1,
        )
    ]
