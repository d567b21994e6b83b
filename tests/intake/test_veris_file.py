"""VERIS incidents as facts: what is said is taken, what is not is asked, the rest is listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.intake.foreign import Translated, leaves
from incident_engine.intake.incident_file import read_incident
from incident_engine.intake.playbook_file import read_playbooks
from incident_engine.intake.veris_file import from_veris

CASES = Path(__file__).parents[1] / "cases" / "veris"
LAWS = read_playbooks(Path(__file__).parents[2] / "playbooks")
INCIDENTS = sorted((CASES / "incidents").glob("*.json"))
SCHEMAS = [json.loads((CASES / f"veris-schema-{v}.json").read_text("utf-8"))
           for v in ("1.3.4", "1.4.1")]  # fmt: skip
# What a record of its own kind looks like: here only the parts under test are added.
PLAIN: dict[str, Any] = {
    "schema_version": "1.3.4", "incident_id": "7", "security_incident": "Confirmed",
    "action": {"hacking": {"variety": ["Unknown"], "vector": ["Unknown"]}},
    "actor": {"external": {"variety": ["Unknown"], "motive": ["Unknown"]}},
    "asset": {"assets": [{"variety": "S - Database"}]},
    "attribute": {"confidentiality": {"data_disclosure": "Yes", "data": [{"variety": "Personal"}]}},
    "victim": {"country": ["DE"], "industry": "000", "employee_count": "Unknown"},
    "timeline": {"incident": {"year": 2026}},
}  # fmt: skip


def with_parts(**parts: Any) -> dict[str, Any]:
    return PLAIN | parts


def read(document: dict[str, Any]) -> Translated:
    return from_veris(document, place="incident.json")


def facts(**parts: Any) -> Facts:
    return parse_facts(read(with_parts(**parts)).document)


def confidentiality(**more: Any) -> dict[str, Any]:
    return {"confidentiality": {"data_disclosure": "Yes", **more}}


@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem[:8])
def test_a_real_incident_opens_and_every_value_of_it_is_taken_or_said_to_be_left(
    path: Path,
) -> None:
    found = read_incident(path, "veris")
    known = parse_facts(found.document)
    assert known.title
    assert known.people
    assert known.role is None
    assert all(each.why for each in found.left)
    assert {each.path for each in found.left} >= {"source_id", "reference"}


# Every word of both schemas


def closed_lists(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each word of each closed list, with where it stands; `[]` for a list of tables."""
    if not isinstance(schema, dict):
        return
    for word in schema.get("enum", ()):
        yield path, word
    for name, inner in schema.get("properties", {}).items():
        yield from closed_lists(inner, (*path, name))
    if "items" in schema:
        yield from closed_lists(schema["items"], (*path, "[]"))


def saying(path: tuple[str, ...], word: str) -> dict[str, Any]:
    """A record that says that one word."""
    found: Any = word
    for part in reversed(path):
        found = [found] if part == "[]" else {part: found}
    document = json.loads(json.dumps(PLAIN))
    return merged(document, found)


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: merged(one.get(key), value) for key, value in other.items()}
    return other


WORDS = sorted({pair for schema in SCHEMAS for pair in closed_lists(schema)})


def test_the_schemas_hold_the_lists_that_are_tried() -> None:
    assert len(WORDS) > 900
    assert (("action", "error", "variety", "[]"), "Misdelivery") in WORDS


def test_every_word_of_the_schemas_makes_facts_or_is_listed_and_none_breaks() -> None:
    for path, word in WORDS:
        found = read(saying(path, word))
        parse_facts(found.document)
        places = {each.path for each in found.left}
        assert all(place and "None" not in place for place in places)


@pytest.mark.parametrize(
    ("path", "word", "key", "value"),
    [
        (("action", "malware", "variety", "[]"), "Ransomware", "cause.scenario", "ransomware"),
        (("action", "error", "variety", "[]"), "Gaffe", "cause.scenario", "verbal-disclosure"),
        (("attribute", "confidentiality", "state", "[]"), "Printed", "data.encrypted", False),
        (("victim", "government", "[]"), "Local", "organisation.sectors", ("government",)),
        (("plus", "attribute", "confidentiality", "data_abuse"), "Yes - Identity theft",
         "cause.fraud_seen", True),
        (("attribute", "integrity", "variety", "[]"), "Modify data", "kinds",
         ("confidentiality", "integrity")),
        (("timeline", "exfiltration", "unit"), "Never", "cause.exfiltrated", False),
        (("victim", "industry"), "622110", "organisation.sectors", ("health-provider",)),
    ],
)  # fmt: skip
def test_a_word_with_a_counterpart_becomes_that_fact(
    path: tuple[str, ...], word: str, key: str, value: object
) -> None:
    document = saying(path, word)
    if path[:2] == ("action", "error"):
        del document["action"]["hacking"]
    found: Any = parse_facts(read(document).document)
    for part in key.split("."):
        found = getattr(found, part)
    assert found == value


# Yes, potentially, no


@pytest.mark.parametrize(
    ("disclosed", "kinds", "accessed", "confirmed"),
    [
        ("Yes", ("confidentiality",), True, True),
        ("Potentially", ("confidentiality",), None, False),
        ("Unknown", ("confidentiality",), None, None),
        ("No", (), False, None),
    ],
)
def test_disclosure_is_taken_as_sure_as_it_is_said(
    disclosed: str, kinds: tuple[str, ...], accessed: bool | None, confirmed: bool | None
) -> None:
    attribute = confidentiality(data=[{"variety": "Personal"}]) | {}
    attribute["confidentiality"]["data_disclosure"] = disclosed
    found = facts(attribute=attribute)
    assert (found.kinds, found.cause.accessed, found.confirmed) == (kinds, accessed, confirmed)


def test_what_is_only_suspected_is_not_confirmed() -> None:
    assert facts(security_incident="Suspected").confirmed is False


def test_what_is_an_organisations_own_is_not_called_personal_data() -> None:
    varieties = ["Internal", "Classified", "Secrets", "Source code", "System"]
    found = read(with_parts(attribute=confidentiality(data=[{"variety": v} for v in varieties])))
    assert parse_facts(found.document).data.types == ()
    left = [each.found for each in found.left if "confidentiality.data" in each.path]
    assert left == varieties


def test_a_kind_of_data_is_never_taken_for_all_there_was() -> None:
    """Medical records come with names; VERIS has no word for a name, and a state's law asks."""
    data = confidentiality(data=[{"variety": "Medical"}])
    found = read(with_parts(attribute=data, victim={"country": ["US"], "state": "PA"}))
    assert parse_facts(found.document).data.types == ("medical_record", "unspecified")
    answer = assess(parse_facts(found.document), LAWS, now=datetime(2026, 11, 24, tzinfo=UTC))
    [duty] = [d for d in answer.obligations if (d.playbook, d.id) == ("us-pa", "individuals")]
    assert duty.status == "open"
    assert "data.types" in duty.asks


def test_amounts_are_records_and_never_people() -> None:
    several = [{"variety": "Personal", "amount": 90}, {"variety": "Medical", "amount": 50}]
    found = facts(attribute=confidentiality(data=several, data_total=90))
    assert found.data.records is not None
    assert found.data.records.value == 90
    assert [block.count for block in found.people] == [None]
    assert facts(attribute=confidentiality(data=several)).data.records is None  # 90, 140?


@pytest.mark.parametrize(
    ("states", "encrypted"),
    [
        (["Stored encrypted"], True),
        (["Stored encrypted", "Transmitted unencrypted"], "partly"),
        (["Stored unencrypted"], False),
        (["Stored"], None),
        (["Stored encrypted", "Processed"], None),
    ],
)
def test_encrypted_is_said_only_where_all_of_it_is_told(
    states: list[str], encrypted: bool | str | None
) -> None:
    assert facts(attribute=confidentiality(state=states)).data.encrypted == encrypted


# Where


def test_the_part_of_a_country_is_taken_where_there_is_one_country() -> None:
    for state in ("CA", "US-CA"):
        victim = {"country": ["US"], "state": state}
        assert [block.where for block in facts(victim=victim).people] == ["US-CA"]
    found = read(with_parts(victim={"country": ["US", "GB"], "state": "CA"}))
    assert [block["where"] for block in found.document["people"]] == ["US", "GB"]  # type: ignore[attr-defined]
    assert "victim.state" in {each.path for each in found.left}
    assert any("not where the people live" in text for text in found.taken)


# When


def timeline(**spans: Any) -> dict[str, Any]:
    return {"incident": {"year": 2026, "month": 2, "day": 27}, **spans}


def test_a_day_is_a_clock_and_a_month_is_not() -> None:
    day = facts(timeline=timeline()).clocks.occurred_from
    assert str(day) == "2026-02-27"
    for partial in ({"year": 2026}, {"year": 2026, "month": 2}, {"year": 2026, "day": 5}):
        found = read(with_parts(timeline={"incident": partial}))
        assert "clocks" not in found.document
        assert "timeline.incident.year" in {each.path for each in found.left}


def test_days_are_counted_and_coarser_or_finer_spans_are_not() -> None:
    counted = facts(timeline=timeline(discovery={"unit": "Days", "value": 2},
                                      containment={"unit": "Days", "value": 1})).clocks  # fmt: skip
    assert (str(counted.detected), str(counted.contained)) == ("2026-03-01", "2026-03-02")
    for unit in ("Hours", "Weeks", "Months", "Years", "Never", "Unknown"):
        clocks = facts(timeline=timeline(discovery={"unit": unit, "value": 2})).clocks
        assert clocks.detected is None


def test_discovery_is_never_taken_for_awareness() -> None:
    clocks = facts(timeline=timeline(discovery={"unit": "Days", "value": 2})).clocks
    assert (clocks.aware, clocks.discovered) == (None, None)


def test_a_time_of_day_without_an_offset_is_left() -> None:
    spans = {"incident": {"year": 2026, "month": 2, "day": 27, "time": "02:46:00 PM"}}
    assert "timeline.incident.time" in {e.path for e in read(with_parts(timeline=spans)).left}


# Several at once


def test_of_several_kinds_of_act_or_actors_none_is_chosen() -> None:
    found = read(with_parts(action={"social": {"variety": ["Phishing"]}, "malware": {}},
                            actor={"external": {}, "internal": {}}))  # fmt: skip
    known = parse_facts(found.document).cause
    assert (known.action, known.actor, known.scenario) == (None, None, "phishing")
    assert known.intent == "malicious"
    assert len([text for text in found.taken if "none was chosen" in text]) == 2


def test_misuse_is_malicious_only_by_its_motive() -> None:
    misuse = {"misuse": {"variety": ["Privilege abuse"]}}
    for motive, intent in (("Financial", "malicious"), ("Convenience", None), ("Unknown", None)):
        found = facts(action=misuse, actor={"internal": {"motive": [motive]}})
        assert found.cause.intent == intent


# What is no VERIS


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"schema_version": "1.2.1"}, "schema_version"),
        ({"security_incident": "Maybe"}, "security_incident"),
        ({"action": ["hacking"]}, "action"),
        ({"action": {"hacking": {"variety": [7]}}}, "action.hacking.variety[0]"),
        ({"attribute": confidentiality(data_disclosure="Perhaps")}, "data_disclosure"),
        ({"attribute": confidentiality(data_total=-5)}, "data_total"),
        ({"attribute": confidentiality(data_total="many")}, "data_total"),
        (
            {"attribute": confidentiality(data=[{"variety": "Bank", "amount": 1.5}])},
            "data[0].amount",
        ),
        ({"attribute": confidentiality(data={"variety": "Bank"})}, "confidentiality.data"),
        ({"victim": {"country": ["Germany"]}}, "victim.country"),
        ({"timeline": {"incident": {"year": 2026, "month": 2, "day": 30}}}, "timeline.incident"),
        ({"timeline": {"incident": {"year": 2026, "month": 13, "day": 1}}}, "incident.month"),
        ({"summary": ["a"]}, "summary"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadFile) as refused:
        read(with_parts(**change))
    assert place in refused.value.place
    assert refused.value.expected


def test_a_facts_file_is_not_taken_for_veris() -> None:
    with pytest.raises(BadFile, match="no VERIS incident"):
        read({"role": "controller"})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PLACES = sorted({path for path, _ in leaves(PLAIN)}, key=str)


@given(st.data())
def test_no_value_in_any_place_makes_a_traceback(data: st.DataObject) -> None:
    document: Any = json.loads(json.dumps(PLAIN))
    *outer, last = data.draw(st.sampled_from(PLACES))
    outer = outer[: data.draw(st.integers(0, len(outer)))]
    spot: Any = document
    for part in outer:
        spot = spot[part]
    key = last if isinstance(spot, list) == isinstance(last, int) else None
    if key is None:
        key = 0 if isinstance(spot, list) else "variety"
    spot[key] = data.draw(anything)
    with suppress(BadFile):  # refused with its path: every other error is a defect
        parse_facts(read(document).document)
