"""Questions about regulator reports: which versions there are, which was filed, what came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from incident_engine.domain.words import Outcome
from incident_engine.store.tables import AuthorityAnswer, Filing, Obligation

RESENDABLE = (
    "",
    Outcome.DEFERRED,
    Outcome.UNDELIVERABLE,
    Outcome.REFUSED,
    Outcome.BROKEN,
    Outcome.CANCELLED,
)
"""After these nothing can have arrived, so that sending again doubles nothing."""


def of_incident(session: Session, incident_id: int) -> list[tuple[Filing, Obligation]]:
    """Every version of every report of an incident, with the duty it serves, oldest first."""
    rows = session.exec(
        select(Filing, Obligation)
        .join(Obligation, col(Obligation.id) == col(Filing.obligation_id))
        .where(Filing.incident_id == incident_id)
        .order_by(col(Filing.id))
    ).all()
    return [(filing, duty) for filing, duty in rows]


def of_duty(session: Session, obligation_id: int) -> list[Filing]:
    """Every version of a duty's reports, oldest first."""
    return list(
        session.exec(
            select(Filing).where(Filing.obligation_id == obligation_id).order_by(col(Filing.id))
        ).all()
    )


def newest(session: Session, obligation_id: int, phase: str = "") -> Filing | None:
    """The newest version of a duty's report, in one phase or in any."""
    asked = select(Filing).where(Filing.obligation_id == obligation_id)
    if phase:
        asked = asked.where(Filing.phase == phase)
    return session.exec(asked.order_by(col(Filing.id).desc())).first()


def filed_to(session: Session, duty: Obligation) -> list[Filing]:
    """What the authority of this duty got, under the same law in the same place, oldest first."""
    return list(
        session.exec(
            select(Filing)
            .join(Obligation, col(Obligation.id) == col(Filing.obligation_id))
            .where(Filing.incident_id == duty.incident_id, col(Filing.filed_at).is_not(None))
            .where(Obligation.playbook == duty.playbook, Obligation.place == duty.place)
            .where(Obligation.audience == duty.audience)
            .order_by(col(Filing.filed_at), col(Filing.id))
        ).all()
    )


def mark_filed(
    session: Session,
    filing: Filing,
    *,
    at: datetime,
    by: str,
    reference: str,
    receipt_path: str = "",
    receipt_sha256: str = "",
) -> bool:
    """Write that a version was handed in. False: somebody else wrote it since it was read."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Filing)
        .where(col(Filing.id) == filing.id, col(Filing.filed_at).is_(None))
        .values(
            filed_at=at,
            filed_by=by,
            reference=reference,
            receipt_path=receipt_path,
            receipt_sha256=receipt_sha256,
        )
    )
    if changed.rowcount == 1:
        session.refresh(filing)
        return True
    return False


def answers(session: Session, incident_id: int) -> list[tuple[AuthorityAnswer, Filing]]:
    """What the authorities answered, with the version it was about, oldest first."""
    rows = session.exec(
        select(AuthorityAnswer, Filing)
        .join(Filing, col(Filing.id) == col(AuthorityAnswer.filing_id))
        .where(Filing.incident_id == incident_id)
        .order_by(col(AuthorityAnswer.id))
    ).all()
    return [(answer, filing) for answer, filing in rows]


def book(session: Session, filing: Filing, *, to: str, at: datetime) -> bool:
    """Write that a version is about to leave by email. False: it left, or may have left, before."""
    booked: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Filing)
        .where(col(Filing.id) == filing.id)
        .where(col(Filing.sent_outcome).in_(RESENDABLE), col(Filing.filed_at).is_(None))
        .values(sent_to=to, sent_at=at, sent_outcome=Outcome.SENDING, sent_said="")
    )
    if booked.rowcount == 1:
        session.refresh(filing)
        return True
    return False
