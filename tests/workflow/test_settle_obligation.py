"""A duty ends with its evidence or its reason, and what we did starts other laws' clocks."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident_engine.domain.errors import (
    BadInput,
    IncidentEngineError,
    NotFound,
    NotPermitted,
    WrongMove,
)
from incident_engine.domain.words import DutyStatus, ObligationState
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.watch import watch
from tests.cast import DOV, EVE, INCIDENT, NOW, OTTO, House

AUTHORITY = "eu-gdpr/authority/DE"
PEOPLE_CA = "us-ca/individuals/US-CA"
AG = "us-ca/attorney-general/US-CA"


def said(
    trigger: str, why: str = "", reference: str = "", until: datetime | None = None
) -> Settlement:
    return Settlement(trigger=trigger, why=why, reference=reference, until=until)


def test_done_is_done_with_its_evidence_alone(house: House) -> None:
    house.opened()
    with pytest.raises(BadInput, match="--reference"):
        settle(house.engine, OTTO, INCIDENT, AUTHORITY, said("done", why="I did"))
    row = settle(house.engine, OTTO, INCIDENT, AUTHORITY, said("done", reference="DE-4711"))
    assert (row.state, row.reference, row.settled_by) == (ObligationState.MET, "DE-4711", "otto")
    assert row.settled_at == NOW


@pytest.mark.parametrize("trigger", ["waive", "hold", "release", "restore"])
def test_everything_else_has_its_reason(house: House, trigger: str) -> None:
    house.opened()
    with pytest.raises(BadInput, match="--why"):
        settle(house.engine, OTTO, INCIDENT, AUTHORITY, said(trigger, why=" "))


def test_a_waived_duty_stays_with_its_reason_and_can_be_restored(house: House) -> None:
    house.opened()
    settle(house.engine, DOV, INCIDENT, AUTHORITY, said("waive", why="no risk"))
    assert house.duties()[AUTHORITY].state == ObligationState.WAIVED
    with pytest.raises(WrongMove, match="restore"):
        settle(house.engine, OTTO, INCIDENT, AUTHORITY, said("done", reference="A-17"))
    settle(house.engine, DOV, INCIDENT, AUTHORITY, said("restore", why="there is risk"))
    assert house.duties()[AUTHORITY].state == ObligationState.OWED


def test_a_hold_ends_by_itself_at_its_time_and_the_clock_goes_on(house: House) -> None:
    house.opened()
    until = NOW + timedelta(days=3)
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("hold", why="the FBI asks", until=until))
    house.clock.passes(days=2)
    assert watch(house.engine).released == 0
    house.clock.passes(days=1)
    assert watch(house.engine).released == 1
    assert house.duties()[PEOPLE_CA].state == ObligationState.OWED
    assert watch(house.engine).released == 0
    assert house.acts("obligation-release")[0].actor == "clock"


def test_a_hold_without_end_waits_for_a_person(house: House) -> None:
    house.opened()
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("hold", why="the FBI asks"))
    house.clock.passes(days=300)
    assert watch(house.engine).released == 0


def test_telling_people_starts_the_attorney_generals_fifteen_days(house: House) -> None:
    house.opened()
    assert house.duties()[AG].status == DutyStatus.WAITING
    assert house.duties()[AG].due_at is None
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("done", reference="letter of 6 March"))
    due = house.duties()[AG].due_at
    assert due is not None
    local = NOW.astimezone(ZoneInfo("America/Los_Angeles"))
    end = local.replace(hour=23, minute=59, second=59) + timedelta(days=15)
    assert due.astimezone(end.tzinfo).date() == end.date()


def test_the_first_act_started_the_clock_and_a_later_one_does_not_move_it(house: House) -> None:
    house.opened()
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("done", reference="first batch"))
    due = house.duties()[AG].due_at
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("restore", why="a second batch"))
    house.clock.passes(days=10)
    settle(house.engine, OTTO, INCIDENT, PEOPLE_CA, said("done", reference="second batch"))
    assert house.duties()[AG].due_at == due


def test_a_duty_goes_by_its_short_name_when_that_names_one(house: House) -> None:
    house.opened()
    row = settle(house.engine, OTTO, INCIDENT, "eu-gdpr/authority", said("waive", why="x"))
    assert row.place == "DE"


@pytest.mark.parametrize("duty", ["eu-gdpr/autority", "", "eu-gdpr", "x" * 500])
def test_a_duty_that_is_none_is_answered_with_those_there_are(house: House, duty: str) -> None:
    house.opened()
    with pytest.raises(NotFound, match=AUTHORITY):
        settle(house.engine, OTTO, INCIDENT, duty, said("waive", why="x"))


def test_the_auditor_settles_nothing(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted):
        settle(house.engine, EVE, INCIDENT, AUTHORITY, said("waive", why="x"))


def test_of_two_who_settle_at_once_one_is_first(house: House) -> None:
    house.opened()
    told: list[str] = []
    start = threading.Barrier(2)

    def act(what: Settlement) -> None:
        start.wait()
        try:
            settle(house.engine, OTTO, INCIDENT, AUTHORITY, what)
        except IncidentEngineError as error:
            told.append(error.code)
        else:
            told.append("settled")

    each_says = (said("done", reference="A-17"), said("waive", why="no risk"))
    threads = [threading.Thread(target=act, args=(what,)) for what in each_says]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert told.count("settled") == 1
