"""How much leaves, when, and what stops it by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from incident_engine.domain.pacing import CANARY
from incident_engine.domain.words import CampaignState, ChannelName
from incident_engine.workflow.deliver import deliver
from incident_engine.workflow.launch import resume
from tests.cast import INCIDENT, OTTO, House

SMS = [ChannelName.SMS]
MIDNIGHT_IN_CHINA = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)


def callers(size: int, place: str = "CN", start: str = "+86139123450") -> str:
    rows = "".join(f"{n},Bo {n},,{start}{n:02d},{place},en\n" for n in range(size))
    return f"id,name,email,phone,where,language\n{rows}"


def not_enabled(house: House, size: int) -> None:
    """Our account may not send to these numbers: our own fault, every time."""
    house.sms.refusals.update({f"+86139123450{n:02d}": 21408 for n in range(size)})


def test_our_own_fault_stops_after_the_canary_and_nobody_is_lost(house: House) -> None:
    not_enabled(house, CANARY + 10)
    house.launched(callers(CANARY + 10), SMS)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.PAUSED
    assert house.outcomes() == {"broken": CANARY, "pending": 10}
    [entry] = house.acts("campaign-stopped-itself")
    assert "50 of 50 failed by our own fault" in entry.body


def test_once_a_person_has_looked_only_what_follows_is_judged(house: House) -> None:
    not_enabled(house, CANARY)
    house.launched(callers(CANARY + 10), SMS)
    deliver(house.engine, OTTO, INCIDENT)
    house.clock.passes(minutes=5)
    resume(house.engine, OTTO, INCIDENT, why="the region is enabled now")
    house.clock.passes(minutes=1)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"broken": CANARY, "accepted": 10}
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
