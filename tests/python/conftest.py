"""Fixtures: warehouses that several tests read, and the real extracts where they are at hand."""

import os
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits
from xdist.scheduler import LoadScopeScheduling

import warehouse
from warehouse import PROJECT, build

ONLINE_RETAIL = {"shops": {"online_retail": "order_lines"}}
WAREHOUSES = {
    "demo_warehouse", "real_warehouse", "two_year_warehouse", "olist_warehouse", "three_shops", "two_fits", "published",
}  # fmt: skip
"""Fixtures for which dbt builds a warehouse."""


ONLINE_RETAIL_FILES = {
    f"test_{subject}.py"
    for subject in (
        "diagnostics", "flagged_orders", "history", "independent_rfm", "known_figures", "lifetime", "names", "outlook",
        "predictions", "same_data_same_answer",
    )
}  # fmt: skip
"""Files whose tests read the warehouses of the published extracts of Online Retail."""


MANY_BUILDS = {"test_variants.py"}
"""Files of many small builds, of which no test needs what another has built."""


LONGEST = ["test_spark.py", "test_crashes.py", "test_container.py"]
"""Files of few tests that take minutes each: what begins last keeps the other processes waiting."""


def scope_of(nodeid: str) -> str:
    """Name what is run in one process with this test."""
    file = Path(nodeid.split("::", maxsplit=1)[0]).name
    if file in MANY_BUILDS:
        return nodeid.split("[", maxsplit=1)[0]
    return "online retail" if file in ONLINE_RETAIL_FILES else file


class FilesTogether(LoadScopeScheduling):
    """With several processes (``-n 3``), a file's tests run in one of them.

    Files that read the same published extract count as one file, so that it is built once. A file of
    many small builds counts as one for each of its test functions.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether:
    """Hand out tests by file, in the order of pytest_collection_modifyitems."""
    config.option.loadscopereorder = False
    return FilesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures that they use, and begin with what takes longest."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & WAREHOUSES:
            item.add_marker("dbt")
        if "real_data" in fixtures:
            item.add_marker("real")
    tests = Counter(scope_of(item.nodeid) for item in items)
    items.sort(key=lambda item: (item.path.name not in LONGEST, -tests[scope_of(item.nodeid)]))


@pytest.fixture(scope="session", autouse=True)
def _one_blas_thread() -> Iterator[None]:
    """Fit as the workers do that dbt's fits run in; more threads cost small arrays their time."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(autouse=True)
def _dbt_is_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refuse dbt in a test without the marker ``dbt``, which ``make check`` leaves out."""
    warehouse.is_allowed = request.node.get_closest_marker("dbt") is not None
    yield
    warehouse.is_allowed = True


@pytest.fixture(scope="session")
def demo_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo data of the shop online_retail, built with default vars."""
    return build(tmp_path_factory.mktemp("demo") / "warehouse.duckdb", ONLINE_RETAIL)


def unpack_days(real_data: Path, folder: Path) -> list[Path]:
    """Unpack the daily files of Online Retail, in their order."""
    folder.mkdir()
    with tarfile.open(real_data / "online_retail_by_day.tar.gz") as archive:
        for member in archive:
            if source := archive.extractfile(member):
                (folder / Path(member.name).name).write_bytes(source.read())
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real extracts that PATRONAGE_REAL_DATA names; tests that need it are skipped where it is unset."""
    if "PATRONAGE_REAL_DATA" not in os.environ:
        pytest.skip(
            "PATRONAGE_REAL_DATA is not set: it names the folder that holds the real extracts."
        )
    return (PROJECT / os.environ["PATRONAGE_REAL_DATA"]).resolve()


@pytest.fixture(scope="session")
def real_warehouse(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Online Retail, built from its published file as it is, with every dbt test."""
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "OnlineRetail.csv.gz")
    }
    return build(tmp_path_factory.mktemp("real") / "warehouse.duckdb", variables, tests=True)


@pytest.fixture(scope="session")
def two_year_warehouse(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Online Retail II, built from its published file as it is, with every dbt test."""
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "online_retail_II.csv.gz")
    }
    return build(tmp_path_factory.mktemp("two") / "warehouse.duckdb", variables, tests=True)
