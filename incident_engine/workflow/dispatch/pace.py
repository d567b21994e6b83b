"""How much of a campaign may leave now: canary first, nobody at night, nothing after too many
bounces until a person has looked."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from incident_engine.domain.delivery.pacing import (
    LARGEST,
    LARGEST_PRINTED,
    Pace,
    Signal,
    batch_size,
    judge,
)
from incident_engine.domain.delivery.quiet_hours import read_quiet_hours
from incident_engine.domain.delivery.timetable import Standing
from incident_engine.domain.law.audience import is_owed
from incident_engine.domain.places import zone_of
from incident_engine.domain.words import CampaignState, ChannelName, ObligationState
from incident_engine.store import campaigns, deliveries, journal
from incident_engine.store.obligations import BINDING_STATUSES, of_incident
from incident_engine.store.tables import Campaign, Incident, Obligation
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.dispatch.launch import window_of
from incident_engine.workflow.dispatch.tally import Tally
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.notices.readers import TO_PEOPLE
from incident_engine.workflow.notices.terms import quiet_hours_of

LOUD = (ChannelName.SMS, ChannelName.VOICE)


def next_batch(tally: Tally, session: Session) -> int:
    """How many may leave next on this channel."""
    largest = LARGEST_PRINTED if tally.channel == ChannelName.LETTER else LARGEST
    return batch_size(tally.answered(session), largest)


def must_stop(
    engine: Engine, actor: Actor, incident: Incident, campaign: Campaign, tally: Tally
) -> bool:
    """Pause the campaign where the answers on this channel say so; whether it was.

    A warning is said once in the journal, until a person has looked.
    """
    with engine.reading() as session:
        row = session.get_one(Campaign, campaign.id)
        found = judge(tally.since(session, row.looked_at), tally.complaints(session, row.looked_at))
    if found.signal == Signal.GO:
        return False
    if found.signal == Signal.WARN and not tally.warned:
        tally.warned = True
        _warn(engine, actor, incident, row, tally.channel, found)
    if found.signal == Signal.WARN:
        return False
    with engine.transaction(actor) as transaction:
        row = transaction.session.get_one(Campaign, campaign.id)
        if row.state != CampaignState.SENDING:
            return False
        _pause(transaction, incident, row, found.why, channel=tally.channel.value)
        return True


def may_leave_now(transaction: Transaction, incident: Incident, campaign: Campaign) -> bool:
    """Whether the approved window is open. Over with some left: paused, for a person to decide."""
    standing = window_of(campaign).standing(transaction.at)
    row = transaction.session.get_one(Campaign, campaign.id)
    if standing == Standing.OVER and row.state == CampaignState.SENDING:
        _pause(transaction, incident, row, "the window in which it was approved to leave is over")
    return standing == Standing.OPEN


def quiet_places(
    engine: Engine, session: Session, incident: Incident, campaign: Campaign, channel: ChannelName
) -> list[str]:
    """Where it is night now for this channel, and the law's clock leaves time until morning."""
    if channel not in LOUD:
        return []
    hours = read_quiet_hours(quiet_hours_of(campaign))
    if hours is None:
        return []
    now = engine.now()
    found = []
    for place in deliveries.waiting_places(session, campaign.id or 0, channel):
        morning = hours.end_after(now, zone_of(place)) if place else None
        if morning and not _is_due_before(engine, session, incident, place, morning):
            found.append(place)
    return found


def _pause(
    transaction: Transaction, incident: Incident, row: Campaign, why: str, **more: str
) -> None:
    if campaigns.move(transaction.session, row, CampaignState.PAUSED):
        transaction.record(
            "campaign-stopped-itself",
            incident=incident.reference,
            subject=row.sha256,
            why=why,
            **more,
        )


def _warn(
    engine: Engine,
    actor: Actor,
    incident: Incident,
    row: Campaign,
    channel: ChannelName,
    found: Pace,
) -> None:
    with engine.transaction(actor) as transaction:
        since = row.looked_at or row.launched_at
        said = journal.of_act(transaction.session, incident.reference, "campaign-warned")
        if any(
            each.subject == row.sha256
            and f'"{channel}"' in each.body
            and (since is None or datetime.fromisoformat(each.at) >= since)
            for each in said
        ):
            return
        transaction.record(
            "campaign-warned",
            incident=incident.reference,
            subject=row.sha256,
            channel=channel.value,
            why=found.why,
        )


def _is_due_before(
    engine: Engine, session: Session, incident: Incident, place: str, morning: datetime
) -> bool:
    """Whether a duty to tell those people falls due before they wake."""
    facts = known_facts(session, incident)
    laws = {law.id: law for law in engine.playbooks}
    return any(
        row.due_at is not None
        and row.due_at <= morning
        and _counts(row)
        and is_owed(place, law=laws.get(row.playbook), facts=facts, duty_place=row.place)
        for row in of_incident(session, incident.id or 0)
    )


def _counts(row: Obligation) -> bool:
    return (
        row.audience in TO_PEOPLE
        and row.state == ObligationState.OWED
        and row.status in BINDING_STATUSES
    )
