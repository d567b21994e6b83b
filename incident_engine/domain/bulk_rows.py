"""What the journal proves of a row: the bytes whose hash stands under an entry's root. Pure.

An act on many rows is one entry with one Merkle root. A root is taken over the hashes in rising
order, so that whoever has the rows can take it again without knowing the order they were written
in. The verifier in `proof/verify.py` reads a pack by these same lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from incident_engine.domain import merkle

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def root(rows: Iterable[bytes]) -> str:
    """The Merkle root (hex) over rows in whatever order."""
    return merkle.root(sorted(merkle.leaf(row) for row in rows))


def written_row(
    reference: str, *, channel: str, person: str, addressee: str, address: str, wording: str
) -> bytes:
    """A delivery as it was written: to whom, where (a keyed hash), with which words (a hash)."""
    return _row("written", reference, channel, person, addressee, address, wording)


def moved_row(reference: str, outcome: str) -> bytes:
    """A delivery that was claimed, booked as sending, or given back."""
    return _row("moved", reference, outcome)


def answered_row(
    reference: str, *, number: int, settled_as: str, answer: Sequence[str], said: str
) -> bytes:
    """One answer: which try it ended, and what the delivery became by it.

    `answer` is outcome, phase, code and the other side's own reference; `said` the digest of its
    words.
    """
    return _row("answered", reference, number, settled_as, *answer, said)


def receipt_row(reference: str, *, at: str, news: Sequence[str | bool], said: str) -> bytes:
    """One piece of later news about a delivery, whatever it changed.

    `at` is when it came, as the journal writes it; `news` is kind, outcome, code, the other
    side's own reference, whether it is believed, and why; `said` the digest of its words.
    """
    return _row("receipt", reference, at, *news, said)


def fact_row(
    key: str, value: str | None, *, standing: str, source: str, by: str, why: str
) -> bytes:
    """One answer about an incident; `value` is the JSON as kept."""
    return _row("fact", key, value, standing, source, by, why)


def reply_digest(salt: str, said: str) -> str:
    """A hash of the other side's words that nobody can guess them from without the salt."""
    return sha256(f"{salt}\0{said}".encode()).hexdigest()


def _row(*parts: str | int | None) -> bytes:
    return _written(parts).encode()
