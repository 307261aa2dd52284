"""Fixtures: warehouses that several tests read, and the real extracts where they are at hand."""

import os
from pathlib import Path

import pytest

from warehouse import PROJECT, build

ONLINE_RETAIL = {"shops": {"online_retail": "order_lines"}}


@pytest.fixture(scope="session")
def demo_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo data of the shop online_retail, built with default vars."""
    return build(tmp_path_factory.mktemp("demo") / "demo.duckdb", ONLINE_RETAIL)


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
    return build(tmp_path_factory.mktemp("real") / "real.duckdb", variables, tests=True)


@pytest.fixture(scope="session")
def two_year_warehouse(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Online Retail II, built from its published file as it is, with every dbt test."""
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": str(real_data / "online_retail_II.csv.gz")
    }
    return build(tmp_path_factory.mktemp("two") / "two.duckdb", variables, tests=True)
