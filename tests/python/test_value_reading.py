"""Numbers and dates in every accepted notation are read back exactly; what is none is null.

The SQL under test is the staging view that a build has made: values are put into its raw table, and
come out of the view.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from variants.base import BASE, DATE, PRICE, QUANTITY, RAW, table, text

from warehouse import build

pytestmark = pytest.mark.dbt
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]  # fmt: skip
quickly = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip

SIGNS = {"point": ".", "comma": ","}
DATE_ORDERS = ("iso", "iso_with_offset", "month_name", "month_first", "day_first", "year_first", "spreadsheet_day")  # fmt: skip
Reader = Callable[[str, str, str, Sequence[str]], list[Any]]


def _grouped(value: Decimal | int, group: str, sign: str) -> str:
    return f"{value:,}".replace(",", "\0").replace(".", SIGNS[sign]).replace("\0", group)


def written_numbers(value: Decimal | int, sign: str) -> list[str]:
    """A number in the notations that are accepted beside a decimal sign."""
    plain = f"{value:f}".replace(".", SIGNS[sign]) if isinstance(value, Decimal) else str(value)
    group = "," if sign == "point" else "."
    spaced = [_grouped(value, space, sign) for space in (" ", "\u00a0", "\u202f")]
    return [plain, f" {plain} ", f"\u00a0{plain}", _grouped(value, group, sign), *spaced, plain.replace("-", "\u2212")]  # fmt: skip


def written_amounts(value: Decimal, sign: str) -> list[str]:
    """An amount in the notations that are accepted, with and without a currency."""
    bare = written_numbers(value, sign)
    priced = [bare[0], bare[3]]
    return [*bare, *(f"£{text}".replace("£-", "-£") for text in priced), *(f"{text}{space}£" for text in priced for space in ("", " ", "\u00a0"))]  # fmt: skip


def written_moments(at: datetime, date_order: str) -> list[str]:
    """A moment in the notations that are accepted in a date order."""
    times = [f"{at:%H:%M}", f"{at:%H:%M:%S}"]
    twelve = f"{at.hour % 12 or 12}:{at.minute:02}"
    times_of_twelve = [f"{twelve} {at:%p}", f"{twelve}:00 {at:%p}"]
    match date_order:
        case "iso":
            days = [f"{at:%Y-%m-%d}", f"{at:%Y/%m/%d}", f"{at.year}.{at.month}.{at.day}"]
            return [f"{at:%Y-%m-%dT%H:%M:%S}", f"{at:%Y%m%d%H%M%S}", f"{at:%Y-%m-%d %H:%M:%S}.000", f" {at:%Y-%m-%d %H:%M} ", *(f"{day} {time}" for day in days for time in times + times_of_twelve)]  # fmt: skip
        case "iso_with_offset":
            return [f"{at:%Y-%m-%d %H:%M:%S}{zone}" for zone in ("Z", " UTC", "+00:00", "+00", "-0000")] + [f"{at:%Y-%m-%dT%H:%M:%S}.000Z"]  # fmt: skip
        case "month_name":
            month, full = MONTHS[at.month - 1][:3], MONTHS[at.month - 1]
            days = [f"{at.day} {month} {at.year}", f"{at.day:02}-{month.upper()}-{at.year}", f"{full} {at.day}, {at.year}", f"{at.day}-{month}-{at:%y}"]  # fmt: skip
        case "spreadsheet_day":
            return [f"{(at - datetime(1899, 12, 30)) / timedelta(days=1):.{places}f}" for places in (6, 10)]  # fmt: skip
        case _:
            form = {"month_first": "%m/%d/{}", "day_first": "%d/%m/{}", "year_first": "{}/%m/%d"}[date_order]  # fmt: skip
            # with all its digits a year in front is ISO
            years = ["%y"] if date_order == "year_first" else ["%Y", "%y"]
            days = [
                f"{at:{form.format(year)}}".replace("/", mark) for year in years for mark in "/-."
            ]
            days.append(days[0].replace("/0", "/").removeprefix("0"))
    return [f"{day} {time}" for day in days for time in times + times_of_twelve]


@pytest.fixture(scope="module")
def read_values(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read texts as a staging column of an extract in which every notation of a style occurs."""
    opened: dict[tuple[str, str], duckdb.DuckDBPyConnection] = {}

    def open_warehouse(date_order: str, sign: str) -> duckdb.DuckDBPyConnection:
        folder = tmp_path_factory.mktemp("values")
        rows = table(BASE)
        for number, (row, line) in enumerate(zip(rows[1:], BASE, strict=True)):
            for column, texts in (
                (QUANTITY, written_numbers(line.quantity, sign)), (PRICE, written_amounts(line.unit_price, sign)), (DATE, written_moments(line.ordered_at, date_order)),
            ):  # fmt: skip
                row[column] = texts[number % len(texts)]
        (folder / "extract.csv").write_text(text(rows, ";"))
        variables = {
            "shops": {"online_retail": "order_lines"},
            RAW: str(folder / "extract.csv"),
            "extract_date_orders": {RAW: date_order},
            "extract_decimal_signs": {RAW: sign},
        }
        warehouse = build(folder / "built/warehouse.duckdb", variables, "--select", "stg_online_retail__order_lines", threads=1)  # fmt: skip
        return duckdb.connect(str(warehouse))

    def read(column: str, date_order: str, sign: str, values: Sequence[str]) -> list[Any]:
        style = (date_order, sign)
        if style not in opened:
            opened[style] = open_warehouse(*style)
        connection = opened[style]
        connection.execute(f"delete from raw.{RAW}")
        connection.executemany(
            f"insert into raw.{RAW} (order_id, {column}) values (?, ?)",
            [(str(number), value) for number, value in enumerate(values)],
        )
        found = connection.sql(
            f"select {column} from staging.stg_online_retail__order_lines order by cast(order_id as integer)"
        ).fetchall()
        return [value for (value,) in found]

    yield read
    for connection in opened.values():
        connection.close()


whole_numbers = st.one_of(st.integers(-(2**31) + 1, 2**31 - 1), st.integers(-9999, 9999))
prices = st.decimals(Decimal("-99999999999.9999"), Decimal("99999999999.9999"), places=4) | st.decimals(-9999, 9999, places=2)  # fmt: skip
moments = st.datetimes(datetime(1990, 1, 2), datetime(2025, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))  # fmt: skip


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(value=whole_numbers)
@example(value=1000)
@example(value=-1000000)
def test_whole_numbers_are_read_back(read_values: Reader, decimal_sign: str, value: int) -> None:
    texts = [*written_numbers(value, decimal_sign), *(f"{value}{SIGNS[decimal_sign]}{zeros}" for zeros in ("0", "00"))]  # fmt: skip
    read = read_values("quantity", "month_first", decimal_sign, texts)
    assert dict(zip(texts, read, strict=True)) == dict.fromkeys(texts, value)


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(value=prices)
@example(value=Decimal("0.00"))
@example(value=Decimal("-0.01"))
@example(value=Decimal("1234567.89"))
def test_prices_are_read_back(read_values: Reader, decimal_sign: str, value: Decimal) -> None:
    texts = written_amounts(value, decimal_sign)
    read = read_values("unit_price", "month_first", decimal_sign, texts)
    assert dict(zip(texts, read, strict=True)) == dict.fromkeys(texts, value)


no_numbers = st.one_of(
    st.text(st.characters(exclude_categories=["Nd", "Nl", "No", "Cs"], exclude_characters="\0")),
    st.from_regex(r"\A[0-9]{1,4}[g-zG-Z/:;_#%][0-9]{1,4}\Z"),
    st.from_regex(r"\A[0-9]+(\.[0-9]*\.|,[0-9]*,)[0-9]{0,2}\Z"),
    st.from_regex(r"\A[0-9]{1,3} [0-9]{1,2}\Z"),
    st.from_regex(r"\A(--|\+-|-\+|\+\+)[0-9]+\Z"),
    st.from_regex(r"\A0[xXbB][0-9]+\Z"),
)


@pytest.mark.parametrize("decimal_sign", SIGNS)
@pytest.mark.parametrize("column", ["quantity", "unit_price"])
@quickly
@given(text=no_numbers)
@example(text="nan")
@example(text="Infinity")
@example(text="true")
@example(text="1_000")
@example(text="1e400")
@example(text="")
def test_what_is_no_number_is_null(read_values: Reader, column: str, decimal_sign: str, text: str) -> None:  # fmt: skip
    assert read_values(column, "month_first", decimal_sign, [text]) == [None]


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(value=st.decimals(0, 999, places=2).filter(lambda value: value % 1 != 0))
def test_the_other_decimal_sign_is_no_thousands_mark(read_values: Reader, decimal_sign: str, value: Decimal) -> None:  # fmt: skip
    other = "," if decimal_sign == "point" else "."
    texts = [str(value).replace(".", other)]
    assert read_values("unit_price", "month_first", decimal_sign, texts) == [None]


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(text=st.text("0123456789.,-+ '\u00a0", max_size=12))
def test_no_digit_is_lost(read_values: Reader, decimal_sign: str, text: str) -> None:
    (read,) = read_values("unit_price", "month_first", decimal_sign, [text])
    if read is not None:
        digits = "".join(sign for sign in text if sign.isdigit())
        # beyond the four decimals that money has, digits are rounded away
        places = sum(map(str.isdigit, text.rpartition(SIGNS[decimal_sign])[2])) if SIGNS[decimal_sign] in text else 0  # fmt: skip
        assert places > 4 or abs(read) == Decimal(digits).scaleb(-places)


@pytest.mark.parametrize("date_order", DATE_ORDERS)
@quickly
@given(at=moments)
@example(at=datetime(2024, 2, 29))
@example(at=datetime(2023, 1, 1, 12, 30))
@example(at=datetime(2023, 12, 31, 0, 5))
def test_moments_are_read_back(read_values: Reader, date_order: str, at: datetime) -> None:
    texts = written_moments(at, date_order)
    read = read_values("ordered_at", date_order, "point", texts)
    assert dict(zip(texts, read, strict=True)) == dict.fromkeys(texts, at)


@pytest.mark.parametrize("date_order", DATE_ORDERS)
@quickly
@given(at=moments)
def test_days_are_read_back(read_values: Reader, date_order: str, at: datetime) -> None:
    month = MONTHS[at.month - 1][:3]
    day = {
        "iso": f"{at:%Y-%m-%d}", "iso_with_offset": f"{at:%Y-%m-%d}T00:00Z", "month_name": f"{at.day} {month} {at.year}", "month_first": f"{at:%m/%d/%Y}", "day_first": f"{at:%d/%m/%Y}",
        "year_first": f"{at:%y/%m/%d}", "spreadsheet_day": str((at - datetime(1899, 12, 30)).days),
    }[date_order]  # fmt: skip
    midnight = at.replace(hour=0, minute=0)
    assert read_values("ordered_at", date_order, "point", [day]) == [midnight]


@pytest.mark.parametrize("date_order", ["iso", "month_first", "day_first"])
@quickly
@given(
    year=st.integers(2000, 2025), month=st.integers(0, 19), day=st.integers(0, 39), hour=st.integers(0, 30), minute=st.integers(0, 70),
)  # fmt: skip
def test_moments_that_are_none_are_null(read_values: Reader, date_order: str, year: int, month: int, day: int, hour: int, minute: int) -> None:  # fmt: skip
    time = f"{hour:02}:{minute:02}"
    text = {
        "iso": f"{year}-{month:02}-{day:02} {time}", "month_first": f"{month}/{day}/{year} {time}", "day_first": f"{day}/{month}/{year} {time}",
    }[date_order]  # fmt: skip
    try:
        expected = datetime(year, month, day, hour, minute)
    except ValueError:
        expected = None
    (read,) = read_values("ordered_at", date_order, "point", [text])
    # some engines read 24:00 as the next midnight, which is right as well
    assert read == expected or (expected is None and (hour, minute) == (24, 0))
