"""Variants of how characters are written as bytes."""

import codecs
import gzip
from collections.abc import Iterator
from dataclasses import replace

from variants.base import (
    BASE,
    PLAIN,
    RAW,
    Record,
    Variant,
    changed,
    csv_of,
    doubtful,
    either,
    must,
    stops,
    variant,
)  # fmt: skip

ACCENTED = [number for number, line in enumerate(BASE) if not line.product_name.isascii()]


def _renamed(names: dict[int, str]) -> list:
    return [replace(line, product_name=names.get(number, line.product_name)) for number, line in enumerate(BASE)]  # fmt: skip


def encodings() -> Iterator[Variant]:
    """Every encoding that extracts come in, and damaged ones."""
    content = csv_of()
    lines = content.encode().split(b"\n")
    yield variant("utf_8", content)
    yield variant("utf_8_with_mark", codecs.BOM_UTF8 + content.encode())
    yield either("utf_8_with_two_marks", codecs.BOM_UTF8 * 2 + content.encode())
    yield variant("utf_16_le_with_mark", codecs.BOM_UTF16_LE + content.encode("utf-16-le"))
    yield variant("utf_16_be_with_mark", codecs.BOM_UTF16_BE + content.encode("utf-16-be"))
    yield either("utf_16_le_without_mark", content.encode("utf-16-le"))
    yield either("utf_16_be_without_mark", content.encode("utf-16-be"))
    yield either("utf_16_cut_in_a_character", codecs.BOM_UTF16_LE + content.encode("utf-16-le")[:-1])  # fmt: skip
    yield either("utf_32_with_mark", codecs.BOM_UTF32_LE + content.encode("utf-32-le"))
    yield variant("latin_1", content.encode("latin-1"))
    yield variant("latin_1_set_by_var", content.encode("latin-1"), settings={"extract_encodings": {RAW: "latin-1"}})  # fmt: skip
    yield variant(
        "utf_16_in_gzip", gzip.compress(content.encode("utf-16"), mtime=0), file="extract.csv.gz"
    )
    typed = _renamed(
        {3: "MUG \u201cBEST DAD\u201d \u2013 5€", 90: "L\u2019ÉTÉ… MUG", 200: "ŒUVRE ™"}
    )
    yield variant("windows_1252", csv_of(typed).encode("windows-1252"), must(typed))
    euro = [replace(line, product_name=PLAIN[n].product_name) for n, line in enumerate(BASE)]
    euro[-1] = replace(euro[-1], product_name="50€ VOUCHER")
    yield variant("windows_1252_by_its_last_line_only", csv_of(euro).encode("windows-1252"), must(euro))  # fmt: skip
    late = [*PLAIN[:-1], replace(PLAIN[-1], product_name="CAFÉ")]
    yield variant("latin_1_by_its_last_line_only", csv_of(late).encode("latin-1"), must(late))
    emoji = _renamed({7: "🎄 TREE 🎁", 8: "日本の皿", 100: "КРУЖКА", 101: "e\u0301te\u0301"})
    yield variant("emoji_and_other_scripts", csv_of(emoji), must(emoji))
    yield variant("emoji_in_utf_16", csv_of(emoji).encode("utf-16"), must(emoji))
    for byte in (0x81,):
        damaged = content.encode("windows-1252").split(b"\n")
        damaged[50] = damaged[50].replace(b",", b"," + bytes([byte]), 2).replace(bytes([byte]), b"", 1)  # fmt: skip
        yield either(f"windows_1252_with_the_undefined_byte_{byte:x}", b"\n".join(damaged), doubtful(BASE, [49]), line=51)  # fmt: skip
    for name, piece in {"latin_1": b"\xe9", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80"}.items():  # fmt: skip
        damaged = list(lines)
        first, second, third, *rest = damaged[120].split(b",")
        damaged[120] = b",".join([first, second, b"CAF" + piece + b" CUP" if b'"' not in third else third + piece, *rest])  # fmt: skip
        yield either(f"utf_8_with_one_damaged_byte_{name}", b"\n".join(damaged), doubtful(BASE, [119]), line=121)  # fmt: skip
    half = len(lines) // 2
    mixed = b"\n".join(lines[:half]) + b"\n" + b"\n".join(lines[half:]).decode().encode("latin-1")
    yield either("utf_8_and_then_latin_1", mixed, doubtful(BASE, [n for n in ACCENTED if n >= half - 1]))  # fmt: skip
    yield variant(
        "each_file_in_its_own_encoding",
        {
            "a.csv": csv_of(BASE[:60]).encode(),
            "b.csv": csv_of(BASE[60:120]).encode("latin-1"),
            "c.csv": codecs.BOM_UTF16_LE + csv_of(BASE[120:180]).encode("utf-16-le"),
            "d.csv": codecs.BOM_UTF8 + csv_of(BASE[180:]).encode(),
        },
        location="*.csv",
    )  # fmt: skip
    for encoding in ("cp1251", "mac-roman"):
        word = "КРУЖКА" if encoding == "cp1251" else "CAFÉ"
        other = [replace(line, product_name=word) if n in ACCENTED else PLAIN[n] for n, line in enumerate(BASE)]  # fmt: skip
        yield either(f"encoding_that_cannot_be_told_{encoding.replace('-', '_')}", csv_of(other).encode(encoding), doubtful(other, ACCENTED))  # fmt: skip
    yield either("latin_1_called_utf_8_by_var", content.encode("latin-1"), doubtful(BASE, ACCENTED), settings={"extract_encodings": {RAW: "utf-8"}})  # fmt: skip
    yield either("utf_8_called_utf_16_by_var", content, must(BASE), settings={"extract_encodings": {RAW: "utf-16"}})  # fmt: skip
    yield stops("encoding_nobody_knows_by_var", content, settings={"extract_encodings": {RAW: "klingon"}}, names="klingon")  # fmt: skip
    nul = csv_of().encode().split(b"\n")
    nul[30] = nul[30].replace(b",", b",\0", 2)
    yield variant("nul_in_a_line", b"\n".join(nul), changed(must(BASE), {29: Record((BASE[29],), True, any_text=True)}))  # fmt: skip
