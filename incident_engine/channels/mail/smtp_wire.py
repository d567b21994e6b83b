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
_CODE = re.compile(rb"[0-9]{3}(?=[ \r\n-])")


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
        self._buffer = bytearray()
        self._lines: list[str] = []
        self._news: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
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
        async with asyncio.timeout(wait):
            await self._room.wait()
        if self._lost is not None:
            raise ConnectionError("Connection lost")

    async def answer(self, wait: float) -> Answer:
        """The next answer. TimeoutError after `wait` seconds, ConnectionError when they left."""
        if not self._answers and not self.is_gone:
            self._news = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(wait):
                    await self._news
            except TimeoutError:
                raise TimeoutError("Timed out waiting for server response") from None
            finally:
                self._news = None
        if self._answers:
            return self._answers.popleft()
        raise ConnectionError("Connection lost") from self._lost

    def hang_up(self) -> None:
        """At once: a polite end of TLS with a dead server would outlive the event loop."""
        self._lost = self._lost or ConnectionError("hung up")
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            self._read(line)
        if len(self._buffer) + sum(map(len, self._lines)) > LONGEST_ANSWER:
            self._garbled("Response too long")

    def eof_received(self) -> bool:
        self.connection_lost(ConnectionError("Unexpected EOF received"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = self._lost or exc or ConnectionError("Connection lost")
        self._room.set()
        self._tell()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

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
        self._buffer.clear()
        self._lines = []
        self._transport.abort()
        self._lost = ConnectionError("Connection lost")
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
