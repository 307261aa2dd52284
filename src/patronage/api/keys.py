"""API keys."""

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from patronage.api.problems import problem_response

OPEN_PATHS = frozenset({"/ping", "/health", "/docs", "/openapi.json"})
"""Who watches or describes the service needs no key."""


def is_open(path: str) -> bool:
    """Whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith("/docs/")


class ApiKeys:
    """Middleware that asks for a key in the header ``X-API-Key``.

    Parameters
    ----------
    app
        What answers requests with a key.
    keys
        The accepted keys; all are compared, in constant time.
    """

    def __init__(self, app: ASGIApp, keys: tuple[str, ...]) -> None:
        self._app = app
        self._keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 to a request without an accepted key."""
        if scope["type"] == "http" and not is_open(scope["path"]):
            given = Headers(scope=scope).get("x-api-key", "").encode("latin-1")
            equal = [hmac.compare_digest(given, key) for key in self._keys]  # all, always
            if not any(equal):
                answer = problem_response(
                    401,
                    "the header X-API-Key holds no accepted key",
                    {"WWW-Authenticate": "ApiKey"},
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)
