"""Push through the organisation's gateway: signed, once, and to nobody else."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from incident_engine.channels import Reply
from incident_engine.channels.push import Gateway, PushChannel, body_of
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference
from tests.channels.fault_gateway import PUSH_FAULTS, SECRET, FaultGateway

MATRIX = {
    "200": Outcome.ACCEPTED,
    "202": Outcome.ACCEPTED,
    "204": Outcome.ACCEPTED,
    "302": Outcome.BROKEN,
    "400": Outcome.BROKEN,
    "401": Outcome.BROKEN,
    "404": Outcome.UNDELIVERABLE,
    "409": Outcome.REFUSED,
    "410": Outcome.UNDELIVERABLE,
    "429": Outcome.DEFERRED,
    "500": Outcome.IN_DOUBT,
    "503": Outcome.DEFERRED,
    "504": Outcome.IN_DOUBT,
    "cut": Outcome.IN_DOUBT,
    "reset after taking": Outcome.IN_DOUBT,
    "reset without taking": Outcome.IN_DOUBT,
    "hang after taking": Outcome.IN_DOUBT,
    "a flood": Outcome.IN_DOUBT,
}


@pytest.fixture
def gateway() -> Iterator[FaultGateway]:
    with FaultGateway() as running:
        yield running


def channel(gateway: FaultGateway, **changed: object) -> PushChannel:
    given: dict[str, object] = {
        "url": gateway.url,
        "secret": SECRET,
        "now": lambda: datetime.now(UTC),
        "timeout": 0.5,
        "lanes": 1,
    }
    return PushChannel(Gateway(**(given | changed)))  # type: ignore[arg-type]


def send(gateway: FaultGateway, *handles: str, **changed: object) -> list[Reply]:
    batch = [letter_to(handle, n) for n, handle in enumerate(handles)]
    return list(channel(gateway, **changed).send(batch, Ledger()))


@pytest.mark.parametrize("fault", MATRIX)
def test_each_answer_is_classed_by_what_can_be_known(gateway: FaultGateway, fault: str) -> None:
    gateway.fault = fault
    [reply] = send(gateway, "ada-1")
    assert reply.outcome is MATRIX[fault], reply
    assert len(gateway.world) == PUSH_FAULTS[fault][0]
    assert len(gateway.forms) == 1  # never asked twice
    assert "ada-1" not in reply.said


def test_every_fault_of_the_gateway_is_in_the_matrix() -> None:
    assert MATRIX.keys() == PUSH_FAULTS.keys()


def test_the_gateway_is_told_who_what_and_which_delivery_and_it_is_signed(
    gateway: FaultGateway,
) -> None:
    [reply] = send(gateway, "ada-1")
    assert reply.provider_reference == "push-77"
    [told] = gateway.forms
    assert told == {
        "reference": reference(0),
        "handle": "ada-1",
        "language": "en",
        "title": "About your data at Kestrel Cloud",
        "text": "Dear Ada,\n\nyour name and email address were copied.\n",
    }
    assert gateway.heads[0]["webhook-id"] == reference(0)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-7))])
def test_the_signature_holds_whatever_zone_our_clock_is_in(
    gateway: FaultGateway, zone: timezone
) -> None:
    [reply] = send(gateway, "ada-1", now=lambda: datetime.now(zone))
    assert reply.outcome is Outcome.ACCEPTED  # the gateway verified it


def test_a_second_attempt_has_the_same_id_and_the_same_body(gateway: FaultGateway) -> None:
    send(gateway, "ada-1")
    send(gateway, "ada-1")
    assert gateway.forms[0] == gateway.forms[1]
    assert {head["webhook-id"] for head in gateway.heads} == {reference(0)}
    assert body_of(letter_to("ada-1")) == body_of(letter_to("ada-1"))


def test_how_long_to_wait_is_taken_from_them(gateway: FaultGateway) -> None:
    gateway.by_number = {"a": "429", "b": "503"}
    assert [r.retry_after for r in send(gateway, "a", "b")] == [9.0, None]


def test_a79_a_redirect_is_not_followed(gateway: FaultGateway) -> None:
    gateway.fault = "302"
    [reply] = send(gateway, "ada-1")
    assert (reply.outcome, reply.code) == (Outcome.BROKEN, "302")


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "http://gateway.example/push"},
        {"url": "http://169.254.169.254/"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:pass@gateway.example/"},
        {"url": ""},
        {"secret": ""},
        {"secret": "whsec_c2hvcnQ="},
        {"secret": "not base64!"},
        {"lanes": 0},
    ],
)
def test_a_setting_that_cannot_be_right_stops_the_program(
    gateway: FaultGateway, changed: dict[str, object]
) -> None:
    with pytest.raises(BadInput, match=r"^push\."):
        channel(gateway, **changed)


def test_after_a_refused_signature_nobody_else_is_tried(gateway: FaultGateway) -> None:
    gateway.fault = "401"
    replies = send(gateway, "a", "b", "c")
    assert [r.outcome for r in replies] == [Outcome.BROKEN] * 3
    assert [r.tried for r in replies] == [True, False, False]
    assert len(gateway.forms) == 1


@pytest.mark.parametrize("handle", ["", "x" * 1_001, "a\nb", "a\x00b"])
def test_what_is_no_handle_is_never_asked_for(gateway: FaultGateway, handle: str) -> None:
    [reply] = send(gateway, handle)
    assert (reply.outcome, gateway.forms) == (Outcome.UNDELIVERABLE, [])


def test_a_gateway_that_is_not_there_is_unreachable_and_nobody_is_booked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gone = Gateway(
        url=f"http://127.0.0.1:{port}/", secret=SECRET, now=lambda: datetime.now(UTC), timeout=0.5
    )
    book = Ledger()
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        list(PushChannel(gone).send([letter_to("ada-1")], book))
    assert book.commits == []


def test_neither_secret_nor_handle_is_in_a_picture_or_a_log(
    gateway: FaultGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert "a2VzdHJl" not in repr(channel(gateway).gateway)
    for gateway.fault in ("404", "202", "reset after taking"):
        send(gateway, "ada-1")
    assert "ada-1" not in caplog.text
    assert Webhook(SECRET).sign("x", datetime.now(UTC), "y") not in caplog.text
