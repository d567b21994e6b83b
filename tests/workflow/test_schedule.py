"""A start that was set: the same launch as by hand, at that moment, with every check."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident_engine.domain.delivery.timetable import Window
from incident_engine.domain.errors import NotApproved, Refused
from incident_engine.domain.words import CampaignState
from incident_engine.workflow.dispatch.schedule import schedule, start_due
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from tests.cast import BOTH, DOV, INCIDENT, NOW, OTTO, House

HOUR = timedelta(hours=1)


def test_it_starts_at_its_moment_and_no_sooner(house: House) -> None:
    house.approved()
    schedule(house.engine, OTTO, INCIDENT, NOW + HOUR)
    assert start_due(house.engine) == []
    assert house.campaign().state == CampaignState.APPROVED
    house.clock.passes(hours=1)
    assert start_due(house.engine) == []
    assert house.campaign().state == CampaignState.SENDING
    assert len(house.deliveries()) == 3
    start_due(house.engine)
    assert len(house.deliveries()) == 3, "a start happens once"


def test_what_changed_meanwhile_keeps_it_in_the_house_and_is_said_once(house: House) -> None:
    house.approved()
    schedule(house.engine, OTTO, INCIDENT, NOW + HOUR)
    house.set(email_sender="another@kestrel.example")
    house.clock.passes(hours=2)
    [refusal] = start_due(house.engine)
    assert "the sender was set differently" in str(refusal)
    assert start_due(house.engine) == []
    assert house.deliveries() == []
    [entry] = house.acts("scheduled-launch-refused")
    assert '"code":"stale"' in entry.body


def test_a_start_can_be_taken_back(house: House) -> None:
    house.approved()
    schedule(house.engine, OTTO, INCIDENT, NOW + HOUR)
    schedule(house.engine, OTTO, INCIDENT, None)
    house.clock.passes(hours=2)
    start_due(house.engine)
    assert house.deliveries() == []


def test_a_start_in_the_past_or_outside_the_window_is_refused(house: House) -> None:
    house.imported()
    window = Window(NOW + HOUR, NOW + 3 * HOUR)
    campaign = prepare(house.engine, OTTO, INCIDENT, BOTH, window=window)
    approve(house.engine, DOV, INCIDENT, campaign.sha256)
    for hours, why in ((-1, "is past"), (0.5, "outside-window"), (3, "outside-window")):
        with pytest.raises(Refused) as told:
            schedule(house.engine, OTTO, INCIDENT, NOW + hours * HOUR)
        assert why in (told.value.code, told.value.found) or why in str(told.value)
    assert house.campaign().start_at is None


def test_what_nobody_approved_cannot_be_given_a_start(house: House) -> None:
    house.prepared()
    with pytest.raises(NotApproved):
        schedule(house.engine, OTTO, INCIDENT, NOW + HOUR)


def test_how_fast_it_leaves_is_a_part_of_what_was_approved(house: House) -> None:
    house.approved()
    schedule(house.engine, OTTO, INCIDENT, NOW + HOUR)
    house.set(email_per_domain_limit="5")
    house.clock.passes(hours=1)
    [refusal] = start_due(house.engine)
    assert "how fast it leaves" in str(refusal)
