"""How much leaves, when, and what stops it by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from incident_engine.domain.delivery.pacing import CANARY
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store.tables import Delivery, ReceiptRow
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import resume
from tests.cast import INCIDENT, OTTO, House

SMS = [ChannelName.SMS]
MIDNIGHT_IN_CHINA = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)


def callers(size: int, place: str = "CN", start: str = "+86139123450") -> str:
    rows = "".join(f"{n},Bo {n},,{start}{n:02d},{place},en\n" for n in range(size))
    return f"id,name,email,phone,where,language\n{rows}"


def not_enabled(house: House, size: int) -> None:
    """Our account may not send to these numbers: our own fault, every time."""
    house.sms.refusals.update({f"+86139123450{n:02d}": 21408 for n in range(size)})


def test_our_own_fault_stops_within_the_canary_and_nobody_is_lost(house: House) -> None:
    not_enabled(house, CANARY + 10)
    house.launched(callers(CANARY + 10), SMS)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.PAUSED
    found = house.outcomes()
    assert found.keys() == {"broken", "pending"}
    assert 10 <= found["broken"] <= CANARY
    assert sum(found.values()) == CANARY + 10
    [entry] = house.acts("campaign-stopped-itself")
    assert f"{found['broken']} of {found['broken']} failed by our own fault" in entry.body


def test_once_a_person_has_looked_only_what_follows_is_judged(house: House) -> None:
    not_enabled(house, CANARY)
    house.launched(callers(CANARY + 10), SMS)
    deliver(house.engine, OTTO, INCIDENT)
    broken = house.outcomes()["broken"]
    house.clock.passes(minutes=5)
    house.sms.refusals.clear()
    resume(house.engine, OTTO, INCIDENT, why="the region is enabled now")
    house.clock.passes(minutes=1)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"broken": broken, "accepted": CANARY + 10 - broken}
    assert house.campaign().state == CampaignState.SENDING


def test_nobodys_telephone_sounds_at_night(house: House) -> None:
    house.set(sms_quiet_hours="21:00-08:00")
    house.launched(callers(2) + "9,Ada,,+4915112345678,DE,en\n", SMS)
    house.clock.at = MIDNIGHT_IN_CHINA
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": 1, "pending": 2}, "it is five in the afternoon in DE"
    house.clock.passes(hours=9)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": 3}


def test_where_the_law_leaves_no_morning_the_telephone_sounds(house: House) -> None:
    house.set(sms_quiet_hours="21:00-08:00")
    house.launched(callers(1, "US-CA", "+165025300"), SMS)
    with house.engine.reading():
        due = house.duties()["us-ca/individuals/US-CA"].due_at
    assert due
    house.clock.at = due.replace(hour=5, minute=0)  # 22:00 of the last evening
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": 1}


READERS = 1_010


def after_a_thousand(house: House, bounced: int, complained: int = 0) -> None:
    """A campaign of which a thousand have an answer, and ten still wait."""
    rows = "".join(f"{n},Ada {n},p{n:04d}@people.example,,DE,en\n" for n in range(READERS))
    house.launched(f"id,name,email,phone,where,language\n{rows}", [ChannelName.EMAIL])
    house.clock.passes(minutes=1)
    with house.engine.transaction(OTTO) as transaction:
        session = transaction.session
        for number, row in enumerate(session.exec(select(Delivery)).all()[:1000]):
            row.outcome = Outcome.UNDELIVERABLE if number < bounced else Outcome.ACCEPTED
            row.settled_at = transaction.at
            session.add(row)
            if number < complained:
                session.add(
                    ReceiptRow(
                        key=f"{number}", delivery_id=row.id, kind="complaint",
                        received_at=transaction.at,
                    )
                )  # fmt: skip
    house.clock.passes(minutes=1)


@pytest.mark.parametrize(("bounced", "complained"), [(100, 0), (0, 3)])
def test_what_came_back_since_stops_it_before_anything_more_leaves(
    house: House, bounced: int, complained: int
) -> None:
    after_a_thousand(house, bounced, complained)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.PAUSED
    assert house.outcomes()["pending"] == READERS - 1000
    assert house.mail.written == []
    [entry] = house.acts("campaign-stopped-itself")
    assert ("100 of 1000 bounced" if bounced else "3 of 1000 complained") in entry.body


def test_a_warning_is_said_once_and_stops_nothing(house: House) -> None:
    after_a_thousand(house, bounced=60)
    deliver(house.engine, OTTO, INCIDENT)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.SENDING
    assert "pending" not in house.outcomes()
    [entry] = house.acts("campaign-warned")
    assert "60 of 1000 bounced (6.0%)" in entry.body
