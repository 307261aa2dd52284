"""Measure the warehouse on millions of order lines, beside a bare DuckDB script.

Run ``python benchmarks/lines_100m.py --millions 100`` (10 by default). The synthetic lines go to a
temporary folder (0.13 GB for 10 million) and are removed again. The build makes what the bare
script makes: orders, customers, the segmentation ``rfm_r``, and revenue by segment and month.
``--everything`` adds a build of every model with every segmentation. The exit code is 1 if the
warehouse and the bare script disagree about a segment.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Run, measure, measure_dbt, ratio_line, table_head, table_line
from segments import Segments, compare, of_output, of_warehouse

GOAL = 1.25
BENCHMARKS = ROOT / "benchmarks"
RFM_R = {
    "method": "kmeans",
    "features": ["recency_days", "frequency", "monetary", "return_rate_pct"],
    "transform": "log",
    "clusters": 5,
}
SAME_WORK = ["--select", "+customers", "+segment_revenue"]


def build(source: str, folder: Path, *, everything: bool) -> tuple[Run, Segments]:
    """Build the warehouse from the lines, without tests; print where it spent its time."""
    data = {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": source}
    settings = data if everything else data | {"segmentations": {"rfm_r": RFM_R}}
    options = ["--vars", json.dumps(settings), "--exclude-resource-type", "test", "unit_test"]
    run = measure_dbt(["build", *options, *([] if everything else SAME_WORK)], folder)
    print_nodes(folder, shortest=0.5)
    segments = of_warehouse(folder / "warehouse.duckdb")
    (folder / "warehouse.duckdb").unlink()
    return run, segments


def run_bare(source: str, folder: Path) -> tuple[Run, Segments]:
    """Run the bare script; print where it spent its time."""
    script = str(BENCHMARKS / "bare_pipeline.py")
    run = measure([sys.executable, script, source, str(folder / "bare.duckdb")], folder)
    print(f"\nseconds per step: bare script\n{(folder / 'errors.txt').read_text()}", flush=True)
    (folder / "bare.duckdb").unlink()
    return run, of_output(run.output)


def print_nodes(folder: Path, shortest: float) -> None:
    """Print the seconds of each node of a build, longest first."""
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    nodes = sorted(results, key=lambda node: -node["execution_time"])
    print(f"\nseconds per node: {folder.name}")
    for node in nodes:
        if node["execution_time"] >= shortest:
            print(f"{node['execution_time']:>8.1f}  {node['unique_id'].split('.', 2)[2]}")
    rest = [node["execution_time"] for node in nodes if node["execution_time"] < shortest]
    print(f"{sum(rest):>8.1f}  {len(rest)} others together", flush=True)


def run_rounds(folder: Path, source: str, rounds: int, *, everything: bool) -> bool:
    """Run all sides in turn, print the report and return whether they agree."""
    same, bare, whole = [], [], []
    for _ in range(rounds):
        run, ours = build(source, folder / "same work", everything=False)
        same.append(run)
        run, theirs = run_bare(source, folder)
        bare.append(run)
        if everything:
            whole.append(build(source, folder / "everything", everything=True)[0])
    print(table_head())
    print(table_line("warehouse, the same work", same))
    print(table_line("bare script", bare))
    if whole:
        print(table_line("warehouse, everything", whole))
    print(ratio_line("the same work / bare script", same, bare, GOAL))
    return compare(ours, theirs, "bare script")


def main() -> None:
    """Write the lines, run all sides in turn and print the report."""
    parser = argparse.ArgumentParser(description="Measure the warehouse on millions of lines.")
    parser.add_argument("--millions", type=int, default=10, help="million lines")
    parser.add_argument("--rounds", type=int, default=1, help="turns of everything")
    parser.add_argument("--everything", action="store_true", help="also build every model")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        lines = Path(name, "lines")
        lines.mkdir()
        generator = [str(BENCHMARKS / "synthetic_lines.py"), str(lines)]
        options = ["--millions", str(arguments.millions)]
        made = measure([sys.executable, *generator, *options], Path(name))
        print(f"{arguments.millions} million lines written in {made.seconds:.1f} s", flush=True)
        source, rounds = str(lines / "*.parquet"), arguments.rounds
        agree = run_rounds(Path(name), source, rounds, everything=arguments.everything)
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
