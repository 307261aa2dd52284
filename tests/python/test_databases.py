"""Publishing to real database servers: every row and type, whole builds, and nothing by halves."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from servers import GUEST, WRITER, Server, free_port, missing, running
from sqlalchemy import inspect

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
schema, stop = sys.argv[1:]
engine = create_engine(os.environ["READER_URL"], poolclass=NullPool, isolation_level="REPEATABLE READ")
with engine.connect() as connection:
    while not os.path.exists(stop):
        seen = []
        with connection.begin():
            # against the order of the names: who locks in that order meets this reader half-way
            for what, table in (("count(*)", "segments"), ("count(*)", "customers"),
                                ("count(*)", "customer_segments_readable"), ("max(build_id)", "build")):
                seen.append(connection.execute(text(f"select {what} from {schema}{table}")).scalar())
                time.sleep(0.002)
        print(*seen, flush=True)
        time.sleep(0.005)
engine.dispose()
"""


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
                f" where attrelid = 'marts.{table}'::regclass and attnum > 0 order by attnum"
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
        server.run(f"grant all on shop.* to {WRITER}@'127.0.0.1'")
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
    expected = {
        f"{segments} {customers} {customers} {build}"
        for path in builds
        for build, segments, customers in query(
            path,
            "select build_id, (select count(*) from marts.segments), (select count(*) from marts.customers) from marts.build",
        )
    }
    assert len(expected) == 6
    stop, seen = tmp_path / "stop", tmp_path / "seen.txt"
    engine = database.server.engine(WRITER, database.name)
    environment = os.environ | {"READER_URL": engine.url.render_as_string(hide_password=False)}
    engine.dispose()
    schema = f"{database.schema}." if database.schema else ""
    assert database.publish(builds[0]) == 0
    with seen.open("w") as output:
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, schema, str(stop)],
            stdout=output, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not seen.stat().st_size and time.monotonic() < deadline:
                time.sleep(0.1)  # the reader is there before the first build is replaced
            for path in builds[1:]:
                time.sleep(0.3)
                assert database.publish(path) == 0
            time.sleep(0.3)
        finally:
            stop.touch()
            _, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
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
            "columns have changed, and readers have held the tables for "
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
