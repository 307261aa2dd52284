"""API keys: named, from the environment or from a file that is read again when it has changed."""

import hmac
import logging
import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from patronage.api.problems import problem_response

OPEN_PATHS = frozenset({"/ping", "/health", "/docs", "/openapi.json"})
"""Who watches or describes the service needs no key."""

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOGGER = logging.getLogger("patronage.api")

Digests = dict[str, bytes]
"""Names of keys, and the SHA-256 of each: the keys themselves are not kept."""


class KeysError(Exception):
    """Why keys cannot be used, in one sentence without a key."""


def digests_of(entries: Iterable[str], place: str) -> Digests:
    """Read keys, each as ``name:key`` or ``key``.

    Raises
    ------
    KeysError
        There is none, a name cannot be one, or a name or a key stands there twice.
    """
    found: Digests = {}
    for number, entry in enumerate((text.strip() for text in entries if text.strip()), 1):
        name, _, key = entry.rpartition(":") if ":" in entry else (f"key-{number}", "", entry)
        name, key = name.strip(), key.strip()
        if not NAME.fullmatch(name):
            raise KeysError(
                f"{place}: the name of key {number} is not made of letters, digits, dots, dashes"
                " and underscores (write name:key, or a key without a colon)"
            )
        if not (key and key.isascii() and key.isprintable()):
            raise KeysError(f"{place}: key {number} is empty, or not printable ASCII")
        digest = sha256(key.encode()).digest()
        if name in found or digest in found.values():
            raise KeysError(f"{place}: key {number} has the name or the value of another one")
        found[name] = digest
    if not found:
        raise KeysError(f"{place} is set and holds no key: write one, or unset it")
    return found


def read_keys(keys: str | None, file: Path | None) -> Digests:
    """Read the keys of the environment, separated by commas, or of a file, one a line.

    Raises
    ------
    KeysError
        They cannot be used.
    """
    if file is None:
        return digests_of((keys or "").split(","), "PATRONAGE_API_KEYS")
    place = "the file of PATRONAGE_API_KEYS_FILE"
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise KeysError(f"{place} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KeysError(f"{place} is no text in UTF-8") from error
    return digests_of((line for line in lines if not line.lstrip().startswith("#")), place)


class KeyRing:
    """The accepted keys.

    Parameters
    ----------
    keys, file
        As of ``read_keys``.

    Raises
    ------
    KeysError
        They cannot be used.
    """

    def __init__(self, keys: str | None, file: Path | None) -> None:
        self._file = file
        self._seen = self._stat()
        self._digests = read_keys(keys, file)

    def _stat(self) -> tuple[int, ...] | None:
        if self._file is None:
            return None
        try:
            stat = self._file.stat()
        except OSError:
            return ()
        return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size

    def look(self) -> None:
        """Read the file again if it has changed; one that cannot be used leaves the old keys."""
        seen = self._stat()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._digests = read_keys(None, self._file)
        except KeysError as error:
            LOGGER.error("the keys stay as they were: %s", error)
        else:
            LOGGER.info("keys read again: %s", ", ".join(self._digests))

    def name_of(self, given: bytes) -> str | None:
        """Name a key; None = it is not accepted. All are compared, each in constant time."""
        digest = sha256(given).digest()
        names = [name for name, key in self._digests.items() if hmac.compare_digest(digest, key)]
        return names[0] if names else None


def route_path(scope: Scope) -> str:
    """Give the path below the one that a proxy has put the API under."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def is_open(path: str) -> bool:
    """Whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith("/docs/")


class ApiKeys:
    """Middleware that asks for a key in the header ``X-API-Key``.

    The name of an accepted key is put into ``scope["state"]["key"]``, on open paths, too.

    Parameters
    ----------
    app
        What answers requests with a key.
    ring
        The accepted keys.
    """

    def __init__(self, app: ASGIApp, ring: KeyRing) -> None:
        self._app = app
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 to a request without an accepted key."""
        if scope["type"] == "http":
            given = Headers(scope=scope).get("x-api-key", "").encode("latin-1")
            name = self._ring.name_of(given)
            scope.setdefault("state", {})["key"] = name
            if name is None and not is_open(route_path(scope)):
                answer = problem_response(
                    401,
                    "the header X-API-Key holds no accepted key",
                    {"WWW-Authenticate": "ApiKey"},
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)
