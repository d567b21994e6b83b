"""What an authority answers is kept, and what it asks for is owed by its date."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from incident_engine.domain.errors import BadInput, NotFound, NotPermitted
from incident_engine.domain.words import DutyStatus, ObligationState, Verdict
from incident_engine.notices.reports.report_document import Report
from incident_engine.store.tables import Alert
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.reports.answer_report import Answered, TheirAnswer, answer_report
from incident_engine.workflow.reports.draft_report import draft_report
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from incident_engine.workflow.watch import watch
from tests.cast import EVE, INCIDENT, NOW, OTTO, House

GDPR = "eu-gdpr/authority/DE"
STARTED = "eu-gdpr/authority-answer-1/DE"
DUE = NOW + timedelta(days=10)


def filed(house: House, duty: str = GDPR, number: str = "DE-4711") -> None:
    prepare_report(house.engine, OTTO, INCIDENT, duty)
    file_report(house.engine, OTTO, INCIDENT, duty, Receipt(number=number), why="the rest follows")


def answered(house: House, verdict: Verdict = Verdict.MORE_WANTED, **what: Any) -> Answered:
    given = {"number": "DE-4711-2", "due": DUE, "said": "How many minors?"} | what
    theirs = TheirAnswer(verdict=verdict, **given)
    return answer_report(house.engine, OTTO, INCIDENT, GDPR, theirs)


def test_more_wanted_by_a_date_is_owed_by_that_date(house: House) -> None:
    house.opened()
    filed(house)
    answered(house)
    duty = house.duties()[STARTED]
    assert (duty.status, duty.state, duty.due_at) == (
        DutyStatus.REQUIRED, ObligationState.OWED, DUE,
    )  # fmt: skip
    assert (duty.origin, duty.phase, duty.audience) == ("authority", "follow-up", "regulator")
    [entry] = house.acts("report-answered")
    assert json.loads(entry.body)["starts"] == STARTED


def test_the_watch_climbs_its_ladder(house: House) -> None:
    house.opened()
    filed(house)
    answered(house)
    house.clock.at = DUE - timedelta(hours=1)
    watch(house.engine)
    duty = house.duties()[STARTED]
    with house.engine.reading() as session:
        alerts = session.exec(select(Alert).where(Alert.obligation_id == duty.id)).all()
    assert alerts
    assert duty.climbed > 0


def test_new_facts_do_not_take_it_back(house: House) -> None:
    """The law does not name it: only the authority, or a person, ends it."""
    house.opened()
    filed(house)
    answered(house)
    record_facts(house.engine, OTTO, INCIDENT, [("data.encrypted", "true")], why="forensics")
    duty = house.duties()[STARTED]
    assert (duty.state, duty.status) == (ObligationState.OWED, DutyStatus.REQUIRED)


def test_its_report_is_a_follow_up_under_their_number_and_meets_it(house: House) -> None:
    house.opened()
    filed(house)
    answered(house)
    report = draft_report(house.engine, INCIDENT, STARTED).report
    assert (report.submission.phase, report.submission.earlier) == ("follow-up", "DE-4711")
    before = len(house.acts("assessed"))
    filed(house, STARTED, "DE-4711-2")
    assert house.duties()[STARTED].state == ObligationState.MET
    assert len(house.acts("assessed")) > before
    from incident_engine.store import incidents

    with house.engine.reading() as session:
        keys = [key for key, _ in incidents.fact_pairs(session, house.incident().id or 0)]
    assert 'done."eu-gdpr/regulator/follow-up"' not in keys, "it starts no clock of the law"


def test_an_authority_that_takes_only_what_is_new_gets_only_that(house: House) -> None:
    house.opened()
    china = "cn-pipl/authority/CN"
    filed(house, china, "A-17")
    theirs = TheirAnswer(verdict=Verdict.MORE_WANTED, number="A-17", due=DUE)
    answer_report(house.engine, OTTO, INCIDENT, china, theirs)
    record_facts(
        house.engine, OTTO, INCIDENT, [("clocks.detected", "2026-03-05T17:20:00+08:00")],
        why="logs",
    )  # fmt: skip
    made = prepare_report(house.engine, OTTO, INCIDENT, "cn-pipl/authority-answer-1/CN")
    report = Report.model_validate_json(made.filing.body)
    assert report.submission.only_new
    assert "13" in [each.id for each in report.fields], "when it was found is new"
    assert "7" not in [each.id for each in report.fields], "the cause is not"
    assert report.submission.earlier == "A-17"


def test_accepted_starts_nothing(house: House) -> None:
    house.opened()
    filed(house)
    before = set(house.duties())
    kept = answered(house, Verdict.ACCEPTED, number="", due=None)
    assert set(house.duties()) == before
    assert (kept.answer.reference, kept.duty) == ("DE-4711", None)


def test_rejected_without_a_date_is_owed_without_delay(house: House) -> None:
    house.opened()
    filed(house)
    answered(house, Verdict.REJECTED, due=None)
    duty = house.duties()[STARTED]
    assert duty.due_at is None
    assert "without undue delay" in (duty.due_words or "")
    assert "rejected" in duty.title


def test_a_second_answer_starts_a_second_duty(house: House) -> None:
    house.opened()
    filed(house)
    answered(house)
    answered(house, number="DE-4711-3")
    assert "eu-gdpr/authority-answer-2/DE" in house.duties()


def test_their_letter_is_kept_with_its_hash(house: House) -> None:
    house.opened()
    filed(house)
    kept = answered(house, file=house.file(b"%PDF-1.7 more, please", "letter.pdf")).answer
    file = house.engine.home.folder / kept.file_path
    assert file.read_bytes() == b"%PDF-1.7 more, please"
    assert len(kept.file_sha256) == 64


@pytest.mark.parametrize(
    ("verdict", "what", "words"),
    [
        (Verdict.MORE_WANTED, {"number": " "}, "--reference: is missing"),
        (Verdict.MORE_WANTED, {"number": "x" * 201}, "no number of theirs"),
        (Verdict.MORE_WANTED, {"due": NOW - timedelta(hours=1)}, "before the answer"),
        (Verdict.MORE_WANTED, {"at": NOW + timedelta(hours=1)}, "not come yet"),
        (Verdict.MORE_WANTED, {"said": "\x1b[2J"}, "do not print"),
        (Verdict.ACCEPTED, {}, "--due"),
    ],
)
def test_an_answer_that_cannot_be_keeps_nothing(
    house: House, verdict: Verdict, what: dict[str, Any], words: str
) -> None:
    house.opened()
    filed(house)
    before = house.rows()
    with pytest.raises(BadInput, match=words):
        answered(house, verdict, **what)
    assert house.rows() == before


def test_nobody_answers_what_was_not_filed(house: House) -> None:
    house.opened()
    prepare_report(house.engine, OTTO, INCIDENT, GDPR)
    with pytest.raises(NotFound, match="report file"):
        answered(house)


def test_an_auditor_records_no_answer(house: House) -> None:
    house.opened()
    filed(house)
    with pytest.raises(NotPermitted):
        answer_report(house.engine, EVE, INCIDENT, GDPR, TheirAnswer(verdict=Verdict.ACCEPTED))
