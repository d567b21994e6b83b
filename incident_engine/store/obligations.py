"""Questions about what is owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, func, select

from incident_engine.domain.words import DutyStatus, ObligationState
from incident_engine.store.tables import Alert, Incident, Obligation

BINDING_STATUSES = (
    DutyStatus.REQUIRED,
    DutyStatus.OPEN,
    DutyStatus.WAITING,
    DutyStatus.POSTPONED,
    DutyStatus.PROHIBITED,
)
"""What the law may still make us do; the rest is recorded and needs no act."""


_WATCHED = func.coalesce(Obligation.due_at, Obligation.target_at)


def of_incident(session: Session, incident_id: int) -> list[Obligation]:
    """All obligations of an incident, the earliest deadline or aim first, without either last."""
    return list(
        session.exec(
            select(Obligation)
            .where(Obligation.incident_id == incident_id)
            .order_by(
                _WATCHED.is_(None),
                _WATCHED,
                col(Obligation.playbook),
                col(Obligation.name),
                col(Obligation.place),
            )
        ).all()
    )


def due_before(session: Session, moment: datetime) -> list[tuple[Obligation, Incident]]:
    """Every obligation still owed whose deadline, or else our aim, is at or before the moment.

    The earliest first.
    """
    rows = session.exec(
        select(Obligation, Incident)
        .join(Incident, col(Incident.id) == col(Obligation.incident_id))
        .where(Obligation.state == ObligationState.OWED)
        .where(col(Obligation.status).in_([DutyStatus.REQUIRED, DutyStatus.OPEN]))
        .where(moment >= _WATCHED)
        .order_by(_WATCHED, col(Obligation.id))
    ).all()
    return [(obligation, incident) for obligation, incident in rows]


def move(session: Session, obligation: Obligation, to: ObligationState) -> bool:
    """Compare-and-swap of the state. False: somebody else settled it since it was read."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Obligation)
        .where(col(Obligation.id) == obligation.id)
        .where(col(Obligation.state) == obligation.state)
        .where(col(Obligation.version) == obligation.version)
        .values(state=to, version=obligation.version + 1)
    )
    if changed.rowcount == 1:
        session.refresh(obligation)
        return True
    return False


def climb(session: Session, obligation: Obligation, rung: int) -> bool:
    """Take a rung of the escalation ladder. False: another watcher was first."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Obligation)
        .where(col(Obligation.id) == obligation.id)
        .where(col(Obligation.climbed) < rung)
        .values(climbed=rung)
    )
    return changed.rowcount == 1


def highest_rung(session: Session, obligation_id: int, due_at: datetime | None) -> int:
    """The highest rung ever climbed towards this deadline; 0 when it is a new one."""
    rung = session.exec(
        select(func.max(Alert.rung)).where(
            Alert.obligation_id == obligation_id, Alert.due_at == due_at
        )
    ).one()
    return rung or 0


def alerts_pending(session: Session) -> list[Alert]:
    """Alerts written and not yet sent."""
    return list(session.exec(select(Alert).where(Alert.outcome == "pending")).all())
