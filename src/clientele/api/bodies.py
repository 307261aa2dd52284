"""Bodies of requests: read up to a limit, parsed and checked."""

import csv
import io
import re
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from clientele.api.problems import Problem, error_sentence
from clientele.api.schemas import MANY, ONE, CustomerFigures

JSON = "application/json"
CSV = "text/csv"
COLUMNS = ("recency", "frequency", "monetary", "return_rate_pct", "shop", "segmentation")
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


def problem_of(error: ValidationError) -> Problem:
    """Turn what pydantic found into one sentence: 400 where the body is no JSON, else 422."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    status = 400 if errors[0]["type"] == "json_invalid" else 422
    return Problem(status, error_sentence(errors[0], len(errors) - 1))


def is_batch(body: bytes) -> bool:
    """Whether a JSON body is an array."""
    return body[:64].lstrip()[:1] == b"[" or body.lstrip()[:1] == b"["


def parse_one(body: bytes) -> CustomerFigures:
    """Parse a JSON object.

    Raises
    ------
    Problem
        400 or 422, in one sentence.
    """
    try:
        return ONE.validate_json(body)
    except ValidationError as error:
        raise problem_of(error) from error


def parse_many(body: bytes) -> list[CustomerFigures]:
    """Parse a JSON array.

    Raises
    ------
    Problem
        400 or 422, in one sentence.
    """
    try:
        return MANY.validate_json(body)
    except ValidationError as error:
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
        return MANY.validate_python(rows)
    except ValidationError as error:
        raise problem_of(error) from error
