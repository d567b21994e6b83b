"""What four laws say, to the minute and to the trap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Obligation
from incident_engine.domain.law.content import ContentItem
from incident_engine.intake.playbook_file import read_playbooks

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
LAWS = read_playbooks(ROOT / "playbooks")
NAMES = {law.id for law in LAWS}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWED = {"required", "open", "waiting", "postponed"}


def cases(name: str) -> list[dict[str, Any]]:
    found = json.loads((CASES / name).read_text("utf-8"))
    return [case for case in found if case["expect"]["playbook"] in NAMES]


def answer(facts: Mapping[str, Any], now: datetime = NOW) -> Assessment:
    return assess(parse_facts(facts), LAWS, now=now)


def duties(found: Assessment, playbook: str) -> dict[tuple[str, str], Obligation]:
    return {(d.id, d.where): d for d in found.obligations if d.playbook == playbook}


def one(found: Assessment, name: str) -> Obligation:
    playbook, _, id_ = name.partition("/")
    return next(d for d in found.obligations if (d.playbook, d.id) == (playbook, id_))


def leak(**more: Any) -> dict[str, Any]:
    """The copied customer list: plain data of a controller, in a person's view of high risk."""
    facts: dict[str, Any] = {
        "role": "controller",
        "kinds": ["confidentiality"],
        "clocks": {"aware": "2026-03-03T10:20:00+01:00"},
        "cause": {"exfiltrated": True},
        "data": {"types": ["name", "email", "national_id"], "encrypted": False},
        "finding": {"risk": "high", "by": "Dov"},
        "people": [{"where": "DE", "count": 1200}],
    }
    return facts | more


# The published cases


@pytest.mark.parametrize("case", cases("deadlines.json"), ids=lambda case: case["id"])
def test_a_deadline_falls_where_the_case_says(case: dict[str, Any]) -> None:
    expect = case["expect"]
    found = [
        duty
        for duty in answer(case["facts"]).obligations
        if (duty.playbook, duty.audience.value, duty.phase.value)
        == (expect["playbook"], expect["audience"], expect["phase"])
    ]
    assert len(found) == 1
    due = found[0].due
    assert due is not None
    assert due.at is not None
    if "due_at" in expect:
        assert due.at.isoformat() == expect["due_at"]
    else:
        assert due.at.date().isoformat() == expect["due_date"]


HARD = [case for case in cases("verdicts.json") if case["strength"] == "hard"]


@pytest.mark.parametrize("case", HARD, ids=lambda case: case["id"])
def test_a_hard_verdict_is_ours_too(case: dict[str, Any]) -> None:
    expect, found = case["expect"], answer(case["facts"])
    assert found.as_json()["record"] is True
    for audience in ("regulator", "individuals"):
        if isinstance(expect[audience], bool):
            statuses = {
                duty.status.value
                for duty in found.obligations
                if duty.playbook == expect["playbook"] and duty.audience == audience
            }
            assert bool(statuses & OWED) is expect[audience], (audience, statuses)


# GDPR


def test_without_an_establishment_every_member_states_authority_is_told() -> None:
    people = [{"where": place, "count": 5} for place in ("FR", "DE", "RE", "NO", "GB")]
    found = duties(answer(leak(organisation={"country": "CN"}, people=people)), "eu-gdpr")
    assert [where for id_, where in found if id_ == "authority"] == ["DE", "FR", "NO"]
    assert [where for id_, where in found if id_ == "individuals"] == ["DE", "FR", "NO", "RE"]


def test_the_lead_authority_speaks_for_all() -> None:
    organisation = {"country": "US", "establishments": ["US", "IE"], "lead_authority": "IE"}
    people = [{"where": "DE", "count": 5}, {"where": "FR", "count": 5}]
    found = duties(answer(leak(organisation=organisation, people=people)), "eu-gdpr")
    assert [where for id_, where in found if id_ == "authority"] == ["IE"]
    due = found["authority", "IE"].due
    assert due is not None
    assert due.zone == "Europe/Dublin"


def test_where_it_is_not_known_who_leads_the_question_is_put() -> None:
    organisation = {"establishments": ["IE", "NL"]}
    people = [{"where": "DE", "count": 5}, {"where": "FR", "count": 5}]
    found = duties(answer(leak(organisation=organisation, people=people)), "eu-gdpr")
    assert "organisation.lead_authority" in found["authority", "DE"].asks


def test_an_organisation_seated_in_the_union_answers_for_people_anywhere() -> None:
    people = [{"where": "AE", "count": 40}]
    found = duties(answer(leak(organisation={"country": "NL"}, people=people)), "eu-gdpr")
    assert ("authority", "NL") in found
    assert ("individuals", "AE") in found
    assert not duties(answer(leak(organisation={"country": "US"}, people=people)), "eu-gdpr")


def test_a_processor_tells_the_controller_and_nobody_else() -> None:
    people = [{"where": place, "count": 900} for place in ("DE", "SG", "US-CA")]
    ours = {"country": "US", "sectors": ["cloud"]}
    found = answer(leak(role="processor", people=people, organisation=ours))
    assert {duty.audience.value for duty in found.obligations} == {"controller"}


def test_high_risk_and_encryption_are_given_as_reasons() -> None:
    because = one(answer(leak()), "eu-gdpr/individuals").because
    assert {"people in EU: 1200", "risk: high", "role: controller"} <= set(because)
    assert "data.encrypted: false" in because


def test_encryption_does_not_help_where_the_only_copy_is_gone() -> None:
    data = {"types": ["health"], "encrypted": True, "key_taken": False, "backup": False}
    found = answer(leak(kinds=["confidentiality", "availability"], data=data))
    assert one(found, "eu-gdpr/individuals").status == "required"


def test_an_authority_can_order_what_the_risk_did_not_ask() -> None:
    calm = leak(finding={"risk": "likely", "by": "Dov"})
    assert one(answer(calm), "eu-gdpr/individuals").status == "not-required"
    calm["clocks"]["ordered"] = "2026-03-09T10:00:00+01:00"
    assert one(answer(calm), "eu-gdpr/individuals").status == "required"


def test_before_its_day_the_law_is_not_in_force() -> None:
    duty = one(answer(leak(clocks={"aware": "2018-05-24T10:00:00+02:00"})), "eu-gdpr/authority")
    assert (duty.status, duty.in_force, duty.due) == ("not-in-force", False, None)


def test_without_the_moment_of_awareness_no_other_moment_stands_in() -> None:
    duty = one(answer(leak(clocks={"detected": "2026-03-03T10:20:00+01:00"})), "eu-gdpr/authority")
    assert duty.due is not None
    assert duty.due.at is None
    assert duty.asks == ("clocks.aware",)


def test_a_late_report_has_to_say_why() -> None:
    late = one(answer(leak()), "eu-gdpr/authority")
    assert late.late(NOW)
    assert ContentItem.DELAY_REASONS in late.wording.items
    in_time = one(answer(leak(), datetime(2026, 3, 4, tzinfo=UTC)), "eu-gdpr/authority")
    assert ContentItem.DELAY_REASONS not in in_time.wording.items


# A contract


def test_a_promise_binds_wherever_people_live_and_before_anybody_counted_them() -> None:
    facts = {"role": "processor", "clocks": {"aware": "2026-03-03"}}
    found = one(answer(facts), "contract/controller")
    assert (found.status, found.where) == ("required", "001")
    assert found.due is not None
    assert (found.due.at, found.due.binding) == (None, "contract")


# PIPL


def chinese(**more: Any) -> dict[str, Any]:
    return leak(people=[{"where": "CN", "count": 9, "minors": 0}]) | more


def test_immediately_stays_a_word() -> None:
    due = one(answer(chinese()), "cn-pipl/authority").due
    assert due is not None
    assert (due.at, due.words) == (None, "立即 (immediately)")


def test_the_department_is_told_even_where_people_need_not_be() -> None:
    data = {"types": ["name"], "encrypted": True, "key_taken": False, "backup": True}
    finding = {"risk": "unlikely", "by": "Dov"}
    found = answer(chinese(data=data, finding=finding))
    assert one(found, "cn-pipl/authority").status == "required"
    assert one(found, "cn-pipl/individuals").exceptions == ("harm-avoided",)


def test_what_may_have_happened_counts_in_china() -> None:
    found = answer(chinese(confirmed=False, clocks={"suspected": "2026-03-03T10:20:00+08:00"}))
    assert one(found, "cn-pipl/authority").status == "required"


def test_guardians_are_told_of_minors_and_only_of_minors_in_china() -> None:
    people = [{"where": "CN", "count": 9, "minors": 2}]
    assert one(answer(chinese(people=people)), "cn-minors/guardians").status == "required"
    people = [{"where": "CN", "count": 9, "minors": 0}, {"where": "DE", "count": 9, "minors": 3}]
    found = answer(chinese(people=people, organisation={"country": "CN"}))
    assert ("guardians", "CN") not in duties(found, "cn-minors")


# PDPA


def singapore(**more: Any) -> dict[str, Any]:
    data = {"types": ["name", "salary"], "encrypted": False}
    people = [{"where": "SG", "count": 3}]
    clocks = {"aware": "2026-03-04T10:00:00+08:00", "assessed": "2026-03-05"}
    return leak(data=data, people=people, clocks=clocks) | {"finding": {}} | more


def test_until_the_assessment_the_three_days_wait_and_thirty_are_our_aim() -> None:
    waiting = one(answer(singapore(clocks={"suspected": "2026-03-04"})), "sg-pdpa/authority")
    assert waiting.status == "waiting"
    assert "clocks.assessed" in waiting.asks
    assert waiting.due is not None
    assert waiting.due.at is None
    assert waiting.due.target is not None
    assert waiting.due.target.date().isoformat() == "2026-04-03"


@pytest.mark.parametrize(("count", "status"), [(499, "not-required"), (500, "required")])
def test_five_hundred_is_at_least_five_hundred(count: int, status: str) -> None:
    plain = {"types": ["name", "email"], "encrypted": False}
    found = answer(singapore(data=plain, people=[{"where": "SG", "count": count}]))
    assert one(found, "sg-pdpa/authority").status == status
    assert one(found, "sg-pdpa/individuals").status == "not-required"


def test_an_account_with_its_credential_is_deemed_harm() -> None:
    data = {"types": ["username", "password"], "encrypted": False}
    assert one(answer(singapore(data=data)), "sg-pdpa/individuals").status == "required"


def test_a_hold_forbids_telling_people_and_leaves_the_commission() -> None:
    clocks = {"assessed": "2026-03-05", "hold_from": "2026-03-05"}
    found = answer(singapore(clocks=clocks))
    assert one(found, "sg-pdpa/individuals").status == "prohibited"
    assert one(found, "sg-pdpa/individuals").due is None
    assert one(found, "sg-pdpa/authority").status == "required"


def test_who_owes_people_nothing_may_still_be_forbidden_to_speak() -> None:
    clocks = {"assessed": "2026-03-05", "hold_from": "2026-03-05"}
    data = {"types": ["name", "email"], "encrypted": False}
    people = [{"where": "SG", "count": 600}]
    found = answer(singapore(clocks=clocks, data=data, people=people))
    assert one(found, "sg-pdpa/individuals").status == "prohibited"
    assert one(found, "sg-pdpa/authority").status == "required"


def test_before_telling_anybody_singapore_asks_for_a_hold() -> None:
    assert "clocks.hold_from" in one(answer(singapore()), "sg-pdpa/individuals").asks


# Australia's Privacy Act


def australian(**more: Any) -> dict[str, Any]:
    return leak(people=[{"where": "AU", "count": 40}], confirmed=False, **more)


def test_thirty_days_are_for_finding_out_not_for_telling_in_australia() -> None:
    duty = one(answer(australian(clocks={"suspected": "2026-03-04"})), "au-ndb/authority")
    assert duty.status == "postponed"
    assert duty.due is not None
    assert (duty.due.at, duty.due.target) == (None, datetime(2026, 4, 3, 12, 59, 59, tzinfo=UTC))


def test_who_has_found_out_may_wait_no_longer_in_australia() -> None:
    clocks = {"suspected": "2026-03-04", "determined": "2026-03-09T10:00:00+11:00"}
    finding = {"significant_harm": True, "by": "Dov"}
    found = answer(australian(clocks=clocks, finding=finding))
    assert one(found, "au-ndb/authority").status == "required"
    assert one(found, "au-ndb/individuals").status == "required"


def test_what_stays_inside_the_house_is_not_notifiable() -> None:
    found = answer(singapore(internal_only=True))
    assert one(found, "sg-pdpa/authority").exceptions == ("within-the-organisation",)


# California


def californian(**more: Any) -> dict[str, Any]:
    data = {"types": ["name", "ssn"], "encrypted": False}
    people = [{"where": "US-CA", "count": 620}]
    clocks = {"discovered": "2026-03-01T09:00:00-08:00"}
    return leak(data=data, people=people, clocks=clocks) | more


def test_awareness_serves_for_discovery_and_the_answer_says_so() -> None:
    found = one(answer(californian(clocks={"aware": "2026-12-01"})), "us-ca/individuals")
    assert found.due is not None
    assert found.due.at is not None
    assert found.due.at.isoformat() == "2026-12-31T23:59:59-08:00"
    assert any("aware serves" in text for text in found.because)


def test_the_attorney_general_waits_for_the_residents() -> None:
    waiting = one(answer(californian()), "us-ca/attorney-general")
    assert waiting.status == "waiting"
    assert any("us-ca/individuals/notify" in text for text in waiting.because)
    for key in ("us-ca/individuals/notify", "us-ca/individuals"):
        done = one(answer(californian(done={key: "2026-03-20"})), "us-ca/attorney-general")
        assert done.due is not None
        assert done.due.at is not None
        assert done.due.at.date().isoformat() == "2026-04-04"


def test_the_day_of_discovery_chooses_the_law() -> None:
    eve, day = "2025-12-31T23:59:00-08:00", "2026-01-01T00:01:00-08:00"
    old = one(answer(californian(clocks={"discovered": eve})), "us-ca/individuals").due
    new = one(answer(californian(clocks={"discovered": day})), "us-ca/individuals").due
    assert old is not None
    assert new is not None
    assert old.at is None
    assert "without unreasonable delay" in str(old.words)
    assert new.at is not None
    assert new.at.date().isoformat() == "2026-01-31"


def test_a_hold_postpones_and_its_end_makes_it_prompt() -> None:
    clocks = {"discovered": "2026-03-01", "hold_from": "2026-03-02", "hold_until": "2026-05-01"}
    held = one(
        answer(californian(clocks=clocks), datetime(2026, 4, 1, tzinfo=UTC)), "us-ca/individuals"
    )
    assert held.status == "postponed"
    free = one(
        answer(californian(clocks=clocks), datetime(2026, 5, 3, tzinfo=UTC)), "us-ca/individuals"
    )
    assert free.status == "required"
    assert free.due is not None
    assert free.due.at is None
    assert str(free.due.words).startswith("promptly after")


def test_the_key_taken_undoes_the_encryption() -> None:
    data = {"types": ["name", "ssn"], "encrypted": True, "key_taken": True}
    assert one(answer(californian(data=data)), "us-ca/individuals").status == "required"


@pytest.mark.parametrize(
    "types", [["name", "email"], ["ssn"], ["password"], ["name", "phone", "postal_address"]]
)
def test_what_is_not_on_californias_list_does_not_concern_it(types: list[str]) -> None:
    found = answer(californian(data={"types": types, "encrypted": False}))
    assert not duties(found, "us-ca")


# The answer as a whole


def test_an_answer_has_exactly_the_contracts_keys() -> None:
    shown: dict[str, Any] = answer(leak()).as_json()
    assert list(shown) == ["format", "record", "risk", "asks", "obligations", "playbooks"]
    assert set(shown["risk"]) == {"level", "decided", "score", "band", "because"}
    duty = next(d for d in shown["obligations"] if d["playbook"] == "eu-gdpr")
    assert set(duty) == {
        "playbook", "id", "title", "audience", "phase", "where", "status", "due", "asks",
        "because", "citation", "url", "evidence", "in_force",
    }  # fmt: skip
    assert set(duty["due"]) == {"at", "words", "rule", "from", "zone", "binding", "target"}


def test_an_incident_of_which_nothing_is_known_is_recorded_and_asks() -> None:
    found = answer({})
    assert found.as_json()["record"] is True
    statuses = {duty.status.value for duty in found.obligations}
    assert statuses <= {"open", "waiting", "voluntary", "not-in-force"}
    assert {"role", "people.where"} <= set(found.asks)
    assert found.asks[0] in ("role", "people.where")


def test_one_duty_a_playbook_audience_phase_and_place() -> None:
    people = [{"where": where, "count": 900} for where in ("DE", "FR", "CN", "SG", "US-CA", "US")]
    found = answer(leak(people=people))
    keys = [(d.playbook, d.audience, d.phase, d.where) for d in found.obligations]
    assert len(keys) == len(set(keys))
