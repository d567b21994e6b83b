"""The incidents that break simpler models: many laws at once, letters that contradict each other,
clocks that our own acts start."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Obligation
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.faults import clashes_between
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


def test_a_stolen_key_touches_seven_jurisdictions_and_no_safe_harbour_holds() -> None:
    found = answer(STOLEN)
    binding = [d for d in found.obligations if d.status == "required"]
    told = {d.playbook for d in binding if d.audience == "individuals"}
    chinese = {"cn-pipl", "cn-civil-code", "cn-network-data", "cn-data-security",
               "cn-cybersecurity", "cn-minors"}  # fmt: skip
    assert told == {"us-ca", "us-ma", "us-ny", "us-tx", "eu-gdpr", "sg-pdpa"} | chinese
    assert not [d for d in found.obligations if d.status == "not-required"]
    assert len(binding) >= 25


def test_without_an_establishment_each_member_states_authority_is_told_at_one_instant() -> None:
    told = [d for d in answer(STOLEN).obligations if d.key[:2] == ("eu-gdpr", "authority")]
    assert {d.where for d in told} == {"DE", "FR"}
    instants = {d.due.at for d in told if d.due}
    assert instants == {datetime(2026, 11, 26, 14, tzinfo=UTC)}


def test_every_chinese_minor_has_two_recipients() -> None:
    found = answer(STOLEN)
    assert of(found, "cn-minors/minors").audience == "individuals"
    assert of(found, "cn-minors/guardians").audience == "guardians"
    assert {of(found, f"cn-minors/{name}").status for name in ("minors", "guardians")} == {
        "required"
    }


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
    facts["done"]["eu-dora/intermediate"] = "2027-01-12T10:00:00Z"  # its latest update
    assert due(answer(facts), "eu-dora/final") == "2027-02-12T23:59:59+01:00"


def test_dora_classified_in_time_is_capped_by_awareness() -> None:
    facts: dict[str, Any] = {
        "organisation": {"country": "DE", "sectors": ["payment"]},
        "clocks": {"aware": "2026-11-23T10:00:00Z", "classified": "2026-11-24T09:00:00Z"},
    }
    assert due(answer(facts), "eu-dora/initial") == "2026-11-24T11:00:00+01:00"  # not 13:00 UTC


def test_a_chinese_incident_grows_over_a_million_three_days_later() -> None:
    facts: dict[str, Any] = {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"country": "CN", "sectors": ["cloud"]},
        "clocks": {"detected": "2026-11-23T09:00:00+08:00", "aware": "2026-11-23T09:00:00+08:00"},
        "data": {"types": ["name"], "encrypted": False},
        "people": [{"where": "CN", "count": 900_000}],
    }  # fmt: skip
    small = answer(facts)
    assert of(small, "cn-pipl/authority").status == "required"  # from the start
    assert not [d for d in small.obligations if d.playbook == "cn-incident-reporting"]
    counted = {"value": 1_200_000, "as_of": "2026-11-26T09:00:00+08:00"}
    facts["people"] = [{"where": "CN", "count": counted}]
    grown = answer(facts)
    assert due(grown, "cn-incident-reporting/authority") == "2026-11-26T13:00:00+08:00"
    started = of(grown, "cn-pipl/authority").due
    assert started is not None
    assert started.start == "2026-11-23T09:00:00+08:00"  # the older duty keeps its clock


def test_a_chinese_grade_recorded_by_a_person_brings_the_duty_too() -> None:
    facts: dict[str, Any] = {
        "organisation": {"country": "CN", "sectors": ["cloud"]},
        "clocks": {"detected": "2026-11-23T09:00:00+08:00"},
        "people": [{"where": "CN", "count": 20_000, "grade": "较大"}],
    }
    learned = datetime(2026, 11, 25, 1, tzinfo=UTC)
    born = {("cn-incident-reporting", "authority", "CN"): learned}
    found = assess(parse_facts(facts), LAWS, now=NOW, born=born)
    assert due(found, "cn-incident-reporting/authority") == "2026-11-25T13:00:00+08:00"


def test_the_cra_counts_fourteen_days_from_a_fix_nobody_has_yet() -> None:
    facts: dict[str, Any] = {
        "organisation": {"country": "DE", "sectors": ["digital-product-maker"]},
        "cause": {"action": "hacking", "actor": "external", "intent": "malicious"},
        "clocks": {"aware": "2026-11-23T09:00:00+01:00"},
    }
    opening = answer(facts)
    assert due(opening, "eu-cra/early-warning") == "2026-11-24T09:00:00+01:00"
    final = of(opening, "eu-cra/final-vulnerability")
    assert (final.due and final.due.at, "clocks.fix_available" in final.asks) == (None, True)
    facts["clocks"]["fix_available"] = "2026-12-20T10:00:00+01:00"
    fixed = of(answer(facts), "eu-cra/final-vulnerability")
    assert fixed.status == "required"
    assert due(answer(facts), "eu-cra/final-vulnerability") == "2027-01-03T23:59:59+01:00"


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


def test_six_hundred_people_in_singapore_oblige_us_to_the_commission_alone() -> None:
    facts: dict[str, Any] = {
        "role": "controller", "kinds": ["confidentiality"], "internal_only": False,
        "clocks": {"aware": "2026-11-23T09:00:00+08:00", "assessed": "2026-11-25"},
        "data": {"types": ["name", "email"], "encrypted": False},
        "finding": {"significant_harm": False, "by": "Dov"},
        "people": [{"where": "SG", "count": 600}],
    }  # fmt: skip
    found = answer(facts)
    assert of(found, "sg-pdpa/authority").status == "required"
    assert of(found, "sg-pdpa/individuals").status == "not-required"
    facts["clocks"]["hold_from"] = "2026-11-25T18:00:00+08:00"
    held = answer(facts)
    assert of(held, "sg-pdpa/individuals").status == "prohibited"
    assert of(held, "sg-pdpa/authority").status == "required"


# Of the states that are written down: those whose authority hears after the residents, with the
# number of days, and those in which it must hear first.
AFTER = {"us-ca": 15, "us-ia": 7, "us-la": 10, "us-ok": 60}  # Iowa: 5 business days over a weekend
BEFORE = ("us-nj", "us-md")
WRITTEN = {law.id for law in LAWS}
INDIVIDUALS_TOLD = "2026-12-04"  # a Friday


def many_states() -> dict[str, Any]:
    return {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"country": "US", "sectors": ["cloud"]},
        "clocks": {"discovered": "2026-11-23", "determined": "2026-11-23"},
        "cause": {"exfiltrated": True, "intent": "malicious"},
        "data": {"types": ["name", "ssn"], "encrypted": False},
        "finding": {"risk": "high", "by": "Dov"},
        "people": [{"where": law.upper(), "count": 2_000} for law in (*AFTER, *BEFORE)],
    }  # fmt: skip


@pytest.mark.parametrize("law", sorted(AFTER.keys() & WRITTEN))
def test_an_authority_that_hears_after_the_residents_waits_for_them(law: str) -> None:
    facts = many_states()
    waiting = of(answer(facts), f"{law}/attorney-general")
    assert waiting.status == "waiting"
    facts["done"] = {f"{law}/individuals": INDIVIDUALS_TOLD}
    found = of(answer(facts), f"{law}/attorney-general").due
    assert found is not None
    assert found.at is not None
    assert (found.at.date() - date.fromisoformat(INDIVIDUALS_TOLD)).days == AFTER[law]


@pytest.mark.parametrize("law", sorted({*AFTER, *BEFORE} & WRITTEN))
def test_an_authority_hears_on_its_own_side_of_the_residents(law: str) -> None:
    side = "before" if law in BEFORE else "after"
    authority = of(answer(many_states()), f"{law}/attorney-general")
    assert authority.status == ("required" if law in BEFORE else "waiting")
    assert f"{side} {law}/individuals" in authority.order


def test_authorities_before_and_after_the_residents_make_no_circle() -> None:
    assert clashes_between(LAWS) == []


def test_korea_tells_everyone_of_a_possible_leak_and_a_part_of_them_again_once_it_is_sure() -> None:
    facts: dict[str, Any] = {
        "role": "controller", "kinds": ["confidentiality"], "confirmed": False,
        "clocks": {"suspected": "2026-10-01T09:00:00+09:00"},
        "cause": {"actor": "external", "action": "hacking", "intent": "malicious"},
        "data": {"types": ["name", "email"], "encrypted": False},
        "people": [{"where": "KR", "count": 4_000}],
    }  # fmt: skip
    first = answer(facts)
    possible = of(first, "kr-pipa/possible-leak")
    assert (possible.status, possible.phase) == ("required", "early-warning")
    assert ContentItem.SECOND_NOTICE in possible.wording.items
    assert of(first, "kr-pipa/individuals").exceptions == ("only-possible",)
    facts |= {
        "confirmed": True,
        "clocks": facts["clocks"] | {"aware": "2026-10-03T09:00:00+09:00"},
        "done": {"kr-pipa/possible-leak": "2026-10-02T09:00:00+09:00"},
        "people": [{"where": "KR", "count": 310}],
    }
    second = of(answer(facts), "kr-pipa/individuals")
    assert (second.status, second.phase) == ("required", "notify")
    assert due(answer(facts), "kr-pipa/individuals") == "2026-10-06T09:00:00+09:00"
    assert ContentItem.SECOND_NOTICE not in second.wording.items
    assert ContentItem.DAMAGES_RIGHT in second.wording.items
    assert "people in KR: 310" in second.because


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
