"""What other programs and yearly reports are given, as it is typed."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from stix2validator import ValidationOptions, validate_string

from incident_engine.intake.incident_file import read_incident
from incident_engine.notices.reports.register import COLUMNS
from incident_engine.notices.reports.statistics import MONTHS, render_chart
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.public.announce import put_up
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from tests.cast import INCIDENT, OTTO, House, typed

DUTY = "eu-gdpr/authority/DE"
CANARIES = ("Ada", "Lovell", "ada@people.example", "薄一波", "13912345678", "Di Marsh", "Cy Roux")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def told(house: House) -> House:
    """An incident of which people were told, a report filed, a duty waived, a page put up."""
    house.sent()
    prepare_report(house.engine, OTTO, INCIDENT, DUTY)
    file_report(house.engine, OTTO, INCIDENT, DUTY, Receipt(number="DE-4711"), why="rest follows")
    waived = Settlement(trigger="waive", why="reached another way")
    settle(house.engine, OTTO, INCIDENT, "cn-pipl/individuals/CN", waived)
    put_up(house.engine, OTTO, INCIDENT)
    return house


def nobody_in(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text, canary


def test_veris_out_reads_in_again(told: House) -> None:
    out = told.folder / "veris.json"
    said = typed("incident", "export", INCIDENT, "--format", "veris", "--out", out)
    assert said.status == 0, said.err
    nobody_in(out.read_text())
    assert read_incident(str(out), "veris").document["cause"]["action"] == "hacking"
    again = typed("incident", "export", INCIDENT, "--format", "veris", "--out", out)
    assert again.status == 2
    again.must_be_one_sentence("exists already")


def test_stix_is_what_its_validator_takes(told: House) -> None:
    said = typed("incident", "export", INCIDENT, "--format", "stix")
    assert said.status == 0, said.err
    nobody_in(said.out)
    result = validate_string(said.out, ValidationOptions(version="2.1", strict=True))
    assert result.is_valid, [str(each) for found in result.object_results for each in found.errors]
    kinds = {each["type"]: each for each in json.loads(said.out)["objects"]}
    assert kinds["incident"]["name"] == "The copied customer list"
    assert "exfiltration" in kinds["note"]["content"]
    assert (
        kinds["incident"]["id"] in typed("incident", "export", INCIDENT, "--format", "stix").out
    ), "the same incident keeps its id"


def test_another_form_is_not_guessed(house: House) -> None:
    house.opened()
    assert typed("incident", "export", INCIDENT, "--format", "iodef").status == 2


def test_the_register_has_facts_effects_measures_and_what_was_decided(told: House) -> None:
    told.opened(title="=HYPERLINK(1)")
    out = told.folder / "register.csv"
    said = typed("register", "--out", out)
    assert said.status == 0, said.err
    text = out.read_text("utf-8-sig")
    nobody_in(text)
    first, second = csv.DictReader(io.StringIO(text))
    assert tuple(first) == COLUMNS
    assert "copy of our customer list" in first["what happened"]
    assert first["effects"] == "Someone may pretend to be us."
    assert "switched the server off" in first["measures"]
    assert f"{DUTY}: DE-4711" in first["reports filed"]
    assert (first["people told"], first["told by"]) == ("3", "email, sms")
    assert "waived by otto: reached another way" in first["not told, and why"]
    assert first["public page since"]
    assert second["title"].startswith("'="), "a spreadsheet would compute it"
    assert second["people told"] == ""
    assert len(told.acts("register-exported")) == 1


def test_a_year_is_a_page_a_chart_and_a_table_that_say_the_same(told: House) -> None:
    out = told.folder / "year"
    said = typed("statistics", "2026", "--out", out, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["incidents"] == sum(found["months"]) == found["months"][2] == 1
    chart = ElementTree.parse(out / "incidents.svg").getroot()
    assert chart.get("role") == "img"
    assert "Mar 1" in str(chart.findtext(f"{SVG}desc"))
    assert "2026" in str(chart.findtext(f"{SVG}title"))
    rows = list(csv.DictReader(io.StringIO((out / "statistics.csv").read_text("utf-8-sig"))))
    duties = {row["what"]: int(row["number"]) for row in rows if row["table"] == "Duties"}
    assert duties["met in time"] >= 1
    assert duties["waived, with a reason"] == 1
    assert {"table": "Messages by what became of them", "what": "accepted", "number": "3"} in rows
    page = (out / "index.html").read_text()
    nobody_in(page)
    assert "<script" not in page
    assert page.count("<caption>") == len({row["table"] for row in rows})


def test_a_year_without_incidents_is_a_year_too(house: House, tmp_path: Path) -> None:
    said = typed("statistics", "1999", "--out", tmp_path / "none")
    assert said.status == 0, said.err
    assert "0 incidents in 1999" in said.out
    assert (tmp_path / "none" / "index.html").exists()
    again = typed("statistics", "1999", "--out", tmp_path / "none")
    again.must_be_one_sentence("exists already")


def test_every_bar_carries_its_number_and_none_leaves_the_picture() -> None:
    months = [0, 3, 1, 0, 7, 2, 0, 0, 1000, 5, 1, 0]
    drawn = ElementTree.fromstring(render_chart(2026, months))
    texts = ["".join(each.itertext()) for each in drawn.iter(f"{SVG}text")]
    assert texts == [
        word for n, name in zip(months, MONTHS, strict=True) for word in (str(n), name)
    ]
    for bar in drawn.iter(f"{SVG}rect"):
        assert float(bar.get("y", "0")) >= 0
        assert float(bar.get("x", "0")) + float(bar.get("width", "0")) <= 720
