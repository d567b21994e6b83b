"""A fact that comes later brings duties, keeps old clocks, and never takes a duty away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.words import Role
from incident_engine.intake.law_set import LawSet
from incident_engine.intake.playbook_file import read_playbooks
from incident_engine.settings import Settings
from incident_engine.store import incidents, migrate, obligations
from incident_engine.store.db import Database
from incident_engine.store.sealing import Keyring
from incident_engine.store.tables import Obligation
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.incidents.record_fact import record_facts

MAREN = Actor("maren", Role.ADMIN)
OPENED = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
LAWS = tuple(read_playbooks(Path(__file__).parents[2] / "playbooks"))


class Clock:
    """The hour of the house, moved by hand."""

    def __init__(self) -> None:
        self.at = OPENED

    def __call__(self) -> datetime:
        return self.at

    def after(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Engine:
    database = Database.in_file(tmp_path / "rows.db")
    migrate.upgrade(database)
    unused: Any = None
    return Engine(
        home=unused, settings=Settings(), database=database, keyring=Keyring(bytes(32)),
        read_laws=lambda: LawSet(LAWS), channel=unused, now=clock,
    )  # fmt: skip


def leak(**more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "role": "controller",
        "kinds": ["confidentiality"],
        "organisation": {"country": "CN", "sectors": ["cloud"]},
        "clocks": {"detected": "2026-11-23T23:30:00+08:00", "aware": "2026-11-23T23:50:00+08:00"},
        "data": {"types": ["name", "national_id"], "encrypted": False},
        "people": [{"where": "CN", "count": 900_000, "minors": 0}],
    }
    return facts | more


@pytest.fixture
def duties(engine: Engine) -> Callable[[str], dict[str, Obligation]]:
    def read(reference: str) -> dict[str, Obligation]:
        with engine.reading() as session:
            incident = incidents.by_reference(session, reference)
            rows = obligations.of_incident(session, incident.id or 0)
            session.expunge_all()
        return {f"{row.playbook}/{row.name}": row for row in rows}

    return read


Duties = Callable[[str], dict[str, Obligation]]


def count(engine: Engine, reference: str, people: str, place: str = "CN") -> None:
    record_facts(engine, MAREN, reference, [(f"people.{place}.count", people)], why="counted again")


def test_a_number_that_grows_over_a_threshold_brings_its_duty_when_it_is_learned(
    engine: Engine, clock: Clock, duties: Duties
) -> None:
    reference = open_incident(engine, MAREN, leak(), source="a test").reference
    before = duties(reference)
    assert "cn-incident-reporting/authority" not in before
    learned = clock.after(days=3)
    count(engine, reference, "1200000")
    found = duties(reference)
    assert found["cn-incident-reporting/authority"].due_at == learned + timedelta(hours=4)
    assert found["cn-incident-reporting/authority"].born_at == learned
    old, new = before["cn-pipl/authority"], found["cn-pipl/authority"]
    assert (old.born_at, old.rule, old.state) == (new.born_at, new.rule, new.state)


def test_a_clock_once_born_is_kept_when_the_number_grows_again(
    engine: Engine, clock: Clock, duties: Duties
) -> None:
    reference = open_incident(engine, MAREN, leak(), source="a test").reference
    learned = clock.after(days=3)
    count(engine, reference, "1200000")
    clock.after(hours=3)
    count(engine, reference, "1300000")
    due = duties(reference)["cn-incident-reporting/authority"].due_at
    assert due == learned + timedelta(hours=4)


def test_what_is_owed_from_the_start_counts_from_the_start(engine: Engine, duties: Duties) -> None:
    people = [{"where": "CN", "count": 1_500_000, "minors": 0}]
    reference = open_incident(engine, MAREN, leak(people=people), source="a test").reference
    due = duties(reference)["cn-incident-reporting/authority"].due_at
    assert due == datetime(2026, 11, 23, 19, 30, tzinfo=UTC)


def test_people_of_another_state_bring_its_duties_beside_the_old_ones(
    engine: Engine, clock: Clock, duties: Duties
) -> None:
    people = [{"where": "US-IA", "count": 501}]
    clocks = {"discovered": "2026-11-20", "determined": "2026-11-20"}
    facts = leak(people=people, clocks=clocks, organisation={"country": "US"})
    facts["data"]["types"] = ["name", "ssn"]
    reference = open_incident(engine, MAREN, facts, source="a test").reference
    before = duties(reference)
    clock.after(days=2)
    count(engine, reference, "250", "US-TX")
    found = duties(reference)
    assert {"us-tx/individuals", "us-tx/attorney-general"} <= set(found)
    # Texas counts from our determination of the breach, whenever we learned of Texans.
    assert found["us-tx/attorney-general"].due_at == datetime(2026, 12, 21, 5, 59, 59, tzinfo=UTC)
    for name, row in before.items():
        assert (found[name].state, found[name].due_at) == (row.state, row.due_at)


@pytest.mark.parametrize("steps", [["900000"], ["900000..1100000", "900000"]])
def test_a_lowered_number_asks_a_person_and_deletes_nothing(
    engine: Engine, clock: Clock, duties: Duties, steps: list[str]
) -> None:
    people = [{"where": "CN", "count": 1_500_000, "minors": 0}]
    reference = open_incident(engine, MAREN, leak(people=people), source="a test").reference
    for number in steps:
        clock.after(hours=1)
        count(engine, reference, number)
    found = duties(reference)["cn-incident-reporting/authority"]
    assert found.state == "doubted"
    assert found.status == "not-required"


def test_an_open_question_answered_with_no_asks_nobody(
    engine: Engine, clock: Clock, duties: Duties
) -> None:
    people = [{"where": "CN", "minors": 0}]
    reference = open_incident(engine, MAREN, leak(people=people), source="a test").reference
    assert duties(reference)["cn-incident-reporting/authority"].status == "open"
    clock.after(hours=1)
    count(engine, reference, "1200")
    found = duties(reference)["cn-incident-reporting/authority"]
    assert (found.state, found.status) == ("owed", "not-required")
