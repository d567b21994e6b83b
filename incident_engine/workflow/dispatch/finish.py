"""Finish a campaign when nothing is left to try, and meet the duties it fulfilled."""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.lifecycle import CAMPAIGN, CampaignView
from incident_engine.domain.words import CampaignState, IncidentState, Outcome
from incident_engine.store import campaigns, deliveries, incidents
from incident_engine.store.deliveries import UNDER_WAY
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.incidents.move_incident import make_move
from incident_engine.workflow.incidents.settle_obligation import settle_told


@dataclass(frozen=True)
class Finished:
    """Where a campaign stands after a round: its state, counts, and the duties met by it."""

    state: str
    counts: dict[str, int]
    met: tuple[str, ...]


def finish(engine: Engine, actor: Actor, reference: str) -> Finished:
    """Settle what the deliveries so far fulfilled; close the campaign when all have ended.

    Deliveries in doubt, or broken by us, keep a campaign open: somebody must decide them first.
    """
    met = settle_told(engine, actor, reference)
    names = tuple(f"{row.playbook}/{row.name}/{row.place}" for row in met)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = campaigns.in_state(session, incident.id or 0, CampaignState.SENDING)
        if campaign is None:
            return Finished("", {}, names)
        counts = deliveries.counts(session, [campaign.id or 0])
        if any(counts.get(each) for each in (*UNDER_WAY, Outcome.IN_DOUBT, Outcome.BROKEN)):
            return Finished(campaign.state, counts, names)
        to = CAMPAIGN.next_state(
            CampaignState(campaign.state), "finish", role=actor.role, view=CampaignView()
        )
        if not campaigns.move(session, campaign, CampaignState(to)):
            return Finished(campaign.state, counts, names)
        campaign.finished_at = transaction.at
        session.add(campaign)
        transaction.record(
            "campaign-finished",
            incident=incident.reference,
            subject=campaign.sha256,
            outcomes=counts,
        )
        if incident.state == IncidentState.NOTIFYING:
            make_move(transaction, incident, "complete", why="every delivery has ended")
        return Finished(campaign.state, counts, names)
