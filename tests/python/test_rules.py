"""Rules are data: checked over all combinations of scores, compiled to one CASE, ties never split."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import PROJECT, query, run_dbt

SCORES_SQL = (PROJECT / "models/intermediate/customers/int_customer_scores.sql").read_text()
RULES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["segmentations"][
    "rfm_rules"
]["rules"]


def rule(name: str, **conditions: list[int]) -> dict[str, Any]:
    """A rule with something to do and something to look out for."""
    return {"name": name, "recommended_actions": "Do it", "watchouts": "Look"} | conditions


@pytest.mark.dbt
def test_a_rule_of_a_new_name_has_no_combination_left(tmp_path: Path) -> None:
    own = {"rfm_rules": {"rules": [rule("Whales")]}}
    result = run_dbt("build", tmp_path / "own/warehouse.duckdb", {"own_segmentations": own})
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert [line for line in lines if line.startswith("var ")] == [
        "var own_segmentations.rfm_rules: found rule Whales hidden by earlier ones (recency 1, frequency 1, monetary 1 is Lost"
        " Customers); accepted: rules each of which is the first that fits some combination.",
    ]


@pytest.mark.dbt
def test_rules_that_cannot_work_are_refused(tmp_path: Path) -> None:
    wrong = {
        "gap": [rule("Good", recency=[3, 5])],
        "hidden": [
            rule("Good", recency=[3, 5]),
            rule("Best", recency=[5, 5], monetary=[2, 5]),
            rule("Rest"),
        ],
        "twice": [rule("Same", recency=[5, 5]), rule("Same")],
        "range": [rule("Good", recency=[0, 5]), rule("Rest")],
        "key": [rule("Good", age=[1, 5]), rule("Rest")],
        "bare": [{"name": "Rest"}],
        "nameless": [{"recency": [1, 5]}],
        "text": "Champions",
    }
    segmentations = {name: {"method": "rules", "rules": rules} for name, rules in wrong.items()}
    variables = {"segmentations": segmentations, "primary_segmentation": "gap"}
    result = run_dbt("build", tmp_path / "rules/warehouse.duckdb", variables)
    assert result.returncode != 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert [line for line in lines if line.startswith("var ")] == [
        "var segmentations.gap: found no rule for recency 1, frequency 1, monetary 1; accepted: rules that give each of the"
        " 125 combinations of scores a name.",
        "var segmentations.hidden: found rule Best hidden by earlier ones (recency 5, frequency 1, monetary 2 is Good);"
        " accepted: rules each of which is the first that fits some combination.",
        "var segmentations.twice: found two rules named Same; accepted: names that differ.",
        "var segmentations.range, rule Good, recency: found [0, 5]; accepted: [lowest, highest] score, each from 1 to 5.",
        "var segmentations.key, rule Good: found age; accepted: name, recency, frequency, monetary, recommended_actions,"
        " watchouts.",
        "var segmentations.bare, rule Rest: found no recommended_actions; accepted: rules that say what to do and what to"
        " look out for.",
        "var segmentations.bare, rule Rest: found no watchouts; accepted: rules that say what to do and what to look out for.",
        "var segmentations.nameless: found {'recency': [1, 5]}; accepted: a rule with a name and conditions on recency,"
        " frequency, monetary.",
        "var segmentations.text: found Champions; accepted: a list of rules, each with a name and conditions on scores.",
    ]


def test_the_case_gives_what_the_rules_say(demo_warehouse: Path) -> None:
    rows = query(
        demo_warehouse,
        "select recency_score, frequency_score, monetary_score, rule_segment from marts.customers",
    )
    for recency, frequency, monetary, segment in rows:
        scores = {"recency": recency, "frequency": frequency, "monetary": monetary}
        fitting = [
            candidate["name"]
            for candidate in RULES
            if all(
                candidate[key][0] <= score <= candidate[key][1]
                for key, score in scores.items()
                if key in candidate
            )
        ]
        assert segment == fitting[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 4), st.integers(-3, 12)),
        min_size=1,
        max_size=60,
    )
)
def test_equal_values_score_equally_and_better_never_scores_lower(
    customers: list[tuple[int, int, int]],
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table customers (shop text, customer_id int, recency_days int, frequency int, monetary int)"
        )
        connection.executemany(
            "insert into customers values ('s', ?, ?, ?, ?)",
            [(i, *row) for i, row in enumerate(customers)],
        )
        sql = SCORES_SQL.replace("{{ ref('int_customer_rfm') }}", "customers")
        scored = connection.sql(f"from ({sql}) as scores join main.customers using (customer_id)")
        for measure, score, better in (
            ("recency_days", "recency_score", "<"),
            ("frequency", "frequency_score", ">"),
            ("monetary", "monetary_score", ">"),
        ):
            wrong = connection.sql(
                f"select count(*) from scored as a, scored as b where (a.{measure} = b.{measure} and a.{score} <> b.{score})"
                f" or (a.{measure} {better} b.{measure} and a.{score} < b.{score})"
            ).fetchone()
            assert wrong == (0,), (measure, scored)
