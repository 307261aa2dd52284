"""Files come in byte by byte: each physical record is one row, whichever way it is read."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from patronage.landing import Plugin, explain, files, texts
from patronage.landing.extracts import land
from patronage.landing.refusals import RefusalError
from patronage.landing.report import Extract

HEADERS = {"order_id": ["Order No"], "name": ["Name"], "price": ["Price"]}
LINES = [
    "Order No,Name,Price", "1,CUP,2.50", "2,Café,3.00", '3,"CUP, BLUE",4.00', '4,"A ""B"" C",1', '5,12" PLATE,5.00',
    ",,", "6,TWO,1,2", "7,SHORT", '8,"OPEN,1.00', "# a note", "9,LAST,9.00",
]  # fmt: skip
"""A header, eleven records, four of which cannot be split into three values."""


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """A warehouse with the table that the macros make."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema raw;
            create table raw.extracts (
                extract varchar, shop varchar, location varchar, file varchar, format varchar, is_demo boolean,
                bytes bigint, modified_at timestamp, fingerprint varchar, stamp varchar, records bigint,
                previous_records bigint, row_count bigint, rejected_records bigint, encoding varchar,
                delimiter varchar, quote_escape varchar, warning varchar, landed_at timestamp
            )
        """)
        connection.execute("set preserve_insertion_order = false")
        yield connection


def extract(location: object, *, is_file: bool = True, encoding: str | None = None) -> Extract:
    """An extract of three columns."""
    return Extract("lines", "shop", str(location), is_file, HEADERS, optional=["price"], encoding=encoding)  # fmt: skip


def landed(connection: DuckDBPyConnection, tmp_path: Path, location: object, **settings: str) -> list[tuple[object, ...]]:  # fmt: skip
    """Land an extract and return its rows without the file."""
    land(connection, extract(location, **settings), tmp_path / "workshop")  # type: ignore[arg-type]
    assert not (tmp_path / "workshop").exists()
    return connection.execute("select * exclude (file) from raw.lines order by file, line").fetchall()  # fmt: skip


def write(path: Path, lines: list[str], end: str = "\n", encoding: str = "utf-8") -> Path:
    """Write lines to a file."""
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


def test_each_record_is_a_row_and_what_cannot_be_split_says_why(
    connection: DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = landed(connection, tmp_path, write(tmp_path / "lines.csv", LINES))
    assert rows == [
        (2, "1", "CUP", "2.50", None, None),
        (3, "2", "Café", "3.00", None, None),
        (4, "3", "CUP, BLUE", "4.00", None, None),
        (5, "4", 'A "B" C', "1", None, None),
        (6, "5", '12" PLATE', "5.00", None, None),
        (7, None, None, None, None, None),
        (8, None, None, None, "4 values where the header has 3", "6,TWO,1,2"),
        (9, None, None, None, "2 values where the header has 3", "7,SHORT"),
        (10, None, None, None, "a quotation mark that opens a value and is not closed", '8,"OPEN,1.00'),
        (11, None, None, None, "1 values where the header has 3", "# a note"),
        (12, "9", "LAST", "9.00", None, None),
    ]  # fmt: skip
    report = connection.execute("select records, row_count, rejected_records from raw.extracts")
    assert report.fetchall() == [(11, 7, 4)]


@pytest.mark.parametrize("chunk", [2, 7, files.CHUNK])
@pytest.mark.parametrize(
    ("end", "encoding", "found"),
    [
        ("\n", "utf-8", "utf-8"), ("\r\n", "utf-8", "utf-8"), ("\r", "utf-8", "utf-8"), ("\n", "utf-8-sig", "utf-8"),
        ("\n", "latin-1", "latin-1"), ("\r\n", "cp1252", "latin-1"), ("\r\n", "utf-16", "utf-16"), ("\n", "utf-16-be", None),
    ],
)  # fmt: skip
def test_encodings_line_ends_and_chunks_change_nothing(
    connection: DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    end: str, encoding: str, found: str | None, chunk: int,
) -> None:  # fmt: skip
    expected = landed(connection, tmp_path, write(tmp_path / "lines.csv", LINES))
    monkeypatch.setattr(files, "CHUNK", chunk)
    monkeypatch.setattr("patronage.landing.records.CHUNK", chunk)
    path = write(tmp_path / "other.csv", LINES, end, encoding)
    if found is None:
        with pytest.raises(RefusalError, match=r"other\.csv holds a NUL in each other byte"):
            landed(connection, tmp_path, path)
        assert landed(connection, tmp_path, path, encoding="utf-16") == expected
        return
    assert landed(connection, tmp_path, path) == expected
    assert connection.execute("select encoding from raw.extracts").fetchall() == [(found,)]


def test_reading_plainly_and_carefully_gives_the_same_rows(
    connection: DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = random.Random(3)
    values = ["", "CUP", '"CUP, BLUE"', '"A ""B"" C"', '12" PLATE', "  two ", "O'NEIL", "#1", "é", '""', '"'"x'\"", "\\N"]  # fmt: skip
    lines = [",".join(drawn.choice(values) for _ in range(3)) for _ in range(2000)]
    path = write(tmp_path / "lines.csv", [LINES[0], *(line for line in lines if line != ",,")])
    plainly = landed(connection, tmp_path, path)
    monkeypatch.setattr(texts, "read_plainly", lambda *_: False)
    connection.execute("delete from raw.extracts; drop table raw.lines")
    carefully = landed(connection, tmp_path, path)
    assert plainly == carefully
    assert len(plainly) == len(path.read_text().splitlines()) - 1


def test_a_gzip_file_that_is_cut_off_anywhere_is_refused(
    connection: DuckDBPyConnection, tmp_path: Path
) -> None:
    whole = gzip.compress(("\n".join(LINES) * 50).encode())
    path = tmp_path / "lines.csv.gz"
    for size in {*range(1, 40), *range(40, len(whole) - 12, 17), *range(len(whole) - 12, len(whole))}:  # fmt: skip
        path.write_bytes(whole[:size])
        with pytest.raises(RefusalError, match=r"cut off or damaged|is empty"):
            landed(connection, tmp_path, path)
    path.write_bytes(whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:])
    with pytest.raises(RefusalError, match="cut off or damaged"):
        landed(connection, tmp_path, path)


def test_files_that_have_not_changed_stay_and_others_are_noticed(
    connection: DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    kept = texts.read_text
    monkeypatch.setattr(texts, "read_text", lambda path, *rest: (read.append(Path(path).name), kept(path, *rest))[1])  # fmt: skip
    for name in "abc":
        write(tmp_path / f"{name}.csv", [LINES[0], f"{name},CUP,1"])

    def build() -> tuple[list[str], list[str], list[str]]:
        read.clear()
        news = land(connection, extract(f"{tmp_path}/*.csv"), tmp_path / "workshop")
        ids = connection.execute("select order_id from raw.lines order by 1").fetchall()
        return news, list(read), [row[0] for row in ids]

    assert build() == (["3 records", "3 files, 3 of them new or changed"], ["a.csv", "b.csv", "c.csv"], ["a", "b", "c"])  # fmt: skip
    assert build() == ([], [], ["a", "b", "c"])
    (tmp_path / "a.csv").touch()
    assert build() == ([], ["a.csv"], ["a", "b", "c"])
    write(tmp_path / "b.csv", [LINES[0], "b2,CUP,1", "b3,CUP,1"])
    (tmp_path / "c.csv").unlink()
    assert build() == (
        ["3 records (3 in the last build)", "2 files, 1 of them new or changed", "1 gone"],
        ["b.csv"],
        ["a", "b2", "b3"],
    )
    # what the project reads from a file belongs to what is known of it
    again = Extract("lines", "shop", f"{tmp_path}/*.csv", is_file=True, headers={"order_id": ["Name"]})  # fmt: skip
    with pytest.raises(RefusalError, match=r"no column|two columns"):
        land(connection, Extract("lines", "shop", f"{tmp_path}/*.csv", is_file=True, headers={"id": ["X"]}), tmp_path / "workshop")  # fmt: skip
    assert build()[2] == ["a", "b2", "b3"]
    assert again.settings != extract(tmp_path).settings


def test_what_somebody_else_has_made_is_never_replaced(
    connection: DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("create table raw.lines as select 1 as precious")
    with pytest.raises(
        RefusalError, match=r"raw\.lines is there and was not made from a raw extract"
    ):
        landed(connection, tmp_path, write(tmp_path / "lines.csv", LINES))
    assert connection.execute("from raw.lines").fetchall() == [(1,)]


def test_a_refused_file_leaves_what_was_there(
    connection: DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "lines.csv", LINES)
    before = landed(connection, tmp_path, path)
    write(path, ["Other,Header", "1,2"])
    with pytest.raises(RefusalError, match=r"lines\.csv, line 1: no column for order_id: found Other, Header; accepted: order_id, Order No"):  # fmt: skip
        landed(connection, tmp_path, path)
    assert connection.execute("select * exclude (file) from raw.lines order by line").fetchall() == before  # fmt: skip
    tables = connection.execute("select table_name from information_schema.tables").fetchall()
    assert sorted(tables) == [("extracts",), ("lines",)]


def test_parquet_is_read_where_it_is_and_types_are_held(
    connection: DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "lines.parquet"
    connection.execute(f"copy (select 17850.0 as \"Order No\", 'CUP' as \"Name\", 2.5 as price) to '{path}'")  # fmt: skip
    assert landed(connection, tmp_path, path) == [(1, 17850.0, "CUP", 2.5, None, None)]
    connection.execute(f'copy (select true as "Order No", [1] as "Name") to \'{path}\'')
    with pytest.raises(RefusalError, match="column Name is INTEGER"):
        landed(connection, tmp_path, path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RefusalError, match="no whole Parquet file"):
        landed(connection, tmp_path, path)


def test_memory_is_limited_as_the_profile_says() -> None:
    def limit_of(setting: str) -> str:
        with duckdb.connect() as connection:
            Plugin("landing", {"memory_limit": setting}).configure_connection(connection)
            found = connection.execute("select current_setting('memory_limit')").fetchall()
        return str(found[0][0])

    assert limit_of("") != "512.0 MiB"
    assert limit_of(" 512MiB ") == "512.0 MiB"
    with pytest.raises(DbtRuntimeError, match=r"PATRONAGE_MEMORY_LIMIT is 4 \w+; accepted: .* 4GB"):
        limit_of("4 gallons")


def test_who_holds_a_warehouse_is_named() -> None:
    said = 'IO Error: Could not set lock on file "w.duckdb": Conflicting lock is held in /usr/bin/python3.11 (PID 4711). See also'  # fmt: skip
    assert explain("w.duckdb", said).startswith("w.duckdb is being used by process 4711 (/usr/bin/python3.11); accepted: one build")  # fmt: skip
