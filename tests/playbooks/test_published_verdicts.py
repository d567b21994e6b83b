"""How often the law as written here agrees with what regulators decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.intake.playbook_file import read_playbooks

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "cases" / "verdicts.json").read_text("utf-8"))
DEADLINES = json.loads((ROOT / "tests" / "cases" / "deadlines.json").read_text("utf-8"))
LAWS = read_playbooks(ROOT / "playbooks")
HARD = [case for case in CASES if case["strength"] == "hard"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWED = {"required", "open", "waiting", "postponed"}


def is_owed(case: dict[str, Any], audience: str) -> bool:
    found = assess(parse_facts(case["facts"]), LAWS, now=NOW).obligations
    law = case["expect"]["playbook"]
    return any(
        duty.status.value in OWED
        for duty in found
        if (duty.playbook, duty.audience.value) == (law, audience)
    )


def agreement(audiences: tuple[str, ...], told: bool) -> Iterator[bool]:
    for case in HARD:
        for audience in audiences:
            if case["expect"][audience] is told:
                yield is_owed(case, audience) is told


def share(audiences: tuple[str, ...], told: bool) -> float:
    found = list(agreement(audiences, told))
    assert len(found) > 10, "too few cases to speak of a share"
    return sum(found) / len(found)


def test_every_case_is_of_a_law_that_ships() -> None:
    names = {law.id for law in LAWS}
    assert {case["expect"]["playbook"] for case in (*CASES, *DEADLINES)} <= names


def test_every_incident_is_recorded() -> None:
    for case in HARD:
        assert assess(parse_facts(case["facts"]), LAWS, now=NOW).as_json()["record"] is True


def test_where_a_regulator_had_to_be_told_we_say_so() -> None:
    assert share(("regulator",), told=True) >= 0.95


def test_where_people_had_to_be_told_we_say_so() -> None:
    assert share(("individuals",), told=True) >= 0.90


def test_where_nobody_had_to_be_told_we_do_not_cry_wolf() -> None:
    assert share(("regulator", "individuals"), told=False) >= 0.80


def test_no_law_names_a_case() -> None:
    """The method is general: what a case is called stands in no law file and in no code."""
    names = {case["id"] for case in CASES}
    for folder, ending in (("playbooks", "*.toml"), ("incident_engine", "*.py")):
        for path in (ROOT / folder).rglob(ending):
            text = path.read_text("utf-8")
            assert not [name for name in names if name in text], path
