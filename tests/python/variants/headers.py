"""Variants of the header line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from variants.base import (  # fmt: skip
    BASE,
    HEADER,
    Variant,
    cells,
    csv_of,
    either,
    must,
    stops,
    table,
    text,
    variant,
)


def _headed(header: Sequence[str]) -> str:
    return text(table(header=header))


def _renamed(**names: str) -> list[str]:
    return [names.get(name, name) for name in HEADER]


def _with_column(header: str, value: str, at: int = 8) -> str:
    rows = table()
    for number, row in enumerate(rows):
        row.insert(at, value if number else header)
    return text(rows)


def headers() -> Iterator[Variant]:
    """Other spellings, orders and numbers of columns."""
    yield variant("headers_in_odd_spellings", _headed(["invoiceno", "STOCKCODE", " Description ", "quantity ", "Invoice Date", "unit price", "Customer_ID", "COUNTRY"]))  # fmt: skip
    yield variant("headers_snake_case", _headed(_renamed(InvoiceNo="invoice_no", UnitPrice="unit_price", CustomerID="customer_id")))  # fmt: skip
    yield variant("headers_of_the_second_edition", _headed(_renamed(InvoiceNo="Invoice", UnitPrice="Price", CustomerID="Customer ID")))  # fmt: skip
    yield variant("headers_canonical", _headed(["order_id", "product_id", "product_name", "quantity", "ordered_at", "unit_price", "customer_id", "country"]))  # fmt: skip
    yield variant("headers_with_mark_and_quotes", "\ufeff" + '"' + '","'.join(HEADER) + '"\n' + csv_of().split("\n", 1)[1])  # fmt: skip
    yield either("headers_with_no_break_spaces", _headed([f"{name}\u00a0" for name in HEADER]))
    yield either("headers_with_a_zero_width_space", _headed(_renamed(Quantity="\u200bQuantity")))
    yield either("headers_with_a_line_break", _headed(_renamed(UnitPrice="Unit\nPrice")))
    yield variant("columns_sorted", text([[row[n] for n in sorted(range(8), key=lambda n: HEADER[n])] for row in table()]))  # fmt: skip
    yield variant("a_column_more_first", _with_column("Till", "1", 0))
    yield variant("a_column_without_name_first", _with_column("", "17", 0))
    yield variant("a_column_without_name_last", _with_column("", ""))
    yield variant("a_hundred_columns_more", text([[*row, *(f"extra{n}" for n in range(100))] for row in table()]))  # fmt: skip
    plain = [replace(line, country="") for line in BASE]
    yield variant("no_country", text([row[:7] for row in table()]), must(plain))
    for column in ("InvoiceNo", "UnitPrice", "CustomerID"):
        at = HEADER.index(column)
        yield stops(f"no_{column.lower()}", text([[*row[:at], *row[at + 1 :]] for row in table()]), names="extract.csv")  # fmt: skip
    for name, column, value in (
        ("the_same", "Quantity", "1"), ("another_case", "quantity", "1"), ("a_space", "Unit Price", "9.99"),
        ("another_spelling", "Price", "9.99"), ("the_canonical_one", "order_id", "1"),
    ):  # fmt: skip
        at = 0 if name in ("another_case", "another_spelling") else 8
        yield stops(f"two_headers_for_a_column_{name}", _with_column(column, value, at), names="extract.csv")  # fmt: skip
    doubled = [[*row, "a", "b"] for row in table()]
    doubled[0][8:] = ["Note", "Note"]
    yield either("two_headers_of_one_name_that_nobody_needs", text(doubled))
    yield stops("headers_in_another_language", _headed(["Rechnung", "Artikel", "Bezeichnung", "Menge", "Datum", "Preis", "Kunde", "Land"]), names="extract.csv")  # fmt: skip
    one = next(line for line in BASE if line.ordered_at.day > 12)
    yield variant("a_shop_of_one_line", text([HEADER, cells(one)]), must([one]))
