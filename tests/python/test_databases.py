"""Publishing to real database servers: every row and type, whole builds, and nothing by halves."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from servers import GUEST, WRITER, Server, free_port, make_certificate, missing, running
from sqlalchemy import inspect
from sqlalchemy.exc import ProgrammingError

from patronage.cli import main
from patronage.publishing import databases, mysql, postgres
from patronage.publishing.files import publish
from warehouse import MARTS, query

VIEW, COMMENTS = "customer_segments_readable", "patronage_comments"
TYPES = {
    "postgres": {
        "BIGINT": "bigint",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "DOUBLE": "double precision",
        "HUGEINT": "numeric(38,0)",
        "INTEGER": "integer",
        "TIMESTAMP": "timestamp(6) without time zone",
        "VARCHAR": "text",
    },
    "mysql": {
        "BIGINT": "bigint(20)",
        "BOOLEAN": "tinyint(1)",
        "DATE": "date",
        "DOUBLE": "double",
        "HUGEINT": "decimal(38,0)",
        "INTEGER": "int(11)",
        "TIMESTAMP": "datetime(6)",
        "VARCHAR": "text",
    },
}
LOADERS = {"postgres": (postgres, "copy_rows"), "mysql": (mysql, "insert_rows")}
pytestmark = pytest.mark.server

READER = """
import os, sys, time
from sqlalchemy import NullPool, create_engine, text
stop, *statements = sys.argv[1:]
engine = create_engine(os.environ["READER_URL"], poolclass=NullPool, isolation_level="REPEATABLE READ")
with engine.connect() as connection:
    while not os.path.exists(stop):
        seen = []
        with connection.begin():
            for statement in statements:
                seen.extend(connection.execute(text(statement)).one())
                time.sleep(0.002)
        print(*seen, flush=True)
        time.sleep(0.005)
engine.dispose()
"""
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from patronage.cli import main
from patronage.publishing import mysql, postgres
for line in sys.stdin:
    moment, *arguments = line.split()
    child = os.fork()
    if not child:
        statements = [0]
        def count(*_):
            statements[0] += 1
            if statements[0] == int(moment):
                os.kill(os.getpid(), signal.SIGKILL)
        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        code = main(arguments)
        os.write(1, f"{statements[0]} ".encode())
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Publishes for each line that it is given, and kills itself before one of the statements."""


@dataclass(frozen=True)
class Database:
    """An empty database that the role writer may write."""

    server: Server
    name: str

    @property
    def schema(self) -> str | None:
        return "marts" if self.server.kind == "postgres" else None

    def url(self, user: str = WRITER, port: int | None = None) -> str:
        scheme = {"postgres": "postgresql", "mysql": "mysql"}[self.server.kind]
        return f"{scheme}://{user}@127.0.0.1:{port or self.server.port}/{self.name}"

    def publish(self, published: Path, **address: Any) -> int:
        return main(
            ["publish", self.server.kind, "--url", self.url(**address), "--from", str(published)]
        )

    def run(self, statement: str, user: str = WRITER) -> list[tuple[Any, ...]]:
        return self.server.run(statement, user, self.name)

    def place(self, table: str) -> str:
        return f"{self.schema}.{table}" if self.schema else table

    def rows(self, table: str, columns: str = "*", user: str = WRITER) -> list[tuple[Any, ...]]:
        return self.run(f"select {columns} from {self.place(table)}", user)

    def quoted(self, columns: list[str]) -> str:
        mark = {"postgres": '"', "mysql": "`"}[self.server.kind]
        return ", ".join(f"{mark}{column}{mark}" for column in columns)

    def tables(self) -> set[str]:
        engine = self.server.engine(WRITER, self.name)
        inspector = inspect(engine)
        names = inspector.get_table_names(self.schema) + inspector.get_view_names(self.schema)
        engine.dispose()
        return set(names)

    def types(self, table: str) -> dict[str, str]:
        if self.server.kind == "postgres":
            rows = self.run(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                f" where attrelid = 'marts.{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
            )
        else:
            rows = self.run(
                "select column_name, column_type from information_schema.columns"
                f" where table_schema = '{self.name}' and table_name = '{table}' order by ordinal_position"
            )
        return {row[0]: row[1] for row in rows}


@pytest.fixture(scope="module", params=["postgres", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if missing(request.param):
        pytest.skip(missing(request.param))
    with running(request.param) as started:
        yield started


@pytest.fixture
def database(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("PATRONAGE_DATABASE_PASSWORD", server.password)
    if server.kind == "postgres":
        server.run(f"create database shop owner {WRITER}")
    else:
        server.run("create database shop")
        rights = (
            "select, insert, update, delete, create, alter, drop, index, create view, show view"
        )
        server.run(f"grant {rights} on shop.* to {WRITER}@'127.0.0.1'")  # as the docs say
    yield Database(server, "shop")
    server.run("drop database shop" + (" with (force)" if server.kind == "postgres" else ""))


@pytest.fixture(scope="module")
def published(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "published.duckdb"
    publish(demo_warehouse, path)
    return path


@pytest.fixture
def changed(published: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function that copies the published file and changes it by some statements."""

    def change(*statements: str) -> Path:
        path = tmp_path / f"changed{len(list(tmp_path.glob('changed*')))}.duckdb"
        shutil.copy(published, path)
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return change


def assert_same_rows(database: Database, published: Path) -> None:
    """Every row of every table is there, and no other."""
    with duckdb.connect(str(published), read_only=True) as connection:
        names = [
            row[0] for row in connection.sql("select table_name from duckdb_tables()").fetchall()
        ]
        assert {*MARTS, "build", "extracts", "mart_keys"} <= set(names)
        assert database.tables() == {*names, VIEW, COMMENTS}
        for name in names:
            marts = connection.sql(f"from marts.{name}")
            expected = Counter(marts.fetchall())
            assert Counter(database.rows(name, database.quoted(marts.columns))) == expected, name


COUNTED = (
    ("count(*)", "segments"),
    ("count(*)", "customers"),
    ("count(*)", VIEW),
    ("max(build_id)", "build"),
)
"""What a reader asks for, to tell the builds apart."""


def counts(*builds: Path) -> set[str]:
    """What a reader sees of some builds."""
    return {
        f"{segments} {customers} {customers} {build}"
        for path in builds
        for build, segments, customers in query(
            path,
            "select build_id, (select count(*) from marts.segments), (select count(*) from marts.customers) from marts.build",
        )
    }


@contextmanager
def reading(database: Database, folder: Path, *statements: str) -> Iterator[Path]:
    """Read all the time, in one transaction after the other, and write what is seen to a file."""
    stop, seen = folder / "stop", folder / "seen.txt"
    engine = database.server.engine(WRITER, database.name)
    environment = os.environ | {"READER_URL": engine.url.render_as_string(hide_password=False)}
    engine.dispose()
    with seen.open("w") as output:
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(stop), *statements],
            stdout=output, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not seen.stat().st_size and time.monotonic() < deadline:
                time.sleep(0.1)  # the reader is there before the first build is replaced
            yield seen
        finally:
            stop.touch()
            _, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")


def one_sentence(capsys: pytest.CaptureFixture[str], database: Database) -> str:
    """What was printed: one line, without the password."""
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("patronage: ")
    assert len(printed.err.splitlines()) == 1
    assert database.server.password not in printed.err
    return printed.err.removeprefix("patronage: ")


def test_every_row_every_type_and_every_key(
    database: Database, published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):  # the names of keys and indexes are free again for the second run
        assert database.publish(published) == 0
        assert database.server.password not in "".join(capsys.readouterr())
        assert_same_rows(database, published)
    engine = database.server.engine(WRITER, database.name)
    inspector = inspect(engine)
    for mart in (*MARTS, "build", "extracts", "mart_keys"):
        key = [
            row[0]
            for row in query(
                published,
                f"select column_name from marts.mart_keys where mart = '{mart}' order by place",
            )
        ] or {"build": ["build_id"], "extracts": ["raw_table"], "mart_keys": ["mart", "place"]}[
            mart
        ]
        found = inspector.get_pk_constraint(mart, database.schema)
        assert found["constrained_columns"] == key
        indexes = inspector.get_indexes(mart, database.schema)
        assert not any("__" in str(index["name"]) for index in indexes)
        assert not str(found["name"]).endswith("__new")
        indexed = {*key, *(column for index in indexes for column in index["column_names"])}
        expected = {}
        for column, duckdb_type, *_ in query(published, f"describe marts.{mart}"):
            expected[column] = TYPES[database.server.kind].get(duckdb_type, duckdb_type.lower())
            if duckdb_type.startswith("DECIMAL") and database.server.kind == "postgres":
                expected[column] = duckdb_type.lower().replace("decimal", "numeric")
            if duckdb_type == "VARCHAR" and column in indexed and database.server.kind == "mysql":
                expected[column] = "varchar(191)"
        assert database.types(mart) == expected
        nullable = {
            str(column["name"])
            for column in inspector.get_columns(mart, database.schema)
            if column["nullable"]
        }
        assert nullable == set(expected) - set(key)
    for mart, columns in (
        ("customers", ["shop", "segment"]),
        ("customer_segments", ["shop", "segmentation", "segment"]),
        ("flagged_orders", ["shop", "customer_id"]),
    ):
        assert columns in [
            index["column_names"] for index in inspector.get_indexes(mart, database.schema)
        ]
    engine.dispose()


def test_values_at_the_edges_arrive_unchanged(
    database: Database, changed: Callable[..., Path]
) -> None:
    path = changed(
        "create table marts.edges (id varchar, big bigint, huge hugeint, exact decimal(38, 10), real double,"
        " yes boolean, day date, moment timestamp, small integer, words varchar)",
        """insert into marts.edges values
        ('a', 9223372036854775807, 99999999999999999999999999999999999999, 1234567890123456789012345678.0123456789,
         0.1::double + 0.2::double, true, '9999-12-31', '2026-01-02 03:04:05.678901', -2147483648, ''),
        ('A', -9223372036854775808, -99999999999999999999999999999999999999, -0.0000000001, 1.7976931348623157e308,
         false, '1000-01-01', '1000-01-01 00:00:00.000001', 2147483647, '\\N'),
        ('a ', 0, 0, 0, -1e-300, null, null, null, null, null),
        ('á', null, null, null, null, null, null, null, null, e'tab\\t line\\n return\\r quote'' " \\\\ back 100% :name %s'),
        ('ß', 1, 1, 1, 1, true, '2024-02-29', '2024-02-29 23:59:59.999999', 1, '漢字 🛒 ' || repeat('é', 20000)),
        ('ss', 1, 1, 1, 1, true, '2024-02-29', '2024-02-29', 1, 'null'), ('', 1, 1, 1, 1, true, null, null, 1, ' ')""",
        "insert into marts.mart_keys values ('edges', 1, 'id')",
    )
    assert database.publish(path) == 0
    assert_same_rows(database, path)
    described = query(path, "describe marts.edges")
    expected = [TYPES[database.server.kind].get(row[1], "") for row in described]
    expected[3] = {"postgres": "numeric(38,10)", "mysql": "decimal(38,10)"}[database.server.kind]
    if database.server.kind == "mysql":
        expected[0] = "varchar(191)"
    assert list(database.types("edges").values()) == expected
    # equal texts are those that are equal in DuckDB
    assert database.rows("edges where id = 'a'", "count(*)") == [(1,)]


def test_the_view_tells_each_customer_in_words(
    database: Database, published: Path, changed: Callable[..., Path]
) -> None:
    expected = (
        "select customers.shop, customer_id, country, coalesce(customers.segment, 'Unsegmented'), rule_segment,"
        " recency_days, frequency, monetary, customers.average_order_value, return_rate_pct, recommended_actions"
        " from marts.customers left join marts.segments on segments.shop = customers.shop and segments.segmentation = 'rfm_r'"
        " and segments.segment = coalesce(customers.segment, 'Unsegmented')"
    )
    fewer = changed("delete from marts.customers where customer_id > '14000'")
    for path in (published, fewer):
        assert database.publish(path) == 0
        rows = database.rows(VIEW)
        assert Counter(rows) == Counter(query(path, expected))
        assert all(row[-1] for row in rows)
    assert list(database.types(VIEW)) == [
        "shop", "customer_id", "country", "segment", "rule_segment", "days_since_last_purchase", "number_of_orders",
        "net_revenue", "average_order_value", "return_rate_percent", "recommended_actions",
    ]  # fmt: skip


def test_what_was_granted_stays_granted(database: Database, published: Path) -> None:
    assert database.publish(published) == 0
    if database.server.kind == "postgres":
        database.run(f"grant usage on schema marts to {GUEST}")
        database.run(f"grant select on marts.{VIEW} to public")
        database.run(f"grant select on marts.customers to {GUEST} with grant option")
    else:
        for table in ("customers", VIEW):
            database.server.run(f"grant select on shop.{table} to {GUEST}@'127.0.0.1'")
    assert database.publish(published) == 0
    customers = query(published, "select count(*) from marts.customers")
    for table in ("customers", VIEW):
        assert database.rows(table, "count(*)", GUEST) == customers
    if database.server.kind == "mysql":  # there, grants outlive the database
        database.server.run(f"revoke all privileges, grant option from {GUEST}@'127.0.0.1'")


def test_a_reader_sees_one_build_and_no_error(
    database: Database, changed: Callable[..., Path], tmp_path: Path
) -> None:
    builds = [
        changed(
            f"update marts.build set build_id = 'build {number}'",
            f"delete from marts.customers where row_number > {500 - 20 * number}".replace(
                "row_number", "rowid"
            ),
            f"delete from marts.segments where rowid > {30 - number}",
        )
        for number in range(6)
    ]
    expected = counts(*builds)
    assert len(expected) == 6
    # against the order of the names: who locks in that order meets this reader half-way
    statements = [f"select {what} from {database.place(table)}" for what, table in COUNTED]
    assert database.publish(builds[0]) == 0
    with reading(database, tmp_path, *statements) as seen:
        for path in builds[1:]:
            time.sleep(0.3)
            assert database.publish(path) == 0
        time.sleep(0.3)
    lines = seen.read_text().splitlines()
    assert len(lines) > 100
    assert set(lines) == expected


def test_a_reader_that_does_not_let_go_is_not_disturbed(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows are replaced beside it; columns are not, and the publisher gives up."""
    assert database.publish(published) == 0
    other = changed("update marts.build set build_id = 'other'")
    wider = changed("alter table marts.customers add column shoe_size integer")
    monkeypatch.setattr(databases, "PATIENCE_SECONDS", 0.2)
    engine = database.server.engine(WRITER, database.name)
    build = f"select build_id from {database.place('build')}"
    customers = f"select count(*) from {database.place('customers')}"
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        first = [reader.exec_driver_sql(query).scalar() for query in (build, customers)]
        assert database.publish(other) == 0
        assert database.rows("build", "build_id") == [("other",)]
        assert [reader.exec_driver_sql(query).scalar() for query in (build, customers)] == first
        capsys.readouterr()
        assert database.publish(wider) == 1
        assert one_sentence(capsys, database).startswith(
            "more than rows changes, and readers have held the tables for "
        )
        assert [reader.exec_driver_sql(query).scalar() for query in (build, customers)] == first
    engine.dispose()
    assert_same_rows(database, other)
    assert database.publish(wider) == 0
    assert_same_rows(database, wider)


def test_a_failure_in_the_middle_leaves_what_was_there(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    twice = changed(
        "insert into marts.segments from marts.segments limit 1",
        "update marts.build set build_id = 'x'",
    )
    assert database.publish(twice) == 1
    assert "could not be written, and is as it was before: " in one_sentence(capsys, database)
    assert database.tables() == set()
    assert database.publish(published) == 0
    capsys.readouterr()
    assert database.publish(twice) == 1
    assert "uplicate" in one_sentence(capsys, database)
    assert_same_rows(database, published)
    strange = changed("create table marts.strange as select [1, 2] as list")
    assert database.publish(strange) == 1
    assert "there is no type for INTEGER[]" in one_sentence(capsys, database)
    assert_same_rows(database, published)


def test_a_killed_run_leaves_nothing_to_the_next(
    database: Database, published: Path, changed: Callable[..., Path]
) -> None:
    assert database.publish(published) == 0
    kind, loader = database.server.kind, LOADERS[database.server.kind][1]
    code = (
        f"import os, sys\nfrom patronage.publishing import {kind}\nfrom patronage.cli import main\n"
        f"load = {kind}.{loader}\n"
        "def load_some(source, mart, *place):\n"
        "    load(source, mart, *place)\n"
        "    if mart.name == 'customers': os._exit(9)\n"
        f"{kind}.{loader} = load_some\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    other = changed("update marts.build set build_id = 'other'")
    arguments = ["publish", database.server.kind, "--url", database.url(), "--from", str(other)]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], check=False)
    assert killed.returncode == 9
    assert ("customers__new" in database.tables()) == (database.server.kind == "mysql")
    assert database.rows("build") == query(published, "from marts.build")
    assert database.publish(other) == 0
    assert_same_rows(database, other)


def test_a_reader_sees_whole_builds_whenever_a_run_is_killed(
    database: Database, changed: Callable[..., Path], tmp_path: Path
) -> None:
    """At ten moments of a run that replaces rows, and ten of one that changes columns, too."""
    few = [f"delete from marts.{mart} where rowid > 200" for mart in MARTS]
    wide = "alter table marts.customers add column width integer"
    first, *builds = (
        changed(
            *few,
            f"update marts.build set build_id = '{name}'",
            f"delete from marts.customers where rowid > {count}",
            f"update marts.customers set monetary = {count}",
            f"delete from marts.segments where rowid > {count % 7}",
            *((wide,) if name == "wide" else ()),
        )
        for name, count in (("first", 102), ("rows", 105), ("wide", 103))
    )
    together = ", ".join(f"(select {what} from {database.place(table)})" for what, table in COUNTED)
    assert database.publish(first) == 0
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def publish_until(moment: int, path: Path) -> list[int]:
        assert killed.stdin is not None
        assert killed.stdout is not None
        deadline = time.monotonic() + 30
        while True:
            address = ["--url", database.url(), "--from", str(path)]
            print(moment, "publish", database.server.kind, *address, file=killed.stdin, flush=True)
            answer = [int(word) for word in killed.stdout.readline().split()]
            if answer[-1] != 1 or time.monotonic() > deadline:  # 1: the last one still has its lock
                return answer

    try:
        with reading(database, tmp_path, f"select {together}") as seen:
            total = {}
            for path in (*builds, first):
                total[path], code = publish_until(0, path)
                assert code == 0
            for path in builds:
                for tenth in range(1, 11):
                    assert publish_until(total[path] * tenth // 10, path) == [-9]
    finally:
        killed.communicate()
    assert set(seen.read_text().splitlines()) == counts(first, *builds)
    assert database.publish(builds[0]) == 0
    assert_same_rows(database, builds[0])


def test_two_do_not_publish_at_once(
    database: Database,
    published: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, loader = LOADERS[database.server.kind]
    load, second = getattr(module, loader), []

    def load_and_publish(*arguments: Any) -> None:
        if not second:
            second.append(0)
            second[0] = database.publish(published)
            assert one_sentence(capsys, database).startswith("another patronage publish is writing")
        load(*arguments)

    monkeypatch.setattr(module, loader, load_and_publish)
    assert database.publish(published) == 0
    assert second == [1]
    assert_same_rows(database, published)


def test_what_stands_in_the_way_is_one_sentence(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    kind, password = database.server.kind, database.server.password
    assert database.publish(published) == 0
    capsys.readouterr()

    assert database.publish(published, port=free_port()) == 1
    assert one_sentence(capsys, database).startswith(
        "database shop on 127.0.0.1 cannot be connected to: "
    )
    assert database.publish(published, user=GUEST) == 1
    assert "denied" in one_sentence(capsys, database)
    assert database.publish(tmp_path / "nothing.duckdb") == 1
    assert one_sentence(capsys, database).startswith("there is no published file ")
    assert database.publish(changed("update marts.build set format_version = 99")) == 1
    assert "has format version 99" in one_sentence(capsys, database)
    if kind == "mysql":
        long = changed("update marts.customers set customer_id = repeat('é', 192) where rowid = 7")
        assert database.publish(long) == 1
        assert one_sentence(capsys, database).startswith(
            "customers.customer_id has a value of 192 characters; keys and indexes of MySQL hold 191"
        )
        fits = changed("update marts.customers set customer_id = repeat('é', 191) where rowid = 7")
        assert database.publish(fits) == 0
        assert database.publish(published) == 0
        capsys.readouterr()

    address = ["publish", kind, "--from", str(published), "--url"]
    for url in (
        database.url(user=f"{WRITER}:{password}"),
        f"{database.url()}?password={password}",
        f"{database.url()}?passwd={password}",
    ):
        assert main([*address, url]) == 1
        assert one_sentence(capsys, database).startswith("--url holds a password")
    for url in (
        "shop",
        "sqlite:///shop",
        database.url().removesuffix("/shop"),
        "mysql://a:b:c@d/e",
    ):
        assert main([*address, url]) == 1
        assert one_sentence(capsys, database).startswith("--url ")
    assert main([*address, f"{database.url()}?colour=red"]) == 1
    assert "cannot be connected to" in one_sentence(capsys, database)

    monkeypatch.delenv("PATRONAGE_DATABASE_PASSWORD")
    file = tmp_path / "password"
    assert main([*address, database.url(), "--password-file", str(file)]) == 1
    assert one_sentence(capsys, database) == f"the password file {file} cannot be read\n"
    file.write_text("wrong\n")
    assert main([*address, database.url(), "--password-file", str(file)]) == 1
    assert "cannot be connected to" in one_sentence(capsys, database)
    assert_same_rows(database, published)
    file.write_text(password + "\n")
    assert main([*address, database.url(), "--password-file", str(file)]) == 0


@pytest.mark.parametrize("name", ["customers", VIEW])
def test_what_others_have_written_is_not_replaced(
    name: str, database: Database, published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ""
    if database.server.kind == "postgres":
        database.run("create schema marts")
        place = "marts."
    database.run(f"create table {place}orders (id int)")
    database.run(
        f"create table {place}customers (id int)"
        if name == "customers"
        else f"create view {place}{name} as select id from {place}orders"
    )
    before = database.tables()
    assert database.publish(published) == 1
    assert one_sentence(capsys, database).startswith(
        f"there already is a {name} that patronage has not written"
    )
    assert database.tables() == before


def test_a_full_disk_leaves_what_was_there(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert database.publish(published) == 0
    capsys.readouterr()
    # texts that cannot be compressed, more of them than a file may hold
    wide = changed(
        "update marts.customers set segment_reason = (select string_agg(md5(customer_id || place), '')"
        " from range(1500) as places (place))"
    )
    with database.server.short_files():
        assert database.publish(wide) == 1
    sentence = one_sentence(capsys, database)
    assert "could not be written, and is as it was before: " in sentence
    assert_same_rows(database, published)


def shop_hangs_its_own_on_the_tables(database: Database) -> None:
    """What users of a database make on tables that they read, or that they look after."""
    if database.server.kind == "mysql":
        database.server.run(f"grant trigger, references on shop.* to {WRITER}@'127.0.0.1'")
        key = "shop varchar(191) collate utf8mb4_nopad_bin, customer_id varchar(191) collate utf8mb4_nopad_bin"
        for statement in (
            "create view names as select shop, customer_id, segment from customers",
            f"create table notes ({key}, constraint noted foreign key (shop, customer_id) references customers (shop, customer_id))",
            f"create table gone ({key}, foreign key (shop, customer_id) references customers (shop, customer_id) on delete cascade)",
            "create table log (moment timestamp)",
            "create trigger logs after update on customers for each row insert into log values (now())",
            "create index by_money on customers (monetary)",
            "alter table customers comment = 'The buyers'",
            "alter table customers add column remark text",
            "alter table segments modify column segment varchar(191) collate utf8mb4_nopad_bin not null comment 'Said by Sales'",
        ):
            database.run(statement)
        return
    database.server.run(f"create schema bi authorization {GUEST}", database=database.name)
    for statement in (
        f"grant usage on schema marts to {GUEST}",
        f"grant select, references on marts.customers to {GUEST}",
        f"grant select on marts.segments, marts.{VIEW} to {GUEST} with grant option",
        f"grant select (shop) on marts.segment_revenue to {GUEST}",
        "create index by_money on marts.customers (monetary)",
        "comment on table marts.customers is 'The buyers'",
        "comment on column marts.segments.segment is 'Said by Sales'",
        "alter table marts.customers add column remark text",
        "alter table marts.segments enable row level security",
        f"create policy few on marts.segments to {GUEST} using (segment < 'M')",
        "create table marts.log (moment timestamp)",
        "create function marts.log() returns trigger language plpgsql as"
        " 'begin insert into marts.log values (now()); return null; end'",
        "create trigger logs after update on marts.customers for each row execute function marts.log()",
        "create publication changes for table marts.customers",
        "create statistics marts.together on segment, country from marts.customers",
    ):
        database.run(statement)
    key = "shop text, customer_id text, foreign key (shop, customer_id) references marts.customers"
    for statement in (
        "create view bi.names as select shop, customer_id, segment from marts.customers",
        "create materialized view bi.totals as select shop, count(*) from marts.customers group by 1",
        f"create view bi.top as select * from marts.{VIEW}",
        "create table bi.notes (" + key.replace("foreign", "constraint noted foreign") + ")",
        f"create table bi.restricted ({key} on delete restrict)",
        f"create table bi.gone ({key} on delete cascade deferrable initially deferred)",
        "grant select on marts.segments to public",
    ):
        database.run(statement, GUEST)


def what_hangs(database: Database) -> list[Any]:
    """Everything that hangs on the tables, and who may do what with them."""
    if database.server.kind == "mysql":
        return [
            database.run(f"show create {what}")[0][1]
            for what in ("table customers", "table segments", "table notes", "table gone", f"view {VIEW}", "view names")
        ] + database.run("select trigger_name, action_statement from information_schema.triggers where trigger_schema = 'shop'")  # fmt: skip
    ours = (
        "select oid from pg_class where relnamespace = 'marts'::regnamespace and relname <> 'log'"
    )
    return database.run(
        "select pg_describe_object(classid, objid, objsubid) || refobjsubid from pg_depend"
        f" where refclassid = 'pg_class'::regclass and refobjid in ({ours})"
        " union all select concat(oid, relname, relacl, relrowsecurity, relforcerowsecurity,"
        f" obj_description(oid, 'pg_class')) from pg_class where oid in ({ours})"
        " union all select concat(attrelid, attname, attacl, col_description(attrelid, attnum))"
        f" from pg_attribute where attrelid in ({ours})"
        " union all select prrelid::text from pg_publication_rel order by 1"
    )


def test_what_hangs_on_the_tables_stays(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    described = (
        "comment on table marts.customers is 'One row per customer, 100% :of them; it''s \"one\"'",
        "comment on column marts.customers.country is 'Of most of the revenue'",
        "comment on column marts.segments.segment is 'Name'",
    )
    other = changed(
        *described,
        "update marts.customers set monetary = monetary + 1, country = null where rowid % 3 = 0",
        "delete from marts.customers where rowid between 10 and 19",
        "update marts.customers set customer_id = 'new ' || customer_id where rowid between 20 and 29",
        "update marts.build set build_id = 'other'",
    )
    assert database.publish(changed(*described)) == 0
    shop_hangs_its_own_on_the_tables(database)
    notes, gone, place = "notes", "gone", database.place("customers")
    if database.server.kind == "postgres":
        notes, gone = "bi.notes", "bi.gone"
        database.run(f"insert into bi.restricted select shop, customer_id from {place} where customer_id = '12347'", GUEST)  # fmt: skip
    user = GUEST if database.server.kind == "postgres" else WRITER
    kept, dropped = (
        query(published, f"select customer_id from marts.customers where rowid = {row}")[0][0]
        for row in (5, 15)
    )
    for table, customer in ((notes, kept), (gone, kept), (gone, dropped)):
        database.run(f"insert into {table} select shop, customer_id from {place} where customer_id = '{customer}'", user)  # fmt: skip
    before = what_hangs(database)
    assert any("The buyers" in str(row) for row in before)
    assert any("Of most of the revenue" in str(row) for row in before)
    assert database.publish(other) == 0
    assert what_hangs(database) == before

    names = "bi.names" if database.server.kind == "postgres" else "names"
    expected = query(other, "select shop, customer_id, segment from marts.customers")
    assert Counter(database.run(f"select * from {names}", user)) == Counter(expected)
    assert database.run(f"select customer_id from {notes}", user) == [(kept,)]
    assert database.run(f"select customer_id from {gone}", user) == [(kept,)]
    updated = query(other, "select count(*) from marts.customers where rowid % 3 = 0 and rowid not between 10 and 29")  # fmt: skip
    assert database.rows("log", "count(*)") == updated  # rows that are the same are not touched
    assert database.rows("customers", "count(*)") == [(len(expected),)]
    if database.server.kind == "postgres":
        database.run("refresh materialized view bi.totals", GUEST)
        assert database.run("select sum(count) from bi.totals", GUEST) == [(len(expected),)]
        assert all(row[0] < "M" for row in database.rows("segments", "segment", GUEST))

    capsys.readouterr()
    less = changed(f"delete from marts.customers where customer_id = '{kept}'")
    assert database.publish(less) == 1
    sentence = one_sentence(capsys, database)
    assert "noted" in sentence
    assert "the build has rows no longer that are pointed to" in sentence
    assert database.rows("build", "build_id") == [("other",)]
    assert Counter(database.run(f"select * from {names}", user)) == Counter(expected)
    database.run(f"delete from {notes}", user)
    assert database.publish(less) == 0


def test_default_privileges_and_rights_taken_back(database: Database, published: Path) -> None:
    if database.server.kind == "mysql":
        pytest.skip("MySQL has no default privileges, and its rights go by name")
    database.run(f"alter default privileges grant select on tables to {GUEST}")
    database.run(f"alter default privileges grant usage on schemas to {GUEST}")
    assert database.publish(published) == 0
    customers = query(published, "select count(*) from marts.customers")
    assert database.rows("customers", "count(*)", GUEST) == customers
    database.run(f"revoke select on marts.customers from {GUEST}")
    assert database.publish(published) == 0
    with pytest.raises(ProgrammingError, match="permission denied"):
        database.rows("customers", "count(*)", GUEST)
    assert database.rows("segments", "count(*)", GUEST) != [(0,)]


def test_rows_that_are_hidden_or_held_back_are_not_left_silently(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert database.publish(published) == 0
    before = database.rows("customers", "count(*)")
    new = changed(
        "update marts.customers set customer_id = 'new ' || customer_id where rowid < 5",
        "update marts.build set build_id = 'new'",
    )
    capsys.readouterr()
    if database.server.kind == "postgres":
        database.run("alter table marts.customers enable row level security")
        database.run("alter table marts.customers force row level security")
        database.run("create policy few on marts.customers using (customer_id < '14')")
        assert database.publish(new) == 1
        assert 'row-level security policy for table "customers"' in one_sentence(capsys, database)
        database.run("alter table marts.customers no force row level security")
        database.run(f"grant usage on schema marts to {GUEST}")
        database.run(
            f"grant select, insert, update, delete on all tables in schema marts to {GUEST}"
        )
        assert database.publish(new, user=GUEST) == 1
        assert 'row-level security policy for table "customers"' in one_sentence(capsys, database)
        database.run("create rule nothing as on insert to marts.customers do instead nothing")
        assert database.publish(new) == 1
        sentence = one_sentence(capsys, database)
        assert sentence.startswith(f"customers would have {before[0][0] - 5} rows and the build")
        assert database.rows("customers", "count(*)") == before
        assert database.rows("build") == query(published, "from marts.build")
        database.run("drop rule nothing on marts.customers")
        database.run("alter table marts.customers disable row level security")
        assert database.publish(new, user=GUEST) == 0  # who does not own the tables, but may write
    assert database.publish(new) == 0
    assert_same_rows(database, new)


def test_columns_that_change(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Columns come, go, change their type and enter the key; rights stay, and no view breaks."""
    first = changed(
        "create table marts.sizes as select shop, customer_id, 1::integer as size, 'x' as colour, 7 as days from marts.customers",
        "insert into marts.mart_keys values ('sizes', 1, 'shop'), ('sizes', 2, 'customer_id')",
        "alter table marts.segments add column slogan varchar",
    )
    second = changed(
        "create table marts.sizes as select shop, customer_id, 1.5::decimal(9, 2) as size, current_date as day, 7 as days"
        " from marts.customers",
        "insert into marts.mart_keys values ('sizes', 1, 'shop'), ('sizes', 2, 'customer_id'), ('sizes', 3, 'days')",
        "update marts.build set build_id = 'second'",
    )
    assert database.publish(first) == 0
    place = database.place("sizes")
    if database.server.kind == "postgres":
        database.run(f"grant usage on schema marts to {GUEST}")
        database.run(f"grant select on {place}, marts.segments to {GUEST}")
        database.run("create schema bi")
        database.run("create view bi.all_of_it as select shop, segment, slogan from marts.segments")
        expected = "view bi.all_of_it"
        remedies = ["drop view bi.all_of_it"]
    else:
        database.server.run(f"grant select on shop.sizes to {GUEST}@'127.0.0.1'")
        database.run("create index by_size on sizes (size)")
        expected = "index by_size of sizes"
        remedies = ["drop index by_size on sizes"]
    before = database.types("sizes")
    capsys.readouterr()
    assert database.publish(second) == 1
    sentence = one_sentence(capsys, database)
    assert f"drop {expected}, publish, and make it again" in sentence
    assert database.types("sizes") == before
    assert_same_rows(database, first)
    for remedy in remedies:
        database.run(remedy)
    assert database.publish(second) == 0
    assert_same_rows(database, second)
    types = database.types("sizes")
    assert set(types) == {"shop", "customer_id", "size", "day", "days"}
    assert "(9,2)" in types["size"]
    engine = database.server.engine(WRITER, database.name)
    key = inspect(engine).get_pk_constraint("sizes", database.schema)
    engine.dispose()
    assert key["constrained_columns"] == ["shop", "customer_id", "days"]
    count = query(published, "select count(*) from marts.customers")
    assert database.rows("sizes", "count(*)", GUEST) == count
    assert database.publish(second) == 0
    if database.server.kind == "mysql":
        database.server.run(f"revoke all privileges, grant option from {GUEST}@'127.0.0.1'")


def test_tables_of_an_earlier_release_are_taken_over(
    database: Database, changed: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """They have one comment, and no table says what was written last."""
    first = changed("comment on column marts.customers.country is 'Of most of the revenue'")
    assert database.publish(first) == 0
    postgres = database.server.kind == "postgres"
    for table in sorted(database.tables() - {VIEW, COMMENTS}):
        said = "'Written by patronage publish, which replaces it'"
        place = database.place(table)
        database.run(
            f"comment on table {place} is {said}" if postgres else f"alter table {place} comment = {said}"
        )  # fmt: skip
    kind = "varchar(191) charset utf8mb4 collate utf8mb4_nopad_bin"
    database.run(
        "comment on column marts.customers.country is null"
        if postgres
        else f"alter table customers modify column country {kind}"
    )
    database.run(f"drop table {database.place(COMMENTS)}")
    if postgres:
        database.run(f"grant usage on schema marts to {GUEST}")
        database.run(f"grant select on marts.customers to {GUEST}")
    else:
        said = "comment 'Written by patronage publish, which replaces it'"
        database.run(f"create table customers__old (id int primary key) {said}")
        database.run("create table held (id int, constraint left_behind foreign key (id) references customers__old (id))")  # fmt: skip
        database.server.run(f"grant select on shop.customers to {GUEST}@'127.0.0.1'")
    second = changed(
        "comment on table marts.customers is 'One row per customer'",
        "comment on column marts.customers.country is 'Of most of the revenue'",
        "delete from marts.customers where rowid > 100",
    )
    if not postgres:
        capsys.readouterr()
        assert database.publish(second) == 1
        assert "drop foreign key left_behind of shop.held, publish" in one_sentence(
            capsys, database
        )
        assert database.rows("customers", "count(*)") != [(101,)]
        database.run("drop table held")
    assert database.publish(second) == 0
    assert_same_rows(database, second)
    assert database.rows("customers", "count(*)", GUEST) == [(101,)]
    engine = database.server.engine(WRITER, database.name)
    inspector = inspect(engine)
    text = inspector.get_table_comment("customers", database.schema)["text"]
    assert text == "One row per customer Written by patronage publish, which replaces it"
    columns = inspector.get_columns("customers", database.schema)
    engine.dispose()
    assert [c["comment"] for c in columns if c["name"] == "country"] == ["Of most of the revenue"]
    if not postgres:
        database.server.run(f"revoke all privileges, grant option from {GUEST}@'127.0.0.1'")


@pytest.mark.parametrize("name", ["50%", "%s", ":b", "we\"ird' `x`"])
def test_names_of_roles_and_schemas(database: Database, published: Path, name: str) -> None:
    if database.server.kind == "mysql":
        pytest.skip("MySQL grants by name, and has no schemas")
    quoted = '"' + name.replace('"', '""') + '"'
    database.server.run(f"create role {quoted}")
    arguments = ["publish", "postgres", "--from", str(published), "--url", database.url()]
    assert main([*arguments, "--schema", name]) == 0
    database.run(f"grant select on {quoted}.customers to {quoted} with grant option")
    assert main([*arguments, "--schema", name]) == 0
    right = f"has_table_privilege($r${name}$r$, $t${quoted}.customers$t$, 'select')"
    assert database.run(f"select {right}") == [(True,)]
    count = query(published, "select count(*) from marts.customers")
    assert database.run(f"select count(*) from {quoted}.{VIEW}") == count
    database.run(f"drop schema {quoted} cascade")
    database.server.run(f"drop role {quoted}")


@pytest.mark.parametrize(("is_brief", "left"), [(True, set()), (False, {"segments__old"})])
def test_who_still_reads_an_old_table_leaves_no_other_behind(
    database: Database,
    published: Path,
    changed: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    is_brief: bool,
    left: set[str],
) -> None:
    if database.server.kind == "postgres":
        pytest.skip("PostgreSQL drops old tables in the transaction that swaps them")
    assert database.publish(published) == 0
    engine = database.server.engine(WRITER, database.name)
    swap, readers = mysql.swap_tables, []

    def swap_and_read(*arguments: Any) -> None:
        swap(*arguments)
        reader = engine.connect()
        reader.exec_driver_sql("select count(*) from segments__old")
        readers.append(reader)
        if is_brief:
            threading.Timer(0.5, reader.close).start()

    monkeypatch.setattr(mysql, "swap_tables", swap_and_read)
    assert database.publish(changed("alter table marts.segments add column slogan varchar")) == 0
    assert {table for table in database.tables() if table.endswith("__old")} == left
    readers[0].close()
    engine.dispose()


def test_readers_without_a_pause_do_not_starve_a_publisher(
    database: Database, published: Path, changed: Callable[..., Path]
) -> None:
    """Eight that read for half a second, again and again: none of them sees an error either."""
    assert database.publish(published) == 0
    wait = {"postgres": "pg_sleep(0.5)", "mysql": "(select sleep(0.5)) as pauses"}
    statement = f"select count(*) from {database.place('segments')}, {wait[database.server.kind]}"
    other = changed("delete from marts.segments where rowid > 5")
    wide = changed("alter table marts.segments add column slogan varchar")
    errors_before = database.server.log.read_text(errors="replace").count("ERROR: ")
    stop, numbers = threading.Event(), []

    def read() -> None:
        engine = database.server.engine(WRITER, database.name)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not stop.is_set():
                numbers.append(connection.exec_driver_sql(statement).scalar())
        engine.dispose()

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read) for _ in range(8)]
        try:
            for path in (other, wide):
                assert database.publish(path) == 0
        finally:
            stop.set()
        for reader in readers:
            reader.result()
    expected = [
        query(path, "select count(*) from marts.segments")[0] for path in (published, other)
    ]
    assert {(number,) for number in numbers} <= set(expected)
    errors = database.server.log.read_text(errors="replace").count("ERROR: ") - errors_before
    assert errors <= 20


def test_connections_are_encrypted_where_the_server_can(
    database: Database, published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not database.server.certificate.exists():
        pytest.skip("openssl is missing: apt-get install openssl")
    server = LOADERS[database.server.kind][0].SERVER
    url = databases.parse_url(server, database.url()).set(password=database.server.password)
    ask = {
        "postgres": "select version from pg_stat_ssl where pid = pg_backend_pid()",
        "mysql": "select variable_value from information_schema.session_status"
        " where variable_name = 'Ssl_version'",
    }
    with databases.connected(server, url, "there") as connection:
        answer = connection.exec_driver_sql(ask[database.server.kind]).scalar()
    assert str(answer).startswith("TLS")
    options = {"postgres": "sslmode=verify-full&sslrootcert=", "mysql": "ssl_ca="}
    other = make_certificate(tmp_path)
    kind = database.server.kind
    arguments = ["publish", kind, "--from", str(published), "--url"]
    address = f"{database.url()}?{options[kind]}"
    assert main([*arguments, f"{address}{other}"]) == 1
    sentence = one_sentence(capsys, database)
    assert "cannot be connected to" in sentence
    assert "certificate" in sentence
    right = f"{address}{database.server.certificate}"
    assert main([*arguments, right]) == 0
    capsys.readouterr()
    assert main([*arguments, right.replace("127.0.0.1", "localhost")]) == 1  # not its name
    assert "certificate" in one_sentence(capsys, database)
