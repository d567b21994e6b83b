"""Law, coming law, proposals, advice: told apart wherever a duty is shown."""

from __future__ import annotations

import pytest

from tests.domain.lawbook import asked, duty_of, law

DUE = '[[obligation.due]]\nfrom = {day}\nwithin = "72 hours"\nafter = "aware"\n'
AWARE = {"clocks": {"aware": "2026-11-23T09:00:00+01:00"}}


@pytest.mark.parametrize("status", ["guideline", "voluntary"])
def test_advice_is_no_duty_and_keeps_its_date(status: str) -> None:
    duty = duty_of(law(f'status = "{status}"\n' + DUE.format(day="2000-01-01")), AWARE)
    assert duty.status == "voluntary"
    assert duty.due is not None
    assert any("not a duty by law" in text for text in duty.because)


def test_a_proposal_is_in_no_answer() -> None:
    book = law('status = "proposal"\n' + DUE.format(day="2000-01-01"))
    assert asked(book, AWARE).obligations == ()


def test_a_law_passed_and_not_begun_is_shown_as_not_in_force() -> None:
    duty = duty_of(law('status = "enacted"\n' + DUE.format(day="2026-12-01")), AWARE)
    assert (duty.status, duty.due, duty.in_force) == ("not-in-force", None, False)
    begun = {"clocks": {"aware": "2026-12-01T00:30:00+01:00"}}
    later = duty_of(law('status = "enacted"\n' + DUE.format(day="2026-12-01")), begun)
    assert later.status == "required"


def test_what_we_promised_binds_as_a_contract() -> None:
    text = 'status = "contract"\n' + DUE.format(day="2000-01-01") + 'binding = "contract"\n'
    duty = duty_of(law(text), AWARE)
    assert duty.status == "required"
    assert duty.due is not None
    assert duty.due.binding == "contract"
