"""Excel workbooks, by DuckDB's extension excel: the first sheet becomes a file of text."""

from importlib.util import find_spec
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from patronage.landing.quoting import sql_text
from patronage.landing.refusals import RefusalError


def as_text(connection: DuckDBPyConnection, name: str, path: str, copy: Path) -> str:
    """Give the path of a file that can be read as text or Parquet.

    A day is written as Excel keeps it, as a number (40513.39), which the landing reads.

    Parameters
    ----------
    connection
        A connection to DuckDB.
    name
        The file, for the sentence.
    path
        Where it is.
    copy
        Where to write the first sheet, if it is a workbook.

    Returns
    -------
    The path itself, or that of the copy.

    Raises
    ------
    RefusalError
        If it is a workbook, and the extension is missing or cannot read it.
    """
    if not path.lower().endswith(".xlsx"):
        return path
    if not has_excel(connection):
        raise RefusalError(
            f"{name} is an Excel workbook, and DuckDB's extension excel is not installed; accepted:"
            " pip install 'patronage[excel]', or the sheet saved as CSV."
        )
    try:
        connection.execute(
            f"copy (from read_xlsx({sql_text(path)}, all_varchar = true, header = false,"
            f" stop_at_empty = false)) to {sql_text(str(copy))} (format csv, header false)"
        )
    except duckdb.Error:
        raise RefusalError(
            f"{name} cannot be read as an Excel workbook; accepted: a whole .xlsx file whose first"
            " sheet begins with a header."
        ) from None
    return str(copy)


def has_excel(connection: DuckDBPyConnection) -> bool:
    """Load DuckDB's extension excel, if it or its wheel is installed, and say whether it is."""
    try:
        connection.execute("load excel")
    except duckdb.Error:
        if not find_spec("duckdb_extension_excel"):
            return False
        from duckdb_extensions import import_extension  # noqa: PLC0415 - an extra

        import_extension("excel", con=connection)
        connection.execute("load excel")
    return True
