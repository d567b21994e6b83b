"""Nothing leaves unapproved or under a hold; pause, resume and stop lose and double nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from incident_engine.domain.errors import NotApproved, NotPermitted, Refused, WrongMove
from incident_engine.domain.words import CampaignState, ChannelName, IncidentState
from incident_engine.workflow.approve import approve
from incident_engine.workflow.deliver import deliver
from incident_engine.workflow.finish import finish
from incident_engine.workflow.launch import launch, pause, resume, stop
from incident_engine.workflow.move_incident import move_incident
from incident_engine.workflow.prepare import prepare
from incident_engine.workflow.settle_obligation import Settlement, settle
from tests.cast import BOTH, DOV, INCIDENT, OTTO, House

LANES = 2


def crowd(size: int) -> str:
    rows = "".join(f"{n},Ada {n},p{n:03d}@people.example,,DE,en\n" for n in range(size))
    return f"id,name,email,phone,where,language\n{rows}"


def test_one_delivery_an_addressee_by_the_first_channel_that_reaches_them(house: House) -> None:
    launched = house.launched()
    assert (launched.deliveries, launched.unreachable) == (3, 1)
    assert sorted(each.channel for each in house.deliveries()) == ["email", "email", "sms"]
    assert house.incident().state == IncidentState.NOTIFYING


def test_without_approval_nothing_is_written_and_the_next_step_is_said(house: House) -> None:
    campaign = house.prepared()
    with pytest.raises(NotApproved, match=f"approve {INCIDENT} {campaign.sha256}"):
        launch(house.engine, OTTO, INCIDENT)
    assert house.deliveries() == []


def test_without_a_notice_the_next_step_is_to_prepare_one(house: House) -> None:
    house.imported()
    with pytest.raises(NotApproved, match="notice prepare"):
        launch(house.engine, OTTO, INCIDENT)


def test_an_approver_does_not_send(house: House) -> None:
    house.approved()
    with pytest.raises(NotPermitted):
        launch(house.engine, DOV, INCIDENT)


def test_a_hold_on_one_duty_keeps_every_notice_in_the_house(house: House) -> None:
    house.approved()
    duty = "us-ca/individuals/US-CA"
    settle(house.engine, OTTO, INCIDENT, duty, Settlement(trigger="hold", why="the FBI asks"))
    with pytest.raises(Refused, match=f"{duty}: is held.*obligation release"):
        launch(house.engine, OTTO, INCIDENT)
    assert house.deliveries() == []
    settle(house.engine, OTTO, INCIDENT, duty, Settlement(trigger="release", why="the FBI agrees"))
    assert launch(house.engine, OTTO, INCIDENT).deliveries == 3


def test_what_was_launched_cannot_be_launched_again(house: House) -> None:
    house.launched()
    with pytest.raises(NotApproved):
        launch(house.engine, OTTO, INCIDENT)
    assert len(house.deliveries()) == 3


def sending_until(house: House, mails: int, act: Callable[[], object]) -> int:
    """Deliver in a thread, act once so many mails were taken, and say how many were by then."""
    worker = threading.Thread(target=deliver, args=(house.engine, OTTO, INCIDENT))
    worker.start()
    while len(house.mail.written) < mails and worker.is_alive():
        threading.Event().wait(0.005)
    act()
    by_then = len(house.mail.written)
    worker.join()
    return by_then


def test_after_a_pause_no_more_leave_than_there_are_lanes_and_resuming_misses_nobody(
    house: House,
) -> None:
    house.launched(crowd(120), [ChannelName.EMAIL])
    by_then = sending_until(house, 20, lambda: pause(house.engine, OTTO, INCIDENT, why="hotline"))
    assert by_then < 120, "the pause came too late to show anything"
    assert len(house.mail.written) - by_then <= LANES
    assert set(house.outcomes()) == {"accepted", "pending"}, "paused is not ended"
    assert house.campaign().state == CampaignState.PAUSED
    with pytest.raises(NotApproved, match=r"is paused.*resume"):
        launch(house.engine, OTTO, INCIDENT)
    resume(house.engine, OTTO, INCIDENT, why="the hotline is open")
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": 120}
    assert len(house.mail.written) == 120, "nobody twice"


def test_after_a_stop_no_more_leave_than_there_are_lanes_and_the_rest_is_cancelled(
    house: House,
) -> None:
    house.launched(crowd(120), [ChannelName.EMAIL])
    by_then = sending_until(house, 20, lambda: stop(house.engine, OTTO, INCIDENT, why="wrong date"))
    assert len(house.mail.written) - by_then <= LANES
    found = house.outcomes()
    assert set(found) == {"accepted", "cancelled"}
    assert found["accepted"] == len(house.mail.written)
    assert house.campaign().state == CampaignState.STOPPED
    move_incident(house.engine, OTTO, INCIDENT, "complete")


def test_what_is_put_off_or_bounces_after_a_stop_opens_nothing_more(
    houses: Callable[..., House],
) -> None:
    """The answer of the last letter comes after the stop: it must not leave work nobody does."""
    house = houses(unknown=["di@people.example"], busy_once=["ada@people.example"])
    house.launched()

    class StopsFirst:
        name = "email"

        def send(self, batch, book):  # type: ignore[no-untyped-def]
            wire = house.engine.channel(ChannelName.EMAIL)
            for number, reply in enumerate(wire.send(batch, book)):
                if number == 0:
                    stop(house.engine, OTTO, INCIDENT, why="wrong date")
                yield reply

    from dataclasses import replace

    deliver(replace(house.engine, channel=lambda _: StopsFirst()), OTTO, INCIDENT)
    assert not {"pending", "deferred", "claimed", "sending"} & set(house.outcomes())
    move_incident(house.engine, OTTO, INCIDENT, "complete")


@pytest.mark.parametrize("verb", [pause, resume, stop])
def test_what_is_not_under_way_cannot_be_steered(house: House, verb: Callable[..., object]) -> None:
    house.approved()
    with pytest.raises(WrongMove, match="no campaign to"):
        verb(house.engine, OTTO, INCIDENT, why="x")


def test_a_second_notice_follows_the_first(house: House) -> None:
    house.sent()
    finish(house.engine, OTTO, INCIDENT)
    second = prepare(house.engine, OTTO, INCIDENT, BOTH)
    approve(house.engine, DOV, INCIDENT, second.sha256)
    assert second.number == 2
    assert launch(house.engine, OTTO, INCIDENT).deliveries == 3
    assert house.incident().state == IncidentState.NOTIFYING
