"""Hold the API against a FastAPI service that unpickles a scaler and a KMeans, side by side.

    python benchmarks/api.py [PUBLISHED_FILE]

Both listen on loopback, one process each, and are asked in turns: single customers over one and
over eight connections, batches of 1,000 and of 10,000 over one and over two. Each connection has
500 different requests, or 20 batches. Then two connections send batches of 10,000 without a pause
while a third asks for ``/ping`` a hundred times a second. The clients share the processors.

The API runs as ``patronage serve`` does. The other service (``pickled_api.py``) is uvicorn with
FastAPI as most tutorials have it; it loads its model once, at the start.
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
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
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
PING_GOAL = 50


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
def service(module: list[str], env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Start a service, and stop it by its id.

    Yields
    ------
    Port and process id, once ``/ping`` is answered.
    """
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *module, "--port", str(port)],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping") as answer:
                    answer.read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{' '.join(module)} does not answer")
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


def requests_for(path: str, case: Case) -> list[list[bytes]]:
    """Write the requests of each connection."""
    draw = random.Random(1)  # noqa: S311 - drawn to be the same for both
    return [requests_of(path, case.rows, draw) for _ in range(case.connections)]


async def load(port: int, pid: int, requests: list[list[bytes]]) -> tuple[float, float]:
    """Measure requests per second, and milliseconds of processors per request."""
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


def pings(port: int, seconds: float) -> list[float]:
    """Ask for ``/ping`` a hundred times a second; give the milliseconds of each answer.

    This is a process of its own, which waits for nothing but the answer.
    """
    times = []
    request = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        until = time.perf_counter() + seconds
        while (started := time.perf_counter()) < until:
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65_536)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"not answered: {answer.decode()}")
            times.append(1_000 * (time.perf_counter() - started))
            time.sleep(0.01)
    return times


def ping_beside_batches(port: int, pid: int, requests: list[list[bytes]]) -> list[float]:
    """Measure ``/ping`` while connections send batches."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        times = process.submit(pings, port, 2 * SECONDS)
        while not times.done():
            asyncio.run(load(port, pid, requests))
        return times.result()


def report_pings(ours: list[list[float]], theirs: list[list[float]]) -> None:
    """Print quantiles of the milliseconds of all rounds."""
    for name, rounds in (("patronage", ours), ("pickled", theirs)):
        times = sorted(time for one in rounds for time in one)
        middle, high = times[len(times) // 2], times[int(len(times) * 0.99)]
        worst = " ".join(f"{sorted(one)[int(len(one) * 0.99)]:.0f}" for one in rounds)
        verdict = ""
        if name == "patronage":
            verdict = f"  goal {PING_GOAL}: {'met' if high <= PING_GOAL else 'MISSED'}"
        print(
            f"{'/ping beside batches of 10,000':38}{name:11}"
            f"{len(times)} answers, p50 {middle:.1f} ms, p99 {high:.1f} ms (by round {worst}),"
            f" worst {times[-1]:.0f} ms{verdict}"
        )


def main() -> None:
    """Start both services, ask them in turns, and print the ratios."""
    published = Path(sys.argv[1]) if len(sys.argv) > 1 else default_paths()[1]
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.pickle"
        write_model(published, model)
        own = ["patronage.cli", "serve", "--published", str(published)]
        other = ["uvicorn", "pickled_api:app", "--app-dir", str(HERE)]
        other += ["--no-access-log", "--log-level", "warning"]
        with (
            service(own, {"PATRONAGE_API_HOST": "127.0.0.1"}) as ours,
            service(other, {"PICKLED_MODEL": str(model)}) as theirs,
        ):
            for case in CASES:
                runs = []
                own_requests, other_requests = (
                    requests_for(path, case) for path in ("/segment", case.path)
                )
                for _ in range(ROUNDS + 1):  # the first warms up
                    a = asyncio.run(load(*ours, own_requests))
                    runs.append((a, asyncio.run(load(*theirs, other_requests))))
                report(case, [run[0] for run in runs[1:]], [run[1] for run in runs[1:]])
            times = []  # the requests are those of the case with two connections of 10,000
            own_requests, other_requests = (
                requests_for(path, CASES[5]) for path in ("/segment", "/predict/batch")
            )
            for _ in range(ROUNDS):
                one = ping_beside_batches(*ours, own_requests)
                times.append((one, ping_beside_batches(*theirs, other_requests)))
            report_pings([pair[0] for pair in times], [pair[1] for pair in times])


if __name__ == "__main__":
    main()
