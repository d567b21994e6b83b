"""A report on paper: a tagged PDF/A-3 that carries the same report for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from incident_engine.home import shipped
from incident_engine.notices.pdf import Attachment, Unprintable, spell, typeset
from incident_engine.notices.reports.form_words import FormWords, read_words
from incident_engine.notices.reports.report_document import Report


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
            "notes": _notes(report, words),
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


def _notes(report: Report, words: FormWords) -> list[str]:
    """What a clerk must see first: not in their language; only what is new."""
    stamp, notes = report.submission, []
    if not stamp.is_in_language_of(report.form):
        notes.append(
            words.label("other_language").format(
                language=words.language_name(stamp.language),
                theirs=words.language_name(report.form.language),
            )
        )
    if stamp.only_new:
        notes.append(words.label("only_new").format(reference=stamp.earlier))
    return notes
