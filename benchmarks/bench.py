"""Measure the project beside its limit and its peers, on order lines of any number.

Run ``make bench LINES=10000000 CUSTOMERS=500000``; docs/benchmarks.md says what is measured, and
keeps the last tables. The lines go to a temporary folder (12 MB for a million). Every run has
processes and an empty warehouse of its own; the sides take turns, so that a slow minute of the
machine hits all. The exit code is 1 if a side disagrees with the project.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from nodes import dearest_nodes
from report import Runs, machine, table, write_section
from sides import BENCHMARKS, Side, sides
from synthetic_lines import write_day, write_lines

DAY = "-day"
"""Ends the names of builds over what stands, with the lines of one more day."""


def compare(chosen: dict[str, Side], folder: Path) -> bool:
    """Hold all sides against the first that dbt has built, and each further build against another.

    Parameters
    ----------
    chosen
        The sides that have run, by name.
    folder
        Where each has a folder of its name.

    Returns
    -------
    Whether all agree; each pair is printed.
    """
    results = {
        name: folder / name / side.result
        for name, side in chosen.items()
        if side.result is not None
    }
    builds = [name for name in results if chosen[name].is_project]
    others = [name for name in results if not chosen[name].is_project]
    pairs = [(build, other) for build in builds[:1] for other in others]
    pairs += [(build, other) for build in builds[1:] for other in others[:1]]
    if not pairs:
        print("Nothing was compared: that takes a build and another side.")
    agree = True
    for build, other in pairs:
        print(f"{build} and {other} ", end="", flush=True)
        done = subprocess.run(
            [sys.executable, BENCHMARKS / "agreement.py", results[build], results[other]],
            env={**os.environ, **chosen[build].environment, **chosen[other].environment},
            check=False,
        )
        agree = agree and done.returncode == 0
    return agree


def run_rounds(
    chosen: dict[str, Side],
    source: str,
    rounds: int,
    *,
    nodes: bool,
    bring_day: Callable[[], Path] | None,
) -> Runs | None:
    """Let the sides take turns, and compare what they have made in the last.

    Parameters
    ----------
    chosen
        The sides, by name.
    source
        Path or glob of the extract.
    rounds
        How many turns.
    nodes
        Whether to build one model at a time, and print the dearest.
    bring_day
        Writes one more file, with which dbt builds once more; None for one build a round.

    Returns
    -------
    The runs of each side; None if two disagree.
    """
    runs: Runs = defaultdict(list)
    environment = {"PATRONAGE_DBT_THREADS": "1"} if nodes else {}

    def measured(name: str, side: Side, folder: Path, kind: str = "") -> None:
        run = side.run(source, folder, environment)
        runs[name + kind].append(run)
        print(
            f"{name}{kind} {run.seconds:.1f} s, {run.cpu_seconds:.1f} CPU s, {run.peak_gb:.2f} GB",
            flush=True,
        )
        if nodes and side.is_project and side.result:
            print(dearest_nodes(folder / "target" / "run_results.json", run.samples))

    for number in range(1, rounds + 1):
        print(f"round {number}", flush=True)
        with tempfile.TemporaryDirectory() as place:
            for name, side in chosen.items():
                measured(name, side, Path(place, name))
            if number == rounds and not compare(chosen, Path(place)):
                return None
            if bring_day:
                day = bring_day()
                for name in days_of(chosen):
                    measured(name, chosen[name], Path(place, name), DAY)
                day.unlink()
    return runs


def days_of(chosen: dict[str, Side]) -> dict[str, Side]:
    """Return the sides that go on from what they have built, under the names of their builds."""
    return {
        name: side._replace(title=f"{side.title}, a day later")
        for name, side in chosen.items()
        if side.is_project and side.result
    }


def choose(source: str, names: str) -> dict[str, Side]:
    """Return the sides to run, and say why others cannot.

    Parameters
    ----------
    source
        Path or glob of the extract.
    names
        Names of sides between blanks; empty for all.

    Raises
    ------
    SystemExit
        If there is no such side.
    """
    known = sides(source)
    if unknown := set(names.split()) - set(known):
        raise SystemExit(f"SIDES names {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    wanted = {name: side for name, side in known.items() if name in (names.split() or known)}
    for name, side in wanted.items():
        if side.needs:
            print(f"{name} is left out: {side.needs}.")
    return {name: side for name, side in wanted.items() if not side.needs}


def main() -> None:
    """Write the lines, run the rounds, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the project beside limit and peers.")
    parser.add_argument("--lines", type=int, default=1_000_000, help="a multiple of 10")
    parser.add_argument("--customers", type=int, default=50_000, help="customers there are")
    parser.add_argument("--extract", default="", help="Online Retail II instead of such lines")
    parser.add_argument("--rounds", type=int, default=3, help="turns of all sides")
    parser.add_argument("--sides", default="", help="names between blanks; else all")
    parser.add_argument("--day", action="store_true", help="build again, with one more day")
    parser.add_argument("--nodes", action="store_true", help="print the dearest models")
    parser.add_argument("--write", action="store_true", help="keep the table in the docs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        source = arguments.extract or f"{place}/*.parquet"
        chosen = choose(source, arguments.sides)
        name = f"{arguments.lines:,} lines, {arguments.customers:,} customers"
        if arguments.extract:
            name = Path(arguments.extract).name
        else:
            try:
                write_lines(Path(place), arguments.lines, arguments.customers)
            except ValueError as error:
                parser.error(str(error))
        bring_day = None
        if arguments.day:
            if arguments.extract:
                parser.error("a day more takes generated lines: no EXTRACT.")
            bring_day = partial(write_day, Path(place), arguments.lines, arguments.customers)
        print(f"{name}; {shutil.disk_usage(place).free / 1e9:.0f} GB of disk are free", flush=True)
        runs = run_rounds(
            chosen, source, arguments.rounds, nodes=arguments.nodes, bring_day=bring_day
        )
    if runs is None:
        raise SystemExit("Two sides disagree; see above.")
    if limit := os.environ.get("PATRONAGE_MEMORY_LIMIT"):
        name += f", memory limit {limit}"
    rows = dict(chosen)
    if arguments.day:
        rows |= {name + DAY: side for name, side in days_of(chosen).items()}
    text = "\n".join([table(name, rows, runs), "", machine(arguments.rounds)])
    print(f"\n{text}")
    if arguments.write:
        write_section(name, text)


if __name__ == "__main__":
    main()
