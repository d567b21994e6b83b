"""A day put off: granted or taken, on a ground the law knows, and no further than it allows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadFile
from tests.domain.lawbook import due_of, duty_of, law

DUE = '[[obligation.due]]\nfrom = 2000-01-01\nwithin = "30 calendar days"\nafter = "aware"\n'
SAYS = 'says = "Later, with reasons."\nsource = "act 3"\nevidence = "verified"\n'
CAUSE = f'[[obligation.extension]]\nid = "cause"\nby = "ourselves"\n{SAYS}'
GRANTED = f'[[obligation.extension]]\nid = "granted"\nby = "authority"\n{SAYS}'
FIFTEEN = f'{CAUSE}longest = "15 calendar days"\n'
AWARE = {"clocks": {"aware": "2026-12-01"}}
FIRST = "2026-12-31T23:59:59+01:00"


def put_off(**said: str) -> dict[str, Any]:
    return AWARE | {"extended": {"xx-law/duty": {"why": "two systems not searched yet"} | said}}


def test_without_an_extension_the_day_is_the_laws_and_what_could_move_it_is_said() -> None:
    duty = duty_of(law(DUE + CAUSE), AWARE)
    assert due_of(law(DUE + CAUSE), AWARE) == FIRST
    assert "later: Later, with reasons. (Act 3)" in duty.would_change


def test_a_day_ends_with_its_day_and_an_instant_is_itself() -> None:
    book = law(DUE + CAUSE)
    assert due_of(book, put_off(until="2027-01-20")) == "2027-01-20T23:59:59+01:00"
    noon = put_off(until="2027-01-20T12:00:00+01:00")
    assert due_of(book, noon) == "2027-01-20T12:00:00+01:00"


def test_the_answer_says_by_whom_why_and_what_the_day_was() -> None:
    duty = duty_of(law(DUE + GRANTED), put_off(until="2027-01-20", by="the Board"))
    assert duty.due is not None
    assert f"without the extension it would be {FIRST}" in duty.due.steps
    said = "granted: an extension was granted by the Board: two systems not searched yet (Act 3)"
    assert said in duty.because


def test_no_further_than_the_law_allows() -> None:
    book = law(DUE + FIFTEEN)
    assert due_of(book, put_off(until="2027-01-10")) == "2027-01-10T23:59:59+01:00"
    assert due_of(book, put_off(until="2027-03-01")) == "2027-01-15T23:59:59+01:00"


def test_no_further_than_a_time_after_a_clock() -> None:
    ground = CAUSE + 'until = { within = "40 calendar days", after = "occurred_from" }\n'
    book = law(DUE + ground)
    asked = duty_of(book, put_off(until="2027-01-20"))
    assert "clocks.occurred_from" in asked.asks
    assert due_of(book, put_off(until="2027-01-20")) == FIRST
    began = put_off(until="2027-01-20") | {
        "clocks": {"aware": "2026-12-01", "occurred_from": "2026-11-28"}
    }
    assert due_of(book, began) == "2027-01-07T23:59:59+01:00"


def test_an_extension_never_brings_a_day_forward() -> None:
    duty = duty_of(law(DUE + CAUSE), put_off(until="2026-12-15"))
    assert duty.due is not None
    assert duty.due.at is not None
    assert duty.due.at.isoformat() == FIRST
    assert any("no later than the law's own day" in text for text in duty.because)


@given(until=st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_whatever_is_recorded_the_day_lies_between_the_laws_own_and_its_longest(until: Any) -> None:
    found = due_of(law(DUE + FIFTEEN), put_off(until=until.isoformat()))
    assert found is not None
    assert FIRST <= found <= "2027-01-15T23:59:59+01:00"


def test_a_law_that_knows_no_extension_keeps_its_day_and_says_so() -> None:
    duty = duty_of(law(DUE), put_off(until="2027-01-20"))
    assert duty.due is not None
    assert duty.due.at == datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert any("this law knows none" in text for text in duty.because)


@pytest.mark.parametrize("lacks", ["until", "why"])
def test_without_its_day_or_its_reason_it_moves_nothing_and_is_asked_for(lacks: str) -> None:
    facts = put_off(until="2027-01-20")
    del facts["extended"]["xx-law/duty"][lacks]
    duty = duty_of(law(DUE + CAUSE), facts)
    assert due_of(law(DUE + CAUSE), facts) == FIRST
    assert f'extended."xx-law/duty".{lacks}' in duty.asks


def test_of_two_grounds_one_is_named() -> None:
    book = law(DUE + CAUSE + GRANTED)
    assert due_of(book, put_off(until="2027-01-20")) == FIRST
    assert due_of(book, put_off(until="2027-01-20", ground="luck")) == FIRST
    named = put_off(until="2027-01-20", ground="granted")
    assert due_of(book, named) == "2027-01-20T23:59:59+01:00"


def test_a_ground_that_does_not_hold_moves_nothing() -> None:
    book = law(DUE + CAUSE + 'when = { "organisation.sectors" = "small-agent" }\n')
    facts = put_off(until="2027-01-20") | {"organisation": {"sectors": ["bank"]}}
    assert due_of(book, facts) == FIRST
    small = facts | {"organisation": {"sectors": ["small-agent"]}}
    assert due_of(book, small) == "2027-01-20T23:59:59+01:00"


def test_hours_are_put_off_by_hours() -> None:
    hours = DUE.replace("30 calendar days", "72 hours") + CAUSE + 'longest = "24 hours"\n'
    facts = put_off(until="2026-12-09") | {"clocks": {"aware": "2026-12-01T10:00:00+01:00"}}
    assert due_of(law(hours), facts) == "2026-12-05T10:00:00+01:00"


def test_taken_after_the_first_day_had_passed_a_person_looks_at_it() -> None:
    duty = duty_of(law(DUE + CAUSE), put_off(until="2027-01-20", at="2027-01-03"))
    assert any("after the first day had passed" in text for text in duty.because)


def test_a_word_cannot_be_put_off() -> None:
    words = '[[obligation.due]]\nfrom = 2000-01-01\nwords = "promptly"\nafter = "aware"\n'
    with pytest.raises(BadFile) as caught:
        law(words + CAUSE)
    assert caught.value.code == "no-number"


def test_two_grounds_have_two_names() -> None:
    with pytest.raises(BadFile) as caught:
        law(DUE + CAUSE + CAUSE)
    assert caught.value.code == "duplicate-id"
