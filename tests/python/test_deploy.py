"""What is copied from deploy/ to a server works there: cron's script, nginx, Kubernetes."""

import fcntl
import http.server
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from servers import find, free_port

from patronage.api.app import create_app
from patronage.api.server import GRACE_SECONDS, KEEP_ALIVE_SECONDS
from patronage.api.settings import MAX_BYTES, Settings
from patronage.cli import make_parser
from warehouse import PROJECT

DEPLOY = PROJECT / "deploy"
DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
STUB = """#!/bin/sh
echo "$(basename "$0") $*" >>"$LOG"
touch "$(dirname "$LOG")/made-by-$(basename "$0")"
[ "$(basename "$0")" != "$FAILING" ]
"""
CRONS = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "SHELL": "/bin/sh"}
"""What cron gives a job: none of the variables of a login."""


@pytest.fixture
def server_of_the_shop(tmp_path: Path) -> Path:
    """The project's folder on a server, in which dbt and patronage only write down that they ran."""
    for folder in ("deploy", "warehouse", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(DEPLOY / "nightly.sh", tmp_path / "deploy")
    (tmp_path / ".venv/bin/activate").write_text(f'PATH="{tmp_path}/.venv/bin:$PATH"\n')
    for name in ("dbt", "patronage"):
        (tmp_path / ".venv/bin" / name).write_text(STUB)
        (tmp_path / ".venv/bin" / name).chmod(0o755)
    return tmp_path


def run_nightly(folder: Path, **environment: str) -> tuple[int, str, list[str]]:
    """Start the script as cron does; return its code, its errors, and what ran."""
    log = folder / "warehouse/ran"
    result = subprocess.run(
        ["sh", "-c", str(folder / "deploy/nightly.sh")],
        cwd="/",
        env=CRONS | {"LOG": str(log), "FAILING": "none"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stderr, log.read_text().splitlines() if log.exists() else []


def test_the_night_builds_and_publishes_with_a_password_from_a_file(
    server_of_the_shop: Path,
) -> None:
    url = "postgresql://patronage@db.example.com/shop"
    code, errors, ran = run_nightly(server_of_the_shop, PATRONAGE_POSTGRES_URL=url)
    to_postgres = f"publish postgres --url {url} --password-file /etc/patronage/postgres-password"
    assert (code, errors) == (0, "")
    assert ran == ["dbt --quiet build", "patronage publish", f"patronage {to_postgres}"]
    for line in ran[1:]:
        make_parser().parse_args(line.split()[1:])  # these options exist
    made = (server_of_the_shop / "warehouse/made-by-dbt").stat()
    assert stat.S_IMODE(made.st_mode) == 0o640


def test_a_night_that_fails_publishes_nothing(server_of_the_shop: Path) -> None:
    code, _, ran = run_nightly(server_of_the_shop, FAILING="dbt")
    assert (code, ran) == (1, ["dbt --quiet build"])


def test_two_nights_never_run_at_once(server_of_the_shop: Path) -> None:
    with (server_of_the_shop / "warehouse/.nightly.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, errors, ran = run_nightly(server_of_the_shop)
    assert (code, ran) == (1, [])
    assert errors == "nightly.sh: the run before this one has not ended\n"
    assert run_nightly(server_of_the_shop)[0] == 0


class Upstream(http.server.BaseHTTPRequestHandler):
    """Writes down what reaches it."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], int]] = []  # noqa: RUF012 - read by the tests

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.seen.append(
            (
                self.path,
                str(self.client_address),
                {name.lower(): value for name, value in self.headers.items()},
                length,
            )
        )
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def upstream() -> Iterator[int]:
    Upstream.seen.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def proxy(upstream: int, tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Nginx with the site of deploy/, on another port and before another server."""
    nginx, openssl = find("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("the program nginx (package nginx-light of Debian), or openssl, is missing")
    port = free_port()
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate,
         "-days", "2", "-subj", "/CN=shop.example.com", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for found, here in {
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{upstream};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "listen [::]:443 ssl;": "",
        "/etc/ssl/patronage": str(tmp_path),
        "/var/log/nginx": str(tmp_path),
    }.items():
        assert found in site, found
        site = site.replace(found, here)
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # others may not read the test's folder
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; {user} pid {tmp_path}/pid; events {{}} http {{ {temporary}\n{site}\n}}"
    )
    command = [nginx, "-c", f"{tmp_path}/nginx.conf", "-p", str(tmp_path), "-e", f"{tmp_path}/log"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 20
        while not answers(port):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        yield f"https://127.0.0.1:{port}", ssl.create_default_context(cafile=str(certificate))
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(
    proxy: tuple[str, ssl.SSLContext], path: str, headers: dict[str, str], body: bytes | None = None
) -> int:
    """Ask through nginx; return the status."""
    request = urllib.request.Request(  # noqa: S310 - of this machine
        proxy[0] + path, body, {"Host": "shop.example.com", "X-API-Key": "a-key"} | headers
    )
    try:
        with urllib.request.urlopen(request, timeout=20, context=proxy[1]) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.server
def test_nginx_passes_requests_on_and_refuses_what_is_too_long(
    proxy: tuple[str, ssl.SSLContext],
) -> None:
    assert ask(proxy, "/customers/online_retail/12347?x=1", {}) == 200
    assert ask(proxy, "/segment", {}, b"x" * 6 * 2**20) == 200
    (first, of_first, headers, _), (_, of_second, _, length) = Upstream.seen
    assert first == "/customers/online_retail/12347?x=1"
    assert (headers["host"], headers["x-api-key"]) == ("shop.example.com", "a-key")
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
    assert of_first == of_second  # the connection to the API is kept
    assert length == 6 * 2**20
    Upstream.seen.clear()
    assert ask(proxy, "/segment", {}, b"x" * (6 * 2**20 + 1)) == 413
    assert ask(proxy, "/ping", {"X-Long": "x" * 9000}) == 400
    assert Upstream.seen == []


def test_nginx_and_the_api_have_limits_that_agree() -> None:
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(megabytes) * 2**20 == MAX_BYTES
    upstream, _ = re.findall(r"keepalive_timeout (\d+)s;", site)
    assert int(upstream) < KEEP_ALIVE_SECONDS


MANIFEST: list[dict[str, Any]] = list(
    yaml.safe_load_all((DEPLOY / "kubernetes.yml").read_text(encoding="utf-8"))
)


def of_kind(kind: str) -> list[dict[str, Any]]:
    """The objects of a kind in the manifest."""
    return [each for each in MANIFEST if each["kind"] == kind]


def pods() -> dict[str, dict[str, Any]]:
    """What the API's and the build's pods are made from."""
    ((api,), (build,)) = of_kind("Deployment"), of_kind("CronJob")
    return {
        "api": api["spec"]["template"]["spec"],
        "build": build["spec"]["jobTemplate"]["spec"]["template"]["spec"],
    }


def mounts(pod: dict[str, Any]) -> dict[str, bool]:
    """The folders of a pod's only container, and whether they are for reading only."""
    (container,) = pod["containers"]
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    return {mount["mountPath"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}


@pytest.mark.parametrize("name", ["api", "build"])
def test_pods_run_as_the_user_of_the_image_and_write_where_they_may(name: str) -> None:
    pod = pods()[name]
    (container,) = pod["containers"]
    user, group = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, flags=re.M)[0]
    security = pod["securityContext"]
    assert security["runAsNonRoot"]
    assert [security[key] for key in ("runAsUser", "runAsGroup", "fsGroup")] == [
        int(user), int(group), int(group)
    ]  # fmt: skip
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not pod["automountServiceAccountToken"]
    writable = {folder for folder, is_read_only in mounts(pod).items() if not is_read_only}
    assert writable == {"api": {"/tmp"}, "build": {"/tmp", "/data", "/warehouse"}}[name]  # noqa: S108


@pytest.mark.parametrize("name", ["api", "build"])
def test_pods_set_variables_that_are_read_to_paths_that_are_mounted(name: str) -> None:
    pod = pods()[name]
    (container,) = pod["containers"]
    code = "".join(path.read_text() for path in (PROJECT / "src").rglob("*.py"))
    for variable in container["env"]:
        assert f'"{variable["name"]}"' in code, variable["name"]
        assert str(Path(variable["value"]).parent) in mounts(pod)


def test_pods_start_what_the_images_take() -> None:
    (api,), (build,) = pods()["api"]["containers"], pods()["build"]["containers"]
    make_parser().parse_args(api["args"])
    command, option, variables = build["args"]
    assert (command, option) == ("build", "--vars")
    known = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    assert set(yaml.safe_load(variables)) <= set(known)


def test_pods_are_asked_where_the_api_answers() -> None:
    (api,) = pods()["api"]["containers"]
    (port,) = api["ports"]
    assert f"EXPOSE {port['containerPort']}\n" in DOCKERFILE
    paths = set(create_app(Settings(Path("none.duckdb"))).openapi()["paths"])
    for probe in ("startupProbe", "readinessProbe"):
        assert api[probe]["httpGet"]["path"] in paths
        assert api[probe]["httpGet"]["port"] == port["name"]
    assert api["livenessProbe"]["tcpSocket"]["port"] == port["name"]
    pause = api["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause + GRACE_SECONDS < pods()["api"]["terminationGracePeriodSeconds"]
    (service,) = of_kind("Service")
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    (deployment,) = of_kind("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"] == labels


def test_what_the_manifest_needs_is_in_it_or_its_page_says_how_to_make_it() -> None:
    page = (PROJECT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    made = {claim["metadata"]["name"] for claim in of_kind("PersistentVolumeClaim")}
    for pod in pods().values():
        for volume in pod["volumes"]:
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            assert claim is None or claim in made or f"`{claim}`" in page
            if "secret" in volume:
                assert f"create secret generic {volume['secret']['secretName']} " in page
    (build,) = of_kind("CronJob")
    assert build["spec"]["concurrencyPolicy"] == "Forbid"


def test_scripts_can_be_started() -> None:
    for path in (DEPLOY / "nightly.sh", PROJECT / "scripts/container.sh"):
        assert os.access(path, os.X_OK), path
