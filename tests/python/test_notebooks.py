"""The notebooks: they run on any shop, and their figures and sentences are those of the marts."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ONLINE_RETAIL
from scipy import stats

from patronage.published import connect_published
from patronage.publishing.files import publish
from warehouse import PROJECT, build, query

pytest.importorskip("marimo", reason="marimo is not installed: it is in the extra notebooks.")

FOLDER = PROJECT / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
MEASURES = ["recency_days", "frequency", "monetary", "return_rate_pct"]

Results = dict[str, Any]


def run(name: str, published: Path, shop: str | None, segmentation: str | None = None) -> Results:
    """Run a notebook in this process, as if its controls were set; a cell that fails raises."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    asked = {"asked_shop": shop}
    if name == "profiling":
        asked["asked_segmentation"] = segmentation
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATRONAGE_PUBLISHED_PATH", str(published))
        _, results = module.app.run(defs=asked)
    return {**results}


@pytest.fixture(scope="module")
def published_demo(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    published = tmp_path_factory.mktemp("notebooks") / "published.duckdb"
    publish(demo_warehouse, published)
    return published


@pytest.fixture(scope="module")
def few_customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as it was on its second day: too few customers for a fit, and no month that is over."""
    folder = tmp_path_factory.mktemp("few")
    built = build(folder / "warehouse.duckdb", ONLINE_RETAIL | {"as_of_date": "2023-12-02"})
    publish(built, folder / "published.duckdb")
    return folder / "published.duckdb"


@pytest.fixture(scope="module")
def exploration(published_demo: Path) -> Iterator[Results]:
    results = run("exploration", published_demo, None)
    yield results
    results["connection"].close()


@pytest.fixture(scope="module")
def profiling(published_demo: Path) -> Iterator[Results]:
    results = run("profiling", published_demo, None)
    yield results
    results["connection"].close()


@pytest.fixture(scope="module")
def customers(demo_warehouse: Path) -> pd.DataFrame:
    """Figures of the demo's customers whom a fit uses, from their history."""
    rows = query(
        demo_warehouse,
        "select customer_id, segment, recency_days, frequency, monetary::double, return_rate_pct::double"
        " from marts.customers where frequency > 0 and monetary > 0 order by customer_id",
    )
    return pd.DataFrame(rows, columns=["customer_id", "segment", *MEASURES])


def one(published: Path, sql: str) -> Any:
    """The value of a query that finds one."""
    ((value,),) = query(published, sql)
    return value


def test_marimo_finds_nothing_to_mend() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "marimo", "check", "--strict", str(FOLDER)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_dbt_knows_what_the_notebooks_read() -> None:
    text = (PROJECT / "models" / "exposures.yml").read_text(encoding="utf-8")
    exposures = {
        exposure["name"].removeprefix("notebook_"): {
            ref.split("'")[1] for ref in exposure["depends_on"]
        }
        for exposure in yaml.safe_load(text)["exposures"]
        if exposure["type"] == "notebook"
    }
    for name in NAMES:
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        assert exposures.pop(name) == set(re.findall(r"\bmarts\.(\w+)", source)), name
    assert exposures == {}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.dbt
def test_a_notebook_is_a_script_and_a_page_without_errors(
    name: str, published_demo: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = os.environ | {"PATRONAGE_PUBLISHED_PATH": str(published_demo)}
    notebook = shutil.copy(FOLDER / f"{name}.py", tmp_path)  # marimo writes beside a notebook
    page = tmp_path / "page.html"
    asked = ["--shop", "online_retail"]
    export = ["-m", "marimo", "export", "html", notebook, "--output", str(page), "--", *asked]
    with subprocess.Popen([sys.executable, *export], env=environment) as exporting:
        said = subprocess.run(
            [sys.executable, notebook, *asked],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    assert exporting.returncode == 0
    findings = request.getfixturevalue(name)["findings"]
    assert said == "\n\n".join(findings) + "\n"
    charts = re.findall(r"vnd\.vega", page.read_text(encoding="utf-8"))
    assert len(charts) == {"exploration": 5, "profiling": 8}[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.dbt
def test_a_shop_that_does_not_exist_is_named(name: str, published_demo: Path) -> None:
    with pytest.raises(Exception, match=r"'nowhere' is not a valid option.*online_retail"):
        run(name, published_demo, "nowhere")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.dbt
def test_few_customers_are_no_error(name: str, few_customers: Path) -> None:
    results = run(name, few_customers, "online_retail")
    known = one(few_customers, "select customers from marts.shops")
    assert 0 < known < 20
    assert f"online_retail has {known} known customers" in results["findings"][0]
    text = " ".join(results["findings"])
    assert not re.search(r"\b(nan|None|inf|NaT)\b", text), text
    assert "too few" in text


@pytest.mark.parametrize("segmentation", ["rfm_rules", "rfm_value"])
@pytest.mark.dbt
def test_another_segmentation_has_its_own_sentences(
    segmentation: str, published_demo: Path, profiling: Results
) -> None:
    results = run("profiling", published_demo, "online_retail", segmentation)
    expected = query(
        published_demo,
        "select s.segment, sum(c.monetary)::double from marts.customers as c"
        " inner join marts.customer_segments as s"
        " on c.shop = s.shop and c.customer_id = s.customer_id"
        f" where s.segmentation = '{segmentation}' group by s.segment order by 2 desc",
    )
    assert f"{segmentation} has {len(expected)} segments." in results["findings"][0]
    assert f"{expected[0][0]} bring most: {expected[0][1]:,.0f} GBP" in results["findings"][0]
    assert results["findings"][1:4] != profiling["findings"][1:4]


@pytest.mark.dbt
def test_a_reader_is_in_nobodys_way(demo_warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    publish(demo_warehouse, published)
    results = run("exploration", published, None)
    before = one(published, "select published_at from marts.build")
    publish(demo_warehouse, published)
    with closing(connect_published(published)) as connection:
        (row,) = connection.sql("select published_at from published.marts.build").fetchall()
    assert row[0] > before
    results["connection"].close()


@pytest.mark.dbt
def test_what_is_counted_is_what_the_marts_count(
    exploration: Results, published_demo: Path
) -> None:
    counted, all_rows, left_out = query(
        published_demo,
        "select sum(lines) filter (where line_status = 'accepted'), sum(lines),"
        " sum(amount) filter (where line_status <> 'accepted') from marts.data_quality",
    )[0]
    said = exploration["told_quality"]
    assert said.startswith(f"{counted:,} of {all_rows:,} raw rows count.")
    assert said.endswith(f" All that was left out amounts to {left_out:,.0f} GBP.")


@pytest.mark.dbt
def test_distributions_are_those_of_the_customers(
    exploration: Results, customers: pd.DataFrame
) -> None:
    spread = exploration["spread"].set_index("measure")
    histograms = exploration["histograms"]
    assert list(spread.index) == MEASURES
    for measure in MEASURES:
        values, row = customers[measure].to_numpy(dtype=float), spread.loc[measure]
        skewness = [stats.skew(scaled, bias=False) for scaled in (values, np.log1p(values))]
        assert [row["skewness"], row["log_skewness"]] == pytest.approx(skewness, abs=1e-3)
        expected = [values.mean(), *np.quantile(values, [0, 0.25, 0.5, 0.75, 0.99, 1])]
        assert list(row.iloc[:7]) == pytest.approx(expected, abs=0.0051)
        for scale, scaled in (("plain", values), ("log", np.log1p(values))):
            bins = histograms[
                (histograms["measure"] == measure) & (histograms["scale"] == scale)
            ].copy()
            assert bins["customers"].sum() == len(customers)
            assert bins["from_value"].min() == pytest.approx(scaled.min())
            assert bins["to_value"].max() == pytest.approx(scaled.max())
    most = spread["skewness"].idxmax()
    assert f"by {spread.loc[most, 'skewness']:.1f}" in exploration["told_spread"]


@pytest.mark.dbt
def test_correlations_are_pearsons_of_logs_and_spearmans(
    exploration: Results, customers: pd.DataFrame
) -> None:
    named = dict(zip(["recency", "frequency", "monetary", "returns"], MEASURES, strict=True))
    found = exploration["correlations"]
    assert len(found) == 6
    for row in found.itertuples():
        first, second = (customers[named[word]].astype(float) for word in row.pair.split(" and "))
        assert row.logs == pytest.approx(
            np.corrcoef(np.log1p(first), np.log1p(second))[0, 1], abs=1e-4
        )
        assert row.ranks == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-4)


@pytest.mark.dbt
def test_the_whale_curve_goes_through_the_tenths_of_the_mart(
    exploration: Results, published_demo: Path
) -> None:
    curve = exploration["whale_curve"].set_index("place")["revenue_pct"]
    tenths = query(
        published_demo,
        "select sum(customers) over (order by decile), cumulative_revenue_pct::double, revenue_pct, gini"
        " from marts.revenue_concentration order by decile",
    )
    place = np.interp([float(row[0]) for row in tenths], curve.index, curve.to_numpy())
    assert list(place) == pytest.approx([row[1] for row in tenths], abs=0.1)
    assert (
        f"{tenths[0][2]:.1f} % of the net revenue (Gini {tenths[0][3]:.2f};"
        in (exploration["told_concentration"])
    )
    assert curve.iloc[-1] == pytest.approx(100)


@pytest.mark.dbt
def test_outliers_lie_far_from_the_median(exploration: Results, customers: pd.DataFrame) -> None:
    found = exploration["outliers"].set_index("measure")
    for measure in MEASURES:
        for column, values in (
            ("outliers", customers[measure].astype(float)),
            ("log_outliers", np.log1p(customers[measure].astype(float))),
        ):
            width = stats.median_abs_deviation(values, scale="normal")
            if width == 0:
                assert pd.isna(found.loc[measure, column])
            else:
                are_far = abs(values - np.median(values)) / width > 3.5
                assert found.loc[measure, column] == are_far.sum()


@pytest.mark.dbt
def test_profiles_are_those_of_the_customers(
    profiling: Results, customers: pd.DataFrame, published_demo: Path
) -> None:
    sums = query(
        published_demo,
        "select segment, count(*), sum(monetary)::double, median(recency_days),"
        " 100 * median(recency_days) / (select median(recency_days) from marts.customers)"
        " from marts.customers group by segment",
    )
    profiles = profiling["profiles"].set_index("segment")
    indices = profiling["indices"].set_index(["segment", "measure"])["index"]
    assert set(profiles.index) == {row[0] for row in sums}
    for segment, count, revenue, recency, index in sums:
        assert profiles.loc[segment, "customers"] == count
        assert profiles.loc[segment, "revenue"] == pytest.approx(revenue)
        assert profiles.loc[segment, "median_recency_days"] == recency
        assert indices[segment, "recency"] == pytest.approx(index, abs=0.01)
    snakes = profiling["snakes"].set_index(["segment", "place"])
    for place, measure in enumerate(MEASURES, start=1):
        logs = np.log1p(customers[measure].astype(float))
        scaled = (logs - logs.mean()) / logs.std(ddof=0)
        means = scaled.groupby(customers["segment"]).agg(["mean", "size"])
        between = 100 * (means["mean"] ** 2 * means["size"]).sum() / len(scaled)
        for segment, mean in means["mean"].items():
            assert snakes.loc[(segment, place), "value"] == pytest.approx(mean)
            assert snakes.loc[(segment, place), "between_pct"] == pytest.approx(between)


@pytest.mark.dbt
def test_moves_and_stakes_are_those_of_the_marts(profiling: Results, published_demo: Path) -> None:
    month, moved, down, before = query(
        published_demo,
        "select month, count(*), count(*) filter (where segment_order > previous_segment_order),"
        " sum(revenue_90_days_before) filter (where segment_order > previous_segment_order)"
        " from marts.customer_segment_changes where is_primary group by month order by month desc",
    )[0]
    said = profiling["told_moves"]
    assert f"In {month:%Y-%m}, {moved:,} of " in said
    assert f"; {down:,} went down, who had brought {before:,.0f} GBP in" in said
    customers, money = query(
        published_demo, "select count(*), sum(money_at_stake) from marts.contact_queue"
    )[0]
    assert profiling["told_stakes"].startswith(
        f"{customers:,} customers are worth writing to now, with {money:,.0f} GBP at stake."
    )
    assert profiling["stakes"]["customers"].sum() == customers
    costs = one(
        published_demo,
        "select sum(revenue - revenue_after_return_costs) from marts.segments where is_primary",
    )
    assert f"Handling all returns costs {costs:,.0f} GBP." in profiling["told_returns"]


@pytest.mark.dbt
def test_the_outlook_is_told_with_its_interval(profiling: Results, published_demo: Path) -> None:
    segment, rate, lower, upper = query(
        published_demo,
        "select segment, bought_again_pct, bought_again_lower_pct, bought_again_upper_pct"
        " from marts.segment_outlook where is_primary order by bought_again_lower_pct desc limit 1",
    )[0]
    assert (
        f"Most bought again of {segment}: {rate:.0f} % ({lower:.0f} to {upper:.0f} %)"
        in (profiling["told_outlook"])
    )
