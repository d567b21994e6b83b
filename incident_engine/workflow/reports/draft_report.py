"""Draft a regulator report: the form of a duty, filled from what is known at this moment.

Nothing is written. What a person answered in an earlier version is kept, so that nobody types it
twice; a day by which something was expected is kept until it has passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, Refused
from incident_engine.domain.facts.document import Contact, Facts
from incident_engine.domain.places import is_region, zone_of
from incident_engine.domain.words import Audience, CampaignState, ObligationState, Phase
from incident_engine.notices.languages import choose_language
from incident_engine.notices.reports.form_words import worded_languages
from incident_engine.notices.reports.forms import Form, form_for, read_forms
from incident_engine.notices.reports.report import fill
from incident_engine.notices.reports.report_document import Report
from incident_engine.notices.reports.submission import Notified, Submission
from incident_engine.notices.wording import Wording
from incident_engine.notices.wording import fill as fill_wording
from incident_engine.settings import OrganisationSettings
from incident_engine.store import (
    announcements,
    campaigns,
    deliveries,
    filings,
    incidents,
    people,
)
from incident_engine.store.tables import Filing, FrozenWording, Incident, Obligation
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.incidents.settle_obligation import find

_T = TypeVar("_T")
LONGEST_ANSWER = 20_000  # characters
TOLD_OTHERWISE = {
    Audience.INDIVIDUALS: "notice prepare",
    Audience.GUARDIANS: "notice prepare",
    Audience.PUBLIC: "announce put-up",
    Audience.MEDIA: "announce put-up",
}
_APPROVED = (
    CampaignState.APPROVED,
    CampaignState.SENDING,
    CampaignState.PAUSED,
    CampaignState.STOPPED,
    CampaignState.FINISHED,
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person adds: answers and days by field id; an empty one takes an earlier one back.

    `phase` left empty is the duty's own, or a follow-up once something was filed; `language`
    (BCP 47) left empty is that of the version before, else the authority's own where we have it;
    `form` left empty is that of the version before, else the one for this duty.
    """

    form: str = ""
    phase: str = ""
    language: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A report as it would be frozen now. `newest` is the newest version of the same phase."""

    incident: Incident
    duty: Obligation
    report: Report
    newest: Filing | None

    @property
    def is_new(self) -> bool:
        """Whether it says anything else than the newest version; if not, it is that version."""
        return self.newest is None or self.newest.version < self.report.submission.version


def draft_report(
    engine: Engine, reference: str, duty: str, answers: Answers | None = None
) -> Draft:
    """The report for one duty, named `playbook/name` or `playbook/name/place`.

    Raises NotFound for the incident or duty, Refused for a duty that no report fulfils, BadInput
    for a phase, field, language, answer or day that does not fit.
    """
    answers = answers or Answers()
    _must_be_text(answers.given)
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        row = reportable(session, incident, duty)
        form = form_of(session, row, answers.form)
        phase = _phase(form, row, answers.phase, filings.of_duty(session, row.id or 0))
        newest = filings.newest(session, row.id or 0, phase)
        submission = _submission(engine, session, incident, row, form, phase, answers)
        facts = with_ourselves(known_facts(session, incident), engine.settings.organisation)
    return _laid_beside(newest, form, facts, row, submission, incident)


def reportable(session: Session, incident: Incident, duty: str) -> Obligation:
    """The duty of that name. Refused where it is owed to people and not to an authority."""
    row = find(session, incident, duty)
    if way := TOLD_OTHERWISE.get(Audience(row.audience)):
        raise Refused(
            "no-report-for",
            duty_name(row),
            f"is owed to {row.audience}, who get no report",
            next_step=f"`incident-engine {way} {incident.reference}` tells them.",
        )
    return row


def form_of(session: Session, row: Obligation, named: str = "") -> Form:
    """The form that reports on this duty: the one `named`, else the one used before, else its own.

    Raises BadInput for one that is not for this duty.
    """
    before = filings.of_duty(session, row.id or 0) or filings.filed_to(session, row)
    used = next((each.form for each in reversed(before) if not is_voluntary(each)), "")
    try:
        return _form(row, named or used)
    except BadInput:
        if named:
            raise
    return _form(row, "")  # what was used before is no form of this release or phase


def is_voluntary(filing: Filing) -> bool:
    """Whether it was made on a form that no duty asks for."""
    return any(each.id == filing.form and each.voluntary for each in read_forms())


def _form(row: Obligation, named: str) -> Form:
    return form_for(
        read_forms(),
        playbook=row.playbook,
        audience=row.audience,
        phase=row.phase,
        place=row.place,
        named=named,
    )


def duty_name(row: Obligation) -> str:
    """A duty as people type it: playbook/name/place."""
    return f"{row.playbook}/{row.name}/{row.place}"


def with_ourselves(facts: Facts, ours: OrganisationSettings) -> Facts:
    """The facts, and where they are silent on who we are, what the settings say."""
    us, asked = facts.organisation, facts.contacts
    named = {key: getattr(us, key) or getattr(ours, key) or None
             for key in ("name", "address", "country")}  # fmt: skip
    known: dict[str, Any] = {"organisation": us.model_copy(update=named)}
    desk = Contact(
        name=ours.contact_name or None,
        email=ours.contact_email or None,
        phone=ours.contact_phone or None,
    )
    if desk != Contact():
        anyone = asked.main or asked.reporter or asked.dpo
        known["contacts"] = asked.model_copy(
            update={"main": anyone or desk, "public": asked.public or asked.dpo or desk}
        )
    return facts.model_copy(update=known)


def _laid_beside(
    newest: Filing | None,
    form: Form,
    facts: Facts,
    row: Obligation,
    submission: Submission,
    incident: Incident,
) -> Draft:
    """The newest version where what is known now says the same, else the version after it."""
    duty = json.loads(row.answer)
    if newest is None:
        return Draft(incident, row, fill(form, facts, duty, submission), None)
    before = Report.model_validate_json(newest.body)
    # What was filed as this very version is no earlier submission to it.
    earlier = before.submission.earlier if newest.filed_at else submission.earlier
    again = replace(submission, version=newest.version, earlier=earlier)
    if fill(form, facts, duty, again).content == before.content:
        return Draft(incident, row, before, newest)
    after = replace(submission, version=newest.version + 1)
    return Draft(incident, row, fill(form, facts, duty, after), newest)


def _submission(
    engine: Engine,
    session: Session,
    incident: Incident,
    row: Obligation,
    form: Form,
    phase: Phase,
    answers: Answers,
) -> Submission:
    now, zone = engine.now(), row.due_zone if is_region(row.place) else zone_of(row.place)
    duty_id = row.id or 0
    versions = filings.of_duty(session, duty_id)
    before = filings.newest(session, duty_id, phase) or filings.newest(session, duty_id)
    kept = Report.model_validate_json(before.body) if before else None
    filed = filings.filed_to(session, row)
    asked = set(form.names_in(phase))
    today = now.astimezone(ZoneInfo(zone)).date()
    _must_lie_ahead(answers.expected, today)
    said = kept.submission.language if kept else ""
    language = (
        answers.language or said or choose_language(None, row.place, worded_languages(), "en")
    )
    return Submission(
        incident=incident.reference,
        phase=phase,
        version=1,
        at=now,
        zone=zone,
        language=language,
        earlier=filed[-1].reference if filed else row.reference,
        in_time=_was_in_time(row, versions),
        answers=_among(asked, _answers(form, versions)) | dict(answers.given),
        expected=_known(_among(asked, _expected(kept, today)) | dict(answers.expected)),
        filed=_filed_values(form, filed),
        notified=_notified(session, incident, row, language),
    )


def _phase(form: Form, row: Obligation, asked: str, before: Iterable[Filing]) -> Phase:
    known = list(form.phases)
    if asked:
        if asked not in known:
            raise BadInput(
                "no-such-phase",
                duty_name(row),
                f"has no phase {asked[:40]!r}",
                expected=f"one of {', '.join(known)}",
            )
        return Phase(asked)
    filed = any(each.filed_at and not is_voluntary(each) for each in before)
    if filed and Phase.FOLLOW_UP in known:
        return Phase.FOLLOW_UP
    return Phase(row.phase) if row.phase in known else known[0]


def _answers(form: Form, versions: Iterable[Filing]) -> dict[str, str]:
    """What people answered in any version on this form, the newest word of each field."""
    answers: dict[str, str] = {}
    for each in _reports(form, versions):
        for found in each.fields:
            for name in [each for each in answers if each.partition("/")[0] == found.id]:
                answers.pop(name)
            if found.given:
                answers[found.id] = found.value
            answers |= {f"{found.id}/{fact}": text for fact, text in found.parts.items()}
    return answers


def _filed_values(form: Form, filed: Iterable[Filing]) -> dict[str, Any]:
    """What the authority has by now, by field."""
    return {
        found.id: found.value
        for each in _reports(form, filed)
        for found in each.fields
        if found.value is not None
    }


def _reports(form: Form, versions: Iterable[Filing]) -> Iterable[Report]:
    return (Report.model_validate_json(each.body) for each in versions if each.form == form.id)


def _among(fields: set[str], known: Mapping[str, _T]) -> dict[str, _T]:
    """Those of the fields that this phase asks."""
    return {name: each for name, each in known.items() if name in fields}


def _expected(before: Report | None, today: date) -> dict[str, date | None]:
    fields = before.fields if before else ()
    return {each.id: each.expected_by for each in fields
            if each.expected_by and each.expected_by >= today}  # fmt: skip


def _known(days: Mapping[str, date | None]) -> dict[str, date]:
    return {name: day for name, day in days.items() if day}


def _was_in_time(row: Obligation, before: Iterable[Filing]) -> bool:
    """Whether something was handed in before the term, so that what follows is not late."""
    if row.due_at is None:
        return False
    acts = [each.filed_at for each in before]
    acts += [row.settled_at] if row.state == ObligationState.MET else []
    return any(each and each <= row.due_at for each in acts)


def _notified(
    session: Session, incident: Incident, row: Obligation, language: str
) -> Notified | None:
    """How far telling the people has come; None while nobody is known who could be told."""
    incident_id = incident.id or 0
    known = people.count(session, incident_id)
    sent = [each.id or 0 for each in campaigns.of_incident(session, incident_id)]
    reach = deliveries.reach(session, sent)
    pages = announcements.of_incident(session, incident_id)
    if not known and not pages:
        return None
    return Notified(
        people=known,
        told=reach.people,
        channels=(*reach.channels, *(("announcement",) if pages else ())),
        first_at=reach.first_at,
        announced_at=pages[0].put_up_at if pages else None,
        sample=_sample(session, incident, row.playbook, language),
    )


def _sample(session: Session, incident: Incident, playbook: str, language: str) -> str:
    """The approved notice's words with nobody's data in them, those for this law's readers."""
    campaign = campaigns.in_state(session, incident.id or 0, *_APPROVED)
    wordings = campaigns.wordings(session, campaign.id or 0) if campaign else []
    if not wordings:
        return ""
    best = max(wordings, key=lambda each: _fit(each, playbook, language))
    return fill_wording(Wording.from_json(json.loads(best.body))).text


def _fit(frozen: FrozenWording, playbook: str, language: str) -> tuple[bool, bool, bool, int]:
    """Readers themselves before guardians and the page, then law, language, the fullest words."""
    _, addressee, laws, *_ = [*frozen.group.split("/"), "", ""]
    return (
        addressee == "person",
        playbook in laws.split(","),
        frozen.language == language,
        len(frozen.body),
    )


def _must_be_text(given: Mapping[str, str]) -> None:
    for name, text in given.items():
        plain = text.replace("\n", "").replace("\r", "").replace("\t", "")
        if len(text) > LONGEST_ANSWER or (plain and not plain.isprintable()):
            raise BadInput(
                "bad-answer",
                f"--answer {name[:40]}",
                f"has {len(text)} characters, or some that do not print",
                expected=f"plain text of at most {LONGEST_ANSWER} characters",
            )


def _must_lie_ahead(expected: Mapping[str, date | None], today: date) -> None:
    for name, day in expected.items():
        if day and day < today:
            raise BadInput(
                "past-day",
                f"--expected {name[:40]}",
                f"{day} has passed",
                expected="the day by which you expect to know",
            )
