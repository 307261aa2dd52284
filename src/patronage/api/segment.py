"""``POST /segment``: the segment of figures."""

from collections.abc import Sequence
from functools import lru_cache

from fastapi import FastAPI, Request, Response

from patronage.api.bodies import JSON, content_type, parse_json, read_body
from patronage.api.openapi import json_body, problems
from patronage.api.schemas import CustomerFigures, Segment
from patronage.api.scoring import Columns, Score
from patronage.api.service import Service, json_bytes
from patronage.api.store import Published

SMALL_BATCH = 1_000
"""Rows that are scored in 2 ms: handing them to a thread would take longer than they do."""


def columns_of(rows: Sequence[CustomerFigures]) -> Columns:
    """Put the figures in the order of the warehouse's function."""
    return (
        [row.recency for row in rows],
        [row.frequency for row in rows],
        [row.monetary for row in rows],
        [row.return_rate_pct or 0.0 for row in rows],
    )


def score_rows(published: Published, rows: Sequence[CustomerFigures]) -> list[Score]:
    """Score a batch: one statement per shop and segmentation in it.

    Raises
    ------
    Problem
        404: a row names a shop or segmentation that is not there.
    """
    asked = {(row.shop, row.segmentation) for row in rows}
    if len(asked) == 1:
        return published.score(*published.pair(*asked.pop()), columns_of(rows))
    scores: list[Score] = [(None, None)] * len(rows)
    for kind in asked:
        places = [at for at, row in enumerate(rows) if (row.shop, row.segmentation) == kind]
        found = published.score(*published.pair(*kind), columns_of([rows[at] for at in places]))
        for place, score in zip(places, found, strict=True):
            scores[place] = score
    return scores


async def score_one(service: Service, published: Published, row: CustomerFigures) -> Score:
    """Score one customer, together with others that are asked for at the same time.

    Raises
    ------
    Problem
        404: there is no such shop or segmentation.
    """
    shop, segmentation = published.pair(row.shop, row.segmentation)
    figures = (row.recency, row.frequency, row.monetary, row.return_rate_pct or 0.0)
    return await service.collector.score(published, shop, segmentation, figures)


@lru_cache(maxsize=10_000)
def segment_json(score: Score) -> bytes:
    """Write a score; there are few different ones."""
    return json_bytes({"cluster": score[0], "segment": score[1]})


def answer_batch(published: Published, rows: Sequence[CustomerFigures]) -> bytes:
    """Score and write a batch."""
    return b"[" + b",".join(map(segment_json, score_rows(published, rows))) + b"]"


def add_segment_route(app: FastAPI, service: Service) -> None:
    """Add the route."""

    @app.post(
        "/segment",
        response_model=Segment | list[Segment],
        openapi_extra=json_body(),
        responses=problems(400, 404, 413, 415, 422, 503),
    )
    async def segment(request: Request) -> Response:
        """Score one customer, or a batch of at most 10,000: an object, or an array of them.

        Without a shop, the shop of PATRONAGE_DEFAULT_SHOP or else the one with the most customers
        is asked; without a segmentation, the primary one. GET /health names both.
        """
        content_type(request, (JSON,))
        published = service.store.current()
        asked = parse_json(await read_body(request, service.settings.max_bytes))
        if isinstance(asked, list) and len(asked) > SMALL_BATCH:
            answer = await service.run(lambda: answer_batch(published, asked))
        elif isinstance(asked, list):
            answer = answer_batch(published, asked)
        else:
            answer = segment_json(await score_one(service, published, asked))
        return Response(answer, media_type=JSON)
