"""Day by day, a warehouse becomes what a build of everything at once makes of the same files."""

import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ONLINE_RETAIL, unpack_days

from warehouse import assert_same, build, copy_of, query

pytestmark = pytest.mark.dbt

ORDERS = ("--select", "+int_line_orders")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def variables_of(folder: Path) -> dict[str, Any]:
    """The vars of a shop whose extract is a folder of files."""
    named = {"online_retail_order_lines": str(folder / "*.csv")}
    return ONLINE_RETAIL | named | {"order_conflicts_limit_pct": 100}


def write_day(folder: Path, name: str, *lines: str) -> None:
    """Write a file of lines, each ``order,product,quantity,time,price,customer``."""
    rows = []
    for line in lines:
        order, product, quantity, time, price, customer = line.split(",")
        rows.append(f"{order},{product},Cup,{quantity},{time},{price},{customer},France\n")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(HEADER + "".join(rows), encoding="utf-8")


def rows_of(warehouse: Path, table: str) -> list[tuple[Any, ...]]:
    """Rows of a table, in an order of their own."""
    return query(warehouse, f"from {table} order by all")


def assert_as_at_once(warehouse: Path, variables: dict[str, Any], folder: Path) -> None:
    """Hold that reading every line again, in a copy, changes nothing."""
    copy = copy_of(warehouse, folder)
    build(copy, variables, "--full-refresh", "--select", "int_file_orders", "int_line_orders")
    for table in ("int_file_orders", "int_line_orders"):
        relation = f"intermediate.{table}"
        assert rows_of(warehouse, relation) == rows_of(copy, relation), table
    shutil.rmtree(folder)


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """Two days of a small shop."""
    folder = tmp_path / "days"
    write_day(
        folder, "1.csv", "1,A,2,2024-01-01 10:00,5,7", "2,B,1,2024-01-01 11:00,3,8",
        "3,C,4,2024-01-01 23:59,1,9",
    )  # fmt: skip
    write_day(folder, "2.csv", "3,D,1,2024-01-02 00:01,2,9", "4,A,1,2024-01-02 10:00,5,7")
    return folder


@pytest.fixture
def warehouse(days: Path, tmp_path: Path) -> Path:
    """A warehouse of the two days."""
    return build(tmp_path / "built/warehouse.duckdb", variables_of(days), *ORDERS)


def spoil(warehouse: Path) -> None:
    """Write into the rows of every file what no file says."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update intermediate.int_file_orders set country = 'not read'")


def files_read(warehouse: Path) -> set[str]:
    """Names of the files that were read again since ``spoil``."""
    found = query(
        warehouse, "select distinct raw_file from intermediate.int_file_orders where country = 'France'"
    )  # fmt: skip
    return {Path(file).name for (file,) in found}


def build_again(warehouse: Path, days: Path, **variables: Any) -> set[str]:
    """Build over spoilt rows; return the files that were read again."""
    spoil(warehouse)
    build(warehouse, variables_of(days) | variables, *ORDERS)
    return files_read(warehouse)


def test_only_what_is_new_changed_or_gone_is_read(days: Path, warehouse: Path) -> None:
    assert build_again(warehouse, days) == set()
    write_day(days, "3.csv", "5,A,1,2024-01-03 10:00,5,7")
    assert build_again(warehouse, days) == {"3.csv"}
    write_day(days, "2.csv", "4,A,2,2024-01-02 10:00,5,7")
    assert build_again(warehouse, days) == {"2.csv"}
    (days / "1.csv").unlink()
    assert build_again(warehouse, days) == set()
    held = "select distinct right(raw_file, 5) from intermediate.int_file_orders order by all"
    assert query(warehouse, held) == [("2.csv",), ("3.csv",)]


def test_an_order_in_several_files_is_one_order(
    days: Path, warehouse: Path, tmp_path: Path
) -> None:
    orders = (
        "select order_id, customer_id, accepted_lines, accepted_amount, is_repeated, is_conflicting"
        " from intermediate.int_line_orders where order_id in ('1', '3') order by all"
    )
    assert query(warehouse, orders) == [
        ("1", "7", 1, 10, False, False), ("3", "9", 2, 6, False, True),
    ]  # fmt: skip
    # the whole first day is sent again: each of its orders has arrived twice, if not the third
    shutil.copy(days / "1.csv", days / "1 again.csv")
    assert build_again(warehouse, days) == {"1 again.csv"}
    build(warehouse, variables_of(days), "--full-refresh", *ORDERS)
    assert query(warehouse, orders) == [
        ("1", "7", 1, 10, True, False), ("3", "9", 3, 10, False, True),
    ]  # fmt: skip
    assert_as_at_once(warehouse, variables_of(days), tmp_path / "copy")
    (days / "1 again.csv").unlink()
    (days / "2.csv").unlink()
    build(warehouse, variables_of(days), *ORDERS)
    assert query(warehouse, orders) == [
        ("1", "7", 1, 10, False, False), ("3", "9", 1, 4, False, False),
    ]  # fmt: skip
    assert_as_at_once(warehouse, variables_of(days), tmp_path / "copy")


def test_lines_are_the_same_summed_file_by_file(
    days: Path, warehouse: Path, tmp_path: Path
) -> None:
    one_by_one = variables_of(days) | {"lines_at_once": 1}
    write_day(days, "3.csv", "3,E,1,2024-01-03 10:00,5,9", "5,A,1,2024-01-03 10:00,5,7")
    write_day(days, "4.csv", "5,A,3,2024-01-04 10:00,5,7")
    assert build_again(warehouse, days, lines_at_once=1) == {"3.csv", "4.csv"}
    build(warehouse, variables_of(days), "--full-refresh", *ORDERS)
    at_once = rows_of(warehouse, "intermediate.int_file_orders")
    assert len(at_once) == 8
    build(warehouse, one_by_one, "--full-refresh", *ORDERS)
    assert rows_of(warehouse, "intermediate.int_file_orders") == at_once
    assert build_again(warehouse, days, lines_at_once=1) == set()
    first = build(tmp_path / "first/warehouse.duckdb", one_by_one, *ORDERS)
    assert rows_of(first, "intermediate.int_file_orders") == at_once
    assert_as_at_once(first, variables_of(days), tmp_path / "copy")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count_repeated_orders_once", False),
        ("extract_date_orders", {"online_retail_order_lines": "iso"}),
    ],
)
def test_whatever_changes_how_lines_are_read_has_all_of_them_read(
    days: Path, warehouse: Path, name: str, value: Any
) -> None:
    everything = {"1.csv", "2.csv"}
    is_seen = name == "count_repeated_orders_once"
    assert build_again(warehouse, days, **{name: value}) == (everything if is_seen else set())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into raw.service_codes values ('online_retail', 'A', 'postage')")
    spoil(warehouse)
    build(warehouse, variables_of(days) | {name: value}, "--select", "int_file_orders")
    assert files_read(warehouse) == everything


def test_another_day_to_count_up_to_has_only_files_read_that_reach_it(
    days: Path, warehouse: Path, tmp_path: Path
) -> None:
    write_day(days, "3.csv", "5,A,1,2024-01-03 10:00,5,7")
    first = build_again(warehouse, days, as_of_date="2024-01-03")
    assert first == {"1.csv", "2.csv", "3.csv"}
    assert build_again(warehouse, days, as_of_date="2024-01-02") == {"2.csv", "3.csv"}
    variables = variables_of(days) | {"as_of_date": "2024-01-04"}
    build(warehouse, variables, "--full-refresh", *ORDERS)
    assert build_again(warehouse, days, as_of_date="2024-01-05") == set()
    build(warehouse, variables, "--full-refresh", *ORDERS)
    assert_as_at_once(warehouse, variables, tmp_path / "copy")


def test_a_build_that_stopped_behind_the_files_is_made_up_for(
    days: Path, warehouse: Path, tmp_path: Path
) -> None:
    write_day(days, "3.csv", "3,E,1,2024-01-03 10:00,5,9")
    build(warehouse, variables_of(days), "--select", "int_checked_lines", "int_file_orders")
    write_day(days, "4.csv", "3,F,1,2024-01-04 10:00,5,9")
    (days / "1.csv").unlink()
    build(warehouse, variables_of(days), *ORDERS)
    assert_as_at_once(warehouse, variables_of(days), tmp_path / "copy")
    ((lines,),) = query(
        warehouse, "select line_count from intermediate.int_line_orders where order_id = '3'"
    )
    assert lines == 3


def test_the_daily_files_of_online_retail_become_the_whole_extract(
    real_warehouse: Path, real_data: Path, tmp_path: Path
) -> None:
    """In order, then shuffled, with files sent again, corrected, and taken back."""
    files = unpack_days(real_data, tmp_path / "all")
    assert len(files) == 305
    days = tmp_path / "days"
    days.mkdir()
    warehouse, variables = tmp_path / "built/warehouse.duckdb", variables_of(days)

    def arrive(*arrived: Path) -> None:
        for file in arrived:
            shutil.copy(file, days)
        build(warehouse, variables, *ORDERS)

    arrive(*files[:100])
    arrive(*files[100:103])
    assert_as_at_once(warehouse, variables, tmp_path / "copy")
    others = random.Random(15).sample(files[103:], k=202)
    shutil.copy(files[7], days / "sent again.csv")
    lines = files[9].read_text(encoding="utf-8").splitlines(keepends=True)
    (days / files[9].name).write_text("".join(lines[:-40]), encoding="utf-8")
    (days / files[11].name).unlink()
    arrive(*others[:120])
    assert_as_at_once(warehouse, variables, tmp_path / "copy")
    (days / "sent again.csv").unlink()
    arrive(files[9], files[11], *others[120:])
    assert_as_at_once(warehouse, variables, tmp_path / "copy")
    build(warehouse, variables)
    assert_same(real_warehouse, warehouse)
