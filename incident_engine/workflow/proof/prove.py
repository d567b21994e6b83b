"""Prove: gather everything of one incident into a pack that a stranger can check off line.

1. Book: the journal says who asks for it, and whether with personal data.
2. In one snapshot: verify the journal, sign its head, stream every row into the file.
3. Book: the journal keeps the hash of the pack that was handed out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from io import BufferedRandom
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, Refused
from incident_engine.domain.permits import Act
from incident_engine.proof import pages
from incident_engine.proof.pack import PackFile, verifier
from incident_engine.store import checkpoints, incidents, journal, users
from incident_engine.store.tables import Incident
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.proof.prove_acts import (
    add_decisions,
    add_facts,
    add_law,
    add_notices,
)
from incident_engine.workflow.proof.prove_page import add_announcements
from incident_engine.workflow.proof.prove_people import add_deliveries, add_people, add_receipts
from incident_engine.workflow.proof.prove_reports import add_answers, add_packets, add_reports


@dataclass(frozen=True)
class Proof:
    """A pack that was written: where, its hash and size, and what it holds."""

    path: Path
    sha256: str
    size: int
    statement: dict[str, Any]


def prove(
    engine: Engine, actor: Actor, reference: str, out: Path, *, personal_data: bool = False
) -> Proof:
    """Write the inspection pack of an incident to a new file.

    Raises BadInput where the file exists or cannot be written, Refused when the journal is not
    whole: a pack made of it would prove nothing. Then there is no file.
    """
    actor.may(Act.PROVE)
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        _must_be_free(out)
        transaction.record(
            "proof-asked-for", incident=incident.reference, personal_data=personal_data
        )
        at = transaction.at
    with _written_whole(out) as stream, engine.reading() as session:
        with PackFile(stream) as pack:
            statement = _fill(
                engine, session, incident, pack, (actor, at), personal_data=personal_data
            )
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        digest = file_digest(stream, "sha256").hexdigest()
    with engine.transaction(actor) as transaction:
        transaction.record(
            "proof-made",
            incident=incident.reference,
            subject=digest,
            personal_data=personal_data,
            size=size,
        )
    return Proof(out, digest, size, statement)


def _fill(
    engine: Engine,
    session: Session,
    incident: Incident,
    pack: PackFile,
    made: tuple[Actor, datetime],
    *,
    personal_data: bool,
) -> dict[str, Any]:
    home, (by, at) = engine.home, made
    head = _signed_head(engine, session, at)
    pack.add("verify.py", verifier())
    pack.add("journal.pub", checkpoints.public_key(home.keys).encode() + b"\n")
    pack.add_json("users.json", _users(session))
    facts = add_facts(pack, session, incident)
    add_decisions(pack, session, incident)
    law = add_law(pack, engine, session, incident)
    notices = add_notices(pack, session, incident)
    key = incident.wrapped_key
    seal = engine.keyring.seal(key) if personal_data else engine.keyring.seal_if_kept(key)
    people = add_people(pack, session, incident, seal, personal_data=personal_data)
    told = add_deliveries(pack, session, notices, seal, personal_data=personal_data)
    receipts = add_receipts(pack, session, notices, seal, personal_data=personal_data)
    reports = add_reports(pack, home, session, incident)
    answers = add_answers(pack, home, session, incident)
    packets = add_packets(pack, home, session, incident, seal if personal_data else None)
    versions = add_announcements(pack, home, session, incident)
    pack.add_lines("journal/entries.jsonl", journal.shown_to(session, incident.reference))
    pack.add("journal/checkpoints.jsonl", home.checkpoints.read_bytes())
    if home.time_stamps.is_file():
        pack.add("journal/timestamps.jsonl", home.time_stamps.read_bytes())
    statement = {
        "what": "inspection pack",
        "incident": incident.reference,
        "title": incident.title,
        "organisation": engine.settings.organisation.name,
        "made_at": at.isoformat(),
        "made_by": by.name,
        "personal_data": personal_data,
        "journal": {"entries": head.entries, "head": head.head},
        "fingerprint": sha256(checkpoints.public_key_bytes(home.keys)).hexdigest(),
        "law": law,
        "counts": {"facts": facts, "notices": len(notices), "people": people,
                   "deliveries": told, "receipts": receipts, "reports": reports,
                   "answers": answers, "packets": packets, "versions of the page": versions},
    }  # fmt: skip
    pack.add("README.txt", pages.readme(statement))
    pack.add("index.html", pages.index(statement, pack.files))
    pack.close(statement, lambda content: checkpoints.sign(home.keys, content))
    return statement


def _signed_head(engine: Engine, session: Session, at: datetime) -> journal.Verdict:
    """The head of the journal in this snapshot, verified and signed: the pack ends with it."""
    home = engine.home
    verdict = journal.verify(session, checkpoints.read(home.checkpoints, home.keys))
    if not verdict.sound:
        raise Refused(
            "journal-broken",
            "the journal",
            verdict.fault,
            next_step="A pack made of it would prove nothing: compare it with a backup.",
        )
    checkpoints.append(
        home.checkpoints,
        home.keys,
        entries=verdict.entries,
        head=verdict.head,
        at=at,
        root=journal.root(session),
    )
    return verdict


def _users(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "role": each.role,
            "since": each.created_at.isoformat(),
            "disabled": each.disabled_at.isoformat() if each.disabled_at else None,
        }
        for each in users.everyone(session)
    ]


def _must_be_free(out: Path) -> None:
    if out.exists():
        raise BadInput(
            "file-exists",
            str(out),
            "exists already",
            expected="a new file: evidence is never overwritten",
            next_step="Name another with --out.",
        )


@contextmanager
def _written_whole(out: Path) -> Iterator[BufferedRandom]:
    """A file beside its place, for the owner alone, put there when all of it is on the disk."""
    aside = out.with_name(f".{out.name}.new")
    try:
        descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(out)
    except OSError as error:
        raise BadInput("cannot-write", str(out), f"cannot be written ({error.strerror})",
                       expected="a new file in a folder of yours") from error  # fmt: skip
    finally:
        aside.unlink(missing_ok=True)
