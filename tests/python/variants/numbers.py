"""Variants of how numbers are written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from variants.base import (
    BASE,
    BROKEN,
    PRICE,
    QUANTITY,
    RAW,
    Line,
    Record,
    Variant,
    changed,
    csv_of,
    either,
    may,
    must,
    stops,
    table,
    text,
    variant,
)  # fmt: skip

FEW = 100
"""The record that is damaged where only one is."""


def _grouped(sign: str, point: str = ".") -> Callable[[Decimal], str]:
    """Write a number with its thousands apart."""
    return lambda value: f"{value:,}".replace(",", "\0").replace(".", point).replace("\0", sign)


def _numbers(quantity: Callable[[int], str] = str, price: Callable[[Decimal], str] = str, lines: Sequence[Line] = BASE) -> str:  # fmt: skip
    return text(table(lines, quantity=quantity, price=price), ";")


def _one(column: int, value: str, number: int = FEW) -> str:
    rows = table()
    rows[number + 1][column] = value
    return text(rows)


def _several(name: str, column: int, values: Sequence[str]) -> Variant:
    """A variant in which every fifth line has a value that cannot be read."""
    rows = table()
    for number, value in enumerate(values):
        rows[number * 5 + 1][column] = value
    broken = {number * 5: BROKEN for number in range(len(values))}
    return variant(name, text(rows), changed(must(BASE), broken))


def _comma(value: Decimal) -> str:
    return str(value).replace(".", ",")


def styles() -> Iterator[Variant]:
    """A whole column in one style, which can be read, or in one that nobody can decide."""
    whole = {
        "thousands_commas": (_grouped(","), _grouped(",")),
        "decimal_commas": (str, _comma),
        "thousands_points_and_decimal_commas": (_grouped("."), _grouped(".", ",")),
        "thousands_spaces_and_decimal_commas": (_grouped(" "), _grouped(" ", ",")),
        "thousands_spaces": (_grouped(" "), _grouped(" ")),
        "thousands_narrow_no_break_spaces": (_grouped("\u202f"), _grouped("\u202f", ",")),
        "pounds_before": (str, lambda value: f"£{value}".replace("£-", "-£")),
        "pounds_and_thousands_commas": (_grouped(","), lambda value: f"£{value:,}".replace("£-", "-£")),
        "dollars_before": (str, lambda value: f"${value}".replace("$-", "-$")),
        "euros_after": (str, lambda value: f"{_comma(value)} €"),
        "euros_after_a_no_break_space": (str, lambda value: f"{_comma(value)}\u00a0€"),
        "quantities_with_two_decimals": (lambda value: f"{value}.00", str),
        "no_break_spaces_around": (lambda value: f"\u00a0{value}\u00a0", lambda value: f"{value}\u00a0"),
        "prices_without_trailing_zeros": (str, lambda value: f"{value.normalize():f}"),
    }  # fmt: skip
    for name, (quantity, price) in whole.items():
        yield variant(f"numbers_{name}", _numbers(quantity, price))
    rare = {
        "thousands_apostrophes": (_grouped("'"), _grouped("'")),
        "codes_before": (str, lambda value: f"GBP {value}"),
        "leading_pluses": (lambda value: f"{value:+}", str),
        "scientific_quantities": (lambda value: f"{value:.4E}", str),
        "scientific_prices": (str, lambda value: f"{value:.8e}"),
        "units_after_quantities": (lambda value: f"{value} pcs", str),
        "leading_zeros": (lambda value: f"{value:06}", lambda value: f"{value:09}"),
        "fullwidth_digits": (lambda value: str(value).translate({48 + n: 0xFF10 + n for n in range(10)}), str),
        "underscores": (lambda value: f"{value:_}", str),
        "floats_of_a_program": (lambda value: repr(float(value)), lambda value: repr(float(value) * 3 / 3)),
        "prices_with_three_decimals": (str, lambda value: f"{value:.3f}"),
        "excel_text_marks": (lambda value: f"'{value}", str),
        "formulas": (lambda value: f'="{value}"', lambda value: f'="{value}"'),
    }  # fmt: skip
    for name, (quantity, price) in rare.items():
        yield either(f"numbers_{name}", _numbers(quantity, price), may(BASE), may_stop_late=True)
    minuses = {
        "pounds_before_the_minus": (str, lambda value: f"£{value}"),
        "unicode_minuses": (lambda value: str(value).replace("-", "\u2212"), lambda value: str(value).replace("-", "\u2212")),
        "trailing_minuses": (lambda value: f"{abs(value)}{'-' if value < 0 else ''}", lambda value: f"{abs(value)}{'-' if value < 0 else ''}"),
        "parentheses": (lambda value: f"({-value})" if value < 0 else str(value), lambda value: f"({-value})" if value < 0 else str(value)),
        "spaces_after_minuses": (lambda value: str(value).replace("-", "- "), str),
    }  # fmt: skip
    negative = {n for n, line in enumerate(BASE) if line.quantity < 0 or line.unit_price < 0}
    records = [Record((line,), n in negative) for n, line in enumerate(BASE)]
    for name, (quantity, price) in minuses.items():
        yield variant(f"numbers_{name}", _numbers(quantity, price), records, may_stop=True)


def undecided() -> Iterator[Variant]:
    """Columns that can be read in two ways, or that disagree."""
    # 6.000 is six with three decimals or six thousand: nothing is read then, and so nothing accepted
    small = [replace(line, quantity=line.quantity % 20 + 1) for line in BASE]
    nothing = {"names": "extract.csv", "may_stop_late": True}
    yield stops("quantities_with_three_decimals", _numbers(lambda value: f"{value}.000", lines=small), **nothing)  # fmt: skip
    thousands = [replace(line, quantity=line.quantity * 1000) for line in BASE if abs(line.quantity) < 1000]  # fmt: skip
    yield stops("quantities_in_thousands_with_points", _numbers(_grouped("."), lines=thousands), **nothing)  # fmt: skip
    # 1200.000 has three decimals, so that 6.000 may be known to be six
    yield either("quantities_with_three_decimals_and_some_of_four_digits", _numbers(lambda value: f"{value}.000"), may(BASE), may_stop_late=True)  # fmt: skip
    doubtful = [BROKEN if abs(line.quantity) >= 1000 else Record((line,)) for line in BASE]
    yield either("quantities_with_some_thousands_points", _numbers(_grouped(".")), doubtful)
    some = [replace(line, unit_price=Decimal(1000 if n % 9 == 0 else 7)) for n, line in enumerate(BASE)]  # fmt: skip
    yield stops("whole_prices_and_some_of_a_thousand_with_points", _numbers(str, _grouped("."), some), names="extract.csv")  # fmt: skip
    yield either("quantities_with_some_thousands_points_set_by_var", _numbers(_grouped("."), _comma), settings={"extract_decimal_signs": {RAW: "comma"}})  # fmt: skip
    yield variant("decimal_commas_set_by_var", _numbers(str, _comma), settings={"extract_decimal_signs": {RAW: "comma"}})  # fmt: skip
    yield variant("decimal_points_set_by_var", _numbers(_grouped(","), _grouped(",")), settings={"extract_decimal_signs": {RAW: "point"}})  # fmt: skip
    yield stops("a_decimal_sign_nobody_knows_by_var", _numbers(), settings={"extract_decimal_signs": {RAW: "!"}}, names="!")  # fmt: skip
    half = table()
    for row in half[120:]:
        row[PRICE] = row[PRICE].replace(".", ",")
    yield either("decimal_points_and_then_commas", text(half, ";"), may(BASE), may_stop_late=True)
    both = table()
    for number, row in enumerate(both[1:]):
        row[PRICE] = (_grouped(",") if number % 2 else _grouped(".", ","))(BASE[number].unit_price)
    yield either("thousands_commas_and_thousands_points", text(both, ";"), may(BASE), may_stop_late=True)  # fmt: skip
    currencies = table()
    for number, row in enumerate(currencies[1:]):
        row[PRICE] = f"{'€' if number % 4 == 0 else '£'}{row[PRICE]}".replace("£-", "-£").replace("€-", "-€")  # fmt: skip
    # euros and pounds do not add up
    yield either("two_currencies", text(currencies), [BROKEN if n % 4 == 0 else Record((line,), True) for n, line in enumerate(BASE)], may_stop_late=True)  # fmt: skip
    one_currency = _one(PRICE, f"${BASE[FEW].unit_price}")
    yield either("one_price_with_a_currency_among_bare_ones", one_currency, changed(must(BASE), {FEW: Record((BASE[FEW],), True)}))  # fmt: skip


def single_values() -> Iterator[Variant]:
    """Single values among good ones that are no numbers, or not the numbers that they seem to be."""
    words = [
        "six", "nan", "NaN", "inf", "-Infinity", "NULL", "null", "None", "N/A", "-", "0x10", "50%", "1/2", "true", "--6", "1.2.3", "1 2", "12/1/2023", "#REF!", "9" * 30, "1e400", "1e300",
        "-1e300", "6 or 7", "\\N", "£", "(", "()", ".", "'", "two 2", "2e", "1e", "²", "½", "6;",
    ]  # fmt: skip
    yield _several("quantities_that_are_no_numbers", QUANTITY, ["", *words, "0b11", "6..5", "l2", "6-8", "e5", "1_0_"])  # fmt: skip
    yield _several("prices_that_are_no_numbers", PRICE, ["", *words])
    yield _several("quantities_that_are_no_quantities", QUANTITY, ["2.5", "5012345678900", "2147483648", "-99999999999", "1e-7", "0.5", "6.01", "2.55", "1e12"])  # fmt: skip
    for name, value in {"half_thousands": "1,20", "two_groups_of_two": "12,34,5"}.items():
        yield either(f"a_quantity_of_{name}", _one(QUANTITY, value), changed(must(BASE), {FEW: BROKEN}))  # fmt: skip
    comma = replace(BASE[FEW], unit_price=Decimal("2.55"))
    for name, value in {"decimal_comma": "2,55", "decimal_comma_and_sign": "2,55 €"}.items():
        yield either(f"a_price_{name}_among_points", _one(PRICE, value), changed(must(BASE), {FEW: Record((comma,), True)}))  # fmt: skip
    odd = {
        ".5": "0.5", "5.": "5", "+2.55": "2.55", "-0.00": "0.00", "2.5500000000000003": "2.55", "2.5499999999999998": "2.55", "2.55E0": "2.55", "0002.55": "2.55", "2.550000": "2.55", "2.5e-1": "0.25",
    }  # fmt: skip
    rows = table()
    records = list(must(BASE))
    for number, (value, read) in enumerate(odd.items()):
        rows[number * 7 + 4][PRICE] = value
        records[number * 7 + 3] = Record((replace(BASE[number * 7 + 3], unit_price=Decimal(read)),), True)  # fmt: skip
    yield variant("prices_in_odd_notations", text(rows), records)
    rows = table()
    rows[FEW + 1][QUANTITY], rows[FEW + 1][PRICE] = "1000000", "99999999999.99"
    yield variant("money_that_overflows", text(rows), changed(must(BASE), {FEW: BROKEN}))
    rows = table()
    rows[FEW + 1][QUANTITY], rows[FEW + 1][PRICE] = "5012345678900", "5012345678900.00"
    yield variant("barcodes_for_both_numbers", text(rows), changed(must(BASE), {FEW: BROKEN}))
    big = [replace(line, quantity=9, unit_price=Decimal("9999999999999.00")) if n in (3, 4, 5, 6) else line for n, line in enumerate(BASE)]  # fmt: skip
    yield either("an_order_whose_sum_overflows", csv_of(big), [Record((line,), n in (3, 4, 5, 6)) for n, line in enumerate(big)], may_stop_late=True)  # fmt: skip


def numbers() -> Iterator[Variant]:
    """Everything about numbers."""
    yield from styles()
    yield from undecided()
    yield from single_values()
