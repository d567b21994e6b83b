"""By which channel one addressee is tried next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from incident_engine.domain.words import ChannelName, Outcome

OPENS_NEXT = frozenset({Outcome.UNDELIVERABLE, Outcome.REFUSED, Outcome.UNANSWERED})
"""Ends that say this channel will not reach them. Doubt, delay and our own fault do not."""


def next_channel(
    plan: Sequence[ChannelName],
    tried: Sequence[tuple[ChannelName, Outcome]],
    reachable: Collection[ChannelName],
) -> ChannelName | None:
    """The next channel of the plan they have an address for, or None.

    None while any earlier one has not ended in a failure that opens the next: two channels never
    run at once for one addressee.
    """
    if any(outcome not in OPENS_NEXT for _, outcome in tried):
        return None
    done = {channel for channel, _ in tried}
    return next((each for each in plan if each in reachable and each not in done), None)
