"""Facts as a VERIS record: it keeps to the schema, and what it says reads back as the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.facts.words import Action, Actor, Kind, Scenario
from incident_engine.intake.veris_file import from_veris
from incident_engine.intake.veris_written import as_veris
from tests.cast import document

CASES = Path(__file__).parents[1] / "cases" / "veris"
SCHEMA = jsonschema.Draft4Validator(json.loads((CASES / "veris-schema-1.4.1.json").read_text()))
INCIDENTS = sorted((CASES / "incidents").glob("*.json"))


def written(facts: Facts) -> dict[str, Any]:
    record = as_veris(facts, reference="INC-2026-0001", year=2026, standing="Confirmed")
    SCHEMA.validate(record)
    return record


def again(facts: Facts) -> Facts:
    return parse_facts(from_veris(written(facts), place="veris.json").document)


def kept(facts: Facts) -> dict[str, object]:
    """What VERIS has words for."""
    return {
        "action": facts.cause.action,
        "actor": facts.cause.actor,
        "scenario": facts.cause.scenario,
        "exfiltrated": facts.cause.exfiltrated,
        "kinds": facts.kinds,
        "records": facts.data.records,
        "encrypted": facts.data.encrypted,
        "hours": facts.data.restored_hours,
        "began": facts.clocks.occurred_from,
        "country": facts.organisation.country,
        "fraud": facts.cause.fraud_seen,
    }


def test_the_copied_customer_list_keeps_to_the_schema_and_reads_back() -> None:
    facts = parse_facts(document())
    record, found = written(facts), again(facts)
    assert record["summary"].startswith("A copy of our customer list")
    assert "Kestrel" not in json.dumps(record), "whoever shares it does not name us"
    assert (found.cause.action, found.cause.scenario) == ("hacking", "exfiltration")
    assert str(found.clocks.occurred_from) == "2026-03-02"
    assert {"unspecified"} == set(found.data.types), "VERIS has no word for names and numbers"
    assert (found.data.encrypted, found.confirmed) == (False, True)


def test_an_incident_of_which_nothing_is_known_is_a_record_all_the_same() -> None:
    record = written(parse_facts({"format": 1}))
    assert record["summary"] == "INC-2026-0001"
    assert record["timeline"] == {"incident": {"year": 2026}}


@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem[:8])
def test_a_real_incident_read_written_and_read_again_says_the_same(path: Path) -> None:
    first = parse_facts(from_veris(json.loads(path.read_text()), place=path.name).document)
    second = again(first)
    known = {name: value for name, value in kept(first).items() if value not in (None, (), "")}
    if Kind.CONFIDENTIALITY not in first.kinds:  # what it says of data stands there
        known = {name: known[name] for name in known if name not in ("records", "encrypted")}
    if first.cause.action is None:  # of no act nobody can say what came of it
        known.pop("exfiltrated", None)
    # VERIS has no word for what a device or an insider was to it: lost, and never another.
    scenario = known.pop("scenario", None)
    assert second.cause.scenario in (scenario, None)
    assert {name: kept(second)[name] for name in known} == known


@given(
    action=st.sampled_from([None, *Action]),
    scenario=st.sampled_from([None, *Scenario]),
    actor=st.sampled_from([None, *Actor]),
    kinds=st.sets(st.sampled_from([*Kind])),
    left=st.sampled_from([None, True, False]),
    seen=st.sampled_from([None, True, False]),
    encrypted=st.sampled_from([None, True, False, "partly"]),
)
def test_whatever_is_known_it_keeps_to_the_schema_and_says_no_other_cause(
    action: Action | None,
    scenario: Scenario | None,
    actor: Actor | None,
    kinds: set[Kind],
    left: bool | None,
    seen: bool | None,
    encrypted: object,
) -> None:
    cause = {"action": action, "scenario": scenario, "actor": actor, "exfiltrated": left,
             "accessed": seen}  # fmt: skip
    facts = parse_facts({
        "format": 1, "kinds": sorted(kinds), "data": {"encrypted": encrypted},
        "cause": {key: value for key, value in cause.items() if value is not None},
    })  # fmt: skip
    found = again(facts)
    assert found.cause.actor == actor
    assert found.cause.action == action or action is None
    assert found.cause.exfiltrated == left or left is True
    assert found.cause.accessed in (True, None) or seen is False
