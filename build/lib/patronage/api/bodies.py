"""Bodies of requests: JSON, JSON Lines and CSV, counted, parsed and checked."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from textwrap import shorten
from typing import Any

import msgspec
from fastapi import Request
from msgspec import UNSET

from patronage.api.problems import Problem, lower_first
from patronage.api.schemas import CustomerFigures
from patronage.api.scoring import SLICE

JSON = "application/json"
CSV = "text/csv"
LINES = "application/jsonlines"
TYPES = {JSON: JSON, CSV: CSV, LINES: LINES, "application/x-ndjson": LINES}
"""Accepted types of bodies and answers, and what they are read as."""

MAX_ROWS = 500_000
"""Most customers in a body: what SageMaker's 6 MB hold of lines such as ``30,4,2500``."""

REQUIRED = ("recency", "frequency", "monetary")
NUMBERS = (*REQUIRED, "return_rate_pct")
COLUMNS = (*NUMBERS, "shop", "segmentation")
JSON_BODY: msgspec.json.Decoder[CustomerFigures | list[CustomerFigures]] = msgspec.json.Decoder(
    CustomerFigures | list[CustomerFigures]
)
JSON_LINE = msgspec.json.Decoder(CustomerFigures)
SENTENCE = re.compile(r"(.*?)(?: - at `\$(?:\[(\d+)\])?(?:\.(\w+))?`)?")
"""What msgspec says, and the row and key it says it of."""
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NUMBER = 40
SHORTENED = 1_000
"""Characters of a message that are looked at: it may hold as much as the body."""

Rows = list[CustomerFigures]


def content_type(request: Request) -> str:
    """Give what a body is read as; JSON if the request does not say.

    Raises
    ------
    Problem
        415: it is none of the accepted types.
    """
    given = request.headers.get("content-type", JSON)
    kind = TYPES.get(given.split(";", 1)[0].strip().lower())
    if kind is None:
        raise Problem(415, f"the body is {given[:200]}, and must be {' or '.join(TYPES)}")
    return kind


def problem_of(error: Exception, row: int | None = None) -> Problem:
    """Turn what msgspec found into one sentence: 422 where values are wrong, else 400."""
    text = shorten(str(error)[:SHORTENED], 300)
    place = "the body" if row is None else f"row {row}"
    if not isinstance(error, msgspec.ValidationError):
        return Problem(400, f"{place} cannot be read: {lower_first(text)}")
    found = SENTENCE.fullmatch(text)
    message, index, key = found.groups() if found else (text, None, None)
    row = int(index) + 1 if index else row
    places = ([f"row {row}"] if row else []) + ([key] if key else [])
    where = f"{', '.join(places)}: " if places else ""
    return Problem(422, where + lower_first(message))


def refuse_more(rows: int) -> None:
    """Refuse a body with too many rows.

    Raises
    ------
    Problem
        413: it has.
    """
    if rows > MAX_ROWS:
        raise Problem(413, f"the body has more than {MAX_ROWS} rows")


def refuse_doubled_keys(body: bytes, rows: Sequence[CustomerFigures]) -> None:
    """Refuse JSON in which an object has a key twice; msgspec takes the last.

    Each key is followed by a colon. As many colons as fields mean that none is doubled; else there
    are colons in texts, or a key stands there twice.

    Raises
    ------
    Problem
        422: a key is doubled.
    """
    optional = (
        [row.return_rate_pct for row in rows],
        [row.shop for row in rows],
        [row.segmentation for row in rows],
    )
    fields = len(COLUMNS) * len(rows) - sum(values.count(UNSET) for values in optional)
    if body.count(b":") == fields:
        return

    def check(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled is not None:
            raise Problem(422, f"the key {doubled} stands twice in an object")

    json.loads(body, object_pairs_hook=check, parse_int=float)


def parse_json(body: bytes) -> CustomerFigures | Rows:
    """Parse a JSON object, or an array of them.

    Raises
    ------
    Problem
        400, 413 or 422, in one sentence.
    """
    try:
        asked = JSON_BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise problem_of(error) from error
    rows = asked if isinstance(asked, list) else [asked]
    refuse_more(len(rows))
    refuse_doubled_keys(body, rows)
    return asked


def slices(items: Iterator[Any], parse: Callable[[int, Any], CustomerFigures]) -> Iterator[Rows]:
    """Parse rows, so many at a time as are scored together; they count from 1."""
    numbered = enumerate(items, 1)
    while rows := [parse(number, item) for number, item in islice(numbered, SLICE)]:
        yield rows


def parse_lines(body: bytes) -> Iterator[Rows]:
    """Parse JSON Lines, slice by slice; empty lines do not count.

    Raises
    ------
    Problem
        400, 413 or 422, in one sentence.
    """
    refuse_more(body.count(b"\n"))

    def parse(number: int, line: bytes) -> CustomerFigures:
        try:
            row = JSON_LINE.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise problem_of(error, number) from error
        refuse_doubled_keys(line, [row])
        return row

    return slices(filter(bytes.strip, io.BytesIO(body)), parse)


def number_of(text: str, row: int, name: str) -> float:
    """Read a number.

    Raises
    ------
    Problem
        422: it is none.
    """
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        raise Problem(
            422,
            f"row {row}, {name}: {text[:LONGEST_NUMBER]!r} is no number; accepted are up to"
            f" {LONGEST_NUMBER} characters such as 2500.5, with a decimal point",
        )
    return float(text)


def names_of(cells: list[str]) -> tuple[str, ...] | None:
    """Read the names of the columns; None = the line has none, and is a customer.

    Raises
    ------
    Problem
        422: a name is unknown, doubled or missing.
    """
    names = tuple(cell.strip().lower() for cell in cells)
    if not set(names) & set(COLUMNS):
        return None
    for name in names:
        if name not in COLUMNS:
            raise Problem(422, f"there is no column {name[:99]!r}; accepted: {', '.join(COLUMNS)}")
        if names.count(name) > 1:
            raise Problem(422, f"the column {name} is named twice")
    for name in REQUIRED:
        if name not in names:
            raise Problem(422, f"the column {name} is missing")
    return names


def parse_csv(body: bytes) -> Iterator[Rows]:
    """Parse CSV, slice by slice.

    The first line names the columns, or else each has the three of ``REQUIRED``: a fourth cell
    without a name could be what follows a decimal comma.

    Raises
    ------
    Problem
        400, 413 or 422, in one sentence.
    """
    refuse_more(body.count(b"\n") - 1)
    if re.search(rb"\r(?!\n)", body):
        raise Problem(400, "lines of the CSV end with CR alone; accepted: LF, or CR and LF")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is no CSV in UTF-8: {error}") from error
    lines = filter(None, csv_lines(text))
    first = next(lines, None)
    if first is None:
        raise Problem(400, "the body is empty")
    named = names_of(first)
    names = named or REQUIRED

    def parse(number: int, line: list[str]) -> CustomerFigures:
        if len(line) != len(names):
            advice = "" if named else "; name the columns in a first line if there are others"
            raise Problem(
                422, f"row {number}: has {len(line)} cells, and must have {len(names)}{advice}"
            )
        row = {
            name: number_of(cell, number, name) if name in NUMBERS else cell
            for name, cell in zip(names, map(str.strip, line), strict=True)
            if cell
        }
        try:
            return msgspec.convert(row, CustomerFigures)
        except msgspec.ValidationError as error:
            raise problem_of(error, number) from error

    def customers() -> Iterator[list[str]]:
        if named is None:
            yield first
        yield from lines

    return slices(customers(), parse)


def csv_lines(text: str) -> Iterator[list[str]]:
    """Split CSV into lines and cells.

    Raises
    ------
    Problem
        400: it is no CSV.
    """
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise Problem(400, f"the body is no CSV in UTF-8: {error}") from error


def parse_rows(kind: str, body: bytes) -> Iterator[Rows]:
    """Parse a body of many customers, slice by slice.

    Raises
    ------
    Problem
        400, 413 or 422, in one sentence.
    """
    if kind == CSV:
        return parse_csv(body)
    if kind == LINES:
        return parse_lines(body)
    asked = parse_json(body)
    rows = asked if isinstance(asked, list) else [asked]
    return (rows[start : start + SLICE] for start in range(0, len(rows), SLICE))
