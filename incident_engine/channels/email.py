"""Email, through one relay or the next that takes it, over a few connections at once."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.booking import AnswerCounter, BookingDesk
from incident_engine.channels.message import bytes_for
from incident_engine.channels.pace import Pace
from incident_engine.channels.relay import Relay
from incident_engine.channels.smtp import Connection, Letter, StaleConnectionError
from incident_engine.channels.smtp_opening import open_connection
from incident_engine.channels.standard_mail import NOT_ONE_MAILBOX, one_mailbox
from incident_engine.domain.errors import BadInput, IncidentEngineError
from incident_engine.domain.words import ChannelName, Outcome

_LAST_CALLBACKS = 4  # a transport hung up on has these many turns of the loop to go, under TLS
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

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known.

        Raises Unreachable if not one connection could be opened, BadInput if our login is
        refused, both before any envelope was tried; and what `book` raises, after the replies
        to what had already left. Stop iterating, and whatever has not left does not leave.
        """
        if not batch:
            return
        outing = _Outing(self.relays, self._pace, batch, book)
        outing.start()
        try:
            yield from outing.replies()
        finally:
            outing.stop()


@dataclass(frozen=True)
class _Errand:
    """One envelope, the first relay it may go to, and what the one before said of it."""

    envelope: Envelope
    relay: int = 0
    refusal: Reply | None = None


class _Outing:
    """One batch on its way, in a thread with an event loop of its own."""

    def __init__(
        self, relays: Sequence[Relay], pace: Pace, batch: Sequence[Envelope], book: Book
    ) -> None:
        self._switch = _Switchboard(relays)
        self._relays = relays
        self._pace = pace
        self._held_back: Counter[str] = Counter()
        self._waiting = deque(_Errand(envelope) for envelope in batch)
        self._desk = BookingDesk(book)
        self._counter = AnswerCounter()
        self._heard: queue.SimpleQueue[Reply | BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="email", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._begun = threading.Event()

    def start(self) -> None:
        self._thread.start()
        self._begun.wait()

    def replies(self) -> Iterator[Reply]:
        while (item := self._heard.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
            self._counter.taken(self._loop)  # whoever comes back for the next has this one

    def stop(self) -> None:
        """Cancel what still runs and wait for the thread. After the end it does nothing."""
        if self._thread.is_alive() and self._loop and self._task:
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._give_up, self._task)
        self._thread.join()

    def _give_up(self, task: asyncio.Task[None]) -> None:
        """Nothing new starts, even in a lane that swallows the cancelling (wait_for, 3.11)."""
        self._waiting.clear()
        task.cancel()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except (Exception, asyncio.CancelledError) as error:
            self._heard.put(error)
        finally:
            self._begun.set()
            self._heard.put(None)

    async def _main(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        try:
            await self._walk(await self._switch.first())
        finally:
            for _ in range(_LAST_CALLBACKS):
                await asyncio.sleep(0)

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
        open_ones = _LaneConnections(self._switch, connection)
        try:
            while self._waiting:
                start = self._waiting[0].relay
                connection = await open_ones.to(start)
                if not self._waiting or self._waiting[0].relay != start:
                    continue  # another lane was quicker
                if connection is not None:
                    await self._try(self._waiting.popleft(), connection)
                elif start and not self._switch.is_busy(start):
                    self._tell_refusal(self._waiting.popleft())
                else:
                    return
        except Exception:
            self._waiting.clear()  # we are broken: no lane begins another
            raise
        finally:
            await open_ones.close()

    async def _try(self, errand: _Errand, connection: Connection) -> None:
        letter = self._letter(errand.envelope, connection)
        if isinstance(letter, Reply):
            self._tell(letter)
            return
        if errand.refusal is None and (held := self._hold_back(letter)):
            self._tell(held)
            return
        try:
            reply = await connection.carry(letter, self._confirmed)
        except StaleConnectionError:
            self._waiting.appendleft(errand)
            return
        following = self._switch.after(connection.relay)
        if following is not None and _may_go_elsewhere(reply):
            self._waiting.appendleft(replace(errand, relay=following, refusal=reply))
        else:
            self._tell(reply)

    def _tell(self, reply: Reply) -> None:
        self._counter.given()
        self._heard.put(reply)

    async def _confirmed(self, reference: str) -> bool:
        """Book only when every answer given so far is in the caller's hands: what is booked and
        not answered, which is what a kill leaves in doubt, is never more than there are lanes."""
        await self._counter.all_taken()
        return await self._desk.confirmed(reference)

    def _letter(self, envelope: Envelope, connection: Connection) -> Letter | Reply:
        try:
            letter = Letter(
                reference=envelope.reference,
                recipient=one_mailbox(envelope.address),
                content=bytes_for(envelope, connection.relay.written_by),
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


class _Switchboard:
    """Which relays still let us in. One that lets nobody in is not asked again for this batch."""

    def __init__(self, relays: Sequence[Relay]) -> None:
        self._relays = relays
        self._tls = [relay.tls_context() for relay in relays]
        self._lines = Counter[int]()  # connections open, by relay
        self._down: set[int] = set()
        self.last_refusal = ""

    async def first(self) -> Connection:
        """The first connection of all. Raises what the first relay said, if none lets us in."""
        errors: list[IncidentEngineError] = []
        for number in range(len(self._relays)):
            try:
                return await self._open(number)
            except IncidentEngineError as error:
                self._down.add(number)
                errors.append(error)
        raise errors[0]

    async def further(self, start: int) -> Connection | None:
        """A connection to the first relay from `start` on that lets us in, or None.

        A relay that takes no more connections while others of ours are open is busy, not down.
        """
        for number in range(start, len(self._relays)):
            if number in self._down:
                continue
            try:
                return await self._open(number)
            except IncidentEngineError as error:
                self.last_refusal = str(error)
                if self._lines[number]:
                    return None
                self._down.add(number)
        return None

    def is_busy(self, start: int) -> bool:
        """Whether a connection of ours is open to a relay from `start` on."""
        return any(self._lines[number] for number in range(start, len(self._relays)))

    def after(self, relay: Relay) -> int | None:
        """The number of the next relay that may let us in, or None."""
        further = range(self.number_of(relay) + 1, len(self._relays))
        return next((number for number in further if number not in self._down), None)

    def number_of(self, relay: Relay) -> int:
        return next(number for number, each in enumerate(self._relays) if each is relay)

    def closed(self, connection: Connection) -> None:
        self._lines[self.number_of(connection.relay)] -= 1

    async def _open(self, number: int) -> Connection:
        connection = await open_connection(self._relays[number], self._tls[number])
        self._lines[number] += 1
        return connection


class _LaneConnections:
    """The connections one lane holds: one a relay, opened when first needed."""

    def __init__(self, switch: _Switchboard, first: Connection | None) -> None:
        self._switch = switch
        self._open = [] if first is None else [first]

    async def to(self, start: int) -> Connection | None:
        """A usable connection to a relay from `start` on, or None."""
        for connection in [each for each in self._open if not each.usable]:
            await self._drop(connection)
        held = [each for each in self._open if self._switch.number_of(each.relay) >= start]
        if held:
            return min(held, key=lambda each: self._switch.number_of(each.relay))
        another = await self._switch.further(start)
        if another is not None:
            self._open.append(another)
        return another

    async def close(self) -> None:
        for connection in list(self._open):
            await self._drop(connection)

    async def _drop(self, connection: Connection) -> None:
        self._open.remove(connection)
        self._switch.closed(connection)
        await connection.close()


def _may_go_elsewhere(reply: Reply) -> bool:
    """They will not take it from us, and certainly have not taken it."""
    return reply.outcome is Outcome.REFUSED and reply.phase in _BEFORE_THE_DOT


def _no_smtputf8(envelope: Envelope) -> Reply:
    said = "not sent: the relay does not offer SMTPUTF8, and the address has no other spelling"
    return _unsent(envelope, Outcome.UNDELIVERABLE, said, "rcpt")


def _unsent(envelope: Envelope, outcome: Outcome, said: str, phase: str = "") -> Reply:
    return Reply(reference=envelope.reference, outcome=outcome, said=said, phase=phase)
