"""What all routes share: the published file, a pool of threads, and answers as JSON."""

import asyncio
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from fastapi import Response

from patronage.api.scoring import Collector
from patronage.api.settings import Settings
from patronage.api.store import Store

Result = TypeVar("Result")


class Service:
    """The state of one process.

    Parameters
    ----------
    settings
        What it was started with.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.published, settings.default_shop)
        self.collector = Collector()
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work that takes more than a millisecond beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()


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
