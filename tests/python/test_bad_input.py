"""Bad configuration stops a build with one sentence for each problem before any model runs; a bad row never stops it."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ONLINE_RETAIL

from warehouse import build, copy_of, query, run_dbt

pytestmark = pytest.mark.dbt

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINE = "536365,85123A,CUP,6,12/13/2010 8:26,2.55,17850,France\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> str:
    """Write a small extract and return its path."""
    path.write_text(text, encoding=encoding)
    return str(path)


def refuse(tmp_path: Path, variables: dict[str, Any]) -> str:
    """Run a build that must stop before any model runs; return what it said."""
    warehouse = tmp_path / "refused/warehouse.duckdb"
    result = run_dbt("build", warehouse, ONLINE_RETAIL | variables)
    assert result.returncode != 0, result.stdout
    if warehouse.exists():
        with duckdb.connect(str(warehouse)) as connection:
            made = connection.sql(
                "select table_name from information_schema.tables where table_name <> 'extracts'"
            )
            assert made.fetchall() == []
    return result.stdout


def problems(said: str) -> list[str]:
    """The sentences about the configuration in what dbt said; each is a line of its own."""
    lines = [line.strip() for line in said.splitlines()]
    return [line for line in lines if line.startswith(("var ", "vars ", "dbt run: "))]


def kmeans(**changes: Any) -> dict[str, Any]:
    """A segmentation by KMeans that is right but for some changes."""
    config = {"method": "kmeans", "features": ["recency_days", "monetary"], "transform": "log"}
    return config | {"clusters": 5} | changes


def test_all_that_is_wrong_with_a_config_is_named_at_once(tmp_path: Path) -> None:
    wrong = {
        "shops": {"online_retail": "lines"},
        "extract_date_orders": {"online_retail_order_lines": "us"},
        "as_of_date": "9/12/2011",
        "count_repeated_orders_once": "maybe",
        "unreadable_lines_warning_pct": 140,
        "minimum_fit_customers": 3,
        "flag_amount_z": -1,
        "flag_amount_times": 0.5,
        "flag_low_amount_times": "x",
        "flag_amount_minimum_orders": 2,
        "flag_quantity_times": 1,
        "flag_quantity_minimum_lines": 0,
        "flag_return_history_days": -1,
        "flag_high_returner_days": 1.5,
        "segmentations": {
            "rfm_r": kmeans(colour="red", features=["age"], transform="sqrt", clusters=50),
            "rfm_value": kmeans(clusters=1),
            "rfm_behaviour": kmeans(clusters=True),
        },
        "own_segmentations": {
            "rfm_lifecycle": kmeans(
                segments=[{"name": "Best", "segment_order": 0, "watchouts": "x"}]
            ),
            "rfm_rules": {"rules": []},
            "rfm_value": None,
        },
        "primary_segmentation": "abc",
        "score_with_fits": "abc",
        "shop_names": {"online_retail": " "},
        "shop_currencies": {"online_retail": "pounds"},
        "campaigns": "no/such/list.csv",
        "online_retail_order_lines": "no/such.csv",
    }
    assert problems(refuse(tmp_path, wrong)) == [
        "var shops.online_retail: found lines; accepted: order_lines, orders, customers, or a mapping with grain, files and"
        " columns.",
        "var extract_date_orders.online_retail_order_lines: found us; accepted: iso, iso_with_offset, month_name, month_first, day_first,"
        " year_first, spreadsheet_day.",
        "var as_of_date: found 9/12/2011; accepted: null or a day written YYYY-MM-DD.",
        "var count_repeated_orders_once: found maybe; accepted: true or false.",
        "var unreadable_lines_warning_pct: found 140; accepted: a number from 0 to 100.",
        "var minimum_fit_customers: found 3; accepted: a whole number from 10 to 1000000000.",
        "var flag_amount_z: found -1; accepted: a number from 0.1 to 100.",
        "var flag_amount_times: found 0.5; accepted: a number from 1 to 1000000.",
        "var flag_low_amount_times: found x; accepted: a number from 1 to 1000000.",
        "var flag_amount_minimum_orders: found 2; accepted: a whole number from 3 to 1000000000.",
        "var flag_quantity_times: found 1; accepted: a number from 2 to 1000000.",
        "var flag_quantity_minimum_lines: found 0; accepted: a whole number from 1 to 1000000000.",
        "var flag_return_history_days: found -1; accepted: a whole number from 0 to 36500.",
        "var flag_high_returner_days: found 1.5; accepted: a whole number from 0 to 36500.",
        "var shop_names.online_retail: found  ; accepted: a name.",
        "var shop_currencies.online_retail: found pounds; accepted: three capital letters such as GBP.",
        "var segmentations.rfm_r: found colour; accepted: method, features, transform, clusters, segments.",
        "var segmentations.rfm_r.features: found age; accepted: recency_days, frequency, monetary, return_rate_pct.",
        "var segmentations.rfm_r.transform: found sqrt; accepted: log, none.",
        "var segmentations.rfm_r.clusters: found 50; accepted: auto, or a whole number from 2 to 10.",
        "var segmentations.rfm_behaviour.clusters: found True; accepted: auto, or a whole number from 2 to 10.",
        "var own_segmentations.rfm_lifecycle.segments: found no recommended_actions; accepted: name, recommended_actions, watchouts.",
        "var own_segmentations.rfm_lifecycle.segments.segment_order: found 0; accepted: a whole number from 1 to 15.",
        "var own_segmentations.rfm_rules.method: found ; accepted: kmeans, rules.",
        "var primary_segmentation: found abc; accepted: rfm_r, rfm_behaviour, rfm_lifecycle, rfm_rules.",
        "var score_with_fits: found abc; accepted: a list of ids of models.segment_fit_history.",
        "var online_retail_order_lines: no file matches no/such.csv; accepted are a path, glob or URL of csv, csv.gz or"
        " parquet, or a relation.",
        "var campaigns: no file matches no/such/list.csv; accepted are a path, glob or URL of csv, csv.gz or parquet, or a"
        " relation.",
    ]


def test_what_has_the_wrong_shape_hides_nothing_else(tmp_path: Path) -> None:
    wrong = {
        "shops": "online_retail",
        "extract_encodings": "latin-1",
        "count_repeated_orders_once": 1,
        "flag_amount_z": True,
        "shop_currencies": "GBP",
        "segmentations": {
            "rfm_r": kmeans(features="age"),
            "other": 5,
            "rules": {"method": "rules"},
        },
        "score_with_fits": ["abc"],
        "online_retail_order_lines": "no_such_table",
    }
    assert problems(refuse(tmp_path, wrong)) == [
        "var shops: found online_retail; accepted: a mapping from names of shops to order_lines, orders, customers, or a"
        " mapping with grain, files and columns.",
        "var extract_encodings: found latin-1; accepted: a mapping whose values are utf-8, utf-16, latin-1, windows-1252.",
        "var count_repeated_orders_once: found 1; accepted: true or false.",
        "var flag_amount_z: found True; accepted: a number from 0.1 to 100.",
        "var shop_currencies: found GBP; accepted: a mapping from shops to three capital letters such as GBP.",
        "var segmentations.rfm_r.features: found age; accepted: a list of recency_days, frequency, monetary, return_rate_pct.",
        "var segmentations.other.method: found ; accepted: kmeans, rules.",
        "var segmentations.rules: found no rules; accepted: method, rules.",
        "var score_with_fits: found abc; accepted: nothing, because there are no fits yet.",
        "var online_retail_order_lines: there is no relation no_such_table; accepted are a relation, or a path, glob or URL"
        " of csv, csv.gz or parquet.",
    ]


def test_a_misspelt_var_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    raw = "online_retail_order_lines"
    wrong = {
        "online_retail_orderlines": "my_shop.csv",
        "minimum_fit_customer": 50,
        "extract_encoding": {raw: "latin-1"},
        "extract_date_orders": {"online_retail_lines": "iso"},
        "accepted_order_statuses": {"olist": "delivered", "other": [1], "third": ["it's"]},
        "as_of_date": "2011-02-30",
    }
    none = "there is no var of this name; accepted: those of dbt_project.yml, of which"
    assert problems(refuse(tmp_path, wrong)) == [
        f"var online_retail_orderlines: {none} {raw} is the nearest.",
        f"var minimum_fit_customer: {none} minimum_fit_customers is the nearest.",
        f"var extract_encoding: {none} extract_encodings is the nearest.",
        f"var extract_date_orders: found online_retail_lines; accepted: names of raw tables, of which {raw} is the nearest.",
        "var as_of_date: found 2011-02-30; accepted: null or a day written YYYY-MM-DD.",
        "var accepted_order_statuses.olist: found delivered; accepted: a list of order statuses, each a text.",
        "var accepted_order_statuses.other: found [1]; accepted: a list of order statuses, each a text.",
    ]


def test_a_single_problem_is_a_single_sentence(tmp_path: Path) -> None:
    assert problems(refuse(tmp_path, {"minimum_fit_customers": 3})) == [
        "var minimum_fit_customers: found 3; accepted: a whole number from 10 to 1000000000."
    ]


def test_a_shop_without_a_model_is_named(tmp_path: Path) -> None:
    assert "stg_nowhere__order_lines" in refuse(tmp_path, {"shops": {"nowhere": "order_lines"}})


def test_dbt_run_without_the_functions_says_use_dbt_build(
    tmp_path: Path, demo_warehouse: Path
) -> None:
    warehouse = tmp_path / "run/warehouse.duckdb"
    variables = ONLINE_RETAIL | {
        "online_retail_order_lines": write(tmp_path / "extract.csv", HEADER + LINE)
    }
    refused = run_dbt("run", warehouse, variables)
    assert refused.returncode != 0
    assert problems(refused.stdout) == [
        "dbt run: the selected models need functions that are not in the warehouse (churn_probability,"
        " high_value_probability, score_segment, segment_of), and dbt run does not create functions; use dbt build."
    ]
    # models that need no function run, and so do all where the functions are there
    for there, selected in (
        (warehouse, "stg_online_retail__order_lines"),
        (copy_of(demo_warehouse, tmp_path / "demo"), "int_customer_clusters"),
    ):
        run = run_dbt("run", there, variables, "--select", selected)
        assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty; accepted: a header line and at least one row"),
        (HEADER, "has no rows; at least one is needed"),
        (
            HEADER.replace("Quantity,", "") + LINE,
            "line 1: no column for quantity: found InvoiceNo, StockCode",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    extract = write(tmp_path / "extract.csv", text)
    assert sentence in refuse(tmp_path, {"online_retail_order_lines": extract})


def test_bad_rows_are_counted_and_never_stop_a_build(tmp_path: Path) -> None:
    rows = [
        LINE,
        "536366,85123A,CUP,six,12/1/2010 8:26,2.55,17850,France\n",
        "536367,85123A,CUP,6.5,12/1/2010 8:26,2.55,17850,France\n",
        "536368,85123A,CUP,99999999999,12/1/2010 8:26,2.55,17850,France\n",
        "536369,85123A,CUP,1,31/31/2010 8:26,2.55,17850,France\n",
        "536370,85123A,CUP\n",
        '536371,85123A,"a ""quoted"", cup",1,12/1/2010 8:26,1e400,17850,France,too,many\n',
        ",,,,,,,\n",
        '536372,85123A,12" PLATE,2,12/2/2010 9:00,1.5,17850.0,France\n',
    ]
    extract = write(tmp_path / "rows.csv", HEADER + "".join(rows), encoding="latin-1")
    warehouse = build(
        tmp_path / "rows/warehouse.duckdb",
        ONLINE_RETAIL | {"online_retail_order_lines": extract, "unreadable_lines_limit_pct": 90},
        tests=True,
    )
    lines = dict(
        query(warehouse, "select line_status, lines from marts.data_quality where lines > 0")
    )
    assert lines == {"accepted": 2, "unreadable": 7}
    assert query(
        warehouse, "select customer_id, frequency, monetary, segment from marts.customers"
    ) == [("17850", 2, Decimal("18.30"), None)]
    assert query(
        warehouse, "select distinct segment from marts.segment_revenue where segmentation = 'rfm_r'"
    ) == [("Unsegmented",)]


def test_latin_1_semicolons_and_day_first_dates_are_recognised(tmp_path: Path) -> None:
    header = HEADER.replace(",", ";")
    rows = "1;A;CAFÉ;1;25.12.2010 8:26;2.5;7;France\n2;A;CAFÉ;1;3.12.2010 8:26;2.5;7;France\n"
    extract = write(tmp_path / "european.csv", header + rows, encoding="latin-1")
    warehouse = build(
        tmp_path / "european/warehouse.duckdb",
        ONLINE_RETAIL | {"online_retail_order_lines": extract},
    )
    assert query(warehouse, "select encoding, delimiter, date_order from raw.extracts") == [
        ("latin-1", ";", "day_first")
    ]
    assert query(
        warehouse,
        "select product_name, ordered_at::text from intermediate.int_order_lines order by order_id",
    ) == [("CAFÉ", "2010-12-25 08:26:00"), ("CAFÉ", "2010-12-03 08:26:00")]


def test_an_empty_build_reaches_every_model(tmp_path: Path) -> None:
    result = run_dbt(
        "build",
        tmp_path / "empty/warehouse.duckdb",
        ONLINE_RETAIL,
        "--empty",
        "--exclude-resource-type",
        "unit_test",
    )
    assert result.returncode == 0, result.stdout


def test_a_relation_is_read_like_a_file(tmp_path: Path) -> None:
    warehouse = tmp_path / "relation/warehouse.duckdb"
    warehouse.parent.mkdir()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema landing")
        connection.execute(
            "create table landing.lines as select 'x' || i as order_id, 'c' as customer_id, timestamp '2024-01-01' as"
            " ordered_at, 'p' as product_id, 2 as quantity, 1.5::double as unit_price from range(3) as r(i)"
        )
    variables = ONLINE_RETAIL | {"online_retail_order_lines": "landing.lines"}
    build(warehouse, variables)
    assert query(warehouse, "select frequency, monetary from marts.customers") == [
        (3, Decimal("9.00"))
    ]


def test_a_second_build_is_told_who_holds_the_warehouse(tmp_path: Path) -> None:
    warehouse = tmp_path / "held/warehouse.duckdb"
    warehouse.parent.mkdir()
    holding = f"import duckdb; c = duckdb.connect('{warehouse}'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        refused = run_dbt("build", warehouse, ONLINE_RETAIL)
        holder.communicate(b"\n")
    said = "\n".join([refused.stdout, *refused.failures])
    assert refused.returncode != 0
    assert f"{warehouse} is being used by process {holder.pid} (" in said
    assert "Traceback" not in said


def test_settings_win_over_detection(tmp_path: Path) -> None:
    extract = write(tmp_path / "dates.csv", HEADER + LINE.replace("12/13/2010", "3/4/2010"))
    raw = "online_retail_order_lines"
    settings = {raw: extract, "extract_date_orders": {raw: "day_first"}}
    warehouse = build(
        tmp_path / "dates/warehouse.duckdb", json.loads(json.dumps(ONLINE_RETAIL | settings))
    )
    assert query(warehouse, "select last_ordered_on::text from marts.customers") == [
        ("2010-04-03",)
    ]
