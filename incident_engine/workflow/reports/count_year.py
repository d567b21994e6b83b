"""Count a year: incidents, what caused them, whom they touched, and whether duties were in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from sqlmodel import Session

from incident_engine.domain.words import DutyStatus, ObligationState
from incident_engine.store import campaigns, deliveries, filings, incidents
from incident_engine.store import obligations as duties
from incident_engine.store.tables import Incident, Obligation
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine

Table = list[tuple[str, int | float]]


def count_year(engine: Engine, actor: Actor, year: int) -> dict[str, Any]:
    """The numbers of all incidents opened in that year (UTC), JSON-safe; journaled."""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        rows = [row for row in incidents.everything(session) if row.opened_at.year == year]
        found = {
            "year": year,
            "organisation": engine.settings.organisation.name,
            "incidents": len(rows),
            "months": [sum(row.opened_at.month == month for row in rows) for month in range(1, 13)],
            "tables": _tables(session, rows),
        }
        transaction.record("year-counted", year=year, incidents=len(rows))
    return found


def _tables(session: Session, rows: Sequence[Incident]) -> dict[str, Table]:
    facts = [known_facts(session, row) for row in rows]
    people = Counter[str]()
    for each in facts:
        for block in each.people:
            people[block.where] += (block.count.best if block.count else 0) or 0
    owed = [duty for row in rows for duty in duties.of_incident(session, row.id or 0)]
    return {
        "Incidents by where they stand": _counted(row.state for row in rows),
        "Incidents by cause": _counted(str(each.cause.action or "not known") for each in facts),
        "Incidents by risk, as decided": _counted(
            str(each.finding.risk or "not decided") for each in facts
        ),
        "People affected, by place, as far as counted": [*people.most_common()],
        "Duties": _counted(map(_kept, filter(_binds, owed))),
        "Hours from knowing to the first report": _hours(session, rows),
        "Messages by what became of them": _messages(session, rows),
    }


def _counted(words: Iterable[str]) -> Table:
    return sorted(Counter(words).items(), key=lambda each: (-each[1], each[0]))


def _binds(row: Obligation) -> bool:
    return row.status == DutyStatus.REQUIRED or row.state in (
        ObligationState.MET,
        ObligationState.WAIVED,
    )


def _kept(row: Obligation) -> str:
    if row.state != ObligationState.MET:
        return {ObligationState.WAIVED: "waived, with a reason"}.get(
            ObligationState(row.state), f"not yet met ({row.state})"
        )
    if row.due_at is None or row.settled_at is None:
        return "met; the law names no hour"
    return "met in time" if row.settled_at <= row.due_at else "met late"


def _hours(session: Session, rows: Sequence[Incident]) -> Table:
    """From the moment of awareness; of incidents where that moment is known to the minute."""
    spans = []
    for row in rows:
        aware = known_facts(session, row).clocks.aware
        filed = [
            filing.filed_at
            for filing, _ in filings.of_incident(session, row.id or 0)
            if filing.filed_at
        ]
        if aware and aware.at and filed:
            spans.append((min(filed) - aware.at).total_seconds() / 3600)
    if not spans:
        return []
    return [("shortest", round(min(spans), 1)), ("median", round(median(spans), 1)),
            ("longest", round(max(spans), 1)), ("incidents counted", len(spans))]  # fmt: skip


def _messages(session: Session, rows: Sequence[Incident]) -> Table:
    ids = [each.id or 0 for row in rows for each in campaigns.of_incident(session, row.id or 0)]
    counts = deliveries.counts(session, ids)
    return [(name.replace("_", " "), number) for name, number in counts.items() if number]
