"""The wire under an SMTP conversation: what was written is out, answers come back in order.

aiosmtplib opens, encrypts and logs in; then this takes its transport over. Its own protocol
keeps one answer at a time and throws away what comes unasked, which loses answers when commands
are pipelined (RFC 2920) and hides a refusal that comes in the middle of a body.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass

LONGEST_ANSWER = 32_768  # bytes; a real one has a few hundred
_CODE = re.compile(rb"[0-9]{3}(?=[ \r-]|$)")


@dataclass(frozen=True)
class Answer:
    """One reply. `code` is -1 where the line was no reply at all."""

    code: int
    text: str


class Wire(asyncio.Protocol):
    """One connection's bytes. Used by one task; once lost or garbled it stays so."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._answers: deque[Answer] = deque()
        self._rest = b""  # the beginning of a line
        self._lines: list[str] = []
        self._news: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._room: asyncio.Future[None] | None = None  # waited for while our words do not fit
        self._is_full = False
        self._lost: Exception | None = None
        # Draining waits until the buffer is empty; high=0 would pause TLS for ever.
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    @property
    def has_news(self) -> bool:
        """Whether there is an answer nobody has read, or the other side has gone."""
        return bool(self._answers) or self.is_gone

    @property
    def is_gone(self) -> bool:
        return self._lost is not None or self._transport.is_closing()

    def write(self, words: bytes) -> None:
        """Hand bytes to the transport. ConnectionError: they were never written."""
        if self.is_gone:
            raise ConnectionError("Connection lost")
        self._transport.write(words)

    async def drained(self, wait: float) -> None:
        """Wait until all is out of our hands. TimeoutError, ConnectionError."""
        if self._is_full and not self.is_gone:
            self._room = self._loop.create_future()
            await self._heard(self._room, wait)
        if self._lost is not None:
            raise ConnectionError("Connection lost")

    async def answer(self, wait: float) -> Answer:
        """The next answer. TimeoutError after `wait` seconds, ConnectionError when they left."""
        if not self._answers and not self.is_gone:
            self._news = self._loop.create_future()
            try:
                await self._heard(self._news, wait)
            except TimeoutError:
                raise TimeoutError("Timed out waiting for server response") from None
            finally:
                self._news = None
        if self._answers:
            return self._answers.popleft()
        raise ConnectionError("Connection lost") from self._lost

    async def _heard(self, waited_for: asyncio.Future[None], wait: float) -> None:
        # A timer of our own: asyncio.timeout() costs as much as all the rest of an answer.
        watch = self._loop.call_later(wait, _run_out, waited_for)
        try:
            await waited_for
        finally:
            watch.cancel()

    def hang_up(self) -> None:
        """At once: a polite end of TLS with a dead server would outlive the event loop."""
        self._lost = self._lost or ConnectionError("hung up")
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            if self._lost is not None:
                return
            self._read(line)
        if len(self._rest) + sum(map(len, self._lines)) > LONGEST_ANSWER:
            self._garbled("Response too long")

    def eof_received(self) -> bool:
        self.connection_lost(ConnectionError("Unexpected EOF received"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = self._lost or exc or ConnectionError("Connection lost")
        self.resume_writing()
        self._tell()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _read(self, line: bytes) -> None:
        if not _CODE.match(line):
            self._garbled(f"Malformed SMTP response line: {line.decode('utf-8', 'ignore')}")
            return
        self._lines.append(line[4:].decode("utf-8", "surrogateescape").strip(" \t\r\n"))
        if line[3:4] != b"-":
            self._answers.append(Answer(int(line[:3]), "\n".join(self._lines)))
            self._lines = []
            self._tell()

    def _garbled(self, found: str) -> None:
        """Whatever follows cannot be told apart any more: read no further."""
        self._answers.append(Answer(-1, found))
        self._rest = b""
        self._lines = []
        self._transport.abort()
        self._lost = ConnectionError("Connection lost")
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


def _run_out(waited_for: asyncio.Future[None]) -> None:
    if not waited_for.done():
        waited_for.set_exception(TimeoutError())
