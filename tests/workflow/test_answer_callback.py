"""A call reads the notice only after a key press, and only to the provider's own question."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator

from incident_engine.app import wires_of
from incident_engine.demo.provider import ACCOUNT_SID, AUTH_TOKEN
from incident_engine.domain.errors import Refused
from incident_engine.domain.words import ChannelName
from incident_engine.workflow.dispatch.answer_callback import answer_callback
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.notices.prepare import prepare
from tests.cast import INCIDENT, OTTO, House
from tests.channels.fault_provider import FaultProvider

BO = "id,name,email,phone,where,language\n2,Bo Ek,,+8613912345678,CN,en\n"
BASE = "https://kestrel.example"
SECRET = "copy of our customer list"


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def called(house: House, provider: FaultProvider) -> str:
    """Bo's telephone rings; the address where the call asks for its words."""
    house.set(web_base_url=BASE, voice_sender="+14155550199", sms_base_url=provider.base_url)
    house.launched(BO, [ChannelName.VOICE])
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": 1}
    [form] = provider.forms
    assert SECRET not in form["Twiml"]
    gather = ElementTree.fromstring(form["Twiml"]).find("Gather")
    assert gather is not None
    return gather.attrib["action"].removeprefix(BASE)


def asks(house: House, path: str, token: str = AUTH_TOKEN, **fields: str) -> str:
    form = {"AccountSid": ACCOUNT_SID, "CallSid": "CA1", **fields}
    signature = RequestValidator(token).compute_signature(BASE + path, form)
    callbacks = wires_of(house.engine).callbacks()
    assert callbacks
    return answer_callback(house.engine, callbacks, path, list(form.items()), str(signature))


def test_after_a_key_press_the_notice_is_read_and_the_person_is_told(
    house: House, provider: FaultProvider
) -> None:
    path = called(house, provider)
    said = asks(house, path, Digits="1")
    assert "Kestrel Cloud" in said
    assert said.count("<Say") == 2
    assert house.outcomes() == {"delivered": 1}


def test_an_answering_machine_presses_nothing_and_hears_nothing(
    house: House, provider: FaultProvider
) -> None:
    path = called(house, provider)
    said = asks(house, path)
    assert "<Say" not in said
    assert house.outcomes() == {"accepted": 1}


@pytest.mark.parametrize(("token", "cut"), [("somebody-else", ""), (AUTH_TOKEN, "AAAA")])
def test_a_question_that_does_not_prove_itself_is_told_nothing(
    house: House, provider: FaultProvider, token: str, cut: str
) -> None:
    path = called(house, provider)
    path = path[: len(path) - len(cut)] + cut
    with pytest.raises(Refused, match="was not taken"):
        asks(house, path, token, Digits="1")
    assert house.outcomes() == {"accepted": 1}


def test_the_end_of_the_call_is_folded_in(house: House, provider: FaultProvider) -> None:
    called(house, provider)
    [form] = provider.forms
    path = form["StatusCallback"].removeprefix(BASE)
    assert asks(house, path, CallStatus="no-answer") == ""
    assert house.outcomes() == {"unanswered": 1}


def test_without_an_address_of_ours_a_call_is_refused_and_says_what_to_use(house: House) -> None:
    house.imported(BO)
    with pytest.raises(Refused, match=r"web\.base_url is not set.*by-hand"):
        prepare(house.engine, OTTO, INCIDENT, [ChannelName.VOICE])
