"""An approval names a window: nothing leaves before it opens, nothing after it is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from incident_engine.domain.delivery.timetable import Window
from incident_engine.domain.errors import Conflict, Refused
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from tests.cast import BOTH, DOV, INCIDENT, NOW, OTTO, House

DAY = timedelta(days=1)
TOMORROW = Window(NOW + DAY, NOW + 2 * DAY)


def approved(house: House, window: Window) -> None:
    house.imported()
    campaign = prepare(house.engine, OTTO, INCIDENT, BOTH, window=window)
    approve(house.engine, DOV, INCIDENT, campaign.sha256)


def test_the_window_is_a_part_of_what_the_hash_binds(house: House) -> None:
    house.imported()
    hashes = {
        prepare(house.engine, OTTO, INCIDENT, BOTH, window=window).sha256
        for window in (Window(), TOMORROW, Window(not_after=NOW + DAY))
    }
    assert len(hashes) == 3
    frozen = json.loads(house.campaign().manifest)["window"]
    assert frozen == {"not_before": None, "not_after": (NOW + DAY).isoformat()}


def test_launched_early_it_waits_and_leaves_when_the_window_opens(house: House) -> None:
    approved(house, TOMORROW)
    launch(house.engine, OTTO, INCIDENT)
    assert set(deliver(house.engine, OTTO, INCIDENT).counts) == {Outcome.PENDING}
    assert house.mail.written == []
    house.clock.passes(days=1)
    assert deliver(house.engine, OTTO, INCIDENT).counts[Outcome.ACCEPTED] == 3


def test_over_before_it_was_launched_it_needs_another_approval(house: House) -> None:
    approved(house, TOMORROW)
    house.clock.passes(days=2)
    with pytest.raises(Refused, match=r"approved to leave until .* Prepare it again"):
        launch(house.engine, OTTO, INCIDENT)
    assert house.deliveries() == []


def test_over_with_some_left_it_stops_by_itself_and_says_why(house: House) -> None:
    approved(house, TOMORROW)
    launch(house.engine, OTTO, INCIDENT)
    house.clock.passes(days=2)
    deliver(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.PAUSED
    [entry] = house.acts("campaign-stopped-itself")
    assert "window" in json.loads(entry.body)["why"]
    assert house.mail.written == []


def test_other_quiet_hours_than_those_approved_make_it_stale(house: House) -> None:
    approved(house, Window())
    house.set(sms_quiet_hours="21:00-08:00")
    with pytest.raises(Conflict, match="quiet hours"):
        launch(house.engine, OTTO, INCIDENT)


DI_IN_CALIFORNIA = "id,name,email,phone,where\n4,Di,di@people.example,+14155552671,US-CA\n"


def test_an_email_put_off_near_the_day_makes_way_for_the_next_channel(
    houses: Callable[..., House],
) -> None:
    """Californians are owed their notice by 4 April; Di's server is busy on the day before."""
    house = houses(busy_once=["di@people.example"], unknown=[])
    house.approved(DI_IN_CALIFORNIA)
    launch(house.engine, OTTO, INCIDENT)
    due = house.duties()["us-ca/individuals/US-CA"].due_at
    assert due is not None
    house.clock.at = due - timedelta(hours=3)
    deliver(house.engine, OTTO, INCIDENT)
    assert {each.channel: each.outcome for each in house.deliveries()} == {
        "email": Outcome.UNDELIVERABLE, "sms": Outcome.ACCEPTED,
    }  # fmt: skip


def test_an_email_put_off_with_time_left_is_tried_again(houses: Callable[..., House]) -> None:
    house = houses(busy_once=["di@people.example"], unknown=[])
    house.approved(DI_IN_CALIFORNIA)
    launch(house.engine, OTTO, INCIDENT)
    deliver(house.engine, OTTO, INCIDENT)
    assert [each.outcome for each in house.deliveries()] == [Outcome.DEFERRED]


def test_a_plan_of_one_channel_is_tried_by_its_own_rule(house: House) -> None:
    house.imported()
    frozen = json.loads(prepare(house.engine, OTTO, INCIDENT, [ChannelName.EMAIL]).manifest)
    assert list(frozen["start_by"]) == ["email"]
