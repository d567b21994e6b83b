"""Was this person told? What, when, how, and what the other side answered.

Asked by whatever the asker has: a name of ours, a number of theirs, an address, the code in the
notice. Nothing of it is looked for in clear: keyed hashes in the rows answer, and they stay when
the people's cells are deleted, as do the words and the replies. What then is missing is the name
in the greeting and the address in clear; the keyed hash still says whether an address is the one.
When the incident's key was destroyed, a name of ours and a code still find; replies stay as hashes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from incident_engine.channels import Envelope
from incident_engine.domain.delivery.states import REACHED
from incident_engine.domain.errors import NotFound
from incident_engine.domain.notice_code import canonical_code, fingerprint
from incident_engine.domain.people.addresses import (
    BadAddressError,
    canonical_email,
    canonical_phone,
    mask,
)
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording, fill
from incident_engine.store import campaigns, deliveries, incidents, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import (
    Attempt,
    Campaign,
    Delivery,
    FrozenWording,
    Incident,
    PersonRow,
)
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.dispatch.dispatch_round import reply_cell
from incident_engine.workflow.engine import Actor, Engine


@dataclass(frozen=True)
class _Asked:
    """What was typed, as every kind of thing that it can be: hashes, but for the public id."""

    public_id: str
    number: str
    email: str
    phone: str
    code: str

    def kind(self, row: PersonRow) -> str:
        """By which of these the person was found."""
        if row.public_id == self.public_id:
            return "our id"
        if row.blind_id == self.number:
            return "your number"
        return "an address or the code in a notice"


def was_told(engine: Engine, actor: Actor, reference: str, asked: str) -> dict[str, Any]:
    """Everything one person was told, JSON-safe. Several people can share an address.

    Raises NotFound, without repeating what was typed, when the incident knows nobody by it. The
    journal keeps that it was asked and whom it found, never what was typed.
    """
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        seal = engine.keyring.seal_if_kept(incident.wrapped_key)
        typed = _read(asked.strip(), seal, engine.settings.organisation.country)
        rows = people.known_by(
            session,
            incident.id or 0,
            public_id=typed.public_id,
            blinds=(typed.number, typed.email, typed.phone),
            code=typed.code,
        )
        found = [_person(session, row, typed, seal) for row in rows]
        transaction.record(
            "person-asked-about",
            incident=incident.reference,
            found=[row.public_id for row in rows],
        )
    if not found:
        raise _nobody(incident)
    return {"incident": incident.reference, "people": found}


def _read(asked: str, seal: Seal | None, country: str) -> _Asked:
    """Numbers and addresses are hashed under the incident's key: without it they find nobody."""
    code = canonical_code(asked)
    return _Asked(
        public_id=asked.lower(),
        number=seal.blind("id", asked) if seal else "",
        email=seal.blind("email", _canonical_email(asked)) if seal else "",
        phone=seal.blind("phone", _canonical_phone(asked, country)) if seal else "",
        code=fingerprint(code) if code else "",
    )


def _canonical_email(asked: str) -> str:
    try:
        return canonical_email(asked) if "@" in asked else ""
    except BadAddressError:
        return ""


def _canonical_phone(asked: str, country: str) -> str:
    try:
        return canonical_phone(asked, where=country)
    except BadAddressError:
        return ""


def _person(session: Session, row: PersonRow, typed: _Asked, seal: Seal | None) -> dict[str, Any]:
    told = [_told(session, each, row, seal) for each in deliveries.to_person(session, row.id or 0)]
    return {
        "person": row.public_id,
        "known_by": typed.kind(row),
        "particulars": "kept" if row.sealed and seal else "deleted",
        "sentence": _sentence(told),
        "told": told,
    }


def _sentence(told: list[dict[str, Any]]) -> str:
    reached = [each["settled_at"] for each in told if each["outcome"] in REACHED]
    if reached:
        return f"Told: first taken by the other side {min(reached)}."
    if told:
        return f"Not told as far as we know: {', '.join(each['outcome'] for each in told)}."
    return "No notice was written to this person; see `announce status` for the public page."


def _told(
    session: Session, delivery: Delivery, row: PersonRow, seal: Seal | None
) -> dict[str, Any]:
    campaign = session.get_one(Campaign, delivery.campaign_id)
    frozen = session.get_one(FrozenWording, delivery.wording_id)
    wording = Wording.from_json(json.loads(frozen.body))
    envelope = _as_sent(delivery, row, wording, seal, campaign)
    masked = mask(ChannelName(delivery.channel), envelope.address)
    tries = deliveries.attempts(session, delivery.id or 0)
    return {
        "notice": campaign.number,
        "approved": campaign.sha256,
        "approved_by": [
            each.by
            for each in campaigns.approvals(session, campaign.id or 0)
            if each.verdict == "approved"
        ],
        "channel": delivery.channel,
        "addressee": delivery.addressee,
        "address": masked or f"a deleted address (keyed hash {delivery.blind_address[:16]})",
        "address_hash": delivery.blind_address,
        "reference": delivery.reference,
        "outcome": delivery.outcome,
        "written_at": delivery.created_at.isoformat(),
        "settled_at": delivery.settled_at.isoformat() if delivery.settled_at else None,
        "language": wording.language,
        "wording": frozen.sha256,
        "subject": envelope.subject,
        "text": envelope.text,
        "text_note": _note(row, delivery, seal),
        "tries": [_try(each, delivery, seal) for each in tries],
    }


def _as_sent(
    delivery: Delivery, row: PersonRow, wording: Wording, seal: Seal | None, campaign: Campaign
) -> Envelope:
    """The words as they left; without the key, without the name and the code in them."""
    if seal:
        return envelope_for(delivery, row, wording, seal, campaign)
    said = fill(wording)
    short = {ChannelName.SMS: said.sms, ChannelName.PUSH: said.push}
    return Envelope(
        reference=delivery.reference,
        address="",
        language=wording.language,
        subject=said.subject,
        text=short.get(ChannelName(delivery.channel), said.text),
    )


def _note(row: PersonRow, delivery: Delivery, seal: Seal | None) -> str:
    if not delivery.attempts:
        return "These words were frozen for this person; none of them has left:"
    if seal is None:
        return "These words, but for the name and the code, whose key was destroyed:"
    if row.sealed:
        return "These words, exactly:"
    return "These words, but for the name in the greeting, which was deleted with the list:"


def _try(attempt: Attempt, delivery: Delivery, seal: Seal | None) -> dict[str, Any]:
    cell = reply_cell(delivery.reference, attempt.number)
    at = attempt.booked_at or attempt.ended_at
    return {
        "number": attempt.number,
        "at": at.isoformat() if at else None,
        "outcome": attempt.settled_as or attempt.outcome or "unanswered yet",
        "code": attempt.code,
        "their_reference": attempt.provider_reference,
        "reply": seal.open(cell, attempt.sealed_reply) if seal and attempt.sealed_reply else None,
        "reply_digest": attempt.reply_digest,
    }


def _nobody(incident: Incident) -> NotFound:
    return NotFound(
        "nobody-known",
        incident.reference,
        "knows nobody by what was typed: no person, number, address or code of its notices",
        expected="an id from `people list`, your own number, an email, a phone, or a code",
        next_step="A telephone number is best typed with + and its country code.",
    )
