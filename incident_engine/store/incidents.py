"""Questions about incidents and their facts, and the one way an incident changes state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, func, select

from incident_engine.domain import bulk_rows
from incident_engine.domain.errors import NotFound
from incident_engine.domain.words import IncidentState
from incident_engine.store.tables import FactRow, Incident


def by_reference(session: Session, reference: str) -> Incident:
    """The incident of that reference. Raises NotFound."""
    found = session.exec(
        select(Incident).where(func.upper(Incident.reference) == reference.strip().upper())
    ).first()
    if found is None:
        raise NotFound(
            "no-incident",
            reference[:40],
            "there is no such incident here",
            next_step="`incident-engine incident list` shows them all.",
        )
    return found


def everything(session: Session) -> list[Incident]:
    """All incidents, newest first."""
    return list(session.exec(select(Incident).order_by(col(Incident.id).desc())).all())


def next_reference(session: Session, at: datetime) -> str:
    """The next free reference of the year: INC-2026-0001. Call it inside the transaction."""
    prefix = f"INC-{at:%Y}-"
    last = session.exec(
        select(Incident.reference)
        .where(col(Incident.reference).startswith(prefix))
        .order_by(func.length(Incident.reference).desc(), col(Incident.reference).desc())
    ).first()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:04d}"


def move(session: Session, incident: Incident, to: IncidentState) -> bool:
    """Compare-and-swap of the state. False: somebody else moved the incident since it was read."""
    changed: CursorResult[object] = session.execute(  # type: ignore[assignment]  # DML result
        update(Incident)
        .where(col(Incident.id) == incident.id)
        .where(col(Incident.state) == incident.state)
        .where(col(Incident.version) == incident.version)
        .values(state=to, version=incident.version + 1)
    )
    return changed.rowcount == 1


def fact_history(session: Session, incident_id: int) -> list[FactRow]:
    """Every answer ever given about an incident, oldest first."""
    return list(
        session.exec(
            select(FactRow).where(FactRow.incident_id == incident_id).order_by(col(FactRow.id))
        ).all()
    )


def facts_root(rows: Iterable[FactRow]) -> str:
    """The Merkle root over these answers, for the journal."""
    return bulk_rows.root(
        bulk_rows.fact_row(
            row.key,
            row.value,
            standing=row.standing,
            source=row.source,
            by=row.said_by,
            why=row.why,
        )
        for row in rows
    )


def facts_now(session: Session, incident_id: int, *, until: int | None = None) -> list[FactRow]:
    """The latest answer for each key, in the order the keys first appeared; up to row `until`."""
    latest: dict[str, FactRow] = {}
    for row in fact_history(session, incident_id):
        if until is None or (row.id or 0) <= until:
            latest[row.key] = row
    return list(latest.values())


def fact_pairs(session: Session, incident_id: int) -> list[tuple[str, object]]:
    """What is known now as (dotted key, value); what is not known is left out."""
    return [
        (row.key, json.loads(row.value))
        for row in facts_now(session, incident_id)
        if row.value is not None
    ]


def fact_keys_since(session: Session, incident_id: int, version: int) -> list[str]:
    """The keys of the facts added or corrected after that version, each once, oldest first."""
    rows = session.exec(
        select(FactRow.key)
        .where(FactRow.incident_id == incident_id, col(FactRow.id) > version)
        .order_by(col(FactRow.id))
    ).all()
    return list(dict.fromkeys(rows))


def facts_version(session: Session, incident_id: int) -> int:
    """The number of the newest fact row: changes exactly when a fact is added or corrected.

    Our own acts (`done.…`) are left out: handing in a report changes no word of a notice.
    """
    about_the_incident = ~col(FactRow.key).startswith("done.")
    newest = select(func.max(FactRow.id)).where(
        FactRow.incident_id == incident_id, about_the_incident
    )
    return session.exec(newest).one() or 0
