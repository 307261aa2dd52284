"""Bytes of raw files: whole or cut off, in which encoding, with which line ends."""

import codecs
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pyarrow

from patronage.landing.refusals import RefusalError

CHUNK = 4 << 20
MAGIC = {
    b"PK\x03\x04": "a zip file or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a SQLite database",
    codecs.BOM_UTF32_LE: "text in UTF-32",
    codecs.BOM_UTF32_BE: "text in UTF-32",
}
"""First bytes of what is no text; UTF-32's is tried before UTF-16's, with which it begins."""

ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "latin-1": "latin-1", "windows-1252": "cp1252"}
"""Encodings by the name that the var ``extract_encodings`` gives them, and Python's name of them."""


@dataclass(frozen=True)
class Stamp:
    """What tells that a file has not changed, without reading it."""

    bytes: int
    modified_at: datetime
    changed: int

    @property
    def text(self) -> str:
        """The stamp as one text."""
        return f"{self.bytes} {self.modified_at.isoformat()} {self.changed}"


@dataclass
class Text:
    """A file's text, as UTF-8 on disk, and what was seen in it on the way.

    Attributes
    ----------
    path
        Where the text is: the file itself, or a copy if it had to be decompressed or transcoded.
    fingerprint
        BLAKE2b of the file's bytes.
    encoding
        The encoding of the file, by its name in ``ENCODINGS``.
    lf, crlf, cr
        Lines that end by a line feed alone, by both, and carriage returns alone.
    ends_in_a_line_end
        Whether the last line is ended.
    nuls, escaped_quotes, quotes
        Number of NULs, of quotation marks behind a backslash, and of all quotation marks.
    bad_lines
        Whether some lines are not in the encoding that was asked for.
    """

    path: Path
    fingerprint: str
    encoding: str
    lf: int = 0
    crlf: int = 0
    cr: int = 0
    ends_in_a_line_end: bool = True
    nuls: int = 0
    escaped_quotes: int = 0
    quotes: int = 0
    bad_lines: bool = False

    @property
    def lines(self) -> int:
        """Lines of a file whose line ends are all of one kind."""
        return self.lf + self.crlf + self.cr + (not self.ends_in_a_line_end)


def stamp_of(path: str) -> Stamp:
    """Look at a file without reading it.

    Raises
    ------
    RefusalError
        If it is a directory, a pipe or a device, or cannot be opened.
    """
    try:
        found = os.stat(path)
    except OSError as error:
        raise RefusalError(
            f"{path} cannot be opened ({error.strerror}); accepted: a file that can be read."
        ) from None
    if not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "no file but a pipe or a device"
        raise RefusalError(f"{path} is {kind}; accepted: a file, or a glob such as {path}/*.csv.")
    if not os.access(path, os.R_OK):
        raise RefusalError(
            f"{path} cannot be opened (permission denied); accepted: a file that can be read."
        )
    modified_at = datetime.fromtimestamp(found.st_mtime_ns / 1e9, UTC).replace(tzinfo=None)
    return Stamp(found.st_size, modified_at, found.st_ctime_ns ^ found.st_mtime_ns)


def is_parquet(path: str) -> bool:
    """Tell whether a file is Parquet by its name or its first bytes."""
    return path.lower().endswith(".parquet") or first_bytes(path).startswith(b"PAR1")


def first_bytes(path: str) -> bytes:
    """The first bytes of a file."""
    with open(path, "rb") as file:
        return file.read(16)


def fingerprint_of(path: str) -> str:
    """BLAKE2b of a file's bytes, in 32 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, _blake).hexdigest()


def _blake() -> Any:
    return hashlib.blake2b(digest_size=16)


class _Hashed:
    """A file that is hashed while it is read, whatever reads it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.hash = file, _blake()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.hash.update(chunk)
        return chunk

    def readable(self) -> bool:
        return True

    @property
    def closed(self) -> bool:
        return self.file.closed

    def close(self) -> None:
        """Leave it to the one that opened the file."""


def read_text(path: str, encoding: str | None, copy: Path) -> Text:
    """Read a file of text once, check that it is whole, and find its encoding.

    Parameters
    ----------
    path
        The file: plain, or compressed by gzip or zstandard, whatever its name says.
    encoding
        A key of ``ENCODINGS``, or None to detect it.
    copy
        Where to write the text as UTF-8 if the file itself is not that.

    Returns
    -------
    The text.

    Raises
    ------
    RefusalError
        If the file is cut off or damaged, no text, or in none of the encodings.
    """
    head = first_bytes(path)
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            raise RefusalError(
                f"{path} is {kind}; accepted: text with a header line, plain or compressed by gzip, or Parquet."
            )
    with open(path, "rb") as file:
        hashed = _Hashed(file)
        with _checked(path), _decompressed(path, head, hashed) as stream:
            text = _survey(path, stream, encoding, copy, is_copied=stream is not hashed)
        while hashed.read(CHUNK):  # what a decompressor has left unread
            pass
    text.fingerprint = hashed.hash.hexdigest()
    return text


@contextmanager
def _checked(path: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, pyarrow.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise RefusalError(
            f"{path} is cut off or damaged ({error}); accepted: a whole file; copy or download it again."
        ) from None


@contextmanager
def _decompressed(path: str, head: bytes, hashed: _Hashed) -> Iterator[Any]:
    """The bytes of the text; a file is what its first bytes say, not its name."""
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=hashed) as stream:  # type: ignore[call-overload]
            yield stream
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(hashed, mode="r"), "zstd") as stream:
            yield stream
    else:
        yield hashed


def _survey(path: str, stream: Any, encoding: str | None, copy: Path, *, is_copied: bool) -> Text:
    """Read the bytes once; write them where they are not yet plain UTF-8 on disk."""
    chunk = stream.read(CHUNK)
    wide = _wide_encoding(path, chunk, encoding)
    decoder = codecs.getincrementaldecoder(wide or "utf-8")()
    text = Text(copy if is_copied or wide else Path(path), "", "utf-16" if wide else "utf-8")
    seen, high, first_bad, carry = 0, set[int](), None, b""
    written = copy.open("wb") if is_copied or wide else None
    lines_before = 0
    try:
        while chunk:
            if wide:
                try:
                    chunk = decoder.decode(chunk).encode("utf-8")
                except UnicodeError:
                    raise RefusalError(
                        f"{path}, line {text.lf + text.crlf + 1}: not UTF-16, which its first bytes say it is;"
                        " accepted: a whole file in one encoding (var extract_encodings)."
                    ) from None
            elif first_bad is None:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    first_bad = lines_before + chunk[: max(error.start, 0)].count(b"\n") + 1
            if not wide and not chunk.isascii():
                high.update(chunk.translate(None, _ASCII))
            if written:
                written.write(chunk)
            carry = _count(text, carry, chunk)
            seen += len(chunk)
            lines_before = text.lf + text.crlf
            chunk = stream.read(CHUNK)
        if wide and decoder.getstate()[0]:
            raise RefusalError(
                f"{path} is cut off within a character; accepted: a whole file; copy or download it again."
            )
        if not wide and first_bad is None and decoder.getstate()[0]:
            first_bad = lines_before + 1
    finally:
        if written:
            written.close()
    text.cr += carry == b"\r"
    text.ends_in_a_line_end = seen == 0 or carry in {b"\r", b"\n"}
    if not wide and text.nuls * 5 > seen:
        raise RefusalError(
            f"{path} holds a NUL in each other byte, as UTF-16 without its mark does; accepted: var extract_encodings says utf-16."
        )
    if not wide:
        _settle_encoding(path, text, encoding, first_bad, high)
    return text


_ASCII = bytes(range(128))


def _count(text: Text, carry: bytes, chunk: bytes) -> bytes:
    """Count line ends and the like; returns the last byte, which the next chunk may complete."""
    crlf = chunk.count(b"\r\n") + (carry == b"\r" and chunk[:1] == b"\n")
    text.crlf += crlf
    text.lf += chunk.count(b"\n") - crlf
    if b"\r" in chunk or carry == b"\r":
        # a carriage return at the end of a chunk waits for the next one
        text.cr += chunk.count(b"\r") + (carry == b"\r") - (chunk[-1:] == b"\r") - crlf
    text.nuls += chunk.count(b"\0")
    text.quotes += chunk.count(b'"')
    text.escaped_quotes += chunk.count(b'\\"')
    return chunk[-1:]


def _wide_encoding(path: str, head: bytes, encoding: str | None) -> str | None:
    """The kind of UTF-16 that a text is in, by its mark or, where the var says so, by where its NULs are."""
    marks = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    if head[:2] in marks:
        if encoding not in {None, "utf-16"}:
            raise RefusalError(
                f"{path} begins with the mark of UTF-16, and var extract_encodings says {encoding}; accepted: utf-16."
            )
        return "utf-16"
    if encoding == "utf-16":
        return "utf-16-be" if head[:2000:2].count(0) > head[1:2000:2].count(0) else "utf-16-le"
    return None


def _settle_encoding(
    path: str, text: Text, encoding: str | None, first_bad: int | None, high: set[int]
) -> None:
    """Decide between UTF-8 and the two encodings of one byte per character."""
    if encoding in {"latin-1", "windows-1252"}:
        text.encoding = encoding
    elif first_bad is not None and encoding == "utf-8":
        text.bad_lines = True
    elif first_bad is not None:
        if _has_utf_8(text.path):
            raise RefusalError(
                f"{path}, line {first_bad}: not UTF-8, as other lines of it are; accepted: one encoding; var extract_encodings sets"
                f" it ({', '.join(ENCODINGS)}), and what is not in it is unreadable then."
            )
        text.encoding = "windows-1252" if high & set(range(0x80, 0xA0)) else "latin-1"
    if text.encoding == "windows-1252" and high & _UNDEFINED:
        byte = min(high & _UNDEFINED)
        line = _line_of(text.path, byte)
        raise RefusalError(
            f"{path}, line {line}: byte {byte:02X} is none of UTF-8, latin-1 or Windows-1252; accepted: {', '.join(ENCODINGS)}"
            " (var extract_encodings)."
        )


_UNDEFINED = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


def _has_utf_8(path: Path) -> bool:
    """Whether some line that is not ASCII is UTF-8."""
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    continue
                return True
    return False


def _line_of(path: Path, byte: int) -> int:
    """The first line that holds a byte."""
    with path.open("rb") as file:
        return next((number for number, line in enumerate(file, 1) if byte in line), 0)


def normalise(text: Text, copy: Path) -> None:
    """Write the text as UTF-8 with line feeds, where it is not that already.

    Parameters
    ----------
    text
        The text; its path becomes that of the copy.
    copy
        Where to write; a file that is there already is the text itself, and is replaced.
    """
    if text.encoding in {"utf-8", "utf-16"} and not (text.crlf and text.lf):
        return
    new = copy.with_suffix(".new")
    source = "utf-8" if text.encoding == "utf-16" else ENCODINGS[text.encoding]
    decoder = codecs.getincrementaldecoder(source)()
    with text.path.open("rb") as file, new.open("wb") as written:
        carry = b""
        while chunk := file.read(CHUNK):
            changed = carry + (
                chunk if source == "utf-8" else decoder.decode(chunk).encode("utf-8")
            )
            carry = changed[-1:] if changed.endswith(b"\r") else b""
            written.write(
                changed.removesuffix(b"\r").replace(b"\r\n", b"\n")
                if text.crlf
                else changed.removesuffix(b"\r")
            )
        written.write(carry)
    new.replace(copy)
    text.path = copy
    text.lf, text.crlf = text.lf + text.crlf, 0
