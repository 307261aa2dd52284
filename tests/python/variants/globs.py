"""Variants of several files that are one extract."""

import gzip
from collections.abc import Iterator
from dataclasses import replace

from variants.base import (
    BASE,
    HEADER,
    PLAIN,
    Variant,
    csv_of,
    day_first,
    doubtful,
    either,
    iso,
    may,
    must,
    stops,
    table,
    text,
    variant,
)  # fmt: skip

FIRST, SECOND = BASE[:120], BASE[120:]
HEADER_LINE = ",".join(HEADER) + "\n"


def _two(second: str | bytes, first: str | bytes | None = None) -> dict[str, bytes]:
    one = csv_of(FIRST) if first is None else first
    contents = {"a.csv": one, "b.csv": second}
    return {name: content.encode() if isinstance(content, str) else content for name, content in contents.items()}  # fmt: skip


def globs() -> Iterator[Variant]:
    """Several files: they are one extract, whatever each looks like."""
    good = csv_of(SECOND)
    where = {"location": "*.csv"}
    yield variant("two_files", _two(good), **where)
    many = {f"{n:03}.csv": csv_of(BASE[n * 4 : n * 4 + 4]).encode() for n in range(60)}
    yield variant("sixty_files", many, must(BASE), **where)
    yield variant("files_with_columns_in_other_orders", _two(text([list(reversed(row)) for row in table(SECOND)])), **where)  # fmt: skip
    second_edition = [name.replace("InvoiceNo", "Invoice").replace("UnitPrice", "Price") for name in HEADER]  # fmt: skip
    yield variant("files_with_other_headers", _two(text(table(SECOND, header=second_edition))), **where)  # fmt: skip
    yield variant("files_with_other_delimiters", _two(text(table(SECOND), ";")), **where)
    yield either("files_with_other_decimal_signs", _two(text([[cell.replace(".", ",") if n == 5 else cell for n, cell in enumerate(row)] for row in table(SECOND)], ";")), may(BASE), may_stop_late=True, **where)  # fmt: skip
    yield variant("a_file_with_a_column_more", _two(text([[*row, "x"] for row in table(SECOND)])), **where)  # fmt: skip
    no_country = [replace(line, country="") for line in SECOND]
    yield variant("a_file_without_the_country", _two(text([row[:7] for row in table(SECOND)])), must((*FIRST, *no_country)), **where)  # fmt: skip
    yield stops("a_file_without_the_customer", _two(text([[*row[:6], row[7]] for row in table(SECOND)])), names="b.csv", **where)  # fmt: skip
    yield either("a_file_of_another_table", _two("city,people\nParis,2100000\n"), (), may_build=False, names="b.csv", **where)  # fmt: skip
    yield stops("a_file_without_a_header", _two(good.split("\n", 1)[1]), names="b.csv", **where)
    yield variant(
        "a_file_with_a_header_only", {**_two(good), "c.csv": HEADER_LINE.encode()}, **where
    )
    yield stops("files_with_headers_only", {"a.csv": HEADER_LINE.encode(), "b.csv": HEADER_LINE.encode()}, **where)  # fmt: skip
    yield either(
        "a_file_of_nothing_in_a_glob", {**_two(good), "c.csv": b""}, names="c.csv", **where
    )
    yield either("a_first_file_of_nothing_in_a_glob", {**_two(good), "0.csv": b""}, names="0.csv", **where)  # fmt: skip
    twice = {"a.csv": csv_of(PLAIN[:-9]).encode(), "copy of a.csv": csv_of(PLAIN[:-9]).encode()}
    yield variant("the_same_file_twice", twice, must(PLAIN[:-9] * 2), **where)
    yield variant("a_file_and_its_gzip", {"a.csv": csv_of(FIRST).encode(), "b.csv.gz": gzip.compress(good.encode(), mtime=0)}, location="*.csv*")  # fmt: skip
    yield either("a_readme_in_the_glob", {**_two(good), "README.txt": b"Exported by the till, see the manual.\n"}, (), may_build=False, names="README.txt", location="*")  # fmt: skip
    yield either("a_file_of_dates_day_first", _two(csv_of(SECOND, date=day_first)), may(BASE), may_stop_late=True, **where)  # fmt: skip
    yield either("a_file_of_dates_in_iso", _two(csv_of(SECOND, date=iso)), may(BASE), may_stop_late=True, **where)  # fmt: skip
    yield variant("files_in_folders", {"2022/a.csv": csv_of(FIRST).encode(), "2023/b.csv": good.encode()}, location="**/*.csv")  # fmt: skip
    yield either("a_folder_that_the_glob_matches", _two(good), prepare=lambda folder: (folder / "c.csv").mkdir(), **where)  # fmt: skip
    yield either("a_dangling_link_in_the_glob", _two(good), (), may_build=False, prepare=lambda folder: (folder / "c.csv").symlink_to(folder / "gone.csv"), names="c.csv", **where)  # fmt: skip
    quoted = csv_of(SECOND).split("\n")
    quoted[20] = '"' + quoted[20]
    yield variant("a_quote_opens_in_one_file", _two("\n".join(quoted)), doubtful(BASE, [139]), **where)  # fmt: skip
