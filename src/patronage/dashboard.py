"""Draw the boards in charts/ from a published file: one static site, or served for exploring.

dbt-charts draws them. A shop's boards are a project of their own, made of the boards as they are
and of what the published file says of the shop: its name, its currency, its segments' colours.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import yaml

from patronage.published import connect_published, first_line

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

PHONE = "_phone"
"""What follows the name of a board that also comes in one column."""

CURRENCIES = frozenset(
    ("USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "INR", "CNY", "BRL")
    + ("MXN",)
)
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
.pages a { color: #333; padding: 2px 0; text-decoration: none }
.pages a:hover { text-decoration: underline }
.pages a[aria-current] { border-bottom: 2px solid #0072b2; color: #000; font-weight: 600 }
.pages span { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 4px 16px }
.board { margin: 0 auto; max-width: 1400px }
.board.phone { max-width: 520px }
.one-column { display: none }
@media (max-width: 700px) { .one-column { display: inline } }
"""


class DashboardError(Exception):
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
