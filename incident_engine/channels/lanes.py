"""A batch over several threads at once, each asking one thing at a time and waiting for its answer.

For wires that are one request a message (texts, calls, push): at 100 ms an answer, one lane makes
ten a second. Bookings that wait while one commit runs go into the next together.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from incident_engine.channels import Book, Envelope, Reply

Confirm = Callable[[str], bool]
Carry = Callable[[Envelope, Confirm], Reply]


def carried(batch: Sequence[Envelope], book: Book, lanes: int, carry: Carry) -> Iterator[Reply]:
    """One reply per envelope, as each is known.

    Raises what `book` or `carry` raises, after the replies to what had already left. Stop
    iterating, and nothing new starts; what is being asked is waited for.
    """
    crew = _Crew(batch, book, carry)
    threads = [
        threading.Thread(target=crew.work, name="lane", daemon=True)
        for _ in range(min(lanes, len(batch)))
    ]
    for thread in threads:
        thread.start()
    try:
        yield from crew.replies(len(threads))
    finally:
        crew.end()
        for thread in threads:
            thread.join()


class _Crew:
    def __init__(self, batch: Sequence[Envelope], book: Book, carry: Carry) -> None:
        self.todo = deque(batch)
        self._carry = carry
        self._desk = _Desk(book)
        self._heard: queue.SimpleQueue[Reply | Exception | None] = queue.SimpleQueue()
        self._given = self._taken = 0
        self._news = threading.Condition()
        self._ended = False

    def end(self) -> None:
        """Nothing new starts, and nobody waits for a caller who has gone."""
        self.todo.clear()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def work(self) -> None:
        try:
            while self.todo:
                try:
                    envelope = self.todo.popleft()
                except IndexError:  # another lane was quicker
                    return
                self._tell(self._carry(envelope, self._confirmed))
        except Exception as error:  # we are broken: no lane begins another
            self.todo.clear()
            self._heard.put(error)
        finally:
            self._heard.put(None)

    def replies(self, lanes: int) -> Iterator[Reply]:
        error: Exception | None = None
        while lanes:
            item = self._heard.get()
            if item is None:
                lanes -= 1
            elif isinstance(item, Reply):
                yield item
                with self._news:  # whoever comes back for the next has this one
                    self._taken += 1
                    self._news.notify_all()
            else:
                error = error or item
        if error is not None:
            raise error

    def _tell(self, reply: Reply) -> None:
        with self._news:
            self._given += 1
        self._heard.put(reply)

    def _confirmed(self, reference: str) -> bool:
        """Book only when every answer given so far is in the caller's hands: what is booked and
        not answered, which is what a kill leaves in doubt, is never more than there are lanes."""
        with self._news:
            given = self._given
            self._news.wait_for(lambda: self._taken >= given or self._ended)
            if self._ended:
                return False
        return self._desk.confirmed(reference)


@dataclass
class _Entry:
    reference: str
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False  # its turn to hold the pen
    held: bool = False
    error: Exception | None = None


class _Desk:
    """Many lanes, one pen: who holds it writes for all who wait, then hands it on."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._lock = threading.Lock()
        self._waiting: list[_Entry] = []
        self._in_use = False

    def confirmed(self, reference: str) -> bool:
        """Whether the book holds, committed, that this may leave. Raises what the book raises."""
        entry = _Entry(reference)
        with self._lock:
            self._waiting.append(entry)
            entry.leads, self._in_use = not self._in_use, True
        if not entry.leads:
            entry.woken.wait()
        if entry.leads:
            self._write_for_all()
        if entry.error is not None:
            raise entry.error
        return entry.held

    def _write_for_all(self) -> None:
        with self._lock:
            page, self._waiting = self._waiting, []
        held: set[str] = set()
        error: Exception | None = None
        try:
            held = self._book.sending([entry.reference for entry in page])
        except Exception as found:  # each lane hears it and none sends
            error = found
        for entry in page:
            entry.held, entry.error = entry.reference in held, error
        with self._lock:
            heir = self._waiting[0] if self._waiting else None
            self._in_use = heir is not None
            if heir is not None:
                heir.leads = True
        for entry in (*page, *filter(None, [heir])):
            entry.woken.set()
