"""Account for every delivery of an incident: what became of it, with addresses masked."""

from __future__ import annotations

from typing import Any

from incident_engine.domain.people.addresses import mask
from incident_engine.domain.words import ChannelName
from incident_engine.store import campaigns, deliveries, incidents, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Delivery, PersonRow
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.people.reach import GUARDIAN, addressee_of, opened


def account(engine: Engine, actor: Actor, reference: str) -> dict[str, Any]:
    """Counts by outcome and one line a delivery, in the form of the command line's contract."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        launched = [
            each for each in campaigns.of_incident(session, incident.id or 0) if each.launched_at
        ]
        ids = [each.id or 0 for each in launched]
        numbers = {each.id: each.number for each in launched}
        seal = engine.keyring.seal(incident.wrapped_key)
        rows = deliveries.of_campaigns(session, ids)
        return {
            "incident": incident.reference,
            "counts": deliveries.counts(session, ids),
            "deliveries": [
                _line(delivery, person, seal) | {"notice": numbers[delivery.campaign_id]}
                for delivery, person in rows
            ],
        }


def people_account(engine: Engine, actor: Actor, reference: str) -> dict[str, Any]:
    """Everyone of an incident, masked, and the refused rows. Reading is journaled."""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        seal = engine.keyring.seal(incident.wrapped_key)
        found = {
            "people": [_masked(row, seal) for row in people.of_incident(session, incident.id or 0)],
            "refused": [
                {
                    "row": each.row,
                    "column": each.column,
                    "code": each.code,
                    "sentence": each.sentence,
                }
                for each in people.refused(session, incident.id or 0)
            ],
        }
        transaction.record("people-listed", incident=incident.reference, count=len(found["people"]))
    return found


def _masked(row: PersonRow, seal: Seal) -> dict[str, Any]:
    cell = opened(row, seal)
    notes = {
        "minor": row.minor,
        "deceased": row.deceased,
        "do not contact": row.do_not_contact,
        "protected address": row.protected_address,
    }
    return {
        "person": row.public_id,
        "row": row.row,
        "where": row.place,
        "language": row.language,
        "email": mask(ChannelName.EMAIL, cell.get("email", "")),
        "phone": mask(ChannelName.SMS, cell.get("phone", "")),
        "notes": [note for note, holds in notes.items() if holds],
    }


def _line(delivery: Delivery, person: PersonRow, seal: Seal) -> dict[str, Any]:
    channel = ChannelName(delivery.channel)
    addressee = addressee_of(person, seal, guardian=delivery.addressee == GUARDIAN)
    return {
        "person": person.public_id,
        "addressee": delivery.addressee,
        "channel": channel.value,
        "address": mask(channel, addressee.addresses.get(channel, "")),
        "outcome": delivery.outcome,
        "attempts": delivery.attempts,
        "reference": delivery.reference,
        "next_try": delivery.next_try_at.isoformat() if delivery.next_try_at else None,
    }
