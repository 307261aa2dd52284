"""Lists hold the customers that they were asked for, and hold out the same ones each time."""

import csv
from pathlib import Path

import duckdb
import pytest

from patronage.cli import main
from patronage.published import FORMAT_VERSION

CUSTOMERS = 2000


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file of one shop with two segments, and one customer of another shop."""
    path = tmp_path_factory.mktemp("lists") / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.build as select {FORMAT_VERSION} as format_version;
            create table marts.customers as
            select
                'a' as shop, 'c' || i as customer_id, 'known' as segment_reason, 10 as recency_days,
                2 as frequency, i::decimal(18, 4) as monetary,
                case when i % 2 = 0 then 'Best' else 'Worst' end as segment,
                'O''Neill, "x"' as country
            from range({CUSTOMERS}) as numbers (i)
            union all
            select 'b', 'c1', 'known', 10, 2, 5, 'Best', null;
            create table marts.customer_segments as
            select shop, 'rfm_r' as segmentation, customer_id, segment, 0.5 as confidence, true as is_primary
            from marts.customers
            union all
            select shop, 'other', customer_id, 'All', null, false from marts.customers;
            create table marts.segments as
            select distinct
                shop, segmentation, segment, segment || ' actions' as recommended_actions,
                'none' as watchouts
            from marts.customer_segments;
            create table marts.contact_queue as
            select
                shop, customer_id, 'overdue; known' as reason, 'overdue' as reason_code,
                monetary::bigint as contact_rank, 0.5 as leaving_probability, 'x' as leaving_basis,
                1 as revenue_ahead, 'x' as revenue_basis, (100 - monetary)::decimal(18, 2) as money_at_stake,
                null::date as last_contacted_on
            from marts.customers where monetary between 1 and 20;
            create table marts.customer_segment_changes as
            select
                'a' as shop, 'rfm_r' as segmentation, 'c' || i as customer_id, date '2024-05-01' as month,
                'Worst' as previous_segment, 'Best' as segment
            from (values (2), (4), (5)) as moved (i)
            union all
            select 'a', 'rfm_r', 'c2', date '2024-01-01', 'Best', 'Worst';
        """)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def export(published: Path, target: Path, *arguments: str) -> list[dict[str, str]]:
    asked = ["export", "--shop", "a", "--published", str(published), "--to", str(target)]
    assert main([*asked, *arguments]) == 0
    return rows_of(target)


def test_a_segment_is_all_its_customers_once(published: Path, tmp_path: Path) -> None:
    rows = export(published, tmp_path / "list.csv", "--segment", "Best")
    assert {row["customer_id"] for row in rows} == {f"c{i}" for i in range(0, CUSTOMERS, 2)}
    assert len(rows) == CUSTOMERS / 2
    assert [row["customer_id"] for row in rows[:2]] == ["c2", "c4"]  # most at stake first
    assert {row["recommended_actions"] for row in rows} == {"Best actions"}
    assert rows[0]["reason"] == "overdue; known"
    assert rows[-1]["reason"] == "known"


def test_without_a_segment_it_is_the_queue(published: Path, tmp_path: Path) -> None:
    rows = export(published, tmp_path / "list.csv")
    assert [row["contact_rank"] for row in rows] == [str(rank) for rank in range(1, 21)]


def test_changes_since_a_month_are_those_that_still_hold(published: Path, tmp_path: Path) -> None:
    """c5 is in Worst again, by a change that the history does not have yet."""
    rows = export(published, tmp_path / "since.csv", "--changed-since", "2024-05")
    assert [row["customer_id"] for row in rows] == ["c2", "c4"]
    assert {(row["previous_segment"], row["moved_month"]) for row in rows} == {
        ("Worst", "2024-05-01")
    }
    assert export(published, tmp_path / "june.csv", "--changed-since", "2024-06") == []


def test_another_segmentation_has_names_of_its_own(published: Path, tmp_path: Path) -> None:
    arguments = ("--segmentation", "other", "--segment", "All", "--columns", "segment, country")
    rows = export(published, tmp_path / "list.csv", *arguments)
    assert len(rows) == CUSTOMERS
    assert rows[0] == {
        "shop": "a",
        "customer_id": "c1",
        "segment": "All",
        "country": 'O\'Neill, "x"',
    }


def test_the_same_customers_are_held_out_for_the_same_campaign(
    published: Path, tmp_path: Path
) -> None:
    held = []
    for number, arguments in enumerate((
        ("spring", "--segment", "Best"),
        ("spring", "--segment", "Best", "--columns", "country"),
        ("spring",),
        ("autumn", "--segment", "Best"),
    )):  # fmt: skip
        rows = export(
            published, tmp_path / f"{number}.csv", "--holdout", "20", "--sent-on", "2024-06-03",
            "--campaign", *arguments,
        )  # fmt: skip
        assert {(row["campaign"], row["sent_on"]) for row in rows} == {(arguments[0], "2024-06-03")}
        held.append({row["customer_id"] for row in rows if row["is_held_out"] == "true"})
    first, again, queue, other = held
    assert first == again
    assert queue <= first | {f"c{i}" for i in range(1, CUSTOMERS, 2)}
    assert 0.16 < len(first) / (CUSTOMERS / 2) < 0.24
    assert 0.16 < len(first & other) / len(first) < 0.24 or first.isdisjoint(other) is False
    assert len(first & other) < 0.5 * len(first)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--shop", "c"), "--shop: found c; accepted: a, b"),
        (("--segment", "Good"), "--segment: found Good; accepted: Best, Worst"),
        (("--segmentation", "rfm"), "--segmentation: found rfm; accepted: other, rfm_r"),
        (("--columns", "email"), "--columns: found email; accepted: "),
        (("--changed-since", "2024"), "--changed-since: found 2024; accepted: a month written YYYY-MM"),
        (("--holdout", "95", "--campaign", "x"), "--holdout: found 95; accepted: 0 to 90, in percent"),
        (("--holdout", "5"), "--holdout needs --campaign"),
        (("--to", "no/such/list.csv"), "there is no folder no/such"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_written(
    published: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    target = tmp_path / "list.csv"
    asked = ["export", "--shop", "a", "--published", str(published), "--to", str(target)]
    assert main([*asked, *arguments]) == 1
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_list_is_never_written_over(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "list.csv"
    target.write_text("who was held out")
    assert main(["export", "--shop", "a", "--published", str(published), "--to", str(target)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert target.read_text() == "who was held out"
