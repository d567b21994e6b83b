"""The one port: how a message leaves the house. A channel never raises for what the wire says.

A channel gets a batch it may try, and a `Book`. For every envelope it calls `book.sending` just
before the first byte that cannot be taken back, and only then lets that byte go: what the book
does not confirm must not leave (the claim was lost, or the campaign was stopped). It answers
with one `Reply` per envelope, in any order, as soon as each is known, and books nothing further
before the caller has come back for another: so a caller killed at any moment leaves no more in
doubt than the wire has lanes (a wire that hands a batch over in one step: than the batch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from incident_engine.domain.words import Outcome


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file that goes with a message."""

    name: str  # plain ASCII
    mime: str  # "application/pdf"
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message to one address. `reference` is ours, written to the database before this."""

    reference: str  # 32 hex digits; every receipt comes back to it; stable over attempts
    address: str  # canonical: one mailbox, or one E.164 number
    language: str  # BCP 47
    subject: str = ""
    text: str = ""
    html: str | None = None
    # The same words cut where this reader's own begin and end: every second piece, from the second
    # on. What many share is the same object for all. Empty: they are in one piece.
    text_pieces: tuple[str, ...] = ()
    html_pieces: tuple[str, ...] = ()
    dated: datetime | None = None  # the Date header; aware; the same on every attempt
    headers: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1  # which try this is; receipts name it
    document: bytes | None = None  # a letter as it will be printed: one PDF
    enclosures: tuple[Enclosure, ...] = ()  # by email and by webhook


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came of one envelope on one attempt.

    CANCELLED is what the book did not confirm: it did not leave.
    """

    reference: str
    outcome: Outcome  # never PENDING, CLAIMED or SENDING
    said: str  # what the other side answered, word for word, cut at 2,000 characters
    phase: str = ""  # where it ended: connect, mail, rcpt, data, dot, answer, post
    code: str = ""  # the other side's own code: "550", "21610"
    provider_reference: str = ""  # the queue id or message SID the other side gave
    retry_after: float | None = None  # seconds, where the other side said so
    tried: bool = True  # False: our side held it back; no attempt was spent on it


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What came back later about one message: a bounce, a callback, a printer's line.

    `outcome` is None where it is no news of the delivery (an out-of-office, a read receipt).
    What is not `believed` is kept and shown, and changes nothing. `domain.delivery.apply` says
    what each piece of news makes of what we knew.
    """

    key: str  # the same for the same news told twice
    reference: str  # ours; empty where it cannot be told
    kind: str  # failed, delayed, delivered, auto-reply, complaint, sent, returned ...
    outcome: Outcome | None
    said: str  # word for word, cut at 2,000 characters
    code: str = ""  # the other side's own code: "5.1.1", "30005"
    provider_reference: str = ""
    believed: bool = True
    why: str = ""  # why not, where it is not believed


class Book(Protocol):
    """The channel's pen. Implemented by the verb that owns the transaction."""

    def sending(self, references: Sequence[str]) -> set[str]:
        """Commit that these are about to leave; returns those that still may. Thread-safe."""
        ...


class Channel(Protocol):
    """A wire. Raises `Unreachable` or `BadInput` only when *we* are broken before any attempt."""

    name: str

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]: ...


def kept_open(channel: Channel) -> AbstractContextManager[object]:
    """Meanwhile the channel may keep its connections from one batch to the next, if it has any."""
    keep = getattr(channel, "kept_open", None)
    return keep() if keep else nullcontext()
