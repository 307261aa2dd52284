"""What dbt-spark lacks for this project: fits in Spark's session, seeds, and raw extracts.

dbt imports every module whose name starts with ``dbt_``. Without dbt-spark this one does nothing.
"""

import ast
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LANDING = "spark.patronage.landing"
"""The parameter of a target that names the folder for landed records."""


class Table:
    """A table of Spark with the methods by which Python models read DuckDB's relations."""

    def __init__(self, session: Any, frame: Any) -> None:
        self._session, self._frame = session, frame

    def filter(self, condition: str) -> "Table":
        """Keep the rows that meet a condition in SQL."""
        return Table(self._session, self._frame.filter(condition))

    def project(self, columns: str) -> "Table":
        """Keep columns, as a select has them."""
        frame = self._session.sql(f"select {columns} from {{rows}}", rows=self._frame)  # noqa: S608
        return Table(self._session, frame)

    def df(self) -> Any:
        """Return a data frame of pandas, of the types that DuckDB gives."""
        import duckdb  # noqa: PLC0415 - only for models that run

        with duckdb.connect() as connection:
            return connection.from_arrow(self._frame.toArrow()).df()


class Session:
    """A session of Spark whose tables are read as DuckDB's relations are."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def table(self, name: str) -> Table:
        """Name a table."""
        return Table(self._session, self._session.table(name.replace('"', "")))

    def __getattr__(self, name: str) -> Any:
        """Be the session in all else."""
        return getattr(self._session, name)


def open_session(parameters: Mapping[str, Any]) -> Any:
    """Return the session of Spark that dbt-spark's own statements use."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - needs Java

    builder = SparkSession.builder.enableHiveSupport()
    for name, value in parameters.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def write_table(session: Any, rows: Any, name: str) -> None:
    """Replace a table of Spark by rows of Arrow.

    Parameters
    ----------
    session
        Spark's session.
    rows
        A table of Arrow.
    name
        The table.
    """
    import pyarrow  # noqa: PLC0415 - only for models that run

    fields = [
        field.with_type(pyarrow.string()) if pyarrow.types.is_null(field.type) else field
        for field in rows.schema
    ]
    frame = session.createDataFrame(rows.cast(pyarrow.schema(fields)))
    frame.write.mode("overwrite").format("parquet").saveAsTable(name)


def definitions_of(code: str) -> ast.Module:
    """Return what a compiled Python model defines, without dbt-spark's way of running it.

    Parameters
    ----------
    code
        The model, followed by what dbt-spark would run, which begins with ``dbt = …``.
    """
    tree = ast.parse(code)
    for place, node in enumerate(tree.body):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "dbt":
            return ast.Module(tree.body[:place], [])
    return tree


class SessionSubmission:
    """Runs a Python model in this process, against Spark's session."""

    def __init__(self, parsed_model: Mapping[str, Any], credentials: Any) -> None:
        self.name = f"{parsed_model['schema']}.{parsed_model['alias']}"
        self.parameters = credentials.server_side_parameters

    def submit(self, compiled_code: str) -> None:
        """Run the model, and write what it returns."""
        import pyarrow  # noqa: PLC0415 - only for models that run

        session = Session(open_session(self.parameters))
        namespace: dict[str, Any] = {}
        exec(compile(definitions_of(compiled_code), self.name, "exec"), namespace)  # noqa: S102
        result = namespace["model"](namespace["dbtObj"](session.table), session)
        rows = pyarrow.Table.from_pandas(result, preserve_index=False)
        write_table(session, rows, self.name)


def landing_of(adapter: Any) -> tuple[Any, Path]:
    """Return Spark's session and the folder for landed records, as the profile has them.

    Raises
    ------
    DbtRuntimeError
        If the profile does not name the folder.
    """
    from dbt_common.exceptions import DbtRuntimeError  # noqa: PLC0415 - with dbt only

    parameters = adapter.config.credentials.server_side_parameters
    if LANDING not in parameters:
        raise DbtRuntimeError(
            f"the profile lacks {LANDING}; accepted: a folder among the server_side_parameters of"
            " the output in profiles.yml."
        )
    return open_session(parameters), Path(parameters[LANDING])


def land_extract(self: Any, request: str) -> str:
    """Bring a raw extract in; request and answer are those of ``land_request``."""
    from patronage.landing.spark import land_request  # noqa: PLC0415 - before models run only

    return land_request(landing_of(self)[0], request, landing_of(self)[1])


def python_package_version(_self: Any) -> str:
    """Give the version of this package."""
    return version("patronage")


def change_extracts(self: Any, statement: str) -> None:
    """Change ``raw.extracts``."""
    from patronage.landing.spark import change_extracts as change  # noqa: PLC0415 - as above

    change(statement, landing_of(self)[1])


def query_extracts(self: Any, query: str) -> Any:
    """Ask ``raw.extracts``; a table of agate, or None where there is no such table."""
    from dbt_common.clients.agate_helper import table_from_data_flat  # noqa: PLC0415

    from patronage.landing.spark import query_extracts as ask  # noqa: PLC0415 - as above

    found = ask(query, landing_of(self)[1])
    if found is None:
        return None
    names, rows = found
    return table_from_data_flat([dict(zip(names, row, strict=True)) for row in rows], names)


def has_relation(self: Any, name: str) -> bool:
    """Tell whether a table or view is there."""
    return bool(landing_of(self)[0].catalog.tableExists(name))


def has_function(self: Any, name: str) -> bool:
    """Tell whether a function is there."""
    return bool(landing_of(self)[0].catalog.functionExists(name))


def name_types(self: Any, name: str) -> dict[str, str]:
    """Name the types of a relation's columns, in capitals."""
    return {column: kind.upper() for column, kind in landing_of(self)[0].table(name).dtypes}


def write_seed(self: Any, name: str, rows: Any, types: Mapping[str, str]) -> None:
    """Write a seed as a table of Spark.

    Parameters
    ----------
    name
        The table.
    rows
        A table of agate.
    types
        By column, its type; that of the others is a text.
    """
    import pyarrow  # noqa: PLC0415 - for seeds only

    columns = {
        column: [None if value is None else str(value) for value in rows.columns[column].values()]
        for column in rows.column_names
    }
    texts = pyarrow.table(columns, schema=pyarrow.schema([(c, pyarrow.string()) for c in columns]))
    session = landing_of(self)[0]
    frame = session.createDataFrame(texts).selectExpr(
        *(f"cast(`{column}` as {types.get(column, 'string')}) as `{column}`" for column in columns)
    )
    frame.write.mode("overwrite").format("parquet").saveAsTable(name)


def clear_unfinished_tables(self: Any, tables: Sequence[str]) -> list[str]:
    """Remove the folders of tables that a killed build was writing.

    Parameters
    ----------
    tables
        The tables that builds write, as ``schema.table``.

    Returns
    -------
    The folders: of these tables, those that lie where a table is expected and have none. Spark
    Connect does not reach folders, and nothing is removed through it.
    """
    session = landing_of(self)[0]
    if not hasattr(session, "_jvm"):
        return []
    removed = []
    by_schema: dict[str, list[str]] = {}
    for table in sorted(tables):
        schema, _, name = table.lower().partition(".")
        by_schema.setdefault(schema, []).append(name)
    for schema, names in by_schema.items():
        if not session.catalog.databaseExists(schema):
            continue
        there = {row["tableName"] for row in session.sql(f"show tables in `{schema}`").collect()}
        new_path = session._jvm.org.apache.hadoop.fs.Path
        place = new_path(session.catalog.getDatabase(schema).locationUri)
        files = place.getFileSystem(session._jsc.hadoopConfiguration())
        for folder in (new_path(place, name) for name in names if name not in there):
            if files.exists(folder):
                files.delete(folder, True)
                removed.append(folder.toString())
    return removed


METHODS = (
    land_extract,
    python_package_version,
    change_extracts,
    query_extracts,
    has_relation,
    has_function,
    name_types,
    write_seed,
    clear_unfinished_tables,
)
"""What macros/engines/spark calls."""


def extend_dbt_spark() -> None:
    """Give dbt-spark's adapter what it lacks."""
    from dbt.adapters.spark.impl import SparkAdapter  # noqa: PLC0415 - where it is installed

    for method in METHODS:
        setattr(SparkAdapter, method.__name__, method)
        SparkAdapter._available_ |= {method.__name__}
    SparkAdapter.python_submission_helpers = property(lambda _: {"session": SessionSubmission})
    SparkAdapter.default_python_submission_method = property(lambda _: "session")


if find_spec("dbt.adapters.spark") is not None:
    extend_dbt_spark()
