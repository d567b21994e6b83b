"""Prepare a regulator report: a form filled from the facts, every gap named, frozen as a version.

A version is two files in the home's evidence, canonical JSON and a PDF that carries it, and one
row. The same facts and answers make no second version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.domain.delivery import is_reached
from incident_engine.domain.errors import BadInput
from incident_engine.domain.permits import Act
from incident_engine.domain.places import is_region, zone_of
from incident_engine.domain.words import Outcome, Phase
from incident_engine.notices.form_words import worded_languages
from incident_engine.notices.forms import Form, form_for, read_forms
from incident_engine.notices.languages import choose_language
from incident_engine.notices.report import fill, render_pdf
from incident_engine.notices.report_document import Report
from incident_engine.notices.submission import Notified, Submission
from incident_engine.notices.wording import Wording
from incident_engine.notices.wording import fill as fill_wording
from incident_engine.store import (
    announcements,
    campaigns,
    deliveries,
    evidence,
    filings,
    incidents,
    people,
)
from incident_engine.store.tables import Campaign, Filing, Incident, Obligation
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.settle_obligation import find

FOLDER = "reports"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person adds: answers and days by field id, the phase (empty: the form's first or
    the next after one was filed), the language (empty: the authority's own where we have it)."""

    phase: str = ""
    language: str = ""
    given: Mapping[str, str] | None = None
    expected: Mapping[str, date] | None = None


def prepare_report(
    engine: Engine, actor: Actor, reference: str, duty: str, answers: Answers | None = None
) -> Filing:
    """Freeze a version of the report for one duty; the newest one where nothing has changed.

    Raises NotFound for the duty, BadInput for a phase or field that its form does not have.
    """
    actor.may(Act.PREPARE_REPORT)
    answers = answers or Answers()
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        row = find(session, incident, duty)
        report = draft(engine, session, incident, row, answers)
        newest = filings.newest(session, row.id or 0, report.submission.phase)
        if newest and _content(report.as_json()) == _content(newest.body.encode()):
            return newest
        filing = _write(engine, transaction, incident, row, report)
        transaction.record(
            "report-prepared",
            incident=incident.reference,
            subject=filing.sha256,
            duty=f"{row.playbook}/{row.name}/{row.place}",
            phase=filing.phase,
            version=filing.version,
            complete=filing.complete,
            fields=filing.fields,
        )
        return filing


def draft(
    engine: Engine, session: Session, incident: Incident, row: Obligation, answers: Answers
) -> Report:
    """The report as it would be frozen now, with the answers of the version before kept."""
    form = form_for(read_forms(), playbook=row.playbook, audience=row.audience, phase=row.phase)
    filed = filings.filed_before(session, row.id or 0)
    phase = _phase(form, answers.phase, filed)
    before = filings.newest(session, row.id or 0, phase)
    submission = Submission(
        incident=incident.reference,
        phase=phase,
        version=before.version + 1 if before else 1,
        at=engine.now(),
        zone=zone_of(row.place) if not is_region(row.place) else row.due_zone,
        language=answers.language or choose_language(None, row.place, worded_languages(), "en"),
        earlier=filed.reference if filed else "",
        answers=_kept(before) | dict(answers.given or {}),
        expected=dict(answers.expected or {}),
        notified=_notified(session, incident),
    )
    return fill(form, known_facts(session, incident), json.loads(row.answer), submission)


def _phase(form: Form, asked: str, filed: Filing | None) -> Phase:
    known = list(form.phases)
    if not asked:
        follows = Phase.FOLLOW_UP if Phase.FOLLOW_UP in known else known[-1]
        return follows if filed else known[0]
    if asked not in known:
        raise BadInput(
            "no-such-phase",
            form.id,
            f"has no phase {asked[:40]!r}",
            expected=f"one of {', '.join(known)}",
        )
    return Phase(asked)


def _kept(before: Filing | None) -> dict[str, str]:
    """What a person answered in the version before: nobody types it twice."""
    if before is None:
        return {}
    report = Report.model_validate_json(before.body)
    return {
        each.id: each.value for each in report.fields if isinstance(each.value, str) and each.given
    }


def _notified(session: Session, incident: Incident) -> Notified:
    launched = [
        each for each in campaigns.of_incident(session, incident.id or 0) if each.launched_at
    ]
    reached: dict[tuple[int, str], Any] = {}
    channels: set[str] = set()
    for delivery, person in deliveries.of_campaigns(session, [each.id or 0 for each in launched]):
        if is_reached(Outcome(delivery.outcome)) and delivery.settled_at:
            reached.setdefault((person.id or 0, delivery.addressee), delivery.settled_at)
            channels.add(delivery.channel)
    page = announcements.standing(session, incident.id or 0)
    return Notified(
        people=people.count(session, incident.id or 0),
        told=len({person for person, _ in reached}),
        channels=(*sorted(channels), *(("announcement",) if page else ())),
        first_at=min(reached.values(), default=None),
        announced_at=page.put_up_at if page else None,
        sample=_sample(session, launched),
    )


def _sample(session: Session, launched: list[Campaign]) -> str:
    """The notice's words with nobody's name in them."""
    if not launched:
        return ""
    for frozen in campaigns.wordings(session, launched[-1].id or 0):
        if "/person/" in frozen.group:
            return fill_wording(Wording.from_json(json.loads(frozen.body))).text
    return ""


def _write(
    engine: Engine, transaction: Transaction, incident: Incident, row: Obligation, report: Report
) -> Filing:
    stamp = report.submission
    duty = f"{row.playbook}-{row.name}-{row.place}"
    name = f"{FOLDER}/{incident.reference}/{duty}-{stamp.phase}-{stamp.version}"
    for ending, content in ((".pdf", render_pdf(report)), (".json", report.as_json())):
        evidence.write(engine.home.evidence / f"{name}{ending}", content)
    folder = Path(engine.home.evidence.name)
    filing = Filing(
        incident_id=incident.id or 0,
        obligation_id=row.id or 0,
        form=report.form.id,
        phase=stamp.phase,
        version=stamp.version,
        sha256=report.sha256,
        body=report.as_json().decode(),
        pdf_path=str(folder / f"{name}.pdf"),
        json_path=str(folder / f"{name}.json"),
        complete=report.completeness.filled,
        fields=report.completeness.fields,
        prepared_at=transaction.at,
        prepared_by=transaction.actor.name,
    )
    transaction.session.add(filing)
    transaction.session.flush()
    return filing


def _content(body: bytes) -> str:
    """What a version says, whenever it was prepared."""
    document = json.loads(body)
    for passing in ("version", "prepared_at"):
        document["submission"].pop(passing)
    for section in document["sections"]:
        section["fields"] = [f for f in section["fields"] if "report.kind" not in f["facts"]]
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
