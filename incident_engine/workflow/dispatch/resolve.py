"""Resolve a delivery in doubt: a person decides what became of it, and the decision is kept.

`accepted` believes that it arrived; `undeliverable` opens the next channel; `resend` tries once
more with the same reference, so that a doubled notice is seen to be the same letter.
"""

from __future__ import annotations

from incident_engine.domain.delivery.states import RESOLVABLE
from incident_engine.domain.errors import BadInput, Conflict
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState, Outcome
from incident_engine.store import deliveries
from incident_engine.store.tables import Campaign, Delivery, Incident
from incident_engine.workflow.dispatch.next_rung import open_next
from incident_engine.workflow.engine import Actor, Engine

DECISIONS = {
    "accepted": Outcome.ACCEPTED,
    "undeliverable": Outcome.UNDELIVERABLE,
    "resend": Outcome.PENDING,
}


def resolve(engine: Engine, actor: Actor, reference: str, decision: str, *, why: str) -> Delivery:
    """Decide a delivery in doubt, or one broken by us. Raises BadInput without a reason.

    Conflict when it is neither, or when it would have to leave and its campaign was stopped.
    """
    actor.may(Act.RESOLVE_DOUBT)
    if decision not in DECISIONS or not why.strip():
        raise BadInput(
            "bad-decision",
            "resolve",
            f"found {decision[:40]!r} with {'a' if why.strip() else 'no'} reason",
            expected=f"--as one of {', '.join(DECISIONS)}, and --why",
        )
    with engine.transaction(actor) as transaction:
        delivery = deliveries.by_reference(transaction.session, reference)
        campaign = transaction.session.get_one(Campaign, delivery.campaign_id)
        outcome = DECISIONS[decision]
        _must_be_open(delivery, campaign, outcome)
        delivery.outcome = outcome
        delivery.settled_at = None if outcome == Outcome.PENDING else transaction.at
        transaction.session.add(delivery)
        incident = transaction.session.get_one(Incident, campaign.incident_id)
        if outcome == Outcome.UNDELIVERABLE and campaign.state != CampaignState.STOPPED:
            seal = engine.keyring.seal(incident.wrapped_key)
            open_next(transaction, seal, campaign, delivery, outcome)
        transaction.record(
            "doubt-resolved",
            incident=incident.reference,
            subject=delivery.reference,
            decision=decision,
            why=why,
        )
        return delivery


def _must_be_open(delivery: Delivery, campaign: Campaign, outcome: Outcome) -> None:
    if delivery.outcome not in RESOLVABLE:
        raise Conflict(
            "not-in-doubt",
            f"delivery {delivery.reference[:8]}",
            f"is {delivery.outcome}",
            expected=" or ".join(RESOLVABLE),
        )
    if outcome == Outcome.PENDING and campaign.state == CampaignState.STOPPED:
        raise Conflict(
            "stopped",
            f"delivery {delivery.reference[:8]}",
            "belongs to a campaign that was stopped: nothing of it leaves any more",
            expected="accepted or undeliverable",
            next_step="Prepare a new notice for those still to be told.",
        )
