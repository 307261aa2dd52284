"""Draw the boards in charts/ from a published file: one static site, or served for exploring.

dbt-charts draws them. A shop's boards are a project of their own, made of the boards as they are
and of what the published file says of the shop: its name, its currency, its segments' colours.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import yaml

from patronage.published import PublishError, connect_published, first_line

BOARDS = {
    "overview": "Overview",
    "segments": "Segments",
    "movement": "Movement",
    "retention": "Retention",
    "returns": "Returns",
    "whom_to_contact": "Whom to contact",
    "predictions": "Predictions",
    "clusters": "Clusters",
    "data_quality": "Data quality",
    "what_if": "What if",
}
"""The boards in the order of the site's menu, and what the menu calls them."""

DOCS = "data_dictionary.html"
"""What the site calls the documentation that dbt writes of the models and their columns."""

PHONE = "_phone"
"""What follows the name of a board that also comes in one column."""

CURRENCIES = frozenset({
    "AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "INR", "JPY", "MXN", "NOK", "SEK", "USD"
})  # fmt: skip
"""Currencies whose sign dbt-charts knows; any other is named in words, at the top of a board."""

SHOPS = """
select
    shop,
    shop_name,
    currency,
    (select min(segmentation) from published.marts.segments where is_primary) as segmentation
from published.marts.shops
order by customers desc, shop
"""

COLOURS = """
with named as (
    select segmentation, segment, segment_colour, is_primary from published.marts.segments
    union
    select segmentation, segment, segment_colour, is_primary
    from published.marts.segment_revenue_then
),
chosen as (
    select
        segment,
        segment_colour,
        bool_or(is_primary) as is_primary,
        count(*) over (partition by segment) as colours
    from named
    where segment_colour is not null
    group by segment, segment_colour
)
select segment, segment_colour
from chosen
where is_primary or colours = 1
order by segment
"""
"""Colours of the primary segmentation, and of other names that have one colour everywhere."""

STYLE = """\
body { background: #fff; margin: 0 }
.pages { background: #fff; border-bottom: 1px solid #ddd; display: flex; flex-wrap: wrap;
  font: 15px/1.4 system-ui, sans-serif; gap: 4px 16px; padding: 10px 4%; position: sticky; top: 0;
  z-index: 9 }
@media (max-width: 700px) { .pages { position: static } }
.pages a { color: #333; padding: 2px 0; text-decoration: none }
.pages a:hover { text-decoration: underline }
.pages a[aria-current] { border-bottom: 2px solid #0072b2; color: #000; font-weight: 600 }
.pages span { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 4px 16px }
.board { margin: 0 auto; max-width: 1400px }
.board.phone { max-width: 520px }
"""


class DashboardError(PublishError):
    """What stands in the way of drawing the boards, in one sentence."""


@dataclass(frozen=True)
class Shop:
    """A shop of the published file, as the menu and the boards need it."""

    shop: str
    name: str
    currency: str | None
    segmentation: str | None


def read_shops(published: Path) -> list[Shop]:
    """Read the shops of a published file, the one with the most customers first."""
    with closing(connect_published(published)) as connection:
        try:
            rows = connection.execute(SHOPS).fetchall()
        except duckdb.Error as error:
            raise DashboardError(f"{published} names no shops: {first_line(error)}") from error
    return [Shop(*row) for row in rows]


def read_colours(published: Path) -> dict[str, str]:
    """Read the colour of each segment, as ``#0072B2``, from a published file."""
    with closing(connect_published(published)) as connection:
        return dict(connection.execute(COLOURS).fetchall())


def board_defaults(
    defaults: Mapping[str, Any], shop: Shop, colours: Mapping[str, str], *, is_static: bool
) -> dict[str, Any]:
    """Complete the defaults of all boards with what is a shop's own.

    Parameters
    ----------
    defaults
        What ``charts/meta.yml`` says.
    shop
        The shop that is shown first, or alone.
    colours
        Of each segment.
    is_static
        Whether nobody can choose another shop: then money has the sign of the shop's currency, and
        what could be chosen is not shown.
    """
    made: dict[str, Any] = json.loads(json.dumps(defaults))
    made["variables"]["shop"]["default"] = shop.shop
    made["variables"]["segmentation"]["default"] = shop.segmentation
    style = made["style"]
    style["charts"]["category_colors"]["segment"]["values"].update(colours)
    if is_static:
        made["variables"] = hide(made["variables"])
        if shop.currency in CURRENCIES:
            made["regional"] = {"currency": shop.currency}
            formats = style["formats"]
            formats["money"], formats["money_exact"] = "$,.0f", "$,.2f"
    return made


def hide(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the defaults of variables, and show no controls."""
    return {name: {**variable, "visible": False} for name, variable in variables.items()}


def write_project(
    charts: Path, folder: Path, published: Path, defaults: Mapping[str, Any], *, is_static: bool
) -> list[Path]:
    """Write a project of dbt-charts: the boards, their defaults, and where the data is.

    Parameters
    ----------
    charts
        The folder of the boards.
    folder
        The project; there is nothing yet.
    published
        What the boards read.
    defaults
        Those of ``board_defaults``.
    is_static
        Whether nobody can choose: then no board shows a control. Otherwise the boards are links, so
        that a change to one is seen at the next look.

    Returns
    -------
    The boards in the project.
    """
    source = {"type": "duckdb", "path": str(published.absolute()), "schema": "marts"}
    write_yaml(folder / "dbt_charts.yml", {"sources": {"published": source}, "cache": False})
    write_yaml(folder / "charts" / "meta.yml", defaults)
    shutil.copytree(charts / "templates", folder / "templates")
    boards = []
    for board in sorted(charts.glob("*.yml")):
        copy = folder / "charts" / board.name
        if board.name == "meta.yml":
            continue
        if is_static:
            content = read_yaml(board)
            write_yaml(copy, {**content, "variables": hide(content.get("variables", {}))})
        else:
            copy.symlink_to(board.absolute())
        boards.append(copy)
    return boards


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file of YAML that holds a mapping."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as YAML, in its own order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def dct() -> str:
    """Find the command of dbt-charts: beside this Python, or on the path."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = shutil.which("dct", path=folders)
    if command is None:
        raise DashboardError("the boards are drawn by dct: pip install 'patronage[dashboard]'")
    return command


def environment() -> dict[str, str]:
    """Make the environment of dbt-charts, in which it reports no use."""
    return {**os.environ, "DO_NOT_TRACK": "1", "DCT_NO_WORKSPACE_GUARD": "1"}


def run_dct(arguments: Sequence[str]) -> None:
    """Run dbt-charts to its end; an error of it is the sentence of the error."""
    done = subprocess.run(
        [dct(), *arguments], env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise DashboardError(f"dct could not draw the boards: {said}")


def draw_shop(
    charts: Path,
    work: Path,
    published: Path,
    shop: Shop,
    names: Sequence[str] = (),
    kind: str = "html",
) -> Path:
    """Draw boards of a shop.

    Parameters
    ----------
    charts
        The folder of the boards.
    work
        Where to write, into a folder named after the shop.
    published
        A published file.
    shop
        One of its shops.
    names
        Of the boards; none = all.
    kind
        html or png.

    Returns
    -------
    The folder of the pages, one ``<board>.<kind>`` for each board.
    """
    project, pages = work / shop.shop / "project", work / shop.shop / "pages"
    defaults = board_defaults(
        read_yaml(charts / "meta.yml"), shop, read_colours(published), is_static=True
    )
    boards = write_project(charts, project, published, defaults, is_static=True)
    chosen = [str(board) for board in boards if not names or board.stem in names]
    options = ["--format", kind, "--no-cache", "--no-warnings", "--project-dir", str(project)]
    run_dct(["render", *chosen, *options, "--output", str(pages / f"{{stem}}.{kind}")])
    return pages


def menu(
    shops: Sequence[Shop], shop: Shop, board: str, boards: Sequence[str], *, has_docs: bool
) -> str:
    """Write the links from a page to each shop, and to each board of the same shop."""

    def link(page: str, text: str, *, is_here: bool) -> str:
        here = ' aria-current="page"' if is_here else ""
        return f'<a href="{escape(page)}"{here}>{escape(text)}</a>'

    wide = board.removesuffix(PHONE)
    others = [
        link(f"../{other.shop}/{board}.html", other.name, is_here=other == shop) for other in shops
    ]
    own = [link(f"{name}.html", text, is_here=name == board) for name, text in BOARDS.items()]
    if wide + PHONE in boards:
        own.append(link(f"{wide}{PHONE}.html", "In one column, for phones", is_here=board != wide))
    if has_docs:
        own.append(link(f"../{DOCS}", "Data dictionary", is_here=False))
    return f'<nav class="pages"><span>{"".join(others)}</span><span>{"".join(own)}</span></nav>'


FONT = re.compile(r"@font-face\s*\{[^}]*\}")
LEFT_OUT = re.compile(r' data-rendered-at="[^"]*"| (?:xlink:)?href="\?[^"]*"')
"""When a page was drawn, and links that choose a filter, which a static page has not."""


def finish_page(page: str, navigation: str, *, is_phone: bool) -> str:
    """Put the menu above a page, its fonts and styles into files that all pages share."""
    kind = "board phone" if is_phone else "board"
    page = LEFT_OUT.sub("", FONT.sub("", page))
    styles = "".join(f'<link rel="stylesheet" href="../{name}.css">' for name in ("fonts", "site"))
    page = page.replace("</head>", f"{styles}</head>", 1)
    page = page.replace("<body>", f'<body>{navigation}<div class="{kind}">', 1)
    return page.replace("</body>", "</div></body>", 1)


def render_site(published: Path, folder: Path, charts: Path = Path("charts")) -> None:
    """Draw every board for every shop as one static site.

    What ``dbt docs generate --static`` has written becomes a page of it.

    Parameters
    ----------
    published
        A published file.
    folder
        The site; there is nothing yet. ``index.html`` leads to the first shop's overview.
    charts
        The folder of the boards.

    Raises
    ------
    DashboardError, PublishError
        In one sentence what stands in the way.
    """
    if not (charts / "meta.yml").is_file():
        raise DashboardError(f"there are no boards in {charts}/; run this where the project is")
    shops = read_shops(published)
    boards = sorted(board.stem for board in charts.glob("*.yml") if board.name != "meta.yml")
    if folder.exists():
        raise DashboardError(f"{folder} is there already; move it, or name another folder")
    docs = Path(os.environ.get("DBT_TARGET_PATH") or "target", "static_index.html")
    fonts: dict[str, None] = {}
    with TemporaryDirectory() as work, ThreadPoolExecutor(os.cpu_count()) as pool:
        site = Path(work, "site")
        site.mkdir()
        drawn = pool.map(lambda shop: draw_shop(charts, Path(work), published, shop), shops)
        for shop, pages in zip(shops, drawn, strict=True):
            (site / shop.shop).mkdir()
            for board in boards:
                page = (pages / f"{board}.html").read_text(encoding="utf-8")
                fonts.update(dict.fromkeys(FONT.findall(page)))
                finished = finish_page(
                    page,
                    menu(shops, shop, board, boards, has_docs=docs.is_file()),
                    is_phone=board.endswith(PHONE),
                )
                (site / shop.shop / f"{board}.html").write_text(finished, encoding="utf-8")
        if docs.is_file():
            shutil.copy(docs, site / DOCS)
        (site / "fonts.css").write_text("\n".join(fonts), encoding="utf-8")
        (site / "site.css").write_text(STYLE, encoding="utf-8")
        first = f"{shops[0].shop}/overview.html"
        (site / "index.html").write_text(
            f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(shops[0].name)}</title>'
            f'<meta http-equiv="refresh" content="0; url={escape(first)}">'
            f'<a href="{escape(first)}">{escape(shops[0].name)}</a>\n',
            encoding="utf-8",
        )
        shutil.move(site, folder)


def explore(published: Path, port: int | None, charts: Path = Path("charts")) -> None:
    """Serve the boards on this machine until interrupted; every look reads what is published then.

    Parameters
    ----------
    published
        A published file.
    port
        Where to listen; None = where dbt-charts finds a free one.
    charts
        The folder of the boards; a change to one is seen at the next look.

    Raises
    ------
    DashboardError, PublishError
        In one sentence what stands in the way.
    """
    shops = read_shops(published)
    defaults = board_defaults(
        read_yaml(charts / "meta.yml"), shops[0], read_colours(published), is_static=False
    )
    with TemporaryDirectory() as folder:
        write_project(charts, Path(folder), published, defaults, is_static=False)
        where = ["--host", "127.0.0.1", *(["--port", str(port)] if port else [])]
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with subprocess.Popen(
            [dct(), "serve", "--project-dir", folder, "--no-cache", *where], env=environment()
        ) as server:
            try:
                server.wait()
            except KeyboardInterrupt:
                server.terminate()
