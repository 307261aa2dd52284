"""Names, texts and lists of paths as SQL."""

import glob
from collections.abc import Iterable


def sql_name(value: str) -> str:
    """Write a name as SQL, in quotation marks."""
    return '"' + value.replace('"', '""') + '"'


def sql_text(value: str) -> str:
    """Write a text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def sql_texts(values: Iterable[str]) -> str:
    """Write texts as SQL, in brackets."""
    return "(" + ", ".join(sql_text(value) for value in values) + ")"


def sql_paths(paths: Iterable[str]) -> str:
    """Write a list of paths that DuckDB takes as they are, whatever signs of a glob they hold."""
    return (
        "["
        + ", ".join(sql_text(path if "://" in path else glob.escape(path)) for path in paths)
        + "]"
    )
