"""Alabama to Missouri, asked as one table: how many days, and at which number who else is told.

The numbers were taken from the statutes and from summaries of them, not from the files asked here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment
from incident_engine.intake.playbook_file import read_playbooks

FOLDER = Path(__file__).parents[2] / "playbooks"
LAWS = {law.id: law for law in read_playbooks(FOLDER)}
NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)
FIRST = date(2026, 12, 1)

# Days to the residents; None: no number, only words.
DAYS = {
    "al": 45, "ak": None, "az": 45, "ar": None, "co": 30, "ct": 60, "de": 60, "dc": None,
    "fl": 30, "ga": None, "hi": None, "id": None, "il": None, "in": 45, "ks": None, "ky": None,
    "la": 60, "me": 30, "md": 45, "mi": None, "mn": None, "ms": None, "mo": None,
}  # fmt: skip
# The first number of residents at which the authority is told; None: never.
AUTHORITY_FROM = {
    "al": 1001, "ak": None, "az": 1001, "ar": 1001, "co": 500, "ct": 1, "de": 501, "dc": 50,
    "fl": 500, "ga": None, "hi": 1001, "id": None, "il": 501, "in": 1, "ks": None, "ky": None,
    "la": 1, "me": 1, "md": 1, "mi": None, "mn": None, "ms": None, "mo": 1001,
}  # fmt: skip
# The first number at which the credit bureaus are told; None: never.
BUREAUS_FROM = {
    "al": 1001, "ak": 1001, "az": 1001, "ar": None, "co": 1001, "ct": None, "de": None,
    "dc": 1001, "fl": 1001, "ga": 10001, "hi": 1001, "id": None, "il": None, "in": 1001,
    "ks": 1001, "ky": 1001, "la": None, "me": 1001, "md": 1000, "mi": 1001, "mn": 501,
    "ms": None, "mo": 1001,
}  # fmt: skip
TOLD = ("required", "waiting")


def asked(state: str, people: int) -> Assessment:
    """What a state asks of names with social security numbers, plain and taken.

    Georgia speaks to consumer reporting agencies and few others; nobody exempts them.
    """
    facts = {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"sectors": ["consumer-reporting-agency"]},
        "clocks": {"aware": str(FIRST), "discovered": str(FIRST), "determined": str(FIRST)},
        "cause": {"exfiltrated": True}, "data": {"types": ["name", "ssn"], "encrypted": False},
        "people": [{"where": f"US-{state.upper()}", "count": people}],
    }  # fmt: skip
    return assess(parse_facts(facts), [LAWS[f"us-{state}"]], now=NOW)


def told(state: str, people: int, audience: str) -> bool:
    """Whether the state has an audience told."""
    found = [d.status for d in asked(state, people).obligations if d.audience == audience]
    assert all(status in TOLD for status in found)
    return bool(found)


@pytest.mark.parametrize(("state", "days"), DAYS.items())
def test_residents_are_told_within_the_days_of_the_state(state: str, days: int | None) -> None:
    duty = next(d for d in asked(state, 12).obligations if d.audience == "individuals")
    assert duty.status == "required"
    assert duty.due
    ends = duty.due.at.date() if duty.due.at else None
    assert ends == (FIRST + timedelta(days=days) if days else None)
    assert bool(duty.due.words) is (days is None)


@pytest.mark.parametrize(
    ("state", "audience", "first"),
    [(state, "regulator", first) for state, first in AUTHORITY_FROM.items()]
    + [(state, "credit-agencies", first) for state, first in BUREAUS_FROM.items()],
)
def test_who_else_is_told_changes_at_the_states_own_number(
    state: str, audience: str, first: int | None
) -> None:
    if first is None:
        assert not told(state, 100_000, audience)
        return
    assert told(state, first, audience)
    assert first == 1 or not told(state, first - 1, audience)
