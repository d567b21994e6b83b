"""Add or correct a fact: a new row beside the old one, and the law asked again at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.keys import parse_value
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Standing
from incident_engine.store import campaigns, incidents
from incident_engine.store.tables import FactRow, Incident
from incident_engine.workflow.decide import Change, decide_within, known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.incidents.open_incident import standing_of
from incident_engine.workflow.notices.trace_notice import Touched, touched


@dataclass(frozen=True)
class Recorded:
    """What new facts changed: duties, and notices that were prepared from the old ones."""

    changes: list[Change]
    drafts: list[Touched]


def record_facts(
    engine: Engine,
    actor: Actor,
    reference: str,
    answers: Sequence[tuple[str, str]],
    *,
    why: str,
    source: str = "",
    estimated: bool = False,
) -> Recorded:
    """Add or correct facts, each `(key, text)` as typed; `unknown` takes an answer back to unknown.

    Every notice prepared and not sent is void; returned are those that used what changed, with
    the sentences that no longer stand, and what changed among the obligations. Raises BadInput
    when a key or value is not one, or when the facts together become impossible; then nothing is
    kept.
    """
    actor.may(Act.RECORD_FACT)
    parsed = [(key, parse_value(key, text)) for key, text in answers]
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        _must_be_correction_with_reason(transaction, incident, parsed, why)
        before = known_facts(transaction.session, incident)
        rows = [
            _add(transaction, incident, key, value, why=why, source=source, estimated=estimated)
            for key, value in parsed
        ]
        transaction.session.flush()
        after = known_facts(transaction.session, incident)
        drafts = touched(engine, transaction.session, incident, before, after)
        transaction.record(
            "facts-recorded",
            incident=incident.reference,
            keys=[key for key, _ in parsed],
            root=incidents.facts_root(rows),
            why=why,
            notices={str(each.notice): len(each.sentences) for each in drafts},
        )
        campaigns.void_unlaunched(transaction.session, incident.id or 0)
        return Recorded(decide_within(engine, transaction, incident), drafts)


def _add(
    transaction: Transaction,
    incident: Incident,
    key: str,
    value: object,
    *,
    why: str,
    source: str,
    estimated: bool,
) -> FactRow:
    standing = Standing.ESTIMATED if estimated and value is not None else standing_of(value)
    row = FactRow(
        incident_id=incident.id or 0,
        key=key,
        value=None if value is None else json.dumps(value, ensure_ascii=False),
        standing=standing,
        source=source or transaction.actor.name,
        said_by=transaction.actor.name,
        said_at=transaction.at,
        why=why,
    )
    transaction.session.add(row)
    return row


def _must_be_correction_with_reason(
    transaction: Transaction, incident: Incident, parsed: Sequence[tuple[str, object]], why: str
) -> None:
    if why:
        return
    known = {key for key, _ in incidents.fact_pairs(transaction.session, incident.id or 0)}
    for key, _ in parsed:
        if key in known:
            raise BadInput(
                "no-reason",
                key,
                "has an answer already, and a correction needs its reason",
                next_step='Add --why "…".',
            )
