"""How raw files come into the warehouse: a plugin of dbt-duckdb, named in the profile.

>>> # profiles.yml
>>> # plugins: [{module: patronage.landing}]
"""

import json
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from patronage.landing.refusals import RefusalError
from patronage.published import sql_text

PACKAGES = ("joblib", "numpy", "pandas", "pyarrow", "scipy", "sklearn")
"""What landing and fitting import, and dbt does not bring."""


class Plugin(BasePlugin):
    """Gives DuckDB the functions that macros call, and says who holds a warehouse."""

    def initialize(self, config: dict[str, Any]) -> None:
        """Take the settings of the profile: ``memory_limit``, empty where DuckDB decides."""
        self.memory_limit = str(config.get("memory_limit") or "").strip()

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Stop with a sentence if a package is missing, or another process has the warehouse."""
        if missing := [name for name in PACKAGES if find_spec(name) is None]:
            raise DbtRuntimeError(
                f"a build needs {', '.join(missing)}: pip install 'patronage[warehouse]'"
            )
        if creds.path.startswith((":memory:", "md:", "motherduck:")):
            return
        try:
            duckdb.connect(creds.path, config=config).close()
        except duckdb.IOException as error:
            raise DbtRuntimeError(explain(creds.path, str(error))) from None

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Set what DuckDB may take of the memory, and register the functions."""
        if self.memory_limit:
            limit_memory(conn, self.memory_limit)

        def land_extract(request: str) -> str:
            return land_request(
                conn, request, Path(f"{self.creds.path}.landing" if self.creds else "landing")
            )

        conn.create_function(
            "land_extract", land_extract, ["VARCHAR"], "VARCHAR", side_effects=True
        )
        conn.create_function("patronage_version", lambda: version("patronage"), [], "VARCHAR")


def limit_memory(connection: DuckDBPyConnection, limit: str) -> None:
    """Set the most memory that DuckDB takes; beyond it, it works on disk.

    Raises
    ------
    DbtRuntimeError
        If the limit is no number of bytes, in one sentence.
    """
    try:
        connection.execute(f"set memory_limit = {sql_text(limit)}")
    except duckdb.Error:
        raise DbtRuntimeError(
            f"PATRONAGE_MEMORY_LIMIT is {limit}; accepted: a number with a unit, such as 4GB or"
            " 512MiB, or nothing."
        ) from None


def explain(path: str, error: str) -> str:
    """Say in one sentence why DuckDB cannot open a warehouse.

    Parameters
    ----------
    path
        The warehouse.
    error
        What DuckDB said.

    Returns
    -------
    The sentence.
    """
    if holder := re.search(r"Conflicting lock is held in (.+?) \(PID (\d+)\)", error):
        return (
            f"{path} is being used by process {holder[2]} ({holder[1]}); accepted: one build at a"
            " time, and no reader of the warehouse (they open what patronage publish has written)."
        )
    reason = error.split("\n", maxsplit=1)[0].rstrip(". ")
    return (
        f"{path} cannot be opened as a warehouse ({reason}); accepted: a new file, or a DuckDB file"
        " that can be written."
    )


def land_request(connection: DuckDBPyConnection, request: str, workshop: Path) -> str:
    """Land the extract that a macro asks for.

    Parameters
    ----------
    connection
        Any connection to the warehouse; a cursor of it does the work.
    request
        The fields of ``Extract``, as JSON.
    workshop
        A folder for copies, which is made and removed.

    Returns
    -------
    JSON: ``problem``, a sentence or null, and ``news``, a list of texts.
    """
    from patronage.landing.extracts import land  # noqa: PLC0415 - needs pyarrow, which
    from patronage.landing.report import Extract  # noqa: PLC0415 - the plugin first looks for

    cursor = connection.cursor()
    try:
        news = land(cursor, Extract(**json.loads(request)), workshop)
        return json.dumps({"problem": None, "news": news})
    except RefusalError as refusal:
        return json.dumps({"problem": str(refusal), "news": []})
    finally:
        cursor.close()
