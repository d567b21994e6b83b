"""Seek evidence: ask the provider's own list what became of texts and calls in doubt.

What is found is news like any other: kept once, folded in, in the journal. Nothing found proves
nothing, since a list lags; then a person still decides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from incident_engine.channels import Envelope
from incident_engine.channels.phone.evidence import LAG, calls_like, texts_like
from incident_engine.channels.phone.provider import Provider, ProviderLine
from incident_engine.domain.errors import BadInput
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording
from incident_engine.store import deliveries
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.dispatch.receive import receive
from incident_engine.workflow.engine import Actor, Engine

_ASKED = {ChannelName.SMS: texts_like, ChannelName.VOICE: calls_like}


@dataclass(frozen=True)
class Sought:
    """How many in doubt were asked about, found there, and found more than once."""

    asked: int = 0
    found: int = 0
    doubled: int = 0


def seek_evidence(engine: Engine, actor: Actor) -> Sought:
    """Ask about every text and call in doubt whose try is ten minutes old.

    Raises Unreachable where a list cannot be had: what was asked before it stays booked.
    """
    actor.may(Act.DISPATCH)
    sought = Sought()
    for channel, ask in _ASKED.items():
        doubted = _doubted(engine, channel)
        if not doubted:
            continue
        with ProviderLine(_provider(engine, channel)) as line:
            for envelope, since in doubted:
                found = ask(line, envelope, since).found
                receive(engine, actor, found)
                sought = Sought(
                    sought.asked + 1, sought.found + bool(found), sought.doubled + (len(found) > 1)
                )
    return sought


def _provider(engine: Engine, channel: ChannelName) -> Provider:
    provider = getattr(engine.channel(channel), "provider", None)
    if not isinstance(provider, Provider):
        raise BadInput("no-list", channel.value, "has no provider that keeps a list")
    return provider


def _doubted(engine: Engine, channel: ChannelName) -> list[tuple[Envelope, datetime]]:
    """What was asked for, and since when, of each that may be asked about now."""
    with engine.reading() as session:
        return [
            (_as_sent(engine, session, row), since)
            for row, since in deliveries.in_doubt(session, channel)
            if since <= engine.now() - LAG
        ]


def _as_sent(engine: Engine, session: Session, row: Delivery) -> Envelope:
    campaign = session.get_one(Campaign, row.campaign_id)
    incident = session.get_one(Incident, campaign.incident_id)
    return envelope_for(
        row,
        session.get_one(PersonRow, row.person_id),
        Wording.from_json(json.loads(session.get_one(FrozenWording, row.wording_id).body)),
        engine.keyring.seal(incident.wrapped_key),
        campaign,
    )
