"""Measure the warehouse on millions of order lines, beside a bare DuckDB script.

Run ``python benchmarks/lines_100m.py --millions 100`` (10 by default). The synthetic lines go to a
temporary folder (0.13 GB for 10 million) and are removed again. The exit code is 1 if the two
disagree about a segment.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Run, measure, measure_dbt, ratio_line, table_line
from segments import compare, of_output, of_warehouse

GOAL = 1.25
BENCHMARKS = ROOT / "benchmarks"


def build(source: str, folder: Path) -> Run:
    """Build the warehouse from the lines, without tests."""
    data = {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": source}
    options = ["--vars", json.dumps(data), "--exclude-resource-type", "test", "unit_test"]
    return measure_dbt(["build", *options], folder)


def print_nodes(folder: Path, shortest: float) -> None:
    """Print the seconds of each node of the last build, longest first."""
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    nodes = sorted(results, key=lambda node: -node["execution_time"])
    print("\nseconds per node of the last build")
    for node in nodes:
        if node["execution_time"] >= shortest:
            print(f"{node['execution_time']:>8.1f}  {node['unique_id'].split('.', 2)[2]}")
    rest = [node["execution_time"] for node in nodes if node["execution_time"] < shortest]
    print(f"{sum(rest):>8.1f}  {len(rest)} others together")


def main() -> None:
    """Write the lines, run both sides in turn and print the report."""
    parser = argparse.ArgumentParser(description="Measure the warehouse on millions of lines.")
    parser.add_argument("--millions", type=int, default=10, help="million lines")
    parser.add_argument("--rounds", type=int, default=1, help="turns of warehouse and bare script")
    arguments = parser.parse_args()
    warehouse, bare = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lines").mkdir()
        generator = [str(BENCHMARKS / "synthetic_lines.py"), str(folder / "lines")]
        made = measure([sys.executable, *generator, "--millions", str(arguments.millions)], folder)
        print(f"{arguments.millions} million lines written in {made.seconds:.1f} s", flush=True)
        source = str(folder / "lines" / "*.parquet")
        script = [sys.executable, str(BENCHMARKS / "bare_pipeline.py"), source]
        for number in range(arguments.rounds):
            into = folder / str(number)
            warehouse.append(build(source, into))
            bare.append(measure([*script, str(into / "bare.duckdb")], into))
            ours, theirs = of_warehouse(into / "warehouse.duckdb"), of_output(bare[-1].output)
            for file in into.glob("*.duckdb"):
                file.unlink()
        print_nodes(into, shortest=0.1 * arguments.millions / 10)
        print("\nseconds per step of the last bare script")
        print((into / "errors.txt").read_text())
    print(table_line("warehouse: build, no tests", warehouse))
    print(table_line("bare script", bare))
    print(ratio_line("warehouse / bare", warehouse, bare, GOAL))
    sys.exit(0 if compare(ours, theirs, "bare") else 1)


if __name__ == "__main__":
    main()
