"""What a responder reads of an incident: words, not the notation of a program."""

from __future__ import annotations

import json

from tests.cast import INCIDENT, House, typed

ESTIMATE = {"value": 700, "min": 600, "max": 900, "basis": "estimate"}


def line(screen: str, key: str) -> str:
    """The value that stands beside a fact's key, with the frame taken off."""
    [found] = [each for each in screen.splitlines() if f" {key} " in each]
    return found.split("│")[2].strip()


def test_facts_are_shown_in_the_words_of_a_facts_file(house: House) -> None:
    house.opened(people=[{"where": "US-CA", "count": ESTIMATE}])
    seen = typed("incident", "show", INCIDENT)
    assert (seen.status, seen.err) == (0, "")
    assert line(seen.out, "data.types") == "name, email, national_id"
    assert line(seen.out, "cause.exfiltrated") == "true"
    assert line(seen.out, "people.US-CA.count") == "700 (min 600, max 900, basis estimate)"


def test_the_clock_over_all_incidents_has_the_duties_without_a_number_too(house: House) -> None:
    house.opened()
    rows = json.loads(typed("deadlines", "--json").out)
    [duty] = [each for each in rows if each["duty"] == "cn-pipl/authority/CN"]
    assert duty["due_at"] is None
    assert duty["due"] == "立即 (immediately); our aim 2026-03-07 10:25 CST"
