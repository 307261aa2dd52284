"""Ask the API of this machine whether it answers: the health check of its container."""

import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

SECONDS = 4
"""Longest wait for the answer; the health check of the Dockerfile allows 5."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask, not to listen
"""Where to ask a server that listens on every address."""


class PingError(Exception):
    """Why the API does not answer, in one sentence."""


def ping(environment: Mapping[str, str] = os.environ) -> str:
    """Ask where the environment says that ``patronage serve`` listens.

    Parameters
    ----------
    environment
        Where ``PATRONAGE_API_HOST``, ``PATRONAGE_API_PORT`` and their like are looked for.

    Returns
    -------
    A sentence.

    Raises
    ------
    PingError
        Nothing answers there, or it answers that it cannot.
    """
    name = "PATRONAGE_API_PORT"
    if not environment.get(name) and environment.get("SAGEMAKER_BIND_TO_PORT"):
        name = "SAGEMAKER_BIND_TO_PORT"
    port = environment.get(name) or "8080"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise PingError(f"{name} is {port!r}, and must be a whole number from 1 to 65535")
    host = environment.get("PATRONAGE_API_HOST") or "127.0.0.1"
    host = EVERYWHERE.get(host, host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/ping"
    accepted = environment.get("PATRONAGE_API_HOSTS", "").split(",")[0].strip()
    connection = HTTPConnection(host, int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/ping", headers={"Host": accepted or "localhost"})
        answer = connection.getresponse()
        status, text = answer.status, answer.read(1000).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        raise PingError(f"nothing answers at {url}: {error}") from error
    finally:
        connection.close()
    if status != 200:
        raise PingError(f"{url} answers {status}: {text}")
    return f"{url} answers"
