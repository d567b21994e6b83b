"""Open an incident: the first row, its facts, and at once what the law asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.facts.keys import flatten
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Standing
from incident_engine.store import incidents
from incident_engine.store.tables import FactRow, Incident
from incident_engine.workflow.decide import decide_within
from incident_engine.workflow.engine import Actor, Engine, Transaction


def open_incident(
    engine: Engine,
    actor: Actor,
    document: Mapping[str, Any],
    *,
    source: str,
    left: Sequence[str] = (),
) -> Incident:
    """Open an incident from a facts document and assess it, all in one transaction.

    `source` says where the facts come from (a file's name, a ticket); `left` names what of it no
    fact says (paths without values: a value may be personal data). Returns the incident's row.
    Raises BadFile with every fault of the document; then nothing is kept.
    """
    actor.may(Act.OPEN_INCIDENT)
    facts = parse_facts(document)
    with engine.transaction(actor) as transaction:
        incident = Incident(
            reference=incidents.next_reference(transaction.session, transaction.at),
            title=facts.title or "Untitled incident",
            opened_at=transaction.at,
            opened_by=actor.name,
            wrapped_key=engine.keyring.new_data_key(),
        )
        transaction.session.add(incident)
        transaction.session.flush()
        rows = write_facts(transaction, incident, document, source=source)
        more: dict[str, Any] = {"left": list(left)} if left else {}
        transaction.record(
            "incident-opened",
            incident=incident.reference,
            source=source,
            facts=len(rows),
            root=incidents.facts_root(rows),
            **more,
        )
        decide_within(engine, transaction, incident)
        return incident


def write_facts(
    transaction: Transaction,
    incident: Incident,
    document: Mapping[str, Any],
    *,
    source: str,
    why: str = "",
) -> list[FactRow]:
    """Add one row for each fact of the document. Returns them."""
    rows = [
        FactRow(
            incident_id=incident.id or 0,
            key=key,
            value=json.dumps(value, ensure_ascii=False),
            standing=standing_of(value),
            source=source,
            said_by=transaction.actor.name,
            said_at=transaction.at,
            why=why,
        )
        for key, value in flatten(document)
    ]
    transaction.session.add_all(rows)
    transaction.session.flush()
    return rows


def standing_of(value: object) -> Standing:
    """How sure a value says it is: a count may call itself an estimate; None is not known."""
    if value is None:
        return Standing.UNKNOWN
    if isinstance(value, dict) and value.get("basis") in {"estimate", "undetermined"}:
        return Standing.ESTIMATED
    if isinstance(value, dict) and value.get("basis") == "undeterminable":
        return Standing.UNKNOWN
    return Standing.KNOWN
