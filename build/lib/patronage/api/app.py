"""The application."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from patronage.api.envelope import Envelope
from patronage.api.keys import OPEN_PATHS, ApiKeys, KeyRing
from patronage.api.marts import add_mart_routes
from patronage.api.openapi import Description, StrictRoute
from patronage.api.problems import add_handlers
from patronage.api.scores import add_score_routes
from patronage.api.service import Service
from patronage.api.settings import Settings, settings_of

SECONDS_OF_A_THREAD = 0.001
"""How long a thread with a batch computes before the event loop may go on (Python's own: 0.005)."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        None = those of the environment.

    Returns
    -------
    The application; it starts without a published file, too, and answers once there is one.

    Raises
    ------
    SettingsError
        A value of the environment cannot be used.
    KeysError
        The keys cannot be used.
    """
    settings = settings or settings_of()
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sys.setswitchinterval(SECONDS_OF_A_THREAD)
        service.store.start()
        yield
        service.close()

    app = FastAPIOffline(  # /docs with its own scripts, which FastAPI leaves to a public server
        title="patronage",
        description="Customer segments of the published build.",
        version=version("patronage"),
        lifespan=lifespan,
        redoc_url=None,
        static_url="/docs/files",
        redirect_slashes=False,
    )
    app.router.route_class = StrictRoute
    add_handlers(app)
    add_score_routes(app, service)
    add_mart_routes(app, service)
    open_paths = OPEN_PATHS if settings.asks_for_keys else None
    app.openapi = Description(app, service.store, open_paths)  # type: ignore[method-assign]
    if settings.asks_for_keys:
        ring = KeyRing(settings.keys, settings.keys_file)
        service.store.watch_too(ring.look)
        app.add_middleware(ApiKeys, ring=ring)
    app.add_middleware(Envelope, hosts=settings.hosts, has_access_log=settings.has_access_log)
    return app
