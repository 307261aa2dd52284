"""What the API refuses before it works, whom it answers, and what it says of the file it answers from."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from api_service import FIGURES, Started, command, free_port, served, small_file, started, wait_for

from patronage.api import service as service_module
from patronage.api.bodies import MAX_ROWS, number_of, parse_rows
from patronage.api.keys import KeyRing, KeysError, read_keys
from patronage.api.problems import Problem
from patronage.api.protocol import LimitedProtocol
from patronage.api.scoring import SLICE
from patronage.api.settings import LOOPBACK, Settings, SettingsError, settings_of
from patronage.api.store import Published
from patronage.cli import main
from patronage.published import PublishError, seal

CSV = {"content-type": "text/csv"}
LINES = {"content-type": "application/jsonlines"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_file(tmp_path_factory.mktemp("small") / "published.duckdb")


@pytest.fixture(scope="module")
def api(file: Path) -> Iterator[httpx.Client]:
    with served(Settings(file)) as client:
        yield client


def detail_of(answer: httpx.Response, status: int) -> str:
    """The sentence of a problem."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text  # fmt: skip
    return str(answer.json()["detail"])


@contextmanager
def connected(client: httpx.Client) -> Iterator[socket.socket]:
    """A connection of our own."""
    address = (client.base_url.host, client.base_url.port or 0)
    with closing(socket.create_connection(address, timeout=20)) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """All that the server sends until it closes."""
    parts = []
    try:
        while part := connection.recv(2**16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def answer_on(connection: socket.socket) -> bytes:
    """One whole answer."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(2**16)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(2**16)
    return head + body


# Bodies


def test_long_digits_are_refused_in_linear_time(api: httpx.Client) -> None:
    body = b"\n".join([b"30,4," + b"1" * 131_071 + b"x"] * 30)
    before = time.process_time()
    for text in ("1" * 131_071, "1" * 131_071 + "x", "." * 131_071, "1e" + "1" * 131_071):
        with pytest.raises(Problem, match="is no number; accepted are up to 40 characters"):
            number_of(text, 1, "monetary")
    assert time.process_time() - before < 1  # it took 12 minutes
    answer = api.post("/invocations", content=body, headers=CSV)
    assert detail_of(answer, 422).startswith("row 1, monetary: '1111")


@pytest.mark.parametrize("text", ["1", "+1", "-1", "1.", ".5", "1.5", "1e3", "1.5E-3", "007", "1" * 40])  # fmt: skip
def test_numbers_are_read(text: str) -> None:
    assert number_of(text, 1, "recency") == float(text)


@pytest.mark.parametrize("text", ["", ".", "e3", "1e", "1,5", "1 5", "0x1", "inf", "1_0", "\u0661", "--1", "1.5.2", "1" * 41])  # fmt: skip
def test_what_is_no_number_is_not(text: str) -> None:
    with pytest.raises(Problem):
        number_of(text, 1, "recency")


def test_rows_are_counted_before_they_are_parsed(api: httpx.Client) -> None:
    for kind in (CSV, LINES):
        # none of the rows could be parsed
        answer = api.post("/segment", content=b"x\n" * (MAX_ROWS + 2), headers=kind)
        assert detail_of(answer, 413) == f"the body has more than {MAX_ROWS} rows"
        answer = api.post("/segment", content=b"x\n" * MAX_ROWS, headers=kind)
        assert "row" in detail_of(answer, 400 if kind == LINES else 422)


def test_six_megabytes_of_csv_are_answered_row_by_row(api: httpx.Client) -> None:
    lines = [f"{number},4,2500" for number in range(420_000)]
    body = "\n".join(lines).encode()
    assert 5_500_000 < len(body) <= 6 * 2**20
    headers = {**CSV, "accept": "text/csv"}
    answer = api.post("/invocations", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.text == "".join(f"{number},rfm_r\n" for number in range(420_000))
    wrong = b"1,1,1\n" * 20_000 + b"1,1,x"
    assert detail_of(api.post("/segment", content=wrong, headers=CSV), 422).startswith("row 20001, monetary: 'x'")  # fmt: skip


def test_slices_end_where_the_rows_do() -> None:
    for rows in (1, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE):
        line = {"text/csv": b"1,1,1\n", "application/jsonlines": json.dumps(FIGURES).encode() + b"\n"}  # fmt: skip
        for kind, text in line.items():
            assert sum(map(len, parse_rows(kind, text * rows))) == rows
        parsed = list(parse_rows("application/json", json.dumps([FIGURES] * rows).encode()))
        assert sum(map(len, parsed)) == rows
        assert max(map(len, parsed)) <= SLICE


FORMS = {
    "application/json": json.dumps([FIGURES, {**FIGURES, "recency": 7}]),
    "application/jsonlines": json.dumps(FIGURES) + "\n\n" + json.dumps({**FIGURES, "recency": 7}),
    "application/x-ndjson": json.dumps(FIGURES) + "\r\n" + json.dumps({**FIGURES, "recency": 7}) + "\n",
    "text/csv": "30,4,2500\n7,4,2500\n",
}  # fmt: skip


@pytest.mark.parametrize("sent", FORMS)
@pytest.mark.parametrize("wanted", [*FORMS, None, "*/*", "text/*", "image/png, text/csv;q=0.5, */*;q=0.1"])  # fmt: skip
def test_every_form_is_answered_in_every_form(api: httpx.Client, sent: str, wanted: str | None) -> None:  # fmt: skip
    expected = {None: "application/json", "*/*": "application/json"}.get(wanted, wanted)
    if wanted in (None, "*/*") and sent in ("application/jsonlines", "application/x-ndjson"):
        expected = "application/jsonlines"
    if wanted in ("text/*", "image/png, text/csv;q=0.5, */*;q=0.1"):
        expected = "text/csv"
    for path in ("/segment", "/invocations"):
        headers = {"content-type": sent, "accept": wanted or ""}
        if wanted is None:
            del headers["accept"]
        request = api.build_request("POST", path, content=FORMS[sent], headers=headers)
        if wanted is None:
            del request.headers["accept"]
        answer = api.send(request)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].split(";")[0] == expected
        if expected == "text/csv":
            assert answer.text == "30,rfm_r\n7,rfm_r\n"
            continue
        rows = answer.json() if expected == "application/json" else list(map(json.loads, answer.text.splitlines()))  # fmt: skip
        assert [row["cluster"] for row in rows] == [30, 7]
        key, values = ("segment", ["rfm_r"] * 2) if path == "/segment" else ("input_data", [FIGURES, {**FIGURES, "recency": 7}])  # fmt: skip
        assert [row[key] for row in rows] == values


def test_the_form_follows_from_what_is_sent_and_not_from_the_number_of_rows(api: httpx.Client) -> None:  # fmt: skip
    one = {"cluster": 30, "segment": "rfm_r"}
    assert api.post("/segment", json=FIGURES).json() == one
    for rows in (0, 1, 2):
        assert api.post("/segment", json=[FIGURES] * rows).json() == [one] * rows
    for rows in (1, 2):
        assert api.post("/segment", content="30,4,2500\n" * rows, headers=CSV).json() == [one] * rows  # fmt: skip
    answer = api.post("/segment", json=FIGURES, headers={"accept": "text/csv"})
    assert answer.text == "30,rfm_r\n"
    answer = api.post("/segment", json=FIGURES, headers={"accept": "image/png"})
    assert detail_of(answer, 406) == "Accept names none of application/json, text/csv, application/jsonlines, application/x-ndjson"  # fmt: skip


def test_an_empty_body_is_said(api: httpx.Client) -> None:
    for kind in ("text/csv", "application/jsonlines", "application/x-ndjson"):
        for body in ("", "\n", "\r\n\n"):
            answer = api.post("/segment", content=body, headers={"content-type": kind})
            assert detail_of(answer, 400) == "the body is empty"


def test_a_batch_of_many_shops_keeps_its_order(api: httpx.Client) -> None:
    names = ["rfm_r", "rfm_value", "rfm_behaviour"]
    rows = [{**FIGURES, "recency": number, "segmentation": names[number % 3]} for number in range(20_500)]  # fmt: skip
    for part in (rows[:500], rows):
        answer = api.post("/segment", json=part).json()
        assert answer == [{"cluster": row["recency"], "segment": row["segmentation"]} for row in part]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        '{"recency": 1, "recency": 2, "frequency": 4, "monetary": 1}',
        '[{"recency": 1, "frequency": 4, "monetary": 1}, {"recency": 2, "rec\\u0065ncy": 2, "frequency": 4, "monetary": 1}]',
        '{"recency" :1, "recency" :2, "frequency" :4, "monetary" :1}',
    ],
)
def test_doubled_keys_are_refused(api: httpx.Client, body: str) -> None:
    assert detail_of(api.post("/segment", content=body), 422) == "the key recency stands twice in an object"  # fmt: skip
    if not body.startswith("["):
        assert detail_of(api.post("/segment", content=body, headers=LINES), 422).startswith("the key recency")  # fmt: skip


def test_colons_in_texts_are_no_keys(api: httpx.Client) -> None:
    answer = api.post("/segment", json=[{**FIGURES, "shop": 'a":b:', "monetary": 10**6}])
    assert detail_of(answer, 404).startswith('there is no shop a":b:')


def test_a_long_unknown_key_is_cut(api: httpx.Client) -> None:
    before = time.process_time()
    answer = api.post("/segment", content='{"' + "a-" * 2_000_000 + '": 1}')
    assert time.process_time() - before < 1  # shortening all of it took 1.8 s
    assert len(detail_of(answer, 422)) <= 300


def test_bodies_that_are_held_together_have_a_limit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(service_module, "MOST_BODIES", 2)
    size = 200_000
    head = b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
    with served(Settings(file, max_bytes=size)) as client:
        for _ in range(2):  # what is held is given back
            with connected(client) as one, connected(client) as two, connected(client) as three:
                one.sendall(head + b" " * (size - 1))
                two.sendall(head + b" " * (size - 1))
                time.sleep(0.3)
                three.sendall(head + b" " * (size - 1))
                assert b" 503 " in three.recv(2**16)
                assert client.get("/ping").status_code == 200
                assert client.post("/segment", json=FIGURES).status_code == 200
            time.sleep(0.3)
        assert client.post("/segment", json=[FIGURES] * 3_000).status_code == 200


# Connections


def test_a_head_has_a_limit(api: httpx.Client) -> None:
    for end in (b"", b"\r\n\r\n"):  # it ends, or it does not
        with connected(api) as connection:
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + end)  # fmt: skip
            assert b" 431 " in rest_of(connection)
    with connected(api) as connection:
        connection.sendall(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 431 " in rest_of(connection)
    with connected(api) as connection:
        try:
            for _ in range(300):
                connection.sendall(b"a" * 2**20)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert api.get("/ping", headers={"x": "a" * 30_000}).status_code == 200


def test_a_body_that_arrives_with_its_head_is_no_head(api: httpx.Client) -> None:
    body = b"30,4,2500\n" * 5_000
    head = b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
    with connected(api) as connection:
        connection.sendall(
            (head % len(body) + body) * 2
            + b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert rest_of(connection).count(b"HTTP/1.1 200 OK") == 3


def test_what_is_no_http_is_a_problem(api: httpx.Client) -> None:
    with connected(api) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        answer = rest_of(connection)
    assert b"HTTP/1.1 400 Bad Request" in answer
    assert b"application/problem+json" in answer
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["detail"] == "the request is no valid HTTP"


def test_what_follows_a_refused_body_has_a_limit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(LimitedProtocol, "max_message_bytes", 2**20)
    with served(Settings(file, max_bytes=1000)) as client, connected(client) as connection:
        head = b"POST /segment HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"1\r\n{\r\n0\r\n")
        trailers = (b"x%d: " % number + b"a" * 2**20 + b"\r\n" for number in range(300))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            deque(map(connection.sendall, trailers))


def test_slow_heads_and_bodies_are_closed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LimitedProtocol, "head_seconds", 0.6)
    monkeypatch.setattr(LimitedProtocol, "body_seconds", 0.6)
    whole = b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n"
    cases = {"silent": b"", "head": b"GET /ping HTTP/1.1\r\nHost: loc", "body": whole + b"{"}

    def drip(case: str) -> bytes:
        with connected(client) as connection:
            connection.sendall(cases[case])
            for _ in range(20):  # a byte now and then keeps nothing open
                time.sleep(0.2)
                try:
                    if case != "silent":
                        connection.sendall(b" " if case == "body" else b"a")
                except (BrokenPipeError, ConnectionResetError):
                    break
            else:
                pytest.fail("it is open after four seconds") if case != "silent" else None
            return rest_of(connection)

    with served(Settings(file)) as client:
        with ThreadPoolExecutor(9) as pool:
            answers = list(pool.map(drip, [*cases] * 3))
        # a connection that waits between two requests is no slow head
        assert client.get("/ping").status_code == 200
        with connected(client) as connection:
            request = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
            for _ in range(2):
                connection.sendall(request)
                assert b" 200 " in answer_on(connection)
                time.sleep(1.2)
            connection.sendall(request[:-4])
            assert b" 408 " in rest_of(connection)
    for answer in answers:
        assert answer == b"" or b" 408 " in answer


def test_too_many_connections_close_the_oldest_that_waits(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(LimitedProtocol, "max_connections", 20)
    with served(Settings(file)) as client:
        address = (client.base_url.host, client.base_url.port or 0)
        idle = [socket.create_connection(address, timeout=20) for _ in range(60)]
        try:
            assert httpx.get(f"{client.base_url}/ping").status_code == 200
            assert httpx.post(f"{client.base_url}/segment", json=FIGURES).status_code == 200
            assert rest_of(idle[0]) == b""  # closed
            idle[-1].sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in idle[-1].recv(2**16)  # open
        finally:
            for connection in idle:
                connection.close()


def test_where_all_connections_are_at_work_ping_is_answered(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(LimitedProtocol, "max_connections", 4)
    gate = threading.Event()
    monkeypatch.setattr(Published, "rows", waits(Published.rows, gate))
    with served(Settings(file)) as client:
        monkeypatch.setattr(Published, "rows", waits(Published.rows, gate))
        gate.clear()
        with ThreadPoolExecutor(4) as pool:
            busy = [pool.submit(httpx.get, f"{client.base_url}/customers/corner/c1", timeout=60) for _ in range(4)]  # fmt: skip
            time.sleep(0.7)
            answer = httpx.post(f"{client.base_url}/segment", json=FIGURES)
            assert detail_of(answer, 503) == "too many requests are in hand: ask again later"
            assert httpx.get(f"{client.base_url}/ping").status_code == 200
            gate.set()
            assert [one.result().status_code for one in busy] == [200] * 4


def waits(function: Callable[..., Any], gate: threading.Event) -> Callable[..., Any]:
    """A function that waits first, once the gate is shut."""
    gate.set()

    def waiting(*arguments: Any) -> Any:
        assert gate.wait(20)
        return function(*arguments)

    return waiting


def test_a_client_that_does_not_read_its_answer_is_dropped(file: Path) -> None:
    rows = b"1,1,1\n" * 120_000
    head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
    with served(Settings(file), keep_alive=1) as client, closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((client.base_url.host, client.base_url.port or 0))
        connection.sendall(head % len(rows) + rows)
        connection.settimeout(60)
        connection.recv(1, socket.MSG_PEEK)  # the answer is there
        time.sleep(4)
        answer = rest_of(connection)
        length = int(answer.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        assert len(answer) < length
        assert client.get("/ping").status_code == 200


def test_idle_connections_outlive_those_of_a_proxy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    configs: list[uvicorn.Config] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        configs.append(server.config)
        sockets[0].close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    for name in ("PATRONAGE_PUBLISHED_PATH", "PATRONAGE_API_HOST"):
        monkeypatch.setenv(name, "")
    assert main(["serve", "--published", str(file), "--port", str(free_port())]) == 0
    assert configs[0].http is LimitedProtocol
    assert configs[0].timeout_keep_alive > 60
    assert configs[0].timeout_graceful_shutdown is not None
    assert configs[0].timeout_graceful_shutdown < 10  # docker stop kills then


def test_a_client_that_hangs_up_is_one_line(file: Path, tmp_path: Path) -> None:
    head = b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n{"
    with started(file, tmp_path / "log") as service:
        for _ in range(5):
            with connected(service.client) as connection:
                connection.sendall(head)
                time.sleep(0.05)
        wait_for(lambda: len(service.said()) >= 5)
        assert service.client.get("/ping").status_code == 200
        assert all("a client hung up in its body" in line for line in service.said())
        assert len(service.said()) == 5


def test_a_stop_waits_for_answers_and_not_for_bodies(file: Path, tmp_path: Path) -> None:
    rows = b"1,1,1\n" * 60_000
    with started(file, tmp_path / "log") as service, connected(service.client) as slow:
        slow.sendall(b"POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n{")
        with ThreadPoolExecutor(1) as pool:
            batch = pool.submit(service.client.post, "/segment", content=rows, headers={**CSV, "accept": "text/csv"})  # fmt: skip
            time.sleep(0.15)
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(30)
            answer = batch.result()
        assert (answer.status_code, answer.text.count("\n")) == (200, 60_000)
        assert rest_of(slow) == b""
    assert not any("Traceback" in line for line in service.said())


# Keys and hosts


def test_keys_that_are_set_and_empty_refuse_to_start(tmp_path: Path) -> None:
    for keys in ("", " , ,", ":", "name:"):
        with pytest.raises(SettingsError, match="PATRONAGE_API_KEYS"):
            settings_of({"PATRONAGE_API_KEYS": keys})
    empty = tmp_path / "keys"
    for text in ("", "\n# none\n"):
        empty.write_text(text)
        with pytest.raises(SettingsError, match="PATRONAGE_API_KEYS_FILE is set and holds no key"):
            settings_of({"PATRONAGE_API_KEYS_FILE": str(empty)})
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        settings_of({"PATRONAGE_API_KEYS_FILE": str(tmp_path / "none")})
    with pytest.raises(SettingsError, match="are both set: unset one"):
        settings_of({"PATRONAGE_API_KEYS_FILE": str(empty), "PATRONAGE_API_KEYS": "a"})


@pytest.mark.parametrize("text", ["a b:key", "one:x,one:y", "one:x,two:x", "one:\x7f", "é", ":x"])
def test_keys_that_cannot_be_used_are_refused_and_not_named(text: str) -> None:
    with pytest.raises(KeysError) as error:
        read_keys(text, None)
    assert not re.search(r"\bx\b|\by\b", str(error.value))


def test_a_host_that_others_can_reach_needs_keys_or_a_word() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "shop.example"):  # noqa: S104
        with pytest.raises(SettingsError, match=f"other machines can reach {host}, and no key would"):  # fmt: skip
            settings_of({"PATRONAGE_API_HOST": host})
        for word in ({"PATRONAGE_API_OPEN": "1"}, {"PATRONAGE_API_KEYS": "a"}):
            assert settings_of({"PATRONAGE_API_HOST": host} | word).hosts is None
        limited = settings_of({"PATRONAGE_API_HOST": host, "PATRONAGE_API_KEYS": "a", "PATRONAGE_API_HOSTS": "A.example, b"})  # fmt: skip
        assert limited.hosts == {"a.example", "b"}
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost"):
        assert settings_of({"PATRONAGE_API_HOST": host}).hosts == LOOPBACK | {host}
    with pytest.raises(SettingsError, match="PATRONAGE_API_OPEN is 'yes', and must be 1"):
        settings_of({"PATRONAGE_API_HOST": "::", "PATRONAGE_API_OPEN": "yes"})


def test_a_page_of_another_site_reads_nothing(api: httpx.Client) -> None:
    for host in ("evil.example", "evil.example:8080", "[", "127.0.0.1.evil.example", "[::2]:80"):
        answer = api.get("/customers/corner/c1", headers={"host": host})
        assert detail_of(answer, 400).startswith("the header Host names no accepted host")
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:9", "localhost."):
        assert api.get("/ping", headers={"host": host}).status_code == 200


def test_keys_change_without_a_restart(file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    keys = tmp_path / "keys"
    keys.write_text("# readers\nreporting: old key\nshop:other\n")
    caplog.set_level("INFO", "patronage.api")

    def status(key: str) -> int:
        return client.post("/segment", json=FIGURES, headers={"X-API-Key": key}).status_code

    with served(Settings(file, keys_file=keys)) as client:
        assert [status(key) for key in ("old key", "other", "new", "reporting")] == [200, 200, 401, 401]  # fmt: skip
        new = tmp_path / "new"
        new.write_text("reporting:new\nshop:other\n")
        new.replace(keys)
        wait_for(lambda: status("new") == 200)
        assert [status(key) for key in ("old key", "other")] == [401, 200]
        for broken in ("", "a b:c\n", "\n\n"):
            keys.write_text(broken)
            wait_for(lambda: "the keys stay as they were" in caplog.text)
            assert [status(key) for key in ("new", "other", "old key")] == [200, 200, 401]
            caplog.clear()
        keys.unlink()
        wait_for(lambda: "the keys stay as they were: the file of PATRONAGE_API_KEYS_FILE cannot be read" in caplog.text)  # fmt: skip
        assert status("new") == 200
        keys.write_text("last:last\n")
        wait_for(lambda: status("last") == 200)
        assert status("new") == 401
    assert "new" not in caplog.text.replace("names", "")


def test_all_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr("patronage.api.keys.hmac.compare_digest", compare)
    ring = KeyRing("a:1,b:22,c:333", None)
    assert [ring.name_of(given) for given in (b"1", b"333", b"", b"4" * 999)] == ["a", "c", None, None]  # fmt: skip
    assert compared == [(32, 32)] * 12


def test_the_access_log_names_keys_and_routes_and_nobody(file: Path, tmp_path: Path) -> None:
    with started(file, tmp_path / "log", PATRONAGE_API_KEYS="reporting:secret", PATRONAGE_API_ACCESS_LOG="1") as service:  # fmt: skip
        key = {"X-API-Key": "secret", "X-Request-ID": "mine-1"}
        asked = service.client.get
        assert asked("/customers/corner/c1", headers=key).headers["x-request-id"] == "mine-1"
        asked("/clusters/summary?shop=c1", headers=key)
        asked("/customers/corner/c1")
        asked("/nothing/c1", headers={**key, "X-Request-ID": "forged\tline"})
        wait_for(lambda: len(asked_lines(service)) >= 4)
        lines = asked_lines(service)
    found = [re.search(r"INFO access key=(\S+) method=(\S+) route=(\S+) status=(\d+) ms=[\d.]+ request=(\S+)$", line) for line in lines]  # fmt: skip
    assert [one and one.groups()[:4] for one in found] == [
        ("reporting", "GET", "/customers/{shop}/{customer_id:path}", "200"),
        ("reporting", "GET", "/clusters/summary", "404"),
        ("-", "GET", "-", "401"),
        ("reporting", "GET", "-", "404"),
    ]
    said = "".join(line.partition(" request=")[0] for line in lines)
    assert "c1" not in said
    assert "secret" not in said


def asked_lines(service: Started) -> list[str]:
    """The lines of the log, without those of waiting for the start."""
    return [line for line in service.said() if "route=/ping" not in line]


# The file


def test_overwriting_the_file_in_place_changes_no_answer_until_it_is_whole(tmp_path: Path) -> None:
    path = small_file(tmp_path / "published.duckdb", "one", size=3_000)
    other = small_file(tmp_path / "other.duckdb", "two", size=9_000).read_bytes()
    one = path.read_bytes()

    def answers() -> tuple[int, int, int, str]:
        customer = client.get("/customers/corner/c7")
        summary = client.get("/clusters/summary").json()
        health = client.get("/health")
        assert client.get("/ping").status_code == 200
        assert client.get("/orders/corner/o1/flags").json()["is_flagged"] is True
        return customer.json()["frequency"], summary[0]["customers"], health.status_code, customer.headers["etag"]  # fmt: skip

    before, after = (3_000, 3_000, 200, '"one"'), (9_000, 9_000, 200, '"two"')
    with served(Settings(path)) as client:
        assert answers() == before
        # half of another build over it, the rest cut off, and both again
        for torn in (other[: len(other) // 2] + one[len(other) // 2 :], other[: len(other) // 2], b"", one[:-1], other + b"x"):  # fmt: skip
            path.write_bytes(torn)
            wait_for(lambda: client.get("/health").status_code == 503)
            assert answers() == (*before[:2], 503, '"one"')
        path.write_bytes(other)
        wait_for(lambda: client.get("/health").status_code == 200)
        assert answers() == after
        path.write_bytes(one)
        wait_for(lambda: client.get("/clusters/summary").headers["etag"] == '"one"')


def test_only_what_publish_wrote_is_opened(tmp_path: Path) -> None:
    path = small_file(tmp_path / "published.duckdb")
    Published(path)
    whole = path.read_bytes()
    for number in (0, len(whole) // 2, len(whole) - 1):
        changed = bytearray(whole)
        changed[number] ^= 1
        path.write_bytes(changed)
        with pytest.raises(PublishError, match="is not a whole published file: publish again, or copy"):  # fmt: skip
            Published(path)


def test_a_copy_leaves_nothing_behind_and_needs_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:  # fmt: skip
    folder = tmp_path / "temporary"
    folder.mkdir()
    with started(file, tmp_path / "log", TMPDIR=str(folder)) as service:
        assert service.client.get("/customers/corner/c1").status_code == 200
        assert list(folder.iterdir()) == []
        service.process.kill()
        service.process.wait()
        assert list(folder.iterdir()) == []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(
        PublishError, match=r"no file can be made in the temporary folder \(TMPDIR\): No such file"
    ):
        Published(file)


def test_a_link_to_the_file_is_followed(tmp_path: Path) -> None:
    builds = [small_file(tmp_path / f"{name}.duckdb", name) for name in ("one", "two")]
    link = tmp_path / "published.duckdb"
    link.symlink_to(builds[0].name)
    with served(Settings(link)) as client:
        assert client.get("/clusters/summary").headers["etag"] == '"one"'
        pointer = tmp_path / "pointer"
        pointer.symlink_to(builds[1].name)
        pointer.replace(link)
        wait_for(lambda: client.get("/clusters/summary").headers["etag"] == '"two"')


def test_ping_is_503_where_the_open_build_cannot_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    with served(Settings(file)) as client:
        assert client.get("/ping").status_code == 200
        monkeypatch.setattr(Published, "beat", _broken)
        assert detail_of(client.get("/ping"), 503) == "broken"


def _broken(_: Published) -> None:
    raise Problem(503, "broken")


def test_a_new_build_is_prepared_beside_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    path = small_file(tmp_path / "published.duckdb", "one")
    slow, opened_in = threading.Event(), []
    read_content = Published._read_content

    def slowly(*arguments: Any) -> None:
        opened_in.append(threading.current_thread().name)
        if slow.is_set():
            time.sleep(1)
        read_content(*arguments)

    monkeypatch.setattr(Published, "_read_content", slowly)
    with served(Settings(path)) as client:
        slow.set()
        small_file(path, "two")
        wait_for(lambda: len(opened_in) == 2)
        for _ in range(5):  # the old build answers meanwhile
            answer = client.post("/segment", json=FIGURES)
            assert (answer.status_code, answer.headers["etag"]) == (200, '"one"')
        wait_for(lambda: client.post("/segment", json=FIGURES).headers["etag"] == '"two"')
    assert opened_in[1] == "patronage-store"


def test_defaults_that_the_file_does_not_hold_are_refused(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    with pytest.raises(PublishError, match=r"PATRONAGE_DEFAULT_SHOP is typo, which .* does not hold; it holds: corner"):  # fmt: skip
        Published(file, "typo")
    with pytest.raises(PublishError, match=r"PATRONAGE_DEFAULT_SEGMENTATION is typo, which shop corner .* does not have; it has: rfm_behaviour, rfm_r, rfm_value"):  # fmt: skip
        Published(file, "corner", "typo")
    monkeypatch.setenv("PATRONAGE_DEFAULT_SHOP", "typo")
    monkeypatch.setenv("PATRONAGE_PUBLISHED_PATH", "before")
    monkeypatch.setenv("PATRONAGE_API_HOST", "127.0.0.1")
    assert main(["serve", "--published", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("patronage: PATRONAGE_DEFAULT_SHOP is typo, which ")
    with served(Settings(file, default_segmentation="rfm_value")) as client:
        assert client.post("/segment", json=FIGURES).json()["segment"] == "rfm_value"


# HTTP


def test_head_is_answered_like_get_without_a_body(api: httpx.Client) -> None:
    for path in ("/ping", "/health", "/clusters/summary", "/customers/corner/c1", "/orders/corner/o1/flags", "/docs", "/openapi.json", "/nothing"):  # fmt: skip
        got, headed = api.get(path), api.head(path)
        assert (headed.status_code, headed.content) == (got.status_code, b"")
        for name in ("content-type", "etag"):
            assert headed.headers.get(name) == got.headers.get(name)
    assert api.head("/segment").status_code == 405


def test_unknown_keys_of_a_query_are_refused(api: httpx.Client) -> None:
    assert detail_of(api.get("/clusters/summary?shopp=corner"), 422) == "query: there is no key 'shopp'; accepted: shop, segmentation"  # fmt: skip
    assert detail_of(api.get("/clusters/summary?shop=corner&shop=other"), 422) == "query: the key shop stands there twice"  # fmt: skip
    for path in ("/ping", "/health", "/customers/corner/c1", "/orders/corner/o1/flags"):
        assert detail_of(api.get(f"{path}?x=1"), 422) == "query: there is no key 'x'; accepted: none"  # fmt: skip
    assert detail_of(api.post("/segment?shop=corner", json=FIGURES), 422).startswith("query: there is no key 'shop'")  # fmt: skip


def test_every_answer_has_the_headers(api: httpx.Client) -> None:
    for path in ("/ping", "/health", "/customers/corner/c1", "/customers/corner/none", "/nothing", "/docs", "/openapi.json"):  # fmt: skip
        answer = api.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
        assert "server" not in answer.headers or answer.headers["server"] == "uvicorn"


def test_whoever_has_the_answer_of_a_build_is_told_so(api: httpx.Client) -> None:
    for path in ("/customers/corner/c1", "/clusters/summary", "/orders/corner/o1/flags"):
        tag = api.get(path).headers["etag"]
        assert tag == '"a"'
        for known in (tag, f'"x", W/{tag}', "*"):
            answer = api.get(path, headers={"if-none-match": known})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert api.get(path, headers={"if-none-match": '"x"'}).status_code == 200
    assert api.get("/customers/corner/none", headers={"if-none-match": "*"}).status_code == 404
    answer = api.post("/segment", json=FIGURES, headers={"if-none-match": "*"})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"a"')


def test_a_failure_is_one_sentence_and_an_id(file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    with served(Settings(file)) as client:
        monkeypatch.setattr(Published, "check_shop", _fails)
        answer = client.get("/customers/corner/c1")
        assert detail_of(answer, 500) == "the request failed for a reason that the log names"
        assert answer.headers["x-request-id"] in caplog.text
        assert "the reason" not in answer.text


def _fails(*_: object) -> None:
    raise RuntimeError("the reason")


def test_the_description_names_every_column_of_every_answer(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    operations = {name: operation for path in described["paths"].values() for name, operation in ((one["operationId"], one) for one in path.values())}  # fmt: skip
    assert set(operations) == {"score_customers", "invoke", "ping", "get_health", "list_segments", "get_customer", "get_order_flags"}  # fmt: skip
    for operation in operations.values():
        assert operation["tags"]
        assert operation["summary"]
    schemas = described["components"]["schemas"]
    answers = {
        "Customer": api.get("/customers/corner/c1").json(),
        "CustomerSegment": api.get("/customers/corner/c1").json()["segments"][0],
        "Cluster": api.get("/clusters/summary").json()[0],
        "Flags": api.get("/orders/corner/o1/flags").json(),
        "Health": api.get("/health").json(),
        "Segment": api.post("/segment", json=FIGURES).json(),
        "Invocation": api.post("/invocations", json=FIGURES).json(),
    }
    for name, answer in answers.items():
        assert set(answer) <= set(schemas[name]["properties"]), name
    # what the file says of a column, and what the program says where the file says nothing
    assert schemas["Customer"]["properties"]["frequency"]["description"] == "Purchase orders of the customer."  # fmt: skip
    assert schemas["Customer"]["properties"]["monetary"]["description"] == "Net revenue."
    assert schemas["Cluster"]["properties"]["is_primary"]["type"] == ["boolean", "null"]


# The command


def test_a_port_that_is_taken_and_an_unknown_host_are_one_sentence(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    for name in ("PATRONAGE_PUBLISHED_PATH", "PATRONAGE_API_HOST"):
        monkeypatch.setenv(name, "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--published", str(file), "--port", port]) == 1
        assert capsys.readouterr() == ("", f"patronage: cannot listen on 127.0.0.1:{port}: Address already in use\n")  # fmt: skip
    monkeypatch.setenv("PATRONAGE_API_OPEN", "1")
    assert main(["serve", "--published", str(file), "--host", "no.such.host.invalid"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("patronage: cannot listen on no.such.host.invalid:8080: ")
    monkeypatch.delenv("PATRONAGE_API_OPEN")
    assert main(["serve", "--published", str(file), "--host", "0.0.0.0"]) == 1  # noqa: S104
    assert capsys.readouterr().err.startswith("patronage: other machines can reach 0.0.0.0, and no key")  # fmt: skip


def test_the_port_of_sagemaker_and_an_address_of_six_are_taken(file: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {"SAGEMAKER_BIND_TO_PORT": str(port), "PATRONAGE_API_ROOT_PATH": "/shop/"}  # fmt: skip
    line = [*command(file, 0)[:-2], "--host", "::1"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=log, text=True)
    try:
        wait_for(lambda: "/docs\n" in (tmp_path / "log").read_text())
        assert f"Serving {file} on http://[::1]:{port}/shop, described at /docs\n" in (tmp_path / "log").read_text()  # fmt: skip
        with httpx.Client(base_url=f"http://[::1]:{port}", timeout=20) as client:
            wait_for(lambda: answers(client))
            # the proxy takes /shop away
            assert "url: '/shop/openapi.json'" in client.get("/docs").text
            assert client.get("/openapi.json").json()["servers"] == [{"url": "/shop"}]
            assert client.get("/customers/corner/c1").status_code == 200
    finally:
        process.terminate()
        process.wait(15)


def answers(client: httpx.Client) -> bool:
    """Whether somebody listens."""
    try:
        return client.get("/ping").status_code == 200
    except httpx.TransportError:
        return False


def test_a_path_below_a_proxy_needs_its_key(file: Path, tmp_path: Path) -> None:
    with started(file, tmp_path / "log", PATRONAGE_API_KEYS="a", PATRONAGE_API_ROOT_PATH="/docs") as service:  # fmt: skip
        for path in ("/customers/corner/c1", "/docs/customers/corner/c1", "/docs/../customers/corner/c1"):  # fmt: skip
            assert service.client.get(path).status_code in (401, 404), path
        assert service.client.get("/ping").status_code == 200


def test_several_processes_serve_and_stop(file: Path, tmp_path: Path) -> None:
    with started(file, tmp_path / "log", PATRONAGE_API_WORKERS="2") as service:
        for _ in range(10):
            assert httpx.post(f"{service.client.base_url}/segment", json=FIGURES).status_code == 200
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(10)
    assert [line for line in service.said() if line != "Stopped"] == []


def test_a_file_is_sealed_over_all_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    seal(path)
    assert re.fullmatch(rb"content\npatronage sha-256 [0-9a-f]{64}\n", path.read_bytes())
