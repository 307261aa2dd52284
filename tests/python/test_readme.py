"""What the README says one can do is done here as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from conftest import ONLINE_RETAIL

from warehouse import MARTS, PROJECT, build, query

pytestmark = pytest.mark.dbt

GIT = shutil.which("git") or "git"


PATH_AND_BLOCK = re.compile(r"`([\w/.-]+\.\w+)`:\n\n```\w+\n(.*?)```", flags=re.DOTALL)
"""A file's path at the end of a paragraph, and the block below it that is the file's text."""


def copy_project(folder: Path) -> Path:
    """Copy the files that git knows of into a folder of their own."""
    listed = subprocess.run(
        [GIT, "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    return folder


def follow(page: str, project: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Do in a copy of the project what a page says; return the vars and the files that it adds."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    files = dict(PATH_AND_BLOCK.findall(text))
    for path, content in files.items():
        with (project / path).open("a") as file:
            file.write(content)
    blocks = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    added = next((block for block in blocks if block not in files.values()), "{}")
    variables: dict[str, Any] = yaml.safe_load(dedent(added))
    config = yaml.safe_load((project / "dbt_project.yml").read_text())
    is_segmentation = any(isinstance(value, dict) for value in variables.values())
    (config["vars"]["segmentations"] if is_segmentation else config["vars"]).update(variables)
    (project / "dbt_project.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    return variables, files


def run_gate(project: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the project's gates in a copy of it, from this environment."""
    environment = os.environ | {"DBT_PROFILES_DIR": "profiles", "COLUMNS": "160"}
    return subprocess.run(
        [str(Path(sys.executable).parent / tool), *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_segmentation_of_ones_own_is_made_as_its_page_says(tmp_path: Path) -> None:
    page = "docs/add-a-segmentation.md"
    assert f"({page})" in (PROJECT / "README.md").read_text(encoding="utf-8")
    project = copy_project(tmp_path / "project")
    added, files = follow(page, project)
    (name,) = added
    warehouse = build(tmp_path / "own/warehouse.duckdb", ONLINE_RETAIL, tests=True, project=project)
    segments = query(warehouse, f"select segment from marts.segments where segmentation = '{name}'")
    assert {segment for (segment,) in segments} == {
        line.split(",")[1] for line in files["seeds/reference/segment_meanings.csv"].splitlines()
    } | {"New Customers"}
    assert query(
        warehouse, f"select marts.segment_of('online_retail', '{name}', 3, 12, 900, 0)"
    ) == [("Regulars",)]


def test_what_the_pages_add_keeps_the_conventions(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    for kind in ("segmentation", "mart", "flag"):
        follow(f"docs/add-a-{kind}.md", project)
    parsed = run_gate(project, "dbt", "parse", "--target-path", "target/gates")
    assert parsed.returncode == 0, parsed.stdout
    bouncer = run_gate(project, "dbt-bouncer", "--only", "manifest_checks")
    assert bouncer.returncode == 0, bouncer.stdout


def test_every_query_of_the_readme_answers(demo_warehouse: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    queries = re.findall(r"`(select [^`]+)` \|$", readme, flags=re.MULTILINE)
    queries += re.findall(r"```sql\n(.*?)```", readme, flags=re.DOTALL)
    rows = re.findall(r"^\| (`.*?`) \| .*\?", readme, flags=re.MULTILINE)
    assert len(queries) > len(rows)
    assert {mart for row in rows for mart in re.findall(r"`(\w+)`", row)} == set(MARTS)
    for sql in queries:
        query(demo_warehouse, sql)
