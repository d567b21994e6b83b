"""DORA's report is the authority's own format: what is written, its published schema takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Phase
from incident_engine.home import shipped
from incident_engine.notices.reports.forms import read_forms
from incident_engine.notices.reports.report import fill
from incident_engine.notices.reports.report_document import FieldStatus, Report
from incident_engine.notices.reports.report_export import export, render_export, schema_faults
from incident_engine.notices.reports.submission import Submission
from tests.notices.conftest import facts_with

FORMS = {form.id: form for form in read_forms()}
DORA = FORMS["eu-dora"]
FOLDER = shipped("templates/notices/authority")
PUBLISHED = "6f5ae372d84d220f"  # how the published file's SHA-256 begins
DUTY: dict[str, Any] = {
    "playbook": "eu-dora",
    "id": "initial",
    "where": "DE",
    "title": "Submit the initial notification",
    "citation": "RTS 2025/301 Art 5(1)(a)",
    "due": {"at": "2026-03-07T04:00:00+01:00", "words": None},
}
FIRST = {
    "1.4": "credit_institution",
    "1.15": "EUR",
    "2.5": "geographical_spread; data_losses",
    "2.6": "FR; AT",
    "2.7": "it_security",
    "2.9": "no",
}
NEXT = {
    "3.4": "1200", "3.5": "2.5", "3.6": "0", "3.7": "0",
    "3.12": "actual_figures_for_clients_affected, no_impact_on_transactions",
    "3.16": "001:05:30",
    "3.18": "clients", "3.22": "Online banking", "3.23": "cybersecurity-related",
    "3.27": "Customer service", "3.28": "yes", "3.29": "One test server",
    "3.30": "information_not_available", "3.31": "police_law_enforcement; other",
    "3.32": "The chamber of commerce",
}  # fmt: skip
LAST = {
    "4.1": "malicious_actions", "4.2": "malicious_actions_fraudulent_actions",
    "4.5": "A server without a password", "4.7": "2026-03-20T10:00:00+01:00",
    "4.8": "2026-03-21T10:00:00+01:00", "4.9": "As planned", "4.13": "120.5", "4.14": "0",
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "organisation.ids": {"LEI": "529900T8BM49AURSDO55"},
    "contacts.main": {"name": "Maren Holt", "email": "soc@kestrel.example",
                      "phone": "+49 30 5550110"},
    "contacts.second": {"name": "Otto Bray", "email": "otto@kestrel.example",
                        "phone": "+49 30 5550111"},
    "clocks.classified": "2026-03-06T11:00:00+08:00",
}  # fmt: skip


def dora(phase: Phase = Phase.NOTIFY, **answers: str) -> Report:
    at = datetime(2026, 3, 7, 1, 0, tzinfo=UTC)
    submission = Submission(
        incident="INC-2026-0001", phase=phase, version=1, at=at, zone="Europe/Berlin",
        earlier="" if phase is Phase.NOTIFY else "BF-77", answers=answers,
    )  # fmt: skip
    return fill(DORA, facts_with(KNOWN), DUTY, submission)


STAGES = {
    Phase.NOTIFY: FIRST,
    Phase.INTERIM: FIRST | NEXT,
    Phase.FOLLOW_UP: FIRST | NEXT,
    Phase.FINAL: FIRST | NEXT | LAST,
    Phase.WITHDRAWAL: FIRST | {"2.10": "Fewer clients than was thought"},
}
KINDS = {
    Phase.NOTIFY: "initial_notification",
    Phase.INTERIM: "intermediate_report",
    Phase.FOLLOW_UP: "intermediate_report",
    Phase.FINAL: "final_report",
    Phase.WITHDRAWAL: "major_incident_reclassified_as_non-major",
}


def test_the_schema_is_the_published_one() -> None:
    content = (FOLDER / "dora-ir-1.2.1.schema.json").read_bytes()
    assert sha256(content).hexdigest().startswith(PUBLISHED)


def test_the_form_has_all_seventy_six_fields_each_with_its_place() -> None:
    assert len([each for each in DORA.fields if each.path]) == 76


def test_every_place_and_choice_of_the_form_stands_in_the_schema() -> None:
    text = (FOLDER / "dora-ir-1.2.1.schema.json").read_text("utf-8")
    for each in DORA.fields:
        for step in each.path.split("."):
            assert not step or f'"{step.partition("[")[0]}"' in text, each.id
        for choice in each.choices:
            assert f'"{choice}"' in text, (each.id, choice)


@pytest.mark.parametrize("phase", STAGES)
def test_every_stage_and_the_reclassification_fits_the_published_schema(phase: Phase) -> None:
    report = dora(phase, **STAGES[phase])
    assert [each.id for each in report.fields if each.status is FieldStatus.ASKED] == []
    document = json.loads(render_export(DORA, report))
    schema = json.loads((FOLDER / "dora-ir-1.2.1.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    jsonschema.Draft7Validator(schema).validate(document)
    assert document["incidentSubmission"] == KINDS[phase]


def test_facts_and_answers_stand_where_the_schema_wants_them() -> None:
    document = export(DORA, dora(Phase.INTERIM, **FIRST, **NEXT))
    incident = document["incident"]
    assert document["submittingEntity"] == {
        "name": "Kestrel Cloud", "LEI": "529900T8BM49AURSDO55", "entityType": "SUBMITTING_ENTITY",
    }  # fmt: skip
    assert incident["financialEntityCode"] == "INC-2026-0001"
    assert incident["classificationDateTime"] == "2026-03-06T03:00:00Z"
    assert incident["classificationTypes"][0]["countryCodeMaterialityThresholds"] == ["FR", "AT"]
    assert incident["classificationTypes"][1]["dataLosseMaterialityThresholds"] == [
        "confidentiality"
    ]
    assert incident["competentAuthorityCode"] == "BF-77"
    assert incident["incidentDuration"] == "001:05:00"
    assert incident["isBusinessContinuityActivated"] is False
    assert document["impactAssessment"]["affectedAssets"]["affectedClients"] == {
        "number": 1200, "percentage": 2.5,
    }  # fmt: skip


def test_a_question_stands_only_where_an_earlier_choice_asks_for_it() -> None:
    without = dora(**FIRST | {"2.5": "data_losses", "2.6": ""})
    asked = {each.id: each.status for each in without.fields}
    assert asked["2.6"] is FieldStatus.NOT_APPLICABLE
    wanting = dora(**FIRST | {"2.6": ""})
    assert {each.id: each.status for each in wanting.fields}["2.6"] is FieldStatus.ASKED


def test_a_reclassification_demands_its_reasons() -> None:
    report = dora(Phase.WITHDRAWAL, **FIRST)
    assert "2.10" in [each.id for each in report.missing]
    assert "2.10" not in [each.id for each in dora(**FIRST).missing]


def test_a_day_is_never_made_an_instant() -> None:
    facts = facts_with(KNOWN | {"clocks.detected": "2026-03-05"})
    at = datetime(2026, 3, 7, 1, 0, tzinfo=UTC)
    submission = Submission(incident="INC-2026-0001", phase=Phase.NOTIFY, version=1, at=at)
    report = fill(DORA, facts, DUTY, submission)
    detected = next(each for each in report.fields if each.id == "2.2")
    assert detected.status is FieldStatus.ASKED
    assert "detectionDateTime" not in export(DORA, report)["incident"]


def test_what_the_schema_would_not_take_is_not_written_and_names_the_field() -> None:
    with pytest.raises(BadInput, match=r"classificationTypes.*2\.5") as refused:
        render_export(DORA, dora())
    assert refused.value.place == "dora.json"


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("2.5", "data_loss", "data_losses"),
        ("1.15", "EUR; CHF", "one of EUR"),
        ("2.9", "maybe", "yes or no"),
        ("3.4", "1,200", "whole number"),
        ("3.5", "101", "0 to 100"),
        ("4.13", "a lot", "thousands"),
        ("3.2", "2026-03-05", "with its offset"),
        ("3.16", "25:00", "days, hours and minutes"),
        ("1.8", "maren", "one email address"),
        ("1.9", "call me", "telephone"),
        ("2.4", "x" * 32_768, "at most 32767"),
    ],
)
def test_an_answer_of_another_kind_is_refused(field: str, text: str, expected: str) -> None:
    with pytest.raises(BadInput) as refused:
        dora(Phase.FINAL, **{field: text})
    assert field in str(refused.value)
    assert expected in str(refused.value)


def test_a_form_without_a_published_format_has_none() -> None:
    with pytest.raises(BadInput, match="no published machine format"):
        export(FORMS["uk-gdpr-ico"], dora())


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from([each.id for each in DORA.fields if each.answers == "text"]),
                       st.text(min_size=1, max_size=50)))  # fmt: skip
def test_whatever_people_write_the_document_fits_or_is_named(texts: dict[str, str]) -> None:
    typed = {name: text for name, text in texts.items() if text.strip()}
    document = export(DORA, dora(Phase.FINAL, **STAGES[Phase.FINAL] | typed))
    for fault in schema_faults(DORA, document):
        assert "LEI" in fault  # the one text with a pattern
