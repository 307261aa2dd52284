"""The images of the Dockerfile, made and run by buildah, which needs no daemon and no registry.

The base is made of Debian's packages: the release on which the Dockerfile's own base stands.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DEBIAN = "trixie"
PACKAGES = "ca-certificates,python-is-python3,python3-pip"
UNREACHABLE = (
    "Could not resolve",
    "Temporary failure resolving",
    "Unable to connect",
    "Could not connect",
)
OF_THIS_MACHINE = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
"""By which pip reaches its packages here: mounted while an image is made, and never in it."""


@dataclass(frozen=True)
class Engine:
    """Buildah, with images in a folder of its own."""

    folder: Path

    def command(self, *arguments: str) -> list[str]:
        """Name a command of buildah."""
        folders = [f"--root={self.folder}/images", f"--runroot={self.folder}/run"]
        return ["buildah", *folders, *arguments]

    def __call__(self, *arguments: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        result = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, env=environment()
        )
        assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-5000:]
        return result.stdout.strip()

    def make_base(self) -> str:
        """Make the image on which all others stand; skip the test where no package is reached."""
        container = self("from", "scratch")
        made = subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, self("mount", container)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = made.stderr.splitlines() if made.returncode != 0 else []
        if reasons := [line.strip() for line in said if any(part in line for part in UNREACHABLE)]:
            pytest.skip(f"no package of Debian can be fetched: {reasons[0]}")
        assert made.returncode == 0, made.stderr[-5000:]
        self("commit", "--quiet", "--rm", container, "base")
        return "localhost/base"

    def make(self, context: Path, *options: str) -> str:
        """Make an image, and a container of it; return the container."""
        mounts = [f"--volume={path}:{path}:ro" for path in OF_THIS_MACHINE if Path(path).exists()]
        image = self("bud", "--quiet", "--format=docker", *mounts, *options, str(context))
        return self("from", image.splitlines()[-1])


def environment() -> dict[str, str]:
    """Give buildah an environment in which nothing of the project is set."""
    names = ("PATRONAGE", "DBT", "PYTHON", "PIP")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    return kept | {"BUILDAH_ISOLATION": "chroot"}


@dataclass(frozen=True)
class Container:
    """A container of an image, in which commands run as its Dockerfile says."""

    engine: Engine
    name: str

    @property
    def root(self) -> Path:
        """Its files."""
        return Path(self.engine("mount", self.name))

    @property
    def config(self) -> dict[str, Any]:
        """What its Dockerfile has set: Entrypoint, Cmd, User, Healthcheck, Labels."""
        told = json.loads(self.engine("inspect", self.name))
        return dict(told["Docker"]["config"])

    def command(self, command: Sequence[str], *options: str) -> list[str]:
        """Name the command of buildah that runs one in it; [] = its own, with its entrypoint."""
        return self.engine.command("run", *options, self.name, "--", *command)

    def run(self, command: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it to its end."""
        return subprocess.run(
            self.command(command, *options), capture_output=True, text=True, check=False, env=environment()
        )  # fmt: skip

    @contextmanager
    def started(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Start what the image is for; it is gone in the end."""
        command = [*self.config["Entrypoint"], *self.config["Cmd"]]
        process = subprocess.Popen(
            self.command(command, *options),
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            for child in descendants(process.pid):
                os.kill(child, signal.SIGKILL)
            process.kill()
            process.communicate()


def descendants(process: int) -> dict[int, str]:
    """Command lines of all processes that a process has started, and that those have."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    found: dict[int, str] = {}
    for pid, parent, *words in sorted(rows, key=lambda row: int(row[0])):
        if int(parent) == process or int(parent) in found:
            found[int(pid)] = " ".join(words)
    return found


def wait_for(process: subprocess.Popen[str], ending: str, patience: float = 60) -> int:
    """Find the process of a container whose command line ends as said."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for child, line in descendants(process.pid).items():
            if line.endswith(ending) and "buildah" not in line:
                return child
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    raise AssertionError(f"no process {ending} after {patience} s")


def make_engine(folder: Path) -> Iterator[Engine]:
    """Give an engine, and take away what it has made; skip the test where there is none."""
    if missing := [name for name in ("buildah", "mmdebstrap") if shutil.which(name) is None]:
        pytest.skip(f"the program {missing[0]} (a package of Debian) is missing")
    if os.geteuid() != 0:
        pytest.skip("buildah without a registry needs root here: it mounts the files of images")
    engine = Engine(folder)
    try:
        yield engine
    finally:
        engine("umount", "--all")
        engine("rm", "--all")
        engine("rmi", "--all", "--force")
        shutil.rmtree(folder)
