"""Send a prepared report to an authority, by email or through a gateway: book, act, book.

Sent is not filed: only the authority's own number files it. What was booked and never answered
is in doubt, and nothing sends it again by itself: two reports under one incident are two cases
at the authority's desk. A person looks, and then files it or says that it did not arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from incident_engine.channels import Enclosure, Envelope, Reply
from incident_engine.channels.wires import REPORTS
from incident_engine.domain.errors import BadInput, Conflict, NotFound
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.notices.reports.forms import Form, form_by_id
from incident_engine.notices.reports.report_document import FieldStatus, Report
from incident_engine.store import filings, incidents
from incident_engine.store.tables import Filing, Incident, Obligation
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.reports.draft_report import duty_name, reportable


@dataclass(frozen=True)
class _Letter:
    """One report about to leave."""

    incident: Incident
    duty: Obligation
    filing: Filing
    to: str
    wire: str = ChannelName.EMAIL


class _Pen:
    """The book of one letter: what it does not hold, committed, does not leave."""

    def __init__(self, engine: Engine, actor: Actor, letter: _Letter) -> None:
        self._engine, self._actor, self._letter = engine, actor, letter

    def sending(self, references: Sequence[str]) -> set[str]:
        """Commit that it is about to leave, once."""
        letter = self._letter
        with self._engine.transaction(self._actor) as transaction:
            filing = transaction.session.get_one(Filing, letter.filing.id)
            if not filings.book(transaction.session, filing, to=letter.to, at=transaction.at):
                return set()
            transaction.record(
                "report-sending",
                incident=letter.incident.reference,
                subject=filing.sha256,
                duty=duty_name(letter.duty),
                version=filing.version,
                to=letter.to,
            )
        return set(references)


def send_report(
    engine: Engine,
    actor: Actor,
    reference: str,
    duty: str,
    *,
    to: str = "",
    webhook: bool = False,
) -> Filing:
    """Send the newest prepared version of a duty's report by email or `webhook`, once.

    `to` left out is the address in the form's file, where one was read in the authority's own
    text; a webhook goes to the gateway of the settings. Raises NotFound when nothing was
    prepared, BadInput without an address or while questions that are due stand open, Conflict
    when it went or may have gone before, Unreachable when nobody took the call.
    """
    actor.may(Act.FILE_REPORT)
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        row = reportable(session, incident, duty)
        filing = filings.newest(session, row.id or 0)
    ready = _must_be_sendable(incident, row, filing)
    if webhook:
        letter = _Letter(incident, row, ready, _gateway(engine, row, to), REPORTS)
    else:
        letter = _Letter(incident, row, ready, _address(row, form_by_id(ready.form), to))
    envelope = _envelope(engine, letter)
    replies = list(engine.channel(letter.wire).send([envelope], _Pen(engine, actor, letter)))
    return _answered(engine, actor, letter, replies[0] if replies else None)


def not_arrived(engine: Engine, actor: Actor, reference: str, duty: str, *, why: str) -> Filing:
    """A person found out that what was in doubt did not arrive: it may be sent again.

    Raises BadInput without a reason, Conflict when nothing is in doubt.
    """
    actor.may(Act.FILE_REPORT)
    if not why.strip():
        raise BadInput("no-reason", "report send --not-arrived", "has no --why",
                       expected="how you know, which stays on record")  # fmt: skip
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        row = reportable(transaction.session, incident, duty)
        filing = filings.newest(transaction.session, row.id or 0)
        if filing is None or filing.sent_outcome not in (Outcome.IN_DOUBT, Outcome.SENDING):
            raise Conflict("not-in-doubt", duty_name(row), "no report of it is in doubt")
        filing.sent_outcome = Outcome.CANCELLED
        transaction.session.add(filing)
        transaction.record("report-not-arrived", incident=incident.reference,
                           subject=filing.sha256, duty=duty_name(row), why=why.strip())  # fmt: skip
        return filing


def _must_be_sendable(incident: Incident, row: Obligation, filing: Filing | None) -> Filing:
    name = duty_name(row)
    if filing is None:
        raise NotFound(
            "no-report",
            name,
            "has no prepared report",
            next_step=f"Run `incident-engine report prepare {incident.reference} {name}`.",
        )
    if filing.filed_at:
        raise Conflict("filed-already", name, f"version {filing.version} was filed under "
                       f"{filing.reference}", expected="a newer version")  # fmt: skip
    if filing.sent_outcome not in filings.RESENDABLE:
        raise _went_before(incident, name, filing)
    report = Report.model_validate_json(filing.body)
    if asked := [each.id for each in report.fields if each.status is FieldStatus.ASKED]:
        raise BadInput(
            "questions-open",
            name,
            f"{len(asked)} questions that are due now have no answer: {', '.join(asked[:8])}",
            expected="an answer to each, before anything leaves the house",
        )
    return filing


def _went_before(incident: Incident, name: str, filing: Filing) -> Conflict:
    doubt = filing.sent_outcome in (Outcome.SENDING, Outcome.IN_DOUBT)
    ask = f"incident-engine report send {incident.reference} {name} --not-arrived --why …"
    return Conflict(
        "in-doubt" if doubt else "sent-already",
        name,
        f"version {filing.version} {'may have gone' if doubt else 'went'} to {filing.sent_to}",
        expected="a newer version, or the authority's number with `report file`",
        next_step=f"Ask the authority; if it has nothing, `{ask}`." if doubt else "",
    )


def _gateway(engine: Engine, row: Obligation, to: str) -> str:
    """The gateway's host: what the row and the journal say of where it went."""
    if to.strip():
        raise BadInput("two-ways", duty_name(row), "has both --to and --webhook",
                       expected="one of them")  # fmt: skip
    return urlsplit(engine.settings.reports.url).netloc


def _address(row: Obligation, form: Form, to: str) -> str:
    address = to.strip() or (form.file_by.email if form.file_by else "")
    if not address:
        raise BadInput(
            "no-address",
            duty_name(row),
            "no address of this authority was read in its own text",
            expected="--to with the address it gives for reports",
            next_step=f"Or hand it in at {form.url or 'its portal'}, then run `report file`.",
        )
    return address


def _envelope(engine: Engine, letter: _Letter) -> Envelope:
    filing, home = letter.filing, engine.home.folder
    report = Report.model_validate_json(filing.body)
    stem = f"{letter.incident.reference}-{filing.phase}-{filing.version}"
    pdf = (home / filing.pdf_path).read_bytes()
    enclosed = (
        Enclosure(name=f"{stem}.pdf", mime="application/pdf", content=pdf),
        Enclosure(name=f"{stem}.json", mime="application/json", content=filing.body.encode()),
    )
    earlier = f"\nYour reference: {report.submission.earlier}" if report.submission.earlier else ""
    return Envelope(
        reference=filing.sha256[:32],
        address=letter.to,
        language=report.submission.language,
        subject=f"{letter.incident.reference}: {report.form.title} ({report.submission.kind})",
        text=(
            f"{report.form.title}\n{report.submission.kind}, version {filing.version}\n"
            f"{report.organisation}\n{report.duty.citation}\n\n"
            f"Our reference: {letter.incident.reference}{earlier}\n"
            f"The report is attached as PDF and as JSON.\nSHA-256 {filing.sha256}\n"
        ),
        dated=filing.prepared_at,
        enclosures=enclosed,
    )


def _answered(engine: Engine, actor: Actor, letter: _Letter, reply: Reply | None) -> Filing:
    """The second booking. Without an answer it stays in doubt, and says so."""
    outcome = reply.outcome if reply else Outcome.IN_DOUBT
    with engine.transaction(actor) as transaction:
        filing = transaction.session.get_one(Filing, letter.filing.id)
        if outcome is Outcome.CANCELLED:
            raise _went_before(letter.incident, duty_name(letter.duty), filing)
        filing.sent_to = letter.to
        filing.sent_outcome = outcome
        filing.sent_said = reply.said if reply else "no answer"
        transaction.session.add(filing)
        transaction.session.flush()
        transaction.record(
            "report-sent",
            incident=letter.incident.reference,
            subject=filing.sha256,
            duty=duty_name(letter.duty),
            version=filing.version,
            to=letter.to,
            outcome=filing.sent_outcome,
            said=filing.sent_said,
        )
    return filing
