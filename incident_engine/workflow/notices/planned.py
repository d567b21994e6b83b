"""What a plan of channels takes: how long each needs, and by when each has to be under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from incident_engine.domain.delivery.timetable import latest_starts
from incident_engine.domain.words import ChannelName, ObligationState
from incident_engine.store import obligations
from incident_engine.store.obligations import BINDING_STATUSES
from incident_engine.store.tables import Incident, Obligation
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.notices.readers import TO_PEOPLE

A_MINUTE: Mapping[ChannelName, int] = {
    # What a relay over a network takes from us, and what a provider lets an ordinary sender send.
    ChannelName.EMAIL: 1_200,
    ChannelName.SMS: 60,
    ChannelName.PUSH: 600,
    ChannelName.LETTER: 300,
    ChannelName.VOICE: 10,
    ChannelName.BY_HAND: 1,  # a handful of callers, a few minutes each
}
"""Messages handed over a minute, taken with care: a forecast had better be too long."""


def first_due(session: Session, incident: Incident) -> Obligation | None:
    """The duty to tell people whose day comes first, of those still owed; None: none has a day."""
    owed = (
        row
        for row in obligations.of_incident(session, incident.id or 0)
        if row.audience in TO_PEOPLE
        and row.state == ObligationState.OWED
        and row.status in BINDING_STATUSES
        and row.due_at
    )
    return next(owed, None)


def planned_starts(
    engine: Engine,
    plan: Sequence[ChannelName],
    duty: Obligation | None,
    counts: Mapping[ChannelName, int],
) -> dict[ChannelName, datetime]:
    """By when each channel has to be under way for the duty's day; empty where none has one."""
    if duty is None or duty.due_at is None:
        return {}
    sending = {each: takes(engine, each, counts.get(each, 0)) for each in plan}
    return latest_starts(plan, due=duty.due_at, sending=sending)


def takes(engine: Engine, channel: ChannelName, count: int) -> timedelta:
    """How long handing over so many takes, at most: rounded up to minutes."""
    rate = A_MINUTE[channel]
    limit = engine.settings.email.per_provider_limit
    if channel == ChannelName.EMAIL and limit:
        rate = min(rate, limit)  # as if one provider had them all
    return timedelta(minutes=-(-count // rate))
