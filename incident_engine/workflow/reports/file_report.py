"""File a report: a person says that it was handed in, with what the authority answered.

Filed only with evidence: the authority's own number, and its receipt where there is one. The
duty is then met, and clocks that run from this act start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from incident_engine.domain.errors import BadInput, Conflict, NotFound, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ObligationState
from incident_engine.notices.reports.report_document import FieldStatus, Report
from incident_engine.store import evidence, filings, incidents
from incident_engine.store.tables import Filing, Incident, Obligation
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle_within
from incident_engine.workflow.reports.draft_report import duty_name, is_voluntary, reportable
from incident_engine.workflow.reports.prepare_report import FOLDER

LARGEST_RECEIPT = 20 * 1024 * 1024
LONGEST_NUMBER = 200


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the authority answered: its number, a file of theirs, and when (aware; left out: now).

    `phase` and `version` say what was handed in; left out, the newest version not yet filed.
    """

    number: str
    file: Path | None = None
    at: datetime | None = None
    phase: str = ""
    version: int = 0


def file_report(
    engine: Engine, actor: Actor, reference: str, duty: str, receipt: Receipt, *, why: str = ""
) -> Filing:
    """Mark a prepared version of a duty's report as filed, and the duty as met.

    Raises BadInput without the authority's number or with a receipt that cannot be read, NotFound
    when nothing was prepared, Conflict when that version was filed already, Refused while
    questions that are due now stand open and no reason is given.
    """
    actor.may(Act.FILE_REPORT)
    _must_be_evident(receipt, engine.now())
    content = read_receipt(receipt.file) if receipt.file else b""
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        row = reportable(transaction.session, incident, duty)
        filing = _handed_in(transaction, incident, row, receipt)
        at = receipt.at or transaction.at
        _must_be_answered(filing, incident, row, at=at, why=why)
        _mark(engine, transaction, incident, filing, receipt, content)
        _settle(engine, transaction, incident, row, filing, why)
        return filing


def _handed_in(
    transaction: Transaction, incident: Incident, row: Obligation, receipt: Receipt
) -> Filing:
    every = filings.of_duty(transaction.session, row.id or 0)
    found = [
        each
        for each in every
        if receipt.phase in ("", each.phase) and receipt.version in (0, each.version)
    ]
    if not found:
        raise _nothing_prepared(incident, row, every)
    filing = found[-1]
    if filing.filed_at is not None:
        raise _filed_already(incident, row, filing)
    return filing


def _nothing_prepared(incident: Incident, row: Obligation, every: list[Filing]) -> NotFound:
    name = duty_name(row)
    known = ", ".join(f"{each.phase} {each.version}" for each in every)
    return NotFound(
        "no-report",
        name,
        "has no such version" if every else "has no prepared report",
        expected=f"one of {known}" if every else "",
        next_step=f"Run `incident-engine report prepare {incident.reference} {name}`.",
    )


def _filed_already(incident: Incident, row: Obligation, filing: Filing) -> Conflict:
    name = duty_name(row)
    return Conflict(
        "filed-already",
        name,
        f"version {filing.version} ({filing.phase}) was filed under {filing.reference}",
        expected="a newer version",
        next_step=f"Run `incident-engine report prepare {incident.reference} {name}` for a "
        "follow-up, or with --phase for an amendment.",
    )


def _must_be_evident(receipt: Receipt, now: datetime) -> None:
    number = receipt.number.strip()
    if not number or len(number) > LONGEST_NUMBER or not number.isprintable():
        raise BadInput(
            "no-evidence",
            "report file",
            "has no --reference" if not number else "has a --reference that is no number of theirs",
            expected=f"what the authority gave, in at most {LONGEST_NUMBER} printable characters",
            next_step="Nothing counts as filed without it.",
        )
    must_be_past(receipt.at, now, "report file --at")


def must_be_past(at: datetime | None, now: datetime, place: str) -> None:
    """Raise BadInput for a moment that has not come yet."""
    if at and at > now:
        raise BadInput(
            "not-yet",
            place,
            f"{at.isoformat()} has not come yet",
            expected="when it happened",
        )


def keep_receipt(
    engine: Engine, incident: Incident, stem: str, file: Path, content: bytes
) -> tuple[str, str]:
    """Keep an authority's file among the evidence: its path below the home, and its SHA-256."""
    path = f"{FOLDER}/{incident.reference}/{stem}{_ending(file)}"
    sha256 = evidence.write(engine.home.evidence / path, content)
    return f"{engine.home.evidence.name}/{path}", sha256


def _must_be_answered(
    filing: Filing, incident: Incident, row: Obligation, *, at: datetime, why: str
) -> None:
    if why.strip():
        return
    report, name = Report.model_validate_json(filing.body), duty_name(row)
    asked = [each.id for each in report.fields if each.status is FieldStatus.ASKED]
    if asked:
        raise Refused(
            "questions-open",
            name,
            f"{len(asked)} questions that are due now have no answer: {', '.join(asked[:8])}",
            expected="an answer to each, or --why it was filed without",
            next_step=f"`incident-engine report preview {incident.reference} {name}` shows them.",
        )
    if row.due_at and filing.prepared_at <= row.due_at < at and row.state != ObligationState.MET:
        raise Refused(
            "late",
            name,
            f"the term ran out after version {filing.version} was prepared, and it gives no reason",
            expected="a version with the reason, or --why it is late",
            next_step=f"Run `incident-engine report prepare {incident.reference} {name}` again.",
        )


def _mark(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    filing: Filing,
    receipt: Receipt,
    content: bytes,
) -> None:
    path = sha256 = ""
    if receipt.file:
        stem = f"{filing.sha256[:16]}-receipt"
        path, sha256 = keep_receipt(engine, incident, stem, receipt.file, content)
    if not filings.mark_filed(
        transaction.session,
        filing,
        at=receipt.at or transaction.at,
        by=transaction.actor.name,
        reference=receipt.number.strip(),
        receipt_path=path,
        receipt_sha256=sha256,
    ):
        raise Conflict("not-first", f"version {filing.version}", "was filed by somebody else")


def _settle(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    row: Obligation,
    filing: Filing,
    why: str,
) -> None:
    transaction.record(
        "report-filed",
        incident=incident.reference,
        subject=filing.sha256,
        duty=duty_name(row),
        phase=filing.phase,
        version=filing.version,
        at=filing.filed_at.isoformat() if filing.filed_at else "",
        reference=filing.reference,
        receipt=filing.receipt_sha256,
        why=why,
    )
    if row.state != ObligationState.MET and not is_voluntary(filing):
        what = Settlement(
            trigger="done", reference=filing.reference, why=why, done_at=filing.filed_at
        )
        settle_within(engine, transaction, incident, row, what)


def read_receipt(file: Path) -> bytes:
    """The file's content. Raises BadInput where it cannot be read, is empty or too large."""
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= LARGEST_RECEIPT else b""
    except OSError as error:
        raise BadInput("no-receipt", str(file), f"cannot be read ({error.strerror})",
                       expected="the authority's receipt") from error  # fmt: skip
    if not content:
        raise BadInput("no-receipt", str(file), f"is {size} bytes long",
                       expected=f"1 to {LARGEST_RECEIPT}")  # fmt: skip
    return content


def _ending(file: Path) -> str:
    return file.suffix.lower() if file.suffix[1:].isalnum() and len(file.suffix) <= 6 else ".bin"
