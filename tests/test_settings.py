"""Settings: file, environment, secret files; a wrong one is named, a secret is never shown."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from incident_engine import settings as configuration
from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.home import Home, find_home
from incident_engine.settings import setting_names, settings_from
from tests.cast import typed


def read(table: dict[str, object], **environment: str) -> configuration.Settings:
    return settings_from(table, place="config.toml", environment=environment)


def test_the_environment_stands_over_a_secret_file_and_that_over_the_config(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("from the file\n")
    table: dict[str, object] = {"email": {"password": "from the config", "host": "a"}}
    named = {"INCIDENT_ENGINE_EMAIL_PASSWORD_FILE": str(secret)}
    assert read(table).email.password.get_secret_value() == "from the config"
    assert read(table, **named).email.password.get_secret_value() == "from the file"
    over = named | {"INCIDENT_ENGINE_EMAIL_PASSWORD": "from the environment"}
    assert read(table, **over).email.password.get_secret_value() == "from the environment"
    assert read(table, **over).email.host == "a"


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"INCIDENT_ENGINE_SMS_AUTH_TOKEN_FILE: names .*nowhere"):
        read({}, INCIDENT_ENGINE_SMS_AUTH_TOKEN_FILE=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"emial": {}}, r"emial.*no such setting"),
        ({"email": {"hots": "x"}}, r"email\.hots.*perhaps email\.host"),
        ({"email": {"port": 0}}, r"email\.port: found 0"),
        ({"email": {"port": "many"}}, r"email\.port: found 'many'"),
        ({"email": {"security": "ssl"}}, r"email\.security.*'none', 'starttls' or 'tls'"),
        ({"email": {"lanes": 1_000}}, r"email\.lanes"),
        ({"email": "x"}, r"config\.toml, email"),
        ({"organisation": {"country": "china"}}, r"organisation\.country"),
        ({"sms": {"base_url": "ftp://x"}}, r"sms\.base_url"),
        ({"announcement": {"url": "javascript:x"}}, r"announcement\.url"),
        ({"sms": {"timeout": -1}}, r"sms\.timeout"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key_what_was_found_and_expected(
    table: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        read(table)
    assert refused.value.expected


def test_a_wrong_secret_is_not_repeated() -> None:
    with pytest.raises(BadInput) as refused:
        read({"email": {"password": ["hunter2"]}})
    assert "hunter2" not in str(refused.value)


def test_changing_one_keeps_the_file_its_comments_and_its_rights(home: Home) -> None:
    home.config.write_text("# by hand\n" + home.config.read_text())
    configuration.change(home, "email.port", "2525")
    text = home.config.read_text()
    assert text.startswith("# by hand\n")
    assert tomllib.loads(text)["email"]["port"] == 2525
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert configuration.load(home).email.port == 2525


@pytest.mark.parametrize(
    ("name", "value"),
    [("email.port", "-1"), ("email.port", "²"), ("email.hots", "x"), ("email", "x"), ("", "x"),
     ("email.port.more", "1"), ("sms.timeout", "long")],
)  # fmt: skip
def test_a_wrong_change_leaves_the_file_as_it_was(home: Home, name: str, value: str) -> None:
    before = home.config.read_bytes()
    with pytest.raises(BadInput):
        configuration.change(home, name, value)
    assert home.config.read_bytes() == before


def test_every_setting_can_be_changed_and_read_back(home: Home) -> None:
    for section, name in setting_names():
        value = configuration.shown(configuration.load(home))[section][name]
        text = "x" if value in ("set", "not set") else str(value)
        configuration.change(home, f"{section}.{name}", text)
    configuration.load(home)


def test_what_is_shown_of_a_secret_is_whether_it_is_set(home: Home) -> None:
    configuration.change(home, "email.password", "hunter2")
    answer = typed("config", "show", "--json")
    assert '"password": "set"' in answer.out
    assert '"auth_token": "not set"' in answer.out
    assert "hunter2" not in answer.out + typed("config", "show").out


def test_the_home_is_the_named_one_then_the_environments_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INCIDENT_ENGINE_HOME", "elsewhere")
    assert find_home(Path("named")).folder == tmp_path / "named"
    assert find_home(None).folder == tmp_path / "elsewhere"
    monkeypatch.delenv("INCIDENT_ENGINE_HOME")
    assert find_home(None).folder == tmp_path / "incident-home"
    with pytest.raises(NotFound, match="incident-engine init"):
        configuration.load(find_home(None))
