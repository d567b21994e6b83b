"""What every channel promises, whatever its wire: the recorder is held to it like the rest."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident_engine.channels import Channel, Envelope
from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.paper.letters import LetterChannel
from incident_engine.channels.phone.callbacks import Callbacks
from incident_engine.channels.phone.provider import Provider
from incident_engine.channels.phone.sms import SmsChannel
from incident_engine.channels.phone.voice import VoiceChannel
from incident_engine.channels.push import Gateway, PushChannel
from incident_engine.channels.recorder import Recorder
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Authority, Ledger, letter_to, reference, relay_of
from tests.channels.fault_gateway import PUSH_FAULTS, SECRET, FaultGateway
from tests.channels.fault_provider import FaultProvider
from tests.channels.fault_server import FaultServer
from tests.channels.test_letters import pdf

PDF = pdf()
OURS = {"email", "lane"}
NEVER_ANSWERED = {Outcome.PENDING, Outcome.CLAIMED, Outcome.SENDING}


@dataclass
class World:
    """One channel, and what really left through it."""

    channel: Channel
    left: Callable[[], list[str]]
    address: Callable[[int], str]
    events: list[tuple[str, str]] = field(default_factory=list)
    hostile: Sequence[str] = ()  # addresses whose wire misbehaves
    whole: bool = False  # a batch leaves in one step
    lanes: int = 1

    def batch(self, size: int) -> list[Envelope]:
        return [
            letter_to(self.address(n), n, text="Your data was copied.", document=PDF)
            for n in range(size)
        ]


def _recorder() -> Iterator[World]:
    answers = {"di@kestrel.example": Outcome.UNDELIVERABLE, "cy@kestrel.example": Outcome.IN_DOUBT}
    recorder = Recorder(answers)
    yield World(
        channel=recorder,
        left=lambda: [envelope.reference for envelope in recorder.sent],
        address=lambda n: f"ada{n}@kestrel.example",
        hostile=list(answers),
    )


def _email(security: str, authority: Authority, lanes: int) -> Iterator[World]:
    with FaultServer(security=security, tls=authority.server) as server:
        relay = relay_of(server, security=security, ca_file=str(authority.ca_file), lanes=lanes)
        server.by_recipient = {
            f"p{n}@kestrel.example": fault
            for n, fault in enumerate(
                [
                    "550 at RCPT",
                    "450 at RCPT",
                    "drop at RCPT",
                    "drop at DATA",
                    "drop after dot, taken",
                    "garbage after dot",
                    "421 after dot",
                    "554 after dot",
                    "250 at DATA",
                ]
            )
        }
        world = World(
            channel=EmailChannel(relay),
            left=lambda: server.references,
            address=lambda n: f"ada{n}@kestrel.example",
            hostile=list(server.by_recipient),
            lanes=lanes,
        )
        server.on_taken = lambda name: world.events.append(("left", name))
        yield world


def _provider(kind: type[SmsChannel | VoiceChannel], lanes: int) -> Iterator[World]:
    with FaultProvider() as provider:
        hostile = [
            "400 21211",
            "400 21610",
            "429",
            "500 after taking",
            "reset after taking",
            "201 garbage",
            "201 a list",
            "201 cut",
            "400 garbage",
            "401 20003",
        ]
        provider.by_number = {f"+1415555010{n}": fault for n, fault in enumerate(hostile)}
        account = Provider(
            account_sid="AC" + "1" * 32,
            auth_token="secret",
            sender="+14155550199",
            base_url=provider.base_url,
            timeout=5,
            lanes=lanes,
            callbacks=Callbacks("https://k.example", Tokens(b"k" * 32, "callbacks")),
        )
        world = World(
            channel=kind(account),
            left=lambda: list(provider.world),
            address=lambda n: f"+1415555{n:04d}",
            hostile=list(provider.by_number),
            lanes=lanes,
        )
        provider.on_taken = lambda name: world.events.append(("left", name))
        yield world


def _push() -> Iterator[World]:
    with FaultGateway() as gateway:
        gateway.by_number = {f"handle-{n}": fault for n, fault in enumerate(PUSH_FAULTS)}
        given = Gateway(
            url=gateway.url, secret=SECRET, now=lambda: datetime.now(UTC), timeout=1, lanes=4
        )
        world = World(
            channel=PushChannel(given),
            left=lambda: list(gateway.world),
            address=lambda n: f"ada-{n}",
            hostile=list(gateway.by_number),
            lanes=4,
        )
        gateway.on_taken = lambda name: world.events.append(("left", name))
        yield world


def _letters() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        hot = Path(folder) / "hot"
        hot.mkdir()
        yield World(
            channel=LetterChannel(hot, Path(folder) / "record"),
            left=lambda: [path.stem for path in hot.glob("letters-*/*.pdf")],
            address=lambda n: f"Ada {n}\n1 Harbour Road\nHangzhou",
            hostile=["", "\n"],
            whole=True,
        )


WIRES: dict[str, Callable[[Authority], Iterator[World]]] = {
    "recorder": lambda _: _recorder(),
    "email over one lane": lambda a: _email("none", a, 1),
    "email over eight lanes": lambda a: _email("none", a, 8),
    "email under TLS": lambda a: _email("tls", a, 3),
    "sms over one lane": lambda _: _provider(SmsChannel, 1),
    "sms over eight lanes": lambda _: _provider(SmsChannel, 8),
    "letters": lambda _: _letters(),
    "push": lambda _: _push(),
    "voice": lambda _: _provider(VoiceChannel, 3),
}


@pytest.fixture(params=WIRES)
def world(request: pytest.FixtureRequest, authority: Authority) -> Iterator[World]:
    yield from WIRES[request.param](authority)


def test_each_envelope_gets_exactly_one_reply(world: World) -> None:
    batch = world.batch(20)
    replies = list(world.channel.send(batch, Ledger()))
    assert sorted(r.reference for r in replies) == [e.reference for e in batch]
    assert {r.outcome for r in replies} == {Outcome.ACCEPTED}
    assert sorted(world.left()) == [e.reference for e in batch]


def test_nothing_leaves_that_the_book_does_not_confirm(world: World) -> None:
    odd = {reference(n) for n in range(20) if n % 2}
    replies = list(world.channel.send(world.batch(20), Ledger(holds=odd.__contains__)))
    assert set(world.left()) == odd
    assert {r.reference for r in replies if r.outcome is Outcome.CANCELLED} == {
        reference(n) for n in range(20)
    } - odd


def test_the_book_is_written_before_the_wire_hears_it(world: World) -> None:
    book = Ledger(events=world.events, pause=0.01)
    list(world.channel.send(world.batch(12), book))
    for name in world.left():
        if ("left", name) in world.events:
            assert world.events.index(("booked", name)) < world.events.index(("left", name))
    assert set(book.booked) == set(world.left())


def test_a_stopped_book_stops_the_channel(world: World) -> None:
    permits = iter([True] * 5)
    book = Ledger(holds=lambda _: next(permits, False))
    replies = list(world.channel.send(world.batch(30), book))
    assert len(world.left()) == 5
    assert sum(r.outcome is Outcome.CANCELLED for r in replies) == 25


def test_whatever_the_wire_says_is_a_reply_and_never_raised(world: World) -> None:
    batch = [letter_to(address, n) for n, address in enumerate(world.hostile)]
    batch += [letter_to(world.address(n), n) for n in range(90, 95)]
    replies = list(world.channel.send(batch, Ledger()))
    assert sorted(r.reference for r in replies) == sorted(e.reference for e in batch)
    for reply in replies:
        assert reply.outcome not in NEVER_ANSWERED
        assert 0 < len(reply.said) <= 2_000


def test_what_the_world_took_is_never_called_unsent(world: World) -> None:
    batch = [letter_to(address, n) for n, address in enumerate(world.hostile)]
    replies = {r.reference: r.outcome for r in world.channel.send(batch, Ledger())}
    told = {Outcome.ACCEPTED, Outcome.IN_DOUBT}
    if not isinstance(world.channel, Recorder):
        assert all(replies[name] in told for name in world.left())
        assert {n for n, o in replies.items() if o is Outcome.ACCEPTED} <= set(world.left())


def test_never_more_is_booked_and_unanswered_than_there_are_lanes(world: World) -> None:
    """That is what a kill leaves in doubt; a caller who is slow to listen changes nothing."""
    book = Ledger()
    for answered, _ in enumerate(world.channel.send(world.batch(40), book), start=1):
        threading.Event().wait(0.003)
        assert world.whole or len(book.booked) - answered <= world.lanes


def test_an_empty_batch_is_no_work(world: World) -> None:
    book = Ledger()
    assert list(world.channel.send([], book)) == []
    assert book.commits == []


def test_a_book_that_fails_lets_nothing_leave_and_is_heard(world: World) -> None:
    class Torn(Ledger):
        def sending(self, references: Sequence[str]) -> set[str]:
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        list(world.channel.send(world.batch(6), Torn()))
    assert world.left() == []


def test_a_batch_given_up_midway_stops_and_leaves_no_thread_behind(world: World) -> None:
    before = {thread.name for thread in threading.enumerate() if thread.name in OURS}
    sending = world.channel.send(world.batch(40), Ledger(pause=0.01))
    next(sending)
    sending.close()  # type: ignore[attr-defined]  # every channel's iterator is a generator
    after_closing = len(world.left())
    threading.Event().wait(0.05)
    assert len(world.left()) <= after_closing + 1
    assert world.whole or after_closing < 40
    assert {t.name for t in threading.enumerate() if t.name in OURS} == before
