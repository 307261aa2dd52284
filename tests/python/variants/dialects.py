"""Variants of how records and values are told apart: delimiters, quotes, line ends, odd lines."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from variants.base import (
    BASE,
    BROKEN,
    EXTRA,
    HEADER,
    NAME,
    PLAIN,
    Line,
    Record,
    Variant,
    cells,
    changed,
    csv_of,
    doubtful,
    either,
    may,
    must,
    stops,
    table,
    text,
    variant,
)  # fmt: skip


def _lines(extract: Sequence[Line] = PLAIN) -> list[str]:
    """The physical lines of an extract, the header first; line n + 1 is record n."""
    return csv_of(extract).splitlines()


def _file(lines: Sequence[str], end: str = "\n") -> str:
    return end.join(lines) + end


def _with_names(names: dict[int, str], extract: Sequence[Line] = PLAIN) -> list[str]:
    """Physical lines in which some names are replaced as they stand, quotes and all."""
    rows = table(extract)
    lines = []
    for number, row in enumerate(rows):
        line = text([row], end="")
        if number - 1 in names:
            line = ",".join([*row[:NAME], names[number - 1], *row[NAME + 1 :]])
        lines.append(line)
    return lines


def _inserted(at: int, line: str, extract: Sequence[Line] = PLAIN) -> str:
    lines = _lines(extract)
    return _file([*lines[:at], line, *lines[at:]])


def _with_record(at: int, record: Record, extract: Sequence[Line] = PLAIN) -> tuple[Record, ...]:
    records = must(extract)
    return (*records[: at - 1], record, *records[at - 1 :])


def delimiters() -> Iterator[Variant]:
    """Other delimiters, and quotes where none are needed."""
    for name, delimiter in {"semicolons": ";", "tabs": "\t", "pipes": "|"}.items():
        yield variant(f"delimiter_{name}", text(table(), delimiter))
    yield variant("tabs_in_a_tsv", text(table(), "\t"), file="extract.tsv")
    for name, delimiter in {"carets": "^"}.items():
        yield either(f"delimiter_{name}", text(table(PLAIN, date=lambda at: f"{at.month}/{at.day}/{at.year}"), delimiter), must([replace(line, ordered_at=line.ordered_at.replace(hour=0, minute=0)) for line in PLAIN]))  # fmt: skip
    two_signs = "\n".join("||".join(row) for row in table(PLAIN))
    yield either("delimiter_of_two_signs", two_signs, must(PLAIN), may_stop_late=True)
    yield either("delimiter_of_spaces", "\n".join("   ".join(row) for row in table(PLAIN)), may(PLAIN), may_stop_late=True)  # fmt: skip
    semicolons_in_names = [replace(line, product_name="A; B; C; D; E; F; G; H; I; J") for line in PLAIN]  # fmt: skip
    yield variant("another_delimiter_in_every_name", csv_of(semicolons_in_names), must(semicolons_in_names))  # fmt: skip
    yield either("header_in_another_delimiter", ";".join(HEADER) + "\n" + csv_of().split("\n", 1)[1], may(BASE), may_stop_late=True)  # fmt: skip
    other = [line.replace(",", ";") if number >= 150 else line for number, line in enumerate(_lines())]  # fmt: skip
    yield either("another_delimiter_from_a_line_on", _file(other), doubtful(PLAIN, range(149, len(PLAIN))), may_stop_late=True)  # fmt: skip
    yield variant("everything_quoted", text(table(), quoting=csv.QUOTE_ALL))
    yield variant("header_quoted", text([HEADER], quoting=csv.QUOTE_ALL) + csv_of().split("\n", 1)[1])  # fmt: skip
    yield either("single_quotes_around_everything", text(table(PLAIN), quotechar="'", quoting=csv.QUOTE_ALL), may(PLAIN), may_stop_late=True)  # fmt: skip
    yield variant("spaces_around_values", "\n".join(" , ".join(row) for row in table(PLAIN)) + "\n", must(PLAIN))  # fmt: skip
    quoted = text(table(), quoting=csv.QUOTE_ALL).replace('","', '" , "')
    yield either("spaces_around_quoted_values", quoted, may(BASE), may_stop_late=True)
    yield variant("tabs_around_values", "\n".join("\t,".join(row) for row in table(PLAIN)) + "\n", must(PLAIN))  # fmt: skip
    yield either("whole_lines_quoted", "\n".join(f'"{line}"' for line in _lines()), may(PLAIN), may_stop_late=True)  # fmt: skip


def quotes() -> Iterator[Variant]:
    """Quotes that open, close or escape in ways that no rule foresees."""
    last = len(PLAIN) - 1
    for name, number, damaged in (
        ("opens", 120, '"PLATE 12'),
        ("opens_in_the_first_line", 0, '"PLATE 12'), ("opens_in_the_last_line", last, '"PLATE 12'), ("closes_in_a_line", 121, 'PLATE 12"'),
        ("follows_a_quoted_value", 120, '"PLATE" 12'), ("is_all_there_is", 120, '"'), ("stands_three_times", 120, '"""'),

    ):  # fmt: skip
        yield variant(f"one_quote_{name}", _file(_with_names({number: damaged})), doubtful(PLAIN, [number]))  # fmt: skip
    inside = {
        20: 'PLATE 12"',
        60: 'PLATE 12" BLUE',
        100: "''PLATE\"",
        140: '12 "PLATES"',
        180: '""""',
    }
    yield variant("quotes_inside_names", _file(_with_names(inside)), doubtful(PLAIN, inside))
    yield variant("one_quote_opens_in_a_crlf_file", _file(_with_names({60: '"PLATE 12'}), "\r\n"), doubtful(PLAIN, [60]))  # fmt: skip
    yield variant("one_quote_opens_the_last_column", _file([*_lines()[:70], _lines()[70].rsplit(",", 1)[0] + ',"France', *_lines()[71:]]), doubtful(PLAIN, [69]))  # fmt: skip
    yield variant("one_quote_opens_a_line", _file([*_lines()[:70], '"' + _lines()[70], *_lines()[71:]]), doubtful(PLAIN, [69]))  # fmt: skip
    yield variant("one_quote_opens_the_header", '"' + csv_of(PLAIN), must(PLAIN), may_stop=True)
    for apart in (1, 40):
        opened = _file(_with_names({100: '"PLATE 12', 100 + apart: '"PLATE 13'}))
        yield variant(f"two_quotes_open_{apart}_lines_apart", opened, doubtful(PLAIN, range(100, 101 + apart)))  # fmt: skip
        # well-formed by the rule: the lines between are the inside of one quoted value
        closed = _file(_with_names({100: '"PLATE 12', 100 + apart: 'PLATE 13"'}))
        yield either(f"two_quotes_swallow_{apart}_lines", closed, doubtful(PLAIN, range(100, 101 + apart)))  # fmt: skip
        inside = _file(_with_names({100: 'PLATE 12"', 100 + apart: 'PLATE 13"'}))
        yield variant(f"two_quotes_inside_{apart}_lines_apart", inside, doubtful(PLAIN, range(100, 101 + apart)))  # fmt: skip
    every = {n: f'"PLATE {n}' for n in range(0, len(PLAIN), 3)}
    yield either("a_quote_opens_every_third_line", _file(_with_names(every)), doubtful(PLAIN, range(len(PLAIN))), may_stop_late=True)  # fmt: skip
    escaped = dict.fromkeys((10, 11, 50, 130), r'"SIGN \"HOME\" SWEET"') | {12: r'"SIGN \"A, B\""', 131: r'"ENDS \\"'}  # fmt: skip
    yield variant("quotes_escaped_by_backslashes", _file(_with_names(escaped)), doubtful(PLAIN, escaped))  # fmt: skip
    every_escaped = _file([line.replace('""', r"\"") for line in csv_of(BASE).splitlines()])
    yield variant("all_quotes_escaped_by_backslashes", every_escaped, doubtful(BASE, [n for n, line in enumerate(BASE) if '"' in line.product_name]))  # fmt: skip
    backslashes = [replace(line, product_name="C:\\CUP\\") if n % 9 == 0 else line for n, line in enumerate(PLAIN)]  # fmt: skip
    yield variant("backslashes_that_escape_nothing", csv_of(backslashes), must(backslashes))
    yield variant("backslashes_before_closing_quotes", text(table(backslashes), quoting=csv.QUOTE_ALL), must(backslashes))  # fmt: skip


def line_ends() -> Iterator[Variant]:
    """Line ends of every kind, also inside values."""
    yield variant("crlf", text(table(), end="\r\n"))
    yield variant("cr_only", text(table(PLAIN), end="\r"), must(PLAIN))
    mixed = "".join(line + ("\r\n" if number % 3 else "\n") for number, line in enumerate(_lines(BASE)))  # fmt: skip
    yield variant("lf_and_crlf", mixed)
    yield variant("lf_and_a_last_line_with_crlf", csv_of()[:-1] + "\r\n")
    yield variant("crcrlf", text(table(PLAIN), end="\r\r\n"), must(PLAIN), may_stop=True)
    yield variant("no_final_line_end", csv_of()[:-1])
    yield variant("a_lone_cr_at_the_end", csv_of() + "\r", (*must(BASE), EXTRA))
    for end_name, end in {"lf": "\n", "crlf": "\r\n"}.items():
        for inner_name, inner in {"lf": "\n", "crlf": "\r\n"}.items():
            broken = [replace(line, product_name=f"RED{inner}CUP, LARGE") if n % 40 == 9 else line for n, line in enumerate(BASE)]  # fmt: skip
            yield variant(f"{inner_name}_in_quotes_in_{end_name}", text(table(broken), end=end), [Record((line,), any_text="RED" in line.product_name) for line in broken])  # fmt: skip
    last_column = [replace(line, country="United\nKingdom") if n % 40 == 9 else line for n, line in enumerate(BASE)]  # fmt: skip
    yield variant("lf_in_quotes_in_the_last_column", csv_of(last_column), [Record((line,), any_text="\n" in line.country) for line in last_column])  # fmt: skip
    first_column = text([[f"\n{row[0]}" if n == 90 else row[0], *row[1:]] for n, row in enumerate(table())])  # fmt: skip
    yield variant("lf_in_quotes_in_the_order_id", first_column, changed(must(BASE), {89: Record((BASE[89],), True)}))  # fmt: skip
    lone = _with_names({120: "RED\rCUP"})
    yield either("a_lone_cr_in_a_name", _file(lone), (*doubtful(PLAIN, [120]), EXTRA))
    yield either("a_lone_lf_in_a_name", _file(_with_names({120: "RED\nCUP"})), (*doubtful(PLAIN, [120]), EXTRA))  # fmt: skip
    odd = {20: "A\x0bB", 21: "A\x0cB", 22: "A\x1cB", 23: "A\u2028B", 24: "A\x85B", 25: "A\x1eB", 26: "A\u2029B"}  # fmt: skip
    odd_lines = [replace(line, product_name=odd.get(n, line.product_name)) for n, line in enumerate(PLAIN)]  # fmt: skip
    yield variant("signs_that_some_take_for_line_ends", csv_of(odd_lines), [Record((line,), any_text=n in odd) for n, line in enumerate(odd_lines)])  # fmt: skip
    yield variant("control_z_at_the_end", csv_of() + "\x1a", (*must(BASE), EXTRA))
    yield either("nuls_at_the_end", csv_of() + "\0" * 3000, (*must(BASE), EXTRA))
    yield either("nuls_in_the_middle", _inserted(100, "\0" * 500), _with_record(100, EXTRA))
    blank = _lines(BASE)
    yield variant("blank_lines_everywhere", "\n" + _file([*blank[:80], "", "", *blank[80:150], "", *blank[150:], "", ""]))  # fmt: skip
    yield variant("a_blank_line_after_each", csv_of().replace("\n", "\n\n"))
    yield variant("lines_of_spaces", _file([*blank[:80], "   ", *blank[80:], "\t"]), (*must(BASE), EXTRA, EXTRA))  # fmt: skip


def odd_lines() -> Iterator[Variant]:
    """Lines that are no records, records with too few or too many values, very long ones."""
    lines = _lines()
    yield variant("delimiters_only_in_a_line", _inserted(100, ",,,,,,,"), _with_record(100, BROKEN))
    yield variant("a_header_again_every_50_lines", "".join((lines[0] + "\n" if n % 50 == 0 else "") + line + "\n" for n, line in enumerate(lines[1:])), [record for n, record in enumerate(must(PLAIN)) for record in ((BROKEN, record) if n % 50 == 0 and n else (record,))])  # fmt: skip
    swapped = table(PLAIN)
    for row in swapped[100:]:
        row[3], row[5] = row[5], row[3]
    swapped.insert(100, [*HEADER[:3], "UnitPrice", "InvoiceDate", "Quantity", *HEADER[6:]])
    yield either("a_header_again_in_another_order", text(swapped), (*doubtful(PLAIN, range(99, len(PLAIN))), EXTRA), may_stop_late=True)  # fmt: skip
    moved = table(PLAIN)
    moved[150:] = [[*row[:4], row[5], row[4], *row[6:]] for row in moved[150:]]
    yield either("dates_and_prices_swapped_from_a_line_on", text(moved), doubtful(PLAIN, range(149, len(PLAIN))), may_stop_late=True)  # fmt: skip
    signs = ("#", "--", "//", ";", "%", "REM")
    commented = [line for n, line in enumerate(lines) for line in ([f"{signs[n // 30 - 1]} exported by the till", line] if n % 30 == 0 and 0 < n <= 180 else [line])]  # fmt: skip
    meant = [record for n, record in enumerate(must(PLAIN), 1) for record in ([BROKEN, record] if n % 30 == 0 and n <= 180 else [record])]  # fmt: skip
    yield variant("comments_between_the_lines", _file(commented), meant)
    yield variant("a_comment_at_the_end", csv_of(PLAIN) + "# end of file\n", (*must(PLAIN), BROKEN))
    yield either(
        "a_comment_first", "# exported by the till\n" + csv_of(PLAIN), (*must(PLAIN), EXTRA)
    )
    commented = [line if n % 30 else f"#{line}" for n, line in enumerate(lines)]
    commented[0] = lines[0]
    marked = [Record((replace(line, order_id=f"#{line.order_id}"), line), True) if (n + 1) % 30 == 0 else Record((line,)) for n, line in enumerate(PLAIN)]  # fmt: skip
    yield variant("lines_that_are_commented_out", _file(commented), marked)
    for name, title in {"a_title": "Sales of 2023", "a_title_and_a_blank_line": "Sales of 2023\n", "sep": "sep=,"}.items():  # fmt: skip
        yield either(f"{name}_above_the_header", f"{title}\n" + csv_of(PLAIN), (*must(PLAIN), EXTRA))  # fmt: skip
    yield either("sep_semicolon_above_the_header", "sep=;\r\n" + text(table(), ";", "\r\n"), (*must(BASE), EXTRA))  # fmt: skip
    total = sum(line.quantity * line.unit_price for line in PLAIN)
    for name, footer in {
        "total": f"Total,,,{sum(line.quantity for line in PLAIN)},,{total},,", "count": f"({len(PLAIN)} rows affected)",
        "total_in_the_second_column": f",,Total,1,,{total},,",
    }.items():  # fmt: skip
        yield variant(f"a_footer_{name}", csv_of(PLAIN) + footer + "\n", (*must(PLAIN), BROKEN))
    yield variant(
        "a_delimiter_ends_every_line", "".join(f"{line},\n" for line in lines), must(PLAIN)
    )
    yield either("a_delimiter_ends_every_line_but_the_header", lines[0] + "\n" + "".join(f"{line},\n" for line in lines[1:]), may(PLAIN), may_stop_late=True)  # fmt: skip
    yield either("a_delimiter_ends_the_header_only", lines[0] + ",\n" + _file(lines[1:]), may(PLAIN), may_stop_late=True)  # fmt: skip
    ragged = _with_names({60: "WARMER, UNION JACK", 70: "A, B, C"})
    ragged[41] = ragged[41].rsplit(",", 1)[0]
    ragged[51] = ",".join(ragged[51].split(",")[:4])
    ragged[81] += ",surplus,7"
    ragged[91] = ragged[91].replace(",", "")
    meant = dict(enumerate(doubtful(PLAIN, [40, 60, 70, 80]))) | {50: BROKEN, 90: BROKEN}
    yield variant("ragged_lines", _file(ragged), tuple(meant.values()))
    shifted = _with_names({40: "6,5"})
    yield variant("an_unquoted_decimal_comma_in_a_name", _file(shifted), doubtful(PLAIN, [40]))
    yield variant("the_last_line_is_cut", csv_of(PLAIN).rstrip()[:-25], changed(must(PLAIN), {len(PLAIN) - 1: BROKEN}), may_stop=True)  # fmt: skip
    cut_id = (
        csv_of(PLAIN[:100])
        + ",".join(cells(PLAIN[100])[:6])
        + ","
        + (PLAIN[100].customer_id or "")[:2]
    )
    yield variant("the_last_line_is_cut_in_the_customer", cut_id, (*must(PLAIN[:100]), BROKEN), may_stop=True)  # fmt: skip
    joined = [*lines[:40], lines[40] + lines[41], *lines[42:]]
    yield variant("two_lines_joined", _file(joined), (*must(PLAIN[:39]), BROKEN, EXTRA, *must(PLAIN[41:])))  # fmt: skip
    for name, size in {"20_thousand": 20_000, "3_million": 3_000_000}.items():
        long = {100: "X" * size, 200: '"' + "Y, " * (size // 3) + '"'}
        yield variant(f"names_of_{name}_signs", _file(_with_names(long)), doubtful(PLAIN, long))
    yield variant(
        "a_line_of_noise", _inserted(100, "�‰þ\x01\x02,\x7f;;\t|"), _with_record(100, BROKEN)
    )
    many = _inserted(100, "," * 5000)
    yield variant("a_line_of_5000_delimiters", many, _with_record(100, BROKEN))


def no_tables() -> Iterator[Variant]:
    """Files in which there is no table, or no row."""
    header = ",".join(HEADER)
    for name, content in {
        "nothing": b"", "a_line_end": b"\n", "a_mark": b"\xef\xbb\xbf", "nuls": bytes(500),
        "header_and_line_end": f"{header}\r\n".encode(), "header_and_blank_lines": f"{header}\n\n\n".encode(),
        "noise": bytes(range(256)) * 20, "a_word": b"forbidden", "no_header": "\n".join(_lines()[1:]).encode(),
        "a_page": b"<!DOCTYPE html>\n<html><body>Please log in, or register</body></html>\n",
        "json": json.dumps([dict(zip(HEADER, cells(line), strict=True)) for line in BASE[:20]], indent=1).encode(),

    }.items():  # fmt: skip
        yield stops(f"a_file_of_{name}", content, names="extract.csv")


def dialects() -> Iterator[Variant]:
    """Everything about how records and values are told apart."""
    yield from delimiters()
    yield from quotes()
    yield from line_ends()
    yield from odd_lines()
    yield from no_tables()
