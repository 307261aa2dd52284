"""What a build made of a variant, and what is wrong with that."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from variants.base import RAW, Line, Record, Variant

ENGINES_WORDS = re.compile(
    "Traceback|(Invalid Input|Parser|IO|Out of Range|Conversion|Binder|Catalog|Internal|Not implemented|Invalid|Permission|HTTP|Type|Value|Attribute|Key|OS|Unicode\\w*|Arrow\\w*)"
    " ?(Error|Exception)\\b|state machine|has no attribute|Python exception|error_type|Original Line|LINE 1:",
)  # fmt: skip
"""Words of DuckDB and Python, which are no sentence of this project."""
SENTENCE = re.compile(f"(vars? |shop |raw[.]|{RAW}).*[.]$")
Key = tuple[str, str | None, str, int, Decimal, datetime, str]
Text = tuple[str, str]


def status_of(line: Line) -> str:
    """The status that a line has by itself; whether its order arrived twice is asked elsewhere."""
    is_correction = re.fullmatch("A[0-9]+", line.order_id) and line.product_id.upper() == "B"
    if is_correction or line.unit_price < 0:
        return "adjustment"
    return "zero_price" if line.unit_price == 0 else "accepted"


def key_of(line: Line) -> Key:
    """What is compared of a line without fail."""
    return (
        line.order_id, line.customer_id, line.product_id, line.quantity, line.unit_price, line.ordered_at, status_of(line),
    )  # fmt: skip


def text_of(line: Line) -> Text:
    """What is compared of a line unless a record says otherwise."""
    return line.product_name.strip(), line.country.strip()


def _read_lines(connection: duckdb.DuckDBPyConnection) -> tuple[Counter[tuple[Key, Text]], int, int]:  # fmt: skip
    """Readable lines with how often they occur, unreadable ones, and those counted as repeated."""
    lines: Counter[tuple[Key, Text]] = Counter()
    unreadable = repeated = 0
    for order_id, customer_id, product_id, quantity, price, at, status, name, country in connection.sql(
        "select order_id, customer_id, product_id, quantity, unit_price, ordered_at, line_status, product_name, country"
        " from intermediate.int_order_lines"
    ).fetchall():  # fmt: skip
        if status == "unreadable":
            unreadable += 1
            continue
        repeated += status == "repeated"
        counted = "accepted" if status == "repeated" else status
        # a serial number of a spreadsheet is a time to the microsecond
        to_the_second = datetime.fromtimestamp(round(at.timestamp())) if at.microsecond else at  # noqa: DTZ006
        key = (order_id, customer_id, product_id or "", quantity, price, to_the_second, counted)
        lines[key, ((name or "").strip(), (country or "").strip())] += 1
    return lines, unreadable, repeated


def _described(key: Any) -> str:
    return "/".join(str(value) for value in key)[:300]


def compare_lines(records: Sequence[Record], lines: Counter[tuple[Key, Text]], unreadable: int) -> list[str]:  # fmt: skip
    """Say which lines are wrong, missing or too many."""
    left = Counter(lines)
    complaints: list[str] = []
    unmatched: list[Record] = []
    for record in sorted(records, key=lambda record: (record.any_text, len(record.readings))):
        matched = False
        for reading in record.readings:
            if record.any_text:
                found = next((line for line in left if line[0] == key_of(reading) and left[line]), None)  # fmt: skip
            else:
                found = (key_of(reading), text_of(reading)) if left[key_of(reading), text_of(reading)] else None  # fmt: skip
            if found:
                left[found] -= 1
                matched = True
                break
        if not matched:
            unmatched.append(record)
    complaints += [f"wrong value: {_described((*key, *text))}" for (key, text), times in left.items() for _ in range(times)]  # fmt: skip
    complaints += [f"not read: {_described(key_of(record.readings[0]))}" for record in unmatched if not record.unreadable]  # fmt: skip
    least = sum(not record.optional for record in unmatched)
    if not least <= unreadable <= len(unmatched):
        complaints.append(f"{unreadable} unreadable lines; {least} to {len(unmatched)} records were not read")  # fmt: skip
    return complaints


def _repeated(records: Sequence[Record]) -> int:
    """Count the surplus lines of orders that arrived twice, where every record was read."""
    orders: dict[str, Counter[Any]] = {}
    for record in records:
        line = record.readings[0]
        orders.setdefault(line.order_id, Counter())[line] += 1
    twice = [lines for lines in orders.values() if all(times % 2 == 0 for times in lines.values())]
    return sum(times // 2 for lines in twice for line, times in lines.items() if status_of(line) == "accepted")  # fmt: skip


def judge_build(variant: Variant, warehouse: Path) -> list[str]:
    """Compare a built warehouse with what each record of the variant meant."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        lines, unreadable, repeated = _read_lines(connection)
        complaints = compare_lines(variant.records, lines, unreadable)
        rows = lines.total() + unreadable
        counts = {
            "raw rows": f"select count(*) from raw.{RAW}",
            "lines in data_quality": "select sum(lines) from marts.data_quality",
            "rows and rejected records in raw.extracts": f"select sum(row_count + rejected_records) from raw.extracts where extract = '{RAW}'",
            "records in raw.extracts": f"select sum(records) from raw.extracts where extract = '{RAW}'",
        }
        for what, query in counts.items():
            counted = connection.sql(query).fetchall()[0][0]
            if counted != rows:
                complaints.append(f"{counted} {what}, {rows} lines")
        money = connection.sql("select sum(amount) from marts.data_quality where line_status <> 'unreadable'").fetchall()[0][0]  # fmt: skip
        expected = sum((key[3] * key[4] * times for (key, _), times in lines.items()), Decimal(0))
        if (money or 0) != expected:
            complaints.append(f"money {money} in data_quality, {expected} in the lines")
        if connection.sql("select 1 from duckdb_tables() where table_name = 'pwned'").fetchall():
            complaints.append("SQL of the path was run")
    all_sure = all(record.readings and not record.optional for record in variant.records)
    if not unreadable and not complaints and all_sure and repeated != _repeated(variant.records):
        complaints.append(f"{repeated} lines are repeated, {_repeated(variant.records)} are")
    return complaints


def models_run(warehouse: Path) -> list[str]:
    """Relations that a build has made besides what it landed."""
    if not warehouse.exists():
        return []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [
            f"{schema}.{name}"
            for schema, name in connection.sql(
                "select table_schema, table_name from information_schema.tables where table_schema in ('staging', 'intermediate', 'marts')"
                " and table_name not in ('build', 'int_order_rows', 'int_checked_orders', 'int_checked_customers')"
            ).fetchall()
        ]  # fmt: skip


def judge_stop(variant: Variant, said: str, warehouse: Path, folder: Path) -> list[str]:
    """Say what is wrong with how a build stopped."""
    complaints = []
    text = said.replace(str(folder), "…")
    made = models_run(warehouse)
    if made and not variant.may_stop_late:
        complaints.append(f"models ran before it stopped: {', '.join(made)}")
    sentences = [line.strip() for line in text.splitlines() if SENTENCE.match(line.strip())]
    if not sentences:
        complaints.append(f"there is no sentence: {' / '.join(text.splitlines()[-12:])[:700]}")
    elif variant.names and not made and variant.names not in " ".join(sentences):
        complaints.append(f"{variant.names} is not named: {sentences[0][:400]}")
    elif variant.line and not re.search(rf"\bline {variant.line}\b", " ".join(sentences)):
        complaints.append(f"line {variant.line} is not named: {sentences[0][:400]}")
    if any(len(sentence) > 1500 for sentence in sentences):
        complaints.append(f"a sentence of {max(map(len, sentences))} signs")
    if found := ENGINES_WORDS.search(text):
        at = found.start()
        complaints.append(f"the engine speaks: {text[max(0, at - 80) : at + 220]!r}")
    return complaints
