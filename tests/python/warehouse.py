"""Builds of throw-away warehouses and comparisons between them, for the tests.

dbt runs in this process. Reading the project takes longer than most builds of a test, so it is read
once for each project folder, file name and set of vars that matter while it is read.
"""

import contextlib
import gc
import io
import json
import os
import pickle
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[2]
MARTS = (
    "customers", "customer_segments", "segments", "segment_revenue", "data_quality", "score_edges", "premium_overlay",
    "revenue_concentration", "segment_migrations", "segment_retention", "cohort_retention", "country_returns", "flagged_orders",
    "cluster_diagnostics", "model_scorecard", "model_calibration", "model_coefficients", "segment_lifetime_values",
    "segment_outlook", "segmentation_outlook", "customer_segment_changes", "segment_revenue_then",
    "shops", "shop_months", "segment_sizes", "prediction_lift", "cluster_centres", "contact_queue", "campaign_results",
)  # fmt: skip
PARSE_TIME_VARS = (
    "shops", "segmentations", "own_segmentations", "minimum_fit_customers", "score_with_fits", "prediction_horizon_days", "lifetime_horizon_days",
)  # fmt: skip
"""Vars whose values are in the parsed project: test_warehouse.py holds this list."""
RAW_TABLES = re.compile("(online_retail|olist|department_store|shopify)_[a-z_]+")
"""Vars of which the parsed project only holds whether they are null: a seed is read, or is not."""
FAILED = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr)

_parsed: dict[str, bytes] = {}
is_allowed = True
"""Whether the test that runs is marked ``dbt``."""


@dataclass(frozen=True)
class Run:
    """What a dbt command said, and 0 where it succeeded."""

    returncode: int
    stdout: str
    failures: tuple[str, ...] = ()
    compiled: dict[str, str] = field(default_factory=dict)
    """The SQL of models, by name, as the engine gets it."""


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _invoke(arguments: list[str], environment: dict[str, str], manifest: bytes | None) -> Any:
    """Run dbt in this process, which has let go of the warehouse file afterwards."""
    with warnings.catch_warnings(), _environment(environment):
        warnings.simplefilter("ignore")
        gc.disable()  # a run that ends soon: collecting in between is a tenth of its time
        try:
            runner = dbtRunner(manifest=None if manifest is None else pickle.loads(manifest))  # noqa: S301 - dumped below
            return runner.invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
            gc.enable()
            gc.collect()  # the event loops that dbt-duckdb has left in its threads


def _parse_key(warehouse: Path, variables: dict[str, Any], project: Path) -> str:
    known = {name: variables[name] for name in PARSE_TIME_VARS if name in variables}
    named = sorted(
        name
        for name, value in variables.items()
        if RAW_TABLES.fullmatch(name) and value is not None
    )
    return json.dumps([str(project), warehouse.stem, known, named])  # fmt: skip


def run_dbt(
    command: str,
    warehouse: Path,
    variables: dict[str, Any] | None = None,
    *args: str,
    threads: int = 2,
    dbt_threads: int | None = None,
    project: Path = PROJECT,
) -> Run:
    """Run one dbt command on a warehouse file of its own; the caller looks at the return code.

    ``threads`` are DuckDB's, and dbt's where no others are given for it.
    """
    assert is_allowed or command == "parse", (
        "a test that runs dbt needs the marker: @pytest.mark.dbt"
    )
    variables = variables or {}
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATRONAGE_DUCKDB_PATH": str(warehouse),
        "PATRONAGE_THREADS": str(threads),
        "PATRONAGE_DBT_THREADS": str(dbt_threads or threads),
        "DO_NOT_TRACK": "1",
    }
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as target, contextlib.redirect_stdout(said):
        first = [
            "--no-use-colors",
            "--log-level-file",
            "none",
            "--no-version-check",
            "--no-write-json",
        ]
        where = ["--project-dir", str(project), "--profiles-dir", str(project / "profiles")]
        options = [
            *where,
            "--target-path",
            target,
            "--vars",
            json.dumps(variables, ensure_ascii=False),
        ]
        key = _parse_key(warehouse, variables, project)
        if key not in _parsed:
            parsed = _invoke([*first, "--quiet", "parse", *options], environment, None)
            if not parsed.success:
                return Run(1, said.getvalue())
            _parsed[key] = pickle.dumps(parsed.result)
        done = _invoke([*first, command, *options, *args], environment, _parsed[key])
    results = getattr(done.result, "results", None) or ()
    failures = tuple(
        f"{result.node.name} ({result.status}): {result.message}" for result in results if result.status in FAILED
    )  # fmt: skip
    compiled = {
        result.node.name: result.node.compiled_code
        for result in results
        if result.node.resource_type == "model" and result.node.language == "sql"
    }
    return Run(int(not done.success), said.getvalue(), failures, compiled)


def parsed_bytes(warehouse: Path, variables: dict[str, Any], project: Path = PROJECT) -> bytes:
    """What dbt knows of the project with these vars, pickled: another process need not read it."""
    parsed = run_dbt("parse", warehouse, variables, project=project)
    assert parsed.returncode == 0, parsed.stdout
    return _parsed[_parse_key(warehouse, variables, project)]


def parsed_project() -> dict[str, Any]:
    """What dbt knows of the project, with its default vars: the content of manifest.json."""
    manifest = pickle.loads(parsed_bytes(Path("warehouse.duckdb"), {}))  # noqa: S301 - dumped above
    content: dict[str, Any] = manifest.writable_manifest().to_dict(omit_none=False)
    return content


def build(
    warehouse: Path,
    variables: dict[str, Any] | None = None,
    *args: str,
    threads: int = 2,
    dbt_threads: int | None = None,
    tests: bool = False,
    project: Path = PROJECT,
) -> Path:
    """Build a warehouse that must succeed, without dbt's tests unless they are asked for."""
    left_out = () if tests else ("--exclude-resource-type", "test", "unit_test")
    result = run_dbt(
        "build",
        warehouse,
        variables,
        *left_out,
        *args,
        threads=threads,
        dbt_threads=dbt_threads,
        project=project,
    )
    assert result.returncode == 0, "\n".join(result.failures) or result.stdout[-4000:]
    return warehouse


def copy_of(warehouse: Path, folder: Path) -> Path:
    """Copy a warehouse file into a folder of its own."""
    folder.mkdir()
    return Path(shutil.copy(warehouse, folder / warehouse.name))


def query(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a warehouse file."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def differences(one: Path, other: Path, marts: tuple[str, ...] = MARTS) -> dict[str, int]:
    """Count the rows of each mart that are in one warehouse and not in the other, both ways."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        found = {}
        for mart in marts:
            row = connection.sql(
                f"select (select count(*) from (from one.marts.{mart} except all from other.marts.{mart}))"
                f" + (select count(*) from (from other.marts.{mart} except all from one.marts.{mart}))"
            ).fetchone()
            assert row is not None
            found[mart] = int(row[0])
        return found


def functions_of(warehouse: Path) -> list[tuple[Any, ...]]:
    """Name, arguments and text of each function of a warehouse: what it scores with."""
    return query(
        warehouse,
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where schema_name = 'marts' and not internal order by function_name",
    )


def assert_same(one: Path, other: Path) -> None:
    """Hold that two warehouses have the same marts, to the last row and bit, and the same functions."""
    assert set(differences(one, other).values()) == {0}, differences(one, other)
    assert functions_of(one) == functions_of(other) != []
