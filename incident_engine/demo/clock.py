"""The demonstration's time: its incident brought to today, and a clock that can be put forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

AWARE_AGO = timedelta(hours=9)


@dataclass
class Clock:
    """A clock that runs with the real one and can be put forward, never back."""

    real: Callable[[], datetime]
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """This moment, as the demonstration has it; aware, in UTC."""
        return self.real() + self.ahead

    def put_forward(self, span: timedelta) -> None:
        """Let a span pass that nobody wants to sit through."""
        self.ahead += span


def brought_to(document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A copy of a facts document whose `clocks.aware` lies nine hours before `now`."""
    shift = now - AWARE_AGO - document["clocks"]["aware"]
    whole = timedelta(minutes=int(shift.total_seconds() // 60))
    shifted: dict[str, Any] = _shifted(document, whole)
    return shifted


def _shifted(value: Any, span: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _shifted(part, span) for key, part in value.items()}
    if isinstance(value, list):
        return [_shifted(part, span) for part in value]
    if isinstance(value, datetime):
        return value + span
    if isinstance(value, date):
        return value + timedelta(days=span.days)
    return value
