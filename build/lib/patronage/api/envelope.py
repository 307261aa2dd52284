"""What is around every request and answer: the host, headers, HEAD, the log, and failures."""

import logging
import re
import time
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patronage.api.problems import problem_response

LOGGER = logging.getLogger("patronage.api")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


def host_name(host: str) -> str:
    """Give the name of a header ``Host`` without its port."""
    name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name.rstrip(".").lower()


class Envelope:
    """The outermost middleware.

    Parameters
    ----------
    app
        What answers.
    hosts
        Accepted names in the header ``Host``, which a page of another site cannot choose; None =
        any.
    has_access_log
        Whether a line is logged for each request. It has no id of a customer or an order and no
        value of a query: the route stands for the path.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, has_access_log: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._has_access_log = has_access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, headers, status = time.perf_counter(), Headers(scope=scope), 0
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        method = scope["method"]
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [*HEADERS, (b"x-request-id", request_id.encode())]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        if method == "HEAD":
            scope = {**scope, "method": "GET"}  # the server sends the head of the answer only
        host = headers.get("host")
        try:
            if self._hosts is not None and host and host_name(host) not in self._hosts:
                detail = "the header Host names no accepted host: PATRONAGE_API_HOSTS lists them"
                await problem_response(400, detail)(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        except Exception:
            LOGGER.exception("request %s failed", request_id)
            if status:
                raise
            detail = "the request failed for a reason that the log names"
            await problem_response(500, detail)(scope, receive, send_with_headers)
        finally:
            if self._has_access_log:
                self._log(scope, method, status, 1_000 * (time.perf_counter() - started))

    def _log(self, scope: Scope, method: str, status: int, milliseconds: float) -> None:
        state: dict[str, Any] = scope["state"]
        LOGGER.info(
            "access key=%s method=%s route=%s status=%d ms=%.1f request=%s",
            state.get("key") or "-",
            method if method.isalpha() else "-",
            getattr(scope.get("route"), "path", "-"),
            status,
            milliseconds,
            state["request_id"],
        )
