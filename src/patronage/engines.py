"""What the engines do in different ways for a Python model."""

from typing import Any


def read_if_there(dbt: Any, session: Any, name: str) -> Any:
    """Read a table that lies beside a Python model, if it is there.

    Parameters
    ----------
    dbt
        What dbt gives a Python model.
    session
        The connection to DuckDB, or the session of Spark.
    name
        The table.

    Returns
    -------
    A data frame of pandas, or None.
    """
    schema = dbt.this.schema
    if hasattr(session, "catalog"):  # Spark's
        location = f"{schema}.{name}"
        return session.table(location).df() if session.catalog.tableExists(location) else None
    found = session.sql(
        "select 1 from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        params=[dbt.this.database, schema, name],
    ).fetchall()
    return session.table(f'"{dbt.this.database}"."{schema}"."{name}"').df() if found else None
