"""Nobody's telephone sounds at night, unless the law's clock leaves no morning. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from incident_engine.domain.errors import BadInput


@dataclass(frozen=True)
class QuietHours:
    """From when until when, by the clock on the reader's wall; it may pass midnight."""

    begins: time
    ends: time

    def end_after(self, now: datetime, zone: str) -> datetime | None:
        """When the quiet that holds in `zone` at `now` (aware) ends; None where it is not quiet."""
        local = now.astimezone(ZoneInfo(zone))
        if not self._holds(local.time()):
            return None
        end = local.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)

    def _holds(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def read_quiet_hours(text: str) -> QuietHours | None:
    """Quiet hours from `21:00-08:00`; None for an empty text. Raises BadInput."""
    if not text:
        return None
    begins, dash, ends = text.partition("-")
    try:
        found = QuietHours(time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip()))
    except ValueError:
        found = None
    if not dash or found is None or found.begins == found.ends:
        raise BadInput(
            "bad-quiet-hours",
            "sms.quiet_hours",
            f"found {text[:40]!r}",
            expected="two different times like 21:00-08:00",
        )
    return found
