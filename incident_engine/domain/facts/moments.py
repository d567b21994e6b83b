"""When something was: an instant with its offset, or a day in the place's own zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from incident_engine.domain.facts.faults import refuse

_INSTANT = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)"
    r"(?P<offset>[Zz]|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1970, 2200)
_WESTMOST, _EASTMOST = timedelta(hours=-12), timedelta(hours=14)
EXPECTED = "an instant with its offset (2026-03-06T10:25:00+08:00) or a date (2026-03-06)"


class Moment(BaseModel):
    """An aware instant (`at`), or a bare date (`day`); exactly one of the two is set.

    `said` is the moment word for word as it was given; `at` keeps the offset it was given with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str
    at: datetime | None = None
    day: date | None = None

    @property
    def earliest(self) -> datetime:
        """The first instant (UTC) this can have been, wherever its day was lived."""
        if self.at is not None:
            return self.at.astimezone(UTC)
        return self._midnight(_EASTMOST)

    @property
    def latest(self) -> datetime:
        """The last instant (UTC) this can have been, wherever its day was lived."""
        if self.at is not None:
            return self.at.astimezone(UTC)
        return self._midnight(_WESTMOST) + timedelta(days=1)

    def _midnight(self, offset: timedelta) -> datetime:
        assert self.day is not None
        return datetime.combine(self.day, time(), timezone(offset)).astimezone(UTC)

    def surely_after(self, other: Moment) -> bool:
        """Whether no reading of the two, in any zone, puts this one first."""
        return self.earliest > other.latest

    def __str__(self) -> str:
        return self.said


def read_moment(found: object) -> Moment:
    """A `Moment` from what a file held: text (RFC 3339), a TOML datetime or date.

    Raises PydanticCustomError when it is neither, has no offset, or lies outside 1970-2199.
    """
    if isinstance(found, Moment):
        return found
    if isinstance(found, datetime):
        return _from_text(found.isoformat())  # a fixed offset, whatever zone it came with
    if isinstance(found, date):
        return _on_day(found, found.isoformat())
    if isinstance(found, str):
        return _from_text(found)
    raise _bad("not-a-moment", "not a moment")


def _from_text(text: str) -> Moment:
    try:
        if _DAY.fullmatch(text):
            return _on_day(date.fromisoformat(text), text)
        if _INSTANT.fullmatch(text):
            return _instant(datetime.fromisoformat(text.upper().replace(",", ".")), text)
    except ValueError as fault:
        if isinstance(fault, PydanticCustomError):
            raise
        raise _bad("no-such-moment", "a moment that the calendar does not have") from fault
    raise _bad("not-a-moment", "not a moment")


def _instant(at: datetime, said: str) -> Moment:
    offset = at.utcoffset()
    if offset is None:
        raise _bad("no-offset", "a moment without an offset")
    if not _WESTMOST <= offset <= _EASTMOST:
        raise _bad("no-such-offset", "an offset that no place has")
    _check_year(at.year)
    return Moment(said=said, at=at)


def _on_day(day: date, said: str) -> Moment:
    _check_year(day.year)
    return Moment(said=said, day=day)


def _check_year(year: int) -> None:
    if year not in _YEARS:
        raise _bad("year-out-of-range", "a year outside 1970 to 2199")


def _bad(code: str, found: str) -> PydanticCustomError:
    return refuse(code, found, EXPECTED)
