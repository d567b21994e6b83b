"""The journal: append-only, each entry linked to the one before by hash.

An entry is written in the same transaction as what it records: no entry, no act. A chain alone
does not see a cut tail, a recomputed chain or a restored old copy, so its head is signed from
time to time into a file outside the database (`checkpoint`), and `verify` compares both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
import sqlalchemy
from sqlmodel import Session, col, select

from incident_engine.domain import merkle
from incident_engine.store.bulk import Many
from incident_engine.store.tables import Entry

GENESIS = "0" * 64
_BATCH = 1000
_ENTRY: sqlalchemy.Table = Entry.__table__  # type: ignore[attr-defined]  # made by SQLModel
_COLUMNS = tuple(Entry.model_fields)
_WRITE = Many(sqlalchemy.insert(_ENTRY), _COLUMNS)
_NEWEST = sqlalchemy.select(_ENTRY.c.id, _ENTRY.c.sha256).order_by(_ENTRY.c.id.desc()).limit(1)


def write(
    session: Session,
    *,
    at: datetime,
    actor: str,
    act: str,
    incident: str = "",
    subject: str = "",
    body: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry in the caller's transaction. `body` is JSON-safe, without personal data."""
    number, previous = last(session)
    entry = Entry(
        id=number + 1,
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor=actor,
        incident=incident,
        act=act,
        subject=subject,
        body=rfc8785.dumps(dict(body or {})).decode(),
        previous=previous,
        sha256="",
    )
    entry.sha256 = link(entry)
    _WRITE.run(session, [{name: getattr(entry, name) for name in _COLUMNS}])
    return entry


def link(entry: Entry) -> str:
    """The SHA-256 of the entry's line."""
    return sha256(line(entry)).hexdigest()


def line(entry: Entry) -> bytes:
    """The canonical JSON (RFC 8785) of everything in the entry but its own hash.

    Put together by hand, its keys in order: the body is canonical already, and a journal of a
    million entries is walked often. A test compares it with the library's.
    """
    said = {
        name: json.dumps(getattr(entry, name), ensure_ascii=False)
        for name in ("act", "actor", "at", "incident", "previous", "subject")
    }
    return (
        f'{{"act":{said["act"]},"actor":{said["actor"]},"at":{said["at"]},"body":{entry.body},'
        f'"incident":{said["incident"]},"number":{entry.id},"previous":{said["previous"]},'
        f'"subject":{said["subject"]}}}'
    ).encode()


def entries(session: Session, *, incident: str = "") -> Iterator[Entry]:
    """All entries in order, or those of one incident; read in batches, flat in memory."""
    after = 0
    while True:
        question = select(Entry).where(col(Entry.id) > after)
        if incident:
            question = question.where(Entry.incident == incident)
        rows = session.exec(question.order_by(col(Entry.id)).limit(_BATCH)).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].id or 0


def of_act(session: Session, incident: str, act: str) -> list[Entry]:
    """Every entry of one act in one incident, oldest first."""
    question = select(Entry).where(Entry.incident == incident, Entry.act == act)
    return list(session.exec(question.order_by(col(Entry.id))).all())


def about(session: Session, act: str, subject: str) -> list[Entry]:
    """Every entry of one act on one subject, oldest first."""
    question = select(Entry).where(Entry.act == act, Entry.subject == subject)
    return list(session.exec(question.order_by(col(Entry.id))).all())


def shown_to(session: Session, incident: str) -> Iterator[bytes]:
    """The whole journal as one incident's readers may see it: a line an entry.

    An entry of theirs, or of no incident, is its canonical JSON, whose hash is the entry's own;
    of another incident, the hash alone.
    """
    columns = [getattr(Entry, name) for name in Entry.model_fields]
    for row in session.execute(sqlalchemy.select(*columns).order_by(col(Entry.id))).yield_per(
        _BATCH
    ):
        theirs = row.incident in (incident, "")
        yield line(row) if theirs else json.dumps(row.sha256).encode()  # type: ignore[arg-type]


def last(session: Session) -> tuple[int, str]:
    """How many entries there are, and the newest one's hash."""
    newest = session.execute(_NEWEST).first()
    return (newest.id, newest.sha256) if newest else (0, GENESIS)


def hash_of(session: Session, number: int) -> str:
    """The hash of one entry; nothing when there is no such entry."""
    return session.exec(select(Entry.sha256).where(Entry.id == number)).first() or ""


def root(session: Session) -> str:
    """The Merkle root over every entry's hash: with it a part of the journal can be shown alone."""
    hashes = session.exec(select(Entry.sha256).order_by(col(Entry.id))).yield_per(_BATCH)
    return merkle.root(merkle.leaf(bytes.fromhex(each)) for each in hashes)


def latest(session: Session, incident: str, act: str) -> Entry | None:
    """The newest entry of this act in an incident."""
    return session.exec(
        select(Entry)
        .where(Entry.incident == incident, Entry.act == act)
        .order_by(col(Entry.id).desc())
    ).first()


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many entries, the head, and the first fault if there is one."""

    entries: int
    head: str
    fault: str = ""
    checkpoint: int = 0  # entries covered by the newest signed checkpoint

    @property
    def sound(self) -> bool:
        return not self.fault


def verify(session: Session, checkpoints: Mapping[int, str] | None = None) -> Verdict:
    """Walk the chain from its beginning and compare every checkpointed head (entries -> hash)."""
    known = dict(checkpoints or {})
    newest = max(known, default=0)
    count, head = 0, GENESIS
    for entry in entries(session):
        if fault := _fault(entry, count + 1, head):
            return Verdict(count, head, fault, newest)
        count, head = count + 1, entry.sha256
        if count in known and known[count] != head:
            return Verdict(
                count, head, f"entry {count} is not the one the checkpoint signed", newest
            )
    if newest > count:
        fault = f"the journal ends at entry {count}, but a checkpoint signed {newest}"
        return Verdict(count, head, fault, newest)
    return Verdict(count, head, "", newest)


def _fault(entry: Entry, number: int, previous: str) -> str:
    if entry.id != number:
        return f"entry {number} is missing"
    if entry.previous != previous:
        return f"entry {number} does not follow the one before it"
    try:
        same = link(entry) == entry.sha256
    except (ValueError, TypeError):
        same = False
    return "" if same else f"entry {number} was changed after it was written"
