"""A processor's packet holds one controller's people and facts, and nothing of another's."""

from __future__ import annotations

import csv
import io
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from incident_engine.domain.errors import NotFound, NotPermitted, Refused
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.reports.pack_for_controller import pack_for_controller
from tests.cast import EVE, INCIDENT, OTTO, House

PEOPLE = """\
id,name,email,phone,where,language,controller
1,Ada Lovell,ada@people.example,,DE,en,Heron Bank
2,薄一波,,+8613912345678,CN,zh-CN,Wren Shop
3,Cy Roux,cy@people.example,+4915112345678,DE,en,Heron Bank
4,Di Marsh,di@people.example,,FR,en,Wren Shop
"""


def packed(house: House, controller: str = "Heron Bank", folder: str = "heron") -> Path:
    out = house.folder / folder
    pack_for_controller(house.engine, OTTO, INCIDENT, controller, out)
    return out


def text_of(folder: Path) -> str:
    pages = pypdf.PdfReader(BytesIO((folder / "report.pdf").read_bytes())).pages
    others = [(folder / name).read_text("utf-8-sig")
              for name in ("report.json", "report.csv", "people.csv")]  # fmt: skip
    return " ".join([*(page.extract_text() for page in pages), *others])


def test_a_packet_has_this_controllers_people_alone(house: House) -> None:
    house.imported(PEOPLE, role="processor")
    out = packed(house)
    rows = list(csv.DictReader(io.StringIO((out / "people.csv").read_text("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Ada Lovell", "Cy Roux"]
    assert rows[1]["phone"] == "'+4915112345678", "a spreadsheet would add it up"
    found = text_of(out)
    for canary in ("薄一波", "+8613912345678", "Di Marsh", "di@people.example", "Wren", "France"):
        assert canary not in found, canary
    assert '"DE":2' in (out / "report.json").read_text("utf-8")
    assert "United States" not in found, "the incident's own counts are everybody's"


def test_the_name_is_found_however_it_is_spelled_and_kept_in_the_journal(house: House) -> None:
    house.imported(PEOPLE, role="processor")
    packed(house, " heron BANK ")
    [entry] = house.acts("controller-packet")
    assert "Heron Bank" in entry.body
    assert "Ada" not in entry.body


def test_a_story_that_names_another_controller_stays_in_the_house(house: House) -> None:
    house.imported(PEOPLE, role="processor")
    said = [("story.en.summary", "The Wren Shop list was copied with yours.")]
    record_facts(house.engine, OTTO, INCIDENT, said, why="as told")
    with pytest.raises(Refused, match="1 other controller"):
        packed(house)
    assert not (house.folder / "heron").exists()


def test_only_a_processor_packs(house: House) -> None:
    house.imported(PEOPLE)
    with pytest.raises(Refused, match="our role is controller"):
        packed(house)


def test_a_controller_nobody_belongs_to_is_answered_with_those_there_are(house: House) -> None:
    house.imported(PEOPLE, role="processor")
    with pytest.raises(NotFound, match="Heron Bank, Wren Shop"):
        packed(house, "Owl Ltd")


def test_a_packet_overwrites_none_and_an_auditor_makes_none(house: House) -> None:
    house.imported(PEOPLE, role="processor")
    packed(house)
    with pytest.raises(Refused, match="holds a packet already"):
        packed(house, "Wren Shop")
    with pytest.raises(NotPermitted):
        pack_for_controller(house.engine, EVE, INCIDENT, "Wren Shop", house.folder / "wren")
