"""Variants of how dates are written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from variants.base import (
    BASE,
    BROKEN,
    DATE,
    RAW,
    SHORT,
    Line,
    Record,
    Variant,
    changed,
    csv_of,
    day_first,
    either,
    iso,
    may,
    month_first,
    must,
    stops,
    table,
    text,
    variant,
)  # fmt: skip

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FULL = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = tuple(replace(line, ordered_at=line.ordered_at.replace(hour=0, minute=0)) for line in BASE)
"""The extract with days only."""
FEW = 100
"""The record that is damaged where only one is."""


def _dated(date: Callable[[datetime], str], lines: Sequence[Line] = BASE) -> str:
    return csv_of(lines, date=date)


def _twelve_hours(at: datetime, half: str = "upper") -> str:
    mark = f"{at:%p}" if half == "upper" else f"{at:%p}".lower()
    return f"{at.hour % 12 or 12}:{at.minute:02}:{at.second:02} {mark}"


def _serial(at: datetime) -> float:
    return (at - datetime(1899, 12, 30)) / timedelta(days=1)


def _one(value: str, lines: Sequence[Line] = BASE, date: Callable[[datetime], str] = month_first, order: int = FEW) -> str:  # fmt: skip
    rows = table(lines, date=date)
    rows[order + 1][DATE] = value
    return text(rows)


def styles() -> Iterator[Variant]:
    """All dates in one style."""
    moments: dict[str, Callable[[datetime], str]] = {
        "iso": iso,
        "iso_with_t": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}",
        "iso_with_nine_fractions": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000000000",
        "iso_with_z": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z",
        "month_first": month_first,
        "month_first_two_digit_years": lambda at: f"{at:%m/%d/%y %H:%M}",
        "month_first_twelve_hours": lambda at: f"{at:%m/%d/%Y} {_twelve_hours(at)}",
        "day_first": day_first,
        "day_first_with_points": lambda at: f"{at:%d.%m.%Y %H:%M}",
        "month_names": lambda at: f"{at.day:02}-{MONTHS[at.month - 1]}-{at.year} {at:%H:%M}",
        "excel_serials": lambda at: f"{_serial(at):.10f}",
    }  # fmt: skip
    for name, date in moments.items():
        yield variant(f"dates_{name}", _dated(date))
    days: dict[str, Callable[[datetime], str]] = {
        "iso": lambda at: f"{at:%Y-%m-%d}",
        "digits": lambda at: f"{at:%Y%m%d}",
        "month_names_first": lambda at: f"{MONTHS[at.month - 1]} {at.day}, {at.year}",
        "excel_serials": lambda at: f"{_serial(at):.0f}",
    }  # fmt: skip
    for name, date in days.items():
        yield variant(f"days_{name}", _dated(date, DAYS), must(DAYS))
    rare: dict[str, Callable[[datetime], str]] = {
        "digits_with_a_time": lambda at: f"{at:%Y%m%d %H:%M:%S}",
        "fourteen_digits": lambda at: f"{at:%Y%m%d%H%M%S}",
        "iso_with_slashes": lambda at: f"{at:%Y/%m/%d %H:%M}",
        "iso_with_zone_name": lambda at: f"{iso(at)} UTC",
        "iso_without_leading_zeros": lambda at: f"{at.year}-{at.month}-{at.day} {at.hour}:{at.minute:02}",
        "year_first_two_digits": lambda at: f"{at:%y/%m/%d %H:%M}",
        "year_first_two_digits_with_dashes": lambda at: f"{at:%y-%m-%d %H:%M:%S}",
        "year_first_day_before_month": lambda at: f"{at:%Y-%d-%m %H:%M:%S}",
        "mail_headers": lambda at: f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} GMT",
        "german_month_names": lambda at: f"{at.day}. {['Jan', 'Feb', 'Mär', 'Apr', 'Mai', 'Jun', 'Jul', 'Aug', 'Sep', 'Okt', 'Nov', 'Dez'][at.month - 1]} {at.year} {at:%H:%M}",
        "epoch_seconds": lambda at: f"{(at - datetime(1970, 1, 1)).total_seconds():.0f}",
        "epoch_milliseconds": lambda at: f"{(at - datetime(1970, 1, 1)).total_seconds() * 1000:.0f}",
        "twelve_hours_without_space": lambda at: f"{at:%m/%d/%Y} {_twelve_hours(at).replace(' ', '')}",
        "twelve_hours_with_a_narrow_space": lambda at: f"{at:%m/%d/%Y} {_twelve_hours(at)}".replace(" AM", "\u202fAM").replace(" PM", "\u202fPM"),
        "hours_with_an_h": lambda at: f"{at:%d/%m/%Y} {at.hour}h{at:%M}",
        "a_comma_before_the_time": lambda at: f"{at:%m/%d/%Y, %H:%M:%S}",
        "excel_serials_with_commas": lambda at: f"{_serial(at):.10f}".replace(".", ","),
    }  # fmt: skip
    for name, date in rare.items():
        yield either(f"dates_{name}", _dated(date), may(BASE), may_stop_late=True)
    hour = timedelta(hours=1)
    for name, offset, suffix in (("plus_1", hour, "+01:00"), ("minus_5", -5 * hour, "-0500"), ("plus_2_short", 2 * hour, "+02")):  # fmt: skip
        rows = table(date=iso)
        for row in rows[1:]:
            row[DATE] += suffix
        # the time of the clock, or of UTC
        either_way = [Record((line, replace(line, ordered_at=line.ordered_at - offset)), True) for line in BASE]  # fmt: skip
        yield either(f"dates_iso_with_offset_{name}", text(rows), either_way, may_stop_late=True)
    summer = [hour * (2 if 4 <= line.ordered_at.month <= 10 else 1) for line in BASE]
    rows = table(date=iso)
    for row, offset in zip(rows[1:], summer, strict=True):
        row[DATE] += f"+0{offset // hour}:00"
    yield either("dates_iso_with_two_offsets", text(rows), [Record((line, replace(line, ordered_at=line.ordered_at - offset)), True) for line, offset in zip(BASE, summer, strict=True)], may_stop_late=True)  # fmt: skip


def orders() -> Iterator[Variant]:
    """Day and month in an order that can be told, that cannot, or that changes."""
    yield stops("days_up_to_12", _dated(month_first, SHORT), names="extract.csv")
    yield stops("days_up_to_12_with_points", _dated(lambda at: f"{at:%d.%m.%y %H:%M}", SHORT), names="extract.csv")  # fmt: skip
    for name, date in (("month_first", month_first), ("day_first", day_first)):
        setting = {"extract_date_orders": {RAW: name}}
        yield variant(
            f"days_up_to_12_set_{name}", _dated(date, SHORT), must(SHORT), settings=setting
        )
        yield variant(f"{name}_set_{name}", _dated(date), settings=setting)
    yield variant("days_up_to_12_in_iso", _dated(iso, SHORT), must(SHORT))
    equal = [replace(line, ordered_at=line.ordered_at.replace(day=line.ordered_at.month)) for line in BASE]  # fmt: skip
    yield either("days_that_equal_their_months", _dated(month_first, equal), must(equal))
    yield stops("month_first_set_day_first", _dated(month_first), settings={"extract_date_orders": {RAW: "day_first"}}, may_stop_late=True)  # fmt: skip
    half = table()
    for number, row in enumerate(half[120:], 119):
        row[DATE] = day_first(BASE[number].ordered_at)
    yield stops("month_first_and_then_day_first", text(half), names="extract.csv")
    turns = table()
    for number, row in enumerate(turns[1:]):
        row[DATE] = (iso if number % 2 else month_first)(BASE[number].ordered_at)
    yield either("iso_and_month_first_in_turns", text(turns), may(BASE), may_stop_late=True)
    few = {n for n, line in enumerate(BASE) if line.order_id == BASE[FEW].order_id}
    late = next(n for n, line in enumerate(BASE) if line.ordered_at.day > 12 and n > 40)
    other = {n for n, line in enumerate(BASE) if line.order_id == BASE[late].order_id}
    rows = table()
    for number in other:
        rows[number + 1][DATE] = day_first(BASE[number].ordered_at)
    yield either("one_order_day_first_among_month_first", text(rows), [Record((line,), n in other) for n, line in enumerate(BASE)])  # fmt: skip
    rows = table()
    for number in few:
        rows[number + 1][DATE] = iso(BASE[number].ordered_at)
    yield either("one_order_iso_among_month_first", text(rows), [Record((line,), n in few) for n, line in enumerate(BASE)])  # fmt: skip
    files = {"a.csv": _dated(month_first, BASE[:120]).encode(), "b.csv": _dated(day_first, BASE[120:]).encode()}  # fmt: skip
    yield either("files_in_two_date_orders", files, may(BASE), location="*.csv", may_stop_late=True)
    files = {"a.csv": _dated(month_first, BASE[:120]).encode(), "b.csv": _dated(iso, BASE[120:]).encode()}  # fmt: skip
    yield either("files_in_iso_and_month_first", files, may(BASE), location="*.csv", may_stop_late=True)  # fmt: skip
    mixed = table(date=iso)
    for number, row in enumerate(mixed[1:]):
        row[DATE] = row[DATE].replace(" ", "T") if number % 2 else row[DATE]
    yield variant("iso_with_and_without_t", text(mixed))
    years = table()
    for number, row in enumerate(years[1:]):
        row[DATE] = row[DATE].replace("/2023 ", "/23 ") if number % 2 else row[DATE]
    yield variant("two_and_four_digit_years_in_turns", text(years), may(BASE), may_stop=True)
    serials = table()
    for number, row in enumerate(serials[1:]):
        if BASE[number].ordered_at.day <= 12:
            row[DATE] = f"{_serial(BASE[number].ordered_at.replace(month=BASE[number].ordered_at.day, day=BASE[number].ordered_at.month)):.10f}"  # fmt: skip
    # what a spreadsheet makes of dates month first when it expects day first
    yield either("month_first_mangled_by_a_spreadsheet", text(serials), [BROKEN if line.ordered_at.day <= 12 and line.ordered_at.day != line.ordered_at.month else Record((line,), True) for line in BASE], may_stop_late=True)  # fmt: skip


def _several(name: str, values: Sequence[str], date: Callable[[datetime], str]) -> Variant:
    """A variant in which every fifth line has a date that is none."""
    rows = table(date=date)
    for number, value in enumerate(values):
        rows[number * 5 + 1][DATE] = value
    broken = {number * 5: BROKEN for number in range(len(values))}
    return variant(name, text(rows), changed(must(BASE), broken))


def single_values() -> Iterator[Variant]:
    """Single dates among good ones that are none, or not ones on which a shop can have sold."""
    words = ["", "yesterday", "now", "today", "tomorrow", "epoch", "infinity", "-infinity", "0000-00-00 00:00:00", "NaT", "NULL", "-", "10:00", "1 2 3"]  # fmt: skip
    yield _several(
        "dates_that_are_none",
        [
            *words, "2/29/2023 10:00", "2/30/2023 10:00", "13/32/2023 10:00", "3/0/2023 10:00", "3/3/2023 25:00", "3/3/2023 10:61", "12/30/1899 0:00", "1/1/1900 0:00", "1/1/1970 0:00",
            "12/31/1989 23:59", "12/1/2091 8:26", "12/31/9999 0:00", "1/1/0001 0:00", "1/1/0023 10:00", "1/1/20231 10:00", "2023-01", "1/l/2023 10:00", "1/5/2023 10:00 or so", "1//2023 10:00",
        ],
        month_first,
    )  # fmt: skip
    yield _several(
        "iso_dates_that_are_none",
        [
            *words, "2023-02-29 10:00:00", "1899-12-30 00:00:00", "1900-01-01", "1989-12-31 23:59:59", "2091-12-01 08:26:00", "9999-12-31 00:00:00", "0023-01-05 10:00:00", "294246-01-05 10:00:00",
            "2023-01-05 (BC) 10:00:00", "2023-01-05 25:00:00", "2023-01-05 10:00:61", "2023-13-05 10:00:00", "2023-00-05", "23-01-05", "2023-01-05 10:00:00 Nowhere/Town",
        ],
        iso,
    )  # fmt: skip
    for name, value in {"a_year": "2023", "a_serial": "44931", "eight_digits": "20230105", "of_another_order": "31/1/2023 10:00"}.items():  # fmt: skip
        rows = table()
        rows[FEW + 1][DATE] = value
        read = {"a_serial": datetime(2023, 1, 4), "eight_digits": datetime(2023, 1, 5), "of_another_order": datetime(2023, 1, 31, 10)}  # fmt: skip
        meant = tuple(replace(BASE[FEW], ordered_at=read[name]) for _ in (1,) if name in read)
        yield either(f"a_date_of_{name}_among_month_first", text(rows), changed(must(BASE), {FEW: Record(meant, True)}), may_stop_late=True)  # fmt: skip
    ends = replace(BASE[FEW], ordered_at=datetime(2023, 5, 2))
    alone = [*BASE[:FEW], replace(ends, order_id="990001"), *BASE[FEW + 1 :]]
    yield variant("a_date_of_hour_24", _one("5/1/2023 24:00", alone), changed(must(alone), {FEW: Record((alone[FEW],), True)}))  # fmt: skip
    hundred = [replace(line, ordered_at=line.ordered_at.replace(year=2099)) if n in range(60, 70) else line for n, line in enumerate(BASE)]  # fmt: skip
    yield variant("ten_lines_of_2099", csv_of(hundred), [BROKEN if n in range(60, 70) else Record((line,)) for n, line in enumerate(BASE)])  # fmt: skip
    tomorrow = [replace(line, ordered_at=line.ordered_at.replace(year=2090)) for line in BASE]
    yield stops("all_lines_of_2090", csv_of(tomorrow), may_stop_late=True)


def dates() -> Iterator[Variant]:
    """Everything about dates."""
    yield from styles()
    yield from orders()
    yield from single_values()
