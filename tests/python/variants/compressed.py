"""Variants of compressed files, whole and broken, and of files that are something else."""

import bz2
import gzip
import io
import zipfile
from collections.abc import Iterator

import pyarrow as pa

from variants.base import BASE, HEADER, Variant, csv_of, either, stops, variant

HEADER_LINE = ",".join(HEADER) + "\n"
FIRST, SECOND = BASE[:120], BASE[120:]


def _zip(files: dict[str, bytes]) -> bytes:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return zipped.getvalue()


def compressed() -> Iterator[Variant]:
    """Compressed files, whole and broken."""
    content = csv_of().encode()
    packed = gzip.compress(content, mtime=0)
    gz = {"file": "extract.csv.gz"}
    broken = {**gz, "names": "extract.csv.gz"}
    yield variant("gzip", packed, **gz)
    named = io.BytesIO()
    with gzip.GzipFile("export of march.csv", "wb", fileobj=named, mtime=0) as file:
        file.write(content)
    yield variant("gzip_that_holds_its_name", named.getvalue(), **gz)
    for kept in (5, len(packed) * 9 // 10, len(packed) - 8, len(packed) - 1):  # fmt: skip
        yield stops(f"gzip_cut_after_{kept}_of_{len(packed)}_bytes", packed[:kept], **broken)
    # the cut falls between two lines, so that what is left looks whole
    stored = gzip.compress(content, 0, mtime=0)
    yield stops("gzip_cut_between_two_lines", stored[: stored.index(b"\n536425") + 1], **broken)
    yield stops("gzip_with_another_checksum", packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:], **broken)  # fmt: skip
    yield stops("gzip_with_another_length", packed[:-4] + (len(content) + 1).to_bytes(4, "little"), **broken)  # fmt: skip
    middle = len(packed) // 2
    yield stops("gzip_damaged_in_the_middle", packed[:middle] + bytes([packed[middle] ^ 255]) + packed[middle + 1 :], **broken)  # fmt: skip
    lines = content.splitlines(keepends=True)
    members = [
        gzip.compress(b"".join(lines[n : n + 50]), mtime=0) for n in range(0, len(lines), 50)
    ]
    yield variant("gzip_of_several_members", b"".join(members), **gz)
    yield variant("gzip_of_a_member_that_is_empty", packed + gzip.compress(b"", mtime=0), **gz)
    yield stops("gzip_whose_last_member_is_cut", b"".join(members)[:-30], **broken)
    yield stops("gzip_whose_second_member_is_damaged", b"".join([members[0], members[1][:-6] + b"\0\0" + members[1][-4:], *members[2:]]), **broken)  # fmt: skip
    yield either("gzip_and_bytes_after_it", packed + b"tail of another file", **gz)
    yield either("gzip_in_gzip", gzip.compress(packed, mtime=0), **gz)
    yield stops("gzip_of_nothing", gzip.compress(b"", mtime=0), **broken)
    yield stops("gzip_of_a_header", gzip.compress(HEADER_LINE.encode(), mtime=0), **broken)
    yield stops("gzip_of_no_bytes", b"", **broken)
    yield either("csv_named_gz", content, **gz)
    yield either("gzip_named_csv", packed)
    yield stops("gzip_cut_in_a_glob", {"a.csv.gz": gzip.compress(csv_of(FIRST).encode(), mtime=0), "b.csv.gz": gzip.compress(csv_of(SECOND).encode(), mtime=0)[:-300]}, location="*.csv.gz", names="b.csv.gz")  # fmt: skip
    zipped = _zip({"extract.csv": content})
    book = _zip(dict.fromkeys(("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), b"<?xml version='1.0'?><x/>" * 40))  # fmt: skip
    for name, other, file in (
        ("zip_named_csv", zipped, "extract.csv"), ("xlsx_named_csv", book, "extract.csv"),
        ("bz2_named_csv", bz2.compress(content), "extract.csv"), ("xls_named_csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "extract.csv"),
        ("pdf_named_csv", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "extract.csv"),
    ):  # fmt: skip
        yield stops(name, other, file=file, names=file)
    zst = pa.compress(content, codec="zstd", asbytes=True)
    yield either("zstandard", zst, file="extract.csv.zst")
    yield stops(
        "zstandard_cut", zst[: len(zst) // 2], file="extract.csv.zst", names="extract.csv.zst"
    )
    yield either("zstandard_named_csv", zst)
