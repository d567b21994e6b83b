"""The words of a law file that are not from a closed list: zones, places, periods, clocks."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from incident_engine.domain.countries import nearest_place
from incident_engine.domain.facts.document import Clocks
from incident_engine.domain.facts.faults import refuse
from incident_engine.domain.law.calendars import Closure, read_closure
from incident_engine.domain.law.counting import Period, read_period
from incident_engine.domain.places import REGIONS, is_known_place

# What we or a person of ours does. A clock that starts with one is waiting until it is done.
OUR_ACTS = frozenset({"determined", "classified", "assessed", "ended", "fix_available"})
DONE = "done "
FINDING = "finding."
FINDINGS = tuple(f"{FINDING}{name}" for name in ("risk", "significant_harm", "material", "major"))
END_OF_YEAR = "end of the year of "
HERE = "here"


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
    raise refuse(
        "unknown-place", code, "an ISO 3166 code, EU, EEA or 001", nearest=nearest_place(code)
    )


def check_period(found: object) -> Period:
    """A period from its words."""
    if isinstance(found, Period):
        return found
    if not isinstance(found, str):
        raise refuse("wrong-kind", found, 'a period in words: "72 hours"')
    try:
        return read_period(found)
    except ValueError as fault:
        expected = '"72 hours", "30 calendar days", "5 business days", "1 month"'
        raise refuse("bad-period", str(fault), expected) from None


def check_closure(found: object) -> Closure:
    """Days of every year on which offices are shut: `12-29..01-03`."""
    if isinstance(found, Closure):
        return found
    try:
        return read_closure(str(found))
    except ValueError:
        raise refuse("bad-closure", found, "days of a year: 12-29..01-03") from None


def check_calendar(code: str) -> str:
    """The place whose public holidays count, or `here`: that of the duty."""
    return code if code == HERE else check_place(code)


def check_start(name: str) -> str:
    """A clock (`aware`), `done ` and an obligation, a person's finding (`finding.material`), or
    the end of the year of one of these."""
    if name.startswith(END_OF_YEAR):
        return END_OF_YEAR + check_start(name[len(END_OF_YEAR) :])
    act = name[len(DONE) :].strip() if name.startswith(DONE) else ""
    if act or name in Clocks.model_fields or name in FINDINGS:
        return name
    nearest = next(iter(get_close_matches(name, (*Clocks.model_fields, *FINDINGS), n=1)), None)
    expected = "a clock of a facts file, done … or finding.…"
    raise refuse("unknown-clock", name, expected, nearest=nearest)
