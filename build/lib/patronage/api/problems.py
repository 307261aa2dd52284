"""Errors as ``application/problem+json`` (RFC 9457): one sentence and a proper status."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

MEDIA_TYPE = "application/problem+json"
LOGGER = logging.getLogger("patronage.api")


class Problem(Exception):  # noqa: N818 - the name of RFC 9457
    """A request that is answered by an error.

    Parameters
    ----------
    status
        The HTTP status.
    detail
        What is wrong, in one sentence.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ProblemBody(BaseModel):
    """An error."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no customer 0 in shop online_retail"])


def problem_json(status: int, detail: str) -> bytes:
    """Write the body of an error."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return json.dumps(body).encode()


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Write an error."""
    return Response(problem_json(status, detail), status, dict(headers or {}), MEDIA_TYPE)


def lower_first(text: str) -> str:
    """Write a sentence so that it can follow a colon; a name in capitals stays."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def add_handlers(app: FastAPI) -> None:
    """Answer every error by a problem."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> Response:
        return problem_response(error.status, error.detail)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        detail = {
            404: f"there is no {request.url.path}",
            405: f"{request.url.path} does not answer {request.method}",
        }.get(error.status_code, str(error.detail))
        return problem_response(error.status_code, detail, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ", ".join(str(part) for part in first["loc"])
        return problem_response(422, f"{place}: {lower_first(first['msg'])}")

    @app.exception_handler(ClientDisconnect)
    async def _gone(request: Request, _: ClientDisconnect) -> Response:
        LOGGER.info("a client hung up in its body: %s", request.state.request_id)
        return Response(status_code=400)  # nobody reads it
