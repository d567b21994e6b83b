"""From a place code to its clock, its name and its region."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from incident_engine.domain.countries import COUNTRIES, SUBDIVISIONS
from incident_engine.domain.places import (
    WORLD,
    clock_of,
    is_known_place,
    lies_in,
    member_state_of,
    name_of,
    zone_of,
    zones_of,
)


def test_every_country_and_state_keeps_a_zone_that_exists() -> None:
    parts = [f"{country}-{part}" for country, all_ in SUBDIVISIONS.items() for part in all_]
    for place in (*COUNTRIES, *parts, "EU"):
        assert [ZoneInfo(name) for name in zones_of(place)], place


def test_a_state_keeps_its_own_time_and_not_its_countrys() -> None:
    assert zone_of("US-CA") == "America/Los_Angeles"
    assert zone_of("US-TX") == "America/Chicago"
    assert zones_of("US-TX") == ("America/Chicago", "America/Denver")
    assert clock_of("CN-XJ") == ZoneInfo("Asia/Shanghai")  # one official time in China


@pytest.mark.parametrize("place", ["FR", "RE", "AX", "DE-BY", "NO", "IS", "LI"])
def test_the_eea_holds_its_members_and_their_far_parts(place: str) -> None:
    assert lies_in(place, "EEA") is True


@pytest.mark.parametrize("place", ["GB", "CH", "NC", "GL", "FO", "US-CA"])
def test_neighbours_and_overseas_territories_are_not_in_the_eea(place: str) -> None:
    assert lies_in(place, "EEA") is False


def test_norway_is_in_the_eea_and_not_in_the_union() -> None:
    assert lies_in("NO", "EU") is False


def test_every_place_lies_in_the_world() -> None:
    assert is_known_place(WORLD)
    assert [lies_in(place, WORLD) for place in ("DE", "US-CA", "EU")] == [True, True, True]
    assert lies_in(WORLD, "US") is False
    assert (zone_of(WORLD), name_of(WORLD)) == ("UTC", "world")


def test_of_a_whole_country_it_cannot_be_said_whether_it_lies_in_one_state() -> None:
    assert lies_in("US-CA", "US") is True
    assert lies_in("US", "US-CA") is None
    assert lies_in("US-NY", "US-CA") is False
    assert lies_in("US", "USX") is False


def test_the_authority_of_reunion_is_that_of_france() -> None:
    assert member_state_of("RE") == "FR"
    assert member_state_of("DE-BY") == "DE"


def test_places_have_names_in_the_readers_language() -> None:
    assert name_of("US-CA") == "California"
    assert name_of("CN", "zh-Hans") == "中国"
    assert name_of("CA-QC") == "Canada (QC)"


def test_a_region_is_no_place_except_the_union_itself() -> None:
    assert is_known_place("EU")
    assert not is_known_place("EEA")
    assert not is_known_place("XX")
