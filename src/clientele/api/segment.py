"""``POST /segment``: the segment of figures."""

from collections.abc import Sequence
from functools import lru_cache

from fastapi import FastAPI, Request, Response

from clientele.api.bodies import (
    JSON,
    content_type,
    is_batch,
    parse_many,
    parse_one,
    read_body,
)
from clientele.api.openapi import json_body, problems
from clientele.api.schemas import CustomerFigures, Segment
from clientele.api.scoring import Figures, Score
from clientele.api.service import Service, json_bytes
from clientele.api.store import Published


def figures_of(row: CustomerFigures) -> Figures:
    """Put the figures in the order of the warehouse's function."""
    return row["recency"], row["frequency"], row["monetary"], row.get("return_rate_pct", 0.0)


def score_rows(published: Published, rows: Sequence[CustomerFigures]) -> list[Score]:
    """Score a batch: one statement per shop and segmentation in it.

    Raises
    ------
    Problem
        404: a row names a shop or segmentation that is not there.
    """
    asked = [(row.get("shop"), row.get("segmentation")) for row in rows]
    kinds = set(asked)
    scores: list[Score] = [(None, None)] * len(rows)
    for kind in kinds:
        places = [place for place, other in enumerate(asked) if other == kind]
        chosen = rows if len(kinds) == 1 else [rows[place] for place in places]
        columns = (
            [row["recency"] for row in chosen],
            [row["frequency"] for row in chosen],
            [row["monetary"] for row in chosen],
            [row.get("return_rate_pct", 0.0) for row in chosen],
        )
        found = published.score(*published.pair(*kind), columns)
        if len(kinds) == 1:
            return found
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
    shop, segmentation = published.pair(row.get("shop"), row.get("segmentation"))
    return await service.collector.score(published, shop, segmentation, figures_of(row))


@lru_cache(maxsize=10_000)
def segment_json(score: Score) -> bytes:
    """Write a score; there are few different ones."""
    return json_bytes({"cluster": score[0], "segment": score[1]})


def answer_batch(published: Published, body: bytes) -> bytes:
    """Parse, score and write a batch."""
    scores = score_rows(published, parse_many(body))
    return b"[" + b",".join(map(segment_json, scores)) + b"]"


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

        Without a shop, the shop of CLIENTELE_DEFAULT_SHOP or else the one with the most customers
        is asked; without a segmentation, the primary one. GET /health names both.
        """
        content_type(request, (JSON,))
        published = service.store.current()
        body = await read_body(request, service.settings.max_bytes)
        if is_batch(body):
            answer = await service.run(lambda: answer_batch(published, body))
        else:
            answer = segment_json(await score_one(service, published, parse_one(body)))
        return Response(answer, media_type=JSON)
