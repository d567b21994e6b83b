"""By when: caps, rolls, business days, hours of the day, versions, clocks of our own acts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.lawbook import due_of, duty_of, law

VERMONT = """
[[obligation.due]]
from = 2000-01-01
within = "14 business days"
after = ["discovered", "aware"]
[[obligation.due.or_sooner]]
after = "done us-vt/individuals"
"""
MARYLAND = """
[[obligation.due]]
from = 2000-01-01
within = "45 calendar days"
after = "discovered"
[[obligation.due.or_later]]
within = "7 calendar days"
after = "hold_until"
"""
JAPAN = """
[[obligation.due]]
from = 2000-01-01
within = "30 calendar days, counting the first day"
after = "aware"
roll = "end of the next business day"
shut = ["12-29..01-03"]
"""
BRAZIL = """
[[obligation.due]]
from = 2024-04-26
when = { "organisation.sectors" = "small-agent" }
within = "6 business days"
after = "aware"
[[obligation.due]]
from = 2024-04-26
within = "3 business days"
after = "aware"
"""
SEC = """
[[obligation.due]]
from = 2023-12-18
within = "4 business days"
after = "determined"
calendar = "US"
hour = 17:30:00
"""


def clocks(**found: str) -> dict[str, Any]:
    return {"clocks": found}


def test_business_days_leave_out_the_holidays_of_the_place() -> None:
    due = due_of(law(VERMONT, place="US-VT"), clocks(discovered="2026-11-23"))
    assert due == "2026-12-14T23:59:59-05:00"  # fourteen times 24 hours would be the seventh


def test_whichever_is_sooner_is_the_sooner() -> None:
    facts = clocks(discovered="2026-11-23") | {"done": {"us-vt/individuals": "2026-12-01"}}
    assert due_of(law(VERMONT, place="US-VT"), facts) == "2026-12-01T23:59:59-05:00"


def test_a_cap_that_is_known_binds_before_the_clock_it_caps() -> None:
    facts = {"done": {"us-vt/individuals": "2026-12-01T10:00:00-05:00"}}
    duty = duty_of(law(VERMONT, place="US-VT"), facts)
    assert duty.due is not None
    assert duty.due.at is not None
    assert duty.due.at.isoformat() == "2026-12-01T10:00:00-05:00"
    assert "clocks.discovered" in duty.asks


def test_whichever_is_later_is_the_later() -> None:
    book = law(MARYLAND, place="US-MD")
    assert due_of(book, clocks(discovered="2026-06-01")) == "2026-07-16T23:59:59-04:00"
    held = clocks(discovered="2026-06-01", hold_from="2026-06-02", hold_until="2026-08-01")
    assert due_of(book, held) == "2026-08-08T23:59:59-04:00"


def test_japan_counts_the_first_day_and_its_offices_shut_at_the_turn_of_the_year() -> None:
    assert due_of(law(JAPAN, place="JP"), clocks(aware="2026-12-01")) == "2027-01-04T23:59:59+09:00"


@pytest.mark.parametrize(
    ("sectors", "due"),
    [
        (["cloud"], "2026-12-30"),  # Christmas does not count
        (["small-agent"], "2027-01-05"),  # nor does New Year
        (None, "2026-12-30"),  # not known: the sooner
    ],
)
def test_a_version_for_some_leaves_the_sooner_while_it_is_not_known(
    sectors: list[str] | None, due: str
) -> None:
    facts = clocks(aware="2026-12-24T10:00:00-03:00")
    facts |= {"organisation": {"sectors": sectors}} if sectors else {}
    duty = duty_of(law(BRAZIL, place="BR"), facts)
    assert duty.due is not None
    assert duty.due.at is not None
    assert duty.due.at.date().isoformat() == due
    assert duty.status == "required"
    assert ("organisation.sectors" in duty.asks) is (sectors is None)


@pytest.mark.parametrize(
    ("determined", "due"),
    [
        ("2024-03-04", "2024-03-08T17:30:00-05:00"),
        ("2026-11-28", "2026-12-03T17:30:00-05:00"),  # a Saturday: not Monday and then four
        ("2026-11-26", "2026-12-02T17:30:00-05:00"),  # Thanksgiving
        ("2026-11-25", "2026-12-02T17:30:00-05:00"),
    ],
)
def test_an_office_that_closes_before_midnight(determined: str, due: str) -> None:
    assert due_of(law(SEC, place="US"), clocks(determined=determined)) == due


def test_china_works_on_some_sundays_and_says_which_calendar_is_not_final() -> None:
    book = law('[[obligation.due]]\nfrom = 2000-01-01\nwithin = "3 business days"\nafter = "aware"',
               place="CN")  # fmt: skip
    # Saturday 14 February 2026 is worked; the holiday runs from the 16th to the 23rd.
    assert due_of(book, clocks(aware="2026-02-13")) == "2026-02-25T23:59:59+08:00"
    due = duty_of(book, clocks(aware="2026-12-30")).due
    assert due is not None
    assert any("2027 is not final" in step for step in due.steps)


def test_hours_are_not_moved_unless_the_law_moves_them() -> None:
    hours = '[[obligation.due]]\nfrom = 2000-01-01\nwithin = "72 hours"\nafter = "aware"\n'
    friday = clocks(aware="2026-11-27T09:00:00+01:00")
    wednesday = clocks(aware="2026-11-25T09:00:00+01:00")
    assert due_of(law(hours), friday) == "2026-11-30T09:00:00+01:00"
    noon = hours + 'roll = "noon of the next business day"\n'
    assert due_of(law(noon), wednesday) == "2026-11-30T12:00:00+01:00"
    only = noon + 'roll_when = { "organisation.sectors" = "payment" }\n'
    assert due_of(law(only), wednesday) == "2026-11-28T09:00:00+01:00"  # not known: the sooner


def test_a_law_that_ended_asks_nothing() -> None:
    version = "[[obligation.due]]\nfrom = 2013-08-25\nuntil = 2025-08-20\n"
    book = law(version + 'within = "3 calendar days"\nafter = "aware"')
    assert due_of(book, clocks(aware="2025-08-19")) is not None
    with pytest.raises(StopIteration):
        duty_of(book, clocks(aware="2025-08-20"))


def test_the_end_of_the_year_is_that_of_the_place() -> None:
    book = law('[[obligation.due]]\nfrom = 2000-01-01\nwithin = "60 calendar days"\n'
               'after = "end of the year of discovered"', place="US")  # fmt: skip
    assert due_of(book, clocks(discovered="2026-03-02")) == "2027-03-01T23:59:59-05:00"
    # Still 2026 in New York.
    assert due_of(book, clocks(discovered="2027-01-01T03:00:00Z")) == "2027-03-01T23:59:59-05:00"


EMBARGO = """
[[obligation.due]]
from = 2000-01-01
words = "without unreasonable delay"
after = "aware"
[[obligation.exception]]
id = "embargo"
when = { confirmed = true }
effect = "prohibit"
until = { within = "7 business days", after = "done xx-law/police" }
says = "Nobody is told before seven full business days have passed."
source = "act 3"
evidence = "verified"
"""


@pytest.mark.parametrize(
    ("told", "now", "status"),
    [
        (None, "2026-11-24T12:00:00+00:00", "prohibited"),
        ("2026-11-23", "2026-12-03T23:00:00-05:00", "prohibited"),
        ("2026-11-23", "2026-12-04T00:00:01-05:00", "required"),
    ],
)
def test_a_forbidden_window_ends_by_the_clock(told: str | None, now: str, status: str) -> None:
    facts: dict[str, Any] = {"confirmed": True} | (
        {"done": {"xx-law/police": told}} if told else {}
    )
    at = datetime.fromisoformat(now)
    assert duty_of(law(EMBARGO, place="US"), facts, at).status == status


def test_a_duty_that_facts_bring_later_counts_from_when_they_were_learned() -> None:
    text = '[[obligation.due]]\nfrom = 2000-01-01\nwithin = "4 hours"\nafter = "aware"\n'
    count = {"value": 9, "as_of": "2026-03-06T09:00:00+08:00"}
    facts = clocks(aware="2026-03-03T09:00:00+08:00") | {
        "people": [{"where": "CN", "count": count}]
    }
    assert due_of(law(text, place="CN"), facts) == "2026-03-03T13:00:00+08:00"
    learned = law(text + "when_learned = true\n", place="CN")
    assert due_of(learned, facts) == "2026-03-06T13:00:00+08:00"


BOOKS = [
    law(VERMONT, place="US-VT"), law(MARYLAND, place="US-MD"), law(JAPAN, place="JP"),
    law(BRAZIL, place="BR"), law(SEC, place="US"),
]  # fmt: skip
moments = st.integers(1_325_376_000, 2_051_222_400).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BOOKS), moments)
def test_no_clock_ends_before_it_starts(book: Any, at: str) -> None:
    due = due_of(book, clocks(aware=at, discovered=at, determined=at))
    assert due is None or datetime.fromisoformat(due) >= datetime.fromisoformat(at)


FOUND = """
[[obligation.due]]
from = 2000-01-01
within = "4 business days"
after = ["determined", "finding.material"]
"""


def test_a_clock_starts_on_the_day_a_person_found_that_it_is_so() -> None:
    found = {"finding": {"material": True, "by": "Ines", "at": "2026-11-23"}}
    assert str(due_of(law(FOUND), found))[:10] == "2026-11-27"
    duty = duty_of(law(FOUND), found)
    assert "clocks.determined is not known: finding.material serves instead" in duty.because
    assert duty.due is not None
    assert duty.due.rule.startswith("4 business days after a person's finding (finding.material)")


@pytest.mark.parametrize(
    ("finding", "asks"),
    [
        ({}, "finding.material"),
        ({"material": True, "by": "Ines"}, "finding.at"),  # found, and nobody wrote down when
    ],
)
def test_until_somebody_found_it_the_clock_waits_and_asks(
    finding: dict[str, Any], asks: str
) -> None:
    duty = duty_of(law(FOUND.replace('["determined", "finding.material"]', '"finding.material"')),
                   {"finding": finding})  # fmt: skip
    assert (duty.status, duty.due and duty.due.at) == ("waiting", None)
    assert asks in duty.asks


@pytest.mark.parametrize(
    "finding", [{"material": False, "at": "2026-11-23"}, {"risk": "unlikely", "at": "2026-11-23"}]
)
def test_a_finding_that_it_is_not_so_starts_nothing(finding: dict[str, Any]) -> None:
    name = "finding.risk" if "risk" in finding else "finding.material"
    book = law(f'[[obligation.due]]\nfrom = 2000-01-01\nwithin = "1 month"\nafter = "{name}"\n')
    assert due_of(book, {"finding": finding | {"by": "Ines"}}) is None
