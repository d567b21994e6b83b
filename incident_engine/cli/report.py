"""report: what the authorities get, prepared from the facts, filed with their answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.door import (
    AsJson,
    Reference,
    Why,
    actor,
    answer,
    engine,
    group,
    instant,
    pairs,
    say,
    table,
)
from incident_engine.domain.errors import BadInput

if TYPE_CHECKING:
    from incident_engine.notices.reports.report_document import FieldAnswer
    from incident_engine.store.tables import Filing, Obligation
    from incident_engine.workflow.reports.draft_report import Answers

report = group("Regulator reports: prepared from the facts, previewed, filed with evidence.")
Duty = Annotated[str, typer.Argument(help="playbook/name, or playbook/name/place.")]
Phase = Annotated[str, typer.Option(help="notify, interim, final …; left out: the next one due.")]
Named = Annotated[
    str, typer.Option("--form", help="Another form for this duty; left out: the one used before.")
]
Language = Annotated[str, typer.Option(help="Left out: the authority's own, else English.")]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        help="FIELD=TEXT, or FIELD/FACT=TEXT for a part of it: what no fact says; repeatable.",
    ),
]
Expected = Annotated[
    list[str] | None, typer.Option("--expected", help="FIELD=DATE: by when you expect to know.")
]

_STATUS = {
    "filled": "answered",
    "estimated": "answered, will move",
    "to-follow": "may follow",
    "asked": "MISSING",
    "left-blank": "not demanded",
    "not-applicable": "does not apply",
}


@report.command("prepare")
def report_prepare(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    form: Named = "",
    phase: Phase = "",
    language: Language = "",
    given: Given = None,
    expected: Expected = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a version of the report: a PDF with its JSON inside, the JSON, a table, and more.

    The table (CSV) is for copying into a portal. Where an authority published a machine format,
    that file is written too as soon as the answers fill it.

    Example: incident-engine report prepare INC-2026-0001 eu-gdpr/authority --answer "1.4=…"
    """
    from incident_engine.notices.reports.report import completeness_in_words
    from incident_engine.workflow.reports.prepare_report import prepare_report

    answers = _answers(form, phase, language, given, expected)
    made = prepare_report(engine(ctx), actor(ctx), reference, duty, answers)
    filing, folder = made.filing, engine(ctx).home.folder
    if as_json:
        files = {kind: str(path) for kind, path in _faces(folder, filing).items()}
        missing = [_open(each) for each in made.report.missing]
        return answer({"new": made.is_new} | shown_filing(filing) | files | {"missing": missing})
    if not made.is_new:
        say(f"Nothing has changed since version {filing.version}; it stays as it is.")
    say(f"{duty}, {filing.phase}, version {filing.version}: {completeness_in_words(made.report)}.")
    for each in made.report.missing:
        say(f"  {each.id} {each.label} [{_STATUS[each.status]}{_by(each)}]")
    if made.unfit:
        say(f"Not written: {made.unfit}")
    for path in reversed(_faces(folder, filing).values()):
        say(str(path))
    return None


@report.command("preview")
def report_preview(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    form: Named = "",
    phase: Phase = "",
    language: Language = "",
    given: Given = None,
    expected: Expected = None,
    as_json: AsJson = False,
) -> None:
    """Show every question with its answer, and what is still missing; keeps nothing.

    Example: incident-engine report preview INC-2026-0001 eu-gdpr/authority
    """
    from incident_engine.notices.reports.report import completeness_in_words
    from incident_engine.workflow.reports.draft_report import draft_report

    actor(ctx)
    answers = _answers(form, phase, language, given, expected)
    found = draft_report(engine(ctx), reference, duty, answers).report
    if as_json:
        return answer(found.model_dump(mode="json"))
    title = f"{found.form.title}: {found.submission.kind}, version {found.submission.version}"
    table(title, ["no.", "question", "answer", "status"], [_line(each) for each in found.fields])
    say(_capital(f"{completeness_in_words(found)}."))
    if not found.form.own_form:
        say(f"A draft to copy into the authority's own form ({found.form.read}): "
            f"{found.form.read_words}.")  # fmt: skip
    return None


@report.command("file")
def report_file(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    number: Annotated[str, typer.Option("--reference", help="The authority's number.")] = "",
    receipt: Annotated[Path | None, typer.Option(help="The authority's receipt, a file.")] = None,
    at: Annotated[
        str, typer.Option(help="When it was handed in, with offset; left out: now.")
    ] = "",
    phase: Annotated[str, typer.Option(help="Left out: that of the newest version.")] = "",
    version: Annotated[int, typer.Option(min=0, help="Left out: the newest one.")] = 0,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Say that a version was handed in, with the authority's number. The duty is met.

    Example: incident-engine report file INC-2026-0001 eu-gdpr/authority --reference DE-4711
    """
    from incident_engine.workflow.reports.file_report import Receipt, file_report

    found = Receipt(
        number=number, file=receipt, at=instant(at, "--at"), phase=phase, version=version
    )
    filing = file_report(engine(ctx), actor(ctx), reference, duty, found, why=why)
    if as_json:
        return answer(shown_filing(filing))
    kept = f" The receipt is kept as {filing.receipt_path}." if filing.receipt_path else ""
    return say(
        f"{duty}, {filing.phase}, version {filing.version}: filed under {filing.reference}.{kept}"
    )


@report.command("list")
def report_list(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """List every version of every report, and what was filed when.

    Example: incident-engine report list INC-2026-0001
    """
    from incident_engine.store import filings, incidents

    actor(ctx)
    with engine(ctx).reading() as session:
        incident = incidents.by_reference(session, reference)
        found = filings.of_incident(session, incident.id or 0)
        answers = filings.answers(session, incident.id or 0)
    said: dict[int, list[str]] = {}
    for theirs, filing in answers:
        said.setdefault(filing.id or 0, []).append(f"{theirs.verdict} ({theirs.reference})")
    if as_json:
        return answer([
            {"duty": _duty(duty)} | shown_filing(each) | {"answers": said.get(each.id or 0, [])}
            for each, duty in found
        ])  # fmt: skip
    columns = ["duty", "phase", "version", "answered", "prepared", "sent", "filed",
               "their number", "they answered"]  # fmt: skip
    rows = [(*_row(each, duty), "\n".join(said.get(each.id or 0, []))) for each, duty in found]
    return table(f"Reports of {reference}", columns, rows)


def _answers(
    form: str, phase: str, language: str, given: list[str] | None, expected: list[str] | None
) -> Answers:
    from incident_engine.workflow.reports.draft_report import Answers

    days = {field: _day(field, text) for field, text in pairs(expected or [])}
    return Answers(
        form=form, phase=phase, language=language, given=dict(pairs(given or [])), expected=days
    )


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("bad-date", f"--expected {field[:40]}", f"found {text[:40]!r}",
                       expected="a day like 2026-04-01") from error  # fmt: skip


def _faces(folder: Path, filing: Filing) -> dict[str, Path]:
    from incident_engine.workflow.reports.prepare_report import beside

    paths = {kind: folder / path for kind, path in beside(filing).items()}
    return {kind: path for kind, path in paths.items() if path.is_file()}


def _line(each: FieldAnswer) -> tuple[str, str, str, str]:
    said = "\n".join((*each.lines, *([f"→ {each.ask}"] if each.ask else []), *_parts(each)))
    return each.id, each.label, said, f"{_STATUS[each.status]}{_by(each)}"


def _parts(each: FieldAnswer) -> list[str]:
    """How to answer what a half-answered question still lacks, and keep the rest."""
    return [f"  --answer {each.id}/{fact}=…" for fact in each.lacks]


def _by(each: FieldAnswer) -> str:
    return f", by {each.expected_by}" if each.expected_by else ""


def _open(each: FieldAnswer) -> dict[str, Any]:
    shown = ("id", "label", "status", "expected_by", "ask", "lacks", "law")
    return {key: value for key, value in each.model_dump(mode="json").items() if key in shown}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _duty(row: Obligation) -> str:
    return f"{row.playbook}/{row.name}/{row.place}"


def _row(filing: Filing, duty: Obligation) -> tuple[object, ...]:
    return (
        _duty(duty),
        filing.phase,
        filing.version,
        f"{filing.complete} of {filing.fields}",
        f"{filing.prepared_at:%Y-%m-%d %H:%M} UTC, {filing.prepared_by}",
        filing.sent_outcome.replace("_", " "),
        f"{filing.filed_at:%Y-%m-%d %H:%M} UTC, {filing.filed_by}"
        if filing.filed_at
        else "not yet",
        filing.reference,
    )


def shown_filing(filing: Filing) -> dict[str, Any]:
    """A version for programs."""
    return {
        "form": filing.form,
        "phase": filing.phase,
        "version": filing.version,
        "complete": filing.complete,
        "fields": filing.fields,
        "sha256": filing.sha256,
        "prepared": filing.prepared_at.isoformat(),
        "prepared_by": filing.prepared_by,
        "filed": filing.filed_at.isoformat() if filing.filed_at else None,
        "filed_by": filing.filed_by,
        "reference": filing.reference,
        "receipt": filing.receipt_path,
        "receipt_sha256": filing.receipt_sha256,
        "sent_to": filing.sent_to,
        "sent": filing.sent_at.isoformat() if filing.sent_at else None,
        "sent_outcome": filing.sent_outcome,
        "sent_said": filing.sent_said,
    }
