"""Incidents in other programs' forms, and laws that change or break, as they are typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from incident_engine.home import shipped
from tests.cast import INCIDENT, House, typed

CASES = Path(__file__).parents[1] / "cases"
VERIS = CASES / "veris" / "incidents" / "0303E9C7-0E2F-4CC9-B792-BD4472581586.json"
SIEM = CASES / "siem"


def test_a_veris_incident_is_assessed_and_what_was_left_is_shown() -> None:
    said = typed("assess", VERIS, "--format", "veris")
    assert said.status == 0, said.err
    for words in ("Not taken over from VERIS 1.3.4", "not where the people live", "Obligations"):
        assert words in said.out
    shown = json.loads(typed("assess", VERIS, "--format", "veris", "--json").out)
    assert shown["imported"]["format"] == "VERIS 1.3.4"
    assert {"path", "found", "why"} == set(shown["imported"]["left"][0])
    assert "imported" not in json.loads(typed("assess", "--json", facts_file()).out)


def facts_file() -> Path:
    return Path(__file__).parents[2] / "incident_engine" / "demo" / "facts.toml"


def test_a_veris_incident_is_opened_and_the_journal_says_what_was_left(house: House) -> None:
    said = typed("incident", "open", VERIS, "--format", "veris", "--json")
    assert said.status == 0, said.err
    opened = json.loads(said.out)
    assert opened["imported"]["left"]
    entry = json.loads(house.acts("incident-opened")[0].body)
    assert entry["source"].endswith("(VERIS 1.3.4)")
    assert "timeline.discovery.unit" in entry["left"]


def test_a_veris_file_without_the_word_for_it_is_told_how() -> None:
    typed("assess", VERIS).must_be_one_sentence("VERIS", "--format veris")


def test_a_ticket_is_assessed_by_its_mapping() -> None:
    said = typed("assess", SIEM / "ticket.json", "--format", SIEM / "mapping.toml")
    assert said.status == 0, said.err
    assert "eu-gdpr" in typed("assess", SIEM / "ticket.json", "--format", SIEM / "mapping.toml",
                              "--explain").out  # fmt: skip
    assert "Utopia" in said.out
    typed("assess", SIEM / "ticket.json", "--format", "stix").must_be_one_sentence("--format")


def test_explain_begins_with_a_table_and_ends_with_what_to_find_out() -> None:
    out = typed("assess", facts_file(), "--explain", "--at", "2026-03-06T12:00:00Z").out
    table, reasons = out.index("Obligations, by deadline"), out.index("would change")
    assert out.index("NOT CHECKED") < table < reasons < out.index("What to find out")
    for column in ("due", "left", "duty", "to", "the law says"):
        assert column in out[table:reasons]


# Laws that change


@pytest.fixture
def folder(house: House) -> Path:
    """The shipped laws, copied to where this home's law files are."""
    copy = house.folder / "laws"
    shutil.copytree(shipped("playbooks"), copy)
    assert typed("config", "set", "playbooks.folder", copy).status == 0
    return copy


def changed(path: Path, was: str, now: str) -> Path:
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, now), "utf-8")
    return path


def test_a_change_of_the_law_names_the_open_incidents_it_would_touch(
    house: House, tmp_path: Path
) -> None:
    house.opened()
    new = tmp_path / "eu-gdpr.toml"
    shutil.copy(shipped("playbooks") / "eu-gdpr.toml", new)
    changed(new, 'within = "72 hours"', 'within = "96 hours"')
    before = house.rows()
    old = shipped("playbooks") / "eu-gdpr.toml"
    said = typed("playbook", "diff", old, new)
    assert said.status == 0, said.err
    for words in (INCIDENT, "eu-gdpr/authority", "due:", "Nothing was changed"):
        assert words in said.out
    shown = json.loads(typed("playbook", "diff", old, new, "--json").out)
    assert shown["laws"] == [
        {"id": "eu-gdpr", "kind": "changed", "version": shown["laws"][0]["version"]}
    ]
    [touched] = shown["incidents"]
    assert [d["kind"] for d in touched["differences"]] == ["changed"]
    assert house.rows() == before
    assert "byte for byte" in typed("playbook", "diff", old, old).out


def test_a_law_that_comes_or_goes_brings_or_takes_its_duties(house: House, tmp_path: Path) -> None:
    house.opened()
    one, two = tmp_path / "one", tmp_path / "two"
    for at, names in ((one, ["eu-gdpr"]), (two, ["cn-pipl"])):
        at.mkdir()
        for name in names:
            shutil.copy(shipped("playbooks") / f"{name}.toml", at)
    shown = json.loads(typed("playbook", "diff", one, two, "--json").out)
    assert {(law["id"], law["kind"]) for law in shown["laws"]} == {
        ("eu-gdpr", "gone"), ("cn-pipl", "new"),
    }  # fmt: skip
    kinds = {(d["playbook"], d["kind"]) for d in shown["incidents"][0]["differences"]}
    assert kinds == {("eu-gdpr", "gone"), ("cn-pipl", "new")}


# Laws that break


def test_while_a_law_file_is_broken_the_last_good_set_goes_on_loudly(
    house: House, folder: Path
) -> None:
    assert typed("incident", "open", facts_file()).err == ""
    changed(folder / "eu-gdpr.toml", 'audience = "regulator"', 'audience = "regulators"')
    said = typed("incident", "open", facts_file())
    assert said.status == 0
    said.must_be_one_sentence("broken", "last good set", "eu-gdpr.toml line", "playbook check")
    entries = [json.loads(entry.body) for entry in house.acts("assessed")]
    assert [bool(entry.get("law_files_broken")) for entry in entries] == [False, True]
    doctor = typed("doctor")
    assert "LAST GOOD SET" in doctor.out.upper()
    assert typed("playbook", "check").status == 2
    assert typed("assess", facts_file()).status == 2
    changed(folder / "eu-gdpr.toml", '"regulators"', '"regulator"')
    assert typed("incident", "open", facts_file()).err == ""
