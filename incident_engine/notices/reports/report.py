"""Fill an authority's form from the facts. What nobody knows stays open.

The report is one document: canonical JSON. `report_pdf`, `report_csv` and `report_export` are its
other faces.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.words import Phase
from incident_engine.notices.reports.form_answers import AnswerKind, must_be_answer
from incident_engine.notices.reports.form_questions import FormFact
from incident_engine.notices.reports.form_sources import Asked
from incident_engine.notices.reports.form_words import FormWords, read_words
from incident_engine.notices.reports.forms import Due, FollowUp, Form, FormField
from incident_engine.notices.reports.report_document import (
    AttachedText,
    Completeness,
    DutyStamp,
    FieldAnswer,
    FieldStatus,
    FormStamp,
    Report,
    ReportSection,
    SubmissionStamp,
)
from incident_engine.notices.reports.report_field import answered
from incident_engine.notices.reports.submission import Submission

_STAYS = (FormFact.ORGANISATION_NAME, FormFact.CONTACT_MAIN)
_SAYS_NOTHING = (FieldStatus.NOT_APPLICABLE, FieldStatus.LEFT_BLANK)


def fill(
    form: Form,
    facts: Facts,
    duty: Mapping[str, Any],
    submission: Submission,
    *,
    folder: Path | None = None,
) -> Report:
    """The report that `form` makes of the facts for one duty.

    `duty` is an obligation as `assess --json` gives it. What nobody knows is left open and said
    so; nothing is guessed. Raises BadInput for an answer or expectation to a field that the form
    does not have, an answer over the portal's limit, or a phase the form does not know.
    """
    _must_fit(form, submission)
    words = read_words(submission.language, folder)
    stamp = _duty(duty)
    missed = stamp.due_at is not None and submission.at > stamp.due_at
    late = missed and not submission.in_time
    answers = _answers(form, Asked(facts, submission, words), late=late)
    only_new = _carries_only_new(form, submission)
    if only_new:
        new = (each for each in form.fields if each.id in answers)
        answers = {each.id: answers[each.id] for each in new
                   if _is_new(each, answers[each.id], submission)}  # fmt: skip
    due = [each for each in form.fields if each.id in answers]
    sections = [
        ReportSection(
            id=name,
            title=words.in_words(title),
            fields=tuple(answers[each.id] for each in due if each.section == name),
        )
        for name, title in form.sections.items()
    ]
    return Report(
        incident=submission.incident,
        organisation=facts.organisation.name or "",
        form=_form(form, words),
        duty=stamp,
        submission=_submission(form, submission, words, late=late, only_new=only_new),
        completeness=_completeness(answers.values()),
        sections=tuple(each for each in sections if each.fields),
        attached=_attached(submission),
    )


def completeness_in_words(report: Report) -> str:
    """ "12 of 31 missing, 4 may follow"; or that nothing is missing."""
    found = report.completeness
    if not found.missing:
        return f"all {found.fields} answered"
    follow = f", {found.may_follow} may follow" if found.may_follow else ""
    return f"{found.missing} of {found.fields} missing{follow}"


def _answers(form: Form, asked: Asked, *, late: bool) -> dict[str, FieldAnswer]:
    """Every question of the phase in the form's order: later ones may depend on earlier ones."""
    answers: dict[str, FieldAnswer] = {}
    for each in form.fields_in(asked.submission.phase):
        answers[each.id] = answered(each, asked, answers, late=late, language=form.language)
    return answers


def _carries_only_new(form: Form, submission: Submission) -> bool:
    return (
        form.follow_up is FollowUp.NEW
        and submission.phase is Phase.FOLLOW_UP
        and bool(submission.filed)
    )


def _is_new(field: FormField, answer: FieldAnswer, submission: Submission) -> bool:
    """Who reports, under which number, and what the authority does not have yet."""
    if answer.status in _SAYS_NOTHING:
        return False
    always = field.due is Due.IF_LATE or any(
        fact in _STAYS or fact.startswith("report.") for fact in field.facts
    )
    still_open = answer.value is None or answer.lacks != ()
    return always or still_open or submission.filed.get(field.id) != answer.value


def _must_fit(form: Form, submission: Submission) -> None:
    if submission.phase not in form.phases:
        raise BadInput(
            "no-such-phase",
            form.id,
            f"has no submission {submission.phase.value!r}",
            expected=f"one of {', '.join(form.phases)}",
        )
    fields = {each.id: each for each in form.fields_in(submission.phase)}
    known = form.names_in(submission.phase)
    for name in submission.answers:
        _must_be_known(form, name, known, fields)
    for name in submission.expected:
        _must_be_known(form, name, fields, fields)
    for name, text in submission.answers.items():
        _must_be_short(form, fields[name.partition("/")[0]], text)
        if name in fields:
            _must_be_their_kind(form, fields[name], text)


def _must_be_known(form: Form, name: str, known: Collection[str], fields: Iterable[str]) -> None:
    if name not in known:
        raise BadInput(
            "no-such-field",
            form.id,
            f"has no field {name[:60]!r}",
            expected=f"one of {', '.join(fields)}",
        )


def _must_be_short(form: Form, field: FormField, text: str) -> None:
    if field.limit and len(text) > field.limit:
        raise BadInput(
            "over-limit",
            f"{form.id}, {field.id}",
            f"has {len(text)} characters",
            expected=f"at most {field.limit}, which is what the portal takes",
        )


def _must_be_their_kind(form: Form, field: FormField, text: str) -> None:
    if field.answers is not AnswerKind.TEXT and text.strip():
        place = f"{form.id}, {field.id}"
        must_be_answer(place, text, field.answers, field.choices, several=field.several)


def _completeness(answers: Iterable[FieldAnswer]) -> Completeness:
    counted = [each.status for each in answers if each.status not in _SAYS_NOTHING]
    follow = counted.count(FieldStatus.TO_FOLLOW)
    missing = follow + counted.count(FieldStatus.ASKED)
    return Completeness(
        fields=len(counted),
        filled=len(counted) - missing,
        missing=missing,
        may_follow=follow,
    )


def _form(form: Form, words: FormWords) -> FormStamp:
    return FormStamp(
        id=form.id,
        title=words.in_words(form.title),
        authority=words.in_words(form.authority),
        law=form.law,
        url=form.url,
        language=form.language,
        read=form.read,
        read_words=form.read_words,
        seen=form.seen,
        own_form=form.own_form,
        sha256=form.sha256,
    )


def _duty(duty: Mapping[str, Any]) -> DutyStamp:
    due = duty.get("due") or {}
    return DutyStamp(
        playbook=duty["playbook"],
        id=duty["id"],
        where=duty["where"],
        title=duty["title"],
        citation=duty["citation"],
        due_at=due.get("at"),
        due_words=due.get("words"),
        to=tuple(duty.get("to", ())),
    )


def _submission(
    form: Form, submission: Submission, words: FormWords, *, late: bool, only_new: bool
) -> SubmissionStamp:
    return SubmissionStamp(
        phase=submission.phase,
        kind=words.in_words(form.phases[submission.phase]),
        version=submission.version,
        prepared_at=submission.at,
        zone=submission.zone,
        language=submission.language,
        late=late,
        earlier=submission.earlier,
        only_new=only_new,
    )


def _attached(submission: Submission) -> tuple[AttachedText, ...]:
    if submission.notified is None or not submission.notified.sample:
        return ()
    text = submission.notified.sample
    return (
        AttachedText(
            name="sample-notice.txt",
            mime="text/plain",
            sha256=sha256(text.encode()).hexdigest(),
            text=text,
        ),
    )
