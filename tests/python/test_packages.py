"""What is installed for serving is enough to serve, and what is missing is named with its extra."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from servers import free_port

from patronage.api.ping import PingError, ping
from warehouse import PROJECT

HIDING = """
import os
from importlib.machinery import PathFinder

hidden = set(os.environ["HIDDEN"].split())
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] in hidden else find(name, *rest)
"""
"""Runs before anything else in a process, to which some packages are then not installed."""

IMPORTS = """
import sys
from pathlib import Path
from importlib import import_module

root = Path(sys.argv[1])
for path in sorted(root.rglob("*.py")):
    name = ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")
    if not name.startswith(tuple(sys.argv[2:])):
        import_module(name)
        print(name)
"""

CONNECTING = """
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt_common.exceptions import DbtRuntimeError
from patronage.landing import Plugin

credentials = DuckDBCredentials(database="memory", schema="main", path=":memory:")
try:
    Plugin("landing", {}, credentials).update_connection_config(credentials, {})
except DbtRuntimeError as error:
    print(error)
"""
"""What dbt-duckdb does with the plugin before it opens the warehouse."""


def pins_of(lock: str) -> dict[str, Requirement]:
    """The pins of a lock that hold on this platform, by name."""
    lines = (PROJECT / lock).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if "==" in line and line[0] not in " #"]  # fmt: skip
    return {pin.name: pin for pin in pins if pin.marker is None or pin.marker.evaluate()}


def modules_beside(lock: str) -> set[str]:
    """Modules of packages that are installed here and that a lock does not name."""
    named = {*pins_of(lock), "patronage"}
    return {
        module
        for module, packages in packages_distributions().items()
        if module not in sys.stdlib_module_names
        and not any(package.lower().replace("_", "-") in named for package in packages)
    }


def without(
    hidden: set[str], folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python where some modules are not installed."""
    (folder / "sitecustomize.py").write_text(HIDING)
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ
        | {"PYTHONPATH": f"{folder}{os.pathsep}{PROJECT / 'src'}", "HIDDEN": " ".join(hidden)}
        | environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_api_needs_no_package_beside_those_of_its_lock(tmp_path: Path) -> None:
    hidden = modules_beside("requirements-serving.lock")
    assert hidden > {"dbt", "sklearn", "pandas", "scipy", "pyarrow", "joblib", "sqlalchemy"}
    others = [
        f"patronage.{part}"
        for part in ("checking", "dashboard", "fitting", "landing", "publishing.database")
    ]
    others += ["patronage.publishing.mysql", "patronage.publishing.postgres"]
    result = without(hidden, tmp_path, "-c", IMPORTS, str(PROJECT / "src/patronage"), *others)
    assert result.returncode == 0, result.stderr
    assert {"patronage.api.app", "patronage.cli", "patronage.publishing.files"} < set(
        result.stdout.split()
    )


@pytest.mark.parametrize("lock", ["requirements-serving.lock", "requirements-build.lock"])
def test_the_locks_of_the_images_are_parts_of_the_one_that_is_tested(lock: str) -> None:
    tested = pins_of("requirements.lock")
    pins = pins_of(lock)
    assert len(pins) > 15
    # by name and version: a test may need an extra of a package
    assert {name: pin.specifier for name, pin in pins.items()} == {
        name: tested[name].specifier for name in pins
    }
    hashes = [line for line in (PROJECT / lock).read_text().split() if "sha256:" in line]
    assert set(hashes) <= set((PROJECT / "requirements.lock").read_text().split())


@pytest.mark.parametrize(
    ("command", "hidden", "extra"),
    [
        ("serve", "uvicorn", "api"),
        ("serve", "fastapi", "api"),
        ("publish postgres --url postgresql://user@localhost/shop", "psycopg", "databases"),
        ("publish mysql --url mysql://user@localhost/shop", "sqlalchemy", "databases"),
    ],
)
def test_a_command_says_which_extra_it_lacks(
    command: str, hidden: str, extra: str, tmp_path: Path
) -> None:
    result = without({hidden}, tmp_path, "-m", "patronage.cli", *command.split())
    assert (result.returncode, result.stdout) == (1, "")
    assert hidden in result.stderr
    assert result.stderr.startswith("patronage: ")
    assert result.stderr.endswith(f": pip install 'patronage[{extra}]'\n")


def test_a_build_says_which_extra_it_lacks(tmp_path: Path) -> None:
    result = without({"pyarrow", "sklearn"}, tmp_path, "-c", CONNECTING)
    assert result.stdout.endswith(
        "a build needs pyarrow, sklearn: pip install 'patronage[warehouse]'\n"
    ), result.stderr


class Pong(http.server.BaseHTTPRequestHandler):
    """Answers /ping where Host names one of its names, and 503 elsewhere."""

    def do_GET(self) -> None:
        is_known = self.path == "/ping" and self.headers["Host"] in ("localhost", "shop.example")
        self.send_response(200 if is_known else 503)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Pong) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["PATRONAGE_API_PORT", "SAGEMAKER_BIND_TO_PORT"])
@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1"])  # noqa: S104
@pytest.mark.parametrize("hosts", ["", "shop.example, www.shop.example"])
def test_a_ping_asks_where_the_environment_says(
    name: str, host: str, hosts: str, port: str
) -> None:
    environment = {name: port, "PATRONAGE_API_HOST": host, "PATRONAGE_API_HOSTS": hosts}
    assert ping(environment) == f"http://127.0.0.1:{port}/ping answers"


def test_a_ping_that_is_not_answered_well_is_an_error(port: str) -> None:
    with pytest.raises(PingError, match=r"/ping answers 503: no$"):
        ping({"PATRONAGE_API_PORT": port, "PATRONAGE_API_HOSTS": "other.example"})
    with pytest.raises(PingError, match=r"^nothing answers at http://127\.0\.0\.1:\d+/ping: "):
        ping({"PATRONAGE_API_PORT": str(free_port())})
    with pytest.raises(PingError, match="PATRONAGE_API_PORT is 'http', and must be a whole number"):
        ping({"PATRONAGE_API_PORT": "http", "SAGEMAKER_BIND_TO_PORT": port})
