"""The server of the API."""

import os
from pathlib import Path

from patronage.api.settings import SettingsError, positive, settings_of


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
    SettingsError
        A setting cannot be used, or what serves is not installed.
    """
    os.environ["PATRONAGE_PUBLISHED_PATH"] = str(published)
    listen = {
        "PATRONAGE_API_PORT": port or os.environ.get("PATRONAGE_API_PORT", ""),
        "PATRONAGE_API_WORKERS": os.environ.get("PATRONAGE_API_WORKERS", ""),
    }
    number = positive(listen, "PATRONAGE_API_PORT", 8080)
    if number > 65_535:
        raise SettingsError(f"PATRONAGE_API_PORT is {number}, and must be at most 65535")
    workers = positive(listen, "PATRONAGE_API_WORKERS", 1)
    address = host or os.environ.get("PATRONAGE_API_HOST") or "127.0.0.1"
    settings_of(os.environ)
    try:
        import uvicorn  # noqa: PLC0415 - needed here only

        from patronage.api import app  # noqa: F401, PLC0415 - does it load?
    except ModuleNotFoundError as error:
        raise SettingsError(f"{error.name} is missing: pip install 'patronage[api]'") from error
    print(f"Serving {published} on http://{address}:{number}, described at /docs", flush=True)
    uvicorn.run(
        "patronage.api.app:create_app",
        factory=True,
        host=address,
        port=number,
        workers=workers,
        log_level="warning",
        access_log=False,
    )
