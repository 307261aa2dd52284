"""Where a warehouse holds the marts, and what is known of its builds.

The project has them in the schemas ``marts`` and ``raw``. One that installs it gives them names of
its own, for each of its targets.
"""

from dataclasses import dataclass

import duckdb

from patronage.published import PublishError


@dataclass(frozen=True)
class Schemas:
    """The schemas of one target of dbt.

    Attributes
    ----------
    raw
        Of the tables ``builds``, ``extracts`` and ``mart_keys``.
    marts
        Of the marts and functions.
    """

    raw: str
    marts: str


BUILDS = """
select schema_name
from duckdb_columns()
where
    database_name = 'warehouse'
    and (table_name, column_name) in (('builds', 'is_whole'), ('mart_keys', 'mart'))
group by schema_name
having count(*) = 2
order by schema_name
"""
"""Schemas in which builds are recorded."""


def find_schemas(connection: duckdb.DuckDBPyConnection, asked: str | None = None) -> Schemas:
    """Find the schemas of a warehouse.

    Parameters
    ----------
    connection
        To the warehouse, attached as ``warehouse``.
    asked
        The schema of the marts; None = there is only one.

    Returns
    -------
    The schemas.

    Raises
    ------
    PublishError
        There is no build, or none in the schema that is asked for, or there are several.
    """
    found = {}
    for (raw,) in connection.execute(BUILDS).fetchall():
        marts = marts_beside(connection, raw)
        found[marts] = Schemas(raw, marts)
    if not found:
        raise PublishError("the warehouse holds no build of everything; run dbt build first")
    if asked is None and len(found) > 1:
        raise PublishError(
            "the warehouse holds the marts of several targets; accepted: --marts-schema with one of"
            f" {', '.join(found)}"
        )
    if asked is not None and asked not in found:
        raise PublishError(f"--marts-schema {asked} holds no marts; accepted: {', '.join(found)}")
    return found[asked or next(iter(found))]


def marts_beside(connection: duckdb.DuckDBPyConnection, raw: str) -> str:
    """Read which schema the marts are in; builds of version 0.1.0 did not write it."""
    columns = connection.execute(f'describe warehouse."{raw}".mart_keys').fetchall()
    if "mart_schema" not in {name for name, *_ in columns}:
        return "marts"
    (schema,) = connection.execute(
        f"select coalesce(max(mart_schema), 'marts') from warehouse.\"{raw}\".mart_keys"  # noqa: S608
    ).fetchone() or ("marts",)
    return str(schema)
