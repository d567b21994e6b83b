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
    pairs,
    say,
    table,
)
from incident_engine.domain.errors import BadInput

if TYPE_CHECKING:
    from incident_engine.notices.report_document import Report
    from incident_engine.workflow.prepare_report import Answers

report = group("Regulator reports: prepared from the facts, previewed, filed with evidence.")
Duty = Annotated[str, typer.Argument(help="playbook/name, or playbook/name/place.")]
Phase = Annotated[str, typer.Option(help="notify, interim, final …; left out: the next one due.")]
Language = Annotated[str, typer.Option(help="Left out: the authority's own, else English.")]
Given = Annotated[
    list[str] | None, typer.Option("--answer", help="FIELD=TEXT: what no fact says; repeatable.")
]
Expected = Annotated[
    list[str] | None, typer.Option("--expected", help="FIELD=DATE: by when you expect to know.")
]


@report.command("prepare")
def report_prepare(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    phase: Phase = "",
    language: Language = "",
    given: Given = None,
    expected: Expected = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a version of the report: a PDF with its JSON inside, and the same JSON alone.

    Example: incident-engine report prepare INC-2026-0001 eu-gdpr/authority
    """
    from incident_engine.workflow.prepare_report import prepare_report

    answers = _answers(phase, language, given, expected)
    filing = prepare_report(engine(ctx), actor(ctx), reference, duty, answers)
    at = engine(ctx).home.folder
    if as_json:
        return answer(_shown(filing) | {"pdf": str(at / filing.pdf_path)})
    say(f"{duty}, {filing.phase}, version {filing.version}: {filing.complete} of {filing.fields} "
        "answered.")  # fmt: skip
    return say(str(at / filing.pdf_path))


@report.command("preview")
def report_preview(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    phase: Phase = "",
    language: Language = "",
    as_json: AsJson = False,
) -> None:
    """Show every question with its answer, and what is still missing; keeps nothing.

    Example: incident-engine report preview INC-2026-0001 eu-gdpr/authority
    """
    from incident_engine.notices.report import completeness_in_words
    from incident_engine.store import incidents
    from incident_engine.workflow.prepare_report import draft
    from incident_engine.workflow.settle_obligation import find

    actor(ctx)
    with engine(ctx).reading() as session:
        incident = incidents.by_reference(session, reference)
        row = find(session, incident, duty)
        answers = _answers(phase, language, None, None)
        found = draft(engine(ctx), session, incident, row, answers)
    if as_json:
        return answer(found.model_dump(mode="json"))
    title = f"{found.form.title}: {found.submission.kind}"
    table(title, ["no.", "question", "answer", ""], _lines(found))
    return say(f"{completeness_in_words(found)}.".capitalize())


@report.command("file")
def report_file(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    number: Annotated[str, typer.Option("--reference", help="The authority's number.")] = "",
    receipt: Annotated[Path | None, typer.Option(help="The authority's receipt, a file.")] = None,
    why: Why = "",
) -> None:
    """Say that the newest version was handed in, with the authority's number. The duty is met.

    Example: incident-engine report file INC-2026-0001 eu-gdpr/authority --reference DE-4711
    """
    from incident_engine.workflow.file_report import Receipt, file_report

    found = Receipt(number=number, file=receipt)
    filing = file_report(engine(ctx), actor(ctx), reference, duty, found, why=why)
    say(f"{duty}, version {filing.version}: filed under {filing.reference}.")


@report.command("list")
def report_list(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """List every version of every report, and what was filed when.

    Example: incident-engine report list INC-2026-0001
    """
    from incident_engine.store import filings, incidents

    actor(ctx)
    with engine(ctx).reading() as session:
        incident = incidents.by_reference(session, reference)
        rows = [
            {"duty": f"{duty.playbook}/{duty.name}/{duty.place}"} | _shown(each)
            for each, duty in filings.of_incident(session, incident.id or 0)
        ]
    if as_json:
        return answer(rows)
    cells = [
        (r["duty"], r["phase"], r["version"], f"{r['complete']} of {r['fields']}",
         r["filed"][:16] or "not yet", r["reference"])
        for r in rows
    ]  # fmt: skip
    columns = ["duty", "phase", "version", "answered", "filed", "their number"]
    return table(f"Reports of {reference}", columns, cells)


def _answers(
    phase: str, language: str, given: list[str] | None, expected: list[str] | None
) -> Answers:
    from incident_engine.workflow.prepare_report import Answers

    days = {field: _day(field, text) for field, text in pairs(expected or [])}
    return Answers(phase=phase, language=language, given=dict(pairs(given or [])), expected=days)


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("bad-date", f"--expected {field}", f"found {text[:40]!r}",
                       expected="a day like 2026-04-01") from error  # fmt: skip


def _lines(found: Report) -> list[tuple[str, str, str, str]]:
    return [
        (each.id, each.label, "; ".join(each.lines) or each.ask, each.status.value)
        for each in found.fields
    ]


def _shown(filing: Any) -> dict[str, Any]:
    return {
        "form": filing.form,
        "phase": filing.phase,
        "version": filing.version,
        "complete": filing.complete,
        "fields": filing.fields,
        "sha256": filing.sha256,
        "prepared": filing.prepared_at.isoformat(),
        "prepared_by": filing.prepared_by,
        "filed": filing.filed_at.isoformat() if filing.filed_at else "",
        "reference": filing.reference,
        "receipt_sha256": filing.receipt_sha256,
    }
