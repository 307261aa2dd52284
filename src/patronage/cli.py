"""Publish the marts of a finished build, read what is published, and serve it."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from patronage.api.ping import PingError, ping
from patronage.api.server import ServeError, serve
from patronage.export import ExportError, ListRequest, export_list
from patronage.published import PublishError, default_paths
from patronage.publishing.files import publish, publish_site
from patronage.publishing.object_storage import publish_to_s3
from patronage.query import QueryError, answer_query
from patronage.summary import summarise
from patronage.take_over import take_over

ADDRESSES = {
    "postgres": "postgresql://user@host/database, without a password (required)",
    "mysql": "mysql://user@host/database, without a password (required)",
    "s3": "s3://bucket/prefix; keys, region and endpoint are those that boto3 finds (required)",
}


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the command line; its defaults are the environment's."""
    warehouse, published = default_paths()
    parser = argparse.ArgumentParser(prog="patronage", description=__doc__)
    parser.add_argument("--version", action="version", version=f"patronage {version('patronage')}")
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser(
        "publish", help="publish the last build as one DuckDB file and Parquet files"
    )
    command.add_argument(
        "--warehouse",
        type=Path,
        default=warehouse,
        metavar="FILE",
        help="the file that dbt writes (default: %(default)s)",
    )
    command.add_argument(
        "--to",
        type=Path,
        default=published,
        metavar="FILE",
        help="the file to write, beside which the Parquet files are put in a folder"
        " (default: %(default)s)",
    )
    command.add_argument(
        "--marts-schema",
        metavar="NAME",
        help="the schema of the marts, if the warehouse holds those of several targets (default:"
        " the only one that there is)",
    )
    command.add_argument(
        "--site",
        action="store_true",
        help="draw the boards in charts/, too, as a site beside the file (default: do not)",
    )
    add_targets(command, published)

    command = commands.add_parser(
        "check", help="look at a file before any build, and write the var that maps it"
    )
    command.add_argument(
        "path", type=Path, metavar="FILE", help="an extract: text or Parquet (required)"
    )

    command = commands.add_parser("serve", help="answer over HTTP from the published file")
    add_published(command, published)
    command.add_argument(
        "--host", help="where to listen (default: PATRONAGE_API_HOST, or else 127.0.0.1)"
    )
    command.add_argument(
        "--port", help="where to listen (default: PATRONAGE_API_PORT, or else 8080)"
    )

    commands.add_parser("ping", help="ask whether the API answers, where the environment says")

    command = commands.add_parser("summary", help="print the segments of each shop")
    command.add_argument(
        "path",
        nargs="?",
        type=Path,
        default=published,
        metavar="FILE",
        help="a published file or a warehouse (default: %(default)s)",
    )

    command = commands.add_parser("query", help="answer a query on the published file")
    command.add_argument(
        "sql", metavar="SQL", help='such as "select * from marts.segments" (required)'
    )
    command.add_argument("--csv", action="store_true", help="write CSV (default: an aligned table)")
    add_published(command, published)

    command = commands.add_parser("dashboard", help="draw the boards in charts/ as a static site")
    command.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help="a new folder to write (default: site, beside the published file)",
    )
    add_published(command, published)

    command = commands.add_parser("explore", help="serve the boards in charts/, with their filters")
    command.add_argument("--port", type=int, help="where to listen (default: a free port)")
    add_published(command, published)

    command = commands.add_parser(
        "take-over", help="copy what Spark has built into a DuckDB warehouse"
    )
    command.add_argument(
        "--from",
        type=Path,
        default=Path(os.environ.get("PATRONAGE_SPARK_PATH") or "warehouse/spark"),
        metavar="FOLDER",
        dest="folder",
        help="the folder that Spark has written (default: %(default)s)",
    )
    command.add_argument(
        "--warehouse",
        type=Path,
        default=warehouse,
        metavar="FILE",
        help="the file that dbt writes with DuckDB (default: %(default)s)",
    )

    add_export(commands.add_parser("export", help="write a list of customers as CSV"), published)
    return parser


def add_export(command: argparse.ArgumentParser, published: Path) -> None:
    """Add what a list can be asked for; without a segment or month it is the contact queue."""
    command.add_argument("--shop", required=True, help="name of the shop (required)")
    command.add_argument("--segment", help="only customers of this segment (default: any)")
    command.add_argument(
        "--segmentation", metavar="NAME", help="what the segment is of (default: the primary one)"
    )
    command.add_argument(
        "--changed-since",
        metavar="YYYY-MM",
        help="only customers whose segment has changed since this month began (default: all)",
    )
    command.add_argument(
        "--campaign", metavar="NAME", help="the campaign that it is for (default: none)"
    )
    command.add_argument(
        "--holdout",
        type=float,
        default=0,
        metavar="PERCENT",
        help="mark so many customers as held out, by the campaign's name (default: none)",
    )
    command.add_argument(
        "--sent-on",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="day of the campaign (default: today, UTC)",
    )
    command.add_argument(
        "--columns",
        metavar="A,B",
        help="columns, by comma (default: a few useful ones)",
    )
    command.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="the CSV file to write (required)"
    )
    add_published(command, published)


def add_published(command: argparse.ArgumentParser, published: Path) -> None:
    """Add the option that names the published file."""
    command.add_argument(
        "--published",
        type=Path,
        default=published,
        metavar="FILE",
        help="the published file (default: %(default)s)",
    )


def add_targets(command: argparse.ArgumentParser, published: Path) -> None:
    """Add where else to publish to."""
    targets = command.add_subparsers(dest="target", metavar="[postgres|mysql|s3]")
    for name, address in ADDRESSES.items():
        target = targets.add_parser(name, help=f"publish the published file to {name}")
        target.add_argument("--url", required=True, help=address)
        target.add_argument(
            "--from",
            type=Path,
            default=published,
            metavar="FILE",
            dest="published",
            help="the published file (default: %(default)s)",
        )
    for name in ("postgres", "mysql"):
        targets.choices[name].add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="holds the password (default: the variable PATRONAGE_DATABASE_PASSWORD does)",
        )
    targets.choices["postgres"].add_argument(
        "--schema", default="marts", help="the schema to write (default: %(default)s)"
    )
    targets.choices["s3"].add_argument(
        "--glue-database",
        metavar="NAME",
        help="register the marts in this database of AWS Glue (default: do not)",
    )


def publish_to_server(options: argparse.Namespace) -> tuple[str, str]:
    """Publish to a database server; return the id of the build, and the place."""
    try:
        if options.target == "postgres":
            from patronage.publishing.postgres import publish_to_postgres  # noqa: PLC0415

            return publish_to_postgres(
                options.published, options.url, options.schema, options.password_file
            )
        from patronage.publishing.mysql import publish_to_mysql  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PublishError(
            f"publishing to a database needs {error.name}: pip install 'patronage[databases]'"
        ) from error
    return publish_to_mysql(options.published, options.url, options.password_file)


def run_publish(options: argparse.Namespace) -> str:
    """Publish, and return what to print."""
    if options.target is None:
        draw = boards().render_site if options.site else None
        build_id = publish(options.warehouse, options.to, draw, options.marts_schema)
        place = f"{options.to} and {options.to.with_suffix('')}/"
    elif options.target == "s3":
        build_id = publish_to_s3(options.published, options.url, options.glue_database)
        place = options.url
    else:
        build_id, place = publish_to_server(options)
    return f"Published build {build_id} to {place}"


def run_export(options: argparse.Namespace) -> str:
    """Write a list, and return what to print."""
    request = ListRequest(
        shop=options.shop,
        segment=options.segment,
        segmentation=options.segmentation,
        changed_since=options.changed_since,
        campaign=options.campaign,
        holdout_pct=options.holdout,
        sent_on=options.sent_on,
        columns=tuple(
            column.strip() for column in (options.columns or "").split(",") if column.strip()
        ),
    )
    return export_list(options.published, request, options.to)


def boards() -> ModuleType:
    """Find what draws the boards, which is an extra."""
    try:
        from patronage import dashboard  # noqa: PLC0415
    except ImportError as error:
        raise PublishError(
            f"the boards need {error.name}: pip install 'patronage[dashboard]'"
        ) from error
    return dashboard


def run_dashboard(options: argparse.Namespace) -> str:
    """Draw the boards, and return what to print."""
    draw = boards().render_site
    if options.to is None:
        site = publish_site(options.published, draw)
    else:
        site = options.to
        draw(options.published, site)
    return f"The boards are in {site}/index.html"


def run_explore(options: argparse.Namespace) -> str:
    """Serve the boards until told to stop, and return what to print."""
    boards().explore(options.published, options.port)
    return "Stopped"


def run_take_over(options: argparse.Namespace) -> str:
    """Copy Spark's tables, and return what to print."""
    number = take_over(options.folder, options.warehouse)
    return f"Took over {number} tables from {options.folder} into {options.warehouse}"


def run_check(options: argparse.Namespace) -> Iterable[str]:
    """Look at a file, and return what to print."""
    try:
        from patronage.checking import check_file  # noqa: PLC0415 - an extra
        from patronage.landing.refusals import RefusalError  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PublishError(
            f"looking at a file needs {error.name}: pip install 'patronage[warehouse]'"
        ) from error
    try:
        yield from check_file(options.path, Path())
    except RefusalError as error:
        raise PublishError(str(error)) from error


def run_serve(options: argparse.Namespace) -> str:
    """Serve until told to stop, and return what to print."""
    serve(options.published, options.host, options.port)
    return "Stopped"


COMMANDS: dict[str, Callable[[argparse.Namespace], Iterable[str]]] = {
    "check": run_check,
    "publish": lambda options: [run_publish(options)],
    "serve": lambda options: [run_serve(options)],
    "ping": lambda _: [ping()],
    "summary": lambda options: summarise(options.path),
    "query": lambda options: answer_query(options.published, options.sql, as_csv=options.csv),
    "export": lambda options: [run_export(options)],
    "dashboard": lambda options: [run_dashboard(options)],
    "explore": lambda options: [run_explore(options)],
    "take-over": lambda options: [run_take_over(options)],
}
"""What each command does; it returns lines to print."""


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
    options = make_parser().parse_args(arguments)
    try:
        for line in COMMANDS[options.command](options):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has seen enough, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ExportError, PingError, PublishError, QueryError, ServeError) as error:
        print(f"patronage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
