"""Where authorities' forms contradict one another, one rule holds for each, and both get theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.words import Phase
from incident_engine.notices.reports.form_answers import AnswerKind, band_of
from incident_engine.notices.reports.forms import FollowUp, read_forms
from incident_engine.notices.reports.report import fill
from incident_engine.notices.reports.report_document import FieldAnswer, FieldStatus, Report
from incident_engine.notices.reports.submission import Notified, Submission
from tests.notices.conftest import bare, facts_with

FORMS = {form.id: form for form in read_forms()}
AT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
FIRST_TOLD = datetime(2026, 3, 7, 3, 0, tzinfo=UTC)


def said(form: str, facts: Facts | None = None, **changed: Any) -> Report:
    """What that authority gets of the copied customer list."""
    duty = {"playbook": "a-law", "id": "authority", "where": "DE", "title": "Tell the authority",
            "citation": "A law, Art 1"} | changed.pop("duty", {})  # fmt: skip
    known: dict[str, Any] = {"incident": "INC-2026-0001", "phase": Phase.NOTIFY, "version": 1,
                             "at": AT}  # fmt: skip
    return fill(FORMS[form], facts or facts_with(), duty, Submission(**known | changed))


def field(report: Report, name: str) -> FieldAnswer:
    return next(each for each in report.fields if each.id == name)


def choice(form: str, name: str, facts: Facts | None = None, **changed: Any) -> tuple[str, ...]:
    return field(said(form, facts, **changed), name).choice


def test_1_persons_records_clients_and_users_are_never_made_of_one_another() -> None:
    counted = facts_with(without=("data.records",))
    assert field(said("eu-gdpr-art33", counted), "4.2").lines
    assert field(said("eu-gdpr-art33", counted), "4.6").status is FieldStatus.TO_FOLLOW
    records = field(said("ru-152fz", counted), "П.4")
    assert records.status is FieldStatus.ASKED
    assert "records" in records.ask
    dora = said("eu-dora", phase=Phase.INTERIM)
    assert field(dora, "3.4").status is FieldStatus.ASKED, "clients are not the people"
    assert "impact.users.number" in field(said("eu-nis2"), "9").lacks, "users are not the people"


@pytest.mark.parametrize(
    ("number", "band"),
    [(1, "1"), (2, "2-10"), (100, "11-100"), (101, "101-1,000"),
     (50_000_000, "more than 10,000,000")],
)  # fmt: skip
def test_2_each_form_gets_its_own_figure_of_one_count(number: int, band: str) -> None:
    facts = bare(people=[{"where": "AU", "count": number}])
    assert choice("au-ndb-oaic", "2.5", facts) == (band,)


def test_2_a_maximum_where_it_is_asked_a_range_elsewhere_and_never_below_a_threshold() -> None:
    facts = bare(people=[{"where": "GB", "count": {"min": 480, "value": 500, "max": 520}}])
    assert field(said("uk-gdpr-ico", facts), "14").lines[0].endswith("520")
    assert "500 (between 480 and 520)" in field(said("eu-gdpr-art33", facts), "4.2").lines
    assert choice("us-hipaa-ocr", "6", facts) == ("500 or more",)
    assert field(said("nl-ap", facts), "5.2").lines, "least and most stand apart"
    assert band_of(7, ["unknown", "some 7"]) == ""


def test_3_each_form_names_its_own_moment_of_learning_and_prints_what_stood_in_for_it() -> None:
    facts = facts_with(without=("clocks.discovered",))
    (line,) = field(said("us-hipaa-ocr", facts), "9").lines
    assert line.startswith("no date of discovery recorded; date of awareness:")
    assert field(said("ru-152fz", facts_with(without=("clocks.detected",))), "П.2").lines == ()


@pytest.mark.parametrize(
    ("form", "name", "zone", "line"),
    [
        ("eu-gdpr-art33", "3.3", "Europe/Berlin", "6 March 2026 03:25 UTC+1"),
        ("in-cert", "4", "Asia/Kolkata", "UTC+5:30"),
        ("ru-152fz", "П.2", "Europe/Moscow", "UTC+3"),
        ("cn-incident-reporting", "7(二)a", "Asia/Shanghai", "UTC+8"),
    ],
)
def test_4_an_instant_is_shown_in_the_authoritys_zone_which_is_printed(
    form: str, name: str, zone: str, line: str
) -> None:
    assert line in "\n".join(field(said(form, zone=zone), name).lines)


def test_5_a_day_is_never_made_a_midnight() -> None:
    facts = facts_with({"clocks.aware": "2026-03-05", "clocks.detected": "2026-03-05"})
    assert field(said("eu-gdpr-art33", facts), "3.3").lines == ("5 March 2026",)
    assert not any("00:00" in line for each in said("eu-gdpr-art33", facts).fields
                   for line in each.lines)  # fmt: skip
    assert field(said("eu-dora", facts), "2.2").status is FieldStatus.ASKED


def test_6_one_duration_is_written_in_every_forms_way() -> None:
    facts = facts_with({"clocks.occurred_from": "2026-03-02T13:00:00Z",
                        "clocks.occurred_until": "2026-03-03T18:30:00Z"})  # fmt: skip
    ours = field(said("eu-gdpr-art33", facts), "3.2")
    assert ours.lines == ("1 d 5 h 30 min",)
    assert ours.value == {"incident.duration": 24 * 60 + 5 * 60 + 30}
    dora = field(said("eu-dora", facts, phase=Phase.INTERIM), "3.15")
    assert dora.value == ours.value
    assert FORMS["eu-dora"].fields_in(Phase.INTERIM)
    assert next(e for e in FORMS["eu-dora"].fields if e.id == "3.15").answers is AnswerKind.SPAN


def test_7_what_was_hurt_is_mapped_and_authenticity_is_integrity_where_it_has_no_tick() -> None:
    facts = facts_with({"kinds": ["confidentiality", "authenticity"]})
    assert choice("fr-cnil", "3.6", facts) == ("perte de confidentialité", "perte d'intégrité")
    assert choice("eu-edpb-template", "S3.5", facts) == ("confidentiality", "integrity")
    assert any("Authenticity" in line for line in field(said("fr-cnil", facts), "3.6").lines)


@pytest.mark.parametrize(
    ("actor", "intent", "theirs"),
    [
        ("external", "malicious", ("acte externe malveillant",)),
        ("internal", "accidental", ("acte interne accidentel",)),
        ("external", None, ()),
    ],
)
def test_8_origin_and_intent_are_two_facts_and_one_choice_only_where_both_are_known(
    actor: str, intent: str | None, theirs: tuple[str, ...]
) -> None:
    facts = facts_with({"cause.actor": actor, "cause.intent": intent})
    assert choice("fr-cnil", "3.8", facts) == theirs
    assert choice("es-aepd", "7", facts) in ((), ("externo",), ("interno",))
    assert "cause.root" not in {*field(said("fr-cnil", facts), "3.8").facts}


def test_9_severity_likelihood_and_risk_stand_apart_each_in_the_forms_own_degrees() -> None:
    facts = facts_with({"consequences.severity": "very-high", "consequences.likelihood": "low",
                        "finding.risk": "unlikely"})  # fmt: skip
    severe = {
        form.id: found
        for form in FORMS.values()
        for each in form.fields
        if each.facts[0] == "consequences.severity" and each.codes
        and (found := choice(form.id, each.id, facts))
    }  # fmt: skip
    assert severe["fr-cnil"] == ("maximale",)
    assert severe["ie-dpc"] == ("severe",)
    assert severe["nl-ap"] == ("zeer groot",)
    assert choice("de-art33", "9a", facts) == ("kein/gering",), "the finding, not the severity"


@pytest.mark.parametrize(
    ("told", "theirs"),
    [(512, "oui, informées"), (100, "non, mais elles le seront"), (0, "pas encore déterminé")],
)
def test_10_how_far_telling_has_come_has_its_day_and_its_reason_beside_it(
    told: int, theirs: str
) -> None:
    reach = Notified(people=512, told=told, first_at=FIRST_TOLD if told else None)
    report = said("fr-cnil", notified=reach)
    assert field(report, "9.1").choice == (theirs,)
    assert bool(field(report, "9.2").lines) is bool(told)
    why = field(report, "9.6").status
    assert why is (FieldStatus.NOT_APPLICABLE if told == 512 else FieldStatus.ASKED)


def test_11_one_kind_of_data_may_stand_in_two_of_a_forms_groups() -> None:
    facts = facts_with({"data.types": ["name", "face", "health", "payment_card"]})
    assert "biométriques" in choice("fr-cnil", "4.2", facts)
    assert "santé" in choice("fr-cnil", "4.2", facts)
    assert "genetic or biometric" in choice("uk-gdpr-ico", "12", facts)
    assert "biometric" in choice("us-ca-ag", "2.5", facts)


@pytest.mark.parametrize(
    ("form", "name", "home", "theirs"),
    [("nl-ap", "4.1", "NL", "BSN"), ("pl-uodo", "6A", "PL", "PESEL")],
)
def test_12_a_national_number_is_that_of_the_country_where_the_people_live(
    form: str, name: str, home: str, theirs: str
) -> None:
    types = {"data.types": ["national_id"]}
    there = facts_with(types | {"people": [{"where": home, "count": 9}]})
    elsewhere = facts_with(types | {"people": [{"where": "DE", "count": 9}]})
    assert theirs in choice(form, name, there)
    assert theirs not in choice(form, name, elsewhere)


def test_13_children_are_counted_by_age_and_not_as_one_number() -> None:
    facts = bare(people=[{"where": "CN", "count": 90, "minors": 7, "under_14": 2}])
    assert field(said("cn-pipl-57", facts), "15").lines == ("7", "Of them under 14: 2")
    unsaid = bare(people=[{"where": "CN", "count": 90, "minors": 7}])
    assert field(said("cn-pipl-57", unsaid), "15").lines == ("7",)


def test_14_the_device_is_a_fact_of_its_own_that_a_form_without_it_never_asks() -> None:
    media = field(said("us-hipaa-ocr"), "11")
    assert media.facts == ("incident.media",)
    assert "Laptop" in media.ask
    assert "incident.media" not in {f for each in said("fr-cnil").fields for f in each.facts}


def test_15_who_submits_and_who_is_affected_are_two_parties() -> None:
    report = said("eu-dora", answers={"1.2": "Aspen Reporting"})
    assert field(report, "1.2").lines == ("Aspen Reporting",)
    assert "Kestrel Cloud" in "\n".join(
        line for each in report.fields for line in each.lines if each.id != "1.2"
    )
    assert report.organisation == "Kestrel Cloud"


def test_16_our_number_stays_and_theirs_is_theirs_alone() -> None:
    first, later = said("ru-152fz"), said("ru-152fz", phase=Phase.FOLLOW_UP, earlier="77-1")
    assert first.incident == later.incident
    theirs = field(later, "Д.1")
    assert theirs.lines == ("77-1",)
    assert theirs.status is FieldStatus.ASKED, "the key is wanted as well"
    whole = said("ru-152fz", phase=Phase.FOLLOW_UP, earlier="77-1",
                 answers={"Д.1/report.authority_key": "K-9"})  # fmt: skip
    assert field(whole, "Д.1").lines == ("77-1", "K-9")
    assert field(whole, "Д.1").status is FieldStatus.FILLED


def test_17_a_report_is_taken_back_only_where_the_authority_knows_such_a_thing() -> None:
    can = {form.id for form in FORMS.values() if Phase.WITHDRAWAL in form.phases}
    assert {"fr-cnil", "es-aepd", "nl-ap", "eu-dora"} <= can
    assert "de-bsi-nis2" not in can
    with pytest.raises(BadInput, match="no submission 'withdrawal'"):
        said("de-bsi-nis2", phase=Phase.WITHDRAWAL)
    back = field(said("eu-dora", phase=Phase.WITHDRAWAL), "1.1")
    assert back.choice == ("major_incident_reclassified_as_non-major",)
    assert choice("jp-appi-ppc", "0.1") == ("速報",)
    assert choice("br-lgpd-anpd", "4", phase=Phase.FOLLOW_UP) == ("complementar",)


def test_18_a_follow_up_carries_the_whole_or_what_is_new_or_another_form() -> None:
    filed = {each.id: each.value for each in said("cn-pipl-57").fields}
    new = said("cn-pipl-57", phase=Phase.FOLLOW_UP, earlier="A-1", filed=filed)
    assert new.submission.only_new
    assert "6" not in {each.id for each in new.fields}
    whole = said("fr-cnil", phase=Phase.FOLLOW_UP, earlier="A-1", filed=filed)
    assert not whole.submission.only_new
    assert FORMS["us-sec-8k"].follow_up is FollowUp.NEW
    other = {each.id for each in FORMS["ru-152fz"].fields_in(Phase.FOLLOW_UP)}
    assert "П.3" not in other
    assert "Д.2" in other


def test_19_what_is_not_known_stands_as_such_in_each_forms_own_way() -> None:
    unsure = facts_with(without=("people", "data.records", "cause"))
    assert field(said("eu-gdpr-art33", unsure), "4.2").status is FieldStatus.TO_FOLLOW
    assert field(said("us-hipaa-ocr", unsure), "7").status is FieldStatus.ASKED
    assert field(said("au-ndb-oaic", unsure), "2.5").status is FieldStatus.LEFT_BLANK
    assert field(said("eu-gdpr-art33", unsure), "1.4").status is FieldStatus.NOT_APPLICABLE


def test_20_what_is_published_is_another_text_than_what_the_authority_alone_reads() -> None:
    facts = facts_with({"story.en.public": "Data was copied.",
                        "story.en.narrative": "The gateway at Aspen let them in."})  # fmt: skip
    report = said("au-ndb-oaic", facts)
    assert field(report, "1.2").lines == ("Data was copied.",)
    assert field(report, "2.4").lines == ("The gateway at Aspen let them in.",)


def test_21_one_report_to_several_authorities_names_them_all() -> None:
    three = ["Attorney General", "Department of State", "State Police"]
    assert said("us-ny-ag", duty={"to": three}).duty.to == tuple(three)
    assert said("us-ny-ag").duty.to == ()


def test_22_a_text_in_another_language_than_the_forms_says_so() -> None:
    facts = facts_with(without=("story.zh-Hans",))
    assert field(said("cn-pipl-57", facts, language="zh-Hans"), "7").language == "en"
    assert field(said("cn-pipl-57", language="zh-Hans"), "7").language == ""


def test_23_a_report_says_as_of_when_its_figures_are() -> None:
    report = said("us-ma-ag")
    assert report.submission.prepared_at == AT
    assert field(said("ru-152fz"), "П.4").lacks == ("data.as_of",)


def test_24_an_amount_has_its_currency_and_unit_and_is_never_made_of_another() -> None:
    fields = {each.id: each for each in FORMS["eu-dora"].fields}
    money = [each for each in fields.values() if each.answers is AnswerKind.AMOUNT]
    currency = next(each for each in fields.values() if "report.currency" in each.facts)
    assert money
    assert "EUR" in currency.choices or currency.answers is AnswerKind.TEXT
    with pytest.raises(BadInput, match="thousands of the reporting currency"):
        said("eu-dora", phase=Phase.FINAL, answers={money[-1].id: "EUR 4,000"})


def test_25_nobody_signs_but_a_person() -> None:
    signed = [(form.id, each.id) for form in FORMS.values() for each in form.fields
              if "report.declaration" in each.facts]  # fmt: skip
    assert {form for form, _ in signed} >= {"ru-152fz", "us-hipaa-ocr", "sg-pdpc"}
    for form, name in signed:
        assert field(said(form), name).status in (FieldStatus.ASKED, FieldStatus.LEFT_BLANK)
    assert "report.declaration" not in {f for each in FORMS["eu-dora"].fields for f in each.facts}
