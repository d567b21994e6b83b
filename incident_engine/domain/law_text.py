"""The words of a law file that are not from a closed list: zones, places, periods, clocks."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from incident_engine.domain.counting import Period, Unit, read_period
from incident_engine.domain.countries import nearest_place
from incident_engine.domain.fact_faults import refuse
from incident_engine.domain.facts import Clocks
from incident_engine.domain.places import REGIONS, is_known_place

# What we or a person of ours does. A clock that starts with one is waiting until it is done.
OUR_ACTS = frozenset({"determined", "classified", "assessed", "ended", "fix_available"})
DONE = "done "


def check_zone(name: str) -> str:
    """The name itself, if the IANA database has it."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        nearest = next(iter(get_close_matches(name, available_timezones(), n=1)), None)
        raise refuse(
            "unknown-zone", name, "an IANA zone (Europe/Brussels)", nearest=nearest
        ) from None
    return name


def check_place(code: str) -> str:
    """The code itself, if a law may name it: a country, a part of one, a region."""
    if is_known_place(code) or code in REGIONS:
        return code
    raise refuse("unknown-place", code, "an ISO 3166 code, EU or EEA", nearest=nearest_place(code))


def check_period(found: object) -> Period:
    """A period from its words; business days wait for a calendar of holidays."""
    if isinstance(found, Period):
        return found
    if not isinstance(found, str):
        raise refuse("wrong-kind", found, 'a period in words: "72 hours"')
    try:
        period = read_period(found)
    except ValueError as fault:
        raise refuse(
            "bad-period", str(fault), '"72 hours", "30 calendar days", "1 month"'
        ) from None
    if period.unit is Unit.BUSINESS_DAYS:
        raise refuse("bad-period", found, "a period that needs no calendar of public holidays")
    return period


def check_start(name: str) -> str:
    """The name of a clock (`aware`), or `done ` and an obligation (`done individuals`)."""
    if name in Clocks.model_fields or (name.startswith(DONE) and name[len(DONE) :].strip()):
        return name
    nearest = next(iter(get_close_matches(name, Clocks.model_fields, n=1)), None)
    raise refuse("unknown-clock", name, "a clock of a facts file, or done …", nearest=nearest)
