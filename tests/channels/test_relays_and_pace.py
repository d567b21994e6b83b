"""The next relay when one is down or will not take it, never after the dot; and limits kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.mail.pace import Pace
from incident_engine.domain.errors import Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference, relay_of
from tests.channels.fault_server import FaultServer


@pytest.fixture
def second() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_a_relay_that_lets_nobody_in_is_passed_over(
    server: FaultServer, second: FaultServer
) -> None:
    server.fault = "554 as banner"
    channel = EmailChannel(relay_of(server), relay_of(second))
    batch = [letter_to("ada@kestrel.example", n) for n in range(6)]
    assert {r.outcome for r in channel.send(batch, Ledger())} == {Outcome.ACCEPTED}
    assert len(second.world) == 6
    assert server.connections == 1  # not knocked at again for each letter


def test_when_no_relay_lets_us_in_the_first_ones_words_are_told(
    server: FaultServer, second: FaultServer
) -> None:
    server.fault = second.fault = "421 as banner"
    book = Ledger()
    channel = EmailChannel(relay_of(server), relay_of(second))
    with pytest.raises(Unreachable, match=f":{server.port}"):
        list(channel.send([letter_to("ada@kestrel.example")], book))
    assert book.commits == []


@pytest.mark.parametrize("fault", ["554 at RCPT, policy", "554 at DATA", "550 at RCPT, policy"])
def test_what_one_relay_refuses_by_policy_the_next_may_take(
    server: FaultServer, second: FaultServer, fault: str
) -> None:
    server.by_recipient = {"bo@kestrel.example": fault}
    people = ["ada", "bo", "cy", "bo"]
    batch = [letter_to(f"{who}@kestrel.example", n) for n, who in enumerate(people)]
    book = Ledger()
    replies = list(EmailChannel(relay_of(server), relay_of(second)).send(batch, book))
    assert [r.outcome for r in replies] == [Outcome.ACCEPTED] * 4
    assert sorted(server.references) == [reference(0), reference(2)]
    assert sorted(second.references) == [reference(1), reference(3)]
    assert sorted(book.booked) == [reference(n) for n in range(4)]  # each once


@pytest.mark.parametrize(
    "fault", ["554 after dot", "drop after dot, not taken", "550 at RCPT", "450 at RCPT"]
)
def test_after_the_dot_or_for_a_dead_address_no_other_relay_is_asked(
    server: FaultServer, second: FaultServer, fault: str
) -> None:
    server.fault = fault
    channel = EmailChannel(relay_of(server), relay_of(second))
    [reply] = channel.send([letter_to("ada@kestrel.example")], Ledger())
    assert reply.outcome is not Outcome.ACCEPTED
    assert second.connections == 0


def test_where_the_next_relay_lets_nobody_in_the_refusal_stands(
    server: FaultServer, second: FaultServer
) -> None:
    server.fault, second.fault = "554 at RCPT, policy", "554 as banner"
    channel = EmailChannel(relay_of(server), relay_of(second))
    batch = [letter_to("ada@kestrel.example", n) for n in range(3)]
    replies = list(channel.send(batch, Ledger()))
    assert [r.outcome for r in replies] == [Outcome.REFUSED] * 3
    assert {r.code for r in replies} == {"554"}


def test_a_relay_that_dies_midway_hands_the_rest_to_the_next(
    server: FaultServer, second: FaultServer
) -> None:
    server.most_connections = 1
    server.by_recipient = {"bo@kestrel.example": "drop at RCPT"}
    batch = [letter_to("bo@kestrel.example", 0)]
    batch += [letter_to("ada@kestrel.example", n) for n in range(1, 4)]
    replies = {
        r.reference: r.outcome
        for r in EmailChannel(relay_of(server), relay_of(second)).send(batch, Ledger())
    }
    assert replies[reference(0)] is Outcome.DEFERRED
    assert sorted(second.references) == [reference(n) for n in (1, 2, 3)]


def test_many_lanes_share_a_next_relay_that_allows_few_connections(
    server: FaultServer, second: FaultServer
) -> None:
    server.fault, second.most_connections = "554 at RCPT, policy", 2
    channel = EmailChannel(relay_of(server, lanes=8), relay_of(second, lanes=8))
    batch = [letter_to("ada@kestrel.example", n) for n in range(40)]
    replies = list(channel.send(batch, Ledger()))
    assert sorted(r.reference for r in replies) == [reference(n) for n in range(40)]
    assert sorted(second.references) == sorted(
        r.reference for r in replies if r.outcome is Outcome.ACCEPTED
    )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_domain_gets_its_messages_a_minute_and_no_more() -> None:
    clock = Clock()
    pace = Pace(per_domain=60, seconds=clock)
    went = []
    while clock.now < 300:
        if pace.wait_for("kestrel.example") == 0:
            went.append(clock.now)
        else:
            clock.now += 0.25
    for start in went:
        assert len([at for at in went if start <= at < start + 60]) <= 66
    assert len(went) >= 300


def test_a_great_providers_domains_count_together() -> None:
    pace = Pace(per_provider=1, seconds=Clock())
    assert pace.wait_for("gmail.com") == 0
    assert pace.wait_for("googlemail.com") == pytest.approx(60)
    assert pace.wait_for("qq.com") == 0
    assert pace.wait_for("kestrel.example") == 0
    assert pace.wait_for("kestrel.example") == 0  # no great provider: no limit of that kind


def test_what_is_held_back_was_not_tried_and_each_is_told_a_later_moment(
    server: FaultServer,
) -> None:
    channel = EmailChannel(relay_of(server), pace=Pace(per_domain=20, seconds=Clock()))
    batch = [letter_to("ada@kestrel.example", n) for n in range(6)]
    batch += [letter_to("bo@other.example", 9)]
    book = Ledger()
    replies = list(channel.send(batch, book))
    held = [r for r in replies if not r.tried]
    assert [r.phase for r in held] == ["pace"] * 4
    assert {r.outcome for r in held} == {Outcome.DEFERRED}
    waits = [r.retry_after or 0 for r in held]
    assert waits == pytest.approx([3, 6, 9, 12])
    assert sorted(book.booked) == sorted(server.references)
    assert reference(9) in server.references
