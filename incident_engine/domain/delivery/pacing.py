"""How fast a campaign goes, and when it stops by itself. Pure.

The first batch is small: a wrong template, sender or list shows in fifty answers. After that
batches grow. Bounces beyond what an honest list has mean that the list is not the one we think,
and that providers will soon take us for a spammer: then a person decides before more leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from incident_engine.domain.words import Outcome

CANARY = 50
LARGEST = 1_000
LARGEST_PRINTED = 200  # letters go to the printer in one step: a kill leaves all of them in doubt
JUDGED_FROM = 1_000  # answers; of fewer, ten bounces say nothing
WARNS, STOPS = 0.05, 0.10  # shares of those answered
COMPLAINTS_WARN, COMPLAINTS_STOP = 0.001, 0.003  # what great mail providers ask of senders
BROKEN_FROM = 10  # answers that are our own fault, and more of them than anything else

_ANSWERED = (
    Outcome.ACCEPTED,
    Outcome.DELIVERED,
    Outcome.UNDELIVERABLE,
    Outcome.REFUSED,
    Outcome.UNANSWERED,
    Outcome.BROKEN,
    Outcome.IN_DOUBT,
)
_BOUNCED = (Outcome.UNDELIVERABLE, Outcome.REFUSED)


class Signal(StrEnum):
    """What the answers so far say."""

    GO = "go"  # nothing out of the ordinary
    WARN = "warn"  # more bounces than a kept list has
    STOP = "stop"  # a person looks before anything else leaves


@dataclass(frozen=True)
class Pace:
    """Whether to go on, and why not."""

    signal: Signal
    why: str = ""


def batch_size(answered: int, largest: int = LARGEST) -> int:
    """How many may be claimed next: 50, then as many as were answered before, up to the largest."""
    return min(largest, max(CANARY, answered))


def answered(counts: Mapping[str, int]) -> int:
    """How many have an answer of any kind."""
    return sum(counts.get(outcome, 0) for outcome in _ANSWERED)


def judge(counts: Mapping[str, int], complaints: int = 0) -> Pace:
    """What the outcomes of one channel, since a person last looked, say about going on.

    `complaints` are readers who called the notice unwanted, of those answered.
    """
    total, broken = answered(counts), counts.get(Outcome.BROKEN, 0)
    if broken >= BROKEN_FROM and broken * 2 > total:
        return Pace(Signal.STOP, f"{broken} of {total} failed by our own fault or the provider's")
    if total < JUDGED_FROM:
        return Pace(Signal.GO)
    bounced = sum(counts.get(outcome, 0) for outcome in _BOUNCED)
    found = (
        _of_share(bounced, total, "bounced", (WARNS, STOPS)),
        _of_share(complaints, total, "complained", (COMPLAINTS_WARN, COMPLAINTS_STOP)),
    )
    return max(found, key=lambda pace: list(Signal).index(pace.signal))


def _of_share(part: int, total: int, what: str, limits: tuple[float, float]) -> Pace:
    warns, stops = limits
    share = part / total
    why = f"{part} of {total} {what} ({share:.1%})"
    if share >= stops:
        return Pace(Signal.STOP, why)
    return Pace(Signal.WARN, why) if share >= warns else Pace(Signal.GO)
