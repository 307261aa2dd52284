"""Break the project in one plausible way after the other, and see whether a test notices.

Run ``make mutants`` (half an hour on two cores). Each mutant is one change of text in a copy of the
project. It is killed if a dbt test or unit test of what depends on the changed file fails on the
demo, or one of the named files of pytest. The exit code is 1 if more than ``MOST_SURVIVORS`` live.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
MOST_SURVIVORS = 2
LEFT_OUT = (".git", ".venv", "target", "logs", "warehouse", ".pytest_cache", ".mypy_cache")
TESTED_BY_PYTEST = {
    "src/patronage/fitting/lifetime_tables.py": ("test_lifetime.py",),
    "src/patronage/fitting/kmeans.py": ("test_segmentation.py", "test_fits.py"),
    "src/patronage/fitting/lifetime.py": ("test_lifetime.py",),
    "src/patronage/fitting/logistic.py": ("test_intervals.py", "test_predictions.py"),
}
ALSO_BY_PYTEST = {
    "int_customer_horizons": ("test_predictions.py",),
    "model_scorecard": ("test_predictions.py",),
    "int_order_windows": ("test_history.py",),
    "score_segment": ("test_segmentation.py", "test_expected_values.py"),
    "int_customer_scores": ("test_expected_values.py",),
    "int_return_rate_priors": ("test_expected_values.py",),
    "segments": ("test_expected_values.py",),
}


class Mutant(NamedTuple):
    """One change: in which file what is written instead of what, and what to build for it."""

    file: str
    old: str
    new: str
    select: str = ""


CUSTOMERS = "models/intermediate/customers/"
SEGMENTS = "models/intermediate/segments/"
HISTORY = "models/intermediate/history/"
PREDICTIONS = "models/intermediate/predictions/"
MARTS = "models/marts/"

MUTANTS = (
    # customers
    Mutant(
        f"{CUSTOMERS}int_customer_scores.sql", "floor(5 * recency_rank)", "round(5 * recency_rank)"
    ),
    Mutant(
        f"{CUSTOMERS}int_customer_scores.sql", "order by frequency)", "order by frequency desc)"
    ),
    Mutant(f"{CUSTOMERS}int_customer_orders.sql", "' > 0 then 1 end'", "' >= 0 then 1 end'"),
    Mutant(
        f"{CUSTOMERS}int_customer_orders.sql",
        "{{ latest('orders.country', 'orders.ordered_at', 'orders.order_id') }}",
        "max(orders.country)",
    ),
    Mutant(
        f"{CUSTOMERS}int_customer_orders.sql",
        "('gross_amount', 'gross",
        "('accepted_amount', 'gross",
    ),
    Mutant(
        f"{CUSTOMERS}int_customer_rfm.sql",
        "coalesce(last_ordered_on, last_active_on)",
        "last_active_on",
    ),
    Mutant(f"{CUSTOMERS}int_customer_rfm.sql", "and monetary > 0 as", "and monetary >= 0 as"),
    Mutant(
        f"{CUSTOMERS}int_customer_rfm.sql",
        "percentage('units_returned'",
        "percentage('matched_units_returned'",
    ),
    Mutant(f"{CUSTOMERS}int_return_rate_priors.sql", "(1 - correlation) /", "1 /"),
    Mutant("macros/engines/values.sql", "len(gaps) >= 2", "len(gaps) >= 1"),
    Mutant(
        f"{CUSTOMERS}int_customer_reasons.sql",
        "count(*) over (partition by shop) as customers",
        "count(*) over () as customers",
    ),
    # products and returns
    Mutant(
        "models/intermediate/products/int_matched_returns.sql",
        "case when units > 0 then 0 else 1 end",
        "case when units > 0 then 1 else 0 end",
    ),
    Mutant(
        "models/intermediate/returns/int_country_returns.sql",
        "customers.shop = returners.shop\n            and ",
        "",
    ),
    Mutant(
        "macros/wilson_bound_pct.sql",
        "1.959963984540054e0",
        "1.644853626951473e0",
        "segment_outlook",
    ),
    # segments
    Mutant(
        "macros/engines/functions.sql",
        "1 - c.nearest / c.second else",
        "1 - power(c.nearest / c.second, 2) else",
        "score_segment",
    ),
    Mutant(
        "macros/engines/functions.sql",
        "least(list_min(d[:{{ nearest }} - 1]), list_min(d[{{ nearest }} + 1:]))",
        "list_min(d[:{{ nearest }} - 1])",
        "score_segment",
    ),
    Mutant(
        "macros/cluster_outside_fit.sql",
        "}}monetary = 0 and",
        "}}monetary <= 0 and",
        "score_segment int_cluster_figures",
    ),
    Mutant(f"{SEGMENTS}int_cluster_figures.sql", "median_frequency >= 2", "median_frequency > 2"),
    Mutant(f"{SEGMENTS}int_cluster_figures.sql", "returner_pct >= 50", "returner_pct >= 5"),
    Mutant(f"{SEGMENTS}int_customer_habits.sql", "> 2 * greatest", "> 3 * greatest"),
    Mutant(
        f"{SEGMENTS}int_rfm_r_names.sql", "when spends_most and orders_again", "when spends_most"
    ),
    Mutant(f"{SEGMENTS}int_segment_traits.sql", "nullif(all_orders, 0)", "nullif(orders, 0)"),
    Mutant(f"{MARTS}segments.sql", "- figures.return_orders", "- figures.orders"),
    Mutant(
        f"{MARTS}premium_overlay.sql",
        "cast(gross_revenue as double) / nullif(orders, 0)",
        "cast(revenue as double) / nullif(orders, 0)",
    ),
    # history
    Mutant(
        f"{HISTORY}int_customer_history.sql", "add_months(1, 'month')", "add_months(0, 'month')"
    ),
    Mutant(
        f"{HISTORY}int_customer_leaving_months.sql",
        "-cast(sum(accepted_amount)",
        "cast(sum(accepted_amount)",
    ),
    Mutant(
        f"{HISTORY}int_segment_moves.sql",
        "spread.order_month <= spread.month",
        "spread.order_month < spread.month",
    ),
    Mutant(
        f"{HISTORY}int_segment_retention_months.sql",
        "followed.shop = active.shop\n            and ",
        "",
    ),
    Mutant(
        f"{HISTORY}int_segment_moves.sql",
        "periods.shop = order_windows.shop\n            and ",
        "",
    ),
    Mutant(
        f"{MARTS}customer_segment_changes.sql",
        "<> '(new)'",
        "<> ''",
    ),
    Mutant(
        f"{MARTS}cohort_retention.sql",
        "followed.shop = active.shop\n            and ",
        "",
    ),
    Mutant(
        "macros/revenue_by_segment_and_month.sql",
        "and months.month = summed.month",
        "",
        "segment_revenue",
    ),
    Mutant(f"{MARTS}revenue_concentration.sql", "order by monetary desc", "order by monetary asc"),
    # predictions
    Mutant(f"{PREDICTIONS}int_customer_horizons.sql", "(age_days - 1) /", "age_days /"),
    Mutant(
        f"{PREDICTIONS}int_customer_snapshots.sql",
        "horizon_number >= cutoffs",
        "horizon_number + 1 >= cutoffs",
    ),
    Mutant(
        f"{PREDICTIONS}int_cutoff_customers.sql", "scored.periods_ago - 1 =", "scored.periods_ago ="
    ),
    Mutant(
        f"{PREDICTIONS}int_cutoff_rankings.sql",
        "order by score desc rows",
        "order by score asc rows",
    ),
    Mutant(
        f"{MARTS}segment_outlook.sql", "min(bought_again) as lowest", "max(bought_again) as lowest"
    ),
    Mutant(
        f"{MARTS}model_scorecard.sql",
        "sum(abs(predicted_total - positives))",
        "abs(sum(predicted_total - positives))",
    ),
    Mutant(
        "macros/expected_order_value.sql",
        "}}.q - 1))",
        "}}.q))",
        "int_customer_predictions int_lifetime_outcomes",
    ),
    # fits
    Mutant("src/patronage/fitting/kmeans.py", "np.maximum(values, 0.0)", "np.abs(values)"),
    Mutant("src/patronage/fitting/lifetime_tables.py", "[2.5, 97.5]", "[5.0, 95.0]"),
)


def main() -> None:
    """Try the mutants whose number or file is named, or all of them."""
    chosen = [
        (number, mutant)
        for number, mutant in enumerate(MUTANTS, start=1)
        if not sys.argv[1:] or any(word in (str(number), mutant.file) for word in sys.argv[1:])
    ]
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        shutil.copytree(PROJECT, whole, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (Path(folder) / "demo").mkdir()
        built = Path(folder) / "demo/warehouse.duckdb"
        if not is_green(whole, built, "dbt", "build"):
            sys.exit("make mutants: the demo does not build as it is")
        for number, mutant in chosen:
            killer = kill(mutant, whole, built)
            print(f"{number:>3} {killer or 'SURVIVES':<12} {mutant.file}: {mutant.new}", flush=True)
            if killer is None:
                survivors.append(number)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} killed")
    sys.exit(len(survivors) > MOST_SURVIVORS)


def kill(mutant: Mutant, whole: Path, built: Path) -> str | None:
    """Say which kind of test notices a mutant: ``dbt``, ``pytest`` or none."""
    file = whole / mutant.file
    text = file.read_text(encoding="utf-8")
    if mutant.old not in text:
        sys.exit(f"make mutants: {mutant.file} no longer holds {mutant.old!r}")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    warehouse = built.parent / "mutant/warehouse.duckdb"
    warehouse.parent.mkdir(exist_ok=True)
    try:
        selected = mutant.select.split() or [file.stem]
        if mutant.file not in TESTED_BY_PYTEST:
            shutil.copyfile(built, warehouse)
            names = [f"{name}+" for name in selected]
            if not is_green(whole, warehouse, "dbt", "build", "--fail-fast", "--select", *names):
                return "dbt"
        tests = TESTED_BY_PYTEST.get(mutant.file) or tuple(
            name for model in selected for name in ALSO_BY_PYTEST.get(model, ())
        )
        paths = [f"tests/python/{name}" for name in tests]
        if paths and not is_green(whole, warehouse, "pytest", "-q", "-x", *paths):
            return "pytest"
    finally:
        file.write_text(text, encoding="utf-8")
    return None


def is_green(project: Path, warehouse: Path, *command: str) -> bool:
    """Run a command in a project on a warehouse, and say whether it ended well."""
    environment = os.environ | {
        "PATRONAGE_DUCKDB_PATH": str(warehouse),
        "DBT_PROFILES_DIR": str(project / "profiles"),
        "PYTHONPATH": str(project / "src"),
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            *(["dbt.cli.main"] if command[0] == "dbt" else ["pytest"]),
            *command[1:],
        ],
        cwd=project,
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    main()
