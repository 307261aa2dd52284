"""Publishing: readers see one whole build or the next, and a build that failed is never published."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from patronage.cli import main
from patronage.published import PublishError
from patronage.publishing.files import last_build, publish
from patronage.publishing.schemas import Schemas, find_schemas
from warehouse import MARTS, PROJECT, build, parsed_project, query, run_dbt

pytestmark = pytest.mark.dbt

READER = """
import os, sys, time
import duckdb
published, stop = sys.argv[1:]
polls = 0
while not os.path.exists(stop):
    with duckdb.connect(published, read_only=True) as connection:
        row = connection.sql(
            "select (select build_id from marts.build), (select count(*) from marts.customers),"
            " (select count(*) from marts.customer_segments where segmentation = 'rfm_rules')"
        ).fetchone()
    folder = os.path.realpath(published.removesuffix(".duckdb"))
    files = duckdb.sql(
        f"select (select build_id from '{folder}/build.parquet'), (select count(*) from '{folder}/customers.parquet'),"
        f" (select count(*) from '{folder}/customer_segments.parquet' where segmentation = 'rfm_rules')"
    ).fetchone()
    print(*row, *files, flush=True)
    polls += 1
    time.sleep(0.2)
print("polls", polls)
"""
RULES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["segmentations"][
    "rfm_rules"
]
# the smallest whole build: one shop of customers, segments without fits
STORE = {
    "shops": {"department_store": "customers"},
    "segmentations": {"rfm_rules": RULES},
    "primary_segmentation": "rfm_rules",
}


def customers_csv(folder: Path, rows: int) -> Path:
    """The first rows of the department store's demo data, as an extract."""
    seed = PROJECT / "seeds/demo/department_store/demo_department_store_customers.csv"
    path = folder / f"{rows}.csv"
    pd.read_csv(seed, dtype=str).head(rows).to_csv(path, index=False)
    return path


def test_a_reader_sees_whole_builds_only(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "patronage.duckdb", tmp_path / "published.duckdb"
    stop = tmp_path / "stop"
    extracts = [customers_csv(tmp_path, 300 + 20 * number) for number in range(4)]
    build(warehouse, STORE | {"department_store_customers": str(extracts[0])})
    built = [publish(warehouse, published)]
    with (tmp_path / "seen.txt").open("w") as seen:
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(published), str(stop)],
            stdout=seen,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            with duckdb.connect(str(published), read_only=True) as held:
                for extract in extracts[1:]:
                    build(warehouse, STORE | {"department_store_customers": str(extract)})
                    built.append(publish(warehouse, published))
                # who keeps the file open goes on reading the build that it opened
                assert held.sql("select build_id from marts.build").fetchall() == [(built[0],)]
            time.sleep(0.5)
        finally:
            stop.touch()
            _, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
    lines = (tmp_path / "seen.txt").read_text().splitlines()
    polls = [line.split() for line in lines[:-1]]
    assert len(polls) > 30
    for build_id, customers, segments, file_build_id, file_customers, file_segments in polls:
        place = built.index(build_id)
        assert customers == segments
        assert int(customers) == 300 + 20 * place
        place = built.index(file_build_id)
        assert file_customers == file_segments
        assert int(file_customers) == 300 + 20 * place
    assert {row[0] for row in polls} == set(built)


def test_a_failed_build_publishes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse, published = tmp_path / "patronage.duckdb", tmp_path / "published.duckdb"
    build(warehouse, STORE)
    first = publish(warehouse, published)
    broken = run_dbt("build", warehouse, STORE | {"flag_amount_z": "many"})
    assert broken.returncode != 0  # refused before anything ran: the last build is still the last
    assert publish(warehouse, published) == first
    failing = run_dbt("build", warehouse, STORE, "--select", "customers")
    assert failing.returncode == 0, failing.stdout
    part = publish(warehouse, published)
    assert part != first
    with duckdb.connect(str(warehouse)) as connection:
        connection.sql("update intermediate.int_customer_scores set recency_score = 9")
    failing = run_dbt("build", warehouse, STORE, "--select", "customers")
    assert failing.returncode != 0  # a test has failed
    before = published.read_bytes()
    with pytest.raises(
        PublishError, match=r"^build .* is failed; only a build of all without an error"
    ):
        publish(warehouse, published)
    assert main(["publish", "--warehouse", str(warehouse), "--to", str(published)]) == 1
    assert capsys.readouterr().err.startswith("patronage: build ")
    assert published.read_bytes() == before
    assert query(published, "select build_id from marts.build") == [(part,)]


def test_an_unfinished_build_and_none_are_not_published() -> None:
    with duckdb.connect() as connection:
        connection.sql("attach ':memory:' as warehouse")
        with pytest.raises(PublishError, match="holds no build of everything"):
            find_schemas(connection)
        connection.sql("create schema warehouse.raw")
        connection.sql(
            "create table warehouse.raw.builds as select 'one' as build_id, timestamp '2026-01-01' as started_at,"
            " 'success' as status, false as is_whole"
        )
        with pytest.raises(PublishError, match="holds no build of everything"):
            last_build(connection, Schemas("raw", "marts"))
        connection.sql(
            "insert into warehouse.raw.builds values ('two', '2026-01-02', 'unfinished', true)"
        )
        with pytest.raises(PublishError, match=r"build two .* is unfinished"):
            last_build(connection, Schemas("raw", "marts"))
        connection.sql(
            "insert into warehouse.raw.builds values ('three', '2026-01-03', 'success', true)"
        )
        connection.sql(
            "insert into warehouse.raw.builds values ('four', '2026-01-04', 'success', false)"
        )
        assert last_build(connection, Schemas("raw", "marts"))[0] == "four"


def test_the_published_file_is_the_marts_and_their_functions(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published.duckdb"
    publish(demo_warehouse, published)
    with duckdb.connect() as connection:
        connection.sql(f"attach '{demo_warehouse}' as warehouse (read_only)")
        connection.sql(f"attach '{published}' as elsewhere (read_only)")
        for mart in MARTS:
            columns = [
                connection.sql(f"describe {place}").fetchall()
                for place in (
                    f"warehouse.marts.{mart}",
                    f"elsewhere.marts.{mart}",
                    f"'{tmp_path}/published/{mart}.parquet'",
                )
            ]
            assert (
                [row[:2] for row in columns[0]]
                == [row[:2] for row in columns[1]]
                == [row[:2] for row in columns[2]]
            )
            for place in (f"elsewhere.marts.{mart}", f"'{tmp_path}/published/{mart}.parquet'"):
                assert (
                    connection.sql(
                        f"from warehouse.marts.{mart} except all from {place}"
                    ).fetchall()
                    == []
                )
                assert (
                    connection.sql(
                        f"from {place} except all from warehouse.marts.{mart}"
                    ).fetchall()
                    == []
                )
        assert connection.sql(
            "select count(*), count(*) filter (segments.segment is distinct from elsewhere.marts.segment_of(shop, segmentation,"
            " recency_days, frequency, monetary, return_rate_pct)) from elsewhere.marts.customer_segments as segments"
            " inner join elsewhere.marts.customers using (shop, customer_id)"
        ).fetchall() == [(5_995, 0)]
        keys = connection.sql(
            "select mart, string_agg(column_name, ', ' order by place) from elsewhere.marts.mart_keys group by mart"
        ).fetchall()
        assert set(MARTS) <= {mart for mart, _ in keys}
        for mart, key in keys:  # in the order of its key, so that one customer is found in few rows
            for place in (f"elsewhere.marts.{mart}", f"'{tmp_path}/published/{mart}.parquet'"):
                rows = connection.sql(f"select {key} from {place}").fetchall()
                assert rows == sorted(rows)


def test_what_dbt_says_of_marts_and_columns_stands_beside_them(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "published.duckdb"
    publish(demo_warehouse, published)
    for place in (demo_warehouse, published):
        found = query(
            place,
            "select table_name, '', comment from duckdb_tables() where schema_name = 'marts'"
            " union all select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'",
        )
        said = {(mart, column): " ".join((text or "").split()) for mart, column, text in found}
        for node in parsed_project()["nodes"].values():
            if node["resource_type"] == "model" and node["name"] in MARTS:
                described = {"": node, **node["columns"]}
                for column, description in described.items():
                    assert said[node["name"], column] == " ".join(
                        description["description"].split()
                    )
                    assert said[node["name"], column]
    # an apostrophe, and a line that was broken in the project
    (inertia,) = query(
        published, "select comment from duckdb_columns() where column_name = 'inertia'"
    )
    assert inertia == ("Sum of the customers' squared distances to their centres, in standard units.",)  # fmt: skip
    assert query(published, r"select 1 from duckdb_columns() where comment like e'%\n%'") == []


def test_what_stands_in_the_way_is_one_sentence(tmp_path: Path, demo_warehouse: Path) -> None:
    with pytest.raises(
        PublishError, match=r"^there is no warehouse .*nothing.duckdb; run dbt build"
    ):
        publish(tmp_path / "nothing.duckdb", tmp_path / "published.duckdb")
    (tmp_path / "text.duckdb").write_text("no database")
    with pytest.raises(PublishError, match=r"^the warehouse .*text.duckdb cannot be opened: "):
        publish(tmp_path / "text.duckdb", tmp_path / "published.duckdb")
    with pytest.raises(PublishError, match="is the warehouse itself"):
        publish(demo_warehouse, demo_warehouse)
    assert [path.name for path in tmp_path.iterdir()] == ["text.duckdb"]


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, demo_warehouse: Path) -> None:
    published = tmp_path / "published.duckdb"
    first = publish(demo_warehouse, published)
    limited = (
        "import resource, signal, sys; from pathlib import Path; from patronage.cli import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "sys.exit(main(sys.argv[1:]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", limited, "publish", "--warehouse", str(demo_warehouse), "--to", str(published)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "could not be written, and is as it was before: " in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert query(published, "select build_id from marts.build") == [(first,)]
