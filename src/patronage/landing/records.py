"""From lines of text to records: a header, and records that may not be split as it says."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

from patronage.landing.files import CHUNK, Text
from patronage.landing.refusals import RefusalError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a pipe"}
MOST_LINES_OF_A_RECORD = 1000
"""With more line breaks than this, a quoted value is a quotation mark that nobody closed."""


Line = tuple[int, str, str | None]
"""The number of a line, the line without its end, and why it cannot be read, if so."""


class Record(NamedTuple):
    """One physical record: its values, or why it has none."""

    line: int
    values: Sequence[str | None]
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Header:
    """The header line of a file.

    Attributes
    ----------
    line
        Its number, from 1.
    delimiter
        What separates values.
    names
        The headers as the file has them.
    places
        For each column, the place of its header; None where an optional one is missing.
    """

    line: int
    delimiter: str
    names: tuple[str, ...]
    places: Mapping[str, int | None]


def plain(header: str) -> str:
    """Reduce a header to what spellings do not differ in: no case, spaces and signs."""
    return re.sub(r"[\W_]+", "", header).lower() or header.strip()


def match(
    names: Sequence[str], accepted: Mapping[str, Sequence[str]], optional: Sequence[str]
) -> dict[str, int | None]:
    """Find the place of each column among the headers.

    Parameters
    ----------
    names
        Headers as a file or relation has them.
    accepted
        By column, the headers that are accepted for it.
    optional
        Columns that may be missing.

    Returns
    -------
    The place of each column; None where an optional one is missing.

    Raises
    ------
    RefusalError
        If a column is missing, or two headers claim it. The sentence lacks where.
    """
    spelt = [plain(name) for name in names]
    places: dict[str, int | None] = {}
    for column, candidates in accepted.items():
        wanted = {plain(header) for header in candidates}
        found = [place for place, spelling in enumerate(spelt) if spelling in wanted]
        if not found and column not in optional:
            raise RefusalError(
                f"no column for {column}: found {', '.join(names)}; accepted:"
                f" {', '.join(candidates)}."
            )
        if len(found) > 1:
            twins = ", ".join(names[place] for place in found)
            raise RefusalError(f"two columns for {column}: found {twins}; accepted: one of them.")
        places[column] = found[0] if found else None
    return places


def find_header(
    path: str, head: Sequence[str], accepted: Mapping[str, Sequence[str]], optional: Sequence[str]
) -> Header:
    """Find the header line of a text and what separates its values.

    Parameters
    ----------
    path
        The file, for the sentence.
    head
        Its first lines.
    accepted, optional
        As in ``match``.

    Returns
    -------
    The header.

    Raises
    ------
    RefusalError
        If the first line that is not blank is no header of the columns.
    """
    number, line = next(
        ((number, line) for number, line in enumerate(head, 1) if _is_more_than_blank(line)),
        (0, ""),
    )
    if not number:
        raise RefusalError(f"{path} is empty; accepted: a header line and at least one row.")
    reasons = {}
    for delimiter in sorted(DELIMITERS, key=lambda sign: -line.count(sign)):
        split = split_line(line, delimiter, escape='"')
        names = (
            tuple(name or "" for name in split)
            if isinstance(split, list)
            else tuple(line.split(delimiter))
        )
        try:
            return Header(number, delimiter, names, match(names, accepted, optional))
        except RefusalError as error:
            reasons[delimiter] = str(error)
    raise RefusalError(f"{path}, line {number}: {next(iter(reasons.values()))}")


def _is_more_than_blank(line: str) -> bool:
    """Whether a line is neither blank nor a spreadsheet's note about its delimiter."""
    return bool(line.strip()) and re.fullmatch(r'"?sep=.["\s]*', line.strip("\ufeff")) is None


def split_line(line: str, delimiter: str, escape: str) -> list[str | None] | str | None:
    """Split a record into its values.

    Parameters
    ----------
    line
        The record without its line end; it may hold line breaks within quotation marks.
    delimiter
        What separates values.
    escape
        What makes a quotation mark within a quoted value an ordinary sign: another one, or a
        backslash.

    Returns
    -------
    The values, or why it has none, or None if a quotation mark is still open at the end.
    """
    if '"' not in line:
        return [value or None for value in line.split(delimiter)]
    values: list[str | None] = []
    place, end = 0, len(line)
    while True:
        if line.startswith('"', place):
            value, place = _read_quoted(line, place + 1, escape)
            if place < 0:
                return None
            if place < end and line[place] != delimiter:
                return "text behind a closing quotation mark"
        else:
            next_place = line.find(delimiter, place)
            next_place = end if next_place < 0 else next_place
            value, place = line[place:next_place], next_place
        values.append(value or None)
        if place >= end:
            return values
        place += 1


def _read_quoted(line: str, place: int, escape: str) -> tuple[str, int]:
    """Read a quoted value; return it and the place behind its closing mark, or -1."""
    value = []
    while True:
        closing = line.find('"', place)
        if escape == "\\":
            slash = line.find("\\", place, closing if closing >= 0 else len(line))
            if slash >= 0 and line[slash + 1 : slash + 2] in {'"', "\\"}:
                value.append(line[place:slash] + line[slash + 1])
                place = slash + 2
                continue
            if slash >= 0:
                value.append(line[place : slash + 1])
                place = slash + 1
                continue
        if closing < 0:
            return "", -1
        value.append(line[place:closing])
        if escape == '"' and line.startswith('"', closing + 1):
            value.append('"')
            place = closing + 2
            continue
        return "".join(value), closing + 1


def read_lines(text: Text) -> Iterator[Line]:
    """Read a text line by line.

    Parameters
    ----------
    text
        The text, as UTF-8.

    Yields
    ------
    The number of the line, the line without its end, and why it cannot be read, if so. A carriage
    return within a line stays, unless no line ends otherwise.
    """
    with text.path.open("rb") as file:
        lines: Iterable[bytes] = file
        if text.cr and not text.lf and not text.crlf:
            lines = (line for part in _parts(file) for line in part.split(b"\r"))
        for number, raw in enumerate(lines, 1):
            line = raw.removesuffix(b"\n").removesuffix(b"\r")
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                decoded, reason = line.decode("utf-8"), None
            except UnicodeDecodeError:
                decoded = line.decode("utf-8", errors="backslashreplace")
                reason = "not in the file's encoding"
            if "\0" in decoded:
                decoded, reason = decoded.replace("\0", "\\0"), "a NUL among its characters"
            yield number, decoded, reason


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in parts that end with lines that end by a carriage return."""
    rest = b""
    while chunk := file.read(CHUNK):
        whole, is_ended, last = (rest + chunk).rpartition(b"\r")
        rest = last
        if is_ended:
            yield whole
    if rest:
        yield rest


def read_records(lines: Iterator[Line], header: Header, escape: str, path: str) -> Iterator[Record]:
    """Read the records behind a header, each exactly once.

    A quotation mark that nobody closes costs the line that it stands in and no other: the lines
    behind it are read on their own.

    Parameters
    ----------
    lines
        The lines of the text, header included.
    header
        The header.
    escape
        As in ``split_line``.
    path
        The file, for the sentence.

    Yields
    ------
    Records, in the order of their lines. Blank lines are none.

    Raises
    ------
    RefusalError
        If the header comes again with its columns in another order.
    """
    width = len(header.names)
    waiting: list[Line] = []
    while True:
        number, line, reason = waiting.pop() if waiting else next(lines, (0, "", None))
        if not number:
            return
        if number <= header.line or not line.strip(" "):
            continue
        values = reason or split_line(line, header.delimiter, escape)
        if values is None:
            values, ahead = _look_ahead(line, lines, waiting, header, escape)
            if isinstance(values, str):
                waiting.extend(reversed(ahead))
        if not isinstance(values, str):
            values = _check_values(values, width) or _check_header(values, header, path, number)
        if isinstance(values, str):
            yield Record(number, (), values, line)
        else:
            yield Record(number, values)


def _check_values(values: list[str | None], width: int) -> str | None:
    """Say what is wrong with the number of values; a delimiter at the end of a line is nothing."""
    while len(values) > width and values[-1] is None:
        values.pop()
    if len(values) != width:
        return f"{len(values)} values where the header has {width}"
    return None


def _check_header(
    values: list[str | None], header: Header, path: str, number: int
) -> list[str | None] | str:
    """Tell the header that comes again from values."""
    spelt = [plain(name) for name in header.names]
    if plain(values[0] or "") not in spelt:
        return values
    again = [plain(value or "") for value in values]
    if again == spelt:
        return "the header once more"
    if sorted(again) == sorted(spelt):
        raise RefusalError(
            f"{path}, line {number}: the header comes again with its columns in another order;"
            " accepted: one order per file."
        )
    return values


def _look_ahead(
    line: str, lines: Iterator[Line], waiting: list[Line], header: Header, escape: str
) -> tuple[list[str | None] | str, list[Line]]:
    """Read on where a quotation mark is open at the end of a line.

    Returns
    -------
    The values of the whole record, or why there are none, and the lines that were read ahead. A
    record that swallows a line which is a whole record by itself is none: two stray quotation
    marks, lines apart, look like that.
    """
    width = len(header.names)
    unclosed = "a quotation mark that opens a value and is not closed"
    is_first_whole = line.count(header.delimiter) >= width - 1
    ahead: list[Line] = []
    whole = line
    while len(ahead) < MOST_LINES_OF_A_RECORD:
        following = waiting.pop() if waiting else next(lines, None)
        if following is None:
            break
        ahead.append(following)
        _, text, reason = following
        is_whole = text.count(header.delimiter) >= width - 1
        if reason or (is_whole and ('"' not in text or is_first_whole)):
            break
        whole += "\n" + text
        values = split_line(whole, header.delimiter, escape) if '"' in text else None
        if isinstance(values, str):
            return values, ahead
        if values is not None:
            return (values if len(values) == width else unclosed), ahead
    return unclosed, ahead
