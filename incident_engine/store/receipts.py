"""Questions about news from outside, and the one change it may make."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from incident_engine.domain.words import Outcome
from incident_engine.store.deliveries import UNDER_WAY
from incident_engine.store.tables import Delivery, ReceiptRow


def is_known(session: Session, key: str) -> bool:
    """Whether this piece of news was kept before."""
    return session.exec(select(ReceiptRow.id).where(ReceiptRow.key == key)).first() is not None


def delivery_of(session: Session, reference: str) -> Delivery | None:
    """The delivery of exactly that reference."""
    return session.exec(select(Delivery).where(Delivery.reference == reference)).first()


def of_delivery(session: Session, delivery_id: int) -> list[ReceiptRow]:
    """All news about one delivery, in the order it came."""
    return list(
        session.exec(
            select(ReceiptRow)
            .where(ReceiptRow.delivery_id == delivery_id)
            .order_by(col(ReceiptRow.id))
        ).all()
    )


def change(session: Session, delivery: Delivery, was: Outcome, now: Outcome, at: datetime) -> bool:
    """Compare-and-swap of a delivery's outcome. False: it changed meanwhile, and the news stays."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Delivery)
        .where(col(Delivery.id) == delivery.id, col(Delivery.outcome) == was)
        .values(outcome=now, settled_at=None if now in UNDER_WAY else at, next_try_at=None)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 1:
        session.refresh(delivery)
        return True
    return False
