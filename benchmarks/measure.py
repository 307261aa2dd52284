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
    """One finished command: wall-clock seconds, peak memory in MB and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def measure(
    command: Sequence[str],
    folder: Path,
    env: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> Run:
    """Run a command from the root of the project, its output kept in ``folder``.

    The peak is ``ru_maxrss`` of ``os.wait4``: the resident memory of the largest process among the
    command and all that it waited for. Neither dbt, DuckDB nor scikit-learn starts a second one.
    """
    numbers = {"CLIENTELE_THREADS": str(threads)} if threads else {}
    merged = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "DBT_PROFILES_DIR": "profiles",
        **numbers,
        **(env or {}),
    }
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
    return Run(seconds, usage.ru_maxrss / 1024, output.read_text())


def measure_dbt(arguments: Sequence[str], folder: Path, threads: int | None = None) -> Run:
    """Run dbt on a new warehouse, ``folder/warehouse.duckdb``; artifacts in ``folder/target``."""
    folder.mkdir(parents=True, exist_ok=True)
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    env = {"CLIENTELE_DUCKDB_PATH": str(folder / "warehouse.duckdb")}
    return measure([DBT, "--no-use-colors", *arguments, *places], folder, env, threads)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return median and range, for example ``12.9 (12.7-13.4)``."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def table_line(name: str, runs: Sequence[Run], goal: float | None = None) -> str:
    """Return one line of a report: seconds, peak memory and whether the goal is met."""
    seconds = [run.seconds for run in runs]
    verdict = (
        ""
        if goal is None
        else f"   goal {goal:g} s: {'met' if median(seconds) <= goal else 'MISSED'}"
    )
    peak = spread([run.peak_mb for run in runs], 0)
    return f"{name:<34}{spread(seconds):>22} s {peak:>24} MB{verdict}"


def ratio_line(
    name: str, runs: Sequence[Run], others: Sequence[Run], goal: float | None = None
) -> str:
    """Return the ratios of seconds and of peak memory, pair by pair in the order of the rounds."""
    pairs = list(zip(runs, others, strict=True))
    ratios = [run.seconds / other.seconds for run, other in pairs]
    memory = [run.peak_mb / other.peak_mb for run, other in pairs]
    verdict = (
        "" if goal is None else f"   goal {goal:g}: {'met' if median(ratios) <= goal else 'MISSED'}"
    )
    listed = " ".join(f"{ratio:.2f}" for ratio in ratios)
    seconds = f"seconds {listed} (median {median(ratios):.2f})"
    return f"{name}: {seconds}, memory {median(memory):.2f}{verdict}"
