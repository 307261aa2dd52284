"""Ask the API for a long time while builds are published, and hold that nothing fails or grows.

    python scripts/soak.py [--seconds 600] [--warehouse FILE]

Two builds of the warehouse take turns: every ten seconds ``patronage publish`` replaces the file
that a server answers from, while connections ask for single customers, batches, rows of marts and
the state, and others hang up in their body. Each answer has to be of the build that its ETag names.
"""

import argparse
import http.client
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from urllib.parse import quote

import duckdb

from patronage.published import default_paths

SECONDS_BETWEEN_BUILDS = 10
OTHER = "of the other build"


def copies_of(warehouse: Path, folder: Path) -> list[Path]:
    """Copy a warehouse twice; the second copy is of another build, whose segments say so."""
    copies = [folder / "one.duckdb", folder / "other.duckdb"]
    for copy in copies:
        shutil.copyfile(warehouse, copy)
    with duckdb.connect(str(copies[1])) as connection:
        connection.execute("update raw.builds set build_id = 'other-' || build_id")
        connection.execute("update marts.customers set segment = ?", [OTHER])
    return copies


def publish(warehouse: Path, published: Path) -> None:
    """Run ``patronage publish``."""
    command = [sys.executable, "-m", "patronage.cli", "publish"]
    subprocess.run(
        [*command, "--warehouse", str(warehouse), "--to", str(published)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def server(published: Path, log: Path) -> Iterator[tuple[int, int]]:
    """Serve on a free port; yields port and process id."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    command = [sys.executable, "-m", "patronage.cli", "serve"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--published", str(published), "--port", str(port)],
            stdout=output,
            stderr=output,
        )
    try:
        for _ in range(600):
            with socket.socket() as connection:
                if connection.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


class Load:
    """Connections that ask until they are told to stop.

    Parameters
    ----------
    port
        Where the API listens.
    customers
        Shops and ids of customers to ask for.
    """

    def __init__(self, port: int, customers: list[tuple[str, str]]) -> None:
        self._port = port
        self._customers = customers
        self._draw = random.Random(1)  # noqa: S311 - drawn to be the same
        self.statuses: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.builds: Counter[str] = Counter()
        self.is_over = threading.Event()

    def figures(self) -> dict[str, float]:
        """Draw the figures of a customer."""
        draw = self._draw
        monetary = round(draw.random() * 5_000, 2)
        return {"recency": draw.randint(1, 400), "frequency": 4, "monetary": monetary}

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: object,
        kind: str,
    ) -> tuple[int, str, bytes]:
        content = body if isinstance(body, str | None) else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": kind})
        answer = connection.getresponse()
        read = answer.read()
        self.statuses[f"{path.split('/')[1]} {answer.status}"] += 1
        etag = answer.headers.get("ETag", "").strip('"')
        self.builds[etag] += bool(etag)
        return answer.status, etag, read

    def run(
        self, ask: Callable[[Callable[..., tuple[int, str, bytes]]], None], pause: float
    ) -> None:
        """Ask over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self.is_over.is_set():
            try:
                ask(lambda *request: self._ask(connection, *request))
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(f"no answer: {error!r}")
                connection.close()
            time.sleep(pause)
        connection.close()

    def singles(self, ask: Callable[..., tuple[int, str, bytes]]) -> None:
        """Score a customer."""
        ask("POST", "/segment", self.figures(), "application/json")

    def batches(self, ask: Callable[..., tuple[int, str, bytes]]) -> None:
        """Score ten thousand customers as JSON, and some as CSV and as JSON Lines."""
        rows = [self.figures() for _ in range(10_000)]
        _, _, answer = ask("POST", "/segment", rows, "application/json")
        if len(json.loads(answer)) != len(rows):
            self.wrong.append("a batch has another number of answers")
        table = "".join("{recency},{frequency},{monetary}\n".format(**row) for row in rows[:2_000])
        ask("POST", "/invocations", table, "text/csv")
        lines = "".join(json.dumps(row) + "\n" for row in rows[:2_000])
        ask("POST", "/invocations", lines, "application/jsonlines")

    def marts(self, ask: Callable[..., tuple[int, str, bytes]]) -> None:
        """Read a customer, an order and the segments."""
        shop, customer_id = self._draw.choice(self._customers)
        status, etag, row = ask("GET", f"/customers/{shop}/{quote(customer_id)}", None, "")
        is_other = status == 200 and json.loads(row)["segment"] == OTHER
        if status == 200 and is_other != etag.startswith("other-"):
            self.wrong.append(f"an answer of build {etag} is of another one")
        ask("GET", f"/orders/{shop}/1/flags", None, "")
        ask("GET", f"/clusters/summary?shop={shop}", None, "")

    def states(self, ask: Callable[..., tuple[int, str, bytes]]) -> None:
        """Look at the state, send what is wrong, and hang up in a body."""
        for path in ("/ping", "/health", "/openapi.json"):
            ask("GET", path, None, "")
        ask("POST", "/segment", {"recency": -1}, "application/json")
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.sendall(
                b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
            )


def resources(pid: int) -> tuple[float, int]:
    """Resident megabytes and open descriptors of a process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = int(status.split("VmRSS:", 1)[1].split()[0])
    return kilobytes / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir()))


def soak(warehouse: Path, seconds: float) -> list[str]:
    """Soak, print what was seen, and return what is wrong."""
    samples: list[tuple[float, int]] = []
    published_builds = 1
    with tempfile.TemporaryDirectory(prefix="patronage-soak-") as name:
        folder = Path(name)
        copies = copies_of(warehouse, folder)
        published = folder / "published.duckdb"
        publish(copies[0], published)
        with duckdb.connect(str(published), read_only=True) as connection:
            customers = connection.execute(
                "select shop, customer_id from marts.customers order by all limit 500"
            ).fetchall()
        with server(published, folder / "log") as (port, pid):
            load = Load(port, [(str(shop), str(customer)) for shop, customer in customers])
            kinds = [(load.singles, 0.005)] * 2 + [(load.marts, 0.02)]
            kinds += [(load.batches, 0.2), (load.states, 0.1)]
            threads = [threading.Thread(target=load.run, args=kind) for kind in kinds]
            started = time.monotonic()
            for thread in threads:
                thread.start()
            try:
                while (passed := time.monotonic() - started) < seconds:
                    if passed > published_builds * SECONDS_BETWEEN_BUILDS:
                        publish(copies[published_builds % 2], published)
                        published_builds += 1
                    samples.append(resources(pid))
                    time.sleep(0.5)
            finally:
                load.is_over.set()
                for thread in threads:
                    thread.join()
        said = Counter(
            line[24:].rpartition(": ")[0] or line
            for line in (folder / "log").read_text().splitlines()
            if not line.startswith("Serving")
        )
    return report(load, samples, published_builds, said)


def report(
    load: Load, samples: list[tuple[float, int]], builds: int, said: Counter[str]
) -> list[str]:
    """Print what was seen, and return what is wrong.

    Memory and descriptors of the last fifth are held against the second fifth.
    """
    fifth = max(1, len(samples) // 5)
    before, after = samples[fifth : 2 * fifth] or samples, samples[-fifth:]
    memory = [mean(one for one, _ in part) for part in (before, after)]
    descriptors = [max(one for _, one in part) for part in (before, after)]
    failed = sum(count for kind, count in load.statuses.items() if kind.split()[-1] >= "500")
    total = sum(load.statuses.values())
    print(f"{total:,} requests, {failed} of them answered 5xx, {builds} builds published")
    print(f"answers of {len(load.builds) - ('' in load.builds)} builds; by route and status:")
    print("  " + ", ".join(f"{kind}: {count:,}" for kind, count in sorted(load.statuses.items())))
    print(f"memory {memory[0]:.0f} MB in the second fifth of the time, {memory[1]:.0f} in the last")
    print(f"descriptors {descriptors[0]} and {descriptors[1]}; log: {dict(said)}")
    wrong = [f"{failed} answers are 5xx"] if failed else []
    wrong += sorted(set(load.wrong))[:10]
    warm = 10 if len(samples) > 500 else 40  # a short soak ends before the caches are full
    if memory[1] > 1.1 * memory[0] + warm:
        wrong.append("memory grows")
    if descriptors[1] > descriptors[0] + 5:
        wrong.append("descriptors grow")
    if builds > 1 and len([etag for etag in load.builds if etag]) < 2:
        wrong.append("a build that was published was never answered from")
    return wrong


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600, help="(default: %(default)s)")
    parser.add_argument("--warehouse", type=Path, default=default_paths()[0])
    options = parser.parse_args()
    if not options.warehouse.is_file():
        print(f"there is no warehouse {options.warehouse}: make build", file=sys.stderr)
        return 1
    wrong = soak(options.warehouse, options.seconds)
    for sentence in wrong:
        print(f"WRONG: {sentence}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
