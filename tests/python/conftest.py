"""Fixtures: warehouses that several tests read, and the real extracts where they are at hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

import warehouse
from warehouse import PROJECT, build

ONLINE_RETAIL = {"shops": {"online_retail": "order_lines"}}
WAREHOUSES = {
    "demo_warehouse", "real_warehouse", "two_year_warehouse", "olist_warehouse", "three_shops", "two_fits", "published",
}  # fmt: skip
"""Fixtures for which dbt builds a warehouse."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their fixtures, and keep those together that share a warehouse.

    With several processes (``-n 2``) a group of tests runs in one of them: a file, or all tests
    that read the same real extract, so that each extract is built once.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & WAREHOUSES:
            item.add_marker("dbt")
        if "real_data" in fixtures:
            item.add_marker("real")
        is_real = item.get_closest_marker("real") is not None
        group = "online retail" if is_real and "olist_warehouse" not in fixtures else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))


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
