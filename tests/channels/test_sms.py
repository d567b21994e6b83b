"""Texts through the provider's API: what is asked, and what each answer means."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from incident_engine.channels import Reply
from incident_engine.channels.phone.callbacks import Callbacks
from incident_engine.channels.phone.provider import Provider
from incident_engine.channels.phone.sms import SmsChannel
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference
from tests.channels.fault_provider import FAULTS, FaultProvider

BO = "+14155550123"
CALLBACKS = Callbacks("https://kestrel.example", Tokens(b"k" * 32, "callbacks"))
SPEC = json.loads((Path(__file__).parent / "twilio" / "create-message.openapi.json").read_text())
CREATE = SPEC["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
FORM = CREATE["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]

MATRIX = {
    "201": Outcome.ACCEPTED,
    "201 accepted": Outcome.ACCEPTED,
    "201 sent": Outcome.ACCEPTED,
    "201 failed 30007": Outcome.REFUSED,
    "201 failed 30003": Outcome.DEFERRED,
    "201 undelivered 30005": Outcome.UNDELIVERABLE,
    "201 of no known status": Outcome.IN_DOUBT,
    "201 garbage": Outcome.IN_DOUBT,
    "201 empty": Outcome.IN_DOUBT,
    "201 a list": Outcome.IN_DOUBT,
    "201 cut": Outcome.IN_DOUBT,
    "reset after taking": Outcome.IN_DOUBT,
    "reset without taking": Outcome.IN_DOUBT,
    "hang after taking": Outcome.IN_DOUBT,
    "500 after taking": Outcome.IN_DOUBT,
    "503 without taking": Outcome.IN_DOUBT,
    "307": Outcome.BROKEN,
    "429": Outcome.DEFERRED,
    "429 bare": Outcome.DEFERRED,
    "400 21211": Outcome.UNDELIVERABLE,
    "400 21614": Outcome.UNDELIVERABLE,
    "400 21610": Outcome.REFUSED,
    "400 21611": Outcome.DEFERRED,
    "403 21408": Outcome.BROKEN,
    "400 of no known code": Outcome.BROKEN,
    "400 garbage": Outcome.BROKEN,
    "401 20003": Outcome.BROKEN,
    "404 20404": Outcome.BROKEN,
}


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def account(provider: FaultProvider, **changed: object) -> Provider:
    given: dict[str, object] = {
        "account_sid": "AC" + "1" * 32,
        "auth_token": "ah-so-secret",
        "sender": "+14155550199",
        "base_url": provider.base_url,
        "timeout": 0.5,
        "callbacks": CALLBACKS,
        "lanes": 1,
    }
    return Provider(**(given | changed))  # type: ignore[arg-type]


def send(provider: FaultProvider, *numbers: str, **changed: object) -> list[Reply]:
    batch = [letter_to(number, n, text="Your data was copied.") for n, number in enumerate(numbers)]
    return list(SmsChannel(account(provider, **changed)).send(batch, Ledger()))


def test_a_login_refused_between_two_batches_is_noticed_by_the_next(
    provider: FaultProvider,
) -> None:
    texts = SmsChannel(account(provider))
    one, two = letter_to(BO, 1, text="Copied."), letter_to(BO, 2, text="Copied.")
    with texts.kept_open():
        assert [each.outcome for each in texts.send([one], Ledger())] == [Outcome.ACCEPTED]
        provider.account_status = 401
        assert [each.outcome for each in texts.send([two], Ledger())] == [Outcome.ACCEPTED]
        provider.fault = "401 20003"
        assert [each.outcome for each in texts.send([one], Ledger())] == [Outcome.BROKEN]
        with pytest.raises(BadInput, match="login was refused"):
            list(texts.send([two], Ledger()))


@pytest.mark.parametrize("fault", MATRIX)
def test_each_answer_is_classed_by_what_can_be_known(provider: FaultProvider, fault: str) -> None:
    provider.fault = fault
    [reply] = send(provider, BO)
    assert reply.outcome is MATRIX[fault], reply
    assert len(provider.world) == FAULTS[fault][0]
    assert len(provider.forms) == 1  # never asked twice


def test_every_fault_the_provider_knows_is_in_the_matrix() -> None:
    assert MATRIX.keys() == FAULTS.keys()


def test_an_accepted_text_keeps_the_providers_own_number(provider: FaultProvider) -> None:
    [reply] = send(provider, BO)
    assert reply.provider_reference == "SM00000000000000000000000000000001"


def test_too_many_requests_says_when_to_come_back(provider: FaultProvider) -> None:
    provider.fault = "429"
    [reply] = send(provider, BO)
    assert (reply.retry_after, reply.code) == (7.0, "20429")


def test_the_number_appears_in_no_reply_and_no_log(
    provider: FaultProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for provider.fault in ("400 21211", "201", "hang after taking", "500 after taking"):
        [reply] = send(provider, BO)
        assert BO.removeprefix("+") not in reply.said
    assert BO.removeprefix("+") not in caplog.text
    assert "ah-so-secret" not in caplog.text


def test_what_we_ask_satisfies_the_providers_own_description(provider: FaultProvider) -> None:
    for sender in ("+14155550199", "MG" + "2" * 32):
        send(provider, BO, sender=sender)
    for form in provider.forms:
        assert form.keys() <= FORM["properties"].keys()
        jsonschema.validate(form, FORM | {"components": SPEC["components"]})
    assert provider.forms[0] == {
        "To": BO,
        "From": "+14155550199",
        "Body": "Your data was copied.",
        "StatusCallback": CALLBACKS.url_for("sms", reference(0), 1),
    }
    assert provider.forms[1]["MessagingServiceSid"] == "MG" + "2" * 32


def test_the_description_would_catch_a_wrong_form() -> None:
    for wrong in ({"Body": "x"}, {"To": BO, "MessagingServiceSid": "MG1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, FORM | {"components": SPEC["components"]})


@pytest.mark.parametrize(
    "address", ["", "14155550123", "+0155", "+1415x", f"{BO},+14155550124", "++1"]
)
def test_what_is_not_one_number_is_never_asked_for(provider: FaultProvider, address: str) -> None:
    [reply] = send(provider, address)
    assert (reply.outcome, provider.forms) == (Outcome.UNDELIVERABLE, [])


@pytest.mark.parametrize("text", ["", "x" * 1_601])
def test_a_text_that_cannot_go_is_our_own_fault(provider: FaultProvider, text: str) -> None:
    [reply] = SmsChannel(account(provider)).send([letter_to(BO, text=text)], Ledger())
    assert (reply.outcome, provider.forms) == (Outcome.BROKEN, [])


def test_a_provider_that_is_not_there_is_unreachable_and_nobody_is_booked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    book = Ledger()
    gone = Provider(
        account_sid="AC" + "1" * 32,
        auth_token="x",
        sender="Kestrel",
        base_url=f"http://127.0.0.1:{port}",
        timeout=0.5,
    )
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        list(SmsChannel(gone).send([letter_to(BO)], book))
    assert book.commits == []


def test_a_provider_that_never_answers_does_not_hang_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        quiet = Provider(
            account_sid="AC" + "1" * 32,
            auth_token="x",
            sender="Kestrel",
            base_url=f"http://127.0.0.1:{deaf.getsockname()[1]}",
            timeout=0.2,
        )
        with pytest.raises(Unreachable, match="ReadTimeoutError"):
            list(SmsChannel(quiet).send([letter_to(BO)], Ledger()))


def test_a_refused_login_is_found_before_anybody_is_tried(provider: FaultProvider) -> None:
    provider.account_status = 401
    with pytest.raises(BadInput, match="login was refused") as told:
        send(provider, BO)
    assert "ah-so-secret" not in str(told.value)
    assert provider.forms == []


def test_after_a_refused_login_nobody_else_is_asked_for(provider: FaultProvider) -> None:
    provider.fault = "401 20003"
    replies = send(provider, BO, "+14155550124", "+14155550125")
    assert [r.outcome for r in replies] == [Outcome.BROKEN] * 3
    assert len(provider.forms) == 1


def test_one_region_not_enabled_does_not_stop_the_others(provider: FaultProvider) -> None:
    provider.by_number = {BO: "403 21408"}
    replies = send(provider, BO, "+14155550124")
    assert [r.outcome for r in replies] == [Outcome.BROKEN, Outcome.ACCEPTED]


def test_a_line_that_dies_midway_puts_the_rest_off_unasked(provider: FaultProvider) -> None:
    def cut_the_line(name: str) -> bool:
        if name == reference(1):
            provider.__exit__()
        return True

    book = Ledger(holds=cut_the_line)
    batch = [letter_to(f"+1415555012{n}", n, text="x") for n in range(4)]
    first, *rest = SmsChannel(account(provider)).send(batch, book)
    assert first.outcome is Outcome.ACCEPTED
    assert [r.outcome for r in rest] == [Outcome.DEFERRED] * 3
    assert [r.phase for r in rest] == ["connect"] * 3
    assert [r.tried for r in rest] == [True, False, False]
    assert book.booked == [reference(0), reference(1)]
    provider.__enter__()


@pytest.mark.parametrize(
    "changed",
    [
        {"account_sid": "AC1"},
        {"auth_token": ""},
        {"sender": "x" * 12},
        {"sender": ""},
        {"timeout": 0},
        {"base_url": "http://api.example.com"},
        {"base_url": "ftp://127.0.0.1"},
    ],
)
def test_a_setting_that_cannot_be_right_stops_the_program(
    provider: FaultProvider, changed: dict[str, object]
) -> None:
    with pytest.raises(BadInput, match=r"^sms\."):
        account(provider, **changed)


def test_the_token_is_not_in_the_providers_picture(provider: FaultProvider) -> None:
    assert "ah-so-secret" not in repr(account(provider))


def test_many_lanes_ask_at_once_and_are_booked_together(provider: FaultProvider) -> None:
    """A hundred milliseconds an answer: one lane would make ten a second."""
    provider.pause = 0.1
    batch = [letter_to(f"+1415555{n:04d}", n, text="x") for n in range(120)]
    book = Ledger(pause=0.005)
    replies = list(SmsChannel(account(provider, lanes=40, timeout=5)).send(batch, book))
    assert {r.outcome for r in replies} == {Outcome.ACCEPTED}
    assert sorted(provider.world) == sorted(book.booked) == [reference(n) for n in range(120)]
    assert len(book.commits) < 60
