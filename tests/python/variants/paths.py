"""Variants of paths: odd names of files, and what is no file."""

import os
from collections.abc import Iterator
from pathlib import Path

from variants.base import BASE, RAW, Variant, csv_of, either, stops, variant


def paths() -> Iterator[Variant]:
    """Names of files, and paths to what is no file."""
    content = csv_of()
    for name, file in {
        "an_apostrophe": "shop's.csv", "emoji": "🎄.csv", "braces": "{a,b}.csv",
        "a_double_quote": 'a"b.csv', "jinja": "{{ x }}.csv", "capitals": "EXTRACT.CSV",
        "sql": "x.csv'); create table pwned as select 1; --.csv", "a_backslash": "a\\b.csv", "no_suffix": "extract", "another_suffix": "extract.dat",
    }.items():  # fmt: skip
        yield variant(f"path_with_{name}", content, file=file, may_stop=name in ("no_suffix", "another_suffix", "a_backslash", "jinja"))  # fmt: skip
    odd = (
        "my shop  2023", "Ausfuhr März é", "extract (1)", "100%20", "no#1", "a&b;c", "$HOME", "a..b", "-v", "x" * 200, "day=1", "~a", "!b", "c,d", " e ", "f@g", "h+i", "j^k", "l`m", "n|o",
    )  # fmt: skip
    parts = {f"{name}.csv": csv_of(BASE[number::20]).encode() for number, name in enumerate(odd)}
    yield variant("paths_with_other_odd_signs", parts, location="*.csv")
    for name, file in {"brackets": "extract[1].csv", "a_star": "a*b.csv", "a_question_mark": "a?b.csv"}.items():  # fmt: skip
        yield either(f"path_with_{name}", content, file=file)
    yield variant("path_through_a_link", content, location="link.csv", prepare=lambda folder: (folder / "link.csv").symlink_to(folder / "extract.csv"))  # fmt: skip
    for name, path in {
        "an_empty_text": "", "a_list": ["a.csv"], "a_number": 7, "true": True, "a_mapping": {"path": "a.csv"}, "sql_alone": "x.csv'); create table pwned as select 1; --.csv",
        "no_such_file": "no/such/extract.csv", "no_such_glob": "no/such/*.csv", "no_such_relation": "no_such_table", "a_relation_with_sql": "t; create table pwned as select 1",
        "a_query": "(select 1)", "the_null_device": "/dev/null", "two_files_in_a_text": "a.csv,b.csv", "the_extracts_own_table": f"raw.{RAW}",
    }.items():  # fmt: skip
        yield Variant(
            f"path_that_is_{name}", {}, ("as it is", path), may_build=False, may_stop=True
        )
    for name, prepare, location in (
        ("a_folder", lambda folder: (folder / "extracts").mkdir(), "extracts"), ("a_folder_named_csv", lambda folder: (folder / "extract.csv").mkdir(), "extract.csv"),
        ("a_dangling_link", lambda folder: (folder / "link.csv").symlink_to(folder / "gone.csv"), "link.csv"),
        ("a_link_to_itself", lambda folder: (folder / "link.csv").symlink_to(folder / "link.csv"), "link.csv"), ("a_pipe", lambda folder: os.mkfifo(folder / "pipe.csv"), "pipe.csv"),
        ("a_pipe_in_a_glob", _pipe_beside_a_file, "*.csv"), ("a_file_as_a_folder", lambda folder: (folder / "a.csv").write_text("x"), "a.csv/b.csv"),
    ):  # fmt: skip
        yield Variant(f"path_that_is_{name}", {}, location, may_build=False, may_stop=True, prepare=prepare)  # fmt: skip
    if os.geteuid():
        yield stops("path_without_permission", content, prepare=lambda folder: (folder / "extract.csv").chmod(0), names="extract.csv")  # fmt: skip


def _pipe_beside_a_file(folder: Path) -> None:
    (folder / "a.csv").write_text(csv_of())
    os.mkfifo(folder / "pipe.csv")
