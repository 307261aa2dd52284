"""The boards in charts/: what they read, their colours, and the site that is drawn from them."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jinja2 import Environment
from servers import free_port

from patronage import dashboard
from patronage.cli import main
from patronage.dashboard import BOARDS, DashboardError, board_defaults, read_yaml, write_project
from patronage.published import connect_published
from patronage.publishing.files import publish
from warehouse import MARTS, PROJECT

CHARTS = PROJECT / "charts"
NAMES = sorted(board.stem for board in CHARTS.glob("*.yml") if board.name != "meta.yml")
MOST_LINES = 150


@pytest.fixture(scope="module")
def published_demo(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    published = tmp_path_factory.mktemp("charts") / "published.duckdb"
    publish(demo_warehouse, published)
    return published


@pytest.fixture(scope="module")
def command() -> str:
    try:
        return dashboard.dct()
    except DashboardError:
        pytest.skip("dbt-charts is not installed: it is in the extra dashboard.")


@pytest.fixture(scope="module")
def site(command: str, demo_warehouse: Path, published_demo: Path) -> Path:
    """The site as make dashboard draws it, with what dbt writes of the models."""
    assert command
    folder, target = published_demo.with_name("site"), published_demo.with_name("target")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATRONAGE_DUCKDB_PATH", str(demo_warehouse))
        patch.setenv("DBT_TARGET_PATH", str(target))
        where = ["--project-dir", PROJECT, "--profiles-dir", PROJECT / "profiles"]
        docs = [sys.executable, "-m", "dbt.cli.main", "--quiet", "docs", "generate", "--static"]
        subprocess.run([*docs, *where, "--log-path", target], check=True)
        dashboard.render_site(published_demo, folder, CHARTS)
    return folder


def queries_of(name: str) -> dict[str, str]:
    """A board's queries with its defaults as literals, each without the others' names."""
    board, meta = read_yaml(CHARTS / f"{name}.yml"), read_yaml(CHARTS / "meta.yml")
    written = {**meta["queries"], **board.get("queries", {})}
    if "extends" in board:
        written = queries_of(Path(board["extends"]).stem) | written
    variables = {**board.get("variables", {}), **meta["variables"]}
    values = {variable: repr(settings["default"]) for variable, settings in variables.items()}
    made: dict[str, str] = {}
    for query, sql in written.items():
        subqueries = {other: f"({text}) as {other}" for other, text in made.items()}
        template = Environment(autoescape=True).from_string(sql)
        made[query] = unescape(template.render(**values, queries=subqueries))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_board_is_short(name: str) -> None:
    assert len((CHARTS / f"{name}.yml").read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_menu_names_every_board() -> None:
    wide = [name for name in NAMES if not name.endswith(dashboard.PHONE)]
    assert sorted(BOARDS) == wide
    assert {"overview_phone", "whom_to_contact_phone"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.dbt
def test_a_board_reads_marts_and_orders_what_it_reads(name: str, published_demo: Path) -> None:
    with closing(connect_published(published_demo)) as connection:
        connection.execute("use published.marts")
        marts = {table for (table,) in connection.execute("show tables").fetchall()}
        for query, sql in queries_of(name).items():
            assert connection.get_table_names(sql) <= marts, query
            connection.execute(sql)
            (tree,) = connection.execute("select json_serialize_sql(?)", [sql]).fetchone() or ("",)
            modifiers = json.loads(tree)["statements"][0]["node"]["modifiers"]
            assert any(modifier["type"] == "ORDER_MODIFIER" for modifier in modifiers), query


def test_dbt_knows_what_the_boards_read(published_demo: Path) -> None:
    exposures = {
        exposure["name"]: {ref.split("'")[1] for ref in exposure["depends_on"]}
        for exposure in read_yaml(PROJECT / "models" / "exposures.yml")["exposures"]
    }
    with closing(connect_published(published_demo)) as connection:
        connection.execute("use published.marts")
        for board in BOARDS:
            sqls = [
                sql
                for name in NAMES
                if name.removesuffix(dashboard.PHONE) == board
                for sql in queries_of(name).values()
            ]
            read = set().union(*(connection.get_table_names(sql) for sql in sqls))
            assert exposures[f"board_{board}"] == read & set(MARTS), board


@pytest.mark.dbt
def test_colours_are_those_of_the_marts(published_demo: Path) -> None:
    with duckdb.connect(str(published_demo), read_only=True) as connection:
        expected = dict(
            connection.execute(
                "select segment, segment_colour from marts.segments where is_primary"
            ).fetchall()
        )
    (shop,) = dashboard.read_shops(published_demo)
    made = board_defaults(
        read_yaml(CHARTS / "meta.yml"), shop, dashboard.read_colours(published_demo), is_static=True
    )
    pins = made["style"]["charts"]["category_colors"]["segment"]["values"]
    assert expected
    assert expected.items() <= pins.items()
    assert made["regional"] == {"currency": "GBP"}
    assert made["variables"]["segmentation"]["default"] == "rfm_r"


def test_a_shop_without_a_known_currency_shows_plain_numbers() -> None:
    for currency in (None, "XAU"):
        shop = dashboard.Shop("shop", "Shop", currency, None)
        made = board_defaults(read_yaml(CHARTS / "meta.yml"), shop, {}, is_static=True)
        assert "regional" not in made
        assert made["style"]["formats"]["money"] == ",.0f"


@pytest.mark.dbt
@pytest.mark.server
def test_every_board_is_valid_in_the_warehouse(
    command: str, published_demo: Path, tmp_path: Path
) -> None:
    assert command
    (shop,) = dashboard.read_shops(published_demo)
    defaults = board_defaults(
        read_yaml(CHARTS / "meta.yml"),
        shop,
        dashboard.read_colours(published_demo),
        is_static=False,
    )
    boards = write_project(CHARTS, tmp_path, published_demo, defaults, is_static=False)
    validate = ["validate", "--warehouse", "--project-dir", str(tmp_path)]
    dashboard.run_dct([*validate, *map(str, boards)])
    spoilt = tmp_path / "charts" / "retention.yml"
    text = spoilt.read_text(encoding="utf-8")
    spoilt.unlink()
    spoilt.write_text(text.replace("y: retention_pct", "y: retention"), encoding="utf-8")
    with pytest.raises(DashboardError, match="retention"):
        dashboard.run_dct([*validate, str(spoilt)])


def texts(page: str) -> list[str]:
    """What a page says, text by text."""
    return [
        unescape(re.sub(r"<[^>]+>", "", text)).strip()
        for text in re.findall(r"<text\b[^>]*>(.*?)</text>", page, flags=re.DOTALL)
    ]


@pytest.mark.dbt
@pytest.mark.server
def test_the_site_says_what_the_marts_say(site: Path, published_demo: Path) -> None:
    with duckdb.connect(str(published_demo), read_only=True) as connection:
        tiles = connection.execute(
            "select revenue, orders, customers, average_order_value from marts.shop_months"
            " where is_over order by month desc limit 1"
        ).fetchone()
        colours = connection.execute(
            "select segment_colour from marts.segments where is_primary"
        ).fetchall()
        (as_of,) = connection.execute(
            "select strftime(as_of_date, '%-d %B %Y') from marts.shops"
        ).fetchone() or ("",)
    assert tiles is not None
    for page in ("overview", "overview_phone"):
        drawn = (site / "online_retail" / f"{page}.html").read_text(encoding="utf-8")
        said = " ".join(texts(drawn)).replace("£", "").replace(" ", "")
        for tile, written in zip(tiles, (",.0f", ",", ",", ",.2f"), strict=True):
            assert format(tile, written) in said
        for (colour,) in colours:
            assert colour.lower() in drawn.lower()
    for name in NAMES:
        drawn = (site / "online_retail" / f"{name}.html").read_text(encoding="utf-8")
        assert as_of.replace(" ", "") in " ".join(texts(drawn)).replace(" ", ""), name


def links(site: Path) -> Iterator[tuple[Path, str]]:
    for page in (site / "index.html", *site.glob("*/*.html")):
        for link in re.findall(r'(?:href|src)="([^"]*)"', page.read_text(encoding="utf-8")):
            yield page, link


@pytest.mark.dbt
@pytest.mark.server
def test_the_site_needs_no_other_host_and_all_links_lead_somewhere(site: Path) -> None:
    followed = 0
    for page, link in links(site):
        if not link.startswith(("#", "data:")):
            assert "//" not in link, (page, link)
            assert (page.parent / link).is_file(), (page, link)
            followed += 1
    assert followed > len(NAMES) ** 2
    for style in site.glob("*.css"):
        assert not re.search(r"url\(['\"]?(?!['\"]?data:)", style.read_text(encoding="utf-8"))
    assert 'url=online_retail/overview.html"' in (site / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed.")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("Chromium and its driver are not installed: Debian's chromium-driver.")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        "allow-file-access-from-files",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as started:
        yield started


FAULTS = """
const board = document.querySelector('.dbt-charts-svg-container > svg').getBoundingClientRect();
const faults = [];
const wide = document.documentElement.scrollWidth;
if (wide > window.innerWidth) faults.push(`the page is ${wide} wide`);
for (const chart of document.querySelectorAll('[data-chart-id]')) {
  const marks = [...chart.querySelectorAll('path, rect, circle, line, text')].filter(mark => {
    const box = mark.getBoundingClientRect();
    return box.width + box.height > 0 && !mark.matches('.background, .foreground');
  });
  const isDrawn = marks.some(mark => mark.matches('text'))
    && (/kpi|table/.test(chart.dataset.chartType) || marks.length > 5);
  if (!isDrawn) faults.push(`${chart.dataset.chartId} is empty`);
}
for (const text of document.querySelectorAll('.dbt-charts-svg-container text')) {
  const box = text.getBoundingClientRect();
  const isCut = box.width > 0 && (box.left < board.left - 1 || box.right > board.right + 1);
  if (isCut || text.textContent.trim().endsWith('…')) faults.push(`cut: ${text.textContent}`);
}
return faults;
"""
"""What a reader would find wrong in a page, in words."""


def assert_nobody_was_asked(browser: Any) -> None:
    """No request but for files and what pages hold themselves."""
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            assert url.startswith(("file:", "data:", "blob:")), url


def look_at_the_documentation(site: Path, browser: Any) -> None:
    """The page that dbt writes shows a mart and its columns (and asks for an icon by a template)."""
    page = (site / dashboard.DOCS).as_uri()
    browser.implicitly_wait(20)
    browser.get(f"{page}#!/model/model.patronage.customers")
    assert browser.find_elements("xpath", "//td[contains(., 'return_rate_pct')]")
    assert_nobody_was_asked(browser)
    browser.implicitly_wait(0)


@pytest.mark.dbt
@pytest.mark.server
def test_a_browser_shows_every_page_whole_and_asks_nobody(site: Path, browser: Any) -> None:
    for name in NAMES:
        is_phone = name.endswith(dashboard.PHONE)
        browser.set_window_size(400 if is_phone else 1400, 1000)
        browser.get((site / "online_retail" / f"{name}.html").as_uri())
        assert browser.execute_script(FAULTS) == [], name
        assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert_nobody_was_asked(browser)
    look_at_the_documentation(site, browser)
    browser.get((site / "index.html").as_uri())
    browser.implicitly_wait(10)
    assert browser.find_elements("css selector", ".pages a[aria-current]")
    assert browser.current_url.endswith("/online_retail/overview.html")


@pytest.fixture
def served(command: str, published_demo: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve the boards on a published file of the test's own; give both."""
    assert command
    published = tmp_path / "published.duckdb"
    shutil.copy(published_demo, published)
    port = free_port()
    arguments = ["explore", "--published", str(published), "--port", str(port)]
    with subprocess.Popen([sys.executable, "-m", "patronage.cli", *arguments], cwd=PROJECT) as run:
        yield published, f"http://127.0.0.1:{port}"
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == 0


def look(address: str, patience: float = 120) -> str:
    """What a page says that may not be served yet."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - loopback
                return " ".join(texts(answer.read().decode()))
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


@pytest.mark.dbt
@pytest.mark.server
def test_served_boards_take_a_choice_and_see_a_new_publication(
    served: tuple[Path, str],
) -> None:
    published, address = served
    with duckdb.connect(str(published), read_only=True) as connection:
        counts = connection.execute(
            "select count(*), count(*) filter (segment = 'VIP Whales') from marts.contact_queue"
        ).fetchone()
        moves = connection.execute(
            "select customer_id, 'VIP Whales' in (previous_segment, segment) as is_chosen"
            " from marts.customer_segment_changes where segmentation = 'rfm_r'"
            " and month = (select max(month) from marts.segment_sizes)"
            " qualify not is_chosen or 20 >= row_number() over (partition by is_chosen"
            " order by revenue_90_days_before desc, monetary desc, customer_id)"
        ).fetchall()
    assert counts is not None
    assert f"{counts[0]:,} Customers worth" in look(f"{address}/whom_to_contact/")
    chosen = look(f"{address}/whom_to_contact/?segment=VIP+Whales")
    assert f"{counts[1]:,} Customers worth" in chosen
    assert "Steady Customers" in look(f"{address}/segments/")
    for board in ("segments", "retention"):
        part = look(f"{address}/{board}/?segment=VIP+Whales")
        assert "VIP Whales" in part, board
        assert "Steady Customers" not in part, board
    moved = look(f"{address}/movement/?segment=VIP+Whales").split()
    assert {is_chosen for _, is_chosen in moves} == {True, False}
    for customer, is_chosen in moves:
        assert (customer in moved) == is_chosen, customer
    lost = look(f"{address}/what_if/?recency_days=700&frequency=1&monetary=20")
    assert "Churned/Inactive Segment" in lost

    new = published.with_name("new.duckdb")
    shutil.copy(published, new)
    with duckdb.connect(str(new)) as connection:
        connection.execute("update marts.shops set shop_name = 'A shop renamed'")
    new.replace(published)
    assert "A shop renamed" in look(f"{address}/data_quality/")
    with duckdb.connect(str(published)) as connection:  # nobody holds it
        connection.execute("drop table marts.contact_queue")


@pytest.mark.dbt
def test_a_site_that_cannot_be_drawn_leaves_nothing(
    published_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Path:
        raise DashboardError("no")

    monkeypatch.setattr(dashboard, "draw_shop", fail)
    with pytest.raises(DashboardError, match=r"^no$"):
        dashboard.render_site(published_demo, tmp_path / "site", CHARTS)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DashboardError, match="is there already"):
        dashboard.render_site(published_demo, tmp_path, CHARTS)


@pytest.mark.dbt
def test_what_is_missing_is_said_in_one_sentence(
    published_demo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["dashboard", "--published", str(published_demo), "--to", str(tmp_path / "site")]
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert "there are no boards in charts/" in capsys.readouterr().err
    shutil.copytree(CHARTS, tmp_path / "charts")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert main(arguments) == 1
    assert "pip install 'patronage[dashboard]'" in capsys.readouterr().err
