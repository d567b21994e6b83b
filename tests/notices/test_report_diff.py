"""Two versions side by side: what changed, and nothing that did not."""

from __future__ import annotations

from datetime import date

from incident_engine.domain.words import Phase
from incident_engine.notices.reports.report_diff import differences
from tests.notices.conftest import facts_with
from tests.notices.test_report import CHINA, said


def test_two_equal_versions_differ_in_nothing() -> None:
    assert differences(said(), said(version=1)) == []


def test_a_moved_number_is_shown_as_it_was_and_as_it_is() -> None:
    [found] = [
        each
        for each in differences(said(), said(facts_with({"data.records": 600})))
        if each.field == "4.6"
    ]
    assert (found.kind, found.was, found.now) == ("changed", ("512",), ("600",))


def test_an_answer_that_came_is_added_and_a_promised_day_is_a_change() -> None:
    unknown = facts_with(without=("clocks.occurred_from", "clocks.occurred_until"))
    early, promised = said(unknown), said(unknown, expected={"3.1": date(2026, 4, 1)})
    assert [each.field for each in differences(early, promised)] == ["3.1"]
    [came] = [each for each in differences(early, said()) if each.field == "3.1"]
    assert (came.kind, came.was, came.was_status) == ("added", (), "to-follow")


def test_what_a_follow_up_leaves_out_is_no_difference() -> None:
    first = said(form=CHINA)
    filed = {each.id: each.value for each in first.fields if each.value is not None}
    moved = facts_with({"people": [{"where": "CN", "count": 9}]})
    later = said(moved, CHINA, phase=Phase.FOLLOW_UP, version=1, filed=filed, earlier="A-17")
    assert later.submission.only_new
    numbers = [each.id for each in later.fields]
    assert "14" in numbers
    assert "7" not in numbers
    assert {each.kind for each in differences(first, later)} <= {"changed", "added"}
    assert "3" in numbers, "who reports is said every time"
