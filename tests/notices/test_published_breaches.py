"""Two breaches that were made public, filled in as their clerks would have had to.

The facts are those that were published: what nobody published stays open, and each gap asks.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.words import Phase
from incident_engine.notices.reports.forms import read_forms
from incident_engine.notices.reports.report import completeness_in_words, fill
from incident_engine.notices.reports.report_diff import differences
from incident_engine.notices.reports.report_document import FieldAnswer, FieldStatus, Report
from incident_engine.notices.reports.submission import Submission

FORMS = {form.id: form for form in read_forms()}
FOLDER = Path(__file__).parents[1] / "cases/reports"
OPEN = (FieldStatus.ASKED, FieldStatus.TO_FOLLOW)
AIRLINE, AIRLINE_LATER = "british-airways-2018-first", "british-airways-2018"
NEXT_DAY, MONTH_LATER = datetime(2018, 9, 6, 18, tzinfo=UTC), datetime(2018, 10, 6, tzinfo=UTC)
SAME_NIGHT = datetime(2011, 12, 21, 15, tzinfo=UTC)
LONDON: dict[str, Any] = {"zone": "Europe/London", "language": "en", "at": NEXT_DAY}
BEIJING: dict[str, Any] = {"zone": "Asia/Shanghai", "language": "zh-Hans", "at": SAME_NIGHT}


def facts_of(name: str) -> Facts:
    return parse_facts(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


def filed(name: str, form: str, **changed: Any) -> Report:
    """What that authority would have got of the published facts."""
    duty = {"playbook": "a-law", "id": "authority", "where": "GB", "title": "Tell the authority",
            "citation": FORMS[form].law}  # fmt: skip
    known: dict[str, Any] = {"incident": "INC-2018-0001", "phase": Phase.NOTIFY, "version": 1}
    return fill(FORMS[form], facts_of(name), duty, Submission(**known | changed))


def field(report: Report, name: str) -> FieldAnswer:
    return next(each for each in report.fields if each.id == name)


def said(report: Report, name: str) -> str:
    return "\n".join(field(report, name).lines)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [AIRLINE, AIRLINE_LATER, "csdn-2011"])
def test_no_demanded_question_of_any_form_is_left_empty_without_asking(
    name: str, form: str
) -> None:
    for phase in FORMS[form].phases:
        for language in ("en", "zh-Hans"):
            report = filed(name, form, phase=phase, at=MONTH_LATER, language=language)
            for each in report.fields:
                assert each.lines or each.status not in (FieldStatus.FILLED, FieldStatus.ESTIMATED)
                assert each.ask or each.status not in OPEN or each.lines, each.id


def test_the_airlines_first_notification_has_what_article_33_asks_or_says_it_follows() -> None:
    report = filed(AIRLINE, "eu-gdpr-art33", **LONDON)
    assert completeness_in_words(report) == "11 of 31 missing, 9 may follow"
    assert said(report, "3.1") == (
        "from 21 August 2018 22:58 UTC+1\nuntil 5 September 2018 21:45 UTC+1"
    )
    assert said(report, "4.2") == "380,000 (estimate)"  # Art 33(3)(a): people
    assert field(report, "4.6").status is FieldStatus.TO_FOLLOW  # and records, never copied
    assert "Card security code" in said(report, "4.5")
    assert field(report, "2.7").status is FieldStatus.ASKED  # Art 33(3)(b)
    assert "Cards may be used by others" in said(report, "5.1")  # Art 33(3)(c)
    assert "done 5 September 2018" in said(report, "6.2")  # Art 33(3)(d)
    assert field(report, "1.4").status is FieldStatus.NOT_APPLICABLE, "within 72 hours"


def test_a_clerk_who_answers_what_is_asked_has_nothing_left_but_what_may_follow() -> None:
    answers = {"2.6": "A. Clerk, data protection team, +44 20 5550 0110",
               "2.7": "Data protection officer, dpo@airline.example"}  # fmt: skip
    report = filed(AIRLINE, "eu-gdpr-art33", answers=answers, **LONDON)
    assert [each.id for each in report.fields if each.status is FieldStatus.ASKED] == []
    assert report.completeness.missing == report.completeness.may_follow


def test_the_airlines_later_notification_shows_what_had_changed() -> None:
    first = filed(AIRLINE, "eu-gdpr-art33", **LONDON)
    later = filed(AIRLINE_LATER, "eu-gdpr-art33", phase=Phase.FOLLOW_UP, earlier="COM-1",
                  **LONDON | {"at": MONTH_LATER, "in_time": True})  # fmt: skip
    changed = {each.field: each for each in differences(first, later)}
    assert changed["4.2"].was == ("380,000 (estimate)",)
    assert changed["4.2"].now == ("429,612 (estimate)",)
    assert changed["3.1"].now == ("from 22 June 2018", "until 5 September 2018")
    assert changed["3.8"].kind == "added"
    assert field(later, "2.8").status is FieldStatus.ASKED, "a supplier is part of it"
    assert "left-blank" in field(later, "3.2").status, "two days make no duration to the minute"


def test_the_airline_in_the_words_of_the_regulator_that_had_the_case() -> None:
    report = filed(AIRLINE_LATER, "uk-gdpr-ico", **LONDON)
    assert said(report, "14").splitlines()[0] == "At most: 429,612"
    assert field(report, "8a").choice == ("unauthorised access",)
    assert field(report, "12").choice == (
        "basic identifiers",
        "economic and financial",
        "identification data (usernames, passwords)",
    )
    assert said(report, "26").startswith("Police")
    assert {each.id for each in report.missing} >= {"2", "29", "30"}


def test_the_eight_items_of_the_chinese_measures_stand_in_their_order() -> None:
    report = filed("csdn-2011", "cn-incident-reporting", **BEIJING)
    items = next(each for each in report.sections if each.id == "items").fields
    heads = list(dict.fromkeys(each.id[:4] for each in items))
    assert heads == [f"7({number})" for number in "一二三四五六七八"]
    assert "北京创新乐知信息技术有限公司" in said(report, "7(一)")
    assert field(report, "7(一)").lacks == ("incident.systems",)
    assert said(report, "7(二)a") == "发现：2011年12月21日"
    assert field(report, "7(二)a").lacks == ("incident.location",)
    assert field(report, "7(二)b").choice == ("较大",)
    assert "涉及人数：6,000,000（估计）" in said(report, "7(二)c")
    assert "2010年8月底" in said(report, "7(四)")
    assert said(report, "7(八)").startswith("公安机关")
    assert field(report, "7(七)").ask
    assert not any(each.language for each in report.fields), "nothing is in another language"


def test_a_part_is_answered_beside_what_the_facts_say() -> None:
    answers = {"0b": "值班负责人", "7(一)/incident.systems": "用户账号数据库",
               "7(二)a/incident.location": "北京", "7(七)": "已保存日志和数据样本。"}  # fmt: skip
    report = filed("csdn-2011", "cn-incident-reporting", answers=answers, **BEIJING)
    assert said(report, "7(二)a") == "发现：2011年12月21日\n地点：北京"
    assert "系统：用户账号数据库" in said(report, "7(一)")
    assert completeness_in_words(report) == "1 of 12 missing, 1 may follow"


def test_the_summary_after_thirty_days_asks_for_what_it_must_hold_part_by_part() -> None:
    report = filed("csdn-2011", "cn-incident-reporting", phase=Phase.FINAL, earlier="京-1",
                   **BEIJING)  # fmt: skip
    summary = field(report, "8")
    assert summary.lacks == ("measures.accountability", "measures.lessons")
    assert "2010年8月底" in said(report, "8")


def test_the_law_on_personal_information_gets_what_its_article_57_lists() -> None:
    report = filed("csdn-2011", "cn-pipl-57", **BEIJING)
    assert "用户名、电子邮箱、密码" in said(report, "6")
    for item in ("7", "8", "9", "10", "11"):
        assert field(report, item).status is FieldStatus.FILLED, item
    assert said(report, "14") == "6,000,000（估计）"
