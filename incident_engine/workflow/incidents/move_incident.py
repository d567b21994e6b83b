"""Move an incident along its lifecycle: one compare-and-swap with its entry, in one transaction."""

from __future__ import annotations

from sqlmodel import Session

from incident_engine.domain.delivery.states import RESOLVABLE
from incident_engine.domain.errors import Conflict
from incident_engine.domain.lifecycle import INCIDENT, IncidentView, PossibleMove
from incident_engine.domain.words import (
    CampaignState,
    DutyStatus,
    IncidentState,
    ObligationState,
)
from incident_engine.store import campaigns, deliveries, incidents, obligations, people
from incident_engine.store.announcements import standing as announcement_standing
from incident_engine.store.obligations import BINDING_STATUSES
from incident_engine.store.tables import Incident
from incident_engine.workflow.engine import Actor, Engine, Transaction

_BEFORE_NOTIFYING = (IncidentState.DETECTED, IncidentState.ASSESSING, IncidentState.REOPENED)


def move_incident(
    engine: Engine, actor: Actor, reference: str, trigger: str, *, why: str = ""
) -> Incident:
    """Make one lifecycle move. Raises WrongMove naming the possible moves and what each lacks."""
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        make_move(transaction, incident, trigger, why=why)
        return incident


def possible_moves(
    engine: Engine, actor: Actor, reference: str
) -> tuple[IncidentState, tuple[PossibleMove, ...]]:
    """Where an incident stands and every move from there, with what it lacks."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        state = IncidentState(incident.state)
        view = view_of(session, incident, why="")
        return state, INCIDENT.possible_moves(state, role=actor.role, view=view)


def make_move(transaction: Transaction, incident: Incident, trigger: str, *, why: str = "") -> None:
    """The move inside a caller's transaction."""
    was = IncidentState(incident.state)
    view = view_of(transaction.session, incident, why=why)
    to = INCIDENT.next_state(was, trigger, role=transaction.actor.role, view=view)
    if not incidents.move(transaction.session, incident, IncidentState(to)):
        raise Conflict(
            "not-first",
            incident.reference,
            "was moved by somebody else meanwhile",
            next_step=f"Look again: `incident-engine incident show {incident.reference}`.",
        )
    transaction.session.refresh(incident)
    transaction.record(
        "incident-moved",
        incident=incident.reference,
        subject=trigger,
        was=was.value,
        now=str(to),
        why=why,
    )


def move_towards_notifying(transaction: Transaction, incident: Incident) -> None:
    """The moves that launching an approved notice implies: nobody need type them at 2 am."""
    why = "an approved notice was launched"
    if incident.state in _BEFORE_NOTIFYING:
        make_move(transaction, incident, "confirm", why=why)
    if incident.state != IncidentState.NOTIFYING:
        make_move(transaction, incident, "notify", why=why)


def view_of(session: Session, incident: Incident, *, why: str) -> IncidentView:
    """What the guards look at, counted from the rows."""
    rows = obligations.of_incident(session, incident.id or 0)
    binding = [row for row in rows if row.status in BINDING_STATUSES]
    sent = campaigns.of_incident(session, incident.id or 0)
    counts = deliveries.counts(session, [each.id or 0 for each in sent])
    confirmed = dict(incidents.fact_pairs(session, incident.id or 0)).get("confirmed")
    return IncidentView(
        confirmed=confirmed if isinstance(confirmed, bool) else None,
        people=people.count(session, incident.id or 0),
        owed=sum(row.state == ObligationState.OWED for row in binding),
        open=sum(
            row.state == ObligationState.OWED and row.status == DutyStatus.OPEN for row in binding
        ),
        held=sum(row.state == ObligationState.HELD for row in binding),
        doubted=sum(row.state == ObligationState.DOUBTED for row in rows),
        met=sum(row.state == ObligationState.MET for row in rows),
        approved_campaign=any(each.state == CampaignState.APPROVED for each in sent),
        under_way=sum(counts.get(each, 0) for each in deliveries.UNDER_WAY),
        in_doubt=sum(counts.get(each, 0) for each in RESOLVABLE),
        announcement_up=announcement_standing(session, incident.id or 0) is not None,
        why=why,
    )
