"""What the benchmark measures side by side, and what each side needs to run."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import yaml
from measure import ROOT, Run, measure, measure_dbt

from patronage.take_over import take_over

CORE = ("--selector", "core")
"""What has to be built for RFM-R and segments."""
CORE_SEGMENTATIONS = ("rfm_r", "rfm_rules")
"""The segmentations of the core's comparison: the limit computes these two."""
BENCHMARKS = ROOT / "benchmarks"
DUCKDB_2, PEERS = ROOT / ".venv" / "duckdb-2", ROOT / ".venv" / "bench"
SPARK = ROOT / ".venv" / "spark"


class Side(NamedTuple):
    """One row of the table.

    ``needs`` says what is missing here, and is empty where the side can run. ``result`` is what it
    leaves in its folder to be compared.
    """

    title: str
    script: str | None
    arguments: tuple[str, ...]
    packages: Path | None
    needs: str
    result: str | None

    @property
    def environment(self) -> dict[str, str]:
        """Packages of the side's own come before those of the lock."""
        if self.packages is None:
            return {}
        others = os.environ.get("PYTHONPATH")
        return {"PYTHONPATH": os.pathsep.join([str(self.packages), *([others] if others else [])])}

    @property
    def is_project(self) -> bool:
        """Whether dbt builds it."""
        return self.script is None

    def run(self, source: str, folder: Path, environment: Mapping[str, str]) -> Run:
        """Run it in processes of its own.

        Parameters
        ----------
        source
            Path or glob of the extract.
        folder
            Of its own; what it makes stays there, and a build goes on from what it finds.
        environment
            Variables besides its own.

        Returns
        -------
        What was measured.
        """
        folder.mkdir(parents=True, exist_ok=True)
        merged = {**self.environment, **environment}
        if self.script is None:
            run = measure_dbt(self.arguments, folder, merged)
            if self.packages == SPARK and self.result:  # to be compared, and not measured
                take_over(folder / "spark", folder / self.result)
            return run
        path = folder / self.result if self.result else folder
        command = [sys.executable, str(BENCHMARKS / self.script), source, str(path)]
        return measure(command, folder, merged)


def variables(source: str, *, core: bool) -> dict[str, object]:
    """Return dbt's vars: the extract, and for the core the segmentations of the limit.

    Parameters
    ----------
    source
        Path or glob of the extract.
    core
        Whether the core alone is built.
    """
    found: dict[str, object] = {
        "shops": {"online_retail": "order_lines"},
        "online_retail_order_lines": source,
    }
    if core:
        project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
        known = project["vars"]["segmentations"]
        found["segmentations"] = {name: known[name] for name in CORE_SEGMENTATIONS}
    return found


def build(source: str, *, core: bool) -> tuple[str, ...]:
    """Return dbt's arguments for the core, or for everything; no tests.

    Parameters
    ----------
    source
        Path or glob of the extract.
    core
        Whether the core alone is built.
    """
    data = json.dumps(variables(source, core=core))
    tests = ("--exclude-resource-type", "test", "unit_test")
    return ("build", "--vars", data, *tests, *(CORE if core else ()))


def sides(source: str) -> dict[str, Side]:
    """Return all sides by name, in the order in which they run.

    Parameters
    ----------
    source
        Path or glob of the extract.
    """
    parquet = "" if source.endswith(".parquet") else "it reads Parquet alone"
    other = "" if (DUCKDB_2 / "duckdb").is_dir() else "make .venv/duckdb-2/.made brings DuckDB 2"
    polars = "" if (PEERS / "polars").is_dir() else "make .venv/bench/.made brings Polars"
    java = "" if shutil.which("java") else "Java is not installed"
    spark = java if find_spec("pyspark") else "PySpark is not installed"
    cluster = java if (SPARK / "pyspark").is_dir() else "make .venv/spark/.made brings Spark"
    core, full = build(source, core=True), build(source, core=False)
    warehouse = "warehouse.duckdb"
    return {
        "parse": Side("dbt parse, part of each build", None, ("parse",), None, "", None),
        "limit": Side("limit", "limit.py", (), None, parquet, "limit.duckdb"),
        "core": Side("core", None, core, None, "", warehouse),
        "limit-2": Side(
            "limit, DuckDB 2", "limit.py", (), DUCKDB_2, parquet or other, "limit.duckdb"
        ),
        "core-2": Side("core, DuckDB 2", None, core, DUCKDB_2, other, warehouse),
        "polars": Side("Polars", "polars_rfm.py", (), PEERS, parquet or polars, ""),
        "pandas": Side("pandas", "pandas_rfm.py", (), None, "", ""),
        "pyspark": Side("PySpark, local", "pyspark_rfm.py", (), None, parquet or spark, ""),
        "spark": Side(
            "core on Spark", None, (*core, "--target", "spark"), SPARK, cluster, warehouse
        ),
        "full": Side("full build, no tests", None, full, None, "", warehouse),
        "full-2": Side("full build, DuckDB 2", None, full, DUCKDB_2, other, warehouse),
    }
