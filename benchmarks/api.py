"""Hold the API against a FastAPI service that unpickles a scaler and a KMeans, side by side.

    python benchmarks/api.py [PUBLISHED_FILE]

Both listen on loopback, one process each, with the same uvicorn options, and are asked in turns:
single customers over one and over eight connections, batches of 1,000 and of 10,000 over one and
over two. Each connection has 500 different requests, or 20 batches. The client shares the
processors.
"""

import asyncio
import json
import os
import pickle
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from patronage.published import attached_published, default_paths

HERE = Path(__file__).parent
ROUNDS = 7
SECONDS = 2.0


class Case(NamedTuple):
    """What both services are asked, and the ratio of requests per second to reach."""

    name: str
    path: str
    connections: int
    rows: int
    goal: float | None


CASES = (
    Case("single, 1 connection", "/predict", 1, 0, 1.0),
    Case("single, 8 connections", "/predict", 8, 0, 1.0),
    Case("1,000 rows, 1 connection", "/predict/batch", 1, 1_000, 5.0),
    Case("1,000 rows, 2 connections", "/predict/batch", 2, 1_000, 5.0),
    Case("10,000 rows, 1 connection", "/predict/batch", 1, 10_000, 5.0),
    Case("10,000 rows, 2 connections", "/predict/batch", 2, 10_000, 5.0),
    Case("1,000 rows by DataFrame, 1 connection", "/predict/frame", 1, 1_000, None),
)


def write_model(published: Path, target: Path) -> None:
    """Fit scaler and KMeans on the largest shop's customers, and pickle them."""
    with attached_published(published) as connection:
        columns = connection.execute(
            "select recency_days::double, frequency::double, monetary::double,"
            " return_rate_pct::double from published.marts.customers where frequency > 0"
            " and monetary > 0 and shop = (select mode(shop) from published.marts.customers)"
        ).fetchall()
    features = np.log1p(np.array(columns))
    scaler = StandardScaler().fit(features)
    kmeans = KMeans(n_clusters=5, n_init=10, random_state=1).fit(scaler.transform(features))
    names = ["New", "Steady", "VIP", "Churned", "Returners"]
    target.write_bytes(pickle.dumps({"scaler": scaler, "kmeans": kmeans, "names": names}))


def free_port() -> int:
    """Find a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def service(application: list[str], path: str, env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Start a service, and stop it by its id.

    Yields
    ------
    Port and process id, once ``path`` is answered.
    """
    port = free_port()
    options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *application, *options], env={**os.environ, **env}
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                    answer.read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{' '.join(application)} does not answer")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def customer(draw: random.Random) -> dict[str, float]:
    """Draw the figures of a customer."""
    return {
        "recency": draw.randint(1, 400),
        "frequency": draw.randint(1, 30),
        "monetary": round(draw.random() * 5_000, 2),
        "return_rate_pct": round(draw.random() * 40, 2),
    }


def requests_of(path: str, rows: int, draw: random.Random) -> list[bytes]:
    """Write requests: batches of ``rows``, or single customers for 0."""
    written = []
    for _ in range(20 if rows else 500):
        content = [customer(draw) for _ in range(rows)] if rows else customer(draw)
        body = json.dumps(content).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        written.append(head.encode() + body)
    return written


async def ask(port: int, requests: list[bytes], until: float) -> int:
    """Ask one question after the other over one connection, and count the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    answers = 0
    while time.perf_counter() < until:
        writer.write(requests[answers % len(requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"not answered: {head.decode()}")
        length = head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length))
        answers += 1
    writer.close()
    return answers


def cpu_seconds(pid: int) -> float:
    """Seconds of processors that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(port: int, pid: int, path: str, case: Case) -> tuple[float, float]:
    """Measure requests per second, and milliseconds of processors per request."""
    draw = random.Random(1)  # noqa: S311 - drawn to be the same for both
    requests = [requests_of(path, case.rows, draw) for _ in range(case.connections)]
    used = cpu_seconds(pid)
    started = time.perf_counter()
    counts = await asyncio.gather(*(ask(port, own, started + SECONDS) for own in requests))
    seconds = time.perf_counter() - started
    return sum(counts) / seconds, 1_000 * (cpu_seconds(pid) - used) / sum(counts)


def report(case: Case, ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> None:
    """Print medians, and the ratios pair by pair in the order of the rounds."""
    ratios = [own[0] / other[0] for own, other in zip(ours, theirs, strict=True)]
    cpu = median(other[1] / own[1] for own, other in zip(ours, theirs, strict=True))
    for name, runs in (("patronage", ours), ("pickled", theirs)):
        rate, used = median(run[0] for run in runs), median(run[1] for run in runs)
        rows = f"{rate * max(case.rows, 1):,.0f} rows/s"
        print(f"{case.name:38}{name:11}{rate:9,.1f} requests/s {rows:>18}  {used:7.2f} CPU ms")
    verdict = ""
    if case.goal is not None:
        verdict = f"  goal {case.goal:g}: {'met' if median(ratios) >= case.goal else 'MISSED'}"
    listed = " ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"{'':38}ratio {median(ratios):.2f} ({listed}), of CPU {cpu:.2f}{verdict}\n", flush=True)


def main() -> None:
    """Start both services, ask them in turns, and print the ratios."""
    published = Path(sys.argv[1]) if len(sys.argv) > 1 else default_paths()[1]
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.pickle"
        write_model(published, model)
        own = ["patronage.api.app:create_app", "--factory"]
        other = ["pickled_api:app", "--app-dir", str(HERE)]
        with (
            service(own, "/ping", {"PATRONAGE_PUBLISHED_PATH": str(published)}) as ours,
            service(other, "/openapi.json", {"PICKLED_MODEL": str(model)}) as theirs,
        ):
            for case in CASES:
                runs = []
                for _ in range(ROUNDS + 1):  # the first warms up
                    a = asyncio.run(load(*ours, "/segment", case))
                    runs.append((a, asyncio.run(load(*theirs, case.path, case))))
                report(case, [run[0] for run in runs[1:]], [run[1] for run in runs[1:]])


if __name__ == "__main__":
    main()
