"""The tick: what is due, who must hear of it, and holds that have run out.

Rows are the truth. Missed ticks cost nothing: `<=` finds what fell due meanwhile, the unique key
stops doubles, and after a long sleep only the highest rung due is told, with those it passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from incident_engine.channels import Envelope
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.escalation import LADDER, next_rung
from incident_engine.domain.words import ChannelName, ObligationState, Outcome
from incident_engine.store import obligations
from incident_engine.store.tables import Alert, Incident, Obligation
from incident_engine.workflow.engine import CLOCK, Engine
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.public.announce import look_after


@dataclass(frozen=True)
class Tick:
    """What one turn of the clock did."""

    climbed: int
    released: int
    alerted: int
    unsent: int = 0  # alerts that no mail server took just now; the next turn tries again
    pages_changed: int = 0  # public pages that are not as they were put up


def watch(engine: Engine) -> Tick:
    """One turn of the clock.

    1. Release every hold that has run out.
    2. Ask for duties due soon that are neither met, waived nor held.
    3. For each: which rung of the ladder now? Write it; the unique key refuses a second writer.
    4. Tell those on the written rungs, where the settings name an address for them.
    5. Look at every public page once an hour: it stands as it was put up, or somebody hears.
    """
    now = engine.now()
    released = _release_holds(engine, now)
    horizon = max(rung.before for rung in LADDER)
    with engine.reading() as session:
        near = obligations.due_before(session, now + horizon)
    climbed = sum(_climb(engine, row, incident, now) for row, incident in near)
    alerted, unsent = _tell_staff(engine, now)
    return Tick(climbed, released, alerted, unsent, look_after(engine, now))


def _climb(engine: Engine, row: Obligation, incident: Incident, now: datetime) -> bool:
    if (due_at := row.watched_at) is None:
        return False
    step = next_rung(LADDER, due_at=due_at, now=now, climbed=row.climbed)
    if step is None:
        return False
    number, rung, passed = step
    with engine.transaction(CLOCK) as transaction:
        if not obligations.climb(transaction.session, row, number):
            return False
        late = now - (due_at - rung.before)
        transaction.session.add(
            Alert(
                obligation_id=row.id or 0,
                due_at=due_at,
                rung=number,
                whom=rung.whom,
                at=now,
                late_by_seconds=int(late.total_seconds()),
            )
        )
        transaction.record(
            "deadline-escalated",
            incident=incident.reference,
            subject=f"{row.playbook}/{row.name}/{row.place}",
            rung=number,
            whom=rung.whom,
            due_at=due_at.isoformat(),
            our_aim=row.due_at is None,
            late_by_seconds=int(late.total_seconds()),
            passed=list(passed),
        )
    return True


def _release_holds(engine: Engine, now: datetime) -> int:
    with engine.reading() as session:
        ended = session.exec(
            select(Obligation, Incident)
            .join(Incident, col(Incident.id) == col(Obligation.incident_id))
            .where(Obligation.state == ObligationState.HELD, col(Obligation.held_until) <= now)
        ).all()
        names = [
            (incident.reference, f"{row.playbook}/{row.name}/{row.place}")
            for row, incident in ended
        ]
    for reference, duty in names:
        settle(engine, CLOCK, reference, duty, Settlement(trigger="release", why="the hold ended"))
    return len(names)


def _tell_staff(engine: Engine, now: datetime) -> tuple[int, int]:
    """Send the pending alerts by email: how many were taken, and how many wait for the next turn.

    One that cannot be handed over now keeps no other from being sent. One that was refused stays
    written and shown: the next rung is louder.
    """
    with engine.reading() as session:
        pending = [
            (alert, session.get_one(Obligation, alert.obligation_id))
            for alert in obligations.alerts_pending(session)
        ]
        incidents = {
            row.incident_id: session.get_one(Incident, row.incident_id) for _, row in pending
        }
    outcomes = [
        _alert(engine, alert, row, incidents[row.incident_id], now) for alert, row in pending
    ]
    return outcomes.count(Outcome.ACCEPTED), outcomes.count(Outcome.DEFERRED)


def _alert(
    engine: Engine, alert: Alert, row: Obligation, incident: Incident, now: datetime
) -> Outcome | None:
    address = getattr(engine.settings.alerts, alert.whom.replace(" ", "_"), "")
    outcome = _send(engine, address, alert, row, incident, now) if address else None
    if outcome == Outcome.DEFERRED:
        return outcome
    with engine.transaction(CLOCK) as transaction:
        kept = transaction.session.get_one(Alert, alert.id)
        kept.outcome = str(outcome) if outcome else "shown"
        transaction.session.add(kept)
        transaction.record(
            "alert-sent" if outcome else "alert-shown",
            incident=incident.reference,
            subject=f"{row.playbook}/{row.name}/{row.place}",
            whom=alert.whom,
            outcome=kept.outcome,
        )
    return outcome


class _OwnStaff:
    """The book for alerts: their rows are written before, and a doubled alert harms nobody."""

    def sending(self, references: object) -> set[str]:
        return set(references) if isinstance(references, (list, tuple)) else set()


def _send(
    engine: Engine, address: str, alert: Alert, row: Obligation, incident: Incident, now: datetime
) -> Outcome:
    envelope = Envelope(
        reference=f"{alert.id:032x}",
        address=address,
        language="en",
        subject=f"{incident.reference}: {_left(alert.due_at - now)}",
        text=(
            f"{row.title}\n{row.playbook}, {row.place}\n"
            f"{_due(alert, row)} ({_left(alert.due_at - now)}).\n"
            f"Rule: {row.rule}. {row.citation}\n\n"
            f"incident-engine obligations {incident.reference}\n"
        ),
        dated=now,
    )
    try:
        replies = list(engine.channel(ChannelName.EMAIL).send([envelope], _OwnStaff()))
    except (BadInput, Unreachable):
        return Outcome.DEFERRED
    return replies[0].outcome if replies else Outcome.BROKEN


def _due(alert: Alert, row: Obligation) -> str:
    if row.due_at:
        return f"Due {alert.due_at.isoformat()}"
    return f"The law says: {row.due_words}. Our own aim is {alert.due_at.isoformat()}"


def _left(span: timedelta) -> str:
    minutes = int(abs(span).total_seconds() // 60)
    words = f"{minutes // 60} h {minutes % 60} min"
    return f"overdue by {words}" if span < timedelta(0) else f"due in {words}"
