"""Both versions of DuckDB that are supported give the same marts, and read each other's files."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ONLINE_RETAIL

from patronage.published import connect_published
from patronage.publishing.files import publish
from warehouse import MARTS, PROJECT, differences, functions_of

OTHER = PROJECT / ".venv" / "duckdb-2"


@pytest.fixture
def published_by_the_other(tmp_path: Path) -> Path:
    """The demo as the other DuckDB builds and publishes it, in processes of its own."""
    if not (OTHER / "duckdb").is_dir():
        pytest.skip("The other DuckDB is not installed: make .venv/duckdb-2/.made")
    warehouse, published = tmp_path / "warehouse.duckdb", tmp_path / "published.duckdb"
    environment = os.environ | {
        "PYTHONPATH": str(OTHER), "PATRONAGE_DUCKDB_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
    }  # fmt: skip
    build = ["dbt.cli.main", "--quiet", "build", "--vars", json.dumps(ONLINE_RETAIL)]
    for command in (
        ["-c", "import duckdb; assert duckdb.__version__.startswith('2.')"],
        ["-m", *build, "--exclude-resource-type", "unit_test"],
        ["-m", "patronage.cli", "publish", "--to", str(published)],
    ):
        subprocess.run([sys.executable, *command], env=environment, cwd=PROJECT, check=True)
    return published


@pytest.mark.dbt
def test_both_versions_give_the_same_marts(
    published_by_the_other: Path, demo_warehouse: Path, tmp_path: Path
) -> None:
    published = tmp_path / "ours.duckdb"
    publish(demo_warehouse, published)
    assert duckdb.__version__.startswith("1.5.")
    exact = tuple(mart for mart in MARTS if mart != "customer_segments")
    assert set(differences(published, published_by_the_other, exact).values()) == {0}
    # a distance between clusters may differ in the last place
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as ours (read_only)")
        connection.execute(f"attach '{published_by_the_other}' as theirs (read_only)")
        row = "select * replace (round(confidence, 12) as confidence)"
        ours, theirs = (f"{row} from {file}.marts.customer_segments" for file in ("ours", "theirs"))
        for one, other in ((ours, theirs), (theirs, ours)):
            assert connection.execute(f"{one} except all {other}").fetchall() == []
    # they write the same function in other words, with the same numbers
    numbers = [
        [(name, re.findall(r"\d+\.\d+(?:e-?\d+)?", text)) for name, _, text in functions_of(file)]
        for file in (published, published_by_the_other)
    ]
    assert numbers[0] == numbers[1]
    assert sum(len(found) for _, found in numbers[0]) > 100
    with connect_published(published_by_the_other) as connection:  # it is sealed as ours are
        rows = connection.execute(
            "select segment = published.marts.segment_of(shop, 'rfm_r', recency_days, frequency,"
            " monetary, return_rate_pct), count(*) from published.marts.customers"
            " where segment is not null group by all"
        ).fetchall()
    assert [answer for answer, _ in rows] == [True]
