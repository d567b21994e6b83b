"""The table for copying into a portal opens in a spreadsheet and computes nothing."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.notices.reports.forms import read_forms
from incident_engine.notices.reports.report_csv import COLUMNS, defused, render_csv
from tests.notices.conftest import facts_with
from tests.notices.test_report import GDPR, TOLD, said

FORMS = {form.id: form for form in read_forms()}


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_question_is_a_row_with_its_answer() -> None:
    report = said(notified=TOLD)
    found = rows(render_csv(report))
    assert [each["field"] for each in found] == [each.id for each in report.fields]
    assert tuple(found[0]) == COLUMNS
    answers = {each["field"]: each["answer"] for each in found}
    assert answers["2.1"].startswith("Kestrel Cloud")
    assert "\n" in answers["4.1"] or "Customers" in answers["4.1"]


@pytest.mark.parametrize("evil", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "＝1"])
def test_a_formula_in_a_fact_is_only_text(evil: str) -> None:
    report = said(facts_with({"organisation.name": evil, "organisation.trading_name": None}))
    name = next(each for each in rows(render_csv(report)) if each["field"] == "2.1")
    assert name["answer"] == f"'{evil}"


def test_a_telephone_number_is_defused_too() -> None:
    assert defused("+86 10 5555 0110") == "'+86 10 5555 0110"
    assert defused("500") == "500"


@given(st.text())
def test_no_cell_ever_begins_what_a_spreadsheet_computes(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_authoritys_own_words_and_choice_stand_beside_ours() -> None:
    found = {each["field"]: each for each in rows(render_csv(said(form=FORMS["fr-cnil"])))}
    assert found["3.6"]["their label"] == "Nature de la violation"
    assert found["3.6"]["their choice"] == "perte de confidentialité"
    assert found["7.3"]["their choice"] == "importante"
    assert {each["their label"] for each in rows(render_csv(said(form=GDPR)))} == {""}
