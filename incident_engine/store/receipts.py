"""Questions about news from outside, and the one change it may make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import CursorResult, Row, update
from sqlmodel import Session, col, func, select

from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.store.deliveries import UNDER_WAY
from incident_engine.store.tables import Delivery, PersonRow, ReceiptRow

_BATCH = 1000
COMPLAINT = "complaint"


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


def of_campaigns(session: Session, campaign_ids: Sequence[int]) -> Iterator[Row[Any]]:
    """All news about these campaigns' deliveries in the order it came, read in batches.

    A row has the news's columns, and `reference` and `blind_address` of its delivery, `person`
    (public id) and `sealed` (the person's cell).
    """
    first = 0
    question = (
        sqlalchemy.select(
            *(getattr(ReceiptRow, name) for name in ReceiptRow.model_fields),
            col(Delivery.reference),
            col(Delivery.blind_address),
            col(PersonRow.public_id).label("person"),
            col(PersonRow.sealed),
        )
        .join(Delivery, col(Delivery.id) == col(ReceiptRow.delivery_id))
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .where(col(Delivery.campaign_id).in_(campaign_ids))
        .order_by(col(ReceiptRow.id))
        .limit(_BATCH)
    )
    while rows := session.execute(question.where(col(ReceiptRow.id) > first)).all():
        yield from rows
        first = rows[-1].id


def complaints(
    session: Session, campaign_id: int, channel: ChannelName, since: datetime | None
) -> int:
    """How many deliveries of one channel were complained of after a moment, each once."""
    question = (
        select(func.count(func.distinct(ReceiptRow.delivery_id)))
        .join(Delivery, col(Delivery.id) == col(ReceiptRow.delivery_id))
        .where(Delivery.campaign_id == campaign_id, Delivery.channel == channel)
        .where(ReceiptRow.kind == COMPLAINT, ReceiptRow.believed)
    )
    if since is not None:
        question = question.where(col(ReceiptRow.received_at) > since)
    return session.exec(question).one()


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
