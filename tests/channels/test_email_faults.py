"""Every way a mail server can fail, and what we may conclude from it: plain, STARTTLS and TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Authority, Ledger, letter_to, reference, relay_of
from tests.channels.fault_server import FAULTS, FaultServer

# fault: (taken by the server, our outcome, the phase it ended in)
MATRIX = {
    "drop at MAIL": (0, Outcome.DEFERRED, "mail"),
    "hang at MAIL": (0, Outcome.DEFERRED, "mail"),
    "421 at MAIL": (0, Outcome.DEFERRED, "mail"),
    "451 at MAIL": (0, Outcome.DEFERRED, "mail"),
    "552 at MAIL": (0, Outcome.REFUSED, "mail"),
    "530 at MAIL": (0, Outcome.BROKEN, "mail"),
    "553 at MAIL": (0, Outcome.BROKEN, "mail"),
    "garbage at MAIL": (0, Outcome.DEFERRED, "mail"),
    "flood at MAIL": (0, Outcome.DEFERRED, "mail"),
    "450 at RCPT": (0, Outcome.DEFERRED, "rcpt"),
    "452 at RCPT": (0, Outcome.DEFERRED, "rcpt"),
    "550 at RCPT": (0, Outcome.UNDELIVERABLE, "rcpt"),
    "550 at RCPT, bare": (0, Outcome.UNDELIVERABLE, "rcpt"),
    "552 at RCPT": (0, Outcome.UNDELIVERABLE, "rcpt"),
    "554 at RCPT, policy": (0, Outcome.REFUSED, "rcpt"),
    "550 at RCPT, policy": (0, Outcome.REFUSED, "rcpt"),
    "251 at RCPT": (1, Outcome.ACCEPTED, "answer"),
    "drop at RCPT": (0, Outcome.DEFERRED, "rcpt"),
    "drop at DATA": (0, Outcome.DEFERRED, "data"),
    "451 at DATA": (0, Outcome.DEFERRED, "data"),
    "554 at DATA": (0, Outcome.REFUSED, "data"),
    "250 at DATA": (0, Outcome.DEFERRED, "data"),
    "drop mid body": (0, Outcome.DEFERRED, "data"),
    "552 mid body": (0, Outcome.REFUSED, "data"),
    "drop after dot, not taken": (0, Outcome.IN_DOUBT, "answer"),
    "reset after dot, not taken": (0, Outcome.IN_DOUBT, "answer"),
    "drop after dot, taken": (1, Outcome.IN_DOUBT, "answer"),
    "reset after dot, taken": (1, Outcome.IN_DOUBT, "answer"),
    "hang after dot, taken": (1, Outcome.IN_DOUBT, "answer"),
    "421 after dot": (0, Outcome.DEFERRED, "answer"),
    "451 after dot": (0, Outcome.DEFERRED, "answer"),
    "554 after dot": (0, Outcome.REFUSED, "answer"),
    "554 after dot, bare": (0, Outcome.REFUSED, "answer"),
    "554 after dot, then RSET hangs": (0, Outcome.BROKEN, "answer"),
    "garbage after dot": (1, Outcome.IN_DOUBT, "answer"),
    "half a code after dot": (1, Outcome.IN_DOUBT, "answer"),
    "a code of no kind after dot": (1, Outcome.IN_DOUBT, "answer"),
    "354 after dot": (1, Outcome.IN_DOUBT, "answer"),
    "cut reply after dot": (1, Outcome.IN_DOUBT, "answer"),
    "cut lines after dot": (1, Outcome.IN_DOUBT, "answer"),
    "flood after dot": (1, Outcome.IN_DOUBT, "answer"),
    "250 after dot": (1, Outcome.ACCEPTED, "answer"),
    "252 after dot": (1, Outcome.ACCEPTED, "answer"),
    "many lines after dot": (1, Outcome.ACCEPTED, "answer"),
    "a long reply after dot": (1, Outcome.ACCEPTED, "answer"),
    "drop at QUIT": (1, Outcome.ACCEPTED, "answer"),
    "hang at QUIT": (1, Outcome.ACCEPTED, "answer"),
    "500 at QUIT": (1, Outcome.ACCEPTED, "answer"),
}
# Who closes with our next commands unread sends a reset, and the answers before it may be lost.
HANGS_UP = {Outcome.DEFERRED}
BEFORE_ANY_LETTER = [
    "421 as banner",
    "554 as banner",
    "no banner",
    "drop at banner",
    "flood as banner",
]


@pytest.fixture(
    scope="module", params=["none", "starttls", "tls", "none pipelined", "tls pipelined"]
)
def wire(request: pytest.FixtureRequest, authority: Authority) -> Iterator[FaultServer]:
    security, _, pipelined = request.param.partition(" ")
    with FaultServer(security=security, tls=authority.server) as running:
        running.offers += ["PIPELINING", "DSN"] if pipelined else []
        yield running


def channel_to(wire: FaultServer, authority: Authority, **changed: object) -> EmailChannel:
    given = {"security": wire.security, "ca_file": str(authority.ca_file)}
    return EmailChannel(relay_of(wire, **(given | changed)))


@pytest.mark.parametrize("fault", MATRIX)
def test_each_fault_is_classed_by_what_can_be_known(
    wire: FaultServer, authority: Authority, fault: str
) -> None:
    taken, outcome, phase = MATRIX[fault]
    wire.fault, before = fault, len(wire.world)
    book = Ledger(pause=0.2 if "mid body" in fault else 0)  # time for the server to misbehave in
    [reply] = channel_to(wire, authority).send([letter_to("ada@kestrel.example")], book)
    assert reply.outcome == outcome, reply
    if "PIPELINING" not in wire.offers or outcome not in HANGS_UP:
        assert reply.phase == phase, reply
    assert len(wire.world) - before == taken
    assert 0 < len(reply.said) <= 2_000


@pytest.mark.parametrize("fault", BEFORE_ANY_LETTER)
def test_a_relay_that_lets_nobody_in_is_unreachable_and_nothing_is_booked(
    wire: FaultServer, authority: Authority, fault: str
) -> None:
    wire.fault = fault
    book = Ledger()
    with pytest.raises(Unreachable, match=f"127.0.0.1:{wire.port}"):
        list(channel_to(wire, authority).send([letter_to("ada@kestrel.example")], book))
    assert book.commits == []


def test_every_fault_the_server_knows_is_in_the_matrix() -> None:
    named = {*MATRIX, *BEFORE_ANY_LETTER, "none", "535 at AUTH", "454 at AUTH"}
    assert named == set(FAULTS)


def test_a_relay_that_is_not_there_is_said_with_host_port_and_answer() -> None:
    with FaultServer() as gone:
        relay = relay_of(gone)
    with pytest.raises(Unreachable, match=rf"mail server 127.0.0.1:{gone.port}: .*refused"):
        list(EmailChannel(relay).send([letter_to("ada@kestrel.example")], Ledger()))


def test_the_words_of_the_server_are_kept_as_they_were(server: FaultServer) -> None:
    server.fault = "many lines after dot"
    [reply] = EmailChannel(relay_of(server)).send([letter_to("ada@kestrel.example")], Ledger())
    assert reply.said == "250 2.0.0 ok\n2.0.0 queued as 77AA"
    assert (reply.code, reply.provider_reference) == ("250", "77AA")


def test_a_refusal_does_not_spoil_the_next_letter_on_the_same_connection(
    server: FaultServer,
) -> None:
    server.by_recipient = {"di@kestrel.example": "550 at RCPT"}
    batch = [letter_to("di@kestrel.example", 1), letter_to("ada@kestrel.example", 2)]
    replies = {r.reference: r for r in EmailChannel(relay_of(server)).send(batch, Ledger())}
    assert replies[reference(1)].outcome is Outcome.UNDELIVERABLE
    assert replies[reference(2)].outcome is Outcome.ACCEPTED
    assert server.connections == 1


def test_no_reset_is_sent_before_the_outcome_is_told(server: FaultServer) -> None:
    server.by_recipient = {"di@kestrel.example": "554 after dot, then RSET hangs"}
    sending = EmailChannel(relay_of(server)).send([letter_to("di@kestrel.example")], Ledger())
    assert next(sending).outcome is Outcome.BROKEN
    assert "RSET" not in server.heard


def test_a_connection_closed_between_two_letters_costs_nothing(server: FaultServer) -> None:
    """A relay may close after so many messages: the next letter goes over another connection."""
    server.on_taken = lambda _: setattr(server, "fault", "421 at MAIL")
    batch = [letter_to("ada@kestrel.example", number) for number in (1, 2)]
    replies = list(EmailChannel(relay_of(server)).send(batch, Ledger()))
    assert [r.outcome for r in replies] == [
        Outcome.ACCEPTED,
        Outcome.DEFERRED,
    ]  # once on another one, not for ever
    assert server.connections == 2


def test_lanes_beyond_what_the_relay_allows_do_no_harm(server: FaultServer) -> None:
    server.most_connections = 2
    batch = [letter_to("ada@kestrel.example", number) for number in range(12)]
    replies = list(EmailChannel(relay_of(server, lanes=8)).send(batch, Ledger()))
    assert [r.outcome for r in replies] == [Outcome.ACCEPTED] * 12
    assert sorted(server.references) == [reference(number) for number in range(12)]


def test_when_the_relay_goes_away_midway_the_rest_is_put_off(server: FaultServer) -> None:
    server.most_connections = 1
    server.by_recipient = {"bo@kestrel.example": "drop at RCPT"}
    batch = [letter_to("ada@kestrel.example", 1), letter_to("bo@kestrel.example", 2)]
    batch += [letter_to("ada@kestrel.example", number) for number in (3, 4)]
    book = Ledger()
    replies = {r.reference: r for r in EmailChannel(relay_of(server)).send(batch, book)}
    assert [replies[reference(n)].outcome for n in (1, 2, 3, 4)] == [
        Outcome.ACCEPTED,
        Outcome.DEFERRED,
        Outcome.DEFERRED,
        Outcome.DEFERRED,
    ]
    assert replies[reference(4)].phase == "connect"
    assert book.booked == [reference(1)]


def test_lanes_that_wait_together_are_booked_in_one_commit(server: FaultServer) -> None:
    batch = [letter_to("ada@kestrel.example", number) for number in range(24)]
    book = Ledger(pause=0.05)
    replies = list(EmailChannel(relay_of(server, lanes=8)).send(batch, book))
    assert len(replies) == 24
    assert len(book.commits) <= 12
    assert max(map(len, book.commits)) > 1


def test_the_log_in_is_used_and_the_password_shown_nowhere(server: FaultServer) -> None:
    server.offers.append("AUTH PLAIN LOGIN")
    relay = relay_of(server, user="kestrel", password="ah-so-secret")
    assert "ah-so-secret" not in repr(relay)
    [reply] = EmailChannel(relay).send([letter_to("ada@kestrel.example")], Ledger())
    assert reply.outcome is Outcome.ACCEPTED
    assert server.logins[0].startswith("AUTH PLAIN")


def test_a_refused_login_is_our_own_fault_and_nobody_is_tried(server: FaultServer) -> None:
    server.offers.append("AUTH PLAIN")
    server.fault = "535 at AUTH"
    relay, book = relay_of(server, user="kestrel", password="ah-so-wrong"), Ledger()
    with pytest.raises(BadInput, match="login was refused") as told:
        list(EmailChannel(relay).send([letter_to("ada@kestrel.example")], book))
    assert "ah-so-wrong" not in str(told.value)
    assert book.commits == []


def test_a_login_put_off_is_the_relays_trouble(server: FaultServer) -> None:
    server.offers.append("AUTH PLAIN")
    server.fault = "454 at AUTH"
    with pytest.raises(Unreachable):
        list(
            EmailChannel(relay_of(server, user="kestrel", password="x")).send(
                [letter_to("ada@kestrel.example")], Ledger()
            )
        )
