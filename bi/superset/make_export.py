"""Make the charts and their dashboard in a Superset of this moment, and export them.

    PYTHONPATH=src .superset/bin/python bi/superset/make_export.py [--published FILE] [--to FOLDER]

``make superset-export`` runs this. A Superset is started in a folder that is thrown away; datasets,
charts and a dashboard are created through its REST API, as listed here, and exported through it.
What would differ from one run to the next (ids, dates) is taken out: the same list gives the same
files, to the byte, as long as the columns of the marts are the same.
"""

import argparse
import json
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import duckdb
import yaml
from local import make_ready, started
from rest import EXPORT, NOT_YOURS, URI, Superset

from patronage.published import default_paths

NAMES = uuid5(NAMESPACE_DNS, "superset.patronage")
"""What the ids of the export are made from, with the name of each object."""

MONEY, COUNT, PERCENT = ",.0f", ",d", ".1f"


@dataclass(frozen=True)
class Metric:
    """What is summed or divided, in SQL, and how it is written."""

    name: str
    label: str
    sql: str
    format: str
    warning: str = ""


REVENUE = Metric("revenue", "Net revenue", "SUM(revenue)", MONEY, "In the shop's own currency.")
DISTINCT = "Customers are counted once in each month: sum them over segments, not over months."
DATASETS = {
    "contact_queue": [Metric("money_at_stake", "Money at stake", "SUM(money_at_stake)", MONEY)],
    "model_scorecard": [],
    "segment_migrations": [Metric("customers", "Customers", "SUM(customers)", COUNT, DISTINCT)],
    "segment_retention": [
        Metric(
            "retention",
            "Bought again, %",
            "100.0 * SUM(active_customers) / NULLIF(SUM(customers), 0)",
            PERCENT,
        )
    ],
    "segment_revenue_then": [REVENUE, Metric("orders", "Orders", "SUM(orders)", COUNT)],
    "segment_sizes": [Metric("customers", "Customers", "SUM(customers)", COUNT, DISTINCT)],
    "segments": [Metric("customers", "Customers", "SUM(customers)", COUNT), REVENUE],
    "shop_months": [REVENUE, Metric("orders", "Orders", "SUM(orders)", COUNT)],
    "shops": [],
}
"""The marts that are datasets, and the metrics of each."""


@dataclass(frozen=True)
class Chart:
    """A chart: of which dataset, what it shows and how, and where it stands.

    ``x`` with a metric makes a drawing, ``columns`` make a table of the rows as they are.
    """

    name: str
    dataset: str
    width: int
    kind: str = "table"
    x: str | None = None
    metric: str | None = None
    series: str | None = None
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    only: tuple[dict[str, Any], ...] = ()
    where: str = ""


def is_true(column: str) -> dict[str, Any]:
    """Keep the rows where a column is true."""
    return {"col": column, "op": "IS TRUE"}


PRIMARY = is_true("is_primary")
BARS, LINES, AREAS = "echarts_timeseries_bar", "echarts_timeseries_line", "echarts_area"
ROWS = (
    (
        Chart("Revenue by month", "shop_months", 4, BARS, "month", "revenue", "shop",
              only=(is_true("is_over"),)),
        Chart("Revenue by segment then", "segment_revenue_then", 8, BARS, "month", "revenue",
              "segment", only=(PRIMARY,)),
    ),
    (
        Chart("Customers and revenue by segment", "segments", 12,
              columns=("shop", "segment", "customers", "customers_pct", "revenue", "revenue_pct",
                       "key_traits", "recommended_actions"),
              order=("shop", "segment_order"), only=(PRIMARY,)),
    ),
    (
        Chart("Customers by segment over time", "segment_sizes", 6, AREAS, "month", "customers",
              "segment", only=(PRIMARY,)),
        Chart("Retention by segment", "segment_retention", 6, LINES, "months_after", "retention",
              "segment", only=(PRIMARY,)),
    ),
    (
        Chart("Customers who moved to another segment", "segment_migrations", 12, BARS, "month",
              "customers", "to_segment", only=(PRIMARY,),
              where="from_segment <> to_segment AND from_segment <> '(new)'"),
    ),
    (
        Chart("Whom to contact", "contact_queue", 12,
              columns=("shop", "contact_rank", "customer_id", "segment", "reason",
                       "recommended_actions", "money_at_stake", "last_contacted_on"),
              order=("shop", "contact_rank")),
    ),
    (
        Chart("Which predictions may be used", "model_scorecard", 12,
              columns=("shop", "model", "cutoff_on", "customers", "auc", "strongest_baseline",
                       "auc_gain", "auc_gain_low", "auc_gain_high", "is_published", "reason"),
              order=("shop", "model", "cutoff_on")),
    ),
)  # fmt: skip
"""The dashboard, row by row; a row is twelve wide."""

NO_OTHER_FILE = {"enable_external_access": "false"}
"""How DuckDB is told that SQL may read no file of the server but the published one."""
MOST_ROWS = 10_000
WIDTH = 66
"""Columns after which a line is broken: at the next space, at which it has at most 100."""
SEEDS = Path(__file__).parents[2] / "seeds" / "reference"
TIMES = {"month"}
"""Columns of dates that stand on the axis below a chart."""


def stable_id(kind: str, name: str) -> str:
    """Name the id that an object of the export has, always."""
    return str(uuid5(NAMES, f"{kind}/{name}"))


def axis(chart: Chart) -> dict[str, Any] | str:
    """Name the column below a drawing, as a query does."""
    if chart.x not in TIMES:
        return chart.x or ""
    said = {"columnType": "BASE_AXIS", "expressionType": "SQL", "timeGrain": "P1M"}
    return said | {"label": chart.x, "sqlExpression": chart.x}


def query_of(chart: Chart) -> dict[str, Any]:
    """Write the query of a chart, as ``POST /api/v1/chart/data`` takes it."""
    query: dict[str, Any] = {
        "annotation_layers": [],
        "applied_time_extras": {},
        "custom_form_data": {},
        "custom_params": {},
        "extras": {"having": "", "where": f"({chart.where})" if chart.where else ""},
        "filters": list(chart.only),
        "row_limit": MOST_ROWS,
        "url_params": {},
    }
    if chart.columns:
        query |= {"columns": list(chart.columns), "metrics": None}
        return query | {"orderby": [[column, True] for column in chart.order]}
    columns = [axis(chart), *([chart.series] if chart.series else [])]
    query |= {"columns": columns, "metrics": [chart.metric], "orderby": [[chart.metric, False]]}
    return query | {"series_columns": columns[1:], "series_limit": 0}


def filters_of(chart: Chart) -> list[dict[str, Any]]:
    """List the filters of a chart, as its form shows them."""
    simple = [
        {
            "clause": "WHERE",
            "comparator": True,
            "expressionType": "SIMPLE",
            "filterOptionName": f"filter_{chart.dataset}_{only['col']}",
            "operator": only["op"],
            "operatorId": "IS_TRUE",
            "subject": only["col"],
        }
        for only in chart.only
    ]
    written = {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": chart.where}
    option = {"filterOptionName": f"filter_{chart.dataset}_sql"}
    return simple + ([written | option] if chart.where else [])


def form_of(chart: Chart, dataset: int) -> dict[str, Any]:
    """Fill in the form of a chart, as Superset's page does."""
    form: dict[str, Any] = {
        "adhoc_filters": filters_of(chart),
        "datasource": f"{dataset}__table",
        "row_limit": MOST_ROWS,
        "viz_type": chart.kind,
    }
    if chart.columns:
        return form | {
            "all_columns": list(chart.columns),
            "order_by_cols": [json.dumps([column, True]) for column in chart.order],
            "percent_metrics": [],
            "query_mode": "raw",
            "server_page_length": 10,
            "show_cell_bars": True,
            "table_timestamp_format": "%Y-%m-%d",
            "page_length": 20,
        }
    (metric,) = [metric for metric in DATASETS[chart.dataset] if metric.name == chart.metric]
    form |= {
        "groupby": [chart.series] if chart.series else [],
        "metrics": [chart.metric],
        "order_desc": True,
        "rich_tooltip": True,
        "show_legend": True,
        "truncate_metric": True,
        "x_axis": chart.x,
        "x_axis_time_format": "%b %Y" if chart.x in TIMES else "SMART_NUMBER",
        "y_axis_format": metric.format,
    }
    if chart.x in TIMES:
        form["time_grain_sqla"] = "P1M"
    if chart.kind in (BARS, AREAS):
        form["stack"] = "Stack"
    return form


def create_dataset(superset: Superset, database: int, table: str) -> int:
    """Create a dataset of a mart with its metrics."""
    body = {"database": database, "schema": "marts", "table_name": table}
    dataset = int(superset.ask("POST", "dataset/", body)["id"])
    found = superset.ask("GET", f"dataset/{dataset}")["result"]["metrics"]
    rows = {"id": found[0]["id"], "metric_name": "count", "verbose_name": "Rows"}
    metrics = [
        {
            "metric_name": metric.name,
            "verbose_name": metric.label,
            "expression": metric.sql,
            "d3format": metric.format,
            "warning_text": metric.warning or None,
        }
        for metric in DATASETS[table]
    ]
    rows |= {"expression": "COUNT(*)", "d3format": COUNT}
    superset.ask("PUT", f"dataset/{dataset}", {"metrics": [rows, *metrics]})
    return dataset


def create_chart(superset: Superset, chart: Chart, dataset: int, dashboard: int) -> None:
    """Create a chart on a dashboard."""
    form = form_of(chart, dataset)
    context = {
        "datasource": {"id": dataset, "type": "table"},
        "force": False,
        "form_data": form,
        "queries": [query_of(chart)],
        "result_format": "json",
        "result_type": "full",
    }
    body = {
        "dashboards": [dashboard],
        "datasource_id": dataset,
        "datasource_type": "table",
        "params": json.dumps(form, sort_keys=True),
        "query_context": json.dumps(context, sort_keys=True),
        "slice_name": chart.name,
        "viz_type": chart.kind,
    }
    superset.ask("POST", "chart/", body)


def position_of(charts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Place the charts, which the API has described by their names, row by row."""
    root = ["ROOT_ID", "GRID_ID"]
    rows = [f"ROW-{number}" for number, _ in enumerate(ROWS, 1)]
    made: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": root[:1]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": "patronage"}},
    }
    for row, placed in zip(rows, ROWS, strict=True):
        names = [f"CHART-{charts[chart.name]['id']}" for chart in placed]
        made[row] = {
            "type": "ROW",
            "id": row,
            "children": names,
            "parents": root,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, chart in zip(names, placed, strict=True):
            made[name] = {
                "type": "CHART",
                "id": name,
                "children": [],
                "parents": [*root, row],
                "meta": {
                    "chartId": charts[chart.name]["id"],
                    "height": 75 if chart.columns else 50,
                    "sliceName": chart.name,
                    "uuid": charts[chart.name]["uuid"],
                    "width": chart.width,
                },
            }
    return made


def colours() -> dict[str, str]:
    """Read the colour of each segment from the project's seeds, as the marts do."""
    with duckdb.connect() as connection:
        return dict(
            connection.execute(
                "select segment, segment_colour from read_csv(?) inner join read_csv(?)"
                " using (segment_order) order by segment",
                [str(SEEDS / "segment_meanings.csv"), str(SEEDS / "segment_colours.csv")],
            ).fetchall()
        )


def places_of_columns(published: Path) -> dict[tuple[str, str], int]:
    """Read the place of each column in its mart."""
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, column_name, column_index from duckdb_columns()"
            " where schema_name = 'marts'"
        ).fetchall()
    return {(table, column): place for table, column, place in rows}


def shop_filter(shops: int) -> dict[str, Any]:
    """Let the reader choose one shop: money of two shops is never added."""
    return {
        "cascadeParentIds": [],
        "controlValues": {
            "defaultToFirstItem": True,
            "enableEmptyFilter": True,
            "inverseSelection": False,
            "multiSelect": False,
            "searchAllOptions": False,
            "sortAscending": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "description": "Shops have their own currencies.",
        "filterType": "filter_select",
        "id": "NATIVE_FILTER-shop",
        "name": "Shop",
        "requiredFirst": True,
        "scope": {"excluded": [], "rootPath": ["ROOT_ID"]},
        "targets": [{"column": {"name": "shop"}, "datasetId": shops}],
        "type": "NATIVE_FILTER",
    }


def create(superset: Superset, published: Path) -> int:
    """Create the database, the datasets, the charts and the dashboard."""
    body = {
        "database_name": "patronage",
        "sqlalchemy_uri": URI.format(path=published.absolute()),
        "expose_in_sqllab": True,
        "extra": json.dumps({"engine_params": {"connect_args": {"config": NO_OTHER_FILE}}}),
    }
    database = int(superset.ask("POST", "database/", body)["id"])
    datasets = {table: create_dataset(superset, database, table) for table in DATASETS}
    body = {"dashboard_title": "patronage", "slug": "patronage", "published": True}
    dashboard = int(superset.ask("POST", "dashboard/", body)["id"])
    for row in ROWS:
        for chart in row:
            create_chart(superset, chart, datasets[chart.dataset], dashboard)
    metadata = {
        "color_scheme": "supersetColors",
        "cross_filters_enabled": True,
        "label_colors": colours(),
        "native_filter_configuration": [shop_filter(datasets["shops"])],
        "refresh_frequency": 0,
    }
    position = position_of(superset.charts())
    body = {"position_json": json.dumps(position), "json_metadata": json.dumps(metadata)}
    superset.ask("PUT", f"dashboard/{dashboard}", body)
    return dashboard


class Indenting(yaml.SafeDumper):
    """Write lists as the project's other YAML has them, in from the key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Go in by two columns, also for a list."""
        super().increase_indent(flow, indentless=False)


def stable(files: dict[str, str], published: Path) -> dict[str, str]:
    """Give what was exported the same ids, names and path wherever and whenever it was made."""
    ids = {}
    named = {}
    for name, text in files.items():
        said = yaml.safe_load(text)
        if "uuid" in said:
            kind, _, rest = name.partition("/")
            short = re.sub(r"_\d+(?=\.yaml$)", "", rest)
            ids[said["uuid"]] = stable_id(kind, short)
            named[name] = f"{kind}/{short}"
    made = {}
    places = places_of_columns(published)
    for name, text in files.items():
        written = text.replace(str(published.absolute()), NOT_YOURS)
        for old, new in ids.items():
            written = written.replace(old, new)
        content = yaml.safe_load(written)
        content.pop("timestamp", None)
        table = content.get("table_name", "")
        content.get("columns", []).sort(key=lambda column: places[table, column["column_name"]])
        for column in content.get("columns", []):
            column["description"] = None  # Superset reads it from the published file
        made[named.get(name, name)] = yaml.dump(
            content, Dumper=Indenting, allow_unicode=True, width=WIDTH
        )
    return made


def make(published: Path, home: Path, port: int, programs: Path) -> dict[str, str]:
    """Make the export: YAML by the name of its file.

    Parameters
    ----------
    published
        The published file whose marts the datasets describe.
    home
        A folder of Superset's own, made ready and without any chart.
    port
        Where it may listen meanwhile.
    programs
        Where Superset's programs are.
    """
    with started(home, port, programs) as superset:
        return stable(superset.export_dashboard(create(superset, published)), published)


def write(files: dict[str, str], folder: Path) -> None:
    """Write the files of an export, and remove those that it no longer has."""
    for old in folder.rglob("*.yaml"):
        old.unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """Make the export, and write it."""
    parser = argparse.ArgumentParser(description="Make bi/superset/export.")
    parser.add_argument("--published", type=Path, default=default_paths()[1])
    parser.add_argument("--to", type=Path, default=EXPORT)
    arguments = parser.parse_args()
    programs = Path(sys.executable).parent
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    with TemporaryDirectory() as home:
        make_ready(Path(home), programs)
        write(make(arguments.published, Path(home), port, programs), arguments.to)


if __name__ == "__main__":
    main()
