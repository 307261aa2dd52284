"""Builds of throw-away warehouses and comparisons between them, for the tests."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).parents[2]
MARTS = (
    "customers", "customer_segments", "segments", "segment_revenue", "data_quality", "score_edges", "premium_overlay",
    "revenue_concentration", "segment_migrations", "segment_retention", "cohort_retention", "country_returns", "flagged_orders",
    "cluster_diagnostics", "model_scorecard", "model_calibration", "model_coefficients", "segment_lifetime_values",
)  # fmt: skip


def run_dbt(
    command: str,
    warehouse: Path,
    variables: dict[str, Any] | None = None,
    *args: str,
    threads: int = 2,
    project: Path = PROJECT,
) -> subprocess.CompletedProcess[str]:
    """Run one dbt command on a warehouse file of its own; the caller looks at the return code."""
    environment = os.environ | {
        "PATRONAGE_DUCKDB_PATH": str(warehouse),
        "PATRONAGE_THREADS": str(threads),
        "DBT_PROFILES_DIR": "profiles",
        "DO_NOT_TRACK": "1",
    }
    with tempfile.TemporaryDirectory() as target:
        dbt = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", target]
        options = ["--target-path", target, "--vars", json.dumps(variables or {})]
        return subprocess.run(
            [*dbt, command, *options, *args],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def build(
    warehouse: Path,
    variables: dict[str, Any] | None = None,
    *args: str,
    threads: int = 2,
    tests: bool = False,
    project: Path = PROJECT,
) -> Path:
    """Build a warehouse that must succeed, without dbt's tests unless they are asked for."""
    left_out = () if tests else ("--exclude-resource-type", "test", "unit_test")
    result = run_dbt(
        "build", warehouse, variables, *left_out, *args, threads=threads, project=project
    )
    assert result.returncode == 0, result.stdout
    return warehouse


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
