"""An incident in VERIS (1.3.4 and 1.4) as a facts document.

Says of each fact only what the record says of it. Three things are never read from it, because
VERIS does not know them: when we became aware (its discovery is when the incident was found, not
when personal data was known to be affected), how many people (its amounts are records), and
whether we are controller or processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from incident_engine.domain.countries import is_country, is_place
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.words import Kind, Sector
from incident_engine.intake.foreign import Translated, printable, story
from incident_engine.intake.veris_cause import cause_of
from incident_engine.intake.veris_record import Record
from incident_engine.intake.veris_words import (
    ACTIONS,
    ALTERED,
    DATA,
    ENCRYPTED,
    GOVERNMENT,
    HOURS,
    NOTHING_SAID,
    OUT_OF_REACH,
    READ_AS,
    READABLE,
    SECTORS,
)

_VERSIONS = ("1.3", "1.4")
_INCIDENT = ("Confirmed", "Suspected", "Near miss", "False positive")
_PARTS = ("action", "actor", "asset", "attribute", "timeline", "victim", "discovery_method")
_YEARS = range(1970, 2200)  # what a clock of a facts file can hold


def from_veris(document: Mapping[str, object], *, place: str) -> Translated:
    """The facts of one VERIS record, and what of it no fact says.

    `place` names the file in faults. Raises BadFile: the path, what was found, what was expected.
    """
    record = Record(document, place)
    version = _must_be_veris(record)
    facts: dict[str, Any] = {
        "format": 1,
        "title": _title(record),
        "kinds": _kinds(record),
        "organisation": _organisation(record),
        "clocks": _clocks(record),
        "cause": cause_of(record),
        "data": _data(record),
        "people": _people(record),
        "story": _story(record),
        "measures": _measures(record),
        "confirmed": _confirmed(record),
    }
    known = {key: value for key, value in facts.items() if value not in (None, {}, [])}
    return Translated(known, version, tuple(record.sayings), tuple(record.left()))


def _must_be_veris(record: Record) -> str:
    found = record.value("schema_version")
    if found is not None and not (isinstance(found, str) and found.startswith(_VERSIONS)):
        said = found[:20] if isinstance(found, str) else "no text"
        record.refuse(("schema_version",), said, "1.3.4 or 1.4")
    for part in _PARTS:
        record.table(part)
    if not any(record.has(part) for part in _PARTS[:4]):
        record.refuse((), "no VERIS incident", "action, actor, asset or attribute")
    return f"VERIS {found}" if found else "VERIS"


def _title(record: Record) -> str:
    acts = [name for name in ACTIONS if record.has("action", name)]
    what = " and ".join(acts) or "incident"
    who = record.word("victim", "victim_id")
    number = record.word("incident_id")
    title = f"{who}: {what}" if who else f"{what[0].upper()}{what[1:]}"
    return printable(f"{title} (VERIS {number})" if number else title)[:300]


def _confirmed(record: Record) -> bool | None:
    """Whether personal data is surely affected: a sure incident, sure disclosure, of such data."""
    word = record.word("security_incident")
    if word is not None and word not in _INCIDENT:
        record.refuse(("security_incident",), printable(word)[:60], ", ".join(_INCIDENT))
    if word in _INCIDENT[2:]:
        record.say(f"security_incident: {word}; open it only to keep the record")
    if word in _INCIDENT[1:] or record.disclosed == "Potentially":
        return False
    personal = any(variety in DATA for variety, _, _ in record.data())
    return True if word == "Confirmed" and record.disclosed == "Yes" and personal else None


def _kinds(record: Record) -> list[str]:
    altered = record.words("attribute", "integrity", "variety")
    gone = record.words("attribute", "availability", "variety")
    record.untake("attribute", "integrity", "variety", keep=ALTERED | {"Defacement"})
    record.untake("attribute", "availability", "variety", keep=OUT_OF_REACH)
    found = {
        Kind.CONFIDENTIALITY: record.disclosed in ("Yes", "Potentially", "Unknown"),
        Kind.INTEGRITY: bool(ALTERED & set(altered)),
        Kind.AVAILABILITY: bool(OUT_OF_REACH & set(gone)),
    }
    return [kind.value for kind, holds in found.items() if holds]


# Who and where


def _places(record: Record) -> list[str]:
    """The countries of the victim, or the part of its one country."""
    found = []
    for word in record.words("victim", "country"):
        if not (len(word) == 2 and word.isascii() and word.isupper()):
            record.refuse(("victim", "country"), printable(word)[:60], "ISO 3166 codes (DE)")
        if is_country(word):
            found.append(word)
    record.untake("victim", "country", keep=frozenset(found))
    state = record.word("victim", "state")
    if state and len(found) == 1:
        part = state if state.startswith(f"{found[0]}-") else f"{found[0]}-{state}"
        if is_place(part):
            record.took("victim", "state")
            return [part]
    return list(dict.fromkeys(found))


def _people(record: Record) -> list[dict[str, Any]]:
    places = _places(record)
    if places:
        record.say(
            "people: VERIS says where the organisation is, not where the people live; "
            f"taken to live in {', '.join(places)}, number not known"
        )
    return [{"where": place} for place in places]


def _organisation(record: Record) -> dict[str, Any]:
    countries = list(dict.fromkeys(place.partition("-")[0] for place in _places(record)))
    found: dict[str, Any] = {"sectors": _sectors(record)}
    if len(countries) == 1:
        found["country"] = countries[0]
    elif countries:
        found["establishments"] = countries
    if name := record.word("victim", "victim_id", take=True):
        found["name"] = printable(name)[:300]
    if size := record.word("victim", "employee_count", take=True):
        found["size"] = printable(size.lower())[:60]
    return {key: value for key, value in found.items() if value}


def _sectors(record: Record) -> list[str]:
    code = str(record.value("victim", "industry") or "")
    lengths = (code[:length] for length in range(len(code), 1, -1))
    found = next((SECTORS[part] for part in lengths if part in SECTORS), ())
    if found or set(code) <= {"0"}:
        record.took("victim", "industry")
    public = GOVERNMENT & set(record.words("victim", "government", take=True))
    more = (Sector.GOVERNMENT.value,) if public else ()
    return list(dict.fromkeys((*found, *more)))


# When


def _clocks(record: Record) -> dict[str, Any]:
    """Days that are known to the day. What took hours may have ended on the next day."""
    began = _began(record)
    if began is None:
        return {}
    clocks = {"occurred_from": began}
    found = _later(record, began, "discovery")
    if found and _at_once(record):
        clocks["detected"] = found
        record.say(f"clocks.detected: worked out from timeline.discovery, {found}")
        if contained := _later(record, found, "containment"):
            clocks["contained"] = contained
            record.say(f"clocks.contained: worked out from timeline.containment, {contained}")
    return {name: day.isoformat() for name, day in clocks.items()}


def _began(record: Record) -> date | None:
    path = ("timeline", "incident")
    year, month, day = (
        record.number(*path, part, most=most, whole=True)
        for part, most in (("year", 9999), ("month", 12), ("day", 31))
    )
    if not (year and month and day) or int(year) not in _YEARS:
        return None
    for part in ("year", "month", "day"):
        record.took(*path, part)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        record.refuse(path, f"{year:g}-{month:g}-{day:g}", "a day that the calendar has")


def _at_once(record: Record) -> bool:
    """Whether the first act compromised something on the same day, as far as anybody said."""
    return record.unit("timeline", "compromise") in (None, "Seconds", "Minutes", "NA", "Unknown")


def _later(record: Record, day: date, span: str) -> date | None:
    length = record.number("timeline", span, "value")
    if record.unit("timeline", span) != "Days" or length is None or length != int(length):
        return None
    if length > 36_500:
        return None
    record.took("timeline", span, "value")
    record.took("timeline", span, "unit")
    return day + timedelta(days=int(length))


# The data


def _data(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "types": _types(record),
        "records": _records(record),
        "encrypted": _encrypted(record),
        "restored_hours": _hours_without(record),
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def _types(record: Record) -> list[str]:
    path = ("attribute", "confidentiality", "data")
    found = []
    for variety, index, _ in record.data():
        if variety in DATA:
            found.append(DATA[variety].value)
            record.took(*path, index, "variety")
            if variety in READ_AS:
                record.say(READ_AS[variety])
    if found:  # a list that seemed complete would say that no name was there
        found.append(DataType.UNSPECIFIED.value)
        record.say("data.types: VERIS does not say which else, as names; unspecified stands for it")
    return list(dict.fromkeys(found))


def _records(record: Record) -> int | None:
    """The total; else the one amount. Several amounts may count one record twice."""
    path = ("attribute", "confidentiality")
    total = record.number(*path, "data_total", whole=True)
    amounts = [(index, n) for _, index, n in record.data() if n is not None]
    if total is not None:
        record.took(*path, "data_total")
        for index, amount in amounts:
            if amount == total:
                record.took(*path, "data", index, "amount")
        return int(total)
    if len(amounts) == 1 and len(record.data()) == 1:
        record.took(*path, "data", amounts[0][0], "amount")
        return int(amounts[0][1])
    return None


def _encrypted(record: Record) -> bool | str | None:
    path = ("attribute", "confidentiality", "state")
    words = set(record.words(*path))
    sealed, bare = words & ENCRYPTED, words & READABLE
    if sealed and words <= ENCRYPTED:
        record.say("data.encrypted: VERIS says encrypted, not how well; ask, and ask for the key")
    elif not bare or (words - ENCRYPTED - READABLE):
        return None
    record.untake(*path, keep=ENCRYPTED | READABLE)
    return ("partly" if sealed else False) if bare else True


def _hours_without(record: Record) -> float | None:
    """How long the data was out of reach. A month has no number of hours."""
    path = ("attribute", "availability", "duration")
    length, unit = record.number(*path, "value"), record.unit(*path)
    if length is None or unit not in HOURS:
        return None
    record.took(*path, "value")
    record.took(*path, "unit")
    return round(length * HOURS[unit], 3)


# In words


def _story(record: Record) -> dict[str, Any]:
    found = {
        "summary": _text(record, "summary"),
        "narrative": _text(record, "notes"),
        "how_discovered": _how_discovered(record),
    }
    told = {key: text for key, text in found.items() if text}
    return {"en": told} if told else {}


def _text(record: Record, key: str) -> str:
    found = record.value(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        record.refuse((key,), "no text", "a text")
    record.took(key)
    return "" if found in NOTHING_SAID else story(found)


def _how_discovered(record: Record) -> str:
    parts = []
    for who in ("external", "internal", "partner"):
        if words := record.words("discovery_method", who, "variety", take=True):
            parts.append(f"{who}: {', '.join(words)}")
    return story("; ".join((*parts, *filter(None, [_text(record, "discovery_notes")]))))


def _measures(record: Record) -> list[dict[str, Any]]:
    text = _text(record, "corrective_action")
    return [{"kind": "prevent", "text": {"en": text}}] if text else []
