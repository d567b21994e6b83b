"""Two papers that disagree are named until somebody says why; and who was told what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident_engine.domain.errors import BadInput, NotFound, NotPermitted
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.reports.check_story import disagreements, explain, matrix
from incident_engine.workflow.reports.compare_reports import compare_reports
from incident_engine.workflow.reports.draft_report import Answers
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from tests.cast import EVE, INCIDENT, OTTO, House, document

GDPR, CHINA = "eu-gdpr/authority/DE", "cn-pipl/authority/CN"


def opened(house: House) -> None:
    """The copied customer list, with when it was detected."""
    detected = datetime(2026, 3, 5, 17, 20, tzinfo=UTC)
    house.opened(clocks=document()["clocks"] | {"detected": detected})


def filed(house: House, duty: str, **given: str) -> None:
    prepare_report(house.engine, OTTO, INCIDENT, duty, Answers(given=given))
    receipt = Receipt(number=f"N-{duty[:2]}")
    file_report(house.engine, OTTO, INCIDENT, duty, receipt, why="the rest follows")


def corrected(house: House) -> None:
    """The first server log was wrong by two days."""
    found = [("clocks.occurred_from", "2026-02-28T21:00:00+08:00")]
    record_facts(house.engine, OTTO, INCIDENT, found, why="forensics")


def open_facts(house: House) -> list[str]:
    return [each.fact for each in disagreements(house.engine, INCIDENT) if not each.why]


def test_the_same_facts_make_one_story(house: House) -> None:
    house.sent()
    filed(house, GDPR)
    filed(house, CHINA)
    assert disagreements(house.engine, INCIDENT) == []


def test_a_date_that_moved_between_two_authorities_is_named_with_both(house: House) -> None:
    opened(house)
    filed(house, GDPR)
    corrected(house)
    filed(house, CHINA)
    [found] = [each for each in disagreements(house.engine, INCIDENT)
               if each.fact == "clocks.occurred_from"]  # fmt: skip
    assert [each.paper for each in found.statements] == [f"{GDPR} notify/1", f"{CHINA} notify/1"]
    assert len({each.value for each in found.statements}) == 2


def test_a_notice_worded_before_the_correction_is_named_too(house: House) -> None:
    house.sent()
    corrected(house)
    filed(house, GDPR)
    [found] = [each for each in disagreements(house.engine, INCIDENT)
               if each.fact == "clocks.occurred_from"]  # fmt: skip
    assert {each.to for each in found.statements} == {"eu-gdpr/DE", "people"}


def test_a_number_typed_by_hand_is_compared_as_well(house: House) -> None:
    opened(house)
    filed(house, GDPR, **{"4.2": "9000"})
    filed(house, CHINA)
    assert "people.count" in open_facts(house)


def test_a_follow_up_brings_the_story_back_together(house: House) -> None:
    opened(house)
    filed(house, GDPR)
    corrected(house)
    filed(house, CHINA)
    assert open_facts(house)
    filed(house, GDPR)
    assert open_facts(house) == []


def test_a_reason_holds_for_exactly_these_values(house: House) -> None:
    opened(house)
    filed(house, GDPR)
    corrected(house)
    filed(house, CHINA)
    explain(house.engine, OTTO, INCIDENT, "clocks.occurred_from", why="the log was read again")
    assert open_facts(house) == []
    [found] = disagreements(house.engine, INCIDENT)
    assert found.why == "the log was read again"
    again = [("clocks.occurred_from", "2026-02-27T21:00:00+08:00")]
    record_facts(house.engine, OTTO, INCIDENT, again, why="more logs")
    prepare_report(house.engine, OTTO, INCIDENT, GDPR)
    assert open_facts(house) == ["clocks.occurred_from"], "a third value wants its own reason"


def test_a_reason_is_given_by_who_may_and_for_what_differs(house: House) -> None:
    opened(house)
    filed(house, GDPR)
    with pytest.raises(NotFound, match="none is open"):
        explain(house.engine, OTTO, INCIDENT, "people.count", why="because")
    with pytest.raises(BadInput, match="--why"):
        explain(house.engine, OTTO, INCIDENT, "people.count", why=" ")
    with pytest.raises(NotPermitted):
        explain(house.engine, EVE, INCIDENT, "people.count", why="because")


def test_the_matrix_shows_which_fact_went_to_whom(house: House) -> None:
    house.sent()
    filed(house, GDPR)
    prepare_report(house.engine, OTTO, INCIDENT, CHINA)
    found = matrix(house.engine, INCIDENT)
    assert set(found.recipients) == {"eu-gdpr/DE", "people"}, "what was not filed was not told"
    assert set(found.cells["clocks.aware"]) == {"eu-gdpr/DE", "people"}
    assert set(found.cells["role"]) == {"eu-gdpr/DE"}


def test_two_versions_lie_side_by_side(house: House) -> None:
    opened(house)
    prepare_report(house.engine, OTTO, INCIDENT, GDPR)
    with pytest.raises(NotFound, match="no two versions"):
        compare_reports(house.engine, INCIDENT, GDPR)
    corrected(house)
    prepare_report(house.engine, OTTO, INCIDENT, GDPR)
    found = compare_reports(house.engine, INCIDENT, GDPR)
    assert [each.version for each in (found.before, found.after)] == [1, 2]
    assert "3.1" in [each.field for each in found.differences]
    same = compare_reports(house.engine, INCIDENT, GDPR, before="notify/2", after="2")
    assert same.differences == []
    with pytest.raises(NotFound, match="notify/1, notify/2"):
        compare_reports(house.engine, INCIDENT, GDPR, before="7")
