"""The pages hold together: links lead somewhere, no page is lost, and no mart goes unmentioned."""

import re
from pathlib import Path

import pytest

import warehouse

PROJECT = Path(__file__).resolve().parents[2]
INDEX = PROJECT / "docs" / "index.md"
DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
]
PROSE = [page for page in PAGES if page.name != "CHANGELOG.md"]  # a list, not prose
MARTS = sorted(path.stem for path in (PROJECT / "models" / "marts").glob("*.sql"))
PARTS = ["Context", "Decision", "Evidence", "Consequences", "Alternatives"]


def name_of(page: Path) -> str:
    """Path of a page within the project."""
    return str(page.relative_to(PROJECT))


def without_code(page: Path) -> str:
    """Text of a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", without_code(page), flags=re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def links(page: Path) -> list[tuple[Path, str]]:
    """File and anchor of each link of a page that stays within the project."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    split = [link.partition("#") for link in found if "://" not in link]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in split]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{name_of(page)} links {target}"
        assert not anchor or anchor in anchors(target), f"{name_of(page)} links #{anchor}"


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [INDEX]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for target, _ in links(page) if target.suffix == ".md"]
    pages = [page for page in PAGES if page.is_relative_to(INDEX.parent)]
    assert [name_of(page) for page in pages if page not in reached] == []


def test_names_of_pages_have_one_style() -> None:
    names = [page.stem for page in PAGES if page.parent == INDEX.parent]
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_is_in_the_readme_and_in_the_docs(mart: str) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    table = [line for line in readme.splitlines() if line.startswith("| `")]
    assert any(f"`{mart}`" in line.split("|")[1] for line in table)
    pages = [page for page in PAGES if page.is_relative_to(INDEX.parent)]
    assert any(re.search(rf"\b{mart}\b", page.read_text(encoding="utf-8")) for page in pages)


def test_every_mart_is_compared_between_builds() -> None:
    assert sorted(warehouse.MARTS) == MARTS


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_every_decision_has_its_five_parts_and_a_row_in_the_index(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(rf"^\*\*({'|'.join(PARTS)})\.\*\*", text, flags=re.M) == PARTS
    assert f"]({page.name})" in (page.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PROSE, ids=name_of)
def test_prose_is_as_narrow_as_the_editor_is_told(page: Path) -> None:
    config = (PROJECT / ".editorconfig").read_text(encoding="utf-8")
    found = re.search(r"max_line_length = (\d+)", config)
    assert found is not None
    prose = [line for line in without_code(page).splitlines() if not line.startswith(("|", "#"))]
    assert [line for line in prose if len(line) > int(found[1])] == []


def test_every_guarantee_names_a_test_that_exists() -> None:
    tests = PROJECT / "tests"
    rows = [
        line.split("|")[2]
        for line in (PROJECT / "docs" / "guarantees.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| promise ")
    ]
    assert len(rows) > 15
    for row in rows:
        names = re.findall(r"`([^`]+)`", row)
        assert names, row
        for name in names:
            file, _, function = name.partition("::")
            if function:
                text = (tests / "python" / file).read_text(encoding="utf-8")
                assert re.search(rf"^def {function}\(", text, flags=re.M), name
            else:
                assert (tests / "integrity" / f"{file}.sql").is_file(), name


def test_the_readme_is_a_front_door() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_pages_name_models_that_exist() -> None:
    models = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    made_here = {
        Path(path).stem
        for page in INDEX.parent.glob("*.md")
        for path in re.findall(r"^`([\w/]+\.sql)`:$", page.read_text(encoding="utf-8"), flags=re.M)
    }
    for page in PROSE:
        named = set(
            re.findall(r"\bint_[a-z0-9_]+[a-z0-9]\b(?!<)", page.read_text(encoding="utf-8"))
        )
        assert named <= models | made_here, name_of(page)
