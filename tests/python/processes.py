"""Builds in processes of their own, for tests that stop them, or change what is around them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from warehouse import PROJECT, parsed_bytes

DBT = """
import pathlib, pickle, resource, sys
from dbt.cli.main import dbtRunner
project, largest_file, *arguments = sys.argv[1:]
runner = dbtRunner(manifest=pickle.loads(pathlib.Path(project).read_bytes()))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest_file), resource.RLIM_INFINITY))
print("ready", flush=True)
sys.exit(int(not runner.invoke(arguments).success))
"""
"""dbt as the command runs it, but with a project that was read already."""


@contextmanager
def started_build(
    warehouse: Path,
    variables: dict[str, Any],
    environment: dict[str, str] | None = None,
    largest_file: int = -1,
) -> Iterator[subprocess.Popen[str]]:
    """Start ``dbt build`` without dbt's tests; it has not begun before ``ready`` was printed.

    Parameters
    ----------
    warehouse
        The file that it writes.
    variables
        dbt's vars.
    environment
        Variables of the environment besides those of this process.
    largest_file
        No file that it writes can become larger than so many bytes; -1 sets no limit.

    Yields
    ------
    The process, the leader of a group of its own, which is gone in the end.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project.pickle")
        project.write_bytes(parsed_bytes(warehouse, variables))
        options = ["--no-use-colors", "--log-level-file", "none", "--no-version-check"]
        options += ["--no-write-json", "--quiet", "build", "--project-dir", str(PROJECT)]
        options += ["--profiles-dir", str(PROJECT / "profiles"), "--target-path", folder]
        options += ["--vars", json.dumps(variables), "--exclude-resource-type", "test", "unit_test"]
        process = subprocess.Popen(
            [sys.executable, "-c", DBT, str(project), str(largest_file), *options],
            cwd=folder,
            env=os.environ
            | {"PATRONAGE_DUCKDB_PATH": str(warehouse), "DO_NOT_TRACK": "1"}
            | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.stdout.read()
            yield process
        finally:
            end_group(process)


def end_group(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if is_group_alive(process):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def is_group_alive(process: subprocess.Popen[str], patience: float = 0) -> bool:
    """Whether a process, or one that it started, still runs after so many seconds."""
    deadline = time.monotonic() + patience
    while True:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return False
        if time.monotonic() >= deadline:
            return True
        time.sleep(0.05)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process; return its code and what it said."""
    said, _ = process.communicate(timeout=600)
    return process.returncode, said


@contextmanager
def mounted(path: Path, *options: str) -> Iterator[None]:
    """Mount something on a folder or file, where that is allowed; the test is skipped where it is not."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if not mount or not unmount or subprocess.run([mount, *options, str(path)], check=False, capture_output=True).returncode:  # fmt: skip
        pytest.skip("Nothing can be mounted here.")
    try:
        yield
    finally:
        subprocess.run([unmount, str(path)], check=True)
