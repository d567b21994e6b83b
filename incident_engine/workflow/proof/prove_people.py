"""Who is affected, what each was told and what came back later, streamed into the pack.

With personal data: the particulars, the address, the reply word for word with its salt. Without:
the public id, keyed hashes, and the reply with everything that names somebody replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from incident_engine.domain.redaction import redact
from incident_engine.proof.pack import PackFile
from incident_engine.store import deliveries, people, receipts
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Incident, PersonRow
from incident_engine.workflow.dispatch.dispatch_round import reply_cell, salt_of
from incident_engine.workflow.dispatch.receive import receipt_cell
from incident_engine.workflow.people.reach import cell_name_of, opened
from incident_engine.workflow.proof.prove_acts import line, moment

_DESTROYED = "the key of this incident's people was destroyed: nobody can read it"
_DELETED = "the person's particulars were deleted: nobody can tell what to replace in it"


def add_people(
    pack: PackFile, session: Session, incident: Incident, seal: Seal | None, *, personal_data: bool
) -> int:
    """Everyone of the incident. Returns how many."""
    return pack.add_lines(
        "people.jsonl",
        (
            line(_person(row) | _particulars(row, seal if personal_data else None))
            for row in _everyone(session, incident)
        ),
    )


def add_deliveries(
    pack: PackFile,
    session: Session,
    notices: Sequence[Campaign],
    seal: Seal | None,
    *,
    personal_data: bool,
) -> int:
    """Every delivery of these notices with every try. Returns how many."""
    known = {each.id or 0: each for each in notices}
    rows = deliveries.with_attempts(session, list(known))
    return pack.add_lines(
        "deliveries.jsonl",
        (
            line(_delivery(row, tries, known[row.campaign_id], seal, personal_data))
            for row, tries in rows
        ),
    )


def add_receipts(
    pack: PackFile,
    session: Session,
    notices: Sequence[Campaign],
    seal: Seal | None,
    *,
    personal_data: bool,
) -> int:
    """All news that came later about these notices' deliveries, believed or not. Returns
    how much."""
    rows = receipts.of_campaigns(session, [each.id or 0 for each in notices])
    return pack.add_lines(
        "receipts.jsonl", (line(_receipt(row, seal, personal_data)) for row in rows)
    )


def _everyone(session: Session, incident: Incident) -> Iterator[PersonRow]:
    for number, row in enumerate(people.of_incident(session, incident.id or 0), start=1):
        yield row
        if number % 1000 == 0:
            session.expunge_all()


def _particulars(row: PersonRow, seal: Seal | None) -> dict[str, Any]:
    return {"particulars": opened(row, seal)} if seal else {}


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
    seal: Seal | None,
    personal_data: bool,
) -> dict[str, Any]:
    replied = any(each.sealed_reply for each in tries)
    cell = _cell_of(row, seal) if replied and not personal_data else None
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
    seal: Seal | None,
    cell: Mapping[str, Any] | None,
    personal_data: bool,
) -> dict[str, Any]:
    name = reply_cell(row.reference, attempt.number)
    return _said(row, (name, attempt.sealed_reply), seal, cell, personal_data)


def _receipt(row: Row[Any], seal: Seal | None, personal_data: bool) -> dict[str, Any]:
    cell = None if personal_data or not row.sealed_said else _cell_of(row, seal)
    name = receipt_cell(row.key)
    return {
        "entry": row.entry,
        "delivery": row.reference,
        "at": moment(row.received_at),
        "kind": row.kind,
        "outcome": row.outcome,
        "code": row.code,
        "provider_reference": row.provider_reference,
        "believed": row.believed,
        "why": row.why,
        "reply_digest": row.said_digest,
    } | _said(row, (name, row.sealed_said), seal, cell, personal_data)


def _cell_of(row: Row[Any], seal: Seal | None) -> Mapping[str, Any] | None:
    if not row.sealed or seal is None:
        return None
    particulars = seal.open(cell_name_of(row.person), row.sealed)
    return particulars if isinstance(particulars, dict) else None


def _said(
    row: Row[Any],
    words: tuple[str, bytes],
    seal: Seal | None,
    cell: Mapping[str, Any] | None,
    personal_data: bool,
) -> dict[str, Any]:
    """The other side's words (the cell's name, and the cell): in clear with their salt, or with
    everything in them replaced that names somebody."""
    name, sealed = words
    if not sealed:
        return {"reply": None}
    if seal is None:
        return {"reply": None, "withheld": _DESTROYED}
    if cell is None and not personal_data:
        return {"reply": None, "withheld": _DELETED}
    said = str(seal.open(name, sealed))
    if personal_data:
        return {"reply": said, "reply_salt": salt_of(seal, name)}
    return {"reply": redact(said, cell or {}, person=row.person, address=row.blind_address)}
