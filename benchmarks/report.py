"""The table of a benchmark, what it was measured on, and where the last one is kept."""

import os
import platform
import re
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path
from statistics import median
from textwrap import fill

from measure import ROOT, Run
from sides import DUCKDB_2, PEERS, Side

PAGE = ROOT / "docs" / "benchmarks.md"
Runs = dict[str, list[Run]]


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return median and range, for example ``12.9 (12.7-13.4)``."""
    middle, lowest, highest = (f"{f(values):,.{digits}f}" for f in (median, min, max))
    return middle if len(values) == 1 else f"{middle} ({lowest}-{highest})"


def ratio(runs: Sequence[Run], others: Sequence[Run], value: Callable[[Run], float]) -> str:
    """Return the median of the ratios, pair by pair in the order of the rounds."""
    pairs = zip(runs, others, strict=True)
    return f"{median(value(run) / value(other) for run, other in pairs):.2f}"


def base_of(name: str, base: str, runs: Runs) -> str:
    """Return what a side is held against: under DuckDB 2, the limit under DuckDB 2."""
    same = f"{base}-2" if "-2" in name else base
    return same if same in runs else base


def table(name: str, chosen: dict[str, Side], runs: Runs) -> str:
    """Return the table in Markdown.

    Parameters
    ----------
    name
        What was measured.
    chosen
        The sides, by name.
    runs
        The runs of each.

    Returns
    -------
    One row per side: seconds and processor seconds, also in multiples of the limit and of pandas.
    """
    bases = [base for base in ("limit", "pandas") if base in runs]
    heads = [name, "seconds", "CPU seconds", "peak GB"]
    heads += [head for base in bases for head in (f"÷ {base}", f"CPU ÷ {base}")]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for key, side in chosen.items():
        own = runs[key]
        row = [
            side.title,
            spread([run.seconds for run in own]),
            spread([run.cpu_seconds for run in own]),
            spread([run.peak_gb for run in own], 2),
        ]
        for base in bases:
            others = runs[base_of(key, base, runs)]
            row.append(ratio(own, others, lambda run: run.seconds))
            row.append(ratio(own, others, lambda run: run.cpu_seconds))
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def version_of(package: str) -> str:
    """Return a package's version, or that it is missing."""
    try:
        return f"{package} {distribution(package).version}"
    except PackageNotFoundError:
        return f"no {package}"


def machine(rounds: int) -> str:
    """Describe this machine and what is installed, in one paragraph.

    Parameters
    ----------
    rounds
        How often each side ran.
    """
    info = Path("/proc/cpuinfo").read_text(), Path("/proc/meminfo").read_text()
    model = re.search(r"model name\s*: (.*)", info[0])
    memory = re.search(r"MemTotal:\s*(\d+)", info[1])
    beside = [
        f"{found.name} {found.version}"
        for found in distributions(path=[str(DUCKDB_2), str(PEERS)])
        if found.name in ("duckdb", "polars")
    ]
    packages = ("duckdb", "dbt-core", "dbt-duckdb", "pandas", "scikit-learn", "numpy", "pyspark")
    parts = [
        f"Median of {rounds} {'round' if rounds == 1 else 'rounds'}",
        model[1] if model else platform.machine(),
        f"{os.cpu_count()} cores",
        f"{int(memory[1]) / 1024**2:.0f} GiB" if memory else "memory unknown",
        f"Python {platform.python_version()}",
        *(version_of(package) for package in packages),
        *beside,
    ]
    return fill(", ".join(parts) + ".", width=100, break_on_hyphens=False)


def write_section(name: str, text: str) -> None:
    """Keep the table in docs/benchmarks.md, in place of the last one of the same name.

    Parameters
    ----------
    name
        What was measured.
    text
        Table and machine.
    """
    begin, end = f"<!-- bench: {name} -->", "<!-- /bench -->"
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    after = rest.partition(end)[2] if found else "\n"
    section = f"{begin}\n{text}\n{end}"
    PAGE.write_text(f"{before.rstrip()}\n\n{section}{after}", encoding="utf-8")
