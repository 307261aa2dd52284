"""Numbers and dates in every accepted notation are read back exactly; what is none is null.

The SQL under test is the staging view that a build has made: values are put into its raw table, and
come out of the view.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from variants.base import BASE, RAW, day_first, iso, month_first, table, text

from warehouse import build

pytestmark = pytest.mark.dbt
quickly = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip

DATE_ORDERS = {"iso": iso, "month_first": month_first, "day_first": day_first}
Reader = Callable[[str, str, str, Sequence[str]], list[Any]]


@pytest.fixture(scope="module")
def read_values(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read texts as a staging column of an extract of a date order and a decimal sign."""
    opened: dict[tuple[str, str], duckdb.DuckDBPyConnection] = {}

    def open_warehouse(date_order: str, decimal_sign: str) -> duckdb.DuckDBPyConnection:
        folder = tmp_path_factory.mktemp("values")
        rows = table(BASE, date=DATE_ORDERS[date_order], price=lambda price: str(price).replace(".", decimal_sign))  # fmt: skip
        (folder / "extract.csv").write_text(text(rows, ";"))
        variables = {
            "shops": {"online_retail": "order_lines"},
            RAW: str(folder / "extract.csv"),
            "extract_date_orders": {RAW: date_order},
            "extract_decimal_signs": {RAW: decimal_sign},
        }
        warehouse = build(folder / "built/warehouse.duckdb", variables, "--select", "stg_online_retail__order_lines", threads=1)  # fmt: skip
        return duckdb.connect(str(warehouse))

    def read(column: str, date_order: str, decimal_sign: str, values: Sequence[str]) -> list[Any]:
        style = (date_order, decimal_sign)
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
SIGNS = ".,"


def _grouped(value: Decimal | int, group: str, decimal_sign: str) -> str:
    return f"{value:,}".replace(",", "\0").replace(".", decimal_sign).replace("\0", group)


def written_numbers(value: Decimal | int, decimal_sign: str) -> list[str]:
    """A number in every notation that is accepted beside a decimal sign."""
    plain = f"{value:f}".replace(".", decimal_sign) if isinstance(value, Decimal) else str(value)
    thousands = _grouped(value, "," if decimal_sign == "." else ".", decimal_sign)
    spaced = [_grouped(value, space, decimal_sign) for space in (" ", "\u00a0", "\u202f")]
    money = [f"£{plain}".replace("£-", "-£"), f"{plain} €", f"{plain}\u00a0€", f"${thousands}".replace("$-", "-$")]  # fmt: skip
    return [plain, f" {plain} ", f"\u00a0{plain}", thousands, *spaced, *money]


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(value=whole_numbers)
@example(value=1000)
@example(value=-1000000)
def test_whole_numbers_are_read_back(read_values: Reader, decimal_sign: str, value: int) -> None:
    # 1.000 with a decimal point would be one: quantities come with the thousands mark of their extract
    texts = [*written_numbers(value, decimal_sign), f"{value}{decimal_sign}0", f"{value}{decimal_sign}00"]  # fmt: skip
    read = read_values("quantity", "month_first", decimal_sign, texts)
    assert dict(zip(texts, read, strict=True)) == dict.fromkeys(texts, value)


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(value=prices)
@example(value=Decimal("0.00"))
@example(value=Decimal("-0.01"))
@example(value=Decimal("1234567.89"))
def test_prices_are_read_back(read_values: Reader, decimal_sign: str, value: Decimal) -> None:
    texts = written_numbers(value, decimal_sign)
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
    other = SIGNS.replace(decimal_sign, "")
    (read,) = read_values("unit_price", "month_first", decimal_sign, [str(value).replace(".", other)])  # fmt: skip
    assert read is None or read == value


@pytest.mark.parametrize("decimal_sign", SIGNS)
@quickly
@given(text=st.text("0123456789.,-+ '\u00a0", max_size=12))
def test_no_digit_is_lost(read_values: Reader, decimal_sign: str, text: str) -> None:
    (read,) = read_values("unit_price", "month_first", decimal_sign, [text])
    if read is not None:
        digits = "".join(sign for sign in text if sign.isdigit())
        # beyond the four decimals that money has, digits are rounded away
        places = len(text) - 1 - text.rfind(decimal_sign) if decimal_sign in text else 0
        if places <= 4:
            assert abs(read) == Decimal(digits) / 10 ** sum(sign.isdigit() for sign in text[len(text) - places :] if places)  # fmt: skip


def written_moments(at: datetime, date_order: str) -> list[str]:
    """A moment in every notation that is accepted in a date order."""
    if date_order == "iso":
        day = f"{at:%Y-%m-%d}"
        return [f"{day} {at:%H:%M}", f"{day} {at:%H:%M:%S}", f"{day}T{at:%H:%M:%S}", f"{day} {at:%H:%M:%S}.000", f"{day}T{at:%H:%M:%S}Z", f"{day} {at:%H:%M:%S}+00:00"]  # fmt: skip
    twelve = f"{at.hour % 12 or 12}:{at.minute:02}"
    texts = []
    for mark in "/-.":
        parts = ["%m", "%d"] if date_order == "month_first" else ["%d", "%m"]
        day = mark.join(f"{at:{part}}" for part in parts)
        bare = mark.join(f"{at:{part}}".lstrip("0") for part in parts)
        for date in (f"{day}{mark}{at.year}", f"{bare}{mark}{at.year}", f"{day}{mark}{at:%y}"):
            texts += [f"{date} {at:%H:%M}", f"{date} {at:%H:%M:%S}", f"{date} {twelve} {at:%p}", f"{date} {twelve}:00 {at:%p}", f" {date} {at:%H:%M} "]  # fmt: skip
    return texts


@pytest.mark.parametrize("date_order", DATE_ORDERS)
@quickly
@given(at=moments)
@example(at=datetime(2024, 2, 29))
@example(at=datetime(2023, 1, 1, 12, 30))
@example(at=datetime(2023, 12, 31, 0, 5))
def test_moments_are_read_back(read_values: Reader, date_order: str, at: datetime) -> None:
    texts = written_moments(at, date_order)
    read = read_values("ordered_at", date_order, ".", texts)
    assert dict(zip(texts, read, strict=True)) == dict.fromkeys(texts, at)


@pytest.mark.parametrize("date_order", DATE_ORDERS)
@quickly
@given(at=moments)
def test_days_are_read_back(read_values: Reader, date_order: str, at: datetime) -> None:
    midnight = at.replace(hour=0, minute=0)
    text = {"iso": f"{at:%Y-%m-%d}", "month_first": f"{at:%m/%d/%Y}", "day_first": f"{at:%d/%m/%Y}"}
    assert read_values("ordered_at", date_order, ".", [text[date_order]]) == [midnight]


@pytest.mark.parametrize("date_order", DATE_ORDERS)
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
    (read,) = read_values("ordered_at", date_order, ".", [text])
    # some engines read 24:00 as the next midnight, which is right as well
    assert read == expected or (expected is None and (hour, minute) == (24, 0))
