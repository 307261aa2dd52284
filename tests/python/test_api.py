"""The API: the answers are the warehouse's, a publication is picked up, what is wrong is said in one sentence."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb
import httpx
import pytest
from api_service import FIGURES, served, small_file, wait_for

from patronage.api.settings import Settings, SettingsError, settings_of
from patronage.cli import main
from patronage.published import seal
from patronage.publishing.files import publish
from warehouse import PROJECT, build, query


@pytest.fixture(scope="session")
def three_shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file of the demo's three shops."""
    folder = tmp_path_factory.mktemp("three_shops")
    publish(build(folder / "patronage.duckdb"), folder / "published.duckdb")
    return folder / "published.duckdb"


@pytest.fixture(scope="session")
def api(three_shops: Path) -> Iterator[httpx.Client]:
    with served(Settings(three_shops)) as client:
        yield client


def test_the_primary_segmentation_is_the_one_that_the_mart_names(tmp_path: Path) -> None:
    # nobody has a segment, so that the customers of all segmentations count the same
    with served(Settings(small_file(tmp_path / "published.duckdb"))) as client:
        assert client.get("/health").json()["default_segmentation"] == "rfm_r"
        assert client.post("/segment", json=FIGURES).json() == {"cluster": 30, "segment": "rfm_r"}


LINES_ARE_TEXT = """
import schemathesis
schemathesis.serializer.alias(["application/jsonlines", "application/x-ndjson"], "text/plain")
"""


def assert_problem(response: httpx.Response, status: int, detail: str) -> None:
    """The answer is problem+json with this status; its sentence begins so."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert body["detail"].startswith(detail), body
    assert "\n" not in body["detail"]


def test_every_customer_gets_the_segment_of_the_mart(api: httpx.Client, three_shops: Path) -> None:
    rows = query(
        three_shops,
        "select shop, segmentation, recency_days, frequency, monetary::varchar, return_rate_pct::varchar, cluster_id,"
        " segments.segment from marts.customer_segments as segments inner join marts.customers using (shop, customer_id)"
        " order by segmentation, customer_id, shop",
    )
    assert len(rows) == 14_515
    for start in range(0, len(rows), 10_000):
        part = rows[start : start + 10_000]
        batch = [
            {
                "shop": shop, "segmentation": segmentation, "recency": recency, "frequency": frequency,
                "monetary": float(monetary), "return_rate_pct": float(rate),
            }
            for shop, segmentation, recency, frequency, monetary, rate, _, _ in part
        ]  # fmt: skip
        answer = api.post("/segment", json=batch)
        assert answer.status_code == 200
        assert [(one["cluster"], one["segment"]) for one in answer.json()] == [
            row[6:] for row in part
        ]
        invoked = api.post("/invocations", json=batch).json()
        assert [one["cluster"] for one in invoked] == [row[6] for row in part]
        assert [one["input_data"] for one in invoked] == batch
    for row, figures in list(zip(part, batch, strict=True))[::97]:
        one = api.post("/segment", json=figures).json()
        assert (one["cluster"], one["segment"]) == row[6:]


def test_single_customers_that_arrive_together_get_their_own_answers(api: httpx.Client) -> None:
    batch = [
        FIGURES | {"recency": 7 * number, "frequency": 1 + number % 9} for number in range(1, 60)
    ]
    expected = api.post("/segment", json=batch).json()
    answers: dict[int, Any] = {}

    def ask(first: int) -> None:
        for place in range(first, len(batch), 6):
            answers[place] = httpx.post(f"{api.base_url}/segment", json=batch[place]).json()

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[place] for place in range(len(batch))] == expected
    assert len({str(one) for one in expected}) > 1


def test_defaults_are_the_largest_shop_and_the_primary_segmentation(
    api: httpx.Client, three_shops: Path
) -> None:
    health = api.get("/health").json()
    assert (health["default_shop"], health["default_segmentation"]) == ("online_retail", "rfm_r")
    named = FIGURES | {"shop": "online_retail", "segmentation": "rfm_r", "return_rate_pct": 0}
    assert api.post("/segment", json=FIGURES).json() == api.post("/segment", json=named).json()
    with served(Settings(three_shops, default_shop="olist")) as client:
        named["shop"] = "olist"
        assert (
            client.post("/segment", json=FIGURES).json() == api.post("/segment", json=named).json()
        )


def test_health_names_the_build_and_its_models(api: httpx.Client, three_shops: Path) -> None:
    health = api.get("/health").json()
    assert health["status"] == "ok"
    assert [(health["build_id"],)] == query(three_shops, "select build_id from marts.build")
    assert 0 <= health["age_seconds"] < 86_400
    assert {
        "shop": "olist",
        "kind": "segmentation",
        "name": "rfm_rules",
        "is_published": True,
    } in health["models"]
    assert {model["kind"] for model in health["models"]} == {"prediction", "segmentation"}
    assert api.get("/ping").status_code == 200


def test_the_marts_are_answered_as_they_are(api: httpx.Client, three_shops: Path) -> None:
    summary = api.get("/clusters/summary", params={"shop": "olist", "segmentation": "rfm_r"}).json()
    expected = query(
        three_shops,
        "select segment, customers, revenue::double from marts.segments"
        " where shop = 'olist' and segmentation = 'rfm_r' order by revenue desc",
    )
    assert [(row["segment"], row["customers"], row["revenue"]) for row in summary] == expected
    assert sorted(cluster for row in summary for cluster in row["clusters"]) == [1, 2, 3, 4, 5]
    assert len(api.get("/clusters/summary").json()) == query(three_shops, "select count(*) from marts.segments")[0][0]  # fmt: skip

    [(customer_id, monetary, first)] = query(
        three_shops,
        "select customer_id, monetary::double, first_ordered_on::varchar from marts.customers"
        " where shop = 'online_retail' order by monetary desc limit 1",
    )
    customer = api.get(f"/customers/online_retail/{customer_id}").json()
    assert (customer["monetary"], customer["first_ordered_on"]) == (monetary, first)
    assert {row["segmentation"]: row["segment"] for row in customer["segments"]}["rfm_r"] == customer["segment"]  # fmt: skip

    [(order_id, reasons, priority)] = query(
        three_shops,
        "select order_id, reasons, priority from marts.flagged_orders"
        " where shop = 'online_retail' order by priority, order_id limit 1",
    )
    flags = api.get(f"/orders/online_retail/{order_id}/flags").json()
    assert (flags["is_flagged"], flags["priority"]) == (True, priority)
    assert "; ".join(flags["reasons"]) == reasons
    flags = api.get("/orders/online_retail/none of these/flags").json()
    assert (flags["is_flagged"], flags["reasons"]) == (False, [])


def test_the_description_has_every_column_of_the_marts(
    api: httpx.Client, three_shops: Path
) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    columns = query(
        three_shops,
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'",
    )
    for name, mart in {"Customer": "customers", "Cluster": "segments", "Flags": "flagged_orders"}.items():  # fmt: skip
        of_mart = {column: comment for table, column, comment in columns if table == mart}
        assert len(of_mart) >= 8
        properties = schemas[name]["properties"]
        assert set(of_mart) <= set(properties)
        for column, comment in of_mart.items():
            assert comment is None or properties[column]["description"] == comment
    customer_id = query(three_shops, "select min(customer_id) from marts.customers where shop = 'olist'")[0][0]  # fmt: skip
    assert set(api.get(f"/customers/olist/{customer_id}").json()) == set(schemas["Customer"]["properties"])  # fmt: skip


def test_invocations_take_csv_with_and_without_names(api: httpx.Client) -> None:
    def invoke(text: str) -> Any:
        answer = api.post("/invocations", content=text, headers={"content-type": "text/csv; charset=utf-8"})  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()

    expected = api.post("/invocations", json=FIGURES).json()
    assert expected["input_data"] == FIGURES
    assert expected["cluster"] == api.post("/segment", json=FIGURES).json()["cluster"]
    assert invoke("30,4,2500\n") == [expected]
    assert invoke("Monetary,Recency,Frequency\r\n2500,30,4\r\n") == [expected]
    names = "recency,frequency,monetary,return_rate_pct,shop,segmentation\n"
    assert invoke(names + "30,4,2500,0,olist,rfm_rules\n30,4,2500,,,\n")[1] == expected
    assert invoke("30,4,2500\n" * 3) == [expected] * 3


@pytest.mark.parametrize(
    ("content", "kind", "status", "detail"),
    [
        ('{"recency": 30', "json", 400, "the body cannot be read: "),
        ("", "json", 400, "the body cannot be read: "),
        ('{"recency": 30, "frequency": 4}', "json", 422, "object missing required field `monetary`"),
        ('{"recency": false, "frequency": 4, "monetary": 1}', "json", 422, "recency: expected `float`, got `bool`"),
        ('{"recency": "30", "frequency": 4, "monetary": 1}', "json", 422, "recency: expected `float`, got `str`"),
        ('{"recency": -1, "frequency": 4, "monetary": 1}', "json", 422, "recency: expected `float` >= 0"),
        ('{"recency": 1, "frequency": 4, "monetary": NaN}', "json", 400, "the body cannot be read: JSON is malformed"),
        ('{"recency": 1, "frequency": 4, "monetary": -1e400}', "json", 422, "monetary: number out of range"),
        ('{"recency": 1, "frequency": 4, "monetary": 1, "x": 1}', "json", 422, "object contains unknown field `x`"),
        ('[{"recency": 1, "frequency": 4, "monetary": 1}, 7]', "json", 422, "row 2: expected `object`, got `int`"),
        ('{"a\\n' + "b" * 999 + '": 1}', "json", 422, "object contains unknown field"),
        ('{"recency": 1, "frequency": 4, "monetary": 1, "shop": "x"}', "json", 404, "there is no shop x; there are: "),
        ('[{"recency": 1, "frequency": 4, "monetary": 1, "segmentation": "x"}]', "json", 404, "shop online_retail has no"),
        ("<a/>", "xml", 415, "the body is application/xml, and must be application/json or text/csv or application/jsonlines or "),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_in_one_sentence(
    api: httpx.Client, content: str, kind: str, status: int, detail: str
) -> None:
    for path in ("/segment", "/invocations"):
        answer = api.post(path, content=content, headers={"content-type": f"application/{kind}"})
        assert_problem(answer, status, detail)


@pytest.mark.parametrize(
    ("content", "status", "detail"),
    [
        (b"", 400, "the body is empty"),
        (b"\xff\xfe,1,2", 400, "the body is no CSV in UTF-8"),
        (b'"30,4,2500', 400, "the body is no CSV in UTF-8"),
        (b"30,4\n", 422, "row 1: has 2 cells, and must have 3"),
        (
            b"30,4,many\n",
            422,
            "row 1, monetary: 'many' is no number; accepted are up to 40 characters",
        ),
        (b"30,4,nan\n", 422, "row 1, monetary: 'nan' is no number"),
        (b"30,4,1_000\n", 422, "row 1, monetary: '1_000' is no number"),
        (b"30,4," + b"1" * 41, 422, "row 1, monetary: '" + "1" * 40 + "' is no number"),
        (
            b"30,4,2.500,00\n",
            422,
            "row 1: has 4 cells, and must have 3; name the columns in a first line",
        ),
        (b'30,4,"2.500,00"\n', 422, "row 1, monetary: '2.500,00' is no number"),
        (b"30;4;2500,00\n", 422, "row 1: has 2 cells, and must have 3"),
        (b"1,1,1\n30,4,-\n", 422, "row 2, monetary: '-' is no number"),
        (b"30,4,1\n-1,4,1\n", 422, "row 2, recency: expected `float` >= 0"),
        (
            b"30,4,1\r40,4,1\r",
            400,
            "lines of the CSV end with CR alone; accepted: LF, or CR and LF",
        ),
        (
            b"recency,frequency,money\n30,4,1\n",
            422,
            "there is no column 'money'; accepted: recency, frequency, ",
        ),
        (b"recency,frequency\n30,4\n", 422, "the column monetary is missing"),
        (
            b"recency,recency,frequency,monetary\n30,4,1,1\n",
            422,
            "the column recency is named twice",
        ),
    ],
)
def test_wrong_csv_is_refused_in_one_sentence(
    api: httpx.Client, content: bytes, status: int, detail: str
) -> None:
    answer = api.post("/invocations", content=content, headers={"content-type": "text/csv"})
    assert_problem(answer, status, detail)


def test_what_is_not_there_is_said(api: httpx.Client) -> None:
    assert_problem(api.get("/customers/olist/0"), 404, "there is no customer 0 in shop olist")
    assert_problem(api.get("/customers/x/0"), 404, "there is no shop x; there are: department_store, olist, ")  # fmt: skip
    assert_problem(api.get("/orders/x/0/flags"), 404, "there is no shop x")
    assert_problem(api.get("/clusters/summary?shop=x"), 404, "there is no shop x")
    assert_problem(api.get("/clusters/summary?segmentation=x"), 404, "there is no segmentation x; ")
    assert_problem(api.get("/nothing"), 404, "there is no /nothing")
    assert_problem(api.get("/segment"), 405, "/segment does not answer GET")


def test_keys_are_asked_for_where_they_are_set(three_shops: Path) -> None:
    with served(Settings(three_shops, keys="one, two")) as client:
        for path in ("/ping", "/health", "/docs", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert set(client.get("/health").json()) == {"status", "age_seconds"}
        assert "models" in client.get("/health", headers={"X-API-Key": "two"}).json()
        for headers in ({}, {"X-API-Key": "three"}, {"X-API-Key": ""}, {"X-API-Key": "one,two"}):
            answer = client.post("/segment", json=FIGURES, headers=headers)
            assert_problem(answer, 401, "the header X-API-Key holds no accepted key")
        for key in ("one", "two"):
            answer = client.post("/segment", json=FIGURES, headers={"X-API-Key": key})
            assert answer.status_code == 200
        described = client.get("/openapi.json").json()
        assert described["paths"]["/segment"]["post"]["security"] == [{"ApiKey": []}]


def test_the_page_that_describes_the_api_needs_no_other_server(three_shops: Path) -> None:
    with served(Settings(three_shops, keys="one")) as client:
        page = client.get("/docs").text
        assert "://" not in page
        files = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(files) >= 3
        assert {client.get(file).status_code for file in files} == {200}


def test_long_bodies_are_refused_however_they_are_sent(three_shops: Path) -> None:
    with served(Settings(three_shops, max_bytes=1000)) as client:
        for content in (b" " * 1001, iter([b" " * 600] * 2)):
            answer = client.post("/segment", content=content, headers={"content-type": "application/json"})  # fmt: skip
            assert_problem(answer, 413, "the body is longer than 1000 bytes")
        assert client.post("/segment", json=FIGURES).status_code == 200


def open_files() -> list[str]:
    """What this process has open."""
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def count_copies(files: list[str]) -> int:
    """Count the nameless temporary files: copies of builds, and what pytest captures."""
    return sum(name.startswith(f"{gettempdir()}/") and "(deleted)" in name for name in files)


def test_a_publication_is_picked_up_without_a_failed_request(
    tmp_path: Path, three_shops: Path
) -> None:
    published = tmp_path / "published.duckdb"
    warehouse = three_shops.with_name("patronage.duckdb")
    publish(warehouse, published)
    times: list[Any] = []
    seen, failed, done = [], [], threading.Event()
    before = count_copies(open_files())
    with served(Settings(published)) as client:

        def ask(path: str) -> None:
            with httpx.Client(base_url=client.base_url, timeout=30) as own:
                while not done.is_set():
                    answers = [own.get("/health"), own.get(path), own.post("/segment", json=FIGURES), own.post("/segment", json=[FIGURES] * 50)]  # fmt: skip
                    seen.append(answers[0].json().get("published_at"))
                    failed.extend(answer.text for answer in answers if answer.status_code != 200)

        threads = [threading.Thread(target=ask, args=(path,)) for path in ("/clusters/summary", "/ping")]  # fmt: skip
        for thread in threads:
            thread.start()
        try:
            for _ in range(12):
                publish(warehouse, published)
                times.append(query(published, "select published_at from marts.build")[0][0])
                wait_for(lambda: client.get("/health").json()["published_at"].startswith(f"{times[-1]:%Y-%m-%dT%H:%M:%S.%f}"))  # fmt: skip
        finally:
            done.set()
            for thread in threads:
                thread.join()
        descriptors = open_files()
    assert failed == []
    assert len(seen) > 20
    assert len(set(times)) == 12
    assert len(set(seen)) > 3  # whoever asks all the time has met several
    # builds that were replaced are closed, and the published file itself is held by nobody
    assert count_copies(descriptors) - before <= 8, descriptors
    assert not any(str(tmp_path) in name for name in descriptors)


def test_a_file_that_cannot_be_read_is_said_and_a_better_one_is_found(
    tmp_path: Path, three_shops: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published = tmp_path / "published.duckdb"
    requests = [("GET", "/health", None), ("GET", "/ping", None), ("POST", "/segment", FIGURES)]

    def said(detail: str) -> bool:
        answer = client.get("/health")
        assert str(tmp_path) not in answer.text
        return answer.status_code == 503 and bool(answer.json()["detail"].startswith(detail))

    with served(Settings(published)) as client:
        for method, path, body in requests:
            answer = client.request(method, path, json=body)
            assert_problem(answer, 503, "there is no published file to answer from; the log says why")  # fmt: skip
        published.write_text("no database")
        wait_for(lambda: "is not a whole published file: publish again" in caplog.text)
        other = tmp_path / "other.duckdb"
        shutil.copy(three_shops, other)
        with duckdb.connect(str(other)) as connection:
            connection.execute("update marts.build set format_version = 99")
        seal(other)
        other.replace(published)
        wait_for(lambda: "has format version 99; this program reads 1: publish again" in caplog.text)  # fmt: skip
        assert said("there is no published file to answer from")
        shutil.copy(three_shops, other)
        other.replace(published)
        wait_for(lambda: client.get("/ping").status_code == 200)
        for method, path, body in requests:
            assert client.request(method, path, json=body).status_code == 200
        # a build that was open goes on answering, and /health says what is wrong
        published.unlink()
        wait_for(lambda: said("what was published last cannot be read, and the build before it"))
        assert client.post("/segment", json=FIGURES).status_code == 200
        assert client.get("/ping").status_code == 200
    for sentence in ("there is no published file", "is not a whole published file: publish again"):
        assert sentence in caplog.text


def test_settings_come_from_the_environment(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    settings = settings_of(
        {
            "PATRONAGE_PUBLISHED_PATH": "a/b.duckdb",
            "PATRONAGE_API_KEYS": " one, two,",
            "PATRONAGE_API_MAX_BYTES": "5",
            "PATRONAGE_DEFAULT_SHOP": "olist",
            "PATRONAGE_DEFAULT_SEGMENTATION": "rfm_rules",
        }
    )
    assert settings == Settings(Path("a/b.duckdb"), " one, two,", None, 5, "olist", "rfm_rules")
    assert settings_of({}) == Settings(Path("warehouse/published.duckdb"))
    with pytest.raises(SettingsError, match=r"^PATRONAGE_API_MAX_BYTES is 'many', and must be a"):
        settings_of({"PATRONAGE_API_MAX_BYTES": "many"})
    monkeypatch.setenv("PATRONAGE_PUBLISHED_PATH", "nothing.duckdb")
    assert main(["serve", "--port", "http"]) == 1
    assert capsys.readouterr().err.startswith("patronage: PATRONAGE_API_PORT is 'http', and must")


def test_nothing_fails_or_grows_while_builds_are_published(three_shops: Path) -> None:
    """The short form of ``make soak``."""
    command = [sys.executable, str(PROJECT / "scripts/soak.py"), "--seconds", "25"]
    warehouse = three_shops.with_name("patronage.duckdb")
    result = subprocess.run(
        [*command, "--warehouse", str(warehouse)], capture_output=True, text=True, check=False, timeout=300
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(
        r"^[\d,]+ requests, 0 of them answered 5xx, \d+ builds published$",
        result.stdout,
        re.MULTILINE,
    )
    assert "answers of 2 builds" in result.stdout


@pytest.mark.parametrize("keys", [None, "a key"])
def test_schemathesis_finds_nothing(three_shops: Path, tmp_path: Path, keys: str | None) -> None:
    examples, phases = (50, "examples,coverage,fuzzing") if not keys else (5, "examples,fuzzing")
    with served(Settings(three_shops, keys=keys)) as client:
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{client.base_url}/openapi.json",
            "--checks", "all", "--max-examples", str(examples), "--seed", "1", "--phases", phases,
            "--header", "X-API-Key: a key", "--no-color",
        ]  # fmt: skip
        hooks = tmp_path / "hooks.py"
        hooks.write_text(LINES_ARE_TEXT)
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}
        result = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
        )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
