"""Bring the demonstration's incident to today: every moment is shifted by the same span."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

AWARE_AGO = timedelta(hours=9)


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
