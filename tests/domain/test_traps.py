"""Where the tools and tables that others use go wrong, each with its test.

Some stand elsewhere, and are named here so that none is lost:
"""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Obligation
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.words import Standing
from incident_engine.domain.words import Evidence
from incident_engine.intake.playbook_file import read_playbooks

LAWS = read_playbooks(Path(__file__).parents[2] / "playbooks")
BY_ID = {law.id: law for law in LAWS}
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

ELSEWHERE = {
    "1 a clock's start is not the moment of detection":
        ("test_law", "test_without_the_moment_of_awareness_no_other_moment_stands_in"),
    "3 a month is a month": ("test_hard_cases",
        "test_dora_runs_from_classification_through_our_own_submissions"),
    "7 counts grow; new duties start when the number was learned": ("test_hard_cases",
        "test_a_chinese_incident_grows_over_a_million_three_days_later"),
    "9 encryption dies with the key": ("test_law", "test_the_key_taken_undoes_the_encryption"),
    "9 and does not help where the only copy is gone": ("test_law",
        "test_encryption_does_not_help_where_the_only_copy_is_gone"),
    "10 people need not be told, and the authority must": ("test_law",
        "test_the_department_is_told_even_where_people_need_not_be"),
    "11 a processor tells the controller": ("test_law",
        "test_a_processor_tells_the_controller_and_nobody_else"),
    "12 a hold forbids": ("test_law",
        "test_a_hold_forbids_telling_people_and_leaves_the_commission"),
    "12 a hold postpones, and ends": ("test_law",
        "test_a_hold_postpones_and_its_end_makes_it_prompt"),
    "13 what one state wants said another forbids": ("test_hard_cases",
        "test_california_must_say_what_massachusetts_may_not"),
    "14 before or after the residents": ("test_hard_cases",
        "test_an_authority_hears_on_its_own_side_of_the_residents"),
    "14 the authority's limit before the residents'": ("test_hard_cases",
        "test_texas_tells_its_attorney_general_before_its_residents"),
    "20 substitute notice, for some or for all": ("test_hard_cases",
        "test_a_hospital_that_loses_ten_addresses_posts_for_ninety_days_for_those_only"),
    "21 as many authorities as member states": ("test_law",
        "test_without_an_establishment_every_member_states_authority_is_told"),
    "24 a decision not to tell is kept": ("test_hard_cases",
        "test_what_must_be_kept_is_said_with_the_decision_that_needs_it"),
}  # fmt: skip


def test_what_is_said_to_be_tested_elsewhere_is() -> None:
    for module, name in ELSEWHERE.values():
        assert hasattr(importlib.import_module(f"tests.domain.{module}"), name), name


ONE_OF_EACH = {"us-fl", "us-tx", "us-in", "cn-pipl", "ru-152fz"}


def answer(now: datetime = NOW, **facts: Any) -> Assessment:
    plain: dict[str, Any] = {
        "role": "controller", "kinds": ["confidentiality"], "cause": {"exfiltrated": True},
        "data": {"types": ["name", "ssn"], "encrypted": False},
        "finding": {"risk": "high", "significant_harm": True, "by": "Dov"},
    }  # fmt: skip
    return assess(parse_facts(plain | facts), LAWS, now=now)


def living(*places: str, count: int = 900) -> list[dict[str, Any]]:
    return [{"where": place, "count": count, "minors": 0} for place in places]


def of(found: Assessment, name: str) -> Obligation:
    playbook, _, id_ = name.partition("/")
    return next(d for d in found.obligations if (d.playbook, d.id) == (playbook, id_))


def told(found: Assessment) -> set[str]:
    return {f"{d.playbook}/{d.id}" for d in found.obligations if d.status != "not-required"}


def due(found: Assessment, name: str) -> str | None:
    at = of(found, name).due
    return at.at.isoformat() if at and at.at else None


def test_2_business_days_are_not_hours() -> None:
    """14 business days over Thanksgiving; 336 hours would end a week too early."""
    found = answer(clocks={"discovered": "2026-11-23"}, people=living("US-VT"))
    assert due(found, "us-vt/attorney-general") == "2026-12-14T23:59:59-05:00"


def test_3_seventy_two_hours_run_through_a_weekend() -> None:
    found = answer(clocks={"aware": "2026-11-27T09:00:00+01:00"}, people=living("FR"),
                   organisation={"country": "FR"})  # fmt: skip
    assert due(found, "eu-gdpr/authority") == "2026-11-30T09:00:00+01:00"


@pytest.mark.parametrize(
    ("aware", "at"),
    [
        ("2027-03-26T18:00:00+01:00", "2027-03-29T19:00:00+02:00"),
        ("2026-10-23T18:00:00+02:00", "2026-10-26T17:00:00+01:00"),
    ],
)
def test_4_hours_are_elapsed_hours_when_the_clocks_change(aware: str, at: str) -> None:
    found = answer(clocks={"aware": aware}, people=living("FR"), organisation={"country": "FR"})
    assert due(found, "eu-gdpr/authority") == at


def test_4_a_day_ends_with_the_day_of_the_place() -> None:
    found = answer(clocks={"discovered": "2026-12-01T23:30:00-08:00"}, people=living("US-CA"))
    assert due(found, "us-ca/individuals") == "2026-12-31T23:59:59-08:00"


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("US-FL", "America/New_York"),  # and Chicago in the west
        ("US-TX", "America/Chicago"),  # and Denver in El Paso
        ("US-IN", "America/Indiana/Indianapolis"),
        ("CN", "Asia/Shanghai"),
        ("RU", "Europe/Moscow"),
    ],
)
def test_4_where_a_place_keeps_several_zones_the_day_ends_in_one_and_never_late(
    place: str, zone: str
) -> None:
    [law] = [law for law in LAWS if law.place == place and law.id in ONE_OF_EACH]
    at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert ZoneInfo(law.zone).utcoffset(at) == ZoneInfo(zone).utcoffset(at)


def test_5_japan_counts_the_day_of_knowing_and_moves_past_the_new_year() -> None:
    data = {"types": ["name", "health"], "encrypted": False}
    found = answer(clocks={"aware": "2026-12-01"}, people=living("JP"), data=data)
    assert str(due(found, "jp-appi/final-report"))[:10] == "2027-01-04"


def test_5_singapore_leaves_out_the_day_of_the_assessment_and_china_counts_to_the_minute() -> None:
    clocks = {"assessed": "2026-12-31T08:00:00+08:00", "detected": "2026-11-23T23:30:00+08:00"}
    found = answer(clocks=clocks, people=living("SG", "CN", count=20_000_000),
                   organisation={"country": "CN", "sectors": ["cloud"]})  # fmt: skip
    assert due(found, "sg-pdpa/authority") == "2027-01-03T23:59:59+08:00"
    assert due(found, "cn-incident-reporting/authority") == "2026-11-24T03:30:00+08:00"


def test_6_what_is_under_every_states_number_may_be_over_the_federal_one() -> None:
    """Three states of 400 patients: no state's 500, and HIPAA's 500 at once."""
    found = answer(
        clocks={"discovered": "2026-11-23"}, organisation={"sectors": ["health-provider"]},
        people=living("US-CA", "US-WA", "US-IA", count=400),
        data={"types": ["name", "medical_record"], "encrypted": False},
    )  # fmt: skip
    assert due(found, "us-hipaa/authority") == "2027-01-22T23:59:59-05:00"  # not the year's end
    assert not {"us-ca/attorney-general", "us-wa/attorney-general"} & told(found)


@pytest.mark.parametrize(
    ("place", "duty", "count", "is_told"),
    [
        ("US-CA", "us-ca/attorney-general", 500, False),  # more than 500
        ("US-CA", "us-ca/attorney-general", 501, True),
        ("US-TX", "us-tx/attorney-general", 249, False),  # at least 250
        ("US-TX", "us-tx/attorney-general", 250, True),
    ],
)
def test_6_more_than_is_not_at_least(place: str, duty: str, count: int, is_told: bool) -> None:
    clocks = {"discovered": "2026-11-23", "determined": "2026-11-23"}
    found = answer(clocks=clocks, people=living(place, count=count))
    assert (duty in told(found)) is is_told


def test_7_an_estimate_around_the_number_leaves_it_open() -> None:
    people = [{"where": "US-TX", "count": {"min": 200, "max": 300, "basis": "estimate"}}]
    found = of(answer(clocks={"determined": "2026-11-23"}, people=people), "us-tx/attorney-general")
    assert (found.status, found.asks) == ("open", ("people.US-TX.count",))


def test_8_somebody_who_belongs_to_two_states_is_told_under_both() -> None:
    clocks = {"discovered": "2026-11-23", "determined": "2026-11-23"}
    found = answer(clocks=clocks, people=living("US-TX", "US-CA", count=1))
    assert {"us-tx/individuals", "us-ca/individuals"} <= told(found)


def test_11_a_processors_own_account_data_is_another_role_and_another_incident() -> None:
    clocks = {"aware": "2026-11-23T09:00:00+01:00"}
    ours = {"country": "DE", "sectors": ["cloud"]}
    as_processor = answer(role="processor", clocks=clocks, people=living("DE"), organisation=ours)
    as_controller = answer(clocks=clocks, people=living("DE"), organisation=ours)
    assert "eu-gdpr/authority" not in told(as_processor)
    assert "eu-gdpr/authority" in told(as_controller)


@pytest.mark.parametrize(
    ("place", "law", "at"),
    [
        ("US-GA", "us-ga", "2026-12-02T09:00:00-05:00"),  # 24 hours
        ("US-AL", "us-al", "2026-12-11T23:59:59-06:00"),  # 10 days
        ("US-FL", "us-fl", "2026-12-11T23:59:59-05:00"),
        ("US-MD", "us-md", "2026-12-11T23:59:59-05:00"),
        ("US-OR", "us-or", "2026-12-11T23:59:59-07:00"),  # a county in the east keeps Boise's time
        ("US-NM", "us-nm", "2027-01-15T23:59:59-07:00"),  # 45 days
        ("US-NY", "us-ny", "2026-12-31T23:59:59-05:00"),  # 30 days
    ],
)
def test_11_some_states_give_the_processor_a_number(place: str, law: str, at: str) -> None:
    clocks = dict.fromkeys(("discovered", "aware", "determined"), "2026-12-01T09:00:00-05:00")
    found = answer(role="processor", clocks=clocks, people=living(place))
    assert due(found, f"{law}/controller") == at


def test_12_a_hold_means_what_each_law_says() -> None:
    """Permitted in California, forbidden to speak in Singapore, nothing in China and the Union."""
    clocks = {"aware": "2026-11-23T09:00:00+01:00", "discovered": "2026-11-23",
              "assessed": "2026-11-24", "hold_from": "2026-11-25"}  # fmt: skip
    found = answer(clocks=clocks, people=living("US-CA", "SG", "CN", "DE"))
    statuses = {name: of(found, f"{name}/individuals").status.value
                for name in ("us-ca", "sg-pdpa", "cn-pipl", "eu-gdpr")}  # fmt: skip
    assert statuses == {"us-ca": "postponed", "sg-pdpa": "prohibited",
                        "cn-pipl": "required", "eu-gdpr": "required"}  # fmt: skip


def test_12_a_hold_said_orally_ends_by_itself_and_one_in_writing_does_not() -> None:
    clocks = {"discovered": "2026-11-20", "hold_from": "2026-11-23"}
    asked: dict[str, Any] = {
        "organisation": {"country": "US", "sectors": ["health-provider"]},
        "data": {"types": ["name", "medical_record"], "encrypted": False},
        "people": living("US-TX"),
    }
    on_day_30 = answer(datetime(2026, 12, 23, 12, tzinfo=UTC), clocks=clocks, **asked)
    assert of(on_day_30, "us-hipaa/individuals").status != "required"
    after = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert of(answer(after, clocks=clocks, **asked), "us-hipaa/individuals").status == "required"
    written = clocks | {"hold_until": "2027-01-10"}
    found = answer(after, clocks=written, **asked)
    assert of(found, "us-hipaa/individuals").status != "required"


def test_12_only_the_attorney_general_of_the_united_states_moves_form_8_k() -> None:
    clocks = {"determined": "2026-11-25", "hold_from": "2026-11-25"}
    ours = {"country": "US", "sectors": ["listed-company"]}
    finding = {"material": True, "by": "Ines"}
    held = answer(clocks=clocks, organisation=ours, finding=finding, people=living("US-CA"))
    assert due(held, "us-sec/current-report") == "2026-12-02T17:30:00-05:00"
    said = {"until": "2027-01-08", "by": "the Attorney General", "why": "national security"}
    moved = answer(clocks=clocks, organisation=ours, finding=finding, people=living("US-CA"),
                   extended={"us-sec/current-report": said})  # fmt: skip
    assert due(moved, "us-sec/current-report") == "2027-01-08T17:30:00-05:00"


def test_12_after_a_hold_maryland_gives_seven_days_and_california_none() -> None:
    clocks = {"discovered": "2026-11-02", "hold_from": "2026-11-03", "hold_until": "2026-12-29"}
    found = answer(datetime(2026, 12, 31, 12, tzinfo=UTC), clocks=clocks,
                   people=living("US-MD", "US-CA"))  # fmt: skip
    assert due(found, "us-md/individuals") == "2027-01-05T23:59:59-05:00"
    california = of(found, "us-ca/individuals").due
    assert california is not None
    assert (california.at, (california.words or "").split()[0]) == (None, "promptly")


def test_13_californias_sample_for_its_attorney_general_names_nobody() -> None:
    sample = BY_ID["us-ca"].named("attorney-general").content
    assert ContentItem.OWN_DATA_TYPES in sample.forbidden


@pytest.mark.parametrize(
    "name", ["us-ma/individuals", "us-il/individuals", "us-wa/attorney-general"]
)
def test_13_some_notices_must_not_say_something(name: str) -> None:
    law, _, duty = name.partition("/")
    content = BY_ID[law].named(duty).content
    assert content.forbidden
    assert not content.forbidden.keys() & content.required.keys()


def test_15_acting_early_starts_the_next_clock_early() -> None:
    clocks = {"discovered": "2026-12-01"}
    early = answer(clocks=clocks, people=living("US-CA"), done={"us-ca/individuals": "2026-12-05"})
    assert str(due(early, "us-ca/attorney-general"))[:10] == "2026-12-20"


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("eu-gdpr/authority", "DE", "without undue delay"),
        ("us-tx/individuals", "US-TX", "without unreasonable delay"),
        ("us-wa/individuals", "US-WA", "in the most expedient time possible"),
    ],
)
def test_16_promptly_is_a_duty_beside_the_number(name: str, place: str, words: str) -> None:
    clocks = dict.fromkeys(("aware", "discovered", "determined"), "2026-11-24")
    found = of(answer(clocks=clocks, people=living(place)), name).due
    assert found is not None
    assert found.at is not None
    assert any(step.startswith(f"and all the same: {words}") for step in found.steps)


@pytest.mark.parametrize("law", ["cn-pipl", "cn-data-security"])
def test_16_a_word_alone_never_becomes_a_number(law: str) -> None:
    clocks = {"aware": "2026-11-23T09:00:00+08:00", "detected": "2026-11-23T09:00:00+08:00"}
    found = of(answer(clocks=clocks, people=living("CN")), f"{law}/authority").due
    assert found is not None
    assert (found.at, "立即" in str(found.words)) == (None, True)


def test_14_puerto_rico_publishes_within_a_day_and_says_so_before_we_write() -> None:
    found = answer(clocks={"detected": "2026-11-23", "discovered": "2026-11-23"},
                   people=living("US-PR"))  # fmt: skip
    assert str(due(found, "us-pr/attorney-general"))[:10] == "2026-12-03"
    assert "public within 24 hours" in of(found, "us-pr/attorney-general").says


def test_17_every_statement_has_a_source_a_day_and_how_well_it_was_read() -> None:
    for law in LAWS:
        assert law.review.read_on <= law.review.read_next
        for duty in law.obligation:
            for statement in duty.statements():
                citation, url = law.cite(statement.source)
                assert citation
                assert url.startswith("http")
                assert statement.evidence in Evidence


@pytest.mark.parametrize(
    ("law", "place", "known", "in_force"),
    [
        ("in-dpdp", "IN", "2026-11-20T10:00:00+05:30", False),
        ("in-dpdp", "IN", "2027-06-01T10:00:00+05:30", True),
        ("my-pdpa", "MY", "2025-05-30T10:00:00+08:00", False),
        ("my-pdpa", "MY", "2025-06-02T10:00:00+08:00", True),
    ],
)
def test_18_enacted_is_not_in_force(law: str, place: str, known: str, in_force: bool) -> None:
    clocks = dict.fromkeys(("aware", "detected"), known)
    found = answer(clocks=clocks, people=living(place), now=datetime(2027, 6, 9, tzinfo=UTC))
    duty = of(found, f"{law}/authority")
    assert duty.in_force is in_force
    assert (duty.status == "not-in-force") is not in_force


@pytest.mark.parametrize(
    ("name", "place", "first", "ours"),
    [
        ("cn-incident-reporting/authority", "CN", "2025-11-01", {"sectors": ["cloud"]}),
        ("vn-pdp/authority", "VN", "2026-01-01", {}),
        ("uk-pecr/authority", "GB", "2025-08-20", {"sectors": ["telecom"]}),
        ("eu-cra/early-warning", "DE", "2026-09-11", {"sectors": ["digital-product-maker"]}),
        ("us-ca/individuals", "US-CA", "2026-01-01", {}),
        ("us-ok/attorney-general", "US-OK", "2026-01-01", {}),
    ],
)
def test_18_a_new_number_begins_on_its_own_day(
    name: str, place: str, first: str, ours: dict[str, Any]
) -> None:
    """The day before it there is no such number: another law's words, another number, or none."""
    born = date.fromisoformat(first)
    numbers = []
    for day in (born - timedelta(days=1), born):
        at = dict.fromkeys(("aware", "detected", "discovered", "determined"), f"{day}")
        found = answer(
            clocks=at, people=living(place, count=20_000_000), now=NOW,
            organisation={"country": place[:2], **ours},
            cause={"exfiltrated": True, "intent": "malicious", "action": "hacking"},
            done={name.replace("attorney-general", "individuals"): f"{day}"},
        )  # fmt: skip
        playbook, _, id_ = name.partition("/")
        those = [d for d in found.obligations if (d.playbook, d.id) == (playbook, id_)]
        binding = [d for d in those if d.in_force and d.due and d.due.at]
        numbers.append([(d.due.rule, d.citation) for d in binding if d.due])
    before, after = numbers
    assert after
    assert before != after


def test_18_a_proposal_is_never_in_an_answer() -> None:
    everyone = answer(clocks={"aware": "2026-11-23T09:00:00Z"}, people=living("DE", "US-CA", "CN"))
    proposals = {law.id for law in LAWS if law.status is Standing.PROPOSAL}
    assert not proposals & {duty.playbook for duty in everyone.obligations}


def test_19_a_renumbered_law_is_cited_by_its_version() -> None:
    law = BY_ID["cn-cybersecurity"]
    before, after = (
        of(answer(clocks={"aware": f"{year}-12-20T09:00:00+08:00"}, people=living("CN")),
           "cn-cybersecurity/authority").citation
        for year in (2025, 2026)
    )  # fmt: skip
    assert before != after
    assert len(law.sources) > 1


def test_22_what_authorities_owe_one_another_is_nobody_elses_deadline() -> None:
    facts = {"clocks": {"detected": "2026-11-23T09:00:00+08:00"},
             "organisation": {"country": "CN", "sectors": ["cloud"]}}  # fmt: skip
    found = answer(**facts, people=living("CN", count=20_000_000))
    ours = [d for d in found.obligations if d.playbook == "cn-incident-reporting"]
    assert due(found, "cn-incident-reporting/authority") == "2026-11-23T13:00:00+08:00"
    assert all(d.due is None or "30 minutes" not in d.due.rule for d in ours)


@pytest.mark.parametrize(
    ("name", "place"), [("jp-appi/authority", "JP"), ("nz-privacy/authority", "NZ")]
)
def test_23_a_guidelines_number_is_shown_as_one(name: str, place: str) -> None:
    data = {"types": ["name", "health"], "encrypted": False}
    found = of(answer(clocks={"aware": "2026-11-23T09:00:00+09:00"}, people=living(place),
                      data=data), name)  # fmt: skip
    assert found.due is not None
    assert found.due.binding == "guideline"


def test_23_an_aim_of_ours_is_never_called_the_laws() -> None:
    found = of(answer(clocks={"suspected": "2026-11-23"}, people=living("SG")), "sg-pdpa/authority")
    assert found.due is not None
    assert (found.due.at, found.due.target is not None) == (None, True)


@pytest.mark.parametrize(
    ("law", "language"), [("ru-152fz", "ru"), ("vn-pdp", "vi"), ("id-pdp", "id"), ("ca-qc", "fr")]
)
def test_25_a_report_goes_in_in_the_authoritys_language(law: str, language: str) -> None:
    filing = BY_ID[law].named("authority").filing
    assert filing is not None
    assert language in filing.languages
