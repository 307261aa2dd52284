"""What all routes share: the published file, pools of threads, and answers as JSON."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from fastapi import Request, Response

from patronage.api.problems import Problem
from patronage.api.scoring import Collector
from patronage.api.settings import Settings
from patronage.api.store import Published, Store

Result = TypeVar("Result")

MOST_BODIES = 16
"""So many bodies of the longest accepted length are held in memory at once."""

ALWAYS_READ = 64 * 1024
"""Bytes of a body that are read however many others are held."""


class Service:
    """The state of one process.

    Parameters
    ----------
    settings
        What it was started with.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.published, settings.default_shop, settings.default_segmentation)
        self.collector = Collector()
        self._readers = ThreadPoolExecutor(2, "patronage-read")
        self._workers = ThreadPoolExecutor(os.cpu_count() or 1, "patronage-work")
        self._held_bytes = 0

    async def read(self, work: Callable[[], Result]) -> Result:
        """Read from the file beside the event loop; batches do not stand in the way."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def work(self, work: Callable[[], Result]) -> Result:
        """Work on a batch beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def close(self) -> None:
        """End the threads; what waits for one is given up."""
        self.store.close()
        for threads in (self._readers, self._workers):
            threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def body_of(self, request: Request) -> AsyncIterator[bytes]:
        """Read a body, however it is sent, and stop where it, or all together, are too long.

        Raises
        ------
        Problem
            413: it is longer than ``max_bytes``; 503: too much is held of other bodies.
        """
        limit = self.settings.max_bytes
        too_long = Problem(413, f"the body is longer than {limit} bytes")
        length = request.headers.get("content-length", "")
        if length.isdigit() and (len(length) > 15 or int(length) > limit):
            raise too_long
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                self._held_bytes += len(chunk)
                if len(body) > limit:
                    raise too_long
                if len(body) > ALWAYS_READ and self._held_bytes > MOST_BODIES * limit:
                    raise Problem(503, "too many bodies are in hand: send it again later")
            yield bytes(body)
        finally:
            self._held_bytes -= len(body)

    def respond(
        self, request: Request, published: Published, content: bytes, media_type: str
    ) -> Response:
        """Answer from a build, whose id is the ETag; whoever has that answer gets none."""
        headers = {"ETag": published.etag}
        asked = request.headers.get("if-none-match") if request.method == "GET" else None
        if asked is not None:
            known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
            if published.etag in known or "*" in known:
                return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)


def json_value(value: object) -> object:
    """Write what JSON does not know: decimals as numbers, dates as ISO texts."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")


def json_bytes(content: object) -> bytes:
    """Write JSON."""
    text = json.dumps(content, default=json_value, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def json_response(content: object) -> Response:
    """Answer with JSON."""
    return Response(json_bytes(content), media_type="application/json")
