"""What a change of the law files would mean for the incidents that are open. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.change import Difference, differences
from incident_engine.domain.law.playbook import Playbook
from incident_engine.domain.words import IncidentState
from incident_engine.store import incidents, obligations
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import born_later, known_facts
from incident_engine.workflow.engine import Engine

_OVER = (IncidentState.CLOSED, IncidentState.DISMISSED)


@dataclass(frozen=True)
class Touched:
    """An open incident, and what would change in it; nothing where the new laws say the same."""

    incident: str
    title: str
    differences: tuple[Difference, ...]


def compare_laws(engine: Engine, old: Sequence[Playbook], new: Sequence[Playbook]) -> list[Touched]:
    """Every open incident, each asked under the old laws and the new at this moment."""
    now = engine.now()
    with engine.reading() as session:
        return [
            Touched(
                row.reference, row.title, tuple(_in_one(session, row, old, new, now))
            )
            for row in incidents.everything(session)
            if row.state not in _OVER
        ]  # fmt: skip


def _in_one(
    session: Session, row: Incident, old: Sequence[Playbook], new: Sequence[Playbook], now: datetime
) -> list[Difference]:
    facts = known_facts(session, row)
    born = born_later(row, obligations.of_incident(session, row.id or 0))
    before, after = (assess(facts, laws, now=now, born=born) for laws in (old, new))
    return differences(before, after)
