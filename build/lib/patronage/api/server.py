"""The server of the API."""

import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from patronage.published import PublishError

MODULES = {"fastapi", "fastapi_offline", "httptools", "msgspec", "starlette", "uvicorn", "uvloop"}
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
"""Longer than a proxy keeps an idle connection (60 s), so that it loses no request."""
GRACE_SECONDS = 5
"""For answers in hand when the service is told to stop; ``docker stop`` waits 10."""

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "patronage.api": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}


class ServeError(Exception):
    """What stands in the way of serving, in one sentence."""


def listen(host: str, port: int) -> socket.socket:
    """Listen at an address.

    Raises
    ------
    ServeError
        There is no such host, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = sorted(found, key=lambda one: one[0])[0]
        with ExitStack() as stack:
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(address)
            listener.listen(BACKLOG)
            stack.pop_all()  # it stays open
    except OSError as error:
        raise ServeError(f"cannot listen on {url_host(host)}:{port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener


def url_host(host: str) -> str:
    """Write a host as in a URL."""
    return f"[{host}]" if ":" in host else host


def port_of(environment: Mapping[str, str], given: str | None) -> int:
    """Choose the port: as given, as the environment has it, or 8080."""
    from patronage.api.settings import SettingsError, positive  # noqa: PLC0415 - msgspec

    name = "PATRONAGE_API_PORT"
    if not given and not environment.get(name) and environment.get("SAGEMAKER_BIND_TO_PORT"):
        name = "SAGEMAKER_BIND_TO_PORT"
    number = positive({name: given or environment.get(name, "")}, name, 8080)
    if number > 65_535:
        raise SettingsError(f"{name} is {number}, and must be at most 65535")
    return number


def serve(published: Path, host: str | None, port: str | None) -> None:
    """Answer over HTTP until the process is told to stop.

    Parameters
    ----------
    published
        The published file.
    host, port
        Where to listen; None = as the environment says.

    Raises
    ------
    ServeError
        A setting cannot be used, nothing can be listened on, or what serves is not installed.
    """
    try:
        run(published, host, port)
    except ModuleNotFoundError as error:
        if error.name not in MODULES:
            raise
        raise ServeError(f"{error.name} is missing: pip install 'patronage[api]'") from error


def run(published: Path, host: str | None, port: str | None) -> None:
    """Do what ``serve`` says; what it imports may be missing."""
    import uvicorn  # noqa: PLC0415 - an extra
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from patronage.api import app  # noqa: F401, PLC0415 - does it load?
    from patronage.api.protocol import LimitedProtocol  # noqa: PLC0415
    from patronage.api.settings import SettingsError, positive, settings_of  # noqa: PLC0415
    from patronage.api.store import Published, UnknownDefaultError  # noqa: PLC0415

    address = host or os.environ.get("PATRONAGE_API_HOST") or "127.0.0.1"
    os.environ["PATRONAGE_PUBLISHED_PATH"] = str(published)
    os.environ["PATRONAGE_API_HOST"] = address
    try:
        number = port_of(os.environ, port)
        workers = positive(os.environ, "PATRONAGE_API_WORKERS", 1)
        settings = settings_of(os.environ)
    except SettingsError as error:
        raise ServeError(str(error)) from error
    try:
        Published(published, settings.default_shop, settings.default_segmentation)
    except UnknownDefaultError as error:
        raise ServeError(str(error)) from error
    except PublishError:
        pass  # there may be one later; /ping says so until then
    root_path = os.environ.get("PATRONAGE_API_ROOT_PATH", "").rstrip("/")
    if root_path and not root_path.startswith("/"):
        raise ServeError(f"PATRONAGE_API_ROOT_PATH is {root_path!r}, and must begin with a slash")
    config = uvicorn.Config(
        "patronage.api.app:create_app",
        factory=True,
        http=LimitedProtocol,
        ws="none",
        host=address,
        port=number,
        workers=workers,
        root_path=root_path,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=LOGGING,
    )
    listener = listen(address, number)
    print(f"Serving {published} on http://{url_host(address)}:{number}{root_path}, described at /docs", flush=True)  # noqa: E501  # fmt: skip
    if workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        uvicorn.Server(config).run([listener])
