"""While law enforcement asks us to wait, nothing reaches the people or the public."""

from __future__ import annotations

from sqlmodel import Session

from incident_engine.domain.errors import Refused
from incident_engine.domain.words import Audience, DutyStatus, ObligationState
from incident_engine.store.obligations import of_incident
from incident_engine.store.tables import Incident, Obligation

_TOLD = (Audience.INDIVIDUALS, Audience.GUARDIANS, Audience.PUBLIC, Audience.MEDIA)
_WAITING = (DutyStatus.POSTPONED, DutyStatus.PROHIBITED)


def must_not_be_held(session: Session, incident: Incident) -> None:
    """Raise Refused, naming the duty and how its hold ends, while any duty to tell is on hold."""
    held = [row for row in of_incident(session, incident.id or 0) if _is_held(row)]
    if not held:
        return
    row = held[0]
    duty = f"{row.playbook}/{row.name}/{row.place}"
    release = (
        f"Run `incident-engine obligation release {incident.reference} {duty} --why …`"
        if row.state == ObligationState.HELD
        else f"Record its end: `incident-engine incident fact {incident.reference} "
        "clocks.hold_until=…`"
    )
    raise Refused(
        "on-hold",
        duty,
        f"is {row.status if row.state != ObligationState.HELD else 'held'}: telling people now "
        "could harm an investigation, or is forbidden",
        expected="no hold on any duty to tell people",
        next_step=f"{release} once the authority lets you go.",
    )


def _is_held(row: Obligation) -> bool:
    still_owed = row.state in (ObligationState.OWED, ObligationState.HELD)
    waits = row.state == ObligationState.HELD or row.status in _WAITING
    return row.audience in _TOLD and still_owed and waits
