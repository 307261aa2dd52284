"""The summary after a build: the segments of each shop, or one sentence about what is wrong."""

from pathlib import Path

import duckdb
import pytest

from patronage.summary import QUERIES, main


def test_summary_shows_every_segment_and_queries_that_run(
    demo_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(demo_warehouse)]) == 0
    printed = capsys.readouterr().out
    with duckdb.connect(str(demo_warehouse), read_only=True) as connection:
        segments = connection.execute(
            "select segment, customers from marts.segments where segmentation = 'rfm_r'"
        ).fetchall()
        for query in QUERIES.split(";"):
            connection.execute(query)
    for segment, customers in segments:
        assert any(segment in line and f" {customers:,} " in line for line in printed.splitlines())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.duckdb", None, "There is no warehouse at"),
        ("text.duckdb", b"no database", "cannot be read as a patronage warehouse"),
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
    assert main([str(path)]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_database_without_marts_gives_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.duckdb"
    duckdb.connect(str(path)).close()
    assert main([str(path)]) == 1
    assert "cannot be read as a patronage warehouse" in capsys.readouterr().err
