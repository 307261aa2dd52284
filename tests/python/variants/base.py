"""A small extract of which every line's meaning is known, and the words in which its variants are told.

A variant is the extract written in another way, or with something broken, and for each of its physical
records what the warehouse may make of it. A build of it either succeeds, with every record accounted
for, or stops with a sentence.
"""

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

RAW = "online_retail_order_lines"
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]  # fmt: skip
ORDER, PRODUCT, NAME, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY = range(8)
"""Where the published extract has its columns."""


@dataclass(frozen=True)
class Line:
    """What one line of an extract means."""

    order_id: str
    product_id: str
    product_name: str
    quantity: int
    ordered_at: datetime
    unit_price: Decimal
    customer_id: str | None
    country: str


@dataclass(frozen=True)
class Record:
    """What the warehouse may make of one physical record.

    ``readings`` are the lines that it may become; ``unreadable`` says whether it may be counted as
    unreadable instead; ``optional`` that it may also be no record at all (a blank line, for
    example); ``any_text`` that its name and country are not compared.
    """

    readings: tuple[Line, ...] = ()
    unreadable: bool = False
    optional: bool = False
    any_text: bool = False


@dataclass(frozen=True)
class Variant:
    """Files, the vars that a build needs for them, and what may come of it.

    ``location`` is relative to the folder of the files unless it is no text; ``files`` maps names to
    contents. ``may_build`` and ``may_stop`` say which of the two outcomes is right, and
    ``may_stop_late`` that a model may be what stops the build: its reason is only known then.
    ``names`` and ``line`` are what the sentence must name.
    """

    name: str
    files: dict[str, bytes]
    location: Any
    records: tuple[Record, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    may_build: bool = True
    may_stop: bool = False
    may_stop_late: bool = False
    names: str | None = None
    line: int | None = None
    prepare: Callable[[Path], None] | None = None


# ---- The extract -------------------------------------------------------------------------------

PRODUCTS = [
    ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "2.55"),
    ("71053", "WHITE METAL LANTERN", "3.39"),
    ("84406B", "CREAM CUPID HEARTS COAT HANGER", "2.75"),
    ("00123", "PLAIN CARD", "0.42"),
    ("22752", "SET 7 BABUSHKA NESTING BOXES", "7.65"),
    ("21730", "CAFÉ CRÈME CUP", "4.25"),
    ("22633", "HAND WARMER, UNION JACK", "1.85"),
    ("22632", "CHILD'S APRON", "3.00"),
    ("84879", 'SIGN "HOME SWEET HOME"', "1.69"),
    ("22745", "PÂTÉ DISH & KNIFE", "2.10"),
    ("22748", "ÄPFEL ÜBER ÖL", "8.95"),
    ("22310", "GARDEN BENCH", "1295.00"),
    ("47566", "PARTY BUNTING", "4.95"),
    ("21754", "HOME BUILDING BLOCK WORD", "5.95"),
    ("22960", "JAM MAKING SET WITH JARS", "12.75"),
    ("15056", "EDWARDIAN PARASOL", "49.99"),
]
COUNTRIES = ["United Kingdom", "France", "Germany", "EIRE"]


def _draw_extract() -> tuple[Line, ...]:
    """Draw about 260 lines: orders, returns, guests, services, samples, an adjustment, an overlap."""
    draw = random.Random(11)
    customers = [(str(number), draw.choice(COUNTRIES)) for number in draw.sample(range(12347, 18280), 30)]  # fmt: skip
    day = datetime(2023, 1, 3)
    lines: list[Line] = []
    for order in range(60):
        at = day + timedelta(
            days=order * 5.85, hours=draw.randrange(24), minutes=draw.randrange(60)
        )
        at = at.replace(hour=(0, 12)[order % 2] if order % 10 < 2 else at.hour, second=0, microsecond=0)  # fmt: skip
        order_id = str(536365 + order * 3)
        customer, country = customers[order % 30]
        customer_id = None if order % 10 == 7 else customer
        for product, name, price in draw.sample(PRODUCTS, draw.randint(2, 5)):
            quantity = (1200, 2400, 6000)[order % 3] if product == "00123" else draw.randint(1, 24)
            lines.append(Line(order_id, product, name, quantity, at, Decimal(price), customer_id, country))  # fmt: skip
        if order % 12 == 3:
            lines.append(Line(order_id, "POST", "POSTAGE", 1, at, Decimal("18.00"), customer_id, country))  # fmt: skip
        if order % 20 == 5:
            lines.append(Line(order_id, "22999", "", 3, at, Decimal("0.00"), customer_id, country))
        if order % 10 == 4:
            lines += [
                replace(line, order_id=f"C{int(order_id) + 1}", quantity=-line.quantity, ordered_at=at + timedelta(hours=1))
                for line in lines
                if line.order_id == order_id
            ][:2]  # fmt: skip
    adjusted_at = datetime(2023, 12, 21, 14, 5)
    lines.append(Line("A536600", "B", "ADJUST BAD DEBT", 1, adjusted_at, Decimal("-1062.06"), None, "United Kingdom"))  # fmt: skip
    overlap = [line for line in lines if line.order_id == "536425"]
    return (*lines, *overlap)


BASE = _draw_extract()
PLAIN = tuple(replace(line, product_name=line.product_name.encode("ascii", "ignore").decode().replace(",", "").replace('"', "")) for line in BASE)  # fmt: skip
"""The same with names that need neither quotes nor an encoding."""
SHORT = tuple(replace(line, ordered_at=line.ordered_at.replace(day=(line.ordered_at.day - 1) % 12 + 1)) for line in BASE)  # fmt: skip
"""The same with days up to 12 only, which can be read month first and day first."""


# ---- How lines are written ---------------------------------------------------------------------


def month_first(at: datetime) -> str:
    return f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02}"


def day_first(at: datetime) -> str:
    return f"{at.day:02}/{at.month:02}/{at.year} {at.hour:02}:{at.minute:02}"


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def cells(
    line: Line,
    date: Callable[[datetime], str] = month_first,
    quantity: Callable[[int], str] = str,
    price: Callable[[Decimal], str] = str,
    customer: Callable[[str | None], str] = lambda customer: customer or "",
    order: Callable[[str], str] = str,
) -> list[str]:
    return [
        order(line.order_id), line.product_id, line.product_name, quantity(line.quantity), date(line.ordered_at),
        price(line.unit_price), customer(line.customer_id), line.country,
    ]  # fmt: skip


def table(lines: Iterable[Line] = BASE, header: Sequence[str] = HEADER, **styles: Any) -> list[list[str]]:  # fmt: skip
    return [list(header), *(cells(line, **styles) for line in lines)]


def text(rows: Iterable[Sequence[str]], delimiter: str = ",", end: str = "\n", **dialect: Any) -> str:  # fmt: skip
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end, **dialect).writerows(rows)
    return written.getvalue()


def csv_of(lines: Iterable[Line] = BASE, **styles: Any) -> str:
    return text(table(lines, **styles))


# ---- What may come of them ---------------------------------------------------------------------


def must(lines: Iterable[Line]) -> tuple[Record, ...]:
    """Records that are to be read exactly."""
    return tuple(Record((line,)) for line in lines)


def may(lines: Iterable[Line]) -> tuple[Record, ...]:
    """Records that are to be read exactly or counted as unreadable."""
    return tuple(Record((line,), unreadable=True) for line in lines)


BROKEN = Record(unreadable=True)
EXTRA = Record(unreadable=True, optional=True)


def changed(records: Sequence[Record], changes: dict[int, Record]) -> tuple[Record, ...]:
    """Records of which some mean something else."""
    return tuple(changes.get(number, record) for number, record in enumerate(records))


def doubtful(lines: Sequence[Line], numbers: Iterable[int]) -> tuple[Record, ...]:
    """Records that are to be read exactly but for some, which may be unreadable or have another name."""
    chosen = set(numbers)
    return tuple(Record((line,), number in chosen, any_text=number in chosen) for number, line in enumerate(lines))  # fmt: skip


def variant(name: str, content: str | bytes | dict[str, bytes], records: Sequence[Record] = must(BASE), file: str = "extract.csv", **more: Any) -> Variant:  # fmt: skip
    """A variant that must be built; more says what else is right."""
    if isinstance(content, str):
        content = content.encode()
    files = {file: content} if isinstance(content, bytes) else content
    location = more.pop("location", file if file in files else "*")
    return Variant(name, files, location, tuple(records), **more)


def either(name: str, content: str | bytes | dict[str, bytes], records: Sequence[Record] = must(BASE), **more: Any) -> Variant:  # fmt: skip
    """A variant that may be built, if nothing is wrong then, or stopped."""
    return variant(name, content, records, may_stop=True, **more)


def stops(name: str, content: str | bytes | dict[str, bytes], **more: Any) -> Variant:
    """A variant that must be stopped before any model runs."""
    return variant(name, content, (), may_build=False, may_stop=True, **more)
