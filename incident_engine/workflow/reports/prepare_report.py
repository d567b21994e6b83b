"""Prepare a regulator report: freeze what is known now as a version, as two files and one row.

The same facts and answers make no second version. The files are in the home's evidence before
the row says so: canonical JSON, a PDF that carries it, a table for copying into a portal, and
the authority's own machine format where it published one and the answers fill it.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.errors import BadInput, Conflict
from incident_engine.domain.permits import Act
from incident_engine.notices.reports.forms import form_by_id, read_forms
from incident_engine.notices.reports.report_csv import render_csv
from incident_engine.notices.reports.report_document import Report, must_match_schema
from incident_engine.notices.reports.report_export import render_export
from incident_engine.notices.reports.report_pdf import render_pdf
from incident_engine.store import evidence, filings
from incident_engine.store.tables import Filing
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.reports.draft_report import Answers, Draft, draft_report, duty_name

FOLDER = "reports"


@dataclass(frozen=True)
class Prepared:
    """A version with what it says. Not `is_new`: nothing had changed since, so nothing was made."""

    filing: Filing
    report: Report
    is_new: bool
    unfit: str = ""  # why the authority's own machine format was not written


def prepare_report(
    engine: Engine, actor: Actor, reference: str, duty: str, answers: Answers | None = None
) -> Prepared:
    """Freeze a version of the report for one duty; the newest one where nothing has changed.

    Raises what `draft_report` does, and Conflict when another version was made meanwhile.
    """
    actor.may(Act.PREPARE_REPORT)
    draft = draft_report(engine, reference, duty, answers)
    if draft.newest and not draft.is_new:
        return Prepared(draft.newest, draft.report, False)
    must_match_schema(draft.report)
    pdf = render_pdf(draft.report)  # before the transaction: nobody waits for typesetting
    own, unfit = _own_format(draft)
    with engine.transaction(actor) as transaction:
        _must_be_next(transaction, draft)
        filing = _freeze(engine, transaction, draft, pdf, own)
    return Prepared(filing, draft.report, True, unfit)


def _must_be_next(transaction: Transaction, draft: Draft) -> None:
    phase = draft.report.submission.phase
    newest = filings.newest(transaction.session, draft.duty.id or 0, phase)
    if (newest and newest.version) != (draft.newest and draft.newest.version):
        raise Conflict(
            "not-first",
            duty_name(draft.duty),
            "somebody else prepared a version meanwhile",
            next_step="Look at it with `report list`, then repeat the command.",
        )


def beside(filing: Filing) -> dict[str, str]:
    """Every face of a version, by kind, as paths below the home; `own` may not be there."""
    stem = filing.json_path.removesuffix(".json")
    form = next((each for each in read_forms() if each.id == filing.form), None)
    own = {"own": f"{stem}-{form.export.file}"} if form and form.export else {}
    return {"pdf": filing.pdf_path, "json": filing.json_path, "csv": f"{stem}.csv"} | own


def _own_format(draft: Draft) -> tuple[bytes, str]:
    """The authority's own machine format, or the fields that keep it from being one."""
    form = form_by_id(draft.report.form.id)
    if form.export is None:
        return b"", ""
    try:
        return render_export(form, draft.report), ""
    except BadInput as error:
        return b"", str(error)


def _freeze(
    engine: Engine, transaction: Transaction, draft: Draft, pdf: bytes, own: bytes
) -> Filing:
    report, row = draft.report, draft.duty
    stamp, body = report.submission, report.as_json()
    name = duty_name(row).replace("/", "-")
    path = f"{FOLDER}/{draft.incident.reference}/{name}-{stamp.phase}-{stamp.version}"
    pdf_sha256 = evidence.write(engine.home.evidence / f"{path}.pdf", pdf)
    evidence.write(engine.home.evidence / f"{path}.json", body)
    evidence.write(engine.home.evidence / f"{path}.csv", render_csv(report))
    filing = Filing(
        incident_id=draft.incident.id or 0,
        obligation_id=row.id or 0,
        form=report.form.id,
        phase=stamp.phase,
        version=stamp.version,
        sha256=report.sha256,
        body=body.decode(),
        pdf_path=f"{engine.home.evidence.name}/{path}.pdf",
        json_path=f"{engine.home.evidence.name}/{path}.json",
        complete=report.completeness.filled,
        fields=report.completeness.fields,
        prepared_at=transaction.at,
        prepared_by=transaction.actor.name,
    )
    transaction.session.add(filing)
    transaction.session.flush()
    own_sha256 = evidence.write(engine.home.folder / beside(filing)["own"], own) if own else ""
    transaction.record(
        "report-prepared",
        incident=draft.incident.reference,
        subject=filing.sha256,
        duty=duty_name(row),
        phase=filing.phase,
        version=filing.version,
        complete=filing.complete,
        fields=filing.fields,
        pdf=pdf_sha256,
        own=own_sha256,
    )
    return filing
