"""The facts of an incident as a VERIS 1.4 record, by the same words that a record is read by.

VERIS asks for some words whatever is known: there stands "Unknown". What VERIS has no word for
(how many people, when we became aware, what each law asks) is not in it; nor is our name, which
the schema asks to leave out of whatever is shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.facts.words import Action, Kind, Scenario, Sector
from incident_engine.intake.veris_words import DATA, GONE, SCENARIOS

_UNKNOWN = ["Unknown"]
_RESULT_OF = ("hacking", "malware", "social", "misuse", "physical")
_ACT_OF = {scenario: act for act, scenario in reversed(SCENARIOS.items())} | {
    each: act for act, pair in GONE.items() for each in pair
}
_VARIETY_OF = {kind: word for word, kind in reversed(DATA.items())}
_ASSET_OF = {
    Scenario.MISDIRECTED_EMAIL: "S - Mail",
    Scenario.MISDIRECTED_POST: "M - Documents",
    Scenario.PAPER_LOSS: "M - Documents",
    Scenario.PAPER_THEFT: "M - Documents",
}
_MISDELIVERED = (Scenario.MISDIRECTED_EMAIL, Scenario.MISDIRECTED_POST)
_OUT_OF_REACH = {
    Scenario.RANSOMWARE: "Obscuration",
    Scenario.ACCIDENTAL_DELETION: "Destruction",
    Scenario.OUTAGE: "Interruption",
    Scenario.DDOS: "Interruption",
}


def as_veris(facts: Facts, *, reference: str, year: int, standing: str) -> dict[str, Any]:
    """A VERIS 1.4 record. `year` stands where nobody knows when it began; `standing` is VERIS's
    own word: Confirmed, Suspected, False positive."""
    story = next(iter(facts.story.values()), None)
    english = facts.story.get("en", story)
    record: dict[str, Any] = {
        "schema_version": "1.4.0",
        "incident_id": reference,
        "security_incident": standing,
        "summary": (english and english.summary) or facts.title or reference,
        "action": _action(facts),
        "actor": _actor(facts),
        "asset": {
            "assets": [{"variety": _ASSET_OF.get(_scenario(facts), "Unknown")}],
            "cloud": _UNKNOWN,
        },
        "attribute": _attribute(facts),
        "victim": _victim(facts),
        "timeline": _timeline(facts, year),
        "discovery_method": {"unknown": True},
    }
    if english and english.how_discovered:
        record["discovery_notes"] = english.how_discovered
    if done := _measures(facts):
        record["corrective_action"] = done
    if facts.cause.fraud_seen is not None:
        abuse = "Yes" if facts.cause.fraud_seen else "No"
        record["plus"] = {"attribute": {"confidentiality": {"data_abuse": abuse}}}
    return {name: value for name, value in record.items() if value != {}}


def _scenario(facts: Facts) -> Scenario:
    return facts.cause.scenario or Scenario.OTHER


def _action(facts: Facts) -> dict[str, Any]:
    scenario = _scenario(facts)
    act = ("error", "Misdelivery") if scenario in _MISDELIVERED else _ACT_OF.get(scenario)
    kind = facts.cause.action or (Action(act[0]) if act else None)  # ransomware is malware
    if kind is None:
        said: dict[str, Any] = {"notes": "The kind of act is not known."}
        return {"unknown": said | ({"result": ["Exfiltrate"]} if facts.cause.exfiltrated else {})}
    variety = act[1] if act and act[0] == kind else "Unknown"
    found: dict[str, Any] = {"variety": [variety], "vector": _UNKNOWN}
    if kind == "social":
        found["target"] = _UNKNOWN
    if kind == "environmental":
        del found["vector"]
    if facts.cause.exfiltrated and kind in _RESULT_OF:
        found["result"] = ["Exfiltrate"]
    return {kind.value: found}


def _actor(facts: Facts) -> dict[str, Any]:
    actor = facts.cause.actor
    if actor is None:
        return {"unknown": {"notes": "Who did it is not known."}}
    said = {"variety": _UNKNOWN, "motive": _UNKNOWN}
    return {actor.value: {"country": _UNKNOWN, "motive": _UNKNOWN} if actor == "partner" else said}


def _attribute(facts: Facts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if Kind.CONFIDENTIALITY in facts.kinds:
        found["confidentiality"] = _confidentiality(facts)
    if Kind.INTEGRITY in facts.kinds:
        variety = "Defacement" if _scenario(facts) is Scenario.DEFACEMENT else "Modify data"
        found["integrity"] = {"variety": [variety]}
    if Kind.AVAILABILITY in facts.kinds:
        found["availability"] = {"variety": [_OUT_OF_REACH.get(_scenario(facts), "Loss")]}
        if facts.data.restored_hours is not None:
            span = {"unit": "Hours", "value": facts.data.restored_hours}
            found["availability"]["duration"] = span
    return found or {"unknown": {"notes": "What was hurt is not known."}}


def _confidentiality(facts: Facts) -> dict[str, Any]:
    """Disclosed is what left us or was looked at; what nobody can say is potentially so."""
    seen = facts.cause.exfiltrated or facts.cause.accessed
    denied = facts.cause.accessed is False and facts.cause.exfiltrated is False
    said: dict[str, Any] = {"data_disclosure": "Yes" if seen else "No" if denied else "Potentially"}
    words = [_VARIETY_OF.get(kind, "Personal") for kind in facts.data.types]
    if words:
        said["data"] = [{"variety": word} for word in dict.fromkeys(words)]
    if facts.data.records and facts.data.records.value is not None:
        said["data_total"] = facts.data.records.value
    states = {
        True: ["Stored encrypted"],
        False: ["Stored unencrypted"],
        "partly": ["Stored encrypted", "Stored unencrypted"],
    }
    if facts.data.encrypted is not None:
        said["state"] = states[facts.data.encrypted]
    return said


def _victim(facts: Facts) -> dict[str, Any]:
    organisation = facts.organisation
    named = [organisation.country] if organisation.country else [*organisation.establishments]
    public = Sector.GOVERNMENT in organisation.sectors
    return {
        "country": [each for each in named if each] or _UNKNOWN,
        "employee_count": {"small": "Small", "large": "Large"}.get(
            str(organisation.size or "").lower(), "Unknown"
        ),
        "industry": "92" if public else "00",
        "government": _UNKNOWN if public else ["NA"],
    }


def _timeline(facts: Facts, year: int) -> dict[str, Any]:
    clocks = facts.clocks
    began = clocks.occurred_from
    found: dict[str, Any] = {"incident": {"year": year}}
    if facts.cause.exfiltrated is False:
        found["exfiltration"] = {"unit": "Never"}
    if began is None:
        return found
    day = _day(began)
    found["incident"] = {"year": day.year, "month": day.month, "day": day.day}
    if clocks.detected:
        found["discovery"] = _days(began, clocks.detected)
        if clocks.contained:
            found["containment"] = _days(clocks.detected, clocks.contained)
    return found


def _day(moment: Moment) -> Any:
    return moment.day or (moment.at and moment.at.date())


def _days(first: Moment, then: Moment) -> dict[str, Any]:
    return {"unit": "Days", "value": max(0, (_day(then) - _day(first)).days)}


def _measures(facts: Facts) -> str:
    texts: list[Mapping[str, str]] = [each.text for each in facts.measures]
    said = (text.get("en") or next(iter(text.values()), "") for text in texts)
    return "\n".join(each for each in said if each)
