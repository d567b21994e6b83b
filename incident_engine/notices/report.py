"""Fill an authority's form from the facts, and set it on paper. What nobody knows stays open.

The report is one document with two faces: canonical JSON, and a PDF that carries that JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts import Facts
from incident_engine.domain.words import Phase
from incident_engine.home import shipped
from incident_engine.notices import form_facts
from incident_engine.notices.form_sources import Answer, Asked, others_take_part
from incident_engine.notices.form_words import FormWords, read_words
from incident_engine.notices.forms import Due, Form, FormField
from incident_engine.notices.pdf import Attachment, Unprintable, spell, typeset
from incident_engine.notices.report_document import (
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
from incident_engine.notices.submission import Submission


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
    asked = Asked(facts, submission, words)
    due = form.fields_in(submission.phase)
    answers = {each.id: _answered(each, asked, late=late) for each in due}
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
        submission=_submission(form, submission, words, late=late),
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


def render_pdf(report: Report, *, folder: Path | None = None) -> bytes:
    """The report as a tagged PDF/A-3 with its canonical JSON attached as `report.json`.

    A character that no font has is printed as its code point; the JSON keeps it as it was.
    """
    home = folder or shipped("templates/notices/authority")
    words = read_words(report.submission.language, folder)
    data = report.model_dump(mode="json") | {"words": words.labels()} | _shown(report, words)
    own = Attachment(
        name="report.json",
        text=report.as_json().decode(),
        mime="application/json",
        description=f"{report.form.title}, {report.incident}",
    )
    others = [
        Attachment(name=each.name, text=each.text, mime=each.mime, description=each.name)
        for each in report.attached
    ]
    at = report.submission.prepared_at
    try:
        return typeset(home / "report.typ", data, at=at, attachments=[own, *others])
    except Unprintable as error:
        legible = spell(data, error.characters)
        return typeset(home / "report.typ", legible, at=at, attachments=[own, *others])


def _shown(report: Report, words: FormWords) -> dict[str, Any]:
    stamp, duty = report.submission, report.duty
    return {
        "shown": {
            "prepared": words.instant(stamp.prepared_at, stamp.zone),
            "due": words.instant(duty.due_at, stamp.zone) if duty.due_at else duty.due_words or "",
            "where": words.place(duty.where),
            "read": words.of("read", report.form.read),
            "sha256": report.sha256,
            "days": {
                each.expected_by.isoformat(): words.day(each.expected_by)
                for each in report.fields
                if each.expected_by
            },
            "languages": {
                each.language: words.language_name(each.language)
                for each in report.fields
                if each.language
            },
        }
    }


def _must_fit(form: Form, submission: Submission) -> None:
    if submission.phase not in form.phases:
        raise BadInput(
            "no-such-phase",
            form.id,
            f"has no submission {submission.phase.value!r}",
            expected=f"one of {', '.join(form.phases)}",
        )
    fields = {each.id: each for each in form.fields_in(submission.phase)}
    for name in (*submission.answers, *submission.expected):
        if name not in fields:
            raise BadInput(
                "no-such-field",
                form.id,
                f"has no field {name[:40]!r}",
                expected=f"one of {', '.join(fields)}",
            )
    for name, text in submission.answers.items():
        limit = fields[name].limit
        if limit and len(text) > limit:
            raise BadInput(
                "over-limit",
                f"{form.id}, {name}",
                f"has {len(text)} characters",
                expected=f"at most {limit}, which is what the portal takes",
            )


def _answered(field: FormField, asked: Asked, *, late: bool) -> FieldAnswer:
    blank = FieldAnswer(
        id=field.id,
        label=asked.words.in_words(field.label),
        status=FieldStatus.LEFT_BLANK,
        facts=tuple(fact.value for fact in field.facts),
        law=field.law,
    )
    if given := asked.submission.answers.get(field.id, "").strip():
        lines = tuple(line.strip() for line in given.splitlines() if line.strip())
        return blank.model_copy(
            update={"status": FieldStatus.FILLED, "lines": lines, "value": given, "given": True}
        )
    found = {fact: form_facts.answer(fact, asked) for fact in field.facts}
    if found[field.facts[0]] is None:
        return blank.model_copy(update=_open(field, asked, late=late))
    known = {fact.value: each for fact, each in found.items() if each is not None}
    return blank.model_copy(update=_known(field, known, asked.words))


def _known(field: FormField, known: Mapping[str, Answer], words: FormWords) -> dict[str, Any]:
    several = len(field.facts) > 1
    lines = tuple(
        line
        for fact, each in known.items()
        for line in (words.labelled(fact, each.lines) if several else each.lines)
    )
    estimated = any(each.estimated for each in known.values())
    status = FieldStatus.ESTIMATED if estimated else FieldStatus.FILLED
    if field.limit and len("\n".join(lines)) > field.limit:
        status = FieldStatus.ASKED
        lines = (words.label("over_limit").format(limit=field.limit), *lines)
    return {
        "status": status,
        "lines": lines,
        "value": {name: each.value for name, each in known.items()},
        "language": next((each.language for each in known.values() if each.language), ""),
    }


def _open(field: FormField, asked: Asked, *, late: bool) -> dict[str, Any]:
    if not _is_due(field.due, asked, late=late):
        blank = field.due is Due.IF_KNOWN
        return {"status": FieldStatus.LEFT_BLANK if blank else FieldStatus.NOT_APPLICABLE}
    ask = asked.words.in_words(field.ask)
    expected_by = asked.submission.expected.get(field.id)
    follows = field.may_follow and asked.submission.phase != Phase.FINAL
    status = FieldStatus.TO_FOLLOW if follows or expected_by else FieldStatus.ASKED
    return {"status": status, "expected_by": expected_by, "ask": ask}


def _is_due(due: Due, asked: Asked, *, late: bool) -> bool:
    submission, notified = asked.submission, asked.submission.notified
    conditions = {
        Due.ALWAYS: True,
        Due.IF_KNOWN: False,
        Due.IF_LATE: late,
        Due.IF_FOLLOW_UP: submission.phase not in (Phase.EARLY_WARNING, Phase.NOTIFY),
        Due.IF_NOT_TOLD: notified is None or notified.told < notified.people,
        Due.IF_OTHERS: others_take_part(asked.facts),
    }
    return conditions[due]


def _completeness(answers: Iterable[FieldAnswer]) -> Completeness:
    counted = [
        each.status
        for each in answers
        if each.status not in (FieldStatus.NOT_APPLICABLE, FieldStatus.LEFT_BLANK)
    ]
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
    )


def _submission(
    form: Form, submission: Submission, words: FormWords, *, late: bool
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
