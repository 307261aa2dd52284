"""Bytes of raw files: whole or cut off, in which encoding, with which line ends."""

import codecs
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
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
"""Encodings, by their names in the var ``extract_encodings``, with Python's names of them."""


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
        found = Path(path).stat()
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
    """Read the first bytes of a file."""
    with Path(path).open("rb") as file:
        return file.read(16)


def fingerprint_of(path: str) -> str:
    """BLAKE2b of a file's bytes, in 32 hexadecimal digits."""
    with Path(path).open("rb") as file:
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
                f"{path} is {kind}; accepted: text with a header line, plain or compressed by gzip,"
                " or Parquet."
            )
    with Path(path).open("rb") as file:
        hashed = _Hashed(file)
        with _checked(path), _decompressed(head, hashed) as stream:
            text = _survey(path, stream, encoding, copy)
        while hashed.read(CHUNK):  # what a decompressor has left unread
            pass
    return replace(text, fingerprint=hashed.hash.hexdigest())


@contextmanager
def _checked(path: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, pyarrow.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise RefusalError(
            f"{path} is cut off or damaged ({error}); accepted: a whole file; copy or download it"
            " again."
        ) from None


@contextmanager
def _decompressed(head: bytes, hashed: _Hashed) -> Iterator[Any]:
    """Give the bytes of the text; a file is what its first bytes say, not its name."""
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=hashed) as stream:  # type: ignore[call-overload]
            yield stream
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(hashed, mode="r"), "zstd") as stream:
            yield stream
    else:
        yield hashed


def _survey(path: str, stream: Any, encoding: str | None, copy: Path) -> Text:
    """Read the bytes once; write them where they are not yet plain UTF-8 on disk."""
    chunk = stream.read(CHUNK)
    wide = _wide_encoding(path, chunk, encoding)
    is_copied = wide is not None or not isinstance(stream, _Hashed)
    text = Text(copy if is_copied else Path(path), "", "utf-8" if wide is None else "utf-16")
    survey = _WideSurvey(path, wide) if wide else _Survey()
    last, size = b"", 0
    with copy.open("wb") if is_copied else nullcontext() as written:
        while chunk:
            part = survey.look_at(chunk, text.lf + text.crlf)
            if written is not None:
                written.write(part)
            last = _count(text, last, part)
            size += len(chunk)
            chunk = stream.read(CHUNK)
    survey.end(text.lf + text.crlf)
    text.cr += last == b"\r"
    text.ends_in_a_line_end = last in {b"", b"\r", b"\n"}
    if isinstance(survey, _Survey):
        if text.nuls * 5 > size:
            raise RefusalError(
                f"{path} holds a NUL in each other byte, as UTF-16 without its mark does; accepted:"
                " var extract_encodings says utf-16."
            )
        _settle_encoding(path, text, encoding, survey)
    return text


class _Survey:
    """What is seen in bytes that are no UTF-16: the first line that is no UTF-8, and high bytes."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.first_bad: int | None = None
        self.high = set[int]()

    def look_at(self, chunk: bytes, lines_before: int) -> bytes:
        """Look at a chunk, which stays as it is."""
        if chunk.isascii() and not self.decoder.getstate()[0]:
            return chunk
        self.high.update(chunk.translate(None, _ASCII))
        if self.first_bad is None:
            try:
                self.decoder.decode(chunk)
            except UnicodeDecodeError as error:
                self.first_bad = lines_before + chunk[: max(error.start, 0)].count(b"\n") + 1
        return chunk

    def end(self, lines: int) -> None:
        """Note a character that is cut off."""
        if self.first_bad is None and self.decoder.getstate()[0]:
            self.first_bad = lines + 1


class _WideSurvey:
    """UTF-16 on its way to UTF-8."""

    def __init__(self, path: str, encoding: str) -> None:
        self.path, self.decoder = path, codecs.getincrementaldecoder(encoding)()

    def look_at(self, chunk: bytes, lines_before: int) -> bytes:
        """Transcode a chunk."""
        try:
            return self.decoder.decode(chunk).encode("utf-8")
        except UnicodeError:
            raise RefusalError(
                f"{self.path}, behind line {lines_before}: not UTF-16, which its first bytes say it"
                " is; accepted: a whole file in one encoding (var extract_encodings)."
            ) from None

    def end(self, lines: int) -> None:
        """Refuse a character that is cut off."""
        if self.decoder.getstate()[0]:
            raise RefusalError(
                f"{self.path} is cut off within a character in line {lines + 1}; accepted: a whole"
                " file; copy or download it again."
            )


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
    """Tell the kind of UTF-16: by its mark or, where the var says so, by its NULs."""
    marks = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    if head[:2] in marks:
        if encoding not in {None, "utf-16"}:
            raise RefusalError(
                f"{path} begins with the mark of UTF-16, and var extract_encodings says {encoding};"
                " accepted: utf-16."
            )
        return "utf-16"
    if encoding == "utf-16":
        return "utf-16-be" if head[:2000:2].count(0) > head[1:2000:2].count(0) else "utf-16-le"
    return None


def _settle_encoding(path: str, text: Text, encoding: str | None, survey: _Survey) -> None:
    """Decide between UTF-8 and the two encodings of one byte per character."""
    if encoding in {"latin-1", "windows-1252"}:
        text.encoding = encoding
    elif survey.first_bad is not None and encoding == "utf-8":
        text.bad_lines = True
    elif survey.first_bad is not None:
        if _has_utf_8(text.path):
            raise RefusalError(
                f"{path}, line {survey.first_bad}: not UTF-8, as other lines of it are; accepted:"
                f" one encoding; var extract_encodings sets it ({', '.join(ENCODINGS)}), and what"
                " is not in it is unreadable then."
            )
        is_latin_1 = survey.high.isdisjoint(range(0x80, 0xA0))
        text.encoding = "latin-1" if is_latin_1 else "windows-1252"
    if text.encoding == "windows-1252" and survey.high & _UNDEFINED:
        byte = min(survey.high & _UNDEFINED)
        raise RefusalError(
            f"{path}, line {_line_of(text.path, byte)}: byte {byte:02X} is none of UTF-8, latin-1,"
            f" Windows-1252; accepted: {', '.join(ENCODINGS)} (var extract_encodings)."
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
    """Find the first line that holds a byte."""
    with path.open("rb") as file:
        return next((number for number, line in enumerate(file, 1) if byte in line), 0)


def normalise(text: Text, copy: Path) -> Text:
    """Write a text as UTF-8 with line ends of one kind, where it is not that already.

    Parameters
    ----------
    text
        The text.
    copy
        Where to write; a file that is there already is the text itself, and is replaced.

    Returns
    -------
    The text as it is written.
    """
    if text.encoding in {"utf-8", "utf-16"} and not (text.crlf and text.lf):
        return text
    new = copy.with_suffix(".new")
    decoder = codecs.getincrementaldecoder(ENCODINGS[text.encoding])()
    is_utf_8 = text.encoding in {"utf-8", "utf-16"}
    with text.path.open("rb") as file, new.open("wb") as written:
        rest = b""
        while chunk := file.read(CHUNK):
            part = rest + (chunk if is_utf_8 else decoder.decode(chunk).encode("utf-8"))
            # a carriage return at the end may belong to a line feed that follows
            rest = part[-1:] if part.endswith(b"\r") else b""
            written.write(part[: len(part) - len(rest)].replace(b"\r\n", b"\n"))
        written.write(rest)
    new.replace(copy)
    return replace(text, path=copy, lf=text.lf + text.crlf, crlf=0)
