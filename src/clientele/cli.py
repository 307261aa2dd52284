"""The command ``clientele``: publish the marts of a finished build, and serve them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from clientele.api.settings import SettingsError, serve
from clientele.publish import PublishError, default_paths, publish


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    warehouse, published = default_paths()
    parser = argparse.ArgumentParser(prog="clientele", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    files = commands.add_parser(
        "publish", help="publish the last build as one DuckDB file and Parquet files"
    )
    files.add_argument("--warehouse", type=Path, default=warehouse, metavar="FILE")
    files.add_argument("--to", type=Path, default=published, metavar="FILE")
    service = commands.add_parser("serve", help="answer over HTTP from the published file")
    service.add_argument("--published", type=Path, default=published, metavar="FILE")
    service.add_argument("--host", help="default: CLIENTELE_API_HOST, or 127.0.0.1")
    service.add_argument("--port", help="default: CLIENTELE_API_PORT, or 8080")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> str:
    """Do what is asked, and return what to print."""
    if options.command == "serve":
        serve(options.published, options.host, options.port)
        return "Stopped"
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
    except (PublishError, SettingsError) as error:
        print(f"clientele: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
