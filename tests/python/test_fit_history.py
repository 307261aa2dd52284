"""Identity over time: fits are kept, a refit starts from the last one, and an earlier one can score again."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ONLINE_RETAIL
from test_same_data_same_answer import write_lines

from warehouse import assert_same, build, copy_of, differences, query, run_dbt

pytestmark = pytest.mark.dbt

FIRST, SECOND = "2025-03-01", "2025-03-08"
HISTORY = "models.segment_fit_history"
RFM_R = {
    "method": "kmeans",
    "features": ["recency_days", "frequency", "monetary", "return_rate_pct"],
    "transform": "log",
    "clusters": 5,
}


def build_on(warehouse: Path, day: str, *args: str, **others: Any) -> Path:
    """Build the demo as of a day, with one segmentation by a fit."""
    variables = ONLINE_RETAIL | {"segmentations": {"rfm_r": RFM_R}, "as_of_date": day}
    return build(warehouse, variables | others, *args)


def fits(warehouse: Path) -> list[tuple[Any, ...]]:
    """Day and id of each fit in the history, in the order in which they were added."""
    return query(
        warehouse,
        f"select distinct fit_number, fitted_on::text, fit_id, last_fit_id from {HISTORY} order by fit_number",
    )


@pytest.fixture(scope="module")
def two_fits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that was built on two days a week apart."""
    warehouse = tmp_path_factory.mktemp("fits") / "two/warehouse.duckdb"
    build_on(warehouse, FIRST)
    return build_on(warehouse, SECOND)


def test_every_fit_is_kept_with_its_day_and_what_it_started_from(two_fits: Path) -> None:
    (_, first_day, first, nothing), (_, second_day, second, last) = fits(two_fits)
    assert (first_day, second_day, nothing) == (FIRST, SECOND, None)
    assert last == first
    assert query(
        two_fits, "select distinct fit_id, fitted_on::text from models.segment_centroids"
    ) == [(second, SECOND)]
    customers, changed = query(
        two_fits,
        f"select sum(customers), sum(changed_customers) from {HISTORY} where fit_id = '{second}'",
    )[0]
    assert (customers,) == query(two_fits, "select count(*) from intermediate.int_fit_customers")[0]
    assert changed <= 0.05 * customers


@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--full-refresh",), marks=pytest.mark.exhaustive)],
    ids=["as it stands", "full refresh"],
)
def test_building_again_adds_nothing_and_changes_nothing(
    options: tuple[str, ...], two_fits: Path, tmp_path: Path
) -> None:
    again = copy_of(two_fits, tmp_path / "again")
    build_on(again, SECOND, *options)
    assert fits(again) == fits(two_fits)
    assert set(differences(two_fits, again).values()) == {0}
    assert query(again, f"select count(*) from {HISTORY}") == query(
        two_fits, f"select count(*) from {HISTORY}"
    )


@pytest.mark.exhaustive
def test_what_was_built_in_between_changes_nothing(two_fits: Path, tmp_path: Path) -> None:
    """An older extract, a day in between and the first day again leave today as it was."""
    mixed = copy_of(two_fits, tmp_path / "mixed")
    (_, _, first, _), (_, _, second, _) = fits(two_fits)
    older = write_lines(tmp_path / "older.csv", until=datetime(2025, 1, 1))
    fit_only = ("--select", "+segment_fit_history")
    variables = ONLINE_RETAIL | {"segmentations": {"rfm_r": RFM_R}}
    build(mixed, variables | {"online_retail_order_lines": str(older)}, *fit_only)
    for day in ("2025-03-05", FIRST):
        build_on(mixed, day, *fit_only)
    added = [(day, start) for _, day, _, start in fits(mixed)[2:]]
    assert added == [("2024-12-24", None), ("2025-03-05", first)]
    said = run_dbt(
        "build",
        mixed,
        variables | {"as_of_date": SECOND},
        "--exclude-resource-type",
        "test",
        "unit_test",
    )
    assert said.returncode == 0, said.stdout
    assert_same(two_fits, mixed)
    assert re.search(rf"Fit {second} of \d+ customers started from fit {first}, which", said.stdout)


def test_an_earlier_fit_scores_without_a_new_one(two_fits: Path, tmp_path: Path) -> None:
    pinned = copy_of(two_fits, tmp_path / "pinned")
    first = fits(two_fits)[0][2]
    build_on(pinned, SECOND, score_with_fits=[first])
    assert query(
        pinned, "select distinct fit_id, fitted_on::text from models.segment_centroids"
    ) == [(first, FIRST)]
    assert fits(pinned) == fits(two_fits)
    with duckdb.connect() as connection:
        for name, path in (("pinned", pinned), ("fitted", two_fits)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        changed = connection.sql(
            "select count(*) from pinned.marts.customer_segments as one join fitted.marts.customer_segments as other"
            " using (shop, segmentation, customer_id) where one.cluster_id <> other.cluster_id and one.cluster_id > 0"
        ).fetchone()
    # the history said so, too
    assert [changed] == query(
        two_fits,
        f"select sum(changed_customers)::bigint from {HISTORY} where fitted_on = '{SECOND}'",
    )


def test_a_fit_that_is_not_there_is_named_and_two_of_a_kind_are_refused(
    two_fits: Path, tmp_path: Path
) -> None:
    warehouse = copy_of(two_fits, tmp_path / "refused")
    ids = sorted(row[2] for row in fits(two_fits))
    for asked_for, sentence in (
        (["no.such.fit"], f"score_with_fits: found no.such.fit; accepted: {', '.join(ids)}."),
        (ids, "accepted: one fit per shop and segmentation."),
    ):
        result = run_dbt("build", warehouse, ONLINE_RETAIL | {"score_with_fits": asked_for})
        assert result.returncode != 0
        assert sentence in " ".join(result.stdout.split())
