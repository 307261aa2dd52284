"""The command ``patronage``: publish the marts of a finished build, and serve them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from patronage.api.settings import SettingsError, serve
from patronage.publishing.files import PublishError, default_paths, publish
from patronage.publishing.object_storage import publish_to_s3


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    warehouse, published = default_paths()
    parser = argparse.ArgumentParser(prog="patronage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    files = commands.add_parser(
        "publish", help="publish the last build as one DuckDB file and Parquet files"
    )
    files.add_argument("--warehouse", type=Path, default=warehouse, metavar="FILE")
    files.add_argument("--to", type=Path, default=published, metavar="FILE")
    targets = files.add_subparsers(dest="target", metavar="[postgres|mysql|s3]")
    for name, address in (
        ("postgres", "postgresql://user@host/database, without a password"),
        ("mysql", "mysql://user@host/database, without a password"),
        ("s3", "s3://bucket/prefix; keys come from AWS_ACCESS_KEY_ID and its like"),
    ):
        target = targets.add_parser(name, help=f"publish the published file to {name}")
        target.add_argument("--url", required=True, help=address)
        target.add_argument(
            "--from", type=Path, default=published, metavar="FILE", dest="published"
        )
    for name in ("postgres", "mysql"):
        targets.choices[name].add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="holds the password, as the variable PATRONAGE_DATABASE_PASSWORD does otherwise",
        )
    targets.choices["postgres"].add_argument("--schema", default="marts")
    targets.choices["mysql"].set_defaults(schema="")
    targets.choices["s3"].add_argument(
        "--glue-database", metavar="NAME", help="register the marts in this database of AWS Glue"
    )
    service = commands.add_parser("serve", help="answer over HTTP from the published file")
    service.add_argument("--published", type=Path, default=published, metavar="FILE")
    service.add_argument("--host", help="default: PATRONAGE_API_HOST, or 127.0.0.1")
    service.add_argument("--port", help="default: PATRONAGE_API_PORT, or 8080")
    return parser.parse_args(arguments)


def run_database(options: argparse.Namespace) -> str:
    """Publish to a database, and return what to print."""
    try:
        from patronage.publishing.databases import publish_to_database  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PublishError(
            f"publishing to a database needs {error.name}: pip install 'patronage[databases]'"
        ) from error
    build_id, place = publish_to_database(
        options.published, options.target, options.url, options.schema, options.password_file
    )
    return f"Published build {build_id} to {place}"


def run(options: argparse.Namespace) -> str:
    """Do what is asked, and return what to print."""
    if options.command == "serve":
        serve(options.published, options.host, options.port)
        return "Stopped"
    if options.target == "s3":
        build_id = publish_to_s3(options.published, options.url, options.glue_database)
        return f"Published build {build_id} to {options.url}"
    if options.target:
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
    except (PublishError, SettingsError) as error:
        print(f"patronage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
