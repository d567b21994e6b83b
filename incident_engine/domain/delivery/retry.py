"""After an attempt: try again when, or stop. A decision is a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from incident_engine.domain.words import ChannelName, Outcome

WAITS: dict[str, tuple[timedelta, ...]] = {
    # Greylisting answers within a minute or five; a mailbox over quota within the day.
    ChannelName.EMAIL: tuple(timedelta(minutes=m) for m in (0.5, 5, 15, 60, 240, 480, 720, 720)),
    ChannelName.SMS: tuple(timedelta(minutes=m) for m in (0.5, 2, 10, 60)),
    "voice": tuple(timedelta(minutes=m) for m in (0.5, 5, 30)),
    "push": tuple(timedelta(minutes=m) for m in (0.5, 2, 10, 60, 240)),
    "letter": tuple(timedelta(minutes=m) for m in (5, 30, 120, 720)),
}
HELD_BACK = timedelta(seconds=30)  # our own side put it off, and did not say for how long
LONGEST_ASKED = timedelta(hours=6)


@dataclass(frozen=True)
class RetryDecision:
    """When to try again (None: not by itself), and why."""

    again_at: datetime | None
    why: str


def decide(
    outcome: Outcome,
    *,
    attempts: int,
    channel: ChannelName,
    now: datetime,
    reference: str,
    retry_after: float | None = None,
    tried: bool = True,
) -> RetryDecision:
    """What follows an attempt. `attempts` counts it in; `retry_after` is seconds they asked for.

    What our own side held back (`tried` false) is no attempt: it waits its turn, however often.

    Only a deferral is tried again by itself: what is in doubt may have arrived, what is broken is
    ours to repair first, and the rest has ended.
    """
    if outcome == Outcome.IN_DOUBT:
        return RetryDecision(None, "it may have arrived: a person decides")
    if outcome == Outcome.BROKEN:
        return RetryDecision(None, "our own fault: repair it, then send again")
    if outcome != Outcome.DEFERRED:
        return RetryDecision(None, "it has ended")
    if not tried:
        wait = _asked(retry_after) or HELD_BACK
        return RetryDecision(now + wait, "held back by our own side: not tried")
    waits = WAITS.get(channel, ())
    if attempts > len(waits):
        return RetryDecision(None, f"put off {attempts} times: taken for undeliverable")
    wait = max(waits[max(attempts, 1) - 1], _asked(retry_after))
    return RetryDecision(now + wait * _spread(reference), f"attempt {attempts} was put off")


def no_later_than(decision: RetryDecision, until: datetime | None) -> RetryDecision:
    """The decision, unless it would try again when the next channel has to be under way."""
    if decision.again_at is None or until is None or decision.again_at <= until:
        return decision
    return RetryDecision(None, "put off until the next channel has to begin: left to that one")


def _asked(seconds: float | None) -> timedelta:
    # Asked this way round because a header may say "nan", which compares false with everything.
    if seconds is None or not seconds > 0:
        return timedelta(0)
    return timedelta(seconds=min(seconds, LONGEST_ASKED.total_seconds()))


def _spread(reference: str) -> float:
    """1.0 to 1.25, the same for the same delivery: a crowd put off together comes back apart."""
    return 1 + sha256(reference.encode()).digest()[0] / 1024
