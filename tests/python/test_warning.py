"""Too many unreadable lines are said in one sentence at the end of a run, and stop nothing."""

from pathlib import Path
from typing import Any

import pytest
from conftest import ONLINE_RETAIL

from warehouse import run_dbt

pytestmark = pytest.mark.dbt

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINE = "536365,85123A,CUP,6,12/13/2010 8:26,2.55,17850,France\n"
WARNING = "Warning: "
DATA_QUALITY = ("--select", "+data_quality", "--exclude-resource-type", "test", "unit_test")


def write_half(folder: Path) -> dict[str, Any]:
    """Write three lines of which one cannot be read; returns the vars that name them."""
    extract = folder / "half.csv"
    extract.write_text(HEADER + 2 * LINE + LINE.replace(",6,", ",six,"))
    return ONLINE_RETAIL | {"online_retail_order_lines": str(extract)}


def test_a_share_above_the_threshold_is_said_and_stops_nothing(tmp_path: Path) -> None:
    variables = write_half(tmp_path)
    said = run_dbt(
        "build",
        tmp_path / "half/warehouse.duckdb",
        variables | {"unreadable_lines_warning_pct": 33.3},
        *DATA_QUALITY,
    )
    assert said.returncode == 0, said.stdout
    assert (
        " ".join(said.stdout.split()).count(
            "Warning: 33.3 % of the raw lines of online_retail are unreadable (var unreadable_lines_warning_pct: 33.3);"
            " marts.data_quality counts them, and what could not be read is null in"
            " staging.stg_online_retail__order_lines."
        )
        == 1
    )
    at_the_threshold = variables | {"unreadable_lines_warning_pct": 33.4}
    silent = run_dbt("build", tmp_path / "half/warehouse.duckdb", at_the_threshold, *DATA_QUALITY)
    assert silent.returncode == 0, silent.stdout
    assert WARNING not in silent.stdout


def test_a_command_that_does_not_build_data_quality_says_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "half/warehouse.duckdb"
    variables = write_half(tmp_path) | {"unreadable_lines_warning_pct": 33.3}
    assert WARNING in run_dbt("build", warehouse, variables, *DATA_QUALITY).stdout
    for command, select in (
        ("run", ("--select", "stg_online_retail__order_lines")),
        ("compile", ("--select", "+data_quality")),
    ):
        result = run_dbt(command, warehouse, variables, *select)
        assert result.returncode == 0, result.stdout
        assert WARNING not in result.stdout
