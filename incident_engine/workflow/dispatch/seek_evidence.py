"""Seek evidence of what is in doubt: in the provider's own list of texts and calls, and in the log
of a relay on this machine.

What is found is news like any other: kept once, folded in, in the journal. Nothing found proves
nothing, since a list lags; then a person still decides. For mails alone the organisation may have
said that one more try under the same Message-ID is right (`email.resend_doubts`): it is a decision
like a person's, and is never taken twice for one mail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from incident_engine.channels import Envelope
from incident_engine.channels.mail.relay_log import news_of
from incident_engine.channels.phone.evidence import LAG, calls_like, texts_like
from incident_engine.channels.phone.provider import Provider, ProviderLine
from incident_engine.domain.errors import BadInput, Conflict
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording
from incident_engine.store import deliveries, journal
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.dispatch.receive import receive
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.engine import Actor, Engine

_ONCE_MORE = "no evidence in ten minutes; email.resend_doubts allows one more try"
_ASKED = {ChannelName.SMS: texts_like, ChannelName.VOICE: calls_like}


@dataclass(frozen=True)
class Sought:
    """How many in doubt were asked about, found, found more than once, and are tried again."""

    asked: int = 0
    found: int = 0
    doubled: int = 0
    resent: int = 0


def seek_evidence(engine: Engine, actor: Actor) -> Sought:
    """Ask about everything in doubt whose try is ten minutes old.

    Raises Unreachable where a list cannot be had, BadInput where the log cannot be read: what was
    asked before it stays booked.
    """
    actor.may(Act.DISPATCH)
    sought = _seek_mails(engine, actor)
    for channel, ask in _ASKED.items():
        doubted = _doubted(engine, channel)
        if not doubted:
            continue
        with ProviderLine(_provider(engine, channel)) as line:
            for envelope, since in doubted:
                found = ask(line, envelope, since).found
                receive(engine, actor, found)
                sought = replace(
                    sought,
                    asked=sought.asked + 1,
                    found=sought.found + bool(found),
                    doubled=sought.doubled + (len(found) > 1),
                )
    return sought


def _seek_mails(engine: Engine, actor: Actor) -> Sought:
    """In the relay's log, where there is one; then, where it was allowed, one more try each."""
    email = engine.settings.email
    doubted = _mails_in_doubt(engine)
    if not doubted or not (email.relay_log or email.resend_doubts):
        return Sought()
    found = news_of(Path(email.relay_log), doubted) if email.relay_log else []
    receive(engine, actor, found)
    known = {each.reference for each in found}
    resent = 0
    for reference in doubted - known if email.resend_doubts else ():
        resent += _tried_once_more(engine, actor, reference)
    return Sought(asked=len(doubted), found=len(known), resent=resent)


def _mails_in_doubt(engine: Engine) -> set[str]:
    with engine.reading() as session:
        return {
            row.reference
            for row, since in deliveries.in_doubt(session, ChannelName.EMAIL)
            if since <= engine.now() - LAG
        }


def _tried_once_more(engine: Engine, actor: Actor, reference: str) -> bool:
    """Whether it goes out again: not if it ever did by this rule, or its campaign was stopped."""
    with engine.reading() as session:
        said = journal.about(session, "doubt-resolved", reference)
    if any(json.loads(each.body).get("why") == _ONCE_MORE for each in said):
        return False
    try:
        resolve(engine, actor, reference, "resend", why=_ONCE_MORE)
    except Conflict:
        return False
    return True


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
