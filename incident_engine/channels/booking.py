"""The desk where lanes book: whatever waits while one commit runs goes into the next together.

And the counter at which answers are handed over, before anything further is booked.
"""

from __future__ import annotations

import asyncio
import contextlib

from incident_engine.channels import Book


class AnswerCounter:
    """Answers given to the caller's thread, and taken by it. `given` and waiting in the loop."""

    def __init__(self) -> None:
        self._given = self._taken = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def given(self) -> None:
        self._given += 1

    def taken(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """One more was taken. Called from the caller's thread; the loop may have ended."""
        self._taken += 1
        if self._waiting and loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake)

    async def all_taken(self) -> None:
        """Wait until whatever has been given by now was taken."""
        if self._taken >= self._given:
            return
        entry = (self._given, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._wake()  # the other thread may not have seen us waiting
        await entry[1]

    def _wake(self) -> None:
        still = []
        for number, future in self._waiting:
            if number > self._taken:
                still.append((number, future))
            elif not future.done():
                future.set_result(None)
        self._waiting = still


class BookingDesk:
    """Many lanes, one pen. `Book.sending` runs in a thread, so no lane waits for another's fsync.

    Belongs to one event loop.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
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
            page = [entry for entry in self._waiting if not entry[1].done()]
            self._waiting = []
            references = [reference for reference, _ in page]
            try:
                held = await asyncio.to_thread(self._book.sending, references)
            except Exception as error:  # each lane hears it, none sends, and the first tells it on
                _tell_all(page, error)
            else:
                for reference, answer in page:
                    if not answer.done():
                        answer.set_result(reference in held)


def _tell_all(page: list[tuple[str, asyncio.Future[bool]]], error: Exception) -> None:
    for _, answer in page:
        if not answer.done():
            answer.set_exception(error)
