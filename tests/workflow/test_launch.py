"""Nothing leaves unapproved or under a hold; pause, resume and stop lose and double nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from sqlmodel import text

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.mail.email import EmailChannel
from incident_engine.domain.delivery.pacing import CANARY
from incident_engine.domain.errors import NotApproved, NotPermitted, Refused, WrongMove
from incident_engine.domain.words import CampaignState, ChannelName, IncidentState
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.launch import launch, pause, resume, stop
from incident_engine.workflow.incidents.move_incident import move_incident
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from tests.cast import BOTH, DOV, INCIDENT, OTTO, House
from tests.channels.conftest import relay_of
from tests.channels.fault_server import FaultServer

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


MANY = 190  # enough that a quick wire is still at work when somebody says stop


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
    house.launched(crowd(MANY), [ChannelName.EMAIL])
    by_then = sending_until(house, 10, lambda: pause(house.engine, OTTO, INCIDENT, why="hotline"))
    assert by_then < MANY, "the pause came too late to show anything"
    assert len(house.mail.written) - by_then <= LANES
    assert set(house.outcomes()) == {"accepted", "pending"}, "paused is not ended"
    assert house.campaign().state == CampaignState.PAUSED
    with pytest.raises(NotApproved, match=r"is paused.*resume"):
        launch(house.engine, OTTO, INCIDENT)
    resume(house.engine, OTTO, INCIDENT, why="the hotline is open")
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": MANY}
    assert len(house.mail.written) == MANY, "nobody twice"


def test_after_a_stop_no_more_leave_than_there_are_lanes_and_the_rest_is_cancelled(
    house: House,
) -> None:
    house.launched(crowd(MANY), [ChannelName.EMAIL])
    by_then = sending_until(house, 10, lambda: stop(house.engine, OTTO, INCIDENT, why="wrong date"))
    assert len(house.mail.written) - by_then <= LANES
    found = house.outcomes()
    assert set(found) == {"accepted", "cancelled"}
    assert found["accepted"] == len(house.mail.written)
    assert house.campaign().state == CampaignState.STOPPED
    move_incident(house.engine, OTTO, INCIDENT, "complete")


def test_a_worker_asked_to_end_hears_what_is_under_way_and_books_no_more(house: House) -> None:
    house.launched(crowd(CANARY), [ChannelName.EMAIL])
    deliver(house.engine, OTTO, INCIDENT, halted=lambda: bool(house.mail.written))
    found = house.outcomes()
    assert set(found) == {"accepted", "pending"}, "nothing is left in doubt"
    assert found["accepted"] == len(house.mail.written) <= LANES
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": CANARY}
    assert len(house.mail.written) == CANARY, "nobody twice"


@dataclass
class StopsFirst:
    """The mail channel, with somebody who stops the campaign before the first answer is read."""

    house: House
    server: FaultServer
    name: str = ChannelName.EMAIL

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        replies = list(EmailChannel(relay_of(self.server)).send(batch, book))
        stop(self.house.engine, OTTO, INCIDENT, why="wrong date")
        yield from replies


def test_what_is_put_off_or_refused_after_a_stop_opens_nothing_more(house: House) -> None:
    """The answers of the last letters come after the stop: they must not leave work undone."""
    house.launched()
    with FaultServer() as server:
        server.by_recipient = {
            "ada@people.example": "451 after dot",
            "di@people.example": "554 after dot, bare",
        }
        deliver(replace(house.engine, channel=lambda _: StopsFirst(house, server)), OTTO, INCIDENT)
    assert sorted(each.outcome for each in house.deliveries() if each.attempts) == [
        "cancelled", "refused",
    ]  # fmt: skip
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


def test_the_indexes_that_a_launch_makes_afterwards_are_those_from_before(house: House) -> None:
    def indexes() -> list[str]:
        with house.engine.reading() as session:
            asked = "SELECT sql FROM sqlite_master WHERE tbl_name = 'delivery' ORDER BY 1"
            return [str(each) for each in session.execute(text(asked)).scalars()]

    before = indexes()
    assert sum("CREATE INDEX" in each for each in before) >= 4
    house.launched()
    assert indexes() == before
