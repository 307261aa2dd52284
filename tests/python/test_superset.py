"""The charts for Superset: the export as it lies there, and in a Superset while builds are published."""

import itertools
import json
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import make_export
import pytest
import yaml
from local import make_ready, started
from rest import EXPORT, NOT_YOURS, URI, Superset, SupersetError
from servers import free_port

from patronage.publishing.files import publish
from warehouse import MARTS, PROJECT, build, query

PROGRAMS = PROJECT / ".superset" / "env" / "bin"
ONLINE_RETAIL = {"shops": {"online_retail": "order_lines"}}
ROWS_OF = {
    "Customers and revenue by segment": "select shop, segment, customers, customers_pct, revenue, revenue_pct, key_traits,"
    " recommended_actions from marts.segments where segmentation = 'rfm_r' order by segment_order",
    "Customers by segment over time": "select month, segment, customers from marts.segment_sizes where segmentation = 'rfm_r'",
    "Customers who moved to another segment": "select month, to_segment, cast(sum(customers) as bigint)"
    " from marts.segment_migrations where segmentation = 'rfm_r' and from_segment not in ('(new)', to_segment) group by all",
    "Retention by segment": "select months_after, segment, 100 * active_customers / customers from marts.segment_retention"
    " where segmentation = 'rfm_r'",
    "Revenue by month": "select month, shop, revenue from marts.shop_months where is_over",
    "Revenue by segment then": "select month, segment, revenue from marts.segment_revenue_then where segmentation = 'rfm_r'",
    "Which predictions may be used": "select shop, model, cutoff_on, customers, auc, strongest_baseline, auc_gain,"
    " auc_gain_low, auc_gain_high, is_published, reason from marts.model_scorecard order by model, cutoff_on",
    "Whom to contact": "select shop, contact_rank, customer_id, segment, reason, recommended_actions, money_at_stake,"
    " last_contacted_on from marts.contact_queue order by contact_rank",
}
"""What each chart has to show of a shop alone, asked in another way than Superset asks."""

TABLES = {chart.name for row in make_export.ROWS for chart in row if chart.columns}
"""Charts whose rows have an order."""

PATIENCE = 300
Rows = list[tuple[Any, ...]]


def exported(folder: str) -> dict[str, dict[str, Any]]:
    """What the export holds of a kind, by the name of its file."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((EXPORT / folder).rglob("*.yaml"))
    }


def test_every_chart_is_compared_with_the_marts() -> None:
    assert {chart["slice_name"] for chart in exported("charts").values()} == set(ROWS_OF)


def test_the_export_names_the_file_of_this_folder_and_opens_it_for_reading() -> None:
    (database,) = exported("databases").values()
    assert database["sqlalchemy_uri"] == URI.format(path=NOT_YOURS)
    assert "access_mode=read_only" in URI
    (settings,) = database["extra"]["engine_params"]["connect_args"].values()
    assert settings == {"enable_external_access": "false"}
    assert not database["allow_dml"]
    assert not database["allow_ctas"]
    assert not database["allow_cvas"]


def test_charts_count_customers_and_money_once() -> None:
    columns = {
        dataset["uuid"]: {column["column_name"] for column in dataset["columns"]}
        for dataset in exported("datasets").values()
    }
    seen = 0
    for chart in exported("charts").values():
        (asked,) = json.loads(chart["query_context"])["queries"]
        if "is_primary" in columns[chart["dataset_uuid"]]:
            assert {"col": "is_primary", "op": "IS TRUE"} in asked["filters"], chart["slice_name"]
            shown = [only.get("subject") for only in chart["params"]["adhoc_filters"]]
            assert "is_primary" in shown, chart["slice_name"]
            seen += 1
    assert seen == 5


def test_the_dashboard_shows_one_shop() -> None:
    (dashboard,) = exported("dashboards").values()
    (chosen,) = dashboard["metadata"]["native_filter_configuration"]
    (target,) = chosen["targets"]
    shops = exported("datasets")["shops"]["uuid"]
    assert target == {"column": {"name": "shop"}, "datasetUuid": shops}
    assert chosen["requiredFirst"]  # no chart is drawn before a shop is chosen
    assert chosen["controlValues"]["enableEmptyFilter"]
    assert not chosen["controlValues"]["multiSelect"]


def test_superset_has_the_duckdb_of_the_project() -> None:
    pins = (PROJECT / "bi" / "superset" / "requirements.txt").read_text(encoding="utf-8")
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    (duckdb,) = re.findall(r"^duckdb==\S+", lock, flags=re.MULTILINE)
    assert f"\n{duckdb} " in pins
    assert f"`{duckdb}`" in (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")


def test_dbt_knows_what_superset_reads() -> None:
    exposures = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text(encoding="utf-8"))
    (superset,) = [one for one in exposures["exposures"] if one["name"] == "superset"]
    read = [ref.split("'")[1] for ref in superset["depends_on"]]
    assert read == sorted(exported("datasets"))
    assert set(read) <= set(MARTS)


def test_a_segment_has_the_colour_of_the_marts() -> None:
    (dashboard,) = exported("dashboards").values()
    assert dashboard["metadata"]["label_colors"] == make_export.colours()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Superset that was made ready and has not been started yet."""
    if not (PROGRAMS / "superset").exists():
        pytest.skip("Superset is not installed: make test-superset installs it.")
    home = tmp_path_factory.mktemp("superset") / "fresh"
    make_ready(home, PROGRAMS)
    return home


@pytest.fixture(scope="module")
def builds(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two builds of which no chart shows the same."""
    earlier = tmp_path_factory.mktemp("earlier") / "warehouse.duckdb"
    return demo_warehouse, build(earlier, ONLINE_RETAIL | {"as_of_date": "2025-08-01"})


@pytest.fixture(scope="module")
def published(builds: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "published.duckdb"
    publish(builds[0], path)
    return path


@pytest.fixture(scope="module")
def superset(fresh: Path, published: Path) -> Iterator[Superset]:
    """A Superset with the export of the repository."""
    home = fresh.with_name("home")
    shutil.copytree(fresh, home)
    with started(home, free_port(), PROGRAMS) as running:
        running.bring_in(published)
        yield running


def plain(value: Any) -> Any:
    """A value as JSON has it: dates are milliseconds, and numbers have no type."""
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000
    if isinstance(value, float | Decimal):
        return round(float(value), 6)
    return value


def as_drawn(chart: str, rows: Rows) -> Rows:
    """Rows as they can be compared; those of a drawing have no order."""
    made = [tuple(plain(value) for value in row) for row in rows]
    return made if chart in TABLES else sorted(made, key=repr)


def answers(superset: Superset, contexts: dict[str, str], chart: str) -> Rows:
    """What Superset shows."""
    return as_drawn(chart, [tuple(row.values()) for row in superset.rows(contexts[chart])])


@contextmanager
def in_the_background(work: Any, threads: int = 1) -> Iterator[None]:
    """Do something over and over, in so many threads, while the context lasts."""
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            work()

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(repeat) for _ in range(threads)]
        try:
            yield
        finally:
            done.set()
        for one in running:
            one.result()


@pytest.mark.superset
@pytest.mark.server
def test_the_export_is_what_the_script_makes(fresh: Path, published: Path) -> None:
    home = fresh.with_name("making")
    shutil.copytree(fresh, home)
    made = make_export.make(published, home, free_port(), PROGRAMS)
    written = {
        path.relative_to(EXPORT).as_posix(): path.read_text(encoding="utf-8")
        for path in EXPORT.rglob("*.yaml")
    }
    assert made == written


@pytest.mark.superset
@pytest.mark.server
def test_charts_show_one_build_or_the_next_while_builds_are_published(
    superset: Superset, published: Path, builds: tuple[Path, Path]
) -> None:
    expected = [
        {chart: as_drawn(chart, query(warehouse, sql)) for chart, sql in ROWS_OF.items()}
        for warehouse in builds
    ]
    for chart in ROWS_OF:
        assert expected[0][chart], chart
        assert expected[0][chart] != expected[1][chart], chart
    contexts = {name: chart["query_context"] for name, chart in superset.charts().items()}
    assert set(contexts) == set(ROWS_OF)
    seen: Counter[int] = Counter()

    def look(chart: str) -> None:
        shown = answers(superset, contexts, chart)
        seen[[one[chart] for one in expected].index(shown)] += 1

    def look_at_all() -> None:
        for chart in ROWS_OF:
            look(chart)

    published_builds = itertools.count(1)

    def publish_the_other() -> None:
        publish(builds[next(published_builds) % 2], published)

    until = time.monotonic() + PATIENCE
    with in_the_background(publish_the_other), ThreadPoolExecutor(4) as pool:
        while min(seen[0], seen[1]) < 2 * len(ROWS_OF):
            assert time.monotonic() < until, seen
            list(pool.map(look, ROWS_OF))
    assert next(published_builds) > 2

    # Others ask without a pause, so that Superset always has a build open.
    with in_the_background(look_at_all, threads=3):
        for number in (0, 1, 0, 1):
            publish(builds[number], published)
            for chart in ROWS_OF:
                assert answers(superset, contexts, chart) == expected[number][chart], chart


@pytest.mark.superset
@pytest.mark.server
def test_superset_changes_nothing_and_reads_no_other_file(
    superset: Superset, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    (database,) = superset.ask("GET", "database/")["ids"]
    ask = {"database_id": database, "schema": "marts", "runAsync": False}
    said = superset.ask(
        "POST", "sqllab/execute/", ask | {"sql": "select count(*) n from marts.shops"}
    )
    assert said["data"] == [{"n": 1}]
    for sql in ("delete from marts.shops", f"select * from read_csv('{other}')"):
        with pytest.raises(SupersetError):
            superset.ask("POST", "sqllab/execute/", ask | {"sql": sql})


@pytest.mark.superset
@pytest.mark.server
def test_datasets_say_what_the_published_file_says_of_its_columns(
    superset: Superset, published: Path
) -> None:
    comments = query(
        published,
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'",
    )
    said = {(table, column): comment for table, column, comment in comments}
    numbers = superset.datasets()
    for table, dataset in exported("datasets").items():
        found = superset.ask("GET", f"dataset/{numbers[dataset['uuid']]}")["result"]
        described = {column["column_name"]: column["description"] for column in found["columns"]}
        assert described == {column: said[mart, column] for mart, column in said if mart == table}
        assert {metric["metric_name"] for metric in found["metrics"]} == {
            metric["metric_name"] for metric in dataset["metrics"]
        }
