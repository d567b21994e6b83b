"""Schedule: an approved notice starts at a moment, launched by whoever keeps the clock turning.

The launch is the same as by hand, with every check at that moment; one that is refused then is
written down with its reason, and nothing is tried again until a person says so.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from incident_engine.domain.delivery.timetable import Standing
from incident_engine.domain.errors import IncidentEngineError, NotApproved, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState
from incident_engine.store import campaigns, incidents
from incident_engine.store.tables import Campaign, Incident
from incident_engine.workflow.dispatch.launch import launch, window_of
from incident_engine.workflow.engine import CLOCK, Actor, Engine


def schedule(engine: Engine, actor: Actor, reference: str, at: datetime | None) -> Campaign:
    """Have the approved notice start at `at` (aware); None takes the start back.

    Raises NotApproved when there is none, Refused for a moment that is past or outside the window.
    """
    actor.may(Act.DISPATCH)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = _approved(session, incident)
        if at is not None:
            if at <= transaction.at:
                raise Refused(
                    "past-start",
                    f"notice {campaign.number} of {incident.reference}",
                    f"cannot start at {at.isoformat()}, which is past",
                    expected=f"a moment after {transaction.at.isoformat()}",
                    next_step=f"To start now: `incident-engine send {incident.reference}`.",
                )
            _must_be_inside(incident, campaign, at)
        campaign.start_at = at
        session.add(campaign)
        transaction.record(
            "launch-scheduled",
            incident=incident.reference,
            subject=campaign.sha256,
            start_at=at.isoformat() if at else "",
        )
        return campaign


def start_due(engine: Engine) -> list[IncidentEngineError]:
    """Launch every notice whose start has come; returns what refused to, each said once."""
    with engine.reading() as session:
        waiting = campaigns.to_start(session, engine.now())
        due = [(each.id, session.get_one(Incident, each.incident_id).reference) for each in waiting]
    refused = []
    for campaign_id, reference in due:
        try:
            launch(engine, CLOCK, reference)
        except IncidentEngineError as error:
            refused.append(error)
            _take_back(engine, campaign_id or 0, reference, error)
    return refused


def _approved(session: Session, incident: Incident) -> Campaign:
    campaign = campaigns.in_state(session, incident.id or 0, CampaignState.APPROVED)
    if campaign is None:
        raise NotApproved(
            "not-approved",
            incident.reference,
            "has no approved notice to start",
            next_step=f"`incident-engine notice list {incident.reference}` shows where it is.",
        )
    return campaign


def _must_be_inside(incident: Incident, campaign: Campaign, at: datetime) -> None:
    window = window_of(campaign)
    if window.standing(at) != Standing.OPEN:
        raise Refused(
            "outside-window",
            f"notice {campaign.number} of {incident.reference}",
            f"cannot start at {at.isoformat()}",
            expected="a moment in the approved window, "
            f"{window.not_before or 'any time'} to {window.not_after or 'any time'}",
            next_step="Choose another moment, or prepare it again with another window.",
        )


def _take_back(
    engine: Engine, campaign_id: int, reference: str, error: IncidentEngineError
) -> None:
    with engine.transaction(CLOCK) as transaction:
        campaign = transaction.session.get_one(Campaign, campaign_id)
        campaign.start_at = None
        transaction.session.add(campaign)
        transaction.record(
            "scheduled-launch-refused",
            incident=reference,
            subject=campaign.sha256,
            code=error.code,
            why=error.found,
        )
