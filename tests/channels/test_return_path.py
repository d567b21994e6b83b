"""Where bounces come back to, how delivery reports are asked for, and who cannot forge either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.mail.return_path import ReturnPath
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference, relay_of
from tests.channels.fault_server import FaultServer

OURS = ReturnPath("bounces@kestrel.example", Tokens(b"k" * 32, "return path"))
ADA = reference(7)


def test_the_return_path_names_the_delivery_and_proves_itself() -> None:
    address = OURS.address_for(ADA)
    assert address.startswith(f"bounces+{ADA}-")
    assert len(address.partition("@")[0]) <= 64
    assert OURS.mark_in(address) == (ADA, True)
    assert OURS.mark_in(address.upper()) == (ADA, True)  # some servers shout


def test_a_mark_of_a_strangers_making_is_seen_as_such() -> None:
    forged = f"bounces+{ADA}-{'a' * 16}@kestrel.example"
    assert OURS.mark_in(forged) == (ADA, False)
    other_key = ReturnPath("bounces@kestrel.example", Tokens(b"x" * 32, "return path"))
    assert OURS.mark_in(other_key.address_for(ADA)) == (ADA, False)
    assert OURS.mark_in(OURS.envelope_id(ADA).replace(ADA, reference(8))) == (reference(8), False)
    assert OURS.mark_in("nothing of ours") is None


def test_a_true_mark_counts_though_a_false_one_stands_before_it() -> None:
    forged = f"{reference(9)}-{'a' * 16}"
    assert OURS.mark_in(f"{forged} {OURS.envelope_id(ADA)}") == (ADA, True)


def test_a_token_of_one_place_does_not_serve_in_another() -> None:
    assert not Tokens(b"k" * 32, "callback").fits(OURS.tokens.of(ADA), ADA)


@given(st.text(max_size=40))
def test_no_guess_fits(guess: str) -> None:
    assert not OURS.tokens.fits(guess, ADA)


@pytest.mark.parametrize("mailbox", ["bounces", "a-name-too-long@kestrel.example", "ü@x.example"])
def test_a_mailbox_without_room_for_the_mark_is_refused(mailbox: str) -> None:
    with pytest.raises(BadInput, match=r"email\.return_path"):
        ReturnPath(mailbox, OURS.tokens)


def test_reports_are_asked_for_where_they_are_offered_and_never_carry_the_notice(
    server: FaultServer,
) -> None:
    server.offers.append("DSN")
    relay = relay_of(server, return_path=OURS)
    [reply] = EmailChannel(relay).send([letter_to("a+b=c@kestrel.example", 7)], Ledger())
    assert reply.outcome is Outcome.ACCEPTED
    mail, rcpt = (line for line in server.heard if line.startswith(("MAIL", "RCPT")))
    assert mail.startswith(f"MAIL FROM:<{OURS.address_for(ADA)}> RET=HDRS")
    assert f"ENVID={OURS.envelope_id(ADA)}" in mail
    assert rcpt == (
        "RCPT TO:<a+b=c@kestrel.example> NOTIFY=SUCCESS,FAILURE,DELAY"
        " ORCPT=rfc822;a+2Bb+3Dc@kestrel.example"
    )
    assert server.world[0].recipient == "a+b=c@kestrel.example"
    assert b"bounces+" not in server.world[0].content  # From stays the name people know


def test_without_a_bounce_mailbox_nobodys_own_is_flooded_with_successes(
    server: FaultServer,
) -> None:
    server.offers.append("DSN")
    list(EmailChannel(relay_of(server)).send([letter_to("ada@kestrel.example", 7)], Ledger()))
    mail, rcpt = (line for line in server.heard if line.startswith(("MAIL", "RCPT")))
    assert mail.startswith("MAIL FROM:<notices@kestrel.example>")
    assert "NOTIFY=FAILURE,DELAY " in rcpt


def test_a_local_part_abroad_is_named_in_its_own_form(server: FaultServer) -> None:
    server.offers += ["DSN", "SMTPUTF8"]
    list(EmailChannel(relay_of(server)).send([letter_to("я@пример.рф")], Ledger()))
    rcpt = next(line for line in server.heard if line.startswith("RCPT"))
    assert rcpt.endswith("ORCPT=utf-8;\\x{44F}@xn--e1afmkfd.xn--p1ai")


def test_a_relay_that_offers_no_reports_is_asked_for_none(server: FaultServer) -> None:
    list(
        EmailChannel(relay_of(server, return_path=OURS)).send([letter_to("a@x.example")], Ledger())
    )
    assert not [line for line in server.heard if "NOTIFY" in line or "ENVID" in line]
