"""Email, through one relay, over a few connections at once."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Sequence

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.booking import BookingDesk
from incident_engine.channels.message import NOT_ONE_MAILBOX, bytes_for, one_mailbox
from incident_engine.channels.relay import Relay
from incident_engine.channels.smtp import Connection, Letter, StaleConnectionError
from incident_engine.domain.errors import BadInput, IncidentEngineError
from incident_engine.domain.words import ChannelName, Outcome

_LAST_CALLBACKS = 4  # a transport hung up on has these many turns of the loop to go, under TLS


class EmailChannel:
    """Hands mail to a relay. Each lane is one task with one connection of its own."""

    name: str = ChannelName.EMAIL

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known.

        Raises Unreachable if not one connection could be opened, BadInput if our login is
        refused, both before any envelope was tried; and what `book` raises, after the replies
        to what had already left. Stop iterating, and whatever has not left does not leave.
        """
        if not batch:
            return
        outing = _Outing(self.relay, batch, book)
        outing.start()
        try:
            yield from outing.replies()
        finally:
            outing.stop()


class _Outing:
    """One batch on its way, in a thread with an event loop of its own."""

    def __init__(self, relay: Relay, batch: Sequence[Envelope], book: Book) -> None:
        self._relay = relay
        self._tls: ssl.SSLContext | None = relay.tls_context()
        self._waiting = deque(batch)
        self._desk = BookingDesk(book)
        self._heard: queue.SimpleQueue[Reply | BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="email", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._begun = threading.Event()
        self._last_refusal = ""

    def start(self) -> None:
        self._thread.start()
        self._begun.wait()

    def replies(self) -> Iterator[Reply]:
        while (item := self._heard.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

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
            await self._walk(await Connection.open(self._relay, self._tls))
        finally:
            for _ in range(_LAST_CALLBACKS):
                await asyncio.sleep(0)

    async def _walk(self, first: Connection) -> None:
        others = min(self._relay.lanes, len(self._waiting)) - 1
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
        try:
            while self._waiting:
                if connection is None or not connection.usable:
                    connection = await self._another()
                if connection is None:
                    return
                if self._waiting:
                    await self._try(self._waiting.popleft(), connection)
        except Exception:
            self._waiting.clear()  # we are broken: no lane begins another
            raise
        finally:
            if connection is not None:
                await connection.close()

    async def _another(self) -> Connection | None:
        """A further connection, or None: the relay may well allow fewer than we have lanes."""
        try:
            return await Connection.open(self._relay, self._tls)
        except IncidentEngineError as error:
            self._last_refusal = str(error)
            return None

    async def _try(self, envelope: Envelope, connection: Connection) -> None:
        letter = self._letter(envelope)
        if isinstance(letter, Letter) and letter.recipient.needs_smtputf8:
            letter = letter if connection.speaks("smtputf8") else _no_smtputf8(envelope)
        if isinstance(letter, Reply):
            self._heard.put(letter)
            return
        try:
            self._heard.put(await connection.carry(letter, self._desk.confirmed))
        except StaleConnectionError:
            self._waiting.appendleft(envelope)

    def _letter(self, envelope: Envelope) -> Letter | Reply:
        try:
            return Letter(
                reference=envelope.reference,
                recipient=one_mailbox(envelope.address),
                content=bytes_for(envelope, self._relay.written_by),
            )
        except BadInput as error:
            theirs = error.code == NOT_ONE_MAILBOX
            outcome = Outcome.UNDELIVERABLE if theirs else Outcome.BROKEN
            return _unsent(envelope, outcome, f"not sent: {error}")

    def _put_off_the_rest(self) -> None:
        """Every lane lost its connection and could not open another."""
        for envelope in self._waiting:
            said = f"not tried: {self._last_refusal}"[:2_000]
            self._heard.put(_unsent(envelope, Outcome.DEFERRED, said, "connect"))


def _no_smtputf8(envelope: Envelope) -> Reply:
    said = "not sent: the relay does not offer SMTPUTF8, and the address has no other spelling"
    return _unsent(envelope, Outcome.UNDELIVERABLE, said, "rcpt")


def _unsent(envelope: Envelope, outcome: Outcome, said: str, phase: str = "") -> Reply:
    return Reply(reference=envelope.reference, outcome=outcome, said=said, phase=phase)
