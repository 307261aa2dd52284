"""``patronage check``: what it says of a file, and the var that it writes, which a build takes."""

import ast
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
import yaml

from patronage.checking import check_file
from patronage.checking.columns import NEEDED, WANTED, Column, guess_columns, guess_grain
from patronage.landing.excel import as_text, has_excel
from patronage.landing.refusals import RefusalError
from warehouse import PROJECT

ORDERS = """\
Order No;E-mail;Order date;Total;Status;Birthday
1;a@example.com;25.12.2024 10:00;1.234,50;paid;1.2.1990
2;b@example.com;3.12.2024 11:00;12,50;paid;
3;a@example.com;3.12.2024;free;paid;
4;;31.12.2024;5,00;void;
5;a@example.com;2.12.2024;7,25;paid;
"""
MACROS = (PROJECT / "macros/extracts/mapped.sql").read_text(encoding="utf-8")


def write_orders(folder: Path) -> Path:
    """Write a file of orders with a few flaws."""
    path = folder / "Orders 2024.csv"
    rows = "".join(f"{number};a@example.com;2.12.2024;7,25;paid;\n" for number in range(6, 20))
    path.write_text(ORDERS + rows, encoding="utf-8")
    return path


def column(header: str, kind: str = "any", values: int = 100, distinct: int = 100) -> Column:
    """Make a column of which all values are of a kind."""
    kinds = {name: values if name == kind else 0 for name in ("dates", "numbers", "emails")}
    return Column(header, values, distinct, **kinds)


def test_a_file_is_described_without_dbt(tmp_path: Path) -> None:
    path = write_orders(tmp_path)
    said = list(check_file(path, project=tmp_path))
    assert said == [
        f"{path}: text in utf-8, delimiter ;, 19 records.",
        "A row is taken for one of orders: it has no quantities and prices.",
        "  order_id: Order No (its header)",
        "  customer_id: E-mail (its header)",
        "  ordered_at: Order date (its header, and its values are dates)",
        "  amount: Total (its header, and its values are numbers)",
        "  order_status: Status (its header)",
        "  not used: Birthday",
        "shops:",
        "  orders_2024:",
        "    grain: orders",
        f'    files: "{path}"',
        "    columns:",
        '      order_id: "Order No"',
        '      customer_id: "E-mail"',
        '      ordered_at: "Order date"',
        '      amount: "Total"',
        '      order_status: "Status"',
    ]


@pytest.mark.dbt
def test_values_are_read_as_a_build_reads_them(tmp_path: Path) -> None:
    path = write_orders(tmp_path)
    said = list(check_file(path, project=PROJECT))
    start = said.index("  not used: Birthday") + 1
    assert said[start : said.index("shops:")] == [
        "Dates are read by day first.",
        "Numbers are read by comma.",
        "E-mail: 1 of 19 are empty.",
        "Order date: from 2024-12-02 00:00:00 to 2024-12-31 00:00:00.",
        "Total: 1 cannot be read, the first in line 4: free.",
        "Orders are paid (18), void (1): all of them count, unless var accepted_order_statuses: {orders_2024: [...]} names some.",
    ]


def test_what_is_not_found_is_said(tmp_path: Path) -> None:
    path = tmp_path / "2024.csv"
    path.write_text("Id,When,Sum\n1,2024-01-02,3\n", encoding="utf-8")
    said = list(check_file(path, project=PROJECT))
    assert "Not found: order_id, customer_id, amount; name them in the var below." in said
    shops = yaml.safe_load("\n".join(said[said.index("shops:") :]))["shops"]
    assert shops["shop_2024"]["columns"] == {
        "ordered_at": "When", "order_id": "", "customer_id": "", "amount": "",
    }  # fmt: skip


def test_a_row_is_a_line_an_order_or_a_customer() -> None:
    order_id, customer_id, ordered_at = (
        column("Invoice"), column("Customer ID", distinct=50), column("Day", "dates", distinct=20),
    )  # fmt: skip
    quantity, price = column("Qty", "numbers"), column("Price", "numbers")
    orders = [order_id, customer_id, ordered_at]
    lines = [order_id._replace(distinct=40), customer_id, ordered_at, quantity, price]
    customers = [
        customer_id, column("First order", "dates"), column("Last order", "dates"),
        column("Orders", "numbers"), column("Total spent", "numbers"),
    ]  # fmt: skip
    assert guess_grain([*orders, column("Total", "numbers")])[0] == "orders"
    assert guess_grain(lines)[0] == "order_lines"
    assert guess_grain(customers)[0] == "customers"
    # one order a row, and it has the order's total: units of the order are no lines
    assert guess_grain([*orders, quantity, column("Total", "numbers"), price])[0] == "orders"


def test_values_decide_where_headers_do_not() -> None:
    found = guess_columns(
        [column("Ref"), column("Wer", "emails"), column("Wann", "dates"), column("Total")], "orders"
    )
    assert {name: guess.header for name, guess in found.items()} == {
        "customer_id": "Wer", "ordered_at": "Wann",
    }  # fmt: skip


def test_what_is_looked_for_is_what_a_mapping_can_name() -> None:
    macro = MACROS.split("macro mappable_columns")[1]
    mappable = ast.literal_eval(macro.split("columns = ")[1].split(".get(")[0])
    needed = ast.literal_eval(
        MACROS.split("macro needed_columns")[1].split("return(")[1].split(".get(")[0]
    )
    assert {grain: list(columns) for grain, columns in NEEDED.items()} == needed
    kinds = {"dates": {"dates"}, "numbers": {"whole_numbers", "amounts"}, "any": {"ids", "texts"}}
    for grain, columns in WANTED.items():
        for name, wanted in columns.items():
            assert mappable[grain][name] in kinds[wanted.kind], (grain, name)


def test_a_workbook_without_the_extension_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patronage.landing.excel.has_excel", lambda _: False)
    with duckdb.connect() as connection, pytest.raises(RefusalError) as refused:
        as_text(connection, "book.xlsx", "book.xlsx", tmp_path / "copy.csv")
    assert str(refused.value) == (
        "book.xlsx is an Excel workbook, and DuckDB's extension excel is not installed; accepted: pip install"
        " 'patronage[excel]', or the sheet saved as CSV."
    )


def test_a_workbook_is_read_like_a_file_of_text(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with duckdb.connect() as connection:
        if not has_excel(connection):
            assert not find_spec("duckdb_extension_excel")
            pytest.skip("DuckDB's extension excel is not installed (patronage[excel]).")
        connection.execute(
            "copy (select 'O-' || i as \"Order No\", 'c@example.com' as \"E-mail\", timestamp '2024-01-01' + i * interval 1 day"
            f' as "Order date", i * 1.5 as "Total" from range(20) as r(i)) to \'{path}\' (format xlsx, header true)'
        )
    said = list(check_file(path, project=tmp_path))
    assert said[0] == f"{path}: text in utf-8, delimiter ,, 20 records."
    assert "  order_id: Order No (its header)" in said
