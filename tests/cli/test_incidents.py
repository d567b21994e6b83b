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


def test_each_duty_says_its_rule_its_link_its_arithmetic_and_what_would_change_it(
    house: House,
) -> None:
    house.opened()
    said = typed("obligations", INCIDENT, "eu-gdpr/authority").out
    for words in (
        "eu-gdpr/authority/DE: Notify the supervisory authority: owed",
        "rule          72 hours after aware (statute)",
        "source        GDPR Art 33(1), https://",
        "evidence      verified",
        "counted       in UTC 2026-03-06T02:25:00Z + 72 hours = 2026-03-09T02:25:00Z",
        "counted       shown in Europe/Berlin: 2026-03-09T03:25:00+01:00",
        "would change  not required if (not so as things stand): No notification where a risk",
    ):
        assert words in said, words
    assert "us-ca/individuals" not in said


def test_a_duty_that_is_not_there_is_named(house: House) -> None:
    house.opened()
    seen = typed("obligations", INCIDENT, "eu-gdrp")
    assert seen.status == 2
    assert "eu-gdrp" in seen.err
