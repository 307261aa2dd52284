"""A warehouse that an earlier version has built is built over, without a full refresh."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from conftest import ONLINE_RETAIL

from patronage.publishing.files import publish
from warehouse import PROJECT, build, functions_of, query

EARLIER = "0926fadb01efacf38757ed9d09516bde2136aaf9"
"""Before other projects could install this one."""
GIT = shutil.which("git") or "git"

BUILD = """
import sys
from pathlib import Path

sys.path.insert(0, "tests/python")
from conftest import ONLINE_RETAIL
from warehouse import build

build(Path(sys.argv[1]), ONLINE_RETAIL)
"""
"""What the earlier version's own tests build."""


@pytest.fixture(scope="module")
def earlier_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The earlier version's files."""
    archive = subprocess.run(
        [GIT, "archive", EARLIER], cwd=PROJECT, capture_output=True, check=False
    )
    if archive.returncode:
        pytest.skip(f"The commit {EARLIER} is not in this clone: git fetch --unshallow brings it.")
    folder = tmp_path_factory.mktemp("earlier")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.mark.dbt
@pytest.mark.exhaustive
def test_a_warehouse_of_the_version_before_is_built_over(
    earlier_project: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(warehouse)],
        cwd=earlier_project,
        env=os.environ | {"PYTHONPATH": str(earlier_project / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    before = tmp_path / "before.duckdb"
    shutil.copy(warehouse, before)
    publish(warehouse, tmp_path / "published.duckdb")  # marts of then, by the program of today
    customers = "select shop, customer_id, monetary, segment from marts.customers order by all"
    assert query(tmp_path / "published.duckdb", customers) == query(before, customers)
    build(warehouse, ONLINE_RETAIL, tests=True)
    publish(warehouse, tmp_path / "published.duckdb")
    assert query(warehouse, customers) == query(before, customers)
    assert [row[0] for row in functions_of(warehouse)] == [row[0] for row in functions_of(before)]
