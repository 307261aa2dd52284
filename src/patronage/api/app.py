"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from patronage.api.keys import OPEN_PATHS, ApiKeys
from patronage.api.marts import add_mart_routes
from patronage.api.openapi import describe
from patronage.api.problems import add_handlers
from patronage.api.sagemaker import add_sagemaker_routes
from patronage.api.segment import add_segment_route
from patronage.api.service import Service
from patronage.api.settings import Settings, settings_of


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
    """
    settings = settings or settings_of()
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.store.look()
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
    add_handlers(app)
    add_segment_route(app, service)
    add_mart_routes(app, service)
    add_sagemaker_routes(app, service)
    describe(app, OPEN_PATHS if settings.keys else None)
    if settings.keys:
        app.add_middleware(ApiKeys, keys=settings.keys)
    return app
