"""``POST /segment`` and ``POST /invocations``: the segment of figures."""

from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request, Response

from patronage.api.answers import INVOCATIONS, SEGMENTS, Write, accepted_type
from patronage.api.bodies import JSON, LINES, TYPES, content_type, parse_json, parse_rows
from patronage.api.openapi import figures_body, problems, score_answers
from patronage.api.schemas import CustomerFigures, Invocation, Segment
from patronage.api.scoring import Columns, Score
from patronage.api.service import Service
from patronage.api.store import Published

SMALL_BODY = 100_000
"""Bytes of JSON that are answered on the event loop, in some milliseconds; others in a thread."""


def columns_of(rows: Sequence[CustomerFigures]) -> Columns:
    """Put the figures in the order of the warehouse's function."""
    return (
        [row.recency for row in rows],
        [row.frequency for row in rows],
        [row.monetary for row in rows],
        [row.return_rate_pct or 0.0 for row in rows],
    )


def score_rows(
    published: Published, rows: Sequence[CustomerFigures], is_at_once: bool = False
) -> list[Score]:
    """Score a slice: one statement per shop and segmentation in it.

    Parameters
    ----------
    published, rows
        The build to answer from, and at most ``SLICE`` customers.
    is_at_once
        Whether this is the event loop.

    Raises
    ------
    Problem
        404: a row names a shop or segmentation that is not there.
    """
    score = published.score_at_once if is_at_once else published.score
    asked = {(row.shop, row.segmentation) for row in rows}
    if len(asked) == 1:
        return score(*published.pair(*asked.pop()), columns_of(rows))
    places: dict[object, list[int]] = {kind: [] for kind in asked}
    for at, row in enumerate(rows):
        places[row.shop, row.segmentation].append(at)
    scores: list[Score] = [(None, None)] * len(rows)
    for kind in asked:
        found = score(*published.pair(*kind), columns_of([rows[at] for at in places[kind]]))
        for place, one in zip(places[kind], found, strict=True):
            scores[place] = one
    return scores


def join(parts: Sequence[bytes], kind: str) -> bytes:
    """Put the parts of an answer to many rows together."""
    return b"[" + b",".join(parts) + b"]" if kind == JSON else b"".join(parts)


def answer_rows(published: Published, kind: str, body: bytes, form: str, write: Write) -> bytes:
    """Parse, score and answer a body of many rows, slice by slice.

    Raises
    ------
    Problem
        The body is refused.
    """
    slices = parse_rows(kind, body)
    return join([write(score_rows(published, rows), rows) for rows in slices], form)


async def answer_at_once(
    service: Service, published: Published, body: bytes, form: str, write: Write
) -> bytes:
    """Answer a small JSON body on the event loop: an object by an object, an array by an array.

    Raises
    ------
    Problem
        The body is refused.
    """
    asked = parse_json(body)
    if isinstance(asked, list):
        scores = score_rows(published, asked, is_at_once=True)
        return join([write(scores, asked)] if asked else [], form)
    shop, segmentation = published.pair(asked.shop, asked.segmentation)
    figures = (asked.recency, asked.frequency, asked.monetary, asked.return_rate_pct or 0.0)
    score = await service.collector.score(published, shop, segmentation, figures)
    return write([score], [asked])


async def answer(service: Service, request: Request, writers: Mapping[str, Write]) -> Response:
    """Answer figures, whatever their form.

    The form of the answer follows from what is sent and from ``Accept``, never from the number of
    rows.

    Raises
    ------
    Problem
        The request is refused.
    """
    kind = content_type(request)
    form = accepted_type(request, default=LINES if kind == LINES else JSON)
    write = writers[TYPES[form]]
    published = service.store.current()
    async with service.body_of(request) as body:
        is_object = kind == JSON and body.lstrip()[:1] == b"{"
        if kind == JSON and (is_object or len(body) <= SMALL_BODY):
            content = await answer_at_once(service, published, body, TYPES[form], write)
        else:
            content = await service.work(
                lambda: answer_rows(published, kind, body, TYPES[form], write)
            )
    return service.respond(request, published, content, form)


def add_score_routes(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.post(
        "/segment",
        tags=["Scores"],
        operation_id="score_customers",
        summary="Score customers by their figures",
        openapi_extra=figures_body(),
        response_model=Segment | list[Segment],
        responses=score_answers() | problems(400, 404, 406, 408, 413, 415, 422, 503),
    )
    async def segment(request: Request) -> Response:
        """Answer an object by an object, and an array, JSON Lines or CSV by as many answers.

        Without a shop, the shop of PATRONAGE_DEFAULT_SHOP or else the one with the most customers
        is asked; without a segmentation, that of PATRONAGE_DEFAULT_SEGMENTATION or else the primary
        one. GET /health names both.
        """
        return await answer(service, request, SEGMENTS)

    @app.post(
        "/invocations",
        tags=["SageMaker"],
        operation_id="invoke",
        summary="Score customers, each answer beside its input",
        openapi_extra=figures_body(),
        response_model=Invocation | list[Invocation],
        responses=score_answers() | problems(400, 404, 406, 408, 413, 415, 422, 503),
    )
    async def invocations(request: Request) -> Response:
        """Answer as POST /segment does, with the figures instead of the segment's name in JSON."""
        return await answer(service, request, INVOCATIONS)
