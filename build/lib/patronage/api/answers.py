"""Answers to customers' figures, as JSON, JSON Lines or CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec
from fastapi import Request
from msgspec import Struct

from patronage.api.bodies import CSV, JSON, LINES, TYPES
from patronage.api.problems import Problem
from patronage.api.schemas import CustomerFigures
from patronage.api.scoring import Score
from patronage.api.service import json_bytes

Write = Callable[[Sequence[Score], Sequence[CustomerFigures]], bytes]
"""Writes the answers of some rows: JSON without the brackets, else lines that end with LF."""


class Answer(Struct):
    """A score beside the figures it is of."""

    cluster: int | None
    input_data: CustomerFigures


def weight_of(kind: str, ranges: dict[str, float]) -> float:
    """Say how much a type is wanted: as its most specific range has it; 0 = not at all."""
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def accepted_type(request: Request, default: str) -> str:
    """Choose the type of an answer by the header ``Accept``; the default if it does not say.

    Raises
    ------
    Problem
        406: it names no type that there is.
    """
    ranges: dict[str, float] = {}
    for text in ",".join(request.headers.getlist("accept")).split(","):
        name, *parameters = (part.strip().lower() for part in text.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        if name:
            number = weight.replace(".", "", 1)
            ranges[name] = float(weight) if number.isascii() and number.isdigit() else 1.0
    if not ranges:
        return default
    preferred = sorted(TYPES, key=lambda kind: (-weight_of(kind, ranges), TYPES[kind] != default))
    if weight_of(preferred[0], ranges) <= 0:
        raise Problem(406, f"Accept names none of {', '.join(TYPES)}")
    return preferred[0]


@lru_cache(maxsize=10_000)
def segment_json(score: Score) -> bytes:
    """Write a score; there are few different ones."""
    return json_bytes({"cluster": score[0], "segment": score[1]})


@lru_cache(maxsize=10_000)
def segment_csv(score: Score) -> str:
    """Write a score as a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(score)
    return line.getvalue()


def write_segments(scores: Sequence[Score], _: Sequence[CustomerFigures]) -> bytes:
    """Write segments as JSON."""
    return b",".join(map(segment_json, scores))


def write_segment_lines(scores: Sequence[Score], _: Sequence[CustomerFigures]) -> bytes:
    """Write segments as JSON Lines."""
    return b"".join(segment_json(score) + b"\n" for score in scores)


def write_csv(scores: Sequence[Score], _: Sequence[CustomerFigures]) -> bytes:
    """Write cluster and segment as CSV without names."""
    return "".join(map(segment_csv, scores)).encode()


def invocations_of(scores: Sequence[Score], rows: Sequence[CustomerFigures]) -> list[Answer]:
    """Put clusters beside the figures they are of."""
    return [Answer(cluster, row) for (cluster, _), row in zip(scores, rows, strict=True)]


def write_invocations(scores: Sequence[Score], rows: Sequence[CustomerFigures]) -> bytes:
    """Write clusters and figures as JSON."""
    return msgspec.json.encode(invocations_of(scores, rows))[1:-1]


def write_invocation_lines(scores: Sequence[Score], rows: Sequence[CustomerFigures]) -> bytes:
    """Write clusters and figures as JSON Lines."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in invocations_of(scores, rows))


SEGMENTS: dict[str, Write] = {JSON: write_segments, LINES: write_segment_lines, CSV: write_csv}
INVOCATIONS: dict[str, Write] = {
    JSON: write_invocations,
    LINES: write_invocation_lines,
    CSV: write_csv,
}
