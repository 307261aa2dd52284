"""A shop whose rows are no basis for figures stops the build in one sentence; a few bad rows change nothing else."""

import csv
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import ONLINE_RETAIL

from patronage.cli import main
from patronage.publishing.files import publish
from warehouse import PROJECT, build, query, run_dbt

pytestmark = pytest.mark.dbt

RAW = "online_retail_order_lines"
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]  # fmt: skip
STAGING = "staging.stg_online_retail__order_lines"
SELECT = ("--select", "+data_quality", "+int_as_of_dates", "--exclude-resource-type", "test", "unit_test")  # fmt: skip

Line = dict[str, str]


def line(number: int) -> Line:
    """A purchase of 2 x 1.50, by one of 40 customers, one a day."""
    day, month = number % 28 + 1, number // 28 % 12 + 1
    values = [f"{500_000 + number}", "85123A", "CUP", "2", f"{month}/{day}/2011 8:26", "1.5", f"{12_000 + number % 40}", "France"]  # fmt: skip
    return dict(zip(HEADER, values, strict=True))


LINES = [line(number) for number in range(200)]


def write(path: Path, lines: list[Line]) -> dict[str, Any]:
    """Write lines as an extract; return the vars that name it."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, HEADER)
        writer.writeheader()
        writer.writerows(lines)
    return ONLINE_RETAIL | {RAW: str(path)}


def change(every: int, **values: str) -> list[Line]:
    """The lines, of which each so many-th has other values."""
    return [line | (values if number % every == 0 else {}) for number, line in enumerate(LINES)]


def sentence(warehouse: Path, variables: dict[str, Any], *args: str) -> str:
    """What a build that must stop in a model says, without dbt's list of macros below it."""
    result = run_dbt("build", warehouse, variables, *(args or SELECT))
    assert result.returncode != 0, result.stdout
    assert query(
        warehouse, "select status from raw.builds where status <> 'unfinished' qualify row_number() over (order by started_at desc) = 1"
    ) == [("failed",)]  # fmt: skip
    (failure,) = result.failures
    found = [text.strip() for text in failure.splitlines() if text.strip().startswith("shop ")]
    (said,) = found
    return said


@pytest.mark.parametrize(
    ("lines", "changes", "said"),
    [
        (
            change(1, InvoiceDate="soon"), {},
            "found 200 lines, of which 200 unreadable; accepted: at least one accepted line; what could not be read is null"
            f" in {STAGING}: compare it with raw.{RAW}, and look at vars extract_encodings, extract_date_orders",
        ),
        (
            [*LINES[:99], *change(1, Quantity="two")[:100]], {},
            "found 199 lines, of which 99 accepted, 100 unreadable; accepted: at most 50 % unreadable (var"
            " unreadable_lines_limit_pct); what could not be read is null",
        ),
        (
            change(10, UnitPrice="ask"), {"unreadable_lines_limit_pct": 9.9},
            "found 200 lines, of which 180 accepted, 20 unreadable; accepted: at most 9.9 % unreadable",
        ),
        (
            LINES, {"as_of_date": "2011-01-01"},
            "found 200 lines, of which 200 after_as_of_date; accepted: at least one accepted line; var as_of_date is"
            " 2011-01-01, and the first order is of 2011-01-01.",
        ),
        (
            change(1, UnitPrice="0"), {},
            "found 200 lines, of which 200 zero_price; accepted: at least one accepted line; docs/definitions.md says what"
            f" each status means, and {STAGING} has the rows.",
        ),
        (
            [line | {"InvoiceNo": str(number % 20)} for number, line in enumerate(LINES)], {},
            "found 20 of 20 orders with more than one customer or day (order 0: customers 12000 and 12020, days 2011-01-01"
            " and 2011-07-13); accepted: at most 1.0 % (var order_conflicts_limit_pct); ids that begin again are made unique"
            " in the model stg_online_retail__order_lines, for example by the day or the till in front of the id"
            " (docs/add-a-shop.md).",
        ),
        (
            change(1, UnitPrice="99999999999", Quantity="1") * 6, {},
            "found amounts that sum to 100,000,000,000,000 or more; accepted: sums that fit into decimal(18, 4); look for a"
            f" column that has slipped among the largest in {STAGING}.",
        ),
    ],
    ids=["no dates", "most quantities", "a limit of one's own", "as of too early", "all free", "ids that restart", "sums"],
)  # fmt: skip
def test_what_is_no_basis_for_figures_stops_the_build(
    lines: list[Line], changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    variables = write(tmp_path / "lines.csv", lines) | changes
    found = sentence(tmp_path / "stopped/warehouse.duckdb", variables)
    assert found.startswith(f"shop online_retail: {said}")


def test_order_statuses_that_match_nothing_are_refused(tmp_path: Path) -> None:
    variables = {
        "shops": {"olist": "orders"},
        "accepted_order_statuses": {"olist": ["Delivered", "paid"]},
    }
    assert sentence(tmp_path / "statuses/warehouse.duckdb", variables) == (
        "shop olist: found 1,098 orders, of which 1,059 delivered, 13 unavailable, 9 canceled, 9 shipped, 4 invoiced,"
        " 3 processing, 1 approved; accepted: at least one accepted order; var accepted_order_statuses.olist names Delivered,"
        " paid, and the orders have delivered, unavailable, canceled, shipped, invoiced, processing, approved."
    )


def test_customers_of_whom_none_can_be_read_stop_the_build(tmp_path: Path) -> None:
    persons = PROJECT / "seeds/demo/department_store/demo_department_store_customers.csv"
    header, *rows = persons.read_text(encoding="utf-8").splitlines()
    spend = header.split(",").index("total_spend") if "total_spend" in header else None
    extract = tmp_path / "persons.csv"
    broken = [",".join("?" if place == spend else value for place, value in enumerate(row.split(","))) for row in rows]  # fmt: skip
    extract.write_text("\n".join([header, *broken]) + "\n", encoding="utf-8")
    variables = {
        "shops": {"department_store": "customers"},
        "department_store_customers": str(extract),
    }
    found = sentence(tmp_path / "persons/warehouse.duckdb", variables)
    assert found.startswith(
        "shop department_store: found 700 customers, of which 700 unreadable; accepted: at least"
    )


def test_a_build_that_stops_is_not_published_and_what_was_stays(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "whole/warehouse.duckdb", tmp_path / "published.duckdb"
    tests = ("--exclude-resource-type", "test", "unit_test")
    build(warehouse, write(tmp_path / "good.csv", LINES))
    publish(warehouse, published)
    before = published.read_bytes()
    found = sentence(
        warehouse, write(tmp_path / "bad.csv", change(1, InvoiceDate="soon")), "--quiet", *tests
    )
    assert found.startswith("shop online_retail: found 200 lines, of which 200 unreadable")
    assert main(["publish", "--warehouse", str(warehouse), "--to", str(published)]) == 1
    assert published.read_bytes() == before


def test_a_share_of_unreadable_lines_is_said_in_a_quiet_build_and_in_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = tmp_path / "quiet/warehouse.duckdb"
    variables = write(tmp_path / "lines.csv", change(10, Quantity="two"))
    result = run_dbt(
        "build", warehouse, variables, "--quiet", "--exclude-resource-type", "test", "unit_test"
    )
    assert result.returncode == 0, result.stdout
    said = " ".join(result.stdout.split())
    assert "Warning: 10.0 % of the raw lines of online_retail are unreadable" in said
    assert main(["summary", str(warehouse)]) == 0
    assert "10.0 % of 200 raw rows could not be read." in capsys.readouterr().out


def statuses(warehouse: Path) -> dict[str, int]:
    """Lines by status, where there are any."""
    return dict(
        query(warehouse, "select line_status, lines from marts.data_quality where lines > 0")
    )


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 good lines, and lines of which each has one flaw."""
    folder = tmp_path_factory.mktemp("flawed")
    guests = ["nan", " NULL", "None", "N/A", "#N/A", r"\N", "-", "0.00", "000", "Unknown", "guest"]
    flaws: list[Line] = [
        *({"CustomerID": word} for word in guests),
        {"InvoiceNo": "NaN"},
        {"InvoiceNo": "nil"},
        {"InvoiceDate": "12/1/2091 8:26"},
        {"InvoiceDate": "12/1/1911 8:26"},
        {"Quantity": "100000", "UnitPrice": "12345678901.00"},
        {"UnitPrice": "4006381333931"},
        {"InvoiceNo": "AMZ-1"},
        {"InvoiceNo": "A700000"},
        {"InvoiceNo": "A700001", "StockCode": "B", "Description": "Adjust bad debt"},
        {"InvoiceNo": "500001", "CustomerID": "19999"},
    ]
    lines = [line(200) | {"InvoiceNo": f"6000{place}"} | flaw for place, flaw in enumerate(flaws)]
    return build(
        folder / "warehouse.duckdb", write(folder / "lines.csv", [*LINES, *lines]), tests=True
    )


def test_each_flaw_has_its_status_and_moves_nothing_else(flawed: Path) -> None:
    assert statuses(flawed) == {"accepted": 214, "unreadable": 6, "adjustment": 1}
    assert query(flawed, "select as_of_date::text from intermediate.int_as_of_dates") == [
        ("2011-08-06",)
    ]
    guests = query(
        flawed, "select sum(accepted_amount) from intermediate.int_orders where customer_id is null"
    )
    assert guests == [(Decimal(11 * 3),)]
    assert query(flawed, "select sum(monetary), count(*) from marts.customers") == [
        (Decimal(203 * 3), 41)
    ]


def test_a_conflict_below_the_limit_is_counted_and_decided_the_same_way(flawed: Path) -> None:
    assert query(
        flawed, "select conflicting_orders from marts.data_quality where line_status = 'accepted'"
    ) == [(1,)]
    assert query(
        flawed,
        "select customer_id, ordered_on::text from intermediate.int_orders where order_id = '500001'",
    ) == [("19999", "2011-01-02")]


def olist_extract(
    folder: Path, edit: Callable[[str, list[list[str]]], list[list[str]]]
) -> dict[str, Any]:
    """Write Olist's demo tables, edited, as extracts; return the vars that name them."""
    variables: dict[str, Any] = {"shops": {"olist": "orders"}}
    for table in ("orders", "order_items", "order_payments", "customers"):
        with (PROJECT / f"seeds/demo/olist/demo_olist_{table}.csv").open(encoding="utf-8") as source:  # fmt: skip
            header, *rows = list(csv.reader(source))
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([header, *edit(table, rows)])
        variables[f"olist_{table}"] = str(folder / f"{table}.csv")
    return variables


def test_rows_of_one_order_count_once(tmp_path: Path) -> None:
    def repeat(table: str, rows: list[list[str]]) -> list[list[str]]:
        if table != "orders":
            return rows
        delivered = [row for row in rows if "delivered" in row]
        shipped = ["shipped" if value == "delivered" else value for value in delivered[5]]
        return [*rows[::-1], *delivered[:5], shipped]

    plain = build(
        tmp_path / "plain/warehouse.duckdb", olist_extract(tmp_path, lambda _, rows: rows), *SELECT
    )
    repeated = build(
        tmp_path / "repeated/warehouse.duckdb", olist_extract(tmp_path, repeat), *SELECT
    )
    assert statuses(repeated) == statuses(plain) | {"repeated": 6}
    accepted = "select lines, orders, amount from marts.data_quality where line_status = 'accepted'"
    assert query(repeated, accepted) == query(plain, accepted)
    assert query(
        repeated,
        "select line_status, conflicting_orders from marts.data_quality where conflicting_orders > 0 order by all",
    ) == [("accepted", 1), ("repeated", 1)]


def test_an_order_with_a_payment_that_cannot_be_read_is_unreadable(tmp_path: Path) -> None:
    broken: list[str] = []

    def spoil(table: str, rows: list[list[str]]) -> list[list[str]]:
        if table != "order_payments":
            return rows
        ids = [row[0] for row in rows]
        broken.append(next(order for order in ids if ids.count(order) > 1))
        place = ids.index(broken[0])
        rows[place] = [*rows[place][:-1], "ask"]
        return rows

    warehouse = build(
        tmp_path / "payments/warehouse.duckdb", olist_extract(tmp_path, spoil), *SELECT
    )
    assert query(
        warehouse,
        "select order_id, amount, row_status from intermediate.int_checked_orders where row_status = 'unreadable'",
    ) == [(broken[0], Decimal(0), "unreadable")]


def test_an_own_list_of_missing_ids_takes_the_place_of_the_default(tmp_path: Path) -> None:
    lines = [line(0) | {"CustomerID": "guest"}, line(1) | {"CustomerID": "Laufkunde"}]
    order = {"extract_date_orders": {"online_retail_order_lines": "month_first"}}
    variables = write(tmp_path / "lines.csv", lines) | order | {"missing_ids": ["laufkunde"]}
    warehouse = build(tmp_path / "own/warehouse.duckdb", variables, *SELECT)
    assert query(
        warehouse, "select order_id, customer_id from intermediate.int_line_orders order by all"
    ) == [("500000", "guest"), ("500001", None)]
    shutil.rmtree(tmp_path / "own")
    for wrong in ("nan", ["nan", 0], {"nan": True}):
        refused = run_dbt(
            "build", tmp_path / "own/warehouse.duckdb", variables | {"missing_ids": wrong}
        )
        assert f"var missing_ids: found {wrong}; accepted: a list of texts." in " ".join(
            refused.stdout.split()
        )
