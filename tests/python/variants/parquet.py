"""Variants of Parquet files: types, and files that are broken."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from variants.base import (
    BASE,
    BROKEN,
    HEADER,
    RAW,
    Line,
    Record,
    Variant,
    changed,
    csv_of,
    either,
    iso,
    may,
    month_first,
    must,
    stops,
    table,
    variant,
)  # fmt: skip

FILE = {"file": "extract.parquet"}
CHICAGO = ZoneInfo("America/Chicago")


def _columns(lines: Sequence[Line] = BASE) -> dict[str, Any]:
    """Columns of the published extract, with the types that they should have."""
    return {
        "InvoiceNo": pa.array([line.order_id for line in lines], pa.string()),
        "StockCode": pa.array([line.product_id for line in lines], pa.string()),
        "Description": pa.array([line.product_name or None for line in lines], pa.string()),
        "Quantity": pa.array([line.quantity for line in lines], pa.int32()),
        "InvoiceDate": pa.array([line.ordered_at for line in lines], pa.timestamp("us")),
        "UnitPrice": pa.array([line.unit_price for line in lines], pa.decimal128(12, 2)),
        "CustomerID": pa.array([line.customer_id for line in lines], pa.string()),
        "Country": pa.array([line.country for line in lines], pa.string()),
    }


def _file(lines: Sequence[Line] = BASE, options: dict[str, Any] | None = None, **columns: Any) -> bytes:  # fmt: skip
    written = io.BytesIO()
    pq.write_table(pa.table(_columns(lines) | columns), written, **(options or {}))
    return written.getvalue()


def _of(column: str, kind: Any, lines: Sequence[Line] = BASE) -> Any:
    values = _columns(lines)[column]
    if pa.types.is_floating(kind):  # pyarrow's own cast misses the nearest number
        return pa.array([float(value) for value in values.to_pylist()], kind)
    return values.cast(kind)


def good_types() -> Iterator[Variant]:
    """Types that hold the values."""
    customers = [None if line.customer_id is None else int(line.customer_id) for line in BASE]
    moments = [line.ordered_at for line in BASE]
    utc = [moment.replace(tzinfo=UTC) for moment in moments]
    rows = table(date=iso)
    yield variant("parquet", _file(), **FILE)
    yield variant("parquet_of_texts", _file(**{name: pa.array([row[n] or None for row in rows[1:]]) for n, name in enumerate(HEADER)}), **FILE)  # fmt: skip
    yield variant("parquet_of_texts_month_first", _file(InvoiceDate=pa.array([month_first(moment) for moment in moments])), **FILE)  # fmt: skip
    for unit in ("s", "ns"):
        yield variant(f"parquet_timestamps_in_{unit}", _file(InvoiceDate=_of("InvoiceDate", pa.timestamp(unit))), **FILE)  # fmt: skip
    yield variant("parquet_timestamps_int96", _file(options={"use_deprecated_int96_timestamps": True}), **FILE)  # fmt: skip
    yield variant("parquet_timestamps_in_utc", _file(InvoiceDate=pa.array(utc, pa.timestamp("us", "UTC"))), **FILE)  # fmt: skip
    days = [replace(line, ordered_at=line.ordered_at.replace(hour=0, minute=0)) for line in BASE]
    yield variant("parquet_dates", _file(InvoiceDate=pa.array([moment.date() for moment in moments], pa.date32())), must(days), **FILE)  # fmt: skip
    nans = pa.array(
        [float("nan") if customer is None else float(customer) for customer in customers]
    )
    yield variant("parquet_customers_double_with_nan", _file(CustomerID=nans), **FILE)
    guests = [replace(line, customer_id=None) for line in BASE]
    yield variant("parquet_customers_null", _file(CustomerID=pa.nulls(len(BASE))), must(guests), **FILE)  # fmt: skip
    yield variant("parquet_customers_decimal", _file(CustomerID=pa.array([customer and Decimal(customer) for customer in customers], pa.decimal128(10, 0))), **FILE)  # fmt: skip
    for name, kind in {"double": pa.float64(), "text": pa.string(), "decimal": pa.decimal128(13, 3)}.items():  # fmt: skip
        yield variant(f"parquet_quantities_{name}", _file(Quantity=_of("Quantity", kind)), **FILE)
    for name, kind in {"double": pa.float64(), "float": pa.float32(), "text": pa.string(), "decimal": pa.decimal128(38, 10)}.items():  # fmt: skip
        yield variant(f"parquet_prices_{name}", _file(UnitPrice=_of("UnitPrice", kind)), may_stop=name == "float", **FILE)  # fmt: skip
    unusual = {
        "Description": _of("Description", pa.large_string()), "Country": _columns()["Country"].dictionary_encode(), "StockCode": _columns()["StockCode"].dictionary_encode(),
        "CustomerID": pa.array(customers, pa.int64()), "Till": pa.array([{"id": 1, "tags": ["a"]}] * len(BASE)), "Quantity": _of("Quantity", pa.int64()),
    }  # fmt: skip
    yield variant("parquet_unusual_in_many_ways", _file(options={"row_group_size": 7, "compression": "zstd"}, **unusual), file="EXTRACT.PARQUET")  # fmt: skip
    two = {"a.parquet": _file(BASE[:120]), "b.parquet": _file(BASE[120:], CustomerID=pa.array(customers[120:], pa.float64()), Quantity=_of("Quantity", pa.int64(), BASE[120:]))}  # fmt: skip
    yield variant("parquet_files_with_other_types", two, location="*.parquet", may_stop=True)
    two = {"a.parquet": _file(BASE[:120]), "b.parquet": _file(BASE[120:])}
    hive = {"year=1/a.parquet": two["a.parquet"], "year=2/b.parquet": two["b.parquet"]}
    yield variant("parquet_files_of_a_partition", hive, location="*/*.parquet")
    text = {**two, "b.parquet": _file(BASE[120:], InvoiceDate=pa.array([month_first(line.ordered_at) for line in BASE[120:]]))}  # fmt: skip
    yield either("parquet_files_with_dates_and_texts", text, may(BASE), location="*.parquet", may_stop_late=True)  # fmt: skip
    yield either("parquet_beside_csv", {"a.parquet": two["a.parquet"], "b.csv": csv_of(BASE[120:]).encode()}, location="*")  # fmt: skip


def odd_types() -> Iterator[Variant]:
    """Types that lose a value, or that need a decision."""
    moments = [line.ordered_at for line in BASE]
    local = [moment.replace(tzinfo=CHICAGO) for moment in moments]
    zoned = _file(InvoiceDate=pa.array(local, pa.timestamp("us", "America/Chicago")))
    as_utc = [replace(line, ordered_at=at.astimezone(UTC).replace(tzinfo=None)) for line, at in zip(BASE, local, strict=True)]  # fmt: skip
    yield either("parquet_timestamps_in_a_zone", zoned, [Record((line, other)) for line, other in zip(BASE, as_utc, strict=True)], **FILE)  # fmt: skip
    yield variant("parquet_timestamps_in_a_zone_set_by_var", zoned, settings={"extract_time_zones": {RAW: "America/Chicago"}}, **FILE)  # fmt: skip
    yield variant("parquet_timestamps_in_a_zone_set_to_utc", zoned, must(as_utc), settings={"extract_time_zones": {RAW: "UTC"}}, **FILE)  # fmt: skip
    yield stops("parquet_a_zone_nobody_knows_by_var", zoned, settings={"extract_time_zones": {RAW: "Mars/Base"}}, names="Mars/Base", **FILE)  # fmt: skip
    one = 100
    records = changed(must(BASE), {one: BROKEN})
    large = [line.quantity for line in BASE]
    large[one] = 5012345678900
    yield variant("parquet_a_quantity_of_a_barcode", _file(Quantity=pa.array(large, pa.int64())), records, **FILE)  # fmt: skip
    for column, values in {
        "UnitPrice": [float("nan"), float("inf"), float("-inf"), 1e300, None],
        "Quantity": [2.5, float("nan"), float("inf"), 1e300, 1e10, 1e-7, None],
        "InvoiceDate": [datetime(1899, 12, 30), datetime(1970, 1, 1), datetime(2091, 12, 1), datetime(9999, 12, 31), None],
    }.items():  # fmt: skip
        array = _columns()[column]
        cells = array.to_pylist() if column == "InvoiceDate" else [float(cell) for cell in array.to_pylist()]  # fmt: skip
        cells[: len(values) * 9 : 9] = values
        broken_lines = {number * 9: BROKEN for number in range(len(values))}
        typed = pa.array(cells, pa.timestamp("us")) if column == "InvoiceDate" else pa.array(cells)
        yield variant(f"parquet_values_that_are_none_{column.lower()}", _file(**{column: typed}), changed(must(BASE), broken_lines), **FILE)  # fmt: skip
    orders = [None if n == one else line.order_id for n, line in enumerate(BASE)]
    yield variant("parquet_an_order_of_null", _file(InvoiceNo=pa.array(orders)), records, **FILE)
    broken = {"names": "extract.parquet", **FILE}
    yield stops(
        "parquet_quantities_boolean", _file(Quantity=pa.array([True] * len(BASE))), **broken
    )
    yield stops("parquet_dates_of_times", _file(InvoiceDate=pa.array([at.time() for at in moments], pa.time64("us"))), **broken)  # fmt: skip
    yield stops("parquet_dates_boolean", _file(InvoiceDate=pa.array([True] * len(BASE))), **broken)
    yield stops("parquet_quantities_nested", _file(Quantity=pa.array([{"n": line.quantity} for line in BASE])), **broken)  # fmt: skip
    yield stops("parquet_orders_of_lists", _file(InvoiceNo=pa.array([[line.order_id] for line in BASE])), **broken)  # fmt: skip
    days = [int(f"{at:%Y%m%d}") for at in moments]
    yield either("parquet_dates_of_digits", _file(InvoiceDate=pa.array(days)), may([replace(line, ordered_at=line.ordered_at.replace(hour=0, minute=0)) for line in BASE]), may_stop_late=True, **FILE)  # fmt: skip
    epochs = [int((at - datetime(1970, 1, 1)).total_seconds()) for at in moments]
    yield either("parquet_dates_of_seconds", _file(InvoiceDate=pa.array(epochs)), may(BASE), may_stop_late=True, **FILE)  # fmt: skip
    yield either("parquet_orders_binary", _file(InvoiceNo=_of("InvoiceNo", pa.binary())), **FILE)


def broken_files() -> Iterator[Variant]:
    """Parquet files that are none, or not whole."""
    whole = _file(options={"compression": "none"})
    broken = {"names": "extract.parquet", **FILE}
    for kept in (0, 12, len(whole) // 2, len(whole) - 1):
        yield stops(f"parquet_cut_after_{kept}_bytes", whole[:kept], **broken)
    yield stops("csv_named_parquet", csv_of(), **broken)
    yield either("parquet_named_csv", whole)
    at = len(whole) - 200
    # nulls may hit what nobody reads
    yield either(
        "parquet_with_a_damaged_footer", whole[:at] + bytes(60) + whole[at + 60 :], **broken
    )
    yield stops("parquet_with_a_damaged_page", whole[:4] + b"\xff" * 40 + whole[44:], **broken)
    yield stops("parquet_of_no_rows", _file([]), **broken)
    yield stops("parquet_of_no_columns", _renamed(dict.fromkeys(HEADER) | {"CustomerID": "x"}), **broken)  # fmt: skip
    yield stops("parquet_without_customerid", _renamed({"CustomerID": None}), **broken)
    yield stops(
        "parquet_with_two_headers_for_a_column", _renamed({"Country": "quantity_"}), **broken
    )
    cut = {"a.parquet": _file(BASE[:120]), "b.parquet": _file(BASE[120:])[:-20]}
    yield stops("parquet_cut_in_a_glob", cut, location="*.parquet", names="b.parquet")
    yield stops("parquet_without_a_column_in_a_glob", {**cut, "b.parquet": _renamed({"CustomerID": None}, BASE[120:])}, location="*.parquet", names="b.parquet")  # fmt: skip


def _renamed(names: dict[str, str | None], lines: Sequence[Line] = BASE) -> bytes:
    """A file in which columns have other names, or are missing."""
    columns = [(names.get(name, name), column) for name, column in _columns(lines).items()]
    kept = [(name, column) for name, column in columns if name is not None]
    written = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([column for _, column in kept], [name for name, _ in kept]), written)  # fmt: skip
    return written.getvalue()


def parquets() -> Iterator[Variant]:
    """Everything about Parquet."""
    yield from good_types()
    yield from odd_types()
    yield from broken_files()
