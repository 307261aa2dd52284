"""Variants of how ids of orders, customers and products are written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from variants.base import (
    BASE,
    BROKEN,
    CUSTOMER,
    ORDER,
    PRODUCT,
    Line,
    Record,
    Variant,
    changed,
    csv_of,
    either,
    must,
    stops,
    table,
    text,
    variant,
)  # fmt: skip

ODD_IDS = {
    "emoji": "🎄", "sql": "1'); drop table x; --", "a_quote": 'a"b', "jinja": "{{ ref('x') }}", "a_block": "{% if x %}", "delimiters": "a,b;c|d", "a_backslash": "a\\b",
    "accents": "é", "percents": "%s %d", "html": "<b>", "a_path": "../..", "a_formula": "=1+1", "a_dollar": "$1", "spaces_inside": "a  b",
}  # fmt: skip


def _renumbered(number: int, start: str) -> list[Line]:
    """Lines in which the ids of one column begin with something more."""
    names = {ORDER: "order_id", CUSTOMER: "customer_id", PRODUCT: "product_id"}
    column = names[number]
    return [
        line if getattr(line, column) is None or line.order_id.startswith("A") else replace(line, **{column: start + getattr(line, column)})
        for line in BASE
    ]  # fmt: skip


def _customers(write: object) -> str:
    return csv_of(customer=lambda customer: "" if customer is None else write(customer))  # type: ignore[operator]


def missing_ids() -> Iterator[Variant]:
    """Words for what is missing: guests, and lines that belong to no order."""
    words = {
        "empty": "", "a_space": " ", "nan": "nan", "nan_2": "NaN", "null": "NULL", "null_2": "null", "none": "None", "n_a": "N/A", "n_a_2": "n/a", "na": "NA", "backslash_n": "\\N",
        "dash": "-", "zero": "0", "zero_0": "0.0", "zero_00": "0.00", "error": "#N/A", "pandas": "<NA>", "spaced": " nan ",
    }  # fmt: skip
    for name, word in words.items():
        if name in ("nan", "backslash_n", "zero_00"):
            yield variant(f"guests_{name}", csv_of(customer=lambda customer, word=word: customer or word))  # fmt: skip
    rows = table()
    gone = {}
    orders = sorted({line.order_id for line in BASE if line.order_id.isdigit() and line.order_id != "536425"})  # fmt: skip
    missing = dict(zip(orders[::3], (word for name, word in words.items() if not name.startswith("zero")), strict=False))  # fmt: skip
    for number, line in enumerate(BASE):
        if line.order_id in missing:
            rows[number + 1][ORDER] = missing[line.order_id]
            gone[number] = BROKEN
    yield variant("orders_missing_in_every_spelling", text(rows), changed(must(BASE), gone))
    mixed = iter(list(words.values()) * 20)
    yield variant("guests_in_every_spelling", csv_of(customer=lambda customer: customer or next(mixed)))  # fmt: skip
    guests = [replace(line, customer_id=None) for line in BASE]
    yield variant("guests_only", csv_of(guests), must(guests))
    yield variant("a_word_for_guests_by_var", csv_of(customer=lambda customer: customer or "WALK-IN"), settings={"missing_ids": ["WALK-IN"]})  # fmt: skip
    no_product = [
        replace(line, product_id="") if n % 50 == 3 else line for n, line in enumerate(BASE)
    ]
    yield variant("products_empty", csv_of(no_product), [Record((line,), n % 50 == 3) for n, line in enumerate(no_product)])  # fmt: skip


def notations() -> Iterator[Variant]:
    """The same ids in another notation."""
    yield variant("customers_of_a_float_column", _customers(lambda customer: f"{customer}.0"))
    yield variant("orders_of_a_float_column", csv_of(order=lambda order: f"{order}.0"))
    yield variant("customers_with_spaces", _customers(lambda customer: f"  {customer} "))
    yield variant("orders_with_spaces", csv_of(order=lambda order: f" {order}  "))
    yield variant("customers_with_no_break_spaces", _customers(lambda customer: f"\u00a0{customer}\u00a0"))  # fmt: skip
    turns = table()
    for number, row in enumerate(turns[1:]):
        row[CUSTOMER] = f"{row[CUSTOMER]}.0" if row[CUSTOMER] and number % 2 else row[CUSTOMER]
    yield variant("customers_of_a_float_column_in_turns", text(turns))
    turns = table()
    for number, row in enumerate(turns[1:]):
        row[CUSTOMER] = f"{row[CUSTOMER]}.00" if row[CUSTOMER] and number % 2 else row[CUSTOMER]
    yield either("customers_with_two_decimals_in_turns", text(turns), may_stop_late=True)
    halves = {"a.csv": csv_of(BASE[:120]).encode(), "b.csv": csv_of(BASE[120:], customer=lambda customer: f"{customer}.0" if customer else "").encode()}  # fmt: skip
    yield variant("customers_of_a_float_column_in_one_file", halves, location="*.csv")
    for name, write in {
        "two_decimals": lambda customer: f"{customer}.00", "exact_doubles": lambda customer: f"{float(customer):.6e}", "text_marks": lambda customer: f"'{customer}",
        "formulas": lambda customer: f'="{customer}"', "thousands_commas": lambda customer: f"{int(customer):,}", "leading_zeros": lambda customer: f"00{customer}",
    }.items():  # fmt: skip
        # taken as they stand, or as the numbers that they are: one or the other for all of them
        kept = [replace(line, customer_id=line.customer_id and write(line.customer_id)) for line in BASE]  # fmt: skip
        yield either(f"customers_written_with_{name}", _customers(write), [Record((line, other), True) for line, other in zip(BASE, kept, strict=True)])  # fmt: skip
    # several customers become one
    yield stops("customers_rounded_by_a_spreadsheet", _customers(lambda customer: f"{int(customer):.1E}"), may_stop_late=True)  # fmt: skip
    yield stops("orders_rounded_by_a_spreadsheet", csv_of(order=lambda order: f"{int(order):.2E}" if order.isdigit() else order), may_stop_late=True)  # fmt: skip
    dated = csv_of(order=lambda order: f"{order[:1]}-{order[1:3]}")
    yield stops("orders_cut_by_a_spreadsheet", dated, may_stop_late=True)


def contents() -> Iterator[Variant]:
    """Ids with unusual signs, and ids that mean something else in another shop."""
    starts = dict(zip(sorted({line.order_id for line in BASE}), list(ODD_IDS.values()) * 9, strict=False))  # fmt: skip
    for column, what in (("order_id", "orders"), ("customer_id", "customers"), ("product_id", "products")):  # fmt: skip
        odd = [
            replace(line, **{column: f"{starts[line.order_id]}{getattr(line, column)}"}) if getattr(line, column) and not line.order_id.startswith("A") else line
            for line in BASE
        ]  # fmt: skip
        yield variant(f"{what}_with_unusual_signs", csv_of(odd), must(odd))
    for name, start in {"a_hash": "#", "zeros": "0000000"}.items():  # fmt: skip
        lines = _renumbered(ORDER, start)
        yield variant(f"orders_with_{name}", csv_of(lines), must(lines))
    # A and a number is book-keeping in Online Retail, and only where the product is B
    for name, start in {"amz": "AMZ-", "a": "A"}.items():
        lines = _renumbered(ORDER, start)
        yield variant(f"orders_that_begin_with_{name}", csv_of(lines), must(lines))
    series = [replace(line, order_id=f"{'AB'[int(line.order_id[-2:]) % 2]}{line.order_id}") for line in BASE]  # fmt: skip
    yield variant("orders_of_two_series", csv_of(series), must(series))
    same: Sequence[Line] = [
        replace(line, customer_id=line.customer_id and "17850") for line in BASE
    ]
    yield variant("one_customer", csv_of(same), must(same))
    cased = [replace(line, order_id=line.order_id.replace("C", "c")) for line in BASE]
    yield variant("returns_with_a_small_c", csv_of(cased), must(cased))


def conflicts() -> Iterator[Variant]:
    """Ids of orders that are not unique."""
    days: dict[str, dict[str, int]] = {}
    rows = table()
    for row, line in zip(rows[1:], BASE, strict=True):
        of_day = days.setdefault(f"{line.ordered_at:%Y-%m}", {})
        row[ORDER] = str(of_day.setdefault(line.order_id, len(of_day) + 1))
    yield stops("orders_that_restart_every_month", text(rows), may_stop_late=True)
    yield stops("orders_all_of_one_id", csv_of(order=lambda _: "1"), may_stop_late=True)
    yield stops("orders_in_the_customers_column", csv_of(order=lambda order: order[:5]), may_stop_late=True)  # fmt: skip
    one = table()
    number = next(n for n, line in enumerate(BASE) if BASE[n - 1].order_id == line.order_id)
    one[number + 1][CUSTOMER] = "99999"
    kept = replace(BASE[number], customer_id="99999")
    yield variant("one_order_of_two_customers", text(one), changed(must(BASE), {number: Record((kept, BASE[number]), True)}), may_stop=True, may_stop_late=True)  # fmt: skip


def ids() -> Iterator[Variant]:
    """Everything about ids."""
    yield from missing_ids()
    yield from notations()
    yield from contents()
    yield from conflicts()
