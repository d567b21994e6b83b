"""From the outbox to the last answer: fallbacks, deferrals, doubts and their decisions."""

from __future__ import annotations

import email
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import policy

import pytest

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.domain.errors import BadInput, Conflict, NotPermitted
from incident_engine.domain.words import CampaignState, ChannelName, IncidentState, ObligationState
from incident_engine.store.tables import Delivery
from incident_engine.workflow.dispatch.account import account
from incident_engine.workflow.dispatch.deliver import Delivered, deliver, settle_orphans
from incident_engine.workflow.dispatch.dispatch_lock import dispatch_lock
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.launch import stop
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.engine import Actor
from incident_engine.workflow.incidents.move_incident import move_incident
from tests.cast import DOV, EVE, INCIDENT, OTTO, House
from tests.channels.conftest import relay_of
from tests.channels.fault_server import FaultServer

TAKEN_OR_NOT = "drop after dot, taken"


@pytest.fixture
def faulty() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def through(house: House, server: FaultServer) -> Delivered:
    """Deliver by a mail server that misbehaves, and the real stand-in for texts."""
    mail = EmailChannel(relay_of(server, sender="notice@kestrel.example"))
    real = house.engine.channel
    wires = replace(
        house.engine, channel=lambda name: mail if name == ChannelName.EMAIL else real(name)
    )
    return deliver(wires, OTTO, INCIDENT)


def one(house: House, **wanted: object) -> Delivery:
    [found] = [
        each
        for each in house.deliveries()
        if all(getattr(each, key) == value for key, value in wanted.items())
    ]
    return found


# The next channel ---------------------------------------------------------------------------------


def test_a_bounce_opens_the_telephone_and_is_linked_to_it(house: House) -> None:
    assert house.sent().counts == {"accepted": 3, "undeliverable": 1}
    bounced = one(house, outcome="undeliverable")
    opened = one(house, opened_by=bounced.id)
    assert (opened.channel, opened.outcome) == ("sms", "accepted")
    assert opened.person_id == bounced.person_id
    assert opened.reference != bounced.reference
    assert sorted(form["To"] for form in house.sms.forms) == ["+4915123456789", "+8613912345678"]


def test_who_has_no_further_channel_ends_undeliverable(house: House) -> None:
    found = house.sent(
        "id,name,email,where\n4,Di Marsh,di@people.example,DE\n", [ChannelName.EMAIL]
    )
    assert found.counts == {"undeliverable": 1}


def test_a_deferral_opens_nothing_and_is_tried_again_when_its_time_has_come(
    houses: Callable[..., House],
) -> None:
    house = houses(busy_once=["di@people.example"], unknown=[])
    assert house.sent().counts == {"accepted": 2, "deferred": 1}
    assert deliver(house.engine, OTTO, INCIDENT).counts["deferred"] == 1, "not before its time"
    house.clock.passes(minutes=1)
    assert deliver(house.engine, OTTO, INCIDENT).counts == {"accepted": 3}
    di = one(house, attempts=2)
    assert [each.outcome for each in house.attempts(di)] == ["deferred", "accepted"]


def test_put_off_for_ever_is_undeliverable_in_the_end_and_opens_the_telephone(
    house: House, faulty: FaultServer
) -> None:
    house.launched()
    faulty.by_recipient["di@people.example"] = "450 at RCPT"
    for _ in range(12):
        through(house, faulty)
        house.clock.passes(days=1)
    bounced = one(house, outcome="undeliverable")
    assert bounced.attempts == 9
    assert one(house, opened_by=bounced.id).channel == "sms"


def test_a_doubt_opens_nothing_and_is_never_tried_again_by_itself(
    house: House, faulty: FaultServer
) -> None:
    house.launched()
    faulty.by_recipient["di@people.example"] = TAKEN_OR_NOT
    for _ in range(3):
        assert through(house, faulty).counts == {"accepted": 2, "in_doubt": 1}
        house.clock.passes(days=1)
    assert len(faulty.world) == 2
    assert one(house, outcome="in_doubt").attempts == 1


def test_a_silent_child_is_spoken_to_through_the_guardian(house: House) -> None:
    house.sent(
        "id,name,email,where,birth_date,guardian_name,guardian_email\n"
        "1,Mo Lind,mo@people.example,DE,2016-01-01,Ada Lind,ada@people.example\n"
        "2,Pia Lind,pia@people.example,DE,2010-01-01,Ada Lind,ada@people.example\n"
    )
    to = sorted(
        str(email.message_from_bytes(path.read_bytes(), policy=policy.default)["To"])
        for path in house.mail.written
    )
    assert to == ["ada@people.example", "ada@people.example", "pia@people.example"]


def test_nobody_writes_to_the_dead_or_to_those_who_asked_for_silence(house: House) -> None:
    launched = house.launched(
        "id,name,email,where,deceased,do_not_contact\n"
        "1,Ada,ada@people.example,DE,true,\n2,Bo,bo@people.example,DE,,true\n"
        "3,Cy,cy@people.example,DE,,\n"
    )
    assert (launched.deliveries, launched.unreachable) == (1, 2)


# Outside parts ------------------------------------------------------------------------------------


def test_a_dead_relay_hinders_email_alone_and_its_people_wait(house: House) -> None:
    house.launched()
    house.set(email_port="1")
    found = deliver(house.engine, OTTO, INCIDENT)
    assert [error.code for error in found.hindered] == ["relay-unreachable"]
    assert found.counts == {"accepted": 1, "pending": 2}
    assert {each.attempts for each in house.deliveries() if each.channel == "email"} == {0}
    house.set(email_port=str(house.mail.port))
    assert deliver(house.engine, OTTO, INCIDENT).counts == {"accepted": 3, "undeliverable": 1}


def test_texts_not_set_up_hinder_texts_alone(house: House) -> None:
    house.launched()
    house.set(sms_auth_token="")
    found = deliver(house.engine, OTTO, INCIDENT)
    assert [error.place for error in found.hindered] == ["sms.auth_token"]
    assert found.counts == {"accepted": 1, "pending": 2, "undeliverable": 1}


def test_a_second_dispatcher_is_refused_while_the_first_lives(house: House) -> None:
    house.launched()
    with dispatch_lock(house.engine.home), pytest.raises(Conflict, match="another process"):
        deliver(house.engine, OTTO, INCIDENT)
    assert deliver(house.engine, OTTO, INCIDENT).counts["accepted"] == 3


def test_what_a_dead_dispatcher_left_is_pending_if_claimed_and_in_doubt_if_sending(
    house: House,
) -> None:
    from sqlmodel import text

    house.launched()
    with house.engine.database.transaction() as session:
        session.execute(text("UPDATE delivery SET outcome = 'claimed', fence = 'x' WHERE id = 1"))
        session.execute(text("UPDATE delivery SET outcome = 'sending', fence = 'x' WHERE id = 2"))
    assert settle_orphans(house.engine, OTTO) == 2
    assert [each.outcome for each in house.deliveries()] == ["pending", "in_doubt", "pending"]
    [entry] = house.acts("orphans-settled")
    assert json.loads(entry.body)["in_doubt"] == [house.deliveries()[1].reference]


# Decisions ----------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(house: House, faulty: FaultServer) -> Delivery:
    """Di's letter: the line broke after the last dot."""
    house.launched()
    faulty.by_recipient["di@people.example"] = TAKEN_OR_NOT
    through(house, faulty)
    return one(house, outcome="in_doubt")


def test_believed_accepted_it_is_and_the_campaign_can_end(house: House, doubtful: Delivery) -> None:
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.SENDING
    resolve(house.engine, OTTO, doubtful.reference, "accepted", why="in the relay's log")
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.FINISHED
    [entry] = house.acts("doubt-resolved")
    assert json.loads(entry.body) == {"decision": "accepted", "why": "in the relay's log"}


def test_held_undeliverable_it_opens_the_next_channel(house: House, doubtful: Delivery) -> None:
    resolve(house.engine, OTTO, doubtful.reference, "undeliverable", why="not in the log")
    assert one(house, opened_by=doubtful.id).channel == "sms"
    assert deliver(house.engine, OTTO, INCIDENT).counts == {"accepted": 3, "undeliverable": 1}


def test_sent_again_it_is_the_same_letter_byte_for_byte(
    house: House, doubtful: Delivery, faulty: FaultServer
) -> None:
    resolve(house.engine, OTTO, doubtful.reference, "resend", why="the law wants her told")
    faulty.by_recipient.clear()
    house.clock.passes(hours=5)
    assert through(house, faulty).counts == {"accepted": 3}
    first, second = [
        taken.content for taken in faulty.world if taken.recipient == "di@people.example"
    ]
    assert first == second, "same Message-ID, same date, same words"
    assert len(house.attempts(doubtful)) == 2


@pytest.mark.parametrize(
    ("decision", "why"), [("accepted", ""), ("accepted", "  "), ("delivered", "x"), ("", "x")]
)
def test_a_decision_is_one_of_three_and_has_its_reason(
    house: House, doubtful: Delivery, decision: str, why: str
) -> None:
    with pytest.raises(BadInput, match="--why"):
        resolve(house.engine, OTTO, doubtful.reference, decision, why=why)


@pytest.mark.parametrize("who", [DOV, EVE])
def test_only_who_sends_decides_a_doubt(house: House, doubtful: Delivery, who: Actor) -> None:
    with pytest.raises(NotPermitted):
        resolve(house.engine, who, doubtful.reference, "accepted", why="x")


def test_what_is_not_in_doubt_is_not_decided(house: House) -> None:
    house.sent()
    accepted = next(each for each in house.deliveries() if each.outcome == "accepted")
    with pytest.raises(Conflict, match="is accepted; expected in_doubt"):
        resolve(house.engine, OTTO, accepted.reference, "resend", why="x")


def test_a_doubt_of_a_stopped_campaign_can_be_decided_and_leaves_nothing_open(
    house: House, doubtful: Delivery
) -> None:
    stop(house.engine, OTTO, INCIDENT, why="wrong date")
    with pytest.raises(Conflict, match="was stopped"):
        resolve(house.engine, OTTO, doubtful.reference, "resend", why="x")
    resolve(house.engine, OTTO, doubtful.reference, "undeliverable", why="not in the log")
    move_incident(house.engine, OTTO, INCIDENT, "complete")


def test_what_we_broke_ourselves_waits_for_the_repair_and_is_sent_then(
    house: House, faulty: FaultServer
) -> None:
    house.launched()
    faulty.by_recipient["ada@people.example"] = "553 at MAIL"
    faulty.fault = "553 at MAIL"
    assert through(house, faulty).counts["broken"] == 2
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.SENDING, "nobody was told"
    faulty.fault = "none"
    faulty.by_recipient.clear()
    for each in house.deliveries():
        if each.outcome == "broken":
            resolve(house.engine, OTTO, each.reference, "resend", why="the sender is known now")
    assert through(house, faulty).counts == {"accepted": 3}


# The end ------------------------------------------------------------------------------------------


def test_when_everyone_was_reached_the_duties_to_tell_them_are_met_with_the_hash(
    house: House,
) -> None:
    house.sent("id,name,email,where\n1,Ada,ada@people.example,DE\n2,Bo,bo@people.example,US-CA\n")
    found = finish(house.engine, OTTO, INCIDENT)
    assert found.state == CampaignState.FINISHED
    assert "eu-gdpr/individuals/DE" in found.met
    duty = house.duties()["eu-gdpr/individuals/DE"]
    assert (duty.state, duty.reference) == (ObligationState.MET, house.campaign().sha256)
    assert house.incident().state == IncidentState.NOTIFIED


def test_while_one_person_is_not_reached_the_duty_stays_owed(house: House) -> None:
    house.sent()
    met = finish(house.engine, OTTO, INCIDENT).met
    assert "cn-pipl/individuals/CN" not in met, "Cy was told by nothing: the seat's law counts him"
    assert house.duties()["eu-gdpr/individuals/DE"].state == ObligationState.OWED


def test_our_first_letter_starts_the_clock_of_the_attorney_general(house: House) -> None:
    house.sent("id,name,email,where\n1,Ada,ada@people.example,US-CA\n")
    assert house.duties()["us-ca/attorney-general/US-CA"].due_at is None
    finish(house.engine, OTTO, INCIDENT)
    duty = house.duties()["us-ca/attorney-general/US-CA"]
    assert duty.due_at is not None
    assert 14 <= (duty.due_at - house.clock()).days <= 16


def test_the_account_names_everyone_masked_and_adds_up(house: House) -> None:
    house.sent()
    found = account(house.engine, EVE, INCIDENT)
    assert sum(found["counts"].values()) == len(found["deliveries"]) == 4
    assert {each["address"] for each in found["deliveries"]} == {
        "a…@p….example", "d…@p….example", "+86…678", "+49…789",
    }  # fmt: skip
    assert set(found["deliveries"][0]) >= {
        "person", "channel", "address", "outcome", "attempts", "reference",
    }  # fmt: skip
