"""The API for tests: in a thread of this process, or as the command; and a small published file."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import httpx
import uvicorn
from servers import free_port

from patronage.api.app import create_app
from patronage.api.protocol import LimitedProtocol
from patronage.api.settings import Settings
from patronage.published import seal

FIGURES = {"recency": 30, "frequency": 4, "monetary": 2500}

TABLES = """
create schema marts;
create table marts.build as select '{build}' as build_id, 1 as format_version,
    now()::timestamp as built_at, now()::timestamp as published_at, '1' as patronage_version;
create table marts.customers as select 'corner' as shop, 'c' || i as customer_id, null::varchar as segment,
    {size} as frequency from range({size}) as customers (i);
create table marts.customer_segments as select shop, 'rfm_r' as segmentation, customer_id, segment,
    null::integer as cluster_id, null::double as confidence from marts.customers;
create table marts.flagged_orders as select 'corner' as shop, 'o1' as order_id, 'c1' as customer_id, 'x' as segment,
    'twice; late' as reasons, 2 as priority, 1.5 as order_amount, timestamp '2020-01-02' as ordered_at;
create table marts.data_quality as select 'corner' as shop;
create table marts.segments as select 'corner' as shop, segmentation, 'Unsegmented' as segment,
    {size} as customers, segmentation = 'rfm_r' as is_primary, 1.5 as revenue
from unnest(['rfm_behaviour', 'rfm_r', 'rfm_value']) as segmentations (segmentation);
create table marts.model_scorecard as select 'corner' as shop, 'churn' as model, false as is_published;
create macro marts.cluster_of(shop, segmentation, recency_days, frequency, monetary, return_rate_pct) as
    {{'cluster_id': recency_days::integer, 'segment': segmentation}};
comment on column marts.customers.frequency is 'Purchase orders of the customer.';
"""


def small_file(path: Path, build: str = "a", size: int = 7) -> Path:
    """Write what ``patronage publish`` could have written: one shop, no fits; the cluster is the recency."""
    new = path.with_name(f".new-{path.name}")
    with duckdb.connect(str(new)) as connection:
        connection.execute(TABLES.format(build=build, size=size))
    seal(new)
    new.replace(path)
    return path


@contextmanager
def served(settings: Settings, keep_alive: int = 75) -> Iterator[httpx.Client]:
    """A client of a server in a thread of its own, on a free port."""
    config = uvicorn.Config(
        create_app(settings), http=LimitedProtocol, log_level="critical", access_log=False,
        timeout_keep_alive=keep_alive, timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            with httpx.Client(base_url=address, timeout=120) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Started:
    """A service that runs as the command does."""

    process: subprocess.Popen[str]
    client: httpx.Client
    port: int
    log: Path

    def said(self) -> list[str]:
        """The lines of its log so far, without the one that says where it serves."""
        return [line for line in self.log.read_text().splitlines() if not line.startswith("Serving ")]  # fmt: skip


def command(published: Path, port: int) -> list[str]:
    """The command that serves."""
    return [sys.executable, "-m", "patronage.cli", "serve", "--published", str(published), "--port", str(port)]  # fmt: skip


@contextmanager
def started(published: Path, log: Path, **environment: str) -> Iterator[Started]:
    """``patronage serve`` in a process of its own, killed in the end if it still runs."""
    port = free_port()
    with log.open("w") as output:
        process = subprocess.Popen(
            command(published, port), env=os.environ | environment, stdout=output, stderr=output, text=True
        )  # fmt: skip
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        try:
            deadline = time.monotonic() + 60
            while True:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                try:
                    client.get("/ping")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield Started(process, client, port, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def wait_for(question: object, patience: float = 60) -> None:
    """Wait until a question is answered by yes."""
    assert callable(question)
    deadline = time.monotonic() + patience
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)
