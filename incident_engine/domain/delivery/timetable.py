"""When a notice may leave, and by when each channel of its plan has to be under way. Pure.

A plan of channels is a ladder: the next one opens where the one before failed. So that the last
rung still arrives by the day the law names, the days are counted backwards from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName

ARRIVES_WITHIN: Mapping[ChannelName, timedelta] = {
    # By when a failure is known as well: a mailbox that does not exist says so within the day.
    ChannelName.EMAIL: timedelta(days=1),
    ChannelName.SMS: timedelta(hours=4),
    ChannelName.PUSH: timedelta(hours=4),
    ChannelName.VOICE: timedelta(hours=4),
    ChannelName.BY_HAND: timedelta(days=2),  # two working evenings of callers
    ChannelName.LETTER: timedelta(days=5),  # printed, enveloped and carried
}
"""How long after handing over a message has arrived, or is known not to arrive."""

TRIED_AT_LEAST = timedelta(hours=2)
"""However near the day is, greylisting has to have a chance to end."""


@dataclass(frozen=True)
class Window:
    """Between which instants (aware) the notice may leave; None: no bound on that side."""

    not_before: datetime | None = None
    not_after: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Where `now` lies."""
        if self.not_before and now < self.not_before:
            return Standing.EARLY
        if self.not_after and now >= self.not_after:
            return Standing.OVER
        return Standing.OPEN

    def as_json(self) -> dict[str, str | None]:
        """Both bounds in UTC, as an approval binds them."""
        return {
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "not_after": self.not_after.isoformat() if self.not_after else None,
        }


class Standing(StrEnum):
    """Where a moment lies to a window."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"


def window_from(kept: Mapping[str, str | None]) -> Window:
    """A window from what `as_json` gave; from nothing, one without bounds."""
    bounds = (kept.get("not_before"), kept.get("not_after"))
    return Window(*(datetime.fromisoformat(each) if each else None for each in bounds))


def must_be_a_window(window: Window, now: datetime) -> None:
    """Raise BadInput for a window that ends before it begins, or is over already."""
    begins, ends = window.not_before, window.not_after
    if ends and ends <= max(begins or now, now):
        raise BadInput(
            "bad-window",
            "--not-after",
            f"found {ends.isoformat()}",
            expected=f"an instant after {max(begins or now, now).isoformat()}",
        )


def latest_starts(
    plan: Sequence[ChannelName], *, due: datetime, sending: Mapping[ChannelName, timedelta]
) -> dict[ChannelName, datetime]:
    """For each channel of the plan by when it has to be under way, so that all behind it can
    still be tried and the last arrives by `due`. `sending` is how long each takes to hand over.
    """
    found, at = dict[ChannelName, datetime](), due
    for channel in reversed(plan):
        at -= sending.get(channel, timedelta(0)) + ARRIVES_WITHIN[channel]
        found[channel] = at
    return {channel: found[channel] for channel in plan}


def gives_up_at(
    plan: Sequence[ChannelName],
    channel: ChannelName,
    starts: Mapping[ChannelName, datetime],
    launched: datetime,
) -> datetime | None:
    """Until when a message that is put off is tried again by this channel; None: by its own rule.

    The next channel of the plan has to begin in time: what cannot be handed over by then is left
    to it. Never sooner than two hours after the launch.
    """
    behind = plan[plan.index(channel) + 1 :] if channel in plan else ()
    if not behind or behind[0] not in starts:
        return None
    return max(starts[behind[0]], launched + TRIED_AT_LEAST)
