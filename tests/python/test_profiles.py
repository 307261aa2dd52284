"""dbt finds a profile in the project itself, and in the folder that DBT_PROFILES_DIR names."""

from warehouse import PROJECT


def test_both_profiles_are_one() -> None:
    # a copy and no link: git on Windows may write a link as a text file
    names = ("profiles.yml", "profiles/profiles.yml")
    copy, profile = ((PROJECT / name).read_text(encoding="utf-8") for name in names)
    assert copy == profile
