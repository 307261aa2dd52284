"""The summary after a build: the segments of each shop, or one sentence about what is wrong."""

from pathlib import Path

import duckdb
import pytest

from patronage.cli import main
from patronage.publishing.files import publish
from patronage.summary import QUERIES


def test_summary_shows_every_segment_and_queries_that_run(
    demo_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", str(demo_warehouse)]) == 0
    printed = capsys.readouterr().out
    with duckdb.connect(str(demo_warehouse), read_only=True) as connection:
        segments = connection.execute(
            "select segment, customers from marts.segments where segmentation = 'rfm_r'"
        ).fetchall()
        for query in QUERIES.split(";"):
            connection.execute(query)
        shop = connection.execute(
            "select count(*), sum(monetary), max(as_of_date) from marts.customers"
        ).fetchone()
    for segment, customers in segments:
        assert any(segment in line and f" {customers:,} " in line for line in printed.splitlines())
    assert shop is not None
    customers, revenue, day = shop
    assert (
        f"online_retail: {customers:,} customers, net revenue {revenue:,.0f} GBP, as of {day}\n"
        in printed
    )


def test_without_a_path_it_is_the_published_file(
    demo_warehouse: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = tmp_path / "published.duckdb"
    publish(demo_warehouse, published)
    monkeypatch.setenv("PATRONAGE_PUBLISHED_PATH", str(published))
    assert main(["summary"]) == 0
    printed = capsys.readouterr().out
    assert main(["summary", str(demo_warehouse)]) == 0
    assert capsys.readouterr().out == printed.replace(str(published), str(demo_warehouse))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.duckdb", None, "patronage: there is no published file "),
        ("text.duckdb", b"no database", " is not a published file: "),
    ],
)
def test_a_wrong_file_gives_one_sentence(
    name: str,
    content: bytes | None,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["summary", str(path)]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_database_without_marts_gives_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.duckdb"
    duckdb.connect(str(path)).close()
    assert main(["summary", str(path)]) == 1
    assert capsys.readouterr().err.startswith(f"patronage: {path} holds no marts: ")


def test_the_last_line_names_the_site_where_there_is_one(
    demo_warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = tmp_path / "published.duckdb"
    publish(demo_warehouse, published)
    assert main(["summary", str(published)]) == 0
    without = capsys.readouterr().out
    site = tmp_path / "site" / "index.html"
    site.parent.mkdir()
    site.touch()
    assert main(["summary", str(published)]) == 0
    assert capsys.readouterr().out == (
        f"{without}The boards are in {site}: open it in a browser.\n"
    )
