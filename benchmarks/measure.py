"""Run a command and measure it, with all processes that it starts (Linux)."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EVERY_SECONDS = 0.2
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A running process: its id, its parent's, seconds of processors so far, resident bytes."""

    pid: int
    parent: int
    cpu_seconds: float
    resident: int


class Sample(NamedTuple):
    """A process tree at one moment, as ``time.time`` gives it."""

    moment: float
    cpu_seconds: float
    resident: int


class Run(NamedTuple):
    """A finished command: seconds on the clock and of processors, peak memory, what it printed."""

    seconds: float
    cpu_seconds: float
    peak_gb: float
    output: str
    samples: tuple[Sample, ...] = ()


def running() -> dict[int, Process]:
    """Read all processes of this machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended
            continue
        ticks = int(fields[11]) + int(fields[12])
        pid = int(path.parent.name)
        found[pid] = Process(pid, int(fields[1]), ticks / TICKS, int(fields[21]) * PAGE)
    return found


def tree_of(root: int, processes: Mapping[int, Process]) -> list[Process]:
    """Find a process and all below it.

    Parameters
    ----------
    root
        Its id.
    processes
        All of them, by id.
    """
    tree, parents = [], {root}
    while parents:
        level = [one for one in processes.values() if one.pid in parents]
        tree += level
        parents = {one.pid for one in processes.values() if one.parent in parents}
    return tree


class Sampler(threading.Thread):
    """Looks at a process tree five times a second, until it is told to stop."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.ended = threading.Event()
        self.cpu: dict[int, float] = {}
        self.samples: list[Sample] = []

    def run(self) -> None:
        """Take samples; what a process has used counts on when it has ended."""
        while not self.ended.wait(EVERY_SECONDS):
            tree = tree_of(self.root, running())
            self.cpu |= {one.pid: one.cpu_seconds for one in tree}
            resident = sum(one.resident for one in tree)
            self.samples.append(Sample(time.time(), sum(self.cpu.values()), resident))


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command from the root of the project, its output kept in ``folder``.

    Processor seconds and memory are those of the whole process tree: dbt fits in worker processes,
    and PySpark starts Java. Memory is the highest sum of resident memory that a sample found, or
    the highest of one process that the system has noted (``ru_maxrss``), whichever is more.

    Parameters
    ----------
    command
        A program and its arguments.
    folder
        Where ``output.txt`` and ``errors.txt`` go.
    env
        Environment variables besides those of this process.

    Returns
    -------
    What was measured.

    Raises
    ------
    SystemExit
        If the command has failed, with the end of what it said.
    """
    merged = {**os.environ, "DO_NOT_TRACK": "1", "DBT_PROFILES_DIR": "profiles", **(env or {})}
    folder.mkdir(parents=True, exist_ok=True)
    output, errors = folder / "output.txt", folder / "errors.txt"
    with output.open("w") as stdout, errors.open("w") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=merged, stdout=stdout, stderr=stderr)
        sampler = Sampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    sampler.ended.set()
    sampler.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = (output.read_text() + errors.read_text()).splitlines()[-30:]
        raise SystemExit("\n".join([*tail, f"failed ({process.returncode}): {' '.join(command)}"]))
    sampled = sum(sampler.cpu.values())
    peaks: Iterable[int] = (one.resident for one in sampler.samples)
    return Run(
        seconds,
        max(usage.ru_utime + usage.ru_stime, sampled),
        max(usage.ru_maxrss * 1024, *peaks, 0) / 1e9,
        output.read_text(),
        tuple(sampler.samples),
    )


def measure_dbt(
    arguments: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> Run:
    """Run dbt on a new warehouse, its artifacts in the same folder.

    The warehouse is ``folder/warehouse.duckdb``, or with Spark ``folder/spark``.

    Parameters
    ----------
    arguments
        Of dbt.
    folder
        Made if it is missing.
    env
        As for ``measure``.

    Returns
    -------
    What was measured.
    """
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    warehouse = {
        "PATRONAGE_DUCKDB_PATH": str(folder / "warehouse.duckdb"),
        "PATRONAGE_SPARK_PATH": str(folder / "spark"),
    }
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments, *places]
    return measure(command, folder, warehouse | dict(env or {}))
