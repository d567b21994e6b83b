"""Questions about public pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from incident_engine.store.tables import Announcement, AnnouncementVersion


def of_incident(session: Session, incident_id: int) -> list[Announcement]:
    """Every page ever put up for an incident, oldest first."""
    return list(
        session.exec(
            select(Announcement)
            .where(Announcement.incident_id == incident_id)
            .order_by(col(Announcement.id))
        ).all()
    )


def versions(session: Session, announcement_id: int) -> list[AnnouncementVersion]:
    """The page as it stood, each time it was put up, changed or taken down, oldest first."""
    return list(
        session.exec(
            select(AnnouncementVersion)
            .where(AnnouncementVersion.announcement_id == announcement_id)
            .order_by(col(AnnouncementVersion.id))
        ).all()
    )


def standing(session: Session, incident_id: int) -> Announcement | None:
    """The page that is up now, if one is."""
    return session.exec(
        select(Announcement).where(
            Announcement.incident_id == incident_id, col(Announcement.taken_down_at).is_(None)
        )
    ).first()


def unchecked_since(session: Session, moment: datetime) -> list[Announcement]:
    """The standing pages that nobody has looked at since that moment."""
    return list(
        session.exec(
            select(Announcement).where(
                col(Announcement.taken_down_at).is_(None),
                or_(
                    col(Announcement.checked_at).is_(None),
                    col(Announcement.checked_at) <= moment,
                ),
            )
        ).all()
    )
