"""What the README says one can do is done here as it says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import ONLINE_RETAIL

from warehouse import PROJECT, build, query

pytestmark = pytest.mark.dbt

GIT = shutil.which("git") or "git"


def block(page: str, language: str) -> str:
    """The first code block of a language on a page that the README links."""
    assert f"({page})" in (PROJECT / "README.md").read_text(encoding="utf-8")
    text = (PROJECT / page).read_text(encoding="utf-8")
    found = re.search(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    assert found is not None, f"no {language} block on {page}"
    return found[1]


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
            shutil.copyfile(PROJECT / name, folder / name)
    return folder


def test_a_segmentation_of_ones_own_is_config_and_one_case(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    page = "docs/add-a-segmentation.md"
    config = yaml.safe_load((project / "dbt_project.yml").read_text())
    added = yaml.safe_load(block(page, "yaml"))
    config["vars"]["segmentations"] |= added
    (project / "dbt_project.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    (name,) = added
    (project / f"models/intermediate/segments/int_{name}_names.sql").write_text(block(page, "sql"))
    with (project / "seeds/reference/segment_actions.csv").open("a") as actions:
        actions.write(block(page, "csv"))
    warehouse = build(tmp_path / "own/warehouse.duckdb", ONLINE_RETAIL, tests=True, project=project)
    segments = query(warehouse, f"select segment from marts.segments where segmentation = '{name}'")
    assert {segment for (segment,) in segments} == {
        line.split(",")[1] for line in block(page, "csv").splitlines()
    }
    assert query(
        warehouse, f"select marts.segment_of('online_retail', '{name}', 3, 12, 900, 0)"
    ) == [("Regulars",)]
