"""The cause of an incident from its VERIS actions, actors, assets and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from incident_engine.domain.facts.words import Actor, Intent, Recipient, Scenario
from incident_engine.intake.veris_record import Record
from incident_engine.intake.veris_words import (
    ACTIONS,
    ACTORS,
    DELIBERATE,
    DELIBERATE_BY_HAND,
    DEVICES,
    GONE,
    ILL_MOTIVES,
    MISDELIVERED,
    NOTHING_SAID,
    PAPERS,
    SCENARIOS,
    STOPPED,
)


def cause_of(record: Record) -> dict[str, Any]:
    """The [cause] table, without what is not known."""
    left_us = _left(record)
    looked = _looked(record)
    actor = _actor(record)
    found: dict[str, Any] = {
        "action": _action(record),
        "actor": actor,
        "intent": _intent(record),
        "exfiltrated": left_us,
        "accessed": looked,
        "scenario": _scenario(record, left_us),
        "published": True if ("error", "Publishing error") in _acts(record) else None,
        "fraud_seen": _abuse(record),
    }
    if left_us and actor == Actor.EXTERNAL and found["action"] in DELIBERATE:
        found["recipient"] = Recipient.CRIMINAL
    return {key: str(v) if isinstance(v, str) else v for key, v in found.items() if v is not None}


def _action(record: Record) -> str | None:
    """The kind of act; of a chain of several kinds none is the one."""
    known = [name for name in ACTIONS if record.has("action", name)]
    if len(known) > 1:
        record.say(f"cause.action: several kinds of act ({', '.join(known)}); none was chosen")
    return known[0] if len(known) == 1 else None


def _actor(record: Record) -> Actor | None:
    known = [name for name in ACTORS if record.has("actor", name)]
    if len(known) > 1:
        record.say(f"cause.actor: several actors ({', '.join(known)}); none was chosen")
    return Actor(known[0]) if len(known) == 1 else None


def _intent(record: Record) -> Intent | None:
    by_hand = DELIBERATE_BY_HAND & set(record.words("action", "physical", "variety"))
    if by_hand or any(record.has("action", name) for name in DELIBERATE):
        return Intent.MALICIOUS
    if record.has("action", "misuse"):
        motives = (record.words("actor", name, "motive", take=True) for name in ACTORS)
        ill = any(ILL_MOTIVES & set(words) for words in motives)
        return Intent.MALICIOUS if ill else None
    if record.has("action", "physical") or record.has("action", "unknown"):
        return None
    unmeant = record.has("action", "error") or record.has("action", "environmental")
    return Intent.ACCIDENTAL if unmeant else None


def _left(record: Record) -> bool | None:
    """Whether data left: said by an action's result, or by how long it took until it did."""
    if record.disclosed == "No" or record.unit("timeline", "exfiltration") == "Never":
        return False
    results = (record.words("action", name, "result", take=True) for name in ACTIONS)
    if any("Exfiltrate" in words for words in results):
        return True
    timed = record.unit("timeline", "exfiltration", take=True)
    return True if timed and timed not in NOTHING_SAID else None


def _looked(record: Record) -> bool | None:
    return {"Yes": True, "No": False}.get(record.disclosed or "")


def _abuse(record: Record) -> bool | None:
    path = ("plus", "attribute", "confidentiality", "data_abuse")
    word = record.word(*path, take=True) or ""
    return True if word.startswith("Yes") else False if word == "No" else None


def _scenario(record: Record, left_us: bool | None) -> Scenario | None:
    told = set(_scenarios(record))
    if Scenario.RANSOMWARE in told:
        return Scenario.RANSOMWARE  # however it came in
    if told == {Scenario.UNAUTHORISED_USE} and left_us:
        return Scenario.INSIDER_COPY
    if not told and left_us and record.has("action", "hacking"):
        return Scenario.EXFILTRATION
    only_malware = record.has("action", "malware") and not told and not left_us
    if only_malware and not record.has("action", "hacking"):
        return Scenario.MALWARE
    if len(told) > 1:
        record.say(f"cause.scenario: {', '.join(sorted(told))}; none was chosen")
    return told.pop() if len(told) == 1 else None


def _scenarios(record: Record) -> Iterator[Scenario]:
    assets = set(record.assets())
    for act in _acts(record):
        if act in SCENARIOS:
            yield SCENARIOS[act]
        elif act in GONE:
            yield from _gone(GONE[act], assets)
        elif act == ("error", "Misdelivery"):
            yield from _misdelivered(assets)
        elif act in STOPPED and record.disclosed in (None, "No") and _stopped(record):
            yield Scenario.OUTAGE
        elif act == ("social", "Pretexting") and _only(record, "social", "vector", "Phone"):
            yield Scenario.PHONE_DECEPTION
    if "Defacement" in record.words("attribute", "integrity", "variety", take=True):
        yield Scenario.DEFACEMENT


def _acts(record: Record) -> list[tuple[str, str]]:
    return [
        (name, word)
        for name in ACTIONS
        for word in record.words("action", name, "variety", take=True)
    ]


def _gone(which: tuple[Scenario, Scenario], assets: set[str]) -> Iterator[Scenario]:
    device, paper = which
    if assets and assets <= PAPERS:
        yield paper
    elif assets and assets <= DEVICES:
        yield device


def _misdelivered(assets: set[str]) -> Iterator[Scenario]:
    how = {MISDELIVERED[asset] for asset in assets if asset in MISDELIVERED}
    yield how.pop() if len(how) == 1 else Scenario.WRONG_DISCLOSURE


def _stopped(record: Record) -> bool:
    return "Interruption" in record.words("attribute", "availability", "variety")


def _only(record: Record, action: str, key: str, word: str) -> bool:
    return set(record.words("action", action, key)) == {word}
