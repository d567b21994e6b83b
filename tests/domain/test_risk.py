"""The risk proposed: right on the regulators' published cases, and never lowered by worse facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.facts.words import (
    Actor,
    Exfiltration,
    Intent,
    Kind,
    Recipient,
    Risk,
    Scenario,
    ServiceImpact,
)
from incident_engine.domain.risk.proposal import RiskOpinion, judge

CASES = json.loads((Path(__file__).parent.parent / "cases" / "verdicts.json").read_text("utf-8"))
EUROPE = [case for case in CASES if case["expect"]["playbook"] in ("eu-gdpr", "uk-gdpr")]
LEVELS = [Risk.UNLIKELY, Risk.LIKELY, Risk.HIGH]


def opinion(document: dict[str, Any], **changes: Any) -> RiskOpinion:
    changed = dict(document)
    for key, value in changes.items():
        table, name = key.split("_", 1)
        changed[table] = {**changed.get(table, {}), name: value}
    return judge(parse_facts(changed))


def level(document: dict[str, Any], **changes: Any) -> Risk | None:
    return opinion(document, **changes).level


@pytest.mark.parametrize("case", EUROPE, ids=lambda case: str(case["id"]))
def test_the_regulators_would_agree(case: dict[str, Any]) -> None:
    found, expect = judge(parse_facts(case["facts"])), case["expect"]
    if expect["regulator"] is True:
        assert found.level in (Risk.LIKELY, Risk.HIGH), found.because
    if expect["individuals"] is True:
        assert found.level is Risk.HIGH, found.because
    if expect["individuals"] is False:
        assert found.level is not Risk.HIGH, found.because
    if expect["regulator"] is False:
        assert found.level is Risk.UNLIKELY, found.because
    assert found.because


STOLEN_LIST: dict[str, Any] = {
    "role": "controller",
    "kinds": ["confidentiality"],
    "cause": {"actor": "external", "intent": "malicious", "scenario": "exfiltration"},
    "data": {"types": ["name", "email", "national_id"], "encrypted": False},
    "people": [{"where": "DE", "count": 1200}],
}
WRONG_LETTER: dict[str, Any] = {
    "kinds": ["confidentiality"],
    "cause": {"intent": "accidental", "scenario": "misdirected-post", "recipient": "known"},
    "data": {"types": ["name", "postal_address", "order"], "encrypted": False},
    "people": [{"where": "DE", "count": 1}],
}


def test_a_person_s_decision_wins_and_is_marked_as_such() -> None:
    found = judge(parse_facts(STOLEN_LIST | {"finding": {"risk": "likely", "by": "Dov"}}))
    assert (found.level, found.decided, found.asks) == (Risk.LIKELY, True, ())
    assert found.because == ("decided by Dov",)


def test_a_low_figure_alone_never_makes_a_risk_unlikely() -> None:
    found = opinion(STOLEN_LIST, data_types=["name", "email", "phone"], cause_intent="accidental")
    assert found.score is not None
    assert found.score < 2
    assert found.level is Risk.LIKELY


def test_nothing_known_is_not_unlikely_and_asks() -> None:
    found = judge(parse_facts({}))
    assert (found.level, found.decided, found.score) == (None, False, None)
    assert {"cause.scenario", "cause.recipient"} <= set(found.asks)


def test_encryption_frees_only_with_the_key_safe() -> None:
    assert level(STOLEN_LIST, data_encrypted=True, data_key_taken=False) is Risk.UNLIKELY
    assert level(STOLEN_LIST, data_encrypted=True, data_key_taken=True) is Risk.HIGH
    in_doubt = opinion(STOLEN_LIST, data_encrypted=True)
    assert in_doubt.level is None
    assert in_doubt.asks[0] == "data.key_taken"


def test_a_swapped_parcel_is_unlikely_and_a_swapped_policy_is_not() -> None:
    assert level(WRONG_LETTER) is Risk.UNLIKELY
    assert level(WRONG_LETTER, data_types=["name", "insurance_policy"]) is Risk.LIKELY
    assert level(WRONG_LETTER, cause_recipient="stranger") is Risk.LIKELY


def test_a_trusted_recipient_frees_until_they_keep_it() -> None:
    policy = {"data_types": ["name", "insurance_policy"], "cause_recipient": "trusted"}
    assert level(WRONG_LETTER, **policy) is Risk.UNLIKELY
    assert level(WRONG_LETTER, **policy, cause_recipient_deleted=False) is Risk.LIKELY


def test_a_colleague_who_snoops_is_not_a_trusted_recipient() -> None:
    snoop = {"cause_scenario": "insider-snooping", "cause_recipient": "colleague"}
    assert level(WRONG_LETTER, **snoop, data_types=["name", "health"]) is Risk.HIGH


def test_open_copies_to_a_small_round_pass_and_health_in_the_context_does_not() -> None:
    copies = {"cause_scenario": "cc-not-bcc", "cause_recipient": None}
    assert level(WRONG_LETTER, **copies, data_types=["email"]) is Risk.UNLIKELY
    assert level(WRONG_LETTER, **copies, data_types=["email", "health"]) is Risk.HIGH


def test_a_short_list_that_known_people_deleted_passes_and_one_they_kept_does_not() -> None:
    sent = {"intent": "accidental", "scenario": "misdirected-email", "recipient": "known"}
    short = {
        "format": 1, "kinds": ["confidentiality"], "cause": sent,
        "data": {"types": ["name", "email", "education"], "encrypted": False},
        "people": [{"where": "DE", "count": 15}],
    }  # fmt: skip
    assert level(short, cause_recipient_deleted=True) is Risk.UNLIKELY
    assert level(short) is Risk.LIKELY
    assert level(short, cause_recipient_deleted=True, data_types=["name", "salary"]) is Risk.LIKELY


def test_a_day_without_medical_records_is_high_and_minutes_are_not() -> None:
    outage = {"kinds": ["availability"], "cause": {"scenario": "outage"}}
    records = {"data_types": ["medical_record"], "data_backup": True}
    assert level(outage, **records, data_restored_hours=30) is Risk.HIGH
    assert level(outage, **records, data_restored_hours=0.2) is Risk.UNLIKELY
    assert opinion(outage, **records).asks[0] == "data.restored_hours"


def test_danger_to_life_and_fraud_seen_are_high_whatever_the_data() -> None:
    assert level(WRONG_LETTER, cause_safety_risk=True) is Risk.HIGH
    assert level(WRONG_LETTER, cause_fraud_seen=True) is Risk.HIGH


_some: dict[str, st.SearchStrategy[Any]] = {
    "scenario": st.sampled_from(Scenario),
    "actor": st.sampled_from(Actor),
    "intent": st.sampled_from(Intent),
    "exfiltrated": st.booleans(),
    "exfiltration_evidence": st.sampled_from(Exfiltration),
    "accessed": st.booleans(),
    "published": st.booleans(),
    "repeated": st.booleans(),
    "recipient_deleted": st.booleans(),
    "recipient": st.sampled_from(Recipient),
}
_documents = st.builds(
    lambda kinds, cause, data, count, where: {
        "kinds": kinds,
        "cause": cause,
        "data": data,
        "people": [{"where": where, "count": count}],
    },
    st.lists(st.sampled_from(Kind), max_size=3),
    st.fixed_dictionaries({}, optional=_some),
    st.fixed_dictionaries(
        {"types": st.lists(st.sampled_from(DataType), min_size=1, max_size=4)},
        optional={
            "encrypted": st.sampled_from([True, False, "partly"]),
            "key_taken": st.booleans(),
            "hashed": st.booleans(),
            "backup": st.booleans(),
            "remote_wiped": st.booleans(),
            "restored_hours": st.integers(0, 99),
            "service_impact": st.sampled_from(ServiceImpact),
        },
    ),
    st.integers(0, 20_000),
    st.sampled_from(["DE", "GB"]),
)


def never_lower(better: dict[str, Any], worse: dict[str, Any]) -> None:
    was, now = judge(parse_facts(better)), judge(parse_facts(worse))
    if was.level is not None:
        if was.level is not Risk.UNLIKELY:
            assert now.level is not None, (was, now)
        if now.level is not None:
            assert LEVELS.index(now.level) >= LEVELS.index(was.level), (was, now)


@given(_documents, st.integers(0, 10**6))
def test_more_people_never_lower_the_risk(document: dict[str, Any], more: int) -> None:
    count = document["people"][0]["count"] + more
    never_lower(document, document | {"people": [{**document["people"][0], "count": count}]})


@given(_documents, st.sampled_from(DataType))
def test_more_kinds_of_data_never_lower_the_risk(document: dict[str, Any], more: DataType) -> None:
    types = [*document["data"]["types"], more]
    never_lower(document, document | {"data": document["data"] | {"types": types}})


@given(_documents)
def test_less_encryption_never_lowers_the_risk(document: dict[str, Any]) -> None:
    safe = document["data"] | {"encrypted": True, "key_taken": False}
    for less in ({"encrypted": "partly"}, {"encrypted": False}, {"key_taken": True}):
        never_lower(document | {"data": safe}, document | {"data": safe | less})
    partly = document["data"] | {"encrypted": "partly"}
    never_lower(document | {"data": partly}, document | {"data": partly | {"encrypted": False}})


_BY_TRUST = [
    Recipient.COLLEAGUE, Recipient.TRUSTED, Recipient.KNOWN, Recipient.STRANGER, Recipient.MANY,
    Recipient.PUBLIC, Recipient.CRIMINAL,
]  # fmt: skip


@given(_documents, st.integers(0, 6), st.integers(0, 6))
def test_a_less_trusted_recipient_never_lowers_the_risk(
    document: dict[str, Any], one: int, other: int
) -> None:
    first, then = sorted((one, other))
    cause = document["cause"]
    never_lower(
        document | {"cause": cause | {"recipient": _BY_TRUST[first]}},
        document | {"cause": cause | {"recipient": _BY_TRUST[then]}},
    )


# Each factor that regulators name (EDPB 9/2022 IV.B) moves the proposal, and only upwards

MISHAP: dict[str, Any] = {
    "kinds": ["confidentiality"],
    "cause": {"actor": "internal", "intent": "accidental", "scenario": "wrong-disclosure",
              "recipient": "known"},
    "data": {"types": ["name", "email"], "encrypted": False, "backup": True},
    "people": [{"where": "DE", "count": 20}],
}  # fmt: skip
OUTAGE: dict[str, Any] = {
    "kinds": ["availability"],
    "cause": {"intent": "accidental", "scenario": "outage"},
    "data": {"types": ["health"], "backup": True, "restored_hours": 1},
    "people": [{"where": "DE", "count": 20}],
}


@pytest.mark.parametrize(
    ("better", "key", "worse"),
    [
        (MISHAP, "cause_recipient", "stranger"),
        (MISHAP, "cause_recipient", "criminal"),
        (MISHAP, "data_types", ["name", "email", "health"]),
        (MISHAP, "data_types", ["name", "email", "national_id"]),
        (MISHAP, "data_types", ["name", "email", "password"]),
        (MISHAP, "cause_published", True),
        (MISHAP, "cause_safety_risk", True),
        (MISHAP, "cause_fraud_seen", True),
        (MISHAP, "cause_repeated", True),
        (OUTAGE, "data_backup", False),
        (OUTAGE, "data_restored_hours", 48),
        (OUTAGE, "data_service_impact", "health"),
    ],
)
def test_a_factor_that_regulators_name_raises_the_risk(
    better: dict[str, Any], key: str, worse: object
) -> None:
    was, now = level(better), level(better, **{key: worse})
    assert was is Risk.UNLIKELY
    assert now is not None
    assert LEVELS.index(now) > LEVELS.index(was)


@pytest.mark.parametrize("exposed", ["minors", "under_14", "vulnerable"])
def test_the_same_letter_weighs_more_where_it_is_about_the_vulnerable(exposed: str) -> None:
    """Children and people in need of protection (EDPB 9/2022 IV.B)."""
    people = [{"where": "DE", "count": 20, "minors": 20, exposed: 20}]
    found = judge(parse_facts(MISHAP | {"people": people}))
    assert found.level is Risk.LIKELY


def test_scale_raises_the_risk_of_a_lost_laptop() -> None:
    lost = MISHAP | {"cause": {"intent": "malicious", "scenario": "device-theft"}}
    few = level(lost, data_types=["name", "postal_address", "date_of_birth"])
    many = lost | {"people": [{"where": "DE", "count": 100_000}]}
    assert few is Risk.LIKELY
    assert level(many, data_types=["name", "postal_address", "date_of_birth"]) is Risk.HIGH


def test_what_came_back_unread_is_as_if_it_had_been_sent_to_somebody_bound_to_silence() -> None:
    letter = {"data_types": ["name", "bank_account"]}
    assert level(WRONG_LETTER, **letter) is Risk.LIKELY
    unread = dict(WRONG_LETTER["cause"], accessed=False, recipient_deleted=True)
    assert level(WRONG_LETTER | {"cause": unread}, **letter) is Risk.UNLIKELY


_BY_EVIDENCE = ["excluded", "none-found", "logs-insufficient", "logs", "proven"]


@given(_documents, st.integers(0, 4), st.integers(0, 4))
def test_better_evidence_that_data_left_never_lowers_the_risk(
    document: dict[str, Any], one: int, other: int
) -> None:
    first, then = sorted((one, other))
    cause = {key: v for key, v in document["cause"].items() if key != "exfiltrated"}
    never_lower(
        document | {"cause": cause | {"exfiltration_evidence": _BY_EVIDENCE[first]}},
        document | {"cause": cause | {"exfiltration_evidence": _BY_EVIDENCE[then]}},
    )


@given(_documents)
def test_the_proposed_level_is_one_of_those_still_possible(document: dict[str, Any]) -> None:
    found = judge(parse_facts(document))
    assert found.possible
    assert found.level is None or found.level is found.possible[0]
    assert found.level is not None or len(found.possible) > 1
