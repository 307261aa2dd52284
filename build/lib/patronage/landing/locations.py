"""Where raw files are: here, or elsewhere and to be fetched."""

import os
from glob import glob
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from patronage.landing.files import stamp_of
from patronage.landing.quoting import sql_text
from patronage.landing.refusals import RefusalError


def find_files(connection: DuckDBPyConnection, location: str, workshop: Path) -> dict[str, str]:
    """List the files of a location.

    Parameters
    ----------
    connection
        A connection to DuckDB, which lists and fetches what is elsewhere.
    location
        A path, a glob or a URL.
    workshop
        A folder, into which text that is elsewhere is fetched.

    Returns
    -------
    By the name of each file, in order, the path from which to read it.

    Raises
    ------
    RefusalError
        If there is none.
    """
    if "://" in location:
        return fetch(connection, location, workshop)
    if os.path.lexists(location):
        stamp_of(location)
        return {location: location}
    # unlike DuckDB's, this one also lists what cannot be read: links to nowhere, pipes
    found = sorted(glob(location, recursive=True))  # noqa: PTH207
    if not found:
        raise RefusalError(
            f"no file matches {location}; accepted are a path, glob or URL of csv, csv.gz or"
            " parquet, or a relation."
        )
    for path in found:
        stamp_of(path)
    return {path: path for path in found}


def fetch(connection: DuckDBPyConnection, location: str, workshop: Path) -> dict[str, str]:
    """List files in an object storage or on a web server, and fetch those that are text.

    Parameters, result and errors are those of ``find_files``.
    """
    accepted = "accepted: what DuckDB's extension httpfs reads with the credentials of the profile"
    try:
        connection.execute("load httpfs")
    except duckdb.Error:
        raise RefusalError(
            f"{location} needs DuckDB's extension httpfs, which is not installed; accepted: a path,"
            " or a target that has it (s3)."
        ) from None
    fetched = {}
    try:
        urls = [location]
        if not location.startswith("http"):
            listed = connection.execute("select file from glob(?) order by file", [location])
            urls = [row[0] for row in listed.fetchall()]
        for number, url in enumerate(urls):
            name = Path(url.split("?", maxsplit=1)[0]).name
            if name.lower().endswith(".parquet"):
                fetched[url] = url
                continue
            copy = workshop / str(number) / name
            copy.parent.mkdir()
            connection.execute(
                f"copy (select content from read_blob({sql_text(url)}))"  # noqa: S608
                f" to {sql_text(str(copy))} (format blob)"
            )
            fetched[url] = str(copy)
    except duckdb.Error as error:
        reason = str(error).split("\n", maxsplit=1)[0].split(": ", maxsplit=1)[-1].rstrip(". ")
        raise RefusalError(f"{location} cannot be fetched ({reason}); {accepted}.") from None
    if not fetched:
        raise RefusalError(f"no file matches {location}; {accepted}.")
    return fetched
