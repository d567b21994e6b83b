"""Export one incident for other programs: as VERIS 1.4, or as a STIX 2.1 bundle."""

from __future__ import annotations

from typing import Any

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.words import IncidentState
from incident_engine.intake.veris_written import as_veris
from incident_engine.notices.reports.stix import as_stix
from incident_engine.store import incidents
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine

VERIS, STIX = "veris", "stix"
_SURE = (
    IncidentState.CONFIRMED,
    IncidentState.NOTIFYING,
    IncidentState.NOTIFIED,
    IncidentState.MONITORING,
    IncidentState.CLOSED,
)


def export_incident(engine: Engine, actor: Actor, reference: str, form: str) -> dict[str, Any]:
    """What is known of it in that form (VERIS or STIX), JSON-safe. Nobody affected is in it; the
    journal keeps that it was exported."""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        facts = known_facts(session, incident)
        said_at = [row.said_at for row in incidents.fact_history(session, incident.id or 0)]
        transaction.record("incident-exported", incident=incident.reference, form=form)
    if form == VERIS:
        return as_veris(
            facts,
            reference=incident.reference,
            year=incident.opened_at.year,
            standing=_standing(incident, facts),
        )
    return as_stix(
        facts,
        reference=incident.reference,
        organisation=engine.settings.organisation.name,
        opened=incident.opened_at,
        changed=max([incident.opened_at, *said_at]),
    )


def _standing(incident: Incident, facts: Facts) -> str:
    if incident.state == IncidentState.DISMISSED:
        return "False positive"
    sure = facts.confirmed or incident.state in _SURE
    return "Confirmed" if sure else "Suspected"
