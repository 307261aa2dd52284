"""Building a variant: its files in a folder, a warehouse of its own, and the verdict."""

import contextlib
import gc
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from variants.base import RAW, Variant, csv_of
from variants.judge import judge_build, judge_stop
from warehouse import build, copy_of, run_dbt

SHOPS = {"online_retail": "order_lines"}
FEW = {"rfm_r": {"method": "kmeans", "features": ["monetary"], "transform": "log", "clusters": 5}}
"""No rules: to try them on all combinations takes a sixth of a run."""
MODELS = (
    "stg_online_retail__order_lines", "int_checked_lines", "int_file_orders", "int_line_orders", "int_order_lines",
    "data_quality",
)  # fmt: skip
NEEDED = ("service_codes", "int_order_rows", "int_checked_orders", "int_checked_customers")
PATIENCE = 10.0
"""Seconds after which a build that waits at a pipe counts as hanging."""


def make_template(folder: Path) -> Path:
    """Make a warehouse with what the models need besides the extract; each variant gets a copy."""
    extract = folder / "extract.csv"
    extract.write_text(csv_of())
    # the same vars as a variant's, so that one parsed project serves all
    variables = {"shops": SHOPS, "segmentations": FEW, RAW: str(extract)}
    return build(folder / "warehouse.duckdb", variables, "--select", *NEEDED, threads=1)


def _location(variant: Variant, folder: Path) -> Any:
    match variant.location:
        case ("as it is", path):
            return path
        case str(path):
            return f"{folder}/{path}"
    return variant.location


@contextlib.contextmanager
def _released_pipes(folder: Path) -> Iterator[list[str]]:
    """Let go whoever waits at a named pipe for longer than ``PATIENCE``, and say so."""
    pipes = [path for path in folder.rglob("*") if not path.is_symlink() and stat.S_ISFIFO(path.stat().st_mode)]  # fmt: skip
    done = threading.Event()
    waited: list[str] = []

    def release() -> None:
        start = time.monotonic()
        while not done.wait(0.2):
            if time.monotonic() - start < PATIENCE:
                continue
            for pipe in pipes:
                with contextlib.suppress(OSError):
                    os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                    waited.append(pipe.name)

    thread = threading.Thread(target=release, daemon=True)
    if pipes:
        thread.start()
    yield waited
    done.set()
    if pipes:
        thread.join()


def try_variant(variant: Variant, folder: Path, template: Path) -> list[str]:
    """Build a variant and say what is wrong with how that ended."""
    files = folder / "files"
    files.mkdir()
    for name, content in variant.files.items():
        path = files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if variant.prepare:
        variant.prepare(files)
    warehouse = copy_of(template, folder / "built")
    variables = {"shops": SHOPS, "segmentations": FEW, RAW: _location(variant, files), **variant.settings}  # fmt: skip
    with _released_pipes(files) as waited:
        run = run_dbt("run", warehouse, variables, "--select", *MODELS, threads=1)  # fmt: skip
    complaints = [f"it waited at the pipe {waited[0]}"] if waited else []
    if run.returncode == 0:
        if not variant.may_build:
            complaints.append("it was built, and should have been stopped")
        if variant.records or variant.may_build:
            complaints += judge_build(variant, warehouse)
        return complaints
    if not variant.may_stop:
        complaints.append("it was stopped, and should have been built")
    gc.collect()  # the error holds dbt's connection
    said = "\n".join([run.stdout, *run.failures])
    return complaints + judge_stop(variant, said, warehouse, files)
