"""HTTP with limits: uvicorn's protocol, which has none on heads, time and number of connections."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from patronage.api.problems import MEDIA_TYPE, problem_json


def connection_limit(wanted: int = 1000, spare: int = 124) -> int:
    """Choose how many connections are kept, below the number of files that may be open."""
    if sys.platform == "win32":
        return wanted
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + spare
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(8, min(wanted, soft - spare))


class LimitedProtocol(HttpToolsProtocol):
    """A connection whose client has so many bytes and so much time for a head and for a body.

    Where there are too many connections, the one that has waited longest for its client's next
    bytes is closed. If the service works for all of them, new ones are answered 503, ``/ping``
    excepted.
    """

    head_seconds = 10.0
    body_seconds = 30.0
    max_head_bytes = 32 * 1024
    max_message_bytes = 64 * 1024 * 1024
    """Longer than any accepted body: what is sent after a refusal, or beside a body."""
    max_connections = 1000

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since: float | None = None  # None = the service works for the client
        self._in_head = True
        self._has_head = False  # a head has ended in what was received last
        self._head_bytes = 0
        self._message_bytes = 0
        self._unsent = 0
        self._is_surplus = False
        self._refusal = (400, "the request is no valid HTTP")

    # What is waited for

    def _wait(self, seconds: float | None) -> None:
        """Wait for the client for so many seconds; None = for another reason, or no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        """Close a connection whose client took too long."""
        if self.cycle is not None and not self.cycle.response_complete and self._in_head:
            self._wait(self.head_seconds)  # the service works for the request before
            return
        part = "head" if self._in_head else "body"
        self._refuse(408, f"the {part} of the request took too long")

    def _refuse(self, status: int, detail: str) -> None:
        """Answer with a problem, where no answer has begun, and close."""
        self._wait(None)
        if self.transport.is_closing():
            return
        is_unread = self.transport.get_write_buffer_size() > 0
        if not is_unread and (self.cycle is None or self.cycle.response_complete or not self.cycle.response_started):  # noqa: E501  # fmt: skip
            body = problem_json(status, detail)
            head = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.abort() if is_unread else self.transport.close()

    # What uvicorn calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head; make room if there are too many connections."""
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        self._wait(self.head_seconds)
        if len(self.connections) > self.max_connections:
            waiting = [
                other
                for other in self.connections
                if isinstance(other, LimitedProtocol)
                and other is not self
                and other._waits_since is not None
                and not other.transport.is_closing()
            ]
            if waiting:
                min(waiting, key=lambda other: other._waits_since or 0.0).transport.abort()
            else:
                self._is_surplus = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what the client sends, and count it."""
        if self.transport.is_closing():
            return
        if self.timeout_keep_alive_task is not None and self._in_head:  # the next head begins
            self._wait(self.head_seconds)
        is_head = self._in_head
        self._has_head = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if is_head and not self._has_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head_bytes:
                self._refuse(431, f"the head is longer than {self.max_head_bytes} bytes")
        elif not self._in_head:
            self._message_bytes += len(data)
            if self._message_bytes > self.max_message_bytes:
                self._refuse(413, f"the request is longer than {self.max_message_bytes} bytes")

    def on_headers_complete(self) -> None:
        """Refuse a head that is too long, or wait for the body."""
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + lines > self.max_head_bytes:
            self._refusal = (431, f"the head is longer than {self.max_head_bytes} bytes")
            raise ValueError(self._refusal[1])
        if self._is_surplus and self.url.partition(b"?")[0] != b"/ping":
            self._refusal = (503, "too many requests are in hand: ask again later")
            raise ValueError(self._refusal[1])
        self._in_head, self._has_head = False, True
        self._head_bytes = self._message_bytes = 0
        self._wait(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Leave the rest to the service."""
        self._in_head = True
        self._waits_since = None if not self.cycle.response_complete else self.loop.time()
        self._wait(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """Answer what is no HTTP, or is refused while it is read."""
        self._refuse(*self._refusal)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, and one whose client does not read its answer."""
        unsent = self.transport.get_write_buffer_size()
        if 0 < unsent != self._unsent and not self.transport.is_closing():
            self._unsent = unsent
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        elif unsent:
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Stop: requests that have arrived are answered, no others are waited for."""
        if self._waits_since is not None or not self._in_head:
            self.transport.close()
        else:
            super().shutdown()


LimitedProtocol.max_connections = connection_limit()
