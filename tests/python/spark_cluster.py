"""A cluster of Apache Spark from PySpark's wheel: one master and two workers, on loopback."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse import PROJECT

SPARK = PROJECT / ".venv" / "spark"
"""Where ``make .venv/spark/.made`` puts dbt-spark and PySpark."""
CLASS = "org.apache.spark.deploy.{}"
WORKERS = 2


def is_installed() -> bool:
    """Whether PySpark and Java are at hand."""
    return (SPARK / "pyspark").is_dir() and shutil.which("java") is not None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def started(arguments: list[str], folder: Path, log: str) -> Iterator[None]:
    """Run one of Spark's classes in a process of its own, which is gone in the end."""
    environment = os.environ | {
        "SPARK_HOME": str(SPARK / "pyspark"), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
    }  # fmt: skip
    with (folder / log).open("wb") as said:
        process = subprocess.Popen(
            [SPARK / "pyspark" / "bin" / "spark-class", *arguments], env=environment, cwd=folder, stdout=said, stderr=said
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a master and two workers of one core each; yields the master's address."""
    port, page = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        command = [CLASS.format("master.Master"), "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(started([*command, "--webui-port", str(page)], folder, "master.log"))
        for number in range(WORKERS):
            command = [
                CLASS.format("worker.Worker"),
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "1500m",
            ]
            command += ["--webui-port", "0", "-d", str(folder / f"worker-{number}"), master]
            stack.enter_context(started(command, folder, f"worker-{number}.log"))
        wait_for_workers(f"http://127.0.0.1:{page}/json/")
        yield master


def wait_for_workers(page: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 - our own
                if json.load(answer)["aliveworkers"] == WORKERS:
                    return
        except (OSError, ValueError):  # a master that has just started may answer with no JSON
            pass
        time.sleep(0.5)
    raise TimeoutError("the workers have not found their master")


MARTS_ON_SPARK = "spark/tables/marts.db/{mart}/*.parquet"
"""Where a build on Spark leaves its marts, in the folder of the build."""


def dbt_on_spark(folder: Path, master: str, variables: dict[str, Any], *args: str) -> str:
    """Run dbt with the target spark, with a log of Spark's tasks; returns what dbt said."""
    events, settings = folder / "events", folder / "settings"
    for path in (events, settings):
        path.mkdir(parents=True, exist_ok=True)
    (settings / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.compress false\nspark.eventLog.dir file://{events}\n"
        "spark.executor.memory 1g\nspark.executor.cores 1\nspark.cores.max 2\n"
    )
    environment = {
        "PYTHONPATH": os.pathsep.join([str(SPARK), os.environ.get("PYTHONPATH", "")]),
        "SPARK_CONF_DIR": str(settings), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
        "PATRONAGE_SPARK_MASTER": master, "PATRONAGE_SPARK_PATH": str(folder / "spark"),
    }  # fmt: skip
    return dbt(folder, environment, *args, "--target", "spark", "--vars", json.dumps(variables))


def dbt(folder: Path, environment: dict[str, str], *args: str) -> str:
    """Run dbt in a process of its own; returns what it said."""
    environment = os.environ | environment | {
        "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"), "DO_NOT_TRACK": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *args],
        env=environment, cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def tasks_by_executor(folder: Path) -> dict[str, int]:
    """Count the tasks that each executor has finished, from Spark's own log."""
    tasks: dict[str, int] = {}
    for path in (folder / "events").rglob("events_*"):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if (
                event.get("Event") == "SparkListenerTaskEnd"
                and event["Task End Reason"]["Reason"] == "Success"
            ):
                executor = event["Task Info"]["Executor ID"]
                tasks[executor] = tasks.get(executor, 0) + 1
    return tasks


def differing_rows(warehouse: Path, files: str) -> dict[str, dict[str, int]]:
    """Count, by mart and column, the rows in which a value of files is not a warehouse's.

    Ratios (decimals of other than four places) may differ by one in the last place, doubles by
    1e-9; rows that only one of them has are counted under ``rows``. ``files`` are of Parquet, with
    ``{mart}`` for the mart.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as duck (read_only)")
        keys = connection.execute(
            "select mart, list(column_name order by place) from duck.raw.mart_keys group by mart order by mart"
        ).fetchall()
        return {
            mart: found
            for mart, key in keys
            if (found := compare(connection, mart, key, files.format(mart=mart)))
        }


def compare(
    connection: duckdb.DuckDBPyConnection, mart: str, key: list[str], files: str
) -> dict[str, int]:
    """Count the differing rows of one mart by column."""
    types = {
        name: kind
        for name, kind, *_ in connection.execute(f"describe duck.marts.{mart}").fetchall()
    }
    columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
    connection.execute(
        f"create or replace temp table spark as select {columns} from read_parquet('{files}')"
    )
    on = " and ".join(f'd."{name}" is not distinct from s."{name}"' for name in key)
    counts = {"rows": f'count(*) filter (d."{key[0]}" is null or s."{key[0]}" is null)'}
    for name, kind in types.items():
        if name not in key:
            counts[name] = f"count(*) filter ({differs(name, kind)})"
    row = connection.execute(
        f"select {', '.join(counts.values())} from duck.marts.{mart} as d full join spark as s on {on}"
    ).fetchone()
    assert row is not None
    return {name: number for name, number in zip(counts, row, strict=True) if number}


def differs(name: str, kind: str) -> str:
    """Write when a value of Spark's is another than DuckDB's."""
    here, there = f'd."{name}"', f's."{name}"'
    allowed = "1e-9" if kind == "DOUBLE" else ""
    if kind.startswith("DECIMAL") and not kind.endswith(",4)"):
        allowed = f"1e-{kind.rstrip(')').partition(',')[2]}"
    if not allowed:
        return f"{here} is distinct from {there}"
    return f"({here} is null) <> ({there} is null) or abs({here} - {there}) > {allowed}"
