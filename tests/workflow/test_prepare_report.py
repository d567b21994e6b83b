"""A report is frozen as versions: a new one only where it says something new, never half."""

from __future__ import annotations

import json
import threading
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from incident_engine.domain.errors import (
    BadInput,
    Conflict,
    IncidentEngineError,
    NotFound,
    NotPermitted,
    Refused,
    Unreachable,
)
from incident_engine.notices.reports.report_document import FieldAnswer, FieldStatus, Report
from incident_engine.store.journal import verify
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.reports.draft_report import Answers, draft_report
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import Prepared, prepare_report
from tests.cast import DOV, EVE, INCIDENT, NOW, OTTO, House

GDPR = "eu-gdpr/authority/DE"
CHINA = "cn-pipl/authority/CN"
WHY_NOW = {"2.6": "Otto, security, +86 10 5555 0110"}


def prepared(house: House, duty: str = GDPR, **answers: object) -> Prepared:
    return prepare_report(house.engine, OTTO, INCIDENT, duty, Answers(**answers))  # type: ignore[arg-type]


def field(report: Report, name: str) -> FieldAnswer:
    return next(each for each in report.fields if each.id == name)


def test_a_version_is_two_files_one_row_and_one_entry(house: House) -> None:
    house.opened()
    made = prepared(house)
    at = house.engine.home.folder
    assert (made.is_new, made.filing.version, made.filing.phase) == (True, 1, "notify")
    assert (at / made.filing.json_path).read_bytes() == made.report.as_json()
    assert sha256((at / made.filing.json_path).read_bytes()).hexdigest() == made.filing.sha256
    assert (at / made.filing.pdf_path).read_bytes().startswith(b"%PDF-")
    [entry] = house.acts("report-prepared")
    assert entry.subject == made.filing.sha256
    pdf = sha256((at / made.filing.pdf_path).read_bytes()).hexdigest()
    assert json.loads(entry.body)["pdf"] == pdf


def test_its_files_are_ours_alone_and_nothing_is_left_beside_them(house: House) -> None:
    house.opened()
    made = prepared(house)
    file = house.engine.home.folder / made.filing.pdf_path
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(each.suffix for each in file.parent.iterdir()) == [".csv", ".json", ".pdf"]


def test_the_same_facts_and_answers_make_no_second_version(house: House) -> None:
    house.opened()
    first, rows = prepared(house), house.rows()
    house.clock.passes(hours=1)
    again = prepared(house)
    assert not again.is_new
    assert again.filing.id == first.filing.id
    assert again.report == first.report
    assert house.rows() == rows


def test_a_corrected_fact_makes_the_next_version_and_leaves_the_first(house: House) -> None:
    house.opened()
    first = prepared(house)
    before = (house.engine.home.folder / first.filing.pdf_path).read_bytes()
    record_facts(house.engine, OTTO, INCIDENT, [("data.records", "900")], why="counted")
    second = prepared(house)
    assert (second.is_new, second.filing.version) == (True, 2)
    assert field(second.report, "4.6").lines == ("900",)
    assert "amendment, version 2" in field(second.report, "1.1").lines[0]
    assert (house.engine.home.folder / first.filing.pdf_path).read_bytes() == before


def test_what_was_answered_once_is_kept_until_it_is_taken_back(house: House) -> None:
    house.opened()
    prepared(house, given=WHY_NOW, expected={"6.1": date(2026, 3, 20)})
    kept = prepared(house)
    assert not kept.is_new
    assert field(kept.report, "2.6").given
    assert field(kept.report, "6.1").expected_by == date(2026, 3, 20)
    back = prepared(house, given={"2.6": ""}, expected={"6.1": None})
    assert field(back.report, "2.6").status is FieldStatus.ASKED
    assert field(back.report, "6.1").expected_by is None


def test_a_part_of_a_question_is_answered_beside_the_facts_and_kept(house: House) -> None:
    house.opened()
    prepared(house, CHINA, given={"20/incident.location": "Hangzhou"})
    kept = field(prepared(house, CHINA).report, "20")
    assert any("Hangzhou" in line for line in kept.lines)
    assert kept.parts == {"incident.location": "Hangzhou"}
    back = field(prepared(house, CHINA, given={"20/incident.location": ""}).report, "20")
    assert back.parts == {}


def test_a_form_that_was_named_is_used_again_until_another_is_named(house: House) -> None:
    house.opened()
    assert prepared(house).filing.form == "eu-gdpr-art33"
    german = prepared(house, form="de-art33")
    assert (german.is_new, german.filing.form) == (True, "de-art33")
    assert field(german.report, "5").own_label == "Beschreibung des Vorfalls"
    assert prepared(house).filing.form == "de-art33"
    assert prepared(house, form="eu-gdpr-art33").filing.form == "eu-gdpr-art33"


def test_a_day_that_has_passed_is_asked_again(house: House) -> None:
    house.opened()
    prepared(house, expected={"2.6": date(2026, 3, 8)})
    house.clock.passes(days=3)
    assert field(prepared(house).report, "2.6").status is FieldStatus.ASKED


def test_answers_go_along_into_the_follow_up(house: House) -> None:
    house.opened()
    prepared(house, given=WHY_NOW)
    file_report(house.engine, OTTO, INCIDENT, GDPR, Receipt(number="DE-4711"), why="rest follows")
    follow_up = prepared(house)
    assert (follow_up.filing.phase, follow_up.filing.version) == ("follow-up", 1)
    assert field(follow_up.report, "2.6").given
    assert field(follow_up.report, "1.3").lines == ("DE-4711",)


def test_what_was_filed_is_no_earlier_submission_to_itself(house: House) -> None:
    house.opened()
    first = prepared(house)
    file_report(house.engine, OTTO, INCIDENT, GDPR, Receipt(number="DE-4711"), why="rest follows")
    again = prepared(house, phase="notify")
    assert not again.is_new
    assert again.filing.id == first.filing.id


def test_an_amendment_of_what_was_filed_in_time_is_not_late(house: House) -> None:
    house.opened()
    prepared(house)
    file_report(house.engine, OTTO, INCIDENT, GDPR, Receipt(number="DE-4711"), why="rest follows")
    house.clock.passes(days=9)
    assert not prepared(house).report.submission.late


def test_a_first_report_after_the_term_is_late_and_asks_why(house: House) -> None:
    house.opened()
    house.clock.passes(days=9)
    made = prepared(house)
    assert made.report.lacks_late_reason
    assert not prepared(house, given={"1.4": "The holidays."}).report.lacks_late_reason


def test_a_number_given_by_hand_is_known_to_the_follow_up(house: House) -> None:
    from incident_engine.workflow.incidents.settle_obligation import Settlement, settle

    house.opened()
    settle(house.engine, OTTO, INCIDENT, GDPR, Settlement(trigger="done", reference="DE-17"))
    assert field(prepared(house, phase="follow-up").report, "1.3").lines == ("DE-17",)


def test_the_authority_is_written_to_in_its_language_where_we_have_it(house: House) -> None:
    house.opened()
    assert prepared(house, CHINA).report.submission.language == "zh-Hans"
    assert prepared(house).report.submission.language == "en"
    english = prepared(house, CHINA, language="en")
    assert (english.filing.version, english.report.submission.language) == (2, "en")
    assert prepared(house, CHINA).report.submission.language == "en", "kept from the one before"


def test_moments_are_printed_in_the_time_of_the_authoritys_place(house: House) -> None:
    house.opened()
    assert field(prepared(house).report, "3.3").lines == ("6 March 2026 03:25 UTC+1",)


def test_where_the_facts_are_silent_on_who_we_are_the_settings_answer(house: House) -> None:
    house.opened(organisation={}, contacts={})
    house.set(organisation_address="1 Harbour Road", organisation_contact_name="Desk",
              organisation_contact_email="desk@kestrel.example")  # fmt: skip
    report = draft_report(house.engine, INCIDENT, CHINA).report
    assert field(report, "3").lines == ("Kestrel Cloud", "1 Harbour Road")
    assert field(report, "4").lines == ("Desk", "desk@kestrel.example")
    assert report.organisation == "Kestrel Cloud"


def test_before_anybody_was_imported_nobody_says_whether_people_were_told(house: House) -> None:
    house.opened()
    assert field(prepared(house).report, "7.1").status is FieldStatus.TO_FOLLOW


def test_who_was_told_is_counted_from_the_deliveries(house: House) -> None:
    house.sent()
    report = prepared(house).report
    assert field(report, "7.1").lines == (
        "Some told, others still to be told",
        "3 of 4 told so far",
    )
    assert field(report, "7.2").lines == ("First told: 6 March 2026 05:00 UTC+1",
                                          "By: Email, Text message")  # fmt: skip


def test_the_sample_is_the_approved_notice_of_that_law_with_nobodys_data(house: House) -> None:
    house.prepared()
    assert prepared(house).report.attached == (), "not approved yet"
    from incident_engine.workflow.notices.approve import approve

    approve(house.engine, DOV, INCIDENT, house.campaign().sha256)
    [german] = prepared(house).report.attached
    [chinese] = prepared(house, CHINA).report.attached
    assert "Kestrel Cloud" in german.text
    assert "个人信息" in chinese.text or "身份证" in chinese.text
    for name in (
        "Ada",
        "Lovell",
        "Cy Roux",
        "薄一波",
        "people.example",
        "13912345678",
        "{",
        "\ue000",
    ):
        assert name not in german.text + chinese.text


@pytest.mark.parametrize(
    ("duty", "words"),
    [
        ("eu-gdpr/autority", "eu-gdpr/authority/DE"),
        ("", "eu-gdpr/authority/DE"),
        ("us-ca/individuals/US-CA", "notice prepare"),
    ],
)
def test_a_duty_that_no_report_fulfils_is_refused_with_what_would_help(
    house: House, duty: str, words: str
) -> None:
    house.opened()
    with pytest.raises((NotFound, Refused), match=words):
        prepared(house, duty)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"phase": "interim"}, "one of notify, follow-up, final"),
        ({"phase": "x" * 900}, "one of notify"),
        ({"form": "us-ca-ag"}, "one of de-art33, eu-edpb-template, eu-gdpr-art33, plain"),
        ({"form": "x" * 900}, "no form for this duty"),
        ({"given": {"3.1/role": "x"}}, "no field '3.1/role'"),
        ({"language": "tlh"}, "one of en, zh-Hans"),
        ({"given": {"9.9": "x"}}, "no field '9.9'"),
        ({"given": {"6.1": "a\x1b[2Jb"}}, "do not print"),
        ({"given": {"6.1": "x" * 20_001}}, "at most 20000"),
        ({"expected": {"6.1": date(2026, 3, 5)}}, "has passed"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    house: House, answers: dict[str, object], words: str
) -> None:
    house.opened()
    before = house.rows()
    with pytest.raises(BadInput, match=words):
        prepared(house, **answers)
    assert house.rows() == before
    assert not (house.engine.home.evidence / "reports").exists()


def test_whoever_may_not_prepare_does_not(house: House) -> None:
    house.opened()
    for actor in (DOV, EVE):
        with pytest.raises(NotPermitted, match="prepare a report"):
            prepare_report(house.engine, actor, INCIDENT, GDPR)


def test_a_disk_that_refuses_keeps_nothing(house: House) -> None:
    house.opened()
    before = house.rows()
    reports = house.engine.home.evidence / "reports"
    reports.write_text("a file where the folder should be")
    with pytest.raises(Unreachable, match="Look at the disk"):
        prepared(house)
    assert house.rows() == before


def test_of_two_at_once_one_makes_the_version_and_the_other_hears_so(house: House) -> None:
    house.opened()
    prepared(house)
    begin, heard = threading.Barrier(2), []

    def prepare(text: str) -> None:
        begin.wait()
        try:
            heard.append(prepared(house, given={"6.1": text}).filing.version)
        except IncidentEngineError as error:
            heard.append(type(error))

    people = [threading.Thread(target=prepare, args=(text,)) for text in ("this", "that")]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(map(str, heard)) in (["2", "3"], sorted(["2", str(Conflict)]))
    with house.engine.reading() as session:
        assert verify(session).sound


def test_a_draft_keeps_nothing(house: House) -> None:
    house.opened()
    before = house.rows()
    draft = draft_report(house.engine, INCIDENT, GDPR, Answers(given=WHY_NOW))
    assert draft.is_new
    assert draft.report.submission.prepared_at == NOW
    assert house.rows() == before
    assert not (Path(house.engine.home.evidence) / "reports").exists()
