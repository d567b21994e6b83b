"""Questions about regulator reports: which versions there are, and which was filed."""

from __future__ import annotations

from sqlmodel import Session, col, select

from incident_engine.store.tables import Filing, Obligation


def of_incident(session: Session, incident_id: int) -> list[tuple[Filing, Obligation]]:
    """Every version of every report of an incident, with the duty it serves, oldest first."""
    rows = session.exec(
        select(Filing, Obligation)
        .join(Obligation, col(Obligation.id) == col(Filing.obligation_id))
        .where(Filing.incident_id == incident_id)
        .order_by(col(Filing.id))
    ).all()
    return [(filing, duty) for filing, duty in rows]


def newest(session: Session, obligation_id: int, phase: str = "") -> Filing | None:
    """The newest version of a duty's report, in one phase or in any."""
    asked = select(Filing).where(Filing.obligation_id == obligation_id)
    if phase:
        asked = asked.where(Filing.phase == phase)
    return session.exec(asked.order_by(col(Filing.id).desc())).first()


def filed_before(session: Session, obligation_id: int) -> Filing | None:
    """The newest version that was handed in, of whatever phase."""
    return session.exec(
        select(Filing)
        .where(Filing.obligation_id == obligation_id, Filing.reference != "")
        .order_by(col(Filing.id).desc())
    ).first()
