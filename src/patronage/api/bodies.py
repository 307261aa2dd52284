"""Bodies of requests: read up to a limit, parsed and checked."""

import csv
import io
import re
from textwrap import shorten
from typing import Any

import msgspec
from fastapi import Request

from patronage.api.problems import Problem, lower_first
from patronage.api.schemas import Batch, CustomerFigures

JSON = "application/json"
CSV = "text/csv"
COLUMNS = ("recency", "frequency", "monetary", "return_rate_pct", "shop", "segmentation")
JSON_BODY: msgspec.json.Decoder[CustomerFigures | list[CustomerFigures]] = msgspec.json.Decoder(
    CustomerFigures | Batch
)
SENTENCE = re.compile(r"(.*?)(?: - at `\$(?:\[(\d+)\])?(?:\.(\w+))?`)?")
"""What msgspec says, and the row and key it says it of."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read a body, however it is sent, and stop where it is too long.

    Raises
    ------
    Problem
        413: it is longer than ``max_bytes``.
    """
    too_long = Problem(413, f"the body is longer than {max_bytes} bytes")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise too_long
    body = b""
    async for chunk in request.stream():
        body = body + chunk if body else chunk
        if len(body) > max_bytes:
            raise too_long
    return body


def content_type(request: Request, accepted: tuple[str, ...]) -> str:
    """Give the type of a body; JSON if the request does not say.

    Raises
    ------
    Problem
        415: it is none of the accepted ones.
    """
    given = request.headers.get("content-type", JSON)
    kind = given.split(";", 1)[0].strip().lower()
    if kind not in accepted:
        raise Problem(415, f"the body is {given}, and must be {' or '.join(accepted)}")
    return kind


def problem_of(error: Exception) -> Problem:
    """Turn what msgspec found into one sentence: 422 where values are wrong, else 400."""
    text = shorten(str(error), 300)
    if not isinstance(error, msgspec.ValidationError):
        return Problem(400, f"the body cannot be read: {lower_first(text)}")
    found = SENTENCE.fullmatch(text)
    message, row, key = found.groups() if found else (text, None, None)
    places = ([f"row {int(row) + 1}"] if row else []) + ([key] if key else [])
    where = f"{', '.join(places)}: " if places else ""
    return Problem(422, where + lower_first(message))


def parse_json(body: bytes) -> CustomerFigures | list[CustomerFigures]:
    """Parse a JSON object, or an array of them.

    Raises
    ------
    Problem
        400 or 422, in one sentence.
    """
    try:
        return JSON_BODY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise problem_of(error) from error


def cell_value(text: str) -> float | str:
    """Read a cell: a number where it is one."""
    return float(text) if NUMBER.fullmatch(text) else text


def parse_csv(body: bytes) -> list[CustomerFigures]:
    """Parse CSV, with the names of the columns in the first line or in the order of ``COLUMNS``.

    Raises
    ------
    Problem
        400 or 422, in one sentence.
    """
    try:
        text = body.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Problem(400, f"the body is no CSV in UTF-8: {error}") from error
    if not lines:
        raise Problem(400, "the body is empty")
    names = [name.strip().lower() for name in lines[0]]
    if set(names) & set(COLUMNS):
        lines = lines[1:]
    else:
        names = list(COLUMNS[: max(len(names), 3)])
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if len(line) != len(names):
            raise Problem(422, f"row {number}: has {len(line)} cells, and must have {len(names)}")
        cells = zip(names, (cell.strip() for cell in line), strict=True)
        rows.append(
            {
                name: cell if name in COLUMNS[4:] else cell_value(cell)
                for name, cell in cells
                if cell
            }
        )
    try:
        return msgspec.convert(rows, Batch)
    except msgspec.ValidationError as error:
        raise problem_of(error) from error
