"""File a report: a person says that it was handed in, with what the authority answered.

Filed only with evidence: the authority's own number, and its receipt where there is one. The
duty is then met, and clocks that run from this act start.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from incident_engine.domain.errors import BadInput, Conflict, NotFound, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ObligationState
from incident_engine.notices.report_document import FieldStatus, Report
from incident_engine.store import evidence, filings, incidents
from incident_engine.store.tables import Filing, Incident, Obligation
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.prepare_report import FOLDER
from incident_engine.workflow.settle_obligation import Settlement, find, settle_within

LARGEST_RECEIPT = 20 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the authority answered: its number, and a file of theirs."""

    number: str
    file: Path | None = None


def file_report(
    engine: Engine, actor: Actor, reference: str, duty: str, receipt: Receipt, *, why: str = ""
) -> Filing:
    """Mark the newest prepared version of a duty's report as filed, and the duty as met.

    Raises BadInput without the authority's number, NotFound when nothing was prepared, Conflict
    when that version was filed already, Refused while questions that are due now stand open and
    no reason is given.
    """
    actor.may(Act.FILE_REPORT)
    _must_be_evident(receipt)
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        row = find(transaction.session, incident, duty)
        filing = _unfiled(transaction, incident, row)
        _must_be_complete(filing, incident, duty, why)
        _mark(engine, transaction, incident, filing, receipt)
        transaction.record(
            "report-filed",
            incident=incident.reference,
            subject=filing.sha256,
            duty=f"{row.playbook}/{row.name}/{row.place}",
            phase=filing.phase,
            version=filing.version,
            reference=filing.reference,
            receipt=filing.receipt_sha256,
            why=why,
        )
        if row.state != ObligationState.MET:
            what = Settlement(trigger="done", reference=filing.reference, why=why)
            settle_within(engine, transaction, incident, row, what)
        return filing


def _unfiled(transaction: Transaction, incident: Incident, row: Obligation) -> Filing:
    found = filings.newest(transaction.session, row.id or 0)
    name = f"{row.playbook}/{row.name}/{row.place}"
    if found is None:
        raise NotFound(
            "no-report",
            name,
            "has no prepared report",
            next_step=f"Run `incident-engine report prepare {incident.reference} {name}`.",
        )
    if found.filed_at is not None:
        raise Conflict(
            "filed-already",
            name,
            f"version {found.version} was filed under {found.reference}",
            expected="a newer version",
            next_step=f"Run `incident-engine report prepare {incident.reference} {name}` for a "
            "follow-up.",
        )
    return found


def _must_be_evident(receipt: Receipt) -> None:
    if not receipt.number.strip() or len(receipt.number) > 200:
        raise BadInput(
            "no-evidence",
            "report file",
            "has no --reference" if not receipt.number.strip() else "has a --reference too long",
            expected="the number that the authority gave",
            next_step="Nothing counts as filed without it.",
        )


def _must_be_complete(filing: Filing, incident: Incident, duty: str, why: str) -> None:
    report = Report.model_validate_json(filing.body)
    asked = [each.id for each in report.fields if each.status is FieldStatus.ASKED]
    if asked and not why.strip():
        raise Refused(
            "questions-open",
            duty,
            f"{len(asked)} questions that are due now have no answer: {', '.join(asked[:8])}",
            expected="an answer to each, or --why it was filed without",
            next_step=f"`incident-engine report preview {incident.reference} {duty}` shows them.",
        )


def _mark(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    filing: Filing,
    receipt: Receipt,
) -> None:
    filing.filed_at, filing.filed_by = transaction.at, transaction.actor.name
    filing.reference = receipt.number.strip()
    if receipt.file:
        name = f"{FOLDER}/{incident.reference}/receipt-{filing.sha256[:16]}{_ending(receipt.file)}"
        filing.receipt_sha256 = evidence.write(
            engine.home.evidence / name, _read_receipt(receipt.file)
        )
        filing.receipt_path = f"{engine.home.evidence.name}/{name}"
    transaction.session.add(filing)
    transaction.session.flush()


def _read_receipt(file: Path) -> bytes:
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
