"""A setting changed is written down with who did it, and without what it was changed to."""

from __future__ import annotations

import pytest

from incident_engine import settings as configuration
from incident_engine.domain.errors import BadInput, NotPermitted
from incident_engine.workflow.change_setting import change_setting
from incident_engine.workflow.engine import Actor
from tests.cast import DOV, MAREN, OTTO, House


def test_the_journal_names_who_and_what_and_never_the_value(house: House) -> None:
    change_setting(house.engine, MAREN, "email.password", "hunter2")
    [entry] = house.acts("setting-changed")
    assert (entry.actor, entry.subject, entry.body) == ("maren", "email.password", "{}")
    loaded = configuration.load(house.engine.home)
    assert loaded.email.password.get_secret_value() == "hunter2"


@pytest.mark.parametrize(("name", "value"), [("email.hots", "x"), ("email.port", "many")])
def test_a_change_that_cannot_be_leaves_neither_file_nor_entry(
    house: House, name: str, value: str
) -> None:
    before = house.engine.home.config.read_bytes()
    with pytest.raises(BadInput):
        change_setting(house.engine, MAREN, name, value)
    assert house.engine.home.config.read_bytes() == before
    assert house.acts("setting-changed") == []


@pytest.mark.parametrize("who", [OTTO, DOV])
def test_only_the_administrator_changes_settings(house: House, who: Actor) -> None:
    with pytest.raises(NotPermitted):
        change_setting(house.engine, who, "email.host", "elsewhere.example")
