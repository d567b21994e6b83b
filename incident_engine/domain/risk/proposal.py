"""The risk to people, as the engine proposes it with reasons; a person decides.

Several voices speak: regulators' published examples (EDPB Guidelines 01/2021 and 9/2022, the
ICO's examples) and ENISA's figures (2013). The gravest is proposed. A low figure of ENISA's alone
never makes a risk unlikely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from incident_engine.domain.facts.count import Count
from incident_engine.domain.facts.data_types import (
    CREDENTIALS,
    FINANCIAL,
    GOVERNMENT_IDS,
    HEALTH,
    DataType,
)
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.words import (
    Intent,
    Kind,
    Recipient,
    Risk,
    Scenario,
    ServiceImpact,
)
from incident_engine.domain.risk.exposure import Reach, Weight, reach, weight
from incident_engine.domain.risk.severity import Severity, is_unreadable, severity

U, L, H = Risk.UNLIKELY, Risk.LIKELY, Risk.HIGH
_ORDER = {U: 0, L: 1, H: 2}

# What the regulators' examples say of each weight (rows) in each pair of hands (columns):
#                    NOBODY TRUSTED KNOWN STRANGER HOSTILE
_EXAMPLES = {
    Weight.LIGHT:    (U,    U,      U,    U,       L),
    Weight.ORDINARY: (U,    U,      U,    L,       L),
    Weight.DELICATE: (U,    U,      L,    L,       H),
    Weight.GRAVE:    (U,    U,      L,    H,       H),
    Weight.GRAVEST:  (U,    U,      H,    H,       H),
}  # fmt: skip

A_FEW = 3  # people of one misdirected letter
A_LIST = 100  # from more than these on, one wrong recipient holds a list, not a letter
ROUND_OF_MAIL = 50  # people who see one another's address and nothing else
LARGE_SCALE = 10_000
_SENT_ASTRAY = frozenset({
    Scenario.MISDIRECTED_EMAIL, Scenario.MISDIRECTED_POST, Scenario.WRONG_ATTACHMENT,
    Scenario.WRONG_DISCLOSURE,
})  # fmt: skip
_ILL_MEANT = (Recipient.PUBLIC, Recipient.CRIMINAL)
A_DAY = 24  # hours without one's data


@dataclass(frozen=True, kw_only=True)
class RiskOpinion:
    """What the engine makes of the risk. `level` None: a fact in `asks` decides.

    `decided` is true where a person's finding stands. `score` and `band` are ENISA's. `possible`
    are the levels that what is not known leaves open, the level itself among them.
    """

    level: Risk | None
    possible: tuple[Risk, ...]
    decided: bool
    score: float | None
    band: str | None
    because: tuple[str, ...]
    asks: tuple[str, ...]


class Voice(NamedTuple):
    """At least this level, for this reason; None: cannot be said yet, and is at most `most`."""

    level: Risk | None
    says: str
    most: Risk = H


def judge(facts: Facts) -> RiskOpinion:
    """The risk the facts point to, the voices for it, and the unknown facts that would move it.

    A decision in `finding.risk` wins. The most decisive unknown fact comes first in `asks`.
    """
    figure = severity(facts)
    score, band = figure if figure else (None, None)
    if facts.finding.risk:
        says = f"decided by {facts.finding.by or 'a person'}"
        return RiskOpinion(
            level=facts.finding.risk, possible=(facts.finding.risk,), decided=True, score=score,
            band=band, because=tuple(filter(None, (says, facts.finding.why))), asks=(),
        )  # fmt: skip
    level, voices = _hear(facts)
    loudest = sorted(voices, key=lambda voice: voice.level is not level)
    because = [voice.says for voice in loudest]
    if figure:
        because.append(f"ENISA severity {figure.score:g}, {figure.band} (ENISA 2013)")
    return RiskOpinion(
        level=level, possible=_possible(voices), decided=False, score=score, band=band,
        because=tuple(dict.fromkeys(because)), asks=_asks(facts, level),
    )  # fmt: skip


def _hear(facts: Facts) -> tuple[Risk | None, list[Voice]]:
    voices = list(_voices(facts))
    gravest = max((v.level for v in voices if v.level), key=_ORDER.__getitem__, default=None)
    if gravest is not H and any(voice.level is None for voice in voices):
        # What is not known yet could only raise it: unlikely cannot be said, likely stands.
        return (L if gravest is L else None), voices
    return gravest, voices


def _possible(voices: list[Voice]) -> tuple[Risk, ...]:
    """From the gravest of what is said to the gravest of what may yet be said."""
    said = max((_ORDER[voice.level] for voice in voices if voice.level), default=0)
    unsaid = max((_ORDER[voice.most] for voice in voices if voice.level is None), default=said)
    return tuple(level for level, rank in _ORDER.items() if said <= rank <= max(said, unsaid))


def _voices(facts: Facts) -> Iterator[Voice]:
    yield from _leak(facts)
    yield from _loss(facts)
    yield from _tampering(facts)
    yield from _signs_of_harm(facts)


def _leak(facts: Facts) -> Iterator[Voice]:
    """The examples' table, then what in the circumstances goes beyond it."""
    hands, data = reach(facts), weight(facts)
    if hands is None:
        yield Voice(None, "not known into whose hands the data came")
        return
    if data is None and hands.value > Reach.TRUSTED:
        yield Voice(None, f"{hands.says}; not known which kinds of data")
        return
    if hands.value == Reach.NOBODY and facts.data.encrypted is True:
        yield Voice(U, hands.says)
        return
    if facts.data.encrypted is True and facts.data.key_taken is None:
        yield Voice(None, "encrypted, but not known whether the key is safe (EDPB 9/2022, annex B)")
        return
    told = Weight.LIGHT if data is None else Weight(data.value)
    level = _EXAMPLES[told][hands.value]
    says = f"{hands.says}; {data.says}" if data else hands.says
    if lowered := _contained(facts, told, Reach(hands.value)):
        yield lowered
        return
    yield Voice(level, says)
    yield from _aggravations(facts, told, Reach(hands.value), level)


def _contained(facts: Facts, told: Weight, hands: Reach) -> Voice | None:
    """The three kinds of small accident that regulators' examples let pass."""
    cause = facts.cause
    mishap = cause.intent is not Intent.MALICIOUS and not (cause.repeated or cause.fraud_seen)
    if not mishap or cause.published or cause.safety_risk or _beyond(facts):
        return None
    open_copies = cause.scenario is Scenario.CC_NOT_BCC and cause.recipient not in _ILL_MEANT
    if open_copies and told <= Weight.ORDINARY and _at_most(facts, ROUND_OF_MAIL):
        says = "a small round of people saw ordinary contact data (EDPB 9/2022, annex B x)"
        return Voice(U, says)
    if told <= Weight.DELICATE and _taken_back(facts) and _at_most(facts, ROUND_OF_MAIL):
        says = "a short list went astray and was deleted (EDPB 01/2021, case 15)"
        return Voice(U, says)
    if hands is Reach.KNOWN and told <= Weight.GRAVE and _uk_mishap(facts):
        says = "one known recipient gave it back; nothing to misuse (ICO, breach examples)"
        return Voice(U, says)
    return None


def _taken_back(facts: Facts) -> bool:
    """Sent by mistake to people we know, all of whom confirmed that they kept nothing."""
    cause = facts.cause
    if set(facts.data.types) & (GOVERNMENT_IDS | CREDENTIALS | FINANCIAL | {DataType.UNSPECIFIED}):
        return False
    sent = cause.scenario in _SENT_ASTRAY and cause.recipient is Recipient.KNOWN
    return sent and bool(cause.recipient_deleted)


def _uk_mishap(facts: Facts) -> bool:
    """The ICO lets pass what continental authorities ask to be told: a thing handed back."""
    by_hand = facts.cause.scenario is Scenario.MISDIRECTED_POST
    british = all(block.where.split("-")[0] == "GB" for block in facts.people)
    misusable = set(facts.data.types) & (GOVERNMENT_IDS | CREDENTIALS | FINANCIAL)
    return by_hand and british and not misusable and _at_most(facts, A_FEW)


def _beyond(facts: Facts) -> bool:
    return any(block.minors or block.under_14 or block.vulnerable for block in facts.people)


def _aggravations(facts: Facts, told: Weight, hands: Reach, level: Risk) -> Iterator[Voice]:
    if hands <= Reach.TRUSTED:
        return
    if level is U and _more_than(facts, A_LIST):
        yield Voice(L, f"one recipient holds data of more than {A_LIST} people (EDPB 9/2022, IV.B)")
    if hands >= Reach.STRANGER and told >= Weight.DELICATE and _more_than(facts, LARGE_SCALE):
        yield Voice(H, f"more than {LARGE_SCALE} people (EDPB 01/2021, case 11)")
    if facts.cause.repeated:
        yield Voice(H if level is not U else L, "it happened before (EDPB 9/2022, IV.B)")
    if facts.cause.scenario is Scenario.FAILED_REDACTION:
        yield from _unhidden(facts)
    figure = severity(facts)
    if figure and hands >= Reach.STRANGER:
        yield from _by_figure(figure)


def _unhidden(facts: Facts) -> Iterator[Voice]:
    exposed = DataType.FAMILY in facts.data.types or _beyond(facts)
    says = "what was meant to stay hidden was shown (ICO, breach examples)"
    yield Voice(H if exposed else L, says)


def _by_figure(figure: Severity) -> Iterator[Voice]:
    if figure.score >= 4:
        yield Voice(H, "ENISA's band is very high (ENISA 2013)")
    elif figure.score >= 3:
        yield Voice(L, "ENISA's band is high (ENISA 2013)")


def _loss(facts: Facts) -> Iterator[Voice]:
    """Data out of reach: how long, and what people went without (EDPB 01/2021, 9/2022)."""
    data, cause = facts.data, facts.cause
    if data.service_impact is ServiceImpact.HEALTH:
        yield Voice(H, "people went without care (EDPB 9/2022, annex B viii)")
    if data.service_impact is ServiceImpact.SERIOUS:
        yield Voice(L, "people went without pay, benefits or livelihood (EDPB 9/2022, IV.B)")
    if cause.scenario is Scenario.RANSOMWARE and not is_unreadable(facts):
        yield Voice(L, "an attacker held readable data (EDPB 01/2021, cases 2 and 3)")
    if Kind.AVAILABILITY in facts.kinds:
        yield from _out_of_reach(facts)


def _out_of_reach(facts: Facts) -> Iterator[Voice]:
    data = facts.data
    care = bool(set(data.types) & HEALTH)
    if data.backup is False:
        says = "no copy is left (EDPB 01/2021, cases 4 and 12)"
        yield Voice(H if care else L, says)
    elif data.restored_hours is not None and data.restored_hours >= A_DAY:
        says = f"out of reach for {data.restored_hours:g} hours (EDPB 01/2021, cases 2 and 3)"
        yield Voice(H if care else L, says)
    elif data.restored_hours is None and facts.cause.scenario in _TIME_DECIDES:
        yield Voice(None, "not known how long people went without", H if care else L)
    elif data.backup is None and data.restored_hours is None:
        yield Voice(None, "not known whether a copy is left", H if care else L)
    else:
        yield Voice(U, "a copy served soon again (EDPB 01/2021, case 1; 9/2022, annex B iii)")


_TIME_DECIDES = frozenset({Scenario.OUTAGE, Scenario.RANSOMWARE, Scenario.DDOS})


def _tampering(facts: Facts) -> Iterator[Voice]:
    if Kind.INTEGRITY not in facts.kinds or is_unreadable(facts):
        return
    if facts.cause.intent is Intent.MALICIOUS:
        yield Voice(L, "somebody altered the data on purpose (EDPB 01/2021, case 17)")
    elif facts.data.backup is False:
        care = bool(set(facts.data.types) & HEALTH)
        yield Voice(H if care else L, "altered, and no true copy is left (EDPB 9/2022, I.B)")


def _signs_of_harm(facts: Facts) -> Iterator[Voice]:
    if facts.cause.safety_risk:
        yield Voice(H, "somebody's life, health, freedom or home is in danger (EDPB 9/2022, IV.B)")
    if facts.cause.fraud_seen:
        yield Voice(H, "misuse has been seen (EDPB 9/2022, IV.B)")


def _more_than(facts: Facts, limit: int) -> bool:
    return sum(_most(block.count) or 0 for block in facts.people) > limit


def _at_most(facts: Facts, limit: int) -> bool:
    counts = [_most(block.count) for block in facts.people]
    known = [count for count in counts if count is not None]
    return bool(counts) and len(known) == len(counts) and sum(known) <= limit


def _most(count: Count | None) -> int | None:
    return count.most if count else None


# Facts that may move the level, and answers to try each with: the most telling first.
_SETTLING: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    ("data.types", ({"types": (DataType.HEALTH,)}, {"types": (DataType.PSEUDONYM,)})),
    ("data.encrypted", ({"encrypted": True, "key_taken": False},)),
    ("data.key_taken", ({"key_taken": False}, {"key_taken": True, "encrypted": False})),
    ("data.hashed", ({"hashed": True}, {"hashed": False})),
    ("cause.exfiltrated", ({"exfiltrated": True}, {"exfiltrated": False})),
    ("cause.recipient", ({"recipient": Recipient.TRUSTED}, {"recipient": Recipient.CRIMINAL})),
    ("cause.scenario", ({"scenario": Scenario.EXFILTRATION}, {"scenario": Scenario.OUTAGE})),
    ("cause.accessed", ({"accessed": False}, {"accessed": True})),
    ("data.backup", ({"backup": True}, {"backup": False})),
    ("data.restored_hours", ({"restored_hours": 1.0}, {"restored_hours": 100.0})),
    ("data.service_impact", ({"service_impact": ServiceImpact.HEALTH},)),
    ("data.remote_wiped", ({"remote_wiped": True},)),
    ("people.count", ({"count": Count(value=1)}, {"count": Count(value=1_000_000)})),
    ("people.vulnerable", ({"vulnerable": 1},)),
    ("people.minors", ({"minors": 1},)),
    ("cause.safety_risk", ({"safety_risk": True},)),
    ("cause.fraud_seen", ({"fraud_seen": True},)),
    ("cause.repeated", ({"repeated": True},)),
)


def _asks(facts: Facts, level: Risk | None) -> tuple[str, ...]:
    """The unknown facts whose answer would move the level, widest swing first."""
    swings = [(key, _swing(facts, level, key, tries)) for key, tries in _SETTLING]
    telling = [(key, swing) for key, swing in swings if swing]
    return tuple(key for key, _ in sorted(telling, key=lambda pair: -pair[1]))


def _swing(facts: Facts, level: Risk | None, key: str, answers: Iterable[dict[str, Any]]) -> int:
    table, _, name = key.partition(".")
    if _is_known(facts, table, name):
        return 0
    levels = {_hear(_supposing(facts, table, answer))[0] for answer in answers}
    if levels <= {level}:
        return 0
    ranks = [_ORDER[found] for found in levels | {level} if found]
    # Where nothing can be said yet, an answer that lets something be said counts most.
    return max(ranks) - min(ranks) + (3 if level is None else 0) + 1


def _is_known(facts: Facts, table: str, name: str) -> bool:
    if table == "people":
        return not facts.people or getattr(facts.people[0], name) is not None
    if name == "service_impact" and Kind.AVAILABILITY not in facts.kinds:
        return True  # nothing was out of reach
    known = getattr(getattr(facts, table), name)
    return known not in (None, ())


def _supposing(facts: Facts, table: str, answer: dict[str, Any]) -> Facts:
    if table == "people":
        supposed = facts.people[0].model_copy(update=answer)
        return facts.model_copy(update={"people": (supposed, *facts.people[1:])})
    supposed_table = getattr(facts, table).model_copy(update=answer)
    return facts.model_copy(update={table: supposed_table})
