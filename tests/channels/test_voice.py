"""Calls: who picks up hears nothing of the breach before a key was pressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from incident_engine.channels import Envelope, Reply
from incident_engine.channels.phone.callbacks import Callback, Callbacks, receipt_in
from incident_engine.channels.phone.provider import Provider
from incident_engine.channels.phone.voice import VoiceChannel, heard, notice, opening
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.delivery.states import apply
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference
from tests.channels.fault_provider import FAULTS, FaultProvider
from tests.channels.test_sms import MATRIX

BO = "+14155550123"
CALLBACKS = Callbacks("https://kestrel.example", Tokens(b"k" * 32, "callbacks"))
OPENING = "Kestrel Cloud has a message for you. Press one to hear it, or call 010 5555 0100."
SECRET = "Your name and your date of birth were copied."
FOLDER = Path(__file__).parent / "twilio"
SPEC = json.loads((FOLDER / "list-messages-and-calls.openapi.json").read_text())
CREATE = SPEC["paths"]["/2010-04-01/Accounts/{AccountSid}/Calls.json"]["post"]
FORM = CREATE["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def channel(provider: FaultProvider, **changed: object) -> VoiceChannel:
    given: dict[str, object] = {
        "account_sid": "AC" + "1" * 32,
        "auth_token": "ah-so-secret",
        "sender": "+14155550199",
        "base_url": provider.base_url,
        "timeout": 0.5,
        "callbacks": CALLBACKS,
        "section": "voice",
    }
    return VoiceChannel(Provider(**(given | changed)))  # type: ignore[arg-type]


def call_to(number: str = BO, n: int = 0, **changed: object) -> Envelope:
    return letter_to(number, n, **({"subject": OPENING, "text": SECRET} | changed))


def send(provider: FaultProvider, envelope: Envelope) -> Reply:
    [reply] = channel(provider).send([envelope], Ledger())
    return reply


def callback(place: str = "receipts", **fields: str) -> Callback:
    told = {"CallSid": "CA1", **fields}
    return Callback(place=place, channel="voice", reference=reference(7), attempt=1, fields=told)


@pytest.mark.parametrize("fault", [each for each in MATRIX if "ed 3" not in each])  # texts' codes
def test_each_answer_is_classed_as_for_texts(provider: FaultProvider, fault: str) -> None:
    provider.fault = fault
    assert send(provider, call_to()).outcome is MATRIX[fault]
    assert len(provider.world) == FAULTS[fault][0]
    assert len(provider.forms) == 1


def test_what_we_ask_satisfies_the_providers_own_description(provider: FaultProvider) -> None:
    assert send(provider, call_to()).outcome is Outcome.ACCEPTED
    [form] = provider.forms
    assert form.keys() <= FORM["properties"].keys()
    listed = {"StatusCallbackEvent": [form["StatusCallbackEvent"]]}
    jsonschema.validate(form | listed | {"Timeout": int(form["Timeout"])}, FORM)
    assert len(form["Twiml"]) <= 4_000


def test_the_provider_never_sees_the_notice_before_a_key_is_pressed(
    provider: FaultProvider,
) -> None:
    send(provider, call_to())
    assert SECRET not in str(provider.forms)
    assert "birth" not in str(provider.forms)
    twiml = ElementTree.fromstring(provider.forms[0]["Twiml"])
    gather = twiml.find("Gather")
    assert gather is not None
    assert [said.text for said in gather.findall("Say")] == [OPENING, OPENING]
    assert gather.get("action") == CALLBACKS.url_for("voice", reference(0), 1, "words")
    assert [verb.tag for verb in twiml] == ["Gather", "Hangup"]


def test_a_key_pressed_proves_that_somebody_heard_it() -> None:
    receipt = heard(callback("words", Digits="1"))
    assert receipt is not None
    assert (receipt.outcome, receipt.reference) == (Outcome.DELIVERED, reference(7))
    assert heard(callback("words")) is None
    assert heard(callback("words", Digits="timeout")) is None
    assert heard(callback("receipts", Digits="1")) is None


@pytest.mark.parametrize("end", ["completed", "busy", "no-answer"])
def test_a_call_that_ended_without_a_key_told_nobody(end: str) -> None:
    receipt = receipt_in(callback(CallStatus=end))
    assert receipt.outcome is Outcome.UNANSWERED
    assert apply(Outcome.ACCEPTED, Outcome.UNANSWERED)[0] is Outcome.UNANSWERED
    assert apply(Outcome.DELIVERED, Outcome.UNANSWERED)[0] is Outcome.DELIVERED  # a key was


@pytest.mark.attack("A24")
def test_a24_words_that_look_like_commands_are_only_spoken() -> None:
    attack = '</Say><Dial>+19005550100</Dial><Say>&"'
    for twiml in (notice(attack, "en"), opening(call_to(subject=attack), CALLBACKS)):
        tree = ElementTree.fromstring(twiml)
        assert tree.findall(".//Dial") == []
        assert {said.text for said in tree.iter("Say")} == {attack}


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("zh-Hans", "cmn-CN"), ("zh-HK", "yue-HK"), ("de-AT", "de-DE"), ("en-SG", "en-GB")],
)
def test_each_is_spoken_to_in_their_language(tag: str, spoken: str) -> None:
    said = ElementTree.fromstring(notice("x", tag)).find("Say")
    assert said is not None
    assert said.get("language") == spoken


@pytest.mark.parametrize(
    "changed", [{"language": "tlh"}, {"subject": ""}, {"subject": "x" * 601}, {"text": ""}]
)
def test_a_call_that_cannot_be_spoken_is_our_own_fault(
    provider: FaultProvider, changed: dict[str, object]
) -> None:
    assert send(provider, call_to(**changed)).outcome is Outcome.BROKEN
    assert provider.forms == []


def test_without_a_public_address_there_is_no_voice(provider: FaultProvider) -> None:
    with pytest.raises(BadInput, match=r"web\.base_url"):
        channel(provider, callbacks=None)
