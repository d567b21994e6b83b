"""Email, through one relay or the next that takes it, over a few connections at once."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.booking import BookingDesk
from incident_engine.channels.mail.message import data_for
from incident_engine.channels.mail.pace import Pace
from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.smtp import Connection, Letter, StaleConnectionError
from incident_engine.channels.mail.smtp_lines import LaneConnections, Office, Switchboard
from incident_engine.channels.mail.standard_mail import NOT_ONE_MAILBOX, one_mailbox
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName, Outcome

_BOOK_IS_SHUT = 10  # noes in a row
_BEFORE_THE_DOT = ("mail", "rcpt", "data")


class EmailChannel:
    """Hands mail to a relay. Each lane is one task with connections of its own.

    The next relay is tried where the one before lets nobody in, or will not take a message from
    us (policy) before its final dot. After the dot never: it may have been taken.
    """

    name: str = ChannelName.EMAIL

    def __init__(self, *relays: Relay, pace: Pace | None = None) -> None:
        self.relays = relays
        self._pace = pace or Pace()
        self._office: Office | None = None

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known.

        Raises Unreachable if not one connection could be opened, BadInput if our login is
        refused, both before any envelope was tried; and what `book` raises, after the replies
        to what had already left. Stop iterating, and whatever has not left does not leave.
        """
        if not batch:
            return
        with self.kept_open() as office:
            outing = _Outing(office, self._pace, batch, book)
            try:
                yield from outing.replies()
            finally:
                outing.stop()

    @contextmanager
    def kept_open(self) -> Iterator[Office]:
        """Connections stay open from one batch to the next. In one thread at a time."""
        if self._office is not None:
            yield self._office
            return
        self._office = Office(self.relays)
        try:
            yield self._office
        finally:
            office, self._office = self._office, None
            office.close()


@dataclass(slots=True)
class _Errand:
    """One envelope, the first relay it may go to, and what the one before said of it."""

    envelope: Envelope
    relay: int = 0
    refusal: Reply | None = None
    letter: Letter | None = None  # once it is made, and a place in our limits is taken
    made_for: Relay | None = None  # whose sender the letter names


@dataclass
class _Ahead:
    """The errand whose commands went out behind a lane's last dot."""

    errand: _Errand | None = None

    def taken(self) -> _Errand | None:
        """The errand; it is nobody's any more."""
        errand, self.errand = self.errand, None
        return errand


class _Outing:
    """One batch on its way. The event loop runs in the caller's own thread, while the caller waits
    for the next reply: no answer and no booking has to change threads."""

    def __init__(self, office: Office, pace: Pace, batch: Sequence[Envelope], book: Book) -> None:
        self._loop = office.loop
        self._switch = Switchboard(office)
        self._pace = pace
        self._held_back: Counter[str] = Counter()
        self._refused = 0  # by the book, in a row
        self._waiting = deque(_Errand(envelope) for envelope in batch)
        self._told: deque[Reply] = deque()
        self._desk = BookingDesk(book, self._all_taken)
        self._task: asyncio.Task[None] | None = None

    def replies(self) -> Iterator[Reply]:
        self._task = self._loop.create_task(self._main())
        while True:
            while self._told:
                yield self._told.popleft()
            if self._task.done():
                break
            self._loop.run_forever()  # until something is told
        self._task.result()

    def stop(self) -> None:
        """Cancel what still runs, and see it end. After the end it does nothing."""
        self._waiting.clear()  # nothing new starts, even in a lane that swallows the cancelling
        if self._task is not None and not self._task.done():
            self._task.cancel()
            while not self._task.done():
                self._told.clear()  # nobody is there to take them
                self._loop.run_forever()

    async def _main(self) -> None:
        try:
            await self._walk(await self._switch.first())
        finally:
            self._loop.stop()

    async def _walk(self, first: Connection) -> None:
        others = min(first.relay.lanes, len(self._waiting)) - 1
        lanes = [asyncio.create_task(self._lane(first))]
        lanes += [asyncio.create_task(self._lane(None)) for _ in range(others)]
        try:
            ends = await asyncio.gather(*lanes, return_exceptions=True)
        finally:
            await self._clear(lanes)
        for error in ends:
            if isinstance(error, BaseException):
                raise error
        self._put_off_the_rest()

    async def _clear(self, lanes: list[asyncio.Task[None]]) -> None:
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        await self._desk.closed()

    async def _lane(self, connection: Connection | None) -> None:
        open_ones, ahead = LaneConnections(self._switch, connection), _Ahead()
        try:
            while ahead.errand or self._waiting:
                start = ahead.errand.relay if ahead.errand else self._waiting[0].relay
                connection = await open_ones.to(start)
                if not ahead.errand and (not self._waiting or self._waiting[0].relay != start):
                    continue  # another lane was quicker
                if connection is not None:
                    await self._try(ahead.taken() or self._waiting.popleft(), connection, ahead)
                elif start and not self._switch.is_busy(start):
                    self._tell_refusal(self._waiting.popleft())
                else:
                    return
        except Exception:
            self._waiting.clear()  # we are broken: no lane begins another
            raise
        finally:
            if ahead.errand:
                self._waiting.appendleft(ahead.errand)
            await open_ones.close()

    async def _try(self, errand: _Errand, connection: Connection, ahead: _Ahead) -> None:
        made = errand.letter if errand.made_for is connection.relay else None
        letter = made or self._ready(errand, connection)
        if letter is None:
            return

        def following() -> Letter | None:
            ahead.errand = self._next_for(connection)
            return ahead.errand.letter if ahead.errand else None

        try:
            reply = await connection.carry(letter, self._desk.confirmed, following)
        except StaleConnectionError:
            self._waiting.appendleft(errand)
            return
        self._note_refusal(reply)
        onward = self._switch.after(connection.relay) if _may_go_elsewhere(reply) else None
        if onward is not None:
            self._waiting.appendleft(_Errand(errand.envelope, relay=onward, refusal=reply))
        else:
            self._tell(reply)

    def _note_refusal(self, reply: Reply) -> None:
        """A book that says no to one after the other is shut: the rest need no hanging up each."""
        self._refused = self._refused + 1 if reply.outcome is Outcome.CANCELLED else 0
        if self._refused >= _BOOK_IS_SHUT:
            while self._waiting:
                left = self._waiting.popleft().envelope
                self._tell(_unsent(left, Outcome.CANCELLED, "not sent: the book takes no more"))

    def _next_for(self, connection: Connection) -> _Errand | None:
        """The next errand for the same relay, its letter ready; those that cannot go are told."""
        here = self._switch.number_of(connection.relay)
        while self._waiting and self._waiting[0].relay == here:
            errand = self._waiting.popleft()
            if letter := self._ready(errand, connection):
                errand.letter, errand.made_for = letter, connection.relay
                return errand
        return None

    def _ready(self, errand: _Errand, connection: Connection) -> Letter | None:
        """The letter, or None where it cannot go now, and that was told."""
        letter = self._letter(errand.envelope, connection)
        if isinstance(letter, Reply):
            self._tell(letter)
            return None
        if errand.refusal is None and (held := self._hold_back(letter)):
            self._tell(held)
            return None
        return letter

    def _tell(self, reply: Reply) -> None:
        self._told.append(reply)
        self._loop.stop()  # at the end of this turn the caller gets it

    async def _all_taken(self) -> None:
        """Book only when every answer given so far is in the caller's hands: what is booked and
        not answered, which is what a kill leaves in doubt, is never more than there are lanes."""
        while self._told:
            await asyncio.sleep(0)

    def _letter(self, envelope: Envelope, connection: Connection) -> Letter | Reply:
        try:
            letter = Letter(
                reference=envelope.reference,
                recipient=one_mailbox(envelope.address),
                data=data_for(envelope, connection.relay.written_by),
            )
        except BadInput as error:
            theirs = error.code == NOT_ONE_MAILBOX
            outcome = Outcome.UNDELIVERABLE if theirs else Outcome.BROKEN
            return _unsent(envelope, outcome, f"not sent: {error}")
        if letter.recipient.needs_smtputf8 and not connection.speaks("smtputf8"):
            return _no_smtputf8(envelope)
        return letter

    def _hold_back(self, letter: Letter) -> Reply | None:
        """The answer for one beyond the limit: each is told a later moment than the one before."""
        domain = letter.recipient.domain.lower()
        wait = self._pace.wait_for(domain)
        if not wait:
            return None
        wait += self._held_back[domain] * self._pace.interval(domain)
        self._held_back[domain] += 1
        return Reply(
            reference=letter.reference,
            outcome=Outcome.DEFERRED,
            said="held back: the messages a minute that this mail provider gets are used up",
            phase="pace",
            retry_after=wait,
            tried=False,
        )

    def _tell_refusal(self, errand: _Errand) -> None:
        """Nobody further lets us in: what the relay before said is the answer."""
        if errand.refusal is not None:
            self._tell(errand.refusal)

    def _put_off_the_rest(self) -> None:
        """Every lane lost its connection and could not open another."""
        for errand in self._waiting:
            if errand.refusal is not None:
                self._tell_refusal(errand)
                continue
            said = f"not tried: {self._switch.last_refusal}"[:2_000]
            reply = _unsent(errand.envelope, Outcome.DEFERRED, said, "connect")
            self._tell(replace(reply, tried=False))


def _may_go_elsewhere(reply: Reply) -> bool:
    """They will not take it from us, and certainly have not taken it."""
    return reply.outcome is Outcome.REFUSED and reply.phase in _BEFORE_THE_DOT


def _no_smtputf8(envelope: Envelope) -> Reply:
    said = "not sent: the relay does not offer SMTPUTF8, and the address has no other spelling"
    return _unsent(envelope, Outcome.UNDELIVERABLE, said, "rcpt")


def _unsent(envelope: Envelope, outcome: Outcome, said: str, phase: str = "") -> Reply:
    return Reply(reference=envelope.reference, outcome=outcome, said=said, phase=phase)
