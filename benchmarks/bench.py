"""Measure the warehouse: demo build, Online Retail II beside pandas, and dbt's fixed cost.

Run ``make bench``, or ``python benchmarks/bench.py [--rounds 3]``. Every run has a process and an
empty warehouse of its own; the runs take turns, so that a slow minute of the machine hits all.
Real data is measured if ``PATRONAGE_REAL_DATA`` names the folder that holds
``online_retail_II.csv.gz``. The exit code is 1 if warehouse and pandas disagree.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measure import ROOT, Run, measure, measure_dbt, ratio_line, spread, table_head, table_line
from segments import Segments, compare, of_output, of_warehouse

DEMO_GOAL, REAL_GOAL = 45.0, 30.0
PANDAS = str(ROOT / "benchmarks" / "pandas_rfm.py")


class Round(NamedTuple):
    """One turn of everything; the runs on real data are missing where there is none."""

    parse: Run
    demo: Run
    real: Run | None
    pandas: Run | None
    agree: bool | None


def real_extract() -> Path | None:
    """Return the extract of Online Retail II, or None where it is not at hand."""
    folder = os.environ.get("PATRONAGE_REAL_DATA")
    path = Path(folder, "online_retail_II.csv.gz").resolve() if folder else None
    return path if path is not None and path.exists() else None


def build_real(extract: Path, folder: Path) -> tuple[Run, Segments]:
    """Build the warehouse from the extract, without tests."""
    data = {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": str(extract)}
    options = ["--vars", json.dumps(data), "--exclude-resource-type", "test", "unit_test"]
    run = measure_dbt(["build", *options], folder)
    return run, of_warehouse(folder / "warehouse.duckdb")


def one_round(extract: Path | None, folder: Path, *, last: bool) -> Round:
    """Run everything once; print the comparison of segments in the last round."""
    parse = measure_dbt(["parse"], folder / "parse")
    demo = measure_dbt(["build"], folder / "demo")
    if extract is None:
        return Round(parse, demo, None, None, None)
    real, segments = build_real(extract, folder / "real")
    pandas = measure([sys.executable, PANDAS, str(extract)], folder)
    others = of_output(pandas.output)
    agree = compare(segments, others, "pandas") if last else segments == others
    return Round(parse, demo, real, pandas, agree)


def report(rounds: list[Round]) -> None:
    """Print median and range of every run, and ratios pair by pair."""
    print(table_head())
    print(table_line("dbt parse, the fixed cost", [turn.parse for turn in rounds]))
    print(table_line("demo: build with all tests", [turn.demo for turn in rounds], DEMO_GOAL))
    real = [turn.real for turn in rounds if turn.real]
    pandas = [turn.pandas for turn in rounds if turn.pandas]
    if not real:
        print("Online Retail II: not measured; PATRONAGE_REAL_DATA names no folder that holds it.")
        return
    print(table_line("Online Retail II: build, no tests", real, REAL_GOAL))
    print(table_line("Online Retail II: pandas script", pandas))
    print(ratio_line("build / pandas", real, pandas))
    beyond = [turn.real.seconds - turn.parse.seconds for turn in rounds if turn.real]
    print(f"build beyond dbt parse: {spread(beyond)} s")


def main() -> None:
    """Run the rounds and print the report."""
    parser = argparse.ArgumentParser(description="Measure the warehouse.")
    parser.add_argument("--rounds", type=int, default=3, help="turns of everything")
    count: int = parser.parse_args().rounds
    rounds = []
    for number in range(1, count + 1):
        print(f"round {number} of {count}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(one_round(real_extract(), Path(folder), last=number == count))
    report(rounds)
    sys.exit(1 if any(turn.agree is False for turn in rounds) else 0)


if __name__ == "__main__":
    main()
