"""One story: what each authority, the notice and the page were told, laid beside each other.

Two that disagree on a number, a date or a cause are named until a person says why. The reason
binds exactly those values: as soon as one of them moves, it is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.facts.keys import assemble
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState, Phase
from incident_engine.notices.reports import form_facts
from incident_engine.notices.reports.form_questions import FormFact
from incident_engine.notices.reports.form_sources import Answer, Asked
from incident_engine.notices.reports.form_words import read_words, worded_languages
from incident_engine.notices.reports.report_document import FieldAnswer, Report
from incident_engine.notices.reports.submission import Submission
from incident_engine.store import announcements, campaigns, filings, incidents, journal
from incident_engine.store.tables import Filing, Incident
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.reports.draft_report import duty_name

_IN_A_NOTICE = (FormFact.OCCURRED_FROM, FormFact.OCCURRED_UNTIL, FormFact.AWARE,
                FormFact.DISCOVERED, FormFact.SCENARIO, FormFact.ROOT_TEXT)  # fmt: skip
WATCHED = (*_IN_A_NOTICE, FormFact.PEOPLE_COUNT, FormFact.PEOPLE_MINORS, FormFact.DATA_RECORDS,
           FormFact.DETECTED, FormFact.CONTAINED, FormFact.CLOCKS_ENDED,
           FormFact.ACTOR, FormFact.INTENT)  # fmt: skip
"""Numbers, dates and causes: what readers of two papers compare first."""

_WORDED = (CampaignState.APPROVED, CampaignState.SENDING, CampaignState.PAUSED,
           CampaignState.STOPPED, CampaignState.FINISHED)  # fmt: skip
_EXPLAINED = "difference-explained"


@dataclass(frozen=True)
class Statement:
    """What one recipient was told of one fact. `at` is aware; left out: prepared, not filed."""

    fact: str
    value: str
    shown: str
    to: str
    paper: str
    at: datetime | None


@dataclass(frozen=True)
class Disagreement:
    """One fact on which papers differ, with the reason where a person gave one."""

    fact: str
    statements: tuple[Statement, ...]
    why: str = ""

    @property
    def seal(self) -> str:
        """Binds the reason to exactly these values."""
        values = sorted({each.value for each in self.statements})
        return sha256(json.dumps([self.fact, values]).encode()).hexdigest()


@dataclass(frozen=True)
class Matrix:
    """Which fact went to whom: by fact, then by recipient."""

    recipients: tuple[str, ...]
    cells: Mapping[str, Mapping[str, Statement]] = field(default_factory=dict)


def disagreements(engine: Engine, reference: str) -> list[Disagreement]:
    """Every number, date or cause on which two papers differ, those without a reason first."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        told = [*_by_authority(session, incident, filed_only=False), *_by_notice(session, incident)]
        reasons = _reasons(session, incident)
    found = []
    for group in _by_fact(told):
        if len({each.value for each in group}) > 1:
            differing = Disagreement(group[0].fact, tuple(group))
            found.append(replace(differing, why=reasons.get(differing.seal, "")))
    return sorted(found, key=lambda each: bool(each.why))


def matrix(engine: Engine, reference: str) -> Matrix:
    """Which fact was filed with which authority, or stands in a notice or on the page."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        told = [*_by_authority(session, incident, filed_only=True), *_by_notice(session, incident)]
    cells: dict[str, dict[str, Statement]] = {}
    for each in told:
        cells.setdefault(each.fact.partition(" ")[0], {})[each.to] = each
    ordered = {str(fact.value): cells[fact.value] for fact in FormFact if fact.value in cells}
    return Matrix(tuple(dict.fromkeys(each.to for each in told)), ordered)


def explain(
    engine: Engine, actor: Actor, reference: str, fact: str, *, why: str
) -> list[Disagreement]:
    """Record why papers differ on a fact. Raises BadInput without a reason, NotFound otherwise."""
    actor.may(Act.FILE_REPORT)
    line = why.strip()
    if not line or len(line) > 2_000 or not line.isprintable():
        raise BadInput("no-reason", "report explain", "has no --why, or one that does not print",
                       expected="the reason, which stays on record")  # fmt: skip
    every = disagreements(engine, reference)
    found = [each for each in every if each.fact.partition(" ")[0] == fact and not each.why]
    if not found:
        facts = ", ".join(dict.fromkeys(each.fact for each in every if not each.why))
        raise NotFound("no-disagreement", fact[:60], "is nothing that the papers differ on",
                       expected=f"one of {facts}" if facts else "none is open")  # fmt: skip
    with engine.transaction(actor) as transaction:
        for each in found:
            transaction.record(
                _EXPLAINED,
                incident=reference,
                subject=each.seal,
                fact=each.fact,
                papers=[one.paper for one in each.statements],
                why=line,
            )
    return found


def _by_authority(session: Session, incident: Incident, *, filed_only: bool) -> list[Statement]:
    """The newest word of each authority's papers on each fact: a follow-up may carry only some."""
    latest: dict[tuple[str, str], Statement] = {}
    for filing, duty in filings.of_incident(session, incident.id or 0):
        if filed_only and filing.filed_at is None:
            continue
        to = f"{duty.playbook}/{duty.place}"
        paper = f"{duty_name(duty)} {filing.phase}/{filing.version}"
        for each in _of_report(filing, to, paper):
            latest[to, each.fact] = each
    return list(latest.values())


def _of_report(filing: Filing, to: str, paper: str) -> Iterable[Statement]:
    report = Report.model_validate_json(filing.body)
    for answer in report.fields:
        if answer.lines and answer.value is not None:
            for fact, value in _values(answer):
                language = answer.language or report.submission.language
                key = _key(fact, language)
                yield Statement(key, _plain(value), "; ".join(answer.lines), to, paper,
                                filing.filed_at)  # fmt: skip


def _values(answer: FieldAnswer) -> Iterable[tuple[str, Any]]:
    """A fact's own value; what a person typed stands for the field's first fact."""
    if answer.given or not isinstance(answer.value, Mapping):
        return [(answer.facts[0], answer.value)]
    return list(answer.value.items())


def _by_notice(session: Session, incident: Incident) -> list[Statement]:
    """The facts as they stood when an approved notice, or the page up now, was worded."""
    page = announcements.standing(session, incident.id or 0)
    found: list[Statement] = []
    for campaign in campaigns.of_incident(session, incident.id or 0):
        if campaign.state not in _WORDED:
            continue
        facts = _facts_at(session, incident, campaign.facts_version)
        worded = [
            (fact, language, answer)
            for language in worded_languages()
            for fact, answer in _in_words(incident, facts, language, campaign.prepared_at)
        ]
        papers = [("people", f"notice {campaign.number}", campaign.launched_at)]
        if page is not None and page.campaign_id == campaign.id:
            papers.append(("public page", "the public page", page.put_up_at))
        found += [
            Statement(_key(fact, language), _plain(answer.value), "; ".join(answer.lines), *paper)
            for paper in papers
            for fact, language, answer in worded
        ]
    return found


def _facts_at(session: Session, incident: Incident, version: int) -> Facts:
    rows = incidents.facts_now(session, incident.id or 0, until=version)
    pairs = [(row.key, json.loads(row.value)) for row in rows if row.value is not None]
    return parse_facts(assemble(pairs), place=incident.reference)


def _in_words(
    incident: Incident, facts: Facts, language: str, at: datetime
) -> Iterable[tuple[str, Answer]]:
    """What a notice of that language says of dates and causes; texts of others are not its own."""
    submission = Submission(
        incident=incident.reference, phase=Phase.NOTIFY, version=1, at=at, language=language
    )
    asked = Asked(facts, submission, read_words(language))
    for fact in _IN_A_NOTICE:
        answer = form_facts.answer(fact, asked)
        if answer and not answer.language:
            yield fact.value, answer


def _key(fact: str, language: str) -> str:
    """Words are compared within one language; numbers, dates and codes across all."""
    return f"{fact} ({language})" if fact == FormFact.ROOT_TEXT else fact


def _by_fact(told: Iterable[Statement]) -> list[list[Statement]]:
    groups: dict[str, list[Statement]] = {}
    for each in told:
        if each.fact.partition(" ")[0] in WATCHED:
            groups.setdefault(each.fact, []).append(each)
    return list(groups.values())


def _plain(value: Any) -> str:
    """A value to compare: a count by its best figure, anything else as it is."""
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    )


def _reasons(session: Session, incident: Incident) -> dict[str, str]:
    return {
        entry.subject: json.loads(entry.body)["why"]
        for entry in journal.entries(session, incident=incident.reference)
        if entry.act == _EXPLAINED
    }
