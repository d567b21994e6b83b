"""Keep the register: every incident with its facts, effects, measures and decisions, a row each."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.words import Audience, DutyStatus, ObligationState
from incident_engine.store import announcements, campaigns, deliveries, filings, incidents
from incident_engine.store import obligations as duties
from incident_engine.store.tables import Incident, Obligation
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.reports.draft_report import duty_name

_UNMET = (ObligationState.OWED, ObligationState.HELD, ObligationState.DOUBTED)
_TOLD = (Audience.REGULATOR, Audience.INDIVIDUALS, Audience.GUARDIANS, Audience.PUBLIC)


def register(engine: Engine, actor: Actor) -> list[dict[str, str]]:
    """One row an incident, oldest first, texts by the columns of `notices.register`. Journaled."""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        rows = [_row(session, each) for each in reversed(incidents.everything(session))]
        transaction.record("register-exported", incidents=len(rows))
    return rows


def _row(session: Session, incident: Incident) -> dict[str, str]:
    owed = duties.of_incident(session, incident.id or 0)
    said = {
        "incident": incident.reference,
        "title": incident.title,
        "state": incident.state,
        "opened at": incident.opened_at.isoformat(),
        **_known(known_facts(session, incident)),
        **_told(session, incident),
        "reports filed": _lines(
            f"{duty_name(duty)}: {filing.reference}, {filing.filed_at.isoformat()}"
            for filing, duty in filings.of_incident(session, incident.id or 0)
            if filing.filed_at
        ),
        "not told, and why": _lines(_decided_not(owed)),
        "still owed": _lines(duty_name(row) for row in owed if _is_owed(row)),
    }
    return {name: text for name, text in said.items() if text}


def _known(facts: Facts) -> dict[str, str]:
    story = facts.story.get("en") or next(iter(facts.story.values()), None)
    clocks, cause, finding = facts.clocks, facts.cause, facts.finding
    counts = [block.count.best for block in facts.people if block.count]
    return {
        "our role": str(facts.role or ""),
        "began": _text(clocks.occurred_from),
        "detected": _text(clocks.detected),
        "aware": _text(clocks.aware),
        "contained": _text(clocks.contained),
        "kinds": ", ".join(facts.kinds),
        "action": _text(cause.action),
        "scenario": _text(cause.scenario),
        "what happened": (story and (story.summary or story.narrative)) or "",
        "kinds of data": ", ".join(facts.data.types),
        "people by place": _lines(
            f"{block.where}: {_text(block.count and block.count.best) or 'not known'}"
            for block in facts.people
        ),
        "people in all": str(sum(each or 0 for each in counts)) if counts else "",
        "risk": _text(finding.risk),
        "why that risk": finding.why or "",
        "effects": (story and story.consequences) or ", ".join(facts.consequences.kinds),
        "measures": _lines(_measures(facts)),
    }


def _measures(facts: Facts) -> list[str]:
    story = facts.story.get("en") or next(iter(facts.story.values()), None)
    texts = [each.text.get("en") or next(iter(each.text.values()), "") for each in facts.measures]
    return [*([story.measures] if story and story.measures else []), *filter(None, texts)]


def _told(session: Session, incident: Incident) -> dict[str, str]:
    ids = [each.id or 0 for each in campaigns.of_incident(session, incident.id or 0)]
    reach = deliveries.reach(session, ids)
    pages = announcements.of_incident(session, incident.id or 0)
    return {
        "people told": str(reach.people) if reach.people else "",
        "first told at": reach.first_at.isoformat() if reach.first_at else "",
        "told by": ", ".join(reach.channels),
        "public page since": pages[0].put_up_at.isoformat() if pages else "",
    }


def _decided_not(owed: Iterable[Obligation]) -> Iterable[str]:
    """Duties to tell that a person waived; and those that the law, as the facts are, does not
    ask for: the reason then is the law's own."""
    for row in owed:
        if row.audience not in _TOLD:
            continue
        if row.state == ObligationState.WAIVED:
            yield f"{duty_name(row)}: waived by {row.settled_by}: {row.why}"
        elif row.status == DutyStatus.NOT_REQUIRED:
            yield f"{duty_name(row)}: not required ({row.citation})"


def _is_owed(row: Obligation) -> bool:
    return row.state in _UNMET and row.status == DutyStatus.REQUIRED


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)
