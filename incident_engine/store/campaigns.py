"""Questions about campaigns, their frozen wordings and approvals."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy
from sqlalchemy import CursorResult, bindparam, update
from sqlmodel import Session, col, func, select

from incident_engine.domain.errors import NotFound
from incident_engine.domain.words import CampaignState
from incident_engine.store.tables import Approval, Campaign, FrozenWording

_STATE = sqlalchemy.select(Campaign.__table__.c.state).where(  # type: ignore[attr-defined]
    Campaign.__table__.c.id == bindparam("of")  # type: ignore[attr-defined]  # made by SQLModel
)
UNLAUNCHED = (CampaignState.PREPARED, CampaignState.APPROVED)


def of_incident(session: Session, incident_id: int) -> list[Campaign]:
    """All campaigns of an incident, oldest first."""
    return list(
        session.exec(
            select(Campaign)
            .where(Campaign.incident_id == incident_id)
            .order_by(col(Campaign.number))
        ).all()
    )


def by_hash(session: Session, incident_id: int, sha256: str) -> Campaign:
    """The campaign frozen under that hash; at least 12 of its digits will do. Raises NotFound."""
    wanted = sha256.strip().lower()
    rows = [
        each
        for each in of_incident(session, incident_id)
        if len(wanted) >= 12 and each.sha256.startswith(wanted)
    ]
    if len(rows) != 1:
        raise NotFound(
            "no-campaign",
            f"hash {wanted[:64]!r}",
            "no notice of this incident was frozen under it",
            next_step="`incident-engine notice list INCIDENT` shows the hashes.",
        )
    return rows[0]


def in_state(session: Session, incident_id: int, *states: CampaignState) -> Campaign | None:
    """The newest campaign of an incident in one of these states."""
    return session.exec(
        select(Campaign)
        .where(Campaign.incident_id == incident_id, col(Campaign.state).in_(states))
        .order_by(col(Campaign.number).desc())
    ).first()


def state_now(session: Session, campaign_id: int) -> CampaignState:
    """Where a campaign stands, as this transaction sees it."""
    return CampaignState(session.execute(_STATE, {"of": campaign_id}).scalar_one())


def next_number(session: Session, incident_id: int) -> int:
    """The number of the next campaign: notice 1, notice 2."""
    last = session.exec(
        select(func.max(Campaign.number)).where(Campaign.incident_id == incident_id)
    ).one()
    return (last or 0) + 1


def move(session: Session, campaign: Campaign, to: CampaignState) -> bool:
    """Compare-and-swap of the state. False: somebody else moved it since it was read."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Campaign)
        .where(col(Campaign.id) == campaign.id)
        .where(col(Campaign.state) == campaign.state)
        .where(col(Campaign.version) == campaign.version)
        .values(state=to, version=campaign.version + 1)
    )
    if changed.rowcount == 1:
        session.refresh(campaign)
        return True
    return False


def to_start(session: Session, now: datetime) -> list[Campaign]:
    """Approved campaigns whose start has come, the earliest first."""
    return list(
        session.exec(
            select(Campaign)
            .where(Campaign.state == CampaignState.APPROVED, col(Campaign.start_at) <= now)
            .order_by(col(Campaign.start_at))
        ).all()
    )


def void_unlaunched(session: Session, incident_id: int) -> list[Campaign]:
    """Void what was frozen and not launched: its facts, people or words are no longer these."""
    return [
        each
        for each in of_incident(session, incident_id)
        if each.state in UNLAUNCHED and move(session, each, CampaignState.VOID)
    ]


def wordings(session: Session, campaign_id: int) -> list[FrozenWording]:
    """The frozen words of a campaign, by group."""
    return list(
        session.exec(
            select(FrozenWording)
            .where(FrozenWording.campaign_id == campaign_id)
            .order_by(col(FrozenWording.group))
        ).all()
    )


def approvals(session: Session, campaign_id: int) -> list[Approval]:
    """What second persons said of a campaign, oldest first."""
    return list(
        session.exec(
            select(Approval).where(Approval.campaign_id == campaign_id).order_by(col(Approval.id))
        ).all()
    )
