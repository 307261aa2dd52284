"""Whatever stops a build, the next one gives what an undisturbed one gives.

dbt runs in processes of its own here, on an extract of 2,000 lines, and builds everything. What
ends in the middle is followed by builds of both extracts, so that a trace would show in either.
"""

import random
import re
import shutil
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ONLINE_RETAIL
from processes import finish, is_group_alive, mounted, started_build
from test_same_data_same_answer import write_lines

from patronage.published import PublishError
from patronage.publishing.files import attached_warehouse, last_build, publish
from patronage.publishing.schemas import Schemas
from warehouse import assert_same, build, copy_of, query

pytestmark = pytest.mark.dbt

RFM_R = {
    "method": "kmeans",
    "features": ["recency_days", "frequency", "monetary", "return_rate_pct"],
    "transform": "log",
    "clusters": 5,
}
VARS = ONLINE_RETAIL | {"segmentations": {"rfm_r": RFM_R}}
RAW = "online_retail_order_lines"
HALVES = """
select table_name
from information_schema.tables
where regexp_matches(table_name, '__dbt_')
"""
"""Tables that dbt had not finished."""


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The vars of two extracts: all of it, and what of it lies before February."""
    folder = tmp_path_factory.mktemp("extracts")
    write_lines(folder / "now.csv", keep=slice(2000))
    write_lines(folder / "older.csv", keep=slice(2000), until=datetime(2024, 2, 1))
    return {name: VARS | {RAW: str(folder / f"{name}.csv")} for name in ("now", "older")}


@pytest.fixture(scope="module")
def undisturbed(
    extracts: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A warehouse of the first extract, and one of the second that was built over it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    now = build(folder / "now/warehouse.duckdb", extracts["now"])
    older = build(copy_of(now, folder / "older"), extracts["older"])
    return {"now": now, "older": older}


def assert_undisturbed(warehouse: Path, undisturbed: dict[str, Path], extract: str) -> None:
    """Hold that all is as in a warehouse of the extract that nothing has disturbed.

    The history may hold the fit of the other extract, too: which ends in February looks back.
    """
    assert_same(undisturbed[extract], warehouse)
    in_use = "from models.segment_centroids order by all"
    assert query(warehouse, in_use) == query(undisturbed[extract], in_use)
    made = "select distinct fit_id, last_fit_id from models.segment_fit_history"
    assert set(query(warehouse, made)) <= set(query(undisturbed["older"], made))
    assert query(warehouse, HALVES) == []


def kill_after(seconds: float, warehouse: Path, variables: dict[str, Any]) -> bool:
    """Start a build and kill it after so many seconds; return whether it was in the middle."""
    with started_build(warehouse, variables) as process:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        # its workers end by themselves: nobody is there to end them
        assert not is_group_alive(process, patience=30)
    return process.returncode == -signal.SIGKILL


def publishable(warehouse: Path) -> str | None:
    """Id of the build that would be published; None if that is refused."""
    try:
        with attached_warehouse(warehouse) as connection:
            return last_build(connection, Schemas("raw", "marts"))[0]
    except PublishError as error:
        refusal = str(error)
    assert re.search("is (unfinished|failed)|no build of everything|no warehouse", refusal)
    return None


@pytest.mark.parametrize("kills", [8, pytest.param(20, marks=pytest.mark.exhaustive)])
def test_what_a_kill_leaves_is_put_right_by_the_next_build(
    extracts: dict[str, dict[str, Any]], undisturbed: dict[str, Path], tmp_path: Path, kills: int
) -> None:
    """After the fifth kill, the twelfth and the last a build is left alone and published.

    The first five leave a file that never held a whole build. Later ones are of both extracts.
    """
    with started_build(tmp_path / "timed/warehouse.duckdb", extracts["now"]) as process:
        started = time.monotonic()
        assert finish(process)[0] == 0
        duration = time.monotonic() - started
    moments = random.Random(11)
    warehouse, published = tmp_path / "killed/warehouse.duckdb", tmp_path / "published.duckdb"
    warehouse.parent.mkdir()
    killed, whole = 0, None
    while killed < kills:
        extract = "older" if killed in (6, 8, 10, 13, 16, 18) else "now"
        moment = moments.uniform(0.5, duration)
        is_killed = kill_after(moment, warehouse, extracts[extract])
        found = publishable(warehouse)
        if found not in (None, whole):  # its last word was said before the kill
            assert_undisturbed(warehouse, undisturbed, extract)
            whole = found
        if not is_killed:
            duration = moment
            continue
        killed += 1
        if killed in (5, 12, kills):
            if published.exists() and found is None:
                before = published.read_bytes()
                with pytest.raises(PublishError, match="is unfinished"):
                    publish(warehouse, published)
                assert published.read_bytes() == before
            extract = "older" if killed == 12 else "now"
            build(warehouse, extracts[extract])
            assert_undisturbed(warehouse, undisturbed, extract)
            whole = publish(warehouse, published)


def fail(warehouse: Path, variables: dict[str, Any], reason: str, **limits: int) -> None:
    """Run a build that must fail, say why and where in a sentence, and publish nothing."""
    with started_build(warehouse, variables, **limits) as process:
        code, said = finish(process)
    assert code != 0
    assert re.search(rf"{re.escape(str(warehouse))}.*{reason}", said), said


def test_a_full_disk_leaves_what_the_next_build_puts_right(
    extracts: dict[str, dict[str, Any]], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", "size=64m", "tmpfs"):
        warehouse = Path(shutil.copy(undisturbed["now"], disk / "warehouse.duckdb"))
        ballast = disk / "ballast"
        ballast.write_bytes(b"0" * (shutil.disk_usage(disk).free - 300_000))
        fail(warehouse, extracts["older"], "No space left on device")
        assert publishable(warehouse) is None
        ballast.unlink()
        build(warehouse, extracts["now"])
        assert_undisturbed(warehouse, undisturbed, "now")


def test_a_file_that_may_not_grow_leaves_what_the_next_build_puts_right(
    extracts: dict[str, dict[str, Any]], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    warehouse = tmp_path / "limit/warehouse.duckdb"
    warehouse.parent.mkdir()
    fail(warehouse, extracts["now"], "File too large", largest_file=600_000)
    assert publishable(warehouse) is None
    build(warehouse, extracts["now"])
    assert_undisturbed(warehouse, undisturbed, "now")


def test_a_folder_that_may_not_be_written_is_named_and_left_alone(
    extracts: dict[str, dict[str, Any]], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    warehouse = copy_of(undisturbed["now"], tmp_path / "folder")
    folder = str(warehouse.parent)
    with mounted(warehouse.parent, "--bind", "--options", "ro", folder):
        fail(warehouse, extracts["older"], "Read-only file system")
        assert publishable(warehouse) == publishable(undisturbed["now"])
    build(warehouse, extracts["older"])
    assert_undisturbed(warehouse, undisturbed, "older")
