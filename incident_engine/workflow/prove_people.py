"""Who is affected and what each of them was told, streamed into the pack.

With personal data: the particulars, the address, the reply word for word with its salt. Without:
the public id, keyed hashes, and the reply with everything that names somebody replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from incident_engine.domain.redaction import redact
from incident_engine.proof.pack import PackFile
from incident_engine.store import deliveries, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Incident, PersonRow
from incident_engine.workflow.dispatch_round import reply_cell, salt_of
from incident_engine.workflow.prove_acts import moment
from incident_engine.workflow.reach import cell_name_of, opened

_DELETED = "the person's particulars were deleted: nobody can tell what to replace in it"


def add_people(
    pack: PackFile, session: Session, incident: Incident, seal: Seal, *, personal_data: bool
) -> int:
    """Everyone of the incident. Returns how many."""
    return pack.add_lines(
        "people.jsonl",
        (
            _line(_person(row) | ({"particulars": opened(row, seal)} if personal_data else {}))
            for row in _everyone(session, incident)
        ),
    )


def add_deliveries(
    pack: PackFile,
    session: Session,
    notices: Sequence[Campaign],
    seal: Seal,
    *,
    personal_data: bool,
) -> int:
    """Every delivery of these notices with every try. Returns how many."""
    known = {each.id or 0: each for each in notices}
    rows = deliveries.with_attempts(session, list(known))
    return pack.add_lines(
        "deliveries.jsonl",
        (
            _line(_delivery(row, tries, known[row.campaign_id], seal, personal_data))
            for row, tries in rows
        ),
    )


def _everyone(session: Session, incident: Incident) -> Iterator[PersonRow]:
    for number, row in enumerate(people.of_incident(session, incident.id or 0), start=1):
        yield row
        if number % 1000 == 0:
            session.expunge_all()


def _person(row: PersonRow) -> dict[str, Any]:
    return {
        "person": row.public_id,
        "row": row.row,
        "place": row.place,
        "language": row.language,
        "data_types": row.data_types,
        "minor": row.minor,
        "under_14": row.under_14,
        "deceased": row.deceased,
        "do_not_contact": row.do_not_contact,
        "number": row.blind_id,
        "email": row.blind_email,
        "phone": row.blind_phone,
        "sealed_sha256": sha256(row.sealed).hexdigest() if row.sealed else None,
    }


def _delivery(
    row: Row[Any],
    tries: Sequence[Attempt],
    campaign: Campaign,
    seal: Seal,
    personal_data: bool,
) -> dict[str, Any]:
    replied = any(each.sealed_reply for each in tries)
    cell: Mapping[str, Any] | None = None
    if row.sealed and replied and not personal_data:
        particulars = seal.open(cell_name_of(row.person), row.sealed)
        cell = particulars if isinstance(particulars, dict) else None
    return {
        "reference": row.reference,
        "notice": campaign.number,
        "campaign": campaign.sha256,
        "person": row.person,
        "addressee": row.addressee,
        "channel": row.channel,
        "address": row.blind_address,
        "wording": row.wording,
        "outcome": row.outcome,
        "after": row.after,
        "created_at": moment(row.created_at),
        "settled_at": moment(row.settled_at),
        "attempts": [
            _attempt(each) | _reply(each, row, seal, cell, personal_data) for each in tries
        ],
    }


def _attempt(row: Attempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "booked_at": moment(row.booked_at),
        "ended_at": moment(row.ended_at),
        "outcome": row.outcome,
        "settled_as": row.settled_as,
        "phase": row.phase,
        "code": row.code,
        "provider_reference": row.provider_reference,
        "reply_digest": row.reply_digest,
        "booked_entry": row.booked_entry,
        "answered_entry": row.answered_entry,
    }


def _reply(
    attempt: Attempt,
    row: Row[Any],
    seal: Seal,
    cell: Mapping[str, Any] | None,
    personal_data: bool,
) -> dict[str, Any]:
    if not attempt.sealed_reply:
        return {"reply": None}
    if cell is None and not personal_data:
        return {"reply": None, "withheld": _DELETED}
    name = reply_cell(row.reference, attempt.number)
    said = str(seal.open(name, attempt.sealed_reply))
    if personal_data:
        return {"reply": said, "reply_salt": salt_of(seal, name)}
    return {"reply": redact(said, cell or {}, person=row.person, address=row.blind_address)}


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
