"""The incidents that break simpler models: many laws at once, letters that contradict each other,
clocks that our own acts start."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from incident_engine.domain.assessment import Assessment, Obligation
from incident_engine.domain.content import ContentItem
from incident_engine.domain.facts import parse_facts
from incident_engine.domain.law import assess
from incident_engine.intake.playbook_file import read_playbooks

LAWS = read_playbooks(Path(__file__).parents[2] / "playbooks")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def answer(facts: dict[str, Any], now: datetime = NOW) -> Assessment:
    return assess(parse_facts(facts), LAWS, now=now)


def of(found: Assessment, name: str, where: str = "") -> Obligation:
    playbook, _, id_ = name.partition("/")
    return next(
        d for d in found.obligations
        if (d.playbook, d.id) == (playbook, id_) and where in ("", d.where)
    )  # fmt: skip


def due(found: Assessment, name: str) -> str | None:
    at = of(found, name).due
    return at.at.isoformat() if at and at.at else None


STOLEN = {
    "role": "controller",
    "kinds": ["confidentiality"],
    "organisation": {"country": "US", "sectors": ["cloud"]},
    "clocks": {"aware": "2026-11-23T09:00:00-05:00", "discovered": "2026-11-23",
               "determined": "2026-11-23", "assessed": "2026-11-25"},
    "cause": {"intent": "malicious", "exfiltrated": True, "scenario": "exfiltration"},
    "data": {"types": ["name", "ssn", "bank_account"], "encrypted": True, "key_taken": True},
    "finding": {"risk": "high", "by": "Dov"},
    "people": [
        {"where": "US-CA", "count": 900}, {"where": "US-MA", "count": 40},
        {"where": "US-NY", "count": 600}, {"where": "US-TX", "count": 300},
        {"where": "DE", "count": 10}, {"where": "FR", "count": 4}, {"where": "SG", "count": 30},
        {"where": "CN", "count": 20, "minors": 5},
    ],
}  # fmt: skip


def test_a_stolen_key_touches_seven_laws_and_no_safe_harbour_holds() -> None:
    found = answer(STOLEN)
    told = {d.playbook for d in found.obligations if d.audience == "individuals"
            and d.status == "required"}  # fmt: skip
    assert told == {"us-ca", "us-ma", "us-ny", "us-tx", "eu-gdpr", "sg-pdpa", "cn-pipl"}
    authorities = {d.where for d in found.obligations if d.playbook == "eu-gdpr"
                   and d.audience == "regulator"}  # fmt: skip
    assert authorities == {"DE", "FR"}  # no establishment, no lead
    assert of(found, "cn-pipl/guardians").status == "required"  # two recipients a minor


def test_california_must_say_what_massachusetts_may_not() -> None:
    found = answer(STOLEN)
    california = of(found, "us-ca/individuals").wording
    massachusetts = of(found, "us-ma/individuals").wording
    assert ContentItem.BASIC_SITUATION in california.items
    assert ContentItem.BASIC_SITUATION in dict(massachusetts.forbidden)
    assert ContentItem.BASIC_SITUATION not in massachusetts.items
    assert [(o.kind, o.months) for o in of(found, "us-ma/individuals").offers] == [
        ("credit-monitoring", 18)
    ]
    assert ContentItem.IDENTITY_SERVICE in massachusetts.items


def test_the_financial_department_is_told_only_by_whom_it_licenses() -> None:
    assert len(of(answer(STOLEN), "us-ny/attorney-general").to) == 3
    licensed = STOLEN | {"organisation": {"country": "US", "sectors": ["ny-dfs"]}}
    assert len(of(answer(licensed), "us-ny/attorney-general").to) == 4


def test_texas_tells_its_attorney_general_before_its_residents() -> None:
    found = answer(STOLEN)
    assert due(found, "us-tx/attorney-general") == "2026-12-23T23:59:59-06:00"
    assert due(found, "us-tx/individuals") == "2027-01-22T23:59:59-06:00"


def test_dora_runs_from_classification_through_our_own_submissions() -> None:
    facts: dict[str, Any] = {
        "organisation": {"country": "DE", "sectors": ["payment"]},
        "finding": {"major": True},
        "clocks": {"aware": "2026-11-23T10:00:00Z"},
    }
    waiting = of(answer(facts), "eu-dora/initial")
    assert waiting.status == "waiting"
    assert waiting.due is not None
    assert waiting.due.target == datetime(2026, 11, 24, 10, tzinfo=UTC)
    facts["clocks"]["classified"] = "2026-11-25T08:00:00Z"
    assert due(answer(facts), "eu-dora/initial") == "2026-11-25T13:00:00+01:00"
    facts["done"] = {"eu-dora/initial": "2026-11-25T10:00:00Z"}
    assert due(answer(facts), "eu-dora/intermediate") == "2026-11-30T12:00:00+01:00"  # a Saturday
    facts["done"]["eu-dora/intermediate"] = "2026-12-31T10:00:00Z"
    # One month ends on Sunday 31 January: noon of Monday, for everybody.
    assert due(answer(facts), "eu-dora/final") == "2027-02-01T12:00:00+01:00"


def test_malaysia_shows_both_what_is_due_and_what_would_have_been() -> None:
    facts: dict[str, Any] = {
        "role": "controller",
        "clocks": {"aware": "2026-11-20T09:00:00+08:00"},
        "data": {"types": ["name", "national_id"]},
        "people": [{"where": "MY", "count": 40}],
    }
    before = of(answer(facts), "my-pdpa/individuals")
    assert before.status == "waiting"
    assert before.due is not None
    assert before.due.target is not None
    assert before.due.target.date().isoformat() == "2026-11-30"
    facts["done"] = {"my-pdpa/authority": "2026-11-26T10:00:00+08:00"}  # late
    assert due(answer(facts), "my-pdpa/individuals") == "2026-12-03T23:59:59+08:00"
    assert of(answer(facts), "my-pdpa/authority").late(NOW)


def test_what_must_be_kept_is_said_with_the_decision_that_needs_it() -> None:
    facts = {
        "role": "controller", "kinds": ["confidentiality"],
        "clocks": {"discovered": "2026-11-23"},
        "data": {"types": ["name", "ssn"], "encrypted": False},
        "finding": {"significant_harm": False, "by": "Ines", "why": "returned unopened"},
        "people": [{"where": "US-IA", "count": 3}],
    }  # fmt: skip
    duty = of(answer(facts), "us-ia/individuals")
    assert duty.exceptions == ("no-harm",)
    assert [kept.keep for kept in duty.kept] == ["5 years"]


def test_a_hospital_that_loses_ten_addresses_posts_for_ninety_days_for_those_only() -> None:
    facts = {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"country": "US", "sectors": ["health-provider"]},
        "clocks": {"discovered": "2026-11-23"},
        "data": {"types": ["health"], "encrypted": False},
        "people": [{"where": "US-TX", "count": 100, "contactable": 90}],
    }  # fmt: skip
    duty = of(answer(facts), "us-hipaa/individuals")
    way = next(each for each in duty.substitutes if each.holds)
    assert (way.id, way.reaches) == ("substitute-many", "unreachable")
    assert ("website", 90) in way.forms
    assert [kept.keep for kept in answer(facts).kept if kept.playbook == "us-hipaa"] == ["6 years"]


def test_the_question_that_settles_most_laws_is_asked_first() -> None:
    facts = {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"country": "US", "sectors": ["cloud"]},
        "clocks": {"discovered": "2026-11-23", "determined": "2026-11-23"},
        "people": [{"where": f"US-{state}", "count": 900} for state in ("CA", "IA", "MA", "TX")],
    }  # fmt: skip
    assert answer(facts).asks[0] == "data.types"
    facts["data"] = {"types": ["name", "ssn"]}
    assert set(answer(facts).asks[:2]) == {"data.encrypted", "data.key_taken"}
