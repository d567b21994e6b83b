"""Preview: exactly the bytes one person would get, and what a notice still lacks."""

from __future__ import annotations

import json

from sqlmodel import Session

from incident_engine.channels.mail.message import Sender as MailSender
from incident_engine.channels.mail.message import bytes_for
from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.domain.words import CampaignState, ChannelName
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.readers import readers, telling

_LIVE = (
    CampaignState.PREPARED,
    CampaignState.APPROVED,
    CampaignState.SENDING,
    CampaignState.PAUSED,
    CampaignState.FINISHED,
)


def preview(
    engine: Engine,
    actor: Actor,
    reference: str,
    person: str,
    channel: ChannelName,
    language: str = "",
) -> bytes:
    """The newest frozen notice as this person would get it on this channel, byte for byte.

    Without a person: the first one of the incident. Reading somebody's notice is journaled.
    """
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = newest(session, incident)
        if channel == ChannelName.ANNOUNCEMENT:
            return _public(session, campaign, language)
        row = _person(session, incident, person)
        wording = _wording(session, engine, incident, campaign, row, language)
        transaction.record(
            "notice-previewed", incident=incident.reference, subject=row.public_id, channel=channel
        )
    return as_sent(engine, incident, campaign, row, wording, channel)


def as_sent(
    engine: Engine,
    incident: Incident,
    campaign: Campaign,
    row: PersonRow,
    frozen: FrozenWording,
    channel: ChannelName,
) -> bytes:
    """The bytes that leave for this person by this channel. Raises NotFound without an address."""
    delivery = Delivery(
        campaign_id=campaign.id or 0,
        person_id=row.id or 0,
        wording_id=frozen.id or 0,
        addressee="guardian" if "/guardian/" in frozen.group else "person",
        channel=channel,
        reference="0" * 32,
        created_at=engine.now(),
    )
    seal = engine.keyring.seal(incident.wrapped_key)
    wording = Wording.from_json(json.loads(frozen.body))
    envelope = envelope_for(delivery, row, wording, seal, campaign)
    if not envelope.address:
        raise NotFound(
            "no-address",
            row.public_id,
            f"has no address for {channel}",
            next_step="Choose another person or channel.",
        )
    if envelope.document is not None:
        return envelope.document
    if channel == ChannelName.SMS:
        return envelope.text.encode() + b"\n"
    email, organisation = engine.settings.email, engine.settings.organisation
    address = email.sender_address(organisation)
    name = email.sender_name or organisation.name
    domain = address.rpartition("@")[2]
    return bytes_for(envelope, MailSender(address=address, name=name, domain=domain))


def newest(session: Session, incident: Incident) -> Campaign:
    """The newest campaign that is not void or rejected. Raises NotFound."""
    found = campaigns.in_state(session, incident.id or 0, *_LIVE)
    if found is None:
        raise NotFound(
            "no-notice",
            incident.reference,
            "has no prepared notice",
            next_step=f"Run `incident-engine notice prepare {incident.reference}`.",
        )
    return found


def _person(session: Session, incident: Incident, public_id: str) -> PersonRow:
    if public_id:
        return people.by_public_id(session, incident.id or 0, public_id)
    first = next(iter(people.of_incident(session, incident.id or 0)), None)
    if first is None:
        raise NotFound("nobody", incident.reference, "has no people yet")
    return first


def _wording(
    session: Session,
    engine: Engine,
    incident: Incident,
    campaign: Campaign,
    row: PersonRow,
    language: str,
) -> FrozenWording:
    frozen = {each.group: each for each in campaigns.wordings(session, campaign.id or 0)}
    told = telling(engine, session, incident, known_facts(session, incident))
    keys = [
        group.key for found, group in readers(engine, session, incident, told) if found.id == row.id
    ]
    if language:
        keys = [key for key in frozen if key.startswith(f"{language}/")]
    for key in keys:
        if key in frozen:
            return frozen[key]
    raise BadInput(
        "no-wording",
        "--language" if language else row.public_id,
        "has no frozen wording",
        expected=f"one of {', '.join(sorted({k.split('/')[0] for k in frozen} - {'public'}))}",
    )


def _public(session: Session, campaign: Campaign, language: str) -> bytes:
    pages = {
        each.language: each
        for each in campaigns.wordings(session, campaign.id or 0)
        if each.group.startswith("public/")
    }
    found = pages.get(language) or next(iter(pages.values()))
    return Wording.from_json(json.loads(found.body)).text.encode() + b"\n"
