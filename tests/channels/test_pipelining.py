"""MAIL, RCPT and DATA in one write where the relay offers it, and only as RFC 2920 allows."""

from __future__ import annotations

import pytest

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.mail.smtp_wire import Wire
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference, relay_of
from tests.channels.fault_server import FaultServer


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was written at once, in order. Only watched: every byte still goes its way."""
    seen: list[bytes] = []
    write = Wire.write

    def watched(self: Wire, words: bytes) -> None:
        seen.append(words)
        write(self, words)

    monkeypatch.setattr(Wire, "write", watched)
    return seen


def test_an_envelope_is_one_write_and_its_body_and_dot_are_each_their_own(
    server: FaultServer, groups: list[bytes]
) -> None:
    server.offers.append("PIPELINING")
    [reply] = EmailChannel(relay_of(server)).send([letter_to("ada@kestrel.example")], Ledger())
    assert reply.outcome is Outcome.ACCEPTED
    envelope, body, dot, goodbye = groups
    assert [line.split(b":")[0] for line in envelope.split(b"\r\n")] == [
        b"MAIL FROM",
        b"RCPT TO",
        b"DATA",
        b"",
    ]
    assert body.startswith(b"From:")
    assert (dot, goodbye) == (b"\r\n.\r\n", b"QUIT\r\n")


def test_without_the_offer_each_command_waits_for_its_answer(
    server: FaultServer, groups: list[bytes]
) -> None:
    list(EmailChannel(relay_of(server)).send([letter_to("ada@kestrel.example")], Ledger()))
    assert [group[:4] for group in groups] == [
        b"MAIL",
        b"RCPT",
        b"DATA",
        b"From",
        b"\r\n.\r",
        b"QUIT",
    ]


def test_after_a_refused_reader_the_answers_still_owed_are_taken_in_and_the_next_one_goes(
    server: FaultServer,
) -> None:
    server.offers.append("PIPELINING")
    server.by_recipient = {"di@kestrel.example": "550 at RCPT", "cy@kestrel.example": "450 at RCPT"}
    people = ["di", "ada", "cy", "bo"]
    batch = [letter_to(f"{who}@kestrel.example", n) for n, who in enumerate(people)]
    replies = {r.reference: r.outcome for r in EmailChannel(relay_of(server)).send(batch, Ledger())}
    assert [replies[reference(n)] for n in range(4)] == [
        Outcome.UNDELIVERABLE,
        Outcome.ACCEPTED,
        Outcome.DEFERRED,
        Outcome.ACCEPTED,
    ]
    assert server.connections == 1
    assert server.heard.count("RSET") == 2


def test_a_server_that_wants_a_body_for_a_refused_reader_gets_no_dot(server: FaultServer) -> None:
    """An empty message with our name under it would be worse than one more connection."""
    server.offers.append("PIPELINING")
    server.says_354_to_all = True
    server.by_recipient = {"di@kestrel.example": "550 at RCPT"}
    batch = [letter_to("di@kestrel.example", 1), letter_to("ada@kestrel.example", 2)]
    replies = {r.reference: r for r in EmailChannel(relay_of(server)).send(batch, Ledger())}
    assert replies[reference(1)].outcome is Outcome.UNDELIVERABLE
    assert replies[reference(2)].outcome is Outcome.ACCEPTED
    assert [taken.recipient for taken in server.world] == ["ada@kestrel.example"]
    assert server.connections == 2


def test_a_letter_refused_at_mail_is_not_sent_by_the_commands_behind_it(
    server: FaultServer,
) -> None:
    server.offers.append("PIPELINING")
    server.says_354_to_all = True
    server.fault = "451 at MAIL"
    [reply] = EmailChannel(relay_of(server)).send([letter_to("ada@kestrel.example")], Ledger())
    assert (reply.outcome, reply.phase, reply.code) == (Outcome.DEFERRED, "mail", "451")
    assert server.world == []


def test_a_goodbye_between_two_letters_costs_nothing(server: FaultServer) -> None:
    server.offers.append("PIPELINING")
    server.on_taken = lambda _: setattr(server, "fault", "421 at MAIL")
    batch = [letter_to("ada@kestrel.example", number) for number in (1, 2)]
    replies = list(EmailChannel(relay_of(server)).send(batch, Ledger()))
    assert [r.outcome for r in replies] == [Outcome.ACCEPTED, Outcome.DEFERRED]
    assert server.connections == 2
