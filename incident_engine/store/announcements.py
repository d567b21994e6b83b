"""Questions about public pages."""

from __future__ import annotations

from sqlmodel import Session, col, select

from incident_engine.store.tables import Announcement


def of_incident(session: Session, incident_id: int) -> list[Announcement]:
    """Every page ever put up for an incident, oldest first."""
    return list(
        session.exec(
            select(Announcement)
            .where(Announcement.incident_id == incident_id)
            .order_by(col(Announcement.id))
        ).all()
    )


def standing(session: Session, incident_id: int) -> Announcement | None:
    """The page that is up now, if one is."""
    return session.exec(
        select(Announcement).where(
            Announcement.incident_id == incident_id, col(Announcement.taken_down_at).is_(None)
        )
    ).first()
