"""The command ``clientele``: publish the marts of a finished build, as files or to a database."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clientele.publish import PublishError, publish

WAREHOUSE = "warehouse/clientele.duckdb"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    warehouse = os.environ.get("CLIENTELE_DUCKDB_PATH", WAREHOUSE)
    published = os.environ.get(
        "CLIENTELE_PUBLISHED_PATH", str(Path(warehouse).with_name("published.duckdb"))
    )
    parser = argparse.ArgumentParser(prog="clientele", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    files = commands.add_parser(
        "publish", help="publish the last build as one DuckDB file and Parquet files"
    )
    files.add_argument("--warehouse", type=Path, default=Path(warehouse), metavar="FILE")
    files.add_argument("--to", type=Path, default=Path(published), metavar="FILE")
    targets = files.add_subparsers(dest="database", metavar="[postgres|mysql]")
    for database, scheme in (("postgres", "postgresql"), ("mysql", "mysql")):
        target = targets.add_parser(
            database, help=f"publish the published file to a {scheme} database"
        )
        target.add_argument(
            "--url", required=True, help=f"{scheme}://user@host/database, without a password"
        )
        target.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="holds the password, as the variable CLIENTELE_DATABASE_PASSWORD does otherwise",
        )
        target.add_argument(
            "--from", type=Path, default=Path(published), metavar="FILE", dest="published"
        )
        target.set_defaults(schema="")
    targets.choices["postgres"].add_argument("--schema", default="marts")
    return parser.parse_args(arguments)


def run_database(options: argparse.Namespace) -> str:
    """Publish to a database, and return what to print."""
    try:
        from clientele.databases import publish_to_database  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise PublishError(
            f"publishing to a database needs {error.name}: pip install 'clientele[databases]'"
        ) from error
    build_id, place = publish_to_database(
        options.published, options.database, options.url, options.schema, options.password_file
    )
    return f"Published build {build_id} to {place}"


def run(options: argparse.Namespace) -> str:
    """Do what is asked, and return what to print."""
    if options.database:
        return run_database(options)
    build_id = publish(options.warehouse, options.to)
    return f"Published build {build_id} to {options.to} and {options.to.with_suffix('')}/"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        What follows the command's name; None = those of the process.

    Returns
    -------
    0, or 1 after one sentence on standard error.
    """
    options = parse(arguments)
    try:
        print(run(options))
    except PublishError as error:
        print(f"clientele: {error}", file=sys.stderr)
        return 1
    return 0
