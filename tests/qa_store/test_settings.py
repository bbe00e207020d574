from pathlib import Path

import pytest

from qa import settings
from qa.errors import SettingsProblem


def test_every_setting_has_a_name_with_its_default_and_a_sentence() -> None:
    for setting in settings.table():
        assert setting.sentence.endswith("."), setting.name
        assert setting.variable == f"QA_{setting.name.upper()}"
        assert getattr(settings.load({}), setting.name) == setting.default


def test_the_environment_is_over_the_file_and_what_is_given_is_over_both(tmp_path: Path) -> None:
    file = tmp_path / "qa.toml"
    file.write_text('min_calls = 20\nmin_agents = 5\ntime_zone = "Europe/Berlin"\n')
    found = settings.load({"QA_SETTINGS": str(file), "QA_MIN_CALLS": "30", "QA_STORE": "a.duckdb"}, store="b.duckdb")
    assert (found.min_calls, found.min_agents, found.time_zone, found.store) == (30, 5, "Europe/Berlin", "b.duckdb")
    assert found.zone.key == "Europe/Berlin"


def test_a_table_comes_from_the_file_or_as_json(tmp_path: Path) -> None:
    """Whole from one place: the environment's is over the file's."""
    file = tmp_path / "qa.toml"
    file.write_text("retention_days = 365\n[retention_days_by_team]\nNorth = 90\n")
    found = settings.load({"QA_SETTINGS": str(file)})
    assert (found.retention_days, found.retention_days_by_team) == (365, {"North": 90})
    found = settings.load({"QA_SETTINGS": str(file), "QA_RETENTION_DAYS_BY_TEAM": '{"South": 30}'})
    assert (found.retention_days, found.retention_days_by_team) == (365, {"South": 30})


def test_what_is_given_as_none_is_not_given() -> None:
    assert settings.load({"QA_STORE": "a.duckdb"}, store=None).store == "a.duckdb"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"QA_MIN_CALLS": "many"}, ["min_calls", "QA_MIN_CALLS", "'many'", "the environment"]),
        ({"QA_MIN_CALLS": "1"}, ["QA_MIN_CALLS", ">= 2"]),
        ({"QA_MAX_DURATION_S": "0"}, ["QA_MAX_DURATION_S"]),
        ({"QA_AGENT_CHANNEL": "up"}, ["QA_AGENT_CHANNEL", "'up'"]),
        ({"QA_TIME_ZONE": "Mars/Olympus"}, ["QA_TIME_ZONE", "Mars/Olympus", "Europe/Berlin"]),
        ({"QA_TIME_ZONE": "../etc"}, ["QA_TIME_ZONE"]),
        ({"QA_WEBHOOK_URL": "hooks.example.org"}, ["webhook_url (QA_WEBHOOK_URL) in the environment", "https://hooks"]),
        ({"QA_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, ["webhook_secret (QA_WEBHOOK_SECRET) in the environment", "openssl"]),
        ({"QA_WEBHOOK_HOSTS": "https://a.example"}, ["QA_WEBHOOK_HOSTS", "'https://a.example' is not a host"]),
        ({"QA_WEBHOOK_HOSTS": "a.example:99999"}, ["QA_WEBHOOK_HOSTS", "65535"]),
        ({"QA_RETENTION_DAYS": "0"}, ["QA_RETENTION_DAYS", ">= 1"]),
        ({"QA_RETENTION_DAYS_BY_TEAM": "North: 90"}, ["QA_RETENTION_DAYS_BY_TEAM", "give JSON such as"]),
        ({"QA_RETENTION_DAYS_BY_TEAM": '{"North": 0}'}, ["QA_RETENTION_DAYS_BY_TEAM", ">= 1"]),
        ({"QA_TIMEZONE": "UTC"}, ["QA_TIMEZONE is not a setting", "QA_TIME_ZONE"]),
        ({"QA_SETTINGS": "/nowhere/qa.toml"}, ["/nowhere/qa.toml", "No such file"]),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(environ: dict[str, str], words: list[str]) -> None:
    with pytest.raises(SettingsProblem) as caught:
        settings.load(environ)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_call = 3", ["min_call is not a setting", "min_calls"]),
        ("min_calls = ", ["is not TOML"]),
        ("min_calls = 'x'", ["min_calls", "qa.toml"]),
    ],
)
def test_a_wrong_settings_file_is_named_with_its_place(tmp_path: Path, text: str, words: list[str]) -> None:
    file = tmp_path / "qa.toml"
    file.write_text(text)
    with pytest.raises(SettingsProblem) as caught:
        settings.load({"QA_SETTINGS": str(file)})
    for word in [str(file), *words]:
        assert word in str(caught.value)


def test_variables_of_others_are_left_alone() -> None:
    assert settings.load({"QA_HOME": "x", "QA_MODELS": "y", "HOME": "z"}) == settings.Settings()
