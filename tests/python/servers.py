"""Real database servers for the tests: in a temporary folder, on loopback, as no privileged user."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

ADMIN, WRITER, GUEST = "admin", "writer", "guest"


@dataclass(frozen=True)
class Server:
    """A running server; its roles share one password."""

    kind: str
    port: int
    password: str
    process: subprocess.Popen[bytes]
    owner: dict[str, Any]
    log: Path

    @property
    def certificate(self) -> Path:
        """Of the server, which signs itself; there is none where openssl is missing."""
        return self.log.with_name("server.crt")

    def engine(self, user: str, database: str) -> Engine:
        """Connect as a role; the caller disposes."""
        driver = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}[self.kind]
        url = URL.create(driver, user, self.password, "127.0.0.1", self.port, database)
        return create_engine(url, poolclass=NullPool)

    def run(self, statement: str, user: str = ADMIN, database: str = "") -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        default = {"postgres": "postgres", "mysql": "mysql"}[self.kind]
        engine = self.engine(user, database or default)
        options = {"isolation_level": "AUTOCOMMIT", "no_parameters": True}
        with engine.connect().execution_options(**options) as connection:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows

    @contextmanager
    def short_files(self) -> Iterator[None]:
        """Let the server write no file of more than 48 MiB: to it, the disk is full."""
        limit = ["prlimit", f"--pid={self.process.pid}"]  # as its user: root may not everywhere
        subprocess.run([*limit, f"--fsize={48 * 2**20}:"], check=True, **self.owner)
        try:
            yield
        finally:
            subprocess.run([*limit, "--fsize=unlimited:"], check=True, **self.owner)


def find(program: str) -> str | None:
    """Find a server's program, also where Debian keeps it from the path."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/sbin"), Path("/usr/bin")]
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, sorted(folders, reverse=True))])
    return shutil.which(program, path=path)


def unprivileged(names: tuple[str, ...]) -> dict[str, Any]:
    """Arguments for subprocess: as the first user of some that there is; as oneself if not root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam(next(name for name in (*names, "nobody") if name in known))
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def roomy_memory() -> str | None:
    """The folder that is kept in memory, where there is one with room; tables are made fast there."""
    memory = "/dev/shm"  # noqa: S108 - what mkdtemp makes there is the server's own
    is_roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return memory if is_roomy else None


def make_certificate(folder: Path) -> Path:
    """Make a certificate for this machine, signed by itself, where openssl is there."""
    certificate = folder / "server.crt"
    if openssl := find("openssl"):
        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(folder / "server.key"), "-out", str(certificate)]
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files],
            check=True,
            capture_output=True,
        )
    return certificate


def commands(kind: str, folder: Path, port: int, password: str) -> tuple[list[str], list[str]]:
    """The command that makes a server's files, and the one that runs it."""
    data = f"{folder}/data"
    has_tls = make_certificate(folder).exists()
    if kind == "postgres":
        (folder / "password").write_text(password)
        make = ["initdb", "-D", data, "-U", ADMIN, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]  # fmt: skip
        return (
            [*make, "-N", f"--pwfile={folder}/password"],
            [
                *(
                    "postgres",
                    "-D",
                    data,
                    "-p",
                    str(port),
                    "-k",
                    str(folder),
                    "-h",
                    "127.0.0.1",
                    "-F",
                ),
                *("-c", f"ssl={has_tls}", "-c", f"ssl_cert_file={folder}/server.crt"),
                *("-c", f"ssl_key_file={folder}/server.key"),
            ],
        )
    (folder / "init.sql").write_text(
        f"create user {ADMIN}@'127.0.0.1' identified by '{password}';"
        f"\ngrant all on *.* to {ADMIN}@'127.0.0.1' with grant option;\n"
    )
    make = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    return (
        [*make, "--auth-root-authentication-method=normal"],
        [
            "mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={folder}/socket", f"--port={port}",
            "--bind-address=127.0.0.1", f"--pid-file={folder}/pid", f"--init-file={folder}/init.sql",
"--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--debug-no-sync", "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=8M", *([f"--ssl-cert={folder}/server.crt", f"--ssl-key={folder}/server.key"] if has_tls else []),
        ],
    )  # fmt: skip


def missing(kind: str) -> str:
    """Why a server cannot be started here; empty if it can."""
    programs = {
        "postgres": ("initdb", "postgres"),
        "mysql": ("mariadb-install-db", "mariadbd"),
    }[kind]
    absent = [program for program in programs if find(program) is None]
    package = {"postgres": "postgresql", "mysql": "mariadb-server"}[kind]
    return f"{absent[0]} is missing: apt-get install {package}" if absent else ""


def wait_until_it_answers(server: Server, log: Path) -> None:
    """Wait for a server that has just been started."""
    deadline = time.monotonic() + 60
    while True:
        assert server.process.poll() is None, log.read_text()
        try:
            server.run("select 1")
        except OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


@contextmanager
def running(kind: str) -> Iterator[Server]:
    """Start a server with the roles writer and guest, and stop it by its process id."""
    owner = unprivileged({"postgres": ("postgres",), "mysql": ("mysql",)}[kind])
    password, port = f"pw-{secrets.token_hex(8)}", free_port()
    folder = Path(tempfile.mkdtemp(prefix=f"patronage-{kind}-", dir=roomy_memory()))
    log = folder / "log"
    try:
        make, serve = commands(kind, folder, port, password)
        for path in (folder, *folder.iterdir()):
            if owner:
                os.chown(path, owner["user"], owner["group"])
        with log.open("wb") as output:
            streams: dict[str, Any] = {"stdout": output, "stderr": output, "cwd": folder}
            programs = [str(find(make[0])), *make[1:]]
            made = subprocess.run(programs, check=False, **streams, **owner)
            assert made.returncode == 0, log.read_text()
            process = subprocess.Popen(
                [str(find(serve[0])), *serve[1:]],
                restore_signals=False,  # Python ignores SIGXFSZ, and so does the server
                **streams,
                **owner,
            )
        try:
            server = Server(kind, port, password, process, owner, log)
            wait_until_it_answers(server, log)
            for role in (WRITER, GUEST):
                if kind == "postgres":
                    server.run(f"create role {role} login password '{password}'")
                else:
                    server.run(f"create user {role}@'127.0.0.1' identified by '{password}'")
            yield server
        finally:
            process.send_signal(signal.SIGINT if kind == "postgres" else signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
