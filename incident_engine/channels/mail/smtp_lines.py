"""The connections of an email channel: which relay lets us in, who holds which, which are idle."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Sequence

from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.smtp import Connection
from incident_engine.channels.mail.smtp_opening import open_connection
from incident_engine.domain.errors import IncidentEngineError

try:
    import uvloop
except ImportError:  # a platform it is not made for
    _loops: asyncio.AbstractEventLoopPolicy = asyncio.DefaultEventLoopPolicy()
else:  # half the processor time that a message takes
    _loops = uvloop.EventLoopPolicy()

_LAST_CALLBACKS = 4  # a transport hung up on has these many turns of the loop to go, under TLS


class Office:
    """One event loop, and the connections that no lane holds between two batches."""

    def __init__(self, relays: Sequence[Relay]) -> None:
        self.relays = relays
        self.tls = [relay.tls_context() for relay in relays]
        self.loop = _loops.new_event_loop()
        self._idle: defaultdict[int, deque[Connection]] = defaultdict(deque)

    def idle_one(self, number: int) -> Connection | None:
        """A connection to that relay that somebody else is done with."""
        idle = self._idle[number]
        while idle:
            connection = idle.popleft()
            if connection.is_settled:
                return connection
            connection.abandon()
        return None

    def kept(self, number: int, connection: Connection) -> bool:
        """Whether it is kept for the next batch: only where both sides agree where they are."""
        if connection.is_settled:
            self._idle[number].append(connection)
            return True
        return False

    def close(self) -> None:
        """Say goodbye on every connection, and end the loop."""
        try:
            self.loop.run_until_complete(self._goodbye())
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    async def _goodbye(self) -> None:
        idle = [each for kept in self._idle.values() for each in kept]
        await asyncio.gather(*(each.close() for each in idle), return_exceptions=True)
        for _ in range(_LAST_CALLBACKS):
            await asyncio.sleep(0)


class Switchboard:
    """Which relays still let us in. One that lets nobody in is not asked again for this batch."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._relays = office.relays
        self._numbers = {id(each): number for number, each in enumerate(office.relays)}
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
        return self._numbers[id(relay)]

    async def closed(self, connection: Connection) -> None:
        """A lane needs it no more: kept for the next batch where it is still good."""
        number = self.number_of(connection.relay)
        self._lines[number] -= 1
        if not self._office.kept(number, connection):
            await connection.close()

    async def _open(self, number: int) -> Connection:
        connection = self._office.idle_one(number)
        if connection is None:
            connection = await open_connection(self._relays[number], self._office.tls[number])
        self._lines[number] += 1
        return connection


class LaneConnections:
    """The connections one lane holds: one a relay, opened when first needed."""

    def __init__(self, switch: Switchboard, first: Connection | None) -> None:
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
        await self._switch.closed(connection)
