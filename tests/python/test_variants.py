"""Each broken, unusual or fine variant of a small extract is read to the line, or stopped by one sentence.

Built: every physical record is a row with the values that it meant, or counted as unreadable, and the
money is right to the penny. Stopped: before any model runs, with a sentence that names the file.
"""

import gc
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from variants import FILES, TEXT, VALUES, VARIANTS
from variants.base import BASE, BROKEN, EXTRA, Line, Record, Variant, must
from variants.compressed import compressed
from variants.judge import Key, Text, compare_lines, key_of, text_of
from variants.trial import make_template, try_variant


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = make_template(tmp_path_factory.mktemp("template"))
    gc.collect()
    gc.freeze()  # each run of dbt collects garbage: not over what was there before
    yield made
    gc.unfreeze()


def _named(variants: Iterable[Variant]) -> list[object]:
    """Name the variants; three of four are for ``make test-all``, because each is a build."""
    return [
        pytest.param(variant, id=variant.name, marks=[pytest.mark.exhaustive] if number % 4 else [])
        for number, variant in enumerate(variants)
    ]


def _is_right(variant: Variant, template: Path, folder: Path) -> None:
    complaints = try_variant(variant, folder, template)
    assert not complaints, "\n".join(complaints[:12])


@pytest.mark.dbt
@pytest.mark.parametrize("variant", _named(TEXT))
def test_text(variant: Variant, template: Path, tmp_path: Path) -> None:
    _is_right(variant, template, tmp_path)


@pytest.mark.dbt
@pytest.mark.parametrize("variant", _named(VALUES))
def test_values(variant: Variant, template: Path, tmp_path: Path) -> None:
    _is_right(variant, template, tmp_path)


@pytest.mark.dbt
@pytest.mark.parametrize("variant", _named(FILES))
def test_files(variant: Variant, template: Path, tmp_path: Path) -> None:
    _is_right(variant, template, tmp_path)


def test_the_variants_are_many_and_always_the_same() -> None:
    assert len(VARIANTS) == len(TEXT) + len(VALUES) + len(FILES) >= 150
    drawn = hashlib.sha256(repr(BASE).encode()).hexdigest()[:12]
    assert (len(BASE), drawn) == (238, "9f76ba73ebb3")
    again = {variant.name: variant.files for variant in compressed()}
    assert again == {name: VARIANTS[name].files for name in again}


def _as_read(lines: Iterable[Line]) -> Counter[tuple[Key, Text]]:
    return Counter((key_of(line), text_of(line)) for line in lines)


@pytest.mark.parametrize(
    ("read", "unreadable", "complaint"),
    [
        (BASE, 0, None),
        (BASE[1:], 0, "not read"),
        (BASE[1:], 1, "not read"),
        ((*BASE, BASE[0]), 0, "wrong value"),
        ((replace(BASE[0], unit_price=Decimal("255")), *BASE[1:]), 0, "wrong value"),
        ((replace(BASE[0], product_name="CAFÃ‰"), *BASE[1:]), 0, "wrong value"),
        ((replace(BASE[0], customer_id="nan"), *BASE[1:]), 0, "wrong value"),
        (BASE, 1, "1 unreadable lines; 0 to 0 records were not read"),
    ],
)
def test_the_judge_sees_what_is_wrong(read: tuple[Line, ...], unreadable: int, complaint: str | None) -> None:  # fmt: skip
    complaints = compare_lines(must(BASE), _as_read(read), unreadable)
    assert complaints == [] if complaint is None else complaints[0].startswith(complaint)


def test_the_judge_counts_unreadable_records() -> None:
    records = (*must(BASE[:5]), Record((BASE[5],), True), BROKEN, EXTRA)
    for lines, unreadable, is_right in (
        (BASE[:6], 1, True), (BASE[:6], 2, True), (BASE[:5], 2, True), (BASE[:5], 3, True), (BASE[:6], 0, False), (BASE[:5], 1, False), (BASE[:5], 4, False),
    ):  # fmt: skip
        assert (compare_lines(records, _as_read(lines), unreadable) == []) == is_right
