"""Too many unreadable lines are said in one sentence at the end of a run, and stop nothing."""

from pathlib import Path

import pytest
from conftest import ONLINE_RETAIL

from warehouse import run_dbt

pytestmark = pytest.mark.dbt

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINE = "536365,85123A,CUP,6,12/13/2010 8:26,2.55,17850,France\n"
WARNING = "Warning: "


def test_a_share_above_the_threshold_is_said_and_stops_nothing(tmp_path: Path) -> None:
    extract = tmp_path / "half.csv"
    extract.write_text(HEADER + 2 * LINE + LINE.replace(",6,", ",six,"))
    variables = ONLINE_RETAIL | {"online_retail_order_lines": str(extract)}
    select = ("--select", "+data_quality", "--exclude-resource-type", "test", "unit_test")
    said = run_dbt(
        "build",
        tmp_path / "half/warehouse.duckdb",
        variables | {"unreadable_lines_warning_pct": 33.3},
        *select,
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
    silent = run_dbt("build", tmp_path / "half/warehouse.duckdb", at_the_threshold, *select)
    assert silent.returncode == 0, silent.stdout
    assert WARNING not in silent.stdout


def test_a_command_that_does_not_build_data_quality_says_nothing(tmp_path: Path) -> None:
    for command in ("seed", "run", "compile"):
        result = run_dbt(
            command,
            tmp_path / "other/warehouse.duckdb",
            ONLINE_RETAIL | {"unreadable_lines_warning_pct": 0},
            "--select",
            "+stg_online_retail__order_lines",
        )
        assert result.returncode == 0, result.stdout
        assert WARNING not in result.stdout
