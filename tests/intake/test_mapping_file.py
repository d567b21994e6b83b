"""An incident from any JSON, by a file that says which value is which fact."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.errors import BadFile, BadInput
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.intake.foreign import Translated
from incident_engine.intake.incident_file import read_incident
from incident_engine.intake.mapping_file import from_json, read_mapping

SIEM = Path(__file__).parents[1] / "cases" / "siem"
ROOT = Path(__file__).parents[2]


def mapped(tmp_path: Path, text: str, document: dict[str, Any]) -> Translated:
    path = tmp_path / "mapping.toml"
    path.write_text(f'format = 1\nname = "SIEM"\n{text}', "utf-8")
    return from_json(document, read_mapping(path), place="ticket.json")


def facts(tmp_path: Path, text: str, document: dict[str, Any]) -> Facts:
    return parse_facts(mapped(tmp_path, text, document).document)


def test_a_ticket_arrives_with_its_facts() -> None:
    found = read_incident(SIEM / "ticket.json", str(SIEM / "mapping.toml"))
    known = parse_facts(found.document)
    assert (known.role, known.kinds) == ("controller", ("confidentiality",))
    assert known.cause.scenario == "device-loss"
    assert known.data.encrypted is False
    assert known.data.types == ("name", "email", "health")
    assert str(known.clocks.detected) == "2026-03-05T17:20:00+01:00"
    assert str(known.clocks.aware) == "2026-03-06T03:25:00+01:00"
    counts = {block.where: block.count for block in known.people}
    assert {where: c.best for where, c in counts.items() if c} == {"DE": 1200, "AT": 100}
    assert counts["AT"] is not None
    assert counts["AT"].basis == "estimate"


def test_what_the_mapping_has_no_word_for_is_left_and_listed() -> None:
    found = read_incident(SIEM / "ticket.json", str(SIEM / "mapping.toml"))
    left = {(each.path, each.found) for each in found.left}
    assert {("$.ticket.tags[1]", "mobile"), ("$.data[3].kind", "Room plan")} <= left
    assert ("$.affected[2].country", "Utopia") in left


def test_the_readmes_example_is_the_one_that_is_tried() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    shown = text.split("<!-- mapping -->")[1].split("```toml")[1].split("```")[0]
    whole = tomllib.loads((SIEM / "mapping.toml").read_text("utf-8"))
    part = tomllib.loads(shown)
    assert part["facts"].items() <= whole["facts"].items()
    assert part["people"] == whole["people"]


def test_what_is_not_there_is_not_known(tmp_path: Path) -> None:
    text = '[facts]\n"data.encrypted" = "$.a.b"\ntitle = "$.t"\n'
    assert mapped(tmp_path, text, {"a": {"b": None}, "t": ""}).document == {}


def test_of_several_values_for_one_fact_none_is_chosen(tmp_path: Path) -> None:
    text = '[facts]\n"cause.action" = "$.acts[*]"\n'
    found = mapped(tmp_path, text, {"acts": ["error", "hacking"]})
    assert found.document == {}
    assert [each.why for each in found.left] == ["one of several for cause.action"] * 2
    same = mapped(tmp_path, text, {"acts": ["error", "error"]})
    assert same.document == {"cause": {"action": "error"}}


@pytest.mark.parametrize(
    ("form", "value", "said"),
    [
        ('date = "unix", zone = "Asia/Shanghai"', 1772763900, "2026-03-06T10:25:00+08:00"),
        ('date = "unix"', "1772763900", "2026-03-06T02:25:00+00:00"),
        ('date = "%Y/%m/%d"', "2026/03/06", "2026-03-06"),
        ('date = "%Y/%m/%d %H:%M %z"', "2026/03/06 10:25 +0800", "2026-03-06T10:25:00+08:00"),
        ('zone = "Europe/Berlin"', "2026-03-06T10:25", "2026-03-06T10:25:00+01:00"),
        ('zone = "Europe/Berlin"', "2026-03-06", "2026-03-06"),
    ],
)
def test_a_moment_is_read_in_its_own_form(
    tmp_path: Path, form: str, value: object, said: str
) -> None:
    text = f'[facts]\n"clocks.aware" = {{ at = "$.t", {form} }}\n'
    assert str(facts(tmp_path, text, {"t": value}).clocks.aware) == said


@pytest.mark.parametrize(
    ("text", "value", "says"),
    [
        ('"clocks.aware" = "$.v"', "2026-03-06T10:25:00", "offset"),
        ('"clocks.aware" = { at = "$.v", date = "%d.%m.%Y" }', "yesterday", "%d.%m.%Y"),
        ('"clocks.aware" = { at = "$.v", date = "unix" }', 10**30, "unix"),
        ('"data.records" = "$.v"', "many", "whole number"),
        ('"data.records" = "$.v"', -1, "0 to"),
        ('"cause.action" = "$.v"', "hackin", "hacking"),
        ('"data.types" = "$.v"', {"a": 1}, "data.types"),
    ],
)
def test_a_value_that_cannot_be_the_fact_is_refused_with_its_place(
    tmp_path: Path, text: str, value: object, says: str
) -> None:
    with pytest.raises(BadFile) as refused:
        mapped(tmp_path, f"[facts]\n{text}\n", {"v": value})
    assert refused.value.place == "ticket.json: $.v"
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[facts]\n"data.encryptd" = "$.a"\n', ("line 4", "data.encryptd", "data.encrypted")),
        ('[facts]\ndata = "$.a"\n', ("facts.data", "one fact inside")),
        ('[facts]\ntitle = "a.b"\n', ("line 4", "RFC 9535")),
        ('[facts]\ntitle = "$.a["\n', ("RFC 9535",)),
        ('[facts]\ntitle = { at = "$.a", value = "b" }\n', ("at and value",)),
        ('[facts]\ntitle = { at = "$.a", word = { b = "c" } }\n', ("word", "words")),
        ('[facts]\nrole = { value = "controler" }\n', ("controler", "controller")),
        ('[facts]\nkinds = { at = "$.a", words = { x = "leak" } }\n', ("leak",)),
        ('[facts]\n"clocks.aware" = { at = "$.a", zone = "Berlin" }\n', ("Berlin",)),
        ('[fact]\ntitle = "$.a"\n', ("fact", "facts")),
        ('[[people]]\ncount = "$.n"\n', ("each and where",)),
        ('[[people]]\neach = "$.p[*]"\nwhere = "$.w"\nmen = "$.n"\n', ("people", "men")),
        ('[[people]]\neach = "$.p[*]"\nwhere = { at = "$.w", words = { x = "Utopia" } }\n',
         ("Utopia",)),
    ],
)  # fmt: skip
def test_a_mapping_at_fault_is_refused_by_name(
    tmp_path: Path, text: str, says: tuple[str, ...]
) -> None:
    with pytest.raises(BadFile) as refused:
        mapped(tmp_path, text, {})
    assert refused.value.place.startswith("mapping.toml")
    for words in says:
        assert words in str(refused.value)


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match="facts, veris, or a mapping file"):
        read_incident(SIEM / "ticket.json", "stix")


def test_a_mapping_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no such file"):
        read_incident(SIEM / "ticket.json", str(tmp_path / "none.toml"))
