"""The benchmark's lines are the same every time, and all its sides compute the same from them."""

import shutil
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import report
from agreement import compare
from measure import Sample, measure
from nodes import cpu_between
from sides import CORE, sides, variables
from synthetic_lines import write_day, write_lines

from warehouse import build

LINES, CUSTOMERS = 20_000, 2_000


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lines")
    write_lines(folder, LINES, CUSTOMERS)
    return folder


def test_any_number_of_workers_writes_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthetic_lines.LINES_PER_FILE", 5_000)
    for workers in (1, 4):
        (tmp_path / str(workers)).mkdir()
        write_lines(tmp_path / str(workers), LINES, CUSTOMERS, workers)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "4")
    assert len(files_of(tmp_path / "1")) == 4


def test_where_files_begin_does_not_change_the_lines(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthetic_lines.LINES_PER_FILE", 5_000)
    write_lines(tmp_path, LINES, CUSTOMERS)
    ours, theirs = (f"select * from '{folder}/*.parquet'" for folder in (lines, tmp_path))
    with duckdb.connect() as connection:
        for one, other in ((ours, theirs), (theirs, ours)):
            assert connection.sql(f"{one} except all {other}").fetchall() == []


def test_the_day_after_goes_on_where_the_lines_end(lines: Path, tmp_path: Path) -> None:
    day = write_day(tmp_path, LINES, CUSTOMERS)
    numbers = "cast(regexp_extract(Invoice, '[0-9]+') as integer)"
    found = duckdb.sql(f"select count(*), min({numbers}), min(InvoiceDate) from '{day}'").fetchall()
    ((last,),) = duckdb.sql(f"select max({numbers}) from '{lines}/*.parquet'").fetchall()
    ((count, first, earliest),) = found
    assert count == 20
    assert first > last
    assert earliest >= datetime(2024, 12, 31, 8)


@pytest.mark.parametrize(("number", "customers"), [(15, 10), (0, 10), (20, 0)])
def test_other_numbers_of_lines_are_refused(tmp_path: Path, number: int, customers: int) -> None:
    with pytest.raises(ValueError, match="a multiple of 10"):
        write_lines(tmp_path, number, customers)


def test_shares_of_flaws_are_those_of_the_page(tmp_path: Path) -> None:
    write_lines(tmp_path, 200_000, 10_000)
    shares = """
        select
            avg(cast(StockCode = 'B' as integer)),
            avg(cast(Quantity is null as integer)),
            avg(cast(InvoiceDate is null as integer)),
            avg(cast(Price = 0 as integer)),
            avg(cast(StockCode <> upper(StockCode) as integer)),
            avg(cast(Description is null as integer)),
            avg(cast(suffix("Customer ID", '.0') as integer)),
            avg(cast(suffix("Customer ID", ' ') as integer)),
            avg(cast(coalesce("Customer ID", '-') in ('', 'nan') as integer)),
            avg(cast(coalesce("Customer ID", '') in ('', 'nan') as integer)),
            count(distinct case when prefix(Invoice, 'C') then Invoice end)
            / count(distinct Invoice)
        from '$lines/*.parquet'
    """.replace("$lines", str(tmp_path))
    expected = [0.0001, 0.0002, 0.0002, 0.005, 0.005, 0.002, 0.005, 0.0025, 0.008, 0.1, 0.0285]
    found = duckdb.sql(shares).fetchall()[0]
    assert found == pytest.approx(expected, rel=0.15, abs=0.00005)
    customers = """
        select count(distinct rtrim(replace("Customer ID", '.0', '')))
        from '$lines/*.parquet'
        where "Customer ID" not in ('', 'nan')
    """.replace("$lines", str(tmp_path))
    assert 6_000 < duckdb.sql(customers).fetchall()[0][0] <= 10_000


@pytest.fixture(scope="module")
def core(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core, as the benchmark builds it."""
    warehouse = tmp_path_factory.mktemp("core") / "warehouse.duckdb"
    return build(warehouse, variables(f"{lines}/*.parquet", core=True), *CORE)


@pytest.mark.dbt
@pytest.mark.parametrize("name", ["limit", "pandas", "polars"])
def test_a_side_computes_what_the_core_does(
    name: str, core: Path, lines: Path, tmp_path: Path
) -> None:
    source = f"{lines}/*.parquet"
    side = sides(source)[name]
    if side.needs:
        pytest.skip(side.needs)
    folder = tmp_path / name
    side.run(source, folder, {})
    found = compare(core, folder / (side.result or ""))
    assert found.holds, found.sentence()
    assert found.same_segments_pct == 100
    assert found.customers > 1_000


@pytest.mark.dbt
def test_a_difference_is_noticed(core: Path, lines: Path, tmp_path: Path) -> None:
    side = sides(f"{lines}/*.parquet")["limit"]
    side.run(f"{lines}/*.parquet", tmp_path / "limit", {})
    file = tmp_path / "limit" / "limit.duckdb"
    for damage in (
        "update customers set monetary = monetary + 0.01 where customer_id = '10000'",
        "update customers set cluster_id = 1 + cluster_id % 5 where cluster_id > 0",
        "update segment_revenue set orders = orders + 1 where cluster_id is null",
    ):
        damaged = Path(shutil.copy(file, tmp_path / "damaged.duckdb"))
        with duckdb.connect(str(damaged)) as connection:
            assert connection.execute(damage).fetchall()[0][0] > 0
        assert not compare(core, damaged).holds, damage


def test_what_child_processes_use_counts_even_if_nobody_waits_for_them(tmp_path: Path) -> None:
    work = """
import time
memory = bytearray(150_000_000)
sum(number * number for number in range(5_000_000))
print("done", flush=True)
time.sleep(1)
"""
    start = f"""
import os, subprocess, sys, time
command = [sys.executable, "-c", {work!r}]
children = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
for child in children:
    child.stdout.readline()
time.sleep(0.4)
os._exit(0)
"""
    found = measure([sys.executable, "-c", start], tmp_path)
    assert found.peak_gb > 0.3
    assert found.cpu_seconds > 0.2


def test_processor_seconds_of_a_node_are_those_between_its_moments() -> None:
    samples = [Sample(10.0, 1.0, 0), Sample(11.0, 3.0, 0), Sample(12.0, 3.5, 0)]
    assert cpu_between(samples, 9.5, 10.5) == 2.0
    assert cpu_between(samples, 11.0, 20.0) == 0.5


def test_the_last_table_takes_the_place_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nProse.\n")
    monkeypatch.setattr(report, "PAGE", page)
    for name, text in (("one", "old"), ("two", "other"), ("one", "new")):
        report.write_section(name, text)
    assert page.read_text() == (
        "# Page\n\nProse.\n\n<!-- bench: one -->\nnew\n<!-- /bench -->\n\n"
        "<!-- bench: two -->\nother\n<!-- /bench -->\n"
    )
