"""What Amazon SageMaker asks of a container: ``GET /ping`` and ``POST /invocations``."""

from collections.abc import Sequence

import msgspec
from fastapi import FastAPI, Request, Response
from msgspec import Struct

from patronage.api.bodies import CSV, JSON, content_type, parse_csv, parse_json, read_body
from patronage.api.openapi import json_body, problems
from patronage.api.schemas import CustomerFigures, Invocation, Pong
from patronage.api.segment import score_one, score_rows
from patronage.api.service import Service, json_response
from patronage.api.store import Published


class Answer(Struct):
    """A score beside the figures it is of."""

    cluster: int | None
    input_data: CustomerFigures


def answer_json(answer: Answer | list[Answer]) -> Response:
    """Write one answer or many."""
    return Response(msgspec.json.encode(answer), media_type=JSON)


def answer_rows(published: Published, rows: Sequence[CustomerFigures]) -> list[Answer]:
    """Score a batch."""
    scores = score_rows(published, rows)
    return [Answer(cluster, row) for (cluster, _), row in zip(scores, rows, strict=True)]


def answer_csv(published: Published, body: bytes) -> Response:
    """Answer CSV: one line by an object, several by an array."""
    answers = answer_rows(published, parse_csv(body))
    return answer_json(answers[0] if len(answers) == 1 else answers)


def add_sagemaker_routes(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.get("/ping", response_model=Pong, responses=problems(503))
    async def ping() -> Response:
        """Say whether the service can answer."""
        service.store.current()
        return json_response({"status": "ok"})

    @app.post(
        "/invocations",
        response_model=Invocation | list[Invocation],
        openapi_extra=json_body(csv=True),
        responses=problems(400, 404, 413, 415, 422, 503),
    )
    async def invocations(request: Request) -> Response:
        """Score customers, each answer beside its input: JSON as of POST /segment, or CSV.

        The first line of the CSV names the columns, or else they are recency, frequency, monetary
        and, optionally, return_rate_pct, shop, segmentation.
        """
        kind = content_type(request, (JSON, CSV))
        published = service.store.current()
        body = await read_body(request, service.settings.max_bytes)
        if kind == CSV:
            return await service.run(lambda: answer_csv(published, body))
        asked = parse_json(body)
        if isinstance(asked, list):
            return await service.run(lambda: answer_json(answer_rows(published, asked)))
        cluster, _ = await score_one(service, published, asked)
        return answer_json(Answer(cluster, asked))
