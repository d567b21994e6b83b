"""A report says what is known, names what is not, and is one document with two faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pikepdf
import pypdf
import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.words import Phase
from incident_engine.home import shipped
from incident_engine.notices.reports.forms import Form, read_form, read_forms
from incident_engine.notices.reports.report import completeness_in_words, fill
from incident_engine.notices.reports.report_document import FieldAnswer, FieldStatus, Report, schema
from incident_engine.notices.reports.report_pdf import render_pdf
from incident_engine.notices.reports.submission import Notified, Submission
from tests.notices.conftest import bare, facts_with
from tests.notices.test_forms import SMALL, written

FORMS = {form.id: form for form in read_forms()}
GDPR, CHINA = FORMS["eu-gdpr-art33"], FORMS["cn-pipl-57"]
SCHEMA = shipped("templates/notices/authority") / "report.schema.json"
AT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
LATE = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
DUTY: dict[str, Any] = {
    "playbook": "eu-gdpr",
    "id": "authority",
    "where": "DE",
    "title": "Notify the supervisory authority",
    "citation": "GDPR Art 33(1)",
    "due": {"at": "2026-03-09T03:25:00+01:00", "words": None},
}
TOLD = Notified(
    people=512,
    told=485,
    channels=("email", "sms"),
    first_at=datetime(2026, 3, 7, 3, 0, tzinfo=UTC),
    sample="Dear customer,\nyour data was copied.",
)


def said(
    facts: Facts | None = None, form: Form = GDPR, duty: dict[str, Any] = DUTY, **changed: Any
) -> Report:
    """The report on the copied customer list, as Kestrel Cloud would hand it in."""
    known: dict[str, Any] = {
        "incident": "INC-2026-0001",
        "phase": Phase.NOTIFY,
        "version": 1,
        "at": AT,
        "zone": "Europe/Berlin",
    }
    return fill(form, facts or facts_with(), duty, Submission(**known | changed))


def field(report: Report, name: str) -> FieldAnswer:
    return next(each for each in report.fields if each.id == name)


def paper(report: Report) -> str:
    """What a reader's program finds on the pages, on one line."""
    pages = pypdf.PdfReader(BytesIO(render_pdf(report))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("1.2", "INC-2026-0001"),
        ("2.1", "Kestrel Cloud"),
        ("2.6", "Maren Holt"),
        ("3.1", "from 2 March 2026 14:00 UTC+1"),
        ("3.2", "1 d 5 h"),
        ("3.3", "6 March 2026 03:25 UTC+1"),
        ("3.5", "Confidentiality: seen or taken by somebody not entitled"),
        ("4.1", "Customers: 500"),
        ("4.2", "500 (estimate, between 493 and 508)"),
        ("4.3", "United States (US-CA): 45"),
        ("4.6", "512"),
        ("4.7", "No"),
        ("5.2", "Severity: High"),
        ("5.3", "Likely to result in a high risk"),
        ("6.3", "planned for 30 April 2026"),
        ("7.1", "485 of 512 told so far"),
        ("7.2", "By: Email, Text message"),
        ("8.2", "Police · China · 6 March 2026 08:00 UTC+1 · A-17"),
    ],
)
def test_a_question_is_answered_from_the_facts(name: str, line: str) -> None:
    assert line in "\n".join(field(said(notified=TOLD), name).lines)


def test_the_same_in_chinese_for_a_chinese_clerk() -> None:
    report = said(form=CHINA, language="zh-Hans", zone="Asia/Shanghai", notified=TOLD)
    assert "500（估计，493 至 508）" in field(report, "14").lines
    assert "发现：2026年3月5日 17:20 UTC+8" in field(report, "13").lines
    assert "方式：电子邮件、短信" in field(report, "17").lines
    assert field(report, "19").lines[0].startswith("公安机关 · 中国")


def test_an_estimate_says_that_it_is_one() -> None:
    report = said()
    assert field(report, "4.2").status is FieldStatus.ESTIMATED
    assert field(report, "4.6").status is FieldStatus.FILLED


def test_people_of_a_place_that_nobody_counted_are_never_guessed() -> None:
    facts = facts_with({"people": [{"where": "DE", "count": 90}, {"where": "FR"}]})
    assert field(said(facts), "4.2").lines == ()
    assert "France: not known" in field(said(facts), "4.3").lines


def test_what_nobody_knows_is_open_and_asked_for() -> None:
    report = said(facts_with(without=("contacts.reporter", "clocks.occurred_from")))
    reporter, began = field(report, "2.6"), field(report, "3.1")
    assert (reporter.status, began.status) == (FieldStatus.ASKED, FieldStatus.TO_FOLLOW)
    assert reporter.ask.startswith("Who notifies")
    assert reporter in report.missing
    assert began in report.missing


def test_an_incident_of_which_nothing_is_known_makes_a_report_all_the_same() -> None:
    report = said(bare())
    assert report.completeness.missing > 15
    assert "Missing" in paper(report)


def test_completeness_is_counted_and_said_in_words() -> None:
    report = said(facts_with(without=("contacts.reporter", "clocks.occurred_from")))
    found = report.completeness
    assert found.fields == found.filled + found.missing
    assert found.missing == len(report.missing)
    assert found.may_follow == sum(e.status is FieldStatus.TO_FOLLOW for e in report.missing)
    assert completeness_in_words(report) == (
        f"{found.missing} of {found.fields} missing, {found.may_follow} may follow"
    )


def test_a_final_report_lets_nothing_follow() -> None:
    report = said(facts_with(without=("clocks.occurred_from",)), phase=Phase.FINAL)
    assert field(report, "3.1").status is FieldStatus.ASKED


def test_what_is_expected_later_says_by_when() -> None:
    report = said(facts_with(without=("contacts.reporter",)), expected={"2.6": date(2026, 3, 20)})
    assert field(report, "2.6").status is FieldStatus.TO_FOLLOW
    assert field(report, "2.6").expected_by == date(2026, 3, 20)
    assert "expected by 20 March 2026" in paper(report)


def test_what_a_person_answers_stands_before_the_facts_and_says_so() -> None:
    report = said(answers={"3.7": "Read it here.\n\n  And here. ", "6.1": "A firewall."})
    assert field(report, "3.7").lines == ("Read it here.", "And here.")
    assert field(report, "6.1").given
    assert not field(report, "3.8").given


def test_a_late_report_demands_its_reason_and_one_in_time_does_not() -> None:
    assert field(said(), "1.4").status is FieldStatus.NOT_APPLICABLE
    late = said(at=LATE)
    assert late.submission.late
    assert late.lacks_late_reason
    assert field(late, "1.4").status is FieldStatus.ASKED
    assert "Filed after the term" in paper(late)
    assert not said(at=LATE, answers={"1.4": "The holidays."}).lacks_late_reason


def test_what_follows_something_filed_in_time_is_not_late() -> None:
    assert not said(at=LATE, in_time=True, version=2).submission.late


def test_a_follow_up_asks_for_the_number_of_the_first() -> None:
    assert field(said(), "1.3").status is FieldStatus.NOT_APPLICABLE
    assert field(said(phase=Phase.FOLLOW_UP), "1.3").status is FieldStatus.ASKED
    assert field(said(phase=Phase.FOLLOW_UP, earlier="DE-4711"), "1.3").lines == ("DE-4711",)


def test_why_people_were_not_told_is_asked_only_while_some_were_not() -> None:
    everyone = Notified(people=512, told=512)
    assert field(said(notified=TOLD), "7.4").status is FieldStatus.TO_FOLLOW
    assert field(said(notified=everyone), "7.4").status is FieldStatus.NOT_APPLICABLE


def test_a_suppliers_part_is_asked_for_only_where_there_is_one() -> None:
    assert field(said(), "2.8").status is FieldStatus.NOT_APPLICABLE
    theirs = facts_with({"cause.actor": "partner"})
    assert field(said(theirs), "2.8").status is FieldStatus.ASKED


def limited(folder: Path) -> Form:
    return read_form(written(folder, SMALL.replace('id = "1"', 'id = "1"\nlimit = 12')))


def test_a_fact_longer_than_the_portal_takes_is_for_a_person_to_shorten(tmp_path: Path) -> None:
    form = limited(tmp_path)
    report = said(form=form)
    assert field(report, "1").status is FieldStatus.ASKED
    assert "12 characters" in field(report, "1").lines[0]
    assert field(said(form=form, answers={"1": "Kestrel"}), "1").status is FieldStatus.FILLED


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"answers": {"1": "x" * 13}}, "13 characters"),
        ({"answers": {"9.9": "x"}}, "no field '9.9'"),
        ({"expected": {"9.9": date(2026, 4, 1)}}, "no field '9.9'"),
        ({"phase": Phase.FINAL}, "no submission 'final'"),
        ({"language": "tlh"}, "one of en, zh-Hans"),
    ],
)
def test_what_does_not_fit_the_form_is_refused(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        said(form=limited(tmp_path), **changed)


def test_two_reports_of_the_same_content_are_one_version_whenever_they_were_made() -> None:
    later = datetime(2026, 3, 8, 4, 0, tzinfo=UTC)
    assert said().content == said(at=later).content
    assert said().sha256 != said(at=later).sha256
    assert said().content != said(answers={"6.1": "A firewall."}).content


def test_the_shipped_schema_is_the_one_of_the_code() -> None:
    """Write it again with `json.dumps(schema(), indent=2, ensure_ascii=False)`."""
    assert json.loads(SCHEMA.read_text("utf-8")) == schema()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_json_of_every_form_is_valid_and_read_back_equal(form: Form) -> None:
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    for phase in form.phases:
        for facts in (facts_with(), bare()):
            report = said(facts, form, phase=phase, at=LATE, notified=TOLD)
            checker.validate(json.loads(report.as_json()))
            assert Report.model_validate_json(report.as_json()) == report


def test_the_schema_refuses_what_is_no_report() -> None:
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    document = json.loads(said().as_json())
    document["sections"][0]["fields"][0]["status"] = "fine"
    assert not checker.is_valid(document)


def test_the_pdf_carries_exactly_the_json_and_the_sample_notice() -> None:
    report = said(notified=TOLD)
    with pikepdf.open(BytesIO(render_pdf(report))) as pdf:
        assert list(pdf.attachments) == ["report.json", "sample-notice.txt"]
        own = pdf.attachments["report.json"]
        assert own.get_file().read_bytes() == report.as_json()
        assert own.get_file().mime_type == "application/json"
        assert own.obj.AFRelationship == pikepdf.Name.Data
        assert pdf.attachments["sample-notice.txt"].get_file().read_bytes().startswith(b"Dear")


def test_the_pdf_is_what_an_archive_wants_of_part_3() -> None:
    """ISO 19005-3: named profile, embedded fonts, associated files, no way to change or run it."""
    with pikepdf.open(BytesIO(render_pdf(said(notified=TOLD)))) as pdf:
        [intent] = pdf.Root.OutputIntents
        assert intent.S == pikepdf.Name.GTS_PDFA1
        assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp", "an ICC profile"
        tied = [each.AFRelationship for each in pdf.Root.AF]
        assert tied == [pikepdf.Name.Data, pikepdf.Name.Supplement]
        assert all({"/F", "/UF", "/Desc"} <= set(each.keys()) for each in pdf.Root.AF)
        assert not pdf.is_encrypted
        assert pdf.trailer.get("/ID") is not None
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(pdf.Root.keys())
        for page in pdf.pages:
            for font in page.Resources.get("/Font", {}).values():
                inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
                files = {"/FontFile", "/FontFile2", "/FontFile3"}
                assert files & set(inner.FontDescriptor.keys()), font.BaseFont
                assert "/ToUnicode" in font


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-Hans", "zh")])
def test_the_pdf_is_archivable_and_accessible_and_says_so(language: str, tag: str) -> None:
    report = said(language=language)
    with pikepdf.open(BytesIO(render_pdf(report))) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "A"
            assert metadata["pdfuaid:part"] == "1"
            assert report.form.title in metadata["dc:title"]
        assert str(pdf.Root.Lang).startswith(tag)
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in pdf.Root


def test_the_pages_hold_the_answers_in_english() -> None:
    found = paper(said(notified=TOLD))
    for words in ("Kestrel Cloud", "Maren Holt", "GDPR Art 33(1)", "485 of 512", "Page 1 of",
                  "Draft to copy into the authority's own portal", "500 (estimate"):  # fmt: skip
        assert words in found, words


def test_the_pages_hold_the_answers_in_chinese() -> None:
    found = paper(said(form=CHINA, language="zh-Hans", zone="Asia/Shanghai", notified=TOLD))
    found = found.replace(" ", "")
    for words in ("个人信息安全事件报告", "草稿", "首次报告", "身份证号码", "公安机关", "第1页"):
        assert words in found, words


def test_a_text_in_another_language_than_the_report_says_which() -> None:
    facts = facts_with(without=("story.zh-Hans",))
    report = said(facts, CHINA, language="zh-Hans", zone="Asia/Shanghai")
    assert field(report, "7").language == "en"
    assert "原文为英语" in paper(report).replace(" ", "")


def test_the_same_report_gives_the_same_bytes() -> None:
    report = said(notified=TOLD)
    assert render_pdf(report) == render_pdf(report)
    assert said().as_json() == said().as_json()


def test_a_sign_that_no_font_has_is_spelled_and_the_json_keeps_it() -> None:
    report = said(facts_with({"organisation.name": "Kestrel 😀 Cloud"}))
    assert "[U+1F600]" in paper(report)
    assert "😀".encode() in report.as_json()


@pytest.mark.parametrize(
    "name",
    [
        '#read("/etc/passwd")',
        "#panic() *bold* _x_ $x^2$ = heading",
        '"]; #sys.inputs <label> @ref \\ // /* ``` ',
        "{missing} {page} %s",
    ],
)
def test_markup_in_a_name_is_printed_as_it_is(name: str) -> None:
    found = paper(said(facts_with({"organisation.name": name})))
    assert " ".join(name.split()).replace(" ", "") in found.replace(" ", "")


@pytest.fixture
def leaves() -> Callable[[Any], list[str]]:
    def found(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [leaf for each in value.values() for leaf in found(each)]
        if isinstance(value, list):
            return [leaf for each in value for leaf in found(each)]
        return [value] if isinstance(value, str) else []

    return found


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_no_answer_prints_a_raw_code(
    form: Form, language: str, leaves: Callable[[Any], list[str]]
) -> None:
    phase = Phase.NOTIFY if Phase.NOTIFY in form.phases else next(iter(form.phases))
    report = said(form=form, phase=phase, language=language, notified=TOLD)
    codes = {leaf for each in report.fields for leaf in leaves(each.value)
             if leaf.isascii() and ("-" in leaf or "_" in leaf) and leaf.islower()}  # fmt: skip
    assert codes or form.id not in (GDPR.id, CHINA.id), "nothing was tried"
    lines = {line for each in report.fields for line in each.lines}
    assert not codes & lines - {"sample-notice.txt"}


def test_a_report_in_another_language_than_the_authoritys_says_so_and_shows_its_words() -> None:
    report = said(form=FORMS["fr-cnil"], notified=TOLD)
    assert "In English. This authority works in French." in paper(report)
    assert field(report, "3.6").own_label == "Nature de la violation"
    assert "In the portal: perte de confidentialité" in paper(report)
    assert "This authority works in" not in paper(said())


def test_what_is_not_demanded_may_still_be_promised_for_a_day() -> None:
    report = said(facts_with(without=("people",)), expected={"4.4": date(2026, 4, 1)})
    assert field(report, "4.4").status is FieldStatus.TO_FOLLOW


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_and_phase_is_set_on_paper_in_every_language(form: Form) -> None:
    for language in ("en", "zh-Hans"):
        report = said(form=form, language=language, phase=next(iter(form.phases)), at=LATE)
        assert "INC-2026-0001" in paper(report)
