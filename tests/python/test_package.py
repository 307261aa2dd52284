"""Another team's project installs this one, as docs/use-as-a-package.md says, to the letter."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import ONLINE_RETAIL

import patronage.landing
from warehouse import MARTS, PROJECT, parsed_project, query, run_dbt

PAGE = (PROJECT / "docs/use-as-a-package.md").read_text(encoding="utf-8")
TEAM = PROJECT / "integration_tests"
FILES = dict(re.findall(r"`([\w/.-]+\.\w+)`:\n\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL))
"""Files that the page gives whole, by their path."""
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, flags=re.DOTALL)
SETTINGS = [
    yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml" and text not in FILES.values()
]
"""What the page puts into dbt_project.yml."""
COMMANDS = [line for kind, text in BLOCKS if not kind for line in text.splitlines()]
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]


def put_into(config: dict[str, Any], settings: dict[str, Any]) -> None:
    """Put settings into others, one level below the other."""
    for key, value in settings.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            put_into(config[key], value)
        else:
            config[key] = value


def make_project(folder: Path) -> Path:
    """The project of the team, without what the page adds to it, and with what the page says."""
    shutil.copytree(TEAM, folder, ignore=shutil.ignore_patterns("dbt_packages", "target", "logs"))
    for path, text in FILES.items():
        (folder / path).write_text(text.replace("local: ..", f"local: {PROJECT}"))
    config = yaml.safe_load((TEAM / "dbt_project.yml").read_text())
    del config["flags"], config["vars"]
    del config["models"]["patronage"], config["seeds"]["patronage"], config["functions"]
    for settings in SETTINGS:
        put_into(config, settings)
    assert config == yaml.safe_load((TEAM / "dbt_project.yml").read_text())
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


def run(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in the project's folder."""
    tool, *arguments = command.split()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBT_", "PATRONAGE_"))
    }
    return subprocess.run(
        [str(Path(sys.executable).parent / tool), *arguments],
        cwd=project,
        env=environment | {"DO_NOT_TRACK": "1", "DBT_USE_COLORS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's project after the page's commands, but for patronage's own tests."""
    project = make_project(tmp_path_factory.mktemp("team") / "acme")
    assert COMMANDS[0].startswith("pip install")  # of what this environment has
    for command in COMMANDS[1:]:
        left_out = " --exclude tag:patronage_test" if command == "dbt build" else ""
        done = run(project, command + left_out)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return project


def test_the_files_of_the_page_are_those_of_the_project() -> None:
    for path, text in FILES.items():
        assert (TEAM / path).read_text(encoding="utf-8") == text, path


@pytest.mark.dbt
def test_both_build_side_by_side(acme: Path) -> None:
    warehouse = acme / "acme.duckdb"
    schemas = dict(query(warehouse, "select schema_name, count(*) from duckdb_tables() group by 1"))
    assert set(schemas) == {
        "dev_erp", "dev_marts", "dev_patronage", "dev_patronage_intermediate", "dev_patronage_models",
        "dev_patronage_raw",
    }  # fmt: skip
    assert schemas["dev_marts"] == 2
    assert query(warehouse, "select count(distinct mart) from dev_patronage_raw.mart_keys") == [
        (len(MARTS),)
    ]
    assert query(
        warehouse, "select status, is_whole from dev_patronage_raw.builds order by status"
    ) == [("success", True), ("unfinished", True)]


@pytest.mark.dbt
def test_the_team_has_rules_and_segmentations_of_its_own(acme: Path) -> None:
    published = acme / "published.duckdb"
    found = query(published, "select distinct segmentation from marts.segments order by 1")
    assert found == [("acme_attention",), ("rfm_behaviour",), ("rfm_r",), ("rfm_rules",), ("rfm_value",)]  # fmt: skip
    actions = dict(
        query(
            published,
            "select segment, recommended_actions from marts.segments"
            " where segmentation in ('acme_attention', 'rfm_rules')",
        )
    )
    assert actions["Promising"] == "Send the voucher for a second order"
    assert actions["Champions"].startswith("Give early access")
    assert actions["Regulars"] == "Thank them; ask for reviews"
    assert query(published, "select marts.segment_of('acme', 'acme_attention', 3, 12, 900, 0)") == [
        ("Regulars",)
    ]
    assert query(
        published,
        "select count(*), sum(monetary) = (select sum(revenue) from marts.shop_months) from marts.customers",
    ) == [(150, True)]


@pytest.mark.dbt
def test_a_command_that_builds_nothing_of_it_leaves_no_trace(acme: Path) -> None:
    (acme / "models/marts/broken.sql").write_text("select no_column from {{ ref('orders') }}")
    before = query(acme / "acme.duckdb", "from dev_patronage_raw.builds order by all")
    assert run(acme, "dbt build --select orders broken").returncode == 1
    (acme / "models/marts/broken.sql").unlink()
    assert query(acme / "acme.duckdb", "from dev_patronage_raw.builds order by all") == before
    assert run(acme, COMMANDS[-1]).returncode == 0


@pytest.mark.dbt
def test_several_targets_in_one_file_are_told_apart(acme: Path, tmp_path: Path) -> None:
    warehouse = Path(shutil.copy(acme / "acme.duckdb", tmp_path / "acme.duckdb"))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw")
        for table in ("builds", "extracts"):
            connection.execute(f"create table raw.{table} as from dev_patronage_raw.{table}")
        keys = "select mart, place, column_name from dev_patronage_raw.mart_keys"
        connection.execute(f"create table raw.mart_keys as {keys}")
    command = f"patronage publish --warehouse {warehouse} --to {tmp_path}/published.duckdb"
    refused = run(acme, command)
    assert "accepted: --marts-schema with one of dev_patronage, marts" in refused.stderr
    assert "accepted: dev_patronage, marts" in run(acme, f"{command} --marts-schema x").stderr
    assert run(acme, f"{command} --marts-schema dev_patronage").returncode == 0


@pytest.mark.dbt
@pytest.mark.exhaustive
def test_a_project_without_the_flag_is_told(acme: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(acme, tmp_path / "acme", symlinks=True))
    config = yaml.safe_load((project / "dbt_project.yml").read_text())
    del config["flags"]
    (project / "dbt_project.yml").write_text(yaml.safe_dump(config))
    done = run(project, "dbt build --select customers")
    assert done.returncode == 2
    assert "(customers); accepted: flags: {require_ref_searches_node_package_before_root: true}." in done.stdout  # fmt: skip


@pytest.mark.dbt
def test_two_versions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patronage.landing, "version", lambda _: "0.0.9")
    done = run_dbt("run", tmp_path / "warehouse.duckdb", ONLINE_RETAIL, "--select", "int_segmentations")  # fmt: skip
    assert done.returncode == 1
    assert f"the Python package has version 0.0.9 and the dbt package {VERSION}; accepted" in done.stdout  # fmt: skip


@pytest.mark.dbt
def test_every_half_has_the_same_version_and_every_test_the_tag() -> None:
    assert yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["version"] == VERSION
    macro = (PROJECT / "macros/checks/check_package.sql").read_text()
    assert f"return('{VERSION}')" in macro
    nodes = parsed_project()
    tests = [node for node in nodes["nodes"].values() if node["resource_type"] == "test"]
    unit_tests = list(nodes["unit_tests"].values())
    assert tests
    assert unit_tests
    assert all("patronage_test" in node["config"]["tags"] for node in tests + unit_tests)
