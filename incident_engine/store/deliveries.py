"""Deliveries and attempts: claimed by one conditional update, changed only under their fence.

The order that keeps people from being told twice or never: claim and commit; act up to the last
byte that can be taken back; commit `sending`; let that byte go; commit the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row, Table, bindparam, insert, literal_column, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from incident_engine.domain.delivery.states import REACHED
from incident_engine.domain.errors import NotFound
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.store.bulk import Many
from incident_engine.store.tables import Attempt, Delivery, FrozenWording, PersonRow

CLAIM = timedelta(minutes=15)
_BATCH = 1000
UNDER_WAY = (Outcome.PENDING, Outcome.CLAIMED, Outcome.SENDING, Outcome.DEFERRED)


@dataclass(frozen=True)
class Reach:
    """How many different people were reached, when the first was, and by which channels."""

    people: int
    first_at: datetime | None
    channels: tuple[str, ...]


@dataclass(slots=True)
class Held:
    """A delivery under a claim, with what its message needs of the person."""

    id: int
    campaign_id: int
    person_id: int
    wording_id: int
    addressee: str
    channel: str
    reference: str
    code_sha256: str
    attempts: int
    outcome: str
    public_id: str
    deceased: bool
    do_not_contact: bool
    sealed: bytes


_HELD = (
    *(getattr(Delivery, each.name) for each in fields(Held)[:10]),
    *(getattr(PersonRow, each.name) for each in fields(Held)[10:]),
)
_DELIVERY: Table = Delivery.__table__  # type: ignore[attr-defined]  # made by SQLModel
_ATTEMPT: Table = Attempt.__table__  # type: ignore[attr-defined]
_OURS = _DELIVERY.c.fence == bindparam("held_by")
_BOOK = Many(
    update(_DELIVERY)
    .where(_DELIVERY.c.id == bindparam("held_id"), _OURS)
    .where(_DELIVERY.c.outcome == literal_column(f"'{Outcome.CLAIMED}'"))
    .values(outcome=Outcome.SENDING.value, attempts=bindparam("tries")),
    ("held_id", "held_by", "tries"),
)
_SETTLE = Many(
    update(_DELIVERY)
    .where(_DELIVERY.c.id == bindparam("held_id"), _OURS)
    .values(
        outcome=bindparam("becomes"),
        fence="",
        claimed_until=None,
        next_try_at=bindparam("again_at"),
        attempts=bindparam("tries"),
        settled_at=bindparam("ended_at"),
    ),
    ("held_id", "held_by", "becomes", "again_at", "tries", "ended_at"),
)
_UNDER = sqlalchemy.select(_DELIVERY.c.id).where(
    _DELIVERY.c.id.in_(bindparam("ids", expanding=True)),
    _OURS,
    _DELIVERY.c.outcome.in_(bindparam("outcomes", expanding=True)),
)
_BOOKED = ("delivery_id", "number", "fence", "booked_at", "booked_entry")
_ANSWERED = (
    "ended_at", "outcome", "phase", "code", "provider_reference", "sealed_reply", "reply_digest",
    "settled_as", "answered_entry",
)  # fmt: skip
_BLANK = {
    "ended_at": None, "outcome": "", "phase": "", "code": "", "provider_reference": "",
    "sealed_reply": b"", "reply_digest": "", "settled_as": "", "answered_entry": None,
    "booked_at": None, "booked_entry": None,
}  # fmt: skip
_WRITTEN = (
    "campaign_id", "person_id", "wording_id", "addressee", "channel", "reference", "blind_address",
    "code_sha256", "outcome", "fence", "attempts", "created_at",
)  # fmt: skip
_WRITE = Many(insert(_DELIVERY), _WRITTEN)
_WRITE_ATTEMPT = Many(insert(_ATTEMPT), (*_BOOKED, *_ANSWERED))
_ANSWER_ATTEMPT = Many(
    update(_ATTEMPT)
    .where(_ATTEMPT.c.delivery_id == bindparam("of"), _ATTEMPT.c.number == bindparam("try"))
    .values({name: bindparam(f"new_{name}") for name in _ANSWERED}),
    ("of", "try", *(f"new_{name}" for name in _ANSWERED)),
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a held delivery becomes. `attempts` counts the try in that this ends."""

    id: int
    outcome: Outcome
    attempts: int
    again_at: datetime | None = None


def claim(
    session: Session,
    campaign_id: int,
    channel: ChannelName,
    *,
    fence: str,
    now: datetime,
    limit: int,
    quiet: Sequence[str] = (),
) -> list[Held]:
    """Take up to `limit` deliveries that may be tried now, for the holder of `fence` alone.

    Those put off until now come first. People who live in one of the `quiet` places are left for
    later.
    """
    ours = [_DELIVERY.c.campaign_id == campaign_id, _DELIVERY.c.channel == channel.value]
    if quiet:
        asleep = select(PersonRow.id).where(col(PersonRow.place).in_(quiet))
        ours.append(_DELIVERY.c.person_id.not_in(asleep))
    due = [*ours, _DELIVERY.c.outcome == Outcome.DEFERRED.value, _DELIVERY.c.next_try_at <= now]
    ids = _first(session, due, limit)
    waiting = [*ours, _DELIVERY.c.outcome == Outcome.PENDING.value]
    ids += _first(session, waiting, limit - len(ids)) if len(ids) < limit else []
    if not ids:
        return []
    session.execute(
        update(_DELIVERY)
        .where(_DELIVERY.c.id.in_(ids))
        .where(_DELIVERY.c.outcome.in_([Outcome.PENDING.value, Outcome.DEFERRED.value]))
        .values(
            outcome=Outcome.CLAIMED.value, fence=fence, claimed_until=now + CLAIM, next_try_at=None
        )
    )
    rows = session.execute(
        sqlalchemy.select(*_HELD)
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .where(_DELIVERY.c.id.in_(ids), _DELIVERY.c.fence == fence)
        .order_by(_DELIVERY.c.id)
    )
    return [Held(*row) for row in rows]


def take(session: Session, references: Sequence[str], *, fence: str, now: datetime) -> list[Held]:
    """Claim exactly these, as far as they still wait."""
    session.execute(
        update(_DELIVERY)
        .where(_DELIVERY.c.reference.in_(references))
        .where(_DELIVERY.c.outcome == Outcome.PENDING.value)
        .values(outcome=Outcome.CLAIMED.value, fence=fence, claimed_until=now + CLAIM)
    )
    rows = session.execute(
        sqlalchemy.select(*_HELD)
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .where(_DELIVERY.c.reference.in_(references), _DELIVERY.c.fence == fence)
        .order_by(_DELIVERY.c.id)
    )
    return [Held(*row) for row in rows]


def _first(session: Session, which: Sequence[ColumnElement[bool]], limit: int) -> list[int]:
    """In the order of the index: a sort of everybody who waits would be paid for every batch."""
    question = (
        sqlalchemy.select(_DELIVERY.c.id)
        .where(*which)
        .order_by(_DELIVERY.c.next_try_at, _DELIVERY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.execute(question).scalars())


def book(session: Session, claimed: Sequence[Held], *, fence: str) -> list[Held]:
    """Mark claimed deliveries `sending`, one try more. Returns those that were still ours."""
    rows = [{"held_id": each.id, "held_by": fence, "tries": each.attempts + 1} for each in claimed]
    if _BOOK.run(session, rows) == len(claimed):
        return list(claimed)
    still = _under(session, fence, [each.id for each in claimed], (Outcome.SENDING,))
    return [each for each in claimed if each.id in still]


def still_held(session: Session, ids: Sequence[int], *, fence: str) -> set[int]:
    """Which of these the holder of the fence may still settle."""
    return _under(session, fence, ids, (Outcome.CLAIMED, Outcome.SENDING))


def settle(session: Session, ends: Sequence[Settlement], *, fence: str, at: datetime) -> None:
    """Write what deliveries became that this fence still holds (`still_held`)."""
    rows = [
        {
            "held_id": each.id,
            "held_by": fence,
            "becomes": each.outcome.value,
            "again_at": each.again_at,
            "tries": each.attempts,
            "ended_at": None if each.outcome in UNDER_WAY else at,
        }
        for each in ends
    ]
    _SETTLE.run(session, rows)


def newest(session: Session) -> int:
    """The id of the newest delivery of all, about as many as there are; 0 for none."""
    return session.execute(sqlalchemy.select(func.max(_DELIVERY.c.id))).scalar() or 0


def write(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New deliveries: the columns of `_WRITTEN`; those left out are empty."""
    _WRITE.run(session, rows)


def write_attempts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New tries: columns of `attempt`, those left out empty."""
    _WRITE_ATTEMPT.run(session, [{**_BLANK, **row} for row in rows])


def answer_attempts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """How booked tries ended: `delivery_id` and `number` name each."""
    _ANSWER_ATTEMPT.run(
        session,
        [
            {"of": row["delivery_id"], "try": row["number"]}
            | {f"new_{name}": row[name] for name in _ANSWERED}
            for row in rows
        ],
    )


def _under(
    session: Session, fence: str, ids: Sequence[int], outcomes: Sequence[Outcome]
) -> set[int]:
    asked = {"ids": ids, "held_by": fence, "outcomes": [each.value for each in outcomes]}
    return set(session.execute(_UNDER, asked).scalars())


def orphans(session: Session, *, now: datetime | None) -> list[Delivery]:
    """Claimed or sending deliveries whose holder is gone: all (`now` None), or those run out."""
    question = select(Delivery).where(col(Delivery.outcome).in_([Outcome.CLAIMED, Outcome.SENDING]))
    if now is not None:
        question = question.where(col(Delivery.claimed_until) < now)
    return list(session.exec(question).all())


def counts(session: Session, campaign_ids: Sequence[int]) -> dict[str, int]:
    """How many deliveries of these campaigns have each outcome."""
    rows = session.exec(
        select(Delivery.outcome, func.count())
        .where(col(Delivery.campaign_id).in_(campaign_ids))
        .group_by(Delivery.outcome)
    ).all()
    return {str(outcome): number for outcome, number in rows}


def counts_since(
    session: Session, campaign_id: int, channel: ChannelName, since: datetime | None
) -> dict[str, int]:
    """How many of one channel ended in each way after a moment; all where none is given."""
    question = (
        select(Delivery.outcome, func.count())
        .where(Delivery.campaign_id == campaign_id, Delivery.channel == channel)
        .group_by(Delivery.outcome)
    )
    if since is not None:
        question = question.where(col(Delivery.settled_at) > since)
    return {str(outcome): number for outcome, number in session.exec(question).all()}


def waiting_places(session: Session, campaign_id: int, channel: ChannelName) -> list[str]:
    """Where those live who still wait on this channel."""
    return list(
        session.exec(
            select(PersonRow.place)
            .join(Delivery, col(Delivery.person_id) == col(PersonRow.id))
            .where(Delivery.campaign_id == campaign_id, Delivery.channel == channel)
            .where(col(Delivery.outcome).in_([Outcome.PENDING, Outcome.DEFERRED]))
            .distinct()
        ).all()
    )


def unreached(session: Session, incident_id: int) -> list[tuple[str, str, int]]:
    """People whom no delivery has reached, as (place, what the last one came to, how many).

    What a delivery came to is its outcome; empty where none was ever written, because the person
    has no address for any channel of the plan.
    """
    last = (
        select(Delivery.person_id, func.max(Delivery.id).label("id"))
        .group_by(col(Delivery.person_id))
        .subquery()
    )
    got = select(Delivery.person_id).where(col(Delivery.outcome).in_(REACHED))
    rows = session.execute(
        select(PersonRow.place, func.coalesce(Delivery.outcome, ""), func.count())
        .outerjoin(last, last.c.person_id == PersonRow.id)
        .outerjoin(Delivery, col(Delivery.id) == last.c.id)
        .where(PersonRow.incident_id == incident_id, col(PersonRow.id).not_in(got))
        .group_by(PersonRow.place, func.coalesce(Delivery.outcome, ""))
        .order_by(PersonRow.place)
    ).all()
    return [(str(place), str(outcome), int(number)) for place, outcome, number in rows]


def reach(session: Session, campaign_ids: Sequence[int]) -> Reach:
    """How far these campaigns have come, counted by the database."""
    reached = [
        col(Delivery.campaign_id).in_(campaign_ids),
        col(Delivery.outcome).in_(REACHED),
        col(Delivery.settled_at).is_not(None),
    ]
    people, first_at = session.exec(
        select(func.count(func.distinct(Delivery.person_id)), func.min(Delivery.settled_at)).where(
            *reached
        )
    ).one()
    channels = session.exec(
        select(Delivery.channel).where(*reached).distinct().order_by(Delivery.channel)
    ).all()
    return Reach(people, first_at, tuple(channels))


def of_campaigns(session: Session, campaign_ids: Sequence[int]) -> list[tuple[Delivery, PersonRow]]:
    """Every delivery of these campaigns with its person, in order of writing."""
    rows = session.exec(
        select(Delivery, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .where(col(Delivery.campaign_id).in_(campaign_ids))
        .order_by(col(Delivery.id))
    ).all()
    return [(delivery, person) for delivery, person in rows]


def with_attempts(
    session: Session, campaign_ids: Sequence[int]
) -> Iterator[tuple[Row[Any], list[Attempt]]]:
    """Every delivery with its tries, in order of writing, read in batches: flat in memory.

    A row has the delivery's columns, and `person` (public id), `sealed` (the person's cell),
    `wording` (its hash) and `after` (the reference of the delivery that opened this one).
    """
    first, after = 0, aliased(Delivery)
    question = (
        sqlalchemy.select(
            *(getattr(Delivery, name) for name in Delivery.model_fields),
            col(PersonRow.public_id).label("person"),
            col(PersonRow.sealed).label("sealed"),
            col(FrozenWording.sha256).label("wording"),
            col(after.reference).label("after"),
        )
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .join(FrozenWording, col(FrozenWording.id) == col(Delivery.wording_id))
        .outerjoin(after, col(after.id) == col(Delivery.opened_by))
        .where(col(Delivery.campaign_id).in_(campaign_ids))
        .order_by(col(Delivery.id))
        .limit(_BATCH)
    )
    while rows := session.execute(question.where(col(Delivery.id) > first)).all():
        tries: dict[int, list[Attempt]] = {row.id: [] for row in rows}
        for each in _attempts_between(session, rows[0].id, rows[-1].id):
            tries.get(each.delivery_id, []).append(each)
        yield from ((row, tries[row.id]) for row in rows)
        session.expunge_all()
        first = rows[-1].id


def _attempts_between(session: Session, first: int, last: int) -> Sequence[Attempt]:
    return session.exec(
        select(Attempt)
        .where(col(Attempt.delivery_id).between(first, last))
        .order_by(col(Attempt.delivery_id), col(Attempt.number))
    ).all()


def in_doubt(session: Session, channel: ChannelName) -> list[tuple[Delivery, datetime]]:
    """Deliveries of one channel in doubt, each with when its last try was booked."""
    rows = session.exec(
        select(Delivery, func.max(Attempt.booked_at))
        .join(Attempt, col(Attempt.delivery_id) == col(Delivery.id))
        .where(Delivery.channel == channel, Delivery.outcome == Outcome.IN_DOUBT)
        .where(col(Attempt.booked_at).is_not(None))
        .group_by(col(Delivery.id))
        .order_by(col(Delivery.id))
    ).all()
    return [(row, since) for row, since in rows if since is not None]


def of_channel(
    session: Session, campaign_ids: Sequence[int], channel: ChannelName
) -> list[tuple[Delivery, PersonRow]]:
    """Every delivery of these campaigns on one channel with its person, in order of writing."""
    rows = session.exec(
        select(Delivery, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(Delivery.person_id))
        .where(col(Delivery.campaign_id).in_(campaign_ids), Delivery.channel == channel)
        .order_by(col(Delivery.id))
    ).all()
    return [(delivery, person) for delivery, person in rows]


def of_person(session: Session, campaign_id: int, person_id: int) -> list[Delivery]:
    """Every delivery of one campaign to one person, first rung first."""
    return list(
        session.exec(
            select(Delivery)
            .where(Delivery.campaign_id == campaign_id, Delivery.person_id == person_id)
            .order_by(col(Delivery.id))
        ).all()
    )


def to_person(session: Session, person_id: int) -> list[Delivery]:
    """Every delivery of every notice to one person, in order of writing."""
    return list(
        session.exec(
            select(Delivery).where(Delivery.person_id == person_id).order_by(col(Delivery.id))
        ).all()
    )


def by_reference(session: Session, reference: str) -> Delivery:
    """The delivery of that reference; at least 8 of its digits will do. Raises NotFound."""
    wanted = reference.strip().lower()
    rows = session.exec(
        select(Delivery).where(col(Delivery.reference).startswith(wanted, autoescape=True)).limit(2)
    ).all()
    if len(wanted) < 8 or len(rows) != 1:
        raise NotFound(
            "no-delivery",
            f"delivery {wanted[:32]!r}",
            "there is no such delivery, or more than one",
            next_step="`incident-engine deliveries INCIDENT` shows the references.",
        )
    return rows[0]


def attempts(session: Session, delivery_id: int) -> list[Attempt]:
    """Every try of a delivery, in order."""
    return list(
        session.exec(
            select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(col(Attempt.number))
        ).all()
    )


def soonest_retry(session: Session, campaign_id: int) -> datetime | None:
    """When the next deferred delivery may be tried again."""
    return session.exec(
        select(func.min(Delivery.next_try_at)).where(
            Delivery.campaign_id == campaign_id, Delivery.outcome == Outcome.DEFERRED
        )
    ).one()
