"""Superset on this machine, with the charts of this folder on the published file.

    PYTHONPATH=src .superset/bin/python bi/superset/local.py [--published FILE] [--port 8088]

``make superset`` installs it and runs this. At the first start a metadata database, a key and the
password of the user ``admin`` are made in ``.superset/home``; nobody else on the machine can read
them. Each start brings in ``bi/superset/export`` again; charts and dashboards of one's own stay.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rest import Superset, SupersetError

from patronage.published import PublishError, connect_published, default_paths

USER = "admin"
PROGRAMS = Path(sys.executable).parent
"""Where ``superset`` and ``gunicorn`` are, if this Python is that of Superset's environment."""

SECONDS_TO_START = 180


def environment(home: Path) -> dict[str, str]:
    """Variables of the environment that Superset is run with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {
        "FLASK_APP": "superset.app:create_app()",
        "SUPERSET_CONFIG_PATH": str(Path(__file__).with_name("superset_config.py")),
        "SUPERSET_HOME": str(home.absolute()),
        "SUPERSET_SECRET_KEY": secret(home, "secret_key"),
    }


def secret(home: Path, name: str) -> str:
    """Read a secret of this installation; it is made the first time."""
    path = home / name
    with suppress(FileExistsError), open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:  # fmt: skip  # noqa: E501, PTH123
        file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def make_ready(home: Path, programs: Path = PROGRAMS) -> None:
    """Make the metadata database and the user, unless they are there.

    Parameters
    ----------
    home
        The folder of this installation; made if it is missing.
    programs
        Where Superset's programs are.

    Raises
    ------
    SupersetError
        A step has failed; what it said stands in ``home/ready.log``.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    done = home / "ready"
    if done.exists():
        return
    named = ["--username", USER, "--firstname", "local", "--lastname", "user"]
    steps = [
        ["db", "upgrade"],
        ["init"],
        ["fab", "create-admin", *named, "--email", "admin@example.com"],
    ]
    # not as an argument, which every user of the machine can read
    password = {"FLASK_FAB_CREATE_ADMIN_PASSWORD": secret(home, "password")}
    log = home / "ready.log"
    with log.open("w", encoding="utf-8") as said:
        for step in steps:
            run = subprocess.run(
                [str(programs / "superset"), *step],
                env=environment(home) | password,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if run.returncode:
                raise SupersetError(f"superset {' '.join(step[:2])} has failed: {log} says why")
    done.touch()


@contextmanager
def started(home: Path, port: int, programs: Path = PROGRAMS) -> Iterator[Superset]:
    """Serve on loopback, until the context ends.

    Parameters
    ----------
    home
        The folder of this installation, made ready.
    port
        Where to listen.
    programs
        Where Superset's programs are.

    Yields
    ------
    The Superset, as the admin sees it.
    """
    command = [str(programs / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    command += ["--threads", "8", "--worker-class", "gthread", "--timeout", "120"]
    address = f"http://127.0.0.1:{port}"
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise SupersetError(f"port {port} is taken: name another (--port)") from error
    with (home / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [*command, "superset.app:create_app()"],
            env=environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(address, server)
            yield Superset(address, USER, secret(home, "password"))
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers, or has ended."""
    reach = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    until = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), reach(f"{address}/health", timeout=30):
            return
        time.sleep(0.5)
    raise SupersetError("Superset does not answer: server.log in its folder says why")


def main() -> int:
    """Make ready, bring in the export, and serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve Superset on this machine.")
    parser.add_argument("--published", type=Path, default=default_paths()[1])
    parser.add_argument("--home", type=Path, default=Path(".superset/home"))
    parser.add_argument("--port", type=int, default=8088)
    arguments = parser.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        connect_published(arguments.published).close()
        if not (arguments.home / "ready").exists():
            print("Superset makes its metadata database: a minute or two.", flush=True)
        make_ready(arguments.home)
        with started(arguments.home, arguments.port) as superset:
            superset.bring_in(arguments.published)
            print(f"{superset.address}/superset/dashboard/patronage/")
            print(f"user {USER}, password {secret(arguments.home, 'password')}; stop it by Ctrl-C")
            sys.stdout.flush()
            signal.pause()
    except (PublishError, SupersetError) as error:
        print(f"superset: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
