"""Keep what an authority answered to a report, and start the clock that its answer sets.

More wanted, or rejected: a duty of its own is owed from then on, with the authority's date as its
deadline, and the watch climbs its ladder like any other. Its report is a follow-up to theirs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.domain.permits import Act
from incident_engine.domain.words import DutyStatus, Phase, Verdict
from incident_engine.store import filings, incidents
from incident_engine.store.tables import AuthorityAnswer, Filing, Incident, Obligation
from incident_engine.store.tables.obligation import AUTHORITY
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.reports.draft_report import duty_name, form_of, reportable
from incident_engine.workflow.reports.file_report import (
    LONGEST_NUMBER,
    keep_receipt,
    must_be_past,
    read_receipt,
)

LONGEST = 2_000  # characters
_TITLES = {
    Verdict.MORE_WANTED: "Answer the authority, which wants more",
    Verdict.REJECTED: "Report again: the authority rejected the report",
}
_WITHOUT_DATE = "without undue delay; the authority set no date"


@dataclass(frozen=True, kw_only=True)
class TheirAnswer:
    """What the authority said. `at` (aware; left out: now) is when, `due` by when it wants more."""

    verdict: Verdict
    number: str = ""
    said: str = ""
    at: datetime | None = None
    due: datetime | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Answered:
    """The answer as kept, the version it is about, and the duty it started, if one."""

    answer: AuthorityAnswer
    filing: Filing
    duty: Obligation | None


def answer_report(
    engine: Engine, actor: Actor, reference: str, duty: str, theirs: TheirAnswer
) -> Answered:
    """Record the answer to what was filed last for this duty.

    Raises BadInput without the authority's reference where it asks for something, for a date that
    cannot be, or for a file that cannot be read; NotFound when nothing was filed.
    """
    actor.may(Act.FILE_REPORT)
    _must_make_sense(theirs, engine.now())
    content = read_receipt(theirs.file) if theirs.file else b""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        row = reportable(session, incident, duty)
        filing = _last_filed(session, incident, row)
        started = _start(transaction, incident, row, theirs)
        kept = AuthorityAnswer(
            filing_id=filing.id or 0,
            obligation_id=started.id if started else None,
            verdict=theirs.verdict,
            reference=theirs.number.strip() or filing.reference,
            said=theirs.said.strip(),
            answered_at=theirs.at or transaction.at,
            due_at=theirs.due,
            recorded_at=transaction.at,
            recorded_by=actor.name,
        )
        session.add(kept)
        session.flush()
        if theirs.file:
            stem = f"{filing.sha256[:16]}-answer-{kept.id}"
            kept.file_path, kept.file_sha256 = keep_receipt(
                engine, incident, stem, theirs.file, content
            )
        _record(transaction, incident, row, filing, kept, started)
        return Answered(kept, filing, started)


def _must_make_sense(theirs: TheirAnswer, now: datetime) -> None:
    number, said = theirs.number.strip(), theirs.said.strip()
    asks = theirs.verdict is not Verdict.ACCEPTED
    if asks and not number:
        raise _no_number("is missing")
    if number and (len(number) > LONGEST_NUMBER or not number.isprintable()):
        raise _no_number("is no number of theirs")
    if len(said) > LONGEST or (said and not said.replace("\n", " ").isprintable()):
        raise BadInput(
            "bad-answer",
            "report answer --said",
            f"has {len(said)} characters, or some that do not print",
            expected=f"at most {LONGEST} that print",
        )
    must_be_past(theirs.at, now, "report answer --at")
    if theirs.due and not asks:
        raise BadInput("due-of-nothing", "report answer --due", "an accepted report has no date",
                       expected="--outcome more-wanted or rejected")  # fmt: skip
    if theirs.due and theirs.due <= (theirs.at or now):
        raise BadInput(
            "past-day",
            "report answer --due",
            f"{theirs.due.isoformat()} lies before the answer",
            expected="the moment until which the authority waits",
        )


def _no_number(found: str) -> BadInput:
    return BadInput(
        "no-evidence",
        "report answer --reference",
        found,
        expected=f"what the authority gave, in at most {LONGEST_NUMBER} printable characters",
    )


def _last_filed(session: Session, incident: Incident, row: Obligation) -> Filing:
    filed = [each for each in filings.of_duty(session, row.id or 0) if each.filed_at]
    if not filed:
        raise NotFound(
            "nothing-filed",
            duty_name(row),
            "has no report that was filed, so that nobody can have answered one",
            next_step=f"`incident-engine report file {incident.reference} {duty_name(row)}` "
            "says that it was handed in.",
        )
    return filed[-1]


def _start(
    transaction: Transaction, incident: Incident, row: Obligation, theirs: TheirAnswer
) -> Obligation | None:
    """The duty that the answer starts: as the one it is about, but asked by the authority."""
    if theirs.verdict is Verdict.ACCEPTED:
        return None
    session = transaction.session
    number = 1 + sum(
        filing.obligation_id == row.id and answer.obligation_id is not None
        for answer, filing in filings.answers(session, incident.id or 0)
    )
    title = f"{_TITLES[theirs.verdict]} ({theirs.number.strip()})"
    started = Obligation(
        **row.model_dump(exclude={"id", *_OF_ITS_OWN}),
        name=f"{row.name}-answer-{number}",
        origin=AUTHORITY,
        title=title,
        phase=Phase.FOLLOW_UP if Phase.FOLLOW_UP in form_of(session, row).phases else row.phase,
        status=DutyStatus.REQUIRED,
        due_at=theirs.due,
        due_words=None if theirs.due else _WITHOUT_DATE,
        rule="the date the authority set" if theirs.due else "",
        answer=json.dumps(_as_answered(row, number, title, theirs), ensure_ascii=False),
        born_at=transaction.at,
        assessed_at=transaction.at,
    )
    session.add(started)
    session.flush()
    return started


_OF_ITS_OWN = ("name", "origin", "title", "phase", "status", "state", "version", "due_at",
               "due_words", "rule", "answer", "born_at", "assessed_at", "settled_at",
               "settled_by", "reference", "why", "held_until", "climbed")  # fmt: skip


def _as_answered(row: Obligation, number: int, title: str, theirs: TheirAnswer) -> dict[str, Any]:
    """The duty as an assessment would give it, so that every list and report can show it."""
    said = f"the authority answered {theirs.verdict.value} under {theirs.number.strip()}"
    found: dict[str, Any] = json.loads(row.answer)
    return found | {
        "id": f"{row.name}-answer-{number}",
        "title": title,
        "status": DutyStatus.REQUIRED.value,
        "because": [said],
        "reasons": [],
        "asks": [],
        "due": {
            "at": theirs.due.isoformat() if theirs.due else None,
            "zone": row.due_zone,
            "words": None if theirs.due else _WITHOUT_DATE,
            "rule": "the date the authority set",
        },
    }


def _record(
    transaction: Transaction,
    incident: Incident,
    row: Obligation,
    filing: Filing,
    kept: AuthorityAnswer,
    started: Obligation | None,
) -> None:
    entry = transaction.record(
        "report-answered",
        incident=incident.reference,
        subject=filing.sha256,
        duty=duty_name(row),
        phase=filing.phase,
        version=filing.version,
        verdict=kept.verdict,
        reference=kept.reference,
        at=kept.answered_at.isoformat(),
        due=kept.due_at.isoformat() if kept.due_at else "",
        said=sha256(kept.said.encode()).hexdigest(),
        file=kept.file_sha256,
        starts=duty_name(started) if started else "",
    )
    kept.entry = entry.id
