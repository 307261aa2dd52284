"""The command line: every option says its default, and queries are answered and change nothing."""

import argparse
import csv
import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from patronage.cli import main, make_parser
from patronage.published import FORMAT_VERSION

LONG = "long " * 100
ANSWER = """
select 'Ann, "A"' as name, 1234.50::decimal(9, 2) as revenue, date '2011-12-10' as ordered_on, 0.1::double as share, true as is_new
union all
select null, -2, null, null, false
order by name nulls last
"""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published file with one mart, which the environment names."""
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.build as select {FORMAT_VERSION} as format_version")
        connection.execute(
            "create table marts.numbers as select i from range(25000) as numbers (i)"
        )
        connection.execute("create macro marts.twice(x) as 2 * x")
    monkeypatch.setenv("PATRONAGE_PUBLISHED_PATH", str(path))
    return path


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and those of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from parsers(command)


def test_every_option_has_help_that_states_its_default() -> None:
    found = []
    for parser in parsers(make_parser()):
        for action in parser._actions:
            if isinstance(
                action, argparse._SubParsersAction | argparse._HelpAction | argparse._VersionAction
            ):
                continue
            text = parser.format_help().replace("\n", " ")
            assert action.help is not None, (parser.prog, action.dest)
            if action.required:
                assert action.help.endswith("(required)"), (parser.prog, action.dest)
            elif action.default in (None, False):
                assert "(default: " in action.help, (parser.prog, action.dest)
            else:
                assert action.help.endswith("(default: %(default)s)"), (parser.prog, action.dest)
                assert str(action.default) in "".join(text.split()), (parser.prog, action.dest)
            found.append((parser.prog, action.dest))
    assert {prog.split()[1] for prog, _ in found} == {
        "check",
        "dashboard",
        "explore",
        "take-over",
        "export",
        "publish",
        "serve",
        "summary",
        "query",
    }
    assert ("patronage publish mysql", "password_file") in found


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"patronage {version('patronage')}\n"


@pytest.mark.usefixtures("published")
def test_a_query_is_answered_as_an_aligned_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", ANSWER]) == 0
    assert capsys.readouterr().out == (
        "name      revenue  ordered_on  share  is_new\n"
        'Ann, "A"  1234.50  2011-12-10    0.1  true\n'
        "NULL        -2.00  NULL         NULL  false\n"
        "(2 rows)\n"
    )
    assert main(["query", f"select '{LONG}' as text, E'two\\nlines' as lines, '' as nothing"]) == 0
    table = capsys.readouterr().out
    assert LONG in table
    assert r"two\nlines" in table
    assert table.count("\n") == 3
    assert main(["query", "from marts.numbers where i < 0"]) == 0
    assert capsys.readouterr().out == "i\n(0 rows)\n"
    assert (
        main(["query", "select marts.twice(i) as a, i as a from numbers where i = 1 -- one"]) == 0
    )
    assert capsys.readouterr().out == "a  a\n2  1\n(1 row)\n"


@pytest.mark.usefixtures("published")
def test_a_query_is_answered_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", ANSWER, "--csv"]) == 0
    assert capsys.readouterr().out == (
        "name,revenue,ordered_on,share,is_new\n"
        '"Ann, ""A""",1234.50,2011-12-10,0.1,true\n'
        ",-2.00,,,false\n"
    )
    assert main(["query", "--csv", f"select '{LONG}', E'two\\r\\nlines', '', null"]) == 0
    printed = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(printed, newline="")))[1] == [LONG, "two\r\nlines", "", ""]
    assert printed.endswith(',"",\n')
    assert main(["query", "--csv", "from marts.numbers order by i desc"]) == 0
    assert capsys.readouterr().out.splitlines() == ["i", *map(str, reversed(range(25_000)))]


@pytest.mark.parametrize("form", [(), ("--csv",)])
@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select customer from marts.numbers", "Binder Error: "),
        ("from marts.customers", "Catalog Error: Table with name customers does not exist"),
        ("selec 1", "Parser Error: "),
        ("select cast(i || 'x' as integer) from numbers", "Conversion Error: "),
        ("", "that is not a query: "),
        ("set threads = 1", "that is not a query: "),
        ("update marts.numbers set i = 0", "Invalid Input Error: Cannot execute statement"),
        ("create table new as select 1", "Invalid Input Error: Cannot execute statement"),
        ("drop table marts.numbers", "Invalid Input Error: Cannot execute statement"),
        ("copy marts.numbers to '{folder}/new.csv'", "Permission Error: "),
        ("explain analyze copy marts.numbers to '{folder}/new.csv'", "Permission Error: "),
        ("attach '{folder}/new.duckdb'", "Permission Error: "),
        ("set enable_external_access = true; select 1", "Invalid Input Error: "),
    ],
)
def test_a_query_changes_nothing_and_its_error_is_one_sentence(
    sql: str,
    sentence: str,
    form: tuple[str, ...],
    published: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = hashlib.sha256(published.read_bytes()).digest()
    assert main(["query", sql.format(folder=published.parent), *form]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"patronage: {sentence}")
    assert printed.err.count("\n") == 1
    assert [path.name for path in published.parent.iterdir()] == [published.name]
    assert hashlib.sha256(published.read_bytes()).digest() == before


def test_a_query_of_a_missing_file_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "missing.duckdb"
    assert main(["query", "select 1", "--published", str(path)]) == 1
    error = f"patronage: there is no published file {path}; run patronage publish first\n"
    assert capsys.readouterr() == ("", error)


@pytest.mark.usefixtures("published")
def test_who_reads_may_stop_before_the_end() -> None:
    command = [sys.executable, "-m", "patronage.cli", "query", "--csv", "from marts.numbers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"i\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
