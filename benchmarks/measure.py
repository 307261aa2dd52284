"""Run a command in a process of its own and measure it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DBT = str(Path(sys.executable).with_name("dbt"))


class Run(NamedTuple):
    """A finished command: seconds on the clock and of processors, peak memory, what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command from the root of the project, its output kept in ``folder``.

    Processor seconds are those of the whole process tree. The peak is ``ru_maxrss`` of
    ``os.wait4``: the resident memory of the largest process of the tree, and neither dbt, DuckDB
    nor scikit-learn does its work in a second one.
    """
    merged = {**os.environ, "DO_NOT_TRACK": "1", "DBT_PROFILES_DIR": "profiles", **(env or {})}
    output, errors = folder / "output.txt", folder / "errors.txt"
    with output.open("w") as stdout, errors.open("w") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=merged, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = (output.read_text() + errors.read_text()).splitlines()[-30:]
        raise SystemExit("\n".join([*tail, f"failed ({process.returncode}): {' '.join(command)}"]))
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu_seconds, usage.ru_maxrss / 1024, output.read_text())


def measure_dbt(arguments: Sequence[str], folder: Path) -> Run:
    """Run dbt on a new warehouse, ``folder/warehouse.duckdb``, its artifacts in the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    env = {"PATRONAGE_DUCKDB_PATH": str(folder / "warehouse.duckdb")}
    return measure([DBT, "--no-use-colors", *arguments, *places], folder, env)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return median and range, for example ``12.9 (12.7-13.4)``."""
    middle, lowest, highest = median(values), min(values), max(values)
    return f"{middle:,.{digits}f} ({lowest:,.{digits}f}-{highest:,.{digits}f})"


def table_head() -> str:
    """Return the head of a report."""
    return f"\n{'median (range)':<34}{'seconds':>22}{'CPU seconds':>22}{'peak memory in MB':>26}"


def table_line(name: str, runs: Sequence[Run], goal: float | None = None) -> str:
    """Return one line of a report: seconds, peak memory and whether the goal is met."""
    seconds = [run.seconds for run in runs]
    cpu = spread([run.cpu_seconds for run in runs])
    peak = spread([run.peak_mb for run in runs], 0)
    verdict = ""
    if goal is not None:
        verdict = f"   goal {goal:g} s: {'met' if median(seconds) <= goal else 'MISSED'}"
    return f"{name:<34}{spread(seconds):>22}{cpu:>22}{peak:>26}{verdict}"


def ratio_line(
    name: str, runs: Sequence[Run], others: Sequence[Run], goal: float | None = None
) -> str:
    """Return the ratios of seconds and of peak memory, pair by pair in the order of the rounds."""
    pairs = list(zip(runs, others, strict=True))
    ratios = [run.seconds / other.seconds for run, other in pairs]
    cpu = median(run.cpu_seconds / other.cpu_seconds for run, other in pairs)
    memory = median(run.peak_mb / other.peak_mb for run, other in pairs)
    listed = " ".join(f"{ratio:.2f}" for ratio in ratios)
    verdict = ""
    if goal is not None:
        verdict = f"   goal {goal:g}: {'met' if median(ratios) <= goal else 'MISSED'}"
    return (
        f"{name}: seconds {median(ratios):.2f} (by round {listed}),"
        f" CPU seconds {cpu:.2f}, memory {memory:.2f}{verdict}"
    )
