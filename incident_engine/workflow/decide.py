"""From facts to obligations: what the law asks now, laid over what it asked before.

Never deletes. A duty that the newest facts no longer ask for is put before a person (`doubted`);
one that is met, waived or held keeps its state and gets the new answer beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from incident_engine.domain.escalation import own_target
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.facts.keys import assemble
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Consulted, Wording
from incident_engine.domain.law.assessment import Obligation as Answered
from incident_engine.domain.law.reasons import reasons
from incident_engine.domain.words import DutyStatus, ObligationState
from incident_engine.store import incidents, law_texts, obligations
from incident_engine.store.tables import Incident, Obligation
from incident_engine.store.tables.obligation import LAW
from incident_engine.workflow.engine import Engine, Transaction


@dataclass(frozen=True)
class Change:
    """One difference a new fact made: `kind` is new, changed or doubted."""

    kind: str
    playbook: str
    name: str
    place: str
    was: str
    now: str


def known_facts(session: Session, incident: Incident) -> Facts:
    """The incident's facts as they now stand. Raises BadFile when they contradict each other."""
    pairs = incidents.fact_pairs(session, incident.id or 0)
    return parse_facts(assemble(pairs), place=incident.reference)


def assessment_of(engine: Engine, session: Session, incident: Incident) -> Assessment:
    """What every playbook answers to the incident's facts at this moment."""
    rows = obligations.of_incident(session, incident.id or 0)
    return assess(
        known_facts(session, incident),
        engine.playbooks,
        now=engine.now(),
        born=born_later(incident, rows),
    )


def born_later(
    incident: Incident, rows: Sequence[Obligation]
) -> dict[tuple[str, str, str], datetime]:
    """When each duty that a later fact brought was first owed.

    What was owed when the incident was opened counts from the law's own clocks; of the rest the
    law says which clocks start when we learned of it. Once born, a clock is kept.
    """
    return {_key(row): row.born_at for row in rows if row.born_at > incident.opened_at}


def decide_within(engine: Engine, transaction: Transaction, incident: Incident) -> list[Change]:
    """Ask the law and bring the obligation rows up to date, inside the caller's transaction."""
    rows = obligations.of_incident(transaction.session, incident.id or 0)
    answer = _ask(engine, transaction, incident, rows)
    before = {_key(row): row for row in rows if row.origin == LAW}
    laws = {each.id: each for each in answer.playbooks}
    law_texts.keep(transaction.session, engine.playbooks, transaction.at)
    aim = timedelta(hours=engine.settings.deadlines.own_aim)
    changes = [
        change
        for answered in answer.obligations
        if (
            change := _lay_over(
                transaction,
                incident,
                answered,
                before.pop(answered.key, None),
                _columns(answered, laws, transaction.at),
                aim,
            )
        )
    ]
    changes += [change for row in before.values() if (change := _gone(transaction, row))]
    transaction.session.flush()
    transaction.record(
        "assessed",
        incident=incident.reference,
        risk=answer.risk.level,
        facts_version=incidents.facts_version(transaction.session, incident.id or 0),
        playbooks={each.id: each.sha256 for each in answer.playbooks},
        changes=[[c.kind, c.playbook, c.name, c.place, c.was, c.now] for c in changes],
        **_last_good(engine),
    )
    return changes


def _last_good(engine: Engine) -> dict[str, Any]:
    """That the law files were broken, and where, when the law was asked: for the journal."""
    broken = engine.law_set.broken
    return {"law_files_broken": [str(fault) for fault in broken[:10]]} if broken else {}


def _ask(
    engine: Engine, transaction: Transaction, incident: Incident, rows: Sequence[Obligation]
) -> Assessment:
    """The law over the facts as they now stand. A duty seen for the first time is born now."""
    facts, born = known_facts(transaction.session, incident), born_later(incident, rows)
    answer = assess(facts, engine.playbooks, now=transaction.at, born=born)
    known = {_key(row) for row in rows}
    new = {duty.key for duty in answer.obligations if duty.key not in known}
    if transaction.at <= incident.opened_at or not new:
        return answer
    return assess(
        facts, engine.playbooks, now=transaction.at, born=born | dict.fromkeys(new, transaction.at)
    )


def _lay_over(
    transaction: Transaction,
    incident: Incident,
    answered: Answered,
    row: Obligation | None,
    columns: dict[str, Any],
    aim: timedelta,
) -> Change | None:
    born = row.born_at if row else transaction.at
    columns["target_at"] = own_target(
        answered, within=aim, learned=born if born > incident.opened_at else None
    )
    if row is None:
        row = Obligation(
            incident_id=incident.id or 0,
            playbook=answered.playbook,
            name=answered.id,
            place=answered.where,
            born_at=born,
            **columns,
        )
        transaction.session.add(row)
        return Change("new", row.playbook, row.name, row.place, "", _words(row))
    was, doubt = _words(row), _is_doubtful(row, answered)
    if _did_bind(row):
        columns["answer"] = _remembering(columns["answer"])
    watched = columns["due_at"] or columns["target_at"]
    if row.watched_at != watched:
        # A new deadline has its whole ladder before it; one that came back, the rungs left of it.
        row.climbed = obligations.highest_rung(transaction.session, row.id or 0, watched)
    for column, value in columns.items():
        setattr(row, column, value)
    if doubt:
        row.state, row.version = ObligationState.DOUBTED, row.version + 1
    transaction.session.add(row)
    now = _words(row)
    if was == now:
        return None
    return Change("doubted" if doubt else "changed", row.playbook, row.name, row.place, was, now)


def _gone(transaction: Transaction, row: Obligation) -> Change | None:
    """A duty that the law does not name any more: a person decides, the row stays."""
    if row.status == DutyStatus.NOT_REQUIRED:
        return None
    was = _words(row)
    if row.state == ObligationState.OWED and _did_bind(row):
        row.state, row.version = ObligationState.DOUBTED, row.version + 1
    row.status = DutyStatus.NOT_REQUIRED
    row.assessed_at = transaction.at
    row.why = "the facts as they now stand do not concern this duty"
    transaction.session.add(row)
    return Change("doubted", row.playbook, row.name, row.place, was, _words(row))


def _is_doubtful(row: Obligation, answered: Answered) -> bool:
    freed = answered.status == DutyStatus.NOT_REQUIRED
    return row.state == ObligationState.OWED and _did_bind(row) and freed


_BINDS = (DutyStatus.REQUIRED, DutyStatus.WAITING, DutyStatus.POSTPONED)


def _did_bind(row: Obligation) -> bool:
    """Whether the law ever surely asked for it: an open question answered with no asks nobody."""
    return row.status in _BINDS or bool(json.loads(row.answer).get("did_bind"))


def _remembering(answer: str) -> str:
    """The stored answer, which from now on remembers that the duty once surely bound."""
    return json.dumps(json.loads(answer) | {"did_bind": True}, ensure_ascii=False, sort_keys=True)


def _columns(answered: Answered, laws: dict[str, Consulted], at: datetime) -> dict[str, Any]:
    due, law = answered.due, laws[answered.playbook]
    return {
        "title": answered.title,
        "audience": answered.audience,
        "phase": answered.phase,
        "status": answered.status,
        "due_at": due.at if due else None,
        "due_zone": due.zone if due else "UTC",
        "due_words": due.words if due else None,
        "rule": due.rule if due else "",
        "citation": answered.citation,
        "answer": json.dumps(
            answered.as_json() | {"reasons": reasons(answered)}, ensure_ascii=False, sort_keys=True
        ),
        "content": json.dumps(_content(answered.wording)),
        "playbook_version": law.version,
        "playbook_sha256": law.sha256,
        "assessed_at": at,
    }


def _content(wording: Wording) -> dict[str, Any]:
    """What a notice for the duty must and must not say, and the words that the law fixes."""
    return {
        "required": [item.value for item in wording.items],
        "forbidden": list(dict.fromkeys(item.value for item, _ in wording.forbidden)),
        "headings": [*([wording.title] if wording.title else []), *wording.headings],
    }


def _key(row: Obligation) -> tuple[str, str, str]:
    return row.playbook, row.name, row.place


def _words(row: Obligation) -> str:
    due = row.due_at.isoformat() if row.due_at else (row.due_words or "no term")
    return f"{row.state}, {row.status}, {due}"
