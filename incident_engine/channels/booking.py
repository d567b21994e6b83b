"""The desk where lanes book: whatever waits while one commit runs goes into the next together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from incident_engine.channels import Book

_TURNS = 3  # of the loop, in which who has just been told to go on comes to this desk too


class BookingDesk:
    """Many lanes, one pen.

    While the disk is written the loop stands still: what the relays say meanwhile waits in the
    sockets, and those who have it read next are booked together. Belongs to one event loop.
    `ready` is waited for before each page: when the answers so far are in the caller's hands.
    """

    def __init__(self, book: Book, ready: Callable[[], Awaitable[None]]) -> None:
        self._book = book
        self._ready = ready
        self._waiting: list[tuple[str, asyncio.Future[bool]]] = []
        self._clerk: asyncio.Task[None] | None = None

    async def confirmed(self, reference: str) -> bool:
        """Whether the book holds, committed, that this may leave. Raises what the book raises."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((reference, answer))
        if self._clerk is None or self._clerk.done():
            self._clerk = asyncio.create_task(self._write())
        return await answer

    async def closed(self) -> None:
        """Wait until no commit is under way any more."""
        if self._clerk is not None:
            await asyncio.wait([self._clerk])

    async def _write(self) -> None:
        while self._waiting:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            await self._ready()
            page = [entry for entry in self._waiting if not entry[1].done()]
            self._waiting = []
            references = [reference for reference, _ in page]
            try:
                held = self._book.sending(references)
            except Exception as error:  # each lane hears it, none sends, and the first tells it on
                _tell_all(page, error)
            else:
                await asyncio.sleep(0)  # a goodbye that came meanwhile is heard before any dot
                for reference, answer in page:
                    if not answer.done():
                        answer.set_result(reference in held)


def _tell_all(page: list[tuple[str, asyncio.Future[bool]]], error: Exception) -> None:
    for _, answer in page:
        if not answer.done():
            answer.set_exception(error)
