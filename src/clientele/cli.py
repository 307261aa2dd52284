"""The command ``clientele``: publish the marts of a finished build."""

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
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> str:
    """Do what is asked, and return what to print."""
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
