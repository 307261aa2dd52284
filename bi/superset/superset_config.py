"""Superset as ``bi/superset/local.py`` runs it: on this machine only, on what was published."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

HOME = Path(os.environ["SUPERSET_HOME"])
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}?check_same_thread=false&timeout=60"
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]

# Answers are read from the published file each time: none is of a build that was replaced.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

RATELIMIT_ENABLED = False
SQLLAB_CTAS_NO_LIMIT = True
TALISMAN_ENABLED = True


def open_the_build_in_use(
    url: URL, parameters: dict[str, Any], *_: object
) -> tuple[URL, dict[str, Any]]:
    """Follow the links of the published file to the build in use, before DuckDB opens it.

    Within one process DuckDB opens a path once, and shares what it has open among connections. As
    long as one query follows another without a pause, the path of the link would so keep giving
    the build of the first. The build's own path is another one after each publication.
    """
    if url.drivername == "duckdb" and url.database and url.database != ":memory:":
        url = url.set(database=os.path.realpath(url.database))
    return url, parameters


DB_CONNECTION_MUTATOR = open_the_build_in_use
