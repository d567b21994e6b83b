"""A report counts as filed with the authority's number alone, once, and starts what follows."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from incident_engine.domain.errors import (
    BadInput,
    Conflict,
    IncidentEngineError,
    NotFound,
    NotPermitted,
    Refused,
    WrongMove,
)
from incident_engine.domain.words import ObligationState
from incident_engine.store.tables import Filing
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.reports.draft_report import Answers
from incident_engine.workflow.reports.file_report import LARGEST_RECEIPT, Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from tests.cast import DOV, EVE, INCIDENT, NOW, OTTO, House

GDPR = "eu-gdpr/authority/DE"
CHINA = "cn-pipl/authority/CN"
ANSWERS = {
    "2.6": "Otto Bray, security",
    "6.2": "The server was switched off.",
}


def prepared(house: House, **given: str) -> Filing:
    answers = Answers(given=ANSWERS | given)
    return prepare_report(house.engine, OTTO, INCIDENT, GDPR, answers).filing


def filed(house: House, number: str = "DE-4711", why: str = "", **what: object) -> Filing:
    receipt = Receipt(number=number, **what)  # type: ignore[arg-type]
    return file_report(house.engine, OTTO, INCIDENT, GDPR, receipt, why=why)


def ready(house: House) -> None:
    house.opened()
    prepared(house)


def test_filing_marks_the_version_and_meets_the_duty_with_that_number(house: House) -> None:
    ready(house)
    filing = filed(house)
    assert (filing.reference, filing.filed_by, filing.filed_at) == ("DE-4711", "otto", NOW)
    duty = house.duties()[GDPR]
    assert (duty.state, duty.reference, duty.settled_by) == (
        ObligationState.MET, "DE-4711", "otto",
    )  # fmt: skip
    [entry] = house.acts("report-filed")
    assert entry.subject == filing.sha256
    assert json.loads(entry.body)["reference"] == "DE-4711"


def test_what_was_done_becomes_a_fact_from_which_other_clocks_run(house: House) -> None:
    ready(house)
    filed(house, at=NOW - timedelta(hours=1))
    from incident_engine.store import incidents

    with house.engine.reading() as session:
        facts = dict(incidents.fact_pairs(session, house.incident().id or 0))
    done = facts['done."eu-gdpr/regulator/notify"']
    assert datetime.fromisoformat(str(done)) == NOW - timedelta(hours=1)


def test_a_receipt_is_kept_with_its_hash(house: House) -> None:
    ready(house)
    content = b"%PDF-1.7 we have it"
    filing = filed(house, file=house.file(content, "Receipt.PDF"))
    kept = house.engine.home.folder / filing.receipt_path
    assert kept.read_bytes() == content
    assert kept.suffix == ".pdf"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert filing.receipt_sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize("number", ["", "  ", "x" * 201, "DE\n4711", "DE\x1b[2J"])
def test_without_the_authoritys_number_nothing_is_filed(house: House, number: str) -> None:
    ready(house)
    with pytest.raises(BadInput, match="--reference"):
        filed(house, number)
    assert house.duties()[GDPR].state == ObligationState.OWED


@pytest.mark.parametrize("fault", ["missing", "empty", "folder", "large"])
def test_a_receipt_that_cannot_be_read_files_nothing(
    house: House, tmp_path: Path, fault: str
) -> None:
    ready(house)
    before = house.rows()
    file = tmp_path / "receipt.pdf"
    if fault == "empty":
        file.write_bytes(b"")
    if fault == "folder":
        file.mkdir()
    if fault == "large":
        with file.open("wb") as stream:
            stream.truncate(LARGEST_RECEIPT + 1)
    with pytest.raises(BadInput, match=r"receipt\.pdf"):
        filed(house, file=file)
    assert house.rows() == before


def test_a_version_is_filed_once(house: House) -> None:
    ready(house)
    filed(house)
    with pytest.raises(Conflict, match=r"version 1 .* DE-4711"):
        filed(house, "DE-4712")
    assert len(house.acts("report-filed")) == 1


def test_of_two_who_file_at_once_one_is_heard(house: House) -> None:
    ready(house)
    begin, heard = threading.Barrier(2), []

    def file(number: str) -> None:
        begin.wait()
        try:
            heard.append(filed(house, number).reference)
        except IncidentEngineError as error:
            heard.append(type(error).__name__)

    people = [threading.Thread(target=file, args=(number,)) for number in ("A", "B")]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(heard) in (["A", "Conflict"], ["B", "Conflict"])
    assert len(house.acts("report-filed")) == 1


def test_nothing_prepared_is_nothing_filed(house: House) -> None:
    house.opened()
    with pytest.raises(NotFound, match="report prepare"):
        filed(house)


def test_open_questions_are_filed_only_with_the_reason(house: House) -> None:
    house.opened()
    prepared(house, **{"2.6": ""})
    with pytest.raises(Refused, match=r"no answer: .*2\.6"):
        filed(house)
    filed(house, why="the portal takes it later")
    assert house.duties()[GDPR].why == "the portal takes it later"


def test_what_may_follow_does_not_hold_a_filing_back(house: House) -> None:
    ready(house)
    assert filed(house).reference == "DE-4711"


def test_a_term_that_ran_out_meanwhile_wants_its_reason(house: House) -> None:
    ready(house)
    house.clock.passes(days=4)
    with pytest.raises(Refused, match="term ran out"):
        filed(house)
    assert filed(house, at=NOW + timedelta(hours=1)).filed_at == NOW + timedelta(hours=1)


def test_nothing_is_filed_in_the_future(house: House) -> None:
    ready(house)
    with pytest.raises(BadInput, match="has not come yet"):
        filed(house, at=datetime(2027, 1, 1, tzinfo=UTC))


def test_an_amendment_is_filed_beside_the_first_and_settles_nothing_twice(house: House) -> None:
    ready(house)
    filed(house)
    answers = Answers(phase="notify", given={"6.1": "A firewall."})
    prepare_report(house.engine, OTTO, INCIDENT, GDPR, answers)
    second = filed(house, "DE-4712")
    assert (second.version, second.reference) == (2, "DE-4712")
    assert house.duties()[GDPR].reference == "DE-4711"
    assert len(house.acts("obligation-done")) == 1


def test_an_older_version_is_filed_when_it_is_named(house: House) -> None:
    ready(house)
    prepared(house, **{"6.1": "A firewall."})
    assert filed(house, version=1).version == 1
    with pytest.raises(NotFound, match="one of notify 1, notify 2"):
        filed(house, version=7)
    with pytest.raises(NotFound, match="one of notify 1, notify 2"):
        filed(house, phase="final")


def test_a_waived_duty_must_be_restored_first(house: House) -> None:
    ready(house)
    settle(house.engine, DOV, INCIDENT, GDPR, Settlement(trigger="waive", why="no risk"))
    with pytest.raises(WrongMove, match="restore"):
        filed(house)
    assert not house.acts("report-filed"), "nothing half-filed"


def test_whoever_may_not_file_does_not(house: House) -> None:
    ready(house)
    for actor in (DOV, EVE):
        with pytest.raises(NotPermitted, match="file a report"):
            file_report(house.engine, actor, INCIDENT, GDPR, Receipt(number="DE-4711"))


def test_one_authoritys_number_does_not_settle_anothers_duty(house: House) -> None:
    ready(house)
    filed(house)
    assert house.duties()[CHINA].state == ObligationState.OWED
